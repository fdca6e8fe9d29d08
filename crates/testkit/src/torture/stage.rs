//! States of a database from which rounds begin, each made once and copied for every round.

use std::fs;
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::disk::SmallDisk;
use super::mail::MailDay;
use super::portfolio::{self, FILES, Size};
use super::{Blow, Database, Outcome, timed};
use crate::auditor::{self, Evidence};
use crate::postgres::Cluster;
use crate::program::{Answer, Program};

/// Reads the lists on a Saturday.
pub const IMPORT: [&str; 8] = [
    "import",
    FILES[0],
    FILES[1],
    FILES[2],
    FILES[3],
    FILES[4],
    "--now",
    "2026-10-31T12:00:00Z",
];
/// Plans for Monday.
pub const RUN: [&str; 3] = ["run", "--now", "2026-10-31T14:00:00Z"];
/// Monday at ten, half past ten and noon in central Mexico: claims of the first are stale for the
/// last only.
pub const MORNING: [&str; 5] = dispatch("2026-11-02T16:00:00Z");
pub const LATER: [&str; 5] = dispatch("2026-11-02T16:30:00Z");
pub const NOON: [&str; 5] = dispatch("2026-11-02T18:00:00Z");

/// A dispatch to the folder at an instant.
pub const fn dispatch(now: &str) -> [&str; 5] {
    ["dispatch", "--outbox", "outbox", "--now", now]
}

/// Exit code of an import that left rows in quarantine.
pub const QUARANTINED: i32 = 3;

/// A command that has not ended after this long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// The three commands of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Files come in.
    Import,
    /// Contacts are planned.
    Run,
    /// Messages leave.
    Dispatch,
}

impl Phase {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Import, Self::Run, Self::Dispatch];

    /// What is typed.
    pub const fn command(self) -> &'static [&'static str] {
        match self {
            Self::Import => &IMPORT,
            Self::Run => &RUN,
            Self::Dispatch => &MORNING,
        }
    }

    /// With what it ends well.
    pub const fn code(self) -> i32 {
        match self {
            Self::Import => QUARANTINED,
            Self::Run | Self::Dispatch => 0,
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Run => "run",
            Self::Dispatch => "dispatch",
        }
    }
}

/// The states before each command, and how long each command takes undisturbed.
#[derive(Debug)]
pub struct Stages {
    /// Where they are.
    pub database: Database,
    /// The binary.
    pub binary: &'static str,
    /// How large the portfolio is.
    pub size: Size,
    /// The seed of the portfolio.
    pub seed: u64,
    empty: Program,
    imported: Program,
    planned: Program,
    lived: Program,
    takes: [Duration; 3],
    grows: [u64; 3],
    mail: OnceLock<MailDay>,
    /// The server it has to itself, and the small disk that one lies on; let go of in this order.
    pub(super) cluster: Option<Cluster>,
    pub(super) disk: Option<SmallDisk>,
}

impl Stages {
    /// Makes them on a database, or on the server at an address.
    ///
    /// # Errors
    /// The first finding on a day that nobody disturbed.
    ///
    /// # Panics
    /// When there is no such database, or a command does not end well.
    pub fn new(
        binary: &'static str,
        server: Option<&str>,
        size: Size,
        seed: u64,
    ) -> Result<Self, String> {
        Self::made(binary, server, size, seed)
    }

    /// Makes them on a server of their own that may be stopped; on a small disk if one is given.
    ///
    /// # Errors
    /// What the server says, and as [`Stages::new`].
    pub fn on_own_server(
        binary: &'static str,
        disk: Option<SmallDisk>,
        size: Size,
        seed: u64,
    ) -> Result<Self, String> {
        let temporary = std::env::temp_dir();
        let folder = disk.as_ref().map_or(temporary.as_path(), SmallDisk::folder);
        let cluster = Cluster::start_sturdy(folder).map_err(|error| error.to_string())?;
        let stages = Self::made(binary, Some(&cluster.url()), size, seed)?;
        Ok(Self {
            cluster: Some(cluster),
            disk,
            ..stages
        })
    }

