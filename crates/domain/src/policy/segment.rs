//! Segments: which customers are treated alike, and how a customer is told to be one of them.

use crate::customer::BehaviourClass;
use crate::money::Money;

/// A group of customers and how it is treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its name on screens; unique.
    pub name: String,
    /// Who belongs to it.
    pub when: Conditions,
    /// What happens to them.
    pub treatment: Treatment,
}

/// What happens to a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It walks a ladder.
    Ladder {
        /// Key of the ladder.
        key: String,
        /// Days by which every step comes later.
        grace_days: u16,
    },
    /// It is not chased.
    LeaveAlone {
        /// The reason shown.
        reason: String,
    },
}

/// Who belongs to a segment: all conditions that are set must hold. A fact that is not known never
/// satisfies a condition on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// In some currency at least this is overdue.
    pub amount_at_least: Vec<Money>,
    /// Something is overdue, and in every currency of it at most this; a currency without an entry
    /// never satisfies.
    pub amount_at_most: Vec<Money>,
    /// At least so many days late.
    pub days_late_at_least: Option<u16>,
    /// At most so many days late.
    pub days_late_at_most: Option<u16>,
    /// At least so many reminders sent in this cycle.
    pub reminders_sent_at_least: Option<u32>,
    /// At most so many reminders sent in this cycle.
    pub reminders_sent_at_most: Option<u32>,
    /// One of these behaviours; empty for any.
    pub behaviour: Vec<BehaviourClass>,
    /// Importance up to this number: 1 is the highest.
    pub importance_at_most: Option<u8>,
    /// At least one of these tags; empty for any. Case does not matter.
    pub tags_any: Vec<String>,
    /// None of these tags. Case does not matter.
    pub tags_none: Vec<String>,
}

impl Conditions {
    /// Whether everyone satisfies them.
    pub fn is_catch_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a customer satisfies all of them.
    pub fn match_facts(&self, facts: &SegmentFacts<'_>) -> bool {
        let days_late =
            |days: u16, holds: fn(&i64, &i64) -> bool| holds(&facts.days_late, &i64::from(days));
        (self.amount_at_least.is_empty() || self.reach_some_amount(facts.overdue))
            && (self.amount_at_most.is_empty() || self.stay_within_amounts(facts.overdue))
            && self
                .days_late_at_least
                .is_none_or(|days| days_late(days, i64::ge))
            && self
                .days_late_at_most
                .is_none_or(|days| days_late(days, i64::le))
            && self
                .reminders_sent_at_least
                .is_none_or(|count| facts.reminders_sent >= count)
            && self
                .reminders_sent_at_most
                .is_none_or(|count| facts.reminders_sent <= count)
            && (self.behaviour.is_empty()
                || facts
                    .behaviour
                    .is_some_and(|class| self.behaviour.contains(&class)))
            && self.importance_at_most.is_none_or(|most| {
                facts
                    .importance
                    .is_some_and(|importance| importance <= most)
            })
            && (self.tags_any.is_empty() || has_any(facts.tags, &self.tags_any))
            && !has_any(facts.tags, &self.tags_none)
    }

    fn reach_some_amount(&self, overdue: &[Money]) -> bool {
        self.amount_at_least.iter().any(|least| {
            overdue
                .iter()
                .any(|sum| sum.currency == least.currency && sum.minor >= least.minor)
        })
    }

    fn stay_within_amounts(&self, overdue: &[Money]) -> bool {
        !overdue.is_empty()
            && overdue.iter().all(|sum| {
                self.amount_at_most
                    .iter()
                    .any(|most| most.currency == sum.currency && sum.minor <= most.minor)
            })
    }
}

fn has_any(tags: &[String], wanted: &[String]) -> bool {
    tags.iter()
        .any(|tag| wanted.iter().any(|word| same_word(tag, word)))
}

fn same_word(a: &str, b: &str) -> bool {
    a.chars()
        .flat_map(char::to_lowercase)
        .eq(b.chars().flat_map(char::to_lowercase))
}

/// What a segment may look at.
#[derive(Clone, Copy, Debug)]
pub struct SegmentFacts<'a> {
    /// What is overdue and chaseable, per currency.
    pub overdue: &'a [Money],
    /// Days late of the oldest chaseable document; zero or less when nothing is late.
    pub days_late: i64,
    /// Reminders sent in this cycle.
    pub reminders_sent: u32,
    /// How the customer has paid so far, if known.
    pub behaviour: Option<BehaviourClass>,
    /// Importance, if known: 1 is the highest.
    pub importance: Option<u8>,
    /// Words the company attached.
    pub tags: &'a [String],
}
