//! Who saw what and did what: for whoever administers and for the auditor.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::user::Permission;
use domain::{CustomerId, EventId};
use serde::Deserialize;
use store::access::{AccessLine, Filter};
use store::customers;
use uuid::Uuid;

use crate::Web;
use crate::page::{Page, Problem, html};
use crate::routes::{Route, Routes, needed};
use crate::session::Seat;

/// Lines on one page.
const LINES_MAX: u32 = 50;

/// What can be asked for.
const ACTIONS: &[&str] = &["see", "export", "do", "sign-in"];

/// Every page of the console.
static PAGES: LazyLock<Vec<Route>> = LazyLock::new(|| super::routes().table().to_vec());

pub(crate) fn routes() -> Routes {
    Routes::new().get("/log", Permission::Log, show)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    author: String,
    action: String,
    entity: String,
    before: String,
}

/// A line as it is shown.
struct Shown {
    line: AccessLine,
    /// The verb.
    what: String,
    /// The thing's name where it is a customer; else the path.
    thing: String,
    /// The page of it, where it can be looked at again.
    link: Option<String>,
    /// The question for the same author alone.
    of_author: String,
}

#[derive(Template)]
#[template(path = "console/log/show.html")]
struct LogPage {
    page: Page,
    lines: Vec<Shown>,
    asked: Asked,
    actions: &'static [&'static str],
    /// The query of the next page.
    next: Option<String>,
}

async fn show(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = Filter {
        author: some(&asked.author).map(|author| author.to_lowercase()),
        action: some(&asked.action),
        entity: Uuid::parse_str(asked.entity.trim()).ok(),
    };
    let before: Option<EventId> = asked.before.parse().ok();
    let company = seat.company.id;
    let lines = web
        .engine
        .access_log(company, &filter, before, LINES_MAX)
        .await?;
    let full = u32::try_from(lines.len()).is_ok_and(|count| count == LINES_MAX);
    let last = lines.last().filter(|_| full).map(|line| line.id);
    let next = last.map(|last| query(&filter, last));
    let names = names(&web, &seat, &lines).await?;
    html(&LogPage {
        page: seat.page("log-title"),
        lines: lines
            .into_iter()
            .map(|line| shown(&seat, line, &names))
            .collect(),
        asked,
        actions: ACTIONS,
        next,
    })
}

/// The names of the customers that lines are about.
async fn names(
    web: &Web,
    seat: &Seat,
    lines: &[AccessLine],
) -> Result<BTreeMap<Uuid, String>, Problem> {
    let of_customer = lines
        .iter()
        .filter(|line| line.detail.starts_with("/customers/"));
    let ids: Vec<CustomerId> = of_customer
        .filter_map(|line| line.entity.map(CustomerId::from_uuid))
        .collect();
    let found = customers::names(web.engine.db(), seat.company.id, &ids).await?;
    let pairs = found.into_iter().map(|(id, _, name)| (id.uuid(), name));
    Ok(pairs.collect())
}

fn shown(seat: &Seat, line: AccessLine, names: &BTreeMap<Uuid, String>) -> Shown {
    let name = line.entity.and_then(|entity| names.get(&entity));
    // Only what whoever looks now may see as well.
    let needs = needed(&PAGES, &line.detail).filter(|it| seat.may(*it));
    let again = matches!(line.action.as_str(), "see" | "export") && needs.is_some();
    let key = ACTIONS.iter().find(|action| **action == line.action);
    Shown {
        what: key.map_or_else(
            || line.action.clone(),
            |action| seat.words().t(&format!("log-action-{action}")),
        ),
        thing: name.unwrap_or(&line.detail).clone(),
        link: again.then(|| seat.url(&line.detail)),
        of_author: format!("author={}", encoded(&line.author)),
        line,
    }
}

/// The same question about what came before a line.
fn query(filter: &Filter, before: EventId) -> String {
    let mut query = format!("before={before}");
    let entity = filter.entity.map(|entity| entity.to_string());
    let parts = [
        ("author", &filter.author),
        ("action", &filter.action),
        ("entity", &entity),
    ];
    for (name, value) in parts {
        if let Some(value) = value {
            query.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    query
}

/// A value as part of a query.
fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
