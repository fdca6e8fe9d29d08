//! What can go wrong between the application and its database.

use std::path::PathBuf;

/// The result of everything in this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// What happened, to which thing, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not an address of a database.
    #[error("`{0}` is not a database address: write sqlite:FILE or postgres://USER@HOST/NAME")]
    Url(String),
    /// The folder of a SQLite file does not exist.
    #[error("{} cannot be opened: its folder does not exist, create it first", .0.display())]
    Folder(PathBuf),
    /// A unique name or key is taken.
    #[error("there is already a {what} `{key}`: choose another or change the one there is")]
    Exists {
        /// What kind of thing.
        what: &'static str,
        /// Its name or key.
        key: String,
    },
    /// Something named does not exist.
    #[error("there is no {what} `{key}`: check how it is written")]
    Missing {
        /// What kind of thing.
        what: &'static str,
        /// Its name or key.
        key: String,
    },
    /// A rule of the ledger would be broken.
    #[error("{what} cannot be done to `{key}`: {why}")]
    Refused {
        /// What was asked.
        what: &'static str,
        /// To which thing.
        key: String,
        /// The rule.
        why: &'static str,
    },
    /// A constraint of the tables was violated.
    #[error("the database refused a row ({0}): nothing of the transaction was kept")]
    Constraint(String),
    /// Another writer held what this one needs for too long.
    #[error("the database is busy ({0}): nothing was kept, try again")]
    Busy(String),
    /// A stored value is not what the column should hold.
    #[error("column {column} of the result holds what cannot be read ({found}): restore a backup")]
    Unreadable {
        /// Number of the column in the query, from 0.
        column: usize,
        /// What was found.
        found: String,
    },
    /// The tables cannot be brought to this version.
    #[error("the tables cannot be brought to this version ({0}): use the program that wrote them")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A backup cannot be made or brought back.
    #[error("{}: {why}", file.display())]
    Backup {
        /// The file.
        file: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// The database failed otherwise.
    #[error("the database failed ({0}): see whether it runs and has room")]
    Sqlx(sqlx::Error),
    /// SQLite failed otherwise.
    #[error("the database file failed ({0}): see whether the disk has room")]
    Sqlite(rusqlite::Error),
    /// A background thread ended early.
    #[error("a background thread ended early ({0}): nothing was kept, try again")]
    Thread(String),
}

impl StoreError {
    /// Gives a unique-key conflict the name of the thing that is there already.
    pub(crate) fn named(self, what: &'static str, key: &str) -> Self {
        match self {
            Self::Exists { .. } => Self::Exists {
                what,
                key: key.to_owned(),
            },
            other => other,
        }
    }

    /// Whether the same work may succeed when tried again.
    pub const fn may_retry(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

/// SQLSTATE of PostgreSQL for serialization failure, deadlock and lock time-out.
const BUSY_STATES: [&str; 3] = ["40001", "40P01", "55P03"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(inner) = &error else {
            return Self::Sqlx(error);
        };
        let code = inner.code().unwrap_or_default();
        let message = inner.message().to_owned();
        match inner.kind() {
            sqlx::error::ErrorKind::UniqueViolation => Self::Exists {
                what: "row",
                key: inner.constraint().map_or(message, str::to_owned),
            },
            sqlx::error::ErrorKind::Other => {
                // SQLite's primary codes 5 and 6 are BUSY and LOCKED; extended ones share the byte.
                let locked = code
                    .parse::<u32>()
                    .is_ok_and(|code| [5, 6].contains(&(code & 0xff)));
                if BUSY_STATES.contains(&code.as_ref()) || (code.len() < 5 && locked) {
                    Self::Busy(message)
                } else {
                    Self::Sqlx(error)
                }
            }
            _ => Self::Constraint(message),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let Some(inner) = error.sqlite_error().copied() else {
            return Self::Sqlite(error);
        };
        match inner.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy(error.to_string()),
            ErrorCode::ConstraintViolation => {
                use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
                let unique = [SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE];
                if unique.contains(&inner.extended_code) {
                    Self::Exists {
                        what: "row",
                        key: error.to_string(),
                    }
                } else {
                    Self::Constraint(error.to_string())
                }
            }
            _ => Self::Sqlite(error),
        }
    }
}
