//! The books that companies sent before the register (*Información Electrónica de Compras y
//! Ventas*): each document with its total, without lines.

use domain::customer::Country;
use domain::{Currency, Money};

use super::super::fault::{Problem, or_warn};
use super::super::model::{
    Event, EventKind, Invoice, Party, Reading, Reference, Relation, Standard, Tax, Terms,
};
use super::super::node::{Node, short};
use super::{code, folio, is_issued_by_buyer, kind_of, names, required_rut, rut, somebody};

/// Reads a `Detalle`, with the `Caratula` of its book.
pub(super) fn read(line: &Node, cover: Option<&Node>) -> Result<Reading, Problem> {
    let cover = cover.ok_or_else(|| line.problem(".", "falta la carátula antes del detalle"))?;
    let own = required_rut(cover, "RutEmisorLibro")?;
    let sales = match cover.required("TipoOperacion")? {
        "VENTA" => true,
        "COMPRA" => false,
        other => {
            let reason = format!("«{}» no es un libro de venta ni de compra", short(other));
            return Err(line.problem("TipoOperacion", reason));
        }
    };
    let code = code(line, "TpoDoc")?;
    let text = line.required("NroDoc")?;
    let folio = folio(text)
        .ok_or_else(|| line.problem("NroDoc", format!("«{}» no es un folio", short(text))))?;
    let other = line.value("RUTDoc").and_then(rut);
    let author = if sales { Some(&own) } else { other.as_ref() };
    let author = author
        .ok_or_else(|| line.problem("RUTDoc", "falta el RUT"))?
        .clone();
    let (stamp, number) = names(&author, code, folio);
    let other = Party {
        tax_id: line.value("RUTDoc").and_then(somebody),
        name: line.words("RznSoc").unwrap_or_default(),
        country: Country::new("CL"),
        ..Party::default()
    };
    if line.value("Anulado") == Some("A") {
        return Ok(Reading::Event(Box::new(Event {
            standard: Standard::Rcv,
            stamp: Some(stamp),
            number: Some(number),
            issuer: Some(author),
            receiver: other.tax_id,
            kind: EventKind::Cancelled,
            on: line.date("FchDoc")?,
        })));
    }
    let silent = |what| {
        Ok(Reading::Silent {
            stamp: Some(stamp.clone()),
            what,
        })
    };
    let kind = match kind_of(code) {
        Some(Ok(kind)) => kind,
        Some(Err(what)) => return silent(what),
        None => {
            let reason = format!("el tipo de documento {code} no se conoce");
            return Err(line.problem("TpoDoc", reason));
        }
    };
    let total = line
        .money("MntTotal", Currency::CLP)?
        .ok_or_else(|| line.problem("MntTotal", "falta el monto total"))?;
    if total.minor == 0 {
        return silent("documento por cero pesos");
    }
    let own = Party {
        tax_id: Some(own),
        country: Country::new("CL"),
        ..Party::default()
    };
    let global = sales && other.tax_id.is_none() && matches!(code, 35 | 38 | 39 | 41);
    let (writer, reader) = if sales { (own, other) } else { (other, own) };
    let (issuer, receiver) = if is_issued_by_buyer(code) {
        (reader, writer)
    } else {
        (writer, reader)
    };
    let mut warnings = Vec::new();
    Ok(Reading::Invoice(Box::new(Invoice {
        standard: Standard::Rcv,
        version: "IECV".to_owned(),
        kind,
        stamp: Some(stamp),
        number,
        issued: line
            .date("FchDoc")?
            .ok_or_else(|| line.problem("FchDoc", "falta la fecha"))?,
        issuer,
        receiver,
        total: Money::new(total.minor.saturating_abs(), total.currency),
        payable: Money::new(total.minor.saturating_abs(), total.currency),
        exchange_rate: None,
        taxes: taxes(line, &mut warnings).into_iter().collect(),
        lines: Vec::new(),
        terms: Terms::default(),
        references: reference(line, &author).into_iter().collect(),
        trial: cover.value("NroResol") == Some("0"),
        global,
        warnings,
    })))
}

fn taxes(line: &Node, warnings: &mut Vec<String>) -> Option<Tax> {
    let amount = or_warn(line.decimal("MntIVA"), warnings)?;
    (!amount.is_zero()).then(|| Tax {
        name: "IVA".to_owned(),
        rate: or_warn(line.decimal("TasaImp"), warnings)
            .map(|rate| (rate / rust_decimal::Decimal::ONE_HUNDRED).normalize()),
        amount: amount.abs(),
        withheld: false,
    })
}

fn reference(line: &Node, author: &str) -> Option<Reference> {
    let code: u16 = line.value("TpoDocRef")?.parse().ok()?;
    let (stamp, number) = names(author, code, folio(line.value("FolioDocRef")?)?);
    Some(Reference {
        relation: Relation::Adjusts,
        stamp: Some(stamp),
        number: Some(number),
        on: None,
    })
}
