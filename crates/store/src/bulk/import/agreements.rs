//! Holds, promises, and the rows that could not be read.

use std::collections::{HashMap, HashSet};

use domain::hold::Hold;
use domain::promise::Promise;
use jiff::civil::Date;
use uuid::Uuid;

use super::super::import_facts::{HoldFacts, ImportChunk, Refusal};
use super::super::{Heavy, Table};
use super::Plan;
use super::documents::Documents;
use crate::error::Result;
use crate::facts::{HOLD, PROMISE};
use crate::value::{Bind, Row, binds};

pub(super) const HOLDS: Table = Table {
    name: "holds",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "document_id",
        "kind",
        "currency",
        "amount_minor",
        "from_on",
        "until_on",
        "reason",
        "author",
        "recorded_at",
    ],
};

pub(super) const PROMISES: Table = Table {
    name: "promises",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "currency",
        "amount_minor",
        "made_on",
        "due_on",
        "note",
        "author",
        "recorded_at",
    ],
};

pub(super) const QUARANTINE: Table = Table {
    name: "quarantine",
    columns: &[
        "company_id",
        "id",
        "import_id",
        "file",
        "row_number",
        "field",
        "reason",
        "raw",
        "digest",
        "state",
        "recorded_at",
    ],
};

/// Plans holds that are not there yet.
pub(super) async fn plan_holds<'a>(
    heavy: &mut Heavy<'_>,
    plan: &mut Plan<'a>,
    chunk: &'a ImportChunk,
    customers: &HashMap<String, Uuid>,
    documents: &Documents<'_>,
) -> Result<()> {
    if chunk.holds.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT t.customer_id, {HOLD} FROM holds t \
         WHERE t.company_id = $1 AND t.customer_id {{uuids:2}}"
    );
    let owners = owners(chunk.holds.iter().map(|it| &it.customer), customers);
    let mut known: HashMap<Uuid, Vec<Hold>> = HashMap::new();
    let mut note = |row: &mut Row<'_>| {
        let (owner, hold) = (row.get()?, row.get()?);
        known.entry(owner).or_default().push(hold);
        Ok(())
    };
    heavy
        .each(&sql, &binds![plan.company, owners], &mut note)
        .await?;
    let mut seen = HashSet::new();
    for facts in &chunk.holds {
        let Some(owner) = customers.get(&facts.customer).copied() else {
            continue;
        };
        let document = match &facts.document {
            None => None,
            Some(number) => match documents.get(number) {
                Some(entry) if entry.customer == owner => Some(entry.id),
                Some(_) => {
                    plan.refuse("hold", number, Refusal::CustomersDiffer);
                    continue;
                }
                None => {
                    plan.refuse("hold", number, Refusal::UnknownDocument);
                    continue;
                }
            },
        };
        let same = |hold: &Hold| {
            hold.document.map(domain::DocumentId::uuid) == document
                && hold.kind == facts.kind
                && hold.reason == facts.reason
                && hold.until.is_none_or(|until| until > facts.from)
        };
        let stored = known
            .get(&owner)
            .is_some_and(|holds| holds.iter().any(same));
        if stored || !seen.insert((owner, document, facts.kind, facts.reason.as_str())) {
            plan.counts.holds.unchanged += 1;
            continue;
        }
        push_hold(plan, owner, document, facts);
    }
    Ok(())
}

fn owners<'k>(
    keys: impl Iterator<Item = &'k String>,
    customers: &HashMap<String, Uuid>,
) -> Vec<Uuid> {
    let mut owners: Vec<Uuid> = keys.filter_map(|key| customers.get(key)).copied().collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

fn push_hold<'a>(plan: &mut Plan<'a>, owner: Uuid, document: Option<Uuid>, facts: &'a HoldFacts) {
    plan.counts.holds.created += 1;
    plan.touched.insert(owner);
    plan.holds.push([
        Bind::from(plan.company),
        plan.id().into(),
        owner.into(),
        document.into(),
        facts.kind.into(),
        facts.amount.map(|amount| amount.currency).into(),
        facts.amount.map(|amount| amount.minor).into(),
        facts.from.into(),
        facts.until.into(),
        Bind::from(&facts.reason),
        Bind::from(&plan.stamp.author),
        plan.stamp.at.into(),
    ]);
}

/// Plans promises that are not there yet.
pub(super) async fn plan_promises<'a>(
    heavy: &mut Heavy<'_>,
    plan: &mut Plan<'a>,
    chunk: &'a ImportChunk,
    customers: &HashMap<String, Uuid>,
) -> Result<()> {
    if chunk.promises.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT t.customer_id, {PROMISE} FROM promises t \
         WHERE t.company_id = $1 AND t.customer_id {{uuids:2}}"
    );
    let owners = owners(chunk.promises.iter().map(|it| &it.customer), customers);
    let mut known: HashSet<(Uuid, domain::Money, Date, Date)> = HashSet::new();
    let mut note = |row: &mut Row<'_>| {
        let (owner, promise): (Uuid, Promise) = (row.get()?, row.get()?);
        known.insert((owner, promise.amount, promise.made_on, promise.due_on));
        Ok(())
    };
    heavy
        .each(&sql, &binds![plan.company, owners], &mut note)
        .await?;
    for facts in &chunk.promises {
        let Some(owner) = customers.get(&facts.customer).copied() else {
            continue;
        };
        if !known.insert((owner, facts.amount, facts.made_on, facts.due_on)) {
            plan.counts.promises.unchanged += 1;
            continue;
        }
        plan.counts.promises.created += 1;
        plan.touched.insert(owner);
        plan.promises.push([
            Bind::from(plan.company),
            plan.id().into(),
            owner.into(),
            facts.amount.currency.into(),
            facts.amount.minor.into(),
            facts.made_on.into(),
            facts.due_on.into(),
            Bind::from(&facts.note),
            Bind::from(&plan.stamp.author),
            plan.stamp.at.into(),
        ]);
    }
    Ok(())
}

/// Plans rows that could not be read; one that waits already is left out when it is written.
pub(super) fn plan_quarantine<'a>(plan: &mut Plan<'a>, chunk: &'a ImportChunk) {
    for row in &chunk.quarantined {
        plan.quarantine.push([
            Bind::from(plan.company),
            plan.id().into(),
            row.import.into(),
            Bind::from(&row.file),
            row.row.into(),
            Bind::from(&row.field),
            Bind::from(&row.reason),
            Bind::from(&row.raw),
            Bind::from(&row.digest),
            "open".into(),
            plan.stamp.at.into(),
        ]);
    }
}
