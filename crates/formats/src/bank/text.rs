//! Lines of text files as banks write them: UTF-8, UTF-16, Windows-1252 (which holds Latin-1) or
//! CP850, whatever ends the lines.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::source::unreadable;
use super::{Fault, Source};

/// Bytes of one line.
const LINE_BYTES_MAX: u64 = 1024 * 1024;
/// Bytes shown to those who tell formats apart.
const PREVIEW_BYTES: usize = 8 * 1024;

/// The upper half of code page 850, which DOS programs of banks still write.
const CP850: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', //
    'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', 'ø', '£', 'Ø', '×', 'ƒ', //
    'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '®', '¬', '½', '¼', '¡', '«', '»', //
    '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'À', '©', '╣', '║', '╗', '╝', '¢', '¥', '┐', //
    '└', '┴', '┬', '├', '─', '┼', 'ã', 'Ã', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤', //
    'ð', 'Ð', 'Ê', 'Ë', 'È', 'ı', 'Í', 'Î', 'Ï', '┘', '┌', '█', '▄', '¦', 'Ì', '▀', //
    'Ó', 'ß', 'Ô', 'Ò', 'õ', 'Õ', 'µ', 'þ', 'Þ', 'Ú', 'Û', 'Ù', 'ý', 'Ý', '¯', '´', //
    '\u{ad}', '±', '‗', '¾', '¶', '§', '÷', '¸', '°', '¨', '·', '¹', '³', '²', '■', '\u{a0}',
];

/// The text of bytes in UTF-8, else in CP850 or Windows-1252.
///
/// Of two letters beside each other the one in `80`–`A5` is CP850's, the one from `C0` on is
/// Windows-1252's: what there is more of decides.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let dos = bytes.iter().filter(|byte| (0x80..=0xA5).contains(*byte));
    let windows = bytes.iter().filter(|byte| **byte >= 0xC0);
    if dos.count() <= windows.count() {
        return WINDOWS_1252.decode_without_bom_handling(bytes).0;
    }
    let letter = |byte: &u8| match byte.checked_sub(0x80) {
        None => char::from(*byte),
        Some(index) => CP850[usize::from(index)],
    };
    Cow::Owned(bytes.iter().map(letter).collect())
}

