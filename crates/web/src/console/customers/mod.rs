//! One customer: what it owes as of a day, all that happened, what comes next and why, and what
//! people record about it.

mod acts;
pub(crate) mod by_hand;
mod consents;
mod due;
mod entries;
mod fields;
mod files;
mod holds;
mod law;
mod messages;
mod outlook;
mod points;
mod privacy;
mod show;
mod statement;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use domain::ids::CustomerId;
use domain::user::Permission::{Company, Money, See, Work};
use engine::Error;
use serde::Deserialize;

use crate::page::{Page, Problem};
use crate::routes::Routes;

/// Largest request with a file in it: the file, and what stands around it.
const UPLOAD_BYTES_MAX: usize = engine::files::FILE_BYTES_MAX + 64 * 1024;

pub(crate) fn routes() -> Routes {
    records().and(standing())
}

/// What stands on record, and what is added to it.
fn records() -> Routes {
    Routes::new()
        .get("/customers/{customer}", See, show::show)
        .get("/customers/{customer}/note", Work, acts::note_form)
        .post("/customers/{customer}/note", Work, acts::note)
        .get("/customers/{customer}/call", Work, by_hand::call_form)
        .post("/customers/{customer}/call", Work, by_hand::call)
        .get("/customers/{customer}/payment", Money, acts::payment_form)
        .post("/customers/{customer}/payment", Money, acts::payment)
        .get("/customers/{customer}/promise", Work, acts::promise_form)
        .post("/customers/{customer}/promise", Work, acts::promise)
        .get("/customers/{customer}/hold", Work, holds::hold_form)
        .post("/customers/{customer}/hold", Work, holds::hold)
        .get(
            "/customers/{customer}/holds/{hold}/end",
            Work,
            holds::end_hold_form,
        )
        .post(
            "/customers/{customer}/holds/{hold}/end",
            Work,
            holds::end_hold,
        )
        .get("/customers/{customer}/attach", Work, acts::attach_form)
        .post("/customers/{customer}/attach", Work, acts::attach)
        .get("/customers/{customer}/point", Work, points::add_form)
        .post("/customers/{customer}/point", Work, points::add)
        .get(
            "/customers/{customer}/points/{point}",
            Work,
            points::change_form,
        )
        .post("/customers/{customer}/points/{point}", Work, points::change)
        .get(
            "/customers/{customer}/messages/{message}",
            See,
            messages::show,
        )
        .get(
            "/customers/{customer}/messages/{message}/frame",
            See,
            messages::frame,
        )
        .get(
            "/customers/{customer}/documents/{document}/due",
            Work,
            due::form,
        )
        .post(
            "/customers/{customer}/documents/{document}/due",
            Work,
            due::change,
        )
        .get("/customers/{customer}/statement", See, statement::show)
        .post("/customers/{customer}/statement", Work, statement::send)
        .get("/customers/{customer}/file", Work, files::form)
        .post(
            "/customers/{customer}/file",
            Work,
            files::upload.layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)),
        )
        .get("/files/{file}", See, files::download)
}

/// Where the customer and its debts stand in law, what it agreed to and prefers, and its rights.
fn standing() -> Routes {
    Routes::new()
        .get("/customers/{customer}/law", Work, law::law_form)
        .post("/customers/{customer}/law", Work, law::law)
        .get(
            "/customers/{customer}/documents/{document}/debt",
            Work,
            law::debt_form,
        )
        .post(
            "/customers/{customer}/documents/{document}/debt",
            Work,
            law::debt,
        )
        .get("/customers/{customer}/consents", See, consents::show)
        .post("/customers/{customer}/consents", Work, consents::add)
        .post("/customers/{customer}/preferences", Work, consents::prefer)
        .get("/customers/{customer}/privacy", Company, privacy::show)
        .get(
            "/customers/{customer}/privacy/export",
            Company,
            privacy::export,
        )
        .post(
            "/customers/{customer}/privacy/erase",
            Company,
            privacy::erase,
        )
}

/// The customer of a path.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct At {
    pub(crate) customer: CustomerId,
}

/// A channel in the reader's words.
pub(crate) fn channel_word(page: &Page, code: &str) -> String {
    page.t(&format!("customers-channel-{code}"))
}

/// Where a contact stands, in the reader's words.
pub(crate) fn state_word(page: &Page, code: &str) -> String {
    page.t(&format!("customers-state-{code}"))
}

/// What a form can say of an error; the rest is a page of its own.
fn refusal(error: Error) -> Result<(&'static str, String), Problem> {
    match error {
        Error::Invalid { what, why } => Ok((what, why)),
        Error::NotFound {
            what: "la factura", ..
        } => Ok(("documento", error.to_string())),
        Error::Store(store::StoreError::Exists { .. }) => Ok(("referencia", error.to_string())),
        other => Err(other.into()),
    }
}
