//! Writing a part of a file: what is new is inserted, what differs is updated with its before and
//! after, the same again writes nothing (invariant 15).
//!
//! First everything is read and compared, then the customers concerned are locked, then all is
//! written.

mod agreements;
mod customers;
mod documents;
mod money;
mod payments;
mod points;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::customer::Customer;
use domain::search::customer_terms;
use domain::{CompanyId, CustomerId, ImportId};
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::apply::{APPLICATIONS, refresh};
use super::import_facts::{ChunkCounts, ImportChunk, Refusal, RefusedFact};
use super::made::{CHANGING, Part};
use super::{Clash, Heavy, Rows, Table, lock_customers, read_heavily, write_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::opt_outs::OPT_OUTS;
use crate::search::{FORGET, NewTerms, TERMS, bytes};
use crate::stamp::Stamp;
use crate::value::{Bind, binds};

pub(crate) const EVENTS: Table = Table {
    name: "events",
    columns: &[
        "company_id",
        "id",
        "kind",
        "entity",
        "body",
        "author",
        "recorded_at",
    ],
};

/// Writes a part of a file in one transaction; chunks of one company come one after the other.
///
/// # Errors
/// What the database says; then nothing of the chunk was kept.
pub async fn import_chunk(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    chunk: ImportChunk,
) -> Result<ChunkCounts> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| import(heavy, stamp, company, chunk))
}

/// What writing a part of a file would do, without writing it.
///
/// # Errors
/// What the database says.
pub async fn weigh_chunk(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    chunk: ImportChunk,
) -> Result<ChunkCounts> {
    let stamp = stamp.clone();
    read_heavily!(db, |heavy| weigh(heavy, stamp, company, chunk))
}

async fn weigh(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    chunk: ImportChunk,
) -> Result<ChunkCounts> {
    let (plan, _) = plan(heavy, &stamp, company, &chunk).await?;
    Ok(plan.counts)
}

/// The same on a connection at hand, inside its transaction.
pub(crate) async fn import(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    chunk: ImportChunk,
) -> Result<ChunkCounts> {
    const ONE_AT_A_TIME: &str = "SELECT id FROM companies WHERE id = $1 {lock_weak}";
    heavy
        .each(ONE_AT_A_TIME, &binds![company], &mut |_| Ok(()))
        .await?;
    let (plan, customers) = plan(heavy, &stamp, company, &chunk).await?;
    plan.write(heavy, &customers).await
}

/// Reads and compares: what is to be written, and the id of every customer named.
async fn plan<'a>(
    heavy: &mut Heavy<'_>,
    stamp: &'a Stamp,
    company: CompanyId,
    chunk: &'a ImportChunk,
) -> Result<(Plan<'a>, HashMap<String, Uuid>)> {
    let mut plan = Plan::new(stamp, company, chunk.import);
    let customers = customers::plan(heavy, &mut plan, chunk).await?;
    points::plan(heavy, &mut plan, chunk, &customers).await?;
    let mut documents = documents::load(heavy, &plan, chunk).await?;
    documents::plan(heavy, &mut plan, chunk, &customers, &mut documents).await?;
    let mut payments = payments::load(heavy, &plan, chunk).await?;
    payments::plan(heavy, &mut plan, chunk, &customers, &mut payments).await?;
    money::plan(heavy, &mut plan, chunk, &mut documents, &mut payments).await?;
    documents::push_new(&mut plan, &documents);
    payments::push_new(&mut plan, &payments);
    agreements::plan_holds(heavy, &mut plan, chunk, &customers, &documents).await?;
    agreements::plan_promises(heavy, &mut plan, chunk, &customers).await?;
    agreements::plan_quarantine(&mut plan, chunk);
    Ok((plan, customers))
}

/// What is to be written.
struct Plan<'a> {
    stamp: &'a Stamp,
    company: CompanyId,
    import: Option<ImportId>,
    counts: ChunkCounts,
    new_customers: Rows<'static>,
    changed_customers: Rows<'static>,
    new_points: Rows<'a>,
    changed_points: Rows<'static>,
    consents: Rows<'static>,
    /// Addresses at which somebody says no more, by digest.
    opt_outs: BTreeMap<String, Date>,
    new_documents: Rows<'a>,
    changed_documents: Rows<'a>,
    new_payments: Rows<'a>,
    changed_payments: Rows<'a>,
    applications: Rows<'a>,
    holds: Rows<'a>,
    promises: Rows<'a>,
    quarantine: Rows<'a>,
    terms: NewTerms,
    gone_terms: Vec<(String, CustomerId)>,
    events: Rows<'a>,
    /// Customers whose money changes.
    touched: BTreeSet<Uuid>,
    /// Those of them for whom something that was there before may be closed or opened by it.
    refreshed: BTreeSet<Uuid>,
}

