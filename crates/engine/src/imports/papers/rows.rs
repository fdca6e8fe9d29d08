//! What one paper says, as the ledger's own rows say it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::customer::{ContactSource, Country};
use domain::document::DebtFacts;
use domain::file::FileKind;
use domain::paper::claim_until_chile;
use domain::{Currency, Money};
use formats::invoice::{Invoice, Party, PaymentPart, Receipt, ReceivedPayment, Standard};
use formats::spreadsheet::{CustomerFields, DocumentRow, TaxId};
use jiff::civil::Date;

use super::own::normal;

/// Tax ids that stand for nobody in particular: the public of Mexico, foreigners without one, the
/// final consumer of Chile and of Colombia.
const NOBODY: [&str; 6] = [
    "XAXX010101000",
    "XEXX010101000",
    "666666666",
    "555555555",
    "222222222222",
    "00000000",
];

/// What a paper says of who received it.
pub(super) fn fields(party: &Party) -> CustomerFields {
    let written = party
        .tax_id
        .as_deref()
        .filter(|id| !NOBODY.contains(&normal(id).as_str()));
    let tax_id = written.map(|id| TaxId {
        normal: normal(id),
        written: id.to_owned(),
    });
    let name = Some(party.name.trim().to_owned()).filter(|name| !name.is_empty());
    let mut emails: Vec<String> = party
        .emails
        .iter()
        .map(|it| it.trim().to_lowercase())
        .collect();
    emails.retain(|it| {
        it.split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    });
    CustomerFields {
        // The number people know the customer by only where the law gives it none.
        key: party.key.clone().filter(|_| tax_id.is_none()),
        name,
        tax_id,
        emails,
        phones: party.phones.clone(),
        country: party.country,
        subdivision: party.region.clone(),
        source: Some(ContactSource::CreditorRecord),
        ..CustomerFields::default()
    }
}

/// What an original is; a line of a list is none. A member of a set may lack the first line of XML.
pub(super) fn original_kind(bytes: &[u8]) -> Option<FileKind> {
    let bare = || {
        bytes
            .trim_ascii_start()
            .starts_with(b"<")
            .then_some(FileKind::Xml)
    };
    FileKind::of(bytes).or_else(bare)
}

/// The last day on which a customer can contest it, where a law sets one that runs from the issue.
pub(super) fn accept_by(invoice: &Invoice) -> Option<Date> {
    let chile = matches!(
        invoice.standard,
        Standard::Dte | Standard::Rcv | Standard::Aec
    );
    (chile && !invoice.kind.is_credit())
        .then(|| claim_until_chile(invoice.issued))
        .flatten()
}

/// The parts of a document with their days: what they leave of the whole goes with the last.
pub(super) fn parts(
    invoice: &Invoice,
    due: Date,
    file: &str,
    warnings: &mut Vec<String>,
) -> Vec<(Date, Money)> {
    let written = &invoice.terms.instalments;
    let currency = invoice.payable.currency;
    if written.len() < 2 || written.iter().any(|it| it.amount.currency != currency) {
        return vec![(due, invoice.payable)];
    }
    let mut parts: Vec<(Date, Money)> = written
        .iter()
        .map(|it| (it.due.max(invoice.issued), it.amount))
        .collect();
    parts.sort_by_key(|(due, _)| *due);
    let sum: i64 = parts.iter().map(|(_, amount)| amount.minor).sum();
    let rest = invoice.payable.minor - sum;
    if rest > 0
        && let Some((_, last)) = parts.last_mut()
    {
        last.minor += rest;
    }
    if rest != 0 && sum != invoice.total.minor {
        let sum = Money::new(sum, currency);
        let shown = &invoice.payable;
        warnings.push(format!(
            "{file}: las partes de {} suman {sum} y el documento {shown}",
            invoice.number
        ));
    }
    parts
}

