//! Holds: what is frozen, by whom, why and until when.

use domain::Currency;
use domain::calendar::in_words;
use domain::hold::{Hold, HoldKind};
use domain::ids::HoldId;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use store::{customers, documents, holds};

use crate::company::Company;
use crate::payments::money;
use crate::{Engine, Error, Result, record};

/// A hold as someone sets it.
#[derive(Clone, Debug)]
pub struct NewHold {
    /// The customer's key.
    pub customer: String,
    /// The document's number; none for the whole customer.
    pub document: Option<String>,
    /// Why.
    pub kind: HoldKind,
    /// How much in major units; all that is open when it is not said.
    pub amount: Option<Decimal>,
    /// The currency of the amount; the document's, else the company's, when it is not said.
    pub currency: Option<Currency>,
    /// First day; today when it is not said. It may lie in the past.
    pub from: Option<Date>,
    /// First day on which it no longer holds.
    pub until: Option<Date>,
    /// The reason.
    pub reason: String,
}

/// A hold as it stands.
#[derive(Clone, Debug, Serialize)]
pub struct HoldRecorded {
    /// Its id, by which it is ended.
    pub hold: String,
    /// Why.
    pub kind: &'static str,
    /// How much; absent for all that is open.
    pub amount: Option<Value>,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    pub until: Option<Date>,
    /// The reason.
    pub reason: String,
}

impl HoldRecorded {
    fn new(hold: &Hold) -> Self {
        Self {
            hold: hold.id.to_string(),
            kind: hold.kind.code(),
            amount: hold.amount.map(record::money),
            from: hold.from,
            until: hold.until,
            reason: hold.reason.clone(),
        }
    }
}

impl Engine {
    /// Sets a hold.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer or document that is not there, [`Error::Invalid`] for a
    /// reason, amount or interval that cannot be, and what the database says.
    pub async fn add_hold(
        &self,
        company: &Company,
        new: NewHold,
        author: &str,
    ) -> Result<HoldRecorded> {
        let customer = customers::id_of(&self.db, company.id, &new.customer)
            .await?
            .ok_or_else(|| Error::no_customer(&new.customer))?;
        if new.reason.trim().is_empty() {
            return Err(Error::invalid(
                "motivo",
                "escriba por qué se detiene el cobro",
            ));
        }
        let document = match &new.document {
            None => None,
            Some(number) => {
                let found = documents::by_number(&self.db, company.id, number).await?;
                let found = found.filter(|found| found.customer == customer);
                Some(found.ok_or_else(|| Error::NotFound {
                    what: "la factura",
                    key: number.clone(),
                    hint: format!(" del cliente {}", new.customer),
                })?)
            }
        };
        let currency = new
            .currency
            .or_else(|| {
                document
                    .as_ref()
                    .map(|found| found.document.amount.currency)
            })
            .unwrap_or(company.currency);
        let amount = new
            .amount
            .map(|amount| money("importe", amount, currency))
            .transpose()?;
        let from = new.from.unwrap_or_else(|| company.day_of(self.now()));
        if let Some(until) = new.until.filter(|until| *until <= from) {
            return Err(Error::invalid(
                "hasta",
                format!(
                    "el {} no es posterior al {}",
                    in_words(until),
                    in_words(from)
                ),
            ));
        }
        let stamp = self.stamp(author);
        let hold = Hold {
            id: HoldId::from_uuid(stamp.ids.draw()),
            kind: new.kind,
            document: document.map(|found| found.document.id),
            amount,
            from,
            until: new.until,
            reason: new.reason,
            author: author.to_owned(),
        };
        let mut tx = self.db.begin().await?;
        holds::add(&mut tx, &stamp, company.id, customer, &hold).await?;
        tx.commit().await?;
        Ok(HoldRecorded::new(&hold))
    }

    /// Ends a hold on a day, today when it is not said: from that day on it no longer holds.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a hold that is not there, and what the database says.
    pub async fn end_hold(
        &self,
        company: &Company,
        id: &str,
        on: Option<Date>,
        reason: &str,
        author: &str,
    ) -> Result<HoldRecorded> {
        let missing = || Error::NotFound {
            what: "la retención",
            key: id.to_owned(),
            hint: ": `puntual why CLIENTE` muestra las que hay".to_owned(),
        };
        let hold: HoldId = id.parse().map_err(|_| missing())?;
        holds::get(&self.db, company.id, hold)
            .await?
            .ok_or_else(missing)?;
        let on = on.unwrap_or_else(|| company.day_of(self.now()));
        let mut tx = self.db.begin().await?;
        holds::end(&mut tx, &self.stamp(author), company.id, hold, on, reason).await?;
        tx.commit().await?;
        let ended = holds::get(&self.db, company.id, hold)
            .await?
            .ok_or_else(missing)?;
        Ok(HoldRecorded::new(&ended))
    }
}
