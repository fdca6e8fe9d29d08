//! Brazil: *Nota Fiscal de Serviços eletrônica*, the national layout and the older one that many
//! municipalities keep (ABRASF 2.x).
//!
//! Sources: Manual dos contribuintes do emissor público nacional (layout NFS-e 1.00: `vLiq` is the
//! price of the service less discounts and taxes withheld); ABRASF, Modelo conceitual 2.04.

use domain::Money;
use domain::document::DocumentKind;

use super::brazil::{self, real};
use super::country;
use super::draft::{self, Owed};
use super::family::{Readings, one};
use super::fault::{Problem, or_warn};
use super::model::{Event, EventKind, Invoice, Line, Party, Reading, Standard, Terms};
use super::node::Node;

const NATIONAL: &str = "http://www.sped.fazenda.gov.br/nfse";

/// Whether a root is of either layout.
pub(super) fn is_ours(root: &Node) -> bool {
    let national = root.namespace.as_deref() == Some(NATIONAL);
    let abrasf = root
        .namespace
        .as_deref()
        .is_none_or(|space| space.to_ascii_lowercase().contains("abrasf"));
    national || (abrasf && (&*root.name == "CompNfse" || !members(root).is_empty()))
}

/// Answers of a municipality hold many notes.
pub(super) fn members(root: &Node) -> &'static [&'static str] {
    const ANSWERS: [&str; 7] = [
        "ListaNfse",
        "ConsultarNfseResposta",
        "ConsultarNfseRpsResposta",
        "ConsultarNfseFaixaResposta",
        "ConsultarNfseServicoPrestadoResposta",
        "GerarNfseResposta",
        "ConsultarLoteRpsResposta",
    ];
    if ANSWERS.contains(&&*root.name) {
        return &["CompNfse"];
    }
    &[]
}

/// Reads a note, or what is around it.
pub(super) fn read(root: &Node) -> Readings {
    match &*root.name {
        "NFSe" => one(national(root)),
        "CompNfse" => abrasf(root),
        "evento" => one(event(root)),
        "DPS" => one(Ok(Reading::Silent {
            stamp: root.value("infDPS/@Id").map(str::to_owned),
            what: "declaración de servicio (DPS): todavía no es una NFS-e",
        })),
        "pedRegEvento" => one(Ok(Reading::Silent {
            stamp: root.value("infPedReg/chNFSe").map(str::to_owned),
            what: "pedido de evento de NFS-e: todavía no está registrado",
        })),
        _ => one(Ok(Reading::Silent {
            stamp: None,
            what: "mensaje de NFS-e que no es una nota",
        })),
    }
}

