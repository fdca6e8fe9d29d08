//! Which documents a line names, and what in it looks like a number of none.

use super::confidence::Naming;
use super::index::Index;
use super::keys::{self, Kind, digest};
use super::{Incoming, MENTIONS_MAX, references};

/// Digits below which a number alone names nothing.
const FRAGMENT_DIGITS_MIN: usize = 3;
/// Digits from which a number that has nothing else is named by them.
const WHOLE_DIGITS_MIN: usize = 6;
/// Documents that may share the digits of a fragment before it is not looked at.
const FRAGMENT_SHARED_MAX: usize = 64;
/// Words next to each other that may be one number: `F 001 000123`.
const WINDOW_MAX: usize = 3;
/// Words of a text that are read.
const TOKENS_MAX: usize = 200;

/// Words that people glue to a number.
const LABELS: [&str; 22] = [
    "bol",
    "boleta",
    "cfdi",
    "doc",
    "documento",
    "f",
    "fa",
    "fac",
    "fact",
    "factura",
    "facturas",
    "fc",
    "fe",
    "folio",
    "ft",
    "fv",
    "inv",
    "invoice",
    "nf",
    "no",
    "nro",
    "num",
];

/// A document that a line names.
#[derive(Clone, Debug)]
pub struct Mention {
    pub item: u32,
    pub naming: Naming,
    /// As written.
    pub written: String,
    /// Digits of a fragment.
    pub digits: usize,
    /// What the line says to pay of it.
    pub told: Option<i64>,
}

/// What was read out of a line's words.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// Documents in the order they are named, each once.
    pub named: Vec<Mention>,
    /// Own forms of what looks like a number; of none that is open, or of one that may be a slip.
    pub loose: Vec<String>,
    /// Numbers of documents that were paid before, as written.
    pub settled: Vec<String>,
}

impl Mentions {
    fn add(&mut self, mention: Mention) {
        let room = self.named.len() < MENTIONS_MAX;
        match self.named.iter_mut().find(|it| it.item == mention.item) {
            Some(known) => {
                known.told = known.told.or(mention.told);
                if mention.naming > known.naming {
                    known.naming = mention.naming;
                    known.written = mention.written;
                }
            }
            None if room => self.named.push(mention),
            None => {}
        }
    }
}

/// A word of a text with what stands around it.
struct Token<'a> {
    text: &'a str,
    start: usize,
    end: usize,
    /// Part of a date or an amount.
    figure: bool,
}

/// Reads a line.
pub fn read(index: &Index, line: &Incoming) -> Mentions {
    let mut reader = Reader {
        index,
        mentions: Mentions::default(),
        form: String::new(),
    };
    for document in &line.documents {
        reader.field(&document.number, document.minor);
    }
    let given = line.creditor_references.iter();
    for reference in given.chain(line.virtual_account.as_ref()) {
        reader.reference(reference);
    }
    for text in &line.texts {
        reader.text(text);
    }
    if let Some(own) = &line.end_to_end {
        reader.own_reference(own);
    }
    reader.mentions
}

struct Reader<'a> {
    index: &'a Index,
    mentions: Mentions,
    form: String,
}

