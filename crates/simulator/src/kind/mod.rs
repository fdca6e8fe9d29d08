//! What is peculiar to each kind of company: who it is, where its customers live, their names.

mod chile;
mod colombia;
mod mexico;

use crate::spec::{Kind, Profile};

/// What is peculiar to a kind of company.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The company itself.
    pub profile: fn() -> Profile,
    /// What its documents' numbers begin with.
    pub prefix: &'static str,
    /// What its documents are for.
    pub concepts: &'static [&'static str],
    /// How its customers pay.
    pub methods: &'static [&'static str],
    /// Where its customers live, larger cities more often than once.
    pub cities: &'static [City],
    /// First halves of the names of companies.
    pub trades: &'static [&'static str],
    /// Second halves.
    pub propers: &'static [&'static str],
    /// Legal forms at their end, with the space or comma before.
    pub forms: &'static [&'static str],
}

/// Where customers live.
#[derive(Debug)]
pub(crate) struct City {
    pub name: &'static str,
    pub zone: &'static str,
    /// What telephone numbers there begin with, country included.
    pub dial: &'static str,
    /// Digits that follow, before the last seven.
    pub next: &'static [&'static str],
}

/// The setting of a kind.
pub(crate) const fn setting(kind: Kind) -> &'static Setting {
    match kind {
        Kind::Distributor => &mexico::SETTING,
        Kind::Services => &chile::SETTING,
        Kind::Lender => &colombia::SETTING,
    }
}
