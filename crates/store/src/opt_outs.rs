//! Addresses at which somebody said no more. What was said of an address holds for whoever has it:
//! it is kept by the address's digest too, so that one that was corrected, taken out or forgotten
//! with its customer is still known when it comes back.

use std::collections::HashMap;
use std::fmt::Write as _;

use domain::customer::{Channel, Consent};
use domain::preference::Said;
use domain::{CompanyId, ContactPointId, CustomerId};
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::bulk::{Heavy, Table};
use crate::db::{Tx, first, rows, run};
use crate::error::Result;
use crate::kin::address;
use crate::stamp::Stamp;
use crate::value::{Row, binds};

/// How rows are written in bulk.
pub(crate) const OPT_OUTS: Table = Table {
    name: "opt_outs",
    columns: &["company_id", "address_digest", "since", "recorded_at"],
};

/// Digits of a telephone number that tell it from others, however its country is written: as the
/// index `contact_points_by_person` has it.
const PHONE_DIGITS: usize = 9;

/// Points at which somebody said no more, by what is the same of their addresses: channel, that,
/// and since when.
const SAID_NO: &str = concat!(
    "SELECT t.channel, ",
    address!("t"),
    ", MAX(COALESCE(t.consent_on, $3)) FROM contact_points t WHERE t.company_id = $1 AND ",
    address!("t"),
    " {texts:2} AND (t.consent = 'withdrawn' OR t.health = 'opted_out') GROUP BY 1, 2"
);

/// Digests of addresses at which somebody said no more.
const KEPT: &str = "SELECT address_digest, since FROM opt_outs \
    WHERE company_id = $1 AND address_digest {texts:2}";

/// What is the same of an address however it is written: the last digits of a telephone number,
/// else the whole.
pub fn same_of(channel: Channel, address: &str) -> &str {
    if !matches!(
        channel,
        Channel::Call | Channel::Voicebot | Channel::Whatsapp | Channel::Sms
    ) {
        return address;
    }
    let from = address.len().saturating_sub(PHONE_DIGITS);
    address.get(from..).unwrap_or(address)
}

/// The digest under which an address is kept.
pub(crate) fn digest(channel: Channel, address: &str) -> String {
    let text = format!("{}|{}", channel.code(), same_of(channel, address));
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(text.to_lowercase().as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Since when nobody may be contacted at some addresses, for those at which somebody said so, by
/// channel and what is the same of the address.
pub(crate) async fn standing(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    addresses: &[(Channel, &str)],
) -> Result<HashMap<(Channel, String), Date>> {
    let mut found = HashMap::new();
    if addresses.is_empty() {
        return Ok(found);
    }
    let of =
        |(channel, address): &(Channel, &str)| (*channel, same_of(*channel, address).to_owned());
    let digests: HashMap<String, (Channel, String)> = addresses
        .iter()
        .map(|it| (digest(it.0, it.1), of(it)))
        .collect();
    let today = today(stamp);
    let keys: Vec<&str> = addresses.iter().map(|it| same_of(it.0, it.1)).collect();
    let mut note = |row: &mut Row<'_>| {
        found.insert((row.get()?, row.get()?), row.get()?);
        Ok(())
    };
    heavy
        .each(SAID_NO, &binds![company, keys, today], &mut note)
        .await?;
    let keys: Vec<&str> = digests.keys().map(String::as_str).collect();
    let mut note = |row: &mut Row<'_>| {
        let (digest, since): (String, Date) = (row.get()?, row.get()?);
        if let Some(key) = digests.get(&digest) {
            let known = found.entry(key.clone()).or_insert(since);
            *known = since.max(*known);
        }
        Ok(())
    };
    heavy.each(KEPT, &binds![company, keys], &mut note).await?;
    found.retain(|key, _| digests.values().any(|it| it == key));
    Ok(found)
}

