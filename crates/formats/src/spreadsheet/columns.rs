//! Column names in Spanish, Portuguese and English: the one table of what they mean.
//!
//! A name is folded to words, each word to a concept (`vcto`, `vence`, `due` → vencimiento), and
//! the set of concepts is looked up; so the order of the words and their language do not matter.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::Currency;

use super::field::Field;
use crate::amount::known_currency;
use crate::fold::fold_name;

/// What a name says before the other columns are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Meaning {
    Field(Field),
    /// `ID`, `Número`: of whatever the table lists.
    AnyKey,
    /// `Fecha`: of whatever the table lists.
    AnyDate,
    /// `Cliente`: a name, or a key where another column has the name.
    AnyCustomer,
    /// `Nombre`: of a customer, if nobody else is named.
    AnyName,
    /// A supplier: the table is what the company owes.
    Supplier(Field),
    /// A word of bank statements.
    Bank,
}

/// A recognised name: the meaning, how exactly it says so (0 is best), and a currency beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recognised {
    pub meaning: Meaning,
    pub rank: u8,
    pub currency: Option<Currency>,
}

/// Recognises a column name.
pub(super) fn recognise(name: &str) -> Option<Recognised> {
    let (concepts, currency) = concepts_of(name);
    if concepts.is_empty() {
        return None;
    }
    let found = |(meaning, rank): (Meaning, u8)| Recognised {
        meaning,
        rank,
        currency,
    };
    if let Some(exact) = TABLE.exact.get(&joined(&concepts)) {
        return Some(found(*exact));
    }
    if concepts.len() == 1 && concepts[0].len() >= 7 {
        return misspelt(&concepts[0]).map(|(meaning, rank)| found((meaning, rank + 20)));
    }
    if concepts.iter().any(|concept| is_listed(concept, BLOCKERS)) {
        return None;
    }
    let contained = TABLE.sets.iter().filter(|(set, ..)| {
        set.len() >= 2
            && set.len() + 2 >= concepts.len()
            && set
                .iter()
                .all(|word| concepts.iter().any(|concept| concept == word))
    });
    let best = contained.min_by_key(|(set, _, rank)| (usize::MAX - set.len(), *rank))?;
    Some(found((best.1, best.2 + 10)))
}

/// A name with its folded words, for the signature of a table.
pub(super) fn signature_word(name: &str) -> String {
    fold_name(name)
}

/// Sorted concepts of a name, and the currency named in it (`Importe MXN`).
fn concepts_of(name: &str) -> (Vec<String>, Option<Currency>) {
    let folded = spelled_together(
        &fold_name(name)
            .replace("e mail", "email")
            .replace("whats app", "whatsapp"),
    );
    let mut currency = None;
    let mut concepts: Vec<String> = Vec::new();
    for word in folded.split(' ') {
        if let Some(code) = known_currency(word).filter(|_| word.len() == 3) {
            currency = Some(code);
            continue;
        }
        if let Some(concept) = TABLE.concepts.get(word) {
            concepts.push((*concept).to_owned());
        } else if let Some((a, b)) = unglued(word) {
            concepts.extend([a.to_owned(), b.to_owned()]);
        } else if !is_listed(word, FILLERS) && !word.is_empty() {
            concepts.push(word.to_owned());
        }
    }
    concepts.retain(|concept| !concept.is_empty());
    concepts.sort_unstable();
    concepts.dedup();
    (concepts, currency)
}

/// Initials as one word: `r f c` → `rfc`.
fn spelled_together(folded: &str) -> String {
    let words: Vec<&str> = folded.split(' ').collect();
    let mut out = String::with_capacity(folded.len());
    for run in words.chunk_by(|a, b| a.len() == 1 && b.len() == 1) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&if run.len() >= 3 {
            run.concat()
        } else {
            run.join(" ")
        });
    }
    out
}

/// Two known words written as one: `NUMFACT`, `CODCLIENTE`.
fn unglued(word: &str) -> Option<(&'static str, &'static str)> {
    (3..word.len().saturating_sub(2)).find_map(|at| {
        let (head, tail) = (word.get(..at)?, word.get(at..)?);
        Some((*TABLE.concepts.get(head)?, *TABLE.concepts.get(tail)?))
    })
}

/// The concept one slip of the finger away, looked up.
fn misspelt(word: &str) -> Option<(Meaning, u8)> {
    let near = TABLE
        .concepts
        .iter()
        .find(|(known, _)| known.len() >= 7 && strsim::osa_distance(known, word) == 1)?;
    TABLE.exact.get(*near.1).copied()
}

