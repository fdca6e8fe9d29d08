//! When open money is expected: each document on its due date, moved by how late its customer has
//! paid so far. A simple mean, and named so wherever it is shown.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::calendar::days_late;

/// Days of a week.
const WEEK_DAYS: i64 = 7;

/// How late someone pays, from documents paid in full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lateness {
    /// Days late of all of them together; paid early counts below zero.
    pub days: i64,
    /// How many.
    pub documents: i64,
}

impl Lateness {
    /// Counts a document that fell due on `due` and was paid in full on `paid`.
    pub fn add(&mut self, due: Date, paid: Date) {
        self.days += days_late(due, paid);
        self.documents += 1;
    }

    /// Counts all of another's documents.
    pub const fn merge(&mut self, other: Self) {
        self.days += other.days;
        self.documents += other.documents;
    }

    /// Days late on average, rounded to the nearest day, halves up; `None` with nothing paid.
    pub fn mean(self) -> Option<i64> {
        let twice = self.days.checked_mul(2)?.checked_add(self.documents)?;
        (self.documents > 0).then(|| twice.div_euclid(2 * self.documents))
    }
}

/// The day on which a document's money is expected: its due date and the customer's mean, else the
/// company's, else the due date itself.
pub fn expected_on(due: Date, customer: Lateness, company: Lateness) -> Date {
    let late = customer.mean().or_else(|| company.mean()).unwrap_or(0);
    // A thousand years of lateness is a slip of the pen, and no day of any calendar.
    due.saturating_add(late.clamp(-365_000, 365_000).days())
}

/// Where an expected day lies, seen from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Its day has passed: the mean says nothing about it any more.
    Passed,
    /// In the week of this number, 0 being the seven days that begin with the day itself.
    Week(usize),
    /// Behind the last week that is asked for.
    Later,
}

impl Expected {
    /// Places an expected day among so many weeks that begin with `day`.
    pub fn of(expected: Date, day: Date, weeks: usize) -> Self {
        let ahead = days_late(day, expected);
        match usize::try_from(ahead.div_euclid(WEEK_DAYS)) {
            Err(_) => Self::Passed,
            Ok(week) if week < weeks => Self::Week(week),
            Ok(_) => Self::Later,
        }
    }
}

/// The first and the last day of a week; see [`Expected::Week`].
pub fn week_of(day: Date, week: usize) -> (Date, Date) {
    let first = i64::try_from(week).unwrap_or(i64::MAX / 8) * WEEK_DAYS;
    let first = day.saturating_add(first.days());
    (first, first.saturating_add((WEEK_DAYS - 1).days()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn late(days: i64, documents: i64) -> Lateness {
        Lateness { days, documents }
    }

    #[test]
    fn the_mean_is_of_whole_days_halves_up() {
        for (days, documents, mean) in [
            (0, 0, None),
            (10, 4, Some(3)),
            (9, 4, Some(2)),
            (-10, 4, Some(-2)),
            (-11, 4, Some(-3)),
            (7, 1, Some(7)),
        ] {
            assert_eq!(late(days, documents).mean(), mean, "{days}/{documents}");
        }
    }

    #[test]
    fn a_customer_without_history_pays_as_the_company_is_paid() {
        let due = date(2026, 3, 1);
        assert_eq!(
            expected_on(due, late(10, 1), late(40, 2)),
            date(2026, 3, 11)
        );
        assert_eq!(expected_on(due, late(0, 0), late(40, 2)), date(2026, 3, 21));
        assert_eq!(expected_on(due, late(0, 0), late(0, 0)), due);
    }

    #[test]
    fn a_day_lies_in_one_week() {
        let day = date(2026, 3, 2);
        for (expected, place) in [
            (date(2026, 3, 1), Expected::Passed),
            (date(2026, 3, 2), Expected::Week(0)),
            (date(2026, 3, 8), Expected::Week(0)),
            (date(2026, 3, 9), Expected::Week(1)),
            (date(2026, 4, 26), Expected::Week(7)),
            (date(2026, 4, 27), Expected::Later),
        ] {
            assert_eq!(Expected::of(expected, day, 8), place, "{expected}");
        }
    }

    proptest! {
        #[test]
        fn a_week_holds_the_days_that_are_placed_in_it(ahead in -400_i64..400) {
            let day = date(2026, 3, 2);
            let expected = day.saturating_add(ahead.days());
            match Expected::of(expected, day, 8) {
                Expected::Passed => prop_assert!(expected < day),
                Expected::Week(week) => {
                    let (first, last) = week_of(day, week);
                    prop_assert!(first <= expected && expected <= last);
                }
                Expected::Later => prop_assert!(expected > week_of(day, 7).1),
            }
        }
    }
}