/// Since when nobody may be contacted at an address; `None` where nobody said so.
///
/// # Errors
/// What the database says.
pub async fn since(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (channel, address): (Channel, &str),
) -> Result<Option<Date>> {
    let key = same_of(channel, address);
    let read = |row: &mut Row<'_>| {
        let (channel, _, since): (Channel, String, Date) = (row.get()?, row.get()?, row.get()?);
        Ok((channel, since))
    };
    let said = rows(
        &mut *tx,
        SAID_NO,
        &binds![company, vec![key], today(stamp)],
        read,
    )
    .await?;
    let digest = digest(channel, address);
    let read = |row: &mut Row<'_>| {
        let (_, since): (String, Date) = (row.get()?, row.get()?);
        Ok(since)
    };
    let kept = rows(tx, KEPT, &binds![company, vec![digest.as_str()]], read).await?;
    let said = said.into_iter().filter(|(its, _)| *its == channel);
    Ok(said.map(|(_, since)| since).chain(kept).max())
}

/// What holds of an address where somebody said no more, and a consent is told of it: only one that
/// is later.
pub fn under(since: Option<Date>, told: &Consent) -> Consent {
    match (since, told) {
        (None, told) => told.clone(),
        (Some(since), Consent::Given { on, .. }) if *on > since => told.clone(),
        (Some(since), Consent::Withdrawn { on }) => Consent::Withdrawn {
            on: (*on).min(since),
        },
        (Some(since), _) => Consent::Withdrawn { on: since },
    }
}

/// Keeps, or takes out, what was said at the address of a point.
pub(crate) async fn keep(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (customer, point): (CustomerId, ContactPointId),
    (said, since): (Said, Date),
) -> Result<()> {
    const ADDRESS: &str = "SELECT channel, address FROM contact_points \
        WHERE company_id = $1 AND customer_id = $2 AND id = $3";
    const KEEP: &str = "INSERT INTO opt_outs (company_id, address_digest, since, recorded_at) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (company_id, address_digest) \
        DO UPDATE SET since = excluded.since, recorded_at = excluded.recorded_at";
    const FORGET: &str = "DELETE FROM opt_outs WHERE company_id = $1 AND address_digest = $2";
    let binds = binds![company, customer, point];
    let read = |row: &mut Row<'_>| Ok((row.get::<Channel>()?, row.get::<String>()?));
    let Some((channel, address)) = first(&mut *tx, ADDRESS, &binds, read).await? else {
        return Ok(());
    };
    let digest = digest(channel, &address);
    match said {
        Said::Withdrawn => {
            run(tx, KEEP, &binds![company, &digest, since, stamp.at]).await?;
        }
        Said::Given => {
            run(tx, FORGET, &binds![company, &digest]).await?;
        }
        Said::Unknown => {}
    }
    Ok(())
}

fn today(stamp: &Stamp) -> Date {
    stamp.at.to_zoned(jiff::tz::TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_number_is_the_same_however_its_country_is_written() {
        let same = digest(Channel::Whatsapp, "+525512345678");
        for other in ["5512345678", "+5215512345678", "005215512345678"] {
            assert_eq!(digest(Channel::Whatsapp, other), same, "{other}");
        }
        assert_ne!(digest(Channel::Sms, "5512345678"), same);
        assert_ne!(digest(Channel::Whatsapp, "5512345679"), same);
        assert_eq!(
            digest(Channel::Email, "Ana@X.mx"),
            digest(Channel::Email, "ana@x.mx")
        );
        assert_eq!(same_of(Channel::Call, "1234567"), "1234567");
        assert_eq!(same_of(Channel::Call, "xñ12345678"), "xñ12345678");
    }

    #[test]
    fn only_a_later_word_lifts_it() {
        let since = Some(date(2026, 3, 5));
        let given = |on| Consent::Given {
            on,
            source: "contrato".to_owned(),
        };
        let no = |on| Consent::Withdrawn { on };
        let cases = [
            (None, Consent::Unknown, Consent::Unknown),
            (since, Consent::Unknown, no(date(2026, 3, 5))),
            (since, given(date(2026, 3, 5)), no(date(2026, 3, 5))),
            (since, given(date(2026, 3, 6)), given(date(2026, 3, 6))),
            (since, no(date(2026, 3, 1)), no(date(2026, 3, 1))),
        ];
        for (since, told, wanted) in cases {
            assert_eq!(under(since, &told), wanted, "{told:?}");
        }
    }
}
