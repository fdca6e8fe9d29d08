//! The ledger's functions on small books, and properties that hold for any.

use domain::document::{Document, DocumentKind};
use domain::hold::{Hold, HoldKind};
use domain::ids::{DocumentId, HoldId, PaymentId, PromiseId};
use domain::ledger::{Application, Books, Payment, Source, match_payments};
use domain::policy::ApplicationRule;
use domain::promise::Promise;
use domain::{Currency, Money};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use uuid::Uuid;

const MXN: Currency = Currency::MXN;

fn document(number: u128, due: Date, minor: i64) -> Document {
    Document {
        id: DocumentId::from_uuid(Uuid::from_u128(number)),
        number: format!("F-{number}"),
        kind: DocumentKind::Invoice,
        issued: due.saturating_sub(30.days()),
        due,
        amount: Money::new(minor, MXN),
        direct_debit: false,
        debt: Default::default(),
    }
}

fn payment(number: u128, on: Date, minor: i64) -> Payment {
    let id = PaymentId::from_uuid(Uuid::from_u128(number));
    Payment {
        id,
        reference: format!("P-{number}"),
        on,
        amount: Money::new(minor, MXN),
    }
}

fn laid(payment: u128, document: u128, on: Date, minor: i64) -> Application {
    Application {
        source: Source::Payment(PaymentId::from_uuid(Uuid::from_u128(payment))),
        document: DocumentId::from_uuid(Uuid::from_u128(document)),
        on,
        minor,
    }
}

fn hold(kind: HoldKind, document: Option<u128>, minor: Option<i64>, days: [Date; 2]) -> Hold {
    Hold {
        id: HoldId::from_uuid(Uuid::from_u128(1)),
        kind,
        document: document.map(|number| DocumentId::from_uuid(Uuid::from_u128(number))),
        amount: minor.map(|minor| Money::new(minor, MXN)),
        from: days[0],
        until: Some(days[1]),
        reason: "acordado".to_owned(),
        author: "ana".to_owned(),
    }
}

fn promise(made_on: Date, due_on: Date, minor: i64) -> Promise {
    let id = PromiseId::from_uuid(Uuid::from_u128(1));
    Promise {
        id,
        amount: Money::new(minor, MXN),
        made_on,
        due_on,
        author: "ana".to_owned(),
    }
}

fn first_day(books: &Books, day: Date) -> Option<Date> {
    books.cycle(MXN, day).map(|cycle| cycle.first_day)
}

#[test]
fn a_cycle_lasts_while_one_document_after_another_is_overdue() {
    let books = Books {
        documents: vec![
            document(1, date(2026, 1, 10), 100),
            document(2, date(2026, 1, 20), 100),
            document(3, date(2026, 3, 1), 100),
        ],
        payments: vec![
            payment(1, date(2026, 1, 25), 100),
            payment(2, date(2026, 2, 10), 100),
        ],
        applications: vec![
            laid(1, 1, date(2026, 1, 25), 100),
            laid(2, 2, date(2026, 2, 10), 100),
        ],
        ..Books::default()
    };
    for (day, expected) in [
        (date(2026, 1, 10), None),
        (date(2026, 1, 11), Some(date(2026, 1, 11))),
        (date(2026, 2, 9), Some(date(2026, 1, 11))),
        (date(2026, 2, 10), None),
        (date(2026, 3, 1), None),
        (date(2026, 3, 2), Some(date(2026, 3, 2))),
    ] {
        assert_eq!(first_day(&books, day), expected, "{day}");
    }
}

