//! What is open, frozen and free on a day.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{Books, Source};
use crate::calendar::days_late;
use crate::document::DocumentKind;
use crate::hold::{Hold, HoldKind};
use crate::ids::DocumentId;
use crate::money::{Currency, Money};

/// A document of which something is open on the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDocument {
    /// Our id.
    pub id: DocumentId,
    /// The company's own number.
    pub number: String,
    /// Invoice or debit note.
    pub kind: DocumentKind,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// Amount as issued.
    pub amount: Money,
    /// What is open of it.
    pub open: Money,
    /// The part of what is open that is frozen; never more than `open`.
    pub held: Money,
    /// Why it is frozen, each reason once.
    pub held_as: Vec<HoldKind>,
    /// Whether the company collects it by direct debit.
    pub direct_debit: bool,
}

impl OpenDocument {
    /// What may be asked for: open and not frozen.
    pub const fn free(&self) -> Money {
        Money {
            minor: self.open.minor - self.held.minor,
            currency: self.open.currency,
        }
    }

    /// Days past the due date on `day`; zero or negative when not overdue.
    pub fn days_late(&self, day: Date) -> i64 {
        days_late(self.due, day)
    }
}

/// A customer's books at the end of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The day.
    pub day: Date,
    /// Documents with something open, oldest due date first.
    pub documents: Vec<OpenDocument>,
    /// Money in favour of the customer that lies on no document (unapplied payments and open credit
    /// notes), one entry per currency, positive only.
    pub credits: Vec<Money>,
    /// The pause on the whole customer, if one holds on the day.
    pub pause: Option<Hold>,
}

impl Books {
    /// The books at the end of `day`: facts effective after it are left out.
    pub fn statement(&self, day: Date) -> Statement {
        let (laid, taken) = self.applied_by(day);
        let mut documents = Vec::new();
        let mut credits: Vec<Money> = Vec::new();
        for document in self
            .documents
            .iter()
            .filter(|document| document.issued <= day)
        {
            if document.kind.is_credit() {
                let used = taken
                    .get(&Source::Credit(document.id))
                    .copied()
                    .unwrap_or(0);
                add(
                    &mut credits,
                    document.amount.currency,
                    document.amount.minor - used,
                );
                continue;
            }
            let open = document.amount.minor - laid.get(&document.id).copied().unwrap_or(0);
            if open <= 0 {
                continue;
            }
            documents.push(OpenDocument {
                id: document.id,
                number: document.number.clone(),
                kind: document.kind,
                issued: document.issued,
                due: document.due,
                amount: document.amount,
                open: Money {
                    minor: open,
                    ..document.amount
                },
                held: Money {
                    minor: 0,
                    ..document.amount
                },
                held_as: Vec::new(),
                direct_debit: document.direct_debit,
            });
        }
        for payment in self.payments.iter().filter(|payment| payment.on <= day) {
            let used = taken
                .get(&Source::Payment(payment.id))
                .copied()
                .unwrap_or(0);
            add(
                &mut credits,
                payment.amount.currency,
                payment.amount.minor - used,
            );
        }
        credits.retain(|credit| credit.minor > 0);
        credits.sort_unstable_by_key(|credit| credit.currency);
        documents.sort_by(|a, b| a.due.cmp(&b.due).then_with(|| a.number.cmp(&b.number)));
        let pause = self.freeze(&mut documents, day);
        Statement {
            day,
            documents,
            credits,
            pause,
        }
    }

    /// Sums of applications effective by `day`: laid on each document, taken from each source.
    fn applied_by(&self, day: Date) -> (HashMap<DocumentId, i64>, HashMap<Source, i64>) {
        let mut laid = HashMap::new();
        let mut taken = HashMap::new();
        for application in self
            .applications
            .iter()
            .filter(|application| application.on <= day)
        {
            *laid.entry(application.document).or_insert(0) += application.minor;
            *taken.entry(application.source).or_insert(0) += application.minor;
        }
        (laid, taken)
    }

    /// Marks what holds and promises freeze: holds on a document first, then holds and promises on
    /// the whole customer, on the oldest free part. Returns the pause on the whole customer.
    fn freeze(&self, documents: &mut [OpenDocument], day: Date) -> Option<Hold> {
        let holding = || self.holds.iter().filter(|hold| hold.holds_on(day));
        for hold in holding() {
            let document = documents
                .iter_mut()
                .find(|document| Some(document.id) == hold.document);
            if let Some(document) = document {
                let free = document.free().minor;
                let part = hold.amount.map_or(free, |amount| amount.minor.min(free));
                hold_part(document, part, hold.kind);
            }
        }
        let mut pause = None;
        for hold in holding().filter(|hold| hold.document.is_none()) {
            match hold.amount {
                Some(amount) => spread(documents, amount, hold.kind),
                None if hold.kind == HoldKind::Pause => pause = Some(hold.clone()),
                None => {
                    for document in documents.iter_mut() {
                        hold_part(document, document.free().minor, hold.kind);
                    }
                }
            }
        }
        for promise in &self.promises {
            let frozen = promise.frozen_on(day, &self.paid(promise.amount.currency));
            if frozen > 0 {
                spread(
                    documents,
                    Money {
                        minor: frozen,
                        ..promise.amount
                    },
                    HoldKind::Promise,
                );
            }
        }
        pause
    }
}

impl Statement {
    /// Documents past their due date.
    pub fn overdue(&self) -> impl Iterator<Item = &OpenDocument> {
        self.documents
            .iter()
            .filter(|document| document.due < self.day)
    }

    /// Overdue documents with a part that may be asked for, oldest first. Those collected by direct
    /// debit are left out.
    pub fn chaseable(&self) -> impl Iterator<Item = &OpenDocument> {
        self.overdue()
            .filter(|document| document.free().minor > 0 && !document.direct_debit)
    }

    /// Money in favour of the customer in a currency.
    pub fn credit(&self, currency: Currency) -> i64 {
        self.credits
            .iter()
            .find(|credit| credit.currency == currency)
            .map_or(0, |c| c.minor)
    }

    /// What may be asked for per currency: overdue and free, less credits; positive entries only.
    pub fn net_chaseable(&self) -> Vec<Money> {
        let mut totals: Vec<Money> = Vec::new();
        for document in self.chaseable() {
            add(&mut totals, document.open.currency, document.free().minor);
        }
        for total in &mut totals {
            total.minor = total.minor.saturating_sub(self.credit(total.currency));
        }
        totals.retain(|total| total.minor > 0);
        totals.sort_unstable_by_key(|total| total.currency);
        totals
    }
}

fn add(totals: &mut Vec<Money>, currency: Currency, minor: i64) {
    match totals.iter_mut().find(|total| total.currency == currency) {
        Some(total) => total.minor = total.minor.saturating_add(minor),
        None => totals.push(Money { minor, currency }),
    }
}

fn hold_part(document: &mut OpenDocument, minor: i64, kind: HoldKind) {
    if minor <= 0 {
        return;
    }
    document.held.minor += minor;
    if !document.held_as.contains(&kind) {
        document.held_as.push(kind);
    }
}

fn spread(documents: &mut [OpenDocument], amount: Money, kind: HoldKind) {
    let mut left = amount.minor;
    for document in documents
        .iter_mut()
        .filter(|d| d.open.currency == amount.currency && !d.direct_debit)
    {
        let part = document.free().minor.min(left);
        hold_part(document, part, kind);
        left -= part.max(0);
        if left <= 0 {
            break;
        }
    }
}
