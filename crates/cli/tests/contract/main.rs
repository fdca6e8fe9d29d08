//! The contract of the commands, driven through the binary on both databases.

mod commands;
mod files;
mod small_ledger;
