//! Readings of files, and how the columns of a source are read.

use domain::{CompanyId, ImportId};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Where a reading stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// Uploaded; a person looks at how it would be read.
    Draft,
    /// Being read, or cut short while it was.
    Running,
    /// Read to its end.
    Done,
    /// Stopped between two parts by a person; what was written stays.
    Cancelled,
    /// Stopped by an error; what was written stays.
    Failed,
    /// Everything it made is gone.
    Undone,
}

impl ImportState {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Undone => "undone",
        }
    }
}

impl FromRow for ImportState {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let text: String = row.get()?;
        [
            Self::Draft,
            Self::Running,
            Self::Done,
            Self::Cancelled,
            Self::Failed,
            Self::Undone,
        ]
        .into_iter()
        .find(|state| state.code() == text)
        .ok_or(StoreError::Unreadable {
            column: 0,
            found: text,
        })
    }
}

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
    /// When it began; of a draft, when it was uploaded.
    pub started_at: Timestamp,
    /// When it ended; `None` when it was cut short or still runs.
    pub finished_at: Option<Timestamp>,
    /// Where it stands.
    pub state: ImportState,
    /// Where the uploaded file lies until it is read.
    pub path: Option<String>,
    /// Its size in bytes, where it was uploaded.
    pub size_bytes: Option<i64>,
    /// What a person said of it; an object.
    pub options: Value,
    /// Figures while it runs; an object.
    pub progress: Value,
    /// The last sign of life of whoever reads it.
    pub beat_at: Option<Timestamp>,
    /// Whether somebody asked to stop it.
    pub cancel_asked: bool,
    /// Why it failed.
    pub problem: Option<String>,
}

const COLUMNS: &str = "id, file, digest, summary, author, started_at, finished_at, state, path, \
    size_bytes, options, progress, beat_at, cancel_asked, problem";

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
            state: row.get()?,
            path: row.get()?,
            size_bytes: row.get()?,
            options: row.get()?,
            progress: row.get()?,
            beat_at: row.get()?,
            cancel_asked: row.get()?,
            problem: row.get()?,
        })
    }
}

/// Begins an import of a file that lies where it is.
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
        (company_id, id, file, digest, summary, author, started_at, state, beat_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'running', $7)";
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

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its name.
    pub file: String,
    /// SHA-256 of it.
    pub digest: [u8; 32],
    /// Where it lies.
    pub path: String,
    /// Its size.
    pub size_bytes: i64,
}

/// Keeps an uploaded file as a draft.
///
/// # Errors
/// What the database says.
pub async fn draft(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    draft: &Draft,
) -> Result<ImportId> {
    const SQL: &str = "INSERT INTO imports \
        (company_id, id, file, digest, summary, author, started_at, state, path, size_bytes) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9)";
    let id = ImportId::from_uuid(stamp.ids.draw());
    let empty = json!({});
    let binds = binds![
        company,
        id,
        &draft.file,
        &draft.digest,
        &empty,
        &stamp.author,
        stamp.at,
        &draft.path,
        draft.size_bytes,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": { "file": draft.file, "bytes": draft.size_bytes } });
    events::append(
        tx,
        stamp,
        company,
        "import.uploaded",
        Some(id.uuid()),
        &body,
    )
    .await?;
    Ok(id)
}

/// Keeps what a person says of a draft.
///
/// # Errors
/// [`StoreError::Missing`] when it is no draft.
pub async fn set_options(
    tx: &mut Tx,
    company: CompanyId,
    import: ImportId,
    options: &Value,
) -> Result<()> {
    const SQL: &str = "UPDATE imports SET options = $3 \
        WHERE company_id = $1 AND id = $2 AND state = 'draft'";
    let changed = run(tx, SQL, &binds![company, import, options]).await?;
    found(changed, import)
}

/// Forgets a draft.
///
/// # Errors
/// [`StoreError::Missing`] when it is no draft.
pub async fn discard(tx: &mut Tx, company: CompanyId, import: ImportId) -> Result<()> {
    const SQL: &str = "DELETE FROM imports \
        WHERE company_id = $1 AND id = $2 AND state = 'draft'";
    let gone = run(tx, SQL, &binds![company, import]).await?;
    found(gone, import)
}

/// Takes a draft up to read it; only one can.
///
/// # Errors
/// [`StoreError::Missing`] when it is no draft, or no longer.
pub async fn begin(tx: &mut Tx, stamp: &Stamp, company: CompanyId, import: ImportId) -> Result<()> {
    const SQL: &str = "UPDATE imports \
        SET state = 'running', started_at = $3, beat_at = $3, author = $4 \
        WHERE company_id = $1 AND id = $2 AND state = 'draft'";
    let taken = run(tx, SQL, &binds![company, import, stamp.at, &stamp.author]).await?;
    found(taken, import)
}

/// Gives a sign of life with the figures so far. Says whether somebody asked to stop.
///
/// # Errors
/// What the database says.
pub async fn beat(
    tx: &mut Tx,
    company: CompanyId,
    import: ImportId,
    progress: &Value,
    at: Timestamp,
) -> Result<bool> {
    const BEAT: &str = "UPDATE imports SET progress = $3, beat_at = $4 \
        WHERE company_id = $1 AND id = $2";
    const ASKED: &str = "SELECT cancel_asked FROM imports WHERE company_id = $1 AND id = $2";
    run(&mut *tx, BEAT, &binds![company, import, progress, at]).await?;
    let asked = first(tx, ASKED, &binds![company, import], FromRow::from_row).await?;
    Ok(asked.unwrap_or(false))
}

/// Asks whoever reads it to stop behind the part under way.
///
/// # Errors
/// [`StoreError::Missing`] when it does not run.
pub async fn ask_cancel(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    import: ImportId,
) -> Result<()> {
    const SQL: &str = "UPDATE imports SET cancel_asked = true \
        WHERE company_id = $1 AND id = $2 AND state = 'running'";
    let asked = run(&mut *tx, SQL, &binds![company, import]).await?;
    found(asked, import)?;
    let body = json!({ "after": { "cancel_asked": true } });
    events::append(
        tx,
        stamp,
        company,
        "import.cancelled",
        Some(import.uuid()),
        &body,
    )
    .await
}

fn found(changed: u64, import: ImportId) -> Result<()> {
    if changed > 0 {
        return Ok(());
    }
    Err(StoreError::Missing {
        what: "import in that state",
        key: import.to_string(),
    })
}

/// Ends an import with its figures.
///
/// # Errors
/// What the database says.
pub async fn finish(
    tx: &mut Tx,
    company: CompanyId,
    import: ImportId,
    (state, problem): (ImportState, Option<&str>),
    summary: &Value,
    at: Timestamp,
) -> Result<()> {
    const SQL: &str = "UPDATE imports SET summary = $3, finished_at = $4, state = $5, \
        problem = $6, path = NULL WHERE company_id = $1 AND id = $2";
    let binds = binds![company, import, summary, at, state.code(), problem];
    run(tx, SQL, &binds).await.map(drop)
}

/// The import of that id.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, company: CompanyId, import: ImportId) -> Result<Option<Import>> {
    let sql = format!("SELECT {COLUMNS} FROM imports WHERE company_id = $1 AND id = $2");
    first(on, &sql, &binds![company, import], FromRow::from_row).await
}

