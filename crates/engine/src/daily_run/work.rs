//! A worker of a run: takes up a part, loads its customers, decides, and writes what follows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use domain::decide::{Decision, Outcome, Plan, decide};
use domain::ids::{ContactId, CustomerId, DecisionId};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use store::Db;
use store::bulk::{
    self, NewDecision, NewStanding, Part, PlannedContact, RunChunk, TakenPart, WaitingParts,
};
use store::positions::{Slice, Standing, positions};
use store::runs::Run;
use tokio::sync::mpsc::Sender;

use super::summary::{PlannedLine, RunSummary, lines};
use super::{CHANNELS, Parts};
use crate::company::Company;
use crate::{Engine, Error, Result, record};

/// Documents and payments closed longer ago than this are not loaded; a customer whose cycle
/// reaches further back is loaded again, whole.
const LOOK_BACK_DAYS: i64 = 120;

/// A company that is run.
pub(super) struct Job {
    pub(super) company: Arc<Company>,
    /// `None` for a dry run.
    pub(super) run: Option<Run>,
    at: Timestamp,
    parts: Parts,
}

impl Job {
    pub(super) fn dry(company: Arc<Company>, at: Timestamp, parts: Vec<Part>) -> Self {
        let parts = Parts::Own(Mutex::new(parts.into()));
        let run = None;
        Self {
            company,
            run,
            at,
            parts,
        }
    }

    pub(super) fn of_run(db: &Db, company: Arc<Company>, run: Run) -> Self {
        let parts = Parts::Shared(WaitingParts::new(db, company.id, run.id));
        Self {
            company,
            at: run.at,
            run: Some(run),
            parts,
        }
    }
}

/// A part that a worker did.
#[derive(Default)]
pub(super) struct Done {
    /// Which job it belongs to.
    pub(super) job: usize,
    /// Its place in the run.
    pub(super) number: u32,
    pub(super) summary: RunSummary,
    pub(super) lines: Vec<PlannedLine>,
}

/// Jobs by turns.
pub(super) type Turns = Mutex<VecDeque<(usize, Arc<Job>)>>;

/// Does a part of each job in turn until none has a part that nobody holds.
pub(super) async fn in_turn(engine: &Engine, turns: &Turns, done: &Sender<Done>) -> Result<()> {
    loop {
        let next = {
            let mut turns = turns.lock().unwrap_or_else(PoisonError::into_inner);
            let next = turns.pop_front();
            turns.extend(next.clone());
            next
        };
        let Some((index, job)) = next else {
            return Ok(());
        };
        match step(engine, &job).await? {
            Some(mut part) => {
                part.job = index;
                // Nobody listens only when the run as a whole has failed.
                if done.send(part).await.is_err() {
                    return Ok(());
                }
            }
            None => turns
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(|(other, _)| *other != index),
        }
    }
}

/// Does the next part of a job; `None` when it has none that waits.
async fn step(engine: &Engine, job: &Job) -> Result<Option<Done>> {
    match (&job.parts, &job.run) {
        (Parts::Shared(parts), Some(run)) => match parts.take().await? {
            Some(taken) => Ok(Some(write_part(engine, job, run, taken).await?)),
            None => Ok(None),
        },
        (Parts::Own(parts), _) => {
            let next = parts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop_front();
            let Some(part) = next else {
                return Ok(None);
            };
            let decided = decided(engine, &job.company, part, job.at).await?;
            Ok(Some(Done {
                job: 0,
                number: part.number,
                summary: RunSummary::of(&decided.decisions),
                lines: lines(&job.company, &decided.standings, &decided.decisions),
            }))
        }
        (Parts::Shared(_), None) => Ok(None),
    }
}

/// Decides a part that was taken up, and writes what follows.
pub(super) async fn write_part(
    engine: &Engine,
    job: &Job,
    run: &Run,
    taken: TakenPart<'_>,
) -> Result<Done> {
    let part = taken.part;
    let decided = decided(engine, &job.company, part, job.at).await?;
    let listed = lines(&job.company, &decided.standings, &decided.decisions);
    let figures = RunSummary::of(&decided.decisions);
    let chunk = {
        let (engine, run) = (engine.clone(), run.clone());
        computed(move || chunk(&engine, &run, &decided)).await?
    };
    let written = taken.write(chunk, |counts| {
        let figures = figures.with_planned(counts.planned);
        serde_json::to_value(&figures).unwrap_or_default()
    });
    let summary = match written.await? {
        Some(figures) => serde_json::from_value(figures).map_err(Error::json)?,
        None => RunSummary::default(),
    };
    Ok(Done {
        job: 0,
        number: part.number,
        summary,
        lines: listed,
    })
}

