//! `measure`: the instruments of `cargo xtask bench`. Each call does one thing and answers with
//! one line of JSON.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use store::floor::{self, Cost, Question, Stopwatch, Written};
use testkit::pages::Site;
use testkit::portfolio::Portfolio;
use testkit::{measured_database, processes};

const USAGE: &str = "\
usage: measure <what>
  child PROGRAM ARGUMENT…            runs one program and says what it took
  portfolio FOLDER CUSTOMERS INVOICES DAY
  database make|drop URL             an empty place for a database, or none
  database copy URL FROM
  settle URL                         what is written is on disk
  mark URL                           a point to follow from
  follow URL MIRROR MARK SPOOL [PROCESS]
                                     writes into MIRROR what changed since, timed
  read URL run|ageing|kpi DAY [PROCESS]
  pages PROGRAM URL NOW PORTFOLIO LETTERS [PROCESS]
                                     serves the database and asks for its pages
  files FROM TO                      writes and syncs the files of a folder anew, timed
  keep-due URL CONTACTS              at most so many planned contacts stay due
  end-day URL                        the others count as sent
  counts URL                         rows per table
PROCESS is the database server's first process, whose time then counts too.";

/// Seed of every portfolio.
const SEED: u64 = 42;

/// Bytes of the kernel's block of accounting.
const BLOCK_BYTES: i64 = 512;

type Answer = Result<Value, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match answer(&args) {
        Ok(value) => {
            println!("{value}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(args: &[&str]) -> Answer {
    match args {
        ["child", program, arguments @ ..] => child(program, arguments),
        ["portfolio", folder, customers, invoices, day] => {
            let day = day.parse()?;
            let portfolio = Portfolio::generate(SEED, customers.parse()?, invoices.parse()?, day);
            fs::create_dir_all(folder)?;
            portfolio.write(Path::new(folder))?;
            Ok(json!({
                "customers": portfolio.customers.len(),
                "documents": portfolio.items.len(),
                "payments": portfolio.prior.len(),
            }))
        }
        ["pages", program, url, now, portfolio, letters, process @ ..] => {
            Ok(testkit::pages::measure(Site {
                program: Path::new(program),
                url,
                now,
                portfolio: Path::new(portfolio),
                letters: Path::new(letters),
                server: process.first().map(|it| it.parse()).transpose()?,
            })?)
        }
        ["files", from, to] => files(Path::new(from), Path::new(to)),
        _ => tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?
            .block_on(databases(args)),
    }
}

async fn databases(args: &[&str]) -> Answer {
    match args {
        ["database", "make", url] => {
            measured_database::make(url, None).await?;
            Ok(Value::Null)
        }
        ["database", "copy", url, from] => {
            measured_database::make(url, Some(from)).await?;
            Ok(Value::Null)
        }
        ["database", "drop", url] => {
            measured_database::remove(url).await?;
            Ok(Value::Null)
        }
        ["settle", url] => {
            measured_database::settle(url).await?;
            Ok(Value::Null)
        }
        ["mark", url] => Ok(json!({ "mark": floor::mark(url).await? })),
        ["follow", url, mirror, mark, spool, process @ ..] => {
            let clock = clock(process)?;
            let mut watch = Stopwatch::new(&clock);
            let spool = PathBuf::from(spool);
            let written = floor::follow(url, mirror, mark.parse()?, &spool, &mut watch).await?;
            Ok(with_cost(
                watch.spent(),
                json!({ "tables": tables(&written) }),
            ))
        }
        ["read", url, what, day, process @ ..] => {
            let question = match *what {
                "run" => Question::Run,
                "ageing" => Question::Ageing,
                "kpi" => Question::Kpi,
                _ => return Err(USAGE.into()),
            };
            let fetched = floor::read(url, question, day.parse()?, &clock(process)?).await?;
            let more = json!({ "rows": fetched.rows, "how": fetched.how });
            Ok(with_cost(fetched.cost, more))
        }
        ["keep-due", url, most] => {
            let moved = floor::keep_due(url, most.parse()?).await?;
            Ok(json!({ "moved": moved }))
        }
        ["end-day", url] => Ok(json!({ "sent": floor::end_day(url).await? })),
        ["counts", url] => {
            let counts = floor::counts(url).await?;
            Ok(Value::Object(
                counts
                    .into_iter()
                    .map(|(table, rows)| (table, rows.into()))
                    .collect(),
            ))
        }
        _ => Err(USAGE.into()),
    }
}

fn tables(written: &[Written]) -> Value {
    written
        .iter()
        .map(|it| json!([it.table, it.inserted, it.updated]))
        .collect()
}

fn with_cost(cost: Cost, mut more: Value) -> Value {
    more["wall"] = cost.wall.as_secs_f64().into();
    more["own"] = cost.own.as_secs_f64().into();
    more["server"] = cost.server.as_secs_f64().into();
    more
}

/// Time passed, ours, and that of the server if there is one.
fn clock(process: &[&str]) -> Result<impl Fn() -> Cost + use<>, std::num::ParseIntError> {
    let process: Option<u32> = process.first().map(|it| it.parse()).transpose()?;
    let start = Instant::now();
    Ok(move || Cost {
        wall: start.elapsed(),
        own: clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)
            .map_or(Duration::ZERO, Duration::from),
        server: process
            .and_then(|it| processes::processor_time(it).ok())
            .unwrap_or_default(),
    })
}

/// Exactly one child, so that the greatest memory of all our children is its own.
fn child(program: &str, arguments: &[&str]) -> Answer {
    let start = Instant::now();
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    let wall = start.elapsed();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| {
        Duration::from_micros(time.num_microseconds().unsigned_abs()).as_secs_f64()
    };
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    Ok(json!({
        "wall": wall.as_secs_f64(),
        "user": seconds(usage.user_time()),
        "system": seconds(usage.system_time()),
        "peak_kib": usage.max_rss(),
        "written_bytes": usage.block_writes() * BLOCK_BYTES,
        "code": output.status.code(),
        "out": serde_json::from_str(&out).unwrap_or(Value::String(out.into_owned())),
        "err": err,
    }))
}

/// As the outbox leaves them: beside their place, synced, renamed, and the folder synced.
fn files(from: &Path, to: &Path) -> Answer {
    let mut letters = Vec::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        letters.push((entry.file_name(), fs::read(entry.path())?));
    }
    fs::create_dir_all(to)?;
    let clock = clock(&[])?;
    let start = clock();
    for (name, bytes) in &letters {
        let part = to.join(".part");
        write_synced(&part, bytes)?;
        fs::rename(&part, to.join(name))?;
        File::open(to)?.sync_all()?;
    }
    let end = clock();
    let cost = Cost {
        wall: end.wall.saturating_sub(start.wall),
        own: end.own.saturating_sub(start.own),
        server: Duration::ZERO,
    };
    let bytes: usize = letters.iter().map(|(_, bytes)| bytes.len()).sum();
    Ok(with_cost(
        cost,
        json!({ "files": letters.len(), "bytes": bytes }),
    ))
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
