//! Invoices, debit notes and credit notes.

use jiff::civil::Date;

use crate::code::code_enum;
use crate::company::{Actor, CreditorClass, DebtClass};
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
    /// What it says of its own debt.
    pub debt: DebtFacts,
}

/// What a document says of its debt as far as laws key on it: one bought from another creditor, one
/// of a final consumer. What it does not say is `None`: then what the company declares holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DebtFacts {
    /// Where the debt comes from.
    pub class: Option<DebtClass>,
    /// Whether the debtor is the final recipient of what was sold.
    pub final_consumer: Option<bool>,
    /// What kind of creditor it belongs to.
    pub creditor: Option<CreditorClass>,
    /// Who acts for that creditor.
    pub actor: Option<Actor>,
}

impl DebtFacts {
    /// These facts, and what `other` says where they are silent.
    pub fn or(self, other: Self) -> Self {
        Self {
            class: self.class.or(other.class),
            final_consumer: self.final_consumer.or(other.final_consumer),
            creditor: self.creditor.or(other.creditor),
            actor: self.actor.or(other.actor),
        }
    }
}
