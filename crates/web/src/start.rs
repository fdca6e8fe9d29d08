//! A company is begun: the first page of whoever has none, and of those who may make another.

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::Currency;
use domain::customer::Country;
use domain::user::Role;
use engine::sessions::SignedIn;
use engine::{Error, NewCompany};
use serde::Deserialize;

use crate::Web;
use crate::console::wizard::FIRST_STEP;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Visitor;
use crate::words::Words;

/// Countries offered, those with a pack of law first.
const COUNTRIES: [&str; 18] = [
    "MX", "CO", "CL", "PE", "AR", "BO", "BR", "CR", "DO", "EC", "ES", "GT", "HN", "NI", "PA", "PY",
    "SV", "UY",
];

pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/start", get(form).post(begin))
}

/// A country to choose.
struct Choice {
    code: &'static str,
    name: String,
    chosen: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    legal_name: String,
    country: String,
    currency: String,
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage {
    page: Page,
    typed: Typed,
    countries: Vec<Choice>,
    error: Option<String>,
}

/// Who asks, when they may make a company.
async fn founder(web: &Web, visitor: &Visitor) -> Result<Result<SignedIn, Response>, Problem> {
    let Some(user) = visitor.signed_in(web).await? else {
        return Ok(Err(Redirect::to("/sign-in").into_response()));
    };
    let admin = user.seats.iter().any(|seat| seat.role == Role::Admin);
    if user.founder || admin || user.seats.is_empty() {
        Ok(Ok(user))
    } else {
        Err(Problem::Forbidden)
    }
}

fn start_page(
    visitor: &Visitor,
    user: &SignedIn,
    typed: Typed,
    error: Option<String>,
) -> StartPage {
    let words = Words::of(&user.language);
    let chosen = if typed.country.is_empty() {
        "MX"
    } else {
        typed.country.as_str()
    };
    let countries = COUNTRIES.into_iter().map(|code| Choice {
        code,
        name: words.t(&format!("wizard-country-{}", code.to_lowercase())),
        chosen: code == chosen,
    });
    StartPage {
        page: Page::public(words, "wizard-start-title").with_csrf(visitor.csrf()),
        countries: countries.collect(),
        typed,
        error,
    }
}

async fn form(State(web): State<Web>, visitor: Visitor) -> Result<Response, Problem> {
    match founder(&web, &visitor).await? {
        Ok(user) => html(&start_page(&visitor, &user, Typed::default(), None)),
        Err(elsewhere) => Ok(elsewhere),
    }
}

async fn begin(
    State(web): State<Web>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let user = match founder(&web, &visitor).await? {
        Ok(user) => user,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let words = Words::of(&user.language);
    let again = |typed: Typed, why: String| {
        let page = start_page(&visitor, &user, typed, Some(why));
        html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    let code = typed.currency.trim().to_uppercase();
    let currency = match Currency::new(&code) {
        Ok(currency) => Some(currency),
        Err(_) if code.is_empty() => None,
        Err(_) => {
            let why = words.say("imports-wrong-currency", &[("code", &code)]);
            return again(typed, why);
        }
    };
    let new = NewCompany {
        legal_name: Some(typed.legal_name.clone()),
        country: Country::new(&typed.country),
        currency,
        ..NewCompany::default()
    };
    let begun = web
        .engine
        .begin_company(new, user.user, FIRST_STEP, &user.email)
        .await;
    match begun {
        Ok(company) => {
            let to = format!("/c/{}/wizard/{FIRST_STEP}", company.name);
            Ok(Redirect::to(&to).into_response())
        }
        Err(Error::Invalid { .. }) => again(typed, words.t("wizard-name-missing")),
        Err(error) => Err(error.into()),
    }
}