/// The national layout: the note around the declaration it was made from.
fn national(root: &Node) -> Result<Reading, Problem> {
    let note = root
        .at("infNFSe")
        .ok_or_else(|| root.problem("infNFSe", "falta el cuerpo de la nota"))?;
    let declared = note
        .at("DPS/infDPS")
        .ok_or_else(|| note.problem("DPS/infDPS", "falta la declaración del servicio"))?;
    let stamp = note
        .value("@Id")
        .map(|id| id.trim_start_matches("NFS").to_owned());
    let mut warnings = Vec::new();
    let payable = draft::required_money(note, "valores/vLiq", real())?;
    let withheld = note.money("valores/vTotalRet", real())?;
    let total = payable
        .checked_add(withheld.unwrap_or(Money::zero(real())))
        .map_err(|_| note.problem("valores/vLiq", "es mayor de lo que se puede llevar"))?;
    let Some(owed) = Owed::new(DocumentKind::Invoice, total, payable) else {
        return Ok(Reading::Silent {
            stamp,
            what: "NFS-e de importe cero",
        });
    };
    let prices = declared.at("valores");
    const TAXES: [(&str, &str, bool); 3] = [
        ("INSS", "trib/tribFed/vRetCP", true),
        ("IRRF", "trib/tribFed/vRetIRRF", true),
        ("CSLL", "trib/tribFed/vRetCSLL", true),
    ];
    let mut taxes = prices.map_or_else(Vec::new, |prices| {
        brazil::named_taxes(prices, &TAXES, &mut warnings)
    });
    // 1 is not withheld; 2 by who takes the service, 3 by who stands between.
    let iss_withheld = prices
        .and_then(|prices| prices.value("trib/tribMun/tpRetISSQN"))
        .is_some_and(|code| code != "1");
    taxes.extend(brazil::named_taxes(
        note,
        &[("ISS", "valores/vISSQN", iss_withheld)],
        &mut warnings,
    ));
    let issuer = match brazil::party(note, "emit") {
        Party { tax_id: None, .. } => brazil::party(declared, "prest"),
        issuer => issuer,
    };
    let receiver = brazil::party(declared, "toma");
    let price =
        prices.and_then(|prices| or_warn(prices.decimal("vServPrest/vServ"), &mut warnings));
    Ok(Reading::Invoice(Box::new(Invoice {
        standard: Standard::Nfse,
        version: root.value("@versao").unwrap_or("1.00").to_owned(),
        kind: owed.kind,
        stamp,
        number: note.required("nNFSe")?.to_owned(),
        issued: match declared.date("dhEmi")? {
            Some(day) => day,
            None => draft::required_date(note, "dhProc")?,
        },
        global: receiver.tax_id.is_none(),
        issuer,
        receiver,
        total: owed.total,
        payable: owed.payable,
        exchange_rate: None,
        taxes,
        lines: line(declared.words("serv/cServ/xDescServ"), price),
        terms: Terms::default(),
        references: Vec::new(),
        trial: declared.value("tpAmb") == Some("2"),
        warnings,
    })))
}

fn line(description: Option<String>, amount: Option<rust_decimal::Decimal>) -> Vec<Line> {
    amount
        .map(|amount| Line {
            description: description.unwrap_or_default(),
            quantity: None,
            unit_price: None,
            amount,
        })
        .into_iter()
        .collect()
}

/// A registered event of the national layout.
fn event(root: &Node) -> Result<Reading, Problem> {
    let request = root
        .find("infPedReg")
        .ok_or_else(|| root.problem("infEvento/pedRegEvento", "falta el cuerpo del evento"))?;
    let key = request.required("chNFSe")?.to_owned();
    let cancels = ["e101101", "e105102", "e105104", "e305101"]
        .iter()
        .any(|name| request.at(name).is_some());
    if !cancels {
        return Ok(Reading::Silent {
            stamp: Some(key),
            what: "evento de NFS-e que no cambia lo que se debe",
        });
    }
    Ok(Reading::Event(Box::new(Event {
        standard: Standard::Nfse,
        issuer: request
            .value("CNPJAutor")
            .or_else(|| request.value("CPFAutor"))
            .and_then(draft::tax_id),
        stamp: Some(key),
        number: None,
        receiver: None,
        kind: EventKind::Cancelled,
        on: request.date("dhEvento")?,
    })))
}

/// The layout of ABRASF: a note and, beside it, whether it was cancelled.
fn abrasf(root: &Node) -> Readings {
    let cancelled = root.find("NfseCancelamento");
    match abrasf_note(root) {
        Ok(Reading::Invoice(invoice)) if cancelled.is_some() => {
            one(Ok(Reading::Event(Box::new(Event {
                standard: Standard::Nfse,
                stamp: invoice.stamp,
                number: Some(invoice.number),
                issuer: invoice.issuer.tax_id,
                receiver: invoice.receiver.tax_id,
                kind: EventKind::Cancelled,
                on: cancelled.and_then(|node| {
                    let confirmed = node.find("DataHora")?;
                    confirmed.date(".").ok().flatten()
                }),
            }))))
        }
        reading => one(reading),
    }
}

