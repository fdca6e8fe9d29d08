//! Lists kept by name.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::ids::SavedViewId;
use serde::Deserialize;

use super::query::ListQuery;
use crate::Web;
use crate::page::Problem;
use crate::session::Seat;

#[derive(Deserialize)]
pub(super) struct ViewForm {
    list: String,
    name: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    shared: String,
}

#[derive(Deserialize)]
pub(super) struct At {
    view: SavedViewId,
}

pub(super) async fn save(
    State(web): State<Web>,
    seat: Seat,
    Form(form): Form<ViewForm>,
) -> Result<Response, Problem> {
    let list = list_of(&form.list)?;
    let shared = !form.shared.is_empty();
    // Only what a list can be asked for is kept.
    let query = ListQuery::read(&form.query).address(&[]);
    let (named, author) = ((list, form.name.as_str()), seat.author());
    web.engine
        .save_view(&seat.company, named, &query, shared, author)
        .await?;
    Ok(seat.done(&format!("/{list}?{query}"), "view-saved"))
}

pub(super) async fn remove(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(form): Form<ListForm>,
) -> Result<Response, Problem> {
    let list = list_of(&form.list)?;
    let removed = web
        .engine
        .remove_view(&seat.company, at.view, seat.author())
        .await;
    match removed {
        Err(engine::Error::Store(store::StoreError::Missing { .. })) => Err(Problem::NotFound),
        other => {
            other?;
            Ok(seat.done(&format!("/{list}"), "view-removed"))
        }
    }
}

#[derive(Deserialize)]
pub(super) struct ListForm {
    list: String,
}

fn list_of(text: &str) -> Result<&'static str, Problem> {
    match text {
        "customers" => Ok("customers"),
        "documents" => Ok("documents"),
        _ => Err(Problem::NotFound),
    }
}
