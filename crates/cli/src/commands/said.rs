//! `puntual message`, `puntual consent`: what customers say.

use domain::customer::Channel;
use domain::preference::{Said, Statement};
use engine::inbound::NewMessage;

use crate::args::{ConsentCommand, MessageCommand, SaidArgs};
use crate::failure::Failure;
use crate::output::Rows;
use crate::session::Session;

/// Puts a customer's message on the thread.
pub async fn message(session: &Session, command: MessageCommand) -> Result<(), Failure> {
    let MessageCommand::Add {
        customer,
        text,
        channel,
        from,
        subject,
        key,
    } = command;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let new = NewMessage {
        customer: customer.clone(),
        channel,
        address: from,
        subject,
        text,
        at: None,
        key,
        answers: None,
    };
    let received = engine.receive(&company, new, &session.author()).await?;
    let text = || match (received.known, &received.answers) {
        (true, _) => "Ese mensaje ya estaba en la conversación: no cambió nada.\n".to_owned(),
        (false, Some(_)) => format!(
            "Queda en la conversación con {customer}, como respuesta a lo último que se le \
             escribió.\n"
        ),
        (false, None) => format!("Queda en la conversación con {customer}.\n"),
    };
    let rows = || {
        let mut rows = Rows::new(&["mensaje", "ya estaba", "responde a"]);
        let known = if received.known { "sí" } else { "no" };
        let answers = received.answers.clone().unwrap_or_default();
        rows.push([received.message.clone(), known.to_owned(), answers]);
        rows
    };
    session.output.answer(&received, text, rows)
}

/// What a customer says about being contacted.
pub async fn consent(session: &Session, command: ConsentCommand) -> Result<(), Failure> {
    match command {
        ConsentCommand::Give { what } => say(session, what, Said::Given).await,
        ConsentCommand::Withdraw { what } => say(session, what, Said::Withdrawn).await,
        ConsentCommand::List { customer } => list(session, &customer).await,
    }
}

async fn say(session: &Session, what: SaidArgs, said: Said) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let on = what.date.unwrap_or_else(|| session.day(&engine, &company));
    let author = session.author();
    let statement = Statement {
        purpose: what.purpose,
        said,
        since: on,
        source: what.source,
        shown: what.text,
    };
    let customer = &what.customer;
    let whose = (what.channel, what.address.as_deref());
    let done = engine.record_consent(&company, customer, whose, &statement, &author);
    let done = done.await?;
    let by = Channel::name_es(what.channel);
    let about = what.purpose.name_es();
    let text = || match (done.addresses.as_slice(), said) {
        ([], _) => format!("Ya constaba así para {customer} por {by} ({about}): no cambió nada.\n"),
        (all, Said::Given) => format!(
            "Desde el {on} se le puede escribir por {by} a {customer} para {about} ({}).\n",
            all.join(", ")
        ),
        (all, _) => format!(
            "Desde el {on} no se le escribe por {by} a {customer} para {about} ({}).\n",
            all.join(", ")
        ),
    };
    let rows = || {
        let mut rows = Rows::new(&["cliente", "dirección"]);
        for address in &done.addresses {
            rows.push([done.customer.clone(), address.clone()]);
        }
        rows
    };
    session.output.answer(&done, text, rows)
}

async fn list(session: &Session, customer: &str) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let lines = engine.consents_of(&company, customer).await?;
    let rows = || {
        let header = [
            "dirección",
            "canal",
            "para",
            "dijo",
            "desde",
            "dónde consta",
            "quién",
        ];
        let mut rows = Rows::new(&header);
        for line in &lines {
            rows.push([
                line.address.clone().unwrap_or_default(),
                line.channel.clone(),
                line.purpose.clone(),
                if line.holds {
                    format!("{} (vale)", line.said)
                } else {
                    line.said.clone()
                },
                line.since.clone(),
                line.source.clone(),
                line.author.clone(),
            ]);
        }
        rows
    };
    session.output.list(&lines, rows)
}
