//! What depends on an import: looked for before anything of it is undone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{CompanyId, ImportId};
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::super::Heavy;
use super::super::made::{CHANGING, Changing, digest};
use super::{Change, Changes, IDS_MAX, Made, Obstacle, ObstacleKind};
use crate::error::Result;
use crate::value::{Row, binds};

/// Names told of each thing that stands in the way.
const EXAMPLES_MAX: usize = 5;
/// Records that people make of a customer, by table; none may be left without its customer.
const RECORDS: &[&str] = &[
    "assignments",
    "bounces",
    "calls",
    "erasures",
    "files",
    "match_refusals",
    "matches",
    "notes",
    "overrides",
    "payer_aliases",
    "payment_claims",
    "portal_links",
    "preferences",
    "tasks",
    "work_marks",
];

/// How many of a kind there are, and the ids of those to name, with their tables.
type Counted = (u64, Vec<(&'static str, Uuid)>);

/// The search for what depends on an import.
pub(super) struct Look<'a> {
    company: CompanyId,
    import: ImportId,
    started: Timestamp,
    made: &'a Made,
    /// What stands in the way, by kind.
    found: BTreeMap<ObstacleKind, Counted>,
    /// Customers of new and changed documents and payments.
    owners: HashSet<Uuid>,
}

impl<'a> Look<'a> {
    /// Nothing found yet.
    pub(super) fn new(
        company: CompanyId,
        import: ImportId,
        started: Timestamp,
        made: &'a Made,
    ) -> Self {
        Self {
            company,
            import,
            started,
            made,
            found: BTreeMap::new(),
            owners: HashSet::new(),
        }
    }

    /// Whether nothing depends on it.
    pub(super) fn is_clear(&self) -> bool {
        self.found.is_empty()
    }

    fn note(&mut self, kind: ObstacleKind, table: &'static str, id: Uuid) {
        let (count, named) = self.found.entry(kind).or_default();
        *count += 1;
        if named.len() < EXAMPLES_MAX && !named.contains(&(table, id)) {
            named.push((table, id));
        }
    }

    /// Every customer whose facts are about to change, in the order of ids.
    pub(super) async fn concerned(
        &mut self,
        heavy: &mut Heavy<'_>,
        changes: &Changes,
    ) -> Result<Vec<Uuid>> {
        let mut owners = HashSet::new();
        for (table, sql) in OWNERS {
            let mut ids = self.made.ids(table);
            ids.extend(changes.ids(table));
            for ids in ids.chunks(IDS_MAX) {
                let mut note = |row: &mut Row<'_>| {
                    owners.insert(row.get()?);
                    Ok(())
                };
                heavy
                    .each(sql, &binds![self.company, ids], &mut note)
                    .await?;
            }
        }
        self.owners = owners;
        let mut all: BTreeSet<Uuid> = self.owners.iter().copied().collect();
        all.extend(self.made.ids("customers"));
        all.extend(changes.ids("customers"));
        all.extend(self.made.keys("contact_points").iter().map(|key| key[0]));
        Ok(all.into_iter().collect())
    }

    pub(super) async fn at_everything(
        &mut self,
        heavy: &mut Heavy<'_>,
        changes: &Changes,
    ) -> Result<()> {
        self.at_changes(heavy, changes).await?;
        self.at_events(heavy).await?;
        self.at_applications(heavy).await?;
        self.at_customers(heavy).await
    }

    /// Rows the import changed that are not as it left them.
    async fn at_changes(&mut self, heavy: &mut Heavy<'_>, changes: &Changes) -> Result<()> {
        for table in &CHANGING {
            let gone = self.made.set(table.table.name);
            let stays: Vec<&Change> = changes
                .of(table.table.name)
                .filter(|change| !gone.contains(&change.id))
                .collect();
            for stays in stays.chunks(IDS_MAX) {
                self.at_changed(heavy, table, stays).await?;
            }
        }
        Ok(())
    }

    async fn at_changed(
        &mut self,
        heavy: &mut Heavy<'_>,
        table: &Changing,
        changes: &[&Change],
    ) -> Result<()> {
        let key = |change: &&Change| {
            let owner = (table.keys == 3).then(|| change.before["customer_id"].as_str());
            let owner = owner.flatten().and_then(|owner| owner.parse().ok());
            owner.into_iter().chain([change.id]).collect()
        };
        let keys: Vec<Vec<Uuid>> = changes.iter().map(key).collect();
        let now = table.snapshot(heavy, self.company, &keys).await?;
        for change in changes {
            let same = now
                .get(&change.id)
                .is_some_and(|row| digest(row) == change.after);
            if !same {
                let owner = change.before["customer_id"].as_str();
                let (named, id) = match (table.table.name, owner.and_then(|it| it.parse().ok())) {
                    ("contact_points", Some(owner)) => ("customers", owner),
                    (name, _) => (name, change.id),
                };
                self.note(ObstacleKind::Changed, named, id);
            }
        }
        Ok(())
    }

    /// Changes by others of what the import made.
    async fn at_events(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        const SQL: &str =
            "SELECT entity, body FROM events WHERE company_id = $1 AND entity {uuids:2}";
        const UNDONE: &str = "SELECT id FROM imports WHERE company_id = $1 AND state = 'undone'";
        const ENDS: &str =
            "SELECT hold_id FROM hold_ends WHERE company_id = $1 AND hold_id {uuids:2}";
        let binds = binds![self.company];
        let undone = heavy.rows(UNDONE, &binds, |row| row.get::<Uuid>()).await?;
        let mut own: HashSet<String> = undone.iter().map(Uuid::to_string).collect();
        own.insert(self.import.to_string());
        for holds in self.made.ids("holds").chunks(IDS_MAX) {
            let binds = binds![self.company, holds];
            for hold in heavy.rows(ENDS, &binds, |row| row.get::<Uuid>()).await? {
                self.note(ObstacleKind::Hold, "holds", hold);
            }
        }
        for (table, kind) in [
            ("customers", ObstacleKind::Changed),
            ("contact_points", ObstacleKind::Changed),
            ("documents", ObstacleKind::Changed),
            ("payments", ObstacleKind::Changed),
            ("promises", ObstacleKind::Promise),
        ] {
            let made: HashMap<Uuid, Uuid> = self
                .made
                .keys(table)
                .iter()
                .filter_map(|key| Some((*key.last()?, *key.first()?)))
                .collect();
            let ids: Vec<Uuid> = made.keys().copied().collect();
            for ids in ids.chunks(IDS_MAX) {
                let mut others = Vec::new();
                let mut note = |row: &mut Row<'_>| {
                    let (entity, body): (Uuid, String) = (row.get()?, row.get()?);
                    let body: Value = serde_json::from_str(&body).unwrap_or_default();
                    // What was only looked at has no state after it.
                    let ours = body["import"].as_str().is_some_and(|id| own.contains(id));
                    if !body["after"].is_null() && !ours {
                        others.push(entity);
                    }
                    Ok(())
                };
                heavy
                    .each(SQL, &binds![self.company, ids], &mut note)
                    .await?;
                for entity in others {
                    let named = match table {
                        "contact_points" => ("customers", made[&entity]),
                        table => (table, entity),
                    };
                    self.note(kind, named.0, named.1);
                }
            }
        }
        Ok(())
    }

    /// Money laid by others on what the import made, or from it.
    async fn at_applications(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        const SQL: &str = "SELECT id, document_id, credit_id, payment_id FROM applications \
            WHERE company_id = $1 AND customer_id {uuids:2}";
        let own = self.made.set("applications");
        let (documents, payments) = (self.made.set("documents"), self.made.set("payments"));
        let mut others = Vec::new();
        let owners: Vec<Uuid> = self.owners.iter().copied().collect();
        for owners in owners.chunks(IDS_MAX) {
            let mut note = |row: &mut Row<'_>| {
                let (id, document): (Uuid, Uuid) = (row.get()?, row.get()?);
                let (credit, payment): (Option<Uuid>, Option<Uuid>) = (row.get()?, row.get()?);
                if own.contains(&id) {
                    return Ok(());
                }
                let credit = credit.filter(|credit| documents.contains(credit));
                let payment = payment.filter(|payment| payments.contains(payment));
                if documents.contains(&document) {
                    others.push(("documents", document));
                } else if let Some(credit) = credit {
                    others.push(("documents", credit));
                } else if let Some(payment) = payment {
                    others.push(("payments", payment));
                }
                Ok(())
            };
            heavy
                .each(SQL, &binds![self.company, owners], &mut note)
                .await?;
        }
        for (table, id) in others {
            self.note(ObstacleKind::Application, table, id);
        }
        Ok(())
    }

    /// Everything else that hangs on customers.
    async fn at_customers(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        let new = self.made.set("customers");
        let concerned: BTreeSet<Uuid> = self.owners.iter().chain(&new).copied().collect();
        let concerned: Vec<Uuid> = concerned.into_iter().collect();
        for (kind, sql, made) in DEPENDENTS {
            let own = self.made.set(made);
            let documents = self.made.set("documents");
            let mut others = Vec::new();
            for customers in concerned.chunks(IDS_MAX) {
                let mut note = |row: &mut Row<'_>| {
                    let (customer, id): (Uuid, Uuid) = (row.get()?, row.get()?);
                    let document: Option<Uuid> = row.get()?;
                    let done: bool = row.get()?;
                    let hangs = new.contains(&customer)
                        || document.is_some_and(|document| documents.contains(&document))
                        || done;
                    if !own.contains(&id) && hangs {
                        others.push(customer);
                    }
                    Ok(())
                };
                let binds = binds![self.company, customers, self.started];
                heavy.each(sql, &binds, &mut note).await?;
            }
            for customer in others {
                self.note(*kind, "customers", customer);
            }
        }
        let new: Vec<Uuid> = new.into_iter().collect();
        for table in RECORDS {
            let sql = format!(
                "SELECT customer_id FROM {table} WHERE company_id = $1 AND customer_id {{uuids:2}}"
            );
            let mut others = Vec::new();
            for new in new.chunks(IDS_MAX) {
                others.extend(
                    heavy
                        .rows(&sql, &binds![self.company, new], |row| row.get::<Uuid>())
                        .await?,
                );
            }
            for customer in others {
                self.note(ObstacleKind::Record, "customers", customer);
            }
        }
        Ok(())
    }

    /// What was found, with names.
    pub(super) async fn obstacles(self, heavy: &mut Heavy<'_>) -> Result<Vec<Obstacle>> {
        let mut obstacles = Vec::with_capacity(self.found.len());
        for (kind, (count, named)) in self.found {
            let mut examples = Vec::with_capacity(named.len());
            for (table, id) in named {
                let sql = match table {
                    "documents" => "SELECT number FROM documents WHERE company_id = $1 AND id = $2",
                    "holds" => {
                        "SELECT c.name FROM holds h JOIN customers c ON c.company_id = h.company_id \
                         AND c.id = h.customer_id WHERE h.company_id = $1 AND h.id = $2"
                    }
                    "payments" => {
                        "SELECT reference FROM payments WHERE company_id = $1 AND id = $2"
                    }
                    _ => "SELECT name FROM customers WHERE company_id = $1 AND id = $2",
                };
                let names = heavy
                    .rows(sql, &binds![self.company, id], |row| row.get::<String>())
                    .await?;
                examples.extend(names);
            }
            obstacles.push(Obstacle {
                kind,
                count,
                examples,
            });
        }
        Ok(obstacles)
    }
}

