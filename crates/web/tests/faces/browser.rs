//! The faces in a real browser: everybody can use them, on a desk and on a phone, in the light and
//! in the dark, by keyboard alone; and what strangers write runs nowhere.

use domain::hold::HoldKind;
use domain::user::Role;
use jiff::civil::date;
use testkit::browser::{Driver, Key, Look, Tab, Walked, walk};
use testkit::{TestDb, World, run_on_sqlite};

use crate::app::{App, Served, TODAY};
use crate::crawl::routes;
use crate::hostile::harm;
use crate::portal::{PAGES, reminded};

/// A test in a browser, on SQLite: what pages look like does not turn on the database.
pub fn in_a_browser(body: impl AsyncFnOnce(&TestDb, &Driver)) {
    if let Some(driver) = Driver::start() {
        run_on_sqlite(async |test| body(test, &driver).await);
    }
}

/// Someone of a role, sitting at a browser.
pub async fn sit(driver: &Driver, app: &App, served: &Served, role: Role, look: &Look) -> Tab {
    let sitting = app.sit(role).await;
    let tab = driver.open(look).await;
    tab.go(&format!("{}/sign-in", served.origin)).await;
    let cookie = sitting.cookie.expect("a session");
    let (name, value) = cookie.split_once('=').expect("a name and a value");
    tab.set_cookie(name, value).await;
    tab.go(&format!("{}{}", served.origin, app.path("/home")))
        .await;
    tab
}

/// A company in the middle of its work: customers who owe, pay, promise, disagree and answer.
pub async fn lively(world: &mut World) {
    let days = (date(2026, 1, 5), date(2026, 2, 4));
    for (customer, name) in [
        ("C-1", "Abarrotes Luz"),
        ("C-2", "Ferretería Núñez"),
        ("C-3", "Mar"),
    ] {
        for number in 1..=3 {
            let text = format!(
                "Factura,Código cliente,Cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n\
                 {customer}-F{number},{customer},{name},pagos@{customer}.test,{},{},{number}500.00\n",
                days.0, days.1
            );
            world.import(&text).await;
        }
    }
    let broken = "Factura,Código cliente,Fecha emisión,Fecha vencimiento,Importe\n\
        Z-1,C-1,mañana,2026-02-02,mucho\n";
    world.import_named("con-error.csv", broken).await;
    world.run(TODAY).await;
    world.dispatch().await;
    world.pay("C-2", "700", &["C-2-F1"]).await;
    world.promise("C-2", "500", date(2026, 3, 9)).await;
    let until = Some(date(2026, 3, 20));
    world
        .hold("C-3", HoldKind::Dispute, Some("C-3-F1"), (None, until))
        .await;
    crate::reconcile::propose(world).await;
    world.run(date(2026, 3, 3)).await;
}

/// Walks all pages; what `check` finds on them stands in the failure, all of it at once.
async fn find_nothing_on_any_page(
    tab: &Tab,
    (app, served): (&App, &Served),
    check: impl AsyncFn(&Tab) -> Vec<String>,
) -> Walked {
    let mut found = Vec::new();
    let (home, routes) = (app.path("/home"), routes());
    let walked = walk(tab, &served.origin, &home, &routes, async |tab, route| {
        let more = check(tab).await;
        found.extend(more.into_iter().map(|it| format!("{route}: {it}")));
    });
    let walked = walked.await;
    assert!(walked.broken.is_empty(), "{:#?}", walked.broken);
    assert!(found.is_empty(), "{}", found.join("\n"));
    walked
}

async fn barriers(tab: &Tab) -> Vec<String> {
    let mut found = Vec::new();
    for look in [Look::default(), Look::phone().dark()] {
        tab.dress(&look).await;
        let (width, _) = look.size;
        let violations = tab.violations().await;
        found.extend(violations.iter().map(|it| format!("at {width}: {it}")));
        let wide = tab.sideways().await;
        if !wide.is_empty() {
            found.push(format!("at {width} scrolls sideways: {}", wide.join(", ")));
        }
        if tab.count("h1").await != 1 {
            found.push("has not one h1".to_owned());
        }
    }
    found.extend(tab.complaints().await);
    tab.dress(&Look::default()).await;
    found
}

#[test]
fn every_page_of_the_console_can_be_used_by_everybody() {
    in_a_browser(async |test, driver| {
        let mut app = App::new(&test.db).await;
        lively(&mut app.world).await;
        let served = app.serve().await;
        let tab = sit(driver, &app, &served, Role::Admin, &Look::default()).await;
        let walked = find_nothing_on_any_page(&tab, (&app, &served), barriers).await;
        assert!(!walked.reached.is_empty());
        eprintln!("no link led to {:?}", walked.missed);
    });
}

