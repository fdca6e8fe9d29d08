//! `cargo xtask test`: every check and every test, with a short summary at the end.

use std::process::Command;
use std::time::Instant;

use cargo_metadata::Metadata;

use testkit::postgres::{ADDRESS_VARIABLE, Cluster, REQUIRE_ALL_VARIABLE};

use crate::process::{self, cargo};
use crate::tidy;
use crate::tools::{self, Tools};

/// The instruments of benchmarks are no part of the program, and are tested all the same.
const WITH_FLOOR: &[&str] = &["--features", "testkit/floor"];

enum Outcome {
    Ok,
    Failed(String),
    Skipped(String),
}

struct Step {
    name: &'static str,
    outcome: Outcome,
    seconds: u64,
}

/// The run so far: its steps, and what the test runner said it ran.
struct Run<'a> {
    house: &'a Metadata,
    strict: bool,
    steps: Vec<Step>,
    tally: Tally,
}

/// Runs all steps; an error says which failed.
///
/// A build that fails ends the run, since the later steps would repeat its errors; otherwise all
/// steps run. In CI (`CI` is set) what is missing is installed, and a skipped step is a failure.
pub fn run(house: &Metadata, install: bool) -> Result<(), String> {
    let strict = std::env::var_os("CI").is_some();
    let mut this = Run {
        house,
        strict,
        steps: Vec::new(),
        tally: Tally::default(),
    };
    this.all(install || strict);
    this.summary()
}

impl Run<'_> {
    fn all(&mut self, install: bool) {
        self.cargo("format", &["fmt", "--all", "--check"]);
        self.step("tidy", |run| tidy::run(run.house).into());
        let started = Instant::now();
        let tools = tools::gather(self.house, install);
        self.steps.push(Step {
            name: "tools",
            outcome: Outcome::Ok,
            seconds: started.elapsed().as_secs(),
        });
        let build: &[&str] = if tools.nextest {
            &["nextest", "run", "--workspace", "--no-run", "--locked"]
        } else {
            &["test", "--workspace", "--tests", "--no-run", "--locked"]
        };
        let build = [build, WITH_FLOOR].concat();
        if !self.cargo("build", &build) {
            return;
        }
        let clippy = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            WITH_FLOOR[0],
            WITH_FLOOR[1],
            "--",
            "-D",
            "warnings",
        ];
        self.cargo("clippy", &clippy);
        self.deny(&tools);
        self.tests(&tools);
    }

    /// Licences, banned crates and sources, as `deny.toml` says.
    fn deny(&mut self, tools: &Tools) {
        let program = tools.deny.clone();
        self.step("dependencies", |run| match program {
            Err(reason) => Outcome::Skipped(reason),
            Ok(program) => {
                let mut command = Command::new(program);
                command.current_dir(&run.house.workspace_root);
                command.args(["--workspace", "--locked", "check", "--hide-inclusion-graph"]);
                command.args(["bans", "licenses", "sources"]);
                run_command(&mut command)
            }
        });
    }

    fn tests(&mut self, tools: &Tools) {
        let mut cluster = None;
        let mut url = std::env::var(ADDRESS_VARIABLE).ok();
        let programs = tools.postgres.clone();
        self.step("postgresql", |_| match (&url, programs) {
            (Some(_), _) => Outcome::Ok,
            (None, Err(reason)) => Outcome::Skipped(reason),
            (None, Ok(())) => Cluster::start()
                .map(|it| cluster = Some(it))
                .map_err(|error| error.to_string())
                .into(),
        });
        let mail = tools.mail.clone();
        self.step("mail server", |_| {
            mail.map_or_else(Outcome::Skipped, |()| Outcome::Ok)
        });
        let browser = tools.browser.clone();
        self.step("browser", |_| {
            browser.map_or_else(Outcome::Skipped, |()| Outcome::Ok)
        });
        url = url.or_else(|| cluster.as_ref().map(Cluster::url));

        let args: &[&str] = if tools.nextest {
            &[
                "nextest",
                "run",
                "--workspace",
                "--no-fail-fast",
                "--locked",
            ]
        } else {
            eprintln!("cargo-nextest is not installed: cargo test runs the same tests");
            &[
                "test",
                "--workspace",
                "--tests",
                "--no-fail-fast",
                "--locked",
            ]
        };
        let args = [args, WITH_FLOOR].concat();
        self.step("tests", |run| run.watched(&args, url.as_deref()));
        let doc = [&["test", "--workspace", "--doc", "--locked"], WITH_FLOOR].concat();
        self.step("doc tests", |run| run.watched(&doc, url.as_deref()));
    }

    fn watched(&mut self, args: &[&str], postgres: Option<&str>) -> Outcome {
        let mut command = cargo(self.house.workspace_root.as_std_path(), args);
        if let Some(url) = postgres {
            command.env(ADDRESS_VARIABLE, url);
        }
        if self.strict {
            command.env(REQUIRE_ALL_VARIABLE, "1");
        }
        // The tally is read from plain words.
        command.env("CARGO_TERM_COLOR", "never");
        let tally = &mut self.tally;
        process::run_watched(&mut command, &mut |line| {
            if args.first() == Some(&"nextest") {
                tally.see_nextest(line);
            } else {
                tally.see_cargo_test(line);
            }
        })
        .into()
    }

    fn cargo(&mut self, name: &'static str, args: &[&str]) -> bool {
        let root = self.house.workspace_root.as_std_path();
        self.step(name, |_| run_command(&mut cargo(root, args)))
    }

    fn step(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Outcome) -> bool {
        eprintln!("── {name}");
        let started = Instant::now();
        let outcome = work(self);
        let seconds = started.elapsed().as_secs();
        let good = matches!(outcome, Outcome::Ok);
        self.steps.push(Step {
            name,
            outcome,
            seconds,
        });
        good
    }

    fn summary(&self) -> Result<(), String> {
        eprintln!();
        let mut bad = Vec::new();
        for step in &self.steps {
            let (word, why) = match &step.outcome {
                Outcome::Ok => ("ok", ""),
                Outcome::Failed(why) => ("FAILED", why.as_str()),
                Outcome::Skipped(why) => ("skipped", why.as_str()),
            };
            let why = why.lines().next().unwrap_or_default();
            eprintln!("{:<14}{word:<9}{:>5} s  {why}", step.name, step.seconds);
            let skip_fails = self.strict && matches!(step.outcome, Outcome::Skipped(_));
            if skip_fails || matches!(step.outcome, Outcome::Failed(_)) {
                bad.push(step.name);
            }
        }
        let Tally { passed, failed } = self.tally;
        eprintln!(
            "{} tests run: {passed} passed, {failed} failed",
            passed + failed
        );
        if bad.is_empty() {
            Ok(())
        } else {
            Err(format!("failed: {}", bad.join(", ")))
        }
    }
}

