//! The document itself: ingreso, egreso, and the kinds that say nothing of what is owed.

use domain::document::DocumentKind;
use domain::{Currency, Money};
use rust_decimal::Decimal;

use super::super::conditions;
use super::super::fault::{Problem, or_warn};
use super::super::model::{
    Invoice, Line, Party, Reading, Reference, Relation, Standard, Tax, Terms,
};
use super::super::node::{Node, short};
use super::{
    PUBLIC_RFC, Spelling, complement, number, parties, payments, rfc, stamp, uuid, version,
};
use crate::fold::fold;

/// The types of a document (catalogue c_TipoDeComprobante; words in 3.2).
enum Kind {
    Income,
    Credit,
    Transfer,
    Payroll,
    Payment,
}

/// Reads a `Comprobante`.
pub(super) fn read(root: &Node) -> Result<Reading, Problem> {
    let spelling = Spelling {
        small: root.value("@Version").is_none() && root.value("@version").is_some(),
    };
    let version = version(root, &spelling.of("@Version"), &["3.2", "3.3", "4.0"])?;
    let stamp = stamp(root);
    let silent = |what| {
        Ok(Reading::Silent {
            stamp: stamp.clone(),
            what,
        })
    };
    match kind(root, &spelling)? {
        Kind::Transfer => silent("comprobante de traslado"),
        Kind::Payroll => silent("recibo de nómina"),
        Kind::Payment => payments::read(root, &spelling, stamp).map(Reading::Receipt),
        Kind::Credit if complement(root, "Nomina").is_some() => silent("recibo de nómina"),
        Kind::Income => invoice(root, &spelling, version, stamp, DocumentKind::Invoice),
        Kind::Credit => invoice(root, &spelling, version, stamp, DocumentKind::CreditNote),
    }
}

fn kind(root: &Node, spelling: &Spelling) -> Result<Kind, Problem> {
    let path = spelling.of("@TipoDeComprobante");
    let kind = root.required(&path)?;
    Ok(match kind.to_ascii_lowercase().as_str() {
        "i" | "ingreso" => Kind::Income,
        "e" | "egreso" => Kind::Credit,
        "t" | "traslado" => Kind::Transfer,
        "n" => Kind::Payroll,
        "p" => Kind::Payment,
        _ => {
            let reason = format!(
                "«{}» no es un tipo de comprobante (I, E, T, N, P)",
                short(kind)
            );
            return Err(root.problem(&path, reason));
        }
    })
}

fn invoice(
    root: &Node,
    spelling: &Spelling,
    version: &str,
    stamp: Option<String>,
    kind: DocumentKind,
) -> Result<Reading, Problem> {
    let mut warnings = Vec::new();
    let currency = currency(root, spelling, &mut warnings)?;
    let (issuer, receiver) = parties(root, spelling)?;
    let path = spelling.of("@Total");
    let total = root
        .rounded_money(&path, currency, &mut warnings)?
        .ok_or_else(|| root.problem(&path, "falta el total"))?;
    if total.minor < 0 {
        return Err(root.problem(&path, "el total es negativo"));
    }
    if total.minor == 0 {
        return Ok(Reading::Silent {
            stamp,
            what: "comprobante por cero pesos",
        });
    }
    if stamp.is_none() {
        warnings.push("no está timbrado (sin UUID): se reconoce por serie y folio".to_owned());
    }
    if complement(root, "Pagos").is_some() {
        warnings.push("lleva un complemento de pagos, que aquí no cuenta: no es de tipo P".into());
    }
    let date = spelling.of("@Fecha");
    let references = references(root, &mut warnings);
    let kind = match kind {
        DocumentKind::Invoice if root.all("CfdiRelacionados").any(is_debit_note) => {
            DocumentKind::DebitNote
        }
        kind => kind,
    };
    Ok(Reading::Invoice(Box::new(Invoice {
        standard: Standard::Cfdi,
        version: version.to_owned(),
        kind,
        number: number(root, spelling, stamp.as_deref())?,
        stamp,
        issued: root
            .date(&date)?
            .ok_or_else(|| root.problem(&date, "falta la fecha"))?,
        global: is_global(root, spelling, &receiver),
        issuer,
        receiver,
        total,
        payable: total,
        exchange_rate: exchange_rate(root, spelling, currency, &mut warnings),
        taxes: taxes(root, spelling, &mut warnings),
        lines: lines(root, spelling, &mut warnings),
        terms: terms(root, spelling, kind),
        references,
        trial: false,
        warnings,
    })))
}

