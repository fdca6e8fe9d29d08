//! A file of law as it is written: its text, and the place of what is wrong in it.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use toml::Spanned;

use super::pack::PackError;
use super::scenario::{Expected, TestCase};
use super::source::File;

/// A file's name and text with plain line ends.
pub struct Source {
    pub name: String,
    pub text: String,
}

impl Source {
    pub fn new(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.replace("\r\n", "\n"),
        }
    }

    pub fn read(&self) -> Result<File, PackError> {
        toml::from_str(&self.text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            self.error((start, error.message().to_owned()))
        })
    }

    /// The name without its ending.
    pub fn stem(&self) -> &str {
        self.name.strip_suffix(".toml").unwrap_or(&self.name)
    }

    /// A case that knows where it stands.
    pub fn case(&self, case: Spanned<TestCase>) -> Result<TestCase, PackError> {
        let start = case.span().start;
        let mut case = case.into_inner();
        let error = |reason: &str| self.error((start, reason.to_owned()));
        match (case.expect.0, &case.deny_by) {
            (Expected::Deny, None) => {
                return Err(error("a denied case names its rule in `deny_by`"));
            }
            (Expected::Allow, Some(_)) => return Err(error("an allowed case names no `deny_by`")),
            _ => {}
        }
        case.place = (self.name.clone(), error("").line);
        Ok(case)
    }

    pub fn error(&self, (offset, reason): (usize, String)) -> PackError {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        PackError {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            regime: self.regime_at(offset),
            reason,
        }
    }

    /// The id of the regime the offset stands in.
    fn regime_at(&self, offset: usize) -> Option<String> {
        let line_end = self.text[offset.min(self.text.len())..].find('\n');
        let through = line_end.map_or(self.text.len(), |more| offset + more);
        let head = self.text[..through].rfind("[[regime]]")?;
        let block = &self.text[head..];
        if self.text[head..through].contains("\n[[test]]") {
            return None;
        }
        let id = block
            .lines()
            .find_map(|line| line.trim().strip_prefix("id = \""))?;
        Some(id.split('"').next()?.to_owned())
    }
}

/// SHA-256, in hex, over texts, each with its length before it.
pub fn hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

pub fn within(regime: Option<&str>) -> String {
    regime.map_or_else(String::new, |id| format!(", regime {id}"))
}
