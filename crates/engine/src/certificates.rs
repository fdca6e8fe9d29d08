//! The record of one contact, or of all contacts with a customer, for people and for courts: as
//! data, and in words that somebody who is no lawyer understands. Names and addresses, which proofs
//! do not hold, are looked up here.

mod words;

use std::collections::HashMap;
use std::sync::Arc;

use domain::ids::{ContactId, CustomerId};
use language::figures;
use language::paper::{Block, Paper};
use serde_json::{Value, json};
use store::chain::Link;
use store::contacts::{self, ContactRecord};
use store::messages::{self, Message};
use store::proofs::{self, Proof};
use store::{chain, customers};
use uuid::Uuid;

use crate::company::Company;
use crate::record::hex;
use crate::{Engine, Error, Result};

/// Contacts of one history; older ones are told by number.
const HISTORY_MAX: usize = 500;

/// A record as data and in words.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The customer it is about.
    pub customer: CustomerId,
    /// Everything, for programs and for whoever checks it.
    pub data: Value,
    /// The same for people.
    pub paper: Paper,
}

/// One contact or act with all that is kept of it.
struct Case {
    contact: Option<ContactRecord>,
    customer: (String, String),
    message: Option<Message>,
    proofs: Vec<Proof>,
    links: Arc<HashMap<Uuid, Link>>,
}

impl Engine {
    /// The record of one contact, or of what a person did (a call, a visit, a letter, an
    /// exception), by its id.
    ///
    /// # Errors
    /// [`Error::NotFound`] where nothing is proven of it, and what the database says.
    pub async fn certificate(&self, company: &Company, contact: ContactId) -> Result<Certificate> {
        let record = contacts::get(&self.db, company.id, contact).await?;
        let proofs = self.proofs_of(company.id, contact).await?;
        let customer = record.as_ref().map(|it| it.customer);
        let customer = customer.or_else(|| proofs.first().map(|it| it.customer));
        let Some(customer) = customer else {
            return Err(Error::NotFound {
                what: "la gestión",
                key: contact.to_string(),
                hint: ": su clave está en `puntual export contacts`".to_owned(),
            });
        };
        let named = self.named(company, customer).await?;
        let said = messages::of_contacts(&self.db, company.id, &[contact]).await?;
        let case = Case {
            links: Arc::new(self.links(company.id, &proofs).await?),
            message: said.into_iter().next(),
            contact: record,
            customer: named,
            proofs,
        };
        let head = self.audit_head(company).await?;
        let (mut blocks, data) = (words::of_case(company, &case), data_of(company, &case));
        blocks.extend(words::how_to_check(head.as_ref()));
        let data = json!({
            "record": data,
            "head": head,
            "how_to_check": words::HOW_TO_CHECK,
        });
        let title = format!("Constancia {contact}");
        Ok(Certificate {
            customer,
            data,
            paper: self.paper(company, title, blocks),
        })
    }

