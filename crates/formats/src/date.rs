//! Dates as people write them, in Spanish, Portuguese and English.
//!
//! `4/6/2013` can be two days. Such a value is never guessed: [`DateShape::Pair`] keeps both
//! numbers until the column, the file or the user says which comes first.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fold::plain;

/// Years outside these are slips of the keyboard, not due dates.
const YEARS: std::ops::RangeInclusive<i16> = 1980..=2100;
/// Excel's day count for 1954-10-03 to 2119-01-10: five digits that can be nothing else here.
const SERIALS: std::ops::RangeInclusive<i64> = 20_000..=80_000;

/// Which number comes first in a date written with numbers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DateOrder {
    /// `31/12/2025`.
    #[serde(rename = "dmy")]
    DayFirst,
    /// `12/31/2025`.
    #[serde(rename = "mdy")]
    MonthFirst,
}

impl DateOrder {
    /// The word of the flag `--dates`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::DayFirst => "dmy",
            Self::MonthFirst => "mdy",
        }
    }
}

/// What a text says about a day before the order of its numbers is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateShape {
    /// Nothing, or a word for nothing (`N/A`, `0000-00-00`).
    Empty,
    /// One day, whatever the order.
    Clear(Date),
    /// Two numbers that are day and month in some order, and the year.
    Pair {
        /// The first number.
        first: i8,
        /// The second number.
        second: i8,
        /// The year, four digits.
        year: i16,
    },
    /// Not a date.
    Unreadable,
}

/// Why a text gives no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not a date.
    #[error("this is not a date")]
    Unreadable,
    /// Day and month cannot be told apart: say which comes first (`--dates dmy|mdy`).
    #[error("day and month cannot be told apart: say which comes first with --dates dmy|mdy")]
    Ambiguous,
    /// A date only in the order that the rest of the column does not use.
    #[error("this is a date only in another order than that of its column ({})", .0.code())]
    Contrary(DateOrder),
}

impl DateShape {
    /// The order this value proves by itself: one of its numbers is above twelve.
    pub fn proves(self) -> Option<DateOrder> {
        let Self::Pair { .. } = self else { return None };
        match (
            self.under(DateOrder::DayFirst),
            self.under(DateOrder::MonthFirst),
        ) {
            (Some(_), None) => Some(DateOrder::DayFirst),
            (None, Some(_)) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// The day if the numbers stand in that order; `None` where there is no such day.
    pub fn under(self, order: DateOrder) -> Option<Date> {
        match self {
            Self::Clear(date) => Some(date),
            Self::Pair {
                first,
                second,
                year,
            } => match order {
                DateOrder::DayFirst => day_of(year, second, first),
                DateOrder::MonthFirst => day_of(year, first, second),
            },
            Self::Empty | Self::Unreadable => None,
        }
    }

    /// The day, with the order known or not; `Ok(None)` when nothing is written.
    ///
    /// # Errors
    /// [`DateError`]: unreadable, ambiguous, or a date only in the other order.
    pub fn resolve(self, order: Option<DateOrder>) -> Result<Option<Date>, DateError> {
        match self {
            Self::Empty => Ok(None),
            Self::Clear(date) => Ok(Some(date)),
            Self::Unreadable => Err(DateError::Unreadable),
            Self::Pair { first, second, .. } => match (order, self.proves()) {
                (Some(order), Some(proved)) if order != proved => Err(DateError::Contrary(order)),
                (Some(order), _) | (None, Some(order)) => {
                    self.under(order).map(Some).ok_or(DateError::Unreadable)
                }
                (None, None) if first == second => Ok(self.under(DateOrder::DayFirst)),
                (None, None) => Err(DateError::Ambiguous),
            },
        }
    }
}

/// Reads a day, with the order of its numbers known or not.
///
/// # Errors
/// [`DateError`], as [`DateShape::resolve`].
///
/// ```
/// use formats::date::{DateError, read};
/// assert_eq!(read("25 de octubre del 2016", None), Ok(Some(jiff::civil::date(2016, 10, 25))));
/// assert_eq!(read("4/6/2013", None), Err(DateError::Ambiguous));
/// ```
pub fn read(text: &str, order: Option<DateOrder>) -> Result<Option<Date>, DateError> {
    shape(text).resolve(order)
}

/// What a text says about a day.
pub fn shape(text: &str) -> DateShape {
    let text = text.trim();
    if is_nothing(text) {
        return DateShape::Empty;
    }
    if let Some(date) = plain_iso(text.as_bytes()) {
        return DateShape::Clear(date);
    }
    if let Some(date) = excel_serial(text) {
        return DateShape::Clear(date);
    }
    match Parts::of(before_time(text)) {
        Some(parts) => parts.shape(),
        None => DateShape::Unreadable,
    }
}

/// Words people write where there is no date.
fn is_nothing(text: &str) -> bool {
    const WORDS: [&str; 14] = [
        "-",
        "--",
        "n/a",
        "na",
        "#n/a",
        "null",
        "none",
        "nan",
        "nat",
        "s/f",
        "sin fecha",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "00/00/0000",
    ];
    text.is_empty() || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// `2024-05-31` with or without a time behind, the common case of exports.
fn plain_iso(bytes: &[u8]) -> Option<Date> {
    let head = bytes.get(..10)?;
    let ends = bytes
        .get(10)
        .is_none_or(|byte| matches!(byte, b'T' | b't' | b' '));
    let marks = (head[4], head[7]);
    if !ends || marks != (b'-', b'-') {
        return None;
    }
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0i16, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + i16::from(byte - b'0'))
        })
    };
    let month = i8::try_from(number(&head[5..7])?).ok()?;
    let day = i8::try_from(number(&head[8..10])?).ok()?;
    day_of(number(&head[..4])?, month, day)
}

