//! What a message says: documents with the part meant, sums per currency, money in the customer's
//! favour.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Case, Content, Listed};
use crate::money::Money;

impl Case<'_> {
    /// Free documents that fall due today or within `days`.
    pub(super) fn upcoming(&self, days: i64) -> Vec<Listed> {
        let day = self.seen.day;
        let until = plus_days(day, days);
        self.statement
            .documents
            .iter()
            .filter(|line| line.due >= day && line.due <= until && !line.direct_debit)
            .filter(|line| line.free().is_positive())
            .map(|line| Listed::new(line, line.free(), day))
            .collect()
    }

    /// What is asked for, what falls due soon, and what is left out because it is frozen.
    pub(super) fn arrears_content(&self) -> Content {
        let day = self.seen.day;
        let documents: Vec<Listed> = self
            .statement
            .chaseable()
            .filter(|line| self.is_asked_for(line.open.currency))
            .map(|line| Listed::new(line, line.free(), day))
            .collect();
        let held = self
            .statement
            .overdue()
            .filter(|line| line.held.is_positive())
            .map(|line| Listed::new(line, line.held, day))
            .collect();
        let days = self
            .rules
            .policy
            .courtesy
            .as_ref()
            .map_or(0, |c| i64::from(c.days_before));
        let totals = totals(&documents);
        Content {
            credits: self.credits_in(&totals),
            totals,
            held,
            upcoming: self.upcoming(days),
            documents,
            ..Content::default()
        }
    }

    pub(super) fn credits_in(&self, totals: &[Money]) -> Vec<Money> {
        self.seen
            .credits
            .iter()
            .filter(|credit| totals.iter().any(|total| total.currency == credit.currency))
            .copied()
            .collect()
    }
}

/// A civil day so many days later; the calendar's last day where there is none.
pub(super) fn plus_days(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// Sums per currency, in the order they come.
pub(super) fn totals(lines: &[Listed]) -> Vec<Money> {
    let mut totals: Vec<Money> = Vec::new();
    for line in lines {
        match totals
            .iter_mut()
            .find(|total| total.currency == line.part.currency)
        {
            Some(total) => total.minor = total.minor.saturating_add(line.part.minor),
            None => totals.push(line.part),
        }
    }
    totals
}
