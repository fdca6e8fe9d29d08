//! The first steps of a company: made by the person who will sit there, and the message a customer
//! would get before anything is sent.

use domain::calendar;
use domain::decide::{Outcome, decide};
use domain::ids::{CompanyId, UserId};
use domain::user::Role;
use jiff::Timestamp;
use store::positions::{Slice, positions};
use store::wizards::{self, Wizard};
use store::{companies, customers, users};

use crate::company::Company;
use crate::daily_run::CHANNELS;
use crate::wording::Wording;
use crate::{CompanyChange, Engine, Error, NewCompany, Result, RunMode, compose};

/// Longest short name.
const NAME_CHARS_MAX: usize = 32;
/// Companies of one name.
const SAME_NAME_MAX: u32 = 1_000;

/// A message as its customer would see it.
#[derive(Clone, Debug)]
pub struct MessageShown {
    /// Subject.
    pub subject: String,
    /// Text part.
    pub text: String,
    /// HTML part.
    pub html: String,
    /// The instant at which it would leave.
    pub at: Timestamp,
}

impl Engine {
    /// Makes a company for a user, who administers it, and begins its first steps. Its short name
    /// is made of the legal one.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a name, and what the database says.
    pub async fn begin_company(
        &self,
        new: NewCompany,
        user: UserId,
        step: &str,
        author: &str,
    ) -> Result<Company> {
        let legal_name = new.legal_name.clone().unwrap_or_default();
        let legal_name = legal_name.trim().to_owned();
        let base = short_name(&legal_name);
        if base.is_empty() {
            return Err(Error::invalid(
                "razón social",
                "escriba el nombre de la empresa",
            ));
        }
        let name = self.free_name(&base).await?;
        let new = NewCompany {
            name,
            legal_name: Some(legal_name),
            ..new
        };
        let company = self.add_company(new, author).await?;
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        users::seat(&mut tx, &stamp, company.id, user, Role::Admin).await?;
        wizards::put(&mut tx, &stamp, company.id, step).await?;
        tx.commit().await?;
        // Whoever begins at a screen sees each day's run before it goes, until they say otherwise.
        let review = CompanyChange {
            name: "runs".to_owned(),
            value: RunMode::Review.code().to_owned(),
        };
        self.set_company(&company, &[review], author).await
    }

    async fn free_name(&self, base: &str) -> Result<String> {
        for count in 1..SAME_NAME_MAX {
            let name = match count {
                1 => base.to_owned(),
                count => format!("{base}-{count}"),
            };
            if companies::by_name(&self.db, &name).await?.is_none() {
                return Ok(name);
            }
        }
        Err(Error::invalid(
            "razón social",
            format!("hay demasiadas empresas «{base}»"),
        ))
    }

    /// How far a company came in its first steps; `None` for one that was made without them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn wizard(&self, company: CompanyId) -> Result<Option<Wizard>> {
        Ok(wizards::get(&self.db, company).await?)
    }

    /// Keeps the step a company stands at.
    ///
    /// # Errors
    /// What the database says.
    pub async fn wizard_at(&self, company: CompanyId, step: &str, author: &str) -> Result<()> {
        let mut tx = self.db.begin().await?;
        wizards::put(&mut tx, &self.stamp(author), company, step).await?;
        Ok(tx.commit().await?)
    }

    /// Ends the first steps of a company.
    ///
    /// # Errors
    /// What the database says.
    pub async fn end_wizard(&self, company: CompanyId, author: &str) -> Result<()> {
        let mut tx = self.db.begin().await?;
        wizards::finish(&mut tx, &self.stamp(author), company).await?;
        Ok(tx.commit().await?)
    }

    /// The message a customer would get from a run at `at`; `None` when there would be none.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn message_at(
        &self,
        company: &Company,
        customer: &str,
        at: Timestamp,
    ) -> Result<Option<MessageShown>> {
        let absent = || Error::no_customer(customer);
        let id = customers::id_of(&self.db, company.id, customer).await?;
        let only = Slice::Only(vec![id.ok_or_else(absent)?]);
        let standing = positions(&self.db, company.id, only, None).await?;
        let position = standing.into_iter().next().ok_or_else(absent)?.position;
        let facts = company.facts(CHANNELS);
        let decision = decide(&company.rules(&facts), &position, at);
        let Outcome::Contact(plan) = decision.outcome else {
            return Ok(None);
        };
        let day = calendar::local(plan.at, &company.zone).date();
        let wording = Wording::of(company, &plan, &position, day);
        let message = compose::message(
            &self.templates,
            company,
            &position.customer,
            (&plan, &wording),
            day,
            None,
        )?;
        Ok(Some(MessageShown {
            subject: message.rendered.subject,
            text: message.rendered.text,
            html: message.rendered.html,
            at: plan.at,
        }))
    }
}

/// A name for paths: small letters without accents, digits, dashes.
fn short_name(legal_name: &str) -> String {
    let mut name = String::new();
    for sign in legal_name.chars().flat_map(char::to_lowercase) {
        let plain = match sign {
            'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'í' | 'ì' | 'î' | 'ï' => 'i',
            'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
            'ú' | 'ù' | 'û' | 'ü' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            sign => sign,
        };
        // The dots of S.A. join, other signs part.
        if plain.is_ascii_alphanumeric() {
            name.push(plain);
        } else if plain != '.' && !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let cut: String = name.chars().take(NAME_CHARS_MAX).collect();
    cut.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_fits_a_path() {
        let cases = [
            (
                "Papelería y Suministros del Valle, S.A. de C.V.",
                "papeleria-y-suministros-del-vall",
            ),
            ("Ñandú & Cía.", "nandu-cia"),
            ("  ///  ", ""),
            ("../etc", "etc"),
        ];
        for (legal, short) in cases {
            assert_eq!(short_name(legal), short);
        }
    }
}
