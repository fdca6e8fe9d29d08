//! What is due: the one thing the policy wants done for a customer today, or why nothing.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::{Candidate, Case, Content, Listed};
use crate::calendar;
use crate::contact::{ContactKey, PastContact, Tone};
use crate::decide::Silence;
use crate::law::MessageKind;
use crate::ledger::{Cycle, OpenDocument};
use crate::money::{Currency, Money};
use crate::policy::{EventStep, FollowUp, Ladder, Segment, SegmentFacts, Step, Treatment, Trigger};
use crate::promise::PromiseState;

/// The stretch of a customer's overdue debt that is walked up the ladder.
struct Arrears<'p> {
    ladder: &'p Ladder,
    grace_days: i64,
    /// Days late of the oldest chaseable document.
    days_late: i64,
    /// Its due date.
    due: Date,
    first_day: Date,
}

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
            });
        }
        let silence = match self.chase() {
            Ok(candidate) => return Ok(candidate),
            Err(silence) => silence,
        };
        if let Some(thanks) = self.thanks() {
            return Ok(thanks);
        }
        if self.seen.net_chaseable.is_empty() {
            return self.courtesy(silence);
        }
        Err(silence)
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
    fn made(&self) -> impl Iterator<Item = (&'a PastContact, Date)> + '_ {
        self.position
            .contacts
            .iter()
            .filter(|contact| contact.state.counts() && Some(contact.id) != self.claiming)
            .filter_map(|contact| Some((contact, self.day_of(contact.performed_at?))))
    }

    fn day_of(&self, at: Timestamp) -> Date {
        calendar::local(at, &self.rules.company.zone).date()
    }

    // --- Overdue ------------------------------------------------------------------------------

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
        let treatment = self.treatment(days_late)?;
        let Treatment::Ladder { key, grace_days } = treatment else {
            return Err(Silence::BelowMinimum);
        };
        let Some(ladder) = self.rules.policy.ladder(key) else {
            return Err(Silence::StepMade {
                step: None,
                next: None,
            });
        };
        self.quiet()?;
        let arrears = Arrears {
            ladder,
            grace_days: i64::from(*grace_days),
            days_late,
            due: oldest_due,
            first_day: cycle.first_day,
        };
        if let Some(answer) = self.broken_promise()? {
            return Ok(answer);
        }
        self.ladder_step(&arrears)
    }

    /// The oldest document of the currencies in which something may be asked for.
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
        self.statement
            .chaseable()
            .find(|document| self.is_asked_for(document.open.currency))
            .ok_or(Silence::BelowMinimum)
    }

    /// Whether the customer owes, net of credits, enough in a currency for it to be asked for.
    fn is_asked_for(&self, currency: Currency) -> bool {
        let quiet = &self.rules.policy.quiet;
        self.seen
            .net_chaseable
            .iter()
            .any(|money| money.currency == currency && !quiet.is_below_minimum(*money))
    }

    fn treatment(&mut self, days_late: i64) -> Result<&'a Treatment, Silence> {
        let customer = &self.position.customer;
        let segment: &'a Segment = self.rules.policy.segment(&SegmentFacts {
            overdue: &self.seen.net_chaseable,
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
            ladder @ Treatment::Ladder { .. } => Ok(ladder),
        }
    }

    /// The days on which nothing is said: after an answer, and between two messages.
    fn quiet(&self) -> Result<(), Silence> {
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

    // --- The ladder ---------------------------------------------------------------------------

    /// Ladder messages made in the cycle that began on `first_day`, with their day.
    fn ladder_made(&self, first_day: Date) -> impl Iterator<Item = (&'a PastContact, Date)> + '_ {
        self.made().filter(move |(contact, on)| {
            matches!(contact.key, ContactKey::Step { .. }) && *on >= first_day
        })
    }

    fn ladder_step(&self, arrears: &Arrears<'a>) -> Result<Candidate<'a>, Silence> {
        let late = arrears.days_late - arrears.grace_days;
        let due = self.rules.policy.step_due(arrears.ladder, late);
        let next = arrears
            .ladder
            .steps()
            .map(|(_, step)| step)
            .find(|step| offset(step) > late);
        let next = next.map(|step| (step.key.clone(), arrears.day_of(step)));
        let Some(step) = due else {
            return Err(Silence::StepMade { step: None, next });
        };
        let latest = self.rules.policy.max_lateness_days(step);
        if self.is_made(&step.key, arrears.first_day) {
            return self.follow_up(arrears, step, next);
        }
        if late - offset(step) > i64::from(latest) {
            return Err(Silence::StepTooLate {
                step: step.key.clone(),
            });
        }
        // Where only a later day is lawful, what is due is decided again for that day.
        let last_day = plus_days(self.seen.day, i64::from(latest));
        let (tone, template) = self.tone(arrears, step.action.tone, &step.action.template);
        Ok(Candidate {
            key: ContactKey::Step {
                step: step.key.clone(),
                cycle: arrears.first_day,
            },
            action: &step.action,
            tone,
            template,
            content: self.arrears_content(),
            last_day,
            kind: MessageKind::Collection,
        })
    }

    fn is_made(&self, step: &str, first_day: Date) -> bool {
        self.ladder_made(first_day)
            .any(|(contact, _)| contact.key.step() == step)
    }

    fn follow_up(
        &self,
        arrears: &Arrears<'a>,
        step: &Step,
        next: Option<(String, Date)>,
    ) -> Result<Candidate<'a>, Silence> {
        let made = Silence::StepMade {
            step: Some(step.key.clone()),
            next,
        };
        let Some(follow_up) = &arrears.ladder.follow_up else {
            return Err(made);
        };
        let Some(last) = self.ladder_made(arrears.first_day).map(|(_, on)| on).max() else {
            return Err(made);
        };
        let mut number = 1;
        while self.is_made(&FollowUp::key(number), arrears.first_day) {
            number += 1;
        }
        let exhausted = follow_up
            .times_max
            .is_some_and(|most| number > u32::from(most));
        if exhausted || self.seen.day < plus_days(last, i64::from(follow_up.every_days)) {
            return Err(made);
        }
        let action = &follow_up.action;
        let (tone, _) = self.tone(arrears, action.tone, &action.template);
        Ok(Candidate {
            key: ContactKey::Step {
                step: FollowUp::key(number),
                cycle: arrears.first_day,
            },
            action,
            tone,
            template: &action.template,
            content: self.arrears_content(),
            last_day: plus_days(self.seen.day, i64::from(follow_up.every_days)),
            kind: MessageKind::Collection,
        })
    }

    /// The tone never falls below the last sent in the cycle; a raised tone brings the template of
    /// the step of the ladder that speaks so.
    fn tone(&self, arrears: &Arrears<'a>, own: Tone, template: &'a str) -> (Tone, &'a str) {
        let sent = self
            .ladder_made(arrears.first_day)
            .map(|(contact, _)| contact.tone)
            .max();
        match sent {
            Some(sent) if sent > own => {
                let speaks = arrears
                    .ladder
                    .steps()
                    .find(|(_, step)| step.action.tone == sent);
                (
                    sent,
                    speaks.map_or(template, |(_, step)| &step.action.template),
                )
            }
            _ => (own, template),
        }
    }

    // --- Events -------------------------------------------------------------------------------

    fn events(&self, trigger: Trigger) -> impl Iterator<Item = &'a EventStep> + use<'a> {
        self.rules
            .policy
            .events
            .iter()
            .filter(move |event| event.on == trigger)
    }

    fn broken_promise(&self) -> Result<Option<Candidate<'a>>, Silence> {
        let day = self.seen.day;
        for event in self.events(Trigger::PromiseBroken) {
            for promise in &self.position.books.promises {
                let currency = promise.amount.currency;
                let paid = self.position.books.paid(currency);
                let PromiseState::Broken { since } = promise.state_on(day, &paid) else {
                    continue;
                };
                let key = ContactKey::Event {
                    step: event.key.clone(),
                    on: since,
                };
                let last_day = plus_days(since, i64::from(event.within_days));
                if day > last_day || !self.is_asked_for(currency) || self.event_made(&key) {
                    continue;
                }
                let from = plus_days(since, i64::from(event.after_days));
                if day < from {
                    return Err(Silence::PromiseBroken { until: from });
                }
                let mut content = self.arrears_content();
                content.promise = Some(promise.clone());
                return Ok(Some(Candidate {
                    key,
                    action: &event.action,
                    tone: event.action.tone,
                    template: &event.action.template,
                    content,
                    last_day,
                    kind: MessageKind::Collection,
                }));
            }
        }
        Ok(None)
    }

    fn event_made(&self, key: &ContactKey) -> bool {
        self.made().any(|(contact, _)| contact.key == *key)
    }

    /// Thanks for a payment that brought the account back in order, or eased it.
    fn thanks(&self) -> Option<Candidate<'a>> {
        let still_overdue = self.statement.overdue().next().is_some();
        let trigger = if still_overdue {
            Trigger::PaymentReceived
        } else {
            Trigger::AccountCleared
        };
        let event = self.events(trigger).next()?;
        let day = self.seen.day;
        let books = &self.position.books;
        let payment = books
            .payments
            .iter()
            .filter(|payment| {
                let from = plus_days(payment.on, i64::from(event.after_days));
                let until = plus_days(payment.on, i64::from(event.within_days));
                payment.on <= day && from <= day && day <= until
            })
            .max_by_key(|payment| (payment.on, payment.id))?;
        let before = books.statement(payment.on.yesterday().ok()?);
        before
            .documents
            .iter()
            .find(|line| line.open.currency == payment.amount.currency && line.due < payment.on)?;
        let key = ContactKey::Event {
            step: event.key.clone(),
            on: payment.on,
        };
        if self.event_made(&key) {
            return None;
        }
        let content = Content {
            payment: Some(payment.clone()),
            ..Content::default()
        };
        Some(Candidate {
            key,
            action: &event.action,
            tone: event.action.tone,
            template: &event.action.template,
            content,
            last_day: plus_days(payment.on, i64::from(event.within_days)),
            kind: MessageKind::TransactionConfirmation,
        })
    }

    // --- Before the due date ------------------------------------------------------------------

    /// The courtesy notice: one for all that falls due within its days, or `otherwise`.
    fn courtesy(&mut self, otherwise: Silence) -> Result<Candidate<'a>, Silence> {
        let Some(courtesy) = &self.rules.policy.courtesy else {
            return Err(otherwise);
        };
        let day = self.seen.day;
        let days_before = i64::from(courtesy.days_before);
        let upcoming = self.upcoming(days_before);
        let announced = |due: Date| {
            self.made().any(|(contact, on)| match contact.key {
                ContactKey::Courtesy { due: other } => {
                    other == due || (on >= plus_days(due, -days_before) && on <= due)
                }
                _ => false,
            })
        };
        let Some(due) = upcoming
            .iter()
            .map(|line| line.due)
            .find(|due| !announced(*due))
        else {
            return Err(otherwise);
        };
        let totals: Vec<Money> = totals(&upcoming);
        let enough = totals.iter().any(|total| {
            let net = total
                .minor
                .saturating_sub(self.statement.credit(total.currency));
            let net = Money {
                minor: net,
                ..*total
            };
            net.is_positive() && !courtesy.is_below_minimum(net)
        });
        if !enough {
            return Err(otherwise);
        }
        self.treatment(calendar::days_late(due, day))?;
        self.quiet()?;
        let content = Content {
            credits: self.credits_in(&totals),
            totals,
            upcoming,
            ..Content::default()
        };
        Ok(Candidate {
            key: ContactKey::Courtesy { due },
            action: &courtesy.action,
            tone: courtesy.action.tone,
            template: &courtesy.action.template,
            content,
            last_day: due,
            kind: MessageKind::Collection,
        })
    }

    /// Free documents that fall due today or within `days`.
    fn upcoming(&self, days: i64) -> Vec<Listed> {
        let day = self.seen.day;
        let until = plus_days(day, days);
        self.statement
            .documents
            .iter()
            .filter(|line| line.due >= day && line.due <= until && !line.direct_debit)
            .filter(|line| line.free().is_positive())
            .map(|line| Listed::new(line, line.free(), day))
            .collect()
    }

    // --- What a message says ------------------------------------------------------------------

    fn arrears_content(&self) -> Content {
        let day = self.seen.day;
        let documents: Vec<Listed> = self
            .statement
            .chaseable()
            .filter(|line| self.is_asked_for(line.open.currency))
            .map(|line| Listed::new(line, line.free(), day))
            .collect();
        let held = self
            .statement
            .overdue()
            .filter(|line| line.held.is_positive())
            .map(|line| Listed::new(line, line.held, day))
            .collect();
        let days = self
            .rules
            .policy
            .courtesy
            .as_ref()
            .map_or(0, |c| i64::from(c.days_before));
        let totals = totals(&documents);
        Content {
            credits: self.credits_in(&totals),
            totals,
            held,
            upcoming: self.upcoming(days),
            documents,
            ..Content::default()
        }
    }

    fn credits_in(&self, totals: &[Money]) -> Vec<Money> {
        self.seen
            .credits
            .iter()
            .filter(|credit| totals.iter().any(|total| total.currency == credit.currency))
            .copied()
            .collect()
    }
}

impl Arrears<'_> {
    fn day_of(&self, step: &Step) -> Date {
        plus_days(self.due, offset(step) + self.grace_days)
    }
}

fn offset(step: &Step) -> i64 {
    i64::from(step.offset_days)
}

fn plus_days(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

fn totals(lines: &[Listed]) -> Vec<Money> {
    let mut totals: Vec<Money> = Vec::new();
    for line in lines {
        match totals
            .iter_mut()
            .find(|total| total.currency == line.part.currency)
        {
            Some(total) => total.minor = total.minor.saturating_add(line.part.minor),
            None => totals.push(line.part),
        }
    }
    totals
}
