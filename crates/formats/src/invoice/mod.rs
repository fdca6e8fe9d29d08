//! Electronic invoices: what the files of tax offices say, in one model for every country.
//!
//! [`open`] takes a file, an archive of thousands of them, or a list that a tax office gives of
//! them, and hands back one [`Found`] after the other with flat memory. Each names the place it
//! was found, so that what cannot be read can be asked for again.

mod archive;
mod brazil;
mod chile;
mod cii;
mod colombia;
mod conditions;
mod country;
mod draft;
mod facturae;
mod family;
mod fault;
mod list;
mod mexico;
mod model;
mod nfse;
mod node;
mod pdf;
mod peru;
mod source;
mod ubl;
mod xml;

use std::collections::{BTreeMap, VecDeque};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use archive::{Archive, Stream, unreadable};
use family::{Family, Readings};
use list::ListReader;
use xml::{DOCUMENT_BYTES_MAX, Scanner};

pub use fault::Fault;
pub use model::{
    Event, EventKind, Instalment, Invoice, Line, Party, PaymentPart, Reading, Receipt,
    ReceivedPayment, Reference, Relation, Standard, Tax, Terms,
};

/// Bytes looked at to tell what a file is.
const HEAD_BYTES: usize = 64 * 1024;

/// Archives by nature whose name says that they are something else.
const WORKBOOKS: [&str; 6] = [".docx", ".ods", ".xlsb", ".xlsm", ".xlsx", ".odt"];

/// A kind of file that [`open`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A document, or a set of documents, in XML.
    Xml,
    /// A ZIP archive of documents or lists.
    Archive,
    /// A list of documents as a tax office gives it, one to a line.
    List,
    /// A PDF, which may carry the invoice's XML inside.
    Pdf,
}

/// What was found at one place.
#[derive(Clone, Debug)]
pub struct Found {
    /// The file, or the path of the entry in its archive.
    pub name: String,
    /// Line the document begins on, from one.
    pub line: u32,
    /// The original, to be kept and shown: the whole file; of a set the member's own XML in UTF-8;
    /// of a list its line. Shared by all that one document says. Empty where the file is too large
    /// or broken to have one.
    pub bytes: Arc<[u8]>,
    /// What it says, or why it could not be read.
    pub outcome: Result<Reading, Fault>,
}

/// Why an entry of an archive was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    /// An XML file of another kind.
    OtherXml,
    /// A PDF without an invoice inside.
    Print,
    /// Neither XML nor a list nor an archive.
    OtherFile,
    /// An archive inside an archive inside an archive.
    DeepArchive,
}

impl Skip {
    /// The reason in Spanish.
    pub const fn text_es(self) -> &'static str {
        match self {
            Self::OtherXml => "XML que no son comprobantes conocidos",
            Self::Print => "impresiones en PDF sin comprobante adentro",
            Self::OtherFile => "archivos que no son comprobantes",
            Self::DeepArchive => "archivos comprimidos a más de un nivel: extráigalos aparte",
        }
    }
}

/// How many entries were passed over for one reason, and the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// Path of the first.
    pub first: String,
}

/// Whether a file is read here, by its first bytes (some tens of thousands are enough) and name.
pub fn sniff(head: &[u8], name: &str) -> Option<Kind> {
    if head.starts_with(b"PK\x03\x04") {
        let is_workbook = WORKBOOKS
            .iter()
            .any(|end| name.to_lowercase().ends_with(end));
        return (!is_workbook && holds_documents(head)).then_some(Kind::Archive);
    }
    if list::kind(head).is_some() {
        return Some(Kind::List);
    }
    if pdf::is_pdf(head) {
        return Some(Kind::Pdf);
    }
    let root = looks_like_xml(head).then(|| Scanner::new(head).root().ok())??;
    Family::of(&root.node).map(|_| Kind::Xml)
}

