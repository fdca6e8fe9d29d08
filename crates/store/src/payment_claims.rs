//! What customers say was paid already, until a person has looked at it.

use domain::hold::Hold;
use domain::portal::ClaimState;
use domain::{CompanyId, CustomerId, FileId, HoldId, Money, PaymentClaimId, TaskId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::facts::HOLD;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A customer's word that it has paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentClaim {
    /// Our id.
    pub id: PaymentClaimId,
    /// The customer.
    pub customer: CustomerId,
    /// How much.
    pub amount: Money,
    /// When.
    pub paid_on: Date,
    /// The bank's reference, as the customer wrote it; may be empty.
    pub reference: String,
    /// What the customer wrote beside it; may be empty.
    pub note: String,
    /// The receipt.
    pub file: Option<FileId>,
    /// The hold that keeps the amount from being chased meanwhile.
    pub hold: Option<HoldId>,
    /// The task of who looks at it.
    pub task: TaskId,
    /// Where it stands.
    pub state: ClaimState,
    /// What was answered.
    pub answer: Option<String>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// When it was made.
    pub recorded_at: Timestamp,
}

const COLUMNS: &str = "p.id, p.customer_id, p.amount_minor, p.currency, p.paid_on, p.reference, \
    p.note, p.file_id, p.hold_id, p.task_id, p.state, p.answer, p.answered_by, p.answered_at, \
    p.recorded_at";

impl FromRow for PaymentClaim {
    const WIDTH: usize = 15;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            customer: row.get()?,
            amount: row.get()?,
            paid_on: row.get()?,
            reference: row.get()?,
            note: row.get()?,
            file: row.get()?,
            hold: row.get()?,
            task: row.get()?,
            state: row.get()?,
            answer: row.get()?,
            answered_by: row.get()?,
            answered_at: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// Records a claim; its state is open, its instant the stamp's.
///
/// # Errors
/// [`StoreError::Constraint`] when there is no such customer.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    claim: &PaymentClaim,
) -> Result<()> {
    const SQL: &str = "INSERT INTO payment_claims (company_id, id, customer_id, currency, \
        amount_minor, paid_on, reference, note, file_id, hold_id, task_id, state, author, \
        recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open', $12, $13)";
    let binds = binds![
        company,
        claim.id,
        claim.customer,
        claim.amount.currency,
        claim.amount.minor,
        claim.paid_on,
        &claim.reference,
        &claim.note,
        claim.file,
        claim.hold,
        claim.task,
        &stamp.author,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "customer": claim.customer.to_string(),
        "amount": claim.amount.to_string(),
        "paid_on": claim.paid_on.to_string(),
        "reference": claim.reference,
        "hold": claim.hold.map(|it| it.to_string()),
    }});
    let entity = Some(claim.id.uuid());
    events::append(tx, stamp, company, "payment_claim.added", entity, &body).await
}

/// Answers an open claim.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such open claim.
pub async fn answer(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    claim: PaymentClaimId,
    (state, text): (ClaimState, &str),
) -> Result<()> {
    const SQL: &str = "UPDATE payment_claims SET state = $3, answer = $4, answered_by = $5, \
        answered_at = $6 WHERE company_id = $1 AND id = $2 AND state = 'open'";
    let binds = binds![company, claim, state, text, &stamp.author, stamp.at];
    if run(&mut *tx, SQL, &binds).await? == 0 {
        return Err(StoreError::Missing {
            what: "open payment claim",
            key: claim.to_string(),
        });
    }
    let body = json!({ "after": { "state": state.code(), "answer": text } });
    let entity = Some(claim.uuid());
    events::append(tx, stamp, company, "payment_claim.answered", entity, &body).await
}

/// The claim of that id.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    claim: PaymentClaimId,
) -> Result<Option<PaymentClaim>> {
    let sql =
        format!("SELECT {COLUMNS} FROM payment_claims p WHERE p.company_id = $1 AND p.id = $2");
    first(on, &sql, &binds![company, claim], FromRow::from_row).await
}

/// Claims of a customer, newest first.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    limit: u32,
) -> Result<Vec<PaymentClaim>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM payment_claims p WHERE p.company_id = $1 AND p.customer_id = $2 \
         ORDER BY p.id DESC LIMIT $3"
    );
    rows(
        on,
        &sql,
        &binds![company, customer, limit],
        FromRow::from_row,
    )
    .await
}

/// A claim that waits for a person, with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting<T> {
    /// The customer's key.
    pub customer_key: String,
    /// The customer's name.
    pub customer_name: String,
    /// What waits.
    pub what: T,
}

impl<T: FromRow> FromRow for Waiting<T> {
    const WIDTH: usize = T::WIDTH + 2;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            customer_key: row.get()?,
            customer_name: row.get()?,
            what: row.get()?,
        })
    }
}

/// Open claims by pages, oldest first, behind one.
///
/// # Errors
/// What the database says.
pub async fn open(
    on: impl Access,
    company: CompanyId,
    after: Option<PaymentClaimId>,
    limit: u32,
) -> Result<Vec<Waiting<PaymentClaim>>> {
    let sql = format!(
        "SELECT c.key, c.name, {COLUMNS} FROM payment_claims p \
         JOIN customers c ON c.company_id = p.company_id AND c.id = p.customer_id \
         WHERE p.company_id = $1 AND p.state = 'open' AND p.id > $2 ORDER BY p.id LIMIT $3"
    );
    let after = after.map_or(Uuid::nil(), PaymentClaimId::uuid);
    rows(on, &sql, &binds![company, after, limit], FromRow::from_row).await
}

/// A dispute that holds, with the document it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The customer.
    pub customer: CustomerId,
    /// The document's number; none where it is about the whole account.
    pub number: Option<String>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The hold.
    pub hold: Hold,
}

impl FromRow for Dispute {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            customer: row.get()?,
            number: row.get()?,
            recorded_at: row.get()?,
            hold: row.get()?,
        })
    }
}

/// Disputes that hold on a day, by pages, oldest first, behind one.
///
/// # Errors
/// What the database says.
pub async fn disputes(
    on: impl Access,
    company: CompanyId,
    day: Date,
    after: Option<HoldId>,
    limit: u32,
) -> Result<Vec<Waiting<Dispute>>> {
    let sql = format!(
        "SELECT c.key, c.name, t.customer_id, d.number, t.recorded_at, {HOLD} FROM holds t \
         JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id \
         LEFT JOIN documents d ON d.company_id = t.company_id AND d.id = t.document_id \
         WHERE t.company_id = $1 AND t.kind = 'dispute' AND t.id > $2 \
         AND (t.until_on IS NULL OR t.until_on > $3) \
         AND NOT EXISTS (SELECT 1 FROM hold_ends e WHERE e.company_id = t.company_id \
             AND e.hold_id = t.id AND e.until_on <= $3) \
         ORDER BY t.id LIMIT $4"
    );
    let after = after.map_or(Uuid::nil(), HoldId::uuid);
    rows(
        on,
        &sql,
        &binds![company, after, day, limit],
        FromRow::from_row,
    )
    .await
}
