//! Due dates put off or brought back. The document bears the new date; what it was before stays
//! here, so that ageing can be asked by either.

use std::collections::HashMap;

use domain::{CompanyId, CustomerId, DocumentId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::portfolio::figures;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A change of a due date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueChange {
    /// The document.
    pub document: DocumentId,
    /// The date before.
    pub before: Date,
    /// The date since.
    pub after: Date,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub author: String,
    /// When.
    pub recorded_at: Timestamp,
}

impl FromRow for DueChange {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            document: row.get()?,
            before: row.get()?,
            after: row.get()?,
            reason: row.get()?,
            author: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// Changes the due date of a document.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such document.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    document: DocumentId,
    (after, reason): (Date, &str),
) -> Result<DueChange> {
    const BEFORE: &str = "SELECT due_on, customer_id FROM documents \
        WHERE company_id = $1 AND id = $2";
    const ADD: &str = "INSERT INTO due_changes (company_id, id, customer_id, document_id, \
        before_on, after_on, reason, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    const CHANGE: &str = "UPDATE documents SET due_on = $3 WHERE company_id = $1 AND id = $2";
    let read = |row: &mut Row<'_>| Ok((row.get::<Date>()?, row.get::<CustomerId>()?));
    let found = first(&mut *tx, BEFORE, &binds![company, document], read).await?;
    let Some((before, customer)) = found else {
        return Err(StoreError::Missing {
            what: "document",
            key: document.to_string(),
        });
    };
    let id = stamp.ids.draw();
    let binds = binds![
        company,
        id,
        customer,
        document,
        before,
        after,
        reason,
        &stamp.author,
        stamp.at,
    ];
    run(&mut *tx, ADD, &binds).await?;
    run(&mut *tx, CHANGE, &binds![company, document, after]).await?;
    let body = json!({
        "before": { "due": before.to_string() },
        "after": { "due": after.to_string() },
    });
    let entity = Some(document.uuid());
    events::append(tx, stamp, company, "document.changed", entity, &body).await?;
    figures::refresh_one(tx, company, customer, stamp.at).await?;
    Ok(DueChange {
        document,
        before,
        after,
        reason: reason.to_owned(),
        author: stamp.author.clone(),
        recorded_at: stamp.at,
    })
}

/// The changes of these documents, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_documents(
    on: impl Access,
    company: CompanyId,
    documents: &[DocumentId],
) -> Result<Vec<DueChange>> {
    const SQL: &str = "SELECT document_id, before_on, after_on, reason, author, recorded_at \
        FROM due_changes WHERE company_id = $1 AND document_id {uuids:2} ORDER BY id";
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = documents.iter().map(|it| it.uuid()).collect();
    rows(on, SQL, &binds![company, ids], FromRow::from_row).await
}

/// The due dates that documents bore at first, of those whose date was changed since.
///
/// # Errors
/// What the database says.
pub async fn originals(on: impl Access, company: CompanyId) -> Result<HashMap<DocumentId, Date>> {
    const SQL: &str = "SELECT document_id, before_on FROM due_changes \
        WHERE company_id = $1 ORDER BY id DESC";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let all: Vec<(DocumentId, Date)> = rows(on, SQL, &binds![company], read).await?;
    // The earliest change is the last that is read, and stays.
    Ok(all.into_iter().collect())
}