/// In 3.2 the currency is free text, and the peso where none is written.
fn currency(
    root: &Node,
    spelling: &Spelling,
    warnings: &mut Vec<String>,
) -> Result<Currency, Problem> {
    if !spelling.small {
        return root
            .currency("@Moneda")?
            .ok_or_else(|| root.problem("@Moneda", "falta la moneda"));
    }
    let Some(text) = root.value("@Moneda").or_else(|| root.value("@moneda")) else {
        return Ok(Currency::MXN);
    };
    let folded = fold(text);
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let read = match folded.as_str() {
        "mxn" | "mxp" | "mn" | "m n" | "nacional" | "moneda nacional" | "peso" | "pesos" => {
            Currency::MXN
        }
        "us" | "dls" | "dlls" | "usd" => Currency::USD,
        _ if says(&["mexican", "pesos"]) => Currency::MXN,
        _ if says(&["dolar", "dollar"]) => Currency::USD,
        _ if says(&["euro"]) => Currency::EUR,
        _ => {
            return root
                .currency("@Moneda")
                .map(|read| read.unwrap_or(Currency::MXN));
        }
    };
    if text != read.code() {
        warnings.push(format!("Moneda: «{}» se leyó como {read}", short(text)));
    }
    Ok(read)
}

fn exchange_rate(
    root: &Node,
    spelling: &Spelling,
    currency: Currency,
    warnings: &mut Vec<String>,
) -> Option<Decimal> {
    if currency == Currency::MXN {
        return None;
    }
    let upper = root.value("@TipoCambio").is_some() || !spelling.small;
    let path = if upper { "@TipoCambio" } else { "@tipoCambio" };
    or_warn(root.decimal(path), warnings).filter(|rate| *rate > Decimal::ZERO)
}

/// Sales over the counter in one document: said in 4.0 by their own element, before by the generic
/// RFC under the generic name.
fn is_global(root: &Node, spelling: &Spelling, receiver: &Party) -> bool {
    if root.at("InformacionGlobal").is_some() {
        return true;
    }
    let is_public = root
        .value(&spelling.of("Receptor/@Rfc"))
        .is_some_and(|text| rfc(text) == PUBLIC_RFC);
    let name = fold(&receiver.name);
    is_public
        && (name.is_empty()
            || name.contains("publico general")
            || name.contains("publico en general"))
}

/// Taxes of the whole document (catalogue c_Impuesto), with those of states and municipalities.
fn taxes(root: &Node, spelling: &Spelling, warnings: &mut Vec<String>) -> Vec<Tax> {
    let mut taxes = Vec::new();
    for (group, element, withheld) in [
        ("Impuestos/Traslados", "Traslado", false),
        ("Impuestos/Retenciones", "Retencion", true),
    ] {
        let Some(group) = root.at(group) else {
            continue;
        };
        for tax in group.all(element) {
            let path = spelling.of("@Importe");
            let Some(amount) = or_warn(tax.decimal(&path), warnings) else {
                continue;
            };
            let name = match tax.value(&spelling.of("@Impuesto")).unwrap_or_default() {
                "001" => "ISR",
                "002" => "IVA",
                "003" => "IEPS",
                other => other,
            };
            let rate = if spelling.small {
                // Written as a percentage in 3.2.
                or_warn(tax.decimal("@tasa"), warnings).map(|rate| rate / Decimal::ONE_HUNDRED)
            } else {
                or_warn(tax.decimal("@TasaOCuota"), warnings)
            };
            taxes.push(Tax {
                name: name.to_owned(),
                rate: rate.map(|rate| rate.normalize()),
                amount,
                withheld,
            });
        }
    }
    let Some(local) = complement(root, "ImpuestosLocales") else {
        return taxes;
    };
    for (element, name, rate, withheld) in [
        (
            "TrasladosLocales",
            "@ImpLocTrasladado",
            "@TasadeTraslado",
            false,
        ),
        (
            "RetencionesLocales",
            "@ImpLocRetenido",
            "@TasadeRetencion",
            true,
        ),
    ] {
        for tax in local.all(element) {
            let Some(amount) = or_warn(tax.decimal("@Importe"), warnings) else {
                continue;
            };
            let rate = or_warn(tax.decimal(rate), warnings);
            taxes.push(Tax {
                name: tax.words(name).unwrap_or_default(),
                rate: rate.map(|rate| (rate / Decimal::ONE_HUNDRED).normalize()),
                amount,
                withheld,
            });
        }
    }
    taxes
}