/// A day count since Excel's epoch, as cells without a date format show it.
fn excel_serial(text: &str) -> Option<Date> {
    let whole = match text.split_once('.') {
        Some((whole, part)) if part.bytes().all(|byte| byte.is_ascii_digit()) => whole,
        Some(_) => return None,
        None => text,
    };
    if whole.len() != 5 || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let days: i64 = whole.parse().ok()?;
    // Excel counts 1900 as a leap year, so its day zero behaves as 1899-12-30 from March 1900 on.
    let epoch = Date::constant(1899, 12, 30);
    let date = epoch
        .checked_add(jiff::Span::new().try_days(days).ok()?)
        .ok()?;
    SERIALS.contains(&days).then_some(date)
}

/// The part of a text before its time of day.
fn before_time(text: &str) -> &str {
    let ends: &[char] = &['T', 't', ' ', ',', '\u{a0}'];
    if let Some(colon) = text.find(':') {
        let head = text[..colon].trim_end_matches(|letter: char| letter.is_ascii_digit());
        return head.trim_end_matches(ends);
    }
    match text.find(['T', 't']) {
        Some(at) if at >= 8 && text[..at].ends_with(|letter: char| letter.is_ascii_digit()) => {
            &text[..at]
        }
        _ => text,
    }
}

/// The numbers of a date with the count of their digits, and the month if it is a word.
#[derive(Default)]
struct Parts {
    numbers: [(i32, usize); 3],
    count: usize,
    month: Option<i8>,
    /// The month word so far may be "mar" for Tuesday.
    may_be_weekday: bool,
}

