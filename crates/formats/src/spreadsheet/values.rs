//! Words in cells: countries, languages, yes and no, kinds of documents, addresses.

use domain::Currency;
use domain::company::{Actor, CreditorClass, DebtClass};
use domain::customer::{BehaviourClass, ContactSource, Country, DebtorClass, RecipientRole};
use domain::document::DocumentKind;

use super::record::{Status, TaxId};
use crate::amount::known_currency;
use crate::fold::fold;

/// What a document's kind says, where it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Document(DocumentKind),
    /// Not a document: a payment among the documents.
    Payment,
}

pub(super) fn kind(text: &str) -> Option<Kind> {
    use DocumentKind::{CreditNote, DebitNote, Invoice};
    const WORDS: &[(&str, Kind)] = &[
        ("credit", Kind::Document(CreditNote)),
        ("devolucion", Kind::Document(CreditNote)),
        ("bonificacion", Kind::Document(CreditNote)),
        ("debit", Kind::Document(DebitNote)),
        ("nota de cargo", Kind::Document(DebitNote)),
        ("pago", Kind::Payment),
        ("payment", Kind::Payment),
        ("recibo", Kind::Payment),
        ("cobro", Kind::Payment),
        ("fact", Kind::Document(Invoice)),
        ("invoice", Kind::Document(Invoice)),
        ("fatura", Kind::Document(Invoice)),
        ("nota fiscal", Kind::Document(Invoice)),
        ("boleta", Kind::Document(Invoice)),
    ];
    // The words of exports, before the costlier reading of what people write.
    match text {
        "invoice" | "factura" | "Factura" | "FACTURA" => return Some(Kind::Document(Invoice)),
        "credit_note" => return Some(Kind::Document(CreditNote)),
        _ => {}
    }
    let word = fold(text);
    Some(match word.as_str() {
        "nc" | "cn" | "e" | "egreso" | "nota credito" | "nce" | "ncr" => Kind::Document(CreditNote),
        "nd" | "dn" | "cargo" | "nde" => Kind::Document(DebitNote),
        "f" | "fc" | "fa" | "fac" | "fv" | "inv" | "i" | "ingreso" | "nf" | "nfe" | "fe" => {
            Kind::Document(Invoice)
        }
        "p" | "rc" => Kind::Payment,
        _ => WORDS.iter().find(|(part, _)| word.contains(part))?.1,
    })
}

pub(super) fn status(text: &str) -> Option<Status> {
    let word = fold(text);
    Some(match word.as_str() {
        "paid" | "pagado" | "pagada" | "pago" | "paga" | "liquidado" | "liquidada" | "settled"
        | "saldado" | "saldada" | "cobrado" | "cobrada" | "quitado" | "paid in full"
        | "pagado total" => Status::Paid,
        "cancelled" | "canceled" | "cancelado" | "cancelada" | "anulado" | "anulada" | "void"
        | "voided" => Status::Cancelled,
        "open" | "abierto" | "abierta" | "pendiente" | "pending" | "overdue" | "vencido"
        | "vencida" | "vigente" | "por cobrar" | "en gestion" | "parcial" | "partial"
        | "partially paid" | "unpaid" | "outstanding" | "em aberto" | "pendente" | "por vencer"
        | "impaga" | "impago" => Status::Open,
        _ => return None,
    })
}

pub(super) fn yes_no(text: &str) -> Option<bool> {
    match text {
        "0" | "No" | "no" | "false" => return Some(false),
        "1" | "Yes" | "yes" | "true" => return Some(true),
        _ => {}
    }
    Some(match fold(text).as_str() {
        "yes" | "y" | "si" | "s" | "sim" | "true" | "1" | "x" | "verdadero" | "verdadeiro"
        | "en disputa" | "disputada" | "disputado" | "disputed" => true,
        "no" | "n" | "nao" | "false" | "0" | "falso" => false,
        _ => return None,
    })
}

