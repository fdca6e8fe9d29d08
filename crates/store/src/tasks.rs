//! What a person has to look at.

use domain::{CompanyId, ContactId, CustomerId, TaskId};
use jiff::Timestamp;

use crate::db::{Access, Tx, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Our id.
    pub id: TaskId,
    /// The customer it is about.
    pub customer: Option<CustomerId>,
    /// The contact it is about.
    pub contact: Option<ContactId>,
    /// Its kind, a word.
    pub kind: String,
    /// What to do, in Spanish.
    pub text: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

impl FromRow for Task {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            customer: row.get()?,
            contact: row.get()?,
            kind: row.get()?,
            text: row.get()?,
            recorded_at: row.get()?,
            done_at: row.get()?,
        })
    }
}

/// Adds a task.
///
/// # Errors
/// What the database says.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    about: (Option<CustomerId>, Option<ContactId>),
    kind: &str,
    text: &str,
) -> Result<TaskId> {
    const SQL: &str = "INSERT INTO tasks \
        (company_id, id, customer_id, contact_id, kind, text, recorded_at, done_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)";
    let id = TaskId::from_uuid(stamp.ids.draw());
    run(
        tx,
        SQL,
        &binds![company, id, about.0, about.1, kind, text, stamp.at],
    )
    .await?;
    Ok(id)
}

/// Adds a task about no customer, unless one of that kind and text is open.
///
/// # Errors
/// What the database says.
pub async fn add_once(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    kind: &str,
    text: &str,
) -> Result<()> {
    const SQL: &str = "INSERT INTO tasks \
        (company_id, id, customer_id, contact_id, kind, text, recorded_at, done_at) \
        SELECT $1, $2, NULL, NULL, $3, $4, $5, NULL WHERE NOT EXISTS (SELECT 1 FROM tasks \
            WHERE company_id = $1 AND kind = $3 AND text = $4 AND done_at IS NULL)";
    let id = TaskId::from_uuid(stamp.ids.draw());
    let binds = binds![company, id, kind, text, stamp.at];
    run(tx, SQL, &binds).await?;
    Ok(())
}

/// Adds a task about a customer, unless one of that kind about it is open. Gives whether it did.
///
/// # Errors
/// What the database says.
pub async fn add_once_of(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    kind: &str,
    text: &str,
) -> Result<bool> {
    const SQL: &str = "INSERT INTO tasks \
        (company_id, id, customer_id, contact_id, kind, text, recorded_at, done_at) \
        SELECT $1, $2, $3, NULL, $4, $5, $6, NULL WHERE NOT EXISTS (SELECT 1 FROM tasks \
            WHERE company_id = $1 AND customer_id = $3 AND kind = $4 AND done_at IS NULL)";
    let id = TaskId::from_uuid(stamp.ids.draw());
    let binds = binds![company, id, customer, kind, text, stamp.at];
    Ok(run(tx, SQL, &binds).await? > 0)
}

/// Marks a task as done.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such open task.
pub async fn done(tx: &mut Tx, stamp: &Stamp, company: CompanyId, task: TaskId) -> Result<()> {
    const SQL: &str = "UPDATE tasks SET done_at = $3 \
        WHERE company_id = $1 AND id = $2 AND done_at IS NULL";
    if run(&mut *tx, SQL, &binds![company, task, stamp.at]).await? == 0 {
        return Err(StoreError::Missing {
            what: "open task",
            key: task.to_string(),
        });
    }
    let body = serde_json::json!({ "after": { "done": true } });
    events::append(tx, stamp, company, "task.done", Some(task.uuid()), &body).await
}

/// Marks the open tasks of a kind that are about no customer as done: what they asked for happened.
///
/// # Errors
/// What the database says.
pub async fn done_of_kind(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    kind: &str,
) -> Result<()> {
    const OPEN: &str = "SELECT id FROM tasks WHERE company_id = $1 AND kind = $2 \
        AND customer_id IS NULL AND done_at IS NULL";
    let open: Vec<TaskId> = rows(&mut *tx, OPEN, &binds![company, kind], FromRow::from_row).await?;
    for task in open {
        done(&mut *tx, stamp, company, task).await?;
    }
    Ok(())
}

/// Open tasks, oldest first.
///
/// # Errors
/// What the database says.
pub async fn open(on: impl Access, company: CompanyId, limit: u32) -> Result<Vec<Task>> {
    const SQL: &str = "SELECT id, customer_id, contact_id, kind, text, recorded_at, done_at \
        FROM tasks WHERE company_id = $1 AND done_at IS NULL ORDER BY recorded_at, id LIMIT $2";
    rows(on, SQL, &binds![company, limit], FromRow::from_row).await
}
