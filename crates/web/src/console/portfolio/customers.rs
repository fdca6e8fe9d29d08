//! The list of customers.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::Money;
use domain::customer::BehaviourClass;
use domain::portfolio::{CustomerFilter, CustomerSort, CustomerState};
use jiff::civil::Date;
use store::portfolio::{self, CustomerRow, PAGE_ROWS, figures};
use store::users::Member;
use store::views::{self, SavedView};

use super::query::{CustomerCut, ListQuery, turn};
use super::{Choice, Late, Link, count_text};
use crate::Web;
use crate::page::{Page, Problem, html};
use crate::session::Seat;

/// Members that a select offers.
const MEMBERS_MAX: u32 = 200;

#[derive(Template)]
#[template(path = "console/portfolio/customers.html")]
struct Customers {
    page: Page,
    query: ListQuery,
    address: String,
    states: Vec<Link>,
    sorts: Vec<Link>,
    currencies: Vec<Choice>,
    behaviours: Vec<Choice>,
    members: Vec<Choice>,
    currency: String,
    views: Vec<View>,
    count: String,
    rows: Vec<Line>,
    unfinished: bool,
    before: Option<String>,
    after: Option<String>,
    may_work: bool,
    list: &'static str,
}

/// A customer as a line of the list.
struct Line {
    id: String,
    name: String,
    key: String,
    tags: Vec<String>,
    open: String,
    overdue: Option<String>,
    credit: Option<String>,
    others: Vec<String>,
    documents: String,
    late: Option<Late>,
    next_due: Option<String>,
    held: bool,
    reachable: bool,
    assigned: Option<String>,
}

/// A list kept by name, as a chip.
pub(super) struct View {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) mine: bool,
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let (db, company) = (web.engine.db(), seat.company.id);
    let today = seat.company.day_of(web.engine.now());
    let filter = query.customers(&seat);
    let cut: Option<CustomerCut> = query.cut();
    let list = portfolio::customers(db, company, &filter, (cut.as_ref(), PAGE_ROWS), today).await?;
    let count = portfolio::count_customers(db, company, &filter, today).await?;
    let members = web.engine.members(company, None, MEMBERS_MAX).await?;
    let kept = views::of_list(db, company, "customers", seat.author()).await?;
    let used = figures::currencies(db, company).await?;
    let page = seat.page("portfolio-customers-title");
    let turned = |cut: &CustomerCut| {
        let (name, value) = turn(cut);
        page.url(&format!("/customers?{}", query.address(&[(name, &value)])))
    };
    let rows = list.rows.iter();
    let rows = rows
        .map(|row| line(&page, &filter, row, &members, today))
        .collect();
    html(&Customers {
        states: states(&page, &query, &filter),
        sorts: sorts(&page, &query, &filter),
        currencies: currencies(&used, filter.currency, false),
        behaviours: behaviours(&page, &filter),
        members: choices(&page, &members, &query.assigned),
        currency: filter.currency.code().to_owned(),
        views: of_views(&page, "customers", kept, seat.author()),
        count: count_text(&page, count),
        rows,
        unfinished: list.unfinished,
        before: list.before.as_ref().map(turned),
        after: list.after.as_ref().map(turned),
        may_work: seat.may(domain::user::Permission::Work),
        list: "customers",
        address: query.address(&[]),
        query,
        page,
    })
}

fn line(
    page: &Page,
    filter: &CustomerFilter,
    row: &CustomerRow,
    members: &[Member],
    today: Date,
) -> Line {
    let money = |minor| page.money(&Money::new(minor, filter.currency));
    let own = row.figures.iter().find(|it| it.currency == filter.currency);
    let others = row
        .figures
        .iter()
        .filter(|it| it.currency != filter.currency && it.open > 0);
    let some = |minor: i64| (minor != 0).then(|| money(minor));
    let days = |due| domain::calendar::days_late(due, today);
    let keeper = row
        .assigned
        .and_then(|user| members.iter().find(|it| it.user == user));
    Line {
        id: row.customer.id.to_string(),
        name: row.customer.name.clone(),
        key: row.customer.key.clone(),
        tags: row.customer.tags.clone(),
        open: money(own.map_or(0, |it| it.open)),
        overdue: own.and_then(|it| some(it.overdue)),
        credit: own.and_then(|it| some(it.credit)),
        others: others
            .map(|it| page.money(&Money::new(it.open, it.currency)))
            .collect(),
        documents: page.number(own.map_or(0, |it| it.documents)),
        late: own
            .and_then(|it| it.oldest_due)
            .and_then(|due| Late::of(page, days(due))),
        next_due: own.and_then(|it| it.next_due).map(|due| page.date(&due)),
        held: row.held,
        reachable: row.reachable,
        assigned: keeper.map(|member| member.name.clone()),
    }
}

fn states(page: &Page, query: &ListQuery, filter: &CustomerFilter) -> Vec<Link> {
    let link = |state: &CustomerState| Link {
        url: page.url(&format!(
            "/customers?{}",
            query.address(&[("state", state.code()), ("sort", "")])
        )),
        text: page.t(&format!("portfolio-customers-{}", state.code())),
        here: *state == filter.state,
    };
    CustomerState::ALL.iter().map(link).collect()
}

fn sorts(page: &Page, query: &ListQuery, filter: &CustomerFilter) -> Vec<Link> {
    let link = |sort: &CustomerSort| Link {
        url: page.url(&format!(
            "/customers?{}",
            query.address(&[("sort", sort.code())])
        )),
        text: page.t(&format!("portfolio-sort-{}", sort.code())),
        here: *sort == filter.sort,
    };
    filter.state.sorts().iter().map(link).collect()
}

fn behaviours(page: &Page, filter: &CustomerFilter) -> Vec<Choice> {
    let choice = |it: &BehaviourClass| {
        let text = page.t(&format!("portfolio-behaviour-{}", it.code()));
        Choice::new(it.code(), text, filter.behaviour == Some(*it))
    };
    BehaviourClass::ALL.iter().map(choice).collect()
}

fn choices(page: &Page, members: &[Member], asked: &str) -> Vec<Choice> {
    let me = Choice::new("me", page.t("portfolio-assigned-me"), asked == "me");
    let others = members.iter().map(|member| {
        let id = member.user.to_string();
        let chosen = asked == id;
        Choice::new(id, member.name.clone(), chosen)
    });
    std::iter::once(me).chain(others).collect()
}

/// The currencies in use, and the one that is asked for.
pub(super) fn currencies(
    used: &[domain::Currency],
    asked: domain::Currency,
    any: bool,
) -> Vec<Choice> {
    let mut all = used.to_vec();
    if !all.contains(&asked) {
        all.push(asked);
    }
    let choice = |it: &domain::Currency| Choice::new(it.code(), it.code(), !any && *it == asked);
    all.iter().map(choice).collect()
}

pub(super) fn of_views(page: &Page, list: &str, kept: Vec<SavedView>, author: &str) -> Vec<View> {
    let view = |view: SavedView| View {
        id: view.id.to_string(),
        url: page.url(&format!("/{list}?{}", view.query)),
        mine: view.author == author,
        name: view.name,
    };
    kept.into_iter().map(view).collect()
}
