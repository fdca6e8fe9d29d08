//! Who comes through which door: every route of the console asked as everybody, and the ways in.

mod pages;
mod routes;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{Method, Request, StatusCode};
use domain::UserId;
use domain::user::Role;
use engine::outreach::Mailer;
use engine::users::NewUser;
use jiff::civil::date;
use testkit::{TestDb, World};
use tower::ServiceExt;
use web::{Config, Web};

const PASSWORD: &str = "tres tristes tigres";
const EMAIL: &str = "ana@valle.example";

/// The faces on a world.
struct Faces {
    world: World,
    router: Router,
}

/// An answer, read whole.
struct Answer {
    status: StatusCode,
    to: String,
    cookie: Option<String>,
    body: String,
}

impl Faces {
    async fn new(test: &TestDb) -> Self {
        let world = World::mexican(&test.db, date(2026, 3, 2)).await;
        let config = Config {
            base_url: Some("https://cobranza.valle.example".to_owned()),
            ..Config::default()
        };
        let mailer = Mailer::Outbox(world.outbox.clone());
        let router = web::router(Web::new(world.engine.clone(), mailer, config));
        Self { world, router }
    }

    /// Someone with the usual password and a seat.
    async fn seated(&self, email: &str, role: Role) -> UserId {
        let new = NewUser {
            email: email.to_owned(),
            name: "Ana Ávila".to_owned(),
            password: Some(PASSWORD.to_owned()),
            seat: Some((self.world.company.id, role)),
            ..NewUser::default()
        };
        self.world
            .engine
            .add_user(new, "prueba")
            .await
            .expect("made")
    }

    async fn token(&self, user: UserId) -> String {
        let opened = self
            .world
            .engine
            .open_session(user, "192.0.2.7", "Navegador")
            .await;
        opened.expect("opened")
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let header = |name| {
            let value = response.headers().get(name);
            value.map(|it| it.to_str().expect("ASCII").to_owned())
        };
        let (to, cookie) = (header(LOCATION).unwrap_or_default(), header(SET_COOKIE));
        let status = response.status();
        let streams = header(CONTENT_TYPE).is_some_and(|it| it.starts_with("text/event-stream"));
        let body = if streams {
            String::new()
        } else {
            let bytes = to_bytes(response.into_body(), 10_000_000)
                .await
                .expect("read");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Answer {
            status,
            to,
            cookie,
            body,
        }
    }

    async fn get(&self, path: &str, token: Option<&str>) -> Answer {
        self.ask(asking(Method::GET, path, token, "")).await
    }

    /// Sends a form from our own page.
    async fn post(&self, path: &str, token: Option<&str>, form: &str) -> Answer {
        let mut request = asking(Method::POST, path, token, form);
        let own = "same-origin".parse().expect("a header");
        request.headers_mut().insert("sec-fetch-site", own);
        self.ask(request).await
    }
}

/// A request that says nothing of where it comes from.
fn asking(method: Method, path: &str, token: Option<&str>, form: &str) -> Request<Body> {
    let mut request = Request::builder()
        .method(method.clone())
        .uri(path)
        .header("host", "cobranza.valle.example");
    if let Some(token) = token {
        request = request.header(COOKIE, format!("a=b; __Host-puntual={token}"));
    }
    if method == Method::POST {
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    request
        .body(Body::from(form.to_owned()))
        .expect("a request")
}

/// The token in a `Set-Cookie`, whose attributes keep it to this host and away from scripts.
fn token_in(answer: &Answer) -> String {
    let line = answer.cookie.as_deref().expect("a cookie");
    let rest = line
        .strip_prefix("__Host-puntual=")
        .expect("bound to this host");
    let (token, attributes) = rest.split_once(';').expect("attributes");
    for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(attributes.contains(attribute), "{line}");
    }
    token.to_owned()
}

/// The part of a text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).expect(before);
    rest.split_once(after).expect(after).0
}
