//! What was planted beside what can be found again in the records.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::contact::{ContactKey, ContactState};
use domain::customer::{BehaviourClass, Health};
use domain::ids::{ContactId, DocumentId};
use domain::promise::PromiseState;
use domain::{CustomerId, calendar};
use engine::{Company, Engine};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use serde_json::Value;
use simulator::{Address, Company as Planted, Customer, Truth};
use store::contacts::ContactRecord;
use store::positions::{Slice, positions};
use store::{contacts, customers, documents, events};

use super::story::Span;
use crate::failure::Failure;

/// Rows read at a time.
const PAGE: u32 = 2_000;

/// A reminder works when money comes in within so many days.
const RESPONSE_DAYS: i64 = 7;

/// Days of the collection figures.
const WINDOW_DAYS: u16 = engine::reports::WINDOW_DAYS;

/// A share as it was planted and as it was found.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// Of what.
    pub what: &'static str,
    /// Planted, per mille; absent where only a comparison is to be seen.
    pub planted_permille: Option<u64>,
    /// Found in the records, per mille; absent where there was nothing to look at.
    pub found_permille: Option<u64>,
    /// Out of how many.
    pub of: u64,
}

/// The collection figures of the days that end with one.
#[derive(Clone, Debug, Serialize)]
pub struct Month {
    /// That day.
    pub as_of: Date,
    /// Figures per currency.
    pub currencies: BTreeMap<String, Value>,
    /// Share of the customers overdue that were contacted or wrote, per cent.
    pub managed: Option<String>,
}

/// Messages opened in an hour of the company's day, and what followed.
#[derive(Clone, Debug, Serialize)]
pub struct Hour {
    /// The hour, from 0.
    pub hour: i8,
    /// Reminders opened in it.
    pub read: u64,
    /// Of these, those after which a document they name was paid within a week.
    pub paid: u64,
}

/// What was planted beside what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Shares, each with the one planted where there is one.
    pub shares: Vec<Compared>,
    /// When reminders are read, and what comes of it.
    pub hours: Vec<Hour>,
}

/// So many out of so many.
#[derive(Clone, Copy, Default)]
struct Share {
    hits: u64,
    of: u64,
    /// Sum of what was planted for each, per mille.
    planted: u64,
}

impl Share {
    fn add(&mut self, hit: bool, planted_permille: u64) {
        self.of += 1;
        self.hits += u64::from(hit);
        self.planted += planted_permille;
    }

    fn compared(self, what: &'static str, planted: bool) -> Compared {
        let permille = |sum: u64| (sum + self.of / 2).checked_div(self.of);
        Compared {
            what,
            planted_permille: permille(self.planted).filter(|_| planted),
            found_permille: permille(self.hits * 1_000),
            of: self.of,
        }
    }
}

/// The collection figures at the end of each month that was lived, and on the last day.
pub async fn months(engine: &Engine, company: &Company, span: Span) -> Result<Vec<Month>, Failure> {
    let mut ends = Vec::new();
    let mut end = span.from.last_of_month();
    while end < span.until {
        ends.push(end);
        end = end.saturating_add(1.day()).last_of_month();
    }
    ends.push(span.until);
    let mut reports = Vec::new();
    for end in ends {
        let report = engine.kpis(company, end, WINDOW_DAYS).await?;
        reports.push(Month {
            as_of: end,
            currencies: report.currencies,
            managed: report.managed,
        });
    }
    Ok(reports)
}

/// Compares what was planted with what the records show.
pub async fn compare(
    engine: &Engine,
    company: &Company,
    planted: &Planted,
    span: Span,
) -> Result<Found, Failure> {
    let mut records = Records {
        truth: planted.customers().map(|it| (it.key.clone(), it)).collect(),
        planted: planted.truth(),
        paid: HashMap::new(),
        unmoved: Share::default(),
        punctual: Share::default(),
        late: Share::default(),
        moved: Share::default(),
        at_hour: Share::default(),
        hours: BTreeMap::new(),
    };
    records.documents(engine, company, span).await?;
    records.contacts(engine, company).await?;
    let (promises, bounces) = records.customers(engine, company, span).await?;
    let shares = vec![
        records
            .punctual
            .compared("documentos tarde de los puntuales", true),
        records
            .late
            .compared("documentos tarde de los olvidadizos y los lentos", true),
        records
            .unmoved
            .compared("pagan en 7 días sin recordatorio", false),
        records
            .moved
            .compared("pagan en 7 días tras el primer recordatorio", false),
        records.at_hour.compared("leen a su hora preferida", true),
        promises.compared("promesas cumplidas", true),
        bounces.compared("correos que rebotan, de los que se usaron", true),
    ];
    Ok(Found {
        shares,
        hours: records.hours.into_values().collect(),
    })
}

/// What is read of the records, pass by pass.
struct Records {
    truth: HashMap<String, Customer>,
    planted: Truth,
    /// The day each document was settled.
    paid: HashMap<String, Option<Date>>,
    /// Documents a day late before anybody was reminded, and those paid in the days after.
    unmoved: Share,
    /// Documents paid late, of customers who are punctual.
    punctual: Share,
    /// The same, of those who forget or are slow.
    late: Share,
    /// Documents of first reminders, and those paid in the days after.
    moved: Share,
    /// Readings, and those at the customer's own hour.
    at_hour: Share,
    hours: BTreeMap<i8, Hour>,
}