    fn made(
        binary: &'static str,
        server: Option<&str>,
        size: Size,
        seed: u64,
    ) -> Result<Self, String> {
        let (database, empty) = match server {
            None => (Database::Sqlite, Program::on_sqlite(binary)),
            Some(server) => (Database::Postgres, Program::on_server(binary, server)),
        };
        let day = empty.copy();
        portfolio::write(day.folder(), seed, size, 1);
        let before = bytes_in(day.folder());
        let ((), import) = timed(|| drop(day.run(&IMPORT).exits(QUARANTINED)));
        let with_ledger = bytes_in(day.folder());
        agreements(&day);
        let imported = day.copy();
        let ((), run) = timed(|| drop(day.run(&RUN).exits(0)));
        let planned = day.copy();
        let with_plans = bytes_in(day.folder());
        let ((), dispatch) = timed(|| drop(day.run(&MORNING).exits(0)));
        let stages = Self {
            database,
            binary,
            size,
            seed,
            empty,
            imported,
            planned,
            takes: [import, run, dispatch],
            grows: [
                with_ledger.saturating_sub(before),
                with_plans.saturating_sub(with_ledger),
                bytes_in(day.folder()).saturating_sub(with_plans),
            ],
            lived: day,
            mail: OnceLock::new(),
            cluster: None,
            disk: None,
        };
        let found = audited(&stages.lived, true);
        match found.first() {
            None => Ok(stages),
            Some(first) => Err(format!("undisturbed, on {database}: {first}")),
        }
    }

    /// Takes the time of each command anew, with as many at work as rounds will be: what a machine
    /// gives to one it does not give to each of two.
    pub fn time_with(&mut self, lanes: usize) {
        for phase in Phase::ALL {
            let fresh: Vec<Program> = (0..lanes).map(|_| self.fresh(phase)).collect();
            let ((), takes) = timed(|| {
                let mut at_work: Vec<Child> =
                    fresh.iter().map(|it| it.start(phase.command())).collect();
                for child in &mut at_work {
                    wait(child);
                }
            });
            self.takes[phase as usize] = takes;
        }
    }

    /// The state before a command.
    pub fn before(&self, phase: Phase) -> &Program {
        match phase {
            Phase::Import => &self.empty,
            Phase::Run => &self.imported,
            Phase::Dispatch => &self.planned,
        }
    }

    /// A copy of the state after the day, with files and messages.
    pub fn lived(&self) -> Program {
        let program = self.with_files(self.lived.copy());
        let outbox = program.folder().join("outbox");
        fs::create_dir(&outbox).expect("the disk has room");
        let written = fs::read_dir(self.lived.folder().join("outbox"));
        for file in written.expect("messages left").flatten() {
            fs::copy(file.path(), outbox.join(file.file_name())).expect("the disk has room");
        }
        program
    }

    /// What there is to look at of a program that imported all files.
    pub fn evidence(&self, program: &Program) -> Evidence {
        evidence(program, true, &FILES)
    }

    /// A copy of the state before a command, with the files to import.
    pub fn fresh(&self, phase: Phase) -> Program {
        self.with_files(self.before(phase).copy())
    }

    /// The same in a folder under `parent`.
    pub fn fresh_in(&self, phase: Phase, parent: &Path) -> Program {
        self.with_files(self.before(phase).copy_in(parent))
    }

    fn with_files(&self, program: Program) -> Program {
        for file in FILES {
            let made = self.lived.folder().join(file);
            fs::copy(made, program.folder().join(file)).expect("the disk has room");
        }
        program
    }

    /// How long after its start a blow falls on a command.
    pub fn delay(&self, phase: Phase, thousandths: u32) -> Duration {
        self.takes[phase as usize] * thousandths / 1_000
    }

    /// A day's plans for the mail server, made when first asked for.
    pub(super) fn mail_day(&self) -> &MailDay {
        self.mail.get_or_init(|| MailDay::new(&self.empty))
    }

    /// By how many bytes a command lets the program's folder grow, about.
    pub const fn grows(&self, phase: Phase) -> u64 {
        self.grows[phase as usize]
    }
}

fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(it) if it.is_dir() => bytes_in(&entry.path()),
            // On a disk a file takes whole blocks.
            Ok(it) => it.len().next_multiple_of(4_096),
            Err(_) => 0,
        })
        .sum()
}

/// What people say between import and run: promises, pauses and parts in dispute.
fn agreements(program: &Program) {
    const NOW: &str = "2026-10-31T13:00:00Z";
    for place in 1..=4_u32 {
        let customer = format!("C{place:06}");
        let due = format!("2026-11-0{}", place + 1);
        let words = ["--amount", "2500.00", "--due", &due, "--now", NOW];
        let mut promise = vec!["promise", "add", "--customer", &customer];
        promise.extend(words);
        program.run(&promise).exits(0);
    }
    for (place, kind, amount) in [
        (11, "pause", None),
        (12, "plan", None),
        (13, "dispute", Some("150.00")),
    ] {
        let customer = format!("C{place:06}");
        let mut hold = vec!["hold", "add", "--customer", &customer, "--kind", kind];
        hold.extend(["--reason", "lo pidió el cliente", "--now", NOW]);
        hold.extend(
            amount
                .into_iter()
                .flat_map(|amount| ["--amount", amount, "--currency", "MXN"]),
        );
        program.run(&hold).exits(0);
    }
}

