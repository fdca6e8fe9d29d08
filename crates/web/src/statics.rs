//! Styles, scripts and pictures of ours: part of the program, under a path that names their
//! content, so that a browser keeps them for good.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::Web;

/// The console's styles, an area after the other.
const APP_CSS: &str = concat!(
    include_str!("../static/css/base.css"),
    include_str!("../static/css/account.css"),
    include_str!("../static/css/customers.css"),
    include_str!("../static/css/home.css"),
    include_str!("../static/css/imports.css"),
    include_str!("../static/css/outreach.css"),
    include_str!("../static/css/portfolio.css"),
);

/// Name, kind, content.
const FILES: &[(&str, &str, &str)] = &[
    ("app.css", "text/css; charset=utf-8", APP_CSS),
    (
        "imports.js",
        "text/javascript; charset=utf-8",
        include_str!("../static/js/imports.js"),
    ),
    (
        "mark.svg",
        "image/svg+xml",
        include_str!("../static/mark.svg"),
    ),
    (
        "reconcile.js",
        "text/javascript; charset=utf-8",
        include_str!("../static/js/reconcile.js"),
    ),
    (
        "work.js",
        "text/javascript; charset=utf-8",
        include_str!("../static/js/work.js"),
    ),
    (
        "policy.js",
        "text/javascript; charset=utf-8",
        include_str!("../static/js/policy.js"),
    ),
    (
        "portal.css",
        "text/css; charset=utf-8",
        include_str!("../static/css/portal.css"),
    ),
    (
        "portal.js",
        "text/javascript; charset=utf-8",
        include_str!("../static/js/portal.js"),
    ),
];

/// What changes when any file does.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (name, _, content) in FILES {
        hash.update(name);
        hash.update(content);
    }
    hash.finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
});

/// The path of a file.
pub(crate) fn path(name: &str) -> String {
    format!("/static/{}/{name}", *VERSION)
}

pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/static/{version}/{name}", get(file))
}

async fn file(Path((_, name)): Path<(String, String)>) -> Response {
    answer(&name).unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

/// The file of a whole path, if it is one.
pub(crate) fn by_path(path: &str) -> Option<Response> {
    answer(path.rsplit('/').next()?)
}

fn answer(name: &str) -> Option<Response> {
    let (_, kind, content) = FILES.iter().find(|(known, ..)| *known == name)?;
    let headers = [
        (CONTENT_TYPE, *kind),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Some((headers, *content).into_response())
}
