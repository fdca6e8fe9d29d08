//! What the customer answers: accepted, contested, received (Ley 19.983).

use super::super::family::{Readings, one};
use super::super::fault::Problem;
use super::super::model::{Event, EventKind, Reading, Standard};
use super::super::node::{Node, short};
use super::{code, folio, names, required_rut, somebody};

/// Reads a `RespuestaDTE`: results of commercial judgement and of technical reception.
pub(super) fn read(root: &Node) -> Readings {
    let mut answers = Vec::new();
    root.find_all("ResultadoDTE", &mut answers);
    root.find_all("RecepcionDTE", &mut answers);
    if answers.is_empty() {
        return one(Ok(Reading::Silent {
            stamp: None,
            what: "acuse de recibo de un envío",
        }));
    }
    let answered = root.value("Resultado/Caratula/TmstFirmaResp").is_some();
    answers
        .into_iter()
        .map(|answer| {
            let on = if answered {
                root.date("Resultado/Caratula/TmstFirmaResp")?
            } else {
                None
            };
            match &*answer.name {
                "ResultadoDTE" => judged(answer, on),
                _ => received(answer, on),
            }
        })
        .collect()
}

/// Reads a `Recibo`: the customer has the goods, so that the invoice can be enforced.
pub(super) fn receipt_of_goods(root: &Node) -> Result<Reading, Problem> {
    let receipt = root
        .at("DocumentoRecibo")
        .ok_or_else(|| root.problem("DocumentoRecibo", "el recibo no trae el documento"))?;
    let on = receipt.date("TmstFirmaRecibo")?;
    event(receipt, "TipoDoc", EventKind::GoodsReceived, on)
}

/// `EstadoDTE`: 0 accepted, 1 accepted with differences, 2 refused.
fn judged(answer: &Node, on: Option<jiff::civil::Date>) -> Result<Reading, Problem> {
    let state = answer.required("EstadoDTE")?;
    let kind = match state {
        "0" | "1" => EventKind::Accepted,
        "2" => EventKind::Claimed {
            reason: answer.words("EstadoDTEGlosa").unwrap_or_default(),
        },
        _ => {
            let reason = format!("«{}» no es un estado (0, 1 o 2)", short(state));
            return Err(answer.problem("EstadoDTE", reason));
        }
    };
    event(answer, "TipoDTE", kind, on)
}

/// `EstadoRecepDTE`: 0 received, 4 received before; the others say that it could not be taken in.
fn received(answer: &Node, on: Option<jiff::civil::Date>) -> Result<Reading, Problem> {
    if matches!(answer.required("EstadoRecepDTE")?, "0" | "4") {
        return Ok(Reading::Silent {
            stamp: None,
            what: "acuse de recibo de un documento",
        });
    }
    let reason = answer.words("RecepDTEGlosa").unwrap_or_default();
    event(answer, "TipoDTE", EventKind::Claimed { reason }, on)
}

/// Something that befell the document that an element names.
pub(super) fn event(
    node: &Node,
    type_path: &str,
    kind: EventKind,
    on: Option<jiff::civil::Date>,
) -> Result<Reading, Problem> {
    let issuer = required_rut(node, "RUTEmisor")?;
    let text = node.required("Folio")?;
    let folio = folio(text)
        .ok_or_else(|| node.problem("Folio", format!("«{}» no es un folio", short(text))))?;
    let (stamp, number) = names(&issuer, code(node, type_path)?, folio);
    let receiver = node
        .value("RUTRecep")
        .or_else(|| node.value("RUTReceptor"))
        .and_then(somebody);
    Ok(Reading::Event(Box::new(Event {
        standard: Standard::Dte,
        stamp: Some(stamp),
        number: Some(number),
        issuer: Some(issuer),
        receiver,
        kind,
        on,
    })))
}
