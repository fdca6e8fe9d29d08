//! Promises to pay, as they were made.

use domain::promise::Promise;
use domain::{CompanyId, CustomerId};
use serde_json::json;

use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::events;
use crate::facts::PROMISE;
use crate::stamp::Stamp;
use crate::value::{FromRow, binds};

/// Adds a promise with the customer's words; its author is the promise's own.
///
/// # Errors
/// [`crate::StoreError::Constraint`] when the days are out of order or there is no such customer.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    promise: &Promise,
    note: &str,
) -> Result<()> {
    const SQL: &str = "INSERT INTO promises (company_id, id, customer_id, currency, \
        amount_minor, made_on, due_on, note, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let binds = binds![
        company,
        promise.id,
        customer,
        promise.amount.currency,
        promise.amount.minor,
        promise.made_on,
        promise.due_on,
        note,
        &promise.author,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "customer": customer.to_string(),
        "amount": promise.amount.to_string(),
        "made_on": promise.made_on.to_string(),
        "due_on": promise.due_on.to_string(),
        "note": note,
    }});
    events::append(
        tx,
        stamp,
        company,
        "promise.added",
        Some(promise.id.uuid()),
        &body,
    )
    .await
}

/// Every promise of a customer, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Vec<Promise>> {
    let sql = format!(
        "SELECT {PROMISE} FROM promises t WHERE t.company_id = $1 AND t.customer_id = $2 \
         ORDER BY t.id"
    );
    rows(on, &sql, &binds![company, customer], FromRow::from_row).await
}
