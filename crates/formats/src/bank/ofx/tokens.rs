//! Tags and texts of OFX, one after another: SGML without end tags, or XML.
//!
//! A bare `&` or `<` is text, as banks write it; nothing expands but character references and the
//! usual named ones.

use std::io::{BufRead, BufReader, Read};

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::super::source::unreadable;
use super::super::text::{Utf8, decode};
use super::super::{Fault, Source};

/// Bytes of one tag or text.
const PIECE_BYTES_MAX: u64 = 1024 * 1024;

/// A tag, or the text between two.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// `<NAME>`, upper case.
    Open(String),
    /// `</NAME>`, upper case.
    Close(String),
    /// Text without space around, if there is any.
    Text(String),
}

pub(super) struct Tokens {
    reader: BufReader<Utf8<Box<dyn Read + Send>>>,
    line: u64,
    /// A `<` was read and opens what comes next.
    within: bool,
    next: Option<Token>,
}

impl Tokens {
    pub fn new(mut source: Source) -> Result<Self, Fault> {
        let decoder = match source.peek(2)?.as_slice() {
            [0xFF, 0xFE] => Some(UTF_16LE.new_decoder_with_bom_removal()),
            [0xFE, 0xFF] => Some(UTF_16BE.new_decoder_with_bom_removal()),
            _ => None,
        };
        let boxed: Box<dyn Read + Send> = Box::new(source);
        Ok(Self {
            reader: BufReader::with_capacity(64 * 1024, Utf8::new(boxed, decoder)),
            line: 1,
            within: false,
            next: None,
        })
    }

    /// 1-based line reached.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The text that follows, if the next token is one; else the token is kept.
    pub fn text(&mut self) -> Result<String, Fault> {
        let mut text = String::new();
        loop {
            match self.token()? {
                Some(Token::Text(more)) => text.push_str(&more),
                token => {
                    self.next = token;
                    return Ok(text);
                }
            }
        }
    }

    /// The next token; `None` at the end.
    pub fn token(&mut self) -> Result<Option<Token>, Fault> {
        if let Some(token) = self.next.take() {
            return Ok(Some(token));
        }
        loop {
            if !self.within {
                let Some(mut text) = self.until(b'<')? else {
                    return Ok(None);
                };
                self.within = text.last() == Some(&b'<');
                if self.within {
                    text.pop();
                }
                let text = decode(&text);
                if !text.trim().is_empty() {
                    return Ok(Some(Token::Text(resolved(text.trim()))));
                }
                if !self.within {
                    return Ok(None);
                }
            }
            self.within = false;
            let Some(token) = self.tag()? else { continue };
            return Ok(Some(token));
        }
    }

