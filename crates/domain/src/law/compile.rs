//! From a regime as written to a regime as kept: every rule gets its id, its article and its
//! sentence here, once.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::{Spanned, Table};

use super::content::{Content, Statement};
use super::contradictions;
use super::fees::Fees;
use super::holidays::Calendar;
use super::regime::{
    Applies, Cap, ConsentRule, Cooldown, Counting, HolidayRule, Hours, Place, Regime, Rule,
    RuleKind, SingleChannel, Stop,
};
use super::sentences;
use super::set::Set;
use super::source::{
    AppliesText, Binding, CapText, ChannelBanText, Coded, ConsentText, ContactPointText,
    CooldownText, FinalConsumer, HolidayText, RecipientsText, RegimeText, SingleChannelText,
    SpanText, StopEffect, StopText, Tier, WindowText,
};
use crate::customer::{Channel, ContactSource, Country, RecipientRole};

/// An error in a regime: where in the file (byte offset), and why.
pub type At = (usize, String);

impl Regime {
    /// Reads a regime.
    pub fn read(
        mut text: RegimeText,
        file: &Arc<str>,
        calendars: &BTreeMap<String, Arc<Calendar>>,
    ) -> Result<Self, At> {
        contradictions::refuse(&text)?;
        let informs = text.take_informing();
        let place = place(&text.country)?;
        let naming = Naming {
            id: Arc::from(text.id.get_ref().as_str()),
            article: text.article.clone(),
            tier: text.v.0,
            binding: text.binding.0,
        };
        let start = text.id.span().start;
        let read = naming.content_and_fees(&informs, text.consent.as_ref());
        let (content, fees) = read.map_err(|reason| (start, reason))?;
        let caps = read_each(&text.caps, |cap| naming.cap(cap))?;
        let single_channel = read_each(&text.single_channel, |single| naming.single(single))?;
        let cooldowns = text
            .cooldowns
            .iter()
            .map(|cool| naming.cooldown(cool.get_ref()))
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
            recipients: text
                .recipients
                .as_ref()
                .map(|who| naming.recipients(who.get_ref())),
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
            content,
            fees,
            effective_from: text.effective_from.0,
            effective_to: text.effective_to.map(|last| last.get_ref().0),
            file: Arc::clone(file),
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
        agency_domiciles: text.agency_domicile_triggers.clone(),
        has_debt_limit: text.commercial_debt_max_usd.is_some(),
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

    fn content_and_fees(
        &self,
        informs: &BTreeMap<&'static str, Table>,
        consent: Option<&ConsentText>,
    ) -> Result<(Content, Option<Fees>), String> {
        let content = self.content(informs.get("content"), consent)?;
        Ok((content, self.fees(informs.get("fees"))?))
    }

    /// The words of messages; an opt-out asked for is a word as well.
    fn content(
        &self,
        table: Option<&Table>,
        consent: Option<&ConsentText>,
    ) -> Result<Content, String> {
        let rule = |word: &str, sentence: String| {
            let id = format!("{}/{word}", self.id);
            self.rule(RuleKind::Content, id, (&None, &None), sentence)
        };
        let mut content = match table {
            Some(table) => Content::read(table, rule)?,
            None => Content::default(),
        };
        let channels = consent.map_or(Set::EMPTY, |it| set(&it.opt_out_notice_required_in));
        if !channels.is_empty() {
            let what = Statement::OptOut;
            content.ask_opt_out(channels, rule(what.code(), what.sentence().to_owned()));
        }
        Ok(content)
    }

    fn fees(&self, table: Option<&Table>) -> Result<Option<Fees>, String> {
        let Some(table) = table else {
            return Ok(None);
        };
        let sentence = sentences::fees();
        let rule = self.rule(
            RuleKind::Fees,
            self.own(RuleKind::Fees),
            (&None, &None),
            sentence,
        );
        Fees::read(table, rule).map(Some)
    }

    fn holiday(
        &self,
        spanned: &Spanned<HolidayText>,
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

    fn consent(&self, text: &ConsentText) -> ConsentRule {
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

    fn recipients(&self, text: &RecipientsText) -> (Set<RecipientRole>, Arc<Rule>) {
        let rule = self.rule(
            RuleKind::Recipient,
            self.own(RuleKind::Recipient),
            (&text.v, &text.article),
            sentences::recipient(),
        );
        (set(&text.allowed), rule)
    }

    fn sources(&self, text: &ContactPointText) -> (Set<ContactSource>, Arc<Rule>) {
        let rule = self.rule(
            RuleKind::ContactPoint,
            self.own(RuleKind::ContactPoint),
            (&text.v, &text.article),
            sentences::contact_point(),
        );
        (set(&text.allowed_sources), rule)
    }

    fn ban(&self, text: &ChannelBanText) -> (Set<Channel>, Arc<Rule>) {
        let channels = set(&text.channels);
        let rule = self.rule(
            RuleKind::ChannelBan,
            self.own(RuleKind::ChannelBan),
            (&text.v, &text.article),
            sentences::channel_ban(channels),
        );
        (channels, rule)
    }

    fn stops(&self, texts: &[Spanned<StopText>]) -> Vec<Stop> {
        texts
            .iter()
            .map(Spanned::get_ref)
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
