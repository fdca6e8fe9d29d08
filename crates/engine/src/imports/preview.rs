//! How a draft would be read and what reading it would change, by the very code that reads it: the
//! first rows of its tables make one part, which is planned and not written.

use std::fs::File;
use std::io::BufReader;

use domain::ids::ImportId;
use domain::{Currency, Money};
use formats::spreadsheet::{
    self, Field, Mapping, Problem, Quarantined, RawCell, Read, Record, Refusal, Refused,
    TableProfile,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use store::bulk::{self, ImportChunk};
use store::documents::KnownDocument;
use store::imports::Import;

use super::ahead::Rows;
use super::drafts::{SaidOfFile, named_source, off_thread};
use super::job::draft_path;
use super::parts::number_parts;
use super::walk::{Walk, key};
use super::{ImportReport, PaperSource, dry_run_papers, guess, is_paper, profile, report};
use crate::company::Company;
use crate::{Engine, Error, Result};

/// Rows shown of each table.
const SHOWN_ROWS: usize = 20;
/// Rows weighed of a file.
const WEIGHED_ROWS: usize = 20_000;
/// Rows shown that would wait in quarantine.
const WAITING_SHOWN: usize = 50;

/// How a draft would be read.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The import.
    pub import: Import,
    /// What a person said of it so far.
    pub said: SaidOfFile,
    /// Its tables, those that cannot be read yet last.
    pub tables: Vec<PreviewTable>,
    /// Sheets without a table that could be explained, with the reason in Spanish.
    pub refused: Vec<(Option<String>, String)>,
    /// What would be created, changed, left alone and quarantined.
    pub report: ImportReport,
    /// Rows weighed for that; fewer than there are in a large file.
    pub weighed: u64,
    /// Rows there are.
    pub rows: u64,
}

/// A table of a file.
#[derive(Clone, Debug)]
pub struct PreviewTable {
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// The row of its column names.
    pub header_row: u64,
    /// How it is read.
    pub mapping: Mapping,
    /// The facts it lacks a column for, in Spanish; such a table is not read.
    pub missing: Vec<&'static str>,
    /// Rows below the column names.
    pub rows: u64,
    /// The first of them.
    pub first: Vec<PreviewRow>,
}

/// A row as it would be read.
#[derive(Clone, Debug)]
pub struct PreviewRow {
    /// Its number in the file.
    pub row: u64,
    /// Its cells, column by column.
    pub cells: Vec<Cell>,
    /// Why it would wait in quarantine: the column, and why.
    pub problem: Option<Problem>,
}

/// A cell as it would be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// As it stands.
    Text(String),
    /// A date.
    Date(Date),
    /// An amount.
    Money(Money),
}

/// What the first pass over some rows of a file gives.
struct Looked {
    tables: Vec<(TableProfile, Rows, Vec<Quarantined>, Vec<PreviewRow>)>,
    refused: Vec<Refused>,
}

impl Engine {
    /// Looks at a draft.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the import or its file is not there, [`Error::Format`], and what
    /// the database says.
    pub async fn preview_import(&self, company: &Company, import: ImportId) -> Result<Preview> {
        let found = self.import_of(company, import).await?;
        let said: SaidOfFile =
            serde_json::from_value(found.options.clone()).map_err(Error::json)?;
        let path = draft_path(&found)?;
        if is_paper(&path)? {
            let source = PaperSource::one(&path, &found.file);
            let looked = off_thread(move || dry_run_papers(&source, &mut ()));
            let mut report = looked.await?;
            report.tables.clear();
            return Ok(Preview {
                weighed: report.read,
                rows: report.read,
                report,
                said,
                tables: Vec::new(),
                refused: Vec::new(),
                import: found,
            });
        }
        let mut options = said.options();
        self.prepare(company, &mut options).await?;
        let looked = {
            let (name, currency) = (found.file.clone(), company.currency);
            off_thread(move || look(&named_source(&path, &name, options), currency)).await?
        };
        let mut preview = Preview {
            said,
            report: ImportReport::default(),
            weighed: 0,
            rows: looked.tables.iter().map(|(table, ..)| table.rows).sum(),
            tables: Vec::new(),
            refused: Vec::new(),
            import: found,
        };
        self.weigh(company, &mut preview, looked.tables).await?;
        for refused in looked.refused {
            preview.refuse(refused);
        }
        Ok(preview)
    }

