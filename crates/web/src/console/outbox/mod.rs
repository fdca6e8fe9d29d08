//! The outbox: what waits, what left, what did not, with the reason of each and what may be done.

mod show;

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::contact::{ContactState, Tone, step_words};
use domain::customer::Channel;
use domain::ids::{ContactId, CustomerId, RunId};
use domain::user::Permission;
use engine::review::Which;
use engine::{Error, review};
use jiff::Timestamp;
use serde::Deserialize;
use store::bulk::HELD_FOR_REVIEW;
use store::contacts;
use store::outbox::{self, Cursor, Filter, Listed, Shelf};

pub(crate) use show::framed;

use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::Seat;

/// Contacts on a page.
const ROWS: u32 = 50;
/// How long a page waits for what it was asked to do.
const WAIT: Duration = Duration::from_secs(4);

/// How far small shelves are counted; what left is counted no further than this.
const SENT_COUNTED_MAX: u32 = 1_000;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/outbox", Permission::See, list)
        .post("/outbox/acts", Permission::Outreach, act)
        .get("/outbox/{contact}", Permission::See, show::show)
        .get("/outbox/{contact}/message", Permission::See, show::message)
        .post("/outbox/{contact}/retry", Permission::Outreach, show::retry)
        .post(
            "/outbox/{contact}/outcome",
            Permission::Outreach,
            show::outcome,
        )
}

/// What an address says of a list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    shelf: Option<String>,
    step: Option<String>,
    channel: Option<String>,
    tone: Option<String>,
    reason: Option<String>,
    run: Option<String>,
    customer: Option<String>,
    review: Option<String>,
    after: Option<String>,
}

impl Asked {
    fn shelf(&self) -> Shelf {
        let code = self.shelf.as_deref().unwrap_or_default();
        Shelf::from_code(code).unwrap_or(Shelf::Held)
    }

    fn filter(&self) -> Filter {
        let some = |value: &Option<String>| value.clone().filter(|it| !it.is_empty());
        Filter {
            step: some(&self.step),
            channel: read::<Channel>(&self.channel),
            tone: read::<Tone>(&self.tone),
            reason: some(&self.reason),
            run: read::<RunId>(&self.run),
            customer: read::<CustomerId>(&self.customer),
            review: read::<bool>(&self.review),
        }
    }

    fn after(&self) -> Option<Cursor> {
        let (at, contact) = self.after.as_deref()?.split_once('.')?;
        let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
        Some((at, contact.parse().ok()?))
    }
}

fn read<T: std::str::FromStr>(value: &Option<String>) -> Option<T> {
    value.as_deref()?.parse().ok()
}

/// The address of a list, without where its page begins.
pub(crate) fn address(shelf: Shelf, filter: &Filter) -> String {
    let mut address = format!("/outbox?shelf={}", shelf.code());
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let value: String = value.bytes().map(escaped).collect();
            address.push_str(&format!("&{name}={value}"));
        }
    };
    add("step", filter.step.clone());
    add("channel", filter.channel.map(|it| it.code().to_owned()));
    add("tone", filter.tone.map(|it| it.code().to_owned()));
    add("reason", filter.reason.clone());
    add("run", filter.run.map(|it| it.to_string()));
    add("customer", filter.customer.map(|it| it.to_string()));
    add("review", filter.review.map(|it| it.to_string()));
    address
}

/// A byte of a value in an address.
pub(crate) fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

struct Tab {
    text: String,
    count: String,
    path: String,
    here: bool,
}

/// A contact as the list shows it.
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) path: String,
    pub(crate) customer: String,
    pub(crate) customer_path: String,
    pub(crate) key: String,
    pub(crate) step: String,
    pub(crate) tone: String,
    pub(crate) channel: String,
    pub(crate) amounts: String,
    pub(crate) at: String,
    pub(crate) why: String,
}

impl Line {
    pub(crate) fn of(page: &Page, row: &Listed) -> Result<Self, Problem> {
        let totals = review::asked(&row.content)?;
        let amounts: Vec<String> = totals.iter().map(|it| page.money(it)).collect();
        Ok(Self {
            id: row.id.to_string(),
            path: page.url(&format!("/outbox/{}", row.id)),
            customer: row.customer_name.clone(),
            customer_path: page.url(&format!("/customers/{}", row.customer)),
            key: row.customer_key.clone(),
            step: row.key.words(),
            tone: page.t(&format!("outbox-tone-{}", row.tone)),
            channel: page.t(&format!("outbox-channel-{}", row.channel)),
            amounts: amounts.join(" · "),
            at: page.instant(&row.at),
            why: why(page, row.state, row.reason.as_deref(), row.held.as_ref()),
        })
    }
}