impl<'a> Plan<'a> {
    fn new(stamp: &'a Stamp, company: CompanyId, import: Option<ImportId>) -> Self {
        Self {
            stamp,
            company,
            import,
            counts: ChunkCounts::default(),
            new_customers: Rows::new(customers::CUSTOMERS.columns.len()),
            changed_customers: Rows::new(customers::CHANGED_CUSTOMERS.columns.len()),
            new_points: Rows::new(points::POINTS.columns.len()),
            changed_points: Rows::new(points::CHANGED_POINTS.columns.len()),
            consents: Rows::new(points::CONSENTS.columns.len()),
            opt_outs: BTreeMap::new(),
            new_documents: Rows::new(documents::DOCUMENTS.columns.len()),
            changed_documents: Rows::new(documents::CHANGED_DOCUMENTS.columns.len()),
            new_payments: Rows::new(payments::PAYMENTS.columns.len()),
            changed_payments: Rows::new(payments::CHANGED_PAYMENTS.columns.len()),
            applications: Rows::new(APPLICATIONS.columns.len()),
            holds: Rows::new(agreements::HOLDS.columns.len()),
            promises: Rows::new(agreements::PROMISES.columns.len()),
            quarantine: Rows::new(agreements::QUARANTINE.columns.len()),
            terms: NewTerms::default(),
            gone_terms: Vec::new(),
            events: Rows::new(EVENTS.columns.len()),
            touched: BTreeSet::new(),
            refreshed: BTreeSet::new(),
        }
    }

    fn id(&self) -> Uuid {
        self.stamp.ids.draw()
    }

    fn event(&mut self, kind: &'static str, entity: Uuid, before: &Value, after: &Value) {
        let mut body = json!({ "before": before, "after": after });
        if let Some(import) = self.import {
            body["import"] = json!(import.to_string());
        }
        let body = body.to_string();
        self.events.push([
            Bind::from(self.company),
            self.stamp.ids.draw().into(),
            kind.into(),
            entity.into(),
            body.into(),
            Bind::from(&self.stamp.author),
            self.stamp.at.into(),
        ]);
    }

    /// Keeps what changed of a customer's words.
    fn change_terms(&mut self, before: &Customer, after: &Customer) {
        let (old, new) = (customer_terms(before), customer_terms(after));
        let added = new.difference(&old).cloned().collect();
        self.terms.add(added, after.id);
        let gone = old.difference(&new).cloned();
        self.gone_terms.extend(gone.map(|term| (term, after.id)));
    }

    fn refuse(&mut self, entity: &'static str, key: &str, why: Refusal) {
        let key = key.to_owned();
        self.counts.refused.push(RefusedFact { entity, key, why });
    }

    async fn write(
        mut self,
        heavy: &mut Heavy<'_>,
        customers: &HashMap<String, Uuid>,
    ) -> Result<ChunkCounts> {
        // Rows that refer to customers lock them one by one in the order of the file; locked here
        // in the order of ids, two writers cannot wait for each other in a ring.
        let mut locked: Vec<Uuid> = customers.values().copied().collect();
        locked.sort_unstable();
        if !self.writes_nothing() {
            lock_customers(heavy, self.company, &locked).await?;
        }
        let part = self
            .import
            .map(|import| Part::new(self.stamp, self.company, import));
        let changed = self.changed();
        let before = match &part {
            Some(part) => part.before(heavy, &changed).await?,
            None => Vec::new(),
        };
        self.write_rows(heavy).await?;
        let refreshed: Vec<Uuid> = self.refreshed.iter().copied().collect();
        refresh(heavy, self.company, &refreshed).await?;
        if let Some(part) = part {
            part.made(heavy, &self.made()).await?;
            part.changed(heavy, &changed, before).await?;
        }
        self.counts.touched = self
            .touched
            .iter()
            .copied()
            .map(CustomerId::from_uuid)
            .collect();
        Ok(self.counts)
    }

