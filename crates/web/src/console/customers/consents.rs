//! What a customer said about being contacted, with its history, and its hours and channels.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::customer::{Channel, ContactPoint};
use domain::ids::{ContactPointId, CustomerId};
use domain::preference::{HoursOfDay, Preferences, Purpose, Said, Statement};
use domain::user::Permission;
use engine::customers::ConsentLine;

use super::fields::{Typed, day, text};
use super::{At, channel_word, refusal};
use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;

/// Channels a customer may prefer.
const PREFERRED: [Channel; 4] = [
    Channel::Email,
    Channel::Whatsapp,
    Channel::Sms,
    Channel::Call,
];

#[derive(Template)]
#[template(path = "console/customers/consents.html")]
struct ConsentsPage {
    page: Page,
    path: String,
    customer: String,
    lines: Vec<Line>,
    points: Vec<(ContactPointId, String)>,
    may_work: bool,
    today: String,
    from: Vec<Choice>,
    to: Vec<Choice>,
    channels: Vec<Choice>,
    preferred: String,
    error: Option<String>,
}

/// A line of the history in the reader's words.
struct Line {
    what: ConsentLine,
    channel: String,
    purpose: String,
    said: String,
    class: &'static str,
    at: String,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

impl Choice {
    fn new(value: String, label: String, chosen: bool) -> Self {
        Self {
            value,
            label,
            chosen,
        }
    }
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    html(&page_of(&web, &seat, at.customer, None).await?)
}

async fn again(
    web: &Web,
    seat: &Seat,
    customer: CustomerId,
    why: String,
) -> Result<Response, Problem> {
    let page = page_of(web, seat, customer, Some(why)).await?;
    html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Writes down what a customer said of one of its addresses.
pub(super) async fn add(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let words = seat.words();
    let choose = || again(&web, &seat, at.customer, words.t("customers-choose"));
    let Ok(point) = text(&typed, "point").parse::<ContactPointId>() else {
        return choose().await;
    };
    let parsed = (
        text(&typed, "purpose").parse(),
        text(&typed, "said").parse(),
    );
    let (Ok(purpose), Ok(said)) = parsed else {
        return choose().await;
    };
    let Ok(Some(since)) = day(text(&typed, "since")) else {
        return again(&web, &seat, at.customer, words.t("customers-no-day")).await;
    };
    let statement = Statement {
        purpose,
        said,
        since,
        source: text(&typed, "source").to_owned(),
        shown: text(&typed, "shown").to_owned(),
    };
    let whose = (at.customer, point);
    let done = web
        .engine
        .record_point_consent(&seat.company, whose, &statement, seat.author())
        .await;
    match done {
        Ok(()) => Ok(seat.done(
            &format!("/customers/{}/consents", at.customer),
            "consent-added",
        )),
        Err(error) => again(&web, &seat, at.customer, refusal(error)?.1).await,
    }
}

/// Writes down when and how a customer wants to be contacted.
pub(super) async fn prefer(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let (from, to) = (text(&typed, "from"), text(&typed, "to"));
    let hours = match (from.parse(), to.parse()) {
        _ if from.is_empty() && to.is_empty() => None,
        (Ok(from), Ok(to)) if HoursOfDay::new(from, to).is_some() => HoursOfDay::new(from, to),
        _ => {
            let why = seat.words().t("rights-no-hours");
            return again(&web, &seat, at.customer, why).await;
        }
    };
    let channel = text(&typed, "channel").parse::<Channel>().ok();
    let wanted = Preferences {
        hours,
        channels: channel.into_iter().collect(),
    };
    web.engine
        .set_preferences(&seat.company, at.customer, &wanted, seat.author())
        .await?;
    Ok(seat.done(
        &format!("/customers/{}/consents", at.customer),
        "preferences-set",
    ))
}

async fn page_of(
    web: &Web,
    seat: &Seat,
    customer: CustomerId,
    error: Option<String>,
) -> Result<ConsentsPage, Problem> {
    let position = web.engine.position(&seat.company, customer).await?;
    let history = web.engine.consents(&seat.company, customer).await?;
    let page = seat.page("customers-title");
    let title = page.t("rights-consents");
    let known = &position.preferences;
    let hour = |side: fn(HoursOfDay) -> u8| known.hours.map(side);
    let hours = |range: std::ops::RangeInclusive<u8>, chosen: Option<u8>| {
        let any = Choice::new(String::new(), page.t("rights-any-hour"), chosen.is_none());
        let each =
            range.map(|it| Choice::new(it.to_string(), format!("{it}:00"), chosen == Some(it)));
        [any].into_iter().chain(each).collect()
    };
    let first = known.channels.first().copied();
    let any = Choice::new(String::new(), page.t("rights-any-channel"), first.is_none());
    let each = PREFERRED.iter().map(|it| {
        let code = it.code();
        Choice::new(
            code.to_owned(),
            channel_word(&page, code),
            first == Some(*it),
        )
    });
    let point = |it: &ContactPoint| {
        let channel = channel_word(&page, it.channel.code());
        (it.id, format!("{} ({channel})", it.address))
    };
    Ok(ConsentsPage {
        path: seat.url(&format!("/customers/{customer}")),
        lines: history.into_iter().map(|it| line(&page, it)).collect(),
        points: position.customer.contact_points.iter().map(point).collect(),
        may_work: seat.may(Permission::Work),
        today: seat.company.day_of(web.engine.now()).to_string(),
        from: hours(0..=23, hour(|it| it.from)),
        to: hours(1..=24, hour(|it| it.to)),
        channels: [any].into_iter().chain(each).collect(),
        preferred: preferred(&page, known),
        customer: position.customer.name,
        error,
        page: page.titled(title),
    })
}

fn preferred(page: &Page, known: &Preferences) -> String {
    let hours = match known.hours {
        Some(hours) => format!("{}:00–{}:00", hours.from, hours.to),
        None => page.t("rights-any-hour"),
    };
    let channel = match known.channels.first() {
        Some(channel) => channel_word(page, channel.code()),
        None => page.t("rights-any-channel"),
    };
    format!("{hours} · {channel}")
}

fn line(page: &Page, what: ConsentLine) -> Line {
    let said = what.said.parse::<Said>();
    let class = match said {
        Ok(Said::Given) => "good",
        Ok(Said::Withdrawn) => "bad",
        _ => "",
    };
    let at = what.at.parse::<jiff::Timestamp>();
    Line {
        channel: channel_word(page, &what.channel),
        purpose: page.t(&format!("rights-purpose-{}", what.purpose)),
        said: page.t(&format!("customers-consent-{}", what.said)),
        class,
        at: at.map(|at| page.instant(&at)).unwrap_or_default(),
        what,
    }
}

impl ConsentsPage {
    fn purposes(&self) -> Vec<(&'static str, String)> {
        let word = |it: &Purpose| {
            let code = it.code();
            (code, self.page.t(&format!("rights-purpose-{code}")))
        };
        Purpose::ALL.iter().map(word).collect()
    }

    fn words_said(&self) -> Vec<(&'static str, String)> {
        let word = |it: &Said| {
            let code = it.code();
            (code, self.page.t(&format!("customers-consent-{code}")))
        };
        Said::ALL.iter().map(word).collect()
    }
}
