//! Contact points of a customer: added, corrected, retired.

use axum::extract::{Form, Path, State};
use axum::response::Response;
use domain::customer::{Channel, Consent, ContactPoint, ContactSource, Health, RecipientRole};
use domain::ids::{ContactPointId, CustomerId};
use engine::customers::PointFacts;
use serde::Deserialize;

use super::fields::{Field, FormPage, Kind, Typed, day, filled, text};
use super::{At, channel_word, refusal};
use crate::Web;
use crate::page::{Page, Problem};
use crate::session::Seat;

/// Channels of which someone may write down an address.
const CHANNELS: &[Channel] = &[
    Channel::Email,
    Channel::Whatsapp,
    Channel::Sms,
    Channel::Call,
    Channel::Letter,
    Channel::Visit,
];

/// A contact point of a path.
#[derive(Clone, Copy, Deserialize)]
pub(super) struct AtPoint {
    customer: CustomerId,
    point: ContactPointId,
}

pub(super) async fn add_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    page_of(&web, &seat, at.customer, None).await?.show()
}

pub(super) async fn change_form(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtPoint>,
) -> Result<Response, Problem> {
    page_of(&web, &seat, at.customer, Some(at.point))
        .await?
        .show()
}

pub(super) async fn add(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let Ok(channel) = text(&typed, "channel").parse() else {
        return Err(Problem::Invalid(seat.words().t("customers-choose")));
    };
    let again = async |why| {
        page_of(&web, &seat, at.customer, None)
            .await?
            .again(&typed, why)
    };
    let facts = match facts(&seat, &typed) {
        Ok(facts) => facts,
        Err(why) => return again(why).await,
    };
    let added = web
        .engine
        .add_point(&seat.company, at.customer, channel, facts, seat.author())
        .await;
    match added {
        Ok(_) => Ok(seat.done(&format!("/customers/{}", at.customer), "point-added")),
        Err(error) => again(field_of(refusal(error)?)).await,
    }
}

pub(super) async fn change(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtPoint>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let point = Some(at.point);
    let again = async |why| {
        page_of(&web, &seat, at.customer, point)
            .await?
            .again(&typed, why)
    };
    let facts = match facts(&seat, &typed) {
        Ok(facts) => facts,
        Err(why) => return again(why).await,
    };
    let whose = (at.customer, at.point);
    let changed = web
        .engine
        .change_point(&seat.company, whose, facts, seat.author())
        .await;
    match changed {
        Ok(()) => Ok(seat.done(&format!("/customers/{}", at.customer), "point-changed")),
        Err(error) => again(field_of(refusal(error)?)).await,
    }
}