fn run_command(command: &mut Command) -> Outcome {
    process::run(command).into()
}

impl From<Result<(), String>> for Outcome {
    fn from(result: Result<(), String>) -> Self {
        result.map_or_else(Self::Failed, |()| Self::Ok)
    }
}

/// How many tests ran, read from what the runners print.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
}

impl Tally {
    /// Counts `Summary [   1.2s] 5 tests run: 3 passed, 2 failed, 1 skipped`, nextest's last line;
    /// above it stands what each failing test's binary said of itself.
    fn see_nextest(&mut self, line: &str) {
        let counts = line
            .split_once("Summary [")
            .and_then(|(_, rest)| rest.split_once(" run: "));
        if let Some((_, counts)) = counts {
            self.passed += count_before(counts, "passed");
            self.failed += count_before(counts, "failed") + count_before(counts, "timed");
        }
    }

    /// Counts `test result: ok. 3 passed; 0 failed; …`, which cargo test prints for each binary.
    fn see_cargo_test(&mut self, line: &str) {
        if let Some(counts) = line.strip_prefix("test result: ") {
            self.passed += count_before(counts, "passed");
            self.failed += count_before(counts, "failed");
        }
    }
}

fn count_before(text: &str, word: &str) -> u64 {
    let words: Vec<&str> = text
        .split([' ', ',', ';'])
        .filter(|word| !word.is_empty())
        .collect();
    let found = words.windows(2).find(|pair| pair[1] == word);
    found.and_then(|pair| pair[0].parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tally_adds_what_both_runners_print() {
        let nextest = [
            "test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 6 filtered out",
            "     Summary [   0.019s] 7 tests run: 4 passed, 2 failed, 1 timed out, 3 skipped",
        ];
        let cargo_test = [
            "running 12 tests",
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
            "a test said it has run: 99 passed",
        ];
        let mut tally = Tally::default();
        nextest.iter().for_each(|line| tally.see_nextest(line));
        assert_eq!(
            tally,
            Tally {
                passed: 4,
                failed: 3
            }
        );
        cargo_test
            .iter()
            .for_each(|line| tally.see_cargo_test(line));
        assert_eq!(
            tally,
            Tally {
                passed: 17,
                failed: 4
            }
        );
    }

    #[test]
    fn a_skip_fails_only_where_everything_is_required() {
        let house = crate::metadata().expect("the workspace");
        let skipped = |strict| Run {
            house: &house,
            strict,
            steps: vec![Step {
                name: "postgresql",
                outcome: Outcome::Skipped("none here".to_owned()),
                seconds: 0,
            }],
            tally: Tally::default(),
        };
        assert_eq!(skipped(false).summary(), Ok(()));
        assert_eq!(
            skipped(true).summary(),
            Err("failed: postgresql".to_owned())
        );
    }
}
