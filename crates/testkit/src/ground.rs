//! A database of its own for each test, on either engine.

use std::process::Command;

use store::Db;
use tempfile::TempDir;

/// Where a PostgreSQL for tests is; without it tests on it are skipped.
const POSTGRES: &str = "PUNTUAL_TEST_POSTGRES";
/// Set, nothing may be skipped.
const REQUIRE_ALL: &str = "PUNTUAL_REQUIRE_ALL";

/// The engine of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A database on the server.
    Postgres,
}

/// An empty database with its folder for files.
#[derive(Debug)]
pub struct Ground {
    /// The database.
    pub db: Db,
    /// A folder that goes with it.
    pub folder: TempDir,
}

impl Ground {
    /// A fresh one; `None` when there is no PostgreSQL to make it on.
    pub async fn new(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match kind {
            Kind::Sqlite => format!("sqlite:{}", folder.path().join("puntual.db").display()),
            Kind::Postgres => {
                let Ok(server) = std::env::var(POSTGRES) else {
                    assert!(std::env::var_os(REQUIRE_ALL).is_none(), "{POSTGRES} is not set");
                    return None;
                };
                let random = folder.path().file_name().expect("a name of its own");
                let name = format!("t{}", random.to_string_lossy().replace('.', "_"));
                let made = Command::new("psql")
                    .args([&server, "-qc", &format!("CREATE DATABASE \"{name}\"")])
                    .status();
                assert!(made.expect("psql").success(), "a database");
                let (base, _) = server.rsplit_once('/').expect("a database in the address");
                format!("{base}/{name}")
            }
        };
        let db = Db::open(&url).await.expect("a database opens");
        Some(Self { db, folder })
    }
}

/// Runs a test to its end on a fresh database of that kind.
pub fn live<F: Future<Output = ()>>(kind: Kind, test: impl FnOnce(Ground) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        if let Some(ground) = Ground::new(kind).await {
            test(ground).await;
        } else {
            eprintln!("skipped: {POSTGRES} is not set");
        }
    });
}

/// One test body, two tests: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($ground:ident) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($ground: $crate::Ground) $body

            #[test]
            fn sqlite() {
                $crate::live($crate::Kind::Sqlite, test);
            }

            #[test]
            fn postgres() {
                $crate::live($crate::Kind::Postgres, test);
            }
        }
    )+};
}
