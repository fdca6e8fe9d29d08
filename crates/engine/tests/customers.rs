//! What people write down about a customer and attach to it, on both databases.

use domain::call::CallResult;
use domain::customer::{Channel, Consent, Health};
use domain::file::FileKind;
use domain::ids::{CustomerId, DocumentId, UserId};
use domain::law::Outcome;
use engine::customers::{PointFacts, TagChange};
use engine::files::{FILE_BYTES_MAX, NewFile};
use engine::notes::NewCall;
use engine::{Error, NewCompany};
use jiff::civil::{date, time};
use store::bulk::CustomerFacts;
use store::{assignments, customers, documents, events, files, messages};
use testkit::{TestDb, World, both_databases, ids};

const AUTHOR: &str = "ana@valle.example";

async fn with_customer(test: &TestDb) -> (World, CustomerId) {
    let mut world = World::mexican(&test.db, date(2026, 3, 3)).await;
    let facts = CustomerFacts {
        key: "C-1".to_owned(),
        name: Some("Hierros, S.A.".to_owned()),
        ..CustomerFacts::default()
    };
    world.customer(facts, Some("pagos@hierros.example")).await;
    let due = (date(2026, 2, 2), date(2026, 3, 2));
    world.invoice("C-1", "F-1", "10000.00", due).await;
    let id = id_of(&world, "C-1").await;
    (world, id)
}

async fn id_of(world: &World, key: &str) -> CustomerId {
    let id = customers::id_of(world.engine.db(), world.company.id, key).await;
    id.expect("read").expect("there")
}

async fn document_of(world: &World, number: &str) -> DocumentId {
    let found = documents::by_number(world.engine.db(), world.company.id, number).await;
    found.expect("read").expect("there").document.id
}

/// Another company beside, with the id of nobody's customer.
async fn elsewhere(world: &World) -> engine::Company {
    let new = NewCompany {
        name: "otra".to_owned(),
        ..NewCompany::default()
    };
    world
        .engine
        .add_company(new, AUTHOR)
        .await
        .expect("another company")
}

