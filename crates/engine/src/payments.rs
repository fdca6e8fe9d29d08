//! Money in: recorded, laid on documents, and with that the chase stops by itself, for planned
//! contacts too: what a claim reads is the ledger, not a flag.

use std::collections::HashSet;

use domain::ids::{CustomerId, ImportId, PaymentId};
use domain::ledger::{Application, Payment, Source, match_payments};
use domain::policy::ApplicationRule;
use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use store::bulk::{self, AppliedChunk};
use store::positions::{Slice, positions};
use store::{Stamp, Tx, applications, customers, documents, papers, payments};

use crate::company::Company;
use crate::{Engine, Error, Result, record};

/// Customers whose payments are laid in one transaction.
const CHUNK_CUSTOMERS: usize = 1_000;

/// A payment as someone records it.
#[derive(Clone, Debug)]
pub struct NewPayment {
    /// The customer's key.
    pub customer: String,
    /// Amount in major units.
    pub amount: Decimal,
    /// Its currency; the company's when it is not said.
    pub currency: Option<Currency>,
    /// The day it counts from; today when it is not said.
    pub on: Option<Date>,
    /// The bank's reference; one is made when it is not said.
    pub reference: Option<String>,
    /// Documents it pays, in order, with the part each gets (as much as fits when not said).
    pub documents: Vec<(String, Option<Decimal>)>,
}

/// What a payment changed.
#[derive(Clone, Debug, Serialize)]
pub struct PaymentRecorded {
    /// Its reference.
    pub reference: String,
    /// The day it counts from.
    pub on: Date,
    /// Amount and currency.
    pub amount: Value,
    /// What it lies on.
    pub applications: Vec<Value>,
    /// What lies on no document.
    pub unapplied: Value,
}

impl Engine {
    /// Records a payment and lays it: where its payer or a person said, else by the policy's rule.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer or document that is not there, [`Error::Invalid`] for
    /// an amount that cannot be, and what the database says; then nothing was recorded.
    pub async fn add_payment(
        &self,
        company: &Company,
        new: NewPayment,
        author: &str,
    ) -> Result<PaymentRecorded> {
        let customer = customers::id_of(&self.db, company.id, &new.customer)
            .await?
            .ok_or_else(|| Error::no_customer(&new.customer))?;
        let currency = new.currency.unwrap_or(company.currency);
        let amount = money("importe", new.amount, currency)?;
        let on = new.on.unwrap_or_else(|| company.day_of(self.now()));
        let stamp = self.stamp(author);
        let id = PaymentId::from_uuid(stamp.ids.draw());
        let reference = new
            .reference
            .clone()
            .unwrap_or_else(|| format!("{} {on} {id}", new.customer));
        let payment = Payment {
            id,
            reference: reference.clone(),
            on,
            amount,
        };
        let mut tx = self.db.begin().await?;
        payments::add(&mut tx, &stamp, company.id, customer, &payment, &json!({})).await?;
        for (number, part) in &new.documents {
            self.lay(
                &mut tx,
                &stamp,
                company,
                (customer, &payment),
                (number, *part),
            )
            .await?;
        }
        tx.commit().await?;
        if new.documents.is_empty() {
            self.apply_payments(company, &[customer], author).await?;
        }
        self.recorded(company, customer, payment).await
    }

    /// Lays a part of a payment on a document of its customer, as much as fits when no part is
    /// said.
    async fn lay(
        &self,
        tx: &mut Tx,
        stamp: &Stamp,
        company: &Company,
        (customer, payment): (CustomerId, &Payment),
        (number, part): (&str, Option<Decimal>),
    ) -> Result<()> {
        let found = documents::by_number(&mut *tx, company.id, number).await?;
        let found = found
            .filter(|found| found.customer == customer)
            .ok_or_else(|| Error::NotFound {
                what: "la factura",
                key: number.to_owned(),
                hint: " de ese cliente".to_owned(),
            })?;
        let document = found.document;
        let open = documents::open_on(&mut *tx, company.id, document.id, payment.on).await?;
        let left = payments::unapplied(&mut *tx, company.id, payment.id).await?;
        let currency = payment.amount.currency;
        let minor = match part {
            Some(part) => money("parte", part, currency)?.minor,
            None => left.min(open),
        };
        if document.amount.currency != currency || minor > open || minor > left {
            return Err(Error::invalid(
                "aplicación",
                format!(
                    "{} no cabe en {number}: quedan {} por pagar y {} del pago",
                    Money::new(minor, currency),
                    Money::new(open, document.amount.currency),
                    Money::new(left, currency),
                ),
            ));
        }
        if minor > 0 {
            let application = Application {
                source: Source::Payment(payment.id),
                document: document.id,
                on: payment.on.max(document.issued),
                minor,
            };
            applications::add(tx, stamp, company.id, customer, &application, "explicit").await?;
        }
        Ok(())
    }

