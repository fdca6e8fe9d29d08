//! "No more" is said of an address, not of a row: it holds when the address comes back, by import,
//! by hand or on another customer; on both databases.

use domain::customer::{Channel, Consent, ContactSource, Health};
use domain::ids::CustomerId;
use domain::preference::{Purpose, Said, Statement};
use engine::customers::PointFacts;
use jiff::civil::{Date, date, time};
use store::bulk::{ContactPointFacts, CustomerFacts, ImportChunk};
use testkit::{TestDb, World};

const LATE: Date = date(2026, 3, 3);

/// Customers with nothing but a key, and C-1 with an e-mail and a WhatsApp number.
async fn scene(test: &TestDb) -> World {
    let world = World::mexican(&test.db, LATE).await;
    for key in ["C-1", "C-2", "C-3"] {
        let customer = CustomerFacts {
            key: key.to_owned(),
            name: Some(format!("{key}, S.A.")),
            ..CustomerFacts::default()
        };
        world.customer(customer, None).await;
    }
    told(
        &world,
        "C-1",
        (Channel::Email, "pagos@luz.example"),
        Consent::Unknown,
    )
    .await;
    told(
        &world,
        "C-1",
        (Channel::Whatsapp, "+525512345678"),
        Consent::Unknown,
    )
    .await;
    world.at(LATE, time(9, 0, 0, 0));
    world
}

/// A file tells of an address.
async fn told(world: &World, key: &str, (channel, address): (Channel, &str), consent: Consent) {
    let point = ContactPointFacts {
        customer: key.to_owned(),
        channel,
        address: address.to_owned(),
        role: None,
        source: Some(ContactSource::CreditorRecord),
        consent,
        shown: String::new(),
    };
    let contact_points = vec![point];
    world
        .facts(ImportChunk {
            contact_points,
            ..ImportChunk::default()
        })
        .await;
}

async fn says_no(world: &World, key: &str, channel: Channel) {
    let no = Statement {
        purpose: Purpose::Collection,
        said: Said::Withdrawn,
        since: LATE,
        source: "llamada".to_owned(),
        shown: String::new(),
    };
    let done = world
        .engine
        .record_consent(&world.company, key, (channel, None), &no, "ana");
    done.await.expect("written down");
}

fn typed(address: &str) -> PointFacts {
    PointFacts {
        address: address.to_owned(),
        role: None,
        source: Some(ContactSource::DebtorProvided),
        health: Health::Good,
        consent: None,
    }
}

async fn id(world: &World, key: &str) -> CustomerId {
    world.standing(key).await.position.customer.id
}

async fn add(world: &World, key: &str, channel: Channel, address: &str) {
    let id = id(world, key).await;
    let added = world
        .engine
        .add_point(&world.company, id, channel, typed(address), "ana")
        .await;
    added.expect("added");
}

/// The addresses of a customer that are not to be used, in order.
async fn refused(world: &World, key: &str) -> Vec<String> {
    let points = world.standing(key).await.position.customer.contact_points;
    let no = points
        .into_iter()
        .filter(|it| matches!(it.consent, Consent::Withdrawn { .. }));
    let mut refused: Vec<String> = no
        .map(|it| format!("{} {}", it.channel, it.address))
        .collect();
    refused.sort_unstable();
    refused
}

const EMAIL: &str = "email pagos@luz.example";

