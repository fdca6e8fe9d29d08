//! What invoices say, as lines that a person can compare with the file.

use std::fmt::Write as _;
use std::io::Cursor;

use formats::invoice::{
    Event, EventKind, Found, Invoice, Party, Reading, Receipt, Reference, Relation, open,
};

/// Everything that some bytes say.
pub fn told(bytes: &[u8], name: &str) -> String {
    match open(Cursor::new(bytes), name) {
        Err(fault) => format!("refused {fault}\n"),
        Ok(invoices) => invoices.map(|found| of(&found)).collect(),
    }
}

/// What was found at one place.
pub fn of(found: &Found) -> String {
    match &found.outcome {
        Err(fault) => format!("fault {fault}\n"),
        Ok(Reading::Silent { stamp, what }) => {
            format!("silent {what} {}\n", stamp.as_deref().unwrap_or("-"))
        }
        Ok(Reading::Invoice(invoice)) => of_invoice(invoice),
        Ok(Reading::Receipt(receipt)) => of_receipt(receipt),
        Ok(Reading::Event(event)) => of_event(event),
    }
}

fn party(party: &Party) -> String {
    let country = party
        .country
        .map_or("?".to_owned(), |country| country.to_string());
    format!(
        "{} {} «{}»",
        party.tax_id.as_deref().unwrap_or("-"),
        country,
        party.name
    )
}

fn of_invoice(invoice: &Invoice) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} {} {} {:?} {} {} total {} {} payable {}",
        invoice.kind.code(),
        invoice.number,
        invoice.stamp.as_deref().unwrap_or("-"),
        invoice.standard,
        invoice.version,
        invoice.issued,
        invoice.total.decimal(),
        invoice.total.currency,
        invoice.payable.decimal(),
    );
    let _ = writeln!(
        out,
        "  {} -> {}",
        party(&invoice.issuer),
        party(&invoice.receiver)
    );
    let terms = &invoice.terms;
    let mut say = Vec::new();
    say.extend(terms.due.map(|due| format!("due {due}")));
    say.extend(terms.days.map(|days| format!("days {days}")));
    say.extend(terms.paid_at_once.then(|| "paid at once".to_owned()));
    say.extend(terms.owes_receipts.then(|| "owes receipts".to_owned()));
    say.extend(terms.means.as_ref().map(|means| format!("means {means}")));
    say.extend(
        terms
            .account
            .as_ref()
            .map(|account| format!("account {account}")),
    );
    say.extend(invoice.exchange_rate.map(|rate| format!("rate {rate}")));
    say.extend(invoice.global.then(|| "global".to_owned()));
    say.extend(invoice.trial.then(|| "trial".to_owned()));
    for part in &terms.instalments {
        say.push(format!(
            "part {} {} {}",
            part.number,
            part.due,
            part.amount.decimal()
        ));
    }
    for tax in &invoice.taxes {
        let rate = tax.rate.map_or("?".to_owned(), |rate| rate.to_string());
        let sign = if tax.withheld { "-" } else { "+" };
        say.push(format!("{sign}{} {rate} {}", tax.name, tax.amount));
    }
    say.push(format!("{} lines", invoice.lines.len()));
    let _ = writeln!(out, "  {}", say.join(", "));
    invoice
        .references
        .iter()
        .for_each(|reference| out += &of_reference(reference));
    for warning in &invoice.warnings {
        let _ = writeln!(out, "  ~ {warning}");
    }
    out
}

fn of_reference(reference: &Reference) -> String {
    let relation = match reference.relation {
        Relation::Adjusts => "adjusts",
        Relation::Replaces => "replaces",
        Relation::Annuls => "annuls",
        Relation::Advance => "uses advance",
        Relation::Other => "names",
    };
    let named = reference.stamp.as_deref().or(reference.number.as_deref());
    format!("  {relation} {}\n", named.unwrap_or("-"))
}

fn of_receipt(receipt: &Receipt) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "receipt {} {} {:?} {} {}",
        receipt.number,
        receipt.stamp.as_deref().unwrap_or("-"),
        receipt.standard,
        receipt.version,
        receipt.issued
    );
    let _ = writeln!(
        out,
        "  {} -> {}",
        party(&receipt.issuer),
        party(&receipt.receiver)
    );
    for payment in &receipt.payments {
        let rate = payment
            .exchange_rate
            .map_or(String::new(), |rate| format!(" rate {rate}"));
        let _ = writeln!(
            out,
            "  paid {} {} {} means {} op {}{rate}",
            payment.on,
            payment.amount.decimal(),
            payment.amount.currency,
            payment.means.as_deref().unwrap_or("-"),
            payment.operation.as_deref().unwrap_or("-"),
        );
        for part in &payment.parts {
            let open = |money: Option<domain::Money>| {
                money.map_or("?".to_owned(), |money| money.decimal().to_string())
            };
            let rate = part
                .rate
                .map_or(String::new(), |rate| format!(" rate {rate}"));
            let _ = writeln!(
                out,
                "    {} {} n.{} {} - {} {} = {}{rate}",
                part.number.as_deref().unwrap_or("-"),
                part.stamp.as_deref().unwrap_or("-"),
                part.partiality
                    .map_or("?".to_owned(), |number| number.to_string()),
                open(part.open_before),
                part.paid.decimal(),
                part.paid.currency,
                open(part.open_after),
            );
        }
    }
    receipt
        .replaces
        .iter()
        .for_each(|reference| out += &of_reference(reference));
    out
}

fn of_event(event: &Event) -> String {
    let kind = match &event.kind {
        EventKind::Cancelled => "cancelled".to_owned(),
        EventKind::Accepted => "accepted".to_owned(),
        EventKind::GoodsReceived => "goods received".to_owned(),
        EventKind::Claimed { reason } => format!("claimed «{reason}»"),
        EventKind::Assigned { to, amount } => {
            let amount = amount.map_or("?".to_owned(), |money| money.decimal().to_string());
            format!("assigned {amount} to {}", party(to))
        }
        EventKind::Listed {
            kind,
            total,
            receiver_name,
            currency,
        } => format!(
            "listed {} {} {} «{receiver_name}»",
            kind.code(),
            total.map_or("?".to_owned(), |money| money.decimal().to_string()),
            currency.map_or("?".to_owned(), |currency| currency.to_string()),
        ),
    };
    format!(
        "{kind} {} {:?} {} {}->{}\n",
        event
            .stamp
            .as_deref()
            .or(event.number.as_deref())
            .unwrap_or("-"),
        event.standard,
        event.on.map_or("-".to_owned(), |on| on.to_string()),
        event.issuer.as_deref().unwrap_or("-"),
        event.receiver.as_deref().unwrap_or("-"),
    )
}