/// The tables looked into for what hangs on an import's rows.
#[cfg(test)]
pub(super) fn tables() -> impl Iterator<Item = &'static str> {
    let dependents = DEPENDENTS.iter().map(|(_, _, table)| *table);
    RECORDS.iter().copied().chain(dependents)
}

/// Whose documents and payments are.
const OWNERS: [(&str, &str); 2] = [
    (
        "documents",
        "SELECT customer_id FROM documents WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "payments",
        "SELECT customer_id FROM payments WHERE company_id = $1 AND id {uuids:2}",
    ),
];

/// What may hang on customers: each row's customer, id and document, and whether it rests on the
/// import even where the customer was there before (made since it began, `$3`); the table among
/// whose rows the import's own are not counted.
const DEPENDENTS: &[(ObstacleKind, &str, &str)] = &[
    (
        ObstacleKind::Contact,
        "SELECT customer_id, id, CAST(NULL AS UUID), COALESCE(performed_at, claimed_at) >= $3 \
         FROM contacts WHERE company_id = $1 AND customer_id {uuids:2} \
         AND (performed_at IS NOT NULL OR claimed_at IS NOT NULL)",
        "contacts",
    ),
    (
        ObstacleKind::Promise,
        "SELECT customer_id, id, CAST(NULL AS UUID), recorded_at >= $3 FROM promises \
         WHERE company_id = $1 AND customer_id {uuids:2}",
        "promises",
    ),
    (
        ObstacleKind::Hold,
        "SELECT customer_id, id, document_id, recorded_at > $3 AND false FROM holds \
         WHERE company_id = $1 AND customer_id {uuids:2}",
        "holds",
    ),
    (
        ObstacleKind::Message,
        "SELECT customer_id, id, CAST(NULL AS UUID), at > $3 AND false FROM messages \
         WHERE company_id = $1 AND customer_id {uuids:2}",
        "messages",
    ),
    (
        ObstacleKind::Later,
        "SELECT customer_id, id, CAST(NULL AS UUID), recorded_at > $3 AND false FROM documents \
         WHERE company_id = $1 AND customer_id {uuids:2}",
        "documents",
    ),
    (
        ObstacleKind::Later,
        "SELECT customer_id, note_id, invoice_id, recorded_at > $3 AND false FROM charge_notes \
         WHERE company_id = $1 AND customer_id {uuids:2}",
        "charge_notes",
    ),
    (
        ObstacleKind::Later,
        "SELECT customer_id, id, CAST(NULL AS UUID), recorded_at > $3 AND false FROM payments \
         WHERE company_id = $1 AND customer_id {uuids:2}",
        "payments",
    ),
    (
        ObstacleKind::Later,
        "SELECT customer_id, id, CAST(NULL AS UUID), recorded_at > $3 AND false \
         FROM contact_points WHERE company_id = $1 AND customer_id {uuids:2}",
        "contact_points",
    ),
];
