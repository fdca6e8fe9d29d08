//! The parts of a run: divided once, then each taken up by one worker, of this process or of
//! another on the same PostgreSQL, and written in one transaction. What a killed worker had taken
//! up is free again at once.

use domain::{CompanyId, CustomerId, RunId};
use serde_json::Value;
use sqlx::{Postgres, Transaction};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::run::{RunChunk, RunChunkCounts, write};
use super::{Clash, Heavy, Rows, Table, read_heavily, write_heavily};
use crate::chain::DecisionList;
use crate::db::{Db, rows};
use crate::error::Result;
use crate::runs::{self, Run};
use crate::value::{Bind, FromRow, Row, binds};

/// Customers of a run that are decided and written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its place in the run, from 0.
    pub number: u32,
    /// The customer before its first; the nil id for the first part.
    pub after: CustomerId,
    /// Its last customer; the greatest id for the last part, so that nobody is left out who is new.
    pub last: CustomerId,
}

impl FromRow for Part {
    const WIDTH: usize = 3;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            number: row.get()?,
            after: row.get()?,
            last: row.get()?,
        })
    }
}

const PARTS: Table = Table {
    name: "run_parts",
    columns: &[
        "company_id",
        "run_id",
        "number",
        "after_customer",
        "last_customer",
    ],
};

/// Divides a company's customers into parts of so many.
///
/// # Errors
/// What the database says.
pub async fn divide(db: &Db, company: CompanyId, customers: u32) -> Result<Vec<Part>> {
    read_heavily!(db, |heavy| parts_of(heavy, company, customers))
}

async fn parts_of(heavy: &mut Heavy<'_>, company: CompanyId, customers: u32) -> Result<Vec<Part>> {
    const SQL: &str = "SELECT id FROM customers WHERE company_id = $1 ORDER BY id";
    let mut parts: Vec<Part> = Vec::new();
    let (mut after, mut in_part) = (CustomerId::from_uuid(Uuid::nil()), 0);
    let mut step = |row: &mut Row<'_>| {
        let last: CustomerId = row.get()?;
        in_part += 1;
        if in_part == customers {
            let number = u32::try_from(parts.len()).unwrap_or(u32::MAX);
            parts.push(Part {
                number,
                after,
                last,
            });
            (after, in_part) = (last, 0);
        }
        Ok(())
    };
    heavy.each(SQL, &binds![company], &mut step).await?;
    let end = CustomerId::from_uuid(Uuid::max());
    match parts.last_mut() {
        Some(part) if in_part == 0 => part.last = end,
        _ if in_part == 0 => {}
        _ => parts.push(Part {
            number: u32::try_from(parts.len()).unwrap_or(u32::MAX),
            after,
            last: end,
        }),
    }
    Ok(parts)
}

/// Begins a run with its parts, or joins the company's unfinished run where `same` says that it is
/// the one wanted: two processes that begin at once work on one run. The scheduled run of a day is
/// always that day's one run, even when it has ended.
///
/// # Errors
/// What the database says.
pub async fn begin_run(
    db: &Db,
    company: CompanyId,
    new: Run,
    customers: u32,
    same: impl Fn(&Run) -> bool + Send + 'static,
) -> Result<Run> {
    write_heavily!(db, |heavy| begin(heavy, company, new, customers, same))
}

async fn begin(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    new: Run,
    customers: u32,
    same: impl Fn(&Run) -> bool + Send,
) -> Result<Run> {
    const ONE_AT_A_TIME: &str = "SELECT id FROM companies WHERE id = $1 {lock_weak}";
    heavy
        .each(ONE_AT_A_TIME, &binds![company], &mut |_| Ok(()))
        .await?;
    if let Some(day) = new.daily_on {
        let daily: Vec<Run> = heavy
            .rows(runs::DAILY, &binds![company, day], FromRow::from_row)
            .await?;
        if let Some(run) = daily.into_iter().next() {
            return Ok(run);
        }
    }
    let unfinished: Vec<Run> = heavy
        .rows(runs::UNFINISHED, &binds![company], FromRow::from_row)
        .await?;
    if let Some(run) = unfinished.into_iter().find(|run| same(run)) {
        return Ok(run);
    }
    runs::insert(heavy, company, &new).await?;
    let mut rows = Rows::new(PARTS.columns.len());
    for part in parts_of(heavy, company, customers).await? {
        rows.push([
            Bind::from(company),
            new.id.into(),
            part.number.into(),
            part.after.into(),
            part.last.into(),
        ]);
    }
    heavy.insert(&PARTS, &rows, Clash::Fail).await?;
    Ok(new)
}

/// The parts of a run that wait, as one process takes them up.
#[derive(Debug)]
pub struct WaitingParts {
    db: Db,
    company: CompanyId,
    run: RunId,
    /// On SQLite, where one process does all: the first number not taken up here.
    next: Mutex<u32>,
}

/// A part that is taken up: on PostgreSQL its row stays locked until it is written or dropped.
#[derive(Debug)]
pub struct TakenPart<'a> {
    /// Which one.
    pub part: Part,
    waiting: &'a WaitingParts,
    lock: Option<Transaction<'static, Postgres>>,
}

