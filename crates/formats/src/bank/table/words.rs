//! What the columns of banks' tables are called, in the languages their exports are written in.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::Currency;
use serde::{Deserialize, Serialize};

use super::super::TransactionState;
use crate::fold::fold_name;

/// What a column of a bank's table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Day it was booked.
    Booked,
    /// Day it bears interest from.
    Value,
    /// Amount, signed or with a column that says the direction.
    Amount,
    /// Amount that went out, whatever its sign.
    Debit,
    /// Amount that came in.
    Credit,
    /// Whether it came in or went out.
    Sign,
    /// Balance afterwards.
    Balance,
    /// Free text; there may be several.
    Text,
    /// The bank's own reference.
    Reference,
    /// The payer's reference, tracking key of SPEI.
    EndToEnd,
    /// A reference the creditor gave the payer; there may be several.
    CreditorReference,
    /// Name of the other side.
    Name,
    /// Account of the other side.
    Account,
    /// Bank of the other side.
    Bank,
    /// Tax id of the other side.
    TaxId,
    /// The account the statement is of.
    OwnAccount,
    /// Currency of the amount.
    Currency,
    /// Amount in the currency it was paid in.
    OriginalAmount,
    /// That currency.
    OriginalCurrency,
    /// Why it was returned.
    ReturnReason,
    /// What kind of movement it is.
    Code,
    /// A document the payer says to pay.
    Document,
    /// What was kept of the amount; there may be several columns.
    Fee,
    /// The payout or batch it is part of.
    Batch,
    /// Whether it is final.
    Status,
    /// Nothing that is needed.
    Ignore,
    /// Nothing is written in it; only of tables without column names.
    Blank,
}

impl Role {
    /// Whether several columns may hold it.
    pub(super) const fn is_many(self) -> bool {
        matches!(
            self,
            Self::Text | Self::CreditorReference | Self::Fee | Self::Ignore | Self::Blank
        )
    }
}

/// What a column name means; lower ranks are surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    pub role: Role,
    pub rank: u8,
    /// The currency written in the name.
    pub currency: Option<Currency>,
}

