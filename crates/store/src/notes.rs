//! What people wrote down about a customer, and how their calls ended.

use domain::call::CallResult;
use domain::{CompanyId, CustomerId, NoteId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Our id.
    pub id: NoteId,
    /// Its text, word for word.
    pub text: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

impl FromRow for Note {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            text: row.get()?,
            author: row.get()?,
            at: row.get()?,
        })
    }
}

/// Writes a note down.
///
/// # Errors
/// What the database says.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    text: &str,
) -> Result<NoteId> {
    const SQL: &str = "INSERT INTO notes \
        (company_id, id, customer_id, text, author, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let id = NoteId::from_uuid(stamp.ids.draw());
    let binds = binds![company, id, customer, text, &stamp.author, stamp.at];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": { "customer": customer.to_string(), "text": text } });
    events::append(tx, stamp, company, "note.added", Some(id.uuid()), &body).await?;
    Ok(id)
}

/// Some notes of a customer.
///
/// # Errors
/// What the database says.
pub async fn of_ids(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    notes: &[Uuid],
) -> Result<Vec<Note>> {
    const SQL: &str = "SELECT id, text, author, recorded_at FROM notes \
        WHERE company_id = $1 AND customer_id = $2 AND id {uuids:3}";
    let binds = binds![company, customer, notes];
    rows(on, SQL, &binds, FromRow::from_row).await
}

/// How a call ended, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The call's message on the thread.
    pub message: Uuid,
    /// How it ended.
    pub result: CallResult,
    /// Who made it.
    pub author: String,
}

/// Records how a call ended whose message is on the thread.
///
/// # Errors
/// What the database says.
pub async fn add_call(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    (message, result): (Uuid, CallResult),
) -> Result<()> {
    const SQL: &str = "INSERT INTO calls \
        (company_id, message_id, customer_id, result, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    let binds = binds![company, message, customer, result, &stamp.author, stamp.at];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "customer": customer.to_string(),
        "result": result.code(),
    }});
    events::append(tx, stamp, company, "call.added", Some(message), &body).await
}

/// The calls among some messages of a customer.
///
/// # Errors
/// What the database says.
pub async fn calls_of_messages(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    messages: &[Uuid],
) -> Result<Vec<Call>> {
    const SQL: &str = "SELECT message_id, result, author FROM calls \
        WHERE company_id = $1 AND customer_id = $2 AND message_id {uuids:3}";
    let read = |row: &mut Row<'_>| {
        Ok(Call {
            message: row.get()?,
            result: row.get()?,
            author: row.get()?,
        })
    };
    rows(on, SQL, &binds![company, customer, messages], read).await
}
