//! `puntual privacy`: what is kept of a person, and its end.

use crate::args::PrivacyCommand;
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Exports, erases, or lists whose retention has ended.
pub async fn privacy(session: &Session, command: PrivacyCommand) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let author = session.author();
    match command {
        PrivacyCommand::Export { customer, to } => {
            let all = engine.export_person(&company, &customer, &author).await?;
            let text = serde_json::to_string_pretty(&all).map_err(Failure::new)?;
            match to {
                None => println!("{text}"),
                Some(path) => {
                    write_new(&path, &text)?;
                    let shown = output::path(&path);
                    output::notice(&format!(
                        "Todo lo que se guarda de {customer} está en {shown}"
                    ));
                }
            }
            Ok(())
        }
        PrivacyCommand::Erase {
            customer,
            reason,
            only_text,
        } => {
            let how = (reason.as_str(), only_text);
            let erased = engine
                .erase_person(&company, &customer, how, &author)
                .await?;
            let text = || {
                format!(
                    "El texto personal se borró; las cifras quedan como {}. En los respaldos \
                     anteriores sigue: guárdelos solo el tiempo que haga falta.\n",
                    erased.pseudonym
                )
            };
            let rows = || {
                let mut rows = Rows::new(&["tabla", "filas"]);
                for (table, count) in &erased.rows {
                    rows.push([table.clone(), count.to_string()]);
                }
                rows
            };
            session.output.answer(&erased, text, rows)
        }
        PrivacyCommand::Due => {
            let due = engine.past_retention(&company).await?;
            let rows = || {
                let header = ["cliente", "nombre", "última actividad", "desde", "regla"];
                let mut rows = Rows::new(&header);
                for line in &due {
                    rows.push([
                        line.customer.clone(),
                        line.name.clone(),
                        line.last_activity.clone(),
                        line.since.clone(),
                        line.rule.clone().unwrap_or_default(),
                    ]);
                }
                rows
            };
            session.output.list(&due, rows)
        }
    }
}

/// Writes a file that only its owner reads; one that is there is not touched.
fn write_new(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path).map_err(|error| {
        Failure::new(format!("no se pudo crear {}: {error}", output::path(path)))
    })?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
