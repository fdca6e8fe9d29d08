//! What tests need and the program does not: databases to run on, ids from a seed, and builders of
//! companies, customers and documents; and a company on the engine whose clock is set by hand, with
//! scenarios a bookkeeper can read.

#[cfg(feature = "torture")]
pub mod auditor;
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "database")]
mod build;
#[cfg(feature = "database")]
mod census;
#[cfg(feature = "database")]
pub mod checker;
#[cfg(feature = "database")]
mod database;
#[cfg(feature = "lawful")]
pub mod lawful;
#[cfg(feature = "scenarios")]
mod letter;
#[cfg(feature = "floor")]
pub mod measured_database;
#[cfg(feature = "floor")]
pub mod pages;
#[cfg(feature = "database")]
pub mod portfolio;
pub mod postgres;
#[cfg(any(feature = "scenarios", feature = "floor"))]
mod printable;
pub mod processes;
#[cfg(feature = "database")]
pub mod program;
#[cfg(feature = "scenarios")]
pub mod scenario;
#[cfg(feature = "torture")]
pub mod torture;
#[cfg(feature = "database")]
pub mod whole;
#[cfg(feature = "scenarios")]
pub mod world;

#[cfg(feature = "database")]
pub use build::{
    application, company, customer, day, document, email, ids, instant, mxn, payment, stamp,
};
#[cfg(feature = "scenarios")]
pub use connect::channels::Outbox;
#[cfg(feature = "database")]
pub use database::{TestDb, run_on_postgres, run_on_sqlite};
#[cfg(feature = "scenarios")]
pub use letter::Letter;
#[cfg(feature = "scenarios")]
pub use world::World;
