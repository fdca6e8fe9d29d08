//! Who sits here: the visitor of a request, and the seat at a company.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{
    ConnectInfo, FromRequestParts, MatchedPath, OriginalUri, RawPathParams, Request, State,
};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, HOST, SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::user::{Permission, Role};
use engine::Company;
use engine::access::Saw;
use engine::sessions::SignedIn;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Web;
use crate::page::{Page, Problem};
use crate::routes::Needs;
use crate::words::Words;

/// The field of a form that carries its page's token.
pub(crate) const CSRF_FIELD: &str = "csrf";

/// Whom a proxy speaks for.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where someone sets up the second factor that their company wants.
const ACCOUNT: &str = "/account";

/// The cookie of a session; the browser binds the longer name to this host and to HTTPS.
const COOKIE_PLAIN: &str = "puntual";
const COOKIE_SECURE: &str = "__Host-puntual";

/// Whoever asks, signed in or not.
#[derive(Clone)]
pub(crate) struct Visitor {
    token: Option<String>,
    words: &'static Words,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let token = [COOKIE_SECURE, COOKIE_PLAIN]
            .into_iter()
            .find_map(|name| cookie(&parts.headers, name));
        Ok(Self {
            token: token.map(str::to_owned),
            words: Words::preferred(&parts.headers),
        })
    }
}

impl Visitor {
    /// The words the visitor's browser asks for.
    pub(crate) const fn words(&self) -> &'static Words {
        self.words
    }

    pub(crate) const fn has_session(&self) -> bool {
        self.token.is_some()
    }

    /// The token of the session, as the cookie bears it.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The token that the session's own forms carry.
    pub(crate) fn csrf(&self) -> Option<String> {
        self.token.as_deref().map(csrf_of)
    }

    /// Who it is, if the session still holds.
    pub(crate) async fn signed_in(&self, web: &Web) -> Result<Option<SignedIn>, Problem> {
        match &self.token {
            Some(token) => Ok(web.engine.session(token).await?),
            None => Ok(None),
        }
    }
}

/// The token of a session's forms. It follows from the session's secret, which it does not tell.
pub(crate) fn csrf_of(token: &str) -> String {
    let hash = Sha256::new_with_prefix(b"csrf\0").chain_update(token);
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// The program at the other end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Client {
    /// Its address; empty where it is not known.
    pub(crate) from: String,
    /// What it calls itself.
    pub(crate) agent: String,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers, &parts.extensions))
    }
}

impl Client {
    /// The program at the other end of a request.
    pub(crate) fn of(headers: &HeaderMap, extensions: &Extensions) -> Self {
        let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|ConnectInfo(address)| address.ip().to_canonical());
        // Only a proxy on this machine is believed, and only what it added itself, the last entry.
        let forwarded = text(FORWARDED_FOR)
            .filter(|_| peer.is_some_and(|peer| peer.is_loopback()))
            .and_then(|list| list.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
        let from = forwarded.or(peer);
        Self {
            from: from.map(|it| it.to_string()).unwrap_or_default(),
            agent: text(USER_AGENT.as_str()).unwrap_or_default().to_owned(),
        }
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter();
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The `Set-Cookie` of a session; an empty token takes it away.
pub(crate) fn set_cookie(web: &Web, token: &str) -> String {
    let (name, secure) = if web.config.secure() {
        (COOKIE_SECURE, "; Secure")
    } else {
        (COOKIE_PLAIN, "")
    };
    let end = if token.is_empty() { "; Max-Age=0" } else { "" };
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{end}")
}

/// An answer that also hands over the cookie of a session.
pub(crate) fn with_cookie(web: &Web, token: &str, answer: impl IntoResponse) -> Response {
    ([(SET_COOKIE, set_cookie(web, token))], answer).into_response()
}

/// The address others reach a path of ours at: the one that is configured, else the one that was
/// asked for, which is good only for showing it to whoever asked.
pub(crate) fn absolute(web: &Web, headers: &HeaderMap, path: &str) -> String {
    match &web.config.base_url {
        Some(base) => format!("{}{path}", base.trim_end_matches('/')),
        None => {
            let host = headers.get(HOST).and_then(|host| host.to_str().ok());
            format!("http://{}{path}", host.unwrap_or("127.0.0.1"))
        }
    }
}

/// Someone signed in, at a company.
#[derive(Clone)]
pub(crate) struct Seat {
    /// The company.
    pub(crate) company: Arc<Company>,
    /// Who.
    pub(crate) user: Arc<SignedIn>,
    /// What they are to the company.
    pub(crate) role: Role,
    csrf: String,
    uri: Uri,
}

impl<S: Sync> FromRequestParts<S> for Seat {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Problem::NotFound)
    }
}

impl Seat {
    /// Whether they may do this.
    pub(crate) const fn may(&self, what: Permission) -> bool {
        self.role.may(what)
    }

