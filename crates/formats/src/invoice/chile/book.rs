//! The books that companies sent before the register (*Información Electrónica de Compras y
//! Ventas*): each document with its total, without lines.

use domain::Currency;
use domain::customer::Country;
use domain::document::DocumentKind;

use super::super::fault::{Problem, or_warn};
use super::super::model::{
    Event, EventKind, Invoice, Party, Reading, Reference, Relation, Standard, Tax, Terms,
};
use super::super::node::{Node, short};
use super::{code, folio, is_issued_by_buyer, kind_of, names, required_rut, somebody};

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
    let author = if sales {
        own.clone()
    } else {
        required_rut(line, "RUTDoc")?
    };
    let (stamp, number) = names(&author, code, folio);
    if line.value("Anulado") == Some("A") {
        return Ok(Reading::Event(Box::new(Event {
            standard: Standard::Rcv,
            stamp: Some(stamp),
            number: Some(number),
            issuer: Some(author),
            receiver: None,
            kind: EventKind::Cancelled,
            on: line.date("FchDoc")?,
        })));
    }
    let kind = match kind_of(code) {
        Some(Ok(kind)) => kind,
        Some(Err(what)) => {
            return Ok(Reading::Silent {
                stamp: Some(stamp),
                what,
            });
        }
        None => {
            let reason = format!("el tipo de documento {code} no se conoce");
            return Err(line.problem("TpoDoc", reason));
        }
    };
    let entry = Entry {
        line,
        own,
        sales,
        code,
        kind,
        author,
        trial: cover.value("NroResol") == Some("0"),
    };
    entry.invoice(stamp, number)
}

struct Entry<'a> {
    line: &'a Node,
    own: String,
    sales: bool,
    code: u16,
    kind: DocumentKind,
    author: String,
    trial: bool,
}

impl Entry<'_> {
    fn invoice(self, stamp: String, number: String) -> Result<Reading, Problem> {
        let line = self.line;
        let total = line
            .money("MntTotal", Currency::CLP)?
            .ok_or_else(|| line.problem("MntTotal", "falta el monto total"))?;
        if total.minor == 0 {
            return Ok(Reading::Silent {
                stamp: Some(stamp),
                what: "documento por cero pesos",
            });
        }
        if total.minor < 0 {
            return Err(line.problem("MntTotal", "el monto total es negativo"));
        }
        let own = Party {
            tax_id: Some(self.own),
            country: Country::new("CL"),
            ..Party::default()
        };
        let other = Party {
            tax_id: line.value("RUTDoc").and_then(somebody),
            name: line.words("RznSoc").unwrap_or_default(),
            country: Country::new("CL"),
            ..Party::default()
        };
        let to_nobody = self.sales && other.tax_id.is_none();
        let we_are_owed = self.sales != is_issued_by_buyer(self.code);
        let (issuer, receiver) = if we_are_owed {
            (own, other)
        } else {
            (other, own)
        };
        let mut warnings = Vec::new();
        Ok(Reading::Invoice(Box::new(Invoice {
            standard: Standard::Rcv,
            version: "IECV".to_owned(),
            kind: self.kind,
            stamp: Some(stamp),
            number,
            issued: line
                .date("FchDoc")?
                .ok_or_else(|| line.problem("FchDoc", "falta la fecha"))?,
            issuer,
            receiver,
            total,
            payable: total,
            exchange_rate: None,
            taxes: taxes(line, &mut warnings).into_iter().collect(),
            lines: Vec::new(),
            terms: Terms::default(),
            references: reference(line, &self.author).into_iter().collect(),
            trial: self.trial,
            global: to_nobody && matches!(self.code, 35 | 38 | 39 | 41),
            warnings,
        })))
    }
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
