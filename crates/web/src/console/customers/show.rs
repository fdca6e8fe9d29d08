//! The page of one customer.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use domain::Money;
use domain::charges::{Charged, Charges};
use domain::customer::{Consent, ContactPoint};
use domain::hold::Hold;
use domain::promise::{Promise, PromiseState};
use domain::user::Permission;
use engine::customers::{CustomerPage, DocumentLine};
use jiff::civil::Date;
use serde::Deserialize;
use store::files;
use store::timeline::{self, Cursor, Shown};

use super::by_hand::{self, LeaveRow};
use super::entries::{Entry, entries};
use super::fields::day;
use super::law::event_word;
use super::outlook::{Next, next};
use super::{At, channel_word};
use crate::Web;
use crate::page::{Page, Problem, html};
use crate::session::Seat;

/// Things on a page of the timeline.
const ENTRIES: u32 = 30;
/// Documents on a page.
const DOCUMENTS: usize = 12;
/// Files listed.
const FILES: u32 = 10;
/// Members who may look after a customer.
const MEMBERS: u32 = 200;

/// What of the customer is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The day of the balances.
    on: String,
    /// What the timeline shows.
    shown: String,
    /// Where its page begins.
    after: String,
    /// How many documents lie before those shown.
    documents: usize,
}

#[derive(Template)]
#[template(path = "console/customers/show.html")]
struct Show {
    page: Page,
    path: String,
    may_work: bool,
    may_erase: bool,
    may_money: bool,
    facts: Vec<(String, String)>,
    tags: Vec<String>,
    customer: CustomerPage,
    on: String,
    is_today: bool,
    documents: Vec<DocumentRow>,
    before: Option<String>,
    behind: Option<String>,
    next: Next,
    leaves: Vec<LeaveRow>,
    entries: Vec<Entry>,
    shown: String,
    filters: Vec<(String, String, bool)>,
    older: Option<String>,
    is_first: bool,
    points: Vec<PointRow>,
    holds: Vec<HoldRow>,
    promises: Vec<PromiseRow>,
    files: Vec<files::File>,
    charges: Charges,
    charges_day: Date,
    charged: Vec<Charged>,
}

struct DocumentRow {
    line: DocumentLine,
    kind: String,
    late: Option<i64>,
    held: Option<String>,
}

struct PointRow {
    id: String,
    channel: String,
    address: String,
    role: String,
    consent: String,
    consent_class: &'static str,
    health: String,
    health_class: &'static str,
}

struct HoldRow {
    id: String,
    kind: String,
    what: String,
    span: String,
    reason: String,
    author: String,
    holding: bool,
}

