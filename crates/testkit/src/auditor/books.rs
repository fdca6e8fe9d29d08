//! Balances by the auditor's own sums: what is open, frozen and in the customer's favour at the end
//! of a day, from the facts known at an instant.

use std::collections::{BTreeMap, HashMap};

use super::calendar::Day;
use super::tables::{Application, Document, Hex, Hold, Payment, Promise, Tables};

/// The facts by customer.
pub struct Books<'a> {
    of: HashMap<&'a Hex, OfCustomer<'a>>,
    /// The earliest end of each hold, with when it was recorded.
    ends: HashMap<&'a Hex, Vec<(Day, i128)>>,
}

#[derive(Default)]
struct OfCustomer<'a> {
    documents: Vec<&'a Document>,
    payments: Vec<&'a Payment>,
    applications: Vec<&'a Application>,
    holds: Vec<&'a Hold>,
    promises: Vec<&'a Promise>,
}

/// What one document comes to.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The document.
    pub document: &'a Document,
    /// Minor units open.
    pub open: i128,
    /// Of which frozen.
    pub held: i128,
}

impl Line<'_> {
    /// What may be asked for.
    pub const fn free(&self) -> i128 {
        self.open - self.held
    }

    /// Whether it may be asked for on a day: past its date, free, and not collected by debit.
    pub fn is_chaseable(&self, day: Day) -> bool {
        self.document.due_on < day && self.free() > 0 && !self.document.direct_debit
    }
}

/// What a customer's books come to.
#[derive(Clone, Debug)]
pub struct Sums<'a> {
    /// Documents with something open, oldest due first.
    pub lines: Vec<Line<'a>>,
    /// Money in the customer's favour, by currency.
    pub credits: BTreeMap<&'a str, i128>,
    /// Whether the whole customer is on pause.
    pub paused: bool,
}

impl Sums<'_> {
    /// What may be asked for, by currency, after what is in the customer's favour.
    pub fn owed(&self, day: Day) -> BTreeMap<&str, i128> {
        let mut owed = BTreeMap::new();
        for line in self.lines.iter().filter(|line| line.is_chaseable(day)) {
            *owed.entry(line.document.currency.as_str()).or_insert(0) += line.free();
        }
        for (currency, sum) in &mut owed {
            *sum -= self.credits.get(currency).copied().unwrap_or(0);
        }
        owed.retain(|_, sum| *sum > 0);
        owed
    }
}

impl<'a> Books<'a> {
    pub fn new(tables: &'a Tables) -> Self {
        let mut of: HashMap<&Hex, OfCustomer<'a>> = HashMap::new();
        for it in &tables.documents {
            of.entry(&it.customer_id).or_default().documents.push(it);
        }
        for it in &tables.payments {
            of.entry(&it.customer_id).or_default().payments.push(it);
        }
        for it in &tables.applications {
            of.entry(&it.customer_id).or_default().applications.push(it);
        }
        for it in &tables.holds {
            of.entry(&it.customer_id).or_default().holds.push(it);
        }
        for it in &tables.promises {
            of.entry(&it.customer_id).or_default().promises.push(it);
        }
        let mut ends: HashMap<&Hex, Vec<(Day, i128)>> = HashMap::new();
        for it in &tables.hold_ends {
            ends.entry(&it.hold_id)
                .or_default()
                .push((it.until_on, it.recorded_at));
        }
        Self { of, ends }
    }

    /// A customer's books at the end of `day`, as known at `known`.
    pub fn at(&self, customer: &Hex, day: Day, known: i128) -> Sums<'a> {
        let none = OfCustomer::default();
        let mine = self.of.get(customer).unwrap_or(&none);
        let laid = |by: &dyn Fn(&Application) -> bool| -> i128 {
            let counts = |it: &&&Application| it.applied_on <= day && it.recorded_at <= known;
            let applied = mine.applications.iter().filter(counts);
            applied.filter(|it| by(it)).map(|it| it.amount_minor).sum()
        };
        let mut lines = Vec::new();
        let mut credits: BTreeMap<&str, i128> = BTreeMap::new();
        for document in &mine.documents {
            if document.issued_on > day || document.recorded_at > known {
                continue;
            }
            if document.kind == "credit_note" {
                let left =
                    document.amount_minor - laid(&|it| it.credit_id.as_ref() == Some(&document.id));
                *credits.entry(&document.currency).or_insert(0) += left;
                continue;
            }
            let open = document.amount_minor - laid(&|it| it.document_id == document.id);
            if open > 0 {
                let held = 0;
                lines.push(Line {
                    document,
                    open,
                    held,
                });
            }
        }
        for payment in &mine.payments {
            if payment.paid_on <= day && payment.recorded_at <= known {
                let left =
                    payment.amount_minor - laid(&|it| it.payment_id.as_ref() == Some(&payment.id));
                *credits.entry(&payment.currency).or_insert(0) += left;
            }
        }
        credits.retain(|_, left| *left > 0);
        lines.sort_by_key(|line| (line.document.due_on, line.document.number.clone()));
        let paused = self.freeze(mine, &mut lines, day, known);
        Sums {
            lines,
            credits,
            paused,
        }
    }

    /// Documents first, then what freezes the whole customer, then promises.
    fn freeze(&self, mine: &OfCustomer<'_>, lines: &mut [Line<'_>], day: Day, known: i128) -> bool {
        let standing: Vec<&&Hold> = mine
            .holds
            .iter()
            .filter(|hold| hold.recorded_at <= known && hold.from_on <= day)
            .filter(|hold| {
                let ends = self.ends.get(&hold.id).into_iter().flatten();
                let ends = ends
                    .filter(|(_, recorded)| *recorded <= known)
                    .map(|(day, _)| *day);
                hold.until_on
                    .into_iter()
                    .chain(ends)
                    .min()
                    .is_none_or(|until| day < until)
            })
            .collect();
        for hold in standing.iter().filter(|hold| hold.document_id.is_some()) {
            for line in lines
                .iter_mut()
                .filter(|it| Some(&it.document.id) == hold.document_id.as_ref())
            {
                line.held += hold.amount_minor.unwrap_or(line.open).min(line.free());
            }
        }
        let mut paused = false;
        for hold in standing.iter().filter(|hold| hold.document_id.is_none()) {
            match (hold.amount_minor, hold.kind.as_str()) {
                (Some(amount), _) => spread(lines, hold.currency.as_deref().unwrap_or(""), amount),
                (None, "pause") => paused = true,
                (None, _) => lines.iter_mut().for_each(|line| line.held = line.open),
            }
        }
        for promise in mine.promises.iter().filter(|it| it.recorded_at <= known) {
            if day < promise.made_on || day > promise.due_on {
                continue;
            }
            let came_in: i128 = mine
                .payments
                .iter()
                .filter(|it| it.currency == promise.currency && it.recorded_at <= known)
                .filter(|it| it.paid_on >= promise.made_on && it.paid_on <= day)
                .map(|it| it.amount_minor)
                .sum();
            spread(lines, &promise.currency, promise.amount_minor - came_in);
        }
        paused
    }
}

fn spread(lines: &mut [Line<'_>], currency: &str, amount: i128) {
    let mut left = amount.max(0);
    let mine =
        |line: &&mut Line<'_>| line.document.currency == currency && !line.document.direct_debit;
    for line in lines.iter_mut().filter(mine) {
        let part = line.free().min(left);
        line.held += part;
        left -= part;
    }
}
