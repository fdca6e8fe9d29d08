//! What customers say about being contacted: each word kept, the latest honoured at once, their
//! hours and channels followed; on both databases.

use domain::contact::ContactState;
use domain::customer::{Channel, Consent, ContactSource};
use domain::preference::{HoursOfDay, Preferences, Purpose, Said, Statement};
use engine::customers::ConsentLine;
use jiff::civil::{Date, date, time};
use store::bulk::{ContactPointFacts, CustomerFacts, ImportChunk};
use testkit::{TestDb, World};

const DUE: Date = date(2026, 3, 2);
const LATE: Date = date(2026, 3, 3);

/// A company with one customer whose invoice fell due yesterday.
async fn one_late(test: &TestDb) -> World {
    let mut world = World::mexican(&test.db, LATE).await;
    let customer = CustomerFacts {
        key: "C-1".to_owned(),
        name: Some("Abarrotes La Luz, S.A. de C.V.".to_owned()),
        zone: Some("America/Mexico_City".to_owned()),
        ..CustomerFacts::default()
    };
    world.customer(customer, Some("c-1@cliente.example")).await;
    world
        .invoice("C-1", "F-1", "1000.00", (date(2026, 2, 2), DUE))
        .await;
    world
}

fn said(purpose: Purpose, said: Said, source: &str) -> Statement {
    Statement {
        purpose,
        said,
        since: LATE,
        source: source.to_owned(),
        shown: "Acepto que me escriban".to_owned(),
    }
}

async fn history(world: &World) -> Vec<ConsentLine> {
    world
        .engine
        .consents_of(&world.company, "C-1")
        .await
        .expect("a history")
}

async fn prefer(world: &World, hours: Option<HoursOfDay>) -> bool {
    let customer = world.standing("C-1").await.position.customer.id;
    let wanted = Preferences {
        hours,
        channels: vec![Channel::Whatsapp],
    };
    let set = world
        .engine
        .set_preferences(&world.company, customer, &wanted, "ana");
    set.await.expect("set")
}

