//! The outbox: each message as one `.eml` file that any mail program opens.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use domain::ContactId;

use super::email::{EmailError, OutgoingEmail};

/// A folder of messages. A file bears its contact's id, so a repeated write leaves one file.
#[derive(Clone, Debug)]
pub struct Outbox {
    folder: PathBuf,
}

/// Why a message is not in the outbox.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The message itself cannot be written.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// The folder or the disk refused.
    #[error("the message cannot be written to {path}: {source}; check the folder and its disk")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Outbox {
    /// An outbox in a folder, which is made at the first write.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a contact, if one was written: whole, since half a file never bears its name.
    pub fn file_of(&self, contact: ContactId) -> Option<PathBuf> {
        let path = self.folder.join(format!("{contact}.eml"));
        path.is_file().then_some(path)
    }

    /// Writes the message to `<contact>.eml` and gives its path. It blocks while the disk syncs.
    ///
    /// A reader never sees half a file: the bytes are written beside it, synced, and renamed.
    ///
    /// # Errors
    /// [`OutboxError`] when the message cannot be built or the disk refuses; then there is no new
    /// file and an earlier one stays as it was.
    pub fn write(&self, email: &OutgoingEmail) -> Result<PathBuf, OutboxError> {
        let built = email.build()?;
        let path = self.folder.join(format!("{}.eml", email.contact));
        let part_name = format!(".{}.part", email.contact);
        let part = self.folder.join(part_name);
        fs::create_dir_all(&self.folder).map_err(|source| io_error(&self.folder, source))?;
        let written = write_synced(&part, &built.bytes).and_then(|()| fs::rename(&part, &path));
        if let Err(source) = written {
            // The error that matters is the first; a left-over part is overwritten next time.
            drop(fs::remove_file(&part));
            return Err(io_error(&path, source));
        }
        sync_folder(&self.folder).map_err(|source| io_error(&self.folder, source))?;
        Ok(path)
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The rename itself is durable only once the folder is synced; Windows cannot open a folder.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn io_error(path: &Path, source: io::Error) -> OutboxError {
    OutboxError::Io {
        path: path.to_owned(),
        source,
    }
}
