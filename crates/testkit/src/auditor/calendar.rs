//! Days and hours by plain counting, apart from the program's calendar.

use std::fmt;

/// Microseconds of a day.
const DAY_MICROS: i128 = 86_400_000_000;

/// Hours from Greenwich of the companies audited: central Mexico, which changes no clocks.
const COMPANY_HOURS: i128 = -6;

/// Hours from Greenwich of Mexico's zones, from the easternmost to the westernmost, in winter.
const MEXICO_HOURS: [i128; 4] = [-5, -6, -7, -8];

/// The Mexican window of contact, 7:00 to 22:00 at the debtor's (CONDUSEF, cuarta), in minutes.
const WINDOW: std::ops::Range<i128> = (7 * 60)..(22 * 60);

/// A civil day, as the number of days since 1 January 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i128);

const fn is_leap(year: i128) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in(year: i128, month: i128) -> i128 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Day {
    /// The day of `2026-10-31`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(str::parse::<i128>);
        let (year, month, day) = (
            parts.next()?.ok()?,
            parts.next()?.ok()?,
            parts.next()?.ok()?,
        );
        let valid = parts.next().is_none()
            && (1970..2200).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day);
        let years: i128 = (1970..year).map(|it| 365 + i128::from(is_leap(it))).sum();
        let months: i128 = (1..month).map(|it| days_in(year, it)).sum();
        valid.then_some(Self(years + months + day - 1))
    }

    /// The company's day at an instant.
    pub const fn of_company(micros: i128) -> Self {
        Self((micros + COMPANY_HOURS * 3_600_000_000).div_euclid(DAY_MICROS))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut year, mut left) = (1970, self.0);
        while left >= 365 + i128::from(is_leap(year)) {
            left -= 365 + i128::from(is_leap(year));
            year += 1;
        }
        let mut month = 1;
        while left >= days_in(year, month) {
            left -= days_in(year, month);
            month += 1;
        }
        write!(f, "{year}-{month:02}-{:02}", left + 1)
    }
}

/// Whether an instant lies in the window wherever in Mexico the debtor may be.
pub fn is_lawful_in_mexico(micros: i128) -> bool {
    MEXICO_HOURS.iter().all(|hours| {
        let local = (micros + hours * 3_600_000_000).rem_euclid(DAY_MICROS);
        WINDOW.contains(&(local / 60_000_000))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("2000-03-01", 11_017),
            ("2024-02-29", 19_782),
            ("2026-10-31", 20_757),
        ] {
            let day = Day::parse(text).expect("a day");
            assert_eq!(day, Day(days));
            assert_eq!(day.to_string(), text);
        }
        for text in ["2026-02-29", "2026-13-01", "2026-1", "n/a", ""] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_window_is_half_open_in_every_zone() {
        let noon = 20_757 * DAY_MICROS;
        let at = |hour: i128, minute: i128| noon + (hour * 60 + minute) * 60_000_000;
        for (hour, minute, lawful) in [
            (14, 59, false),
            (15, 0, true),
            (20, 0, true),
            (26, 59, true),
            (27, 0, false),
        ] {
            assert_eq!(
                is_lawful_in_mexico(at(hour, minute)),
                lawful,
                "{hour}:{minute}"
            );
        }
    }
}
