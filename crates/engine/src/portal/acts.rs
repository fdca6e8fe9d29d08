//! What a customer says on its page: a promise, a dispute, "I have paid", a message, preferences.
//!
//! Nothing here frees more than is open, and what frees without a person's word ends by itself.

use domain::calendar::in_words;
use domain::customer::{Channel, Consent};
use domain::file::FileKind;
use domain::hold::{Hold, HoldKind};
use domain::ids::{HoldId, PaymentClaimId};
use domain::portal::{CLAIM_HOLD_DAYS, CLAIMS_OPEN_MAX, ClaimState};
use domain::preference::{Preferences, Purpose, Said, Statement};
use domain::{Currency, Money};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use store::payment_claims::{self, PaymentClaim};
use store::{consents, contacts, customers, documents, holds, messages, preferences, tasks};

use super::AUTHOR;
use super::account::Account;
use super::door::Visit;
use crate::customers::{lock_readers, say_for};
use crate::files::{self, NewFile};
use crate::inbound::NewMessage;
use crate::promises::NewPromise;
use crate::{Engine, Result};

/// The longest text a customer may write.
pub const TEXT_LETTERS_MAX: usize = 4_000;
/// Messages of one customer a day.
const MESSAGES_A_DAY_MAX: u32 = 20;
/// A payment may have been made so many days ago.
const PAID_DAYS_MAX: i64 = 365;
/// Claims that were not so, after which the next one no longer holds anything by itself.
const REJECTED_MAX: usize = 2;

/// Why something that a customer said was not taken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nothing was written where something is needed.
    Empty,
    /// A text longer than [`TEXT_LETTERS_MAX`].
    TooLong,
    /// Not an amount above zero with the currency's digits.
    NoAmount,
    /// More than may be said something about.
    AmountOver(Money),
    /// A day outside these.
    DayOutside(Date, Date),
    /// No such open document.
    NoDocument,
    /// The document, or all that is open, waits for an answer already.
    AlreadyHeld,
    /// It needs a person's word.
    AskUs,
    /// As many as may wait at one time.
    TooMany,
    /// A file that is no PDF, JPEG or PNG, or a larger one than is kept.
    File,
}

/// What a customer said, taken down or not.
pub type Done<T = ()> = Result<Result<T, Refused>>;

/// A promise as it was taken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromiseMade {
    /// How much.
    pub amount: Money,
    /// The last day.
    pub due_on: Date,
}

/// What a customer does not agree with.
#[derive(Clone, Debug)]
pub struct NewDispute {
    /// The document's number.
    pub document: String,
    /// How much of it; all that is open and not held when it is not said.
    pub amount: Option<Decimal>,
    /// Why, in the customer's words.
    pub reason: String,
}

/// What a customer says was paid.
#[derive(Clone, Debug)]
pub struct NewClaim {
    /// How much.
    pub amount: Decimal,
    /// In which currency.
    pub currency: Currency,
    /// When.
    pub paid_on: Date,
    /// The bank's reference; may be empty.
    pub reference: String,
    /// Anything else; may be empty.
    pub note: String,
    /// The receipt.
    pub file: Option<NewFile>,
}

fn text(words: &str) -> Result<&str, Refused> {
    let words = words.trim();
    if words.is_empty() {
        return Err(Refused::Empty);
    }
    short(words)
}

fn short(words: &str) -> Result<&str, Refused> {
    let words = words.trim();
    if words.chars().count() > TEXT_LETTERS_MAX {
        return Err(Refused::TooLong);
    }
    Ok(words)
}

fn amount(value: Decimal, currency: Currency) -> Result<Money, Refused> {
    let money = Money::from_decimal(value, currency).ok();
    money.filter(|it| it.minor > 0).ok_or(Refused::NoAmount)
}

/// Whether a file can be a receipt: one that a person looks at.
fn receipt(file: &NewFile) -> Result<(), Refused> {
    let kind = FileKind::of(&file.content);
    let seen = matches!(kind, Some(FileKind::Pdf | FileKind::Png | FileKind::Jpeg));
    let fits = file.content.len() <= files::FILE_BYTES_MAX;
    (seen && fits).then_some(()).ok_or(Refused::File)
}

/// Unwraps a check or gives its refusal as the answer.
macro_rules! accept {
    ($checked:expr) => {
        match $checked {
            Ok(value) => value,
            Err(refused) => return Ok(Err(refused)),
        }
    };
}