/// Days of credit: `30`, `Net 30`, `30 días`, `contado`.
pub(super) fn terms_days(text: &str) -> Option<u16> {
    const DAYS_MAX: u16 = 720;
    let word = fold(text);
    if [
        "contado",
        "cash",
        "a vista",
        "inmediato",
        "immediate",
        "due on receipt",
        "de contado",
    ]
    .contains(&word.as_str())
    {
        return Some(0);
    }
    let mut numbers = word
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|n| !n.is_empty());
    let days: u16 = numbers.next()?.parse().ok()?;
    let several = numbers
        .next()
        .is_some_and(|other| other != "0" && other != "00");
    (!several && days <= DAYS_MAX).then_some(days)
}

/// A currency by code, symbol or word; `None` when it is none.
pub(super) fn currency(text: &str) -> Option<Currency> {
    let text = text.trim();
    if let Some(code) = known_currency(text) {
        return Some(code);
    }
    let code = match fold(text).as_str() {
        "dolares" | "dolar" | "dollars" | "us" | "dolares americanos" | "dls" | "dlls" => "USD",
        "euros" | "euro" => "EUR",
        "mn" | "m n" | "pesos mexicanos" | "peso mexicano" | "moneda nacional" | "mxp" => "MXN",
        "reales" | "reais" | "real" | "r" => "BRL",
        "soles" | "sol" => "PEN",
        "uf" => "CLF",
        _ if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) => text,
        _ => return None,
    };
    Currency::new(code).ok()
}

pub(super) fn country(text: &str) -> Option<Country> {
    const NAMES: &[(&str, &str)] = &[
        ("mexico", "MX"),
        ("mex", "MX"),
        ("colombia", "CO"),
        ("col", "CO"),
        ("chile", "CL"),
        ("chl", "CL"),
        ("peru", "PE"),
        ("per", "PE"),
        ("argentina", "AR"),
        ("arg", "AR"),
        ("brasil", "BR"),
        ("brazil", "BR"),
        ("bra", "BR"),
        ("ecuador", "EC"),
        ("ecu", "EC"),
        ("uruguay", "UY"),
        ("ury", "UY"),
        ("paraguay", "PY"),
        ("pry", "PY"),
        ("bolivia", "BO"),
        ("bol", "BO"),
        ("venezuela", "VE"),
        ("ven", "VE"),
        ("panama", "PA"),
        ("pan", "PA"),
        ("costa rica", "CR"),
        ("cri", "CR"),
        ("guatemala", "GT"),
        ("gtm", "GT"),
        ("honduras", "HN"),
        ("hnd", "HN"),
        ("nicaragua", "NI"),
        ("nic", "NI"),
        ("el salvador", "SV"),
        ("slv", "SV"),
        ("republica dominicana", "DO"),
        ("dom", "DO"),
        ("cuba", "CU"),
        ("puerto rico", "PR"),
        ("espana", "ES"),
        ("spain", "ES"),
        ("esp", "ES"),
        ("estados unidos", "US"),
        ("united states", "US"),
        ("usa", "US"),
        ("eua", "US"),
        ("eeuu", "US"),
        ("ee uu", "US"),
        ("canada", "CA"),
        ("can", "CA"),
        ("alemania", "DE"),
        ("germany", "DE"),
        ("francia", "FR"),
        ("france", "FR"),
        ("portugal", "PT"),
        ("italia", "IT"),
        ("italy", "IT"),
        ("reino unido", "GB"),
        ("united kingdom", "GB"),
    ];
    let text = text.trim();
    Country::new(text).or_else(|| {
        let word = fold(text);
        let (_, code) = NAMES.iter().find(|(name, _)| *name == word)?;
        Country::new(code)
    })
}

