//! One browser: where it is, what it shows, and what a person does in it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::axe::{self, Violation};
use super::wire::{self, Refusal};
use super::{Look, PHONE};

/// How long something awaited may take to appear.
const APPEAR_WITHIN: Duration = Duration::from_secs(30);
/// The highest picture taken of a page.
const PICTURE_HEIGHT_MAX: u64 = 6_000;
/// The name under which the protocol hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A key that is no letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// To the next thing that takes the focus.
    Tab,
    /// To the one before.
    BackTab,
    /// Do it.
    Enter,
    /// Tick, or press a button.
    Space,
    /// Away with it.
    Escape,
    /// The next choice.
    Down,
}

/// A browser with a profile of its own.
#[derive(Debug)]
pub struct Tab {
    port: u16,
    path: String,
    axe: Option<PathBuf>,
    size: (u32, u32),
    has_scripts: bool,
}

impl Tab {
    pub(super) fn new(port: u16, session: String, axe: Option<PathBuf>, look: &Look) -> Self {
        Self {
            port,
            path: format!("/session/{session}"),
            axe,
            size: look.size,
            has_scripts: look.has_scripts,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Refusal> {
        let path = format!("{}{path}", self.path);
        wire::command(self.port, method, &path, body.as_ref()).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, None).await;
        answer.unwrap_or_else(|refusal| panic!("GET {path}: {refusal}"))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.ask("POST", path, Some(body)).await;
        answer.unwrap_or_else(|refusal| panic!("POST {path}: {refusal}"))
    }

    /// A command of the browser's own protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", body).await
    }

