//! Customers' own pages: links, what was tried at their door, codes and sessions.
//!
//! Nothing that opens a door is kept: codes, cookies and clients are digests.

use domain::{CompanyId, ContactId, ContactPointId, CustomerId, PortalLinkId};
use jiff::Timestamp;
use serde_json::json;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A customer's way to its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Our id.
    pub id: PortalLinkId,
    /// The company.
    pub company: CompanyId,
    /// The customer.
    pub customer: CustomerId,
    /// The address it was sent to.
    pub point: ContactPointId,
    /// The contact whose message carried it.
    pub contact: Option<ContactId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// The first instant at which it opens nothing.
    pub expires_at: Timestamp,
    /// When someone revoked it.
    pub revoked_at: Option<Timestamp>,
}

impl Link {
    /// Whether it opens anything at an instant.
    pub fn works_at(&self, at: Timestamp) -> bool {
        self.revoked_at.is_none() && at < self.expires_at
    }
}

const LINK: &str = "l.id, l.company_id, l.customer_id, l.point_id, l.contact_id, l.made_at, \
    l.expires_at, l.revoked_at";

impl FromRow for Link {
    const WIDTH: usize = 8;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            company: row.get()?,
            customer: row.get()?,
            point: row.get()?,
            contact: row.get()?,
            made_at: row.get()?,
            expires_at: row.get()?,
            revoked_at: row.get()?,
        })
    }
}

/// A key of the installation.
///
/// # Errors
/// What the database says.
pub async fn server_key(on: impl Access, name: &str) -> Result<Option<[u8; 32]>> {
    const SQL: &str = "SELECT key FROM server_keys WHERE name = $1";
    first(on, SQL, &binds![name], FromRow::from_row).await
}

/// Keeps a key of the installation, unless there is one of that name already.
///
/// # Errors
/// What the database says.
pub async fn keep_server_key(tx: &mut Tx, name: &str, key: &[u8; 32], at: Timestamp) -> Result<()> {
    const SQL: &str = "INSERT INTO server_keys (name, key, made_at) VALUES ($1, $2, $3) \
        ON CONFLICT (name) DO NOTHING";
    run(tx, SQL, &binds![name, key, at]).await.map(drop)
}

/// Adds a link; claims of contacts add theirs themselves.
///
/// # Errors
/// [`crate::StoreError::Constraint`] when there is no such customer.
pub async fn add_link(tx: &mut Tx, stamp: &Stamp, link: &Link) -> Result<()> {
    const SQL: &str = "INSERT INTO portal_links \
        (company_id, id, customer_id, point_id, contact_id, made_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let binds = binds![
        link.company,
        link.id,
        link.customer,
        link.point,
        link.contact,
        stamp.at,
        link.expires_at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "customer": link.customer.to_string(),
        "point": link.point.to_string(),
        "expires_at": link.expires_at.to_string(),
    }});
    let entity = Some(link.id.uuid());
    events::append(tx, stamp, link.company, "portal.link_made", entity, &body).await
}

/// The link of that id, whichever company's it is.
///
/// # Errors
/// What the database says.
pub async fn link(on: impl Access, id: PortalLinkId) -> Result<Option<Link>> {
    let sql = format!("SELECT {LINK} FROM portal_links l WHERE l.id = $1");
    first(on, &sql, &binds![id], FromRow::from_row).await
}

/// Links of a customer, newest first.
///
/// # Errors
/// What the database says.
pub async fn links_of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    limit: u32,
) -> Result<Vec<Link>> {
    let sql = format!(
        "SELECT {LINK} FROM portal_links l WHERE l.company_id = $1 AND l.customer_id = $2 \
         ORDER BY l.id DESC LIMIT $3"
    );
    rows(
        on,
        &sql,
        &binds![company, customer, limit],
        FromRow::from_row,
    )
    .await
}

