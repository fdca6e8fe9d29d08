//! The due date of a document, put off with its reason.

use axum::extract::{Form, Path, State};
use axum::response::Response;
use serde::Deserialize;

use domain::ids::{CustomerId, DocumentId};

use super::acts::{done, form as form_of};
use super::fields::{Field, FormPage, Kind, Typed, day, text};
use super::{At, refusal};
use crate::Web;
use crate::page::Problem;
use crate::session::Seat;

/// A document of a path.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct AtDocument {
    customer: CustomerId,
    document: DocumentId,
}

async fn page(web: &Web, seat: &Seat, at: AtDocument) -> Result<FormPage, Problem> {
    let customer = At {
        customer: at.customer,
    };
    let mut number = None;
    let form = form_of(web, seat, customer, "due", |customer, page| {
        let mut documents = customer.position.books.documents.iter();
        let known = documents.find(|it| it.id == at.document && !it.kind.is_credit());
        let due = known.map(|it| it.due.to_string()).unwrap_or_default();
        number = known.map(|it| it.number.clone());
        vec![
            Field::new(Kind::Day, "until", page.t("customers-due-new")).value(due),
            Field::new(Kind::Lines, "reason", page.t("customers-reason")),
        ]
    });
    let form = form.await?;
    let number = number.ok_or(Problem::NotFound)?;
    let title = format!("{} · {number}", form.page.t("customers-act-due"));
    let path = format!("/customers/{}/documents/{}/due", at.customer, at.document);
    Ok(FormPage {
        action: seat.url(&path),
        intro: Some(form.page.t("customers-due-intro")),
        page: form.page.titled(title),
        ..form
    })
}

pub(super) async fn form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtDocument>,
) -> Result<Response, Problem> {
    page(&web, &seat, at).await?.show()
}

pub(super) async fn change(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtDocument>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    // The form knows whether the document is the customer's.
    let form = page(&web, &seat, at).await?;
    let Ok(Some(until)) = day(text(&typed, "until")) else {
        return form.again(&typed, ("until", seat.words().t("customers-no-day")));
    };
    let reason = text(&typed, "reason");
    if reason.is_empty() {
        return form.again(&typed, ("reason", seat.words().t("customers-no-reason")));
    }
    let engine = &web.engine;
    let extending = engine.extend(&seat.company, at.document, until, reason, seat.author());
    match extending.await {
        Ok(_) => Ok(done(&seat, at.customer, "due-changed")),
        Err(error) => {
            let (_, why) = refusal(error)?;
            form.again(&typed, ("until", why))
        }
    }
}
