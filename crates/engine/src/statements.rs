//! The statement of account: shown, and sent to a customer who asks for it.
//!
//! A statement that is asked for is information, not a reminder: it is no contact of the policy.
//! The law is asked all the same, as for anything that leaves.

use std::sync::Arc;

use connect::channels::{Mailbox, OutgoingEmail, SendOutcome};
use domain::charges::Charges;
use domain::customer::{Channel, Consent, ContactPoint, Health};
use domain::facts::Position;
use domain::ids::{ContactId, ContactPointId, CustomerId};
use domain::ledger::Account;
use jiff::civil::Date;
use language::statement::{self, Statement, StatementFacts};
use serde_json::json;
use store::messages::{self, Message};
use store::{Stamp, events};
use uuid::Uuid;

use crate::answers::{Wanted, Words};
use crate::company::Company;
use crate::outreach::Mailer;
use crate::{Engine, Error, Result, record};

/// Who it comes from while the company has set no sender, in messages that go to a folder.
const DEFAULT_SENDER: &str = "cobranza@empresa.invalid";

/// A customer's account between two days.
#[derive(Clone, Debug)]
pub struct AccountPage {
    /// The customer with its facts.
    pub position: Position,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// One per currency.
    pub accounts: Vec<Account>,
    /// What is open at the end of the last day.
    pub open: domain::ledger::Statement,
    /// What being late costs at the end of the last day.
    pub charges: Charges,
}

impl Engine {
    /// The statement of account of a customer between two days.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, [`Error::Invalid`] for days out of
    /// order, and what the database says.
    pub async fn account(
        &self,
        company: &Company,
        customer: CustomerId,
        (from, to): (Date, Date),
    ) -> Result<AccountPage> {
        if from > to {
            return Err(Error::invalid("días", "el primero es posterior al último"));
        }
        let position = self.position(company, customer).await?;
        let charges = match &company.policy.late_charges {
            Some(terms) => {
                let rates = self.charge_rates(company, terms).await?;
                self.reckon(company, terms, &rates, &position, to)
            }
            None => Charges::default(),
        };
        Ok(AccountPage {
            charges,
            accounts: position.books.accounts(from, to),
            open: position.books.statement(to),
            position,
            from,
            to,
        })
    }

    /// Sends a customer the statement it asked for, to one of its e-mail addresses, and puts it on
    /// the thread as it left.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer or address that is not there, [`Error::Invalid`] for an
    /// address that is not to be written to, an hour at which the law does not allow it, or a
    /// server that did not take it, and what the database says.
    pub async fn send_statement(
        &self,
        company: &Company,
        (customer, point): (CustomerId, ContactPointId),
        days: (Date, Date),
        mailer: &Mailer,
        author: &str,
    ) -> Result<()> {
        let page = self.account(company, customer, days).await?;
        let point = email_point(&page.position, point)?;
        let stamp = self.stamp(author);
        let written = write(company, &page);
        self.may_send(company, &page.position, point, (&written, &stamp))
            .await?;
        let id = stamp.ids.draw();
        let email = email(company, &page.position, (id, point), &written, &stamp);
        let digest = messages::digest(&written.subject, &written.text, Some(&written.html));
        let body = json!({
            "customer": customer.to_string(),
            "address": point.id.to_string(),
            "from": page.from.to_string(),
            "to": page.to.to_string(),
            "digest": record::hex(&digest),
        });
        // On disk before the server is called: what was tried is never unknown to us.
        let mut tx = self.db.begin().await?;
        let kind = "statement.sending";
        events::append(&mut tx, &stamp, company.id, kind, Some(id), &body).await?;
        tx.commit().await?;
        let left = leave(mailer, email).await;
        let (kind, answer) = match &left {
            Left::Sent(answer) => ("statement.sent", answer),
            Left::Unknown(answer) => ("statement.unknown", answer),
            Left::Not(answer) => ("statement.failed", answer),
        };
        let body = json!({ "after": { "answer": answer } });
        let mut tx = self.db.begin().await?;
        if !matches!(left, Left::Not(_)) {
            let message = Message {
                id,
                customer,
                contact: None,
                incoming: false,
                channel: Channel::Email,
                address: point.address.clone(),
                subject: written.subject,
                text: written.text,
                html: Some(written.html),
                digest: [0; 32],
                at: stamp.at,
            };
            messages::add(&mut tx, &stamp, company.id, &message).await?;
        }
        events::append(&mut tx, &stamp, company.id, kind, Some(id), &body).await?;
        tx.commit().await?;
        left.or_error()
    }

