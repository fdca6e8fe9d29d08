//! `puntual reconcile` and `puntual matches`: what the bank says came in, and what it pays.

use std::process::ExitCode;

use engine::imports::{self, Source};
use engine::reconcile::Reconciled;
use serde_json::{Value, json};
use store::matches::Listed;

use super::import::{first_company, options};
use super::progress::Bar;
use crate::args::{ImportArgs, MatchesCommand};
use crate::failure::{Failure, QUARANTINED};
use crate::output::{self, Rows};
use crate::session::Session;

/// Reads statements and matches their lines.
pub async fn reconcile(session: &Session, args: ImportArgs) -> Result<ExitCode, Failure> {
    if args.dry_run {
        let why = "reconcile no simula: use `puntual import --dry-run`";
        return Err(Failure::new(why));
    }
    let sources: Vec<Source<'_>> = args
        .files
        .iter()
        .map(|path| Source {
            path,
            options: options(&args),
            title: None,
        })
        .collect();
    let sources = imports::order(sources)?;
    let engine = session.engine().await?;
    let company = first_company(session, &engine, &args, &sources).await?;
    let mut bar = Bar::new("movimientos");
    let author = session.author();
    let done = engine
        .reconcile(&company, sources, &author, &mut bar)
        .await?;
    bar.finish();
    for warning in &done.warnings {
        output::notice(&format!("Aviso: {warning}"));
    }
    session
        .output
        .answer(&done, || text(&done), || rows(&done))?;
    Ok(if done.quarantined.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(QUARANTINED)
    })
}

fn text(done: &Reconciled) -> String {
    let count = |status: &str| done.matches.iter().filter(|it| it.status == status).count();
    let mut text = format!(
        "Movimientos que entraron: {}\nAplicados: {}\nPropuestos: {}\nSin reconocer: {}\n",
        done.matches.len(),
        count("applied"),
        count("proposed"),
        count("unmatched"),
    );
    if !done.quarantined.is_empty() {
        text.push_str(&format!("En cuarentena: {}\n", done.quarantined.len()));
    }
    if count("proposed") > 0 {
        text.push_str("Vea las propuestas con `puntual matches list` o en la consola.\n");
    }
    text
}

fn rows(done: &Reconciled) -> Rows {
    let header = ["movimiento", "estado", "confianza", "aplica a", "motivos"];
    let mut rows = Rows::new(&header);
    for line in &done.matches {
        let shares = line.applications.iter();
        let shares: Vec<String> = shares
            .map(|it| format!("{} {}", it.invoice, it.amount.get()))
            .collect();
        rows.push([
            line.transaction.clone(),
            line.status.to_owned(),
            line.confidence.get().to_owned(),
            shares.join(" · "),
            line.reasons.join(" "),
        ]);
    }
    rows
}

/// Lists, accepts, refuses, undoes.
pub async fn matches(session: &Session, command: MatchesCommand) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let author = session.author();
    let id = match command {
        MatchesCommand::List { decided } => {
            let listed = if decided {
                engine.decided_matches(&company, None).await?
            } else {
                engine.proposals(&company, None).await?
            };
            let values: Vec<Value> = listed.iter().map(value).collect();
            return session.output.list(&values, || listed_rows(&listed));
        }
        MatchesCommand::Retry => {
            let tally = engine.match_waiting(&company).await?;
            let text = || {
                format!(
                    "Aplicados: {}\nPropuestos: {}\nSin reconocer: {}",
                    tally.applied, tally.proposed, tally.unmatched
                )
            };
            return session.output.answer(&tally, text, Rows::default);
        }
        MatchesCommand::Accept { id } => {
            engine.accept_match(&company, id, &author).await?;
            id
        }
        MatchesCommand::Refuse { id } => {
            engine.refuse_match(&company, id, &author).await?;
            id
        }
        MatchesCommand::Undo { id } => {
            engine.undo_match(&company, id, &author).await?;
            id
        }
    };
    let found = engine.match_of(&company, id).await?;
    let listed = std::slice::from_ref(&found);
    session.output.answer(
        &value(&found),
        || output::table(&listed_rows(listed)),
        || listed_rows(listed),
    )
}

fn value(listed: &Listed) -> Value {
    let (matched, line) = (&listed.matched, &listed.line);
    let shares = matched.shares.iter().map(|share| {
        let amount = domain::Money::new(share.minor, matched.amount.currency);
        json!({ "invoice": share.invoice, "amount": engine::money_json(amount) })
    });
    json!({
        "id": matched.id.to_string(),
        "transaction": line.reference,
        "booked": line.booked.to_string(),
        "amount": engine::money_json(matched.amount),
        "payer": line.payer_name,
        "text": line.text,
        "customer": listed.customer_key,
        "status": matched.state.code(),
        "applications": shares.collect::<Vec<_>>(),
        "reasons": matched.reasons.iter().map(|it| &it.text).collect::<Vec<_>>(),
        "author": matched.author,
        "decided_by": matched.decided_by,
    })
}

fn listed_rows(listed: &[Listed]) -> Rows {
    let header = [
        "clave",
        "fecha",
        "importe",
        "movimiento",
        "cliente",
        "paga",
        "estado",
        "motivos",
    ];
    let mut rows = Rows::new(&header);
    for it in listed {
        let shares = it.matched.shares.iter();
        let shares: Vec<&str> = shares.map(|share| share.invoice.as_str()).collect();
        let reasons = it.matched.reasons.iter();
        let reasons: Vec<&str> = reasons.map(|why| why.text.as_str()).collect();
        rows.push([
            it.matched.id.to_string(),
            it.line.booked.to_string(),
            it.matched.amount.to_string(),
            it.line.reference.clone(),
            it.customer_name.clone(),
            shares.join(", "),
            it.matched.state.code().to_owned(),
            reasons.join(" "),
        ]);
    }
    rows
}