    /// Plans the rows as one part of an import, without writing it.
    async fn weigh(
        &self,
        company: &Company,
        preview: &mut Preview,
        tables: Vec<(TableProfile, Rows, Vec<Quarantined>, Vec<PreviewRow>)>,
    ) -> Result<()> {
        let file = preview.import.file.clone();
        let mut walk = Walk::new(self, company, preview.import.id, file.clone(), "");
        let mut whole = ImportChunk::default();
        let mut keys = Vec::new();
        for (table, mut rows, waiting, first) in tables {
            number_parts(&mut rows);
            let report = &mut preview.report;
            report.table(&file, &table);
            report.read += (rows.len() + waiting.len()) as u64;
            preview.weighed = report.read;
            waiting.iter().for_each(|row| report.quarantine(&file, row));
            let (chunk, meaningless) = walk.meaning(&rows).await?;
            for (row, field, reason) in meaningless {
                let problems = vec![Problem { field, reason }];
                let raw = Vec::new();
                report.quarantine(&file, &Quarantined { row, problems, raw });
            }
            keys.extend(
                rows.iter()
                    .map(|(row, it)| (*row, key(it).map(str::to_owned))),
            );
            walk.foresee(&chunk);
            extend(&mut whole, chunk);
            preview.tables.push(PreviewTable {
                sheet: table.sheet,
                header_row: table.header_row,
                mapping: table.mapping,
                missing: Vec::new(),
                rows: table.rows,
                first,
            });
        }
        let counts = bulk::weigh_chunk(&self.db, &self.stamp(""), company.id, whole).await?;
        let report = &mut preview.report;
        report.count(&counts);
        if !walk.settled.is_empty() {
            report.settled(walk.settled.len() as u64);
        }
        for fact in counts.refused {
            let told = |(_, key): &&(u64, Option<String>)| key.as_deref() == Some(&fact.key);
            let row = keys.iter().find(told).map_or(0, |(row, _)| *row);
            let field = format!("{} {}", fact.entity, fact.key);
            let reason = fact.why.reason_es().to_owned();
            let problems = vec![Problem { field, reason }];
            let raw = Vec::new();
            report.quarantine(&file, &Quarantined { row, problems, raw });
        }
        Ok(())
    }
}

impl Preview {
    /// Rows that would wait in quarantine.
    pub fn waiting(&self) -> &[report::QuarantinedEntry] {
        let all = &self.report.quarantined;
        &all[..all.len().min(WAITING_SHOWN)]
    }

    /// Whether some table can be read, or it holds e-invoices.
    pub fn is_readable(&self) -> bool {
        let papers = self.tables.is_empty() && self.refused.is_empty() && self.rows > 0;
        papers || self.tables.iter().any(|table| table.missing.is_empty())
    }

    /// Adds a table that is not read: one whose columns can be explained, or a reason.
    fn refuse(&mut self, refused: Refused) {
        match refused.reason {
            Refusal::MissingColumns { missing, names } => {
                let entity = spreadsheet::Entity::Documents;
                self.tables.push(PreviewTable {
                    sheet: refused.sheet,
                    header_row: refused.row.unwrap_or(1),
                    mapping: Mapping::explained(entity, &names, &[]),
                    missing,
                    rows: 0,
                    first: Vec::new(),
                });
            }
            Refusal::Blank
            | Refusal::Hidden
            | Refusal::NoHeader { .. }
            | Refusal::BankStatement
            | Refusal::Payables
            | Refusal::NoRows => {
                self.refused.push((refused.sheet, refused.reason.text_es()));
            }
        }
    }
}

