//! What being late costs, in sentences.

use super::words::{amounts_or, days, or};
use crate::charges::{Compounding, DayCount, Fee, FeeAmount, Interest, LateCharges, Rate, Reset};
use crate::law::Bracket;

/// For those who work with it: every charge, its source, and what is done with it.
pub(super) fn all(charges: &LateCharges) -> Vec<String> {
    let mut all: Vec<String> = charges.interest.iter().map(interest).collect();
    all.extend(charges.fees.iter().map(fee));
    all.push(
        "La ley manda: lo que pasa de sus topes se recorta, y lo que necesita una tasa que no se \
         conoce no se cobra."
            .to_owned(),
    );
    all.push(if charges.ask {
        "Los mensajes los piden, aparte del saldo de los documentos.".to_owned()
    } else {
        "Los mensajes no los piden: solo se ven en la página del cliente y en su estado de cuenta."
            .to_owned()
    });
    all.push("Nunca se agregan a una factura.".to_owned());
    all
}

/// For those who may have to pay them.
pub(super) fn for_customers(charges: &LateCharges) -> Vec<String> {
    let mut all: Vec<String> = charges.interest.iter().map(interest).collect();
    all.extend(charges.fees.iter().map(fee));
    all.push("Nunca más de lo que permite la ley.".to_owned());
    all
}

fn interest(interest: &Interest) -> String {
    let rate = match &interest.rate {
        Rate::Fixed { percent } => format!("{percent} % anual"),
        Rate::Series {
            series,
            margin_percent,
            reset,
        } => {
            let margin = if margin_percent.is_zero() {
                String::new()
            } else {
                format!(" más {margin_percent} puntos")
            };
            let when = match reset {
                Reset::Change => "según cambia",
                Reset::HalfYear => "fija por semestre",
            };
            format!("la tasa {series}{margin}, {when}")
        }
    };
    let kind = match interest.compounding {
        Compounding::Simple => "simple",
        Compounding::CompoundDaily => "compuesto cada día",
    };
    let year = match interest.day_count {
        DayCount::Actual360 => "sobre años de 360 días",
        DayCount::Actual365 => "sobre años de 365 días",
        DayCount::Thirty360 => "con meses de 30 días y años de 360",
    };
    let grace = match interest.grace_days {
        0 => "desde el día después del vencimiento".to_owned(),
        grace => format!("después de {} de atraso", days(grace)),
    };
    format!(
        "Interés por atraso: {rate}, {kind}, {year}, {grace}. Fuente: {}.{}",
        interest.source,
        only_under(&interest.only_under)
    )
}

fn fee(fee: &Fee) -> String {
    let amount = match &fee.amount {
        FeeAmount::Fixed(amounts) => format!("{} por documento", amounts_or(amounts)),
        FeeAmount::Percent(percent) => format!("{percent} % de lo que se debe"),
        FeeAmount::Tiered { unit, brackets } => scale(unit.as_deref(), brackets),
    };
    let when = match fee.after_days {
        0 => "desde el día después del vencimiento".to_owned(),
        after => format!("después de {} de atraso", days(after)),
    };
    format!(
        "{}: {amount}, una vez, {when}. Fuente: {}.{}",
        fee.name,
        fee.source,
        only_under(&fee.only_under)
    )
}

fn scale(unit: Option<&str>, brackets: &[Bracket]) -> String {
    let unit = unit.map(|unit| format!("{unit} ")).unwrap_or_default();
    let parts = brackets.iter().map(|bracket| match bracket.up_to {
        Some(up_to) => format!("{} % hasta {unit}{up_to}", bracket.percent),
        None => format!("{} % del resto", bracket.percent),
    });
    parts.collect::<Vec<_>>().join(", ")
}

fn only_under(regimes: &[String]) -> String {
    if regimes.is_empty() {
        return String::new();
    }
    format!(" Solo donde rige {}.", or(regimes))
}