/// Kills a command a while after its start; what it was doing then.
pub fn kill(program: &Program, phase: Phase, command: &[&str], after: Duration) -> Blow {
    let mut child = program.start(command);
    sleep(after);
    let hit = end(&mut child);
    Blow {
        hit,
        left: left(program, phase),
    }
}

/// Kills it; whether it was still at work.
pub fn end(child: &mut Child) -> bool {
    let alive = child.try_wait().expect("a child has a state").is_none();
    child.kill().expect("one's own child may be killed");
    child.wait().expect("it ends");
    alive
}

/// Waits for a process that should end by itself; `None` when it hung and was killed.
pub fn wait(child: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().expect("a child has a state") {
            return Some(status);
        }
        sleep(Duration::from_millis(10));
    }
    end(child);
    None
}

/// The phase that a command cut short had reached, by the rows it left.
pub fn left(program: &Program, phase: Phase) -> String {
    let Some(counts) = auditor::glance(&program.url()) else {
        return "before the tables".to_owned();
    };
    let count = |name: &str| counts.get(name).copied().unwrap_or(0);
    match phase {
        Phase::Import => match (count("files begun"), count("files ended")) {
            (0, _) => "before the first file".to_owned(),
            (begun, ended) if begun > ended => format!("in file {begun}"),
            (begun, _) => format!("after file {begun}"),
        },
        Phase::Run => match (count("decisions"), count("customers"), count("runs ended")) {
            (0, ..) => "before the first chunk".to_owned(),
            (_, _, 1..) => "after the end".to_owned(),
            (made, all, _) if made < all => "between chunks".to_owned(),
            _ => "before the end".to_owned(),
        },
        Phase::Dispatch => match (count("sent"), count("claimed"), count("planned")) {
            (0, 0, _) => "before the first claim".to_owned(),
            (_, 0, 0) => "after the last".to_owned(),
            (_, 0, _) => "between batches".to_owned(),
            _ => "in a batch, claimed".to_owned(),
        },
    }
}

/// Goes on to the end of the day's command, as a person would: types it again. Findings are
/// commands that do not end as they should.
pub fn go_on(program: &Program, phase: Phase) -> Vec<String> {
    let mut findings = Vec::new();
    match phase {
        Phase::Import => findings.extend(must_exit(program.run(&IMPORT), QUARANTINED)),
        Phase::Run => findings.extend(must_exit(program.run(&RUN), 0)),
        Phase::Dispatch => {
            // A claim that is not stale may still be at work somewhere: it is left alone.
            findings.extend(must_exit(program.run(&LATER), 0));
            findings.extend(must_exit(program.run(&NOON), 0));
            findings.extend(all_left(program));
        }
    }
    findings
}

/// A line when a command ended otherwise.
pub fn must_exit(answer: Answer, code: i32) -> Option<String> {
    (answer.code != Some(code)).then(|| {
        let said = answer.err.lines().last().unwrap_or_default();
        format!(
            "exit: puntual {}: {:?} instead of {code}: {said}",
            answer.command, answer.code
        )
    })
}

/// A line when a contact did not leave in the end.
pub fn all_left(program: &Program) -> Option<String> {
    let counts = auditor::glance(&program.url()).unwrap_or_default();
    let states = ["planned", "claimed", "suppressed", "failed", "unknown"];
    let stuck: Vec<_> = counts
        .iter()
        .filter(|(name, _)| states.contains(&name.as_str()))
        .collect();
    (!stuck.is_empty()).then(|| format!("not-sent: contacts: {stuck:?}"))
}

/// What the auditor says, a line each.
pub fn audited(program: &Program, finished: bool) -> Vec<String> {
    audited_with(program, finished, &FILES)
}

/// The same where other files were imported.
pub fn audited_with<S: AsRef<str>>(program: &Program, finished: bool, files: &[S]) -> Vec<String> {
    let findings = auditor::audit(&evidence(program, finished, files));
    findings.iter().map(ToString::to_string).collect()
}

fn evidence<S: AsRef<str>>(program: &Program, finished: bool, files: &[S]) -> Evidence {
    let folder = program.folder();
    let files = files.iter().map(|file| folder.join(file.as_ref()));
    Evidence {
        url: program.url(),
        files: files.collect(),
        outbox: Some(folder.join("outbox")),
        finished,
    }
}

/// Goes on to the end, audits, and says what came of it.
pub fn settle(program: Program, phase: Phase, blow: Blow, mut findings: Vec<String>) -> Outcome {
    let (more, recovered_in) = timed(|| go_on(&program, phase));
    findings.extend(more);
    findings.extend(audited(&program, true));
    Outcome::new(program, blow, recovered_in, findings)
}
