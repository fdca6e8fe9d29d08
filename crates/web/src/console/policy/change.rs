//! A kept version before it rules: what its text changes, and which messages of the next thirty
//! days would be added, taken away or moved, customer by customer.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::contact::step_words;
use domain::policy::explain;
use domain::user::Permission;
use engine::policy_changes::{Change, Comparison, CustomerChanges, Message, WhatChanges};
use serde::Deserialize;

use super::diff::{self, Stretch};
use super::prose;
use crate::Web;
use crate::page::{Page, Problem, html};
use crate::session::Seat;

#[derive(Deserialize)]
pub(super) struct At {
    key: String,
    version: u32,
}

/// One message that changes.
pub(crate) struct Line {
    pub(crate) tag: &'static str,
    pub(crate) what: String,
    pub(crate) message: String,
}

pub(crate) struct OfCustomer {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) path: String,
    pub(crate) lines: Vec<Line>,
}

pub(crate) struct Step {
    pub(crate) step: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// What changes, once it is known.
pub(crate) struct Told {
    pub(crate) scope: String,
    pub(crate) added: String,
    pub(crate) removed: String,
    pub(crate) moved: String,
    pub(crate) same: String,
    pub(crate) steps: Vec<Step>,
    pub(crate) customers: Vec<OfCustomer>,
    pub(crate) more: Option<String>,
    pub(crate) is_nothing: bool,
}

#[derive(Template)]
#[template(path = "console/policy/change.html")]
struct ChangePage {
    page: Page,
    path: String,
    edit: String,
    author: String,
    at: String,
    rules: bool,
    may_use: bool,
    running: Option<(u32, u32)>,
    failed: Option<String>,
    told: Option<Told>,
    diff: Vec<Stretch>,
    prose: String,
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    let (policy, version) = engine.policy_version(company, &at.key, at.version).await?;
    let rules = company.policy.key == at.key && company.policy_version == at.version;
    let page = seat.page("policy-change-title");
    let page = page.titled(format!("{} v{}", at.key, at.version));
    let comparison = (!rules).then(|| engine.compare_policy(company, &policy));
    let (mut running, mut failed, mut told) = (None, None, None);
    match comparison {
        None => {}
        Some(Comparison::Running { done, of }) => running = Some((done, of.max(1))),
        Some(Comparison::Failed(why)) => failed = Some(why),
        Some(Comparison::Done(changes)) => told = Some(tell(&page, &changes)),
    }
    let old = engine.policy_source(company).await?.unwrap_or_default();
    html(&ChangePage {
        path: page.url(&format!("/policy/versions/{}/{}", at.key, at.version)),
        edit: page.url(&format!(
            "/policy/edit?from={}&version={}",
            at.key, at.version
        )),
        author: version.author,
        at: page.instant(&version.recorded_at),
        rules,
        may_use: seat.may(Permission::Policy) && !rules,
        running,
        failed,
        told,
        diff: diff::lines(&old, &version.source),
        prose: prose::html(&explain::staff(&policy)),
        page,
    })
}

/// A comparison in the words of the page.
pub(crate) fn tell(page: &Page, changes: &WhatChanges) -> Told {
    let scope = if changes.is_sample() {
        page.say(
            "policy-sample",
            &[
                ("some", &page.number(changes.looked_at)),
                ("all", &page.number(changes.customers)),
            ],
        )
    } else {
        page.count("policy-all-customers", changes.customers)
    };
    let step = |(step, (before, after)): (&String, &(u64, u64))| Step {
        step: step_words(step),
        before: page.number(*before),
        after: page.number(*after),
    };
    let listed = changes.listed.len() as u64;
    let more = changes.changed.saturating_sub(listed);
    Told {
        scope,
        added: page.number(changes.added),
        removed: page.number(changes.removed),
        moved: page.number(changes.moved),
        same: page.number(changes.same),
        steps: changes.by_step.iter().map(step).collect(),
        customers: changes
            .listed
            .iter()
            .map(|it| of_customer(page, it))
            .collect(),
        more: (more > 0).then(|| page.count("policy-and-more", more)),
        is_nothing: changes.changed == 0,
    }
}

fn of_customer(page: &Page, changes: &CustomerChanges) -> OfCustomer {
    OfCustomer {
        name: changes.name.clone(),
        key: changes.key.clone(),
        path: page.url(&format!("/customers/{}", changes.customer)),
        lines: changes.changes.iter().map(|it| line(page, it)).collect(),
    }
}

fn line(page: &Page, change: &Change) -> Line {
    match change {
        Change::Added(message) => Line {
            tag: "good",
            what: page.t("policy-added"),
            message: text(page, message),
        },
        Change::Removed(message) => Line {
            tag: "bad",
            what: page.t("policy-removed"),
            message: text(page, message),
        },
        Change::Moved { before, after } => Line {
            tag: "warn",
            what: page.t("policy-moved"),
            message: format!("{} → {}", text(page, before), text(page, after)),
        },
    }
}

fn text(page: &Page, message: &Message) -> String {
    let tone = page.t(&format!("outbox-tone-{}", message.tone));
    format!(
        "{} · {} · {tone}",
        page.date(&message.day),
        message.key.words()
    )
}

/// Lets a version rule from now on.
pub(super) async fn start(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    engine
        .use_policy_version(company, &at.key, at.version, seat.author())
        .await?;
    Ok(seat.done("/policy", "policy-used"))
}