/// Revokes every link of a customer that still works; how many there were. Their sessions end
/// with them.
///
/// # Errors
/// What the database says.
pub async fn revoke_links(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
) -> Result<u64> {
    const SQL: &str = "UPDATE portal_links SET revoked_at = $3, revoked_by = $4 \
        WHERE company_id = $1 AND customer_id = $2 AND revoked_at IS NULL AND expires_at > $3";
    let binds = binds![company, customer, stamp.at, &stamp.author];
    let revoked = run(&mut *tx, SQL, &binds).await?;
    if revoked > 0 {
        let body = json!({ "after": { "revoked": revoked } });
        let entity = Some(customer.uuid());
        let kind = "portal.links_revoked";
        events::append(tx, stamp, company, kind, entity, &body).await?;
    }
    Ok(revoked)
}

/// What was tried with wrong answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Wrong answers in a row.
    pub failures: u32,
    /// The last one.
    pub last_at: Option<Timestamp>,
    /// Until when nothing is listened to.
    pub locked_until: Option<Timestamp>,
}

fn read_tries(row: &mut Row<'_>) -> Result<Tries> {
    Ok(Tries {
        failures: row.get()?,
        last_at: row.get()?,
        locked_until: row.get()?,
    })
}

/// What one has tried; `who` is a digest.
///
/// # Errors
/// What the database says.
pub async fn tries(on: impl Access, who: &[u8; 32]) -> Result<Tries> {
    const SQL: &str = "SELECT failures, last_at, locked_until FROM portal_tries WHERE who = $1";
    let found = first(on, SQL, &binds![who], read_tries).await?;
    Ok(found.unwrap_or_default())
}

/// The same, locked against others who try at the same instant, until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock_tries(tx: &mut Tx, who: &[u8; 32], at: Timestamp) -> Result<Tries> {
    const MAKE: &str = "INSERT INTO portal_tries (who, failures, last_at) VALUES ($1, 0, $2) \
        ON CONFLICT (who) DO NOTHING";
    const SQL: &str = "SELECT failures, last_at, locked_until FROM portal_tries \
        WHERE who = $1 {lock}";
    run(&mut *tx, MAKE, &binds![who, at]).await?;
    let found = first(tx, SQL, &binds![who], read_tries).await?;
    Ok(found.unwrap_or_default())
}

/// Writes what one has tried; none keeps no row.
///
/// # Errors
/// What the database says.
pub async fn set_tries(tx: &mut Tx, who: &[u8; 32], tries: Tries) -> Result<()> {
    const SET: &str = "UPDATE portal_tries SET failures = $2, last_at = $3, locked_until = $4 \
        WHERE who = $1";
    const FORGET: &str = "DELETE FROM portal_tries WHERE who = $1";
    match tries.last_at {
        Some(last_at) if tries.failures > 0 => {
            let binds = binds![who, tries.failures, last_at, tries.locked_until];
            run(tx, SET, &binds).await.map(drop)
        }
        _ => run(tx, FORGET, &binds![who]).await.map(drop),
    }
}

/// Forgets what was tried, codes and sessions from before an instant; how many rows.
///
/// # Errors
/// What the database says.
pub async fn forget_before(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    const TRIES: &str = "DELETE FROM portal_tries WHERE last_at < $1 \
        AND (locked_until IS NULL OR locked_until < $1)";
    const CODES: &str = "DELETE FROM portal_codes WHERE sent_at < $1";
    const SESSIONS: &str = "DELETE FROM portal_sessions WHERE seen_at < $1";
    let mut gone = 0;
    for sql in [TRIES, CODES, SESSIONS] {
        gone += run(&mut *tx, sql, &binds![before]).await?;
    }
    Ok(gone)
}

/// The code last sent for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its digest.
    pub digest: [u8; 32],
    /// The first instant at which it opens nothing.
    pub expires_at: Timestamp,
    /// Wrong answers to it.
    pub tries: u32,
    /// Whether it was used.
    pub used: bool,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Codes sent since `sent_since`, this one included.
    pub sent: u32,
    /// The first of the codes counted.
    pub sent_since: Timestamp,
}

