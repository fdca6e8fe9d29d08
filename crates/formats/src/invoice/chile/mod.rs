//! Chile: *Documento Tributario Electrónico* alone and in sets (SII, *Formato de Documentos
//! Tributarios Electrónicos*), what the customer answers to it, receipts of goods (Ley 19.983),
//! cessions (*Archivo Electrónico de Cesión*), and the register of sales and purchases.

mod answers;
mod book;
mod cession;
pub(super) mod cessions;
mod dte;
pub(super) mod rcv;

use domain::Currency;
use domain::document::DocumentKind;

use super::family::{Readings, one};
use super::fault::Problem;
use super::model::Reading;
use super::node::{Node, short};
use crate::fold::fold;

const SII: [&str; 1] = ["http://www.sii.cl/SiiDte"];

/// Roots that hold many documents, each to be taken by itself.
const SETS: [&str; 5] = [
    "EnvioDTE",
    "EnvioBOLETA",
    "SetDTE",
    "EnvioRecibos",
    "LibroCompraVenta",
];

/// Whether a root is one of these.
pub(super) fn is_ours(root: &Node) -> bool {
    // Words that others may use too: only in their namespace.
    let alone = ["AEC", "DTECedido", "RespuestaDTE", "Recibo", "Cesion"];
    let named = |name: &str| root.is(name, &SII);
    let is_common = root.namespace.is_some() && alone.iter().any(|name| named(name));
    is_common || named("DTE") || SETS.iter().any(|name| named(name))
}

/// The elements to be taken one by one.
pub(super) fn members(root: &Node) -> &'static [&'static str] {
    match &*root.name {
        "EnvioDTE" | "EnvioBOLETA" | "SetDTE" => &["Caratula", "DTE"],
        "EnvioRecibos" => &["Recibo"],
        "LibroCompraVenta" => &["Caratula", "Detalle"],
        _ => &[],
    }
}

/// Reads one of them.
pub(super) fn read(root: &Node) -> Readings {
    match &*root.name {
        "DTE" => one(dte::read(root)),
        "Recibo" => one(answers::receipt_of_goods(root)),
        "RespuestaDTE" => answers::read(root),
        _ => cession::read(root),
    }
}

/// Reads a member of a set. A company in certification has no resolution yet: its documents are
/// trials.
pub(super) fn read_member(root: &Node, around: Option<&Node>) -> Readings {
    if &*root.name == "Detalle" {
        return one(book::read(root, around));
    }
    let mut readings = read(root);
    if around.and_then(|set| set.value("NroResol")) == Some("0") {
        for reading in &mut readings {
            if let Ok(Reading::Invoice(invoice)) = reading {
                invoice.trial = true;
            }
        }
    }
    readings
}

/// A RUT in one spelling: no dots, no leading zeros, a hyphen before the check digit.
fn rut(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .flat_map(char::to_uppercase)
        .collect();
    let plain = plain.trim_start_matches('0');
    let (body, check) = plain.split_at_checked(plain.len().checked_sub(1)?)?;
    let sound = (1..=9).contains(&body.len())
        && body.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(check.as_bytes(), [b'0'..=b'9' | b'K']);
    sound.then(|| format!("{body}-{check}"))
}

/// RUTs that stand for anybody: the final consumer of a *boleta*, the customer abroad.
const ANYBODY: [&str; 2] = ["66666666-6", "55555555-5"];

/// A RUT that names somebody.
fn somebody(text: &str) -> Option<String> {
    rut(text).filter(|rut| !ANYBODY.contains(&rut.as_str()))
}

/// A RUT that must be there.
fn required_rut(node: &Node, path: &str) -> Result<String, Problem> {
    let text = node.required(path)?;
    rut(text).ok_or_else(|| node.problem(path, format!("«{}» no es un RUT", short(text))))
}

/// What a type of document does to the balance; `Err` with what it is where it does nothing.
fn kind_of(code: u16) -> Option<Result<DocumentKind, &'static str>> {
    Some(match code {
        30 | 32 | 33 | 34 | 35 | 38 | 39 | 41 | 45 | 46 | 101 | 110 => Ok(DocumentKind::Invoice),
        55 | 56 | 104 | 111 => Ok(DocumentKind::DebitNote),
        60 | 61 | 106 | 112 => Ok(DocumentKind::CreditNote),
        50 | 52 => Err("guía de despacho"),
        40 | 43 => Err("liquidación-factura"),
        47 | 48 => Err("boletas pagadas por medios electrónicos"),
        _ => return None,
    })
}

/// A *factura de compra* is issued by the one who buys and so owes.
const fn is_issued_by_buyer(code: u16) -> bool {
    matches!(code, 45 | 46)
}

/// A type of document as its digits say.
fn code(node: &Node, path: &str) -> Result<u16, Problem> {
    let text = node.required(path)?;
    text.parse().map_err(|_| {
        node.problem(
            path,
            format!("«{}» no es un tipo de documento", short(text)),
        )
    })
}

/// A folio without leading zeros.
fn folio(text: &str) -> Option<&str> {
    let digits = text.trim().trim_start_matches('0');
    let sound = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    sound.then_some(digits)
}

/// What makes a document one of a kind, and its number.
fn names(issuer: &str, code: u16, folio: &str) -> (String, String) {
    (
        format!("{issuer}-{code}-{folio}"),
        format!("{code}-{folio}"),
    )
}

/// Currencies by the names of the customs office, which exports are written in.
fn currency(text: &str) -> Option<Currency> {
    let name = fold(text);
    let code = match name.as_str() {
        "peso cl" | "peso chileno" | "pesos" => "CLP",
        "dolar usa" | "dolar" => "USD",
        "euro" => "EUR",
        "uf" | "unidad fomento" | "unidad de fomento" => "CLF",
        "libra est" => "GBP",
        "yen" => "JPY",
        "franco sz" => "CHF",
        "dolar can" => "CAD",
        "dolar aust" => "AUD",
        "dolar nz" => "NZD",
        "dolar hk" => "HKD",
        "dolar sin" => "SGD",
        "dolar tai" => "TWD",
        "renminbi" => "CNY",
        "rupia" => "INR",
        "rand" => "ZAR",
        "peso mex" => "MXN",
        "peso col" => "COP",
        "peso urug" => "UYU",
        "peso" => "ARS",
        "nuevo sol" => "PEN",
        "boliviano" => "BOB",
        "guarani" => "PYG",
        "cruzeiro real" | "real" => "BRL",
        "corona dan" | "corona din" => "DKK",
        "corona nor" => "NOK",
        "corona sc" => "SEK",
        three if three.len() == 3 => return Currency::new(three).ok(),
        _ => return None,
    };
    Currency::new(code).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_of_a_rut() {
        let cases = [
            ("76.192.083-9", Some("76192083-9")),
            ("761920839", Some("76192083-9")),
            ("012345670-k", Some("12345670-K")),
            ("66666666-6", Some("66666666-6")),
            ("K", None),
            ("", None),
            ("XAXX010101000", None),
        ];
        for (text, expected) in cases {
            assert_eq!(rut(text).as_deref(), expected, "{text}");
        }
        assert_eq!(somebody("66.666.666-6"), None);
    }
}
