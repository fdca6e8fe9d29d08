//! The life as people read it: the weeks, some stories, the months, and the truth beside them.

use domain::{Currency, Money};
use language::figures::{self, Style};
use serde_json::Value;

use super::Told;
use super::tally::Week;
use super::truth::{Compared, Hour, Month};
use crate::output::{Rows, table};

/// Figures of a month, as they are counted and as they are read.
const FIGURES: [(&str, &str); 4] = [
    ("dso", "DSO (días)"),
    ("average_days_delinquent", "atraso promedio (días)"),
    ("overdue_rate", "tasa de vencido (%)"),
    ("cei", "CEI (%)"),
];

/// All of it.
pub fn text(told: &Told) -> String {
    let style = Style::of(told.language);
    let mut text = format!(
        "{} · {} clientes · del {} al {}\n\nSemana por semana\n{}\n",
        told.company,
        told.customers,
        figures::date(told.from),
        figures::date(told.until),
        table(&weeks(&told.weeks, style, told.currency)),
    );
    for story in &told.stories {
        text.push_str(&format!(
            "\n{}: {} ({})\n",
            story.title, story.name, story.customer
        ));
        for line in &story.lines {
            text.push_str(&format!("  {}  {}\n", line.when, line.what));
        }
    }
    text.push_str(&format!(
        "\nCada mes, con los 90 días anteriores\n{}\n\nLo que se sembró y lo que se encuentra en los \
         registros\n{}\n\nA qué hora se leen los recordatorios\n{}\n\nLos mensajes están en {} y la \
         base de datos en {}: pregúntele lo que quiera, por ejemplo\n  puntual why {} --db {} \
         --as-of {}\n",
        table(&months(&told.months)),
        table(&truth(&told.truth.shares)),
        table(&hours(&told.truth.hours)),
        told.outbox,
        told.db,
        told.stories.first().map_or("CLIENTE", |story| story.customer.as_str()),
        told.db,
        told.until,
    ));
    text
}

/// The weeks as rows.
pub fn weeks(weeks: &[Week], style: Style, currency: Currency) -> Rows {
    let mut rows = Rows::new(&[
        "semana del",
        "facturas",
        "enviados",
        "evitados",
        "leídos",
        "rebotes",
        "respuestas",
        "promesas",
        "aclaraciones",
        "pagos",
        "cobrado",
    ]);
    for week in weeks {
        let wrote = |meaning: &str| week.wrote.get(meaning).copied().unwrap_or(0);
        rows.push([
            figures::date_short(week.monday),
            week.issued.to_string(),
            week.sent.values().sum::<u64>().to_string(),
            week.suppressed.values().sum::<u64>().to_string(),
            week.read.to_string(),
            week.bounced.to_string(),
            week.wrote.values().sum::<u64>().to_string(),
            wrote("promise").to_string(),
            wrote("dispute").to_string(),
            week.payments.to_string(),
            style.money(Money::new(week.paid_minor, currency)),
        ]);
    }
    rows
}

fn months(reports: &[Month]) -> Rows {
    let mut rows = Rows {
        header: std::iter::once("al".to_owned())
            .chain(FIGURES.map(|(_, name)| name.to_owned()))
            .chain(std::iter::once("clientes gestionados (%)".to_owned()))
            .collect(),
        rows: Vec::new(),
    };
    for report in reports {
        for figures in report.currencies.values() {
            let cell = |key: &str| match &figures[key] {
                Value::String(value) => value.clone(),
                _ => "—".to_owned(),
            };
            let mut row = vec![figures::date_short(report.as_of)];
            row.extend(FIGURES.map(|(key, _)| cell(key)));
            row.push(report.managed.clone().unwrap_or_else(|| "—".to_owned()));
            rows.rows.push(row);
        }
    }
    rows
}

fn hours(hours: &[Hour]) -> Rows {
    let mut rows = Rows::new(&["hora", "recordatorios leídos", "pagados en 7 días"]);
    for hour in hours {
        rows.push([
            format!("{:02}:00", hour.hour),
            hour.read.to_string(),
            hour.paid.to_string(),
        ]);
    }
    rows
}

fn truth(compared: &[Compared]) -> Rows {
    let percent = |permille: Option<u64>| match permille {
        Some(permille) => format!("{}.{} %", permille / 10, permille % 10),
        None => "—".to_owned(),
    };
    let mut rows = Rows::new(&["qué", "sembrado", "encontrado", "de"]);
    for line in compared {
        rows.push([
            line.what.to_owned(),
            percent(line.planted_permille),
            percent(line.found_permille),
            line.of.to_string(),
        ]);
    }
    rows
}
