//! Published values a company's charges rest on: put in from a file, listed.

use domain::charges::{Rates, SERIES};
pub use formats::rates::BadLine;
use jiff::civil::Date;
use store::rates::{self, Rate};

use crate::company::Company;
use crate::{Engine, Error, Result};

/// Values of a series shown at once.
const PAGE: u32 = 100;

/// What became of the values of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RatesPut {
    /// Values that are new or corrected.
    pub changed: usize,
    /// Values that were there already.
    pub unchanged: usize,
    /// Lines that could not be read.
    pub bad: Vec<BadLine>,
}

/// A series with its last value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesListed {
    /// Its word.
    pub series: String,
    /// What it is; empty where it is not known by name.
    pub name: &'static str,
    /// The last value, if there is any.
    pub last: Option<Rate>,
}

impl Engine {
    /// Puts the published values of a text in (see `formats::rates`); one that is there already
    /// changes nothing, another for the same day is a correction and counts from now on. What the
    /// text does not name a source for is from `source`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a text without the columns needed, and what the database says.
    pub async fn put_rates(
        &self,
        company: &Company,
        text: &str,
        source: &str,
        author: &str,
    ) -> Result<RatesPut> {
        let (read, bad) = formats::rates::read(text).map_err(|error| {
            let why = format!("falta la columna «{}» en la primera línea", error.0);
            Error::invalid("tasas", why)
        })?;
        let stamp = self.stamp(author);
        let mut put = RatesPut {
            bad,
            ..RatesPut::default()
        };
        let mut tx = self.db.begin().await?;
        for line in &read {
            let value = (line.series.as_str(), line.on, line.value);
            let said = Some(line.source.as_str()).filter(|said| !said.is_empty());
            let source = said.unwrap_or(source);
            if rates::put(&mut tx, &stamp, company.id, value, source).await? {
                put.changed += 1;
            } else {
                put.unchanged += 1;
            }
        }
        tx.commit().await?;
        Ok(put)
    }

    /// The series known by name and those put in, each with its last value.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rate_series(&self, company: &Company) -> Result<Vec<SeriesListed>> {
        let mut latest = rates::latest(&self.db, company.id).await?;
        let mut listed: Vec<SeriesListed> = SERIES
            .iter()
            .map(|known| {
                let at = latest.iter().position(|it| it.series == known.code);
                SeriesListed {
                    series: known.code.to_owned(),
                    name: known.name,
                    last: at.map(|at| latest.remove(at)),
                }
            })
            .collect();
        listed.extend(latest.into_iter().map(|rate| SeriesListed {
            series: rate.series.clone(),
            name: "",
            last: Some(rate),
        }));
        Ok(listed)
    }

    /// The values of a series up to a day, latest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rate_values(
        &self,
        company: &Company,
        series: &str,
        until: Date,
    ) -> Result<Vec<Rate>> {
        let found = rates::page(&self.db, company.id, (series, until), PAGE).await?;
        Ok(found)
    }

    /// All values of some series.
    pub(crate) async fn rates(&self, company: &Company, series: &[&str]) -> Result<Rates> {
        Ok(rates::of_series(&self.db, company.id, series).await?)
    }
}
