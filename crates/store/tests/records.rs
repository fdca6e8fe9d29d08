//! Companies, declarations, policies, imports, quarantine, tasks and events, on both engines; and
//! copies of a SQLite file.

use domain::CompanyId;
use domain::company::CreditorClass;
use domain::customer::{BehaviourClass, Channel, Health};
use serde_json::json;
use store::bulk::{ImportChunk, QuarantinedRow, import_chunk};
use store::companies::{Company, Declaration};
use store::quarantine::Leaving;
use store::{
    Db, Stamp, StoreError, backup, companies, customers, events, imports, policies, quarantine,
    tasks,
};
use testkit::{both_databases, company, customer, day, email, instant, run_on_sqlite, stamp};

const NOW: &str = "2025-03-05T02:00:00Z";

both_databases! {
    async fn companies_have_unique_names_and_a_history(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let first = company(&test.db, &stamp).await;
        let twin = Company { id: CompanyId::from_uuid(stamp.ids.draw()), ..first.clone() };
        let mut tx = test.db.begin().await.expect("begin");
        let done = companies::create(&mut tx, &stamp, &twin).await;
        assert!(
            matches!(&done, Err(StoreError::Exists { what: "company", key }) if key == "principal"),
            "{done:?}",
        );
        drop(tx);
        let changed = Company { settings: json!({ "run_hour": 9 }), ..first.clone() };
        let mut tx = test.db.begin().await.expect("begin");
        for _ in 0..2 {
            companies::change(&mut tx, &stamp, &changed).await.expect("changed");
        }
        let missing = companies::change(&mut tx, &stamp, &twin).await;
        assert!(matches!(missing, Err(StoreError::Missing { .. })));
        tx.commit().await.expect("commit");
        let found = companies::by_name(&test.db, "principal").await.expect("read");
        assert_eq!(found, Some(changed.clone()));
        assert_eq!(companies::get(&test.db, first.id).await.expect("read"), Some(changed.clone()));
        assert_eq!(companies::all(&test.db).await.expect("read"), [changed]);
        let log = events::of_entity(&test.db, first.id, first.id.uuid()).await.expect("read");
        let kinds: Vec<_> = log.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds, ["company.created", "company.changed"]);
        let body = json!({
            "before": { "settings": {} },
            "after": { "settings": { "run_hour": 9 } },
        });
        assert_eq!(log[1].body, body);
    }

    async fn the_latest_declaration_of_a_fact_holds(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await;
        let declared = [
            (NOW, Declaration::Creditor(CreditorClass::DebtBuyer)),
            (NOW, Declaration::Consents(vec![Channel::Email, Channel::Sms])),
            ("2025-04-01T12:00:00Z", Declaration::Creditor(CreditorClass::Supplier)),
            ("2025-04-01T12:00:00Z", Declaration::FinalConsumer(true)),
        ];
        let mut tx = test.db.begin().await.expect("begin");
        for (at, declaration) in &declared {
            let stamp = Stamp { at: instant(at), ..stamp.clone() };
            companies::declare(&mut tx, &stamp, company.id, declaration).await.expect("declared");
        }
        tx.commit().await.expect("commit");
        let all = companies::declarations(&test.db, &company).await.expect("read");
        let creditor = all.creditor.expect("declared");
        assert_eq!((creditor.value, creditor.on), (CreditorClass::Supplier, day("2025-04-01")));
        let consents = all.consents.expect("declared");
        assert_eq!(consents.value, [Channel::Email, Channel::Sms]);
        assert_eq!(consents.on, day("2025-03-04"), "the day in Mexico, not in Greenwich");
        assert_eq!(all.final_consumer.map(|it| it.value), Some(true));
        assert_eq!(all.actor, None);
        let wrong = Declaration::parse("creditor", "amigo").expect_err("no such class");
        assert!(wrong.contains("supplier"), "{wrong}");
    }

    async fn a_policy_gets_a_new_version_only_when_its_text_differs(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await.id;
        let mut tx = test.db.begin().await.expect("begin");
        for (hash, version) in [("a", 1), ("a", 1), ("b", 2), ("a", 3)] {
            let put = policies::put(&mut tx, &stamp, company, ("b2b", "texto", hash)).await;
            assert_eq!(put.expect("put"), version);
        }
        assert_eq!(policies::current(&mut tx, company).await.expect("read"), None);
        for (at, version) in [(NOW, 1), ("2025-03-06T00:00:00Z", 2), ("2025-03-06T00:00:00Z", 3)] {
            let stamp = Stamp { at: instant(at), ..stamp.clone() };
            policies::use_version(&mut tx, &stamp, company, "b2b", version).await.expect("used");
        }
        let none = policies::use_version(&mut tx, &stamp, company, "b2b", 9).await;
        assert!(matches!(none, Err(StoreError::Missing { .. })));
        tx.commit().await.expect("commit");
        let current = policies::current(&test.db, company).await.expect("read").expect("used");
        assert_eq!((current.version, current.hash.as_str()), (3, "a"));
        let second = policies::get(&test.db, company, "b2b", 2).await.expect("read");
        assert_eq!(second.expect("there").hash, "b");
        assert_eq!(policies::all(&test.db, company).await.expect("read").len(), 3);
    }

    async fn imports_and_mappings_are_kept(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await.id;
        let mut tx = test.db.begin().await.expect("begin");
        let id = imports::start(&mut tx, &stamp, company, "ventas.csv", &[3; 32]).await;
        let id = id.expect("started");
        tx.commit().await.expect("commit");
        assert_eq!(imports::latest(&test.db, company, 1).await.expect("read")[0].finished_at, None);
        let mut tx = test.db.begin().await.expect("begin");
        let summary = json!({ "read": 3 });
        let ended = (imports::ImportState::Done, None);
        let finished = imports::finish(&mut tx, company, id, ended, &summary, stamp.at).await;
        finished.expect("finished");
        for column in ["Importe", "Total"] {
            let mapping = json!({ "amount": column });
            imports::put_mapping(&mut tx, &stamp, company, "abc", &mapping).await.expect("put");
        }
        tx.commit().await.expect("commit");
        let latest = imports::latest(&test.db, company, 5).await.expect("read");
        assert_eq!((latest.len(), latest[0].id, &latest[0].summary), (1, id, &summary));
        let mapping = imports::mapping(&test.db, company, "abc").await.expect("read");
        assert_eq!(mapping, Some(json!({ "amount": "Total" })));
        assert_eq!(imports::mapping(&test.db, company, "x").await.expect("read"), None);
    }

    async fn a_row_waits_once_and_leaves_quarantine_once(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await.id;
        let row = |number: u32, digest: u8| QuarantinedRow {
            import: domain::ImportId::from_uuid(stamp.ids.draw()),
            file: "ventas.csv".to_owned(),
            row: number,
            field: "fecha".to_owned(),
            reason: "no es una fecha".to_owned(),
            raw: json!({ "fecha": "ayer" }),
            digest: [digest; 32],
        };
        let chunk = |rows: Vec<_>| ImportChunk { quarantined: rows, ..ImportChunk::default() };
        let first = chunk(vec![row(2, 1), row(3, 2)]);
        let counts = import_chunk(&test.db, &stamp, company, first).await.expect("written");
        assert_eq!(counts.quarantined.created, 2);
        let again = chunk(vec![row(2, 1), row(4, 3)]);
        let counts = import_chunk(&test.db, &stamp, company, again).await.expect("written");
        assert_eq!((counts.quarantined.created, counts.quarantined.unchanged), (1, 1));
        let open = quarantine::open(&test.db, company, 10).await.expect("read");
        assert_eq!(open.iter().map(|it| it.row).collect::<Vec<_>>(), [2, 3, 4]);
        let one = quarantine::get(&test.db, company, open[0].id).await.expect("read");
        assert_eq!(one.as_ref(), Some(&open[0]));
        let mut tx = test.db.begin().await.expect("begin");
        quarantine::leave(&mut tx, &stamp, company, open[0].id, Leaving::Fixed).await.expect("ok");
        quarantine::leave(&mut tx, &stamp, company, open[1].id, Leaving::Superseded).await
            .expect("ok");
        let twice = quarantine::leave(&mut tx, &stamp, company, open[0].id, Leaving::Fixed).await;
        assert!(matches!(twice, Err(StoreError::Missing { .. })));
        tx.commit().await.expect("commit");
        assert_eq!(quarantine::open(&test.db, company, 10).await.expect("read").len(), 1);
    }

    async fn tasks_are_done_once(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await.id;
        let mut tx = test.db.begin().await.expect("begin");
        let task = tasks::add(&mut tx, &stamp, company, (None, None), "call", "Llame").await;
        let task = task.expect("added");
        assert_eq!(tasks::open(&mut tx, company, 10).await.expect("read")[0].text, "Llame");
        tasks::done(&mut tx, &stamp, company, task).await.expect("done");
        let twice = tasks::done(&mut tx, &stamp, company, task).await;
        assert!(matches!(twice, Err(StoreError::Missing { .. })));
        tx.commit().await.expect("commit");
        assert_eq!(tasks::open(&test.db, company, 10).await.expect("read"), []);
    }

    async fn customers_change_with_a_history(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await.id;
        let chunk = ImportChunk {
            customers: vec![customer("C1")],
            contact_points: vec![email("C1")],
            ..ImportChunk::default()
        };
        import_chunk(&test.db, &stamp, company, chunk).await.expect("imported");
        let found = customers::by_key(&test.db, company, "C1").await.expect("read");
        let mut known = found.expect("there").customer;
        known.behaviour = Some(BehaviourClass::Slow);
        known.tags = vec!["vip".to_owned()];
        let point = known.contact_points[0].id;
        let mut tx = test.db.begin().await.expect("begin");
        for _ in 0..2 {
            customers::change(&mut tx, &stamp, company, &known).await.expect("changed");
        }
        customers::set_health(&mut tx, &stamp, company, (known.id, point), Health::OptedOut).await
            .expect("set");
        tx.commit().await.expect("commit");
        let found = customers::by_key(&test.db, company, "C1").await.expect("read");
        let now = found.expect("there").customer;
        assert_eq!((now.behaviour, &now.tags), (Some(BehaviourClass::Slow), &known.tags));
        assert_eq!(now.contact_points[0].health, Health::OptedOut);
        let log = events::of_entity(&test.db, company, known.id.uuid()).await.expect("read");
        assert_eq!(log.len(), 1);
        let after = json!({ "behaviour": "slow", "tags": ["vip"] });
        assert_eq!(log[0].body["after"], after);
    }

    async fn a_database_opens_again_as_it_is(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        company(&test.db, &stamp).await;
        let again = test.open_again().await;
        assert_eq!(companies::all(&again).await.expect("read").len(), 1);
        again.close().await;
    }
}