    /// The records of every contact with a customer and of everything people did about it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn certificates(&self, company: &Company, key: &str) -> Result<Certificate> {
        let id = customers::id_of(&self.db, company.id, key)
            .await?
            .ok_or_else(|| Error::no_customer(key))?;
        let named = self.named(company, id).await?;
        let mut made = contacts::of_customer(&self.db, company.id, id).await?;
        let left_out = made.len().saturating_sub(HISTORY_MAX);
        made.drain(..left_out);
        let ids: Vec<ContactId> = made.iter().map(|it| it.id).collect();
        let mut said: HashMap<ContactId, Message> =
            messages::of_contacts(&self.db, company.id, &ids)
                .await?
                .into_iter()
                .filter_map(|message| Some((message.contact?, message)))
                .collect();
        let mut all = proofs::of_contacts(&self.db, company.id, &ids).await?;
        let acts = proofs::of_acts(&self.db, company.id, id).await?;
        let mut links = self.links(company.id, &all).await?;
        links.extend(self.links(company.id, &acts).await?);
        let links = Arc::new(links);
        let mut of: HashMap<ContactId, Vec<Proof>> = HashMap::new();
        for proof in all.drain(..) {
            of.entry(proof.contact).or_default().push(proof);
        }
        let mut cases: Vec<Case> = Vec::with_capacity(made.len() + acts.len());
        cases.extend(made.into_iter().map(|contact| Case {
            links: Arc::clone(&links),
            message: said.remove(&contact.id),
            customer: named.clone(),
            proofs: of.remove(&contact.id).unwrap_or_default(),
            contact: Some(contact),
        }));
        cases.extend(acts.into_iter().map(|proof| Case {
            links: Arc::clone(&links),
            message: None,
            contact: None,
            customer: named.clone(),
            proofs: vec![proof],
        }));
        self.history(company, (id, &named), &cases, left_out).await
    }

    async fn history(
        &self,
        company: &Company,
        (customer, named): (CustomerId, &(String, String)),
        cases: &[Case],
        left_out: usize,
    ) -> Result<Certificate> {
        let head = self.audit_head(company).await?;
        let mut blocks = words::of_history(company, named, cases, left_out);
        for case in cases {
            blocks.push(Block::NewPage);
            blocks.extend(words::of_case(company, case));
        }
        blocks.extend(words::how_to_check(head.as_ref()));
        let records: Vec<Value> = cases.iter().map(|it| data_of(company, it)).collect();
        let data = json!({
            "customer": { "key": named.0, "name": named.1 },
            "left_out": left_out,
            "records": records,
            "head": head,
            "how_to_check": words::HOW_TO_CHECK,
        });
        let title = format!("Constancias de {}", named.0);
        Ok(Certificate {
            customer,
            data,
            paper: self.paper(company, title, blocks),
        })
    }

    async fn named(&self, company: &Company, customer: CustomerId) -> Result<(String, String)> {
        let found = customers::get(&self.db, company.id, customer).await?;
        let named = found.map(|it| (it.customer.key, it.customer.name));
        Ok(named.unwrap_or_else(|| (customer.to_string(), "—".to_owned())))
    }

    fn paper(&self, company: &Company, title: String, blocks: Vec<Block>) -> Paper {
        let today = company.day_of(self.now());
        let number = |part: i8| u8::try_from(part).unwrap_or(1);
        Paper {
            title,
            author: company.legal_name.clone(),
            language: "es".to_owned(),
            day: (
                u16::try_from(today.year()).unwrap_or(2000),
                number(today.month()),
                number(today.day()),
            ),
            footer: format!(
                "{} · expedida el {} con Puntual",
                company.legal_name,
                figures::date(today)
            ),
            blocks,
        }
    }
}

/// All that is kept, as data. `canonical` is the very text whose digest is chained.
fn data_of(company: &Company, case: &Case) -> Value {
    let proof = |proof: &Proof| {
        let link = case.links.get(&proof.id.uuid());
        json!({
            "id": proof.id.to_string(),
            "kind": proof.kind,
            "subject": proof.subject,
            "contact": proof.contact.to_string(),
            "customer": proof.customer.to_string(),
            "recorded_at": proof.recorded_at.to_string(),
            "recorded_at_micros": proof.recorded_at.as_microsecond(),
            "canonical": proof.body,
            "sha256": hex(&proof.digest),
            "intact": proof.is_intact(),
            "chain": link.map(link_data),
        })
    };
    let message = case.message.as_ref().map(|message| {
        json!({
            "address": message.address,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "sha256": hex(&message.digest),
            "is_the_allowed_one": words::is_the_allowed_one(message, &case.proofs),
        })
    });
    json!({
        "company": {
            "id": company.id.to_string(),
            "name": company.name,
            "legal_name": company.legal_name,
        },
        "customer": { "key": case.customer.0, "name": case.customer.1 },
        "contact": case.contact.as_ref().map(contact_data),
        "message": message,
        "proofs": case.proofs.iter().map(proof).collect::<Vec<_>>(),
    })
}

fn contact_data(contact: &ContactRecord) -> Value {
    let content: Value = serde_json::from_str(&contact.content).unwrap_or_default();
    json!({
        "id": contact.id.to_string(),
        "kind": contact.key.kind(),
        "step": contact.key.step(),
        "cycle": contact.key.day().to_string(),
        "channel": contact.channel.code(),
        "tone": contact.tone.code(),
        "state": contact.state.code(),
        "reason": contact.reason,
        "planned_at": contact.planned_at.to_string(),
        "claimed_at": contact.claimed_at.map(|at| at.to_string()),
        "sent_at": contact.performed_at.map(|at| at.to_string()),
        "content": content,
    })
}

fn link_data(link: &Link) -> Value {
    json!({
        "sequence": link.at.sequence,
        "previous": hex(&link.previous),
        "digest": hex(&link.digest),
        "head": hex(&link.at.head),
        "sealed_at": link.at.sealed_at.to_string(),
        "sealed_at_micros": link.at.sealed_at.as_microsecond(),
    })
}

/// The head before the first link of a company's chain, for whoever checks it by hand.
pub fn first_head(company: &Company) -> String {
    hex(&chain::genesis(company.id))
}
