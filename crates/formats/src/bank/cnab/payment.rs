//! Payments the company ordered (segments A and J of CNAB 240) and what became of them: money
//! that goes out, so that the account's movements are whole.

use super::super::record::{DateForm, Record};
use super::super::{Counterparty, Fault, Transaction, TransactionState};
use super::{account_number, reais};

/// Columns of a payment the company ordered.
pub(super) struct PaymentColumns {
    name: (usize, usize),
    document: (usize, usize),
    ordered_on: (usize, usize),
    ordered: (usize, usize),
    bank_number: (usize, usize),
    done_on: (usize, usize),
    done: (usize, usize),
}

/// Transfers.
pub(super) const PAYMENT_A: PaymentColumns = PaymentColumns {
    name: (44, 73),
    document: (74, 93),
    ordered_on: (94, 101),
    ordered: (120, 134),
    bank_number: (135, 154),
    done_on: (155, 162),
    done: (163, 177),
};

/// Titles of suppliers.
pub(super) const PAYMENT_J: PaymentColumns = PaymentColumns {
    name: (62, 91),
    document: (183, 202),
    ordered_on: (145, 152),
    ordered: (153, 167),
    bank_number: (203, 222),
    done_on: (145, 152),
    done: (153, 167),
};

/// A payment to somebody, with what became of it (Febraban G059: 00 done, BD accepted).
pub(super) fn payment(record: &Record, columns: &PaymentColumns) -> Result<Transaction, Fault> {
    let outcome = record.cut((231, 232));
    let state = match outcome {
        "00" => TransactionState::Booked,
        "BD" => TransactionState::Pending,
        _ => TransactionState::Information,
    };
    let done_on = record.date(columns.done_on, DateForm::DdMmYyyy, "fecha de pago")?;
    let ordered_on = record.date(columns.ordered_on, DateForm::DdMmYyyy, "fecha de pago")?;
    let done = record.number(columns.done, "valor pagado")?;
    let ordered = record.number(columns.ordered, "valor del pago")?;
    let Some(booked) = done_on.or(ordered_on) else {
        return Err(record.fault("fecha de pago", "El pago no tiene fecha."));
    };
    let minor = if done > 0 { done } else { ordered };
    let account = (record.cut((14, 14)) == "A").then(|| Counterparty {
        account: account_number(record.code((24, 28)), record.code((30, 42))),
        bank: record.code((21, 23)).map(str::to_owned),
        ..Counterparty::default()
    });
    Ok(Transaction {
        line: record.number,
        booked,
        value: done_on,
        amount: reais(-minor),
        state,
        reference: record.code(columns.bank_number).map(str::to_owned),
        batch: None,
        end_to_end: record.code(columns.document).map(str::to_owned),
        counterparty: Counterparty {
            name: record.text(columns.name),
            ..account.unwrap_or_default()
        },
        virtual_account: None,
        creditor_references: Vec::new(),
        documents: Vec::new(),
        text: String::new(),
        charges: None,
        original: None,
        reversal: false,
        return_reason: (state == TransactionState::Information).then(|| outcome.trim().to_owned()),
        code: Some(record.cut((14, 14)).to_owned()),
    })
}
