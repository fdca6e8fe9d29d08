//! Links that are good once: the first administrator, an invitation, a new password.

use domain::CompanyId;
use domain::user::{LinkPurpose, Role};
use jiff::Timestamp;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::value::{FromRow, Row, binds};

/// A link; its secret is not kept, only the digest it is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLink {
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Whom it was made for; the first administrator says their own.
    pub email: Option<String>,
    /// The company an invitation is to.
    pub company: Option<CompanyId>,
    /// The role an invitation gives.
    pub role: Option<Role>,
    /// Who made it.
    pub author: String,
    /// When.
    pub made_at: Timestamp,
    /// The instant from which it is good no longer.
    pub expires_at: Timestamp,
    /// When it was used, or taken back.
    pub used_at: Option<Timestamp>,
}

const COLUMNS: &str = "purpose, email, company_id, role, author, made_at, expires_at, used_at";

impl FromRow for UserLink {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            purpose: row.get()?,
            email: row.get()?,
            company: row.get()?,
            role: row.get()?,
            author: row.get()?,
            made_at: row.get()?,
            expires_at: row.get()?,
            used_at: row.get()?,
        })
    }
}

/// Keeps a link under its digest.
///
/// # Errors
/// [`crate::StoreError::Constraint`] when there is no such company.
pub async fn add(tx: &mut Tx, digest: &[u8; 32], link: &UserLink) -> Result<()> {
    const SQL: &str = "INSERT INTO user_links (digest, purpose, email, company_id, role, author, \
        made_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let binds = binds![
        digest,
        link.purpose,
        &link.email,
        link.company,
        link.role,
        &link.author,
        link.made_at,
        link.expires_at,
        link.used_at,
    ];
    run(tx, SQL, &binds).await.map(drop)
}

/// The link of that digest, used or not.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, digest: &[u8; 32]) -> Result<Option<UserLink>> {
    let sql = format!("SELECT {COLUMNS} FROM user_links WHERE digest = $1");
    first(on, &sql, &binds![digest], FromRow::from_row).await
}

/// Uses a link up: whether it was still good.
///
/// # Errors
/// What the database says.
pub async fn take(tx: &mut Tx, digest: &[u8; 32], at: Timestamp) -> Result<bool> {
    const SQL: &str = "UPDATE user_links SET used_at = $2 \
        WHERE digest = $1 AND used_at IS NULL AND expires_at > $2";
    Ok(run(tx, SQL, &binds![digest, at]).await? > 0)
}

/// Takes back every unused link of one purpose, for an address or for nobody in particular, and
/// (when it names one) to a company.
///
/// # Errors
/// What the database says.
pub async fn withdraw(
    tx: &mut Tx,
    purpose: LinkPurpose,
    email: Option<&str>,
    company: Option<CompanyId>,
    at: Timestamp,
) -> Result<u64> {
    const SQL: &str = "UPDATE user_links SET used_at = $4 WHERE purpose = $1 AND used_at IS NULL \
        AND COALESCE(email, '') = COALESCE($2, '') \
        AND (company_id = $3 OR (company_id IS NULL AND $5))";
    let binds = binds![purpose, email, company, at, company.is_none()];
    run(tx, SQL, &binds).await
}

/// Invitations to a company that are still good, newest first.
///
/// # Errors
/// What the database says.
pub async fn invitations(
    on: impl Access,
    company: CompanyId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<UserLink>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM user_links WHERE company_id = $1 AND purpose = 'invitation' \
         AND used_at IS NULL AND expires_at > $2 ORDER BY made_at DESC LIMIT $3"
    );
    rows(on, &sql, &binds![company, now, limit], FromRow::from_row).await
}
