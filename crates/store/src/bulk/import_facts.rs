//! What an import hands over: rows whose meaning is decided, still by the company's own keys.

use domain::customer::{BehaviourClass, RecipientRole};
use domain::customer::{Channel, Consent, ContactSource, Country, DebtorClass, LegalEvent};
use domain::document::{DebtFacts, DocumentKind};
use domain::hold::HoldKind;
use domain::{CustomerId, ImportId, Money};
use jiff::civil::Date;
use serde_json::Value;

/// A part of a file, written in one transaction. Whatever names a customer that is neither here nor
/// in the database makes it, with its key as its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportChunk {
    /// The import it is a part of, under which is kept what the part made and changed; `None` for
    /// facts that nobody will undo as a whole.
    pub import: Option<ImportId>,
    /// Customers.
    pub customers: Vec<CustomerFacts>,
    /// Addresses.
    pub contact_points: Vec<ContactPointFacts>,
    /// Documents.
    pub documents: Vec<DocumentFacts>,
    /// Payments.
    pub payments: Vec<PaymentFacts>,
    /// Which money lies on which document.
    pub applications: Vec<ApplicationFacts>,
    /// Holds.
    pub holds: Vec<HoldFacts>,
    /// Promises.
    pub promises: Vec<PromiseFacts>,
    /// Rows that could not be read.
    pub quarantined: Vec<QuarantinedRow>,
}

/// A customer as a file tells of it. `None` is what the file does not say: it changes nothing. A
/// file that tells of one customer in several rows hands over one, or all but one in passing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomerFacts {
    /// The company's own key.
    pub key: String,
    /// Name.
    pub name: Option<String>,
    /// Class in law.
    pub class: Option<DebtorClass>,
    /// Country.
    pub country: Option<Country>,
    /// Subdivision, ISO 3166-2.
    pub subdivision: Option<String>,
    /// IANA time zone.
    pub zone: Option<String>,
    /// Language of messages, BCP 47.
    pub language: Option<String>,
    /// Tax id, upper case, no spaces.
    pub tax_id: Option<String>,
    /// Importance: 1 is the highest.
    pub importance: Option<u8>,
    /// How the customer has paid so far.
    pub behaviour: Option<BehaviourClass>,
    /// Words the company attached.
    pub tags: Option<Vec<String>>,
    /// Legal events.
    pub legal_events: Option<Vec<LegalEvent>>,
    /// Unmapped columns; an object.
    pub extra: Option<Value>,
    /// Told in passing by a row about something else: fills what is not known, overwrites nothing.
    pub in_passing: bool,
    /// Digest of the source row: the same again changes nothing.
    pub digest: [u8; 32],
}

/// An address as a file tells of it; one there already only gains what was not known.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactPointFacts {
    /// The customer's key.
    pub customer: String,
    /// The channel it serves.
    pub channel: Channel,
    /// The address, normalised.
    pub address: String,
    /// Who reads there.
    pub role: Option<RecipientRole>,
    /// Where the company has it from.
    pub source: Option<ContactSource>,
    /// What the customer said; [`Consent::Unknown`] changes nothing.
    pub consent: Consent,
    /// The words the customer was shown when it said so; may be empty.
    pub shown: String,
}

/// A document as a file tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentFacts {
    /// The customer's key.
    pub customer: String,
    /// The company's own number.
    pub number: String,
    /// Kind.
    pub kind: DocumentKind,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// Amount with tax, not negative.
    pub amount: Money,
    /// Whether it is collected by direct debit.
    pub direct_debit: bool,
    /// What it says of its own debt; what is `None` changes nothing.
    pub debt: DebtFacts,
    /// Unmapped columns; an object.
    pub extra: Value,
    /// Digest of the source row: the same again changes nothing.
    pub digest: [u8; 32],
}

/// A payment as a file tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentFacts {
    /// The customer's key.
    pub customer: String,
    /// The bank's reference, or one derived from the source row; unique per company.
    pub reference: String,
    /// Civil date on which it counts.
    pub on: Date,
    /// Amount, positive.
    pub amount: Money,
    /// Unmapped columns; an object.
    pub extra: Value,
    /// Digest of the source row: the same again changes nothing.
    pub digest: [u8; 32],
}

/// Where applied money comes from, by the company's own keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceKey {
    /// A payment's reference.
    Payment(String),
    /// A credit note's number.
    Credit(String),
}

