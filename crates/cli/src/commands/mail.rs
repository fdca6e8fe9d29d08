//! `puntual mail`: the mailbox customers answer to.

use std::time::Duration;

use connect::mailbox::MailboxConfig;
use engine::mailbox::MailRead;
use engine::{Company, Engine};

use crate::args::MailCommand;
use crate::commands::stopped;
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Looks at the mailbox once.
pub async fn mail(session: &Session, command: MailCommand) -> Result<(), Failure> {
    let MailCommand::Poll = command;
    let Some((mailbox, _)) = session.config.mailbox()? else {
        return Err(Failure::usage(
            "no hay un buzón configurado: póngalo en puntual.toml, sección [mail.imap]",
        ));
    };
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let found = engine.read_mailbox(&company, &mailbox).await?;
    let rows = || {
        let mut rows = Rows::new(&["qué", "cuántos"]);
        for (what, count) in words(&found) {
            rows.push([what.to_owned(), count.to_string()]);
        }
        rows
    };
    session
        .output
        .answer(&found, || output::table(&rows()), rows)
}

fn words(found: &MailRead) -> [(&'static str, u64); 8] {
    [
        ("leídos", found.read),
        ("respuestas de clientes", found.messages),
        ("devueltos", found.returned),
        ("direcciones que ya no sirven", found.bouncing),
        ("bajas", found.opted_out),
        ("ya no es la persona", found.wrong_person),
        ("automáticos", found.automatic),
        ("de nadie conocido", found.unknown),
    ]
}

/// Looks at the mailbox again and again, until the process is told to stop. A look that fails is
/// told once and made again at its time.
pub async fn watch(session: &Session, engine: &Engine, mailbox: Option<(MailboxConfig, u64)>) {
    let Some((mailbox, every)) = mailbox else {
        return;
    };
    let mut stop = std::pin::pin!(stopped());
    let mut told = String::new();
    loop {
        match look(session, engine, &mailbox).await {
            Ok(()) => told.clear(),
            Err(failure) => {
                let failure = failure.message;
                if failure != told {
                    output::notice(&failure);
                    told = failure;
                }
            }
        }
        tokio::select! {
            () = &mut stop => return,
            () = tokio::time::sleep(Duration::from_secs(every)) => {}
        }
    }
}

async fn look(session: &Session, engine: &Engine, mailbox: &MailboxConfig) -> Result<(), Failure> {
    let company: Company = session.company(engine).await?;
    let found = engine.read_mailbox(&company, mailbox).await?;
    if found.read > 0 {
        let told = words(&found).into_iter().filter(|(_, count)| *count > 0);
        let told: Vec<String> = told
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        output::notice(&format!("buzón: {}", told.join(", ")));
    }
    Ok(())
}
