//! How Rust files look: openings, sizes, and words that do not belong where they stand.

use super::Finding;
use super::source::{Source, code_only, shipped};

/// Lines of code (blank and comment lines apart) above which a file is listed, and refused.
const FILE_LINES_LISTED: usize = 500;
const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;
/// A `main.rs` up to this long needs no opening words.
const MAIN_LINES_BARE: usize = 10;

/// Words that are not code of ours anywhere, with what to do instead.
const NOWHERE: &[(&str, &str)] = &[
    ("#[allow(", "use #[expect(…, reason = \"…\")]"),
    ("#![allow(", "use #![expect(…, reason = \"…\")]"),
    (", allow(", "use expect(…, reason = \"…\") in cfg_attr"),
    ("#[ignore", "a test runs or does not exist"),
];

/// Rooms without I/O, clock and chance, and what must not be named in their code outside tests.
const PURE: &[&str] = &[
    "crates/domain/src/",
    "crates/language/src/",
    "crates/formats/src/",
    "crates/foresight/src/",
];
const EFFECTS: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "println!",
    "eprintln!",
    "async fn",
];

/// Pieces of SQL text; the space keeps prose out.
const SQL: &[&str] = &[
    "INSERT INTO ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "SELECT * FROM ",
];

/// All findings in all Rust files.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    sources
        .iter()
        .filter(|source| source.is_rust())
        .flat_map(check_one)
        .collect()
}

fn check_one(source: &Source) -> Vec<Finding> {
    let code = code_only(&source.text);
    let mut findings = Vec::new();
    findings.extend(opening(source));
    findings.extend(length(source, &code));
    findings.extend(columns(source, &code));
    findings.extend(functions(source, shipped(source, &code)));
    findings.extend(words(source, &code));
    findings.extend(sql(source));
    findings
}

fn opening(source: &Source) -> Option<Finding> {
    let bare = match source.name() {
        "build.rs" => true,
        "main.rs" => source.text.lines().count() <= MAIN_LINES_BARE,
        _ => source.path.contains("/tests/"),
    };
    let opens = source.text.starts_with("//!");
    (!opens && !bare).then(|| Finding::error(&source.path, "open with //! what the file is for"))
}

fn length(source: &Source, code: &str) -> Option<Finding> {
    let lines = code.lines().filter(|line| !line.trim().is_empty()).count();
    let what = format!("{lines} lines of code; more than one idea inside?");
    if lines > FILE_LINES_MAX {
        return Some(Finding::error(&source.path, what));
    }
    (lines > FILE_LINES_LISTED).then(|| Finding::note(&source.path, what))
}

/// A line that is only text (a sentence, a row of a table or snapshot) is as long as it is.
fn columns(source: &Source, code: &str) -> Vec<Finding> {
    let lines = source.text.lines().zip(code.lines()).enumerate();
    lines
        .filter(|(_, (text, code))| {
            let is_comment = text.trim_start().starts_with("//");
            let only_text = !is_comment && !code.contains(char::is_alphanumeric);
            text.chars().count() > COLUMNS_MAX && !only_text
        })
        .map(|(index, _)| {
            let place = format!("{}:{}", source.path, index + 1);
            Finding::error(place, format!("longer than {COLUMNS_MAX} columns"))
        })
        .collect()
}

/// Counts lines of code from `fn` to the closing brace: comments and texts are free, and so are
/// tests, whose tables of cases need their room.
fn functions(source: &Source, code: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for start in word_starts(code, "fn") {
        let Some(body) = body_of(&code[start..]) else {
            continue;
        };
        let lines = body.lines().filter(|line| !line.trim().is_empty()).count();
        if lines > FUNCTION_LINES_MAX {
            let line = code[..start].matches('\n').count() + 1;
            let name: String = body[2..]
                .trim_start()
                .chars()
                .take_while(|c| *c != '(')
                .collect();
            findings.push(Finding::error(
                format!("{}:{line}", source.path),
                format!("fn {name} has {lines} lines of code, more than {FUNCTION_LINES_MAX}"),
            ));
        }
    }
    findings
}

