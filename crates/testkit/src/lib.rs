//! What tests need and the program does not: databases to run on, ids from a seed, and builders of
//! companies, customers and documents.

#[cfg(feature = "database")]
mod build;
#[cfg(feature = "database")]
mod database;
#[cfg(feature = "database")]
pub mod portfolio;
pub mod postgres;
#[cfg(feature = "database")]
pub mod program;

#[cfg(feature = "database")]
pub use build::{
    application, company, customer, day, document, email, ids, instant, mxn, payment, stamp,
};
#[cfg(feature = "database")]
pub use database::{TestDb, run_on_postgres, run_on_sqlite};
