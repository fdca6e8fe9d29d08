//! Money: integer minor units with their currency, checked arithmetic, exact splitting.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

/// An ISO 4217 currency code, with the number of its minor digits known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Codes whose minor unit is not the hundredth (ISO 4217, list one).
const MINOR_DIGITS: &[(&str, u32)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

impl Currency {
    /// Argentine peso.
    pub const ARS: Self = Self(*b"ARS");
    /// Brazilian real.
    pub const BRL: Self = Self(*b"BRL");
    /// Mexican peso.
    pub const MXN: Self = Self(*b"MXN");
    /// Chilean peso.
    pub const CLP: Self = Self(*b"CLP");
    /// Colombian peso.
    pub const COP: Self = Self(*b"COP");
    /// Peruvian sol.
    pub const PEN: Self = Self(*b"PEN");
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");

    /// Reads a three-letter code in either case.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`] when the text is not three ASCII letters.
    pub fn new(code: &str) -> Result<Self, MoneyError> {
        match code.as_bytes() {
            [a, b, c] if code.bytes().all(|byte| byte.is_ascii_alphabetic()) => Ok(Self([
                a.to_ascii_uppercase(),
                b.to_ascii_uppercase(),
                c.to_ascii_uppercase(),
            ])),
            _ => Err(MoneyError::UnknownCurrency(code.to_owned())),
        }
    }

    /// The three-letter code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Number of digits behind the decimal mark: 0 for CLP, 2 for MXN, 4 for CLF.
    pub fn minor_digits(self) -> u32 {
        MINOR_DIGITS
            .iter()
            .find(|(code, _)| code.as_bytes() == self.0)
            .map_or(2, |(_, digits)| *digits)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

/// An amount in the minor units of its currency. It may be negative (a net balance can be).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units: centavos for MXN, whole pesos for CLP.
    pub minor: i64,
    /// The currency the minor units belong to.
    pub currency: Currency,
}

/// What went wrong with an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not an ISO 4217 code.
    #[error("`{0}` is not a currency code: write three letters, such as MXN")]
    UnknownCurrency(String),
    /// Two currencies met where one is needed.
    #[error("{0} and {1} cannot be added: totals are kept per currency")]
    CurrencyMismatch(Currency, Currency),
    /// The sum does not fit.
    #[error("the amount is too large to be counted in {0}")]
    Overflow(Currency),
    /// More decimals than the currency has.
    #[error("{value} has more decimals than {currency} allows ({digits})")]
    TooPrecise {
        /// The amount as read.
        value: Decimal,
        /// The currency.
        currency: Currency,
        /// Its minor digits.
        digits: u32,
    },
    /// Nothing to share by.
    #[error("an amount cannot be split by weights that are all zero or negative")]
    NoWeights,
}

impl Money {
    /// An amount from minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The exact amount of a decimal number.
    ///
    /// # Errors
    /// [`MoneyError::TooPrecise`] when digits would be lost, [`MoneyError::Overflow`] when the
    /// amount does not fit.
    pub fn from_decimal(value: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let digits = currency.minor_digits();
        let normal = value.normalize();
        if normal.scale() > digits {
            return Err(MoneyError::TooPrecise {
                value: normal,
                currency,
                digits,
            });
        }
        let mut scaled = normal;
        scaled.rescale(digits);
        i64::try_from(scaled.mantissa())
            .map(|minor| Self { minor, currency })
            .map_err(|_| MoneyError::Overflow(currency))
    }

    /// The amount as a decimal number in major units, with the currency's own digits.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.minor_digits())
    }

    /// Sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] and [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor
            .checked_add(other.minor)
            .map(|minor| Self { minor, ..self })
            .ok_or(MoneyError::Overflow(self.currency))
    }

    /// Difference of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] and [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor
            .checked_sub(other.minor)
            .map(|minor| Self { minor, ..self })
            .ok_or(MoneyError::Overflow(self.currency))
    }

    /// Splits the amount by weights so that the parts sum to it exactly: each part gets its floor,
    /// and the minor units left over go to the largest remainders, earlier parts first.
    ///
    /// # Errors
    /// [`MoneyError::NoWeights`] when no weight is positive.
    ///
    /// ```
    /// use domain::{Currency, Money};
    /// let parts = Money::new(100, Currency::MXN).allocate(&[1, 1, 1]).unwrap();
    /// assert_eq!(parts.iter().map(|part| part.minor).collect::<Vec<_>>(), [34, 33, 33]);
    /// ```
    pub fn allocate(self, weights: &[u32]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().copied().map(i128::from).sum();
        if total == 0 {
            return Err(MoneyError::NoWeights);
        }
        let amount = i128::from(self.minor);
        let mut parts = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        let mut given: i128 = 0;
        for (index, weight) in weights.iter().enumerate() {
            let share = amount * i128::from(*weight);
            let floor = share.div_euclid(total);
            given += floor;
            parts.push(floor);
            remainders.push((share.rem_euclid(total), index));
        }
        remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut left = amount - given;
        for (_, index) in remainders {
            if left == 0 {
                break;
            }
            parts[index] += 1;
            left -= 1;
        }
        parts
            .into_iter()
            .map(|minor| {
                i64::try_from(minor)
                    .map(|minor| Self { minor, ..self })
                    .map_err(|_| MoneyError::Overflow(self.currency))
            })
            .collect()
    }

    /// Whether the amount is above zero.
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch(self.currency, other.currency))
        }
    }
}

/// `1234.56 MXN`: exact and without grouping, for machines and messages to staff.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_exact_amounts_only() {
        let cases: [(&str, Currency, Option<i64>); 6] = [
            ("1234.56", Currency::MXN, Some(123_456)),
            ("1234.5600", Currency::MXN, Some(123_456)),
            ("1234.567", Currency::MXN, None),
            ("1234", Currency::CLP, Some(1234)),
            ("1234.5", Currency::CLP, None),
            ("-0.01", Currency::USD, Some(-1)),
        ];
        for (text, currency, minor) in cases {
            let value: Decimal = text.parse().expect("a decimal");
            let read = Money::from_decimal(value, currency)
                .ok()
                .map(|money| money.minor);
            assert_eq!(read, minor, "{text} {currency}");
        }
    }

    proptest! {
        #[test]
        fn allocation_loses_no_cent(minor in -1_000_000_000i64..1_000_000_000,
                                    weights in prop::collection::vec(0u32..1000, 1..20)) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let parts = Money::new(minor, Currency::MXN).allocate(&weights).expect("weights");
            prop_assert_eq!(parts.iter().map(|part| part.minor).sum::<i64>(), minor);
        }

        #[test]
        fn decimal_and_back(minor in any::<i64>()) {
            for currency in [Currency::MXN, Currency::CLP, Currency(*b"CLF")] {
                let money = Money::new(minor, currency);
                prop_assert_eq!(Money::from_decimal(money.decimal(), currency), Ok(money));
            }
        }
    }
}
