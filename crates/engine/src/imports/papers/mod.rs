//! E-invoices in: what tax offices' files say becomes customers, documents, payments and what they
//! say of each other. The same stamp is the same document, whatever file tells of it and in which
//! order the files come.

mod own;
mod read;
mod rows;
mod settle;
mod sort;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use domain::Currency;
use domain::customer::Country;
use domain::ids::{CustomerId, ImportId};
use formats::invoice::{self, Reading};
use formats::spreadsheet::Options;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::bulk::{self, ImportChunk, PaperCounts, QuarantinedRow};
use store::imports::{self, ImportState};

use super::report::{EntityCounts, QuarantinedEntry, TableRead};
use super::walk::Walk;
use super::{Begun, Guess, ImportReport, Progress, Source, digest_of};
use crate::company::Company;
use crate::{Engine, Error, Result};
use own::Own;
use read::Batch;
pub(super) use sort::Received;
use sort::Sorted;

/// Bytes looked at to tell an e-invoice.
const HEAD_BYTES: u64 = 64 * 1024;

/// Files of tax offices that are read as one import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperSource {
    /// The files, in the order in which they are read.
    pub paths: Vec<PathBuf>,
    /// The name of the whole.
    pub title: String,
}

impl PaperSource {
    /// One file under the name its owner gave it.
    pub fn one(path: &Path, title: &str) -> Self {
        Self {
            paths: vec![path.to_owned()],
            title: title.to_owned(),
        }
    }

    /// SHA-256 over the digests of its files.
    fn digest(&self) -> Result<[u8; 32]> {
        if let [path] = self.paths.as_slice() {
            return digest_of(open(path)?);
        }
        let mut hasher = Sha256::new();
        for path in &self.paths {
            hasher.update(digest_of(open(path)?)?);
        }
        Ok(hasher.finalize().into())
    }

    /// The name an entry is told by.
    fn name_of(&self, path: &Path) -> String {
        match self.paths.as_slice() {
            [_] => self.title.clone(),
            _ => name_of(path),
        }
    }
}

/// Whether a file is read as e-invoices: by its content, never by its name alone.
///
/// # Errors
/// [`Error::File`] when it cannot be opened.
pub fn is_paper(path: &Path) -> Result<bool> {
    Ok(kind_of_file(path)?.is_some())
}

/// The same, of a PDF only when there is an invoice in it.
///
/// # Errors
/// [`Error::File`] when it cannot be opened.
pub(super) fn holds_paper(path: &Path) -> Result<bool> {
    match kind_of_file(path)? {
        Some(invoice::Kind::Pdf) => {
            let found = invoice::open(open(path)?, &name_of(path));
            Ok(found.is_ok_and(|mut found| found.any(|it| it.outcome.is_ok())))
        }
        kind => Ok(kind.is_some()),
    }
}

fn kind_of_file(path: &Path) -> Result<Option<invoice::Kind>> {
    let mut head = Vec::new();
    let failed = |source| Error::File {
        path: path.to_owned(),
        source,
    };
    let mut reader = open(path)?.take(HEAD_BYTES);
    reader.read_to_end(&mut head).map_err(failed)?;
    Ok(invoice::sniff(&head, &name_of(path)))
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn open(path: &Path) -> Result<BufReader<File>> {
    let source = Source {
        path,
        options: Options::default(),
        title: None,
    };
    source.open()
}

/// Looks at e-invoices for the country of who issued them and the currency of most.
///
/// # Errors
/// [`Error::File`] when a file cannot be opened.
pub fn guess_papers(source: &PaperSource) -> Result<Guess> {
    let mut countries: BTreeMap<Country, u64> = BTreeMap::new();
    let mut currencies: BTreeMap<Currency, u64> = BTreeMap::new();
    read::each(source, &mut |found| {
        let country = match &found.outcome {
            Ok(Reading::Invoice(it)) => {
                *currencies.entry(it.payable.currency).or_default() += 1;
                it.issuer.country.or_else(|| rows::country_of(it.standard))
            }
            Ok(Reading::Receipt(it)) => it.issuer.country.or_else(|| rows::country_of(it.standard)),
            Ok(Reading::Event(it)) => rows::country_of(it.standard),
            _ => None,
        };
        if let Some(country) = country {
            *countries.entry(country).or_default() += 1;
        }
        Ok(())
    })?;
    Ok(Guess {
        country: most(&countries),
        currency: most(&currencies),
    })
}

fn most<T: Copy + Ord>(counts: &BTreeMap<T, u64>) -> Option<T> {
    let most = counts
        .iter()
        .max_by_key(|(value, count)| (**count, **value));
    most.map(|(value, _)| *value)
}

/// Reads e-invoices without a database: what they hold and what would be quarantined.
///
/// # Errors
/// [`Error::File`] when a file cannot be opened.
pub fn dry_run_papers(source: &PaperSource, progress: &mut dyn Progress) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    let mut tally = Tally::default();
    let mut own = Own::default();
    own.learn(source)?;
    read::each(source, &mut |found| {
        report.read += 1;
        match sort::kind_of(&own, found) {
            Ok(kind) => {
                for (entity, count) in kind.entities() {
                    report.tally(entity, created(count));
                }
                tally.add(&kind);
            }
            Err(fault) => report.quarantined.push(entry(&fault)),
        }
        progress.rows(report.read);
        Ok(())
    })?;
    tally.tell(&source.title, &mut report);
    report.tables.push(table(&source.title));
    Ok(report)
}

