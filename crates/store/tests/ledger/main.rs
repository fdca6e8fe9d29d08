//! Imports, and payments, applications, holds and promises with what is derived from them, on both
//! engines.

#![expect(
    clippy::inconsistent_digit_grouping,
    reason = "amounts are written as pesos and centavos"
)]

mod imports;

use domain::document::DocumentKind;
use domain::hold::{Hold, HoldKind};
use domain::ledger::{Application, Matched, NewApplication, Payment, Source};
use domain::promise::Promise;
use domain::{ApplicationId, CompanyId, CustomerId, HoldId, ImportId, PaymentId, PromiseId};
use serde_json::json;
use store::bulk::{
    AppliedChunk, HoldFacts, ImportChunk, PromiseFacts, QuarantinedRow, SourceKey, Tally,
    apply_chunk, import_chunk,
};
use store::positions::{Slice, Standing, positions};
use store::{
    Db, Stamp, StoreError, applications, customers, documents, holds, payments, promises, reports,
};
use testkit::{
    application, both_databases, company, customer, day, document, email, mxn, payment, stamp,
};

use uuid::Uuid;

async fn import(db: &Db, stamp: &Stamp, company: CompanyId, chunk: ImportChunk) -> Counts {
    import_chunk(db, stamp, company, chunk)
        .await
        .expect("the chunk can be written")
}

type Counts = store::bulk::ChunkCounts;

async fn settled(db: &Db, company: CompanyId, number: &str) -> Option<String> {
    let record = documents::by_number(db, company, number)
        .await
        .expect("documents are read");
    record
        .expect("the document is there")
        .settled_on
        .map(|day| day.to_string())
}

async fn spent(db: &Db, company: CompanyId, reference: &str) -> Option<String> {
    let record = payments::by_reference(db, company, reference)
        .await
        .expect("payments are read");
    record
        .expect("the payment is there")
        .spent_on
        .map(|day| day.to_string())
}

async fn all_positions(db: &Db, company: CompanyId, horizon: Option<&str>) -> Vec<Standing> {
    let slice = Slice::everyone();
    positions(db, company, slice, horizon.map(day))
        .await
        .expect("positions are read")
}

fn tally(created: u64, updated: u64, unchanged: u64) -> Tally {
    Tally {
        created,
        updated,
        unchanged,
    }
}

fn everything() -> ImportChunk {
    ImportChunk {
        import: None,
        customers: vec![customer("C1"), customer("C2")],
        contact_points: vec![email("C1")],
        documents: vec![
            document("C1", "F-1", "2025-02-10", 100_00),
            document("C1", "F-2", "2025-02-20", 50_00),
            document("C2", "F-3", "2025-03-01", 70_00),
            document("C3", "F-4", "2025-03-01", 0),
        ],
        payments: vec![payment("C1", "P-1", "2025-02-15", 120_00)],
        applications: vec![
            application("P-1", "F-1", "2025-02-15", 100_00),
            application("P-1", "F-2", "2025-02-16", 10_00),
        ],
        holds: vec![HoldFacts {
            customer: "C2".to_owned(),
            document: Some("F-3".to_owned()),
            kind: HoldKind::Dispute,
            amount: Some(mxn(20_00)),
            from: day("2025-03-02"),
            until: None,
            reason: "mercancía dañada".to_owned(),
        }],
        promises: vec![PromiseFacts {
            customer: "C1".to_owned(),
            amount: mxn(40_00),
            made_on: day("2025-02-21"),
            due_on: day("2025-02-28"),
            note: "paga el viernes".to_owned(),
        }],
        quarantined: vec![QuarantinedRow {
            import: ImportId::from_uuid(testkit::ids(9).draw()),
            file: "ventas.csv".to_owned(),
            row: 7,
            field: "importe".to_owned(),
            reason: "no es un número".to_owned(),
            raw: json!({ "importe": "mil" }),
            digest: [7; 32],
        }],
    }
}

