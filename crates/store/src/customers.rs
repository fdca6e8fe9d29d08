//! Customers and their addresses.

use std::collections::HashMap;

use domain::customer::{Channel, ContactPoint, Customer, Health};
use domain::search::name_key;
use domain::{CompanyId, ContactPointId, CustomerId};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::companies::events_of_change;
use crate::db::{Access, Db, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::facts::{CONTACT_POINT, CUSTOMER};
use crate::search;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// A customer with what a decision does not look at.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerRecord {
    /// The customer.
    pub customer: Customer,
    /// Unmapped columns of its sources; an object.
    pub extra: Value,
    /// When it was first recorded.
    pub recorded_at: Timestamp,
}

impl FromRow for CustomerRecord {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            customer: row.get()?,
            extra: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// The customer of that key, with addresses.
///
/// # Errors
/// What the database says.
pub async fn by_key(db: &Db, company: CompanyId, key: &str) -> Result<Option<CustomerRecord>> {
    let sql = format!(
        "SELECT {CUSTOMER}, c.extra, c.recorded_at FROM customers c \
         WHERE c.company_id = $1 AND c.key = $2"
    );
    let found: Option<CustomerRecord> =
        first(db, &sql, &binds![company, key], FromRow::from_row).await?;
    let mut found: Vec<_> = found.into_iter().collect();
    lay_contact_points(db, company, &mut found).await?;
    Ok(found.pop())
}

/// The customer of that id, with addresses.
///
/// # Errors
/// What the database says.
pub async fn get(
    db: &Db,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Option<CustomerRecord>> {
    let sql = format!(
        "SELECT {CUSTOMER}, c.extra, c.recorded_at FROM customers c \
         WHERE c.company_id = $1 AND c.id = $2"
    );
    let binds = binds![company, customer];
    let found: Option<CustomerRecord> = first(db, &sql, &binds, FromRow::from_row).await?;
    let mut found: Vec<_> = found.into_iter().collect();
    lay_contact_points(db, company, &mut found).await?;
    Ok(found.pop())
}

/// The id of the customer of that key.
///
/// # Errors
/// What the database says.
pub async fn id_of(on: impl Access, company: CompanyId, key: &str) -> Result<Option<CustomerId>> {
    const SQL: &str = "SELECT id FROM customers WHERE company_id = $1 AND key = $2";
    first(on, SQL, &binds![company, key], FromRow::from_row).await
}

/// Customers by pages, with addresses, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn page(
    db: &Db,
    company: CompanyId,
    after: Option<CustomerId>,
    limit: u32,
) -> Result<Vec<CustomerRecord>> {
    let sql = format!(
        "SELECT {CUSTOMER}, c.extra, c.recorded_at FROM customers c \
         WHERE c.company_id = $1 AND c.id > $2 ORDER BY c.id LIMIT $3"
    );
    let after = after.map_or(Uuid::nil(), CustomerId::uuid);
    let mut page = rows(db, &sql, &binds![company, after, limit], FromRow::from_row).await?;
    lay_contact_points(db, company, &mut page).await?;
    Ok(page)
}

/// Keys of customers by their ids, in the order of ids.
///
/// # Errors
/// What the database says.
pub async fn keys(
    on: impl Access,
    company: CompanyId,
    customers: &[CustomerId],
) -> Result<Vec<(CustomerId, String)>> {
    const SQL: &str = "SELECT id, key FROM customers WHERE company_id = $1 AND id {uuids:2} \
        ORDER BY id";
    let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
    rows(on, SQL, &binds![company, ids], |row| {
        Ok((row.get()?, row.get()?))
    })
    .await
}

/// Keys and names of customers by their ids, in the order of ids.
///
/// # Errors
/// What the database says.
pub async fn names(
    on: impl Access,
    company: CompanyId,
    customers: &[CustomerId],
) -> Result<Vec<(CustomerId, String, String)>> {
    const SQL: &str = "SELECT id, key, name FROM customers \
        WHERE company_id = $1 AND id {uuids:2} ORDER BY id";
    let ids: Vec<Uuid> = customers.iter().map(|it| it.uuid()).collect();
    rows(on, SQL, &binds![company, ids], |row| {
        Ok((row.get()?, row.get()?, row.get()?))
    })
    .await
}

/// How many customers there are.
///
/// # Errors
/// What the database says.
pub async fn count(on: impl Access, company: CompanyId) -> Result<u64> {
    const SQL: &str = "SELECT COUNT(*) FROM customers WHERE company_id = $1";
    let count: Option<i64> = first(on, SQL, &binds![company], FromRow::from_row).await?;
    Ok(count.unwrap_or(0).unsigned_abs())
}

async fn lay_contact_points(
    db: &Db,
    company: CompanyId,
    customers: &mut [CustomerRecord],
) -> Result<()> {
    let sql = format!(
        "SELECT t.customer_id, {CONTACT_POINT} FROM contact_points t \
         WHERE t.company_id = $1 AND t.customer_id {{uuids:2}} ORDER BY t.customer_id, t.id"
    );
    let ids: Vec<Uuid> = customers.iter().map(|it| it.customer.id.uuid()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let points: Vec<(CustomerId, ContactPoint)> =
        rows(db, &sql, &binds![company, ids], read).await?;
    for (customer, point) in points {
        let owner = customers.binary_search_by_key(&customer, |it| it.customer.id);
        if let Ok(owner) = owner {
            customers[owner].customer.contact_points.push(point);
        }
    }
    Ok(())
}

/// Overwrites a customer's record but its id, key and addresses.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such customer.
pub async fn change(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: &Customer,
) -> Result<()> {
    const SQL: &str = "UPDATE customers SET name = $3, class = $4, country = $5, \
        subdivision = $6, zone = $7, language = $8, tax_id = $9, importance = $10, \
        behaviour = $11, tags = $12, legal_events = $13, name_key = $14 WHERE company_id = $1 AND id = $2";
    let sql = format!("SELECT {CUSTOMER} FROM customers c WHERE c.company_id = $1 AND c.id = $2");
    let binds = binds![company, customer.id];
    let before: Option<Customer> = first(&mut *tx, &sql, &binds, FromRow::from_row).await?;
    let Some(before) = before else {
        return Err(StoreError::Missing {
            what: "customer",
            key: customer.key.clone(),
        });
    };
    let known = before;
    let (before, after) = events_of_change(&body(&known), &body(customer));
    if before == after {
        return Ok(());
    }
    let body = json!({ "before": before, "after": after });
    let (tags, legal) = (json!(customer.tags), legal_events_json(customer));
    let binds = binds![
        company,
        customer.id,
        &customer.name,
        customer.class,
        customer.country,
        &customer.subdivision,
        &customer.zone,
        &customer.language,
        &customer.tax_id,
        customer.importance,
        customer.behaviour,
        &tags,
        &legal,
        search::bytes(name_key(&customer.name)),
    ];
    run(&mut *tx, SQL, &binds).await?;
    search::change(&mut *tx, company, &known, customer).await?;
    events::append(
        tx,
        stamp,
        company,
        "customer.changed",
        Some(customer.id.uuid()),
        &body,
    )
    .await
}

/// The words attached to a customer; `None` for a customer that is not there.
///
/// # Errors
/// What the database says.
pub async fn tags(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
) -> Result<Option<Vec<String>>> {
    const SQL: &str = "SELECT tags FROM customers WHERE company_id = $1 AND id = $2";
    let tags: Option<Value> = first(on, SQL, &binds![company, customer], FromRow::from_row).await?;
    Ok(tags.map(|tags| serde_json::from_value(tags).unwrap_or_default()))
}

/// Attaches these words to a customer in place of those that were.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such customer.
pub async fn set_tags(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    customer: CustomerId,
    now: &[String],
) -> Result<()> {
    const SQL: &str = "UPDATE customers SET tags = $3 WHERE company_id = $1 AND id = $2";
    let Some(before) = tags(&mut *tx, company, customer).await? else {
        return Err(StoreError::Missing {
            what: "customer",
            key: customer.to_string(),
        });
    };
    if before == now {
        return Ok(());
    }
    run(&mut *tx, SQL, &binds![company, customer, &json!(now)]).await?;
    search::change_tags(&mut *tx, company, customer, (&before, now)).await?;
    let body = json!({ "before": { "tags": before }, "after": { "tags": now } });
    let (kind, entity) = ("customer.changed", Some(customer.uuid()));
    events::append(tx, stamp, company, kind, entity, &body).await
}

/// Says how an address works from now on.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such address.
pub async fn set_health(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    point: (CustomerId, ContactPointId),
    health: Health,
) -> Result<()> {
    const SQL: &str = "UPDATE contact_points SET health = $4 \
        WHERE company_id = $1 AND customer_id = $2 AND id = $3";
    let (customer, point) = point;
    if run(&mut *tx, SQL, &binds![company, customer, point, health]).await? == 0 {
        return Err(StoreError::Missing {
            what: "contact point",
            key: point.to_string(),
        });
    }
    let body = json!({ "after": { "health": health.code() } });
    events::append(
        tx,
        stamp,
        company,
        "contact_point.changed",
        Some(point.uuid()),
        &body,
    )
    .await
}

/// Locks a customer against other writers of its facts until the transaction ends; whether there is
/// such a customer.
///
/// # Errors
/// What the database says.
pub async fn lock(tx: &mut Tx, company: CompanyId, customer: CustomerId) -> Result<bool> {
    const SQL: &str = "SELECT id FROM customers WHERE company_id = $1 AND id = $2 {lock}";
    let found: Option<CustomerId> =
        first(tx, SQL, &binds![company, customer], FromRow::from_row).await?;
    Ok(found.is_some())
}

/// The customer's addresses on a channel, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn points_on(
    on: impl Access,
    company: CompanyId,
    customer: CustomerId,
    channel: Channel,
) -> Result<Vec<ContactPoint>> {
    let sql = format!(
        "SELECT {CONTACT_POINT} FROM contact_points t WHERE t.company_id = $1 \
         AND t.customer_id = $2 AND t.channel = $3 ORDER BY t.id"
    );
    rows(
        on,
        &sql,
        &binds![company, customer, channel],
        FromRow::from_row,
    )
    .await
}

pub(crate) fn body(customer: &Customer) -> Value {
    json!({
        "name": customer.name,
        "class": customer.class.map(|it| it.code()),
        "country": customer.country.map(|it| it.code().to_owned()),
        "subdivision": customer.subdivision,
        "zone": customer.zone,
        "language": customer.language,
        "tax_id": customer.tax_id,
        "importance": customer.importance,
        "behaviour": customer.behaviour.map(|it| it.code()),
        "tags": customer.tags,
        "legal_events": legal_events_json(customer),
    })
}

pub(crate) fn legal_events_json(customer: &Customer) -> Value {
    let event = |it: &domain::customer::LegalEvent| {
        let mut event = json!({ "event": it.event, "on": it.on.to_string() });
        if let Some(source) = &it.source {
            event["source"] = json!(source);
        }
        event
    };
    customer.legal_events.iter().map(event).collect()
}

/// Keys of customers by what else is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identities {
    /// By tax id.
    pub by_tax_id: HashMap<String, String>,
    /// By name, letter for letter.
    pub by_name: HashMap<String, String>,
}

/// Customers with one of these tax ids or names. Where several share one, the first by id is given:
/// the same answer every time.
///
/// # Errors
/// What the database says.
pub async fn identities(
    db: &Db,
    company: CompanyId,
    tax_ids: &[&str],
    names: &[&str],
) -> Result<Identities> {
    const BY_TAX_ID: &str = "SELECT tax_id, key FROM customers \
        WHERE company_id = $1 AND tax_id {texts:2} ORDER BY id DESC";
    const BY_NAME: &str = "SELECT name, key FROM customers \
        WHERE company_id = $1 AND name {texts:2} ORDER BY id DESC";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let mut found = Identities::default();
    if !tax_ids.is_empty() {
        let binds = binds![company, tax_ids.to_vec()];
        found.by_tax_id = rows(db, BY_TAX_ID, &binds, read)
            .await?
            .into_iter()
            .collect();
    }
    if !names.is_empty() {
        let binds = binds![company, names.to_vec()];
        found.by_name = rows(db, BY_NAME, &binds, read).await?.into_iter().collect();
    }
    Ok(found)
}