const fn created(created: u64) -> EntityCounts {
    EntityCounts {
        created,
        updated: 0,
        unchanged: 0,
    }
}

fn table(title: &str) -> TableRead {
    TableRead {
        file: title.to_owned(),
        sheet: None,
        entity: "einvoices",
        columns: Vec::new(),
    }
}

impl Engine {
    /// Reads e-invoices into the company's ledger: what is its own becomes documents and payments,
    /// what others issued to it is counted and left.
    ///
    /// # Errors
    /// [`Error::File`] when a file cannot be opened, and what the database says; chunks committed
    /// before stay.
    pub async fn import_papers(
        &self,
        company: &Company,
        source: PaperSource,
        author: &str,
        progress: &mut dyn Progress,
    ) -> Result<ImportReport> {
        let digest = source.digest()?;
        let mut tx = self.db.begin().await?;
        let stamp = self.stamp(author);
        let id = imports::start(&mut tx, &stamp, company.id, &source.title, &digest).await?;
        tx.commit().await?;
        let begun = Begun { id, digest };
        self.read_papers(company, begun, source, author, progress)
            .await
    }

    /// Reads e-invoices whose import has begun, to the end or until somebody asks to stop.
    pub(super) async fn read_papers(
        &self,
        company: &Company,
        begun: Begun,
        source: PaperSource,
        author: &str,
        progress: &mut dyn Progress,
    ) -> Result<ImportReport> {
        let mut report = ImportReport::default();
        report.tables.push(table(&source.title));
        let own = self.own(company, &source, author, &mut report).await?;
        self.owe_figures(company, begun.id).await?;
        let title = source.title.clone();
        let walk = Walk::new(self, company, begun.id, title.clone(), author);
        let mut papers = Papers {
            engine: self,
            company,
            import: begun.id,
            author,
            own,
            walk,
            tally: Tally::default(),
            named: BTreeSet::new(),
            waiting: HashSet::new(),
            cancelled: false,
        };
        let mut batches = read::ahead(source);
        while let Some(batch) = read::next(&mut batches).await? {
            papers.batch(batch, &mut report).await?;
            progress.rows(report.read);
            papers.beat(&report).await?;
            if papers.cancelled {
                break;
            }
        }
        let Papers {
            tally,
            named,
            waiting,
            cancelled,
            ..
        } = papers;
        drop(batches);
        if !cancelled {
            self.supersede(company, &begun, &waiting, author).await?;
        }
        tally.tell(&title, &mut report);
        let named: Vec<CustomerId> = named.into_iter().collect();
        let settling = (Some(begun.id), named.as_slice());
        let settled = self.settle_papers(company, settling, author).await?;
        report.count(&settled);
        report.applied = self
            .apply_imported(company, Some(begun.id), &named, author)
            .await?;
        self.take_figures(company, Some(begun.id), &named).await?;
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
}

/// E-invoices on their way into the ledger.
struct Papers<'a> {
    engine: &'a Engine,
    company: &'a Company,
    import: ImportId,
    author: &'a str,
    own: Own,
    walk: Walk<'a>,
    tally: Tally,
    /// Customers whose papers these are.
    named: BTreeSet<CustomerId>,
    /// Digests of what waits in quarantine.
    waiting: HashSet<[u8; 32]>,
    cancelled: bool,
}

