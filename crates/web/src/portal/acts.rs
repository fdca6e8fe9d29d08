//! What a customer may say: a promise, a dispute, "I have paid", a message, preferences. A form
//! that is not taken comes back as it was typed, with what to change.

use askama::Template;
use axum::Form;
use axum::extract::{Multipart, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::Currency;
use domain::customer::Channel;
use domain::preference::{HoursOfDay, Preferences};
use engine::files::NewFile;
use engine::portal::{Account, NewClaim, NewDispute, PromiseLimits, Refused, read_amount};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Asked, Frame, Inside};
use crate::Web;
use crate::page::Problem;

const WRONG: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// An amount with its currency as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    amount: String,
    currency: String,
    date: String,
    document: String,
    reference: String,
    text: String,
}

impl Typed {
    fn currency(&self) -> Option<Currency> {
        Currency::new(&self.currency).ok()
    }

    fn day(&self) -> Option<Date> {
        self.date.trim().parse().ok()
    }

    fn amount(&self, currency: Currency) -> Option<rust_decimal::Decimal> {
        read_amount(&self.amount, currency)
    }
}

#[derive(Template)]
#[template(path = "portal/promise.html")]
struct PromisePage {
    p: Frame,
    limits: Option<PromiseLimits>,
    most: Vec<(String, String)>,
    until: String,
    typed: Typed,
    error: Option<String>,
}

fn promise_page(inside: &Inside, account: &Account, typed: Typed) -> PromisePage {
    let p = inside.frame("promise");
    let limits = account.promise_limits(&inside.visit.company);
    let most = limits.iter().flat_map(|limits| &limits.most);
    PromisePage {
        most: most
            .map(|it| (it.currency.code().to_owned(), p.money(it)))
            .collect(),
        until: limits
            .as_ref()
            .map(|it| p.date(&it.until))
            .unwrap_or_default(),
        limits,
        typed,
        error: None,
        p,
    }
}

pub(super) async fn promise(State(web): State<Web>, inside: Inside) -> Result<Response, Problem> {
    let account = web.engine.portal_account(&inside.visit).await?;
    let mut typed = Typed::default();
    let limits = account.promise_limits(&inside.visit.company);
    if let Some(most) = limits.as_ref().and_then(|limits| limits.most.first()) {
        typed.amount = most.decimal().to_string();
        typed.currency = most.currency.code().to_owned();
    }
    inside.page(&promise_page(&inside, &account, typed))
}

pub(super) async fn add_promise(
    State(web): State<Web>,
    inside: Inside,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let said = typed
        .currency()
        .and_then(|it| Some((typed.amount(it)?, it)));
    let refused = match (said, typed.day()) {
        (Some(said), Some(day)) => {
            match web.engine.portal_promise(&inside.visit, said, day).await? {
                Ok(_) => return Ok(inside.done("promise")),
                Err(refused) => refused,
            }
        }
        (None, _) => Refused::NoAmount,
        (_, None) => Refused::Empty,
    };
    let account = web.engine.portal_account(&inside.visit).await?;
    let mut shown = promise_page(&inside, &account, typed);
    shown.error = Some(shown.p.refusal(refused));
    inside.page_as(WRONG, &shown)
}

#[derive(Template)]
#[template(path = "portal/dispute.html")]
struct DisputePage {
    p: Frame,
    /// Number, and what may be contested of it.
    documents: Vec<(String, String)>,
    typed: Typed,
    error: Option<String>,
}

/// Documents that one may choose from.
const CHOICES: usize = 100;

fn dispute_page(inside: &Inside, account: &Account, typed: Typed) -> DisputePage {
    let p = inside.frame("dispute");
    let open = account.statement.documents.iter();
    let mut open: Vec<_> = open.filter(|it| it.free().minor > 0).collect();
    // The one that was asked for is there, however many come before it.
    open.sort_by_key(|it| it.number != typed.document);
    let documents = open.iter().take(CHOICES);
    DisputePage {
        documents: documents
            .map(|it| (it.number.clone(), p.money(&it.free())))
            .collect(),
        typed,
        error: None,
        p,
    }
}

pub(super) async fn dispute(
    State(web): State<Web>,
    Query(asked): Query<Asked>,
    inside: Inside,
) -> Result<Response, Problem> {
    let account = web.engine.portal_account(&inside.visit).await?;
    let typed = Typed {
        document: asked.document,
        ..Typed::default()
    };
    inside.page(&dispute_page(&inside, &account, typed))
}

