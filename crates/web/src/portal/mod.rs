//! The customer's own page. No script is needed; nothing of an account shows before the door is
//! passed, nor ever in a title, a cache, a referrer or a picture from elsewhere.
//!
//! The path of a link is its own proof against forged forms: whoever cannot read it cannot post to
//! it, and its cookie stays below it.

mod account;
mod acts;
mod door;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, RawPathParams, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY, SET_COOKIE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use domain::Money;
use engine::Company;
use engine::portal::{Refused, Visit};
use jiff::civil::Date;
use language::figures::Style;
use serde::Deserialize;

use crate::Web;
use crate::page::Problem;
use crate::session::cookie;
use crate::statics;
use crate::words::Words;

/// The cookie of a visit, below its link's path.
const COOKIE: &str = "puntual-portal";
/// The cookie of the language chosen.
const LANGUAGE: &str = "puntual-portal-language";
/// The largest form with a file.
const FORM_BYTES_MAX: usize = engine::files::FILE_BYTES_MAX + 64 * 1024;

pub(crate) fn routes() -> Router<Web> {
    let door = Router::new()
        .route("/p/{token}", get(door::show))
        .route("/p/{token}/enter", post(door::enter))
        .route("/p/{token}/code", post(door::send_code))
        .route("/p/{token}/leave", post(door::leave))
        .route("/p/{token}/language/{tag}", get(language))
        .route("/u/{token}", get(door::opt_out).post(door::confirm_opt_out));
    let inside = Router::new()
        .route("/p/{token}/account", get(account::show))
        .route("/p/{token}/pay", get(account::pay))
        .route("/p/{token}/how", get(account::how))
        .route("/p/{token}/statement", get(account::statement))
        .route(
            "/p/{token}/promise",
            get(acts::promise).post(acts::add_promise),
        )
        .route(
            "/p/{token}/dispute",
            get(acts::dispute).post(acts::add_dispute),
        )
        .route("/p/{token}/paid", get(acts::paid).post(acts::add_claim))
        .route("/p/{token}/write", get(acts::write).post(acts::add_message))
        .route(
            "/p/{token}/preferences",
            get(acts::preferences).post(acts::set_preferences),
        )
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX));
    Router::new()
        .merge(door)
        .merge(inside)
        .layer(map_response(private))
        .route("/brand/{colour}", get(brand))
}

/// Headers of every answer here.
async fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(CACHE_CONTROL, "no-store");
    set(REFERRER_POLICY, "no-referrer");
    set(
        HeaderName::from_static("x-robots-tag"),
        "noindex, nofollow, noarchive",
    );
    response
}

/// Where pictures may come from: here, and the company's logo.
fn policy(logo: Option<&str>) -> String {
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:{}; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        logo.and_then(host)
            .map(|host| format!(" https://{host}"))
            .unwrap_or_default()
    )
}

/// The host of an https address; `None` when anything in it could be more than a host.
fn host(url: &str) -> Option<&str> {
    let host = url.strip_prefix("https://")?.split('/').next()?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ".-:".contains(letter);
    (!host.is_empty() && host.chars().all(fits)).then_some(host)
}

/// The brand's colours as a style sheet: a page of ours has no styles of its own.
async fn brand(Path(colour): Path<String>) -> Response {
    let digits = colour.strip_suffix(".css").unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let brand = engine::Brand {
        colour: format!("#{digits}"),
        ..engine::Brand::default()
    };
    let css = format!(
        ":root{{--brand:{};--brand-ink:{};--brand-text:{}}}",
        brand.colour,
        brand.ink(),
        brand.colour_on_white()
    );
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, css).into_response()
}

/// What stands around a page.
struct Frame {
    words: &'static Words,
    style: Style,
    company: String,
    logo: Option<String>,
    colour: String,
    /// The path of the link.
    base: String,
    /// The page, for its place in the navigation; empty at the door.
    here: &'static str,
    done: Option<String>,
}

impl Frame {
    fn new(company: &Company, words: &'static Words, token: &str, here: &'static str) -> Self {
        let brand = &company.settings.brand;
        Self {
            words,
            style: Style::of(&company.language),
            company: company.public_name().to_owned(),
            logo: brand.logo.clone().filter(|logo| host(logo).is_some()),
            colour: brand.colour.trim_start_matches('#').to_ascii_lowercase(),
            base: format!("/p/{token}"),
            here,
            done: None,
        }
    }

    /// The same with a confirmation that the address asks for; only texts of ours can be shown.
    fn confirming(self, asked: &Asked) -> Self {
        let done = self.words.get(&format!("portal-done-{}", asked.done));
        Self { done, ..self }
    }

    fn t(&self, key: &str) -> String {
        self.words.t(key)
    }

    fn say(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        self.words.say(key, arguments)
    }

    fn money(&self, amount: &Money) -> String {
        self.style.money(*amount)
    }

    fn date(&self, day: &Date) -> String {
        self.words.date(*day)
    }

    fn file(&self, name: &str) -> String {
        statics::path(name)
    }

    fn languages(&self) -> Vec<(&'static str, &'static str, bool)> {
        let all = Words::all().iter();
        all.map(|it| (it.tag, it.name, it.tag == self.words.tag))
            .collect()
    }

