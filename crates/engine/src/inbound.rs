//! What comes back: messages of customers, and signs of what became of our own.
//!
//! A message goes on the thread word for word and answers the contact it follows. Signs move a
//! contact forward only: repeated ones and those out of order change nothing. What an answer means
//! is recorded by who reads it: a promise, a hold, a payment.

use domain::contact::{ContactState, Sign};
use domain::customer::{Channel, Health};
use domain::ids::{ContactId, CustomerId};
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::contacts::ContactRecord;
use store::events::Event;
use store::messages::{self, Message};
use store::{Stamp, Tx, contacts, customers, events, tasks};
use uuid::Uuid;

use crate::company::Company;
use crate::{Engine, Error, Result, record};

/// A message answers the last contact made on its channel within so many days, unless it says
/// which.
const ANSWER_DAYS: i64 = 30;

/// A customer's message as it came in.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// The customer's key.
    pub customer: String,
    /// The channel.
    pub channel: Channel,
    /// The address it came from.
    pub address: String,
    /// The subject; empty where there is none.
    pub subject: String,
    /// The text, word for word.
    pub text: String,
    /// When it was written; now when it is not said.
    pub at: Option<Timestamp>,
    /// The provider's key of the message, by which it is known again; made of its parts when it
    /// has none.
    pub key: Option<String>,
    /// The contact it answers, where the message says so.
    pub answers: Option<ContactId>,
}

/// What an incoming message changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MessageReceived {
    /// The message's id.
    pub message: String,
    /// Whether it was on the thread already; then nothing was changed.
    pub known: bool,
    /// The contact it answers.
    pub answers: Option<String>,
}

/// A message that came back.
#[derive(Clone, Debug)]
pub struct Bounce {
    /// The contact.
    pub contact: ContactId,
    /// The address that refused it, where it is not the contact's own (a copy).
    pub address: Option<String>,
    /// Whether the address will never take it; else it may later.
    pub hard: bool,
    /// What the server said.
    pub reason: String,
    /// When it came back.
    pub at: Timestamp,
}

impl Engine {
    /// Puts a customer's message on the thread. The contact it answers becomes answered, and the
    /// customer is left in peace for the days that the policy says. The same message twice changes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer or contact that is not there, [`Error::Invalid`] for a
    /// text that is empty or a key that came with another text, and what the database says.
    pub async fn receive(
        &self,
        company: &Company,
        new: NewMessage,
        author: &str,
    ) -> Result<MessageReceived> {
        if new.text.trim().is_empty() {
            return Err(Error::invalid("mensaje", "no tiene texto"));
        }
        let customer = customers::id_of(&self.db, company.id, &new.customer)
            .await?
            .ok_or_else(|| Error::no_customer(&new.customer))?;
        let stamp = self.stamp(author);
        let at = new.at.unwrap_or(stamp.at);
        let entity = known_by(customer, &new, at);
        let digest = record::hex(&messages::digest(&new.subject, &new.text, None));
        let mut tx = self.db.begin().await?;
        let answered = self
            .lock_answered(&mut tx, company, customer, &new, at)
            .await?;
        let before = events::of_entity(&mut tx, company.id, entity).await?;
        if let Some(before) = before.first() {
            return known(before, &new, &digest);
        }
        let message = Message {
            id: stamp.ids.draw(),
            customer,
            // A contact has one message, its own; which contact an answer is for, its event says.
            contact: None,
            incoming: true,
            channel: new.channel,
            address: new.address,
            subject: new.subject,
            text: new.text,
            html: None,
            digest: [0; 32],
            at,
        };
        messages::add(&mut tx, &stamp, company.id, &message).await?;
        let answers = answered.as_ref().map(|contact| contact.id.to_string());
        let body = json!({
            "message": message.id.to_string(),
            "customer": customer.to_string(),
            "channel": message.channel.code(),
            "digest": digest,
            "answers": answers,
        });
        let kind = "message.received";
        events::append(&mut tx, &stamp, company.id, kind, Some(entity), &body).await?;
        if let Some(contact) = answered {
            let body = json!({ "at": at.to_string(), "message": message.id.to_string() });
            advance(
                &mut tx,
                &stamp,
                company,
                &contact,
                (Sign::Answered, None),
                body,
            )
            .await?;
        }
        tx.commit().await?;
        Ok(MessageReceived {
            message: message.id.to_string(),
            known: false,
            answers,
        })
    }

    /// The contact that a message answers, if there is one, locked with its customer.
    async fn lock_answered(
        &self,
        tx: &mut Tx,
        company: &Company,
        customer: CustomerId,
        new: &NewMessage,
        at: Timestamp,
    ) -> Result<Option<ContactRecord>> {
        let id = match new.answers {
            Some(id) => Some(id),
            None => {
                let from = at.checked_sub((ANSWER_DAYS * 24).hours()).unwrap_or(at);
                let whose = (customer, new.channel);
                contacts::latest_made(&mut *tx, company.id, whose, (from, at)).await?
            }
        };
        let Some(id) = id else {
            customers::lock(tx, company.id, customer).await?;
            return Ok(None);
        };
        let contact = contacts::lock(tx, company.id, id).await?;
        match contact.filter(|contact| contact.customer == customer) {
            Some(contact) => Ok(Some(contact)),
            None => Err(no_contact(id)),
        }
    }

