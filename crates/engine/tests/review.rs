//! Today's run before it goes: held, released, cancelled, tried again; and the clock behind it.

use connect::channels::Outbox;
use domain::contact::ContactState;
use engine::outreach::Mailer;
use engine::review::{Retried, Which};
use jiff::ToSpan;
use jiff::civil::{Date, date, time};
use store::contacts::ContactRecord;
use store::outbox::{self, Filter, Shelf};
use store::{review, runs};
use testkit::{TestDb, World, both_databases};

/// A Tuesday, the day after the invoices fell due.
const LATE: Date = date(2026, 3, 3);
const NINE: jiff::civil::Time = time(9, 0, 0, 0);

/// A company in a mode, with so many customers who are late since this morning.
async fn late(test: &TestDb, mode: &str, customers: usize) -> World {
    let mut world = World::mexican(&test.db, LATE).await;
    let mut text =
        "Factura,Código cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n".to_owned();
    for index in 0..customers {
        text += &format!(
            "F-{index},C-{index},c{index}@cliente.example,2026-02-02,2026-03-02,1000.00\n"
        );
    }
    world.import(&text).await;
    world.declare("runs", mode).await;
    world
}

fn mailer(world: &World) -> Mailer {
    Mailer::Outbox(world.outbox.clone())
}

fn files(outbox: &Outbox) -> usize {
    std::fs::read_dir(outbox.folder()).map_or(0, Iterator::count)
}

/// Ticks at an hour of a day; what was planned and what left.
async fn tick(world: &World, day: Date, hour: jiff::civil::Time) -> (u64, u64) {
    world.at(day, hour);
    let ticked = world
        .engine
        .tick(Some(&mailer(world)))
        .await
        .expect("a tick");
    assert_eq!(ticked[0].failed, None);
    (ticked[0].planned, ticked[0].sent)
}

async fn states(world: &World) -> Vec<(ContactState, Option<String>)> {
    let all = world.contacts().await;
    all.into_iter().map(|it| (it.state, it.reason)).collect()
}

fn these(contacts: &[ContactRecord]) -> Which {
    Which::These(contacts.iter().map(|it| it.id).collect())
}

fn held() -> Which {
    Which::All(Shelf::Held, Filter::default())
}

