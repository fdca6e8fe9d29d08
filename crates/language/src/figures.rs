//! Amounts, days and counts as each country writes them. Exact: integers in, text out.

pub use domain::calendar::in_words as date;
use domain::{Currency, Money};
use jiff::civil::Date;

/// How the figures of a language are written: its marks, and its own currency's sign.
///
/// Marks and signs follow the Unicode CLDR figures of each locale; an amount that is not in the
/// locale's own currency bears its three-letter code in front, so that `$` is never a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    group: char,
    decimal: char,
    own: Option<(Currency, &'static str, &'static str)>,
}

/// Language, group mark, decimal mark, own currency, sign in front, code behind.
const STYLES: &[(&str, char, char, &str, &str, &str)] = &[
    ("es-MX", ',', '.', "MXN", "$", " MXN"),
    ("es-CL", '.', ',', "CLP", "$", ""),
    ("es-CO", '.', ',', "COP", "$", ""),
    ("es-PE", ',', '.', "PEN", "S/ ", ""),
    ("es-AR", '.', ',', "ARS", "$ ", ""),
    ("es-UY", '.', ',', "UYU", "$ ", ""),
    ("es-PY", '.', ',', "PYG", "Gs. ", ""),
    ("es-BO", '.', ',', "BOB", "Bs ", ""),
    ("es-EC", '.', ',', "USD", "$", ""),
    ("es-GT", ',', '.', "GTQ", "Q", ""),
    ("es-DO", ',', '.', "DOP", "RD$", ""),
    ("pt-BR", '.', ',', "BRL", "R$ ", ""),
];

impl Style {
    /// The style of a language tag such as `es-CL`; an unknown one writes `1,234.56` with the
    /// currency's code in front.
    pub fn of(language: &str) -> Self {
        STYLES
            .iter()
            .find(|(tag, ..)| tag.eq_ignore_ascii_case(language))
            .map_or(
                Self {
                    group: ',',
                    decimal: '.',
                    own: None,
                },
                |&(_, group, decimal, code, sign, behind)| Self {
                    group,
                    decimal,
                    own: Currency::new(code)
                        .ok()
                        .map(|currency| (currency, sign, behind)),
                },
            )
    }

    /// An amount with all the digits of its currency.
    ///
    /// ```
    /// use domain::{Currency, Money};
    /// use language::figures::Style;
    /// let amount = Money::new(123_456, Currency::MXN);
    /// assert_eq!(Style::of("es-MX").money(amount), "$1,234.56 MXN");
    /// assert_eq!(Style::of("es-CL").money(amount), "MXN 1.234,56");
    /// ```
    pub fn money(&self, amount: Money) -> String {
        let number = self.number(amount.minor.unsigned_abs(), amount.currency.minor_digits());
        let minus = if amount.minor < 0 { "-" } else { "" };
        match self.own {
            Some((own, sign, behind)) if own == amount.currency => {
                format!("{minus}{sign}{number}{behind}")
            }
            // Chileans know the unit by its name, not by its code.
            _ if amount.currency.code() == "CLF" => format!("{minus}UF {number}"),
            _ => format!("{minus}{} {number}", amount.currency),
        }
    }

    /// An amount in few letters and without its currency, for a chart: `950`, `12 k`, `1.2 M`.
    ///
    /// ```
    /// use domain::{Currency, Money};
    /// use language::figures::Style;
    /// let amount = Money::new(123_456_700, Currency::MXN);
    /// assert_eq!(Style::of("es-MX").short(amount), "1.2 M");
    /// assert_eq!(Style::of("es-CL").short(Money::new(45_500, Currency::CLP)), "46 k");
    /// ```
    pub fn short(&self, amount: Money) -> String {
        let unit = 10_u64.saturating_pow(amount.currency.minor_digits());
        let minor = amount.minor.unsigned_abs();
        let minus = if amount.minor < 0 { "-" } else { "" };
        let whole = rounded(minor, unit);
        if whole < 1_000 {
            return format!("{minus}{whole}");
        }
        let (name, size) = if whole < 1_000_000 {
            ("k", unit.saturating_mul(1_000))
        } else {
            ("M", unit.saturating_mul(1_000_000))
        };
        let tenths = rounded(minor, size / 10);
        let number = if tenths < 100 && !tenths.is_multiple_of(10) {
            self.number(tenths, 1)
        } else {
            self.number(rounded(minor, size), 0)
        };
        format!("{minus}{number} {name}")
    }

    /// Hundredths as a number with one decimal: `45.3`.
    pub fn tenths(&self, hundredths: i64) -> String {
        let minus = if hundredths < 0 { "-" } else { "" };
        let number = self.number(rounded(hundredths.unsigned_abs(), 10), 1);
        format!("{minus}{number}")
    }

