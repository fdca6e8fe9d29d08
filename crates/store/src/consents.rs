//! What customers said about being contacted, for which purpose and where that is on record.
//! Append-only: the latest of an address and purpose holds.

use domain::customer::{Channel, Consent};
use domain::preference::{Purpose, Said, Statement};
use domain::{CompanyId, ContactPointId, CustomerId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::opt_outs;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A line of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    /// Our id.
    pub id: Uuid,
    /// The address it was said of.
    pub point: ContactPointId,
    /// Its channel.
    pub channel: Channel,
    /// What was said.
    pub said: Statement,
    /// Who wrote it down.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

impl FromRow for ConsentRecord {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            point: row.get()?,
            channel: row.get()?,
            said: Statement {
                purpose: row.get()?,
                said: row.get()?,
                since: row.get()?,
                source: row.get()?,
                shown: row.get()?,
            },
            author: row.get()?,
            at: row.get()?,
        })
    }
}

/// What a customer said, the latest first.
///
/// # Errors
/// What the database says.
pub async fn of_customer(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    limit: u32,
) -> Result<Vec<ConsentRecord>> {
    const SQL: &str = "SELECT id, point_id, channel, purpose, state, since, source, shown, \
        author, recorded_at FROM consents WHERE company_id = $1 AND customer_id = $2 \
        ORDER BY recorded_at DESC, id DESC LIMIT $3";
    rows(
        on,
        SQL,
        &binds![company, customer, limit],
        FromRow::from_row,
    )
    .await
}

/// Writes down what a customer said. What is said of collection holds for the address from now on,
/// and so for what is planned to it.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such address.
pub async fn say(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (customer, point): (CustomerId, ContactPointId),
    said: &Statement,
) -> Result<()> {
    const CHANNEL: &str = "SELECT channel FROM contact_points \
        WHERE company_id = $1 AND customer_id = $2 AND id = $3";
    const SET: &str = "UPDATE contact_points SET consent = $4, consent_on = $5, \
        consent_source = $6 WHERE company_id = $1 AND customer_id = $2 AND id = $3";
    let binds = binds![company, customer, point];
    let channel: Option<Channel> = first(&mut *tx, CHANNEL, &binds, FromRow::from_row).await?;
    let Some(channel) = channel else {
        return Err(StoreError::Missing {
            what: "contact point",
            key: point.to_string(),
        });
    };
    if said.purpose == Purpose::Collection {
        let known = said.said != Said::Unknown;
        let source = known.then_some(said.source.as_str());
        let on = known.then_some(said.since);
        let binds = binds![company, customer, point, said.said, on, source];
        run(&mut *tx, SET, &binds).await?;
    }
    add(tx, stamp, company, (customer, point, channel), said).await?;
    let body = json!({ "after": {
        "purpose": said.purpose.code(),
        "consent": said.said.code(),
        "consent_on": said.since.to_string(),
        "consent_source": said.source,
    }});
    let kind = "contact_point.changed";
    events::append(tx, stamp, company, kind, Some(point.uuid()), &body).await
}

/// Adds the line that belongs to a change of an address's consent, where there is one.
pub(crate) async fn follow(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    whose: (CustomerId, ContactPointId, Channel),
    (before, after): (&Consent, &Consent),
) -> Result<()> {
    if before == after {
        return Ok(());
    }
    let today = stamp.at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let said = Statement::of_consent(after, today);
    add(tx, stamp, company, whose, &said).await
}

async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (customer, point, channel): (CustomerId, ContactPointId, Channel),
    said: &Statement,
) -> Result<()> {
    const SQL: &str = "INSERT INTO consents (company_id, customer_id, id, point_id, channel, \
        purpose, state, since, source, shown, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let binds = binds![
        company,
        customer,
        stamp.ids.draw(),
        point,
        channel,
        said.purpose,
        said.said,
        said.since,
        &said.source,
        &said.shown,
        &stamp.author,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    if said.purpose == Purpose::Collection {
        let what = (said.said, said.since);
        opt_outs::keep(tx, stamp, company, (customer, point), what).await?;
    }
    Ok(())
}
