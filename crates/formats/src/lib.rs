//! Bytes to facts, pure: what a company's files say about its customers, documents and payments.
//!
//! Nothing here opens a file, asks the clock or knows a database: readers, flags and known
//! mappings are parameters. What cannot be read is handed back with its row, its field and a
//! reason a bookkeeper can act on; nothing is dropped and nothing ambiguous is guessed.
//!
//! | Question | Room |
//! |---|---|
//! | What does this spreadsheet hold, row by row? | [`spreadsheet`] |
//! | Who writes to the mailbox, and what came back to it? | [`mail`] |
//! | Which e-invoices does this file hold, and what do they say? | [`invoice`] |
//! | What moved on which account of a bank? | [`bank`] |
//! | Which day is written here? | [`date`] |
//! | Which amount is written here? | [`amount`] |
//! | Which published values does this file hold? | [`rates`] |

pub mod amount;
pub mod bank;
pub mod date;
mod fold;
pub mod invoice;
pub mod mail;
pub mod rates;
pub mod spreadsheet;
