//! One pass over a company's money, customer by customer: everything that is shown of it comes from
//! the same facts. Pure; what it keeps grows with months, weeks and currencies, not with documents.

use std::collections::BTreeMap;

use domain::expected::{Expected, Lateness, expected_on, week_of};
use domain::kpi::{Bucket, KpiWindow, Movements};
use domain::promise::PromiseState;
use domain::{Currency, CustomerId};
use jiff::ToSpan;
use jiff::civil::Date;
use store::figures::{LedgerCustomer, LedgerDocument};

use super::body::{
    Amount, CurrencyFigures, CustomerAgeing, ExpectedDocument, ExpectedRows, Figures, Month,
    PromiseMonth, Week,
};
use super::{CUSTOMERS_KEPT, EXPECTED_KEPT, MONTHS, WEEKS};
use crate::reports::WINDOW_DAYS;

/// Days ahead in which promises count as falling due.
const PROMISES_DUE_DAYS: i64 = 7;

/// What a pass has seen so far.
pub(super) struct Pass {
    day: Date,
    windows: Vec<KpiWindow>,
    sums: BTreeMap<Currency, Sums>,
    promise_months: BTreeMap<(Date, Currency), PromiseMonth>,
    /// Customers overdue in the last window, in the order of their ids.
    overdue_customers: Vec<CustomerId>,
}

#[derive(Default)]
struct Sums {
    ageing: [Amount; 5],
    credits: i64,
    customers_open: u64,
    customers_overdue: u64,
    lateness: Lateness,
    /// Where the customer's own mean places a document.
    placed: BTreeMap<Place, Slot>,
    /// Documents of customers who never paid one, by due date, until the company's mean is known.
    unplaced: BTreeMap<Date, Slot>,
    customers: Vec<CustomerAgeing>,
    promises_due: Amount,
    promises_broken: Amount,
}

/// What passed its day comes first, then the weeks, then the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Passed,
    Week(usize),
    Later,
}

#[derive(Default)]
struct Slot {
    not_due: i64,
    overdue: i64,
    count: u64,
    largest: Vec<ExpectedDocument>,
}

impl Slot {
    fn add(&mut self, document: ExpectedDocument, day: Date) {
        if document.due < day {
            self.overdue += document.open;
        } else {
            self.not_due += document.open;
        }
        self.count += 1;
        self.largest.push(document);
        keep_largest(&mut self.largest, 2 * EXPECTED_KEPT, |it| it.open);
    }

    fn merge(&mut self, other: Self) {
        self.not_due += other.not_due;
        self.overdue += other.overdue;
        self.count += other.count;
        self.largest.extend(other.largest);
        keep_largest(&mut self.largest, 2 * EXPECTED_KEPT, |it| it.open);
    }

    const fn amount(&self) -> Amount {
        Amount {
            minor: self.not_due + self.overdue,
            count: self.count,
        }
    }
}

/// Halves a list that has grown to `most`, keeping the largest.
fn keep_largest<T>(list: &mut Vec<T>, most: usize, size: impl Fn(&T) -> i64) {
    if list.len() >= most {
        list.sort_by_key(|it| std::cmp::Reverse(size(it)));
        list.truncate(most / 2);
    }
}

/// What a pass found, beside the figures themselves.
pub(super) struct Found {
    pub(super) figures: Figures,
    pub(super) overdue_customers: Vec<CustomerId>,
    pub(super) customers: Vec<CustomerAgeing>,
    pub(super) expected: Vec<ExpectedRows>,
}

impl Pass {
    pub(super) fn new(day: Date) -> Self {
        Self {
            day,
            windows: month_ends(day)
                .into_iter()
                .map(|end| KpiWindow::new(end, WINDOW_DAYS))
                .collect(),
            sums: BTreeMap::new(),
            promise_months: BTreeMap::new(),
            overdue_customers: Vec::new(),
        }
    }

