//! The way in and out.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use engine::sessions::{SignIn, SignInAnswer};
use serde::Deserialize;

use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::{self, Visitor};

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/sign-in", get(form).post(enter))
        .route("/sign-out", post(leave))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    back: String,
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
    html(&SignInPage {
        page: Page::public(visitor.words(), "sign-in-title"),
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
    headers: HeaderMap,
    Form(entered): Form<Entered>,
) -> Result<Response, Problem> {
    let agent = headers.get(USER_AGENT).and_then(|it| it.to_str().ok());
    let code = entered.code.trim();
    let answer = web
        .engine
        .sign_in(SignIn {
            email: entered.email.clone(),
            password: entered.password,
            code: (!code.is_empty()).then(|| code.to_owned()),
            from: String::new(),
            agent: agent.unwrap_or_default().to_owned(),
        })
        .await?;
    let (error, wants_code) = match answer {
        SignInAnswer::Session { token } => {
            let back = session::back(&entered.back);
            let to = Redirect::to(back.as_deref().unwrap_or("/"));
            return Ok(([(SET_COOKIE, session::set_cookie(&web, &token))], to).into_response());
        }
        SignInAnswer::Refused => (Some("sign-in-refused"), false),
        SignInAnswer::NeedsCode => (None, true),
        SignInAnswer::LockedUntil(_) => (Some("sign-in-locked"), false),
    };
    let words = visitor.words();
    let page = SignInPage {
        page: Page::public(words, "sign-in-title"),
        back: entered.back,
        email: entered.email,
        error: error.map(|key| words.t(key)),
        wants_code,
        demo: web.config.demo,
    };
    html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn leave(State(web): State<Web>, visitor: Visitor) -> Result<Response, Problem> {
    if let Some(token) = visitor.token() {
        web.engine.sign_out(token).await?;
    }
    let cookie = [(SET_COOKIE, session::set_cookie(&web, ""))];
    Ok((cookie, Redirect::to("/sign-in")).into_response())
}
