//! Amounts as people write them: with either decimal mark, grouped, signed, with a currency.
//!
//! `1.234` can be two amounts. Such a value is never guessed: [`AmountShape::Ambiguous`] keeps
//! both readings until the column, the currency or the user says which mark is the decimal one.

use domain::Currency;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Digits of the longest amount read (`rust_decimal` holds 28).
const DIGITS_MAX: usize = 27;
/// Groups of digits of the longest amount read.
const GROUPS_MAX: usize = 10;

/// Which mark stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1,234.56`.
    Point,
    /// `1.234,56`.
    Comma,
}

impl DecimalMark {
    /// The word of the flag `--decimal`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Comma => "comma",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// A number with the currency written beside it, if one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// The number, in major units, signed.
    pub value: Decimal,
    /// The currency written in the same cell; a bare `$` names none.
    pub currency: Option<Currency>,
}

/// What a text says about an amount before the decimal mark is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountShape {
    /// Nothing, or a word for nothing.
    Empty,
    /// One amount, whatever the mark.
    Whole(Amount),
    /// One amount that shows which mark is the decimal one.
    Marked(Amount, DecimalMark),
    /// One mark, three digits behind it: thousands or decimals.
    Ambiguous {
        /// The amount if the mark written is the decimal one.
        decimal: Amount,
        /// The amount if it groups thousands.
        grouped: Amount,
        /// The mark written.
        mark: DecimalMark,
    },
    /// Not an amount.
    Unreadable,
}

/// Why a text gives no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not an amount.
    #[error("this is not an amount")]
    Unreadable,
    /// Thousands and decimals cannot be told apart.
    #[error("thousands and decimals cannot be told apart: say with --decimal point|comma")]
    Ambiguous,
    /// Uses the other mark than its column.
    #[error("this amount uses another decimal mark than its column ({})", .0.code())]
    Contrary(DecimalMark),
}

impl AmountShape {
    /// The decimal mark this value proves by itself.
    pub const fn proves(self) -> Option<DecimalMark> {
        match self {
            Self::Marked(_, mark) => Some(mark),
            _ => None,
        }
    }

    /// The amount, with the mark known or not; `Ok(None)` when nothing is written.
    ///
    /// # Errors
    /// [`AmountError`]: unreadable, ambiguous, or written with the other mark.
    pub fn resolve(self, mark: Option<DecimalMark>) -> Result<Option<Amount>, AmountError> {
        match (self, mark) {
            (Self::Empty, _) => Ok(None),
            (Self::Whole(amount), _) => Ok(Some(amount)),
            (Self::Marked(_, proved), Some(mark)) if proved != mark => {
                Err(AmountError::Contrary(mark))
            }
            (Self::Marked(amount, _), _) => Ok(Some(amount)),
            (
                Self::Ambiguous {
                    decimal,
                    grouped,
                    mark: written,
                },
                Some(mark),
            ) => Ok(Some(if written == mark { decimal } else { grouped })),
            (Self::Ambiguous { .. }, None) => Err(AmountError::Ambiguous),
            (Self::Unreadable, _) => Err(AmountError::Unreadable),
        }
    }
}

/// Reads an amount, with the decimal mark known or not.
///
/// # Errors
/// [`AmountError`], as [`AmountShape::resolve`].
///
/// ```
/// use formats::amount::{AmountError, DecimalMark, read};
/// let read = |text, mark| read(text, mark).map(|amount| amount.map(|a| a.value.to_string()));
/// assert_eq!(read("(1.234,56)", None), Ok(Some("-1234.56".to_owned())));
/// assert_eq!(read("1.234", None), Err(AmountError::Ambiguous));
/// assert_eq!(read("1.234", Some(DecimalMark::Comma)), Ok(Some("1234".to_owned())));
/// ```
pub fn read(text: &str, mark: Option<DecimalMark>) -> Result<Option<Amount>, AmountError> {
    shape(text).resolve(mark)
}

/// What a text says about an amount.
pub fn shape(text: &str) -> AmountShape {
    let text = text.trim();
    if is_nothing(text) {
        return AmountShape::Empty;
    }
    read_parts(text).unwrap_or(AmountShape::Unreadable)
}