    /// Under which name changes are recorded.
    pub(crate) fn author(&self) -> &str {
        &self.user.email
    }

    /// The words of their language.
    pub(crate) fn words(&self) -> &'static Words {
        Words::of(&self.user.language)
    }

    /// What stands around a page with this title.
    pub(crate) fn page(&self, title: &str) -> Page {
        Page::of_seat(self, title)
    }

    /// The path of one of the company's pages.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("/c/{}{path}", self.company.name)
    }

    /// Back to a page of the company, with a confirmation (`flash-…`).
    pub(crate) fn done(&self, path: &str, what: &str) -> Response {
        let joint = if path.contains('?') { '&' } else { '?' };
        Redirect::to(&self.url(&format!("{path}{joint}done={what}"))).into_response()
    }

    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    pub(crate) const fn uri(&self) -> &Uri {
        &self.uri
    }
}

/// Lets a request to a company's page through when who sits there may do it, and notes it. A
/// company one does not belong to looks like one that does not exist.
pub(crate) async fn guard(
    State((web, needs)): State<(Web, Arc<Needs>)>,
    visitor: Visitor,
    path: MatchedPath,
    OriginalUri(uri): OriginalUri,
    params: RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let Some(user) = visitor.signed_in(&web).await? else {
        return Ok(to_sign_in(request.method(), &uri));
    };
    let named = params.iter().find(|(key, _)| *key == "company");
    let named = named.map(|(_, name)| name.to_owned());
    let seat = user
        .seats
        .iter()
        .find(|seat| Some(&seat.company_name) == named.as_ref());
    let Some((role, totp_required)) = seat.map(|seat| (seat.role, seat.totp_required)) else {
        return Err(Problem::NotFound);
    };
    let method = match request.method() {
        &Method::HEAD => Method::GET,
        method => method.clone(),
    };
    let needed = needs.get(&(method.clone(), path.as_str().to_owned()));
    if !needed.is_some_and(|&needed| role.may(needed)) {
        return Err(Problem::Forbidden);
    }
    let company = web.engine.company(named.as_deref()).await?;
    let seat = Seat {
        company: Arc::new(company.ok_or(Problem::NotFound)?),
        user: Arc::new(user),
        role,
        csrf: visitor.csrf().unwrap_or_default(),
        uri,
    };
    let below = seat
        .uri
        .path()
        .strip_prefix(&seat.url(""))
        .unwrap_or_default();
    if totp_required && !seat.user.totp && !below.starts_with(ACCOUNT) {
        return Ok(Redirect::to(&seat.url(ACCOUNT)).into_response());
    }
    let client = Client::of(request.headers(), request.extensions());
    request.extensions_mut().insert(seat.clone());
    let response = next.run(request).await;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        note(&web, &seat, &method, &params, client).await;
    }
    Ok(response)
}

/// Notes what someone saw of one thing, took out as a file, or did. Lists that are only looked at
/// are no news of anybody.
async fn note(web: &Web, seat: &Seat, method: &Method, params: &RawPathParams, client: Client) {
    let path = seat.uri.path();
    let below = path.strip_prefix(&seat.url("")).unwrap_or(path);
    let entity = params
        .iter()
        .find_map(|(_, value)| Uuid::parse_str(value).ok());
    let file = below
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains('.'));
    let action = match (method, entity) {
        (&Method::GET, _) if file => "export",
        (&Method::GET, Some(_)) => "see",
        (&Method::GET, None) => return,
        _ => "do",
    };
    let saw = Saw {
        company: seat.company.id,
        author: seat.author(),
        action,
        entity,
        detail: below,
        from: &client.from,
    };
    web.engine.saw(saw).await;
}

/// To the way in, and back here after it.
fn to_sign_in(method: &Method, uri: &Uri) -> Response {
    if method.is_safe() {
        let back = uri.path_and_query().map_or("/", |path| path.as_str());
        let back = URL_SAFE_NO_PAD.encode(back);
        return Redirect::to(&format!("/sign-in?back={back}")).into_response();
    }
    Redirect::to("/sign-in").into_response()
}

/// A path of ours to go back to; nothing else.
pub(crate) fn back(encoded: &str) -> Option<String> {
    let path = URL_SAFE_NO_PAD.decode(encoded).ok()?;
    let path = String::from_utf8(path).ok()?;
    let ours = path.starts_with("/c/") && !path.contains(['\\', '\r', '\n']);
    (ours && !path.contains("//")).then_some(path)
}

/// The languages a browser asks for, best first as it lists them.
pub(crate) fn asked_languages(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let line = headers.get(ACCEPT_LANGUAGE);
    let line = line.and_then(|line| line.to_str().ok()).unwrap_or_default();
    line.split(',')
        .filter_map(|part| part.split(';').next())
        .map(str::trim)
}
