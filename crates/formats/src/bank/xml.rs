//! XML as banks write it, read piece by piece: containers are walked into, the rest comes as
//! small trees.
//!
//! Document types are refused, so nothing expands; only the five predefined entities and
//! references to characters are resolved. Names lose their prefix.

use std::io::{BufRead, BufReader, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::text::Utf8;
use super::{Fault, Source};

/// Elements within elements.
const DEPTH_MAX: usize = 64;
/// Bytes of one text, tag or comment.
const PIECE_BYTES_MAX: usize = 1024 * 1024;
/// Attributes of one element.
const ATTRIBUTES_MAX: usize = 200;
/// Elements of one tree.
const NODES_MAX: usize = 200_000;
/// Bytes of text of one tree.
const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// An element with all that is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    /// Name without prefix.
    pub name: String,
    /// Attributes by name without prefix.
    pub attributes: Vec<(String, String)>,
    /// Its own text, without space around.
    pub text: String,
    /// What is in it, in order.
    pub children: Vec<Node>,
    /// 1-based line at which it begins.
    pub line: u64,
}

impl Node {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first node on a path such as `Refs/EndToEndId`.
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('/')
            .try_fold(self, |node, name| node.child(name))
    }

    /// Text of the first node on the path, unless it is empty.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.at(path)
            .map(|node| node.text.as_str())
            .filter(|text| !text.is_empty())
    }

    /// An attribute's value, unless it is empty.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(found.1.trim()).filter(|value| !value.is_empty())
    }
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Step {
    /// A container begins; the node has no children yet.
    Open(Node),
    /// An element with all that is in it.
    Whole(Node),
    /// The container that opened last ends.
    Close(String),
}

/// A file of XML, piece by piece.
pub(super) struct Xml {
    reader: Reader<Metered>,
    open: Vec<String>,
    buffer: Vec<u8>,
}

impl Xml {
    /// From the file's beginning; `head` are its first bytes.
    pub fn new(source: Source, head: &[u8]) -> Result<Self, Fault> {
        let decoder = match head {
            [0xFF, 0xFE, ..] => Some(UTF_16LE.new_decoder_with_bom_removal()),
            [0xFE, 0xFF, ..] => Some(UTF_16BE.new_decoder_with_bom_removal()),
            _ => declared(head)?.map(Encoding::new_decoder_without_bom_handling),
        };
        let source: Box<dyn Read + Send> = Box::new(source);
        let mut reader = Reader::from_reader(Metered {
            inner: BufReader::with_capacity(64 * 1024, Utf8::new(source, decoder)),
            left: PIECE_BYTES_MAX,
            line: 1,
        });
        reader.config_mut().expand_empty_elements = true;
        Ok(Self {
            reader,
            open: Vec::new(),
            buffer: Vec::new(),
        })
    }

    /// 1-based line reached.
    pub fn line(&self) -> u64 {
        self.reader.get_ref().line
    }

    /// Containers that are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The next step; `None` at the document's end. `walk` says of an element, by the names it
    /// stands in and its own, whether it is a container to walk into.
    pub fn step(&mut self, walk: impl Fn(&[String], &str) -> bool) -> Result<Option<Step>, Fault> {
        loop {
            match self.event()? {
                Piece::Start(node) => {
                    if walk(&self.open, &node.name) {
                        self.enter(&node)?;
                        return Ok(Some(Step::Open(node)));
                    }
                    return self.whole(node).map(|node| Some(Step::Whole(node)));
                }
                Piece::End => {
                    let name = self.open.pop().unwrap_or_default();
                    return Ok(Some(Step::Close(name)));
                }
                Piece::Text(_) => {}
                Piece::Eof if self.open.is_empty() => return Ok(None),
                Piece::Eof => return Err(self.broken_off()),
            }
        }
    }

    /// The tree of an element that has just begun.
    fn whole(&mut self, node: Node) -> Result<Node, Fault> {
        let mut stack = vec![node];
        let (mut nodes, mut bytes) = (1, 0);
        loop {
            match self.event()? {
                Piece::Start(node) => {
                    nodes += 1;
                    if self.open.len() + stack.len() >= DEPTH_MAX {
                        return Err(self.fault("Tiene más de 64 elementos uno dentro de otro."));
                    }
                    stack.push(node);
                }
                Piece::Text(text) => {
                    bytes += text.len();
                    if let Some(node) = stack.last_mut() {
                        node.text.push_str(&text);
                    }
                }
                Piece::End => {
                    let Some(mut node) = stack.pop() else {
                        return Err(self.broken_off());
                    };
                    let trimmed = node.text.trim();
                    if trimmed.len() < node.text.len() {
                        node.text = trimmed.to_owned();
                    }
                    match stack.last_mut() {
                        Some(parent) => parent.children.push(node),
                        None => return Ok(node),
                    }
                }
                Piece::Eof => return Err(self.broken_off()),
            }
            if nodes > NODES_MAX || bytes > TEXT_BYTES_MAX {
                return Err(self.fault("Un solo elemento es demasiado grande para leerlo."));
            }
        }
    }

    fn enter(&mut self, node: &Node) -> Result<(), Fault> {
        if self.open.len() >= DEPTH_MAX {
            return Err(self.fault("Tiene más de 64 elementos uno dentro de otro."));
        }
        self.open.push(node.name.clone());
        Ok(())
    }

