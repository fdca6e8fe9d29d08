//! How a candidate reaches the customer: the first usable channel, the best address on it, and the
//! next instant at which the law and the company's own hours both allow it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::content::plus_days;
use super::{Candidate, Case, Plan};
use crate::call::BY_HAND;
use crate::customer::{Channel, Consent, ContactPoint, Health};
use crate::decide::Silence;
use crate::document::DebtFacts;
use crate::law::{self, Applicable, Attempt, PastAttempt, Resolved};
use crate::policy::Hours;
use crate::preference::HoursOfDay;

/// Company hours and legal windows are looked at in turn at most this often; each turn moves to a
/// later window, so a month of days is more than any pack needs.
const TURNS_MAX: usize = 40;

/// The longest run of closed days looked over.
const CLOSED_DAYS_MAX: usize = 21;

/// An address with how the law reads it.
struct Address<'a> {
    point: &'a ContactPoint,
    resolved: Resolved,
}

impl<'a> Case<'a> {
    /// Plans the candidate for the first channel of its step on which it can lawfully be made.
    pub(super) fn reach(&self, candidate: Candidate<'a>) -> Result<Plan, Silence> {
        let preferences = &self.position.preferences;
        let mut channels = preferences.in_order(&candidate.action.channels);
        channels.retain(|channel| self.rules.company.channels.contains(channel));
        let history = self.history();
        let until = end_of(candidate.last_day, &self.rules.company.zone);
        let debts = self.debts(&candidate);
        let mut refused = None;
        let mut unwanted = None;
        for channel in &channels {
            let addresses = self.addresses(*channel, &debts);
            let in_order = candidate.action.to.iter().flat_map(|role| {
                addresses
                    .iter()
                    .filter(move |address| address.resolved.role == *role)
            });
            for address in in_order {
                let attempt = attempt(address, *channel, &candidate, self.now);
                let law = address.resolved.applicable(self.rules.packs);
                let next =
                    |wanted| self.next_instant(address, &law, &history, &attempt, (until, wanted));
                if let Some(at) = next(preferences.hours) {
                    return Ok(self.plan(candidate, *channel, address, &addresses, at, &history));
                }
                if let Some(hours) = preferences.hours
                    && next(None).is_some()
                {
                    unwanted.get_or_insert(hours);
                    continue;
                }
                refused.get_or_insert_with(|| law.verdict(&history, &attempt));
            }
        }
        if let Some(hours) = unwanted {
            return Err(Silence::PreferredHours { hours });
        }
        if let Some(silence) = self.by_hand(&candidate, &debts, &history, until) {
            return Err(silence);
        }
        Err(match refused {
            Some(verdict) => Silence::Unlawful {
                verdict: Box::new(verdict),
            },
            None => Silence::NoContactPoint { channels },
        })
    }

    /// A channel of the step that people use, where the law leaves an instant for it. Whoever was
    /// called, visited or written to lately is left in peace as after a message.
    fn by_hand(
        &self,
        candidate: &Candidate<'_>,
        debts: &[DebtFacts],
        history: &[PastAttempt],
        until: Timestamp,
    ) -> Option<Silence> {
        let channels = candidate.action.channels.iter();
        let channel = channels
            .filter(|channel| BY_HAND.contains(channel))
            .find(|channel| {
                let addresses = self.addresses(**channel, debts);
                let mut of_step = addresses
                    .iter()
                    .filter(|it| candidate.action.to.contains(&it.resolved.role));
                of_step.any(|address| {
                    let attempt = attempt(address, **channel, candidate, self.now);
                    let law = address.resolved.applicable(self.rules.packs);
                    self.next_instant(
                        address,
                        &law,
                        history,
                        &attempt,
                        (until, self.position.preferences.hours),
                    )
                    .is_some()
                })
            })?;
        let ours = self.position.calls.iter();
        let last = ours
            .filter(|it| !it.result.in_law().1)
            .map(|it| self.day_of(it.at))
            .max();
        let gap = i64::from(self.rules.policy.quiet.min_gap_days);
        if let Some(until) = last.map(|last| plus_days(last, gap))
            && self.seen.day < until
        {
            return Some(Silence::Gap { until });
        }
        Some(Silence::ByHand {
            step: candidate.key.step().to_owned(),
            channel: *channel,
        })
    }

    fn plan(
        &self,
        candidate: Candidate<'a>,
        channel: Channel,
        address: &Address<'_>,
        addresses: &[Address<'_>],
        at: Timestamp,
        history: &[PastAttempt],
    ) -> Plan {
        let verdict_for = |address: &Address<'_>| {
            let attempt = attempt(address, channel, &candidate, at);
            let law = address.resolved.applicable(self.rules.packs);
            law.verdict(history, &attempt)
        };
        let copies = addresses
            .iter()
            .filter(|other| other.point.id != address.point.id)
            .filter(|other| candidate.action.copies.contains(&other.resolved.role))
            .filter(|other| verdict_for(other).allowed())
            .map(|other| other.point.id)
            .collect();
        let attempt = attempt(address, channel, &candidate, at);
        let law = verdict_for(address);
        let mut action = candidate.action.clone();
        action.tone = candidate.tone;
        candidate.template.clone_into(&mut action.template);
        Plan {
            key: candidate.key,
            channel,
            point: address.point.id,
            copies,
            at,
            action,
            content: candidate.content,
            law,
            law_facts: address.resolved.facts.clone(),
            other_debts: address.resolved.other_debts.clone(),
            attempt,
            assumptions: address.resolved.assumptions.clone(),
        }
    }

