//! The daily run: customers are decided part by part, several parts at once, and what follows of a
//! part is written in one transaction. A run cut short goes on with the parts that are left, and
//! processes that share a PostgreSQL share a run's parts.

mod summary;
pub(crate) mod work;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use domain::customer::Channel;
use domain::ids::RunId;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use store::bulk::{self, Part, WaitingParts};
use store::runs::{self, Run};
use store::tasks;
use tokio::sync::mpsc;

use crate::company::Company;
use crate::{AUTHOR, Engine, Error, Result};
use summary::LISTED_MAX;
pub use summary::{PlannedLine, RunSummary};
pub(crate) use work::horizon;
use work::{Done, Job};

/// Customers decided and written in one transaction.
const PART_CUSTOMERS: u32 = 2_000;

/// A run begun so long ago at most is joined by one that begins now for the same day.
const JOINED_WITHIN: SignedDuration = SignedDuration::from_hours(1);

/// The channels the company can use. E-mail needs no provider: without a server it goes to the
/// outbox.
pub const CHANNELS: &[Channel] = &[Channel::Email];

/// The task of a bank whose data is too old to chase by.
pub(crate) const STALE_BANK_DATA: &str = "stale_bank_data";

/// Silences about money that ask for one task of the company, however many customers they are of.
/// What a customer says it paid has its task already.
const MONEY_TASKS: &[(&str, &str)] = &[
    (
        STALE_BANK_DATA,
        "Los datos del banco no están al día y por eso no se cobra: importe los estados de cuenta \
         que faltan.",
    ),
    (
        "unapplied_credit_may_cover",
        "Hay movimientos del banco que pueden ser el pago de clientes vencidos y no se les cobra \
         mientras tanto: acéptelos o rechácelos en Conciliación.",
    ),
];

