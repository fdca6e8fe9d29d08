//! What a law lets a creditor charge for being late: the packs' `fees` tables, typed as far as a
//! figure can be held against them.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use toml::{Table, Value};

use super::regime::Rule;
use super::rules::Applicable;
use crate::money::{Currency, Money};

/// The caps of one regime. What is `None` it does not cap.
#[derive(Debug)]
pub struct Fees {
    /// The rule, as a line names it.
    pub rule: Arc<Rule>,
    /// The most of all collection fees on one document.
    pub progressive: Option<Progressive>,
    /// The most of all fines and fees on one document, per cent of what is open of it.
    pub fine_percent_max: Option<Decimal>,
    /// The series whose value is the most interest may be, per cent a year.
    pub interest_cap_series: Option<String>,
    /// What the law grants for each document paid late, whatever was agreed.
    pub compensation: Option<Money>,
}

/// A scale on the amount that is late: each part of it bears the rate of its bracket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progressive {
    /// The series of the unit the brackets are written in (`UF`).
    pub unit: String,
    /// Nothing may be charged until so many days have passed since the due date.
    pub after_days: u16,
    /// The brackets, rising; the last is open.
    pub brackets: Vec<Bracket>,
}

/// One bracket of a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bracket {
    /// Its upper end, in units; `None` is the rest.
    pub up_to: Option<Decimal>,
    /// Per cent of the part within it.
    pub percent: Decimal,
}

/// Keys for people to read.
const INFORMING: [&str; 15] = [
    "article",
    "v",
    "interest_cap",
    "interest",
    "max_payment_days",
    "fixed_recovery_pct",
    "default_interest",
    "b2b_interest_cap",
    "overcharge",
    "rule",
    "automatic_default",
    "default_term_days",
    "max_agreed_term_days",
    "abusive_if_pct_below_legal",
    "excluded",
];

const CAPS: [&str; 6] = [
    "unit",
    "charge_after_days_late",
    "brackets",
    "consumer_late_fine_pct",
    "interest_cap_series",
    "fixed_compensation_eur",
];

impl Fees {
    /// Reads a `fees` table.
    ///
    /// # Errors
    /// A sentence about the key that is not understood.
    pub(super) fn read(table: &Table, rule: Arc<Rule>) -> Result<Self, String> {
        for key in table.keys().map(String::as_str) {
            if !INFORMING.contains(&key) && !CAPS.contains(&key) {
                return Err(format!("`{key}` is not known in fees"));
            }
        }
        let fine = table.get("consumer_late_fine_pct");
        let series = table.get("interest_cap_series").map(text);
        Ok(Self {
            rule,
            progressive: progressive(table)?,
            fine_percent_max: fine.map(decimal).transpose()?,
            interest_cap_series: series.transpose()?,
            compensation: match table.get("fixed_compensation_eur") {
                Some(value) => Some(euros(value)?),
                None => None,
            },
        })
    }
}

fn progressive(table: &Table) -> Result<Option<Progressive>, String> {
    let Some(written) = table.get("brackets") else {
        return Ok(None);
    };
    let unit = table.get("unit").ok_or("brackets need their `unit`")?;
    let after = table.get("charge_after_days_late");
    let after = after.and_then(Value::as_integer).unwrap_or(0);
    let list = written.as_array().ok_or("`brackets` is a list")?;
    let mut brackets = Vec::with_capacity(list.len());
    for (index, bracket) in list.iter().enumerate() {
        let is_last = index + 1 == list.len();
        let up_to = bracket.get("up_to").map(decimal).transpose()?;
        if up_to.is_none() != is_last {
            return Err("every bracket but the last has its `up_to`".to_owned());
        }
        let percent = bracket.get("pct").ok_or("a bracket has its `pct`")?;
        brackets.push(Bracket {
            up_to,
            percent: decimal(percent)?,
        });
    }
    if !brackets
        .iter()
        .map(|it| it.up_to)
        .is_sorted_by(|a, b| b.is_none() || a < b)
    {
        return Err("`brackets` rise".to_owned());
    }
    Ok(Some(Progressive {
        unit: text(unit)?,
        after_days: u16::try_from(after).map_err(|_| "`charge_after_days_late` is a few days")?,
        brackets,
    }))
}

fn text(value: &Value) -> Result<String, String> {
    let text = value.as_str().filter(|text| !text.trim().is_empty());
    text.map(str::to_owned)
        .ok_or_else(|| "a series is named by a text".to_owned())
}

/// A number as it is written, so that `9.0` is nine and never nearly nine.
fn decimal(value: &Value) -> Result<Decimal, String> {
    let written = match value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    let number: Option<Decimal> = written.parse().ok();
    number
        .filter(|number| *number >= Decimal::ZERO)
        .ok_or_else(|| format!("`{value}` is no number of a fee"))
}

fn euros(value: &Value) -> Result<Money, String> {
    Money::from_decimal(decimal(value)?, Currency::EUR).map_err(|error| error.to_string())
}

impl<'a> Applicable<'a> {
    /// What the regimes that hold on a day say of charges.
    pub fn fees(&self, on: Date) -> Vec<&'a Fees> {
        let holding = self.regimes.iter().filter(|it| it.holds_on(on));
        holding.filter_map(|regime| regime.fees.as_ref()).collect()
    }

    /// The ids of the regimes that hold on a day.
    pub fn regime_ids(&self, on: Date) -> Vec<&'a str> {
        let holding = self.regimes.iter().filter(|it| it.holds_on(on));
        holding.map(|regime| &*regime.id).collect()
    }
}
