//! Databases that benchmarks run on: made, copied and removed by their addresses.

use std::io;
use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Makes an empty place for a database at `url`, or a copy of the one at `from`, which nobody may
/// use meanwhile. What was there goes.
///
/// # Errors
/// What the disk or the server says.
pub async fn make(url: &str, from: Option<&str>) -> io::Result<()> {
    remove(url).await?;
    if let Some(to) = url.strip_prefix("sqlite:") {
        let Some(from) = from.and_then(|from| from.strip_prefix("sqlite:")) else {
            return Ok(());
        };
        return files(from).zip(files(to)).try_for_each(|(from, to)| {
            if Path::new(&from).exists() {
                std::fs::copy(from, to)?;
            }
            Ok(())
        });
    }
    let (server, name) = parts(url)?;
    let like = match from {
        Some(from) => format!(" TEMPLATE {} STRATEGY file_copy", parts(from)?.1),
        None => String::new(),
    };
    administer(&server, format!("CREATE DATABASE {name}{like}")).await
}

/// Removes the database at `url`, if there is one.
///
/// # Errors
/// What the disk or the server says.
pub async fn remove(url: &str) -> io::Result<()> {
    if let Some(file) = url.strip_prefix("sqlite:") {
        for file in files(file) {
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        return Ok(());
    }
    let (server, name) = parts(url)?;
    administer(
        &server,
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await
}

/// Has the server at `url` put on disk what was written, so that no later measurement pays for it.
///
/// # Errors
/// What the server says.
pub async fn settle(url: &str) -> io::Result<()> {
    administer(url, "CHECKPOINT".to_owned()).await
}

/// A SQLite file and its log.
fn files(file: &str) -> impl Iterator<Item = String> {
    ["", "-wal", "-shm"]
        .into_iter()
        .map(move |end| format!("{file}{end}"))
}

/// The server's own database, and the name at the end of an address.
fn parts(url: &str) -> io::Result<(String, &str)> {
    let parts = url
        .rsplit_once('/')
        .map(|(base, name)| (format!("{base}/postgres"), name));
    parts.ok_or_else(|| io::Error::other(format!("{url} names no database")))
}

async fn administer(server: &str, sql: String) -> io::Result<()> {
    let mut connection = PgConnection::connect(server)
        .await
        .map_err(io::Error::other)?;
    let query = sqlx::raw_sql(AssertSqlSafe(sql));
    query
        .execute(&mut connection)
        .await
        .map_err(io::Error::other)?;
    connection.close().await.map_err(io::Error::other)
}
