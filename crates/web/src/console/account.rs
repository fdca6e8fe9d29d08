//! What a user changes of their own: name, language, password, second factor, sittings.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::SessionId;
use domain::user::Permission;
use engine::Error;
use engine::account::Account;
use engine::users::password_flaw;
use serde::Deserialize;
use store::sessions::Session;

use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::{Client, Seat, csrf_of, with_cookie};
use crate::words::Words;
use crate::{Web, qr};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/account", Permission::See, show)
        .post("/account", Permission::See, set_profile)
        .post("/account/password", Permission::See, set_password)
        .post("/account/second-factor", Permission::See, offer)
        .post("/account/second-factor/code", Permission::See, accept)
        .post("/account/second-factor/end", Permission::See, end_factor)
        .post("/account/recovery-codes", Permission::See, renew_codes)
        .post("/account/sessions/end", Permission::See, end_others)
        .post(
            "/account/sessions/{session}/end",
            Permission::See,
            end_session,
        )
}

#[derive(Template)]
#[template(path = "console/account/show.html")]
struct ShowPage {
    page: Page,
    account: Account,
    codes_left: String,
    sessions: Vec<Session>,
    here: SessionId,
    languages: &'static [Words],
    /// Whether a company of theirs wants a second factor.
    factor_required: bool,
    errors: Vec<(&'static str, String)>,
}

impl ShowPage {
    /// What is wrong with one field.
    fn error(&self, field: &str) -> Option<&String> {
        let found = self.errors.iter().find(|(name, _)| *name == field);
        found.map(|(_, error)| error)
    }
}

async fn page(web: &Web, seat: &Seat) -> Result<ShowPage, Problem> {
    let user = &seat.user;
    let account = web.engine.account_of_user(user.user).await?;
    let page = seat.page("account-title");
    Ok(ShowPage {
        codes_left: page.count("account-codes-left", account.recovery_codes),
        page,
        account,
        sessions: web.engine.sessions_of(user.user).await?,
        here: user.session,
        languages: Words::all(),
        factor_required: user.seats.iter().any(|seat| seat.totp_required),
        errors: Vec::new(),
    })
}

async fn show(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    html(&page(&web, &seat).await?)
}

/// The page again, with what is wrong beside its field.
async fn refused(
    web: &Web,
    seat: &Seat,
    field: &'static str,
    why: &str,
) -> Result<Response, Problem> {
    let mut page = page(web, seat).await?;
    page.errors.push((field, seat.words().t(why)));
    html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

#[derive(Deserialize)]
struct Profile {
    name: String,
    language: String,
}

async fn set_profile(
    State(web): State<Web>,
    seat: Seat,
    Form(form): Form<Profile>,
) -> Result<Response, Problem> {
    let language = Words::of(&form.language).tag;
    let done = web.engine.set_profile(seat.user.user, &form.name, language);
    match done.await {
        Ok(()) => Ok(seat.done("/account", "account-saved")),
        Err(Error::Invalid { .. }) => refused(&web, &seat, "name", "account-name-wrong").await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct NewPassword {
    present: String,
    password: String,
    again: String,
}

async fn set_password(
    State(web): State<Web>,
    seat: Seat,
    client: Client,
    Form(form): Form<NewPassword>,
) -> Result<Response, Problem> {
    let user = &seat.user;
    if let Some(flaw) = password_flaw(&form.password, &user.email) {
        let why = format!("password-flaw-{}", flaw.code());
        return refused(&web, &seat, "password", &why).await;
    }
    if form.password != form.again {
        return refused(&web, &seat, "again", "password-differs").await;
    }
    let engine = &web.engine;
    let done = engine.change_password(user, &form.present, &form.password, &client.from);
    match done.await {
        Ok(renewed) => {
            let answer = seat.done("/account", "account-password-changed");
            Ok(with_cookie(&web, &renewed.token, answer))
        }
        Err(Error::Invalid { .. }) => {
            refused(&web, &seat, "present", "account-password-wrong").await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "console/account/factor.html")]
struct FactorPage {
    page: Page,
    picture: Option<String>,
    secret: String,
}

async fn offer(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    match web.engine.offer_totp(seat.user.user).await {
        Ok(offer) => html(&FactorPage {
            picture: qr::svg(&offer.address, &seat.words().t("account-factor-picture")),
            page: seat.page("account-factor-title"),
            secret: offer.secret,
        }),
        Err(Error::Invalid { .. }) => refused(&web, &seat, "factor", "account-factor-there").await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "console/account/codes.html")]
struct CodesPage {
    page: Page,
    codes: Vec<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

async fn accept(
    State(web): State<Web>,
    seat: Seat,
    Form(form): Form<Code>,
) -> Result<Response, Problem> {
    match web.engine.accept_totp(&seat.user, &form.code).await {
        Ok(renewed) => {
            let page = CodesPage {
                page: seat
                    .page("account-codes-title")
                    .with_csrf(Some(csrf_of(&renewed.token))),
                codes: renewed.recovery_codes,
            };
            Ok(with_cookie(&web, &renewed.token, html(&page)?))
        }
        Err(Error::Invalid { .. }) => refused(&web, &seat, "factor", "account-code-wrong").await,
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct Shown {
    present: String,
}

async fn end_factor(
    State(web): State<Web>,
    seat: Seat,
    client: Client,
    Form(form): Form<Shown>,
) -> Result<Response, Problem> {
    let done = web.engine.end_totp(&seat.user, &form.present, &client.from);
    match done.await {
        Ok(renewed) => {
            let answer = seat.done("/account", "account-factor-ended");
            Ok(with_cookie(&web, &renewed.token, answer))
        }
        Err(Error::Invalid { .. }) => refused(&web, &seat, "factor", "account-factor-kept").await,
        Err(error) => Err(error.into()),
    }
}

async fn renew_codes(
    State(web): State<Web>,
    seat: Seat,
    client: Client,
    Form(form): Form<Shown>,
) -> Result<Response, Problem> {
    let engine = &web.engine;
    let done = engine.renew_recovery_codes(&seat.user, &form.present, &client.from);
    match done.await {
        Ok(codes) => html(&CodesPage {
            page: seat.page("account-codes-title"),
            codes,
        }),
        Err(Error::Invalid { .. }) => refused(&web, &seat, "codes", "account-password-wrong").await,
        Err(error) => Err(error.into()),
    }
}

async fn end_others(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    let user = &seat.user;
    web.engine
        .end_other_sessions(user.user, user.session)
        .await?;
    Ok(seat.done("/account", "account-sessions-ended"))
}

#[derive(Deserialize)]
struct At {
    session: SessionId,
}

async fn end_session(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    web.engine.end_session(seat.user.user, at.session).await?;
    Ok(seat.done("/account", "account-sessions-ended"))
}
