//! Takes a picture of every page of a served example company, wide and narrow, light and dark, and
//! says what a browser and axe complain of: `cargo xtask screenshots`.
//!
//! `pictures ADDRESS FOLDER [WORD…]`; with words, only of routes that have one of them in it.

use std::fs;
use std::path::{Path, PathBuf};

use testkit::browser::{Driver, Look, Tab, Walked, walk};

/// Pictures of each page: a name, and how it looks.
fn looks() -> [(&'static str, Look); 4] {
    [
        ("1280", Look::default()),
        ("360", Look::phone()),
        ("1280-dark", Look::default().dark()),
        ("360-dark", Look::phone().dark()),
    ]
}

struct Album {
    folder: PathBuf,
    words: Vec<String>,
    complaints: Vec<String>,
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().expect("the address of a served example");
    let folder = PathBuf::from(arguments.next().expect("a folder for the pictures"));
    fs::create_dir_all(&folder).expect("the folder can be made");
    let words = arguments.collect();
    let mut album = Album {
        folder,
        words,
        complaints: Vec::new(),
    };
    let driver = Driver::start().expect("a browser");
    let tab = driver.open(&Look::default()).await;
    tab.go(&format!("{address}/sign-in")).await;
    album.show(&tab, "/sign-in").await;
    tab.click("button[value=admin]").await;
    let start = tab.url().await;
    let start = start.strip_prefix(&address).expect("a page of ours");
    let routes = routes();
    let walked = walk(&tab, &address, start, &routes, async |tab, route| {
        album.show(tab, route).await;
    });
    let walked = walked.await;
    album
        .pages_without_links(&tab, &address, start, &walked)
        .await;
    album.portal(&tab, &address, start).await;
    album.tell(&walked);
}

/// Pages outside a company.
const PUBLIC: [&str; 4] = ["/start", "/companies", "/forgot", "/link/nada"];

/// Pages behind the door of the customer's own page.
const BEHIND_THE_DOOR: [&str; 9] = [
    "account",
    "pay",
    "promise",
    "dispute",
    "paid",
    "write",
    "how",
    "preferences",
    "statement",
];

/// The first message that left with a link in it: the link, and an amount that it named.
const A_LINK: &str = "(async () => { for (const it of document.querySelectorAll('td a')) { \
    if (!it.href.includes('/outbox/')) continue; \
    const letter = await (await fetch(it.href + '/message')).text(); \
    const link = letter.match(/\\/p\\/[A-Za-z0-9_-]{20,}/); \
    const page = await (await fetch(it.href)).text(); \
    const amount = page.match(/<td class=\"num\">([^<]+)</); \
    if (link && amount) return [link[0], amount[1]]; } return null; })()";

fn routes() -> Vec<String> {
    let routes = web::console_routes();
    let routes = routes.table().iter();
    let routes = routes.filter(|route| route.method == "GET");
    routes
        .map(|it| format!("/c/{{company}}{}", it.path))
        .collect()
}

impl Album {
    async fn show(&mut self, tab: &Tab, route: &str) {
        let is_wanted = self.words.is_empty() || self.words.iter().any(|it| route.contains(it));
        if !is_wanted {
            return;
        }
        eprintln!("{route}");
        for (name, look) in looks() {
            tab.dress(&look).await;
            let file = self.folder.join(format!("{}.{name}.png", file_name(route)));
            fs::write(&file, tab.picture().await).expect("a picture is kept");
            let wide = tab.sideways().await;
            if !wide.is_empty() {
                self.complain(
                    route,
                    name,
                    &format!("scrolls sideways: {}", wide.join(", ")),
                );
            }
            for violation in tab.violations().await {
                self.complain(route, name, &violation.to_string());
            }
        }
        for complaint in tab.complaints().await {
            self.complain(route, "console", &complaint);
        }
        tab.dress(&Look::default()).await;
    }

    /// The pages that no link of this company leads to, and those outside a company.
    async fn pages_without_links(&mut self, tab: &Tab, address: &str, start: &str, of: &Walked) {
        let company = start.strip_suffix("/home").unwrap_or(start);
        let own = of.missed.iter().filter_map(|route| {
            let path = route.strip_prefix("/c/{company}")?;
            (!path.contains('{')).then(|| (format!("{company}{path}"), route.clone()))
        });
        let public = PUBLIC.map(|path| (path.to_owned(), path.to_owned()));
        for (path, route) in own.chain(public) {
            tab.go(&format!("{address}{path}")).await;
            self.show(tab, &route).await;
        }
    }

    /// The customer's own page, entered as a customer does.
    async fn portal(&mut self, tab: &Tab, address: &str, start: &str) {
        let company = start.strip_suffix("/home").unwrap_or(start);
        tab.go(&format!("{address}{company}/outbox?shelf=sent"))
            .await;
        let found = tab.evaluate(A_LINK).await;
        let (Some(link), Some(amount)) = (found[0].as_str(), found[1].as_str()) else {
            self.complain("/p", "portal", "no message with a link left");
            return;
        };
        let link = format!("{address}{link}");
        tab.go(&format!("{address}/p/{}", "A".repeat(43))).await;
        self.show(tab, "/p/gone").await;
        tab.go(&link).await;
        self.show(tab, "/p/door").await;
        tab.fill("input[name=amount]", amount).await;
        tab.submit("input[name=amount] ~ button").await;
        for page in BEHIND_THE_DOOR {
            tab.go(&format!("{link}/{page}")).await;
            self.show(tab, &format!("/p/{page}")).await;
        }
    }

    fn complain(&mut self, route: &str, look: &str, what: &str) {
        self.complaints.push(format!("{route} ({look}) {what}"));
    }

    fn tell(&self, walked: &Walked) {
        for route in &walked.missed {
            println!("no link leads to {route}");
        }
        for link in &walked.broken {
            println!("broken: {link}");
        }
        for complaint in &self.complaints {
            println!("{complaint}");
        }
        let pages = walked.reached.len();
        println!("{pages} pages, pictures in {}", shown(&self.folder));
    }
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}

/// `/c/{company}/customers/{customer}` is `customers-customer`.
fn file_name(route: &str) -> String {
    let path = route.strip_prefix("/c/{company}").unwrap_or(route);
    let name: String = path
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it } else { '-' })
        .collect();
    let words: Vec<&str> = name.split('-').filter(|it| !it.is_empty()).collect();
    words.join("-")
}