    /// An amount without its currency, for a table that names it elsewhere: `1,234.56`.
    pub fn plain(&self, amount: Money) -> String {
        let number = self.number(amount.minor.unsigned_abs(), amount.currency.minor_digits());
        let minus = if amount.minor < 0 { "-" } else { "" };
        format!("{minus}{number}")
    }

    /// A whole number with its group marks: `1,234`.
    pub fn count(&self, count: u64) -> String {
        self.number(count, 0)
    }

    fn number(&self, value: u64, decimals: u32) -> String {
        let decimals = usize::try_from(decimals).unwrap_or(0);
        let digits = format!("{value:0>width$}", width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let mut text = String::with_capacity(digits.len() * 2);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push(self.group);
            }
            text.push(digit);
        }
        if decimals > 0 {
            text.push(self.decimal);
            text.push_str(fraction);
        }
        text
    }
}

/// A quotient to the nearest whole, halves up.
const fn rounded(value: u64, by: u64) -> u64 {
    (value + by / 2) / by
}

/// A day in figures, for tables: `25/10/2026`, day first as in all of Latin America.
pub fn date_short(day: Date) -> String {
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as civil;
    use proptest::prelude::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::new(code).expect("a code"))
    }

    #[test]
    fn short_amounts_have_one_decimal_where_it_tells_something() {
        for (minor, code, expected) in [
            (0, "MXN", "0"),
            (99_949, "MXN", "999"),
            (100_000, "MXN", "1 k"),
            (123_400, "MXN", "1.2 k"),
            (1_234_500, "MXN", "12 k"),
            (99_999_900, "MXN", "1,000 k"),
            (150_000_000, "MXN", "1.5 M"),
            (-250_000_000_000, "MXN", "-2,500 M"),
            (1_500, "CLP", "1.5 k"),
        ] {
            assert_eq!(
                Style::of("es-MX").short(money(minor, code)),
                expected,
                "{minor} {code}"
            );
        }
        assert_eq!(Style::of("es-CL").tenths(4_526), "45,3");
        assert_eq!(Style::of("es-MX").tenths(-5), "-0.1");
    }

    #[test]
    fn amounts_as_each_country_writes_them() {
        for (language, minor, code, expected) in [
            ("es-MX", 123_456, "MXN", "$1,234.56 MXN"),
            ("es-MX", 5, "MXN", "$0.05 MXN"),
            ("es-MX", 0, "MXN", "$0.00 MXN"),
            ("es-MX", -100_000_000, "MXN", "-$1,000,000.00 MXN"),
            ("es-MX", 99_999, "MXN", "$999.99 MXN"),
            ("es-MX", 100_000, "USD", "USD 1,000.00"),
            ("es-CL", 1_234_567, "CLP", "$1.234.567"),
            ("es-CL", 7, "CLP", "$7"),
            ("es-CL", 36_000, "CLF", "UF 3,6000"),
            ("es-CL", 123_456, "USD", "USD 1.234,56"),
            ("es-CO", 123_456_789, "COP", "$1.234.567,89"),
            ("es-PE", 123_456, "PEN", "S/ 1,234.56"),
            ("ES-pe", 123_456, "EUR", "EUR 1,234.56"),
            ("en-US", 123_456, "USD", "USD 1,234.56"),
            ("de-DE", i64::MIN, "JPY", "-JPY 9,223,372,036,854,775,808"),
        ] {
            assert_eq!(
                Style::of(language).money(money(minor, code)),
                expected,
                "{language}"
            );
        }
    }

    #[test]
    fn days_in_words_and_figures() {
        assert_eq!(date(civil(2026, 10, 25)), "25 de octubre de 2026");
        assert_eq!(date(civil(2027, 1, 1)), "1 de enero de 2027");
        assert_eq!(date(civil(2026, 12, 31)), "31 de diciembre de 2026");
        assert_eq!(date_short(civil(2027, 2, 3)), "03/02/2027");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(Style::of("es-MX").count(1_234_567), "1,234,567");
        assert_eq!(Style::of("es-CL").count(999), "999");
    }

    proptest! {
        #[test]
        fn no_digit_is_lost(minor in any::<i64>(), code in "(MXN|CLP|CLF|KWD|USD)") {
            for (language, ..) in STYLES {
                let text = Style::of(language).money(money(minor, &code));
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                let digits: u64 = digits.parse().expect("digits");
                prop_assert_eq!(digits, minor.unsigned_abs());
                prop_assert_eq!(text.starts_with('-'), minor < 0);
            }
        }
    }
}
