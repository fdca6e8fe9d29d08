//! The chain of proofs: sealed once however many seal, read through while others write, and no
//! record changed, taken out, put in or moved without being named.

#![expect(
    clippy::inconsistent_digit_grouping,
    reason = "amounts are written as pesos and centavos"
)]

mod harms;
mod scene;

use domain::ProofId;
use store::chain::{self, Wrong};
use store::proofs::{self, Act, ProofKind};
use testkit::{both_databases, day, instant};

use harms::{Dice, HARMS, Raw, TABLES, Target, harm};
use scene::{CUSTOMERS, NOW, Scene};

both_databases! {
    async fn proof_100_of_100_tamperings_are_found_and_named(test: &TestDb) {
        let scene = Scene::new(&test.db).await;
        scene.seal(&test.db).await;
        let anchor = [scene.anchor(&test.db).await];
        let sound = scene.verify(&test.db, &anchor).await;
        assert_eq!(sound.wrong, 0, "{:?}", sound.findings);
        assert!(sound.links > 30 && sound.decisions == 2 * CUSTOMERS as u64, "{sound:?}");
        assert!(sound.contacts > 10 && sound.messages > 5 && sound.anchors == 1, "{sound:?}");

        let mut raw = Raw::open(test).await;
        let target = Target::of(&scene, test, &mut raw).await;
        for table in TABLES {
            raw.run(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        let mut found = 0;
        for round in 0..100 {
            let (sql, must) = harm(round % HARMS, &target, &mut raw, &mut dice).await;
            raw.run(&sql).await;
            let checked = scene.verify(&test.db, &anchor).await;
            let named = must.is_in(&checked);
            assert!(named, "round {round}: {sql}\n{:?}", checked.findings);
            found += 1;
            for table in TABLES {
                raw.run(&format!("DELETE FROM {table}")).await;
                raw.run(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
            }
        }
        assert_eq!(found, 100);
        assert_eq!(scene.verify(&test.db, &anchor).await, sound, "as it was");
    }

    async fn proof_a_change_is_named_alone(test: &TestDb) {
        let scene = Scene::new(&test.db).await;
        scene.seal(&test.db).await;
        let mut raw = Raw::open(test).await;
        let target = Target::of(&scene, test, &mut raw).await;
        let link = &target.links[10];
        let head = raw.blob(&Dice(7).flip(&link.at.head));
        let place = link.at.sequence;
        raw.run(&format!("UPDATE chain_links SET head = {head} WHERE sequence = {place}")).await;
        let checked = scene.verify(&test.db, &[]).await;
        assert_eq!(checked.wrong, 1, "{:?}", checked.findings);
        assert_eq!(checked.findings[0].record, Some(link.record));
    }

    async fn proof_what_is_not_sealed_is_listed_and_watched(test: &TestDb) {
        let scene = Scene::new(&test.db).await;
        let checked = scene.verify(&test.db, &[]).await;
        assert_eq!((checked.wrong, checked.links), (0, 0), "{:?}", checked.findings);
        let waiting = checked.unsealed.len();
        assert!(waiting > 30, "{waiting}");
        let mut raw = Raw::open(test).await;
        let id = raw.uuid(checked.unsealed[3]);
        raw.run(&format!("DELETE FROM proofs WHERE id = {id}")).await;
        raw.run(&format!("DELETE FROM decision_lists WHERE id = {id}")).await;
        let checked = scene.verify(&test.db, &[]).await;
        let missing = checked.findings.iter().any(|it| {
            it.wrong == Wrong::MissingRecord && it.record == Some(checked.unsealed[3])
        });
        assert!(missing, "{:?}", checked.findings);
        assert_eq!(scene.seal(&test.db).await, waiting as u64);
        assert_eq!(scene.seal(&test.db).await, 0);
    }

    async fn proof_several_seal_at_once_and_each_record_is_linked_once(test: &TestDb) {
        let scene = std::sync::Arc::new(Scene::new(&test.db).await);
        let other = test.open_again().await;
        let sealers = [&test.db, &other, &test.db, &other].map(|db| {
            let (db, scene) = (db.clone(), std::sync::Arc::clone(&scene));
            tokio::spawn(async move {
                let mut sealed = 0;
                for round in 0..5 {
                    sealed += scene.seal(&db).await;
                    let mut tx = db.begin().await.expect("begin");
                    let act = Act {
                        customer: scene.customers[round],
                        act: scene.stamp.ids.draw(),
                        kind: ProofKind::Allowed,
                        body: "{}",
                    };
                    let done = proofs::add(&mut tx, &scene.stamp, scene.company, &act).await;
                    let _: ProofId = done.expect("proven");
                    tx.commit().await.expect("commit");
                }
                sealed
            })
        });
        let mut sealed = 0;
        for sealer in sealers {
            sealed += sealer.await.expect("it ends");
        }
        sealed += scene.seal(&test.db).await;
        let checked = scene.verify(&test.db, &[]).await;
        assert_eq!(checked.wrong, 0, "{:?}", checked.findings);
        assert_eq!(checked.links, sealed);
        assert!(checked.unsealed.is_empty());
    }

    async fn proof_what_is_older_than_the_chain_is_taken_in_once(test: &TestDb) {
        let scene = Scene::new(&test.db).await;
        let mut raw = Raw::open(test).await;
        for table in ["unsealed", "decision_lists", "chain_links", "chain_heads"] {
            raw.run(&format!("DELETE FROM {table}")).await;
        }
        raw.run("DELETE FROM fills WHERE name = 'chain'").await;
        let again = test.open_again().await;
        assert!(scene.seal(&again).await > 30);
        let checked = scene.verify(&again, &[]).await;
        assert_eq!(checked.wrong, 0, "{:?}", checked.findings);
        assert_eq!(checked.decisions, 2 * CUSTOMERS as u64);
        test.open_again().await;
        assert_eq!(scene.seal(&test.db).await, 0);
    }

    async fn proof_an_anchor_is_noted_once_a_day(test: &TestDb) {
        let scene = Scene::new(&test.db).await;
        scene.seal(&test.db).await;
        let head = chain::head(&test.db, scene.company).await.expect("read").expect("a head");
        let key = (day("2025-03-05"), "file");
        for first in [true, false] {
            let mut tx = test.db.begin().await.expect("begin");
            let at = instant(NOW);
            let noted = chain::note_anchor(&mut tx, scene.company, key, &head, at).await;
            assert_eq!(noted.expect("noted"), first);
            tx.commit().await.expect("commit");
        }
        assert!(chain::is_anchored(&test.db, scene.company, key).await.expect("read"));
        let mut tx = test.db.begin().await.expect("begin");
        chain::forget_anchor(&mut tx, scene.company, key).await.expect("forgotten");
        tx.commit().await.expect("commit");
        assert!(!chain::is_anchored(&test.db, scene.company, key).await.expect("read"));
        assert_eq!(chain::waiting(&test.db, scene.company).await.expect("read"), 0);
    }
}
