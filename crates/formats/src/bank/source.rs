//! The bytes of one statement file: a file, or an entry of an archive as it unpacks.

use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use super::Fault;

/// Bytes of an archive's entry that a reader wants to go through twice.
const ENTRY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What can be read and read again.
pub(super) trait Seekable: Read + Seek + Send {}

impl<R: Read + Seek + Send> Seekable for R {}

/// The bytes of one statement file.
pub(super) enum Source {
    /// A file: can be read again from its beginning.
    Seekable(Box<dyn Seekable>),
    /// An entry of an archive: unpacks once.
    Once(Box<dyn Read + Send>),
}

impl Source {
    /// The first bytes; they are read again afterwards.
    pub fn peek(&mut self, bytes: usize) -> Result<Vec<u8>, Fault> {
        let mut head = Vec::new();
        self.take(bytes as u64)
            .read_to_end(&mut head)
            .map_err(|error| unreadable(&error))?;
        match self {
            Self::Seekable(file) => {
                file.seek(SeekFrom::Start(0))
                    .map_err(|error| unreadable(&error))?;
            }
            Self::Once(stream) => {
                let rest = std::mem::replace(stream, Box::new(std::io::empty()));
                *stream = Box::new(Cursor::new(head.clone()).chain(rest));
            }
        }
        Ok(head)
    }

    /// The bytes so that they can be read more than once; an entry goes to memory.
    pub fn seekable(self) -> Result<Box<dyn Seekable>, Fault> {
        match self {
            Self::Seekable(file) => Ok(file),
            Self::Once(stream) => {
                let mut bytes = Vec::new();
                stream
                    .take(ENTRY_BYTES_MAX + 1)
                    .read_to_end(&mut bytes)
                    .map_err(|error| unreadable(&error))?;
                if bytes.len() as u64 > ENTRY_BYTES_MAX {
                    let reason = "Es más grande que 64 MiB: sáquelo del archivo comprimido e \
                                  impórtelo solo.";
                    return Err(Fault::new(1, "archivo", reason, ""));
                }
                Ok(Box::new(Cursor::new(bytes)))
            }
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Seekable(file) => file.read(buffer),
            Self::Once(stream) => stream.read(buffer),
        }
    }
}

/// One file read from several places at once.
#[derive(Clone)]
pub(super) struct Shared {
    file: Arc<Mutex<Box<dyn Seekable>>>,
    at: u64,
}

impl Shared {
    /// At the beginning of the file.
    pub fn new(file: Box<dyn Seekable>) -> Self {
        Self {
            file: Arc::new(Mutex::new(file)),
            at: 0,
        }
    }

    /// The same file at another place.
    pub fn from(&self, at: u64) -> Self {
        Self {
            file: Arc::clone(&self.file),
            at,
        }
    }
}

impl Read for Shared {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Shared {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let to = match to {
            SeekFrom::Current(by) => SeekFrom::Start(self.at.saturating_add_signed(by)),
            to => to,
        };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        self.at = file.seek(to)?;
        Ok(self.at)
    }
}

/// What to say when reading itself fails.
pub(super) fn unreadable(error: &std::io::Error) -> Fault {
    let reason = format!("No se pudo leer el archivo ({error}). Descárguelo otra vez.");
    Fault::new(1, "archivo", reason, "")
}
