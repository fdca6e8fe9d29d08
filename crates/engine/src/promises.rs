//! Promises to pay: recorded as the customer made them, within what the policy allows.

use domain::Currency;
use domain::calendar::in_words;
use domain::ids::PromiseId;
use domain::promise::Promise;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use store::{customers, promises};

use crate::company::Company;
use crate::payments::money;
use crate::{Engine, Error, Result, record};

/// A promise as someone records it.
#[derive(Clone, Debug)]
pub struct NewPromise {
    /// The customer's key.
    pub customer: String,
    /// Amount in major units.
    pub amount: Decimal,
    /// Its currency; the company's when it is not said.
    pub currency: Option<Currency>,
    /// The day it was made; today when it is not said.
    pub made_on: Option<Date>,
    /// The last day it may be kept.
    pub due_on: Date,
    /// In the customer's words.
    pub note: String,
}

/// What a promise changed.
#[derive(Clone, Debug, Serialize)]
pub struct PromiseRecorded {
    /// The customer's key.
    pub customer: String,
    /// Amount and currency.
    pub amount: Value,
    /// The day it was made.
    pub made_on: Date,
    /// The last day it may be kept; until then its amount is not chased.
    pub due_on: Date,
}

impl Engine {
    /// Records a promise. Its amount is frozen until its day has passed.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, [`Error::Invalid`] for an amount or a
    /// day that cannot be, and what the database says.
    pub async fn add_promise(
        &self,
        company: &Company,
        new: NewPromise,
        author: &str,
    ) -> Result<PromiseRecorded> {
        let customer = customers::id_of(&self.db, company.id, &new.customer)
            .await?
            .ok_or_else(|| Error::no_customer(&new.customer))?;
        let amount = money(
            "importe",
            new.amount,
            new.currency.unwrap_or(company.currency),
        )?;
        let made_on = new.made_on.unwrap_or_else(|| company.day_of(self.now()));
        let days = domain::calendar::days_late(made_on, new.due_on);
        if days < 0 {
            let (due, made) = (in_words(new.due_on), in_words(made_on));
            let why = format!("el {due} es anterior al {made}, cuando se hizo");
            return Err(Error::invalid("fecha de la promesa", why));
        }
        if let Some(most) = company.policy.terms.promise_days_max
            && days > i64::from(most)
        {
            let why = format!(
                "{days} días son más de los {most} que admite la política; acuerde un convenio o \
                 una fecha más cercana"
            );
            return Err(Error::invalid("fecha de la promesa", why));
        }
        let stamp = self.stamp(author);
        let promise = Promise {
            id: PromiseId::from_uuid(stamp.ids.draw()),
            amount,
            made_on,
            due_on: new.due_on,
            author: author.to_owned(),
        };
        let mut tx = self.db.begin().await?;
        promises::add(&mut tx, &stamp, company.id, customer, &promise, &new.note).await?;
        tx.commit().await?;
        Ok(PromiseRecorded {
            customer: new.customer,
            amount: record::money(amount),
            made_on,
            due_on: new.due_on,
        })
    }
}