const WAITING: &str = "SELECT number, after_customer, last_customer FROM run_parts \
    WHERE company_id = $1 AND run_id = $2 AND done_at IS NULL AND number >= $3 \
    ORDER BY number LIMIT 1";

impl WaitingParts {
    /// The parts of a run.
    pub fn new(db: &Db, company: CompanyId, run: RunId) -> Self {
        Self {
            db: db.clone(),
            company,
            run,
            next: Mutex::new(0),
        }
    }

    /// Takes up the next part that nobody holds; `None` when there is none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take(&self) -> Result<Option<TakenPart<'_>>> {
        self.take_by("{skip_locked}").await
    }

    /// Takes up the next part, waiting for another worker that holds it; `None` when all is done.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_or_wait(&self) -> Result<Option<TakenPart<'_>>> {
        const LEFT: &str = "SELECT COUNT(*) FROM run_parts \
            WHERE company_id = $1 AND run_id = $2 AND done_at IS NULL";
        loop {
            if let Some(taken) = self.take_by("{lock}").await? {
                return Ok(Some(taken));
            }
            let binds = binds![self.company, self.run];
            let left: Vec<i64> = rows(&self.db, LEFT, &binds, FromRow::from_row).await?;
            if matches!(self.db, Db::Sqlite(_)) || left.first() == Some(&0) {
                return Ok(None);
            }
        }
    }

    async fn take_by(&self, lock: &str) -> Result<Option<TakenPart<'_>>> {
        let (company, run) = (self.company, self.run);
        match &self.db {
            Db::Sqlite(_) => {
                let mut next = self.next.lock().await;
                let binds = binds![company, run, *next];
                let found: Vec<Part> = rows(&self.db, WAITING, &binds, FromRow::from_row).await?;
                let Some(part) = found.first().copied() else {
                    return Ok(None);
                };
                *next = part.number + 1;
                let (waiting, lock) = (self, None);
                Ok(Some(TakenPart {
                    part,
                    waiting,
                    lock,
                }))
            }
            Db::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                let sql = format!("{WAITING} {lock}");
                let found: Vec<Part> = Heavy::Postgres(&mut tx)
                    .rows(&sql, &binds![company, run, 0_u32], FromRow::from_row)
                    .await?;
                let Some(part) = found.first().copied() else {
                    tx.rollback().await?;
                    return Ok(None);
                };
                let (waiting, lock) = (self, Some(tx));
                Ok(Some(TakenPart {
                    part,
                    waiting,
                    lock,
                }))
            }
        }
    }

    /// The figures of every part that is done.
    ///
    /// # Errors
    /// What the database says.
    pub async fn summaries(&self) -> Result<Vec<Value>> {
        const SQL: &str = "SELECT summary FROM run_parts \
            WHERE company_id = $1 AND run_id = $2 AND done_at IS NOT NULL ORDER BY number";
        let binds = binds![self.company, self.run];
        rows(&self.db, SQL, &binds, FromRow::from_row).await
    }
}

impl TakenPart<'_> {
    /// Writes what was decided for the part, with its figures; `summary` is told how many contacts
    /// were newly planned. `None` when another process wrote it meanwhile: then nothing is written.
    ///
    /// # Errors
    /// What the database says; then nothing of the part was kept.
    pub async fn write(
        self,
        chunk: RunChunk,
        summary: impl FnOnce(RunChunkCounts) -> Value + Send + 'static,
    ) -> Result<Option<Value>> {
        let (company, number) = (self.waiting.company, self.part.number);
        let list = DecisionList::of(&chunk);
        match self.lock {
            None => {
                let db = &self.waiting.db;
                write_heavily!(db, |heavy| finish(
                    heavy,
                    company,
                    number,
                    (chunk, list),
                    summary
                ))
            }
            Some(mut tx) => {
                let heavy = &mut Heavy::Postgres(&mut tx);
                let done = finish(heavy, company, number, (chunk, list), summary).await?;
                tx.commit().await?;
                Ok(done)
            }
        }
    }
}

async fn finish(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    number: u32,
    (chunk, list): (RunChunk, Option<DecisionList>),
    summary: impl FnOnce(RunChunkCounts) -> Value,
) -> Result<Option<Value>> {
    const OPEN: &str = "SELECT number, after_customer, last_customer FROM run_parts \
        WHERE company_id = $1 AND run_id = $2 AND number = $3 AND done_at IS NULL";
    const DONE: &str = "UPDATE run_parts SET summary = $4, done_at = $5 \
        WHERE company_id = $1 AND run_id = $2 AND number = $3";
    let (run, at) = (chunk.run, chunk.at);
    let open: Vec<Part> = heavy
        .rows(OPEN, &binds![company, run, number], FromRow::from_row)
        .await?;
    if open.is_empty() {
        return Ok(None);
    }
    let counts = write(heavy, company, chunk, list).await?;
    let summary = summary(counts);
    heavy
        .run(DONE, &binds![company, run, number, &summary, at])
        .await?;
    Ok(Some(summary))
}
