//! The door: what a link shows, who may pass, and for how long.
//!
//! A wrong, an expired, a revoked and a locked link are one answer: `None`, or [`Entered::Shut`].

use connect::channels::{Mailbox, OutgoingEmail};
use domain::customer::{Channel, ContactPoint, Customer};
use domain::ids::ContactId;
use domain::portal::{
    Asking, CODE_GAP_SECONDS, CODE_MINUTES, CODE_TRIES_MAX, CODES_A_DAY_MAX, FORGET_HOURS,
    SESSION_HOURS_MAX, SESSION_IDLE_MINUTES,
};
use domain::{Currency, Money};
use formats::amount::{self, AmountShape};
use jiff::{Timestamp, ToSpan};
use rust_decimal::Decimal;
use serde_json::json;
use store::messages::{self, Message};
use store::portal::{self, Code, Link, Tries};
use store::{Stamp, Tx, companies, contacts, customers, events};

use super::tokens::{Purpose, cookie_digest, same, written};
use crate::answers::{Wanted, Words};
use crate::company::{Company, PortalCheck};
use crate::outreach::{DEFAULT_SENDER, Mailer};
use crate::{Engine, Result, record};

/// A session seen less than so many seconds ago is not noted again.
const TOUCH_SECONDS: i64 = 60;

/// The door of a link that works: what may be shown to whoever holds it.
#[derive(Clone, Debug)]
pub struct Door {
    /// The company that wrote.
    pub company: Company,
    /// The language of the customer, else of the company.
    pub language: String,
    pub(super) link: Link,
}

impl Door {
    /// Whether an amount may be given as the answer; a code always may.
    pub const fn takes_amount(&self) -> bool {
        matches!(
            self.company.settings.portal_check,
            PortalCheck::AmountOrCode
        )
    }
}

/// What someone at a door says.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// The exact amount of a document that the message listed.
    Amount(&'a str),
    /// The code that was sent.
    Code(&'a str),
}

/// The secret of a session, for its cookie alone.
#[derive(Clone)]
pub struct Cookie(String);

impl Cookie {
    /// The value of the cookie.
    pub fn value(&self) -> &str {
        &self.0
    }
}

/// What an answer opened.
pub enum Entered {
    /// The page, for a session.
    In(Cookie),
    /// Nothing: the answer is wrong.
    Wrong,
    /// Nothing, and nothing is listened to for a while.
    Shut,
}

/// Someone who passed the door.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The company.
    pub company: Company,
    /// The customer.
    pub customer: Customer,
    pub(super) link: Link,
    session: [u8; 32],
}

impl Visit {
    /// The language of the customer, else of the company.
    pub fn language(&self) -> &str {
        let own = self.customer.language.as_deref();
        own.unwrap_or(&self.company.language)
    }
}

