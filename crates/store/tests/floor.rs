//! The floor of benchmarks writes the very rows of another database, no more and no fewer, on both
//! engines.

use std::cell::Cell;
use std::time::Duration;

use domain::CompanyId;
use store::bulk::{ImportChunk, import_chunk};
use store::floor::{self, Cost, Question, Stopwatch, Written};
use store::positions::{Slice, Standing, positions};
use store::{Db, Stamp};
use testkit::{
    TestDb, application, both_databases, company, customer, day, document, email, payment, stamp,
};

const NOW: &str = "2025-03-05T15:00:00Z";

/// A place for a second database beside the one of the test.
struct Mirror {
    url: String,
    spool: tempfile::TempDir,
}

impl Mirror {
    async fn empty(test: &TestDb) -> Self {
        let (base, _) = test.url.rsplit_once('/').expect("an address has a path");
        let url = match &test.db {
            Db::Sqlite(_) => format!("{base}/mirror.db"),
            Db::Postgres(_) => format!("{}_mirror", test.url),
        };
        testkit::measured_database::make(&url, None)
            .await
            .expect("a place");
        let spool = tempfile::tempdir().expect("a temporary folder");
        Self { url, spool }
    }

    async fn follow(&self, test: &TestDb, mark: i64) -> (Vec<Written>, Cost) {
        let clock = ticking();
        let mut watch = Stopwatch::new(&clock);
        let written = floor::follow(&test.url, &self.url, mark, self.spool.path(), &mut watch);
        (
            written.await.expect("the mirror can be written"),
            watch.spent(),
        )
    }

    async fn remove(self) {
        testkit::measured_database::remove(&self.url)
            .await
            .expect("it goes");
    }
}

/// A clock on which a second passes at every look.
fn ticking() -> impl Fn() -> Cost {
    let seconds = Cell::new(0);
    move || {
        seconds.set(seconds.get() + 1);
        let passed = Duration::from_secs(seconds.get());
        Cost {
            wall: passed,
            own: passed,
            server: Duration::ZERO,
        }
    }
}

fn facts() -> ImportChunk {
    ImportChunk {
        customers: vec![customer("C1"), customer("C2")],
        contact_points: vec![email("C1")],
        documents: vec![
            document("C1", "F-1", "2025-02-10", 10_000),
            document("C1", "F-2", "2025-02-20", 5_000),
            document("C2", "F-3", "2025-03-01", 7_000),
        ],
        ..ImportChunk::default()
    }
}

/// Closes F-1, whose row changes by it.
fn money() -> ImportChunk {
    ImportChunk {
        payments: vec![payment("C1", "P-1", "2025-03-04", 10_000)],
        applications: vec![application("P-1", "F-1", "2025-03-04", 10_000)],
        ..ImportChunk::default()
    }
}

async fn import(db: &Db, stamp: &Stamp, company: CompanyId, chunk: ImportChunk) {
    import_chunk(db, stamp, company, chunk)
        .await
        .expect("the chunk can be written");
}

async fn standings(db: &Db, company: CompanyId) -> Vec<Standing> {
    positions(db, company, Slice::everyone(), None)
        .await
        .expect("positions are read")
}

fn of(written: &[Written], table: &str) -> (u64, u64) {
    let found = written.iter().find(|it| it.table == table);
    found.map_or((0, 0), |it| (it.inserted, it.updated))
}

both_databases! {
    async fn the_mirror_gets_the_very_rows(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, facts()).await;
        let mirror = Mirror::empty(test).await;

        let (written, cost) = mirror.follow(test, 0).await;
        let tables = [("customers", 2), ("contact_points", 1), ("documents", 3), ("payments", 0)];
        for (table, rows) in tables {
            assert_eq!(of(&written, table), (rows, 0), "{table}");
        }
        assert!(cost.wall >= Duration::from_secs(3), "{cost:?}");

        let mark = floor::mark(&test.url).await.expect("a mark");
        import(&test.db, &stamp, company, money()).await;
        let (written, _) = mirror.follow(test, mark).await;
        assert_eq!(of(&written, "payments"), (1, 0));
        assert_eq!(of(&written, "applications"), (1, 0));
        assert_eq!(of(&written, "documents"), (0, 1));
        assert_eq!(of(&written, "customers"), (0, 0));

        let again = Db::open(&mirror.url).await.expect("the mirror opens");
        assert_eq!(standings(&again, company).await, standings(&test.db, company).await);
        again.close().await;

        let mark = floor::mark(&test.url).await.expect("a mark");
        assert_eq!(mirror.follow(test, mark).await.0, []);
        mirror.remove().await;
    }

    async fn another_number_of_rows_is_no_floor(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await.id;
        let mirror = Mirror::empty(test).await;
        mirror.follow(test, 0).await;
        let other = Db::open(&mirror.url).await.expect("the mirror opens");
        import(&other, &stamp, company, facts()).await;
        other.close().await;

        let mark = floor::mark(&test.url).await.expect("a mark");
        let clock = ticking();
        let mut watch = Stopwatch::new(&clock);
        let spool = mirror.spool.path();
        let done = floor::follow(&test.url, &mirror.url, mark, spool, &mut watch).await;
        let error = done.expect_err("the mirror holds more").to_string();
        assert!(error.contains("another number of rows"), "{error}");
        mirror.remove().await;
    }

    async fn every_question_reads_its_rows(test: &TestDb) {
        let stamp = stamp(NOW, 1);
        let company = company(&test.db, &stamp).await.id;
        import(&test.db, &stamp, company, facts()).await;
        import(&test.db, &stamp, company, money()).await;
        // F-1 is closed but recent; so is P-1, which closed it.
        let questions = [(Question::Run, 8), (Question::Ageing, 3), (Question::Kpi, 4)];
        for (question, rows) in questions {
            let clock = ticking();
            let fetched = floor::read(&test.url, question, day("2025-03-05"), &clock).await;
            let fetched = fetched.expect("rows are read");
            assert_eq!(fetched.rows, rows, "{question:?}");
            assert_eq!(fetched.cost.wall, Duration::from_secs(1));
        }
        // Nobody is to be told anything yet, so that nothing is moved.
        assert_eq!(floor::keep_due(&test.url, 0).await.expect("it runs"), 0);
        assert_eq!(floor::end_day(&test.url).await.expect("it runs"), 0);
        let counts = floor::counts(&test.url).await.expect("counts");
        assert!(counts.contains(&("documents".to_owned(), 3)), "{counts:?}");
    }
}
