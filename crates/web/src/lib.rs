//! The faces: a console for those who collect and a portal for those who owe, written on the
//! server.
//!
//! | Question | Room |
//! |---|---|
//! | Which pages are there, and who may see them? | [`console`], `routes` |
//! | Who sits here? | `session` |
//! | What may a stranger's page make a browser do? | `guard` |
//! | What stands around every page? | `page` |
//! | In which words? | `words` |
//!
//! A page reads through `store` and the reading methods of the engine, and writes through the
//! engine only. No rule of the trade and no SQL is here.

pub mod charts;
mod console;
mod demo;
mod download;
mod guard;
mod links;
mod page;
mod portal;
mod qr;
mod routes;
mod serve;
mod session;
mod sign_in;
mod start;
mod statics;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use engine::Engine;
use engine::outreach::Mailer;
use tower_http::compression::CompressionLayer;

pub use console::routes as console_routes;
pub use demo::DEMO_USERS;
pub use links::path as link_path;
pub use routes::{Route, Routes};
pub use serve::{Preparing, first_admin_address, serve};

use page::Problem;
use session::Visitor;

/// How the faces are served.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The address others reach them at, such as `https://cobranza.example.mx`; without it cookies
    /// travel over plain HTTP and messages bear no links.
    pub base_url: Option<String>,
    /// Whether visitors may sit down as one of the example's users.
    pub demo: bool,
}

impl Config {
    /// Whether the outside speaks HTTPS.
    fn secure(&self) -> bool {
        let base = self.base_url.as_deref();
        base.is_some_and(|base| base.starts_with("https://"))
    }
}

/// What every page has at hand; cheap to clone.
#[derive(Clone)]
pub struct Web {
    /// The engine, on its database.
    pub engine: Engine,
    /// How it is served.
    pub config: Arc<Config>,
    /// Where messages leave.
    pub mailer: Arc<Mailer>,
}

impl Web {
    /// The faces of an engine.
    pub fn new(engine: Engine, mailer: Mailer, config: Config) -> Self {
        Self {
            engine,
            config: Arc::new(config),
            mailer: Arc::new(mailer),
        }
    }
}

/// Every page, with what guards them.
pub fn router(web: Web) -> Router {
    let console = console::routes().guarded(&web);
    Router::new()
        .route("/", get(front))
        .merge(links::routes())
        .merge(sign_in::routes())
        .merge(start::routes())
        .merge(demo::routes())
        .merge(portal::routes())
        .merge(statics::routes())
        .route("/c/{company}", get(company))
        .nest("/c/{company}", console)
        .fallback(nowhere)
        .layer(from_fn_with_state(web.clone(), guard::same_origin))
        .layer(from_fn(page::problems))
        .layer(from_fn(guard::headers))
        .layer(CompressionLayer::new().gzip(true))
        .with_state(web)
}

/// The first page: the visitor's company, the choice between several, or the way in.
async fn front(State(web): State<Web>, visitor: Visitor) -> Result<Response, Problem> {
    let Some(signed_in) = visitor.signed_in(&web).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let to = match signed_in.seats.as_slice() {
        [] => "/start".to_owned(),
        [seat] => format!("/c/{}/home", seat.company_name),
        _ => "/companies".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}

/// A company's path alone leads to its first page.
async fn company(Path(company): Path<String>) -> Redirect {
    Redirect::to(&format!("/c/{company}/home"))
}

async fn nowhere() -> Problem {
    Problem::NotFound
}