impl Engine {
    /// The door of a link; `None` when it opens nothing, whatever the reason. `client` is the
    /// network address that asks.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_door(&self, token: &str, client: &str) -> Result<Option<Door>> {
        let Some(link) = self.working_link(token).await? else {
            return Ok(None);
        };
        let now = self.now();
        for who in self.who(&link, client).await? {
            let tries = portal::tries(&self.db, &who).await?;
            if tries.locked_until.is_some_and(|until| now < until) {
                return Ok(None);
            }
        }
        let Some(company) = companies::get(&self.db, link.company).await? else {
            return Ok(None);
        };
        let company = self.load(company).await?;
        let customer = self.customer_of(&link).await?;
        let language = customer.and_then(|customer| customer.language);
        Ok(Some(Door {
            language: language.unwrap_or_else(|| company.language.clone()),
            company,
            link,
        }))
    }

    /// Tries an answer at a door. Wrong ones are counted for the link and for the client, and cost
    /// a wait that grows.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_enter(
        &self,
        door: &Door,
        client: &str,
        answer: Answer<'_>,
    ) -> Result<Entered> {
        let link = &door.link;
        let amounts = match answer {
            Answer::Amount(_) if door.takes_amount() => self.amounts_shown(link).await?,
            _ => Vec::new(),
        };
        let key = self.portal_key().await?;
        let [by_link, by_client] = self.who(link, client).await?;
        let stamp = self.stamp(super::AUTHOR);
        let mut tx = self.db.begin().await?;
        let before = [
            (
                Asking::Link,
                by_link,
                listen(&mut tx, &by_link, stamp.at).await?,
            ),
            (
                Asking::Client,
                by_client,
                listen(&mut tx, &by_client, stamp.at).await?,
            ),
        ];
        let locked = |tries: &Tries| tries.locked_until.is_some_and(|until| stamp.at < until);
        if before.iter().any(|(_, _, tries)| locked(tries)) {
            tx.commit().await?;
            return Ok(Entered::Shut);
        }
        let right = match answer {
            Answer::Amount(text) => names_one(text, &amounts),
            Answer::Code(text) => {
                let digest = code_digest(key, link, &digits(text));
                take_code(&mut tx, link, &digest, stamp.at).await?
            }
        };
        if right {
            let secret = written(self.effects.secret());
            portal::set_tries(&mut tx, &by_link, Tries::default()).await?;
            portal::set_tries(&mut tx, &by_client, before[1].2).await?;
            let digest = cookie_digest(&secret);
            portal::add_session(&mut tx, &stamp, link.company, link.id, &digest).await?;
            tx.commit().await?;
            return Ok(Entered::In(Cookie(secret)));
        }
        let mut shut = false;
        for (asking, who, tries) in before {
            let failures = tries.failures.saturating_add(1);
            let locked_until = asking.locked_until(failures, stamp.at);
            shut |= locked_until.is_some();
            let last_at = Some(stamp.at);
            let after = Tries {
                failures,
                last_at,
                locked_until,
            };
            portal::set_tries(&mut tx, &who, after).await?;
        }
        tx.commit().await?;
        Ok(if shut { Entered::Shut } else { Entered::Wrong })
    }

    /// Sends a code to the address the link was sent to. Whether one left is not told: too many,
    /// too soon, no such address or one that may not be written to look the same.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_send_code(&self, door: &Door, mailer: &Mailer) -> Result<()> {
        let link = &door.link;
        let points = customers::points_on(&self.db, link.company, link.customer, Channel::Email);
        let points = points.await?;
        let Some(point) = points.into_iter().find(|point| point.id == link.point) else {
            return Ok(());
        };
        let code = self.fresh_code();
        let stamp = self.stamp(super::AUTHOR);
        let email = self.code_email(door, &point.address, &code);
        if self.code_held_back(door, &point, &email).await? {
            return Ok(());
        }
        let mut tx = self.db.begin().await?;
        let before = portal::lock_code(&mut tx, link.company, link.id).await?;
        let Some((sent, sent_since)) = may_send(before.as_ref(), stamp.at) else {
            return Ok(());
        };
        let lives = CODE_MINUTES.minutes();
        let kept = Code {
            digest: code_digest(self.portal_key().await?, link, &code),
            expires_at: stamp.at.checked_add(lives).unwrap_or(stamp.at),
            tries: 0,
            used: false,
            sent_at: stamp.at,
            sent,
            sent_since,
        };
        portal::set_code(&mut tx, link.company, link.id, &kept).await?;
        let body = json!({ "after": { "point": point.id.to_string() } });
        let entity = Some(link.id.uuid());
        let kind = "portal.code_sent";
        events::append(&mut tx, &stamp, link.company, kind, entity, &body).await?;
        let message = without_code(link, &email, &code, &stamp);
        messages::add(&mut tx, &stamp, link.company, &message).await?;
        tx.commit().await?;
        match mailer {
            Mailer::Smtp(smtp) => drop(smtp.send(&email).await),
            Mailer::Outbox(outbox) => drop(outbox.write(&email)),
        }
        Ok(())
    }

    /// Whether law, address or words keep a code from leaving; then a person is told.
    async fn code_held_back(
        &self,
        door: &Door,
        point: &ContactPoint,
        email: &OutgoingEmail,
    ) -> Result<bool> {
        let (company, customer) = (&door.company, door.link.customer);
        let position = self.position(company, customer).await?;
        let words = Words {
            subject: &email.subject,
            text: &email.text,
            html: &email.html,
        };
        let when = (self.now(), Wanted::Now);
        let why = self.answer_held_back(company, (&position, point), words, when);
        if why.is_empty() {
            return Ok(false);
        }
        let what = (
            "code_held_back",
            "El código que pidieron para entrar a su página",
        );
        self.tell_held_back(company, customer, what, &why, super::AUTHOR)
            .await?;
        Ok(true)
    }

    /// Who visits with a link and a cookie; `None` when either opens nothing any more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_visit(&self, token: &str, cookie: &str) -> Result<Option<Visit>> {
        let Some(link) = self.working_link(token).await? else {
            return Ok(None);
        };
        let session = cookie_digest(cookie);
        let seen = portal::session(&self.db, link.company, link.id, &session).await?;
        let Some((made_at, seen_at)) = seen else {
            return Ok(None);
        };
        let now = self.now();
        let seconds = |since: Timestamp| now.as_second() - since.as_second();
        if seconds(seen_at) >= SESSION_IDLE_MINUTES * 60
            || seconds(made_at) >= SESSION_HOURS_MAX * 3_600
        {
            return Ok(None);
        }
        if seconds(seen_at) >= TOUCH_SECONDS {
            let mut tx = self.db.begin().await?;
            portal::touch_session(&mut tx, link.company, &session, now).await?;
            tx.commit().await?;
        }
        let company = companies::get(&self.db, link.company).await?;
        let (Some(company), Some(customer)) = (company, self.customer_of(&link).await?) else {
            return Ok(None);
        };
        Ok(Some(Visit {
            company: self.load(company).await?,
            customer,
            link,
            session,
        }))
    }

    /// Ends a visit.
    ///
    /// # Errors
    /// What the database says.
    pub async fn portal_leave(&self, visit: &Visit) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let company = visit.link.company;
        portal::end_session(&mut tx, company, &visit.session, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn working_link(&self, token: &str) -> Result<Option<Link>> {
        let Some(id) = self.portal_key().await?.read(Purpose::Account, token) else {
            return Ok(None);
        };
        let link = portal::link(&self.db, id).await?;
        Ok(link.filter(|link| link.works_at(self.now())))
    }

    /// Under which names wrong answers are counted: the link's and the client's.
    async fn who(&self, link: &Link, client: &str) -> Result<[[u8; 32]; 2]> {
        let key = self.portal_key().await?;
        Ok([
            key.digest(&[b"link", link.id.uuid().as_bytes()]),
            match client {
                // Not known, it is not one client for all: the link counts alone.
                "" => key.digest(&[b"client of", link.id.uuid().as_bytes()]),
                client => key.digest(&[b"client", client.as_bytes()]),
            },
        ])
    }

    pub(super) async fn customer_of(&self, link: &Link) -> Result<Option<Customer>> {
        let keys = customers::keys(&self.db, link.company, &[link.customer]).await?;
        let Some((_, key)) = keys.first() else {
            return Ok(None);
        };
        let found = customers::by_key(&self.db, link.company, key).await?;
        Ok(found.map(|record| record.customer))
    }

    /// The amounts in the message that carried the link.
    async fn amounts_shown(&self, link: &Link) -> Result<Vec<Money>> {
        let Some(contact) = link.contact else {
            return Ok(Vec::new());
        };
        match contacts::get(&self.db, link.company, contact).await? {
            Some(contact) => record::amounts_shown(&contact.content),
            None => Ok(Vec::new()),
        }
    }

    fn fresh_code(&self) -> String {
        let [a, b, c, d, ..] = self.effects.secret();
        // The remainder favours some codes by less than one in four thousand.
        format!("{:06}", u32::from_be_bytes([a, b, c, d]) % 1_000_000)
    }

    fn code_email(&self, door: &Door, address: &str, code: &str) -> OutgoingEmail {
        let company = &door.company;
        let name = company.public_name();
        let words = language::code::message(&door.language, name, code, CODE_MINUTES);
        let settings = &company.settings;
        OutgoingEmail {
            contact: ContactId::from_uuid(self.effects.uuid()),
            from: match &settings.sender {
                Some(sender) => Mailbox::named(&sender.name, &sender.address),
                None => Mailbox::named(name, DEFAULT_SENDER),
            },
            reply_to: settings.brand.email.as_ref().map(Mailbox::bare),
            to: vec![Mailbox::bare(address)],
            cc: Vec::new(),
            subject: words.subject,
            text: words.text,
            html: words.html,
            unsubscribe_mailto: None,
            unsubscribe_url: None,
            date: self.now(),
            test_recipient: settings.test_recipient.as_ref().map(Mailbox::bare),
        }
    }
}

