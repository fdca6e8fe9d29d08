//! "Avisos de pago": what customers said on their pages and waits for a person.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::ids::{HoldId, PaymentClaimId};
use domain::user::Permission;
use serde::Deserialize;
use store::payment_claims::{Dispute, PaymentClaim, Waiting};

use crate::Web;
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

/// Rows the engine gives at a time.
const ROWS: usize = 50;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/claims", Permission::See, list)
        .post("/claims/{claim}/accept", Permission::Money, accept)
        .post("/claims/{claim}/reject", Permission::Work, reject)
        .post("/claims/disputes/{hold}/end", Permission::Work, end_dispute)
        .post("/claims/revoke", Permission::Work, revoke)
}

/// Where a list begins.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    after: Option<PaymentClaimId>,
    dispute: Option<HoldId>,
}

#[derive(Template)]
#[template(path = "console/claims.html")]
struct ListPage {
    page: Page,
    claims: Vec<Waiting<PaymentClaim>>,
    disputes: Vec<Waiting<Dispute>>,
    next: Option<String>,
    next_dispute: Option<String>,
    may_work: bool,
    may_money: bool,
}

async fn list(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let engine = &web.engine;
    let claims = engine.claims_waiting(&seat.company, asked.after).await?;
    let disputes = engine
        .disputes_waiting(&seat.company, asked.dispute)
        .await?;
    let last = claims.last().filter(|_| claims.len() == ROWS);
    let last_dispute = disputes.last().filter(|_| disputes.len() == ROWS);
    html(&ListPage {
        page: seat.page("claims-title"),
        next: last.map(|it| seat.url(&format!("/claims?after={}", it.what.id))),
        next_dispute: last_dispute
            .map(|it| seat.url(&format!("/claims?dispute={}", it.what.hold.id))),
        may_work: seat.may(Permission::Work),
        may_money: seat.may(Permission::Money),
        claims,
        disputes,
    })
}

#[derive(Deserialize)]
struct AtClaim {
    claim: PaymentClaimId,
}

#[derive(Deserialize)]
struct AtHold {
    hold: HoldId,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    reason: String,
    customer: String,
}

/// The money was found: on to recording it.
async fn accept(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtClaim>,
) -> Result<Response, Problem> {
    let claim = web
        .engine
        .accept_claim(&seat.company, at.claim, seat.author())
        .await?;
    let payment = format!("/customers/{}/payment", claim.customer);
    Ok(seat.done(&payment, "claim-accepted"))
}

async fn reject(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtClaim>,
    Form(said): Form<Said>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine
        .reject_claim(company, at.claim, &said.reason, author)
        .await?;
    Ok(seat.done("/claims", "claim-rejected"))
}

async fn end_dispute(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtHold>,
    Form(said): Form<Said>,
) -> Result<Response, Problem> {
    let hold = at.hold.to_string();
    let (company, author) = (&seat.company, seat.author());
    web.engine
        .end_hold(company, &hold, None, said.reason.trim(), author)
        .await?;
    Ok(seat.done("/claims", "dispute-ended"))
}

/// Every link of a customer stops working; its next message carries a fresh one.
async fn revoke(
    State(web): State<Web>,
    seat: Seat,
    Form(said): Form<Said>,
) -> Result<Response, Problem> {
    let customer = said.customer.trim();
    web.engine
        .revoke_links(&seat.company, customer, seat.author())
        .await?;
    Ok(seat.done("/claims", "links-revoked"))
}
