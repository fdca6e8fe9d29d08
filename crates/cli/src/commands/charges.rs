//! `puntual charges` and `puntual rates`: what being late costs, and the published values it rests
//! on.

use std::path::Path;
use std::process::ExitCode;

use domain::charges::Charges;
use engine::money_json;
use serde_json::{Value, json};

use crate::args::{ChargesCommand, RatesCommand};
use crate::failure::{Failure, QUARANTINED};
use crate::output::{self, Rows};
use crate::session::Session;

/// Shows what a customer's lateness costs, or books what it cost.
pub async fn charges(session: &Session, command: ChargesCommand) -> Result<ExitCode, Failure> {
    match command {
        ChargesCommand::Show { customer } => {
            show(session, &customer).await?;
            Ok(ExitCode::SUCCESS)
        }
        ChargesCommand::Book { dry_run } => book(session, dry_run).await,
    }
}

async fn book(session: &Session, dry_run: bool) -> Result<ExitCode, Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let terms = company.policy.late_charges.as_ref();
    let books = terms.is_some_and(|terms| terms.booking.is_some());
    let author = session.author();
    let booked = engine.book_charges(&company, dry_run, &author).await?;
    let rows = || {
        let mut rows = Rows::new(&["cliente", "factura", "nota", "hasta", "importe", "vence"]);
        for it in &booked.notes {
            let amount = |key: &str| it.amount[key].as_str().unwrap_or_default().to_owned();
            rows.push([
                it.customer.clone(),
                it.invoice.clone(),
                it.note.clone(),
                it.up_to.to_string(),
                format!("{} {}", amount("amount"), amount("currency")),
                it.due.to_string(),
            ]);
        }
        rows
    };
    let text = || {
        if !books {
            return "La política no vuelve documentos los recargos: agregue \
                    [late_charges.book].\n"
                .to_owned();
        }
        let verb = if dry_run {
            "Se anotarían"
        } else {
            "Se anotaron"
        };
        let mut text = format!("{verb} {} notas.\n", booked.notes.len());
        if !booked.notes.is_empty() {
            text.push_str(&format!("{}\n", output::table(&rows())));
        }
        for (note, why) in &booked.left_out {
            text.push_str(&format!("No se anotó {note}: {why}.\n"));
        }
        text
    };
    let left_out = booked.left_out.iter();
    let left_out: Vec<Value> = left_out
        .map(|(note, why)| json!({ "note": note, "reason": why }))
        .collect();
    let body = json!({ "dry_run": dry_run, "notes": &booked.notes, "left_out": left_out });
    session.output.answer(&body, text, rows)?;
    Ok(if booked.left_out.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(QUARANTINED)
    })
}

async fn show(session: &Session, customer: &str) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let day = session.day(&engine, &company);
    let charges = engine.charges_of(&company, customer, day).await?;
    let rows = || rows(&charges);
    let text = || {
        let mut text = format!("Recargos de {customer} calculados al {day}\n");
        if charges.lines.is_empty() {
            text.push_str("No hay recargos.\n");
        } else {
            text.push_str(&format!("{}\n", output::table(&rows())));
            let totals: Vec<String> = charges.totals().iter().map(ToString::to_string).collect();
            text.push_str(&format!("Total: {}\n", totals.join(" + ")));
        }
        for left in &charges.left_out {
            text.push_str(&format!(
                "No se calculó: {}, documento {}: {}\n",
                left.name, left.number, left.reason
            ));
        }
        text
    };
    let body = answer(customer, &day.to_string(), &charges);
    session.output.answer(&body, text, rows)
}

fn rows(charges: &Charges) -> Rows {
    let mut rows = Rows::new(&[
        "factura", "recargo", "desde", "hasta", "importe", "cálculo", "fuente", "tope",
    ]);
    for line in &charges.lines {
        rows.push([
            line.number.clone(),
            line.name.clone(),
            line.from.to_string(),
            line.to.to_string(),
            line.amount.to_string(),
            line.formula.clone(),
            line.source.clone(),
            line.cut_by.clone().unwrap_or_default(),
        ]);
    }
    rows
}

fn answer(customer: &str, day: &str, charges: &Charges) -> Value {
    let lines = charges.lines.iter().map(|line| {
        json!({
            "invoice": line.number,
            "kind": line.kind.code(),
            "name": line.name,
            "from": line.from.to_string(),
            "to": line.to.to_string(),
            "base": money_json(line.base),
            "amount": money_json(line.amount),
            "formula": line.formula,
            "source": line.source,
            "cut_by": line.cut_by,
        })
    });
    let left_out = charges
        .left_out
        .iter()
        .map(|left| json!({ "invoice": left.number, "name": left.name, "reason": left.reason }));
    json!({
        "customer": customer,
        "as_of": day,
        "lines": lines.collect::<Vec<_>>(),
        "totals": charges.totals().into_iter().map(money_json).collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}

/// Puts published values in, or lists them.
pub async fn rates(session: &Session, command: RatesCommand) -> Result<ExitCode, Failure> {
    match command {
        RatesCommand::Import { file, source } => import(session, &file, source.as_deref()).await,
        RatesCommand::List { series } => {
            list(session, series.as_deref()).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn import(session: &Session, file: &Path, source: Option<&str>) -> Result<ExitCode, Failure> {
    let name = output::path(file);
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("no se pudo leer {name}: {error}")))?;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let author = session.author();
    let source = source.unwrap_or(&name);
    let put = engine.put_rates(&company, &text, source, &author).await?;
    let bad: Vec<Value> = put
        .bad
        .iter()
        .map(|it| json!({ "file": name, "row": it.line, "field": it.field, "reason": it.reason }))
        .collect();
    let body = json!({
        "read": put.changed + put.unchanged + bad.len(),
        "changed": put.changed,
        "unchanged": put.unchanged,
        "quarantined": bad,
    });
    let rows = || {
        let mut rows = Rows::new(&["fila", "columna", "motivo"]);
        for it in &bad {
            let cell = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
            rows.push([it["row"].to_string(), cell("field"), cell("reason")]);
        }
        rows
    };
    let text = || {
        let mut text = format!(
            "{} valores nuevos o corregidos, {} sin cambio.\n",
            put.changed, put.unchanged
        );
        if !bad.is_empty() {
            text.push_str(&format!(
                "No se pudieron leer:\n{}\n",
                output::table(&rows())
            ));
        }
        text
    };
    session.output.answer(&body, text, rows)?;
    Ok(if bad.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(QUARANTINED)
    })
}

async fn list(session: &Session, series: Option<&str>) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let found = match series {
        Some(series) => {
            let day = session.day(&engine, &company);
            engine.rate_values(&company, series, day).await?
        }
        None => {
            let all = engine.rate_series(&company).await?;
            all.into_iter().filter_map(|it| it.last).collect()
        }
    };
    let values: Vec<Value> = found
        .iter()
        .map(|it| {
            json!({
                "series": it.series,
                "date": it.on.to_string(),
                "value": it.value.to_string(),
                "source": it.source,
                "author": it.author,
                "recorded_at": it.recorded_at.to_string(),
            })
        })
        .collect();
    let rows = || {
        let mut rows = Rows::new(&["tasa", "fecha", "valor", "fuente", "quién"]);
        for it in &found {
            rows.push([
                it.series.clone(),
                it.on.to_string(),
                it.value.to_string(),
                it.source.clone(),
                it.author.clone(),
            ]);
        }
        rows
    };
    session.output.list(&values, rows)
}