impl Parts {
    fn of(text: &str) -> Option<Self> {
        let mut parts = Self::default();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let same = |other: char| {
                if letter.is_ascii_digit() {
                    other.is_ascii_digit()
                } else {
                    other.is_alphabetic()
                }
            };
            if !letter.is_ascii_digit() && !letter.is_alphabetic() {
                if !matches!(
                    letter,
                    '/' | '-' | '.' | ',' | ' ' | '\u{a0}' | '’' | '\'' | '°'
                ) {
                    return None;
                }
                rest = &rest[letter.len_utf8()..];
                continue;
            }
            let end = rest.find(|other| !same(other)).unwrap_or(rest.len());
            let (token, behind) = rest.split_at(end);
            rest = behind;
            if letter.is_ascii_digit() {
                parts.push_number(token)?;
            } else {
                parts.push_word(token)?;
            }
        }
        Some(parts)
    }

    fn push_number(&mut self, digits: &str) -> Option<()> {
        let slot = self.numbers.get_mut(self.count)?;
        *slot = (
            digits.get(..digits.len().min(8))?.parse().ok()?,
            digits.len(),
        );
        self.count += 1;
        Some(())
    }

    fn push_word(&mut self, word: &str) -> Option<()> {
        let word: String = word.chars().map(plain).collect();
        if let Some(month) = month_of(&word) {
            // "mar" is both Tuesday and March: a second month word makes the first the weekday.
            if self.month.is_some() && !self.may_be_weekday {
                return None;
            }
            self.may_be_weekday = month == 3 && self.count == 0 && self.month.is_none();
            self.month = Some(month);
            return Some(());
        }
        is_filler(&word).then_some(())
    }

    fn shape(&self) -> DateShape {
        let clear = |date: Option<Date>| date.map_or(DateShape::Unreadable, DateShape::Clear);
        match (self.month, &self.numbers[..self.count]) {
            (Some(month), [(year, 4), (day, 1..=2)]) => clear(self.day(*year, month, *day)),
            (Some(month), [(day, 1..=2), (year, digits @ (2 | 4))]) => {
                clear(self.day(full_year(*year, *digits), month, *day))
            }
            (None, [(year, 4), (month, 1..=2), (day, 1..=2)]) => clear(
                i8::try_from(*month)
                    .ok()
                    .and_then(|month| self.day(*year, month, *day)),
            ),
            (None, [(run, 8)]) => {
                let month = i8::try_from(run / 100 % 100).ok();
                clear(month.and_then(|month| self.day(run / 10_000, month, run % 100)))
            }
            (None, [(first, 1..=2), (second, 1..=2), (year, digits @ (2 | 4))]) => {
                pair(*first, *second, full_year(*year, *digits))
            }
            _ => DateShape::Unreadable,
        }
    }

    fn day(&self, year: i32, month: i8, day: i32) -> Option<Date> {
        day_of(i16::try_from(year).ok()?, month, i8::try_from(day).ok()?)
    }
}

fn pair(first: i32, second: i32, year: i32) -> DateShape {
    let (Ok(first), Ok(second), Ok(year)) = (
        i8::try_from(first),
        i8::try_from(second),
        i16::try_from(year),
    ) else {
        return DateShape::Unreadable;
    };
    let shape = DateShape::Pair {
        first,
        second,
        year,
    };
    let read = shape
        .under(DateOrder::DayFirst)
        .or(shape.under(DateOrder::MonthFirst));
    if read.is_some() {
        shape
    } else {
        DateShape::Unreadable
    }
}

/// Two digits mean 1970 to 2069, as spreadsheets read them.
fn full_year(year: i32, digits: usize) -> i32 {
    match (digits, year) {
        (2, ..70) => 2000 + year,
        (2, _) => 1900 + year,
        _ => year,
    }
}

fn day_of(year: i16, month: i8, day: i8) -> Option<Date> {
    if !YEARS.contains(&year) {
        return None;
    }
    Date::new(year, month, day).ok()
}

/// The month whose English, Spanish or Portuguese name starts so (three letters at least).
fn month_of(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "enero january janeiro",
        "febrero february fevereiro",
        "marzo march marco",
        "abril april",
        "mayo may maio",
        "junio june junho",
        "julio july julho",
        "agosto august",
        "septiembre setiembre september setembro",
        "octubre october outubro",
        "noviembre november novembro",
        "diciembre december dezembro",
    ];
    if word.len() < 3 {
        return None;
    }
    let named = |names: &str| names.split(' ').any(|name| name.starts_with(word));
    (1..)
        .zip(NAMES)
        .find(|(_, names)| named(names))
        .map(|(month, _)| month)
}

