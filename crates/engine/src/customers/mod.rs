//! Customers: what they say about being written to, how their addresses work, and what the company
//! attaches to them.

mod attach;
mod consent;
mod law_facts;
mod page;
mod points;

use domain::customer::{Channel, Health};
use jiff::civil::Date;
use serde::Serialize;
use store::customers;

use crate::company::Company;
use crate::{Engine, Error, Result};

pub use attach::TagChange;
pub use consent::ConsentLine;
pub(crate) use consent::{lock_readers, say_for, withdrawn};
pub use law_facts::{LEGAL_EVENTS, LawChange, LawFacts};
pub use page::{Balance, CustomerPage, DocumentLine, HOLDS_TO_SET, Laid, Outlook};
pub use points::PointFacts;

/// What a change of a customer's addresses did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointsChanged {
    /// The customer's key.
    pub customer: String,
    /// The addresses that were changed; those that stood so already are not among them.
    pub addresses: Vec<String>,
}

impl Engine {
    /// The customer asked not to be contacted on a channel: consent is withdrawn at each of its
    /// addresses there, from `on`, as told by `source` ("correo del cliente"). What is planned is
    /// not made any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there or has no address on the channel,
    /// [`Error::Invalid`] for an empty source, and what the database says.
    pub async fn withdraw_consent(
        &self,
        company: &Company,
        customer: &str,
        channel: Channel,
        (on, source): (Date, &str),
        author: &str,
    ) -> Result<PointsChanged> {
        let said = withdrawn(on, source);
        self.record_consent(company, customer, (channel, None), &said, author)
            .await
    }

    /// How an address works from now on: it bounces, or someone else reads there.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer or address that is not there, and what the database says.
    pub async fn mark_address(
        &self,
        company: &Company,
        customer: &str,
        (channel, address): (Channel, &str),
        health: Health,
        author: &str,
    ) -> Result<PointsChanged> {
        let id = customers::id_of(&self.db, company.id, customer)
            .await?
            .ok_or_else(|| Error::no_customer(customer))?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company.id, id).await?;
        let points = customers::points_on(&mut tx, company.id, id, channel).await?;
        let point = points.into_iter().find(|point| point.address == address);
        let point = point.ok_or_else(|| no_point(customer, channel, Some(address)))?;
        let mut addresses = Vec::new();
        if point.health != health {
            customers::set_health(&mut tx, &stamp, company.id, (id, point.id), health).await?;
            addresses.push(point.address);
        }
        tx.commit().await?;
        Ok(PointsChanged {
            customer: customer.to_owned(),
            addresses,
        })
    }
}

fn no_point(customer: &str, channel: Channel, address: Option<&str>) -> Error {
    Error::NotFound {
        what: "un medio de contacto",
        key: address.unwrap_or(channel.name_es()).to_owned(),
        hint: format!(" del cliente {customer}: `puntual export customers` los lista"),
    }
}
