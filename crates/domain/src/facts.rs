//! Everything a decision may see of one customer.

use jiff::Timestamp;

use crate::contact::PastContact;
use crate::customer::Customer;
use crate::ledger::Books;

/// One customer as of an instant. Built by the store in bulk, one per customer; facts that are not
/// known are variants, never defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Who the customer is and how to reach them.
    pub customer: Customer,
    /// The customer's money.
    pub books: Books,
    /// Contacts planned or made, oldest first.
    pub contacts: Vec<PastContact>,
    /// The last time the customer wrote or called.
    pub last_answer: Option<Timestamp>,
}
