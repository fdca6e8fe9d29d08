//! Cessions of credits (*Archivo Electrónico de Cesión*, Ley 19.983): the invoice itself, and each
//! step by which it came to belong to somebody else.

use domain::Currency;
use domain::customer::Country;

use super::super::family::{Readings, one};
use super::super::fault::Problem;
use super::super::model::{Event, EventKind, Party, Reading, Standard};
use super::super::node::Node;
use super::{answers, dte, required_rut};

/// Reads an `AEC`, a `DTECedido` or a `Cesion`.
pub(super) fn read(root: &Node) -> Readings {
    let (mut documents, mut cessions) = (Vec::new(), Vec::new());
    root.find_all("DTE", &mut documents);
    root.find_all("DocumentoCesion", &mut cessions);
    let readings: Readings = documents
        .into_iter()
        .map(dte::read)
        .chain(cessions.into_iter().map(assigned))
        .collect();
    if readings.is_empty() {
        return one(Err(
            root.problem("DocumentoCesion", "no trae ninguna cesión")
        ));
    }
    readings
}

fn assigned(cession: &Node) -> Result<Reading, Problem> {
    let document = cession
        .at("IdDTE")
        .ok_or_else(|| cession.problem("IdDTE", "la cesión no nombra el documento"))?;
    let to = Party {
        tax_id: Some(required_rut(cession, "Cesionario/RUT")?),
        name: cession.words("Cesionario/RazonSocial").unwrap_or_default(),
        country: Country::new("CL"),
        emails: cession.words("Cesionario/eMail").into_iter().collect(),
        ..Party::default()
    };
    let amount = cession.money("MontoCesion", Currency::CLP)?;
    let kind = EventKind::Assigned { to, amount };
    let on = cession.date("TmstCesion")?;
    let Reading::Event(event) = answers::event(document, "TipoDTE", kind, on)? else {
        return Err(cession.problem("IdDTE", "la cesión no nombra el documento"));
    };
    Ok(Reading::Event(Box::new(Event {
        standard: Standard::Aec,
        ..*event
    })))
}
