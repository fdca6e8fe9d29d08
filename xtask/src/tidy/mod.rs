//! What the compiler cannot check: who uses whom, sizes, names, docs in step with code.
//!
//! Each check is a function from plain values to findings, so that its test can show it a small bad
//! example. The checks also run as a test over this workspace.

mod crates;
mod names;
mod prose;
mod rust;
mod source;

use std::fmt;
use std::path::Path;

use cargo_metadata::Metadata;

/// Something to change, or (a note) to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    place: String,
    what: String,
    note: bool,
}

impl Finding {
    fn error(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
            note: false,
        }
    }

    fn note(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            note: true,
            ..Self::error(place, what)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}: {}",
            if self.note { "note: " } else { "" },
            self.place,
            self.what
        )
    }
}

/// Prints all findings; an error unless all are notes.
pub fn run(house: &Metadata) -> Result<(), String> {
    let findings = findings(house)?;
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.iter().filter(|finding| !finding.note).count() {
        0 => Ok(()),
        count => Err(format!("tidy: {count} to change")),
    }
}

fn findings(house: &Metadata) -> Result<Vec<Finding>, String> {
    let target = house.target_directory.as_std_path();
    let sources = source::walk(house.workspace_root.as_std_path(), target)?;
    let packages = crates::packages(house);
    let mut findings = crates::check(&packages);
    findings.extend(rust::check(&sources));
    findings.extend(names::check(&sources));
    let members: Vec<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let exists = |path: &str| Path::new(&house.workspace_root).join(path).exists();
    findings.extend(prose::check(&sources, &members, &exists));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_tidy() {
        let house = crate::metadata().expect("the workspace");
        let errors: Vec<String> = findings(&house)
            .expect("readable files")
            .iter()
            .filter(|finding| !finding.note)
            .map(ToString::to_string)
            .collect();
        assert!(errors.is_empty(), "\n{}", errors.join("\n"));
    }
}
