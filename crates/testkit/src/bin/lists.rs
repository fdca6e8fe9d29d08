//! How long the lists of a large database take: every state and order that is offered, plain and
//! with each thing that may be asked beside, the first page and some behind it, and its count.
//!
//! `cargo run -p testkit --features database --bin lists -- URL DAY`

use std::time::{Duration, Instant};

use domain::customer::BehaviourClass;
use domain::portfolio::{
    CustomerFilter, CustomerState, DocumentFilter, DocumentSort, DocumentState, Range,
};
use domain::search::Question;
use domain::{CompanyId, Currency};
use jiff::civil::Date;
use store::portfolio::{self, PAGE_ROWS, figures};
use store::{Db, companies};

/// Pages of a list that are turned.
const PAGES: usize = 12;

struct Timing {
    name: String,
    spent: Vec<Duration>,
}

impl Timing {
    fn print(&mut self) {
        self.spent.sort_unstable();
        let at = |part: usize| self.spent[(self.spent.len() - 1) * part / 100].as_secs_f64() * 1e3;
        let (name, pages) = (&self.name, self.spent.len());
        println!("| {name} | {pages} | {:.1} | {:.1} |", at(50), at(100));
    }
}

async fn customers(db: &Db, company: CompanyId, name: &str, filter: &CustomerFilter, day: Date) {
    let (mut cut, mut spent) = (None, Vec::new());
    for _ in 0..PAGES {
        let start = Instant::now();
        let page = portfolio::customers(db, company, filter, (cut.as_ref(), PAGE_ROWS), day).await;
        let page = page.expect("a page");
        let count = portfolio::count_customers(db, company, filter, day).await;
        count.expect("a count");
        spent.push(start.elapsed());
        cut = page.after;
        if cut.is_none() {
            break;
        }
    }
    let (state, sort) = (filter.state, filter.sort);
    let name = format!("customers {state} by {sort}{name}");
    Timing { name, spent }.print();
}

async fn documents(db: &Db, company: CompanyId, name: &str, filter: &DocumentFilter, day: Date) {
    let (mut cut, mut spent) = (None, Vec::new());
    for _ in 0..PAGES {
        let start = Instant::now();
        let page = portfolio::documents(db, company, filter, (cut.as_ref(), PAGE_ROWS), day).await;
        let page = page.expect("a page");
        let count = portfolio::count_documents(db, company, filter, day).await;
        count.expect("a count");
        spent.push(start.elapsed());
        cut = page.after;
        if cut.is_none() {
            break;
        }
    }
    let (state, sort) = (filter.state, filter.sort);
    let name = format!("documents {state} by {sort}{name}");
    Timing { name, spent }.print();
}

fn of_customers(plain: &CustomerFilter) -> Vec<(&'static str, CustomerFilter)> {
    let with = |change: fn(&mut CustomerFilter)| {
        let mut filter = plain.clone();
        change(&mut filter);
        filter
    };
    vec![
        ("", plain.clone()),
        (
            ", days 31 to 60",
            with(|it| {
                it.days = Range {
                    from: Some(31),
                    to: Some(60),
                }
            }),
        ),
        (
            ", amount",
            with(|it| {
                it.amount = Range {
                    from: Some(100_000),
                    to: Some(200_000),
                }
            }),
        ),
        (
            ", a tag nobody bears",
            with(|it| it.tag = Some("vip".into())),
        ),
        (", held", with(|it| it.held = true)),
        (", unreachable", with(|it| it.unreachable = true)),
        (
            ", a behaviour nobody has",
            with(|it| it.behaviour = Some(BehaviourClass::Insolvent)),
        ),
        (
            ", two common words",
            with(|it| it.question = Question::new("east pharma")),
        ),
        (", a key", with(|it| it.question = Question::new("C012345"))),
    ]
}

fn of_documents(plain: &DocumentFilter) -> Vec<(&'static str, DocumentFilter)> {
    let with = |change: fn(&mut DocumentFilter)| {
        let mut filter = plain.clone();
        change(&mut filter);
        filter
    };
    let mut all = vec![
        ("", plain.clone()),
        (", digits", with(|it| it.question = Question::new("12345"))),
        (
            ", amount",
            with(|it| {
                it.amount = Range {
                    from: Some(100_000),
                    to: Some(101_000),
                }
            }),
        ),
    ];
    if plain.sort != DocumentSort::Amount {
        all.push((", any currency", with(|it| it.currency = None)));
    }
    all
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, day] = arguments.as_slice() else {
        eprintln!("give the address of a database and a day");
        std::process::exit(2);
    };
    let day: Date = day.parse().expect("a day such as 2026-11-22");
    let start = Instant::now();
    let db = Db::open(url).await.expect("the database opens");
    println!("opened in {:.1} s", start.elapsed().as_secs_f64());
    let company = companies::all(&db).await.expect("companies").remove(0).id;
    let used = figures::currencies(&db, company).await.expect("currencies");
    let currency = used.first().copied().unwrap_or(Currency::MXN);
    println!("| list | pages | p50 ms | worst ms |\n|---|--:|--:|--:|");
    for &state in CustomerState::ALL {
        for &sort in state.sorts() {
            let plain = CustomerFilter {
                state,
                sort,
                ..CustomerFilter::all(currency)
            };
            for (name, filter) in of_customers(&plain) {
                customers(&db, company, name, &filter, day).await;
            }
        }
    }
    for &state in DocumentState::ALL {
        for &sort in state.sorts() {
            let currency = Some(currency);
            let plain = DocumentFilter {
                state,
                sort,
                currency,
                ..DocumentFilter::all()
            };
            for (name, filter) in of_documents(&plain) {
                documents(&db, company, name, &filter, day).await;
            }
        }
    }
    db.close().await;
}
