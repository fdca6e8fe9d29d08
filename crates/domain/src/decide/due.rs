//! What is due: the one thing the policy wants done for a customer today, or why nothing.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};

use super::content::plus_days;
use super::ladder::Arrears;
use super::{Candidate, Case};
use crate::calendar;
use crate::contact::{ContactKey, PastContact};
use crate::decide::Silence;
use crate::ledger::{Cycle, OpenDocument};
use crate::money::{Currency, Money};
use crate::policy::{Ladder, Segment, SegmentFacts, Treatment};

impl<'a> Case<'a> {
    /// The one thing that is due, in this order: an answer to a broken promise, the ladder, thanks,
    /// the courtesy notice.
    pub(super) fn candidate(&mut self) -> Result<Candidate<'a>, Silence> {
        if let Some(pause) = &self.statement.pause {
            return Err(Silence::Paused {
                reason: pause.reason.clone(),
                until: pause.until,
            });
        }
        if let Some(pending) = self.pending() {
            return Err(Silence::AlreadyPlanned {
                key: pending.key.clone(),
                at: pending.planned_at,
                on: self.day_of(pending.planned_at),
            });
        }
        let silence = match self.chase() {
            Ok(candidate) => match self.fresh_money() {
                Ok(()) => return Ok(candidate),
                Err(silence) => silence,
            },
            Err(silence) => silence,
        };
        if let Some(thanks) = self.thanks() {
            return Ok(thanks);
        }
        if self.seen.net_chaseable.is_empty() || silence == Silence::BelowMinimum {
            return self.courtesy(silence);
        }
        Err(silence)
    }

    /// Whether what is known of the customer's money is fresh enough to ask for more: who may have
    /// paid already is not chased.
    fn fresh_money(&self) -> Result<(), Silence> {
        let under_way = &self.position.under_way;
        if under_way.claim_waits {
            return Err(Silence::ClaimAwaitsReview);
        }
        let net = &self.seen.net_chaseable;
        let covers = |asked: &Money| under_way.proposed_minor(asked.currency) >= asked.minor;
        if !under_way.proposed.is_empty() && net.iter().all(covers) {
            let proposed = under_way.proposed.clone();
            return Err(Silence::UnappliedCreditMayCover { proposed });
        }
        let limit = self.rules.policy.quiet.bank_data_days_max;
        if let (Some(until), Some(days_max)) = (under_way.bank_until, limit)
            && self.business_days_since(until, days_max) > days_max
        {
            return Err(Silence::StaleBankData { until, days_max });
        }
        Ok(())
    }

    /// Business days of the company behind `until` and before today, counted to one beyond
    /// `enough`.
    fn business_days_since(&self, until: Date, enough: u16) -> u16 {
        let country = self.rules.company.country;
        let mut days = 0;
        let mut day = plus_days(until, 1);
        while day < self.seen.day && days <= enough {
            let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
            if !weekend && !self.rules.packs.is_holiday(country, None, day) {
                days += 1;
            }
            let next = plus_days(day, 1);
            if next == day {
                break;
            }
            day = next;
        }
        days
    }

    fn pending(&self) -> Option<&'a PastContact> {
        use crate::contact::ContactState::{Claimed, Planned};
        self.position
            .contacts
            .iter()
            .filter(|contact| Some(contact.id) != self.claiming)
            .find(|contact| matches!(contact.state, Planned | Claimed))
    }

    /// Contacts made (or that may have been), without the one being claimed.
    pub(super) fn made(&self) -> impl Iterator<Item = (&'a PastContact, Date)> + '_ {
        self.position
            .contacts
            .iter()
            .filter(|contact| contact.state.counts() && Some(contact.id) != self.claiming)
            .filter_map(|contact| Some((contact, self.day_of(contact.performed_at?))))
    }

    /// Contacts that a person decided not to make.
    pub(super) fn cancelled(&self) -> impl Iterator<Item = &'a PastContact> + '_ {
        self.position
            .contacts
            .iter()
            .filter(|contact| contact.cancelled && Some(contact.id) != self.claiming)
    }

    pub(super) fn day_of(&self, at: Timestamp) -> Date {
        calendar::local(at, &self.rules.company.zone).date()
    }

    fn chase(&mut self) -> Result<Candidate<'a>, Silence> {
        let oldest = self.oldest_chaseable()?;
        let (oldest_due, leading) = (oldest.due, oldest.open.currency);
        let day = self.seen.day;
        let cycle = self.position.books.cycle(leading, day).unwrap_or(Cycle {
            first_day: oldest_due.tomorrow().unwrap_or(oldest_due),
            currency: leading,
            reaches_edge: false,
        });
        let days_late = calendar::days_late(oldest_due, day);
        self.seen.cycle = Some(cycle);
        self.seen.days_late = Some(days_late);
        self.seen.reminders_sent =
            u32::try_from(self.ladder_made(cycle.first_day).count()).unwrap_or(u32::MAX);
        let overdue = self.seen.net_chaseable.clone();
        let (ladder, grace_days) = self.treatment(&overdue, days_late)?;
        self.quiet()?;
        let arrears = Arrears {
            ladder,
            grace_days,
            days_late,
            due: oldest_due,
            first_day: cycle.first_day,
        };
        if let Some(answer) = self.broken_promise()? {
            return Ok(answer);
        }
        self.ladder_step(&arrears)
    }

    /// The oldest document of the currencies in which something may be asked for, when the
    /// customer's own money is laid on the oldest first: what that covers does not age the rest.
    fn oldest_chaseable(&self) -> Result<&OpenDocument, Silence> {
        if self.statement.documents.is_empty() {
            return Err(Silence::NothingOpen);
        }
        let mut overdue = self.statement.overdue().peekable();
        if overdue.peek().is_none() {
            let next_due = self.statement.documents[0].due;
            return Err(Silence::NotDue { next_due });
        }
        if self.statement.chaseable().next().is_none() {
            let mut kinds = Vec::new();
            for kind in overdue.flat_map(|document| document.held_as.iter().copied()) {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            return Err(if kinds.is_empty() {
                Silence::DirectDebit
            } else {
                Silence::Held { kinds }
            });
        }
        let net = &self.seen.net_chaseable;
        if net.is_empty() {
            return Err(Silence::CreditsCover {
                credits: self.seen.credits.clone(),
            });
        }
        if net
            .iter()
            .all(|money| self.rules.policy.quiet.is_below_minimum(*money))
        {
            return Err(Silence::BelowMinimum);
        }
        self.leading().ok_or(Silence::BelowMinimum)
    }

    /// The document whose age counts: the oldest with which what is owed, credits laid on the
    /// oldest first, reaches the minimum of its currency. What credits cover, and a residue the
    /// policy would not chase by itself, age nothing.
    fn leading(&self) -> Option<&OpenDocument> {
        let mut owed: Vec<Money> = Vec::new();
        self.statement
            .chaseable()
            .filter(|document| self.is_asked_for(document.open.currency))
            .find(|document| {
                let free = document.free();
                let at = owed.iter().position(|sum| sum.currency == free.currency);
                let at = at.unwrap_or_else(|| {
                    let credit = self.statement.credit(free.currency);
                    owed.push(Money {
                        minor: -credit,
                        ..free
                    });
                    owed.len() - 1
                });
                owed[at].minor = owed[at].minor.saturating_add(free.minor);
                owed[at].is_positive() && !self.rules.policy.quiet.is_below_minimum(owed[at])
            })
    }

    /// Whether the customer owes, net of credits, enough in a currency for it to be asked for.
    pub(super) fn is_asked_for(&self, currency: Currency) -> bool {
        let quiet = &self.rules.policy.quiet;
        self.seen
            .net_chaseable
            .iter()
            .any(|money| money.currency == currency && !quiet.is_below_minimum(*money))
    }

    /// The ladder on which the policy has a customer who owes `overdue`, so many days late, with
    /// the days by which each of its steps comes later.
    pub(super) fn treatment(
        &mut self,
        overdue: &[Money],
        days_late: i64,
    ) -> Result<(&'a Ladder, i64), Silence> {
        let customer = &self.position.customer;
        let segment: &'a Segment = self.rules.policy.segment(&SegmentFacts {
            overdue,
            days_late,
            reminders_sent: self.seen.reminders_sent,
            behaviour: customer.behaviour,
            importance: customer.importance,
            tags: &customer.tags,
        });
        self.seen.segment = Some(segment.name.clone());
        match &segment.treatment {
            Treatment::LeaveAlone { reason } => Err(Silence::LeftAlone {
                segment: segment.name.clone(),
                reason: reason.clone(),
            }),
            Treatment::Ladder { key, grace_days } => {
                // A policy that was read refers to its own ladders only.
                let ladder = self.rules.policy.ladder(key);
                let none = Silence::StepMade {
                    step: None,
                    next: None,
                };
                Ok((ladder.ok_or(none)?, i64::from(*grace_days)))
            }
        }
    }

    /// The days on which nothing is said: after an answer, and between two messages.
    pub(super) fn quiet(&self) -> Result<(), Silence> {
        let quiet = &self.rules.policy.quiet;
        let day = self.seen.day;
        if let Some(answered) = self.position.last_answer {
            let until = plus_days(self.day_of(answered), i64::from(quiet.after_answer_days));
            if day < until {
                return Err(Silence::Answered { until });
            }
        }
        let last = self
            .made()
            .filter(|(contact, _)| !self.is_thanks(&contact.key));
        if let Some(last) = last.map(|(_, on)| on).max() {
            let until = plus_days(last, i64::from(quiet.min_gap_days));
            if day < until {
                return Err(Silence::Gap { until });
            }
        }
        Ok(())
    }

    fn is_thanks(&self, key: &ContactKey) -> bool {
        let ContactKey::Event { step, .. } = key else {
            return false;
        };
        let events = &self.rules.policy.events;
        events
            .iter()
            .any(|event| event.key == *step && event.on.is_thanks())
    }
}