pub(super) async fn add_dispute(
    State(web): State<Web>,
    inside: Inside,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let account = web.engine.portal_account(&inside.visit).await?;
    let mut documents = account.statement.documents.iter();
    let document = documents.find(|it| it.number == typed.document);
    let amount = match document {
        Some(document) if !typed.amount.trim().is_empty() => typed
            .amount(document.open.currency)
            .map(Some)
            .ok_or(Refused::NoAmount),
        _ => Ok(None),
    };
    let refused = match amount {
        Ok(amount) => {
            let new = NewDispute {
                document: typed.document.clone(),
                amount,
                reason: typed.text.clone(),
            };
            match web.engine.portal_dispute(&inside.visit, new).await? {
                Ok(_) => return Ok(inside.done("dispute")),
                Err(refused) => refused,
            }
        }
        Err(refused) => refused,
    };
    let mut shown = dispute_page(&inside, &account, typed);
    shown.error = Some(shown.p.refusal(refused));
    inside.page_as(WRONG, &shown)
}

#[derive(Template)]
#[template(path = "portal/paid.html")]
struct PaidPage {
    p: Frame,
    currencies: Vec<String>,
    today: String,
    typed: Typed,
    error: Option<String>,
}

fn paid_page(inside: &Inside, account: &Account, typed: Typed) -> PaidPage {
    let codes = account.currencies();
    let mut currencies: Vec<_> = codes.iter().map(|it| it.code().to_owned()).collect();
    if currencies.is_empty() {
        currencies.push(inside.visit.company.currency.code().to_owned());
    }
    PaidPage {
        p: inside.frame("paid"),
        currencies,
        today: account.day().to_string(),
        typed,
        error: None,
    }
}

pub(super) async fn paid(State(web): State<Web>, inside: Inside) -> Result<Response, Problem> {
    let account = web.engine.portal_account(&inside.visit).await?;
    inside.page(&paid_page(&inside, &account, Typed::default()))
}

/// The fields of a form that may carry a file.
async fn with_file(mut form: Multipart) -> Result<(Typed, Option<(String, Vec<u8>)>), Problem> {
    let mut typed = Typed::default();
    let mut file = None;
    let unread = |error: axum::extract::multipart::MultipartError| {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::TooLarge
        } else {
            Problem::Invalid(error.to_string())
        }
    };
    while let Some(field) = form.next_field().await.map_err(unread)? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let called = field.file_name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(unread)?;
            if !bytes.is_empty() {
                file = Some((called, bytes.to_vec()));
            }
            continue;
        }
        let text = field.text().await.map_err(unread)?;
        match name.as_str() {
            "amount" => typed.amount = text,
            "currency" => typed.currency = text,
            "date" => typed.date = text,
            "reference" => typed.reference = text,
            "text" => typed.text = text,
            _ => {}
        }
    }
    Ok((typed, file))
}

pub(super) async fn add_claim(
    State(web): State<Web>,
    inside: Inside,
    form: Multipart,
) -> Result<Response, Problem> {
    let (typed, file) = with_file(form).await?;
    let said = typed
        .currency()
        .and_then(|it| Some((typed.amount(it)?, it)));
    let refused = match (said, typed.day()) {
        (Some((amount, currency)), Some(paid_on)) => {
            let new = NewClaim {
                amount,
                currency,
                paid_on,
                reference: typed.reference.clone(),
                note: typed.text.clone(),
                file: file.map(|(name, content)| NewFile {
                    customer: Some(inside.visit.customer.id),
                    document: None,
                    name,
                    content,
                }),
            };
            match web.engine.portal_claim(&inside.visit, new).await? {
                Ok(Some(_)) => return Ok(inside.done("paid")),
                Ok(None) => return Ok(inside.done("paid-seen")),
                Err(refused) => refused,
            }
        }
        (None, _) => Refused::NoAmount,
        (_, None) => Refused::Empty,
    };
    let account = web.engine.portal_account(&inside.visit).await?;
    let mut shown = paid_page(&inside, &account, typed);
    shown.error = Some(shown.p.refusal(refused));
    inside.page_as(WRONG, &shown)
}

#[derive(Template)]
#[template(path = "portal/write.html")]
struct WritePage {
    p: Frame,
    typed: Typed,
    error: Option<String>,
}

pub(super) async fn write(inside: Inside) -> Result<Response, Problem> {
    inside.page(&WritePage {
        p: inside.frame("write"),
        typed: Typed::default(),
        error: None,
    })
}

