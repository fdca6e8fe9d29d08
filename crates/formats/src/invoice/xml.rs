//! A reader of XML that gives documents as small trees, bounded in every direction.
//!
//! A parser reads a [`Node`] by the standard's own paths: `root.value("Emisor/@Rfc")`. Names are
//! local names; namespaces are kept by their URI and prefixes mean nothing. Document types are
//! refused, so that there is no entity but the five of XML itself.

use std::io::Read;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::errors::Error;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};

use super::fault::Problem;
use super::node::{Attribute, Node};
use super::source::{Source, Stop};

/// One document, alone or a member of a set.
pub(super) const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// One text; longer ones are attachments, which say nothing of the debt and are left out.
pub(super) const TEXT_BYTES_MAX: usize = 1024 * 1024;
const DEPTH_MAX: usize = 64;
const NODES_MAX: u32 = 400_000;
const ATTRIBUTES_MAX: usize = 256;

/// Reads the elements of one text.
pub(super) struct Scanner<R: Read> {
    reader: Reader<Source<R>>,
    names: NamespaceResolver,
    buffer: Vec<u8>,
    /// The namespace met last: nearly always the next one too.
    namespace: Option<Arc<str>>,
    depth: usize,
    count: u32,
}

enum Step {
    Open(Node),
    Leaf(Node),
    Close,
    Text(String),
    /// Text that holds another document: kept whatever its length.
    Verbatim(String),
    End,
}

/// One document of bytes.
///
/// # Errors
/// Text that is not XML, is of another encoding than it says, or goes beyond a limit.
pub(super) fn parse(bytes: &[u8]) -> Result<Node, Problem> {
    let mut scanner = Scanner::new(bytes);
    let root = scanner.root()?;
    scanner.subtree(root)
}

impl<R: Read> Scanner<R> {
    pub fn new(inner: R) -> Self {
        let mut source = Source::new(inner);
        source.allow(DOCUMENT_BYTES_MAX);
        Self {
            reader: Reader::from_reader(source),
            names: NamespaceResolver::default(),
            buffer: Vec::new(),
            namespace: None,
            depth: 0,
            count: 0,
        }
    }

    /// The root with its attributes, without what is in it.
    pub fn root(&mut self) -> Result<Root, Problem> {
        loop {
            let line = self.reader.get_ref().line();
            match self.step()? {
                Step::Open(node) => return Ok(Root { node, empty: false }),
                Step::Leaf(node) => return Ok(Root { node, empty: true }),
                Step::Text(text) if text.trim().is_empty() => {}
                Step::Text(_) | Step::Verbatim(_) | Step::Close => {
                    return Err(Problem::on_line(line, "no es XML: empieza con otro texto"));
                }
                Step::End => return Err(Problem::on_line(line, "no contiene ningún elemento XML")),
            }
        }
    }

    /// Everything below an element that was opened.
    pub fn subtree(&mut self, root: Root) -> Result<Node, Problem> {
        if root.empty {
            return Ok(root.node);
        }
        let mut open = vec![root.node];
        loop {
            let line = self.reader.get_ref().line();
            match self.step()? {
                Step::Open(node) => open.push(node),
                Step::Leaf(node) => {
                    if let Some(parent) = open.last_mut() {
                        parent.children.push(node);
                    }
                }
                Step::Text(text) => {
                    if let Some(node) = open.last_mut()
                        && node.text.len() + text.len() <= TEXT_BYTES_MAX
                    {
                        node.text.push_str(&text);
                    }
                }
                Step::Verbatim(text) => {
                    if let Some(node) = open.last_mut() {
                        node.text.push_str(&text);
                    }
                }
                Step::Close => {
                    let Some(node) = open.pop() else {
                        return Err(cut_short(line));
                    };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(node),
                        None => return Ok(node),
                    }
                }
                Step::End => return Err(cut_short(line)),
            }
        }
    }

    /// The next element of one of these names, wherever it stands, with its text in UTF-8;
    /// `None` at the end.
    pub fn next_named(&mut self, names: &[&str]) -> Result<Option<(Node, Vec<u8>)>, Problem> {
        loop {
            let source = self.reader.get_mut();
            let line = source.line();
            source.allow(DOCUMENT_BYTES_MAX);
            source.keep();
            self.count = 0;
            let (node, empty) = match self.step()? {
                Step::Open(node) => (node, false),
                Step::Leaf(node) => (node, true),
                Step::End if self.depth > 0 => return Err(cut_short(line)),
                Step::End => return Ok(None),
                Step::Text(_) | Step::Verbatim(_) | Step::Close => continue,
            };
            if names.contains(&&*node.name) {
                let node = self.subtree(Root { node, empty })?;
                return Ok(Some((node, self.reader.get_mut().take_kept())));
            }
        }
    }

    fn step(&mut self) -> Result<Step, Problem> {
        loop {
            self.buffer.clear();
            let line = self.reader.get_ref().line();
            let event = match self.reader.read_event_into(&mut self.buffer) {
                Ok(event) => event,
                Err(error) => return Err(problem(&error, line, self.reader.get_ref().stop())),
            };
            match event {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        let reason = format!("anida más de {DEPTH_MAX} elementos");
                        return Err(Problem::on_line(line, reason));
                    }
                    self.names.push(&start).map_err(|_| bad_names(line))?;
                    let namespace = namespace(&self.names, &start, &mut self.namespace);
                    self.count += 1;
                    return Ok(Step::Open(node(&start, namespace, line, self.count)?));
                }
                Event::Empty(start) => {
                    self.names.push(&start).map_err(|_| bad_names(line))?;
                    let namespace = namespace(&self.names, &start, &mut self.namespace);
                    self.names.pop();
                    self.count += 1;
                    return Ok(Step::Leaf(node(&start, namespace, line, self.count)?));
                }
                Event::End(_) => {
                    self.depth -= 1;
                    self.names.pop();
                    return Ok(Step::Close);
                }
                Event::Text(text) => return Ok(Step::Text(text.xml10_content().into_owned())),
                Event::CData(text) => {
                    return Ok(Step::Verbatim(text.xml10_content().into_owned()));
                }
                Event::GeneralRef(name) => {
                    let character = name
                        .resolve_char_ref()
                        .map_err(|_| bad_entity(line, &name))?;
                    let text = match character {
                        Some(character) => character.to_string(),
                        None => resolve_predefined_entity(&name)
                            .ok_or_else(|| bad_entity(line, &name))?
                            .to_owned(),
                    };
                    return Ok(Step::Text(text));
                }
                Event::DocType(_) => {
                    let reason = "trae una definición de tipo (DOCTYPE), que no se admite por \
                                  seguridad: pida el XML original a quien lo emitió";
                    return Err(Problem::on_line(line, reason));
                }
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Eof => return Ok(Step::End),
            }
        }
    }
}

