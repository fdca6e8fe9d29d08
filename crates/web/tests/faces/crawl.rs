//! A walk over the pages by their own links, without a browser: a few of each route.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use testkit::browser::route_of;

use crate::app::{Answer, Sitting};
use crate::markup::links;

/// Pages looked at of each route, with other paths or other questions.
const OF_EACH_MAX: usize = 4;

/// The routes of pages to look at.
pub fn routes() -> Vec<String> {
    let routes = web::console_routes();
    let pages = routes.table().iter().filter(|it| it.method == "GET");
    pages
        .map(|it| format!("/c/{{company}}{}", it.path))
        .collect()
}

/// A page that was found: its path and what came.
pub type Found = (String, Answer);

/// Every page that links lead to from the first, for who sits there.
pub async fn crawl(who: &Sitting, start: &str) -> Vec<Found> {
    let routes = routes();
    let mut seen = BTreeSet::from([start.to_owned()]);
    let mut waiting = VecDeque::from([start.to_owned()]);
    let mut of_each: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop_front() {
        let bare = path.split(['?', '#']).next().unwrap_or_default();
        let route = route_of(&routes, bare).unwrap_or("other");
        let count = of_each.entry(route).or_default();
        *count += 1;
        if *count > OF_EACH_MAX || is_stream(route) {
            continue;
        }
        let answer = who.get(&path).await;
        let mut onward = links(&answer.body);
        if answer.status.is_redirection() {
            onward.push(answer.location().to_owned());
        }
        for link in onward {
            let link = link.split('#').next().unwrap_or_default().to_owned();
            if seen.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        if !answer.status.is_redirection() {
            found.push((path, answer));
        }
    }
    found
}

/// A stream never ends, so that reading it to its end is none of a test's.
fn is_stream(route: &str) -> bool {
    route.ends_with("/live") || route.ends_with("/progress") || route.ends_with("/events")
}
