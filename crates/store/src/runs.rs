//! Runs: evaluations of the policy for a company at an instant, and what they decided.

use domain::{CompanyId, CustomerId, DecisionId, RunId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bulk::Heavy;
use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::value::{FromRow, Row, binds};

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Our id.
    pub id: RunId,
    /// Its day.
    pub as_of: Date,
    /// Its instant.
    pub at: Timestamp,
    /// The policy that ruled.
    pub policy_key: String,
    /// Its version.
    pub policy_version: u32,
    /// Hash of the law packs.
    pub law_hash: String,
    /// Its figures; an object.
    pub summary: Value,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; `None` when it was cut short or still runs.
    pub finished_at: Option<Timestamp>,
    /// Whether what it plans waits for a person's release.
    pub review: bool,
    /// Who began it.
    pub author: String,
    /// The day whose scheduled run it is; `None` for one that a person began.
    pub daily_on: Option<Date>,
}

const COLUMNS: &str = "id, as_of, at, policy_key, policy_version, law_hash, summary, started_at, \
    finished_at, review, author, daily_on";

impl FromRow for Run {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            as_of: row.get()?,
            at: row.get()?,
            policy_key: row.get()?,
            policy_version: row.get()?,
            law_hash: row.get()?,
            summary: row.get()?,
            started_at: row.get()?,
            finished_at: row.get()?,
            review: row.get()?,
            author: row.get()?,
            daily_on: row.get()?,
        })
    }
}

/// The scheduled run of a day.
pub(crate) const DAILY: &str = "SELECT id, as_of, at, policy_key, policy_version, law_hash, \
    summary, started_at, finished_at, review, author, daily_on FROM runs \
    WHERE company_id = $1 AND daily_on = $2 AND daily_on IS NOT NULL";

/// Runs that did not end, newest first.
pub(crate) const UNFINISHED: &str = "SELECT id, as_of, at, policy_key, policy_version, law_hash, \
    summary, started_at, finished_at, review, author, daily_on FROM runs \
    WHERE company_id = $1 AND finished_at IS NULL ORDER BY started_at DESC, id DESC LIMIT 20";

/// Writes a run that begins; summary and end are empty whatever `new` says.
pub(crate) async fn insert(heavy: &mut Heavy<'_>, company: CompanyId, new: &Run) -> Result<()> {
    const SQL: &str = "INSERT INTO runs (company_id, id, as_of, at, policy_key, policy_version, \
        law_hash, checkpoint, summary, started_at, finished_at, review, author, daily_on) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8, $9, NULL, $10, $11, $12)";
    let empty = json!({});
    let binds = binds![
        company,
        new.id,
        new.as_of,
        new.at,
        &new.policy_key,
        new.policy_version,
        &new.law_hash,
        &empty,
        new.started_at,
        new.review,
        &new.author,
        new.daily_on,
    ];
    heavy.run(SQL, &binds).await.map(drop)
}

/// Ends a run with its figures, unless another process did.
///
/// # Errors
/// What the database says.
pub async fn finish(
    tx: &mut Tx,
    company: CompanyId,
    id: RunId,
    summary: &Value,
    at: Timestamp,
) -> Result<()> {
    const SQL: &str = "UPDATE runs SET summary = $3, finished_at = $4 \
        WHERE company_id = $1 AND id = $2 AND finished_at IS NULL";
    run(tx, SQL, &binds![company, id, summary, at])
        .await
        .map(drop)
}

/// The run of that id.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, company: CompanyId, id: RunId) -> Result<Option<Run>> {
    let sql = format!("SELECT {COLUMNS} FROM runs WHERE company_id = $1 AND id = $2");
    first(on, &sql, &binds![company, id], FromRow::from_row).await
}

/// The latest run that did not end, if the latest run is one.
///
/// # Errors
/// What the database says.
pub async fn unfinished(on: impl Access, company: CompanyId) -> Result<Option<Run>> {
    let latest = latest(on, company, 1).await?.pop();
    Ok(latest.filter(|run| run.finished_at.is_none()))
}

/// The latest runs, newest first.
///
/// # Errors
/// What the database says.
pub async fn latest(on: impl Access, company: CompanyId, limit: u32) -> Result<Vec<Run>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE company_id = $1 \
         ORDER BY started_at DESC, id DESC LIMIT $2"
    );
    rows(on, &sql, &binds![company, limit], FromRow::from_row).await
}

/// Runs by pages, newest first; `before` is the last of the page before.
///
/// # Errors
/// What the database says.
pub async fn history(
    on: impl Access,
    company: CompanyId,
    before: Option<(Timestamp, RunId)>,
    limit: u32,
) -> Result<Vec<Run>> {
    let Some((at, id)) = before else {
        return latest(on, company, limit).await;
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM runs WHERE company_id = $1 AND (started_at, id) < ($2, $3) \
         ORDER BY started_at DESC, id DESC LIMIT $4"
    );
    rows(on, &sql, &binds![company, at, id, limit], FromRow::from_row).await
}

/// The scheduled run of a day.
///
/// # Errors
/// What the database says.
pub async fn daily(on: impl Access, company: CompanyId, day: Date) -> Result<Option<Run>> {
    first(on, DAILY, &binds![company, day], FromRow::from_row).await
}

/// What a run decided for one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Our id.
    pub id: DecisionId,
    /// The run.
    pub run: RunId,
    /// The customer.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// The run's day.
    pub as_of: Date,
    /// `contact` or `silence`.
    pub outcome: String,
    /// The step, or why nothing happens.
    pub reason: String,
    /// Facts, rule and legal verdict as JSON, as written.
    pub facts: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

const DECISION: &str = "d.id, d.run_id, d.customer_id, c.key, d.as_of, d.outcome, d.reason, \
    d.facts, d.recorded_at";

impl FromRow for Decision {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            run: row.get()?,
            customer: row.get()?,
            customer_key: row.get()?,
            as_of: row.get()?,
            outcome: row.get()?,
            reason: row.get()?,
            facts: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// Decisions by pages, by customer and then in time; `after` is the last of the page before.
///
/// # Errors
/// What the database says.
pub async fn decisions(
    on: impl Access,
    company: CompanyId,
    after: Option<(CustomerId, DecisionId)>,
    limit: u32,
) -> Result<Vec<Decision>> {
    let sql = format!(
        "SELECT {DECISION} FROM decisions d JOIN customers c \
         ON c.company_id = d.company_id AND c.id = d.customer_id \
         WHERE d.company_id = $1 AND (d.customer_id, d.id) > ($2, $3) \
         ORDER BY d.customer_id, d.id LIMIT $4"
    );
    let (customer, id) = after.map_or((Uuid::nil(), Uuid::nil()), |(customer, decision)| {
        (customer.uuid(), decision.uuid())
    });
    rows(
        on,
        &sql,
        &binds![company, customer, id, limit],
        FromRow::from_row,
    )
    .await
}

/// The decisions of one customer, newest first.
///
/// # Errors
/// What the database says.
pub async fn decisions_of(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    limit: u32,
) -> Result<Vec<Decision>> {
    let sql = format!(
        "SELECT {DECISION} FROM decisions d JOIN customers c \
         ON c.company_id = d.company_id AND c.id = d.customer_id \
         WHERE d.company_id = $1 AND d.customer_id = $2 ORDER BY d.id DESC LIMIT $3"
    );
    rows(
        on,
        &sql,
        &binds![company, customer, limit],
        FromRow::from_row,
    )
    .await
}