struct PromiseRow {
    amount: Money,
    due: String,
    state: String,
    class: &'static str,
    author: String,
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    let on = day(&asked.on).map_err(|()| Problem::NotFound)?;
    let customer = engine.customer(company, at.customer, on).await?;
    let page = seat.page("customers-title");
    let path = page.url(&format!("/customers/{}", at.customer));
    let span = (asked.documents, DOCUMENTS + 1);
    let mut lines = engine.document_lines(company, &customer, span).await?;
    let more = lines.len() > DOCUMENTS;
    lines.truncate(DOCUMENTS);
    let shown = shown(&asked.shown);
    let after: Option<Cursor> = asked.after.parse().ok();
    let wanted = (shown, after, ENTRIES + 1);
    let db = engine.db();
    let mut found = timeline::page(db, company.id, at.customer, wanted).await?;
    let has_more = found.len() > ENTRIES as usize;
    found.truncate(ENTRIES as usize);
    let last = found.last().filter(|_| has_more).map(|it| it.cursor);
    let keeper = keeper(&web, &seat, &customer).await?;
    let turn = |skip: usize| format!("{path}?on={}&documents={skip}#documents", asked.on);
    let view = Show {
        charges: engine.charges(company, at.customer, customer.on).await?,
        charges_day: customer.on,
        charged: issued_by(&customer.position.books.charged, customer.on),
        facts: facts(&page, &customer, keeper),
        tags: customer.position.customer.tags.clone(),
        on: customer.on.to_string(),
        is_today: customer.on == customer.today,
        before: (asked.documents > 0).then(|| turn(asked.documents.saturating_sub(DOCUMENTS))),
        behind: more.then(|| turn(asked.documents.saturating_add(DOCUMENTS))),
        documents: lines
            .into_iter()
            .map(|it| document(&page, &customer, it))
            .collect(),
        next: next(&page, company, &customer),
        leaves: by_hand::rows(&page, &customer.leaves),
        entries: entries(&page, &path, &customer, found),
        shown: asked.shown.clone(),
        filters: filters(&page, shown),
        older: last.map(|it| format!("{path}?shown={}&after={it}#timeline", word(shown))),
        is_first: after.is_none(),
        points: customer
            .position
            .customer
            .contact_points
            .iter()
            .map(|it| point(&page, it))
            .collect(),
        holds: customer
            .holds()
            .into_iter()
            .map(|it| hold(&page, &customer, it))
            .collect(),
        promises: customer
            .promises()
            .into_iter()
            .map(|it| promise(&page, it))
            .collect(),
        files: files::of_customer(db, company.id, at.customer, FILES).await?,
        may_work: seat.may(Permission::Work),
        may_erase: seat.may(Permission::Company),
        may_money: seat.may(Permission::Money),
        page: page.titled(customer.position.customer.name.clone()),
        path,
        customer,
    };
    html(&view)
}

/// The notes of charges issued by a day.
pub(super) fn issued_by(charged: &[Charged], day: Date) -> Vec<Charged> {
    let issued = charged.iter().filter(|it| it.issued <= day);
    issued.cloned().collect()
}

fn shown(text: &str) -> Shown {
    match text {
        "talk" => Shown::Talk,
        "money" => Shown::Money,
        "decisions" => Shown::Decisions,
        _ => Shown::All,
    }
}

const fn word(shown: Shown) -> &'static str {
    match shown {
        Shown::All => "all",
        Shown::Talk => "talk",
        Shown::Money => "money",
        Shown::Decisions => "decisions",
    }
}

fn filters(page: &Page, shown_now: Shown) -> Vec<(String, String, bool)> {
    let all = [Shown::All, Shown::Talk, Shown::Money, Shown::Decisions];
    let filter = |it: Shown| {
        let code = word(it);
        let words = page.t(&format!("customers-shown-{code}"));
        (code.to_owned(), words, it == shown_now)
    };
    all.map(filter).to_vec()
}

/// The name of who looks after the customer.
async fn keeper(
    web: &Web,
    seat: &Seat,
    customer: &CustomerPage,
) -> Result<Option<String>, Problem> {
    let Some(keeper) = customer.keeper else {
        return Ok(None);
    };
    let members = web.engine.members(seat.company.id, None, MEMBERS).await?;
    let found = members.into_iter().find(|it| it.user == keeper);
    Ok(found.map(|it| it.name))
}

/// What is known of the customer: words and values.
fn facts(page: &Page, customer: &CustomerPage, keeper: Option<String>) -> Vec<(String, String)> {
    let known = &customer.position.customer;
    let mut facts = vec![(page.t("customers-key"), known.key.clone())];
    let mut add = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push((page.t(key), value));
        }
    };
    add("customers-tax-id", known.tax_id.clone());
    let class = known.class.map(|it| {
        let code = it.code();
        page.t(&format!("customers-class-{code}"))
    });
    add("customers-class", class);
    let country = known.country.map(|it| it.to_string());
    let named = |code: String| {
        let name = format!("wizard-country-{}", code.to_lowercase());
        page.words.get(&name).unwrap_or(code)
    };
    add("customers-country", country.map(named));
    add("customers-subdivision", known.subdivision.clone());
    for event in &known.legal_events {
        let told = format!(
            "{} · {}",
            event_word(page, &event.event),
            page.date(&event.on)
        );
        let source = event.source.as_deref();
        let told = source.map_or(told.clone(), |source| format!("{told} · {source}"));
        add("customers-event", Some(told));
    }
    let behaviour = known.behaviour.map(|it| {
        let code = it.code();
        page.t(&format!("customers-behaviour-{code}"))
    });
    add("customers-behaviour", behaviour);
    add("customers-keeper", keeper);
    if let Some(extra) = customer.extra.as_object() {
        for (name, value) in extra.iter().take(12) {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            facts.push((name.clone(), text));
        }
    }
    facts
}

