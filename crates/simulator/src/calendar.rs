//! The days of a company: business days, the days its customers pay, the days it bills.

use domain::customer::Country;
use domain::law::Packs;
use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, ToSpan};

use crate::MONTHS;
use crate::behaviour::Habit;

/// Days beyond the last one for which payments may be planned.
const AHEAD_DAYS: i64 = 400;

/// Business days around a company's months, and how much it bills on each.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    first: Date,
    last: Date,
    business: Vec<bool>,
    /// Weight of billing of all days before each day of the company's months, and of all.
    billed: Vec<u64>,
}

impl Calendar {
    /// The calendar of the months that end with `last`. `season` weighs the months of the year.
    pub fn new(country: Country, last: Date, season: &[u16]) -> Self {
        let first = months_before(last, MONTHS);
        let days = days_between(first, last) + 1 + AHEAD_DAYS;
        let packs = Packs::embedded();
        let business: Vec<bool> = (0..days)
            .map(|day| plus(first, day))
            .map(|day| !is_weekend(day) && !packs.is_holiday(country, None, day))
            .collect();
        let mut billed = vec![0];
        let mut total = 0;
        for day in 0..=days_between(first, last) {
            total += weight(plus(first, day), season, business[place(day)]);
            billed.push(total);
        }
        Self {
            first,
            last,
            business,
            billed,
        }
    }

    /// First day of the months.
    pub const fn first(&self) -> Date {
        self.first
    }

    /// Last day of the months.
    pub const fn last(&self) -> Date {
        self.last
    }

    /// Whether banks and offices work.
    pub fn is_business(&self, day: Date) -> bool {
        let at = usize::try_from(days_between(self.first, day)).ok();
        at.and_then(|at| self.business.get(at))
            .copied()
            .unwrap_or_else(|| !is_weekend(day))
    }

    /// The first business day on or after a day.
    pub fn on_or_after(&self, day: Date) -> Date {
        (0..20)
            .map(|more| plus(day, more))
            .find(|day| self.is_business(*day))
            .unwrap_or(day)
    }

    /// The last business day on or before a day.
    pub fn on_or_before(&self, day: Date) -> Date {
        (0..20)
            .map(|less| plus(day, -less))
            .find(|day| self.is_business(*day))
            .unwrap_or(day)
    }

    /// The first day on or after a day on which a habit pays.
    pub fn habit_after(&self, habit: Habit, day: Date) -> Date {
        (0..40)
            .map(|more| plus(day, more))
            .find(|day| self.suits(habit, *day))
            .unwrap_or_else(|| self.on_or_after(day))
    }

    /// The last day on or before a day on which a habit pays.
    pub fn habit_before(&self, habit: Habit, day: Date) -> Date {
        (0..40)
            .map(|less| plus(day, -less))
            .find(|day| self.suits(habit, *day))
            .unwrap_or_else(|| self.on_or_before(day))
    }

    /// The 15th or the last of the month on a holiday is paid on the business day before it.
    fn suits(&self, habit: Habit, day: Date) -> bool {
        if !self.is_business(day) {
            return false;
        }
        match habit {
            Habit::AnyDay => true,
            Habit::Fridays => day.weekday() == Weekday::Friday,
            Habit::Fortnights => {
                day == self.on_or_before(day.first_of_month().saturating_add(14.days()))
                    || day == self.on_or_before(day.last_of_month())
            }
        }
    }

    /// All billing weight between two days, both included.
    pub fn billing(&self, since: Date, last: Date) -> u64 {
        self.billed_by(last, 1) - self.billed_by(since, 0)
    }

    /// The day from `since` on at which that much weight has passed.
    pub fn billing_day(&self, since: Date, passed: u64) -> Date {
        let target = self.billed_by(since, 0) + passed;
        let days = self.billed.partition_point(|weight| *weight <= target);
        let day = i64::try_from(days).unwrap_or(0) - 1;
        plus(self.first, day.min(days_between(self.first, self.last)))
    }

    fn billed_by(&self, day: Date, more: i64) -> u64 {
        let at = place(days_between(self.first, day) + more);
        let at = at.min(self.billed.len() - 1);
        self.billed[at]
    }
}

/// Companies bill on business days, and twice as much in the last days of a month.
fn weight(day: Date, season: &[u16], business: bool) -> u64 {
    let month = usize::from(day.month().unsigned_abs() - 1);
    let season = season.get(month).copied().map_or(1000, u64::from);
    let left = days_between(day, day.last_of_month());
    match (business, left < 5) {
        (false, _) => 0,
        (true, false) => season,
        (true, true) => 2 * season,
    }
}

/// The day that many days later; the day itself at the end of time.
pub(crate) fn plus(day: Date, days: i64) -> Date {
    day.saturating_add(SignedDuration::from_hours(24 * days))
}

/// Days from one day to another.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

/// The first day of a span of months that ends with a day.
pub(crate) fn months_before(last: Date, months: u16) -> Date {
    plus(last, 1).saturating_sub(i64::from(months).months())
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn place(day: i64) -> usize {
    usize::try_from(day).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn calendar() -> Calendar {
        Calendar::new(Country::MX, date(2026, 10, 31), &[1000; 12])
    }

    #[test]
    fn covers_its_months_to_the_day() {
        assert_eq!(calendar().first(), date(2024, 11, 1));
        assert_eq!(months_before(date(2026, 11, 20), 24), date(2024, 11, 21));
    }

    #[test]
    fn habits_pay_on_business_days() {
        let calendar = calendar();
        let cases = [
            // A Wednesday that is a holiday in Mexico.
            (
                Habit::AnyDay,
                date(2026, 9, 16),
                date(2026, 9, 15),
                date(2026, 9, 17),
            ),
            (
                Habit::Fridays,
                date(2026, 9, 16),
                date(2026, 9, 11),
                date(2026, 9, 18),
            ),
            // The 15th of August 2026 is a Saturday, so the Friday before it counts.
            (
                Habit::Fortnights,
                date(2026, 8, 15),
                date(2026, 8, 14),
                date(2026, 8, 31),
            ),
            (
                Habit::Fortnights,
                date(2026, 8, 14),
                date(2026, 8, 14),
                date(2026, 8, 14),
            ),
        ];
        for (habit, day, before, after) in cases {
            assert_eq!(calendar.habit_before(habit, day), before, "{habit:?} {day}");
            assert_eq!(calendar.habit_after(habit, day), after, "{habit:?} {day}");
        }
    }

    #[test]
    fn bills_on_business_days_within_the_span() {
        let calendar = calendar();
        let (since, last) = (date(2025, 3, 4), date(2025, 9, 9));
        let all = calendar.billing(since, last);
        for passed in [0, 1, all / 3, all / 2, all - 1] {
            let day = calendar.billing_day(since, passed);
            assert!(
                since <= day && day <= last && calendar.is_business(day),
                "{day}"
            );
        }
        assert_eq!(calendar.billing_day(since, all - 1), last);
    }
}
