//! The one model of an electronic invoice.

use domain::customer::Country;
use domain::document::DocumentKind;
use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Whose rules a file follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standard {
    /// Mexico: *Comprobante Fiscal Digital por Internet* (SAT, Anexo 20).
    Cfdi,
    /// Mexico: the list of a bulk download (*metadata* of the SAT).
    SatMetadata,
    /// Chile: *Documento Tributario Electrónico* (SII).
    Dte,
    /// Chile: *Registro de Compras y Ventas* (SII).
    Rcv,
    /// Chile: *Archivo Electrónico de Cesión* (SII).
    Aec,
    /// OASIS UBL 2.1 as the SUNAT of Peru profiles it.
    UblPeru,
    /// OASIS UBL 2.1 as the DIAN of Colombia profiles it.
    UblColombia,
    /// OASIS UBL 2.x, Peppol BIS, XRechnung.
    Ubl,
    /// UN/CEFACT Cross Industry Invoice: Factur-X, ZUGFeRD, XRechnung.
    Cii,
    /// Brazil: *Nota Fiscal eletrônica*, models 55 and 65.
    Nfe,
    /// Brazil: *Nota Fiscal de Serviços eletrônica*.
    Nfse,
    /// Spain: Facturae 3.2.
    Facturae,
}

/// What one file, or one line of a list, says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Something is owed, or is owed no longer.
    Invoice(Box<Invoice>),
    /// Money came in: the Mexican payment complement and its like.
    Receipt(Box<Receipt>),
    /// Something befell a document that is known by its stamp.
    Event(Box<Event>),
    /// A sound file that says nothing of what is owed: a payroll slip, a goods transfer.
    Silent {
        /// The file's stamp.
        stamp: Option<String>,
        /// What it is, in Spanish, for people.
        what: &'static str,
    },
}

/// An invoice, a debit note or a credit note as its issuer stamped it.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoice {
    /// Whose rules it follows.
    pub standard: Standard,
    /// The version it names, such as `4.0`.
    pub version: String,
    /// What it does to the balance.
    pub kind: DocumentKind,
    /// What makes it one of a kind before the tax office, in one spelling: the folio fiscal in
    /// upper case, CUFE, access key; `RUT-type-folio` in Chile, `RUC-type-series-number` in Peru.
    /// The same stamp is the same document.
    pub stamp: Option<String>,
    /// Series and number as people write them: `A-1045`, `33-1203`, `F001-88`.
    pub number: String,
    /// Civil date of issue.
    pub issued: Date,
    /// Who is owed.
    pub issuer: Party,
    /// Who owes.
    pub receiver: Party,
    /// The whole with taxes, before what is kept back by a payment in advance; positive.
    pub total: Money,
    /// What is to be paid of it by its own words: less taxes withheld outside the total, advances
    /// and deposits to the tax office (*detracción*). Equal to the total where nothing is said.
    pub payable: Money,
    /// Units of the country's currency for one of the document's, where it says so.
    pub exchange_rate: Option<Decimal>,
    /// Taxes, added or withheld.
    pub taxes: Vec<Tax>,
    /// Lines, for the breakdown.
    pub lines: Vec<Line>,
    /// When it is to be paid.
    pub terms: Terms,
    /// Documents it stands on: the invoice a credit note lowers, the one that replaces another.
    pub references: Vec<Reference>,
    /// Issued in the tax office's trial environment: it is no debt.
    pub trial: bool,
    /// An invoice over sales to nobody in particular (*factura global*): there is no debtor.
    pub global: bool,
    /// What could not be read of it, in Spanish, with the field; none is needed for the balance.
    pub warnings: Vec<String>,
}

/// Who issued or received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Tax id in one spelling: upper case, without dots; with the check digit's hyphen in Chile.
    pub tax_id: Option<String>,
    /// Legal name.
    pub name: String,
    /// Country, where it is said or follows from the standard.
    pub country: Option<Country>,
    /// Region, state or department, as written.
    pub region: Option<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Telephone numbers as written.
    pub phones: Vec<String>,
    /// The issuer's own key of the customer, where the file gives one.
    pub key: Option<String>,
}

/// A tax of the whole document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tax {
    /// Its name as people know it: `IVA`, `IEPS`, `IGV`, `ICMS`.
    pub name: String,
    /// Rate as a fraction: 0.16.
    pub rate: Option<Decimal>,
    /// Amount in the document's currency, positive.
    pub amount: Decimal,
    /// Kept back by the customer instead of paid to the issuer.
    pub withheld: bool,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What was sold.
    pub description: String,
    /// How much of it.
    pub quantity: Option<Decimal>,
    /// Price of one.
    pub unit_price: Option<Decimal>,
    /// Amount of the line without taxes, in the document's currency.
    pub amount: Decimal,
}