fn field_of((what, why): (&'static str, String)) -> (&'static str, String) {
    let field = match what {
        "dirección" => "address",
        "fecha del consentimiento" => "consent_on",
        "origen del consentimiento" => "consent_source",
        _ => "",
    };
    (field, why)
}

/// What was typed, or the field that cannot be read.
fn facts(seat: &Seat, typed: &Typed) -> Result<PointFacts, (&'static str, String)> {
    let choose = |field| (field, seat.words().t("customers-choose"));
    let role = filled(typed, "role").map(str::parse::<RecipientRole>);
    let source = filled(typed, "source").map(str::parse::<ContactSource>);
    let health = text(typed, "health").parse::<Health>();
    let no_day = || ("consent_on", seat.words().t("customers-no-day"));
    let on = day(text(typed, "consent_on")).map_err(|()| no_day())?;
    let consent = match (text(typed, "consent"), on) {
        ("given", Some(on)) => Some(Consent::Given {
            on,
            source: text(typed, "consent_source").to_owned(),
        }),
        ("withdrawn", Some(on)) => Some(Consent::Withdrawn { on }),
        ("given" | "withdrawn", None) => return Err(no_day()),
        ("unknown", _) => Some(Consent::Unknown),
        _ => return Err(choose("consent")),
    };
    Ok(PointFacts {
        address: text(typed, "address").to_owned(),
        role: role.transpose().map_err(|_| choose("role"))?,
        source: source.transpose().map_err(|_| choose("source"))?,
        health: health.map_err(|_| choose("health"))?,
        consent,
    })
}

async fn page_of(
    web: &Web,
    seat: &Seat,
    customer: CustomerId,
    point: Option<ContactPointId>,
) -> Result<FormPage, Problem> {
    let position = web.engine.position(&seat.company, customer).await?;
    let today = seat.company.day_of(web.engine.now()).to_string();
    let mut points = position.customer.contact_points.into_iter();
    let known = match point {
        Some(id) => Some(points.find(|it| it.id == id).ok_or(Problem::NotFound)?),
        None => None,
    };
    let page = seat.page("customers-title");
    let path = format!("/customers/{customer}");
    let (title, action) = match &known {
        Some(point) => (
            "customers-point-change",
            format!("{path}/points/{}", point.id),
        ),
        None => ("customers-point-add", format!("{path}/point")),
    };
    let title = page.t(title);
    let mut fields = fields(&page, known.as_ref(), today);
    if known.is_some() {
        // An address keeps its channel.
        fields.remove(0);
    }
    Ok(FormPage {
        action: seat.url(&action),
        back: seat.url(&path),
        customer: position.customer.name,
        intro: Some(page.t("customers-point-intro")),
        submit: page.t("customers-save"),
        fields,
        error: None,
        page: page.titled(title),
    })
}

fn fields(page: &Page, known: Option<&ContactPoint>, today: String) -> Vec<Field> {
    let unknown = || (String::new(), page.t("customers-unknown"));
    let channels = CHANNELS.iter().map(|it| {
        let code = it.code();
        (code.to_owned(), channel_word(page, code))
    });
    let roles = RecipientRole::ALL.iter().map(|it| {
        let code = it.code();
        (code.to_owned(), page.t(&format!("customers-role-{code}")))
    });
    let sources = ContactSource::ALL.iter().map(|it| {
        let code = it.code();
        (code.to_owned(), page.t(&format!("customers-source-{code}")))
    });
    let healths = Health::ALL.iter().map(|it| {
        let code = it.code();
        (code.to_owned(), page.t(&format!("customers-health-{code}")))
    });
    let consents = ["unknown", "given", "withdrawn"].map(|code| {
        (
            code.to_owned(),
            page.t(&format!("customers-consent-{code}")),
        )
    });
    let (consent, on, source) = match known.map(|it| &it.consent) {
        None | Some(Consent::Unknown) => ("unknown", today, String::new()),
        Some(Consent::Given { on, source }) => ("given", on.to_string(), source.clone()),
        Some(Consent::Withdrawn { on }) => ("withdrawn", on.to_string(), String::new()),
    };
    let role = known.and_then(|it| it.role).map_or("", RecipientRole::code);
    let origin = known
        .and_then(|it| it.source)
        .map_or("", ContactSource::code);
    let health = known.map_or(Health::Good, |it| it.health).code();
    let address = known.map_or("", |it| &it.address);
    vec![
        Field::new(Kind::Choice, "channel", page.t("customers-channel"))
            .options(channels.collect()),
        Field::new(Kind::Line, "address", page.t("customers-address"))
            .value(address)
            .help(page.t("customers-address-help")),
        Field::new(Kind::Choice, "role", page.t("customers-role"))
            .options([unknown()].into_iter().chain(roles).collect())
            .value(role),
        Field::new(Kind::Choice, "source", page.t("customers-source"))
            .options([unknown()].into_iter().chain(sources).collect())
            .value(origin),
        Field::new(Kind::Choice, "health", page.t("customers-health"))
            .options(healths.collect())
            .value(health)
            .help(page.t("customers-health-help")),
        Field::new(Kind::Choice, "consent", page.t("customers-consent"))
            .options(consents.to_vec())
            .value(consent),
        Field::new(Kind::Day, "consent_on", page.t("customers-consent-on"))
            .value(on)
            .optional(),
        Field::new(
            Kind::Line,
            "consent_source",
            page.t("customers-consent-source"),
        )
        .value(source)
        .optional(),
    ]
}
