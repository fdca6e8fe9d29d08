//! "¿Por qué?": the decision for one customer at an instant, with its facts, its rule and its law.

use domain::decide::{Outcome, decide};
use domain::facts::Position;
use domain::ledger::Statement;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::customers;
use store::positions::{Slice, positions, positions_known_at};

use crate::company::Company;
use crate::daily_run::CHANNELS;
use crate::{Engine, Error, Result, record};

impl Engine {
    /// What would be decided for a customer at `at`, and all it rests on.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn why(&self, company: &Company, customer: &str, at: Timestamp) -> Result<Value> {
        self.why_as(company, customer, (at, None)).await
    }

    /// The same from only what was recorded by an instant; policy and law are those in force now.
    ///
    /// # Errors
    /// As [`Engine::why`].
    pub async fn why_as(
        &self,
        company: &Company,
        customer: &str,
        (at, known_at): (Timestamp, Option<Timestamp>),
    ) -> Result<Value> {
        let id = customers::id_of(&self.db, company.id, customer)
            .await?
            .ok_or_else(|| Error::no_customer(customer))?;
        let only = Slice::Only(vec![id]);
        let standing = match known_at {
            None => positions(&self.db, company.id, only, None).await?,
            Some(instant) => positions_known_at(&self.db, company.id, only, instant).await?,
        };
        let standing = standing
            .into_iter()
            .next()
            .ok_or_else(|| Error::no_customer(customer))?;
        let position = standing.position;
        let facts = company.facts(CHANNELS);
        let decision = decide(&company.rules(&facts), &position, at);
        let statement = position.books.statement(company.day_of(at));
        let mut body = record::decision(&decision);
        body["customer"] = json!(position.customer.key);
        body["name"] = json!(position.customer.name);
        body["at"] = json!(at.to_string());
        body["sentence"] = json!(match &decision.outcome {
            Outcome::Silence(silence) => silence.sentence(),
            Outcome::Contact(plan) => format!(
                "Se le escribe por {} el paso «{}», tono {}, el {}.",
                plan.channel.name_es(),
                plan.key.words(),
                plan.action.tone.name_es(),
                domain::calendar::local(plan.at, &company.zone).strftime("%d/%m/%Y a las %H:%M"),
            ),
        });
        body["documents"] = documents(&statement);
        body["holds"] = position
            .books
            .holds
            .iter()
            .map(|hold| {
                json!({
                    "hold": hold.id.to_string(),
                    "kind": hold.kind.code(),
                    "amount": hold.amount.map(record::money),
                    "from": hold.from.to_string(),
                    "until": hold.until.map(|until| until.to_string()),
                    "reason": hold.reason,
                    "author": hold.author,
                })
            })
            .collect();
        body["contacts"] = contacts(&position);
        body["policy"] = json!({
            "key": company.policy.key,
            "version": company.policy_version,
            "hash": company.policy.hash,
        });
        body["law_packs"] = json!({
            "version": company.packs.version(),
            "hash": company.packs.hash(),
        });
        Ok(body)
    }
}

/// The contacts of a customer, as they are known.
fn contacts(position: &Position) -> Value {
    position
        .contacts
        .iter()
        .map(|contact| {
            json!({
                "step": contact.key.step(),
                "key_day": contact.key.day().to_string(),
                "state": contact.state.code(),
                "planned_at": contact.planned_at.to_string(),
                "performed_at": contact.performed_at.map(|at| at.to_string()),
            })
        })
        .collect()
}

fn documents(statement: &Statement) -> Value {
    statement
        .documents
        .iter()
        .map(|document| {
            json!({
                "invoice": document.number,
                "due": document.due.to_string(),
                "days_late": document.days_late(statement.day),
                "amount": record::money(document.amount),
                "open": record::money(document.open),
                "held": record::money(document.held),
                "held_as": document.held_as.iter().map(|kind| kind.code()).collect::<Vec<_>>(),
            })
        })
        .collect()
}
