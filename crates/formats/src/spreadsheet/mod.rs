//! Spreadsheets of customers, documents and payments: text files and workbooks.
//!
//! Two passes. [`profile`] looks at the whole file once: which tables it holds, what their
//! columns mean, and what only a whole column can tell (the order of day and month, the decimal
//! mark, numbers used twice). [`records`] then reads one table row by row with flat memory. A row
//! put right later goes through [`parse_row`], the same code.

mod cells;
mod columns;
mod delimited;
mod evidence;
mod field;
mod grid;
mod header;
mod mapping;
mod record;
mod row;
mod scan;
mod source;
mod unpack;
mod values;
mod warning;
mod workbook;

use std::io::{Read as IoRead, Seek, SeekFrom};

use domain::Currency;
use rust_decimal::Decimal;

pub use field::Field;
pub use mapping::{Column, Entity, Mapping};
pub use record::{
    ConsentFields, CustomerFields, CustomerRow, DocumentRow, Extra, PaymentRow, Problem,
    Quarantined, RawCell, Read, Record, Status, TaxId,
};
pub use scan::{Refusal, TableProfile};
pub use source::CellKind;
pub use warning::{Warning, WarningKind};

pub(crate) use grid::Grid;
pub(crate) use source::Row;

use crate::amount::DecimalMark;
use crate::date::DateOrder;
use delimited::{DELIMITERS, Encoding};
use mapping::Hints;
use row::Plan;
use scan::Scan;
use source::{Delimited, Kind, Rows};
use warning::Warnings;
use workbook::Workbook;

/// What the user or the caller knows besides the file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the rows are (`--kind`).
    pub entity: Option<Entity>,
    /// Order of day and month (`--dates`); stronger than what the columns show.
    pub date_order: Option<DateOrder>,
    /// Decimal mark (`--decimal`); stronger than what the columns show.
    pub decimal_mark: Option<DecimalMark>,
    /// Currency of amounts that name none, where somebody said it (`--currency`).
    pub currency: Option<Currency>,
    /// The company's currency: how amounts are most likely written that name none. It fills no
    /// row: a payment may be in its invoice's currency.
    pub assumed_currency: Option<Currency>,
    /// The one sheet to read (`--sheet`).
    pub sheet: Option<String>,
    /// Mappings kept from before; one whose signature fits a header replaces the detection.
    pub mappings: Vec<Mapping>,
}

/// What a file holds.
#[derive(Clone, Debug)]
pub struct FileProfile {
    /// The tables that can be read, in order.
    pub tables: Vec<TableProfile>,
    /// The sheets or tables that cannot, each with its reason.
    pub refused: Vec<Refused>,
}

/// A sheet or table that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// 1-based row of its column names, if it has any.
    pub row: Option<u64>,
    /// Why.
    pub reason: Refusal,
}

/// Why a file gives nothing at all.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Reading failed.
    #[error("the file could not be read: {0}")]
    Io(#[from] std::io::Error),
    /// No bytes.
    #[error("the file is empty")]
    Empty,
    /// Another kind of file.
    #[error("this is neither a text table (CSV) nor a workbook (XLSX, XLS, XLSB, ODS)")]
    NotASpreadsheet,
    /// A web page saved with a spreadsheet's name.
    #[error("this is a web page with a spreadsheet's name: open it and save it as XLSX or CSV")]
    WebPage,
    /// A line of a text file that does not end.
    #[error("line {line} is longer than a megabyte: this is not a table")]
    LineTooLong {
        /// 1-based line.
        line: u64,
    },
    /// The library cannot open the workbook.
    #[error("the workbook could not be opened ({0}): open it and save it again, without password")]
    BrokenWorkbook(String),
    /// The library cannot read the sheet.
    #[error("sheet `{sheet}` could not be read ({what}): open the file and save it again")]
    BrokenSheet {
        /// The sheet.
        sheet: String,
        /// What the library says.
        what: String,
    },
    /// Too large a workbook.
    #[error("the workbook has {bytes} bytes, more than {bytes_max}: save its sheets as CSV")]
    WorkbookTooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// An archive that unpacks to more than any spreadsheet needs.
    #[error("the workbook unpacks to more than {bytes_max} bytes: save its sheets as CSV")]
    UnpacksTooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// Too many cells.
    #[error("sheet `{sheet}` has more than {cells_max} cells: save it as CSV")]
    SheetTooLarge {
        /// The sheet.
        sheet: String,
        /// The limit.
        cells_max: usize,
    },
    /// No such sheet.
    #[error("there is no sheet `{wanted}`: the file has {}", sheets.join(", "))]
    NoSuchSheet {
        /// What was asked for.
        wanted: String,
        /// What there is.
        sheets: Vec<String>,
    },
}