#[test]
fn a_copy_is_brought_back_and_nothing_is_overwritten_unasked() {
    run_on_sqlite(async |test| {
        let stamp = stamp(NOW, 1);
        let kept = company(&test.db, &stamp).await;
        let folder = test.folder().expect("a folder");
        let copy = folder.join("copia.db");
        backup::backup(&test.db, &copy, false)
            .await
            .expect("copied");
        let twice = backup::backup(&test.db, &copy, false).await;
        assert!(matches!(twice, Err(StoreError::Backup { .. })), "{twice:?}");
        backup::backup(&test.db, &copy, true)
            .await
            .expect("copied over");

        let open = backup::restore(&copy, &test.url, true)
            .await
            .expect_err("it is in use");
        assert!(open.to_string().contains("in use"), "{open}");
        let unasked = backup::restore(&copy, &test.url, false)
            .await
            .expect_err("it is there");
        assert!(unasked.to_string().contains("overwrite"), "{unasked}");

        let url = format!("sqlite:{}", folder.join("otra.db").display());
        backup::restore(&copy, &url, false).await.expect("restored");
        let other = Db::open(&url).await.expect("open");
        assert_eq!(companies::all(&other).await.expect("read"), [kept]);
        other.close().await;
        backup::restore(&copy, &url, true)
            .await
            .expect("restored over");

        let mut bytes = std::fs::read(&copy).expect("read");
        let middle = bytes.len() / 2;
        bytes.truncate(middle);
        std::fs::write(&copy, bytes).expect("written");
        let damaged = backup::restore(&copy, &url, true).await;
        assert!(
            matches!(damaged, Err(StoreError::Backup { .. })),
            "{damaged:?}"
        );
        std::fs::write(&copy, "no es una base").expect("written");
        let foreign = backup::restore(&copy, &url, true).await;
        assert!(
            matches!(foreign, Err(StoreError::Backup { .. })),
            "{foreign:?}"
        );
    });
}