/// Names by role; a name before another of its role is surer.
const NAMES: &[(Role, &str)] = &[
    (
        Role::Booked,
        "fecha operacion|fecha de operacion|fecha contable|fecha movimiento|fecha de movimiento|\
         fecha mov|fecha transaccion|fecha de transaccion|fecha aplicacion|fecha registro|\
         data lancamento|data do lancamento|data movimento|data mov|data operacao|\
         data da operacao|data contabil|booking date|posting date|posted date|transaction date|\
         date processed|entry date|date operation|date d operation|date comptable|buchungstag|\
         buchungsdatum|boekdatum|datum zauctovani|bokforingsdag|bokforingsdatum|\
         tranzakcio datuma|data contabile|data operazione|data ksiegowania|datum verrekening|\
         fecha|data|date|datum|dia|created",
    ),
    (
        Role::Value,
        "fecha valor|fecha de valor|f valor|fec valor|data valor|value date|valutadatum|\
         wertstellung|rentedatum|execution date|datum provedeni|belegdatum|valutadag|erteknap|\
         datum verrichting|date valeur|date de valeur|data valuta|valuta",
    ),
    (
        Role::Amount,
        "importe|monto|importe operacion|importe del movimiento|monto movimiento|cantidad|\
         valor lancamento|valor r|amount|transaction amount|betrag|buchungsbetrag|bedrag|\
         bedrag in|castka|zauctovana castka|belopp|montant|importo|kwota|tranzakcio osszege|\
         osszeg|valor",
    ),
    (
        Role::Debit,
        "cargo|cargos|monto cargo|debe|debito|debitos|importe debito|importe cargo|adeudo|\
         adeudos|retiro|retiros|egreso|egresos|salida|salidas|saida|saidas|giros|\
         cheques y otros cargos|debit|debit amount|debits|withdrawal|withdrawals|outflow|\
         paid out|money out|soll|debet|belastung|uttag",
    ),
    (
        Role::Credit,
        "abono|abonos|monto abono|haber|credito|creditos|importe credito|importe abono|deposito|\
         depositos|ingreso|ingresos|entrada|entradas|depositos y abonos|\
         depositos y otros abonos|credit|credit amount|credits|deposit|deposits|inflow|paid in|\
         money in|haben|kredit|gutschrift|insattning",
    ),
    (
        Role::Sign,
        "signo|sentido|naturaleza|d k|d c|c d|dc|cr dr|dr cr|debito credito|debe haber|\
         cargo abono|debit credit|credit debit|credit debit indicator|af bij|bevetel kiadas|\
         tipo de movimiento|tipo movimiento",
    ),
    (
        Role::Balance,
        "saldo|saldo contable|saldo despues|saldo del dia|saldo r|saldo parcial|balance|\
         running balance|account balance|saldo na trn|kontostand|zustatek|egyenleg|solde|\
         saldo disponible",
    ),
    (
        Role::Text,
        "concepto|descripcion|detalle|detalles|glosa|movimiento|historico|lancamento|descricao|\
         transaccion|concepto ampliado|mas datos|informacion adicional|observaciones|memo|\
         description|details|narrative|particulars|transaction details|message|notes|\
         message for payee|message for me|client note|verwendungszweck|buchungstext|\
         transaktionsbeschreibung|transaktionsbeschreibung zusatz|omschrijving|omschrijving 1|\
         omschrijving 2|omschrijving 3|vrije mededeling|mededeling|toelichting|zprava|\
         zprava pro prijemce|zprava pro me|poznamka|klientska poznamka|libelle|text|meddelande|\
         kozlemeny|reszletek|descrizione|causale|descripcion del movimiento|operacion",
    ),
    (
        Role::Reference,
        "referencia|ref|reference|reference number|reference no|n documento|numero documento|\
         numero de documento|numero do documento|no documento|nro documento|num documento|\
         n de documento|num doc|documento|docto|doc|folio|comprobante|numero de operacion|\
         n operacion|autorizacion|transaction id|transaction reference number|record id|\
         transactiereferentie|id transakce|referencni cislo transakce|buchungsreferenz|volgnr|\
         afschriftnummer|numero|id",
    ),
    (
        Role::EndToEnd,
        "clave de rastreo|clave rastreo|end to end|end to end id|e2e|kundenreferenz|\
         payment reference|reference platby",
    ),
    (
        Role::CreditorReference,
        "gestructureerde mededeling|betalingskenmerk|variabilni symbol|variabilni symbol 1|vs|\
         variable symbol|variable symbol 1|ocr|referencia de pago|convenio",
    ),
    (
        Role::Name,
        "nombre ordenante|ordenante|nombre del ordenante|remitente|beneficiario ordenante|\
         ordenante beneficiario|contraparte|nombre contraparte|beneficiario|favorecido|pagador|\
         remetente|counterparty name|counteraccount name|payee|merchant|naam tegenpartij|\
         handelaar|empfanger|auftraggeber empfanger|beguenstigter zahlungspflichtiger|\
         begunstigter zahlungspflichtiger|nazev protiuctu|partner neve|mottagare|beneficiary|\
         naam|name|nombre",
    ),
    (
        Role::Account,
        "cuenta ordenante|cuenta origen|cuenta contraparte|cuenta del ordenante|clabe ordenante|\
         clabe origen|counterparty account|tegenrekening|tegenrekening iban bban|\
         rekeningnummer tegenpartij|cislo protiuctu|bankovni spojeni|bank account details|\
         partner szamlaszama|counterparty|kontonummer",
    ),
    (
        Role::Bank,
        "banco ordenante|banco origen|bic tegenpartij|blz|bic contraparte|banco emisor",
    ),
    (
        Role::TaxId,
        "rfc|rfc ordenante|rfc o curp ordenante|rut|rut ordenante|rut origen|cuit|\
         cuit ordenante|nit ordenante|ruc ordenante|cnpj|cpf|cpf cnpj|cnpj cpf|nif ordenante",
    ),
    (
        Role::OwnAccount,
        "numero de cuenta|no cuenta|n cuenta|cuenta|clabe|iban|iban bban|iban auftraggeberkonto|\
         auftragskonto|auftraggeberkonto|account no|account number|account|rekeningnummer|\
         rekening|cislo uctu|szamlaszam|conta|konto|kredietkaart|umsatz getatigt von",
    ),
    (
        Role::Currency,
        "moneda|divisa|moneda de la cuenta|moeda|currency|ccy|munt|wahrung|waehrung|\
         buchungswahrung|mena|mena uctu|tranzakcio devizaneme|devizanem|devise|valuta kod",
    ),
    (
        Role::OriginalAmount,
        "importe original|monto original|monto moneda origen|betrag fremdwahrung|originalbetrag|\
         oorspr bedrag|local amount|original amount|puvodni castka",
    ),
    (
        Role::OriginalCurrency,
        "moneda original|moneda origen|fremdwahrung|originalwahrung|oorspr munt|local currency|\
         original currency",
    ),
    (
        Role::ReturnReason,
        "motivo devolucion|motivo de devolucion|reden retour|reason for non execution|\
         duvod neprovedeni",
    ),
    (
        Role::Code,
        "codigo|codigo de operacion|codigo transaccion|tipo|tipo de operacion|tipo operacion|\
         tipo transaccion|code|type|transaction type|transaktionstyp|umsatzart|\
         typ transakce|tranzakcio tipusa",
    ),
    (
        Role::Ignore,
        "sucursal|oficina|canal|canal o sucursal|hora|caja|categoria|kategorie|category|\
         kategorie transakce|info|koers|wechselkurs|umrechnungskurs|bic|land|pais|ciudad|city|\
         nazev uctu|szamla neve|rubrieknaam|skip|polozka|item|storno|cancellation|emoji|address|\
         receipt|card number|kartyaszam|usuario|plaza|dependencia|time|kaarthouder|locatie",
    ),
];

