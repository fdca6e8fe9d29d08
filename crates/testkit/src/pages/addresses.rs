//! The console's addresses that are asked for: every list in every order, narrowed and turned, and
//! the pages of what stands in them.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use super::browser::Browser;
use super::{Group, answered};

const HOME: &str = "/c/principal";

/// Customers, numbers and contacts that are looked at.
const SAMPLES: usize = 100;
/// Pages of a list that are turned.
const TURNS: usize = 25;

/// States and orders of the list of customers.
const CUSTOMERS: [(&str, &[&str]); 6] = [
    ("all", &["name"]),
    ("open", &["days", "amount", "name"]),
    ("overdue", &["days", "amount", "name"]),
    ("due_soon", &["due", "name"]),
    ("settled", &["name"]),
    ("credit", &["amount", "name"]),
];
/// States and orders of the list of documents.
const DOCUMENTS: [(&str, &[&str]); 5] = [
    ("all", &["number"]),
    ("open", &["due", "amount", "number"]),
    ("overdue", &["due", "amount", "number"]),
    ("due_soon", &["due", "amount", "number"]),
    ("settled", &["settled", "number"]),
];
/// What the list of customers is narrowed to; some of it nobody meets.
const CUSTOMER_FILTERS: [&str; 12] = [
    "days_from=31&days_to=60",
    "days_from=3000&days_to=3001",
    "days_from=400",
    "amount_from=1000&amount_to=2000",
    "amount_from=0.01&amount_to=0.02",
    "days_from=31&days_to=60&amount_from=0.01&amount_to=0.50",
    "tag=vip",
    "held=1",
    "unreachable=1",
    "behaviour=insolvent",
    "assigned=me",
    "currency=MXN",
];
/// What the list of documents is narrowed to.
const DOCUMENT_FILTERS: [&str; 5] = [
    "days_from=31&days_to=60",
    "days_from=3000&days_to=3001",
    "amount_from=1000&amount_to=1010",
    "amount_from=0.01&amount_to=0.02",
    "due_from=2026-10-01&due_to=2026-10-02",
];
/// Words of the generated names, and some that nobody bears.
const QUESTIONS: [&str; 7] = [
    "north",
    "east%20pharma",
    "east%20pharma%20gmbh",
    "gmbh",
    "no",
    "C0",
    "zzyzx",
];
/// Contacts that did not leave.
const SHELVES: [&str; 5] = [
    "/outbox?shelf=held",
    "/outbox?shelf=planned",
    "/outbox?shelf=suppressed",
    "/outbox?shelf=failed",
    "/outbox?shelf=unknown",
];
/// Reports of today.
const REPORTS: [&str; 6] = [
    "/reports/customers",
    "/reports/ageing",
    "/reports/trend",
    "/reports/expected",
    "/reports/promises",
    "/reports/activity",
];
/// Pages there is one of.
const OTHERS: [&str; 9] = [
    "/claims",
    "/policy",
    "/quarantine",
    "/users",
    "/company",
    "/log",
    "/account",
    "/search",
    "/policy/edit",
];

/// Where a group is put.
type Add<'a> = dyn FnMut(&str, Vec<String>) + 'a;

/// The groups of the console.
pub(super) fn console(browser: &mut Browser, portfolio: &Path) -> io::Result<Vec<Group>> {
    let sample = Sample::read(portfolio)?;
    let mut groups = Vec::new();
    let mut add = |name: &str, paths: Vec<String>| {
        if !paths.is_empty() {
            groups.push(Group {
                face: "console",
                name: name.to_owned(),
                visits: paths.into_iter().map(|path| (0, path)).collect(),
            });
        }
    };
    let of = |pages: &[&str]| -> Vec<String> {
        let paths = pages.iter().map(|page| format!("{HOME}{page}"));
        paths.collect()
    };
    add("first page", of(&["/home"]));
    add("work list", of(&["/day"]));
    let customers: List<'_> = ("customers", &CUSTOMERS, &CUSTOMER_FILTERS);
    lists(browser, customers, &mut add)?;
    let documents: List<'_> = ("documents", &DOCUMENTS, &DOCUMENT_FILTERS);
    lists(browser, documents, &mut add)?;
    searches(&sample, &mut add);
    of_customers(browser, &sample, &mut add)?;
    of_outreach(browser, &mut add)?;
    add("outbox", of(&SHELVES));
    add("reports", of(&REPORTS));
    add("others", of(&OTHERS));
    Ok(groups)
}

/// What people type to find someone or something.
fn searches(sample: &Sample, add: &mut Add<'_>) {
    let asked = |page: &str, words: &[String]| -> Vec<String> {
        let common = QUESTIONS.iter().map(|it| (*it).to_owned());
        let all = common.chain(words.iter().cloned());
        all.map(|word| format!("{HOME}/{page}?q={word}")).collect()
    };
    add("customers, searched", asked("customers", &sample.keys));
    add("documents, searched", asked("documents", &sample.numbers));
    let both: Vec<String> = sample.keys.iter().chain(&sample.numbers).cloned().collect();
    add("search", asked("search", &both));
}

/// Customers' own pages, and those of the one with most documents.
fn of_customers(browser: &mut Browser, sample: &Sample, add: &mut Add<'_>) -> io::Result<()> {
    let mut some = Vec::new();
    for key in sample.keys.iter().chain([&sample.largest]) {
        let page = answered(browser, &format!("{HOME}/customers?q={key}"))?;
        let found = things(&page, "customers").into_iter().next();
        some.push(found.ok_or_else(|| io::Error::other(format!("nobody is found by {key}")))?);
    }
    let statement = |customer: &String| format!("{customer}/statement");
    let largest = some.split_off(some.len() - 1);
    add("statement", some.iter().map(statement).collect());
    add("customer", some);
    let both = largest.iter().map(statement).chain(largest.clone());
    let name = format!("customer with {} documents", sample.most);
    add(&name, both.collect());
    Ok(())
}

