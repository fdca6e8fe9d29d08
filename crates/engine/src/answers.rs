//! What leaves because the customer asked for it: a statement, a code for its page. Such a message
//! is no contact of the policy; the law is asked of it all the same, its words are checked, and
//! what may not leave is told to a person.

use domain::customer::{Channel, ContactPoint};
use domain::facts::Position;
use domain::ids::CustomerId;
use domain::law::MessageKind;
use jiff::Timestamp;
use language::message_check::{self, Known, Message};
use serde_json::json;
use store::{events, tasks};

use crate::company::Company;
use crate::{Engine, Result};

/// How soon an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// It may wait for an hour at which the law lets the company write.
    InTime,
    /// This second, by whoever waits at the door: rules of hours and of how often say when a
    /// company may turn to a debtor, not when it may answer one. What no waiting lifts (a stop, a
    /// ban, a consent, a wrong person) holds.
    Now,
}

/// The words of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    /// Subject line.
    pub subject: &'a str,
    /// Plain text.
    pub text: &'a str,
    /// The same as HTML.
    pub html: &'a str,
}

impl Engine {
    /// Why an answer may not leave by e-mail to an address, in Spanish, each with its article;
    /// empty when it may.
    pub(crate) fn answer_held_back(
        &self,
        company: &Company,
        (position, point): (&Position, &ContactPoint),
        words: Words<'_>,
        (at, wanted): (Timestamp, Wanted),
    ) -> Vec<String> {
        let kind = MessageKind::InfoRequestedByDebtor;
        let asked = self.ask(company, position, point, kind, at);
        let failures = asked.verdict.failures.iter();
        let holds = failures.filter(|rule| match wanted {
            Wanted::InTime => true,
            Wanted::Now => !rule.kind.passes_with_time(),
        });
        let mut why: Vec<String> = holds
            .map(|rule| format!("{} ({})", rule.sentence, rule.article))
            .collect();
        why.extend(asked.address_says.iter().map(|it| (*it).to_owned()));
        let law = asked.resolved.applicable(&company.packs);
        let day = company.day_of(at);
        let creditors = vec![company.legal_name.as_str(), company.public_name()];
        let customer = position.customer.name.as_str();
        let known = Known {
            names: creditors.iter().copied().chain([customer]).collect(),
            creditors,
            actor: asked.resolved.facts.actor,
            ..Known::default()
        };
        let message = Message {
            channel: Channel::Email,
            subject: words.subject,
            preview: "",
            text: words.text,
            html: Some(words.html),
        };
        let findings =
            message_check::check(&message, &law.content(day, kind), &law.fees(day), &known);
        why.extend(findings.iter().map(|finding| {
            let rule = &finding.rule;
            format!("{} ({})", rule.sentence, rule.article)
        }));
        why
    }

    /// Notes that an answer did not leave, and asks a person to look at it, once for each customer
    /// and kind however often it is asked for.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn tell_held_back(
        &self,
        company: &Company,
        customer: CustomerId,
        (kind, what): (&'static str, &str),
        why: &[String],
        author: &str,
    ) -> Result<()> {
        let stamp = self.stamp(author);
        let text = format!(
            "{what} no salió: {} Véalo con el cliente por otro medio, o cuando se pueda.",
            why.join(" ")
        );
        let mut tx = self.db.begin().await?;
        if tasks::add_once_of(&mut tx, &stamp, company.id, customer, kind, &text).await? {
            let body = json!({ "after": { "kind": kind, "why": why } });
            let entity = Some(customer.uuid());
            events::append(
                &mut tx,
                &stamp,
                company.id,
                "answer.held_back",
                entity,
                &body,
            )
            .await?;
        }
        Ok(tx.commit().await?)
    }
}
