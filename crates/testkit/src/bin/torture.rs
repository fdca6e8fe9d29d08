//! `cargo xtask torture`: all scenarios of [`testkit::torture`], with a log and a page.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::time::Instant;

use testkit::postgres::Cluster;
use testkit::torture::portfolio::Size;
use testkit::torture::{self, Database, Round, Scenario, SmallDisk, Stages};

const USAGE: &str = "\
usage: torture --binary FILE --root FOLDER [--rounds 100] [--databases sqlite,postgres]
               [--seed 1] [--only SCENARIO] [--round N] [--lanes 2]";

/// Two chunks of a run, two of the largest list; a command takes a second or two in a debug build.
const SIZE: Size = Size {
    customers: 2_600,
    invoices: 5_100,
};

/// A copy of the log goes beside the page as it is up to this size, else compressed.
const LOG_BYTES_MAX: u64 = 300_000;

struct Arguments {
    binary: &'static str,
    root: PathBuf,
    rounds: u32,
    databases: Vec<Database>,
    seed: u64,
    only: Option<Scenario>,
    round: Option<u32>,
    lanes: usize,
}

impl Arguments {
    fn read() -> Result<Self, String> {
        let mut read = Self {
            binary: "",
            root: PathBuf::new(),
            rounds: 100,
            databases: vec![Database::Sqlite, Database::Postgres],
            seed: 1,
            only: None,
            round: None,
            lanes: 2,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| USAGE.to_owned())?;
            let number = || {
                value
                    .parse()
                    .map_err(|_| format!("{word}: no number «{value}»"))
            };
            match word.as_str() {
                "--binary" => read.binary = Box::leak(value.into_boxed_str()),
                "--root" => read.root = PathBuf::from(value),
                "--rounds" => read.rounds = number()?,
                "--round" => read.round = Some(number()?),
                "--seed" => read.seed = value.parse().map_err(|_| USAGE.to_owned())?,
                "--lanes" => read.lanes = value.parse().map_err(|_| USAGE.to_owned())?,
                "--databases" => {
                    read.databases = value.split(',').map(str::parse).collect::<Result<_, _>>()?;
                }
                "--only" => {
                    let mut all = Scenario::ALL.into_iter();
                    let found = all.find(|it| it.name() == value);
                    let names = Scenario::ALL.map(Scenario::name).join(", ");
                    read.only = Some(found.ok_or_else(|| format!("no «{value}»: {names}"))?);
                }
                _ => return Err(USAGE.to_owned()),
            }
        }
        if read.binary.is_empty() {
            Err(USAGE.to_owned())
        } else {
            Ok(read)
        }
    }
}