/// A state or province as ISO 3166-2 where laws tell it apart; else as written.
pub(super) fn subdivision(text: String, country: Option<Country>) -> String {
    const BRAZIL: &str = "acre AC,alagoas AL,amapa AP,amazonas AM,bahia BA,ceara CE,\
        distrito federal DF,espirito santo ES,goias GO,maranhao MA,mato grosso MT,\
        mato grosso do sul MS,minas gerais MG,para PA,paraiba PB,parana PR,pernambuco PE,\
        piaui PI,rio de janeiro RJ,rio grande do norte RN,rio grande do sul RS,rondonia RO,\
        roraima RR,santa catarina SC,sao paulo SP,sergipe SE,tocantins TO";
    const UNITED_STATES: &str = "california CA,massachusetts MA,new york NY,texas TX,florida FL,\
        washington WA,illinois IL,colorado CO,arizona AZ,nevada NV,new jersey NJ";
    const ARGENTINA: &str = "caba C,capital federal C,ciudad de buenos aires C,\
        ciudad autonoma de buenos aires C,buenos aires B";
    let word = fold(&text);
    let listed = |list: &str| {
        let mut entries = list.split(',').filter_map(|it| it.trim().rsplit_once(' '));
        let found = entries.find(|(name, code)| *name == word || code.eq_ignore_ascii_case(&word));
        found.map(|(_, code)| code.to_owned())
    };
    let country = country.map(|it| it.code().to_owned());
    let code = match country.as_deref() {
        Some("BR") => listed(BRAZIL),
        Some("US") => listed(UNITED_STATES),
        Some("AR") => listed(ARGENTINA),
        _ => None,
    };
    match (country, code) {
        (Some(country), Some(code)) => format!("{country}-{code}"),
        _ => text,
    }
}

/// A language as BCP 47: by tag (`es_MX`) or by name.
pub(super) fn language(text: &str) -> Option<String> {
    let text = text.trim();
    let named = match fold(text).as_str() {
        "espanol" | "spanish" | "castellano" | "espanhol" => "es",
        "portugues" | "portuguese" => "pt",
        "ingles" | "english" => "en",
        "frances" | "french" => "fr",
        "aleman" | "german" => "de",
        _ => "",
    };
    if !named.is_empty() {
        return Some(named.to_owned());
    }
    let (language, region) = match text.split_once(['-', '_']) {
        Some((language, region)) => (language, Some(region)),
        None => (text, None),
    };
    let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    if language.len() != 2 || !letters(language) {
        return None;
    }
    let language = language.to_ascii_lowercase();
    match region {
        None => Some(language),
        Some(region) if region.len() == 2 && letters(region) => {
            Some(format!("{language}-{}", region.to_ascii_uppercase()))
        }
        Some("419") => Some(format!("{language}-419")),
        Some(_) => None,
    }
}

pub(super) fn class(text: &str) -> Option<DebtorClass> {
    Some(match fold(text).as_str() {
        "natural consumer" | "consumidor" | "consumer" | "consumidor final" => {
            DebtorClass::NaturalConsumer
        }
        "natural business"
        | "persona fisica con actividad empresarial"
        | "autonomo"
        | "empresario individual" => DebtorClass::NaturalBusiness,
        "micro small company" | "pyme" | "micro" | "pequena empresa" | "mipyme" => {
            DebtorClass::MicroSmallCompany
        }
        "company" | "empresa" | "persona moral" | "persona juridica" | "pessoa juridica" | "pj"
        | "moral" | "juridica" => DebtorClass::Company,
        _ => return None,
    })
}

/// Where a debt comes from.
pub(super) fn debt_class(text: &str) -> Option<DebtClass> {
    Some(match fold(text).as_str() {
        "consumer credit"
        | "credito"
        | "credito al consumo"
        | "prestamo"
        | "emprestimo"
        | "credito ao consumidor"
        | "loan" => DebtClass::ConsumerCredit,
        "consumer goods services"
        | "consumo"
        | "bienes y servicios"
        | "bens e servicos"
        | "venta al consumidor"
        | "retail" => DebtClass::ConsumerGoodsServices,
        "trade receivable" | "comercial" | "mercantil" | "entre empresas" | "b2b" | "trade"
        | "venta a empresa" | "proveeduria" => DebtClass::TradeReceivable,
        _ => return None,
    })
}

