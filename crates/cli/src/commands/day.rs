//! `puntual run`, `puntual dispatch`, `puntual why`: the day's walk.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use connect::channels::{Outbox, Smtp};
use engine::FIRST_COMPANY;
use engine::daily_run::RunSummary;
use engine::outreach::Mailer;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::progress::Bar;
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// How far `--now` may be from the machine's clock for messages to go to a server.
const CLOCK_AWAY: SignedDuration = SignedDuration::from_mins(5);

/// The folder of messages when nobody names one.
const DEFAULT_OUTBOX: &str = "outbox";

/// Decides what is done today with every customer, and plans it.
pub async fn run(session: &Session, dry_run: bool) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let at = session.at(&engine, &company);
    let start = Instant::now();
    let mut bar = Bar::new("clientes");
    let summary = engine.run(&company, at, dry_run, &mut bar).await?;
    bar.finish();
    let mut body = serde_json::to_value(&summary).map_err(Failure::new)?;
    body["seconds"] = json!((start.elapsed().as_secs_f64() * 100.0).round() / 100.0);
    body["as_of"] = json!(company.day_of(at).to_string());
    let counts = || {
        let mut rows = Rows::new(&["qué", "cuántos"]);
        for (step, count) in &summary.by_step {
            rows.push([format!("se escribe: {step}"), count.to_string()]);
        }
        for (reason, count) in &summary.silences {
            rows.push([
                format!("se calla: {}", silence_es(reason)),
                count.to_string(),
            ]);
        }
        rows
    };
    let text = || {
        format!(
            "Corrida del {}{}: {} clientes, {} gestiones nuevas.\n{}{}\n",
            company.day_of(at),
            if dry_run {
                " (simulación, no se guardó nada)"
            } else {
                ""
            },
            summary.customers,
            summary.contacts,
            planned(&summary),
            output::table(&counts()),
        )
    };
    session.output.answer(&body, text, counts)
}

/// The same for every company of the database, a part of each in turn.
pub async fn run_all(session: &Session, dry_run: bool) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let companies = engine.companies().await?;
    let names: Vec<String> = companies.iter().map(|it| it.name.clone()).collect();
    let wanted = companies.into_iter().map(|company| {
        let at = session.at(&engine, &company);
        (company, at)
    });
    let start = Instant::now();
    let mut bar = Bar::new("clientes");
    let summaries = engine.run_all(wanted.collect(), dry_run, &mut bar).await?;
    bar.finish();
    let mut listed = Vec::with_capacity(names.len());
    for (name, summary) in names.iter().zip(&summaries) {
        let mut body = serde_json::to_value(summary).map_err(Failure::new)?;
        body["company"] = json!(name);
        listed.push(body);
    }
    let seconds = (start.elapsed().as_secs_f64() * 100.0).round() / 100.0;
    let body = json!({ "companies": listed, "seconds": seconds });
    let rows = || {
        let mut rows = Rows::new(&["empresa", "clientes", "gestiones nuevas", "se calla"]);
        for (name, summary) in names.iter().zip(&summaries) {
            rows.push([
                name.clone(),
                summary.customers.to_string(),
                summary.contacts.to_string(),
                summary.silences.values().sum::<u64>().to_string(),
            ]);
        }
        rows
    };
    session
        .output
        .answer(&body, || output::table(&rows()).clone(), rows)
}

/// Who is written to, as far as it fits an answer.
fn planned(summary: &RunSummary) -> String {
    if summary.first.is_empty() {
        return String::new();
    }
    let mut rows = Rows::new(&["cliente", "nombre", "paso", "atraso", "importe", "sale"]);
    for line in &summary.first {
        let totals: Vec<String> = line.totals.iter().map(ToString::to_string).collect();
        rows.push([
            line.customer.clone(),
            line.name.clone(),
            line.step.clone(),
            line.days_late
                .map(|days| format!("{days} días"))
                .unwrap_or_default(),
            totals.join(", "),
            line.at.strftime("%d/%m %H:%M").to_string(),
        ]);
    }
    let more = summary.contacts.saturating_sub(summary.first.len() as u64);
    let more = if more > 0 {
        format!("… y {more} más\n")
    } else {
        String::new()
    };
    format!("{}\n{more}", output::table(&rows))
}

