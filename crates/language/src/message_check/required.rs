//! The words in which a message says what a law asks it to say.

use domain::company::Actor;
use domain::law::Statement;

use super::Known;
use super::words::{Phrases, Words};

/// Whether the message says it. What is known of creditor and account is looked for by name; of
/// what is not known, the words in which it is usually said.
pub(super) fn says(what: Statement, words: &Words, text: &str, known: &Known<'_>) -> bool {
    if what.is_of_agencies() && known.actor == Some(Actor::FirstParty) {
        return true;
    }
    match what {
        Statement::CreditorIdentity
        | Statement::CreditorName
        | Statement::SupplierName
        | Statement::CollectorIdentity => named(words, &known.creditors, &CREDITOR),
        Statement::SupplierAddress => named(words, known.address.as_slice(), &ADDRESS),
        Statement::AgencyAddress => named(words, known.agency_address.as_slice(), &ADDRESS),
        Statement::AgencyLegalName | Statement::AgencyName if known.agency.is_some() => {
            named(words, known.agency.as_slice(), &AGENCY)
        }
        Statement::SupplierTaxId => named(words, known.tax_id.as_slice(), &TAX_ID),
        Statement::AgentName | Statement::ResponsiblePerson => {
            named(words, known.signer.as_slice(), &AGENT)
        }
        Statement::AmountDue => has_amount(text, words),
        Statement::ComplaintChannel => words.any(&COMPLAINTS) && text.contains('@'),
        Statement::AgencyPhone => digits(text) >= 7,
        other => phrases(other).is_some_and(|it| words.any(it)),
    }
}

fn named(words: &Words, names: &[&str], otherwise: &Phrases<'_>) -> bool {
    if names.is_empty() {
        return words.any(otherwise);
    }
    names.iter().any(|name| words.holds(&Words::new(name)))
}

fn phrases(what: Statement) -> Option<&'static Phrases<'static>> {
    let phrases = match what {
        Statement::DebtOrigin | Statement::Operation => &ORIGIN,
        Statement::AmountDate => &AMOUNT_DATE,
        Statement::OriginalAmount => &ORIGINAL,
        Statement::Surcharges | Statement::InterestAndCosts => &SURCHARGES,
        Statement::SettlementTerms => &SETTLEMENT,
        Statement::HowToPay => &HOW_TO_PAY,
        Statement::PayCreditorOnly => &PAY_CREDITOR,
        Statement::ConsumerRights => &RIGHTS,
        Statement::NotEnforcement => &NOT_ENFORCEMENT,
        Statement::RecordingNotice => &RECORDING,
        Statement::AgencyLegalName | Statement::AgencyName | Statement::Representation => &AGENCY,
        Statement::CollectorDisclosure => &DISCLOSURE,
        Statement::ValidationNotice => &VALIDATION,
        Statement::RightToRecords => &RECORDS,
        Statement::OptOut => &OPT_OUT,
        _ => return None,
    };
    Some(phrases)
}

