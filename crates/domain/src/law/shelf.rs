//! Which text of each file of law is in force: of the one compiled in, the one in a folder and the
//! one put into the database, the highest version that proves itself. A text that does not is
//! refused, and the one before it stays.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use super::pack::{PackError, Packs};
use super::tighten::is_own;

/// A version: numbers with dots, `2` before `2.1` before `10`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(Vec<u64>);

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<u64>, _> = text.split('.').map(str::parse).collect();
        numbers.map(Self).map_err(|_| {
            format!("`{text}` is no version: write numbers with dots, such as `2` or `2027.1`")
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            let dot = if index > 0 { "." } else { "" };
            write!(f, "{dot}{number}")?;
        }
        Ok(())
    }
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Compiled into the program.
    Embedded,
    /// A folder of this installation.
    Folder,
    /// Put into the database.
    Database,
}

impl Origin {
    /// Its word in lists.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Folder => "folder",
            Self::Database => "database",
        }
    }
}

/// A text that asks to be in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The file's name, with its ending: `cl.toml`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// A text that is not in force, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file's name.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// What is wrong with it, the first place first.
    pub errors: Vec<PackError>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            let line = if index > 0 { "\n" } else { "" };
            write!(f, "{line}{error}")?;
        }
        Ok(())
    }
}

/// The law in force, and what was refused on the way.
#[derive(Clone, Debug)]
pub struct Shelf {
    texts: BTreeMap<String, (Version, String, Origin)>,
    packs: Packs,
    refused: Vec<Refused>,
}

/// What a file says of itself before it is read whole.
#[derive(Deserialize)]
struct Head {
    version: String,
}

impl Shelf {
    /// The law compiled in.
    pub fn embedded() -> Self {
        let texts = Packs::embedded_files().iter().map(|(name, text)| {
            let version = version(name, text).unwrap_or(Version(Vec::new()));
            (
                (*name).to_owned(),
                (version, (*text).to_owned(), Origin::Embedded),
            )
        });
        Self {
            texts: texts.collect(),
            packs: Packs::embedded().clone(),
            refused: Vec::new(),
        }
    }

    /// The same with more texts: of each file the highest version that reads and passes every case.
    /// Their order does not matter.
    #[must_use]
    pub fn with(mut self, mut drafts: Vec<Draft>) -> Self {
        drafts.sort_by_cached_key(|draft| {
            let version = version(&draft.name, &draft.text).ok();
            (
                version,
                draft.origin,
                draft.name.clone(),
                draft.text.clone(),
            )
        });
        for draft in drafts {
            if let Err(errors) = self.put(&draft) {
                self.refused.push(Refused {
                    name: draft.name,
                    origin: draft.origin,
                    errors,
                });
            }
        }
        self
    }

    /// The law in force.
    pub const fn packs(&self) -> &Packs {
        &self.packs
    }

    /// What was refused.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Where the text of a file in force comes from; `name` without its ending.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        let found = self.texts.get(&format!("{name}.toml"));
        found.map(|(_, _, origin)| *origin)
    }

    /// What comes of a text that is to be put into force: the law with it, or why not.
    ///
    /// # Errors
    /// Every reason for which it is refused; a text that is in force already, or older, is one.
    pub fn proposed(&self, draft: &Draft) -> Result<Packs, Vec<PackError>> {
        let mut shelf = Self {
            refused: Vec::new(),
            ..self.clone()
        };
        if !shelf.put(draft)? {
            let own = shelf
                .texts
                .get(&draft.name)
                .map(|(version, ..)| version.to_string());
            let reason = format!(
                "version {} is in force: raise `version`",
                own.unwrap_or_default()
            );
            return Err(vec![whole(&draft.name, reason)]);
        }
        Ok(shelf.packs)
    }

    /// Tries a text in the place of the one of its name, whatever its version, or as a company's
    /// own rules if it is that: gives how many cases of its own it passes.
    ///
    /// # Errors
    /// Everything that is wrong, cases of other files that it breaks among it.
    pub fn tried(&self, name: &str, text: &str) -> Result<usize, Vec<PackError>> {
        let packs = if is_own(text) {
            self.packs.tightened(&[(name, text)])
        } else {
            self.replaced(name, text)
        };
        let packs = packs.map_err(|error| vec![error])?;
        let failing = packs.failing_cases();
        if !failing.is_empty() {
            return Err(failing);
        }
        let own = packs.tests().iter().filter(|case| case.place.0 == name);
        Ok(own.count())
    }

    fn replaced(&self, name: &str, text: &str) -> Result<Packs, PackError> {
        let others = self.texts.iter().filter(|(other, _)| **other != name);
        let mut files: Vec<(&str, &str)> = others
            .map(|(name, (_, text, _))| (&**name, &**text))
            .collect();
        files.push((name, text));
        Packs::parse(&files)
    }

    /// Puts a text in force if it is newer; `false` when it is not.
    fn put(&mut self, draft: &Draft) -> Result<bool, Vec<PackError>> {
        let version = version(&draft.name, &draft.text).map_err(|error| vec![error])?;
        let plain = draft.text.replace("\r\n", "\n");
        if let Some((own, text, _)) = self.texts.get(&draft.name) {
            match version.cmp(own) {
                Ordering::Less => return Ok(false),
                Ordering::Equal if *text == plain => return Ok(false),
                Ordering::Equal => {
                    let reason = format!("version {version} has another text: raise `version`");
                    return Err(vec![whole(&draft.name, reason)]);
                }
                Ordering::Greater => {}
            }
        }
        let packs = self.replaced(&draft.name, &plain);
        let packs = packs.map_err(|error| vec![error])?;
        let failing = packs.failing_cases();
        if !failing.is_empty() {
            return Err(failing);
        }
        self.packs = packs;
        let put = (version, plain, draft.origin);
        self.texts.insert(draft.name.clone(), put);
        Ok(true)
    }
}

fn version(name: &str, text: &str) -> Result<Version, PackError> {
    let head: Head = toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or(text);
        PackError {
            file: name.to_owned(),
            line: before.matches('\n').count() + 1,
            regime: None,
            reason: error.message().to_owned(),
        }
    })?;
    head.version.parse().map_err(|reason| whole(name, reason))
}

fn whole(name: &str, reason: String) -> PackError {
    PackError {
        file: name.to_owned(),
        line: 1,
        regime: None,
        reason,
    }
}
