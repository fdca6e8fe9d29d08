//! All that the records of a lived company hold, and its books as they stood at any instant.

use std::collections::HashMap;

use domain::ContactId;
use domain::facts::Position;
use domain::ledger::{Books, Source, Statement};
use domain::promise::PromiseState;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::companies::Company;
use store::contacts::ContactRecord;
use store::messages::Message;
use store::positions::{Slice, positions};
use store::{Db, companies, contacts, messages};
use testkit::program::Program;
use uuid::Uuid;

use super::UNTIL;

/// More than any company of these tests has of anything.
const ALL: u32 = 1_000_000;

/// A company with its records.
pub struct Lived {
    pub db: Db,
    pub company: Company,
    pub zone: TimeZone,
    pub positions: HashMap<String, Position>,
    pub contacts: Vec<ContactRecord>,
    /// What went out, by contact.
    pub said: HashMap<ContactId, Message>,
}

impl Lived {
    pub async fn read(puntual: &Program) -> Self {
        let db = Db::open(&puntual.url()).await.expect("the database opens");
        let company = companies::all(&db).await.expect("companies").remove(0);
        let all = positions(&db, company.id, Slice::everyone(), None)
            .await
            .expect("positions");
        let contacts = contacts::page(&db, company.id, None, ALL)
            .await
            .expect("contacts");
        let thread = messages::page(&db, company.id, None, ALL)
            .await
            .expect("messages");
        let by_key =
            |it: store::positions::Standing| (it.position.customer.key.clone(), it.position);
        let said = thread
            .into_iter()
            .filter_map(|message| Some((message.contact?, message)));
        Self {
            zone: domain::calendar::zone(&company.zone).expect("a zone"),
            positions: all.into_iter().map(by_key).collect(),
            contacts,
            said: said.collect(),
            company,
            db,
        }
    }

    /// The civil day of an instant for the company.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// Contacts that left, with their instant.
    pub fn made(&self) -> impl Iterator<Item = (&ContactRecord, Timestamp)> {
        self.contacts
            .iter()
            .filter_map(|contact| Some((contact, contact.performed_at?)))
    }

    /// Whether a customer said they would pay and did not.
    pub fn broke_a_promise(&self, customer: &str) -> bool {
        let books = &self.positions[customer].books;
        books.promises.iter().any(|promise| {
            let paid = books.paid(promise.amount.currency);
            matches!(promise.state_on(UNTIL, &paid), PromiseState::Broken { .. })
        })
    }

    /// What a customer owed as it was known at an instant: only what had been recorded by then.
    pub fn statement_at(&self, customer: &str, at: Timestamp) -> Statement {
        let all = &self.positions[customer].books;
        let known = |id: Uuid| made_at(id) <= at;
        let mut books = Books {
            documents: all.documents.clone(),
            payments: all.payments.clone(),
            applications: all.applications.clone(),
            holds: all.holds.clone(),
            promises: all.promises.clone(),
            ..Books::default()
        };
        books.documents.retain(|it| known(it.id.uuid()));
        books.payments.retain(|it| known(it.id.uuid()));
        books.holds.retain(|it| known(it.id.uuid()));
        books.promises.retain(|it| known(it.id.uuid()));
        books.applications.retain(|it| match it.source {
            Source::Payment(payment) => known(payment.uuid()),
            Source::Credit(credit) => known(credit.uuid()),
        });
        books.statement(self.day(at))
    }
}

/// When a thing was recorded, which its id says to the millisecond.
pub fn made_at(id: Uuid) -> Timestamp {
    let (seconds, nanoseconds) = id.get_timestamp().expect("a UUIDv7").to_unix();
    let seconds = i64::try_from(seconds).expect("in range");
    let nanoseconds = i32::try_from(nanoseconds).expect("in range");
    Timestamp::new(seconds, nanoseconds).expect("in range")
}
