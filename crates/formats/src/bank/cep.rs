//! *Comprobante Electrónico de Pago*: Banco de México's proof of one SPEI transfer.
//!
//! It proves what a statement will say again, so it is an interim statement of the beneficiary's
//! account with one movement.

use std::collections::VecDeque;

use domain::Currency;

use super::xml::{Node, Step, Xml};
use super::{
    AccountId, BankFormat, Counterparty, Fault, Part, Parts, Source, StatementHead, StatementTail,
    Transaction, TransactionState, figure,
};

/// Whether a root is that of a proof.
pub(super) fn is_root(name: &str) -> bool {
    name.starts_with("SPEI")
}

/// Opens the proof.
pub(super) fn read(source: Source, head: &[u8]) -> Result<Parts, Fault> {
    let mut xml = Xml::new(source, head)?;
    let mut parts = VecDeque::new();
    while let Some(step) = xml.step(|_, _| false)? {
        if let Step::Whole(node) = step {
            parts.extend(proof(&node)?);
        }
    }
    Ok(Box::new(parts.into_iter()))
}

fn proof(node: &Node) -> Result<[Part; 3], Fault> {
    let missing = |field: &'static str| {
        let reason = format!("El comprobante no trae {field}: descárguelo otra vez de Banxico.");
        Fault::new(node.line, field, reason, "")
    };
    let receiver = node
        .child("Beneficiario")
        .ok_or_else(|| missing("Beneficiario"))?;
    let payer = node
        .child("Ordenante")
        .ok_or_else(|| missing("Ordenante"))?;
    let day = node.attribute("FechaOperacion").and_then(figure::iso_day);
    let booked = day.ok_or_else(|| missing("FechaOperacion"))?;
    let written = receiver
        .attribute("MontoPago")
        .ok_or_else(|| missing("MontoPago"))?;
    let amount = figure::with_point(written)
        .and_then(|value| figure::money(value, Currency::MXN))
        .map_err(|reason| Fault::new(receiver.line, "MontoPago", reason, written))?;
    let tracking = node.attribute("claveRastreo").and_then(figure::reference);
    // The second field of the signed chain is the kind of payment.
    let kind = node
        .attribute("cadenaCDA")
        .and_then(|chain| chain.split('|').nth(2));
    let of = |node: &Node, name: &str| node.attribute(name).and_then(written_fact);
    let head = StatementHead {
        format: BankFormat::Cep,
        account: AccountId {
            number: receiver.attribute("Cuenta").and_then(figure::account),
            bank: of(receiver, "BancoReceptor"),
            holder: of(receiver, "Nombre"),
        },
        currency: Some(Currency::MXN),
        number: tracking.clone(),
        from: Some(booked),
        to: Some(booked),
        opening: None,
        interim: true,
    };
    let moved = Transaction {
        line: node.line,
        booked,
        value: None,
        amount,
        state: TransactionState::Booked,
        reference: tracking.clone(),
        batch: None,
        end_to_end: tracking,
        counterparty: Counterparty {
            name: of(payer, "Nombre"),
            tax_id: of(payer, "RFC"),
            account: of(payer, "Cuenta").as_deref().and_then(figure::account),
            bank: of(payer, "BancoEmisor"),
            ultimate: None,
        },
        virtual_account: None,
        creditor_references: Vec::new(),
        documents: Vec::new(),
        text: of(receiver, "Concepto").unwrap_or_default(),
        charges: None,
        original: None,
        reversal: false,
        return_reason: None,
        code: kind.map(|kind| format!("SPEI/{kind}")),
    };
    let tail = StatementTail {
        from: Some(booked),
        to: Some(booked),
        ..StatementTail::default()
    };
    Ok([
        Part::Opens(Box::new(head)),
        Part::Moved(Box::new(moved)),
        Part::Closes(Box::new(tail)),
    ])
}

/// What is written, unless it only says that nothing is.
fn written_fact(text: &str) -> Option<String> {
    let nothing = ["NA", "ND", "N/A", "0"];
    figure::words(text).filter(|text| !nothing.contains(&text.as_str()))
}
