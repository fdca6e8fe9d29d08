//! Extensions: a due date put off, with who, when and why. The date before stays on record, and
//! ageing can be asked by either.

use domain::calendar::in_words;
use domain::ids::DocumentId;
use jiff::civil::Date;
use serde::Serialize;
use store::{documents, due_changes};

use crate::company::Company;
use crate::{Engine, Error, Result};

/// A due date that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Extended {
    /// The document's number.
    pub invoice: String,
    /// The date before.
    pub before: Date,
    /// The date since.
    pub due: Date,
    /// Why.
    pub reason: String,
}

impl Engine {
    /// Changes the due date of the document of that number.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a document that is not there, [`Error::Invalid`] for a date or
    /// reason that cannot be, and what the database says; then nothing was changed.
    pub async fn extend_due(
        &self,
        company: &Company,
        number: &str,
        until: Date,
        reason: &str,
        author: &str,
    ) -> Result<Extended> {
        let found = documents::by_number(&self.db, company.id, number).await?;
        let found = match found {
            Some(found) => found,
            None => return Err(self.no_document(company, number).await?),
        };
        self.extend(company, found.document.id, until, reason, author)
            .await
    }

    /// Changes the due date of a document.
    ///
    /// # Errors
    /// As [`Engine::extend_due`].
    pub async fn extend(
        &self,
        company: &Company,
        document: DocumentId,
        until: Date,
        reason: &str,
        author: &str,
    ) -> Result<Extended> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Error::invalid("motivo", "escriba por qué cambia la fecha"));
        }
        let mut tx = self.db.begin().await?;
        let found = documents::get(&mut tx, company.id, document).await?;
        let Some(found) = found.map(|found| found.document) else {
            return Err(Error::NotFound {
                what: "la factura",
                key: document.to_string(),
                hint: String::new(),
            });
        };
        let why = if found.kind.is_credit() {
            Some("una nota de crédito no vence".to_owned())
        } else if until == found.due {
            Some(format!("{} ya vence ese día", found.number))
        } else if until < found.issued {
            let issued = in_words(found.issued);
            Some(format!(
                "{} se emitió el {issued}: no puede vencer antes",
                found.number
            ))
        } else {
            None
        };
        if let Some(why) = why {
            return Err(Error::invalid("vencimiento", why));
        }
        let stamp = self.stamp(author);
        let change = due_changes::add(&mut tx, &stamp, company.id, document, (until, reason));
        let change = change.await?;
        tx.commit().await?;
        Ok(Extended {
            invoice: found.number,
            before: change.before,
            due: change.after,
            reason: change.reason,
        })
    }

    /// What to say of a number that no document bears: it may be that of a whole in parts.
    async fn no_document(&self, company: &Company, number: &str) -> Result<Error> {
        let wholes = store::papers::wholes(&self.db, company.id, &[number]).await?;
        let hint = if wholes.contains(number) {
            format!(": está en partes; diga cuál, como «{number} (1/2)»")
        } else {
            ": use su número tal como está en la cartera".to_owned()
        };
        Ok(Error::NotFound {
            what: "la factura",
            key: number.to_owned(),
            hint,
        })
    }
}
