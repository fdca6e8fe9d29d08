//! An auditor who was not there: reads the tables as they lie on the disk, the files that were
//! imported and the folder of messages, and holds them against each other with arithmetic of its
//! own. It shares no code with the engine it checks, so that one mistake cannot hide another.

mod books;
mod calendar;
mod chase;
mod files;
mod ledger;
mod outbox;
mod runs;
mod tables;
mod trials;

use std::fmt;
use std::path::{Path, PathBuf};

use books::Books;
use files::Files;
use tables::Tables;

/// What there is to look at.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Address of the database.
    pub url: String,
    /// The files that were imported, whole.
    pub files: Vec<PathBuf>,
    /// The folder of messages; `None` when none left for a folder.
    pub outbox: Option<PathBuf>,
    /// Whether all that was begun has been gone through to its end.
    pub finished: bool,
}

/// Something that must not be, in one line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What was broken, a word.
    pub rule: &'static str,
    /// The row or file it was found in.
    pub row: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.row, self.what)
    }
}

pub use tables::{glance, states};
pub use trials::{Harm, Trial, trials};

/// Looks at everything; an empty list is a clean audit.
///
/// # Panics
/// When the database cannot be read at all.
pub fn audit(evidence: &Evidence) -> Vec<Finding> {
    let mut report = Report::default();
    let tables = Tables::read(&evidence.url);
    let files = Files::read(&evidence.files, &mut report);
    let books = Books::new(&tables);
    ledger::check(&tables, &files, &books, evidence.finished, &mut report);
    runs::check(&tables, evidence.finished, &mut report);
    chase::check(&tables, &books, &mut report);
    outbox::check(&tables, evidence.outbox.as_deref(), &mut report);
    let mut findings = report.findings;
    findings.sort();
    findings.dedup();
    findings
}

/// Findings as they come.
#[derive(Debug, Default)]
struct Report {
    findings: Vec<Finding>,
}

impl Report {
    fn say(&mut self, rule: &'static str, row: impl fmt::Display, what: impl Into<String>) {
        self.findings.push(Finding {
            rule,
            row: row.to_string(),
            what: what.into(),
        });
    }

    /// Says it unless it holds.
    fn must(
        &mut self,
        holds: bool,
        rule: &'static str,
        row: impl fmt::Display,
        what: impl FnOnce() -> String,
    ) {
        if !holds {
            self.say(rule, row, what());
        }
    }
}

/// The name of a file, for a line.
fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