static BY_NAME: LazyLock<HashMap<&'static str, (Role, u8)>> = LazyLock::new(|| {
    let mut by_name = HashMap::new();
    for (role, names) in NAMES {
        for (rank, name) in names.split('|').enumerate() {
            let rank = u8::try_from(rank).unwrap_or(u8::MAX);
            by_name.entry(name.trim()).or_insert((*role, rank));
        }
    }
    by_name
});

/// Words that make a table a list of what customers owe or suppliers bill.
const LEDGER_WORDS: &[&str] = &[
    "cliente",
    "clientes",
    "customer",
    "debtor",
    "deudor",
    "factura",
    "facturas",
    "invoice",
    "fatura",
    "vencimiento",
    "vencimento",
    "vence",
    "vcto",
    "vto",
    "due",
    "proveedor",
    "proveedores",
    "vendor",
    "supplier",
    "fornecedor",
    "cartera",
    "mora",
    "aging",
    "ageing",
    "terms",
    "antiguedad",
    "vendedor",
    "uuid",
    "cfdi",
    "subtotal",
    "iva",
    "po",
    "emision",
    "credit limit",
    "paid",
    "pagado",
    "pendiente",
    "overdue",
    "faelligkeit",
    "rechnung",
];

/// Currencies written in column names, beside those of the trade.
const MORE_CURRENCIES: &[&str] = &[
    "czk", "dkk", "huf", "ils", "inr", "ltl", "nok", "nzd", "pln", "ron", "sgd", "zar",
];

/// A column name folded, with the letters of Central Europe that are no Latin ones with accents.
pub(super) fn folded(name: &str) -> String {
    if name.is_ascii() {
        return fold_name(name);
    }
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            'č' | 'ć' => 'c',
            'Č' | 'Ć' => 'C',
            'ď' | 'đ' => 'd',
            'ě' | 'ę' => 'e',
            'ą' => 'a',
            'ň' | 'ń' => 'n',
            'ř' => 'r',
            'š' | 'ś' => 's',
            'Š' | 'Ś' => 'S',
            'ť' => 't',
            'ů' | 'ű' => 'u',
            'Ů' | 'Ű' => 'U',
            'ő' => 'o',
            'ł' => 'l',
            'ž' | 'ź' | 'ż' => 'z',
            'Ž' | 'Ź' | 'Ż' => 'Z',
            'ý' => 'y',
            other => other,
        })
        .collect();
    fold_name(&plain)
}

/// What a column is called; `None` when the name says nothing.
pub(super) fn recognise(name: &str) -> Option<Meaning> {
    let folded = folded(name);
    let find = |name: &str| BY_NAME.get(name).copied();
    if let Some((role, rank)) = find(&folded) {
        let currency = None;
        return Some(Meaning {
            role,
            rank,
            currency,
        });
    }
    let words: Vec<&str> = folded.split(' ').collect();
    let currency = words.iter().find_map(|word| currency_word(word))?;
    let rest: Vec<&str> = words
        .iter()
        .filter(|word| currency_word(word).is_none())
        .copied()
        .collect();
    let (role, rank) = find(&rest.join(" "))?;
    Some(Meaning {
        role,
        rank,
        currency: Some(currency),
    })
}

fn currency_word(word: &str) -> Option<Currency> {
    crate::amount::known_currency(word).or_else(|| {
        MORE_CURRENCIES
            .contains(&word)
            .then(|| Currency::new(word).ok())
            .flatten()
    })
}

/// Whether the name belongs to a customers' or suppliers' ledger.
pub(super) fn is_of_ledger(name: &str) -> bool {
    let folded = folded(name);
    folded == "client"
        || folded.starts_with("client name")
        || folded.starts_with("client id")
        || folded.split(' ').any(|word| LEDGER_WORDS.contains(&word))
}