/// Sends what is due.
pub async fn dispatch(
    session: &Session,
    once: bool,
    outbox: Option<PathBuf>,
) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let mailer = mailer(session, outbox)?;
    if matches!(mailer, Mailer::Smtp(_)) && company.settings.sender.is_none() {
        return Err(Failure::new(
            "falta el remitente: `puntual company set sender.name=… sender.address=…`",
        ));
    }
    if company.legal_name == FIRST_COMPANY {
        output::notice(&format!(
            "Aviso: los mensajes llevan el nombre «{FIRST_COMPANY}»; póngales el de su empresa con \
             `puntual company set legal_name='…'`."
        ));
    }
    let summary = engine.dispatch(&company, &mailer, once).await?;
    if let Mailer::Smtp(smtp) = &mailer {
        smtp.close().await;
    }
    let rows = || {
        let mut rows = Rows::new(&["qué", "cuántos"]);
        rows.push(["enviados".to_owned(), summary.sent.to_string()]);
        for (reason, count) in &summary.suppressed {
            rows.push([
                format!("no enviados: {}", silence_es(reason)),
                count.to_string(),
            ]);
        }
        rows.push(["rechazados".to_owned(), summary.failed.to_string()]);
        rows.push([
            "sin saber si salieron".to_owned(),
            summary.unknown.to_string(),
        ]);
        if summary.put_back > 0 {
            let text = "devueltos: no se pudo hablar con el servidor".to_owned();
            rows.push([text, summary.put_back.to_string()]);
        }
        rows
    };
    let text = || {
        let mut left = Rows::new(&["cliente", "dirección", "asunto", "archivo"]);
        summary
            .first
            .iter()
            .cloned()
            .for_each(|line| left.push(line));
        let left = if left.rows.is_empty() {
            String::new()
        } else {
            format!("{}\n", output::table(&left))
        };
        match &mailer {
            Mailer::Outbox(outbox) => format!(
                "{left}{}\nLos mensajes están en {}\n",
                output::table(&rows()),
                outbox.folder().display()
            ),
            Mailer::Smtp(_) => format!("{left}{}", output::table(&rows())),
        }
    };
    session.output.answer(&summary, text, rows)?;
    match (&summary.put_back_why, &mailer) {
        (Some(why), Mailer::Outbox(_)) => Err(Failure::new(format!(
            "mensajes que quedan por enviar: {}; {why}",
            summary.put_back
        ))),
        (Some(why), Mailer::Smtp(_)) => {
            output::notice(&format!("Aviso: no se pudo hablar con el servidor: {why}"));
            Ok(())
        }
        (None, _) => Ok(()),
    }
}

/// The server that is configured; the outbox when there is none, when it is asked for, or when the
/// clock was moved.
/// Where messages leave: the folder named, the configured server, or the folder of old.
pub(super) fn mailer(session: &Session, outbox: Option<PathBuf>) -> Result<Mailer, Failure> {
    let folder = |named: Option<PathBuf>| {
        let folder = named.or_else(|| session.config.outbox.clone());
        Mailer::Outbox(Outbox::new(
            folder.unwrap_or_else(|| PathBuf::from(DEFAULT_OUTBOX)),
        ))
    };
    if outbox.is_some() || is_clock_away(session) {
        return Ok(folder(outbox));
    }
    match session.config.smtp()? {
        Some(config) => Ok(Mailer::Smtp(Arc::new(
            Smtp::new(config).map_err(Failure::new)?,
        ))),
        None => Ok(folder(None)),
    }
}

fn is_clock_away(session: &Session) -> bool {
    let Some(now) = session.global.now else {
        return session.global.as_of.is_some();
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "asks how far `--now` is from the real clock"
    )]
    let real = Timestamp::now();
    now.duration_since(real).abs() > CLOCK_AWAY
}

/// Why a customer is written to, or not.
pub async fn why(session: &Session, customer: &str) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let at = session.at(&engine, &company);
    let body = engine.why(&company, customer, at).await?;
    session
        .output
        .answer(&body, || why_text(&body), || documents(&body))
}

