//! Customers who are one person before the law: they share a tax id, or an address.
//!
//! Nothing of this is stored: who shares what is found by index for many customers at once, and
//! what was done is read for those alone who share something. So a corrected address counts at
//! once, and a run stays a stream.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use domain::call::PastCall;
use domain::contact::PastContact;
use domain::facts::{Kin, KinAttempt, TAX_IDS_OF_NOBODY};
use domain::{CompanyId, CustomerId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::bulk::Heavy;
use crate::error::Result;
use crate::facts::{CALLS, PAST_CALL, PAST_CONTACT};
use crate::value::{Bind, Row, binds};

/// Of which customers kin are asked for.
#[derive(Clone, Copy)]
pub(crate) enum Who<'a> {
    /// Those with an id between these two, both included.
    Between(Uuid, Uuid),
    /// These.
    Only(&'a [Uuid]),
}

/// What stands for a shared thing: the address as the index `contact_points_by_person` has it.
macro_rules! address {
    ($table:literal) => {
        concat!(
            "(CASE WHEN ",
            $table,
            ".channel IN ('call', 'voicebot', 'whatsapp', 'sms') AND length(",
            $table,
            ".address) > 9 THEN substr(",
            $table,
            ".address, length(",
            $table,
            ".address) - 8) \
            ELSE ",
            $table,
            ".address END)"
        )
    };
}

pub(crate) use address;

/// Tax ids that name someone.
static OF_SOMEBODY: LazyLock<String> = LazyLock::new(|| {
    let nobody: Vec<String> = TAX_IDS_OF_NOBODY
        .iter()
        .map(|it| format!("'{it}'"))
        .collect();
    format!("a.tax_id NOT IN ({})", nobody.join(", "))
});

/// Customers by what they share, each thing once.
type Shared = BTreeMap<(bool, String), Vec<CustomerId>>;

/// The kin of some customers: for each of them, and each thing it shares, all who share it with
/// what was done with them after `horizon`.
///
/// # Errors
/// What the database says.
pub(crate) async fn of(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    who: Who<'_>,
    horizon: Option<Date>,
) -> Result<Vec<(CustomerId, Arc<Kin>)>> {
    let shared = shared(heavy, company, who).await?;
    if shared.is_empty() {
        return Ok(Vec::new());
    }
    let mut everyone: Vec<Uuid> = shared.values().flatten().map(|it| it.uuid()).collect();
    everyone.sort_unstable();
    everyone.dedup();
    let attempts = attempts(heavy, company, &everyone, horizon).await?;
    let mut kin = Vec::new();
    for members in shared.into_values() {
        let of = |member: &CustomerId| attempts.get(member).cloned().unwrap_or_default();
        let all = Arc::new(Kin {
            attempts: members.iter().flat_map(of).collect(),
            members: members.clone(),
        });
        kin.extend(members.into_iter().map(|member| (member, Arc::clone(&all))));
    }
    Ok(kin)
}

/// The ids of all who share something with some customers, those among them; in order.
///
/// # Errors
/// What the database says.
pub(crate) async fn members(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: &[Uuid],
) -> Result<Vec<Uuid>> {
    let shared = shared(heavy, company, Who::Only(customers)).await?;
    let mut all: Vec<Uuid> = customers.to_vec();
    all.extend(shared.values().flatten().map(|it| it.uuid()));
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Everything that some customers share with others, with all who share it.
async fn shared(heavy: &mut Heavy<'_>, company: CompanyId, who: Who<'_>) -> Result<Shared> {
    // The outer table first, by its key, then one look into the index for each row. Not DISTINCT:
    // SQLite would walk the whole index of what can be shared, which is in that order.
    let range = |column: &str| match who {
        Who::Between(..) => format!("{column} >= $2 AND {column} <= $3"),
        Who::Only(_) => format!("{column} {{uuids:2}}"),
    };
    let addresses = format!(
        "SELECT {} FROM contact_points a WHERE a.company_id = $1 AND {} \
         AND EXISTS (SELECT 1 FROM contact_points b WHERE b.company_id = a.company_id \
         AND {} = {} AND b.customer_id <> a.customer_id)",
        address!("a"),
        range("a.customer_id"),
        address!("b"),
        address!("a"),
    );
    let tax_ids = format!(
        "SELECT a.tax_id FROM customers a WHERE a.company_id = $1 AND {} \
         AND a.tax_id IS NOT NULL AND {} \
         AND EXISTS (SELECT 1 FROM customers b WHERE b.company_id = a.company_id \
         AND b.tax_id = a.tax_id AND b.id <> a.id)",
        range("a.id"),
        *OF_SOMEBODY,
    );
    const BY_ADDRESS: &str = concat!(
        "SELECT ",
        address!("t"),
        ", t.customer_id FROM contact_points t \
        WHERE t.company_id = $1 AND ",
        address!("t"),
        " {texts:2}"
    );
    const BY_TAX_ID: &str =
        "SELECT t.tax_id, t.id FROM customers t WHERE t.company_id = $1 AND t.tax_id {texts:2}";
    let binds: Vec<Bind<'_>> = match who {
        Who::Between(first, last) => binds![company, first, last].into(),
        Who::Only(ids) => binds![company, ids].into(),
    };
    let mut shared = Shared::new();
    for (is_tax_id, things, members) in [(false, addresses, BY_ADDRESS), (true, tax_ids, BY_TAX_ID)]
    {
        let read = |row: &mut Row<'_>| row.get::<String>();
        let mut found: Vec<String> = heavy.rows(&things, &binds, read).await?;
        found.sort_unstable();
        found.dedup();
        if found.is_empty() {
            continue;
        }
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let mut note = |row: &mut Row<'_>| {
            let (thing, customer): (String, CustomerId) = (row.get()?, row.get()?);
            shared.entry((is_tax_id, thing)).or_default().push(customer);
            Ok(())
        };
        heavy
            .each(members, &binds![company, found], &mut note)
            .await?;
    }
    for members in shared.values_mut() {
        members.sort_unstable();
        members.dedup();
    }
    Ok(shared)
}

