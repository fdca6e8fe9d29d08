//! Constancias: why a contact was allowed or not made, on a page and as files to take away.

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::ids::{ContactId, CustomerId};
use domain::user::Permission::See;
use engine::certificates::Certificate;
use language::paper::Block;
use serde::Deserialize;

use crate::Web;
use crate::download;
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/proofs/{contact}", See, show)
        .get("/proofs/{contact}/pdf", See, pdf)
        .get("/proofs/{contact}/json", See, json)
        .get("/customers/{customer}/proofs", See, history)
        .get("/customers/{customer}/proofs/pdf", See, history_pdf)
        .get("/customers/{customer}/proofs/json", See, history_json)
}

#[derive(Clone, Deserialize)]
struct AtContact {
    contact: ContactId,
}

#[derive(Clone, Deserialize)]
struct AtCustomer {
    customer: CustomerId,
}

#[derive(Template)]
#[template(path = "console/proofs/show.html")]
struct ProofPage {
    page: Page,
    path: String,
    back: String,
    /// The records of all contacts with the customer.
    all: Option<String>,
    blocks: Vec<Block>,
}

async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtContact>,
) -> Result<Response, Problem> {
    let certificate = web.engine.certificate(&seat.company, at.contact).await?;
    let customer = certificate.customer;
    html(&ProofPage {
        page: seat.page("proofs-title"),
        path: seat.url(&format!("/proofs/{}", at.contact)),
        back: seat.url(&format!("/customers/{customer}")),
        all: Some(seat.url(&format!("/customers/{customer}/proofs"))),
        blocks: certificate.paper.blocks,
    })
}

async fn pdf(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtContact>,
) -> Result<Response, Problem> {
    let certificate = web.engine.certificate(&seat.company, at.contact).await?;
    let bytes = printed(move || certificate.paper.pdf_of_one_page()).await?;
    let name = format!("constancia-{}", at.contact);
    Ok(download::file(&name, "pdf", Body::from(bytes)))
}

async fn json(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtContact>,
) -> Result<Response, Problem> {
    let certificate = web.engine.certificate(&seat.company, at.contact).await?;
    Ok(data(&format!("constancia-{}", at.contact), &certificate))
}

async fn of_customer(web: &Web, seat: &Seat, at: &AtCustomer) -> Result<Certificate, Problem> {
    let (db, company) = (web.engine.db(), seat.company.id);
    let found = store::customers::get(db, company, at.customer).await?;
    let key = found.ok_or(Problem::NotFound)?.customer.key;
    Ok(web.engine.certificates(&seat.company, &key).await?)
}

async fn history(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtCustomer>,
) -> Result<Response, Problem> {
    let certificate = of_customer(&web, &seat, &at).await?;
    let path = format!("/customers/{}", at.customer);
    html(&ProofPage {
        page: seat.page("proofs-history"),
        path: seat.url(&format!("{path}/proofs")),
        back: seat.url(&path),
        all: None,
        blocks: certificate.paper.blocks,
    })
}

async fn history_pdf(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtCustomer>,
) -> Result<Response, Problem> {
    let certificate = of_customer(&web, &seat, &at).await?;
    let bytes = printed(move || certificate.paper.pdf()).await?;
    let name = format!("constancias-{}", at.customer);
    Ok(download::file(&name, "pdf", Body::from(bytes)))
}

async fn history_json(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtCustomer>,
) -> Result<Response, Problem> {
    let certificate = of_customer(&web, &seat, &at).await?;
    Ok(data(&format!("constancias-{}", at.customer), &certificate))
}

/// Prints off the threads that answer.
async fn printed(
    print: impl FnOnce() -> Result<Vec<u8>, language::paper::PaperError> + Send + 'static,
) -> Result<Vec<u8>, Problem> {
    let printed = tokio::task::spawn_blocking(print).await;
    let printed = printed.map_err(|error| Problem::Invalid(error.to_string()))?;
    printed.map_err(|error| Problem::Invalid(error.to_string()))
}

fn data(name: &str, certificate: &Certificate) -> Response {
    let text = format!("{:#}\n", certificate.data);
    download::file(name, "json", Body::from(text))
}
