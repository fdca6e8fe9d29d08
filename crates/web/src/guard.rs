//! What a stranger's page may not make a browser do here, and what a browser may do with ours.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::Web;
use crate::page::Problem;
use crate::session::{CSRF_FIELD, Visitor};

/// The largest form that is read for its token.
const FORM_BYTES_MAX: usize = 1_048_576;

/// Where scripts, styles and frames of our pages may come from: here only.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The path of one-click unsubscription, which mail providers post to by themselves (RFC 8058).
const ONE_CLICK: &str = "/u/";

/// Lets a form through when its own page sent it.
///
/// Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); what comes from elsewhere
/// is refused. Where nothing is said, a request with a session must carry its page's token.
pub(crate) async fn same_origin(
    State(web): State<Web>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    if request.method().is_safe() || request.uri().path().starts_with(ONE_CLICK) {
        return next.run(request).await;
    }
    let refused = || Problem::Foreign.into_response();
    match evidence(&web, request.headers()) {
        Some(true) => next.run(request).await,
        Some(false) => refused(),
        None if !visitor.has_session() => next.run(request).await,
        None => match with_token(&visitor, request).await {
            Some(request) => next.run(request).await,
            None => refused(),
        },
    }
}

/// Whether the browser says that the request comes from our own page; `None` where it says nothing.
fn evidence(web: &Web, headers: &HeaderMap) -> Option<bool> {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return Some(site == "same-origin" || site == "none");
    }
    let origin = headers.get(ORIGIN)?.to_str().ok()?;
    if origin == "null" {
        // What browsers without `Sec-Fetch-Site` say of forms on pages that send no referrer.
        return None;
    }
    let own = web.config.base_url.as_deref();
    if own.is_some_and(|own| own.trim_end_matches('/') == origin) {
        return Some(true);
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok())?;
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    Some(origin_host == Some(host))
}

/// The request again, when its form carries the token of the visitor's session.
async fn with_token(visitor: &Visitor, request: Request) -> Option<Request> {
    let form = request.headers().get(CONTENT_TYPE)?;
    if !form
        .as_bytes()
        .starts_with(b"application/x-www-form-urlencoded")
    {
        return None;
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, FORM_BYTES_MAX).await.ok()?;
    let token = visitor.csrf()?;
    let field = format!("{CSRF_FIELD}={token}");
    let carried = bytes.split(|&byte| byte == b'&');
    let carries = { carried }.any(|pair| pair == field.as_bytes());
    carries.then(|| Request::from_parts(parts, Body::from(bytes)))
}

/// Headers of every answer; a page that needs others sets them itself.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "same-origin");
    set(CACHE_CONTROL, "no-store");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=()",
    );
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    response
}
