//! "Tasas": published values that late charges rest on, and putting one in by hand.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::user::Permission;
use engine::rates::SeriesListed;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use store::rates::Rate;

use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::Seat;

/// Rows the engine gives at a time.
const ROWS: usize = 100;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/rates", Permission::See, list)
        .post("/rates", Permission::Policy, put)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    series: String,
    until: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    series: String,
    on: String,
    value: String,
    source: String,
}

#[derive(Template)]
#[template(path = "console/rates.html")]
struct RatesPage {
    page: Page,
    series: Vec<SeriesListed>,
    chosen: String,
    values: Vec<Rate>,
    older: Option<String>,
    may_put: bool,
    typed: Typed,
    error: Option<String>,
}

async fn page_of(web: &Web, seat: &Seat, asked: &Asked) -> Result<RatesPage, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    let today = company.day_of(engine.now());
    let until: Date = asked.until.parse().unwrap_or(today);
    let values = if asked.series.is_empty() {
        Vec::new()
    } else {
        engine.rate_values(company, &asked.series, until).await?
    };
    let last = values.last().filter(|_| values.len() == ROWS);
    let older = last.map(|it| {
        let before = it.on.saturating_sub(1.day());
        seat.url(&format!("/rates?series={}&until={before}", it.series))
    });
    Ok(RatesPage {
        page: seat.page("rates-title"),
        series: engine.rate_series(company).await?,
        chosen: asked.series.clone(),
        values,
        older,
        may_put: seat.may(Permission::Policy),
        typed: Typed::default(),
        error: None,
    })
}

async fn list(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    html(&page_of(&web, &seat, &asked).await?)
}

async fn put(
    State(web): State<Web>,
    seat: Seat,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    // One line of a file, read as a file is.
    let line = format!(
        "series\tdate\tvalue\n{}\t{}\t{}\n",
        one_line(&typed.series),
        one_line(&typed.on),
        one_line(&typed.value)
    );
    let source = typed.source.trim();
    let mut why = None;
    if !source.is_empty() {
        let (company, author) = (&seat.company, seat.author());
        let put = web.engine.put_rates(company, &line, source, author).await?;
        if put.bad.is_empty() {
            let series = one_line(&typed.series).trim().to_uppercase();
            return Ok(seat.done(&format!("/rates?series={series}"), "rate-put"));
        }
        why = put.bad.into_iter().next().map(|it| it.reason);
    }
    let page = page_of(&web, &seat, &Asked::default()).await?;
    let error = why.unwrap_or_else(|| page.page.t("rates-no-source"));
    let page = RatesPage {
        typed,
        error: Some(error),
        ..page
    };
    html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Typed text without the marks that part cells and lines.
fn one_line(typed: &str) -> String {
    typed.replace(['\t', '\n', '\r', '"'], " ")
}
