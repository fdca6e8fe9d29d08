//! Mexico: *Comprobante Fiscal Digital por Internet* 3.2, 3.3 and 4.0 (SAT, Anexo 20), its
//! complement of payments 1.0 and 2.0, acknowledgements of cancellations, and the metadata of bulk
//! downloads.

mod cfdi;
pub(super) mod metadata;
mod payments;

use domain::customer::Country;

use super::country;
use super::family::{Readings, one};
use super::fault::Problem;
use super::model::{Event, EventKind, Party, Reading, Standard};
use super::node::{Node, short};

const CFDI: [&str; 2] = ["http://www.sat.gob.mx/cfd/3", "http://www.sat.gob.mx/cfd/4"];
const WITHHOLDINGS: [&str; 2] = [
    "http://www.sat.gob.mx/esquemas/retencionpago/1",
    "http://www.sat.gob.mx/esquemas/retencionpago/2",
];
const CANCELLATION: [&str; 1] = ["http://cancelacfd.sat.gob.mx"];

/// Who bought over the counter, and who is abroad: the RFC is shared by all of them (Anexo 20).
const PUBLIC_RFC: &str = "XAXX010101000";
const FOREIGN_RFC: &str = "XEXX010101000";

/// Whether a root is one of these.
pub(super) fn is_ours(root: &Node) -> bool {
    root.is("Comprobante", &CFDI)
        || root.is("Retenciones", &WITHHOLDINGS)
        || is_acknowledgement(root)
}

/// The tax office writes the namespace on the root or on what is in it, and calls the service's
/// answer by other names; the issuer's RFC is always there.
fn is_acknowledgement(root: &Node) -> bool {
    let spaces = [CANCELLATION[0], WITHHOLDINGS[0], WITHHOLDINGS[1]];
    let names = ["Acuse", "CancelaCFDResult", "CancelaRetencionResult"];
    (names.iter().any(|name| root.is(name, &spaces)) && root.value("@RfcEmisor").is_some())
        || (root.namespace.is_some() && root.is("CancelaCFDResponse", &CANCELLATION))
}

/// Reads one of them.
pub(super) fn read(root: &Node) -> Readings {
    match &*root.name {
        "Comprobante" => one(cfdi::read(root)),
        "Retenciones" => one(Ok(Reading::Silent {
            stamp: stamp(root),
            what: "constancia de retenciones",
        })),
        _ => cancellations(root),
    }
}

/// What an acknowledgement says of each folio. 201: cancelled; 202: was cancelled before (SAT,
/// *Servicio de cancelación*); of withholdings 1201 and 1202. The others are refusals: the
/// document holds.
fn cancellations(root: &Node) -> Readings {
    let acknowledgement = root.find("Acuse").or_else(|| root.find("CancelaCFDResult"));
    let acknowledgement = acknowledgement.unwrap_or(root);
    let mut folios = Vec::new();
    acknowledgement.find_all("Folios", &mut folios);
    if folios.is_empty() {
        return one(Err(
            root.problem("Folios", "el acuse no nombra ningún folio fiscal")
        ));
    }
    folios
        .into_iter()
        .map(|folio| {
            let uuid = uuid(folio.required("UUID")?)
                .ok_or_else(|| folio.problem("UUID", "no es un folio fiscal"))?;
            if !matches!(
                folio.value("EstatusUUID"),
                Some("201" | "202" | "1201" | "1202")
            ) {
                return Ok(Reading::Silent {
                    stamp: Some(uuid),
                    what: "acuse de una cancelación que no procedió",
                });
            }
            Ok(Reading::Event(Box::new(Event {
                standard: Standard::Cfdi,
                stamp: Some(uuid),
                number: None,
                issuer: acknowledgement.value("@RfcEmisor").map(rfc),
                receiver: None,
                kind: EventKind::Cancelled,
                on: acknowledgement.date("@Fecha")?,
            })))
        })
        .collect()
}

/// The folio fiscal of the stamp, which sits in one of the complements.
fn stamp(root: &Node) -> Option<String> {
    let stamp = complement(root, "TimbreFiscalDigital")?;
    uuid(stamp.value("@UUID")?)
}

/// The first complement of a name.
fn complement<'a>(root: &'a Node, name: &'a str) -> Option<&'a Node> {
    root.all("Complemento").find_map(|all| all.at(name))
}

/// A folio fiscal in upper case; `None` where it is not one.
fn uuid(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    let shape = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    (text.len() == 36 && text.bytes().enumerate().all(shape)).then_some(text)
}

/// An RFC in one spelling.
fn rfc(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .flat_map(char::to_uppercase)
        .collect()
}

/// Attributes are written with a capital since 3.3 and with a small letter before.
struct Spelling {
    small: bool,
}

impl Spelling {
    /// The path with its attribute as this version writes it.
    fn of(&self, path: &str) -> String {
        let Some((elements, attribute)) = path.split_once('@') else {
            return path.to_owned();
        };
        let mut letters = attribute.chars();
        let first = letters.next().into_iter();
        if self.small {
            let first: String = first.flat_map(char::to_lowercase).collect();
            format!("{elements}@{first}{}", letters.as_str())
        } else {
            path.to_owned()
        }
    }
}

/// Issuer and receiver. The generic RFCs are nobody's tax id.
fn parties(root: &Node, spelling: &Spelling) -> Result<(Party, Party), Problem> {
    let path = |path: &str| spelling.of(path);
    let issuer = Party {
        tax_id: Some(rfc(root.required(&path("Emisor/@Rfc"))?)),
        name: root.words(&path("Emisor/@Nombre")).unwrap_or_default(),
        country: Some(Country::MX),
        region: root.words("Emisor/DomicilioFiscal/@estado"),
        ..Party::default()
    };
    let of_receiver = rfc(root.required(&path("Receptor/@Rfc"))?);
    let mut receiver = Party {
        name: root.words(&path("Receptor/@Nombre")).unwrap_or_default(),
        country: Some(Country::MX),
        region: root.words("Receptor/Domicilio/@estado"),
        ..Party::default()
    };
    match of_receiver.as_str() {
        PUBLIC_RFC => {}
        FOREIGN_RFC => {
            receiver.tax_id = root.value("Receptor/@NumRegIdTrib").map(str::to_uppercase);
            receiver.country = root
                .value("Receptor/@ResidenciaFiscal")
                .and_then(country::by_code);
        }
        _ => receiver.tax_id = Some(of_receiver),
    }
    Ok((issuer, receiver))
}

/// Series and folio as people write them, or the stamp where there are none.
fn number(root: &Node, spelling: &Spelling, stamp: Option<&str>) -> Result<String, Problem> {
    let series = root.words(&spelling.of("@Serie"));
    let folio = root.words(&spelling.of("@Folio"));
    match (series, folio) {
        (Some(series), Some(folio)) => Ok(format!("{series}-{folio}")),
        (None, Some(only)) | (Some(only), None) => Ok(only),
        (None, None) => stamp.map(str::to_owned).ok_or_else(|| {
            let reason = "no tiene folio ni timbre (UUID): no se distingue de otros; importe el \
                          XML timbrado";
            root.problem("@Folio", reason)
        }),
    }
}

/// The version, refused where it is none that is known here.
fn version<'a>(root: &'a Node, path: &str, known: &[&str]) -> Result<&'a str, Problem> {
    let version = root.required(path)?;
    if known.contains(&version) {
        return Ok(version);
    }
    let reason = format!(
        "la versión «{}» no se conoce ({})",
        short(version),
        known.join(", ")
    );
    Err(root.problem(path, reason))
}
