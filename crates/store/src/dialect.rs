//! The few words in which the engines differ, side by side.
//!
//! | In our texts | SQLite | PostgreSQL |
//! |---|---|---|
//! | `$1` | `?1` (rusqlite), `$1` (sqlx) | `$1` |
//! | `{texts:2}` | `IN (SELECT value FROM json_each($2))` | `= ANY($2)` |
//! | `{uuids:2}` | `IN (SELECT unhex(value) FROM json_each($2))` | `= ANY($2)` |
//! | `{blob:x}` | `CAST(x AS BLOB)` | `convert_to(x, 'UTF8')` |
//! | `{lock}` | nothing: there is one writer | `FOR UPDATE` |
//! | `{lock_weak}` | nothing | `FOR NO KEY UPDATE` |
//! | `{skip_locked}` | nothing | `FOR UPDATE SKIP LOCKED` |

use std::borrow::Cow;

/// Which driver a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    /// SQLite through sqlx.
    Sqlite,
    /// SQLite through rusqlite, where `$1` would bind by order of appearance.
    Rusqlite,
    /// PostgreSQL through sqlx.
    Postgres,
}

/// One of our texts in the words of a driver.
pub(crate) fn render(driver: Driver, text: &str) -> Cow<'_, str> {
    if driver != Driver::Rusqlite && !text.contains('{') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(at) = rest.find(['$', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push(if driver == Driver::Rusqlite { '?' } else { '$' });
            rest = after;
            continue;
        }
        let end = rest.find('}').map_or(rest.len(), |end| end + 1);
        push_word(driver, &rest[..end], &mut out);
        rest = &rest[end..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

fn push_word(driver: Driver, word: &str, out: &mut String) {
    let inner = word.trim_matches(['{', '}']);
    let (name, number) = inner.split_once(':').unwrap_or((inner, ""));
    let postgres = driver == Driver::Postgres;
    let mark = if driver == Driver::Rusqlite { '?' } else { '$' };
    let text = match (name, postgres) {
        ("texts" | "uuids", true) => format!("= ANY(${number})"),
        ("texts", false) => format!("IN (SELECT value FROM json_each({mark}{number}))"),
        ("uuids", false) => format!("IN (SELECT unhex(value) FROM json_each({mark}{number}))"),
        ("blob", true) => format!("convert_to({number}, 'UTF8')"),
        ("blob", false) => format!("CAST({number} AS BLOB)"),
        ("lock", true) => "FOR UPDATE".to_owned(),
        ("lock_weak", true) => "FOR NO KEY UPDATE".to_owned(),
        ("skip_locked", true) => "FOR UPDATE SKIP LOCKED".to_owned(),
        ("lock" | "lock_weak" | "skip_locked", false) => String::new(),
        _ => word.to_owned(),
    };
    out.push_str(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_follow_the_driver() {
        let text = "SELECT a FROM t WHERE b = $1 AND c {uuids:2} AND d {texts:10} {skip_locked}";
        let cases = [
            (
                Driver::Rusqlite,
                "SELECT a FROM t WHERE b = ?1 AND c IN (SELECT unhex(value) FROM json_each(?2)) \
                 AND d IN (SELECT value FROM json_each(?10)) ",
            ),
            (
                Driver::Sqlite,
                "SELECT a FROM t WHERE b = $1 AND c IN (SELECT unhex(value) FROM json_each($2)) \
                 AND d IN (SELECT value FROM json_each($10)) ",
            ),
            (
                Driver::Postgres,
                "SELECT a FROM t WHERE b = $1 AND c = ANY($2) AND d = ANY($10) \
                 FOR UPDATE SKIP LOCKED",
            ),
        ];
        for (driver, wanted) in cases {
            assert_eq!(render(driver, text), wanted);
        }
    }
}
