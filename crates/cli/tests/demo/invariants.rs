//! What must always hold, checked over months that were lived, against books put together again
//! from what was known at each instant.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::contact::{ContactKey, ContactState};
use domain::customer::{BehaviourClass, Consent, Health};
use domain::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::{Time, Weekday, time};
use language::figures::Style;
use serde_json::Value;
use simulator::Kind;
use store::contacts::ContactRecord;
use store::events;
use testkit::program::Program;

use super::lived::Lived;
use super::{Life, on_sqlite};

/// Lives in which somebody bounces and somebody opts out.
const DISTRIBUTOR: Life = Life {
    kind: Kind::Distributor,
    seed: 8,
    documents: 1_200,
    months: 2,
};
const SERVICES: Life = Life {
    kind: Kind::Services,
    seed: 8,
    ..DISTRIBUTOR
};
const LENDER: Life = Life {
    kind: Kind::Lender,
    seed: 4,
    documents: 2_500,
    ..DISTRIBUTOR
};

fn check(puntual: &Program, life: Life) {
    life.live(puntual);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        let lived = Lived::read(puntual).await;
        assert!(
            lived.made().count() > 50,
            "so little was said that nothing is shown"
        );
        nobody_is_contacted_out_of_hours(&lived, life.kind);
        no_step_is_made_twice_in_a_cycle(&lived);
        nobody_is_written_to_where_they_asked_not_to_be_or_where_it_bounced(&lived).await;
        what_is_asked_for_is_what_was_owed_and_free_at_that_instant(&lived);
        who_is_punctual_and_keeps_their_word_gets_the_courtesy_notice_at_most(&lived, life);
        lived.db.close().await;
    });
}

#[test]
fn over_a_lived_distributor() {
    check(&on_sqlite(), DISTRIBUTOR);
}

#[test]
fn over_a_lived_distributor_on_postgres() {
    if let Some(puntual) = Program::on_postgres(env!("CARGO_BIN_EXE_puntual")) {
        check(&puntual, DISTRIBUTOR);
    }
}

#[test]
fn over_a_lived_service_company() {
    check(&on_sqlite(), SERVICES);
}

#[test]
fn over_a_lived_lender() {
    check(&on_sqlite(), LENDER);
}

/// The hours of each company's policy; the law's are wider.
const fn hours(kind: Kind) -> (Time, Time) {
    match kind {
        Kind::Distributor | Kind::Services => (time(9, 0, 0, 0), time(18, 0, 0, 0)),
        Kind::Lender => (time(9, 0, 0, 0), time(19, 0, 0, 0)),
    }
}

fn nobody_is_contacted_out_of_hours(lived: &Lived, kind: Kind) {
    let (from, to) = hours(kind);
    for (contact, at) in lived.made() {
        let customer = &lived.positions[&contact.customer_key].customer;
        let zone = customer.zone.as_deref().and_then(domain::calendar::zone);
        let local = at.to_zoned(zone.unwrap_or_else(|| lived.zone.clone()));
        let hour = local.time();
        assert!(
            from <= hour && hour < to,
            "{} at {local}",
            contact.customer_key
        );
        let weekend = [Weekday::Saturday, Weekday::Sunday].contains(&local.weekday());
        assert!(!weekend, "{} at {local}", contact.customer_key);
    }
}

fn no_step_is_made_twice_in_a_cycle(lived: &Lived) {
    let mut made = HashSet::new();
    let mut runs = HashSet::new();
    for (contact, _) in lived.made().filter(|(contact, _)| contact.state.counts()) {
        let key = (
            &contact.customer_key,
            contact.key.kind(),
            contact.key.step(),
            contact.key.day(),
        );
        assert!(made.insert(key), "twice: {key:?}");
        assert!(
            runs.insert((&contact.customer_key, contact.run)),
            "two in a run: {key:?}"
        );
    }
}

