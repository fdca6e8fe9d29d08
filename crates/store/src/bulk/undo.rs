//! Undoing a whole import while nothing depends on it: first all is looked at, then either what
//! stands in the way is told, or everything goes back in one transaction.

mod look;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use domain::{CompanyId, CustomerId, ImportId};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::apply::refresh;
use super::import::EVENTS;
use super::made::CHANGING;
use super::{Clash, Heavy, Rows, lock_customers, write_heavily};
use crate::chain;
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::imports::ImportState;
use crate::portfolio::figures;
use crate::search;
use crate::stamp::Stamp;
use crate::value::{Bind, Row, binds};
use look::Look;

/// Ids looked up by one statement.
const IDS_MAX: usize = 10_000;
/// A reading without a sign of life for so long is over.
pub const ALIVE_SECONDS: i64 = 120;

/// What came of undoing an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undoing {
    /// Everything is as it was: rows taken out and rows brought back, by table.
    Done {
        /// Taken out.
        removed: BTreeMap<String, u64>,
        /// Brought back.
        restored: BTreeMap<String, u64>,
    },
    /// Nothing was changed, for these reasons.
    InTheWay(Vec<Obstacle>),
}

/// Something that depends on what an import brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What.
    pub kind: ObstacleKind,
    /// How many there are.
    pub count: u64,
    /// The customers, documents or payments concerned, a few of them.
    pub examples: Vec<String>,
}

/// What can depend on an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObstacleKind {
    /// It is being read.
    Running,
    /// It was undone, or never begun.
    NotRead,
    /// It was read by a version that did not keep what an import made.
    NotKept,
    /// Somebody changed later what it made or changed.
    Changed,
    /// Money was laid on it later, or from it.
    Application,
    /// A customer was written to about it.
    Contact,
    /// A promise.
    Promise,
    /// A hold, or the end of one.
    Hold,
    /// A message of a customer who came with it.
    Message,
    /// Documents, payments or addresses that came later for its customers.
    Later,
    /// Something else recorded of its customers: a note, a task, a link, a file.
    Record,
}

impl ObstacleKind {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::NotRead => "not-read",
            Self::NotKept => "not-kept",
            Self::Changed => "changed",
            Self::Application => "application",
            Self::Contact => "contact",
            Self::Promise => "promise",
            Self::Hold => "hold",
            Self::Message => "message",
            Self::Later => "later",
            Self::Record => "record",
        }
    }
}

/// Undoes an import.
///
/// # Errors
/// [`StoreError::Missing`] when there is no such import, and what the database says; then nothing
/// was changed.
pub async fn undo_import(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    import: ImportId,
) -> Result<Undoing> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| undo(heavy, stamp, company, import))
}

async fn undo(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    import: ImportId,
) -> Result<Undoing> {
    const ONE_AT_A_TIME: &str = "SELECT id FROM companies WHERE id = $1 {lock_weak}";
    heavy
        .each(ONE_AT_A_TIME, &binds![company], &mut |_| Ok(()))
        .await?;
    let started = match begun(heavy, &stamp, company, import).await? {
        Ok(started) => started,
        Err(kind) => {
            return Ok(Undoing::InTheWay(vec![Obstacle {
                kind,
                count: 1,
                examples: Vec::new(),
            }]));
        }
    };
    let made = Made::load(heavy, company, import).await?;
    let mut look = Look::new(company, import, started, &made);
    let changes = Changes::load(heavy, company, import).await?;
    let concerned = look.concerned(heavy, &changes).await?;
    lock_customers(heavy, company, &concerned).await?;
    look.at_everything(heavy, &changes).await?;
    if !look.is_clear() {
        return Ok(Undoing::InTheWay(look.obstacles(heavy).await?));
    }
    let unlaid = made.unlaid(heavy, company, &changes).await?;
    let told = told(&made, &changes);
    let known = search::those(heavy, company, &told).await?;
    search::forget(heavy, company, &known).await?;
    let removed = made.remove(heavy, &stamp, company).await?;
    let restored = changes.restore(heavy, company, &made).await?;
    unlaid.settle(heavy, company).await?;
    let known = search::those(heavy, company, &told).await?;
    search::remember(heavy, company, &known).await?;
    let concerned: Vec<_> = concerned.into_iter().map(CustomerId::from_uuid).collect();
    for customers in concerned.chunks(IDS_MAX) {
        figures::refresh(heavy, company, customers, stamp.at).await?;
    }
    leave_no_trace(heavy, company, import).await?;
    let body = json!({ "removed": removed, "restored": restored }).to_string();
    let mut event = Rows::new(EVENTS.columns.len());
    event.push([
        Bind::from(company),
        stamp.ids.draw().into(),
        "import.undone".into(),
        import.into(),
        body.into(),
        Bind::from(&stamp.author),
        stamp.at.into(),
    ]);
    heavy.insert(&EVENTS, &event, Clash::Fail).await?;
    Ok(Undoing::Done { removed, restored })
}