impl Walk<'_> {
    /// Remembers what a table of the file tells, for the tables behind it.
    fn foresee(&mut self, chunk: &ImportChunk) {
        for document in &chunk.documents {
            let known = KnownDocument {
                customer: document.customer.clone(),
                amount: document.amount,
                laid: 0,
                laid_by: std::collections::HashMap::new(),
            };
            let ahead = &mut self.foreseen.documents;
            ahead.entry(document.number.clone()).or_insert(known);
        }
        for customer in &chunk.customers {
            let (key, people) = (&customer.key, &mut self.foreseen.people);
            if let Some(tax_id) = &customer.tax_id {
                people.by_tax_id.insert(tax_id.clone(), key.clone());
            }
            if let Some(name) = &customer.name {
                people.by_name.insert(name.clone(), key.clone());
            }
        }
    }
}

/// Reads the first rows of each table.
fn look(source: &super::Source<'_>, currency: Currency) -> Result<Looked> {
    let mut profile = profile(source)?;
    profile
        .tables
        .sort_by_key(|table| guess::rank(table.mapping.entity));
    let mut room = WEIGHED_ROWS;
    let mut tables = Vec::with_capacity(profile.tables.len());
    for table in profile.tables {
        let mut rows = Rows::new();
        let mut waiting = Vec::new();
        let mut first = Vec::new();
        {
            let mut records = spreadsheet::records::<BufReader<File>>(source.open()?, &table)?;
            while room > 0
                && let Some(read) = records.next().transpose()?
            {
                room -= 1;
                if first.len() < SHOWN_ROWS {
                    first.push(shown(&table.mapping, &read, records.raw(), currency));
                }
                match read {
                    Read::Record { row, record } => rows.push((row, record)),
                    Read::Quarantined(row) => waiting.push(row),
                }
            }
        }
        tables.push((table, rows, waiting, first));
    }
    let refused = profile.refused;
    Ok(Looked { tables, refused })
}

/// A row with its dates and amounts as they were understood.
fn shown(mapping: &Mapping, read: &Read, raw: Vec<RawCell>, currency: Currency) -> PreviewRow {
    let (row, record, problem) = match read {
        Read::Record { row, record } => (*row, Some(record), None),
        Read::Quarantined(row) => (row.row, None, row.problems.first().cloned()),
    };
    let cell = |cell: RawCell| {
        let column = mapping
            .columns
            .iter()
            .find(|column| column.name == cell.column);
        let field = column.and_then(|column| column.field);
        let read = record.zip(field);
        read.and_then(|(record, field)| understood(record, field, currency))
            .unwrap_or(Cell::Text(cell.text))
    };
    PreviewRow {
        row,
        cells: raw.into_iter().map(cell).collect(),
        problem,
    }
}

/// What a record says of a field that can be misread.
fn understood(record: &Record, field: Field, currency: Currency) -> Option<Cell> {
    let currency = record.currency().unwrap_or(currency);
    let money = |value: Decimal| Money::from_decimal(value, currency).ok().map(Cell::Money);
    match (record, field) {
        (Record::Document(row), Field::Issued) => Some(Cell::Date(row.issued)),
        (Record::Document(row), Field::Due) => row.due.map(Cell::Date),
        (Record::Document(row), Field::PaidOn) => row.settled.map(Cell::Date),
        (Record::Document(row), Field::Amount) => money(row.amount),
        (Record::Document(row), Field::OpenBalance) => row.open_balance.and_then(money),
        (Record::Document(row), Field::PaidAmount) => row.paid_amount.and_then(money),
        (Record::Payment(row), Field::PaidOn) => Some(Cell::Date(row.paid_on)),
        (Record::Payment(row), Field::Amount) => money(row.amount),
        _ => None,
    }
}

fn extend(whole: &mut ImportChunk, chunk: ImportChunk) {
    whole.customers.extend(chunk.customers);
    whole.contact_points.extend(chunk.contact_points);
    whole.documents.extend(chunk.documents);
    whole.payments.extend(chunk.payments);
    whole.applications.extend(chunk.applications);
    whole.holds.extend(chunk.holds);
    whole.promises.extend(chunk.promises);
}
