//! The ladder: the highest step once, tone and stage kept, nothing stored (2, 6, 7, 17, 19, 22).

use domain::contact::Tone;
use domain::customer::Country;
use domain::hold::HoldKind;
use engine::NewCompany;
use engine::holds::NewHold;
use jiff::ToSpan;
use jiff::civil::{Date, date, time};
use serde_json::{Value, json};
use testkit::{TestDb, World};

use super::{DUE, ISSUED, LATE, add, early, one_late};

/// The step of the policy that ships for a document so many days late.
fn step_of(days_late: i64) -> &'static str {
    match days_late {
        1..=2 => "recordatorio-1",
        3..=9 => "recordatorio-2",
        10..=19 => "aviso-claro",
        20..=34 => "aviso-firme",
        35..=49 => "propuesta-de-pagos",
        50..=89 => "aviso-final",
        _ => "convenio-deuda-antigua",
    }
}

fn after(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// What `why` says without what differs between two companies.
fn essence(mut why: Value) -> Value {
    for key in ["holds", "at"] {
        why[key].take();
    }
    why["plan"]["content"]["copies"].take();
    why
}

/// The facts of one customer's month, as lines of files in any order.
const FACTS: [&str; 4] = [
    "F-1,factura,C-1,2026-02-02,2026-03-02,10000.00",
    "F-2,factura,C-1,2026-02-10,2026-03-10,3000.00",
    "F-3,factura,C-1,2026-02-12,2026-03-27,700.50",
    "NC-1,nota de crédito,C-1,2026-03-11,2026-03-11,250.00",
];

async fn born_from(test: &TestDb, name: &str, order: [usize; 4]) -> World {
    let zone = domain::calendar::zone("America/Mexico_City").expect("bundled");
    let at = zone
        .to_timestamp(date(2026, 3, 12).at(7, 0, 0, 0))
        .expect("in range");
    let company = NewCompany {
        name: name.to_owned(),
        country: Country::new("MX"),
        zone: Some("America/Mexico_City".to_owned()),
        ..NewCompany::default()
    };
    let mut world = World::new(&test.db, company, at).await;
    add(&world, "C-1").await;
    for index in order {
        const HEAD: &str =
            "Factura,Tipo de documento,Código cliente,Fecha emisión,Fecha vencimiento,Importe";
        world.import(&format!("{HEAD}\n{}\n", FACTS[index])).await;
    }
    world.pay("C-1", "4000.00", &["F-1"]).await;
    world.promise("C-1", "1000.00", date(2026, 3, 20)).await;
    world
        .hold(
            "C-1",
            HoldKind::Dispute,
            Some("F-2"),
            (None, Some(date(2026, 3, 25))),
        )
        .await;
    world
}

testkit::both_databases! {
    async fn inv_02_only_the_highest_step_fires_and_none_is_lost(test: &TestDb) {
        // A Wednesday after an outage of any length from one day to a hundred.
        let day = date(2026, 6, 10);
        let mut world = early(test, day).await;
        let mut text =
            "Factura,Código cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n".to_owned();
        for late in 1..=100 {
            let due = after(day, -late);
            let issued = after(due, -30);
            let address = format!("c{late}@cliente.example");
            text += &format!("F-{late},C-{late},{address},{issued},{due},1000\n");
        }
        world.import(&text).await;
        let left = world.day(day).await;
        assert_eq!(left.len(), 100);
        for contact in &left {
            let late = contact.customer_key["C-".len()..].parse().expect("days");
            assert_eq!(contact.key.step(), step_of(late), "{late} days late");
        }
        // No burst afterwards either: the next day is one of quiet.
        assert_eq!(world.day(day.tomorrow().expect("in range")).await, []);
    }

    async fn inv_02_an_outage_neither_loses_a_step_nor_bursts(test: &TestDb) {
        let world = one_late(test).await;
        assert_eq!(world.days(LATE, LATE).await, ["2026-03-03 recordatorio-1 friendly"]);
        let said = world.days(date(2026, 3, 26), date(2026, 4, 5)).await;
        assert_eq!(said, ["2026-03-26 aviso-firme firm"]);
    }

    async fn inv_06_paying_the_oldest_keeps_tone_and_stage(test: &TestDb) {
        let mut world = one_late(test).await;
        world.invoice("C-1", "F-2", "5000.00", (ISSUED, date(2026, 3, 18))).await;
        world.days(LATE, date(2026, 3, 23)).await;
        let before = world.contacts().await.pop().expect("a contact");
        assert_eq!((before.key.step(), before.tone), ("aviso-firme", Tone::Firm));
        world.at(date(2026, 3, 24), time(7, 0, 0, 0));
        world.pay("C-1", "10000.00", &["F-1"]).await;
        world.days(date(2026, 3, 24), date(2026, 5, 8)).await;
        let mut after = world.contacts().await;
        after.retain(|contact| contact.id > before.id);
        let said: Vec<_> = after.iter().map(|it| (it.key.step(), it.tone)).collect();
        assert_eq!(said, [
            ("seguimiento", Tone::Firm),
            ("propuesta-de-pagos", Tone::Firm),
            ("aviso-final", Tone::Final),
        ]);
        assert!(after.iter().all(|it| it.key.day() == before.key.day()), "the same cycle");
    }

    async fn inv_07_a_partial_payment_keeps_the_rest_in_chase(test: &TestDb) {
        let world = one_late(test).await;
        world.days(LATE, LATE).await;
        world.at(date(2026, 3, 4), time(7, 0, 0, 0));
        world.pay("C-1", "4000.00", &["F-1"]).await;
        let said = world.days(date(2026, 3, 4), date(2026, 3, 12)).await;
        assert_eq!(said, ["2026-03-05 recordatorio-2 friendly", "2026-03-12 aviso-claro clear"]);
        let contacts = world.contacts().await;
        for contact in &contacts[1..] {
            let content: Value = serde_json::from_str(&contact.content).expect("JSON");
            assert_eq!(content["totals"], json!([{ "amount": "6000.00", "currency": "MXN" }]));
            assert_eq!(content["documents"][0]["original"]["amount"], "10000.00");
            assert_eq!(contact.key.day(), contacts[0].key.day(), "the same cycle");
        }
    }

    async fn inv_17_the_place_on_the_ladder_is_derived(test: &TestDb) {
        let mut one = born_from(test, "uno", [0, 1, 2, 3]).await;
        let other = born_from(test, "dos", [3, 2, 1, 0]).await;
        // The same facts in another order, asked on every day of two months.
        for days in 0..60 {
            let day = after(date(2026, 3, 12), days);
            let (at, mine) = (one.company.run_instant(day), &one.company);
            one.set(at);
            other.set(at);
            let theirs = &other.company;
            let (a, b) = (
                one.engine.why(mine, "C-1", at).await.expect("why"),
                other.engine.why(theirs, "C-1", at).await.expect("why"),
            );
            assert_eq!(essence(a), essence(b), "{day}");
        }
        // Weeks later everything derived is wiped: the decision does not notice.
        one.days(date(2026, 3, 12), date(2026, 4, 14)).await;
        let day = date(2026, 4, 16);
        one.set(one.company.run_instant(day));
        let before = one.why("C-1").await;
        assert!(before["contacts"].as_array().is_some_and(|it| it.len() > 2), "{before}");
        test.forget_what_is_derived().await;
        assert_eq!(one.why("C-1").await, before);
        one.company = one.engine.company(Some("uno")).await.expect("read").expect("there");
        let said = one.days(day, date(2026, 4, 30)).await;
        assert_eq!(said, ["2026-04-21 aviso-final final"]);
    }

    async fn inv_19_pauses_are_intervals(test: &TestDb) {
        let world = one_late(test).await;
        world.at(date(2026, 3, 4), time(7, 0, 0, 0));
        // One from yesterday on, set today; one that overlaps it and ends later.
        let span = (Some(date(2026, 3, 3)), Some(date(2026, 3, 9)));
        let first = world.hold("C-1", HoldKind::Pause, None, span).await;
        let span = (Some(date(2026, 3, 6)), Some(date(2026, 3, 17)));
        let second = world.hold("C-1", HoldKind::Pause, None, span).await;
        let silent = async |day: Date| {
            world.set(world.company.run_instant(day));
            world.silence("C-1").await.as_deref() == Some("paused")
        };
        let expected = |day: Date, until: Date| day >= date(2026, 3, 3) && day < until;
        for days in 0..20 {
            let day = after(DUE, days);
            assert_eq!(silent(day).await, expected(day, date(2026, 3, 17)), "{day}");
        }
        // The longer one ends early; the shorter still holds its own days.
        world.at(date(2026, 3, 6), time(12, 0, 0, 0));
        let ended = world
            .engine
            .end_hold(&world.company, &second, Some(date(2026, 3, 7)), "pagará", "luis")
            .await;
        assert_eq!(ended.expect("ends").until, Some(date(2026, 3, 7)));
        for days in 0..20 {
            let day = after(DUE, days);
            assert_eq!(silent(day).await, expected(day, date(2026, 3, 9)), "{day}");
        }
        let why = world.why("C-1").await;
        let holds = why["holds"].as_array().expect("holds");
        assert_eq!(holds.len(), 2);
        for hold in holds {
            assert_eq!(hold["reason"], "así lo pidió");
            assert_eq!(hold["author"], "ana");
        }
        assert!(holds.iter().any(|hold| hold["hold"] == json!(first)));
        let unsaid = NewHold {
            customer: "C-1".to_owned(),
            document: None,
            kind: HoldKind::Pause,
            amount: None,
            currency: None,
            from: None,
            until: None,
            reason: "  ".to_owned(),
        };
        let refused = world.engine.add_hold(&world.company, unsaid, "ana").await;
        assert!(refused.is_err(), "a pause has a reason");
        // Nothing leaves on its days; on the first day after them, one message.
        let said = world.days(date(2026, 3, 4), date(2026, 3, 11)).await;
        assert_eq!(said, ["2026-03-09 recordatorio-2 friendly"]);
    }

    async fn inv_22_the_punctual_are_left_alone(test: &TestDb) {
        let mut world = early(test, date(2026, 1, 5)).await;
        add(&world, "C-1").await;
        add(&world, "C-2").await;
        let mut said = Vec::new();
        for month in 1..=5_i8 {
            let (issued, due) = (date(2026, month, 6), date(2026, month + 1, 11));
            world.at(issued, time(7, 0, 0, 0));
            world.invoice("C-1", &format!("F-{month}"), "10000.00", (issued, due)).await;
            // Less than the courtesy notice is worth.
            world.invoice("C-2", &format!("G-{month}"), "150.00", (issued, due)).await;
            let next = date(2026, month + 1, 6);
            said.extend(world.days(issued, after(next, -1)).await);
            said.extend(world.days(next, due).await);
            world.at(due, time(23, 0, 0, 0));
            world.pay("C-1", "10000.00", &[]).await;
            world.pay("C-2", "150.00", &[]).await;
        }
        said.extend(world.days(date(2026, 6, 12), date(2026, 6, 30)).await);
        // Three days before each due date, or the first working day after that.
        assert_eq!(said, [
            "2026-02-09 cortesia warm",
            "2026-03-09 cortesia warm",
            "2026-04-08 cortesia warm",
            "2026-05-08 cortesia warm",
            "2026-06-08 cortesia warm",
        ]);
        assert!(world.contacts().await.iter().all(|contact| contact.customer_key == "C-1"));
    }
}
