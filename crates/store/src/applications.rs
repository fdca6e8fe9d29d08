//! Money laid on documents. Undoing one is a second row with the amount negated.
//!
//! The day on which nothing is left open of a document, or unapplied of a payment or credit note,
//! is kept beside it for fast reading, derived from the rows in the transaction that adds one.

use domain::ledger::{Application, Source};
use domain::{ApplicationId, CompanyId, CustomerId, DocumentId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::facts::APPLICATION;
use crate::portfolio::figures;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Why a row lies there when it answers one that a person undid: such a match is never redone by
/// the machine (invariant 16).
pub const UNDONE: &str = "undone";

/// An application with who made it and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationRecord {
    /// Our id.
    pub id: ApplicationId,
    /// Whose money it is.
    pub customer: CustomerId,
    /// What lies where.
    pub application: Application,
    /// Why (`exact_amount`, `file`, [`UNDONE`]).
    pub matched: String,
    /// Who made it.
    pub author: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl FromRow for ApplicationRecord {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            customer: row.get()?,
            application: row.get()?,
            matched: row.get()?,
            author: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// Adds an application.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such document, [`StoreError::Refused`] when it belongs
/// to another customer.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    application: &Application,
    matched: &str,
) -> Result<ApplicationId> {
    const OWNER: &str = "SELECT customer_id FROM documents WHERE company_id = $1 AND id = $2";
    let document = application.document;
    lock_customer(&mut *tx, company, customer).await?;
    let owner: Option<CustomerId> = first(
        &mut *tx,
        OWNER,
        &binds![company, document],
        FromRow::from_row,
    )
    .await?;
    match owner {
        Some(owner) if customer == owner => {}
        Some(_) => {
            return Err(StoreError::Refused {
                what: "an application",
                key: document.to_string(),
                why: "the document belongs to another customer",
            });
        }
        None => {
            return Err(StoreError::Missing {
                what: "document",
                key: document.to_string(),
            });
        }
    }
    let id = insert(tx, stamp, company, customer, application, matched).await?;
    refresh(tx, stamp, company, customer).await?;
    Ok(id)
}

/// Undoes an application by a row with the amount negated, counting from `on`. The machine will not
/// lay this money on this document again.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such application, [`StoreError::Refused`] when it is
/// undone already or undoes another.
pub async fn undo(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    application: ApplicationId,
    on: Date,
) -> Result<ApplicationId> {
    let sql = format!(
        "SELECT t.id, t.customer_id, {APPLICATION}, t.matched, t.author, t.recorded_at \
         FROM applications t WHERE t.company_id = $1 AND t.id = $2"
    );
    let binds = binds![company, application];
    let found = first(&mut *tx, &sql, &binds, FromRow::from_row).await?;
    let Some(record): Option<ApplicationRecord> = found else {
        return Err(StoreError::Missing {
            what: "application",
            key: application.to_string(),
        });
    };
    lock_customer(&mut *tx, company, record.customer).await?;
    let laid = of_document(&mut *tx, company, record.application.document).await?;
    let same = laid
        .iter()
        .filter(|it| it.application.source == record.application.source);
    let left: i64 = same.map(|it| it.application.minor).sum();
    if record.application.minor < 0 || left < record.application.minor {
        return Err(StoreError::Refused {
            what: "undoing",
            key: application.to_string(),
            why: "it is undone already",
        });
    }
    let negated = Application {
        minor: -record.application.minor,
        on: on.max(record.application.on),
        ..record.application
    };
    let id = insert(tx, stamp, company, record.customer, &negated, UNDONE).await?;
    refresh(tx, stamp, company, record.customer).await?;
    Ok(id)
}

/// Customers with a payment or credit note of which something is not laid yet, in the order of
/// their ids, at most `limit` behind `after`.
///
/// # Errors
/// What the database says.
pub async fn with_money_left(
    on: impl Access,
    company: CompanyId,
    after: Option<CustomerId>,
    limit: u32,
) -> Result<Vec<CustomerId>> {
    const SQL: &str = "SELECT customer_id FROM payments WHERE company_id = $1 \
            AND spent_on_projection IS NULL AND customer_id > $2 \
        UNION SELECT customer_id FROM documents WHERE company_id = $1 \
            AND kind = 'credit_note' AND settled_on_projection IS NULL AND customer_id > $2 \
        ORDER BY 1 LIMIT $3";
    let after = after.map_or(Uuid::nil(), CustomerId::uuid);
    rows(on, SQL, &binds![company, after, limit], FromRow::from_row).await
}

async fn insert(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    application: &Application,
    matched: &str,
) -> Result<ApplicationId> {
    const SQL: &str = "INSERT INTO applications (company_id, id, customer_id, payment_id, \
        credit_id, document_id, applied_on, amount_minor, matched, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let id = ApplicationId::from_uuid(stamp.ids.draw());
    let (payment, credit) = sides(application.source);
    let binds = binds![
        company,
        id,
        customer,
        payment,
        credit,
        application.document,
        application.on,
        application.minor,
        matched,
        &stamp.author,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "application": id.to_string(),
        "payment": payment.map(|it| it.to_string()),
        "credit": credit.map(|it| it.to_string()),
        "minor": application.minor,
        "on": application.on.to_string(),
        "matched": matched,
    }});
    let kind = if matched == UNDONE {
        "application.undone"
    } else {
        "application.added"
    };
    let entity = Some(application.document.uuid());
    events::append(tx, stamp, company, kind, entity, &body).await?;
    Ok(id)
}

