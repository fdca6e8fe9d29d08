//! The heavy paths: thousands of rows per transaction.
//!
//! Each piece of bulk work is written once, as an async function over `Heavy`: prepared
//! statements of rusqlite on SQLite, `COPY` and merges on PostgreSQL. On SQLite no `await` in it
//! ever waits, so it is run to its end in one go on a blocking thread, behind the writer gate.

mod apply;
mod claim;
mod import;
mod import_facts;
mod made;
mod parts;
mod postgres;
mod results;
mod run;
mod sqlite;
mod undo;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use sqlx::PgConnection;

pub use apply::{AppliedChunk, apply_chunk};
pub use claim::{ClaimVerdict, DueContact, Limit, NewLink, OutgoingMessage, claim, stale_claims};
pub use import::{import_chunk, weigh_chunk};
pub use import_facts::{
    ApplicationFacts, ChunkCounts, ContactPointFacts, CustomerFacts, DocumentFacts, HoldFacts,
    ImportChunk, PaymentFacts, PromiseFacts, QuarantinedRow, Refusal, RefusedFact, SourceKey,
    Tally,
};
pub use parts::{Part, TakenPart, WaitingParts, begin_run, divide};
pub use results::{NewTask, PointChange, SendResult, record_results};
pub use run::{
    HELD_FOR_REVIEW, NewDecision, NewStanding, Outcome, PlannedContact, RunChunk, RunChunkCounts,
    plan,
};
pub use undo::{ALIVE_SECONDS, Obstacle, ObstacleKind, Undoing, undo_import};

use crate::error::{Result, StoreError};
use crate::value::{Bind, Row};

/// A connection for heavy work, inside its transaction.
pub(crate) enum Heavy<'c> {
    Sqlite(&'c mut rusqlite::Connection),
    Postgres(&'c mut PgConnection),
}

/// A table and those of its columns that are written.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
}

/// What happens to a row whose unique key is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clash {
    /// The transaction fails.
    Fail,
    /// The row is left out.
    Skip,
    /// The row is left out; hardly any is there.
    SkipRare,
    /// The other columns are overwritten; the key is this many first columns.
    Replace(usize),
    /// The same where hardly any row is there.
    ReplaceRare(usize),
}

/// Rows of equal width, flat.
pub(crate) struct Rows<'a> {
    width: usize,
    cells: Vec<Bind<'a>>,
}

impl<'a> Rows<'a> {
    pub(crate) const fn new(width: usize) -> Self {
        Self {
            width,
            cells: Vec::new(),
        }
    }

