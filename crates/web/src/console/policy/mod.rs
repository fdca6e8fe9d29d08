//! The policy: in prose, as a picture, as a text one can change, and what a change would do before
//! it rules.

pub(crate) mod change;
mod diff;
mod picture;
pub(crate) mod prose;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::contact::step_words;
use domain::policy::{Policy, TEMPLATES, explain};
use domain::user::Permission;
use engine::{Error, policies};
use serde::Deserialize;
use store::policies::PolicyVersion;

use crate::Web;
use crate::console::outbox::framed;
use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::Seat;

/// The largest text of a policy.
const TEXT_BYTES_MAX: usize = 256 * 1024;

/// Versions that are listed.
const VERSIONS_MAX: usize = 50;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/policy", Permission::See, show)
        .get("/policy/edit", Permission::Policy, edit)
        .post("/policy/check", Permission::Policy, check)
        .post("/policy/versions", Permission::Policy, keep)
        .get(
            "/policy/versions/{key}/{version}",
            Permission::See,
            change::show,
        )
        .post(
            "/policy/versions/{key}/{version}/use",
            Permission::Policy,
            change::start,
        )
        .get("/policy/templates/{template}", Permission::See, template)
        .get(
            "/policy/templates/{template}/message",
            Permission::See,
            message,
        )
}

/// A kept version as the list shows it.
struct VersionLine {
    path: String,
    name: String,
    author: String,
    at: String,
    rules: bool,
}

#[derive(Template)]
#[template(path = "console/policy/show.html")]
struct Show {
    page: Page,
    name: String,
    version: String,
    pictures: Vec<(String, String)>,
    prose: String,
    templates: Vec<(String, String)>,
    versions: Vec<VersionLine>,
    shipped: Vec<(String, String)>,
    may_edit: bool,
}

async fn show(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    let page = seat.page("policy-title");
    let policy = &seat.company.policy;
    let mut versions = store::policies::all(web.engine.db(), seat.company.id).await?;
    versions.reverse();
    let line = |it: &PolicyVersion| VersionLine {
        path: page.url(&format!("/policy/versions/{}/{}", it.key, it.version)),
        name: format!("{} v{}", it.key, it.version),
        author: it.author.clone(),
        at: page.instant(&it.recorded_at),
        rules: it.key == policy.key && it.version == seat.company.policy_version,
    };
    let versions = versions.iter().take(VERSIONS_MAX).map(line).collect();
    let listed = web.engine.policies(&seat.company).await?;
    let shipped = listed.into_iter().filter(|it| it.version.is_none());
    let path = |key: &str| page.url(&format!("/policy/edit?from={key}"));
    let shipped = shipped.map(|it| (path(&it.key), it.name)).collect();
    let template_path = |key: &&'static str| {
        let path = page.url(&format!("/policy/templates/{key}"));
        (step_words(key), path)
    };
    html(&Show {
        name: policy.name.clone(),
        version: seat.company.policy_version.to_string(),
        pictures: pictures(&page, policy),
        prose: prose::html(&explain::staff(policy)),
        templates: TEMPLATES.iter().map(template_path).collect(),
        versions,
        shipped,
        may_edit: seat.may(Permission::Policy),
        page,
    })
}

/// Each ladder's key with its picture.
fn pictures(page: &Page, policy: &Policy) -> Vec<(String, String)> {
    let draw = |ladder: &domain::policy::Ladder| {
        let words = picture::Words {
            title: page.say("policy-picture", &[("ladder", &step_words(&ladder.key))]),
            due: page.t("policy-due"),
            days: page.t("policy-days-after"),
            follow_up: ladder
                .follow_up
                .as_ref()
                .map(|it| page.say("policy-follow-up", &[("days", &it.every_days.to_string())])),
        };
        let courtesy = policy.courtesy.as_ref().map(|it| it.days_before);
        let name = step_words(&ladder.key);
        (name, picture::draw(ladder, courtesy, &words))
    };
    policy.ladders.iter().map(draw).collect()
}

/// What is wrong with a text, or that nothing is.
#[derive(Template)]
#[template(path = "console/policy/findings.html")]
struct Findings<'a> {
    page: &'a Page,
    errors: Vec<(usize, String)>,
    warnings: Vec<(usize, String)>,
    prose: Option<String>,
}

