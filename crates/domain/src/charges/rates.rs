//! Values published by others (an index, a reference rate, an exchange), as of a day. A value that
//! is not known is a reason, never a guess.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

/// The values that are known, by series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    series: BTreeMap<String, Vec<(Date, Decimal)>>,
}

/// A value that was looked for and is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("falta la tasa {series} del {on}: impórtela con `puntual rates import`")]
pub struct MissingRate {
    /// The series.
    pub series: String,
    /// The day it is needed for.
    pub on: Date,
}

/// A value with the day it was published for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The day.
    pub on: Date,
    /// The value: units of currency, or per cent a year.
    pub value: Decimal,
}

/// A series the program knows by name. Others may be imported; they hold until they change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    /// Its word in policies, packs and files.
    pub code: &'static str,
    /// What it is, in Spanish.
    pub name: &'static str,
    /// For how many days after its own a value may stand in; `None` until the next one.
    pub holds_days: Option<i64>,
    /// The currency one unit of it is worth so much of, where it is such a unit.
    pub currency: Option<&'static str>,
}

/// The series known by name, in the order they are listed.
pub const SERIES: &[Series] = &[
    unit("UF", "Unidad de Fomento, en pesos chilenos", "CLP"),
    unit("UTM", "Unidad Tributaria Mensual, en pesos chilenos", "CLP"),
    unit("UDI", "Unidad de Inversión, en pesos mexicanos", "MXN"),
    unit(
        "UVT",
        "Unidad de Valor Tributario, en pesos colombianos",
        "COP",
    ),
    percent(
        "BCE",
        "Tipo principal de financiación del BCE, % anual",
        None,
    ),
    percent(
        "TMC",
        "Tasa máxima convencional (CMF, Chile), % anual",
        Some(45),
    ),
    percent("TIC", "Interés corriente (CMF, Chile), % anual", Some(45)),
    percent(
        "TIIE",
        "TIIE a 28 días (Banco de México), % anual",
        Some(10),
    ),
    percent("SELIC", "Selic (Banco Central do Brasil), % anual", None),
    percent(
        "USURA",
        "Tasa de usura (Superfinanciera, Colombia), % anual",
        Some(95),
    ),
    percent(
        "TIM",
        "Tasa de interés moratorio máxima (BCRP, Perú), % anual",
        Some(190),
    ),
];

const fn unit(code: &'static str, name: &'static str, currency: &'static str) -> Series {
    Series {
        code,
        name,
        holds_days: match code.as_bytes() {
            // Published for every day; the others for a month or a year.
            b"UF" | b"UDI" => Some(0),
            b"UTM" => Some(31),
            _ => Some(366),
        },
        currency: Some(currency),
    }
}

const fn percent(code: &'static str, name: &'static str, holds_days: Option<i64>) -> Series {
    Series {
        code,
        name,
        holds_days,
        currency: None,
    }
}

impl Series {
    /// The series of that word, if it is known by name.
    pub fn of(code: &str) -> Option<&'static Self> {
        SERIES.iter().find(|series| series.code == code)
    }

    /// Whether a text can name a series: 1 to 24 capitals, digits and hyphens.
    pub fn is_word(code: &str) -> bool {
        let plain = |it: u8| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'-';
        (1..=24).contains(&code.len()) && code.bytes().all(plain)
    }
}

impl Rates {
    /// The values given, in any order; of two of one series and day the later one given counts.
    pub fn new(values: impl IntoIterator<Item = (String, Date, Decimal)>) -> Self {
        let mut series: BTreeMap<String, BTreeMap<Date, Decimal>> = BTreeMap::new();
        for (code, on, value) in values {
            series.entry(code).or_default().insert(on, value);
        }
        Self {
            series: series
                .into_iter()
                .map(|(code, values)| (code, values.into_iter().collect()))
                .collect(),
        }
    }

    /// The value in force on a day: the last one published for that day or before, as long as
    /// the series lets a value stand in.
    ///
    /// # Errors
    /// [`MissingRate`] when there is none.
    pub fn in_force(&self, series: &str, on: Date) -> Result<Quote, MissingRate> {
        let missing = || MissingRate {
            series: series.to_owned(),
            on,
        };
        let values = self.series.get(series).ok_or_else(missing)?;
        let upto = values.partition_point(|(day, _)| *day <= on);
        let (day, value) = upto
            .checked_sub(1)
            .and_then(|last| values.get(last))
            .ok_or_else(missing)?;
        let age = i64::from((on - *day).get_days());
        match Series::of(series).and_then(|known| known.holds_days) {
            Some(holds) if age > holds => Err(missing()),
            _ => Ok(Quote {
                on: *day,
                value: *value,
            }),
        }
    }

    /// The days after `from` and up to `to` for which the series has a value of its own.
    pub fn changes(&self, series: &str, from: Date, to: Date) -> impl Iterator<Item = Date> {
        let values = self.series.get(series).map_or(&[][..], Vec::as_slice);
        values
            .iter()
            .map(|(day, _)| *day)
            .filter(move |day| *day > from && *day <= to)
    }
}
