//! Readings of files, and how the columns of a source are read.

use domain::{CompanyId, ImportId};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// One reading of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// Our id.
    pub id: ImportId,
    /// File name.
    pub file: String,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// Its figures; an object.
    pub summary: Value,
    /// Who brought it.
    pub author: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` when it was cut short or still runs.
    pub finished_at: Option<Timestamp>,
}

impl FromRow for Import {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            file: row.get()?,
            digest: row.get()?,
            summary: row.get()?,
            author: row.get()?,
            started_at: row.get()?,
            finished_at: row.get()?,
        })
    }
}

/// Begins an import.
///
/// # Errors
/// What the database says.
pub async fn start(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    file: &str,
    digest: &[u8; 32],
) -> Result<ImportId> {
    const SQL: &str = "INSERT INTO imports \
        (company_id, id, file, digest, summary, author, started_at, finished_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
    let id = ImportId::from_uuid(stamp.ids.draw());
    let empty = json!({});
    run(
        tx,
        SQL,
        &binds![company, id, file, digest, &empty, &stamp.author, stamp.at],
    )
    .await?;
    Ok(id)
}

/// Ends an import with its figures.
///
/// # Errors
/// What the database says.
pub async fn finish(
    tx: &mut Tx,
    company: CompanyId,
    import: ImportId,
    summary: &Value,
    at: Timestamp,
) -> Result<()> {
    const SQL: &str = "UPDATE imports SET summary = $3, finished_at = $4 \
        WHERE company_id = $1 AND id = $2";
    run(tx, SQL, &binds![company, import, summary, at])
        .await
        .map(drop)
}

/// The latest imports, newest first.
///
/// # Errors
/// What the database says.
pub async fn latest(on: impl Access, company: CompanyId, limit: u32) -> Result<Vec<Import>> {
    const SQL: &str = "SELECT id, file, digest, summary, author, started_at, finished_at \
        FROM imports WHERE company_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2";
    rows(on, SQL, &binds![company, limit], FromRow::from_row).await
}

/// How a source with these columns is read, if it was learned or corrected before.
///
/// # Errors
/// What the database says.
pub async fn mapping(
    on: impl Access,
    company: CompanyId,
    signature: &str,
) -> Result<Option<Value>> {
    const SQL: &str = "SELECT mapping FROM mappings WHERE company_id = $1 AND signature = $2";
    first(on, SQL, &binds![company, signature], FromRow::from_row).await
}

/// Keeps how a source with these columns is read.
///
/// # Errors
/// What the database says.
pub async fn put_mapping(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    signature: &str,
    mapping: &Value,
) -> Result<()> {
    const SQL: &str = "INSERT INTO mappings (company_id, signature, mapping, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (company_id, signature) DO UPDATE SET \
        mapping = excluded.mapping, author = excluded.author, recorded_at = excluded.recorded_at";
    let binds = binds![company, signature, mapping, &stamp.author, stamp.at];
    run(tx, SQL, &binds).await.map(drop)
}
