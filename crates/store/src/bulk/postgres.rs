//! Heavy work on PostgreSQL: `COPY`, and merges out of temporary tables.

use futures_util::TryStreamExt;
use sqlx::{PgConnection, Postgres};

use super::sqlite::on_conflict;
use super::{Clash, Rows, Table};
use crate::db;
use crate::dialect::Driver;
use crate::driver::postgres_days;
use crate::error::{Result, StoreError};
use crate::value::{Bind, Row};

/// Up to so many rows go as parameters of statements. A `COPY` ends with a small message of its
/// own, which waits for the server's delayed acknowledgement (some 40 ms) on a connection where the
/// kernel gathers small messages, and the driver leaves that on.
const FEW_ROWS: usize = 64;

/// Bytes sent at once.
const PIECE_BYTES: usize = 1 << 20;

/// Has this transaction look rows up by index. The planner cannot know that thousands of keys of a
/// company are that many rows, takes them for all there are, and would read the whole table for
/// each chunk of a file.
pub(crate) async fn by_index(connection: &mut PgConnection) -> Result<()> {
    run(connection, "SET LOCAL enable_seqscan = off", &[])
        .await
        .map(drop)
}

pub(super) async fn each(
    connection: &mut PgConnection,
    sql: &str,
    binds: &[Bind<'_>],
    read: &mut (dyn FnMut(&mut Row<'_>) -> Result<()> + Send),
) -> Result<()> {
    let query = db::query::<Postgres>(Driver::Postgres, sql, binds);
    let mut rows = query.fetch(connection);
    while let Some(row) = rows.try_next().await? {
        read(&mut Row::new(&row))?;
    }
    Ok(())
}

pub(super) async fn run(
    connection: &mut PgConnection,
    sql: &str,
    binds: &[Bind<'_>],
) -> Result<u64> {
    let query = db::query::<Postgres>(Driver::Postgres, sql, binds);
    Ok(query.execute(connection).await?.rows_affected())
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    table: &Table,
    rows: &Rows<'_>,
    clash: Clash,
) -> Result<u64> {
    match clash {
        Clash::Fail => return write(connection, table.name, table, rows).await,
        Clash::SkipRare | Clash::ReplaceRare(_) => {
            if let Some(written) = copy_fresh(connection, table, rows).await? {
                return Ok(written);
            }
        }
        Clash::Skip | Clash::Replace(_) => {}
    }
    let stage = stage(connection, table, "insert").await?;
    write(connection, &stage, table, rows).await?;
    let columns = table.columns.join(", ");
    let sql = format!(
        "INSERT INTO {} ({columns}) SELECT {columns} FROM {stage} WHERE true{}",
        table.name,
        on_conflict(table, clash),
    );
    run(connection, &sql, &[]).await
}

/// Writes rows straight into their table; `None`, with nothing written, when one is there already.
async fn copy_fresh(
    connection: &mut PgConnection,
    table: &Table,
    rows: &Rows<'_>,
) -> Result<Option<u64>> {
    run(connection, "SAVEPOINT fresh", &[]).await?;
    let written = match write(connection, table.name, table, rows).await {
        Ok(count) => Some(count),
        Err(StoreError::Exists { .. }) => {
            run(connection, "ROLLBACK TO SAVEPOINT fresh", &[]).await?;
            None
        }
        Err(error) => return Err(error),
    };
    run(connection, "RELEASE SAVEPOINT fresh", &[]).await?;
    Ok(written)
}

pub(super) async fn update(
    connection: &mut PgConnection,
    table: &Table,
    keys: usize,
    only: &str,
    rows: &Rows<'_>,
) -> Result<u64> {
    let stage = stage(connection, table, "update").await?;
    write(connection, &stage, table, rows).await?;
    let (key, set) = table.columns.split_at(keys);
    let set: Vec<String> = set.iter().map(|it| format!("{it} = s.{it}")).collect();
    let key: Vec<String> = key.iter().map(|it| format!("t.{it} = s.{it}")).collect();
    let only = if only.is_empty() { "true" } else { only };
    let sql = format!(
        "UPDATE {} AS t SET {} FROM {stage} AS s WHERE {} AND {only}",
        table.name,
        set.join(", "),
        key.join(" AND "),
    );
    run(connection, &sql, &[]).await
}

/// An empty temporary table with the columns of `table`, kept by the session for the next time.
async fn stage(connection: &mut PgConnection, table: &Table, purpose: &str) -> Result<String> {
    // The columns are part of the name (FNV-1a): one table may be written in several ways.
    let columns = table
        .columns
        .join(",")
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let name = format!("stage_{}_{purpose}_{columns:x}", table.name);
    let sql = format!(
        "CREATE TEMPORARY TABLE IF NOT EXISTS {name} ON COMMIT DELETE ROWS AS \
         SELECT {} FROM {} WITH NO DATA",
        table.columns.join(", "),
        table.name,
    );
    run(connection, &sql, &[]).await?;
    run(connection, &format!("TRUNCATE {name}"), &[]).await?;
    Ok(name)
}

/// Writes rows the quickest way for as many as there are.
async fn write(
    connection: &mut PgConnection,
    into: &str,
    table: &Table,
    rows: &Rows<'_>,
) -> Result<u64> {
    let all: Vec<&[Bind<'_>]> = rows.iter().take(FEW_ROWS + 1).collect();
    if all.len() > FEW_ROWS {
        return copy(connection, into, table, rows).await;
    }
    let mut written = 0;
    let mut rest = all.as_slice();
    while !rest.is_empty() {
        // Powers of two: a handful of texts for the server to prepare, not one for each count.
        let (some, others) = rest.split_at(1 << rest.len().ilog2());
        let binds: Vec<Bind<'_>> = some.iter().flat_map(|row| row.iter().cloned()).collect();
        written += run(connection, &insert_text(into, table, some.len()), &binds).await?;
        rest = others;
    }
    Ok(written)
}

/// `INSERT` of so many rows as parameters.
fn insert_text(into: &str, table: &Table, rows: usize) -> String {
    let width = table.columns.len();
    let row = |row: usize| {
        let places: Vec<String> = (1..=width)
            .map(|at| format!("${}", row * width + at))
            .collect();
        format!("({})", places.join(", "))
    };
    let values: Vec<String> = (0..rows).map(row).collect();
    let columns = table.columns.join(", ");
    format!(
        "INSERT INTO {into} ({columns}) VALUES {}",
        values.join(", ")
    )
}

/// `COPY` in the binary format: what the server reads fastest.
async fn copy(
    connection: &mut PgConnection,
    into: &str,
    table: &Table,
    rows: &Rows<'_>,
) -> Result<u64> {
    let sql = format!(
        "COPY {into} ({}) FROM STDIN WITH (FORMAT binary)",
        table.columns.join(", "),
    );
    let mut sink = connection.copy_in_raw(&sql).await?;
    let mut buffer = Vec::with_capacity(PIECE_BYTES + 4096);
    // Signature, no flags, no header extension.
    buffer.extend_from_slice(b"PGCOPY\n\xff\r\n\0");
    buffer.extend_from_slice(&[0; 8]);
    for row in rows.iter() {
        let sent = write_row(row, &mut buffer);
        if let Err(error) = sent {
            sink.abort(error.to_string()).await?;
            return Err(error);
        }
        if buffer.len() >= PIECE_BYTES {
            sink.send(buffer.as_slice()).await?;
            buffer.clear();
        }
    }
    buffer.extend_from_slice(&(-1i16).to_be_bytes());
    sink.send(buffer.as_slice()).await?;
    Ok(sink.finish().await?)
}

fn write_row(row: &[Bind<'_>], out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&i16::try_from(row.len()).map_err(too_long)?.to_be_bytes());
    for value in row {
        match value {
            Bind::Text(Some(text)) => write_field(text.as_bytes(), out)?,
            Bind::Int(Some(int)) => write_field(&int.to_be_bytes(), out)?,
            Bind::Uuid(Some(uuid)) => write_field(uuid.as_bytes(), out)?,
            Bind::Bytes(Some(bytes)) => write_field(bytes, out)?,
            Bind::Day(Some(day)) => write_field(&postgres_days(*day).to_be_bytes(), out)?,
            Bind::Bool(Some(bool)) => write_field(&[u8::from(*bool)], out)?,
            Bind::Json(text) => {
                // A JSONB field is its version, then the text.
                let length = i32::try_from(text.len() + 1).map_err(too_long)?;
                out.extend_from_slice(&length.to_be_bytes());
                out.push(1);
                out.extend_from_slice(text.as_bytes());
            }
            Bind::Text(None)
            | Bind::Int(None)
            | Bind::Uuid(None)
            | Bind::Bytes(None)
            | Bind::Bool(None)
            | Bind::Day(None)
            | Bind::Uuids(_)
            | Bind::Texts(_) => out.extend_from_slice(&(-1i32).to_be_bytes()),
        }
    }
    Ok(())
}

fn write_field(bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&i32::try_from(bytes.len()).map_err(too_long)?.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

fn too_long(error: std::num::TryFromIntError) -> StoreError {
    StoreError::Constraint(format!("a value is too long for the server: {error}"))
}
