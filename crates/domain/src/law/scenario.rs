//! A case in words, as packs carry it to prove themselves and as `law check` takes it line by line.

use jiff::civil::DateTime;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::facts::{At, Attempt, Consents, Facts, Layers, MessageKind, Outcome, PastAttempt};
use super::pack::Packs;
use super::set::Set;
use super::source::Coded;
use crate::calendar;
use crate::company::{Actor, CreditorClass, DebtClass};
use crate::customer::{Channel, ContactSource, Country, DebtorClass, RecipientRole};

/// How many days ahead [`Scenario::check`] looks for the next lawful instant.
pub const CHECK_HORIZON_DAYS: i64 = 90;

/// One question to the law: facts, what was done, what is tried.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Scenario {
    /// What the asker calls it.
    pub id: String,
    /// Whether policy and platform overlays are asked too.
    #[serde(default)]
    pub with_policy: bool,
    /// The facts.
    pub facts: FactsText,
    /// What is tried.
    #[serde(rename = "try")]
    pub attempt: TryText,
    /// What was done before.
    #[serde(default)]
    pub history: Vec<PastText>,
}

/// A case with the answer it must get.
#[derive(Clone, Debug, Deserialize)]
pub struct TestCase {
    /// The question.
    #[serde(flatten)]
    pub scenario: Scenario,
    /// `allow` or `deny`.
    pub expect: Coded<Expected>,
    /// The rule that must be among the reasons.
    pub deny_by: Option<String>,
    /// File and line it stands in.
    #[serde(skip)]
    pub place: (String, usize),
}

crate::code::code_enum! {
    /// The answer a case must get.
    pub enum Expected {
        /// No reason at all.
        Allow = "allow",
        /// At least one reason.
        Deny = "deny",
    }
}

/// The answer to a [`Scenario`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The asker's id.
    pub id: String,
    /// Whether it may be done.
    pub allowed: bool,
    /// The rules that deny.
    pub reasons: Vec<String>,
    /// When it may first be done, within [`CHECK_HORIZON_DAYS`]: civil when asked in civil time,
    /// else an instant.
    pub next_allowed: Option<String>,
}

/// A scenario that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// Neither a civil time nor an instant.
    #[error("`try` has neither `at` nor `at_utc`: give one")]
    NoTime,
    /// A zone that does not exist.
    #[error("`{0}` is no zone of the time-zone database: use a name such as America/Lima")]
    NoSuchZone(String),
    /// A country that is not written as one.
    #[error("`{0}` is no country: use two letters")]
    NoSuchCountry(String),
}

/// Facts in words; in the order of their names, so that what is written is canonical.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is the field of `Facts` of the same name")]
pub struct FactsText {
    pub actor: Option<Coded<Actor>>,
    pub consent: Option<Vec<Coded<Channel>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    pub creditor: Option<Coded<CreditorClass>>,
    pub debt: Option<Coded<DebtClass>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debt_id: Option<String>,
    pub debtor: Option<Coded<DebtorClass>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    pub final_consumer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tz_candidates: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Vec<Coded<Channel>>>,
}

/// An attempt in words.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(
    missing_docs,
    reason = "each is the field of `Attempt` of the same name"
)]
pub struct TryText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Coded<DateTime>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_utc: Option<Coded<Timestamp>>,
    pub channel: Coded<Channel>,
    #[serde(default)]
    pub contact_source: Option<Coded<ContactSource>>,
    #[serde(default)]
    pub kind: Option<Coded<MessageKind>>,
    #[serde(default)]
    pub role: Option<Coded<RecipientRole>>,
}

/// A past attempt in words.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[expect(
    missing_docs,
    reason = "each is the field of `PastAttempt` of the same name"
)]
pub struct PastText {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Coded<DateTime>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_utc: Option<Coded<Timestamp>>,
    pub channel: Coded<Channel>,
    pub outcome: Coded<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<Coded<Direction>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debt_id: Option<String>,
}

crate::code::code_enum! {
    /// Who started a contact.
    pub enum Direction {
        /// The creditor.
        Out = "out",
        /// The debtor.
        In = "in",
    }
}

impl Scenario {
    /// Writes a question down, so that anybody may ask it again. Only the layers of the law and of
    /// the overlays can be asked this way.
    pub fn write(id: &str, facts: &Facts, history: &[PastAttempt], attempt: &Attempt) -> Self {
        Self {
            id: id.to_owned(),
            with_policy: facts.layers.policy,
            facts: FactsText::write(facts, attempt.debt.as_deref()),
            attempt: TryText::write(attempt),
            history: history.iter().map(PastText::write).collect(),
        }
    }

    /// The facts, attempt and history it speaks of.
    ///
    /// # Errors
    /// [`ScenarioError`] when there is no time, or a country or zone does not exist.
    pub fn read(&self) -> Result<(Facts, Attempt, Vec<PastAttempt>), ScenarioError> {
        let layers = if self.with_policy {
            Layers::LAW_AND_POLICY
        } else {
            Layers::LAW
        };
        let facts = self.facts.read(layers)?;
        let text = &self.attempt;
        let attempt = Attempt {
            at: time(text.at, text.at_utc)?,
            channel: text.channel.0,
            role: text.role.map_or(RecipientRole::Debtor, |role| role.0),
            source: text
                .contact_source
                .map_or(ContactSource::CreditorRecord, |source| source.0),
            kind: text.kind.map_or(MessageKind::Collection, |kind| kind.0),
            debt: self.facts.debt_id.clone(),
        };
        let history = self
            .history
            .iter()
            .map(|past| {
                Ok(PastAttempt {
                    at: time(past.at, past.at_utc)?,
                    channel: past.channel.0,
                    outcome: past.outcome.0,
                    incoming: past.dir.is_some_and(|dir| dir.0 == Direction::In),
                    debt: past.debt_id.clone(),
                })
            })
            .collect::<Result<_, ScenarioError>>()?;
        Ok((facts, attempt, history))
    }

