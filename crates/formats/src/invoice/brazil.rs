//! Brazil: *Nota Fiscal eletrônica* 3.10 and 4.00, model 55 between companies and 65 to consumers,
//! and the events of its life.
//!
//! Sources: Manual de Orientação do Contribuinte 7.0 (Anexo I, layout), NT 2016.002 (groups `cobr`
//! and `pag`), NT 2020.001 and MOC Anexo I, table of events.

use domain::document::DocumentKind;
use domain::{Currency, Money};

use super::country;
use super::draft::{self, Owed};
use super::family::{Readings, one};
use super::fault::{Problem, or_warn};
use super::model::{
    Event, EventKind, Instalment, Invoice, Line, Party, Reading, Reference, Relation, Standard,
    Tax, Terms,
};
use super::nfse;
use super::node::Node;

const SPACE: &str = "http://www.portalfiscal.inf.br/nfe";
/// Digits of an access key, and where the issuer's CNPJ stands in it.
const KEY_DIGITS: usize = 44;
const KEY_CNPJ: std::ops::Range<usize> = 6..20;

/// Brazilian real.
pub(super) fn real() -> Currency {
    // Three letters always make one.
    Currency::new("BRL").expect("three letters")
}

/// Whether a root is of NF-e or NFS-e.
pub(super) fn is_ours(root: &Node) -> bool {
    const ROOTS: [&str; 10] = [
        "NFe",
        "nfeProc",
        "enviNFe",
        "procEventoNFe",
        "evento",
        "envEvento",
        "procInutNFe",
        "resNFe",
        "resEvento",
        "procCancNFe",
    ];
    (root.namespace.as_deref() == Some(SPACE) && ROOTS.contains(&&*root.name))
        || nfse::is_ours(root)
}

/// Notes sent in a batch are taken one by one.
pub(super) fn members(root: &Node) -> &'static [&'static str] {
    match &*root.name {
        "enviNFe" => &["NFe"],
        "envEvento" => &["evento"],
        _ => nfse::members(root),
    }
}

/// Reads a note or an event.
pub(super) fn read(root: &Node) -> Readings {
    if nfse::is_ours(root) {
        return nfse::read(root);
    }
    one(match &*root.name {
        "NFe" | "nfeProc" => note(root),
        "procEventoNFe" | "evento" => event(root),
        _ => Ok(Reading::Silent {
            stamp: None,
            what: "resumen o aviso de NF-e: cargue el XML de la nota",
        }),
    })
}

