//! What every rule saw: for proofs and for people who ask why. The verdict decides; this reads the
//! same rules once more and writes down what they looked at, those that passed too.

use std::sync::Arc;

use jiff::civil::DateTime;

use super::{Applicable, Trial};
use crate::customer::{Channel, ContactSource, RecipientRole};
use crate::law::facts::{At, Attempt, MessageKind, PastAttempt};
use crate::law::regime::{Cap, Regime, Rule};
use crate::law::sentences;
use crate::law::source::ConsentMode;
use crate::law::{Binding, Tier, Verdict};

/// A verdict with all it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The verdict.
    pub verdict: Verdict,
    /// The regimes that were asked.
    pub regimes: Vec<Source>,
    /// What the debtor's clock shows in every candidate zone; the first zone first.
    pub clocks: Vec<Clock>,
    /// Every rule that was asked, with what it saw.
    pub asked: Vec<Asked>,
}

/// Where rules come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The regime.
    pub regime: Arc<str>,
    /// The legal text it rests on.
    pub article: String,
    /// How well it is proven.
    pub tier: Tier,
    /// Law, policy, platform or house.
    pub binding: Binding,
}

/// The time somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The zone's name; `None` where the attempt was given in civil time.
    pub zone: Option<String>,
    /// The civil time there.
    pub local: DateTime,
}

/// A rule with what it saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Whether it allows the attempt.
    pub passed: bool,
    /// What it looked at.
    pub saw: Saw,
}

/// What a rule looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saw {
    /// The hours in which the channel may be used, as people write them.
    Hours(String),
    /// Whether the day is a holiday.
    Holiday,
    /// What is on record of the channel.
    Consent {
        /// Whether it must have been given before.
        prior: bool,
        /// Whether it was given.
        given: bool,
        /// Whether it was withdrawn.
        withdrawn: bool,
    },
    /// Who reads at the address.
    Recipient(RecipientRole),
    /// Where the address comes from.
    Origin(ContactSource),
    /// The channel.
    Channel(Channel),
    /// Whether an event is on record.
    Event(String),
    /// Attempts that count.
    Count {
        /// So many were made.
        made: u32,
        /// So many may be made.
        max: u32,
        /// In so many local dates, the attempt's own included.
        days: u16,
    },
    /// The nearest attempt that counts.
    Gap {
        /// Seconds that must lie between.
        wanted: i64,
        /// Seconds that lie between; `None` where there is none.
        nearest: Option<i64>,
    },
    /// Other families of channels in so many days.
    OtherChannels(u16),
    /// Conversations in so many days.
    Conversations(u16),
    /// The message is of a kind that the rules of time and number of this regime leave free.
    Exempt(MessageKind),
}

impl Saw {
    /// The word of what was looked at.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Hours(_) => "hours",
            Self::Holiday => "holiday",
            Self::Consent { .. } => "consent",
            Self::Recipient(_) => "recipient",
            Self::Origin(_) => "origin",
            Self::Channel(_) => "channel",
            Self::Event(_) => "event",
            Self::Count { .. } => "count",
            Self::Gap { .. } => "gap",
            Self::OtherChannels(_) => "other_channels",
            Self::Conversations(_) => "conversations",
            Self::Exempt(_) => "exempt",
        }
    }
}

impl Asked {
    /// Why it passes, or why it denies, in Spanish.
    pub fn sentence(&self) -> String {
        if self.passed {
            sentences::passed(&self.saw)
        } else {
            self.rule.sentence.clone()
        }
    }
}

impl Applicable<'_> {
    /// The verdict on an attempt with what every rule saw.
    pub fn trace(&self, history: &[PastAttempt], attempt: &Attempt) -> Trace {
        let verdict = self.verdict(history, attempt);
        let civil = self.clocks(attempt.at);
        let mut trace = Trace {
            regimes: Vec::with_capacity(verdict.regimes.len()),
            clocks: self.zoned(attempt.at),
            asked: Vec::new(),
            verdict,
        };
        let Some(first) = civil.first() else {
            return trace;
        };
        let trial = Trial {
            facts: self.facts,
            attempt,
            history,
            clocks: &civil,
            today: first.date(),
            zone: self.first_zone(),
        };
        for regime in &self.regimes {
            if !trace.verdict.regimes.contains(&regime.id) {
                continue;
            }
            trace.regimes.push(Source {
                regime: Arc::clone(&regime.id),
                article: regime.article.clone(),
                tier: regime.tier,
                binding: regime.binding,
            });
            trial.saw(regime, &mut trace);
        }
        trace
    }

    fn zoned(&self, at: At) -> Vec<Clock> {
        match at {
            At::Civil(local) => vec![Clock { zone: None, local }],
            At::Instant(at) => {
                let clock = |zone: &jiff::tz::TimeZone| Clock {
                    zone: zone.iana_name().map(str::to_owned),
                    local: zone.to_datetime(at),
                };
                self.zones.iter().map(clock).collect()
            }
        }
    }
}

impl Trace {
    fn note(&mut self, rule: &Arc<Rule>, saw: Saw) {
        let passed = !self.verdict.failures.iter().any(|it| it.id == rule.id);
        self.asked.push(Asked {
            rule: Arc::clone(rule),
            passed,
            saw,
        });
    }
}

