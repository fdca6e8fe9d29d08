//! Money that came in.

use domain::ledger::Payment;
use domain::{CompanyId, CustomerId, PaymentId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::events;
use crate::facts::PAYMENT;
use crate::portfolio::figures;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A payment with its customer and what of it was applied.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentRecord {
    /// The payment.
    pub payment: Payment,
    /// Who paid.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// The day nothing was left unapplied of it.
    pub spent_on: Option<Date>,
    /// Unmapped columns of its source; an object.
    pub extra: Value,
    /// Who recorded it.
    pub author: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl FromRow for PaymentRecord {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            payment: row.get()?,
            customer: row.get()?,
            customer_key: row.get()?,
            spent_on: row.get()?,
            extra: row.get()?,
            author: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

const REST: &str = "t.customer_id, c.key, t.spent_on_projection, t.extra, t.author, \
    t.recorded_at FROM payments t \
    JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id";

/// Adds a payment. A claim of a contact of the customer either sees it or waits for it: the row's
/// foreign key waits for the claim's lock on the customer, and the other way round.
///
/// # Errors
/// [`crate::StoreError::Exists`] when the reference is taken.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    payment: &Payment,
    extra: &Value,
) -> Result<()> {
    const SQL: &str = "INSERT INTO payments (company_id, id, customer_id, reference, paid_on, \
        currency, amount_minor, extra, source_digest, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let no_source: &[u8] = &[];
    let binds = binds![
        company,
        payment.id,
        customer,
        &payment.reference,
        payment.on,
        payment.amount.currency,
        payment.amount.minor,
        extra,
        no_source,
        &stamp.author,
        stamp.at,
    ];
    let done = run(&mut *tx, SQL, &binds).await;
    done.map_err(|error| error.named("payment", &payment.reference))?;
    let body = json!({ "after": {
        "customer": customer.to_string(),
        "reference": payment.reference,
        "on": payment.on.to_string(),
        "amount": payment.amount.to_string(),
    }});
    figures::refresh_one(&mut *tx, company, customer, stamp.at).await?;
    events::append(
        tx,
        stamp,
        company,
        "payment.added",
        Some(payment.id.uuid()),
        &body,
    )
    .await
}

/// The payment of that reference.
///
/// # Errors
/// What the database says.
pub async fn by_reference(
    on: impl Access,
    company: CompanyId,
    reference: &str,
) -> Result<Option<PaymentRecord>> {
    let sql = format!("SELECT {PAYMENT}, {REST} WHERE t.company_id = $1 AND t.reference = $2");
    first(on, &sql, &binds![company, reference], FromRow::from_row).await
}

/// The payment of that id.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    payment: PaymentId,
) -> Result<Option<PaymentRecord>> {
    let sql = format!("SELECT {PAYMENT}, {REST} WHERE t.company_id = $1 AND t.id = $2");
    first(on, &sql, &binds![company, payment], FromRow::from_row).await
}

/// Payments by pages, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    after: Option<PaymentId>,
    limit: u32,
) -> Result<Vec<PaymentRecord>> {
    let sql = format!(
        "SELECT {PAYMENT}, {REST} WHERE t.company_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3"
    );
    let after = after.map_or(Uuid::nil(), PaymentId::uuid);
    rows(on, &sql, &binds![company, after, limit], FromRow::from_row).await
}

/// Minor units of a payment that lie on no document.
///
/// # Errors
/// What the database says.
pub async fn unapplied(on: impl Access, company: CompanyId, payment: PaymentId) -> Result<i64> {
    const SQL: &str = "SELECT CAST(t.amount_minor - COALESCE((SELECT SUM(a.amount_minor) \
            FROM applications a WHERE a.company_id = t.company_id \
            AND a.customer_id = t.customer_id AND a.payment_id = t.id), 0) AS BIGINT) \
        FROM payments t WHERE t.company_id = $1 AND t.id = $2";
    let left = first(on, SQL, &binds![company, payment], FromRow::from_row).await?;
    Ok(left.unwrap_or(0))
}