/// The code last sent for a link, locked until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock_code(
    tx: &mut Tx,
    company: CompanyId,
    link: PortalLinkId,
) -> Result<Option<Code>> {
    // The link is locked as well, so that the first code is not sent twice at once.
    const LINK: &str = "SELECT id FROM portal_links WHERE company_id = $1 AND id = $2 {lock}";
    const SQL: &str = "SELECT digest, expires_at, tries, used, sent_at, sent, sent_since \
        FROM portal_codes WHERE company_id = $1 AND link_id = $2 {lock}";
    let read = |row: &mut Row<'_>| {
        Ok(Code {
            digest: row.get()?,
            expires_at: row.get()?,
            tries: row.get()?,
            used: row.get()?,
            sent_at: row.get()?,
            sent: row.get()?,
            sent_since: row.get()?,
        })
    };
    let whose = binds![company, link];
    first(&mut *tx, LINK, &whose, <PortalLinkId as FromRow>::from_row).await?;
    first(tx, SQL, &whose, read).await
}

/// Writes the code of a link in the place of an earlier one.
///
/// # Errors
/// What the database says.
pub async fn set_code(
    tx: &mut Tx,
    company: CompanyId,
    link: PortalLinkId,
    code: &Code,
) -> Result<()> {
    const SQL: &str = "INSERT INTO portal_codes (company_id, link_id, digest, expires_at, tries, \
        used, sent_at, sent, sent_since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
        ON CONFLICT (company_id, link_id) DO UPDATE SET digest = excluded.digest, \
        expires_at = excluded.expires_at, tries = excluded.tries, used = excluded.used, \
        sent_at = excluded.sent_at, sent = excluded.sent, sent_since = excluded.sent_since";
    let binds = binds![
        company,
        link,
        &code.digest,
        code.expires_at,
        code.tries,
        code.used,
        code.sent_at,
        code.sent,
        code.sent_since,
    ];
    run(tx, SQL, &binds).await.map(drop)
}

/// Opens a session for who passed the door; `digest` is that of its cookie.
///
/// # Errors
/// What the database says.
pub async fn add_session(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    link: PortalLinkId,
    digest: &[u8; 32],
) -> Result<()> {
    const SQL: &str = "INSERT INTO portal_sessions (company_id, digest, link_id, made_at, seen_at) \
        VALUES ($1, $2, $3, $4, $4)";
    run(&mut *tx, SQL, &binds![company, digest, link, stamp.at]).await?;
    let entity = Some(link.uuid());
    events::append(tx, stamp, company, "portal.entered", entity, &json!({})).await
}

/// When the session of a cookie was opened and last seen; `None` when there is none of that link,
/// or it ended.
///
/// # Errors
/// What the database says.
pub async fn session(
    on: impl Access,
    company: CompanyId,
    link: PortalLinkId,
    digest: &[u8; 32],
) -> Result<Option<(Timestamp, Timestamp)>> {
    const SQL: &str = "SELECT made_at, seen_at FROM portal_sessions \
        WHERE company_id = $1 AND digest = $2 AND link_id = $3 AND ended_at IS NULL";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    first(on, SQL, &binds![company, digest, link], read).await
}

/// Notes that a session was seen.
///
/// # Errors
/// What the database says.
pub async fn touch_session(
    tx: &mut Tx,
    company: CompanyId,
    digest: &[u8; 32],
    at: Timestamp,
) -> Result<()> {
    const SQL: &str = "UPDATE portal_sessions SET seen_at = $3 \
        WHERE company_id = $1 AND digest = $2 AND seen_at < $3";
    run(tx, SQL, &binds![company, digest, at]).await.map(drop)
}

/// Ends a session.
///
/// # Errors
/// What the database says.
pub async fn end_session(
    tx: &mut Tx,
    company: CompanyId,
    digest: &[u8; 32],
    at: Timestamp,
) -> Result<()> {
    const SQL: &str = "UPDATE portal_sessions SET ended_at = $3 \
        WHERE company_id = $1 AND digest = $2 AND ended_at IS NULL";
    run(tx, SQL, &binds![company, digest, at]).await.map(drop)
}