fn lines(root: &Node, spelling: &Spelling, warnings: &mut Vec<String>) -> Vec<Line> {
    let Some(group) = root.at("Conceptos") else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    for line in group.all("Concepto") {
        let mut number = |path: &str| or_warn(line.decimal(&spelling.of(path)), warnings);
        let Some(amount) = number("@Importe") else {
            continue;
        };
        let discount = number("@Descuento").unwrap_or_default();
        lines.push(Line {
            description: line.words(&spelling.of("@Descripcion")).unwrap_or_default(),
            quantity: number("@Cantidad"),
            unit_price: number("@ValorUnitario"),
            amount: amount.checked_sub(discount).unwrap_or(amount),
        });
    }
    lines
}

/// Means of payment by which the money is there, or the debt is gone, when the document is issued
/// (catalogue c_FormaPago): cash, cards, vouchers; set-off, remission, an advance used up.
const AT_ONCE: [&str; 17] = [
    "01", "04", "05", "06", "08", "12", "13", "14", "15", "17", "23", "24", "25", "26", "28", "29",
    "30",
];

fn terms(root: &Node, spelling: &Spelling, kind: DocumentKind) -> Terms {
    let conditions = root.words(&spelling.of("@CondicionesDePago"));
    let days = conditions.as_deref().and_then(conditions::days);
    let (method, means) = if spelling.small {
        (root.value("@formaDePago"), root.words("@metodoDePago"))
    } else {
        (root.value("@MetodoPago"), root.words("@FormaPago"))
    };
    // PUE alone says that one payment is expected, within the month (Resolución Miscelánea Fiscal
    // 2.7.1.39), not that it was made.
    let paid_at_once = method == Some("PUE")
        && means
            .as_deref()
            .is_some_and(|means| AT_ONCE.contains(&means))
        && days.is_none_or(|days| days == 0);
    Terms {
        days,
        paid_at_once,
        owes_receipts: method == Some("PPD") && !kind.is_credit(),
        means,
        words: conditions,
        ..Terms::default()
    }
}

fn is_debit_note(related: &Node) -> bool {
    related.value("@TipoRelacion") == Some("02")
}

/// Related documents (catalogue c_TipoRelacion).
pub(super) fn references(root: &Node, warnings: &mut Vec<String>) -> Vec<Reference> {
    let mut references = Vec::new();
    for group in root.all("CfdiRelacionados") {
        let relation = match group.value("@TipoRelacion").unwrap_or_default() {
            "01" | "02" | "03" => Relation::Adjusts,
            "04" => Relation::Replaces,
            "07" => Relation::Advance,
            _ => Relation::Other,
        };
        for related in group.all("CfdiRelacionado") {
            let stamp = related.value("@UUID").and_then(uuid);
            if stamp.is_none() {
                let text = short(related.value("@UUID").unwrap_or_default());
                warnings.push(format!("CfdiRelacionado: «{text}» no es un folio fiscal"));
                continue;
            }
            references.push(Reference {
                relation,
                stamp,
                number: None,
                on: None,
            });
        }
    }
    references
}

/// An amount in another currency, rounded half away from zero.
pub(super) fn converted(amount: Money, rate: Decimal, into: Currency) -> Option<Money> {
    let value = amount.decimal().checked_mul(rate)?;
    let digits = into.minor_digits();
    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    Money::from_decimal(value.round_dp_with_strategy(digits, strategy), into).ok()
}
