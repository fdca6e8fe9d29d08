//! Fees: fixed on the day they begin to be owed, within what the law allows of all of them
//! together.

use rust_decimal::Decimal;

use super::{
    Balance, Charges, Fee, FeeAmount, LeftOut, Line, LineKind, Rates, Reckoning, Series, plus,
    rounded,
};
use crate::document::Document;
use crate::law::{Bracket, Fees, Progressive};
use crate::money::{Currency, Money};

/// The unit of account of indexed Chilean debts, four digits of it minor.
const UF_CURRENCY: &str = "CLF";

impl Reckoning<'_> {
    pub(super) fn fees(&self, document: &Document, balance: &Balance, charges: &mut Charges) {
        let mut charged: i64 = 0;
        for fee in &self.terms.fees {
            if !self.holds(&fee.only_under) {
                continue;
            }
            match self.fee(fee, document, balance, charged) {
                Ok(Some(line)) => {
                    charged = charged.saturating_add(line.amount.minor);
                    charges.lines.push(line);
                }
                Ok(None) => {}
                Err(reason) => charges.left_out.push(LeftOut {
                    number: document.number.clone(),
                    name: fee.name.clone(),
                    reason,
                }),
            }
        }
    }

    /// The fee of a document, `None` while none is owed. `charged` is what earlier fees took of the
    /// law's caps.
    fn fee(
        &self,
        fee: &Fee,
        document: &Document,
        balance: &Balance,
        charged: i64,
    ) -> Result<Option<Line>, String> {
        let law_waits = self.caps.iter().filter_map(|cap| cap.progressive.as_ref());
        let waits = law_waits.map(|it| it.after_days).max().unwrap_or(0);
        let before = plus(document.due, fee.after_days.max(waits));
        let owed_on = plus(before, 1);
        let base = balance.open(owed_on);
        if owed_on > self.as_of || base.minor <= 0 {
            return Ok(None);
        }
        let Some((amount, formula)) = self.asked(fee, base, owed_on)? else {
            return Ok(None);
        };
        let mut line = Line {
            document: document.id,
            number: document.number.clone(),
            kind: LineKind::Fee,
            name: fee.name.clone(),
            from: before,
            to: owed_on,
            base,
            amount,
            formula,
            source: fee.source.clone(),
            cut_by: None,
        };
        for cap in &self.caps {
            if let Some(most) = self.most(cap, base, owed_on)? {
                let left = most.minor.saturating_sub(charged).max(0);
                if line.amount.minor > left {
                    line.amount.minor = left;
                    line.cut_by = Some(format!("{}: {most} a lo más", cap.rule.article));
                }
            }
        }
        Ok((line.amount.minor > 0).then_some(line))
    }

    /// What the policy asks for; `None` where it says nothing of the currency.
    fn asked(
        &self,
        fee: &Fee,
        base: Money,
        on: jiff::civil::Date,
    ) -> Result<Option<(Money, String)>, String> {
        match &fee.amount {
            FeeAmount::Fixed(amounts) => {
                let own = amounts.iter().find(|it| it.currency == base.currency);
                Ok(own.map(|amount| (*amount, amount.to_string())))
            }
            FeeAmount::Percent(percent) => {
                let amount = share(base, *percent)?;
                Ok(Some((
                    amount,
                    format!("{base} × {} %", percent.normalize()),
                )))
            }
            FeeAmount::Tiered { unit, brackets } => {
                let value = unit_value(self.rates, unit.as_deref(), base.currency, on)?;
                let amount = tiered(base, value, brackets)?;
                let scale = scale_words(unit.as_deref(), brackets);
                let worth = unit.as_ref().filter(|_| value != Decimal::ONE);
                let worth = worth.map(|unit| format!("; {unit} = {}", value.normalize()));
                let worth = worth.unwrap_or_default();
                Ok(Some((amount, format!("{base}: {scale}{worth}"))))
            }
        }
    }

    /// The most a regime allows of all fees on a base; `None` where it caps nothing.
    fn most(
        &self,
        cap: &Fees,
        base: Money,
        on: jiff::civil::Date,
    ) -> Result<Option<Money>, String> {
        let scale = match &cap.progressive {
            Some(Progressive { unit, brackets, .. }) => {
                let value = unit_value(self.rates, Some(unit), base.currency, on)?;
                Some(tiered(base, value, brackets)?)
            }
            None => None,
        };
        let fine = match cap.fine_percent_max {
            Some(percent) => Some(share(base, percent)?),
            None => None,
        };
        Ok([scale, fine]
            .into_iter()
            .flatten()
            .min_by_key(|it| it.minor))
    }
}

/// What one unit of a scale is worth in a currency.
fn unit_value(
    rates: &Rates,
    unit: Option<&str>,
    currency: Currency,
    on: jiff::civil::Date,
) -> Result<Decimal, String> {
    let Some(unit) = unit else {
        return Ok(Decimal::ONE);
    };
    if unit == "UF" && currency.code() == UF_CURRENCY {
        return Ok(Decimal::ONE);
    }
    match Series::of(unit).and_then(|series| series.currency) {
        Some(own) if own != currency.code() => Err(format!(
            "la escala está en {unit}, que se mide en {own}, y el documento en {currency}"
        )),
        _ => {
            let quote = rates.in_force(unit, on).map_err(|it| it.to_string())?;
            if quote.value > Decimal::ZERO {
                Ok(quote.value)
            } else {
                Err(format!("la tasa {unit} del {on} no es mayor que cero"))
            }
        }
    }
}

fn share(base: Money, percent: Decimal) -> Result<Money, String> {
    let share = base.decimal().checked_mul(percent);
    let share = share.and_then(|it| it.checked_div(Decimal::ONE_HUNDRED));
    share
        .and_then(|share| rounded(share, base.currency))
        .ok_or_else(too_large)
}

/// Each part of the base by its own bracket's rate, summed, then rounded.
fn tiered(base: Money, unit_value: Decimal, brackets: &[Bracket]) -> Result<Money, String> {
    let base_units = base
        .decimal()
        .checked_div(unit_value)
        .ok_or_else(too_large)?;
    let mut from = Decimal::ZERO;
    let mut fee = Decimal::ZERO;
    for bracket in brackets {
        let to = bracket.up_to.unwrap_or(base_units).min(base_units);
        if to > from {
            fee += (to - from) * bracket.percent / Decimal::ONE_HUNDRED;
            from = to;
        }
    }
    fee.checked_mul(unit_value)
        .and_then(|fee| rounded(fee, base.currency))
        .ok_or_else(too_large)
}

/// `9 % hasta 10 UF, 6 % hasta 50 UF, 3 % del resto`.
fn scale_words(unit: Option<&str>, brackets: &[Bracket]) -> String {
    let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
    let words = brackets.iter().map(|bracket| {
        let percent = bracket.percent.normalize();
        match bracket.up_to {
            Some(up_to) => format!("{percent} % hasta {}{unit}", up_to.normalize()),
            None => format!("{percent} % del resto"),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

fn too_large() -> String {
    "el importe es demasiado grande para calcularlo".to_owned()
}