/// An element that was opened and not yet read.
pub(super) struct Root {
    /// Its name and attributes.
    pub node: Node,
    empty: bool,
}

fn namespace(
    names: &NamespaceResolver,
    start: &BytesStart<'_>,
    last: &mut Option<Arc<str>>,
) -> Option<Arc<str>> {
    let (ResolveResult::Bound(found), _) = names.resolve_element(start.name()) else {
        return None;
    };
    if last.as_deref() != Some(found.0) {
        *last = Some(Arc::from(found.0));
    }
    last.clone()
}

fn node(
    start: &BytesStart<'_>,
    namespace: Option<Arc<str>>,
    line: u32,
    order: u32,
) -> Result<Node, Problem> {
    if order > NODES_MAX {
        let reason = format!("tiene más de {NODES_MAX} elementos");
        return Err(Problem::on_line(line, reason));
    }
    let mut attributes = Vec::new();
    // The library's check for repeated names compares each with each.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| cut_short(line))?;
        if attributes.len() == ATTRIBUTES_MAX {
            let reason = format!("un elemento tiene más de {ATTRIBUTES_MAX} atributos");
            return Err(Problem::on_line(line, reason));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| problem(&error, line, None))?;
        attributes.push(Attribute {
            name: Box::from(attribute.key.local_name().into_inner()),
            value: Box::from(&*value),
        });
    }
    Ok(Node {
        name: Box::from(start.local_name().into_inner()),
        namespace,
        attributes,
        text: String::new(),
        children: Vec::new(),
        line,
        order,
    })
}

fn cut_short(line: u32) -> Problem {
    let reason = "el XML está cortado o mal formado: vuelva a descargarlo";
    Problem::on_line(line, reason)
}

fn bad_names(line: u32) -> Problem {
    Problem::on_line(line, "el XML declara mal sus espacios de nombres")
}

fn bad_entity(line: u32, name: &str) -> Problem {
    let name: String = name.chars().take(40).collect();
    let reason = format!("usa la entidad «&{name};», que XML no define y no se admite");
    Problem::on_line(line, reason)
}

fn problem(error: &Error, line: u32, stop: Option<Stop>) -> Problem {
    let reason = match (stop, error) {
        (Some(Stop::TooLarge), _) => {
            let mebibytes = DOCUMENT_BYTES_MAX / (1024 * 1024);
            format!("un solo documento mide más de {mebibytes} MiB")
        }
        (Some(Stop::WrongBytes(encoding)), _) => format!(
            "tiene bytes que no son de su codificación ({encoding}): guárdelo de nuevo sin \
             convertirlo, o corrija la declaración de la primera línea"
        ),
        (None, Error::Escape(_)) => {
            "usa una entidad o un carácter que XML no admite: pida el XML original".to_owned()
        }
        (None, Error::Io(error)) => format!("no se pudo leer hasta el final ({error})"),
        (None, Error::Encoding(_)) => "tiene bytes que no son de su codificación".to_owned(),
        _ => return cut_short(line),
    };
    Problem::on_line(line, reason)
}
