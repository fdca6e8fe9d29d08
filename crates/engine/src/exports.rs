//! What is on record, line by line, for other programs.

use std::collections::HashMap;

use domain::Money;
use domain::contact::ContactState;
use domain::customer::{Consent, LegalEvent};
use domain::facts::Position;
use domain::ids::{ContactId, CustomerId, DecisionId, DocumentId, PaymentId};
use domain::ledger::{Application, Payment, Source};
use domain::promise::{Promise, PromiseState};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};
use store::contacts::ContactRecord;
use store::events::Event;
use store::positions::{Slice, positions};
use store::{contact_points, contacts, customers, documents, events, messages, notes, runs, tasks};
use uuid::Uuid;

use crate::company::Company;
use crate::{Engine, Error, Result, record};

/// Rows read at a time.
const PAGE_ROWS: u32 = 2_000;

/// Contacts whose addresses are looked up at a time.
const CONTACTS_MAX: usize = 200;

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// Contacts, planned and made, then calls, visits and letters of people, each with the question
    /// that was put to the law.
    Contacts,
    /// Decisions, with the silences.
    Decisions,
    /// Documents.
    Documents,
    /// Customers.
    Customers,
    /// Payments, with what they lie on.
    Payments,
    /// Promises, with what became of them by now.
    Promises,
    /// Messages, in and out, in the order of each conversation.
    Threads,
}

/// Something a person has to look at.
#[derive(Clone, Debug, Serialize)]
pub struct OpenTask {
    /// Our id.
    pub id: String,
    /// Its kind, a word.
    pub kind: String,
    /// What to do, in Spanish.
    pub text: String,
}

/// Tasks listed at a time.
const TASKS_MAX: u32 = 1_000;

