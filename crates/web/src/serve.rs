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
use tokio::net::TcpListener;
use tower::ServiceExt;
use tower::service_fn;

use crate::page::Page;
use crate::words::Words;
use crate::{Web, links, router, statics};

/// Serves the faces until `stop` ends; requests under way are answered first.
///
/// # Errors
/// What the network says.
pub async fn serve(
    web: Web,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let engine = web.engine.clone();
    let service = router(web).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service)
        .with_graceful_shutdown(stop)
        .await;
    // What was seen in the last second is still only noted.
    let written = engine.flush_access().await.map_err(io::Error::other);
    served.and(written)
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

/// Serves a page that says to wait, and the faces as soon as `ready` gives them.
///
/// # Errors
/// What the network says, or why they never came to be ready.
pub async fn serve_when_ready<E: From<io::Error>>(
    ready: impl Future<Output = Result<Web, E>>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), E> {
    let faces: Arc<OnceLock<Router>> = Arc::default();
    let shown = Arc::clone(&faces);
    let service = service_fn(move |request: Request| {
        let faces = shown.get().cloned();
        async move {
            Ok::<_, Infallible>(match faces {
                Some(faces) => faces.oneshot(request).await.into_response(),
                None => wait(request).await,
            })
        }
    });
    let serving = axum::serve(
        listener,
        axum::ServiceExt::<Request>::into_make_service(service),
    )
    .with_graceful_shutdown(stop);
    let prepare = async {
        let web = ready.await?;
        // Set once: nobody else holds it.
        let _ = faces.set(router(web));
        std::future::pending().await
    };
    tokio::select! {
        ended = serving => ended.map_err(E::from),
        failed = prepare => failed,
    }
}

#[derive(Template)]
#[template(path = "wait.html")]
struct Wait {
    page: Page,
}

/// Styles as always; everything else is a page that asks again.
async fn wait(request: Request) -> Response {
    if request.uri().path().starts_with("/static/") {
        return match statics::by_path(request.uri().path()) {
            Some(file) => file,
            None => StatusCode::NOT_FOUND.into_response(),
        };
    }
    let words = Words::preferred(request.headers());
    let page = Wait {
        page: Page::public(words, "demo-building"),
    };
    let headers = [(RETRY_AFTER, "2")];
    match page.render() {
        Ok(text) => (headers, Html(text)).into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, headers).into_response(),
    }
}
