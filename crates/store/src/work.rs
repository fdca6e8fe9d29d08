//! What asks for a person: candidates, each kind from an index and bounded, and what was done with
//! them.

use domain::work::Reason;
use domain::{CompanyId, Currency, CustomerId, UserId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::tasks::Task;
use crate::value::{FromRow, Row, binds};

/// Something that may ask for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The customer.
    pub customer: CustomerId,
    /// What it is about: a message, a hold.
    pub subject: Uuid,
    /// Since when.
    pub since: Timestamp,
}

impl FromRow for Candidate {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            customer: row.get()?,
            subject: row.get()?,
            since: row.get()?,
        })
    }
}

/// Whose customers are looked at: a user's, or everyone's.
pub type Whose = Option<UserId>;

/// Customers with a promise that falls due between two days, latest first.
///
/// # Errors
/// What the database says.
pub async fn promised(
    on: impl Access,
    company: CompanyId,
    whose: Whose,
    (from, to): (Date, Date),
    limit: u32,
) -> Result<Vec<CustomerId>> {
    const SQL: &str = "SELECT t.customer_id FROM promises t WHERE t.company_id = $1 \
        AND t.due_on >= $3 AND t.due_on <= $4 \
        AND ($2 IS NULL OR EXISTS (SELECT 1 FROM assignments a WHERE a.company_id = $1 \
            AND a.customer_id = t.customer_id AND a.user_id = $2)) \
        ORDER BY t.due_on DESC, t.customer_id LIMIT $5";
    let binds = binds![company, whose, from, to, limit];
    rows(on, SQL, &binds, FromRow::from_row).await
}

/// The last messages of customers, not before an instant, after which nobody of the company wrote,
/// noted or agreed anything; latest first.
///
/// # Errors
/// What the database says.
pub async fn unanswered(
    on: impl Access,
    company: CompanyId,
    whose: Whose,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<Candidate>> {
    const SQL: &str = "SELECT t.customer_id, t.id, t.at FROM messages t \
        WHERE t.company_id = $1 AND t.incoming AND t.at >= $3 \
        AND t.channel NOT IN ('call', 'visit', 'letter') \
        AND ($2 IS NULL OR EXISTS (SELECT 1 FROM assignments a WHERE a.company_id = $1 \
            AND a.customer_id = t.customer_id AND a.user_id = $2)) \
        AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.company_id = $1 \
            AND m.customer_id = t.customer_id AND m.at > t.at) \
        AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.company_id = $1 \
            AND n.customer_id = t.customer_id AND n.recorded_at >= t.recorded_at) \
        AND NOT EXISTS (SELECT 1 FROM promises p WHERE p.company_id = $1 \
            AND p.customer_id = t.customer_id AND p.recorded_at >= t.recorded_at) \
        AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.company_id = $1 \
            AND h.customer_id = t.customer_id AND h.recorded_at >= t.recorded_at) \
        ORDER BY t.at DESC, t.id LIMIT $4";
    let binds = binds![company, whose, since, limit];
    rows(on, SQL, &binds, FromRow::from_row).await
}

/// Customers whose step a person makes, with the decision that says so.
///
/// # Errors
/// What the database says.
pub async fn by_hand(
    on: impl Access,
    company: CompanyId,
    whose: Whose,
    limit: u32,
) -> Result<Vec<Candidate>> {
    const SQL: &str = "SELECT t.customer_id, t.decision_id, d.recorded_at FROM standings t \
        JOIN decisions d ON d.company_id = t.company_id AND d.customer_id = t.customer_id \
            AND d.id = t.decision_id \
        WHERE t.company_id = $1 AND t.silence = 'by_hand' \
        AND ($2 IS NULL OR EXISTS (SELECT 1 FROM assignments a WHERE a.company_id = $1 \
            AND a.customer_id = t.customer_id AND a.user_id = $2)) \
        ORDER BY t.customer_id LIMIT $3";
    rows(on, SQL, &binds![company, whose, limit], FromRow::from_row).await
}

/// Disputes recorded since an instant that still hold on a day, latest first.
///
/// # Errors
/// What the database says.
pub async fn disputes(
    on: impl Access,
    company: CompanyId,
    whose: Whose,
    (since, day): (Timestamp, Date),
    limit: u32,
) -> Result<Vec<Candidate>> {
    const SQL: &str = "SELECT t.customer_id, t.id, t.recorded_at FROM holds t \
        WHERE t.company_id = $1 AND t.kind = 'dispute' AND t.recorded_at >= $3 \
        AND (t.until_on IS NULL OR t.until_on > $4) \
        AND ($2 IS NULL OR EXISTS (SELECT 1 FROM assignments a WHERE a.company_id = $1 \
            AND a.customer_id = t.customer_id AND a.user_id = $2)) \
        AND NOT EXISTS (SELECT 1 FROM hold_ends e WHERE e.company_id = $1 AND e.hold_id = t.id \
            AND e.until_on <= $4) \
        ORDER BY t.recorded_at DESC, t.id LIMIT $5";
    let binds = binds![company, whose, since, day, limit];
    rows(on, SQL, &binds, FromRow::from_row).await
}

/// Open tasks, oldest first; of a user, those of the user's customers.
///
/// # Errors
/// What the database says.
pub async fn tasks(
    on: impl Access,
    company: CompanyId,
    whose: Whose,
    limit: u32,
) -> Result<Vec<Task>> {
    const SQL: &str = "SELECT t.id, t.customer_id, t.contact_id, t.kind, t.text, t.recorded_at, \
        t.done_at FROM tasks t WHERE t.company_id = $1 AND t.done_at IS NULL \
        AND ($2 IS NULL OR EXISTS (SELECT 1 FROM assignments a WHERE a.company_id = $1 \
            AND a.customer_id = t.customer_id AND a.user_id = $2)) \
        ORDER BY t.recorded_at, t.id LIMIT $3";
    rows(on, SQL, &binds![company, whose, limit], FromRow::from_row).await
}

/// Open tasks of a customer, oldest first.
///
/// # Errors
/// What the database says.
pub async fn tasks_of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    limit: u32,
) -> Result<Vec<Task>> {
    const SQL: &str = "SELECT t.id, t.customer_id, t.contact_id, t.kind, t.text, t.recorded_at, \
        t.done_at FROM tasks t WHERE t.company_id = $1 AND t.customer_id = $2 \
        AND t.done_at IS NULL ORDER BY t.recorded_at, t.id LIMIT $3";
    rows(
        on,
        SQL,
        &binds![company, customer, limit],
        FromRow::from_row,
    )
    .await
}

