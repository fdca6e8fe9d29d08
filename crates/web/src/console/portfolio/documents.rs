//! The list of documents.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::ids::CustomerId;
use domain::portfolio::{DocumentFilter, DocumentSort, DocumentState};
use jiff::civil::Date;
use store::portfolio::{self, DocumentRow, PAGE_ROWS, figures};
use store::{customers, views};

use super::customers::{View, currencies, of_views};
use super::query::{DocumentCut, ListQuery, turn};
use super::{Choice, Late, Link, count_text};
use crate::Web;
use crate::page::{Page, Problem, html};
use crate::session::Seat;

#[derive(Template)]
#[template(path = "console/portfolio/documents.html")]
struct Documents {
    page: Page,
    query: ListQuery,
    address: String,
    states: Vec<Link>,
    sorts: Vec<Link>,
    currencies: Vec<Choice>,
    customer: Option<Link>,
    views: Vec<View>,
    count: String,
    rows: Vec<Line>,
    unfinished: bool,
    before: Option<String>,
    after: Option<String>,
    may_work: bool,
    list: &'static str,
}

/// A document as a line of the list.
struct Line {
    number: String,
    kind: Option<String>,
    customer: String,
    customer_name: String,
    issued: String,
    due: String,
    late: Option<Late>,
    amount: String,
    open: String,
    settled: Option<String>,
}

/// The customer that a list of documents is about: named by id or by key.
pub(super) async fn customer_of(
    web: &Web,
    seat: &Seat,
    query: &ListQuery,
) -> Result<Option<CustomerId>, Problem> {
    let named = query.customer.trim();
    if named.is_empty() {
        return Ok(None);
    }
    if let Ok(id) = named.parse() {
        return Ok(Some(id));
    }
    let found = customers::id_of(web.engine.db(), seat.company.id, named).await?;
    found.map(Some).ok_or(Problem::NotFound)
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let (db, company) = (web.engine.db(), seat.company.id);
    let today = seat.company.day_of(web.engine.now());
    let customer = customer_of(&web, &seat, &query).await?;
    let filter = query.documents(&seat, customer, today);
    let cut: Option<DocumentCut> = query.cut();
    let list = portfolio::documents(db, company, &filter, (cut.as_ref(), PAGE_ROWS), today).await?;
    let count = portfolio::count_documents(db, company, &filter, today).await?;
    let kept = views::of_list(db, company, "documents", seat.author()).await?;
    let used = figures::currencies(db, company).await?;
    let page = seat.page("portfolio-documents-title");
    let customer = match customer {
        None => None,
        Some(id) => {
            let names = customers::names(db, company, &[id]).await?;
            let (_, _, name) = names.into_iter().next().ok_or(Problem::NotFound)?;
            let without = query.address(&[("customer", "")]);
            let url = page.url(&format!("/documents?{without}"));
            Some(Link {
                url,
                text: name,
                here: true,
            })
        }
    };
    let turned = |cut: &DocumentCut| {
        let (name, value) = turn(cut);
        page.url(&format!("/documents?{}", query.address(&[(name, &value)])))
    };
    let rows = list
        .rows
        .iter()
        .map(|row| line(&page, row, today))
        .collect();
    let any = filter.currency.is_none();
    html(&Documents {
        states: states(&page, &query, &filter),
        sorts: sorts(&page, &query, &filter),
        currencies: currencies(&used, filter.currency.unwrap_or(seat.company.currency), any),
        customer,
        views: of_views(&page, "documents", kept, seat.author()),
        count: count_text(&page, count),
        rows,
        unfinished: list.unfinished,
        before: list.before.as_ref().map(turned),
        after: list.after.as_ref().map(turned),
        may_work: seat.may(domain::user::Permission::Work),
        list: "documents",
        address: query.address(&[]),
        query,
        page,
    })
}

fn line(page: &Page, row: &DocumentRow, today: Date) -> Line {
    let document = &row.document;
    let credit = document.kind.is_credit();
    let open = row.settled_on.is_none() && !credit;
    let days = domain::calendar::days_late(document.due, today);
    let kind = format!("portfolio-kind-{}", document.kind.code());
    let invoice = document.kind == domain::document::DocumentKind::Invoice;
    Line {
        number: document.number.clone(),
        kind: (!invoice).then(|| page.t(&kind)),
        customer: row.customer.to_string(),
        customer_name: row.customer_name.clone(),
        issued: page.date(&document.issued),
        due: page.date(&document.due),
        late: Late::of(page, days).filter(|_| open),
        amount: page.money(&document.amount),
        open: page.money(&row.open),
        settled: row.settled_on.map(|day| page.date(&day)),
    }
}

fn states(page: &Page, query: &ListQuery, filter: &DocumentFilter) -> Vec<Link> {
    let link = |state: &DocumentState| Link {
        url: page.url(&format!(
            "/documents?{}",
            query.address(&[("state", state.code()), ("sort", "")])
        )),
        text: page.t(&format!("portfolio-documents-{}", state.code())),
        here: *state == filter.state,
    };
    DocumentState::ALL.iter().map(link).collect()
}

fn sorts(page: &Page, query: &ListQuery, filter: &DocumentFilter) -> Vec<Link> {
    let link = |sort: &DocumentSort| Link {
        url: page.url(&format!(
            "/documents?{}",
            query.address(&[("sort", sort.code())])
        )),
        text: page.t(&format!("portfolio-sort-{}", sort.code())),
        here: *sort == filter.sort,
    };
    filter.state.sorts().iter().map(link).collect()
}
