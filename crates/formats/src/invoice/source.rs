//! Bytes to UTF-8 text for the XML reader: encoding, line numbers, a limit, and a copy of what
//! was read where a document is to be kept.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes looked at for the mark or the declaration of the encoding.
const DECLARATION_BYTES_MAX: usize = 256;
const RAW_BYTES: usize = 16 * 1024;

/// Why the text ends before the file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// More bytes than were allowed.
    TooLarge,
    /// Bytes that are not of the encoding, which has this name.
    WrongBytes(&'static str),
}

/// Text of a file of any encoding.
pub(super) struct Source<R> {
    inner: R,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    raw_given: usize,
    text: Vec<u8>,
    given: usize,
    filled: usize,
    ended: bool,
    line: u32,
    allowance: usize,
    kept: Option<Vec<u8>>,
    stop: Option<Stop>,
}

impl<R: Read> Source<R> {
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            decoder: None,
            raw: Vec::new(),
            raw_given: 0,
            text: vec![0; 3 * RAW_BYTES + 16],
            given: 0,
            filled: 0,
            ended: false,
            line: 1,
            allowance: usize::MAX,
            kept: None,
            stop: None,
        }
    }

    /// The line that the next byte is on, from one.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Why reading failed, where it was not the file itself.
    pub const fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// Lets so many more bytes through before it is an error.
    pub const fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    /// Keeps a copy of what is read from here on.
    pub fn keep(&mut self) {
        self.kept.get_or_insert_default().clear();
    }

    /// What was read since [`Self::keep`].
    pub fn take_kept(&mut self) -> Vec<u8> {
        self.kept.take().unwrap_or_default()
    }

    fn refill(&mut self) -> io::Result<()> {
        let first = self.decoder.is_none();
        let wanted = if first { DECLARATION_BYTES_MAX } else { 1 };
        let mut last = false;
        self.raw.drain(..self.raw_given);
        self.raw_given = 0;
        while self.raw.len() < wanted && !last {
            let start = self.raw.len();
            self.raw.resize(start + RAW_BYTES, 0);
            let read = self.inner.read(&mut self.raw[start..]);
            self.raw.truncate(start + *read.as_ref().unwrap_or(&0));
            match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => last = read? == 0,
            }
        }
        let decoder = self
            .decoder
            .get_or_insert_with(|| encoding_of(&self.raw).new_decoder_with_bom_removal());
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.text, last);
        self.raw_given = read;
        (self.given, self.filled) = (0, written);
        match result {
            DecoderResult::Malformed(..) => {
                self.stop = Some(Stop::WrongBytes(decoder.encoding().name()));
                self.ended = true;
                // What is sound before the wrong bytes is of no use to anybody.
                self.filled = 0;
                Err(io::ErrorKind::InvalidData.into())
            }
            DecoderResult::InputEmpty => {
                self.ended = last;
                Ok(())
            }
            DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.given == self.filled && !self.ended {
            self.refill()?;
        }
        if let Some(Stop::WrongBytes(_)) = self.stop {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if self.given < self.filled && self.allowance == 0 {
            self.stop = Some(Stop::TooLarge);
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let end = self.filled.min(self.given.saturating_add(self.allowance));
        Ok(&self.text[self.given..end])
    }

    fn consume(&mut self, count: usize) {
        let consumed = &self.text[self.given..self.given + count];
        let lines = consumed.iter().filter(|&&byte| byte == b'\n').count();
        self.line = self
            .line
            .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(consumed);
        }
        self.given += count;
        self.allowance -= count;
    }
}

/// The encoding by its mark, by how `<` is written, or by the XML declaration.
fn encoding_of(head: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    match head {
        [0, b'<', ..] => return UTF_16BE,
        [b'<', 0, ..] => return UTF_16LE,
        _ => {}
    }
    let declared = declared(head).and_then(Encoding::for_label);
    // Programs that write UTF-8 under a declaration of UTF-16 are common; the bytes decide.
    declared
        .filter(|encoding| encoding.is_ascii_compatible())
        .unwrap_or(UTF_8)
}

/// The label in `<?xml … encoding="label"`.
fn declared(head: &[u8]) -> Option<&[u8]> {
    let head = &head[..head.len().min(DECLARATION_BYTES_MAX)];
    let end = head.windows(2).position(|two| two == b"?>")?;
    let declaration = &head[..end];
    let word = b"encoding";
    let at = declaration
        .windows(word.len())
        .position(|part| part == word)?;
    let rest = &declaration[at + word.len()..];
    let open = rest.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let label = &rest[open + 1..];
    let close = label.iter().position(|&byte| byte == rest[open])?;
    Some(&label[..close])
}