fn findings<'a>(page: &'a Page, text: &str) -> Findings<'a> {
    match Policy::parse(text) {
        Ok(policy) => Findings {
            page,
            errors: Vec::new(),
            warnings: policy
                .warnings
                .iter()
                .map(|it| (it.line, it.message.clone()))
                .collect(),
            prose: Some(prose::html(&explain::staff(&policy))),
        },
        Err(errors) => Findings {
            page,
            errors: errors.into_iter().map(|it| (it.line, it.message)).collect(),
            warnings: Vec::new(),
            prose: None,
        },
    }
}

#[derive(Template)]
#[template(path = "console/policy/edit.html")]
struct Edit {
    page: Page,
    text: String,
    findings: String,
}

fn edit_page(seat: &Seat, text: String, checked: bool) -> Result<Edit, Problem> {
    let page = seat.page("policy-edit-title");
    let findings = if checked {
        findings(&page, &text).render()?
    } else {
        String::new()
    };
    Ok(Edit {
        page,
        text,
        findings,
    })
}

#[derive(Deserialize)]
struct Begin {
    from: Option<String>,
    version: Option<u32>,
}

async fn edit(
    State(web): State<Web>,
    seat: Seat,
    Query(begin): Query<Begin>,
) -> Result<Response, Problem> {
    let text = match (&begin.from, begin.version) {
        (Some(key), Some(version)) => {
            let found = web
                .engine
                .policy_version(&seat.company, key, version)
                .await?;
            found.1.source
        }
        (Some(key), None) => policies::shipped(key).ok_or(Problem::NotFound)?.to_owned(),
        (None, _) => {
            let source = web.engine.policy_source(&seat.company).await?;
            source.unwrap_or_default()
        }
    };
    html(&edit_page(&seat, text, false)?)
}

#[derive(Deserialize)]
struct TextForm {
    text: String,
}

impl TextForm {
    /// The text as it was loaded into the form: browsers send each end of a line as two signs.
    fn read(self) -> Result<String, Problem> {
        if self.text.len() > TEXT_BYTES_MAX {
            return Err(Problem::TooLarge);
        }
        let text = self.text.replace("\r\n", "\n");
        Ok(text)
    }
}

/// What is wrong with a text: a part of the page for a script, the whole page for a form.
async fn check(
    seat: Seat,
    headers: HeaderMap,
    Form(form): Form<TextForm>,
) -> Result<Response, Problem> {
    let text = form.read()?;
    if headers.contains_key("x-part") {
        let page = seat.page("policy-edit-title");
        return html(&findings(&page, &text));
    }
    html(&edit_page(&seat, text, true)?)
}

/// Keeps a text as a version; it rules only when someone has seen what it changes.
async fn keep(
    State(web): State<Web>,
    seat: Seat,
    Form(form): Form<TextForm>,
) -> Result<Response, Problem> {
    let text = form.read()?;
    let (engine, company) = (&web.engine, &seat.company);
    match engine
        .keep_policy(company, "texto", &text, seat.author())
        .await
    {
        Ok((policy, version)) => {
            let path = format!("/policy/versions/{}/{version}", policy.key);
            Ok(seat.done(&path, "policy-kept"))
        }
        Err(Error::Policy { .. }) => {
            let edit = edit_page(&seat, text, true)?;
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &edit)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
struct OfTemplate {
    template: String,
}

#[derive(Template)]
#[template(path = "console/policy/template.html")]
struct TemplatePage {
    page: Page,
    subject: String,
    text: String,
    path: String,
}

async fn template(
    State(web): State<Web>,
    seat: Seat,
    Path(of): Path<OfTemplate>,
) -> Result<Response, Problem> {
    let preview = web.engine.preview(&seat.company, &of.template)?;
    let page = seat
        .page("policy-template-title")
        .titled(step_words(&of.template));
    html(&TemplatePage {
        subject: preview.subject,
        text: preview.text,
        path: page.url(&format!("/policy/templates/{}/message", of.template)),
        page,
    })
}

async fn message(
    State(web): State<Web>,
    seat: Seat,
    Path(of): Path<OfTemplate>,
) -> Result<Response, Problem> {
    let preview = web.engine.preview(&seat.company, &of.template)?;
    Ok(framed("text/html; charset=utf-8", preview.html))
}
