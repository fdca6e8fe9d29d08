//! Who looks after a customer.

use domain::{CompanyId, CustomerId, UserId};
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Gives a customer to a user, or to nobody. Returns whether that is a change.
///
/// # Errors
/// What the database says.
pub async fn set(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    user: Option<UserId>,
) -> Result<bool> {
    const SET: &str = "INSERT INTO assignments \
        (company_id, customer_id, user_id, author, recorded_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (company_id, customer_id) DO UPDATE SET user_id = excluded.user_id, \
        author = excluded.author, recorded_at = excluded.recorded_at";
    const CLEAR: &str = "DELETE FROM assignments WHERE company_id = $1 AND customer_id = $2";
    let before = of_customer(&mut *tx, company, customer).await?;
    if before == user {
        return Ok(false);
    }
    match user {
        Some(user) => {
            let binds = binds![company, customer, user, &stamp.author, stamp.at];
            run(&mut *tx, SET, &binds).await?;
        }
        None => {
            run(&mut *tx, CLEAR, &binds![company, customer]).await?;
        }
    }
    let body = json!({
        "before": { "user": before.map(|it| it.to_string()) },
        "after": { "user": user.map(|it| it.to_string()) },
    });
    let (kind, entity) = ("customer.assigned", Some(customer.uuid()));
    events::append(tx, stamp, company, kind, entity, &body).await?;
    Ok(true)
}

/// Who looks after a customer.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Option<UserId>> {
    const SQL: &str = "SELECT user_id FROM assignments WHERE company_id = $1 AND customer_id = $2";
    first(on, SQL, &binds![company, customer], FromRow::from_row).await
}

/// Who looks after some customers; those nobody has are not among them.
///
/// # Errors
/// What the database says.
pub async fn of_customers(
    on: impl Access,
    company: CompanyId,
    customers: &[CustomerId],
) -> Result<Vec<(CustomerId, UserId)>> {
    const SQL: &str = "SELECT customer_id, user_id FROM assignments \
        WHERE company_id = $1 AND customer_id {uuids:2} ORDER BY customer_id";
    let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    rows(on, SQL, &binds![company, ids], read).await
}
