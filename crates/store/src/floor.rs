//! What any program would pay for the same rows: the floor that benchmarks hold ours against.
//!
//! The rows a program wrote are found by comparing its database with a mirror that holds the
//! earlier ones, and are written into the mirror in bulk, by the same connection settings, tables,
//! indexes and constraints. Only the writing is timed; finding and fetching the rows is not.
//! Built for benchmarks only, behind the feature `floor`.

mod postgres;
mod sqlite;

use std::path::Path;
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::db::{self, Db};
use crate::error::{Result, StoreError};
use crate::facts::{
    APPLICATION, CONTACT_POINT, CUSTOMER, DOCUMENT, HOLD, PAST_CONTACT, PAYMENT, PROMISE,
};
use crate::value::binds;

/// Rows written in one transaction; in one `COPY` there is no end to them.
const ROWS_PER_TRANSACTION: usize = 20_000;

/// What is closed longer ago than this is not read for a run.
const LOOK_BACK_DAYS: i64 = 120;

/// Days whose sales a KPI report looks at.
const WINDOW_DAYS: i64 = 90;

/// A hundred years in microseconds: contacts moved there are not due in a benchmark's life.
const FAR_MICROSECONDS: i64 = 3_155_760_000_000_000;

/// What something took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Time that passed.
    pub wall: Duration,
    /// Processor time of this process.
    pub own: Duration,
    /// Processor time of the database's server.
    pub server: Duration,
}

impl Cost {
    /// Processor time on both sides.
    pub const fn processor(&self) -> Duration {
        self.own.saturating_add(self.server)
    }

    fn since(self, start: Self) -> Self {
        Self {
            wall: self.wall.saturating_sub(start.wall),
            own: self.own.saturating_sub(start.own),
            server: self.server.saturating_sub(start.server),
        }
    }
}

/// Adds up what the timed pieces of some work take.
pub struct Stopwatch<'a> {
    clock: &'a dyn Fn() -> Cost,
    started: Cost,
    spent: Cost,
}

impl std::fmt::Debug for Stopwatch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stopwatch")
            .field("spent", &self.spent)
            .finish_non_exhaustive()
    }
}

impl<'a> Stopwatch<'a> {
    /// Reads `clock`, which tells what was spent since any moment of its own.
    pub fn new(clock: &'a dyn Fn() -> Cost) -> Self {
        Self {
            clock,
            started: Cost::default(),
            spent: Cost::default(),
        }
    }

    /// What the timed pieces took so far.
    pub const fn spent(&self) -> Cost {
        self.spent
    }

    fn start(&mut self) {
        self.started = (self.clock)();
    }

    fn stop(&mut self) {
        let piece = (self.clock)().since(self.started);
        self.spent.wall += piece.wall;
        self.spent.own += piece.own;
        self.spent.server += piece.server;
    }
}

/// Rows written to one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The table.
    pub table: String,
    /// New ones.
    pub inserted: u64,
    /// Those there were, with other values now.
    pub updated: u64,
}

/// Rows read, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// How many.
    pub rows: u64,
    /// What they cost.
    pub cost: Cost,
    /// `cursor` or `copy`, whichever took less processor time.
    pub how: &'static str,
}

/// Which rows are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Everything a run may see on a day.
    Run,
    /// What is open on a day.
    Ageing,
    /// What the figures of the window before a day stand on.
    Kpi,
}

/// A point in the life of a database, before what is to be found by [`follow`].
///
/// # Errors
/// What the database says.
pub async fn mark(url: &str) -> Result<i64> {
    match Db::open(url).await? {
        Db::Sqlite(_) => Ok(0),
        db @ Db::Postgres(_) => postgres::mark(&db).await,
    }
}

/// Writes into `mirror`, which was a copy of the database of `url` at `mark`, what changed there
/// since. Rows taken away are not followed. `spool` is a folder for rows on their way.
///
/// # Errors
/// What the databases say, and when the two hold different numbers of rows at the end.
pub async fn follow(
    url: &str,
    mirror: &str,
    mark: i64,
    spool: &Path,
    watch: &mut Stopwatch<'_>,
) -> Result<Vec<Written>> {
    let (from, to) = (Db::open(url).await?, Db::open(mirror).await?);
    let written = match (&from, &to) {
        (Db::Sqlite(from), Db::Sqlite(to)) => sqlite::follow(&from.path, to, watch).await?,
        (Db::Postgres(_), Db::Postgres(_)) => {
            postgres::follow(&from, &to, mark, spool, watch).await?
        }
        _ => return Err(StoreError::Url(mirror.to_owned())),
    };
    // Closing moves what lies in SQLite's log to its place: part of writing.
    watch.start();
    to.close().await;
    watch.stop();
    same_counts(&from, &Db::open(mirror).await?).await?;
    from.close().await;
    Ok(written)
}

/// Fails when a table has more rows in one of the two: then the floor is not that of this work.
async fn same_counts(one: &Db, other: &Db) -> Result<()> {
    for table in tables(one).await? {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
        let count = |row: &mut crate::value::Row<'_>| row.get::<i64>();
        let ours = db::first(one, &sql, &[], count).await?;
        let theirs = db::first(other, &sql, &[], count).await?;
        if ours != theirs {
            return Err(StoreError::Refused {
                what: "a comparison",
                key: table,
                why: "the mirror holds another number of rows than the database",
            });
        }
    }
    other.close().await;
    Ok(())
}

/// The tables in the order in which they were made: what is referred to stands before.
async fn tables(db: &Db) -> Result<Vec<String>> {
    let sql = match db {
        Db::Sqlite(_) => sqlite::TABLES,
        Db::Postgres(_) => postgres::TABLES,
    };
    db::rows(db, sql, &[], |row| row.get()).await
}

