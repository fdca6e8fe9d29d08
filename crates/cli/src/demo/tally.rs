//! What happened, counted by week, and whose story shows what.

use std::collections::BTreeMap;

use domain::Money;
use engine::daily_run::RunSummary;
use engine::outreach::{DispatchSummary, Left};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use simulator::What;

/// A week in figures.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Week {
    /// Its Monday.
    pub monday: Date,
    /// Documents issued.
    pub issued: u64,
    /// Messages that left, by step.
    pub sent: BTreeMap<String, u64>,
    /// Contacts planned that did not leave, by reason.
    pub suppressed: BTreeMap<String, u64>,
    /// Customers left in peace on the last day run, by reason.
    pub silences: BTreeMap<String, u64>,
    /// Messages opened.
    pub read: u64,
    /// Messages that came back, for good or for now.
    pub bounced: u64,
    /// Messages of customers, by meaning.
    pub wrote: BTreeMap<String, u64>,
    /// Promises later than the policy admits.
    pub promises_refused: u64,
    /// Disputes settled.
    pub disputes_settled: u64,
    /// Payments.
    pub payments: u64,
    /// Money in, in minor units of the company's currency.
    pub paid_minor: i64,
}

/// The weeks of a life.
#[derive(Debug, Default)]
pub struct Tally {
    weeks: BTreeMap<Date, Week>,
    monday: Date,
}

impl Tally {
    /// What follows happens on this day.
    pub fn begin(&mut self, day: Date) {
        let back = i64::from(day.weekday().to_monday_zero_offset());
        self.monday = day.saturating_sub(back.days());
    }

    /// What happened, week by week.
    pub fn weeks(&self) -> Vec<Week> {
        self.weeks.values().cloned().collect()
    }

    fn week(&mut self) -> &mut Week {
        let monday = self.monday;
        self.weeks.entry(monday).or_insert_with(|| Week {
            monday,
            ..Week::default()
        })
    }

    pub fn issued(&mut self, documents: u64) {
        self.week().issued += documents;
    }

    pub fn ran(&mut self, summary: &RunSummary) {
        self.week().silences = summary.silences.clone();
    }

    pub fn dispatched(&mut self, summary: &DispatchSummary) {
        for (reason, count) in &summary.suppressed {
            *self.week().suppressed.entry(reason.clone()).or_default() += count;
        }
    }

    pub fn left(&mut self, left: &Left) {
        *self.week().sent.entry(left.step.clone()).or_default() += 1;
    }

    pub fn promise_refused(&mut self) {
        self.week().promises_refused += 1;
    }

    pub fn dispute_settled(&mut self) {
        self.week().disputes_settled += 1;
    }

    pub fn happened(&mut self, what: &What) {
        let week = self.week();
        match what {
            What::Delivered { .. } => {}
            What::Read { .. } => week.read += 1,
            What::Bounced { .. } => week.bounced += 1,
            What::Wrote { meaning, .. } => {
                *week.wrote.entry(meaning.code().to_owned()).or_default() += 1;
            }
            What::Paid(payment) => {
                week.payments += 1;
                let Money { minor, .. } = payment.amount;
                week.paid_minor = week.paid_minor.saturating_add(minor);
            }
        }
    }
}
