//! Heavy work on SQLite: prepared statements of rusqlite.

use rusqlite::{Connection, OpenFlags, Statement};

use super::{Clash, Rows, Table};
use crate::db::{BUSY_TIMEOUT, GateGuard, SqliteDb};
use crate::dialect::{Driver, render};
use crate::error::{Result, StoreError};
use crate::value::{Bind, Row};

/// Pages kept by a bulk connection: the upper levels of every index of a million documents, so that
/// an insert at a random place costs one read of a leaf.
const CACHE_KIB: u32 = 32 * 1024;
/// The same for a reader, who goes through ranges and comes back to little.
const READER_CACHE_KIB: u32 = 8 * 1024;

/// Pages the log may hold before they are copied into the database: pages that several
/// transactions change, the upper ones of every index, are copied once.
const LOG_PAGES: u32 = 16 * 1024;

/// Prepared statements kept per connection.
const STATEMENTS_KEPT: usize = 64;
/// Bulk readers kept open for the next use.
const READERS_KEPT: usize = 4;

pub(super) fn each(
    connection: &Connection,
    sql: &str,
    binds: &[Bind<'_>],
    read: &mut dyn FnMut(&mut Row<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(&render(Driver::Rusqlite, sql))?;
    bind(&mut statement, binds)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        read(&mut Row::new(row))?;
    }
    Ok(())
}

pub(super) fn run(connection: &Connection, sql: &str, binds: &[Bind<'_>]) -> Result<u64> {
    let mut statement = connection.prepare_cached(&render(Driver::Rusqlite, sql))?;
    bind(&mut statement, binds)?;
    Ok(statement.raw_execute()? as u64)
}

pub(super) fn insert(
    connection: &Connection,
    table: &Table,
    rows: &Rows<'_>,
    clash: Clash,
) -> Result<u64> {
    let marks: Vec<String> = (1..=table.columns.len()).map(|n| format!("?{n}")).collect();
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({}){}",
        table.name,
        table.columns.join(", "),
        marks.join(", "),
        on_conflict(table, clash),
    );
    execute_each(connection, &sql, rows)
}

pub(super) fn update(
    connection: &Connection,
    table: &Table,
    keys: usize,
    only: &str,
    rows: &Rows<'_>,
) -> Result<u64> {
    let assign = |(index, column): (usize, &&str)| format!("{column} = ?{}", index + 1);
    let (key, set): (Vec<_>, Vec<_>) = table
        .columns
        .iter()
        .enumerate()
        .partition(|(index, _)| *index < keys);
    let key: Vec<String> = key.into_iter().map(assign).collect();
    let set: Vec<String> = set.into_iter().map(assign).collect();
    let only = if only.is_empty() { "true" } else { only };
    let sql = format!(
        "UPDATE {} AS t SET {} WHERE {} AND {only}",
        table.name,
        set.join(", "),
        key.join(" AND "),
    );
    execute_each(connection, &sql, rows)
}

/// The clause for a row whose key is there already, the same in both engines.
pub(super) fn on_conflict(table: &Table, clash: Clash) -> String {
    match clash {
        Clash::Fail => String::new(),
        Clash::Skip | Clash::SkipRare => " ON CONFLICT DO NOTHING".to_owned(),
        Clash::Replace(keys) | Clash::ReplaceRare(keys) => {
            let (key, set) = table.columns.split_at(keys);
            let set: Vec<String> = set
                .iter()
                .map(|it| format!("{it} = excluded.{it}"))
                .collect();
            format!(
                " ON CONFLICT ({}) DO UPDATE SET {}",
                key.join(", "),
                set.join(", ")
            )
        }
    }
}

fn execute_each(connection: &Connection, sql: &str, rows: &Rows<'_>) -> Result<u64> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut changed = 0;
    for row in rows.iter() {
        bind(&mut statement, row)?;
        changed += statement.raw_execute()? as u64;
    }
    Ok(changed)
}

fn bind(statement: &mut Statement<'_>, binds: &[Bind<'_>]) -> Result<()> {
    for (index, value) in binds.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// The bulk writer's connection, held with the gate. Dropped inside a transaction it is closed,
/// which rolls back, and the next writer opens another.
pub(super) struct Writer {
    pub(super) connection: Connection,
    guard: GateGuard,
}

impl Writer {
    /// Keeps what was written and gives the connection back.
    pub(super) fn commit(self) -> Result<()> {
        self.connection
            .execute_batch("COMMIT; PRAGMA synchronous = NORMAL")?;
        let Self {
            connection,
            mut guard,
        } = self;
        *guard = Some(connection);
        Ok(())
    }
}

impl SqliteDb {
    /// Opens a write transaction on the bulk writer; `durable` makes its commit wait for the disk.
    pub(super) async fn bulk_writer(&self, durable: bool) -> Result<Writer> {
        let mut guard = self.enter_gate().await;
        let path = self.path.clone();
        blocking(move || {
            let connection = match guard.take() {
                Some(connection) => connection,
                None => open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?,
            };
            let sync = if durable { "FULL" } else { "NORMAL" };
            connection.execute_batch(&format!("PRAGMA synchronous = {sync}; BEGIN IMMEDIATE"))?;
            Ok(Writer { connection, guard })
        })
        .await
    }

    /// Runs `work` in one write transaction on a blocking thread.
    pub(crate) async fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut writer = self.bulk_writer(false).await?;
        blocking(move || {
            let done = work(&mut writer.connection)?;
            writer.commit()?;
            Ok(done)
        })
        .await
    }

    /// Runs `work` on one snapshot on a blocking thread.
    pub(crate) async fn read_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let db = self.clone();
        blocking(move || {
            let kept = db.lock_readers().pop();
            let mut connection = match kept {
                Some(connection) => connection,
                None => open(&db.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?,
            };
            connection.execute_batch(&format!(
                "PRAGMA query_only = ON; PRAGMA cache_size = -{READER_CACHE_KIB}; BEGIN"
            ))?;
            let done = work(&mut connection)?;
            connection.execute_batch("COMMIT")?;
            let mut readers = db.lock_readers();
            if readers.len() < READERS_KEPT {
                readers.push(connection);
            }
            Ok(done)
        })
        .await
    }
}

pub(crate) fn open(path: &std::path::Path, access: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.execute_batch(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL; \
         PRAGMA cache_size = -{CACHE_KIB}; PRAGMA temp_store = MEMORY; \
         PRAGMA wal_autocheckpoint = {LOG_PAGES}"
    ))?;
    Ok(connection)
}

/// Runs blocking work off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(StoreError::Thread(error.to_string())),
    }
}