pub(super) async fn add_message(
    State(web): State<Web>,
    inside: Inside,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let refused = match web.engine.portal_write(&inside.visit, &typed.text).await? {
        Ok(()) => return Ok(inside.done("write")),
        Err(refused) => refused,
    };
    let p = inside.frame("write");
    let error = Some(p.refusal(refused));
    inside.page_as(WRONG, &WritePage { p, typed, error })
}

#[derive(Template)]
#[template(path = "portal/preferences.html")]
struct PreferencesPage {
    p: Frame,
    email: bool,
    from: Vec<Choice>,
    to: Vec<Choice>,
    channels: Vec<Choice>,
    error: Option<String>,
}

/// An entry of a list to choose from.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

pub(super) async fn preferences(
    State(web): State<Web>,
    inside: Inside,
) -> Result<Response, Problem> {
    let email = web.engine.portal_takes_email(&inside.visit);
    let known = web.engine.portal_preferences(&inside.visit).await?;
    let typed = Preferred::of(email, &known);
    inside.page(&preferences_page(&inside, &typed, None))
}

fn preferences_page(inside: &Inside, typed: &Preferred, error: Option<String>) -> PreferencesPage {
    let p = inside.frame("preferences");
    let hours = |range: std::ops::RangeInclusive<u8>, chosen: &str| {
        let any = Choice::new(String::new(), p.t("portal-preferences-any-hour"), chosen);
        let each = range.map(|hour| Choice::new(hour.to_string(), format!("{hour}:00"), chosen));
        [any].into_iter().chain(each).collect()
    };
    let (from, to) = (hours(0..=23, &typed.from), hours(1..=24, &typed.to));
    let mut own: Vec<Channel> = Vec::new();
    for point in &inside.visit.customer.contact_points {
        if ASKED.contains(&point.channel) && !own.contains(&point.channel) {
            own.push(point.channel);
        }
    }
    let any = Choice::new(
        String::new(),
        p.t("portal-preferences-any-channel"),
        &typed.channel,
    );
    let each = own.iter().map(|channel| {
        let code = channel.code();
        let label = p.t(&format!("portal-preferences-{code}-channel"));
        Choice::new(code.to_owned(), label, &typed.channel)
    });
    PreferencesPage {
        email: typed.email == "yes",
        from,
        to,
        channels: [any].into_iter().chain(each).collect(),
        error,
        p,
    }
}

/// Channels a customer may prefer.
const ASKED: [Channel; 4] = [
    Channel::Email,
    Channel::Whatsapp,
    Channel::Sms,
    Channel::Call,
];

impl Choice {
    fn new(value: String, label: String, chosen: &str) -> Self {
        let chosen = value == chosen;
        Self {
            value,
            label,
            chosen,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Preferred {
    email: String,
    from: String,
    to: String,
    channel: String,
}

impl Preferred {
    fn of(email: bool, known: &Preferences) -> Self {
        let hour = |side: fn(HoursOfDay) -> u8| {
            let hour = known.hours.map(|hours| side(hours).to_string());
            hour.unwrap_or_default()
        };
        let channel = known.channels.first().map(|it| it.code().to_owned());
        Self {
            email: if email { "yes" } else { "no" }.to_owned(),
            from: hour(|it| it.from),
            to: hour(|it| it.to),
            channel: channel.unwrap_or_default(),
        }
    }

    /// The hours chosen; an error for half of them, or an end before the beginning.
    fn hours(&self) -> Result<Option<HoursOfDay>, ()> {
        if self.from.is_empty() && self.to.is_empty() {
            return Ok(None);
        }
        let read = |text: &str| text.parse::<u8>().map_err(|_| ());
        let hours = HoursOfDay::new(read(&self.from)?, read(&self.to)?);
        hours.map(Some).ok_or(())
    }
}

pub(super) async fn set_preferences(
    State(web): State<Web>,
    inside: Inside,
    Form(typed): Form<Preferred>,
) -> Result<Response, Problem> {
    let p = inside.frame("preferences");
    let Ok(hours) = typed.hours() else {
        let error = Some(p.t("portal-preferences-no-hours"));
        return inside.page_as(WRONG, &preferences_page(&inside, &typed, error));
    };
    let chosen = typed.channel.parse::<Channel>().ok();
    let wanted = Preferences {
        hours,
        channels: chosen.filter(|it| ASKED.contains(it)).into_iter().collect(),
    };
    let email = (typed.email == "yes", p.t("portal-preferences-email"));
    web.engine
        .portal_prefer(&inside.visit, (email.0, &email.1), &wanted)
        .await?;
    Ok(inside.done("preferences"))
}
