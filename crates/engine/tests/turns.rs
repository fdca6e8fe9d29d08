//! Several companies in one database: each has its turn.

use std::num::NonZeroUsize;
use std::sync::Arc;

use domain::ids::CompanyId;
use engine::effects::{Effects, FixedClock, SeededRandomness};
use engine::{Company, Engine, NewCompany};
use store::Db;
use store::bulk::{ImportChunk, import_chunk};
use store::runs::{self, Decision};
use testkit::{both_databases, document, email, stamp};

const NOW: &str = "2025-03-05T14:00:00Z";

/// A company with so many customers, each with an overdue invoice.
async fn company(engine: &Engine, name: &str, customers: usize) -> Company {
    let new = NewCompany {
        name: name.to_owned(),
        ..NewCompany::default()
    };
    let company = engine.add_company(new, "prueba").await.expect("added");
    let key = |n: usize| format!("C{n:05}");
    let chunk = ImportChunk {
        contact_points: (0..customers).map(|n| email(&key(n))).collect(),
        documents: (0..customers)
            .map(|n| document(&key(n), &format!("F-{n}"), "2025-02-10", 500_000))
            .collect(),
        ..ImportChunk::default()
    };
    import_chunk(engine.db(), &stamp(NOW, 7), company.id, chunk)
        .await
        .expect("imported");
    company
}

async fn decided(db: &Db, company: CompanyId) -> Vec<Decision> {
    runs::decisions(db, company, None, 10_000)
        .await
        .expect("read")
}

both_databases! {
    async fn a_large_company_does_not_keep_small_ones_waiting(test: &TestDb) {
        let at = testkit::instant(NOW);
        let effects = Effects::new(
            Box::new(FixedClock::new(at)),
            Box::new(SeededRandomness::new(1)),
        );
        let engine = Engine::new(test.db.clone(), Arc::new(effects)).expect("an engine");
        let engine = engine.with_workers(NonZeroUsize::MIN);
        let large = company(&engine, "grande", 4_100).await;
        let small = company(&engine, "chica", 3).await;
        let (large_id, small_id) = (large.id, small.id);
        let ran = engine.run_all(vec![(large, at), (small, at)], false, &mut ()).await;
        let customers: Vec<u64> = ran.expect("ran").iter().map(|it| it.customers).collect();
        assert_eq!(customers, [4_100, 3]);
        // Ids rise in the order they are drawn.
        let large = decided(&test.db, large_id).await;
        let small = decided(&test.db, small_id).await;
        let last_small = small.iter().map(|it| it.id).max().expect("decided");
        let behind = large.iter().filter(|it| it.id > last_small).count();
        assert_eq!(behind, 2_100, "only the first part of the large one came before");
    }
}