/// Customers with what is decided for each.
struct Decided {
    standings: Vec<Standing>,
    decisions: Vec<Decision>,
}

/// Loads and decides a part; customers whose cycle reaches the edge of what was loaded are decided
/// again on whole books.
async fn decided(
    engine: &Engine,
    company: &Arc<Company>,
    part: Part,
    at: Timestamp,
) -> Result<Decided> {
    let slice = Slice::Between {
        after: part.after,
        last: part.last,
    };
    let horizon = horizon(company.day_of(at));
    let standings = positions(&engine.db, company.id, slice, Some(horizon)).await?;
    let mut decided = decide_all(company, standings, at).await?;
    let short: Vec<CustomerId> = decided
        .decisions
        .iter()
        .filter(|decision| decision.seen.cycle.is_some_and(|cycle| cycle.reaches_edge))
        .map(|decision| decision.customer)
        .collect();
    if short.is_empty() {
        return Ok(decided);
    }
    let whole = positions(&engine.db, company.id, Slice::Only(short), None).await?;
    let whole = decide_all(company, whole, at).await?;
    for (standing, decision) in whole.standings.into_iter().zip(whole.decisions) {
        let id = standing.position.customer.id;
        let index = decided
            .standings
            .binary_search_by_key(&id, |it| it.position.customer.id);
        if let Ok(index) = index {
            decided.decisions[index] = decision;
            decided.standings[index] = standing;
        }
    }
    Ok(decided)
}

async fn decide_all(
    company: &Arc<Company>,
    standings: Vec<Standing>,
    at: Timestamp,
) -> Result<Decided> {
    let company = Arc::clone(company);
    computed(move || {
        let facts = company.facts(CHANNELS);
        let rules = company.rules(&facts);
        let decisions = standings
            .iter()
            .map(|standing| decide(&rules, &standing.position, at))
            .collect();
        Decided {
            standings,
            decisions,
        }
    })
    .await
}

/// Computes off the threads that talk to the database.
async fn computed<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Stopped("la corrida"))
}

/// The day up to which closed documents are left out.
pub(crate) fn horizon(day: Date) -> Date {
    day.saturating_sub(LOOK_BACK_DAYS.days())
}

/// What a part writes: each contact, and each silence that is not the one already on record.
fn chunk(engine: &Engine, run: &Run, decided: &Decided) -> RunChunk {
    let mut chunk = RunChunk {
        run: run.id,
        as_of: run.as_of,
        decisions: Vec::new(),
        standings: Vec::new(),
        contacts: Vec::new(),
        review: run.review,
        at: engine.now(),
    };
    for (standing, decision) in decided.standings.iter().zip(&decided.decisions) {
        let (outcome, reason, digest, silence) = match &decision.outcome {
            Outcome::Silence(silence) => {
                let (code, digest) = (silence.code(), record::silence_digest(silence));
                (bulk::Outcome::Silence, code.to_owned(), digest, Some(code))
            }
            Outcome::Contact(plan) => {
                let reason = plan.key.step().to_owned();
                let digest = record::digest(&format!("{:?}", plan.key));
                (bulk::Outcome::Contact, reason, digest, None)
            }
        };
        if standing.digest == Some(digest) && outcome == bulk::Outcome::Silence {
            continue;
        }
        let id = DecisionId::from_uuid(engine.effects.uuid());
        let customer = decision.customer;
        let (facts, content) = record::decision_text(decision);
        chunk.standings.push(NewStanding {
            customer,
            digest,
            decision: id,
            silence,
            first: standing.digest.is_none(),
        });
        if let (Outcome::Contact(plan), Some(content)) = (&decision.outcome, content) {
            let contact = ContactId::from_uuid(engine.effects.uuid());
            chunk
                .contacts
                .push(planned(contact, customer, id, plan, content));
        }
        chunk.decisions.push(NewDecision {
            id,
            customer,
            outcome,
            reason,
            facts,
        });
    }
    chunk
}

/// A plan as a contact that is written.
pub(crate) fn planned(
    id: ContactId,
    customer: CustomerId,
    decision: DecisionId,
    plan: &Plan,
    content: String,
) -> PlannedContact {
    PlannedContact {
        id,
        customer,
        decision,
        key: plan.key.clone(),
        channel: plan.channel,
        point: plan.point,
        template: plan.action.template.clone(),
        tone: plan.action.tone,
        content,
        planned_at: plan.at,
    }
}
