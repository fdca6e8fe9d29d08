//! Uploaded files: streamed into a folder, looked at, explained by a person, then read or thrown
//! away.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use domain::Currency;
use domain::ids::ImportId;
use formats::amount::DecimalMark;
use formats::date::DateOrder;
use formats::spreadsheet::{Entity, Mapping, Options};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::imports::{self, Draft, Import, ImportState};

use super::papers::holds_paper;
use super::{Source, profile};
use crate::company::Company;
use crate::{Engine, Error, Result};

/// The largest file taken.
pub const UPLOAD_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Longest file name kept.
const NAME_CHARS_MAX: usize = 120;
/// A draft nobody reads for so long is thrown away when another file comes.
const DRAFT_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Drafts looked at for that.
const DRAFTS_MAX: u32 = 200;

/// A file on its way in.
pub struct Upload {
    name: String,
    file: File,
    path: PathBuf,
    hasher: Sha256,
    bytes: u64,
    kept: bool,
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it grows too large, [`Error::File`] when it cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes += bytes.len() as u64;
        if self.bytes > UPLOAD_BYTES_MAX {
            let max = UPLOAD_BYTES_MAX >> 20;
            let why = format!("«{}» pesa más de {max} MB: divídalo", self.name);
            return Err(Error::invalid("archivo", why));
        }
        self.hasher.update(bytes);
        self.file.write_all(bytes).map_err(|source| Error::File {
            path: self.path.clone(),
            source,
        })
    }

    /// Where it lies, with its name.
    pub(crate) fn source(&self) -> Source<'_> {
        named_source(&self.path, &self.name, Options::default())
    }

    /// Whether nothing came.
    pub const fn is_empty(&self) -> bool {
        self.bytes == 0
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// What a person said of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SaidOfFile {
    /// What its rows are.
    pub entity: Option<Entity>,
    /// Order of day and month.
    pub date_order: Option<DateOrder>,
    /// Decimal mark.
    pub decimal_mark: Option<DecimalMark>,
    /// Currency of amounts that name none, by its code.
    pub currency: Option<String>,
    /// Tables whose columns were explained.
    pub mappings: Vec<Mapping>,
}

impl SaidOfFile {
    pub(super) fn options(&self) -> Options {
        let currency = self.currency.as_deref();
        Options {
            entity: self.entity,
            date_order: self.date_order,
            decimal_mark: self.decimal_mark,
            currency: currency.and_then(|code| Currency::new(code).ok()),
            assumed_currency: None,
            sheet: None,
            mappings: self.mappings.clone(),
        }
    }
}

impl Engine {
    /// Opens a place for a file that is being uploaded; what is not kept is removed.
    ///
    /// # Errors
    /// [`Error::File`] when the folder cannot be written.
    pub fn upload(&self, name: &str) -> Result<Upload> {
        let folder = self.uploads.as_path();
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| Error::File { path, source }
        };
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
        let path = folder.join(self.effects.uuid().to_string());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(failed(&path))?;
        Ok(Upload {
            name: bare_name(name),
            file,
            path,
            hasher: Sha256::new(),
            bytes: 0,
            kept: false,
        })
    }

    /// Keeps an uploaded file as a draft, if it is a spreadsheet or holds e-invoices at all.
    ///
    /// # Errors
    /// [`Error::Format`] when it is none, and what the database says; then nothing is kept.
    pub async fn keep_upload(
        &self,
        company: &Company,
        mut upload: Upload,
        author: &str,
    ) -> Result<ImportId> {
        self.throw_away_old(company).await?;
        let (path, name) = (upload.path.clone(), upload.name.clone());
        let looked = off_thread(move || {
            if holds_paper(&path)? {
                return Ok(());
            }
            profile(&named_source(&path, &name, Options::default())).map(drop)
        });
        looked.await?;
        let draft = Draft {
            file: upload.name.clone(),
            digest: std::mem::take(&mut upload.hasher).finalize().into(),
            path: upload.path.to_string_lossy().into_owned(),
            size_bytes: i64::try_from(upload.bytes).unwrap_or(i64::MAX),
        };
        let mut tx = self.db.begin().await?;
        let id = imports::draft(&mut tx, &self.stamp(author), company.id, &draft).await?;
        tx.commit().await?;
        upload.kept = true;
        Ok(id)
    }

    /// Keeps what a person says of a draft, in place of what was said before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn explain_draft(
        &self,
        company: &Company,
        import: ImportId,
        said: &SaidOfFile,
    ) -> Result<()> {
        let options = serde_json::to_value(said).map_err(Error::json)?;
        let mut tx = self.db.begin().await?;
        imports::set_options(&mut tx, company.id, import, &options).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Throws a draft and its file away.
    ///
    /// # Errors
    /// What the database says.
    pub async fn discard_draft(&self, company: &Company, import: ImportId) -> Result<()> {
        let found = self.import_of(company, import).await?;
        let mut tx = self.db.begin().await?;
        imports::discard(&mut tx, company.id, import).await?;
        tx.commit().await?;
        self.remove_file(&found);
        Ok(())
    }

    /// An import by its id.
    ///
    /// # Errors
    /// [`Error::NotFound`], and what the database says.
    pub async fn import_of(&self, company: &Company, import: ImportId) -> Result<Import> {
        let found = imports::get(&self.db, company.id, import).await?;
        found.ok_or_else(|| Error::NotFound {
            what: "la importación",
            key: import.to_string(),
            hint: String::new(),
        })
    }

    async fn throw_away_old(&self, company: &Company) -> Result<()> {
        let latest = imports::latest(&self.db, company.id, DRAFTS_MAX).await?;
        for old in latest {
            let age = self.now().duration_since(old.started_at);
            if old.state == ImportState::Draft && age > DRAFT_KEPT {
                self.discard_draft(company, old.id).await?;
            }
        }
        Ok(())
    }

    /// Removes the file of an import, which lies in our own folder or is left alone.
    pub(super) fn remove_file(&self, import: &Import) {
        let path = import.path.as_deref().map(Path::new);
        let ours = path.filter(|path| path.parent() == Some(self.uploads.as_path()));
        if let Some(path) = ours {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A file under the name its owner gave it.
pub(super) fn named_source<'a>(path: &'a Path, name: &str, options: Options) -> Source<'a> {
    Source {
        path,
        options,
        title: Some(name.to_owned()),
    }
}

/// Reads off the threads that answer others.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Stopped("la lectura del archivo"))?
}

/// The name without folders and signs that no name has.
fn bare_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = last
        .chars()
        .filter(|sign| !sign.is_control())
        .take(NAME_CHARS_MAX)
        .collect();
    let clean = clean.trim();
    if clean.is_empty() {
        "archivo".to_owned()
    } else {
        clean.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_bare() {
        let cases = [
            ("cartera.xlsx", "cartera.xlsx"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ana\\cobros.csv", "cobros.csv"),
            ("a\0b\n.csv", "ab.csv"),
            ("..", ".."),
            ("", "archivo"),
        ];
        for (name, bare) in cases {
            assert_eq!(bare_name(name), bare);
        }
    }
}
