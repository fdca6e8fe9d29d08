//! How far mailboxes were read, whose an address is, and what came back from it.

use domain::customer::ContactPoint;
use domain::{CompanyId, ContactPointId, CustomerId};
use jiff::Timestamp;
use serde_json::json;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::events;
use crate::facts::CONTACT_POINT;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Addresses looked at that bear one text.
const SHARED_MAX: u32 = 100;

/// How far a mailbox was read: the validity of its UIDs and the last of them.
///
/// # Errors
/// What the database says.
pub async fn mark(on: impl Access, company: CompanyId, name: &str) -> Result<Option<(u32, u32)>> {
    const SQL: &str = "SELECT uid_validity, last_uid FROM mailboxes \
        WHERE company_id = $1 AND name = $2";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    first(on, SQL, &binds![company, name], read).await
}

/// Remembers how far a mailbox was read. Under one validity it only moves forward, whoever of
/// several readers writes last.
///
/// # Errors
/// What the database says.
pub async fn set_mark(
    tx: &mut Tx,
    company: CompanyId,
    name: &str,
    (validity, last): (u32, u32),
    at: Timestamp,
) -> Result<()> {
    const SQL: &str = "INSERT INTO mailboxes (company_id, name, uid_validity, last_uid, read_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (company_id, name) DO UPDATE SET \
        uid_validity = excluded.uid_validity, last_uid = excluded.last_uid, \
        read_at = excluded.read_at WHERE mailboxes.uid_validity <> excluded.uid_validity \
        OR mailboxes.last_uid < excluded.last_uid";
    run(tx, SQL, &binds![company, name, validity, last, at])
        .await
        .map(drop)
}

/// E-mail addresses that read `address`, with whose they are.
///
/// # Errors
/// What the database says.
pub async fn points_at(
    on: impl Access,
    company: CompanyId,
    address: &str,
) -> Result<Vec<(CustomerId, ContactPoint)>> {
    let sql = format!(
        "SELECT t.customer_id, {CONTACT_POINT} FROM contact_points t WHERE t.company_id = $1 \
         AND t.address = $2 AND t.channel = 'email' ORDER BY t.customer_id, t.id LIMIT $3"
    );
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    rows(on, &sql, &binds![company, address, SHARED_MAX], read).await
}

/// A message that came back from an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CameBack {
    /// Whose address it is.
    pub customer: CustomerId,
    /// The address.
    pub point: ContactPointId,
    /// What the report is known by.
    pub digest: [u8; 32],
    /// Whether the address will never take a message.
    pub hard: bool,
    /// What the server said.
    pub reason: String,
    /// When it was reported.
    pub at: Timestamp,
}

/// Notes a message that came back; the same report once. Gives whether it is news.
///
/// # Errors
/// What the database says.
pub async fn add_bounce(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    bounce: &CameBack,
) -> Result<bool> {
    const SQL: &str = "INSERT INTO bounces (company_id, customer_id, point_id, digest, hard, \
        reason, at, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (company_id, customer_id, point_id, digest) DO NOTHING";
    let binds = binds![
        company,
        bounce.customer,
        bounce.point,
        &bounce.digest,
        bounce.hard,
        &bounce.reason,
        bounce.at,
        stamp.at,
    ];
    if run(&mut *tx, SQL, &binds).await? == 0 {
        return Ok(false);
    }
    let body = json!({ "after": { "hard": bounce.hard, "reason": bounce.reason } });
    let (kind, entity) = ("contact_point.bounced", Some(bounce.point.uuid()));
    events::append(tx, stamp, company, kind, entity, &body).await?;
    Ok(true)
}

/// How many reports of an address there were from an instant on.
///
/// # Errors
/// What the database says.
pub async fn bounces_since(
    on: impl Access,
    company: CompanyId,
    (customer, point): (CustomerId, ContactPointId),
    since: Timestamp,
) -> Result<u32> {
    const SQL: &str = "SELECT COUNT(*) FROM bounces \
        WHERE company_id = $1 AND customer_id = $2 AND point_id = $3 AND at >= $4";
    let count: Option<u32> = first(
        on,
        SQL,
        &binds![company, customer, point, since],
        FromRow::from_row,
    )
    .await?;
    Ok(count.unwrap_or(0))
}
