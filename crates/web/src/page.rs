//! What stands around every page, and the pages that say what went wrong.

use std::sync::Arc;

use askama::Template;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use domain::Money;
use domain::user::Permission;
use engine::Error;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use language::figures::Style;
use store::StoreError;

use crate::console::NAVIGATION;
use crate::session::{CSRF_FIELD, Seat, Visitor};
use crate::statics;
use crate::words::Words;

/// What a template's layout needs.
pub(crate) struct Page {
    /// The words of whoever looks.
    pub(crate) words: &'static Words,
    /// The title, in words.
    pub(crate) title: String,
    /// Whose page it is; nobody's before one has signed in.
    pub(crate) owner: Option<Owner>,
    /// A short confirmation of what was just done.
    pub(crate) flash: Option<String>,
    csrf: String,
    style: Style,
    zone: TimeZone,
}

/// Whose page it is.
pub(crate) struct Owner {
    /// The company's short name, as in the path.
    pub(crate) company: String,
    /// Its name as people know it.
    pub(crate) company_name: String,
    /// The user's name.
    pub(crate) user: String,
    /// Where one may go.
    pub(crate) links: Vec<NavigationLink>,
    /// How many companies the user may choose from.
    pub(crate) companies: usize,
}

/// One entry of the navigation.
pub(crate) struct NavigationLink {
    /// Its text.
    pub(crate) text: String,
    /// Its path.
    pub(crate) path: String,
    /// Whether it leads to the part of the console this page is in.
    pub(crate) here: bool,
}

impl Page {
    /// A page for someone who is not signed in.
    pub(crate) fn public(words: &'static Words, title: &str) -> Self {
        Self {
            words,
            title: words.t(title),
            owner: None,
            flash: None,
            csrf: String::new(),
            style: Style::of(words.tag),
            zone: TimeZone::UTC,
        }
    }

    /// A page of a company.
    pub(crate) fn of_seat(seat: &Seat, title: &str) -> Self {
        let words = seat.words();
        let path = seat.uri().path();
        let links = NAVIGATION
            .iter()
            .filter(|(_, _, needs)| seat.may(*needs))
            .map(|(key, to, _)| {
                let to = seat.url(to);
                NavigationLink {
                    text: words.t(key),
                    here: path == to || path.starts_with(&format!("{to}/")),
                    path: to,
                }
            })
            .collect();
        let company = &seat.company;
        let brand = company.settings.brand.name.clone();
        Self {
            words,
            title: words.t(title),
            owner: Some(Owner {
                company: company.name.clone(),
                company_name: brand.unwrap_or_else(|| company.legal_name.clone()),
                user: seat.user.name.clone(),
                links,
                companies: seat.user.seats.len(),
            }),
            flash: flash(words, seat.uri().query().unwrap_or_default()),
            csrf: seat.csrf().to_owned(),
            style: Style::of(&company.language),
            zone: company.zone.clone(),
        }
    }

    /// The same page under a title of its own, such as a customer's name.
    #[must_use]
    pub(crate) fn titled(self, title: impl Into<String>) -> Self {
        let title = title.into();
        Self { title, ..self }
    }

    /// The same page with the token of a session.
    #[must_use]
    pub(crate) fn with_csrf(self, csrf: Option<String>) -> Self {
        let csrf = csrf.unwrap_or_default();
        Self { csrf, ..self }
    }

    /// A text.
    pub(crate) fn t(&self, key: &str) -> String {
        self.words.t(key)
    }

    /// A text with its arguments.
    pub(crate) fn say(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        self.words.say(key, arguments)
    }

    /// A text that turns on a number.
    pub(crate) fn count<N: TryInto<u64>>(&self, key: &str, n: N) -> String {
        let n = n.try_into().unwrap_or(0);
        self.words.count(key, n, &self.style.count(n))
    }

    /// The path of one of the company's pages.
    pub(crate) fn url(&self, path: &str) -> String {
        let company = self.owner.as_ref().map(|owner| owner.company.as_str());
        format!("/c/{}{path}", company.unwrap_or_default())
    }

    /// The path of a file of ours.
    pub(crate) fn file(&self, name: &str) -> String {
        statics::path(name)
    }

