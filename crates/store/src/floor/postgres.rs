//! The floor on PostgreSQL: `COPY` in the binary format out of files.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt;
use sqlx::{PgConnection, PgPool, Postgres};

use super::{Cost, Fetched, Stopwatch, Written, tables, unusable};
use crate::db::{self, Db};
use crate::dialect::Driver;
use crate::error::{Result, StoreError};
use crate::value::binds;

/// Every table with what people and runs wrote; `fills` is what the program notes on opening.
pub(super) const TABLES: &str = "SELECT CAST(relname AS TEXT) FROM pg_class \
    WHERE relkind = 'r' AND relnamespace = CAST('public' AS REGNAMESPACE) \
    AND relname NOT IN ('_sqlx_migrations', 'fills') ORDER BY oid";

/// Bytes sent at once.
const PIECE_BYTES: usize = 1 << 20;

/// Every row written from now on has a transaction of this number or above; benchmarks run on
/// fresh servers, where these numbers have not come round.
pub(super) async fn mark(db: &Db) -> Result<i64> {
    const SQL: &str = "SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)";
    let found = db::first(db, SQL, &[], |row| row.get()).await?;
    Ok(found.unwrap_or(0))
}

/// With `mark` 0 the mirror's tables are taken to be empty.
pub(super) async fn follow(
    from: &Db,
    to: &Db,
    mark: i64,
    spool: &Path,
    watch: &mut Stopwatch<'_>,
) -> Result<Vec<Written>> {
    let (Db::Postgres(ours), Db::Postgres(mirror)) = (from, to) else {
        return Ok(Vec::new());
    };
    let (mut ours, mut mirror) = (ours.acquire().await?, mirror.acquire().await?);
    let mut all = Vec::new();
    for table in tables(from).await? {
        let [changed, new, old] =
            ["changed", "new", "old"].map(|which| spool.join(format!("{table}.{which}")));
        let sql = format!(
            "SELECT * FROM {table} WHERE CAST(CAST(xmin AS TEXT) AS BIGINT) >= {mark} \
             ORDER BY ctid"
        );
        let rows = dump(&mut ours, &sql, &changed).await?;
        if rows == 0 {
            continue;
        }
        let (mut counts, mut overlay) = ([rows, 0], String::new());
        if mark > 0 {
            let key = primary_key(to, &table).await?;
            overlay = update(&table, &columns(to, &table).await?, &key);
            counts = split(&mut mirror, &table, &key, &changed, [&new, &old]).await?;
        }
        let [inserted, updated] = counts;
        watch.start();
        if inserted > 0 {
            load(&mut mirror, &table, if mark > 0 { &new } else { &changed }).await?;
        }
        if updated > 0 {
            load(&mut mirror, "changed", &old).await?;
            run(&mut mirror, &overlay).await?;
        }
        watch.stop();
        run(&mut mirror, "DROP TABLE IF EXISTS changed").await?;
        for file in [changed, new, old] {
            drop(std::fs::remove_file(file));
        }
        all.push(Written {
            table,
            inserted,
            updated,
        });
    }
    Ok(all)
}

/// Parts the changed rows into two files: those the mirror does not know by key, and those it does.
/// Leaves the temporary table `changed` empty behind.
async fn split(
    mirror: &mut PgConnection,
    table: &str,
    key: &[String],
    changed: &Path,
    files: [&PathBuf; 2],
) -> Result<[u64; 2]> {
    run(
        mirror,
        &format!("CREATE TEMPORARY TABLE changed (LIKE {table})"),
    )
    .await?;
    load(mirror, "changed", changed).await?;
    let same: Vec<String> = key.iter().map(|it| format!("t.{it} = c.{it}")).collect();
    let same = same.join(" AND ");
    let mut counts = [0; 2];
    for (place, (which, file)) in ["NOT EXISTS", "EXISTS"].into_iter().zip(files).enumerate() {
        let sql = format!(
            "SELECT c.* FROM changed c WHERE {which} (SELECT 1 FROM {table} t WHERE {same}) \
             ORDER BY c.ctid"
        );
        counts[place] = dump(mirror, &sql, file).await?;
    }
    run(mirror, "TRUNCATE changed").await?;
    Ok(counts)
}

