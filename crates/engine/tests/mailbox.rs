//! What comes to the mailbox: answers, bounces, lone phrases; each once, on both databases.

use domain::contact::ContactState;
use domain::customer::{Consent, ContactPoint, Health};
use engine::mailbox::MailRead;
use jiff::civil::{Date, date, time};
use jiff::{Timestamp, ToSpan};
use store::bulk::CustomerFacts;
use store::contacts::ContactRecord;
use testkit::{TestDb, World};

const DUE: Date = date(2026, 3, 2);
const LATE: Date = date(2026, 3, 3);

/// A company that reminded two customers this morning; the second one has two addresses.
async fn reminded(test: &TestDb) -> World {
    let mut world = World::mexican(&test.db, LATE).await;
    for (key, number) in [("C-1", "F-1"), ("C-2", "F-2")] {
        let customer = CustomerFacts {
            key: key.to_owned(),
            name: Some(format!("{key}, S.A. de C.V.")),
            ..CustomerFacts::default()
        };
        let address = format!("{}@cliente.example", key.to_lowercase());
        world.customer(customer, Some(&address)).await;
        world
            .invoice(key, number, "1000.00", (date(2026, 2, 2), DUE))
            .await;
    }
    assert_eq!(world.day(LATE).await.len(), 2);
    world.at(LATE, time(20, 30, 0, 0));
    world
}

async fn take(world: &World, mails: &[String]) -> MailRead {
    let mut found = MailRead::default();
    for mail in mails {
        let bytes = mail.replace('\n', "\r\n");
        let take = world
            .engine
            .take_mail(&world.company, bytes.as_bytes(), &mut found);
        take.await.expect("taken");
    }
    found
}

async fn contact(world: &World, customer: &str) -> ContactRecord {
    let contacts = world.contacts().await;
    contacts
        .into_iter()
        .find(|it| it.customer_key == customer)
        .expect("a contact")
}

async fn point(world: &World, customer: &str) -> ContactPoint {
    world
        .standing(customer)
        .await
        .position
        .customer
        .contact_points
        .remove(0)
}

async fn thread(world: &World, customer: &str) -> Vec<(String, Timestamp)> {
    let id = world.standing(customer).await.position.customer.id;
    let thread = store::messages::of_customer(world.engine.db(), world.company.id, id).await;
    let incoming = thread
        .expect("a thread")
        .into_iter()
        .filter(|it| it.incoming);
    incoming.map(|it| (it.text, it.at)).collect()
}

