//! `puntual audit`: the chain of proofs, and the record of one contact or customer.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use domain::ids::ContactId;
use engine::audit::{AuditReport, HeadLine};
use engine::certificates::Certificate;
use engine::{Company, Engine};
use language::paper::Block;
use serde_json::{Value, json};

use crate::args::AuditCommand;
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Does what was typed.
pub async fn audit(session: &Session, command: AuditCommand) -> Result<ExitCode, Failure> {
    match command {
        AuditCommand::Verify { anchors } => verify(session, &anchors).await,
        AuditCommand::Head => head(session).await,
        AuditCommand::Show {
            contact,
            customer,
            pdf,
        } => show(session, contact, customer, pdf.as_deref()).await,
    }
}

/// The company that was named, or all there are.
async fn wanted(session: &Session, engine: &Engine) -> Result<Vec<Company>, Failure> {
    if session.global.company.is_some() || session.config.company.is_some() {
        return Ok(vec![session.company(engine).await?]);
    }
    Ok(engine.companies().await?)
}

async fn verify(session: &Session, files: &[PathBuf]) -> Result<ExitCode, Failure> {
    let engine = session.engine().await?;
    let mut anchors = Vec::new();
    for file in files {
        anchors.extend(heads_of(file)?);
    }
    let start = Instant::now();
    let mut reports = Vec::new();
    for company in wanted(session, &engine).await? {
        reports.push(engine.audit_verify(&company, &anchors).await?);
    }
    let seconds = start.elapsed().as_secs_f64();
    let rows: u64 = reports.iter().map(|it| it.records + it.decisions).sum();
    let ok = reports.iter().all(|it| it.ok);
    #[expect(clippy::cast_precision_loss, reason = "a speed for people")]
    let speed = (rows as f64 / seconds.max(0.001)).round();
    let body = json!({
        "ok": ok,
        "companies": reports,
        "seconds": (seconds * 1000.0).round() / 1000.0,
        "rows_per_second": speed,
    });
    session
        .output
        .answer(&body, || told(&reports), || findings(&reports))?;
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// The lines of a file of heads.
fn heads_of(file: &Path) -> Result<Vec<HeadLine>, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("no se pudo leer {}: {error}", file.display())))?;
    // An export as a whole, or line by line as heads were added.
    if let Ok(heads) = serde_json::from_str(&text) {
        return Ok(heads);
    }
    let mut heads: Vec<HeadLine> = Vec::new();
    for (index, line) in text
        .lines()
        .enumerate()
        .filter(|(_, it)| !it.trim().is_empty())
    {
        let read = serde_json::from_str(line).map(|head| vec![head]);
        let read = read.or_else(|_| serde_json::from_str::<Vec<HeadLine>>(line));
        heads.extend(read.map_err(|error| {
            let (file, line) = (file.display(), index + 1);
            Failure::usage(format!("{file}, línea {line}: no es una cabeza ({error})"))
        })?);
    }
    Ok(heads)
}

fn told(reports: &[AuditReport]) -> String {
    let mut text = String::new();
    for report in reports {
        let (name, links, wrong) = (&report.company, report.links, report.wrong);
        text += &if report.ok {
            format!("{name}: la cadena está completa, {links} eslabones")
        } else {
            format!("{name}: {wrong} cosas no coinciden en {links} eslabones")
        };
        text += &format!(
            "; {} decisiones, {} gestiones, {} mensajes, {} cabezas de afuera",
            report.decisions, report.contacts, report.messages, report.anchors
        );
        if report.unsealed > 0 {
            text += &format!("; {} por sellar", report.unsealed);
        }
        text.push('\n');
        for finding in &report.findings {
            text += &format!("  {}: {}\n", finding.what, finding.sentence);
        }
    }
    text
}

fn findings(reports: &[AuditReport]) -> Rows {
    let mut rows = Rows::new(&["empresa", "qué", "eslabón", "registro", "frase"]);
    for report in reports {
        for finding in &report.findings {
            rows.push([
                report.company.clone(),
                finding.what.to_owned(),
                finding
                    .sequence
                    .map(|it| it.to_string())
                    .unwrap_or_default(),
                finding.record.clone().unwrap_or_default(),
                finding.sentence.clone(),
            ]);
        }
    }
    rows
}

