//! What a page offers is never refused to whom it is offered; and another company's user finds
//! nothing. In a browser, so that a link or a button counts as it stands on the page.

use std::collections::BTreeSet;

use domain::user::Role;
use engine::NewCompany;
use serde_json::Value;
use testkit::browser::{Look, Tab, route_of, walk};

use crate::app::App;
use crate::browser::{in_a_browser, lively, sit};
use crate::crawl::routes;

/// `METHOD path` of everything on a page that leads to a page of ours or sends a form to it.
async fn offers(tab: &Tab, origin: &str) -> BTreeSet<(String, String)> {
    const SCRIPT: &str = "[...document.querySelectorAll('a[href], iframe[src]')]\
        .map(it => ['GET', it.href || it.src]).concat(\
        [...document.querySelectorAll('form')].flatMap(it => \
        [it, ...it.querySelectorAll('[formaction]')].map(by => [it.method.toUpperCase(), \
        new URL(by.getAttribute('formaction') ?? it.getAttribute('action') ?? '', \
        location.href).href])))";
    let found = tab.evaluate(SCRIPT).await;
    let pair = |it: &Value| {
        let path = it[1].as_str()?.strip_prefix(origin)?;
        let path = path.split(['?', '#']).next().unwrap_or(path);
        Some((it[0].as_str()?.to_owned(), path.to_owned()))
    };
    let found = found.as_array().cloned().unwrap_or_default();
    found.iter().filter_map(pair).collect()
}

/// Why an offer would be refused to that role; `None` when it is theirs to take.
fn refused(role: Role, method: &str, path: &str) -> Option<String> {
    if !path.starts_with("/c/") {
        return None;
    }
    let console = web::console_routes();
    let own = console.table().iter().filter(|it| it.method == *method);
    let own: Vec<_> = own.collect();
    let paths = own.iter().map(|it| format!("/c/{{company}}{}", it.path));
    let paths: Vec<String> = paths.collect();
    let Some(route) = route_of(&paths, path) else {
        return Some(format!("{method} {path} leads nowhere"));
    };
    let at = paths.iter().position(|it| it == route).unwrap_or_default();
    let needs = own[at].needs;
    (!role.may(needs)).then(|| format!("{method} {path} asks for {needs:?}"))
}

#[test]
fn nobody_is_offered_what_is_refused_to_them() {
    in_a_browser(async |test, driver| {
        let mut app = App::new(&test.db).await;
        lively(&mut app.world).await;
        let served = app.serve().await;
        let (home, routes) = (app.path("/home"), routes());
        let mut found = Vec::new();
        for role in Role::ALL {
            let tab = sit(driver, &app, &served, *role, &Look::default()).await;
            let mut pages = 0;
            let walked = walk(&tab, &served.origin, &home, &routes, async |tab, route| {
                pages += 1;
                for (method, path) in offers(tab, &served.origin).await {
                    let why = refused(*role, &method, &path);
                    found.extend(why.map(|why| format!("{role} on {route}: {why}")));
                }
            });
            let broken = walked.await.broken;
            found.extend(broken.into_iter().map(|it| format!("{role}: {it}")));
            assert!(pages > 15, "{role} saw {pages} pages");
            tab.close().await;
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn someone_of_another_company_finds_nothing() {
    in_a_browser(async |test, driver| {
        let mut app = App::new(&test.db).await;
        lively(&mut app.world).await;
        let served = app.serve().await;
        let home = app.path("/home");
        let own = sit(driver, &app, &served, Role::Admin, &Look::default()).await;
        let reached = walk(&own, &served.origin, &home, &routes(), async |_, _| {}).await;
        assert!(reached.reached.len() > 30, "{:?}", reached.reached);

        let other = NewCompany {
            name: "norte".to_owned(),
            ..NewCompany::default()
        };
        let other = app.world.engine.add_company(other, "ana").await;
        let seat = Some((other.expect("a company").id, Role::Admin));
        let cookie = app.sit_as("eva@norte.test", seat).await.cookie;
        let cookie = cookie.expect("a session");
        let (name, value) = cookie.split_once('=').expect("a name and a value");
        own.forget_cookies().await;
        own.set_cookie(name, value).await;
        let mut nowhere = None;
        for path in reached.reached.values() {
            own.go(&format!("{}{path}", served.origin)).await;
            let words = own.words().await;
            assert!(!words.contains("Papelería del Valle"), "{path}: {words}");
            let same = nowhere.get_or_insert_with(|| words.clone());
            assert_eq!(*same, words, "{path} tells that it exists");
        }
        let nowhere = nowhere.expect("pages were tried");
        assert!(nowhere.contains("no existe"), "{nowhere}");
    });
}
