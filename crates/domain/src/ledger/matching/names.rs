//! Names of companies and people, however a bank writes them.

use super::keys::one_edit_apart;
use crate::search::plain;

/// Legal forms and small words: half of all names share them, and banks drop or add them.
const SMALL: [&str; 62] = [
    "ab",
    "ag",
    "and",
    "anonima",
    "bv",
    "ca",
    "capital",
    "cia",
    "co",
    "compania",
    "corp",
    "cv",
    "da",
    "das",
    "de",
    "del",
    "do",
    "dos",
    "e",
    "eirl",
    "el",
    "epp",
    "et",
    "gmbh",
    "inc",
    "kg",
    "la",
    "las",
    "limitada",
    "limited",
    "llc",
    "los",
    "ltd",
    "ltda",
    "me",
    "nv",
    "of",
    "plc",
    "por",
    "pte",
    "pty",
    "responsabilidad",
    "rl",
    "s",
    "sa",
    "saa",
    "sab",
    "sac",
    "sapi",
    "sarl",
    "sas",
    "sc",
    "scrl",
    "sl",
    "slu",
    "sociedad",
    "sofom",
    "spa",
    "srl",
    "the",
    "variable",
    "y",
];

/// What people and banks shorten, with what it stands for.
const SHORT: [(&str, &str); 32] = [
    ("adm", "administracion"),
    ("admin", "administracion"),
    ("agric", "agricola"),
    ("asoc", "asociados"),
    ("cial", "comercial"),
    ("com", "comercial"),
    ("comerc", "comercializadora"),
    ("const", "constructora"),
    ("constr", "constructora"),
    ("coop", "cooperativa"),
    ("dist", "distribuidora"),
    ("distrib", "distribuidora"),
    ("exp", "exportadora"),
    ("fco", "francisco"),
    ("ferret", "ferreteria"),
    ("gpo", "grupo"),
    ("gral", "general"),
    ("hnos", "hermanos"),
    ("imp", "importadora"),
    ("ind", "industrias"),
    ("inds", "industrias"),
    ("inm", "inmobiliaria"),
    ("intl", "internacional"),
    ("inv", "inversiones"),
    ("lab", "laboratorios"),
    ("ma", "maria"),
    ("mex", "mexico"),
    ("prod", "productos"),
    ("serv", "servicios"),
    ("sta", "santa"),
    ("sto", "santo"),
    ("transp", "transportes"),
];

/// Letters from which the beginning of a word stands for it.
const BEGINNING_MIN: usize = 4;
/// Letters from which a slip is forgiven.
const SLIP_MIN: usize = 5;

/// The telling words of a name in alphabetical order, each once; all words where none tells.
pub fn words(name: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut letter_before = false;
    for piece in name.split(|it: char| !it.is_alphanumeric()) {
        let word: String = piece.chars().map(plain).collect();
        let alone = word.chars().count() == 1 && !word.starts_with(|it: char| it.is_ascii_digit());
        match all.last_mut() {
            _ if word.is_empty() => continue,
            // Letters beside each other are one word: `S. A.` is `sa`.
            Some(last) if alone && letter_before => last.push_str(&word),
            _ => all.push(word),
        }
        letter_before = alone;
    }
    for word in &mut all {
        if word.bytes().all(|it| it.is_ascii_digit()) {
            *word = word.trim_start_matches('0').to_owned();
        } else if let Ok(at) = SHORT.binary_search_by(|(short, _)| (*short).cmp(word.as_str())) {
            SHORT[at].1.clone_into(word);
        }
    }
    let telling = |word: &String| SMALL.binary_search(&word.as_str()).is_err();
    if all.iter().any(telling) {
        all.retain(telling);
    }
    all.retain(|word| !word.is_empty());
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether two words of names may be the same: equal, one the beginning of the other, or one slip
/// apart. Numbers are the same only when they are equal.
pub fn alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let number = |it: &str| it.bytes().any(|byte| byte.is_ascii_digit());
    if number(a) || number(b) {
        return false;
    }
    let shorter = a.len().min(b.len());
    (shorter >= BEGINNING_MIN && (a.starts_with(b) || b.starts_with(a)))
        || (shorter >= SLIP_MIN && one_edit_apart(a, b))
}

/// How much two names share, in thousandths: the weight of the words they have in common over all
/// of theirs (`whole`), or over those of `b` alone, for a name sought in a text.
pub fn likeness(a: &[String], b: &[String], weight: impl Fn(&str) -> i64, whole: bool) -> i64 {
    let mut free: Vec<&String> = a.iter().collect();
    let mut shared = 0;
    let mut of_b = 0;
    for word in b {
        let own = weight(word);
        of_b += own;
        if let Some(at) = free.iter().position(|it| alike(it, word)) {
            shared += own;
            free.swap_remove(at);
        }
    }
    let lone: i64 = if whole {
        free.iter().map(|it| weight(it)).sum()
    } else {
        0
    };
    if of_b + lone == 0 {
        0
    } else {
        shared * 1000 / (of_b + lone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_in_order_for_the_search() {
        assert!(SMALL.is_sorted());
        assert!(SHORT.is_sorted());
    }

    #[test]
    fn a_name_has_the_same_words_however_it_is_written() {
        let same = [
            [
                "Ferretería El Clavo, S.A. de C.V.",
                "FERRETERIA CLAVO SA DE CV",
            ],
            ["Clavo Ferretería S. A. de C. V.", "ferreteria el clavo"],
            ["Muñoz Hermanos Ltda.", "MUNOZ HNOS"],
            ["Distribuidora Sur SpA", "DIST. SUR"],
            ["West Bridge AG 000012", "West Bridge 12"],
        ];
        for [a, b] in same {
            assert_eq!(words(a), words(b), "{a} / {b}");
        }
        assert_ne!(words("West Bridge 12"), words("West Bridge 13"));
        assert_eq!(words("La de los"), ["de", "la", "los"]);
        assert_eq!(words("…"), [""; 0]);
    }

    #[test]
    fn shared_words_count_by_their_weight() {
        let weight = |word: &str| if word == "comercial" { 1 } else { 10 };
        let cases = [
            ("Comercial Los Aromos", "Comercial Aromos", 1000),
            ("Comercial Aromo", "Comercial Aromos", 1000),
            ("Comercial Aromos", "Comercial Boldos", 47),
            ("Inmobil Aromos", "Inmobiliaria Aromos", 1000),
            ("", "Comercial", 0),
        ];
        for (a, b, wanted) in cases {
            assert_eq!(
                likeness(&words(a), &words(b), weight, true),
                wanted,
                "{a} / {b}"
            );
        }
        let text = words("pago de Comercial Aromos por mercaderia");
        assert_eq!(
            likeness(&text, &words("Comercial Aromos"), weight, false),
            1000
        );
    }
}
