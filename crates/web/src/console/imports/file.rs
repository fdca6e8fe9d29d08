//! One import: a draft to look at, a reading under way, or what came of it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::user::Permission;
use store::bulk::Undoing;
use store::imports::{Import, ImportState};

use super::watch::Progress;
use super::{At, draft, figures, said, state_of};
use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;

/// A figure by kind of thing.
pub(super) struct Counted {
    pub(super) name: String,
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) unchanged: u64,
}

#[derive(Template)]
#[template(path = "console/imports/file.html")]
struct FilePage {
    page: Page,
    import: Import,
    state: String,
    tag: &'static str,
    may: bool,
    progress: Option<Progress>,
    cut_short: bool,
    read: u64,
    waiting: u64,
    applied: u64,
    counted: Vec<Counted>,
    obstacles: Vec<String>,
    first_steps: bool,
}

pub(super) async fn show(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let found = web.engine.import_of(&seat.company, at.import).await?;
    if found.state == ImportState::Draft {
        return draft::show(&web, &seat, found, None).await;
    }
    html(&file_page(&web, &seat, found, Vec::new()).await?)
}

async fn file_page(
    web: &Web,
    seat: &Seat,
    import: Import,
    obstacles: Vec<String>,
) -> Result<FilePage, Problem> {
    let (state, tag) = state_of(web, seat.words(), &import);
    let cut_short = web.engine.is_cut_short(&import);
    let runs = import.state == ImportState::Running && !cut_short;
    let figures = figures(&import);
    let figure = |name: &str| figures[name].as_u64().unwrap_or(0);
    Ok(FilePage {
        page: seat.page("imports-title").titled(import.file.clone()),
        state,
        tag,
        may: seat.may(Permission::Import),
        progress: runs.then(|| Progress::of(seat, &import)),
        cut_short,
        read: figure("read"),
        waiting: figure("quarantined"),
        applied: figure("applied"),
        counted: counted(seat, &figures["by_entity"]),
        obstacles,
        first_steps: super::super::wizard::is_under_way(web, seat).await?,
        import,
    })
}

/// The figures of each kind of thing, in the order in which they build on each other.
pub(super) fn counted(seat: &Seat, by_entity: &serde_json::Value) -> Vec<Counted> {
    const ENTITIES: [&str; 7] = [
        "customers",
        "contact_points",
        "documents",
        "payments",
        "applications",
        "holds",
        "bank_transactions",
    ];
    let words = seat.words();
    ENTITIES
        .into_iter()
        .filter(|entity| by_entity[*entity].is_object())
        .map(|entity| {
            let figure = |name: &str| by_entity[entity][name].as_u64().unwrap_or(0);
            Counted {
                name: words.t(&format!("imports-entity-{entity}")),
                created: figure("created"),
                updated: figure("updated"),
                unchanged: figure("unchanged"),
            }
        })
        .collect()
}

pub(super) async fn begin(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine.begin_import(company, at.import, author).await?;
    Ok(seat.done(&format!("/imports/{}", at.import), "imports-begun"))
}

pub(super) async fn discard(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    web.engine.discard_draft(&seat.company, at.import).await?;
    Ok(seat.done("/imports", "imports-discarded"))
}

pub(super) async fn cancel(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    web.engine.cancel_import(company, at.import, author).await?;
    Ok(seat.done(&format!("/imports/{}", at.import), "imports-stopping"))
}

/// Undoes the import, or says what stands in the way.
pub(super) async fn undo(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    let undone = web.engine.undo_import(company, at.import, author).await?;
    let Undoing::InTheWay(obstacles) = undone else {
        return Ok(seat.done(&format!("/imports/{}", at.import), "imports-undone"));
    };
    let page = seat.page("imports-title");
    let sentences = obstacles.iter().map(|obstacle| {
        let code = obstacle.kind.code();
        let what = page.count(&format!("imports-obstacle-{code}"), obstacle.count);
        if obstacle.examples.is_empty() {
            return what;
        }
        format!("{what} ({})", obstacle.examples.join(", "))
    });
    let sentences: Vec<String> = sentences.collect();
    let found = web.engine.import_of(company, at.import).await?;
    let page = file_page(&web, &seat, found, sentences).await?;
    html_as(StatusCode::CONFLICT, &page)
}

/// A file that cannot be looked at, said on the page of its import.
pub(super) async fn unreadable(
    web: &Web,
    seat: &Seat,
    import: Import,
    error: &engine::Error,
) -> Result<Response, Problem> {
    let why = said(seat.words(), &import.file, error)?;
    let page = file_page(web, seat, import, vec![why]).await?;
    html_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