fn answer(from: &str, id: &str, answers: &str, text: &str) -> String {
    format!(
        "From: <{from}>\nTo: cobranza@empresa.example\nSubject: Re: su cuenta\n\
         Date: Tue, 3 Mar 2026 17:00:00 -0600\nMessage-ID: <{id}@cliente.example>\n\
         In-Reply-To: <{answers}@empresa.example>\n\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

fn report(id: &str, address: &str, original: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail\n\
         Date: Tue, 3 Mar 2026 17:00:00 -0600\nMessage-ID: <{id}@mx.example>\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nNo.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {status}\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{original}@empresa.example>\n\n\
         --b--\n"
    )
}

testkit::both_databases! {
    async fn an_answer_goes_on_the_thread_once(test: &TestDb) {
        let world = reminded(test).await;
        let id = contact(&world, "C-1").await.id.to_string();
        let mail = answer("C-1@Cliente.example", "m1", &id, "Mañana pago.\n\n> BAJA");
        let found = take(&world, &[mail.clone(), mail.clone()]).await;
        assert_eq!((found.read, found.messages, found.opted_out), (2, 1, 0), "{found:?}");
        let at: Timestamp = "2026-03-03T23:00:00Z".parse().expect("an instant");
        assert_eq!(thread(&world, "C-1").await, [("Mañana pago.\n\n> BAJA".to_owned(), at)]);
        assert_eq!(contact(&world, "C-1").await.state, ContactState::Answered);
        assert_eq!(contact(&world, "C-2").await.state, ContactState::Sent);
        let stranger = answer("otro@nadie.example", "m2", &id, "BAJA");
        let machine = "From: c-1@cliente.example\nSubject: Fuera de la oficina\n\
            Auto-Submitted: auto-replied\nMessage-ID: <m3@x>\n\nVuelvo el lunes.";
        let found = take(&world, &[stranger, machine.to_owned()]).await;
        assert_eq!((found.unknown, found.automatic, found.messages), (1, 1, 0), "{found:?}");
    }

    async fn a_lone_word_stops_the_address_and_nothing_else_does(test: &TestDb) {
        let world = reminded(test).await;
        let id = contact(&world, "C-1").await.id.to_string();
        let more = "La factura se dio de baja, ¿me confirman?";
        take(&world, &[answer("c-1@cliente.example", "m1", &id, more)]).await;
        assert_eq!(point(&world, "C-1").await.consent, Consent::Unknown);
        let baja = answer("c-1@cliente.example", "m2", &id, "BAJA\n\nAna Díaz");
        let found = take(&world, &[baja.clone(), baja]).await;
        assert_eq!((found.opted_out, found.messages), (1, 1), "{found:?}");
        assert_eq!(point(&world, "C-1").await.consent, Consent::Withdrawn { on: LATE });
        assert_eq!(point(&world, "C-2").await.consent, Consent::Unknown);
        let lines = world.engine.consents_of(&world.company, "C-1").await.expect("a history");
        assert_eq!((lines.len(), lines[0].author.as_str()), (1, "buzón"));
        assert!(lines[0].shown.starts_with("BAJA"), "{lines:?}");
        let next = LATE.checked_add(20.days()).expect("a day");
        world.run(next).await;
        assert_eq!(world.silence("C-1").await.as_deref(), Some("no_contact_point"));
    }

    async fn someone_else_reads_here_only_by_a_phrase_that_stands_alone(test: &TestDb) {
        let world = reminded(test).await;
        let id = contact(&world, "C-1").await.id.to_string();
        let longer = "Ya no trabaja aquí el señor Díaz, escriba a pagos@cliente.example";
        take(&world, &[answer("c-1@cliente.example", "m1", &id, longer)]).await;
        assert_eq!(point(&world, "C-1").await.health, Health::Good);
        let lone = answer("c-1@cliente.example", "m2", &id, "Ya no trabaja aquí.");
        let found = take(&world, &[lone.clone(), lone]).await;
        assert_eq!(found.wrong_person, 1, "{found:?}");
        assert_eq!(point(&world, "C-1").await.health, Health::WrongPerson);
        let tasks = world.engine.open_tasks(&world.company).await.expect("tasks");
        let kinds: Vec<_> = tasks.iter().map(|task| task.kind.as_str()).collect();
        assert_eq!(kinds, ["fix_contact_point"]);
    }

    async fn a_dead_address_stops_at_once_and_a_full_one_at_the_third_report(test: &TestDb) {
        let world = reminded(test).await;
        let id = contact(&world, "C-1").await.id.to_string();
        let dead = report("r1", "c-1@cliente.example", &id, "5.1.1");
        let found = take(&world, &[dead.clone(), dead]).await;
        assert_eq!((found.returned, found.bouncing), (2, 1), "{found:?}");
        assert_eq!(point(&world, "C-1").await.health, Health::Bouncing);
        assert_eq!(contact(&world, "C-1").await.state, ContactState::Failed);
        let full = |id: &str| report(id, "C-2@cliente.example", "nobody", "5.2.2");
        let found = take(&world, &[full("r2"), full("r2"), full("r3")]).await;
        assert_eq!((found.returned, found.bouncing), (3, 0), "the same report counts once");
        assert_eq!(point(&world, "C-2").await.health, Health::Good);
        let found = take(&world, &[full("r4")]).await;
        assert_eq!(found.bouncing, 1, "{found:?}");
        assert_eq!(point(&world, "C-2").await.health, Health::Bouncing);
        let tasks = world.engine.open_tasks(&world.company).await.expect("tasks");
        assert_eq!(tasks.len(), 2, "a person is asked for each last address: {tasks:?}");
        let nobody = take(&world, &[report("r5", "x@nadie.example", "nobody", "5.1.1")]).await;
        assert_eq!((nobody.unknown, nobody.bouncing), (1, 0));
    }
}
