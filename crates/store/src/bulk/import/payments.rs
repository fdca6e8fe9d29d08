//! Payments.

use std::collections::{HashMap, HashSet};

use domain::Money;
use domain::ledger::Payment;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::import_facts::{ImportChunk, PaymentFacts, Refusal, SourceKey};
use super::super::{Heavy, Table};
use super::Plan;
use super::documents::{Entries, Entry, Stored, compare, new_entry};
use crate::companies::events_of_change;
use crate::error::Result;
use crate::facts::PAYMENT;
use crate::value::{Bind, Row, binds};

pub(super) const PAYMENTS: Table = Table {
    name: "payments",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "reference",
        "paid_on",
        "currency",
        "amount_minor",
        "spent_on_projection",
        "extra",
        "source_digest",
        "author",
        "recorded_at",
    ],
};

pub(super) const CHANGED_PAYMENTS: Table = Table {
    name: "payments",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "paid_on",
        "currency",
        "amount_minor",
        "spent_on_projection",
        "extra",
        "source_digest",
    ],
};

pub(super) type Payments<'a> = Entries<'a, PaymentFacts, Payment>;

/// Every payment the chunk names, as stored.
pub(super) async fn load<'a>(
    heavy: &mut Heavy<'_>,
    plan: &Plan<'_>,
    chunk: &ImportChunk,
) -> Result<Payments<'a>> {
    let sql = format!(
        "SELECT {PAYMENT}, t.customer_id, t.extra, t.source_digest FROM payments t \
         WHERE t.company_id = $1 AND t.reference {{texts:2}}"
    );
    let sources = chunk.applications.iter().filter_map(|it| match &it.source {
        SourceKey::Payment(reference) => Some(reference),
        SourceKey::Credit(_) => None,
    });
    let references: HashSet<&str> = chunk
        .payments
        .iter()
        .map(|it| &it.reference)
        .chain(sources)
        .map(String::as_str)
        .collect();
    let mut entries = HashMap::with_capacity(references.len());
    if references.is_empty() {
        return Ok(entries);
    }
    let mut note = |row: &mut Row<'_>| {
        let payment: Payment = row.get()?;
        let (customer, extra): (Uuid, Value) = (row.get()?, row.get()?);
        let digest = row.get()?;
        let entry = Entry {
            id: payment.id.uuid(),
            customer,
            amount: payment.amount,
            new: None,
            laid: 0,
            last_on: None,
            stored: Some(Stored {
                digest,
                row: payment.clone(),
                extra,
            }),
            told: None,
        };
        entries.insert(payment.reference, entry);
        Ok(())
    };
    let references: Vec<&str> = references.into_iter().collect();
    heavy
        .each(&sql, &binds![plan.company, references], &mut note)
        .await?;
    Ok(entries)
}

fn payment_body(customer: Uuid, on: Date, amount: Money, extra: &Value) -> Value {
    json!({
        "customer": customer.to_string(),
        "on": on.to_string(),
        "amount": amount.to_string(),
        "extra": extra,
    })
}

/// Plans payments: new ones wait in `entries` until what spends them is known.
pub(super) async fn plan<'a>(
    heavy: &mut Heavy<'_>,
    plan: &mut Plan<'a>,
    chunk: &'a ImportChunk,
    customers: &HashMap<String, Uuid>,
    entries: &mut Payments<'a>,
) -> Result<()> {
    const LAID: &str = "SELECT payment_id FROM applications \
        WHERE company_id = $1 AND customer_id {uuids:2} AND payment_id IS NOT NULL";
    let mut moved = Vec::new();
    for facts in &chunk.payments {
        let known = entries.get(&facts.reference);
        let differs = |it: &Entry<'_, PaymentFacts, Payment>| {
            customers.get(&facts.customer) != Some(&it.customer)
                || it.amount.currency != facts.amount.currency
        };
        moved.extend(known.filter(|it| differs(it)).map(|it| it.customer));
    }
    let mut bound: HashSet<Uuid> = HashSet::new();
    if !moved.is_empty() {
        let mut note = |row: &mut Row<'_>| {
            bound.insert(row.get()?);
            Ok(())
        };
        heavy
            .each(LAID, &binds![plan.company, moved], &mut note)
            .await?;
    }
    for facts in &chunk.payments {
        let Some(customer) = customers.get(&facts.customer).copied() else {
            continue;
        };
        match entries.get_mut(&facts.reference) {
            None => {
                plan.counts.payments.created += 1;
                plan.touched.insert(customer);
                let entry = new_entry(plan.id(), customer, facts.amount, facts, facts.digest);
                entries.insert(facts.reference.clone(), entry);
            }
            Some(entry) => change_payment(plan, entry, facts, customer, &bound),
        }
    }
    Ok(())
}

fn change_payment<'a>(
    plan: &mut Plan<'a>,
    entry: &mut Entry<'a, PaymentFacts, Payment>,
    facts: &'a PaymentFacts,
    customer: Uuid,
    bound: &HashSet<Uuid>,
) {
    match compare(entry, facts.digest, &mut plan.counts.payments) {
        Ok(true) => {}
        Ok(false) => return,
        Err(why) => return plan.refuse("payment", &facts.reference, why),
    }
    let Some(stored) = &entry.stored else {
        return;
    };
    let (on, amount) = (stored.row.on, stored.row.amount);
    let before = payment_body(entry.customer, on, amount, &stored.extra);
    let after = payment_body(customer, facts.on, facts.amount, &facts.extra);
    let (old, new) = events_of_change(&before, &after);
    if old == new {
        plan.counts.payments.unchanged += 1;
        return;
    }
    if bound.contains(&entry.id) && customer != entry.customer {
        return plan.refuse("payment", &facts.reference, Refusal::OtherCustomer);
    }
    if bound.contains(&entry.id) && facts.amount.currency != entry.amount.currency {
        return plan.refuse("payment", &facts.reference, Refusal::OtherCurrency);
    }
    plan.counts.payments.updated += 1;
    plan.touched.extend([entry.customer, customer]);
    plan.refreshed.insert(customer);
    entry.customer = customer;
    entry.amount = facts.amount;
    plan.changed_payments.push([
        Bind::from(plan.company),
        entry.id.into(),
        customer.into(),
        facts.on.into(),
        facts.amount.currency.into(),
        facts.amount.minor.into(),
        Bind::Day(None),
        Bind::from(&facts.extra),
        Bind::from(&facts.digest),
    ]);
    plan.event("payment.changed", entry.id, &old, &new);
}

/// Plans the rows of new payments, spent where the chunk itself spends them.
pub(super) fn push_new<'a>(plan: &mut Plan<'a>, payments: &Payments<'a>) {
    let mut new: Vec<_> = payments
        .values()
        .filter_map(|entry| entry.new.map(|facts| (entry, facts)))
        .collect();
    new.sort_unstable_by_key(|(entry, _)| entry.id);
    for (entry, facts) in new {
        plan.new_payments.push([
            Bind::from(plan.company),
            entry.id.into(),
            entry.customer.into(),
            Bind::from(&facts.reference),
            facts.on.into(),
            facts.amount.currency.into(),
            facts.amount.minor.into(),
            entry.closed_on(facts.on).into(),
            Bind::from(&facts.extra),
            Bind::from(&facts.digest),
            Bind::from(&plan.stamp.author),
            plan.stamp.at.into(),
        ]);
    }
}