/// Why a contact stands where it does, in words.
fn why(
    page: &Page,
    state: ContactState,
    reason: Option<&str>,
    held: Option<&contacts::Held>,
) -> String {
    if let Some(held) = held {
        let said: &[(&str, &str)] = &[("who", &held.by), ("why", &held.reason)];
        return match (state, held.reason == HELD_FOR_REVIEW.1) {
            (ContactState::Planned, true) => page.t("outbox-waits-for-you"),
            (ContactState::Planned, false) => page.say("outbox-held-by", said),
            _ => page.say("outbox-cancelled-by", said),
        };
    }
    match reason {
        Some(code) => reason_text(page, code),
        None => String::new(),
    }
}

/// A reason in words; what a server said stays as it said it.
pub(crate) fn reason_text(page: &Page, code: &str) -> String {
    let known = page.words.get(&format!("runs-silence-{code}"));
    known.unwrap_or_else(|| code.to_owned())
}

/// Why nothing is done: the sentence as it was written, which is Spanish; in other languages the
/// reason alone.
pub(crate) fn silence_text(page: &Page, code: &str, sentence: &str) -> String {
    if page.words.tag == "es" && !sentence.is_empty() {
        sentence.to_owned()
    } else {
        reason_text(page, code)
    }
}

#[derive(Template)]
#[template(path = "console/outbox/list.html")]
struct List {
    page: Page,
    tabs: Vec<Tab>,
    shelf: &'static str,
    fields: Vec<(&'static str, String)>,
    chips: Vec<(String, String)>,
    lines: Vec<Line>,
    next: Option<String>,
    may_act: bool,
    waits: bool,
    help: String,
    error: Option<String>,
    reason: String,
    clear: String,
}

async fn list(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    html(&list_page(&web, &seat, &asked, None).await?)
}

async fn list_page(
    web: &Web,
    seat: &Seat,
    asked: &Asked,
    error: Option<(String, String)>,
) -> Result<List, Problem> {
    let (db, company) = (web.engine.db(), seat.company.id);
    let page = seat.page("outbox-title");
    let (shelf, filter) = (asked.shelf(), asked.filter());
    let found = outbox::page(db, company, (shelf, &filter), asked.after(), ROWS).await?;
    let mut tabs = Vec::with_capacity(Shelf::ALL.len());
    for other in Shelf::ALL {
        let most = match other {
            Shelf::Sent => SENT_COUNTED_MAX,
            _ => review::COUNTED_MAX,
        };
        let count = outbox::count(db, company, other, most).await?;
        if other == Shelf::Leaving && count == 0 && shelf != other {
            continue;
        }
        tabs.push(Tab {
            text: page.t(&format!("outbox-shelf-{}", other.code())),
            count: if count >= most {
                page.say("outbox-more-than", &[("count", &page.number(most))])
            } else {
                page.number(count)
            },
            path: page.url(&address(other, &Filter::default())),
            here: other == shelf,
        });
    }
    let mut lines = Vec::with_capacity(found.rows.len());
    for row in &found.rows {
        lines.push(Line::of(&page, row)?);
    }
    let base = address(shelf, &filter);
    let next = found
        .next
        .map(|(at, contact)| page.url(&format!("{base}&after={}.{contact}", at.as_microsecond())));
    let (error, reason) = error.map_or((None, String::new()), |(why, said)| (Some(why), said));
    Ok(List {
        shelf: shelf.code(),
        fields: fields(&filter),
        chips: chips(&page, shelf, &filter),
        may_act: seat.may(Permission::Outreach) && matches!(shelf, Shelf::Held | Shelf::Planned),
        waits: shelf == Shelf::Held,
        help: page.t(&format!("outbox-help-{}", shelf.code())),
        clear: page.url(&address(shelf, &Filter::default())),
        page,
        tabs,
        lines,
        next,
        error,
        reason,
    })
}

/// The filter as hidden fields of the form that acts on all it leaves.
fn fields(filter: &Filter) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    let mut add = |name, value: Option<String>| {
        if let Some(value) = value {
            fields.push((name, value));
        }
    };
    add("step", filter.step.clone());
    add("channel", filter.channel.map(|it| it.code().to_owned()));
    add("tone", filter.tone.map(|it| it.code().to_owned()));
    add("reason_code", filter.reason.clone());
    add("run", filter.run.map(|it| it.to_string()));
    add("customer", filter.customer.map(|it| it.to_string()));
    add("review", filter.review.map(|it| it.to_string()));
    fields
}

