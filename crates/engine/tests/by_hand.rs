//! The gate before people, one person under several names, and the facts that laws ask for; on both
//! databases.

use std::path::Path;

use domain::call::CallResult;
use domain::company::CreditorClass;
use domain::customer::{Channel, Consent, Country, DebtorClass, LegalEvent};
use domain::document::DebtFacts;
use domain::ids::CustomerId;
use domain::law::{Packs, Scenario};
use domain::work::Reason;
use engine::Error;
use engine::by_hand::NewCall;
use engine::customers::LawChange;
use engine::exports::Export;
use engine::work_list::ROWS_MAX;
use jiff::civil::{date, time};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use store::bulk::{ContactPointFacts, CustomerFacts, ImportChunk};
use store::{customers, documents, events, overrides, proofs};
use testkit::{World, both_databases};

const AUTHOR: &str = "ana@valle.example";
/// A Tuesday.
const TUESDAY: jiff::civil::Date = date(2026, 3, 10);

/// A Chilean who buys for herself, with an address and a telephone, who owes.
async fn rosa(world: &mut World, key: &str, address: &str, phone: &str) -> CustomerId {
    let facts = CustomerFacts {
        key: key.to_owned(),
        name: Some(format!("Rosa Paz {key}")),
        country: Country::new("CL"),
        ..CustomerFacts::default()
    };
    world.customer(facts, Some(address)).await;
    world
        .facts(ImportChunk {
            contact_points: vec![ContactPointFacts {
                customer: key.to_owned(),
                channel: Channel::Call,
                address: phone.to_owned(),
                role: None,
                source: None,
                consent: Consent::Unknown,
                shown: String::new(),
            }],
            ..ImportChunk::default()
        })
        .await;
    let due = (date(2026, 2, 2), date(2026, 3, 4));
    let number = format!("F-{key}");
    world.invoice(key, &number, "100000", due).await;
    let id = customers::id_of(world.engine.db(), world.company.id, key).await;
    id.expect("read").expect("there")
}

fn call(customer: CustomerId, channel: Channel, result: CallResult) -> NewCall {
    NewCall {
        customer,
        channel,
        number: String::new(),
        result,
        note: "Se habló.".to_owned(),
        at: None,
        overriding: None,
    }
}

/// What the law said against it; empty when it was recorded.
async fn tried(world: &World, new: NewCall) -> String {
    match world.engine.add_call(&world.company, new, AUTHOR).await {
        Ok(()) => String::new(),
        Err(Error::Invalid { what: "ley", why }) => why,
        Err(other) => panic!("{other}"),
    }
}

async fn exported(world: &World, export: Export) -> Vec<Value> {
    let mut lines = Vec::new();
    let mut line = |value: Value| {
        lines.push(value);
        Ok(())
    };
    world
        .engine
        .export(&world.company, export, &mut line)
        .await
        .expect("exported");
    lines
}

/// When each message left, by customer.
async fn left(world: &World) -> Vec<(Timestamp, String)> {
    let contacts = world.contacts().await;
    let mut left: Vec<_> = contacts
        .into_iter()
        .filter(|it| it.state.counts())
        .filter_map(|it| Some((it.performed_at?, it.customer_key)))
        .collect();
    left.sort();
    left
}

/// The closest two of them, in hours.
fn closest(left: &[(Timestamp, String)]) -> i64 {
    let gaps = left.windows(2).map(|two| {
        let gap = two[1].0.duration_since(two[0].0);
        gap.as_hours()
    });
    gaps.min().unwrap_or(i64::MAX)
}

