//! The complement of payments 1.0 and 2.0 (*complemento para recepción de pagos*): what was paid,
//! of which documents, and what is open of each.

use domain::{Currency, Money};
use rust_decimal::Decimal;

use super::super::fault::{Problem, or_warn};
use super::super::model::{PaymentPart, Receipt, ReceivedPayment, Reference, Relation, Standard};
use super::super::node::Node;
use super::{Spelling, cfdi, number, parties, uuid, version};

/// Reads a document of type P.
pub(super) fn read(
    root: &Node,
    spelling: &Spelling,
    stamp: Option<String>,
) -> Result<Box<Receipt>, Problem> {
    let pages: Vec<&Node> = root
        .all("Complemento")
        .flat_map(|all| all.all("Pagos"))
        .collect();
    let Some(first) = pages.first() else {
        let other = root
            .all("Complemento")
            .flat_map(|all| &all.children)
            .find(|one| &*one.name != "TimbreFiscalDigital");
        let reason = match other {
            Some(other) => format!(
                "es de tipo P (pago) y no trae el complemento de pagos sino «{}»",
                other.name
            ),
            None => "es de tipo P (pago) y no trae el complemento de pagos".to_owned(),
        };
        return Err(root.problem("Complemento/Pagos", reason));
    };
    let version = version(first, "@Version", &["1.0", "2.0"])?;
    let (issuer, receiver) = parties(root, spelling)?;
    let mut payments = Vec::new();
    for payment in pages.iter().flat_map(|pages| pages.all("Pago")) {
        payments.push(payment_of(payment)?);
    }
    if payments.is_empty() {
        return Err(first.problem("Pago", "no trae ningún pago"));
    }
    let mut warnings = Vec::new();
    let mut replaces: Vec<Reference> = cfdi::references(root, &mut warnings);
    replaces.retain(|reference| reference.relation == Relation::Replaces);
    Ok(Box::new(Receipt {
        standard: Standard::Cfdi,
        version: version.to_owned(),
        number: number(root, spelling, stamp.as_deref())?,
        stamp,
        issued: root
            .date("@Fecha")?
            .ok_or_else(|| root.problem("@Fecha", "falta la fecha"))?,
        issuer,
        receiver,
        payments,
        replaces,
    }))
}

fn payment_of(payment: &Node) -> Result<ReceivedPayment, Problem> {
    let currency = payment
        .currency("@MonedaP")?
        .ok_or_else(|| payment.problem("@MonedaP", "falta la moneda del pago"))?;
    let amount = payment
        .money("@Monto", currency)?
        .ok_or_else(|| payment.problem("@Monto", "falta el monto del pago"))?;
    let mut parts = Vec::new();
    let documents: Vec<&Node> = payment.all("DoctoRelacionado").collect();
    for document in &documents {
        parts.push(part(document, amount, documents.len())?);
    }
    let rate = or_warn(payment.decimal("@TipoCambioP"), &mut Vec::new());
    Ok(ReceivedPayment {
        on: payment
            .date("@FechaPago")?
            .ok_or_else(|| payment.problem("@FechaPago", "falta la fecha del pago"))?,
        amount,
        exchange_rate: rate.filter(|rate| currency != Currency::MXN && *rate > Decimal::ZERO),
        means: payment.words("@FormaDePagoP"),
        operation: payment.words("@NumOperacion"),
        from_account: payment.words("@CtaOrdenante"),
        to_account: payment.words("@CtaBeneficiario"),
        parts,
    })
}

fn part(document: &Node, amount: Money, count: usize) -> Result<PaymentPart, Problem> {
    let currency = document.currency("@MonedaDR")?.unwrap_or(amount.currency);
    let stamp = uuid(document.required("@IdDocumento")?);
    let series = document.words("@Serie");
    let folio = document.words("@Folio");
    let number = match (series, folio) {
        (Some(series), Some(folio)) => Some(format!("{series}-{folio}")),
        (series, folio) => folio.or(series),
    };
    if stamp.is_none() && number.is_none() {
        return Err(document.problem("@IdDocumento", "no es un folio fiscal"));
    }
    // Units of the document's currency for one of the payment's in both versions.
    let rate = match document.decimal("@EquivalenciaDR")? {
        None => document.decimal("@TipoCambioDR")?,
        rate => rate,
    };
    let rate = rate.filter(|rate| *rate > Decimal::ZERO);
    let paid = match document.money("@ImpPagado", currency)? {
        Some(paid) => paid,
        // 1.0 leaves it out where the payment is for this document alone.
        None if count == 1 && currency == amount.currency => amount,
        None => rate
            .filter(|_| count == 1)
            .and_then(|rate| cfdi::converted(amount, rate, currency))
            .ok_or_else(|| document.problem("@ImpPagado", "falta el importe pagado"))?,
    };
    let partiality = match document.decimal("@NumParcialidad")? {
        Some(number) => u32::try_from(number).ok(),
        None => None,
    };
    Ok(PaymentPart {
        stamp,
        number,
        partiality,
        open_before: document.money("@ImpSaldoAnt", currency)?,
        paid,
        open_after: document.money("@ImpSaldoInsoluto", currency)?,
        rate: rate.filter(|_| currency != amount.currency),
    })
}
