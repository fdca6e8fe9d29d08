//! What the pages of reconciliation show.

use domain::Money;
use domain::document::DocumentKind;
use domain::ids::{BankTransactionId, CustomerId, MatchId};
use domain::search::Question;
use jiff::Timestamp;
use jiff::civil::Date;
use store::bank::{self, BankAccount, BankLine};
use store::matches::{self, Listed};
use store::{documents, search};

use super::{Gap, gaps};
use crate::company::Company;
use crate::{Engine, Result};

/// Rows of a page.
const PAGE: u32 = 50;
/// Statements of an account looked at.
const STATEMENTS_LOOKED_AT: u32 = 400;
/// Documents offered for a line.
const CHOICES_MAX: usize = 20;

/// An account with how fresh and whole its data is.
#[derive(Clone, Debug)]
pub struct AccountSeen {
    /// The account.
    pub account: BankAccount,
    /// Its balance at the end of its latest statement that says one.
    pub balance: Option<(Money, Option<Date>)>,
    /// What is missing or does not add up.
    pub gaps: Vec<Gap>,
}

/// A document that a person may lay a line on.
#[derive(Clone, Debug)]
pub struct HandChoice {
    /// Its number.
    pub number: String,
    /// Whose it is.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// Civil date it falls due.
    pub due: Date,
    /// What is open of it.
    pub open: Money,
}

impl Engine {
    /// The company's accounts, with balance and gaps.
    ///
    /// # Errors
    /// What the database says.
    pub async fn bank_accounts(&self, company: &Company) -> Result<Vec<AccountSeen>> {
        let mut seen = Vec::new();
        for account in bank::accounts(&self.db, company.id).await? {
            let limit = STATEMENTS_LOOKED_AT;
            let all = bank::statements(&self.db, company.id, account.id, limit).await?;
            let latest = all.iter().find(|it| it.closing.is_some());
            let balance =
                latest.and_then(|it| Some((Money::new(it.closing?, account.currency), it.to)));
            seen.push(AccountSeen {
                balance,
                gaps: gaps(&all),
                account,
            });
        }
        Ok(seen)
    }

    /// Says whether customers' money comes in on an account, so that its last day counts.
    ///
    /// # Errors
    /// What the database says.
    pub async fn watch_account(
        &self,
        company: &Company,
        account: domain::BankAccountId,
        watched: bool,
        author: &str,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        bank::watch(&mut tx, &self.stamp(author), company.id, account, watched).await?;
        tx.commit().await?;
        Ok(())
    }

    /// A page of proposals, the largest amounts first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn proposals(
        &self,
        company: &Company,
        after: Option<(i64, MatchId)>,
    ) -> Result<Vec<Listed>> {
        Ok(matches::proposed(&self.db, company.id, after, PAGE).await?)
    }

    /// A page of lines that wait for a match, the largest amounts first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn waiting_lines(
        &self,
        company: &Company,
        after: Option<(i64, BankTransactionId)>,
    ) -> Result<Vec<BankLine>> {
        Ok(bank::waiting(&self.db, company.id, after, PAGE).await?)
    }

    /// A page of matches that were applied, accepted, refused or undone, the latest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn decided_matches(
        &self,
        company: &Company,
        before: Option<(Timestamp, MatchId)>,
    ) -> Result<Vec<Listed>> {
        Ok(matches::decided(&self.db, company.id, before, PAGE).await?)
    }

    /// Every match there ever was of a line, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn line_history(
        &self,
        company: &Company,
        line: BankTransactionId,
    ) -> Result<Vec<Listed>> {
        Ok(matches::of_line(&self.db, company.id, line).await?)
    }

    /// Open documents of the line's currency whose number answers a question.
    ///
    /// # Errors
    /// What the database says.
    pub async fn hand_choices(
        &self,
        company: &Company,
        line: &BankLine,
        asked: &str,
    ) -> Result<Vec<HandChoice>> {
        let question = Question::new(asked);
        let found = search::documents(&self.db, company.id, &question, CHOICES_MAX).await?;
        let mut choices = Vec::with_capacity(found.len());
        for id in found {
            let Some(record) = documents::get(&self.db, company.id, id).await? else {
                continue;
            };
            let document = record.document;
            let fits = document.kind != DocumentKind::CreditNote
                && document.amount.currency == line.amount.currency;
            let open = documents::open_on(&self.db, company.id, id, Date::MAX).await?;
            if fits && open > 0 {
                choices.push(HandChoice {
                    number: document.number,
                    customer: record.customer,
                    customer_key: record.customer_key,
                    due: document.due,
                    open: Money::new(open, document.amount.currency),
                });
            }
        }
        Ok(choices)
    }
}
