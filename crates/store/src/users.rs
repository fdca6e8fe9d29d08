//! Users of the console, and their seats at companies. A user belongs to no company; a seat does,
//! so what happens to one is an event of that company.

use std::fmt;

use domain::user::Role;
use domain::{CompanyId, UserId};
use jiff::Timestamp;
use serde_json::json;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Someone who works at the console. Its `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Our id.
    pub id: UserId,
    /// Address, in lower case.
    pub email: String,
    /// Name, as people call them.
    pub name: String,
    /// Language of the console, BCP 47.
    pub language: String,
    /// The password's hash (PHC text).
    pub password: Option<String>,
    /// Whether they may make companies.
    pub founder: bool,
    /// The shared secret of the second factor.
    pub totp_secret: Option<Vec<u8>>,
    /// A secret that waits for its first code.
    pub totp_pending: Option<Vec<u8>>,
    /// The newest time step whose code was taken.
    pub totp_used_step: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

const COLUMNS: &str = "id, email, name, language, password, founder, totp_secret, totp_pending, \
    totp_used_step, created_at";

impl FromRow for User {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            email: row.get()?,
            name: row.get()?,
            language: row.get()?,
            password: row.get()?,
            founder: row.get()?,
            totp_secret: row.get()?,
            totp_pending: row.get()?,
            totp_used_step: row.get()?,
            created_at: row.get()?,
        })
    }
}

/// Makes a user; `created_at` is the stamp's.
///
/// # Errors
/// [`StoreError::Exists`] when the address is taken.
pub async fn create(tx: &mut Tx, stamp: &Stamp, user: &User) -> Result<()> {
    const SQL: &str = "INSERT INTO users (id, email, name, language, password, founder, \
        totp_secret, totp_pending, totp_used_step, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let binds = binds![
        user.id,
        &user.email,
        &user.name,
        &user.language,
        &user.password,
        user.founder,
        user.totp_secret.as_deref(),
        user.totp_pending.as_deref(),
        user.totp_used_step,
        stamp.at,
    ];
    let done = run(tx, SQL, &binds).await;
    done.map(drop)
        .map_err(|error| error.named("user", &user.email))
}

/// Overwrites a user's own record but its id, address and `created_at`.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such user.
pub async fn change(tx: &mut Tx, user: &User) -> Result<()> {
    const SQL: &str = "UPDATE users SET name = $2, language = $3, password = $4, founder = $5, \
        totp_secret = $6, totp_pending = $7, totp_used_step = $8 WHERE id = $1";
    let binds = binds![
        user.id,
        &user.name,
        &user.language,
        &user.password,
        user.founder,
        user.totp_secret.as_deref(),
        user.totp_pending.as_deref(),
        user.totp_used_step,
    ];
    if run(tx, SQL, &binds).await? == 0 {
        return Err(missing(user.id));
    }
    Ok(())
}

/// Takes the code of a time step, once: whether it was not taken yet.
///
/// # Errors
/// What the database says.
pub async fn take_step(tx: &mut Tx, user: UserId, step: i64) -> Result<bool> {
    const SQL: &str = "UPDATE users SET totp_used_step = $2 \
        WHERE id = $1 AND (totp_used_step IS NULL OR totp_used_step < $2)";
    Ok(run(tx, SQL, &binds![user, step]).await? > 0)
}

/// The user of that id.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, user: UserId) -> Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id = $1");
    first(on, &sql, &binds![user], FromRow::from_row).await
}

/// The same, holding its row until the end of the transaction.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such user.
pub async fn lock(tx: &mut Tx, user: UserId) -> Result<User> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE id = $1 {{lock}}");
    let found = first(tx, &sql, &binds![user], FromRow::from_row).await?;
    found.ok_or_else(|| missing(user))
}

/// The user of that address (in lower case).
///
/// # Errors
/// What the database says.
pub async fn by_email(on: impl Access, email: &str) -> Result<Option<User>> {
    let sql = format!("SELECT {COLUMNS} FROM users WHERE email = $1");
    first(on, &sql, &binds![email], FromRow::from_row).await
}

/// Whether there is any user.
///
/// # Errors
/// What the database says.
pub async fn any(on: impl Access) -> Result<bool> {
    const SQL: &str = "SELECT id FROM users LIMIT 1";
    let found: Option<UserId> = first(on, SQL, &[], FromRow::from_row).await?;
    Ok(found.is_some())
}

fn missing(user: UserId) -> StoreError {
    StoreError::Missing {
        what: "user",
        key: user.to_string(),
    }
}

/// Puts recovery codes in the place of those there were.
///
/// # Errors
/// What the database says.
pub async fn put_recovery_codes(tx: &mut Tx, user: UserId, digests: &[[u8; 32]]) -> Result<()> {
    const CLEAR: &str = "DELETE FROM recovery_codes WHERE user_id = $1";
    const SQL: &str = "INSERT INTO recovery_codes (user_id, digest, used_at) VALUES ($1, $2, NULL)";
    run(&mut *tx, CLEAR, &binds![user]).await?;
    for digest in digests {
        run(&mut *tx, SQL, &binds![user, digest]).await?;
    }
    Ok(())
}

/// Takes a recovery code, once: whether there was one that was not taken yet.
///
/// # Errors
/// What the database says.
pub async fn take_recovery_code(
    tx: &mut Tx,
    user: UserId,
    digest: &[u8; 32],
    at: Timestamp,
) -> Result<bool> {
    const SQL: &str = "UPDATE recovery_codes SET used_at = $3 \
        WHERE user_id = $1 AND digest = $2 AND used_at IS NULL";
    Ok(run(tx, SQL, &binds![user, digest, at]).await? > 0)
}

/// How many recovery codes are left.
///
/// # Errors
/// What the database says.
pub async fn recovery_codes_left(on: impl Access, user: UserId) -> Result<u32> {
    const SQL: &str = "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";
    let count = first(on, SQL, &binds![user], FromRow::from_row).await?;
    Ok(count.unwrap_or(0))
}

/// A user's place at a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The company.
    pub company: CompanyId,
    /// Its unique short name.
    pub company_name: String,
    /// Its name in law.
    pub legal_name: String,
    /// Whatever else it set; an object.
    pub settings: serde_json::Value,
    /// What the user is to it.
    pub role: Role,
}

impl FromRow for Seat {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            company: row.get()?,
            company_name: row.get()?,
            legal_name: row.get()?,
            settings: row.get()?,
            role: row.get()?,
        })
    }
}

/// The seats of a user, oldest company first.
///
/// # Errors
/// What the database says.
pub async fn seats(on: impl Access, user: UserId) -> Result<Vec<Seat>> {
    const SQL: &str = "SELECT c.id, c.name, c.legal_name, c.settings, m.role \
        FROM memberships m JOIN companies c ON c.id = m.company_id \
        WHERE m.user_id = $1 AND m.ended_at IS NULL ORDER BY c.id";
    rows(on, SQL, &binds![user], FromRow::from_row).await
}

/// Who sits at a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The user.
    pub user: UserId,
    /// Address.
    pub email: String,
    /// Name.
    pub name: String,
    /// What they are to the company.
    pub role: Role,
    /// Since when.
    pub since: Timestamp,
    /// Whether they use a second factor.
    pub totp: bool,
    /// When they were last seen at the console, as far as a sitting is still open.
    pub seen_at: Option<Timestamp>,
}

impl FromRow for Member {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            user: row.get()?,
            email: row.get()?,
            name: row.get()?,
            role: row.get()?,
            since: row.get()?,
            totp: row.get()?,
            seen_at: row.get()?,
        })
    }
}

const MEMBER: &str = "SELECT u.id, u.email, u.name, m.role, m.since, \
        u.totp_secret IS NOT NULL, \
        (SELECT MAX(s.seen_at) FROM sessions s WHERE s.user_id = u.id) \
    FROM memberships m JOIN users u ON u.id = m.user_id \
    WHERE m.company_id = $1 AND m.ended_at IS NULL";

/// One who sits at a company.
///
/// # Errors
/// What the database says.
pub async fn member(on: impl Access, company: CompanyId, user: UserId) -> Result<Option<Member>> {
    let sql = format!("{MEMBER} AND m.user_id = $2");
    first(on, &sql, &binds![company, user], FromRow::from_row).await
}

/// Those who sit at a company, in the order of their ids, from behind `after`.
///
/// # Errors
/// What the database says.
pub async fn members(
    on: impl Access,
    company: CompanyId,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<Member>> {
    let sql = format!("{MEMBER} AND m.user_id > $2 ORDER BY m.user_id LIMIT $3");
    let after = after.map_or(uuid::Uuid::nil(), UserId::uuid);
    rows(on, &sql, &binds![company, after, limit], FromRow::from_row).await
}

/// What a user is to a company.
///
/// # Errors
/// What the database says.
pub async fn role(on: impl Access, company: CompanyId, user: UserId) -> Result<Option<Role>> {
    const SQL: &str = "SELECT role FROM memberships \
        WHERE company_id = $1 AND user_id = $2 AND ended_at IS NULL";
    first(on, SQL, &binds![company, user], FromRow::from_row).await
}

/// Locks a company's seats of one role until the end of the transaction, and counts them.
///
/// # Errors
/// What the database says.
pub async fn lock_role(tx: &mut Tx, company: CompanyId, role: Role) -> Result<usize> {
    const SQL: &str = "SELECT user_id FROM memberships \
        WHERE company_id = $1 AND role = $2 AND ended_at IS NULL ORDER BY user_id {lock}";
    let found: Vec<UserId> = rows(tx, SQL, &binds![company, role], FromRow::from_row).await?;
    Ok(found.len())
}

/// Gives a user a seat or another role.
///
/// # Errors
/// [`StoreError::Constraint`] when there is no such company or user.
pub async fn seat(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    user: UserId,
    role: Role,
) -> Result<()> {
    const SQL: &str = "INSERT INTO memberships (company_id, user_id, role, since, ended_at) \
        VALUES ($1, $2, $3, $4, NULL) ON CONFLICT (company_id, user_id) \
        DO UPDATE SET role = excluded.role, ended_at = NULL, since = CASE \
            WHEN memberships.ended_at IS NULL THEN memberships.since ELSE excluded.since END";
    let before = self::role(&mut *tx, company, user).await?;
    if before == Some(role) {
        return Ok(());
    }
    run(&mut *tx, SQL, &binds![company, user, role, stamp.at]).await?;
    let body = json!({
        "before": { "role": before.map(Role::code) },
        "after": { "role": role.code() },
    });
    events::append(tx, stamp, company, "user.seated", Some(user.uuid()), &body).await
}

/// Takes a user's seat away.
///
/// # Errors
/// [`StoreError::Missing`] when they have none.
pub async fn unseat(tx: &mut Tx, stamp: &Stamp, company: CompanyId, user: UserId) -> Result<()> {
    const SQL: &str = "UPDATE memberships SET ended_at = $3 \
        WHERE company_id = $1 AND user_id = $2 AND ended_at IS NULL";
    if run(&mut *tx, SQL, &binds![company, user, stamp.at]).await? == 0 {
        return Err(missing(user));
    }
    let body = json!({ "after": { "ended": true } });
    events::append(
        tx,
        stamp,
        company,
        "user.unseated",
        Some(user.uuid()),
        &body,
    )
    .await
}
