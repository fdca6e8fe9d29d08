//! What happens by itself: the daily run of each company at its hour, once a day however many
//! processes tick, and the dispatch of what is due. One company's failure stops no other.

use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::ids::CompanyId;
use jiff::civil::Date;
use store::{companies, runs, tasks};
use tokio::task::JoinSet;

use crate::company::{Company, RunMode};
use crate::daily_run::Begin;
use crate::outreach::Mailer;
use crate::{AUTHOR, Engine, Result};

/// How often the clock is looked at.
const TICK_EVERY: Duration = Duration::from_secs(20);

/// The kind of the task that a failure of a company's day leaves.
const FAILED_TASK: &str = "schedule_failed";

/// What a tick did for one company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// The company's short name.
    pub company: String,
    /// The day whose run began or was finished in this tick.
    pub ran: Option<Date>,
    /// Contacts that run planned.
    pub planned: u64,
    /// Messages that left.
    pub sent: u64,
    /// What went wrong, in a sentence.
    pub failed: Option<String>,
}

impl Ticked {
    /// Whether nothing happened.
    pub const fn is_idle(&self) -> bool {
        self.ran.is_none() && self.sent == 0 && self.failed.is_none()
    }
}

impl Engine {
    /// Does for every company what is due now, one after the other. Without a mailer nothing is
    /// sent.
    ///
    /// # Errors
    /// What the database says of the list of companies; what goes wrong with one of them is in its
    /// answer.
    pub async fn tick(&self, mailer: Option<&Mailer>) -> Result<Vec<Ticked>> {
        let go = AtomicBool::new(false);
        let mut ticked = Vec::new();
        for company in companies::all(&self.db).await? {
            ticked.push(self.tick_company(company, mailer, &go).await);
        }
        Ok(ticked)
    }

    async fn tick_company(
        &self,
        found: companies::Company,
        mailer: Option<&Mailer>,
        stopping: &AtomicBool,
    ) -> Ticked {
        let mut ticked = Ticked {
            company: found.name.clone(),
            ..Ticked::default()
        };
        let id = found.id;
        let done = match self.load(found).await {
            Ok(company) => {
                let day = self.day_of_company(&company, mailer, stopping, &mut ticked);
                match day.await {
                    Ok(()) => self.end_of_tick(&company, mailer).await,
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            let why = error.to_string();
            if let Err(silent) = self.tell_failure(id, &why).await {
                ticked.failed = Some(format!("{why}; y no se pudo anotar la tarea: {silent}"));
            } else {
                ticked.failed = Some(why);
            }
        }
        ticked
    }

    /// Figures, and the chain of proofs with its head.
    async fn end_of_tick(&self, company: &Company, mailer: Option<&Mailer>) -> Result<()> {
        self.refresh_stale_figures(company).await?;
        self.seal(company.id).await?;
        self.anchor(company, mailer).await
    }

    async fn day_of_company(
        &self,
        company: &Company,
        mailer: Option<&Mailer>,
        stopping: &AtomicBool,
        ticked: &mut Ticked,
    ) -> Result<()> {
        let mode = company.settings.runs;
        if mode == RunMode::Command {
            return Ok(());
        }
        self.daily_run(company, mode, ticked).await?;
        let Some(mailer) = mailer else {
            return Ok(());
        };
        if matches!(mailer, Mailer::Smtp(_)) && company.settings.sender.is_none() {
            return Ok(());
        }
        while !stopping.load(Ordering::Relaxed) {
            let summary = self.dispatch(company, mailer, true).await?;
            ticked.sent += summary.sent;
            let moved = summary.sent + summary.failed + summary.unknown;
            let suppressed: u64 = summary.suppressed.values().sum();
            if summary.put_back > 0 || moved + suppressed == 0 {
                break;
            }
        }
        Ok(())
    }

    /// The day's run, once its hour has come; one that another process cut short is finished.
    async fn daily_run(&self, company: &Company, mode: RunMode, ticked: &mut Ticked) -> Result<()> {
        let now = self.now();
        let day = company.day_of(now);
        if now < company.run_instant(day) {
            return Ok(());
        }
        let done = runs::daily(&self.db, company.id, day).await?;
        if done.is_some_and(|run| run.finished_at.is_some()) {
            return Ok(());
        }
        self.expire_held(company).await?;
        // Before the run, so that what was booked is decided with the rest.
        let booked = self.book_charges(company, false, AUTHOR).await?;
        self.tell_unbooked(company, &booked).await?;
        let begin = Begin {
            author: AUTHOR,
            review: mode == RunMode::Review,
            daily_on: Some(day),
        };
        let summary = self.run_as(company, now, &begin, &mut ()).await?;
        self.portal_housekeeping().await?;
        ticked.ran = Some(day);
        ticked.planned = summary.contacts;
        Ok(())
    }

    /// Leaves one open task for a person, however often it fails.
    async fn tell_failure(&self, company: CompanyId, why: &str) -> Result<()> {
        let open = tasks::open(&self.db, company, TASKS_MAX).await?;
        if open.iter().any(|task| task.kind == FAILED_TASK) {
            return Ok(());
        }
        let text = format!("La corrida o el envío de hoy no terminó: {why}.");
        let mut tx = self.db.begin().await?;
        let about = (None, None);
        tasks::add(
            &mut tx,
            &self.stamp(AUTHOR),
            company,
            about,
            FAILED_TASK,
            &text,
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Open tasks looked through for one of ours.
const TASKS_MAX: u32 = 500;

/// Ticks until `stop` ends, each company on its own so that one that sends for long keeps no other
/// waiting; then waits for the messages under way. `tell` hears what happened.
pub async fn run(
    engine: Engine,
    mailer: Option<Mailer>,
    stop: impl Future<Output = ()> + Send,
    tell: impl Fn(&Ticked) + Send,
) {
    let stopping = Arc::new(AtomicBool::new(false));
    let (mut working, mut busy) = (JoinSet::new(), HashSet::new());
    let mut stop = pin!(stop);
    let mut tick = tokio::time::interval(TICK_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(done) = working.join_next() => hear(done, &mut busy, &tell),
            _ = tick.tick() => match companies::all(engine.db()).await {
                Ok(all) => {
                    for company in all.into_iter().filter(|it| busy.insert(it.id)) {
                        let (engine, mailer) = (engine.clone(), mailer.clone());
                        let stopping = Arc::clone(&stopping);
                        working.spawn(async move {
                            let id = company.id;
                            let mailer = mailer.as_ref();
                            (id, engine.tick_company(company, mailer, &stopping).await)
                        });
                    }
                }
                Err(error) => tell(&Ticked {
                    failed: Some(error.to_string()),
                    ..Ticked::default()
                }),
            },
        }
    }
    stopping.store(true, Ordering::Relaxed);
    while let Some(done) = working.join_next().await {
        hear(done, &mut busy, &tell);
    }
}

fn hear(
    done: std::result::Result<(CompanyId, Ticked), tokio::task::JoinError>,
    busy: &mut HashSet<CompanyId>,
    tell: &impl Fn(&Ticked),
) {
    match done {
        Ok((company, ticked)) => {
            busy.remove(&company);
            if !ticked.is_idle() {
                tell(&ticked);
            }
        }
        Err(error) => {
            // Whose it was is not known: all may be looked at again, which is safe.
            busy.clear();
            tell(&Ticked {
                failed: Some(error.to_string()),
                ..Ticked::default()
            });
        }
    }
}