    /// A contact reached its address, or was opened. Returns whether that is news.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a contact that is not there, [`Error::Invalid`] for one that was
    /// not made, and what the database says.
    pub async fn hear(
        &self,
        company: &Company,
        contact: ContactId,
        sign: Seen,
        at: Timestamp,
    ) -> Result<bool> {
        let sign = match sign {
            Seen::Delivered => Sign::Delivered,
            Seen::Read => Sign::Read,
        };
        let mut tx = self.db.begin().await?;
        let found = contacts::lock(&mut tx, company.id, contact).await?;
        let found = found.ok_or_else(|| no_contact(contact))?;
        let (stamp, body) = (self.stamp(crate::AUTHOR), json!({ "at": at.to_string() }));
        let news = advance(&mut tx, &stamp, company, &found, (sign, None), body).await?;
        tx.commit().await?;
        Ok(news)
    }

    /// A message came back. For good: the address is used no more, a person is asked for another,
    /// and the contact was none, so that its step may be made anew elsewhere. For now: it is noted.
    /// Returns whether the address stopped being used.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a contact or address that is not there, [`Error::Invalid`] for a
    /// contact that was not made, and what the database says.
    pub async fn bounce(&self, company: &Company, bounce: Bounce) -> Result<bool> {
        let mut tx = self.db.begin().await?;
        let contact = contacts::lock(&mut tx, company.id, bounce.contact).await?;
        let contact = contact.ok_or_else(|| no_contact(bounce.contact))?;
        contact.state.after(Sign::Bounced).map_err(never_made)?;
        let stamp = self.stamp(crate::AUTHOR);
        let points = customers::points_on(&mut tx, company.id, contact.customer, contact.channel);
        let points = points.await?;
        let point = points.iter().find(|point| match &bounce.address {
            Some(address) => point.address == *address,
            None => point.id == contact.point,
        });
        let point = point.ok_or_else(|| Error::NotFound {
            what: "el medio de contacto",
            key: bounce.address.clone().unwrap_or_default(),
            hint: format!(" del cliente {}", contact.customer_key),
        })?;
        let after = json!({ "at": bounce.at.to_string(), "reason": bounce.reason,
            "address": point.id.to_string(), "hard": bounce.hard });
        if !bounce.hard {
            let entity = Some(contact.id.uuid());
            let body = json!({ "after": after });
            let kind = "contact.delayed";
            events::append(&mut tx, &stamp, company.id, kind, entity, &body).await?;
            tx.commit().await?;
            return Ok(false);
        }
        if point.id == contact.point {
            let sign = (Sign::Bounced, Some(bounce.reason.as_str()));
            advance(&mut tx, &stamp, company, &contact, sign, after).await?;
        }
        let works = point.health == Health::Good && contact.state != ContactState::Answered;
        if works {
            let whose = (contact.customer, point.id);
            let health = Health::Bouncing;
            customers::set_health(&mut tx, &stamp, company.id, whose, health).await?;
            let task = crate::outreach::address_task(&point.address, &contact.customer_key);
            let about = (Some(contact.customer), Some(contact.id));
            tasks::add(&mut tx, &stamp, company.id, about, &task.kind, &task.text).await?;
        }
        tx.commit().await?;
        Ok(works)
    }

    /// The instant of the earliest contact that waits to be made; `None` when none does.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next_planned(&self, company: &Company) -> Result<Option<Timestamp>> {
        Ok(contacts::next_planned(&self.db, company.id).await?)
    }
}

/// What a channel tells of a message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It reached the address.
    Delivered,
    /// It was opened.
    Read,
}

/// Moves a locked contact on after a sign, with the event of the change. Returns whether the sign
/// was news.
async fn advance(
    tx: &mut Tx,
    stamp: &Stamp,
    company: &Company,
    contact: &ContactRecord,
    (sign, reason): (Sign, Option<&str>),
    mut after: Value,
) -> Result<bool> {
    let Some(next) = contact.state.after(sign).map_err(never_made)? else {
        return Ok(false);
    };
    after["state"] = json!(next.code());
    let body = json!({ "before": { "state": contact.state.code() }, "after": after });
    contacts::set_state(tx, stamp, company.id, (contact.id, next), reason, &body).await?;
    Ok(true)
}

/// The answer to a message that is on the thread already.
fn known(before: &Event, new: &NewMessage, digest: &str) -> Result<MessageReceived> {
    if before.body["digest"] != json!(digest) {
        let key = new.key.as_deref().unwrap_or_default();
        let why = format!("la clave «{key}» ya es de un mensaje con otro texto");
        return Err(Error::invalid("mensaje", why));
    }
    let text = |name: &str| before.body[name].as_str().map(str::to_owned);
    Ok(MessageReceived {
        message: text("message").unwrap_or_default(),
        known: true,
        answers: text("answers"),
    })
}

/// The name under which a message is known again: its provider's key, else all its parts.
fn known_by(customer: CustomerId, new: &NewMessage, at: Timestamp) -> Uuid {
    let at = at.to_string();
    let (customer, channel) = (customer.to_string(), new.channel.code());
    let parts: &[&str] = match &new.key {
        Some(key) => &["key", channel, key],
        None => &[
            "parts",
            &customer,
            channel,
            &new.address,
            &at,
            &new.subject,
            &new.text,
        ],
    };
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn no_contact(id: ContactId) -> Error {
    Error::NotFound {
        what: "la gestión",
        key: id.to_string(),
        hint: ": `puntual export contacts` las lista".to_owned(),
    }
}

fn never_made(error: domain::contact::NeverMade) -> Error {
    let state = error.state;
    let why = format!("está en «{state}», todavía no salió: revise de qué gestión se trata");
    Error::invalid("gestión", why)
}
