//! What being late costs, in sentences.

use super::tongue::Tongue;
use super::words::amounts_or;
use crate::charges::{Compounding, DayCount, Fee, FeeAmount, Interest, LateCharges, Rate, Reset};
use crate::law::Bracket;

/// For those who work with it: every charge, its source, and what is done with it.
pub(super) fn all(charges: &LateCharges) -> Vec<String> {
    let mut all = lines(charges, Tongue::Spanish);
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
    all.push(match &charges.booking {
        None => "Nunca se agregan a una factura.".to_owned(),
        Some(booking) => format!(
            "Al terminar cada mes se anotan en una nota de débito propia por cada factura, que \
             vence {} después; nunca se agregan a una factura.",
            Tongue::Spanish.days(booking.due_in_days)
        ),
    });
    all
}

/// For those who may have to pay them.
pub(super) fn for_customers(charges: &LateCharges, tongue: Tongue) -> Vec<String> {
    let mut all = lines(charges, tongue);
    let most = tongue.pick(
        "Nunca más de lo que permite la ley.",
        "Nunca mais do que a lei permite.",
        "Never more than the law allows.",
    );
    all.push(most.to_owned());
    if let Some(booking) = &charges.booking {
        let days = tongue.days(booking.due_in_days);
        all.push(match tongue {
            Tongue::Spanish => format!(
                "Al terminar el mes van en una nota de débito propia, con su cálculo, que vence \
                 {days} después."
            ),
            Tongue::Portuguese => format!(
                "No fim do mês vão em uma nota de débito própria, com seu cálculo, que vence \
                 {days} depois."
            ),
            Tongue::English => format!(
                "At the end of the month they are put in a debit note of their own, with how \
                 they were reckoned, due {days} later."
            ),
        });
    }
    all
}

fn lines(charges: &LateCharges, tongue: Tongue) -> Vec<String> {
    let interest = charges.interest.iter().map(|it| interest(it, tongue));
    interest
        .chain(charges.fees.iter().map(|it| fee(it, tongue)))
        .collect()
}

fn interest(interest: &Interest, tongue: Tongue) -> String {
    let rate = match &interest.rate {
        Rate::Fixed { percent } => {
            format!("{percent} % {}", tongue.pick("anual", "ao ano", "a year"))
        }
        Rate::Series {
            series,
            margin_percent,
            reset,
        } => published(series, &margin_percent.to_string(), *reset, tongue),
    };
    let kind = match interest.compounding {
        Compounding::Simple => tongue.pick("simple", "simples", "simple"),
        Compounding::CompoundDaily => tongue.pick(
            "compuesto cada día",
            "composto a cada dia",
            "compounded daily",
        ),
    };
    let year = match interest.day_count {
        DayCount::Actual360 => tongue.pick(
            "sobre años de 360 días",
            "sobre anos de 360 dias",
            "on years of 360 days",
        ),
        DayCount::Actual365 => tongue.pick(
            "sobre años de 365 días",
            "sobre anos de 365 dias",
            "on years of 365 days",
        ),
        DayCount::Thirty360 => tongue.pick(
            "con meses de 30 días y años de 360",
            "com meses de 30 dias e anos de 360",
            "on months of 30 days and years of 360",
        ),
    };
    let name = tongue.pick("Interés por atraso", "Juros por atraso", "Late interest");
    format!(
        "{name}: {rate}, {kind}, {year}, {}. {}",
        since(interest.grace_days, tongue),
        ground(&interest.source, &interest.only_under, tongue)
    )
}

fn published(series: &str, margin: &str, reset: Reset, tongue: Tongue) -> String {
    let margin = if margin.chars().all(|it| matches!(it, '0' | '.')) {
        String::new()
    } else {
        let (plus, points) = (
            tongue.pick("más", "mais", "plus"),
            tongue.pick("puntos", "pontos", "points"),
        );
        format!(" {plus} {margin} {points}")
    };
    let when = match reset {
        Reset::Change => tongue.pick("según cambia", "conforme muda", "as it changes"),
        Reset::HalfYear => tongue.pick(
            "fija por semestre",
            "fixa por semestre",
            "fixed for each half-year",
        ),
    };
    let rate = tongue.pick("la tasa", "a taxa", "the rate");
    format!("{rate} {series}{margin}, {when}")
}

fn fee(fee: &Fee, tongue: Tongue) -> String {
    let amount = match &fee.amount {
        FeeAmount::Fixed(amounts) => {
            let each = tongue.pick("por documento", "por documento", "for each document");
            format!("{} {each}", amounts_or(amounts))
        }
        FeeAmount::Percent(percent) => {
            let of = tongue.pick("de lo que se debe", "do que se deve", "of what is owed");
            format!("{percent} % {of}")
        }
        FeeAmount::Tiered { unit, brackets } => scale(unit.as_deref(), brackets, tongue),
    };
    let once = tongue.pick("una vez", "uma vez", "once");
    format!(
        "{}: {amount}, {once}, {}. {}",
        fee.name,
        since(fee.after_days, tongue),
        ground(&fee.source, &fee.only_under, tongue)
    )
}

fn since(days_late: u16, tongue: Tongue) -> String {
    if days_late == 0 {
        let next = tongue.pick(
            "desde el día después del vencimiento",
            "a partir do dia seguinte ao vencimento",
            "from the day after the due date",
        );
        return next.to_owned();
    }
    let days = tongue.days(days_late);
    match tongue {
        Tongue::Spanish => format!("después de {days} de atraso"),
        Tongue::Portuguese => format!("depois de {days} de atraso"),
        Tongue::English => format!("once {days} late"),
    }
}

fn scale(unit: Option<&str>, brackets: &[Bracket], tongue: Tongue) -> String {
    let unit = unit.map(|unit| format!("{unit} ")).unwrap_or_default();
    let (up, rest) = (
        tongue.pick("hasta", "até", "up to"),
        tongue.pick("del resto", "do resto", "of the rest"),
    );
    let parts = brackets.iter().map(|bracket| match bracket.up_to {
        Some(up_to) => format!("{} % {up} {unit}{up_to}", bracket.percent),
        None => format!("{} % {rest}", bracket.percent),
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Where it is agreed or ordered, and where alone it holds.
fn ground(source: &str, only_under: &[String], tongue: Tongue) -> String {
    let name = tongue.pick("Fuente", "Fonte", "Source");
    if only_under.is_empty() {
        return format!("{name}: {source}.");
    }
    let only = tongue.pick("Solo donde rige", "Só onde vale", "Only under");
    format!("{name}: {source}. {only} {}.", tongue.or(only_under))
}