/// Opens a file. Its name is what faults name.
///
/// # Errors
/// [`Fault`]: the file cannot be read, or is none of the kinds that [`sniff`] knows.
pub fn open<'r>(
    mut reader: impl Read + Seek + Send + 'r,
    name: &str,
) -> Result<Invoices<'r>, Fault> {
    let mut head = [0; 4];
    let magic = read_head(&mut reader, &mut head)
        .and_then(|read| reader.seek(SeekFrom::Start(0)).map(|_| read))
        .map_err(|error| Fault::of_file(name, unreadable(&error)))?;
    let mut invoices = Invoices {
        archives: Vec::new(),
        current: Current::Done,
        skipped: BTreeMap::new(),
    };
    if head[..magic] == *b"PK\x03\x04" || head[..magic] == *b"PK\x05\x06" {
        invoices.archives.push(Archive::open(reader, name)?);
        return Ok(invoices);
    }
    match Current::of(Box::new(reader), name)? {
        Opened::Ours(current) => invoices.current = current,
        Opened::Other(skip, what) => {
            let reason = match skip {
                Skip::OtherXml => format!("es un XML de otra clase: su raíz es «{what}»"),
                Skip::Print => what,
                _ => "no es un comprobante electrónico ni una lista de ellos".to_owned(),
            };
            return Err(Fault::of_file(name, reason));
        }
        Opened::Archive(_) => {
            let reason = "el archivo comprimido está dañado o incompleto";
            return Err(Fault::of_file(name, reason));
        }
    }
    Ok(invoices)
}

/// What a file holds, one after the other.
pub struct Invoices<'r> {
    /// Archives being walked, the inner one last.
    archives: Vec<Archive<'r>>,
    current: Current<'r>,
    skipped: BTreeMap<Skip, Skipped>,
}

impl Invoices<'_> {
    /// Entries passed over so far, by reason.
    pub const fn skipped(&self) -> &BTreeMap<Skip, Skipped> {
        &self.skipped
    }

    fn skip(&mut self, why: Skip, name: String) {
        self.skipped
            .entry(why)
            .and_modify(|skipped| skipped.count += 1)
            .or_insert(Skipped {
                count: 1,
                first: name,
            });
    }

    /// Opens the next entry of the innermost archive; a fault is that entry's.
    fn advance(&mut self) -> Option<Result<(), Fault>> {
        loop {
            let archive = self.archives.last_mut()?;
            let Some(entry) = archive.next() else {
                self.archives.pop();
                continue;
            };
            let opened = entry
                .stream
                .and_then(|stream| Current::of(stream, &entry.name));
            return Some(match opened {
                Err(fault) => Err(fault),
                Ok(Opened::Ours(current)) => {
                    self.current = current;
                    Ok(())
                }
                Ok(Opened::Other(why, _)) => {
                    self.skip(why, entry.name);
                    continue;
                }
                Ok(Opened::Archive(_)) if self.archives.len() > 1 => {
                    self.skip(Skip::DeepArchive, entry.name);
                    continue;
                }
                Ok(Opened::Archive(stream)) => match Archive::nested(stream, &entry.name) {
                    Ok(nested) => {
                        self.archives.push(nested);
                        continue;
                    }
                    Err(fault) => Err(fault),
                },
            });
        }
    }
}

impl Iterator for Invoices<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.current.next() {
                return Some(found);
            }
            match self.advance()? {
                Ok(()) => {}
                Err(fault) => {
                    return Some(Found {
                        name: fault.file.clone(),
                        line: 1,
                        bytes: Arc::default(),
                        outcome: Err(fault),
                    });
                }
            }
        }
    }
}

