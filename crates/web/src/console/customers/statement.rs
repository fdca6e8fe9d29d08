//! The statement of account: a page to read, to print, and to send when the customer asks for it.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::charges::{Charged, Charges};
use domain::customer::{Channel, Consent, Health};
use domain::ledger::MovementKind;
use domain::user::Permission;
use engine::statements::AccountPage;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::fields::{Typed, day, text};
use super::show::issued_by;
use super::{At, refusal};
use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;

/// Days a statement spans when nothing is said.
const DAYS: i64 = 90;

/// The days asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    from: String,
    to: String,
}

#[derive(Template)]
#[template(path = "console/customers/statement.html")]
struct StatementPage {
    page: Page,
    path: String,
    back: String,
    may_work: bool,
    company: String,
    tax_id: Option<String>,
    bank_data: Option<String>,
    account: AccountPage,
    addresses: Vec<(String, String)>,
    error: Option<String>,
    charges: Charges,
    charges_day: Date,
    charged: Vec<Charged>,
}

impl StatementPage {
    fn kind(&self, kind: MovementKind) -> String {
        let code = match kind {
            MovementKind::Document(kind) => kind.code(),
            MovementKind::Payment => "payment",
        };
        self.page.t(&format!("statement-kind-{code}"))
    }
}

fn span(web: &Web, seat: &Seat, from: &str, to: &str) -> Result<(Date, Date), Problem> {
    let today = seat.company.day_of(web.engine.now());
    let unreadable = |()| Problem::Invalid(seat.words().t("customers-no-day"));
    let to = day(to).map_err(unreadable)?.unwrap_or(today);
    let from = day(from).map_err(unreadable)?;
    Ok((from.unwrap_or_else(|| to.saturating_sub(DAYS.days())), to))
}

async fn page_of(
    web: &Web,
    seat: &Seat,
    at: At,
    days: (Date, Date),
) -> Result<StatementPage, Problem> {
    let company = &seat.company;
    let account = web.engine.account(company, at.customer, days).await?;
    let page = seat.page("statement-title");
    let brand = &company.settings.brand;
    let path = format!("/customers/{}", at.customer);
    let customer = &account.position.customer;
    let may_write = customer.contact_points.iter().filter(|it| {
        it.channel == Channel::Email
            && it.health == Health::Good
            && !matches!(it.consent, Consent::Withdrawn { .. })
    });
    Ok(StatementPage {
        path: seat.url(&format!("{path}/statement")),
        back: seat.url(&path),
        may_work: seat.may(Permission::Work),
        company: brand
            .name
            .clone()
            .unwrap_or_else(|| company.legal_name.clone()),
        tax_id: customer.tax_id.clone(),
        bank_data: brand.bank_data.clone(),
        addresses: may_write
            .map(|it| (it.id.to_string(), it.address.clone()))
            .collect(),
        error: None,
        charges: account.charges.clone(),
        charges_day: account.to,
        charged: issued_by(&account.position.books.charged, account.to),
        account,
        page,
    })
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let days = span(&web, &seat, &asked.from, &asked.to)?;
    html(&page_of(&web, &seat, at, days).await?)
}

pub(super) async fn send(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let days = span(&web, &seat, text(&typed, "from"), text(&typed, "to"))?;
    let Ok(point) = text(&typed, "point").parse() else {
        return Err(Problem::Invalid(seat.words().t("customers-choose")));
    };
    let (whose, mailer) = ((at.customer, point), &web.mailer);
    let sent = web
        .engine
        .send_statement(&seat.company, whose, days, mailer, seat.author())
        .await;
    match sent {
        Ok(()) => Ok(seat.done(&format!("/customers/{}", at.customer), "statement-sent")),
        Err(error) => {
            let (_, why) = refusal(error)?;
            let page = page_of(&web, &seat, at, days).await?;
            let page = StatementPage {
                error: Some(why),
                ..page
            };
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}
