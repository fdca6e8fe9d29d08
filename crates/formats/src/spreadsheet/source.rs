//! What kind of file this is, and its rows, one after another, whatever the kind.

use std::io::{Read, Seek, SeekFrom};

use super::FormatError;
use super::delimited::{DelimitedRows, Encoding, decoded};
use super::workbook::SheetRows;

/// Bytes looked at to tell what a file is.
pub(super) const SAMPLE_BYTES: usize = 64 * 1024;

/// How a file is to be opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text with one record a line.
    Delimited(Delimited),
    /// XLSX, XLS, XLSB or ODS.
    Workbook,
}

/// How a text file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delimited {
    pub encoding: Encoding,
    pub delimiter: u8,
    pub terminator: u8,
}

/// What a cell was before it became text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    /// Text as somebody wrote it.
    Text,
    /// A number cell, written with a decimal point.
    Number,
    /// An error of a formula (`#N/A`).
    Error,
}

/// One row: its number as the user sees it, and its cells in one buffer that is used again.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// 1-based row of the sheet or line of the text file.
    pub number: u64,
    pub text: String,
    pub cells: Vec<Span>,
}

/// Where a cell's text lies in the row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
    pub kind: CellKind,
}

impl Row {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// The cell's text without space around; empty where the row is shorter.
    pub fn cell(&self, index: usize) -> &str {
        self.cells
            .get(index)
            .map_or("", |span| clean(&self.text[span.start..span.end]))
    }

    /// What the cell was.
    pub fn kind(&self, index: usize) -> CellKind {
        self.cells
            .get(index)
            .map_or(CellKind::Text, |span| span.kind)
    }

    /// Whether nothing is written in the row.
    pub fn is_blank(&self) -> bool {
        (0..self.len()).all(|index| self.cell(index).is_empty())
    }

    /// The cells as text.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.cell(index))
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }

    pub fn push(&mut self, text: &str, kind: CellKind) {
        let start = self.text.len();
        // PostgreSQL has no text with a NUL in it, and no reader misses one.
        text.split('\0').for_each(|part| self.text.push_str(part));
        self.cells.push(Span {
            start,
            end: self.text.len(),
            kind,
        });
        // Between cells, so that equal text means equal cells.
        self.text.push('\u{1f}');
    }
}

/// Space away, and the armour by which exports keep spreadsheets from eating zeros
/// (`="00123"`, `'00123`).
fn clean(text: &str) -> &str {
    let text = text.trim();
    match text.as_bytes().first() {
        Some(b'=') => text
            .strip_prefix("=\"")
            .and_then(|rest| rest.strip_suffix('"'))
            .map_or(text, str::trim),
        Some(b'\'') if text.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => &text[1..],
        _ => text,
    }
}

/// The rows of one sheet, or of the one table a text file is.
pub(super) enum Rows<R: Read> {
    Delimited(DelimitedRows<R>),
    Sheet(SheetRows),
}

impl<R: Read> Rows<R> {
    /// Reads the next row that is not blank; false at the end.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, FormatError> {
        loop {
            let read = match self {
                Self::Delimited(rows) => rows.next(row)?,
                Self::Sheet(rows) => rows.next(row),
            };
            if !read || !row.is_blank() {
                return Ok(read);
            }
        }
    }
}

/// Opens the rows of a text file from its beginning.
pub(super) fn open_delimited<R: Read + Seek>(
    mut reader: R,
    shape: Delimited,
) -> Result<DelimitedRows<R>, FormatError> {
    let Delimited {
        encoding,
        delimiter,
        terminator,
    } = shape;
    reader.seek(SeekFrom::Start(encoding.mark_len()))?;
    Ok(DelimitedRows::new(
        decoded(reader, encoding),
        delimiter,
        terminator,
    ))
}

/// Tells a text file from a workbook by the first bytes; the delimiter is left to the header.
pub(super) fn sniff(sample: &[u8]) -> Result<Option<Encoding>, FormatError> {
    if sample.is_empty() {
        return Err(FormatError::Empty);
    }
    if sample.starts_with(b"PK\x03\x04") || sample.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Ok(None);
    }
    let encoding = Encoding::of(sample);
    if encoding.is_utf16() {
        return Ok(Some(encoding));
    }
    let start = sample.trim_ascii_start();
    let head = start
        .get(..start.len().min(1024))
        .unwrap_or_default()
        .to_ascii_lowercase();
    let says = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
    if head.starts_with(b"<") && (says(b"<html") || says(b"<table")) {
        return Err(FormatError::WebPage);
    }
    let foreign = [
        &b"<?xml"[..],
        b"%pdf",
        b"{",
        b"\x89png",
        b"rar!",
        b"\x1f\x8b",
    ];
    if foreign.iter().any(|magic| head.starts_with(magic)) || sample.contains(&0) {
        return Err(FormatError::NotASpreadsheet);
    }
    Ok(Some(encoding))
}
