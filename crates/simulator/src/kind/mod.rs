//! What is peculiar to each kind of company: who it is, where its customers live, their names.

mod argentina;
mod brazil;
mod chile;
mod colombia;
mod ecuador;
mod mexico;
mod peru;
mod united_states;

use domain::company::{CreditorClass, DebtClass};

use crate::names::People;
use crate::spec::{Kind, Land, Profile};

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
    /// Names of people.
    pub people: &'static People,
    /// Legal forms at their end, with the space or comma before.
    pub forms: &'static [&'static str],
}

/// Where customers live.
#[derive(Debug)]
pub(crate) struct City {
    pub name: &'static str,
    pub zone: &'static str,
    /// ISO 3166-2; empty where no law is its own.
    pub subdivision: &'static str,
    /// What telephone numbers there begin with, country included.
    pub dial: &'static str,
    /// Digits that follow, before the last seven.
    pub next: &'static [&'static str],
}

/// A place where any seven digits may follow.
const fn city(
    name: &'static str,
    subdivision: &'static str,
    zone: &'static str,
    dial: &'static str,
) -> City {
    City {
        name,
        zone,
        subdivision,
        dial,
        next: &[""],
    }
}

/// The setting of a country.
pub(crate) const fn setting_in(land: Land) -> &'static Setting {
    match land {
        Land::Mexico => &mexico::SETTING,
        Land::Chile => &chile::SETTING,
        Land::Colombia => &colombia::SETTING,
        Land::Peru => &peru::SETTING,
        Land::Brazil => &brazil::SETTING,
        Land::Argentina => &argentina::SETTING,
        Land::Ecuador => &ecuador::SETTING,
        Land::UnitedStates => &united_states::SETTING,
    }
}

/// Where a kind is at home.
pub(crate) const fn home(kind: Kind) -> Land {
    match kind {
        Kind::Distributor => Land::Mexico,
        Kind::Services => Land::Chile,
        Kind::Lender => Land::Colombia,
    }
}

/// A company of that kind in a country: the country's profile, with the kind's debts and policy.
pub(crate) fn profile_in(kind: Kind, land: Land) -> Profile {
    let own = (setting_in(land).profile)();
    if home(kind) as u8 == land as u8 {
        return own;
    }
    match kind {
        Kind::Lender => Profile {
            policy: "consumo-amable",
            creditor: CreditorClass::CommercialLender,
            debt: DebtClass::ConsumerCredit,
            final_consumer: true,
            ..own
        },
        Kind::Distributor | Kind::Services => Profile {
            policy: "b2b-estandar",
            creditor: CreditorClass::Supplier,
            debt: DebtClass::TradeReceivable,
            final_consumer: false,
            ..own
        },
    }
}

/// What a dollar was worth when the model's amounts were written down, in minor units.
pub(crate) const fn dollar(land: Land) -> i64 {
    match land {
        Land::Mexico => 1_800,
        Land::Chile => 940,
        Land::Colombia => 400_000,
        Land::Peru => 370,
        Land::Brazil => 550,
        Land::Argentina => 140_000,
        Land::Ecuador | Land::UnitedStates => 100,
    }
}
