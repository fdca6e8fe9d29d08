//! What a law asks every message to say and facts can say, in sentences the layout of a message
//! shows together. What the company has not told (its address, where to complain) is left out: the
//! check then stops the message and says what is missing.

use domain::customer::Channel;
use domain::law::{AskedWords, Statement};

/// The facts the sentences are made of.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The creditor in law.
    pub creditor: &'a str,
    /// The name customers know it by.
    pub company: &'a str,
    /// Its tax id.
    pub tax_id: Option<&'a str>,
    /// Its address.
    pub address: Option<&'a str>,
    /// Where one complains: address, e-mail, phone.
    pub complaints: Option<&'a str>,
    /// Who signs.
    pub signer: &'a str,
    /// The day the amounts are of, in words.
    pub today: &'a str,
    /// The agency that collects for the creditor, where one does.
    pub agency: Option<Agency<'a>>,
    /// The last day on which the debtor may dispute the debt so that collection waits, in words.
    pub dispute_until: &'a str,
    /// Whether the message asks for charges, beside the documents or as documents of their own.
    pub charges: bool,
}

/// Who collects in the creditor's name.
#[derive(Clone, Copy, Debug)]
pub struct Agency<'a> {
    /// Its name in law.
    pub name: &'a str,
    /// Its address.
    pub address: Option<&'a str>,
    /// Its phone.
    pub phone: Option<&'a str>,
}

