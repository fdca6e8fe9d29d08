//! The database: the only code that knows there are two.
//!
//! SQLite has several readers and one writer per file: a gate that sqlx and rusqlite share in this
//! process; `BEGIN IMMEDIATE` and the busy time-out order it with other processes.

use std::collections::HashMap;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Database, Postgres, Sqlite, Transaction};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::dialect::{Driver, render};
use crate::driver::Bound;
use crate::error::{Result, StoreError};
use crate::fills::{self, Filling};
use crate::value::{Bind, Row};

/// The tables, for both engines.
static MIGRATOR: Migrator = sqlx::migrate!("./migrations");

/// Readers of one SQLite file through sqlx.
const SQLITE_READERS_MAX: u32 = 4;
/// Connections of one process to PostgreSQL.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
/// How long a writer waits for another process.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// A database; cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file.
    Sqlite(SqliteDb),
    /// A server.
    Postgres(PgPool),
}

/// A SQLite file with its readers and its writer.
#[derive(Clone, Debug)]
pub struct SqliteDb {
    read: SqlitePool,
    write: SqlitePool,
    pub(crate) path: PathBuf,
    gate: Gate,
    pub(crate) readers: Arc<Mutex<Vec<rusqlite::Connection>>>,
}

/// Whoever holds it writes; it keeps the bulk writer's connection between uses.
pub(crate) type Gate = Arc<AsyncMutex<Option<rusqlite::Connection>>>;
pub(crate) type GateGuard = OwnedMutexGuard<Option<rusqlite::Connection>>;
type WeakGate = Weak<AsyncMutex<Option<rusqlite::Connection>>>;

/// The gate of each open file of this process.
static GATES: LazyLock<Mutex<HashMap<PathBuf, WeakGate>>> = LazyLock::new(Mutex::default);

fn gate_of(path: &Path) -> Gate {
    let mut gates = GATES.lock().unwrap_or_else(PoisonError::into_inner);
    gates.retain(|_, gate| gate.strong_count() > 0);
    if let Some(gate) = gates.get(path).and_then(Weak::upgrade) {
        return gate;
    }
    let gate = Gate::default();
    gates.insert(path.to_owned(), Arc::downgrade(&gate));
    gate
}

impl Db {
    /// Opens a database by its address (`sqlite:FILE`, `postgres://…`), makes the SQLite file when
    /// it is not there, and brings the tables to this version.
    ///
    /// # Errors
    /// [`StoreError::Url`], [`StoreError::Folder`], [`StoreError::Migration`], or what the driver
    /// says.
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_telling(url, &mut |_| {}).await
    }

    /// The same, telling how far it is while the rows of an older database are brought up, which
    /// takes minutes where there are a million.
    ///
    /// # Errors
    /// As [`Db::open`]; what was brought up stays so.
    pub async fn open_telling(url: &str, tell: &mut (dyn FnMut(Filling) + Send)) -> Result<Self> {
        let db = if let Some(file) = url.strip_prefix("sqlite:") {
            let file = file.strip_prefix("//").unwrap_or(file);
            if file.is_empty() || file.starts_with(':') {
                return Err(StoreError::Url(url.to_owned()));
            }
            Self::Sqlite(SqliteDb::connect(Path::new(file)).await?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options: PgConnectOptions = url
                .parse()
                .map_err(|_| StoreError::Url(without_password(url)))?;
            // Making a temporary table that is there already is no news.
            let options = options.options([("client_min_messages", "warning")]);
            let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS_MAX);
            Self::Postgres(pool.connect_with(options).await?)
        } else {
            return Err(StoreError::Url(without_password(url)));
        };
        match &db {
            Self::Sqlite(sqlite) => {
                let _gate = sqlite.enter_gate().await;
                MIGRATOR.run(&sqlite.write).await?;
            }
            Self::Postgres(pool) => MIGRATOR.run(pool).await?,
        }
        fills::fill(&db, tell).await?;
        Ok(db)
    }

    /// Opens a write transaction. Dropped without [`Tx::commit`], it leaves nothing behind.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process writes for longer than the time-out.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx(match self {
            Self::Sqlite(sqlite) => {
                let gate = sqlite.enter_gate().await;
                let tx = sqlite.write.begin_with("BEGIN IMMEDIATE").await?;
                TxOn::Sqlite(tx, gate)
            }
            Self::Postgres(pool) => TxOn::Postgres(pool.begin().await?),
        }))
    }

    /// Closes every connection; what is written is on disk.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => {
                sqlite.enter_gate().await.take();
                sqlite.lock_readers().clear();
                sqlite.read.close().await;
                sqlite.write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// The newest migration this program knows.
    pub(crate) fn newest_migration() -> i64 {
        MIGRATOR
            .iter()
            .map(|migration| migration.version)
            .max()
            .unwrap_or(0)
    }
}

/// An address that may be shown.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://…@{host}"),
        None => url.to_owned(),
    }
}

