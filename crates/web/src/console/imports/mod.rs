//! Files in: uploaded, looked at before they are read, read in the background, undone.

mod draft;
mod file;
mod watch;

use askama::Template;
use axum::extract::{DefaultBodyLimit, Multipart, Query, State};
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ids::ImportId;
use domain::user::Permission;
use engine::Company;
use engine::imports::UPLOAD_BYTES_MAX;
use serde::Deserialize;
use store::imports::{self, Import, ImportState};

use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::routes::Routes;
use crate::session::Seat;
use crate::words::Words;

/// Imports of a page.
const PAGE_ROWS: u32 = 50;
/// Files of one upload.
const FILES_MAX: usize = 20;

pub(crate) fn routes() -> Routes {
    let no_limit = DefaultBodyLimit::disable();
    Routes::new()
        .get("/imports", Permission::See, list)
        .post("/imports", Permission::Import, upload.layer(no_limit))
        .get("/imports/{import}", Permission::See, file::show)
        .get("/imports/{import}/events", Permission::See, watch::events)
        .post(
            "/imports/{import}/explain",
            Permission::Import,
            draft::explain,
        )
        .post("/imports/{import}/begin", Permission::Import, file::begin)
        .post(
            "/imports/{import}/discard",
            Permission::Import,
            file::discard,
        )
        .post("/imports/{import}/cancel", Permission::Import, file::cancel)
        .post("/imports/{import}/undo", Permission::Import, file::undo)
}

/// The import a path names.
#[derive(Deserialize)]
pub(super) struct At {
    import: ImportId,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    before: Option<ImportId>,
}

/// A line of the list.
struct Line {
    import: Import,
    state: String,
    tag: &'static str,
    read: u64,
    changed: u64,
    waiting: u64,
}

#[derive(Template)]
#[template(path = "console/imports/list.html")]
struct ListPage {
    page: Page,
    may: bool,
    problems: Vec<String>,
    lines: Vec<Line>,
    next: Option<ImportId>,
    first_steps: bool,
}

async fn list(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    html(&list_page(&web, &seat, asked.before, Vec::new()).await?)
}

async fn list_page(
    web: &Web,
    seat: &Seat,
    before: Option<ImportId>,
    problems: Vec<String>,
) -> Result<ListPage, Problem> {
    let found = imports::page(web.engine.db(), seat.company.id, before, PAGE_ROWS).await?;
    let full = found.len() == PAGE_ROWS as usize;
    let next = found.last().filter(|_| full).map(|last| last.id);
    let words = seat.words();
    let line = |import: Import| {
        let (state, tag) = state_of(web, words, &import);
        let figures = figures(&import);
        Line {
            state,
            tag,
            read: figures["read"].as_u64().unwrap_or(0),
            changed: ["created", "updated"]
                .iter()
                .filter_map(|it| figures[*it].as_u64())
                .sum(),
            waiting: figures["quarantined"].as_u64().unwrap_or(0),
            import,
        }
    };
    Ok(ListPage {
        page: seat.page("imports-title"),
        may: seat.may(Permission::Import),
        problems,
        lines: found.into_iter().map(line).collect(),
        next,
        first_steps: super::wizard::is_under_way(web, seat).await?,
    })
}

/// The figures of an import: at its end, or so far.
fn figures(import: &Import) -> &serde_json::Value {
    if import.finished_at.is_some() {
        &import.summary
    } else {
        &import.progress
    }
}

/// Where an import stands, in words and colour.
fn state_of(web: &Web, words: &Words, import: &Import) -> (String, &'static str) {
    if web.engine.is_cut_short(import) {
        return (words.t("imports-state-cut-short"), "bad");
    }
    let tag = match import.state {
        ImportState::Draft | ImportState::Cancelled => "warn",
        ImportState::Done => "good",
        ImportState::Failed => "bad",
        ImportState::Running | ImportState::Undone => "",
    };
    let code = import.state.code();
    (words.t(&format!("imports-state-{code}")), tag)
}

async fn upload(State(web): State<Web>, seat: Seat, form: Multipart) -> Result<Response, Problem> {
    let Taken { kept, problems } = take(&web, &seat, form).await?;
    match (kept.as_slice(), problems.is_empty()) {
        ([one], true) => Ok(seat.done(&format!("/imports/{one}"), "imports-uploaded")),
        ([_, ..], true) => Ok(seat.done("/imports", "imports-uploaded")),
        _ => {
            let page = list_page(&web, &seat, None, problems).await?;
            html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

/// Files that came with a form: those that are kept as drafts, and what is wrong with the others.
pub(super) struct Taken {
    pub(super) kept: Vec<ImportId>,
    pub(super) problems: Vec<String>,
}

/// Streams the files of a form to their place.
pub(super) async fn take(web: &Web, seat: &Seat, mut form: Multipart) -> Result<Taken, Problem> {
    let words = seat.words();
    let mut taken = Taken {
        kept: Vec::new(),
        problems: Vec::new(),
    };
    let broken = |_| Problem::Invalid(words.t("imports-upload-broken"));
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned) else {
            continue;
        };
        if taken.kept.len() + taken.problems.len() >= FILES_MAX {
            break;
        }
        let mut upload = web.engine.upload(&name)?;
        let mut wrong = None;
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            if let Err(error) = upload.write(&piece) {
                wrong = Some(error);
                break;
            }
        }
        let kept = match wrong {
            Some(error) => Err(error),
            None if upload.is_empty() && name.is_empty() => continue,
            None => {
                let company: &Company = &seat.company;
                web.engine.keep_upload(company, upload, seat.author()).await
            }
        };
        match kept {
            Ok(id) => taken.kept.push(id),
            Err(error) => taken.problems.push(said(words, &name, &error)?),
        }
    }
    if taken.kept.is_empty() && taken.problems.is_empty() {
        taken.problems.push(words.t("imports-upload-none"));
    }
    Ok(taken)
}

/// What is wrong with a file, in the user's words; other errors stay what they are.
fn said(words: &Words, name: &str, error: &engine::Error) -> Result<String, Problem> {
    let why = match (error.file_code(), error) {
        (Some(code), _) => words.t(&format!("imports-error-{code}")),
        (None, engine::Error::Invalid { .. }) => {
            let max = (UPLOAD_BYTES_MAX >> 20).to_string();
            words.say("imports-upload-too-large", &[("max", &max)])
        }
        (None, engine::Error::NotFound { .. }) => words.t("imports-error-gone"),
        (None, error) => return Err(Problem::Invalid(error.to_string())),
    };
    Ok(format!("{name}: {why}"))
}
