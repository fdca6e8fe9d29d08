//! The faces over a company of the test's own: requests go straight to the router.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use domain::user::Role;
use engine::outreach::Mailer;
use engine::users::NewUser;
use jiff::civil::{Date, date};
use store::Db;
use testkit::World;
use tower::ServiceExt;
use web::{Config, Web};

/// The day on which tests begin, a Monday.
pub const TODAY: Date = date(2026, 3, 2);

/// A company with its faces.
pub struct App {
    /// The company, its engine and its clock.
    pub world: World,
    router: Router,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub body: String,
}

impl Answer {
    /// Where it sends one.
    pub fn location(&self) -> &str {
        let location = self.headers.get(LOCATION);
        let location = location.and_then(|it| it.to_str().ok());
        location.unwrap_or_default()
    }
}

/// Someone at a browser, with the cookie of a session or without.
#[derive(Clone)]
pub struct Sitting {
    router: Router,
    /// The cookie sent along.
    pub cookie: Option<String>,
}

impl App {
    /// The faces of a Mexican company, at eight in the morning of [`TODAY`].
    pub async fn new(db: &Db) -> Self {
        Self::of(World::mexican(db, TODAY).await)
    }

    /// The faces of a company that is there.
    pub fn of(world: World) -> Self {
        let mailer = Mailer::Outbox(world.outbox.clone());
        let web = Web::new(world.engine.clone(), mailer, Config::default());
        Self {
            router: web::router(web),
            world,
        }
    }

    /// Someone who has not signed in.
    pub fn stranger(&self) -> Sitting {
        Sitting {
            router: self.router.clone(),
            cookie: None,
        }
    }

    /// Someone of this role at the company.
    pub async fn sit(&self, role: Role) -> Sitting {
        let seat = Some((self.world.company.id, role));
        self.sit_as(&format!("{role}@valle.test"), seat).await
    }

    /// Someone with that address and seat.
    pub async fn sit_as(&self, email: &str, seat: Option<(domain::CompanyId, Role)>) -> Sitting {
        let engine = &self.world.engine;
        let user = NewUser {
            email: email.to_owned(),
            seat,
            ..NewUser::default()
        };
        let user = engine.add_user(user, "ana").await.expect("a user");
        let token = engine.open_session(user, "127.0.0.1", "test").await;
        Sitting {
            cookie: Some(format!("puntual={}", token.expect("a session"))),
            ..self.stranger()
        }
    }

    /// Someone of all rights who enters with a password.
    pub async fn sit_with_password(&self, email: &str, password: &str) {
        let user = NewUser {
            email: email.to_owned(),
            password: Some(password.to_owned()),
            seat: Some((self.world.company.id, Role::Admin)),
            ..NewUser::default()
        };
        let added = self.world.engine.add_user(user, "ana").await;
        added.expect("a user");
    }

    /// The same faces for a browser.
    pub async fn serve(&self) -> Served {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("its address");
        let router = self.router.clone();
        let task = tokio::spawn(async move {
            let served = axum::serve(listener, router).await;
            served.expect("the faces are served");
        });
        Served {
            origin: format!("http://{address}"),
            task,
        }
    }

    /// The path of a page of the company.
    pub fn path(&self, path: &str) -> String {
        format!("/c/{}{path}", self.world.company.name)
    }
}

/// The faces at an address of this machine; they go away with it.
pub struct Served {
    /// Their address.
    pub origin: String,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sitting {
    /// Looks at a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path), Body::empty())
            .await
    }

    /// Sends a form from a page of ours.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path);
        let request = request.header("sec-fetch-site", "same-origin");
        self.send(request.header(CONTENT_TYPE, FORM), Body::from(form(fields)))
            .await
    }

    /// A request with the sitting's cookie.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", "127.0.0.1:8080");
        match &self.cookie {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: axum::http::request::Builder, body: Body) -> Answer {
        let request = request.body(body).expect("a request");
        let answered = self.router.clone().oneshot(request).await;
        let answered = answered.expect("the router never fails");
        let (parts, body) = answered.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

/// The kind of a form's body.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Fields as a browser writes them.
pub fn form(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(byte).to_string()
                }
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs = fields.iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}
