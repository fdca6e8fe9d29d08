//! "Conciliación": what the bank says came in, what it pays, and what a person decides of it.

use askama::Template;
use axum::Form;
use axum::extract::{DefaultBodyLimit, Multipart, Path, Query, State};
use axum::handler::Handler;
use axum::response::Response;
use domain::Money;
use domain::ids::{BankAccountId, BankTransactionId, MatchId};
use domain::user::Permission;
use engine::reconcile::{AccountSeen, HandChoice};
use jiff::Timestamp;
use serde::Deserialize;
use store::bank::{BankLine, LineState};
use store::matches::{Listed, MatchState};

use crate::Web;
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

/// Rows the engine gives at a time.
const ROWS: usize = 50;

pub(crate) fn routes() -> Routes {
    // An upload says itself when it is too large.
    let no_limit = DefaultBodyLimit::disable();
    Routes::new()
        .get("/reconcile", Permission::Money, proposals)
        .get("/reconcile/waiting", Permission::Money, waiting)
        .get("/reconcile/decided", Permission::Money, decided)
        .get("/reconcile/lines/{line}", Permission::Money, line)
        .post("/reconcile/files", Permission::Money, files.layer(no_limit))
        .post("/reconcile/retry", Permission::Money, retry)
        .post(
            "/reconcile/matches/{matched}/accept",
            Permission::Money,
            accept,
        )
        .post(
            "/reconcile/matches/{matched}/refuse",
            Permission::Money,
            refuse,
        )
        .post("/reconcile/matches/{matched}/undo", Permission::Money, undo)
        .post("/reconcile/lines/{line}/lay", Permission::Money, lay)
        .post("/reconcile/lines/{line}/aside", Permission::Money, aside)
        .post("/reconcile/lines/{line}/back", Permission::Money, back)
        .post(
            "/reconcile/accounts/{account}/watch",
            Permission::Money,
            watch,
        )
}

#[derive(Deserialize)]
struct AtMatch {
    matched: MatchId,
}

#[derive(Deserialize)]
struct AtLine {
    line: BankTransactionId,
}

#[derive(Deserialize)]
struct AtAccount {
    account: BankAccountId,
}

/// Where a list begins, and what was decided last.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    minor: Option<i64>,
    after: Option<MatchId>,
    line: Option<BankTransactionId>,
    at: Option<i64>,
    last: Option<MatchId>,
    q: String,
}

#[derive(Template)]
#[template(path = "console/reconcile/proposals.html")]
struct ProposalsPage {
    page: Page,
    accounts: Vec<AccountSeen>,
    found: Vec<Listed>,
    next: Option<String>,
    /// What was accepted last and can be undone.
    last: Option<Listed>,
}

async fn proposals(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    let found = engine
        .proposals(company, asked.minor.zip(asked.after))
        .await?;
    let next = found.last().filter(|_| found.len() == ROWS);
    let last = match asked.last {
        Some(id) => Some(engine.match_of(company, id).await?),
        None => None,
    };
    html(&ProposalsPage {
        page: seat.page("reconcile-title"),
        accounts: engine.bank_accounts(company).await?,
        next: next.map(|it| {
            let (minor, id) = (it.matched.amount.minor, it.matched.id);
            seat.url(&format!("/reconcile?minor={minor}&after={id}"))
        }),
        last: last.filter(|it| it.matched.state.is_settled()),
        found,
    })
}

#[derive(Template)]
#[template(path = "console/reconcile/waiting.html")]
struct WaitingPage {
    page: Page,
    lines: Vec<BankLine>,
    next: Option<String>,
}

async fn waiting(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let after = asked.minor.zip(asked.line);
    let lines = web.engine.waiting_lines(&seat.company, after).await?;
    let next = lines.last().filter(|_| lines.len() == ROWS);
    html(&WaitingPage {
        page: seat.page("reconcile-waiting-title"),
        next: next.map(|it| {
            let (minor, id) = (it.amount.minor, it.id);
            seat.url(&format!("/reconcile/waiting?minor={minor}&line={id}"))
        }),
        lines,
    })
}

#[derive(Template)]
#[template(path = "console/reconcile/decided.html")]
struct DecidedPage {
    page: Page,
    found: Vec<Listed>,
    next: Option<String>,
}