/// What kind of creditor a debt belongs to.
pub(super) fn creditor(text: &str) -> Option<CreditorClass> {
    Some(match fold(text).as_str() {
        "supervised financial"
        | "banco"
        | "bank"
        | "financiera"
        | "financeira"
        | "sofom"
        | "entidad financiera"
        | "entidade financeira" => CreditorClass::SupervisedFinancial,
        "commercial lender" | "prestamista" | "entidad comercial" | "lender" => {
            CreditorClass::CommercialLender
        }
        "supplier" | "proveedor" | "fornecedor" | "vendedor" | "propia" | "propio" => {
            CreditorClass::Supplier
        }
        "debt buyer"
        | "comprador de cartera"
        | "cesionario"
        | "cessionario"
        | "factoring"
        | "factoraje"
        | "fondo"
        | "fidc" => CreditorClass::DebtBuyer,
        _ => return None,
    })
}

/// Who acts for the creditor.
pub(super) fn actor(text: &str) -> Option<Actor> {
    Some(match fold(text).as_str() {
        "first party" | "propia" | "propio" | "interna" | "cobranza propia" | "acreedor" => {
            Actor::FirstParty
        }
        "third party agency" | "agencia" | "despacho" | "tercero" | "externa" | "agency"
        | "assessoria" | "terceirizada" => Actor::ThirdPartyAgency,
        _ => return None,
    })
}

/// Who reads at an address.
pub(super) fn role(text: &str) -> Option<RecipientRole> {
    Some(match fold(text).as_str() {
        "debtor" | "deudor" | "devedor" | "titular" | "cliente" => RecipientRole::Debtor,
        "co debtor" | "codeudor" | "coobligado" | "obligado solidario" | "codevedor" => {
            RecipientRole::CoDebtor
        }
        "guarantor" | "aval" | "fiador" | "garante" | "avalista" => RecipientRole::Guarantor,
        "legal representative" | "representante legal" | "representante" | "apoderado" => {
            RecipientRole::LegalRepresentative
        }
        "attorney" | "abogado" | "advogado" | "lawyer" => RecipientRole::Attorney,
        "ap contact" | "cuentas por pagar" | "contas a pagar" | "accounts payable" | "pagos"
        | "tesoreria" | "contabilidad" | "financeiro" => RecipientRole::ApContact,
        "reference" | "referencia" | "referencia personal" => RecipientRole::Reference,
        "relative" | "familiar" | "pariente" | "parente" => RecipientRole::Relative,
        "employer" | "empleador" | "patron" | "empregador" => RecipientRole::Employer,
        "neighbour" | "neighbor" | "vecino" | "vizinho" => RecipientRole::Neighbour,
        "other third party" | "tercero" | "terceiro" | "otro" | "outro" | "other" => {
            RecipientRole::OtherThirdParty
        }
        _ => return None,
    })
}

/// Where an address comes from.
pub(super) fn contact_source(text: &str) -> Option<ContactSource> {
    Some(match fold(text).as_str() {
        "creditor record"
        | "registro propio"
        | "empresa"
        | "contrato"
        | "cadastro"
        | "registro de la empresa" => ContactSource::CreditorRecord,
        "debtor provided" | "cliente" | "deudor" | "devedor" | "dado por el cliente" | "debtor" => {
            ContactSource::DebtorProvided
        }
        "skip trace" | "skip tracing" | "busqueda" | "localizacion" | "investigacion"
        | "enriquecimento" | "localizacao" => ContactSource::SkipTrace,
        "public record" | "registro publico" | "internet" | "directorio" | "publico" => {
            ContactSource::PublicRecord
        }
        _ => return None,
    })
}

/// What was said about being contacted: whether it is wanted.
pub(super) fn consent(text: &str) -> Option<bool> {
    yes_no(text).or_else(|| match fold(text).as_str() {
        "otorgado" | "dado" | "acepta" | "acepto" | "autoriza" | "autorizado" | "aceptado"
        | "concedido" | "aceita" | "opt in" | "given" | "granted" => Some(true),
        "retirado" | "revocado" | "baja" | "no acepta" | "no autoriza" | "rechazado"
        | "rechaza" | "revogado" | "opt out" | "withdrawn" | "revoked" | "denied" => Some(false),
        _ => None,
    })
}