    /// Whether address, law and words allow it now; what they do not is told to a person too.
    async fn may_send(
        &self,
        company: &Company,
        position: &Position,
        point: &ContactPoint,
        (written, stamp): (&Statement, &Stamp),
    ) -> Result<()> {
        if point.health != Health::Good || matches!(point.consent, Consent::Withdrawn { .. }) {
            let why = format!("a {} no se le escribe: elija otra dirección", point.address);
            return Err(Error::invalid("dirección", why));
        }
        let words = Words {
            subject: &written.subject,
            text: &written.text,
            html: &written.html,
        };
        let when = (stamp.at, Wanted::InTime);
        let why = self.answer_held_back(company, (position, point), words, when);
        if why.is_empty() {
            return Ok(());
        }
        let what = (
            "statement_held_back",
            "El estado de cuenta que pidió el cliente",
        );
        self.tell_held_back(company, position.customer.id, what, &why, &stamp.author)
            .await?;
        Err(Error::invalid("envío", why.join(" ")))
    }
}

/// The words of a statement, in the customer's language, else the company's.
fn write(company: &Company, page: &AccountPage) -> Statement {
    let brand = &company.settings.brand;
    let customer = &page.position.customer;
    let language = customer.language.as_deref().unwrap_or(&company.language);
    let facts = StatementFacts {
        company: brand.name.as_deref().unwrap_or(&company.legal_name),
        customer: &customer.name,
        from: page.from,
        to: page.to,
        accounts: &page.accounts,
        charges: &page.charges,
        bank_data: brand.bank_data.as_deref(),
        colour: &brand.colour,
    };
    statement::write(&facts, language)
}

fn email(
    company: &Company,
    position: &Position,
    (id, point): (Uuid, &ContactPoint),
    written: &Statement,
    stamp: &Stamp,
) -> OutgoingEmail {
    let settings = &company.settings;
    let from = match &settings.sender {
        Some(sender) => Mailbox::named(&sender.name, &sender.address),
        None => Mailbox::named(&company.legal_name, DEFAULT_SENDER),
    };
    OutgoingEmail {
        // The message's own id names its file and its Message-ID.
        contact: ContactId::from_uuid(id),
        unsubscribe_mailto: None,
        unsubscribe_url: None,
        from,
        reply_to: settings.brand.email.as_ref().map(Mailbox::bare),
        to: vec![Mailbox::named(&position.customer.name, &point.address)],
        cc: Vec::new(),
        subject: written.subject.clone(),
        text: written.text.clone(),
        html: written.html.clone(),
        date: stamp.at,
        test_recipient: settings.test_recipient.as_ref().map(Mailbox::bare),
    }
}

/// The e-mail address of that id.
fn email_point(position: &Position, point: ContactPointId) -> Result<&ContactPoint> {
    let mut points = position.customer.contact_points.iter();
    let found = points.find(|it| it.id == point && it.channel == Channel::Email);
    found.ok_or_else(|| Error::NotFound {
        what: "el correo",
        key: point.to_string(),
        hint: " de ese cliente".to_owned(),
    })
}

/// Whether a message left, with what was answered.
enum Left {
    Sent(String),
    Unknown(String),
    Not(String),
}

impl Left {
    fn or_error(self) -> Result<()> {
        let why = match self {
            Self::Sent(_) => return Ok(()),
            Self::Unknown(answer) => {
                format!("no se sabe si salió ({answer}): revise antes de repetirlo")
            }
            Self::Not(answer) => {
                format!("el servidor no lo tomó ({answer}): revise la dirección o intente después")
            }
        };
        Err(Error::invalid("correo", why))
    }
}

async fn leave(mailer: &Mailer, email: OutgoingEmail) -> Left {
    match mailer {
        Mailer::Outbox(outbox) => match outbox.write(&email) {
            Ok(path) => Left::Sent(path.display().to_string()),
            Err(error) => Left::Not(error.to_string()),
        },
        Mailer::Smtp(smtp) => match Arc::clone(smtp).send(&email).await {
            SendOutcome::Accepted { response, .. } => Left::Sent(response),
            SendOutcome::Refused { code, text, .. } => Left::Not(format!("{code} {text}")),
            SendOutcome::NotSent { reason } => Left::Not(reason),
            SendOutcome::Unknown { reason } => Left::Unknown(reason),
        },
    }
}
