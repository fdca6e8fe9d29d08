//! What could not be read, told so that a bookkeeper can find it and ask for it again.

use std::fmt;

/// A document, or a whole file, that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, or the entry of an archive, by its path.
    pub file: String,
    /// Line of the text, from one.
    pub line: Option<u32>,
    /// Path of the element or name of the column: `Comprobante/Receptor/@Rfc`.
    pub field: Option<String>,
    /// What is wrong and what to do, in Spanish.
    pub reason: String,
}

impl Fault {
    /// What is wrong with a whole file.
    pub(super) fn of_file(file: &str, reason: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            field: None,
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ", línea {line}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", {field}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for Fault {}

/// What is wrong inside a document, before its file is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Line of the text, from one.
    pub line: Option<u32>,
    /// The element it is about, by its order in the document.
    pub element: Option<u32>,
    /// The field below that element, or a column.
    pub field: Option<String>,
    /// What is wrong and what to do, in Spanish.
    pub reason: String,
}

impl Problem {
    /// What is wrong with the document as a whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self {
            line: None,
            element: None,
            field: None,
            reason: reason.into(),
        }
    }

    /// What is wrong on a line.
    pub fn on_line(line: u32, reason: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            ..Self::whole(reason)
        }
    }

    /// The same, as a fault of a file.
    pub fn in_file(self, file: &str) -> Fault {
        Fault {
            file: file.to_owned(),
            line: self.line,
            field: self.field,
            reason: self.reason,
        }
    }

    /// One line for a list of warnings.
    pub fn text(&self) -> String {
        match &self.field {
            Some(field) => format!("{field}: {}", self.reason),
            None => self.reason.clone(),
        }
    }
}

/// An optional field that cannot be read is said, not fatal.
pub(super) fn or_warn<T>(
    read: Result<Option<T>, Problem>,
    warnings: &mut Vec<String>,
) -> Option<T> {
    read.unwrap_or_else(|problem| {
        warnings.push(problem.text());
        None
    })
}
