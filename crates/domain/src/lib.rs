//! The rules of the trade, pure: facts in, decisions and reasons out.
//!
//! Nothing here reads a clock, draws a random number, talks to a database or to the network:
//! "now", ids and facts are parameters. That is what makes a run, its dry run, its replay and the
//! answer to "why?" the same function.
//!
//! | Question | Room |
//! |---|---|
//! | How much, exactly? | [`money`] |
//! | Who owes, and how may we reach them? | [`customer`] |
//! | What is owed, what was paid, what is open as of a day? | [`document`], [`ledger`] |
//! | What is frozen, and until when? | [`hold`], [`promise`] |
//! | What does the company want to happen? | [`policy`] |
//! | What does the law allow? | [`law`] |
//! | What happens next, and why? | [`facts`], [`decide`](mod@decide) |
//! | What does being late cost? | [`charges`] |
//! | How are we doing, and what comes in? | [`kpi`], [`expected`] |
//! | How is someone found among a million documents? | [`search`], [`portfolio`] |
//! | How did a call end, what is a file? | [`call`], [`file`](mod@file) |
//! | Who may do what at the console? | [`user`] |
//! | Who may see a customer's own page? | [`portal`] |
//! | When and how does a customer want to be contacted? | [`preference`] |
//! | What should a person do next? | [`work`] |

#![deny(clippy::float_arithmetic)]

pub mod calendar;
pub mod call;
pub mod charges;
pub mod code;
pub mod company;
pub mod contact;
pub mod customer;
pub mod decide;
pub mod document;
pub mod expected;
pub mod facts;
pub mod file;
pub mod hold;
pub mod ids;
pub mod kpi;
pub mod law;
pub mod ledger;
pub mod money;
pub mod paper;
pub mod policy;
pub mod portal;
pub mod portfolio;
pub mod preference;
pub mod promise;
pub mod search;
pub mod user;
pub mod work;

pub use ids::*;
pub use money::{Currency, Money, MoneyError};