enum Opened<'r> {
    Ours(Current<'r>),
    /// What it is instead, and its root where it is XML.
    Other(Skip, String),
    Archive(Stream<'r>),
}

/// The file or entry being read.
enum Current<'r> {
    Done,
    /// A document, read whole.
    Ready(VecDeque<Found>),
    /// A set of documents, read one by one.
    Set(SetReader<'r>),
    /// A list, read line by line.
    List {
        name: String,
        lines: Box<ListReader<Stream<'r>>>,
    },
}

impl<'r> Current<'r> {
    fn of(mut stream: Stream<'r>, name: &str) -> Result<Opened<'r>, Fault> {
        let mut head = vec![0; HEAD_BYTES];
        let read = read_head(&mut stream, &mut head)
            .map_err(|error| Fault::of_file(name, unreadable(&error)))?;
        head.truncate(read);
        if head.starts_with(b"PK\x03\x04") {
            let whole = Box::new(Cursor::new(head).chain(stream));
            return Ok(Opened::Archive(whole));
        }
        if let Some(kind) = list::kind(&head) {
            let whole: Stream<'r> = Box::new(Cursor::new(head).chain(stream));
            let lines =
                ListReader::new(whole, kind, name).map_err(|problem| problem.in_file(name))?;
            return Ok(Opened::Ours(Self::List {
                name: name.to_owned(),
                lines: Box::new(lines),
            }));
        }
        if pdf::is_pdf(&head) {
            return in_pdf(Box::new(Cursor::new(head).chain(stream)), name);
        }
        if !looks_like_xml(&head) {
            return Ok(Opened::Other(Skip::OtherFile, String::new()));
        }
        let root = match Scanner::new(head.as_slice()).root() {
            Ok(root) => root.node,
            Err(problem) => return Err(problem.in_file(name)),
        };
        let Some(family) = Family::of(&root) else {
            return Ok(Opened::Other(Skip::OtherXml, root.name.to_string()));
        };
        let members = family.members(&root);
        let whole: Stream<'r> = Box::new(Cursor::new(head).chain(stream));
        if members.is_empty() {
            return Ok(Opened::Ours(Self::Ready(document(whole, name, family)?)));
        }
        Ok(Opened::Ours(Self::Set(SetReader {
            name: name.to_owned(),
            family,
            members,
            scanner: Box::new(Scanner::new(whole)),
            around: None,
            ready: VecDeque::new(),
            failed: false,
        })))
    }

    fn next(&mut self) -> Option<Found> {
        match self {
            Self::Done => None,
            Self::Ready(ready) => ready.pop_front(),
            Self::Set(set) => set.next(),
            Self::List { name, lines } => lines.next().map(|line| Found {
                name: name.clone(),
                line: line.number,
                bytes: line.bytes,
                outcome: line.outcome.map_err(|problem| problem.in_file(name)),
            }),
        }
    }
}

/// A set of documents, read one by one.
struct SetReader<'r> {
    name: String,
    family: Family,
    members: &'static [&'static str],
    scanner: Box<Scanner<Stream<'r>>>,
    /// What the set says of all its members.
    around: Option<node::Node>,
    ready: VecDeque<Found>,
    failed: bool,
}

impl SetReader<'_> {
    fn next(&mut self) -> Option<Found> {
        while self.ready.is_empty() && !self.failed {
            match self.scanner.next_named(self.members) {
                Ok(None) => return None,
                Ok(Some((node, _))) if self.family.is_envelope(&node) => {
                    self.around = Some(node);
                }
                Ok(Some((node, bytes))) => {
                    let readings = self.family.read_member(&node, self.around.as_ref());
                    self.ready = found(&node, readings, &self.name, Arc::from(bytes));
                }
                Err(problem) => {
                    self.failed = true;
                    return Some(failed(problem.in_file(&self.name), Arc::default()));
                }
            }
        }
        self.ready.pop_front()
    }
}

