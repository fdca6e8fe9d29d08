//! A regime as the engine keeps it: whom it covers, and its rules ready to be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use toml::Table;

use super::content::Content;
use super::facts::{Facts, MessageKind, Outcome};
use super::fees::Fees;
use super::holidays::Calendar;
use super::set::Set;
use super::source::{Binding, ConsentMode, Counts, Scope, Tier};
use crate::code::code_enum;
use crate::company::{Actor, CreditorClass, DebtClass};
use crate::customer::{Channel, ContactSource, Country, DebtorClass, RecipientRole};

code_enum! {
    /// What a rule is about.
    pub enum RuleKind {
        /// Hours of the day and days of the week.
        Window = "window",
        /// Holidays.
        Holiday = "holiday",
        /// Consent for the channel.
        Consent = "consent",
        /// Who may be spoken to.
        Recipient = "recipient",
        /// Where the address may come from.
        ContactPoint = "contact_point",
        /// Channels never allowed.
        ChannelBan = "channel_ban",
        /// Legal events that stop contact.
        Stop = "stop",
        /// How often.
        Cap = "cap",
        /// How far apart.
        Gap = "gap",
        /// Silence after a conversation.
        Cooldown = "cooldown",
        /// One channel in a stretch of days.
        SingleChannel = "single_channel",
        /// No zone is known in which to read the clock.
        Zone = "zone",
        /// What a message says.
        Content = "content",
        /// What may be charged for being late.
        Fees = "fees",
    }
}

impl RuleKind {
    /// Whether waiting may be enough for the rule to pass.
    pub const fn passes_with_time(self) -> bool {
        matches!(
            self,
            Self::Window
                | Self::Holiday
                | Self::Cap
                | Self::Gap
                | Self::Cooldown
                | Self::SingleChannel
        )
    }
}

/// A rule that can deny a contact, as proofs and screens name it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `CL-LPC-37/window`, `CO-1-PER-DAY`, `CL-2-WRITTEN-PER-WEEK/gap`.
    pub id: String,
    /// What it is about.
    pub kind: RuleKind,
    /// The regime it belongs to.
    pub regime: Arc<str>,
    /// The legal text it rests on.
    pub article: String,
    /// How well it is proven.
    pub tier: Tier,
    /// Law, policy, platform or house.
    pub binding: Binding,
    /// Why it denies, in Spanish, for a bookkeeper.
    pub sentence: String,
}

/// A set of rules from one source of law for one group of debtors.
#[derive(Debug)]
pub struct Regime {
    /// Its id in the pack.
    pub id: Arc<str>,
    /// The legal text it rests on.
    pub article: String,
    /// What makes it hold.
    pub binding: Binding,
    /// How well it is proven.
    pub tier: Tier,
    /// The first day it holds.
    pub effective_from: Date,
    /// The last day it holds, where one is known.
    pub effective_to: Option<Date>,
    /// The pack's file it stands in, without its ending.
    pub file: Arc<str>,
    /// Tables that inform and decide nothing here (content, fees, records, …), as written.
    pub informs: BTreeMap<&'static str, Table>,
    /// What it asks of the words of a message.
    pub content: Content,
    /// What it lets a creditor charge for being late.
    pub fees: Option<Fees>,
    pub(super) place: Place,
    pub(super) subdivisions: Vec<String>,
    pub(super) applies: Applies,
    /// By channel; a channel without hours is free at all hours.
    pub(super) hours: [Option<Hours>; Channel::ALL.len()],
    pub(super) holiday: Option<HolidayRule>,
    pub(super) consent: Option<ConsentRule>,
    pub(super) recipients: Option<(Set<RecipientRole>, Arc<Rule>)>,
    pub(super) sources: Option<(Set<ContactSource>, Arc<Rule>)>,
    pub(super) banned: Option<(Set<Channel>, Arc<Rule>)>,
    pub(super) stops: Vec<Stop>,
    pub(super) caps: Vec<Cap>,
    pub(super) single_channel: Vec<SingleChannel>,
    pub(super) cooldowns: Vec<Cooldown>,
    pub(super) exempt: Set<MessageKind>,
}

/// Where a regime holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In one country.
    Country(Country),
    /// Everywhere.
    Everywhere,
    /// In countries that have no pack.
    Unpacked,
}

#[derive(Debug)]
pub struct Applies {
    pub debtor: Set<DebtorClass>,
    pub debt: Set<DebtClass>,
    pub creditor: Set<CreditorClass>,
    pub actor: Set<Actor>,
    pub final_consumer_only: bool,
    /// Debtors covered even where they are no final consumers.
    pub also_debtors: Set<DebtorClass>,
    /// Creditors whose debtors are all covered.
    pub also_creditors: Set<CreditorClass>,
    /// Subdivisions whose agencies are bound wherever the debtor lives; no fact answers it.
    pub agency_domiciles: Vec<String>,
    /// Whether larger commercial debts are free; no fact answers it, so all are covered.
    pub has_debt_limit: bool,
}

