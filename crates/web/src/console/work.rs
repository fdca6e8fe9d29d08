//! "Mi trabajo": what asks for a person, in the order that matters, and the next one after each.

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use domain::Money;
use domain::ids::CustomerId;
use domain::user::{Permission, Role};
use domain::work::Reason;
use engine::work_list::{ROWS_MAX, WorkItem, WorkRow};
use jiff::ToSpan;
use serde::Deserialize;
use uuid::Uuid;

use super::customers::by_hand::{self, LeaveRow};
use crate::Web;
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/day", Permission::See, show)
        .post("/day/done", Permission::Work, done)
        .post("/day/later", Permission::Work, later)
}

/// Whose list is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    who: String,
}

#[derive(Template)]
#[template(path = "console/day.html")]
struct List {
    page: Page,
    may_work: bool,
    who: &'static str,
    rows: Vec<Row>,
    found: usize,
    more: bool,
    tomorrow: String,
}

struct Row {
    customer: Option<(CustomerId, String, String)>,
    overdue: Vec<Money>,
    /// What each is, in words and in the words of who wrote it.
    items: Vec<(String, String)>,
    /// Whether the customer may be called, visited or written to now.
    leaves: Vec<LeaveRow>,
    /// The items as the forms send them back.
    keys: String,
}

/// Whose list someone sees who says nothing: a collector's own, everyone's for others.
fn who(seat: &Seat, asked: &str) -> &'static str {
    match (asked, seat.role) {
        ("me", _) | ("", Role::Collector) => "me",
        _ => "all",
    }
}

async fn show(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let who = who(&seat, &asked.who);
    let whose = (who == "me").then_some(seat.user.user);
    let list = web.engine.work_list(&seat.company, whose, ROWS_MAX).await?;
    let page = seat.page("work-title");
    let today = seat.company.day_of(web.engine.now());
    let rows = list.rows.into_iter().map(|it| row(&page, it)).collect();
    html(&List {
        may_work: seat.may(Permission::Work),
        who,
        rows,
        found: list.found,
        more: list.more,
        tomorrow: today.saturating_add(1.days()).to_string(),
        page,
    })
}

fn row(page: &Page, row: WorkRow) -> Row {
    let keys: Vec<String> = row
        .items
        .iter()
        .map(|it| format!("{}.{}", it.reason.code(), it.subject))
        .collect();
    let items = row
        .items
        .iter()
        .map(|it| (reason(page, it), it.text.clone()));
    let items = items.collect();
    let (customer, overdue) = match row.customer {
        Some(it) => (Some((it.id, it.name, it.key)), it.overdue),
        None => (None, Vec::new()),
    };
    Row {
        customer,
        overdue,
        items,
        leaves: by_hand::rows(page, &row.leaves),
        keys: keys.join(" "),
    }
}

/// Why it is on the list, in words.
fn reason(page: &Page, item: &WorkItem) -> String {
    let amount = page.money(&item.stake);
    let days = u64::try_from(item.days).unwrap_or(0);
    match item.reason {
        Reason::BrokenPromise => {
            let days = page.count("work-days-ago", days);
            page.say(
                "work-broken-promise",
                &[("amount", &amount), ("days", &days)],
            )
        }
        Reason::PromiseToday => page.say("work-promise-today", &[("amount", &amount)]),
        Reason::AnswerWaiting => page.count("work-answer-waiting", days),
        Reason::Task => page.count("work-task", days),
        Reason::Dispute => {
            let days = page.count("work-days-ago", days);
            page.say("work-dispute", &[("amount", &amount), ("days", &days)])
        }
        Reason::StepByHand => page.count("work-step-by-hand", days),
        Reason::GoneQuiet => page.count("work-gone-quiet", days),
    }
}

/// What a line's buttons send.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Marked {
    customer: String,
    item: String,
    until: String,
    who: String,
    back: String,
}

impl Marked {
    fn customer(&self) -> Result<Option<CustomerId>, Problem> {
        if self.customer.is_empty() {
            return Ok(None);
        }
        self.customer
            .parse()
            .map(Some)
            .map_err(|_| Problem::NotFound)
    }

    fn items(&self) -> Result<Vec<(Reason, Uuid)>, Problem> {
        let read = |text: &str| {
            let (reason, subject) = text.split_once('.')?;
            Some((reason.parse().ok()?, subject.parse().ok()?))
        };
        let items = self.item.split_whitespace().map(read);
        items.collect::<Option<Vec<_>>>().ok_or(Problem::NotFound)
    }

    /// Where one goes on: the list, with the next line now first; or the customer.
    fn on(&self, seat: &Seat, what: &str) -> Response {
        match (self.back.as_str(), self.customer.parse::<CustomerId>()) {
            ("customer", Ok(customer)) => seat.done(&format!("/customers/{customer}"), what),
            _ if self.who == "me" => seat.done("/day?who=me", what),
            _ => seat.done("/day?who=all", what),
        }
    }
}

async fn done(
    State(web): State<Web>,
    seat: Seat,
    Form(marked): Form<Marked>,
) -> Result<Response, Problem> {
    let (customer, items) = (marked.customer()?, marked.items()?);
    let author = seat.author();
    web.engine
        .work_done(&seat.company, customer, &items, author)
        .await?;
    Ok(marked.on(&seat, "work-done"))
}

async fn later(
    State(web): State<Web>,
    seat: Seat,
    Form(marked): Form<Marked>,
) -> Result<Response, Problem> {
    let (customer, items) = (marked.customer()?, marked.items()?);
    let until = marked.until.parse();
    let until = until.map_err(|_| Problem::Invalid(seat.words().t("customers-no-day")))?;
    let author = seat.author();
    web.engine
        .work_later(&seat.company, customer, &items, until, author)
        .await?;
    Ok(marked.on(&seat, "work-later"))
}
