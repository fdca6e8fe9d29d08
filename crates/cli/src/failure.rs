//! How a command ends when it cannot do its work.

use std::fmt;

/// Exit code of a command that failed.
pub const FAILED: u8 = 1;
/// Exit code of a command that was not understood.
pub const USAGE: u8 = 2;
/// Exit code of an import that left rows in quarantine.
pub const QUARANTINED: u8 = 3;

/// Why a command stops, and with which exit code.
#[derive(Debug)]
pub struct Failure {
    /// What happened, to which thing, and what to do.
    pub message: String,
    /// Exit code.
    pub code: u8,
}

impl Failure {
    /// A command that failed.
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code: FAILED,
        }
    }

    /// A command that was not understood.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
            code: USAGE,
        }
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        Self::new(error)
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        Self::new(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            // Whoever read the answer has seen enough.
            return Self {
                message: String::new(),
                code: 0,
            };
        }
        Self::new(error)
    }
}