    async fn recorded(
        &self,
        company: &Company,
        customer: CustomerId,
        payment: Payment,
    ) -> Result<PaymentRecorded> {
        let standing = positions(&self.db, company.id, Slice::Only(vec![customer]), None).await?;
        let books = standing
            .into_iter()
            .next()
            .map(|it| it.position.books)
            .unwrap_or_default();
        let own = books
            .applications
            .iter()
            .filter(|application| application.source == Source::Payment(payment.id));
        let currency = payment.amount.currency;
        let mut left = payment.amount.minor;
        let mut laid = Vec::new();
        for application in own {
            left -= application.minor;
            let number = books
                .documents
                .iter()
                .find(|it| it.id == application.document);
            laid.push(json!({
                "invoice": number.map(|document| document.number.clone()),
                "amount": record::money(Money::new(application.minor, currency)),
            }));
        }
        Ok(PaymentRecorded {
            reference: payment.reference,
            on: payment.on,
            amount: record::money(payment.amount),
            applications: laid,
            unapplied: record::money(Money::new(left, currency)),
        })
    }

    /// Lays unapplied money of these customers on their documents by the policy's rule. Returns how
    /// many applications were made.
    ///
    /// # Errors
    /// What the database says; chunks committed before stay.
    pub(crate) async fn apply_payments(
        &self,
        company: &Company,
        touched: &[CustomerId],
        author: &str,
    ) -> Result<u64> {
        self.apply_imported(company, None, touched, author).await
    }

    /// The same as a part of an import, which takes it back when it is undone.
    pub(crate) async fn apply_imported(
        &self,
        company: &Company,
        import: Option<ImportId>,
        touched: &[CustomerId],
        author: &str,
    ) -> Result<u64> {
        let rule = company.policy.application;
        if rule == ApplicationRule::Explicit {
            return Ok(0);
        }
        let today = company.day_of(self.now());
        if touched.len() <= CHUNK_CUSTOMERS {
            return self
                .lay_waiting(company, import, (touched.to_vec(), today), author)
                .await;
        }
        // A large file touches nearly everyone, and few have money that waits.
        let touched: HashSet<CustomerId> = touched.iter().copied().collect();
        let (mut applied, mut after) = (0, None);
        loop {
            let limit = u32::try_from(CHUNK_CUSTOMERS).unwrap_or(u32::MAX);
            let mut waiting =
                applications::with_money_left(&self.db, company.id, after, limit).await?;
            let Some(last) = waiting.last().copied() else {
                return Ok(applied);
            };
            after = Some(last);
            waiting.retain(|customer| touched.contains(customer));
            let lay = self.lay_waiting(company, import, (waiting, today), author);
            applied += lay.await?;
        }
    }

    /// Lays the unapplied money of a chunk of customers.
    async fn lay_waiting(
        &self,
        company: &Company,
        import: Option<ImportId>,
        (customers, today): (Vec<CustomerId>, Date),
        author: &str,
    ) -> Result<u64> {
        if customers.is_empty() {
            return Ok(0);
        }
        let rule = company.policy.application;
        // What a receipt lays on a document that is still to come is not laid elsewhere.
        let awaiting = papers::awaiting(&self.db, company.id, customers.clone()).await?;
        let mut standings = positions(&self.db, company.id, Slice::Only(customers), None).await?;
        for standing in &mut standings {
            let payments = &mut standing.position.books.payments;
            payments.retain(|payment| !awaiting.contains(&payment.reference));
        }
        let applications: Vec<_> = standings
            .iter()
            .flat_map(|standing| {
                let made = match_payments(&standing.position.books, rule, today);
                made.into_iter()
                    .map(|made| (standing.position.customer.id, made))
            })
            .collect();
        if applications.is_empty() {
            return Ok(0);
        }
        let chunk = AppliedChunk {
            import,
            applications,
        };
        Ok(bulk::apply_chunk(&self.db, &self.stamp(author), company.id, chunk).await?)
    }
}

/// An amount of a command line or form.
pub(crate) fn money(what: &'static str, value: Decimal, currency: Currency) -> Result<Money> {
    let money = Money::from_decimal(value, currency)
        .map_err(|error| Error::invalid(what, error.to_string()))?;
    if money.is_positive() {
        Ok(money)
    } else {
        Err(Error::invalid(
            what,
            format!("{value} no es mayor que cero"),
        ))
    }
}
