//! Sittings at the console, and the failed sign-ins that make the next one wait.

use domain::{SessionId, UserId};
use jiff::Timestamp;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::value::{FromRow, Row, binds};

/// One sitting of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Our id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// Address of the client that opened it.
    pub from: String,
    /// What its browser calls itself.
    pub agent: String,
}

const COLUMNS: &str = "id, user_id, opened_at, seen_at, from_address, agent";

impl FromRow for Session {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            user: row.get()?,
            opened_at: row.get()?,
            seen_at: row.get()?,
            from: row.get()?,
            agent: row.get()?,
        })
    }
}

/// Opens a sitting under the digest of its token.
///
/// # Errors
/// What the database says.
pub async fn open(tx: &mut Tx, session: &Session, digest: &[u8; 32]) -> Result<()> {
    const SQL: &str = "INSERT INTO sessions \
        (id, token_digest, user_id, opened_at, seen_at, from_address, agent) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let binds = binds![
        session.id,
        digest,
        session.user,
        session.opened_at,
        session.seen_at,
        &session.from,
        &session.agent,
    ];
    run(tx, SQL, &binds).await.map(drop)
}

/// The sitting of that token's digest, however old.
///
/// # Errors
/// What the database says.
pub async fn by_digest(on: impl Access, digest: &[u8; 32]) -> Result<Option<Session>> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE token_digest = $1");
    first(on, &sql, &binds![digest], FromRow::from_row).await
}

/// The sittings of a user, newest first.
///
/// # Errors
/// What the database says.
pub async fn of_user(on: impl Access, user: UserId, limit: u32) -> Result<Vec<Session>> {
    let sql =
        format!("SELECT {COLUMNS} FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT $2");
    rows(on, &sql, &binds![user, limit], FromRow::from_row).await
}

/// Says that a sitting was used.
///
/// # Errors
/// What the database says.
pub async fn touch(tx: &mut Tx, session: SessionId, at: Timestamp) -> Result<()> {
    const SQL: &str = "UPDATE sessions SET seen_at = $2 WHERE id = $1 AND seen_at < $2";
    run(tx, SQL, &binds![session, at]).await.map(drop)
}

/// Gives a sitting another token.
///
/// # Errors
/// What the database says.
pub async fn rotate(tx: &mut Tx, session: SessionId, digest: &[u8; 32]) -> Result<bool> {
    const SQL: &str = "UPDATE sessions SET token_digest = $2 WHERE id = $1";
    Ok(run(tx, SQL, &binds![session, digest]).await? > 0)
}

/// Ends one sitting of a user; whether there was one.
///
/// # Errors
/// What the database says.
pub async fn end(tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool> {
    const SQL: &str = "DELETE FROM sessions WHERE user_id = $1 AND id = $2";
    Ok(run(tx, SQL, &binds![user, session]).await? > 0)
}

/// Ends every sitting of a user but one.
///
/// # Errors
/// What the database says.
pub async fn end_all(tx: &mut Tx, user: UserId, but: Option<SessionId>) -> Result<u64> {
    const SQL: &str = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2";
    let but = but.map_or(uuid::Uuid::nil(), SessionId::uuid);
    run(tx, SQL, &binds![user, but]).await
}

/// Forgets sittings opened before one instant or unused since another, and failures that old.
///
/// # Errors
/// What the database says.
pub async fn forget(tx: &mut Tx, opened: Timestamp, seen: Timestamp) -> Result<u64> {
    const SESSIONS: &str = "DELETE FROM sessions WHERE opened_at < $1 OR seen_at < $2";
    const FAILURES: &str = "DELETE FROM sign_in_failures WHERE last_at < $1";
    run(&mut *tx, FAILURES, &binds![opened]).await?;
    run(tx, SESSIONS, &binds![opened, seen]).await
}

/// Failed sign-ins of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How many in a row.
    pub count: u32,
    /// When the last was.
    pub last_at: Timestamp,
    /// Until when none is heard.
    pub locked_until: Option<Timestamp>,
}

impl FromRow for Failures {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            count: row.get()?,
            last_at: row.get()?,
            locked_until: row.get()?,
        })
    }
}

/// Failed sign-ins of a subject (a digest), holding its row until the end of the transaction.
///
/// # Errors
/// What the database says.
pub async fn lock_failures(tx: &mut Tx, subject: &[u8; 32]) -> Result<Option<Failures>> {
    const SQL: &str = "SELECT failures, last_at, locked_until FROM sign_in_failures \
        WHERE subject = $1 {lock}";
    first(tx, SQL, &binds![subject], FromRow::from_row).await
}

/// Makes sure that a subject has a row to lock.
///
/// # Errors
/// What the database says.
pub async fn note_subject(tx: &mut Tx, subject: &[u8; 32], at: Timestamp) -> Result<()> {
    const SQL: &str = "INSERT INTO sign_in_failures (subject, failures, last_at, locked_until) \
        VALUES ($1, 0, $2, NULL) ON CONFLICT (subject) DO NOTHING";
    run(tx, SQL, &binds![subject, at]).await.map(drop)
}

/// Writes down the failed sign-ins of a subject that was locked.
///
/// # Errors
/// What the database says.
pub async fn put_failures(tx: &mut Tx, subject: &[u8; 32], failures: Failures) -> Result<()> {
    const SQL: &str = "UPDATE sign_in_failures SET failures = $2, last_at = $3, \
        locked_until = $4 WHERE subject = $1";
    let binds = binds![
        subject,
        failures.count,
        failures.last_at,
        failures.locked_until
    ];
    run(tx, SQL, &binds).await.map(drop)
}
