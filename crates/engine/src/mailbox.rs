//! What comes to the company's mailbox: answers of customers, messages that came back, and the lone
//! phrases that are understood without a person.
//!
//! Reading is safe to repeat and to break off: how far a mailbox was read is remembered message by
//! message, and each is known again by its `Message-ID`. The mailbox itself is never changed.

use connect::mailbox::{self, MailboxConfig, Mark};
use domain::contact::{ContactState, Sign};
use domain::customer::{Channel, Consent, ContactPoint, Health};
use domain::ids::{ContactId, CustomerId};
use domain::preference::{Purpose, Said, Statement};
use formats::mail::{Mail, MailKind, Returned};
use jiff::{Timestamp, ToSpan};
use language::reply::{self, Lone};
use serde::Serialize;
use sha2::{Digest, Sha256};
use store::contacts::ContactRecord;
use store::mailboxes::{self, CameBack};
use store::{consents, contacts, customers, tasks};

use crate::company::Company;
use crate::inbound::{Bounce, NewMessage};
use crate::{Engine, Error, Result};

/// Who writes down what a mailbox says.
const AUTHOR: &str = "buzón";
/// A mailbox that was never read is read from so many days ago on.
const FIRST_DAYS: i64 = 30;
/// Messages fetched over one connection.
const BATCH_MAX: usize = 100;
/// Batches of one look.
const BATCHES_MAX: usize = 20;
/// So many reports within so many days end an address that "may take messages later".
const SOFT_MAX: u32 = 3;
const SOFT_DAYS: i64 = 10;
/// Letters of an answer that has no words.
const NO_WORDS: &str = "(sin texto)";

/// What a look at a mailbox found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MailRead {
    /// Messages read.
    pub read: u64,
    /// Answers put on a thread.
    pub messages: u64,
    /// Reports of messages that came back.
    pub returned: u64,
    /// Addresses that are used no more because messages came back.
    pub bouncing: u64,
    /// Addresses whose owner wants no more messages.
    pub opted_out: u64,
    /// Addresses at which someone else reads.
    pub wrong_person: u64,
    /// Messages of machines, left alone.
    pub automatic: u64,
    /// Messages of addresses that are nobody's, and what cannot be read; left where they are.
    pub unknown: u64,
}

impl Engine {
    /// Reads what came to a mailbox since the last look.
    ///
    /// # Errors
    /// [`Error::Mailbox`] when it cannot be read, and what the database says. What was read before
    /// stays read.
    pub async fn read_mailbox(
        &self,
        company: &Company,
        mailbox: &MailboxConfig,
    ) -> Result<MailRead> {
        let name = mailbox.name();
        let mut found = MailRead::default();
        let now = self.now();
        let first_day = company.day_of(now.checked_sub((FIRST_DAYS * 24).hours()).unwrap_or(now));
        for _ in 0..BATCHES_MAX {
            let mark = mailboxes::mark(&self.db, company.id, &name).await?;
            let mark = mark.map(|(validity, last)| Mark { validity, last });
            let fetched = mailbox::fetch(mailbox, mark, first_day, BATCH_MAX).await?;
            for (uid, bytes) in &fetched.mails {
                self.take_mail(company, bytes, &mut found).await?;
                let mut tx = self.db.begin().await?;
                let mark = (fetched.validity, *uid);
                mailboxes::set_mark(&mut tx, company.id, &name, mark, now).await?;
                tx.commit().await?;
            }
            if !fetched.more {
                break;
            }
        }
        Ok(found)
    }

