//! Several processes of the program on one PostgreSQL at once: does the work grow with them?

use std::process::{Child, Stdio};
use std::time::Instant;

use super::course::{Size, portfolio};
use super::instruments::{Engine, Instruments, answer};
use super::results::Together;

/// How many processes at once.
const PROCESSES: [u64; 3] = [1, 2, 4];
/// Larger portfolios only take longer to set up.
const DOCUMENTS_MAX: u64 = 100_000;
/// The day of the run.
const DAY: &str = "2026-11-02";

/// What each process is asked to do, the company's name after it.
const COMMAND: [&str; 4] = ["run", "--as-of", DAY, "--company"];

/// Runs over one company shared by all processes, and over a company for each.
pub fn measure(tools: &Instruments, sizes: &[Size]) -> Result<Vec<Together>, String> {
    let size = sizes.iter().filter(|it| it.documents <= DOCUMENTS_MAX);
    let Some(&size) = size.max_by_key(|it| it.documents) else {
        return Ok(Vec::new());
    };
    let base = tools.url(Engine::Postgres, "base");
    fill(tools, &base, size)?;
    let mut all = Vec::new();
    for shared in [true, false] {
        for processes in PROCESSES {
            let live = tools.url(Engine::Postgres, "together");
            tools.measure(&["database", "copy", &live, &base])?;
            tools.settle(Engine::Postgres)?;
            let companies: Vec<String> = (1..=processes)
                .map(|number| company(if shared { 1 } else { number }))
                .collect();
            let one = at_once(tools, &live, &companies)?;
            let work = if shared {
                "a run of one company"
            } else {
                "a run of a company each"
            };
            let one = Together {
                work: work.to_owned(),
                documents: size.documents * if shared { 1 } else { processes },
                processes,
                ..one
            };
            eprintln!("{work}, {processes} at once: {:.2} s", one.wall);
            all.push(one);
            tools.measure(&["database", "drop", &live])?;
        }
    }
    tools.measure(&["database", "drop", &base])?;
    Ok(all)
}

fn company(number: u64) -> String {
    format!("empresa-{number}")
}

/// As many companies as there will be processes, each with the whole portfolio.
fn fill(tools: &Instruments, base: &str, size: Size) -> Result<(), String> {
    let files = portfolio(tools, size)?;
    let file = |name: &str| files.join(name).to_string_lossy().into_owned();
    let files = ["customers.csv", "invoices.csv", "prior_payments.csv"].map(file);
    tools.measure(&["database", "make", base])?;
    for number in 1..=PROCESSES.into_iter().max().unwrap_or(1) {
        let company = company(number);
        let add = [
            "company",
            "add",
            &company,
            "--country",
            "GB",
            "--currency",
            "EUR",
        ];
        tools.puntual(Engine::Postgres, base, &add)?;
        let mut import = vec!["import", "--company", &company];
        import.extend(files.iter().map(String::as_str));
        tools.puntual(Engine::Postgres, base, &import)?;
    }
    Ok(())
}

/// Starts a process for each company and waits for all.
fn at_once(tools: &Instruments, url: &str, companies: &[String]) -> Result<Together, String> {
    let before = tools.server_time(Engine::Postgres)?;
    let start = Instant::now();
    let failed = |error: std::io::Error| format!("the program did not start: {error}");
    let started: Result<Vec<Child>, String> = companies
        .iter()
        .map(|company| {
            let mut args = COMMAND.to_vec();
            args.push(company);
            let mut command = tools.command(url, &args);
            command.stdout(Stdio::piped()).spawn().map_err(failed)
        })
        .collect();
    let (mut own, mut decided) = (0.0, 0);
    for child in started? {
        let output = child.wait_with_output().map_err(failed)?;
        let said = String::from_utf8_lossy(&output.stdout);
        let answer = answer(&said, 0.0, &COMMAND)?;
        own += answer.spent.own;
        decided += answer.said["customers"].as_u64().unwrap_or(0);
    }
    let wall = start.elapsed().as_secs_f64();
    let server = tools.server_time(Engine::Postgres)? - before;
    Ok(Together {
        wall,
        own,
        server,
        decided,
        ..Together::default()
    })
}
