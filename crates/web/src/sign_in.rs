//! The way in and out, and the choice between several companies.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use engine::sessions::{Seat, SignIn, SignInAnswer};
use serde::Deserialize;

use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::{self, Client, Visitor};

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/sign-in", get(form).post(enter))
        .route("/sign-out", post(leave))
        .route("/companies", get(companies))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    back: String,
    done: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    back: String,
    email: String,
    error: Option<String>,
    wants_code: bool,
    demo: bool,
}

async fn form(
    State(web): State<Web>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let words = visitor.words();
    let mut page = Page::public(words, "sign-in-title");
    page.flash = (asked.done == "password").then(|| words.t("sign-in-password-changed"));
    if asked.done == "joined" {
        page.flash = Some(words.t("sign-in-joined"));
    }
    html(&SignInPage {
        page,
        back: asked.back,
        email: String::new(),
        error: None,
        wants_code: false,
        demo: web.config.demo,
    })
}

#[derive(Deserialize)]
struct Entered {
    email: String,
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    back: String,
}

async fn enter(
    State(web): State<Web>,
    visitor: Visitor,
    client: Client,
    Form(entered): Form<Entered>,
) -> Result<Response, Problem> {
    let code = entered.code.trim();
    let answer = web
        .engine
        .sign_in(SignIn {
            email: entered.email.clone(),
            password: entered.password,
            code: (!code.is_empty()).then(|| code.to_owned()),
            from: client.from,
            agent: client.agent,
        })
        .await?;
    let words = visitor.words();
    let error = match answer {
        SignInAnswer::Session { token } => {
            // Whoever sat here before on the same browser does so no longer.
            if let Some(old) = visitor.token() {
                web.engine.sign_out(old).await?;
            }
            let back = session::back(&entered.back);
            let to = Redirect::to(back.as_deref().unwrap_or("/"));
            return Ok(session::with_cookie(&web, &token, to));
        }
        SignInAnswer::Refused if entered.code.is_empty() => Some(words.t("sign-in-refused")),
        SignInAnswer::Refused => Some(words.t("sign-in-refused-code")),
        SignInAnswer::NeedsCode => None,
        SignInAnswer::LockedUntil(until) => {
            let minutes = until.duration_since(web.engine.now()).as_mins() + 1;
            let minutes = u64::try_from(minutes).unwrap_or(1);
            Some(words.count("sign-in-locked", minutes, &minutes.to_string()))
        }
    };
    let page = SignInPage {
        page: Page::public(words, "sign-in-title"),
        back: entered.back,
        email: entered.email,
        wants_code: error.is_none() || !entered.code.is_empty(),
        error,
        demo: web.config.demo,
    };
    html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn leave(State(web): State<Web>, visitor: Visitor) -> Result<Response, Problem> {
    if let Some(token) = visitor.token() {
        web.engine.sign_out(token).await?;
    }
    Ok(session::with_cookie(&web, "", Redirect::to("/sign-in")))
}

#[derive(Template)]
#[template(path = "companies.html")]
struct CompaniesPage {
    page: Page,
    seats: Vec<Seat>,
    may_found: bool,
}

async fn companies(State(web): State<Web>, visitor: Visitor) -> Result<Response, Problem> {
    let Some(user) = visitor.signed_in(&web).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let words = crate::words::Words::of(&user.language);
    html(&CompaniesPage {
        page: Page::public(words, "companies-title").with_csrf(visitor.csrf()),
        may_found: user.founder,
        seats: user.seats,
    })
}
