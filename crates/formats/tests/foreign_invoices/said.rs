//! What a file says, a line for each thing it says.

use std::fmt::Write as _;
use std::io::Cursor;

use formats::invoice::{Event, EventKind, Found, Invoice, Party, Reading, open};

/// What one file says, a line for each thing it says.
pub fn said(bytes: &[u8], name: &str) -> String {
    match open(Cursor::new(bytes.to_vec()), name) {
        Ok(invoices) => invoices.map(|found| line(&found)).collect(),
        Err(fault) => format!("refused: {fault}\n"),
    }
}

pub fn line(found: &Found) -> String {
    match &found.outcome {
        Ok(Reading::Invoice(invoice)) => invoice_line(invoice),
        Ok(Reading::Receipt(receipt)) => format!("receipt {}\n", receipt.number),
        Ok(Reading::Event(event)) => event_line(event),
        Ok(Reading::Silent { stamp, what }) => {
            format!("silent {} {what}\n", stamp.as_deref().unwrap_or("-"))
        }
        Err(fault) => format!("fault: {fault}\n"),
    }
}

fn invoice_line(invoice: &Invoice) -> String {
    let id = |party: &Party| party.tax_id.clone().unwrap_or("-".into());
    let mut out = format!(
        "{:?} {:?} {} {} {} {} pay {} {}>{}",
        invoice.standard,
        invoice.kind,
        invoice.number,
        invoice.issued,
        invoice.total.currency,
        invoice.total.decimal(),
        invoice.payable.decimal(),
        id(&invoice.issuer),
        id(&invoice.receiver),
    );
    let terms = &invoice.terms;
    if let Some(due) = terms.due {
        write!(out, " due {due}").expect("writes");
    }
    if let Some(days) = terms.days {
        write!(out, " days {days}").expect("writes");
    }
    for part in &terms.instalments {
        write!(
            out,
            " [{} {} {}]",
            part.number,
            part.due,
            part.amount.decimal()
        )
        .expect("writes");
    }
    for tax in &invoice.taxes {
        let sign = if tax.withheld { '-' } else { '+' };
        write!(out, " {sign}{}:{}", tax.name, tax.amount.normalize()).expect("writes");
    }
    for reference in &invoice.references {
        let name = reference.stamp.as_deref().or(reference.number.as_deref());
        write!(out, " {:?}={}", reference.relation, name.unwrap_or("?")).expect("writes");
    }
    for (flag, name) in [
        (terms.paid_at_once, "at once"),
        (invoice.trial, "trial"),
        (invoice.global, "global"),
    ] {
        if flag {
            write!(out, " ({name})").expect("writes");
        }
    }
    for warning in &invoice.warnings {
        write!(out, " !{warning}").expect("writes");
    }
    out.push('\n');
    out
}

fn event_line(event: &Event) -> String {
    let what = match &event.kind {
        EventKind::Assigned { to, amount } => {
            let amount = amount.map_or("all".to_owned(), |amount| amount.decimal().to_string());
            format!("assigned to {} {amount}", to.name)
        }
        EventKind::Claimed { reason } => format!("claimed «{reason}»"),
        other => format!("{other:?}").to_lowercase(),
    };
    format!(
        "event {what} {} {} {}>{} {}\n",
        event.stamp.as_deref().unwrap_or("-"),
        event.number.as_deref().unwrap_or("-"),
        event.issuer.as_deref().unwrap_or("-"),
        event.receiver.as_deref().unwrap_or("-"),
        event.on.map_or("-".to_owned(), |on| on.to_string()),
    )
}

/// The one invoice of a file.
pub fn the_invoice(file: &str) -> Invoice {
    let found: Vec<_> = open(Cursor::new(file.as_bytes().to_vec()), "f.xml")
        .expect("opens")
        .collect();
    assert_eq!(found.len(), 1);
    match found.into_iter().next().map(|found| found.outcome) {
        Some(Ok(Reading::Invoice(invoice))) => *invoice,
        other => panic!("no invoice: {other:?}"),
    }
}

/// A document of UBL from its inside; the prefixes are not the customary ones on purpose.
pub fn ubl(root: &str, inside: &str) -> String {
    let space = "urn:oasis:names:specification:ubl:schema:xsd";
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{space}:{root}-2\" \
         xmlns:b=\"{space}:CommonBasicComponents-2\" \
         xmlns:a=\"{space}:CommonAggregateComponents-2\">{inside}</{root}>"
    )
}
