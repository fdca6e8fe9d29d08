//! Every word a screen shows, in Spanish, Portuguese and English.
//!
//! Texts are Fluent files under `locales`, a file per noun. A key that a page asks for and a
//! language does not have is an error of ours: the tests find it; a visitor sees the key.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::http::HeaderMap;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use jiff::civil::{Date, DateTime};
use unic_langid::LanguageIdentifier;

use crate::session::asked_languages;

/// The files of one language, in the order of its nouns.
macro_rules! files {
    ($language:literal: $($noun:literal)*) => {
        &[$(($noun, include_str!(concat!("../locales/", $language, "/", $noun, ".ftl")))),*]
    };
}

/// A language, its name in itself, its files.
type Source = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// Every language with the same files.
macro_rules! sources {
    ($($noun:literal)*) => {
        &[
            ("es", "Español", files!("es": $($noun)*)),
            ("pt", "Português", files!("pt": $($noun)*)),
            ("en", "English", files!("en": $($noun)*)),
        ]
    };
}

/// The nouns, one to a line.
const SOURCES: &[Source] = sources! {
    "account"
    "base"
    "charges"
    "charts"
    "claims"
    "company"
    "compliance"
    "customers"
    "demo"
    "home"
    "imports"
    "log"
    "outbox"
    "policy"
    "quarantine"
    "portal"
    "portfolio"
    "proofs"
    "rates"
    "reconcile"
    "reports"
    "rights"
    "runs"
    "sign_in"
    "statement"
    "wizard"
    "users"
    "work"
};

/// The words of one language.
pub struct Words {
    /// Its tag.
    pub tag: &'static str,
    /// Its own name for itself.
    pub name: &'static str,
    bundle: FluentBundle<FluentResource>,
}

static ALL: LazyLock<Vec<Words>> = LazyLock::new(|| SOURCES.iter().map(Words::load).collect());