both_databases! {
    async fn a_held_contact_never_leaves(test: &TestDb) {
        let world = late(test, "review", 4).await;
        assert_eq!(tick(&world, LATE, time(7, 59, 0, 0)).await, (0, 0), "not yet its hour");
        assert_eq!(tick(&world, LATE, time(8, 0, 0, 0)).await, (4, 0));
        let contacts = world.contacts().await;
        assert!(contacts.iter().all(|it| it.held.is_some()));
        for hour in 9..=20 {
            assert_eq!(tick(&world, LATE, time(hour, 0, 0, 0)).await, (0, 0));
            assert_eq!(world.dispatch().await.sent, 0, "nor by command");
        }
        let today = world.engine.today(&world.company).await.expect("today");
        assert_eq!((today.held, today.planned, today.is_of_today), (4, 0, true));
        assert_eq!(today.waiting.len(), 1);
        let first = &today.waiting[0];
        assert_eq!((first.step.as_str(), first.contacts), ("recordatorio-1", 4));
        assert_eq!(today.examples.len(), 4);
        assert_eq!(files(&world.outbox), 0);
    }

    async fn what_is_released_leaves_and_a_second_release_finds_none(test: &TestDb) {
        let world = late(test, "review", 5).await;
        tick(&world, LATE, time(8, 0, 0, 0)).await;
        let contacts = world.contacts().await;
        let (engine, company) = (&world.engine, &world.company);
        let one = these(&contacts[..1]);
        assert_eq!(engine.release(company, &one, "ana").await.expect("released"), 1);
        assert_eq!(engine.release(company, &one, "ana").await.expect("released"), 0);
        assert_eq!(tick(&world, LATE, NINE).await, (0, 1));
        // One is stopped by a person: what is released by step passes it over only if it is not
        // asked for.
        let two = these(&contacts[1..2]);
        let hold = engine.hold_contacts(company, &two, "  pagó ayer ", "ana").await;
        assert_eq!(hold.expect("held"), 1);
        let review = Filter { review: Some(true), ..Filter::default() };
        let wait = Which::All(Shelf::Held, review);
        assert_eq!(engine.release(company, &wait, "ana").await.expect("released"), 3);
        assert_eq!(tick(&world, LATE, time(10, 0, 0, 0)).await, (0, 3));
        let left = world.contacts().await;
        let stopped = left.iter().find(|it| it.held.is_some()).expect("one waits");
        let held = stopped.held.clone().expect("held");
        assert_eq!((held.by.as_str(), held.reason.as_str()), ("ana", "pagó ayer"));
        let events = store::events::of_entity(engine.db(), company.id, stopped.id.uuid()).await;
        let kinds: Vec<String> = events.expect("read").into_iter().map(|it| it.kind).collect();
        assert_eq!(kinds, ["contact.held"]);
        assert!(engine.hold_contacts(company, &two, " ", "ana").await.is_err(), "no reason");
    }

    async fn what_is_released_late_leaves_at_the_next_lawful_instant(test: &TestDb) {
        let world = late(test, "review", 2).await;
        tick(&world, LATE, time(8, 0, 0, 0)).await;
        world.at(LATE, time(20, 30, 0, 0));
        let released = world.engine.release(&world.company, &held(), "ana").await;
        assert_eq!(released.expect("released"), 2);
        assert_eq!(tick(&world, LATE, time(21, 0, 0, 0)).await, (0, 0), "not in the evening");
        let next = LATE.tomorrow().expect("a day");
        assert_eq!(tick(&world, next, time(8, 0, 0, 0)).await, (0, 0), "nor planned twice");
        assert_eq!(tick(&world, next, NINE).await, (0, 2));
        assert_eq!(world.contacts().await.len(), 2);
    }

    async fn two_processes_that_tick_make_one_run(test: &TestDb) {
        let world = late(test, "automatic", 30).await;
        let other = world.engine_on(test.open_again().await);
        world.at(LATE, time(8, 0, 0, 0));
        let (mine, its) = (mailer(&world), mailer(&world));
        let (one, two) = tokio::join!(world.engine.tick(Some(&mine)), other.tick(Some(&its)));
        assert!(one.expect("a tick").iter().all(|it| it.failed.is_none()));
        assert!(two.expect("a tick").iter().all(|it| it.failed.is_none()));
        let ran = runs::latest(&test.db, world.company.id, 10).await.expect("read");
        assert_eq!(ran.len(), 1);
        assert_eq!((ran[0].daily_on, ran[0].review), (Some(LATE), false));
        assert!(ran[0].finished_at.is_some());
        assert_eq!(world.contacts().await.len(), 30);
        let (_, sent) = tick(&world, LATE, NINE).await;
        assert_eq!(sent, 30);
        // The next day has a run of its own, and nobody is written to twice.
        let next = LATE.tomorrow().expect("a day");
        assert_eq!(tick(&world, next, time(8, 0, 0, 0)).await, (0, 0));
        assert_eq!(runs::latest(&test.db, world.company.id, 10).await.expect("read").len(), 2);
    }

    async fn a_company_run_by_command_is_left_to_its_person(test: &TestDb) {
        let world = late(test, "command", 2).await;
        assert_eq!(tick(&world, LATE, time(8, 0, 0, 0)).await, (0, 0));
        assert_eq!(world.run(LATE).await.contacts, 2);
        assert_eq!(tick(&world, LATE, NINE).await, (0, 0));
        assert_eq!(world.dispatch().await.sent, 2);
    }

    async fn one_company_that_fails_stops_no_other(test: &TestDb) {
        let world = late(test, "automatic", 1).await;
        let broken = engine::NewCompany { name: "aaa".to_owned(), ..Default::default() };
        let broken = world.engine.add_company(broken, "ana").await.expect("a company");
        // Its settings were written by a newer program.
        let mut tx = test.db.begin().await.expect("begin");
        let record = store::companies::get(&mut tx, broken.id).await.expect("read");
        let mut record = record.expect("it");
        record.settings = serde_json::json!({ "unknown": true });
        store::companies::change(&mut tx, &world.stamp(), &record).await.expect("changed");
        tx.commit().await.expect("commit");
        world.at(LATE, NINE);
        for _ in 0..2 {
            let ticked = world.engine.tick(Some(&mailer(&world))).await.expect("a tick");
            let failed: Vec<bool> = ticked.iter().map(|it| it.failed.is_some()).collect();
            assert_eq!(failed.iter().filter(|it| **it).count(), 1);
        }
        assert_eq!(files(&world.outbox), 1);
        let tasks = store::tasks::open(&test.db, broken.id, 10).await.expect("tasks");
        assert_eq!(tasks.len(), 1, "one task, however often it fails");
    }

    async fn what_is_cancelled_has_author_reason_and_proof_and_does_not_come_back(test: &TestDb) {
        let world = late(test, "review", 2).await;
        tick(&world, LATE, time(8, 0, 0, 0)).await;
        let contacts = world.contacts().await;
        let (engine, company) = (&world.engine, &world.company);
        let one = these(&contacts[..1]);
        let cancel = || engine.cancel_contacts(company, &one, "es un error nuestro", "ana");
        assert_eq!(cancel().await.expect("cancelled"), 1);
        assert_eq!(cancel().await.expect("cancelled"), 0);
        let gone = &world.contacts().await[0];
        assert_eq!(gone.reason.as_deref(), Some("cancelled"));
        assert_eq!(gone.held.as_ref().map(|it| it.by.as_str()), Some("ana"));
        let proofs = store::proofs::of_contacts(&test.db, company.id, &[gone.id]).await;
        let proofs = proofs.expect("proofs");
        let words = store::proofs::digest("es un error nuestro");
        let words: String = words.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(proofs[0].is_intact() && proofs[0].body.contains(&words));
        assert!(!proofs[0].body.contains("es un error nuestro"), "only their digest");
        let next = LATE.tomorrow().expect("a day");
        assert_eq!(tick(&world, next, time(8, 0, 0, 0)).await.0, 0);
        assert_eq!(world.silence(&gone.customer_key).await.as_deref(), Some("cancelled"));
        // The next step comes as planned; and the cancelled one, when it is taken back.
        let retried = engine.retry_contact(company, gone.id, "ana").await.expect("retried");
        assert_eq!(retried, Retried::Planned(world.instant(next, NINE)));
        assert_eq!(tick(&world, next, NINE).await, (0, 1));
    }

    async fn what_waited_too_long_is_suppressed_with_its_reason(test: &TestDb) {
        let world = late(test, "review", 3).await;
        tick(&world, LATE, time(8, 0, 0, 0)).await;
        world.pay("C-0", "1000.00", &[]).await;
        // Two days on, the second step applies: the first is not said late.
        let then = LATE.checked_add(2.days()).expect("a day");
        let planned = tick(&world, then, time(8, 0, 0, 0)).await;
        assert_eq!(planned.0, 3, "two reminders, and thanks");
        let mut gone = states(&world).await;
        gone.retain(|it| it.0 == ContactState::Suppressed);
        let reasons: Vec<_> = gone.iter().filter_map(|it| it.1.as_deref()).collect();
        assert_eq!(reasons, ["superseded", "superseded", "superseded"]);
        let list = (Shelf::Suppressed, &Filter::default());
        let page = outbox::page(&test.db, world.company.id, list, None, 10).await.expect("read");
        assert_eq!(page.rows.len(), 3);
    }

    async fn what_failed_or_is_unknown_is_tried_again_where_it_is_safe(test: &TestDb) {
        let world = late(test, "automatic", 1).await;
        tick(&world, LATE, time(8, 0, 0, 0)).await;
        tick(&world, LATE, NINE).await;
        let sent = world.contacts().await.remove(0);
        let (engine, company) = (&world.engine, &world.company);
        assert!(engine.retry_contact(company, sent.id, "ana").await.is_err(), "it left");
        let settle = |arrived| engine.settle_unknown(company, sent.id, arrived, "ana");
        assert!(settle(false).await.is_err(), "it is known");
        let mut tx = test.db.begin().await.expect("begin");
        let body = serde_json::json!({});
        let unknown = (sent.id, ContactState::Unknown);
        let stamp = world.stamp();
        store::contacts::set_state(&mut tx, &stamp, company.id, unknown, None, &body).await
            .expect("set");
        let about = (Some(sent.customer), Some(sent.id));
        store::tasks::add(&mut tx, &stamp, company.id, about, "unknown_outcome", "¿Salió?").await
            .expect("a task");
        tx.commit().await.expect("commit");
        assert!(engine.retry_contact(company, sent.id, "ana").await.is_err(), "not without a word");
        settle(false).await.expect("it did not arrive");
        assert!(store::tasks::open(&test.db, company.id, 5).await.expect("read").is_empty());
        let retried = engine.retry_contact(company, sent.id, "ana").await.expect("retried");
        assert_eq!(retried, Retried::Planned(world.now()));
        assert_eq!(tick(&world, LATE, time(9, 5, 0, 0)).await, (0, 1));
        assert_eq!(files(&world.outbox), 2);
    }

    async fn the_outbox_is_walked_whole_by_any_page(test: &TestDb) {
        let world = late(test, "review", 23).await;
        tick(&world, LATE, time(8, 0, 0, 0)).await;
        let (engine, company) = (&world.engine, &world.company);
        let contacts = world.contacts().await;
        engine.cancel_contacts(company, &these(&contacts[..7]), "no", "ana").await.expect("done");
        engine.release(company, &these(&contacts[7..12]), "ana").await.expect("released");
        let step = Filter { step: Some("recordatorio-1".to_owned()), ..Filter::default() };
        let other = Filter { step: Some("otro".to_owned()), ..Filter::default() };
        let sizes = [(Shelf::Held, 11), (Shelf::Planned, 5), (Shelf::Suppressed, 7)];
        for (shelf, size) in sizes {
            for (filter, wanted) in [(&Filter::default(), size), (&step, size), (&other, 0)] {
                let (mut seen, mut after) = (Vec::new(), None);
                loop {
                    let list = (shelf, filter);
                    let page = outbox::page(&test.db, company.id, list, after, 3).await;
                    let page = page.expect("read");
                    seen.extend(page.rows.iter().map(|it| it.id));
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), wanted, "{shelf:?} {filter:?}");
            }
            let count = outbox::count(&test.db, company.id, shelf, 1_000).await.expect("counted");
            assert_eq!(count as usize, size);
            let few = outbox::count(&test.db, company.id, shelf, 2).await.expect("counted");
            assert_eq!(few, 2);
        }
        for shelf in [Shelf::Leaving, Shelf::Sent, Shelf::Failed, Shelf::Unknown] {
            let list = (shelf, &Filter::default());
            let page = outbox::page(&test.db, company.id, list, None, 3).await.expect("read");
            assert_eq!(page.rows, []);
        }
    }

    async fn who_is_left_alone_is_listed_with_its_reason(test: &TestDb) {
        let world = late(test, "automatic", 3).await;
        tick(&world, LATE, time(8, 0, 0, 0)).await;
        tick(&world, LATE, NINE).await;
        let next = LATE.tomorrow().expect("a day");
        tick(&world, next, time(8, 0, 0, 0)).await;
        let alone = review::left_alone(&test.db, world.company.id, "minimum_gap", None, 2).await;
        let alone = alone.expect("read");
        assert_eq!(alone.len(), 2);
        let after = Some(alone[1].customer);
        let rest = review::left_alone(&test.db, world.company.id, "minimum_gap", after, 2).await;
        assert_eq!(rest.expect("read").len(), 1);
        let history = runs::history(&test.db, world.company.id, None, 10).await.expect("read");
        let (now, then) = (&history[0], &history[1]);
        let gone = review::Difference::Gone;
        let pair = (then.id, now.id);
        let gone = review::differences(&test.db, world.company.id, pair, gone, None, 10).await;
        assert_eq!(gone.expect("read").len(), 3);
        let added = review::Difference::Added;
        let added = review::differences(&test.db, world.company.id, pair, added, None, 10).await;
        assert_eq!(added.expect("read"), []);
    }
}
