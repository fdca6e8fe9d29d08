//! The programs of a benchmark: Puntual itself, the instruments that measure it, and a PostgreSQL
//! with realistic settings.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::Metadata;
use serde_json::Value;
use testkit::postgres::Cluster;

use super::results::Spent;
use crate::process::{self, cargo, run_quietly};

/// Variables of the surroundings that would change what the program does.
const VARIABLES: [&str; 5] = [
    "PUNTUAL_DB",
    "PUNTUAL_COMPANY",
    "PUNTUAL_CONFIG",
    "PUNTUAL_AUTHOR",
    "PUNTUAL_SMTP_PASSWORD",
];

/// The folder of a benchmark; its process follows.
const FOLDER: &str = "puntual-bench-";

/// Where the rows lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// The word in options and results.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The one of a word.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// What a run of the program took and answered.
pub struct Answer {
    pub spent: Spent,
    pub said: Value,
}

/// The built programs, and a server while one is needed.
pub struct Instruments {
    pub puntual: PathBuf,
    measure: PathBuf,
    /// Everything that is made while measuring lies below it.
    pub folder: PathBuf,
    server: Option<(Cluster, u32)>,
}

impl Instruments {
    /// Builds the programs; starts a server of its own if `engines` ask for it.
    pub fn gather(house: &Metadata, engines: &[Engine]) -> Result<Self, String> {
        build(house)?;
        let programs = house.target_directory.as_std_path().join("release");
        remove_leftovers(&std::env::temp_dir());
        let folder = std::env::temp_dir().join(format!("{FOLDER}{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let server = engines.contains(&Engine::Postgres).then(|| {
            let cluster = Cluster::start_realistic()?;
            let process = cluster.process()?;
            Ok((cluster, process))
        });
        let server: Result<_, std::io::Error> = server.transpose();
        Ok(Self {
            puntual: programs.join("puntual"),
            measure: programs.join("measure"),
            folder,
            server: server.map_err(|error| format!("no PostgreSQL: {error}"))?,
        })
    }

    /// The address of a database of that name.
    pub fn url(&self, engine: Engine, name: &str) -> String {
        match (engine, &self.server) {
            (Engine::Postgres, Some((cluster, _))) => {
                let url = cluster.url();
                let base = url.rsplit_once('/').map_or(url.as_str(), |(base, _)| base);
                format!("{base}/{name}")
            }
            _ => format!(
                "sqlite:{}",
                self.folder.join(format!("{name}.db")).display()
            ),
        }
    }

    /// The server's first process, as an argument of the instruments.
    pub fn server_process(&self, engine: Engine) -> Option<String> {
        let server = self.server.as_ref().filter(|_| engine == Engine::Postgres);
        server.map(|(_, process)| process.to_string())
    }

    /// Uses an instrument.
    pub fn measure(&self, args: &[&str]) -> Result<Value, String> {
        let said = run_quietly(Command::new(&self.measure).args(args))?;
        serde_json::from_str(&said).map_err(|error| format!("measure {}: {error}", args.join(" ")))
    }

    /// Uses an instrument that also looks at the server's time.
    pub fn measure_on(&self, engine: Engine, args: &[&str]) -> Result<Value, String> {
        let process = self.server_process(engine);
        let mut args = args.to_vec();
        args.extend(process.as_deref());
        self.measure(&args)
    }

    /// The program as a user would start it, in a process that measures it.
    pub fn command(&self, url: &str, args: &[&str]) -> Command {
        let mut command = Command::new(&self.measure);
        command.arg("child").arg(&self.puntual).args(args);
        command.args(["--db", url, "--format", "json"]);
        command.current_dir(&self.folder);
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    /// Runs the program to its end; anything but success is an error.
    pub fn puntual(&self, engine: Engine, url: &str, args: &[&str]) -> Result<Answer, String> {
        let server = self.server_time(engine)?;
        let said = run_quietly(&mut self.command(url, args))?;
        let server = (self.server_time(engine)? - server).max(0.0);
        answer(&said, server, args)
    }

    /// Processor seconds of the server so far.
    pub fn server_time(&self, engine: Engine) -> Result<f64, String> {
        match &self.server {
            Some((_, process)) if engine == Engine::Postgres => {
                testkit::processes::processor_time(*process)
                    .map(|time| time.as_secs_f64())
                    .map_err(|error| format!("the server's time is not known: {error}"))
            }
            _ => Ok(0.0),
        }
    }

    /// Waits until what was written before is on disk, so that nobody else pays for it.
    pub fn settle(&self, engine: Engine) -> Result<(), String> {
        if engine == Engine::Postgres {
            self.measure(&["settle", &self.url(engine, "postgres")])?;
        }
        run_quietly(&mut Command::new("sync")).map(drop)
    }
}

/// Folders of benchmarks that were cut short: gigabytes that nobody wants.
fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process = name
            .strip_prefix(FOLDER)
            .and_then(|it| it.parse::<u32>().ok());
        let is_over = process.is_some_and(|it| !Path::new(&format!("/proc/{it}")).exists());
        if is_over && Path::new("/proc/self").exists() {
            drop(std::fs::remove_dir_all(entry.path()));
        }
    }
}

