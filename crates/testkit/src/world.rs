//! A company on the engine, with the clock in the test's hands.

use std::path::Path;
use std::sync::Arc;

use connect::channels::Outbox;
use domain::contact::ContactState;
use domain::customer::{Channel, Consent, ContactSource, Health};
use domain::hold::HoldKind;
use domain::ledger::{Books, Statement};
use engine::daily_run::RunSummary;
use engine::effects::{Clock, FixedClock, SeededRandomness};
use engine::holds::NewHold;
use engine::imports::{ImportReport, Source};
use engine::outreach::{DispatchSummary, Mailer};
use engine::payments::NewPayment;
use engine::promises::NewPromise;
use engine::{Company, CompanyChange, Effects, Engine, NewCompany};
use formats::spreadsheet::Options;
use jiff::civil::{Date, Time, time};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use store::bulk::{ContactPointFacts, CustomerFacts, ImportChunk};
use store::contacts::ContactRecord;
use store::positions::{Slice, Standing, positions};
use store::{Db, Ids, Stamp};
use tempfile::TempDir;

/// Who does things in tests.
pub const AUTHOR: &str = "ana";

/// The hours at which messages are sent.
pub const DISPATCH_HOURS: std::ops::RangeInclusive<i8> = 8..=20;

/// A clock that several hold.
struct Shared(Arc<FixedClock>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// A company, its engine, its clock and its outbox.
pub struct World {
    /// The engine.
    pub engine: Engine,
    /// The company.
    pub company: Company,
    /// Where messages are written.
    pub outbox: Outbox,
    folder: TempDir,
    clock: Arc<FixedClock>,
    effects: Arc<Effects>,
    files: u32,
}

impl World {
    /// A company on an empty database, at an instant.
    pub async fn new(db: &Db, company: NewCompany, at: Timestamp) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(FixedClock::new(at));
        let seed = company.name.bytes().map(u64::from).sum();
        let randomness = Box::new(SeededRandomness::new(seed));
        let effects = Arc::new(Effects::new(
            Box::new(Shared(Arc::clone(&clock))),
            randomness,
        ));
        let engine = Engine::new(db.clone(), Arc::clone(&effects)).expect("the engine");
        let engine = engine.with_uploads(folder.path().join("uploads"));
        let company = engine
            .add_company(company, AUTHOR)
            .await
            .expect("a company");
        let outbox = Outbox::new(folder.path().join("outbox"));
        Self {
            engine,
            company,
            outbox,
            folder,
            clock,
            effects,
            files: 0,
        }
    }

    /// A Mexican company with the policy that ships first, on a day before its run.
    pub async fn mexican(db: &Db, day: Date) -> Self {
        let zone = domain::calendar::zone("America/Mexico_City").expect("bundled");
        let at = zone.to_timestamp(day.at(7, 0, 0, 0)).expect("in range");
        let company = NewCompany {
            name: "valle".to_owned(),
            legal_name: Some("Papelería del Valle".to_owned()),
            zone: Some("America/Mexico_City".to_owned()),
            ..NewCompany::default()
        };
        Self::new(db, company, at).await
    }

    /// Another process on the same database: its own engine, the same clock.
    pub fn engine_on(&self, db: Db) -> Engine {
        Engine::new(db, Arc::clone(&self.effects)).expect("the engine")
    }

    /// A folder for files of the test.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The instant it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Puts the clock at an instant.
    pub fn set(&self, at: Timestamp) {
        self.clock.set(at);
    }

    /// The instant of an hour of the company's day.
    pub fn instant(&self, day: Date, hour: Time) -> Timestamp {
        let at = self.company.zone.to_timestamp(day.to_datetime(hour));
        at.expect("in range")
    }

    /// Puts the clock at an hour of the company's day.
    pub fn at(&self, day: Date, hour: Time) {
        self.set(self.instant(day, hour));
    }

    /// Declares or sets something of the company.
    pub async fn declare(&mut self, name: &str, value: &str) {
        let change = CompanyChange {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let set = self
            .engine
            .set_company(&self.company, &[change], AUTHOR)
            .await;
        self.company = set.expect("the company is changed");
    }

    /// Who changes something now.
    pub fn stamp(&self) -> Stamp {
        let effects = Arc::clone(&self.effects);
        Stamp {
            author: AUTHOR.to_owned(),
            at: self.now(),
            ids: Ids::new(move || effects.uuid()),
        }
    }

    /// Writes facts as an import does.
    pub async fn facts(&self, chunk: ImportChunk) {
        let stamp = self.stamp();
        let written =
            store::bulk::import_chunk(self.engine.db(), &stamp, self.company.id, chunk).await;
        let counts = written.expect("facts are written");
        assert!(counts.refused.is_empty(), "{:?}", counts.refused);
    }

    /// Adds a customer with one e-mail address of the company's own record.
    pub async fn customer(&self, customer: CustomerFacts, address: Option<&str>) {
        let points = address.map(|address| ContactPointFacts {
            customer: customer.key.clone(),
            channel: Channel::Email,
            address: address.to_owned(),
            role: None,
            source: Some(ContactSource::CreditorRecord),
            consent: Consent::Unknown,
            shown: String::new(),
        });
        self.facts(ImportChunk {
            customers: vec![customer],
            contact_points: points.into_iter().collect(),
            ..ImportChunk::default()
        })
        .await;
    }

    /// Imports a text as a CSV file of that name.
    pub async fn import_named(&self, name: &str, text: &str) -> ImportReport {
        let path = self.folder().join(name);
        std::fs::write(&path, text).expect("a file is written");
        let source = Source {
            path: &path,
            options: Options::default(),
            title: None,
        };
        let read = self
            .engine
            .import(&self.company, source, AUTHOR, &mut ())
            .await;
        read.expect("the file is read")
    }

    /// Imports a text as a CSV file; every row must be taken.
    pub async fn import(&mut self, text: &str) -> ImportReport {
        self.files += 1;
        let report = self
            .import_named(&format!("archivo-{}.csv", self.files), text)
            .await;
        assert!(
            report.quarantined.is_empty(),
            "{text}\n{:?}",
            report.quarantined
        );
        report
    }

    /// Imports one invoice of a customer, issued `issued`.
    pub async fn invoice(
        &mut self,
        customer: &str,
        number: &str,
        amount: &str,
        (issued, due): (Date, Date),
    ) {
        let text = format!(
            "Factura,Código cliente,Fecha emisión,Fecha vencimiento,Importe\n\
             {number},{customer},{issued},{due},{amount}\n"
        );
        self.import(&text).await;
    }

    /// Runs the policy at the company's hour of the day; the clock stays there.
    pub async fn run(&self, day: Date) -> RunSummary {
        let at = self.company.run_instant(day);
        self.set(at);
        let ran = self.engine.run(&self.company, at, false, &mut ()).await;
        ran.expect("the run ends")
    }

    /// Sends what is due now, to the outbox.
    pub async fn dispatch(&self) -> DispatchSummary {
        let mailer = Mailer::Outbox(self.outbox.clone());
        let sent = self.engine.dispatch(&self.company, &mailer, false).await;
        sent.expect("the dispatch ends")
    }

    /// Runs a day and sends at every hour of it. Gives what left.
    pub async fn day(&self, day: Date) -> Vec<ContactRecord> {
        let before = self.contacts().await;
        self.run(day).await;
        for hour in DISPATCH_HOURS {
            self.at(day, time(hour, 0, 0, 0));
            self.dispatch().await;
        }
        let mut left = self.contacts().await;
        left.retain(|contact| {
            let was = before.iter().find(|was| was.id == contact.id);
            contact.state == ContactState::Sent && was.is_none_or(|was| was.state != contact.state)
        });
        left
    }

    /// Lives every day from `from` to `until` inclusive. Gives `day step tone` of what left.
    pub async fn days(&self, from: Date, until: Date) -> Vec<String> {
        let mut said = Vec::new();
        let mut day = from;
        while day <= until {
            for contact in self.day(day).await {
                said.push(format!("{day} {} {}", contact.key.step(), contact.tone));
            }
            day = day.saturating_add(1.day());
        }
        said
    }

    /// Every contact, in the order of ids.
    pub async fn contacts(&self) -> Vec<ContactRecord> {
        let page = store::contacts::page(self.engine.db(), self.company.id, None, 100_000).await;
        page.expect("contacts are read")
    }

    /// All that a decision sees of a customer.
    pub async fn standing(&self, customer: &str) -> Standing {
        let db = self.engine.db();
        let id = store::customers::id_of(db, self.company.id, customer).await;
        let id = id
            .expect("customers are read")
            .expect("a customer of the test");
        let found = positions(db, self.company.id, Slice::Only(vec![id]), None).await;
        found
            .expect("positions are read")
            .pop()
            .expect("the customer")
    }

    /// The books of a customer.
    pub async fn books(&self, customer: &str) -> Books {
        self.standing(customer).await.position.books
    }

    /// The statement of a customer at this instant.
    pub async fn statement(&self, customer: &str) -> Statement {
        let day = self.company.day_of(self.now());
        self.books(customer).await.statement(day)
    }

    /// The answer to "why?" for a customer now.
    pub async fn why(&self, customer: &str) -> Value {
        let why = self.engine.why(&self.company, customer, self.now()).await;
        why.expect("why is answered")
    }

    /// Money in, today, on those documents; by the policy's rule when there are none.
    pub async fn pay(&self, customer: &str, amount: &str, on: &[&str]) {
        let payment = NewPayment {
            customer: customer.to_owned(),
            amount: amount.parse().expect("an amount"),
            currency: None,
            on: None,
            reference: None,
            documents: on
                .iter()
                .map(|number| ((*number).to_owned(), None))
                .collect(),
        };
        let paid = self
            .engine
            .add_payment(&self.company, payment, AUTHOR)
            .await;
        paid.expect("a payment");
    }

    /// A promise made today.
    pub async fn promise(&self, customer: &str, amount: &str, due_on: Date) {
        let promise = NewPromise {
            customer: customer.to_owned(),
            amount: amount.parse().expect("an amount"),
            currency: None,
            made_on: None,
            due_on,
            note: "llamada".to_owned(),
        };
        let made = self
            .engine
            .add_promise(&self.company, promise, AUTHOR)
            .await;
        made.expect("a promise");
    }

    /// A hold on a document or the whole customer; its id.
    pub async fn hold(
        &self,
        customer: &str,
        kind: HoldKind,
        document: Option<&str>,
        (from, until): (Option<Date>, Option<Date>),
    ) -> String {
        let hold = NewHold {
            customer: customer.to_owned(),
            document: document.map(str::to_owned),
            kind,
            amount: None,
            currency: None,
            from,
            until,
            reason: "así lo pidió".to_owned(),
        };
        let held = self.engine.add_hold(&self.company, hold, AUTHOR).await;
        held.expect("a hold").hold
    }

    /// How the customer's first address works from now on.
    pub async fn health(&self, customer: &str, health: Health) {
        let customer = self.standing(customer).await.position.customer;
        let point = customer.contact_points.first().expect("an address").id;
        let mut tx = self.engine.db().begin().await.expect("a transaction");
        let (stamp, company) = (self.stamp(), self.company.id);
        let point = (customer.id, point);
        let set = store::customers::set_health(&mut tx, &stamp, company, point, health).await;
        set.expect("the address is changed");
        tx.commit().await.expect("a commit");
    }

    /// The reason of the silence for a customer now; `None` when a contact would be planned.
    pub async fn silence(&self, customer: &str) -> Option<String> {
        let why = self.why(customer).await;
        why["silence"]["reason"].as_str().map(str::to_owned)
    }
}