#[test]
fn agreements_end_a_cycle_and_pauses_do_not() {
    let books = |holds: Vec<Hold>, promises: Vec<Promise>| Books {
        documents: vec![document(1, date(2026, 1, 10), 1000)],
        holds,
        promises,
        ..Books::default()
    };
    let days = [date(2026, 2, 1), date(2026, 2, 8)];
    let day = date(2026, 2, 10);
    let began = Some(date(2026, 1, 11));
    let anew = Some(days[1]);
    let paused = books(vec![hold(HoldKind::Pause, None, None, days)], vec![]);
    assert_eq!(first_day(&paused, day), began);
    let disputed = books(vec![hold(HoldKind::Dispute, Some(1), None, days)], vec![]);
    assert_eq!(first_day(&disputed, day), anew);
    let part = books(
        vec![hold(HoldKind::Dispute, Some(1), Some(400), days)],
        vec![],
    );
    assert_eq!(first_day(&part, day), began);
    let promised = books(vec![], vec![promise(days[0], date(2026, 2, 7), 1000)]);
    assert_eq!(first_day(&promised, day), anew);
    let partly = books(vec![], vec![promise(days[0], date(2026, 2, 7), 999)]);
    assert_eq!(first_day(&partly, day), began);
}

#[test]
fn the_edge_of_what_was_loaded_is_told() {
    let mut books = Books {
        documents: vec![document(1, date(2026, 1, 10), 100)],
        ..Books::default()
    };
    books.complete_after = Some(date(2026, 1, 10));
    let cycle = books.cycle(MXN, date(2026, 2, 1)).expect("overdue");
    assert!(!cycle.reaches_edge);
    books.complete_after = Some(date(2026, 1, 11));
    assert!(
        books
            .cycle(MXN, date(2026, 2, 1))
            .expect("overdue")
            .reaches_edge
    );
}

#[test]
fn holds_freeze_their_part_and_never_more() {
    let days = [date(2026, 1, 1), date(2026, 12, 31)];
    let books = Books {
        documents: vec![
            document(1, date(2026, 1, 10), 1000),
            document(2, date(2026, 1, 20), 500),
        ],
        holds: vec![
            hold(HoldKind::Dispute, Some(1), Some(800), days),
            hold(HoldKind::Plan, Some(1), Some(800), days),
            hold(HoldKind::Promise, None, Some(100), days),
        ],
        ..Books::default()
    };
    // The order in which they were recorded changes nothing.
    let mut turned = books.clone();
    turned.holds.reverse();
    assert_eq!(
        books.statement(date(2026, 2, 1)).net_chaseable(),
        turned.statement(date(2026, 2, 1)).net_chaseable()
    );
    let statement = books.statement(date(2026, 2, 1));
    let free: Vec<_> = statement
        .documents
        .iter()
        .map(|d| (d.open.minor, d.held.minor, d.free().minor))
        .collect();
    assert_eq!(free, [(1000, 1000, 0), (500, 100, 400)]);
    assert_eq!(statement.net_chaseable(), [Money::new(400, MXN)]);
    // The day the holds end.
    assert_eq!(
        books.statement(days[1]).net_chaseable(),
        [Money::new(1500, MXN)]
    );
}

#[test]
fn money_is_laid_by_rule_and_the_rest_stays_visible() {
    let books = |amounts: &[i64], paid: i64| Books {
        documents: (1u8..)
            .zip(amounts)
            .map(|(n, minor)| {
                document(
                    n.into(),
                    date(2026, 1, n.try_into().expect("small")),
                    *minor,
                )
            })
            .collect(),
        payments: vec![payment(9, date(2026, 2, 1), paid)],
        ..Books::default()
    };
    let day = date(2026, 2, 2);
    let lay = |books: &Books, rule| -> Vec<(u128, i64, &'static str)> {
        match_payments(books, rule, day)
            .iter()
            .map(|made| {
                (
                    made.document.uuid().as_u128(),
                    made.minor,
                    made.matched.code(),
                )
            })
            .collect()
    };
    use ApplicationRule::{ExactAmounts, Explicit, OldestFirst};
    assert_eq!(lay(&books(&[100, 200], 200), Explicit), []);
    assert_eq!(
        lay(&books(&[100, 200], 200), ExactAmounts),
        [(2, 200, "exact_amount")]
    );
    assert_eq!(lay(&books(&[200, 200], 200), ExactAmounts), []);
    assert_eq!(
        lay(&books(&[200, 200], 200), OldestFirst),
        [(1, 200, "oldest_first")]
    );
    let whole = [(1, 100, "whole_balance"), (2, 250, "whole_balance")];
    assert_eq!(lay(&books(&[100, 250], 350), ExactAmounts), whole);
    let oldest = [(1, 100, "oldest_first"), (2, 50, "oldest_first")];
    assert_eq!(lay(&books(&[100, 250], 150), OldestFirst), oldest);
    assert_eq!(lay(&books(&[100, 250], 150), ExactAmounts), []);
}

