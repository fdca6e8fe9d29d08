//! A database that an older version wrote, on both engines: its rows are brought up once, part by
//! part, and what was cut short goes on where it was.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use store::bulk::{ImportChunk, import_chunk};
use store::portfolio::figures;
use store::{Db, Filling};
use testkit::{TestDb, both_databases, company, customer, document, stamp};

const NOW: &str = "2025-03-10T15:00:00Z";
/// More than one part, so that something can be cut short between two.
const CUSTOMERS: usize = 2_300;

/// What an older version did not write.
const FORGET: &str = "DELETE FROM fills; DELETE FROM customer_terms; DELETE FROM customer_figures; \
    UPDATE customers SET name_key = NULL; UPDATE documents SET number_digits = NULL;";

/// A decision for each document, and a chain that never was.
const OLD_DECISIONS: &str = "INSERT INTO decisions \
    (company_id, id, run_id, customer_id, as_of, outcome, reason, facts, recorded_at) \
    SELECT company_id, id, id, customer_id, issued_on, 'silence', 'nada', '{}', 0 FROM documents; \
    DELETE FROM fills WHERE name = 'chain';";

/// What is kept of everything; the next due date is the next run's to bring up.
const KEPT: [&str; 4] = [
    "SELECT COUNT(*) FROM customer_terms",
    "SELECT COUNT(*) FROM customers WHERE name_key IS NOT NULL",
    "SELECT COUNT(*) FROM documents WHERE number_digits IS NOT NULL",
    "SELECT COUNT(*) FROM customer_figures WHERE open_minor = 10000 AND open_documents = 1 \
        AND oldest_due_on IS NOT NULL",
];

async fn write(url: &str, sql: &str) {
    let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url)
            .await
            .expect("the file opens");
        query.execute(&mut connection).await.expect("written");
        connection.close().await.expect("closed");
    } else {
        let mut connection = PgConnection::connect(url)
            .await
            .expect("the server answers");
        query.execute(&mut connection).await.expect("written");
        connection.close().await.expect("closed");
    }
}

async fn counts(url: &str) -> Vec<i64> {
    let mut all = Vec::new();
    for sql in KEPT {
        all.push(if url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(url)
                .await
                .expect("the file opens");
            sqlx::query_scalar(sql)
                .fetch_one(&mut connection)
                .await
                .expect("a count")
        } else {
            let mut connection = PgConnection::connect(url)
                .await
                .expect("the server answers");
            sqlx::query_scalar(sql)
                .fetch_one(&mut connection)
                .await
                .expect("a count")
        });
    }
    all
}

/// Customers with an invoice each; of every tenth the number has no digits.
async fn filled(test: &TestDb) {
    let stamp = stamp(NOW, 1);
    let company = company(&test.db, &stamp).await.id;
    let mut chunk = ImportChunk::default();
    for at in 0..CUSTOMERS {
        let key = format!("K{at:05}");
        chunk.customers.push(customer(&key));
        let letters: String = key.bytes().map(|it| char::from(it | 0x40)).collect();
        let number = if at % 10 == 0 {
            letters
        } else {
            format!("F-{at:05}")
        };
        chunk
            .documents
            .push(document(&key, &number, "2025-02-01", 10_000));
    }
    let counts = import_chunk(&test.db, &stamp, company, chunk)
        .await
        .expect("written");
    let taken = figures::refresh_customers(&test.db, company, &counts.touched, stamp.at).await;
    taken.expect("figures are taken");
}

async fn opened(url: &str) -> Vec<Filling> {
    let mut told = Vec::new();
    let db = Db::open_telling(url, &mut |it| told.push(it))
        .await
        .expect("it opens");
    db.close().await;
    told
}

both_databases! {
    async fn an_older_database_is_brought_up_where_it_was_cut_short(test: &TestDb) {
        filled(test).await;
        let whole = counts(&test.url).await;
        assert_eq!(whole[1..], [2_300, 2_070, 2_300]);
        test.db.close().await;

        assert_eq!(opened(&test.url).await, [], "nothing is to be done");
        write(&test.url, FORGET).await;
        assert_eq!(counts(&test.url).await, [0; 4]);
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let mut tell = |it: Filling| tell.send(it).expect("we listen");
        let first = tokio::select! {
            _ = Db::open_telling(&test.url, &mut tell) => panic!("it was to be cut short"),
            first = told.recv() => first.expect("a part was filled"),
        };
        assert_eq!(first, Filling { done: 2_000, total: 4_600 });

        let told = opened(&test.url).await;
        let last = told.last().expect("it went on");
        assert!(last.total <= 2_600 && last.done == last.total, "{told:?}");
        assert!(told.is_sorted_by_key(|it| it.done), "{told:?}");
        assert_eq!(counts(&test.url).await, whole);
        assert_eq!(opened(&test.url).await, [], "it is done once");

        // Decisions that are older than the chain.
        write(&test.url, OLD_DECISIONS).await;
        let of = |done| Filling { done, total: 2_300 };
        assert_eq!(opened(&test.url).await, [of(2_000), of(2_300)]);
        assert_eq!(opened(&test.url).await, [], "it is done once");
    }
}
