//! The facts that laws ask for, as people write them down: who the customer is in law, where it
//! lives, what happened in law, and what a document says of its own debt.

use domain::calendar;
use domain::customer::{Country, DebtorClass, LegalEvent};
use domain::document::DebtFacts;
use domain::ids::{CustomerId, DocumentId};
use jiff::civil::Date;
use serde::Serialize;
use store::{customers, documents};

use crate::company::Company;
use crate::{Engine, Error, Result};

/// Legal events that packs know: those stop all contact, or all but one kind.
pub const LEGAL_EVENTS: &[&str] = &[
    "lawsuit_served",
    "insolvency_opened",
    "bankruptcy",
    "attorney_represented",
    "written_cease_request",
    "written_dispute_in_30_days",
    "open_complaint_public_service",
];

/// Letters of a subdivision's code, and of the place where an event is on record, at most.
const TEXT_CHARS_MAX: usize = 200;

/// A change of what is known of a customer in law. `None` leaves a fact as it stands; `Some(None)`
/// makes it unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LawChange {
    /// Class in law.
    pub class: Option<Option<DebtorClass>>,
    /// Country.
    pub country: Option<Option<Country>>,
    /// Subdivision, ISO 3166-2.
    pub subdivision: Option<Option<String>>,
    /// IANA time zone.
    pub zone: Option<Option<String>>,
    /// Something that happened in law.
    pub happened: Option<LegalEvent>,
    /// An event that did not happen, or is over.
    pub over: Option<String>,
}

/// What is known of a customer in law.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LawFacts {
    /// The customer's key.
    pub customer: String,
    /// Class in law.
    pub class: Option<&'static str>,
    /// Country.
    pub country: Option<String>,
    /// Subdivision.
    pub subdivision: Option<String>,
    /// Zone.
    pub zone: Option<String>,
    /// Events, each with its day.
    pub legal_events: Vec<String>,
}

impl Engine {
    /// Writes down what is known of a customer in law. What is planned is decided anew when it is
    /// claimed, so a stop holds at once.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a zone or subdivision that does not exist, an event that no pack
    /// knows or that is yet to come, and for the end of one that is not there;
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn change_law_facts(
        &self,
        company: &Company,
        customer: CustomerId,
        change: LawChange,
        author: &str,
    ) -> Result<LawFacts> {
        let stamp = self.stamp(author);
        let today = company.day_of(stamp.at);
        let mut tx = self.db.begin().await?;
        if !customers::lock(&mut tx, company.id, customer).await? {
            return Err(Error::no_customer(&customer.to_string()));
        }
        let mut known = self.position(company, customer).await?.customer;
        if let Some(class) = change.class {
            known.class = class;
        }
        if let Some(country) = change.country {
            known.country = country;
        }
        if let Some(subdivision) = change.subdivision {
            known.subdivision = subdivision.map(|it| subdivision_code(&it)).transpose()?;
        }
        if let Some(zone) = change.zone {
            known.zone = zone.map(|it| zone_name(&it)).transpose()?;
        }
        if let Some(event) = change.happened {
            happened(&mut known.legal_events, event, today)?;
        }
        if let Some(over) = change.over {
            let before = known.legal_events.len();
            known.legal_events.retain(|it| it.event != over);
            if known.legal_events.len() == before {
                let why = format!("el cliente no tiene «{over}»");
                return Err(Error::invalid("hecho legal", why));
            }
        }
        customers::change(&mut tx, &stamp, company.id, &known).await?;
        tx.commit().await?;
        Ok(LawFacts {
            customer: known.key,
            class: known.class.map(|it| it.code()),
            country: known.country.map(|it| it.to_string()),
            subdivision: known.subdivision,
            zone: known.zone,
            legal_events: known
                .legal_events
                .iter()
                .map(|it| format!("{} {}", it.event, it.on))
                .collect(),
        })
    }

    /// Writes down what a document of a customer says of its own debt, in place of what stood
    /// there.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a document that the customer does not have, and what the database
    /// says.
    pub async fn set_debt_facts(
        &self,
        company: &Company,
        (customer, document): (CustomerId, DocumentId),
        debt: DebtFacts,
        author: &str,
    ) -> Result<()> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company.id, customer).await?;
        let known = documents::get(&mut tx, company.id, document).await?;
        if known.is_none_or(|known| known.customer != customer) {
            return Err(Error::NotFound {
                what: "el documento",
                key: document.to_string(),
                hint: ": vuelva a la página del cliente".to_owned(),
            });
        }
        documents::set_debt(&mut tx, &stamp, company.id, document, debt).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn subdivision_code(text: &str) -> Result<String> {
    let code = text.trim().to_uppercase();
    let fits = code.split_once('-').is_some_and(|(country, part)| {
        country.len() == 2
            && country.bytes().all(|it| it.is_ascii_uppercase())
            && (1..=3).contains(&part.len())
            && part.bytes().all(|it| it.is_ascii_alphanumeric())
    });
    if fits {
        return Ok(code);
    }
    let why = format!("«{text}» no es un código ISO 3166-2: escriba BR-SP, US-CA, CL-RM…");
    Err(Error::invalid("subdivisión", why))
}

fn zone_name(text: &str) -> Result<String> {
    let name = text.trim();
    if calendar::zone(name).is_some() {
        return Ok(name.to_owned());
    }
    let why = format!("«{name}» no existe: escriba America/Mexico_City, America/Santiago…");
    Err(Error::invalid("zona", why))
}

fn happened(known: &mut Vec<LegalEvent>, event: LegalEvent, today: Date) -> Result<()> {
    if !LEGAL_EVENTS.contains(&event.event.as_str()) {
        let why = format!(
            "no se conoce «{}»: {}",
            event.event,
            LEGAL_EVENTS.join(", ")
        );
        return Err(Error::invalid("hecho legal", why));
    }
    if event.on > today {
        let why = format!("el {} está por venir", event.on);
        return Err(Error::invalid("fecha del hecho legal", why));
    }
    let source = event.source.as_deref().map_or("", str::trim);
    if source.chars().count() > TEXT_CHARS_MAX {
        let why = format!("pasa de {TEXT_CHARS_MAX} letras");
        return Err(Error::invalid("dónde consta", why));
    }
    let source = Some(source.to_owned()).filter(|it| !it.is_empty());
    let event = LegalEvent { source, ..event };
    match known.iter_mut().find(|it| it.event == event.event) {
        Some(same) => *same = event,
        None => known.push(event),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::law::Packs;

    use super::*;

    #[test]
    fn every_stop_of_a_pack_can_be_written_down() {
        let all: Vec<String> = Packs::embedded()
            .regimes()
            .flat_map(|regime| regime.stop_events().map(str::to_owned))
            .collect();
        assert!(!all.is_empty());
        for event in all {
            assert!(LEGAL_EVENTS.contains(&event.as_str()), "{event}");
        }
    }

    #[test]
    fn codes_and_zones_are_those_that_exist() {
        for (text, wanted) in [
            ("br-sp", Some("BR-SP")),
            ("US-CA", Some("US-CA")),
            ("SP", None),
        ] {
            assert_eq!(subdivision_code(text).ok().as_deref(), wanted, "{text}");
        }
        assert!(zone_name("America/Santiago").is_ok());
        assert!(zone_name("America/Nowhere").is_err());
    }
}
