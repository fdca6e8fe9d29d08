//! What is done to many customers at once: chosen in the list, looked at, done.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use domain::code::UnknownCode;
use domain::customer::Channel;
use domain::hold::HoldKind;
use domain::ids::{CustomerId, UserId};
use engine::Error;
use engine::customers::TagChange;
use engine::portfolio::{BULK_MAX, BulkDone, BulkHold, NewAddress};
use store::{customers, portfolio};

use super::Choice;
use super::query::ListQuery;
use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;

/// Customers whose names a confirmation lists; the others are counted.
const LISTED_MAX: usize = 200;
/// Members that a select offers.
const MEMBERS_MAX: u32 = 200;

/// The fields of a form that may bear a name several times.
type Fields = Vec<(String, String)>;

fn field<'f>(fields: &'f Fields, name: &str) -> &'f str {
    let found = fields.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.trim())
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Hold,
    Tag,
    Untag,
    Assign,
    Address,
}

impl Action {
    const ALL: [Self; 5] = [
        Self::Hold,
        Self::Tag,
        Self::Untag,
        Self::Assign,
        Self::Address,
    ];

    const fn code(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Tag => "tag",
            Self::Untag => "untag",
            Self::Assign => "assign",
            Self::Address => "address",
        }
    }

    fn read(text: &str) -> Result<Self, Problem> {
        let found = Self::ALL.into_iter().find(|it| it.code() == text);
        found.ok_or(Problem::NotFound)
    }
}

#[derive(Template)]
#[template(path = "console/portfolio/confirm.html")]
struct Confirm {
    page: Page,
    action: &'static str,
    count: String,
    names: Vec<(String, String)>,
    others: Option<String>,
    ids: String,
    address: String,
    members: Vec<Choice>,
    channels: Vec<Choice>,
    kinds: Vec<Choice>,
    error: Option<String>,
    values: Values,
}

/// What was typed, to be shown again beside what is wrong with it.
#[derive(Default)]
struct Values {
    reason: String,
    until: String,
    tag: String,
    from: String,
    to: String,
}

impl Values {
    fn of(fields: &Fields) -> Self {
        let value = |name| field(fields, name).to_owned();
        Self {
            reason: value("reason"),
            until: value("until"),
            tag: value("tag"),
            from: value("from"),
            to: value("to"),
        }
    }
}

#[derive(Template)]
#[template(path = "console/portfolio/done.html")]
struct DonePage {
    page: Page,
    done: String,
    refused: Vec<(String, String)>,
    address: String,
}

/// Who was chosen in the list: those marked, or all that it shows.
async fn chosen(
    web: &Web,
    seat: &Seat,
    fields: &Fields,
) -> Result<(Vec<CustomerId>, bool), Problem> {
    if field(fields, "scope") == "all" {
        let query = ListQuery::read(field(fields, "address"));
        let today = seat.company.day_of(web.engine.now());
        let filter = query.customers(seat);
        let (db, company) = (web.engine.db(), seat.company.id);
        let all = portfolio::matching_customers(db, company, &filter, today, BULK_MAX);
        return Ok(all.await?);
    }
    let marked = fields.iter().filter(|(key, _)| key == "id");
    let ids = marked.filter_map(|(_, id)| id.parse().ok()).collect();
    Ok((ids, false))
}

pub(super) async fn confirm(
    State(web): State<Web>,
    seat: Seat,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let action = Action::read(field(&fields, "action"))?;
    let (ids, more) = chosen(&web, &seat, &fields).await?;
    let words = seat.words();
    if ids.is_empty() {
        return Err(Problem::Invalid(words.t("portfolio-bulk-none")));
    }
    if more {
        let most = BULK_MAX.to_string();
        return Err(Problem::Invalid(
            words.say("portfolio-bulk-many", &[("most", &most)]),
        ));
    }
    let address = field(&fields, "address").to_owned();
    let page = confirmation(&web, &seat, action, &ids, address).await?;
    html(&page)
}

