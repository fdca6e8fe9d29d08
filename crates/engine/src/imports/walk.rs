//! One file on its way into the ledger, chunk by chunk: read ahead, put into facts, written, with
//! what could not be taken left in quarantine.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::ids::{CustomerId, HoldId, ImportId};
use formats::spreadsheet::{self, Mapping, Quarantined, Read, Record, TableProfile};
use jiff::civil::Date;
use serde_json::json;
use sha2::{Digest, Sha256};
use store::bulk::{self, ImportChunk, QuarantinedRow};
use store::customers::{self, Identities};
use store::documents::KnownDocument;
use store::{holds, imports};

use super::ahead::{self, Part, Rows};
use super::meaning::{self, DISPUTED_IN_FILE, Disputes, Meaning, Meaningless, SETTLED_IN_FILE};
use super::{ImportReport, Progress, Source, report};
use crate::company::Company;
use crate::{Engine, Result};

/// One file on its way into the ledger.
pub(super) struct Walk<'a> {
    engine: &'a Engine,
    company: &'a Company,
    import: ImportId,
    file: String,
    author: &'a str,
    today: Date,
    pub(super) references: HashMap<[u8; 16], u32>,
    pub(super) touched: BTreeSet<CustomerId>,
    /// Rows of the table under way that could be read and not be taken, with what is wrong.
    not_taken: BTreeMap<u64, spreadsheet::Problem>,
    /// Disputes that the rows of the chunk under way say are settled.
    pub(super) settled: Vec<HoldId>,
    /// Digests of the rows that this reading put in quarantine, or found there.
    pub(super) waiting: HashSet<[u8; 32]>,
    /// Rows of all its tables, as the first pass counted them.
    pub(super) rows: u64,
    /// Whether somebody asked to stop.
    pub(super) cancelled: bool,
    /// What tables in front of this one tell and the ledger does not know, when nothing is written.
    pub(super) foreseen: Foreseen,
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
pub(super) struct Foreseen {
    pub(super) documents: HashMap<String, KnownDocument>,
    pub(super) people: Identities,
}

impl<'a> Walk<'a> {
    /// The beginning of a walk; nothing is read yet.
    pub(super) fn new(
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

    /// Takes a whole table, or as much of it as there is until somebody asks to stop.
    pub(super) async fn table(
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
    pub(super) async fn meaning(
        &mut self,
        rows: &Rows,
    ) -> Result<(ImportChunk, Vec<(u64, String, String)>)> {
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
            points: HashMap::new(),
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
pub(super) fn quarantined_row(
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
pub(super) fn key(record: &Record) -> Option<&str> {
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
