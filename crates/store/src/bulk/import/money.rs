//! Money laid on documents, as a file tells it.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::Money;
use jiff::civil::Date;
use uuid::Uuid;

use super::super::Heavy;
use super::super::import_facts::{ApplicationFacts, ImportChunk, Refusal, SourceKey};
use super::Plan;
use super::documents::{Documents, is_credit};
use super::payments::Payments;
use crate::applications::UNDONE;
use crate::error::Result;
use crate::value::{Bind, Row, binds};

/// Payment or credit note, and document.
type Pair = (Option<Uuid>, Option<Uuid>, Uuid);

/// What lies of a source on a document already.
#[derive(Default)]
struct Laid {
    by_day: BTreeMap<Date, i64>,
    undone: bool,
}

/// What the chunk says of one pair.
struct Wanted<'a> {
    customer: Uuid,
    source: &'a SourceKey,
    document: &'a str,
    matched: &'a str,
    by_day: BTreeMap<Date, i64>,
    /// Whether source or document was there before this chunk.
    old: bool,
}

/// Plans applications: for each pair, the rows that lead from what lies there to what the chunk
/// says, day by day. A pair that a person undid stays as it is.
pub(super) async fn plan<'a>(
    heavy: &mut Heavy<'_>,
    plan: &mut Plan<'a>,
    chunk: &'a ImportChunk,
    documents: &mut Documents<'a>,
    payments: &mut Payments<'a>,
) -> Result<()> {
    let (wanted, mut order) = wanted(plan, chunk, documents, payments);
    let laid = load(heavy, plan, &wanted).await?;
    let change = |(pair, wanted): (&Pair, &Wanted<'_>)| {
        let change = match laid.get(pair) {
            None => wanted.by_day.clone(),
            Some(laid) if laid.undone => BTreeMap::new(),
            Some(laid) => difference(&wanted.by_day, &laid.by_day),
        };
        (*pair, change)
    };
    let mut changes: HashMap<Pair, BTreeMap<Date, i64>> = wanted.iter().map(change).collect();
    let spent = spent(heavy, plan, &wanted, &changes, payments).await?;
    taken_first(&mut order, &changes);
    for pair in order {
        let Some(wanted) = wanted.get(&pair) else {
            continue;
        };
        let mut changes = changes.remove(&pair).unwrap_or_default();
        if let SourceKey::Payment(reference) = wanted.source
            && let Some(payment) = payments.get(reference)
        {
            let before = spent.get(&payment.id).copied().unwrap_or(0);
            fit(&mut changes, payment.amount.minor - before - payment.laid);
        }
        if changes.is_empty() {
            plan.counts.applications.unchanged += 1;
            continue;
        }
        if laid.contains_key(&pair) {
            plan.counts.applications.updated += 1;
        } else {
            plan.counts.applications.created += 1;
        }
        plan.touched.insert(wanted.customer);
        if wanted.old {
            plan.refreshed.insert(wanted.customer);
        }
        for (on, minor) in changes {
            push(plan, pair, wanted, on, minor);
            note_laid(wanted, on, minor, documents, payments);
        }
    }
    Ok(())
}

/// What the chunk says of each pair, and the pairs in its order; what cannot be is refused.
fn wanted<'a>(
    plan: &mut Plan<'a>,
    chunk: &'a ImportChunk,
    documents: &Documents<'a>,
    payments: &Payments<'a>,
) -> (HashMap<Pair, Wanted<'a>>, Vec<Pair>) {
    let mut wanted: HashMap<Pair, Wanted<'a>> = HashMap::new();
    let mut order = Vec::new();
    for facts in &chunk.applications {
        match resolve(facts, documents, payments) {
            Ok((pair, customer, old)) => {
                let entry = wanted.entry(pair).or_insert_with(|| {
                    order.push(pair);
                    Wanted {
                        customer,
                        source: &facts.source,
                        document: &facts.document,
                        matched: &facts.matched,
                        by_day: BTreeMap::new(),
                        old,
                    }
                });
                *entry.by_day.entry(facts.on).or_default() += facts.minor;
            }
            Err(why) => plan.refuse("application", &facts.document, why),
        }
    }
    (wanted, order)
}

/// What is taken from somewhere is there to be laid elsewhere.
fn taken_first(order: &mut [Pair], changes: &HashMap<Pair, BTreeMap<Date, i64>>) {
    let adds = |change: &BTreeMap<Date, i64>| change.values().sum::<i64>() >= 0;
    order.sort_by_key(|pair| changes.get(pair).is_none_or(adds));
}

/// The pair a fact speaks of, its customer, and whether any side was there before.
fn resolve(
    facts: &ApplicationFacts,
    documents: &Documents<'_>,
    payments: &Payments<'_>,
) -> Result<(Pair, Uuid, bool), Refusal> {
    let document = documents.get(&facts.document).filter(|it| !is_credit(it));
    let document = document.ok_or(Refusal::UnknownDocument)?;
    let (pair, customer, amount, old): (Pair, Uuid, Money, bool) = match &facts.source {
        SourceKey::Payment(reference) => {
            let payment = payments.get(reference).ok_or(Refusal::UnknownSource)?;
            let pair = (Some(payment.id), None, document.id);
            (
                pair,
                payment.customer,
                payment.amount,
                payment.new.is_none(),
            )
        }
        SourceKey::Credit(number) => {
            let credit = documents.get(number).filter(|it| is_credit(it));
            let credit = credit.ok_or(Refusal::UnknownSource)?;
            let pair = (None, Some(credit.id), document.id);
            (pair, credit.customer, credit.amount, credit.new.is_none())
        }
    };
    if customer != document.customer {
        return Err(Refusal::CustomersDiffer);
    }
    if amount.currency != document.amount.currency {
        return Err(Refusal::CurrenciesDiffer);
    }
    Ok((pair, customer, old || document.new.is_none()))
}

