//! `puntual demo`: a company that does not exist, whose customers live on for some months under the
//! real engine: files in, a run every morning, messages to a folder, and what comes back.

mod acts;
mod build;
mod live;
mod serve;
mod story;
mod tally;
mod tell;
mod truth;

use std::path::{Path, PathBuf};
use std::time::Instant;

use domain::Currency;
use engine::effects::{Clock, SystemClock};
use jiff::ToSpan;
use jiff::civil::Date;
use language::figures::Style;
use serde::{Serialize, Serializer};
use simulator::{Company as Planted, Kind, Life, Model, Spec};
use store::{Db, companies};

use self::story::{Span, Story};
use self::tally::Week;
use self::truth::{Found, Month};
use crate::args::DemoArgs;
use crate::failure::Failure;
use crate::session::Session;

/// The database when nobody names one.
const DB: &str = "sqlite:puntual-demo.db";

/// The folder of messages.
const OUTBOX: &str = "puntual-demo-outbox";

/// The short name of the company; a database that holds it alone is the demo's own.
pub const NAME: &str = "demo";

/// Makes the company, lives its months, tells them, and opens its console.
pub async fn demo(session: &Session, args: &DemoArgs) -> Result<(), Failure> {
    if args.no_serve {
        let db = live_and_tell(session, args, None).await?;
        db.close().await;
        return Ok(());
    }
    serve::serve(session, args).await
}

/// Where the example lives.
fn place(session: &Session) -> (&str, PathBuf) {
    let url = session.global.db.as_deref().unwrap_or(DB);
    let outbox = session.config.outbox.clone();
    (url, outbox.unwrap_or_else(|| PathBuf::from(OUTBOX)))
}

/// Makes the company, lives its months and tells them. With an address its messages bear links to
/// each customer's page there.
async fn live_and_tell(
    session: &Session,
    args: &DemoArgs,
    address: Option<&str>,
) -> Result<Db, Failure> {
    let start = Instant::now();
    let (url, outbox) = place(session);
    let db = empty(url, args.fresh, &outbox).await?;
    let planted = Planted::new(spec(session, args)?);
    let until = planted.spec().until;
    let from = first_day(until, args.months);
    let mut life = Life::begin(&planted, from);
    let place = (outbox.clone(), address);
    let built = build::build(&db, &planted, &life, (from, args.seed), place).await?;
    eprintln!(
        "{}: {} clientes. Se viven los días del {from} al {until}.",
        planted.profile().legal_name,
        planted.count()
    );
    let lived = live::live(built, &mut life, (from, until)).await?;
    let span = Span { from, until };
    let (engine, company) = (&lived.built.engine, &lived.built.company);
    let told = Told {
        company: planted.profile().legal_name,
        language: planted.profile().language,
        currency: planted.profile().currency,
        kind: planted.spec().kind.code(),
        seed: args.seed,
        customers: planted.count(),
        from,
        until,
        weeks: lived.tally.weeks(),
        stories: story::stories(engine, company, span).await?,
        months: truth::months(engine, company, span).await?,
        truth: truth::compare(engine, company, &planted, span).await?,
        outbox: outbox.display().to_string(),
        db: url.to_owned(),
        seconds: (start.elapsed().as_secs_f64() * 10.0).round() / 10.0,
    };
    let rows = || tell::weeks(&told.weeks, Style::of(told.language), told.currency);
    session.output.answer(&told, || tell::text(&told), rows)?;
    Ok(db)
}

/// What is told of a life.
#[derive(Serialize)]
pub struct Told {
    company: &'static str,
    #[serde(skip)]
    language: &'static str,
    #[serde(serialize_with = "code")]
    currency: Currency,
    kind: &'static str,
    seed: u64,
    customers: u32,
    from: Date,
    until: Date,
    weeks: Vec<Week>,
    stories: Vec<Story>,
    months: Vec<Month>,
    truth: Found,
    outbox: String,
    #[serde(skip)]
    db: String,
    seconds: f64,
}

fn code<S: Serializer>(currency: &Currency, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(currency.code())
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
