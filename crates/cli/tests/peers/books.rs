//! The generated portfolio, what it says by its own lists, and what the program says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use jiff::civil::{Date, date};
use serde_json::{Value, json};
use testkit::portfolio::{Customer, Item, Portfolio, money};
use testkit::program::Program;

pub const SATURDAY: Date = date(2026, 10, 31);
pub const MONDAY: Date = date(2026, 11, 2);
/// When offices are open in all three countries.
pub const MONDAY_MORNING: &str = "2026-11-02T10:00:00Z";
/// What the policy does not chase.
pub const SMALL: i64 = 1_000;
pub const FILES: [&str; 3] = ["customers.csv", "invoices.csv", "prior_payments.csv"];
/// The columns of the ageing, as the portfolio counts them.
pub const BUCKETS: [&str; 5] = ["not_due", "1-30", "31-60", "61-90", "91+"];

pub fn portfolio(puntual: &Program) -> Portfolio {
    let portfolio = Portfolio::generate(42, 200, 1_000, SATURDAY);
    let written = portfolio.write(puntual.folder());
    written.expect("the disk has room");
    portfolio
}

/// The portfolio, imported.
pub fn filled(puntual: &Program) -> Portfolio {
    let portfolio = portfolio(puntual);
    let report = puntual.json(&["import", FILES[0], FILES[1], FILES[2]]);
    assert_eq!(report["quarantined"], json!([]));
    portfolio
}

pub fn run_on(puntual: &Program, day: Date) -> Value {
    puntual.json(&["run", "--as-of", &day.to_string()])
}

pub fn dispatch(puntual: &Program) -> Value {
    puntual.json(&["dispatch", "--outbox", "outbox", "--now", MONDAY_MORNING])
}

pub fn sent(puntual: &Program) -> usize {
    let sent = dispatch(puntual)["sent"].as_u64().expect("a number");
    usize::try_from(sent).expect("a small number")
}

pub fn ageing(puntual: &Program, day: Date) -> Value {
    puntual.json(&["report", "ageing", "--as-of", &day.to_string()])
}

/// What a customer owes and has in its favour on a day, reckoned from the lists alone.
#[derive(Default)]
pub struct Debt<'a> {
    pub chaseable: Vec<&'a Item>,
    pub disputed: Vec<&'a Item>,
    pub credits: i64,
}

impl Debt<'_> {
    pub fn total(&self) -> i64 {
        self.chaseable.iter().map(|item| item.residual).sum()
    }

    pub fn numbers(&self) -> BTreeSet<&str> {
        let items = self.chaseable.iter();
        items.map(|item| item.number.as_str()).collect()
    }

    pub fn is_chased(&self) -> bool {
        self.total() - self.credits > SMALL
    }

    pub fn days_late(&self, on: Date) -> i64 {
        let days = self.chaseable.iter().map(|item| item.days_late(on));
        days.max().expect("something is overdue")
    }
}

pub fn debts(portfolio: &Portfolio, on: Date) -> BTreeMap<&str, Debt<'_>> {
    let mut debts: BTreeMap<&str, Debt<'_>> = BTreeMap::new();
    for item in &portfolio.items {
        let key = portfolio.customers[item.customer].key.as_str();
        let debt = debts.entry(key).or_default();
        if item.credit_note {
            debt.credits -= item.residual;
        } else if item.days_late(on) > 0 && item.disputed {
            debt.disputed.push(item);
        } else if item.days_late(on) > 0 {
            debt.chaseable.push(item);
        }
    }
    debts
}

pub fn items(portfolio: &Portfolio) -> BTreeMap<&str, &Item> {
    let items = portfolio.items.iter();
    items.map(|item| (item.number.as_str(), item)).collect()
}

pub fn is_reachable(customer: &Customer) -> bool {
    customer.email.is_some()
}

pub fn reachable(portfolio: &Portfolio) -> BTreeSet<&str> {
    let customers = portfolio.customers.iter().filter(|it| is_reachable(it));
    customers.map(|customer| customer.key.as_str()).collect()
}

pub fn cents(amount: &Value) -> i64 {
    assert_eq!(amount["currency"], "EUR");
    let text = amount["amount"].as_str().expect("an amount is text");
    let (whole, rest) = text.split_once('.').expect("two decimals");
    assert_eq!(rest.len(), 2, "{text}");
    format!("{whole}{rest}").parse().expect("digits")
}

/// `EUR 5,897.46`, as messages write it.
pub fn written(cents: i64) -> String {
    let plain = money(cents);
    let (whole, rest) = plain.split_once('.').expect("two decimals");
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("EUR {grouped}.{rest}")
}

#[track_caller]
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    let found = value[key].as_str();
    found.unwrap_or_else(|| panic!("no text {key} in {value}"))
}

#[track_caller]
pub fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let found = value[key].as_array();
    found.unwrap_or_else(|| panic!("no list {key} in {value}"))
}

/// The customer's own money that a message deducts.
pub fn credit(contact: &Value) -> i64 {
    contact["credits"].get(0).map_or(0, cents)
}

pub fn is_step(contact: &Value) -> bool {
    contact["kind"] == "step"
}

/// The newest decision of each customer.
pub fn decisions(puntual: &Program) -> BTreeMap<String, Value> {
    let lines = puntual.export("decisions").into_iter();
    lines
        .map(|line| (text(&line, "customer").to_owned(), line))
        .collect()
}

/// What was said, by contact.
pub fn said(puntual: &Program) -> BTreeMap<String, String> {
    let messages = puntual.export("threads");
    let said: BTreeMap<String, String> = messages
        .iter()
        .map(|it| (text(it, "contact").to_owned(), text(it, "text").to_owned()))
        .collect();
    assert_eq!(said.len(), messages.len(), "one message for each contact");
    said
}

/// Messages in the outbox, by contact.
pub fn outbox(puntual: &Program) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(puntual.folder().join("outbox")).expect("an outbox");
    let mut outbox = BTreeMap::new();
    for file in files {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        let name = name.strip_suffix(".eml").expect("only messages").to_owned();
        outbox.insert(name, fs::read(&path).expect("a message"));
    }
    outbox
}

/// The readable part of a message, decoded (quoted-printable, RFC 2045 §6.7).
pub fn plain_part(eml: &str) -> String {
    let start = eml
        .find("Content-Type: text/plain")
        .expect("a readable part");
    let (head, body) = eml[start..].split_once("\r\n\r\n").expect("a body");
    assert!(head.contains("quoted-printable"), "{head}");
    let end = body.find("\r\n--=_").expect("another part follows");
    let body = body[..end].replace("=\r\n", "").replace("\r\n", "\n");
    let mut bytes = Vec::new();
    let mut rest = body.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' {
            let hex = std::str::from_utf8(&after[..2]).expect("two digits");
            bytes.push(u8::from_str_radix(hex, 16).expect("two digits"));
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}
