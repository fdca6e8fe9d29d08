//! Files in: bytes → facts (formats) → the ledger (store), in chunks, the same file twice without
//! effect. What cannot be read waits in quarantine with file, row, field and reason.

mod ahead;
mod drafts;
mod guess;
mod job;
mod meaning;
mod preview;
mod report;
mod retry;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{BufReader, Read as IoRead, Seek};
use std::path::Path;

use domain::ids::{CustomerId, HoldId, ImportId};
use formats::spreadsheet::{self, Options, Quarantined, Read, Record, TableProfile};
use jiff::civil::Date;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::bulk::{self, ImportChunk, QuarantinedRow};
use store::customers::{self, Identities};
use store::documents::KnownDocument;
use store::holds;
use store::imports::{self, ImportState};
use store::quarantine::{self, Leaving};

use crate::company::Company;
use crate::{Engine, Error, Result};
use ahead::{CHUNK_ROWS, Part, Rows};
use meaning::{Disputes, Meaning, Meaningless, SETTLED_IN_FILE};

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

/// Reads a file without a database: what it holds and what would be quarantined.
///
/// # Errors
/// [`Error::File`] and [`Error::Format`] when the file cannot be opened as a spreadsheet.
pub fn dry_run(source: &Source<'_>, progress: &mut dyn Progress) -> Result<ImportReport> {
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

/// One file on its way into the ledger.
struct Walk<'a> {
    engine: &'a Engine,
    company: &'a Company,
    import: ImportId,
    file: String,
    author: &'a str,
    today: Date,
    references: HashMap<[u8; 16], u32>,
    touched: BTreeSet<CustomerId>,
    /// Rows of the table under way that could be read and not be taken, with what is wrong.
    not_taken: BTreeMap<u64, spreadsheet::Problem>,
    /// Disputes that the rows of the chunk under way say are settled.
    settled: Vec<HoldId>,
    /// Digests of the rows that this reading put in quarantine, or found there.
    waiting: HashSet<[u8; 32]>,
    /// Rows of all its tables, as the first pass counted them.
    rows: u64,
    /// Whether somebody asked to stop.
    cancelled: bool,
    /// What tables in front of this one tell and the ledger does not know, when nothing is written.
    foreseen: Foreseen,
}

impl Foreseen {
    /// Adds it to what the ledger knows.
    fn add_to(&self, known: &mut HashMap<String, KnownDocument>, people: &mut Identities) {
        for (number, document) in &self.documents {
            let absent = || document.clone();
            known.entry(number.clone()).or_insert_with(absent);
        }
        let add = |from: &HashMap<String, String>, to: &mut HashMap<String, String>| {
            for (word, key) in from {
                to.entry(word.clone()).or_insert_with(|| key.clone());
            }
        };
        add(&self.people.by_tax_id, &mut people.by_tax_id);
        add(&self.people.by_name, &mut people.by_name);
    }
}

/// What is told and not written.
#[derive(Default)]
struct Foreseen {
    documents: HashMap<String, KnownDocument>,
    people: Identities,
}

impl<'a> Walk<'a> {
    fn new(
        engine: &'a Engine,
        company: &'a Company,
        import: ImportId,
        file: String,
        author: &'a str,
    ) -> Self {
        Self {
            engine,
            company,
            import,
            file,
            author,
            today: company.day_of(engine.now()),
            references: HashMap::new(),
            touched: BTreeSet::new(),
            not_taken: BTreeMap::new(),
            settled: Vec::new(),
            waiting: HashSet::new(),
            rows: 0,
            cancelled: false,
            foreseen: Foreseen::default(),
        }
    }

    /// Gives a sign of life and asks whether to go on.
    async fn beat(&mut self, report: &ImportReport) -> Result<()> {
        let mut figures = report.summary();
        figures["rows"] = json!(self.rows);
        let (engine, company) = (self.engine, self.company.id);
        let mut tx = engine.db.begin().await?;
        let beat = imports::beat(&mut tx, company, self.import, &figures, engine.now());
        self.cancelled = beat.await?;
        tx.commit().await?;
        Ok(())
    }

    async fn table(
        &mut self,
        source: &Source<'_>,
        table: &TableProfile,
        report: &mut ImportReport,
        progress: &mut dyn Progress,
    ) -> Result<()> {
        let mut parts = ahead::read(source.open()?, table.clone());
        loop {
            match ahead::next(&mut parts).await? {
                Part::Rows(rows, waiting) => {
                    report.read += (rows.len() + waiting.len()) as u64;
                    self.chunk(table, rows, waiting, report).await?;
                    progress.rows(report.read);
                    self.beat(report).await?;
                    if self.cancelled {
                        break;
                    }
                }
                Part::End(warnings) => {
                    report.warn(&self.file, &warnings);
                    break;
                }
            }
        }
        self.keep_not_taken(source, table, report).await
    }

