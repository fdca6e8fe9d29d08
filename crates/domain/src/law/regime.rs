//! A regime as the engine keeps it: whom it covers, and its rules ready to be asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use toml::{Spanned, Table};

use super::facts::{Facts, MessageKind, Outcome};
use super::holidays::Calendar;
use super::sentences;
use super::set::Set;
use super::source::{
    AppliesText, Binding, CapText, Coded, ConsentMode, CooldownText, Counts, FinalConsumer,
    RegimeText, Scope, SingleChannelText, SpanText, StopEffect, StopText, Tier, WindowText,
};
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
    /// Tables that inform and decide nothing here (content, fees, records, …), as written.
    pub informs: BTreeMap<&'static str, Table>,
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
    debtor: Set<DebtorClass>,
    debt: Set<DebtClass>,
    creditor: Set<CreditorClass>,
    actor: Set<Actor>,
    final_consumer_only: bool,
    /// Debtors covered even where they are no final consumers.
    also_debtors: Set<DebtorClass>,
    /// Creditors whose debtors are all covered.
    also_creditors: Set<CreditorClass>,
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

/// An error in a regime: where in the file (byte offset), and why.
pub type At = (usize, String);

impl Regime {
    /// Reads a regime.
    pub fn read(
        mut text: RegimeText,
        calendars: &BTreeMap<String, Arc<Calendar>>,
    ) -> Result<Self, At> {
        let informs = text.take_informing();
        let place = place(&text.country)?;
        let naming = Naming {
            id: Arc::from(text.id.get_ref().as_str()),
            article: text.article.clone(),
            tier: text.v.0,
            binding: text.binding.0,
        };
        let start = text.id.span().start;
        let caps = read_each(&text.caps, |cap| naming.cap(cap))?;
        let single_channel = read_each(&text.single_channel, |single| naming.single(single))?;
        let cooldowns = text
            .cooldowns
            .iter()
            .map(|cool| naming.cooldown(cool))
            .collect();
        Ok(Self {
            place,
            subdivisions: text.subdivisions,
            applies: applies(&text.applies),
            hours: hours(&naming, &text.windows)?,
            holiday: match &text.holiday {
                Some(holiday) => Some(naming.holiday(holiday, place, calendars)?),
                None => None,
            },
            consent: text.consent.as_ref().map(|consent| naming.consent(consent)),
            recipients: text.recipients.as_ref().map(|who| naming.recipients(who)),
            sources: text
                .contact_point
                .as_ref()
                .filter(|point| !point.allowed_sources.is_empty())
                .map(|point| naming.sources(point)),
            banned: text.channel_ban.as_ref().map(|ban| naming.ban(ban)),
            stops: naming.stops(&text.stops),
            caps,
            single_channel,
            cooldowns,
            exempt: text
                .exempt_messages
                .map_or(Set::EMPTY, |exempt| set(&exempt.kinds)),
            informs,
            effective_from: text.effective_from.0,
            id: naming.id,
            article: if naming.article.trim().is_empty() {
                return Err((
                    start,
                    "`article` says which legal text it rests on".to_owned(),
                ));
            } else {
                naming.article
            },
            binding: naming.binding,
            tier: naming.tier,
        })
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

fn place(country: &Spanned<String>) -> Result<Place, At> {
    match country.get_ref().as_str() {
        "*" => Ok(Place::Everywhere),
        "other" => Ok(Place::Unpacked),
        code => Country::new(code).map(Place::Country).ok_or_else(|| {
            let reason = format!("`{code}` is no country: use two letters, `*` or `other`");
            (country.span().start, reason)
        }),
    }
}

fn applies(text: &AppliesText) -> Applies {
    Applies {
        debtor: set(&text.debtor),
        debt: set(&text.debt),
        creditor: set(&text.creditor),
        actor: set(&text.actor),
        final_consumer_only: text.final_consumer.0 == FinalConsumer::Required,
        also_debtors: set(&text.also_applies_to),
        also_creditors: set(&text.also_applies_to_creditors),
    }
}

/// What every rule of a regime inherits from it.
struct Naming {
    id: Arc<str>,
    article: String,
    tier: Tier,
    binding: Binding,
}

impl Naming {
    fn rule(
        &self,
        kind: RuleKind,
        id: String,
        own: (&Option<Coded<Tier>>, &Option<String>),
        sentence: String,
    ) -> Arc<Rule> {
        let (tier, article) = own;
        Arc::new(Rule {
            id,
            kind,
            regime: Arc::clone(&self.id),
            article: article.clone().unwrap_or_else(|| self.article.clone()),
            tier: tier.map_or(self.tier, |tier| tier.0),
            binding: self.binding,
            sentence,
        })
    }

    fn own(&self, kind: RuleKind) -> String {
        format!("{}/{}", self.id, kind.code())
    }

    fn holiday(
        &self,
        spanned: &Spanned<super::source::HolidayText>,
        place: Place,
        calendars: &BTreeMap<String, Arc<Calendar>>,
    ) -> Result<HolidayRule, At> {
        let text = spanned.get_ref();
        let calendar = calendars.get(&text.calendar).ok_or_else(|| {
            let reason = format!("there is no [holidays.{}] to go by", text.calendar);
            (spanned.span().start, reason)
        })?;
        Ok(HolidayRule {
            calendar: Arc::clone(calendar),
            channels: set(&text.channels),
            rule: self.rule(
                RuleKind::Holiday,
                self.own(RuleKind::Holiday),
                (&text.v, &text.article),
                sentences::holiday(place),
            ),
        })
    }

    fn consent(&self, text: &super::source::ConsentText) -> ConsentRule {
        ConsentRule {
            mode: text.mode.0,
            channels: set(&text.channels),
            rule: self.rule(
                RuleKind::Consent,
                self.own(RuleKind::Consent),
                (&text.v, &text.article),
                sentences::consent(text.mode.0),
            ),
        }
    }

    fn recipients(&self, text: &super::source::RecipientsText) -> (Set<RecipientRole>, Arc<Rule>) {
        let mut allowed: Set<RecipientRole> = set(&text.allowed);
        for role in &text.forbidden {
            allowed.remove(role.0);
        }
        let rule = self.rule(
            RuleKind::Recipient,
            self.own(RuleKind::Recipient),
            (&text.v, &text.article),
            sentences::recipient(),
        );
        (allowed, rule)
    }

    fn sources(&self, text: &super::source::ContactPointText) -> (Set<ContactSource>, Arc<Rule>) {
        let rule = self.rule(
            RuleKind::ContactPoint,
            self.own(RuleKind::ContactPoint),
            (&text.v, &text.article),
            sentences::contact_point(),
        );
        (set(&text.allowed_sources), rule)
    }

    fn ban(&self, text: &super::source::ChannelBanText) -> (Set<Channel>, Arc<Rule>) {
        let channels = set(&text.channels);
        let rule = self.rule(
            RuleKind::ChannelBan,
            self.own(RuleKind::ChannelBan),
            (&text.v, &text.article),
            sentences::channel_ban(channels),
        );
        (channels, rule)
    }

    fn stops(&self, texts: &[StopText]) -> Vec<Stop> {
        texts
            .iter()
            .map(|text| Stop {
                event: text.event.clone(),
                leaves_attorney: text.effect.0 == StopEffect::ContactAttorneyOnly,
                rule: self.rule(
                    RuleKind::Stop,
                    self.own(RuleKind::Stop),
                    (&text.v, &text.article),
                    sentences::stop(&text.event),
                ),
            })
            .collect()
    }

    fn cap(&self, text: &CapText) -> Result<Cap, String> {
        if text.max == 0 {
            return Err(format!("cap `{}` allows none: use channel_ban", text.id));
        }
        let channels = set(&text.channels);
        let days = days(text.window)?;
        let own = (&text.v, &text.article);
        let gap_seconds = text.min_gap_hours.map(|hours| {
            let id = format!("{}/gap", text.id);
            let sentence = sentences::gap(hours, channels);
            let rule = self.rule(RuleKind::Gap, id, own, sentence);
            (i64::from(hours) * 3600, rule)
        });
        Ok(Cap {
            counting: Counting {
                channels,
                scope: text.scope.0,
                counts: text.counts.0,
                excluded: set(&text.exclude_outcomes),
            },
            max: text.max,
            days,
            gap_seconds,
            rule: self.rule(
                RuleKind::Cap,
                text.id.clone(),
                own,
                sentences::cap(text.max, days, channels),
            ),
        })
    }

    fn single(&self, text: &SingleChannelText) -> Result<SingleChannel, String> {
        let channels: Set<Channel> = set(&text.channels);
        let families: Vec<Set<Channel>> = text.families.iter().map(|words| set(words)).collect();
        for channel in Channel::ALL
            .iter()
            .filter(|channel| channels.has(**channel))
        {
            if families
                .iter()
                .filter(|family| family.has(*channel))
                .count()
                != 1
            {
                return Err(format!("`{channel}` belongs in exactly one of `families`"));
            }
        }
        let days = days(text.window)?;
        Ok(SingleChannel {
            counting: Counting {
                channels,
                scope: text.scope.0,
                counts: text.counts.0,
                excluded: Set::EMPTY,
            },
            families,
            days,
            rule: self.rule(
                RuleKind::SingleChannel,
                text.id.clone(),
                (&text.v, &text.article),
                sentences::single_channel(days),
            ),
        })
    }

    fn cooldown(&self, text: &CooldownText) -> Cooldown {
        let extra = u16::from(!text.day_one_is_event_date);
        Cooldown {
            after: set(&text.after_channels),
            blocks: set(&text.blocks),
            days: text.days + extra,
            scope: text.scope.0,
            rule: self.rule(
                RuleKind::Cooldown,
                text.id.clone(),
                (&text.v, &text.article),
                sentences::cooldown(text.days),
            ),
        }
    }
}

fn hours(
    naming: &Naming,
    windows: &[Spanned<WindowText>],
) -> Result<[Option<Hours>; Channel::ALL.len()], At> {
    let mut by_channel: [Option<Hours>; Channel::ALL.len()] = Default::default();
    for &channel in Channel::ALL {
        let mut days: [Vec<(u32, u32)>; 7] = Default::default();
        let mut first: Option<&WindowText> = None;
        for spanned in windows {
            let window = spanned.get_ref();
            let wrong = |reason: String| (spanned.span().start, reason);
            let (from, to) = (
                clock(&window.from).map_err(wrong)?,
                clock(&window.to).map_err(wrong)?,
            );
            if from >= to {
                let reason = format!("`from` {} is not before `to` {}", window.from, window.to);
                return Err(wrong(reason));
            }
            if !window.channels.iter().any(|word| word.0 == channel) {
                continue;
            }
            first.get_or_insert(window);
            for day in &window.days {
                let index = day.0.weekday().to_monday_zero_offset().unsigned_abs();
                days[usize::from(index)].push((from, to));
            }
        }
        let Some(first) = first else { continue };
        let sentence = sentences::window(channel, &days);
        let rule = naming.rule(
            RuleKind::Window,
            naming.own(RuleKind::Window),
            (&first.v, &first.article),
            sentence,
        );
        by_channel[channel as usize] = Some(Hours { days, rule });
    }
    Ok(by_channel)
}

fn read_each<T, R>(
    texts: &[Spanned<T>],
    read: impl Fn(&T) -> Result<R, String>,
) -> Result<Vec<R>, At> {
    texts
        .iter()
        .map(|text| read(text.get_ref()).map_err(|reason| (text.span().start, reason)))
        .collect()
}

fn set<T: super::set::Word>(words: &[Coded<T>]) -> Set<T> {
    words.iter().map(|word| word.0).collect()
}

fn days(span: SpanText) -> Result<u16, String> {
    match span {
        SpanText::CalendarDay => Ok(1),
        SpanText::RollingDays { n: 0 } => Err("`rolling_days` looks back on no day".to_owned()),
        SpanText::RollingDays { n } => Ok(n),
    }
}

/// Seconds of the day of `HH:MM`, up to `24:00`.
fn clock(text: &str) -> Result<u32, String> {
    let wrong = || format!("`{text}` is no time of day: write it as `07:00`");
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let hour: u32 = hour.parse().map_err(|_| wrong())?;
    let minute: u32 = minute.parse().map_err(|_| wrong())?;
    let seconds = hour * 3600 + minute * 60;
    if minute > 59 || seconds > 24 * 3600 {
        return Err(wrong());
    }
    Ok(seconds)
}
