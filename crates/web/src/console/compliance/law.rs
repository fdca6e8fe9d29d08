//! What a text of law changes before it is in force: messages of the days to come that it adds,
//! takes away or moves. Asking changes nothing; law is put in by command, since it is the law of
//! every company of the database.

use std::time::Duration;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::law::is_own;
use engine::Error;
use engine::policy_changes::{Depth, WhatChanges};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::Web;
use crate::console::policy::change::{Told, tell};
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;

/// The largest text of law that is read.
const TEXT_BYTES_MAX: usize = 512 * 1024;
/// Days lived for longer than this are lived by command.
const COMPARE_WITHIN: Duration = Duration::from_secs(25);

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    name: String,
    from: String,
    text: String,
}

#[derive(Template)]
#[template(path = "console/compliance/law.html")]
struct LawPage {
    page: Page,
    /// Asked by a form; else of a text that waits for its day.
    form: Option<Asked>,
    errors: Vec<String>,
    told: Option<Told>,
    note: Option<String>,
}

/// The form.
pub(super) async fn ask(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    let tomorrow = seat
        .company
        .day_of(web.engine.now())
        .saturating_add(1.day());
    html(&LawPage {
        page: seat.page("compliance-law-title"),
        form: Some(Asked {
            from: tomorrow.to_string(),
            ..Asked::default()
        }),
        errors: Vec::new(),
        told: None,
        note: None,
    })
}

/// Lives the days to come under both and shows the difference; keeps nothing.
pub(super) async fn compare(
    State(web): State<Web>,
    seat: Seat,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    let page = seat.page("compliance-law-title");
    let wrong = |errors: Vec<String>, asked: Asked| LawPage {
        page: seat.page("compliance-law-title"),
        form: Some(asked),
        errors,
        told: None,
        note: None,
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(from) = asked.from.parse::<Date>() else {
        let why = vec![page.t("compliance-law-no-day")];
        return html_as(status, &wrong(why, asked));
    };
    if asked.text.len() > TEXT_BYTES_MAX {
        let why = vec![page.t("compliance-law-long")];
        return html_as(status, &wrong(why, asked));
    }
    let (engine, company) = (&web.engine, &seat.company);
    let text = asked.text.replace("\r\n", "\n");
    let draft = (asked.name.trim(), text.as_str());
    let silent = |_: u32, _: u32| {};
    let changes = tokio::time::timeout(COMPARE_WITHIN, async {
        if is_own(&text) {
            engine
                .tightening_changes(company, draft, Depth::PAGE, &silent)
                .await
        } else {
            engine
                .law_changes(company, draft, from, Depth::PAGE, &silent)
                .await
        }
    });
    match changes.await {
        Err(_) => {
            let note = Some(page.t("compliance-law-slow"));
            let form = Some(asked);
            html(&LawPage {
                note,
                form,
                ..shown(page, None)
            })
        }
        Ok(Ok(changes)) => html(&LawPage {
            form: Some(asked),
            ..shown(page, Some(&changes))
        }),
        Ok(Err(Error::Law { errors, .. })) => {
            let why = errors.iter().map(ToString::to_string).collect();
            html_as(status, &wrong(why, asked))
        }
        Ok(Err(error @ Error::Invalid { .. })) => {
            html_as(status, &wrong(vec![error.to_string()], asked))
        }
        Ok(Err(error)) => Err(error.into()),
    }
}

fn shown(page: Page, changes: Option<&WhatChanges>) -> LawPage {
    LawPage {
        told: changes.map(|it| tell(&page, it)),
        page,
        form: None,
        errors: Vec::new(),
        note: None,
    }
}

#[derive(Deserialize)]
pub(super) struct ToCome {
    name: String,
    version: String,
}

/// What a text changes that is put in and waits for its day.
pub(super) async fn to_come(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<ToCome>,
) -> Result<Response, Problem> {
    let page = seat.page("compliance-law-title");
    let silent = |_: u32, _: u32| {};
    let of = (at.name.as_str(), at.version.as_str());
    let changes = web
        .engine
        .changes_to_come(&seat.company, of, Depth::PAGE, &silent);
    let Ok(found) = tokio::time::timeout(COMPARE_WITHIN, changes).await else {
        let note = Some(page.t("compliance-law-slow"));
        return html(&LawPage {
            note,
            ..shown(page, None)
        });
    };
    let (pack, changes) = found?;
    let day = page.date(&pack.in_force_from);
    let name = format!("{} {}", pack.name.to_uppercase(), pack.version);
    let said = [("name", name.as_str()), ("day", day.as_str())];
    let note = Some(page.say("compliance-law-waits", &said));
    html(&LawPage {
        note,
        ..shown(page, Some(&changes))
    })
}