    async fn chunk(
        &mut self,
        table: &TableProfile,
        rows: Rows,
        waiting: Vec<Quarantined>,
        report: &mut ImportReport,
    ) -> Result<()> {
        let (chunk, meaningless) = self.meaning(&rows).await?;
        for (row, field, reason) in meaningless {
            self.not_taken
                .insert(row, spreadsheet::Problem { field, reason });
        }
        let quarantined: Vec<QuarantinedRow> = waiting
            .iter()
            .map(|row| self.quarantined(table, row, report))
            .collect();
        let chunk = ImportChunk {
            import: Some(self.import),
            quarantined,
            ..chunk
        };
        let keys: Vec<(u64, Option<String>)> = rows
            .iter()
            .map(|(row, record)| (*row, key(record).map(str::to_owned)))
            .collect();
        // What they say is in the chunk now.
        drop(rows);
        let stamp = self.engine.stamp(self.author);
        let counts = bulk::import_chunk(&self.engine.db, &stamp, self.company.id, chunk).await?;
        report.count(&counts);
        for fact in &counts.refused {
            let told = |(_, key): &&(u64, Option<String>)| key.as_deref() == Some(&fact.key);
            let row = keys.iter().find(told).map_or(0, |(row, _)| *row);
            let field = format!("{} {}", fact.entity, fact.key);
            let reason = fact.why.reason_es().to_owned();
            self.not_taken
                .insert(row, spreadsheet::Problem { field, reason });
        }
        let settled = std::mem::take(&mut self.settled);
        self.settle(&settled, report).await?;
        self.touched.extend(counts.touched);
        Ok(())
    }

    /// Keeps, cell by cell, the rows that could be read and not be taken. They are few, so the
    /// table is read once more for their cells instead of keeping those of every row.
    async fn keep_not_taken(
        &mut self,
        source: &Source<'_>,
        table: &TableProfile,
        report: &mut ImportReport,
    ) -> Result<()> {
        let mut not_taken = std::mem::take(&mut self.not_taken);
        if not_taken.is_empty() {
            return Ok(());
        }
        let mut records = spreadsheet::records(source.open()?, table)?;
        let mut waiting = Vec::with_capacity(not_taken.len());
        while !not_taken.is_empty()
            && let Some(read) = records.next().transpose()?
        {
            if let Read::Record { row, .. } = read
                && let Some(problem) = not_taken.remove(&row)
            {
                let (problems, raw) = (vec![problem], records.raw());
                waiting.push(Quarantined { row, problems, raw });
            }
        }
        let unplaced = not_taken.into_iter().map(|(row, problem)| Quarantined {
            row,
            problems: vec![problem],
            raw: Vec::new(),
        });
        waiting.extend(unplaced);
        let quarantined = waiting
            .iter()
            .map(|row| self.quarantined(table, row, report))
            .collect();
        let chunk = ImportChunk {
            quarantined,
            ..ImportChunk::default()
        };
        let stamp = self.engine.stamp(self.author);
        bulk::import_chunk(&self.engine.db, &stamp, self.company.id, chunk).await?;
        Ok(())
    }

    /// The facts of a chunk, and the rows that have no meaning.
    async fn meaning(&mut self, rows: &Rows) -> Result<(ImportChunk, Vec<(u64, String, String)>)> {
        let numbers: HashSet<&str> = rows
            .iter()
            .filter_map(|(_, record)| named(record))
            .collect();
        let numbers: Vec<&str> = numbers.into_iter().collect();
        let mut known = store::documents::known(&self.engine.db, self.company.id, &numbers).await?;
        let mut identities = self.identities(rows).await?;
        self.foreseen.add_to(&mut known, &mut identities);
        let disputes = self.disputes(rows).await?;
        let mut meaning = Meaning {
            disputes: &disputes,
            settled: Vec::new(),
            identities: &identities,
            currency: self.company.currency,
            today: self.today,
            known: &known,
            references: &mut self.references,
            laid: HashMap::new(),
            chunk: ImportChunk::default(),
            customers: HashMap::new(),
            points: HashSet::new(),
        };
        let mut meaningless = Vec::new();
        for (row, record) in rows {
            let read = match record {
                Record::Customer(customer) => meaning.customer(customer),
                Record::Document(document) => meaning.document(document),
                Record::Payment(payment) => meaning.payment(payment),
            };
            if let Err(Meaningless { field, reason }) = read {
                meaningless.push((*row, field.to_owned(), reason));
            }
        }
        self.settled.extend(meaning.settled);
        Ok((meaning.chunk, meaningless))
    }

