//! Laying unapplied money on documents by rule.

use jiff::civil::Date;

use super::{Books, OpenDocument, Source};
use crate::ids::DocumentId;
use crate::policy::ApplicationRule;

/// An application that a rule found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewApplication {
    /// Where the money comes from.
    pub source: Source,
    /// The document it is to be laid on.
    pub document: DocumentId,
    /// Minor units, positive.
    pub minor: i64,
    /// Civil date on which it counts: the payment's, or the document's issue where that is later.
    pub on: Date,
    /// Why it may be laid there.
    pub matched: Matched,
}

/// Why an application was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    /// The money equals what is open of one document and of no other.
    ExactAmount,
    /// The money equals everything the customer owes in the currency.
    WholeBalance,
    /// The policy lays money on the oldest document first.
    OldestFirst,
}

impl Matched {
    /// The word it is stored as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ExactAmount => "exact_amount",
            Self::WholeBalance => "whole_balance",
            Self::OldestFirst => "oldest_first",
        }
    }
}

/// Lays the customer's unapplied payments, as of the end of `day`, by `rule`: exact amounts always
/// but under [`ApplicationRule::Explicit`]; the rest on the oldest document where the policy says
/// so. What finds no document stays unapplied and visible. Credit notes are laid by people only.
pub fn match_payments(books: &Books, rule: ApplicationRule, day: Date) -> Vec<NewApplication> {
    let mut made = Vec::new();
    if rule == ApplicationRule::Explicit {
        return made;
    }
    let mut open: Vec<OpenDocument> = books.statement(day).documents;
    let mut payments: Vec<_> = books
        .payments
        .iter()
        .filter(|payment| payment.on <= day)
        .collect();
    payments.sort_by_key(|payment| (payment.on, payment.id));
    for payment in payments {
        let source = Source::Payment(payment.id);
        let used: i64 = books
            .applications
            .iter()
            .filter(|application| application.source == source && application.on <= day)
            .map(|application| application.minor)
            .sum();
        let left = payment.amount.minor - used;
        if left <= 0 {
            continue;
        }
        let currency = payment.amount.currency;
        let mut lines: Vec<&mut OpenDocument> = open
            .iter_mut()
            .filter(|line| line.open.currency == currency && line.open.minor > 0)
            .collect();
        for (index, minor, matched) in choose(&lines, left, rule) {
            lines[index].open.minor -= minor;
            made.push(NewApplication {
                source,
                document: lines[index].id,
                minor,
                on: payment.on.max(lines[index].issued),
                matched,
            });
        }
    }
    made
}

/// Which lines take how much of `left`.
fn choose(
    lines: &[&mut OpenDocument],
    left: i64,
    rule: ApplicationRule,
) -> Vec<(usize, i64, Matched)> {
    let mut exact = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.open.minor == left);
    if let (Some((index, _)), None) = (exact.next(), exact.next()) {
        return vec![(index, left, Matched::ExactAmount)];
    }
    let whole: i64 = lines
        .iter()
        .map(|line| line.open.minor)
        .fold(0, i64::saturating_add);
    if whole == left {
        let all = lines.iter().enumerate();
        return all
            .map(|(i, line)| (i, line.open.minor, Matched::WholeBalance))
            .collect();
    }
    let mut taken = Vec::new();
    if rule == ApplicationRule::OldestFirst {
        let mut rest = left;
        for (index, line) in lines.iter().enumerate() {
            let minor = line.open.minor.min(rest);
            if minor > 0 {
                taken.push((index, minor, Matched::OldestFirst));
            }
            rest -= minor;
        }
    }
    taken
}
