//! What a run decides for a chunk of customers, in one transaction.

use domain::contact::{ContactKey, Tone};
use domain::customer::Channel;
use domain::{CompanyId, ContactId, ContactPointId, CustomerId, DecisionId, RunId};
use jiff::Timestamp;
use jiff::civil::Date;

use super::{Clash, Heavy, Rows, Table, lock_customers, write_heavily};
use crate::chain::DecisionList;
use crate::db::Db;
use crate::error::Result;
use crate::value::Bind;

/// What a run writes for a chunk of customers.
#[derive(Clone, Debug, PartialEq)]
pub struct RunChunk {
    /// The run.
    pub run: RunId,
    /// Its day.
    pub as_of: Date,
    /// Decisions worth keeping: contacts, and silences that changed.
    pub decisions: Vec<NewDecision>,
    /// What stands now of each customer of whom something is decided.
    pub standings: Vec<NewStanding>,
    /// Contacts to plan.
    pub contacts: Vec<PlannedContact>,
    /// Whether they wait for a person's release.
    pub review: bool,
    /// Now.
    pub at: Timestamp,
}

/// A customer's latest decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewStanding {
    /// The customer.
    pub customer: CustomerId,
    /// Digest of the decision.
    pub digest: [u8; 32],
    /// The decision.
    pub decision: DecisionId,
    /// The word of the silence; `None` where a contact was decided.
    pub silence: Option<&'static str>,
    /// Whether it is the first of this customer, as far as the run could see.
    pub first: bool,
}

/// What was decided for one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDecision {
    /// Our id.
    pub id: DecisionId,
    /// The customer.
    pub customer: CustomerId,
    /// Contact or silence.
    pub outcome: Outcome,
    /// The step, or why nothing happens.
    pub reason: String,
    /// Facts, rule and legal verdict as JSON.
    pub facts: String,
}

/// Contact or silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something is to be sent.
    Contact,
    /// Nothing is.
    Silence,
}

impl Outcome {
    /// The word it is stored as.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Silence => "silence",
        }
    }
}

/// A contact to plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedContact {
    /// Our id.
    pub id: ContactId,
    /// The customer.
    pub customer: CustomerId,
    /// The decision it follows from.
    pub decision: DecisionId,
    /// What it is for.
    pub key: ContactKey,
    /// The channel.
    pub channel: Channel,
    /// The address.
    pub point: ContactPointId,
    /// The template.
    pub template: String,
    /// The tone.
    pub tone: Tone,
    /// Documents, amounts, totals and recipients as canonical JSON.
    pub content: String,
    /// When it is to be made.
    pub planned_at: Timestamp,
}

/// What became of a chunk of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunChunkCounts {
    /// Contacts newly planned; the others were planned or made already.
    pub planned: u64,
}

const DECISIONS: Table = Table {
    name: "decisions",
    columns: &[
        "company_id",
        "id",
        "run_id",
        "customer_id",
        "as_of",
        "outcome",
        "reason",
        "facts",
        "recorded_at",
    ],
};

const STANDINGS: Table = Table {
    name: "standings",
    columns: &[
        "company_id",
        "customer_id",
        "digest",
        "decision_id",
        "silence",
    ],
};

const CONTACTS: Table = Table {
    name: "contacts",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "run_id",
        "decision_id",
        "kind",
        "step",
        "key_day",
        "channel",
        "point_id",
        "template",
        "tone",
        "content",
        "state",
        "planned_at",
        "recorded_at",
        "held_at",
        "held_by",
        "held_reason",
    ],
};

/// Who holds what a run in review mode plans, and the word for why.
pub const HELD_FOR_REVIEW: (&str, &str) = ("puntual", "review");

/// Plans contacts of a run outside its parts; a key that is planned or made already is left out.
///
/// # Errors
/// What the database says; then nothing was planned.
pub async fn plan(db: &Db, company: CompanyId, chunk: RunChunk) -> Result<RunChunkCounts> {
    let list = DecisionList::of(&chunk);
    write_heavily!(db, |heavy| write(heavy, company, chunk, list))
}

/// Writes what a run decided for a chunk of customers, with the list of its decisions, which was
/// made outside of the transaction. A contact whose key is planned or made already is left out
/// (invariant 1).
pub(super) async fn write(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    chunk: RunChunk,
    list: Option<DecisionList>,
) -> Result<RunChunkCounts> {
    let customers: Vec<_> = chunk.contacts.iter().map(|it| it.customer.uuid()).collect();
    lock_customers(heavy, company, &customers).await?;

    let mut decisions = Rows::new(DECISIONS.columns.len());
    for decision in &chunk.decisions {
        decisions.push([
            Bind::from(company),
            decision.id.into(),
            chunk.run.into(),
            decision.customer.into(),
            chunk.as_of.into(),
            decision.outcome.code().into(),
            Bind::from(&decision.reason),
            Bind::from(&decision.facts),
            chunk.at.into(),
        ]);
    }
    heavy.insert(&DECISIONS, &decisions, Clash::Fail).await?;
    if let Some(list) = list {
        list.write(heavy, company).await?;
    }

    for first in [true, false] {
        let mut standings = Rows::new(STANDINGS.columns.len());
        for standing in chunk.standings.iter().filter(|it| it.first == first) {
            standings.push([
                Bind::from(company),
                standing.customer.into(),
                Bind::from(&standing.digest),
                standing.decision.into(),
                Bind::from(standing.silence),
            ]);
        }
        let clash = if first {
            Clash::ReplaceRare(2)
        } else {
            Clash::Replace(2)
        };
        heavy.insert(&STANDINGS, &standings, clash).await?;
    }

    let contacts = planned_rows(company, &chunk);
    let planned = heavy.insert(&CONTACTS, &contacts, Clash::SkipRare).await?;
    Ok(RunChunkCounts { planned })
}

/// The rows of what a run plans; in review mode they wait for a person.
fn planned_rows<'a>(company: CompanyId, chunk: &'a RunChunk) -> Rows<'a> {
    let held_at = chunk.review.then_some(chunk.at);
    let (held_by, held_reason) = if chunk.review {
        (Some(HELD_FOR_REVIEW.0), Some(HELD_FOR_REVIEW.1))
    } else {
        (None, None)
    };
    let mut contacts = Rows::new(CONTACTS.columns.len());
    for contact in &chunk.contacts {
        contacts.push([
            Bind::from(company),
            contact.id.into(),
            contact.customer.into(),
            chunk.run.into(),
            contact.decision.into(),
            contact.key.kind().into(),
            contact.key.step().into(),
            contact.key.day().into(),
            contact.channel.into(),
            contact.point.into(),
            Bind::from(&contact.template),
            contact.tone.into(),
            Bind::from(&contact.content),
            "planned".into(),
            contact.planned_at.into(),
            chunk.at.into(),
            held_at.into(),
            held_by.into(),
            held_reason.into(),
        ]);
    }
    contacts
}
