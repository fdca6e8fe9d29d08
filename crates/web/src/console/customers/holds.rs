//! Holds of a customer: set and ended.

use axum::extract::{Form, Path, State};
use axum::response::Response;
use domain::hold::HoldKind;
use domain::ids::{CustomerId, HoldId};
use engine::customers::HOLDS_TO_SET;
use engine::holds::NewHold;
use serde::Deserialize;

use super::acts::{currency, document_field, done, form, key, money_fields};
use super::fields::{Field, FormPage, Kind, Typed, amount, day, filled, text};
use super::{At, refusal};
use crate::Web;
use crate::page::Problem;
use crate::session::Seat;

async fn hold_page(web: &Web, seat: &Seat, at: At) -> Result<FormPage, Problem> {
    form(web, seat, at, "hold", |customer, page| {
        let kinds = HOLDS_TO_SET.iter().map(|it| {
            let code = it.code();
            (code.to_owned(), page.t(&format!("customers-hold-{code}")))
        });
        let mut money = money_fields(seat, customer, page);
        let currency = money.pop();
        let amount = money.pop();
        let whole = page.t("customers-hold-whole");
        let mut fields = vec![
            Field::new(Kind::Choice, "kind", page.t("customers-hold-kind"))
                .options(kinds.collect()),
            document_field(customer, page, whole),
        ];
        fields.extend(amount.map(|it| it.optional().help(page.t("customers-hold-amount-help"))));
        fields.extend(currency);
        fields.push(
            Field::new(Kind::Day, "from", page.t("customers-from"))
                .value(customer.today.to_string()),
        );
        fields.push(
            Field::new(Kind::Day, "until", page.t("customers-until"))
                .optional()
                .help(page.t("customers-until-help")),
        );
        fields.push(Field::new(
            Kind::Lines,
            "reason",
            page.t("customers-reason"),
        ));
        fields
    })
    .await
}

pub(super) async fn hold_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    hold_page(&web, &seat, at).await?.show()
}

pub(super) async fn hold(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let new = match read_hold(&web, &seat, at, &typed).await? {
        Ok(new) => new,
        Err((field, key)) => {
            let why = (field, seat.words().t(key));
            return hold_page(&web, &seat, at).await?.again(&typed, why);
        }
    };
    match web.engine.add_hold(&seat.company, new, seat.author()).await {
        Ok(_) => Ok(done(&seat, at.customer, "hold-added")),
        Err(error) => {
            let (what, why) = refusal(error)?;
            let field = match what {
                "motivo" => "reason",
                "importe" => "amount",
                "hasta" => "until",
                "documento" => "document",
                _ => "",
            };
            hold_page(&web, &seat, at)
                .await?
                .again(&typed, (field, why))
        }
    }
}

/// A hold as typed, or the field that cannot be read and the text that says why.
async fn read_hold(
    web: &Web,
    seat: &Seat,
    at: At,
    typed: &Typed,
) -> Result<Result<NewHold, (&'static str, &'static str)>, Problem> {
    let kind: Result<HoldKind, _> = text(typed, "kind").parse();
    let Ok(kind) = kind else {
        return Ok(Err(("kind", "customers-choose")));
    };
    let typed_amount = filled(typed, "amount");
    let read = typed_amount.map(amount);
    if matches!(read, Some(None)) {
        return Ok(Err(("amount", "customers-no-amount")));
    }
    let Ok(from) = day(text(typed, "from")) else {
        return Ok(Err(("from", "customers-no-day")));
    };
    let Ok(until) = day(text(typed, "until")) else {
        return Ok(Err(("until", "customers-no-day")));
    };
    Ok(Ok(NewHold {
        customer: key(web, seat, at.customer).await?,
        document: filled(typed, "document").map(str::to_owned),
        kind,
        amount: read.flatten(),
        currency: typed_amount.and_then(|_| currency(typed)),
        from,
        until,
        reason: text(typed, "reason").to_owned(),
    }))
}

/// A hold of a path.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct AtHold {
    customer: CustomerId,
    hold: HoldId,
}

async fn end_hold_page(web: &Web, seat: &Seat, at: AtHold) -> Result<FormPage, Problem> {
    let customer = At {
        customer: at.customer,
    };
    let mut known = false;
    let page = form(web, seat, customer, "end-hold", |customer, page| {
        known = customer
            .position
            .books
            .holds
            .iter()
            .any(|it| it.id == at.hold);
        vec![
            Field::new(Kind::Day, "on", page.t("customers-hold-ends"))
                .value(customer.today.to_string())
                .help(page.t("customers-hold-ends-help")),
            Field::new(Kind::Lines, "reason", page.t("customers-reason")),
        ]
    });
    let page = page.await?;
    if !known {
        return Err(Problem::NotFound);
    }
    let action = seat.url(&format!("/customers/{}/holds/{}/end", at.customer, at.hold));
    Ok(FormPage { action, ..page })
}

pub(super) async fn end_hold_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtHold>,
) -> Result<Response, Problem> {
    end_hold_page(&web, &seat, at).await?.show()
}

pub(super) async fn end_hold(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtHold>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    // The form knows whether the hold is the customer's.
    let page = end_hold_page(&web, &seat, at).await?;
    let Ok(on) = day(text(&typed, "on")) else {
        return page.again(&typed, ("on", seat.words().t("customers-no-day")));
    };
    let reason = text(&typed, "reason");
    if reason.is_empty() {
        return page.again(&typed, ("reason", seat.words().t("customers-no-reason")));
    }
    let (company, id) = (&seat.company, at.hold.to_string());
    let ended = web.engine.end_hold(company, &id, on, reason, seat.author());
    ended.await?;
    Ok(done(&seat, at.customer, "hold-ended"))
}
