//! The templates of one language, compiled.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
};

use super::file::{FileError, TemplateFile};
use super::{LAYOUT, TemplateError};

/// Steps a part may take; the longest shipped message with full lists needs about a fifth.
pub(super) const FUEL: u64 = 100_000;

/// How deep pieces may include pieces; the engine counts ten for each include.
const DEPTH_MAX: usize = 60;

macro_rules! embed {
    ($($language:literal: $($name:literal)+;)+) => {
        &[$($((
            $language,
            $name,
            include_str!(concat!("../../../../packs/templates/", $language, "/", $name, ".txt")),
        ),)+)+]
    };
}

/// Language, name and text of each file that comes with the program.
pub(super) const EMBEDDED: &[(&str, &str, &str)] = embed! {
    "es-MX": "layout" "cortesia" "recordatorio" "recordatorio-claro" "aviso-firme" "aviso-final"
        "seguimiento" "promesa-incumplida" "gracias";
    "es-CL": "layout" "cortesia" "recordatorio" "recordatorio-claro" "aviso-firme" "aviso-final"
        "seguimiento" "promesa-incumplida" "gracias";
};

/// The sections every message has.
pub(super) const MESSAGE_SECTIONS: [&str; 3] = ["subject", "text", "mjml"];
/// The sections every layout has; others are pieces to include.
const LAYOUT_SECTIONS: [&str; 2] = ["text", "mjml"];

/// One language's templates.
#[derive(Clone, Debug)]
pub(super) struct Pack {
    pub language: String,
    pub files: BTreeMap<String, TemplateFile>,
    pub environment: Environment<'static>,
}

impl Pack {
    /// Compiles the files; a section `text` of `gracias` becomes the template `gracias.text`, and
    /// a piece `pago.mjml` of the layout keeps its name.
    pub fn new(
        language: &str,
        files: BTreeMap<String, TemplateFile>,
    ) -> Result<Self, TemplateError> {
        if !files.contains_key(LAYOUT) {
            return Err(TemplateError::NoLayout(language.to_owned()));
        }
        let mut pack = Self {
            language: language.to_owned(),
            files,
            environment: environment(),
        };
        let mut sources = Vec::new();
        for (name, file) in &pack.files {
            let needed: &[&'static str] = if name == LAYOUT {
                &LAYOUT_SECTIONS
            } else {
                &MESSAGE_SECTIONS
            };
            for &section in needed {
                if !file.sections.contains_key(section) {
                    return Err(TemplateError::Form {
                        language: language.to_owned(),
                        name: name.clone(),
                        error: FileError::Missing(section),
                    });
                }
            }
            for (section, piece) in &file.sections {
                sources.push((template_name(name, section), piece.source.clone()));
            }
        }
        for (name, source) in sources {
            let added = pack.environment.add_template_owned(name, source);
            added.map_err(|error| pack.fill_error(&error))?;
        }
        Ok(pack)
    }

    pub fn has(&self, key: &str) -> bool {
        self.files.contains_key(key)
    }

    /// An error of the engine with the file and the line a person can go to.
    pub fn fill_error(&self, error: &Error) -> TemplateError {
        let error = innermost(error);
        let template = error.name().unwrap_or_default();
        let (file, line_before) = self.place(template);
        TemplateError::Fill {
            language: self.language.clone(),
            name: file.to_owned(),
            line: line_before + error.line().unwrap_or(1),
            reason: reason(error),
        }
    }

    fn place(&self, template: &str) -> (&str, usize) {
        for (name, file) in &self.files {
            for (section, piece) in &file.sections {
                if template_name(name, section) == template {
                    return (name, piece.line_before);
                }
            }
        }
        (LAYOUT, 0)
    }
}

/// A layout's pieces are known by their own names.
pub(super) fn template_name(file: &str, section: &str) -> String {
    if file == LAYOUT && !LAYOUT_SECTIONS.contains(&section) {
        section.to_owned()
    } else {
        format!("{file}.{section}")
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH_MAX);
    environment.set_debug(true);
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".mjml") {
            AutoEscape::Html
        } else {
            AutoEscape::None
        }
    });
    environment.set_formatter(write_value);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    if let Ok(syntax) = syntax {
        environment.set_syntax(syntax);
    }
    environment
}

/// Writes a value as it is, or escaped for HTML; what has no one clear text is an error.
///
/// The engine's own escaping would also write `/` as a reference, and `S/ 1,234.56` must stand in
/// the HTML letter by letter.
fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let number_kept_whole = value.kind() != ValueKind::Number || value.is_integer();
    let writable = match value.kind() {
        ValueKind::Undefined => return Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::String | ValueKind::Bool | ValueKind::Number => number_kept_whole,
        _ => false,
    };
    if !writable {
        let what = match value.kind() {
            ValueKind::None => "this value is absent here: put it inside `{% if … %}`",
            ValueKind::Number => "fractional numbers cannot be written: amounts come as text",
            _ => "only texts and whole numbers can be written: loop over a list",
        };
        return Err(Error::new(ErrorKind::InvalidOperation, what));
    }
    let text = value.to_string();
    if value.is_safe() || matches!(state.auto_escape(), AutoEscape::None) {
        return out.write_str(&text).map_err(Error::from);
    }
    for letter in text.chars() {
        match letter {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            '\'' => out.write_str("&#39;"),
            _ => out.write_char(letter),
        }?;
    }
    Ok(())
}

/// An error inside an included piece comes wrapped in one that names only the include.
fn innermost(error: &Error) -> &Error {
    let mut found = error;
    while let Some(inner) = std::error::Error::source(found).and_then(|e| e.downcast_ref()) {
        found = inner;
    }
    found
}

fn reason(error: &Error) -> String {
    let kind = match error.kind() {
        ErrorKind::UndefinedError => "a name that does not exist".to_owned(),
        ErrorKind::OutOfFuel => format!("the template does not end within {FUEL} steps"),
        ErrorKind::TemplateNotFound => "an included piece that does not exist".to_owned(),
        other => other.to_string(),
    };
    match error.detail() {
        Some(detail) => format!("{kind} ({detail})"),
        None => kind,
    }
}
