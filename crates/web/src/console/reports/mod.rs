//! Reports as of any day: the same figures as tables, to read, to print, to take away.

pub(crate) mod pictures;
mod table;
pub(crate) mod tables;

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::{Redirect, Response};
use domain::Currency;
use domain::user::Permission;
use engine::Company;
use engine::figures::{CustomerAgeing, Figures};
use futures_util::StreamExt;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

use crate::Web;
use crate::download::{self, Format, Sheet};
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

pub(crate) use table::Table;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/reports", Permission::See, first)
        .post("/reports/compute", Permission::See, compute)
        .get("/reports/{report}", Permission::See, show)
        .get("/reports/{report}/export", Permission::See, export)
}

/// Which report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Report {
    /// Ageing per customer.
    Customers,
    /// Ageing in all.
    Ageing,
    /// The figures of collection by month.
    Trend,
    /// Expected cash by week.
    Expected,
    /// The documents behind a week.
    Documents,
    /// Promises kept.
    Promises,
    /// What people did.
    Activity,
}

impl Report {
    /// Those with a tab of their own: word in the path, title, one line about it.
    const TABS: [(Self, &'static str, &'static str, &'static str); 6] = [
        (
            Self::Customers,
            "customers",
            "reports-title-customers",
            "reports-help-customers",
        ),
        (
            Self::Ageing,
            "ageing",
            "reports-title-ageing",
            "reports-help-ageing",
        ),
        (
            Self::Trend,
            "trend",
            "reports-title-trend",
            "reports-help-trend",
        ),
        (
            Self::Expected,
            "expected",
            "reports-title-expected",
            "reports-help-expected",
        ),
        (
            Self::Promises,
            "promises",
            "reports-title-promises",
            "reports-help-promises",
        ),
        (
            Self::Activity,
            "activity",
            "reports-title-activity",
            "reports-help-activity",
        ),
    ];

    /// Title and help.
    fn texts(self) -> (&'static str, &'static str) {
        let tab = Self::TABS.iter().find(|(report, ..)| *report == self);
        tab.map_or(
            ("reports-title-documents", "reports-help-documents"),
            |(_, _, title, help)| (title, help),
        )
    }

    const fn has_currencies(self) -> bool {
        !matches!(self, Self::Promises | Self::Activity)
    }
}

#[derive(Deserialize)]
struct At {
    report: String,
}

impl At {
    fn report(&self) -> Result<Report, Problem> {
        let all = [Report::Documents].into_iter();
        let mut all = all.chain(Report::TABS.iter().map(|(report, ..)| *report));
        let found = all.find(|report| word(*report) == self.report);
        found.ok_or(Problem::NotFound)
    }
}

/// What is asked for, as sent; what does not read is left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    on: String,
    currency: String,
    week: String,
    format: String,
}

impl Asked {
    fn day(&self, web: &Web, seat: &Seat) -> Date {
        let today = seat.company.day_of(web.engine.now());
        let asked: Option<Date> = self.on.trim().parse().ok();
        asked.unwrap_or(today)
    }

    fn currency(&self) -> Option<Currency> {
        Currency::new(self.currency.trim()).ok()
    }

    fn format(&self) -> Format {
        match self.format.trim() {
            "xlsx" => Format::Xlsx,
            _ => Format::Csv,
        }
    }

    fn week(&self) -> Option<usize> {
        self.week.trim().parse().ok()
    }
}

async fn first(seat: Seat) -> Redirect {
    Redirect::to(&seat.url("/reports/customers"))
}

/// Figures with a table of them.
struct Reading {
    table: Option<Table>,
    picture: Vec<String>,
    as_of: Option<Date>,
    computed_at: Option<Timestamp>,
    stale: bool,
    currencies: Vec<Currency>,
}

#[derive(Template)]
#[template(path = "console/reports/show.html")]
struct ReportPage {
    page: Page,
    help: String,
    tabs: Vec<Tab>,
    currencies: Vec<Tab>,
    path: String,
    on: String,
    currency: String,
    today: String,
    export: String,
    reading: Reading,
    computing: bool,
    live: bool,
}

