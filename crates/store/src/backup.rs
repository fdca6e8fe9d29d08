//! Copies of a SQLite database, and bringing one back. PostgreSQL has its own tools for both.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::bulk::blocking;
use crate::db::Db;
use crate::error::{Result, StoreError};

/// Writes a consistent copy of the database into a file, while others read and write.
///
/// # Errors
/// [`StoreError::Backup`] when the file is there and `overwrite` is not set, when the copy is not
/// sound, or on PostgreSQL, whose own `pg_dump` does it.
pub async fn backup(db: &Db, file: &Path, overwrite: bool) -> Result<()> {
    let Db::Sqlite(sqlite) = db else {
        return Err(refuse(
            file,
            "a PostgreSQL database is copied by its own tool: pg_dump --format=custom --file=FILE \
             URL",
        ));
    };
    let (from, to) = (sqlite.path.clone(), file.to_owned());
    blocking(move || {
        may_write(&to, overwrite)?;
        let part = part_of(&to);
        remove(&part)?;
        let connection = Connection::open_with_flags(&from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(crate::db::BUSY_TIMEOUT)?;
        let name = part
            .to_str()
            .ok_or_else(|| refuse(&to, "the file name is not UTF-8"))?;
        connection.execute("VACUUM INTO ?1", [name])?;
        check(&part)?;
        put_in_place(&part, &to)
    })
    .await
}

/// Makes a database of a copy.
///
/// # Errors
/// [`StoreError::Backup`] when the copy is damaged or of a newer version, when the database is
/// there and `overwrite` is not set, when it is in use, or for PostgreSQL, whose own `pg_restore`
/// does it.
pub async fn restore(file: &Path, url: &str, overwrite: bool) -> Result<()> {
    let Some(to) = url
        .strip_prefix("sqlite:")
        .map(|to| to.strip_prefix("//").unwrap_or(to))
    else {
        return Err(refuse(
            file,
            "a PostgreSQL database is brought back by its own tool: pg_restore --clean \
             --dbname=URL FILE",
        ));
    };
    let (from, to) = (file.to_owned(), PathBuf::from(to));
    blocking(move || {
        check(&from)?;
        may_write(&to, overwrite)?;
        if to.exists() {
            refuse_if_open(&to)?;
        }
        let part = part_of(&to);
        fs::copy(&from, &part).map_err(|error| refuse(&part, &error.to_string()))?;
        for leftover in ["-wal", "-shm"] {
            remove(&beside(&to, leftover))?;
        }
        put_in_place(&part, &to)
    })
    .await
}

fn refuse(file: &Path, why: &str) -> StoreError {
    StoreError::Backup {
        file: file.to_owned(),
        why: why.to_owned(),
    }
}

fn may_write(file: &Path, overwrite: bool) -> Result<()> {
    if file.exists() && !overwrite {
        return Err(refuse(
            file,
            "it is there already: name another file, or say to overwrite it",
        ));
    }
    Ok(())
}

/// Reads a copy through and compares its tables' version with ours.
fn check(file: &Path) -> Result<()> {
    let damaged = |error: rusqlite::Error| refuse(file, &format!("it is no sound copy ({error})"));
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|error| refuse(file, &format!("it cannot be opened ({error})")))?;
    let sound: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(damaged)?;
    if sound != "ok" {
        return Err(refuse(
            file,
            &format!("it is damaged ({sound}): use an older copy"),
        ));
    }
    let version: Option<i64> = connection
        .query_row(
            "SELECT MAX(version) FROM _sqlx_migrations WHERE success",
            [],
            |row| row.get(0),
        )
        .map_err(|_| refuse(file, "it is no database of this program"))?;
    match version {
        None => Err(refuse(file, "it is no database of this program")),
        Some(version) if version > Db::newest_migration() => Err(refuse(
            file,
            "it was written by a newer version: update this program first",
        )),
        Some(_) => Ok(()),
    }
}

/// An exclusive lock is given only when no other connection is open, in this or another process.
fn refuse_if_open(file: &Path) -> Result<()> {
    let Ok(connection) = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
    else {
        return Ok(());
    };
    let locked = connection
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; ROLLBACK")
        .map_err(StoreError::from);
    match locked {
        Err(StoreError::Busy(_)) => Err(refuse(
            file,
            "it is in use: stop the program that has it open",
        )),
        // What is damaged may be replaced.
        _ => Ok(()),
    }
}

fn part_of(file: &Path) -> PathBuf {
    beside(file, ".part")
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(file: &Path) -> Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(refuse(file, &error.to_string()))
        }
        _ => Ok(()),
    }
}

/// Renames once every byte is on the disk, so that a name never stands for half a copy.
fn put_in_place(part: &Path, file: &Path) -> Result<()> {
    let done = File::open(part)
        .and_then(|copy| copy.sync_all())
        .and_then(|()| fs::rename(part, file));
    done.map_err(|error| refuse(file, &error.to_string()))
}
