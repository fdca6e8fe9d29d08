//! Figures and days as machines write them in statements: exact, or refused.

use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The exact money of a number of major units.
///
/// # Errors
/// A sentence in Spanish when the currency has fewer decimals, or the amount is beyond money.
pub(super) fn money(value: Decimal, currency: Currency) -> Result<Money, String> {
    let value = value.normalize();
    if value.scale() > currency.minor_digits() {
        return Err(format!(
            "El importe {value} tiene más decimales que {}: pida al banco el importe exacto.",
            currency.code()
        ));
    }
    Money::from_decimal(value, currency).map_err(|_| {
        format!(
            "El importe {value} {} es demasiado grande.",
            currency.code()
        )
    })
}

/// A number written with a point and nothing else: `1234.50`.
///
/// # Errors
/// A sentence in Spanish that shows what is written.
pub(super) fn with_point(text: &str) -> Result<Decimal, String> {
    number(text, '.')
}

/// A number written with a comma and nothing else: `1234,5`, `1234,`.
///
/// # Errors
/// As [`with_point`].
pub(super) fn with_comma(text: &str) -> Result<Decimal, String> {
    number(text, ',')
}

fn number(text: &str, mark: char) -> Result<Decimal, String> {
    let trimmed = text.trim();
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let (whole, fraction) = digits.split_once(mark).unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let written = plain(whole) && plain(fraction) && !(whole.is_empty() && fraction.is_empty());
    let parsed = written.then(|| {
        let sign = if trimmed.starts_with('-') { "-" } else { "" };
        let whole = if whole.is_empty() { "0" } else { whole };
        let fraction = if fraction.is_empty() { "0" } else { fraction };
        // `from_str` rounds what it cannot hold.
        Decimal::from_str_exact(&format!("{sign}{whole}.{fraction}")).ok()
    });
    parsed
        .flatten()
        .ok_or_else(|| format!("«{trimmed}» no es un importe: corríjalo en el archivo."))
}

/// The civil day of `2026-10-31`, `20261031`, or of an instant that begins with it: the day as
/// written, in its own offset.
pub(super) fn iso_day(text: &str) -> Option<Date> {
    let text = text.trim();
    let digits = text.get(..8)?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return day(&digits[..4], &digits[4..6], &digits[6..8]);
    }
    let written = text.get(..10)?;
    let mut parts = written.split('-');
    let found = day(parts.next()?, parts.next()?, parts.next()?);
    found.filter(|_| parts.next().is_none())
}

/// The day of a year, month and day in digits.
pub(super) fn day(year: &str, month: &str, day: &str) -> Option<Date> {
    let number = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<i16>().ok()).flatten()
    };
    let month = i8::try_from(number(month)?).ok()?;
    let day = i8::try_from(number(day)?).ok()?;
    Date::new(number(year)?, month, day).ok()
}

/// An account or bank as it is compared: upper case, without blanks; `None` when nothing is left.
pub(super) fn account(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !letter.is_control())
        .flat_map(char::to_uppercase)
        .collect();
    (!kept.is_empty()).then_some(kept)
}

/// Words with one blank between them; `None` when there are none.
pub(super) fn words(text: &str) -> Option<String> {
    let mut kept = String::with_capacity(text.len());
    // No database has a text with control characters in it, and no reader misses one.
    let blank = |letter: char| letter.is_whitespace() || letter.is_control();
    for word in text.split(blank).filter(|word| !word.is_empty()) {
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    (!kept.is_empty()).then_some(kept)
}

/// Adds words to a text that does not hold them yet.
pub(super) fn add_words(text: &mut String, more: &str) {
    let Some(more) = words(more) else { return };
    if text.contains(&more) {
        return;
    }
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(&more);
}

/// A reference, unless it only says that there is none (`NONREF`, `NOTPROVIDED`).
pub(super) fn reference(text: &str) -> Option<String> {
    const NOTHING: [&str; 4] = ["NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF"];
    let text = words(text)?;
    let nothing = NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word));
    let written = text.chars().any(char::is_alphanumeric);
    (written && !nothing).then_some(text)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn numbers_are_exact_or_refused() {
        let cases: &[(&str, Option<&str>)] = &[
            ("1234.50", Some("1234.50")),
            ("-0.01", Some("-0.01")),
            (".5", Some("0.5")),
            ("7.", Some("7.0")),
            ("12..34", None),
            ("1,234.50", None),
            ("1e3", None),
            ("", None),
            ("-", None),
            (".", None),
            ("12345678901234567890123456789012345", None),
        ];
        for (text, expected) in cases {
            let read = with_point(text).ok().map(|value| value.to_string());
            assert_eq!(read.as_deref(), *expected, "{text:?}");
        }
        assert_eq!(with_comma("800,"), Ok(Decimal::new(8000, 1)));
        assert!(with_comma("800.00").is_err());
    }

    #[test]
    fn money_has_the_decimals_of_its_currency() {
        let mxn = |text: &str| money(with_point(text).expect("a number"), Currency::MXN);
        assert_eq!(mxn("8.85000"), Ok(Money::new(885, Currency::MXN)));
        assert!(mxn("8.855").is_err());
        let clp = money(with_point("1000.0").expect("a number"), Currency::CLP);
        assert_eq!(clp, Ok(Money::new(1000, Currency::CLP)));
        assert!(mxn("92233720368547758070").is_err());
    }

    #[test]
    fn days_are_civil() {
        let day = date(2025, 7, 23);
        for text in [
            "2025-07-23",
            "20250723",
            "2025-07-23T23:59:59-03:00",
            "20250723120000[-3:BRT]",
        ] {
            assert_eq!(iso_day(text), Some(day), "{text}");
        }
        for text in [
            "2025-02-30",
            "2025",
            "2025-7-23",
            "",
            "éééééééé",
            "2025-07-2x",
        ] {
            assert_eq!(iso_day(text), None, "{text}");
        }
    }
}
