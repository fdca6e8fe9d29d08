//! What changed an entity, before and after; append-only, written in the transaction of the change.

use domain::{CompanyId, EventId};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Our id; in the order of recording.
    pub id: EventId,
    /// What happened (`document.changed`).
    pub kind: String,
    /// To which thing.
    pub entity: Option<Uuid>,
    /// `{"before": {…}, "after": {…}}`, only what differs.
    pub body: Value,
    /// Who did it.
    pub author: String,
    /// When it was recorded.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, kind, entity, body, author, recorded_at";

impl FromRow for Event {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            kind: row.get()?,
            entity: row.get()?,
            body: {
                let text: String = row.get()?;
                serde_json::from_str(&text).unwrap_or(Value::String(text))
            },
            author: row.get()?,
            at: row.get()?,
        })
    }
}

/// Appends a line.
///
/// # Errors
/// What the database says.
pub async fn append(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    kind: &str,
    entity: Option<Uuid>,
    body: &Value,
) -> Result<()> {
    const SQL: &str = "INSERT INTO events \
        (company_id, id, kind, entity, body, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let id = stamp.ids.draw();
    let binds = binds![
        company,
        id,
        kind,
        entity,
        body.to_string(),
        &stamp.author,
        stamp.at
    ];
    run(tx, SQL, &binds).await.map(drop)
}

/// What happened to one thing, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_entity(on: impl Access, company: CompanyId, entity: Uuid) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE company_id = $1 AND entity = $2 \
         ORDER BY recorded_at, id"
    );
    rows(on, &sql, &binds![company, entity], FromRow::from_row).await
}

/// What happened to several things, each with the thing it happened to, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_entities(
    on: impl Access,
    company: CompanyId,
    entities: &[Uuid],
) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE company_id = $1 AND entity {{uuids:2}} \
         ORDER BY recorded_at, id"
    );
    rows(on, &sql, &binds![company, entities], FromRow::from_row).await
}

/// The whole log by pages, in the order of ids.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    after: Option<EventId>,
    limit: u32,
) -> Result<Vec<Event>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM events WHERE company_id = $1 AND id > $2 ORDER BY id LIMIT $3"
    );
    let after = after.map_or(Uuid::nil(), EventId::uuid);
    rows(on, &sql, &binds![company, after, limit], FromRow::from_row).await
}