/// Words that stand in dates and say nothing more.
fn is_filler(word: &str) -> bool {
    const FILLERS: &str = "de del do da of the el dia a o º ª st nd rd th er ero feira";
    const WEEKDAYS: &str = "lunes martes miercoles jueves viernes sabado domingo monday tuesday \
                            wednesday thursday friday saturday sunday segunda terca quarta quinta \
                            sexta";
    FILLERS.split(' ').any(|filler| filler == word)
        || (word.len() >= 3 && WEEKDAYS.split(' ').any(|weekday| weekday.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_one_day_whatever_the_order() {
        let cases = [
            ("25 de octubre del 2016", date(2016, 10, 25)),
            ("sábado, 25 de octubre de 2016", date(2016, 10, 25)),
            ("mar 05 nov 2024", date(2024, 11, 5)),
            ("octubre 25, 2016", date(2016, 10, 25)),
            ("1º de março de 2024", date(2024, 3, 1)),
            ("2013-Jan-05", date(2013, 1, 5)),
            ("05-ene-2024", date(2024, 1, 5)),
            ("05/ENE./24", date(2024, 1, 5)),
            ("5dic2024", date(2024, 12, 5)),
            ("Sept. 3rd, 2024", date(2024, 9, 3)),
            ("2024-05-31", date(2024, 5, 31)),
            ("2022-07-04T00:00:00Z", date(2022, 7, 4)),
            ("2024-05-31 23:59:59-06:00", date(2024, 5, 31)),
            ("2024/5/1", date(2024, 5, 1)),
            ("20240531", date(2024, 5, 31)),
            ("20240531T101500", date(2024, 5, 31)),
            ("45600", date(2024, 11, 4)),
            ("44034.79348", date(2020, 7, 22)),
            ("31.12.2025", date(2025, 12, 31)),
            ("31/12/25", date(2025, 12, 31)),
            ("12/31/2025 10:30 p. m.", date(2025, 12, 31)),
            ("5/5/2024", date(2024, 5, 5)),
        ];
        for (text, day) in cases {
            assert_eq!(read(text, None), Ok(Some(day)), "{text}");
        }
    }

    #[test]
    fn never_guesses_the_order() {
        assert_eq!(read("4/6/2013", None), Err(DateError::Ambiguous));
        assert_eq!(
            read("4/6/2013", Some(DateOrder::DayFirst)),
            Ok(Some(date(2013, 6, 4)))
        );
        assert_eq!(
            read("4/6/2013", Some(DateOrder::MonthFirst)),
            Ok(Some(date(2013, 4, 6)))
        );
        assert_eq!(
            read("13/6/2013", Some(DateOrder::MonthFirst)),
            Err(DateError::Contrary(DateOrder::MonthFirst))
        );
        for nothing in ["", " ", "N/A", "0000-00-00", "-"] {
            assert_eq!(read(nothing, None), Ok(None), "{nothing}");
        }
        for wrong in [
            "derp",
            "31/02/2024",
            "12..34",
            "2024",
            "oct-24",
            "31/13/2024",
            "1/1/1024",
        ] {
            assert_eq!(read(wrong, None), Err(DateError::Unreadable), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = shape(&text);
        }

        #[test]
        fn reads_back_every_style(days in 0i32..40_000, style in 0usize..8) {
            let day = date(1990, 1, 1).checked_add(jiff::Span::new().days(days)).expect("a day");
            let months = ["ene", "febrero", "MAR", "abr.", "mayo", "jun", "julio", "ago", "set",
                          "octubre", "nov", "dic"];
            let month = months[usize::try_from(day.month() - 1).expect("a month")];
            let (y, m, d) = (day.year(), day.month(), day.day());
            let (text, order) = match style {
                0 => (format!("{y}-{m:02}-{d:02}"), None),
                1 => (format!("{y}-{m:02}-{d:02}T06:00:00Z"), None),
                2 => (format!("{d} de {month} de {y}"), None),
                3 => (format!("{d:02}-{month}-{y}"), None),
                4 => (format!("{d}/{m}/{y}"), Some(DateOrder::DayFirst)),
                5 => (format!("{m:02}/{d:02}/{y}"), Some(DateOrder::MonthFirst)),
                6 => (format!("{d:02}.{m:02}.{y}"), Some(DateOrder::DayFirst)),
                _ => (format!("{y}{m:02}{d:02}"), None),
            };
            prop_assert_eq!(read(&text, order), Ok(Some(day)), "{}", text);
        }
    }
}
