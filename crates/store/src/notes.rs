//! What people wrote down about a customer, and how their calls ended.

use domain::call::CallResult;
use domain::customer::Channel;
use domain::{CompanyId, CustomerId, NoteId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::events;
use crate::facts::CALLS;
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

/// How a call, visit or letter ended, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its message on the thread.
    pub message: Uuid,
    /// How it ended.
    pub result: CallResult,
    /// Who made it.
    pub author: String,
}

/// Records how a call, visit or letter ended whose message is on the thread; `content` is the
/// question that was put to the law about it, canonical JSON.
///
/// # Errors
/// What the database says.
pub async fn add_call(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    (message, result, content): (Uuid, CallResult, Option<&str>),
) -> Result<()> {
    const SQL: &str = "INSERT INTO calls \
        (company_id, message_id, customer_id, result, author, recorded_at, content) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let binds = binds![
        company,
        message,
        customer,
        result,
        &stamp.author,
        stamp.at,
        content,
    ];
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

/// A call, visit or letter as it is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// The customer.
    pub customer: CustomerId,
    /// Its message on the thread.
    pub message: Uuid,
    /// What it was.
    pub channel: Channel,
    /// The number or address; empty when it was not kept.
    pub address: String,
    /// Whether the customer began it, or spoke in it.
    pub incoming: bool,
    /// When.
    pub at: Timestamp,
    /// How it ended.
    pub result: CallResult,
    /// Who made it.
    pub author: String,
    /// The question that was put to the law, canonical JSON.
    pub content: Option<String>,
    /// Why it was made although the law spoke against it.
    pub overridden: Option<String>,
}

/// Calls, visits and letters by pages, in the order of customers and ids.
///
/// # Errors
/// What the database says.
pub async fn calls_page(
    on: impl Access,
    company: CompanyId,
    after: Option<(CustomerId, Uuid)>,
    limit: u32,
) -> Result<Vec<CallRecord>> {
    let sql = format!(
        "SELECT t.customer_id, t.message_id, m.channel, m.address, m.incoming, m.at, t.result, \
         t.author, t.content, o.reason FROM {CALLS} LEFT JOIN overrides o \
         ON o.company_id = t.company_id AND o.message_id = t.message_id \
         WHERE t.company_id = $1 AND (t.customer_id > $2 \
         OR (t.customer_id = $2 AND t.message_id > $3)) \
         ORDER BY t.customer_id, t.message_id LIMIT $4"
    );
    let (customer, message) = after.unwrap_or((CustomerId::from_uuid(Uuid::nil()), Uuid::nil()));
    let read = |row: &mut Row<'_>| {
        Ok(CallRecord {
            customer: row.get()?,
            message: row.get()?,
            channel: row.get()?,
            address: row.get()?,
            incoming: row.get()?,
            at: row.get()?,
            result: row.get()?,
            author: row.get()?,
            content: row.get()?,
            overridden: row.get()?,
        })
    };
    rows(on, &sql, &binds![company, customer, message, limit], read).await
}
