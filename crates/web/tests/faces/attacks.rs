//! What others try: text that wants to be a page, formulas that want to be run, ids of another
//! company, sessions laid ready for a victim, ways back that lead elsewhere.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use domain::user::Role;
use engine::NewCompany;

use crate::app::{Answer, App, Sitting, form};
use crate::crawl::{Found, crawl};
use crate::hostile::{HARM, HARMED, harm};
use crate::markup::{Form, forms, tags};

const PASSWORD: &str = "correcto caballo pila grapa";

async fn harmed(app: &App) -> (Sitting, Vec<Found>) {
    harm(&app.world).await;
    let admin = app.sit(Role::Admin).await;
    let found = crawl(&admin, &app.path("/home")).await;
    (admin, found)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let value = headers.get(name).and_then(|it| it.to_str().ok());
    value.unwrap_or_default()
}

fn is_page(answer: &Answer) -> bool {
    text(&answer.headers, &CONTENT_TYPE).starts_with("text/html")
}

/// The page is made of our elements only, and says so to the browser.
fn check_page(path: &str, answer: &Answer) {
    assert!(
        !answer.body.contains(HARMED),
        "{path} holds an element of a stranger's"
    );
    assert!(
        !answer.body.contains("49}}") && !answer.body.contains(">49<"),
        "{path} counted"
    );
    let policy = text(&answer.headers, &CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
    if policy.starts_with("sandbox;") {
        // A message as the customer saw it, with the styles of a letter.
        return;
    }
    for tag in tags(&answer.body) {
        if tag.name == "script" {
            let from = tag.get("src").unwrap_or_default();
            assert!(from.starts_with("/static/"), "{path}: a script of its own");
        }
        let bad = tag
            .attribute_names()
            .find(|it| it.starts_with("on") || *it == "style");
        assert_eq!(bad, None, "{path}: <{}>", tag.name);
        for name in ["href", "src", "action", "formaction"] {
            let to = tag.get(name).unwrap_or_default().trim().to_lowercase();
            assert!(!to.starts_with("javascript:"), "{path}: {to}");
        }
    }
}

testkit::both_databases! {
    async fn what_others_write_stays_text_on_every_page(test: &TestDb) {
        let app = App::new(&test.db).await;
        let (_, found) = harmed(&app).await;
        for (path, answer) in &found {
            assert!(answer.status.is_success(), "{path}: {}", answer.status);
            if is_page(answer) && !path.ends_with("/body") {
                check_page(path, answer);
            }
        }
    }

    async fn what_is_asked_in_the_address_stays_text(test: &TestDb) {
        let app = App::new(&test.db).await;
        let (admin, found) = harmed(&app).await;
        let names = ["q", "done", "back", "after", "before", "sort", "state", "as_of", "from"];
        let asked = names.map(|name| (name, HARM));
        for (path, answer) in &found {
            let bare = path.split('?').next().unwrap_or_default();
            let mut fields: Vec<(String, &str)> = Vec::new();
            fields.extend(asked.iter().map(|(name, value)| ((*name).to_owned(), *value)));
            let own = forms(&answer.body).into_iter().filter(|it| !it.is_post);
            fields.extend(own.flat_map(|it| it.fields).map(|(name, ..)| (name, HARM)));
            for (name, value) in fields {
                let asked = format!("{bare}?{}", form(&[(&name, value)]));
                let answer = admin.get(&asked).await;
                assert!(!answer.status.is_server_error(), "{asked}: {}", answer.status);
                let is_harmed = is_page(&answer) && answer.body.contains(HARMED);
                assert!(!is_harmed, "{asked}");
            }
        }
    }

    async fn what_is_typed_into_every_form_stays_text(test: &TestDb) {
        let app = App::new(&test.db).await;
        let (_, found) = harmed(&app).await;
        let mut tried = std::collections::BTreeSet::new();
        for (path, answer) in &found {
            for one in forms(&answer.body) {
                let names: Vec<String> = one.fields.iter().map(|it| it.0.clone()).collect();
                let known = (one.action.clone(), names);
                if one.is_post && !one.action.contains("/sign-out") && tried.insert(known) {
                    // A form may end the very session that sends it.
                    let admin = app.sit(Role::Admin).await;
                    fill_with_harm(&admin, path, &one).await;
                }
            }
        }
        let admin = app.sit(Role::Admin).await;
        for (path, answer) in crawl(&admin, &app.path("/home")).await {
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
            assert!(!answer.body.contains(HARMED), "{path}");
        }
    }

    async fn a_spreadsheet_runs_no_cell_of_an_export(test: &TestDb) {
        let app = App::new(&test.db).await;
        let (_, found) = harmed(&app).await;
        for (path, answer) in &found {
            if !text(&answer.headers, &CONTENT_TYPE).starts_with("text/csv") {
                continue;
            }
            for line in answer.body.trim_start_matches('\u{feff}').lines() {
                for cell in line.split(',') {
                    let cell = cell.trim_start_matches('"');
                    let runs = cell.starts_with(['=', '@', '\t', '\r'])
                        || (cell.starts_with(['+', '-']) && cell.parse::<f64>().is_err());
                    assert!(!runs, "{path} would run {cell}");
                }
            }
        }
    }

    async fn another_companys_ids_lead_nowhere(test: &TestDb) {
        let app = App::new(&test.db).await;
        let (_, found) = harmed(&app).await;
        let other = NewCompany { name: "otra".to_owned(), ..NewCompany::default() };
        let other = app.world.engine.add_company(other, "ana").await.expect("a company");
        let stranger = app.sit_as("otra@otra.test", Some((other.id, Role::Admin))).await;
        let own = format!("/c/{}/", app.world.company.name);
        for (path, answer) in &found {
            let there = stranger.get(path).await;
            if path.starts_with(&own) {
                assert_eq!(there.status, StatusCode::NOT_FOUND, "{path}");
            }
            let here = path.replacen(&own, "/c/otra/", 1);
            let names_one = path.split(['/', '?', '=', '&']).any(is_id);
            if names_one && here != *path {
                let here_too = stranger.get(&here).await;
                let is_hidden = !here_too.status.is_success() || is_empty_of(&here_too, answer);
                assert!(is_hidden, "{here}: {}", here_too.status);
                assert!(!here_too.status.is_server_error(), "{here}: {}", here_too.status);
            }
            for one in forms(&answer.body).into_iter().filter(|it| it.is_post) {
                let here = one.action.replacen(&own, "/c/otra/", 1);
                if here != one.action && here.split('/').any(is_id) {
                    let fields = filled(&one, "1");
                    let pairs: Vec<_> = fields.iter().map(|(a, b)| (&**a, &**b)).collect();
                    let answer = stranger.post(&here, &pairs).await;
                    let refused = answer.status.is_client_error();
                    assert!(refused, "{here}: {}", answer.status);
                }
            }
        }
    }

    async fn every_answer_says_what_a_browser_may_do_with_it(test: &TestDb) {
        let app = App::new(&test.db).await;
        let (admin, mut found) = harmed(&app).await;
        for path in ["/", "/sign-in", "/no-such-page", "/static/none.css", "/p/none", "/u/none"] {
            found.push((path.to_owned(), admin.get(path).await));
            found.push((path.to_owned(), app.stranger().get(path).await));
        }
        for (path, answer) in &found {
            let header = |name: &HeaderName| text(&answer.headers, name);
            assert_eq!(header(&X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
            let policy = header(&CONTENT_SECURITY_POLICY);
            let ours = ["frame-ancestors 'none'", "frame-ancestors 'self'"];
            assert!(ours.iter().any(|it| policy.contains(it)), "{path}: {policy}");
            let frames = header(&X_FRAME_OPTIONS);
            assert!(["DENY", "SAMEORIGIN"].contains(&frames), "{path}: {frames}");
            if path.starts_with("/c/") {
                let cache = header(&CACHE_CONTROL);
                assert!(cache.contains("no-store") || cache.contains("private"), "{path}: {cache}");
            }
        }
    }

    async fn a_session_laid_ready_is_not_the_one_that_is_opened(test: &TestDb) {
        let app = App::new(&test.db).await;
        let mut ready = with_password(&app).await;
        ready.cookie = Some("puntual=laid-ready-by-a-stranger".to_owned());
        let answer = enter(&ready, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let cookie = text(&answer.headers, &SET_COOKIE).to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains("laid-ready"), "{cookie}");
        let home = app.path("/home");
        assert_eq!(ready.get(&home).await.status, StatusCode::SEE_OTHER, "not signed in");

        // Signing in again, with the first session's cookie, opens another and not the same.
        let mut first = ready;
        first.cookie = cookie.split(';').next().map(str::to_owned);
        assert_eq!(first.get(&home).await.status, StatusCode::OK);
        let again = enter(&first, "").await;
        let second = text(&again.headers, &SET_COOKIE).split(';').next().expect("a pair");
        assert_ne!(Some(second), first.cookie.as_deref());
    }

    async fn the_way_back_leads_nowhere_else(test: &TestDb) {
        use base64::Engine as _;
        let app = App::new(&test.db).await;
        let someone = with_password(&app).await;
        for to in [
            "https://elsewhere.test/",
            "//elsewhere.test/",
            "/\\elsewhere.test",
            "/c/valle//elsewhere.test",
            "/c/\r\nset-cookie: a=b",
            "javascript:alert(1)",
            "/c/../\\/elsewhere.test",
            "\u{1}//elsewhere.test",
        ] {
            let coded = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(to);
            for back in [to, &coded] {
                let answer = enter(&someone, back).await;
                let location = answer.location();
                assert!(location == "/" || location.starts_with("/c/"), "{to:?}: {location}");
                let leaves = location.contains("//") || location.contains('\\');
                assert!(!leaves, "{to:?}: {location}");
                assert!(answer.headers.get("set-cookie").is_some_and(|it| it != "a=b"));
            }
        }
    }
}

fn is_id(word: &str) -> bool {
    word.len() == 36 && word.bytes().filter(|&it| it == b'-').count() == 4
}

/// A list that was asked for something of another company's may be there, and empty.
fn is_empty_of(here: &Answer, there: &Answer) -> bool {
    let ids = |answer: &Answer| -> Vec<String> {
        let words = answer
            .body
            .split(['/', '"', '?', '=', '&'])
            .filter(|it| is_id(it));
        words.map(str::to_owned).collect()
    };
    let (here, there) = (ids(here), ids(there));
    !here.iter().any(|id| there.contains(id))
}

/// What a form sends with a text in every field one may write in.
fn filled(form: &Form, text: &str) -> Vec<(String, String)> {
    let fields = form.fields.iter();
    let value = |value: &String, free: bool| if free { text.to_owned() } else { value.clone() };
    fields
        .map(|(name, given, free)| (name.clone(), value(given, *free)))
        .collect()
}

async fn fill_with_harm(who: &Sitting, page: &str, one: &Form) {
    let page = page.split('?').next().unwrap_or_default();
    let action = if one.action.is_empty() {
        page
    } else {
        &one.action
    };
    let fields = filled(one, HARM);
    let all: Vec<(&str, &str)> = fields.iter().map(|(a, b)| (&**a, &**b)).collect();
    // All at once is refused for the first field that cannot be; then each by itself.
    let mut tries = vec![all.clone()];
    for (at, (_, _, free)) in one.fields.iter().enumerate() {
        if *free {
            let alone = all.iter().zip(&one.fields).enumerate();
            let alone = alone.map(|(other, (pair, (_, given, _)))| {
                if other == at {
                    *pair
                } else {
                    (pair.0, given.as_str())
                }
            });
            tries.push(alone.collect());
        }
    }
    for fields in tries {
        let answer = who.post(action, &fields).await;
        assert!(
            !answer.status.is_server_error(),
            "{action} {fields:?}: {}",
            answer.status
        );
        assert!(!answer.body.contains(HARMED), "{action}: {fields:?}");
        let to = answer.location();
        assert!(
            to.is_empty() || (to.starts_with('/') && !to.starts_with("//")),
            "{action}: {to}"
        );
    }
}

async fn with_password(app: &App) -> Sitting {
    app.sit_with_password("luz@valle.test", PASSWORD).await;
    app.stranger()
}

async fn enter(who: &Sitting, back: &str) -> Answer {
    let fields = [
        ("email", "luz@valle.test"),
        ("password", PASSWORD),
        ("back", back),
    ];
    who.post("/sign-in", &fields).await
}
