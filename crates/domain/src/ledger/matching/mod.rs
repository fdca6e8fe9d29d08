//! Laying the lines of a bank statement on documents: explained, safe and bounded.
//!
//! [`Index`] is built once over what is open and who the customers are; [`Index::match_lines`]
//! answers each [`Incoming`] with one [`Proposal`]. Nothing is read or written: what is applied is
//! the caller's to book.
//!
//! A line is read for three things: **whose** it is (account, tax id, name, learned alias),
//! **which** documents it names (stamp, checked reference, number, fragment), and whether the
//! **amount** fits them. Each way of laying it is a hypothesis with odds ([`confidence`]); they
//! compete. A line is *applied* only when its best hypothesis reaches the company's threshold, no
//! other one comes near, nothing contradicts it and nobody undid it before. Everything else is
//! *proposed* with its reasons, or *unmatched*.
//!
//! **Order.** Lines that name documents come first, then those that give fragments, then the rest;
//! within these by day, amount and content. What is applied lowers what is open for the lines
//! behind it. So neither the order of lines in a file nor of files in an import matters.
//!
//! **Bounds.** [`PAYERS_MAX`] customers are weighed per line, [`MENTIONS_MAX`] documents read out
//! of its text, differences are sought among [`SCAN_DOCUMENTS_MAX`] documents of a customer, and
//! sums by [`subset`] among 40 in 20,000 steps.

mod batch;
pub mod confidence;
mod fit;
mod hypotheses;
mod index;
mod keys;
mod mentions;
mod names;
mod payer;
mod postings;
mod reason;
pub mod references;
pub mod subset;
mod unnamed;
pub mod withholding;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub use confidence::{Fit, Naming, PayerKnown};
pub use index::{Index, IndexBuilder, KnownCustomer, KnownDocument};
pub use reason::Reason;

use self::withholding::Withholding;
use super::{Application, Source};
use crate::charges::Rates;
use crate::customer::Country;
use crate::ids::{CustomerId, DocumentId, PaymentId};
use crate::money::Money;

/// Customers weighed for one line.
pub const PAYERS_MAX: usize = 8;
/// Documents read out of one line's text.
pub const MENTIONS_MAX: usize = 64;
/// Documents of one customer among which an amount with a difference is sought.
pub const SCAN_DOCUMENTS_MAX: usize = 200;
/// Other ways that a proposal shows.
pub const ALTERNATIVES_MAX: usize = 4;
/// The confidence from which a company applies without asking, unless it says otherwise.
pub const APPLY_FROM_PPM: u32 = 990_000;

/// Money that came in, as far as a matcher may see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Whoever asks knows it by this; the line's own content decides before it.
    pub id: String,
    /// Civil date it was booked.
    pub on: Date,
    /// Positive.
    pub amount: Money,
    /// Free texts: remittance, what the bank adds.
    pub texts: Vec<String>,
    /// The payer's own reference.
    pub end_to_end: Option<String>,
    /// Structured creditor references as written.
    pub creditor_references: Vec<String>,
    /// Documents it says to pay.
    pub documents: Vec<NamedDocument>,
    /// Who paid.
    pub payer: Payer,
    /// The account or reference that was given to one payer alone.
    pub virtual_account: Option<String>,
    /// What a bank kept: the payer paid this more.
    pub charges: Option<Money>,
    /// What was paid in another currency, and units of `amount`'s for one of it.
    pub original: Option<(Money, Option<Decimal>)>,
}

impl Incoming {
    /// A line of which nothing but day and amount is known.
    pub fn new(id: impl Into<String>, on: Date, amount: Money) -> Self {
        Self {
            id: id.into(),
            on,
            amount,
            texts: Vec::new(),
            end_to_end: None,
            creditor_references: Vec::new(),
            documents: Vec::new(),
            payer: Payer::default(),
            virtual_account: None,
            charges: None,
            original: None,
        }
    }
}

/// A document that a line names in a field of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedDocument {
    /// Its number as written.
    pub number: String,
    /// Minor units that are paid of it, in the line's currency.
    pub minor: Option<i64>,
}

/// Who paid, as the bank says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Payer {
    /// Name.
    pub name: Option<String>,
    /// Tax id.
    pub tax_id: Option<String>,
    /// IBAN, CLABE or account number.
    pub account: Option<String>,
    /// On whose behalf it was paid.
    pub ultimate: Option<String>,
}

/// What a company allows.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Confidence in millionths from which a single safe match is applied.
    pub apply_from_ppm: u32,
    /// Discounts for paying early that customers may take by themselves.
    pub discounts: Vec<Discount>,
    /// Taxes that customers may keep back.
    pub withholdings: Vec<Withholding>,
    /// The most that banks keep of a transfer, by currency.
    pub fees_max: Vec<Money>,
    /// Whether cents that are missing to a whole unit of the currency are let go.
    pub rounding: bool,
    /// Exchange rates: the series `USD-MXN` says how many pesos a dollar is worth, `UF` a UF.
    pub rates: Rates,
}

