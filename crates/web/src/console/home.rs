//! What needs one today.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use domain::user::Permission;
use store::tasks::{self, Task};

use crate::Web;
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

/// Tasks that are listed.
const TASKS_MAX: u32 = 50;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/home", Permission::See, show)
}

#[derive(Template)]
#[template(path = "console/home/show.html")]
struct Home {
    page: Page,
    tasks: Vec<Task>,
}

async fn show(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    let tasks = tasks::open(web.engine.db(), seat.company.id, TASKS_MAX).await?;
    html(&Home {
        page: seat.page("home-title"),
        tasks,
    })
}
