//! What the law allows, as data, and the one veto.
//!
//! Packs (`packs/law/*.toml`) say which regimes exist, whom they cover and what they ask. The
//! engine
//! knows no country: it takes every regime that matches the facts, asks all its rules, and allows a
//! contact only when none denies. Nobody outside this module decides whether a contact is lawful.
//!
//! ```text
//! resolve(record)  →  Facts, assumptions          unknown facts, decided once with their reason
//! applicable(facts) → Applicable                  the regimes that match, found once
//!     .verdict(history, attempt) → Verdict        every rule that denies, or none
//!     .next_allowed(history, attempt, until)      the earliest instant at which none does
//! ```
//!
//! # How rules are read
//! - All regimes must allow; what is unknown counts as covered, and without a clock nothing is
//!   allowed.
//! - Windows are half open, `[from, to)`; windows and holidays must allow in every candidate zone,
//!   everything else is read in the first.
//! - "n days" are the n local dates that end with the attempt's own: at least as strict as a
//!   calendar week of the same size.
//! - Counts see outgoing attempts only, from the moment they are made unless the regime says
//!   otherwise. An incoming conversation starts a cooldown and is never counted.
//! - Exempt messages are free of hours, holidays, counts, gaps and cooldowns of their regime; never
//!   of consent, recipient, source, bans and stops.
//! - The law is asked when a contact is planned and again when it leaves; a retry is a new attempt.
//! - Whom counts join is the caller's to know: the history handed in is of the person and of the
//!   address, over all debts, for the creditor and all its agencies.
//! - No subdivision known: rules of a subdivision do not apply.

mod cases;
mod compile;
mod content;
mod contradictions;
mod facts;
mod fees;
mod file;
mod holidays;
mod legal_form;
mod next;
mod pack;
mod regime;
mod resolve;
mod retention;
mod rules;
mod scenario;
mod sentences;
mod set;
mod shelf;
mod source;
mod tighten;

use jiff::Timestamp;

pub use content::{AskedWords, Content, Forbidden, Required, Statement};
pub use facts::{At, Attempt, Consents, Facts, Layers, MessageKind, Outcome, PastAttempt};
pub use fees::{Bracket, Fees, Progressive};
pub use pack::{PackError, PackFile, Packs};
pub use regime::{Regime, Rule, RuleKind};
pub use resolve::{Assumption, Resolved, resolve, resolve_debts};
pub use retention::{Retention, YEARS_OTHERWISE};
pub use rules::{Applicable, Asked, Clock, Flag, Saw, Source, Trace, Verdict};
pub use scenario::{
    Answer, CHECK_HORIZON_DAYS, Direction, Expected, FactsText, PastText, Scenario, ScenarioError,
    TestCase, TryText,
};
pub use sentences::fact as event_es;
pub use set::{Set, Word};
pub use shelf::{Draft, Origin, Refused, Shelf, Version};
pub use source::{Binding, Coded, Tier};
pub use tighten::is_own;

/// Minutes before the end of a window in which a dispatcher starts nothing new, so that a message
/// that waits in a queue does not leave too late. A margin of the dispatcher, never a verdict.
pub const SEND_GUARD_MINUTES: i64 = 5;

/// Whether the attempt may be made. Asking often about the same facts? Keep [`Packs::applicable`].
pub fn may_contact(
    packs: &Packs,
    facts: &Facts,
    history: &[PastAttempt],
    attempt: &Attempt,
) -> Verdict {
    packs.applicable(facts).verdict(history, attempt)
}

impl Resolved {
    /// The regimes that match any of the debts, found once.
    pub fn applicable<'a>(&'a self, packs: &'a Packs) -> Applicable<'a> {
        packs.applicable_to_all(&self.facts, &self.other_debts)
    }
}

/// The earliest instant from the attempt's own up to and including `until` at which
/// [`may_contact`] allows it; `None` when there is none.
pub fn next_allowed(
    packs: &Packs,
    facts: &Facts,
    history: &[PastAttempt],
    attempt: &Attempt,
    until: Timestamp,
) -> Option<Timestamp> {
    packs
        .applicable(facts)
        .next_allowed(history, attempt, until)
}