static CREDITOR: Phrases<'static> = Phrases::new(&[
    "acreedor*",
    "credor",
    "creditor",
    "su cuenta con *",
    "sua conta com *",
    "your account with *",
    "en nombre de *",
    "de parte de *",
]);
static ADDRESS: Phrases<'static> = Phrases::new(&[
    "domicilio*",
    "direccion",
    "endereco",
    "avenida",
    "av",
    "calle",
    "rua",
    "address",
]);
static TAX_ID: Phrases<'static> = Phrases::new(&[
    "cnpj", "cpf", "rut", "rfc", "nit", "ruc", "cuit", "nif", "cif",
]);
static AGENT: Phrases<'static> = Phrases::new(&[
    "le atiende *",
    "le contesta *",
    "responsable *",
    "soy *",
    "mi nombre es *",
    "atentamente *",
]);
static COMPLAINTS: Phrases<'static> = Phrases::new(&[
    "une",
    "unidad especializada",
    "reclam*",
    "queja*",
    "aclaracion*",
]);
static ORIGIN: Phrases<'static> = Phrases::new(&[
    "origen",
    "origem",
    "factura*",
    "fatura*",
    "documento*",
    "boleta*",
    "contrato*",
    "credito*",
    "operacion*",
    "pagare*",
    "cuota*",
    "prestamo*",
    "emprestimo*",
    "compra*",
    "servicio*",
    "nota fiscal",
    "duplicata*",
    "invoice*",
    "contract*",
]);
static AMOUNT_DATE: Phrases<'static> = Phrases::new(&[
    "a la fecha",
    "al dia de hoy",
    "al dia #",
    "calculad* ~ #",
    "saldo|saldos ~ al #",
    "importe|importes ~ al #",
    "monto|montos ~ al #",
    "adeudo|adeudos|deuda ~ al #",
    "total ~ al #",
    "corte ~ al|del #",
    "na data",
    "em # *",
    "as of *",
]);
static ORIGINAL: Phrases<'static> = Phrases::new(&[
    "importe|importes original*",
    "monto|montos original*",
    "valor|valores original*",
    "capital",
    "principal",
    "original amount*",
]);
static SURCHARGES: Phrases<'static> = Phrases::new(&[
    "interes*",
    "recargo*",
    "gastos de cobranza",
    "juros",
    "encargos",
    "multa*",
    "surcharge*",
    "interest",
]);
static SETTLEMENT: Phrases<'static> = Phrases::new(&[
    "condicion*",
    "puede pagar",
    "como pagar",
    "para pagar",
    "propon* ~ fecha",
    "pagar en partes|cuotas|parcialidades",
    "liquidar*",
    "acordar*",
    "plazo*",
    "pode pagar",
]);
static HOW_TO_PAY: Phrases<'static> = Phrases::new(&[
    "como pagar",
    "para pagar",
    "datos para *",
    "datos de pago",
    "puede|pode pagar",
    "pague en|con|por|a|al",
    "pagar en|con|por|directamente",
    "transf*",
    "deposit*",
    "clabe",
    "cbu",
    "cci",
    "pix",
    "pse",
    "webpay",
    "boleto",
    "enlace de pago",
    "how to pay",
]);
static PAY_CREDITOR: Phrases<'static> = Phrases::new(&[
    "solo|solamente|unicamente|exclusivamente|directamente|somente|apenas a|al|ao",
    "solo|unicamente ~ cuentas de *",
    "no pague a *",
    "no entregue dinero",
]);
static RIGHTS: Phrases<'static> = Phrases::new(&[
    "derecho|derechos ~ consumidor*",
    "sus derechos",
    "seus direitos",
    "ley 19 496",
    "sernac",
    "tiene derecho a",
    "tem os direitos",
]);
static NOT_ENFORCEMENT: Phrases<'static> = Phrases::new(&[
    "no ~ procedimiento de ejecucion",
    "no ~ procedimiento ejecutivo",
    "nao ~ procedimento de execucao",
]);
static RECORDING: Phrases<'static> =
    Phrases::new(&["llamada ~ grab*", "grabad*", "gravad*", "recorded"]);
static AGENCY: Phrases<'static> = Phrases::new(&[
    "en nombre de *",
    "en representacion de *",
    "por encargo de *",
    "por cuenta de *",
    "em nome de *",
    "on behalf of *",
]);
static DISCLOSURE: Phrases<'static> = Phrases::new(&[
    "debt collector",
    "attempt to collect ~ debt",
    "cobrador de deudas",
    "intento de cobrar ~ deuda",
]);
static VALIDATION: Phrases<'static> = Phrases::new(&[
    "validation *",
    "validacion de la deuda",
    "validar la deuda",
    "validacao da divida",
]);
static RECORDS: Phrases<'static> = Phrases::new(&[
    "right to request *",
    "derecho a solicitar|pedir ~ registros|documentos",
    "direito a solicitar|pedir ~ registros|documentos",
]);
static OPT_OUT: Phrases<'static> = Phrases::new(&[
    "baja",
    "stop",
    "dejar de recibir",
    "no recibir",
    "no desea recibir",
    "cancelar ~ suscripcion",
    "parar de receber",
    "descadastr*",
    "unsubscribe",
    "opt out",
]);

const CURRENCIES: &[&str] = &[
    "mxn", "clp", "cop", "pen", "brl", "ars", "usd", "eur", "uyu", "uf", "pesos", "soles", "reais",
    "euros", "dolares", "dollars",
];

/// Whether a sign or name of money stands beside a number.
fn has_amount(text: &str, words: &Words) -> bool {
    let after_sign = text.match_indices(['$', '€', '£']).any(|(at, sign)| {
        let rest = text[at + sign.len()..].trim_start_matches([' ', '\u{a0}']);
        rest.starts_with(|it: char| it.is_ascii_digit())
    });
    let before_sign = text.match_indices('€').any(|(at, _)| {
        let before = text[..at].trim_end_matches([' ', '\u{a0}']);
        before.ends_with(|it: char| it.is_ascii_digit())
    });
    let number = |word: &str| word.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let pairs = (0..words.len().saturating_sub(1)).any(|at| {
        let mut two = words.folded(at..at + 2);
        let (one, other) = (two.next().unwrap_or(""), two.next().unwrap_or(""));
        let money = |word: &str| CURRENCIES.contains(&word);
        (money(one) && number(other)) || (number(one) && money(other))
    });
    after_sign || before_sign || pairs || text.contains("S/ ")
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
