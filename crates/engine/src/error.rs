//! What can go wrong in a use case.

use std::path::PathBuf;

use domain::law::PackError;
use domain::policy::PolicyError;
use formats::spreadsheet::FormatError;
use language::templates::TemplateError;
use store::StoreError;

/// The result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, with what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that is no spreadsheet.
    #[error("no se pudo leer el archivo: {0}")]
    Format(#[from] FormatError),
    /// A file that cannot be opened.
    #[error("no se pudo abrir {}: {source}", path.display())]
    File {
        /// Where it should be.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A mailbox that cannot be read.
    #[error("no se pudo leer el buzón: {0}")]
    Mailbox(#[from] connect::mailbox::MailboxError),
    /// A template.
    #[error("la plantilla no sirve: {0}")]
    Template(#[from] TemplateError),
    /// A policy.
    #[error("la política «{name}» no sirve:\n{}", list(errors))]
    Policy {
        /// Its key or file.
        name: String,
        /// What is wrong.
        errors: Vec<PolicyError>,
    },
    /// A text of law, or a rule of a company's own.
    #[error("el archivo «{name}» no se puso en vigor:\n{}", list(errors))]
    Law {
        /// Its file.
        name: String,
        /// What is wrong.
        errors: Vec<PackError>,
    },
    /// Something that is not there.
    #[error("no existe {what} «{key}»{hint}")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// The key it was looked for under.
        key: String,
        /// What to do, beginning with a colon; may be empty.
        hint: String,
    },
    /// Several companies, none named.
    #[error("hay varias empresas ({}): diga cuál con --company", names.join(", "))]
    WhichCompany {
        /// Their names.
        names: Vec<String>,
    },
    /// A value that cannot be.
    #[error("{what}: {why}")]
    Invalid {
        /// The field.
        what: &'static str,
        /// Why it cannot be, and what to write.
        why: String,
    },
    /// A thread of ours that ended before its work.
    #[error("{0} se detuvo a medias: repita el comando, seguirá donde quedó")]
    Stopped(&'static str),
    /// Text that should be JSON of ours and is not.
    #[error("un registro guardado no se puede leer ({0}): restaure un respaldo")]
    Json(String),
}

impl Error {
    /// JSON of ours that does not read or write.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the signature `map_err` wants"
    )]
    pub(crate) fn json(error: serde_json::Error) -> Self {
        Self::Json(error.to_string())
    }

    /// What is wrong with an uploaded file, in a word; nothing when it is not the file.
    pub fn file_code(&self) -> Option<&'static str> {
        let Self::Format(error) = self else {
            return None;
        };
        Some(match error {
            FormatError::Empty => "empty",
            FormatError::NotASpreadsheet => "kind",
            FormatError::WebPage => "web-page",
            FormatError::LineTooLong { .. } => "no-table",
            FormatError::BrokenWorkbook(_) | FormatError::BrokenSheet { .. } => "broken",
            FormatError::WorkbookTooLarge { .. }
            | FormatError::UnpacksTooLarge { .. }
            | FormatError::SheetTooLarge { .. } => "too-large",
            FormatError::Io(_) | FormatError::NoSuchSheet { .. } => "unreadable",
        })
    }

    /// A value that cannot be.
    pub(crate) fn invalid(what: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid {
            what,
            why: why.into(),
        }
    }

    /// A customer that is not there.
    pub(crate) fn no_customer(key: &str) -> Self {
        Self::NotFound {
            what: "el cliente",
            key: key.to_owned(),
            hint: ": use su clave tal como está en la cartera".to_owned(),
        }
    }
}

fn list(errors: &[impl std::fmt::Display]) -> String {
    errors
        .iter()
        .map(|error| format!("  {error}"))
        .collect::<Vec<_>>()
        .join("\n")
}