/// Reads the rows that answer a question, ordered as the program needs them, and drops them.
///
/// # Errors
/// What the database says.
pub async fn read(
    url: &str,
    question: Question,
    day: Date,
    clock: &dyn Fn() -> Cost,
) -> Result<Fetched> {
    let texts = texts(question, day);
    let db = Db::open(url).await?;
    let fetched = match &db {
        Db::Sqlite(sqlite) => sqlite::read(sqlite, &texts, clock).await?,
        Db::Postgres(pool) => postgres::read(pool, &texts, clock).await?,
    };
    db.close().await;
    Ok(fetched)
}

fn texts(question: Question, day: Date) -> Vec<String> {
    match question {
        Question::Run => run_texts(day),
        Question::Ageing => vec![
            format!(
                "SELECT {DOCUMENT}, t.customer_id, c.key FROM documents t JOIN customers c \
                 ON c.company_id = t.company_id AND c.id = t.customer_id \
                 WHERE t.issued_on <= '{day}' \
                 AND (t.settled_on_projection IS NULL OR t.settled_on_projection > '{day}') \
                 ORDER BY t.company_id, t.id"
            ),
            laid(),
            format!(
                "SELECT {PAYMENT}, t.customer_id FROM payments t WHERE t.paid_on <= '{day}' \
                 AND (t.spent_on_projection IS NULL OR t.spent_on_projection > '{day}') \
                 ORDER BY t.company_id, t.id"
            ),
        ],
        Question::Kpi => {
            let from = days_before(day, WINDOW_DAYS);
            vec![
                format!(
                    "SELECT {DOCUMENT}, t.customer_id FROM documents t \
                     WHERE t.issued_on <= '{day}' AND (t.settled_on_projection IS NULL \
                     OR t.settled_on_projection >= '{from}' OR t.issued_on >= '{from}') \
                     ORDER BY t.company_id, t.id"
                ),
                laid(),
                "SELECT t.customer_id, t.performed_at FROM contacts t \
                 WHERE t.performed_at IS NOT NULL"
                    .to_owned(),
            ]
        }
    }
}

fn laid() -> String {
    format!("SELECT {APPLICATION} FROM applications t ORDER BY t.company_id, t.id")
}

/// As `positions` reads them, without its chunks.
fn run_texts(day: Date) -> Vec<String> {
    let since = days_before(day, LOOK_BACK_DAYS);
    let midnight = since.to_zoned(TimeZone::UTC);
    let instant = midnight.map_or(0, |it| it.timestamp().as_microsecond());
    let child = |columns: &str, table: &str, only: &str, order: &str| {
        format!(
            "SELECT t.customer_id, {columns} FROM {table} t {only} \
             ORDER BY t.company_id, t.customer_id{order}"
        )
    };
    let open = |column: &str| format!("WHERE (t.{column} IS NULL OR t.{column} > '{since}')");
    let recent = format!("WHERE (t.planned_at >= {instant} OR t.state IN ('planned', 'claimed'))");
    vec![
        format!(
            "SELECT {CUSTOMER}, s.digest FROM customers c LEFT JOIN standings s \
             ON s.company_id = c.company_id AND s.customer_id = c.id ORDER BY c.company_id, c.id"
        ),
        child(CONTACT_POINT, "contact_points", "", ", t.id"),
        child(DOCUMENT, "documents", &open("settled_on_projection"), ""),
        child(PAYMENT, "payments", &open("spent_on_projection"), ""),
        child(APPLICATION, "applications", "", ""),
        child(HOLD, "holds", "", ""),
        child(PROMISE, "promises", "", ""),
        child(PAST_CONTACT, "contacts", &recent, ", t.planned_at"),
    ]
}

fn days_before(day: Date, days: i64) -> Date {
    day.saturating_sub(days.days())
}

/// Leaves at most `most` planned contacts due; the others are moved far away. How many were moved.
///
/// # Errors
/// What the database says.
pub async fn keep_due(url: &str, most: u32) -> Result<u64> {
    const SQL: &str = "UPDATE contacts SET planned_at = planned_at + $1 WHERE state = 'planned' \
        AND id NOT IN (SELECT id FROM contacts WHERE state = 'planned' \
        ORDER BY planned_at, id LIMIT $2)";
    change(url, SQL, &binds![FAR_MICROSECONDS, most]).await
}

/// Brings back the contacts moved by [`keep_due`], as sent when they were planned: the day ends as
/// if all had been sent. How many they are.
///
/// # Errors
/// What the database says.
pub async fn end_day(url: &str) -> Result<u64> {
    const SQL: &str = "UPDATE contacts SET state = 'sent', planned_at = planned_at - $1, \
        performed_at = planned_at - $1 WHERE state = 'planned' AND planned_at >= $1";
    change(url, SQL, &binds![FAR_MICROSECONDS]).await
}

async fn change(url: &str, sql: &str, binds: &[crate::value::Bind<'_>]) -> Result<u64> {
    let db = Db::open(url).await?;
    let mut tx = db.begin().await?;
    let changed = db::run(&mut tx, sql, binds).await?;
    tx.commit().await?;
    db.close().await;
    Ok(changed)
}

/// How many rows each table of a company's database holds.
///
/// # Errors
/// What the database says.
pub async fn counts(url: &str) -> Result<Vec<(String, u64)>> {
    let db = Db::open(url).await?;
    let mut counts = Vec::new();
    for table in tables(&db).await? {
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM {table}");
        let count = db::first(&db, &sql, &[], |row| row.get::<i64>()).await?;
        counts.push((table, count.unwrap_or(0).unsigned_abs()));
    }
    db.close().await;
    Ok(counts)
}

fn unusable(file: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Backup {
        file: file.to_owned(),
        why: error.to_string(),
    }
}