impl Reader<'_> {
    fn add(&mut self, item: u32, naming: Naming, written: &str) {
        self.mentions.add(Mention {
            item,
            naming,
            written: written.to_owned(),
            digits: 0,
            told: None,
        });
    }

    /// A number in a field of its own.
    fn field(&mut self, number: &str, told: Option<i64>) {
        let before = self.mentions.named.len();
        keys::number(number, &mut self.form);
        let key = digest(Kind::Number, self.form.as_bytes());
        for item in self.index.documents_by(key) {
            self.mentions.add(Mention {
                item,
                naming: Naming::Certain,
                written: number.to_owned(),
                digits: 0,
                told,
            });
        }
        if self.mentions.named.len() == before {
            self.reference(number);
            for mention in &mut self.mentions.named[before..] {
                mention.told = told;
            }
        }
    }

    /// A structured reference: as it is, by what its check digits carry, or as a number.
    fn reference(&mut self, written: &str) {
        if self.stored(Kind::Reference, written) || self.stored(Kind::Stamp, written) {
            return;
        }
        for reference in references::read(written) {
            let naming = match reference.rule {
                references::Rule::Luhn | references::Rule::Finnish => Naming::Number,
                _ => Naming::Certain,
            };
            if self.number(&reference.body, naming, written) {
                return;
            }
        }
        if !self.number(written, Naming::Number, written) {
            self.fragment(written);
        }
    }

    /// Whether something stored is equal to it.
    fn stored(&mut self, kind: Kind, written: &str) -> bool {
        keys::alphanumeric(written, &mut self.form);
        if self.form.len() < FRAGMENT_DIGITS_MIN {
            return false;
        }
        let key = digest(kind, self.form.as_bytes());
        let index = self.index;
        let mut any = false;
        for item in index.documents_by(key) {
            self.add(item, Naming::Certain, written);
            any = true;
        }
        any
    }

    /// Whether it is the number of a document. Digits alone are a fragment, however long.
    fn number(&mut self, number: &str, naming: Naming, written: &str) -> bool {
        keys::number(number, &mut self.form);
        let bare = self.form.bytes().all(|it| it.is_ascii_digit());
        let telling = self.form.len() > 2 && !bare || naming == Naming::Certain;
        if self.form.len() < FRAGMENT_DIGITS_MIN || !telling {
            return false;
        }
        let key = digest(Kind::Number, self.form.as_bytes());
        let index = self.index;
        let mut any = false;
        for item in index.documents_by(key) {
            self.add(item, naming, written);
            any = true;
        }
        if !any && index.is_settled(&self.form) {
            self.mentions.settled.push(written.to_owned());
            return true;
        }
        any
    }

    /// The payer's own reference: only a whole number counts, for it is made by machines.
    fn own_reference(&mut self, written: &str) {
        if !self.stored(Kind::Stamp, written) {
            self.number(written, Naming::Number, written);
        }
    }

    fn text(&mut self, text: &str) {
        let tokens = tokens(text);
        let mut used = vec![false; tokens.len()];
        for at in 0..tokens.len() {
            for width in (1..=WINDOW_MAX.min(tokens.len() - at)).rev() {
                let window = &tokens[at..at + width];
                if used[at..at + width].iter().any(|it| *it) || !has_digit(window[width - 1].text) {
                    continue;
                }
                if self.window(text, window) {
                    used[at..at + width].fill(true);
                    break;
                }
            }
        }
        self.stamps(text);
        for (token, used) in tokens.iter().zip(&used) {
            if !used && !token.figure {
                self.fragment(token.text);
            }
        }
    }

    /// Whether words next to each other are a reference or a number, with or without what stands
    /// between them: lines of a statement break numbers anywhere.
    fn window(&mut self, text: &str, window: &[Token<'_>]) -> bool {
        let (Some(first), Some(last)) = (window.first(), window.last()) else {
            return false;
        };
        let written = &text[first.start..last.end];
        if written.len() > 60 {
            return false;
        }
        if let Some(body) = references::iso11649(written)
            && self.number(&body, Naming::Certain, written)
        {
            return true;
        }
        if self.stored(Kind::Reference, written) {
            return true;
        }
        if self.number(written, Naming::Number, written) {
            self.maybe_slip();
            return true;
        }
        let glued: String = window.iter().map(|it| it.text).collect();
        if window.len() == 2 && self.number(&glued, Naming::Number, written) {
            self.maybe_slip();
            return true;
        }
        false
    }

    /// The number that was just found may be a slip for another one.
    fn maybe_slip(&mut self) {
        self.mentions.loose.push(self.form.clone());
    }

    /// Fiscal stamps: 32 hexadecimal digits in groups or not.
    fn stamps(&mut self, text: &str) {
        let stamp = |it: char| it.is_ascii_hexdigit() || it == '-';
        for piece in text.split(|it: char| !stamp(it)) {
            if (32..=120).contains(&piece.len()) {
                self.stored(Kind::Stamp, piece);
            }
        }
    }

    /// The digits of a word that is no number as a whole.
    fn fragment(&mut self, word: &str) {
        keys::number(word, &mut self.form);
        let Some(digits) = keys::last_digits(&self.form) else {
            return;
        };
        if digits.len() < FRAGMENT_DIGITS_MIN {
            return;
        }
        let digits = digits.to_owned();
        self.mentions.loose.push(self.form.clone());
        let head =
            self.form[..self.form.find(|it: char| it.is_ascii_digit()).unwrap_or(0)].to_owned();
        let labelled = head.is_empty() || LABELS.binary_search(&head.as_str()).is_ok();
        let index = self.index;
        let key = digest(Kind::Digits, digits.as_bytes());
        if index.documents_by(key).nth(FRAGMENT_SHARED_MAX).is_some() {
            return;
        }
        for item in index.documents_by(key) {
            let mut own = String::new();
            keys::number(index.number(item), &mut own);
            // A number of digits alone that is written with all its zeros is no fragment.
            let whole = word.len() >= WHOLE_DIGITS_MIN && word == index.number(item);
            if labelled || own.starts_with(&head) {
                self.mentions.add(Mention {
                    item,
                    naming: if whole {
                        Naming::Number
                    } else {
                        Naming::Fragment
                    },
                    written: word.to_owned(),
                    digits: digits.len(),
                    told: None,
                });
            }
        }
    }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|it| it.is_ascii_digit())
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = Vec::new();
    let mut start = None;
    let ends = text.char_indices().chain([(text.len(), ' ')]);
    for (at, letter) in ends {
        match (letter.is_alphanumeric() && at < text.len(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                if tokens.len() == TOKENS_MAX {
                    break;
                }
                tokens.push(Token {
                    text: &text[from..at],
                    start: from,
                    end: at,
                    figure: false,
                });
            }
            _ => {}
        }
    }
    figures(text, &mut tokens);
    tokens
}

