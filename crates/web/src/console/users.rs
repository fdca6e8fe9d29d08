//! Who works for the company: invited, given another role, helped, sent away.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::UserId;
use domain::user::{Permission, Role};
use engine::Error;
use engine::user_links::{Letter, MadeLink};
use jiff::Timestamp;
use serde::Deserialize;
use store::sessions::Session;
use store::user_links::UserLink;
use store::users::Member;

use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::{Seat, absolute};
use crate::{Web, links};

/// Members on one page.
const MEMBERS_MAX: u32 = 50;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/users", Permission::Users, list)
        .post("/users/invitations", Permission::Users, invite)
        .post("/users/invitations/end", Permission::Users, withdraw)
        .get("/users/{user}", Permission::Users, show)
        .post("/users/{user}/role", Permission::Users, set_role)
        .post("/users/{user}/password", Permission::Users, reset)
        .post(
            "/users/{user}/second-factor/end",
            Permission::Users,
            end_factor,
        )
        .post(
            "/users/{user}/sessions/end",
            Permission::Users,
            end_sessions,
        )
        .post("/users/{user}/end", Permission::Users, unseat)
}

#[derive(Deserialize)]
struct At {
    user: UserId,
}

#[derive(Default, Deserialize)]
struct After {
    after: Option<UserId>,
}

#[derive(Template)]
#[template(path = "console/users/list.html")]
struct ListPage {
    page: Page,
    members: Vec<Member>,
    /// The last of a full page.
    next: Option<UserId>,
    invitations: Vec<UserLink>,
    roles: &'static [Role],
    given: Invitation,
    error: Option<String>,
}

async fn list(
    State(web): State<Web>,
    seat: Seat,
    axum::extract::Query(asked): axum::extract::Query<After>,
) -> Result<Response, Problem> {
    html(&list_page(&web, &seat, asked.after, Invitation::default()).await?)
}

