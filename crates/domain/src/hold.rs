//! Holds: intervals in which a part of the debt is not chased, each with reason and author.

use jiff::civil::Date;

use crate::code::code_enum;
use crate::ids::{DocumentId, HoldId};
use crate::money::Money;

code_enum! {
    /// Why a part of the debt is frozen.
    pub enum HoldKind {
        /// The customer contests it.
        Dispute = "dispute",
        /// The customer promised to pay it.
        Promise = "promise",
        /// It is in a payment plan.
        Plan = "plan",
        /// The company pauses on its own account.
        Pause = "pause",
        /// The credit was assigned: it is paid to somebody else.
        Assigned = "assigned",
    }
}

impl HoldKind {
    /// The Spanish word on screens.
    pub const fn name_es(self) -> &'static str {
        match self {
            Self::Dispute => "disputa",
            Self::Promise => "promesa",
            Self::Plan => "convenio",
            Self::Pause => "pausa",
            Self::Assigned => "cesión",
        }
    }
}

/// An interval `[from, until)` in which a part of the debt is frozen. Holds may overlap and may be
/// recorded after the fact; together they freeze their part and never more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Our id.
    pub id: HoldId,
    /// Why.
    pub kind: HoldKind,
    /// The document it freezes; `None` for the whole customer.
    pub document: Option<DocumentId>,
    /// How much it freezes; `None` for all that is open.
    pub amount: Option<Money>,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds; `None` while open-ended.
    pub until: Option<Date>,
    /// The reason given.
    pub reason: String,
    /// Who set it.
    pub author: String,
}

impl Hold {
    /// Whether it holds on that day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }
}
