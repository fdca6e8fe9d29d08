//! Torture: processes killed at seeded instants, connections cut, servers stopped, disks filled and
//! clocks moved; then the work is gone on with to its end, and the auditor looks at what is there.

mod clock;
mod disk;
mod kills;
mod mail;
pub mod portfolio;
mod report;
mod server;
mod stage;
mod together;

use std::fmt;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::portfolio::numbers::Numbers;
use crate::program::Program;

pub use disk::SmallDisk;
pub use mail::is_installed as has_mail_server;
pub use report::{page, table};
pub use stage::Stages;

/// A database to be tortured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// What is done to the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// `kill -9` of an import.
    KillImport,
    /// `kill -9` of a run.
    KillRun,
    /// `kill -9` of a dispatch to a folder.
    KillDispatch,
    /// `kill -9` of a dispatch to a mail server.
    KillMail,
    /// The server ends its connections.
    CutConnections,
    /// The server stops in the middle and is started again.
    StopServer,
    /// Two processes side by side, one killed.
    TwoTogether,
    /// Four processes side by side, one killed.
    FourTogether,
    /// The disk of the program fills.
    FullDisk,
    /// The disk of the server fills.
    FullServerDisk,
    /// The clock moves a day back and forth between and during commands.
    MovedClock,
}

impl Scenario {
    /// All of them, the longest first.
    pub const ALL: [Self; 11] = [
        Self::KillImport,
        Self::KillRun,
        Self::KillDispatch,
        Self::KillMail,
        Self::TwoTogether,
        Self::FourTogether,
        Self::StopServer,
        Self::CutConnections,
        Self::FullDisk,
        Self::FullServerDisk,
        Self::MovedClock,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::KillImport => "kill-import",
            Self::KillRun => "kill-run",
            Self::KillDispatch => "kill-dispatch",
            Self::KillMail => "kill-mail",
            Self::CutConnections => "cut-connections",
            Self::StopServer => "stop-server",
            Self::TwoTogether => "two-together",
            Self::FourTogether => "four-together",
            Self::FullDisk => "full-disk",
            Self::FullServerDisk => "full-server-disk",
            Self::MovedClock => "moved-clock",
        }
    }

    /// Whether it needs a server that nobody else uses.
    pub const fn needs_own_server(self) -> bool {
        matches!(self, Self::StopServer | Self::FullServerDisk)
    }

    /// Rounds on a database where the kills of one process take `rounds`.
    pub fn rounds(self, database: Database, rounds: u32) -> u32 {
        let needs_server = matches!(
            self,
            Self::CutConnections
                | Self::StopServer
                | Self::TwoTogether
                | Self::FourTogether
                | Self::FullServerDisk
        );
        if needs_server && database == Database::Sqlite {
            return 0;
        }
        let part = match self {
            Self::KillImport | Self::KillRun | Self::KillDispatch => 1,
            Self::KillMail
            | Self::CutConnections
            | Self::TwoTogether
            | Self::FourTogether
            | Self::MovedClock => 4,
            Self::StopServer | Self::FullDisk => 10,
            Self::FullServerDisk => 20,
        };
        (rounds / part).max(3)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

impl FromStr for Database {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            _ => Err(format!("no database «{text}»: sqlite or postgres")),
        }
    }
}

/// One round and what came of it.
#[derive(Clone, Debug)]
pub struct Round {
    /// What was done.
    pub scenario: Scenario,
    /// Where.
    pub database: Database,
    /// Its number, from zero.
    pub number: u32,
    /// The seed of all rounds.
    pub seed: u64,
    /// When the blow fell, in thousandths of what the command takes undisturbed.
    pub thousandths: u32,
    /// Whether it fell on a command still at work.
    pub hit: bool,
    /// The phase it fell in, in few words.
    pub left: String,
    /// How long going on to the end took.
    pub recovered_in: Duration,
    /// What must not be, one line each.
    pub findings: Vec<String>,
    /// Where its database was kept, when there are findings.
    pub kept: Option<String>,
}

