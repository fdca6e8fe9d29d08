//! Applications that a rule found, for many customers in one transaction.

use std::collections::HashSet;

use domain::ledger::NewApplication;
use domain::{CompanyId, CustomerId, ImportId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::import::EVENTS;
use super::made::Part;
use super::{Clash, Heavy, Rows, Table, lock_customers, write_heavily};
use crate::applications::{REFRESH, UNDONE, sides};
use crate::db::Db;
use crate::error::Result;
use crate::portfolio::figures;
use crate::stamp::Stamp;
use crate::value::{Bind, Row, binds};

/// Applications that a rule found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppliedChunk {
    /// The import whose money or documents made the rule find them.
    pub import: Option<ImportId>,
    /// What lies where, with its customer.
    pub applications: Vec<(CustomerId, NewApplication)>,
}

pub(crate) const APPLICATIONS: Table = Table {
    name: "applications",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "payment_id",
        "credit_id",
        "document_id",
        "applied_on",
        "amount_minor",
        "matched",
        "author",
        "recorded_at",
    ],
};

/// Writes applications that a rule found, with what they close. A pair of source and document that
/// a person undid is left out (invariant 16), and so is one that lies there already. Gives how many
/// were written.
///
/// # Errors
/// What the database says; then nothing of the chunk was kept.
pub async fn apply_chunk(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    chunk: AppliedChunk,
) -> Result<u64> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| apply(heavy, stamp, company, chunk))
}

async fn apply(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    chunk: AppliedChunk,
) -> Result<u64> {
    const KNOWN: &str = "SELECT payment_id, credit_id, document_id, matched, amount_minor \
        FROM applications WHERE company_id = $1 AND customer_id {uuids:2} ORDER BY id";
    let mut customers: Vec<Uuid> = chunk.applications.iter().map(|it| it.0.uuid()).collect();
    customers.sort_unstable();
    customers.dedup();
    lock_customers(heavy, company, &customers).await?;

    let mut taken = HashSet::new();
    let mut note = |row: &mut Row<'_>| {
        let pair: (Option<Uuid>, Option<Uuid>, Uuid) = (row.get()?, row.get()?, row.get()?);
        let (matched, minor): (String, i64) = (row.get()?, row.get()?);
        if matched == UNDONE || minor > 0 {
            taken.insert(pair);
        }
        Ok(())
    };
    heavy
        .each(KNOWN, &binds![company, customers.as_slice()], &mut note)
        .await?;

    let mut rows = Rows::new(APPLICATIONS.columns.len());
    let mut events = Rows::new(EVENTS.columns.len());
    for (customer, found) in &chunk.applications {
        let (payment, credit) = sides(found.source);
        if !taken.insert((payment, credit, found.document.uuid())) {
            continue;
        }
        let id = stamp.ids.draw();
        rows.push([
            Bind::from(company),
            id.into(),
            (*customer).into(),
            payment.into(),
            credit.into(),
            found.document.into(),
            found.on.into(),
            found.minor.into(),
            found.matched.code().into(),
            Bind::from(&stamp.author),
            stamp.at.into(),
        ]);
        let body = added(id, found, chunk.import);
        events.push([
            Bind::from(company),
            stamp.ids.draw().into(),
            "application.added".into(),
            found.document.into(),
            body.to_string().into(),
            Bind::from(&stamp.author),
            stamp.at.into(),
        ]);
    }
    let written = heavy.insert(&APPLICATIONS, &rows, Clash::Fail).await?;
    if let Some(import) = chunk.import {
        let part = Part::new(&stamp, company, import);
        part.made(heavy, &[("applications", &rows, &[1])]).await?;
    }
    heavy.insert(&EVENTS, &events, Clash::Fail).await?;
    refresh(heavy, company, &customers).await?;
    let ids: Vec<CustomerId> = customers.into_iter().map(CustomerId::from_uuid).collect();
    figures::refresh(heavy, company, &ids, stamp.at).await?;
    Ok(written)
}

/// The event of an application.
fn added(id: Uuid, found: &NewApplication, import: Option<ImportId>) -> Value {
    let (payment, credit) = sides(found.source);
    let mut body = json!({ "after": {
        "application": id.to_string(),
        "payment": payment.map(|it| it.to_string()),
        "credit": credit.map(|it| it.to_string()),
        "minor": found.minor,
        "on": found.on.to_string(),
        "matched": found.matched.code(),
    }});
    if let Some(import) = import {
        body["import"] = json!(import.to_string());
    }
    body
}

/// Derives anew what is closed for these customers.
pub(super) async fn refresh(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: &[Uuid],
) -> Result<()> {
    if customers.is_empty() {
        return Ok(());
    }
    for sql in REFRESH {
        heavy.run(sql, &binds![company, customers]).await?;
    }
    Ok(())
}