/// Opening hours of one channel: per day of the week, seconds of the day, half open.
#[derive(Debug)]
pub struct Hours {
    pub days: [Vec<(u32, u32)>; 7],
    pub rule: Arc<Rule>,
}

#[derive(Debug)]
pub struct HolidayRule {
    pub calendar: Arc<Calendar>,
    pub channels: Set<Channel>,
    pub rule: Arc<Rule>,
}

#[derive(Debug)]
pub struct ConsentRule {
    pub mode: ConsentMode,
    pub channels: Set<Channel>,
    pub rule: Arc<Rule>,
}

#[derive(Debug)]
pub struct Stop {
    pub event: String,
    pub leaves_attorney: bool,
    pub rule: Arc<Rule>,
}

/// Which past attempts a rule looks at.
#[derive(Debug)]
pub struct Counting {
    pub channels: Set<Channel>,
    pub scope: Scope,
    pub counts: Counts,
    pub excluded: Set<Outcome>,
}

#[derive(Debug)]
pub struct Cap {
    pub counting: Counting,
    pub max: u32,
    /// Local dates it looks back on, the attempt's own included.
    pub days: u16,
    pub gap_seconds: Option<(i64, Arc<Rule>)>,
    pub rule: Arc<Rule>,
}

#[derive(Debug)]
pub struct SingleChannel {
    pub counting: Counting,
    pub families: Vec<Set<Channel>>,
    pub days: u16,
    pub rule: Arc<Rule>,
}

#[derive(Debug)]
pub struct Cooldown {
    pub after: Set<Channel>,
    pub blocks: Set<Channel>,
    /// Local dates it lasts, the conversation's own included.
    pub days: u16,
    pub scope: Scope,
    pub rule: Arc<Rule>,
}

impl Hours {
    pub fn open(&self, at: DateTime) -> bool {
        let day = usize::from(at.weekday().to_monday_zero_offset().unsigned_abs());
        let hour = u32::from(at.hour().unsigned_abs());
        let minute = u32::from(at.minute().unsigned_abs());
        let second = hour * 3600 + minute * 60 + u32::from(at.second().unsigned_abs());
        self.days[day]
            .iter()
            .any(|(from, to)| *from <= second && second < *to)
    }
}

impl Applies {
    /// Whether the classes and the consumer's quality bring the facts under the regime. What is
    /// unknown may be anything.
    pub fn cover(&self, facts: &Facts) -> bool {
        let also_debtor = !self.also_debtors.is_empty() && self.also_debtors.may_have(facts.debtor);
        let also_creditor =
            !self.also_creditors.is_empty() && self.also_creditors.may_have(facts.creditor);
        (self.debtor.may_have(facts.debtor) || also_debtor)
            && self.debt.may_have(facts.debt)
            && self.creditor.may_have(facts.creditor)
            && self.actor.may_have(facts.actor)
            && (!self.final_consumer_only
                || facts.final_consumer != Some(false)
                || also_debtor
                || also_creditor)
    }
}

impl Regime {
    /// The legal events on which it stops contact.
    pub fn stop_events(&self) -> impl Iterator<Item = &str> {
        self.stops.iter().map(|stop| stop.event.as_str())
    }

    /// Where it holds: two letters, `*` for everywhere, `other` for countries without a pack.
    pub fn country_code(&self) -> &str {
        match &self.place {
            Place::Country(country) => country.code(),
            Place::Everywhere => "*",
            Place::Unpacked => "other",
        }
    }

    /// The subdivisions (ISO 3166-2) it holds in; none is the whole country.
    pub fn subdivisions(&self) -> &[String] {
        &self.subdivisions
    }

    /// Whether it holds on a local date.
    pub fn holds_on(&self, date: Date) -> bool {
        self.effective_from <= date && self.effective_to.is_none_or(|last| date <= last)
    }

    /// Whether it holds in the subdivision; an unknown one is in none.
    pub(super) fn holds_in(&self, subdivision: Option<&String>) -> bool {
        self.subdivisions.is_empty()
            || subdivision.is_some_and(|own| self.subdivisions.contains(own))
    }

    /// Every rule of the regime that could deny, for documents and checks.
    pub fn rules(&self) -> Vec<&Arc<Rule>> {
        let mut rules: Vec<&Arc<Rule>> = Vec::new();
        rules.extend(self.hours.iter().flatten().map(|hours| &hours.rule));
        rules.extend(self.holiday.iter().map(|holiday| &holiday.rule));
        rules.extend(self.consent.iter().map(|consent| &consent.rule));
        rules.extend(self.recipients.iter().map(|(_, rule)| rule));
        rules.extend(self.sources.iter().map(|(_, rule)| rule));
        rules.extend(self.banned.iter().map(|(_, rule)| rule));
        rules.extend(self.stops.iter().map(|stop| &stop.rule));
        for cap in &self.caps {
            rules.push(&cap.rule);
            rules.extend(cap.gap_seconds.iter().map(|(_, rule)| rule));
        }
        rules.extend(self.single_channel.iter().map(|single| &single.rule));
        rules.extend(self.cooldowns.iter().map(|cooldown| &cooldown.rule));
        rules
    }
}
