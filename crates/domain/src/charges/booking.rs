//! Charges that become documents: what is to be booked at the end of a month, and what is to be
//! taken back because it was never earned.
//!
//! # Rules
//! - A note is of its own: what was issued is not changed, and no line is added to an invoice.
//! - One note for an invoice and a month: what was earned up to the month's end, less what earlier
//!   notes booked. What is in dispute waits.
//! - A payment that is dated back may show that less was earned than was booked. Then the rest is
//!   taken back by a credit note, because nobody may be asked for interest on money that was there.
//!   It is reckoned at the very days of the notes, so that paying later takes nothing back.
//! - Nothing is taken back where the terms are others than those of the note, or where a rate that
//!   it rests on is not known: what was earned cannot be said then.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Charges, Line, LineKind};
use crate::hold::HoldKind;
use crate::ids::DocumentId;
use crate::ledger::Books;
use crate::money::Money;

/// Charges become documents at the end of each month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// Days from the issue of the note to its due date.
    pub due_in_days: u16,
}

/// A debit note by which charges of an invoice became a document, or the credit note by which some
/// of them were taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged {
    /// The note.
    pub note: DocumentId,
    /// Its number.
    pub number: String,
    /// The invoice it is for.
    pub invoice: DocumentId,
    /// The invoice's number.
    pub invoice_number: String,
    /// The day it was issued.
    pub issued: Date,
    /// The last day it charges for.
    pub up_to: Date,
    /// Which of the notes of that invoice and day it is: 0 is the debit note.
    pub part: u16,
    /// What it comes to; negative where it takes back.
    pub amount: Money,
    /// Digest of the terms it was reckoned by.
    pub terms: [u8; 32],
    /// What it consists of: all that was earned up to that day, less what earlier notes booked.
    pub lines: Vec<Line>,
}

/// A note that is to be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNote {
    /// The invoice it is for.
    pub invoice: DocumentId,
    /// The invoice's number.
    pub invoice_number: String,
    /// The last day it charges for.
    pub up_to: Date,
    /// Which of the notes of that invoice and day it is: 0 is the debit note.
    pub part: u16,
    /// What it comes to; negative where it takes back.
    pub amount: Money,
    /// What it consists of.
    pub lines: Vec<Line>,
}

impl NewNote {
    /// Its number: `CARGO-F-1-2026-03`, and `ANULA-CARGO-F-1-2026-03` for what takes it back.
    pub fn number(&self) -> String {
        let debit = format!(
            "CARGO-{}-{}",
            self.invoice_number,
            self.up_to.strftime("%Y-%m")
        );
        match self.part {
            0 => debit,
            1 => format!("ANULA-{debit}"),
            part => format!("ANULA-{debit}-{part}"),
        }
    }

    /// Whether it takes back.
    pub const fn is_credit(&self) -> bool {
        self.amount.minor < 0
    }
}

/// The notes a customer's books need: debit notes for what was earned up to `end`, and credit notes
/// for what was booked and not earned. `earned` gives the charges of a day, nothing taken off;
/// `terms` is the digest of the terms it reckons by.
pub fn notes(
    books: &Books,
    terms: [u8; 32],
    end: Date,
    mut earned: impl FnMut(Date) -> Charges,
) -> Vec<NewNote> {
    let now = earned(end);
    let mut notes = debits(books, &now, end);
    let charged: BTreeSet<DocumentId> = books.charged.iter().map(|it| it.invoice).collect();
    let mut days: BTreeMap<Date, Charges> = BTreeMap::from([(end, now)]);
    for invoice in charged {
        if notes.iter().any(|note| note.invoice == invoice) {
            continue;
        }
        let own: Vec<&Charged> = of_invoice(books, invoice).collect();
        for charged in &own {
            let day = charged.up_to;
            days.entry(day).or_insert_with(|| earned(day));
        }
        notes.extend(taken_back(books, &own, terms, &days));
    }
    notes
}

fn of_invoice(books: &Books, invoice: DocumentId) -> impl Iterator<Item = &Charged> {
    books.charged.iter().filter(move |it| it.invoice == invoice)
}

