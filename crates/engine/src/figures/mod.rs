//! The figures of a company as a page shows them: computed in one pass over its money, kept, and
//! computed again when its facts have changed. A small company's are computed when they are asked
//! for; a large one's are read as they were computed last.

mod body;
mod pass;

use std::time::Duration;

use domain::{CompanyId, CustomerId};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::bulk::{self, Part};
use store::figures::{self, Snapshot};
use store::reports;

pub use body::{
    Activity, Amount, CurrencyFigures, CustomerAgeing, ExpectedDocument, ExpectedRows, Figures,
    Month, PromiseMonth, Week,
};

use crate::company::Company;
use crate::reports::WINDOW_DAYS;
use crate::{Engine, Error, Result};
use pass::{Found, Pass};

/// Documents up to which a company's figures are computed when they are asked for.
pub const LIVE_DOCUMENTS_MAX: u32 = 5_000;
/// Months of a trend.
pub const MONTHS: usize = 12;
/// Weeks of expected cash.
pub const WEEKS: usize = 8;
/// Customers kept of a currency: the largest. All of them are in
/// [`Engine::ageing_of_part`].
pub const CUSTOMERS_KEPT: usize = 200;
/// Documents kept of a week: the largest.
pub const EXPECTED_KEPT: usize = 50;
/// What waits for a person is counted so far, and "more" beyond.
pub const WAITING_MAX: u32 = 10_000;

/// Customers read at a time.
const PART_CUSTOMERS: u32 = 2_000;
/// Who computes for longer has died.
const CLAIM_MAX: SignedDuration = SignedDuration::from_mins(10);
/// Figures are not computed anew before so many times the time it takes have passed.
const REST_TIMES: i64 = 20;
/// Nor before this.
const REST_MIN: SignedDuration = SignedDuration::from_secs(60);

const FIGURES: &str = "figures";
const CUSTOMERS: &str = "customers";
const EXPECTED: &str = "expected";

/// Figures, and how fresh they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<T> {
    /// What there is; `None` where it was never computed.
    pub figures: Option<T>,
    /// When it was computed.
    pub computed_at: Option<Timestamp>,
    /// Whether facts changed since.
    pub stale: bool,
}

/// What waits for a person, each counted up to [`WAITING_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Open tasks by kind.
    pub tasks: Vec<(String, u32)>,
    /// Rows in quarantine.
    pub quarantined: u32,
}

impl Engine {
    /// The figures as of `day`, or the latest before it: computed now for a small company, read for
    /// a large one.
    ///
    /// # Errors
    /// What the database says, or [`Error::Json`] when kept figures do not read.
    pub async fn figures(&self, company: &Company, day: Date) -> Result<Shown<Figures>> {
        if self.figures_are_live(company).await? {
            let found = self.compute(company, day).await?;
            return Ok(self.fresh(found.figures));
        }
        self.kept_figures(company, FIGURES, day).await
    }

    /// The customers who owe most, per currency, as of `day`; see [`Engine::figures`].
    ///
    /// # Errors
    /// As [`Engine::figures`].
    pub async fn largest_customers(
        &self,
        company: &Company,
        day: Date,
    ) -> Result<Shown<Vec<CustomerAgeing>>> {
        if self.figures_are_live(company).await? {
            let found = self.compute(company, day).await?;
            return Ok(self.fresh(found.customers));
        }
        self.kept_figures(company, CUSTOMERS, day).await
    }

    /// The largest documents behind expected cash, as of `day`; see [`Engine::figures`].
    ///
    /// # Errors
    /// As [`Engine::figures`].
    pub async fn largest_expected(
        &self,
        company: &Company,
        day: Date,
    ) -> Result<Shown<Vec<ExpectedRows>>> {
        if self.figures_are_live(company).await? {
            let found = self.compute(company, day).await?;
            return Ok(self.fresh(found.expected));
        }
        self.kept_figures(company, EXPECTED, day).await
    }

