//! Companies whose truth is planted, and customers who answer.

#![deny(clippy::float_arithmetic)]

mod behaviour;
mod company;
mod life;
mod model;
mod spec;

pub use behaviour::{Address, Behaviour, Habit, Pays, Voice};
pub use company::{Company, Customer, Truth};
pub use life::{Happening, Life, Meaning, Payment, Reason, Told, Unheard, What};
pub use model::{Model, ModelError};
pub use spec::{Document, Kind, Profile, Spec};

/// Months of a company's books, the last of which ends with [`Spec::until`].
pub const MONTHS: u16 = 24;