impl Rules {
    /// What holds where a company says nothing: the country's withholdings and rounding, no
    /// discount, no fee.
    pub fn of(country: Country) -> Self {
        Self {
            apply_from_ppm: APPLY_FROM_PPM,
            discounts: Vec::new(),
            withholdings: withholding::of(country),
            fees_max: Vec::new(),
            rounding: true,
            rates: Rates::default(),
        }
    }
}

/// A discount for paying early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discount {
    /// Per cent of what is paid, above 0 and below 100.
    pub percent: Decimal,
    /// Days from the issue in which it stands; `None` when whenever.
    pub within_days: Option<i64>,
}

/// What a person undid, or refused: never applied to that line again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Refused {
    /// The line's [`Incoming::id`].
    pub incoming: String,
    /// What it is not for.
    pub target: Target,
}

/// What a line was refused for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A document.
    Document(DocumentId),
    /// Any document of a customer.
    Customer(CustomerId),
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Sure and safe: book it.
    Applied,
    /// A person should look.
    Proposed,
    /// Nothing is known of whose it is.
    Unmatched,
}

impl Verdict {
    /// The word it is written as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Proposed => "proposed",
            Self::Unmatched => "unmatched",
        }
    }
}

/// What should become of one line, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The line's id.
    pub incoming: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Whose money it is; `None` when not known, or when several customers' documents are paid.
    pub customer: Option<CustomerId>,
    /// How sure, in millionths: of a hundred proposals at 990,000 one is wrong.
    pub confidence_ppm: u32,
    /// What it pays. Their `paid` and `surplus` make up the line's amount.
    pub applications: Vec<Laid>,
    /// What lies on no document: the customer's credit.
    pub surplus: Money,
    /// Why, the strongest first, then what speaks against it.
    pub reasons: Vec<Reason>,
    /// What the confidence was reckoned from; `None` when unmatched.
    pub evidence: Option<Evidence>,
    /// Other ways, the likeliest first.
    pub alternatives: Vec<Alternative>,
}

/// What the confidence of a proposal was reckoned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// How much is known of who paid.
    pub payer: PayerKnown,
    /// How the documents are named.
    pub naming: Naming,
    /// How the amount fits.
    pub fit: Fit,
    /// What rare digits or amounts add, in thousandths of a nat.
    pub rarity: i64,
    /// How much speaks against it.
    pub doubts: u8,
    /// Ways there are, this one among them.
    pub ways: u8,
}

/// Another way of laying a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Whose money it would be.
    pub customer: Option<CustomerId>,
    /// How sure, in millionths.
    pub confidence_ppm: u32,
    /// What it would pay.
    pub applications: Vec<Laid>,
    /// What would lie on no document.
    pub surplus: Money,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A part of a line on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The document.
    pub document: DocumentId,
    /// Civil date it counts: the line's, or the document's issue where that is later.
    pub on: Date,
    /// Minor units of the document's currency that it pays; never above what is open.
    pub minor: i64,
    /// Minor units of the line's currency that it takes; the same where the currency is.
    pub paid: i64,
    /// What else would close the document. The caller decides whether to book it; unbooked it
    /// stays open.
    pub closes_by: Vec<Adjustment>,
}

/// What is missing to a document, with its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The cause.
    pub kind: AdjustmentKind,
    /// Minor units of the document's currency, positive.
    pub minor: i64,
}

/// Why less came than was owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustmentKind {
    /// A discount for paying early.
    Discount,
    /// A tax that the payer kept back, by [`Withholding::code`].
    Withholding(&'static str),
    /// What a bank kept.
    BankFee,
    /// Cents to the whole unit.
    Rounding,
    /// A credit note that the payer took off.
    CreditNote(DocumentId),
}

impl AdjustmentKind {
    /// The word it is written as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Discount => "discount",
            Self::Withholding(code) => code,
            Self::BankFee => "bank_fee",
            Self::Rounding => "rounding",
            Self::CreditNote(_) => "credit_note",
        }
    }
}

impl Proposal {
    /// The facts by which a payment of this line is laid, in the order of the applications.
    pub fn facts(&self, payment: PaymentId) -> Vec<Application> {
        self.applications
            .iter()
            .map(|laid| Application {
                source: Source::Payment(payment),
                document: laid.document,
                on: laid.on,
                minor: laid.minor,
            })
            .collect()
    }
}

/// The facts that answer `made` on the day they counted, so that nothing is left of them.
pub fn undo(made: &[Application]) -> Vec<Application> {
    made.iter()
        .map(|application| Application {
            minor: -application.minor,
            ..*application
        })
        .collect()
}
