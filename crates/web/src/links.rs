//! Links that are good once: the first administrator, an invitation, a forgotten password.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use domain::user::LinkPurpose;
use engine::Error;
use engine::user_links::{Letter, LinkUse, LinkUsed, OpenLink};
use engine::users::password_flaw;
use serde::Deserialize;

use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::{self, Client, Visitor};
use crate::words::Words;

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/link/{token}", get(open).post(take))
        .route("/forgot", get(forgot).post(ask))
}

/// The path of a link.
pub fn path(token: &str) -> String {
    format!("/link/{token}")
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Given {
    email: String,
    name: String,
    language: String,
    password: String,
    again: String,
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage {
    page: Page,
    path: String,
    help: String,
    /// The address, where the link says whose it is.
    email: Option<String>,
    asks_name: bool,
    asks_password: bool,
    given: Given,
    errors: Vec<(&'static str, String)>,
    languages: &'static [Words],
}

impl LinkPage {
    fn new(words: &'static Words, token: &str, link: OpenLink, mut given: Given) -> Self {
        let joins = link.purpose == LinkPurpose::Invitation && link.known;
        let title = match link.purpose {
            LinkPurpose::FirstAdmin => "link-first-title",
            LinkPurpose::Invitation => "link-invitation-title",
            LinkPurpose::Reset => "link-reset-title",
        };
        let company = link.company.unwrap_or_default();
        let role = link
            .role
            .map(|role| words.t(&format!("role-{}", role.code())));
        let help = match link.purpose {
            LinkPurpose::FirstAdmin => words.t("link-first-help"),
            LinkPurpose::Reset => words.t("link-reset-help"),
            LinkPurpose::Invitation => {
                let role = role.unwrap_or_default();
                words.say(
                    "link-invitation-help",
                    &[("company", &company), ("role", &role)],
                )
            }
        };
        if given.language.is_empty() {
            words.tag.clone_into(&mut given.language);
        }
        Self {
            page: Page::public(words, title),
            path: path(token),
            help,
            email: link.email,
            asks_name: link.purpose != LinkPurpose::Reset && !joins,
            asks_password: !joins,
            given,
            errors: Vec::new(),
            languages: Words::all(),
        }
    }

    /// What is wrong with one field.
    fn error(&self, field: &str) -> Option<&String> {
        let found = self.errors.iter().find(|(name, _)| *name == field);
        found.map(|(_, error)| error)
    }

    /// What is wrong with the passwords as typed.
    fn check_passwords(&mut self) {
        if !self.asks_password {
            return;
        }
        let words = self.page.words;
        let email = self.email.as_deref().unwrap_or(&self.given.email);
        if let Some(flaw) = password_flaw(&self.given.password, email) {
            let text = words.t(&format!("password-flaw-{}", flaw.code()));
            self.errors.push(("password", text));
        } else if self.given.password != self.given.again {
            self.errors.push(("again", words.t("password-differs")));
        }
    }
}

async fn open(
    State(web): State<Web>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<Response, Problem> {
    match web.engine.open_link(&token).await? {
        Some(link) => {
            let given = Given::default();
            html(&LinkPage::new(visitor.words(), &token, link, given))
        }
        None => gone(visitor.words()),
    }
}

async fn take(
    State(web): State<Web>,
    visitor: Visitor,
    client: Client,
    Path(token): Path<String>,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    let words = visitor.words();
    let Some(link) = web.engine.open_link(&token).await? else {
        return gone(words);
    };
    let purpose = link.purpose;
    let mut page = LinkPage::new(words, &token, link, given);
    page.check_passwords();
    if !page.errors.is_empty() {
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    let given = &page.given;
    let given = LinkUse {
        email: given.email.clone(),
        name: given.name.clone(),
        language: given.language.clone(),
        password: given.password.clone(),
        from: client.from,
        agent: client.agent,
    };
    match web.engine.use_link(&token, given).await {
        Ok(LinkUsed::Session { token }) => {
            Ok(session::with_cookie(&web, &token, Redirect::to("/")))
        }
        Ok(LinkUsed::SignIn) => {
            let done = match purpose {
                LinkPurpose::Reset => "password",
                LinkPurpose::FirstAdmin | LinkPurpose::Invitation => "joined",
            };
            let to = Redirect::to(&format!("/sign-in?done={done}"));
            Ok(to.into_response())
        }
        Ok(LinkUsed::Gone) => gone(words),
        Err(Error::Invalid { .. }) => {
            page.errors.push(("email", words.t("email-wrong")));
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    page: Page,
    text: String,
}

fn gone(words: &'static Words) -> Result<Response, Problem> {
    let page = NoticePage {
        page: Page::public(words, "link-gone-title"),
        text: words.t("link-gone"),
    };
    html_as(StatusCode::NOT_FOUND, &page)
}

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage {
    page: Page,
}

async fn forgot(visitor: Visitor) -> Result<Response, Problem> {
    html(&ForgotPage {
        page: Page::public(visitor.words(), "forgot-title"),
    })
}

#[derive(Deserialize)]
struct Forgotten {
    email: String,
}

/// Says the same to everybody, at once: what is done about it is done afterwards.
async fn ask(
    State(web): State<Web>,
    visitor: Visitor,
    client: Client,
    Form(forgotten): Form<Forgotten>,
) -> Result<Response, Problem> {
    let words = visitor.words();
    // Without a configured address of ours a letter would bear whatever the asker named as host.
    if let Some(base) = web.config.base_url.clone() {
        tokio::spawn(async move {
            let letter = |user: &store::users::User, token: &str| {
                let words = Words::of(&user.language);
                let link = format!("{}{}", base.trim_end_matches('/'), path(token));
                Letter {
                    subject: words.t("forgot-letter-subject"),
                    text: words.say("forgot-letter", &[("name", &user.name), ("link", &link)]),
                }
            };
            let (mailer, email) = (&web.mailer, &forgotten.email);
            let asked = web
                .engine
                .request_reset(mailer, email, &client.from, letter);
            if let Err(error) = asked.await {
                eprintln!("puntual: {error}");
            }
        });
    }
    html(&NoticePage {
        page: Page::public(words, "forgot-title"),
        text: words.t("forgot-asked"),
    })
}
