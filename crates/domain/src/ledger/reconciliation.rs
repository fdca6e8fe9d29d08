//! Control of totals: what ledger, bank and imports say of the same money, by day and by customer,
//! and the rows that explain why two figures differ.
//!
//! Figures are sums of rows; nothing is estimated. The effects of the differences found always add
//! up to the difference of the two figures, so that no row is left unexplained.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::matching::subset;
use crate::ids::CustomerId;
use crate::money::{Currency, Money};

/// Days that the same money may lie apart on two sides.
pub const DAYS_APART_MAX: i64 = 10;

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Payments of the ledger.
    Ledger,
    /// Lines of bank statements.
    Bank,
    /// Rows of imported files.
    Import,
}

/// A row of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who says it.
    pub side: Side,
    /// What the same money is known by on both sides: the bank's reference; empty where nothing.
    pub key: String,
    /// Civil date it counts.
    pub on: Date,
    /// Whose it is, where known.
    pub customer: Option<CustomerId>,
    /// Amount; negative when it went out.
    pub amount: Money,
}

/// What the sides say of one day or customer in one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// By side: rows and their sum in minor units.
    pub of: BTreeMap<Side, (usize, i64)>,
}

impl Totals {
    /// Whether all `sides` say the same.
    pub fn agree(&self, sides: &[Side]) -> bool {
        let said = |side: &Side| self.of.get(side).map_or(0, |(_, minor)| *minor);
        sides
            .windows(2)
            .all(|pair| said(&pair[0]) == said(&pair[1]))
    }

    fn add(&mut self, row: &Row) {
        let (rows, minor) = self.of.entry(row.side).or_default();
        *rows += 1;
        *minor = minor.saturating_add(row.amount.minor);
    }
}

/// What the sides say, day by day.
pub fn by_day(rows: &[Row]) -> BTreeMap<(Currency, Date), Totals> {
    let mut totals: BTreeMap<(Currency, Date), Totals> = BTreeMap::new();
    for row in rows {
        totals
            .entry((row.amount.currency, row.on))
            .or_default()
            .add(row);
    }
    totals
}

/// What the sides say, customer by customer; `None` is the money whose customer is not known.
pub fn by_customer(rows: &[Row]) -> BTreeMap<(Currency, Option<CustomerId>), Totals> {
    let mut totals: BTreeMap<(Currency, Option<CustomerId>), Totals> = BTreeMap::new();
    for row in rows {
        totals
            .entry((row.amount.currency, row.customer))
            .or_default()
            .add(row);
    }
    totals
}

/// Why two figures differ: the rows, by their positions in what was given, and what they make of
/// the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The cause.
    pub cause: Cause,
    /// Rows of the first side.
    pub left: Vec<usize>,
    /// Rows of the second side.
    pub right: Vec<usize>,
    /// What it adds to the first figure less the second.
    pub effect: Money,
}

/// A cause of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The same money with another amount.
    OtherAmount,
    /// The same money with the other sign.
    OtherSign,
    /// The same money on another day, of which one lies outside.
    OtherDay,
    /// The same money twice on one side.
    Twice,
    /// Several rows of one side that are not just one of the other, though they share its key.
    InParts,
    /// On one side alone.
    Alone,
}

impl Cause {
    /// A sentence for a bookkeeper, in Spanish.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::OtherAmount => "La misma operación tiene otro importe.",
            Self::OtherSign => "La misma operación tiene el signo contrario.",
            Self::OtherDay => "La misma operación tiene otra fecha, fuera del periodo.",
            Self::Twice => "La misma operación está dos veces en un lado.",
            Self::InParts => "Varias operaciones de un lado forman una del otro.",
            Self::Alone => "La operación está en un solo lado.",
        }
    }
}

struct Pairing<'a> {
    left: &'a [Row],
    right: &'a [Row],
    days: (Date, Date),
    free_left: Vec<bool>,
    free_right: Vec<bool>,
    found: Vec<Difference>,
}

