//! Law put into force beside what is compiled in, and what companies ask of themselves beyond it.

use domain::CompanyId;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};
use crate::{companies, events};

/// A text of law of this database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LawPack {
    /// The file's name without its ending.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The first day it is in force.
    pub in_force_from: Date,
    /// SHA-256 of the text, in hex.
    pub hash: String,
    /// The text.
    pub source: String,
    /// Who put it into force.
    pub author: String,
    /// When it was put in.
    pub at: Timestamp,
}

/// A rule of a company's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tightening {
    /// Its name in the company.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the text, in hex.
    pub hash: String,
    /// The text.
    pub source: String,
    /// Who put it in.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Who ended it.
    pub ended_by: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl FromRow for LawPack {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            name: row.get()?,
            version: row.get()?,
            in_force_from: row.get()?,
            hash: row.get()?,
            source: row.get()?,
            author: row.get()?,
            at: row.get()?,
        })
    }
}

impl FromRow for Tightening {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            name: row.get()?,
            version: row.get()?,
            hash: row.get()?,
            source: row.get()?,
            author: row.get()?,
            at: row.get()?,
            ended_by: row.get()?,
            ended_at: row.get()?,
        })
    }
}

const PACK: &str = "name, version, in_force_from, hash, source, author, recorded_at";
const TIGHTENING: &str = "name, version, hash, source, author, recorded_at, ended_by, ended_at";

/// The hashes of all that is in force for a company on a day, with which what was read before is
/// found again without its text.
///
/// # Errors
/// What the database says.
pub async fn marks(on: impl Access, company: CompanyId, day: Date) -> Result<Vec<String>> {
    const SQL: &str = "SELECT 'law ' || name || ' ' || hash AS mark FROM law_packs \
        WHERE in_force_from <= $2 \
        UNION ALL SELECT 'own ' || name || ' ' || hash AS mark FROM law_tightenings \
        WHERE company_id = $1 AND ended_at IS NULL ORDER BY mark";
    rows(on, SQL, &binds![company, day], FromRow::from_row).await
}

/// The texts in force on a day, in order of name and of when they were put in.
///
/// # Errors
/// What the database says.
pub async fn packs_on(on: impl Access, day: Date) -> Result<Vec<LawPack>> {
    let sql = format!(
        "SELECT {PACK} FROM law_packs WHERE in_force_from <= $1 ORDER BY name, recorded_at"
    );
    rows(on, &sql, &binds![day], FromRow::from_row).await
}

/// The texts that are not in force yet on a day, the first to come first.
///
/// # Errors
/// What the database says.
pub async fn packs_after(on: impl Access, day: Date) -> Result<Vec<LawPack>> {
    let sql = format!(
        "SELECT {PACK} FROM law_packs WHERE in_force_from > $1 \
         ORDER BY in_force_from, name, recorded_at"
    );
    rows(on, &sql, &binds![day], FromRow::from_row).await
}

/// Puts a text into force from its day on. Every company's log says so, since it is the law of all.
///
/// # Errors
/// [`StoreError::Exists`] when the version is there.
pub async fn put_pack(tx: &mut Tx, stamp: &Stamp, pack: &LawPack) -> Result<()> {
    const SQL: &str = "INSERT INTO law_packs \
        (name, version, in_force_from, hash, source, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let binds = binds![
        &pack.name,
        &pack.version,
        pack.in_force_from,
        &pack.hash,
        &pack.source,
        &stamp.author,
        stamp.at,
    ];
    let key = format!("{} {}", pack.name, pack.version);
    let done = run(&mut *tx, SQL, &binds).await;
    done.map_err(|error| error.named("law pack", &key))?;
    let body = json!({ "after": {
        "name": pack.name,
        "version": pack.version,
        "in_force_from": pack.in_force_from.to_string(),
        "hash": pack.hash,
    }});
    for company in companies::all(&mut *tx).await? {
        events::append(tx, stamp, company.id, "law.loaded", None, &body).await?;
    }
    Ok(())
}

/// A company's rules in force, in order of name.
///
/// # Errors
/// What the database says.
pub async fn tightenings(on: impl Access, company: CompanyId) -> Result<Vec<Tightening>> {
    let sql = format!(
        "SELECT {TIGHTENING} FROM law_tightenings \
         WHERE company_id = $1 AND ended_at IS NULL ORDER BY name"
    );
    rows(on, &sql, &binds![company], FromRow::from_row).await
}

/// Every rule a company ever had, in order of name and of when.
///
/// # Errors
/// What the database says.
pub async fn all_tightenings(on: impl Access, company: CompanyId) -> Result<Vec<Tightening>> {
    let sql = format!(
        "SELECT {TIGHTENING} FROM law_tightenings WHERE company_id = $1 \
         ORDER BY name, recorded_at"
    );
    rows(on, &sql, &binds![company], FromRow::from_row).await
}

/// Puts a company's rule into force, in place of the one of its name. The same text again changes
/// nothing and gives `false`.
///
/// # Errors
/// What the database says.
pub async fn put_tightening(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    rule: &Tightening,
) -> Result<bool> {
    const SQL: &str = "INSERT INTO law_tightenings \
        (company_id, name, version, hash, source, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let before = tightening(&mut *tx, company, &rule.name).await?;
    if before
        .as_ref()
        .is_some_and(|before| before.hash == rule.hash)
    {
        return Ok(false);
    }
    if before.is_some() {
        end(tx, stamp, company, &rule.name).await?;
    }
    let binds = binds![
        company,
        &rule.name,
        &rule.version,
        &rule.hash,
        &rule.source,
        &stamp.author,
        stamp.at,
    ];
    run(&mut *tx, SQL, &binds).await?;
    let body = json!({ "before": before.map(|it| told(&it)), "after": told(rule) });
    events::append(tx, stamp, company, "law.tightened", None, &body).await?;
    Ok(true)
}

/// Ends a company's rule.
///
/// # Errors
/// [`StoreError::Missing`] when none of that name is in force.
pub async fn end_tightening(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    name: &str,
) -> Result<()> {
    let Some(before) = tightening(&mut *tx, company, name).await? else {
        return Err(StoreError::Missing {
            what: "law tightening",
            key: name.to_owned(),
        });
    };
    end(tx, stamp, company, name).await?;
    let body = json!({ "before": told(&before) });
    events::append(tx, stamp, company, "law.tightening_ended", None, &body).await
}

fn told(rule: &Tightening) -> serde_json::Value {
    json!({ "name": rule.name, "version": rule.version, "hash": rule.hash })
}

async fn tightening(on: impl Access, company: CompanyId, name: &str) -> Result<Option<Tightening>> {
    let sql = format!(
        "SELECT {TIGHTENING} FROM law_tightenings \
         WHERE company_id = $1 AND name = $2 AND ended_at IS NULL"
    );
    first(on, &sql, &binds![company, name], FromRow::from_row).await
}

async fn end(tx: &mut Tx, stamp: &Stamp, company: CompanyId, name: &str) -> Result<()> {
    const SQL: &str = "UPDATE law_tightenings SET ended_by = $3, ended_at = $4 \
        WHERE company_id = $1 AND name = $2 AND ended_at IS NULL";
    run(tx, SQL, &binds![company, name, &stamp.author, stamp.at])
        .await
        .map(drop)
}
