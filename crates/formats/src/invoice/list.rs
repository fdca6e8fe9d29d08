//! Lists of documents as tax offices give them: one document to a line, fields between marks.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use encoding_rs::WINDOWS_1252;

use super::fault::Problem;
use super::model::Reading;
use super::{chile, mexico};

/// Longest line read: beyond it the file is not a list.
const LINE_BYTES_MAX: u64 = 1024 * 1024;

/// Which list it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListKind {
    /// Mexico: metadata of a bulk download.
    SatMetadata,
    /// Chile: *Registro de Compras y Ventas*.
    Rcv,
    /// Chile: cessions of a period.
    Cessions,
}

/// The kind of list that begins like this.
pub(super) fn kind(head: &[u8]) -> Option<ListKind> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let end = head
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(head.len());
    let header = head.get(..end.min(4096))?;
    let header = WINDOWS_1252
        .decode_without_bom_handling(header)
        .0
        .to_lowercase();
    if mexico::metadata::is_header(&header) {
        return Some(ListKind::SatMetadata);
    }
    if chile::cessions::is_first(&header) {
        return Some(ListKind::Cessions);
    }
    chile::rcv::is_header(&header).then_some(ListKind::Rcv)
}

/// What one line says.
pub(super) struct ListLine {
    /// Its number, from one.
    pub number: u32,
    /// The line as it is.
    pub bytes: Arc<[u8]>,
    /// What it says.
    pub outcome: Result<Reading, Problem>,
}

/// The parser of a list's lines.
enum Parser {
    SatMetadata(mexico::metadata::Columns),
    Rcv(chile::rcv::Columns),
    Cessions(chile::cessions::Columns),
}

/// A list, line by line.
pub(super) struct ListReader<R> {
    lines: Lines<R>,
    parser: Parser,
    /// What the line before said beside its first saying.
    rest: Vec<ListLine>,
}

impl<R: Read> ListReader<R> {
    /// Reads the header.
    pub fn new(inner: R, kind: ListKind, name: &str) -> Result<Self, Problem> {
        let mut lines = Lines {
            inner: BufReader::new(inner),
            number: 0,
            only_crlf: false,
            failed: false,
        };
        let mut header = header(&mut lines)?;
        let only_crlf = lines.only_crlf;
        if chile::cessions::asks(&header) {
            header = self::header(&mut lines)?;
        }
        let parser = match kind {
            ListKind::SatMetadata => Parser::SatMetadata(mexico::metadata::Columns::of(&header)?),
            ListKind::Rcv => Parser::Rcv(chile::rcv::Columns::of(&header, name)?),
            ListKind::Cessions => Parser::Cessions(chile::cessions::Columns::of(&header)?),
        };
        // Names may hold a bare line feed where lines end in both.
        lines.only_crlf = matches!(parser, Parser::SatMetadata(_)) && only_crlf;
        Ok(Self {
            lines,
            parser,
            rest: Vec::new(),
        })
    }
}

impl<R: Read> Iterator for ListReader<R> {
    type Item = ListLine;

    fn next(&mut self) -> Option<ListLine> {
        loop {
            if let Some(line) = self.rest.pop() {
                return Some(line);
            }
            let line = match self.lines.next()? {
                Ok(line) => line,
                Err(problem) => {
                    return Some(ListLine {
                        number: problem.line.unwrap_or(1),
                        bytes: Arc::default(),
                        outcome: Err(problem),
                    });
                }
            };
            let text = decoded(&line.bytes);
            let text = text.trim_end_matches(['\r', '\n']);
            if text.trim().is_empty() {
                continue;
            }
            let readings = match &mut self.parser {
                Parser::SatMetadata(columns) => columns.read(text, line.number),
                Parser::Rcv(columns) => columns.read(text, line.number),
                Parser::Cessions(columns) => columns.read(text, line.number),
            };
            let bytes: Arc<[u8]> = Arc::from(line.bytes);
            self.rest = readings
                .into_iter()
                .map(|outcome| ListLine {
                    number: line.number,
                    bytes: Arc::clone(&bytes),
                    outcome,
                })
                .collect();
            self.rest.reverse();
        }
    }
}

/// The next line as a header.
fn header(lines: &mut Lines<impl Read>) -> Result<String, Problem> {
    match lines.next() {
        Some(Ok(line)) => {
            let text = decoded(&line.bytes);
            Ok(text.trim_start_matches('\u{feff}').trim_end().to_owned())
        }
        Some(Err(problem)) => Err(problem),
        None => Err(Problem::whole("la lista está vacía")),
    }
}

/// UTF-8, or Windows-1252 where it is not.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    }
}

struct RawLine {
    number: u32,
    bytes: Vec<u8>,
}

struct Lines<R> {
    inner: BufReader<R>,
    /// Lines read.
    number: u32,
    /// Whether only a carriage return with a line feed ends a line. Set by the first one.
    only_crlf: bool,
    /// What could not be read once is not asked for again.
    failed: bool,
}

impl<R: Read> Lines<R> {
    fn next(&mut self) -> Option<Result<RawLine, Problem>> {
        if self.failed {
            return None;
        }
        let number = self.number.saturating_add(1);
        let mut bytes = Vec::new();
        loop {
            let left = LINE_BYTES_MAX - bytes.len() as u64;
            let read = (&mut self.inner).take(left).read_until(b'\n', &mut bytes);
            match read {
                Err(error) => {
                    self.failed = true;
                    return Some(Err(Problem::on_line(number, super::unreadable(&error))));
                }
                Ok(0) if bytes.is_empty() => return None,
                Ok(0) if bytes.len() as u64 == LINE_BYTES_MAX => {
                    self.failed = true;
                    let reason = "una línea mide más de 1 MiB: no es una lista";
                    return Some(Err(Problem::on_line(number, reason)));
                }
                Ok(0) => break,
                Ok(_) => self.number = self.number.saturating_add(1),
            }
            let ended = bytes.ends_with(b"\n") && (!self.only_crlf || bytes.ends_with(b"\r\n"));
            if ended {
                break;
            }
        }
        if number == 1 {
            self.only_crlf = bytes.ends_with(b"\r\n");
        }
        Some(Ok(RawLine { number, bytes }))
    }
}
