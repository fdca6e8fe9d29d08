//! The workspace's own commands: `cargo xtask demo`, `test`, `tidy`, `bench`, `screenshots`,
//! `torture` and `lawful`.

mod bench;
mod demo;
mod lawful;
mod process;
mod screenshots;
mod test;
mod tidy;
mod tools;
mod torture;

use std::path::PathBuf;
use std::process::ExitCode;

use cargo_metadata::{Metadata, MetadataCommand};

const USAGE: &str = "\
usage: cargo xtask <command>

  demo [OPTIONS]    build Puntual and live some months of an example company, in ./demo;
                    options are those of `puntual demo`
  test [--install]  every check and every test, on SQLite and PostgreSQL;
                    --install gets what is missing (as root, from the system's packages)
  tidy              what the compiler cannot check: layers, sizes, names, links
  screenshots [WORD…]
                    a picture of every page of the example company, wide and narrow, light and
                    dark, in target/screenshots; words choose routes
  torture [--rounds 100] [--databases sqlite,postgres] [--seed 1] [--only SCENARIO] [--round N]
                    kill, cut and fill at random instants, go on, and audit what is left;
                    writes torture/log.jsonl and docs/torture.md
  lawful [--customers 10000] [--days 30] [--seed 1] [--databases sqlite,postgres] [--only NAME]
                    simulated companies in eight countries live some weeks, and a second reading
                    of the law, which shares no code with the first, looks at what was done
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["demo", typed @ ..] => metadata().and_then(|house| demo::run(&house, typed)),
        ["test"] => metadata().and_then(|house| test::run(&house, false)),
        ["test", "--install"] => metadata().and_then(|house| test::run(&house, true)),
        ["bench", options @ ..] => metadata().and_then(|house| bench::run(&house, options)),
        ["tidy"] => metadata().and_then(|house| tidy::run(&house)),
        ["screenshots", words @ ..] => metadata().and_then(|house| screenshots::run(&house, words)),
        ["lawful", words @ ..] => metadata().and_then(|house| lawful::run(&house, words)),
        ["torture", words @ ..] => metadata().and_then(|house| torture::run(&house, words)),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}{}", bench::USAGE);
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}{}", bench::USAGE);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace as cargo sees it.
fn metadata() -> Result<Metadata, String> {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(["--locked".to_owned()])
        .exec()
        .map_err(|error| format!("cargo metadata could not read the workspace: {error}"))
}

/// The root of the clone that cargo runs us from, in whatever folder the shell stands. What the
/// compiler wrote down comes second: clones that share a target folder share this program.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = here.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    here.parent().unwrap_or(&here).to_owned()
}