impl Round {
    /// Its line in the log.
    pub fn line(&self) -> Value {
        json!({
            "scenario": self.scenario.name(),
            "database": self.database.to_string(),
            "round": self.number,
            "seed": self.seed,
            "share": f64::from(self.thousandths) / 1_000.0,
            "hit": self.hit,
            "left": self.left,
            "recovered_ms": u64::try_from(self.recovered_in.as_millis()).unwrap_or(u64::MAX),
            "findings": self.findings,
            "kept": self.kept,
        })
    }
}

/// What one round found out; the rest of [`Round`] is known before.
struct Outcome {
    hit: bool,
    left: String,
    recovered_in: Duration,
    findings: Vec<String>,
    kept: Option<String>,
}

impl Outcome {
    /// Keeps the program's folder and database if there is something to look at in them.
    fn new(program: Program, blow: Blow, recovered_in: Duration, findings: Vec<String>) -> Self {
        let kept = (!findings.is_empty()).then(|| program.keep());
        Self {
            hit: blow.hit,
            left: blow.left,
            recovered_in,
            findings,
            kept,
        }
    }
}

/// What a blow met.
struct Blow {
    hit: bool,
    left: String,
}

/// One round's chances: its number among how many, and numbers that follow from its seed.
struct Chance {
    number: u32,
    numbers: Numbers,
    /// When the blow falls.
    thousandths: u32,
}

impl Chance {
    /// Instants lie in even parts of the duration, by chance within each.
    fn new(seed: u64, scenario: Scenario, number: u32, rounds: u32) -> Self {
        let stream = (scenario as u64) * 1_000_000 + u64::from(number);
        let mut numbers = Numbers::of_stream(seed, stream);
        let within = u32::try_from(numbers.below(1_000)).unwrap_or(0);
        let thousandths = (number * 1_000 + within) / rounds.max(1);
        Self {
            number,
            numbers,
            thousandths,
        }
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.numbers.place(of.len())]
    }
}

/// Does the rounds of a scenario on a database, `lanes` side by side; `tell` hears of each.
pub fn rounds(
    stages: &Stages,
    scenario: Scenario,
    (rounds, lanes, seed): (u32, usize, u64),
    tell: &(dyn Fn(&Round) + Sync),
) -> Vec<Round> {
    let next = AtomicU32::new(0);
    let done = Mutex::new(Vec::new());
    let lanes = match scenario {
        // One server, one small disk.
        Scenario::StopServer | Scenario::FullDisk | Scenario::FullServerDisk => 1,
        _ => lanes,
    };
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= rounds {
                        return;
                    }
                    let round = round(stages, scenario, number, rounds, seed);
                    tell(&round);
                    if let Ok(mut done) = done.lock() {
                        done.push(round);
                    }
                }
            });
        }
    });
    done.into_inner().unwrap_or_default()
}

/// Does one round alone, as a line of the log names it.
pub fn round(stages: &Stages, scenario: Scenario, number: u32, rounds: u32, seed: u64) -> Round {
    let mut chance = Chance::new(seed, scenario, number, rounds);
    let outcome = match scenario {
        Scenario::KillImport => kills::import(stages, &chance),
        Scenario::KillRun => kills::run(stages, &chance),
        Scenario::KillDispatch => kills::dispatch(stages, &chance),
        Scenario::KillMail => mail::dispatch(stages, &chance),
        Scenario::CutConnections => server::cut(stages, &chance),
        Scenario::StopServer => server::stop(stages, &chance),
        Scenario::TwoTogether => together::some(stages, 2, &mut chance),
        Scenario::FourTogether => together::some(stages, 4, &mut chance),
        Scenario::FullDisk => disk::of_the_program(stages, &chance),
        Scenario::FullServerDisk => disk::of_the_server(stages, &chance),
        Scenario::MovedClock => clock::moved(stages, &mut chance),
    };
    Round {
        scenario,
        database: stages.database,
        number,
        seed,
        thousandths: chance.thousandths,
        hit: outcome.hit,
        left: outcome.left,
        recovered_in: outcome.recovered_in,
        findings: outcome.findings,
        kept: outcome.kept,
    }
}

/// How long something took.
fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = what();
    (value, start.elapsed())
}
