//! A message as it left, and whether each figure in it is the ledger's (invariant 10).

use std::collections::{BTreeMap, BTreeSet};

use domain::ledger::Statement;
use domain::{Currency, Money};
use language::figures::Style;
use language::templates::Templates;
use rust_decimal::Decimal;
use serde_json::Value;
use store::contacts::ContactRecord;
use store::messages;

use crate::{World, printable};

/// What was read from an `.eml` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The subject.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

impl Letter {
    /// Reads a message as this house writes it: two parts, both quoted-printable.
    pub fn read(eml: &str) -> Self {
        let eml = eml.replace("\r\n", "\n");
        let (head, body) = eml.split_once("\n\n").expect("headers and a body");
        let head = head.replace("\n ", " ").replace("\n\t", " ");
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        let subject = header("Subject: ").map(decode_words).unwrap_or_default();
        let boundary = head.split_once("boundary=\"").expect("a boundary").1;
        let boundary = boundary.split('"').next().unwrap_or_default();
        let mark = format!("--{boundary}");
        let mut parts = body.split(&mark).skip(1).map(|part| {
            let (_, content) = part.split_once("\n\n").unwrap_or_default();
            printable::decode(content.strip_suffix('\n').unwrap_or(content))
        });
        Self {
            subject,
            text: parts.next().expect("a plain part"),
            html: parts.next().expect("an HTML part"),
        }
    }
}

/// A header with words in base64 (RFC 2047): the space between two such words is not part of it.
fn decode_words(header: &str) -> String {
    let mut out = String::new();
    let mut was_encoded = true;
    for word in header.split(' ') {
        let inner = word
            .strip_prefix("=?utf-8?b?")
            .and_then(|it| it.strip_suffix("?="));
        if !(was_encoded && (inner.is_some() || out.is_empty())) {
            out.push(' ');
        }
        was_encoded = inner.is_some();
        match inner {
            Some(inner) => out.push_str(&String::from_utf8(base64(inner)).expect("UTF-8")),
            None => out.push_str(word),
        }
    }
    out
}

fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for digit in text
        .bytes()
        .filter_map(|it| DIGITS.iter().position(|known| *known == it))
    {
        bits = (bits << 6) | u32::try_from(digit).unwrap_or(0);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(((bits >> count) & 0xff).to_le_bytes()[0]);
        }
    }
    bytes
}

/// `{"amount":"1234.56","currency":"MXN"}` as money.
pub(crate) fn money(value: &Value) -> Money {
    let amount = value["amount"]
        .as_str()
        .and_then(|it| it.parse::<Decimal>().ok());
    let currency = value["currency"]
        .as_str()
        .and_then(|it| Currency::new(it).ok());
    let (amount, currency) = (amount.expect("an amount"), currency.expect("a currency"));
    Money::from_decimal(amount, currency).expect("an amount of the currency")
}

/// A list of amounts, or of lines with an amount each.
pub(crate) fn amounts(list: &Value) -> Vec<Money> {
    let line = |value: &Value| {
        money(if value["amount"].is_object() {
            &value["amount"]
        } else {
            value
        })
    };
    list.as_array()
        .map(|list| list.iter().map(line).collect())
        .unwrap_or_default()
}

fn sums(amounts: &[Money]) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for amount in amounts {
        *sums.entry(amount.currency).or_default() += amount.minor;
    }
    sums.into_iter()
        .map(|(currency, minor)| Money::new(minor, currency))
        .collect()
}

impl World {
    /// Everything in which a message that has just left differs from the ledger of this instant:
    /// its content, its stored text and HTML, and its file are compared figure by figure.
    pub async fn differences(&self, contact: &ContactRecord) -> Vec<String> {
        let content: Value = serde_json::from_str(&contact.content).expect("content is JSON");
        let standing = self.standing(&contact.customer_key).await;
        let day = self.company.day_of(self.now());
        let statement = standing.position.books.statement(day);
        let mut wrong = against_ledger(&content, &statement);
        let found = messages::of_contacts(self.engine.db(), self.company.id, &[contact.id]).await;
        let found = found.expect("messages are read");
        let [message] = found.as_slice() else {
            return vec![format!("{} messages for one contact", found.len())];
        };
        let customer = &standing.position.customer;
        let templates = Templates::embedded().expect("templates");
        let available = templates.languages();
        let own = customer.language.as_deref();
        let (language, _) = language::choose_language(own, &self.company.language, &available);
        let expected = figures(&content, Style::of(&language));
        let html = message.html.clone().unwrap_or_default();
        for (part, text) in [("text", &message.text), ("HTML", &html)] {
            wrong.extend(against_text(part, text, &expected));
            wrong.extend(line_by_line(part, text, &content, Style::of(&language)));
        }
        wrong.extend(stray("subject", &message.subject));
        let path = self.outbox.folder().join(format!("{}.eml", contact.id));
        let letter = Letter::read(&std::fs::read_to_string(path).expect("an .eml file"));
        let same = |a: &str, b: &str| a.trim_end() == b.replace("\r\n", "\n").trim_end();
        for (part, file, kept) in [
            ("subject", &letter.subject, &message.subject),
            ("text", &letter.text, &message.text),
            ("HTML", &letter.html, &html),
        ] {
            if !same(file, kept) {
                wrong.push(format!(
                    "the {part} of the file is not the one kept:\n{file}\n{kept}"
                ));
            }
        }
        wrong
    }
}

