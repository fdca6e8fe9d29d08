//! What became of claimed contacts.

use std::collections::HashMap;

use domain::contact::ContactState;
use domain::customer::Health;
use domain::{CompanyId, ContactId, ContactPointId, CustomerId};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::import::EVENTS;
use super::{Clash, Heavy, Rows, Table, write_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::proofs::{NewProofs, ProofKind};
use crate::stamp::Stamp;
use crate::value::{Bind, Row, binds};

/// What became of one contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendResult {
    /// The contact.
    pub contact: ContactId,
    /// Sent, failed or unknown; planned when it is certain that nothing left and the contact is put
    /// back, its message taken off the thread.
    pub state: ContactState,
    /// Why it failed or is unknown, a word.
    pub reason: Option<String>,
    /// What the provider said, its message id or its error.
    pub provider: String,
    /// When.
    pub at: Timestamp,
    /// What is known, canonical JSON.
    pub proof: String,
    /// How the address works from now on.
    pub point: Option<PointChange>,
    /// What a person has to look at.
    pub task: Option<NewTask>,
}

/// How an address works from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointChange {
    /// The address.
    pub point: ContactPointId,
    /// Its health.
    pub health: Health,
}

/// What a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTask {
    /// Its kind, a word.
    pub kind: String,
    /// What to do, in Spanish.
    pub text: String,
}

const RESULTS: Table = Table {
    name: "contacts",
    columns: &["company_id", "id", "state", "reason", "performed_at"],
};

const POINTS: Table = Table {
    name: "contact_points",
    columns: &["company_id", "customer_id", "id", "health"],
};

const TASKS: Table = Table {
    name: "tasks",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "contact_id",
        "kind",
        "text",
        "recorded_at",
    ],
};

/// Records what became of claimed contacts. Only a claimed contact takes a result: gives the ids of
/// those recorded, so that a late answer to a claim given up is seen.
///
/// # Errors
/// What the database says; then nothing was recorded.
pub async fn record_results(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    results: Vec<SendResult>,
) -> Result<Vec<ContactId>> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| record(heavy, stamp, company, results))
}

async fn record(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    results: Vec<SendResult>,
) -> Result<Vec<ContactId>> {
    const CLAIMED: &str = "SELECT id, customer_id FROM contacts \
        WHERE company_id = $1 AND id {uuids:2} AND state = 'claimed' ORDER BY id {lock}";
    let ids: Vec<Uuid> = results.iter().map(|it| it.contact.uuid()).collect();
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let claimed: HashMap<ContactId, CustomerId> = heavy
        .rows(CLAIMED, &binds![company, ids], read)
        .await?
        .into_iter()
        .collect();

    let mut contacts = Rows::new(RESULTS.columns.len());
    let mut points = Rows::new(POINTS.columns.len());
    let mut tasks = Rows::new(TASKS.columns.len());
    let mut proofs = NewProofs::new(company, stamp.at);
    let mut events = Rows::new(EVENTS.columns.len());
    let mut recorded = Vec::new();
    for result in &results {
        let Some(customer) = claimed.get(&result.contact).copied() else {
            continue;
        };
        recorded.push(result.contact);
        let performed = result.state.counts().then_some(result.at);
        contacts.push([
            Bind::from(company),
            result.contact.into(),
            result.state.into(),
            Bind::from(&result.reason),
            performed.into(),
        ]);
        if let Some(change) = result.point {
            let health = Bind::from(change.health);
            points.push([
                Bind::from(company),
                customer.into(),
                change.point.into(),
                health,
            ]);
        }
        if let Some(task) = &result.task {
            tasks.push([
                Bind::from(company),
                stamp.ids.draw().into(),
                customer.into(),
                result.contact.into(),
                Bind::from(&task.kind),
                Bind::from(&task.text),
                stamp.at.into(),
            ]);
        }
        let whose = (customer, result.contact);
        proofs.push(stamp.ids.draw(), whose, ProofKind::Result, &result.proof);
        events.push(event_row(&stamp, company, result));
    }
    heavy
        .update(&RESULTS, 2, "t.state = 'claimed'", &contacts)
        .await?;
    put_back(heavy, company, &results, &claimed).await?;
    heavy.update(&POINTS, 3, "", &points).await?;
    heavy.insert(&TASKS, &tasks, Clash::Fail).await?;
    proofs.insert(heavy).await?;
    heavy.insert(&EVENTS, &events, Clash::Fail).await?;
    Ok(recorded)
}

/// Takes the claim and the message off contacts that certainly did not leave.
async fn put_back(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    results: &[SendResult],
    claimed: &HashMap<ContactId, CustomerId>,
) -> Result<()> {
    const UNCLAIM: &str = "UPDATE contacts SET claimed_at = NULL, claimed_by = NULL \
        WHERE company_id = $1 AND id {uuids:2} AND state = 'planned'";
    const UNSAY: &str = "DELETE FROM messages WHERE company_id = $1 AND contact_id {uuids:2}";
    let back: Vec<Uuid> = results
        .iter()
        .filter(|it| it.state == ContactState::Planned && claimed.contains_key(&it.contact))
        .map(|it| it.contact.uuid())
        .collect();
    if !back.is_empty() {
        heavy.run(UNCLAIM, &binds![company, back.clone()]).await?;
        heavy.run(UNSAY, &binds![company, back]).await?;
    }
    Ok(())
}

fn event_row<'a>(stamp: &'a Stamp, company: CompanyId, result: &SendResult) -> [Bind<'a>; 7] {
    let body = json!({
        "before": { "state": "claimed" },
        "after": {
            "state": result.state.code(),
            "reason": result.reason,
            "provider": result.provider,
            "health": result.point.map(|change| change.health.code()),
        },
    });
    [
        Bind::from(company),
        stamp.ids.draw().into(),
        "contact.finished".into(),
        result.contact.uuid().into(),
        body.to_string().into(),
        Bind::from(&stamp.author),
        stamp.at.into(),
    ]
}
