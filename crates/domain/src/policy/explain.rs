//! A policy in plain Spanish, as Markdown: one text for the staff who work with it, one page for
//! the customers it is about. Both are derived from the rules alone, so they cannot disagree with
//! what the program does.

mod charges;
mod customers;
mod staff;
pub(super) mod words;

pub use customers::customers;
pub use staff::staff;

#[cfg(test)]
mod tests;