both_databases! {
    async fn inv_07_projections_follow_partial_payments_and_undoing(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        let chunk = ImportChunk {
            documents: vec![document("C1", "F-1", "2025-02-10", 100_00)],
            ..ImportChunk::default()
        };
        import(&test.db, &stamp, company, chunk).await;
        let customer = customers::id_of(&test.db, company, "C1").await.expect("read").expect("id");
        let found = documents::by_number(&test.db, company, "F-1").await.expect("read");
        let document = found.expect("there").document.id;
        let mut laid = Vec::new();
        for (reference, on, minor, closed) in
            [("A", "2025-02-11", 60_00, None), ("B", "2025-02-20", 40_00, Some("2025-02-20"))]
        {
            let payment = Payment {
                id: PaymentId::from_uuid(stamp.ids.draw()),
                reference: reference.to_owned(),
                on: day(on),
                amount: mxn(minor),
            };
            let application = Application {
                source: Source::Payment(payment.id),
                document,
                on: day(on),
                minor,
            };
            let mut tx = test.db.begin().await.expect("begin");
            payments::add(&mut tx, &stamp, company, customer, &payment, &json!({})).await
                .expect("added");
            let id = applications::add(&mut tx, &stamp, company, customer, &application, "person")
                .await
                .expect("applied");
            tx.commit().await.expect("commit");
            laid.push(id);
            assert_eq!(settled(&test.db, company, "F-1").await.as_deref(), closed);
            assert_eq!(spent(&test.db, company, reference).await.as_deref(), Some(on));
        }
        let mut tx = test.db.begin().await.expect("begin");
        let undone = applications::undo(&mut tx, &stamp, company, laid[0], day("2025-02-25")).await;
        undone.expect("undone");
        tx.commit().await.expect("commit");
        assert_eq!(settled(&test.db, company, "F-1").await, None);
        assert_eq!(spent(&test.db, company, "A").await, None);
        assert_eq!(spent(&test.db, company, "B").await.as_deref(), Some("2025-02-20"));

        let mut tx = test.db.begin().await.expect("begin");
        let twice = applications::undo(&mut tx, &stamp, company, laid[0], day("2025-02-26")).await;
        assert!(matches!(twice, Err(StoreError::Refused { .. })), "{twice:?}");
        let gone = ApplicationId::from_uuid(stamp.ids.draw());
        let missing = applications::undo(&mut tx, &stamp, company, gone, day("2025-02-26")).await;
        assert!(matches!(missing, Err(StoreError::Missing { .. })), "{missing:?}");
        tx.rollback().await.expect("rollback");
        let rows = applications::of_document(&test.db, company, document).await.expect("read");
        let minors: Vec<_> = rows.iter().map(|row| row.application.minor).collect();
        assert_eq!(minors, [60_00, 40_00, -60_00]);
    }

    async fn inv_16_a_match_a_person_undid_is_not_redone(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let found = documents::by_number(&test.db, company, "F-1").await.expect("read");
        let record = found.expect("there");
        let rows = applications::of_document(&test.db, company, record.document.id).await
            .expect("read");
        let mut tx = test.db.begin().await.expect("begin");
        applications::undo(&mut tx, &stamp, company, rows[0].id, day("2025-03-01")).await
            .expect("undone");
        tx.commit().await.expect("commit");

        let again = import(&test.db, &stamp, company, everything()).await;
        assert_eq!(again.applications, tally(0, 0, 2));
        let applied = AppliedChunk {
            import: None,
            applications: vec![(
                record.customer,
                NewApplication {
                    source: rows[0].application.source,
                    document: record.document.id,
                    minor: 100_00,
                    on: day("2025-03-05"),
                    matched: Matched::ExactAmount,
                },
            )],
        };
        let written = apply_chunk(&test.db, &stamp, company, applied).await.expect("applied");
        assert_eq!(written, 0);
        assert_eq!(settled(&test.db, company, "F-1").await, None);
    }

    async fn a_rule_lays_money_once(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        let chunk = ImportChunk {
            documents: vec![document("C1", "F-1", "2025-02-10", 100_00)],
            payments: vec![payment("C1", "P-1", "2025-02-12", 100_00)],
            ..ImportChunk::default()
        };
        import(&test.db, &stamp, company, chunk).await;
        let standing = all_positions(&test.db, company, None).await.remove(0);
        let books = &standing.position.books;
        let applied = AppliedChunk {
            import: None,
            applications: vec![(
                standing.position.customer.id,
                NewApplication {
                    source: Source::Payment(books.payments[0].id),
                    document: books.documents[0].id,
                    minor: 100_00,
                    on: day("2025-02-13"),
                    matched: Matched::ExactAmount,
                },
            )],
        };
        for written in [1, 0] {
            let done = apply_chunk(&test.db, &stamp, company, applied.clone()).await;
            assert_eq!(done.expect("applied"), written);
        }
        assert_eq!(settled(&test.db, company, "F-1").await.as_deref(), Some("2025-02-13"));
        assert_eq!(spent(&test.db, company, "P-1").await.as_deref(), Some("2025-02-13"));
    }

    async fn credit_notes_close_documents_and_are_used_up(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        let mut credit = document("C1", "NC-1", "2025-02-20", 100_00);
        credit.kind = DocumentKind::CreditNote;
        let laid = |document: &str, minor: i64| store::bulk::ApplicationFacts {
            source: SourceKey::Credit("NC-1".to_owned()),
            ..application("", document, "2025-02-20", minor)
        };
        let chunk = |laid: Vec<_>| ImportChunk {
            documents: vec![
                document("C1", "F-1", "2025-02-10", 60_00),
                document("C1", "F-2", "2025-02-11", 60_00),
                credit.clone(),
            ],
            applications: laid,
            ..ImportChunk::default()
        };
        import(&test.db, &stamp, company, chunk(vec![laid("F-1", 60_00)])).await;
        assert_eq!(settled(&test.db, company, "F-1").await.as_deref(), Some("2025-02-20"));
        assert_eq!(settled(&test.db, company, "NC-1").await, None);
        import(&test.db, &stamp, company, chunk(vec![laid("F-2", 40_00)])).await;
        assert_eq!(settled(&test.db, company, "F-2").await, None);
        assert_eq!(settled(&test.db, company, "NC-1").await.as_deref(), Some("2025-02-20"));
    }

    async fn positions_hold_every_fact(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let all = all_positions(&test.db, company, None).await;
        let keys: Vec<_> = all.iter().map(|it| it.position.customer.key.as_str()).collect();
        assert_eq!(keys, ["C1", "C2", "C3"]);
        assert!(all.windows(2).all(|pair| {
            pair[0].position.customer.id < pair[1].position.customer.id
        }));
        let books = &all[0].position.books;
        assert_eq!((books.documents.len(), books.payments.len()), (2, 1));
        assert_eq!((books.applications.len(), books.promises.len()), (2, 1));
        assert_eq!(all[0].position.customer.contact_points.len(), 1);
        assert_eq!(all[1].position.books.holds.len(), 1);
        let open = books.statement(day("2025-03-05"));
        assert_eq!(open.documents.len(), 1);
        assert_eq!(open.documents[0].open, mxn(40_00));
        assert_eq!(open.credits, [mxn(10_00)]);
        let before = books.statement(day("2025-02-15"));
        assert_eq!(before.documents[0].open, mxn(50_00), "the second laying counts a day later");

        let first = all[0].position.customer.id;
        let slice = Slice::Between { after: first, last: all[1].position.customer.id };
        let next = positions(&test.db, company, slice, None).await.expect("read");
        assert_eq!(next, all[1..2]);
        let wanted = vec![all[2].position.customer.id, first];
        let only = positions(&test.db, company, Slice::Only(wanted), None).await.expect("read");
        assert_eq!(only, [all[0].clone(), all[2].clone()]);
        let none = positions(&test.db, company, Slice::Only(Vec::new()), None).await;
        assert_eq!(none.expect("read"), []);
    }

    async fn a_horizon_leaves_out_what_is_closed_and_balances_stay_exact(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let full = all_positions(&test.db, company, None).await;
        let cut = all_positions(&test.db, company, Some("2025-02-15")).await;
        let books = &cut[0].position.books;
        assert_eq!(books.complete_after, Some(day("2025-02-15")));
        let numbers: Vec<_> = books.documents.iter().map(|it| it.number.as_str()).collect();
        assert_eq!(numbers, ["F-2"]);
        assert_eq!(books.applications.len(), 2, "the payment is open, so all it paid is there");
        for on in ["2025-02-16", "2025-02-20", "2025-03-05"] {
            for (cut, full) in cut.iter().zip(&full) {
                let (cut, full) = (&cut.position.books, &full.position.books);
                assert_eq!(cut.statement(day(on)), full.statement(day(on)), "{on}");
            }
        }
    }

    async fn holds_end_by_the_least_of_their_ends(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let customer = customers::id_of(&test.db, company, "C1").await.expect("read").expect("id");
        let hold = Hold {
            id: HoldId::from_uuid(stamp.ids.draw()),
            kind: HoldKind::Pause,
            document: None,
            amount: None,
            from: day("2025-03-01"),
            until: Some(day("2025-04-01")),
            reason: "vacaciones".to_owned(),
            author: "ana".to_owned(),
        };
        let mut tx = test.db.begin().await.expect("begin");
        holds::add(&mut tx, &stamp, company, customer, &hold).await.expect("added");
        let ends =
            [("2025-03-06T00:00:00Z", "2025-03-20"), ("2025-03-07T00:00:00Z", "2025-03-25")];
        for (at, until) in ends {
            let stamp = Stamp { at: testkit::instant(at), ..stamp.clone() };
            holds::end(&mut tx, &stamp, company, hold.id, day(until), "volvió").await.expect("end");
        }
        let unknown = HoldId::from_uuid(stamp.ids.draw());
        let missing = holds::end(&mut tx, &stamp, company, unknown, day("2025-03-20"), "").await;
        assert!(matches!(missing, Err(StoreError::Missing { .. })));
        tx.commit().await.expect("commit");
        let wanted = Hold { until: Some(day("2025-03-20")), ..hold };
        let all = holds::of_customer(&test.db, company, customer).await.expect("read");
        assert_eq!(all, std::slice::from_ref(&wanted));
        let position = all_positions(&test.db, company, None).await.remove(0).position;
        assert_eq!(position.books.holds, [wanted]);
    }

    async fn promises_are_kept_as_they_were_made(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        let chunk = ImportChunk { customers: vec![customer("C1")], ..ImportChunk::default() };
        import(&test.db, &stamp, company, chunk).await;
        let customer = customers::id_of(&test.db, company, "C1").await.expect("read").expect("id");
        let promise = Promise {
            id: PromiseId::from_uuid(stamp.ids.draw()),
            amount: mxn(10_00),
            made_on: day("2025-03-01"),
            due_on: day("2025-03-10"),
            author: "ana".to_owned(),
        };
        let mut tx = test.db.begin().await.expect("begin");
        promises::add(&mut tx, &stamp, company, customer, &promise, "el lunes").await.expect("ok");
        tx.commit().await.expect("commit");
        let all = promises::of_customer(&test.db, company, customer).await.expect("read");
        assert_eq!(all, std::slice::from_ref(&promise));
        let backwards = Promise {
            id: PromiseId::from_uuid(stamp.ids.draw()),
            due_on: day("2025-02-01"),
            ..promise
        };
        let mut tx = test.db.begin().await.expect("begin");
        let done = promises::add(&mut tx, &stamp, company, customer, &backwards, "").await;
        assert!(matches!(done, Err(StoreError::Constraint(_))), "{done:?}");
    }

    async fn reports_count_from_facts_on_any_day(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let cases = [
            ("2025-01-20", vec![("F-1", 100_00)], vec![]),
            ("2025-02-14", vec![("F-1", 100_00), ("F-2", 50_00), ("F-3", 70_00)], vec![]),
            ("2025-02-15", vec![("F-2", 50_00), ("F-3", 70_00)], vec![("P-1", 20_00)]),
            ("2025-02-16", vec![("F-2", 40_00), ("F-3", 70_00)], vec![("P-1", 10_00)]),
        ];
        for (on, open, unapplied) in cases {
            let (rows, _) =
                reports::ageing(&test.db, company, day(on), None, 100).await.expect("read");
            let mut found: Vec<_> =
                rows.iter().map(|it| (it.document.number.as_str(), it.open.minor)).collect();
            found.sort_unstable();
            assert_eq!(found, open, "{on}");
            let (rows, _) =
                reports::unapplied(&test.db, company, day(on), None, 100).await.expect("read");
            let found: Vec<_> =
                rows.iter().map(|it| (it.payment.reference.as_str(), it.unapplied.minor)).collect();
            assert_eq!(found, unapplied, "{on}");
        }
        let mut numbers = Vec::new();
        let mut after = None;
        loop {
            let (rows, next) = reports::ageing(&test.db, company, day("2025-02-16"), after, 1)
                .await
                .expect("read");
            numbers.extend(rows.into_iter().map(|it| it.document.number));
            if next.is_none() {
                break;
            }
            after = next;
        }
        numbers.sort_unstable();
        assert_eq!(numbers, ["F-2", "F-3"]);

        let window = (day("2025-02-16"), day("2025-03-05"));
        let everyone = (CustomerId::from_uuid(Uuid::nil()), CustomerId::from_uuid(Uuid::max()));
        let rows = reports::history(&test.db, company, window, everyone).await.expect("read");
        let mut found: Vec<_> =
            rows.iter().map(|it| (it.document.number.as_str(), it.applied.clone())).collect();
        found.sort_unstable();
        assert_eq!(found, [("F-2", vec![(day("2025-02-16"), 10_00)]), ("F-3", vec![])]);
    }
}

#[test]
fn the_same_facts_make_the_same_positions_on_both_engines() {
    let mut seen: Vec<(Vec<Standing>, Vec<Standing>)> = Vec::new();
    let mut look = async |test: &testkit::TestDb| {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let all = all_positions(&test.db, company, None).await;
        let cut = all_positions(&test.db, company, Some("2025-02-15")).await;
        seen.push((all, cut));
    };
    testkit::run_on_sqlite(&mut look);
    testkit::run_on_postgres(&mut look);
    assert_eq!(seen[0].0.len(), 3);
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}
