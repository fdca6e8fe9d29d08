//! The whole program as a user runs it: the binary in a folder of its own, on a database that can
//! be copied, so that a state reached once can be tried many times.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use crate::database;

/// Variables of the surroundings that would change what the program does.
pub(crate) const VARIABLES: [&str; 6] = [
    "PUNTUAL_DB",
    "PUNTUAL_COMPANY",
    "PUNTUAL_CONFIG",
    "PUNTUAL_AUTHOR",
    "PUNTUAL_LAW",
    "PUNTUAL_SMTP_PASSWORD",
];

/// The file of a database on SQLite.
const FILE: &str = "puntual.db";

/// The binary, its folder and its database; both go away with it.
#[derive(Debug)]
pub struct Program {
    binary: &'static str,
    folder: TempDir,
    place: Place,
    is_kept: bool,
}

#[derive(Debug)]
enum Place {
    Sqlite,
    Postgres { server: String, name: String },
}

/// How a run of the program ended.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was typed.
    pub command: String,
    /// Exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Answer {
    fn new(command: String, output: &Output) -> Self {
        Self {
            command,
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Itself, once the exit code is the one expected.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "`puntual {}` said:\n{}\n{}",
            self.command,
            self.out,
            self.err
        );
        self
    }

    /// Its one JSON value.
    ///
    /// # Panics
    /// When standard output is anything else.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| {
            panic!(
                "`puntual {}` wrote no JSON ({error}):\n{}\n{}",
                self.command, self.out, self.err
            )
        })
    }

    /// Its JSON lines.
    ///
    /// # Panics
    /// When a line is anything else.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .collect()
    }
}

impl Program {
    /// On a SQLite file that is not there yet.
    pub fn on_sqlite(binary: &'static str) -> Self {
        Self {
            binary,
            folder: folder(),
            place: Place::Sqlite,
            is_kept: false,
        }
    }

    /// On an empty database of a real PostgreSQL; `None`, with a line that says why, where there is
    /// none.
    ///
    /// # Panics
    /// When there is none although everything is required.
    pub fn on_postgres(binary: &'static str) -> Option<Self> {
        let server = database::server()?;
        let name = fresh_name();
        administer(&server, format!("CREATE DATABASE {name}"));
        Some(Self {
            binary,
            folder: folder(),
            place: Place::Postgres { server, name },
            is_kept: false,
        })
    }

    /// On an empty database of a PostgreSQL at that address of its maintenance database.
    pub fn on_server(binary: &'static str, server: &str) -> Self {
        let name = fresh_name();
        administer(server, format!("CREATE DATABASE {name}"));
        Self {
            binary,
            folder: folder(),
            place: Place::Postgres {
                server: server.to_owned(),
                name,
            },
            is_kept: false,
        }
    }

    /// The database's address.
    pub fn url(&self) -> String {
        match &self.place {
            Place::Sqlite => format!("sqlite:{}", self.folder().join(FILE).display()),
            Place::Postgres { server, name } => {
                let (base, _) = server
                    .rsplit_once('/')
                    .expect("the address names a database");
                format!("{base}/{name}")
            }
        }
    }

    /// The folder the program runs in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Another one on a copy of the database, in an empty folder. No process may use it meanwhile.
    pub fn copy(&self) -> Self {
        self.copy_to(folder())
    }

    /// The same in a folder under `parent`.
    pub fn copy_in(&self, parent: &Path) -> Self {
        self.copy_to(tempfile::tempdir_in(parent).expect("a folder can be made there"))
    }

    /// Runs a statement on its database past the program.
    ///
    /// # Panics
    /// When the database does not take it.
    pub fn tamper(&self, sql: &str) {
        use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
        if let Place::Postgres { .. } = self.place {
            administer(&self.url(), sql.to_owned());
            return;
        }
        block_on(async {
            let mut connection = SqliteConnection::connect(&self.url())
                .await
                .expect("it opens");
            let query = sqlx::raw_sql(AssertSqlSafe("PRAGMA foreign_keys = OFF".to_owned()));
            query.execute(&mut connection).await.expect("a setting");
            let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
            query
                .execute(&mut connection)
                .await
                .expect("the statement runs");
            connection.close().await.expect("it closes");
        });
    }

