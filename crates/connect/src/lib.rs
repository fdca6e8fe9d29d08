//! The outside world, one file per vendor or protocol.
//!
//! This crate carries out what was decided elsewhere. It decides nothing and writes nothing to the
//! database: each door takes a finished thing, tries once, and says exactly what is known about
//! the result. Whether to try again is the caller's question.

pub mod channels;
pub mod mailbox;
mod secret;

pub use secret::Secret;
