//! Invoices, debit notes and credit notes.

use jiff::civil::Date;

use crate::code::code_enum;
use crate::ids::DocumentId;
use crate::money::Money;

code_enum! {
    /// What a document does to the balance.
    pub enum DocumentKind {
        /// Raises it.
        Invoice = "invoice",
        /// Raises it.
        DebitNote = "debit_note",
        /// Lowers it.
        CreditNote = "credit_note",
    }
}

impl DocumentKind {
    /// Whether the document lowers the balance.
    pub const fn is_credit(self) -> bool {
        matches!(self, Self::CreditNote)
    }
}

/// A document as issued. What is open of it is a function of facts: [`crate::ledger`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Our id.
    pub id: DocumentId,
    /// The company's own number.
    pub number: String,
    /// What it does to the balance.
    pub kind: DocumentKind,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due, never an instant.
    pub due: Date,
    /// Amount with tax, positive also for a credit note.
    pub amount: Money,
    /// Whether the company collects it by direct debit.
    pub direct_debit: bool,
}