/// Customers whose names and words change: those it made and those it changed.
fn told(made: &Made, changes: &Changes) -> Vec<Uuid> {
    let mut told = made.ids("customers");
    told.extend(changes.ids("customers"));
    told
}

/// When the import began, or why it cannot be undone.
async fn begun(
    heavy: &mut Heavy<'_>,
    stamp: &Stamp,
    company: CompanyId,
    import: ImportId,
) -> Result<Result<Timestamp, ObstacleKind>> {
    const SQL: &str = "SELECT state, started_at, beat_at, summary FROM imports \
        WHERE company_id = $1 AND id = $2";
    const KEPT: &str = "SELECT entity FROM import_made WHERE company_id = $1 AND import_id = $2 \
        UNION SELECT entity FROM import_changes WHERE company_id = $1 AND import_id = $2";
    let read = |row: &mut Row<'_>| {
        let read: (ImportState, Timestamp, Option<Timestamp>, Value) =
            (row.get()?, row.get()?, row.get()?, row.get()?);
        Ok(read)
    };
    let found = heavy.rows(SQL, &binds![company, import], read).await?;
    let Some((state, started, beat, summary)) = found.into_iter().next() else {
        return Err(StoreError::Missing {
            what: "import",
            key: import.to_string(),
        });
    };
    let alive = beat.is_some_and(|beat| {
        stamp.at.duration_since(beat).as_secs() < ALIVE_SECONDS && stamp.at >= beat
    });
    let read = match state {
        ImportState::Draft | ImportState::Undone => Err(ObstacleKind::NotRead),
        ImportState::Running if alive => Err(ObstacleKind::Running),
        ImportState::Running | ImportState::Done | ImportState::Cancelled | ImportState::Failed => {
            Ok(started)
        }
    };
    let kept = heavy
        .rows(KEPT, &binds![company, import], |row| row.get::<String>())
        .await?;
    let wrote = ["created", "updated"]
        .iter()
        .any(|it| summary[it].as_u64() > Some(0));
    if read.is_ok() && kept.is_empty() && wrote {
        return Ok(Err(ObstacleKind::NotKept));
    }
    Ok(read)
}

/// What the import made, by table.
struct Made(HashMap<String, Vec<Vec<Uuid>>>);