fn document(page: &Page, customer: &CustomerPage, line: DocumentLine) -> DocumentRow {
    let code = line.document.kind.code();
    let open = line.open.as_ref();
    let late = open
        .map(|it| it.days_late(customer.on))
        .filter(|it| *it > 0);
    let held = open.filter(|it| it.held.minor > 0).map(|it| {
        let kinds = it.held_as.iter().map(|kind| hold_word(page, kind.code()));
        let kinds: Vec<String> = kinds.collect();
        format!("{} · {}", page.money(&it.held), kinds.join(", "))
    });
    DocumentRow {
        kind: page.t(&format!("customers-document-{code}")),
        late,
        held,
        line,
    }
}

fn hold_word(page: &Page, code: &str) -> String {
    page.t(&format!("customers-hold-{code}"))
}

fn point(page: &Page, point: &ContactPoint) -> PointRow {
    let health = point.health.code();
    let role = point.role.map(|it| {
        let code = it.code();
        page.t(&format!("customers-role-{code}"))
    });
    let (consent, class) = match &point.consent {
        Consent::Unknown => (page.t("customers-consent-unknown"), ""),
        Consent::Given { on, source } => {
            let given = page.t("customers-consent-given");
            (format!("{given} · {} · {source}", page.date(on)), "good")
        }
        Consent::Withdrawn { on } => {
            let gone = page.t("customers-consent-withdrawn");
            (format!("{gone} · {}", page.date(on)), "bad")
        }
    };
    PointRow {
        id: point.id.to_string(),
        channel: channel_word(page, point.channel.code()),
        address: point.address.clone(),
        role: role.unwrap_or_else(|| page.t("customers-unknown")),
        consent,
        consent_class: class,
        health: page.t(&format!("customers-health-{health}")),
        health_class: if point.health == domain::customer::Health::Good {
            "good"
        } else {
            "bad"
        },
    }
}

fn hold(page: &Page, customer: &CustomerPage, (hold, holding): (&Hold, bool)) -> HoldRow {
    let document = hold.document.and_then(|it| customer.number_of(it));
    let amount = hold.amount.map(|it| page.money(&it));
    let whole = || page.t("customers-hold-all");
    let what = match (amount, document) {
        (Some(amount), Some(number)) => format!("{amount} · {number}"),
        (Some(amount), None) => amount,
        (None, Some(number)) => number.to_owned(),
        (None, None) => whole(),
    };
    let from = page.date(&hold.from);
    let span = match &hold.until {
        Some(until) => format!("{from} – {}", page.date(until)),
        None => format!("{from} –"),
    };
    HoldRow {
        id: hold.id.to_string(),
        kind: hold_word(page, hold.kind.code()),
        what,
        span,
        reason: hold.reason.clone(),
        author: hold.author.clone(),
        holding,
    }
}

fn promise(page: &Page, (promise, state): (&Promise, PromiseState)) -> PromiseRow {
    let (state, class) = match state {
        PromiseState::Pending => (page.t("customers-promise-pending"), ""),
        PromiseState::Kept => (page.t("customers-promise-kept"), "good"),
        PromiseState::Broken { .. } => (page.t("customers-promise-broken"), "bad"),
    };
    PromiseRow {
        amount: promise.amount,
        due: page.date(&promise.due_on),
        state,
        class,
        author: promise.author.clone(),
    }
}
