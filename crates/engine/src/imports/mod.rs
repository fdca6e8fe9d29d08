//! Files in: bytes → facts (formats) → the ledger (store), in chunks, the same file twice without
//! effect. What cannot be read waits in quarantine with file, row, field and reason.

mod ahead;
mod bank;
mod drafts;
mod guess;
mod job;
mod meaning;
mod preview;
mod report;
mod retry;
mod walk;

use std::collections::HashSet;
use std::io::{BufReader, Read as IoRead, Seek};
use std::path::Path;

use domain::ids::{CustomerId, ImportId};
use formats::spreadsheet::{self, Options, Read, TableProfile};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::imports::{self, ImportState};
use store::quarantine::{self, Leaving};

use crate::company::Company;
use crate::{Engine, Error, Result};
use ahead::{CHUNK_ROWS, Rows};
use walk::Walk;

pub use drafts::{SaidOfFile, UPLOAD_BYTES_MAX, Upload};
pub use formats::amount::DecimalMark;
pub use formats::date::DateOrder;
pub use formats::spreadsheet::{Entity, Field, Mapping};
pub use guess::{Guess, guess, order};
pub use meaning::{DISPUTED_IN_FILE, customer_key};
pub use preview::{Cell, Preview, PreviewRow, PreviewTable};
pub use report::{EntityCounts, ImportReport, QuarantinedEntry, TableRead};
pub use retry::{RetryReport, WaitingRow};

/// What goes on while a file is read, for a progress bar.
pub trait Progress: Send {
    /// So many rows are behind us.
    fn rows(&mut self, done: u64);
}

impl Progress for () {
    fn rows(&mut self, _done: u64) {}
}

/// A file to be read.
pub struct Source<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What the user said about it.
    pub options: Options,
    /// The name its owner knows it by, where that is not the file's own.
    pub title: Option<String>,
}

impl Source<'_> {
    fn name(&self) -> String {
        if let Some(title) = &self.title {
            return title.clone();
        }
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    fn open(&self) -> Result<BufReader<std::fs::File>> {
        std::fs::File::open(self.path)
            .map(BufReader::new)
            .map_err(|source| Error::File {
                path: self.path.to_owned(),
                source,
            })
    }
}

/// Whether a file is a bank statement.
///
/// # Errors
/// [`Error::File`] when it cannot be opened.
pub fn is_statement(source: &Source<'_>) -> Result<bool> {
    bank::is_statement(source)
}

/// Reads a file without a database: what it holds and what would be quarantined.
///
/// # Errors
/// [`Error::File`] and [`Error::Format`] when the file cannot be opened as a spreadsheet.
pub fn dry_run(source: &Source<'_>, progress: &mut dyn Progress) -> Result<ImportReport> {
    if bank::is_statement(source)? {
        return bank::dry(source, progress);
    }
    let mut report = ImportReport::default();
    let profile = profile(source)?;
    report.refused(&source.name(), &profile.refused);
    for table in &profile.tables {
        report.table(&source.name(), table);
        read_table(source, table, &mut report, |rows, report| {
            progress.rows(report.read);
            for (_, record) in rows.drain(..) {
                report.would_create(&record);
            }
            Ok(())
        })?;
    }
    Ok(report)
}

impl Engine {
    /// Reads a file into the company's ledger and lays what its payments pay by the policy's rule.
    ///
    /// # Errors
    /// [`Error::File`] and [`Error::Format`] when the file cannot be opened as a spreadsheet, and
    /// what the database says; chunks committed before stay.
    pub async fn import(
        &self,
        company: &Company,
        mut source: Source<'_>,
        author: &str,
        progress: &mut dyn Progress,
    ) -> Result<ImportReport> {
        if bank::is_statement(&source)? {
            let read = self.import_statement(company, &source, author, progress);
            return Ok(read.await?.report);
        }
        self.prepare(company, &mut source.options).await?;
        let profile = profile(&source)?;
        let digest = digest_of(source.open()?)?;
        let mut tx = self.db.begin().await?;
        let stamp = self.stamp(author);
        let id = imports::start(&mut tx, &stamp, company.id, &source.name(), &digest).await?;
        tx.commit().await?;
        let begun = Begun { id, digest };
        self.read(company, begun, (&source, profile), author, progress)
            .await
    }

    /// Adds what the company knows to what was said of a file.
    async fn prepare(&self, company: &Company, options: &mut Options) -> Result<()> {
        options.assumed_currency = Some(company.currency);
        options.mappings.extend(self.mappings(company).await?);
        Ok(())
    }

