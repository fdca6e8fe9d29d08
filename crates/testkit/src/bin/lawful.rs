//! `cargo xtask lawful`: simulated companies in eight countries live some weeks on both databases,
//! and a second reading of the law looks at what was done.

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Instant;

use testkit::TestDb;
use testkit::checker::{Book, Reading, spoil, table};
use testkit::lawful::{Checked, MEMBERS, Size};

const USAGE: &str = "\
usage: lawful [--customers 10000] [--days 30] [--seed 1] [--databases sqlite,postgres]
              [--only COMPANY]";

struct Arguments {
    size: Size,
    databases: Vec<String>,
    only: Option<String>,
}

fn main() -> ExitCode {
    match arguments().map(|it| run(&it)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(what) => {
            eprintln!("{what}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn arguments() -> Result<Arguments, String> {
    let mut customers = 10_000;
    let mut read = Arguments {
        size: Size {
            customers: 0,
            days: 30,
            seed: 1,
        },
        databases: vec!["sqlite".to_owned(), "postgres".to_owned()],
        only: None,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().ok_or("a word is missing")?;
        let number = || {
            value
                .parse::<u32>()
                .map_err(|_| format!("no number: {value}"))
        };
        match word.as_str() {
            "--customers" => customers = number()?,
            "--days" => read.size.days = u16::try_from(number()?).map_err(|it| it.to_string())?,
            "--seed" => read.size.seed = u64::from(number()?),
            "--databases" => read.databases = value.split(',').map(str::to_owned).collect(),
            "--only" => read.only = Some(value),
            _ => return Err(format!("{word} is unknown")),
        }
    }
    let companies = u32::try_from(MEMBERS.len()).unwrap_or(1);
    read.size.customers = customers.div_ceil(companies);
    Ok(read)
}

/// Whether nothing unlawful was found, and everything spoilt was.
fn run(arguments: &Arguments) -> bool {
    let clean = Mutex::new(true);
    for database in &arguments.databases {
        let live = async |test: &TestDb| {
            if !all(arguments, database, test).await {
                *clean.lock().expect("nobody panics with it") = false;
            }
        };
        match database.as_str() {
            "sqlite" => testkit::run_on_sqlite(live),
            _ => testkit::run_on_postgres(live),
        }
    }
    clean.into_inner().expect("nobody panics with it")
}

async fn all(arguments: &Arguments, database: &str, test: &TestDb) -> bool {
    let (mut book, mut sum) = (Book::default(), Reading::default());
    let (mut customers, mut tries, mut refused, mut wrongly) = (0, 0, 0, 0);
    let mut spoilt: Vec<(String, bool)> = Vec::new();
    let wanted = |name: &str| arguments.only.as_deref().is_none_or(|only| only == name);
    for member in MEMBERS.iter().filter(|it| wanted(it.name)) {
        let start = Instant::now();
        let lived = member.live(test, arguments.size).await;
        let checked: Checked = lived.check();
        eprintln!(
            "{database} {}: {} customers, {} contacts, {} of {} tries refused, {} faults, {:.0} s",
            member.name,
            checked.truths.len(),
            checked.book.made.len(),
            checked.refused,
            lived.tries.len(),
            checked.reading.faults.len(),
            start.elapsed().as_secs_f64()
        );
        for fault in checked.reading.faults.iter().take(3) {
            eprintln!("  {fault:?}");
        }
        for it in checked.refused_wrongly.iter().take(3) {
            eprintln!("  refused for nothing: {it:?}");
        }
        spoilt.extend(spoil::all(&checked.truths, &lived.lines));
        customers += checked.truths.len();
        tries += lived.tries.len();
        refused += checked.refused;
        wrongly += checked.refused_wrongly.len();
        book.waiting += checked.book.waiting;
        book.suppressed.extend(checked.book.suppressed);
        sum.add(checked.reading);
    }
    println!(
        "{database}: {customers} customers, {} days",
        arguments.size.days
    );
    print!("{}", table(&book, &sum));
    println!("calls, visits and letters tried: {tries}, refused {refused}, {wrongly} for nothing");
    let missed = spoilt.iter().filter(|(_, is_found)| !is_found).count();
    println!("lines spoilt: {}, not found {missed}", spoilt.len());
    sum.faults.is_empty() && wrongly == 0 && missed == 0
}
