//! Imports: what a chunk of facts writes, leaves alone, refuses.

use domain::customer::Consent;
use domain::ledger::Payment;
use domain::{CustomerId, PaymentId};
use serde_json::json;
use store::bulk::{ImportChunk, Refusal};
use store::{StoreError, customers, documents, events, payments, quarantine};
use testkit::{
    application, both_databases, company, customer, day, document, email, mxn, payment, stamp,
};

use super::{all_positions, everything, import, settled, spent, tally};

both_databases! {
    async fn inv_15_the_same_chunk_again_changes_nothing(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        let first = import(&test.db, &stamp, company, everything()).await;
        assert_eq!(first.customers, tally(3, 0, 0));
        assert_eq!(first.documents, tally(4, 0, 0));
        assert_eq!(first.payments, tally(1, 0, 0));
        assert_eq!(first.applications, tally(2, 0, 0));
        assert_eq!((first.holds, first.promises), (tally(1, 0, 0), tally(1, 0, 0)));
        assert_eq!((first.contact_points, first.quarantined), (tally(1, 0, 0), tally(1, 0, 0)));
        assert_eq!(first.refused, []);
        assert_eq!(first.touched.len(), 3);
        assert_eq!(settled(&test.db, company, "F-1").await.as_deref(), Some("2025-02-15"));
        assert_eq!(settled(&test.db, company, "F-2").await, None);
        assert_eq!(settled(&test.db, company, "F-4").await.as_deref(), Some("2025-01-30"));
        assert_eq!(spent(&test.db, company, "P-1").await, None);

        let before = all_positions(&test.db, company, None).await;
        let log = events::page(&test.db, company, None, 100).await.expect("events are read");
        let again = import(&test.db, &stamp, company, everything()).await;
        assert_eq!(again.customers, tally(0, 0, 2));
        assert_eq!(again.documents, tally(0, 0, 4));
        assert_eq!(again.payments, tally(0, 0, 1));
        assert_eq!(again.applications, tally(0, 0, 2));
        assert_eq!((again.holds, again.promises), (tally(0, 0, 1), tally(0, 0, 1)));
        assert_eq!((again.contact_points, again.quarantined), (tally(0, 0, 1), tally(0, 0, 1)));
        assert_eq!(again.touched, []);
        assert_eq!(all_positions(&test.db, company, None).await, before);
        let later = events::page(&test.db, company, None, 100).await.expect("events are read");
        assert_eq!(later, log);
    }

    /// Few rows and many go to a server by different ways.
    async fn any_number_of_rows_arrives_whole(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        let (mut written, mut points) = (0, 0);
        for count in [1, 2, 3, 63, 64, 65, 130] {
            let keys: Vec<String> = (0..count).map(|at| format!("C{count}-{at}")).collect();
            let mut customers: Vec<_> = keys.iter().map(|key| customer(key)).collect();
            customers[0].country = domain::customer::Country::new("MX");
            let chunk = ImportChunk {
                customers,
                contact_points: keys.iter().map(|key| email(key)).collect(),
                ..ImportChunk::default()
            };
            let counts = import(&test.db, &stamp, company, chunk).await;
            assert_eq!(counts.customers, tally(count, 0, 0), "{count}");
            written += count;
            let page = customers::page(&test.db, company, None, 1_000).await.expect("read");
            assert_eq!(page.len() as u64, written, "{count}");
            points += count;
            let found: usize = page.iter().map(|it| it.customer.contact_points.len()).sum();
            assert_eq!(found as u64, points, "{count}");
            let with_country = page.iter().filter(|it| it.customer.country.is_some());
            assert!(with_country.count() > 0);
        }
    }

    async fn what_differs_is_updated_with_before_and_after(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let mut named = customer("C1");
        named.name = Some("Otro nombre".to_owned());
        named.digest = [1; 32];
        let chunk = ImportChunk {
            customers: vec![named],
            documents: vec![document("C1", "F-1", "2025-02-12", 150_00)],
            payments: vec![payment("C1", "P-1", "2025-02-15", 110_00)],
            applications: vec![application("P-1", "F-2", "2025-02-17", 10_00)],
            ..ImportChunk::default()
        };
        let counts = import(&test.db, &stamp, company, chunk).await;
        assert_eq!(counts.customers, tally(0, 1, 0));
        assert_eq!(counts.documents, tally(0, 1, 0));
        assert_eq!(counts.payments, tally(0, 1, 0));
        assert_eq!(counts.applications, tally(0, 1, 0));
        let record = documents::by_number(&test.db, company, "F-1").await.expect("read");
        let record = record.expect("there");
        assert_eq!(record.document.amount, mxn(150_00));
        assert_eq!(record.settled_on, None, "100 of 150 are paid");
        let spent_on = spent(&test.db, company, "P-1").await;
        assert_eq!(spent_on.as_deref(), Some("2025-02-17"), "110 of 110 lie on documents");
        let id = record.document.id;
        let history = documents::history(&test.db, company, id).await.expect("read");
        assert_eq!(history.len(), 1);
        assert_eq!(
            history[0].body,
            json!({
                "before": { "issued": "2025-01-11", "due": "2025-02-10", "amount": "100.00 MXN" },
                "after": { "issued": "2025-01-13", "due": "2025-02-12", "amount": "150.00 MXN" },
            }),
        );
        let found = customers::by_key(&test.db, company, "C1").await.expect("read").expect("there");
        assert_eq!(found.customer.name, "Otro nombre");
        assert_eq!(found.customer.contact_points[0].address, "c1@ejemplo.mx");
    }

    async fn what_a_row_says_in_passing_overwrites_nothing(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let passing = |key: &str, name: &str| {
            let mut facts = customer(key);
            facts.name = Some(name.to_owned());
            facts.tax_id = Some("XAXX010101000".to_owned());
            facts.in_passing = true;
            facts
        };
        let chunk = || ImportChunk {
            customers: vec![passing("C1", "a"), passing("C1", "b"), passing("C3", "Tercero")],
            ..ImportChunk::default()
        };
        let counts = import(&test.db, &stamp, company, chunk()).await;
        assert_eq!(counts.customers, tally(0, 2, 0));
        for (key, name) in [("C1", "Cliente C1"), ("C3", "Tercero")] {
            let found = customers::by_key(&test.db, company, key).await.expect("read");
            let found = found.expect("there").customer;
            assert_eq!(found.name, name);
            assert_eq!(found.tax_id.as_deref(), Some("XAXX010101000"));
        }
        let again = import(&test.db, &stamp, company, chunk()).await;
        assert_eq!(again.customers, tally(0, 0, 2));
    }

    async fn a_file_does_not_bring_back_a_withdrawn_consent(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        let told = |consent: Consent| {
            let mut point = email("C1");
            point.consent = consent;
            ImportChunk { contact_points: vec![point], ..ImportChunk::default() }
        };
        let given = |on: &str| Consent::Given { on: day(on), source: "contrato".to_owned() };
        let withdrawn = Consent::Withdrawn { on: day("2025-02-01") };
        let steps = [
            (Consent::Unknown, Consent::Unknown),
            (given("2025-01-01"), given("2025-01-01")),
            (given("2025-01-15"), given("2025-01-01")),
            (withdrawn.clone(), withdrawn.clone()),
            (given("2025-01-01"), withdrawn.clone()),
            (Consent::Unknown, withdrawn.clone()),
            (given("2025-02-02"), given("2025-02-02")),
        ];
        for (file, kept) in steps {
            import(&test.db, &stamp, company, told(file.clone())).await;
            let found = customers::by_key(&test.db, company, "C1").await.expect("read");
            let point = &found.expect("there").customer.contact_points[0];
            assert_eq!(point.consent, kept, "after {file:?}");
        }
    }

    async fn what_the_ledger_cannot_take_is_refused_alone(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let mut dollars = payment("C1", "P-2", "2025-02-15", 1_00);
        dollars.amount.currency = domain::Currency::USD;
        let chunk = ImportChunk {
            documents: vec![
                document("C2", "F-1", "2025-02-10", 100_00),
                document("C2", "F-4", "2025-03-01", 0),
                document("C1", "F-9", "2025-02-10", 1_00),
                document("C1", "F-9", "2025-02-10", 2_00),
            ],
            payments: vec![dollars],
            applications: vec![
                application("P-1", "F-3", "2025-02-15", 1_00),
                application("P-1", "F-0", "2025-02-15", 1_00),
                application("P-0", "F-1", "2025-02-15", 1_00),
                application("P-2", "F-2", "2025-02-15", 1_00),
            ],
            ..ImportChunk::default()
        };
        let counts = import(&test.db, &stamp, company, chunk).await;
        let refused: Vec<_> =
            counts.refused.iter().map(|it| (it.entity, it.key.as_str(), it.why)).collect();
        assert_eq!(
            refused,
            [
                ("document", "F-1", Refusal::OtherCustomer),
                ("document", "F-9", Refusal::Repeated),
                ("application", "F-3", Refusal::CustomersDiffer),
                ("application", "F-0", Refusal::UnknownDocument),
                ("application", "F-1", Refusal::UnknownSource),
                ("application", "F-2", Refusal::CurrenciesDiffer),
            ],
        );
        assert_eq!(counts.documents, tally(1, 1, 0), "F-4 had nothing on it and may move");
        let moved = documents::by_number(&test.db, company, "F-4").await.expect("read");
        assert_eq!(moved.expect("there").customer_key, "C2");
    }

    async fn a_dropped_transaction_leaves_nothing(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        let customer = customers::id_of(&test.db, company, "C1").await.expect("read").expect("id");
        let payment = Payment {
            id: PaymentId::from_uuid(stamp.ids.draw()),
            reference: "P-9".to_owned(),
            on: day("2025-03-01"),
            amount: mxn(5_00),
        };
        for commit in [false, true] {
            let mut tx = test.db.begin().await.expect("begin");
            payments::add(&mut tx, &stamp, company, customer, &payment, &json!({})).await
                .expect("added");
            if commit {
                tx.commit().await.expect("commit");
            } else {
                drop(tx);
            }
            let found = payments::by_reference(&test.db, company, "P-9").await.expect("read");
            assert_eq!(found.is_some(), commit);
        }
        let mut tx = test.db.begin().await.expect("begin");
        let twice = Payment { id: PaymentId::from_uuid(stamp.ids.draw()), ..payment };
        let done = payments::add(&mut tx, &stamp, company, customer, &twice, &json!({})).await;
        assert!(
            matches!(&done, Err(StoreError::Exists { what: "payment", key }) if key == "P-9"),
            "{done:?}",
        );
        drop(tx);
        import(&test.db, &stamp, company, everything()).await;
        let page = payments::page(&test.db, company, None, 10).await.expect("read");
        assert_eq!(page.len(), 2);
        let waiting = quarantine::open(&test.db, company, 10).await.expect("read");
        assert_eq!(waiting.len(), 1);
    }

    async fn customers_and_documents_come_in_pages(test: &TestDb) {
        let stamp = stamp("2025-03-05T15:00:00Z", 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, everything()).await;
        assert_eq!(customers::count(&test.db, company).await.expect("count"), 3);
        let mut seen: Vec<CustomerId> = Vec::new();
        loop {
            let page = customers::page(&test.db, company, seen.last().copied(), 2).await;
            let page = page.expect("read");
            if page.is_empty() {
                break;
            }
            seen.extend(page.iter().map(|it| it.customer.id));
        }
        assert_eq!(seen.len(), 3);
        let keys = customers::keys(&test.db, company, &seen).await.expect("read");
        assert_eq!(keys[0], (seen[0], "C1".to_owned()));
        let documents = documents::page(&test.db, company, None, 3).await.expect("read");
        assert_eq!(documents.len(), 3);
        let last = documents.last().map(|it| it.document.id);
        assert_eq!(documents::page(&test.db, company, last, 3).await.expect("read").len(), 1);
        let of_one = documents::of_customer(&test.db, company, seen[0]).await.expect("read");
        assert_eq!(of_one.len(), 2);
    }
}
