//! Documents.

use std::collections::{HashMap, HashSet};

use domain::document::{DebtFacts, Document};
use domain::search::number_digits;
use domain::{CompanyId, Money};
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::import_facts::{DocumentFacts, ImportChunk, Refusal, SourceKey, Tally};
use super::super::{Heavy, Table};
use super::Plan;
use crate::companies::events_of_change;
use crate::documents::debt_body;
use crate::error::Result;
use crate::facts::DOCUMENT;
use crate::search::bytes;
use crate::value::{Bind, Row, binds};

pub(super) const DOCUMENTS: Table = Table {
    name: "documents",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "number",
        "kind",
        "issued_on",
        "due_on",
        "currency",
        "amount_minor",
        "direct_debit",
        "settled_on_projection",
        "extra",
        "source_digest",
        "recorded_at",
        "number_digits",
        "debt_class",
        "final_consumer",
        "creditor",
        "actor",
    ],
};

pub(super) const CHANGED_DOCUMENTS: Table = Table {
    name: "documents",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "kind",
        "issued_on",
        "due_on",
        "currency",
        "amount_minor",
        "direct_debit",
        "settled_on_projection",
        "extra",
        "source_digest",
        "debt_class",
        "final_consumer",
        "creditor",
        "actor",
    ],
};

/// A document or payment by its key, as it stands when this chunk is done.
pub(super) struct Entry<'a, F, K> {
    pub(super) id: Uuid,
    pub(super) customer: Uuid,
    pub(super) amount: Money,
    /// What the chunk tells, for one that is new.
    pub(super) new: Option<&'a F>,
    /// What the chunk lays on a new one, and the last day of it.
    pub(super) laid: i64,
    pub(super) last_on: Option<Date>,
    /// One that was there already.
    pub(super) stored: Option<Stored<K>>,
    /// Whether the chunk told of it already, and with which digest.
    pub(super) told: Option<[u8; 32]>,
}

/// A row as it was before this chunk.
pub(super) struct Stored<K> {
    pub(super) digest: Vec<u8>,
    pub(super) row: K,
    pub(super) extra: Value,
}

impl<F, K> Entry<'_, F, K> {
    /// The day on which nothing is left of it, for a new one.
    pub(super) fn closed_on(&self, born: Date) -> Option<Date> {
        match self.last_on {
            Some(last) => (self.laid >= self.amount.minor).then_some(last),
            None => (self.amount.minor == 0).then_some(born),
        }
    }
}

pub(super) type Entries<'a, F, K> = HashMap<String, Entry<'a, F, K>>;
pub(super) type Documents<'a> = Entries<'a, DocumentFacts, Document>;

/// Every document the chunk names, as stored.
pub(super) async fn load<'a>(
    heavy: &mut Heavy<'_>,
    plan: &Plan<'_>,
    chunk: &ImportChunk,
) -> Result<Documents<'a>> {
    let sql = format!(
        "SELECT {DOCUMENT}, t.customer_id, t.extra, t.source_digest FROM documents t \
         WHERE t.company_id = $1 AND t.number {{texts:2}}"
    );
    let credits = chunk.applications.iter().filter_map(|it| match &it.source {
        SourceKey::Credit(number) => Some(number),
        SourceKey::Payment(_) => None,
    });
    let numbers: HashSet<&str> = chunk
        .documents
        .iter()
        .map(|it| &it.number)
        .chain(chunk.applications.iter().map(|it| &it.document))
        .chain(credits)
        .chain(chunk.holds.iter().filter_map(|it| it.document.as_ref()))
        .map(String::as_str)
        .collect();
    let mut entries = HashMap::with_capacity(numbers.len());
    if numbers.is_empty() {
        return Ok(entries);
    }
    let mut note = |row: &mut Row<'_>| {
        let document: Document = row.get()?;
        let (customer, extra): (Uuid, Value) = (row.get()?, row.get()?);
        let digest = row.get()?;
        let entry = Entry {
            id: document.id.uuid(),
            customer,
            amount: document.amount,
            new: None,
            laid: 0,
            last_on: None,
            stored: Some(Stored {
                digest,
                row: document.clone(),
                extra,
            }),
            told: None,
        };
        entries.insert(document.number, entry);
        Ok(())
    };
    let numbers: Vec<&str> = numbers.into_iter().collect();
    heavy
        .each(&sql, &binds![plan.company, numbers], &mut note)
        .await?;
    Ok(entries)
}