    /// Adds a customer; returns its ageing per currency.
    pub(super) fn add(&mut self, customer: &LedgerCustomer) -> Vec<CustomerAgeing> {
        let mut rows: BTreeMap<Currency, CustomerAgeing> = BTreeMap::new();
        let lateness = self.lateness(customer);
        let mut overdue_in_window = false;
        for document in &customer.documents {
            let currency = document.amount.currency;
            let movements = movements(document);
            if document.kind.is_credit() {
                let left = movements.open_on(self.day);
                if left > 0 {
                    row(&mut rows, customer, currency).credits += left;
                }
                continue;
            }
            overdue_in_window |= self.count(&movements);
            let open = movements.open_on(self.day);
            if open > 0 {
                let own = lateness.get(&currency).copied().unwrap_or_default();
                self.place(customer, document, open, own);
                let row = row(&mut rows, customer, currency);
                let bucket = Bucket::of(document.due, self.day);
                row.buckets[bucket as usize] += open;
                let late = domain::calendar::days_late(document.due, self.day);
                row.days_late = row.days_late.max(late);
                let sums = self.sums.entry(currency).or_default();
                sums.ageing[bucket as usize].add(open);
            }
        }
        if overdue_in_window {
            self.overdue_customers.push(customer.id);
        }
        for money in &customer.unapplied {
            row(&mut rows, customer, money.currency).credits += money.minor;
        }
        self.promises(customer);
        let rows: Vec<CustomerAgeing> = rows.into_values().collect();
        for row in &rows {
            let sums = self.sums.entry(row.currency).or_default();
            sums.credits += row.credits;
            sums.customers_open += u64::from(row.open() > 0);
            sums.customers_overdue += u64::from(row.overdue() > 0);
            sums.customers.push(row.clone());
            keep_largest(&mut sums.customers, 2 * CUSTOMERS_KEPT, weight);
        }
        rows
    }

    /// How late the customer pays in each currency; counted for the company too.
    fn lateness(&mut self, customer: &LedgerCustomer) -> BTreeMap<Currency, Lateness> {
        let mut own: BTreeMap<Currency, Lateness> = BTreeMap::new();
        for document in &customer.documents {
            let settled = document.settled.filter(|on| *on <= self.day);
            // Nothing was ever to be paid of a credit note or of an invoice of nothing.
            let payable = document.amount.is_positive() && !document.kind.is_credit();
            if let Some(paid) = settled.filter(|_| payable) {
                let lateness = own.entry(document.amount.currency).or_default();
                lateness.add(document.due, paid);
            }
        }
        for (currency, lateness) in &own {
            let sums = self.sums.entry(*currency).or_default();
            sums.lateness.merge(*lateness);
        }
        own
    }

    /// Counts a document in every window; whether it was overdue in the last.
    fn count(&mut self, movements: &Movements<'_>) -> bool {
        let mut overdue = false;
        for window in &mut self.windows {
            if movements.issued <= window.day() {
                overdue = window.count(movements).overdue_in_window;
            }
        }
        overdue
    }

    fn place(
        &mut self,
        customer: &LedgerCustomer,
        document: &LedgerDocument,
        open: i64,
        own: Lateness,
    ) {
        let expected = expected_on(document.due, own, Lateness::default());
        let row = ExpectedDocument {
            id: document.id,
            number: document.number.clone(),
            customer: customer.id,
            customer_name: customer.name.clone(),
            currency: document.amount.currency,
            due: document.due,
            open,
            mean_days_late: own.mean(),
            expected,
        };
        let sums = self.sums.entry(document.amount.currency).or_default();
        let slot = if own.mean().is_some() {
            sums.placed.entry(place_of(expected, self.day)).or_default()
        } else {
            sums.unplaced.entry(document.due).or_default()
        };
        slot.add(row, self.day);
    }

    fn promises(&mut self, customer: &LedgerCustomer) {
        let window = self.day.saturating_sub(i64::from(WINDOW_DAYS).days());
        let soon = self.day.saturating_add(PROMISES_DUE_DAYS.days());
        for promise in &customer.promises {
            let currency = promise.amount.currency;
            let same = customer.paid.iter();
            let same = same.filter(|(_, money)| money.currency == currency);
            let paid: Vec<(Date, i64)> = same.map(|(on, money)| (*on, money.minor)).collect();
            let state = promise.state_on(self.day, &paid);
            let month = promise.due_on.first_of_month();
            let row = self.promise_months.entry((month, currency));
            let row = row.or_insert(PromiseMonth {
                month,
                currency,
                kept: Amount::default(),
                broken: Amount::default(),
                pending: Amount::default(),
            });
            let sums = self.sums.entry(currency).or_default();
            let minor = promise.amount.minor;
            match state {
                PromiseState::Kept => row.kept.add(minor),
                PromiseState::Pending => row.pending.add(minor),
                PromiseState::Broken { .. } => row.broken.add(minor),
            }
            match state {
                PromiseState::Pending if promise.due_on <= soon => sums.promises_due.add(minor),
                PromiseState::Broken { since } if since > window => {
                    sums.promises_broken.add(minor);
                }
                _ => {}
            }
        }
    }