/// The first letters of a file, whatever it is.
pub(super) fn preview(head: &[u8]) -> String {
    let head = &head[..head.len().min(PREVIEW_BYTES)];
    match head {
        [0xFF, 0xFE, rest @ ..] => UTF_16LE.decode_without_bom_handling(rest).0.into_owned(),
        [0xFE, 0xFF, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => decode(head).into_owned(),
    }
}

/// Bytes in UTF-16 become UTF-8; others pass.
pub(super) struct Utf8<R> {
    inner: R,
    decoder: Option<encoding_rs::Decoder>,
    raw: Vec<u8>,
    text: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Utf8<R> {
    /// `decoder` is that of the encoding the bytes are in, none for UTF-8 or what is decoded
    /// later.
    pub fn new(inner: R, decoder: Option<encoding_rs::Decoder>) -> Self {
        Self {
            inner,
            decoder,
            raw: Vec::new(),
            text: Vec::new(),
            given: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let Some(decoder) = &mut self.decoder else {
            return self.inner.read(out);
        };
        while self.given == self.text.len() && !self.ended {
            self.raw.resize(16 * 1024, 0);
            let count = self.inner.read(&mut self.raw)?;
            self.ended = count == 0;
            // Three bytes of UTF-8 at most for one of any other, and what was held back.
            self.text.resize(4 * count + 16, 0);
            let (_, _, written, wrong) =
                decoder.decode_to_utf8(&self.raw[..count], &mut self.text, self.ended);
            if wrong {
                return Err(std::io::Error::new(
                    std::io::ErrorKind::InvalidData,
                    "tiene bytes que su codificación no permite",
                ));
            }
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

/// The lines of a file, without what ends them.
pub(super) struct Lines {
    reader: BufReader<Utf8<Box<dyn Read + Send>>>,
    started: bool,
    bytes: Vec<u8>,
    number: u64,
    failed: bool,
    /// A bare carriage return ends lines: what the last read left.
    rest: Option<Vec<u8>>,
}

impl Lines {
    /// From the file's beginning.
    pub fn new(mut source: Source) -> Result<Self, Fault> {
        let decoder = match source.peek(2)?.as_slice() {
            [0xFF, 0xFE] => Some(UTF_16LE.new_decoder_with_bom_removal()),
            [0xFE, 0xFF] => Some(UTF_16BE.new_decoder_with_bom_removal()),
            _ => None,
        };
        let boxed: Box<dyn Read + Send> = Box::new(source);
        Ok(Self {
            reader: BufReader::with_capacity(64 * 1024, Utf8::new(boxed, decoder)),
            started: false,
            bytes: Vec::new(),
            number: 0,
            failed: false,
            rest: None,
        })
    }

    /// 1-based number of the line read last.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The next line; after a fault there is none.
    pub fn next_line(&mut self) -> Result<Option<String>, Fault> {
        if self.failed {
            return Ok(None);
        }
        let read = self.fill();
        self.failed = read.is_err();
        if !read? {
            return Ok(None);
        }
        self.number += 1;
        if !self.started {
            self.started = true;
            if self.bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
                self.bytes.drain(..3);
            }
        }
        Ok(Some(decode(&self.bytes).into_owned()))
    }

    /// Reads one line's bytes; false at the end.
    fn fill(&mut self) -> Result<bool, Fault> {
        self.bytes.clear();
        if let Some(rest) = self.rest.take() {
            self.bytes = rest;
        } else {
            (&mut self.reader)
                .take(LINE_BYTES_MAX + 1)
                .read_until(b'\n', &mut self.bytes)
                .map_err(|error| Fault {
                    line: self.number + 1,
                    ..unreadable(&error)
                })?;
            if self.bytes.is_empty() {
                return Ok(false);
            }
            if self.bytes.last() == Some(&b'\n') {
                self.bytes.pop();
            } else if self.bytes.len() as u64 > LINE_BYTES_MAX {
                let reason = "El renglón pasa de 1 MiB: no es un estado de cuenta de texto.";
                return Err(Fault::new(self.number + 1, "renglón", reason, ""));
            }
            if self.bytes.last() == Some(&b'\r') {
                self.bytes.pop();
            }
        }
        if let Some(at) = self.bytes.iter().position(|byte| *byte == b'\r') {
            let mut rest = self.bytes.split_off(at);
            rest.remove(0);
            self.rest = Some(rest);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<String> {
        let cursor = std::io::Cursor::new(bytes.to_vec());
        let mut lines = Lines::new(Source::Seekable(Box::new(cursor))).expect("memory is read");
        std::iter::from_fn(|| lines.next_line().expect("memory is read")).collect()
    }

    #[test]
    fn lines_end_in_any_way() {
        let cases: &[(&[u8], &[&str])] = &[
            (b"a\nb", &["a", "b"]),
            (b"a\r\nb\r\n", &["a", "b"]),
            (b"a\rb\r\rc", &["a", "b", "", "c"]),
            (b"\n\na", &["", "", "a"]),
            (b"", &[]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(lines(bytes), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn letters_of_every_encoding() {
        let utf16: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain("Ñandú\nb".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let cases: &[(&[u8], &[&str])] = &[
            ("\u{feff}Ñandú".as_bytes(), &["Ñandú"]),
            (b"\xD1and\xFA", &["Ñandú"]),
            (b"\xA5and\xA3", &["Ñandú"]),
            (b"M\x81ller\nM\xFCller", &["Müller", "Müller"]),
            (&utf16, &["Ñandú", "b"]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(lines(bytes), *expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let cursor = std::io::Cursor::new(vec![b'x'; 2 << 20]);
        let mut lines = Lines::new(Source::Seekable(Box::new(cursor))).expect("memory is read");
        assert!(lines.next_line().is_err());
        assert_eq!(lines.next_line(), Ok(None));
    }
}