/// A legal event in the words of the packs.
pub(super) fn legal_event(text: &str) -> Option<String> {
    let event = match fold(text).as_str() {
        "lawsuit served" | "demanda" | "demanda notificada" | "juicio" | "demandado"
        | "acao judicial" | "citado" | "lawsuit" => "lawsuit_served",
        "insolvency opened"
        | "insolvencia"
        | "concurso"
        | "concurso mercantil"
        | "recuperacao judicial"
        | "reorganizacion"
        | "liquidacion" => "insolvency_opened",
        "bankruptcy" | "quiebra" | "falencia" => "bankruptcy",
        "attorney represented" | "abogado" | "con abogado" | "advogado" | "attorney" => {
            "attorney_represented"
        }
        "written cease request" | "cese" | "no contactar" | "pidio no ser contactado" | "cease" => {
            "written_cease_request"
        }
        "written dispute in 30 days" | "objecion por escrito" | "dispute" => {
            "written_dispute_in_30_days"
        }
        "open complaint public service" | "reclamo en tramite" | "reclamacao" => {
            "open_complaint_public_service"
        }
        _ => return None,
    };
    Some(event.to_owned())
}

/// 1 to 9, or how people say it.
pub(super) fn importance(text: &str) -> Option<u8> {
    match fold(text).as_str() {
        "alta" | "high" | "vip" | "a" => Some(1),
        "media" | "medium" | "normal" | "b" => Some(2),
        "baja" | "baixa" | "low" | "c" => Some(3),
        number => number
            .parse()
            .ok()
            .filter(|number| (1..=9).contains(number)),
    }
}

pub(super) fn tags(text: &str) -> (Vec<String>, bool) {
    let words = text
        .split([',', ';', '|', '\n'])
        .map(str::trim)
        .filter(|word| !word.is_empty());
    (words.map(str::to_owned).collect(), false)
}

pub(super) fn behaviour(text: &str) -> Option<BehaviourClass> {
    Some(match fold(text).as_str() {
        "punctual" | "puntual" | "pontual" => BehaviourClass::Punctual,
        "forgetful" | "olvidadizo" | "esquecido" => BehaviourClass::Forgetful,
        "slow" | "lento" | "moroso" => BehaviourClass::Slow,
        "disputing" | "reclama" | "litigioso" => BehaviourClass::Disputing,
        "insolvent" | "insolvente" => BehaviourClass::Insolvent,
        _ => return None,
    })
}

pub(super) fn tax_id(text: &str) -> Option<TaxId> {
    let kept = |letter: &char| letter.is_alphanumeric() || *letter == '&';
    let normal: String = text
        .chars()
        .filter(kept)
        .flat_map(char::to_uppercase)
        .collect();
    (normal.len() >= 4).then(|| TaxId {
        normal,
        written: text.to_owned(),
    })
}

/// The valid addresses of a cell, and whether anything else stood there.
pub(super) fn emails(text: &str) -> (Vec<String>, bool) {
    let mut valid: Vec<String> = Vec::new();
    let mut other = false;
    for part in text.split([';', ',', '/', ' ', '\n', '|', '<', '>']) {
        let part = part.trim().trim_start_matches("mailto:");
        if part.is_empty() {
            continue;
        }
        let address = part.to_lowercase();
        if !is_email(&address) {
            other = true;
        } else if !valid.contains(&address) {
            valid.push(address);
        }
    }
    (valid, other)
}