#[test]
fn addresses_that_are_none_say_what_to_write() {
    run_on_sqlite(async |_| {
        let cases = [
            ("mysql://root:secreto@x/y", "mysql://…@x/y"),
            ("sqlite:", "sqlite:FILE"),
            ("sqlite::memory:", "sqlite:FILE"),
            ("sqlite:/no/such/folder/x.db", "folder does not exist"),
        ];
        for (url, says) in cases {
            let error = Db::open(url).await.expect_err("no database").to_string();
            assert!(error.contains(says), "{error}");
            assert!(!error.contains("secreto"), "{error}");
        }
    });
}

both_databases! {
    async fn of_two_rates_of_a_day_the_last_put_in_counts(test: &TestDb) {
        use jiff::civil::date;
        use rust_decimal::Decimal;
        use store::rates;
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await;
        let day = date(2025, 3, 4);
        let mut tx = test.db.begin().await.expect("begin");
        let mut changed = Vec::new();
        for (series, on, value) in [
            ("UF", day, "38700.15"),
            ("UF", day, "38700.150"),
            ("UF", day, "38701.5"),
            ("UF", date(2025, 3, 3), "38690"),
            ("BCE", date(2025, 3, 1), "2.65"),
        ] {
            let value: Decimal = value.parse().expect("a number");
            let put = rates::put(&mut tx, &stamp, company.id, (series, on, value), "a file").await;
            changed.push(put.expect("put"));
        }
        tx.commit().await.expect("commit");
        assert_eq!(changed, [true, false, true, true, true]);
        let known = rates::of_series(&test.db, company.id, &["UF", "BCE", "TMC"]).await;
        let known = known.expect("read");
        let value = |series: &str, on| {
            known.in_force(series, on).map(|it| it.value.to_string()).map_err(|it| it.to_string())
        };
        assert_eq!(value("UF", day), Ok("38701.5".to_owned()));
        assert_eq!(value("UF", date(2025, 3, 3)), Ok("38690".to_owned()));
        assert!(value("UF", date(2025, 3, 5)).is_err(), "a unit of every day does not stand in");
        assert_eq!(value("BCE", date(2025, 6, 30)), Ok("2.65".to_owned()));
        assert!(value("TMC", day).is_err());
        let latest = rates::latest(&test.db, company.id).await.expect("read");
        let latest: Vec<_> = latest.iter().map(|it| (it.series.as_str(), it.on)).collect();
        assert_eq!(latest, [("BCE", date(2025, 3, 1)), ("UF", day)]);
        let page = rates::page(&test.db, company.id, ("UF", day), 2).await.expect("read");
        let page: Vec<String> = page.iter().map(|it| it.value.to_string()).collect();
        assert_eq!(page, ["38701.5", "38700.15"]);
    }
}
