//! Runs: today's before it goes, those before it, what each decided and how it differs from the
//! one before; and who is left alone, and why.

use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::contact::step_words;
use domain::ids::{CustomerId, RunId};
use domain::user::Permission;
use engine::review::{RunShown, TodayReview};
use engine::{CompanyChange, Error, RunMode};
use jiff::Timestamp;
use serde::Deserialize;
use store::outbox::{Filter, Shelf};
use store::review::{Difference, differences, left_alone};
use store::runs;

use crate::Web;
use crate::console::outbox::{Line, address, reason_text, silence_text};
use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::Seat;

/// Runs on a page.
const RUNS: u32 = 30;

/// Customers on a page.
const ROWS: u32 = 50;

/// Customers looked at for one rule.
const LOOKED: u32 = 1_000;

/// Customers listed of each kind of difference.
const DIFFERENT: u32 = 20;

/// A run that ends this soon is waited for; a longer one goes on by itself.
const WAIT: Duration = Duration::from_secs(4);

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/runs", Permission::See, list)
        .post("/runs", Permission::Outreach, begin)
        .post("/runs/mode", Permission::Outreach, set_mode)
        .get("/runs/left-alone/{silence}", Permission::See, alone)
        .get("/runs/{run}", Permission::See, show)
}

/// A count with the rows behind it.
struct Counted {
    text: String,
    count: String,
    path: String,
}

/// Today's run before it goes, as a part of a page.
#[derive(Template)]
#[template(path = "console/runs/today.html")]
pub(crate) struct Today<'a> {
    page: &'a Page,
    mode: String,
    run_line: String,
    held: String,
    held_text: String,
    held_path: String,
    waiting: Vec<Counted>,
    silences: Vec<Counted>,
    examples: Vec<Line>,
    may_release: bool,
}

/// Today's run before it goes: a card for the first page, as HTML.
///
/// # Errors
/// What the database says.
pub(crate) async fn today_card(web: &Web, seat: &Seat, page: &Page) -> Result<String, Problem> {
    let today = web.engine.today(&seat.company).await?;
    Ok(card(seat, page, &today)?.render()?)
}

fn card<'a>(seat: &Seat, page: &'a Page, today: &TodayReview) -> Result<Today<'a>, Problem> {
    let hour = today.run_hour.strftime("%H:%M").to_string();
    let key = format!("runs-mode-{}-says", today.mode.code());
    let run_line = match &today.run {
        None => page.t("runs-none-yet"),
        Some(it) if it.run.finished_at.is_none() => page.t("runs-under-way"),
        Some(it) => page.say("runs-latest", &[("when", &page.instant(&it.run.at))]),
    };
    let waiting = today.waiting.iter().map(|it| {
        let filter = Filter {
            step: Some(it.step.clone()),
            tone: Some(it.tone),
            channel: Some(it.channel),
            ..Filter::default()
        };
        let tone = page.t(&format!("outbox-tone-{}", it.tone));
        let channel = page.t(&format!("outbox-channel-{}", it.channel));
        Counted {
            text: format!("{} · {tone} · {channel}", step_words(&it.step)),
            count: page.number(it.contacts),
            path: page.url(&address(Shelf::Held, &filter)),
        }
    });
    let mut examples = Vec::new();
    for row in &today.examples {
        examples.push(Line::of(page, row)?);
    }
    Ok(Today {
        mode: page.say(&key, &[("hour", &hour)]),
        run_line,
        held: page.number(today.held),
        held_text: page.count("runs-waiting", today.held),
        held_path: page.url(&address(Shelf::Held, &Filter::default())),
        waiting: waiting.collect(),
        silences: today.run.iter().flat_map(|it| silences(page, it)).collect(),
        examples,
        may_release: seat.may(Permission::Outreach) && today.held > 0,
        page,
    })
}

fn silences(page: &Page, run: &RunShown) -> Vec<Counted> {
    let mut silences: Vec<(&String, &u64)> = run.summary.silences.iter().collect();
    silences.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let counted = |(code, count): (&String, &u64)| Counted {
        text: reason_text(page, code),
        count: page.number(*count),
        path: page.url(&format!("/runs/left-alone/{code}")),
    };
    silences.into_iter().map(counted).collect()
}

