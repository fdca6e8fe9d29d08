//! The company's rules as data: whom it treats how, when it writes, in which tone, what it offers.
//!
//! A policy is a TOML text that a bookkeeper can read and edit. [`Policy::parse`] takes a text only
//! when every rule of [`Rule`] holds, so whoever has a [`Policy`] has a usable one. [`explain`]
//! says in plain Spanish what it does. A policy only wishes: the law decides whether a contact is
//! made.

use jiff::civil::{Time, Weekday};
use rust_decimal::Decimal;

use crate::charges::LateCharges;
use crate::code::code_enum;
use crate::contact::Tone;
use crate::customer::{Channel, RecipientRole};
use crate::money::Money;

mod error;
pub mod explain;
mod packs;
mod parse;
mod reader;
mod segment;

pub use error::{PolicyError, PolicyWarning, Rule};
pub use packs::embedded;
pub use segment::{Conditions, Segment, SegmentFacts, Treatment};

/// The templates a policy may name.
pub const TEMPLATES: &[&str] = &[
    "cortesia",
    "recordatorio",
    "recordatorio-claro",
    "aviso-firme",
    "aviso-final",
    "seguimiento",
    "promesa-incumplida",
    "gracias",
];

/// The step key of the courtesy notice, see [`crate::contact::ContactKey::step`].
pub const COURTESY_KEY: &str = "cortesia";

/// The step key of follow-ups; the second is `seguimiento-2`, see [`FollowUp::key`].
pub const FOLLOW_UP_KEY: &str = "seguimiento";

/// The rules of a company, read and validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its name in commands and addresses (`b2b-estandar`).
    pub key: String,
    /// Its name on screens.
    pub name: String,
    /// SHA-256 of the source text in hexadecimal: the version that decisions and proofs cite.
    pub hash: String,
    /// When nothing is sent.
    pub quiet: Quiet,
    /// How money without instructions is laid on documents.
    pub application: ApplicationRule,
    /// The only notice before the due date, if any.
    pub courtesy: Option<Courtesy>,
    /// The ladders that segments refer to; at least one.
    pub ladders: Vec<Ladder>,
    /// Whom to treat how; the first that matches wins and the last matches everyone.
    pub segments: Vec<Segment>,
    /// Answers to things that happen.
    pub events: Vec<EventStep>,
    /// How far the company goes towards its customers.
    pub terms: Terms,
    /// What being late costs; nothing when blank.
    pub late_charges: Option<LateCharges>,
    /// What is allowed, but probably not meant.
    pub warnings: Vec<PolicyWarning>,
}

/// When nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// Days between two chasing messages to one customer.
    pub min_gap_days: u16,
    /// How many days after its day a step may still be made; a step may say otherwise.
    pub max_lateness_days: u16,
    /// Days without chasing after the customer answered.
    pub after_answer_days: u16,
    /// Per currency: what is overdue below this amount is not chased. No entry, no minimum.
    pub minimum_amounts: Vec<Money>,
    /// Business days without bank data after which nobody is chased; no entry, never. It asks
    /// nothing of a company that never read a bank statement.
    pub bank_data_days_max: Option<u16>,
    /// The company's own hours, which only narrow those the law allows.
    pub hours: Option<Hours>,
}

impl Quiet {
    /// Whether an overdue amount is below the minimum of its currency.
    pub fn is_below_minimum(&self, overdue: Money) -> bool {
        is_below(&self.minimum_amounts, overdue)
    }
}

/// Hours of a day on some days of the week, in the customer's zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// First minute.
    pub from: Time,
    /// First minute after; later than `from`.
    pub to: Time,
    /// Days of the week; not empty, in the order of the week.
    pub weekdays: Vec<Weekday>,
}

code_enum! {
    /// How money that came without instructions is laid on documents.
    pub enum ApplicationRule {
        /// Only as the customer or a person of the company said.
        Explicit = "explicit",
        /// On documents whose open amount is exactly the payment, alone or together.
        ExactAmounts = "exact_amounts",
        /// On the oldest due first.
        OldestFirst = "oldest_first",
    }
}

/// The notice before the due date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Courtesy {
    /// Days before the due date; at least 1.
    pub days_before: u16,
    /// Per currency: no notice for less than this.
    pub minimum_amounts: Vec<Money>,
    /// What is sent.
    pub action: StepAction,
}

impl Courtesy {
    /// Whether what falls due is below the minimum of its currency.
    pub fn is_below_minimum(&self, falls_due: Money) -> bool {
        is_below(&self.minimum_amounts, falls_due)
    }
}

fn is_below(minimums: &[Money], amount: Money) -> bool {
    minimums
        .iter()
        .any(|minimum| minimum.currency == amount.currency && amount.minor < minimum.minor)
}

/// A sequence of stages, from the friendly to the final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// Its name in segments.
    pub key: String,
    /// Stages in order.
    pub stages: Vec<Stage>,
    /// What is repeated while the step that applies is made and nothing moves.
    pub follow_up: Option<FollowUp>,
}

impl Ladder {
    /// All steps with their stages. [`Policy::parse`] lets only strictly rising offsets pass, so
    /// the order of the text is the order of the days.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = (&Stage, &Step)> {
        self.stages
            .iter()
            .flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)))
    }
}

