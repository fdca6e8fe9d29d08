//! Addresses of customers as people add and correct them; imports write theirs in bulk.

use domain::customer::{Channel, Consent, ContactPoint};
use domain::{CompanyId, ContactPointId, CustomerId};
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::companies::events_of_change;
use crate::consents;
use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::facts::CONTACT_POINT;
use crate::kin::address;
use crate::opt_outs::same_of;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// The address of that id.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    (customer, point): (CustomerId, ContactPointId),
) -> Result<Option<ContactPoint>> {
    let sql = format!(
        "SELECT {CONTACT_POINT} FROM contact_points t \
         WHERE t.company_id = $1 AND t.customer_id = $2 AND t.id = $3"
    );
    first(
        on,
        &sql,
        &binds![company, customer, point],
        FromRow::from_row,
    )
    .await
}

/// The addresses of some ids, all of these customers.
///
/// # Errors
/// What the database says.
pub async fn addresses(
    on: impl Access,
    company: CompanyId,
    (customers, points): (&[Uuid], &[Uuid]),
) -> Result<Vec<(Uuid, String)>> {
    const SQL: &str = "SELECT t.id, t.address FROM contact_points t \
        WHERE t.company_id = $1 AND t.customer_id {uuids:2} AND t.id {uuids:3}";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let binds = binds![company, customers.to_vec(), points.to_vec()];
    rows(on, SQL, &binds, read).await
}

/// Who has one of some addresses on a channel, telephones by their last digits, in the order of
/// their ids.
///
/// # Errors
/// What the database says.
pub async fn owners(
    on: impl Access,
    company: CompanyId,
    (channel, addresses): (Channel, &[String]),
) -> Result<Vec<CustomerId>> {
    const SQL: &str = concat!(
        "SELECT DISTINCT t.customer_id FROM contact_points t \
         WHERE t.company_id = $1 AND t.channel = $2 AND ",
        address!("t"),
        " {texts:3} ORDER BY t.customer_id"
    );
    let same = addresses.iter().map(|it| same_of(channel, it));
    let addresses: Vec<&str> = same.collect();
    rows(
        on,
        SQL,
        &binds![company, channel, addresses],
        FromRow::from_row,
    )
    .await
}

/// Adds an address.
///
/// # Errors
/// [`StoreError::Exists`] when the customer has it already on the channel.
pub async fn add(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    point: &ContactPoint,
) -> Result<()> {
    const SQL: &str = "INSERT INTO contact_points (company_id, customer_id, id, channel, address, \
        role, source, health, consent, consent_on, consent_source, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let (word, on, source) = consent_columns(&point.consent);
    let binds = binds![
        company,
        customer,
        point.id,
        point.channel,
        &point.address,
        point.role,
        point.source,
        point.health,
        word,
        on,
        source,
        stamp.at,
    ];
    let done = run(&mut *tx, SQL, &binds).await;
    done.map_err(|error| error.named("contact point", &point.address))?;
    let whose = (customer, point.id, point.channel);
    let said = (&Consent::Unknown, &point.consent);
    consents::follow(tx, stamp, company, whose, said).await?;
    let mut after = body(point);
    after["customer"] = json!(customer.to_string());
    let (kind, entity) = ("contact_point.added", Some(point.id.uuid()));
    let body = json!({ "after": after });
    events::append(tx, stamp, company, kind, entity, &body).await
}

/// Overwrites an address but its id and channel.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such address, [`StoreError::Exists`] when the customer
/// has the new one already.
pub async fn change(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    point: &ContactPoint,
) -> Result<()> {
    const SQL: &str = "UPDATE contact_points SET address = $4, role = $5, source = $6, \
        health = $7, consent = $8, consent_on = $9, consent_source = $10 \
        WHERE company_id = $1 AND customer_id = $2 AND id = $3";
    let before = get(&mut *tx, company, (customer, point.id)).await?;
    let Some(before) = before else {
        return Err(StoreError::Missing {
            what: "contact point",
            key: point.id.to_string(),
        });
    };
    let known = before.consent.clone();
    let (before, after) = events_of_change(&body(&before), &body(point));
    if before == after {
        return Ok(());
    }
    let (word, on, source) = consent_columns(&point.consent);
    let binds = binds![
        company,
        customer,
        point.id,
        &point.address,
        point.role,
        point.source,
        point.health,
        word,
        on,
        source,
    ];
    let done = run(&mut *tx, SQL, &binds).await;
    done.map_err(|error| error.named("contact point", &point.address))?;
    let whose = (customer, point.id, point.channel);
    consents::follow(tx, stamp, company, whose, (&known, &point.consent)).await?;
    let (kind, entity) = ("contact_point.changed", Some(point.id.uuid()));
    let body = json!({ "before": before, "after": after });
    events::append(tx, stamp, company, kind, entity, &body).await
}

fn consent_columns(consent: &Consent) -> (&'static str, Option<Date>, Option<&str>) {
    match consent {
        Consent::Unknown => ("unknown", None, None),
        Consent::Given { on, source } => ("given", Some(*on), Some(source)),
        Consent::Withdrawn { on } => ("withdrawn", Some(*on), None),
    }
}

fn body(point: &ContactPoint) -> Value {
    let (consent, on, source) = consent_columns(&point.consent);
    json!({
        "channel": point.channel.code(),
        "address": point.address,
        "role": point.role.map(|it| it.code()),
        "source": point.source.map(|it| it.code()),
        "health": point.health.code(),
        "consent": consent,
        "consent_on": on.map(|it| it.to_string()),
        "consent_source": source,
    })
}