    /// Disputes that earlier files marked on documents of which these rows say something.
    async fn disputes(&self, rows: &Rows) -> Result<Disputes> {
        let numbers: Vec<&str> = rows
            .iter()
            .filter_map(|(_, record)| match record {
                Record::Document(row) if row.disputed.is_some() => Some(row.number.as_str()),
                _ => None,
            })
            .collect();
        let company = self.company.id;
        let marked =
            holds::of_documents(&self.engine.db, company, &numbers, DISPUTED_IN_FILE).await?;
        let mut disputes = Disputes::new();
        for (number, hold, until) in marked {
            disputes.entry(number).or_default().push((hold, until));
        }
        Ok(disputes)
    }

    /// Ends the disputes that a file says are settled.
    async fn settle(&self, settled: &[HoldId], report: &mut ImportReport) -> Result<()> {
        if settled.is_empty() {
            return Ok(());
        }
        let stamp = self.engine.stamp(self.author);
        let mut tx = self.engine.db.begin().await?;
        for hold in settled {
            let company = self.company.id;
            holds::end(&mut tx, &stamp, company, *hold, self.today, SETTLED_IN_FILE).await?;
            let (own, end) = ((company, self.import), ("hold_ends", hold.uuid()));
            let was = json!({ "recorded_at": stamp.at.as_microsecond() });
            imports::note_change(&mut tx, &stamp, own, end, &was).await?;
        }
        tx.commit().await?;
        report.settled(settled.len() as u64);
        Ok(())
    }

    /// Customers the ledger knows by tax id or name, for rows that do not say their key.
    async fn identities(&self, rows: &Rows) -> Result<Identities> {
        let mut tax_ids = HashSet::new();
        let mut names = HashSet::new();
        for (_, record) in rows {
            let fields = record.customer();
            match (&fields.key, &fields.tax_id) {
                (Some(_), _) => {}
                (None, Some(tax_id)) => drop(tax_ids.insert(tax_id.normal.as_str())),
                (None, None) => names.extend(meaning::customer_name(fields)),
            }
        }
        let tax_ids: Vec<&str> = tax_ids.into_iter().collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let company = self.company.id;
        Ok(customers::identities(&self.engine.db, company, &tax_ids, &names).await?)
    }

    fn quarantined(
        &mut self,
        table: &TableProfile,
        row: &Quarantined,
        report: &mut ImportReport,
    ) -> QuarantinedRow {
        report.quarantine(&self.file, row);
        let kept = quarantined_row(
            self.import,
            &self.file,
            &table.mapping,
            table.sheet.as_deref(),
            row,
        );
        self.waiting.insert(kept.digest);
        kept
    }
}

/// A row as it waits in quarantine, with all that is needed to read it again.
fn quarantined_row(
    import: ImportId,
    file: &str,
    mapping: &Mapping,
    sheet: Option<&str>,
    row: &Quarantined,
) -> QuarantinedRow {
    let (field, reason) = report::first_problem(row);
    let raw = json!({ "mapping": mapping, "sheet": sheet, "row": row });
    let digest = Sha256::digest(format!("{file}\n{field}\n{raw}").as_bytes()).into();
    QuarantinedRow {
        import,
        file: file.to_owned(),
        row: u32::try_from(row.row).unwrap_or(u32::MAX),
        field,
        reason,
        raw,
        digest,
    }
}

/// The company's own key of what a row tells.
fn key(record: &Record) -> Option<&str> {
    match record {
        Record::Customer(customer) => customer.customer.key.as_deref(),
        Record::Document(document) => Some(&document.number),
        Record::Payment(payment) => payment.key.as_deref().or(payment.reference.as_deref()),
    }
}

/// The document a row is about, when the ledger has to be asked what it knows of it.
fn named(record: &Record) -> Option<&str> {
    match record {
        Record::Customer(_) => None,
        Record::Document(document) => {
            let settles = document.open_balance.is_some()
                || document.paid_amount.is_some()
                || document.settled.is_some()
                || document.status.is_some();
            settles.then_some(document.number.as_str())
        }
        Record::Payment(payment) => payment.document.as_deref(),
    }
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