    /// Reads a file whose import has begun, to its end or until somebody asks to stop.
    async fn read(
        &self,
        company: &Company,
        begun: Begun,
        (source, mut profile): (&Source<'_>, spreadsheet::FileProfile),
        author: &str,
        progress: &mut dyn Progress,
    ) -> Result<ImportReport> {
        let mut report = ImportReport::default();
        profile
            .tables
            .sort_by_key(|table| guess::rank(table.mapping.entity));
        report.refused(&source.name(), &profile.refused);
        self.owe_figures(company, begun.id).await?;
        let mut walk = Walk::new(self, company, begun.id, source.name(), author);
        walk.rows = profile.tables.iter().map(|table| table.rows).sum();
        for table in &profile.tables {
            report.table(&source.name(), table);
            self.keep_mapping(company, begun.id, &table.mapping, author)
                .await?;
            walk.table(source, table, &mut report, progress).await?;
            if walk.cancelled {
                break;
            }
        }
        let Walk {
            touched,
            waiting,
            cancelled,
            ..
        } = walk;
        if !cancelled {
            self.supersede(company, &begun, &waiting, author).await?;
        }
        let touched: Vec<CustomerId> = touched.into_iter().collect();
        report.applied = self
            .apply_imported(company, Some(begun.id), &touched, author)
            .await?;
        self.take_figures(company, Some(begun.id), &touched).await?;
        let summary = report.summary();
        let state = if cancelled {
            ImportState::Cancelled
        } else {
            ImportState::Done
        };
        let mut tx = self.db.begin().await?;
        let ended = (state, None);
        imports::finish(&mut tx, company.id, begun.id, ended, &summary, self.now()).await?;
        tx.commit().await?;
        Ok(report)
    }

    /// Takes rows of earlier readings of this very file out of quarantine, unless this reading
    /// could not read them either.
    async fn supersede(
        &self,
        company: &Company,
        begun: &Begun,
        waiting: &HashSet<[u8; 32]>,
        author: &str,
    ) -> Result<()> {
        let earlier = quarantine::of_file(&self.db, company.id, &begun.digest).await?;
        let was = json!({ "state": "open" });
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        for (id, _) in earlier
            .iter()
            .filter(|(_, digest)| !waiting.contains(digest))
        {
            quarantine::leave(&mut tx, &stamp, company.id, *id, Leaving::Superseded).await?;
            let (own, row) = ((company.id, begun.id), ("quarantine", id.uuid()));
            imports::note_change(&mut tx, &stamp, own, row, &was).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn mappings(&self, company: &Company) -> Result<Vec<Mapping>> {
        let kept = imports::mappings(&self.db, company.id).await?;
        Ok(kept
            .into_iter()
            .filter_map(|value| serde_json::from_value(value).ok())
            .collect())
    }

    async fn keep_mapping(
        &self,
        company: &Company,
        import: ImportId,
        mapping: &Mapping,
        author: &str,
    ) -> Result<()> {
        let value = serde_json::to_value(mapping).map_err(Error::json)?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let signature = &mapping.header_signature;
        let before = imports::put_mapping(&mut tx, &stamp, company.id, signature, &value).await?;
        if let Some(before) = before {
            let (own, entry) = ((company.id, import), ("mappings", stamp.ids.draw()));
            imports::note_change(&mut tx, &stamp, own, entry, &before).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// An import that has begun.
struct Begun {
    id: ImportId,
    /// SHA-256 of its file.
    digest: [u8; 32],
}

fn profile(source: &Source<'_>) -> Result<spreadsheet::FileProfile> {
    Ok(spreadsheet::profile(
        source.open()?,
        &source.name(),
        &source.options,
    )?)
}

/// Reads a table chunk by chunk without a database.
fn read_table(
    source: &Source<'_>,
    table: &TableProfile,
    report: &mut ImportReport,
    mut chunk: impl FnMut(&mut Rows, &mut ImportReport) -> Result<()>,
) -> Result<()> {
    let mut records = spreadsheet::records(source.open()?, table)?;
    let mut rows: Rows = Vec::with_capacity(CHUNK_ROWS);
    for read in records.by_ref() {
        report.read += 1;
        match read? {
            Read::Record { row, record } => rows.push((row, record)),
            Read::Quarantined(quarantined) => report.quarantine(&source.name(), &quarantined),
        }
        if rows.len() >= CHUNK_ROWS {
            chunk(&mut rows, report)?;
        }
    }
    chunk(&mut rows, report)?;
    report.warn(&source.name(), records.warnings());
    Ok(())
}

fn digest_of(mut reader: impl IoRead + Seek) -> Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = reader
            .read(&mut buffer)
            .map_err(spreadsheet::FormatError::Io)?;
        if read == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&buffer[..read]);
    }
}