impl Papers<'_> {
    async fn beat(&mut self, report: &ImportReport) -> Result<()> {
        let figures = report.summary();
        let (company, now) = (self.company.id, self.engine.now());
        let mut tx = self.engine.db.begin().await?;
        self.cancelled = imports::beat(&mut tx, company, self.import, &figures, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes a part: first the ledger's rows, then what is said beside them.
    async fn batch(&mut self, batch: Batch, report: &mut ImportReport) -> Result<()> {
        report.read += batch.len() as u64;
        let Sorted {
            rows,
            received,
            mut papers,
            customers,
            faults,
            warnings,
            tally,
        } = self.sort(batch).await?;
        self.tally.merge(tally);
        report.warnings.extend(warnings);
        let mut quarantined: Vec<QuarantinedRow> = Vec::new();
        for fault in &faults {
            quarantined.push(self.quarantined(fault, report));
        }
        let mut places: BTreeMap<u64, Place> = BTreeMap::new();
        let mut records = Vec::with_capacity(rows.len());
        for (row, place, record) in rows {
            places.insert(row, place);
            records.push((row, record));
        }
        let (chunk, meaningless) = self.walk.papers_meaning(&records, &received).await?;
        for (row, field, reason) in meaningless {
            if let Some(place) = places.get(&row) {
                let fault = place.fault(field, reason);
                quarantined.push(self.quarantined(&fault, report));
            }
        }
        let chunk = ImportChunk {
            import: Some(self.import),
            quarantined,
            ..chunk
        };
        let stamp = self.engine.stamp(self.author);
        let (db, company) = (&self.engine.db, self.company.id);
        let counts = bulk::import_chunk(db, &stamp, company, chunk).await?;
        report.count(&counts);
        let mut refused = Vec::new();
        for fact in &counts.refused {
            let place = places.values().find(|place| place.number == fact.key);
            let place = place.cloned().unwrap_or_default();
            let field = format!("{} {}", fact.entity, fact.key);
            let fault = place.fault(field, fact.why.reason_es().to_owned());
            refused.push(self.quarantined(&fault, report));
            papers.stamps.retain(|it| it.document != fact.key);
        }
        if !refused.is_empty() {
            let chunk = ImportChunk {
                quarantined: refused,
                ..ImportChunk::default()
            };
            bulk::import_chunk(db, &stamp, company, chunk).await?;
        }
        papers.import = Some(self.import);
        let befell: Vec<String> = papers.events.iter().map(|it| it.stamp.clone()).collect();
        let kept = bulk::keep_papers(db, &stamp, company, papers).await?;
        count(&kept, report);
        let named = store::papers::concerned(db, company, customers, befell).await?;
        self.named.extend(named);
        self.named.extend(counts.touched);
        Ok(())
    }

    fn quarantined(&mut self, fault: &Fault, report: &mut ImportReport) -> QuarantinedRow {
        report.quarantined.push(entry(fault));
        let raw = json!({ "einvoice": fault.file, "line": fault.line });
        let text = format!("{}\n{}\n{}\n{raw}", fault.file, fault.field, fault.reason);
        let digest = Sha256::digest(text.as_bytes()).into();
        self.waiting.insert(digest);
        QuarantinedRow {
            import: self.import,
            file: fault.file.clone(),
            row: fault.line,
            field: fault.field.clone(),
            reason: fault.reason.clone(),
            raw,
            digest,
        }
    }
}

fn count(kept: &PaperCounts, report: &mut ImportReport) {
    for (entity, tally) in [
        ("document_events", kept.events),
        ("references", kept.links),
        ("files", kept.files),
    ] {
        let counts = EntityCounts {
            created: tally.created,
            updated: tally.updated,
            unchanged: tally.unchanged,
        };
        if counts != EntityCounts::default() {
            report.tally(entity, counts);
        }
    }
}

/// Where a paper stands in its file.
#[derive(Clone, Debug, Default)]
struct Place {
    file: String,
    line: u32,
    /// The number its document or payment got.
    number: String,
}

impl Place {
    fn fault(&self, field: impl Into<String>, reason: String) -> Fault {
        Fault {
            file: self.file.clone(),
            line: self.line,
            field: field.into(),
            reason,
        }
    }
}

/// A paper that could not be taken.
#[derive(Clone, Debug)]
struct Fault {
    file: String,
    line: u32,
    field: String,
    reason: String,
}

fn entry(fault: &Fault) -> QuarantinedEntry {
    QuarantinedEntry {
        file: fault.file.clone(),
        row: Some(u64::from(fault.line)),
        field: fault.field.clone(),
        reason: fault.reason.clone(),
    }
}

/// What was left and why, and what is worth a word at the end.
#[derive(Clone, Debug, Default)]
struct Tally {
    silent: BTreeMap<&'static str, u64>,
    /// Bills that others issued to the company.
    of_suppliers: u64,
    /// Documents that do not say when they fall due.
    undated: u64,
    /// Documents that say they were paid when they were issued.
    paid_at_once: u64,
    /// Documents that a list names without their file.
    listed: u64,
}

impl Tally {
    fn add(&mut self, kind: &sort::Kind) {
        match kind {
            sort::Kind::Silent(what) => *self.silent.entry(what).or_default() += 1,
            sort::Kind::OfSupplier => self.of_suppliers += 1,
            sort::Kind::Listed => self.listed += 1,
            _ => {}
        }
    }

    fn merge(&mut self, other: Self) {
        for (what, count) in other.silent {
            *self.silent.entry(what).or_default() += count;
        }
        self.of_suppliers += other.of_suppliers;
        self.undated += other.undated;
        self.paid_at_once += other.paid_at_once;
        self.listed += other.listed;
    }

    fn tell(&self, file: &str, report: &mut ImportReport) {
        let mut say = |count: u64, text: &str| {
            if count > 0 {
                report.warnings.push(format!("{file}: {count} {text}"));
            }
        };
        for (what, count) in &self.silent {
            say(*count, &format!("sin efecto en la cartera: {what}"));
        }
        say(
            self.of_suppliers,
            "de proveedores: los recibió la empresa y no entran a la cartera",
        );
        say(
            self.undated,
            "sin fecha de vencimiento: se tomó la de emisión; ponga los días de crédito del \
             cliente en su lista de clientes",
        );
        say(
            self.paid_at_once,
            "dicen que se pagan de contado: eso no prueba el pago, así que quedan abiertos hasta \
             que entre",
        );
        say(
            self.listed,
            "nombrados en la lista del fisco: su importe entra cuando se importe el XML",
        );
    }
}
