//! Versions of policies, and which of them rules.

use domain::CompanyId;
use jiff::Timestamp;
use serde_json::json;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A version of a policy as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion {
    /// The policy's key.
    pub key: String,
    /// Counted from 1.
    pub version: u32,
    /// The TOML text.
    pub source: String,
    /// SHA-256 of the text, in hexadecimal.
    pub hash: String,
    /// Who wrote it.
    pub author: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

const COLUMNS: &str = "p.key, p.version, p.source, p.hash, p.author, p.recorded_at";

impl FromRow for PolicyVersion {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            key: row.get()?,
            version: row.get()?,
            source: row.get()?,
            hash: row.get()?,
            author: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// Keeps a text as the next version of its policy; the latest version again is no new one. Gives
/// the version it has.
///
/// # Errors
/// What the database says.
pub async fn put(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    policy: (&str, &str, &str),
) -> Result<u32> {
    const LATEST: &str = "SELECT version, hash FROM policies \
        WHERE company_id = $1 AND key = $2 ORDER BY version DESC LIMIT 1";
    const SQL: &str = "INSERT INTO policies \
        (company_id, key, version, source, hash, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (key, source, hash) = policy;
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let latest: Option<(u32, String)> =
        first(&mut *tx, LATEST, &binds![company, key], read).await?;
    let version = match latest {
        Some((version, known)) if known == hash => return Ok(version),
        Some((version, _)) => version + 1,
        None => 1,
    };
    let binds = binds![company, key, version, source, hash, &stamp.author, stamp.at];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": { "key": key, "version": version, "hash": hash } });
    events::append(tx, stamp, company, "policy.written", None, &body).await?;
    Ok(version)
}

/// Lets a version rule from now on.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such version.
pub async fn use_version(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    key: &str,
    version: u32,
) -> Result<()> {
    const SQL: &str = "INSERT INTO policy_uses (company_id, key, version, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (company_id, recorded_at) \
        DO UPDATE SET key = excluded.key, version = excluded.version, author = excluded.author";
    if get(&mut *tx, company, key, version).await?.is_none() {
        return Err(StoreError::Missing {
            what: "policy version",
            key: format!("{key} {version}"),
        });
    }
    let before = current(&mut *tx, company).await?;
    run(
        &mut *tx,
        SQL,
        &binds![company, key, version, &stamp.author, stamp.at],
    )
    .await?;
    let body = json!({
        "before": before.map(|it| json!({ "key": it.key, "version": it.version })),
        "after": { "key": key, "version": version },
    });
    events::append(tx, stamp, company, "policy.used", None, &body).await
}

/// The policy that rules now.
///
/// # Errors
/// What the database says.
pub async fn current(on: impl Access, company: CompanyId) -> Result<Option<PolicyVersion>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM policy_uses u JOIN policies p \
         ON p.company_id = u.company_id AND p.key = u.key AND p.version = u.version \
         WHERE u.company_id = $1 ORDER BY u.recorded_at DESC LIMIT 1"
    );
    first(on, &sql, &binds![company], FromRow::from_row).await
}

/// One version of a policy.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    key: &str,
    version: u32,
) -> Result<Option<PolicyVersion>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM policies p \
         WHERE p.company_id = $1 AND p.key = $2 AND p.version = $3"
    );
    first(on, &sql, &binds![company, key, version], FromRow::from_row).await
}

/// Every version of every policy, in the order they were recorded.
///
/// # Errors
/// What the database says.
pub async fn all(on: impl Access, company: CompanyId) -> Result<Vec<PolicyVersion>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM policies p WHERE p.company_id = $1 \
         ORDER BY p.recorded_at, p.version"
    );
    rows(on, &sql, &binds![company], FromRow::from_row).await
}