both_databases! {
    async fn one_person_under_two_names_is_counted_once(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 9)).await;
        rosa(&mut world, "R-1", "rosa@correo.example", "+56911112222").await;
        rosa(&mut world, "R-2", "rosa@correo.example", "+56933334444").await;
        let until = TUESDAY.saturating_add(27.days());
        world.days(TUESDAY, until).await;
        let left = left(&world).await;
        let names: std::collections::BTreeSet<&str> =
            left.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(names.len(), 2, "each is written to in its turn: {left:?}");
        assert!(closest(&left) >= 48, "two days between any two: {left:?}");
        for (at, _) in &left {
            let week = at.checked_sub((7 * 24).hours()).expect("a week before");
            let within = left.iter().filter(|it| it.0 > week && it.0 <= *at);
            assert!(within.count() <= 2, "two a week over both: {left:?}");
        }
    }

    async fn two_people_are_two(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 9)).await;
        rosa(&mut world, "R-1", "rosa@correo.example", "+56911112222").await;
        rosa(&mut world, "R-2", "otra@correo.example", "+56933334444").await;
        world.day(TUESDAY).await;
        let left = left(&world).await;
        assert_eq!(left.len(), 2, "nothing is shared: {left:?}");
    }

    async fn a_tax_id_or_a_telephone_makes_one_person(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 9)).await;
        let one = rosa(&mut world, "R-1", "a@correo.example", "+56911112222").await;
        let two = rosa(&mut world, "R-2", "b@correo.example", "911112222").await;
        let mut ids = vec![rosa(&mut world, "R-3", "c@correo.example", "+56977778888").await];
        for key in ["R-4", "R-5", "R-6"] {
            let mail = format!("{key}@correo.example").to_lowercase();
            let phone = format!("+5695555000{}", &key[2..]);
            ids.push(rosa(&mut world, key, &mail, &phone).await);
        }
        let tax_ids = ["12345678K", "12345678K", "XAXX010101000", "XAXX010101000"];
        for (index, tax_id) in tax_ids.into_iter().enumerate() {
            let facts = CustomerFacts {
                key: format!("R-{}", index + 3),
                tax_id: Some(tax_id.to_owned()),
                digest: [7; 32],
                ..CustomerFacts::default()
            };
            world.facts(ImportChunk { customers: vec![facts], ..ImportChunk::default() }).await;
        }
        let others = async |id| {
            let position = world.engine.position(&world.company, id).await.expect("facts");
            position.others()
        };
        assert_eq!(others(one).await, [two], "however the number is written");
        assert_eq!(others(two).await, [one]);
        assert_eq!(others(ids[0]).await, [ids[1]], "one tax id");
        assert_eq!(others(ids[2]).await, [], "a tax id of the public names nobody");
    }

    async fn a_call_asks_the_law_first(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 7)).await;
        let id = rosa(&mut world, "R-1", "rosa@correo.example", "+56911112222").await;
        let two = rosa(&mut world, "R-2", "otra@correo.example", "56911112222").await;
        // Sunday.
        world.at(date(2026, 3, 8), time(11, 0, 0, 0));
        let no_answer = || call(id, Channel::Call, CallResult::NoAnswer);
        let why = tried(&world, no_answer()).await;
        assert!(why.contains("horario"), "{why}");
        assert!(why.contains("Se puede desde el 09/03/2026"), "{why}");
        assert!(why.contains("19.496") || why.contains("art"), "with its article: {why}");
        let theirs = call(id, Channel::Call, CallResult::CustomerCalled);
        assert_eq!(tried(&world, theirs).await, "", "who calls us is not gated");
        world.at(TUESDAY, time(11, 0, 0, 0));
        let position = world.engine.position(&world.company, id).await.expect("facts");
        let leaves = world.engine.leaves(&world.company, &position, world.now());
        assert_eq!(leaves.len(), 1, "{leaves:?}");
        assert!(leaves[0].allowed && leaves[0].why.is_empty(), "{leaves:?}");
        assert_eq!(tried(&world, no_answer()).await, "", "the first of the week");
        world.at(TUESDAY.tomorrow().expect("a day"), time(11, 0, 0, 0));
        let why = tried(&world, no_answer()).await;
        assert!(why.contains("7 días"), "one call a week: {why}");
        let visit = call(id, Channel::Visit, CallResult::Conversation);
        assert!(!tried(&world, visit).await.is_empty(), "visits count with calls");
        let why = tried(&world, call(two, Channel::Call, CallResult::NoAnswer)).await;
        assert!(why.contains("7 días"), "the same telephone: {why}");
        let letter = call(id, Channel::Letter, CallResult::Left);
        assert_eq!(tried(&world, letter).await, "", "letters are written");
        let position = world.engine.position(&world.company, id).await.expect("facts");
        let channels: Vec<Channel> = position.calls.iter().map(|it| it.channel).collect();
        assert_eq!(channels, [Channel::Call, Channel::Call, Channel::Letter]);
        let wrong = call(id, Channel::Letter, CallResult::Busy);
        let wrong = world.engine.add_call(&world.company, wrong, AUTHOR).await;
        assert!(matches!(wrong, Err(Error::Invalid { what: "resultado", .. })));
    }

    async fn a_manager_may_go_on_with_a_reason_that_stays(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 7)).await;
        let id = rosa(&mut world, "R-1", "rosa@correo.example", "+56911112222").await;
        world.at(date(2026, 3, 8), time(11, 0, 0, 0));
        let mut new = call(id, Channel::Call, CallResult::NoAnswer);
        new.overriding = Some("   ".to_owned());
        assert!(!tried(&world, new.clone()).await.is_empty(), "a blank is no reason");
        new.overriding = Some("Pidió que la llamaran el domingo.".to_owned());
        assert_eq!(tried(&world, new).await, "");
        let (db, company) = (world.engine.db(), world.company.id);
        let after = world.now().checked_add(1.hour()).expect("later");
        let kept = overrides::before(db, company, after, 9).await.expect("read");
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].reason, "Pidió que la llamaran el domingo.");
        assert_eq!(kept[0].author, AUTHOR);
        let all = proofs::of_acts(db, company, id).await.expect("read");
        let kinds: Vec<&str> = all.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds, ["refused", "override"], "what was not let is proven too");
        let body: Value = serde_json::from_str(&all[1].body).expect("JSON");
        assert_eq!(body["body"]["law"]["allowed"], false);
        assert_eq!(body["body"]["override"]["by"], AUTHOR);
        assert!(!all[1].body.contains("domingo"), "no free text");
        let log = events::of_entity(db, company, kept[0].message).await.expect("read");
        assert!(log.iter().any(|it| it.kind == "law.overridden"));
        let lines = exported(&world, Export::Contacts).await;
        let line = lines.iter().find(|it| it["kind"] == "by_hand").expect("a line");
        assert_eq!(line["override"], "Pidió que la llamaran el domingo.");
    }

    async fn what_is_exported_is_what_was_asked(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 9)).await;
        let id = rosa(&mut world, "R-1", "rosa@correo.example", "+56911112222").await;
        world.day(TUESDAY).await;
        world.at(TUESDAY.tomorrow().expect("a day"), time(11, 0, 0, 0));
        let visit = call(id, Channel::Visit, CallResult::NoAnswer);
        assert_eq!(tried(&world, visit).await, "");
        let lines = exported(&world, Export::Contacts).await;
        assert_eq!(lines.len(), 2, "{lines:?}");
        for line in lines {
            let question = serde_json::json!({
                "id": line["id"], "facts": line["facts"], "try": line["try"],
            });
            let question: Scenario = serde_json::from_value(question).expect("a question");
            let answer = question.check(Packs::embedded()).expect("asked");
            assert!(answer.allowed, "{line}");
            assert_eq!(line["try"]["channel"], line["channel"]);
            assert_eq!(line["facts"]["country"], "CL");
        }
    }

    async fn what_happened_in_law_stops_at_once(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 9)).await;
        let id = rosa(&mut world, "R-1", "rosa@correo.example", "+56911112222").await;
        world.run(TUESDAY).await;
        let event = |event: &str| LawChange {
            happened: Some(LegalEvent {
                event: event.to_owned(),
                on: TUESDAY,
                source: Some("cédula del juzgado".to_owned()),
            }),
            ..LawChange::default()
        };
        let set = async |change| {
            world.engine.change_law_facts(&world.company, id, change, AUTHOR).await
        };
        assert!(set(event("rumour")).await.is_err(), "a word no pack knows");
        set(event("lawsuit_served")).await.expect("written down");
        world.at(TUESDAY, time(12, 0, 0, 0));
        let sent = world.dispatch().await;
        assert_eq!(sent.sent, 0, "what was planned is not made: {sent:?}");
        let why = tried(&world, call(id, Channel::Call, CallResult::NoAnswer)).await;
        assert!(why.contains("demanda") && why.contains("Esperar no cambia"), "{why}");
        let known = world.engine.position(&world.company, id).await.expect("facts").customer;
        assert_eq!(known.legal_events[0].source.as_deref(), Some("cédula del juzgado"));
        let over = LawChange { over: Some("lawsuit_served".to_owned()), ..LawChange::default() };
        set(over).await.expect("taken back");
        assert_eq!(tried(&world, call(id, Channel::Call, CallResult::NoAnswer)).await, "");
        let log = events::of_entity(world.engine.db(), world.company.id, id.uuid()).await;
        let changes = log.expect("read").into_iter().filter(|it| it.kind == "customer.changed");
        assert_eq!(changes.count(), 2);
    }

    async fn every_debt_that_is_spoken_of_is_asked_for(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 7)).await;
        let id = rosa(&mut world, "R-1", "rosa@correo.example", "+56911112222").await;
        let class = LawChange { class: Some(Some(DebtorClass::Company)), ..LawChange::default() };
        let set = world.engine.change_law_facts(&world.company, id, class, AUTHOR).await;
        set.expect("a company");
        let due = (date(2026, 2, 2), date(2026, 3, 4));
        world.invoice("R-1", "F-2", "50000", due).await;
        // Sunday.
        world.at(date(2026, 3, 8), time(11, 0, 0, 0));
        let position = world.engine.position(&world.company, id).await.expect("facts");
        let asked = |position: &domain::facts::Position| {
            let way = (Channel::Call, "");
            world.engine.ask_by_hand(&world.company, position, way, world.now())
        };
        let regimes = asked(&position).verdict.regimes;
        assert!(!regimes.iter().any(|it| it.contains("LPC")), "no consumer: {regimes:?}");
        let (db, company) = (world.engine.db(), world.company.id);
        let document = documents::by_number(db, company, "F-2").await.expect("read");
        let document = document.expect("there").document.id;
        let debt = DebtFacts {
            final_consumer: Some(true),
            creditor: Some(CreditorClass::Supplier),
            ..DebtFacts::default()
        };
        let whose = (id, document);
        world.engine.set_debt_facts(&world.company, whose, debt, AUTHOR).await.expect("set");
        let position = world.engine.position(&world.company, id).await.expect("facts");
        let asked = asked(&position);
        assert_eq!(asked.resolved.other_debts.len(), 1);
        let regimes = &asked.verdict.regimes;
        assert!(regimes.iter().any(|it| it.contains("LPC")), "one of them is: {regimes:?}");
        assert!(!asked.allowed(), "so neither is spoken of on a Sunday");
        let lines = exported(&world, Export::Documents).await;
        let line = lines.iter().find(|it| it["invoice"] == "F-2").expect("a line");
        assert_eq!(line["final_consumer"], true);
    }

    async fn a_step_for_a_person_waits_on_the_list(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 9)).await;
        let facts = CustomerFacts {
            key: "H-1".to_owned(),
            name: Some("Hierros, S.A.".to_owned()),
            ..CustomerFacts::default()
        };
        world.customer(facts, None).await;
        let phone = ContactPointFacts {
            customer: "H-1".to_owned(),
            channel: Channel::Call,
            address: "+525512345678".to_owned(),
            role: None,
            source: None,
            consent: Consent::Unknown,
            shown: String::new(),
        };
        let chunk = ImportChunk { contact_points: vec![phone], ..ImportChunk::default() };
        world.facts(chunk).await;
        let due = (date(2026, 2, 2), date(2026, 3, 4));
        world.invoice("H-1", "F-1", "10000", due).await;
        let id = customers::id_of(world.engine.db(), world.company.id, "H-1").await;
        let id = id.expect("read").expect("there");
        // Ten days late, on a working day: the step that may be a call.
        let day = date(2026, 3, 17);
        world.run(day).await;
        assert_eq!(world.silence("H-1").await.as_deref(), Some("by_hand"));
        world.at(day, time(12, 0, 0, 0));
        let listed = async || {
            let list = world.engine.work_list(&world.company, None, ROWS_MAX);
            let list = list.await.expect("a list");
            let items = list.rows.into_iter().flat_map(|row| row.items);
            items.map(|it| it.reason).collect::<Vec<_>>()
        };
        assert!(listed().await.contains(&Reason::StepByHand));
        assert_eq!(tried(&world, call(id, Channel::Call, CallResult::NoAnswer)).await, "");
        assert!(!listed().await.contains(&Reason::StepByHand), "somebody called");
        assert_eq!(world.silence("H-1").await.as_deref(), Some("minimum_gap"));
    }

    async fn files_tell_what_the_law_asks_for(test: &TestDb) {
        let mut world = World::mexican(&test.db, date(2026, 3, 9)).await;
        world
            .import(
                "Factura,Cliente,Emisión,Vencimiento,Importe,Origen de la deuda,\
                 Consumidor final,Clase de acreedor\n\
                 F-1,C-1,2026-02-02,2026-03-04,100,crédito al consumo,sí,factoraje\n\
                 F-2,C-1,2026-02-02,2026-03-04,100,,,\n",
            )
            .await;
        let text = "Clave,Nombre,Correo,País,Rol del contacto,Evento legal,Fecha evento legal\n\
            C-1,Ana,ana@correo.example,CL,aval,demanda notificada,2026-03-01\n";
        world.import_named("clientes.csv", text).await;
        let (db, company) = (world.engine.db(), world.company.id);
        let debt = async |number| {
            let found = documents::by_number(db, company, number).await.expect("read");
            found.expect("there").document.debt
        };
        let first = debt("F-1").await;
        assert_eq!(first.creditor, Some(CreditorClass::DebtBuyer));
        assert_eq!(first.final_consumer, Some(true));
        assert_eq!(debt("F-2").await, DebtFacts::default());
        let id = customers::id_of(db, company, "C-1").await.expect("read").expect("there");
        let known = world.engine.position(&world.company, id).await.expect("facts").customer;
        assert_eq!(known.legal_events[0].event, "lawsuit_served");
        assert_eq!(known.legal_events[0].on, date(2026, 3, 1));
        let role = known.contact_points[0].role;
        assert_eq!(role, Some(domain::customer::RecipientRole::Guarantor));
    }
}

/// Whoever adds a way in which something leaves says here how the law is asked before it.
#[test]
fn every_way_out_is_known_with_its_gate() {
    const KNOWN: &[(&str, &str)] = &[
        ("outreach/judge.rs", "confirm("),
        ("statements.rs", "self.answer_held_back("),
        ("portal/door.rs", "self.answer_held_back("),
        // The head of the chain, to whom the company chose to keep it.
        ("anchors.rs", "take_anchor("),
        // Letters to people who work for the company.
        ("user_links.rs", "fn send_letter"),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder of ours") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a text");
            if text.contains("OutgoingEmail {") {
                let name = path
                    .strip_prefix(&root)
                    .expect("below")
                    .display()
                    .to_string();
                let gate = KNOWN.iter().find(|(known, _)| *known == name);
                let (_, gate) = gate.unwrap_or_else(|| panic!("{name} sends ungated"));
                assert!(text.contains(gate), "{name} no longer asks by {gate}");
                found.push(name);
            }
        }
    }
    assert_eq!(found.len(), KNOWN.len(), "{found:?}");
}
