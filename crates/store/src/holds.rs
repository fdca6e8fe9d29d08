//! Holds: what is not chased for a while. A hold ends by a fact of its own; the earliest counts.

use domain::hold::Hold;
use domain::{CompanyId, CustomerId, HoldId};
use jiff::civil::Date;
use serde_json::json;

use crate::bulk::read_heavily;
use crate::db::{Access, Db, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::facts::HOLD;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Adds a hold; its author is the hold's own.
///
/// # Errors
/// [`StoreError::Constraint`] when there is no such customer.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    hold: &Hold,
) -> Result<()> {
    const SQL: &str = "INSERT INTO holds (company_id, id, customer_id, document_id, kind, \
        currency, amount_minor, from_on, until_on, reason, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let binds = binds![
        company,
        hold.id,
        customer,
        hold.document,
        hold.kind,
        hold.amount.map(|amount| amount.currency),
        hold.amount.map(|amount| amount.minor),
        hold.from,
        hold.until,
        &hold.reason,
        &hold.author,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "after": {
        "customer": customer.to_string(),
        "document": hold.document.map(|it| it.to_string()),
        "kind": hold.kind.code(),
        "amount": hold.amount.map(|it| it.to_string()),
        "from": hold.from.to_string(),
        "until": hold.until.map(|it| it.to_string()),
        "reason": hold.reason,
    }});
    events::append(
        tx,
        stamp,
        company,
        "hold.added",
        Some(hold.id.uuid()),
        &body,
    )
    .await
}

/// Ends a hold: `until` is the first day on which it no longer holds.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such hold.
pub async fn end(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    hold: HoldId,
    until: Date,
    reason: &str,
) -> Result<()> {
    const SQL: &str = "INSERT INTO hold_ends \
        (company_id, hold_id, until_on, reason, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company_id, hold_id, recorded_at) \
        DO UPDATE SET until_on = excluded.until_on, reason = excluded.reason";
    let Some(before) = get(&mut *tx, company, hold).await? else {
        return Err(StoreError::Missing {
            what: "hold",
            key: hold.to_string(),
        });
    };
    run(
        &mut *tx,
        SQL,
        &binds![company, hold, until, reason, &stamp.author, stamp.at],
    )
    .await?;
    let body = json!({
        "before": { "until": before.until.map(|it| it.to_string()) },
        "after": { "until": until.to_string(), "reason": reason },
    });
    events::append(tx, stamp, company, "hold.ended", Some(hold.uuid()), &body).await
}

/// The hold of that id.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, company: CompanyId, hold: HoldId) -> Result<Option<Hold>> {
    let sql = format!("SELECT {HOLD} FROM holds t WHERE t.company_id = $1 AND t.id = $2");
    first(on, &sql, &binds![company, hold], FromRow::from_row).await
}

/// Every hold of a customer, ended or not, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Vec<Hold>> {
    let sql = format!(
        "SELECT {HOLD} FROM holds t WHERE t.company_id = $1 AND t.customer_id = $2 ORDER BY t.id"
    );
    rows(on, &sql, &binds![company, customer], FromRow::from_row).await
}

/// Holds of one reason on documents of those numbers: the number, the hold, and the first day on
/// which it no longer holds.
///
/// # Errors
/// What the database says.
pub async fn of_documents(
    on: &Db,
    company: CompanyId,
    numbers: &[&str],
    reason: &str,
) -> Result<Vec<(String, HoldId, Option<Date>)>> {
    // CROSS keeps SQLite from walking every hold of the company.
    const SQL: &str = "SELECT d.number, h.id, h.until_on, (SELECT MIN(e.until_on) \
            FROM hold_ends e WHERE e.company_id = h.company_id AND e.hold_id = h.id) \
        FROM documents d CROSS JOIN holds h \
        WHERE d.company_id = $1 AND d.number {texts:2} AND h.company_id = d.company_id \
            AND h.customer_id = d.customer_id AND h.document_id = d.id AND h.reason = $3 \
        ORDER BY h.id";
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let read = |row: &mut Row<'_>| {
        let (number, hold): (String, HoldId) = (row.get()?, row.get()?);
        let (until, ended): (Option<Date>, Option<Date>) = (row.get()?, row.get()?);
        let until = match (until, ended) {
            (Some(until), Some(ended)) => Some(until.min(ended)),
            (until, ended) => until.or(ended),
        };
        Ok((number, hold, until))
    };
    let numbers: Vec<String> = numbers.iter().map(|&it| it.to_owned()).collect();
    let reason = reason.to_owned();
    read_heavily!(on, |heavy| async {
        let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let binds = binds![company, numbers, reason.as_str()];
        heavy.rows(SQL, &binds, read).await
    })
}
