//! Addresses of customers as people add and correct them.

use domain::calendar::in_words;
use domain::customer::{Channel, Consent, ContactPoint, ContactSource, Health, RecipientRole};
use domain::ids::{ContactPointId, CustomerId};
use domain::preference::Said;
use jiff::civil::Date;
use store::{Stamp, StoreError, Tx, contact_points, customers, opt_outs};

use super::{lock_readers, say_for, withdrawn};
use crate::company::Company;
use crate::{Engine, Error, Result};

/// Digits of a telephone number: ITU-T E.164 allows fifteen at most.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Letters of an address at most: RFC 5321 §4.5.3.1.3, the path without its brackets.
const ADDRESS_CHARS_MAX: usize = 254;

/// An address as someone writes it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointFacts {
    /// The address, as typed.
    pub address: String,
    /// Who reads there.
    pub role: Option<RecipientRole>,
    /// Where the company has it from.
    pub source: Option<ContactSource>,
    /// Whether it works.
    pub health: Health,
    /// What the customer said about it, since when and where that is on record; `None` leaves it
    /// as it stands.
    pub consent: Option<Consent>,
}

impl Engine {
    /// Adds an address to a customer. One at which somebody said no more, whoever it was, is added
    /// as one that is not to be used, but for a later consent.
    ///
    /// # Errors
    /// [`Error::Invalid`] for what is no address of the channel or is there already,
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn add_point(
        &self,
        company: &Company,
        customer: CustomerId,
        channel: Channel,
        facts: PointFacts,
        author: &str,
    ) -> Result<ContactPointId> {
        let stamp = self.stamp(author);
        let consent = facts.consent.unwrap_or(Consent::Unknown);
        check_consent(&consent, company.day_of(stamp.at))?;
        let mut point = ContactPoint {
            id: ContactPointId::from_uuid(stamp.ids.draw()),
            channel,
            address: normal_address(channel, &facts.address)?,
            role: facts.role,
            source: facts.source,
            health: facts.health,
            consent,
        };
        let mut tx = self.db.begin().await?;
        if !customers::lock(&mut tx, company.id, customer).await? {
            return Err(Error::no_customer(&customer.to_string()));
        }
        point.consent = heeding(&mut tx, &stamp, company, &point).await?;
        let added = contact_points::add(&mut tx, &stamp, company.id, customer, &point).await;
        added.map_err(|error| there_already(error, &point.address))?;
        tx.commit().await?;
        Ok(point.id)
    }

    /// Corrects an address. One that is not to be used any more is given the health that says why;
    /// what is planned to it is not made.
    ///
    /// # Errors
    /// As [`Engine::add_point`], and [`Error::NotFound`] for an address that is not there.
    pub async fn change_point(
        &self,
        company: &Company,
        (customer, point): (CustomerId, ContactPointId),
        facts: PointFacts,
        author: &str,
    ) -> Result<()> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let missing = || Error::NotFound {
            what: "el medio de contacto",
            key: point.to_string(),
            hint: ": vuelva a la página del cliente".to_owned(),
        };
        let whose = (customer, point);
        let known = contact_points::get(&mut tx, company.id, whose).await?;
        let known = known.ok_or_else(missing)?;
        let said = match &facts.consent {
            Some(Consent::Withdrawn { .. }) => Said::Withdrawn,
            _ => Said::Unknown,
        };
        let place = (customer, known.channel, Some(known.address.as_str()));
        let others = lock_readers(&mut tx, company.id, place, said).await?;
        let before = contact_points::get(&mut tx, company.id, whose).await?;
        let before = before.ok_or_else(missing)?;
        let consent = facts.consent.clone();
        let consent = consent.unwrap_or_else(|| before.consent.clone());
        check_consent(&consent, company.day_of(stamp.at))?;
        let mut after = ContactPoint {
            address: if facts.address.trim() == before.address {
                before.address.clone()
            } else {
                normal_address(before.channel, &facts.address)?
            },
            role: facts.role,
            source: facts.source,
            health: facts.health,
            consent,
            ..before.clone()
        };
        if after.address != before.address {
            after.consent = heeding(&mut tx, &stamp, company, &after).await?;
        }
        if let Some(Consent::Withdrawn { on }) = &facts.consent {
            let no = withdrawn(*on, "ficha del cliente");
            let own = std::slice::from_ref(&before);
            let at = (others.as_slice(), before.channel, own);
            say_for(&mut tx, &stamp, company.id, at, &no).await?;
        }
        let changed = contact_points::change(&mut tx, &stamp, company.id, customer, &after).await;
        changed.map_err(|error| there_already(error, &after.address))?;
        tx.commit().await?;
        Ok(())
    }
}

