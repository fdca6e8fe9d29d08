//! Promises to pay: what a customer said would be paid, and when.

use jiff::civil::Date;

use crate::ids::PromiseId;
use crate::money::Money;

/// A promise as it was made. Whether it was kept is a function of the payments that followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Our id.
    pub id: PromiseId,
    /// What was promised.
    pub amount: Money,
    /// The day it was made.
    pub made_on: Date,
    /// The last day it may be kept.
    pub due_on: Date,
    /// Who recorded it.
    pub author: String,
}

/// What became of a promise by some day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromiseState {
    /// The day has not passed and the money is not in.
    Pending,
    /// The money came in by the day.
    Kept,
    /// The day passed without all of the money; it is broken since the day after.
    Broken {
        /// First day on which it is broken.
        since: Date,
    },
}

impl Promise {
    /// Minor units frozen on `day`: while the promise runs, what of it has not come in yet. From
    /// the
    /// day after its last day nothing is frozen.
    pub fn frozen_on(&self, day: Date, paid: &[(Date, i64)]) -> i64 {
        if day < self.made_on || day > self.due_on {
            return 0;
        }
        let came_in: i64 = paid
            .iter()
            .filter(|(on, _)| *on >= self.made_on && *on <= day)
            .map(|(_, minor)| *minor)
            .fold(0, i64::saturating_add);
        (self.amount.minor - came_in).max(0)
    }

    /// What became of the promise by the end of `day`, given what the customer paid in its currency
    /// from the day it was made (`paid`: civil date and minor units, any order).
    pub fn state_on(&self, day: Date, paid: &[(Date, i64)]) -> PromiseState {
        let came_in: i64 = paid
            .iter()
            .filter(|(on, _)| *on >= self.made_on && *on <= self.due_on && *on <= day)
            .map(|(_, minor)| *minor)
            .fold(0, i64::saturating_add);
        if came_in >= self.amount.minor {
            return PromiseState::Kept;
        }
        match self.due_on.tomorrow() {
            Ok(since) if day >= since => PromiseState::Broken { since },
            _ => PromiseState::Pending,
        }
    }
}