/// A stretch of a ladder with its own name in reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its name in reports and filters; unique in its ladder.
    pub key: String,
    /// Its name on screens.
    pub name: String,
    /// Steps in order of days; at least one.
    pub steps: Vec<Step>,
}

/// One message of a ladder.
///
/// The key is unique in its ladder. A key that stands in two ladders is one step: a customer who
/// changes ladders within a cycle does not receive it twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name in decisions and reports.
    pub key: String,
    /// Days after the due date of the oldest chaseable document; at least 1.
    pub offset_days: u16,
    /// How many days later it may still be made, if other than the policy's.
    pub max_lateness_days: Option<u16>,
    /// What is sent.
    pub action: StepAction,
}

/// What is sent, how and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepAction {
    /// Channels in order of preference; not empty.
    pub channels: Vec<Channel>,
    /// One of [`TEMPLATES`].
    pub template: String,
    /// How it speaks.
    pub tone: Tone,
    /// What the company offers with it.
    pub offer: Option<Offer>,
    /// Who signs; `None` for the company's name alone.
    pub signed_by: Option<Signer>,
    /// Whom it is written to: the first of these roles that has a usable address; not empty.
    pub to: Vec<RecipientRole>,
    /// Who also receives it.
    pub copies: Vec<RecipientRole>,
}

/// Who signs a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// A person or a department.
    pub name: String,
    /// What it does in the company.
    pub role: String,
}

/// What a company offers to settle a debt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// To pay in parts.
    Instalments {
        /// At most this many; at least 2.
        max: u8,
    },
    /// More time.
    Extension {
        /// At most this many days.
        days_max: u16,
    },
    /// A discount for paying soon.
    EarlyPayment {
        /// Per cent of what is paid, above 0 and at most 100.
        percent: Decimal,
        /// Days from the message in which it stands.
        days: u16,
    },
}

/// What is repeated when the step that applies was made in this cycle and nothing was sent for a
/// while. Its tone never falls below the last sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Days since the last message.
    pub every_days: u16,
    /// At most this many in a cycle; `None` without end.
    pub times_max: Option<u16>,
    /// What is sent.
    pub action: StepAction,
}

impl FollowUp {
    /// The step key of the follow-up with that number in its cycle, counted from 1.
    pub fn key(number: u32) -> String {
        match number {
            0 | 1 => FOLLOW_UP_KEY.to_owned(),
            number => format!("{FOLLOW_UP_KEY}-{number}"),
        }
    }
}

code_enum! {
    /// What happened that a policy may answer.
    pub enum Trigger {
        /// Money came in and something is still overdue.
        PaymentReceived = "payment_received",
        /// Money came in and nothing is overdue any more.
        AccountCleared = "account_cleared",
        /// The day of a promise passed without all of the money.
        PromiseBroken = "promise_broken",
    }
}

impl Trigger {
    /// Whether the answer is a thank-you.
    pub const fn is_thanks(self) -> bool {
        matches!(self, Self::PaymentReceived | Self::AccountCleared)
    }
}

/// An answer to something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventStep {
    /// Its name in decisions and reports; no step of a ladder has the same.
    pub key: String,
    /// What it answers.
    pub on: Trigger,
    /// Days after the event on which it is due.
    pub after_days: u16,
    /// Days after the event on which it may last be made; not below `after_days`.
    pub within_days: u16,
    /// What is sent.
    pub action: StepAction,
}

/// How far the company goes. What is `None` needs a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The furthest day of a promise that is accepted without asking, in days from its making.
    pub promise_days_max: Option<u16>,
    /// The longest extension granted without asking.
    pub extension_days_max: Option<u16>,
    /// The most instalments granted without asking.
    pub instalments_max: Option<u8>,
}

impl Policy {
    /// The first segment a customer satisfies.
    ///
    /// # Panics
    /// When the last segment is not a catch-all, which [`Policy::parse`] never returns.
    pub fn segment(&self, facts: &SegmentFacts<'_>) -> &Segment {
        self.segments
            .iter()
            .find(|segment| segment.when.match_facts(facts))
            .or(self.segments.last())
            .unwrap_or_else(|| unreachable!("a policy has at least one segment"))
    }

    /// The ladder of that key.
    pub fn ladder(&self, key: &str) -> Option<&Ladder> {
        self.ladders.iter().find(|ladder| ladder.key == key)
    }

    /// The step that applies: the highest whose offset is not above the days late (invariant 2).
    /// A segment's `grace_days` are the caller's to take off the days late.
    pub fn step_due<'a>(&self, ladder: &'a Ladder, days_late: i64) -> Option<&'a Step> {
        ladder
            .steps()
            .map(|(_, step)| step)
            .filter(|step| i64::from(step.offset_days) <= days_late)
            .max_by_key(|step| step.offset_days)
    }

    /// How many days after its day a step may still be made.
    pub fn max_lateness_days(&self, step: &Step) -> u16 {
        step.max_lateness_days
            .unwrap_or(self.quiet.max_lateness_days)
    }
}

#[cfg(test)]
mod tests;
