//! The rows of a text table or of a workbook's sheets, for readers that give the cells a meaning
//! of their own. They can be read again from the beginning.

use std::io::{Cursor, Read, Seek, SeekFrom};

use super::FormatError;
use super::delimited::{self, DELIMITERS, DelimitedRows};
use super::source::{self, Delimited, Row};
use super::workbook::{SheetRows, Workbook};

/// Rows looked at to tell the delimiter.
const ROWS_LOOKED_AT: usize = 60;

/// An open table.
pub(crate) struct Grid<R: Read> {
    state: State<R>,
    /// Sheets of a workbook; one without name for a text file.
    sheets: Vec<Option<String>>,
}

enum State<R: Read> {
    Text {
        shape: Delimited,
        rows: Option<DelimitedRows<R>>,
    },
    Book {
        book: Workbook,
        sheet: SheetRows,
    },
}

impl<R: Read + Seek> Grid<R> {
    /// Opens a file; of the delimiters that one is taken under which the first rows weigh most.
    pub fn open(
        mut reader: R,
        weigh: &dyn Fn(&[Vec<String>]) -> usize,
    ) -> Result<Self, FormatError> {
        let mut sample = Vec::new();
        reader.seek(SeekFrom::Start(0))?;
        reader
            .by_ref()
            .take(source::SAMPLE_BYTES as u64)
            .read_to_end(&mut sample)?;
        let Some(encoding) = source::sniff(&sample)? else {
            let book = Workbook::open(reader)?;
            let names = book.sheets().into_iter().filter(|sheet| !sheet.hidden);
            return Ok(Self {
                sheets: names.map(|sheet| Some(sheet.name)).collect(),
                state: State::Book {
                    book,
                    sheet: SheetRows::default(),
                },
            });
        };
        let terminator = delimited::terminator_of(&sample);
        let mut best: Option<(usize, Delimited)> = None;
        for delimiter in DELIMITERS {
            let shape = Delimited {
                encoding,
                delimiter,
                terminator,
            };
            let weight = weigh(&first_rows(&sample, shape)?);
            if best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, shape));
            }
        }
        let shape = best.map_or(
            Delimited {
                encoding,
                delimiter: b',',
                terminator,
            },
            |(_, shape)| shape,
        );
        Ok(Self {
            state: State::Text {
                shape,
                rows: Some(source::open_delimited(reader, shape)?),
            },
            sheets: vec![None],
        })
    }

    /// The sheets that are not hidden, in order; one without name for a text file.
    pub fn sheets(&self) -> &[Option<String>] {
        &self.sheets
    }

    /// Goes to the first row of a sheet.
    pub fn start(&mut self, sheet: usize) -> Result<(), FormatError> {
        match &mut self.state {
            State::Text { shape, rows } => {
                if let Some(read) = rows.take() {
                    *rows = Some(source::open_delimited(read.into_reader(), *shape)?);
                }
            }
            State::Book { book, sheet: rows } => {
                let name = self.sheets.get(sheet).cloned().flatten();
                *rows = book.rows(&name.unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Goes to the first row of the sheet at hand.
    pub fn rewind(&mut self) -> Result<(), FormatError> {
        match &mut self.state {
            State::Text { .. } => self.start(0),
            State::Book { sheet, .. } => {
                sheet.rewind();
                Ok(())
            }
        }
    }

    /// Reads the next row that is not blank; false at the end.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, FormatError> {
        loop {
            let read = match &mut self.state {
                State::Text { rows, .. } => match rows {
                    Some(rows) => rows.next(row)?,
                    None => false,
                },
                State::Book { sheet, .. } => sheet.next(row),
            };
            if !read || !row.is_blank() {
                return Ok(read);
            }
        }
    }
}

fn first_rows(sample: &[u8], shape: Delimited) -> Result<Vec<Vec<String>>, FormatError> {
    let mut rows = source::open_delimited(Cursor::new(sample), shape)?;
    let mut row = Row::default();
    let mut read = Vec::new();
    while read.len() < ROWS_LOOKED_AT && rows.next(&mut row)? {
        if !row.is_blank() {
            read.push(row.texts().map(str::to_owned).collect());
        }
    }
    Ok(read)
}