prop_compose! {
    fn any_day()(days in 0i64..120) -> Date {
        date(2026, 1, 1).saturating_add(days.days())
    }
}

prop_compose! {
    fn any_books()(
        dues in prop::collection::vec((any_day(), 1i64..1000), 1..8),
        paid in prop::collection::vec((any_day(), 1i64..1000, 0usize..8), 0..8),
        held in prop::collection::vec((any_day(), 1i64..40, 0usize..9, 1i64..1500), 0..4),
        promised in prop::collection::vec((any_day(), 0i64..20, 1i64..1500), 0..3),
    ) -> Books {
        let documents: Vec<Document> =
            (1u128..).zip(&dues).map(|(n, (due, minor))| document(n, *due, *minor)).collect();
        let mut open: Vec<i64> = dues.iter().map(|(_, minor)| *minor).collect();
        let mut payments = Vec::new();
        let mut applications = Vec::new();
        for (n, (on, minor, target)) in (100u128..).zip(paid) {
            payments.push(payment(n, on, minor));
            let target = target % documents.len();
            let part = open[target].min(minor);
            if part > 0 {
                open[target] -= part;
                let number = u128::try_from(target).expect("small") + 1;
                applications.push(laid(n, number, on, part));
            }
        }
        let holds = held.into_iter().map(|(from, days, target, minor)| {
            let document = (target > 0 && target <= documents.len())
                .then(|| u128::try_from(target).expect("small"));
            hold(HoldKind::Dispute, document, Some(minor), [from, from.saturating_add(days.days())])
        }).collect();
        let promises = promised.into_iter()
            .map(|(on, days, minor)| promise(on, on.saturating_add(days.days()), minor)).collect();
        Books { documents, payments, applications, holds, promises, ..Books::default() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// The sweep agrees with asking for the balance day by day.
    #[test]
    fn a_cycle_is_the_run_of_days_with_something_to_ask_for(
        books in any_books(),
        day in any_day(),
    ) {
        let mut expected = None;
        let mut at = date(2025, 11, 1);
        while at <= day {
            if books.statement(at).net_chaseable().is_empty() {
                expected = None;
            } else if expected.is_none() {
                expected = Some(at);
            }
            at = at.saturating_add(1.day());
        }
        prop_assert_eq!(first_day(&books, day), expected);
    }

    #[test]
    fn nothing_is_frozen_beyond_what_is_open(books in any_books(), day in any_day()) {
        for line in books.statement(day).documents {
            prop_assert!(line.open.minor > 0 && line.open.minor <= line.amount.minor);
            prop_assert!(line.held.minor >= 0 && line.held.minor <= line.open.minor);
        }
    }

    #[test]
    fn laying_by_rule_never_exceeds_payment_or_document(books in any_books(), day in any_day()) {
        let mut after = books.clone();
        for made in match_payments(&books, ApplicationRule::OldestFirst, day) {
            prop_assert!(made.minor > 0);
            after.applications.push(Application {
                source: made.source,
                document: made.document,
                on: day,
                minor: made.minor,
            });
        }
        let (before, now) = (books.statement(day), after.statement(day));
        let net = |s: &domain::ledger::Statement| {
            s.documents.iter().map(|line| line.open.minor).sum::<i64>() - s.credit(MXN)
        };
        prop_assert_eq!(net(&before), net(&now));
        prop_assert!(now.documents.is_empty() || now.credit(MXN) == 0);
    }
}
