//! Customers and their addresses.

use std::collections::{HashMap, HashSet};

use domain::CustomerId;
use domain::customer::{Channel, Consent, ContactPoint, Customer, Health};
use domain::preference::{Purpose, Said};
use domain::search::{customer_terms, name_key};
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::import_facts::{ContactPointFacts, CustomerFacts, ImportChunk};
use super::super::{Heavy, Table};
use super::Plan;
use crate::companies::events_of_change;
use crate::customers::{body, legal_events_json};
use crate::error::Result;
use crate::facts::{CONTACT_POINT, CUSTOMER};
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

pub(super) const POINTS: Table = Table {
    name: "contact_points",
    columns: &[
        "company_id",
        "id",
        "customer_id",
        "channel",
        "address",
        "role",
        "source",
        "health",
        "consent",
        "consent_on",
        "consent_source",
        "recorded_at",
    ],
};

pub(super) const CONSENTS: Table = Table {
    name: "consents",
    columns: &[
        "company_id",
        "customer_id",
        "id",
        "point_id",
        "channel",
        "purpose",
        "state",
        "since",
        "source",
        "shown",
        "author",
        "recorded_at",
    ],
};

pub(super) const CHANGED_POINTS: Table = Table {
    name: "contact_points",
    columns: &[
        "company_id",
        "customer_id",
        "id",
        "role",
        "source",
        "consent",
        "consent_on",
        "consent_source",
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

/// Plans addresses: new ones, and what was not known of those there already.
pub(super) async fn plan_points<'a>(
    heavy: &mut Heavy<'_>,
    plan: &mut Plan<'a>,
    chunk: &'a ImportChunk,
    customers: &HashMap<String, Uuid>,
) -> Result<()> {
    if chunk.contact_points.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT t.customer_id, {CONTACT_POINT} FROM contact_points t \
         WHERE t.company_id = $1 AND t.customer_id {{uuids:2}}"
    );
    let mut owners: Vec<Uuid> = chunk
        .contact_points
        .iter()
        .filter_map(|it| customers.get(&it.customer))
        .copied()
        .collect();
    owners.sort_unstable();
    owners.dedup();
    let mut known: HashMap<(Uuid, &str, String), ContactPoint> = HashMap::new();
    let mut note = |row: &mut Row<'_>| {
        let (owner, point): (Uuid, ContactPoint) = (row.get()?, row.get()?);
        known.insert((owner, point.channel.code(), point.address.clone()), point);
        Ok(())
    };
    heavy
        .each(&sql, &binds![plan.company, owners], &mut note)
        .await?;
    let mut seen = HashSet::new();
    for facts in &chunk.contact_points {
        let Some(owner) = customers.get(&facts.customer).copied() else {
            continue;
        };
        let key = (owner, facts.channel.code(), facts.address.clone());
        if !seen.insert(key.clone()) {
            continue;
        }
        match known.get(&key) {
            Some(point) => complete(plan, owner, point, facts),
            None => push_point(plan, owner, facts),
        }
    }
    Ok(())
}

fn push_point<'a>(plan: &mut Plan<'a>, owner: Uuid, facts: &'a ContactPointFacts) {
    plan.counts.contact_points.created += 1;
    let [consent, on, source] = consent_cells(&facts.consent);
    let id = plan.id();
    push_consent(plan, (owner, id), facts.channel, &facts.consent);
    plan.new_points.push([
        Bind::from(plan.company),
        id.into(),
        owner.into(),
        facts.channel.into(),
        Bind::from(&facts.address),
        facts.role.into(),
        facts.source.into(),
        Health::Good.into(),
        consent,
        on,
        source,
        plan.stamp.at.into(),
    ]);
}

/// A line of the history; nothing where nothing is known.
fn push_consent(
    plan: &mut Plan<'_>,
    (owner, point): (Uuid, Uuid),
    channel: Channel,
    consent: &Consent,
) {
    let (said, since, source) = match consent {
        Consent::Unknown => return,
        Consent::Given { on, source } => (Said::Given, *on, source.clone()),
        Consent::Withdrawn { on } => (Said::Withdrawn, *on, String::new()),
    };
    plan.consents.push([
        Bind::from(plan.company),
        owner.into(),
        plan.id().into(),
        point.into(),
        channel.into(),
        Purpose::Collection.into(),
        said.into(),
        since.into(),
        source.into(),
        "".into(),
        plan.stamp.author.clone().into(),
        plan.stamp.at.into(),
    ]);
}

fn consent_cells<'a>(consent: &Consent) -> [Bind<'a>; 3] {
    match consent {
        Consent::Unknown => ["unknown".into(), Bind::Day(None), Bind::Text(None)],
        Consent::Given { on, source } => ["given".into(), (*on).into(), source.clone().into()],
        Consent::Withdrawn { on } => ["withdrawn".into(), (*on).into(), Bind::Text(None)],
    }
}

fn complete(plan: &mut Plan<'_>, owner: Uuid, point: &ContactPoint, facts: &ContactPointFacts) {
    let role = point.role.or(facts.role);
    let source = point.source.or(facts.source);
    let consent = later_consent(&point.consent, &facts.consent);
    if role == point.role && source == point.source && *consent == point.consent {
        plan.counts.contact_points.unchanged += 1;
        return;
    }
    plan.counts.contact_points.updated += 1;
    if *consent != point.consent {
        push_consent(plan, (owner, point.id.uuid()), point.channel, consent);
    }
    let [word, on, consent_source] = consent_cells(consent);
    plan.changed_points.push([
        Bind::from(plan.company),
        owner.into(),
        point.id.into(),
        role.into(),
        source.into(),
        word,
        on,
        consent_source,
    ]);
    let side = |role: Option<domain::customer::RecipientRole>,
                source: Option<domain::customer::ContactSource>,
                consent: &Consent| {
        json!({
            "role": role.map(|it| it.code()),
            "source": source.map(|it| it.code()),
            "consent": format!("{consent:?}"),
        })
    };
    let before = side(point.role, point.source, &point.consent);
    let (old, new) = events_of_change(&before, &side(role, source, consent));
    plan.event("contact_point.changed", point.id.uuid(), &old, &new);
}

/// What a file says of consent counts only where nothing later is known: a file imported again must
/// not bring back what the customer withdrew.
fn later_consent<'c>(known: &'c Consent, told: &'c Consent) -> &'c Consent {
    match (known, told) {
        (_, Consent::Unknown) => known,
        (Consent::Unknown, _) => told,
        (Consent::Given { on, .. }, Consent::Withdrawn { on: told_on }) if told_on >= on => told,
        (Consent::Withdrawn { on }, Consent::Given { on: told_on, .. }) if told_on > on => told,
        _ => known,
    }
}
