//! The files of the workspace as text, and Rust text with its words taken out.

use std::path::Path;

/// A larger file is data, not something a person wrote.
const BYTES_MAX: u64 = 1_000_000;

/// One text file; the path is relative to the root, with `/`.
pub struct Source {
    /// `crates/domain/src/money.rs`
    pub path: String,
    /// The whole text; empty if it is not UTF-8 or too large to be written by hand.
    pub text: String,
}

impl Source {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it only runs as a test: a file under `tests/`, or a `tests.rs` beside the code.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.name() == "tests.rs"
    }
}

/// All files below `root`, sorted by path, but for the target folder, hidden folders other than
/// our own and the demo's.
pub fn walk(root: &Path, target: &Path) -> Result<Vec<Source>, String> {
    let mut found = Vec::new();
    walk_into(root, "", target, &mut found)
        .map_err(|error| format!("the workspace could not be read: {error}"))?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

fn walk_into(
    folder: &Path,
    prefix: &str,
    target: &Path,
    found: &mut Vec<Source>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let kind = entry.file_type()?;
        let ours = !name.starts_with('.') || [".ci", ".cargo", ".config"].contains(&name.as_str());
        if kind.is_dir() {
            let generated =
                path == target || name == "target" || (prefix.is_empty() && name == "demo");
            if ours && !generated {
                walk_into(&path, &format!("{prefix}{name}/"), target, found)?;
            }
        } else if kind.is_file() && name != ".git" {
            let small = entry.metadata()?.len() <= BYTES_MAX;
            let text = if small {
                std::fs::read(&path)?
            } else {
                Vec::new()
            };
            let text = String::from_utf8(text).unwrap_or_default();
            found.push(Source {
                path: format!("{prefix}{name}"),
                text,
            });
        }
    }
    Ok(())
}

/// Rust text in which comments and the contents of strings and characters are blanks; line and
/// column of everything else stay, so a word found in it is code.
pub fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = token_end(&chars, at);
        let opaque = end > at + 1;
        for &c in &chars[at..end] {
            out.push(if opaque && c != '\n' { ' ' } else { c });
        }
        at = end;
    }
    out
}

/// The part of the code that ships: up to the unit tests, which stand last in their file.
pub fn shipped<'a>(source: &Source, code: &'a str) -> &'a str {
    let end = if source.is_test() {
        Some(0)
    } else {
        code.find("#[cfg(test)]\nmod ")
    };
    &code[..end.unwrap_or(code.len())]
}

/// Where the comment, string or character that starts at `at` ends; `at + 1` if none does.
fn token_end(chars: &[char], at: usize) -> usize {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => (at..chars.len())
            .find(|&i| chars[i] == '\n')
            .unwrap_or(chars.len()),
        '/' if next == Some('*') => block_comment_end(chars, at),
        '"' => string_end(chars, at),
        'r' if starts_literal(chars, at) => raw_string_end(chars, at + 1),
        '\'' => character_end(chars, at),
        _ => at + 1,
    }
}

/// Whether the `r` at `at` is a prefix (`r"`, `br"`) and not the end of a word.
fn starts_literal(chars: &[char], at: usize) -> bool {
    let mut before = chars[..at].iter().rev().skip_while(|&&c| c == 'b');
    !before
        .next()
        .is_some_and(|&c| c.is_alphanumeric() || c == '_')
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut i = at;
    while i + 1 < chars.len() {
        match (chars[i], chars[i + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') => depth -= 1,
            _ => {
                i += 1;
                continue;
            }
        }
        i += 2;
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn string_end(chars: &[char], at: usize) -> usize {
    let mut i = at + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// `hashes` is where `#…"` or `"` would start; returns `hashes` if no raw string does.
fn raw_string_end(chars: &[char], hashes: usize) -> usize {
    let count = chars[hashes..].iter().take_while(|&&c| c == '#').count();
    if chars.get(hashes + count) != Some(&'"') {
        return hashes;
    }
    let mut i = hashes + count + 1;
    while i < chars.len() {
        let closes = chars[i] == '"' && chars[i + 1..].iter().take(count).all(|&c| c == '#');
        if closes && chars.len() > i + count {
            return i + 1 + count;
        }
        i += 1;
    }
    chars.len()
}

/// A character literal, not a lifetime: `'x'` or `'\…'`.
fn character_end(chars: &[char], at: usize) -> usize {
    match chars.get(at + 1) {
        Some('\\') => {
            let close = (at + 3..chars.len()).find(|&i| chars[i] == '\'');
            close.map_or(at + 1, |i| i + 1)
        }
        Some(_) if chars.get(at + 2) == Some(&'\'') => at + 3,
        _ => at + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left() {
        for (text, left) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ */ d", "a                 d"),
            (r#"f("{ \" }") {"#, "f(        ) {"),
            ("r#\"a\"{\"#;", "        ;"),
            ("br\"{\";", "b    ;"),
            (r"'{'; '\''; '\u{7b}';", "   ;     ;         ;"),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("for r in br {\"x\ny\"}", "for r in br {  \n  }"),
        ] {
            assert_eq!(code_only(text), left, "{text}");
        }
    }

    #[test]
    fn lines_and_columns_stay() {
        let text = "let a = \"one\ntwo\"; // three\nlet b;";
        let code = code_only(text);
        assert_eq!(code.lines().count(), text.lines().count());
        assert_eq!(code.find("let b"), text.find("let b"));
    }
}