/// Looks at a whole file once: its tables, their columns, and what only whole columns can tell.
///
/// Memory is flat for text files, but for sixteen bytes per document to find numbers used twice.
///
/// # Errors
/// [`FormatError`] when the file cannot be opened as any spreadsheet; a sheet that makes no sense
/// is no error but a [`Refused`].
pub fn profile<R: IoRead + Seek>(
    mut reader: R,
    file_name: &str,
    options: &Options,
) -> Result<FileProfile, FormatError> {
    let mut sample = Vec::new();
    reader.seek(SeekFrom::Start(0))?;
    reader
        .by_ref()
        .take(source::SAMPLE_BYTES as u64)
        .read_to_end(&mut sample)?;
    let title = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let Some(encoding) = source::sniff(&sample)? else {
        return profile_workbook(reader, title, options);
    };
    let hints = Hints {
        entity: options.entity,
        titles: [title, ""],
        known: &options.mappings,
    };
    let shape = delimited_shape(&sample, encoding, hints)?;
    let rows = Rows::Delimited(source::open_delimited(reader, shape)?);
    let mut profile = FileProfile {
        tables: Vec::new(),
        refused: Vec::new(),
    };
    Scan::new(None, Kind::Delimited(shape), hints, options).run(rows, &mut profile)?;
    Ok(profile)
}

/// Reads the rows of one table.
///
/// # Errors
/// [`FormatError`] when the file cannot be opened again.
pub fn records<R: IoRead + Seek>(
    reader: R,
    table: &TableProfile,
) -> Result<Records<'_, R>, FormatError> {
    let rows = match table.kind {
        Kind::Delimited(shape) => Rows::Delimited(source::open_delimited(reader, shape)?),
        Kind::Workbook => {
            let sheet = table.sheet.as_deref().unwrap_or_default();
            Rows::Sheet(Workbook::open(reader)?.rows(sheet)?)
        }
    };
    Ok(Records {
        rows,
        table,
        plan: Plan::new(table.mapping.clone()),
        row: Row::default(),
        warnings: Warnings::new(table.sheet.clone()),
        sums: Decimal::ZERO,
        duplicates_seen: 0,
    })
}

/// Reads one row again with corrected cells, as the table's rows were read.
///
/// A cell whose column the table does not have is left out.
pub fn parse_row(table: &TableProfile, row: u64, cells: &[RawCell]) -> (Read, Vec<Warning>) {
    parse_row_as(&table.mapping, table.sheet.clone(), row, cells)
}

/// The same with nothing but the mapping, as the caller kept it.
pub fn parse_row_as(
    mapping: &Mapping,
    sheet: Option<String>,
    number: u64,
    cells: &[RawCell],
) -> (Read, Vec<Warning>) {
    let mut row = Row {
        number,
        ..Row::default()
    };
    let width = mapping
        .columns
        .iter()
        .map(|column| column.index + 1)
        .max()
        .unwrap_or_default();
    for index in 0..width {
        let cell = mapping
            .columns
            .iter()
            .find(|column| column.index == index)
            .and_then(|column| cells.iter().find(|cell| cell.column == column.name));
        match cell {
            Some(cell) => row.push(&cell.text, cell.kind),
            None => row.push("", CellKind::Text),
        }
    }
    let mut warnings = Warnings::new(sheet);
    let read = Plan::new(mapping.clone()).read(&row, &mut warnings);
    (read, warnings.list().to_vec())
}

/// The rows of one table, read one after another.
pub struct Records<'t, R: IoRead> {
    rows: Rows<R>,
    table: &'t TableProfile,
    plan: Plan,
    row: Row,
    warnings: Warnings,
    /// Sum of the amounts since the last row of totals.
    sums: Decimal,
    duplicates_seen: usize,
}