/// Money that lies on a document as a file tells it. All that a chunk says of one pair of source
/// and document is the whole of it: what is there already is completed or corrected by further
/// rows, unless a person undid it (invariant 16).
#[derive(Clone, Debug, PartialEq)]
pub struct ApplicationFacts {
    /// Where the money comes from.
    pub source: SourceKey,
    /// The document's number.
    pub document: String,
    /// Civil date on which it counts.
    pub on: Date,
    /// Minor units of the document's currency, positive.
    pub minor: i64,
    /// Why it lies there (`file`).
    pub matched: String,
}

/// A hold as a file tells of it. One of the same customer, document, kind and reason that has not
/// ended by `from` is the same one.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldFacts {
    /// The customer's key.
    pub customer: String,
    /// The document's number; `None` for the whole customer.
    pub document: Option<String>,
    /// Why.
    pub kind: HoldKind,
    /// How much; `None` for all that is open.
    pub amount: Option<Money>,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    pub until: Option<Date>,
    /// The reason given.
    pub reason: String,
}

/// A promise as a file tells of it; the same customer, amount and days are the same promise.
#[derive(Clone, Debug, PartialEq)]
pub struct PromiseFacts {
    /// The customer's key.
    pub customer: String,
    /// What was promised.
    pub amount: Money,
    /// The day it was made.
    pub made_on: Date,
    /// The last day it may be kept.
    pub due_on: Date,
    /// In the customer's words, or where it stands.
    pub note: String,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct QuarantinedRow {
    /// The import it came with.
    pub import: ImportId,
    /// File name.
    pub file: String,
    /// Row of the file, counted from 1.
    pub row: u32,
    /// The field.
    pub field: String,
    /// Why, in Spanish.
    pub reason: String,
    /// The row as read; an object.
    pub raw: Value,
    /// Digest of the row: the same one waits once.
    pub digest: [u8; 32],
}

/// What became of the rows of one entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// New.
    pub created: u64,
    /// There already, and changed.
    pub updated: u64,
    /// There already, and left as it is.
    pub unchanged: u64,
}

impl Tally {
    /// Adds another tally to this one.
    pub const fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
    }
}

/// What became of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChunkCounts {
    /// Customers.
    pub customers: Tally,
    /// Addresses.
    pub contact_points: Tally,
    /// Documents.
    pub documents: Tally,
    /// Payments.
    pub payments: Tally,
    /// Applications: pairs of source and document.
    pub applications: Tally,
    /// Holds.
    pub holds: Tally,
    /// Promises.
    pub promises: Tally,
    /// Quarantined rows; `unchanged` were waiting already.
    pub quarantined: Tally,
    /// What the ledger could not take, to be quarantined by the caller.
    pub refused: Vec<RefusedFact>,
    /// Customers whose money changed, in order of their ids.
    pub touched: Vec<CustomerId>,
}

/// A fact that the ledger could not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedFact {
    /// `document`, `payment`, `application`, `hold`.
    pub entity: &'static str,
    /// Its key.
    pub key: String,
    /// Why.
    pub why: Refusal,
}

/// Why the ledger did not take a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key stands twice in the chunk with different content.
    Repeated,
    /// The document or payment belongs to another customer and money lies on it.
    OtherCustomer,
    /// The currency differs and money lies on it.
    OtherCurrency,
    /// The application's payment or credit note is not known.
    UnknownSource,
    /// The application's or hold's document is not known.
    UnknownDocument,
    /// Money and document are of different customers.
    CustomersDiffer,
    /// Money and document are of different currencies.
    CurrenciesDiffer,
}

impl Refusal {
    /// The sentence for the bookkeeper.
    pub const fn reason_es(self) -> &'static str {
        match self {
            Self::Repeated => {
                "la clave aparece dos veces en el archivo con datos distintos: deje una sola fila"
            }
            Self::OtherCustomer => {
                "ya existe con otro cliente y tiene dinero aplicado: revise el cliente"
            }
            Self::OtherCurrency => {
                "ya existe en otra moneda y tiene dinero aplicado: revise la moneda"
            }
            Self::UnknownSource => "no se encontró el pago o la nota de crédito: impórtelo antes",
            Self::UnknownDocument => "no se encontró el documento: impórtelo antes",
            Self::CustomersDiffer => "el dinero y el documento son de clientes distintos",
            Self::CurrenciesDiffer => "el dinero y el documento están en monedas distintas",
        }
    }
}