    /// What a `<` opens; `None` for what says nothing.
    fn tag(&mut self) -> Result<Option<Token>, Fault> {
        let line = self.line;
        let first = self.reader.fill_buf().map_err(|error| Fault {
            line,
            ..unreadable(&error)
        })?;
        match first.first() {
            Some(b'!' | b'?') => return self.special(),
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'/' => {}
            Some(_) => return Ok(Some(Token::Text("<".to_owned()))),
            None => return Ok(None),
        }
        let mut tag = self.until(b'>')?.unwrap_or_default();
        if tag.last() == Some(&b'>') {
            tag.pop();
        }
        let tag = decode(&tag);
        let (closes, name) = match tag.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, tag.as_ref()),
        };
        // Attributes and the slash of an empty element say nothing in OFX.
        let name = name
            .split([' ', '\t', '\r', '\n', '/'])
            .next()
            .unwrap_or_default();
        let name = name.to_ascii_uppercase();
        Ok(Some(if closes {
            Token::Close(name)
        } else {
            Token::Open(name)
        }))
    }

    /// A comment, a processing instruction, or text that is taken as it stands.
    fn special(&mut self) -> Result<Option<Token>, Fault> {
        let mut bytes = self.until(b'>')?.unwrap_or_default();
        let end: &[u8] = if bytes.starts_with(b"![CDATA[") {
            b"]]>"
        } else if bytes.starts_with(b"!--") {
            b"-->"
        } else {
            return Ok(None);
        };
        while !bytes.ends_with(end) {
            let Some(more) = self.until(b'>')? else { break };
            bytes.extend(more);
            if bytes.len() as u64 > PIECE_BYTES_MAX {
                return Err(self.too_long());
            }
        }
        let text = bytes.strip_prefix(b"![CDATA[".as_slice());
        let text = text.map(|text| text.strip_suffix(end).unwrap_or(text));
        let text = text.map(|text| decode(text).trim().to_owned());
        Ok(text.filter(|text| !text.is_empty()).map(Token::Text))
    }

    /// Bytes up to and with one; `None` at the end.
    fn until(&mut self, end: u8) -> Result<Option<Vec<u8>>, Fault> {
        let mut bytes = Vec::new();
        let read = (&mut self.reader)
            .take(PIECE_BYTES_MAX + 1)
            .read_until(end, &mut bytes)
            .map_err(|error| Fault {
                line: self.line,
                ..unreadable(&error)
            })?;
        self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        if read as u64 > PIECE_BYTES_MAX {
            return Err(self.too_long());
        }
        Ok((read > 0).then_some(bytes))
    }

    fn too_long(&self) -> Fault {
        let reason = "Un solo texto pasa de 1 MiB: no es un estado de cuenta OFX.";
        Fault::new(self.line, "archivo", reason, "")
    }
}

/// A text with its references resolved; what is none stays.
fn resolved(text: &str) -> String {
    const NAMED: [(&str, &str); 6] = [
        ("amp;", "&"),
        ("lt;", "<"),
        ("gt;", ">"),
        ("quot;", "\""),
        ("apos;", "'"),
        ("nbsp;", " "),
    ];
    let mut pieces = text.split('&');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        if let Some((name, letter)) = NAMED.iter().find(|(name, _)| piece.starts_with(name)) {
            out.push_str(letter);
            out.push_str(&piece[name.len()..]);
        } else if let Some((letter, rest)) = numbered(piece) {
            out.push(letter);
            out.push_str(rest);
        } else {
            out.push('&');
            out.push_str(piece);
        }
    }
    out
}

/// `#233;` and `#xE9;`.
fn numbered(piece: &str) -> Option<(char, &str)> {
    let (code, rest) = piece.strip_prefix('#')?.split_once(';')?;
    let code = match code.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => code.parse().ok()?,
    };
    let letter = char::from_u32(code).filter(|letter| !letter.is_control())?;
    Some((letter, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let cursor = std::io::Cursor::new(text.as_bytes().to_vec());
        let mut tokens = Tokens::new(Source::Seekable(Box::new(cursor))).expect("memory is read");
        std::iter::from_fn(|| tokens.token().expect("memory is read")).collect()
    }

    #[test]
    fn tags_and_texts() {
        let (open, close) = (
            |name: &str| Token::Open(name.to_owned()),
            |name: &str| Token::Close(name.to_owned()),
        );
        let text = |text: &str| Token::Text(text.to_owned());
        assert_eq!(
            tokens("<?xml version=\"1.0\"?><!-- <A> -->\n<Name>P&G &amp; Cía &#233;\n<B/></name>"),
            [open("NAME"), text("P&G & Cía é"), open("B"), close("NAME")]
        );
        assert_eq!(
            tokens("<MEMO><![CDATA[ a < b > c ]]></MEMO>"),
            [open("MEMO"), text("a < b > c"), close("MEMO")]
        );
        assert_eq!(
            tokens("<MEMO>1 < 2"),
            [open("MEMO"), text("1"), text("<"), text("2")]
        );
        assert_eq!(tokens("<"), []);
        assert_eq!(tokens(""), []);
    }
}
