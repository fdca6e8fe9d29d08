//! One contact: where it stands and why, what left word for word, and what may still be done.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use axum::response::{IntoResponse, Response};
use domain::contact::ContactState;
use domain::ids::ContactId;
use domain::user::Permission;
use engine::review;
use engine::review::Retried;
use serde::Deserialize;
use store::contacts::{self, ContactRecord};
use store::events::{self, Event};
use store::outbox::{Filter, Shelf};
use store::{customers, messages};

use super::{address, silence_text, why};
use crate::Web;
use crate::page::{Page, Problem, html};
use crate::session::Seat;

/// What a message shown here may do: look as it was sent, and nothing else.
const MESSAGE_POLICY: &str = "sandbox; default-src 'none'; \
    style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'";

#[derive(Deserialize)]
pub(super) struct At {
    contact: ContactId,
}

struct Happening {
    text: String,
    who: String,
    at: String,
}

#[derive(Template)]
#[template(path = "console/outbox/show.html")]
struct Show {
    page: Page,
    contact: ContactRecord,
    customer_path: String,
    state: String,
    tag: &'static str,
    why: String,
    step: String,
    tone: String,
    channel: String,
    planned: String,
    left: Option<String>,
    documents: Vec<(String, String)>,
    subject: Option<String>,
    happened: Vec<Happening>,
    may_act: bool,
    is_planned: bool,
    is_held: bool,
    may_retry: bool,
    is_unknown: bool,
    said: Option<String>,
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    html(&show_page(&web, &seat, at.contact, None).await?)
}

async fn show_page(
    web: &Web,
    seat: &Seat,
    id: ContactId,
    said: Option<String>,
) -> Result<Show, Problem> {
    let (db, company) = (web.engine.db(), seat.company.id);
    let contact = contacts::get(db, company, id).await?;
    let contact = contact.ok_or(Problem::NotFound)?;
    let name = customers::get(db, company, contact.customer).await?;
    let name = name.map_or_else(|| contact.customer_key.clone(), |it| it.customer.name);
    let page = seat.page("outbox-title").titled(name);
    let message = messages::of_contacts(db, company, &[id]).await?;
    let documents = review::documents(&contact.content)?;
    let happened = events::of_entity(db, company, id.uuid()).await?;
    let state = contact.state;
    let is_held = state == ContactState::Planned && contact.held.is_some();
    let shelf = if is_held { "held" } else { state.code() };
    Ok(Show {
        customer_path: page.url(&format!("/customers/{}", contact.customer)),
        state: page.t(&format!("outbox-state-{shelf}")),
        tag: match state {
            ContactState::Planned | ContactState::Claimed if !is_held => "",
            ContactState::Planned | ContactState::Claimed | ContactState::Suppressed => "warn",
            ContactState::Failed | ContactState::Unknown => "bad",
            _ => "good",
        },
        why: why(
            &page,
            state,
            contact.reason.as_deref(),
            contact.held.as_ref(),
        ),
        step: contact.key.words(),
        tone: page.t(&format!("outbox-tone-{}", contact.tone)),
        channel: page.t(&format!("outbox-channel-{}", contact.channel)),
        planned: page.instant(&contact.planned_at),
        left: contact.performed_at.map(|at| page.instant(&at)),
        documents: documents
            .iter()
            .map(|(number, amount)| (number.clone(), page.money(amount)))
            .collect(),
        subject: message.first().map(|it| it.subject.clone()),
        happened: happened.iter().map(|it| happening(&page, it)).collect(),
        may_act: seat.may(Permission::Outreach),
        is_planned: state == ContactState::Planned,
        is_held,
        may_retry: matches!(state, ContactState::Failed | ContactState::Suppressed),
        is_unknown: state == ContactState::Unknown,
        said,
        contact,
        page,
    })
}

fn happening(page: &Page, event: &Event) -> Happening {
    let key = event.kind.replace('.', "-");
    let text = page.words.get(&format!("outbox-event-{key}"));
    Happening {
        text: text.unwrap_or_else(|| event.kind.clone()),
        who: event.author.clone(),
        at: page.instant(&event.at),
    }
}

/// The message as it left, word for word, in a page of its own that may do nothing.
pub(super) async fn message(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let found = messages::of_contacts(web.engine.db(), seat.company.id, &[at.contact]).await?;
    let found = found.into_iter().next().ok_or(Problem::NotFound)?;
    Ok(match found.html {
        Some(html) => framed("text/html; charset=utf-8", html),
        None => framed("text/plain; charset=utf-8", found.text),
    })
}

/// A message in a frame.
pub(crate) fn framed(kind: &'static str, body: String) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, MESSAGE_POLICY),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    (headers, body).into_response()
}

pub(super) async fn retry(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let contact = at.contact;
    let done = web
        .engine
        .retry_contact(&seat.company, contact, seat.author())
        .await?;
    match done {
        Retried::Planned(_) => {
            let found = contacts::get(web.engine.db(), seat.company.id, contact).await?;
            let filter = Filter {
                customer: found.map(|it| it.customer),
                ..Filter::default()
            };
            Ok(seat.done(&address(Shelf::Planned, &filter), "outbox-retried"))
        }
        Retried::Silent { code, sentence } => {
            let page = seat.page("outbox-title");
            let why = silence_text(&page, code, &sentence);
            let said = page.say("outbox-not-retried", &[("why", &why)]);
            html(&show_page(&web, &seat, contact, Some(said)).await?)
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Outcome {
    arrived: String,
}

pub(super) async fn outcome(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(form): Form<Outcome>,
) -> Result<Response, Problem> {
    let (contact, arrived) = (at.contact, form.arrived == "yes");
    web.engine
        .settle_unknown(&seat.company, contact, arrived, seat.author())
        .await?;
    Ok(seat.done(&format!("/outbox/{contact}"), "outbox-settled"))
}