/// A link among its like.
struct Tab {
    text: String,
    url: String,
    here: bool,
}

async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let report = at.report()?;
    let day = asked.day(&web, &seat);
    let (title, help) = report.texts();
    let page = seat.page(title);
    let reading = read(&web, &seat, &page, report, &asked).await?;
    let only = asked.currency();
    let query = |report: &str, currency: Option<Currency>| {
        let currency = currency.map_or_else(String::new, |it| format!("&currency={it}"));
        page.url(&format!("/reports/{report}?on={day}{currency}"))
    };
    let word = word(report);
    let tabs = Report::TABS.iter().map(|(tab, word, title, _)| Tab {
        text: page.t(title),
        url: query(word, only.filter(|_| tab.has_currencies())),
        here: *tab == report,
    });
    let shown = reading
        .currencies
        .iter()
        .filter(|_| report.has_currencies());
    let currencies = shown.map(|currency| Tab {
        text: currency.to_string(),
        url: format!(
            "{}&week={}",
            query(word, Some(*currency)),
            asked
                .week()
                .map_or_else(|| "passed".to_owned(), |it| it.to_string())
        ),
        here: only == Some(*currency),
    });
    html(&ReportPage {
        help: page.t(help),
        tabs: tabs.collect(),
        currencies: currencies.collect(),
        path: page.url(&format!("/reports/{word}")),
        on: day.to_string(),
        currency: only.map(|it| it.to_string()).unwrap_or_default(),
        today: seat.company.day_of(web.engine.now()).to_string(),
        export: page.url(&format!(
            "/reports/{word}/export?on={day}&currency={}&week={}",
            asked
                .currency()
                .map(|it| it.to_string())
                .unwrap_or_default(),
            asked
                .week()
                .map_or_else(|| "passed".to_owned(), |it| it.to_string()),
        )),
        computing: web.engine.figures_are_computed(&seat.company).await?,
        live: web.engine.figures_are_live(&seat.company).await?,
        reading,
        page,
    })
}

const fn word(report: Report) -> &'static str {
    match report {
        Report::Customers => "customers",
        Report::Ageing => "ageing",
        Report::Trend => "trend",
        Report::Expected => "expected",
        Report::Documents => "documents",
        Report::Promises => "promises",
        Report::Activity => "activity",
    }
}

async fn read(
    web: &Web,
    seat: &Seat,
    page: &Page,
    report: Report,
    asked: &Asked,
) -> Result<Reading, Problem> {
    let (engine, company, day) = (&web.engine, &seat.company, asked.day(web, seat));
    let only = asked.currency();
    let shown = engine.figures(company, day).await?;
    let Some(figures) = shown.figures else {
        return Ok(Reading {
            table: None,
            picture: Vec::new(),
            as_of: None,
            computed_at: None,
            stale: true,
            currencies: Vec::new(),
        });
    };
    let table = match report {
        Report::Customers => {
            let rows = engine.largest_customers(company, figures.as_of).await?;
            let rows = rows.figures.unwrap_or_default();
            let only = |row: &&CustomerAgeing| only.is_none_or(|it| it == row.currency);
            tables::customers(page, rows.iter().filter(only))
        }
        Report::Documents => {
            let rows = engine.largest_expected(company, figures.as_of).await?;
            let rows = rows.figures.unwrap_or_default();
            let currency = only.unwrap_or(company.currency);
            let week = rows
                .into_iter()
                .find(|it| it.currency == currency && it.week == asked.week());
            tables::documents(page, &week.map(|it| it.largest).unwrap_or_default())
        }
        Report::Ageing => tables::ageing(page, &figures, only),
        Report::Trend => tables::trend(page, &figures, only),
        Report::Expected => tables::expected(page, &figures, only),
        Report::Promises => tables::promises(page, &figures),
        Report::Activity => tables::activity(page, &figures),
    };
    Ok(Reading {
        picture: drawn(page, report, &figures, only),
        as_of: Some(figures.as_of),
        computed_at: shown.computed_at,
        stale: shown.stale,
        currencies: figures.currencies.iter().map(|it| it.currency).collect(),
        table: Some(table),
    })
}