/// Why the sum of `left` differs from that of `right` in the days from the first to the last of
/// `days`. Rows around those days should be given as well: they tell what merely lies on another
/// day from what is missing. Causes come in order, each with its rows; their effects add up to the
/// difference.
pub fn explain(left: &[Row], right: &[Row], days: (Date, Date)) -> Vec<Difference> {
    let mut pairing = Pairing {
        left,
        right,
        days,
        free_left: vec![true; left.len()],
        free_right: vec![true; right.len()],
        found: Vec::new(),
    };
    pairing.by(
        |a, b| keyed(a, b) && a.amount == b.amount && a.on == b.on,
        None,
    );
    pairing.by(
        |a, b| keyed(a, b) && a.amount == b.amount,
        Some(Cause::OtherDay),
    );
    pairing.by(
        |a, b| a.amount == b.amount && a.on == b.on && may_be_same(a, b),
        None,
    );
    pairing.by(
        |a, b| a.amount == b.amount && days_apart(a, b) <= DAYS_APART_MAX && may_be_same(a, b),
        Some(Cause::OtherDay),
    );
    pairing.by(|a, b| keyed(a, b) && opposite(a, b), Some(Cause::OtherSign));
    pairing.in_parts();
    pairing.by(
        |a, b| keyed(a, b) && a.amount.currency == b.amount.currency,
        Some(Cause::OtherAmount),
    );
    pairing.by(
        |a, b| a.on == b.on && opposite(a, b),
        Some(Cause::OtherSign),
    );
    pairing.alone();
    pairing
        .found
        .sort_by(|a, b| (a.cause, &a.left, &a.right).cmp(&(b.cause, &b.left, &b.right)));
    pairing.found
}

fn keyed(a: &Row, b: &Row) -> bool {
    !a.key.is_empty() && a.key == b.key
}

/// Rows with keys of their own are not the same money unless the keys are.
fn may_be_same(a: &Row, b: &Row) -> bool {
    let keys = a.key.is_empty() || b.key.is_empty() || a.key == b.key;
    keys && (a.customer.is_none() || b.customer.is_none() || a.customer == b.customer)
}

fn opposite(a: &Row, b: &Row) -> bool {
    a.amount.currency == b.amount.currency && Some(a.amount.minor) == b.amount.minor.checked_neg()
}

fn days_apart(a: &Row, b: &Row) -> i64 {
    i64::from((a.on - b.on).get_days()).abs()
}

