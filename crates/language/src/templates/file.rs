//! The form of a template file: sections, each under a line `=== name ===`.
//!
//! Lines before the first section are notes for whoever edits the file. A layout has more sections
//! than a message: pieces that messages include by name.

use std::collections::BTreeMap;

/// Longest file taken.
pub(super) const FILE_BYTES_MAX: usize = 200_000;

/// A file cut into its sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TemplateFile {
    /// The sections by name.
    pub sections: BTreeMap<String, Section>,
    /// The file as it was, for its digest.
    pub source: String,
}

/// A piece of template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// Its text.
    pub source: String,
    /// The line of the file before its first one, so that errors name lines of the file.
    pub line_before: usize,
}

/// Why a text is not a template file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Nothing recognised.
    #[error("it has no section: write a line `=== subject ===`, then its text")]
    NoSection,
    /// A section it must have.
    #[error("section `=== {0} ===` is missing: add it")]
    Missing(&'static str),
    /// The same section twice.
    #[error("line {line}: section `{name}` is there twice: keep one")]
    Twice {
        /// The section.
        name: String,
        /// The second one's line.
        line: usize,
    },
    /// Larger than any message needs.
    #[error("it has {0} bytes, more than {FILE_BYTES_MAX}: shorten it")]
    TooLong(usize),
}

impl TemplateFile {
    /// Cuts a file into its sections.
    pub fn parse(source: &str) -> Result<Self, FileError> {
        if source.len() > FILE_BYTES_MAX {
            return Err(FileError::TooLong(source.len()));
        }
        let mut sections: BTreeMap<String, Section> = BTreeMap::new();
        let mut current: Option<String> = None;
        for (index, line) in source.lines().enumerate() {
            let line_number = index + 1;
            if let Some(name) = section_name(line) {
                let section = Section {
                    source: String::new(),
                    line_before: line_number,
                };
                if sections.insert(name.to_owned(), section).is_some() {
                    return Err(FileError::Twice {
                        name: name.to_owned(),
                        line: line_number,
                    });
                }
                current = Some(name.to_owned());
            } else if let Some(section) = current.as_ref().and_then(|name| sections.get_mut(name)) {
                section.source.push_str(line);
                section.source.push('\n');
            }
        }
        if sections.is_empty() {
            return Err(FileError::NoSection);
        }
        Ok(Self {
            sections,
            source: source.to_owned(),
        })
    }
}

fn section_name(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix("=== ")?.strip_suffix(" ===")?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_know_their_lines() {
        let file = TemplateFile::parse("note\n=== subject ===\nHi\n=== text ===\na\n\nb\n")
            .expect("a file");
        assert_eq!(file.sections["subject"].source, "Hi\n");
        assert_eq!(file.sections["text"].source, "a\n\nb\n");
        assert_eq!(file.sections["text"].line_before, 4);
    }

    #[test]
    fn what_is_not_a_template_is_named() {
        assert_eq!(TemplateFile::parse("hello"), Err(FileError::NoSection));
        let twice = TemplateFile::parse("=== text ===\n=== text ===\n");
        assert_eq!(
            twice,
            Err(FileError::Twice {
                name: "text".to_owned(),
                line: 2
            })
        );
        let long = "x".repeat(FILE_BYTES_MAX + 1);
        assert_eq!(
            TemplateFile::parse(&long),
            Err(FileError::TooLong(long.len()))
        );
    }
}