impl Trial<'_> {
    /// Every rule of a regime that this attempt is asked.
    fn saw(&self, regime: &Regime, trace: &mut Trace) {
        self.saw_who_and_how(regime, trace);
        let kind = self.attempt.kind;
        if regime.exempt.has(kind) {
            for rule in self.timed(regime) {
                trace.note(rule, Saw::Exempt(kind));
            }
            return;
        }
        let channel = self.attempt.channel;
        if let Some(hours) = &regime.hours[channel as usize] {
            trace.note(&hours.rule, Saw::Hours(sentences::week(&hours.days)));
        }
        if let Some(holiday) = &regime.holiday
            && holiday.channels.has(channel)
        {
            trace.note(&holiday.rule, Saw::Holiday);
        }
        for cap in &regime.caps {
            self.saw_cap(cap, trace);
        }
        for single in &regime.single_channel {
            if single.counting.channels.has(channel) {
                trace.note(&single.rule, Saw::OtherChannels(single.days));
            }
        }
        for cooldown in &regime.cooldowns {
            if cooldown.blocks.has(channel) {
                trace.note(&cooldown.rule, Saw::Conversations(cooldown.days));
            }
        }
    }

    fn saw_who_and_how(&self, regime: &Regime, trace: &mut Trace) {
        let channel = self.attempt.channel;
        let consents = &self.facts.consents;
        if let Some(consent) = &regime.consent
            && consent.channels.has(channel)
        {
            let saw = Saw::Consent {
                prior: matches!(consent.mode, ConsentMode::PriorExpress),
                given: consents.given.has(channel),
                withdrawn: consents.withdrawn.has(channel),
            };
            trace.note(&consent.rule, saw);
        }
        if let Some((_, rule)) = &regime.recipients {
            trace.note(rule, Saw::Recipient(self.role()));
        }
        if let Some((_, rule)) = &regime.sources {
            trace.note(rule, Saw::Origin(self.attempt.source));
        }
        if let Some((_, rule)) = &regime.banned {
            trace.note(rule, Saw::Channel(channel));
        }
        for stop in &regime.stops {
            trace.note(&stop.rule, Saw::Event(stop.event.clone()));
        }
    }

    fn saw_cap(&self, cap: &Cap, trace: &mut Trace) {
        if !cap.counting.channels.has(self.attempt.channel) {
            return;
        }
        let counted = || {
            let all = self.history.iter();
            all.filter(|past| self.is_counted(&cap.counting, past))
        };
        let made = counted().filter(|past| self.is_within(past, cap.days));
        let count = Saw::Count {
            made: u32::try_from(made.count()).unwrap_or(u32::MAX),
            max: cap.max,
            days: cap.days,
        };
        trace.note(&cap.rule, count);
        if let Some((wanted, rule)) = &cap.gap_seconds {
            let nearest = counted().map(|past| self.seconds_from(past.at).abs()).min();
            let wanted = *wanted;
            trace.note(rule, Saw::Gap { wanted, nearest });
        }
    }

    /// The rules of time and number that this attempt would be asked.
    fn timed<'r>(&self, regime: &'r Regime) -> impl Iterator<Item = &'r Arc<Rule>> {
        let channel = self.attempt.channel;
        let hours = regime.hours[channel as usize].iter().map(|it| &it.rule);
        let holiday = regime.holiday.iter();
        let holiday = holiday.filter(move |it| it.channels.has(channel));
        let caps = regime.caps.iter();
        let caps = caps.filter(move |it| it.counting.channels.has(channel));
        hours
            .chain(holiday.map(|it| &it.rule))
            .chain(caps.map(|it| &it.rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{Packs, TestCase};

    /// Every case of the packs: what denies is noted as denying, and each rule that was asked is
    /// noted once.
    #[test]
    fn a_trace_holds_the_verdict_and_every_rule_that_was_asked() {
        let packs = Packs::embedded();
        let mut asked = 0;
        for TestCase { scenario, .. } in packs.tests() {
            let (facts, attempt, history) = scenario.read().expect("a case reads");
            let applicable = packs.applicable(&facts);
            let trace = applicable.trace(&history, &attempt);
            assert_eq!(trace.verdict, applicable.verdict(&history, &attempt));
            for failed in &trace.verdict.failures {
                let noted = trace
                    .asked
                    .iter()
                    .any(|it| it.rule.id == failed.id && !it.passed);
                assert!(
                    noted || trace.clocks.is_empty(),
                    "{}: {}",
                    scenario.id,
                    failed.id
                );
            }
            for (index, one) in trace.asked.iter().enumerate() {
                let alike = |it: &&Asked| it.rule.id == one.rule.id && it.saw == one.saw;
                let others = trace.asked[..index].iter().filter(alike).count();
                assert_eq!(others, 0, "{}: {} twice", scenario.id, one.rule.id);
                assert!(one.sentence().ends_with('.'), "{}", one.sentence());
            }
            asked += trace.asked.len();
        }
        assert!(asked > 100, "{asked} rules asked");
    }

    #[test]
    fn a_count_says_how_far_it_has_come() {
        let packs = Packs::embedded();
        let counts = |saw: &Saw| match saw {
            Saw::Count { made, max, .. } => Some((*made, *max)),
            _ => None,
        };
        let mut reached = 0;
        for TestCase { scenario, .. } in packs.tests() {
            let (facts, attempt, history) = scenario.read().expect("a case reads");
            let trace = packs.applicable(&facts).trace(&history, &attempt);
            for one in &trace.asked {
                if let Some((made, max)) = counts(&one.saw) {
                    assert_eq!(one.passed, made < max, "{}: {}", scenario.id, one.rule.id);
                    reached += u32::from(made >= max);
                }
            }
        }
        assert!(reached > 0, "some case reaches a cap");
    }
}
