//! An import while it runs, as events for a page that listens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use store::imports::{Import, ImportState};

use super::At;
use crate::Web;
use crate::page::Problem;
use crate::session::Seat;

/// How often the figures are looked up.
const EVERY: Duration = Duration::from_millis(700);

/// Figures until it ends; then one event that says so.
pub(super) async fn events(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    web.engine.import_of(&seat.company, at.import).await?;
    let events = stream::unfold(
        (web, seat, at, false),
        |(web, seat, at, ended)| async move {
            if ended {
                return None;
            }
            let found = web.engine.import_of(&seat.company, at.import).await.ok()?;
            let ended = found.state != ImportState::Running || web.engine.is_cut_short(&found);
            if !ended {
                tokio::time::sleep(EVERY).await;
            }
            let event = if ended {
                // An event without data is dropped by browsers.
                Event::default().event("end").data("ended")
            } else {
                let progress = Progress::of(&seat, &found);
                let body = serde_json::json!({
                    "done": progress.done,
                    "text": progress.text,
                });
                Event::default().data(body.to_string())
            };
            Some((Ok::<_, Infallible>(event), (web, seat, at, ended)))
        },
    );
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response())
}

/// How far an import is.
pub(super) struct Progress {
    /// Percent of its rows.
    pub(super) done: u64,
    /// The same and more in words.
    pub(super) text: String,
}

impl Progress {
    pub(super) fn of(seat: &Seat, import: &Import) -> Self {
        let figure = |name: &str| import.progress[name].as_u64().unwrap_or(0);
        let page = seat.page("imports-title");
        let number = |name: &str| page.number(figure(name));
        let rows = figure("rows").max(1);
        Self {
            done: (figure("read") * 100 / rows).min(100),
            text: page.say(
                "imports-progress",
                &[
                    ("read", &number("read")),
                    ("rows", &number("rows")),
                    ("created", &number("created")),
                    ("updated", &number("updated")),
                    ("waiting", &number("quarantined")),
                ],
            ),
        }
    }
}
