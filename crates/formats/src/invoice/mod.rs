//! Electronic invoices: what the files of tax offices say, in one model for every country.
//!
//! [`open`] takes a file, an archive of thousands of them, or a list that a tax office gives of
//! them, and hands back one [`Found`] after the other with flat memory. Each names the place it
//! was found, so that what cannot be read can be asked for again.

mod model;

pub use model::{
    Event, EventKind, Instalment, Invoice, Line, Party, PaymentPart, Reading, Receipt,
    ReceivedPayment, Reference, Relation, Standard, Tax, Terms,
};