impl Engine {
    /// What waits for a person, oldest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open_tasks(&self, company: &Company) -> Result<Vec<OpenTask>> {
        let open = tasks::open(&self.db, company.id, TASKS_MAX).await?;
        let shown = |task: tasks::Task| OpenTask {
            id: task.id.to_string(),
            kind: task.kind,
            text: task.text,
        };
        Ok(open.into_iter().map(shown).collect())
    }

    /// Hands every line of an export to `line`, a page at a time.
    ///
    /// # Errors
    /// What the database says, and what `line` says.
    pub async fn export(
        &self,
        company: &Company,
        export: Export,
        line: &mut (dyn FnMut(Value) -> Result<()> + Send),
    ) -> Result<()> {
        match export {
            Export::Contacts => {
                self.export_contacts(company, line).await?;
                self.export_by_hand(company, line).await
            }
            Export::Decisions => self.export_decisions(company, line).await,
            Export::Documents => self.export_documents(company, line).await,
            Export::Customers => self.export_customers(company, line).await,
            Export::Payments => self.export_books(company, payment_lines, line).await,
            Export::Promises => self.export_books(company, promise_lines, line).await,
            Export::Threads => self.export_threads(company, line).await,
        }
    }

    async fn export_contacts(
        &self,
        company: &Company,
        line: &mut (dyn FnMut(Value) -> Result<()> + Send),
    ) -> Result<()> {
        let mut after: Option<ContactId> = None;
        loop {
            let page = contacts::page(&self.db, company.id, after, PAGE_ROWS).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.id);
            let ids: Vec<Uuid> = page.iter().map(|contact| contact.id.uuid()).collect();
            let heard = Heard::of(events::of_entities(&self.db, company.id, &ids).await?);
            let sent: HashMap<Uuid, String> =
                messages::addresses_of_contacts(&self.db, company.id, &ids)
                    .await?
                    .into_iter()
                    .collect();
            let known = self.addresses_of(company, &page).await?;
            for contact in page {
                let mut content: Value =
                    serde_json::from_str(&contact.content).map_err(Error::json)?;
                let take = |content: &mut Value, key: &str| content[key].take();
                let address = sent.get(&contact.id.uuid());
                let address = address.or_else(|| known.get(&contact.point.uuid()));
                let copies = copies(&content).filter_map(|copy| known.get(&copy));
                let copies: Vec<&String> = copies.collect();
                let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
                line(json!({
                    "id": contact.id.to_string(),
                    "customer": contact.customer_key,
                    "kind": contact.key.kind(),
                    "step": contact.key.step(),
                    "cycle": contact.key.day().to_string(),
                    "channel": contact.channel.code(),
                    "address": address,
                    "copies": copies,
                    "template": contact.template,
                    "tone": contact.tone.code(),
                    "state": contact.state.code(),
                    "reasons": contact.reason.iter().collect::<Vec<_>>(),
                    "planned_at": contact.planned_at.to_string(),
                    "claimed_at": instant(contact.claimed_at),
                    "sent_at": instant(contact.performed_at),
                    "delivered_at": heard.at(contact.id, ContactState::Delivered),
                    "read_at": heard.at(contact.id, ContactState::Read),
                    "answered_at": heard.at(contact.id, ContactState::Answered),
                    "documents": take(&mut content, "documents"),
                    "upcoming": take(&mut content, "upcoming"),
                    "held": take(&mut content, "held"),
                    "totals": take(&mut content, "totals"),
                    "credits": take(&mut content, "credits"),
                    "facts": take(&mut content, "facts"),
                    "other_facts": take(&mut content, "other_facts"),
                    "try": take(&mut content, "try"),
                }))?;
            }
        }
    }

    /// The keys of customers that come in the order of their ids, each as often as it has rows.
    async fn keys_of(
        &self,
        company: &Company,
        customers: impl Iterator<Item = CustomerId>,
    ) -> Result<HashMap<CustomerId, String>> {
        let mut ids: Vec<CustomerId> = customers.collect();
        ids.dedup();
        let mut keys = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(500) {
            keys.extend(customers::keys(&self.db, company.id, chunk).await?);
        }
        Ok(keys)
    }

    /// Calls, visits and letters: made by people, on no step of the policy.
    async fn export_by_hand(
        &self,
        company: &Company,
        line: &mut (dyn FnMut(Value) -> Result<()> + Send),
    ) -> Result<()> {
        let mut after = None;
        loop {
            let page = notes::calls_page(&self.db, company.id, after, PAGE_ROWS).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some((last.customer, last.message));
            let keys = self
                .keys_of(company, page.iter().map(|call| call.customer))
                .await?;
            for call in page {
                let content = call.content.as_deref().unwrap_or("{}");
                let mut content: Value = serde_json::from_str(content).map_err(Error::json)?;
                let (outcome, from_customer) = call.result.in_law();
                line(json!({
                    "id": call.message.to_string(),
                    "customer": keys.get(&call.customer),
                    "kind": "by_hand",
                    "step": null,
                    "channel": call.channel.code(),
                    "address": call.address,
                    "direction": if from_customer { "in" } else { "out" },
                    "state": if call.result.is_conversation() { "answered" } else { "sent" },
                    "result": call.result.code(),
                    "outcome": outcome.code(),
                    "author": call.author,
                    "override": call.overridden,
                    "reasons": [],
                    "sent_at": call.at.to_string(),
                    "facts": content["facts"].take(),
                    "other_facts": content["other_facts"].take(),
                    "try": content["try"].take(),
                }))?;
            }
        }
    }

    /// The addresses that a page of contacts names, by id.
    async fn addresses_of(
        &self,
        company: &Company,
        page: &[ContactRecord],
    ) -> Result<HashMap<Uuid, String>> {
        let mut known = HashMap::with_capacity(page.len());
        for some in page.chunks(CONTACTS_MAX) {
            let (mut whose, mut points) = (Vec::new(), Vec::new());
            for contact in some {
                let content = serde_json::from_str(&contact.content).map_err(Error::json)?;
                whose.push(contact.customer.uuid());
                points.push(contact.point.uuid());
                points.extend(copies(&content));
            }
            let wanted = (whose.as_slice(), points.as_slice());
            known.extend(contact_points::addresses(&self.db, company.id, wanted).await?);
        }
        Ok(known)
    }

    async fn export_decisions(
        &self,
        company: &Company,
        line: &mut (dyn FnMut(Value) -> Result<()> + Send),
    ) -> Result<()> {
        let mut after: Option<(CustomerId, DecisionId)> = None;
        loop {
            let page = runs::decisions(&self.db, company.id, after, PAGE_ROWS).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some((last.customer, last.id));
            for decision in page {
                let facts: Value = serde_json::from_str(&decision.facts).map_err(Error::json)?;
                line(json!({
                    "id": decision.id.to_string(),
                    "run": decision.run.to_string(),
                    "customer": decision.customer_key,
                    "as_of": decision.as_of.to_string(),
                    "outcome": decision.outcome,
                    "reason": decision.reason,
                    "decision": facts,
                }))?;
            }
        }
    }

    async fn export_documents(
        &self,
        company: &Company,
        line: &mut (dyn FnMut(Value) -> Result<()> + Send),
    ) -> Result<()> {
        let mut after: Option<DocumentId> = None;
        loop {
            let page = documents::page(&self.db, company.id, after, PAGE_ROWS).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.document.id);
            for row in page {
                let document = row.document;
                line(json!({
                    "invoice": document.number,
                    "customer": row.customer_key,
                    "kind": document.kind.code(),
                    "issued": document.issued.to_string(),
                    "due": document.due.to_string(),
                    "amount": record::money(document.amount),
                    "settled_on": row.settled_on.map(|on| on.to_string()),
                    "direct_debit": document.direct_debit,
                    "debt": document.debt.class.map(|it| it.code()),
                    "final_consumer": document.debt.final_consumer,
                    "creditor": document.debt.creditor.map(|it| it.code()),
                    "actor": document.debt.actor.map(|it| it.code()),
                    "extra": row.extra,
                }))?;
            }
        }
    }

    async fn export_customers(
        &self,
        company: &Company,
        line: &mut (dyn FnMut(Value) -> Result<()> + Send),
    ) -> Result<()> {
        let mut after: Option<CustomerId> = None;
        loop {
            let page = customers::page(&self.db, company.id, after, PAGE_ROWS).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.customer.id);
            for row in page {
                let customer = row.customer;
                let points: Vec<Value> = customer
                    .contact_points
                    .iter()
                    .map(|point| {
                        json!({
                            "channel": point.channel.code(),
                            "address": point.address,
                            "role": point.role.map(|role| role.code()),
                            "source": point.source.map(|source| source.code()),
                            "health": point.health.code(),
                            "consent": consent(&point.consent),
                        })
                    })
                    .collect();
                line(json!({
                    "customer": customer.key,
                    "name": customer.name,
                    "class": customer.class.map(|class| class.code()),
                    "country": customer.country.map(|country| country.to_string()),
                    "subdivision": customer.subdivision,
                    "legal_events": legal_events(&customer.legal_events),
                    "zone": customer.zone,
                    "language": customer.language,
                    "tax_id": customer.tax_id,
                    "importance": customer.importance,
                    "behaviour": customer.behaviour.map(|behaviour| behaviour.code()),
                    "tags": customer.tags,
                    "contact_points": points,
                    "extra": row.extra,
                }))?;
            }
        }
    }

    /// What `lines` says of every customer's books today.
    async fn export_books(
        &self,
        company: &Company,
        lines: fn(&Position, Date) -> Vec<Value>,
        line: &mut (dyn FnMut(Value) -> Result<()> + Send),
    ) -> Result<()> {
        let today = company.day_of(self.now());
        let mut after = None;
        loop {
            let next = customers::page(&self.db, company.id, after, PAGE_ROWS).await?;
            let Some(last) = next.last().map(|row| row.customer.id) else {
                return Ok(());
            };
            let slice = Slice::Between {
                after: after.unwrap_or(CustomerId::from_uuid(Uuid::nil())),
                last,
            };
            after = Some(last);
            let page = positions(&self.db, company.id, slice, None).await?;
            for standing in &page {
                lines(&standing.position, today)
                    .into_iter()
                    .try_for_each(&mut *line)?;
            }
        }
    }

    async fn export_threads(
        &self,
        company: &Company,
        line: &mut (dyn FnMut(Value) -> Result<()> + Send),
    ) -> Result<()> {
        let mut after = None;
        loop {
            let page = messages::page(&self.db, company.id, after, PAGE_ROWS).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some((last.customer, last.id));
            let keys = self
                .keys_of(company, page.iter().map(|message| message.customer))
                .await?;
            for message in page {
                line(json!({
                    "customer": keys.get(&message.customer),
                    "contact": message.contact.map(|contact| contact.to_string()),
                    "direction": if message.incoming { "in" } else { "out" },
                    "channel": message.channel.code(),
                    "address": message.address,
                    "subject": message.subject,
                    "text": message.text,
                    "at": message.at.to_string(),
                }))?;
            }
        }
    }
}

