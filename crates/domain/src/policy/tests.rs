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
        let first = policy
            .ladders
            .iter()
            .filter_map(|l| l.steps().next())
            .count();
        assert_eq!(first, policy.ladders.len());
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
    let legal = ["Legal".to_owned()];
    let both = [
        Money::new(5_000, Currency::MXN),
        Money::new(100_000, Currency::USD),
    ];
    let small = [Money::new(20_000, Currency::MXN)];
    let dinars = [Money::new(1, Currency::new("KWD").expect("a code"))];
    let (punctual, slow) = (BehaviourClass::Punctual, BehaviourClass::Slow);
    let cases: &[(SegmentFacts<'_>, &str)] = &[
        (NOTHING_KNOWN, "Todos los demás"),
        (
            SegmentFacts {
                tags: &legal,
                importance: Some(1),
                ..NOTHING_KNOWN
            },
            "No contactar",
        ),
        (
            SegmentFacts {
                importance: Some(1),
                ..NOTHING_KNOWN
            },
            "Clientes clave",
        ),
        (
            SegmentFacts {
                importance: Some(2),
                ..NOTHING_KNOWN
            },
            "Todos los demás",
        ),
        (
            SegmentFacts {
                behaviour: Some(punctual),
                ..NOTHING_KNOWN
            },
            "Pagadores puntuales",
        ),
        (
            SegmentFacts {
                behaviour: Some(slow),
                ..NOTHING_KNOWN
            },
            "Todos los demás",
        ),
        (
            SegmentFacts {
                overdue: &small,
                ..NOTHING_KNOWN
            },
            "Saldos pequeños",
        ),
        (
            SegmentFacts {
                overdue: &both,
                ..NOTHING_KNOWN
            },
            "Todos los demás",
        ),
        (
            SegmentFacts {
                overdue: &dinars,
                ..NOTHING_KNOWN
            },
            "Todos los demás",
        ),
        (
            SegmentFacts {
                overdue: &[],
                ..NOTHING_KNOWN
            },
            "Todos los demás",
        ),
        (
            SegmentFacts {
                days_late: 89,
                ..NOTHING_KNOWN
            },
            "Todos los demás",
        ),
        (
            SegmentFacts {
                days_late: 90,
                ..NOTHING_KNOWN
            },
            "Deuda antigua",
        ),
    ];
    for (facts, name) in cases {
        assert_eq!(policy.segment(facts).name, *name, "{facts:?}");
    }
}

#[test]
fn each_condition_is_inclusive_at_its_bound() {
    let mxn = |minor| Money::new(minor, Currency::MXN);
    let words = |text: &str| vec![text.to_owned()];
    let overdue = [mxn(500), Money::new(7, Currency::USD)];
    let tags = words("Mayoreo");
    let facts = SegmentFacts {
        overdue: &overdue,
        days_late: 30,
        reminders_sent: 2,
        behaviour: Some(BehaviourClass::Slow),
        importance: Some(3),
        tags: &tags,
    };
    let none = Conditions::default;
    let usd = Money::new(6, Currency::USD);
    let cases = [
        (none(), true),
        (
            Conditions {
                amount_at_least: vec![mxn(500)],
                ..none()
            },
            true,
        ),
        (
            Conditions {
                amount_at_least: vec![mxn(501)],
                ..none()
            },
            false,
        ),
        (
            Conditions {
                amount_at_least: vec![mxn(501), usd],
                ..none()
            },
            true,
        ),
        (
            Conditions {
                amount_at_most: vec![mxn(500)],
                ..none()
            },
            false,
        ),
        (
            Conditions {
                amount_at_most: vec![mxn(500), usd],
                ..none()
            },
            false,
        ),
        (
            Conditions {
                amount_at_most: vec![mxn(500), Money::new(7, Currency::USD)],
                ..none()
            },
            true,
        ),
        (
            Conditions {
                days_late_at_least: Some(30),
                ..none()
            },
            true,
        ),
        (
            Conditions {
                days_late_at_least: Some(31),
                ..none()
            },
            false,
        ),
        (
            Conditions {
                days_late_at_most: Some(30),
                ..none()
            },
            true,
        ),
        (
            Conditions {
                days_late_at_most: Some(29),
                ..none()
            },
            false,
        ),
        (
            Conditions {
                reminders_sent_at_least: Some(2),
                ..none()
            },
            true,
        ),
        (
            Conditions {
                reminders_sent_at_least: Some(3),
                ..none()
            },
            false,
        ),
        (
            Conditions {
                reminders_sent_at_most: Some(2),
                ..none()
            },
            true,
        ),
        (
            Conditions {
                reminders_sent_at_most: Some(1),
                ..none()
            },
            false,
        ),
        (
            Conditions {
                behaviour: vec![BehaviourClass::Slow],
                ..none()
            },
            true,
        ),
        (
            Conditions {
                behaviour: vec![BehaviourClass::Punctual],
                ..none()
            },
            false,
        ),
        (
            Conditions {
                importance_at_most: Some(3),
                ..none()
            },
            true,
        ),
        (
            Conditions {
                importance_at_most: Some(2),
                ..none()
            },
            false,
        ),
        (
            Conditions {
                tags_any: words("MAYOREO"),
                ..none()
            },
            true,
        ),
        (
            Conditions {
                tags_any: words("menudeo"),
                ..none()
            },
            false,
        ),
        (
            Conditions {
                tags_none: words("mayoreo"),
                ..none()
            },
            false,
        ),
        (
            Conditions {
                tags_none: words("menudeo"),
                ..none()
            },
            true,
        ),
    ];
    for (conditions, expected) in cases {
        assert_eq!(conditions.match_facts(&facts), expected, "{conditions:?}");
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
