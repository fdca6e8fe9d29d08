//! Who matches which segment, which step is due, and the policies that ship.

use proptest::prelude::*;

use super::*;
use crate::customer::BehaviourClass;
use crate::money::Currency;

fn shipped(key: &str) -> Policy {
    let (_, text) = embedded()
        .iter()
        .find(|(name, _)| *name == key)
        .expect("it ships");
    Policy::parse(text).expect("what ships is valid")
}

const NOTHING_KNOWN: SegmentFacts<'static> = SegmentFacts {
    overdue: &[Money::new(1_000_000, Currency::MXN)],
    days_late: 10,
    reminders_sent: 0,
    behaviour: None,
    importance: None,
    tags: &[],
};

#[test]
fn what_ships_parses_without_warnings_under_its_own_key() {
    for (key, text) in embedded() {
        match Policy::parse(text) {
            Ok(policy) => {
                assert_eq!(policy.key, *key);
                assert_eq!(policy.warnings, [], "{key}");
                assert_eq!(policy.hash.len(), 64);
                assert!(!explain::staff(&policy).contains("a un tercero"), "{key}");
            }
            Err(errors) => panic!("{key}: {errors:#?}"),
        }
    }
}

#[test]
fn what_ships_leaves_no_late_day_without_a_step() {
    for (key, text) in embedded() {
        let policy = Policy::parse(text).expect("what ships is valid");
        let overdue = [Money::new(1_000_000, Currency::MXN)];
        for days_late in 0..=400 {
            for behaviour in [None, Some(BehaviourClass::Punctual)] {
                for importance in [None, Some(1)] {
                    let facts = SegmentFacts {
                        overdue: &overdue,
                        days_late,
                        behaviour,
                        importance,
                        ..NOTHING_KNOWN
                    };
                    let segment = policy.segment(&facts);
                    let Treatment::Ladder {
                        key: ladder,
                        grace_days,
                    } = &segment.treatment
                    else {
                        continue;
                    };
                    let ladder = policy.ladder(ladder).expect("it is validated");
                    let walked = days_late - i64::from(*grace_days);
                    let Some(step) = policy.step_due(ladder, walked) else {
                        let (_, first) = ladder.steps().next().expect("a ladder has steps");
                        assert!(walked < i64::from(first.offset_days));
                        continue;
                    };
                    let late = walked - i64::from(step.offset_days);
                    assert!(
                        late <= i64::from(policy.max_lateness_days(step)),
                        "{key}: {} at {days_late} days late is {late} days late itself",
                        step.key
                    );
                }
            }
        }
    }
}

#[test]
fn the_first_matching_segment_wins_and_unknown_facts_match_nothing() {
    let policy = shipped("b2b-estandar");
    let check = |facts: SegmentFacts<'_>, name: &str| {
        assert_eq!(policy.segment(&facts).name, name, "{facts:?}");
    };
    let plain = NOTHING_KNOWN;
    check(plain, "Todos los demás");

    let legal = ["Legal".to_owned()];
    check(
        SegmentFacts {
            tags: &legal,
            importance: Some(1),
            ..plain
        },
        "No contactar",
    );

    check(
        SegmentFacts {
            importance: Some(1),
            ..plain
        },
        "Clientes clave",
    );
    check(
        SegmentFacts {
            importance: Some(2),
            ..plain
        },
        "Todos los demás",
    );

    let (punctual, slow) = (Some(BehaviourClass::Punctual), Some(BehaviourClass::Slow));
    check(
        SegmentFacts {
            behaviour: punctual,
            ..plain
        },
        "Pagadores puntuales",
    );
    check(
        SegmentFacts {
            behaviour: slow,
            ..plain
        },
        "Todos los demás",
    );
    check(
        SegmentFacts {
            behaviour: punctual,
            days_late: 90,
            ..plain
        },
        "Deuda antigua",
    );
    check(
        SegmentFacts {
            days_late: 89,
            ..plain
        },
        "Todos los demás",
    );

    let small = [Money::new(20_000, Currency::MXN)];
    let mixed = [
        Money::new(5_000, Currency::MXN),
        Money::new(100_000, Currency::USD),
    ];
    let dinars = [Money::new(1, Currency::new("KWD").expect("a code"))];
    check(
        SegmentFacts {
            overdue: &small,
            ..plain
        },
        "Saldos pequeños",
    );
    check(
        SegmentFacts {
            overdue: &mixed,
            ..plain
        },
        "Todos los demás",
    );
    check(
        SegmentFacts {
            overdue: &dinars,
            ..plain
        },
        "Todos los demás",
    );
    check(
        SegmentFacts {
            overdue: &[],
            ..plain
        },
        "Todos los demás",
    );
}

