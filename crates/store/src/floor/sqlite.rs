//! The floor on SQLite: prepared statements on the program's own bulk connection.

use std::cmp::Ordering;
use std::hint::black_box;
use std::path::Path;

use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, Row, Rows, Statement};

use super::{Cost, Fetched, ROWS_PER_TRANSACTION, Stopwatch, Written};
use crate::db::SqliteDb;
use crate::error::{Result, StoreError};

/// Every table with what people and runs wrote; `fills` is what the program notes on opening.
pub(super) const TABLES: &str = "SELECT name FROM sqlite_master WHERE type = 'table' \
    AND name NOT LIKE 'sqlite_%' AND name NOT IN ('_sqlx_migrations', 'fills') ORDER BY rowid";

/// A row that differs: its place, and the columns that changed as bits; none for a new row.
type Change = (i64, u64);

/// Everything is found by `rowid`, which the mirror keeps: both files give the same to a row.
pub(super) async fn follow(
    from: &Path,
    to: &SqliteDb,
    watch: &mut Stopwatch<'_>,
) -> Result<Vec<Written>> {
    let ours = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let tables: Vec<String> = {
        let mut statement = ours.prepare(TABLES)?;
        let names = statement.query_map([], |row| row.get(0))?;
        names.collect::<Result<_, _>>()?
    };
    let mut all = Vec::new();
    for table in tables {
        let (columns, changes) = {
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
            compare(
                &ours,
                &Connection::open_with_flags(&to.path, flags)?,
                &table,
            )?
        };
        let inserted = changes.iter().filter(|(_, bits)| *bits == 0).count();
        if !changes.is_empty() {
            all.push(Written {
                table: table.clone(),
                inserted: inserted as u64,
                updated: (changes.len() - inserted) as u64,
            });
        }
        for piece in changes.chunks(ROWS_PER_TRANSACTION) {
            let rows = fetch(&ours, &table, piece)?;
            let (table, columns) = (table.clone(), columns.clone());
            watch.start();
            to.write_blocking(move |connection| write(connection, &table, &columns, rows))
                .await?;
            watch.stop();
        }
    }
    Ok(all)
}

/// Walks through a table in both files at once; gives its columns and what differs.
fn compare(
    ours: &Connection,
    theirs: &Connection,
    table: &str,
) -> Result<(Vec<String>, Vec<Change>)> {
    let sql = format!("SELECT rowid, t.* FROM {table} t ORDER BY rowid");
    let (mut ours, mut theirs) = (ours.prepare(&sql)?, theirs.prepare(&sql)?);
    let names = ours.column_names();
    let columns: Vec<String> = names.iter().skip(1).map(|&it| it.to_owned()).collect();
    let (mut new, mut old) = (ours.raw_query(), theirs.raw_query());
    let mut changes = Vec::new();
    let mut before = next_place(&mut old)?;
    while let Some(row) = new.next()? {
        let place: i64 = row.get(0)?;
        while before.is_some_and(|before| before < place) {
            before = next_place(&mut old)?;
        }
        match before.map(|before| before.cmp(&place)) {
            Some(Ordering::Equal) => {
                let bits = different(row, current(&old)?, columns.len())?;
                if bits != 0 {
                    changes.push((place, bits));
                }
            }
            _ => changes.push((place, 0)),
        }
    }
    Ok((columns, changes))
}

fn next_place(rows: &mut Rows<'_>) -> Result<Option<i64>> {
    let row = rows.next()?;
    Ok(row.map(|row| row.get(0)).transpose()?)
}

fn current<'a>(rows: &'a Rows<'_>) -> Result<&'a Row<'a>> {
    rows.get()
        .ok_or(StoreError::Thread("a row was lost".to_owned()))
}

fn different(one: &Row<'_>, other: &Row<'_>, columns: usize) -> Result<u64> {
    let mut bits = 0;
    for column in 1..=columns {
        if one.get_ref(column)? != other.get_ref(column)? {
            bits |= 1 << (column - 1);
        }
    }
    Ok(bits)
}

fn fetch(
    connection: &Connection,
    table: &str,
    changes: &[Change],
) -> Result<Vec<(Change, Vec<Value>)>> {
    let sql = format!("SELECT * FROM {table} WHERE rowid = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let width = statement.column_count();
    let read = |change: &Change| {
        let row = statement.query_row([change.0], |row| {
            (0..width).map(|column| row.get(column)).collect()
        })?;
        Ok((*change, row))
    };
    changes.iter().map(read).collect()
}

fn write(
    connection: &mut Connection,
    table: &str,
    columns: &[String],
    rows: Vec<(Change, Vec<Value>)>,
) -> Result<()> {
    let names = columns.join(", ");
    let marks: Vec<String> = (2..=columns.len() + 1).map(|n| format!("?{n}")).collect();
    let insert = format!(
        "INSERT INTO {table} (rowid, {names}) VALUES (?1, {})",
        marks.join(", ")
    );
    let mut insert = connection.prepare_cached(&insert)?;
    for ((place, bits), row) in rows {
        if bits == 0 {
            insert.raw_bind_parameter(1, place)?;
            bind(&mut insert, row.iter())?;
            insert.raw_execute()?;
            continue;
        }
        let changed = |index: &usize| bits & (1 << index) != 0;
        let set: Vec<String> = (0..columns.len())
            .filter(changed)
            .enumerate()
            .map(|(mark, index)| format!("{} = ?{}", columns[index], mark + 2))
            .collect();
        let sql = format!("UPDATE {table} SET {} WHERE rowid = ?1", set.join(", "));
        let mut update = connection.prepare_cached(&sql)?;
        update.raw_bind_parameter(1, place)?;
        let values = row.iter().enumerate().filter(|(index, _)| changed(index));
        bind(&mut update, values.map(|(_, value)| value))?;
        update.raw_execute()?;
    }
    Ok(())
}

fn bind<'v>(statement: &mut Statement<'_>, values: impl Iterator<Item = &'v Value>) -> Result<()> {
    for (index, value) in values.enumerate() {
        statement.raw_bind_parameter(index + 2, value)?;
    }
    Ok(())
}

/// Every value becomes one of its own, as any program would need it.
pub(super) async fn read(
    db: &SqliteDb,
    texts: &[String],
    clock: &dyn Fn() -> Cost,
) -> Result<Fetched> {
    let texts = texts.to_vec();
    let mut watch = Stopwatch::new(clock);
    watch.start();
    let work = move |connection: &mut Connection| {
        let mut rows = 0;
        for text in &texts {
            let mut statement = connection.prepare(text)?;
            let width = statement.column_count();
            let mut found = statement.raw_query();
            while let Some(row) = found.next()? {
                for column in 0..width {
                    black_box(row.get::<_, Value>(column)?);
                }
                rows += 1;
            }
        }
        Ok(rows)
    };
    let rows = db.read_blocking(work).await?;
    watch.stop();
    Ok(Fetched {
        rows,
        cost: watch.spent(),
        how: "cursor",
    })
}