    /// Addresses on a channel that work and whose owner did not ask to be left alone.
    fn addresses(&self, channel: Channel, debts: &[DebtFacts]) -> Vec<Address<'a>> {
        let position = self.position;
        let company = self.rules.company;
        position
            .customer
            .contact_points
            .iter()
            .filter(|point| point.channel == channel && point.health == Health::Good)
            .filter(|point| !matches!(point.consent, Consent::Withdrawn { .. }))
            .map(|point| Address {
                point,
                resolved: law::resolve_debts(
                    self.rules.packs,
                    company.country,
                    &company.declarations,
                    &position.customer,
                    point,
                    debts,
                ),
            })
            .collect()
    }

    /// What the documents that the message lists say of their debts, each once; all open ones
    /// where it lists none.
    fn debts(&self, candidate: &Candidate<'_>) -> Vec<DebtFacts> {
        let content = &candidate.content;
        let listed = || content.documents.iter().chain(&content.upcoming);
        let nothing = listed().next().is_none();
        let open = &self.statement.documents;
        self.position.debts(|id| {
            listed().any(|line| line.document == id)
                || (nothing && open.iter().any(|line| line.id == id))
        })
    }

    /// What the law counts, without the contact being claimed.
    fn history(&self) -> Vec<PastAttempt> {
        self.position.attempts(self.claiming)
    }

    /// The first instant from now to `until` at which law and company hours allow it, and which
    /// lies within the hours the customer asked for.
    fn next_instant(
        &self,
        address: &Address<'_>,
        law: &Applicable<'_>,
        history: &[PastAttempt],
        attempt: &Attempt,
        (until, wanted): (Timestamp, Option<HoursOfDay>),
    ) -> Option<Timestamp> {
        let facts = &address.resolved.facts;
        let zone = facts.zones.first().unwrap_or(&self.rules.company.zone);
        let hours = self.rules.policy.quiet.hours.as_ref();
        let holiday = |day: Date| {
            facts.country.is_some_and(|country| {
                self.rules
                    .packs
                    .is_holiday(country, facts.subdivision.as_deref(), day)
            })
        };
        let own_zone = self.own_zone(facts);
        let within_hours = |at| {
            let open = within_hours(at, hours, zone, &holiday)?;
            wanted.map_or(Some(open), |wanted| wanted.next(open, own_zone))
        };
        let mut at = within_hours(self.now)?;
        for _ in 0..TURNS_MAX {
            let attempt = Attempt {
                at: at.into(),
                ..attempt.clone()
            };
            let lawful = law.next_allowed(history, &attempt, until)?;
            let open = within_hours(lawful)?;
            if open == lawful {
                return Some(lawful);
            }
            if open > until {
                return None;
            }
            at = open;
        }
        None
    }

    /// The clock a customer most likely reads: its own, else the company's where that is one of
    /// those that may be, else the first of them.
    fn own_zone<'z>(&'z self, facts: &'z law::Facts) -> &'z TimeZone {
        let company = &self.rules.company.zone;
        let own = facts
            .zones
            .iter()
            .find(|zone| zone.iana_name() == company.iana_name());
        own.or(facts.zones.first()).unwrap_or(company)
    }
}

fn attempt(
    address: &Address<'_>,
    channel: Channel,
    candidate: &Candidate<'_>,
    at: Timestamp,
) -> Attempt {
    Attempt {
        at: at.into(),
        channel,
        role: address.resolved.role,
        source: address.resolved.source,
        kind: candidate.kind,
        debt: None,
    }
}

/// `at` itself when the company's hours are open, else their next opening in the customer's zone.
/// The company keeps the holidays of the customer's country.
fn within_hours(
    at: Timestamp,
    hours: Option<&Hours>,
    zone: &TimeZone,
    is_holiday: &dyn Fn(Date) -> bool,
) -> Option<Timestamp> {
    let Some(hours) = hours else {
        return Some(at);
    };
    let local = at.to_zoned(zone.clone());
    let (today, time) = (local.date(), local.time());
    let is_open = |day: Date| hours.weekdays.contains(&day.weekday()) && !is_holiday(day);
    if is_open(today) {
        if time >= hours.from && time < hours.to {
            return Some(at);
        }
        if time < hours.from {
            return opening(today, hours, zone);
        }
    }
    let mut day = today;
    for _ in 0..CLOSED_DAYS_MAX {
        day = day.tomorrow().ok()?;
        if is_open(day) {
            return opening(day, hours, zone);
        }
    }
    None
}

fn opening(day: Date, hours: &Hours, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(day.to_datetime(hours.from)).ok()
}

/// The last instant of a civil day in a zone.
fn end_of(day: Date, zone: &TimeZone) -> Timestamp {
    let next = day.saturating_add(1.day());
    zone.to_timestamp(next.at(0, 0, 0, 0))
        .ok()
        .and_then(|at| at.checked_sub(1.second()).ok())
        .unwrap_or(Timestamp::MAX)
}
