//! Archives of thousands of files, one entry after the other with flat memory.
//!
//! The directory is read by a library; entries are unpacked here, so that each is a reader of its
//! own which outlives the step that opened it, counts what it unpacks and checks its sum.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::fault::Fault;

/// Entries of one archive.
const ENTRIES_MAX: usize = 1_000_000;
/// What an entry may unpack to for each byte it is packed in, beyond the floor.
const RATIO_MAX: u64 = 200;
const RATIO_FLOOR_BYTES: u64 = 10 * 1024 * 1024;
/// An archive inside another is held in memory, because it must be read from its end.
const NESTED_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// A file that can be read again from any place.
pub(super) trait File: Read + Seek + Send {}
impl<T: Read + Seek + Send> File for T {}

/// The bytes of one entry, as they are unpacked.
pub(super) type Stream<'r> = Box<dyn Read + Send + 'r>;

/// The entries of an archive in the order of its directory.
pub(super) struct Archive<'r> {
    /// Path of the archive, for those of its entries.
    pub name: String,
    file: Shared<'r>,
    directory: ZipArchive<Shared<'r>>,
    next: usize,
}

/// An entry.
pub(super) struct Entry<'r> {
    /// The archive's path and its own.
    pub name: String,
    /// Its bytes, or why there are none.
    pub stream: Result<Stream<'r>, Fault>,
}

impl<'r> Archive<'r> {
    /// Reads the directory.
    pub fn open(file: impl File + 'r, name: &str) -> Result<Self, Fault> {
        let file = Shared {
            file: Arc::new(Mutex::new(Box::new(file))),
            position: 0,
        };
        let directory = ZipArchive::new(file.clone()).map_err(|error| {
            let reason = format!("el archivo comprimido está dañado o incompleto ({error})");
            Fault::of_file(name, reason)
        })?;
        if directory.len() > ENTRIES_MAX {
            let reason = format!("tiene más de {ENTRIES_MAX} archivos: divídalo");
            return Err(Fault::of_file(name, reason));
        }
        Ok(Self {
            name: name.to_owned(),
            file,
            directory,
            next: 0,
        })
    }

    /// The same of an archive inside another.
    pub fn nested(stream: Stream<'r>, name: &str) -> Result<Self, Fault> {
        let mut bytes = Vec::new();
        let read = stream.take(NESTED_BYTES_MAX + 1).read_to_end(&mut bytes);
        read.map_err(|error| Fault::of_file(name, unreadable(&error)))?;
        if bytes.len() as u64 > NESTED_BYTES_MAX {
            let reason = "es un archivo comprimido grande dentro de otro: extráigalo e impórtelo \
                          aparte";
            return Err(Fault::of_file(name, reason));
        }
        Self::open(Cursor::new(bytes), name)
    }

    fn stream(&mut self, index: usize, name: &str) -> Result<Stream<'r>, Fault> {
        let broken = |error: &dyn std::fmt::Display| {
            let reason = format!("no se pudo extraer del archivo comprimido ({error})");
            Fault::of_file(name, reason)
        };
        let entry = self
            .directory
            .by_index_raw(index)
            .map_err(|error| broken(&error))?;
        if entry.encrypted() {
            let reason = "está cifrado con contraseña: extráigalo e impórtelo sin ella";
            return Err(Fault::of_file(name, reason));
        }
        let packed_bytes = entry.compressed_size();
        let start = entry.data_start().ok_or_else(|| broken(&"sin datos"))?;
        let (method, sum) = (entry.compression(), entry.crc32());
        let section = Section {
            file: Shared {
                position: start,
                ..self.file.clone()
            },
            left: packed_bytes,
        };
        let section = io::BufReader::new(section);
        let unpacked: Stream<'r> = match method {
            CompressionMethod::Stored => Box::new(section),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(section)),
            other => return Err(broken(&format!("método {other:?}"))),
        };
        Ok(Box::new(Checked {
            inner: unpacked,
            left: packed_bytes
                .saturating_mul(RATIO_MAX)
                .max(RATIO_FLOOR_BYTES),
            seen: Crc::new(),
            sum,
        }))
    }
}

impl<'r> Iterator for Archive<'r> {
    type Item = Entry<'r>;

    fn next(&mut self) -> Option<Entry<'r>> {
        while self.next < self.directory.len() {
            let index = self.next;
            self.next += 1;
            let (own, is_dir) = match self.directory.by_index_data(index) {
                Ok(entry) => {
                    let own = entry.name().map(|name| name.into_owned());
                    (
                        own.unwrap_or_else(|_| format!("n.º {}", index + 1)),
                        entry.is_dir(),
                    )
                }
                Err(_) => (format!("n.º {}", index + 1), false),
            };
            if is_dir {
                continue;
            }
            let name = format!("{}/{own}", self.name);
            let stream = self.stream(index, &name);
            return Some(Entry { name, stream });
        }
        None
    }
}

/// What a reader's error means to who imported the file.
pub(super) fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::FileTooLarge => format!(
            "se expande a más de {RATIO_MAX} veces su tamaño: no parece un comprobante y no se \
             lee"
        ),
        io::ErrorKind::InvalidData => {
            "está dañado: su suma de control no coincide; descárguelo de nuevo".to_owned()
        }
        _ => format!("no se pudo leer hasta el final ({error})"),
    }
}

/// One file read from several places.
#[derive(Clone)]
struct Shared<'r> {
    file: Arc<Mutex<Box<dyn File + 'r>>>,
    position: u64,
}

impl Read for Shared<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.position))?;
        let read = file.read(out)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Shared<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Current(by) => match self.position.checked_add_signed(by) {
                Some(at) => SeekFrom::Start(at),
                None => return Err(io::ErrorKind::InvalidInput.into()),
            },
            to => to,
        };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        self.position = file.seek(to)?;
        Ok(self.position)
    }
}

/// The packed bytes of an entry.
struct Section<'r> {
    file: Shared<'r>,
    left: u64,
}

impl Read for Section<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(out.len());
        let read = self.file.read(&mut out[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}

/// The unpacked bytes, counted and summed.
struct Checked<'r> {
    inner: Stream<'r>,
    left: u64,
    seen: Crc,
    sum: u32,
}

impl Read for Checked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(out)?;
        if read == 0 && !out.is_empty() && self.seen.sum() != self.sum {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.seen.update(&out[..read]);
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(read)
    }
}
