//! Contacts as planned and made, for lists and exports. How they are planned, claimed and finished
//! is in [`crate::bulk`].

use domain::contact::{ContactKey, ContactState, Tone};
use domain::customer::Channel;
use domain::{CompanyId, ContactId, ContactPointId, CustomerId, DecisionId, RunId};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A contact with all that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactRecord {
    /// Our id.
    pub id: ContactId,
    /// The customer.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// The run that planned it.
    pub run: RunId,
    /// The decision it follows from.
    pub decision: DecisionId,
    /// What it is for.
    pub key: ContactKey,
    /// The channel.
    pub channel: Channel,
    /// The address it goes to.
    pub point: ContactPointId,
    /// The template.
    pub template: String,
    /// The tone.
    pub tone: Tone,
    /// Documents, amounts, totals and recipients as canonical JSON, as written.
    pub content: String,
    /// Where it stands.
    pub state: ContactState,
    /// Why it was suppressed, failed or is unknown.
    pub reason: Option<String>,
    /// When it was to be made.
    pub planned_at: Timestamp,
    /// When it was taken up.
    pub claimed_at: Option<Timestamp>,
    /// When it left.
    pub performed_at: Option<Timestamp>,
    /// When it was planned.
    pub recorded_at: Timestamp,
    /// While it waits for release: since when, who holds it, why. A cancelled one keeps its
    /// canceller here.
    pub held: Option<Held>,
}

/// Who holds a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Since when.
    pub at: Timestamp,
    /// Who; [`HELD_FOR_REVIEW`](crate::bulk::HELD_FOR_REVIEW) when the day's run waits for a look.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
}

impl FromRow for Held {
    const WIDTH: usize = 3;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            at: row.get()?,
            by: row.get()?,
            reason: row.get()?,
        })
    }
}

impl FromRow for ContactRecord {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            customer: row.get()?,
            customer_key: row.get()?,
            run: row.get()?,
            decision: row.get()?,
            key: row.get()?,
            channel: row.get()?,
            point: row.get()?,
            template: row.get()?,
            tone: row.get()?,
            content: row.get()?,
            state: row.get()?,
            reason: row.get()?,
            planned_at: row.get()?,
            claimed_at: row.get()?,
            performed_at: row.get()?,
            recorded_at: row.get()?,
            held: row.get()?,
        })
    }
}

const SELECT: &str = "SELECT t.id, t.customer_id, c.key, t.run_id, t.decision_id, t.kind, t.step, \
    t.key_day, t.channel, t.point_id, t.template, t.tone, t.content, t.state, t.reason, \
    t.planned_at, t.claimed_at, t.performed_at, t.recorded_at, \
    t.held_at, t.held_by, t.held_reason FROM contacts t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id";

/// The contact of that id.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    contact: ContactId,
) -> Result<Option<ContactRecord>> {
    let sql = format!("{SELECT} WHERE t.company_id = $1 AND t.id = $2");
    first(on, &sql, &binds![company, contact], FromRow::from_row).await
}

/// Contacts by pages, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    after: Option<ContactId>,
    limit: u32,
) -> Result<Vec<ContactRecord>> {
    let sql = format!("{SELECT} WHERE t.company_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3");
    let after = after.map_or(Uuid::nil(), ContactId::uuid);
    rows(on, &sql, &binds![company, after, limit], FromRow::from_row).await
}

/// Every contact of a customer, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Vec<ContactRecord>> {
    let sql = format!(
        "{SELECT} WHERE t.company_id = $1 AND t.customer_id = $2 ORDER BY t.planned_at, t.id"
    );
    rows(on, &sql, &binds![company, customer], FromRow::from_row).await
}

/// The contact, locked against other writers until the transaction ends.
///
/// # Errors
/// What the database says.
pub async fn lock(
    tx: &mut Tx,
    company: CompanyId,
    contact: ContactId,
) -> Result<Option<ContactRecord>> {
    let sql = format!("{SELECT} WHERE t.company_id = $1 AND t.id = $2 {{lock}}");
    first(tx, &sql, &binds![company, contact], FromRow::from_row).await
}

/// The latest contact made to a customer on a channel up to an instant, and not before another.
///
/// # Errors
/// What the database says.
pub async fn latest_made(
    on: impl Access,
    company: CompanyId,
    (customer, channel): (CustomerId, Channel),
    (from, until): (Timestamp, Timestamp),
) -> Result<Option<ContactId>> {
    const SQL: &str = "SELECT id FROM contacts WHERE company_id = $1 AND customer_id = $2 \
        AND channel = $3 AND performed_at >= $4 AND performed_at <= $5 \
        AND state IN ('sent', 'delivered', 'read', 'answered', 'unknown') \
        ORDER BY performed_at DESC, id DESC LIMIT 1";
    let binds = binds![company, customer, channel, from, until];
    first(on, SQL, &binds, FromRow::from_row).await
}

/// Puts a contact that was locked in another state; `body` is kept as the event of the change.
///
/// # Errors
/// What the database says.
pub async fn set_state(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (contact, state): (ContactId, ContactState),
    reason: Option<&str>,
    body: &Value,
) -> Result<()> {
    const SQL: &str = "UPDATE contacts SET state = $3, reason = COALESCE($4, reason) \
        WHERE company_id = $1 AND id = $2";
    run(&mut *tx, SQL, &binds![company, contact, state, reason]).await?;
    let kind = format!("contact.{}", state.code());
    events::append(tx, stamp, company, &kind, Some(contact.uuid()), body).await
}

/// Contacts that left in a span of time, its last instant included, in the order they left in.
///
/// # Errors
/// What the database says.
pub async fn performed(
    on: impl Access,
    company: CompanyId,
    (from, until): (Timestamp, Timestamp),
) -> Result<Vec<ContactRecord>> {
    let sql = format!(
        "{SELECT} WHERE t.company_id = $1 AND t.performed_at >= $2 AND t.performed_at <= $3 \
         ORDER BY t.performed_at, t.id"
    );
    rows(on, &sql, &binds![company, from, until], FromRow::from_row).await
}

/// The instant of the earliest contact that is planned and not held.
///
/// # Errors
/// What the database says.
pub async fn next_planned(on: impl Access, company: CompanyId) -> Result<Option<Timestamp>> {
    const SQL: &str = "SELECT planned_at FROM contacts WHERE company_id = $1 \
        AND state = 'planned' AND held_at IS NULL ORDER BY planned_at LIMIT 1";
    first(on, SQL, &binds![company], FromRow::from_row).await
}

/// How many contacts stand in each state.
///
/// # Errors
/// What the database says.
pub async fn count_by_state(
    on: impl Access,
    company: CompanyId,
) -> Result<Vec<(ContactState, u64)>> {
    const SQL: &str = "SELECT state, COUNT(*) FROM contacts WHERE company_id = $1 GROUP BY state";
    let read = |row: &mut Row<'_>| {
        let (state, count): (ContactState, i64) = (row.get()?, row.get()?);
        Ok((state, count.unsigned_abs()))
    };
    let mut counts = rows(on, SQL, &binds![company], read).await?;
    counts.sort_unstable();
    Ok(counts)
}