async fn decided(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let at = asked.at.and_then(|at| Timestamp::from_microsecond(at).ok());
    let before = at.zip(asked.after);
    let found = web.engine.decided_matches(&seat.company, before).await?;
    let last = found.last().filter(|_| found.len() == ROWS);
    let next = last.and_then(|it| {
        let at = it.matched.decided_at?.as_microsecond();
        Some(seat.url(&format!(
            "/reconcile/decided?at={at}&after={}",
            it.matched.id
        )))
    });
    html(&DecidedPage {
        page: seat.page("reconcile-decided-title"),
        next,
        found,
    })
}

#[derive(Template)]
#[template(path = "console/reconcile/line.html")]
struct LinePage {
    page: Page,
    line: BankLine,
    history: Vec<Listed>,
    asked: String,
    choices: Vec<HandChoice>,
    may_lay: bool,
    is_waiting: bool,
    is_aside: bool,
}

async fn line(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtLine>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    let line = engine.line_of(company, at.line).await?;
    let asked = asked.q.trim().to_owned();
    let choices = if asked.is_empty() {
        Vec::new()
    } else {
        engine.hand_choices(company, &line, &asked).await?
    };
    let is_waiting = line.state == LineState::Waiting;
    html(&LinePage {
        page: seat.page("reconcile-line-title"),
        history: engine.line_history(company, at.line).await?,
        may_lay: is_waiting || line.state == LineState::Proposed,
        is_aside: line.state == LineState::Other && line.amount.is_positive(),
        is_waiting,
        asked,
        choices,
        line,
    })
}

/// Statements come in and are matched at once.
async fn files(
    State(web): State<Web>,
    seat: Seat,
    mut form: Multipart,
) -> Result<Response, Problem> {
    let words = seat.words();
    let broken = |_| Problem::Invalid(words.t("imports-upload-broken"));
    let mut read = 0;
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned) else {
            continue;
        };
        let mut upload = web.engine.upload(&name)?;
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            upload.write(&piece)?;
        }
        if upload.is_empty() {
            continue;
        }
        let (company, author) = (&seat.company, seat.author());
        web.engine.reconcile_upload(company, upload, author).await?;
        read += 1;
    }
    if read == 0 {
        return Err(Problem::Invalid(words.t("imports-upload-none")));
    }
    Ok(seat.done("/reconcile", "reconcile-read"))
}

async fn retry(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    web.engine.match_waiting(&seat.company).await?;
    Ok(seat.done("/reconcile", "reconcile-retried"))
}

async fn accept(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtMatch>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine.accept_match(company, at.matched, author).await?;
    let back = format!("/reconcile?last={}", at.matched);
    Ok(seat.done(&back, "match-accepted"))
}

async fn refuse(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtMatch>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine.refuse_match(company, at.matched, author).await?;
    Ok(seat.done("/reconcile", "match-refused"))
}

async fn undo(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtMatch>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine.undo_match(company, at.matched, author).await?;
    let line = web.engine.match_of(company, at.matched).await?.line.id;
    Ok(seat.done(&format!("/reconcile/lines/{line}"), "match-undone"))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Typed {
    number: String,
    watched: bool,
}

async fn lay(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtLine>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine
        .match_by_hand(company, at.line, &typed.number, author)
        .await?;
    let back = format!("/reconcile/lines/{}", at.line);
    Ok(seat.done(&back, "match-accepted"))
}

async fn aside(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtLine>,
) -> Result<Response, Problem> {
    set_aside(&web, &seat, at.line, true).await
}

async fn back(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtLine>,
) -> Result<Response, Problem> {
    set_aside(&web, &seat, at.line, false).await
}

async fn set_aside(
    web: &Web,
    seat: &Seat,
    line: BankTransactionId,
    aside: bool,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine
        .set_line_aside(company, line, aside, author)
        .await?;
    let flash = if aside { "line-aside" } else { "line-back" };
    Ok(seat.done(&format!("/reconcile/lines/{line}"), flash))
}

async fn watch(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<AtAccount>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine
        .watch_account(company, at.account, typed.watched, author)
        .await?;
    Ok(seat.done("/reconcile", "account-watched"))
}

/// The tag of a match's state, by colour.
pub(crate) const fn tag(state: &MatchState) -> &'static str {
    match state {
        MatchState::Proposed => "warn",
        MatchState::Applied | MatchState::Accepted => "good",
        MatchState::Refused | MatchState::Undone => "",
    }
}

/// Where a match stands, in words.
pub(crate) fn state_text(page: &Page, state: &MatchState) -> String {
    page.t(&format!("reconcile-state-{}", state.code()))
}

/// A part of a line, as money.
pub(crate) fn part(page: &Page, minor: &i64, of: &Listed) -> String {
    page.money(&Money::new(*minor, of.matched.amount.currency))
}
