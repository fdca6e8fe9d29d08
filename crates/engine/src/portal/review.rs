//! The company's side: what customers said on their pages and a person has to answer.

use domain::ids::{HoldId, PaymentClaimId};
use domain::portal::ClaimState;
use store::payment_claims::{self, Dispute, PaymentClaim, Waiting};
use store::{StoreError, customers, holds, portal, tasks};

use crate::company::Company;
use crate::{Engine, Error, Result};

/// Rows of a page.
const PAGE: u32 = 50;

impl Engine {
    /// What customers say was paid and nobody has looked at, oldest first, behind one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claims_waiting(
        &self,
        company: &Company,
        after: Option<PaymentClaimId>,
    ) -> Result<Vec<Waiting<PaymentClaim>>> {
        Ok(payment_claims::open(&self.db, company.id, after, PAGE).await?)
    }

    /// Disputes that hold today, oldest first, behind one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn disputes_waiting(
        &self,
        company: &Company,
        after: Option<HoldId>,
    ) -> Result<Vec<Waiting<Dispute>>> {
        let today = company.day_of(self.now());
        Ok(payment_claims::disputes(&self.db, company.id, today, after, PAGE).await?)
    }

    /// The money was found. The hold stays until its own end: the payment is recorded next.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a claim that is not there or was answered, and what the database
    /// says.
    pub async fn accept_claim(
        &self,
        company: &Company,
        claim: PaymentClaimId,
        author: &str,
    ) -> Result<PaymentClaim> {
        let answer = (ClaimState::Accepted, "");
        self.answer_claim(company, claim, answer, author).await
    }

    /// The money was not found: its amount is asked for again from today.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an empty reason, else as [`Engine::accept_claim`].
    pub async fn reject_claim(
        &self,
        company: &Company,
        claim: PaymentClaimId,
        reason: &str,
        author: &str,
    ) -> Result<PaymentClaim> {
        let reason = reason.trim();
        if reason.is_empty() {
            let why = "escriba por qué no se encontró el pago";
            return Err(Error::invalid("motivo", why));
        }
        let answer = (ClaimState::Rejected, reason);
        self.answer_claim(company, claim, answer, author).await
    }

    async fn answer_claim(
        &self,
        company: &Company,
        id: PaymentClaimId,
        (state, reason): (ClaimState, &str),
        author: &str,
    ) -> Result<PaymentClaim> {
        let missing = || Error::NotFound {
            what: "un aviso de pago por revisar",
            key: id.to_string(),
            hint: ": quizá alguien ya lo contestó".to_owned(),
        };
        let stamp = self.stamp(author);
        let today = company.day_of(stamp.at);
        let mut tx = self.db.begin().await?;
        let claim = payment_claims::get(&mut tx, company.id, id).await?;
        let claim = claim.ok_or_else(missing)?;
        customers::lock(&mut tx, company.id, claim.customer).await?;
        let answer = (state, reason);
        match payment_claims::answer(&mut tx, &stamp, company.id, id, answer).await {
            Err(StoreError::Missing { .. }) => return Err(missing()),
            other => other?,
        }
        if let (ClaimState::Rejected, Some(hold)) = (state, claim.hold) {
            holds::end(&mut tx, &stamp, company.id, hold, today, reason).await?;
        }
        match tasks::done(&mut tx, &stamp, company.id, claim.task).await {
            // Someone ticked it off already.
            Ok(()) | Err(StoreError::Missing { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        tx.commit().await?;
        Ok(PaymentClaim { state, ..claim })
    }

    /// Revokes every link of a customer; how many worked. Open visits end with them, and the next
    /// message carries a fresh one.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn revoke_links(
        &self,
        company: &Company,
        customer: &str,
        author: &str,
    ) -> Result<u64> {
        let id = customers::id_of(&self.db, company.id, customer).await?;
        let id = id.ok_or_else(|| Error::no_customer(customer))?;
        let mut tx = self.db.begin().await?;
        let revoked = portal::revoke_links(&mut tx, &self.stamp(author), company.id, id).await?;
        tx.commit().await?;
        Ok(revoked)
    }
}