impl Made {
    async fn load(heavy: &mut Heavy<'_>, company: CompanyId, import: ImportId) -> Result<Self> {
        const SQL: &str = "SELECT entity, ids FROM import_made \
            WHERE company_id = $1 AND import_id = $2 ORDER BY part";
        let mut made: HashMap<String, Vec<Vec<Uuid>>> = HashMap::new();
        let mut note = |row: &mut Row<'_>| {
            let (entity, ids): (String, Vec<u8>) = (row.get()?, row.get()?);
            let width = if entity == "contact_points" { 32 } else { 16 };
            let keys = ids.chunks_exact(width).map(|key| {
                let ids = key.chunks_exact(16);
                ids.filter_map(|id| Uuid::from_slice(id).ok()).collect()
            });
            made.entry(entity).or_default().extend(keys);
            Ok(())
        };
        heavy.each(SQL, &binds![company, import], &mut note).await?;
        Ok(Self(made))
    }

    fn keys(&self, entity: &str) -> &[Vec<Uuid>] {
        let entity = match entity {
            "standings" | "decisions" | "contacts" => "customers",
            entity => entity,
        };
        self.0.get(entity).map_or(&[], Vec::as_slice)
    }

    /// The ids of new rows of a table.
    fn ids(&self, entity: &str) -> Vec<Uuid> {
        let last = |key: &Vec<Uuid>| key.last().copied();
        self.keys(entity).iter().filter_map(last).collect()
    }

    fn set(&self, entity: &str) -> HashSet<Uuid> {
        self.ids(entity).into_iter().collect()
    }

    /// Takes everything out, what refers to others first.
    async fn remove(
        &self,
        heavy: &mut Heavy<'_>,
        stamp: &Stamp,
        company: CompanyId,
    ) -> Result<BTreeMap<String, u64>> {
        let mut removed = BTreeMap::new();
        for (entity, sql) in REMOVALS {
            let mut count = 0;
            for keys in self.keys(entity).chunks(IDS_MAX) {
                let at = |at: usize| -> Vec<Uuid> {
                    keys.iter().filter_map(|key| key.get(at)).copied().collect()
                };
                if *entity == "decisions" {
                    chain::remove(heavy, stamp, company, &at(0)).await?;
                }
                count += if sql.contains("{uuids:3}") {
                    heavy.run(sql, &binds![company, at(0), at(1)]).await?
                } else {
                    heavy.run(sql, &binds![company, at(0)]).await?
                };
            }
            removed.insert((*entity).to_owned(), count);
        }
        removed.retain(|_, count| *count > 0);
        Ok(removed)
    }

    /// What stays and loses money that lay on it, or of it.
    async fn unlaid(
        &self,
        heavy: &mut Heavy<'_>,
        company: CompanyId,
        changes: &Changes,
    ) -> Result<Unlaid> {
        const SQL: &str = "SELECT customer_id, document_id, credit_id, payment_id \
            FROM applications WHERE company_id = $1 AND id {uuids:2}";
        let mut customers = BTreeSet::new();
        let mut documents: BTreeSet<Uuid> = changes.ids("documents").collect();
        let mut payments: BTreeSet<Uuid> = changes.ids("payments").collect();
        for row in changes.of("documents").chain(changes.of("payments")) {
            let owner = row.before["customer_id"].as_str();
            customers.extend(owner.and_then(|owner| owner.parse::<Uuid>().ok()));
        }
        for ids in self.ids("applications").chunks(IDS_MAX) {
            let mut note = |row: &mut Row<'_>| {
                customers.insert(row.get::<Uuid>()?);
                documents.insert(row.get::<Uuid>()?);
                documents.extend(row.get::<Option<Uuid>>()?);
                payments.extend(row.get::<Option<Uuid>>()?);
                Ok(())
            };
            heavy.each(SQL, &binds![company, ids], &mut note).await?;
        }
        let gone = |entity: &str, ids: BTreeSet<Uuid>| -> Vec<Uuid> {
            let made = self.set(entity);
            ids.into_iter().filter(|id| !made.contains(id)).collect()
        };
        Ok(Unlaid {
            customers: gone("customers", customers),
            documents: gone("documents", documents),
            payments: gone("payments", payments),
        })
    }
}

struct Unlaid {
    customers: Vec<Uuid>,
    documents: Vec<Uuid>,
    payments: Vec<Uuid>,
}

impl Unlaid {
    /// Derives anew what is closed, once amounts and applications are as they were.
    async fn settle(&self, heavy: &mut Heavy<'_>, company: CompanyId) -> Result<()> {
        const OPEN: [&str; 2] = [
            "UPDATE documents SET settled_on_projection = \
                CASE WHEN amount_minor = 0 THEN issued_on END \
             WHERE company_id = $1 AND id {uuids:2}",
            "UPDATE payments SET spent_on_projection = NULL \
             WHERE company_id = $1 AND id {uuids:2}",
        ];
        for (sql, ids) in OPEN.iter().zip([&self.documents, &self.payments]) {
            for ids in ids.chunks(IDS_MAX) {
                heavy.run(sql, &binds![company, ids]).await?;
            }
        }
        for customers in self.customers.chunks(IDS_MAX) {
            refresh(heavy, company, customers).await?;
        }
        Ok(())
    }
}