impl Engine {
    /// "I will pay on…": a promise, if the policy takes it without asking anybody.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_promise(
        &self,
        visit: &Visit,
        (value, currency): (Decimal, Currency),
        due_on: Date,
    ) -> Done<PromiseMade> {
        let account = self.portal_account(visit).await?;
        let Some(limits) = account.promise_limits(&visit.company) else {
            return Ok(Err(Refused::AskUs));
        };
        let promised = accept!(amount(value, currency));
        let most = limits.most.iter().find(|it| it.currency == currency);
        let Some(most) = most.copied() else {
            return Ok(Err(Refused::AskUs));
        };
        if promised.minor > most.minor {
            return Ok(Err(Refused::AmountOver(most)));
        }
        if due_on < limits.from || due_on > limits.until {
            return Ok(Err(Refused::DayOutside(limits.from, limits.until)));
        }
        let promise = NewPromise {
            customer: visit.customer.key.clone(),
            amount: promised.decimal(),
            currency: Some(currency),
            made_on: None,
            due_on,
            note: "la hizo en su página".to_owned(),
        };
        self.add_promise(&visit.company, promise, AUTHOR).await?;
        Ok(Ok(PromiseMade {
            amount: promised,
            due_on,
        }))
    }

    /// "I do not agree with this": the amount is not asked for until a person has answered.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_dispute(&self, visit: &Visit, new: NewDispute) -> Done<Money> {
        let reason = accept!(text(&new.reason));
        let account = self.portal_account(visit).await?;
        let mut open = account.statement.documents.iter();
        let Some(document) = open.find(|it| it.number == new.document) else {
            return Ok(Err(Refused::NoDocument));
        };
        let free = document.free();
        if free.minor <= 0 {
            return Ok(Err(Refused::AlreadyHeld));
        }
        let disputed = match new.amount {
            Some(value) => accept!(amount(value, free.currency)),
            None => free,
        };
        if disputed.minor > free.minor {
            return Ok(Err(Refused::AmountOver(free)));
        }
        let stamp = self.stamp(AUTHOR);
        let hold = Hold {
            id: HoldId::from_uuid(stamp.ids.draw()),
            kind: HoldKind::Dispute,
            document: Some(document.id),
            amount: Some(disputed),
            from: account.day(),
            until: None,
            reason: reason.to_owned(),
            author: AUTHOR.to_owned(),
        };
        let (company, customer) = (visit.company.id, visit.link.customer);
        let words = format!(
            "{} no está de acuerdo con {disputed} del documento {}: «{}». Revíselo y contéstele.",
            visit.customer.name,
            document.number,
            cut(reason)
        );
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company, customer).await?;
        holds::add(&mut tx, &stamp, company, customer, &hold).await?;
        let about = (Some(customer), visit.link.contact);
        tasks::add(&mut tx, &stamp, company, about, "dispute", &words).await?;
        tx.commit().await?;
        Ok(Ok(disputed))
    }

    /// "I have paid": a person looks for the money; until then, and for so many days at most, the
    /// amount is not asked for. Gives the last of those days, if there are any.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_claim(&self, visit: &Visit, new: NewClaim) -> Done<Option<Date>> {
        let claimed = accept!(amount(new.amount, new.currency));
        let (reference, note) = (accept!(short(&new.reference)), accept!(short(&new.note)));
        let account = self.portal_account(visit).await?;
        let day = account.day();
        let first = day.saturating_sub(PAID_DAYS_MAX.days());
        if new.paid_on > day || new.paid_on < first {
            return Ok(Err(Refused::DayOutside(first, day)));
        }
        if account.claims.len() >= CLAIMS_OPEN_MAX {
            return Ok(Err(Refused::TooMany));
        }
        accept!(new.file.as_ref().map_or(Ok(()), receipt));
        let stamp = self.stamp(AUTHOR);
        let until = day.saturating_add(CLAIM_HOLD_DAYS.days());
        let hold = held_meanwhile(&account, claimed).map(|amount| Hold {
            id: HoldId::from_uuid(stamp.ids.draw()),
            kind: HoldKind::Pause,
            document: None,
            amount: Some(amount),
            from: day,
            until: Some(until),
            reason: format!("avisó en su página que pagó el {}", in_words(new.paid_on)),
            author: AUTHOR.to_owned(),
        });
        let (company, customer) = (visit.company.id, visit.link.customer);
        let words = claim_task(visit, claimed, &new);
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company, customer).await?;
        if let Some(hold) = &hold {
            holds::add(&mut tx, &stamp, company, customer, hold).await?;
        }
        let about = (Some(customer), visit.link.contact);
        let task = tasks::add(&mut tx, &stamp, company, about, "payment_claim", &words).await?;
        let file = match &new.file {
            Some(file) => Some(
                files::add_in(&mut tx, &stamp, &visit.company, file)
                    .await?
                    .id,
            ),
            None => None,
        };
        let claim = PaymentClaim {
            id: PaymentClaimId::from_uuid(stamp.ids.draw()),
            customer,
            amount: claimed,
            paid_on: new.paid_on,
            reference: reference.to_owned(),
            note: note.to_owned(),
            file,
            hold: hold.as_ref().map(|hold| hold.id),
            task,
            state: ClaimState::Open,
            answer: None,
            answered_by: None,
            answered_at: None,
            recorded_at: stamp.at,
        };
        payment_claims::add(&mut tx, &stamp, company, &claim).await?;
        tx.commit().await?;
        let last = until.yesterday().unwrap_or(until);
        Ok(Ok(hold.map(|_| last)))
    }

    /// "Write to us": a message on the thread, with a task to answer it. The same text twice in a
    /// day is one message.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_write(&self, visit: &Visit, words: &str) -> Done {
        let words = accept!(text(words));
        let (company, customer) = (visit.company.id, visit.link.customer);
        let now = self.now();
        let since = now.checked_sub(24.hours()).unwrap_or(now);
        let written = messages::incoming_since(&self.db, company, customer, since).await?;
        if written >= MESSAGES_A_DAY_MAX {
            return Ok(Err(Refused::TooMany));
        }
        let day = visit.company.day_of(now);
        let digest = crate::record::hex(&messages::digest("", words, None));
        let message = NewMessage {
            customer: visit.customer.key.clone(),
            channel: Channel::Push,
            address: "portal".to_owned(),
            subject: String::new(),
            text: words.to_owned(),
            at: None,
            key: Some(format!("portal/{customer}/{day}/{digest}")),
            answers: self.answered_contact(visit).await?,
        };
        let received = self.receive(&visit.company, message, AUTHOR).await?;
        if !received.known {
            let stamp = self.stamp(AUTHOR);
            let task = format!(
                "{} escribió en su página: «{}».",
                visit.customer.name,
                cut(words)
            );
            let about = (Some(customer), visit.link.contact);
            let mut tx = self.db.begin().await?;
            tasks::add(&mut tx, &stamp, company, about, "portal_message", &task).await?;
            tx.commit().await?;
        }
        Ok(Ok(()))
    }

    /// The contact of the link, where an answer to it can be noted.
    async fn answered_contact(&self, visit: &Visit) -> Result<Option<domain::ContactId>> {
        use domain::contact::ContactState::{Answered, Delivered, Read, Sent};
        let Some(contact) = visit.link.contact else {
            return Ok(None);
        };
        let found = contacts::get(&self.db, visit.company.id, contact).await?;
        let made = found.filter(|it| matches!(it.state, Sent | Delivered | Read | Answered));
        Ok(made.map(|it| it.id))
    }

    /// Whether messages may be written to the customer's e-mail addresses, as far as it has said.
    pub fn portal_takes_email(&self, visit: &Visit) -> bool {
        let mut points = visit.customer.contact_points.iter();
        points.any(|point| {
            point.channel == Channel::Email && !matches!(point.consent, Consent::Withdrawn { .. })
        })
    }

    /// Takes down whether, when and how the customer wants to be written to; `shown` is the
    /// question it answered. "No e-mail" holds at once, for what is planned too; taken back, it is
    /// consent given here.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_prefer(
        &self,
        visit: &Visit,
        (email, shown): (bool, &str),
        wanted: &Preferences,
    ) -> Result<()> {
        let (company, customer) = (visit.company.id, visit.link.customer);
        let stamp = self.stamp(AUTHOR);
        let day = visit.company.day_of(stamp.at);
        let mut tx = self.db.begin().await?;
        let said = Statement {
            purpose: Purpose::Collection,
            said: if email { Said::Given } else { Said::Withdrawn },
            since: day,
            source: "la página del cliente".to_owned(),
            shown: shown.to_owned(),
        };
        let place = (customer, Channel::Email, None);
        let others = lock_readers(&mut tx, company, place, said.said).await?;
        let mut points = customers::points_on(&mut tx, company, customer, Channel::Email).await?;
        points.retain(|it| email == matches!(it.consent, Consent::Withdrawn { .. }));
        let at = (others.as_slice(), Channel::Email, points.as_slice());
        say_for(&mut tx, &stamp, company, at, &said).await?;
        for point in points {
            consents::say(&mut tx, &stamp, company, (customer, point.id), &said).await?;
        }
        preferences::set(&mut tx, &stamp, company, customer, wanted).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The document of a number, if it is the visitor's; for its file.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_document(
        &self,
        visit: &Visit,
        number: &str,
    ) -> Result<Option<documents::DocumentRecord>> {
        let found = documents::by_number(&self.db, visit.company.id, number).await?;
        Ok(found.filter(|found| found.customer == visit.link.customer))
    }
}

