//! `puntual demo`: a company that does not exist, whose customers live on for some months under the
//! real engine: files in, a run every morning, messages to a folder, and what comes back.

mod acts;
mod build;
mod live;
mod tally;

use std::path::{Path, PathBuf};
use std::time::Instant;

use engine::effects::Clock;
use engine::effects::SystemClock;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;
use simulator::{Company as Planted, Kind, Life, Model, Spec};
use store::{Db, companies};

use crate::args::DemoArgs;
use crate::failure::Failure;
use crate::session::Session;

/// The database when nobody names one.
const DB: &str = "sqlite:puntual-demo.db";

/// The folder of messages.
const OUTBOX: &str = "puntual-demo-outbox";

/// The short name of the company; a database that holds it alone is the demo's own.
pub const NAME: &str = "demo";

/// Makes the company, lives its months and tells them.
pub async fn demo(session: &Session, args: &DemoArgs) -> Result<(), Failure> {
    let start = Instant::now();
    let url = session.global.db.as_deref().unwrap_or(DB);
    let outbox = session.config.outbox.clone();
    let outbox = outbox.unwrap_or_else(|| PathBuf::from(OUTBOX));
    let db = empty(url, args.fresh, &outbox).await?;
    let planted = Planted::new(spec(session, args)?);
    let until = planted.spec().until;
    let from = first_day(until, args.months);
    let mut life = Life::begin(&planted, from);
    let built = build::build(&db, &planted, &life, (from, args.seed), outbox).await?;
    eprintln!(
        "{}: {} clientes. Se viven los días del {from} al {until}.",
        planted.profile().legal_name,
        planted.count()
    );
    let lived = live::live(built, &mut life, (from, until)).await?;
    let seconds = start.elapsed().as_secs_f64();
    let body = json!({
        "company": planted.profile().legal_name,
        "from": from.to_string(),
        "until": until.to_string(),
        "weeks": lived.weeks(),
        "seconds": (seconds * 10.0).round() / 10.0,
    });
    session
        .output
        .answer(&body, || body.to_string(), crate::output::Rows::default)
}

fn spec(session: &Session, args: &DemoArgs) -> Result<Spec, Failure> {
    let kind = args.kind.kind();
    Ok(Spec {
        kind,
        seed: args.seed,
        documents: args.documents,
        until: last_day(session, kind)?,
        model: Model::embedded(),
    })
}

/// The last day lived: the one asked for, else yesterday, the last one that is over.
fn last_day(session: &Session, kind: Kind) -> Result<Date, Failure> {
    if let Some(day) = session.global.as_of {
        return Ok(day);
    }
    let zone = match kind {
        Kind::Distributor => "America/Mexico_City",
        Kind::Services => "America/Santiago",
        Kind::Lender => "America/Bogota",
    };
    let zone = domain::calendar::zone(zone).ok_or_else(|| Failure::new("sin zona horaria"))?;
    let now = session.global.now.unwrap_or_else(|| SystemClock.now());
    domain::calendar::local(now, &zone)
        .date()
        .yesterday()
        .map_err(Failure::new)
}

/// The first day lived, so many months before the last.
fn first_day(until: Date, months: u8) -> Date {
    let day_after = until.saturating_add(1.day());
    day_after.saturating_sub(i32::from(months).months())
}

/// A database with nothing in it. With `fresh`, the demo's own file is made anew; a database with
/// anything else is never touched.
async fn empty(url: &str, fresh: bool, outbox: &Path) -> Result<Db, Failure> {
    let db = Db::open(url).await?;
    let names: Vec<String> = companies::all(&db)
        .await?
        .into_iter()
        .map(|company| company.name)
        .collect();
    let own = names == [NAME];
    if names.is_empty() {
        return Ok(db);
    }
    db.close().await;
    let file = url.strip_prefix("sqlite:");
    let file = file.map(|file| file.strip_prefix("//").unwrap_or(file));
    match file {
        Some(file) if own && fresh => {
            for end in ["", "-wal", "-shm"] {
                remove(std::fs::remove_file(format!("{file}{end}")))?;
            }
            remove_messages(outbox)?;
            Ok(Db::open(url).await?)
        }
        Some(file) if own => Err(Failure::new(format!(
            "{file} ya tiene la empresa de ejemplo: véala con --db {url}, o hágala de nuevo con \
             --fresh"
        ))),
        _ if own => Err(Failure::new(
            "esa base de datos ya tiene la empresa de ejemplo: nombre otra vacía con --db",
        )),
        _ => Err(Failure::new(format!(
            "esa base de datos tiene otra empresa ({}) y la de ejemplo no se mezcla con ninguna: \
             nombre otra vacía con --db",
            names.join(", ")
        ))),
    }
}

/// Takes the messages of an earlier life away, and nothing else that may lie in the folder.
fn remove_messages(outbox: &Path) -> Result<(), Failure> {
    let Ok(files) = std::fs::read_dir(outbox) else {
        return Ok(());
    };
    for file in files {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            remove(std::fs::remove_file(path))?;
        }
    }
    Ok(())
}

fn remove(done: std::io::Result<()>) -> Result<(), Failure> {
    match done {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
