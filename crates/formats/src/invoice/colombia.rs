//! What the DIAN of Colombia adds to UBL: the invoice wrapped in an *AttachedDocument*, and the
//! events of an invoice that is a title (RADIAN).
//!
//! Sources: DIAN, Anexo técnico de factura electrónica de venta 1.9, and Anexo técnico RADIAN 1.1
//! (codes of events).

use jiff::civil::Date;

use super::draft;
use super::family::{Readings, one};
use super::fault::Problem;
use super::model::{Event, EventKind, Party, Reading, Standard, Terms};
use super::node::Node;
use super::ubl::{self, Profile};
use super::xml;

/// The tax id of sales to nobody in particular (Resolución 000165 de 2023).
pub(super) const FINAL_CONSUMER: &str = "222222222222";

/// Whether it was issued in the tax office's trial environment.
pub(super) fn is_trial(root: &Node, profile: Profile) -> bool {
    profile == Profile::Colombia && root.value("ProfileExecutionID") == Some("2")
}

/// Forma de pago: 1 at once, 2 on credit.
pub(super) fn terms(root: &Node, issued: Date, terms: &mut Terms) {
    let at_once = root.value("PaymentMeans/ID") == Some("1");
    terms.paid_at_once = at_once && terms.due.is_none_or(|due| due <= issued);
}

/// The invoice inside its wrapper. The tax office's own answer beside it counts: a document that
/// it rejected was never issued.
pub(super) fn attached(root: &Node) -> Readings {
    const INSIDE: &str = "Attachment/ExternalReference/Description";
    if let Some(code) = answer(root)
        && code == "04"
    {
        let path = "ParentDocumentLineReference/DocumentReference/Attachment";
        let reason = "la DIAN rechazó este documento: no es una deuda; corrija y emita otro";
        return one(Err(root.problem(path, reason)));
    }
    let Some(text) = root.value(INSIDE) else {
        return one(Err(
            root.problem(INSIDE, "el contenedor viene sin la factura adentro")
        ));
    };
    match inner(text) {
        Ok(inside) if &*inside.name == "AttachedDocument" => one(Err(
            root.problem(INSIDE, "un contenedor dentro de otro: cargue el de adentro")
        )),
        Ok(inside) if ubl::is_ours(&inside) => ubl::read(&inside)
            .into_iter()
            .map(|reading| reading.map_err(|problem| within(root, inside.place(problem))))
            .collect(),
        Ok(inside) => {
            let reason = format!("trae adentro «{}», que no es una factura", inside.name);
            one(Err(root.problem(INSIDE, reason)))
        }
        Err(problem) => one(Err(within(root, problem))),
    }
}

/// A problem of the document inside, told from outside: its lines count from the wrapper's text.
fn within(root: &Node, problem: Problem) -> Problem {
    Problem {
        line: root
            .at("Attachment/ExternalReference/Description")
            .map(|node| {
                node.line
                    .saturating_add(problem.line.unwrap_or(1).saturating_sub(1))
            }),
        element: None,
        ..problem
    }
}

/// A document that stands as text in another. Its declaration speaks of bytes that are text now.
fn inner(text: &str) -> Result<Node, Problem> {
    let text = text.trim_start_matches('\u{feff}');
    let body = match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or(text, |(_, body)| body),
        None => text,
    };
    xml::parse(body.as_bytes())
}

/// Code of the tax office's answer: `02` valid, `04` rejected.
fn answer(root: &Node) -> Option<String> {
    let path = "ParentDocumentLineReference/DocumentReference/Attachment/ExternalReference";
    let text = root.at(path)?.value("Description")?;
    let node = inner(text).ok()?;
    node.value("DocumentResponse/Response/ResponseCode")
        .map(str::to_owned)
}

/// An event of the life of an invoice, or the tax office's answer to one.
pub(super) fn response(root: &Node) -> Result<Reading, Problem> {
    let response = root
        .at("DocumentResponse")
        .ok_or_else(|| root.problem("DocumentResponse", "falta el evento"))?;
    let code = response.required("Response/ResponseCode")?;
    let document = response.at("DocumentReference");
    let stamp = document
        .and_then(|document| document.value("UUID"))
        .map(str::to_ascii_lowercase);
    let sender = party(root, "SenderParty");
    let other = party(root, "ReceiverParty");
    let silent = |what| {
        Ok(Reading::Silent {
            stamp: root.value("UUID").map(str::to_ascii_lowercase),
            what,
        })
    };
    let kind = match code {
        "04" => EventKind::Cancelled,
        "031" => EventKind::Claimed {
            reason: reason(response),
        },
        "032" => EventKind::GoodsReceived,
        "033" | "034" => EventKind::Accepted,
        // Endorsed in property, as a guarantee, for collection, as a cession; rights transferred:
        // whoever holds the title is the one to be paid (Código de Comercio, 651 to 663).
        "037" | "038" | "039" | "047" | "049" => EventKind::Assigned {
            to: other.clone(),
            amount: None,
        },
        "02" => return silent("validación de la DIAN: el documento sigue como estaba"),
        "030" => return silent("acuse de recibo de la factura"),
        "045" | "051" => return silent("aviso de pago: se concilia con el banco"),
        _ => return silent("evento RADIAN que no cambia lo que se debe"),
    };
    // The customer speaks in 031 to 033; the issuer, or who holds the title, in the others.
    let (issuer, receiver) = match code {
        "031" | "032" | "033" => (other.tax_id, sender.tax_id),
        "04" => (other.tax_id, None),
        _ => (sender.tax_id, None),
    };
    Ok(Reading::Event(Box::new(Event {
        standard: Standard::UblColombia,
        stamp,
        number: document.and_then(|document| document.words("ID")),
        issuer,
        receiver,
        kind,
        on: root.date("IssueDate")?,
    })))
}

/// What the customer contests, in the words of the event.
fn reason(response: &Node) -> String {
    ["Response/Description", "Response/ResponseCode/@name"]
        .iter()
        .find_map(|path| response.words(path))
        .unwrap_or_else(|| "reclamo sin motivo escrito".to_owned())
}

fn party(root: &Node, role: &str) -> Party {
    let Some(node) = root.at(role) else {
        return Party::default();
    };
    let scheme = node.at("PartyTaxScheme").unwrap_or(node);
    Party {
        tax_id: scheme.value("CompanyID").and_then(draft::tax_id),
        name: scheme.words("RegistrationName").unwrap_or_default(),
        ..Party::default()
    }
}
