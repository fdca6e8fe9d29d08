//! Rows that could not be read: kept with file, row, field and reason until someone fixes them.

use domain::{CompanyId, ImportId, QuarantineId};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bulk::QuarantinedRow;
use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A row in quarantine.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarantined {
    /// Our id.
    pub id: QuarantineId,
    /// The import it came with.
    pub import: ImportId,
    /// File name.
    pub file: String,
    /// Row of the file, counted from 1.
    pub row: u32,
    /// The field.
    pub field: String,
    /// Why, in Spanish.
    pub reason: String,
    /// The row as read; an object.
    pub raw: Value,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// How a row leaves quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It was corrected and read.
    Fixed,
    /// A later file brought it readable.
    Superseded,
}

impl FromRow for Quarantined {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            import: row.get()?,
            file: row.get()?,
            row: row.get()?,
            field: row.get()?,
            reason: row.get()?,
            raw: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

const SELECT: &str =
    "SELECT id, import_id, file, row_number, field, reason, raw, recorded_at FROM quarantine";

/// Rows that wait, in the order they came.
///
/// # Errors
/// What the database says.
pub async fn open(on: impl Access, company: CompanyId, limit: u32) -> Result<Vec<Quarantined>> {
    let sql = format!("{SELECT} WHERE company_id = $1 AND state = 'open' ORDER BY id LIMIT $2");
    rows(on, &sql, &binds![company, limit], FromRow::from_row).await
}

/// Which of the rows that wait are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Those of one import.
    pub import: Option<ImportId>,
    /// Those whose problem is with this column.
    pub field: Option<String>,
}

/// Rows that wait by pages, in the order they came.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    wanted: &Wanted,
    after: Option<QuarantineId>,
    limit: u32,
) -> Result<Vec<Quarantined>> {
    let mut sql = format!("{SELECT} WHERE company_id = $1 AND id > $2 AND state = 'open'");
    let after = after.map_or(Uuid::nil(), QuarantineId::uuid);
    let mut binds = binds![company, after, limit].to_vec();
    if let Some(import) = wanted.import {
        binds.push(import.into());
        sql.push_str(&format!(" AND import_id = ${}", binds.len()));
    }
    if let Some(field) = &wanted.field {
        binds.push(field.into());
        sql.push_str(&format!(" AND field = ${}", binds.len()));
    }
    sql.push_str(" ORDER BY id LIMIT $3");
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// How many rows wait, counted up to a limit.
///
/// # Errors
/// What the database says.
pub async fn waiting(on: impl Access, company: CompanyId, limit: u32) -> Result<u32> {
    const SQL: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT 1 FROM quarantine \
        WHERE company_id = $1 AND state = 'open' LIMIT $2) AS waiting";
    let count = first(on, SQL, &binds![company, limit], FromRow::from_row).await?;
    Ok(count.unwrap_or(0))
}

/// The columns with which rows that wait have a problem, each with how many, most first.
///
/// # Errors
/// What the database says.
pub async fn fields(on: impl Access, company: CompanyId, limit: u32) -> Result<Vec<(String, u32)>> {
    const SQL: &str = "SELECT field, CAST(COUNT(*) AS BIGINT) FROM quarantine \
        WHERE company_id = $1 AND state = 'open' GROUP BY field ORDER BY 2 DESC, 1 LIMIT $2";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    rows(on, SQL, &binds![company, limit], read).await
}

/// Takes a row out for good: a person says why it need not be read.
///
/// # Errors
/// [`StoreError::Missing`] when it does not wait.
pub async fn dismiss(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    id: QuarantineId,
    why: &str,
) -> Result<()> {
    const SQL: &str = "UPDATE quarantine SET state = 'superseded', dismissed = $3 \
        WHERE company_id = $1 AND id = $2 AND state = 'open'";
    if run(&mut *tx, SQL, &binds![company, id, why]).await? == 0 {
        return Err(StoreError::Missing {
            what: "row in quarantine",
            key: id.to_string(),
        });
    }
    let body = json!({ "before": { "state": "open" }, "after": { "dismissed": why } });
    let entity = Some(id.uuid());
    events::append(tx, stamp, company, "quarantine.dismissed", entity, &body).await
}

/// The row of that id, if it waits.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    id: QuarantineId,
) -> Result<Option<Quarantined>> {
    let sql = format!("{SELECT} WHERE company_id = $1 AND id = $2 AND state = 'open'");
    first(on, &sql, &binds![company, id], FromRow::from_row).await
}

/// Takes a row out of quarantine.
///
/// # Errors
/// [`StoreError::Missing`] when it does not wait.
pub async fn leave(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    id: QuarantineId,
    how: Leaving,
) -> Result<()> {
    const SQL: &str = "UPDATE quarantine SET state = $3 \
        WHERE company_id = $1 AND id = $2 AND state = 'open'";
    let state = match how {
        Leaving::Fixed => "fixed",
        Leaving::Superseded => "superseded",
    };
    if run(&mut *tx, SQL, &binds![company, id, state]).await? == 0 {
        return Err(StoreError::Missing {
            what: "row in quarantine",
            key: id.to_string(),
        });
    }
    let body = json!({ "before": { "state": "open" }, "after": { "state": state } });
    events::append(
        tx,
        stamp,
        company,
        "quarantine.left",
        Some(id.uuid()),
        &body,
    )
    .await
}

/// Keeps what was corrected so far of a row that still cannot be read.
///
/// # Errors
/// [`StoreError::Missing`] when it does not wait.
pub async fn change(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    id: QuarantineId,
    row: &QuarantinedRow,
) -> Result<()> {
    const SQL: &str = "UPDATE quarantine SET field = $3, reason = $4, raw = $5 \
        WHERE company_id = $1 AND id = $2 AND state = 'open'";
    let binds = binds![company, id, &row.field, &row.reason, &row.raw];
    if run(&mut *tx, SQL, &binds).await? == 0 {
        return Err(StoreError::Missing {
            what: "row in quarantine",
            key: id.to_string(),
        });
    }
    let body = json!({ "after": { "field": row.field, "reason": row.reason } });
    events::append(
        tx,
        stamp,
        company,
        "quarantine.corrected",
        Some(id.uuid()),
        &body,
    )
    .await
}

/// Rows that wait from earlier imports of the very same file: its content, not its name.
///
/// # Errors
/// What the database says.
pub async fn of_file(
    on: impl Access,
    company: CompanyId,
    file_digest: &[u8; 32],
) -> Result<Vec<(QuarantineId, [u8; 32])>> {
    const SQL: &str = "SELECT q.id, q.digest FROM quarantine q \
        JOIN imports i ON i.company_id = q.company_id AND i.id = q.import_id \
        WHERE q.company_id = $1 AND q.state = 'open' AND i.digest = $2 ORDER BY q.id";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    rows(on, SQL, &binds![company, file_digest], read).await
}
