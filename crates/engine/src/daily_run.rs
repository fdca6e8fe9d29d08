//! The daily run: every customer's position is streamed out in chunks, decided, and what follows is
//! written with a checkpoint in one transaction per chunk. A run cut short goes on behind it.

use std::collections::BTreeMap;

use domain::customer::Channel;
use domain::decide::{Decision, Outcome, Rules, decide};
use domain::ids::{ContactId, CustomerId, DecisionId, RunId};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use store::bulk::{self, NewDecision, PlannedContact, RunChunk};
use store::positions::{Slice, Standing, positions};
use store::runs::{self, Run};

use crate::company::Company;
use crate::{Engine, Error, Result, record};

/// Customers decided and written in one transaction.
const CHUNK_CUSTOMERS: u32 = 2_000;

/// Documents and payments closed longer ago than this are not loaded; a customer whose cycle
/// reaches further back is loaded again, whole.
const LOOK_BACK_DAYS: i64 = 120;

/// The channels the company can use. E-mail needs no provider: without a server it goes to the
/// outbox.
pub const CHANNELS: &[Channel] = &[Channel::Email];

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunSummary {
    /// Customers looked at.
    pub customers: u64,
    /// Contacts newly planned.
    pub contacts: u64,
    /// Customers left alone, by reason.
    pub silences: BTreeMap<String, u64>,
    /// Contacts newly planned, by step.
    pub by_step: BTreeMap<String, u64>,
    /// The first of them, for people to read.
    #[serde(skip)]
    pub first: Vec<PlannedLine>,
}

/// A contact as people read it in the answer of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLine {
    /// The customer's key.
    pub customer: String,
    /// The customer's name.
    pub name: String,
    /// The step.
    pub step: String,
    /// What is asked for, or falls due.
    pub totals: String,
    /// Days late of the oldest document asked for.
    pub days_late: Option<i64>,
    /// The company's local time at which it leaves.
    pub at: String,
}

/// How many contacts an answer lists.
const LISTED_MAX: usize = 40;

/// Told of each chunk, for a progress bar.
pub trait Progress: Send {
    /// So many customers are decided.
    fn customers(&mut self, done: u64);
}

impl Progress for () {
    fn customers(&mut self, _done: u64) {}
}

impl Engine {
    /// Runs the company's policy at `at`. A dry run decides and writes nothing.
    ///
    /// # Errors
    /// What the database says; chunks committed before stay and the next run goes on behind them.
    pub async fn run(
        &self,
        company: &Company,
        at: Timestamp,
        dry: bool,
        progress: &mut dyn Progress,
    ) -> Result<RunSummary> {
        let day = company.day_of(at);
        let mut summary = RunSummary::default();
        let mut after = None;
        let run = if dry {
            None
        } else {
            Some(self.begin_run(company, at, day).await?)
        };
        if let Some(run) = &run {
            after = run.checkpoint;
        }
        let facts = company.facts(CHANNELS);
        let rules = company.rules(self.packs, &facts);
        loop {
            let slice = Slice::After {
                customer: after,
                limit: CHUNK_CUSTOMERS,
            };
            let mut standings = positions(&self.db, company.id, slice, Some(horizon(day))).await?;
            let Some(last) = standings.last().map(|last| last.position.customer.id) else {
                break;
            };
            let mut decisions = decide_all(&rules, &standings, at);
            self.complete(company, &rules, &mut standings, &mut decisions, at)
                .await?;
            summary.customers += standings.len() as u64;
            match &run {
                None => decisions
                    .iter()
                    .for_each(|decision| summary.count(decision)),
                Some(run) => {
                    let chunk = self.chunk(run, &standings, &decisions, last);
                    let planned = bulk::write_run_chunk(&self.db, company.id, chunk).await?;
                    summary.count_written(&decisions, planned.planned);
                }
            }
            summary.list(company, &standings, &decisions);
            progress.customers(summary.customers);
            after = Some(last);
        }
        if let Some(run) = run {
            let body = serde_json::to_value(&summary).map_err(Error::json)?;
            let mut tx = self.db.begin().await?;
            runs::finish(&mut tx, company.id, run.id, &body, self.now()).await?;
            tx.commit().await?;
        }
        Ok(summary)
    }