fn why_text(body: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut out = format!(
        "{} · {}\n{}\n\n",
        text(&body["customer"]),
        text(&body["name"]),
        text(&body["sentence"])
    );
    let facts = &body["facts"];
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            out.push_str(&format!("  {name}: {value}\n"));
        }
    };
    fact("día", text(&facts["day"]));
    fact("segmento", text(&facts["segment"]));
    fact(
        "días de atraso",
        facts["days_late"]
            .as_i64()
            .map(|d| d.to_string())
            .unwrap_or_default(),
    );
    fact("por cobrar", list(&facts["overdue_net"]));
    fact("a su favor", list(&facts["credits"]));
    fact("ciclo desde", text(&facts["cycle"]));
    let policy = &body["policy"];
    let version = format!("{}, versión {}", text(&policy["key"]), policy["version"]);
    fact("política", version);
    fact("ley", text(&body["law_packs"]["version"]));
    for rule in body["silence"]["law"]["reasons"]
        .as_array()
        .into_iter()
        .flatten()
    {
        fact(
            &text(&rule["rule"]),
            format!("{} ({})", text(&rule["sentence"]), text(&rule["article"])),
        );
    }
    for assumed in body["plan"]["assumptions"].as_array().into_iter().flatten() {
        fact(
            &format!("se supuso {}", text(&assumed["fact"])),
            text(&assumed["reason"]),
        );
    }
    if body["documents"]
        .as_array()
        .is_some_and(|documents| !documents.is_empty())
    {
        out.push_str(&format!("\n{}\n", output::table(&documents(body))));
    }
    for hold in body["holds"].as_array().into_iter().flatten() {
        let until = hold["until"].as_str().unwrap_or("que se termine");
        out.push_str(&format!(
            "  retención {} ({}): desde {} hasta {until}: {}\n",
            text(&hold["hold"]),
            text(&hold["kind"]),
            text(&hold["from"]),
            text(&hold["reason"]),
        ));
    }
    out
}

fn list(amounts: &Value) -> String {
    let amounts: Vec<String> = amounts
        .as_array()
        .into_iter()
        .flatten()
        .map(output::amount)
        .collect();
    amounts.join(", ")
}

fn documents(body: &Value) -> Rows {
    let mut rows = Rows::new(&[
        "documento",
        "vence",
        "atraso",
        "importe",
        "pendiente",
        "detenido",
    ]);
    for document in body["documents"].as_array().into_iter().flatten() {
        rows.push([
            document["invoice"].as_str().unwrap_or_default().to_owned(),
            document["due"].as_str().unwrap_or_default().to_owned(),
            document["days_late"].to_string(),
            output::amount(&document["amount"]),
            output::amount(&document["open"]),
            output::amount(&document["held"]),
        ]);
    }
    rows
}

/// The Spanish words of a silence's code.
pub fn silence_es(code: &str) -> &str {
    let words = BTreeMap::from([
        ("already_planned", "ya hay una gestión planeada"),
        ("answered", "respondió hace poco"),
        ("below_minimum", "debe menos que el mínimo"),
        ("by_hand", "le toca a una persona"),
        ("cancelled", "una persona lo canceló"),
        ("credits_cover", "su saldo a favor lo cubre"),
        (
            "unapplied_credit_may_cover",
            "un movimiento del banco por conciliar puede ser su pago",
        ),
        ("claim_awaits_review", "avisó que pagó y falta revisarlo"),
        ("stale_bank_data", "los datos del banco no están al día"),
        ("direct_debit", "se cobra por domiciliación"),
        ("held", "en aclaración, promesa o convenio"),
        ("left_alone", "la política lo deja en paz"),
        ("minimum_gap", "el último mensaje es reciente"),
        ("no_contact_point", "sin medio de contacto"),
        ("not_due", "nada vencido"),
        ("nothing_open", "no debe nada"),
        ("out_of_hours", "fuera de horario"),
        ("paused", "en pausa"),
        ("preferred_hours", "prefiere otras horas"),
        ("promise_just_broken", "su promesa acaba de vencer"),
        ("step_made", "el paso que toca ya se hizo"),
        ("step_too_late", "el paso ya pasó su plazo"),
        ("superseded", "los hechos cambiaron"),
        ("unlawful", "la ley no lo permite"),
        ("wording", "la ley no deja salir ese texto"),
    ]);
    words.get(code).copied().unwrap_or(code)
}
