//! What a new policy would change is what then happens.

use domain::policy::Policy;
use engine::policies::shipped;
use engine::policy_changes::{Change, Comparison, WhatChanges};
use jiff::civil::{Date, date, time};
use testkit::{TestDb, World, both_databases};

/// A Tuesday.
const LATE: Date = date(2026, 3, 3);

/// Three customers late since this morning, and one who will be late in two weeks.
async fn world(test: &TestDb) -> World {
    let mut world = World::mexican(&test.db, LATE).await;
    let mut text =
        "Factura,Código cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n".to_owned();
    for index in 0..3 {
        text += &format!(
            "F-{index},C-{index},c{index}@cliente.example,2026-02-02,2026-03-02,5000.00\n"
        );
    }
    // Its courtesy notice waits for the day after a holiday, and pushes what follows.
    text += "F-3,C-3,c3@cliente.example,2026-02-17,2026-03-17,5000.00\n";
    world.import(&text).await;
    world
}

fn text() -> String {
    shipped("b2b-estandar").expect("it ships").to_owned()
}

/// The policy without its second reminder.
fn without_second() -> Policy {
    let text = text();
    let step = "[[ladder.stage.step]]\nkey = \"recordatorio-2\"";
    let start = text.find(step).expect("a step");
    let end = start
        + text[start..]
            .find("[[ladder.stage]]")
            .expect("the next stage");
    Policy::parse(&format!("{}{}", &text[..start], &text[end..])).expect("a policy")
}

async fn changes(world: &World, new: &Policy, days: u16) -> WhatChanges {
    let told = world
        .engine
        .what_changes(&world.company, new, days, &|_, _| {})
        .await;
    told.expect("a comparison")
}

/// `customer - day step` of each message removed, `+` added, or both days of one moved.
fn lines(changes: &WhatChanges) -> Vec<String> {
    let mut lines = Vec::new();
    for customer in &changes.listed {
        for change in &customer.changes {
            lines.push(match change {
                Change::Removed(it) => format!("{} - {} {}", customer.key, it.day, it.key.step()),
                Change::Added(it) => format!("{} + {} {}", customer.key, it.day, it.key.step()),
                Change::Moved { before, after } => {
                    let step = before.key.step();
                    format!("{} {step} {} {}", customer.key, before.day, after.day)
                }
            });
        }
    }
    lines
}

both_databases! {
    async fn a_step_taken_away_takes_exactly_its_messages_away(test: &TestDb) {
        let world = world(test).await;
        let told = changes(&world, &without_second(), 30).await;
        assert_eq!(lines(&told), [
            "C-0 - 2026-03-05 recordatorio-2",
            "C-1 - 2026-03-05 recordatorio-2",
            "C-2 - 2026-03-05 recordatorio-2",
            "C-3 - 2026-03-23 recordatorio-2",
        ]);
        assert_eq!((told.removed, told.added, told.moved, told.changed), (4, 0, 0, 4));
        assert_eq!((told.customers, told.looked_at, told.is_sample()), (4, 4, false));
        assert_eq!(told.by_step["recordatorio-2"], (4, 0));
        assert_eq!(told.by_step["recordatorio-1"], (4, 4));
        let after: u64 = told.by_step.values().map(|it| it.1).sum();
        assert_eq!(told.same, after);
        assert!(after >= 12, "{after}");
    }

    async fn a_step_moved_moves_its_messages(test: &TestDb) {
        let world = world(test).await;
        let moved = text().replacen("offset_days = 10", "offset_days = 11", 1);
        let told = changes(&world, &Policy::parse(&moved).expect("a policy"), 12).await;
        assert_eq!(lines(&told), [
            "C-0 aviso-claro 2026-03-12 2026-03-13",
            "C-1 aviso-claro 2026-03-12 2026-03-13",
            "C-2 aviso-claro 2026-03-12 2026-03-13",
        ]);
        assert_eq!((told.moved, told.removed, told.added), (3, 0, 0));
    }

    async fn the_same_policy_changes_nothing_and_what_it_tells_is_what_happens(test: &TestDb) {
        let world = world(test).await;
        let same = Policy::parse(&text()).expect("a policy");
        let told = changes(&world, &same, 11).await;
        assert_eq!(lines(&told), Vec::<String>::new());
        let said: u64 = told.by_step.values().map(|it| it.0).sum();
        let mut day = LATE;
        let mut left = 0;
        while day < date(2026, 3, 14) {
            world.run(day).await;
            for hour in [9, 12] {
                world.at(day, time(hour, 0, 0, 0));
                left += world.dispatch().await.sent;
            }
            day = day.tomorrow().expect("a day");
        }
        assert_eq!((said, left), (told.same, told.same));
        assert!(left >= 9, "{left}");
    }

    async fn a_comparison_goes_on_by_itself(test: &TestDb) {
        let world = world(test).await;
        let new = without_second();
        let mut asked = 0;
        let done = loop {
            match world.engine.compare_policy(&world.company, &new) {
                Comparison::Done(done) => break done,
                Comparison::Failed(why) => panic!("{why}"),
                Comparison::Running { .. } => {
                    asked += 1;
                    assert!(asked < 6_000, "it ends");
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            }
        };
        assert_eq!(done.removed, 4);
    }

    async fn a_version_is_kept_before_it_rules(test: &TestDb) {
        let world = world(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let moved = text().replacen("offset_days = 10", "offset_days = 12", 1);
        let (policy, version) = engine.keep_policy(company, "nueva", &moved, "ana").await
            .expect("kept");
        assert_eq!(version, 2);
        let rules = engine.company(Some("valle")).await.expect("read").expect("it");
        assert_eq!(rules.policy_version, 1);
        engine.use_policy_version(company, &policy.key, 2, "ana").await.expect("used");
        let rules = engine.company(Some("valle")).await.expect("read").expect("it");
        assert_eq!(rules.policy_version, 2);
        assert!(engine.use_policy_version(company, &policy.key, 3, "ana").await.is_err());
        let preview = engine.preview(company, "recordatorio").expect("a preview");
        assert!(preview.html.contains("Papelería del Valle"));
        assert!(engine.preview(company, "otra").is_err());
    }
}