/// From `fn` to the brace that closes its body; `None` for a declaration or a function type.
fn body_of(code: &str) -> Option<&str> {
    let mut brackets = 0;
    let mut braces = 0;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            _ if brackets > 0 => {}
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                match braces {
                    0 => return Some(&code[..=at]),
                    ..0 => return None,
                    _ => {}
                }
            }
            ';' | ',' | '=' if braces == 0 => return None,
            _ => {}
        }
        if brackets < 0 {
            return None;
        }
    }
    None
}

fn words(source: &Source, code: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |at: usize, what: String| {
        let line = code[..at].matches('\n').count() + 1;
        findings.push(Finding::error(format!("{}:{line}", source.path), what));
    };
    for (word, instead) in NOWHERE {
        for (at, _) in code.match_indices(word) {
            say(at, format!("{word}: {instead}"));
        }
    }
    if source.path.starts_with("crates/domain/") {
        for float in ["f32", "f64"] {
            for at in word_starts(code, float) {
                say(
                    at,
                    format!("{float} in domain: money is integers, rates are decimals"),
                );
            }
        }
    }
    if PURE.iter().any(|room| source.path.starts_with(room)) {
        for effect in EFFECTS {
            for at in word_starts(shipped(source, code), effect) {
                say(at, format!("{effect} in a pure crate: make it a parameter"));
            }
        }
    }
    findings
}

/// Where `word` stands in `code` with no letter, digit or `_` on either side.
fn word_starts<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let before = code[..at].chars().next_back();
            let after = code[at + word.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
}

