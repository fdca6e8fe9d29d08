//! A walk over all pages of a site by its own links, one page for each route.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::Tab;

/// More pages than this are no walk but a maze.
const PAGES_MAX: usize = 200;

/// What a walk came by.
#[derive(Debug, Default)]
pub struct Walked {
    /// Each route that was reached, with the path it was reached at.
    pub reached: BTreeMap<String, String>,
    /// Routes that no link led to.
    pub missed: Vec<String>,
    /// Links that led to no page, with what came instead.
    pub broken: Vec<String>,
}

/// Walks from `start` along links below `origin`, looking at one page for each of `routes`
/// (paths such as `/c/{company}/customers/{customer}`); `look` sees each page and its route.
///
/// What is no page, such as a spreadsheet or a stream, counts as reached and is not looked at.
pub async fn walk(
    tab: &Tab,
    origin: &str,
    start: &str,
    routes: &[String],
    mut look: impl AsyncFnMut(&Tab, &str),
) -> Walked {
    let mut walked = Walked::default();
    let mut waiting = VecDeque::from([start.to_owned()]);
    let mut seen = BTreeSet::from([start.to_owned()]);
    tab.go(&format!("{origin}{start}")).await;
    while let Some(path) = waiting.pop_front() {
        let bare = path.split(['?', '#']).next().unwrap_or(&path);
        let Some(route) = route_of(routes, bare) else {
            continue;
        };
        if walked.reached.contains_key(route) || walked.reached.len() > PAGES_MAX {
            continue;
        }
        let url = format!("{origin}{path}");
        let answer = head(tab, &url).await;
        if answer["status"] != 200 {
            walked.broken.push(format!("{path}: {}", answer["status"]));
            continue;
        }
        walked.reached.insert(route.to_owned(), path.clone());
        let is_page = answer["kind"]
            .as_str()
            .is_some_and(|it| it.starts_with("text/html"));
        // No script runs in a sandbox, not even ours; the page around shows what is in it.
        let policy = answer["policy"].as_str().unwrap_or_default();
        if !is_page || policy.starts_with("sandbox") {
            continue;
        }
        tab.go(&url).await;
        for link in links(tab, origin).await {
            if seen.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        look(tab, route).await;
    }
    let missed = routes.iter();
    let missed = missed.filter(|it| !walked.reached.contains_key(*it));
    walked.missed = missed.cloned().collect();
    walked
}

/// Status, kind and policy of what is there, without going there: a download or a stream is no
/// page.
async fn head(tab: &Tab, url: &str) -> Value {
    let script = format!(
        "fetch({}, {{method: 'HEAD', redirect: 'follow'}}).then(it => ({{status: it.status, \
         kind: it.headers.get('content-type'), \
         policy: it.headers.get('content-security-policy')}}), it => ({{status: String(it)}}))",
        json!(url)
    );
    tab.evaluate(&script).await
}

/// Paths of the page's links and frames that stay on the site.
async fn links(tab: &Tab, origin: &str) -> Vec<String> {
    const SCRIPT: &str = "[...document.querySelectorAll('a[href], iframe[src]')]\
        .map(it => it.href || it.src)";
    let found = tab.evaluate(SCRIPT).await;
    let found = found.as_array().cloned().unwrap_or_default();
    let paths = found.iter().filter_map(Value::as_str);
    let paths = paths.filter_map(|it| it.strip_prefix(origin));
    paths
        .filter(|it| it.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

/// The route that a path is of; one written out wins over one with a gap.
pub fn route_of<'a>(routes: &'a [String], path: &str) -> Option<&'a str> {
    let fits = |route: &str| {
        let (mut left, mut right) = (route.split('/'), path.split('/'));
        loop {
            match (left.next(), right.next()) {
                (None, None) => return true,
                (Some(gap), Some(word)) if gap.starts_with('{') && !word.is_empty() => {}
                (Some(same), Some(word)) if same == word => {}
                _ => return false,
            }
        }
    };
    let fitting = routes.iter().filter(|route| fits(route));
    let best = fitting.min_by_key(|route| route.matches('{').count());
    best.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_route_that_says_most() {
        let routes = [
            "/c/{company}/runs/{run}",
            "/c/{company}/runs/today",
            "/c/{company}/home",
        ];
        let routes = routes.map(str::to_owned);
        for (path, route) in [
            ("/c/valle/runs/7", Some("/c/{company}/runs/{run}")),
            ("/c/valle/runs/today", Some("/c/{company}/runs/today")),
            ("/c/valle/runs/", None),
            ("/c/valle/runs/7/diff", None),
            ("/c/valle/home", Some("/c/{company}/home")),
            ("/sign-in", None),
        ] {
            assert_eq!(route_of(&routes, path), route, "{path}");
        }
    }
}