    /// Starts a run, or goes on with one of the same day that was cut short.
    async fn begin_run(&self, company: &Company, at: Timestamp, day: Date) -> Result<Run> {
        if let Some(run) = runs::unfinished(&self.db, company.id).await?
            && run.as_of == day
            && run.at == at
        {
            return Ok(run);
        }
        let run = Run {
            id: RunId::from_uuid(self.effects.uuid()),
            as_of: day,
            at,
            policy_key: company.policy.key.clone(),
            policy_version: company.policy_version,
            law_hash: self.packs.hash().to_owned(),
            checkpoint: None,
            summary: serde_json::json!({}),
            started_at: self.now(),
            finished_at: None,
        };
        let mut tx = self.db.begin().await?;
        runs::start(&mut tx, company.id, &run).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Decides again, on whole books, the customers whose cycle reaches the edge of what was
    /// loaded.
    async fn complete(
        &self,
        company: &Company,
        rules: &Rules<'_>,
        standings: &mut [Standing],
        decisions: &mut [Decision],
        at: Timestamp,
    ) -> Result<()> {
        let short: Vec<CustomerId> = decisions
            .iter()
            .filter(|decision| decision.seen.cycle.is_some_and(|cycle| cycle.reaches_edge))
            .map(|decision| decision.customer)
            .collect();
        if short.is_empty() {
            return Ok(());
        }
        for whole in positions(&self.db, company.id, Slice::Only(short), None).await? {
            let id = whole.position.customer.id;
            let index = standings.binary_search_by_key(&id, |it| it.position.customer.id);
            if let Ok(index) = index {
                decisions[index] = decide(rules, &whole.position, at);
                standings[index] = whole;
            }
        }
        Ok(())
    }

    /// What a chunk writes: each contact, and each silence that is not the one already on record.
    fn chunk(
        &self,
        run: &Run,
        standings: &[Standing],
        decisions: &[Decision],
        last: CustomerId,
    ) -> RunChunk {
        let mut chunk = RunChunk {
            run: run.id,
            as_of: run.as_of,
            decisions: Vec::new(),
            standings: Vec::new(),
            contacts: Vec::new(),
            checkpoint: Some(last),
            at: self.now(),
        };
        for (standing, decision) in standings.iter().zip(decisions) {
            let (outcome, reason, digest) = match &decision.outcome {
                Outcome::Silence(silence) => {
                    let digest = record::silence_digest(silence);
                    (bulk::Outcome::Silence, silence.code().to_owned(), digest)
                }
                Outcome::Contact(plan) => {
                    let reason = plan.key.step().to_owned();
                    let digest = record::digest(&format!("{:?}", plan.key));
                    (bulk::Outcome::Contact, reason, digest)
                }
            };
            if standing.digest == Some(digest) && outcome == bulk::Outcome::Silence {
                continue;
            }
            let id = DecisionId::from_uuid(self.effects.uuid());
            let facts = record::decision(decision).to_string();
            chunk.standings.push((decision.customer, digest, id));
            if let Outcome::Contact(plan) = &decision.outcome {
                chunk.contacts.push(PlannedContact {
                    id: ContactId::from_uuid(self.effects.uuid()),
                    customer: decision.customer,
                    decision: id,
                    key: plan.key.clone(),
                    channel: plan.channel,
                    point: plan.point,
                    template: plan.action.template.clone(),
                    tone: plan.action.tone,
                    content: record::content(plan).to_string(),
                    planned_at: plan.at,
                });
            }
            let customer = decision.customer;
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
}

/// The day up to which closed documents are left out.
fn horizon(day: Date) -> Date {
    day.saturating_sub(LOOK_BACK_DAYS.days())
}

/// Decides a chunk on all cores; the order of the customers is kept.
fn decide_all(rules: &Rules<'_>, standings: &[Standing], at: Timestamp) -> Vec<Decision> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let share = standings.len().div_ceil(workers).max(1);
    let decide_share = |share: &[Standing]| -> Vec<Decision> {
        share
            .iter()
            .map(|standing| decide(rules, &standing.position, at))
            .collect()
    };
    std::thread::scope(|scope| {
        let handles: Vec<_> = standings
            .chunks(share)
            .map(|share| scope.spawn(move || decide_share(share)))
            .collect();
        let joined = handles.into_iter().map(|handle| handle.join());
        joined
            .flat_map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

impl RunSummary {
    fn list(&mut self, company: &Company, standings: &[Standing], decisions: &[Decision]) {
        for (standing, decision) in standings.iter().zip(decisions) {
            if self.first.len() >= LISTED_MAX {
                return;
            }
            let Outcome::Contact(plan) = &decision.outcome else {
                continue;
            };
            let customer = &standing.position.customer;
            let totals: Vec<String> = plan
                .content
                .totals
                .iter()
                .map(ToString::to_string)
                .collect();
            self.first.push(PlannedLine {
                customer: customer.key.clone(),
                name: customer.name.clone(),
                step: plan.key.step().to_owned(),
                totals: totals.join(", "),
                days_late: decision.seen.days_late,
                at: domain::calendar::local(plan.at, &company.zone)
                    .strftime("%d/%m %H:%M")
                    .to_string(),
            });
        }
    }

    fn count(&mut self, decision: &Decision) {
        match &decision.outcome {
            Outcome::Contact(plan) => {
                self.contacts += 1;
                *self.by_step.entry(plan.key.step().to_owned()).or_default() += 1;
            }
            Outcome::Silence(silence) => {
                *self.silences.entry(silence.code().to_owned()).or_default() += 1;
            }
        }
    }

    fn count_written(&mut self, decisions: &[Decision], planned: u64) {
        let wanted = self.contacts;
        decisions.iter().for_each(|decision| self.count(decision));
        let refused = (self.contacts - wanted).saturating_sub(planned);
        if refused > 0 {
            // Planned by another process between reading and writing.
            self.contacts -= refused;
            *self
                .silences
                .entry("already_planned".to_owned())
                .or_default() += refused;
        }
    }
}
