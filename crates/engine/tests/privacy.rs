//! What is kept of a person, and its end: nothing of its text stays anywhere, the figures do; on
//! both databases.

use domain::customer::{Channel, Consent, ContactSource};
use domain::hold::HoldKind;
use domain::ids::CustomerId;
use domain::preference::{HoursOfDay, Preferences};
use engine::inbound::NewMessage;
use engine::mailbox::MailRead;
use jiff::civil::{Date, date, time};
use store::bulk::{ContactPointFacts, CustomerFacts, ImportChunk};
use store::privacy::FATES;
use testkit::{TestDb, World, whole};

const DUE: Date = date(2026, 3, 2);
const LATE: Date = date(2026, 3, 3);

/// What must not be found when the person is gone.
const PERSON: [&str; 6] = [
    "Yolotzin Xochiquetzal",
    "yolotzin@correo.example",
    "+525598765432",
    "XOYO900101AB1",
    "CLI-YOLOTZIN",
    "mi hermana Citlali",
];

/// A person of whom everything is kept that can be, and another who must stay.
async fn world(test: &TestDb) -> (World, CustomerId) {
    let mut world = World::mexican(&test.db, LATE).await;
    let other = CustomerFacts {
        key: "C-2".to_owned(),
        name: Some("Otro Cliente, S.A.".to_owned()),
        ..CustomerFacts::default()
    };
    world.customer(other, Some("otro@cliente.example")).await;
    world
        .invoice("C-2", "F-2", "500.00", (date(2026, 2, 2), DUE))
        .await;
    let csv = "Cliente,Nombre,RFC,Correo,Factura,Fecha,Vencimiento,Importe\n\
        CLI-YOLOTZIN,Yolotzin Xochiquetzal,XOYO900101AB1,yolotzin@correo.example,F-1,2026-02-02,\
        2026-03-02,1000.00\n\
        CLI-YOLOTZIN,Yolotzin Xochiquetzal,XOYO900101AB1,yolotzin@correo.example,F-9,2026-02-02,\
        nunca,10.00\n";
    world.import_named("cartera.csv", csv).await;
    let phone = ContactPointFacts {
        customer: "CLI-YOLOTZIN".to_owned(),
        channel: Channel::Call,
        address: "+525598765432".to_owned(),
        role: None,
        source: Some(ContactSource::DebtorProvided),
        consent: Consent::Given {
            on: DUE,
            source: "Yolotzin Xochiquetzal, por escrito".to_owned(),
        },
        shown: String::new(),
    };
    let chunk = ImportChunk {
        contact_points: vec![phone],
        ..ImportChunk::default()
    };
    world.facts(chunk).await;
    world.day(LATE).await;
    world.at(LATE, time(20, 0, 0, 0));
    let (engine, company) = (&world.engine, &world.company);
    let id = world.standing("CLI-YOLOTZIN").await.position.customer.id;
    let said = "Soy Yolotzin Xochiquetzal, llame a mi hermana Citlali";
    engine
        .add_note(company, id, said, "ana")
        .await
        .expect("a note");
    let message = NewMessage {
        customer: "CLI-YOLOTZIN".to_owned(),
        channel: Channel::Email,
        address: "yolotzin@correo.example".to_owned(),
        subject: "De Yolotzin Xochiquetzal".to_owned(),
        text: said.to_owned(),
        at: None,
        key: None,
        answers: None,
    };
    engine
        .receive(company, message, "ana")
        .await
        .expect("a message");
    let wanted = Preferences {
        hours: HoursOfDay::new(9, 13),
        channels: vec![Channel::Call],
    };
    engine
        .set_preferences(company, id, &wanted, "ana")
        .await
        .expect("preferences");
    let report = "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail\r\n\
        Message-ID: <r1@mx.example>\r\n\r\n<yolotzin@correo.example>: user unknown\r\n";
    let mut found = MailRead::default();
    engine
        .take_mail(company, report.as_bytes(), &mut found)
        .await
        .expect("taken");
    assert_eq!(found.bouncing, 1, "{found:?}");
    let until = (None, Some(date(2026, 4, 1)));
    world
        .hold("CLI-YOLOTZIN", HoldKind::Dispute, None, until)
        .await;
    (world, id)
}

