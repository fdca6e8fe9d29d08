//! The cycle: from the day a customer's chaseable overdue balance in a currency rises above zero
//! until it is zero again. It is found by one sweep over the days on which anything changes.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{Books, Source};
use crate::hold::HoldKind;
use crate::ids::DocumentId;
use crate::money::Currency;

/// The cycle a customer is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cycle {
    /// Its first day, which is its key.
    pub first_day: Date,
    /// The currency of its balance.
    pub currency: Currency,
    /// Whether the sweep met the edge of what was loaded ([`Books::complete_after`]): the true
    /// first
    /// day may then be earlier and the books must be loaded whole.
    pub reaches_edge: bool,
}

/// One change of the balance.
enum Change {
    FallsDue(DocumentId),
    Laid(DocumentId, i64),
    Credit(i64),
    HoldDocument(DocumentId, Option<i64>, i64),
    HoldAll(i64),
    Frozen(i64),
}

/// What the sweep knows of a document.
#[derive(Default)]
struct Line {
    open: i64,
    due_passed: bool,
    held: i64,
    held_whole: i64,
}

impl Line {
    /// Its part of the chaseable overdue balance.
    fn free(&self) -> i64 {
        if self.due_passed && self.held_whole == 0 {
            (self.open - self.held).max(0)
        } else {
            0
        }
    }
}

impl Books {
    /// The cycle in `currency` on `day`; `None` when nothing chaseable is overdue.
    ///
    /// Pauses silence a customer but end no cycle: the debt stays chaseable. Disputes, promises and
    /// plans are agreements and do freeze their part.
    pub fn cycle(&self, currency: Currency, day: Date) -> Option<Cycle> {
        let mut changes = self.changes(currency, day);
        changes.sort_by_key(|(on, _)| *on);
        let mut lines: HashMap<DocumentId, Line> = self
            .documents
            .iter()
            .filter(|document| document.amount.currency == currency && !document.kind.is_credit())
            .map(|d| {
                (
                    d.id,
                    Line {
                        open: d.amount.minor,
                        ..Line::default()
                    },
                )
            })
            .collect();
        let (mut overdue, mut credits, mut frozen, mut held_all) = (0i64, 0i64, 0i64, 0i64);
        let mut first_day = None;
        let mut index = 0;
        while index < changes.len() {
            let today = changes[index].0;
            while let Some((_, change)) = changes.get(index).filter(|(on, _)| *on == today) {
                match change {
                    Change::Credit(minor) => credits += minor,
                    Change::Frozen(minor) => frozen += minor,
                    Change::HoldAll(count) => held_all += count,
                    Change::FallsDue(id) | Change::Laid(id, _) | Change::HoldDocument(id, _, _) => {
                        if let Some(line) = lines.get_mut(id) {
                            let before = line.free();
                            line.take(change);
                            overdue += line.free() - before;
                        }
                    }
                }
                index += 1;
            }
            let chaseable = if held_all > 0 {
                0
            } else {
                overdue - credits.max(0) - frozen.max(0)
            };
            if chaseable <= 0 {
                first_day = None;
            } else if first_day.is_none() {
                first_day = Some(today);
            }
        }
        let first_day = first_day?;
        let edge = self.complete_after;
        Some(Cycle {
            first_day,
            currency,
            reaches_edge: edge.is_some_and(|edge| first_day <= edge),
        })
    }

    /// Every change of the balance in `currency` up to the end of `day`.
    fn changes(&self, currency: Currency, day: Date) -> Vec<(Date, Change)> {
        let mut changes = Vec::new();
        for document in self
            .documents
            .iter()
            .filter(|d| d.amount.currency == currency)
        {
            if document.kind.is_credit() {
                changes.push((document.issued, Change::Credit(document.amount.minor)));
            } else if !document.direct_debit {
                let late_from = document.due.tomorrow().unwrap_or(document.due);
                changes.push((
                    late_from.max(document.issued),
                    Change::FallsDue(document.id),
                ));
            }
        }
        for payment in self
            .payments
            .iter()
            .filter(|p| p.amount.currency == currency)
        {
            changes.push((payment.on, Change::Credit(payment.amount.minor)));
        }
        let known: HashMap<Source, ()> = self.sources(currency);
        for application in &self.applications {
            changes.push((
                application.on,
                Change::Laid(application.document, application.minor),
            ));
            if known.contains_key(&application.source) {
                changes.push((application.on, Change::Credit(-application.minor)));
            }
        }
        self.freezes(currency, &mut changes);
        changes.retain(|(on, _)| *on <= day);
        changes
    }

    fn sources(&self, currency: Currency) -> HashMap<Source, ()> {
        let payments = self
            .payments
            .iter()
            .filter(|p| p.amount.currency == currency)
            .map(|p| (Source::Payment(p.id), ()));
        let credits = self
            .documents
            .iter()
            .filter(|d| d.kind.is_credit() && d.amount.currency == currency)
            .map(|d| (Source::Credit(d.id), ()));
        payments.chain(credits).collect()
    }

    fn freezes(&self, currency: Currency, changes: &mut Vec<(Date, Change)>) {
        for hold in self
            .holds
            .iter()
            .filter(|hold| hold.kind != HoldKind::Pause)
        {
            let never_held = hold.until.is_some_and(|until| until <= hold.from);
            let elsewhere = hold
                .amount
                .is_some_and(|amount| amount.currency != currency);
            if never_held || elsewhere {
                continue;
            }
            let minor = hold.amount.map(|amount| amount.minor);
            let mut at = |on: Date, sign: i64| {
                let change = match (hold.document, minor) {
                    (Some(id), minor) => Change::HoldDocument(id, minor, sign),
                    (None, Some(minor)) => Change::Frozen(sign * minor),
                    (None, None) => Change::HoldAll(sign),
                };
                changes.push((on, change));
            };
            at(hold.from, 1);
            if let Some(until) = hold.until {
                at(until, -1);
            }
        }
        for promise in self
            .promises
            .iter()
            .filter(|p| p.amount.currency == currency)
        {
            let paid = self.paid(currency);
            let mut days: Vec<Date> = paid
                .iter()
                .map(|(on, _)| *on)
                .filter(|on| *on > promise.made_on && *on <= promise.due_on)
                .chain([promise.made_on])
                .chain(promise.due_on.tomorrow())
                .collect();
            days.sort_unstable();
            days.dedup();
            let mut before = 0;
            for on in days {
                let now = promise.frozen_on(on, &paid);
                changes.push((on, Change::Frozen(now - before)));
                before = now;
            }
        }
    }
}

impl Line {
    fn take(&mut self, change: &Change) {
        match change {
            Change::FallsDue(_) => self.due_passed = true,
            Change::Laid(_, minor) => self.open -= minor,
            Change::HoldDocument(_, Some(minor), sign) => self.held += sign * minor,
            Change::HoldDocument(_, None, sign) => self.held_whole += sign,
            Change::Credit(_) | Change::Frozen(_) | Change::HoldAll(_) => {}
        }
    }
}