    pub(crate) fn push<const N: usize>(&mut self, row: [Bind<'a>; N]) {
        debug_assert_eq!(N, self.width, "a row has the width of its table");
        self.cells.extend(row);
    }

    pub(crate) fn iter(&self) -> std::slice::ChunksExact<'_, Bind<'a>> {
        self.cells.chunks_exact(self.width)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }
}

impl Heavy<'_> {
    /// Gives each row of a query to `read`.
    pub(crate) async fn each(
        &mut self,
        sql: &str,
        binds: &[Bind<'_>],
        read: &mut (dyn FnMut(&mut Row<'_>) -> Result<()> + Send),
    ) -> Result<()> {
        match self {
            Self::Sqlite(connection) => sqlite::each(connection, sql, binds, read),
            Self::Postgres(connection) => postgres::each(connection, sql, binds, read).await,
        }
    }

    /// Every row of a query.
    pub(crate) async fn rows<T: Send>(
        &mut self,
        sql: &str,
        binds: &[Bind<'_>],
        read: fn(&mut Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut all = Vec::new();
        let mut push = |row: &mut Row<'_>| {
            all.push(read(row)?);
            Ok(())
        };
        self.each(sql, binds, &mut push).await?;
        Ok(all)
    }

    /// Runs one statement; how many rows it changed.
    pub(crate) async fn run(&mut self, sql: &str, binds: &[Bind<'_>]) -> Result<u64> {
        match self {
            Self::Sqlite(connection) => sqlite::run(connection, sql, binds),
            Self::Postgres(connection) => postgres::run(connection, sql, binds).await,
        }
    }

    /// Inserts rows; how many were inserted or overwritten.
    pub(crate) async fn insert(
        &mut self,
        table: &Table,
        rows: &Rows<'_>,
        clash: Clash,
    ) -> Result<u64> {
        debug_assert_eq!(rows.width, table.columns.len(), "{}", table.name);
        if rows.is_empty() {
            return Ok(0);
        }
        match self {
            Self::Sqlite(connection) => sqlite::insert(connection, table, rows, clash),
            Self::Postgres(connection) => postgres::insert(connection, table, rows, clash).await,
        }
    }

    /// Updates rows found by the first `keys` columns of `table` to the values of the others, where
    /// `only` (a condition on the target, `t.state = 'claimed'`) holds; how many were updated.
    pub(crate) async fn update(
        &mut self,
        table: &Table,
        keys: usize,
        only: &str,
        rows: &Rows<'_>,
    ) -> Result<u64> {
        debug_assert_eq!(rows.width, table.columns.len(), "{}", table.name);
        if rows.is_empty() {
            return Ok(0);
        }
        match self {
            Self::Sqlite(connection) => sqlite::update(connection, table, keys, only, rows),
            Self::Postgres(connection) => {
                postgres::update(connection, table, keys, only, rows).await
            }
        }
    }
}

/// Runs bulk work to its end: on SQLite nothing in it ever waits.
pub(crate) fn at_once<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(work).poll(&mut context) {
        Poll::Ready(done) => done,
        Poll::Pending => Err(StoreError::Thread("bulk work waited".to_owned())),
    }
}

/// Runs `work` (a call that takes the [`Heavy`]) in one write transaction of its own.
macro_rules! write_heavily {
    ($db:expr, |$heavy:ident| $work:expr) => {
        match $db {
            crate::Db::Sqlite(sqlite) => {
                sqlite
                    .write_blocking(move |connection| {
                        let $heavy = &mut crate::bulk::Heavy::Sqlite(connection);
                        crate::bulk::at_once($work)
                    })
                    .await
            }
            crate::Db::Postgres(pool) => {
                let mut tx = pool.begin().await?;
                crate::bulk::by_index(&mut tx).await?;
                let done = {
                    let $heavy = &mut crate::bulk::Heavy::Postgres(&mut tx);
                    $work.await?
                };
                tx.commit().await?;
                Ok(done)
            }
        }
    };
}
pub(crate) use write_heavily;

/// Runs `work` on one snapshot of the database, reading only.
macro_rules! read_heavily {
    ($db:expr, |$heavy:ident| $work:expr) => {
        match $db {
            crate::Db::Sqlite(sqlite) => {
                sqlite
                    .read_blocking(move |connection| {
                        let $heavy = &mut crate::bulk::Heavy::Sqlite(connection);
                        crate::bulk::at_once($work)
                    })
                    .await
            }
            crate::Db::Postgres(pool) => {
                let mut tx = pool
                    .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?;
                crate::bulk::by_index(&mut tx).await?;
                let done = {
                    let $heavy = &mut crate::bulk::Heavy::Postgres(&mut tx);
                    $work.await?
                };
                tx.commit().await?;
                Ok(done)
            }
        }
    };
}
pub(crate) use apply::APPLICATIONS;
pub(crate) use claim::DUE;
pub(crate) use import::{EVENTS, import};
pub(crate) use postgres::by_index;
pub(crate) use read_heavily;
pub(crate) use sqlite::blocking;

/// Locks customers against other writers of their facts, always in the order of their ids so that
/// two writers never wait for each other in a ring. Nothing on SQLite, which has one writer.
pub(crate) async fn lock_customers(
    heavy: &mut Heavy<'_>,
    company: domain::CompanyId,
    customers: &[uuid::Uuid],
) -> Result<()> {
    const SQL: &str = "SELECT id FROM customers WHERE company_id = $1 AND id {uuids:2} \
        ORDER BY id {lock}";
    if matches!(heavy, Heavy::Postgres(_)) && !customers.is_empty() {
        let binds = crate::value::binds![company, customers];
        heavy.each(SQL, &binds, &mut |_| Ok(())).await?;
    }
    Ok(())
}