/// Reads the invoice inside a PDF. The original to keep is the PDF.
fn in_pdf<'r>(stream: Stream<'r>, name: &str) -> Result<Opened<'r>, Fault> {
    let print = |reason: &str| Ok(Opened::Other(Skip::Print, reason.to_owned()));
    let bytes = whole(stream, name)?;
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return print("el PDF es más grande que cualquier factura: cargue su XML");
    }
    let embedded = match pdf::embedded(&bytes) {
        Ok(embedded) => embedded,
        Err(reason) => return print(reason),
    };
    let bytes: Arc<[u8]> = Arc::from(bytes);
    let mut ready = VecDeque::new();
    for file in embedded {
        match xml::parse(&file.bytes) {
            Ok(root) => {
                if let Some(family) = Family::of(&root) {
                    ready.extend(found(&root, family.read(&root), name, Arc::clone(&bytes)));
                }
            }
            Err(problem) => ready.push_back(failed(problem.in_file(name), Arc::clone(&bytes))),
        }
    }
    if ready.is_empty() {
        return print("los archivos dentro del PDF no son facturas electrónicas");
    }
    Ok(Opened::Ours(Current::Ready(ready)))
}

/// The bytes of a file, one more than a document may have at most.
fn whole(stream: Stream<'_>, name: &str) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let most = DOCUMENT_BYTES_MAX as u64 + 1;
    stream
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| Fault::of_file(name, unreadable(&error)))?;
    Ok(bytes)
}

/// Reads a document that is a file of its own.
fn document(stream: Stream<'_>, name: &str, family: Family) -> Result<VecDeque<Found>, Fault> {
    let bytes = whole(stream, name)?;
    let read = xml::parse(&bytes);
    let bytes: Arc<[u8]> = Arc::from(bytes);
    Ok(match read {
        Ok(root) => found(&root, family.read(&root), name, bytes),
        Err(problem) => VecDeque::from([failed(problem.in_file(name), bytes)]),
    })
}

fn found(root: &node::Node, readings: Readings, name: &str, bytes: Arc<[u8]>) -> VecDeque<Found> {
    readings
        .into_iter()
        .map(|outcome| Found {
            name: name.to_owned(),
            line: root.line,
            bytes: Arc::clone(&bytes),
            outcome: outcome.map_err(|problem| root.place(problem).in_file(name)),
        })
        .collect()
}

fn failed(fault: Fault, bytes: Arc<[u8]>) -> Found {
    Found {
        name: fault.file.clone(),
        line: fault.line.unwrap_or(1),
        bytes,
        outcome: Err(fault),
    }
}

/// Fills as much of the head as there is.
fn read_head(reader: &mut impl Read, head: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < head.len() {
        match reader.read(&mut head[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn looks_like_xml(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    match start {
        [0xFF, 0xFE, b'<', 0, ..] | [0xFE, 0xFF, 0, b'<', ..] => true,
        [b'<', 0, ..] | [0, b'<', ..] => true,
        _ => start.trim_ascii_start().starts_with(b"<"),
    }
}

/// Whether the names in an archive's head are those of documents and not of a workbook.
fn holds_documents(head: &[u8]) -> bool {
    const LOCAL: &[u8] = b"PK\x03\x04";
    let mut documents = false;
    for at in 0..head.len().saturating_sub(30) {
        if !head[at..].starts_with(LOCAL) {
            continue;
        }
        let length = usize::from(u16::from_le_bytes([head[at + 26], head[at + 27]]));
        let name = head.get(at + 30..at + 30 + length).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        let office = [
            &b"[content_types].xml"[..],
            b"_rels/",
            b"xl/",
            b"docprops/",
            b"word/",
        ];
        if name == b"mimetype" || office.iter().any(|start| name.starts_with(start)) {
            return false;
        }
        let ours = [&b".xml"[..], b".txt", b".zip", b".csv", b".pdf"];
        documents |= ours.iter().any(|end| name.ends_with(end));
    }
    documents
}

/// Reads all of some bytes: the door for fuzzing.
pub fn read_bytes(bytes: &[u8], name: &str) -> Vec<Found> {
    match open(Cursor::new(bytes), name) {
        Ok(invoices) => invoices.collect(),
        Err(_) => Vec::new(),
    }
}
