//! The veto: every regime that matches is asked every rule, and all must allow.

mod trace;

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::facts::{At, Attempt, Facts, Outcome, PastAttempt};
use super::pack::Packs;
use super::regime::{Cap, Cooldown, Counting, Place, Regime, Rule, SingleChannel};
use super::source::{ConsentMode, Counts, Scope};
use crate::company::{Actor, DebtClass};
use crate::customer::{Channel, DebtorClass, RecipientRole};

pub use trace::{Asked, Clock, Saw, Source, Trace};

/// Where no zone is known everything is civil, and any zone without changes will do.
static UTC: TimeZone = TimeZone::UTC;

/// The debt a record without one is about.
const SAME_DEBT: &str = "X";

/// The answer: allowed when nothing fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Every rule that denies, once, in the order of the packs.
    pub failures: Vec<Arc<Rule>>,
    /// The regimes that were asked.
    pub regimes: Vec<Arc<str>>,
    /// What a reader of the proof must know.
    pub flags: Vec<Flag>,
}

/// A caution that a verdict carries with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// The country has no pack: the house's generic rules were used.
    GenericPack,
    /// A regime frees commercial debts above an amount, which was not weighed.
    DebtLimitNotWeighed,
    /// A regime binds agencies of a place wherever the debtor lives, and the agency's is unknown.
    AgencyDomicileUnknown,
}

impl Flag {
    /// What it means, in Spanish.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::GenericPack => {
                "El país del cliente no tiene paquete legal propio: se aplicó la regla general de \
                 la casa."
            }
            Self::DebtLimitNotWeighed => {
                "Una ley aplicada exime deudas comerciales mayores a cierto monto: se aplicó sin \
                 pesar el monto."
            }
            Self::AgencyDomicileUnknown => {
                "Una ley local puede obligar a la agencia por su domicilio, que no consta: no se \
                 aplicó."
            }
        }
    }

    /// The word it is written as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::GenericPack => "generic_pack",
            Self::DebtLimitNotWeighed => "debt_limit_not_weighed",
            Self::AgencyDomicileUnknown => "agency_domicile_unknown",
        }
    }
}

impl Verdict {
    /// Whether the contact may be made.
    pub const fn allowed(&self) -> bool {
        self.failures.is_empty()
    }

    /// The ids of the rules that deny.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.failures.iter().map(|rule| rule.id.as_str())
    }

    /// Whether no waiting helps: something other than the clock denies.
    pub fn is_final(&self) -> bool {
        self.failures
            .iter()
            .any(|rule| !rule.kind.passes_with_time())
    }

    fn deny(&mut self, rule: &Arc<Rule>) {
        if !self.failures.iter().any(|failed| failed.id == rule.id) {
            self.failures.push(Arc::clone(rule));
        }
    }
}

/// The regimes that matches some facts, found once and asked as often as wanted.
#[derive(Debug)]
pub struct Applicable<'a> {
    pub(super) facts: &'a Facts,
    pub(super) zones: &'a [TimeZone],
    pub(super) regimes: Vec<&'a Regime>,
    no_zone: &'a Arc<Rule>,
    flags: Vec<Flag>,
}

impl Packs {
    /// Finds the regimes that match the facts.
    pub fn applicable<'a>(&'a self, facts: &'a Facts) -> Applicable<'a> {
        let zones = match facts.country {
            Some(country) if facts.zones.is_empty() => self.zones(country),
            _ => &facts.zones,
        };
        Applicable {
            facts,
            zones,
            regimes: self.matching(facts),
            no_zone: self.no_zone(),
            flags: self.flags(facts),
        }
    }

    /// Finds the regimes that match any of several debts of one debtor: `others` differ from
    /// `facts` in what they say of the debt only. What speaks of all of them must be allowed for
    /// each.
    pub fn applicable_to_all<'a>(&'a self, facts: &'a Facts, others: &[Facts]) -> Applicable<'a> {
        let mut applicable = self.applicable(facts);
        for regime in others.iter().flat_map(|other| self.matching(other)) {
            if !applicable.regimes.iter().any(|known| known.id == regime.id) {
                applicable.regimes.push(regime);
            }
        }
        for flag in others.iter().flat_map(|other| self.flags(other)) {
            if !applicable.flags.contains(&flag) {
                applicable.flags.push(flag);
            }
        }
        applicable
    }

