//! What axe, the checker of accessibility, says of a page.

use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Where the script lies below the target folder.
const PLACE: &str = "tools/axe/axe.min.js";

/// The rules of WCAG 2.2, levels A and AA.
pub(super) const TAGS: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/// A broken rule and the elements that break it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its name: `color-contrast`, `label`, …
    pub rule: String,
    /// What it asks for.
    pub help: String,
    /// Each element as a selector, with what to mend.
    pub elements: Vec<(String, String)>,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}: {}", self.rule, self.help)?;
        for (element, mend) in &self.elements {
            writeln!(out, "  {element}: {}", mend.replace('\n', " "))?;
        }
        Ok(())
    }
}

/// The script, if it was got, from the target folder this test was built into.
pub(super) fn script() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let mut folders = program.ancestors().map(|folder| folder.join(PLACE));
    folders.find(|file| Path::is_file(file))
}

/// Reads axe's own answer.
pub(super) fn violations(answer: &Value) -> Vec<Violation> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let violation = |it: &Value| Violation {
        rule: text(&it["id"]),
        help: text(&it["help"]),
        elements: list(&it["nodes"])
            .iter()
            .map(|node| {
                let path: Vec<String> = list(&node["target"]).iter().map(text).collect();
                (path.join(" "), text(&node["failureSummary"]))
            })
            .collect(),
    };
    list(&answer["violations"]).iter().map(violation).collect()
}