/// Writes one sentence from the facts; `None` where they do not hold it.
type Write = fn(&Words, &Facts<'_>) -> Option<String>;

/// Which sentence says what, in the order they are shown; one may say several things.
const SENTENCES: &[(&[Statement], Write)] = &[
    (
        &[
            Statement::CreditorIdentity,
            Statement::CreditorName,
            Statement::SupplierName,
            Statement::CollectorIdentity,
        ],
        |words, facts| Some(put(words.creditor, facts.creditor)),
    ),
    (&[Statement::SupplierTaxId], |words, facts| {
        facts.tax_id.map(|it| put(words.tax_id, it))
    }),
    (&[Statement::SupplierAddress], |words, facts| {
        facts.address.map(|it| put(words.address, it))
    }),
    (
        &[Statement::DebtOrigin, Statement::Operation],
        |words, _| Some(words.origin.to_owned()),
    ),
    (&[Statement::AmountDate], |words, facts| {
        Some(put(words.amounts, facts.today))
    }),
    (&[Statement::OriginalAmount], |words, _| {
        Some(words.original.to_owned())
    }),
    (
        &[Statement::InterestAndCosts, Statement::Surcharges],
        |words, facts| {
            let said = if facts.charges {
                words.with_charges
            } else {
                words.no_charges
            };
            Some(said.to_owned())
        },
    ),
    (
        &[Statement::SettlementTerms, Statement::HowToPay],
        |words, facts| Some(put(words.settle, facts.company)),
    ),
    (&[Statement::PayCreditorOnly], |words, facts| {
        Some(put(words.pay_only, facts.company))
    }),
    (&[Statement::ConsumerRights], |words, _| {
        Some(words.rights.to_owned())
    }),
    (&[Statement::ComplaintChannel], |words, facts| {
        facts.complaints.map(|it| put(words.complaints, it))
    }),
    (
        &[Statement::AgentName, Statement::ResponsiblePerson],
        |words, facts| Some(put(words.agent, facts.signer)),
    ),
    (
        &[
            Statement::AgencyLegalName,
            Statement::AgencyName,
            Statement::Representation,
        ],
        |words, facts| {
            let agency = facts.agency?;
            let said = words.agency.replace("{agency}", agency.name);
            Some(put(&said, facts.creditor))
        },
    ),
    (&[Statement::AgencyAddress], |words, facts| {
        facts
            .agency?
            .address
            .map(|it| put(words.agency_address, it))
    }),
    (&[Statement::AgencyPhone], |words, facts| {
        facts.agency?.phone.map(|it| put(words.agency_phone, it))
    }),
    (&[Statement::ValidationNotice], |words, facts| {
        // Without an address there is nowhere to write to: the message then waits for one.
        let address = facts.agency?.address?;
        let said = words.validation.replace("{until}", facts.dispute_until);
        Some(put(&said, address))
    }),
    (&[Statement::RightToRecords], |words, _| {
        Some(words.records.to_owned())
    }),
    (&[Statement::CollectorDisclosure], |words, _| {
        Some(words.disclosure.to_owned())
    }),
    (&[Statement::NotEnforcement], |words, _| {
        Some(words.not_enforcement.to_owned())
    }),
];

/// The words of one language, `{}` where a fact goes.
struct Words {
    creditor: &'static str,
    tax_id: &'static str,
    address: &'static str,
    origin: &'static str,
    amounts: &'static str,
    original: &'static str,
    no_charges: &'static str,
    with_charges: &'static str,
    settle: &'static str,
    pay_only: &'static str,
    rights: &'static str,
    complaints: &'static str,
    agent: &'static str,
    agency: &'static str,
    agency_address: &'static str,
    agency_phone: &'static str,
    validation: &'static str,
    records: &'static str,
    disclosure: &'static str,
    not_enforcement: &'static str,
}

const ES: Words = Words {
    creditor: "Acreedor: {}.",
    tax_id: "Identificación fiscal: {}.",
    address: "Domicilio: {}.",
    origin: "Origen: los documentos indicados.",
    amounts: "Los importes son los saldos calculados al {}.",
    original: "Los importes originales son los de cada documento.",
    no_charges: "Este mensaje no agrega intereses, recargos ni gastos de cobranza.",
    with_charges: "Los intereses y recargos se detallan aparte de las facturas.",
    settle: "Puede pagar directamente a {}, pedir el detalle, objetar un documento o proponer una \
             fecha en cualquier momento.",
    pay_only: "Pague únicamente a {}: nadie más está autorizado a recibir su dinero.",
    rights: "Si compró como consumidor final, o como micro o pequeña empresa, le ampara la Ley \
             19.496 y puede consultar al SERNAC.",
    complaints: "Reclamos y aclaraciones: {}.",
    agent: "Responsable de su cuenta: {}.",
    agency: "Le escribe {agency}, que cobra por cuenta de {} los documentos indicados.",
    agency_address: "Domicilio del despacho de cobranza: {}.",
    agency_phone: "Teléfono del despacho de cobranza: {}.",
    validation: "Validación de la deuda: hasta el {until} puede objetarla por escrito, toda o en \
                 parte, o pedir el nombre y domicilio del acreedor original; mientras le \
                 respondemos no se le cobra lo objetado. Sus derechos: \
                 consumerfinance.gov/debt-collection. Escriba a {}.",
    records: "Tiene derecho a pedir los registros de la deuda: de quién es, cuánto era, cuánto es \
              hoy y cuándo se pagó por última vez.",
    disclosure: "Este mensaje lo envía un cobrador de deudas y es un intento de cobrar una deuda.",
    not_enforcement: "Esta comunicación no constituye un procedimiento de ejecución.",
};

const PT: Words = Words {
    creditor: "Credor: {}.",
    tax_id: "CNPJ ou CPF: {}.",
    address: "Endereço: {}.",
    origin: "Origem: os documentos indicados.",
    amounts: "Os valores são os saldos calculados em {}.",
    original: "Os valores originais são os de cada documento.",
    no_charges: "Esta mensagem não acrescenta juros, multa nem outros encargos.",
    with_charges: "Os juros e encargos estão detalhados à parte das faturas.",
    settle: "Você pode pagar diretamente a {}, pedir os detalhes, contestar um documento ou propor \
             uma data a qualquer momento.",
    pay_only: "Pague somente a {}: ninguém mais está autorizado a receber o seu dinheiro.",
    rights: "Como consumidor, você tem os direitos que a lei lhe dá.",
    complaints: "Reclamações: {}.",
    agent: "Responsável pela sua conta: {}.",
    agency: "Quem escreve é {agency}, que cobra em nome de {} os documentos indicados.",
    agency_address: "Endereço da empresa de cobrança: {}.",
    agency_phone: "Telefone da empresa de cobrança: {}.",
    validation: "Validação da dívida: até {until} você pode contestá-la por escrito, toda ou \
                 em parte, ou pedir o nome e o endereço do credor original; enquanto respondemos \
                 não se cobra o contestado. Seus direitos: consumerfinance.gov/debt-collection. \
                 Escreva a {}.",
    records: "Tem direito a pedir os registros da dívida: de quem \
              é, quanto era, quanto é hoje e quando se pagou pela última vez.",
    disclosure: "Esta mensagem é enviada por um cobrador para cobrar uma dívida.",
    not_enforcement: "Esta comunicação não constitui um procedimento de execução.",
};

/// The sentences that say what the regimes ask for on the channel, in the language of the message.
pub fn sentences(
    asked: &AskedWords<'_>,
    channel: Channel,
    language: &str,
    facts: &Facts<'_>,
) -> Vec<String> {
    let words = match language.split(['-', '_']).next() {
        Some("pt") => &PT,
        _ => &ES,
    };
    let wanted = |statements: &[Statement]| statements.iter().any(|it| asked.asks(*it, channel));
    SENTENCES
        .iter()
        .filter(|(statements, _)| wanted(statements))
        .filter_map(|(_, write)| write(words, facts))
        .collect()
}

/// A sentence with its fact; a full stop of the fact's own is not doubled.
fn put(sentence: &str, fact: &str) -> String {
    let fact = if sentence.ends_with("{}.") {
        fact.trim_end_matches('.')
    } else {
        fact
    };
    sentence.replace("{}", fact)
}
