//! Company-editable messages: a template and its facts become subject, text and HTML.
//!
//! Templates are `minijinja` without files, loops without end or silent gaps: an undefined name, an
//! absent value or a fractional number is an error that names the line. The HTML part is MJML.

mod check;
mod file;
mod pack;
mod render;

use std::collections::BTreeMap;

pub use check::{Problem, samples};
pub use file::FileError;

use crate::choice::LAST_RESORT;
use crate::message::MessageContext;
use file::TemplateFile;
use pack::Pack;

/// The messages there are. Each language has one file per key, and `layout`.
pub const KEYS: [&str; 8] = [
    "cortesia",
    "recordatorio",
    "recordatorio-claro",
    "aviso-firme",
    "aviso-final",
    "seguimiento",
    "promesa-incumplida",
    "gracias",
];

/// The file that holds what all messages of a language share.
pub const LAYOUT: &str = "layout";

/// Documents listed one by one in a message, overdue and upcoming each; the totals hold all.
pub const LISTED_MAX: usize = 60;

/// A message ready to be put in an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Subject line.
    pub subject: String,
    /// The line mail programs show beside it; empty where the layout has none.
    pub preview: String,
    /// Plain text.
    pub text: String,
    /// HTML, everything inline.
    pub html: String,
    /// The language of the texts used: the one asked for, or the next one that has them.
    pub language_used: String,
    /// SHA-256 of the template and its layout, hexadecimal: which words were used.
    pub template_digest: String,
}

/// Why there is no message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The file is not in the form of a template.
    #[error("template {language}/{name}: {error}")]
    Form {
        /// Its language.
        language: String,
        /// Its name.
        name: String,
        /// What is wrong with it.
        error: FileError,
    },
    /// No such message.
    #[error("there is no template `{0}`: use one of {list}", list = KEYS.join(", "))]
    UnknownKey(String),
    /// A language without its shared part.
    #[error("language {0} has templates but no `{LAYOUT}` file: add one")]
    NoLayout(String),
    /// No language has it.
    #[error("template `{key}` does not exist in {tried}: add the file")]
    Missing {
        /// The message.
        key: String,
        /// The languages looked in.
        tried: String,
    },
    /// The words could not be filled in.
    #[error("template {language}/{name}, line {line}: {reason}")]
    Fill {
        /// Its language.
        language: String,
        /// The file.
        name: String,
        /// The line in the file.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It grows and grows.
    #[error("template {language}/{name}: its {part} grows past {limit} bytes; shorten its loops")]
    Endless {
        /// Its language.
        language: String,
        /// The file.
        name: String,
        /// The section.
        part: String,
        /// The most allowed.
        limit: usize,
    },
    /// The MJML could not be turned into HTML.
    #[error("template {language}/{name} is not valid MJML after filling: {reason}")]
    Mjml {
        /// Its language.
        language: String,
        /// The file.
        name: String,
        /// What the parser said.
        reason: String,
    },
    /// A part that is empty or too long.
    #[error("template {language}/{name}: the {part} has {found} bytes; 1 to {limit} are allowed")]
    Size {
        /// Its language.
        language: String,
        /// The file.
        name: String,
        /// `subject`, `text` or `html`.
        part: &'static str,
        /// Its length.
        found: usize,
        /// The most allowed.
        limit: usize,
    },
}

/// The templates of a company: the embedded ones, with its own in their place.
#[derive(Clone, Debug)]
pub struct Templates {
    packs: BTreeMap<String, Pack>,
    company_language: String,
}

/// One of the company's own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Language, as in `es-CL`: the name of the folder.
    pub language: String,
    /// One of [`KEYS`] or [`LAYOUT`]: the name of the file without its ending.
    pub name: String,
    /// The file's text.
    pub source: String,
}

impl Templates {
    /// The templates that come with the program.
    ///
    /// # Errors
    /// None as shipped: a test renders them all.
    pub fn embedded() -> Result<Self, TemplateError> {
        Self::with_overrides(LAST_RESORT, &[])
    }

    /// The embedded templates with a company's own in their place; a language may be new, then it
    /// needs its [`LAYOUT`].
    ///
    /// # Errors
    /// [`TemplateError`] for a file that is not in the form of a template, an unknown name, a
    /// language without layout, a syntax error.
    pub fn with_overrides(
        company_language: &str,
        overrides: &[Override],
    ) -> Result<Self, TemplateError> {
        let mut sources: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
        for (language, name, source) in pack::EMBEDDED {
            sources.entry(language).or_default().insert(name, source);
        }
        for own in overrides {
            if own.name != LAYOUT && !KEYS.contains(&own.name.as_str()) {
                return Err(TemplateError::UnknownKey(own.name.clone()));
            }
            let files = sources.entry(&own.language).or_default();
            files.insert(&own.name, &own.source);
        }
        let mut packs = BTreeMap::new();
        for (language, files) in sources {
            let mut parsed = BTreeMap::new();
            for (name, source) in files {
                let file = TemplateFile::parse(source).map_err(|error| TemplateError::Form {
                    language: language.to_owned(),
                    name: name.to_owned(),
                    error,
                })?;
                parsed.insert(name.to_owned(), file);
            }
            packs.insert(language.to_owned(), Pack::new(language, parsed)?);
        }
        Ok(Self {
            packs,
            company_language: company_language.to_owned(),
        })
    }

    /// The languages there are texts in.
    pub fn languages(&self) -> Vec<&str> {
        self.packs.keys().map(String::as_str).collect()
    }

    /// Fills a message in. The language asked for, else the company's, else es-MX.
    ///
    /// # Errors
    /// [`TemplateError`]: an unknown key, an undefined or absent value with its line, a template
    /// that runs or grows without end, invalid MJML.
    pub fn render(
        &self,
        key: &str,
        language: &str,
        context: &MessageContext,
    ) -> Result<Rendered, TemplateError> {
        if !KEYS.contains(&key) {
            return Err(TemplateError::UnknownKey(key.to_owned()));
        }
        let tried = [language, &self.company_language, LAST_RESORT];
        let pack = tried
            .iter()
            .filter_map(|tag| self.pack(tag))
            .find(|pack| pack.has(key))
            .ok_or_else(|| TemplateError::Missing {
                key: key.to_owned(),
                tried: tried.join(", "),
            })?;
        render::render(pack, key, context)
    }

    /// Renders every template of every language with the sample facts and lists what is wrong.
    pub fn check(&self) -> Vec<Problem> {
        check::check(self)
    }

    fn pack(&self, language: &str) -> Option<&Pack> {
        self.packs
            .iter()
            .find(|(tag, _)| tag.eq_ignore_ascii_case(language))
            .map(|(_, pack)| pack)
    }
}
