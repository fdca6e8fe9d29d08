//! One test body, run on a fresh SQLite file and on a fresh database of a real PostgreSQL.

use std::sync::atomic::{AtomicU32, Ordering};

use store::Db;

use crate::postgres;

/// A database of its own for one test.
#[derive(Debug)]
pub struct TestDb {
    /// The database, open and with its tables.
    pub db: Db,
    /// Its address.
    pub url: String,
    folder: Option<tempfile::TempDir>,
}

impl TestDb {
    /// Opens the same database once more, with connections of its own, as another process would.
    pub async fn open_again(&self) -> Db {
        Db::open(&self.url)
            .await
            .expect("the database is open already")
    }

    /// A folder of this test alone; only on SQLite.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_ref().map(tempfile::TempDir::path)
    }
}

/// Makes a test of an async body for each engine: `name::on_sqlite` and `name::on_postgres`.
///
/// ```ignore
/// testkit::both_databases! {
///     async fn a_company_is_found_by_name(test: &TestDb) { … }
/// }
/// ```
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($test:ident: &TestDb) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            async fn body($test: &$crate::TestDb) $body

            #[test]
            fn on_sqlite() {
                $crate::run_on_sqlite(body);
            }

            #[test]
            fn on_postgres() {
                $crate::run_on_postgres(body);
            }
        }
    )*};
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

/// Runs a test body on a fresh SQLite file.
pub fn run_on_sqlite(body: impl AsyncFnOnce(&TestDb)) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    runtime().block_on(async {
        let db = Db::open(&url).await.expect("a fresh SQLite file opens");
        let test = TestDb {
            db,
            url,
            folder: Some(folder),
        };
        body(&test).await;
        test.db.close().await;
    });
}

/// Runs a test body on a fresh database of a real PostgreSQL; without one it says so in a line, or
/// fails when everything is required.
pub fn run_on_postgres(body: impl AsyncFnOnce(&TestDb)) {
    let Some(server) = server() else {
        return;
    };
    runtime().block_on(async {
        let name = fresh_name();
        let (base, _) = server
            .rsplit_once('/')
            .expect("the address names a database");
        let url = format!("{base}/{name}");
        administer(&server, format!("CREATE DATABASE {name}")).await;
        let db = Db::open(&url)
            .await
            .expect("a fresh PostgreSQL database opens");
        let test = TestDb {
            db,
            url,
            folder: None,
        };
        body(&test).await;
        test.db.close().await;
        administer(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    });
}

/// A PostgreSQL to make databases on; `None`, with a line that says why, where there is none.
pub(crate) fn server() -> Option<String> {
    match postgres::shared() {
        Ok(server) => Some(server),
        Err(error) if std::env::var(postgres::REQUIRE_ALL_VARIABLE).as_deref() == Ok("1") => {
            panic!("{} is 1, but {error}", postgres::REQUIRE_ALL_VARIABLE);
        }
        Err(error) => {
            eprintln!("skipped on PostgreSQL: {error}");
            None
        }
    }
}

fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("test_{}_{number}", std::process::id())
}

pub(crate) async fn administer(server: &str, sql: String) {
    use sqlx::{Connection, PgConnection};
    let mut connection = PgConnection::connect(server)
        .await
        .expect("PostgreSQL answers");
    let query = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
    query
        .execute(&mut connection)
        .await
        .expect("databases may be made and dropped");
    connection.close().await.expect("the connection closes");
}