fn document_body(customer: &Uuid, document: &Document, extra: &Value) -> Value {
    json!({
        "customer": customer.to_string(),
        "kind": document.kind.code(),
        "issued": document.issued.to_string(),
        "due": document.due.to_string(),
        "amount": document.amount.to_string(),
        "direct_debit": document.direct_debit,
        "debt": debt_body(document.debt),
        "extra": extra,
    })
}

fn debt_cells<'a>(debt: DebtFacts) -> [Bind<'a>; 4] {
    [
        debt.class.into(),
        debt.final_consumer.into(),
        debt.creditor.into(),
        debt.actor.into(),
    ]
}

/// Plans documents: new ones wait in `entries` until what closes them is known.
pub(super) async fn plan<'a>(
    heavy: &mut Heavy<'_>,
    plan: &mut Plan<'a>,
    chunk: &'a ImportChunk,
    customers: &HashMap<String, Uuid>,
    entries: &mut Documents<'a>,
) -> Result<()> {
    const LAID: &str = "SELECT document_id, credit_id FROM applications \
        WHERE company_id = $1 AND customer_id {uuids:2}";
    plan.put_off = put_off(heavy, plan.company, entries).await?;
    let mut moved = Vec::new();
    for facts in &chunk.documents {
        let Some(customer) = customers.get(&facts.customer).copied() else {
            continue;
        };
        let stored = entries.get(&facts.number);
        if stored.is_some_and(|it| {
            it.customer != customer || it.amount.currency != facts.amount.currency
        }) {
            moved.extend(stored.map(|it| it.customer));
        }
    }
    let mut bound: HashSet<Uuid> = HashSet::new();
    if !moved.is_empty() {
        let mut note = |row: &mut Row<'_>| {
            let (document, credit): (Uuid, Option<Uuid>) = (row.get()?, row.get()?);
            bound.insert(document);
            bound.extend(credit);
            Ok(())
        };
        heavy
            .each(LAID, &binds![plan.company, moved], &mut note)
            .await?;
    }
    for facts in &chunk.documents {
        let Some(customer) = customers.get(&facts.customer).copied() else {
            continue;
        };
        match entries.get_mut(&facts.number) {
            None => {
                plan.counts.documents.created += 1;
                plan.touched.insert(customer);
                entries.insert(
                    facts.number.clone(),
                    new_entry(plan.id(), customer, facts.amount, facts, facts.digest),
                );
            }
            Some(entry) => change_document(plan, entry, facts, customer, &bound),
        }
    }
    Ok(())
}

/// The dates that documents of the chunk bore before somebody put them off.
async fn put_off(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    entries: &Documents<'_>,
) -> Result<HashMap<Uuid, Date>> {
    const SQL: &str = "SELECT document_id, before_on FROM due_changes \
        WHERE company_id = $1 AND document_id {uuids:2} ORDER BY id DESC";
    let mut first = HashMap::new();
    if entries.is_empty() {
        return Ok(first);
    }
    let ids: Vec<Uuid> = entries.values().map(|entry| entry.id).collect();
    let mut note = |row: &mut Row<'_>| {
        first.insert(row.get()?, row.get()?);
        Ok(())
    };
    heavy.each(SQL, &binds![company, ids], &mut note).await?;
    Ok(first)
}

pub(super) fn new_entry<F, K>(
    id: Uuid,
    customer: Uuid,
    amount: Money,
    facts: &F,
    digest: [u8; 32],
) -> Entry<'_, F, K> {
    Entry {
        id,
        customer,
        amount,
        new: Some(facts),
        laid: 0,
        last_on: None,
        stored: None,
        told: Some(digest),
    }
}

/// What a fact about an entry that is known comes to before its content is compared.
pub(super) fn compare<F, K>(
    entry: &mut Entry<'_, F, K>,
    digest: [u8; 32],
    tally: &mut Tally,
) -> Result<bool, Refusal> {
    if let Some(told) = entry.told.replace(digest) {
        return if told == digest {
            Ok(false)
        } else {
            Err(Refusal::Repeated)
        };
    }
    if entry
        .stored
        .as_ref()
        .is_some_and(|stored| stored.digest == digest)
    {
        tally.unchanged += 1;
        return Ok(false);
    }
    Ok(true)
}

