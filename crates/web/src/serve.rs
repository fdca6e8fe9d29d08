//! Serving: the pages at an address, or a page that says to wait until they are ready.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{Html, IntoResponse, Response};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower::service_fn;

use crate::page::Page;
use crate::words::Words;
use crate::{Web, links, router, statics};

/// What is waited for before there are pages.
#[derive(Clone, Copy, Debug)]
pub enum Preparing {
    /// The example lives its months.
    Example,
    /// The database is opened; one of an older version is brought up.
    Database,
}

impl Preparing {
    /// Title and sentence.
    const fn texts(self) -> [&'static str; 2] {
        match self {
            Self::Example => ["demo-building", "demo-building-help"],
            Self::Database => ["wait-database", "wait-database-help"],
        }
    }
}

/// The address of the page that makes the first administrator; `None` where there are users.
///
/// # Errors
/// What the database says.
pub async fn first_admin_address(web: &Web, own: &str) -> engine::Result<Option<String>> {
    let made = web.engine.first_admin_link().await?;
    let base = web.config.base_url.as_deref().unwrap_or(own);
    let base = base.trim_end_matches('/');
    Ok(made.map(|made| format!("{base}{}", links::path(&made.token))))
}

/// Serves a page that says to wait, and the faces as soon as `ready` gives them, until `stop` ends;
/// requests under way are answered first.
///
/// # Errors
/// What the network says, or why they never came to be ready.
pub async fn serve<E: From<io::Error>>(
    ready: impl Future<Output = Result<Web, E>>,
    preparing: Preparing,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), E> {
    let faces: Arc<OnceLock<(Router, Web)>> = Arc::default();
    let shown = Arc::clone(&faces);
    let service = service_fn(move |request: Request| {
        let faces = shown.get().map(|(router, _)| router.clone());
        async move {
            Ok::<_, Infallible>(match faces {
                Some(faces) => faces.oneshot(request).await.into_response(),
                None => wait(&request, preparing),
            })
        }
    });
    // A page is written in several pieces, none of which shall wait for another's receipt.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let serving = axum::serve(
        listener,
        axum::ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(service),
    )
    .with_graceful_shutdown(stop);
    let prepare = async {
        let web = ready.await?;
        // Set once: nobody else holds it.
        let _ = faces.set((router(web.clone()), web));
        std::future::pending().await
    };
    let served = tokio::select! {
        ended = serving => ended.map_err(E::from),
        failed = prepare => failed,
    };
    // What was seen in the last second is still only noted.
    let written = match faces.get() {
        Some((_, web)) => web.engine.flush_access().await.map_err(io::Error::other),
        None => Ok(()),
    };
    served.and(written.map_err(E::from))
}

#[derive(Template)]
#[template(path = "wait.html")]
struct Wait {
    page: Page,
    help: String,
}

/// Styles as always; everything else is a page that asks again.
fn wait(request: &Request, preparing: Preparing) -> Response {
    if request.uri().path().starts_with("/static/") {
        return match statics::by_path(request.uri().path()) {
            Some(file) => file,
            None => StatusCode::NOT_FOUND.into_response(),
        };
    }
    let words = Words::preferred(request.headers());
    let [title, help] = preparing.texts();
    let page = Wait {
        page: Page::public(words, title),
        help: words.t(help),
    };
    let answer = (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "2")]);
    match page.render() {
        Ok(text) => (answer.0, answer.1, Html(text)).into_response(),
        Err(_) => answer.into_response(),
    }
}
