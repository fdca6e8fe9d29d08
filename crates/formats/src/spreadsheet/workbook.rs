//! Workbooks: XLSX, XLS, XLSB and ODS, their sheets turned into rows of text.
//!
//! Dates become ISO text and numbers their shortest decimal text here, so that nothing behind
//! this file knows a binary fraction.

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::Range;

use calamine::{Data, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible};

use super::FormatError;
use super::source::{CellKind, Row};
use super::unpack;

/// Largest workbook read: beyond it, a text file is the better way.
const WORKBOOK_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Cells read of one sheet.
const CELLS_MAX: usize = 20_000_000;

/// An open workbook.
pub(super) struct Workbook {
    book: Book,
}

/// The bytes of the file: all formats but one are read whole by their reader anyway.
type Bytes = Cursor<Vec<u8>>;

enum Book {
    Xlsx(Box<calamine::Xlsx<Bytes>>),
    Xls(Box<calamine::Xls<Bytes>>),
    Xlsb(Box<calamine::Xlsb<Bytes>>),
    Ods(Box<calamine::Ods<Bytes>>),
}

/// A sheet by name.
pub(super) struct SheetName {
    pub name: String,
    pub hidden: bool,
}

impl Workbook {
    pub fn open<R: Read + Seek>(mut reader: R) -> Result<Self, FormatError> {
        let bytes = reader.seek(SeekFrom::End(0))?;
        if bytes > WORKBOOK_BYTES_MAX {
            return Err(FormatError::WorkbookTooLarge {
                bytes,
                bytes_max: WORKBOOK_BYTES_MAX,
            });
        }
        reader.seek(SeekFrom::Start(0))?;
        let mut whole = Vec::new();
        reader.take(WORKBOOK_BYTES_MAX).read_to_end(&mut whole)?;
        let kind = kind_of(&whole);
        if !matches!(kind, BookKind::Xls) {
            unpack::check(&whole)?;
        }
        let whole = Cursor::new(whole);
        let broken = |error: &dyn std::fmt::Display| FormatError::BrokenWorkbook(error.to_string());
        let book = match kind {
            BookKind::Xls => calamine::Xls::new(whole)
                .map(|book| Book::Xls(Box::new(book)))
                .map_err(|error| broken(&error))?,
            BookKind::Ods => calamine::Ods::new(whole)
                .map(|book| Book::Ods(Box::new(book)))
                .map_err(|error| broken(&error))?,
            BookKind::Xlsb => calamine::Xlsb::new(whole)
                .map(|book| Book::Xlsb(Box::new(book)))
                .map_err(|error| broken(&error))?,
            BookKind::Xlsx => calamine::Xlsx::new(whole)
                .map(|book| Book::Xlsx(Box::new(book)))
                .map_err(|error| broken(&error))?,
        };
        Ok(Self { book })
    }

    pub fn sheets(&self) -> Vec<SheetName> {
        let sheets = match &self.book {
            Book::Xlsx(book) => book.sheets_metadata(),
            Book::Xls(book) => book.sheets_metadata(),
            Book::Xlsb(book) => book.sheets_metadata(),
            Book::Ods(book) => book.sheets_metadata(),
        };
        sheets
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| SheetName {
                name: sheet.name.clone(),
                hidden: sheet.visible != SheetVisible::Visible,
            })
            .collect()
    }

    /// The rows of one sheet.
    pub fn rows(&mut self, sheet: &str) -> Result<SheetRows, FormatError> {
        let broken = |error: &dyn std::fmt::Display| FormatError::BrokenSheet {
            sheet: sheet.to_owned(),
            what: error.to_string(),
        };
        let mut cells = Cells {
            sheet: SheetRows::default(),
            too_many: false,
        };
        match &mut self.book {
            Book::Xlsx(book) => {
                // Cell by cell: the library's own grid has room for every cell a sheet claims.
                let mut reader = book
                    .worksheet_cells_reader(sheet)
                    .map_err(|error| broken(&error))?;
                while let Some(cell) = reader.next_cell().map_err(|error| broken(&error))? {
                    let (row, column) = cell.get_position();
                    cells.push_ref(row, column, cell.get_value());
                    if cells.too_many {
                        break;
                    }
                }
            }
            Book::Xls(book) => {
                cells.fill(
                    &book
                        .worksheet_range(sheet)
                        .map_err(|error| broken(&error))?,
                );
            }
            Book::Xlsb(book) => {
                cells.fill(
                    &book
                        .worksheet_range(sheet)
                        .map_err(|error| broken(&error))?,
                );
            }
            Book::Ods(book) => {
                cells.fill(
                    &book
                        .worksheet_range(sheet)
                        .map_err(|error| broken(&error))?,
                );
            }
        }
        if cells.too_many {
            return Err(FormatError::SheetTooLarge {
                sheet: sheet.to_owned(),
                cells_max: CELLS_MAX,
            });
        }
        Ok(cells.sheet)
    }
}

