//! Published values, as somebody put them in. Nothing is changed or deleted: a correction is a
//! later row of the same series and day.

use domain::CompanyId;
use domain::charges::Rates;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::json;

use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Values read at once: forty years of a daily series.
const VALUES_MAX: i64 = 15_000;

/// A value of a series on a day, with who put it in and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The series.
    pub series: String,
    /// The day it was published for.
    pub on: Date,
    /// The value.
    pub value: Decimal,
    /// Who published it.
    pub source: String,
    /// Who put it in.
    pub author: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl FromRow for Rate {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            series: row.get()?,
            on: row.get()?,
            value: row.code()?,
            source: row.get()?,
            author: row.get()?,
            recorded_at: row.get()?,
        })
    }
}

/// Puts a value in, unless the one that counts is the same. Gives whether anything changed.
///
/// # Errors
/// What the database says.
pub async fn put(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (series, on, value): (&str, Date, Decimal),
    source: &str,
) -> Result<bool> {
    const STANDING: &str = "SELECT value FROM rates \
        WHERE company_id = $1 AND series = $2 AND on_date = $3 ORDER BY id DESC LIMIT 1";
    const SQL: &str = "INSERT INTO rates \
        (company_id, series, on_date, id, value, source, author, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let read = |row: &mut Row<'_>| row.code::<Decimal>();
    let standing = rows(&mut *tx, STANDING, &binds![company, series, on], read).await?;
    if standing.first() == Some(&value) {
        return Ok(false);
    }
    let (id, written) = (stamp.ids.draw(), value.normalize().to_string());
    let author = &stamp.author;
    let binds = binds![company, series, on, id, &written, source, author, stamp.at];
    run(&mut *tx, SQL, &binds).await?;
    let before = standing
        .first()
        .map(|it| json!({ "value": it.to_string() }));
    let body = json!({
        "before": before,
        "after": { "series": series, "on": on.to_string(), "value": written, "source": source },
    });
    events::append(tx, stamp, company, "rate.put", Some(id), &body).await?;
    Ok(true)
}

/// Every value of some series, those of the last days when there are very many.
///
/// # Errors
/// What the database says.
pub async fn of_series(on: impl Access, company: CompanyId, series: &[&str]) -> Result<Rates> {
    const SQL: &str = "SELECT series, on_date, value FROM rates \
        WHERE company_id = $1 AND series {texts:2} ORDER BY on_date DESC, id DESC LIMIT $3";
    if series.is_empty() {
        return Ok(Rates::default());
    }
    let read = |row: &mut Row<'_>| {
        let (series, on): (String, Date) = (row.get()?, row.get()?);
        Ok((series, on, row.code::<Decimal>()?))
    };
    let most = VALUES_MAX * i64::try_from(series.len()).unwrap_or(1);
    let found = rows(on, SQL, &binds![company, series.to_vec(), most], read).await?;
    // The last one recorded for a day comes last, and counts.
    Ok(Rates::new(found.into_iter().rev()))
}

/// The last value of each series, in the order of their words.
///
/// # Errors
/// What the database says.
pub async fn latest(on: impl Access, company: CompanyId) -> Result<Vec<Rate>> {
    const SQL: &str = "SELECT r.series, r.on_date, r.value, r.source, r.author, r.recorded_at \
        FROM rates r WHERE r.company_id = $1 AND r.id = (SELECT l.id FROM rates l \
            WHERE l.company_id = $1 AND l.series = r.series \
            ORDER BY l.on_date DESC, l.id DESC LIMIT 1) \
        ORDER BY r.series LIMIT 200";
    rows(on, SQL, &binds![company], FromRow::from_row).await
}

/// Values of a series from a day backwards, corrections included.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    (series, until): (&str, Date),
    limit: u32,
) -> Result<Vec<Rate>> {
    const SQL: &str = "SELECT series, on_date, value, source, author, recorded_at FROM rates \
        WHERE company_id = $1 AND series = $2 AND on_date <= $3 \
        ORDER BY on_date DESC, id DESC LIMIT $4";
    let binds = binds![company, series, until, i64::from(limit)];
    rows(on, SQL, &binds, FromRow::from_row).await
}
