//! What comes back: messages, signs, bounces, and consent withdrawn.

use domain::contact::ContactState;
use domain::customer::{Channel, Health};
use domain::ids::ContactId;
use engine::inbound::{Bounce, MessageReceived, NewMessage, Seen};
use jiff::civil::{date, time};
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use store::contacts::ContactRecord;
use testkit::{TestDb, World};

use super::{LATE, one_late};

/// A world in which C-1 was reminded this morning.
async fn reminded(test: &TestDb) -> (World, ContactRecord) {
    let world = one_late(test).await;
    let mut left = world.day(LATE).await;
    assert_eq!(left.len(), 1);
    (world, left.remove(0))
}

fn message(text: &str, key: Option<&str>) -> NewMessage {
    NewMessage {
        customer: "C-1".to_owned(),
        channel: Channel::Email,
        address: "c-1@cliente.example".to_owned(),
        subject: "Re: su factura".to_owned(),
        text: text.to_owned(),
        at: None,
        key: key.map(str::to_owned),
        answers: None,
    }
}

async fn receive(world: &World, message: NewMessage) -> engine::Result<MessageReceived> {
    world
        .engine
        .receive(&world.company, message, "puntual")
        .await
}

async fn state(world: &World, contact: ContactId) -> ContactState {
    let all = world.contacts().await;
    let found = all.iter().find(|it| it.id == contact);
    found.expect("the contact").state
}

async fn exported(world: &World, export: engine::exports::Export) -> Vec<Value> {
    let mut lines = Vec::new();
    let mut keep = |line| {
        lines.push(line);
        Ok(())
    };
    world
        .engine
        .export(&world.company, export, &mut keep)
        .await
        .expect("an export");
    lines
}

fn bounce(contact: ContactId, hard: bool, at: Timestamp) -> Bounce {
    Bounce {
        contact,
        address: None,
        hard,
        reason: "550 5.1.1 no existe".to_owned(),
        at,
    }
}

