//! SWIFT MT940 (customer statement) and MT942 (interim report), with what banks make of them.
//!
//! A page of a statement that goes on (`:60M:`, `:62M:`) is a statement of its own: it has an
//! opening and a closing balance, and the next page opens with what it closes with.
//! Source of fields: SWIFT *Category 9 – Cash Management and Customer Status*.

mod details;
mod movement;

use std::collections::VecDeque;

use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::text::Lines;
use super::{
    AccountId, Balance, BankFormat, Fault, Hints, Part, Parts, Source, StatementHead,
    StatementTail, Transaction, figure,
};

/// Tags of the two messages. Others are text: a time of day at a line's beginning looks like one.
const TAGS: [&str; 22] = [
    "13", "13C", "13D", "20", "21", "25", "25P", "28", "28C", "34F", "60F", "60M", "61", "62F",
    "62M", "64", "65", "86", "90C", "90D", "NS", "940",
];
/// Lines of one field; a field with more is no field.
const FIELD_LINES_MAX: usize = 500;

/// Tells the message by the tags its lines begin with.
pub(super) fn sniff(text: &str) -> Option<BankFormat> {
    let mut tags: Vec<&str> = text
        .lines()
        .filter_map(|line| tag(line).map(|(tag, _)| tag))
        .collect();
    let statement = [
        "20", "25", "28", "28C", "60F", "60M", "61", "62F", "62M", "34F",
    ];
    tags.retain(|tag| statement.contains(tag));
    let interim = tags.contains(&"34F") && !tags.contains(&"60F") && !tags.contains(&"60M");
    tags.sort_unstable();
    tags.dedup();
    match (tags.len(), interim) {
        (0 | 1, _) => None,
        (_, true) => Some(BankFormat::Mt942),
        (_, false) => Some(BankFormat::Mt940),
    }
}

/// The tag a line begins with, and what stands behind it.
fn tag(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.trim_start().strip_prefix(':')?.split_once(':')?;
    TAGS.contains(&tag).then_some((tag, rest))
}

/// Opens the messages.
pub(super) fn read(source: Source, hints: &Hints) -> Result<Parts, Fault> {
    Ok(Box::new(Messages {
        lines: Lines::new(source)?,
        currency: hints.currency,
        parts: VecDeque::new(),
        field: None,
        statement: None,
        done: false,
    }))
}

/// One field: its tag and its lines.
struct Field {
    tag: String,
    line: u64,
    lines: Vec<String>,
}

struct Messages {
    lines: Lines,
    currency: Option<Currency>,
    parts: VecDeque<Part>,
    field: Option<Field>,
    statement: Option<Statement>,
    done: bool,
}

impl Iterator for Messages {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        while self.parts.is_empty() && !self.done {
            match self.lines.next_line() {
                Ok(Some(line)) => self.take_line(&line),
                Ok(None) => {
                    self.done = true;
                    self.end_message();
                }
                Err(fault) => {
                    self.done = true;
                    self.end_field();
                    self.parts.push_back(Part::Fault(fault));
                }
            }
        }
        self.parts.pop_front()
    }
}

impl Messages {
    fn take_line(&mut self, line: &str) {
        // The envelope of the network may stand before the text on the same line.
        let line = match line.find("{4:") {
            Some(at) if line.trim_start().starts_with('{') => &line[at + 3..],
            _ => line,
        };
        if let Some((tag, rest)) = tag(line) {
            self.end_field();
            self.field = Some(Field {
                tag: tag.to_owned(),
                line: self.lines.number(),
                lines: vec![rest.to_owned()],
            });
            return;
        }
        if is_end(line) {
            self.end_field();
            // A dash alone may stand in a text: what goes on after it is the same statement.
            let whole = self
                .statement
                .as_ref()
                .is_some_and(|open| open.closing.is_some());
            if whole || line.contains('}') {
                self.close();
            }
            return;
        }
        let field = self.field.as_mut();
        if let Some(field) = field.filter(|field| field.lines.len() < FIELD_LINES_MAX) {
            field.lines.push(line.to_owned());
        }
    }

    fn end_message(&mut self) {
        self.end_field();
        self.close();
    }

    fn close(&mut self) {
        if let Some(statement) = self.statement.take() {
            statement.close(self.lines.number(), &mut self.parts);
        }
    }

    /// Takes in the field whose last line was read.
    fn end_field(&mut self) {
        let Some(field) = self.field.take() else {
            return;
        };
        let first = field.lines.first().map_or("", |line| line.trim());
        let begins = match field.tag.as_str() {
            "20" => true,
            "25" | "25P" => self
                .statement
                .as_ref()
                .is_some_and(|statement| statement.holds_another(first)),
            "86" | "NS" | "64" | "65" | "940" => false,
            _ => self.statement.is_none(),
        };
        if begins {
            self.close();
        }
        if !begins && self.statement.is_none() && field.tag != "25" && field.tag != "25P" {
            return;
        }
        let currency = self.currency;
        let statement = self
            .statement
            .get_or_insert_with(|| Statement::new(currency));
        statement.take(&field, first, &mut self.parts);
    }
}