    /// The rows that are new, by table, with the cells by which each is found again.
    fn made(&self) -> [(&'static str, &Rows<'_>, &'static [usize]); 7] {
        [
            ("customers", &self.new_customers, &[1]),
            ("contact_points", &self.new_points, &[2, 1]),
            ("documents", &self.new_documents, &[1]),
            ("payments", &self.new_payments, &[1]),
            ("applications", &self.applications, &[1]),
            ("holds", &self.holds, &[1]),
            ("promises", &self.promises, &[1]),
        ]
    }

    /// The keys of the rows that change, table by table as in [`CHANGING`].
    fn changed(&self) -> [Vec<Vec<Uuid>>; CHANGING.len()] {
        [
            keys_of(&self.changed_customers, 1),
            keys_of(&self.changed_points, 2),
            keys_of(&self.changed_documents, 1),
            keys_of(&self.changed_payments, 1),
        ]
    }

    async fn write_rows(&mut self, heavy: &mut Heavy<'_>) -> Result<()> {
        heavy
            .insert(&customers::CUSTOMERS, &self.new_customers, Clash::Fail)
            .await?;
        let changed = &self.changed_customers;
        heavy
            .update(&customers::CHANGED_CUSTOMERS, 2, "", changed)
            .await?;
        let terms = std::mem::take(&mut self.terms).rows(self.company);
        heavy.insert(&TERMS, &terms, Clash::SkipRare).await?;
        for (term, customer) in std::mem::take(&mut self.gone_terms) {
            let binds = [self.company.into(), bytes(term), customer.into()];
            heavy.run(FORGET, &binds).await?;
        }
        heavy
            .insert(&points::POINTS, &self.new_points, Clash::Fail)
            .await?;
        heavy
            .update(&points::CHANGED_POINTS, 3, "", &self.changed_points)
            .await?;
        heavy
            .insert(&points::CONSENTS, &self.consents, Clash::Fail)
            .await?;
        let mut opt_outs = Rows::new(OPT_OUTS.columns.len());
        for (digest, since) in std::mem::take(&mut self.opt_outs) {
            let at = self.stamp.at;
            opt_outs.push([self.company.into(), digest.into(), since.into(), at.into()]);
        }
        heavy
            .insert(&OPT_OUTS, &opt_outs, Clash::ReplaceRare(2))
            .await?;
        heavy
            .insert(&documents::DOCUMENTS, &self.new_documents, Clash::Fail)
            .await?;
        let changed = &self.changed_documents;
        heavy
            .update(&documents::CHANGED_DOCUMENTS, 2, "", changed)
            .await?;
        heavy
            .insert(&payments::PAYMENTS, &self.new_payments, Clash::Fail)
            .await?;
        let changed = &self.changed_payments;
        heavy
            .update(&payments::CHANGED_PAYMENTS, 2, "", changed)
            .await?;
        heavy
            .insert(&APPLICATIONS, &self.applications, Clash::Fail)
            .await?;
        heavy
            .insert(&agreements::HOLDS, &self.holds, Clash::Fail)
            .await?;
        heavy
            .insert(&agreements::PROMISES, &self.promises, Clash::Fail)
            .await?;
        let rows = self.quarantine.iter().count() as u64;
        let kept = heavy
            .insert(&agreements::QUARANTINE, &self.quarantine, Clash::Skip)
            .await?;
        self.counts.quarantined.created = kept;
        self.counts.quarantined.unchanged = rows - kept;
        heavy.insert(&EVENTS, &self.events, Clash::Fail).await?;
        Ok(())
    }

    /// Whether nothing refers to a customer that was there before.
    fn writes_nothing(&self) -> bool {
        [
            &self.new_points,
            &self.new_documents,
            &self.changed_documents,
            &self.new_payments,
            &self.changed_payments,
            &self.applications,
            &self.holds,
            &self.promises,
        ]
        .iter()
        .all(|rows| rows.is_empty())
            && self.changed_customers.is_empty()
            && self.changed_points.is_empty()
    }
}

/// The cells behind the company's by which rows are found.
fn keys_of(rows: &Rows<'_>, keys: usize) -> Vec<Vec<Uuid>> {
    rows.iter()
        .map(|row| row[1..=keys].iter().filter_map(Bind::uuid).collect())
        .collect()
}