testkit::both_databases! {
    async fn every_word_is_kept_and_the_latest_holds(test: &TestDb) {
        let world = one_late(test).await;
        world.at(LATE, time(8, 0, 0, 0));
        let (engine, company) = (&world.engine, &world.company);
        let email = (Channel::Email, None);
        let words = [
            said(Purpose::Collection, Said::Given, "contrato 7"),
            said(Purpose::Offers, Said::Given, "contrato 7"),
            said(Purpose::Collection, Said::Withdrawn, "correo"),
            said(Purpose::Offers, Said::Withdrawn, "correo"),
            said(Purpose::Collection, Said::Given, "llamada"),
        ];
        let id = world.standing("C-1").await.position.customer.id;
        let offers = (Channel::Email, Purpose::Offers);
        for (at, (minute, word)) in (0..).zip(&words).enumerate() {
            world.at(LATE, time(9, minute, 0, 0));
            let done = engine.record_consent(company, "C-1", email, word, "ana").await;
            assert_eq!(done.expect("written").addresses.len(), 1);
            let again = engine.record_consent(company, "C-1", email, word, "ana").await;
            assert_eq!(again.expect("nothing new").addresses.len(), 0);
            let point = world.standing("C-1").await.position.customer.contact_points.remove(0);
            let given = matches!(point.consent, Consent::Given { .. });
            assert_eq!(given, [true, true, false, false, true][at], "{word:?}");
            let agreed = engine.agreed_to(company, id, offers).await.expect("asked");
            // Who wants no word of its debt wants no offers there either.
            assert_eq!(agreed, [false, true, false, false, false][at], "{word:?}");
        }
        let lines = history(&world).await;
        let told: Vec<_> = lines
            .iter()
            .map(|it| (it.purpose.as_str(), it.said.as_str(), it.source.as_str(), it.holds))
            .collect();
        assert_eq!(told, [
            ("collection", "given", "llamada", true),
            ("offers", "withdrawn", "correo", true),
            ("collection", "withdrawn", "correo", false),
            ("offers", "given", "contrato 7", false),
            ("collection", "given", "contrato 7", false),
        ]);
        assert!(lines.iter().all(|it| it.author == "ana" && it.shown == "Acepto que me escriban"));
        let mut wrong = said(Purpose::Collection, Said::Given, " ");
        assert!(engine.record_consent(company, "C-1", email, &wrong, "ana").await.is_err());
        wrong.source = "contrato".to_owned();
        wrong.since = date(2027, 1, 1);
        assert!(engine.record_consent(company, "C-1", email, &wrong, "ana").await.is_err());
    }

    async fn a_no_holds_for_all_who_are_reached_at_the_address(test: &TestDb) {
        let mut world = one_late(test).await;
        let shared = "c-1@cliente.example";
        for (key, address) in [("C-2", shared), ("C-3", "c-3@cliente.example")] {
            let customer = CustomerFacts { key: key.to_owned(), ..CustomerFacts::default() };
            world.customer(customer, Some(address)).await;
            let invoice = format!("F-{key}");
            world.invoice(key, &invoice, "700.00", (date(2026, 2, 2), DUE)).await;
        }
        let other = ContactPointFacts {
            customer: "C-2".to_owned(),
            channel: Channel::Email,
            address: "otro@cliente.example".to_owned(),
            role: None,
            source: Some(ContactSource::DebtorProvided),
            consent: Consent::Unknown,
            shown: String::new(),
        };
        let chunk = ImportChunk { contact_points: vec![other], ..ImportChunk::default() };
        world.facts(chunk).await;
        world.at(LATE, time(8, 0, 0, 0));
        let (engine, company) = (&world.engine, &world.company);
        let email = (Channel::Email, None);
        let refused = async || {
            let mut refused = Vec::new();
            for key in ["C-1", "C-2", "C-3"] {
                let points = world.standing(key).await.position.customer.contact_points;
                let no = points.iter().filter(|it| matches!(it.consent, Consent::Withdrawn { .. }));
                refused.extend(no.map(|it| format!("{key} {}", it.address)));
            }
            refused
        };
        let no = said(Purpose::Collection, Said::Withdrawn, "correo");
        for _ in 0..2 {
            let done = engine.record_consent(company, "C-1", email, &no, "ana").await;
            done.expect("written");
            assert_eq!(refused().await, [format!("C-1 {shared}"), format!("C-2 {shared}")]);
        }
        let lines = engine.consents_of(company, "C-2").await.expect("a history");
        let told: Vec<_> = lines.iter().map(|it| it.source.as_str()).collect();
        assert_eq!(told, ["correo (de otro cliente, en la misma dirección)"]);
        // A yes is one's own.
        let yes = said(Purpose::Collection, Said::Given, "llamada");
        engine.record_consent(company, "C-1", email, &yes, "ana").await.expect("written");
        assert_eq!(refused().await, [format!("C-2 {shared}")]);
        // Said of one address on the page of the other.
        let position = world.standing("C-1").await.position;
        let point = position.customer.contact_points[0].id;
        let whose = (world.standing("C-2").await.position.customer, &yes);
        let at = whose.0.contact_points.iter().find(|it| it.address == shared);
        let at = (whose.0.id, at.expect("the shared one").id);
        engine.record_point_consent(company, at, whose.1, "ana").await.expect("written");
        assert_eq!(refused().await, [""; 0]);
        let own = (position.customer.id, point);
        engine.record_point_consent(company, own, &no, "ana").await.expect("written");
        assert_eq!(refused().await, [format!("C-1 {shared}"), format!("C-2 {shared}")]);
        world.run(LATE).await;
        let wrote: Vec<_> = world.contacts().await.into_iter().map(|it| it.customer).collect();
        let reached = [world.standing("C-3").await, world.standing("C-2").await];
        for customer in wrote {
            assert!(reached.iter().any(|it| it.position.customer.id == customer));
        }
    }

    async fn what_files_say_is_part_of_the_history(test: &TestDb) {
        let world = one_late(test).await;
        let point = |consent| ContactPointFacts {
            customer: "C-1".to_owned(),
            channel: Channel::Email,
            address: "c-1@cliente.example".to_owned(),
            role: None,
            source: Some(ContactSource::DebtorProvided),
            consent,
            shown: String::new(),
        };
        let given = Consent::Given { on: date(2026, 1, 5), source: "alta".to_owned() };
        let withdrawn = Consent::Withdrawn { on: date(2026, 2, 5) };
        for consent in [given.clone(), withdrawn.clone(), given, Consent::Unknown] {
            let chunk = ImportChunk {
                contact_points: vec![point(consent)],
                ..ImportChunk::default()
            };
            world.facts(chunk).await;
        }
        let known = world.standing("C-1").await.position.customer.contact_points.remove(0);
        assert_eq!(known.consent, withdrawn, "an older word brings nothing back");
        let lines = history(&world).await;
        let told: Vec<_> = lines.iter().map(|it| (it.said.as_str(), it.since.as_str())).collect();
        assert_eq!(told, [("withdrawn", "2026-02-05"), ("given", "2026-01-05")]);
    }

    async fn columns_of_a_list_tell_consents_with_their_history(test: &TestDb) {
        let mut world = one_late(test).await;
        world.at(LATE, time(8, 0, 0, 0));
        let list = |on: &str, email: &str, messages: &str| {
            format!(
                "Clave,Nombre,Correo,Teléfono,Consentimiento correo,Consentimiento WhatsApp,\
                 Consentimiento SMS,Consentimiento llamadas,Fecha del consentimiento,\
                 Origen del consentimiento,Texto del consentimiento\n\
                 C-7,Siete SA,siete@cliente.example,55 1234 5678,{email},{messages},\
                 {messages},no,{on},contrato 7,Acepto\n"
            )
        };
        world.import(&list("2026-01-05", "sí", "otorgado")).await;
        let points = world.standing("C-7").await.position.customer.contact_points;
        let mut told: Vec<String> = points.iter().map(|it| {
            let said = match &it.consent {
                Consent::Given { on, source } => format!("sí {on} {source}"),
                Consent::Withdrawn { on } => format!("no {on}"),
                Consent::Unknown => "no se sabe".to_owned(),
            };
            format!("{} {said}", it.channel)
        }).collect();
        told.sort_unstable();
        let given = "sí 2026-01-05 contrato 7";
        assert_eq!(told, [
            "call no 2026-01-05".to_owned(),
            format!("email {given}"),
            format!("sms {given}"),
            format!("whatsapp {given}"),
        ]);
        let lines = world.engine.consents_of(&world.company, "C-7").await.expect("a history");
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|it| it.shown == "Acepto"), "{lines:?}");
        let before = test.contents().await;
        world.import(&list("2026-01-05", "sí", "otorgado")).await;
        let after = test.contents().await;
        for table in ["contact_points", "consents", "opt_outs", "customers"] {
            assert_eq!(before[table], after[table], "{table}: the same again changes nothing");
        }
        // What was said later holds, and an older list does not bring it back.
        world.import(&list("2026-02-01", "baja", "")).await;
        let report = world.import(&list("2026-01-05", "sí", "")).await;
        assert_eq!(report.warnings.len(), 0, "{:?}", report.warnings);
        let points = world.standing("C-7").await.position.customer.contact_points;
        let email = points.iter().find(|it| it.channel == Channel::Email).expect("the e-mail");
        assert_eq!(email.consent, Consent::Withdrawn { on: date(2026, 2, 1) });
        // A yes without its day lifts nothing, and the bookkeeper is told.
        let report = world.import(&list("", "sí", "")).await;
        let warned = report.warnings.iter().any(|it| it.contains("sin fecha"));
        assert!(warned, "{:?}", report.warnings);
    }

    async fn the_hours_a_customer_chose_are_followed_by_plan_and_claim(test: &TestDb) {
        let world = one_late(test).await;
        assert!(prefer(&world, HoursOfDay::new(13, 15)).await);
        assert!(!prefer(&world, HoursOfDay::new(13, 15)).await, "once");
        let zone = domain::calendar::zone("America/Mexico_City").expect("a zone");
        world.run(LATE).await;
        let contacts = world.contacts().await;
        let planned = zone.to_datetime(contacts[0].planned_at);
        assert_eq!(planned, LATE.at(13, 0, 0, 0));
        // Chosen anew after it was planned: what is due at one may not leave then.
        assert!(prefer(&world, HoursOfDay::new(16, 18)).await);
        world.at(LATE, time(13, 0, 0, 0));
        let sent = world.dispatch().await;
        assert_eq!((sent.sent, sent.suppressed["out_of_hours"]), (0, 1), "{sent:?}");
        world.run(LATE).await;
        let contacts = world.contacts().await;
        let anew = contacts.iter().find(|it| it.state == ContactState::Planned).expect("planned");
        assert_eq!(zone.to_datetime(anew.planned_at).time(), time(16, 0, 0, 0));
        world.set(anew.planned_at);
        assert_eq!(world.dispatch().await.sent, 1);
    }

    async fn hours_without_a_lawful_one_are_a_silence_of_their_own(test: &TestDb) {
        let world = one_late(test).await;
        prefer(&world, HoursOfDay::new(2, 4)).await;
        world.run(LATE).await;
        assert!(world.contacts().await.is_empty());
        assert_eq!(world.silence("C-1").await.as_deref(), Some("preferred_hours"));
        prefer(&world, None).await;
        world.run(LATE).await;
        assert_eq!(world.contacts().await.len(), 1);
    }
}