/// What one has tried, locked; long ago is forgotten.
async fn listen(tx: &mut Tx, who: &[u8; 32], now: Timestamp) -> Result<Tries> {
    let tries = portal::lock_tries(tx, who, now).await?;
    let fresh = tries
        .last_at
        .is_some_and(|at| now.as_second() - at.as_second() < FORGET_HOURS * 3_600);
    Ok(if fresh { tries } else { Tries::default() })
}

/// Whether a text names one of the amounts exactly. All are compared, and nothing tells which.
fn names_one(text: &str, amounts: &[Money]) -> bool {
    let readings: [Option<Decimal>; 2] = match amount::shape(text) {
        AmountShape::Whole(it) | AmountShape::Marked(it, _) => [Some(it.value), None],
        AmountShape::Ambiguous {
            decimal, grouped, ..
        } => [Some(decimal.value), Some(grouped.value)],
        AmountShape::Empty | AmountShape::Unreadable => [None, None],
    };
    let mut found = false;
    for wanted in amounts.iter().filter(|wanted| wanted.minor > 0) {
        for reading in readings.into_iter().flatten() {
            let said = Money::from_decimal(reading, wanted.currency);
            let bytes = said.map_or(0, |said| said.minor).to_be_bytes();
            let differs = bytes.iter().zip(wanted.minor.to_be_bytes());
            found |= differs.fold(0, |all, (a, b)| all | (a ^ b)) == 0;
        }
    }
    found
}