/// A number as machines write it (`-1234.5`), from a typed cell: no mark to settle.
pub fn machine_number(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

/// Brings a number to a currency's digits.
///
/// Returns the number and whether noise below a millionth was rounded away, as binary arithmetic
/// leaves it in spreadsheets (`273.16000000000003`); `None` when real digits would be lost.
pub fn settle_digits(value: Decimal, digits: u32) -> Option<(Decimal, bool)> {
    if value.scale() <= digits {
        return Some((value, false));
    }
    let rounded = value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    let lost = (value - rounded).abs();
    (lost <= Decimal::new(1, 6)).then_some((rounded, !lost.is_zero()))
}

fn is_nothing(text: &str) -> bool {
    const WORDS: [&str; 9] = ["-", "--", "$ -", "$-", "n/a", "#n/a", "null", "none", "nan"];
    text.is_empty() || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn read_parts(text: &str) -> Option<AmountShape> {
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let first = text.bytes().position(|byte| is_digit(&byte))?;
    let last = text.bytes().rposition(|byte| is_digit(&byte))?;
    let (prefix, core, suffix) = (&text[..first], &text[first..=last], &text[last + 1..]);
    let (before, bare_fraction) = affix(prefix, true)?;
    let (after, _) = affix(suffix, false)?;
    let parenthesised = match (before.parenthesis, after.parenthesis) {
        (true, true) => true,
        (false, false) => false,
        _ => return None,
    };
    let currency = match (before.currency, after.currency) {
        (Some(a), Some(b)) if a != b => return None,
        (a, b) => a.or(b),
    };
    let negative = parenthesised || before.minus || after.minus;
    let groups = Groups::of(core)?;
    if let Some(mark) = bare_fraction {
        let amount = groups.amount(groups.first_len, negative, currency)?;
        return (groups.count == 0).then_some(AmountShape::Marked(amount, mark));
    }
    groups.shape(negative, currency)
}

/// What stands before or behind the digits.
#[derive(Default)]
struct Affix {
    parenthesis: bool,
    minus: bool,
    currency: Option<Currency>,
}

/// Reads an affix: sign, parenthesis, currency. The mark is that of a bare fraction (`.50`).
fn affix(text: &str, leading: bool) -> Option<(Affix, Option<DecimalMark>)> {
    let mut found = Affix::default();
    if text.is_empty() {
        return Some((found, None));
    }
    let mut symbol = String::new();
    for letter in text.chars() {
        match letter {
            '(' if leading => found.parenthesis = true,
            ')' if !leading => found.parenthesis = true,
            '-' | '−' | '–' => found.minus = true,
            '+' => {}
            letter if letter.is_whitespace() => {}
            letter => symbol.push(letter.to_ascii_uppercase()),
        }
    }
    if let Some(currency) = symbol_currency(&symbol) {
        found.currency = currency;
        return Some((found, None));
    }
    let (rest, mark) = match symbol.strip_suffix('.') {
        Some(rest) => (rest, DecimalMark::Point),
        None => (symbol.strip_suffix(',')?, DecimalMark::Comma),
    };
    found.currency = symbol_currency(rest)?;
    Some((found, leading.then_some(mark)))
}

/// The currency of a symbol or code; `Some(None)` for one that names no single currency.
fn symbol_currency(symbol: &str) -> Option<Option<Currency>> {
    const SYMBOLS: [(&str, &str); 22] = [
        ("US$", "USD"),
        ("U$S", "USD"),
        ("USD$", "USD"),
        ("MX$", "MXN"),
        ("MXN$", "MXN"),
        ("R$", "BRL"),
        ("S/", "PEN"),
        ("S/.", "PEN"),
        ("€", "EUR"),
        ("£", "GBP"),
        ("COL$", "COP"),
        ("CLP$", "CLP"),
        ("RD$", "DOP"),
        ("₡", "CRC"),
        ("Q", "GTQ"),
        ("GS", "PYG"),
        ("GS.", "PYG"),
        ("₲", "PYG"),
        ("BS", "BOB"),
        ("BS.", "BOB"),
        ("B/.", "PAB"),
        ("M.N.", "MXN"),
    ];
    if matches!(symbol, "" | "$" | "PESOS" | "CR" | "DR") {
        return Some(None);
    }
    if let Some((_, code)) = SYMBOLS.iter().find(|(known, _)| *known == symbol) {
        return Some(Currency::new(code).ok());
    }
    known_currency(symbol.trim_end_matches('$')).map(Some)
}

/// A currency code in use in this trade; other three letters are words, not money.
pub fn known_currency(code: &str) -> Option<Currency> {
    // In order, for the search below.
    const CODES: [&[u8; 3]; 29] = [
        b"ARS", b"AUD", b"BOB", b"BRL", b"CAD", b"CHF", b"CLF", b"CLP", b"CNY", b"COP", b"CRC",
        b"CUP", b"DOP", b"EUR", b"GBP", b"GTQ", b"HNL", b"JPY", b"MXN", b"NIO", b"PAB", b"PEN",
        b"PYG", b"SEK", b"USD", b"UYI", b"UYU", b"UYW", b"VES",
    ];
    let letters: [u8; 3] = code.as_bytes().try_into().ok()?;
    CODES
        .binary_search(&&letters.map(|letter| letter.to_ascii_uppercase()))
        .ok()?;
    Currency::new(code).ok()
}

/// The runs of digits of a number and the separators between them.
struct Groups {
    mantissa: i128,
    first_len: usize,
    first_is_zero: bool,
    /// Separator before each further run, and the run's length.
    seps: [(Sep, usize); GROUPS_MAX],
    count: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sep {
    /// Space or apostrophe: only ever groups thousands.
    Neutral,
    Mark(DecimalMark),
}

impl Groups {
    fn of(core: &str) -> Option<Self> {
        let mut groups = Self {
            mantissa: 0,
            first_len: 0,
            first_is_zero: core.starts_with('0'),
            seps: [(Sep::Neutral, 0); GROUPS_MAX],
            count: 0,
        };
        let mut digits = 0;
        for letter in core.chars() {
            if let Some(digit) = letter.to_digit(10) {
                digits += 1;
                if digits > DIGITS_MAX {
                    return None;
                }
                groups.mantissa = groups.mantissa * 10 + i128::from(digit);
                match groups.count {
                    0 => groups.first_len += 1,
                    count => groups.seps[count - 1].1 += 1,
                }
                continue;
            }
            let sep = match letter {
                '.' => Sep::Mark(DecimalMark::Point),
                ',' => Sep::Mark(DecimalMark::Comma),
                ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '’' => Sep::Neutral,
                _ => return None,
            };
            *groups.seps.get_mut(groups.count)? = (sep, 0);
            groups.count += 1;
        }
        Some(groups)
    }

    fn shape(&self, negative: bool, currency: Option<Currency>) -> Option<AmountShape> {
        let seps = &self.seps[..self.count];
        let amount = |scale| self.amount(scale, negative, currency);
        let Some(((last, decimals), grouping)) = seps.split_last() else {
            return Some(AmountShape::Whole(amount(0)?));
        };
        let Sep::Mark(mark) = *last else {
            let neutral = seps.iter().all(|(sep, _)| *sep == Sep::Neutral);
            return (neutral && self.grouped(seps)).then_some(AmountShape::Whole(amount(0)?));
        };
        if grouping.is_empty() {
            if *decimals != 3 || self.first_len > 3 || self.first_is_zero {
                return (*decimals > 0).then_some(AmountShape::Marked(amount(*decimals)?, mark));
            }
            let (decimal, grouped) = (amount(3)?, amount(0)?);
            return Some(AmountShape::Ambiguous {
                decimal,
                grouped,
                mark,
            });
        }
        let grouping_sep = grouping[0].0;
        if !self.grouped(grouping) || grouping.iter().any(|(sep, _)| *sep != grouping_sep) {
            return None;
        }
        if grouping_sep == *last {
            let whole = self.grouped(seps).then_some(amount(0)?)?;
            return Some(AmountShape::Marked(whole, mark.other()));
        }
        (*decimals > 0).then_some(AmountShape::Marked(amount(*decimals)?, mark))
    }

    /// Whether the runs are thousands: one to three digits, then threes.
    fn grouped(&self, seps: &[(Sep, usize)]) -> bool {
        (1..=3).contains(&self.first_len) && seps.iter().all(|(_, len)| *len == 3)
    }

    fn amount(&self, scale: usize, negative: bool, currency: Option<Currency>) -> Option<Amount> {
        let mantissa = if negative {
            -self.mantissa
        } else {
            self.mantissa
        };
        let scale = u32::try_from(scale).ok()?;
        let value = Decimal::try_from_i128_with_scale(mantissa, scale).ok()?;
        Some(Amount { value, currency })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(text: &str, mark: Option<DecimalMark>) -> String {
        match read(text, mark) {
            Ok(None) => "nothing".to_owned(),
            Ok(Some(Amount {
                value,
                currency: None,
            })) => value.to_string(),
            Ok(Some(Amount {
                value,
                currency: Some(code),
            })) => format!("{value} {code}"),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn reads_amounts_as_people_write_them() {
        let cases = [
            ("1.234.567,89", "1234567.89"),
            ("$ 1,234.56", "1234.56"),
            ("(1,234.56)", "-1234.56"),
            ("($1,234.56)", "-1234.56"),
            ("1 234,56", "1234.56"),
            ("1\u{a0}234\u{202f}567,5", "1234567.5"),
            ("1'234.50", "1234.50"),
            ("MXN 1,234.56", "1234.56 MXN"),
            ("1234.5-", "-1234.5"),
            ("US$ 1,234.56", "1234.56 USD"),
            ("R$ 1.234,56", "1234.56 BRL"),
            ("S/. 99.90", "99.90 PEN"),
            ("-$ 10.00", "-10.00"),
            ("−5,5", "-5.5"),
            ("1.234.567", "1234567"),
            ("0.123", "0.123"),
            ("1234.567", "1234.567"),
            ("1 234", "1234"),
            (".50", "0.50"),
            ("$ .5", "0.5"),
            ("1.500.000.-", "-1500000"),
            ("1500", "1500"),
            ("1,234.56 USD", "1234.56 USD"),
            ("", "nothing"),
            ("$ -", "nothing"),
            ("1.234", "Ambiguous"),
            ("-1,234", "Ambiguous"),
            ("derp", "Unreadable"),
            ("12..34", "Unreadable"),
            ("12 34", "Unreadable"),
            ("1,23,456", "Unreadable"),
            ("1.234,567.89", "Unreadable"),
            ("(12", "Unreadable"),
            ("15%", "Unreadable"),
            ("2024-05-01", "Unreadable"),
        ];
        for (text, value) in cases {
            assert_eq!(show(text, None), value, "{text}");
        }
    }

    #[test]
    fn knows_the_currencies_of_the_trade() {
        for code in ["ARS", "mxn", "VES", "UYI", "CLF"] {
            assert!(known_currency(code).is_some(), "{code}");
        }
        for word in ["doc", "", "pesos", "ñn"] {
            assert!(known_currency(word).is_none(), "{word}");
        }
    }

    #[test]
    fn the_mark_of_the_column_settles_what_is_ambiguous() {
        assert_eq!(show("-1.234", Some(DecimalMark::Comma)), "-1234");
        assert_eq!(show("1.234", Some(DecimalMark::Point)), "1.234");
        assert_eq!(show("1234.56", Some(DecimalMark::Comma)), "Contrary(Comma)");
    }

    #[test]
    fn rounds_noise_and_nothing_else() {
        let settle = |text: &str| settle_digits(text.parse().expect("a number"), 2);
        let two = |text: &str| text.parse::<Decimal>().expect("a number");
        assert_eq!(settle("273.16000000000003"), Some((two("273.16"), true)));
        assert_eq!(settle("1234.5600"), Some((two("1234.56"), false)));
        assert_eq!(settle("1234.567"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,40}", mark in 0..3) {
            let mark = [None, Some(DecimalMark::Point), Some(DecimalMark::Comma)]
                [usize::try_from(mark).expect("small")];
            let _ = read(&text, mark);
        }

        #[test]
        fn reads_back_every_style(minor in 0i64..1_000_000_000_000, negative: bool, style in 0..6) {
            let cents = format!("{:02}", minor % 100);
            let whole = (minor / 100).to_string();
            let group = |sep: &str| {
                let digits: Vec<char> = whole.chars().collect();
                digits.rchunks(3).rev().map(|chunk| chunk.iter().collect::<String>())
                    .collect::<Vec<_>>().join(sep)
            };
            let (body, mark) = match style {
                0 => (format!("{}.{cents}", group(",")), DecimalMark::Point),
                1 => (format!("{},{cents}", group(".")), DecimalMark::Comma),
                2 => (format!("{},{cents}", group(" ")), DecimalMark::Comma),
                3 => (format!("{}.{cents}", group("'")), DecimalMark::Point),
                4 => (format!("$ {whole}.{cents}"), DecimalMark::Point),
                _ => (format!("R$ {whole},{cents}"), DecimalMark::Comma),
            };
            let text = match (negative, style % 3) {
                (false, _) => body,
                (true, 0) => format!("({body})"),
                (true, 1) => format!("-{body}"),
                (true, _) => format!("{body}-"),
            };
            let value = Decimal::new(if negative { -minor } else { minor }, 2);
            for known in [None, Some(mark)] {
                let amount = read(&text, known).expect("readable").expect("something");
                prop_assert_eq!(amount.value, value, "{}", text);
            }
        }
    }
}