    /// Takes one message in; the same again changes nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_mail(
        &self,
        company: &Company,
        bytes: &[u8],
        found: &mut MailRead,
    ) -> Result<()> {
        found.read += 1;
        let Some(mail) = formats::mail::read(bytes) else {
            found.unknown += 1;
            return Ok(());
        };
        let digest: [u8; 32] = match &mail.key {
            Some(key) => Sha256::digest(key.as_bytes()).into(),
            None => Sha256::digest(bytes).into(),
        };
        match &mail.kind {
            MailKind::Automatic => found.automatic += 1,
            MailKind::Returned(returned) => {
                found.returned += 1;
                for one in returned {
                    self.came_back(company, &mail, one, digest, found).await?;
                }
            }
            MailKind::Written => self.take_written(company, &mail, digest, found).await?,
        }
        Ok(())
    }

    /// A report of an address: for good, or for now.
    async fn came_back(
        &self,
        company: &Company,
        mail: &Mail,
        returned: &Returned,
        digest: [u8; 32],
        found: &mut MailRead,
    ) -> Result<()> {
        let at = self.not_to_come(mail.at);
        let ours = match &returned.original {
            Some(id) => self.contact_of(company, id).await?,
            None => None,
        };
        let points = match (&returned.address, &ours) {
            (Some(address), _) => mailboxes::points_at(&self.db, company.id, address).await?,
            (None, Some(contact)) => {
                let (db, whose) = (&self.db, contact.customer);
                let points = customers::points_on(db, company.id, whose, Channel::Email).await?;
                let own = points.into_iter().filter(|point| point.id == contact.point);
                own.map(|point| (whose, point)).collect()
            }
            (None, None) => Vec::new(),
        };
        if points.is_empty() {
            found.unknown += 1;
            return Ok(());
        }
        for (customer, point) in points {
            let back = CameBack {
                customer,
                point: point.id,
                digest,
                hard: returned.hard,
                reason: returned.reason.clone(),
                at,
            };
            let gone = self.note_bounce(company, &back).await?;
            if !gone || point.health != Health::Good {
                continue;
            }
            let own = ours
                .as_ref()
                .filter(|contact| contact.customer == customer && was_made(contact.state));
            let ended = match own {
                Some(contact) => {
                    let bounce = Bounce {
                        contact: contact.id,
                        address: Some(point.address.clone()),
                        hard: true,
                        reason: returned.reason.clone(),
                        at,
                    };
                    self.bounce(company, bounce).await?
                }
                None => self.end_address(company, (customer, &point)).await?,
            };
            found.bouncing += u64::from(ended);
        }
        Ok(())
    }

    /// Notes a report and tells whether the address is to be used no more: it is none, or messages
    /// came back too often.
    async fn note_bounce(&self, company: &Company, back: &CameBack) -> Result<bool> {
        let stamp = self.stamp(AUTHOR);
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company.id, back.customer).await?;
        mailboxes::add_bounce(&mut tx, &stamp, company.id, back).await?;
        let since = back
            .at
            .checked_sub((SOFT_DAYS * 24).hours())
            .unwrap_or(back.at);
        let whose = (back.customer, back.point);
        let often = mailboxes::bounces_since(&mut tx, company.id, whose, since).await?;
        tx.commit().await?;
        Ok(back.hard || often >= SOFT_MAX)
    }

    /// An address is used no more; a person is asked for another where it was the last one.
    async fn end_address(
        &self,
        company: &Company,
        (customer, point): (CustomerId, &ContactPoint),
    ) -> Result<bool> {
        let stamp = self.stamp(AUTHOR);
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company.id, customer).await?;
        let points = customers::points_on(&mut tx, company.id, customer, point.channel).await?;
        let still = points
            .iter()
            .any(|it| it.id == point.id && it.health == Health::Good);
        if !still {
            return Ok(false);
        }
        let whose = (customer, point.id);
        customers::set_health(&mut tx, &stamp, company.id, whose, Health::Bouncing).await?;
        let another = points
            .iter()
            .any(|it| it.id != point.id && it.health == Health::Good);
        if !another {
            let keys = customers::keys(&mut tx, company.id, &[customer]).await?;
            let key = keys.first().map_or("", |(_, key)| key.as_str());
            let task = crate::outreach::address_task(&point.address, key);
            let about = (Some(customer), None);
            tasks::add(&mut tx, &stamp, company.id, about, &task.kind, &task.text).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// What a person wrote.
    async fn take_written(
        &self,
        company: &Company,
        mail: &Mail,
        digest: [u8; 32],
        found: &mut MailRead,
    ) -> Result<()> {
        let points = match &mail.from {
            Some(from) => mailboxes::points_at(&self.db, company.id, from).await?,
            None => Vec::new(),
        };
        if points.is_empty() {
            found.unknown += 1;
            return Ok(());
        }
        let lone = reply::lone(&mail.subject, &mail.text);
        for (customer, point) in &points {
            match lone {
                Some(Lone::OptOut) => {
                    let done = self.opt_out_at(company, (*customer, point), mail).await?;
                    found.opted_out += u64::from(done);
                }
                Some(Lone::WrongPerson) => {
                    let done = self.wrong_person_at(company, (*customer, point)).await?;
                    found.wrong_person += u64::from(done);
                }
                None => {}
            }
        }
        let news = self.put_on_thread(company, mail, digest, &points).await?;
        found.messages += u64::from(news);
        Ok(())
    }

    async fn opt_out_at(
        &self,
        company: &Company,
        (customer, point): (CustomerId, &ContactPoint),
        mail: &Mail,
    ) -> Result<bool> {
        let stamp = self.stamp(AUTHOR);
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company.id, customer).await?;
        let known = store::contact_points::get(&mut tx, company.id, (customer, point.id)).await?;
        let withdrawn = |it: &ContactPoint| matches!(it.consent, Consent::Withdrawn { .. });
        // A withdrawal that was taken back later is not brought back by an old message.
        let later = known.as_ref().is_some_and(|it| match &it.consent {
            Consent::Given { on, .. } => mail.at.is_some_and(|at| company.day_of(at) < *on),
            _ => false,
        });
        if known.as_ref().is_none_or(withdrawn) || later {
            return Ok(false);
        }
        let own = reply::own_words(&mail.text);
        let said = Statement {
            purpose: Purpose::Collection,
            said: Said::Withdrawn,
            since: company.day_of(self.not_to_come(mail.at)),
            source: "respuesta por correo".to_owned(),
            shown: if own.is_empty() {
                mail.subject.clone()
            } else {
                own
            },
        };
        consents::say(&mut tx, &stamp, company.id, (customer, point.id), &said).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn wrong_person_at(
        &self,
        company: &Company,
        (customer, point): (CustomerId, &ContactPoint),
    ) -> Result<bool> {
        if point.health != Health::Good {
            return Ok(false);
        }
        let stamp = self.stamp(AUTHOR);
        let mut tx = self.db.begin().await?;
        customers::lock(&mut tx, company.id, customer).await?;
        let whose = (customer, point.id);
        customers::set_health(&mut tx, &stamp, company.id, whose, Health::WrongPerson).await?;
        let keys = customers::keys(&mut tx, company.id, &[customer]).await?;
        let text = format!(
            "En {} dicen que ya no es la persona: consiga otro correo del cliente {}.",
            point.address,
            keys.first().map_or("", |(_, key)| key.as_str())
        );
        let about = (Some(customer), None);
        tasks::add(
            &mut tx,
            &stamp,
            company.id,
            about,
            "fix_contact_point",
            &text,
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Puts a message on the thread of the customer whose contact it answers; else of the one at
    /// the address, and of several of the first. Whether it is news.
    async fn put_on_thread(
        &self,
        company: &Company,
        mail: &Mail,
        digest: [u8; 32],
        points: &[(CustomerId, ContactPoint)],
    ) -> Result<bool> {
        let mut answered = None;
        for id in &mail.answers {
            let contact = self.contact_of(company, id).await?;
            let whose = |it: &ContactRecord| points.iter().any(|(of, _)| *of == it.customer);
            if let Some(contact) = contact.filter(whose) {
                answered = Some(contact);
                break;
            }
        }
        let Some((first, _)) = points.first() else {
            return Ok(false);
        };
        let customer = answered.as_ref().map_or(*first, |contact| contact.customer);
        let keys = customers::keys(&self.db, company.id, &[customer]).await?;
        let Some((_, key)) = keys.into_iter().next() else {
            return Ok(false);
        };
        let text = if mail.text.is_empty() {
            NO_WORDS.to_owned()
        } else {
            mail.text.clone()
        };
        let known_by = mail.key.clone();
        let message = NewMessage {
            customer: key,
            channel: Channel::Email,
            address: mail.from.clone().unwrap_or_default(),
            subject: mail.subject.clone(),
            text,
            at: Some(self.not_to_come(mail.at)),
            key: Some(known_by.unwrap_or_else(|| crate::record::hex(&digest))),
            answers: answered
                .filter(|contact| was_made(contact.state))
                .map(|contact| contact.id),
        };
        match self.receive(company, message, AUTHOR).await {
            Ok(received) => Ok(!received.known),
            // Another message under the same `Message-ID`: the first one stands.
            Err(Error::Invalid { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The contact whose `Message-ID` it is; ours begin with its id.
    async fn contact_of(&self, company: &Company, id: &str) -> Result<Option<ContactRecord>> {
        let local = id
            .trim_matches(['<', '>'])
            .split('@')
            .next()
            .unwrap_or_default();
        let Ok(id) = uuid::Uuid::try_parse(local) else {
            return Ok(None);
        };
        Ok(contacts::get(&self.db, company.id, ContactId::from_uuid(id)).await?)
    }

    /// The instant a message gives itself; now where it gives none, or one that is yet to come.
    fn not_to_come(&self, at: Option<Timestamp>) -> Timestamp {
        let now = self.now();
        at.filter(|at| *at <= now).unwrap_or(now)
    }
}

/// Whether a contact was made, so that a sign of it can be heard.
fn was_made(state: ContactState) -> bool {
    state.after(Sign::Bounced).is_ok()
}
