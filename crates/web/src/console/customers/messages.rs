//! A message exactly as the customer saw it: in a frame that runs nothing and goes nowhere.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use axum::response::{IntoResponse, Response};
use domain::ids::CustomerId;
use serde::Deserialize;
use store::messages::{self, Message};
use uuid::Uuid;

use super::channel_word;
use crate::Web;
use crate::page::{Page, Problem, html};
use crate::session::Seat;

/// What a framed message may do: show its own styles and pictures, in our frame. Scripts, forms,
/// windows and every way out are shut.
const FRAME_POLICY: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; \
    img-src https: data:; frame-ancestors 'self'";

/// A message of a path.
#[derive(Clone, Deserialize)]
pub(super) struct AtMessage {
    customer: CustomerId,
    message: String,
}

#[derive(Template)]
#[template(path = "console/customers/message.html")]
struct MessagePage {
    page: Page,
    back: String,
    customer: String,
    message: Message,
    channel: String,
    frame: String,
    /// The record why it went out.
    proof: Option<String>,
}

#[derive(Template)]
#[template(path = "console/customers/plain_message.html")]
struct PlainMessage<'a> {
    text: &'a str,
}

async fn find(web: &Web, seat: &Seat, at: &AtMessage) -> Result<Message, Problem> {
    let message: Uuid = at.message.parse().map_err(|_| Problem::NotFound)?;
    let whose = (at.customer, message);
    let message = messages::get(web.engine.db(), seat.company.id, whose).await?;
    message.ok_or(Problem::NotFound)
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtMessage>,
) -> Result<Response, Problem> {
    let message = find(&web, &seat, &at).await?;
    let db = web.engine.db();
    let names = store::customers::names(db, seat.company.id, &[at.customer]).await?;
    let customer = names.into_iter().next().map(|(_, _, name)| name);
    let page = seat.page("customers-title");
    let title = if message.subject.is_empty() {
        page.t("customers-message")
    } else {
        message.subject.clone()
    };
    let path = format!("/customers/{}", at.customer);
    html(&MessagePage {
        back: seat.url(&path),
        frame: seat.url(&format!("{path}/messages/{}/frame", at.message)),
        customer: customer.ok_or(Problem::NotFound)?,
        channel: channel_word(&page, message.channel.code()),
        proof: message.contact.map(|it| seat.url(&format!("/proofs/{it}"))),
        message,
        page: page.titled(title),
    })
}

pub(super) async fn frame(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtMessage>,
) -> Result<Response, Problem> {
    let message = find(&web, &seat, &at).await?;
    let body = match &message.html {
        Some(html) => without_ways_out(html),
        None => PlainMessage {
            text: &message.text,
        }
        .render()?,
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, FRAME_POLICY),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    Ok((headers, body).into_response())
}

/// The same page, each of whose links would open a window, which the frame forbids: a link followed
/// inside the frame could act, such as one that ends the customer's messages.
fn without_ways_out(html: &str) -> String {
    const NOWHERE: &str = "<base target=\"_blank\">";
    // Lower case of ASCII keeps every byte in its place.
    let lower = html.to_ascii_lowercase();
    let head = lower.find("<head").and_then(|at| {
        let end = lower[at..].find('>')?;
        Some(at + end + 1)
    });
    let mut out = String::with_capacity(html.len() + NOWHERE.len());
    let (before, after) = html.split_at(head.unwrap_or(0));
    out.push_str(before);
    out.push_str(NOWHERE);
    out.push_str(
        &after
            .replace("target=\"_self\"", "")
            .replace("target=_self", ""),
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_message_lead_nowhere() {
        let cases = [
            (
                "<html><head><title>x</title>",
                "<html><head><base target=\"_blank\"><title>x</title>",
            ),
            (
                "<HEAD class=a><b>",
                "<HEAD class=a><base target=\"_blank\"><b>",
            ),
            ("<p>", "<base target=\"_blank\"><p>"),
            ("ñ<head>é", "ñ<head><base target=\"_blank\">é"),
        ];
        for (html, wanted) in cases {
            assert_eq!(without_ways_out(html), wanted);
        }
        let own = without_ways_out("<a target=\"_self\" href=\"/p/x\">");
        assert!(!own.contains("_self"), "{own}");
    }
}
