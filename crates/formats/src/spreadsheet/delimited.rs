//! Text files: encoding, delimiter, quotes, one record after another with flat memory.
//!
//! Written here and not with a CSV library for three things such files need: the true line
//! number behind blank lines, a bound on what a stray quote may swallow, and recovery of the
//! lines behind it. The tests hold it against a CSV library.

use std::io::{BufRead, BufReader, Read};

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::FormatError;
use super::source::{CellKind, Row, Span};

/// Longest line read: beyond it the file is not a table.
const LINE_BYTES_MAX: u64 = 1024 * 1024;
/// Lines one quoted cell may span; a quote open for longer is a stray quote.
const QUOTED_LINES_MAX: usize = 50;
/// Delimiters tried, in order of preference.
pub(super) const DELIMITERS: [u8; 4] = *b",;\t|";

/// How the bytes of a text file become letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8; a line that is not is Windows-1252, which holds Latin-1.
    Bytes {
        mark: bool,
    },
    Utf16 {
        big_endian: bool,
    },
}

impl Encoding {
    pub fn of(sample: &[u8]) -> Self {
        match sample {
            [0xEF, 0xBB, 0xBF, ..] => Self::Bytes { mark: true },
            [0xFF, 0xFE, ..] => Self::Utf16 { big_endian: false },
            [0xFE, 0xFF, ..] => Self::Utf16 { big_endian: true },
            _ => Self::Bytes { mark: false },
        }
    }

    pub fn is_utf16(self) -> bool {
        matches!(self, Self::Utf16 { .. })
    }

    /// Bytes of the mark at the file's beginning.
    pub fn mark_len(self) -> u64 {
        match self {
            Self::Bytes { mark: true } => 3,
            Self::Bytes { mark: false } => 0,
            Self::Utf16 { .. } => 2,
        }
    }
}