/// A run in the history.
struct RunLine {
    path: String,
    at: String,
    who: String,
    policy: String,
    customers: String,
    contacts: String,
    alone: String,
    state: String,
}

struct Mode {
    code: &'static str,
    text: String,
    checked: bool,
}

#[derive(Template)]
#[template(path = "console/runs/list.html")]
struct List {
    page: Page,
    today: String,
    runs: Vec<RunLine>,
    next: Option<String>,
    may_act: bool,
    modes: Vec<Mode>,
    hour: String,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Asked {
    before: Option<String>,
}

async fn list(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    html(&list_page(&web, &seat, asked.before.as_deref(), None).await?)
}

async fn list_page(
    web: &Web,
    seat: &Seat,
    before: Option<&str>,
    error: Option<String>,
) -> Result<List, Problem> {
    let page = seat.page("runs-title");
    let before = before.and_then(|text| {
        let (at, run) = text.split_once('.')?;
        let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
        Some((at, run.parse().ok()?))
    });
    let found = runs::history(web.engine.db(), seat.company.id, before, RUNS).await?;
    let last = found.last().filter(|_| found.len() == RUNS as usize);
    let next = last.map(|run| {
        let at = run.started_at.as_microsecond();
        page.url(&format!("/runs?before={at}.{}", run.id))
    });
    let mut lines = Vec::with_capacity(found.len());
    for run in found {
        lines.push(run_line(&page, &web.engine.shown(run)?));
    }
    let settings = &seat.company.settings;
    let modes = RunMode::ALL.map(|mode| Mode {
        code: mode.code(),
        text: page.t(&format!("runs-mode-{}", mode.code())),
        checked: mode == settings.runs,
    });
    Ok(List {
        today: today_card(web, seat, &page).await?,
        runs: lines,
        next,
        may_act: seat.may(Permission::Outreach),
        modes: modes.into(),
        hour: settings.run_hour.strftime("%H:%M").to_string(),
        error,
        page,
    })
}

fn run_line(page: &Page, shown: &RunShown) -> RunLine {
    let (run, summary) = (&shown.run, &shown.summary);
    RunLine {
        path: page.url(&format!("/runs/{}", run.id)),
        at: page.instant(&run.at),
        who: who(page, shown),
        policy: format!("{} v{}", run.policy_key, run.policy_version),
        customers: page.number(summary.customers),
        contacts: page.number(summary.contacts),
        alone: page.number(summary.silences.values().sum::<u64>()),
        state: page.t(match (run.finished_at, run.review) {
            (None, _) => "runs-state-under-way",
            (Some(_), true) => "runs-state-review",
            (Some(_), false) => "runs-state-direct",
        }),
    }
}

fn who(page: &Page, shown: &RunShown) -> String {
    if shown.run.daily_on.is_some() {
        page.t("runs-by-the-clock")
    } else {
        shown.run.author.clone()
    }
}

/// Begins a run; what it plans waits for release unless the company sends by itself.
async fn begin(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    let (engine, company) = (web.engine.clone(), (*seat.company).clone());
    let author = seat.author().to_owned();
    let run = tokio::spawn(async move { engine.run_now(&company, &author, &mut ()).await });
    match tokio::time::timeout(WAIT, run).await {
        Ok(Ok(Ok(_))) => Ok(seat.done("/runs", "runs-done")),
        Ok(Ok(Err(error))) => Err(error.into()),
        Ok(Err(_)) => Err(Error::Stopped("la corrida").into()),
        Err(_) => Ok(seat.done("/runs", "runs-begun")),
    }
}

#[derive(Deserialize)]
struct ModeForm {
    mode: String,
    hour: String,
}

async fn set_mode(
    State(web): State<Web>,
    seat: Seat,
    Form(form): Form<ModeForm>,
) -> Result<Response, Problem> {
    let change = |name: &str, value: &str| CompanyChange {
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let changes = [change("runs", &form.mode), change("run_hour", &form.hour)];
    let set = web
        .engine
        .set_company(&seat.company, &changes, seat.author())
        .await;
    match set {
        Ok(_) => Ok(seat.done("/runs", "runs-mode-set")),
        Err(Error::Invalid { why, .. }) => {
            let list = list_page(&web, &seat, None, Some(why)).await?;
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &list)
        }
        Err(error) => Err(error.into()),
    }
}

/// How one figure of a run differs from the run before.
struct Delta {
    text: String,
    count: String,
    before: String,
    path: String,
}

struct Different {
    customer: String,
    key: String,
    path: String,
    what: String,
}

struct Differences {
    title: String,
    rows: Vec<Different>,
    more: bool,
}

#[derive(Template)]
#[template(path = "console/runs/show.html")]
struct Show {
    page: Page,
    line: RunLine,
    steps: Vec<Delta>,
    tones: Vec<Counted>,
    channels: Vec<Counted>,
    silences: Vec<Delta>,
    before: Option<(String, String)>,
    differences: Vec<Differences>,
}

#[derive(Deserialize)]
struct At {
    run: RunId,
}

async fn show(State(web): State<Web>, seat: Seat, Path(at): Path<At>) -> Result<Response, Problem> {
    let run = at.run;
    let shown = web.engine.run_of(&seat.company, run).await?;
    let shown = shown.ok_or(Problem::NotFound)?;
    let before = web.engine.run_before(&seat.company, &shown.run).await?;
    let page = seat.page("runs-one-title");
    let line = run_line(&page, &shown);
    let page = page.titled(line.at.clone());
    let of_run = |filter: Filter| {
        let filter = Filter {
            run: Some(run),
            ..filter
        };
        let shelf = if shown.run.review {
            Shelf::Held
        } else {
            Shelf::Sent
        };
        page.url(&address(shelf, &filter))
    };
    let step_path = |step: &str| {
        of_run(Filter {
            step: Some(step.to_owned()),
            ..Filter::default()
        })
    };
    let summary = &shown.summary;
    let old = before.as_ref().map(|it| &it.summary);
    let empty = std::collections::BTreeMap::new();
    let (old_steps, old_silences) = old.map_or((&empty, &empty), |it| (&it.by_step, &it.silences));
    let steps = deltas(&page, &summary.by_step, old_steps, step_words, step_path);
    let silence_path = |code: &str| page.url(&format!("/runs/left-alone/{code}"));
    let words = |code: &str| reason_text(&page, code);
    let silences = deltas(&page, &summary.silences, old_silences, words, silence_path);
    let tones = summary.by_tone.iter().map(|(code, count)| Counted {
        text: page.t(&format!("outbox-tone-{code}")),
        count: page.number(*count),
        path: of_run(Filter {
            tone: code.parse().ok(),
            ..Filter::default()
        }),
    });
    let channels = summary.by_channel.iter().map(|(code, count)| Counted {
        text: page.t(&format!("outbox-channel-{code}")),
        count: page.number(*count),
        path: of_run(Filter {
            channel: code.parse().ok(),
            ..Filter::default()
        }),
    });
    let (tones, channels) = (tones.collect(), channels.collect());
    let differences = match &before {
        Some(before) => run_differences(&web, &seat, &page, (before.run.id, run)).await?,
        None => Vec::new(),
    };
    html(&Show {
        line,
        steps,
        tones,
        channels,
        silences,
        before: before.map(|it| {
            let path = page.url(&format!("/runs/{}", it.run.id));
            (page.instant(&it.run.at), path)
        }),
        differences,
        page,
    })
}

fn deltas(
    page: &Page,
    now: &std::collections::BTreeMap<String, u64>,
    before: &std::collections::BTreeMap<String, u64>,
    text: impl Fn(&str) -> String,
    path: impl Fn(&str) -> String,
) -> Vec<Delta> {
    let mut words: Vec<&String> = now.keys().chain(before.keys()).collect();
    words.sort_unstable();
    words.dedup();
    let count = |of: &std::collections::BTreeMap<String, u64>, word: &String| {
        page.number(of.get(word).copied().unwrap_or(0))
    };
    let delta = |word: &String| Delta {
        text: text(word),
        count: count(now, word),
        before: count(before, word),
        path: path(word),
    };
    words.into_iter().map(delta).collect()
}

async fn run_differences(
    web: &Web,
    seat: &Seat,
    page: &Page,
    pair: (RunId, RunId),
) -> Result<Vec<Differences>, Problem> {
    let mut all = Vec::new();
    let kinds = [
        (Difference::Added, "runs-added"),
        (Difference::Changed, "runs-changed"),
        (Difference::Gone, "runs-gone"),
    ];
    for (what, title) in kinds {
        let (db, company) = (web.engine.db(), seat.company.id);
        let mut found = differences(db, company, pair, what, None, DIFFERENT + 1).await?;
        let more = found.len() > DIFFERENT as usize;
        found.truncate(DIFFERENT as usize);
        let rows = found.into_iter().map(|it| Different {
            path: page.url(&format!("/customers/{}", it.customer)),
            what: match &it.before {
                Some(before) => format!("{} → {}", step_words(before), it.step.words()),
                None => it.step.words(),
            },
            customer: it.name,
            key: it.key,
        });
        all.push(Differences {
            title: page.t(title),
            rows: rows.collect(),
            more,
        });
    }
    Ok(all)
}

struct Alone {
    customer: String,
    key: String,
    path: String,
    sentence: String,
    since: String,
}

#[derive(Template)]
#[template(path = "console/runs/alone.html")]
struct AlonePage {
    page: Page,
    rows: Vec<Alone>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct OfSilence {
    silence: String,
}

#[derive(Deserialize)]
struct After {
    after: Option<CustomerId>,
    /// Only those whom this rule of law holds back.
    rule: Option<String>,
}

/// Whether a silence rests on a rule of law.
fn holds_back(facts: &str, rule: &str) -> bool {
    let facts: serde_json::Value = serde_json::from_str(facts).unwrap_or_default();
    let reasons = facts["silence"]["law"]["reasons"].as_array();
    let mut reasons = reasons.into_iter().flatten();
    reasons.any(|it| it["rule"].as_str() == Some(rule))
}

/// The customers of whom a silence stands.
async fn alone(
    State(web): State<Web>,
    seat: Seat,
    Path(of): Path<OfSilence>,
    Query(asked): Query<After>,
) -> Result<Response, Problem> {
    let page = seat.page("runs-alone-title");
    let title = reason_text(&page, &of.silence);
    let page = page.titled(title);
    let (db, company) = (web.engine.db(), seat.company.id);
    // Few of many may be held back by one rule: more are looked at, and the page goes on behind.
    let most = if asked.rule.is_some() { LOOKED } else { ROWS };
    let mut found = left_alone(db, company, &of.silence, asked.after, most).await?;
    let last = found.last().filter(|_| found.len() == most as usize);
    let next = last.map(|it| {
        let silence: String = of.silence.bytes().map(super::outbox::escaped).collect();
        let rule = asked.rule.as_deref().unwrap_or_default();
        let rule: String = rule.bytes().map(super::outbox::escaped).collect();
        let after = it.customer;
        page.url(&match rule.as_str() {
            "" => format!("/runs/left-alone/{silence}?after={after}"),
            rule => format!("/runs/left-alone/{silence}?after={after}&rule={rule}"),
        })
    });
    if let Some(rule) = &asked.rule {
        found.retain(|it| holds_back(&it.facts, rule));
    }
    let rows = found.iter().map(|it| {
        let facts: serde_json::Value = serde_json::from_str(&it.facts).unwrap_or_default();
        let sentence = facts["silence"]["sentence"].as_str();
        Alone {
            customer: it.name.clone(),
            key: it.key.clone(),
            path: page.url(&format!("/customers/{}", it.customer)),
            sentence: silence_text(&page, &of.silence, sentence.unwrap_or_default()),
            since: page.date(&it.since),
        }
    });
    let rows = rows.collect();
    html(&AlonePage { page, rows, next })
}
