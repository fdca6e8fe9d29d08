//! The words by which customers and documents are found: the same folding for what is stored and
//! for what is typed, so that "PEREZ 4532" finds "Pérez" and "F-0004532".

use std::collections::BTreeSet;

use crate::customer::Customer;

/// Bytes of a term: a longer word is found by its beginning.
const TERM_BYTES_MAX: usize = 40;
/// Bytes of a name by which lists are sorted.
const NAME_KEY_BYTES_MAX: usize = 60;
/// Words of one customer.
const TERMS_MAX: usize = 64;
/// Words of one question.
const WORDS_MAX: usize = 8;

/// Words that half of all names share; a question leaves them out as well.
const COMMON_WORDS: [&str; 31] = [
    "and", "cia", "co", "cv", "da", "das", "de", "del", "do", "dos", "eirl", "el", "gmbh", "inc",
    "la", "las", "los", "ltd", "ltda", "of", "plc", "rl", "sa", "sac", "sapi", "sas", "spa", "srl",
    "the", "limitada", "sociedad",
];

/// The letter without accent, in lower case; anything else as it is.
pub fn plain(letter: char) -> char {
    if letter.is_ascii() {
        return letter.to_ascii_lowercase();
    }
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'Á' | 'À' | 'Â' | 'Ã' | 'Ä' | 'Å' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'Ó' | 'Ò' | 'Ô' | 'Õ' | 'Ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' | 'Ù' | 'Û' | 'Ü' => 'u',
        'ñ' | 'Ñ' => 'n',
        'ç' | 'Ç' => 'c',
        other => other,
    }
}

/// Words in lower case without accents, one space apart: `Razón  Social:` → `razon social`.
///
/// ```
/// assert_eq!(domain::search::fold("Razón  Social:"), "razon social");
/// ```
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().map(plain) {
        if letter.is_alphanumeric() {
            folded.extend(letter.to_lowercase());
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    if folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// What a list of names is sorted by.
pub fn name_key(name: &str) -> String {
    cut(&fold(name), NAME_KEY_BYTES_MAX)
}

/// The last run of digits of a number without its leading zeros: `F-0004532` → `4532`.
///
/// ```
/// use domain::search::number_digits;
/// assert_eq!(number_digits("F-0004532").as_deref(), Some("4532"));
/// assert_eq!(number_digits("A-17/0000").as_deref(), Some("0"));
/// assert_eq!(number_digits("SIN NÚMERO"), None);
/// ```
pub fn number_digits(number: &str) -> Option<String> {
    let end = number.rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let start = number[..end]
        .rfind(|letter: char| !letter.is_ascii_digit())
        .map_or(0, |at| {
            at + number[at..].chars().next().map_or(1, char::len_utf8)
        });
    Some(cut(without_zeros(&number[start..end]), TERM_BYTES_MAX))
}

/// The term under which a tag is kept; no word of a name begins with its mark.
pub fn tag_term(tag: &str) -> String {
    cut(&format!("#{}", fold(tag)), TERM_BYTES_MAX)
}

/// The terms by which a customer is found: the words of its name, its key, its tax id and its tags.
pub fn customer_terms(customer: &Customer) -> BTreeSet<String> {
    let mut terms: BTreeSet<String> = words(&customer.name).into_iter().collect();
    let ids = [Some(&customer.key), customer.tax_id.as_ref()];
    terms.extend(ids.into_iter().flatten().filter_map(|id| glued(id)));
    terms.extend(number_digits(&customer.key));
    terms.extend(customer.tags.iter().map(|tag| tag_term(tag)));
    terms.into_iter().take(TERMS_MAX).collect()
}

/// What someone typed to find something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// As typed, without spaces around.
    pub text: String,
    /// Beginnings of words that a customer must all have, the longest first.
    pub words: Vec<String>,
    /// The beginning of a key or tax id, written as one word; only where there are digits.
    pub glued: Option<String>,
    /// The beginning of a number's digits.
    pub digits: Option<String>,
}

impl Question {
    /// Reads what was typed.
    ///
    /// ```
    /// let question = domain::search::Question::new(" Pérez de la O-0012 ");
    /// assert_eq!(question.words, ["perez", "12"]);
    /// assert_eq!(question.digits.as_deref(), Some("12"));
    /// ```
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let mut words = words(text);
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.truncate(WORDS_MAX);
        let digits = number_digits(text);
        Self {
            text: text.to_owned(),
            glued: digits.as_ref().and_then(|_| glued(text)),
            digits,
            words,
        }
    }

    /// Whether nothing was asked.
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty() && self.glued.is_none()
    }

    /// Whether a customer's terms answer it.
    pub fn is_answered_by(&self, terms: &BTreeSet<String>) -> bool {
        let begins = |word: &String| {
            let first = terms.range(word.clone()..).next();
            first.is_some_and(|term| term.starts_with(word.as_str()))
        };
        self.glued.iter().any(begins) || (!self.words.is_empty() && self.words.iter().all(begins))
    }
}

