//! `puntual message`, `puntual consent`: what customers say.

use domain::customer::Channel;
use engine::inbound::NewMessage;

use crate::args::{ConsentCommand, MessageCommand};
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

/// Records that a customer does not want to be contacted on a channel.
pub async fn consent(session: &Session, command: ConsentCommand) -> Result<(), Failure> {
    let ConsentCommand::Withdraw {
        customer,
        channel,
        source,
        date,
    } = command;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let on = date.unwrap_or_else(|| session.day(&engine, &company));
    let author = session.author();
    let said = (on, source.as_str());
    let done = engine.withdraw_consent(&company, &customer, channel, said, &author);
    let done = done.await?;
    let by = Channel::name_es(channel);
    let text = || match done.addresses.as_slice() {
        [] => format!("Ya no se le escribía por {by} a {customer}: no cambió nada.\n"),
        all => format!(
            "Desde el {on} no se le escribe por {by} a {customer} ({}).\n",
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