impl SqliteDb {
    async fn connect(file: &Path) -> Result<Self> {
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let folder = folder
            .canonicalize()
            .map_err(|_| StoreError::Folder(file.to_owned()))?;
        let Some(name) = file.file_name() else {
            return Err(StoreError::Url(format!("sqlite:{}", file.display())));
        };
        let path = folder.join(name);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        let write = SqlitePoolOptions::new().max_connections(1);
        let write = write.connect_with(options.clone()).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS_MAX)
            .connect_with(options.pragma("query_only", "on"))
            .await?;
        let gate = gate_of(&path);
        let readers = Arc::default();
        Ok(Self {
            read,
            write,
            path,
            gate,
            readers,
        })
    }

    /// Waits until nobody of this process writes.
    pub(crate) async fn enter_gate(&self) -> GateGuard {
        Arc::clone(&self.gate).lock_owned().await
    }

    pub(crate) fn lock_readers(&self) -> std::sync::MutexGuard<'_, Vec<rusqlite::Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One write transaction.
#[derive(Debug)]
pub struct Tx(TxOn);

#[derive(Debug)]
enum TxOn {
    /// The gate is dropped after the transaction, whose rollback is queued by then.
    Sqlite(Transaction<'static, Sqlite>, GateGuard),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Keeps what was written.
    ///
    /// # Errors
    /// What the driver says; then nothing was kept.
    pub async fn commit(self) -> Result<()> {
        match self.0 {
            TxOn::Sqlite(tx, _gate) => tx.commit().await?,
            TxOn::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Leaves nothing behind, now.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn rollback(self) -> Result<()> {
        match self.0 {
            TxOn::Sqlite(tx, _gate) => tx.rollback().await?,
            TxOn::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

/// Where a statement runs: `&Db` (any connection) or `&mut Tx` (inside the transaction).
pub trait Access: Send {
    #[doc(hidden)]
    fn reach(&mut self) -> impl Future<Output = Result<Reach<'_>>> + Send;
}

#[doc(hidden)]
#[derive(Debug)]
pub enum Reach<'a> {
    Sqlite(Handle<'a, Sqlite>),
    Postgres(Handle<'a, Postgres>),
}

#[doc(hidden)]
#[derive(Debug)]
pub enum Handle<'a, D: Database> {
    Pooled(PoolConnection<D>),
    Borrowed(&'a mut D::Connection),
}

impl<D: Database> Deref for Handle<'_, D> {
    type Target = D::Connection;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Pooled(connection) => connection,
            Self::Borrowed(connection) => connection,
        }
    }
}

impl<D: Database> DerefMut for Handle<'_, D> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Pooled(connection) => connection,
            Self::Borrowed(connection) => connection,
        }
    }
}

impl Access for &Db {
    async fn reach(&mut self) -> Result<Reach<'_>> {
        Ok(match self {
            Db::Sqlite(sqlite) => Reach::Sqlite(Handle::Pooled(sqlite.read.acquire().await?)),
            Db::Postgres(pool) => Reach::Postgres(Handle::Pooled(pool.acquire().await?)),
        })
    }
}

impl Access for &mut Tx {
    async fn reach(&mut self) -> Result<Reach<'_>> {
        Ok(match &mut self.0 {
            TxOn::Sqlite(tx, _) => Reach::Sqlite(Handle::Borrowed(&mut **tx)),
            TxOn::Postgres(tx) => Reach::Postgres(Handle::Borrowed(&mut **tx)),
        })
    }
}

/// The only dispatch between the engines for single statements.
macro_rules! on_db {
    ($on:expr, |$connection:ident, $driver:ident| $body:expr) => {
        match $on.reach().await? {
            Reach::Sqlite(mut handle) => {
                let $driver = Driver::Sqlite;
                let $connection: &mut sqlx::SqliteConnection = &mut handle;
                $body
            }
            Reach::Postgres(mut handle) => {
                let $driver = Driver::Postgres;
                let $connection: &mut sqlx::PgConnection = &mut handle;
                $body
            }
        }
    };
}

/// A text of ours with its values.
pub(crate) fn query<D: Bound>(
    driver: Driver,
    sql: &str,
    binds: &[Bind<'_>],
) -> Query<'static, D, <D as Database>::Arguments>
where
    <D as Database>::Arguments: sqlx::IntoArguments<D>,
{
    // Every text is a constant of this crate; values are always bound.
    let query = sqlx::query(AssertSqlSafe(render(driver, sql).into_owned()));
    binds.iter().fold(query, D::bind)
}

/// How a row becomes a value.
pub(crate) type Read<T> = fn(&mut Row<'_>) -> Result<T>;

/// Every row of a query.
pub(crate) async fn rows<T>(
    mut on: impl Access,
    sql: &str,
    binds: &[Bind<'_>],
    read: Read<T>,
) -> Result<Vec<T>> {
    on_db!(on, |connection, driver| {
        let rows = query(driver, sql, binds).fetch_all(connection).await?;
        rows.iter().map(|row| read(&mut Row::new(row))).collect()
    })
}

/// The first row of a query, if there is one.
pub(crate) async fn first<T>(
    mut on: impl Access,
    sql: &str,
    binds: &[Bind<'_>],
    read: Read<T>,
) -> Result<Option<T>> {
    on_db!(on, |connection, driver| {
        let row = query(driver, sql, binds).fetch_optional(connection).await?;
        row.as_ref().map(|row| read(&mut Row::new(row))).transpose()
    })
}

/// Runs a statement; how many rows it changed.
pub(crate) async fn run(mut on: impl Access, sql: &str, binds: &[Bind<'_>]) -> Result<u64> {
    on_db!(on, |connection, driver| {
        let done = query(driver, sql, binds).execute(connection).await?;
        Ok(done.rows_affected())
    })
}