fn main() -> ExitCode {
    match Arguments::read().and_then(|arguments| run(&arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// Whether all rounds were clean.
fn run(arguments: &Arguments) -> Result<bool, String> {
    let started = Instant::now();
    let folder = arguments.root.join("torture");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let log_path = folder.join("log.jsonl");
    let log = Mutex::new(File::create(&log_path).map_err(|error| error.to_string())?);
    let tell = |round: &Round| {
        if let Ok(mut log) = log.lock() {
            let _ignored = writeln!(log, "{}", round.line());
        }
        let mark = if round.findings.is_empty() { "." } else { "F" };
        eprint!("{mark}");
        for finding in round.findings.iter().take(5) {
            eprintln!(
                "\n{} {} {}: {finding}",
                round.scenario.name(),
                round.database,
                round.number
            );
        }
        if let Some(kept) = &round.kept {
            eprintln!(
                "kept in {kept}; again: --only {} --databases {} --rounds {} --seed {} --round {}",
                round.scenario.name(),
                round.database,
                arguments.rounds,
                round.seed,
                round.number
            );
        }
    };
    let mut all = Vec::new();
    for database in &arguments.databases {
        all.extend(on(*database, arguments, &tell)?);
    }
    println!("\n{}", torture::table(&all));
    let clean = all.iter().all(|round| round.findings.is_empty());
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    println!(
        "{} rounds in {minutes:.1} minutes; log: {}",
        all.len(),
        log_path.display()
    );
    if arguments.only.is_none() {
        let facts = facts(arguments, minutes);
        keep(&arguments.root, &log_path, &torture::page(&all, &facts))
            .map_err(|error| format!("docs/torture.md could not be written: {error}"))?;
    }
    Ok(clean)
}

/// All scenarios on one database.
fn on(
    database: Database,
    arguments: &Arguments,
    tell: &(dyn Fn(&Round) + Sync),
) -> Result<Vec<Round>, String> {
    let Arguments { binary, seed, .. } = *arguments;
    let cluster = match database {
        Database::Sqlite => None,
        Database::Postgres => Some(Cluster::start().map_err(|error| error.to_string())?),
    };
    let server = cluster.as_ref().map(Cluster::url);
    let mut shared = Stages::new(binary, server.as_deref(), SIZE, seed)?;
    shared.time_with(arguments.lanes);
    let mut all = Vec::new();
    for scenario in Scenario::ALL {
        let rounds = scenario.rounds(database, arguments.rounds);
        if rounds == 0 || arguments.only.is_some_and(|only| only != scenario) {
            continue;
        }
        let disk = match scenario {
            Scenario::FullDisk | Scenario::FullServerDisk => match SmallDisk::for_server() {
                Ok(disk) => Some(disk),
                Err(error) => {
                    eprintln!("\nskipped: {}: {error}", scenario.name());
                    continue;
                }
            },
            _ => None,
        };
        if scenario == Scenario::KillMail && !torture::has_mail_server() {
            eprintln!("\nskipped: kill-mail: python3-aiosmtpd is not installed");
            continue;
        }
        let own;
        let mut stages = &shared;
        if scenario.needs_own_server() {
            own = Stages::on_own_server(binary, disk, SIZE, seed)?;
            stages = &own;
        }
        let started = Instant::now();
        if let Some(number) = arguments.round {
            let round = torture::round(stages, scenario, number, rounds, seed);
            tell(&round);
            all.push(round);
            continue;
        }
        all.extend(torture::rounds(
            stages,
            scenario,
            (rounds, arguments.lanes, seed),
            tell,
        ));
        let seconds = started.elapsed().as_secs();
        eprintln!(
            " {} on {database}: {rounds} rounds, {seconds} s",
            scenario.name()
        );
    }
    Ok(all)
}

/// When, where and how large.
fn facts(arguments: &Arguments, minutes: f64) -> Vec<String> {
    let said = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output();
        output.map_or(String::new(), |it| {
            String::from_utf8_lossy(&it.stdout).trim().to_owned()
        })
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    vec![
        format!(
            "{}, {cores} cores, {minutes:.0} minutes",
            said("date", &["-u", "+%F"])
        ),
        format!("system: {}", said("uname", &["-srm"])),
        format!(
            "{} customers, {} invoices; seed {}; {} kills of each command on each database",
            SIZE.customers, SIZE.invoices, arguments.seed, arguments.rounds
        ),
        "every round: [torture-log.jsonl](torture-log.jsonl), one line each".to_owned(),
    ]
}

fn keep(root: &Path, log: &Path, page: &str) -> std::io::Result<()> {
    let copy = root.join("docs/torture-log.jsonl");
    fs::copy(log, &copy)?;
    let is_large = fs::metadata(&copy)?.len() > LOG_BYTES_MAX;
    let mut page = page.to_owned();
    if is_large {
        Command::new("gzip")
            .args(["--force", "--best", "--no-name"])
            .arg(&copy)
            .status()?;
        page = page.replace("torture-log.jsonl", "torture-log.jsonl.gz");
    }
    fs::write(root.join("docs/torture.md"), page)
}