impl Words {
    #[expect(
        clippy::expect_used,
        reason = "the files are part of the program, and a test loads every one"
    )]
    fn load(&(tag, name, files): &Source) -> Self {
        let language: LanguageIdentifier = tag.parse().expect("a language tag of ours");
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // Marks around arguments are for texts of two directions, which none of ours is.
        bundle.set_use_isolating(false);
        for (noun, text) in files {
            let file = FluentResource::try_new((*text).to_owned());
            let file = file.map_err(|(_, errors)| format!("{tag}/{noun}.ftl: {errors:?}"));
            let file = file.expect("a file of ours parses");
            let added = bundle.add_resource(file);
            added
                .map_err(|twice| format!("{tag}/{noun}.ftl: {twice:?}"))
                .expect("no key twice");
        }
        Self { tag, name, bundle }
    }

    /// Every language there is.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The words of a language tag such as `es-MX`; Spanish where there are none.
    pub fn of(language: &str) -> &'static Self {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        let found = ALL
            .iter()
            .find(|words| words.tag.eq_ignore_ascii_case(primary));
        found.unwrap_or(&ALL[0])
    }

    /// The words a browser prefers.
    pub(crate) fn preferred(headers: &HeaderMap) -> &'static Self {
        let known = |tag: &str| {
            let primary = tag.split('-').next().unwrap_or_default();
            ALL.iter()
                .find(|words| words.tag.eq_ignore_ascii_case(primary))
        };
        asked_languages(headers).find_map(known).unwrap_or(&ALL[0])
    }

    /// A text.
    pub fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// A text, if there is one of that key.
    pub fn get(&self, key: &str) -> Option<String> {
        self.bundle.has_message(key).then(|| self.t(key))
    }

    /// A text with its arguments.
    pub fn say(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            args.set(*name, *value);
        }
        self.format(key, Some(&args))
    }

    /// A text that turns on a number: `$n` is what it turns on, `$text` how it is written.
    pub fn count(&self, key: &str, n: u64, text: &str) -> String {
        let mut args = FluentArgs::with_capacity(2);
        args.set("n", n);
        args.set("text", text);
        self.format(key, Some(&args))
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let message = self.bundle.get_message(key);
        let Some(pattern) = message.and_then(|message| message.value()) else {
            debug_assert!(false, "no text `{key}` in {}", self.tag);
            return key.to_owned();
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        debug_assert!(errors.is_empty(), "`{key}` in {}: {errors:?}", self.tag);
        Cow::into_owned(text)
    }

    /// A day as people write it: `15 oct 2026`.
    pub fn date(&self, day: Date) -> String {
        let month = self.t(&format!("month-short-{}", day.month()));
        let (day_number, year) = (day.day().to_string(), day.year().to_string());
        self.say(
            "date-short",
            &[("day", &day_number), ("month", &month), ("year", &year)],
        )
    }

    /// A day and an hour.
    pub fn date_time(&self, at: DateTime) -> String {
        format!(
            "{}, {:02}:{:02}",
            self.date(at.date()),
            at.hour(),
            at.minute()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use fluent_bundle::FluentResource;
    use jiff::civil::date;

    use super::*;

    /// The keys of a language, each with the arguments its text takes.
    fn keys(source: &Source) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for (noun, text) in source.2 {
            let file = FluentResource::try_new((*text).to_owned());
            let file = file.unwrap_or_else(|(_, errors)| panic!("{noun}.ftl: {errors:?}"));
            let mut line_key = None;
            for line in file.source().lines() {
                if let Some((key, _)) = line.split_once(" =")
                    && !line.starts_with([' ', '#', '['])
                {
                    line_key = Some(key.to_owned());
                    keys.insert(key.to_owned(), BTreeSet::new());
                }
                let Some(key) = &line_key else { continue };
                for part in line.split('$').skip(1) {
                    let end = part.find(|c: char| !c.is_alphanumeric() && c != '_');
                    let argument = &part[..end.unwrap_or(part.len())];
                    if let Some(arguments) = keys.get_mut(key) {
                        arguments.insert(argument.to_owned());
                    }
                }
            }
        }
        keys
    }

    /// Every text of our own sources.
    fn sources() -> String {
        fn read(folder: &Path, into: &mut String) {
            let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
                .expect("a folder of ours")
                .map(|entry| entry.expect("an entry").path())
                .collect();
            entries.sort();
            for path in entries {
                if path.is_dir() {
                    read(&path, into);
                } else {
                    into.push_str(&std::fs::read_to_string(&path).expect("a text"));
                }
            }
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut all = String::new();
        read(&root.join("src"), &mut all);
        read(&root.join("templates"), &mut all);
        all
    }

    #[test]
    fn every_language_has_every_key_with_the_same_arguments() {
        let spanish = keys(&SOURCES[0]);
        for source in &SOURCES[1..] {
            assert_eq!(keys(source), spanish, "{} against es", source.0);
        }
    }

    /// Keys are written whole in the sources, or as the start of a `format!` with a brace.
    #[test]
    fn every_key_is_used_and_every_key_asked_for_is_there() {
        let spanish = keys(&SOURCES[0]);
        let sources = sources();
        let families: Vec<&str> = sources
            .split('"')
            .filter_map(|text| text.split_once('{'))
            .map(|(start, _)| start)
            .filter(|start| start.ends_with('-'))
            .collect();
        for key in spanish.keys() {
            let family = || families.iter().any(|start| key.starts_with(start));
            let flash = key.strip_prefix("flash-").unwrap_or(key);
            let used = |key: &str| sources.contains(&format!("\"{key}\""));
            assert!(
                used(key) || used(flash) || family(),
                "nobody asks for `{key}`"
            );
        }
        for start in [
            "page.t(\"",
            "words.t(\"",
            "words().t(\"",
            "page.count(\"",
            "page.say(\"",
        ] {
            for asked in sources.split(start).skip(1) {
                let key = asked.split('"').next().unwrap_or_default();
                if !key.contains('{') && !key.is_empty() && !key.contains('\\') {
                    assert!(spanish.contains_key(key), "`{key}` has no text");
                }
            }
        }
    }

    #[test]
    fn each_language_writes_a_day_its_own_way() {
        let day = date(2026, 10, 5);
        let all: Vec<String> = Words::all().iter().map(|words| words.date(day)).collect();
        assert_eq!(all, ["5 oct 2026", "5 out. 2026", "5 Oct 2026"]);
    }
}