/// How what an import made is taken out, in order; customers take with them what was derived of
/// them and what was planned and never sent.
const REMOVALS: &[(&str, &str)] = &[
    (
        "applications",
        "DELETE FROM applications WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "holds",
        "DELETE FROM holds WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "promises",
        "DELETE FROM promises WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "contact_points",
        "DELETE FROM consents WHERE company_id = $1 AND customer_id {uuids:2} \
         AND point_id {uuids:3}",
    ),
    (
        "contact_points",
        "DELETE FROM contact_points WHERE company_id = $1 AND customer_id {uuids:2} \
         AND id {uuids:3}",
    ),
    (
        "payments",
        "DELETE FROM payments WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "document_links",
        "DELETE FROM document_links WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "document_parts",
        "DELETE FROM document_parts WHERE company_id = $1 AND document_id {uuids:2}",
    ),
    (
        "document_stamps",
        "DELETE FROM document_stamps WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "files",
        "DELETE FROM files WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "documents",
        "DELETE FROM documents WHERE company_id = $1 AND id {uuids:2}",
    ),
    (
        "standings",
        "DELETE FROM standings WHERE company_id = $1 AND customer_id {uuids:2}",
    ),
    (
        "decisions",
        "DELETE FROM decisions WHERE company_id = $1 AND customer_id {uuids:2}",
    ),
    (
        "contacts",
        "DELETE FROM contacts WHERE company_id = $1 AND customer_id {uuids:2}",
    ),
    (
        "customers",
        "DELETE FROM customers WHERE company_id = $1 AND id {uuids:2}",
    ),
];

/// A row that the import changed: as it was before all of it, and as it left it.
struct Change {
    entity: String,
    id: Uuid,
    before: Value,
    after: Vec<u8>,
}

struct Changes(Vec<Change>);

impl Changes {
    /// Of several changes of a row, the first before and the last after count.
    async fn load(heavy: &mut Heavy<'_>, company: CompanyId, import: ImportId) -> Result<Self> {
        const SQL: &str = "SELECT entity, entity_id, before, after FROM import_changes \
            WHERE company_id = $1 AND import_id = $2 ORDER BY entity, entity_id, part";
        let mut changes: Vec<Change> = Vec::new();
        let mut note = |row: &mut Row<'_>| {
            let change = Change {
                entity: row.get()?,
                id: row.get()?,
                before: row.get()?,
                after: row.get()?,
            };
            match changes.last_mut() {
                Some(last) if (&last.entity, last.id) == (&change.entity, change.id) => {
                    last.after = change.after;
                }
                _ => changes.push(change),
            }
            Ok(())
        };
        heavy.each(SQL, &binds![company, import], &mut note).await?;
        Ok(Self(changes))
    }

    fn of<'a>(&'a self, entity: &'a str) -> impl Iterator<Item = &'a Change> {
        self.0.iter().filter(move |change| change.entity == entity)
    }

    fn ids<'a>(&'a self, entity: &'a str) -> impl Iterator<Item = Uuid> {
        self.of(entity).map(|change| change.id)
    }

    async fn restore(
        &self,
        heavy: &mut Heavy<'_>,
        company: CompanyId,
        made: &Made,
    ) -> Result<BTreeMap<String, u64>> {
        const REOPEN: &str = "UPDATE quarantine SET state = 'open' WHERE company_id = $1 \
            AND id {uuids:2} AND state = 'superseded' AND NOT EXISTS (SELECT 1 \
            FROM quarantine AS q WHERE q.company_id = $1 AND q.digest = quarantine.digest \
            AND q.state = 'open')";
        const FORGET: &str = "DELETE FROM mappings WHERE company_id = $1 AND signature = $2";
        const REMEMBER: &str = "UPDATE mappings SET mapping = $3, author = $4, recorded_at = $5 \
            WHERE company_id = $1 AND signature = $2";
        const UNEND: &str = "DELETE FROM hold_ends WHERE company_id = $1 AND hold_id = $2 \
            AND recorded_at = $3";
        let mut restored = BTreeMap::new();
        for table in &CHANGING {
            let name = table.table.name;
            let gone = made.set(name);
            let stays = self.of(name).filter(|change| !gone.contains(&change.id));
            let rows: Vec<Value> = stays.map(|change| change.before.clone()).collect();
            if !rows.is_empty() {
                restored.insert(name.to_owned(), rows.len() as u64);
            }
            table.restore(heavy, company, &rows).await?;
        }
        let waiting: Vec<Uuid> = self.ids("quarantine").collect();
        for waiting in waiting.chunks(IDS_MAX) {
            heavy.run(REOPEN, &binds![company, waiting]).await?;
        }
        for change in self.of("mappings") {
            let before = &change.before;
            let signature = before["signature"].as_str().unwrap_or_default();
            if before["mapping"].is_null() {
                heavy.run(FORGET, &binds![company, signature]).await?;
            } else {
                let author = before["author"].as_str().unwrap_or_default();
                let at = before["recorded_at"].as_i64();
                let binds = binds![company, signature, &before["mapping"], author, at];
                heavy.run(REMEMBER, &binds).await?;
            }
        }
        for change in self.of("hold_ends") {
            let at = change.before["recorded_at"].as_i64();
            heavy.run(UNEND, &binds![company, change.id, at]).await?;
        }
        Ok(restored)
    }
}