/// What the list is narrowed to, each with the address without it.
fn chips(page: &Page, shelf: Shelf, filter: &Filter) -> Vec<(String, String)> {
    let mut chips = Vec::new();
    let mut add = |text: Option<String>, without: Filter| {
        if let Some(text) = text {
            chips.push((text, page.url(&address(shelf, &without))));
        }
    };
    let all = || filter.clone();
    add(
        filter.step.as_deref().map(step_words),
        Filter {
            step: None,
            ..all()
        },
    );
    let channel = filter
        .channel
        .map(|it| page.t(&format!("outbox-channel-{it}")));
    add(
        channel,
        Filter {
            channel: None,
            ..all()
        },
    );
    let tone = filter.tone.map(|it| page.t(&format!("outbox-tone-{it}")));
    add(
        tone,
        Filter {
            tone: None,
            ..all()
        },
    );
    let reason = filter.reason.as_deref().map(|it| reason_text(page, it));
    add(
        reason,
        Filter {
            reason: None,
            ..all()
        },
    );
    let run = filter.run.map(|_| page.t("outbox-of-one-run"));
    add(run, Filter { run: None, ..all() });
    let customer = filter.customer.map(|_| page.t("outbox-of-one-customer"));
    add(
        customer,
        Filter {
            customer: None,
            ..all()
        },
    );
    chips
}

/// What a form asks for: an act, on which contacts, why.
#[derive(Default)]
struct Act {
    what: String,
    all: bool,
    reason: String,
    contacts: Vec<ContactId>,
    asked: Asked,
}

impl Act {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut act = Self::default();
        for (name, value) in pairs {
            let asked = &mut act.asked;
            match name.as_str() {
                "act" => act.what = value,
                "scope" => act.all = value == "all",
                "reason" => act.reason = value,
                "contact" => {
                    act.contacts.extend(value.parse::<ContactId>().ok());
                }
                "shelf" => asked.shelf = Some(value),
                "step" => asked.step = Some(value),
                "channel" => asked.channel = Some(value),
                "tone" => asked.tone = Some(value),
                "reason_code" => asked.reason = Some(value),
                "run" => asked.run = Some(value),
                "customer" => asked.customer = Some(value),
                "review" => asked.review = Some(value),
                _ => {}
            }
        }
        act
    }
}

/// What may be done with contacts that wait.
#[derive(Clone, Copy)]
enum What {
    Release,
    Hold,
    Cancel,
}

/// Does it, part by part, on a task of its own: whoever closes the page stops nothing half-way.
/// `None` when it takes longer than a page may; then it goes on, and what is left when a process
/// ends still stands in the list.
async fn perform(
    web: &Web,
    seat: &Seat,
    what: What,
    which: Which,
    reason: String,
) -> Result<Option<Result<u64, Error>>, Problem> {
    let (engine, company) = (web.engine.clone(), seat.company.clone());
    let author = seat.author().to_owned();
    let mut work = tokio::spawn(async move {
        let done = match what {
            What::Release => engine.release(&company, &which, &author).await,
            What::Hold => {
                let held = engine.hold_contacts(&company, &which, &reason, &author);
                held.await
            }
            What::Cancel => {
                let cancelled = engine.cancel_contacts(&company, &which, &reason, &author);
                cancelled.await
            }
        };
        if let Err(error) = &done {
            eprintln!("puntual: {error}");
        }
        done
    });
    match tokio::time::timeout(WAIT, &mut work).await {
        Ok(Ok(done)) => Ok(Some(done)),
        Ok(Err(_)) => Err(Error::Stopped("el cambio de la bandeja").into()),
        Err(_) => Ok(None),
    }
}

async fn act(
    State(web): State<Web>,
    seat: Seat,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let act = Act::read(pairs);
    let (shelf, filter) = (act.asked.shelf(), act.asked.filter());
    let back = address(shelf, &filter);
    let which = if act.all {
        Which::All(shelf, filter)
    } else {
        Which::These(act.contacts)
    };
    if which == Which::These(Vec::new()) {
        let why = seat.words().t("outbox-choose-some");
        let list = list_page(&web, &seat, &act.asked, Some((why, act.reason))).await?;
        return html_as(StatusCode::UNPROCESSABLE_ENTITY, &list);
    }
    let (what, flash) = match act.what.as_str() {
        "release" => (What::Release, "outbox-released"),
        "hold" => (What::Hold, "outbox-held"),
        "cancel" => (What::Cancel, "outbox-cancelled"),
        _ => return Err(Problem::NotFound),
    };
    let Some(done) = perform(&web, &seat, what, which, act.reason.clone()).await? else {
        return Ok(seat.done(&back, "outbox-under-way"));
    };
    match done {
        Ok(0) => Ok(seat.done(&back, "outbox-nothing")),
        Ok(_) => Ok(seat.done(&back, flash)),
        Err(Error::Invalid { why, .. }) => {
            let list = list_page(&web, &seat, &act.asked, Some((why, act.reason))).await?;
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &list)
        }
        Err(error) => Err(error.into()),
    }
}