both_databases! {
    async fn tags_and_keepers_are_set_with_their_events(test: &TestDb) {
        let (world, id) = with_customer(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let change = |add: &[&str], remove: &[&str]| TagChange {
            add: add.iter().map(|&it| it.to_owned()).collect(),
            remove: remove.iter().map(|&it| it.to_owned()).collect(),
        };
        let add = change(&["VIP", "Norte"], &[]);
        assert_eq!(engine.set_tags(company, &[id], &add, AUTHOR).await.expect("set"), 1);
        assert_eq!(engine.set_tags(company, &[id], &add, AUTHOR).await.expect("again"), 0);
        let take = change(&[], &["vip"]);
        assert_eq!(engine.set_tags(company, &[id], &take, AUTHOR).await.expect("taken"), 1);
        let tags = customers::tags(engine.db(), company.id, id).await.expect("read");
        assert_eq!(tags, Some(vec!["Norte".to_owned()]));
        let user = UserId::from_uuid(ids(9).draw());
        for (user, changed) in [(Some(user), 1), (Some(user), 0), (None, 1)] {
            let done = engine.assign(company, &[id], user, AUTHOR).await.expect("assigned");
            assert_eq!(done, changed);
            let keeper = assignments::of_customer(engine.db(), company.id, id).await;
            assert_eq!(keeper.expect("read"), user);
        }
        let log = events::of_entity(engine.db(), company.id, id.uuid()).await.expect("read");
        let kinds: Vec<_> = log.iter().map(|it| it.kind.as_str()).collect();
        let tail = ["customer.changed", "customer.changed", "customer.assigned",
            "customer.assigned"];
        assert!(kinds.ends_with(&tail), "{kinds:?}");
        let other = elsewhere(&world).await;
        assert!(engine.set_tags(&other, &[id], &add, AUTHOR).await.is_err());
        assert!(engine.assign(&other, &[id], Some(user), AUTHOR).await.is_err());
        assert!(engine.add_note(&other, id, "hola", AUTHOR).await.is_err());
    }

    async fn a_file_is_what_its_bytes_say(test: &TestDb) {
        let (world, id) = with_customer(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let document = document_of(&world, "F-1").await;
        let new = |name: &str, content: &[u8]| NewFile {
            customer: Some(id),
            document: Some(document),
            name: name.to_owned(),
            content: content.to_vec(),
        };
        let pdf = b"%PDF-1.7 factura";
        let file = engine.add_file(company, new("..\\F-1.exe", pdf), AUTHOR).await.expect("kept");
        assert_eq!((file.kind, file.name.as_str()), (FileKind::Pdf, "F-1.exe.pdf"));
        let (found, bytes) = engine.file(company, file.id).await.expect("there");
        assert_eq!((found, bytes.as_slice()), (file.clone(), pdf.as_slice()));
        let of = files::of_documents(engine.db(), company.id, &[document]).await.expect("read");
        assert_eq!(of, std::slice::from_ref(&file));
        let of = files::of_customer(engine.db(), company.id, id, 9).await.expect("read");
        assert_eq!(of, std::slice::from_ref(&file));
        let large = [b"%PDF-".as_slice(), &vec![0; FILE_BYTES_MAX]].concat();
        for wrong in [b"".as_slice(), b"MZ", b"<html><script>", &large] {
            let kept = engine.add_file(company, new("x.pdf", wrong), AUTHOR).await;
            assert!(matches!(kept, Err(Error::Invalid { what: "archivo", .. })));
        }
        let other = elsewhere(&world).await;
        assert!(matches!(engine.file(&other, file.id).await, Err(Error::NotFound { .. })));
        let strange = NewFile { customer: None, ..new("a.pdf", pdf) };
        assert!(engine.add_file(company, strange.clone(), AUTHOR).await.is_err());
        assert!(engine.add_file(&other, strange, AUTHOR).await.is_err());
    }

    async fn a_conversation_by_telephone_leaves_the_customer_in_peace(test: &TestDb) {
        let (world, id) = with_customer(test).await;
        world.at(date(2026, 3, 3), time(12, 0, 0, 0));
        let (engine, company) = (&world.engine, &world.company);
        let call = |result, note: &str| NewCall {
            customer: id,
            channel: Channel::Call,
            overriding: None,
            number: "+525512345678".to_owned(),
            result,
            note: note.to_owned(),
            at: None,
        };
        let silence = async || {
            let why = engine.why(company, "C-1", world.now()).await.expect("why");
            why["silence"]["reason"].as_str().map(str::to_owned)
        };
        let spoke = call(CallResult::Conversation, "");
        assert!(engine.add_call(company, spoke, AUTHOR).await.is_err(), "says what was said");
        engine.add_call(company, call(CallResult::NoAnswer, ""), AUTHOR).await.expect("kept");
        assert_eq!(silence().await, None, "nobody spoke: the reminder goes");
        let spoke = call(CallResult::Conversation, "Paga el viernes.");
        engine.add_call(company, spoke, AUTHOR).await.expect("kept");
        assert_eq!(silence().await.as_deref(), Some("answered"));
        let thread = messages::of_customer(engine.db(), company.id, id).await.expect("read");
        let told: Vec<_> = thread.iter().map(|it| (it.incoming, it.text.as_str())).collect();
        assert_eq!(told, [(false, "Llamada: no contestó."), (true, "Paga el viernes.")]);
        assert!(thread.iter().all(|it| it.channel == Channel::Call));
        let called = call(CallResult::CustomerCalled, "Pide un duplicado.");
        engine.add_call(company, called, AUTHOR).await.expect("kept");
        let facts = engine.position(company, id).await.expect("facts");
        let counted = facts.attempts(None);
        let counted: Vec<_> = counted.iter().map(|it| (it.outcome, it.incoming)).collect();
        let wanted = [
            (Outcome::Attempt, false),
            (Outcome::Conversation, false),
            (Outcome::Conversation, true),
        ];
        assert_eq!(counted, wanted, "the law counts calls of people");
    }

    async fn an_address_is_added_corrected_and_retired(test: &TestDb) {
        let (world, id) = with_customer(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let facts = |address: &str, health| PointFacts {
            address: address.to_owned(),
            role: None,
            source: None,
            health,
            consent: None,
        };
        let new = facts("Ana@Hierros.Example", Health::Good);
        let point = engine.add_point(company, id, Channel::Email, new.clone(), AUTHOR).await;
        let point = point.expect("added");
        let twice = engine.add_point(company, id, Channel::Email, new, AUTHOR).await;
        assert!(matches!(twice, Err(Error::Invalid { what: "dirección", .. })), "{twice:?}");
        let taken = facts("pagos@hierros.example", Health::Good);
        assert!(engine.change_point(company, (id, point), taken, AUTHOR).await.is_err());
        let given = PointFacts {
            consent: Some(Consent::Given { on: date(2026, 3, 1), source: "contrato".to_owned() }),
            ..facts("ana@hierros.example", Health::WrongPerson)
        };
        engine.change_point(company, (id, point), given.clone(), AUTHOR).await.expect("retired");
        let found = store::contact_points::get(engine.db(), company.id, (id, point)).await;
        let found = found.expect("read").expect("there");
        assert_eq!((found.health, Some(found.consent)), (Health::WrongPerson, given.consent));
        let later = PointFacts {
            consent: Some(Consent::Withdrawn { on: date(2027, 1, 1) }),
            ..facts("ana@hierros.example", Health::Good)
        };
        assert!(engine.change_point(company, (id, point), later, AUTHOR).await.is_err());
        let other = elsewhere(&world).await;
        let stranger = facts("x@hierros.example", Health::Good);
        let done = engine.change_point(&other, (id, point), stranger, AUTHOR).await;
        assert!(matches!(done, Err(Error::NotFound { .. })));
    }
}
