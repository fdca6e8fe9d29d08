//! Companies whose truth is planted, and customers who answer.
//!
//! From a seed this makes companies as one meets them (a Mexican distributor, a Chilean company of
//! services, a Colombian lender; or any of these in eight countries), with any number of customers
//! and documents over [`MONTHS`] months. Who is punctual, who forgets, who reads at nine in the
//! morning, which tone moves whom and who keeps promises is decided by a [`Model`] and can be asked
//! for, so that what a program finds in the ledger can be held against what was planted.
//!
//! | Question | Answer |
//! |---|---|
//! | What is to be made? | [`Spec`], [`Kind`], [`Model`] |
//! | Who are they, and how do they truly behave? | [`Company`], [`Behaviour`], [`Truth`] |
//! | What did the books look like? | [`Life::write_customers`] and its like, as CSV |
//! | What do laws ask about them? | [`Company::legal_facts`], [`LegalFacts`] |
//! | What happens day by day, with or without messages? | [`Life`], [`Told`], [`Happening`] |
//!
//! No clock, no files, no floats: chance is drawn from (seed, customer, purpose, ordinal) with
//! integers, so that equal specs and equal messages give equal bytes on every machine, in whatever
//! order they are asked for. A customer is made from its index alone; a company holds none of them.
//!
//! ```
//! use domain::contact::Tone;
//! use domain::customer::Channel;
//! use jiff::civil::date;
//! use simulator::{Company, Kind, Life, Model, Spec, Told, What};
//!
//! let company = Company::new(Spec {
//!     kind: Kind::Distributor,
//!     seed: 7,
//!     documents: 600,
//!     until: date(2026, 10, 31),
//!     model: Model::embedded(),
//! });
//! let mut life = Life::begin(&company, date(2026, 10, 5));
//! let mut books = Vec::new();
//! life.write_documents(&mut books)?;
//! assert!(books.starts_with("Folio,".as_bytes()));
//!
//! // The company reminds its first customer with an e-mail address of what it bought.
//! let customer = company.customers().find(|it| it.email.is_some()).expect("most have one");
//! let documents: Vec<_> =
//!     company.documents(&customer).into_iter().map(|it| (it.number, it.amount)).collect();
//! life.hear(&Told {
//!     customer: &customer.key,
//!     at: "2026-10-05T09:30:00-06:00".parse()?,
//!     contact: "1",
//!     step: "recordatorio-1",
//!     tone: Tone::Friendly,
//!     channel: Channel::Email,
//!     address: customer.email.as_deref().expect("chosen for it"),
//!     documents: &documents,
//! })?;
//!
//! // Somebody pays in these days, whatever was said.
//! let happenings: Vec<_> =
//!     (5..=9).flat_map(|day| life.day(date(2026, 10, day))).collect();
//! assert!(happenings.iter().any(|it| matches!(it.what, What::Paid(_))));
//! assert!(happenings.is_sorted_by_key(|it| it.at));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![deny(clippy::float_arithmetic)]

mod behaviour;
mod books;
mod calendar;
mod chance;
mod company;
mod customer;
mod kind;
mod ledger;
mod legal;
mod life;
pub mod model;
mod names;
mod spec;
mod tax_id;
mod words;

pub use behaviour::{Address, Behaviour, Habit, Pays, Voice};
pub use company::{ClassTruth, Company, Truth};
pub use customer::Customer;
pub use legal::{LegalFacts, Point, Said, Saying};
pub use life::{Happening, Life, Meaning, Payment, Reason, Told, Unheard, What};
pub use model::{Model, ModelError};
pub use spec::{Document, Kind, Land, Profile, Spec};
pub use tax_id::is_valid as is_valid_tax_id;

/// Months of a company's books, the last of which ends with [`Spec::until`].
pub const MONTHS: u16 = 24;
