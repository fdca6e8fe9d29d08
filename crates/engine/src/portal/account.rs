//! What a customer sees of its own account.

use domain::Currency;
use domain::charges::Charged;
use domain::hold::HoldKind;
use domain::ids::DocumentId;
use domain::ledger::{Books, Statement};
use domain::portal::{ClaimState, Totals, free, totals};
use domain::preference::Preferences;
use domain::promise::{Promise, PromiseState};
use jiff::ToSpan;
use jiff::civil::Date;
use store::payment_claims::{self, PaymentClaim};
use store::portal::Link;
use store::positions::{Slice, positions};
use store::preferences;

use super::door::Visit;
use crate::company::Company;
use crate::{Engine, Error, Result};

/// Claims looked at; older ones matter no more.
const CLAIMS_MAX: u32 = 20;

/// What was closed longer ago than so many days bears on nothing here.
const HISTORY_DAYS: i64 = 400;

/// After a promise was broken, so many days without another that nobody agreed to.
const BROKEN_DAYS: i64 = 30;

/// A customer's account at this instant.
#[derive(Clone, Debug)]
pub struct Account {
    /// Documents, what is held of them, and money in favour, at the end of the day.
    pub statement: Statement,
    /// The same per currency.
    pub totals: Vec<Totals>,
    /// Promises whose day has not passed and whose money is not in.
    pub promises: Vec<Promise>,
    /// What the customer says was paid and nobody has looked at.
    pub claims: Vec<PaymentClaim>,
    pub(super) books: Books,
    pub(super) last_claims: Vec<PaymentClaim>,
}

/// Within what a promise is taken down without asking anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseLimits {
    /// The first day that may be promised.
    pub from: Date,
    /// The last.
    pub until: Date,
    /// The most that may be promised, per currency; those with nothing to promise are left out.
    pub most: Vec<domain::Money>,
}

impl Account {
    /// The day of its figures.
    pub const fn day(&self) -> Date {
        self.statement.day
    }

    /// The currencies in which something is open.
    pub fn currencies(&self) -> Vec<Currency> {
        let open = self.totals.iter().filter(|it| it.open.minor > 0);
        open.map(|it| it.open.currency).collect()
    }

    /// What is open and not held in a currency, less what is in the customer's favour.
    pub fn free(&self, currency: Currency) -> domain::Money {
        free(&self.statement, currency)
    }

    /// What a document consists of, where it is a note by which charges became a document.
    pub fn charges_of(&self, document: DocumentId) -> Option<&Charged> {
        self.books.charged.iter().find(|it| it.note == document)
    }

    /// Whether something of a document waits for an answer of the company.
    pub fn is_disputed(&self, number: &str) -> bool {
        let mut documents = self.statement.documents.iter();
        documents.any(|it| it.number == number && it.held_as.contains(&HoldKind::Dispute))
    }

    /// Within what a promise is taken down without asking; `None` where the policy wants a person
    /// to agree, nothing is open, or one was broken not long ago.
    pub fn promise_limits(&self, company: &Company) -> Option<PromiseLimits> {
        let days = company.policy.terms.promise_days_max?;
        let from = self.day();
        let most: Vec<_> = self
            .currencies()
            .into_iter()
            .filter(|currency| !self.broke_one(*currency))
            .map(|currency| self.free(currency))
            .filter(|free| free.minor > 0)
            .collect();
        (!most.is_empty()).then(|| PromiseLimits {
            from,
            until: from.saturating_add(i64::from(days).days()),
            most,
        })
    }

    fn broke_one(&self, currency: Currency) -> bool {
        let paid = self.books.paid(currency);
        let day = self.day();
        let of = self.books.promises.iter();
        of.filter(|promise| promise.amount.currency == currency)
            .any(|promise| match promise.state_on(day, &paid) {
                PromiseState::Broken { since } => {
                    domain::calendar::days_late(since, day) < BROKEN_DAYS
                }
                _ => false,
            })
    }
}

impl Engine {
    /// The account of who visits.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_account(&self, visit: &Visit) -> Result<Account> {
        self.account_of(&visit.company, &visit.link).await
    }

    pub(super) async fn account_of(&self, company: &Company, link: &Link) -> Result<Account> {
        let day = company.day_of(self.now());
        let slice = Slice::Only(vec![link.customer]);
        let horizon = Some(day.saturating_sub(HISTORY_DAYS.days()));
        let standing = positions(&self.db, company.id, slice, horizon).await?.pop();
        let standing = standing.ok_or_else(|| Error::no_customer(&link.customer.to_string()))?;
        let books = standing.position.books;
        let statement = books.statement(day);
        let pending = |promise: &&Promise| {
            let paid = books.paid(promise.amount.currency);
            promise.state_on(day, &paid) == PromiseState::Pending
        };
        let of = (company.id, link.customer);
        let last_claims = payment_claims::of_customer(&self.db, of.0, of.1, CLAIMS_MAX).await?;
        let open = |claim: &&PaymentClaim| claim.state == ClaimState::Open;
        Ok(Account {
            totals: totals(&statement),
            promises: books.promises.iter().filter(pending).cloned().collect(),
            claims: last_claims.iter().filter(open).cloned().collect(),
            statement,
            books,
            last_claims,
        })
    }

    /// The hours at which who visits wants to be written to; `None` for any.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_preferences(&self, visit: &Visit) -> Result<Preferences> {
        let (company, customer) = (visit.link.company, visit.link.customer);
        Ok(preferences::of_customer(&self.db, company, customer).await?)
    }
}
