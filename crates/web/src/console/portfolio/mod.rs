//! The portfolio: lists of customers and documents, what is found in them, kept by name, taken
//! away, and done to many at once.

mod bulk;
mod customers;
mod documents;
mod export;
mod find;
mod query;
mod views;

use domain::user::Permission;

use crate::page::Page;
use crate::routes::Routes;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/customers", Permission::See, customers::show)
        .get("/customers/export", Permission::See, export::customers)
        .post("/customers/bulk", Permission::Work, bulk::confirm)
        .post("/customers/bulk/do", Permission::Work, bulk::perform)
        .get("/documents", Permission::See, documents::show)
        .get("/documents/export", Permission::See, export::documents)
        .get("/search", Permission::See, find::show)
        .post("/views", Permission::Work, views::save)
        .post("/views/{view}/remove", Permission::Work, views::remove)
}

/// An entry of a select.
struct Choice {
    value: String,
    text: String,
    chosen: bool,
}

impl Choice {
    fn new(value: impl Into<String>, text: impl Into<String>, chosen: bool) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            chosen,
        }
    }
}

/// A link whose text is of ours or of the company's.
struct Link {
    url: String,
    text: String,
    here: bool,
}

/// How many rows a list has, in words.
fn count_text(page: &Page, count: store::portfolio::Count) -> String {
    match count {
        store::portfolio::Count::Exactly(n) => page.count("portfolio-count", n),
        store::portfolio::Count::MoreThan(0) => page.t("portfolio-unfinished"),
        store::portfolio::Count::MoreThan(n) => page.count("portfolio-count-more", n),
    }
}

/// From so many days on a document is very late.
const VERY_LATE_DAYS: i64 = 60;

/// How late something is.
struct Late {
    text: String,
    class: &'static str,
}

impl Late {
    /// Nothing for what is not late.
    fn of(page: &Page, days: i64) -> Option<Self> {
        let class = if days > VERY_LATE_DAYS { "bad" } else { "warn" };
        let text = page.count("portfolio-days", days);
        (days > 0).then_some(Self { text, class })
    }
}