async fn head(session: &Session) -> Result<ExitCode, Failure> {
    let engine = session.engine().await?;
    let mut heads = Vec::new();
    for company in wanted(session, &engine).await? {
        engine.seal(company.id).await?;
        heads.extend(engine.audit_head(&company).await?);
    }
    // Lines, so that they can be added to a file of them.
    let lines = || -> String {
        let line = |it: &HeadLine| serde_json::to_string(it).unwrap_or_default() + "\n";
        heads.iter().map(line).collect()
    };
    let rows = || {
        let mut rows = Rows::new(&["empresa", "eslabón", "cabeza", "sellada"]);
        for head in &heads {
            rows.push([
                head.company.clone(),
                head.sequence.to_string(),
                head.head.clone(),
                head.sealed_at.clone(),
            ]);
        }
        rows
    };
    session.output.answer(&heads, lines, rows)?;
    Ok(ExitCode::SUCCESS)
}

async fn show(
    session: &Session,
    contact: Option<String>,
    customer: Option<String>,
    pdf: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let one_page = customer.is_none();
    let certificate = match (contact, customer) {
        (_, Some(customer)) => engine.certificates(&company, &customer).await?,
        (Some(contact), None) => {
            let id: ContactId = contact.parse().map_err(|_| {
                Failure::usage(format!("«{contact}» no es la clave de una gestión"))
            })?;
            engine.certificate(&company, id).await?
        }
        (None, None) => return Err(Failure::usage("diga qué gestión o qué cliente")),
    };
    if let Some(file) = pdf {
        let paper = &certificate.paper;
        let bytes = if one_page {
            paper.pdf_of_one_page()
        } else {
            paper.pdf()
        };
        std::fs::write(file, bytes.map_err(Failure::new)?)?;
        output::notice(&format!("Constancia escrita en {}", file.display()));
    }
    session.output.answer(
        &certificate.data,
        || text_of(&certificate),
        || proofs(&certificate.data),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The record in words, for a terminal.
fn text_of(certificate: &Certificate) -> String {
    let mut out = String::new();
    for block in &certificate.paper.blocks {
        match block {
            Block::Title(text) => out += &format!("{}\n", text.to_uppercase()),
            Block::Heading(text) => out += &format!("\n{}\n", text.to_uppercase()),
            Block::Subtitle(text) | Block::Text(text) | Block::Small(text) => {
                out += &format!("{text}\n");
            }
            Block::Pair(name, text) => out += &format!("  {name}: {text}\n"),
            Block::Check {
                passed,
                text,
                source,
            } => {
                let sign = if *passed { "✓" } else { "✗" };
                out += &format!("  {sign} {text} [{source}]\n");
            }
            Block::Table { heads, rows, .. } => {
                let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
                for row in rows {
                    let cells = heads
                        .iter()
                        .zip(row)
                        .map(|(head, cell)| format!("{head} {cell}"));
                    out += &format!("  {}\n", cells.collect::<Vec<_>>().join(" · "));
                }
            }
            Block::Quote(text) => {
                for line in text.lines() {
                    out += &format!("  │ {line}\n");
                }
            }
            Block::NewPage => out.push_str("\n────────\n"),
        }
    }
    out
}

fn proofs(data: &Value) -> Rows {
    let mut rows = Rows::new(&["constancia", "qué", "cuándo", "eslabón", "huella"]);
    let one = std::iter::once(&data["record"]);
    let all = one.chain(data["records"].as_array().into_iter().flatten());
    for proof in all.flat_map(|it| it["proofs"].as_array().into_iter().flatten()) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        rows.push([
            text(&proof["id"]),
            text(&proof["kind"]),
            text(&proof["recorded_at"]),
            proof["chain"]["sequence"]
                .as_i64()
                .map(|it| it.to_string())
                .unwrap_or_default(),
            text(&proof["sha256"]),
        ]);
    }
    rows
}