/// What a note is about, by its purpose and direction.
enum Purpose {
    /// A sale, or more of one (`finNFe` 2, 6).
    Owed(DocumentKind),
    /// Goods given back: it lowers what the one who bought them owes, whoever writes it.
    Returned,
    /// Nothing to be paid.
    Silent(&'static str),
}

fn purpose(ide: &Node) -> Purpose {
    let inward = ide.value("tpNF") == Some("0");
    match (ide.value("finNFe"), inward) {
        (Some("3"), _) => Purpose::Silent("NF-e de ajuste: nada por cobrar"),
        (Some("4"), _) => Purpose::Returned,
        (Some("5"), _) => Purpose::Owed(DocumentKind::CreditNote),
        (Some("2" | "6"), false) => Purpose::Owed(DocumentKind::DebitNote),
        (_, true) => Purpose::Silent("NF-e de entrada: quien la emite compra, no vende"),
        _ => Purpose::Owed(DocumentKind::Invoice),
    }
}

fn note(root: &Node) -> Result<Reading, Problem> {
    let note = root.at("NFe").unwrap_or(root);
    let body = note
        .at("infNFe")
        .ok_or_else(|| root.problem("NFe/infNFe", "falta el cuerpo de la nota"))?;
    let ide = body
        .at("ide")
        .ok_or_else(|| body.problem("ide", "falta la identificación de la nota"))?;
    let stamp = body
        .value("@Id")
        .map(|id| id.trim_start_matches("NFe").to_owned());
    let silent = |what| {
        Ok(Reading::Silent {
            stamp: stamp.clone(),
            what,
        })
    };
    let mut warnings = Vec::new();
    match root.value("protNFe/infProt/cStat") {
        // Authorised, also out of time.
        Some("100" | "150") => {}
        Some("101" | "151" | "155") => return silent("NF-e cancelada"),
        Some(_) => return silent("NF-e denegada o rechazada por la SEFAZ: no es una deuda"),
        None => warnings.push("protNFe: la nota viene sin la autorización de la SEFAZ.".into()),
    }
    let (kind, returned) = match purpose(ide) {
        Purpose::Owed(kind) => (kind, false),
        Purpose::Returned => (DocumentKind::CreditNote, true),
        Purpose::Silent(what) => return silent(what),
    };
    let total = total(body, &mut warnings)?;
    let pays = body.at("cobr").is_some() || !unpaid(body);
    if kind == DocumentKind::Invoice && !pays {
        return silent("NF-e sin pago (remesa, bonificación o muestra)");
    }
    let Some(mut owed) = Owed::new(kind, total, total) else {
        return silent("NF-e de importe cero");
    };
    let taxes = taxes(body, &mut warnings);
    let terms = terms(body, &mut owed, &taxes, &mut warnings)?;
    owed.bound(&mut warnings);
    let (mut issuer, mut receiver) = (party(body, "emit"), party(body, "dest"));
    // A buyer who gives goods back writes the note; it is still the seller's credit.
    if returned && ide.value("tpNF") != Some("0") {
        std::mem::swap(&mut issuer, &mut receiver);
    }
    Ok(Reading::Invoice(Box::new(Invoice {
        standard: Standard::Nfe,
        version: body.value("@versao").unwrap_or("4.00").to_owned(),
        kind,
        stamp,
        number: draft::numbered(
            Some(ide.value("serie").unwrap_or("0")),
            ide.required("nNF")?,
        ),
        issued: match ide.date("dhEmi")? {
            Some(day) => day,
            None => draft::required_date(ide, "dEmi")?,
        },
        global: receiver.tax_id.is_none() && ide.value("mod") == Some("65"),
        issuer,
        receiver,
        total: owed.total,
        payable: owed.payable,
        exchange_rate: None,
        taxes,
        lines: lines(body, &mut warnings),
        terms,
        references: references(ide, kind),
        trial: ide.value("tpAmb") == Some("2"),
        warnings,
    })))
}

/// Total of the note; from the reform on, with the taxes that come on top of it.
fn total(body: &Node, warnings: &mut Vec<String>) -> Result<Money, Problem> {
    let path = "total/ICMSTot/vNF";
    let own = draft::required_money(body, path, real())?;
    let whole = or_warn(body.money("total/vNFTot", real()), warnings);
    Ok(match whole {
        Some(whole) if whole.minor > own.minor => whole,
        Some(whole) if whole.minor < own.minor => {
            warnings.push(format!(
                "vNFTot: {} es menos que el total de la nota {}; se tomó este.",
                whole.decimal(),
                own.decimal()
            ));
            own
        }
        _ => own,
    })
}

/// Payments, under their group in 4.00 and by themselves before.
fn payments(body: &Node) -> Vec<&Node> {
    body.all("pag")
        .flat_map(|pag| {
            let details: Vec<&Node> = pag.all("detPag").collect();
            if details.is_empty() {
                vec![pag]
            } else {
                details
            }
        })
        .collect()
}

/// Every payment says that there is none (`tPag` 90).
fn unpaid(body: &Node) -> bool {
    let payments = payments(body);
    !payments.is_empty() && payments.iter().all(|one| one.value("tPag") == Some("90"))
}

/// Paid on the spot: by its own words, or in cash, by card or by instant transfer.
fn is_at_once(payment: &Node) -> bool {
    match payment.value("indPag") {
        Some(code) => code == "0",
        None => matches!(
            payment.value("tPag"),
            Some("01" | "03" | "04" | "10" | "11" | "12" | "13" | "17" | "20")
        ),
    }
}

/// `cobr` says what is billed and when; without it, `pag` says what was paid at once.
fn terms(
    body: &Node,
    owed: &mut Owed,
    taxes: &[Tax],
    warnings: &mut Vec<String>,
) -> Result<Terms, Problem> {
    let payments = payments(body);
    let mut terms = Terms {
        means: payments.first().and_then(|payment| payment.words("tPag")),
        ..Terms::default()
    };
    let withheld = taxes
        .iter()
        .filter(|tax| tax.withheld)
        .filter_map(|tax| Money::from_decimal(tax.amount, real()).ok())
        .fold(0i64, |sum, money| sum.saturating_add(money.minor));
    let kept = owed.total.minor.saturating_sub(withheld);
    if let Some(bill) = body.at("cobr") {
        terms.payment_reference = bill.words("fat/nFat");
        let mut parts = Vec::new();
        for part in bill.all("dup") {
            parts.push(Instalment {
                number: part
                    .words("nDup")
                    .unwrap_or_else(|| format!("{:03}", parts.len() + 1)),
                due: draft::required_date(part, "dVenc")?,
                amount: draft::required_money(part, "vDup", real())?,
            });
        }
        let net = or_warn(bill.money("fat/vLiq", real()), warnings);
        let billed = draft::sum(&parts, real()).filter(|sum| sum.minor > 0);
        owed.payable = net.or(billed).unwrap_or(Money::new(kept, real()));
        draft::lay_out(&mut terms, parts, owed.payable, warnings);
        return Ok(terms);
    }
    owed.payable.minor = kept;
    let (now, later): (Vec<&Node>, Vec<&Node>) = payments
        .into_iter()
        .partition(|payment| is_at_once(payment));
    if later.is_empty() {
        terms.paid_at_once = !now.is_empty();
        return Ok(terms);
    }
    let mut paid = 0i64;
    for payment in now {
        let amount = or_warn(payment.money("vPag", real()), warnings);
        paid = paid.saturating_add(amount.map_or(0, |amount| amount.minor));
    }
    owed.payable.minor = owed.payable.minor.saturating_sub(paid);
    Ok(terms)
}

fn taxes(body: &Node, warnings: &mut Vec<String>) -> Vec<Tax> {
    const TAXES: [(&str, &str, bool); 11] = [
        ("ICMS", "total/ICMSTot/vICMS", false),
        ("ICMS-ST", "total/ICMSTot/vST", false),
        ("IPI", "total/ICMSTot/vIPI", false),
        ("PIS", "total/ICMSTot/vPIS", false),
        ("COFINS", "total/ICMSTot/vCOFINS", false),
        ("ISS", "total/ISSQNtot/vISS", false),
        ("PIS", "total/retTrib/vRetPIS", true),
        ("COFINS", "total/retTrib/vRetCOFINS", true),
        ("CSLL", "total/retTrib/vRetCSLL", true),
        ("IRRF", "total/retTrib/vIRRF", true),
        ("INSS", "total/retTrib/vRetPrev", true),
    ];
    named_taxes(body, &TAXES, warnings)
}

/// Taxes that stand each under its own name; those of zero say nothing.
pub(super) fn named_taxes(
    node: &Node,
    names: &[(&str, &str, bool)],
    warnings: &mut Vec<String>,
) -> Vec<Tax> {
    names
        .iter()
        .filter_map(|(name, path, withheld)| {
            let amount = or_warn(node.decimal(path), warnings)?;
            (!amount.is_zero()).then(|| Tax {
                name: (*name).to_owned(),
                rate: None,
                amount,
                withheld: *withheld,
            })
        })
        .collect()
}

fn lines(body: &Node, warnings: &mut Vec<String>) -> Vec<Line> {
    body.all("det")
        .filter_map(|item| {
            let product = item.at("prod")?;
            Some(Line {
                description: product.words("xProd").unwrap_or_default(),
                quantity: or_warn(product.decimal("qCom"), warnings),
                unit_price: or_warn(product.decimal("vUnCom"), warnings),
                amount: or_warn(product.decimal("vProd"), warnings)?,
            })
        })
        .collect()
}

/// A party by its role; its address has the role's own name.
pub(super) fn party(body: &Node, role: &str) -> Party {
    let Some(node) = body.at(role) else {
        return Party::default();
    };
    let address = [
        "enderEmit",
        "enderDest",
        "enderNac",
        "end",
        "Endereco",
        "endNac",
    ]
    .iter()
    .find_map(|name| node.at(name));
    let within = |path: &str| address.and_then(|address| address.value(path));
    let abroad = node.value("idEstrangeiro").is_some()
        || within("UF") == Some("EX")
        || within("cPais").is_some_and(|code| !matches!(code, "1058" | "BR" | "0"));
    let id = ["CNPJ", "CPF", "idEstrangeiro", "NIF"]
        .iter()
        .find_map(|name| node.value(name));
    let phone = within("fone").or_else(|| node.value("fone"));
    Party {
        tax_id: id.and_then(draft::tax_id),
        name: node.words("xNome").unwrap_or_default(),
        country: if abroad { None } else { country::by_code("BR") },
        region: within("UF")
            .filter(|state| *state != "EX")
            .map(str::to_owned),
        emails: draft::emails(node.value("email")).collect(),
        phones: phone.map(str::to_owned).into_iter().collect(),
        key: None,
    }
}

fn references(ide: &Node, kind: DocumentKind) -> Vec<Reference> {
    let relation = if kind == DocumentKind::Invoice {
        Relation::Other
    } else {
        Relation::Adjusts
    };
    ide.all("NFref")
        .filter_map(|node| node.value("refNFe").or_else(|| node.value("refNFeSig")))
        .map(|key| Reference {
            relation,
            stamp: Some(key.to_owned()),
            number: number_of(key),
            on: None,
        })
        .collect()
}

/// Series and number out of an access key (digits 23 to 34).
fn number_of(key: &str) -> Option<String> {
    let series: u32 = key.get(22..25)?.parse().ok()?;
    let number: u32 = key.get(25..34)?.parse().ok()?;
    (key.len() == KEY_DIGITS).then(|| format!("{series}-{number}"))
}

/// An event, with the tax office's word that it stands.
fn event(root: &Node) -> Result<Reading, Problem> {
    let event = root
        .at("evento/infEvento")
        .or_else(|| root.at("infEvento"))
        .ok_or_else(|| root.problem("evento/infEvento", "falta el cuerpo del evento"))?;
    let key = event.required("chNFe")?.to_owned();
    let answer = root.value("retEvento/infEvento/cStat");
    let silent = |what| {
        Ok(Reading::Silent {
            stamp: Some(key.clone()),
            what,
        })
    };
    let reason = || {
        event
            .words("detEvento/xJust")
            .or_else(|| event.words("detEvento/descEvento"))
            .unwrap_or_else(|| "sin motivo escrito".to_owned())
    };
    let kind = match event.required("tpEvento")? {
        "110111" | "110112" => EventKind::Cancelled,
        "210200" => EventKind::Accepted,
        "210220" | "210240" => EventKind::Claimed { reason: reason() },
        "210210" => return silent("ciência da operação: el cliente sabe de la nota"),
        "110110" => return silent("carta de corrección: no cambia importes"),
        _ => return silent("evento de NF-e que no cambia lo que se debe"),
    };
    // Registered and bound to the note; registered, note unknown here; cancelled out of time.
    if !matches!(answer, Some("135" | "136" | "155")) {
        return silent("evento de NF-e sin registro de la SEFAZ: todavía no vale");
    }
    let author = event
        .value("CNPJ")
        .or_else(|| event.value("CPF"))
        .and_then(draft::tax_id);
    let by_customer = !matches!(kind, EventKind::Cancelled);
    Ok(Reading::Event(Box::new(Event {
        standard: Standard::Nfe,
        number: number_of(&key),
        issuer: key.get(KEY_CNPJ).map(str::to_owned),
        receiver: author.filter(|_| by_customer),
        stamp: Some(key.clone()),
        kind,
        on: event.date("dhEvento")?,
    })))
}