impl Pairing<'_> {
    fn within(&self, row: &Row) -> i64 {
        let (from, to) = self.days;
        if row.on >= from && row.on <= to {
            row.amount.minor
        } else {
            0
        }
    }

    fn take(&mut self, left: Vec<usize>, right: Vec<usize>, cause: Option<Cause>) {
        let sum = |rows: &[Row], at: &[usize]| -> i64 {
            at.iter()
                .map(|at| self.within(&rows[*at]))
                .fold(0, i64::saturating_add)
        };
        let effect = sum(self.left, &left).saturating_sub(sum(self.right, &right));
        let first = left.first().map(|at| &self.left[*at]);
        let row = first.or(right.first().map(|at| &self.right[*at]));
        for at in &left {
            self.free_left[*at] = false;
        }
        for at in &right {
            self.free_right[*at] = false;
        }
        if let (Some(cause), Some(row), true) = (cause, row, effect != 0) {
            let effect = Money::new(effect, row.amount.currency);
            self.found.push(Difference {
                cause,
                left,
                right,
                effect,
            });
        }
    }

    /// Pairs free rows, each with the first on the other side that is the same. Candidates are
    /// found by key or by amount, so that a long list is not walked for each row.
    fn by(&mut self, same: impl Fn(&Row, &Row) -> bool, cause: Option<Cause>) {
        let mut places: HashMap<(bool, String, u64), Vec<usize>> = HashMap::new();
        let size = |row: &Row| {
            (
                false,
                row.amount.currency.code().to_owned(),
                row.amount.minor.unsigned_abs(),
            )
        };
        for (at, row) in self
            .right
            .iter()
            .enumerate()
            .filter(|(at, _)| self.free_right[*at])
        {
            places.entry(size(row)).or_default().push(at);
            if !row.key.is_empty() {
                places
                    .entry((true, row.key.clone(), 0))
                    .or_default()
                    .push(at);
            }
        }
        for at in 0..self.left.len() {
            if !self.free_left[at] {
                continue;
            }
            let row = &self.left[at];
            let by_key = places.get(&(true, row.key.clone(), 0));
            let by_size = places.get(&size(row));
            let other = by_key
                .into_iter()
                .chain(by_size)
                .flatten()
                .copied()
                .find(|it| self.free_right[*it] && same(row, &self.right[*it]));
            if let Some(other) = other {
                self.take(vec![at], vec![other], cause);
            }
        }
    }

    /// One row that several of the other side with its key come to.
    fn in_parts(&mut self) {
        for at in 0..self.left.len() {
            let row = &self.left[at];
            if self.free_left[at]
                && let Some(parts) = parts(row, self.right, &self.free_right)
            {
                self.take(vec![at], parts, Some(Cause::InParts));
            }
        }
        for at in 0..self.right.len() {
            let row = &self.right[at];
            if self.free_right[at]
                && let Some(parts) = parts(row, self.left, &self.free_left)
            {
                self.take(parts, vec![at], Some(Cause::InParts));
            }
        }
    }

    fn alone(&mut self) {
        for at in (0..self.left.len())
            .filter(|at| self.free_left[*at])
            .collect::<Vec<_>>()
        {
            let cause = cause_alone(self.left, &self.free_left, at);
            self.take(vec![at], Vec::new(), Some(cause));
        }
        for at in (0..self.right.len())
            .filter(|at| self.free_right[*at])
            .collect::<Vec<_>>()
        {
            let cause = cause_alone(self.right, &self.free_right, at);
            self.take(Vec::new(), vec![at], Some(cause));
        }
    }
}

/// The free rows with the key of `whole` that come to it, alone or as the only set.
fn parts(whole: &Row, rows: &[Row], free: &[bool]) -> Option<Vec<usize>> {
    if whole.key.is_empty() {
        return None;
    }
    let keyed = rows.iter().enumerate().filter(|(at, row)| {
        free[*at] && row.key == whole.key && row.amount.currency == whole.amount.currency
    });
    let places: Vec<usize> = keyed.map(|(at, _)| at).collect();
    let amounts: Vec<i64> = places.iter().map(|at| rows[*at].amount.minor).collect();
    let found = subset::search(&amounts, whole.amount.minor);
    let set = found.first.filter(|_| !found.several)?;
    Some(set.into_iter().map(|at| places[at]).collect())
}