    /// Asks the law and the next lawful time.
    ///
    /// # Errors
    /// As [`Scenario::read`].
    pub fn check(&self, packs: &Packs) -> Result<Answer, ScenarioError> {
        let (facts, attempt, history) = self.read()?;
        let applicable = packs.applicable(&facts);
        let verdict = applicable.verdict(&history, &attempt);
        let next_allowed = match attempt.at {
            At::Civil(at) => at
                .checked_add(CHECK_HORIZON_DAYS.days())
                .ok()
                .and_then(|until| applicable.next_allowed_civil(&history, &attempt, until))
                .map(|next| next.to_string()),
            At::Instant(at) => at
                .checked_add((CHECK_HORIZON_DAYS * 24).hours())
                .ok()
                .and_then(|until| applicable.next_allowed(&history, &attempt, until))
                .map(|next| next.to_string()),
        };
        Ok(Answer {
            id: self.id.clone(),
            allowed: verdict.allowed(),
            reasons: verdict.reasons().map(str::to_owned).collect(),
            next_allowed,
        })
    }
}

impl FactsText {
    fn write(facts: &Facts, debt: Option<&str>) -> Self {
        let zones: Vec<String> = facts
            .zones
            .iter()
            .filter_map(|zone| zone.iana_name().map(str::to_owned))
            .collect();
        Self {
            country: facts.country.map(|country| country.code().to_owned()),
            subdivision: facts.subdivision.clone(),
            debtor: facts.debtor.map(Coded),
            debt: facts.debt.map(Coded),
            creditor: facts.creditor.map(Coded),
            actor: facts.actor.map(Coded),
            final_consumer: facts.final_consumer,
            consent: Some(words(facts.consents.given)),
            withdrawn: Some(words(facts.consents.withdrawn)).filter(|list| !list.is_empty()),
            events: Some(facts.events.clone()).filter(|list| !list.is_empty()),
            tz_candidates: Some(zones).filter(|list| !list.is_empty()),
            debt_id: debt.map(str::to_owned),
        }
    }

    /// The facts it speaks of, with the layers that are asked.
    ///
    /// # Errors
    /// [`ScenarioError`] when a country or zone does not exist.
    pub fn read(&self, layers: Layers) -> Result<Facts, ScenarioError> {
        let country = match &self.country {
            Some(code) => {
                Some(Country::new(code).ok_or_else(|| ScenarioError::NoSuchCountry(code.clone()))?)
            }
            None => None,
        };
        let zones = self
            .tz_candidates
            .iter()
            .flatten()
            .map(|name| calendar::zone(name).ok_or_else(|| ScenarioError::NoSuchZone(name.clone())))
            .collect::<Result<_, _>>()?;
        let channels = |list: &Option<Vec<Coded<Channel>>>| -> Set<Channel> {
            list.iter().flatten().map(|channel| channel.0).collect()
        };
        Ok(Facts {
            country,
            subdivision: self.subdivision.clone(),
            zones,
            debtor: self.debtor.map(|word| word.0),
            debt: self.debt.map(|word| word.0),
            creditor: self.creditor.map(|word| word.0),
            actor: self.actor.map(|word| word.0),
            final_consumer: self.final_consumer,
            consents: Consents {
                given: channels(&self.consent),
                withdrawn: channels(&self.withdrawn),
            },
            events: self.events.clone().unwrap_or_default(),
            layers,
        })
    }
}

impl TryText {
    fn write(attempt: &Attempt) -> Self {
        let (at, at_utc) = written(attempt.at);
        Self {
            at,
            at_utc,
            channel: Coded(attempt.channel),
            role: Some(Coded(attempt.role)),
            contact_source: Some(Coded(attempt.source)),
            kind: Some(Coded(attempt.kind)),
        }
    }
}

impl PastText {
    fn write(past: &PastAttempt) -> Self {
        let (at, at_utc) = written(past.at);
        Self {
            at,
            at_utc,
            channel: Coded(past.channel),
            outcome: Coded(past.outcome),
            dir: past.incoming.then_some(Coded(Direction::In)),
            debt_id: past.debt.clone(),
        }
    }
}

fn written(at: At) -> (Option<Coded<DateTime>>, Option<Coded<Timestamp>>) {
    match at {
        At::Civil(at) => (Some(Coded(at)), None),
        At::Instant(at) => (None, Some(Coded(at))),
    }
}

fn time(
    at: Option<Coded<DateTime>>,
    at_utc: Option<Coded<Timestamp>>,
) -> Result<At, ScenarioError> {
    match (at, at_utc) {
        (_, Some(at)) => Ok(At::Instant(at.0)),
        (Some(at), None) => Ok(At::Civil(at.0)),
        (None, None) => Err(ScenarioError::NoTime),
    }
}

fn words(channels: Set<Channel>) -> Vec<Coded<Channel>> {
    let all = Channel::ALL.iter().copied();
    all.filter(|channel| channels.has(*channel))
        .map(Coded)
        .collect()
}