    /// Where one may go inside: page, text, whether it is this one.
    fn links(&self) -> Vec<(&'static str, String, bool)> {
        const PAGES: [&str; 8] = [
            "account",
            "pay",
            "promise",
            "paid",
            "dispute",
            "write",
            "how",
            "preferences",
        ];
        let link = |page: &'static str| {
            (
                page,
                self.words.t(&format!("portal-nav-{page}")),
                page == self.here,
            )
        };
        PAGES.map(link).to_vec()
    }

    fn refusal(&self, refused: Refused) -> String {
        let key = match refused {
            Refused::Empty => "empty",
            Refused::TooLong => "too-long",
            Refused::NoAmount => "no-amount",
            Refused::AmountOver(most) => {
                let most = self.money(&most);
                return self.say("portal-refused-over", &[("most", &most)]);
            }
            Refused::DayOutside(from, until) => {
                let (from, until) = (self.date(&from), self.date(&until));
                return self.say("portal-refused-day", &[("from", &from), ("until", &until)]);
            }
            Refused::NoDocument => "no-document",
            Refused::AlreadyHeld => "held",
            Refused::AskUs => "ask",
            Refused::TooMany => "many",
            Refused::File => "file",
        };
        self.t(&format!("portal-refused-{key}"))
    }
}

/// What an address may ask for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
    document: String,
    from: usize,
}

/// A page as an answer.
fn page(status: StatusCode, logo: Option<&str>, page: &impl Template) -> Result<Response, Problem> {
    let policy = [(CONTENT_SECURITY_POLICY, policy(logo))];
    Ok((status, policy, Html(page.render()?)).into_response())
}

/// On to a page below a link, once something was done.
fn to(path: &str) -> Response {
    let header = [(LOCATION, path.to_owned())];
    (StatusCode::SEE_OTHER, header).into_response()
}

#[derive(Template)]
#[template(path = "portal/gone.html")]
struct Gone {
    words: &'static Words,
    css: String,
}

/// The one answer to a link that opens nothing, whatever the reason.
fn gone(headers: &HeaderMap) -> Response {
    let words = chosen(headers).unwrap_or_else(|| Words::preferred(headers));
    let css = statics::path("portal.css");
    let answer = page(StatusCode::NOT_FOUND, None, &Gone { words, css });
    answer.unwrap_or_else(IntoResponse::into_response)
}

/// The language chosen here, else the customer's.
fn chosen(headers: &HeaderMap) -> Option<&'static Words> {
    let tag = cookie(headers, LANGUAGE)?;
    Words::all().iter().find(|words| words.tag == tag)
}

fn words(headers: &HeaderMap, language: &str) -> &'static Words {
    chosen(headers).unwrap_or_else(|| Words::of(language))
}

async fn language(Path((token, tag)): Path<(String, String)>) -> Response {
    let known = Words::all().iter().find(|words| words.tag == tag);
    let tag = known.map_or("es", |words| words.tag);
    let cookie = format!("{LANGUAGE}={tag}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax");
    let mut answer = to(&format!("/p/{}", clean(&token)));
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    answer
}

/// A token as it may stand in a header or a cookie's path.
fn clean(token: &str) -> String {
    let fits = |letter: &char| letter.is_ascii_alphanumeric() || "-_".contains(*letter);
    token.chars().filter(fits).take(64).collect()
}

fn set_cookie(web: &Web, token: &str, value: &str) -> String {
    let secure = if web.config.secure() { "; Secure" } else { "" };
    let end = if value.is_empty() { "; Max-Age=0" } else { "" };
    let path = clean(token);
    format!("{COOKIE}={value}; Path=/p/{path}; HttpOnly; SameSite=Lax{secure}{end}")
}

/// Someone who passed the door.
struct Inside {
    visit: Visit,
    token: String,
    words: &'static Words,
}

impl FromRequestParts<Web> for Inside {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let params = RawPathParams::from_request_parts(parts, web).await;
        let params = params.map_err(IntoResponse::into_response)?;
        let token = params.iter().find(|(name, _)| *name == "token");
        let token = clean(token.map(|(_, token)| token).unwrap_or_default());
        let State(web) = State::<Web>::from_request_parts(parts, web)
            .await
            .unwrap_or_else(|it| match it {});
        let value = cookie(&parts.headers, COOKIE).unwrap_or_default();
        let visit = web.engine.portal_visit(&token, value).await;
        match visit.map_err(|error| Problem::from(error).into_response())? {
            Some(visit) => Ok(Self {
                words: words(&parts.headers, visit.language()),
                visit,
                token,
            }),
            None => Err(to(&format!("/p/{token}"))),
        }
    }
}

impl Inside {
    fn frame(&self, here: &'static str) -> Frame {
        Frame::new(&self.visit.company, self.words, &self.token, here)
    }

    fn page(&self, template: &impl Template) -> Result<Response, Problem> {
        self.page_as(StatusCode::OK, template)
    }

    fn page_as(&self, status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
        page(
            status,
            self.visit.company.settings.brand.logo.as_deref(),
            template,
        )
    }

    /// Back to the account, with a confirmation.
    fn done(&self, what: &str) -> Response {
        to(&format!("/p/{}/account?done={what}", self.token))
    }
}