#[test]
fn what_strangers_write_runs_nowhere() {
    in_a_browser(async |test, driver| {
        let app = App::new(&test.db).await;
        harm(&app.world).await;
        let served = app.serve().await;
        let tab = sit(driver, &app, &served, Role::Admin, &Look::default()).await;
        let check = async |tab: &Tab| {
            const SCRIPT: &str = "[window, ...Array.from(frames, it => it)].filter(it => { try { \
                return it.harmed || it.document.querySelector('x-harm'); } \
                catch { return false; } }).length";
            let mut found = tab.complaints().await;
            if tab.evaluate(SCRIPT).await != 0 {
                found.push("took a text for a part of itself".to_owned());
            }
            found
        };
        find_nothing_on_any_page(&tab, (&app, &served), check).await;
    });
}

#[test]
fn one_enters_and_moves_by_keyboard_alone() {
    in_a_browser(async |test, driver| {
        let mut app = App::new(&test.db).await;
        lively(&mut app.world).await;
        let served = app.serve().await;
        app.sit_with_password("luz@valle.test", "correcto caballo pila")
            .await;
        let tab = driver.open(&Look::default()).await;
        tab.go(&format!("{}{}", served.origin, app.path("/home")))
            .await;
        tab.walk_to("input[name=email]").await;
        tab.type_text("luz@valle.test").await;
        tab.press(Key::Tab).await;
        tab.type_text("correcto caballo pila").await;
        tab.press(Key::Enter).await;
        tab.wait_for_url(&app.path("/home")).await;

        // The first stop of the keyboard leads past the navigation.
        tab.press(Key::Tab).await;
        tab.press(Key::Enter).await;
        tab.wait_for_url("#main").await;

        tab.go(&format!("{}{}", served.origin, app.path("/home")))
            .await;
        let ring = "(() => { const it = getComputedStyle(document.activeElement); \
            return it.outlineStyle !== 'none' && parseFloat(it.outlineWidth) >= 2; })()";
        let stops = tab.count(".nav a").await;
        for _ in 0..stops {
            tab.press(Key::Tab).await;
            tab.wait_until(ring).await;
        }
        tab.walk_to(".nav-end button").await;
        tab.press(Key::Enter).await;
        tab.wait_for_url("/sign-in").await;
    });
}

#[test]
fn every_page_of_the_portal_can_be_used_by_everybody() {
    in_a_browser(async |test, driver| {
        let (app, token) = reminded(test).await;
        let served = app.serve().await;
        let link = format!("{}/p/{token}", served.origin);
        let tab = driver.open(&Look::phone()).await;
        tab.go(&link).await;
        let mut found = barriers(&tab).await;
        tab.fill("input[name=amount]", "10,000.50").await;
        tab.submit("input[name=amount] ~ button").await;
        tab.wait_for_url("/account").await;
        for page in PAGES {
            tab.go(&format!("{link}/{page}")).await;
            found.extend(
                barriers(&tab)
                    .await
                    .into_iter()
                    .map(|it| format!("{page}: {it}")),
            );
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

#[test]
fn without_scripts_a_customer_promises_pays_in_parts_and_is_thanked() {
    in_a_browser(async |test, driver| {
        let (app, token) = reminded(test).await;
        let served = app.serve().await;
        let link = format!("{}/p/{token}", served.origin);
        let tab = driver.open(&Look::phone().without_scripts()).await;
        tab.go(&link).await;
        assert!(
            !tab.words().await.contains("10,000"),
            "nothing before the door"
        );
        tab.fill("input[name=amount]", "10,000.50").await;
        tab.submit("input[name=amount] ~ button").await;
        assert!(tab.words().await.contains("$10,000.50 MXN"));

        tab.go(&format!("{link}/promise")).await;
        tab.fill("input[name=date]", "2026-03-09").await;
        tab.fill("input[name=amount]", "10000.50").await;
        tab.submit("form.box button").await;
        let promises = app.world.standing("C-1").await.position.books.promises;
        let [promise] = promises.as_slice() else {
            panic!("one promise: {promises:?}");
        };
        assert_eq!(promise.due_on, date(2026, 3, 9));
        assert_eq!(promise.amount.minor, 1_000_050);

        app.world.pay("C-1", "4000", &["F-<b>1"]).await;
        tab.go(&format!("{link}/account")).await;
        assert!(
            tab.words().await.contains("$6,000.50 MXN"),
            "{}",
            tab.words().await
        );
        assert!(
            app.world.day(date(2026, 3, 3)).await.is_empty(),
            "a promise is waited for"
        );

        app.world.pay("C-1", "6000.50", &["F-<b>1"]).await;
        let thanks = app.world.day(date(2026, 3, 4)).await;
        let steps: Vec<&str> = thanks.iter().map(|it| it.key.step()).collect();
        assert!(
            steps.iter().any(|step| step.starts_with("gracias")),
            "{steps:?}"
        );
    });
}