/// A message ends with `-`, `-}` or what banks put behind it.
fn is_end(line: &str) -> bool {
    let line = line.trim_matches(|letter: char| letter.is_whitespace() || letter.is_control());
    line == "-" || line.starts_with("-}") || line == "-XXX"
}

/// What is known of the statement that is open.
struct Statement {
    opened: bool,
    interim: bool,
    account: AccountId,
    account_currency: Option<Currency>,
    fallback: Option<Currency>,
    number: Option<String>,
    opening: Option<Balance>,
    closing: Option<Balance>,
    reported: Option<Date>,
    announced: Option<(u64, Decimal)>,
    moved: Option<Box<Transaction>>,
    lines: u64,
    sum: Decimal,
    faulty: bool,
}

impl Statement {
    fn new(fallback: Option<Currency>) -> Self {
        Self {
            opened: false,
            interim: false,
            account: AccountId::default(),
            account_currency: None,
            fallback,
            number: None,
            opening: None,
            closing: None,
            reported: None,
            announced: None,
            moved: None,
            lines: 0,
            sum: Decimal::ZERO,
            faulty: false,
        }
    }

    /// Whether `:25:` names the account of a next statement that has no `:20:` of its own; some
    /// banks mistake the tag for that of the details.
    fn holds_another(&self, text: &str) -> bool {
        (self.opened || self.closing.is_some()) && !details::is_structured(text)
    }

    fn take(&mut self, field: &Field, first: &str, parts: &mut VecDeque<Part>) {
        match field.tag.as_str() {
            "25" if self.opened && details::is_structured(first) => self.take_details(field),
            "25" | "25P" => self.take_account(field),
            "28" | "28C" => self.number = figure::words(first),
            "34F" => {
                self.interim = true;
                self.account_currency = self.account_currency.or_else(|| currency_of(first));
            }
            "13" | "13C" | "13D" => {
                self.reported = first.get(..6).and_then(movement::six_digits);
            }
            "60F" | "60M" => match balance(first, self.currency()) {
                Ok(balance) => self.opening = Some(balance),
                Err(reason) => self.doubt(field, "saldo inicial", reason, parts),
            },
            "62F" | "62M" => {
                self.end_movement(parts);
                match balance(first, self.currency()) {
                    Ok(balance) => self.closing = Some(balance),
                    Err(reason) => self.doubt(field, "saldo final", reason, parts),
                }
            }
            "61" => {
                self.end_movement(parts);
                self.open(parts);
                self.take_movement(field, parts);
            }
            "86" | "NS" => self.take_details(field),
            "90C" | "90D" => self.take_announced(field.tag == "90C", first),
            _ => {}
        }
    }

    fn doubt(
        &mut self,
        field: &Field,
        name: &'static str,
        reason: String,
        parts: &mut VecDeque<Part>,
    ) {
        let raw = field.lines.join(" ");
        parts.push_back(Part::Warning(Fault::new(field.line, name, reason, &raw)));
    }

    fn take_account(&mut self, field: &Field) {
        let first = field.lines.first().map_or("", |line| line.trim());
        let mut pieces: Vec<&str> = first.split('/').map(str::trim).collect();
        if pieces.len() > 2 {
            self.account_currency = pieces.pop().and_then(currency_of);
        }
        let (bank, number) = match pieces.as_slice() {
            [number] => (None, *number),
            [bank, number, ..] => (figure::account(bank), *number),
            [] => (None, ""),
        };
        let (number, currency) = without_currency(number);
        self.account_currency = self.account_currency.or(currency);
        // `:25P:` has the bank on its second line.
        let second = field.lines.get(1).and_then(|line| figure::account(line));
        self.account = AccountId {
            number: figure::account(number),
            bank: bank.or_else(|| second.filter(|_| field.tag == "25P")),
            holder: None,
        };
    }

    fn currency(&self) -> Option<Currency> {
        let balance = self.opening.map(|balance| balance.amount.currency);
        balance.or(self.account_currency).or(self.fallback)
    }

    fn open(&mut self, parts: &mut VecDeque<Part>) {
        if std::mem::replace(&mut self.opened, true) {
            return;
        }
        parts.push_back(Part::Opens(Box::new(StatementHead {
            format: if self.interim {
                BankFormat::Mt942
            } else {
                BankFormat::Mt940
            },
            account: self.account.clone(),
            currency: self.currency(),
            number: self.number.clone(),
            from: None,
            to: None,
            opening: self.opening,
            interim: self.interim,
        })));
    }