    /// The figures of everything that was added.
    pub(super) fn end(self) -> Found {
        let day = self.day;
        let trend: Vec<(Date, BTreeMap<Currency, _>)> = self
            .windows
            .iter()
            .map(|window| (window.day(), window.figures()))
            .collect();
        let (mut currencies, mut customers, mut expected) = (Vec::new(), Vec::new(), Vec::new());
        for (currency, mut sums) in self.sums {
            let months = trend.iter().filter_map(|(end, figures)| {
                let kpis = figures.get(&currency)?;
                Some(Month::new(*end, kpis))
            });
            let trend = months.collect();
            let mut rows = std::mem::take(&mut sums.customers);
            rows.sort_by_key(|row| std::cmp::Reverse(weight(row)));
            rows.truncate(CUSTOMERS_KEPT);
            customers.extend(rows);
            let places = sums.places(day);
            expected.extend(largest(currency, &places));
            currencies.push(sums.figures(currency, trend, &places, day));
        }
        currencies.sort_by_key(|it| std::cmp::Reverse(it.open()));
        let oldest = day.first_of_month();
        let oldest = oldest.saturating_sub((MONTHS as i64 - 1).months());
        let months = self.promise_months.into_values();
        Found {
            figures: Figures {
                as_of: day,
                currencies,
                overdue_customers: self.overdue_customers.len() as u64,
                managed_customers: 0,
                promise_months: months.filter(|it| it.month >= oldest).collect(),
                activity: Vec::new(),
                window_days: WINDOW_DAYS,
            },
            overdue_customers: self.overdue_customers,
            customers,
            expected,
        }
    }
}

impl Sums {
    /// Everything in its place, now that the company's mean is known.
    fn places(&mut self, day: Date) -> BTreeMap<Place, Slot> {
        let mut places = std::mem::take(&mut self.placed);
        for (due, mut slot) in std::mem::take(&mut self.unplaced) {
            let expected = expected_on(due, Lateness::default(), self.lateness);
            for document in &mut slot.largest {
                document.expected = expected;
            }
            let place = places.entry(place_of(expected, day));
            place.or_default().merge(slot);
        }
        places
    }

    fn figures(
        self,
        currency: Currency,
        trend: Vec<Month>,
        places: &BTreeMap<Place, Slot>,
        day: Date,
    ) -> CurrencyFigures {
        let amount = |place| places.get(&place).map(Slot::amount).unwrap_or_default();
        let week = |number: usize| {
            let (first, last) = week_of(day, number);
            let slot = places.get(&Place::Week(number));
            Week {
                first,
                last,
                not_due: slot.map_or(0, |it| it.not_due),
                overdue: slot.map_or(0, |it| it.overdue),
                count: slot.map_or(0, |it| it.count),
            }
        };
        CurrencyFigures {
            currency,
            ageing: self.ageing,
            credits: self.credits,
            customers_open: self.customers_open,
            customers_overdue: self.customers_overdue,
            trend,
            weeks: (0..WEEKS).map(week).collect(),
            passed: amount(Place::Passed),
            later: amount(Place::Later),
            mean_days_late: self.lateness.mean(),
            promises_due: self.promises_due,
            promises_broken: self.promises_broken,
        }
    }
}

fn largest(currency: Currency, places: &BTreeMap<Place, Slot>) -> Vec<ExpectedRows> {
    let rows = places.iter().filter_map(|(place, slot)| {
        let week = match place {
            Place::Passed => None,
            Place::Week(week) => Some(*week),
            Place::Later => return None,
        };
        let mut largest = slot.largest.clone();
        largest.sort_by_key(|it| std::cmp::Reverse(it.open));
        largest.truncate(EXPECTED_KEPT);
        Some(ExpectedRows {
            currency,
            week,
            largest,
        })
    });
    rows.collect()
}

fn place_of(expected: Date, day: Date) -> Place {
    match Expected::of(expected, day, WEEKS) {
        Expected::Passed => Place::Passed,
        Expected::Week(week) => Place::Week(week),
        Expected::Later => Place::Later,
    }
}

/// Overdue money first, then what is open at all.
fn weight(row: &CustomerAgeing) -> i64 {
    let overdue = row.overdue();
    if overdue > 0 {
        overdue.saturating_add(i64::MAX / 2)
    } else {
        row.open()
    }
}

fn row<'a>(
    rows: &'a mut BTreeMap<Currency, CustomerAgeing>,
    customer: &LedgerCustomer,
    currency: Currency,
) -> &'a mut CustomerAgeing {
    rows.entry(currency).or_insert_with(|| CustomerAgeing {
        id: customer.id,
        key: customer.key.clone(),
        name: customer.name.clone(),
        currency,
        buckets: [0; 5],
        credits: 0,
        days_late: 0,
    })
}

fn movements(document: &LedgerDocument) -> Movements<'_> {
    Movements {
        currency: document.amount.currency,
        issued: document.issued,
        due: document.due,
        amount: document.amount.minor,
        applied: &document.applied,
    }
}