async fn confirmation(
    web: &Web,
    seat: &Seat,
    action: Action,
    ids: &[CustomerId],
    address: String,
) -> Result<Confirm, Problem> {
    let (db, company) = (web.engine.db(), seat.company.id);
    let page = seat.page(&format!("portfolio-bulk-{}", action.code()));
    let listed = &ids[..ids.len().min(LISTED_MAX)];
    let names = customers::names(db, company, listed).await?;
    let others = ids.len() - listed.len();
    let members = web.engine.members(company, None, MEMBERS_MAX).await?;
    let none = Choice::new("", page.t("portfolio-bulk-nobody"), false);
    let members = members
        .into_iter()
        .map(|it| Choice::new(it.user.to_string(), it.name, false));
    let channel = |it: &Channel| {
        let name = page.t(&format!("customers-channel-{}", it.code()));
        Choice::new(it.code(), name, *it == Channel::Email)
    };
    let kind = |it: HoldKind| {
        let name = page.t(&format!("customers-hold-{}", it.code()));
        Choice::new(it.code(), name, it == HoldKind::Pause)
    };
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    Ok(Confirm {
        action: action.code(),
        count: page.count("portfolio-count", ids.len()),
        names: names
            .into_iter()
            .map(|(_, key, name)| (key, name))
            .collect(),
        others: (others > 0).then(|| page.count("portfolio-bulk-others", others)),
        ids: ids.join(" "),
        address: ListQuery::read(&address).address(&[]),
        members: std::iter::once(none).chain(members).collect(),
        channels: Channel::ALL.iter().map(channel).collect(),
        kinds: [HoldKind::Pause, HoldKind::Dispute].map(kind).into(),
        error: None,
        values: Values::default(),
        page,
    })
}

pub(super) async fn perform(
    State(web): State<Web>,
    seat: Seat,
    Form(fields): Form<Fields>,
) -> Result<Response, Problem> {
    let action = Action::read(field(&fields, "action"))?;
    let ids = field(&fields, "ids").split(' ');
    let ids: Vec<CustomerId> = ids
        .filter_map(|id| id.parse().ok())
        .take(BULK_MAX)
        .collect();
    // Ids come from a form: only this company's customers are touched.
    let known = customers::keys(web.engine.db(), seat.company.id, &ids).await?;
    let ids: Vec<CustomerId> = known.into_iter().map(|(id, _)| id).collect();
    let address = field(&fields, "address").to_owned();
    match act(&web, &seat, action, &ids, &fields).await {
        Ok(done) => {
            let page = seat.page("portfolio-bulk-done-title");
            html(&DonePage {
                done: page.count("portfolio-bulk-done", done.done),
                refused: done.refused,
                address: ListQuery::read(&address).address(&[]),
                page,
            })
        }
        Err(Error::Invalid { why, .. }) => {
            let page = confirmation(&web, &seat, action, &ids, address).await?;
            let page = Confirm {
                error: Some(why),
                values: Values::of(&fields),
                ..page
            };
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

fn invalid(what: &'static str, why: impl Into<String>) -> Error {
    let why = why.into();
    Error::Invalid { what, why }
}

async fn act(
    web: &Web,
    seat: &Seat,
    action: Action,
    ids: &[CustomerId],
    fields: &Fields,
) -> Result<BulkDone, Error> {
    let (engine, company, author) = (&web.engine, &*seat.company, seat.author());
    let words = seat.words();
    let unknown = |error: UnknownCode| invalid("valor", error.to_string());
    let all = |done| BulkDone {
        done,
        refused: Vec::new(),
    };
    match action {
        Action::Hold => {
            let until = field(fields, "until");
            let day = until.parse();
            let wrong = || invalid("hasta", words.t("portfolio-bulk-wrong-date"));
            let hold = BulkHold {
                kind: field(fields, "kind").parse().map_err(unknown)?,
                until: if until.is_empty() {
                    None
                } else {
                    Some(day.map_err(|_| wrong())?)
                },
                reason: field(fields, "reason").to_owned(),
            };
            engine.hold_customers(company, ids, &hold, author).await
        }
        Action::Tag | Action::Untag => {
            let tag = field(fields, "tag").to_owned();
            if tag.is_empty() {
                return Err(invalid("etiqueta", words.t("portfolio-bulk-no-tag")));
            }
            let mut change = TagChange::default();
            if action == Action::Tag {
                change.add.push(tag);
            } else {
                change.remove.push(tag);
            }
            engine
                .set_tags(company, ids, &change, author)
                .await
                .map(all)
        }
        Action::Assign => {
            let user = field(fields, "user");
            let user: Option<UserId> = user.parse().ok();
            if let Some(user) = user {
                // Only those who sit here look after customers.
                let members = engine.members(company.id, None, MEMBERS_MAX).await?;
                if !members.iter().any(|it| it.user == user) {
                    return Err(invalid("responsable", words.t("portfolio-bulk-no-member")));
                }
            }
            engine.assign(company, ids, user, author).await.map(all)
        }
        Action::Address => {
            let new = NewAddress {
                channel: field(fields, "channel").parse().map_err(unknown)?,
                from: field(fields, "from").to_owned(),
                to: field(fields, "to").to_owned(),
            };
            engine.replace_address(company, ids, &new, author).await
        }
    }
}