fn change_document<'a>(
    plan: &mut Plan<'a>,
    entry: &mut Entry<'a, DocumentFacts, Document>,
    facts: &'a DocumentFacts,
    customer: Uuid,
    bound: &HashSet<Uuid>,
) {
    match compare(entry, facts.digest, &mut plan.counts.documents) {
        Ok(true) => {}
        Ok(false) => return,
        Err(why) => return plan.refuse("document", &facts.number, why),
    }
    let Some(stored) = &entry.stored else {
        return;
    };
    let before = document_body(&entry.customer, &stored.row, &stored.extra);
    let debt = facts.debt.or(stored.row.debt);
    // A source that says the date again that was put off since takes nothing back.
    let put_off = plan.put_off.get(&entry.id) == Some(&facts.due);
    let due = if put_off { stored.row.due } else { facts.due };
    let (old, new) = events_of_change(&before, &facts_body(customer, (facts, due), debt));
    if old == new {
        plan.counts.documents.unchanged += 1;
        return;
    }
    if bound.contains(&entry.id) && customer != entry.customer {
        return plan.refuse("document", &facts.number, Refusal::OtherCustomer);
    }
    if bound.contains(&entry.id) && facts.amount.currency != entry.amount.currency {
        return plan.refuse("document", &facts.number, Refusal::OtherCurrency);
    }
    plan.counts.documents.updated += 1;
    plan.touched.extend([entry.customer, customer]);
    plan.refreshed.insert(customer);
    entry.customer = customer;
    entry.amount = facts.amount;
    let closed = (facts.amount.minor == 0).then_some(facts.issued);
    let [class, final_consumer, creditor, actor] = debt_cells(debt);
    plan.changed_documents.push([
        Bind::from(plan.company),
        entry.id.into(),
        customer.into(),
        facts.kind.into(),
        facts.issued.into(),
        due.into(),
        facts.amount.currency.into(),
        facts.amount.minor.into(),
        facts.direct_debit.into(),
        closed.into(),
        Bind::from(&facts.extra),
        Bind::from(&facts.digest),
        class,
        final_consumer,
        creditor,
        actor,
    ]);
    plan.event("document.changed", entry.id, &old, &new);
}

fn facts_body(customer: Uuid, (facts, due): (&DocumentFacts, Date), debt: DebtFacts) -> Value {
    json!({
        "customer": customer.to_string(),
        "kind": facts.kind.code(),
        "issued": facts.issued.to_string(),
        "due": due.to_string(),
        "amount": facts.amount.to_string(),
        "direct_debit": facts.direct_debit,
        "debt": debt_body(debt),
        "extra": facts.extra,
    })
}

/// Plans the rows of new documents, closed where the chunk itself closes them.
pub(super) fn push_new<'a>(plan: &mut Plan<'a>, documents: &Documents<'a>) {
    let mut new: Vec<_> = documents
        .values()
        .filter_map(|entry| entry.new.map(|facts| (entry, facts)))
        .collect();
    new.sort_unstable_by_key(|(entry, _)| entry.id);
    for (entry, facts) in new {
        let [class, final_consumer, creditor, actor] = debt_cells(facts.debt);
        plan.new_documents.push([
            Bind::from(plan.company),
            entry.id.into(),
            entry.customer.into(),
            Bind::from(&facts.number),
            facts.kind.into(),
            facts.issued.into(),
            facts.due.into(),
            facts.amount.currency.into(),
            facts.amount.minor.into(),
            facts.direct_debit.into(),
            entry.closed_on(facts.issued).into(),
            Bind::from(&facts.extra),
            Bind::from(&facts.digest),
            plan.stamp.at.into(),
            number_digits(&facts.number).map_or(Bind::Bytes(None), bytes),
            class,
            final_consumer,
            creditor,
            actor,
        ]);
    }
}

/// Whether a document that is known by a credit's key is one.
pub(super) fn is_credit(entry: &Entry<'_, DocumentFacts, Document>) -> bool {
    match (&entry.new, &entry.stored) {
        (Some(facts), _) => facts.kind.is_credit(),
        (None, Some(stored)) => stored.row.kind.is_credit(),
        (None, None) => false,
    }
}