testkit::both_databases! {
    async fn nothing_of_a_persons_text_stays_and_the_figures_do(test: &TestDb) {
        let (world, _) = world(test).await;
        let (engine, company) = (&world.engine, &world.company);
        for text in PERSON {
            assert!(!whole::columns_with(test, text).await.is_empty(), "{text} was never there");
        }
        let other = whole::columns_with(test, "otro@cliente.example").await;
        let before = world.statement("CLI-YOLOTZIN").await;
        let how = ("lo pidió el titular", true);
        assert!(engine.erase_person(company, "CLI-YOLOTZIN", (" ", true), "ana").await.is_err());
        let open = engine.erase_person(company, "CLI-YOLOTZIN", (how.0, false), "ana").await;
        assert!(open.expect_err("money is open").to_string().contains("1000.00"));
        let erased = engine.erase_person(company, "CLI-YOLOTZIN", how, "ana").await;
        let erased = erased.expect("erased");
        for text in PERSON {
            assert_eq!(whole::columns_with(test, text).await, [""; 0], "{text}");
        }
        assert_eq!(whole::columns_with(test, "otro@cliente.example").await, other);
        let after = world.statement(&erased.pseudonym).await;
        assert_eq!(after.documents[0].open, before.documents[0].open);
        assert!(whole::columns_with(test, "Otro Cliente").await.len() > 1);
        let again = engine.erase_person(company, &erased.pseudonym, how, "ana").await;
        assert!(again.is_err(), "once");
        let report = engine.audit_verify(company, &[]).await.expect("verified");
        assert!(report.ok && report.messages > 0, "{report:?}");
        // Nobody is left to write to, and every page still reads.
        world.run(date(2026, 4, 20)).await;
        assert_eq!(world.silence(&erased.pseudonym).await.as_deref(), Some("no_contact_point"));
        let export = engine.export_person(company, &erased.pseudonym, "ana").await;
        assert!(export.expect("an export")["datos"]["messages"].as_array().is_some());
    }

    async fn all_that_is_kept_is_handed_over(test: &TestDb) {
        let (world, id) = world(test).await;
        let export = world.engine.export_person(&world.company, "CLI-YOLOTZIN", "ana").await;
        let export = export.expect("an export");
        let text = export.to_string();
        for found in PERSON {
            assert!(text.contains(found), "{found} is missing");
        }
        for table in [
            "customers", "contact_points", "documents", "contacts", "messages", "notes", "proofs",
            "events", "consents", "preferences", "bounces", "holds", "decisions", "tasks",
        ] {
            let rows = export["datos"][table].as_array().map_or(0, Vec::len);
            assert!(rows > 0, "{table} is missing");
        }
        assert!(!text.contains("otro@cliente.example"), "of others nothing");
        let log = store::events::of_entity(world.engine.db(), world.company.id, id.uuid()).await;
        assert!(log.expect("a log").iter().any(|it| it.kind == "customer.exported"));
        assert_eq!(export["conservacion"]["años"], 5, "Mexico");
    }

    async fn what_has_to_be_kept_is_not_erased_before_its_day(test: &TestDb) {
        let (world, _) = world(test).await;
        let (engine, company) = (&world.engine, &world.company);
        world.pay("CLI-YOLOTZIN", "1000.00", &["F-1"]).await;
        let terms = engine.erasure_terms(company, "CLI-YOLOTZIN").await.expect("terms");
        assert_eq!(terms.open, [""; 0]);
        assert_eq!(terms.from.as_deref(), Some("2031-03-03"), "{terms:?}");
        let how = ("lo pidió el titular", false);
        let early = engine.erase_person(company, "CLI-YOLOTZIN", how, "ana").await;
        assert!(early.expect_err("kept").to_string().contains("2031-03-03"));
        assert!(engine.past_retention(company).await.expect("a list").is_empty());
        world.at(date(2031, 3, 3), time(9, 0, 0, 0));
        let due = engine.past_retention(company).await.expect("a list");
        let told: Vec<_> = due.iter().map(|it| it.customer.as_str()).collect();
        assert_eq!(told, ["CLI-YOLOTZIN"], "who still owes is not among them");
        engine.erase_person(company, "CLI-YOLOTZIN", how, "ana").await.expect("erased");
        assert!(engine.past_retention(company).await.expect("a list").is_empty());
    }

    async fn every_table_with_customers_has_a_fate(test: &TestDb) {
        let columns = whole::columns(test).await;
        let bear = columns.iter().filter(|(_, column, _)| column == "customer_id");
        let mut tables: Vec<&str> = bear.map(|(table, ..)| table.as_str()).collect();
        tables.sort_unstable();
        let fated: Vec<&str> = FATES.iter().map(|(table, _)| *table).collect();
        assert_eq!(tables, fated, "say in store::privacy what an erasure does with each");
    }
}
