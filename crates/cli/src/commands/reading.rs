//! `puntual report`, `puntual export`, `puntual tasks`: what is on record.

use std::io::{BufWriter, Write};

use engine::exports::Export;
use engine::receipts::OwedReceipt;
use engine::reports::{self, AgeingAs, AgeingReport, KpiReport};
use serde_json::Value;

use crate::args::{DueBy, ReportCommand, What};
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// The columns of the ageing, as they are counted and as they are read.
const AGEING: [(&str, &str); 7] = [
    ("not_due", "por vencer"),
    ("1-30", "1-30"),
    ("31-60", "31-60"),
    ("61-90", "61-90"),
    ("91+", "91+"),
    ("credits", "a favor"),
    ("net", "neto"),
];

/// The collection figures, as they are counted and as they are read.
const KPIS: [(&str, &str); 10] = [
    ("opening", "saldo inicial"),
    ("sales", "ventas a crédito"),
    ("closing", "saldo final"),
    ("not_due", "por vencer"),
    ("dso", "DSO (días)"),
    ("dso_count_back", "DSO por agotamiento (días)"),
    ("dso_best_possible", "DSO mejor posible (días)"),
    ("average_days_delinquent", "días promedio de atraso"),
    ("cei", "CEI (%)"),
    ("overdue_rate", "tasa de vencido (%)"),
];

/// Figures with the rows behind them.
pub async fn report(session: &Session, command: ReportCommand) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let day = session.day(&engine, &company);
    match command {
        ReportCommand::Ageing { by, known_at } => {
            let by = match by {
                DueBy::Current => reports::DueBy::Current,
                DueBy::Original => reports::DueBy::Original,
            };
            let asked = AgeingAs { day, by, known_at };
            let report = engine.ageing_as(&company, asked).await?;
            session
                .output
                .answer(&report, || ageing_text(&report), || ageing_rows(&report))
        }
        ReportCommand::Receipts => {
            let owed = engine.receipts_owed(&company, day).await?;
            session
                .output
                .answer(&owed, || receipts_text(&owed), || receipts_rows(&owed))
        }
        ReportCommand::Kpi { days, known_at } => {
            let report = engine.kpis_as(&company, (day, days), known_at).await?;
            session
                .output
                .answer(&report, || kpi_text(&report), || kpi_rows(&report))
        }
    }
}

fn ageing_text(report: &AgeingReport) -> String {
    let mut rows = Rows {
        header: std::iter::once("moneda")
            .chain(AGEING.map(|(_, name)| name))
            .map(str::to_owned)
            .collect(),
        rows: Vec::new(),
    };
    for (currency, buckets) in &report.currencies {
        let amounts = AGEING.map(|(key, _)| plain(&buckets[key]["amount"]));
        rows.rows
            .push(std::iter::once(currency.clone()).chain(amounts).collect());
    }
    format!(
        "Antigüedad de saldos al {}\n{}\n{} renglones la sostienen (--format csv los lista).\n",
        report.as_of,
        output::table(&rows),
        report.rows.len()
    )
}

fn ageing_rows(report: &AgeingReport) -> Rows {
    let mut rows = Rows::new(&[
        "cliente",
        "documento",
        "tipo",
        "vence",
        "atraso",
        "tramo",
        "importe",
        "moneda",
    ]);
    for row in &report.rows {
        rows.push([
            row.customer.clone(),
            row.invoice.clone(),
            row.kind.to_owned(),
            row.due.to_string(),
            row.days_late
                .map(|days| days.to_string())
                .unwrap_or_default(),
            row.bucket.to_owned(),
            row.open.0.decimal().to_string(),
            row.open.0.currency.to_string(),
        ]);
    }
    rows
}

fn receipts_text(owed: &[OwedReceipt]) -> String {
    if owed.is_empty() {
        return "Ningún pago espera su comprobante.\n".to_owned();
    }
    format!("{}\n", output::table(&receipts_rows(owed)))
}

fn receipts_rows(owed: &[OwedReceipt]) -> Rows {
    let mut rows = Rows::new(&[
        "cliente",
        "documento",
        "pago",
        "fecha",
        "importe",
        "a más tardar",
        "estado",
    ]);
    for it in owed {
        rows.push([
            it.customer.clone(),
            it.invoice.clone(),
            it.payment.clone(),
            it.paid_on.to_string(),
            it.amount.0.to_string(),
            it.deadline.map(|day| day.to_string()).unwrap_or_default(),
            if it.late { "atrasado" } else { "a tiempo" }.to_owned(),
        ]);
    }
    rows
}

fn kpi_text(report: &KpiReport) -> String {
    let currencies = report.currencies.keys().cloned();
    let mut rows = Rows {
        header: std::iter::once("cifra".to_owned())
            .chain(currencies)
            .collect(),
        rows: Vec::new(),
    };
    for (key, name) in KPIS {
        let values = report
            .currencies
            .values()
            .map(|figures| match &figures[key] {
                Value::Object(_) => plain(&figures[key]["amount"]),
                value => plain(value),
            });
        rows.rows
            .push(std::iter::once(name.to_owned()).chain(values).collect());
    }
    let managed = report
        .managed
        .as_deref()
        .map_or("sin clientes vencidos".to_owned(), |share| {
            format!(
                "{share} % de {} clientes vencidos",
                report.overdue_customers
            )
        });
    format!(
        "Indicadores de {} días al {}\n{}\nClientes gestionados: {managed}\n",
        report.days,
        report.as_of,
        output::table(&rows)
    )
}

fn kpi_rows(report: &KpiReport) -> Rows {
    let mut rows = Rows::new(&[
        "cliente",
        "documento",
        "saldo inicial",
        "vendido",
        "saldo final",
        "por vencer",
        "moneda",
        "vencido en la ventana",
    ]);
    for row in &report.rows {
        rows.push([
            row.customer.clone(),
            row.invoice.clone(),
            row.opening.0.decimal().to_string(),
            row.sold.0.decimal().to_string(),
            row.closing.0.decimal().to_string(),
            row.not_due.0.decimal().to_string(),
            row.closing.0.currency.to_string(),
            row.overdue_in_window.to_string(),
        ]);
    }
    rows
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Everything of one kind, a line of JSON each.
pub async fn export(session: &Session, what: What) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let export = match what {
        What::Contacts => Export::Contacts,
        What::Decisions => Export::Decisions,
        What::Documents => Export::Documents,
        What::Customers => Export::Customers,
        What::Payments => Export::Payments,
        What::Promises => Export::Promises,
        What::Threads => Export::Threads,
    };
    let mut out = BufWriter::new(std::io::stdout());
    let mut broken = None;
    engine
        .export(&company, export, &mut |value| {
            if broken.is_none() {
                broken = output::line(&mut out, &value).err();
            }
            Ok(())
        })
        .await?;
    match broken {
        Some(failure) => Err(failure),
        None => Ok(out.flush()?),
    }
}

/// What waits for a person.
pub async fn tasks(session: &Session) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let tasks = engine.open_tasks(&company).await?;
    let rows = || {
        let mut rows = Rows::new(&["tarea", "qué hacer"]);
        for task in &tasks {
            rows.push([task.kind.clone(), task.text.clone()]);
        }
        rows
    };
    session.output.list(&tasks, rows)
}
