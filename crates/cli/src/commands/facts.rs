//! `puntual payment`, `promise`, `document` and `hold`: what people say and do.

use engine::holds::{HoldRecorded, NewHold};
use engine::payments::NewPayment;
use engine::promises::NewPromise;

use crate::args::{DocumentCommand, HoldCommand, PaymentCommand, PromiseCommand};
use crate::failure::Failure;
use crate::output::{self, Rows};
use crate::session::Session;

/// Records a payment.
pub async fn payment(session: &Session, command: PaymentCommand) -> Result<(), Failure> {
    let PaymentCommand::Add {
        customer,
        amount,
        currency,
        date,
        reference,
        invoices,
    } = command;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let new = NewPayment {
        customer,
        amount,
        currency,
        on: date.or(session.global.as_of),
        reference,
        documents: invoices,
    };
    let recorded = engine.add_payment(&company, new, &session.author()).await?;
    let rows = || {
        let mut rows = Rows::new(&["factura", "aplicado"]);
        for applied in &recorded.applications {
            let invoice = applied["invoice"].as_str().unwrap_or_default();
            rows.push([invoice.to_owned(), output::amount(&applied["amount"])]);
        }
        rows.push([
            "sin aplicar".to_owned(),
            output::amount(&recorded.unapplied),
        ]);
        rows
    };
    let text = || {
        format!(
            "Pago «{}» del {}: {}\n{}\n",
            recorded.reference,
            recorded.on,
            output::amount(&recorded.amount),
            output::table(&rows())
        )
    };
    session.output.answer(&recorded, text, rows)
}

/// Records a promise.
pub async fn promise(session: &Session, command: PromiseCommand) -> Result<(), Failure> {
    let PromiseCommand::Add {
        customer,
        amount,
        currency,
        due,
        date,
        note,
    } = command;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let made_on = date.or(session.global.as_of);
    let new = NewPromise {
        customer,
        amount,
        currency,
        made_on,
        due_on: due,
        note,
    };
    let recorded = engine.add_promise(&company, new, &session.author()).await?;
    let rows = || {
        let mut rows = Rows::new(&["cliente", "importe", "hecha", "vence"]);
        rows.push([
            recorded.customer.clone(),
            output::amount(&recorded.amount),
            recorded.made_on.to_string(),
            recorded.due_on.to_string(),
        ]);
        rows
    };
    let text = || {
        format!(
            "Promesa de {} por {} para el {}: hasta entonces ese importe no se cobra.\n",
            recorded.customer,
            output::amount(&recorded.amount),
            recorded.due_on
        )
    };
    session.output.answer(&recorded, text, rows)
}

/// Changes the due date of a document.
pub async fn document(session: &Session, command: DocumentCommand) -> Result<(), Failure> {
    let DocumentCommand::Extend {
        number,
        until,
        reason,
    } = command;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let author = session.author();
    let extending = engine.extend_due(&company, &number, until, &reason, &author);
    let extended = extending.await?;
    let rows = || {
        let mut rows = Rows::new(&["documento", "vencía", "vence", "motivo"]);
        rows.push([
            extended.invoice.clone(),
            extended.before.to_string(),
            extended.due.to_string(),
            extended.reason.clone(),
        ]);
        rows
    };
    let text = || {
        format!(
            "{} vencía el {} y ahora vence el {}.\n",
            extended.invoice, extended.before, extended.due
        )
    };
    session.output.answer(&extended, text, rows)
}

/// Sets or ends a hold.
pub async fn hold(session: &Session, command: HoldCommand) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let author = session.author();
    let recorded = match command {
        HoldCommand::Add {
            customer,
            kind,
            reason,
            invoice,
            amount,
            currency,
            from,
            until,
        } => {
            let new = NewHold {
                customer,
                document: invoice,
                kind,
                amount,
                currency,
                from: from.or(session.global.as_of),
                until,
                reason,
            };
            engine.add_hold(&company, new, &author).await?
        }
        HoldCommand::End { hold, on, reason } => {
            let on = on.or(session.global.as_of);
            engine
                .end_hold(&company, &hold, on, &reason, &author)
                .await?
        }
    };
    session
        .output
        .answer(&recorded, || hold_text(&recorded), || hold_rows(&recorded))
}

fn hold_text(hold: &HoldRecorded) -> String {
    let amount = hold
        .amount
        .as_ref()
        .map_or("todo lo pendiente".to_owned(), output::amount);
    let until = hold
        .until
        .map_or("que se termine".to_owned(), |until| format!("el {until}"));
    format!(
        "Retención {} ({}): {amount}, desde el {} hasta {until}: {}\n",
        hold.hold, hold.kind, hold.from, hold.reason
    )
}

fn hold_rows(hold: &HoldRecorded) -> Rows {
    let mut rows = Rows::new(&["retención", "tipo", "importe", "desde", "hasta", "motivo"]);
    rows.push([
        hold.hold.clone(),
        hold.kind.to_owned(),
        hold.amount.as_ref().map(output::amount).unwrap_or_default(),
        hold.from.to_string(),
        hold.until
            .map(|until| until.to_string())
            .unwrap_or_default(),
        hold.reason.clone(),
    ]);
    rows
}