async fn primary_key(db: &Db, table: &str) -> Result<Vec<String>> {
    const SQL: &str = "SELECT CAST(a.attname AS TEXT) FROM pg_index i JOIN pg_attribute a \
        ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) \
        WHERE i.indisprimary AND CAST(i.indrelid AS REGCLASS) = CAST($1 AS REGCLASS)";
    db::rows(db, SQL, &binds![table], |row| row.get()).await
}

async fn columns(db: &Db, table: &str) -> Result<Vec<String>> {
    const SQL: &str = "SELECT CAST(attname AS TEXT) FROM pg_attribute \
        WHERE CAST(attrelid AS REGCLASS) = CAST($1 AS REGCLASS) AND attnum > 0 \
        AND NOT attisdropped ORDER BY attnum";
    db::rows(db, SQL, &binds![table], |row| row.get()).await
}

/// Lays the rows of the temporary table `changed` over those of the same key.
fn update(table: &str, columns: &[String], key: &[String]) -> String {
    let set: Vec<String> = columns
        .iter()
        .filter(|column| !key.contains(column))
        .map(|it| format!("{it} = c.{it}"))
        .collect();
    let same: Vec<String> = key.iter().map(|it| format!("t.{it} = c.{it}")).collect();
    format!(
        "UPDATE {table} AS t SET {} FROM changed c WHERE {}",
        set.join(", "),
        same.join(" AND ")
    )
}

async fn run(connection: &mut PgConnection, sql: &str) -> Result<()> {
    db::query::<Postgres>(Driver::Postgres, sql, &[])
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes the rows of a query to a file; how many.
async fn dump(connection: &mut PgConnection, sql: &str, file: &Path) -> Result<u64> {
    let count = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM ({sql}) AS counted");
    let row = db::query::<Postgres>(Driver::Postgres, &count, &[])
        .fetch_one(&mut *connection)
        .await?;
    let rows: i64 = crate::value::Row::new(&row).get()?;
    if rows > 0 {
        let io = |error| unusable(file, &error);
        let mut out = File::create(file).map_err(io)?;
        let copy = format!("COPY ({sql}) TO STDOUT WITH (FORMAT binary)");
        let mut pieces = connection.copy_out_raw(&copy).await?;
        while let Some(piece) = pieces.try_next().await? {
            out.write_all(&piece).map_err(io)?;
        }
    }
    Ok(rows.unsigned_abs())
}

async fn load(connection: &mut PgConnection, table: &str, file: &Path) -> Result<()> {
    let io = |error| unusable(file, &error);
    let mut from = File::open(file).map_err(io)?;
    let copy = format!("COPY {table} FROM STDIN WITH (FORMAT binary)");
    let mut sink = connection.copy_in_raw(&copy).await?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let length = from.read(&mut piece).map_err(io)?;
        if length == 0 {
            break;
        }
        sink.send(&piece[..length]).await?;
    }
    sink.finish().await?;
    Ok(())
}

/// Reads the rows by `COPY` and by plain queries; the cheaper one is the floor.
pub(super) async fn read(
    pool: &PgPool,
    texts: &[String],
    clock: &dyn Fn() -> Cost,
) -> Result<Fetched> {
    let mut connection = pool.acquire().await?;
    let mut watch = Stopwatch::new(clock);
    watch.start();
    let mut rows = 0;
    for text in texts {
        let query = db::query::<Postgres>(Driver::Postgres, text, &[]);
        let mut found = query.fetch(&mut *connection);
        while let Some(row) = found.try_next().await? {
            drop(std::hint::black_box(row));
            rows += 1;
        }
    }
    watch.stop();
    let cursor = Fetched {
        rows,
        cost: watch.spent(),
        how: "cursor",
    };
    let mut watch = Stopwatch::new(clock);
    watch.start();
    for text in texts {
        let copy = format!("COPY ({text}) TO STDOUT WITH (FORMAT binary)");
        let mut pieces = connection.copy_out_raw(&copy).await?;
        while let Some(piece) = pieces.try_next().await? {
            drop(std::hint::black_box(piece));
        }
    }
    watch.stop();
    let copy = Fetched {
        rows,
        cost: watch.spent(),
        how: "copy",
    };
    let cheaper = [cursor, copy]
        .into_iter()
        .min_by_key(|it| it.cost.processor());
    cheaper.ok_or(StoreError::Thread("nothing was read".to_owned()))
}