pub(super) fn document_row(
    invoice: &Invoice,
    customer: &CustomerFields,
    number: &str,
    (due, amount): (Date, Money),
) -> DocumentRow {
    let mut extra: Vec<(Arc<str>, String)> = Vec::new();
    let mut keep = |name: &str, value: Option<String>| {
        extra.extend(value.map(|value| (Arc::from(name), value)));
    };
    let terms = &invoice.terms;
    keep("forma de pago", terms.means.clone());
    keep("cuenta de pago", terms.account.clone());
    let differs = invoice.total != invoice.payable;
    keep(
        "total del comprobante",
        differs.then(|| invoice.total.to_string()),
    );
    keep(
        "tipo de cambio",
        invoice.exchange_rate.map(|it| it.to_string()),
    );
    let at_once = terms
        .paid_at_once
        .then(|| "de contado, según el comprobante: no prueba que se pagó".to_owned());
    keep("condición", at_once);
    let key = invoice.receiver.key.clone();
    keep("clave del receptor", key);
    DocumentRow {
        number: number.to_owned(),
        kind: invoice.kind,
        customer: customer.clone(),
        issued: invoice.issued,
        due: Some(due),
        amount: amount.decimal(),
        currency: Some(amount.currency),
        open_balance: None,
        paid_amount: None,
        settled: None,
        status: None,
        disputed: None,
        terms_days: None,
        direct_debit: None,
        debt: DebtFacts::default(),
        instalment: None,
        fiscal_id: invoice.stamp.clone(),
        reference: terms.payment_reference.clone(),
        extra,
    }
}

/// A payment in the currencies of what it pays: money is laid in the document's own.
pub(super) fn by_currency(payment: &ReceivedPayment) -> Vec<(Money, Vec<&PaymentPart>)> {
    let mut parts: BTreeMap<Currency, Vec<&PaymentPart>> = BTreeMap::new();
    for part in &payment.parts {
        parts.entry(part.paid.currency).or_default().push(part);
    }
    if parts.is_empty() {
        return vec![(payment.amount, Vec::new())];
    }
    let own = payment.amount.currency;
    let alone = parts.len() == 1;
    let whole = |currency: Currency, parts: &[&PaymentPart]| {
        if currency == own && alone {
            payment.amount
        } else {
            Money::new(parts.iter().map(|it| it.paid.minor).sum(), currency)
        }
    };
    let amounts = parts
        .into_iter()
        .map(|(currency, parts)| (whole(currency, &parts), parts));
    amounts.filter(|(amount, _)| amount.is_positive()).collect()
}

pub(super) fn receipt_reference(receipt: &Receipt, stamp: &str, at: u32) -> String {
    let signs: Vec<char> = stamp.chars().filter(|it| it.is_alphanumeric()).collect();
    let tail: String = signs[signs.len().saturating_sub(8)..].iter().collect();
    let which = if at == 1 {
        String::new()
    } else {
        format!(" #{at}")
    };
    format!("REP {} {tail}{which}", receipt.number)
}

pub(super) fn told_of(
    receipt: &Receipt,
    stamp: &str,
    payment: &ReceivedPayment,
) -> Vec<(Arc<str>, String)> {
    let mut extra: Vec<(Arc<str>, String)> = vec![("recibo".into(), stamp.to_owned())];
    let mut keep = |name: &str, value: Option<String>| {
        extra.extend(value.map(|value| (Arc::from(name), value)));
    };
    keep("número del recibo", Some(receipt.number.clone()));
    keep("operación", payment.operation.clone());
    keep("forma de pago", payment.means.clone());
    keep("cuenta del pagador", payment.from_account.clone());
    let other = payment
        .parts
        .iter()
        .any(|it| it.paid.currency != payment.amount.currency);
    keep("pagado en", other.then(|| payment.amount.to_string()));
    keep(
        "tipo de cambio",
        payment.exchange_rate.map(|it| it.to_string()),
    );
    extra
}

/// The word of a standard.
pub(super) const fn standard_code(standard: Standard) -> &'static str {
    match standard {
        Standard::Cfdi => "cfdi",
        Standard::SatMetadata => "sat-metadata",
        Standard::Dte => "dte",
        Standard::Rcv => "rcv",
        Standard::Aec => "aec",
        Standard::UblPeru => "ubl-pe",
        Standard::UblColombia => "ubl-co",
        Standard::Ubl => "ubl",
        Standard::Cii => "cii",
        Standard::Nfe => "nfe",
        Standard::Nfse => "nfse",
        Standard::Facturae => "facturae",
    }
}

/// The country of a standard that only one country has.
pub(super) fn country_of(standard: Standard) -> Option<Country> {
    let code = match standard {
        Standard::Cfdi | Standard::SatMetadata => "MX",
        Standard::Dte | Standard::Rcv | Standard::Aec => "CL",
        Standard::UblPeru => "PE",
        Standard::UblColombia => "CO",
        Standard::Nfe | Standard::Nfse => "BR",
        Standard::Facturae => "ES",
        Standard::Ubl | Standard::Cii => return None,
    };
    Country::new(code)
}
