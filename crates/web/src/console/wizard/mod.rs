//! The first five minutes of a company, page by page: how it presents itself, what it declares, its
//! first file, its policy, what the first run would send. One may leave and come back.

mod fields;
mod review;

use askama::Template;
use axum::extract::{DefaultBodyLimit, Form, MatchedPath, Multipart, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::policy::explain;
use domain::user::Permission;
use engine::policies;
use serde::Deserialize;
use store::{imports, quarantine};

use crate::Web;
use crate::console::imports::take;
use crate::console::policy::prose;
use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::Seat;

/// The steps behind the company itself, in order.
const STEPS: [&str; 7] = ["brand", "legal", "file", "mend", "policy", "review", "go"];
/// The first of them.
pub(crate) const FIRST_STEP: &str = STEPS[0];
/// Rows in quarantine counted at most.
const COUNTED_MAX: u32 = 10_000;
/// Imports listed.
const IMPORTS_MAX: u32 = 10;

pub(crate) fn routes() -> Routes {
    let no_limit = DefaultBodyLimit::disable();
    Routes::new()
        .get("/wizard", Permission::Company, resume)
        .get("/wizard/brand", Permission::Company, show)
        .get("/wizard/legal", Permission::Company, show)
        .get("/wizard/file", Permission::Company, show)
        .get("/wizard/mend", Permission::Company, show)
        .get("/wizard/policy", Permission::Company, show)
        .get("/wizard/review", Permission::Company, show)
        .get("/wizard/go", Permission::Company, show)
        .get("/wizard-message", Permission::Company, review::message)
        .post("/wizard/brand", Permission::Company, fields::save_brand)
        .post("/wizard/legal", Permission::Company, fields::save_legal)
        .post("/wizard/file", Permission::Company, upload.layer(no_limit))
        .post("/wizard/policy", Permission::Company, choose_policy)
        .post("/wizard/go", Permission::Company, review::go)
        .post("/wizard/leave", Permission::Company, leave)
}

/// Whether the company is still in its first steps, and the user may take them.
pub(super) async fn is_under_way(web: &Web, seat: &Seat) -> Result<bool, Problem> {
    if !seat.may(Permission::Company) {
        return Ok(false);
    }
    let wizard = web.engine.wizard(seat.company.id).await?;
    Ok(wizard.is_some_and(|wizard| !wizard.finished))
}

/// A step as the head of each page shows it.
struct StepLink {
    text: String,
    path: String,
    here: bool,
}

/// What every step's page shows.
struct Frame {
    steps: Vec<StepLink>,
    why: String,
    next: Option<String>,
    previous: Option<String>,
}

impl Frame {
    fn of(seat: &Seat, step: &str) -> Self {
        let words = seat.words();
        let path = |step: &str| seat.url(&format!("/wizard/{step}"));
        let at = STEPS.iter().position(|it| *it == step).unwrap_or(0);
        let steps = STEPS.iter().map(|it| StepLink {
            text: words.t(&format!("wizard-step-{it}")),
            path: path(it),
            here: *it == step,
        });
        Self {
            steps: steps.collect(),
            why: words.t(&format!("wizard-why-{step}")),
            next: STEPS.get(at + 1).map(|it| path(it)),
            previous: at.checked_sub(1).map(|it| path(STEPS[it])),
        }
    }
}

/// Where the company left off.
async fn resume(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    let wizard = web.engine.wizard(seat.company.id).await?;
    let step = wizard.map_or_else(|| FIRST_STEP.to_owned(), |wizard| wizard.step);
    Ok(Redirect::to(&seat.url(&format!("/wizard/{step}"))).into_response())
}

async fn show(State(web): State<Web>, seat: Seat, path: MatchedPath) -> Result<Response, Problem> {
    // A path with a form of its own answers to no pattern: each step is a route.
    let last = path.as_str().rsplit('/').next();
    let Some(step) = STEPS.into_iter().find(|step| Some(*step) == last) else {
        return Err(Problem::NotFound);
    };
    web.engine
        .wizard_at(seat.company.id, step, seat.author())
        .await?;
    match step {
        "brand" => fields::brand(&seat),
        "legal" => fields::legal(&seat),
        "file" => file(&web, &seat, Vec::new()).await,
        "mend" => mend(&web, &seat).await,
        "policy" => policy(&web, &seat).await,
        "review" => review::show(&web, &seat).await,
        _ => review::ask(&web, &seat, None),
    }
}

/// On to the step behind this one.
fn onward(seat: &Seat, step: &str) -> Response {
    let next = Frame::of(seat, step).next.unwrap_or_default();
    Redirect::to(&next).into_response()
}

#[derive(Template)]
#[template(path = "console/wizard/file.html")]
struct FilePage {
    page: Page,
    frame: Frame,
    problems: Vec<String>,
    imports: Vec<(imports::Import, String)>,
    read: bool,
}

async fn file(web: &Web, seat: &Seat, problems: Vec<String>) -> Result<Response, Problem> {
    let words = seat.words();
    let found = imports::latest(web.engine.db(), seat.company.id, IMPORTS_MAX).await?;
    let named = |import: imports::Import| {
        let state = words.t(&format!("imports-state-{}", import.state.code()));
        (import, state)
    };
    let refused = !problems.is_empty();
    let page = FilePage {
        page: seat.page("wizard-title"),
        frame: Frame::of(seat, "file"),
        problems,
        read: found.iter().any(|it| it.finished_at.is_some()),
        imports: found.into_iter().map(named).collect(),
    };
    if refused {
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    html(&page)
}

async fn upload(State(web): State<Web>, seat: Seat, form: Multipart) -> Result<Response, Problem> {
    let taken = take(&web, &seat, form).await?;
    match (taken.kept.first(), taken.problems.is_empty()) {
        (Some(one), true) => Ok(seat.done(&format!("/imports/{one}"), "imports-uploaded")),
        _ => file(&web, &seat, taken.problems).await,
    }
}

#[derive(Template)]
#[template(path = "console/wizard/mend.html")]
struct MendPage {
    page: Page,
    frame: Frame,
    waiting: u32,
}

async fn mend(web: &Web, seat: &Seat) -> Result<Response, Problem> {
    let waiting = quarantine::waiting(web.engine.db(), seat.company.id, COUNTED_MAX).await?;
    html(&MendPage {
        page: seat.page("wizard-title"),
        frame: Frame::of(seat, "mend"),
        waiting,
    })
}

/// A policy to choose.
struct PolicyChoice {
    key: String,
    name: String,
    prose: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "console/wizard/policy.html")]
struct PolicyPage {
    page: Page,
    frame: Frame,
    policies: Vec<PolicyChoice>,
}

async fn policy(web: &Web, seat: &Seat) -> Result<Response, Problem> {
    let current = &seat.company.policy;
    let mut choices = vec![PolicyChoice {
        key: current.key.clone(),
        name: current.name.clone(),
        prose: prose::html(&explain::staff(current)),
        chosen: true,
    }];
    for listed in web.engine.policies(&seat.company).await? {
        let shipped = policies::shipped(&listed.key).filter(|_| listed.key != current.key);
        if let Some(text) = shipped {
            let policy = policies::parse(&listed.key, text)?;
            choices.push(PolicyChoice {
                prose: prose::html(&explain::staff(&policy)),
                key: listed.key,
                name: policy.name,
                chosen: false,
            });
        }
    }
    html(&PolicyPage {
        page: seat.page("wizard-title"),
        frame: Frame::of(seat, "policy"),
        policies: choices,
    })
}

#[derive(Deserialize)]
struct ChosenPolicy {
    policy: String,
}

async fn choose_policy(
    State(web): State<Web>,
    seat: Seat,
    Form(chosen): Form<ChosenPolicy>,
) -> Result<Response, Problem> {
    let key = chosen.policy;
    if key != seat.company.policy.key {
        let text = policies::shipped(&key).ok_or(Problem::NotFound)?;
        web.engine
            .use_policy(&seat.company, &key, text, seat.author())
            .await?;
    }
    Ok(onward(&seat, "policy"))
}

/// Leaves the first steps for good.
async fn leave(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    web.engine
        .end_wizard(seat.company.id, seat.author())
        .await?;
    Ok(seat.done("/home", "wizard-left"))
}
