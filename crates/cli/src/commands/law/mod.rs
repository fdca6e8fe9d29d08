//! `puntual law`: questions to the law, the packs in force, and how they change.

mod changes;
mod check;

use std::path::Path;
use std::process::ExitCode;

use domain::law::is_own;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::args::LawCommand;
use crate::failure::{FAILED, Failure};
use crate::output::{self, Rows};
use crate::session::Session;

/// Asks, lists, tries or changes the law.
pub async fn law(session: &Session, command: LawCommand) -> Result<ExitCode, Failure> {
    match command {
        LawCommand::Check { file } => {
            return check::check(session.law()?.packs(), file.as_deref());
        }
        LawCommand::Packs => packs(session).await?,
        LawCommand::Test { files } => return test(session, &files),
        LawCommand::Diff { file, from, all } => changes::diff(session, &file, from, all).await?,
        LawCommand::Load { file, from } => load(session, &file, from).await?,
        LawCommand::Tighten { file } => tighten(session, &file).await?,
        LawCommand::Tightenings => tightenings(session).await?,
        LawCommand::Withdraw { name } => {
            let engine = session.engine().await?;
            let company = session.company(&engine).await?;
            engine
                .end_tightening(&company, &name, &session.author())
                .await?;
            let text = || format!("Retirada: «{name}».\n");
            let body = json!({ "name": name });
            session
                .output
                .answer(&body, text, || one_row("regla", &name))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A regime as it is listed.
#[derive(Serialize)]
struct Listed<'a> {
    country: &'a str,
    subdivisions: &'a [String],
    regime: &'a str,
    file: &'a str,
    version: &'a str,
    origin: &'static str,
    effective_from: String,
    effective_to: Option<String>,
    tier: &'static str,
    binding: &'static str,
    article: &'a str,
    as_of: Option<String>,
    review_by: Option<String>,
    hash: &'a str,
}

async fn packs(session: &Session) -> Result<(), Failure> {
    let shelf = if session.has_database() {
        let engine = session.engine().await?;
        let day = session
            .global
            .as_of
            .unwrap_or_else(|| everywhere(engine.now()));
        engine.law_on(day).await?
    } else {
        session.law()?
    };
    let packs = shelf.packs();
    let mut listed: Vec<Listed<'_>> = Vec::new();
    for regime in packs.regimes() {
        let file = packs.files().iter().find(|file| file.name == regime.file);
        listed.push(Listed {
            country: regime.country_code(),
            subdivisions: regime.subdivisions(),
            regime: &regime.id,
            file: &regime.file,
            version: file.map_or("", |file| &file.version),
            origin: shelf
                .origin(&regime.file)
                .map_or("", |origin| origin.code()),
            effective_from: regime.effective_from.to_string(),
            effective_to: regime.effective_to.map(|last| last.to_string()),
            tier: regime.tier.code(),
            binding: regime.binding.code(),
            article: &regime.article,
            as_of: file.map(|file| file.as_of.to_string()),
            review_by: file
                .and_then(|file| file.review_by)
                .map(|day| day.to_string()),
            hash: file.map_or("", |file| &file.hash),
        });
    }
    session.output.list(&listed, || {
        let mut rows = Rows::new(&[
            "país",
            "régimen",
            "versión",
            "desde",
            "hasta",
            "sustento",
            "obliga",
            "artículo",
            "huella",
        ]);
        for one in &listed {
            rows.push([
                one.country.to_owned(),
                one.regime.to_owned(),
                one.version.to_owned(),
                one.effective_from.clone(),
                one.effective_to.clone().unwrap_or_default(),
                one.tier.to_owned(),
                one.binding.to_owned(),
                one.article.to_owned(),
                one.hash.get(..12).unwrap_or_default().to_owned(),
            ]);
        }
        rows
    })
}

/// How the cases of a file went.
#[derive(Serialize)]
struct Tried {
    file: String,
    cases: usize,
    ok: bool,
    errors: Vec<String>,
}

fn test(session: &Session, files: &[std::path::PathBuf]) -> Result<ExitCode, Failure> {
    let shelf = session.law()?;
    let mut tried = Vec::with_capacity(files.len());
    for path in files {
        let (name, text) = read(path)?;
        let done = shelf.tried(&name, &text);
        tried.push(Tried {
            file: output::path(path),
            cases: *done.as_ref().unwrap_or(&0),
            ok: done.is_ok(),
            errors: match done {
                Ok(_) => Vec::new(),
                Err(errors) => errors.iter().map(ToString::to_string).collect(),
            },
        });
    }
    session.output.list(&tried, || {
        let mut rows = Rows::new(&["archivo", "casos", "resultado"]);
        for one in &tried {
            let result = if one.ok {
                "bien".to_owned()
            } else {
                one.errors.join("\n")
            };
            rows.push([one.file.clone(), one.cases.to_string(), result]);
        }
        rows
    })?;
    let all_well = tried.iter().all(|one| one.ok);
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}

async fn load(session: &Session, path: &Path, from: Option<Date>) -> Result<(), Failure> {
    let (name, text) = read(path)?;
    if is_own(&text) {
        return Err(Failure::usage(
            "es una regla propia de la empresa, no una ley: póngala en vigor con `puntual law \
             tighten`",
        ));
    }
    let engine = session.engine().await?;
    let from = from.unwrap_or_else(|| everywhere(engine.now()));
    let put = engine
        .load_law((&name, &text), from, &session.author())
        .await?;
    let body = json!({
        "name": put.name,
        "version": put.version,
        "hash": put.hash,
        "from": from.to_string(),
    });
    let text = || {
        format!(
            "En vigor desde {from}: {} versión {}.\n",
            put.name, put.version
        )
    };
    let rows = || {
        let mut rows = Rows::new(&["ley", "versión", "desde", "huella"]);
        let (name, version) = (put.name.clone(), put.version.clone());
        rows.push([name, version, from.to_string(), put.hash.clone()]);
        rows
    };
    session.output.answer(&body, text, rows)
}

async fn tighten(session: &Session, path: &Path) -> Result<(), Failure> {
    let (name, text) = read(path)?;
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let put = engine
        .tighten(&company, (&name, &text), &session.author())
        .await?;
    let body = json!({
        "name": put.name,
        "version": put.version,
        "hash": put.hash,
        "changed": put.is_new,
    });
    let text = || {
        if put.is_new {
            format!(
                "En vigor para la empresa: «{}» versión {}.\n",
                put.name, put.version
            )
        } else {
            format!(
                "Ya estaba en vigor: «{}» versión {}.\n",
                put.name, put.version
            )
        }
    };
    session
        .output
        .answer(&body, text, || one_row("regla", &put.name))
}

async fn tightenings(session: &Session) -> Result<(), Failure> {
    let engine = session.engine().await?;
    let company = session.company(&engine).await?;
    let rules = engine.tightenings(&company).await?;
    let listed: Vec<_> = rules
        .iter()
        .map(|rule| {
            json!({
                "name": rule.name,
                "version": rule.version,
                "hash": rule.hash,
                "author": rule.author,
                "since": rule.at.to_string(),
                "ended_by": rule.ended_by,
                "until": rule.ended_at.map(|at| at.to_string()),
            })
        })
        .collect();
    session.output.list(&listed, || {
        let mut rows = Rows::new(&["regla", "versión", "puesta por", "desde", "hasta"]);
        for rule in &rules {
            rows.push([
                rule.name.clone(),
                rule.version.clone(),
                rule.author.clone(),
                company.day_of(rule.at).to_string(),
                rule.ended_at
                    .map(|at| company.day_of(at).to_string())
                    .unwrap_or_default(),
            ]);
        }
        rows
    })
}

/// A file's name and text.
fn read(path: &Path) -> Result<(String, String), Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("no se pudo leer {}: {error}", path.display())))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok((name.into_owned(), text))
}

/// A day that has begun wherever on Earth it is now: what is in force from it on is so at once.
fn everywhere(now: Timestamp) -> Date {
    let behind = now
        .checked_sub(SignedDuration::from_hours(12))
        .unwrap_or(now);
    TimeZone::UTC.to_datetime(behind).date()
}

fn one_row(header: &'static str, value: &str) -> Rows {
    let mut rows = Rows::new(&[header]);
    rows.push([value.to_owned()]);
    rows
}