    /// The hidden field that every form carries.
    pub(crate) fn csrf(&self) -> String {
        // The token is base64url: nothing in it needs escaping.
        format!(
            r#"<input type="hidden" name="{CSRF_FIELD}" value="{}">"#,
            self.csrf
        )
    }

    /// An amount.
    pub(crate) fn money(&self, amount: &Money) -> String {
        self.style.money(*amount)
    }

    /// An amount without its currency, for a table that names it elsewhere.
    pub(crate) fn plain(&self, amount: Money) -> String {
        self.style.plain(amount)
    }

    /// An amount in few letters, for a chart.
    pub(crate) fn short(&self, amount: Money) -> String {
        self.style.short(amount)
    }

    /// Hundredths with one decimal.
    pub(crate) fn tenths(&self, hundredths: i64) -> String {
        self.style.tenths(hundredths)
    }

    /// A count.
    pub(crate) fn number<N: TryInto<u64>>(&self, n: N) -> String {
        self.style.count(n.try_into().unwrap_or(0))
    }

    /// A day.
    pub(crate) fn date(&self, day: &Date) -> String {
        self.words.date(*day)
    }

    /// An instant, in the company's zone.
    pub(crate) fn instant(&self, at: &Timestamp) -> String {
        let local = domain::calendar::local(*at, &self.zone);
        self.words.date_time(local.datetime())
    }
}

/// The confirmation that a path asks for; only texts of ours can be shown.
fn flash(words: &Words, query: &str) -> Option<String> {
    let done = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("done="))?;
    words.get(&format!("flash-{done}"))
}

/// A template as an answer.
pub(crate) fn html(template: &impl Template) -> Result<Response, Problem> {
    Ok(Html(template.render()?).into_response())
}

/// The same with another status, such as 422 for a form that needs another look.
pub(crate) fn html_as(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    Ok((status, Html(template.render()?)).into_response())
}

/// What went wrong with a request.
#[derive(Debug)]
pub(crate) enum Problem {
    /// There is no such page, or none for this user.
    NotFound,
    /// The user's role does not allow it.
    Forbidden,
    /// The form came from another site.
    Foreign,
    /// Something in what was sent cannot be.
    Invalid(String),
    /// What was sent is larger than allowed.
    TooLarge,
    /// The engine could not do it.
    Engine(Error),
    /// A template did not render.
    Template(askama::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } | Error::Store(StoreError::Missing { .. }) => Self::NotFound,
            Error::Invalid { .. } => Self::Invalid(error.to_string()),
            error => Self::Engine(error),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        Self::Template(error)
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    page: Page,
    what: String,
    next: String,
}

impl Problem {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::Foreign => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Engine(_) | Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page that says so.
    pub(crate) fn page(&self, words: &'static Words) -> Response {
        let key = match self {
            Self::NotFound => "not-found",
            Self::Forbidden => "forbidden",
            Self::Foreign => "foreign",
            Self::Invalid(_) => "invalid",
            Self::TooLarge => "too-large",
            Self::Engine(_) | Self::Template(_) => "failed",
        };
        let what = match self {
            Self::Invalid(why) => why.clone(),
            _ => words.t(&format!("problem-{key}")),
        };
        let page = ProblemPage {
            page: Page::public(words, "problem-title"),
            what,
            next: words.t(&format!("problem-{key}-next")),
        };
        match page.render() {
            Ok(text) => (self.status(), Html(text)).into_response(),
            Err(_) => self.status().into_response(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Said once, where it is handled; nothing of a customer is in these.
        match &self {
            Self::Engine(error) => eprintln!("puntual: {error}"),
            Self::Template(error) => eprintln!("puntual: {error}"),
            _ => {}
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Writes the page of a problem, in the words of whoever asked.
pub(crate) async fn problems(visitor: Visitor, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match response.extensions().get::<Arc<Problem>>() {
        Some(problem) => problem.page(visitor.words()),
        None => response,
    }
}

/// An entry of the navigation: its text, its path, what one must be allowed to do.
pub(crate) type Navigation = (&'static str, &'static str, Permission);