async fn load(
    heavy: &mut Heavy<'_>,
    plan: &Plan<'_>,
    wanted: &HashMap<Pair, Wanted<'_>>,
) -> Result<HashMap<Pair, Laid>> {
    // By way of the documents: two lists side by side would be looked up in every combination.
    const SQL: &str = "SELECT a.payment_id, a.credit_id, a.document_id, a.applied_on, \
        a.amount_minor, a.matched FROM documents d JOIN applications a \
        ON a.company_id = d.company_id AND a.customer_id = d.customer_id \
        AND a.document_id = d.id WHERE d.company_id = $1 AND d.id {uuids:2}";
    let old = wanted.iter().filter(|(_, it)| it.old);
    let documents: HashSet<Uuid> = old.map(|(pair, _)| pair.2).collect();
    let mut laid: HashMap<Pair, Laid> = HashMap::new();
    if documents.is_empty() {
        return Ok(laid);
    }
    let mut note = |row: &mut Row<'_>| {
        let pair: Pair = (row.get()?, row.get()?, row.get()?);
        let (on, minor, matched): (Date, i64, String) = (row.get()?, row.get()?, row.get()?);
        let entry = laid.entry(pair).or_default();
        *entry.by_day.entry(on).or_default() += minor;
        entry.undone |= matched == UNDONE;
        Ok(())
    };
    let documents: Vec<Uuid> = documents.into_iter().collect();
    let binds = binds![plan.company, documents];
    heavy.each(SQL, &binds, &mut note).await?;
    Ok(laid)
}

/// What lies anywhere of the stored payments of which more is to be laid: a rule may have laid them
/// before the file named a document.
async fn spent(
    heavy: &mut Heavy<'_>,
    plan: &Plan<'_>,
    wanted: &HashMap<Pair, Wanted<'_>>,
    changes: &HashMap<Pair, BTreeMap<Date, i64>>,
    payments: &Payments<'_>,
) -> Result<HashMap<Uuid, i64>> {
    const SQL: &str = "SELECT payment_id, CAST(SUM(amount_minor) AS BIGINT) FROM applications \
        WHERE company_id = $1 AND customer_id {uuids:2} AND payment_id {uuids:3} \
        GROUP BY payment_id";
    let mut spent = HashMap::new();
    let (mut customers, mut ids) = (HashSet::new(), HashSet::new());
    for (pair, wanted) in wanted {
        let SourceKey::Payment(reference) = wanted.source else {
            continue;
        };
        let grows = changes
            .get(pair)
            .is_some_and(|it| it.values().sum::<i64>() > 0);
        if let Some(payment) = payments
            .get(reference)
            .filter(|it| it.new.is_none() && grows)
        {
            customers.insert(payment.customer);
            ids.insert(payment.id);
        }
    }
    if ids.is_empty() {
        return Ok(spent);
    }
    let mut note = |row: &mut Row<'_>| {
        spent.insert(row.get()?, row.get()?);
        Ok(())
    };
    let customers: Vec<Uuid> = customers.into_iter().collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    heavy
        .each(SQL, &binds![plan.company, customers, ids], &mut note)
        .await?;
    Ok(spent)
}

/// Cuts what is added, the latest day first, to what is left of the payment: it is never laid
/// twice.
fn fit(changes: &mut BTreeMap<Date, i64>, room: i64) {
    let mut over = changes.values().sum::<i64>() - room.max(0);
    for minor in changes.values_mut().rev().filter(|minor| **minor > 0) {
        let cut = over.clamp(0, *minor);
        *minor -= cut;
        over -= cut;
    }
    changes.retain(|_, minor| *minor != 0);
}

/// What has to be added on each day.
fn difference(wanted: &BTreeMap<Date, i64>, laid: &BTreeMap<Date, i64>) -> BTreeMap<Date, i64> {
    let mut changes = wanted.clone();
    for (on, minor) in laid {
        *changes.entry(*on).or_default() -= minor;
    }
    changes.retain(|_, minor| *minor != 0);
    changes
}

fn push<'a>(plan: &mut Plan<'a>, pair: Pair, wanted: &Wanted<'a>, on: Date, minor: i64) {
    let (payment, credit, document) = pair;
    plan.applications.push([
        Bind::from(plan.company),
        plan.id().into(),
        wanted.customer.into(),
        payment.into(),
        credit.into(),
        document.into(),
        on.into(),
        minor.into(),
        wanted.matched.into(),
        Bind::from(&plan.stamp.author),
        plan.stamp.at.into(),
    ]);
}

/// Notes beside a new source or document what is laid, so that it is born closed.
fn note_laid(
    wanted: &Wanted<'_>,
    on: Date,
    minor: i64,
    documents: &mut Documents<'_>,
    payments: &mut Payments<'_>,
) {
    if let Some(document) = documents.get_mut(wanted.document) {
        document.laid += minor;
        document.last_on = document.last_on.max(Some(on));
    }
    match wanted.source {
        SourceKey::Payment(reference) => {
            if let Some(payment) = payments.get_mut(reference) {
                payment.laid += minor;
                payment.last_on = payment.last_on.max(Some(on));
            }
        }
        SourceKey::Credit(number) => {
            if let Some(credit) = documents.get_mut(number) {
                credit.laid += minor;
                credit.last_on = credit.last_on.max(Some(on));
            }
        }
    }
}