impl Drop for Instruments {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// What the measuring process says of its child.
pub fn answer(said: &str, server: f64, args: &[&str]) -> Result<Answer, String> {
    let said: Value = serde_json::from_str(said)
        .map_err(|error| format!("puntual {}: {error}", args.join(" ")))?;
    if said["code"] != 0 {
        return Err(format!(
            "puntual {} failed: {}",
            args.join(" "),
            said["err"]
        ));
    }
    let number = |name: &str| said[name].as_f64().unwrap_or(0.0);
    Ok(Answer {
        spent: Spent {
            wall: number("wall"),
            own: number("user") + number("system"),
            server,
            peak_kib: said["peak_kib"].as_u64().unwrap_or(0),
            written_bytes: said["written_bytes"].as_u64().unwrap_or(0),
        },
        said: said["out"].clone(),
    })
}

/// Apart, so that the program carries nothing of the instruments.
fn build(house: &Metadata) -> Result<(), String> {
    let root = house.workspace_root.as_std_path();
    eprintln!("building the program and the instruments, optimised");
    process::run(&mut cargo(
        root,
        &["build", "--release", "--locked", "--package", "cli"],
    ))?;
    let instruments = [
        "--package",
        "testkit",
        "--features",
        "floor",
        "--bin",
        "measure",
    ];
    let mut command = cargo(root, &["build", "--release", "--locked"]);
    process::run(command.args(instruments))
}

/// Seconds to build the program from nothing, in a folder of its own.
pub fn build_from_nothing(house: &Metadata, folder: &Path) -> Result<f64, String> {
    let root = house.workspace_root.as_std_path();
    let target = folder.join("from-nothing");
    let mut command = cargo(
        root,
        &["build", "--release", "--locked", "--package", "cli"],
    );
    command.env("CARGO_TARGET_DIR", &target);
    let start = std::time::Instant::now();
    process::run(&mut command)?;
    let seconds = start.elapsed().as_secs_f64();
    drop(std::fs::remove_dir_all(&target));
    Ok(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_benchmark_left_behind_is_removed() {
        let folder = std::env::temp_dir().join(format!("leftovers-{}", std::process::id()));
        let ours = format!("{FOLDER}{}", std::process::id());
        // Above the greatest number of a process.
        let over = format!("{FOLDER}4194305");
        for name in [
            ours.as_str(),
            over.as_str(),
            "puntual-bench-x",
            "other-4194305",
        ] {
            std::fs::create_dir_all(folder.join(name)).expect("a folder");
        }
        remove_leftovers(&folder);
        let there = |name: &str| folder.join(name).exists();
        assert!(there(&ours) && there("puntual-bench-x") && there("other-4194305"));
        assert!(!there(&over) || !Path::new("/proc/self").exists());
        std::fs::remove_dir_all(&folder).expect("clean up");
    }

    #[test]
    fn only_success_is_an_answer() {
        let said = r#"{"wall": 2.0, "user": 1.0, "system": 0.5, "peak_kib": 10, "code": 0,
            "written_bytes": 512, "out": {"sent": 3}, "err": ""}"#;
        let answer_of = |said: &str| answer(said, 0.25, &["run"]);
        let good = answer_of(said).expect("a success");
        assert_eq!(good.spent.processor(), 1.75);
        assert_eq!((good.spent.wall, good.spent.peak_kib), (2.0, 10));
        assert_eq!(good.said["sent"], 3);
        for bad in [
            said.replace("\"code\": 0", "\"code\": 3"),
            "not JSON".to_owned(),
        ] {
            assert!(answer_of(&bad).is_err(), "{bad}");
        }
    }
}