async fn list_page(
    web: &Web,
    seat: &Seat,
    after: Option<UserId>,
    given: Invitation,
) -> Result<ListPage, Problem> {
    let company = seat.company.id;
    let members = web.engine.members(company, after, MEMBERS_MAX).await?;
    let full = u32::try_from(members.len()).is_ok_and(|count| count == MEMBERS_MAX);
    Ok(ListPage {
        page: seat.page("users-title"),
        next: members.last().filter(|_| full).map(|member| member.user),
        members,
        invitations: web.engine.invitations(company).await?,
        roles: Role::ALL,
        given,
        error: None,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Invitation {
    email: String,
    role: String,
}

#[derive(Template)]
#[template(path = "console/users/link.html")]
struct MadePage {
    page: Page,
    help: String,
    link: String,
    good_until: Timestamp,
    back: String,
}

async fn invite(
    State(web): State<Web>,
    seat: Seat,
    headers: HeaderMap,
    Form(given): Form<Invitation>,
) -> Result<Response, Problem> {
    let Ok(role) = given.role.parse::<Role>() else {
        return refused(&web, &seat, given, "users-role-missing").await;
    };
    let company = seat.company.id;
    let made = match web
        .engine
        .invite(company, &given.email, role, seat.author())
        .await
    {
        Ok(made) => made,
        Err(Error::Invalid { .. }) => {
            return refused(&web, &seat, given, "users-email-wrong").await;
        }
        Err(error) => return Err(error.into()),
    };
    let link = absolute(&web, &headers, &links::path(&made.token));
    let sent = send_invitation(&web, &seat, &given.email, &link).await?;
    let words = seat.words();
    let help = if sent {
        words.say("users-invited-by-mail", &[("email", &given.email)])
    } else {
        words.say("users-invited", &[("email", &given.email)])
    };
    made_page(&seat, "users-invited-title", help, link, &made, "/users")
}

async fn refused(
    web: &Web,
    seat: &Seat,
    given: Invitation,
    why: &str,
) -> Result<Response, Problem> {
    let mut page = list_page(web, seat, None, given).await?;
    page.error = Some(seat.words().t(why));
    html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Whether the invitation left by mail; without an address of ours nothing leaves.
async fn send_invitation(web: &Web, seat: &Seat, email: &str, link: &str) -> Result<bool, Problem> {
    if web.config.base_url.is_none() {
        return Ok(false);
    }
    let words = seat.words();
    let company = &seat.company.legal_name;
    let arguments = [
        ("company", company.as_str()),
        ("user", seat.user.name.as_str()),
        ("link", link),
    ];
    let letter = Letter {
        subject: words.say("users-letter-subject", &[("company", company)]),
        text: words.say("users-letter", &arguments),
    };
    let to = email.trim();
    let sent = web
        .engine
        .send_letter(&web.mailer, seat.company.id, to, &letter);
    Ok(sent.await?)
}

/// The page that shows a link, this once.
fn made_page(
    seat: &Seat,
    title: &str,
    help: String,
    link: String,
    made: &MadeLink,
    back: &str,
) -> Result<Response, Problem> {
    html(&MadePage {
        page: seat.page(title),
        help,
        link,
        good_until: made.expires_at,
        back: seat.url(back),
    })
}

#[derive(Deserialize)]
struct Withdrawn {
    email: String,
}

async fn withdraw(
    State(web): State<Web>,
    seat: Seat,
    Form(form): Form<Withdrawn>,
) -> Result<Response, Problem> {
    let company = seat.company.id;
    web.engine
        .withdraw_invitation(company, &form.email, seat.author())
        .await?;
    Ok(seat.done("/users", "users-withdrawn"))
}

#[derive(Template)]
#[template(path = "console/users/show.html")]
struct ShowPage {
    page: Page,
    member: Member,
    sessions: Vec<Session>,
    roles: &'static [Role],
    /// Whether it is the page of whoever looks.
    own: bool,
    error: Option<String>,
}

async fn show(State(web): State<Web>, seat: Seat, Path(at): Path<At>) -> Result<Response, Problem> {
    html(&show_page(&web, &seat, at.user).await?)
}

async fn show_page(web: &Web, seat: &Seat, user: UserId) -> Result<ShowPage, Problem> {
    let member = web.engine.member(seat.company.id, user).await?;
    let member = member.ok_or(Problem::NotFound)?;
    Ok(ShowPage {
        page: seat.page("users-title").titled(&member.name),
        sessions: web.engine.sessions_of(user).await?,
        roles: Role::ALL,
        own: user == seat.user.user,
        error: None,
        member,
    })
}

/// Back to the member's page with what was done, or with why it cannot be.
async fn after(
    web: &Web,
    seat: &Seat,
    user: UserId,
    done: Result<(), Error>,
    (flash, why): (&str, &str),
) -> Result<Response, Problem> {
    match done {
        Ok(()) if user == seat.user.user => Ok(seat.done("/account", flash)),
        Ok(()) => Ok(seat.done(&format!("/users/{user}"), flash)),
        Err(Error::Invalid { .. }) => {
            let mut page = show_page(web, seat, user).await?;
            page.error = Some(seat.words().t(why));
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct NewRole {
    role: String,
}

async fn set_role(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(form): Form<NewRole>,
) -> Result<Response, Problem> {
    let role: Role = form
        .role
        .parse()
        .map_err(|_| Problem::Invalid(seat.words().t("users-role-missing")))?;
    let engine = &web.engine;
    let done = engine.set_role(seat.company.id, at.user, role, seat.author());
    let texts = ("users-role-changed", "users-last-admin");
    after(&web, &seat, at.user, done.await, texts).await
}

async fn unseat(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let done = web
        .engine
        .unseat(seat.company.id, at.user, seat.author())
        .await;
    if done.is_ok() {
        return Ok(seat.done("/users", "users-ended"));
    }
    after(
        &web,
        &seat,
        at.user,
        done,
        ("users-ended", "users-last-admin"),
    )
    .await
}

async fn end_sessions(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let engine = &web.engine;
    let done = engine.end_sessions_of_member(seat.company.id, at.user, seat.author());
    let texts = ("users-sessions-ended", "users-elsewhere");
    after(&web, &seat, at.user, done.await, texts).await
}

async fn end_factor(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let engine = &web.engine;
    let done = engine.end_totp_of_member(seat.company.id, at.user, seat.author());
    let texts = ("users-factor-ended", "users-elsewhere");
    after(&web, &seat, at.user, done.await, texts).await
}

async fn reset(
    State(web): State<Web>,
    seat: Seat,
    headers: HeaderMap,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let engine = &web.engine;
    let made = engine.reset_link_of_member(seat.company.id, at.user, seat.author());
    match made.await {
        Ok(made) => {
            let link = absolute(&web, &headers, &links::path(&made.token));
            let help = seat.words().t("users-reset-help");
            let back = format!("/users/{}", at.user);
            made_page(&seat, "users-reset-title", help, link, &made, &back)
        }
        Err(error) => {
            let texts = ("", "users-elsewhere");
            after(&web, &seat, at.user, Err(error), texts).await
        }
    }
}