/// Where the content differs from the statement.
fn against_ledger(content: &Value, statement: &Statement) -> Vec<String> {
    let mut wrong = Vec::new();
    let asked = amounts(&content["documents"]);
    let upcoming = amounts(&content["upcoming"]);
    let totals = amounts(&content["totals"]);
    let thanks = content["payment"].is_object();
    let own = sums(if asked.is_empty() { &upcoming } else { &asked });
    let mut sorted = totals.clone();
    sorted.sort_unstable_by_key(|total| total.currency);
    if sorted != own && !thanks {
        wrong.push(format!(
            "totals {totals:?} are not the sums of the lines {own:?}"
        ));
    }
    for (list, part) in [
        ("documents", "free"),
        ("upcoming", "free"),
        ("held", "held"),
    ] {
        for line in content[list].as_array().into_iter().flatten() {
            let number = line["invoice"].as_str().unwrap_or_default();
            let open = statement
                .documents
                .iter()
                .find(|open| open.number == number);
            let Some(open) = open else {
                wrong.push(format!("{list}: {number} is not open"));
                continue;
            };
            let right = if part == "free" {
                open.free()
            } else {
                open.held
            };
            let told = (
                money(&line["amount"]),
                money(&line["open"]),
                money(&line["original"]),
            );
            if told != (right, open.open, open.amount) {
                wrong.push(format!(
                    "{list}: {number} says {told:?}, the ledger {open:?}"
                ));
            }
            if line["due"].as_str() != Some(&open.due.to_string()) {
                wrong.push(format!("{list}: {number} is due {}", open.due));
            }
        }
    }
    if !asked.is_empty() {
        let named: BTreeSet<_> = asked.iter().map(|amount| amount.currency).collect();
        let whole = statement.chaseable().map(|open| open.free());
        let whole: Vec<_> = whole
            .filter(|free| named.contains(&free.currency))
            .collect();
        if sums(&whole) != sums(&asked) {
            wrong.push(format!("asks for {asked:?}, the ledger has {whole:?}"));
        }
    }
    for credit in amounts(&content["credits"]) {
        if statement.credit(credit.currency) != credit.minor {
            wrong.push(format!(
                "credit {credit} is not the ledger's {:?}",
                statement.credits
            ));
        }
    }
    wrong
}

/// Every amount the content has, written out.
fn figures(content: &Value, style: Style) -> Vec<String> {
    let mut all = Vec::new();
    for list in ["documents", "upcoming", "held"] {
        all.extend(amounts(&content[list]));
        all.extend(sums(&amounts(&content[list])));
        for line in content[list].as_array().into_iter().flatten() {
            if list != "held" && line["original"] != line["amount"] {
                all.push(money(&line["original"]));
            }
        }
    }
    let (totals, credits) = (amounts(&content["totals"]), amounts(&content["credits"]));
    if !credits.is_empty() {
        for total in &totals {
            let credit = credits
                .iter()
                .find(|credit| credit.currency == total.currency);
            let left = total.minor - credit.map_or(0, |credit| credit.minor);
            all.push(Money::new(left, total.currency));
        }
    }
    all.extend(totals);
    all.extend(credits);
    for one in ["payment", "promise"] {
        if content[one].is_object() {
            all.push(money(&content[one]["amount"]));
        }
    }
    let written: BTreeSet<String> = all.into_iter().map(|amount| style.money(amount)).collect();
    written.into_iter().collect()
}

/// Where a text differs from the amounts it should have: one missing, or one too many.
fn against_text(part: &str, text: &str, expected: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rest = text.to_owned();
    let mut longest_first: Vec<&String> = expected.iter().collect();
    longest_first.sort_unstable_by_key(|amount| std::cmp::Reverse(amount.len()));
    for amount in longest_first {
        if !text.contains(amount.as_str()) {
            wrong.push(format!("{amount} is not in the {part}"));
        }
        rest = rest.replace(amount.as_str(), "·");
    }
    wrong.extend(stray(part, &rest));
    wrong
}

/// Lines of the content whose document does not stand beside its own amount.
fn line_by_line(part: &str, text: &str, content: &Value, style: Style) -> Vec<String> {
    let mut wrong = Vec::new();
    for list in ["documents", "upcoming", "held"] {
        for line in content[list].as_array().into_iter().flatten() {
            let number = line["invoice"].as_str().unwrap_or_default();
            let amount = style.money(money(&line["amount"]));
            // A list names it alone, a sentence with the amount in brackets.
            let starts = [
                format!("{number}: "),
                format!("{number}</td>"),
                format!("{number} ("),
            ];
            let rows = starts
                .iter()
                .flat_map(|start| text.match_indices(start.as_str()));
            let mut rows = rows.map(|(at, start)| {
                let row = &text[at + start.len()..];
                let end = ["\n- ", "</tr>", ")"]
                    .iter()
                    .filter_map(|end| row.find(end))
                    .min();
                &row[..end.unwrap_or(row.len())]
            });
            let original = style.money(money(&line["original"]));
            let says = |row: &str| match (row.find(&amount), row.find(&original)) {
                (Some(own), Some(whole)) => own <= whole,
                (own, _) => own.is_some(),
            };
            if !rows.any(says) {
                wrong.push(format!(
                    "{number} does not stand beside {amount} in the {part}"
                ));
            }
        }
    }
    wrong
}

/// Amounts in a text that should have none left: `$1`, `MXN 1`.
fn stray(part: &str, text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let code = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let own_word = before.is_none_or(|it| !it.is_alphanumeric());
        let three = chars.get(at..at + 3);
        own_word && three.is_some_and(|it| it.iter().all(char::is_ascii_uppercase))
    };
    let found = (0..chars.len()).filter(|&at| {
        let signed = chars[at] == '$' && (digit(at + 1) || digit(at + 2));
        let coded = code(at) && chars.get(at + 3) == Some(&' ') && digit(at + 4);
        signed || coded
    });
    found
        .map(|at| {
            let near: String = chars[at..chars.len().min(at + 24)].iter().collect();
            format!("the {part} has an amount that is not in the content: {near}")
        })
        .collect()
}