/// Those to whom the content of a contact says that a copy went.
fn copies(content: &Value) -> impl Iterator<Item = Uuid> + '_ {
    let copies = content["copies"].as_array().into_iter().flatten();
    copies.filter_map(|copy| copy.as_str()?.parse().ok())
}

fn payment_lines(position: &Position, _today: Date) -> Vec<Value> {
    let books = &position.books;
    let numbers: HashMap<DocumentId, &str> = books
        .documents
        .iter()
        .map(|document| (document.id, document.number.as_str()))
        .collect();
    let mut laid: HashMap<PaymentId, Vec<&Application>> = HashMap::new();
    for application in &books.applications {
        if let Source::Payment(payment) = application.source {
            laid.entry(payment).or_default().push(application);
        }
    }
    let line = |payment: &Payment| {
        let own = laid.remove(&payment.id).unwrap_or_default();
        let currency = payment.amount.currency;
        let on_documents: i64 = own.iter().map(|it| it.minor).fold(0, i64::saturating_add);
        let unapplied = payment.amount.minor.saturating_sub(on_documents);
        let applications = own.iter().map(|application| {
            json!({
                "invoice": numbers.get(&application.document),
                "on": application.on.to_string(),
                "amount": record::money(Money::new(application.minor, currency)),
            })
        });
        json!({
            "payment": payment.reference,
            "customer": position.customer.key,
            "on": payment.on.to_string(),
            "amount": record::money(payment.amount),
            "applications": applications.collect::<Vec<_>>(),
            "unapplied": record::money(Money::new(unapplied, currency)),
        })
    };
    books.payments.iter().map(line).collect()
}