fn abrasf_note(root: &Node) -> Result<Reading, Problem> {
    let note = root
        .find("InfNfse")
        .ok_or_else(|| root.problem("Nfse/InfNfse", "falta el cuerpo de la nota"))?;
    // 2.x keeps the declaration inside; 1.00 has its fields beside the note's own.
    let declared = note.find("InfDeclaracaoPrestacaoServico").unwrap_or(note);
    let prices = declared
        .at("Servico/Valores")
        .ok_or_else(|| declared.problem("Servico/Valores", "faltan los valores del servicio"))?;
    let mut warnings = Vec::new();
    let price = draft::required_money(prices, "ValorServicos", real())?;
    let minor = |path: &str| -> Result<i64, Problem> {
        Ok(prices.money(path, real())?.map_or(0, |money| money.minor))
    };
    let discounts = minor("DescontoIncondicionado")?.saturating_add(minor("DescontoCondicionado")?);
    let total = Money::new(price.minor.saturating_sub(discounts), real());
    let withheld_iss = prices
        .value("IssRetido")
        .or_else(|| declared.value("Servico/IssRetido"))
        == Some("1");
    let taxes = brazil::named_taxes(
        prices,
        &[
            ("ISS", "ValorIss", withheld_iss),
            ("PIS", "ValorPis", true),
            ("COFINS", "ValorCofins", true),
            ("INSS", "ValorInss", true),
            ("IRRF", "ValorIr", true),
            ("CSLL", "ValorCsll", true),
        ],
        &mut warnings,
    );
    let net = [
        "ValoresNfse/ValorLiquidoNfse",
        "Servico/Valores/ValorLiquidoNfse",
    ]
    .iter()
    .find_map(|path| or_warn(note.money(path, real()), &mut warnings));
    let number = note.required("Numero")?.to_owned();
    let mut issuer = abrasf_party(note.at("PrestadorServico"), "IdentificacaoPrestador");
    if issuer.tax_id.is_none() {
        issuer.tax_id = abrasf_party(declared.at("Prestador"), "IdentificacaoPrestador").tax_id;
    }
    let receiver = abrasf_party(
        ["Tomador", "TomadorServico"]
            .iter()
            .find_map(|name| declared.at(name)),
        "IdentificacaoTomador",
    );
    let town = note
        .value("OrgaoGerador/CodigoMunicipio")
        .or_else(|| declared.value("Servico/CodigoMunicipio"));
    let stamp = issuer
        .tax_id
        .as_deref()
        .zip(town)
        .map(|(cnpj, town)| format!("{cnpj}-{town}-{number}"));
    let Some(mut owed) = Owed::new(DocumentKind::Invoice, total, net.unwrap_or(total)) else {
        return Ok(Reading::Silent {
            stamp,
            what: "NFS-e de importe cero",
        });
    };
    owed.bound(&mut warnings);
    Ok(Reading::Invoice(Box::new(Invoice {
        standard: Standard::Nfse,
        version: root.value("Nfse/@versao").unwrap_or("2.00").to_owned(),
        kind: owed.kind,
        stamp,
        number,
        issued: draft::required_date(note, "DataEmissao")?,
        global: receiver.tax_id.is_none(),
        issuer,
        receiver,
        total: owed.total,
        payable: owed.payable,
        exchange_rate: None,
        taxes,
        lines: line(
            declared.words("Servico/Discriminacao"),
            Some(price.decimal()),
        ),
        terms: Terms::default(),
        references: Vec::new(),
        trial: false,
        warnings,
    })))
}

fn abrasf_party(node: Option<&Node>, identification: &str) -> Party {
    let Some(node) = node else {
        return Party::default();
    };
    let identified = node.at(identification).unwrap_or(node);
    let id = ["CpfCnpj/Cnpj", "CpfCnpj/Cpf", "Cnpj", "Cpf"]
        .iter()
        .find_map(|path| identified.value(path));
    Party {
        tax_id: id.and_then(draft::tax_id),
        name: node.words("RazaoSocial").unwrap_or_default(),
        country: country::by_code("BR"),
        region: node.words("Endereco/Uf"),
        emails: draft::emails(node.value("Contato/Email")).collect(),
        phones: node.words("Contato/Telefone").into_iter().collect(),
        key: None,
    }
}
