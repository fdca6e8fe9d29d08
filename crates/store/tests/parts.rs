//! The parts of a run: divided once, shared, free again when their worker is gone.

use domain::{CustomerId, RunId};
use jiff::SignedDuration;
use serde_json::{Value, json};
use store::bulk::{ImportChunk, RunChunk, WaitingParts, begin_run, divide, import_chunk};
use store::runs::Run;
use store::{Db, Stamp, runs};
use testkit::{both_databases, company, day, email, stamp};

/// A company with so many customers.
async fn customers(db: &Db, count: usize) -> (domain::CompanyId, Stamp) {
    let stamp = stamp("2025-03-05T15:00:00Z", 1);
    let company = company(db, &stamp).await.id;
    let contact_points = (0..count).map(|n| email(&format!("C{n:03}"))).collect();
    let chunk = ImportChunk {
        contact_points,
        ..ImportChunk::default()
    };
    import_chunk(db, &stamp, company, chunk)
        .await
        .expect("imported");
    (company, stamp)
}

fn run(stamp: &Stamp) -> Run {
    Run {
        id: RunId::from_uuid(stamp.ids.draw()),
        as_of: day("2025-03-05"),
        at: stamp.at,
        policy_key: "b2b-estandar".to_owned(),
        policy_version: 1,
        law_hash: "abc".to_owned(),
        summary: json!({}),
        started_at: stamp.at,
        finished_at: None,
        review: false,
        author: "puntual".to_owned(),
        daily_on: None,
    }
}

fn nothing(run: &Run) -> RunChunk {
    RunChunk {
        run: run.id,
        as_of: run.as_of,
        decisions: Vec::new(),
        standings: Vec::new(),
        contacts: Vec::new(),
        review: false,
        at: run.at,
    }
}

both_databases! {
    async fn parts_cover_everyone_once(test: &TestDb) {
        let (company, _) = customers(&test.db, 7).await;
        for size in 1..=8 {
            let parts = divide(&test.db, company, size).await.expect("divided");
            assert_eq!(parts.len(), 7_usize.div_ceil(size as usize), "{size}");
            assert_eq!(parts[0].after, CustomerId::from_uuid(uuid::Uuid::nil()));
            for (index, pair) in parts.windows(2).enumerate() {
                assert_eq!(pair[0].last, pair[1].after);
                assert_eq!(pair[0].number as usize, index);
            }
            let last = parts.last().expect("a part").last;
            assert_eq!(last, CustomerId::from_uuid(uuid::Uuid::max()), "who comes later too");
        }
    }

    async fn a_run_that_is_wanted_again_is_joined(test: &TestDb) {
        let (company, stamp) = customers(&test.db, 3).await;
        let first = run(&stamp);
        let begun = begin_run(&test.db, company, first.clone(), 1, |_| true).await.expect("begun");
        assert_eq!(begun.id, first.id);
        let (wanted, at) = (run(&stamp), first.at);
        let joined = begin_run(&test.db, company, wanted.clone(), 1, move |it| it.at == at).await;
        assert_eq!(joined.expect("joined").id, first.id);
        let other = begin_run(&test.db, company, wanted.clone(), 1, |_| false).await;
        assert_eq!(other.expect("begun").id, wanted.id);
        let mut tx = test.db.begin().await.expect("begin");
        for id in [first.id, wanted.id] {
            runs::finish(&mut tx, company, id, &json!({}), at).await.expect("finished");
        }
        tx.commit().await.expect("commit");
        let later = run(&stamp);
        let begun = begin_run(&test.db, company, later.clone(), 1, |_| true).await.expect("begun");
        assert_eq!(begun.id, later.id, "what ended is not joined");
    }

    async fn every_part_is_written_once_by_whoever_takes_it(test: &TestDb) {
        let (company, stamp) = customers(&test.db, 4).await;
        let begun = run(&stamp);
        begin_run(&test.db, company, begun.clone(), 1, |_| false).await.expect("begun");
        let other = test.open_again().await;
        let one = WaitingParts::new(&test.db, company, begun.id);
        let two = WaitingParts::new(&other, company, begun.id);
        let a = one.take().await.expect("taken").expect("a part");
        let b = two.take().await.expect("taken").expect("a part");
        if matches!(test.db, Db::Postgres(_)) {
            assert_ne!(a.part, b.part, "what one holds the other passes over");
        }
        let same = a.part == b.part;
        let number = a.part.number;
        let told = |n: u32| move |_| json!(n);
        let kept = a.write(nothing(&begun), told(number)).await.expect("kept");
        assert_eq!(kept, Some(json!(number)));
        let second = b.write(nothing(&begun), told(9)).await.expect("kept");
        assert_eq!(second, (!same).then(|| json!(9)), "a part is not written twice");
        // A worker that dies leaves its part to the others.
        drop(two.take().await.expect("taken").expect("a part"));
        let mut left = 0;
        while let Some(taken) = one.take_or_wait().await.expect("taken") {
            taken.write(nothing(&begun), |_| json!("rest")).await.expect("kept");
            left += 1;
        }
        assert_eq!(left, if same { 3 } else { 2 });
        let all: Vec<Value> = one.summaries().await.expect("read");
        assert_eq!(all.len(), 4);
        assert!(two.take_or_wait().await.expect("asked").is_none());
    }

    async fn who_comes_last_waits_for_a_part_that_is_held(test: &TestDb) {
        if matches!(test.db, Db::Sqlite(_)) {
            // There a second process does the part too, and the first to write it wins.
            return;
        }
        let (company, stamp) = customers(&test.db, 1).await;
        let begun = run(&stamp);
        begin_run(&test.db, company, begun.clone(), 1, |_| false).await.expect("begun");
        let one = WaitingParts::new(&test.db, company, begun.id);
        let two = WaitingParts::new(&test.db, company, begun.id);
        let held = one.take().await.expect("taken").expect("a part");
        assert!(two.take().await.expect("asked").is_none());
        let wait = SignedDuration::from_millis(300).unsigned_abs();
        assert!(tokio::time::timeout(wait, two.take_or_wait()).await.is_err(), "it waits");
        held.write(nothing(&begun), |_| json!(1)).await.expect("kept");
        assert!(two.take_or_wait().await.expect("asked").is_none(), "it was done meanwhile");
    }
}
