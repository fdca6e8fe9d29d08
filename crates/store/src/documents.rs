//! Documents as issued, with what closed them.

use std::collections::HashMap;

use domain::document::{DebtFacts, Document};
use domain::{CompanyId, CustomerId, DocumentId, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bulk::{Heavy, read_heavily};
use crate::companies::events_of_change;
use crate::db::{Access, Db, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events::{self, Event};
use crate::facts::DOCUMENT;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A document with its customer and what closed it.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentRecord {
    /// The document.
    pub document: Document,
    /// Whose it is.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// The day nothing was left open of it.
    pub settled_on: Option<Date>,
    /// Unmapped columns of its source; an object.
    pub extra: Value,
    /// When it was first recorded.
    pub recorded_at: Timestamp,
}

impl FromRow for DocumentRecord {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            document: row.get()?,
            customer: row.get()?,
            customer_key: row.get()?,
            settled_on: row.get()?,
            extra: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

const REST: &str = "t.customer_id, c.key, t.settled_on_projection, t.extra, t.recorded_at \
    FROM documents t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id";

/// The document of that number.
///
/// # Errors
/// What the database says.
pub async fn by_number(
    on: impl Access,
    company: CompanyId,
    number: &str,
) -> Result<Option<DocumentRecord>> {
    let sql = format!("SELECT {DOCUMENT}, {REST} WHERE t.company_id = $1 AND t.number = $2");
    first(on, &sql, &binds![company, number], FromRow::from_row).await
}

/// The document of that id.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    document: DocumentId,
) -> Result<Option<DocumentRecord>> {
    let sql = format!("SELECT {DOCUMENT}, {REST} WHERE t.company_id = $1 AND t.id = $2");
    first(on, &sql, &binds![company, document], FromRow::from_row).await
}

/// Documents by pages, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<DocumentRecord>> {
    let sql = format!(
        "SELECT {DOCUMENT}, {REST} WHERE t.company_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3"
    );
    let after = after.map_or(Uuid::nil(), DocumentId::uuid);
    rows(on, &sql, &binds![company, after, limit], FromRow::from_row).await
}

/// Every document of a customer, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Vec<DocumentRecord>> {
    let sql = format!(
        "SELECT {DOCUMENT}, {REST} WHERE t.company_id = $1 AND t.customer_id = $2 ORDER BY t.id"
    );
    rows(on, &sql, &binds![company, customer], FromRow::from_row).await
}

/// The unmapped columns of some documents.
///
/// # Errors
/// What the database says.
pub async fn extras(
    on: impl Access,
    company: CompanyId,
    documents: &[DocumentId],
) -> Result<Vec<(DocumentId, Value)>> {
    const SQL: &str = "SELECT id, extra FROM documents WHERE company_id = $1 AND id {uuids:2}";
    let ids: Vec<Uuid> = documents.iter().map(|it| it.uuid()).collect();
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    rows(on, SQL, &binds![company, ids], read).await
}

/// What changed a document since it was first recorded, oldest first.
///
/// # Errors
/// What the database says.
pub async fn history(
    on: impl Access,
    company: CompanyId,
    document: DocumentId,
) -> Result<Vec<Event>> {
    events::of_entity(on, company, document.uuid()).await
}

/// What a document says of its own debt, in words; null where it says nothing.
pub(crate) fn debt_body(debt: DebtFacts) -> Value {
    if debt == DebtFacts::default() {
        return Value::Null;
    }
    json!({
        "class": debt.class.map(|it| it.code()),
        "final_consumer": debt.final_consumer,
        "creditor": debt.creditor.map(|it| it.code()),
        "actor": debt.actor.map(|it| it.code()),
    })
}