/// A reader of UTF-8 or single-byte text, whatever the file is in.
pub(super) struct Decoded<R> {
    inner: R,
    utf16: Option<encoding_rs::Decoder>,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

pub(super) fn decoded<R: Read>(inner: R, encoding: Encoding) -> Decoded<R> {
    let utf16 = match encoding {
        Encoding::Bytes { .. } => None,
        Encoding::Utf16 { big_endian: true } => Some(UTF_16BE.new_decoder_without_bom_handling()),
        Encoding::Utf16 { big_endian: false } => Some(UTF_16LE.new_decoder_without_bom_handling()),
    };
    Decoded {
        inner,
        utf16,
        raw: Vec::new(),
        text: Vec::new(),
        given: 0,
        ended: false,
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let Some(decoder) = &mut self.utf16 else {
            return self.inner.read(out);
        };
        while self.given == self.text.len() && !self.ended {
            self.raw.resize(16 * 1024, 0);
            let count = self.inner.read(&mut self.raw)?;
            self.ended = count == 0;
            self.text.resize(4 * count + 16, 0);
            let (_, _, written, _) =
                decoder.decode_to_utf8(&self.raw[..count], &mut self.text, self.ended);
            self.text.truncate(written);
            self.given = 0;
        }
        let rest = &self.text[self.given..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// The records of a text file.
pub(super) struct DelimitedRows<R: Read> {
    lines: Lines<BufReader<Decoded<R>>>,
    delimiter: u8,
    /// A record under way, unescaped.
    record: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Read> DelimitedRows<R> {
    pub fn new(reader: Decoded<R>, delimiter: u8, terminator: u8) -> Self {
        let reader = BufReader::with_capacity(256 * 1024, reader);
        let lines = Lines {
            reader,
            terminator,
            number: 0,
            pending: Vec::new(),
            spare: Vec::new(),
        };
        Self {
            lines,
            delimiter,
            record: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// The reader, wherever it stands.
    pub fn into_reader(self) -> R {
        self.lines.reader.into_inner().inner
    }

    /// Reads the next line, blank or not; false at the end.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, FormatError> {
        row.cells.clear();
        let mut line = std::mem::take(&mut row.text).into_bytes();
        if !self.lines.next(&mut line)? {
            return Ok(false);
        }
        row.number = self.lines.number;
        self.ends.clear();
        if line.contains(&b'"') {
            self.split_quoted(&line)?;
            std::mem::swap(&mut line, &mut self.record);
        } else {
            for (at, byte) in line.iter().enumerate() {
                if *byte == self.delimiter {
                    self.ends.push(at);
                }
            }
            self.ends.push(line.len());
        }
        self.fill(row, line)
    }

    /// Hands the record over as text; one delimiter stands between its cells.
    fn fill(&mut self, row: &mut Row, bytes: Vec<u8>) -> Result<bool, FormatError> {
        match String::from_utf8(bytes) {
            Ok(text) => {
                row.text = text;
                let mut start = 0;
                for end in &self.ends {
                    row.cells.push(Span {
                        start,
                        end: *end,
                        kind: CellKind::Text,
                    });
                    start = end + 1;
                }
            }
            Err(not_utf8) => {
                let bytes = not_utf8.into_bytes();
                let mut start = 0;
                for end in &self.ends {
                    let cell = bytes.get(start..*end).unwrap_or_default();
                    let (text, _) = WINDOWS_1252.decode_without_bom_handling(cell);
                    row.push(&text, CellKind::Text);
                    start = end + 1;
                }
            }
        }
        Ok(true)
    }

    /// Splits a record with quotes into `record` and `ends`, taking in the lines it spans.
    fn split_quoted(&mut self, first: &[u8]) -> Result<(), FormatError> {
        self.record.clear();
        let mut open = self.split_line(first, false);
        if !open {
            return Ok(());
        }
        let mut spanned: Vec<Vec<u8>> = Vec::new();
        while open && spanned.len() < QUOTED_LINES_MAX {
            let mut line = Vec::new();
            if !self.lines.next(&mut line)? {
                break;
            }
            self.record.push(b'\n');
            open = self.split_line(&line, true);
            spanned.push(line);
        }
        if open {
            // The quote never closes: it belongs to the text, and the lines behind are records.
            self.lines.unread(spanned);
            self.record.clear();
            self.ends.clear();
            let delimiter = self.delimiter;
            for cell in first.split(|byte| *byte == delimiter) {
                self.record
                    .extend(cell.iter().filter(|byte| **byte != b'"'));
                self.end_cell();
            }
        }
        Ok(())
    }

    /// Adds one line to the record; true when it ends inside quotes.
    fn split_line(&mut self, line: &[u8], mut quoted: bool) -> bool {
        let mut at = 0;
        let mut cell_start = !quoted;
        while let Some(&byte) = line.get(at) {
            at += 1;
            if quoted {
                if byte != b'"' {
                    self.record.push(byte);
                } else if line.get(at) == Some(&b'"') {
                    self.record.push(b'"');
                    at += 1;
                } else {
                    quoted = false;
                }
            } else if byte == self.delimiter {
                self.end_cell();
                cell_start = true;
                continue;
            } else if byte == b'"' && cell_start {
                quoted = true;
            } else {
                self.record.push(byte);
            }
            cell_start = false;
        }
        if !quoted {
            self.end_cell();
        }
        quoted
    }

    fn end_cell(&mut self) {
        self.ends.push(self.record.len());
        self.record.push(self.delimiter);
    }
}

/// Lines with their numbers; lines can be put back.
struct Lines<R> {
    reader: R,
    terminator: u8,
    number: u64,
    pending: Vec<Vec<u8>>,
    spare: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, FormatError> {
        line.clear();
        if let Some(pending) = self.pending.pop() {
            self.spare = std::mem::replace(line, pending);
            self.number += 1;
            return Ok(true);
        }
        let mut limited = self.reader.by_ref().take(LINE_BYTES_MAX);
        let count = limited.read_until(self.terminator, line)?;
        if count == 0 {
            return Ok(false);
        }
        self.number += 1;
        if line.last() == Some(&self.terminator) {
            line.pop();
        } else if line.len() as u64 >= LINE_BYTES_MAX {
            return Err(FormatError::LineTooLong { line: self.number });
        }
        while line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(true)
    }

    fn unread(&mut self, lines: Vec<Vec<u8>>) {
        self.number -= lines.len() as u64;
        self.pending.extend(lines.into_iter().rev());
    }
}

/// How lines end in a sample: old Macs ended them with a carriage return alone.
pub(super) fn terminator_of(sample: &[u8]) -> u8 {
    if !sample.contains(&b'\n') && sample.contains(&b'\r') {
        b'\r'
    } else {
        b'\n'
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(bytes: &[u8], delimiter: u8) -> Vec<(u64, Vec<String>)> {
        let reader = decoded(bytes, Encoding::of(bytes));
        let mut rows = DelimitedRows::new(reader, delimiter, terminator_of(bytes));
        let mut row = Row::default();
        let mut read = Vec::new();
        while rows.next(&mut row).expect("bytes in memory") {
            let cells = row
                .cells
                .iter()
                .map(|span| row.text[span.start..span.end].to_owned());
            read.push((row.number, cells.collect()));
        }
        read
    }

    #[test]
    fn numbers_lines_behind_blank_lines_and_quotes() {
        let read = rows(b"a,b\r\n\r\n\"x\ny\",2\r\n3,\"q\"\"q\"", b',');
        insta::assert_debug_snapshot!(read, @r#"
        [
            (
                1,
                [
                    "a",
                    "b",
                ],
            ),
            (
                2,
                [
                    "",
                ],
            ),
            (
                3,
                [
                    "x\ny",
                    "2",
                ],
            ),
            (
                5,
                [
                    "3",
                    "q\"q",
                ],
            ),
        ]
        "#);
    }

    #[test]
    fn a_stray_quote_costs_no_other_line() {
        let mut text = String::from("1;\"tubo 5 pulgadas;10\n");
        for line in 2..200 {
            text.push_str(&format!("{line};b;20\n"));
        }
        let read = rows(text.as_bytes(), b';');
        assert_eq!(read.len(), 199);
        assert_eq!(read[0].1, ["1", "tubo 5 pulgadas", "10"]);
        assert_eq!(
            read[198],
            (199, vec!["199".into(), "b".into(), "20".into()])
        );
    }

    #[test]
    fn reads_latin_1_line_by_line() {
        let read = rows(b"raz\xf3n;\"a\xf1o\"\nni\xc3\xb1o;1\n".as_slice(), b';');
        assert_eq!(read[0].1, ["razón", "año"]);
    }

    proptest! {
        #[test]
        fn agrees_with_the_csv_library(
            records in prop::collection::vec(
                prop::collection::vec("[a-z,;\"\n é]{0,6}", 2..5),
                1..9,
            )
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for record in &records {
                writer.write_record(record).expect("written to memory");
            }
            let bytes = writer.into_inner().expect("flushed");
            let read: Vec<Vec<String>> = rows(&bytes, b',').into_iter().map(|row| row.1).collect();
            prop_assert_eq!(read, records);
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = rows(&bytes, b',');
        }
    }
}