/// The telling words of a text, in order, each once.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let all = || folded.split(' ').filter(|word| !word.is_empty());
    let telling = |word: &&str| {
        (word.len() > 1 || word.bytes().all(|it| it.is_ascii_digit()))
            && !COMMON_WORDS.contains(word)
    };
    let mut kept: Vec<String> = all().filter(telling).map(term).collect();
    if kept.is_empty() {
        kept = all().map(term).collect();
    }
    let mut seen = BTreeSet::new();
    kept.retain(|word| seen.insert(word.clone()));
    kept
}

/// A key or tax id as one word.
fn glued(id: &str) -> Option<String> {
    let folded = fold(id).replace(' ', "");
    (!folded.is_empty()).then(|| term(&folded))
}

/// A word as it is stored: numbers without leading zeros.
fn term(word: &str) -> String {
    if word.bytes().all(|it| it.is_ascii_digit()) {
        return cut(without_zeros(word), TERM_BYTES_MAX);
    }
    cut(word, TERM_BYTES_MAX)
}

fn without_zeros(digits: &str) -> &str {
    let kept = digits.trim_start_matches('0');
    if kept.is_empty() && !digits.is_empty() {
        "0"
    } else {
        kept
    }
}

fn cut(text: &str, bytes: usize) -> String {
    let end = (0..=bytes.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at));
    text[..end.unwrap_or(0)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CustomerId;

    fn customer(key: &str, name: &str, tax_id: Option<&str>, tags: &[&str]) -> Customer {
        Customer {
            id: CustomerId::from_uuid(uuid::Uuid::nil()),
            key: key.to_owned(),
            name: name.to_owned(),
            class: None,
            country: None,
            subdivision: None,
            zone: None,
            language: None,
            tax_id: tax_id.map(str::to_owned),
            importance: None,
            behaviour: None,
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            legal_events: Vec::new(),
            contact_points: Vec::new(),
        }
    }

    #[test]
    fn a_customer_is_kept_under_what_tells_it_apart() {
        let terms = |key, name, tax_id, tags| {
            let terms = customer_terms(&customer(key, name, tax_id, tags));
            terms.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(
            terms(
                "C-00123",
                "Muñoz y Cía., S.A. de C.V.",
                Some("MUN0102039A1"),
                &["VIP"]
            ),
            ["#vip", "123", "c00123", "mun0102039a1", "munoz"],
        );
        assert_eq!(terms("7", "7", None, &[]), ["7"]);
        assert_eq!(terms("X", "La de los", None, &[]), ["de", "la", "los", "x"]);
        assert_eq!(
            terms("0090", "Rut Largo", Some("12.345.678-K"), &[]),
            ["12345678k", "90", "largo", "rut"],
        );
    }

    #[test]
    fn what_people_type_finds_what_they_mean() {
        let munoz = customer(
            "C-00123",
            "Muñoz y Cía., S.A. de C.V.",
            Some("MUN0102039A1"),
            &[],
        );
        let terms = customer_terms(&munoz);
        let cases = [
            ("munoz", true),
            ("MUÑ", true),
            ("muñoz sa de cv", true),
            ("C-00123", true),
            ("c00123", true),
            ("123", true),
            ("00123", true),
            ("mun0102", true),
            ("MUN-010203-9A1", true),
            ("muñoz 999", false),
            ("vip", false),
            ("unoz", false),
        ];
        for (typed, found) in cases {
            assert_eq!(
                Question::new(typed).is_answered_by(&terms),
                found,
                "{typed}"
            );
        }
        assert!(Question::new("  …  ").is_empty());
        assert!(!Question::new("…").is_answered_by(&terms));
    }

    #[test]
    fn digits_are_the_last_run() {
        let cases = [
            ("F-0004532", Some("4532")),
            ("A0012-B", Some("12")),
            ("ñ007", Some("7")),
            ("2026/000", Some("0")),
            ("9", Some("9")),
            ("", None),
        ];
        for (number, digits) in cases {
            assert_eq!(number_digits(number).as_deref(), digits, "{number}");
        }
    }

    #[test]
    fn names_sort_without_accents_and_long_ones_are_cut_between_letters() {
        assert!(name_key("Ávila") < name_key("azul"));
        assert!(name_key(&"语".repeat(50)).len() <= NAME_KEY_BYTES_MAX);
    }
}
