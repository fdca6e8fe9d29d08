//! A bank's line as the matcher reads it.

use domain::Money;
use domain::ledger::matching::{Incoming, NamedDocument, Payer};
use rust_decimal::Decimal;
use serde_json::Value;
use store::bank::BankLine;

/// A line as the matcher reads it.
pub(super) fn incoming(line: &BankLine) -> Incoming {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let detail = &line.detail;
    let mut incoming = Incoming::new(line.id.to_string(), line.booked, line.amount);
    incoming.texts = some(&line.text).into_iter().collect();
    incoming.end_to_end = some(&line.end_to_end);
    incoming.creditor_references = texts(&detail["creditor_references"]);
    incoming.documents = documents(&detail["documents"]);
    incoming.payer = Payer {
        name: some(&line.payer_name),
        tax_id: some(&line.payer_tax_id),
        account: some(&line.payer_account),
        ultimate: detail["ultimate"].as_str().and_then(some),
    };
    incoming.virtual_account = some(&line.virtual_account);
    incoming.charges = money(&detail["charges"]);
    let rate = detail["original"]["rate"].as_str();
    let rate = rate.and_then(|text| text.parse::<Decimal>().ok());
    incoming.original = money(&detail["original"]).map(|original| (original, rate));
    incoming
}

fn texts(value: &Value) -> Vec<String> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn documents(value: &Value) -> Vec<NamedDocument> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .filter_map(|it| {
            Some(NamedDocument {
                number: it["number"].as_str()?.to_owned(),
                minor: it["minor"].as_i64(),
            })
        })
        .collect()
}

fn money(value: &Value) -> Option<Money> {
    let currency = domain::Currency::new(value["currency"].as_str()?).ok()?;
    Some(Money::new(value["minor"].as_i64()?, currency))
}
