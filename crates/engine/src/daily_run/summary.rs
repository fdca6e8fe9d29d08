//! What a run did, in figures that add up over its parts.

use std::collections::BTreeMap;

use domain::decide::{Decision, Outcome, Plan, Silence};
use serde::{Deserialize, Serialize};
use store::positions::Standing;

use crate::company::Company;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Customers looked at.
    pub customers: u64,
    /// Contacts newly planned.
    pub contacts: u64,
    /// Customers left alone, by reason.
    pub silences: BTreeMap<String, u64>,
    /// Contacts newly planned, by step.
    pub by_step: BTreeMap<String, u64>,
    /// Contacts newly planned, by tone.
    #[serde(default)]
    pub by_tone: BTreeMap<String, u64>,
    /// Contacts newly planned, by channel.
    #[serde(default)]
    pub by_channel: BTreeMap<String, u64>,
    /// Customers left alone because of the law, by the rules that stood in the way.
    #[serde(default)]
    pub by_rule: BTreeMap<String, u64>,
    /// The first of them, for people to read.
    #[serde(skip)]
    pub first: Vec<PlannedLine>,
}

/// A contact as people read it in the answer of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLine {
    /// The customer's key.
    pub customer: String,
    /// The customer's name.
    pub name: String,
    /// The step.
    pub step: String,
    /// What is asked for, or falls due.
    pub totals: String,
    /// Days late of the oldest document asked for.
    pub days_late: Option<i64>,
    /// The company's local time at which it leaves.
    pub at: String,
}

/// How many contacts an answer lists.
pub(super) const LISTED_MAX: usize = 40;

impl RunSummary {
    /// The figures of some decisions.
    pub(super) fn of(decisions: &[Decision]) -> Self {
        let mut summary = Self {
            customers: decisions.len() as u64,
            ..Self::default()
        };
        for decision in decisions {
            match &decision.outcome {
                Outcome::Contact(plan) => {
                    summary.contacts += 1;
                    let count = |by: &mut BTreeMap<String, u64>, word: &str| {
                        *by.entry(word.to_owned()).or_default() += 1;
                    };
                    count(&mut summary.by_step, plan.key.step());
                    count(&mut summary.by_tone, plan.action.tone.code());
                    count(&mut summary.by_channel, plan.channel.code());
                }
                Outcome::Silence(silence) => {
                    let code = silence.code().to_owned();
                    *summary.silences.entry(code).or_default() += 1;
                    if let Silence::Unlawful { verdict } = silence {
                        for rule in verdict.reasons() {
                            *summary.by_rule.entry(rule.to_owned()).or_default() += 1;
                        }
                    }
                }
            }
        }
        summary
    }

    /// The same where only so many contacts were newly planned: the others were planned by another
    /// process between reading and writing.
    #[must_use]
    pub(super) fn with_planned(mut self, planned: u64) -> Self {
        let refused = self.contacts.saturating_sub(planned);
        if refused > 0 {
            self.contacts = planned;
            let silence = "already_planned".to_owned();
            *self.silences.entry(silence).or_default() += refused;
        }
        self
    }

    /// Adds the figures of another part.
    pub(super) fn add(&mut self, other: &Self) {
        self.customers += other.customers;
        self.contacts += other.contacts;
        for (reason, count) in &other.silences {
            *self.silences.entry(reason.clone()).or_default() += count;
        }
        let counted = [
            (&mut self.by_step, &other.by_step),
            (&mut self.by_tone, &other.by_tone),
            (&mut self.by_channel, &other.by_channel),
            (&mut self.by_rule, &other.by_rule),
        ];
        for (own, other) in counted {
            for (word, count) in other {
                *own.entry(word.clone()).or_default() += count;
            }
        }
    }
}

/// The first contacts of a part, for people to read.
pub(super) fn lines(
    company: &Company,
    standings: &[Standing],
    decisions: &[Decision],
) -> Vec<PlannedLine> {
    let planned = standings
        .iter()
        .zip(decisions)
        .filter_map(|pair| match &pair.1.outcome {
            Outcome::Contact(plan) => Some((pair.0, pair.1, plan)),
            Outcome::Silence(_) => None,
        });
    planned
        .take(LISTED_MAX)
        .map(|(standing, decision, plan)| line(company, standing, decision, plan))
        .collect()
}

fn line(company: &Company, standing: &Standing, decision: &Decision, plan: &Plan) -> PlannedLine {
    let customer = &standing.position.customer;
    let totals: Vec<String> = plan
        .content
        .totals
        .iter()
        .map(ToString::to_string)
        .collect();
    PlannedLine {
        customer: customer.key.clone(),
        name: customer.name.clone(),
        step: plan.key.step().to_owned(),
        totals: totals.join(", "),
        days_late: decision.seen.days_late,
        at: domain::calendar::local(plan.at, &company.zone)
            .strftime("%d/%m %H:%M")
            .to_string(),
    }
}