    /// Whether the company is small enough for figures to be computed when they are asked for.
    ///
    /// # Errors
    /// What the database says.
    pub async fn figures_are_live(&self, company: &Company) -> Result<bool> {
        let most = LIVE_DOCUMENTS_MAX + 1;
        let documents = figures::documents_up_to(&self.db, company.id, most).await?;
        Ok(documents <= LIVE_DOCUMENTS_MAX)
    }

    /// Computes and keeps the figures as of `day`; `false` when another process is at it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn refresh_figures(&self, company: &Company, day: Date) -> Result<bool> {
        let now = self.now();
        let mut tx = self.db.begin().await?;
        let claimed = figures::claim(&mut tx, company.id, now, now - CLAIM_MAX).await?;
        tx.commit().await?;
        if !claimed {
            return Ok(false);
        }
        let started = std::time::Instant::now();
        let found = self.compute(company, day).await;
        let kept = match found {
            Ok(found) => {
                self.keep_figures(company, found, now, started.elapsed())
                    .await
            }
            Err(error) => Err(error),
        };
        let mut tx = self.db.begin().await?;
        figures::release(&mut tx, company.id).await?;
        tx.commit().await?;
        kept.map(|()| true)
    }

    /// Computes today's figures of a large company if its facts changed since they were kept, and
    /// the last time lies long enough behind; whether it did. Meant to be called every minute.
    ///
    /// # Errors
    /// What the database says.
    pub async fn refresh_stale_figures(&self, company: &Company) -> Result<bool> {
        if self.figures_are_live(company).await? {
            return Ok(false);
        }
        let (now, today) = (self.now(), company.day_of(self.now()));
        if let Some(kept) = figures::get(&self.db, company.id, FIGURES, today).await? {
            let took = SignedDuration::from_millis(kept.took_millis.saturating_mul(REST_TIMES));
            let rested = now.duration_since(kept.computed_at) >= took.max(REST_MIN);
            if !rested || !self.changed_since(company, kept.computed_at).await? {
                return Ok(false);
            }
        }
        self.refresh_figures(company, today).await
    }

    /// Whether somebody computes the company's figures at this moment.
    ///
    /// # Errors
    /// What the database says.
    pub async fn figures_are_computed(&self, company: &Company) -> Result<bool> {
        let since = figures::claimed_since(&self.db, company.id).await?;
        Ok(since.is_some_and(|since| self.now().duration_since(since) < CLAIM_MAX))
    }

    /// What waits for a person.
    ///
    /// # Errors
    /// What the database says.
    pub async fn waiting(&self, company: &Company) -> Result<Waiting> {
        let most = WAITING_MAX + 1;
        Ok(Waiting {
            tasks: figures::tasks_up_to(&self.db, company.id, most).await?,
            quarantined: figures::quarantine_up_to(&self.db, company.id, most).await?,
        })
    }

    /// The company's customers in parts, for [`Engine::ageing_of_part`].
    ///
    /// # Errors
    /// What the database says.
    pub async fn ageing_parts(&self, company: &Company) -> Result<Vec<Part>> {
        Ok(bulk::divide(&self.db, company.id, PART_CUSTOMERS).await?)
    }

    /// The ageing of a part of the customers as of `day`, in the order of ids; those with nothing
    /// open and nothing in their favour are left out.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ageing_of_part(
        &self,
        company: CompanyId,
        day: Date,
        part: Part,
    ) -> Result<Vec<CustomerAgeing>> {
        let customers = (part.after, part.last);
        let part = figures::ledger(&self.db, company, day, customers).await?;
        let mut pass = Pass::new(day);
        Ok(part.iter().flat_map(|it| pass.add(it)).collect())
    }

    async fn compute(&self, company: &Company, day: Date) -> Result<Found> {
        let mut pass = Pass::new(day);
        for part in bulk::divide(&self.db, company.id, PART_CUSTOMERS).await? {
            let customers = (part.after, part.last);
            for customer in figures::ledger(&self.db, company.id, day, customers).await? {
                pass.add(&customer);
            }
        }
        let mut found = pass.end();
        let window = self.window(company, day);
        let reached = reports::managed(&self.db, company.id, window).await?;
        let managed = |id: &&CustomerId| reached.binary_search(id).is_ok();
        let managed = found.overdue_customers.iter().filter(managed).count();
        found.figures.managed_customers = managed as u64;
        let counted = figures::activity(&self.db, company.id, window).await?;
        found.figures.activity = activity(counted);
        Ok(found)
    }

    /// The instants of the window of days that ends with `day`.
    fn window(&self, company: &Company, day: Date) -> (Timestamp, Timestamp) {
        let start = |day: Date| {
            let start = company.zone.to_timestamp(day.at(0, 0, 0, 0));
            start.unwrap_or(Timestamp::UNIX_EPOCH)
        };
        let first = day.saturating_sub((i64::from(WINDOW_DAYS) - 1).days());
        (start(first), start(day.saturating_add(1.day())))
    }

    async fn keep_figures(
        &self,
        company: &Company,
        found: Found,
        computed_at: Timestamp,
        took: Duration,
    ) -> Result<()> {
        let as_of = found.figures.as_of;
        let took_millis = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
        let snapshot = |body| Snapshot {
            as_of,
            body,
            computed_at,
            took_millis,
        };
        let bodies = [
            (FIGURES, json(&found.figures)?),
            (CUSTOMERS, json(&found.customers)?),
            (EXPECTED, json(&found.expected)?),
        ];
        let mut tx = self.db.begin().await?;
        for (kind, body) in bodies {
            figures::put(&mut tx, company.id, kind, &snapshot(body)).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn kept_figures<T: DeserializeOwned>(
        &self,
        company: &Company,
        kind: &str,
        day: Date,
    ) -> Result<Shown<T>> {
        let Some(kept) = figures::latest(&self.db, company.id, kind, day).await? else {
            return Ok(Shown {
                figures: None,
                computed_at: None,
                stale: true,
            });
        };
        let stale = kept.as_of != day || self.changed_since(company, kept.computed_at).await?;
        Ok(Shown {
            figures: Some(serde_json::from_value(kept.body).map_err(Error::json)?),
            computed_at: Some(kept.computed_at),
            stale,
        })
    }

    async fn changed_since(&self, company: &Company, at: Timestamp) -> Result<bool> {
        let changed = figures::changed_at(&self.db, company.id).await?;
        Ok(changed.is_some_and(|changed| changed > at))
    }

    fn fresh<T>(&self, figures: T) -> Shown<T> {
        Shown {
            figures: Some(figures),
            computed_at: Some(self.now()),
            stale: false,
        }
    }
}

fn json(value: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(Error::json)
}

/// Lines of the log by author, under the names of what a person does. What a file brought in is not
/// somebody's work.
fn activity(counted: Vec<(String, String, i64)>) -> Vec<Activity> {
    let mut all: Vec<Activity> = Vec::new();
    for (author, kind, count) in counted {
        let (noun, verb) = kind.split_once('.').unwrap_or((&kind, ""));
        if author == crate::AUTHOR || verb == "changed" {
            continue;
        }
        if all.last().is_none_or(|last| last.author != author) {
            all.push(Activity {
                author,
                ..Activity::default()
            });
        }
        let Some(row) = all.last_mut() else {
            continue;
        };
        *match noun {
            "note" | "call" => &mut row.notes,
            "promise" => &mut row.promises,
            "payment" | "application" => &mut row.payments,
            "hold" => &mut row.holds,
            "task" => &mut row.tasks,
            _ => &mut row.others,
        } += count;
    }
    all.sort_by_key(|row| std::cmp::Reverse(row.total()));
    all
}