    /// Leaves folder and database where they are, for somebody to look at, and says where.
    pub fn keep(mut self) -> String {
        self.folder.disable_cleanup(true);
        if let Place::Postgres { .. } = self.place {
            // The server goes away with who started it; its rows stay beside the folder's files.
            let mut dump = Command::new("pg_dump");
            dump.args(["--dbname", &self.url(), "--file"]);
            let _ignored = dump.arg(self.folder().join("dump.sql")).status();
        }
        let place = format!("{} ({})", self.folder().display(), self.url());
        self.is_kept = true;
        place
    }

    fn copy_to(&self, folder: TempDir) -> Self {
        let place = match &self.place {
            Place::Sqlite => {
                for file in [FILE.to_owned(), format!("{FILE}-wal")] {
                    let from = self.folder().join(&file);
                    if from.exists() {
                        fs::copy(from, folder.path().join(&file)).expect("the disk has room");
                    }
                }
                Place::Sqlite
            }
            Place::Postgres { server, name } => {
                let copy = fresh_name();
                administer(server, format!("CREATE DATABASE {copy} TEMPLATE {name}"));
                Place::Postgres {
                    server: server.clone(),
                    name: copy,
                }
            }
        };
        Self {
            binary: self.binary,
            folder,
            place,
            is_kept: false,
        }
    }

    /// A file in the program's folder.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, text).expect("the disk has room");
        path
    }

    /// What would be typed, on this database, with JSON for an answer.
    pub fn command<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
        let mut command = self.bare(arguments);
        command.args(["--db", &self.url(), "--format", "json"]);
        command
    }

    /// What would be typed, with neither database nor format said.
    pub fn bare<S: AsRef<str>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(self.binary);
        command.args(arguments.iter().map(AsRef::as_ref));
        command.current_dir(self.folder()).stdin(Stdio::null());
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run<S: AsRef<str>>(&self, arguments: &[S]) -> Answer {
        answer(&mut self.command(arguments))
    }

    /// Runs it to its end, which must be a good one, and gives its JSON.
    #[track_caller]
    pub fn json<S: AsRef<str>>(&self, arguments: &[S]) -> Value {
        self.run(arguments).exits(0).json()
    }

    /// The lines of an export.
    #[track_caller]
    pub fn export(&self, what: &str) -> Vec<Value> {
        self.run(&["export", what]).exits(0).lines()
    }

    /// Starts it and goes on.
    pub fn start<S: AsRef<str>>(&self, arguments: &[S]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the program starts")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Place::Postgres { server, name } = &self.place
            && !self.is_kept
        {
            administer(server, format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// The address of a PostgreSQL to make databases on; `None`, with a line that says why, where there
/// is none.
///
/// # Panics
/// When there is none although everything is required.
pub fn server() -> Option<String> {
    database::server()
}

/// Runs a command to its end.
#[track_caller]
pub fn answer(command: &mut Command) -> Answer {
    let typed: Vec<_> = command
        .get_args()
        .map(|argument| argument.to_string_lossy())
        .collect();
    let typed = typed.join(" ");
    let output = command.output().expect("the program starts");
    Answer::new(typed, &output)
}

/// A file of the collection that lies beside a checkout, where there is one. Tests that ship do
/// without.
pub fn collected(name: &str) -> Option<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .map(|folder| folder.join("shared").join(name))
        .find(|path| path.exists())
}

/// Makes a test for each database of a function that takes the program: `name::on_sqlite` and
/// `name::on_postgres`.
///
/// ```ignore
/// testkit::both_programs! {
///     fn a_second_import_changes_nothing(puntual: &Program) { … }
/// }
/// ```
#[macro_export]
macro_rules! both_programs {
    ($($(#[$meta:meta])* fn $name:ident($program:ident: &Program) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$meta])*
            fn body($program: &Program) $body

            #[test]
            fn on_sqlite() {
                body(&Program::on_sqlite(env!("CARGO_BIN_EXE_puntual")));
            }

            #[test]
            fn on_postgres() {
                if let Some(program) = Program::on_postgres(env!("CARGO_BIN_EXE_puntual")) {
                    body(&program);
                }
            }
        }
    )*};
}

/// A folder in memory where there is one: how long a disk takes is not what these tests are about.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a temporary folder")
}

fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("program_{}_{number}", std::process::id())
}

fn administer(server: &str, sql: String) {
    block_on(database::administer(server, sql));
}

fn block_on(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(work);
}
