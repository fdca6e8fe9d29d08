//! Statements in a ZIP archive, unpacked one after another with flat memory.
//!
//! What an archive says of its sizes can be a lie: what comes out is counted.

use std::io::Read;

use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::source::{Shared, Source};
use super::{Fault, HEAD_BYTES, Hints, Part, Parts, sniff_file, statements};

/// Entries of one archive.
const ENTRIES_MAX: usize = 1_000_000;
/// How many bytes may come out of one that is packed.
const RATIO_MAX: u64 = 200;
/// Bytes that may come out however small the entry is.
const UNPACKED_FLOOR: u64 = 10 * 1024 * 1024;
/// Archives within archives.
const NESTED_MAX: u8 = 1;

/// How an archive begins.
const SIGNATURE: &[u8] = b"PK\x03\x04";
/// Bytes of the record before an entry's name.
const LOCAL_BYTES: usize = 30;

/// Whether these first bytes are an archive's, workbooks apart: they are archives too.
pub(super) fn is_archive(head: &[u8]) -> bool {
    head.starts_with(SIGNATURE) && !is_workbook(head)
}

/// Workbooks name their parts in the first record.
fn is_workbook(head: &[u8]) -> bool {
    let name = local(head).map(|(name, ..)| name);
    name.is_some_and(|name| {
        [
            "[Content_Types].xml",
            "_rels/",
            "xl/",
            "docProps/",
            "mimetype",
        ]
        .iter()
        .any(|part| name.starts_with(part))
    })
}

/// Name, method, packed length and packed bytes at hand of the entry that begins here.
fn local(head: &[u8]) -> Option<(String, u16, usize, &[u8])> {
    let short = |at: usize| {
        let two = head.get(at..at + 2)?;
        Some(u16::from_le_bytes(two.try_into().ok()?))
    };
    if !head.starts_with(SIGNATURE) {
        return None;
    }
    let packed = head.get(18..22)?;
    let packed = usize::try_from(u32::from_le_bytes(packed.try_into().ok()?)).ok()?;
    let name_len = usize::from(short(26)?);
    let name = head.get(LOCAL_BYTES..LOCAL_BYTES + name_len)?;
    let start = LOCAL_BYTES + name_len + usize::from(short(28)?);
    let name = String::from_utf8_lossy(name).into_owned();
    Some((name, short(8)?, packed, head.get(start..)?))
}

/// Name and first bytes of the first entry that is a statement, as far as `head` reaches.
pub(super) fn first_entry(head: &[u8]) -> Option<(String, Vec<u8>)> {
    if !is_archive(head) {
        return None;
    }
    let mut rest = head;
    while let Some((name, method, packed, bytes)) = local(rest) {
        let mut first = Vec::new();
        // The head may end within the entry: what came out of it is what there is to see.
        let _ = match method {
            0 => bytes.take(HEAD_BYTES as u64).read_to_end(&mut first),
            _ => DeflateDecoder::new(bytes)
                .take(HEAD_BYTES as u64)
                .read_to_end(&mut first),
        };
        if sniff_file(&first, &name, &[]).is_some() {
            return Some((name, first));
        }
        // Where the length stands behind the bytes, the next record cannot be found from here.
        let next = bytes.get(packed..)?;
        if packed == 0 && !name.ends_with('/') {
            return None;
        }
        rest = next;
    }
    None
}

/// Opens the archive; what is wrong with an entry is said where it stands.
pub(super) fn read(source: Source, name: &str, hints: &Hints) -> Result<Parts, Fault> {
    entries(source, name.to_owned(), hints.clone(), 0)
}

fn entries(source: Source, name: String, hints: Hints, nested: u8) -> Result<Parts, Fault> {
    let shared = Shared::new(source.seekable()?);
    let archive = ZipArchive::new(shared.clone()).map_err(|error| {
        let reason =
            format!("El archivo comprimido {name} está dañado ({error}). Descárguelo otra vez.");
        Fault::new(1, "archivo", reason, "")
    })?;
    if archive.len() > ENTRIES_MAX {
        let reason = "El archivo comprimido tiene más de un millón de archivos: divídalo.";
        return Err(Fault::new(1, "archivo", reason, ""));
    }
    Ok(Box::new(Entries {
        archive,
        shared,
        hints,
        nested,
        next: 0,
        current: None,
    }))
}

