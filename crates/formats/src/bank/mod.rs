//! Bank statements: what banks write of what moved on an account, in one model for every format.
//!
//! [`open`] tells the format by the bytes and hands back one [`Part`] after the other with flat
//! memory: a statement opens, its transactions follow, it closes with its balances. A line that
//! cannot be read comes back as a fault with its place and reason; the rest is read on.

mod model;

pub use model::{
    AccountId, Balance, BankFormat, Counterparty, Fault, Part, ReferredDocument, StatementHead,
    StatementTail, Transaction, TransactionState,
};
