//! What people write down: notes, and calls with their result.

use domain::call::CallResult;
use domain::customer::Channel;
use domain::ids::{CustomerId, NoteId};
use jiff::Timestamp;
use store::messages::{self, Message};
use store::{customers, notes};

use crate::company::Company;
use crate::{Engine, Error, Result};

/// Most letters of a note.
pub const NOTE_CHARS_MAX: usize = 4_000;

/// A call as someone records it.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// The customer.
    pub customer: CustomerId,
    /// The number; empty when it was not kept.
    pub number: String,
    /// How it ended.
    pub result: CallResult,
    /// What was said.
    pub note: String,
    /// When; now when it is not said.
    pub at: Option<Timestamp>,
}

impl Engine {
    /// Writes a note down.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text that is empty or too long, [`Error::NotFound`] for a customer
    /// that is not there, and what the database says.
    pub async fn add_note(
        &self,
        company: &Company,
        customer: CustomerId,
        text: &str,
        author: &str,
    ) -> Result<NoteId> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::invalid("nota", "escriba la nota"));
        }
        check_length("nota", text)?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        if !customers::lock(&mut tx, company.id, customer).await? {
            return Err(Error::no_customer(&customer.to_string()));
        }
        let id = notes::add(&mut tx, &stamp, company.id, customer, text).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Puts a call on the thread. A conversation counts as the customer's word: the customer is
    /// left in peace for the days that the policy says, as after a message.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a conversation without a note, a text that is too long or a call yet
    /// to come, [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn add_call(&self, company: &Company, new: NewCall, author: &str) -> Result<()> {
        let note = new.note.trim();
        check_length("nota", note)?;
        check_length("número", new.number.trim())?;
        if new.result.is_conversation() && note.is_empty() {
            return Err(Error::invalid("nota", "escriba en una línea qué se habló"));
        }
        let stamp = self.stamp(author);
        let at = new.at.unwrap_or(stamp.at);
        if at > stamp.at {
            return Err(Error::invalid("hora", "la llamada está por venir"));
        }
        let text = if note.is_empty() {
            format!("Llamada: {}.", new.result.name_es())
        } else {
            note.to_owned()
        };
        let message = Message {
            id: stamp.ids.draw(),
            customer: new.customer,
            contact: None,
            incoming: new.result.is_conversation(),
            channel: Channel::Call,
            address: new.number.trim().to_owned(),
            subject: String::new(),
            text,
            html: None,
            digest: [0; 32],
            at,
        };
        let mut tx = self.db.begin().await?;
        if !customers::lock(&mut tx, company.id, new.customer).await? {
            return Err(Error::no_customer(&new.customer.to_string()));
        }
        messages::add(&mut tx, &stamp, company.id, &message).await?;
        let call = (message.id, new.result);
        notes::add_call(&mut tx, &stamp, company.id, new.customer, call).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn check_length(what: &'static str, text: &str) -> Result<()> {
    if text.chars().count() <= NOTE_CHARS_MAX {
        return Ok(());
    }
    let why = format!("pasa de {NOTE_CHARS_MAX} letras: resúmala");
    Err(Error::invalid(what, why))
}
