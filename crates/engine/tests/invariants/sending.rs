//! Sending: once, with the facts of the instant, counted when made (1, 4, 18, 21).

use connect::channels::Outbox;
use domain::contact::ContactState;
use domain::customer::Health;
use domain::hold::HoldKind;
use engine::outreach::Mailer;
use jiff::ToSpan;
use jiff::civil::{date, time};
use serde_json::{Value, json};
use store::bulk::{ClaimVerdict, OutgoingMessage};
use testkit::{TestDb, World};

use super::{DUE, ISSUED, LATE, add, early, one_late};

const NINE: jiff::civil::Time = time(9, 0, 0, 0);

async fn many_late(test: &TestDb, customers: usize) -> World {
    let mut world = early(test, LATE).await;
    let mut text =
        "Factura,Código cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n".to_owned();
    for index in 0..customers {
        text += &format!("F-{index},C-{index},c{index}@cliente.example,{ISSUED},{DUE},1000.00\n");
    }
    world.import(&text).await;
    world
}

fn files(outbox: &Outbox) -> usize {
    std::fs::read_dir(outbox.folder()).map_or(0, Iterator::count)
}

/// Takes a planned contact up as a process does that dies before its answer is known.
async fn claim_and_die(world: &World, via: &str) {
    let stamp = world.stamp();
    let worker = stamp.ids.draw();
    let (db, company) = (world.engine.db(), world.company.id);
    let via = via.to_owned();
    let claimed = store::bulk::claim(db, &stamp, company, worker, 10, move |due| {
        let verdict = |contact: &store::bulk::DueContact| {
            let mut content: Value = serde_json::from_str(&contact.content).expect("JSON");
            content["via"] = json!(via);
            ClaimVerdict::Send {
                contact: contact.id,
                message: OutgoingMessage {
                    address: "c@cliente.example".to_owned(),
                    subject: "Su cuenta".to_owned(),
                    text: "Texto".to_owned(),
                    html: None,
                },
                content: content.to_string(),
                proof: "{}".to_owned(),
                link: None,
            }
        };
        due.iter().map(|(contact, _)| verdict(contact)).collect()
    });
    assert_eq!(claimed.await.expect("a claim").len(), 1);
}