/// The amount that a text says, in major units. What can be thousands or decimals is what the
/// currency's digits make of it.
pub fn read_amount(text: &str, currency: Currency) -> Option<Decimal> {
    match amount::shape(text) {
        AmountShape::Whole(it) | AmountShape::Marked(it, _) => Some(it.value),
        AmountShape::Ambiguous { decimal, .. } if currency.minor_digits() == 3 => {
            Some(decimal.value)
        }
        AmountShape::Ambiguous { grouped, .. } => Some(grouped.value),
        AmountShape::Empty | AmountShape::Unreadable => None,
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The message as the thread keeps it: that a code was sent, and not which.
fn without_code(link: &Link, email: &OutgoingEmail, code: &str, stamp: &Stamp) -> Message {
    let hidden = "•".repeat(code.len());
    Message {
        id: stamp.ids.draw(),
        customer: link.customer,
        contact: None,
        incoming: false,
        channel: Channel::Email,
        address: email
            .to
            .first()
            .map(|to| to.address.clone())
            .unwrap_or_default(),
        subject: email.subject.clone(),
        text: email.text.replace(code, &hidden),
        html: None,
        digest: [0; 32],
        at: stamp.at,
    }
}

fn code_digest(key: &super::Key, link: &Link, code: &str) -> [u8; 32] {
    key.digest(&[b"code", link.id.uuid().as_bytes(), code.as_bytes()])
}

/// Whether a code is the one last sent and still works; then it works no more.
async fn take_code(tx: &mut Tx, link: &Link, digest: &[u8; 32], now: Timestamp) -> Result<bool> {
    let Some(mut code) = portal::lock_code(tx, link.company, link.id).await? else {
        return Ok(false);
    };
    let right = same(&code.digest, digest)
        && !code.used
        && now < code.expires_at
        && code.tries < CODE_TRIES_MAX;
    if right {
        code.used = true;
    } else {
        code.tries = code.tries.saturating_add(1);
    }
    portal::set_code(tx, link.company, link.id, &code).await?;
    Ok(right)
}

/// Whether one more code may be sent, and how many that makes in the day; since when.
fn may_send(before: Option<&Code>, now: Timestamp) -> Option<(u32, Timestamp)> {
    let Some(before) = before else {
        return Some((1, now));
    };
    let seconds = |since: Timestamp| now.as_second() - since.as_second();
    if seconds(before.sent_at) < CODE_GAP_SECONDS {
        return None;
    }
    if seconds(before.sent_since) >= 86_400 {
        return Some((1, now));
    }
    (before.sent < CODES_A_DAY_MAX).then(|| (before.sent + 1, before.sent_since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_named_to_the_cent_however_it_is_written() {
        let amounts = [
            Money::new(1_250_000, Currency::MXN),
            Money::new(98_765, Currency::CLP),
            Money::new(1_234, Currency::USD),
            Money::new(0, Currency::MXN),
        ];
        for right in [
            "12,500.00",
            "12500",
            "$12,500.00",
            "12.500,00",
            "12.500",
            "98765",
            "98.765",
            "12.34",
            "12,34",
        ] {
            assert!(names_one(right, &amounts), "{right}");
        }
        for wrong in [
            "",
            "12500.01",
            "12,499.99",
            "1250000",
            "0",
            "0.00",
            "F-1",
            "-12500",
            "1234",
        ] {
            assert!(!names_one(wrong, &amounts), "{wrong}");
        }
        assert!(!names_one("0", &[]));
    }
}