/// Marks what is part of a date (`31/12/2026`) or an amount (`1,234.50`).
fn figures(text: &str, tokens: &mut [Token<'_>]) {
    let length = |token: &Token<'_>| {
        let digits = token.text.bytes().all(|it| it.is_ascii_digit());
        if digits { token.text.len() } else { 0 }
    };
    for at in 1..tokens.len() {
        let between = |a: usize, b: usize| &text[tokens[a].end..tokens[b].start];
        let mark = between(at - 1, at);
        let [a, b] = [length(&tokens[at - 1]), length(&tokens[at])];
        let decimals = (mark == "." || mark == ",") && (1..=6).contains(&a) && (1..=2).contains(&b);
        let grouped = (mark == "." || mark == ",") && (1..=3).contains(&a) && b == 3;
        let date = at + 1 < tokens.len() && ["/", "-", "."].contains(&mark) && {
            let c = length(&tokens[at + 1]);
            let same = between(at, at + 1) == mark;
            same && matches!((a, b, c), (1..=2, 1..=2, 2 | 4) | (4, 1..=2, 1..=2))
        };
        if decimals || grouped || date {
            tokens[at - 1].figure = true;
            tokens[at].figure = true;
        }
        if date {
            tokens[at + 1].figure = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_amounts_are_no_numbers_of_documents() {
        let text = "pago 31/12/2026 por 1,234.50 doc 004532 fac 2026-01-05 ref 001-002-000123";
        let kept: Vec<&str> = tokens(text)
            .iter()
            .filter(|it| !it.figure && has_digit(it.text))
            .map(|it| it.text)
            .collect();
        assert_eq!(kept, ["004532", "001", "002", "000123"]);
        assert!(LABELS.is_sorted());
    }
}