/// A row alone on its side, unless one that is paired says the same.
fn cause_alone(rows: &[Row], free: &[bool], at: usize) -> Cause {
    let row = &rows[at];
    let twice = rows.iter().enumerate().any(|(other, it)| {
        other != at && !free[other] && keyed(it, row) && it.amount == row.amount
    });
    if twice { Cause::Twice } else { Cause::Alone }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const DAY: Date = date(2026, 11, 1);

    fn row(side: Side, key: &str, day: i64, minor: i64) -> Row {
        Row {
            side,
            key: key.to_owned(),
            on: DAY.saturating_add(day.days()),
            customer: None,
            amount: Money::new(minor, Currency::MXN),
        }
    }

    fn causes(left: &[(&str, i64, i64)], right: &[(&str, i64, i64)]) -> Vec<(Cause, i64)> {
        let rows = |side, all: &[(&str, i64, i64)]| -> Vec<Row> {
            all.iter()
                .map(|(key, day, minor)| row(side, key, *day, *minor))
                .collect()
        };
        let days = (DAY, DAY.saturating_add(29.days()));
        explain(&rows(Side::Ledger, left), &rows(Side::Bank, right), days)
            .into_iter()
            .map(|it| (it.cause, it.effect.minor))
            .collect()
    }

    #[test]
    fn each_cause_is_told_from_the_others() {
        assert_eq!(causes(&[("A", 1, 100)], &[("A", 1, 100)]), []);
        assert_eq!(causes(&[("", 1, 100)], &[("A", 1, 100)]), []);
        assert_eq!(causes(&[("A", 1, 100)], &[("A", 2, 100)]), []);
        type Rows = &'static [(&'static str, i64, i64)];
        let cases: [(Rows, Rows, Cause, i64); 6] = [
            (&[("A", 29, 100)], &[("A", 31, 100)], Cause::OtherDay, 100),
            (&[("A", 1, 109)], &[("A", 1, 190)], Cause::OtherAmount, -81),
            (&[("A", 1, 100)], &[("A", 1, -100)], Cause::OtherSign, 200),
            (
                &[("A", 1, 100), ("A", 1, 100)],
                &[("A", 1, 100)],
                Cause::Twice,
                100,
            ),
            (
                &[("A", 29, 60), ("A", 30, 40)],
                &[("A", 29, 100)],
                Cause::InParts,
                -40,
            ),
            (&[], &[("B", 1, 7)], Cause::Alone, -7),
        ];
        for (left, right, cause, effect) in cases {
            assert_eq!(causes(left, right), [(cause, effect)], "{left:?} {right:?}");
        }
        assert_eq!(
            causes(&[("A", 1, 100)], &[("B", 1, 100)]),
            [(Cause::Alone, -100), (Cause::Alone, 100)],
            "other keys are other money"
        );
    }

    #[test]
    fn totals_stand_side_by_side_and_never_mix_currencies() {
        let mut dollars = row(Side::Bank, "D", 1, 5);
        dollars.amount.currency = Currency::USD;
        let rows = [
            row(Side::Ledger, "A", 1, 100),
            row(Side::Bank, "A", 1, 60),
            row(Side::Bank, "B", 1, 40),
            row(Side::Ledger, "C", 2, 1),
            dollars,
        ];
        let totals = by_day(&rows);
        let day = |days: i64| DAY.saturating_add(days.days());
        let both = [Side::Ledger, Side::Bank];
        assert_eq!(totals.len(), 3);
        assert!(totals[&(Currency::MXN, day(1))].agree(&both));
        assert!(!totals[&(Currency::MXN, day(2))].agree(&both));
        assert_eq!(totals[&(Currency::MXN, day(1))].of[&Side::Bank], (2, 100));
        assert_eq!(by_customer(&rows).len(), 2);
    }

    proptest! {
        /// What is explained is the whole difference, and each row explains it once.
        #[test]
        fn the_effects_add_up_to_the_difference(
            left in prop::collection::vec((0_usize..4, -3_i64..35, -5_i64..6), 0..14),
            right in prop::collection::vec((0_usize..4, -3_i64..35, -5_i64..6), 0..14),
        ) {
            let keys = ["", "A", "B", "C"];
            let rows = |side, all: &[(usize, i64, i64)]| -> Vec<Row> {
                all.iter().map(|(key, day, minor)| row(side, keys[*key], *day, *minor)).collect()
            };
            let days = (DAY, DAY.saturating_add(29.days()));
            let (left, right) = (rows(Side::Ledger, &left), rows(Side::Bank, &right));
            let sum = |rows: &[Row]| -> i64 {
                let within = rows.iter().filter(|it| it.on >= days.0 && it.on <= days.1);
                within.map(|it| it.amount.minor).sum()
            };
            let found = explain(&left, &right, days);
            let effects: i64 = found.iter().map(|it| it.effect.minor).sum();
            prop_assert_eq!(effects, sum(&left) - sum(&right));
            let mut seen: Vec<(bool, usize)> = found
                .iter()
                .flat_map(|it| {
                    let left = it.left.iter().map(|at| (true, *at));
                    left.chain(it.right.iter().map(|at| (false, *at)))
                })
                .collect();
            let all = seen.len();
            seen.sort_unstable();
            seen.dedup();
            prop_assert_eq!(seen.len(), all);
        }
    }
}