/// Customers with the most open in a currency, something of it due before a day, with whom nothing
/// was said, noted or agreed since an instant: of the first `among`, up to `limit`.
///
/// # Errors
/// What the database says.
pub async fn quiet(
    on: impl Access,
    company: CompanyId,
    whose: Whose,
    (currency, before, since): (Currency, Date, Timestamp),
    (among, limit): (u32, u32),
) -> Result<Vec<CustomerId>> {
    const OF_ALL: &str = "SELECT customer_id, open_minor FROM customer_figures \
        WHERE company_id = $1 AND currency = $2 AND open_minor > 0 AND oldest_due_on < $3 \
        ORDER BY open_minor DESC, customer_id DESC LIMIT $5";
    const OF_ONE: &str = "SELECT f.customer_id, f.open_minor FROM assignments a \
        JOIN customer_figures f ON f.company_id = a.company_id \
            AND f.customer_id = a.customer_id AND f.currency = $2 \
        WHERE a.company_id = $1 AND a.user_id = $7 AND f.open_minor > 0 \
            AND f.oldest_due_on < $3 ORDER BY f.open_minor DESC, f.customer_id DESC LIMIT $5";
    let most = if whose.is_some() { OF_ONE } else { OF_ALL };
    let sql = format!(
        "SELECT t.customer_id FROM ({most}) AS t \
         WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.company_id = $1 \
            AND m.customer_id = t.customer_id AND m.at >= $4) \
         AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.company_id = $1 \
            AND n.customer_id = t.customer_id AND n.recorded_at >= $4) \
         AND NOT EXISTS (SELECT 1 FROM promises p WHERE p.company_id = $1 \
            AND p.customer_id = t.customer_id AND p.recorded_at >= $4) \
         ORDER BY t.open_minor DESC, t.customer_id DESC LIMIT $6"
    );
    let mut binds = binds![company, currency, before, since, among, limit].to_vec();
    if whose.is_some() {
        binds.extend(binds![whose]);
    }
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// What someone did with a line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The customer.
    pub customer: CustomerId,
    /// The reason.
    pub reason: Reason,
    /// What it is about.
    pub subject: Uuid,
    /// The day it is looked at again; `None` when it is done.
    pub again_on: Option<Date>,
}

impl FromRow for Mark {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            customer: row.get()?,
            reason: row.get()?,
            subject: row.get()?,
            again_on: row.get()?,
        })
    }
}

/// Remembers what someone did with a line.
///
/// # Errors
/// What the database says.
pub async fn mark(tx: &mut Tx, stamp: &Stamp, company: CompanyId, mark: Mark) -> Result<()> {
    const SQL: &str = "INSERT INTO work_marks \
        (company_id, customer_id, reason, subject, again_on, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (company_id, customer_id, reason, subject) DO UPDATE SET \
        again_on = excluded.again_on, author = excluded.author, \
        recorded_at = excluded.recorded_at";
    let binds = binds![
        company,
        mark.customer,
        mark.reason,
        mark.subject,
        mark.again_on,
        &stamp.author,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "reason": mark.reason.code(),
        "subject": mark.subject.to_string(),
        "again_on": mark.again_on.map(|it| it.to_string()),
    }});
    let (kind, entity) = ("work.marked", Some(mark.customer.uuid()));
    events::append(tx, stamp, company, kind, entity, &body).await
}

/// What was done with the lines of some customers.
///
/// # Errors
/// What the database says.
pub async fn marks(
    on: impl Access,
    company: CompanyId,
    customers: &[CustomerId],
) -> Result<Vec<Mark>> {
    const SQL: &str = "SELECT customer_id, reason, subject, again_on FROM work_marks \
        WHERE company_id = $1 AND customer_id {uuids:2}";
    let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
    rows(on, SQL, &binds![company, ids], FromRow::from_row).await
}
