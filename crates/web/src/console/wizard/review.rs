//! What the first run would send, shown as the customers would see it, and how days begin from now.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::contact::step_words;
use engine::daily_run::PlannedLine;
use engine::{CompanyChange, Error};
use jiff::Timestamp;
use serde::Deserialize;

use super::Frame;
use crate::Web;
use crate::console::outbox::framed;
use crate::console::quarantine::escaped;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;

/// Messages of the first run that are shown.
const SHOWN_MAX: usize = 10;

/// A contact of the first run, with the path of its message.
struct Line {
    name: String,
    step: String,
    totals: String,
    at: String,
    message: String,
}

#[derive(Template)]
#[template(path = "console/wizard/review.html")]
struct ReviewPage {
    page: Page,
    frame: Frame,
    customers: u64,
    contacts: u64,
    alone: u64,
    lines: Vec<Line>,
    sender: bool,
}

/// The instant of the next run: today's, or now when that is past.
fn next_run(web: &Web, seat: &Seat) -> Timestamp {
    let now = web.engine.now();
    let company = &seat.company;
    company.run_instant(company.day_of(now)).max(now)
}

pub(super) async fn show(web: &Web, seat: &Seat) -> Result<Response, Problem> {
    let at = next_run(web, seat);
    let run = web.engine.run(&seat.company, at, true, &mut ()).await?;
    let page = seat.page("wizard-title");
    let lines = run.first.iter().take(SHOWN_MAX).map(|it| line(&page, it));
    html(&ReviewPage {
        frame: Frame::of(seat, "review"),
        customers: run.customers,
        contacts: run.contacts,
        alone: run.customers.saturating_sub(run.contacts),
        lines: lines.collect(),
        sender: seat.company.settings.sender.is_some(),
        page,
    })
}

fn line(page: &Page, planned: &PlannedLine) -> Line {
    let totals: Vec<String> = planned.totals.iter().map(|it| page.money(it)).collect();
    let message = format!("/wizard-message?customer={}", escaped(&planned.customer));
    Line {
        name: planned.name.clone(),
        step: step_words(&planned.step),
        totals: totals.join(" · "),
        at: page.instant(&planned.at.timestamp()),
        message: page.url(&message),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Whose {
    customer: String,
}

/// The message a customer would get, alone, for a frame.
pub(super) async fn message(
    State(web): State<Web>,
    seat: Seat,
    Query(whose): Query<Whose>,
) -> Result<Response, Problem> {
    let at = next_run(&web, &seat);
    let shown = web
        .engine
        .message_at(&seat.company, &whose.customer, at)
        .await?;
    let shown = shown.ok_or(Problem::NotFound)?;
    Ok(framed("text/html; charset=utf-8", shown.html))
}

#[derive(Template)]
#[template(path = "console/wizard/go.html")]
struct GoPage {
    page: Page,
    frame: Frame,
    error: Option<String>,
    hour: String,
}

pub(super) fn ask(_: &Web, seat: &Seat, error: Option<String>) -> Result<Response, Problem> {
    let refused = error.is_some();
    let page = GoPage {
        page: seat.page("wizard-title"),
        frame: Frame::of(seat, "go"),
        error,
        hour: seat.company.settings.run_hour.strftime("%H:%M").to_string(),
    };
    if refused {
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    html(&page)
}

#[derive(Deserialize)]
pub(super) struct Go {
    runs: String,
    run_hour: String,
}

/// Begins the company's days, and ends its first steps.
pub(super) async fn go(
    State(web): State<Web>,
    seat: Seat,
    Form(go): Form<Go>,
) -> Result<Response, Problem> {
    let change = |name: &str, value: &str| CompanyChange {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let changes = [change("runs", &go.runs), change("run_hour", &go.run_hour)];
    let (company, author) = (&seat.company, seat.author());
    match web.engine.set_company(company, &changes, author).await {
        Ok(_) => {}
        Err(error @ Error::Invalid { .. }) => return ask(&web, &seat, Some(error.to_string())),
        Err(error) => return Err(error.into()),
    }
    web.engine.end_wizard(company.id, author).await?;
    Ok(seat.done("/home", "wizard-done"))
}