fn booked<'a>(charged: impl Iterator<Item = &'a Charged>) -> i64 {
    charged.fold(0, |sum, it| sum.saturating_add(it.amount.minor))
}

/// What the lines of an invoice come to.
fn sum(charges: &Charges, invoice: DocumentId) -> i64 {
    let lines = charges.lines.iter().filter(|it| it.document == invoice);
    lines.fold(0, |sum, line| sum.saturating_add(line.amount.minor))
}

fn debits(books: &Books, earned: &Charges, end: Date) -> Vec<NewNote> {
    let statement = books.statement(end);
    let mut notes = Vec::new();
    for document in &statement.documents {
        let waits = document.held_as.contains(&HoldKind::Dispute);
        let is_done = of_invoice(books, document.id).any(|it| it.up_to >= end);
        let before = booked(of_invoice(books, document.id));
        let minor = sum(earned, document.id).saturating_sub(before);
        if waits || is_done || minor <= 0 {
            continue;
        }
        let own = earned.lines.iter().filter(|it| it.document == document.id);
        let mut lines: Vec<Line> = own.cloned().collect();
        lines.extend(of_invoice(books, document.id).map(taken_off));
        notes.push(NewNote {
            invoice: document.id,
            invoice_number: document.number.clone(),
            up_to: end,
            part: 0,
            amount: Money::new(minor, document.open.currency),
            lines,
        });
    }
    notes
}

/// The credit note for what was booked of an invoice and was never earned, as the books are known
/// now.
fn taken_back(
    books: &Books,
    own: &[&Charged],
    terms: [u8; 32],
    days: &BTreeMap<Date, Charges>,
) -> Option<NewNote> {
    let last = own
        .iter()
        .max_by_key(|it| (it.up_to, it.part))
        .filter(|_| own.iter().all(|it| it.terms == terms))?;
    let is_there = books.documents.iter().any(|it| it.id == last.invoice);
    let mut most = 0;
    for charged in own {
        let charges = days.get(&charged.up_to)?;
        let mut unknown = charges.left_out.iter();
        if unknown.any(|it| it.number == charged.invoice_number) {
            return None;
        }
        most = most.max(sum(charges, charged.invoice));
    }
    let too_much = booked(own.iter().copied()).saturating_sub(most);
    if !is_there || too_much <= 0 {
        return None;
    }
    let amount = Money::new(-too_much, last.amount.currency);
    Some(NewNote {
        invoice: last.invoice,
        invoice_number: last.invoice_number.clone(),
        up_to: last.up_to,
        part: last.part.saturating_add(1),
        amount,
        lines: vec![Line {
            document: last.invoice,
            number: last.invoice_number.clone(),
            kind: LineKind::Booked,
            name: "Recargos que un pago anterior deja sin efecto".to_owned(),
            from: last.up_to,
            to: last.up_to,
            base: amount,
            amount,
            formula: String::new(),
            source: last.number.clone(),
            cut_by: None,
        }],
    })
}

/// A note as a line that takes off what it booked.
fn taken_off(charged: &Charged) -> Line {
    let amount = Money::new(-charged.amount.minor, charged.amount.currency);
    let what = if charged.amount.minor < 0 {
        "Devuelto con la nota"
    } else {
        "Ya en la nota"
    };
    Line {
        document: charged.invoice,
        number: charged.invoice_number.clone(),
        kind: LineKind::Booked,
        name: format!("{what} {}", charged.number),
        from: charged.up_to,
        to: charged.up_to,
        base: amount,
        amount,
        formula: String::new(),
        source: charged.number.clone(),
        cut_by: None,
    }
}

impl Charges {
    /// Takes off what notes issued by `day` have booked; an invoice of which nothing is left to
    /// charge has no line.
    pub(super) fn less_booked(&mut self, books: &Books, day: Date) {
        let issued = books.charged.iter().filter(|it| it.issued <= day);
        for charged in issued {
            if self.lines.iter().any(|it| it.document == charged.invoice) {
                self.lines.push(taken_off(charged));
            }
        }
        let all: BTreeSet<DocumentId> = books.charged.iter().map(|it| it.invoice).collect();
        for invoice in all {
            if sum(self, invoice) <= 0 {
                self.lines.retain(|it| it.document != invoice);
            }
        }
    }
}
