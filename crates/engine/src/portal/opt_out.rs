//! "No more messages by e-mail", without a session: by the link in each message, or by the one
//! click that mail programs offer (RFC 8058). It works as long as the company does, also when the
//! link to the account has expired or was revoked.

use domain::customer::Channel;
use store::{companies, portal};

use super::tokens::Purpose;
use crate::company::Company;
use crate::{Engine, Error, Result};

/// Who asks for no more messages, and of whom.
#[derive(Clone, Debug)]
pub struct OptOut {
    /// The company.
    pub company: Company,
    /// The language of the customer, else of the company.
    pub language: String,
    customer: String,
}

impl Engine {
    /// What a link to opt out is about; `None` for one that was not made here. Asking changes
    /// nothing: mail scanners open links.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_opt_out(&self, token: &str) -> Result<Option<OptOut>> {
        let Some(id) = self.portal_key().await?.read(Purpose::OptOut, token) else {
            return Ok(None);
        };
        let Some(link) = portal::link(&self.db, id).await? else {
            return Ok(None);
        };
        let company = companies::get(&self.db, link.company).await?;
        let (Some(company), Some(customer)) = (company, self.customer_of(&link).await?) else {
            return Ok(None);
        };
        let company = self.load(company).await?;
        let language = customer.language.as_ref().unwrap_or(&company.language);
        Ok(Some(OptOut {
            language: language.clone(),
            company,
            customer: customer.key,
        }))
    }

    /// Withdraws consent at every e-mail address of the customer, since a message may have had
    /// several readers; what is planned does not leave any more. Once is enough.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_confirm_opt_out(&self, opt_out: &OptOut) -> Result<()> {
        let company = &opt_out.company;
        let said = (company.day_of(self.now()), "enlace de baja en un correo");
        let (customer, author) = (&opt_out.customer, super::AUTHOR);
        let done = self.withdraw_consent(company, customer, Channel::Email, said, author);
        match done.await {
            // No address is left to write to.
            Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