/// The latest imports, newest first.
///
/// # Errors
/// What the database says.
pub async fn latest(on: impl Access, company: CompanyId, limit: u32) -> Result<Vec<Import>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM imports WHERE company_id = $1 \
         ORDER BY started_at DESC, id DESC LIMIT $2"
    );
    rows(on, &sql, &binds![company, limit], FromRow::from_row).await
}

/// Imports by pages, those uploaded last first.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    before: Option<ImportId>,
    limit: u32,
) -> Result<Vec<Import>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM imports WHERE company_id = $1 AND id < $2 \
         ORDER BY id DESC LIMIT $3"
    );
    let before = before.map_or(Uuid::max(), ImportId::uuid);
    rows(on, &sql, &binds![company, before, limit], FromRow::from_row).await
}

/// Keeps that an import changed something beside the ledger, so that undoing it brings it back:
/// a row in `quarantine` it superseded, a `mappings` entry, a hold it ended (`hold_ends`).
///
/// # Errors
/// What the database says.
pub async fn note_change(
    tx: &mut Tx,
    stamp: &Stamp,
    (company, import): (CompanyId, ImportId),
    (entity, id): (&str, Uuid),
    before: &Value,
) -> Result<()> {
    const SQL: &str = "INSERT INTO import_changes \
        (company_id, import_id, entity, entity_id, part, before, after) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let part = stamp.ids.draw();
    let after: &[u8] = &[];
    let binds = binds![company, import, entity, id, part, before, after];
    run(tx, SQL, &binds).await.map(drop)
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

/// Keeps how a source with these columns is read. Gives what was kept before, with its author and
/// instant, for [`note_change`]; nothing when it is the very same.
///
/// # Errors
/// What the database says.
pub async fn put_mapping(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    signature: &str,
    mapping: &Value,
) -> Result<Option<Value>> {
    const KEPT: &str = "SELECT mapping, author, recorded_at FROM mappings \
        WHERE company_id = $1 AND signature = $2";
    const SQL: &str = "INSERT INTO mappings (company_id, signature, mapping, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (company_id, signature) DO UPDATE SET \
        mapping = excluded.mapping, author = excluded.author, recorded_at = excluded.recorded_at";
    let read = |row: &mut Row<'_>| {
        let kept: (Value, String, i64) = (row.get()?, row.get()?, row.get()?);
        Ok(kept)
    };
    let kept = first(&mut *tx, KEPT, &binds![company, signature], read).await?;
    let before = match kept {
        Some((kept, ..)) if kept == *mapping => return Ok(None),
        Some((kept, author, at)) => json!({
            "signature": signature, "mapping": kept, "author": author, "recorded_at": at,
        }),
        None => json!({ "signature": signature, "mapping": null }),
    };
    let binds = binds![company, signature, mapping, &stamp.author, stamp.at];
    run(tx, SQL, &binds).await?;
    Ok(Some(before))
}

/// How every source of a company is read.
///
/// # Errors
/// What the database says.
pub async fn mappings(on: impl Access, company: CompanyId) -> Result<Vec<Value>> {
    const SQL: &str = "SELECT mapping FROM mappings WHERE company_id = $1 ORDER BY signature";
    rows(on, SQL, &binds![company], FromRow::from_row).await
}