testkit::both_databases! {
    async fn an_address_that_comes_back_by_file_or_by_hand_is_not_to_be_used(test: &TestDb) {
        let world = scene(test).await;
        says_no(&world, "C-1", Channel::Email).await;
        says_no(&world, "C-1", Channel::Whatsapp).await;
        let email = (Channel::Email, "pagos@luz.example");
        told(&world, "C-2", email, Consent::Unknown).await;
        assert_eq!(refused(&world, "C-2").await, [EMAIL]);
        let lines = world.engine.consents_of(&world.company, "C-2").await.expect("a history");
        assert_eq!(lines.len(), 1, "{lines:?}");
        add(&world, "C-3", Channel::Email, "Pagos@Luz.example").await;
        // The same number, its country written otherwise or not at all; another channel is another
        // matter.
        add(&world, "C-3", Channel::Whatsapp, "55 1234 5678").await;
        add(&world, "C-3", Channel::Call, "55 1234 5678").await;
        assert_eq!(refused(&world, "C-3").await, [EMAIL, "whatsapp 5512345678"]);
        told(&world, "C-2", (Channel::Whatsapp, "+5215512345678"), Consent::Unknown).await;
        assert_eq!(refused(&world, "C-2").await, [EMAIL, "whatsapp +5215512345678"]);
        // Only a later word lifts it, and its own.
        let given = |on| Consent::Given { on, source: "contrato".to_owned() };
        told(&world, "C-2", email, given(LATE)).await;
        assert!(refused(&world, "C-2").await.contains(&EMAIL.to_owned()));
        told(&world, "C-2", email, given(date(2026, 3, 4))).await;
        assert_eq!(refused(&world, "C-2").await, ["whatsapp +5215512345678"]);
        assert!(refused(&world, "C-1").await.contains(&EMAIL.to_owned()));
    }

    async fn an_address_that_was_corrected_away_is_remembered(test: &TestDb) {
        let world = scene(test).await;
        says_no(&world, "C-1", Channel::Email).await;
        let customer = world.standing("C-1").await.position.customer;
        let point = customer.contact_points.iter().find(|it| it.channel == Channel::Email);
        let at = (customer.id, point.expect("the e-mail").id);
        let company = &world.company;
        let changed = world.engine.change_point(company, at, typed("otro@luz.example"), "ana");
        changed.await.expect("changed");
        let email = (Channel::Email, "pagos@luz.example");
        told(&world, "C-2", email, Consent::Unknown).await;
        assert_eq!(refused(&world, "C-2").await, [EMAIL]);
        // A contact point of another customer is corrected to it.
        add(&world, "C-3", Channel::Email, "tres@luz.example").await;
        let customer = world.standing("C-3").await.position.customer;
        let at = (customer.id, customer.contact_points[0].id);
        let changed = world.engine.change_point(company, at, typed("pagos@luz.example"), "ana");
        changed.await.expect("changed");
        assert_eq!(refused(&world, "C-3").await, [EMAIL]);
        // Forgotten with its customer, it is known all the same.
        for key in ["C-1", "C-2", "C-3"] {
            let erased = world.engine.erase_person(company, key, ("lo pidió", true), "ana").await;
            erased.expect("erased");
        }
        told(&world, "C-9", email, Consent::Unknown).await;
        assert_eq!(refused(&world, "C-9").await, [EMAIL]);
    }

    async fn what_a_file_says_no_of_holds_for_all_who_are_reached_there(test: &TestDb) {
        let world = scene(test).await;
        let email = (Channel::Email, "pagos@luz.example");
        told(&world, "C-2", email, Consent::Unknown).await;
        told(&world, "C-3", email, Consent::Withdrawn { on: date(2026, 2, 1) }).await;
        for key in ["C-1", "C-2", "C-3"] {
            assert_eq!(refused(&world, key).await, [EMAIL], "{key}");
        }
        let before = test.contents().await;
        told(&world, "C-3", email, Consent::Withdrawn { on: date(2026, 2, 1) }).await;
        assert_eq!(before, test.contents().await, "the same again changes nothing");
        // On the page of one of them, "no" holds for all.
        says_no(&world, "C-1", Channel::Whatsapp).await;
        add(&world, "C-2", Channel::Sms, "5599998888").await;
        add(&world, "C-3", Channel::Sms, "+525599998888").await;
        let customer = world.standing("C-2").await.position.customer;
        let point = customer.contact_points.iter().find(|it| it.channel == Channel::Sms);
        let at = (customer.id, point.expect("the number").id);
        let no = PointFacts {
            consent: Some(Consent::Withdrawn { on: LATE }),
            ..typed("5599998888")
        };
        world.engine.change_point(&world.company, at, no, "ana").await.expect("changed");
        assert_eq!(refused(&world, "C-2").await, [EMAIL, "sms 5599998888"]);
        assert_eq!(refused(&world, "C-3").await, [EMAIL, "sms +525599998888"]);
    }
}