impl<R: IoRead> Records<'_, R> {
    /// What was unusual so far; complete once the iterator has ended.
    pub fn warnings(&self) -> &[Warning] {
        self.warnings.list()
    }

    /// Every cell of the row given last, as it stands in the file.
    pub fn raw(&self) -> Vec<RawCell> {
        self.plan.raw(&self.row)
    }

    fn read_next(&mut self) -> Result<Option<Read>, FormatError> {
        while self.rows.next(&mut self.row)? {
            let number = self.row.number;
            if number < self.table.first_row {
                continue;
            }
            if number > self.table.last_row {
                break;
            }
            if let Some(aside) = self.plan.aside(&self.row, self.sums) {
                if aside == WarningKind::TotalRow {
                    self.sums = Decimal::ZERO;
                }
                self.warnings
                    .add(aside, None, number, &first_text(&self.row));
                continue;
            }
            if self.table.duplicates.get(self.duplicates_seen) == Some(&number) {
                self.duplicates_seen += 1;
                let text = first_text(&self.row);
                self.warnings
                    .add(WarningKind::DuplicateRow, None, number, &text);
                continue;
            }
            if let Some(problem) = self.conflict() {
                return Ok(Some(self.plan.quarantine(&self.row, vec![problem])));
            }
            let read = self.plan.read(&self.row, &mut self.warnings);
            if let Read::Record {
                record: Record::Document(document),
                ..
            } = &read
            {
                self.sums = self.sums.saturating_add(document.amount);
            }
            return Ok(Some(read));
        }
        Ok(None)
    }

    /// The same number on another row with other content.
    fn conflict(&self) -> Option<Problem> {
        if self.table.conflicts.is_empty() {
            return None;
        }
        let key = self.plan.number_key(&self.row)?;
        let (first, second) = self.table.conflicts.get(&key)?;
        let other = if u64::from(*first) == self.row.number {
            second
        } else {
            first
        };
        let column = self.plan.column(Field::Number)?;
        Some(Problem {
            field: column.name.to_string(),
            reason: format!(
                "el número «{}» está también en la fila {other} con otros datos: deje una sola \
                 fila o corrija el número",
                self.row.cell(column.index)
            ),
        })
    }
}

impl<R: IoRead> Iterator for Records<'_, R> {
    type Item = Result<Read, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read_next().transpose()
    }
}

fn first_text(row: &Row) -> String {
    row.texts()
        .find(|text| !text.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn profile_workbook<R: IoRead + Seek>(
    reader: R,
    title: &str,
    options: &Options,
) -> Result<FileProfile, FormatError> {
    let mut book = Workbook::open(reader)?;
    let sheets = book.sheets();
    if let Some(wanted) = &options.sheet
        && !sheets.iter().any(|sheet| sheet.name == *wanted)
    {
        let sheets = sheets.into_iter().map(|sheet| sheet.name).collect();
        return Err(FormatError::NoSuchSheet {
            wanted: wanted.clone(),
            sheets,
        });
    }
    let mut profile = FileProfile {
        tables: Vec::new(),
        refused: Vec::new(),
    };
    for sheet in sheets {
        match &options.sheet {
            Some(wanted) if sheet.name != *wanted => continue,
            None if sheet.hidden => {
                profile.refused.push(Refused {
                    sheet: Some(sheet.name),
                    row: None,
                    reason: Refusal::Hidden,
                });
                continue;
            }
            _ => {}
        }
        let rows = Rows::<std::io::Empty>::Sheet(book.rows(&sheet.name)?);
        let hints = Hints {
            entity: options.entity,
            titles: [title, &sheet.name],
            known: &options.mappings,
        };
        Scan::new(Some(&sheet.name), Kind::Workbook, hints, options).run(rows, &mut profile)?;
    }
    Ok(profile)
}

/// The delimiter under which the first rows make most sense.
fn delimited_shape(
    sample: &[u8],
    encoding: Encoding,
    hints: Hints<'_>,
) -> Result<Delimited, FormatError> {
    let terminator = delimited::terminator_of(sample);
    let mut best = (
        Delimited {
            encoding,
            delimiter: b',',
            terminator,
        },
        0,
    );
    for delimiter in DELIMITERS {
        let shape = Delimited {
            encoding,
            delimiter,
            terminator,
        };
        let mut rows = source::open_delimited(std::io::Cursor::new(sample), shape)?;
        let mut window = header::Window::default();
        let mut row = Row::default();
        while !window.is_full() && rows.next(&mut row)? {
            window.push(&row);
        }
        let weight = window.best(hints).map_or(0, |found| found.weight);
        if weight > best.1 {
            best = (shape, weight);
        }
    }
    Ok(best.0)
}
