//! Everything Puntual remembers, in SQLite or in PostgreSQL: the only crate with SQL.
//!
//! | Question | Room |
//! |---|---|
//! | How is a database opened, read, changed? | [`Db`], [`Tx`], [`Stamp`] |
//! | What may a decision see of many customers? | [`positions`](mod@positions) |
//! | How are thousands of rows read and written? | [`bulk`] |
//! | How is a database copied and brought back? | [`backup`] |
//! | What happened to one thing? | [`events`] and the file of its noun |
//!
//! Every SQL text stands once, beside its one function, and runs on both engines; the few words in
//! which they differ are in `dialect`. Reading functions take `&Db` or `&mut Tx`, writing ones take
//! `&mut Tx` and append what they changed to the events of the same transaction.

pub mod access;
pub mod applications;
pub mod assignments;
pub mod backup;
pub mod bank;
pub mod bulk;
pub mod chain;
pub mod charge_notes;
pub mod companies;
pub mod consents;
pub mod contact_points;
pub mod contacts;
pub mod customers;
mod db;
mod dialect;
pub mod documents;
mod driver;
mod error;
pub mod events;
mod facts;
pub mod figures;
pub mod files;
mod fills;
#[cfg(feature = "floor")]
pub mod floor;
pub mod holds;
pub mod imports;
mod kin;
pub mod law;
pub mod mailboxes;
pub mod matches;
pub mod messages;
pub mod notes;
pub mod opt_outs;
pub mod outbox;
pub mod overrides;
pub mod payment_claims;
pub mod payments;
pub mod policies;
pub mod portal;
pub mod portfolio;
pub mod positions;
pub mod preferences;
pub mod privacy;
pub mod promises;
pub mod proofs;
pub mod quarantine;
pub mod rates;
pub mod reports;
pub mod review;
pub mod runs;
pub mod search;
pub mod sessions;
mod stamp;
pub mod tasks;
pub mod timeline;
pub mod user_links;
pub mod users;
mod value;
pub mod views;
pub mod wizards;
pub mod work;

pub use db::{Access, Db, Tx};
pub use error::{Result, StoreError};
pub use fills::Filling;
pub use stamp::{Ids, Stamp};