/// Whether a list of words holds this one.
fn is_listed(word: &str, list: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

fn joined(concepts: &[String]) -> String {
    concepts.join(" ")
}

struct Table {
    concepts: HashMap<&'static str, &'static str>,
    exact: HashMap<String, (Meaning, u8)>,
    sets: Vec<(Vec<&'static str>, Meaning, u8)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut concepts = HashMap::new();
    for (concept, words) in CONCEPTS {
        concepts.insert(*concept, *concept);
        concepts.extend(words.split_whitespace().map(|word| (word, *concept)));
    }
    let mut exact = HashMap::new();
    let mut sets = Vec::new();
    for (meaning, phrases) in MEANINGS {
        for (rank, phrase) in (0u8..).zip(phrases.split(',')) {
            let mut set: Vec<&str> = phrase.split_whitespace().collect();
            set.sort_unstable();
            exact.entry(set.join(" ")).or_insert((*meaning, rank));
            sets.push((set, *meaning, rank));
        }
    }
    Table {
        concepts,
        exact,
        sets,
    }
});

/// Words that add nothing to a name.
const FILLERS: &str = "\
    de del la el los las do da dos das of the y e en a al o electronico electronica \
    principal mx original actual";

/// Words with which a date or an amount is another fact than the one beside them.
const BLOCKERS: &str = "\
    dias promesa promise promised compromiso proximo proxima next ultimo ultima last \
    estimada programada vencido overdue promedio average banco bank vendedor iva tax \
    impuesto neto net descuento discount limite anterior previous hora creacion \
    modificacion orden pedido po purchase proveedor edad forma metodo method medio \
    comentario nota usuario envio entrega contacto contact compras descripcion";

/// Each concept with the words for it, folded.
const CONCEPTS: &[(&str, &str)] = &[
    ("numero", "num nro nr no n number nbr nmb"),
    ("id", "identificador identifier"),
    ("codigo", "cod code clave cve key"),
    (
        "factura",
        "fact fac fatura invoice inv facturas facturacion cfdi boleta",
    ),
    (
        "documento",
        "doc document docto dcto comprobante cbte duplicata titulo",
    ),
    ("fiscal", "timbrado"),
    (
        "cliente",
        "customer client clte cte debtor deudor devedor comprador receptor sacado clientes",
    ),
    ("nombre", "name nome nom"),
    ("razon", "razao"),
    ("fecha", "fec fch date data dt fechas"),
    (
        "vencimiento",
        "vcto vto venc vencto vence vencimento due maturity vencimientos fvto fvenc",
    ),
    (
        "emision",
        "emissao issue issued emitido emitida expedicion femision",
    ),
    ("limite", "limit"),
    (
        "importe",
        "monto valor amount value amt vr vlr imp montante quantia",
    ),
    ("total", "gross bruto"),
    ("saldo", "balance"),
    (
        "pendiente",
        "outstanding open remaining pendente aberto adeudado adeudo",
    ),
    (
        "pago",
        "payment paid pagado pagamento cobro cobrado abono abonado settled settlement \
              liquidado liquidacion pagos payments abonos pgto",
    ),
    ("recibo", "receipt"),
    ("moneda", "divisa currency ccy moeda"),
    ("correo", "email mail correos emails"),
    (
        "telefono",
        "tel telf telefonos phone telephone celular cel movil mobile fone telefone fono",
    ),
    ("whatsapp", "wa wsp"),
    (
        "consentimiento",
        "consent consentimento consentimientos consents",
    ),
    ("llamada", "llamadas call calls ligacao ligacoes"),
    ("texto", "text palabras"),
    ("pais", "country"),
    ("provincia", "province departamento state"),
    ("zona", "zone"),
    ("horaria", "time horario fuso timezone"),
    ("idioma", "language lang lengua"),
    ("importancia", "importance prioridad priority"),
    ("etiqueta", "etiquetas tag tags"),
    ("comportamiento", "behaviour behavior"),
    (
        "plazo",
        "terms term prazo condiciones condicion condicao condicoes",
    ),
    ("dias", "days dia day"),
    ("credito", "credit"),
    ("debito", "debit"),
    ("directo", "direct automatico"),
    ("tipo", "type kind clase especie"),
    (
        "disputa",
        "disputed disputado disputada dispute reclamo reclamado aclaracion controversia",
    ),
    ("domiciliado", "domiciliacion domiciliada"),
    (
        "tributaria",
        "rfc rut nit ruc cnpj cpf cuit cuil nif cif rnc rtn",
    ),
    ("identificacion", "cedula identificacao"),
    ("estado", "status situacao situacion estatus"),
    ("serie", "series"),
    ("cuota", "parcela parcialidad instalment installment cuotas"),
    ("referencia", "reference ref"),
    ("uuid", "cufe"),
    ("proveedor", "vendor supplier fornecedor"),
];

use Field as F;
use Meaning::{AnyCustomer, AnyDate, AnyKey, AnyName, Bank, Field as Is, Supplier};

/// Each meaning with the sets of concepts that say so, the surest first.
const MEANINGS: &[(Meaning, &str)] = &[
    (
        Is(F::FiscalId),
        "folio fiscal, uuid, fiscal id, chave acesso, fiscal uuid",
    ),
    (
        Is(F::Number),
        "factura numero, factura folio, documento numero, factura id, documento id, \
         codigo factura, folio numero, factura, folio, documento, fiscal nota numero, \
         fiscal nota, factura documento numero, nf, nfe, referencia factura, \
         factura serie numero, fiscal folio numero, nota numero, folio interno, \
         codigo documento",
    ),
    (Is(F::Series), "serie, factura serie, documento serie"),
    (Is(F::Instalment), "cuota, cuota numero"),
    (
        Is(F::Kind),
        "documento tipo, factura tipo, tipo, tipo transaccion",
    ),
    (
        Is(F::Issued),
        "emision fecha, factura fecha, documento fecha, emision, emision factura fecha, \
         emision documento fecha",
    ),
    (
        Is(F::Due),
        "fecha vencimiento, vencimiento, fecha limite, fecha limite pago, \
         fecha pago vencimiento, factura fecha vencimiento, documento fecha vencimiento, \
         limite pago, pago vencimiento",
    ),
    (
        Is(F::Amount),
        "factura total, importe total, total, factura importe, documento importe, \
         documento total, importe, factura importe total, pagar total, importe pagar",
    ),
    (
        Is(F::OpenBalance),
        "pendiente saldo, importe pendiente, saldo, pendiente, factura saldo, documento saldo, \
         importe vencimiento, importe saldo, saldo vencimiento, cobrar saldo, cobrar por, \
         cobrar por saldo, insoluto saldo, saldo total, pendiente total, factura pendiente, \
         pago pendiente, deuda, pagar saldo",
    ),
    (
        Is(F::PaidAmount),
        "importe pago, pago, pago total, factura importe pago, recibido",
    ),
    (
        Is(F::PaidOn),
        "fecha pago, fecha recibo, factura fecha pago, fecha pago recibido, fecha recibido",
    ),
    (
        Is(F::PaymentKey),
        "numero pago, id pago, codigo pago, folio pago, recibo, numero recibo, \
         referencia pago, documento pago",
    ),
    (
        Is(F::Status),
        "estado, estado factura, documento estado, estado pago",
    ),
    (
        Is(F::Currency),
        "moneda, codigo moneda, factura moneda, documento moneda",
    ),
    (
        Is(F::Disputed),
        "disputa, disputa en, disputa factura, disputa is",
    ),
    (
        Is(F::TermsDays),
        "credito dias, dias plazo, pago plazo, credito plazo, plazo, dias pago plazo, \
         credito dias plazo, dias pago, comercial plazo",
    ),
    (
        Is(F::DirectDebit),
        "debito directo, domiciliado, domiciliado pago, cargo directo",
    ),
    (
        Is(F::DebtClass),
        "deuda origen, deuda tipo, debt tipo, debt class, debt origin, divida origem, \
         divida tipo",
    ),
    (Is(F::FinalConsumer), "consumidor final, consumer final"),
    (
        Is(F::Creditor),
        "acreedor tipo, creditor tipo, creditor class, credor tipo",
    ),
    (Is(F::Actor), "cobra quien, actor, collector tipo"),
    (
        Is(F::Reference),
        "referencia, bancaria referencia, convenio referencia",
    ),
    (
        Is(F::CustomerKey),
        "codigo cliente, cliente id, cliente numero, cliente cuenta",
    ),
    (
        Is(F::CustomerName),
        "cliente nombre, cliente razon social, razon social, nombre razon social, \
         cliente nombre razon social, completo nombre, comercial nombre, company nombre, \
         denominacion social",
    ),
    (
        Is(F::TaxId),
        "tributaria, cliente tributaria, id tax, id vat, numero vat, numero tributaria, \
         fiscal identificacion, identificacion tributaria, id tributaria, identificacion, \
         identificacion numero, cliente identificacion, documento identidad, numero tax, \
         cliente documento, fiscal registro",
    ),
    (
        Is(F::Email),
        "correo, cliente correo, correo direccion, contacto correo, cobranza correo, \
         contact correo, correo 1, correo 2, address correo, correo factura, correo pago, cuentas correo pagar, pagar correo",
    ),
    (
        Is(F::Phone),
        "telefono, cliente telefono, numero telefono, contacto telefono, contact telefono, \
         telefono 1, telefono 2, fijo telefono",
    ),
    (
        Is(F::Whatsapp),
        "whatsapp, numero whatsapp, telefono whatsapp",
    ),
    (Is(F::Country), "pais, codigo pais, cliente pais"),
    (Is(F::Subdivision), "provincia, uf"),
    (Is(F::Zone), "horaria zona, horaria"),
    (Is(F::Language), "idioma, cliente idioma, codigo idioma"),
    (Is(F::Class), "cliente tipo, persona tipo, cliente clase"),
    (
        Is(F::Importance),
        "importancia, cliente importancia, cliente prioridad",
    ),
    (Is(F::Tags), "etiqueta, cliente etiqueta"),
    (
        Is(F::Behaviour),
        "comportamiento, comportamiento pago, clase comportamiento",
    ),
    (
        Is(F::Role),
        "contacto rol, contact role, contacto tipo, contact tipo, contato papel, rol, role",
    ),
    (
        Is(F::Source),
        "contacto origen, contact source, contato origem, contacto fuente, fuente contacto",
    ),
    (
        Is(F::LegalEvent),
        "hecho legal, evento legal, event legal, estado legal, estado juridica, legal",
    ),
    (
        Is(F::LegalEventOn),
        "fecha hecho legal, evento fecha legal, event fecha legal, fecha legal",
    ),
    (Is(F::ConsentEmail), "consentimiento correo"),
    (Is(F::ConsentWhatsapp), "consentimiento whatsapp"),
    (Is(F::ConsentSms), "consentimiento sms"),
    (
        Is(F::ConsentPhone),
        "consentimiento telefono, consentimiento llamada",
    ),
    (Is(F::ConsentOn), "consentimiento fecha"),
    (
        Is(F::ConsentSource),
        "consentimiento origen, consentimiento fuente, consentimiento source",
    ),
    (Is(F::ConsentText), "consentimiento texto"),
    (AnyKey, "id, numero, codigo"),
    (AnyDate, "fecha, fecha transaccion"),
    (AnyCustomer, "cliente, empresa"),
    (AnyName, "nombre"),
    (
        Supplier(F::CustomerKey),
        "id proveedor, codigo proveedor, numero proveedor",
    ),
    (Supplier(F::CustomerName), "nombre proveedor, proveedor"),
    (Supplier(F::TaxId), "proveedor tributaria"),
    (
        Bank,
        "descripcion, description, concepto, detalle, details, glosa, memo, payee, \
         counterparty, cargo, cargos, abonos cargos, debito, credito, iban, cuenta, account, \
         cuenta numero, remittance, txn id, id transaccion, id transaction, booking fecha, \
         posting fecha, fecha transaction, fecha operacion, fecha valor, movimiento, \
         movimientos, withdrawals, deposits, inflow, outflow, depositos, retiros, \
         canal sucursal, sucursal, execution fecha, counteraccount nombre, fecha processed, \
         remittance information, historico, lancamento, debitos, creditos, oficina, \
         running saldo, iban cliente, fecha mov, merchant, libelle, verwendungszweck, \
         buchungstag, account id, account numero, beneficiary, originator, beneficiario, \
         payer, saldo anterior, id record, beneficiary party, d k",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_names_in_three_languages() {
        let cases: &[(&str, Option<Meaning>)] = &[
            ("NUMFACT", Some(Is(F::Number))),
            ("No. Documento", Some(Is(F::Number))),
            ("InvoiceID", Some(Is(F::Number))),
            ("invoice_no", Some(Is(F::Number))),
            ("id_factura", Some(Is(F::Number))),
            ("Nota Fiscal", Some(Is(F::Number))),
            ("N° Factura", Some(Is(F::Number))),
            ("Folio", Some(Is(F::Number))),
            ("Folio Fiscal", Some(Is(F::FiscalId))),
            ("PO Number", None),
            ("CodCliente", Some(Is(F::CustomerKey))),
            ("COD CLIENTE", Some(Is(F::CustomerKey))),
            ("Razón Social", Some(Is(F::CustomerName))),
            ("R.F.C.", Some(Is(F::TaxId))),
            ("Correo de pagos", Some(Is(F::Email))),
            ("¿En aclaración?", Some(Is(F::Disputed))),
            ("Etiquetas", Some(Is(F::Tags))),
            ("debtor_name", Some(Is(F::CustomerName))),
            ("Cliente", Some(AnyCustomer)),
            ("RFC", Some(Is(F::TaxId))),
            ("CNPJ/CPF", Some(Is(F::TaxId))),
            ("Fecha Vcto", Some(Is(F::Due))),
            ("Data de Vencimento", Some(Is(F::Due))),
            ("Fecha límite de pago", Some(Is(F::Due))),
            ("DueDate", Some(Is(F::Due))),
            ("Fecha Facturación", Some(Is(F::Issued))),
            ("Fecha de emisión de la factura", Some(Is(F::Issued))),
            ("InvoiceDate", Some(Is(F::Issued))),
            ("PaperlessDate", None),
            ("PaperlessBill", None),
            ("DaysToSettle", None),
            ("DaysLate", None),
            ("Días vencido", None),
            ("SettledDate", Some(Is(F::PaidOn))),
            ("FECHA PAGO", Some(Is(F::PaidOn))),
            ("Fecha promesa de pago", None),
            ("VR PAGO", Some(Is(F::PaidAmount))),
            ("payment_no", Some(Is(F::PaymentKey))),
            ("Importe (MXN)", Some(Is(F::Amount))),
            ("gross", Some(Is(F::Amount))),
            ("Valor", Some(Is(F::Amount))),
            ("net", None),
            ("vat", None),
            ("Importe IVA", None),
            ("Saldo pendiente", Some(Is(F::OpenBalance))),
            ("Amount Due", Some(Is(F::OpenBalance))),
            ("payment_terms_days", Some(Is(F::TermsDays))),
            ("Días de crédito", Some(Is(F::TermsDays))),
            ("credit_limit", None),
            ("Vendedor", None),
            ("Vendor ID", Some(Supplier(F::CustomerKey))),
            ("Correo electrónico", Some(Is(F::Email))),
            ("E-mail", Some(Is(F::Email))),
            ("Celular", Some(Is(F::Phone))),
            ("countryCode", Some(Is(F::Country))),
            ("Tipo de documento", Some(Is(F::Kind))),
            ("Origen de la deuda", Some(Is(F::DebtClass))),
            ("debt_class", Some(Is(F::DebtClass))),
            ("Consumidor final", Some(Is(F::FinalConsumer))),
            ("final_consumer", Some(Is(F::FinalConsumer))),
            ("Clase de acreedor", Some(Is(F::Creditor))),
            ("Tipo de credor", Some(Is(F::Creditor))),
            ("Quién cobra", Some(Is(F::Actor))),
            ("Rol del contacto", Some(Is(F::Role))),
            ("contact_source", Some(Is(F::Source))),
            ("Evento legal", Some(Is(F::LegalEvent))),
            ("legal_event_date", Some(Is(F::LegalEventOn))),
            ("Consentimiento de correo", Some(Is(F::ConsentEmail))),
            ("consent_whatsapp", Some(Is(F::ConsentWhatsapp))),
            ("Consentimiento WhatsApp", Some(Is(F::ConsentWhatsapp))),
            ("WhatsApp", Some(Is(F::Whatsapp))),
            ("Consentimiento SMS", Some(Is(F::ConsentSms))),
            ("Consentimiento para llamadas", Some(Is(F::ConsentPhone))),
            ("consent_phone", Some(Is(F::ConsentPhone))),
            ("Fecha del consentimiento", Some(Is(F::ConsentOn))),
            ("consent_date", Some(Is(F::ConsentOn))),
            ("Origen del consentimiento", Some(Is(F::ConsentSource))),
            ("consent_source", Some(Is(F::ConsentSource))),
            ("Texto del consentimiento", Some(Is(F::ConsentText))),
            ("booking_date", Some(Bank)),
            ("Vencimeinto", Some(Is(F::Due))),
            ("", None),
        ];
        for (name, meaning) in cases {
            assert_eq!(
                recognise(name).map(|found| found.meaning),
                *meaning,
                "{name}"
            );
        }
        let currency = recognise("Importe (MXN)").and_then(|found| found.currency);
        assert_eq!(currency, Some(Currency::MXN));
    }
}