    /// Puts on another look; scripts and language stay as they were opened with.
    pub async fn dress(&self, look: &Look) {
        let (width, height) = look.size;
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1,
            "mobile": look.size.0 <= PHONE.0,
        });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let scheme = if look.is_dark { "dark" } else { "light" };
        let media = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Goes to an address, as typed into its bar.
    pub async fn go(&self, url: &str) {
        self.post("/url", json!({ "url": url })).await;
    }

    /// One page back.
    pub async fn back(&self) {
        self.post("/back", json!({})).await;
    }

    /// Where it is.
    pub async fn url(&self) -> String {
        string(self.get("/url").await)
    }

    /// What stands in its title bar.
    pub async fn title(&self) -> String {
        string(self.get("/title").await)
    }

    /// The page's HTML as the browser holds it.
    pub async fn html(&self) -> String {
        string(self.get("/source").await)
    }

    /// Runs an expression of JavaScript beside the page's own, whatever the page may run.
    pub async fn evaluate(&self, expression: &str) -> Value {
        let answer = self.try_to_evaluate(expression).await;
        let answer = answer.unwrap_or_else(|refusal| panic!("{expression}: {refusal}"));
        let failure = &answer["exceptionDetails"];
        assert!(failure.is_null(), "{expression}: {failure}");
        answer["result"]["value"].clone()
    }

    async fn try_to_evaluate(&self, expression: &str) -> Result<Value, Refusal> {
        let parameters = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let body = json!({ "cmd": "Runtime.evaluate", "params": parameters });
        self.ask("POST", "/goog/cdp/execute", Some(body)).await
    }

    /// Everything a person can read.
    pub async fn words(&self) -> String {
        string(self.evaluate("document.body.innerText").await)
    }

    /// The text of each element, as shown.
    pub async fn texts(&self, selector: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for element in self.elements(selector).await {
            texts.push(string(self.get(&format!("{element}/text")).await));
        }
        texts
    }

    /// The text of the one element; waits until it is there.
    pub async fn text(&self, selector: &str) -> String {
        let element = self.element(selector).await;
        string(self.get(&format!("{element}/text")).await)
    }

    /// How many there are, now.
    pub async fn count(&self, selector: &str) -> usize {
        self.elements(selector).await.len()
    }

    /// Whether there is any, now.
    pub async fn has(&self, selector: &str) -> bool {
        self.count(selector).await > 0
    }

    /// What is filled in, or another property.
    pub async fn property(&self, selector: &str, name: &str) -> Value {
        let element = self.element(selector).await;
        self.get(&format!("{element}/property/{name}")).await
    }

    /// An attribute as written.
    pub async fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let element = self.element(selector).await;
        let value = self.get(&format!("{element}/attribute/{name}")).await;
        value.as_str().map(str::to_owned)
    }

    /// Clicks the first. What it leads to may come later: see [`Tab::submit`].
    pub async fn click(&self, selector: &str) {
        let path = format!("{}/click", self.element(selector).await);
        if let Err(refusal) = self.ask("POST", &path, Some(json!({}))).await {
            self.lament(&format!("`{selector}` takes no click: {refusal}"))
                .await;
        }
    }

    /// Clicks the first, which leads to another page, and waits until that page is there.
    ///
    /// # Panics
    /// When no other page comes.
    pub async fn submit(&self, selector: &str) {
        let before = self.evaluate("performance.timeOrigin").await;
        self.click(selector).await;
        let other =
            format!("performance.timeOrigin !== {before} && document.readyState === 'complete'");
        self.wait_until(&other).await;
    }

    /// Clicks the first link or button whose whole text this is.
    pub async fn click_text(&self, text: &str) {
        let script = format!(
            "(() => {{ const wanted = {}; const all = [...document.querySelectorAll(\
             'a, button, summary, label')]; const one = all.find(it => \
             it.innerText.trim() === wanted); if (!one) return false; \
             one.setAttribute('data-wanted-by-test', ''); return true; }})()",
            json!(text)
        );
        if self.evaluate(&script).await != json!(true) {
            self.lament(&format!("nothing to click says “{text}”"))
                .await;
        }
        self.click("[data-wanted-by-test]").await;
    }

    /// Fills a field with a text in place of what is in it; a date as `2026-03-05`.
    pub async fn fill(&self, selector: &str, text: &str) {
        let kind = self.property(selector, "type").await;
        if ["date", "datetime-local", "time", "month", "color", "hidden"]
            .contains(&string(kind).as_str())
        {
            // Such fields take keys in the order of the machine's language.
            let script = format!(
                "(() => {{ const it = document.querySelector({}); it.value = {}; \
                 it.dispatchEvent(new Event('input', {{bubbles: true}})); \
                 it.dispatchEvent(new Event('change', {{bubbles: true}})); }})()",
                json!(selector),
                json!(text)
            );
            self.evaluate(&script).await;
            return;
        }
        let element = self.element(selector).await;
        self.post(&format!("{element}/clear"), json!({})).await;
        let typed = json!({ "text": text });
        self.post(&format!("{element}/value"), typed).await;
    }

    /// Gives a file to a field.
    pub async fn upload(&self, selector: &str, file: &std::path::Path) {
        let element = self.element(selector).await;
        let typed = json!({ "text": file.display().to_string() });
        self.post(&format!("{element}/value"), typed).await;
    }

    /// Chooses in a list by the value that is sent.
    pub async fn choose(&self, selector: &str, value: &str) {
        let option = format!("{selector} option[value={}]", json!(value));
        self.click(&option).await;
    }

    /// Types where the focus is.
    pub async fn type_text(&self, text: &str) {
        let keys: Vec<String> = text.chars().map(String::from).collect();
        self.strike(&keys).await;
    }

    /// Presses a key where the focus is.
    pub async fn press(&self, key: Key) {
        const SHIFT: &str = "\u{e008}";
        let code = match key {
            Key::Tab | Key::BackTab => "\u{e004}",
            Key::Enter => "\u{e007}",
            Key::Space => " ",
            Key::Escape => "\u{e00c}",
            Key::Down => "\u{e015}",
        };
        let code = code.to_owned();
        if key != Key::BackTab {
            return self.strike(&[code]).await;
        }
        let actions = json!([
            { "type": "keyDown", "value": SHIFT },
            { "type": "keyDown", "value": code },
            { "type": "keyUp", "value": code },
            { "type": "keyUp", "value": SHIFT },
        ]);
        self.act(actions).await;
    }

    async fn strike(&self, keys: &[String]) {
        let down_and_up = |key: &String| {
            [
                json!({ "type": "keyDown", "value": key }),
                json!({ "type": "keyUp", "value": key }),
            ]
        };
        let actions: Vec<Value> = keys.iter().flat_map(down_and_up).collect();
        self.act(Value::Array(actions)).await;
    }

    async fn act(&self, actions: Value) {
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", json!({ "actions": [keyboard] }))
            .await;
    }

    /// Walks with the tabulator until the element has the focus.
    ///
    /// # Panics
    /// When the keyboard does not lead there.
    pub async fn walk_to(&self, selector: &str) {
        const STEPS_MAX: usize = 120;
        let script = format!(
            "document.activeElement !== document.body && \
             document.activeElement?.matches({}) === true",
            json!(selector)
        );
        for _ in 0..STEPS_MAX {
            if self.evaluate(&script).await == json!(true) {
                return;
            }
            self.press(Key::Tab).await;
        }
        self.lament(&format!("the keyboard does not lead to `{selector}`"))
            .await;
    }

    /// Waits until an expression of JavaScript is true; between two pages nothing is.
    ///
    /// # Panics
    /// When it does not come true.
    pub async fn wait_until(&self, expression: &str) {
        let started = Instant::now();
        while started.elapsed() < APPEAR_WITHIN {
            let answer = self.try_to_evaluate(expression).await;
            if answer.is_ok_and(|it| it["result"]["value"] == json!(true)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.lament(&format!("`{expression}` did not come true"))
            .await;
    }

    /// Waits until its address has that in it: after a key, which waits for nothing.
    ///
    /// # Panics
    /// When it does not get there.
    pub async fn wait_for_url(&self, part: &str) {
        let there = format!(
            "location.href.includes({}) && document.readyState === 'complete'",
            json!(part)
        );
        self.wait_until(&there).await;
    }

    /// The cookies of the page it is on.
    pub async fn cookies(&self) -> Vec<Value> {
        let cookies = self.get("/cookie").await;
        cookies.as_array().cloned().unwrap_or_default()
    }

    /// Lays a cookie for the site it is on.
    pub async fn set_cookie(&self, name: &str, value: &str) {
        let cookie = json!({ "name": name, "value": value, "path": "/" });
        self.post("/cookie", json!({ "cookie": cookie })).await;
    }

    /// Forgets all cookies of the site it is on.
    pub async fn forget_cookies(&self) {
        let forgotten = self.ask("DELETE", "/cookie", None).await;
        forgotten.expect("cookies can be forgotten");
    }

    /// What the browser complained of since the last time: scripts that failed, content that a
    /// policy refused, files that were not there.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.post("/se/log", json!({ "type": "browser" })).await;
        let entries = entries.as_array().cloned().unwrap_or_default();
        let bad = entries.iter().filter(|it| it["level"] == "SEVERE");
        bad.map(|it| string(it["message"].clone())).collect()
    }

    /// The elements that reach past the right edge of the page, where it scrolls sideways.
    pub async fn sideways(&self) -> Vec<String> {
        const SCRIPT: &str = "(() => { const room = document.documentElement.clientWidth; \
            if (document.documentElement.scrollWidth <= room) return []; \
            return [...document.body.querySelectorAll('*')].filter(it => { \
            if (it.closest('.scroll') && !it.matches('.scroll')) return false; \
            const box = it.getBoundingClientRect(); \
            return box.width > 0 && box.right > room + 1; }).slice(0, 8).map(it => \
            it.tagName.toLowerCase() + (it.id ? '#' + it.id : '') + \
            (it.className?.length ? '.' + String(it.className).replaceAll(' ', '.') : '')); })()";
        let found = self.evaluate(SCRIPT).await;
        let found = found.as_array().cloned().unwrap_or_default();
        found.into_iter().map(string).collect()
    }

    /// What axe finds by the rules of WCAG 2.2 AA; in a browser with scripts, since axe is one. A
    /// frame is a page of its own.
    ///
    /// # Panics
    /// When the script is missing or does not run.
    pub async fn violations(&self) -> Vec<Violation> {
        assert!(self.has_scripts, "axe never ends where no script runs");
        let file = self.axe.as_ref().expect("axe is there: Driver::start asks");
        let script = std::fs::read_to_string(file).expect("axe can be read");
        if self.evaluate("typeof window.axe").await != json!("object") {
            self.evaluate(&format!("{script}; 0")).await;
        }
        let tags = json!(axe::TAGS);
        let run = format!(
            "axe.run(document, {{ runOnly: {{ type: 'tag', values: {tags} }}, \
             resultTypes: ['violations'], iframes: false }})"
        );
        axe::violations(&self.evaluate(&run).await)
    }

    /// A picture of the whole page, as a PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let metrics = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let height = &metrics["cssContentSize"]["height"];
        let height = height.as_u64().unwrap_or(u64::from(self.size.1));
        let clip = json!({
            "x": 0, "y": 0, "scale": 1, "width": metrics["cssLayoutViewport"]["clientWidth"],
            "height": height.clamp(u64::from(self.size.1), PICTURE_HEIGHT_MAX),
        });
        let body = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", body).await;
        let data = STANDARD.decode(string(picture["data"].clone()));
        data.expect("a picture in base 64")
    }

    /// Closes it, and forgets its profile.
    pub async fn close(self) {
        let closed = self.ask("DELETE", "", None).await;
        closed.expect("the browser closes");
    }

    async fn elements(&self, selector: &str) -> Vec<String> {
        let body = json!({ "using": "css selector", "value": selector });
        let found = self.post("/elements", body).await;
        let found = found.as_array().cloned().unwrap_or_default();
        let found = found.iter().filter_map(|it| it[ELEMENT].as_str());
        found.map(|id| format!("/element/{id}")).collect()
    }

    async fn element(&self, selector: &str) -> String {
        let started = Instant::now();
        loop {
            if let Some(element) = self.elements(selector).await.into_iter().next() {
                return element;
            }
            if started.elapsed() > APPEAR_WITHIN {
                self.lament(&format!("there is no `{selector}`")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn lament(&self, complaint: &str) -> ! {
        let (url, words) = (self.url().await, self.words().await);
        panic!("{complaint} at {url}, which says:\n{words}");
    }
}

fn string(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
