//! What people did although the law spoke against it, on a manager's word and with a reason.

use domain::customer::Channel;
use domain::{CompanyId, CustomerId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// An override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The call, visit or letter: its message on the thread.
    pub message: Uuid,
    /// The customer.
    pub customer: CustomerId,
    /// What it was.
    pub channel: Channel,
    /// Why, in the manager's words.
    pub reason: String,
    /// The manager.
    pub author: String,
    /// When the contact was made.
    pub at: Timestamp,
}

impl FromRow for Override {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            message: row.get()?,
            customer: row.get()?,
            channel: row.get()?,
            reason: row.get()?,
            author: row.get()?,
            at: row.get()?,
        })
    }
}

/// Records an override; its author is the stamp's. What the law said is its proof, written in the
/// same transaction.
///
/// # Errors
/// What the database says.
pub async fn add(tx: &mut Tx, stamp: &Stamp, company: CompanyId, new: &Override) -> Result<()> {
    const SQL: &str = "INSERT INTO overrides (company_id, message_id, customer_id, channel, \
        reason, author, at, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let binds = binds![
        company,
        new.message,
        new.customer,
        new.channel,
        &new.reason,
        &stamp.author,
        new.at,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "customer": new.customer.to_string(),
        "channel": new.channel.code(),
        "reason": new.reason,
    }});
    let entity = Some(new.message);
    events::append(tx, stamp, company, "law.overridden", entity, &body).await
}

/// Overrides before an instant, the latest first.
///
/// # Errors
/// What the database says.
pub async fn before(
    on: impl Access,
    company: CompanyId,
    before: Timestamp,
    limit: u32,
) -> Result<Vec<Override>> {
    const SQL: &str = "SELECT message_id, customer_id, channel, reason, author, at \
        FROM overrides WHERE company_id = $1 AND at < $2 ORDER BY at DESC, message_id LIMIT $3";
    rows(on, SQL, &binds![company, before, limit], FromRow::from_row).await
}

/// The latest overrides, each with the customer's name.
///
/// # Errors
/// What the database says.
pub async fn latest(
    on: impl Access,
    company: CompanyId,
    limit: u32,
) -> Result<Vec<(Override, String)>> {
    const SQL: &str = "SELECT o.message_id, o.customer_id, o.channel, o.reason, o.author, o.at, \
        c.name FROM overrides o \
        JOIN customers c ON c.company_id = o.company_id AND c.id = o.customer_id \
        WHERE o.company_id = $1 ORDER BY o.at DESC, o.message_id LIMIT $2";
    let read = |row: &mut Row<'_>| Ok((Override::from_row(row)?, row.get()?));
    rows(on, SQL, &binds![company, limit], read).await
}