/// What of a claim is not asked for meanwhile: never more than is free, and nothing after claims
/// that were not so.
fn held_meanwhile(account: &Account, claimed: Money) -> Option<Money> {
    let answered = account
        .last_claims
        .iter()
        .filter(|claim| claim.state != ClaimState::Open);
    let rejected = answered
        .take(REJECTED_MAX)
        .filter(|claim| claim.state == ClaimState::Rejected)
        .count();
    if rejected >= REJECTED_MAX {
        return None;
    }
    let free = account.free(claimed.currency).minor.min(claimed.minor);
    (free > 0).then(|| Money::new(free, claimed.currency))
}

fn claim_task(visit: &Visit, claimed: Money, new: &NewClaim) -> String {
    let mut words = format!(
        "{} avisó que pagó {claimed} el {}",
        visit.customer.name,
        in_words(new.paid_on)
    );
    if !new.reference.trim().is_empty() {
        words.push_str(&format!(", referencia «{}»", cut(new.reference.trim())));
    }
    words.push_str(". Búsquelo en el banco y contéstele.");
    words
}

/// The beginning of a text, for a line.
fn cut(words: &str) -> String {
    const LETTERS: usize = 200;
    let one_line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if one_line.chars().count() <= LETTERS {
        return one_line;
    }
    one_line.chars().take(LETTERS).chain(['…']).collect()
}