/// What of the import itself goes: its rows in quarantine, and what was kept to undo it.
async fn leave_no_trace(heavy: &mut Heavy<'_>, company: CompanyId, import: ImportId) -> Result<()> {
    const TRACES: [&str; 5] = [
        "DELETE FROM document_events WHERE company_id = $1 AND import_id = $2",
        "DELETE FROM quarantine WHERE company_id = $1 AND import_id = $2",
        "DELETE FROM import_made WHERE company_id = $1 AND import_id = $2",
        "DELETE FROM import_changes WHERE company_id = $1 AND import_id = $2",
        "UPDATE imports SET state = 'undone' WHERE company_id = $1 AND id = $2",
    ];
    for sql in TRACES {
        heavy.run(sql, &binds![company, import]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables that are written anew from what stays.
    const DERIVED: [&str; 2] = ["customer_figures", "customer_terms"];
    /// Tables of which no row is ever taken out: a proof stays true when its customer is gone.
    const FOREVER: [&str; 1] = ["proofs"];
    /// Tables whose rows go with the address they speak of.
    const OF_POINTS: [&str; 1] = ["consents"];

    /// The tables whose rows belong to a customer, a document or a payment.
    fn belonging() -> BTreeSet<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
        let files = std::fs::read_dir(folder).expect("the migrations");
        let texts = files.map(|file| std::fs::read_to_string(file.expect("a file").path()));
        let mut found = BTreeSet::new();
        for text in texts {
            let text = text.expect("a migration");
            let mut table = String::new();
            for line in text.lines() {
                let words: Vec<&str> = line.split_whitespace().collect();
                if let ["CREATE" | "ALTER", "TABLE", name, ..] = words.as_slice() {
                    table = (*name).to_owned();
                }
                let column = match words.as_slice() {
                    ["ALTER", "TABLE", _, "ADD", "COLUMN", column, ..] => column,
                    [column, ..] => column,
                    [] => "",
                };
                if let ["ALTER", "TABLE", old, "RENAME", "TO", new] = words.as_slice()
                    && found.remove(*old)
                {
                    found.insert(new.trim_end_matches(';').to_owned());
                }
                if ["customer_id", "document_id", "payment_id"].contains(&column) {
                    found.insert(table.clone());
                }
            }
        }
        found
    }

    #[test]
    fn no_table_that_hangs_on_an_import_is_forgotten() {
        let mut known: BTreeSet<&str> = DERIVED.into_iter().chain(FOREVER).collect();
        known.extend(OF_POINTS);
        known.extend(REMOVALS.iter().map(|(table, _)| table));
        known.extend(look::tables());
        let found = belonging();
        assert!(found.len() > 20, "{found:?}");
        for table in &found {
            assert!(
                known.contains(table.as_str()),
                "{table}: an import may be undone under its rows; take them out (REMOVALS), let \
                 them stand in the way (RECORDS, DEPENDENTS), or say here why neither"
            );
        }
        for table in known.iter().filter(|it| **it != "customers") {
            assert!(found.contains(*table), "{table} is no such table");
        }
    }
}
