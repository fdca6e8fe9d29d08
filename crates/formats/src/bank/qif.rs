//! Quicken Interchange Format: one letter and a value a line, `^` ends a movement.
//!
//! Neither the order of day and month nor the decimal mark nor the currency is told: the whole
//! file is looked at for values that prove the first two.

use std::collections::VecDeque;

use domain::Currency;

use super::source::Shared;
use super::text::Lines;
use super::{
    AccountId, BankFormat, Counterparty, Fault, Hints, Part, Parts, Source, StatementHead,
    Transaction, TransactionState, figure,
};
use crate::amount::{self, DecimalMark};
use crate::date::{self, DateError, DateOrder, DateShape};

/// Lines of one movement.
const LINES_MAX: usize = 1000;

/// Tells QIF by its first line.
pub(super) fn sniff(text: &str) -> Option<BankFormat> {
    let first = text.trim_start_matches('\u{feff}').trim_start();
    let first = first.lines().next()?.to_ascii_lowercase();
    let begins = ["!type:", "!account", "!option:", "!clear:"];
    begins
        .iter()
        .any(|begin| first.starts_with(begin))
        .then_some(BankFormat::Qif)
}

/// Opens the file.
pub(super) fn read(source: Source, hints: &Hints) -> Result<Parts, Fault> {
    let Some(currency) = hints.currency else {
        let reason = "QIF no dice la moneda de la cuenta: indíquela al importar.";
        return Err(Fault::new(1, "moneda", reason, ""));
    };
    let file = Shared::new(source.seekable()?);
    let evidence = Evidence::gather(file.from(0))?;
    Ok(Box::new(Qif {
        lines: Lines::new(Source::Seekable(Box::new(file)))?,
        currency,
        order: evidence.order(hints)?,
        mark: evidence.mark(hints)?,
        parts: VecDeque::new(),
        section: Section::Other,
        account: AccountId::default(),
        open: false,
        record: Record::default(),
        done: false,
    }))
}

/// What the values of the whole file prove.
#[derive(Default)]
struct Evidence {
    day_first: Option<u64>,
    month_first: Option<u64>,
    either: Option<u64>,
    point: Option<u64>,
    comma: Option<u64>,
}

impl Evidence {
    fn gather(file: Shared) -> Result<Self, Fault> {
        let mut lines = Lines::new(Source::Seekable(Box::new(file)))?;
        let mut evidence = Self::default();
        while let Some(line) = lines.next_line()? {
            let number = lines.number();
            let value = line.get(1..).unwrap_or_default();
            match line.chars().next() {
                Some('D') => evidence.take_day(&written_day(value), number),
                Some('T' | 'U') => match amount::shape(value).proves() {
                    Some(DecimalMark::Point) => evidence.point = evidence.point.or(Some(number)),
                    Some(DecimalMark::Comma) => evidence.comma = evidence.comma.or(Some(number)),
                    None => {}
                },
                _ => {}
            }
        }
        Ok(evidence)
    }

    fn take_day(&mut self, day: &str, line: u64) {
        let shape = date::shape(day);
        let place = match (shape.proves(), shape) {
            (Some(DateOrder::DayFirst), _) => &mut self.day_first,
            (Some(DateOrder::MonthFirst), _) => &mut self.month_first,
            (None, DateShape::Pair { first, second, .. }) if first != second => &mut self.either,
            _ => return,
        };
        *place = place.or(Some(line));
    }

    fn order(&self, hints: &Hints) -> Result<Option<DateOrder>, Fault> {
        match (self.day_first, self.month_first) {
            (Some(_), None) => Ok(Some(DateOrder::DayFirst)),
            (None, Some(_)) => Ok(Some(DateOrder::MonthFirst)),
            // Both, or neither: only somebody who knows the file can say.
            _ if hints.dates.is_some() => Ok(hints.dates),
            (None, None) => match self.either {
                None => Ok(None),
                Some(line) => {
                    let reason = "No se sabe si el día va antes que el mes: indíquelo al importar \
                                  (--dates dmy o mdy).";
                    Err(Fault::new(line, "fecha", reason, ""))
                }
            },
            (Some(day_first), Some(month_first)) => {
                let reason = format!(
                    "El renglón {day_first} pone el día primero y el {month_first} el mes: \
                     indique el orden al importar (--dates dmy o mdy)."
                );
                Err(Fault::new(day_first, "fecha", reason, ""))
            }
        }
    }

    fn mark(&self, hints: &Hints) -> Result<Option<DecimalMark>, Fault> {
        match (self.point, self.comma) {
            (Some(_), None) => Ok(Some(DecimalMark::Point)),
            (None, Some(_)) => Ok(Some(DecimalMark::Comma)),
            (Some(_), Some(line)) if hints.decimal.is_none() => {
                let reason = "Unos importes llevan punto decimal y otros coma: indíquelo al \
                              importar (--decimal point o comma).";
                Err(Fault::new(line, "importe", reason, ""))
            }
            _ => Ok(hints.decimal),
        }
    }
}