    fn flags(&self, facts: &Facts) -> Vec<Flag> {
        let mut flags = Vec::new();
        if facts.layers.house && self.is_unpacked(facts) {
            flags.push(Flag::GenericPack);
        }
        let trade = facts
            .debt
            .is_none_or(|debt| debt == DebtClass::TradeReceivable);
        let by_agency = facts.actor != Some(Actor::FirstParty);
        let here = |regime: &Regime| {
            facts.country.map(Place::Country) == Some(regime.place) && regime.applies.cover(facts)
        };
        for regime in self.regimes() {
            let inside = regime.holds_in(facts.subdivision.as_ref());
            let applies = &regime.applies;
            if trade && applies.has_debt_limit && inside && here(regime) {
                flags.push(Flag::DebtLimitNotWeighed);
            }
            if by_agency && !applies.agency_domiciles.is_empty() && !inside && here(regime) {
                flags.push(Flag::AgencyDomicileUnknown);
            }
        }
        flags
    }
}

impl Applicable<'_> {
    /// Whether the attempt may be made, given what was done before.
    pub fn verdict(&self, history: &[PastAttempt], attempt: &Attempt) -> Verdict {
        let clocks = self.clocks(attempt.at);
        let mut verdict = Verdict {
            failures: Vec::new(),
            regimes: Vec::with_capacity(self.regimes.len()),
            flags: self.flags.clone(),
        };
        let Some(first) = clocks.first() else {
            verdict.deny(self.no_zone);
            return verdict;
        };
        let today = first.date();
        let trial = Trial {
            facts: self.facts,
            attempt,
            history,
            clocks: &clocks,
            today,
            zone: self.first_zone(),
        };
        for regime in &self.regimes {
            if regime.holds_on(today) {
                verdict.regimes.push(Arc::clone(&regime.id));
                trial.ask(regime, &mut verdict);
            }
        }
        verdict
    }

    /// The civil times at which the attempt would arrive, in every zone, each once; the first zone
    /// first.
    fn clocks(&self, at: At) -> Vec<DateTime> {
        match at {
            At::Civil(at) => vec![at],
            At::Instant(at) => {
                let mut clocks: Vec<DateTime> = Vec::with_capacity(self.zones.len());
                for zone in self.zones {
                    let clock = zone.to_datetime(at);
                    if !clocks.contains(&clock) {
                        clocks.push(clock);
                    }
                }
                clocks
            }
        }
    }

    /// The zone in which everything but windows and holidays is read.
    pub(super) fn first_zone(&self) -> &TimeZone {
        self.zones.first().unwrap_or(&UTC)
    }
}

/// One attempt with all a rule may look at.
struct Trial<'a> {
    facts: &'a Facts,
    attempt: &'a Attempt,
    history: &'a [PastAttempt],
    clocks: &'a [DateTime],
    today: Date,
    zone: &'a TimeZone,
}