    fn take_movement(&mut self, field: &Field, parts: &mut VecDeque<Part>) {
        self.lines += 1;
        match movement::read(&field.lines, field.line, self.currency()) {
            Ok(moved) => {
                self.sum += moved.amount.decimal();
                self.moved = Some(Box::new(moved));
            }
            Err((name, reason)) => {
                self.faulty = true;
                let raw = field.lines.join(" ");
                parts.push_back(Part::Fault(Fault::new(field.line, name, reason, &raw)));
            }
        }
    }

    /// Takes in details of the movement before them; others are the statement's.
    fn take_details(&mut self, field: &Field) {
        if let Some(moved) = &mut self.moved {
            if field.tag == "NS" {
                details::read_numbered(&field.lines, moved);
            } else {
                details::read(&field.lines, moved);
            }
            if moved.counterparty.account == self.account.number {
                moved.counterparty.account = None;
            }
        }
    }

    fn end_movement(&mut self, parts: &mut VecDeque<Part>) {
        parts.extend(self.moved.take().map(Part::Moved));
    }

    /// Number and sum of debits or credits, as MT942 counts them.
    fn take_announced(&mut self, credit: bool, text: &str) {
        let digits = text.find(|letter: char| !letter.is_ascii_digit());
        let Some((count, rest)) = digits.map(|at| text.split_at(at)) else {
            return;
        };
        let sum = rest.get(3..).and_then(|sum| figure::with_comma(sum).ok());
        let (Ok(count), Some(sum)) = (count.parse::<u64>(), sum) else {
            return;
        };
        let (lines, net) = self.announced.unwrap_or_default();
        let net = if credit {
            net.checked_add(sum)
        } else {
            net.checked_sub(sum)
        };
        self.announced = net.and_then(|net| Some((lines.checked_add(count)?, net)));
    }

    fn close(mut self, line: u64, parts: &mut VecDeque<Part>) {
        self.open(parts);
        self.end_movement(parts);
        let read = (self.lines, self.sum);
        let announced = self.announced.filter(|told| !self.faulty && *told != read);
        if let Some((count, sum)) = announced {
            let reason = format!(
                "El banco anuncia {count} movimientos por {sum}; el archivo trae {} por {}.",
                self.lines, self.sum
            );
            parts.push_back(Part::Warning(Fault::new(line, "resumen", reason, "")));
        }
        if self.closing.is_none() && !self.interim {
            let reason = "No trae saldo final: el archivo puede estar cortado.";
            parts.push_back(Part::Warning(Fault::new(line, "saldo final", reason, "")));
        }
        parts.push_back(Part::Closes(Box::new(StatementTail {
            opening: self.opening,
            closing: self.closing,
            from: None,
            to: self
                .closing
                .and_then(|closing| closing.on)
                .or(self.reported),
            announced: self.announced.map(|(count, sum)| (count, Some(sum))),
        })));
    }
}

/// A balance: `C020315EUR1234,56`; without a currency it is in the one known.
fn balance(text: &str, known: Option<Currency>) -> Result<Balance, String> {
    let wrong = || format!("«{text}» no es un saldo: se espera C o D, fecha, moneda e importe.");
    let debit = match text.get(..1).ok_or_else(wrong)? {
        "C" => false,
        "D" => true,
        _ => return Err(wrong()),
    };
    let on = text.get(1..7).ok_or_else(wrong)?;
    let rest = text.get(7..).ok_or_else(wrong)?;
    let (currency, value) = match currency_of(rest) {
        Some(currency) => (Some(currency), &rest[3..]),
        None => (known, rest),
    };
    let value = figure::with_comma(value)?;
    let amount = figure::money(value, currency.ok_or_else(wrong)?)?;
    Ok(Balance {
        on: movement::six_digits(on),
        amount: if debit {
            Money::new(-amount.minor, amount.currency)
        } else {
            amount
        },
    })
}

/// The currency a text begins or is.
fn currency_of(text: &str) -> Option<Currency> {
    Currency::new(text.get(..3)?).ok()
}

/// An account number, and the currency some banks write behind it.
fn without_currency(number: &str) -> (&str, Option<Currency>) {
    let Some(at) = number.len().checked_sub(3) else {
        return (number, None);
    };
    let (Some(before), Some(code)) = (number.get(..at), number.get(at..)) else {
        return (number, None);
    };
    let before = before.trim_end();
    let national = !before.is_empty()
        && before
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let spaced = number.contains(' ') && number[..at].ends_with(' ');
    let code = code
        .chars()
        .all(|letter| letter.is_ascii_uppercase())
        .then_some(code);
    match code.and_then(|code| Currency::new(code).ok()) {
        Some(currency) if national || spaced => (before, Some(currency)),
        _ => (number, None),
    }
}