/// Which way money went, by the word of a column.
pub(super) fn comes_in(word: &str, has_abono: bool) -> Option<bool> {
    match crate::fold::fold(word).as_str() {
        // Where A stands for abono, C stands for cargo.
        "c" => Some(!has_abono),
        "a" | "abono" | "cr" | "credito" | "credit" | "crdt" | "h" | "haber" | "haben" | "k"
        | "kredit" | "i" | "in" | "inflow" | "bij" | "ingreso" | "entrada" | "deposito"
        | "bevetel" => Some(true),
        "d" | "dr" | "debe" | "debito" | "debit" | "dbit" | "cargo" | "s" | "soll" | "o"
        | "out" | "outflow" | "af" | "egreso" | "salida" | "saida" | "retiro" | "debet"
        | "kiadas" => Some(false),
        _ => match word.trim() {
            "+" => Some(true),
            "-" => Some(false),
            _ => None,
        },
    }
}

/// Whether a kind of movement takes back an earlier one.
pub(super) fn takes_back(kind: &str) -> bool {
    let folded = crate::fold::fold(kind);
    [
        "chargeback",
        "contracargo",
        "devolucion",
        "devolucao",
        "estorno",
        "refund",
        "reembolso",
        "reversal",
        "reversion",
        "second chargeback",
    ]
    .iter()
    .any(|word| folded.starts_with(word) || folded.ends_with(word))
        && !folded.ends_with("reversed")
}

/// How final a status is; what has none is booked.
pub(super) fn state(status: &str) -> TransactionState {
    match crate::fold::fold(status).as_str() {
        "pending" | "pendiente" | "pendente" | "held" | "en espera" | "retenido" | "retido"
        | "uncleared" | "processing" | "en curso" => TransactionState::Pending,
        "denied" | "canceled" | "cancelled" | "cancelado" | "cancelada" | "failed" | "fallido"
        | "rechazado" | "expired" | "vencido" | "recusado" | "removed" => {
            TransactionState::Information
        }
        _ => TransactionState::Booked,
    }
}

/// What a line says that is no movement but a balance or a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Opening,
    Closing,
    Total,
}

/// Lines of balances and sums among the movements.
pub(super) fn line(text: &str) -> Option<Line> {
    let folded = crate::fold::fold(text);
    Some(match folded.as_str() {
        "saldo inicial"
        | "saldo anterior"
        | "saldo al inicio"
        | "opening balance"
        | "balance brought forward"
        | "brought forward"
        | "anfangssaldo"
        | "saldo de apertura" => Line::Opening,
        "saldo final"
        | "saldo actual"
        | "closing balance"
        | "balance carried forward"
        | "carried forward"
        | "endsaldo"
        | "saldo de cierre"
        | "saldo al cierre" => Line::Closing,
        "turnover" | "total" | "totales" | "total cargos" | "total abonos" | "s a l d o"
        | "saldo do dia" | "saldo del dia" | "subtotal" | "totais" | "sumas" | "total general"
        | "saldo dia" => Line::Total,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_banks() {
        let cases = [
            ("Fecha Operación", Role::Booked, None),
            ("F. Valor", Role::Value, None),
            ("Cargos (CLP)", Role::Debit, Some("CLP")),
            ("Depósitos", Role::Credit, None),
            ("Saldo", Role::Balance, None),
            ("Amount CZK", Role::Amount, Some("CZK")),
            ("Withdrawals (SGD)", Role::Debit, Some("SGD")),
            ("Beguenstigter/Zahlungspflichtiger", Role::Name, None),
            ("Tegenrekening IBAN/BBAN", Role::Account, None),
            ("D/K", Role::Sign, None),
            ("Bevétel/Kiadás", Role::Sign, None),
            ("Clave de Rastreo", Role::EndToEnd, None),
            ("Zaúčtovaná částka", Role::Amount, None),
            ("bedrag in EUR", Role::Amount, Some("EUR")),
        ];
        for (name, role, currency) in cases {
            let meaning = recognise(name).unwrap_or_else(|| panic!("{name} is known"));
            let code = meaning.currency.map(|currency| currency.code().to_owned());
            assert_eq!((meaning.role, code.as_deref()), (role, currency), "{name}");
        }
        for name in [
            "Cliente",
            "Folio fiscal del documento relacionado",
            "Días",
            "",
        ] {
            assert_eq!(recognise(name), None, "{name}");
        }
    }

    #[test]
    fn a_name_stands_once() {
        let mut seen = std::collections::HashSet::new();
        for (_, names) in NAMES {
            for name in names.split('|') {
                assert!(seen.insert(name.trim()), "{name} stands twice");
                assert_eq!(fold_name(name), name.trim(), "{name} is not folded");
            }
        }
    }

    #[test]
    fn where_a_is_abono_c_is_cargo() {
        assert_eq!(comes_in("C", false), Some(true));
        assert_eq!(comes_in("C", true), Some(false));
        assert_eq!(comes_in("Haber", false), Some(true));
        assert_eq!(comes_in("Af", false), Some(false));
        assert_eq!(comes_in("x", false), None);
    }
}
