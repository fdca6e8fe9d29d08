//! What the SUNAT of Peru adds to UBL: terms in instalments, deposits to the tax office, the
//! answer to a document (CDR), and documents taken back.
//!
//! Sources: SUNAT, Guías de elaboración de documentos XML (UBL 2.1), Resolución de
//! Superintendencia 193-2020 (forma de pago), catálogos 01, 06, 09, 12, 53.

use domain::Money;
use rust_decimal::Decimal;

use super::draft::{self, Owed};
use super::family::{Readings, one};
use super::fault::{Problem, or_warn};
use super::model::{
    Event, EventKind, Instalment, Party, Reading, Reference, Relation, Standard, Tax, Terms,
};
use super::node::Node;

/// `RUC-type-series-number`, the number without leading zeros.
pub(super) fn stamp(ruc: &str, kind: &str, number: &str) -> Option<String> {
    let (series, count) = number.split_once('-')?;
    let count = count.trim().trim_start_matches('0');
    if count.is_empty() {
        return None;
    }
    Some(format!(
        "{ruc}-{kind}-{}-{count}",
        series.trim().to_ascii_uppercase()
    ))
}

/// Forma de pago, detracción, retención and percepción.
pub(super) fn terms(
    root: &Node,
    owed: &mut Owed,
    terms: &mut Terms,
    taxes: &mut Vec<Tax>,
    warnings: &mut Vec<String>,
) -> Result<(), Problem> {
    let currency = owed.total.currency;
    let mut pending = None;
    let mut parts = Vec::new();
    for node in root.all("PaymentTerms") {
        if !is(node, "FormaPago") {
            continue;
        }
        let means = node.value("PaymentMeansID").unwrap_or_default();
        match means.to_ascii_lowercase().as_str() {
            "contado" => terms.paid_at_once = true,
            "credito" | "crédito" => pending = node.money("Amount", currency)?,
            part if part.starts_with("cuota") => parts.push(Instalment {
                number: means.to_owned(),
                due: draft::required_date(node, "PaymentDueDate")?,
                amount: draft::required_money(node, "Amount", currency)?,
            }),
            _ => {}
        }
    }
    let kept = kept_back(root, owed, taxes, warnings);
    match pending {
        // What is pending is already net of deposit, retention and advances (RS 193-2020).
        Some(pending) => owed.payable = pending,
        None => owed.payable.minor = owed.payable.minor.saturating_sub(kept),
    }
    perceive(root, owed, taxes, warnings);
    if !parts.is_empty() {
        (terms.due, terms.instalments) = (None, Vec::new());
        draft::lay_out(terms, parts, owed.payable, warnings);
    }
    Ok(())
}

fn is(node: &Node, id: &str) -> bool {
    node.value("ID")
        .is_some_and(|found| found.eq_ignore_ascii_case(id))
}

/// What the customer pays to the tax office instead: in minor units of the document's currency.
fn kept_back(root: &Node, owed: &Owed, taxes: &mut Vec<Tax>, warnings: &mut Vec<String>) -> i64 {
    let mut kept = 0i64;
    let currency = owed.total.currency;
    for node in root
        .all("PaymentTerms")
        .filter(|node| is(node, "Detraccion"))
    {
        let rate = or_warn(node.decimal("PaymentPercent"), warnings).map(draft::fraction);
        let amount = or_warn(node.decimal("Amount"), warnings).unwrap_or_default();
        // The deposit is in soles even where the invoice is not.
        let foreign = node
            .value("Amount/@currencyID")
            .is_some_and(|code| code != currency.code());
        let own = if foreign {
            rate.and_then(|rate| owed.total.decimal().checked_mul(rate))
        } else {
            Some(amount)
        };
        let money = own
            .map(|own| own.round_dp(currency.minor_digits()))
            .and_then(|own| Money::from_decimal(own, currency).ok());
        let Some(money) = money else {
            warnings.push("Detraccion: no se pudo restar; revise cuánto le deben pagar.".into());
            continue;
        };
        if foreign {
            warnings.push(format!(
                "Detraccion: está en otra moneda; se restó {} {currency} según su porcentaje.",
                money.decimal()
            ));
        }
        kept = kept.saturating_add(money.minor);
        taxes.push(Tax {
            name: "Detracción".to_owned(),
            rate,
            amount: money.decimal(),
            withheld: true,
        });
    }
    for (amount, rate) in charges(root, false, &["62"], warnings) {
        if let Ok(money) = Money::from_decimal(amount, currency) {
            kept = kept.saturating_add(money.minor);
            taxes.push(Tax {
                name: "Retención IGV".to_owned(),
                rate,
                amount,
                withheld: true,
            });
        }
    }
    kept
}

/// A perception is charged on top of the total (catalogue 53: 51, 52, 53).
fn perceive(root: &Node, owed: &mut Owed, taxes: &mut Vec<Tax>, warnings: &mut Vec<String>) {
    for (amount, rate) in charges(root, true, &["51", "52", "53"], warnings) {
        if let Ok(money) = Money::from_decimal(amount, owed.total.currency) {
            owed.total.minor = owed.total.minor.saturating_add(money.minor);
            owed.payable.minor = owed.payable.minor.saturating_add(money.minor);
            taxes.push(Tax {
                name: "Percepción IGV".to_owned(),
                rate,
                amount,
                withheld: false,
            });
        }
    }
}