/// What was planned, sent and left alone, by runs and one by one.
fn of_outreach(browser: &mut Browser, add: &mut Add<'_>) -> io::Result<()> {
    for (name, path, noun) in [
        ("contact", "outbox?shelf=sent", "outbox"),
        ("run", "runs", "runs"),
        ("import", "imports", "imports"),
    ] {
        let list = format!("{HOME}/{path}");
        add(&format!("{name}s"), turned(browser, &list)?);
        let page = answered(browser, &list)?;
        add(name, things(&page, noun));
    }
    let runs = answered(browser, &format!("{HOME}/runs"))?;
    let mut alone = Vec::new();
    for run in things(&runs, "runs") {
        let page = answered(browser, &run)?;
        alone.extend(hrefs(&page).filter(|it| it.contains("/runs/left-alone/")));
    }
    alone.sort_unstable();
    alone.dedup();
    add("left alone", alone);
    Ok(())
}

type List<'a> = (&'a str, &'a [(&'a str, &'a [&'a str])], &'a [&'a str]);

/// A list in each order, some of its pages further on, and narrowed.
fn lists(
    browser: &mut Browser,
    (list, orders, filters): List<'_>,
    add: &mut Add<'_>,
) -> io::Result<()> {
    let orders = orders.iter().flat_map(|(state, sorts)| {
        let of = move |sort| format!("{HOME}/{list}?state={state}&sort={sort}&currency=EUR");
        sorts.iter().map(of)
    });
    let orders: Vec<String> = orders.collect();
    let mut further = Vec::new();
    for order in &orders {
        further.extend(turned(browser, order)?.into_iter().skip(1));
    }
    let narrowed = orders.iter().flat_map(|order| {
        let with = move |filter: &&str| match filter.strip_prefix("currency=") {
            Some(_) => order.replace("currency=EUR", filter),
            None => format!("{order}&{filter}"),
        };
        filters.iter().map(with)
    });
    add(&format!("{list}, narrowed"), narrowed.collect());
    add(&format!("{list}, further pages"), further);
    add(&format!("{list}, each order"), orders);
    Ok(())
}

/// A list and the pages behind its first, one after the other.
fn turned(browser: &mut Browser, list: &str) -> io::Result<Vec<String>> {
    let mut pages = vec![list.to_owned()];
    while pages.len() < TURNS {
        let page = answered(browser, &pages[pages.len() - 1])?;
        let Some(next) = hrefs(&page).find(|it| it.contains("after=")) else {
            break;
        };
        pages.push(next);
    }
    Ok(pages)
}

/// The addresses in a page.
fn hrefs(page: &str) -> impl Iterator<Item = String> {
    let links = page.split("href=\"").skip(1);
    links.filter_map(|rest| {
        let (address, _) = rest.split_once('"')?;
        Some(address.replace("&amp;", "&").replace("&#38;", "&"))
    })
}

/// The pages of single things of a kind that a page leads to, each once.
fn things(page: &str, noun: &str) -> Vec<String> {
    let begin = format!("{HOME}/{noun}/");
    let mut all: Vec<String> = Vec::new();
    for address in hrefs(page) {
        let id = address.strip_prefix(&begin).unwrap_or_default();
        let is_id = id.len() == 36 && id.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit());
        if is_id && !all.contains(&address) {
            all.push(address);
        }
    }
    all
}

/// Some of the customers and documents of a portfolio, as its files name them.
struct Sample {
    keys: Vec<String>,
    numbers: Vec<String>,
    largest: String,
    most: usize,
}

impl Sample {
    fn read(portfolio: &Path) -> io::Result<Self> {
        let file = portfolio.join("invoices.csv");
        let text = std::fs::read_to_string(&file)?;
        let rows: Vec<(&str, &str)> = text.lines().skip(1).filter_map(cells).collect();
        let step = (rows.len() / SAMPLES).max(1);
        let some: Vec<_> = rows.iter().step_by(step).take(SAMPLES).collect();
        let mut documents: HashMap<&str, usize> = HashMap::new();
        for (_, customer) in &rows {
            *documents.entry(customer).or_default() += 1;
        }
        // The first by name of those with most, so that two measurements look at the same one.
        let most = documents
            .iter()
            .max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0)));
        let (largest, most) = most.ok_or_else(|| io::Error::other("no invoices"))?;
        let mut keys: Vec<String> = some.iter().map(|row| row.1.to_owned()).collect();
        keys.sort_unstable();
        keys.dedup();
        Ok(Self {
            keys,
            numbers: some.iter().map(|row| row.0.to_owned()).collect(),
            largest: (*largest).to_owned(),
            most: *most,
        })
    }
}

/// Number and customer of an invoice's line.
fn cells(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.split(',');
    let number = cells.next()?;
    Some((number, cells.nth(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_a_page() {
        let id = "0199a1b2-0000-7000-8000-000000000001";
        let page = format!(
            "<a href=\"{HOME}/customers/{id}\">A</a> <a href=\"{HOME}/customers/{id}\">A</a>\
             <a href=\"{HOME}/customers/export\">x</a>\
             <a class=\"button\" href=\"{HOME}/customers?state=open&#38;after=1~2\">next</a>"
        );
        assert_eq!(
            things(&page, "customers"),
            [format!("{HOME}/customers/{id}")]
        );
        let next = hrefs(&page).find(|it| it.contains("after="));
        assert_eq!(next, Some(format!("{HOME}/customers?state=open&after=1~2")));
        assert_eq!(cells("F-1,invoice,C000001,2026"), Some(("F-1", "C000001")));
    }
}
