//! Addresses of customers, and what is told of being contacted at them.

use std::collections::{HashMap, HashSet};

use domain::ContactPointId;
use domain::customer::{Channel, Consent, ContactPoint, ContactSource, Health, RecipientRole};
use domain::preference::{Purpose, Said};
use jiff::civil::Date;
use serde_json::json;
use uuid::Uuid;

use super::super::import_facts::{ContactPointFacts, ImportChunk};
use super::super::{Heavy, Table};
use super::Plan;
use crate::companies::events_of_change;
use crate::error::Result;
use crate::facts::CONTACT_POINT;
use crate::kin::address;
use crate::opt_outs::{self, same_of, under};
use crate::value::{Bind, Row, binds};

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

/// Plans addresses: new ones, and what was not known of those there already.
pub(super) async fn plan<'a>(
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
    let news = told_no(chunk, customers, &known);
    let said_no = said_no(heavy, plan, chunk, &news).await?;
    let (mut seen, mut told) = (HashSet::new(), HashSet::new());
    for facts in &chunk.contact_points {
        let Some(owner) = customers.get(&facts.customer).copied() else {
            continue;
        };
        let key = (owner, facts.channel.code(), facts.address.clone());
        if !seen.insert(key.clone()) {
            continue;
        }
        let since = said_no.get(&place(facts.channel, &facts.address)).copied();
        let consent = under(since, &facts.consent);
        match known.get(&key) {
            Some(point) => {
                told.insert(point.id);
                let told = (facts.role, facts.source);
                complete(plan, owner, point, (told, &consent, &facts.shown));
            }
            None => push_point(plan, owner, facts, consent),
        }
    }
    spread(heavy, plan, &news, &told).await
}

/// What is the same of an address, on its channel.
type Place = (Channel, String);

fn place(channel: Channel, address: &str) -> Place {
    (channel, same_of(channel, address).to_owned())
}

/// Where a chunk says that contact is not wanted any more and nothing later is known, with since
/// when.
fn told_no(
    chunk: &ImportChunk,
    customers: &HashMap<String, Uuid>,
    known: &HashMap<(Uuid, &str, String), ContactPoint>,
) -> HashMap<Place, Date> {
    let mut news = HashMap::new();
    for facts in &chunk.contact_points {
        let owner = customers.get(&facts.customer).copied().unwrap_or_default();
        let point = known.get(&(owner, facts.channel.code(), facts.address.clone()));
        let holds = point.map_or(&facts.consent, |it| {
            later_consent(&it.consent, &facts.consent)
        });
        if let (Consent::Withdrawn { on }, Consent::Withdrawn { .. }) = (holds, &facts.consent) {
            let known = news
                .entry(place(facts.channel, &facts.address))
                .or_insert(*on);
            *known = (*known).max(*on);
        }
    }
    news
}

/// The addresses of a chunk at which somebody said no more, before it or in it.
async fn said_no(
    heavy: &mut Heavy<'_>,
    plan: &Plan<'_>,
    chunk: &ImportChunk,
    news: &HashMap<Place, Date>,
) -> Result<HashMap<Place, Date>> {
    let points = chunk.contact_points.iter();
    let addresses: Vec<(Channel, &str)> =
        points.map(|it| (it.channel, it.address.as_str())).collect();
    let mut said = opt_outs::standing(heavy, plan.stamp, plan.company, &addresses).await?;
    for (place, on) in news {
        let known = said.entry(place.clone()).or_insert(*on);
        *known = (*known).max(*on);
    }
    Ok(said)
}

/// What a chunk says no of holds for the others who are reached at the same address too.
async fn spread(
    heavy: &mut Heavy<'_>,
    plan: &mut Plan<'_>,
    news: &HashMap<Place, Date>,
    told: &HashSet<ContactPointId>,
) -> Result<()> {
    if news.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT t.customer_id, {CONTACT_POINT} FROM contact_points t WHERE t.company_id = $1 \
         AND {} {{texts:2}} AND t.consent <> 'withdrawn'",
        address!("t")
    );
    let keys: Vec<&str> = news.keys().map(|(_, same)| same.as_str()).collect();
    let mut found: Vec<(Uuid, ContactPoint)> = Vec::new();
    let mut note = |row: &mut Row<'_>| {
        found.push((row.get()?, row.get()?));
        Ok(())
    };
    heavy
        .each(&sql, &binds![plan.company, keys], &mut note)
        .await?;
    for (owner, point) in found {
        let Some(on) = news.get(&place(point.channel, &point.address)) else {
            continue;
        };
        let no = Consent::Withdrawn { on: *on };
        let is_news = *later_consent(&point.consent, &no) != point.consent;
        if is_news && !told.contains(&point.id) {
            complete(plan, owner, &point, ((None, None), &no, ""));
        }
    }
    Ok(())
}

fn push_point<'a>(
    plan: &mut Plan<'a>,
    owner: Uuid,
    facts: &'a ContactPointFacts,
    consent: Consent,
) {
    plan.counts.contact_points.created += 1;
    let id = plan.id();
    let at = (facts.channel, facts.address.as_str());
    push_consent(plan, (owner, id), at, (&consent, &facts.shown));
    let [consent, on, source] = consent_cells(&consent);
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
    (channel, address): (Channel, &str),
    (consent, shown): (&Consent, &str),
) {
    let (said, since, source) = match consent {
        Consent::Unknown => return,
        Consent::Given { on, source } => (Said::Given, *on, source.clone()),
        Consent::Withdrawn { on } => {
            let digest = opt_outs::digest(channel, address);
            plan.opt_outs.insert(digest, *on);
            (Said::Withdrawn, *on, String::new())
        }
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
        shown.to_owned().into(),
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

/// Who reads at an address, and where it is from.
type Told = (Option<RecipientRole>, Option<ContactSource>);

fn complete(
    plan: &mut Plan<'_>,
    owner: Uuid,
    point: &ContactPoint,
    ((role, source), consent, shown): (Told, &Consent, &str),
) {
    let role = point.role.or(role);
    let source = point.source.or(source);
    let consent = later_consent(&point.consent, consent);
    if role == point.role && source == point.source && *consent == point.consent {
        plan.counts.contact_points.unchanged += 1;
        return;
    }
    plan.counts.contact_points.updated += 1;
    if *consent != point.consent {
        let at = (point.channel, point.address.as_str());
        push_consent(plan, (owner, point.id.uuid()), at, (consent, shown));
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
    let side = |role: Option<RecipientRole>, source: Option<ContactSource>, consent: &Consent| {
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