/// The columns `payment_id` and `credit_id` of a source.
pub(crate) const fn sides(source: Source) -> (Option<Uuid>, Option<Uuid>) {
    match source {
        Source::Payment(payment) => (Some(payment.uuid()), None),
        Source::Credit(credit) => (None, Some(credit.uuid())),
    }
}

async fn lock_customer(tx: &mut Tx, company: CompanyId, customer: CustomerId) -> Result<()> {
    const SQL: &str = "SELECT id FROM customers WHERE company_id = $1 AND id = $2 {lock}";
    let _id: Option<CustomerId> =
        first(tx, SQL, &binds![company, customer], FromRow::from_row).await?;
    Ok(())
}

/// Everything laid on a document, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_document(
    on: impl Access,
    company: CompanyId,
    document: DocumentId,
) -> Result<Vec<ApplicationRecord>> {
    // By way of the document, so that the index by customer serves.
    let sql = format!(
        "SELECT t.id, t.customer_id, {APPLICATION}, t.matched, t.author, t.recorded_at \
         FROM documents d JOIN applications t ON t.company_id = d.company_id \
         AND t.customer_id = d.customer_id AND t.document_id = d.id \
         WHERE d.company_id = $1 AND d.id = $2 ORDER BY t.recorded_at, t.id"
    );
    rows(on, &sql, &binds![company, document], FromRow::from_row).await
}

/// The days on which nothing is left, derived anew for the customers in the list `$2`; each text
/// writes only rows whose day differs.
pub(crate) const REFRESH: [&str; 3] = [
    "UPDATE documents SET settled_on_projection = \
        CASE WHEN v.total >= documents.amount_minor THEN v.last_on END \
     FROM (SELECT document_id, SUM(amount_minor) AS total, MAX(applied_on) AS last_on \
        FROM applications WHERE company_id = $1 AND customer_id {uuids:2} \
        GROUP BY document_id) AS v \
     WHERE documents.company_id = $1 AND documents.id = v.document_id \
     AND documents.kind <> 'credit_note' AND documents.settled_on_projection IS DISTINCT FROM \
        CASE WHEN v.total >= documents.amount_minor THEN v.last_on END",
    "UPDATE documents SET settled_on_projection = \
        CASE WHEN v.total >= documents.amount_minor THEN v.last_on END \
     FROM (SELECT credit_id, SUM(amount_minor) AS total, MAX(applied_on) AS last_on \
        FROM applications WHERE company_id = $1 AND customer_id {uuids:2} \
        AND credit_id IS NOT NULL GROUP BY credit_id) AS v \
     WHERE documents.company_id = $1 AND documents.id = v.credit_id \
     AND documents.kind = 'credit_note' AND documents.settled_on_projection IS DISTINCT FROM \
        CASE WHEN v.total >= documents.amount_minor THEN v.last_on END",
    "UPDATE payments SET spent_on_projection = \
        CASE WHEN v.total >= payments.amount_minor THEN v.last_on END \
     FROM (SELECT payment_id, SUM(amount_minor) AS total, MAX(applied_on) AS last_on \
        FROM applications WHERE company_id = $1 AND customer_id {uuids:2} \
        AND payment_id IS NOT NULL GROUP BY payment_id) AS v \
     WHERE payments.company_id = $1 AND payments.id = v.payment_id \
     AND payments.spent_on_projection IS DISTINCT FROM \
        CASE WHEN v.total >= payments.amount_minor THEN v.last_on END",
];

async fn refresh(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
) -> Result<()> {
    for sql in REFRESH {
        run(&mut *tx, sql, &binds![company, vec![customer.uuid()]]).await?;
    }
    figures::refresh_one(tx, company, customer, stamp.at).await
}
