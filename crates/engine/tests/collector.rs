//! The customer page and the collector's day, on both databases.

use domain::Money;
use domain::call::CallResult;
use domain::customer::Channel;
use domain::hold::HoldKind;
use domain::ids::{CustomerId, UserId};
use domain::work::Reason;
use engine::Error;
use engine::inbound::NewMessage;
use engine::notes::NewCall;
use engine::outreach::Mailer;
use engine::work_list::{ROWS_MAX, WorkList};
use jiff::civil::{Date, date, time};
use store::bulk::CustomerFacts;
use store::timeline::{self, Cursor, Shown, What};
use store::{customers, messages, tasks};
use testkit::{TestDb, World, both_databases, ids};

const AUTHOR: &str = "ana@valle.example";
/// A Tuesday, on which an invoice due the day before is late.
const LATE: Date = date(2026, 3, 3);

async fn add(world: &World, key: &str) -> CustomerId {
    let facts = CustomerFacts {
        key: key.to_owned(),
        name: Some(format!("{key}, S.A.")),
        ..CustomerFacts::default()
    };
    let address = format!("{}@cliente.example", key.to_lowercase());
    world.customer(facts, Some(&address)).await;
    let id = customers::id_of(world.engine.db(), world.company.id, key).await;
    id.expect("read").expect("there")
}

async fn one(test: &TestDb) -> (World, CustomerId) {
    let mut world = World::mexican(&test.db, LATE).await;
    let id = add(&world, "C-1").await;
    let days = (date(2026, 2, 2), date(2026, 3, 2));
    world.invoice("C-1", "F-1", "10000.00", days).await;
    (world, id)
}

fn pesos(major: i64) -> Money {
    Money::new(major * 100, domain::Currency::MXN)
}

async fn says(world: &World, key: &str, text: &str) {
    let new = NewMessage {
        customer: key.to_owned(),
        channel: Channel::Email,
        address: format!("{}@cliente.example", key.to_lowercase()),
        subject: String::new(),
        text: text.to_owned(),
        at: None,
        key: None,
        answers: None,
    };
    let engine = &world.engine;
    engine
        .receive(&world.company, new, AUTHOR)
        .await
        .expect("heard");
}

async fn list(world: &World) -> WorkList {
    let list = world.engine.work_list(&world.company, None, ROWS_MAX).await;
    list.expect("a list")
}

/// Key of the customer and reasons of each row.
fn told(list: &WorkList) -> Vec<(String, Vec<Reason>)> {
    let row = |row: &engine::work_list::WorkRow| {
        let key = row.customer.as_ref().map_or("-", |it| &it.key);
        let reasons = row.items.iter().map(|it| it.reason).collect();
        (key.to_owned(), reasons)
    };
    list.rows.iter().map(row).collect()
}