impl Records {
    async fn documents(
        &mut self,
        engine: &Engine,
        company: &Company,
        span: Span,
    ) -> Result<(), Failure> {
        let mut after: Option<DocumentId> = None;
        loop {
            let page = documents::page(engine.db(), company.id, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.document.id);
            for row in page {
                let (document, settled) = (row.document, row.settled_on);
                let late_on = document.due.saturating_add(1.day());
                let looked_until = late_on.saturating_add(RESPONSE_DAYS.days());
                if looked_until < span.from && settled.is_none_or(|on| on >= late_on) {
                    let quick = settled.is_some_and(|on| on <= looked_until);
                    self.unmoved.add(quick, 0);
                }
                if document.due < span.until && !document.direct_debit {
                    let late = settled.is_none_or(|on| on > document.due);
                    self.lateness(&row.customer_key, late);
                }
                self.paid.insert(document.number, settled);
            }
        }
    }

    fn lateness(&mut self, customer: &str, late: bool) {
        let Some(customer) = self.truth.get(customer) else {
            return;
        };
        let class = customer.behaviour.pays.class();
        let mut classes = self.planted.classes.iter();
        let planted = classes.find(|it| it.class == class).map_or(0, |it| it.late);
        match class {
            BehaviourClass::Punctual => self.punctual.add(late, u64::from(planted)),
            BehaviourClass::Forgetful | BehaviourClass::Slow => {
                self.late.add(late, u64::from(planted));
            }
            // Whether they are late hangs on what they contest, or on the day they failed.
            BehaviourClass::Disputing | BehaviourClass::Insolvent => {}
        }
    }

    /// When reminders were read, and payment within some days of the first of a cycle.
    async fn contacts(&mut self, engine: &Engine, company: &Company) -> Result<(), Failure> {
        let mut after: Option<ContactId> = None;
        let mut cycles: HashSet<(CustomerId, Date)> = HashSet::new();
        loop {
            let page = contacts::page(engine.db(), company.id, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.id);
            let ids: Vec<_> = page.iter().map(|contact| contact.id.uuid()).collect();
            for event in events::of_entities(engine.db(), company.id, &ids).await? {
                let read = page.iter().find(|it| Some(it.id.uuid()) == event.entity);
                if let (Some(contact), "contact.read") = (read, event.kind.as_str()) {
                    self.read(company, contact, event.at);
                }
            }
            for contact in page.iter().filter(|contact| contact.state.counts()) {
                let (ContactKey::Step { cycle, .. }, Some(at)) =
                    (&contact.key, contact.performed_at)
                else {
                    continue;
                };
                if cycles.insert((contact.customer, *cycle)) {
                    let day = company.day_of(at);
                    for number in numbers(&contact.content) {
                        self.moved.add(self.is_paid_soon(&number, day), 0);
                    }
                }
            }
        }
    }

    fn read(&mut self, company: &Company, contact: &ContactRecord, at: Timestamp) {
        let local = calendar::local(at, &company.zone);
        if let Some(customer) = self.truth.get(&contact.customer_key) {
            let planted = u64::from(self.planted.at_favourite_hour);
            let own = calendar::zone(customer.zone);
            let hour = own.map_or(local.hour(), |zone| calendar::local(at, &zone).hour());
            self.at_hour.add(hour == customer.behaviour.hour, planted);
        }
        if !matches!(contact.key, ContactKey::Step { .. }) {
            return;
        }
        let numbers = numbers(&contact.content);
        let paid = numbers
            .iter()
            .any(|number| self.is_paid_soon(number, local.date()));
        let hour = self.hours.entry(local.hour()).or_insert_with(|| Hour {
            hour: local.hour(),
            read: 0,
            paid: 0,
        });
        hour.read += 1;
        hour.paid += u64::from(paid);
    }

    fn is_paid_soon(&self, number: &str, day: Date) -> bool {
        let until = day.saturating_add(RESPONSE_DAYS.days());
        let paid = self.paid.get(number).copied().flatten();
        paid.is_some_and(|on| day <= on && on <= until)
    }

    /// Promises kept, and addresses that bounce.
    async fn customers(
        &self,
        engine: &Engine,
        company: &Company,
        span: Span,
    ) -> Result<(Share, Share), Failure> {
        let (mut promises, mut bounces) = (Share::default(), Share::default());
        let mut after = None;
        loop {
            let page = customers::page(engine.db(), company.id, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok((promises, bounces));
            };
            after = Some(last.customer.id);
            let slice = Slice::Only(page.iter().map(|row| row.customer.id).collect());
            let page = positions(engine.db(), company.id, slice, None).await?;
            for position in page.iter().map(|standing| &standing.position) {
                let Some(customer) = self.truth.get(&position.customer.key) else {
                    continue;
                };
                let behaviour = &customer.behaviour;
                for promise in &position.books.promises {
                    let paid = position.books.paid(promise.amount.currency);
                    let kept = match promise.state_on(span.until, &paid) {
                        PromiseState::Pending => continue,
                        PromiseState::Kept => true,
                        PromiseState::Broken { .. } => false,
                    };
                    promises.add(kept, u64::from(behaviour.keeps_permille));
                }
                let mut tried = position.contacts.iter();
                let out = |state: ContactState| state.counts() || state == ContactState::Failed;
                if tried.any(|contact| out(contact.state)) {
                    let mut points = position.customer.contact_points.iter();
                    let bounced = points.any(|point| point.health == Health::Bouncing);
                    let planted = behaviour.address == Address::Bounces;
                    bounces.add(bounced, u64::from(planted) * 1_000);
                }
            }
        }
    }
}

fn numbers(content: &str) -> Vec<String> {
    let content: Value = serde_json::from_str(content).unwrap_or_default();
    let lines = content["documents"].as_array().into_iter().flatten();
    lines
        .filter_map(|line| line["invoice"].as_str().map(str::to_owned))
        .collect()
}
