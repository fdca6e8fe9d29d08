//! The door of a link, and the way out of e-mails.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use engine::portal::{Answer, Door, Entered};
use serde::Deserialize;

use super::{Asked, COOKIE, Frame, Inside, clean, gone, page, set_cookie, to, words};
use crate::Web;
use crate::page::Problem;
use crate::session::{Client, cookie};

#[derive(Template)]
#[template(path = "portal/door.html")]
struct DoorPage {
    p: Frame,
    amount: bool,
    error: Option<String>,
    at_code: bool,
}

fn door_page(headers: &HeaderMap, door: &Door, token: &str, asked: &Asked) -> DoorPage {
    let words = words(headers, &door.language);
    DoorPage {
        p: Frame::new(&door.company, words, token, "").confirming(asked),
        amount: door.takes_amount(),
        error: None,
        at_code: asked.done == "code",
    }
}

fn answer(status: StatusCode, door: &Door, shown: &DoorPage) -> Result<Response, Problem> {
    page(status, door.company.settings.brand.logo.as_deref(), shown)
}

pub(super) async fn show(
    State(web): State<Web>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(value) = cookie(&headers, COOKIE)
        && web.engine.portal_visit(&token, value).await?.is_some()
    {
        return Ok(to(&format!("/p/{}/account", clean(&token))));
    }
    match web.engine.portal_door(&token, &client.from).await? {
        Some(door) => {
            let shown = door_page(&headers, &door, &token, &asked);
            answer(StatusCode::OK, &door, &shown)
        }
        None => Ok(gone(&headers)),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    amount: String,
    code: String,
}

pub(super) async fn enter(
    State(web): State<Web>,
    Path(token): Path<String>,
    client: Client,
    headers: HeaderMap,
    Form(said): Form<Said>,
) -> Result<Response, Problem> {
    let Some(door) = web.engine.portal_door(&token, &client.from).await? else {
        return Ok(gone(&headers));
    };
    let at_code = said.amount.is_empty();
    let said = if at_code {
        Answer::Code(&said.code)
    } else {
        Answer::Amount(&said.amount)
    };
    match web.engine.portal_enter(&door, &client.from, said).await? {
        Entered::In(value) => {
            let mut into = to(&format!("/p/{}/account", clean(&token)));
            let cookie = set_cookie(&web, &token, value.value());
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                into.headers_mut().insert(SET_COOKIE, cookie);
            }
            Ok(into)
        }
        Entered::Wrong => {
            let mut shown = door_page(&headers, &door, &token, &Asked::default());
            shown.error = Some(shown.p.t("portal-door-wrong"));
            shown.at_code = at_code;
            answer(StatusCode::UNPROCESSABLE_ENTITY, &door, &shown)
        }
        Entered::Shut => Ok(gone(&headers)),
    }
}

pub(super) async fn send_code(
    State(web): State<Web>,
    Path(token): Path<String>,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(door) = web.engine.portal_door(&token, &client.from).await? else {
        return Ok(gone(&headers));
    };
    web.engine.portal_send_code(&door, &web.mailer).await?;
    Ok(to(&format!("/p/{}?done=code", clean(&token))))
}

pub(super) async fn leave(State(web): State<Web>, inside: Inside) -> Result<Response, Problem> {
    web.engine.portal_leave(&inside.visit).await?;
    let mut out = to(&format!("/p/{}", inside.token));
    if let Ok(cookie) = HeaderValue::from_str(&set_cookie(&web, &inside.token, "")) {
        out.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(out)
}

#[derive(Template)]
#[template(path = "portal/opt_out.html")]
struct OptOutPage {
    p: Frame,
    token: String,
    done: bool,
}

/// Asks first: mail scanners open every link.
pub(super) async fn opt_out(
    State(web): State<Web>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    opt_out_page(&web, &token, &headers, false).await
}

/// One click of a mail program, or the button of the page.
pub(super) async fn confirm_opt_out(
    State(web): State<Web>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    opt_out_page(&web, &token, &headers, true).await
}

async fn opt_out_page(
    web: &Web,
    token: &str,
    headers: &HeaderMap,
    confirmed: bool,
) -> Result<Response, Problem> {
    let Some(asked) = web.engine.portal_opt_out(token).await? else {
        return Ok(gone(headers));
    };
    if confirmed {
        web.engine.portal_confirm_opt_out(&asked).await?;
    }
    let words = words(headers, &asked.language);
    let shown = OptOutPage {
        p: Frame::new(&asked.company, words, "", ""),
        token: clean(token),
        done: confirmed,
    };
    page(
        StatusCode::OK,
        asked.company.settings.brand.logo.as_deref(),
        &shown,
    )
}