both_databases! {
    async fn balances_are_those_of_the_day_asked_for(test: &TestDb) {
        let (world, id) = one(test).await;
        world.pay("C-1", "4000.00", &[]).await;
        let page = async |on| {
            let page = world.engine.customer(&world.company, id, on).await;
            page.expect("a page")
        };
        let before = page(Some(date(2026, 3, 2))).await;
        let balance = before.balances[0];
        assert_eq!((balance.net, balance.overdue), (pesos(10_000), pesos(0)));
        let now = page(None).await;
        let balance = now.balances[0];
        assert_eq!((balance.open, balance.overdue), (pesos(6_000), pesos(6_000)));
        assert_eq!(now.on, LATE);
        let lines = world.engine.document_lines(&world.company, &now, (0, 50)).await;
        let lines = lines.expect("lines");
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].laid.len(), 1);
        assert_eq!(lines[0].laid[0].amount, pesos(4_000));
        let early = page(Some(date(2026, 1, 1))).await;
        assert!(early.statement.documents.is_empty());
        let account = (date(2026, 2, 1), date(2026, 3, 31));
        let account = world.engine.account(&world.company, id, account).await.expect("account");
        assert_eq!(account.accounts[0].closing, pesos(6_000));
        assert!(now.outlook.plan().is_some(), "a reminder is due");
        let nobody = CustomerId::from_uuid(ids(7).draw());
        let missing = world.engine.customer(&world.company, nobody, None).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })));
    }

    async fn what_waits_says_why_not_sooner(test: &TestDb) {
        let (world, id) = one(test).await;
        // A Saturday: the reminder waits for Monday, and says for whose sake.
        world.at(date(2026, 3, 7), time(10, 0, 0, 0));
        let page = world.engine.customer(&world.company, id, None).await.expect("a page");
        let plan = page.outlook.plan().expect("a reminder");
        assert!(plan.at > world.now());
        assert!(!page.outlook.not_sooner.is_empty());
        assert!(page.outlook.waiting.is_none());
        world.run(date(2026, 3, 7)).await;
        let page = world.engine.customer(&world.company, id, None).await.expect("a page");
        assert!(page.outlook.waiting.is_some(), "it is planned now");
        assert!(page.outlook.plan().is_some(), "and its reason is still told");
    }

    async fn one_timeline_tells_everything_once(test: &TestDb) {
        let (world, id) = one(test).await;
        world.run(LATE).await;
        world.at(LATE, time(12, 0, 0, 0));
        world.dispatch().await;
        says(&world, "C-1", "Ya casi.").await;
        let (engine, company) = (&world.engine, &world.company);
        engine.add_note(company, id, "Habla el jueves.", AUTHOR).await.expect("noted");
        let call = NewCall {
            customer: id,
            channel: Channel::Call,
            overriding: None,
            number: String::new(),
            result: CallResult::NoAnswer,
            note: String::new(),
            at: None,
        };
        engine.add_call(company, call, AUTHOR).await.expect("called");
        world.promise("C-1", "3000.00", date(2026, 3, 6)).await;
        world.pay("C-1", "1000.00", &[]).await;
        world.hold("C-1", HoldKind::Pause, None, (None, None)).await;
        let (engine, company) = (&world.engine, &world.company);
        let hold = engine.position(company, id).await.expect("facts").books.holds[0].clone();
        let hold = hold.id.to_string();
        engine.end_hold(company, &hold, None, "volvió", AUTHOR).await.expect("ended");
        let page = async |shown, after: Option<Cursor>, limit| {
            let page = timeline::page(engine.db(), company.id, id, (shown, after, limit));
            page.await.expect("a page")
        };
        let all = page(Shown::All, None, 99).await;
        let kinds: Vec<&str> = all.iter().map(|it| match &it.what {
            What::Message(said) if said.call.is_some() => "call",
            What::Message(said) if said.incoming => "in",
            What::Message(said) => {
                assert!(said.contact.is_some(), "what went out names its contact");
                "out"
            }
            What::Payment { .. } => "payment",
            What::Decision { .. } => "decision",
            What::Hold(_) => "hold",
            What::HoldEnd { .. } => "end",
            What::Promise { .. } => "promise",
            What::Note(_) => "note",
            What::Contact { .. } => "contact",
        }).collect();
        let mut sorted = kinds.clone();
        sorted.sort_unstable();
        let wanted = ["call", "decision", "end", "hold", "in", "note", "out", "payment", "promise"];
        assert_eq!(sorted, wanted, "{kinds:?}");
        // Page by page it is the same, nothing twice and nothing left out.
        let (mut walked, mut after) = (Vec::new(), None);
        loop {
            let next = page(Shown::All, after, 2).await;
            let Some(last) = next.last() else { break };
            let text = last.cursor.to_string();
            after = Some(text.parse().expect("a cursor reads what it prints"));
            walked.extend(next);
        }
        assert_eq!(walked, all);
        assert_eq!(page(Shown::Talk, None, 99).await.len(), 4);
        assert_eq!(page(Shown::Money, None, 99).await.len(), 4);
        assert_eq!(page(Shown::Decisions, None, 99).await.len(), 1);
    }

    async fn the_list_is_in_the_order_that_matters(test: &TestDb) {
        let mut world = World::mexican(&test.db, LATE).await;
        let mut id = Vec::new();
        for key in ["A", "B", "C", "D"] {
            id.push(add(&world, key).await);
            let days = (date(2026, 2, 2), date(2026, 3, 2));
            world.invoice(key, &format!("F-{key}"), "10000.00", days).await;
        }
        assert_eq!(told(&list(&world).await), []);
        world.promise("D", "500.00", date(2026, 3, 5)).await;
        world.at(date(2026, 3, 5), time(9, 0, 0, 0));
        assert_eq!(told(&list(&world).await), [("D".to_owned(), vec![Reason::PromiseToday])]);
        world.at(date(2026, 3, 6), time(9, 0, 0, 0));
        says(&world, "B", "¿Me mandan la factura?").await;
        world.hold("C", HoldKind::Dispute, Some("F-C"), (None, None)).await;
        let (engine, company) = (&world.engine, &world.company);
        let stamp = testkit::stamp("2026-03-06T15:00:00Z", 4);
        let mut tx = engine.db().begin().await.expect("begin");
        let about = (Some(id[1]), None);
        let task = tasks::add(&mut tx, &stamp, company.id, about, "otra", "Pida su correo.").await;
        let task = task.expect("added");
        tasks::add(&mut tx, &stamp, company.id, (None, None), "otra", "Revise.").await
            .expect("added");
        tx.commit().await.expect("commit");
        let found = list(&world).await;
        let wanted = [
            ("D".to_owned(), vec![Reason::BrokenPromise]),
            ("B".to_owned(), vec![Reason::AnswerWaiting, Reason::Task]),
            ("C".to_owned(), vec![Reason::Dispute]),
            ("-".to_owned(), vec![Reason::Task]),
        ];
        assert_eq!(told(&found), wanted);
        assert_eq!(found.rows[0].items[0].stake, pesos(500));

        // Done and later take a line away; later brings it back on its day.
        let items = |row: usize| -> Vec<_> {
            found.rows[row].items.iter().map(|it| (it.reason, it.subject)).collect()
        };
        engine.work_done(company, Some(id[1]), &items(1), AUTHOR).await.expect("done");
        let again = engine.work_done(company, Some(id[1]), &items(1), AUTHOR).await;
        assert!(matches!(again, Err(Error::NotFound { .. })), "{again:?}");
        let open = tasks::open(engine.db(), company.id, 9).await.expect("read");
        assert!(open.iter().all(|it| it.id != task));
        let until = date(2026, 3, 9);
        engine.work_later(company, Some(id[3]), &items(0), until, AUTHOR).await.expect("later");
        let past = engine.work_later(company, Some(id[3]), &items(0), LATE, AUTHOR).await;
        assert!(matches!(past, Err(Error::Invalid { .. })));
        assert_eq!(told(&list(&world).await).len(), 2);
        world.at(until, time(9, 0, 0, 0));
        assert_eq!(told(&list(&world).await)[0].0, "D");

        // Mine are those of the customers I look after.
        let me = UserId::from_uuid(ids(9).draw());
        let mine = world.engine.work_list(&world.company, Some(me), ROWS_MAX);
        let mine = mine.await.expect("a list");
        assert_eq!(told(&mine), []);
        world.engine.assign(&world.company, &[id[2]], Some(me), AUTHOR).await.expect("mine");
        let mine = world.engine.work_list(&world.company, Some(me), ROWS_MAX);
        let mine = mine.await.expect("a list");
        assert_eq!(told(&mine), [("C".to_owned(), vec![Reason::Dispute])]);
    }

    async fn a_high_balance_gone_quiet_asks_for_somebody(test: &TestDb) {
        let (world, id) = one(test).await;
        world.at(date(2026, 3, 20), time(9, 0, 0, 0));
        assert_eq!(told(&list(&world).await), [], "eighteen days are no silence yet");
        let day = date(2026, 3, 25);
        world.at(day, time(9, 0, 0, 0));
        let found = list(&world).await;
        assert_eq!(told(&found), [("C-1".to_owned(), vec![Reason::GoneQuiet])]);
        let me = UserId::from_uuid(ids(9).draw());
        let mine = world.engine.work_list(&world.company, Some(me), ROWS_MAX);
        let mine = mine.await.expect("a list");
        assert_eq!(told(&mine), []);
        world.engine.assign(&world.company, &[id], Some(me), AUTHOR).await.expect("mine");
        let mine = world.engine.work_list(&world.company, Some(me), ROWS_MAX);
        let mine = mine.await.expect("a list");
        assert_eq!(told(&mine).len(), 1);
        let item = [(Reason::GoneQuiet, id.uuid())];
        world.engine.work_done(&world.company, Some(id), &item, AUTHOR).await.expect("done");
        assert_eq!(told(&list(&world).await), []);
        world.at(date(2026, 4, 9), time(9, 0, 0, 0));
        assert_eq!(told(&list(&world).await).len(), 1, "it is looked at again");
        world.engine.add_note(&world.company, id, "Hablé con él.", AUTHOR).await.expect("noted");
        assert_eq!(told(&list(&world).await), []);
    }

    async fn a_kept_promise_and_an_answered_message_ask_for_nobody(test: &TestDb) {
        let (world, id) = one(test).await;
        world.promise("C-1", "3000.00", date(2026, 3, 5)).await;
        world.at(date(2026, 3, 4), time(9, 0, 0, 0));
        says(&world, "C-1", "Listo.").await;
        world.pay("C-1", "3000.00", &[]).await;
        world.at(date(2026, 3, 6), time(9, 0, 0, 0));
        let waiting = [("C-1".to_owned(), vec![Reason::AnswerWaiting])];
        assert_eq!(told(&list(&world).await), waiting);
        let engine = &world.engine;
        engine.add_note(&world.company, id, "Le agradecí.", AUTHOR).await.expect("noted");
        assert_eq!(told(&list(&world).await), []);
    }

    async fn a_statement_leaves_as_the_thread_shows_it(test: &TestDb) {
        let (world, id) = one(test).await;
        world.at(LATE, time(12, 0, 0, 0));
        let (engine, company) = (&world.engine, &world.company);
        let point = engine.position(company, id).await.expect("facts").customer.contact_points[0]
            .id;
        let days = (date(2026, 1, 1), LATE);
        let mailer = Mailer::Outbox(world.outbox.clone());
        let sent = engine.send_statement(company, (id, point), days, &mailer, AUTHOR).await;
        sent.expect("sent");
        let thread = messages::of_customer(engine.db(), company.id, id).await.expect("read");
        let [message] = thread.as_slice() else { panic!("{thread:?}") };
        assert!(!message.incoming && message.contact.is_none());
        assert!(message.text.contains("F-1") && message.text.contains("$10,000.00 MXN"));
        let files = std::fs::read_dir(world.outbox.folder()).expect("a folder").count();
        assert_eq!(files, 1);
        // It is no reminder: what is due is due all the same.
        let page = engine.customer(company, id, None).await.expect("a page");
        assert!(page.outlook.plan().is_some());
        let source = (LATE, "correo");
        engine.withdraw_consent(company, "C-1", Channel::Email, source, AUTHOR).await
            .expect("withdrawn");
        let sent = engine.send_statement(company, (id, point), days, &mailer, AUTHOR).await;
        assert!(matches!(sent, Err(Error::Invalid { .. })), "{sent:?}");
        let thread = messages::of_customer(engine.db(), company.id, id).await.expect("read");
        assert_eq!(thread.len(), 1);
    }

    async fn a_statement_with_words_the_law_forbids_stays_and_is_told(test: &TestDb) {
        let (mut world, id) = one(test).await;
        world.at(LATE, time(12, 0, 0, 0));
        world.declare("brand.bank_data", "Pague hoy o irá a la cárcel.").await;
        let (engine, company) = (&world.engine, &world.company);
        let point = engine.position(company, id).await.expect("facts").customer.contact_points[0]
            .id;
        let days = (date(2026, 1, 1), LATE);
        let mailer = Mailer::Outbox(world.outbox.clone());
        for _ in 0..2 {
            let sent = engine.send_statement(company, (id, point), days, &mailer, AUTHOR).await;
            let Err(Error::Invalid { why, .. }) = sent else { panic!("{sent:?}") };
            assert!(why.contains("284 Bis"), "{why}");
        }
        let thread = messages::of_customer(engine.db(), company.id, id).await.expect("read");
        assert_eq!(thread, []);
        assert!(!world.outbox.folder().exists());
        let tasks = tasks::open(engine.db(), company.id, 10).await.expect("tasks");
        let [task] = tasks.as_slice() else { panic!("{tasks:?}") };
        assert_eq!((task.kind.as_str(), task.customer), ("statement_held_back", Some(id)));
        assert!(task.text.contains("284 Bis"), "{}", task.text);
    }
}
