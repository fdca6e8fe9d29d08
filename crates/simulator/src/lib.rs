//! Companies whose truth is planted, and customers who answer.

#![deny(clippy::float_arithmetic)]

mod behaviour;
mod books;
mod calendar;
mod chance;
mod company;
mod customer;
mod kind;
mod ledger;
mod life;
pub mod model;
mod names;
mod spec;
mod tax_id;
mod words;

pub use behaviour::{Address, Behaviour, Habit, Pays, Voice};
pub use company::{ClassTruth, Company, Truth};
pub use customer::Customer;
pub use life::{Happening, Life, Meaning, Payment, Reason, Told, Unheard, What};
pub use model::{Model, ModelError};
pub use spec::{Document, Kind, Profile, Spec};
pub use tax_id::is_valid as is_valid_tax_id;

/// Months of a company's books, the last of which ends with [`Spec::until`].
pub const MONTHS: u16 = 24;