fn sql(source: &Source) -> Vec<Finding> {
    // The test kit makes databases and looks into them; this file has to spell what it looks for.
    let may = ["crates/store/", "crates/testkit/", "xtask/src/tidy/rust.rs"];
    if may.iter().any(|path| source.path.starts_with(path)) {
        return Vec::new();
    }
    let lines = source.text.lines().enumerate();
    lines
        .filter(|(_, line)| SQL.iter().any(|words| line.contains(words)))
        .map(|(index, _)| {
            Finding::error(
                format!("{}:{}", source.path, index + 1),
                "SQL lives in store",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        let source = Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        check(&[source]).iter().map(ToString::to_string).collect()
    }

    const PATH: &str = "crates/engine/src/imports.rs";

    #[test]
    fn a_file_in_order_passes() {
        let text = "//! What.\n\n/// f64 and #[allow( in words are fine.\nfn a() { b(\"f64\") }\n";
        assert_eq!(found("crates/domain/src/money.rs", text), [""; 0]);
    }

    #[test]
    fn a_file_opens_with_what_it_is_for() {
        let expected = ["crates/engine/src/imports.rs: open with //! what the file is for"];
        assert_eq!(found(PATH, "use std::fmt;\n"), expected);
        let long_main = "fn a() {}\n".repeat(MAIN_LINES_BARE + 1);
        assert_eq!(found("crates/cli/src/main.rs", &long_main).len(), 1);
        for bare in [
            "crates/engine/build.rs",
            "crates/engine/tests/a.rs",
            "xtask/src/main.rs",
        ] {
            assert_eq!(found(bare, "fn main() {}\n"), [""; 0]);
        }
    }

    #[test]
    fn long_files_are_listed_and_longer_ones_refused() {
        let file = |lines: usize| {
            format!(
                "//! What.\n{}",
                "// why\n\nconst A: u8 = 1;\n".repeat(lines)
            )
        };
        assert_eq!(found(PATH, &file(FILE_LINES_LISTED)), [""; 0]);
        let listed = &found(PATH, &file(FILE_LINES_LISTED + 1))[0];
        assert!(
            listed.starts_with("note: ") && listed.contains("501 lines"),
            "{listed}"
        );
        let refused = &found(PATH, &file(FILE_LINES_MAX + 1))[0];
        assert!(
            !refused.starts_with("note: ") && refused.contains("601 lines"),
            "{refused}"
        );
    }

    #[test]
    fn long_lines_are_found_outside_texts() {
        let wide = "x".repeat(COLUMNS_MAX + 1);
        let comment = format!("//! What.\n// {wide}\n");
        assert_eq!(
            found(PATH, &comment),
            [format!("{PATH}:2: longer than 100 columns")]
        );
        assert_eq!(
            found(PATH, &format!("//! What.\nconst A: &str = \"{wide}\";\n")).len(),
            1
        );
        assert_eq!(
            found(
                PATH,
                &format!("//! What.\nconst A: &str = \"\n{wide}\n\";\n")
            ),
            [""; 0]
        );
        let sentence = format!("//! What.\nconst A: [&str; 1] = [\n\"{wide}\",\n];\n");
        assert_eq!(found(PATH, &sentence), [""; 0]);
        let accents = "ñ".repeat(COLUMNS_MAX - 3);
        assert_eq!(found(PATH, &format!("//! What.\n// {accents}\n")), [""; 0]);
    }

    #[test]
    fn long_functions_are_found_wherever_their_braces_hide() {
        let body = |lines: usize| "    call('{', \"}\"); // }\n".repeat(lines);
        let function = |lines: usize| {
            format!(
                "//! What.\npub fn long(a: [u8; 2]) -> B<{{ 1 }}> {{\n{}}}\n",
                body(lines)
            )
        };
        let function = |lines: usize| function(lines).replace(" -> B<{ 1 }>", "");
        assert_eq!(found(PATH, &function(FUNCTION_LINES_MAX - 2)), [""; 0]);
        assert_eq!(
            found(PATH, &function(FUNCTION_LINES_MAX - 1)),
            [format!(
                "{PATH}:2: fn long has 71 lines of code, more than 70"
            )]
        );
        let declared = format!(
            "//! What.\ntrait T {{\nfn a();\nfn b(f: fn(u8));\n{}}}\n",
            body(99)
        );
        assert_eq!(found(PATH, &declared), [""; 0]);
        let commented = format!("//! What.\nfn a() {{\n{}}}\n", "    // why\n\n".repeat(99));
        assert_eq!(found(PATH, &commented), [""; 0]);
        let table =
            function(FUNCTION_LINES_MAX).replace("pub fn", "#[cfg(test)]\nmod t {\nfn") + "}\n";
        assert_eq!(found(PATH, &table), [""; 0]);
        assert_eq!(
            found("crates/engine/src/tests.rs", &function(FUNCTION_LINES_MAX)),
            [""; 0]
        );
    }

    #[test]
    fn words_out_of_place_are_found() {
        for (path, code) in [
            (PATH, "#[allow(dead_code)]\nfn a() {}"),
            (PATH, "#![allow(dead_code)]"),
            (PATH, "#[cfg_attr(test, allow(dead_code))]\nfn a() {}"),
            (PATH, "#[ignore = \"slow\"]\nfn a() {}"),
            (PATH, "const A: &str = \"DELETE FROM contact\";"),
            ("crates/domain/src/money.rs", "fn a(x: f64) {}"),
            ("crates/domain/src/money.rs", "fn a(x: Vec<f32>) {}"),
            ("crates/formats/src/csv.rs", "fn a() { std::fs::read(b) }"),
            ("crates/language/src/tone.rs", "async fn a() {}"),
            ("crates/domain/src/kpi.rs", "fn a() { println!() }"),
        ] {
            assert_eq!(
                found(path, &format!("//! What.\n{code}\n")).len(),
                1,
                "{code}"
            );
        }
        for (path, code) in [
            (PATH, "fn a(x: f64) { std::fs::read(b) }"),
            ("crates/domain/src/money.rs", "fn f64_free() {}"),
            (
                "crates/formats/src/csv.rs",
                "#[cfg(test)]\nmod tests { use std::fs; }",
            ),
            (
                "crates/store/src/contacts.rs",
                "const A: &str = \"DELETE FROM contact\";",
            ),
        ] {
            assert_eq!(
                found(path, &format!("//! What.\n{code}\n")),
                [""; 0],
                "{code}"
            );
        }
    }
}