/// What holds of a point's consent, given what was said of its address before, by whomever.
async fn heeding(
    tx: &mut Tx,
    stamp: &Stamp,
    company: &Company,
    point: &ContactPoint,
) -> Result<Consent> {
    let at = (point.channel, point.address.as_str());
    let since = opt_outs::since(tx, stamp, company.id, at).await?;
    Ok(opt_outs::under(since, &point.consent))
}

fn there_already(error: StoreError, address: &str) -> Error {
    match error {
        StoreError::Exists { .. } => Error::invalid(
            "dirección",
            format!("el cliente ya tiene {address}: corrija el que está"),
        ),
        other => other.into(),
    }
}

fn check_consent(consent: &Consent, today: Date) -> Result<()> {
    let (on, source) = match consent {
        Consent::Unknown => return Ok(()),
        Consent::Given { on, source } => (on, Some(source)),
        Consent::Withdrawn { on } => (on, None),
    };
    if *on > today {
        let why = format!("el {} está por venir", in_words(*on));
        return Err(Error::invalid("fecha del consentimiento", why));
    }
    if source.is_some_and(|source| source.trim().is_empty()) {
        let why = "escriba dónde consta (contrato, correo…)";
        return Err(Error::invalid("origen del consentimiento", why));
    }
    Ok(())
}

/// An address as it is kept: a lower-case e-mail; a number as its digits, with `+` where it was
/// written; other addresses as they are, spaces single.
fn normal_address(channel: Channel, text: &str) -> Result<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > ADDRESS_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(Error::invalid("dirección", "es demasiado larga"));
    }
    match channel {
        Channel::Email => {
            let address = text.to_lowercase();
            if is_email(&address) {
                Ok(address)
            } else {
                let why = format!("«{text}» no es un correo: escriba nombre@dominio");
                Err(Error::invalid("dirección", why))
            }
        }
        Channel::Whatsapp | Channel::Sms | Channel::Call | Channel::Voicebot => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let known = |letter: char| letter.is_ascii_digit() || "+ -.()/".contains(letter);
            if PHONE_DIGITS.contains(&digits.len()) && text.chars().all(known) {
                let plus = if text.starts_with('+') { "+" } else { "" };
                Ok(format!("{plus}{digits}"))
            } else {
                let why = format!("«{text}» no es un teléfono: escriba +, país y número");
                Err(Error::invalid("dirección", why))
            }
        }
        Channel::Visit | Channel::Push | Channel::Letter if text.is_empty() => {
            Err(Error::invalid("dirección", "escríbala"))
        }
        Channel::Visit | Channel::Push | Channel::Letter => Ok(text),
    }
}

fn is_email(address: &str) -> bool {
    let Some((name, domain)) = address.split_once('@') else {
        return false;
    };
    let host = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let local =
        |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(letter);
    !name.is_empty()
        && name.chars().all(local)
        && domain.chars().all(host)
        && domain.split('.').count() > 1
        && domain.split('.').all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_one_form() {
        let cases = [
            (
                Channel::Email,
                " Ana.Diaz@Cliente.MX ",
                Some("ana.diaz@cliente.mx"),
            ),
            (Channel::Email, "ana", None),
            (Channel::Email, "ana@cliente", None),
            (Channel::Email, "<script>@x.mx", None),
            (Channel::Email, "a@b.mx\r\nBcc: c@d.mx", None),
            (Channel::Call, "+52 (55) 1234-5678", Some("+525512345678")),
            (Channel::Whatsapp, "55 1234 5678", Some("5512345678")),
            (Channel::Sms, "javascript:alert(1)", None),
            (Channel::Call, "123", None),
            (Channel::Letter, " Av. Juárez  5 ", Some("Av. Juárez 5")),
            (Channel::Letter, "", None),
        ];
        for (channel, text, wanted) in cases {
            let found = normal_address(channel, text).ok();
            assert_eq!(found.as_deref(), wanted, "{channel} {text:?}");
        }
    }
}
