//! The ledger: what is owed, frozen and free as of any day, as functions of append-only facts.
//!
//! Nothing here is stored: a balance is computed from documents, payments, applications, holds and
//! promises that were effective by the end of the day asked for.

mod account;
mod apply;
mod cycle;
pub mod matching;
pub mod reconciliation;
mod statement;

use jiff::civil::Date;

pub use account::{Account, Movement, MovementKind};
pub use apply::{Matched, NewApplication, match_payments};
pub use cycle::Cycle;
pub use statement::{OpenDocument, Statement};

use crate::charges::Charged;
use crate::document::Document;
use crate::hold::Hold;
use crate::ids::{DocumentId, PaymentId};
use crate::money::{Currency, Money};
use crate::promise::Promise;

/// Money that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Our id.
    pub id: PaymentId,
    /// The company's or the bank's own reference.
    pub reference: String,
    /// Civil date on which it counts.
    pub on: Date,
    /// Amount, positive.
    pub amount: Money,
}

/// Where applied money comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A payment.
    Payment(PaymentId),
    /// A credit note.
    Credit(DocumentId),
}

/// A part of a payment or credit note laid on a document. An undone application is answered by a
/// second one with the amount negated; nothing is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application {
    /// Where the money comes from.
    pub source: Source,
    /// The document it is laid on.
    pub document: DocumentId,
    /// Civil date on which it counts.
    pub on: Date,
    /// Minor units of the document's currency; negative when it undoes an earlier one.
    pub minor: i64,
}

/// All that is known of one customer's money.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// Invoices, debit notes and credit notes.
    pub documents: Vec<Document>,
    /// Payments.
    pub payments: Vec<Payment>,
    /// Applications to those documents and from those payments and credit notes.
    pub applications: Vec<Application>,
    /// Holds.
    pub holds: Vec<Hold>,
    /// Promises.
    pub promises: Vec<Promise>,
    /// Notes by which charges for being late became documents, whether their documents are loaded
    /// or not.
    pub charged: Vec<Charged>,
    /// When set, documents and payments closed on or before this day are left out. Balances from
    /// the day after it on are exact; a [`Cycle`] that reaches it says so.
    pub complete_after: Option<Date>,
}

impl Books {
    /// The currencies met in documents and payments, in order.
    pub fn currencies(&self) -> Vec<Currency> {
        let mut currencies: Vec<_> = self
            .documents
            .iter()
            .map(|document| document.amount.currency)
            .chain(self.payments.iter().map(|payment| payment.amount.currency))
            .collect();
        currencies.sort_unstable();
        currencies.dedup();
        currencies
    }

    /// What the customer paid in a currency, with the day of each payment.
    pub fn paid(&self, currency: Currency) -> Vec<(Date, i64)> {
        self.payments
            .iter()
            .filter(|payment| payment.amount.currency == currency)
            .map(|payment| (payment.on, payment.amount.minor))
            .collect()
    }
}