/// The entries of an archive, one after another.
struct Entries {
    archive: ZipArchive<Shared>,
    shared: Shared,
    hints: Hints,
    nested: u8,
    next: usize,
    current: Option<(String, Parts)>,
}

impl Entries {
    /// Opens the next entry that is no folder; what cannot be opened is a part that says so.
    fn advance(&mut self) -> Option<Result<(String, Parts), Fault>> {
        loop {
            if self.next == self.archive.len() {
                return None;
            }
            let index = self.next;
            self.next += 1;
            match self.unpack(index) {
                Ok(None) => {}
                Ok(Some((name, source))) => {
                    let opened = self.statements(source, &name);
                    return Some(match opened {
                        Ok(parts) => Ok((name, parts)),
                        Err(fault) => Err(named(fault, &name)),
                    });
                }
                Err(fault) => return Some(Err(fault)),
            }
        }
    }

    fn statements(&self, mut source: Source, name: &str) -> Result<Parts, Fault> {
        let head = source.peek(HEAD_BYTES)?;
        if !is_archive(&head) {
            return statements(source, name, &self.hints);
        }
        if self.nested == NESTED_MAX {
            let reason = "Es un archivo comprimido dentro de otro que ya está dentro de otro: \
                          sáquelo e impórtelo solo.";
            return Err(Fault::new(1, "archivo", reason, ""));
        }
        entries(source, name.to_owned(), self.hints.clone(), self.nested + 1)
    }

    /// Name and unpacking bytes of an entry; `None` for a folder.
    fn unpack(&mut self, index: usize) -> Result<Option<(String, Source)>, Fault> {
        let damaged = |error: zip::result::ZipError| {
            let reason = format!("La entrada {} está dañada ({error}).", index + 1);
            Fault::new(1, "archivo", reason, "")
        };
        let entry = self.archive.by_index_raw(index).map_err(damaged)?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if entry.is_dir() {
            return Ok(None);
        }
        let refused = |reason: &str| Err(named(Fault::new(1, "archivo", reason, ""), &name));
        if entry.encrypted() {
            return refused("Está protegido con contraseña: ábralo e impórtelo sin ella.");
        }
        let (Some(start), packed) = (entry.data_start(), entry.compressed_size()) else {
            return refused("Está dañado: descargue el archivo comprimido otra vez.");
        };
        let method = entry.compression();
        drop(entry);
        let bytes = self.shared.from(start).take(packed);
        let unpacked: Box<dyn Read + Send> = match method {
            CompressionMethod::Stored => Box::new(bytes),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(bytes)),
            _ => return refused("Está comprimido de un modo que no se lee: use ZIP común."),
        };
        let left = UNPACKED_FLOOR.max(packed.saturating_mul(RATIO_MAX));
        Ok(Some((
            name,
            Source::Once(Box::new(Counted { unpacked, left })),
        )))
    }
}

impl Iterator for Entries {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        loop {
            if let Some((name, parts)) = &mut self.current {
                match parts.next() {
                    Some(Part::Fault(fault)) => return Some(Part::Fault(named(fault, name))),
                    Some(Part::Warning(fault)) => return Some(Part::Warning(named(fault, name))),
                    Some(part) => return Some(part),
                    None => self.current = None,
                }
            }
            match self.advance()? {
                Ok(current) => self.current = Some(current),
                Err(fault) => return Some(Part::Fault(fault)),
            }
        }
    }
}

fn named(mut fault: Fault, name: &str) -> Fault {
    fault.entry = Some(match fault.entry {
        Some(within) => format!("{name}/{within}"),
        None => name.to_owned(),
    });
    fault
}

/// Counts what unpacks, and stops what unpacks to too much.
struct Counted {
    unpacked: Box<dyn Read + Send>,
    left: u64,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.unpacked.read(buffer)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| std::io::Error::other("se descomprime a más de 200 veces su tamaño"))?;
        Ok(read)
    }
}