#[test]
fn each_condition_is_inclusive_at_its_bound() {
    let overdue = [Money::new(500, Currency::MXN), Money::new(7, Currency::USD)];
    let facts = SegmentFacts {
        overdue: &overdue,
        days_late: 30,
        reminders_sent: 2,
        behaviour: Some(BehaviourClass::Slow),
        importance: Some(3),
        tags: &["Mayoreo".to_owned()],
    };
    let cases = [
        (r#"amount_at_least = ["5.00 MXN"]"#, true),
        (r#"amount_at_least = ["5.01 MXN"]"#, false),
        (r#"amount_at_least = ["5.01 MXN", "0.06 USD"]"#, true),
        (r#"amount_at_most = ["5.00 MXN"]"#, false),
        (r#"amount_at_most = ["5.00 MXN", "0.06 USD"]"#, false),
        (r#"amount_at_most = ["5.00 MXN", "0.07 USD"]"#, true),
        ("days_late_at_least = 30", true),
        ("days_late_at_least = 31", false),
        ("days_late_at_most = 30", true),
        ("days_late_at_most = 29", false),
        ("reminders_sent_at_least = 2", true),
        ("reminders_sent_at_least = 3", false),
        ("reminders_sent_at_most = 2", true),
        ("reminders_sent_at_most = 1", false),
        (r#"behaviour = ["punctual", "slow"]"#, true),
        (r#"behaviour = ["punctual"]"#, false),
        ("importance_at_most = 3", true),
        ("importance_at_most = 2", false),
        (r#"tags_any = ["menudeo", "MAYOREO"]"#, true),
        (r#"tags_any = ["menudeo"]"#, false),
        (r#"tags_none = ["mayoreo"]"#, false),
        (r#"tags_none = ["menudeo"]"#, true),
        ("days_late_at_least = 30, importance_at_most = 2", false),
    ];
    for (when, expected) in cases {
        let text = embedded()[0].1.replace("importance_at_most = 1", when);
        let policy = Policy::parse(&text).expect(when);
        let segment = policy
            .segments
            .iter()
            .find(|segment| segment.name == "Clientes clave");
        let segment = segment.expect("the condition stands there");
        assert_eq!(segment.when.match_facts(&facts), expected, "{when}");
    }
}

#[test]
fn inv_05_positive_offsets_are_after_the_due_date() {
    let policy = shipped("b2b-estandar");
    let ladder = policy.ladder("estandar").expect("it has that ladder");
    let cases = [
        (-30, None),
        (-3, None),
        (0, None),
        (1, Some("recordatorio-1")),
        (2, Some("recordatorio-1")),
        (3, Some("recordatorio-2")),
        (9, Some("recordatorio-2")),
        (10, Some("aviso-claro")),
        (20, Some("aviso-firme")),
        (34, Some("aviso-firme")),
        (35, Some("propuesta-de-pagos")),
        (50, Some("aviso-final")),
        (10_000, Some("aviso-final")),
    ];
    for (days_late, step) in cases {
        let due = policy
            .step_due(ladder, days_late)
            .map(|step| step.key.as_str());
        assert_eq!(due, step, "{days_late} days late");
    }
    let (_, text) = embedded()[0];
    for offset in ["-3", "0"] {
        let before = text.replacen("offset_days = 1\n", &format!("offset_days = {offset}\n"), 1);
        let errors = Policy::parse(&before).expect_err("a step may not come before it is due");
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].rule, Rule::OffsetAfterDue);
        assert!(errors[0].message.contains("[courtesy]"), "{}", errors[0]);
    }
}

#[test]
fn minimums_hold_for_their_own_currency_only() {
    let policy = shipped("b2b-estandar");
    let cases = [
        (Money::new(19_999, Currency::MXN), true),
        (Money::new(20_000, Currency::MXN), false),
        (Money::new(1, Currency::new("KWD").expect("a code")), false),
    ];
    for (amount, is_below) in cases {
        assert_eq!(policy.quiet.is_below_minimum(amount), is_below, "{amount}");
        let courtesy = policy.courtesy.as_ref().expect("it has one");
        assert_eq!(courtesy.is_below_minimum(amount), is_below, "{amount}");
    }
}

#[test]
fn follow_ups_are_numbered_from_the_second() {
    assert_eq!(
        [1, 2, 3].map(FollowUp::key),
        ["seguimiento", "seguimiento-2", "seguimiento-3"]
    );
}

fn any_facts()
-> impl Strategy<Value = (Vec<Money>, i64, u32, Option<usize>, Option<u8>, Vec<String>)> {
    (
        prop::collection::vec((0..5_000_000i64, 0..3usize), 0..3),
        -400..800i64,
        0..20u32,
        prop::option::of(0..BehaviourClass::ALL.len()),
        prop::option::of(1..5u8),
        prop::collection::vec("[a-z]{0,4}|legal|no-contactar", 0..3),
    )
        .prop_map(|(sums, days, reminders, behaviour, importance, tags)| {
            let currencies = [Currency::MXN, Currency::USD, Currency::CLP];
            let overdue = sums
                .iter()
                .map(|(minor, at)| Money::new(*minor, currencies[*at]))
                .collect();
            (overdue, days, reminders, behaviour, importance, tags)
        })
}

proptest! {
    #[test]
    fn the_step_due_never_goes_back(days_late in -100..1_000i64, more in 0..400i64) {
        for (_, text) in embedded() {
            let policy = Policy::parse(text).expect("what ships is valid");
            for ladder in &policy.ladders {
                let now = policy.step_due(ladder, days_late);
                let later = policy.step_due(ladder, days_late + more);
                prop_assert!(now.map(|s| s.offset_days) <= later.map(|s| s.offset_days));
                prop_assert!(now.map(|s| s.action.tone) <= later.map(|s| s.action.tone));
                if let Some(step) = now {
                    prop_assert!(i64::from(step.offset_days) <= days_late);
                }
                let skipped = ladder.steps().find(|(_, step)| {
                    i64::from(step.offset_days) <= days_late
                        && Some(step.offset_days) > now.map(|now| now.offset_days)
                });
                prop_assert!(skipped.is_none());
            }
        }
    }

    #[test]
    fn everyone_has_a_segment(
        (overdue, days_late, reminders_sent, behaviour, importance, tags) in any_facts(),
    ) {
        let policy = shipped("b2b-estandar");
        let facts = SegmentFacts {
            overdue: &overdue,
            days_late,
            reminders_sent,
            behaviour: behaviour.map(|at| BehaviourClass::ALL[at]),
            importance,
            tags: &tags,
        };
        let segment = policy.segment(&facts);
        prop_assert!(segment.when.match_facts(&facts));
        let earlier = policy.segments.iter().take_while(|other| *other != segment);
        for other in earlier {
            prop_assert!(!other.when.match_facts(&facts));
        }
    }
}