testkit::both_databases! {
    async fn an_answer_goes_on_the_thread_and_silences_for_the_days_of_the_policy(test: &TestDb) {
        let (world, contact) = reminded(test).await;
        world.at(LATE, time(20, 30, 0, 0));
        let received = receive(&world, message("Pago el viernes.", None)).await.expect("received");
        assert_eq!((received.known, received.answers), (false, Some(contact.id.to_string())));
        assert_eq!(state(&world, contact.id).await, ContactState::Answered);
        let position = world.standing("C-1").await.position;
        assert_eq!(position.last_answer, Some(world.now()));
        let next = date(2026, 3, 5);
        world.at(next, time(8, 0, 0, 0));
        assert_eq!(world.silence("C-1").await.as_deref(), Some("answered"));
        let threads = exported(&world, engine::exports::Export::Threads).await;
        let said: Vec<_> = threads.iter().map(|it| it["direction"].as_str()).collect();
        assert_eq!(said, [Some("out"), Some("in")]);
        assert_eq!(threads[1]["text"], "Pago el viernes.");
        let contacts = exported(&world, engine::exports::Export::Contacts).await;
        assert_eq!(contacts[0]["answered_at"], position.last_answer.expect("it").to_string());
    }

    async fn the_same_message_twice_is_one(test: &TestDb) {
        let (world, _) = reminded(test).await;
        let first = receive(&world, message("Ya pagué.", Some("m-1"))).await.expect("received");
        world.set(world.now() + 1.hour());
        let again = receive(&world, message("Ya pagué.", Some("m-1"))).await.expect("received");
        assert_eq!(again, MessageReceived { known: true, ..first.clone() });
        let other = receive(&world, message("Otra cosa", Some("m-1"))).await;
        let error = other.expect_err("one key, two texts").to_string();
        assert!(error.contains("m-1"), "{error}");
        let at = Some(world.now());
        for known in [false, true] {
            let own = NewMessage { at, ..message("Sin clave", None) };
            assert_eq!(receive(&world, own).await.expect("received").known, known);
            world.set(world.now() + 1.hour());
        }
        let threads = exported(&world, engine::exports::Export::Threads).await;
        assert_eq!(threads.len(), 3, "ours, and two of theirs");
        assert!(receive(&world, message("  ", None)).await.is_err());
        let stranger = NewMessage { customer: "C-9".to_owned(), ..message("Hola", None) };
        assert!(receive(&world, stranger).await.is_err());
    }

    async fn a_message_of_someone_never_written_to_answers_nothing(test: &TestDb) {
        let world = one_late(test).await;
        let received = receive(&world, message("¿Me mandan la factura?", None)).await;
        assert_eq!(received.expect("received").answers, None);
        let unknown = NewMessage {
            answers: Some(ContactId::from_uuid(world.stamp().ids.draw())),
            ..message("Hola", None)
        };
        assert!(receive(&world, unknown).await.is_err());
        assert_eq!(exported(&world, engine::exports::Export::Threads).await.len(), 1);
    }

    async fn signs_move_a_contact_forward_only(test: &TestDb) {
        let world = one_late(test).await;
        world.run(LATE).await;
        let contact = world.contacts().await.remove(0).id;
        let at = world.now();
        let early = world.engine.hear(&world.company, contact, Seen::Read, at).await;
        assert!(early.is_err(), "planned is not read");
        let contact = world.day(LATE).await.remove(0).id;
        let mut steps = Vec::new();
        for sign in [Seen::Delivered, Seen::Delivered, Seen::Read, Seen::Delivered, Seen::Read] {
            let news = world.engine.hear(&world.company, contact, sign, at).await.expect("heard");
            steps.push((news, state(&world, contact).await));
        }
        use ContactState::{Delivered, Read};
        let wanted =
            [(true, Delivered), (false, Delivered), (true, Read), (false, Read), (false, Read)];
        assert_eq!(steps, wanted);
        let contacts = exported(&world, engine::exports::Export::Contacts).await;
        assert_eq!(contacts[0]["read_at"], at.to_string());
        assert_eq!(contacts[0]["answered_at"], Value::Null);
    }

    async fn a_hard_bounce_ends_the_address_and_asks_a_person(test: &TestDb) {
        let (world, contact) = reminded(test).await;
        let at = world.now();
        let soft = world.engine.bounce(&world.company, bounce(contact.id, false, at)).await;
        assert!(!soft.expect("noted"));
        assert_eq!(state(&world, contact.id).await, ContactState::Sent);
        for ended in [true, false] {
            let hard = world.engine.bounce(&world.company, bounce(contact.id, true, at)).await;
            assert_eq!(hard.expect("recorded"), ended);
        }
        assert_eq!(state(&world, contact.id).await, ContactState::Failed);
        let customer = world.standing("C-1").await.position.customer;
        assert_eq!(customer.contact_points[0].health, Health::Bouncing);
        let tasks = world.engine.open_tasks(&world.company).await.expect("tasks");
        let kinds: Vec<_> = tasks.iter().map(|task| task.kind.as_str()).collect();
        assert_eq!(kinds, ["fix_contact_point"], "once");
        assert_eq!(world.silence("C-1").await.as_deref(), Some("no_contact_point"));
        let elsewhere = Bounce {
            address: Some("otro@cliente.example".to_owned()),
            ..bounce(contact.id, true, at)
        };
        assert!(world.engine.bounce(&world.company, elsewhere).await.is_err());
    }

    async fn nobody_is_written_to_after_opting_out(test: &TestDb) {
        let world = one_late(test).await;
        world.run(LATE).await;
        world.at(LATE, time(8, 30, 0, 0));
        let said = (LATE, "correo del cliente");
        let (engine, company) = (&world.engine, &world.company);
        let email = Channel::Email;
        for addresses in [vec!["c-1@cliente.example".to_owned()], vec![]] {
            let done = engine.withdraw_consent(company, "C-1", email, said, "ana").await;
            assert_eq!(done.expect("recorded").addresses, addresses);
        }
        assert!(world.day(LATE).await.is_empty(), "what was planned is not made");
        assert_eq!(world.silence("C-1").await.as_deref(), Some("no_contact_point"));
        let customers = exported(&world, engine::exports::Export::Customers).await;
        let consent = &customers[0]["contact_points"][0]["consent"];
        assert_eq!(*consent, serde_json::json!({ "state": "withdrawn", "on": LATE.to_string() }));
        let sms = engine.withdraw_consent(company, "C-1", Channel::Sms, said, "ana").await;
        assert!(sms.is_err(), "no such address");
    }

    async fn an_address_of_someone_else_is_used_no_more(test: &TestDb) {
        let (world, contact) = reminded(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let point = (Channel::Email, "c-1@cliente.example");
        let health = Health::WrongPerson;
        for changed in [1, 0] {
            let done = engine.mark_address(company, "C-1", point, health, "ana").await;
            assert_eq!(done.expect("recorded").addresses.len(), changed);
        }
        world.at(date(2026, 3, 5), time(8, 0, 0, 0));
        assert_eq!(world.silence("C-1").await.as_deref(), Some("no_contact_point"));
        assert_eq!(state(&world, contact.id).await, ContactState::Sent);
        let other = (Channel::Email, "nadie@cliente.example");
        assert!(engine.mark_address(company, "C-1", other, health, "ana").await.is_err());
    }

    async fn the_next_planned_instant_is_known(test: &TestDb) {
        let world = one_late(test).await;
        let (engine, company) = (&world.engine, &world.company);
        assert_eq!(engine.next_planned(company).await.expect("read"), None);
        world.run(LATE).await;
        let planned = world.contacts().await.remove(0).planned_at;
        assert_eq!(engine.next_planned(company).await.expect("read"), Some(planned));
        world.set(planned);
        world.dispatch().await;
        assert_eq!(engine.next_planned(company).await.expect("read"), None);
        let left = engine.left(company, (planned, planned)).await.expect("read");
        let told: Vec<_> = left.iter().map(|it| (&*it.customer, &*it.step, &*it.address)).collect();
        assert_eq!(told, [("C-1", "recordatorio-1", "c-1@cliente.example")]);
        assert_eq!(left[0].documents, [("F-1".to_owned(), testkit::mxn(1_000_000))]);
        let later = (planned + 1.second(), planned + 1.hour());
        assert!(engine.left(company, later).await.expect("read").is_empty());
    }
}