/// Writes down what a document says of its own debt, in place of what stood there.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such document.
pub async fn set_debt(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    document: DocumentId,
    debt: DebtFacts,
) -> Result<()> {
    const SQL: &str = "UPDATE documents SET debt_class = $3, final_consumer = $4, creditor = $5, \
        actor = $6 WHERE company_id = $1 AND id = $2";
    let Some(before) = get(&mut *tx, company, document).await? else {
        return Err(StoreError::Missing {
            what: "document",
            key: document.to_string(),
        });
    };
    let (was, is) = (before.document.debt, debt);
    if was == is {
        return Ok(());
    }
    let binds = binds![
        company,
        document,
        debt.class,
        debt.final_consumer,
        debt.creditor,
        debt.actor,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let (before, after) = events_of_change(
        &json!({ "debt": debt_body(was) }),
        &json!({ "debt": debt_body(is) }),
    );
    let body = json!({ "before": before, "after": after });
    let entity = Some(document.uuid());
    events::append(tx, stamp, company, "document.changed", entity, &body).await
}

/// What the ledger knows of a document that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDocument {
    /// The key of its customer.
    pub customer: String,
    /// Its amount.
    pub amount: Money,
    /// Minor units laid on it so far, whatever their day.
    pub laid: i64,
    /// The part of that which lies there by payments, by their references.
    pub laid_by: HashMap<String, i64>,
}

/// The documents of those numbers that there are.
///
/// # Errors
/// What the database says.
pub async fn known(
    on: &Db,
    company: CompanyId,
    numbers: &[&str],
) -> Result<HashMap<String, KnownDocument>> {
    const SQL: &str = "SELECT t.number, c.key, t.amount_minor, t.currency, \
        CAST(COALESCE((SELECT SUM(a.amount_minor) FROM applications a \
            WHERE a.company_id = t.company_id AND a.customer_id = t.customer_id \
            AND a.document_id = t.id), 0) AS BIGINT) \
        FROM documents t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id \
        WHERE t.company_id = $1 AND t.number {texts:2}";
    const LAID: &str = "SELECT t.number, p.reference, CAST(SUM(a.amount_minor) AS BIGINT) \
        FROM documents t \
        JOIN applications a ON a.company_id = t.company_id \
            AND a.customer_id = t.customer_id AND a.document_id = t.id \
        JOIN payments p ON p.company_id = a.company_id AND p.id = a.payment_id \
        WHERE t.company_id = $1 AND t.number {texts:2} GROUP BY t.number, p.reference";
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let numbers: Vec<String> = numbers.iter().map(|&it| it.to_owned()).collect();
    read_heavily!(on, |heavy| {
        known_of(heavy, company, numbers, [SQL, LAID])
    })
}

async fn known_of(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    numbers: Vec<String>,
    [documents, laid]: [&str; 2],
) -> Result<HashMap<String, KnownDocument>> {
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let binds = binds![company, numbers];
    let mut known = HashMap::new();
    let mut note = |row: &mut Row<'_>| {
        let number: String = row.get()?;
        let document = KnownDocument {
            customer: row.get()?,
            amount: row.get()?,
            laid: row.get()?,
            laid_by: HashMap::new(),
        };
        known.insert(number, document);
        Ok(())
    };
    heavy.each(documents, &binds, &mut note).await?;
    let mut lay = |row: &mut Row<'_>| {
        let (number, reference, minor): (String, String, i64) =
            (row.get()?, row.get()?, row.get()?);
        if let Some(document) = known.get_mut(&number) {
            document.laid_by.insert(reference, minor);
        }
        Ok(())
    };
    heavy.each(laid, &binds, &mut lay).await?;
    Ok(known)
}

/// Minor units open of a document at the end of a day.
///
/// # Errors
/// What the database says.
pub async fn open_on(
    on: impl Access,
    company: CompanyId,
    document: DocumentId,
    day: Date,
) -> Result<i64> {
    const SQL: &str = "SELECT CAST(t.amount_minor - COALESCE((SELECT SUM(a.amount_minor) \
            FROM applications a WHERE a.company_id = t.company_id \
            AND a.customer_id = t.customer_id AND a.document_id = t.id \
            AND a.applied_on <= $3), 0) AS BIGINT) \
        FROM documents t WHERE t.company_id = $1 AND t.id = $2";
    Ok(
        first(on, SQL, &binds![company, document, day], FromRow::from_row)
            .await?
            .unwrap_or(0),
    )
}
