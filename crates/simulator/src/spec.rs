//! What to simulate: which kind of company, how large, until when, after which model.

use domain::company::{CreditorClass, DebtClass};
use domain::customer::{Channel, Country};
use domain::{Currency, Money};
use jiff::civil::Date;

use crate::model::Model;

/// The companies that can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A Mexican distributor that sells to businesses on 15, 30, 45 or 60 days.
    Distributor,
    /// A Chilean company that bills services to businesses at 30 days.
    Services,
    /// A Colombian lender whose customers are consumers with monthly instalments.
    Lender,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Self; 3] = [Self::Distributor, Self::Services, Self::Lender];

    /// The Spanish word it is asked for by.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Distributor => "distribuidor",
            Self::Services => "servicios",
            Self::Lender => "credito",
        }
    }

    /// The kind of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// The countries in which a company can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Land {
    /// Mexico, its border zones included.
    Mexico,
    /// Chile, with Aysén, Magallanes and Easter Island.
    Chile,
    /// Colombia.
    Colombia,
    /// Peru.
    Peru,
    /// Brazil, with the states that have hours of their own.
    Brazil,
    /// Argentina.
    Argentina,
    /// Ecuador, with Galápagos.
    Ecuador,
    /// The United States, with California and Massachusetts.
    UnitedStates,
}

impl Land {
    /// Every country, in order.
    pub const ALL: [Self; 8] = [
        Self::Mexico,
        Self::Chile,
        Self::Colombia,
        Self::Peru,
        Self::Brazil,
        Self::Argentina,
        Self::Ecuador,
        Self::UnitedStates,
    ];

    /// ISO 3166-1 alpha-2.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mexico => "MX",
            Self::Chile => "CL",
            Self::Colombia => "CO",
            Self::Peru => "PE",
            Self::Brazil => "BR",
            Self::Argentina => "AR",
            Self::Ecuador => "EC",
            Self::UnitedStates => "US",
        }
    }
}

/// What to simulate. Equal specs give equal bytes on every machine.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Which company.
    pub kind: Kind,
    /// Where all chance comes from.
    pub seed: u64,
    /// About how many documents its months have; customers follow from it.
    pub documents: u32,
    /// The last day of its [`crate::MONTHS`] months.
    pub until: Date,
    /// How its customers behave.
    pub model: Model,
}

/// The company itself, as far as an installation has to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name in daily use.
    pub name: &'static str,
    /// Name in law.
    pub legal_name: &'static str,
    /// Its own tax id.
    pub tax_id: &'static str,
    /// Country.
    pub country: Country,
    /// Currency of all its documents.
    pub currency: Currency,
    /// IANA zone of its office.
    pub zone: &'static str,
    /// Language of its messages.
    pub language: &'static str,
    /// Key of the policy that suits it.
    pub policy: &'static str,
    /// Brand colour, `#rrggbb`.
    pub colour: &'static str,
    /// Address its messages come from.
    pub email: &'static str,
    /// Telephone its messages name.
    pub phone: &'static str,
    /// How to pay, in words for a message.
    pub how_to_pay: &'static str,
    /// What kind of creditor it is in law.
    pub creditor: CreditorClass,
    /// Where its debts come from.
    pub debt: DebtClass,
    /// Whether its customers are final consumers.
    pub final_consumer: bool,
    /// Channels for which its contracts hold the customers' consent.
    pub consents: &'static [Channel],
}

/// An invoice or an instalment, as issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Key of its customer.
    pub customer: String,
    /// Its number, unique in the company.
    pub number: String,
    /// Day of issue.
    pub issued: Date,
    /// Day it falls due.
    pub due: Date,
    /// Amount, tax included.
    pub amount: Money,
    /// What it is for.
    pub concept: &'static str,
    /// Whether it is collected by direct debit.
    pub direct_debit: bool,
}