/// Amount and rate of the document's own allowances or charges with one of these reasons.
fn charges(
    root: &Node,
    charge: bool,
    reasons: &[&str],
    warnings: &mut Vec<String>,
) -> Vec<(Decimal, Option<Decimal>)> {
    root.all("AllowanceCharge")
        .filter(|node| (node.value("ChargeIndicator") == Some("true")) == charge)
        .filter(|node| {
            let reason = node.value("AllowanceChargeReasonCode");
            reason.is_some_and(|reason| reasons.contains(&reason))
        })
        .filter_map(|node| {
            let rate = or_warn(node.decimal("MultiplierFactorNumeric"), warnings);
            Some((or_warn(node.decimal("Amount"), warnings)?, rate))
        })
        .collect()
}

/// Invoices over advances that this one uses up (catalogue 12: 02 and 03).
pub(super) fn advances(root: &Node) -> impl Iterator<Item = Reference> {
    root.all("AdditionalDocumentReference").filter_map(|node| {
        let kind = match node.value("DocumentTypeCode")? {
            "02" => "01",
            "03" => "03",
            _ => return None,
        };
        let number = node.words("ID")?;
        let ruc = node
            .value("IssuerParty/PartyIdentification/ID")
            .and_then(draft::tax_id);
        Some(Reference {
            relation: Relation::Advance,
            stamp: ruc.and_then(|ruc| stamp(&ruc, kind, &number)),
            number: Some(number),
            on: None,
        })
    })
}

/// The tax office's answer. An accepted document is what it was; a rejected one never was.
pub(super) fn response(root: &Node) -> Result<Reading, Problem> {
    let answer = root.at("DocumentResponse/Response");
    let Some(code) = answer.and_then(|answer| answer.value("ResponseCode")) else {
        return Err(root.problem(
            "DocumentResponse/Response/ResponseCode",
            "falta la respuesta: no se sabe si el documento fue aceptado",
        ));
    };
    let rejected = code
        .parse()
        .is_ok_and(|code: u32| (2000..4000).contains(&code));
    if !rejected {
        return Ok(Reading::Silent {
            stamp: None,
            what: "constancia de recepción: el documento sigue como estaba",
        });
    }
    let number = root
        .words("DocumentResponse/DocumentReference/ID")
        .or_else(|| answer.and_then(|answer| answer.words("ReferenceID")));
    let issuer = root
        .value("ReceiverParty/PartyIdentification/ID")
        .or_else(|| root.value("ReceiverParty/PartyLegalEntity/CompanyID"))
        .and_then(draft::tax_id);
    let kind = root.value("DocumentResponse/DocumentReference/DocumentTypeCode");
    Ok(Reading::Event(Box::new(Event {
        standard: Standard::UblPeru,
        stamp: match (&issuer, kind, &number) {
            (Some(ruc), Some(kind), Some(number)) => stamp(ruc, kind, number),
            _ => None,
        },
        number,
        issuer,
        receiver: None,
        kind: EventKind::Cancelled,
        on: root.date("ResponseDate")?,
    })))
}

fn issuer(root: &Node) -> Result<String, Problem> {
    let path = "AccountingSupplierParty/CustomerAssignedAccountID";
    root.value(path)
        .or_else(|| root.value("AccountingSupplierParty/Party/PartyIdentification/ID"))
        .and_then(draft::tax_id)
        .ok_or_else(|| root.problem(path, "falta el RUC del emisor"))
}

fn cancelled(ruc: &str, kind: &str, number: String, root: &Node) -> Result<Reading, Problem> {
    Ok(Reading::Event(Box::new(Event {
        standard: Standard::UblPeru,
        stamp: stamp(ruc, kind, &number),
        number: Some(number),
        issuer: Some(ruc.to_owned()),
        receiver: None,
        kind: EventKind::Cancelled,
        on: root.date("IssueDate")?,
    })))
}

/// Comunicación de baja: each of its lines takes a document back.
pub(super) fn voided(root: &Node) -> Readings {
    let ruc = match issuer(root) {
        Ok(ruc) => ruc,
        Err(problem) => return one(Err(problem)),
    };
    root.all("VoidedDocumentsLine")
        .map(|line| {
            let kind = line.required("DocumentTypeCode")?;
            let series = line.required("DocumentSerialID")?;
            let number = line.required("DocumentNumberID")?;
            cancelled(&ruc, kind, format!("{series}-{number}"), root)
        })
        .collect()
}

/// Resumen diario: the lines in state 3 take a boleta back, the others only report it.
pub(super) fn summary(root: &Node) -> Readings {
    let ruc = match issuer(root) {
        Ok(ruc) => ruc,
        Err(problem) => return one(Err(problem)),
    };
    let readings: Readings = root
        .all("SummaryDocumentsLine")
        .filter(|line| line.value("Status/ConditionCode") == Some("3"))
        .map(|line| {
            let kind = line.required("DocumentTypeCode")?;
            let number = line.required("ID")?.to_owned();
            cancelled(&ruc, kind, number, root)
        })
        .collect();
    if !readings.is_empty() {
        return readings;
    }
    one(Ok(Reading::Silent {
        stamp: None,
        what: "resumen diario de boletas, sin bajas",
    }))
}

/// A boleta to passers-by: no id, and no name but *clientes varios*.
pub(super) fn is_nobody(receiver: &Party) -> bool {
    receiver.tax_id.is_none()
        && (receiver.name.trim_matches('-').is_empty()
            || receiver.name.to_uppercase().contains("VARIOS"))
}