impl Trial<'_> {
    fn ask(&self, regime: &Regime, verdict: &mut Verdict) {
        self.ask_who_and_how(regime, verdict);
        if regime.exempt.has(self.attempt.kind) {
            return;
        }
        self.ask_when(regime, verdict);
        for cap in &regime.caps {
            self.ask_cap(cap, verdict);
        }
        for single in &regime.single_channel {
            if self.used_other_family(single) {
                verdict.deny(&single.rule);
            }
        }
        for cooldown in &regime.cooldowns {
            if self.is_cooling(cooldown) {
                verdict.deny(&cooldown.rule);
            }
        }
    }

    /// What no clock changes and no kind of message lifts.
    fn ask_who_and_how(&self, regime: &Regime, verdict: &mut Verdict) {
        let channel = self.attempt.channel;
        if let Some(consent) = &regime.consent
            && consent.channels.has(channel)
            && !self.consents(consent.mode, channel)
        {
            verdict.deny(&consent.rule);
        }
        if let Some((allowed, rule)) = &regime.recipients
            && !allowed.has(self.role())
        {
            verdict.deny(rule);
        }
        if let Some((allowed, rule)) = &regime.sources
            && !allowed.has(self.attempt.source)
        {
            verdict.deny(rule);
        }
        if let Some((banned, rule)) = &regime.banned
            && banned.has(channel)
        {
            verdict.deny(rule);
        }
        for stop in &regime.stops {
            let to_attorney = stop.leaves_attorney && self.attempt.role == RecipientRole::Attorney;
            if !to_attorney && self.facts.events.contains(&stop.event) {
                verdict.deny(&stop.rule);
            }
        }
    }

    fn ask_when(&self, regime: &Regime, verdict: &mut Verdict) {
        let channel = self.attempt.channel;
        if let Some(hours) = &regime.hours[channel as usize]
            && !self.clocks.iter().all(|clock| hours.open(*clock))
        {
            verdict.deny(&hours.rule);
        }
        if let Some(holiday) = &regime.holiday
            && holiday.channels.has(channel)
            && self.clocks.iter().any(|clock| {
                let subdivision = self.facts.subdivision.as_deref();
                holiday.calendar.has(subdivision, clock.date())
            })
        {
            verdict.deny(&holiday.rule);
        }
    }

    fn ask_cap(&self, cap: &Cap, verdict: &mut Verdict) {
        if self.history.is_empty() || !cap.counting.channels.has(self.attempt.channel) {
            return;
        }
        let mut within = 0;
        let mut too_close = false;
        for past in self
            .history
            .iter()
            .filter(|past| self.is_counted(&cap.counting, past))
        {
            within += u32::from(self.is_within(past, cap.days));
            if let Some((gap, _)) = cap.gap_seconds {
                too_close |= self.seconds_from(past.at).abs() < gap;
            }
        }
        if within >= cap.max {
            verdict.deny(&cap.rule);
        }
        if let Some((_, rule)) = cap.gap_seconds.as_ref().filter(|_| too_close) {
            verdict.deny(rule);
        }
    }

    fn used_other_family(&self, single: &SingleChannel) -> bool {
        let channel = self.attempt.channel;
        if !single.counting.channels.has(channel) {
            return false;
        }
        let Some(own) = single.families.iter().find(|family| family.has(channel)) else {
            return false;
        };
        self.history
            .iter()
            .filter(|past| self.is_counted(&single.counting, past))
            .any(|past| !own.has(past.channel) && self.is_within(past, single.days))
    }

    fn is_cooling(&self, cooldown: &Cooldown) -> bool {
        cooldown.blocks.has(self.attempt.channel)
            && self.history.iter().any(|past| {
                past.outcome == Outcome::Conversation
                    && cooldown.after.has(past.channel)
                    && self.is_joined(cooldown.scope, past)
                    && self.is_within(past, cooldown.days)
            })
    }

    /// The role as the laws read it: whom a company names for its payables is the company; whom a
    /// person names is a third party.
    fn role(&self) -> RecipientRole {
        match (self.attempt.role, self.facts.debtor) {
            (
                RecipientRole::ApContact,
                Some(DebtorClass::Company | DebtorClass::MicroSmallCompany),
            ) => RecipientRole::Debtor,
            (RecipientRole::ApContact, _) => RecipientRole::OtherThirdParty,
            (role, _) => role,
        }
    }

    fn consents(&self, mode: ConsentMode, channel: Channel) -> bool {
        let consents = &self.facts.consents;
        let refused = consents.withdrawn.has(channel);
        match mode {
            ConsentMode::PriorExpress => consents.given.has(channel) && !refused,
            ConsentMode::OptOut => !refused,
        }
    }

    fn is_counted(&self, counting: &Counting, past: &PastAttempt) -> bool {
        let far_enough = match counting.counts {
            Counts::Attempt => true,
            Counts::Delivered => {
                matches!(past.outcome, Outcome::Delivered | Outcome::Conversation)
            }
            Counts::Conversation => past.outcome == Outcome::Conversation,
        };
        !past.incoming
            && far_enough
            && counting.channels.has(past.channel)
            && !counting.excluded.has(past.outcome)
            && self.is_joined(counting.scope, past)
    }

    fn is_joined(&self, scope: Scope, past: &PastAttempt) -> bool {
        match scope {
            Scope::DebtorCreditor => true,
            Scope::Debt => {
                past.debt.as_deref().unwrap_or(SAME_DEBT)
                    == self.attempt.debt.as_deref().unwrap_or(SAME_DEBT)
            }
        }
    }

    /// Whether the past attempt is among the last `days` local dates, today's included.
    fn is_within(&self, past: &PastAttempt, days: u16) -> bool {
        let date = past.at.date(self.zone);
        let Ok(first) = self.today.checked_sub((i64::from(days) - 1).days()) else {
            return date <= self.today;
        };
        first <= date && date <= self.today
    }

    /// Seconds from a past attempt to this one: elapsed between instants, on the debtor's clock
    /// where one of them is civil.
    fn seconds_from(&self, past: At) -> i64 {
        match (past, self.attempt.at) {
            (At::Instant(past), At::Instant(now)) => now.duration_since(past).as_secs(),
            (past, now) => {
                let (past, now) = (past.civil(self.zone), now.civil(self.zone));
                now.duration_since(past).as_secs()
            }
        }
    }
}