testkit::both_databases! {
    async fn inv_01_at_most_one_send_per_step_and_cycle(test: &TestDb) {
        let world = many_late(test, 60).await;
        let at = world.company.run_instant(LATE);
        world.set(at);
        // Two processes run at the same time: they share one run, each step is planned once, and
        // both tell the figures of the whole.
        let other = world.engine_on(test.open_again().await);
        let (mut one, mut two) = ((), ());
        let (first, second) = tokio::join!(
            world.engine.run(&world.company, at, false, &mut one),
            other.run(&world.company, at, false, &mut two),
        );
        let (first, second) = (first.expect("a run"), second.expect("a run"));
        assert_eq!((first.contacts, first.customers), (60, 60));
        assert_eq!((second.contacts, second.customers), (60, 60));
        assert_eq!(world.contacts().await.len(), 60);
        // Six dispatchers, three of them processes of their own, each with its own outbox.
        world.at(LATE, NINE);
        let mut tasks = Vec::new();
        for index in 0..6 {
            let engine = if index % 2 == 0 {
                world.engine.clone()
            } else {
                world.engine_on(test.open_again().await)
            };
            let outbox = Outbox::new(world.folder().join(format!("outbox-{index}")));
            let company = world.company.clone();
            tasks.push(tokio::spawn(async move {
                let mailer = Mailer::Outbox(outbox.clone());
                let sent = engine.dispatch(&company, &mailer, false).await.expect("a dispatch");
                (sent.sent, files(&outbox))
            }));
        }
        let (mut sent, mut written) = (0, 0);
        for task in tasks {
            let (own, own_files) = task.await.expect("a dispatcher ends");
            assert_eq!(own, own_files as u64);
            (sent, written) = (sent + own, written + own_files);
        }
        assert_eq!((sent, written), (60, 60));
        // The same day, run and sent again: nothing.
        assert_eq!(world.day(LATE).await, []);
        assert_eq!(world.contacts().await.len(), 60);
    }

    async fn inv_01_a_claim_older_than_its_time_out_is_unknown_and_never_sent_again(test: &TestDb) {
        let world = one_late(test).await;
        world.run(LATE).await;
        world.at(LATE, NINE);
        claim_and_die(&world, "smtp").await;
        world.at(LATE, time(9, 59, 0, 0));
        let early = world.dispatch().await;
        assert_eq!((early.sent, early.unknown), (0, 0), "the claim may still be answered");
        world.at(LATE, time(10, 1, 0, 0));
        let late = world.dispatch().await;
        assert_eq!((late.sent, late.unknown), (0, 1));
        let contacts = world.contacts().await;
        assert_eq!(contacts[0].state, ContactState::Unknown);
        let tasks = store::tasks::open(world.engine.db(), world.company.id, 10).await;
        assert_eq!(tasks.expect("tasks").len(), 1, "a person is asked");
        // It may have left: it counts, and its step is not made again.
        let said = world.days(LATE, date(2026, 3, 11)).await;
        assert_eq!(said, ["2026-03-05 recordatorio-2 friendly"]);
        assert_eq!(files(&world.outbox), 1);
    }

    async fn inv_01_an_outbox_file_is_named_by_its_contact_and_may_be_repeated(test: &TestDb) {
        let world = one_late(test).await;
        world.run(LATE).await;
        world.at(LATE, NINE);
        claim_and_die(&world, "outbox").await;
        world.at(LATE, time(10, 1, 0, 0));
        assert_eq!(world.dispatch().await.sent, 1);
        let contacts = world.contacts().await;
        assert_eq!((contacts.len(), contacts[0].state), (1, ContactState::Sent));
        assert!(world.outbox.folder().join(format!("{}.eml", contacts[0].id)).exists());
        assert_eq!(files(&world.outbox), 1);
    }

    async fn inv_01_a_message_whose_file_was_written_is_sent_whatever_happens_then(test: &TestDb) {
        let world = one_late(test).await;
        world.run(LATE).await;
        world.at(LATE, NINE);
        claim_and_die(&world, "outbox").await;
        let contact = world.contacts().await.remove(0);
        let file = world.outbox.folder().join(format!("{}.eml", contact.id));
        std::fs::create_dir_all(world.outbox.folder()).expect("a folder");
        std::fs::write(&file, "written before it died").expect("a file");
        // By now there is nothing to write about; it was written all the same.
        let next = LATE.tomorrow().expect("a day");
        world.at(next, NINE);
        world.pay(&contact.customer_key, "10000.00", &[]).await;
        assert_eq!(world.dispatch().await.sent, 1);
        let after = world.contacts().await.remove(0);
        assert_eq!(after.state, ContactState::Sent);
        assert_eq!(after.performed_at, contact.claimed_at, "it left when it was claimed");
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), "written before it died");
    }

    async fn inv_04_facts_are_read_again_when_claiming(test: &TestDb) {
        let mut world = early(test, LATE).await;
        let cases = [
            "C-IGUAL", "C-PAGA", "C-PROMETE", "C-DISPUTA", "C-PAUSA", "C-BAJA", "C-REBOTA",
            "C-ABONA",
        ];
        for key in cases {
            add(&world, key).await;
            world.invoice(key, &format!("F-{key}"), "10000.00", (ISSUED, DUE)).await;
        }
        assert_eq!(world.run(LATE).await.contacts, 8);
        world.at(LATE, time(8, 30, 0, 0));
        world.pay("C-PAGA", "10000.00", &[]).await;
        world.pay("C-ABONA", "4000.00", &[]).await;
        world.promise("C-PROMETE", "10000.00", date(2026, 3, 10)).await;
        world.hold("C-DISPUTA", HoldKind::Dispute, Some("F-C-DISPUTA"), (None, None)).await;
        world.hold("C-PAUSA", HoldKind::Pause, None, (None, None)).await;
        world.health("C-BAJA", Health::OptedOut).await;
        world.health("C-REBOTA", Health::Bouncing).await;
        world.at(LATE, NINE);
        let done = world.dispatch().await;
        assert_eq!(done.sent, 2);
        let mut left = Vec::new();
        for contact in world.contacts().await {
            let key = contact.customer_key.as_str();
            let expected = match key {
                "C-IGUAL" | "C-ABONA" => {
                    assert_eq!(world.differences(&contact).await, Vec::<String>::new());
                    left.push(key.to_owned());
                    continue;
                }
                "C-PAGA" => "superseded",
                "C-PROMETE" | "C-DISPUTA" => "held",
                "C-PAUSA" => "paused",
                _ => "no_contact_point",
            };
            assert_eq!(contact.state, ContactState::Suppressed, "{key}");
            assert_eq!(contact.reason.as_deref(), Some(expected), "{key}");
            let (db, company) = (world.engine.db(), world.company.id);
            let proofs = store::proofs::of_contacts(db, company, &[contact.id]).await;
            let proofs = proofs.expect("proofs");
            assert!(proofs.iter().any(|proof| proof.is_intact() && proof.body.contains(expected)));
        }
        left.sort_unstable();
        assert_eq!(left, ["C-ABONA", "C-IGUAL"]);
    }

    async fn inv_04_the_hour_is_read_again_when_claiming(test: &TestDb) {
        let world = one_late(test).await;
        world.run(LATE).await;
        // The dispatcher was down all day: the message does not leave in the evening.
        world.at(LATE, time(20, 30, 0, 0));
        let done = world.dispatch().await;
        assert_eq!((done.sent, files(&world.outbox)), (0, 0));
        let said = world.days(date(2026, 3, 4), date(2026, 3, 4)).await;
        assert_eq!(said, ["2026-03-04 recordatorio-1 friendly"], "it is not lost either");
    }

    async fn inv_18_a_contact_counts_when_performed(test: &TestDb) {
        let world = one_late(test).await;
        world.run(LATE).await;
        let planned = world.contacts().await.remove(0);
        assert_eq!((planned.state, planned.performed_at), (ContactState::Planned, None));
        let seen = &world.why("C-1").await["facts"]["reminders_sent"];
        assert_eq!(*seen, json!(0), "planned is not made");
        // Suppressed: it was never made, so its step comes back and no gap is kept.
        let pause = world.hold("C-1", HoldKind::Pause, None, (None, None)).await;
        world.at(LATE, NINE);
        assert_eq!(world.dispatch().await.sent, 0);
        let next = date(2026, 3, 4);
        world.at(next, time(7, 0, 0, 0));
        let ended = world.engine.end_hold(&world.company, &pause, None, "listo", "ana").await;
        ended.expect("the pause ends");
        world.run(next).await;
        world.at(next, time(11, 30, 0, 0));
        assert_eq!(world.dispatch().await.sent, 1);
        let made = world.contacts().await.pop().expect("a contact");
        assert_eq!(made.key.step(), "recordatorio-1");
        // The instant it left, not the one it was planned for.
        assert_eq!(made.performed_at, Some(world.now()));
        // The gap of two days counts from then.
        assert_eq!(world.silence("C-1").await.as_deref(), Some("minimum_gap"));
        assert_eq!(world.why("C-1").await["facts"]["reminders_sent"], json!(1));
    }

    async fn inv_21_one_message_per_customer_per_run(test: &TestDb) {
        let mut world = early(test, LATE).await;
        add(&world, "C-1").await;
        let mut text =
            "Factura,Código cliente,Fecha emisión,Fecha vencimiento,Importe,Moneda\n".to_owned();
        for index in 1..=30_i8 {
            let due = DUE.checked_sub(i64::from(index % 7).days()).expect("in range");
            let currency = if index % 3 == 0 { "USD" } else { "MXN" };
            text += &format!("F-{index},C-1,{ISSUED},{due},100.00,{currency}\n");
        }
        text += &format!("F-31,C-1,{ISSUED},2026-03-05,100.00,MXN\n");
        world.import(&text).await;
        let summary = world.run(LATE).await;
        assert_eq!((summary.customers, summary.contacts), (1, 1));
        world.at(LATE, NINE);
        assert_eq!(world.dispatch().await.sent, 1);
        let contact = world.contacts().await.remove(0);
        let content: Value = serde_json::from_str(&contact.content).expect("JSON");
        assert_eq!(content["documents"].as_array().map(Vec::len), Some(30));
        assert_eq!(content["upcoming"].as_array().map(Vec::len), Some(1));
        assert_eq!(world.differences(&contact).await, Vec::<String>::new());
        let text = std::fs::read_to_string(
            world.outbox.folder().join(format!("{}.eml", contact.id)),
        );
        let letter = testkit::Letter::read(&text.expect("a file"));
        for index in 1..=31 {
            assert!(letter.text.contains(&format!("Documento F-{index}:")), "F-{index}");
        }
    }
}
