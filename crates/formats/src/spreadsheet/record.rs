//! What rows say, typed; what a column without a meaning says, kept beside it.

use std::sync::Arc;

use domain::Currency;
use domain::customer::{BehaviourClass, ContactSource, Country, DebtorClass, RecipientRole};
use domain::document::{DebtFacts, DocumentKind};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::source::CellKind;

/// What one row turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// It was read.
    Record {
        /// 1-based row or line as the user sees it in the file.
        row: u64,
        /// What it says.
        record: Record,
    },
    /// A required field could not be read; nothing of the row is lost.
    Quarantined(Quarantined),
}

/// A fact read from a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A customer.
    Customer(Box<CustomerRow>),
    /// A document.
    Document(Box<DocumentRow>),
    /// A payment.
    Payment(Box<PaymentRow>),
}

impl Record {
    /// What it says of its customer.
    pub const fn customer(&self) -> &CustomerFields {
        match self {
            Self::Customer(row) => &row.customer,
            Self::Document(row) => &row.customer,
            Self::Payment(row) => &row.customer,
        }
    }

    /// The currency it is in.
    pub const fn currency(&self) -> Option<Currency> {
        match self {
            Self::Customer(row) => row.currency,
            Self::Document(row) => row.currency,
            Self::Payment(row) => row.currency,
        }
    }
}

/// A row that waits for a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// 1-based row or line as the user sees it in the file.
    pub row: u64,
    /// What is wrong, the field's own content first; never empty.
    pub problems: Vec<Problem>,
    /// Every cell as it stands in the file.
    pub raw: Vec<RawCell>,
}

/// One thing that is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The user's name of the column, or of the fact that has no column.
    pub field: String,
    /// What is wrong and what to do, in Spanish.
    pub reason: String,
}

/// A cell as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawCell {
    /// The user's name of the column.
    #[serde(with = "super::mapping::shared_text")]
    pub column: Arc<str>,
    /// Its text.
    pub text: String,
    /// What the cell was; a correction is [`CellKind::Text`].
    pub kind: CellKind,
}

/// Name and text of a column that has no meaning here, or whose text could not be read.
pub type Extra = Vec<(Arc<str>, String)>;

/// A tax id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxId {
    /// Upper case, without spaces, dots and dashes.
    pub normal: String,
    /// As written.
    pub written: String,
}

/// What a row says about a customer; unknown is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerFields {
    /// The company's own key.
    pub key: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Tax id.
    pub tax_id: Option<TaxId>,
    /// E-mail addresses in lower case, of valid form.
    pub emails: Vec<String>,
    /// Telephones as written.
    pub phones: Vec<String>,
    /// WhatsApp numbers as written.
    pub whatsapps: Vec<String>,
    /// Country.
    pub country: Option<Country>,
    /// State or province as written.
    pub subdivision: Option<String>,
    /// IANA time zone.
    pub zone: Option<String>,
    /// Language, BCP 47.
    pub language: Option<String>,
    /// Class in law.
    pub class: Option<DebtorClass>,
    /// Importance to the company, 1 the highest.
    pub importance: Option<u8>,
    /// Words the company attached.
    pub tags: Vec<String>,
    /// How the customer has paid so far.
    pub behaviour: Option<BehaviourClass>,
    /// Who reads at the row's addresses.
    pub role: Option<RecipientRole>,
    /// Where the company has the row's addresses from.
    pub source: Option<ContactSource>,
    /// Something that happened in law, in the words of the packs.
    pub legal_event: Option<String>,
    /// The day it happened.
    pub legal_event_on: Option<Date>,
    /// What the customer said about being contacted at the row's addresses.
    pub consents: ConsentFields,
}

/// What a row says of a customer's consents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsentFields {
    /// To e-mail: yes or no.
    pub email: Option<bool>,
    /// To WhatsApp.
    pub whatsapp: Option<bool>,
    /// To text messages.
    pub sms: Option<bool>,
    /// To calls.
    pub phone: Option<bool>,
    /// The day it was said.
    pub on: Option<Date>,
    /// Where it is on record.
    pub source: Option<String>,
    /// The words the customer was shown.
    pub text: Option<String>,
}

impl CustomerFields {
    /// Whether the row says who the customer is.
    pub const fn is_identified(&self) -> bool {
        self.key.is_some() || self.name.is_some() || self.tax_id.is_some()
    }
}

/// A row of a list of customers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerRow {
    /// Who.
    pub customer: CustomerFields,
    /// Days of credit.
    pub terms_days: Option<u16>,
    /// Currency of its documents.
    pub currency: Option<Currency>,
    /// Whether its documents are collected by direct debit.
    pub direct_debit: Option<bool>,
    /// Everything else.
    pub extra: Extra,
}

/// Whether a document is still to be paid, as its list says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Cancelled: nobody owes it.
    Cancelled,
}

/// A row of a list of documents.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentRow {
    /// The company's number, with its series.
    pub number: String,
    /// What it does to the balance.
    pub kind: DocumentKind,
    /// Whose it is.
    pub customer: CustomerFields,
    /// Issued; the due date where the list has no other.
    pub issued: Date,
    /// Due, as written or from the row's days of credit; else the customer's terms decide.
    pub due: Option<Date>,
    /// Amount with tax, never negative; fits the currency's digits.
    pub amount: Decimal,
    /// Currency, of the row or of the mapping; unknown where nobody says.
    pub currency: Option<Currency>,
    /// Still owed, as the list says.
    pub open_balance: Option<Decimal>,
    /// Paid so far, as the list says.
    pub paid_amount: Option<Decimal>,
    /// The day it was settled or last paid.
    pub settled: Option<Date>,
    /// What the list says of its state.
    pub status: Option<Status>,
    /// Whether the customer contests it.
    pub disputed: Option<bool>,
    /// Days of credit.
    pub terms_days: Option<u16>,
    /// Whether it is collected by direct debit.
    pub direct_debit: Option<bool>,
    /// What it says of its own debt.
    pub debt: DebtFacts,
    /// Which instalment of the number it is.
    pub instalment: Option<String>,
    /// The tax office's id.
    pub fiscal_id: Option<String>,
    /// What the payer is asked to write.
    pub reference: Option<String>,
    /// Everything else.
    pub extra: Extra,
}

/// A row of a list of payments.
#[derive(Clone, Debug, PartialEq)]
pub struct PaymentRow {
    /// The company's own key of the payment.
    pub key: Option<String>,
    /// The document it pays.
    pub document: Option<String>,
    /// Who paid.
    pub customer: CustomerFields,
    /// The day it was received.
    pub paid_on: Date,
    /// Amount; negative takes back a payment.
    pub amount: Decimal,
    /// Currency, of the row or of the mapping.
    pub currency: Option<Currency>,
    /// What the payer wrote.
    pub reference: Option<String>,
    /// Everything else.
    pub extra: Extra,
}