/// The ends of the months before a day, and the day itself, oldest first.
fn month_ends(day: Date) -> Vec<Date> {
    let mut ends = vec![day];
    let mut end = day;
    while ends.len() < MONTHS {
        let Ok(before) = end.first_of_month().yesterday() else {
            break;
        };
        end = before;
        ends.push(end);
    }
    ends.reverse();
    ends
}

#[cfg(test)]
mod tests {
    use domain::document::DocumentKind;
    use domain::{DocumentId, Money};
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const DAY: Date = date(2026, 3, 15);

    /// Days issued, due and settled, seen from [`DAY`]; amount; what was laid on it; currency.
    type Drawn = (i64, i64, Option<i64>, i64, i64, bool);

    fn document(number: usize, drawn: &Drawn) -> LedgerDocument {
        let (issued, due, settled, amount, laid, dollars) = *drawn;
        let day = |days: i64| DAY.saturating_add(days.days());
        let currency = if dollars {
            Currency::USD
        } else {
            Currency::MXN
        };
        let paid = if settled.is_some() {
            amount
        } else {
            laid.min(amount - 1)
        };
        LedgerDocument {
            id: DocumentId::from_uuid(Uuid::from_u128(number as u128)),
            number: format!("F-{number}"),
            kind: DocumentKind::Invoice,
            issued: day(-issued),
            due: day(due - issued),
            amount: Money::new(amount, currency),
            settled: settled.map(|days| day(-days)),
            applied: vec![(day(-settled.unwrap_or(0)), paid)],
        }
    }

    fn drawn() -> impl Strategy<Value = Drawn> {
        let settled = prop::option::of(-30_i64..200);
        (
            0_i64..500,
            0_i64..120,
            settled,
            1_i64..1_000_000,
            0_i64..1_000_000,
            any::<bool>(),
        )
    }

    proptest! {
        #[test]
        fn every_open_cent_has_one_bucket_one_week_and_one_customer(
            customers in prop::collection::vec(prop::collection::vec(drawn(), 0..12), 0..12),
        ) {
            let mut pass = Pass::new(DAY);
            let mut open: BTreeMap<Currency, i64> = BTreeMap::new();
            let mut rows = Vec::new();
            for (place, documents) in customers.iter().enumerate() {
                let documents = documents.iter().enumerate();
                let documents: Vec<_> = documents
                    .map(|(number, drawn)| document(place * 100 + number, drawn))
                    .collect();
                for document in &documents {
                    let left = movements(document).open_on(DAY);
                    *open.entry(document.amount.currency).or_default() += left.max(0);
                }
                let customer = LedgerCustomer {
                    id: CustomerId::from_uuid(Uuid::from_u128(place as u128 + 1)),
                    key: format!("C-{place}"),
                    name: String::new(),
                    documents,
                    unapplied: Vec::new(),
                    promises: Vec::new(),
                    paid: Vec::new(),
                };
                rows.extend(pass.add(&customer));
            }
            let found = pass.end();
            for of in &found.figures.currencies {
                let all = open[&of.currency];
                prop_assert_eq!(of.open(), all);
                let weeks: i64 = of.weeks.iter().map(|it| it.not_due + it.overdue).sum();
                prop_assert_eq!(of.passed.minor + weeks + of.later.minor, all);
                let same = rows.iter().filter(|row| row.currency == of.currency);
                prop_assert_eq!(same.map(CustomerAgeing::open).sum::<i64>(), all);
                let last = of.trend.last().expect("the day itself");
                prop_assert_eq!((last.day, last.closing), (DAY, all));
                let weeks = found.expected.iter().filter(|it| it.currency == of.currency);
                for rows in weeks {
                    let slot = match rows.week {
                        Some(week) => of.weeks[week].not_due + of.weeks[week].overdue,
                        None => of.passed.minor,
                    };
                    prop_assert!(rows.largest.iter().map(|it| it.open).sum::<i64>() <= slot);
                    prop_assert!(rows.largest.is_sorted_by(|a, b| a.open >= b.open));
                }
            }
        }

        #[test]
        fn the_largest_are_kept(sizes in prop::collection::vec(0_i64..1_000, 0..60)) {
            let mut kept = Vec::new();
            for size in &sizes {
                kept.push(*size);
                keep_largest(&mut kept, 10, |it| *it);
            }
            kept.sort_unstable_by(|a, b| b.cmp(a));
            kept.truncate(5);
            let mut all = sizes.clone();
            all.sort_unstable_by(|a, b| b.cmp(a));
            all.truncate(5);
            prop_assert_eq!(kept, all);
        }
    }
}
