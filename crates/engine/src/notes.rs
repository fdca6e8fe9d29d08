//! What people write down.

use domain::ids::{CustomerId, NoteId};
use store::{customers, notes};

use crate::company::Company;
use crate::{Engine, Error, Result};

pub use crate::by_hand::NewCall;

/// Most letters of a note.
pub const NOTE_CHARS_MAX: usize = 4_000;

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
}

pub(crate) fn check_length(what: &'static str, text: &str) -> Result<()> {
    if text.chars().count() <= NOTE_CHARS_MAX {
        return Ok(());
    }
    let why = format!("pasa de {NOTE_CHARS_MAX} letras: resúmala");
    Err(Error::invalid(what, why))
}
