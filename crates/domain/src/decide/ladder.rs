//! The ladder: the step that applies to the oldest chaseable document, once per cycle, and the
//! follow-up when it was made and nothing moves.

use jiff::civil::Date;

use super::content::plus_days;
use super::{Candidate, Case};
use crate::contact::{ContactKey, PastContact, Tone};
use crate::decide::Silence;
use crate::law::MessageKind;
use crate::policy::{FollowUp, Ladder, Step};

/// The stretch of a customer's overdue debt that is walked up the ladder.
pub(super) struct Arrears<'p> {
    pub ladder: &'p Ladder,
    pub grace_days: i64,
    /// Days late of the oldest chaseable document.
    pub days_late: i64,
    /// Its due date.
    pub due: Date,
    pub first_day: Date,
}

impl<'a> Case<'a> {
    /// Ladder messages made in the cycle that began on `first_day`, with their day.
    pub(super) fn ladder_made(
        &self,
        first_day: Date,
    ) -> impl Iterator<Item = (&'a PastContact, Date)> + '_ {
        self.made().filter(move |(contact, on)| {
            matches!(contact.key, ContactKey::Step { .. }) && *on >= first_day
        })
    }

    pub(super) fn ladder_step(&self, arrears: &Arrears<'a>) -> Result<Candidate<'a>, Silence> {
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
        if self.is_made(&step.key, arrears.first_day) || self.is_cancelled(&step.key, arrears) {
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

    /// Ladder messages of the cycle that a person cancelled.
    fn cancelled_in(&self, arrears: &Arrears<'_>) -> impl Iterator<Item = &'a PastContact> + '_ {
        let first_day = arrears.first_day;
        self.cancelled().filter(move |contact| {
            matches!(contact.key, ContactKey::Step { .. })
                && self.day_of(contact.planned_at) >= first_day
        })
    }

    fn is_cancelled(&self, step: &str, arrears: &Arrears<'_>) -> bool {
        self.cancelled_in(arrears)
            .any(|contact| contact.key.step() == step)
    }

    /// The days for which cancelled messages were meant: the next follow-up counts from them too.
    fn cancelled_days(&self, arrears: &Arrears<'_>) -> impl Iterator<Item = Date> + '_ {
        self.cancelled_in(arrears)
            .map(|contact| self.day_of(contact.planned_at))
    }

    fn follow_up(
        &self,
        arrears: &Arrears<'a>,
        step: &Step,
        next: Option<(String, Date)>,
    ) -> Result<Candidate<'a>, Silence> {
        let made = if self.is_made(&step.key, arrears.first_day) {
            Silence::StepMade {
                step: Some(step.key.clone()),
                next,
            }
        } else {
            Silence::Cancelled {
                step: step.key.clone(),
                next,
            }
        };
        let Some(follow_up) = &arrears.ladder.follow_up else {
            return Err(made);
        };
        let days = self.ladder_made(arrears.first_day).map(|(_, on)| on);
        let Some(last) = days.chain(self.cancelled_days(arrears)).max() else {
            return Err(made);
        };
        let mut number = 1;
        while self.is_made(&FollowUp::key(number), arrears.first_day)
            || self.is_cancelled(&FollowUp::key(number), arrears)
        {
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
}

impl Arrears<'_> {
    fn day_of(&self, step: &Step) -> Date {
        plus_days(self.due, offset(step) + self.grace_days)
    }
}

fn offset(step: &Step) -> i64 {
    i64::from(step.offset_days)
}
