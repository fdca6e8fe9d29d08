//! Customers and their addresses.

use std::collections::{HashMap, HashSet};

use domain::CustomerId;
use domain::customer::Customer;
use domain::search::{customer_terms, name_key};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::import_facts::{CustomerFacts, ImportChunk};
use super::super::{Heavy, Table};
use super::Plan;
use crate::companies::events_of_change;
use crate::customers::{body, legal_events_json};
use crate::error::Result;
use crate::facts::CUSTOMER;
use crate::search::bytes;
use crate::value::{Bind, Row, binds};

pub(super) const CUSTOMERS: Table = Table {
    name: "customers",
    columns: &[
        "company_id",
        "id",
        "key",
        "name",
        "class",
        "country",
        "subdivision",
        "zone",
        "language",
        "tax_id",
        "importance",
        "behaviour",
        "tags",
        "legal_events",
        "extra",
        "source_digest",
        "recorded_at",
        "name_key",
    ],
};

pub(super) const CHANGED_CUSTOMERS: Table = Table {
    name: "customers",
    columns: &[
        "company_id",
        "id",
        "name",
        "class",
        "country",
        "subdivision",
        "zone",
        "language",
        "tax_id",
        "importance",
        "behaviour",
        "tags",
        "legal_events",
        "extra",
        "source_digest",
        "name_key",
    ],
};

/// A customer as it was and as it will be.
struct State {
    customer: Customer,
    extra: Value,
    digest: Vec<u8>,
    /// `None` for a new one.
    before: Option<(Customer, Value)>,
}

/// Plans customers and gives the id of every one the chunk names.
pub(super) async fn plan(
    heavy: &mut Heavy<'_>,
    plan: &mut Plan<'_>,
    chunk: &ImportChunk,
) -> Result<HashMap<String, Uuid>> {
    let keys = named(chunk);
    let told: HashSet<&str> = chunk.customers.iter().map(|it| it.key.as_str()).collect();
    let (told_keys, only_named): (Vec<&str>, Vec<&str>) =
        keys.iter().partition(|key| told.contains(**key));
    let mut states = load(heavy, plan, told_keys).await?;
    let mut ids = load_ids(heavy, plan, only_named).await?;
    for key in keys {
        if !states.contains_key(key) && !ids.contains_key(key) {
            let customer = Customer::known_by_name(CustomerId::from_uuid(plan.id()), key, key);
            let state = State {
                customer,
                extra: json!({}),
                digest: Vec::new(),
                before: None,
            };
            states.insert(key.to_owned(), state);
        }
    }
    for facts in &chunk.customers {
        if let Some(state) = states.get_mut(&facts.key) {
            tell(state, facts);
        }
    }
    let mut order: Vec<_> = states.into_iter().collect();
    order.sort_unstable_by_key(|(_, state)| state.customer.id);
    for (key, state) in order {
        ids.insert(key.clone(), state.customer.id.uuid());
        let is_told = told.contains(key.as_str());
        push(plan, state, is_told);
    }
    Ok(ids)
}

/// The ids of customers that the chunk names and tells nothing of.
async fn load_ids(
    heavy: &mut Heavy<'_>,
    plan: &Plan<'_>,
    keys: Vec<&str>,
) -> Result<HashMap<String, Uuid>> {
    const SQL: &str = "SELECT key, id FROM customers WHERE company_id = $1 AND key {texts:2}";
    let mut ids = HashMap::with_capacity(keys.len());
    if keys.is_empty() {
        return Ok(ids);
    }
    let mut note = |row: &mut Row<'_>| {
        ids.insert(row.get()?, row.get()?);
        Ok(())
    };
    heavy
        .each(SQL, &binds![plan.company, keys], &mut note)
        .await?;
    Ok(ids)
}

/// Every customer key of a chunk, each once, in the order of the file.
fn named(chunk: &ImportChunk) -> Vec<&str> {
    let mut seen = HashSet::new();
    let all = chunk
        .customers
        .iter()
        .map(|it| &it.key)
        .chain(chunk.contact_points.iter().map(|it| &it.customer))
        .chain(chunk.documents.iter().map(|it| &it.customer))
        .chain(chunk.payments.iter().map(|it| &it.customer))
        .chain(chunk.holds.iter().map(|it| &it.customer))
        .chain(chunk.promises.iter().map(|it| &it.customer));
    all.map(String::as_str)
        .filter(|key| seen.insert(*key))
        .collect()
}

