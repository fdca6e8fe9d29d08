//! Whatever is meant by what someone typed: customers and documents, the closest first.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::portfolio::{CustomerFilter, DocumentFilter};
use domain::search::Question;
use store::portfolio;

use super::query::{ListQuery, encoded};
use crate::Web;
use crate::page::{Page, Problem, html};
use crate::session::Seat;

/// Rows of each kind; the lists show the others.
const ROWS: usize = 10;

#[derive(Template)]
#[template(path = "console/portfolio/search.html")]
struct Search {
    page: Page,
    asked: String,
    customers: Vec<(String, String, String)>,
    documents: Vec<(String, String, String, String)>,
    all_customers: String,
    all_documents: String,
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Query(query): Query<ListQuery>,
) -> Result<Response, Problem> {
    let (db, company) = (web.engine.db(), seat.company.id);
    let today = seat.company.day_of(web.engine.now());
    let question = Question::new(&query.q);
    let (mut customers, mut documents) = (Vec::new(), Vec::new());
    let page = seat.page("portfolio-search-title");
    if !question.is_empty() {
        let all = CustomerFilter::all(seat.company.currency);
        let filter = CustomerFilter {
            question: question.clone(),
            ..all
        };
        let found = portfolio::customers(db, company, &filter, (None, ROWS), today).await?;
        customers = found.rows;
        let filter = DocumentFilter {
            question,
            ..DocumentFilter::all()
        };
        let found = portfolio::documents(db, company, &filter, (None, ROWS), today).await?;
        documents = found.rows;
    }
    let list = |list: &str| page.url(&format!("/{list}?q={}&state=all", encoded(query.q.trim())));
    html(&Search {
        all_customers: list("customers"),
        all_documents: list("documents"),
        customers: customers
            .into_iter()
            .map(|row| {
                let customer = row.customer;
                (customer.id.to_string(), customer.name, customer.key)
            })
            .collect(),
        documents: documents
            .into_iter()
            .map(|row| {
                let open = page.money(&row.open);
                let id = row.customer.to_string();
                (id, row.document.number, row.customer_name, open)
            })
            .collect(),
        asked: query.q,
        page,
    })
}
