//! Ageing and the figures of collection, per currency, as of any day. Each figure is a sum over the
//! rows that come with it.
//!
//! Receivables are what is open of invoices and debit notes; money in the customers' favour stands
//! in
//! a column of its own and lowers no bucket.

use std::collections::{BTreeMap, HashSet};

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::calendar::days_late;
use crate::code::code_enum;
use crate::ids::CustomerId;
use crate::money::Currency;

code_enum! {
    /// How long something is overdue.
    pub enum Bucket {
        /// Due today or later.
        NotDue = "not_due",
        /// 1 to 30 days late.
        Days1To30 = "1-30",
        /// 31 to 60 days late.
        Days31To60 = "31-60",
        /// 61 to 90 days late.
        Days61To90 = "61-90",
        /// 91 days late or more.
        Days91OrMore = "91+",
    }
}

impl Bucket {
    /// The bucket of something due on `due`, seen on `day`.
    pub fn of(due: Date, day: Date) -> Self {
        match days_late(due, day) {
            ..=0 => Self::NotDue,
            1..=30 => Self::Days1To30,
            31..=60 => Self::Days31To60,
            61..=90 => Self::Days61To90,
            _ => Self::Days91OrMore,
        }
    }
}

/// Ageing of one currency, in minor units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ageing {
    /// What is open per bucket, in the order of [`Bucket::ALL`].
    pub buckets: [i64; 5],
    /// Money in the customers' favour, positive.
    pub credits: i64,
}

impl Ageing {
    /// Adds what is open of a document.
    pub fn add_open(&mut self, bucket: Bucket, minor: i64) {
        let slot = &mut self.buckets[bucket as usize];
        *slot = slot.saturating_add(minor);
    }

    /// Adds money in a customer's favour.
    pub fn add_credit(&mut self, minor: i64) {
        self.credits = self.credits.saturating_add(minor);
    }

    /// What is open of all documents.
    pub fn open(&self) -> i64 {
        self.buckets.iter().copied().fold(0, i64::saturating_add)
    }

    /// What is open less credits.
    pub fn net(&self) -> i64 {
        self.open().saturating_sub(self.credits)
    }
}

/// An invoice or debit note with everything that was ever laid on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentHistory {
    /// Who owes it.
    pub customer: CustomerId,
    /// The company's own number.
    pub number: String,
    /// Its currency.
    pub currency: Currency,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// Amount with tax, minor units.
    pub amount: i64,
    /// Applications: civil date and minor units.
    pub applied: Vec<(Date, i64)>,
}

impl DocumentHistory {
    /// What was open of it at the end of a day; zero before its issue.
    pub fn open_on(&self, day: Date) -> i64 {
        self.movements().open_on(day)
    }

    /// What the figures ask of it.
    pub fn movements(&self) -> Movements<'_> {
        Movements {
            currency: self.currency,
            issued: self.issued,
            due: self.due,
            amount: self.amount,
            applied: &self.applied,
        }
    }
}

/// What the figures ask of an invoice or debit note, without its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movements<'a> {
    /// Its currency.
    pub currency: Currency,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// Amount with tax, minor units.
    pub amount: i64,
    /// Applications: civil date and minor units.
    pub applied: &'a [(Date, i64)],
}

impl Movements<'_> {
    /// What was open of it at the end of a day; zero before its issue.
    pub fn open_on(&self, day: Date) -> i64 {
        if self.issued > day {
            return 0;
        }
        let laid: i64 = self
            .applied
            .iter()
            .filter(|(on, _)| *on <= day)
            .map(|(_, minor)| minor)
            .sum();
        self.amount - laid
    }
}

/// The amounts that a document puts into the figures of a window, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KpiPart {
    /// Open at the end of the day before the window.
    pub opening: i64,
    /// Its amount when it was issued within the window, else zero.
    pub sold: i64,
    /// Open at the end of the window.
    pub closing: i64,
    /// The part of `closing` that is not due.
    pub closing_not_due: i64,
    /// Whether it was overdue on some day of the window.
    pub overdue_in_window: bool,
}

/// A document's part in the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KpiRow {
    /// Who owes it.
    pub customer: CustomerId,
    /// The company's own number.
    pub number: String,
    /// Its currency.
    pub currency: Currency,
    /// Open at the end of the day before the window.
    pub opening: i64,
    /// Its amount when it was issued within the window, else zero.
    pub sold: i64,
    /// Open at the end of the window.
    pub closing: i64,
    /// The part of `closing` that is not due.
    pub closing_not_due: i64,
    /// Whether it was overdue on some day of the window.
    pub overdue_in_window: bool,
}

