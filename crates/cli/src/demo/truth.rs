//! What was planted beside what can be found again in the records.

use std::collections::{BTreeMap, HashMap};

use domain::contact::{ContactKey, ContactState};
use domain::customer::{BehaviourClass, Health};
use domain::ids::{ContactId, DocumentId};
use domain::promise::PromiseState;
use domain::{CustomerId, calendar};
use engine::{Company, Engine};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use simulator::{Address, Company as Planted, Customer};
use store::positions::{Slice, positions};
use store::{contacts, documents, events};

use super::story::Span;
use crate::failure::Failure;

/// Rows read at a time.
const PAGE: u32 = 2_000;

/// A reminder works when money comes in within so many days.
const RESPONSE_DAYS: i64 = 7;

/// Hours away from the favourite one that still count as it.
const HOURS_AROUND: i8 = 1;

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
) -> Result<Vec<Compared>, Failure> {
    let truth = planted.customers().map(|it| (it.key.clone(), it)).collect();
    let mut records = Records {
        truth,
        late: HashMap::new(),
        paid: HashMap::new(),
        unmoved: Share::default(),
    };
    records.documents(engine, company, span).await?;
    let mut compared = records.lateness();
    compared.extend(records.reminders(engine, company).await?);
    compared.extend(records.customers(engine, company, span).await?);
    Ok(compared)
}

/// What is read of the records in one pass, by customer and document.
struct Records {
    truth: HashMap<String, Customer>,
    /// Documents paid late and all documents settled, by customer.
    late: HashMap<String, (u64, u64)>,
    /// The day each document was settled.
    paid: HashMap<String, Option<Date>>,
    /// Documents a day late before anybody was reminded, and those paid in the days after.
    unmoved: Share,
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
                if document.due < span.until {
                    let (late, of) = self.late.entry(row.customer_key).or_default();
                    *late += u64::from(settled.is_none_or(|on| on > document.due));
                    *of += 1;
                }
                self.paid.insert(document.number, settled);
            }
        }
    }

    /// Customers who paid all on time, of those who were planted so and of the others.
    fn lateness(&self) -> Vec<Compared> {
        let (mut punctual, mut others) = (Share::default(), Share::default());
        for (key, (late, of)) in &self.late {
            let Some(customer) = self.truth.get(key) else {
                continue;
            };
            let class = customer.behaviour.pays.class();
            let share = if class == BehaviourClass::Punctual {
                &mut punctual
            } else {
                &mut others
            };
            share.of += of;
            share.hits += late;
        }
        vec![
            punctual.compared("documentos tarde de quienes son puntuales", false),
            others.compared("documentos tarde de los demás", false),
        ]
    }

    /// Payment within some days of the first reminder, against the same without any.
    async fn reminders(
        &self,
        engine: &Engine,
        company: &Company,
    ) -> Result<Vec<Compared>, Failure> {
        let (mut moved, mut hours) = (Share::default(), Share::default());
        let mut after: Option<ContactId> = None;
        let mut first: HashMap<(CustomerId, Date), ()> = HashMap::new();
        loop {
            let page = contacts::page(engine.db(), company.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let ids: Vec<_> = page.iter().map(|contact| contact.id.uuid()).collect();
            for event in events::of_entities(engine.db(), company.id, &ids).await? {
                let read = page.iter().find(|it| Some(it.id.uuid()) == event.entity);
                let customer = read.and_then(|it| self.truth.get(&it.customer_key));
                if let (Some(customer), "contact.read") = (customer, event.kind.as_str()) {
                    let hour = calendar::local(event.at, &company.zone).hour();
                    let away = (hour - customer.behaviour.hour).abs();
                    hours.add(away <= HOURS_AROUND, 0);
                }
            }
            for contact in page.iter().filter(|contact| contact.state.counts()) {
                let (ContactKey::Step { cycle, .. }, Some(at)) =
                    (&contact.key, contact.performed_at)
                else {
                    continue;
                };
                if first.insert((contact.customer, *cycle), ()).is_some() {
                    continue;
                }
                let day = company.day_of(at);
                let until = day.saturating_add(RESPONSE_DAYS.days());
                for number in numbers(&contact.content) {
                    let paid = self.paid.get(&number).copied().flatten();
                    moved.add(paid.is_some_and(|on| on >= day && on <= until), 0);
                }
            }
        }
        Ok(vec![
            self.unmoved
                .compared("pagan en 7 días sin recordatorio", false),
            moved.compared("pagan en 7 días tras el primer recordatorio", false),
            hours.compared("leen a su hora preferida (± 1 h)", false),
        ])
    }

    /// Promises kept, and addresses that bounce.
    async fn customers(
        &self,
        engine: &Engine,
        company: &Company,
        span: Span,
    ) -> Result<Vec<Compared>, Failure> {
        let (mut promises, mut bounces) = (Share::default(), Share::default());
        let mut after = None;
        loop {
            let slice = Slice::After {
                customer: after,
                limit: PAGE,
            };
            let page = positions(engine.db(), company.id, slice, None).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.position.customer.id);
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
        Ok(vec![
            promises.compared("promesas cumplidas", true),
            bounces.compared("correos que rebotan, de los que se usaron", true),
        ])
    }
}

fn numbers(content: &str) -> Vec<String> {
    let content: Value = serde_json::from_str(content).unwrap_or_default();
    let lines = content["documents"].as_array().into_iter().flatten();
    lines
        .filter_map(|line| line["invoice"].as_str().map(str::to_owned))
        .collect()
}
