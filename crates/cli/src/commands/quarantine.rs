//! `puntual quarantine`: rows that could not be read, corrected and read again.

use std::process::ExitCode;

use engine::imports::{RetryReport, WaitingRow};

use crate::args::QuarantineCommand;
use crate::failure::{Failure, QUARANTINED};
use crate::output::{self, Rows};
use crate::session::Session;

/// Lists, corrects or reads again.
pub async fn quarantine(
    session: &Session,
    command: QuarantineCommand,
) -> Result<ExitCode, Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let author = session.author();
    let report = match command {
        QuarantineCommand::List => {
            let waiting = engine.quarantined(&company).await?;
            session.output.list(&waiting, || rows(&waiting))?;
            return Ok(ExitCode::SUCCESS);
        }
        QuarantineCommand::Fix { id, cells } => {
            engine
                .fix_quarantined(&company, &id, &cells, &author)
                .await?
        }
        QuarantineCommand::Retry => engine.retry_quarantined(&company, &author).await?,
    };
    session
        .output
        .answer(&report, || text(&report), || rows(&report.waiting))?;
    let waits = !report.waiting.is_empty();
    Ok(if waits {
        ExitCode::from(QUARANTINED)
    } else {
        ExitCode::SUCCESS
    })
}

fn text(report: &RetryReport) -> String {
    let mut text = format!("Filas leídas: {}\n", report.fixed);
    if !report.waiting.is_empty() {
        text.push_str("Todavía esperan:\n");
        text.push_str(&output::table(&rows(&report.waiting)));
    }
    text
}

fn rows(waiting: &[WaitingRow]) -> Rows {
    let mut rows = Rows::new(&["clave", "archivo", "fila", "columna", "motivo", "contenido"]);
    for row in waiting {
        let cells: Vec<String> = row
            .cells
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(column, text)| format!("{column}={text}"))
            .collect();
        rows.push([
            row.id.clone(),
            row.file.clone(),
            row.row.to_string(),
            row.field.clone(),
            row.reason.clone(),
            cells.join(" · "),
        ]);
    }
    rows
}
