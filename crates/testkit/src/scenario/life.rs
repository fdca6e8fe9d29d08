//! A scenario, lived.

use std::fmt::Write as _;

use domain::Currency;
use domain::contact::ContactState;
use domain::customer::Country;
use domain::hold::HoldKind;
use domain::ids::PaymentId;
use domain::ledger::Payment;
use engine::NewCompany;
use engine::holds::NewHold;
use engine::payments::NewPayment;
use engine::promises::NewPromise;
use jiff::ToSpan;
use jiff::civil::{Date, Time, time};
use serde_json::json;
use store::Db;
use store::contacts::ContactRecord;

use super::script::{Day, Event, Said, Script, weekday};
use super::told::{customer_facts, told};
use super::verbs::{Amount, What};
use crate::world::{AUTHOR, DISPATCH_HOURS, World};

/// The hour of what happens before the run.
const EARLY: Time = time(7, 0, 0, 0);

/// What came of a scenario.
pub struct Lived {
    /// What is not as the table says, with the line.
    pub wrong: Vec<String>,
    /// The table as it was lived.
    pub table: String,
}

/// A scenario on its way.
struct Life<'s> {
    world: World,
    script: &'s Script,
    off_until: Option<Date>,
    /// Disputes and pauses set, to be ended: customer, document, id.
    holds: Vec<(String, Option<String>, String)>,
    payments: u32,
    wrong: Vec<String>,
    table: String,
}

/// What left.
struct Left {
    customer: String,
    at: Time,
    text: String,
}

/// Lives a scenario from its first day to its last.
pub async fn live(db: &Db, script: &Script) -> Lived {
    let mut life = Life::begin(db, script).await;
    let mut day = script.days[0].date;
    for row in &script.days {
        while day < row.date {
            life.day(day, None).await;
            day = day.saturating_add(1.day());
        }
        day = life.day(row.date, Some(row)).await;
    }
    Lived {
        wrong: life.wrong,
        table: life.table,
    }
}

impl<'s> Life<'s> {
    async fn begin(db: &Db, script: &'s Script) -> Self {
        let fact = |name: &str| script.company.facts.iter().find(|(word, _)| word == name);
        let text = |name: &str| fact(name).map(|(_, value)| value.clone());
        let company = NewCompany {
            name: "principal".to_owned(),
            legal_name: Some(script.company.name.clone()),
            country: text("país").as_deref().and_then(Country::new),
            currency: text("moneda").and_then(|code| Currency::new(&code).ok()),
            zone: text("zona"),
            language: text("idioma"),
            ..NewCompany::default()
        };
        let start = script.days[0].date.at(0, 0, 0, 0);
        let start = jiff::tz::TimeZone::UTC
            .to_timestamp(start)
            .expect("in range");
        let mut world = World::new(db, company, start).await;
        world.at(script.days[0].date, time(0, 1, 0, 0));
        if let Some(key) = text("política") {
            let policy = engine::policies::shipped(&key).expect("a policy that ships");
            let used = world
                .engine
                .use_policy(&world.company, &key, policy, AUTHOR)
                .await;
            used.expect("the policy holds");
            let company = world
                .engine
                .company(None)
                .await
                .expect("the company is read");
            world.company = company.expect("the company");
        }
        for (name, value) in &script.declared {
            world.declare(name, value).await;
        }
        for (key, customer) in &script.customers {
            let address = customer.facts.iter().find(|(word, _)| word == "correo");
            let address = address.map(|(_, address)| address.as_str());
            world.customer(customer_facts(key, customer), address).await;
        }
        Self {
            world,
            script,
            off_until: None,
            holds: Vec::new(),
            payments: 0,
            wrong: Vec::new(),
            table: format!("{:<14} | {:<60} | sale\n", "día", "pasa"),
        }
    }

    /// Lives a day; gives the next one.
    async fn day(&mut self, date: Date, row: Option<&Day>) -> Date {
        let events = row.map_or(&[][..], |row| &row.events);
        let mut next = date.saturating_add(1.day());
        for event in events {
            match event.what {
                What::Off(until) => self.off_until = Some(until),
                What::Clock(day) => next = day,
                _ => {}
            }
        }
        let on = self.off_until.is_none_or(|until| date >= until);
        for event in events.iter().filter(|event| event.at.is_none()) {
            self.world.at(date, EARLY);
            self.happens(date, event).await;
        }
        if on {
            self.world.set(self.world.company.run_instant(date));
            self.silences(row).await;
            self.world.run(date).await;
        }
        let left = self.hours(date, events, on).await;
        self.compare(date, row, &left);
        next
    }