/// The charts of a report.
fn drawn(page: &Page, report: Report, figures: &Figures, only: Option<Currency>) -> Vec<String> {
    let chosen = figures.currencies.iter();
    let chosen = chosen.filter(|it| only.is_none_or(|only| only == it.currency));
    if report == Report::Activity {
        return pictures::activity(page, figures).into_iter().collect();
    }
    let draw = |of| {
        Some(match report {
            Report::Promises => pictures::promises(page, figures, of)?,
            Report::Ageing => pictures::ageing(page, figures, of),
            Report::Trend => pictures::trend(page, of),
            Report::Expected => pictures::expected(page, of),
            _ => return None,
        })
    };
    chosen.filter_map(draw).collect()
}

async fn export(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let report = at.report()?;
    let page = seat.page("reports-title");
    if report == Report::Customers {
        return every_customer(&web, &seat, &page, &asked).await;
    }
    let reading = read(&web, &seat, &page, report, &asked).await?;
    let table = reading.table.ok_or(Problem::NotFound)?;
    table.sheet().answer(asked.format())
}

/// The ageing of all customers, not only of those a page shows.
async fn every_customer(
    web: &Web,
    seat: &Seat,
    page: &Page,
    asked: &Asked,
) -> Result<Response, Problem> {
    let (day, only) = (asked.day(web, seat), asked.currency());
    let parts = web.engine.ageing_parts(&seat.company).await?;
    let empty = tables::customers(page, std::iter::empty()).sheet();
    let (engine, company) = (web.engine.clone(), seat.company.id);
    let page = seat.page("reports-title");
    let parts = futures_util::stream::iter(parts).then(move |part| {
        let engine = engine.clone();
        async move { engine.ageing_of_part(company, day, part).await }
    });
    let parts = parts.map(move |rows| {
        let rows = rows.map_err(|error| match error {
            engine::Error::Store(error) => error,
            other => store::StoreError::Thread(other.to_string()),
        })?;
        let chosen = rows
            .iter()
            .filter(|row| only.is_none_or(|it| it == row.currency));
        Ok(tables::customers(&page, chosen).sheet().rows)
    });
    if asked.format() == Format::Csv {
        return Ok(download::csv_stream(&empty.name, &empty.columns, parts));
    }
    let mut sheet: Sheet = empty;
    let mut parts = std::pin::pin!(parts);
    while let Some(rows) = parts.next().await {
        sheet.rows.extend(rows?);
        if sheet.rows.len() > download::XLSX_ROWS_MAX {
            let page = seat.page("reports-title");
            return Err(Problem::Invalid(page.t("reports-too-many-rows")));
        }
    }
    sheet.answer(Format::Xlsx)
}

/// A wish for figures computed anew.
#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    on: String,
    #[serde(default)]
    back: String,
}

/// Computes figures in the background; who asked looks again in a moment.
async fn compute(
    State(web): State<Web>,
    seat: Seat,
    Form(wish): Form<Wish>,
) -> Result<Response, Problem> {
    let today = seat.company.day_of(web.engine.now());
    let day: Date = wish.on.trim().parse().unwrap_or(today);
    if !web.engine.figures_are_live(&seat.company).await? {
        in_background(&web, Arc::clone(&seat.company), Some(day));
    }
    let back = match wish.back.as_str() {
        "home" => "/home".to_owned(),
        back => {
            let known = Report::TABS.iter().find(|(_, word, ..)| *word == back);
            let word = known.map_or("customers", |(_, word, ..)| word);
            format!("/reports/{word}?on={day}")
        }
    };
    Ok(seat.done(&back, "figures-computing"))
}

/// Computes a company's figures beside the pages: of a day, or today's if they are stale and the
/// last time lies long enough behind. Only one process does at a time.
pub(crate) fn in_background(web: &Web, company: Arc<Company>, day: Option<Date>) {
    let engine = web.engine.clone();
    tokio::spawn(async move {
        let done = match day {
            Some(day) => engine.refresh_figures(&company, day).await,
            None => engine.refresh_stale_figures(&company).await,
        };
        if let Err(error) = done {
            eprintln!("puntual: the figures of {}: {error}", company.name);
        }
    });
}
