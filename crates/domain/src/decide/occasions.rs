//! What is not the ladder: the answer to a broken promise, thanks, and the courtesy notice.

use jiff::civil::Date;

use super::content::{plus_days, totals};
use super::{Candidate, Case, Content};
use crate::calendar;
use crate::contact::ContactKey;
use crate::decide::Silence;
use crate::law::MessageKind;
use crate::money::Money;
use crate::policy::{EventStep, Trigger};
use crate::promise::PromiseState;

impl<'a> Case<'a> {
    fn events(&self, trigger: Trigger) -> impl Iterator<Item = &'a EventStep> + use<'a> {
        self.rules
            .policy
            .events
            .iter()
            .filter(move |event| event.on == trigger)
    }

    pub(super) fn broken_promise(&self) -> Result<Option<Candidate<'a>>, Silence> {
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
            || self.cancelled().any(|contact| contact.key == *key)
    }

    /// Thanks for a payment that brought the account back in order, or eased it.
    pub(super) fn thanks(&self) -> Option<Candidate<'a>> {
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
        // What the company debited itself, a business day late or not, is nothing to thank for.
        before.documents.iter().find(|line| {
            let currency = line.open.currency;
            currency == payment.amount.currency && line.due < payment.on && !line.direct_debit
        })?;
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

    /// The courtesy notice: one for all that falls due within its days, or `otherwise`.
    pub(super) fn courtesy(&mut self, otherwise: Silence) -> Result<Candidate<'a>, Silence> {
        let Some(courtesy) = &self.rules.policy.courtesy else {
            return Err(otherwise);
        };
        let day = self.seen.day;
        let days_before = i64::from(courtesy.days_before);
        let mut upcoming = self.upcoming(days_before);
        let announced = |due: Date| {
            self.made().any(|(contact, on)| match contact.key {
                ContactKey::Courtesy { due: other } => {
                    other == due || (on >= plus_days(due, -days_before) && on <= due)
                }
                _ => false,
            }) || self
                .cancelled()
                .any(|contact| contact.key == ContactKey::Courtesy { due })
        };
        upcoming.retain(|line| !announced(line.due));
        let Some(due) = upcoming.first().map(|line| line.due) else {
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
        self.treatment(&[], calendar::days_late(due, day))?;
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
}
