//! All that is kept of a customer, to hand over, and the end of its personal text.

use askama::Template;
use axum::body::Body;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::Response;
use domain::ids::CustomerId;
use engine::privacy::ErasureTerms;

use super::fields::{Typed, text};
use super::{At, refusal};
use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;

#[derive(Template)]
#[template(path = "console/customers/privacy.html")]
struct PrivacyPage {
    page: Page,
    path: String,
    customer: String,
    terms: ErasureTerms,
    /// Whether and from when its text may be erased, in a sentence.
    when: String,
    typed: String,
    error: Option<String>,
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    html(&page_of(&web, &seat, at.customer, "", None).await?)
}

/// Everything, as a file to keep.
pub(super) async fn export(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let position = web.engine.position(&seat.company, at.customer).await?;
    let key = &position.customer.key;
    let all = web
        .engine
        .export_person(&seat.company, key, seat.author())
        .await?;
    let text = serde_json::to_string_pretty(&all).map_err(|_| Problem::NotFound)?;
    let name = format!("attachment; filename=\"datos-{}.json\"", at.customer);
    let response = Response::builder()
        .header(CONTENT_TYPE, "application/json; charset=utf-8")
        .header(CONTENT_DISPOSITION, name)
        .header(CACHE_CONTROL, "no-store")
        .body(Body::from(text));
    response.map_err(|_| Problem::NotFound)
}

/// Erases; the customer's key must be typed, so that nobody does it by a slip.
pub(super) async fn erase(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let position = web.engine.position(&seat.company, at.customer).await?;
    let reason = text(&typed, "reason");
    let again = async |why: String| {
        let page = page_of(&web, &seat, at.customer, reason, Some(why)).await?;
        html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
    };
    if text(&typed, "key") != position.customer.key {
        return again(seat.words().t("rights-wrong-key")).await;
    }
    let how = (reason, text(&typed, "only_text") == "yes");
    let key = &position.customer.key;
    match web
        .engine
        .erase_person(&seat.company, key, how, seat.author())
        .await
    {
        Ok(_) => Ok(seat.done(&format!("/customers/{}", at.customer), "person-erased")),
        Err(error) => again(refusal(error)?.1).await,
    }
}

async fn page_of(
    web: &Web,
    seat: &Seat,
    customer: CustomerId,
    typed: &str,
    error: Option<String>,
) -> Result<PrivacyPage, Problem> {
    let position = web.engine.position(&seat.company, customer).await?;
    let terms = web
        .engine
        .erasure_terms(&seat.company, &position.customer.key)
        .await?;
    let page = seat.page("customers-title");
    let title = page.t("rights-privacy");
    let day = |text: &str| {
        let day = text.parse::<jiff::civil::Date>();
        day.map_or_else(|_| text.to_owned(), |day| page.date(&day))
    };
    let when = match (&terms.erased, &terms.from) {
        (Some(_), _) => page.t("rights-erased"),
        (None, None) => page.say("rights-open", &[("amounts", &terms.open.join(", "))]),
        (None, Some(_)) if terms.possible => page.t("rights-possible"),
        (None, Some(from)) => page.say(
            "rights-kept-until",
            &[("years", &terms.years.to_string()), ("from", &day(from))],
        ),
    };
    Ok(PrivacyPage {
        path: seat.url(&format!("/customers/{customer}")),
        customer: position.customer.name,
        typed: typed.to_owned(),
        when,
        terms,
        error,
        page: page.titled(title),
    })
}