    /// The next piece that matters.
    fn event(&mut self) -> Result<Piece, Fault> {
        loop {
            self.buffer.clear();
            self.reader.get_mut().left = PIECE_BYTES_MAX;
            let line = self.reader.get_ref().line;
            let read = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => piece(event, line),
                Err(error) => Err(Refusal::Malformed(error.to_string())),
            };
            match read {
                Ok(None) => {}
                Ok(Some(piece)) => return Ok(piece),
                Err(refusal) => return Err(self.refused(&refusal)),
            }
        }
    }

    fn refused(&self, refusal: &Refusal) -> Fault {
        match refusal {
            Refusal::DocType => self.fault(
                "Trae una definición de tipo de documento (DOCTYPE), que ningún banco necesita y \
                 que no se abre por seguridad.",
            ),
            Refusal::Unresolved => {
                self.fault("Trae una entidad o un atributo que no se entiende: no es XML válido.")
            }
            Refusal::Malformed(error) => self.fault(&format!(
                "El XML está mal formado en {} ({error}). Descárguelo otra vez.",
                self.path()
            )),
        }
    }

    fn path(&self) -> String {
        format!("/{}", self.open.join("/"))
    }

    fn fault(&self, reason: &str) -> Fault {
        Fault::new(self.line(), "XML", reason, &self.path())
    }

    fn broken_off(&self) -> Fault {
        self.fault("El archivo está cortado: termina antes de tiempo. Descárguelo otra vez.")
    }
}

/// A piece of XML, owned.
enum Piece {
    Start(Node),
    End,
    Text(String),
    Eof,
}

/// Why a piece is not taken.
enum Refusal {
    DocType,
    Unresolved,
    Malformed(String),
}

/// The piece an event is; `None` for one that says nothing.
fn piece(event: Event<'_>, line: u64) -> Result<Option<Piece>, Refusal> {
    let piece = match event {
        Event::Start(start) | Event::Empty(start) => {
            Piece::Start(node(&start, line).ok_or(Refusal::Unresolved)?)
        }
        Event::End(_) => Piece::End,
        Event::Text(text) => Piece::Text(text.xml10_content().into_owned()),
        Event::CData(text) => Piece::Text(text.xml10_content().into_owned()),
        Event::GeneralRef(name) => {
            let letter = name.resolve_char_ref().map_err(|_| Refusal::Unresolved)?;
            let named = || resolve_xml_entity(&name).map(str::to_owned);
            let text = letter.map(String::from).or_else(named);
            Piece::Text(text.ok_or(Refusal::Unresolved)?)
        }
        Event::DocType(_) => return Err(Refusal::DocType),
        Event::Eof => Piece::Eof,
        Event::Decl(_) | Event::PI(_) | Event::Comment(_) => return Ok(None),
    };
    Ok(Some(piece))
}

fn node(start: &BytesStart<'_>, line: u64) -> Option<Node> {
    let attributes = start
        .attributes()
        .enumerate()
        .map(|(index, attribute)| {
            // Each is held against all before it, so there must be few.
            let attribute = attribute.ok().filter(|_| index < ATTRIBUTES_MAX)?;
            let value = attribute.normalized_value(XmlVersion::default()).ok()?;
            let name = attribute.key.local_name().into_inner().to_owned();
            Some((name, value.into_owned()))
        })
        .collect::<Option<_>>()?;
    Some(Node {
        name: start.local_name().into_inner().to_owned(),
        attributes,
        line,
        ..Node::default()
    })
}

/// The encoding the XML declaration names, unless it is UTF-8.
fn declared(head: &[u8]) -> Result<Option<&'static Encoding>, Fault> {
    let head = &head[..head.len().min(256)];
    let text = String::from_utf8_lossy(head);
    let declaration = text
        .trim_start_matches('\u{feff}')
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    let named = declaration.and_then(|(declaration, _)| {
        let (_, rest) = declaration.split_once("encoding")?;
        let rest = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = rest.chars().next()?;
        let label = rest.strip_prefix(quote)?.split_once(quote)?.0;
        Some(label.to_owned())
    });
    let Some(label) = named else { return Ok(None) };
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding == UTF_8 => Ok(None),
        // It was read as single bytes up to here, so it is not what it says.
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Ok(None),
        Some(encoding) => Ok(Some(encoding)),
        None => Err(Fault::new(
            1,
            "codificación",
            format!("Dice estar en la codificación {label}, que no se conoce."),
            &label,
        )),
    }
}

/// The root element of a text that begins as XML, without what is in it.
pub(super) fn root(text: &str) -> Option<Node> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with('<') {
        return None;
    }
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) | Event::Empty(start) => return node(&start, 1),
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// Counts lines, and the bytes of one piece.
struct Metered {
    inner: BufReader<Utf8<Box<dyn Read + Send>>>,
    left: usize,
    line: u64,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Metered {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            return Err(std::io::Error::other("un solo texto pasa de 1 MiB"));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        let lines = self.inner.buffer()[..count]
            .iter()
            .filter(|byte| **byte == b'\n');
        self.line += lines.count() as u64;
        self.left = self.left.saturating_sub(count);
        self.inner.consume(count);
    }
}
