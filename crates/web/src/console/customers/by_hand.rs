//! Calls, visits and letters: whether the law allows them now, and their record.

use axum::extract::{Form, Path, State};
use axum::response::Response;
use domain::call::{BY_HAND, CallResult};
use domain::customer::Channel;
use domain::user::Permission;
use engine::by_hand::{Leave, NewCall};

use super::acts::{done, form};
use super::fields::{Field, FormPage, Kind, Typed, filled, text};
use super::{At, channel_word, refusal};
use crate::Web;
use crate::page::{Page, Problem};
use crate::session::Seat;

/// A way of reaching a customer by hand, as a page shows it.
pub(crate) struct LeaveRow {
    /// Whether it is allowed now, and if not, why and from when.
    pub(crate) words: String,
    pub(crate) allowed: bool,
    /// The number to dial, only where a call is allowed.
    pub(crate) dial: Option<String>,
}

/// Every way of reaching a customer by hand.
pub(crate) fn rows(page: &Page, leaves: &[Leave]) -> Vec<LeaveRow> {
    let row = |it: &Leave| {
        let rings = it.allowed && it.channel == Channel::Call;
        let digits = it
            .address
            .chars()
            .filter(|it| it.is_ascii_digit() || *it == '+');
        LeaveRow {
            words: leave(page, it),
            allowed: it.allowed,
            dial: rings.then(|| digits.collect()),
        }
    };
    leaves.iter().map(row).collect()
}

async fn call_page(web: &Web, seat: &Seat, at: At) -> Result<FormPage, Problem> {
    let mut told: Vec<String> = Vec::new();
    let form = form(web, seat, at, "call", |customer, page| {
        told = customer.leaves.iter().map(|it| leave(page, it)).collect();
        let calls = customer
            .leaves
            .iter()
            .filter(|it| it.channel == Channel::Call);
        let number = calls.map(|it| it.address.clone()).next();
        let channels = BY_HAND.iter().map(|it| {
            let code = it.code();
            (code.to_owned(), channel_word(page, code))
        });
        let results = CallResult::ALL.iter().map(|it| {
            let code = it.code();
            (code.to_owned(), page.t(&format!("customers-call-{code}")))
        });
        let mut fields = vec![
            Field::new(Kind::Choice, "channel", page.t("customers-call-channel"))
                .options(channels.collect()),
            Field::new(Kind::Choice, "result", page.t("customers-call-result"))
                .options(results.collect())
                .help(page.t("customers-call-help")),
            Field::new(Kind::Line, "number", page.t("customers-call-number"))
                .value(number.unwrap_or_default())
                .optional(),
            Field::new(Kind::Lines, "note", page.t("customers-call-note")).optional(),
        ];
        if seat.may(Permission::Outreach) {
            fields.push(
                Field::new(Kind::Lines, "override", page.t("customers-call-override"))
                    .optional()
                    .help(page.t("customers-call-override-help")),
            );
        }
        fields
    });
    let form = form.await?;
    Ok(FormPage {
        intro: Some(told.join(" ")).filter(|it| !it.is_empty()),
        ..form
    })
}

/// Whether the customer may be reached in a way now; if not, why, and from when.
fn leave(page: &Page, leave: &Leave) -> String {
    let channel = channel_word(page, leave.channel.code());
    let way = [("channel", channel.as_str()), ("address", &leave.address)];
    if leave.allowed {
        return page.say("customers-leave-yes", &way);
    }
    let no = page.say("customers-leave-no", &way);
    let next = match &leave.next {
        Some(at) => page.say("customers-leave-next", &[("at", &page.instant(at))]),
        None => page.t("customers-leave-never"),
    };
    format!("{no} {} {next}", leave.why.join(" "))
}

pub(super) async fn call_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    call_page(&web, &seat, at).await?.show()
}

pub(super) async fn call(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let read = (
        text(&typed, "result").parse(),
        filled(&typed, "channel").unwrap_or("call").parse(),
    );
    let (Ok(result), Ok(channel)) = read else {
        return Err(Problem::Invalid(seat.words().t("customers-choose")));
    };
    // Only a manager goes on where the law says no, and says why.
    let overriding = filled(&typed, "override").map(str::to_owned);
    if overriding.is_some() && !seat.may(Permission::Outreach) {
        return Err(Problem::Forbidden);
    }
    let new = NewCall {
        customer: at.customer,
        channel,
        overriding,
        number: text(&typed, "number").to_owned(),
        result,
        note: text(&typed, "note").to_owned(),
        at: None,
    };
    match web.engine.add_call(&seat.company, new, seat.author()).await {
        Ok(()) => Ok(done(&seat, at.customer, "call-added")),
        Err(error) => {
            let (what, why) = refusal(error)?;
            let field = match what {
                "número" => "number",
                "resultado" => "result",
                "motivo" => "override",
                "ley" => "",
                _ => "note",
            };
            call_page(&web, &seat, at)
                .await?
                .again(&typed, (field, why))
        }
    }
}