/// The figures of one currency. A figure is `None` where its divisor is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kpis {
    /// Open at the end of the day before the window, minor units.
    pub opening: i64,
    /// Sold within the window with tax, minor units.
    pub sales: i64,
    /// Open at the end of the window, minor units.
    pub closing: i64,
    /// The part of `closing` that is not due.
    pub closing_not_due: i64,
    /// Days sales outstanding: receivables ÷ sales × days.
    pub dso: Option<Decimal>,
    /// DSO by count-back over calendar months: days of sales that the receivables stand for, latest
    /// month first. `None` when they exceed all sales on record.
    pub dso_count_back: Option<Decimal>,
    /// Best possible DSO: not yet due ÷ sales × days.
    pub dso_best_possible: Option<Decimal>,
    /// Average days delinquent: DSO − best possible.
    pub average_days_delinquent: Option<Decimal>,
    /// Collection effectiveness index, per cent: (opening + sales − closing) ÷
    /// (opening + sales − closing not due) × 100.
    pub cei: Option<Decimal>,
    /// Overdue ÷ open, per cent.
    pub overdue_rate: Option<Decimal>,
}

/// Adds up documents into figures for a window that ends on a day.
#[derive(Clone, Debug)]
pub struct KpiWindow {
    day: Date,
    days: u16,
    before: Date,
    sums: BTreeMap<Currency, Sums>,
    overdue_customers: HashSet<CustomerId>,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    opening: i64,
    sales: i64,
    closing: i64,
    closing_not_due: i64,
    /// Sales by the first day of their month.
    months: BTreeMap<Date, i64>,
}

impl KpiWindow {
    /// A window of `days` days that ends with `day`.
    pub fn new(day: Date, days: u16) -> Self {
        let before = day.saturating_sub(i64::from(days).days());
        Self {
            day,
            days,
            before,
            sums: BTreeMap::new(),
            overdue_customers: HashSet::new(),
        }
    }

    /// Adds a document and returns its part in the figures.
    pub fn add(&mut self, document: &DocumentHistory) -> KpiRow {
        let part = self.count(&document.movements());
        if part.overdue_in_window {
            self.overdue_customers.insert(document.customer);
        }
        KpiRow {
            customer: document.customer,
            number: document.number.clone(),
            currency: document.currency,
            opening: part.opening,
            sold: part.sold,
            closing: part.closing,
            closing_not_due: part.closing_not_due,
            overdue_in_window: part.overdue_in_window,
        }
    }

    /// Adds a document whose customer is not asked for: the share managed does not know it.
    pub fn count(&mut self, document: &Movements<'_>) -> KpiPart {
        let closing = document.open_on(self.day);
        let not_due = document.due >= self.day;
        let sold_in_window = document.issued > self.before && document.issued <= self.day;
        let late_from = document.due.saturating_add(1.day());
        let seen_late = late_from.max(self.before.saturating_add(1.day()));
        let part = KpiPart {
            opening: document.open_on(self.before),
            sold: if sold_in_window { document.amount } else { 0 },
            closing,
            closing_not_due: if not_due { closing } else { 0 },
            overdue_in_window: seen_late <= self.day && document.open_on(seen_late) > 0,
        };
        let sums = self.sums.entry(document.currency).or_default();
        sums.opening += part.opening;
        sums.sales += part.sold;
        sums.closing += part.closing;
        sums.closing_not_due += part.closing_not_due;
        if document.issued <= self.day {
            let month = document.issued.first_of_month();
            *sums.months.entry(month).or_insert(0) += document.amount;
        }
        part
    }

    /// The figures per currency.
    pub fn figures(&self) -> BTreeMap<Currency, Kpis> {
        self.sums
            .iter()
            .map(|(currency, sums)| (*currency, self.kpis(sums)))
            .collect()
    }

    /// The last day of the window.
    pub const fn day(&self) -> Date {
        self.day
    }

    /// Customers overdue on some day of the window.
    pub const fn overdue_customers(&self) -> &HashSet<CustomerId> {
        &self.overdue_customers
    }

    /// Share of the customers overdue in the window, per cent, that were contacted or wrote.
    pub fn managed(&self, reached: &HashSet<CustomerId>) -> Option<Decimal> {
        let all = self.overdue_customers.len();
        let managed = self.overdue_customers.intersection(reached).count();
        ratio(
            Decimal::from(managed) * Decimal::ONE_HUNDRED,
            Decimal::from(all),
        )
    }