    /// The hours of a day: what happens at them, and what is sent. Nothing planned, nothing sent.
    async fn hours(&mut self, date: Date, events: &[Event], on: bool) -> Vec<Left> {
        let mut hours: Vec<(Time, Option<&Event>)> = Vec::new();
        hours.extend(
            events
                .iter()
                .filter_map(|event| Some((event.at?, Some(event)))),
        );
        let waits = |contact: &ContactRecord| contact.state == ContactState::Planned;
        if on && self.world.contacts().await.iter().any(waits) {
            hours.extend(DISPATCH_HOURS.map(|hour| (time(hour, 0, 0, 0), None)));
        }
        hours.sort_by_key(|(at, event)| (*at, event.is_none()));
        let mut left = Vec::new();
        for (at, event) in hours {
            self.world.at(date, at);
            match event {
                Some(event) => self.happens(date, event).await,
                None => left.extend(self.send(at).await),
            }
        }
        left
    }

    async fn send(&mut self, at: Time) -> Vec<Left> {
        let summary = self.world.dispatch().await;
        assert_eq!(
            (summary.failed, summary.unknown, summary.put_back),
            (0, 0, 0)
        );
        if summary.sent == 0 {
            return Vec::new();
        }
        let now = self.world.now();
        let mut left = Vec::new();
        for contact in self.world.contacts().await {
            if contact.performed_at != Some(now) {
                continue;
            }
            let differences = self.world.differences(&contact).await;
            let step = contact.key.step().to_owned();
            self.wrong.extend(
                differences
                    .into_iter()
                    .map(|it| format!("{now} {step}: {it}")),
            );
            left.push(Left {
                customer: contact.customer_key.clone(),
                at,
                text: told(&contact),
            });
        }
        left
    }

    async fn silences(&mut self, row: Option<&Day>) {
        for said in row.into_iter().flat_map(|row| &row.said) {
            let Some(reason) = &said.silence else {
                continue;
            };
            let customer = said
                .customer
                .as_ref()
                .unwrap_or(&self.script.customers[0].0);
            let found = self.world.silence(customer).await;
            if found.as_deref() != Some(reason) {
                let found = found.as_deref().unwrap_or("habla");
                self.wrong
                    .push(format!("línea {}: «calla: {reason}» es {found}", said.line));
            }
        }
    }

    /// Compares what left with what should have, and writes the day down.
    fn compare(&mut self, date: Date, row: Option<&Day>, left: &[Left]) {
        let many = self.script.customers.len() > 1;
        let empty: &[Said] = &[];
        let wanted = row.map_or(empty, |row| &row.said);
        let mut wanted: Vec<&Said> = wanted.iter().filter(|it| it.silence.is_none()).collect();
        let first = &self.script.customers[0].0;
        for left in left {
            let found = wanted.iter().position(|said| {
                said.customer.as_ref().unwrap_or(first) == &left.customer
                    && said.at.is_none_or(|at| at == left.at)
                    && words(&said.text) == words(&left.text)
            });
            match found {
                Some(index) => drop(wanted.remove(index)),
                None => {
                    let line = row.map_or(String::new(), |row| format!("línea {}: ", row.line));
                    let told = left.told(many);
                    self.wrong
                        .push(format!("{line}el {date} sale y no debe: {told}"));
                }
            }
        }
        for said in wanted {
            let text = &said.text;
            self.wrong.push(format!(
                "línea {}: el {date} debe salir y no sale: {text}",
                said.line
            ));
        }
        let mut customers: Vec<&str> = left.iter().map(|left| left.customer.as_str()).collect();
        customers.sort_unstable();
        if customers.windows(2).any(|pair| pair[0] == pair[1]) {
            self.wrong
                .push(format!("el {date} un cliente recibe dos mensajes"));
        }
        self.write_down(date, row, left, many);
    }

    fn write_down(&mut self, date: Date, row: Option<&Day>, left: &[Left], many: bool) {
        let silences = row.into_iter().flat_map(|row| &row.said);
        let silences = silences.filter(|said| said.silence.is_some()).map(|said| {
            let customer = said.customer.as_ref().map(|key| format!("{key}: "));
            format!("{}{}", customer.unwrap_or_default(), said.text)
        });
        let events: Vec<&str> = row
            .into_iter()
            .flat_map(|row| &row.events)
            .map(|event| event.text.as_str())
            .collect();
        let said: Vec<String> = left
            .iter()
            .map(|left| left.told(many))
            .chain(silences)
            .collect();
        if !events.is_empty() || !said.is_empty() {
            let (events, said) = (events.join("; "), said.join("; "));
            let line = format!("{date} {} | {events:<60} | {said}", weekday(date));
            let _ = writeln!(self.table, "{}", line.trim_end());
        }
    }