/// Told of each part, for a progress bar.
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
    /// What the database says; parts committed before stay and the next run goes on with the rest.
    pub async fn run(
        &self,
        company: &Company,
        at: Timestamp,
        dry: bool,
        progress: &mut dyn Progress,
    ) -> Result<RunSummary> {
        let wanted = vec![(company.clone(), at)];
        let ran = self.run_all(wanted, dry, progress).await?;
        Ok(ran.into_iter().next().unwrap_or_default())
    }

    /// Runs the policies of several companies, a part of each in turn: a large company does not
    /// keep small ones waiting. Gives their figures in the order asked for.
    ///
    /// # Errors
    /// What the database says; parts committed before stay and the next run goes on with the rest.
    pub async fn run_all(
        &self,
        wanted: Vec<(Company, Timestamp)>,
        dry: bool,
        progress: &mut dyn Progress,
    ) -> Result<Vec<RunSummary>> {
        let mut jobs = Vec::with_capacity(wanted.len());
        for (company, at) in wanted {
            let company = Arc::new(company);
            jobs.push(Arc::new(if dry {
                let parts = bulk::divide(&self.db, company.id, PART_CUSTOMERS).await?;
                Job::dry(company, at, parts)
            } else {
                let run = self.begin_run(&company, at, &Begin::by(AUTHOR)).await?;
                Job::of_run(&self.db, company, run)
            }));
        }
        self.do_jobs(&jobs, progress).await
    }

    /// Runs the policy of one company at `at` as `begin` says.
    pub(crate) async fn run_as(
        &self,
        company: &Company,
        at: Timestamp,
        begin: &Begin<'_>,
        progress: &mut dyn Progress,
    ) -> Result<RunSummary> {
        let company = Arc::new(company.clone());
        let run = self.begin_run(&company, at, begin).await?;
        let job = Arc::new(Job::of_run(&self.db, company, run));
        let done = self.do_jobs(&[job], progress).await?;
        Ok(done.into_iter().next().unwrap_or_default())
    }

    async fn do_jobs(
        &self,
        jobs: &[Arc<Job>],
        progress: &mut dyn Progress,
    ) -> Result<Vec<RunSummary>> {
        let mut done = self.work(jobs, progress).await?;
        let mut summaries = Vec::with_capacity(jobs.len());
        for (index, job) in jobs.iter().enumerate() {
            let mut summary = RunSummary::default();
            match &job.run {
                Some(run) => {
                    for part in self.finish(job, run).await? {
                        summary.add(&part);
                    }
                }
                None => done
                    .iter()
                    .filter(|part| part.job == index)
                    .for_each(|part| summary.add(&part.summary)),
            }
            // In the order of the parts, whichever worker was first.
            done.sort_by_key(|part| part.number);
            let own = done.iter_mut().filter(|part| part.job == index);
            summary.first = own
                .flat_map(|part| std::mem::take(&mut part.lines))
                .take(LISTED_MAX)
                .collect();
            summaries.push(summary);
        }
        Ok(summaries)
    }

    /// Works on all parts of some jobs that nobody else holds.
    async fn work(&self, jobs: &[Arc<Job>], progress: &mut dyn Progress) -> Result<Vec<Done>> {
        let turns: VecDeque<(usize, Arc<Job>)> = jobs.iter().cloned().enumerate().collect();
        let turns = Arc::new(Mutex::new(turns));
        let (sender, mut receiver) = mpsc::channel(16);
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..self.workers.get() {
            let (engine, turns, sender) = (self.clone(), Arc::clone(&turns), sender.clone());
            workers.spawn(async move { work::in_turn(&engine, &turns, &sender).await });
        }
        drop(sender);
        let (mut all, mut customers) = (Vec::new(), 0);
        while let Some(mut done) = receiver.recv().await {
            let done: &mut Done = &mut done;
            customers += done.summary.customers;
            progress.customers(customers);
            all.push(std::mem::take(done));
        }
        while let Some(worker) = workers.join_next().await {
            worker.map_err(|_| Error::Stopped("la corrida"))??;
        }
        Ok(all)
    }

    /// Waits for the parts that other processes hold, does those that they left, and ends the run.
    async fn finish(&self, job: &Job, run: &Run) -> Result<Vec<RunSummary>> {
        let waiting = WaitingParts::new(&self.db, job.company.id, run.id);
        while let Some(taken) = waiting.take_or_wait().await? {
            work::write_part(self, job, run, taken).await?;
        }
        let mut whole = RunSummary::default();
        let mut parts = Vec::new();
        for part in waiting.summaries().await? {
            let part: RunSummary = serde_json::from_value(part).map_err(Error::json)?;
            whole.add(&part);
            parts.push(part);
        }
        let body = serde_json::to_value(&whole).map_err(Error::json)?;
        let mut tx = self.db.begin().await?;
        runs::finish(&mut tx, job.company.id, run.id, &body, self.now()).await?;
        let stamp = self.stamp(AUTHOR);
        for (reason, text) in MONEY_TASKS {
            if whole.silences.contains_key(*reason) {
                tasks::add_once(&mut tx, &stamp, job.company.id, reason, text).await?;
            }
        }
        tx.commit().await?;
        self.seal(job.company.id).await?;
        Ok(parts)
    }

    /// Starts a run, or joins one of the same day that is under way or was cut short.
    async fn begin_run(&self, company: &Company, at: Timestamp, begin: &Begin<'_>) -> Result<Run> {
        let new = Run {
            id: RunId::from_uuid(self.effects.uuid()),
            as_of: company.day_of(at),
            at,
            policy_key: company.policy.key.clone(),
            policy_version: company.policy_version,
            law_hash: company.packs.hash().to_owned(),
            summary: serde_json::json!({}),
            started_at: self.now(),
            finished_at: None,
            review: begin.review,
            author: begin.author.to_owned(),
            daily_on: begin.daily_on,
        };
        let wanted = new.clone();
        let same = move |run: &Run| {
            let age = wanted.at.duration_since(run.at);
            run.as_of == wanted.as_of
                && run.policy_key == wanted.policy_key
                && run.policy_version == wanted.policy_version
                && run.law_hash == wanted.law_hash
                && run.review == wanted.review
                && run.daily_on == wanted.daily_on
                && !age.is_negative()
                && age < JOINED_WITHIN
        };
        let begun = bulk::begin_run(&self.db, company.id, new, PART_CUSTOMERS, same).await?;
        // Behind the beginning, so that nobody who comes meanwhile begins another.
        self.bring_up_figures(company).await?;
        Ok(begun)
    }
}

/// How a run begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begin<'a> {
    /// Who begins it.
    pub author: &'a str,
    /// Whether what it plans waits for release.
    pub review: bool,
    /// The day whose scheduled run it is.
    pub daily_on: Option<Date>,
}

impl<'a> Begin<'a> {
    /// A run that a person begins, and that waits for nobody.
    pub(crate) const fn by(author: &'a str) -> Self {
        Self {
            author,
            review: false,
            daily_on: None,
        }
    }
}

/// Where the parts of a job come from.
enum Parts {
    /// Those of a run, shared with other processes.
    Shared(WaitingParts),
    /// Those of a dry run.
    Own(Mutex<VecDeque<Part>>),
}
