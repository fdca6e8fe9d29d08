//! When customers want to be written to.

use domain::{CompanyId, CustomerId};
use serde_json::json;

use crate::db::{Access, Tx, first, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Hours of the customer's own day, `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoursOfDay {
    /// First hour, 0 to 23.
    pub from: u8,
    /// The hour behind the last, 1 to 24.
    pub to: u8,
}

impl FromRow for HoursOfDay {
    const WIDTH: usize = 2;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            from: row.get()?,
            to: row.get()?,
        })
    }
}

/// The hours a customer prefers; `None` where any will do.
///
/// # Errors
/// What the database says.
pub async fn hours(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Option<HoursOfDay>> {
    const SQL: &str = "SELECT hour_from, hour_to FROM preferences \
        WHERE company_id = $1 AND customer_id = $2";
    let found: Option<Option<HoursOfDay>> =
        first(on, SQL, &binds![company, customer], FromRow::from_row).await?;
    Ok(found.flatten())
}

/// Writes the hours a customer prefers in the place of earlier ones.
///
/// # Errors
/// [`crate::StoreError::Constraint`] for hours out of order or no such customer.
pub async fn set_hours(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    hours: Option<HoursOfDay>,
) -> Result<()> {
    const SQL: &str = "INSERT INTO preferences \
        (company_id, customer_id, hour_from, hour_to, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company_id, customer_id) DO UPDATE SET \
        hour_from = excluded.hour_from, hour_to = excluded.hour_to, author = excluded.author, \
        recorded_at = excluded.recorded_at";
    let before = self::hours(&mut *tx, company, customer).await?;
    if before == hours {
        return Ok(());
    }
    let (from, to) = (hours.map(|it| it.from), hours.map(|it| it.to));
    let binds = binds![company, customer, from, to, &stamp.author, stamp.at];
    run(&mut *tx, SQL, &binds).await?;
    let shown = |hours: Option<HoursOfDay>| hours.map(|it| format!("{}-{}", it.from, it.to));
    let body = json!({
        "before": { "hours": shown(before) },
        "after": { "hours": shown(hours) },
    });
    let entity = Some(customer.uuid());
    events::append(tx, stamp, company, "preferences.changed", entity, &body).await
}