fn promise_lines(position: &Position, today: Date) -> Vec<Value> {
    let books = &position.books;
    let line = |promise: &Promise| {
        let state = match promise.state_on(today, &books.paid(promise.amount.currency)) {
            PromiseState::Pending => "pending",
            PromiseState::Kept => "kept",
            PromiseState::Broken { .. } => "broken",
        };
        json!({
            "customer": position.customer.key,
            "amount": record::money(promise.amount),
            "made_on": promise.made_on.to_string(),
            "due_on": promise.due_on.to_string(),
            "state": state,
        })
    };
    books.promises.iter().map(line).collect()
}

/// When each contact was delivered, read and answered, as far as that was heard.
struct Heard(HashMap<(Uuid, String), Value>);

impl Heard {
    fn of(events: Vec<Event>) -> Self {
        let heard = events.into_iter().filter_map(|mut event| {
            let state = event.kind.strip_prefix("contact.")?.to_owned();
            let at = event.body["after"]["at"].take();
            Some(((event.entity?, state), at))
        });
        Self(heard.collect())
    }

    fn at(&self, contact: ContactId, state: ContactState) -> Value {
        let key = (contact.uuid(), state.code().to_owned());
        self.0.get(&key).cloned().unwrap_or_default()
    }
}

fn consent(consent: &Consent) -> Value {
    match consent {
        Consent::Unknown => json!({ "state": "unknown" }),
        Consent::Given { on, source } => {
            json!({ "state": "given", "on": on.to_string(), "source": source })
        }
        Consent::Withdrawn { on } => json!({ "state": "withdrawn", "on": on.to_string() }),
    }
}

fn legal_events(events: &[LegalEvent]) -> Vec<Value> {
    let events = events.iter();
    let told =
        events.map(|it| json!({ "event": it.event, "on": it.on.to_string(), "source": it.source }));
    told.collect()
}
