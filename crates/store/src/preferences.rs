//! When and how customers want to be contacted.

use domain::customer::Channel;
use domain::preference::{HoursOfDay, Preferences};
use domain::{CompanyId, CustomerId};
use serde_json::json;

use crate::db::{Access, Tx, first, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Columns of preferences, in the order they are read.
pub(crate) const PREFERENCES: &str = "t.hour_from, t.hour_to, t.channels";

impl FromRow for HoursOfDay {
    const WIDTH: usize = 2;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            from: row.get()?,
            to: row.get()?,
        })
    }
}

impl FromRow for Preferences {
    const WIDTH: usize = 3;

    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        let hours = row.get()?;
        let channels: String = row.get()?;
        let channels = channels.split(',').filter_map(|word| word.parse().ok());
        Ok(Self {
            hours,
            channels: channels.collect(),
        })
    }
}

/// What a customer prefers; nothing where it has not said.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Preferences> {
    let sql = format!(
        "SELECT {PREFERENCES} FROM preferences t WHERE t.company_id = $1 AND t.customer_id = $2"
    );
    let read = |row: &mut Row<'_>| Preferences::from_row(row);
    let found = first(on, &sql, &binds![company, customer], read).await?;
    Ok(found.unwrap_or_default())
}

/// Writes what a customer prefers in the place of what it did. Whether that is news.
///
/// # Errors
/// [`crate::StoreError::Constraint`] for hours out of order or no such customer.
pub async fn set(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    wanted: &Preferences,
) -> Result<bool> {
    const SQL: &str = "INSERT INTO preferences \
        (company_id, customer_id, hour_from, hour_to, channels, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (company_id, customer_id) DO UPDATE SET \
        hour_from = excluded.hour_from, hour_to = excluded.hour_to, \
        channels = excluded.channels, author = excluded.author, \
        recorded_at = excluded.recorded_at";
    let before = of_customer(&mut *tx, company, customer).await?;
    if before == *wanted {
        return Ok(false);
    }
    let hours = |side: fn(HoursOfDay) -> u8| wanted.hours.map(|it| i64::from(side(it)));
    let (from, to) = (hours(|it| it.from), hours(|it| it.to));
    let channels = words(&wanted.channels);
    let binds = binds![
        company,
        customer,
        from,
        to,
        &channels,
        &stamp.author,
        stamp.at
    ];
    run(&mut *tx, SQL, &binds).await?;
    let shown = |it: &Preferences| {
        let hours = it.hours.map(|hours| format!("{}-{}", hours.from, hours.to));
        json!({ "hours": hours, "channels": words(&it.channels) })
    };
    let body = json!({ "before": shown(&before), "after": shown(wanted) });
    let entity = Some(customer.uuid());
    events::append(tx, stamp, company, "preferences.changed", entity, &body).await?;
    Ok(true)
}

fn words(channels: &[Channel]) -> String {
    let words: Vec<&str> = channels.iter().map(|it| it.code()).collect();
    words.join(",")
}