/// When and how it is to be paid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// The day the whole falls due, where one is said.
    pub due: Option<Date>,
    /// Days of credit, where only those are said.
    pub days: Option<u16>,
    /// Paid when it was issued, by its own words.
    pub paid_at_once: bool,
    /// Its parts with their own days, in the order of the days. Empty for one payment.
    pub instalments: Vec<Instalment>,
    /// The customer owes the issuer nothing more than a receipt for each payment, to be stamped
    /// by the fifth day of the month after it (Mexico: *PPD*, Resolución Miscelánea Fiscal
    /// 2.7.1.32).
    pub owes_receipts: bool,
    /// Means of payment as the standard codes it.
    pub means: Option<String>,
    /// The reference the payer is asked to give.
    pub payment_reference: Option<String>,
    /// Account it is to be paid to.
    pub account: Option<String>,
    /// The terms in the issuer's own words: a discount for early payment, a penalty.
    pub words: Option<String>,
}

/// A part with its own day.
#[derive(Clone, Debug, PartialEq)]
pub struct Instalment {
    /// Its number or name in the document: `001`, `Cuota001`.
    pub number: String,
    /// Civil date it falls due.
    pub due: Date,
    /// Amount.
    pub amount: Money,
}

/// A document that another one names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Why.
    pub relation: Relation,
    /// Its stamp in the same spelling as [`Invoice::stamp`].
    pub stamp: Option<String>,
    /// Its number in the same spelling as [`Invoice::number`].
    pub number: Option<String>,
    /// Its date.
    pub on: Option<Date>,
}

/// Why one document names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It lowers or raises that one.
    Adjusts,
    /// It takes the place of that one.
    Replaces,
    /// It annuls that one whole.
    Annuls,
    /// It uses up an advance.
    Advance,
    /// An order, a delivery, a contract: nothing for the ledger.
    Other,
}

/// A stamped receipt of payments.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt {
    /// Whose rules it follows.
    pub standard: Standard,
    /// The version of the receipt, such as `2.0`.
    pub version: String,
    /// Its own stamp.
    pub stamp: Option<String>,
    /// Its own number.
    pub number: String,
    /// Civil date it was issued.
    pub issued: Date,
    /// Who was paid.
    pub issuer: Party,
    /// Who paid.
    pub receiver: Party,
    /// The payments it proves.
    pub payments: Vec<ReceivedPayment>,
    /// The receipt it takes the place of.
    pub replaces: Vec<Reference>,
}

/// A payment that a receipt proves.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedPayment {
    /// Civil date of the payment.
    pub on: Date,
    /// Amount in the currency it was paid in.
    pub amount: Money,
    /// Units of the country's currency for one of the payment's.
    pub exchange_rate: Option<Decimal>,
    /// Means as the standard codes it.
    pub means: Option<String>,
    /// The bank's number of the operation: cheque, transfer, tracking key.
    pub operation: Option<String>,
    /// Account of the payer.
    pub from_account: Option<String>,
    /// Account of the issuer.
    pub to_account: Option<String>,
    /// What it pays.
    pub parts: Vec<PaymentPart>,
}

/// What a payment pays of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentPart {
    /// The document's stamp.
    pub stamp: Option<String>,
    /// Its series and number, where they are said.
    pub number: Option<String>,
    /// Which of its payments this is, from one.
    pub partiality: Option<u32>,
    /// Open before, in the document's currency.
    pub open_before: Option<Money>,
    /// Paid of it, in the document's currency.
    pub paid: Money,
    /// Open after.
    pub open_after: Option<Money>,
    /// Units of the document's currency for one of the payment's.
    pub rate: Option<Decimal>,
}

/// Something that befell a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Whose rules it follows.
    pub standard: Standard,
    /// The document's stamp.
    pub stamp: Option<String>,
    /// The document's number.
    pub number: Option<String>,
    /// Tax id of the one who issued the document.
    pub issuer: Option<String>,
    /// Tax id of the one who owes it.
    pub receiver: Option<String>,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub on: Option<Date>,
}

/// What can befall a document.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// It holds no longer.
    Cancelled,
    /// The customer accepted it (Colombia: *aceptación expresa o tácita*; Chile: *ACD*).
    Accepted,
    /// The customer has what was sold (Chile: *ERM*; Colombia: *recibo del bien o servicio*).
    GoodsReceived,
    /// The customer contests it (Chile: *RCD*, *RFP*, *RFT*; Colombia: *reclamo*), with its words.
    Claimed {
        /// Why, as written.
        reason: String,
    },
    /// The credit was assigned: it is to be paid to somebody else.
    Assigned {
        /// To whom.
        to: Party,
        /// What of it, where it is said.
        amount: Option<Money>,
    },
    /// What the list says of a document without its file: enough to know that it is missing.
    Listed {
        /// What it does to the balance.
        kind: DocumentKind,
        /// Its total; where `currency` is `None`, the figure of the list in the country's money.
        total: Option<Money>,
        /// Who owes, by name.
        receiver_name: String,
        /// What it is paid in, where the list says so.
        currency: Option<Currency>,
    },
}