enum BookKind {
    Xls,
    Xlsx,
    Xlsb,
    Ods,
}

/// Which workbook it is, by its first bytes and the names in its archive.
fn kind_of(bytes: &[u8]) -> BookKind {
    let has = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        BookKind::Xls
    } else if has(b"opendocument.spreadsheet") {
        BookKind::Ods
    } else if has(b"xl/workbook.bin") {
        BookKind::Xlsb
    } else {
        BookKind::Xlsx
    }
}

/// The cells of a sheet in one buffer, row by row.
#[derive(Debug, Default)]
pub(super) struct SheetRows {
    text: String,
    cells: Vec<(u32, Range<usize>, CellKind)>,
    rows: Vec<(u32, Range<usize>)>,
    next: usize,
}

impl SheetRows {
    /// From the first row again.
    pub fn rewind(&mut self) {
        self.next = 0;
    }

    pub fn next(&mut self, row: &mut Row) -> bool {
        row.clear();
        let Some((number, cells)) = self.rows.get(self.next).cloned() else {
            return false;
        };
        self.next += 1;
        row.number = u64::from(number) + 1;
        for (column, span, kind) in &self.cells[cells] {
            let column = usize::try_from(*column).unwrap_or(usize::MAX);
            while row.len() < column {
                row.push("", CellKind::Text);
            }
            row.push(&self.text[span.clone()], *kind);
        }
        true
    }
}

struct Cells {
    sheet: SheetRows,
    too_many: bool,
}

impl Cells {
    fn fill(&mut self, range: &calamine::Range<Data>) {
        let Some((top, left)) = range.start() else {
            return;
        };
        for (row, column, cell) in range.used_cells() {
            let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else {
                return;
            };
            self.push_data(top + row, left + column, cell);
        }
    }

    fn push_data(&mut self, row: u32, column: u32, cell: &Data) {
        match cell {
            Data::Empty | Data::DurationIso(_) => {}
            Data::String(text) | Data::DateTimeIso(text) => {
                self.push(row, column, text, CellKind::Text);
            }
            Data::Int(number) => self.push(row, column, &number.to_string(), CellKind::Number),
            Data::Float(number) => self.push(row, column, &number.to_string(), CellKind::Number),
            Data::Bool(is) => self.push(row, column, bool_word(*is), CellKind::Text),
            Data::DateTime(at) => self.push_date(row, column, at),
            Data::Error(error) => self.push(row, column, &error.to_string(), CellKind::Error),
        }
    }

    fn push_ref(&mut self, row: u32, column: u32, cell: &DataRef<'_>) {
        match cell {
            DataRef::SharedString(text) => self.push(row, column, text, CellKind::Text),
            other => self.push_data(row, column, &Data::from(other.clone())),
        }
    }

    fn push_date(&mut self, row: u32, column: u32, at: &ExcelDateTime) {
        let (year, month, day, hour, minute, ..) = at.to_ymd_hms_milli();
        if !at.is_datetime() || at.as_f64() < 1.0 {
            return self.push(row, column, &at.as_f64().to_string(), CellKind::Number);
        }
        let text = if (hour, minute) == (0, 0) {
            format!("{year:04}-{month:02}-{day:02}")
        } else {
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}")
        };
        self.push(row, column, &text, CellKind::Text);
    }

    fn push(&mut self, row: u32, column: u32, text: &str, kind: CellKind) {
        let sheet = &mut self.sheet;
        if text.is_empty() {
            return;
        }
        if sheet.cells.len() >= CELLS_MAX {
            self.too_many = true;
            return;
        }
        // A sheet lists its cells in order; one that does not would make rows of one cell each.
        if sheet.rows.last().is_none_or(|(last, _)| *last != row) {
            sheet.rows.push((row, sheet.cells.len()..sheet.cells.len()));
        }
        let start = sheet.text.len();
        sheet.text.push_str(text);
        sheet.cells.push((column, start..sheet.text.len(), kind));
        if let Some((_, cells)) = sheet.rows.last_mut() {
            cells.end = sheet.cells.len();
        }
    }
}

fn bool_word(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}