    async fn happens(&mut self, date: Date, event: &Event) {
        let customer = event
            .customer
            .as_ref()
            .unwrap_or(&self.script.customers[0].0)
            .clone();
        match &event.what {
            What::Document { .. } => self.document(&customer, date, &event.what).await,
            What::Payment {
                amount,
                on,
                unapplied,
            } => self.payment(&customer, *amount, on, *unapplied).await,
            What::Promise(amount, due_on) => {
                let promise = NewPromise {
                    customer,
                    amount: amount.value,
                    currency: amount.currency,
                    made_on: None,
                    due_on: *due_on,
                    note: event.text.clone(),
                };
                let company = &self.world.company;
                let made = self
                    .world
                    .engine
                    .add_promise(company, promise, AUTHOR)
                    .await;
                made.expect("a promise");
            }
            What::Dispute {
                number,
                amount,
                until,
            } => {
                let mut hold = hold(customer, HoldKind::Dispute, *until, &event.text);
                hold.document = Some(number.clone());
                hold.amount = amount.map(|amount| amount.value);
                self.hold(hold).await;
            }
            What::Pause { from, until } => {
                let mut hold = hold(customer, HoldKind::Pause, *until, &event.text);
                hold.from = *from;
                self.hold(hold).await;
            }
            What::Settled(number) => self.end(&customer, Some(number.clone())).await,
            What::Resumed => self.end(&customer, None).await,
            What::Health(code) => {
                let health = code.parse().expect("a code");
                self.world.health(&customer, health).await;
            }
            What::Off(_) | What::Clock(_) => {}
        }
    }

    async fn document(&mut self, customer: &str, date: Date, what: &What) {
        let What::Document {
            kind,
            number,
            amount,
            due,
            issued,
            direct_debit,
        } = what
        else {
            return;
        };
        let issued = issued.unwrap_or(date);
        let (due, currency) = (due.unwrap_or(issued), amount.currency);
        let currency = currency.unwrap_or(self.world.company.currency);
        let (value, debit) = (amount.value, if *direct_debit { "sí" } else { "no" });
        let text = format!(
            "Factura,Tipo de documento,Código cliente,Fecha emisión,Fecha vencimiento,Importe,\
             Moneda,Domiciliado\n\
             {number},{kind},{customer},{issued},{due},{value},{currency},{debit}\n"
        );
        self.world.import(&text).await;
    }

    async fn payment(&mut self, customer: &str, amount: Amount, on: &[String], unapplied: bool) {
        self.payments += 1;
        let reference = format!("SPEI {}", self.payments);
        let world = &self.world;
        if !unapplied {
            let payment = NewPayment {
                customer: customer.to_owned(),
                amount: amount.value,
                currency: amount.currency,
                on: None,
                reference: Some(reference),
                documents: on.iter().map(|number| (number.clone(), None)).collect(),
            };
            let paid = world
                .engine
                .add_payment(&world.company, payment, AUTHOR)
                .await;
            paid.expect("a payment");
            return;
        }
        let stamp = world.stamp();
        let payment = Payment {
            id: PaymentId::from_uuid(stamp.ids.draw()),
            reference,
            on: world.company.day_of(world.now()),
            amount: amount.money(world.company.currency),
        };
        let (db, company) = (world.engine.db(), world.company.id);
        let customer = world.standing(customer).await.position.customer.id;
        let mut tx = db.begin().await.expect("a transaction");
        let added =
            store::payments::add(&mut tx, &stamp, company, customer, &payment, &json!({})).await;
        added.expect("a payment");
        tx.commit().await.expect("a commit");
    }

    async fn hold(&mut self, new: NewHold) {
        let (customer, document) = (new.customer.clone(), new.document.clone());
        let held = self
            .world
            .engine
            .add_hold(&self.world.company, new, AUTHOR)
            .await;
        self.holds
            .push((customer, document, held.expect("a hold").hold));
    }

    async fn end(&mut self, customer: &str, document: Option<String>) {
        let found = self
            .holds
            .iter()
            .rposition(|(whose, on, _)| whose == customer && *on == document);
        let (_, _, id) = self.holds.remove(found.expect("a hold set before"));
        let world = &self.world;
        let ended = world
            .engine
            .end_hold(&world.company, &id, None, "terminó", AUTHOR)
            .await;
        ended.expect("the hold ends");
    }
}

impl Left {
    fn told(&self, with_customer: bool) -> String {
        let hour = self.at.strftime("%H:%M");
        let hour = if self.at == time(9, 0, 0, 0) {
            String::new()
        } else {
            format!("{hour} ")
        };
        let customer = if with_customer {
            format!("{}: ", self.customer)
        } else {
            String::new()
        };
        format!("{hour}{customer}{}", self.text)
    }
}

fn hold(customer: String, kind: HoldKind, until: Option<Date>, reason: &str) -> NewHold {
    NewHold {
        customer,
        document: None,
        kind,
        amount: None,
        currency: None,
        from: None,
        until,
        reason: reason.to_owned(),
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}