    fn kpis(&self, sums: &Sums) -> Kpis {
        let (opening, sales) = (Decimal::from(sums.opening), Decimal::from(sums.sales));
        let closing = Decimal::from(sums.closing);
        let not_due = Decimal::from(sums.closing_not_due);
        let days = Decimal::from(self.days);
        let dso = ratio(closing * days, sales);
        let best = ratio(not_due * days, sales);
        let hundred = Decimal::ONE_HUNDRED;
        let delinquent = ratio((closing - not_due) * days, sales);
        Kpis {
            opening: sums.opening,
            sales: sums.sales,
            closing: sums.closing,
            closing_not_due: sums.closing_not_due,
            dso,
            dso_count_back: self.count_back(sums),
            dso_best_possible: best,
            average_days_delinquent: delinquent,
            cei: ratio(
                (opening + sales - closing) * hundred,
                opening + sales - not_due,
            ),
            overdue_rate: ratio((closing - not_due) * hundred, closing),
        }
    }

    fn count_back(&self, sums: &Sums) -> Option<Decimal> {
        let earliest = *sums.months.keys().next()?;
        let mut left = sums.closing;
        let mut days: i64 = 0;
        let mut end = self.day;
        loop {
            let month = end.first_of_month();
            let length = i64::from(end.day());
            let sold = sums.months.get(&month).copied().unwrap_or(0);
            if left <= sold {
                let part = ratio(
                    Decimal::from(left) * Decimal::from(length),
                    Decimal::from(sold),
                );
                return Some((Decimal::from(days) + part.unwrap_or_default()).round_dp(2));
            }
            left -= sold;
            days += length;
            if month <= earliest {
                return None;
            }
            end = month.yesterday().ok()?;
        }
    }
}

/// A quotient to two decimals; `None` when the divisor is zero.
fn ratio(dividend: Decimal, divisor: Decimal) -> Option<Decimal> {
    dividend.checked_div(divisor).map(|value| value.round_dp(2))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn invoice(issued: Date, due: Date, amount: i64, applied: &[(Date, i64)]) -> DocumentHistory {
        DocumentHistory {
            customer: CustomerId::from_uuid(Uuid::from_u128(1)),
            number: "F-1".to_owned(),
            currency: Currency::MXN,
            issued,
            due,
            amount,
            applied: applied.to_vec(),
        }
    }

    #[test]
    fn buckets_begin_the_day_after_the_due_date() {
        let due = date(2026, 1, 31);
        for (day, bucket) in [
            (date(2026, 1, 31), Bucket::NotDue),
            (date(2026, 2, 1), Bucket::Days1To30),
            (date(2026, 3, 2), Bucket::Days1To30),
            (date(2026, 3, 3), Bucket::Days31To60),
            (date(2026, 4, 2), Bucket::Days61To90),
            (date(2026, 5, 1), Bucket::Days61To90),
            (date(2026, 5, 2), Bucket::Days91OrMore),
        ] {
            assert_eq!(Bucket::of(due, day), bucket, "{day}");
        }
    }

    /// Worked by hand: March 2026, 31 days; sales 100 in January, 200 in February, 300 in March.
    #[test]
    fn figures_follow_their_formulas() {
        let day = date(2026, 3, 31);
        let mut window = KpiWindow::new(day, 90);
        window.add(&invoice(
            date(2026, 1, 10),
            date(2026, 2, 9),
            100,
            &[(date(2026, 3, 1), 40)],
        ));
        window.add(&invoice(
            date(2026, 2, 10),
            date(2026, 3, 12),
            200,
            &[(date(2026, 3, 20), 200)],
        ));
        window.add(&invoice(date(2026, 3, 10), date(2026, 4, 9), 300, &[]));
        let figures = window.figures();
        let kpis = &figures[&Currency::MXN];
        let decimal = |text: &str| Some(text.parse::<Decimal>().expect("a decimal"));
        assert_eq!((kpis.opening, kpis.sales, kpis.closing), (0, 600, 360));
        assert_eq!(kpis.closing_not_due, 300);
        assert_eq!(kpis.dso, decimal("54.00"));
        assert_eq!(kpis.dso_best_possible, decimal("45.00"));
        assert_eq!(kpis.average_days_delinquent, decimal("9.00"));
        // 360 is March's 300 (31 days) and 60 of February's 200 (28 days): 31 + 8.4.
        assert_eq!(kpis.dso_count_back, decimal("39.40"));
        // (0 + 600 − 360) ÷ (0 + 600 − 300).
        assert_eq!(kpis.cei, decimal("80.00"));
        assert_eq!(kpis.overdue_rate, decimal("16.67"));
        assert_eq!(window.managed(&HashSet::new()), decimal("0.00"));
    }

    #[test]
    fn receivables_beyond_all_sales_on_record_have_no_count_back() {
        let mut window = KpiWindow::new(date(2026, 3, 31), 90);
        let mut early = invoice(date(2026, 3, 1), date(2026, 3, 2), 100, &[]);
        early.applied.push((date(2026, 3, 3), -50));
        window.add(&early);
        assert_eq!(window.figures()[&Currency::MXN].dso_count_back, None);
    }
}
