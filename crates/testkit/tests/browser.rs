//! The browser of the tests sees what it should: fields, keys, scripts or none, dark pages, narrow
//! pages, and what is hard to read.

use std::path::PathBuf;

use testkit::browser::{Driver, Key, Look};

const PAGE: &str = r##"<!doctype html>
<html lang="es"><head><meta name="viewport" content="width=device-width"><title>Prueba</title>
<style>
  body { background: white; color: black; width: 300px }
  @media (prefers-color-scheme: dark) { body { background: black; color: white } }
  .wide { width: 900px }
</style></head>
<body><main><h1>Una página</h1>
<form><label for="name">Nombre</label> <input id="name" name="name">
<label for="day">Día</label> <input id="day" name="day" type="date">
<label for="way">Medio</label> <select id="way" name="way"><option value="">–</option>
<option value="mail">Correo</option></select>
<button id="send">Enviar</button></form>
<p id="script">sin</p><script>document.getElementById('script').textContent = 'con';</script>
</main></body></html>"##;

fn page(driver: &Driver, name: &str, html: &str) -> String {
    let file: PathBuf = driver.folder().join(name);
    std::fs::write(&file, html).expect("a page is written");
    format!("file://{}", file.display())
}

fn in_a_browser(body: impl AsyncFnOnce(&Driver)) {
    let Some(driver) = Driver::start() else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(body(&driver));
}

#[test]
fn fields_are_filled_by_hand_and_by_keyboard() {
    in_a_browser(async |driver| {
        let tab = driver.open(&Look::default()).await;
        tab.go(&page(driver, "page.html", PAGE)).await;
        assert_eq!(tab.title().await, "Prueba");
        assert_eq!(tab.text("#script").await, "con");
        tab.fill("#name", "Begoña Ñ").await;
        tab.fill("#day", "2026-03-05").await;
        tab.choose("#way", "mail").await;
        tab.click_text("Enviar").await;
        let url = tab.url().await;
        assert!(
            url.ends_with("?name=Bego%C3%B1a+%C3%91&day=2026-03-05&way=mail"),
            "{url}"
        );

        tab.walk_to("#name").await;
        tab.type_text("Luz").await;
        tab.press(Key::Enter).await;
        tab.wait_for_url("?name=Luz&day=&way=").await;
        assert_eq!(tab.complaints().await, Vec::<String>::new());
    });
}

#[test]
fn a_browser_without_scripts_runs_none_and_is_driven_all_the_same() {
    in_a_browser(async |driver| {
        let tab = driver.open(&Look::phone().without_scripts()).await;
        tab.go(&page(driver, "page.html", PAGE)).await;
        assert_eq!(tab.text("#script").await, "sin");
        tab.fill("#name", "Ana").await;
        tab.fill("#day", "2026-03-05").await;
        tab.click("#send").await;
        assert!(tab.url().await.contains("?name=Ana&day=2026-03-05"));
        assert!(tab.words().await.contains("Una página"));
    });
}

#[test]
fn looks_are_what_was_asked_for() {
    in_a_browser(async |driver| {
        let wide = PAGE.replace("<p id", "<p class=wide id");
        let (page, wide) = (
            page(driver, "page.html", PAGE),
            page(driver, "wide.html", &wide),
        );
        let tab = driver.open(&Look::phone()).await;
        tab.go(&page).await;
        assert_eq!(tab.evaluate("innerWidth").await, 360);
        assert_eq!(tab.sideways().await, Vec::<String>::new());
        let paper = "getComputedStyle(document.body).backgroundColor";
        assert_eq!(tab.evaluate(paper).await, "rgb(255, 255, 255)");
        tab.go(&wide).await;
        assert_eq!(tab.sideways().await, ["p#script.wide"]);

        tab.dress(&Look::default().dark()).await;
        tab.go(&page).await;
        assert_eq!(tab.evaluate("innerWidth").await, 1280);
        assert_eq!(tab.evaluate(paper).await, "rgb(0, 0, 0)");
        let picture = tab.picture().await;
        assert_eq!(&picture[..4], b"\x89PNG");
        assert_eq!(picture[16..20], 1280_u32.to_be_bytes(), "its width");
    });
}

#[test]
fn what_is_hard_to_use_is_named() {
    in_a_browser(async |driver| {
        let tab = driver.open(&Look::default()).await;
        tab.go(&page(driver, "good.html", PAGE)).await;
        let found = tab.violations().await;
        assert!(found.is_empty(), "{found:?}");
        let bad = PAGE
            .replace("<label for=\"name\">Nombre</label>", "")
            .replace("<h1>", "<h1 style=\"color:#eee\">");
        tab.go(&page(driver, "bad.html", &bad)).await;
        let found = tab.violations().await;
        let rules: Vec<&str> = found.iter().map(|it| it.rule.as_str()).collect();
        assert_eq!(rules, ["color-contrast", "label"]);
        assert_eq!(found[1].elements[0].0, "#name");
    });
}