async fn attempts(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    everyone: &[Uuid],
    horizon: Option<Date>,
) -> Result<BTreeMap<CustomerId, Vec<KinAttempt>>> {
    let since = horizon
        .and_then(|day| day.to_zoned(TimeZone::UTC).ok())
        .map_or(Timestamp::UNIX_EPOCH, |midnight| midnight.timestamp());
    let mut attempts: BTreeMap<CustomerId, Vec<KinAttempt>> = BTreeMap::new();
    let made = format!(
        "SELECT t.customer_id, {PAST_CONTACT} FROM contacts t WHERE t.company_id = $1 \
         AND t.customer_id {{uuids:2}} AND t.planned_at >= $3 AND t.state NOT IN \
         ('planned', 'suppressed') ORDER BY t.customer_id, t.planned_at, t.id"
    );
    let mut note = |row: &mut Row<'_>| {
        let (customer, contact): (CustomerId, PastContact) = (row.get()?, row.get()?);
        if let Some(attempt) = contact.attempt() {
            let id = contact.id.uuid();
            let attempt = KinAttempt {
                customer,
                id,
                attempt,
            };
            attempts.entry(customer).or_default().push(attempt);
        }
        Ok(())
    };
    heavy
        .each(&made, &binds![company, everyone, since], &mut note)
        .await?;
    let calls = format!(
        "SELECT t.customer_id, t.message_id, {PAST_CALL} FROM {CALLS} WHERE t.company_id = $1 \
         AND t.customer_id {{uuids:2}} AND m.at >= $3 ORDER BY t.customer_id, t.message_id"
    );
    let mut note = |row: &mut Row<'_>| {
        let (customer, id, call): (CustomerId, Uuid, PastCall) =
            (row.get()?, row.get()?, row.get()?);
        let attempt = call.attempt();
        let attempt = KinAttempt {
            customer,
            id,
            attempt,
        };
        attempts.entry(customer).or_default().push(attempt);
        Ok(())
    };
    heavy
        .each(&calls, &binds![company, everyone, since], &mut note)
        .await?;
    Ok(attempts)
}