async fn load(
    heavy: &mut Heavy<'_>,
    plan: &Plan<'_>,
    keys: Vec<&str>,
) -> Result<HashMap<String, State>> {
    let sql = format!(
        "SELECT {CUSTOMER}, c.extra, c.source_digest FROM customers c \
         WHERE c.company_id = $1 AND c.key {{texts:2}}"
    );
    let mut states = HashMap::with_capacity(keys.len());
    if keys.is_empty() {
        return Ok(states);
    }
    let mut note = |row: &mut Row<'_>| {
        let (customer, extra, digest): (Customer, Value, Vec<u8>) =
            (row.get()?, row.get()?, row.get()?);
        let before = (customer.clone(), extra.clone());
        states.insert(
            customer.key.clone(),
            State {
                customer,
                extra,
                digest,
                before: Some(before),
            },
        );
        Ok(())
    };
    heavy
        .each(&sql, &binds![plan.company, keys], &mut note)
        .await?;
    Ok(states)
}

fn with_extra(customer: &Customer, extra: &Value) -> Value {
    let mut body = body(customer);
    body["extra"] = extra.clone();
    body
}

fn tell(state: &mut State, facts: &CustomerFacts) {
    let passing = facts.in_passing;
    if !passing && state.digest == facts.digest {
        return;
    }
    let customer = &mut state.customer;
    if let Some(name) = &facts.name
        && (!passing || customer.name == customer.key)
    {
        customer.name.clone_from(name);
    }
    macro_rules! take {
        ($($field:ident),*) => {$(
            if facts.$field.is_some() && (!passing || customer.$field.is_none()) {
                customer.$field.clone_from(&facts.$field);
            }
        )*};
    }
    take!(
        class,
        country,
        subdivision,
        zone,
        language,
        tax_id,
        importance,
        behaviour
    );
    if let Some(tags) = &facts.tags
        && (!passing || customer.tags.is_empty())
    {
        customer.tags.clone_from(tags);
    }
    // What happened in law is not undone by a file that tells it again, or no longer.
    for event in facts.legal_events.iter().flatten() {
        let known = &mut customer.legal_events;
        if !known.iter().any(|it| it.event == event.event) {
            known.push(event.clone());
        }
    }
    if let (Some(Value::Object(told)), Value::Object(known)) = (&facts.extra, &mut state.extra) {
        for (key, value) in told {
            if !passing || !known.contains_key(key) {
                known.insert(key.clone(), value.clone());
            }
        }
    }
    if !passing {
        state.digest = facts.digest.to_vec();
    }
}

fn push(plan: &mut Plan<'_>, state: State, is_told: bool) {
    let State {
        customer,
        extra,
        digest,
        before,
    } = state;
    let tally = &mut plan.counts.customers;
    let company = Bind::from(plan.company);
    let id = customer.id;
    let (tags, legal) = (json!(customer.tags), legal_events_json(&customer));
    let digest = Bind::Bytes(Some(digest.into()));
    let json = |value: &Value| Bind::Json(value.to_string().into());
    let name_key = bytes(name_key(&customer.name));
    let Some(before) = before else {
        tally.created += 1;
        plan.terms.add(customer_terms(&customer), id);
        plan.new_customers.push([
            company,
            id.into(),
            customer.key.into(),
            customer.name.into(),
            customer.class.into(),
            customer.country.into(),
            Bind::Text(customer.subdivision.map(Into::into)),
            Bind::Text(customer.zone.map(Into::into)),
            Bind::Text(customer.language.map(Into::into)),
            Bind::Text(customer.tax_id.map(Into::into)),
            customer.importance.into(),
            customer.behaviour.into(),
            json(&tags),
            json(&legal),
            json(&extra),
            digest,
            plan.stamp.at.into(),
            name_key,
        ]);
        return;
    };
    if before.0 == customer && before.1 == extra {
        tally.unchanged += u64::from(is_told);
        return;
    }
    tally.updated += 1;
    plan.change_terms(&before.0, &customer);
    let was = with_extra(&before.0, &before.1);
    let now = with_extra(&customer, &extra);
    let (old, new) = events_of_change(&was, &now);
    plan.changed_customers.push([
        company,
        id.into(),
        customer.name.into(),
        customer.class.into(),
        customer.country.into(),
        Bind::Text(customer.subdivision.map(Into::into)),
        Bind::Text(customer.zone.map(Into::into)),
        Bind::Text(customer.language.map(Into::into)),
        Bind::Text(customer.tax_id.map(Into::into)),
        customer.importance.into(),
        customer.behaviour.into(),
        json(&tags),
        json(&legal),
        json(&extra),
        digest,
        name_key,
    ]);
    plan.event("customer.changed", id.uuid(), &old, &new);
}