/// `12/31'20` and `1/ 2/20` without what only Quicken writes.
fn written_day(value: &str) -> String {
    let plain: String = value
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    plain.replace('\'', "/")
}

/// What kind of list the lines are in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Movements,
    Account,
    Other,
}

#[derive(Default)]
struct Record {
    line: u64,
    lines: Vec<String>,
}

struct Qif {
    lines: Lines,
    currency: Currency,
    order: Option<DateOrder>,
    mark: Option<DecimalMark>,
    parts: VecDeque<Part>,
    section: Section,
    account: AccountId,
    open: bool,
    record: Record,
    done: bool,
}

impl Iterator for Qif {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        while self.parts.is_empty() && !self.done {
            match self.lines.next_line() {
                Ok(Some(line)) => self.take(&line),
                Ok(None) => {
                    self.done = true;
                    self.end_record();
                    self.close();
                }
                Err(fault) => {
                    self.done = true;
                    self.parts.push_back(Part::Fault(fault));
                }
            }
        }
        self.parts.pop_front()
    }
}

impl Qif {
    fn take(&mut self, line: &str) {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('!') {
            self.end_record();
            self.header(&header.to_ascii_lowercase());
        } else if line.starts_with('^') {
            self.end_record();
        } else if !line.is_empty() && self.record.lines.len() < LINES_MAX {
            if self.record.lines.is_empty() {
                self.record.line = self.lines.number();
            }
            self.record.lines.push(line.to_owned());
        }
    }

    fn header(&mut self, header: &str) {
        let kind = header.strip_prefix("type:").map(str::trim);
        self.section = match kind {
            Some("bank" | "cash" | "ccard" | "oth a" | "oth l") => Section::Movements,
            None if header.starts_with("account") => Section::Account,
            _ => Section::Other,
        };
        if self.section == Section::Account {
            self.close();
        }
        if self.section == Section::Movements && !self.open {
            self.open = true;
            self.parts.push_back(Part::Opens(Box::new(StatementHead {
                format: BankFormat::Qif,
                account: self.account.clone(),
                currency: Some(self.currency),
                number: None,
                from: None,
                to: None,
                opening: None,
                interim: false,
            })));
        }
    }

    fn end_record(&mut self) {
        let record = std::mem::take(&mut self.record);
        if record.lines.is_empty() {
            return;
        }
        match self.section {
            Section::Account => {
                self.account.number = value(&record, 'N').and_then(figure::account);
            }
            Section::Movements => {
                let part = match self.transaction(&record) {
                    Ok(moved) => Part::Moved(Box::new(moved)),
                    Err((field, reason)) => {
                        let raw = record.lines.join(" ");
                        Part::Fault(Fault::new(record.line, field, reason, &raw))
                    }
                };
                self.parts.push_back(part);
            }
            Section::Other => {}
        }
    }

    fn transaction(&self, record: &Record) -> Result<Transaction, (&'static str, String)> {
        let written = value(record, 'D').unwrap_or_default();
        let day = date::read(&written_day(written), self.order);
        let booked = day.ok().flatten().ok_or_else(|| {
            let contrary = matches!(day, Err(DateError::Contrary(_)));
            let why = if contrary {
                "no sigue el orden de las demás"
            } else {
                "no se entiende"
            };
            ("fecha", format!("La fecha «{written}» {why}."))
        })?;
        let written = value(record, 'T')
            .or_else(|| value(record, 'U'))
            .unwrap_or_default();
        let amount = amount::read(written, self.mark).ok().flatten();
        let amount = amount.ok_or_else(|| {
            let reason = format!(
                "El importe «{written}» no se entiende: indique la marca decimal al importar \
                 (--decimal point o comma) o corríjalo."
            );
            ("importe", reason)
        })?;
        let amount = figure::money(amount.value, self.currency);
        let amount = amount.map_err(|reason| ("importe", reason))?;
        let mut text = String::new();
        for letter in ['P', 'M'] {
            figure::add_words(&mut text, value(record, letter).unwrap_or_default());
        }
        Ok(Transaction {
            line: record.line,
            booked,
            value: None,
            amount,
            state: TransactionState::Booked,
            reference: None,
            batch: None,
            end_to_end: value(record, 'N').and_then(figure::reference),
            counterparty: Counterparty {
                name: value(record, 'P').and_then(figure::words),
                ..Counterparty::default()
            },
            virtual_account: None,
            creditor_references: Vec::new(),
            documents: Vec::new(),
            text,
            charges: None,
            original: None,
            reversal: false,
            return_reason: None,
            code: None,
        })
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.open) {
            self.parts.push_back(Part::Closes(Box::default()));
        }
    }
}

/// The value of the first line that begins with the letter.
fn value(record: &Record, letter: char) -> Option<&str> {
    let lines = record.lines.iter().map(String::as_str);
    let found = lines.filter_map(|line| line.strip_prefix(letter)).next()?;
    Some(found.trim()).filter(|value| !value.is_empty())
}