/// One `@`, something before it, a domain with a dot behind it: what a mail server would try.
fn is_email(address: &str) -> bool {
    let Some((user, host)) = address.split_once('@') else {
        return false;
    };
    let label = |part: &str| {
        !part.is_empty()
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    let user_fits = (1..=64).contains(&user.len())
        && !user.starts_with('.')
        && !user.ends_with('.')
        && !user.contains("..")
        && user
            .chars()
            .all(|letter| letter.is_alphanumeric() || "._%+-'&=!#$*".contains(letter));
    user_fits && host.contains('.') && host.len() <= 253 && host.split('.').all(label)
}

/// The telephone numbers of a cell as written, and whether anything else stood there.
pub(super) fn phones(text: &str) -> (Vec<String>, bool) {
    let mut numbers = Vec::new();
    let mut other = false;
    for part in text.split([';', ',', '/', '\n', '|']) {
        let part = part.trim();
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        if (7..=17).contains(&digits) {
            numbers.push(part.to_owned());
        } else if !part.is_empty() {
            other = true;
        }
    }
    (numbers, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_words_of_three_languages() {
        use DocumentKind::{CreditNote, DebitNote, Invoice};
        for (text, expected) in [
            ("credit_note", Some(Kind::Document(CreditNote))),
            ("Nota de Crédito", Some(Kind::Document(CreditNote))),
            ("NC", Some(Kind::Document(CreditNote))),
            ("Nota de débito", Some(Kind::Document(DebitNote))),
            ("Nota de cargo", Some(Kind::Document(DebitNote))),
            ("FACTURA ELECTRÓNICA", Some(Kind::Document(Invoice))),
            ("invoice", Some(Kind::Document(Invoice))),
            ("Recibo", Some(Kind::Payment)),
            ("otro", None),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
        for (text, days) in [
            ("30", Some(0x1e)),
            ("Net 30", Some(30)),
            ("30 días", Some(30)),
            ("Contado", Some(0)),
            ("30/60/90", None),
            ("pronto", None),
            ("45.0", Some(45)),
        ] {
            assert_eq!(terms_days(text), days, "{text}");
        }
        let code = |text| country(text).map(|country| country.code().to_owned());
        assert_eq!(code("México"), Some("MX".into()));
        assert_eq!(code("cl"), Some("CL".into()));
        assert_eq!(code("391"), None);
        assert_eq!(language("es_mx"), Some("es-MX".into()));
        assert_eq!(language("Español"), Some("es".into()));
        assert_eq!(language("391"), None);
    }

    #[test]
    fn reads_what_the_law_asks_for_in_three_languages() {
        for (text, wanted) in [
            ("Crédito al consumo", Some(DebtClass::ConsumerCredit)),
            ("trade_receivable", Some(DebtClass::TradeReceivable)),
            ("Bens e serviços", Some(DebtClass::ConsumerGoodsServices)),
            ("otra", None),
        ] {
            assert_eq!(debt_class(text), wanted, "{text}");
        }
        assert_eq!(creditor("Factoraje"), Some(CreditorClass::DebtBuyer));
        assert_eq!(actor("third_party_agency"), Some(Actor::ThirdPartyAgency));
        assert_eq!(role("Aval"), Some(RecipientRole::Guarantor));
        assert_eq!(role("Contas a pagar"), Some(RecipientRole::ApContact));
        assert_eq!(
            contact_source("Localización"),
            Some(ContactSource::SkipTrace)
        );
        assert_eq!(
            legal_event("Demanda notificada").as_deref(),
            Some("lawsuit_served")
        );
        assert_eq!(legal_event("falência").as_deref(), Some("bankruptcy"));
        assert_eq!(legal_event("nada"), None);
        let of = |text: &str, code| subdivision(text.to_owned(), Country::new(code));
        assert_eq!(of("São Paulo", "BR"), "BR-SP");
        assert_eq!(of("sp", "BR"), "BR-SP");
        assert_eq!(of("BR-SP", "BR"), "BR-SP");
        assert_eq!(of("Mato Grosso do Sul", "BR"), "BR-MS");
        assert_eq!(of("California", "US"), "US-CA");
        assert_eq!(of("CABA", "AR"), "AR-C");
        assert_eq!(of("Jalisco", "MX"), "Jalisco");
    }

    #[test]
    fn splits_addresses_and_checks_their_form() {
        let (valid, other) = emails("Pagos@ACME.mx; juan@acme.com.mx / sin correo");
        assert_eq!(valid, ["pagos@acme.mx", "juan@acme.com.mx"]);
        assert!(other);
        for wrong in [
            "a@b",
            "@b.mx",
            "a@@b.mx",
            "a@b..mx",
            "a b@c.mx.",
            "a..b@c.mx",
        ] {
            let (valid, other) = emails(wrong);
            assert!(other, "{wrong} {valid:?}");
        }
        let (numbers, other) = phones("+52 55 1234 5678 / 55-8765-4321, ext 12");
        assert_eq!(numbers, ["+52 55 1234 5678", "55-8765-4321"]);
        assert!(other);
    }
}