/// Since when an address may not be used, and why.
async fn closed(lived: &Lived) -> HashMap<uuid::Uuid, Timestamp> {
    let mut closed = HashMap::new();
    for position in lived.positions.values() {
        for point in &position.customer.contact_points {
            let withdrawn = matches!(point.consent, Consent::Withdrawn { .. });
            if !withdrawn && point.health == Health::Good {
                continue;
            }
            let log = events::of_entity(&lived.db, lived.company.id, point.id.uuid()).await;
            let log = log.expect("events");
            let changed = log
                .iter()
                .find(|event| event.kind == "contact_point.changed");
            closed.insert(
                point.id.uuid(),
                changed.expect("the change is on record").at,
            );
        }
    }
    closed
}

async fn nobody_is_written_to_where_they_asked_not_to_be_or_where_it_bounced(lived: &Lived) {
    let closed = closed(lived).await;
    assert!(
        !closed.is_empty(),
        "nobody opted out and nothing bounced: nothing is shown"
    );
    for (contact, at) in lived.made() {
        if let Some(since) = closed.get(&contact.point.uuid()) {
            assert!(at <= *since, "{}: {at} after {since}", contact.customer_key);
        }
    }
}

fn lines(contact: &ContactRecord, list: &str) -> BTreeMap<String, Money> {
    let content: Value = serde_json::from_str(&contact.content).expect("JSON");
    let lines = content[list].as_array().expect("a list").iter();
    lines
        .map(|line| {
            (
                line["invoice"].as_str().expect("a number").to_owned(),
                money(&line["amount"]),
            )
        })
        .collect()
}

fn money(value: &Value) -> Money {
    let currency = Currency::new(value["currency"].as_str().expect("a code")).expect("a currency");
    let amount = value["amount"]
        .as_str()
        .expect("text")
        .parse()
        .expect("decimal");
    Money::from_decimal(amount, currency).expect("fits")
}

fn what_is_asked_for_is_what_was_owed_and_free_at_that_instant(lived: &Lived) {
    // A country without templates of its own gets those of es-MX, figures included.
    let styles = [&lived.company.language, "es-MX"].map(Style::of);
    let mut compared = 0;
    for (contact, at) in lived.made() {
        let statement = lived.statement_at(&contact.customer_key, at);
        let asks = match &contact.key {
            ContactKey::Step { .. } => true,
            ContactKey::Event { step, .. } => step == "promesa-incumplida",
            ContactKey::Courtesy { .. } => false,
        };
        if !asks {
            continue;
        }
        let owed: BTreeMap<String, Money> = statement
            .chaseable()
            .map(|line| (line.number.clone(), line.free()))
            .collect();
        let asked = lines(contact, "documents");
        assert!(
            !owed.is_empty(),
            "{} owed nothing free at {at}",
            contact.customer_key
        );
        assert_eq!(asked, owed, "{} at {at}", contact.customer_key);
        let content: Value = serde_json::from_str(&contact.content).expect("JSON");
        let text = &lived.said[&contact.id].text;
        for total in content["totals"].as_array().expect("totals") {
            let mut totals = styles.iter().map(|style| style.money(money(total)));
            assert!(
                totals.any(|total| text.contains(&total)),
                "{total} is not in:\n{text}"
            );
        }
        compared += 1;
    }
    assert!(compared > 20, "only {compared} messages asked for money");
}

fn who_is_punctual_and_keeps_their_word_gets_the_courtesy_notice_at_most(
    lived: &Lived,
    life: Life,
) {
    let planted = life.planted();
    let punctual: HashSet<String> = planted
        .customers()
        .filter(|customer| customer.behaviour.pays.class() == BehaviourClass::Punctual)
        .map(|customer| customer.key)
        .filter(|customer| !lived.broke_a_promise(customer))
        .collect();
    assert!(
        punctual.len() * 5 > lived.positions.len(),
        "hardly anybody is punctual"
    );
    let mut courtesies = 0;
    for contact in &lived.contacts {
        if !punctual.contains(&contact.customer_key) || contact.state == ContactState::Suppressed {
            continue;
        }
        let courtesy = matches!(contact.key, ContactKey::Courtesy { .. });
        assert!(courtesy, "{}: {:?}", contact.customer_key, contact.key);
        courtesies += 1;
    }
    assert!(
        courtesies > 0,
        "no punctual customer got a notice: nothing is shown"
    );
}
