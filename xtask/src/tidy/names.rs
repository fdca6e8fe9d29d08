//! Names of files, words that belong to a workplace, and the tests that must exist by name.

use super::Finding;
use super::source::{Source, code_only};

/// Names that say nothing about what is inside, or name a layer the house does not have.
const EMPTY_NAMES: &[&str] = &[
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "manager",
    "managers",
    "service",
    "services",
    "repository",
    "repositories",
    "dto",
    "dtos",
];

/// What an editor or a snapshot run leaves behind.
const LEFTOVERS: &[&str] = &[".snap.new", ".pending-snap", ".orig", ".rej", ".bak", "~"];

/// Words of a workplace, split so that this file does not contain them.
const FOREIGN: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/fa", "rm/"),
    concat!(".lib", "rary/"),
    concat!("issue", " #"),
    concat!("cla", "ude"),
    concat!("anthro", "pic"),
    concat!("chat", "gpt"),
    concat!("co", "pilot"),
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
];

/// What must always hold and can be shown by a test (the list in ARCHITECTURE.md): each number has
/// at least one test named `inv_NN_…`. A number joins when its part of the product exists.
const INVARIANTS: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 10, 11, 15, 17, 18, 19, 21, 22];

/// All findings about names and words.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = sources.iter().flat_map(check_name).collect();
    findings.extend(sources.iter().flat_map(check_words));
    findings.extend(check_invariants(sources, INVARIANTS));
    findings
}

fn check_name(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for part in source.path.split('/') {
        let stem = part.split('.').next().unwrap_or(part).to_lowercase();
        if EMPTY_NAMES.contains(&stem.as_str()) {
            findings.push(Finding::error(
                &source.path,
                format!("{stem} says nothing: name it after the noun it is about"),
            ));
        }
    }
    if LEFTOVERS.iter().any(|ending| source.path.ends_with(ending)) {
        findings.push(Finding::error(
            &source.path,
            "left behind: review it or delete it",
        ));
    }
    findings
}

fn check_words(source: &Source) -> Vec<Finding> {
    if source.name() == "Cargo.lock" {
        return Vec::new();
    }
    let lines = source.text.lines().enumerate();
    let found = lines.flat_map(|(index, line)| {
        let line = line.to_lowercase();
        let words = FOREIGN.iter().filter(move |word| line.contains(*word));
        words.map(move |word| {
            Finding::error(
                format!("{}:{}", source.path, index + 1),
                format!("{word} belongs to a workplace, not to the product"),
            )
        })
    });
    found.collect()
}

fn check_invariants(sources: &[Source], required: &[u32]) -> Vec<Finding> {
    let rust = sources.iter().filter(|source| source.is_rust());
    let code: Vec<String> = rust.map(|source| code_only(&source.text)).collect();
    let missing = required.iter().filter(|number| {
        let name = format!("inv_{number:02}_");
        !code.iter().any(|code| code.contains(&name))
    });
    missing
        .map(|number| Finding::error("invariants", format!("no test is named inv_{number:02}_…")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        for path in [
            "crates/engine/src/utils.rs",
            "crates/engine/src/services/a.rs",
            "crates/common/Cargo.toml",
            "crates/store/src/contact_dto/dto.rs",
            "crates/domain/src/a.snap.new",
            "STYLE.md.orig",
        ] {
            assert_eq!(check_name(&source(path, "")).len(), 1, "{path}");
        }
        for path in [
            "crates/engine/src/outreach.rs",
            "docs/common-questions.md",
            "README.md",
        ] {
            assert_eq!(check_name(&source(path, "")), [], "{path}");
        }
    }

    #[test]
    fn words_of_a_workplace_are_found_in_any_file() {
        for word in FOREIGN {
            let text = format!("# Title\n\nsee {} for more\n", word.to_uppercase());
            let found = check_words(&source("docs/a.md", &text));
            assert_eq!(found.len(), 1, "{word}");
            assert_eq!(found[0].place, "docs/a.md:3");
        }
        assert_eq!(
            check_words(&source("a.md", "We work / you rest; an issue is a matter.")),
            []
        );
    }

    #[test]
    fn an_invariant_needs_a_test_with_its_name() {
        let named = source(
            "crates/engine/tests/a.rs",
            "#[test]\nfn inv_01_one_send() {}\n",
        );
        let spoken = source(
            "crates/engine/src/b.rs",
            "//! inv_02_ is tested elsewhere.\n",
        );
        let found = check_invariants(&[named, spoken], &[1, 2]);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["invariants: no test is named inv_02_…"]);
    }
}
