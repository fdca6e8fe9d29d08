//! Markdown: one title, links that lead somewhere, and documents in step with the code.

use super::Finding;
use super::source::Source;

/// Where the map of the house is drawn.
const MAP: &str = "ARCHITECTURE.md";
/// The folder of decisions and its table of contents.
const DECISIONS: &str = "docs/decisions/";
const DECISIONS_INDEX: &str = "docs/decisions/README.md";

/// All findings; `exists` says whether a path from the root is a file or folder.
pub fn check(sources: &[Source], crates: &[&str], exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let pages = sources.iter().filter(|source| source.path.ends_with(".md"));
    let mut findings: Vec<Finding> = pages
        .flat_map(|page| [check_title(page), check_links(page, exists)].concat())
        .collect();
    findings.extend(check_map(sources, crates));
    findings.extend(check_decisions(sources));
    findings
}

fn check_title(page: &Source) -> Vec<Finding> {
    let lines = prose_lines(&page.text);
    let titles = lines
        .iter()
        .filter(|(_, line)| line.starts_with("# "))
        .count();
    let first = page.text.lines().next().unwrap_or_default();
    if titles == 1 && first.starts_with("# ") {
        return Vec::new();
    }
    vec![Finding::error(
        &page.path,
        format!("{titles} titles; one is wanted, on the first line"),
    )]
}

fn check_links(page: &Source, exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in prose_lines(&page.text) {
        for target in links(line) {
            let Some(path) = resolve(&page.path, target) else {
                continue;
            };
            if !exists(&path) {
                findings.push(Finding::error(
                    format!("{}:{number}", page.path),
                    format!("{target} leads nowhere"),
                ));
            }
        }
    }
    findings
}

/// The lines outside fenced blocks, with their numbers.
fn prose_lines(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// The targets of `[text](target)` in a line.
fn links(line: &str) -> Vec<&str> {
    let starts = line.match_indices("](").map(|(at, _)| &line[at + 2..]);
    let targets = starts.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets
        .map(|target| target.split(' ').next().unwrap_or(target))
        .collect()
}

/// The path from the root that a link on `page` leads to; `None` if it stays on the page or
/// leaves the repository.
fn resolve(page: &str, target: &str) -> Option<String> {
    let path = target.split('#').next().filter(|path| !path.is_empty())?;
    if path.contains("://") || path.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn check_map(sources: &[Source], crates: &[&str]) -> Vec<Finding> {
    let Some(map) = sources.iter().find(|source| source.path == MAP) else {
        return vec![Finding::error(
            MAP,
            "is missing: it is the map of the house",
        )];
    };
    let named = |name: &str| {
        let words = map
            .text
            .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
        words.into_iter().any(|word| word == name)
    };
    let missing = crates.iter().filter(|name| !named(name));
    missing
        .map(|name| Finding::error(MAP, format!("does not name the crate {name}")))
        .collect()
}

fn check_decisions(sources: &[Source]) -> Vec<Finding> {
    let index = sources.iter().find(|source| source.path == DECISIONS_INDEX);
    let listed: Vec<String> = index
        .iter()
        .flat_map(|index| index.text.lines())
        .flat_map(links)
        .filter_map(|target| resolve(DECISIONS_INDEX, target))
        .collect();
    sources
        .iter()
        .filter(|source| source.path.starts_with(DECISIONS) && source.path != DECISIONS_INDEX)
        .filter(|source| !listed.contains(&source.path))
        .map(|source| Finding::error(&source.path, format!("is not linked in {DECISIONS_INDEX}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn shown(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_page_has_one_title_on_its_first_line() {
        for good in ["# A\n\n## B\n", "# A\n\n```\n# not a title\n```\n"] {
            assert_eq!(check_title(&page("a.md", good)), []);
        }
        for bad in ["", "A\n", "\n# A\n", "# A\n\n# B\n", "## A\n"] {
            assert_eq!(check_title(&page("a.md", bad)).len(), 1, "{bad:?}");
        }
    }

    #[test]
    fn links_lead_somewhere() {
        let text = "# A\n[b](b.md) [c](../c.md#part) [up](../../README.md), [d](d.md \"D\")\n\
                    [here](#a) [there](https://example.org/x) [m](mailto:a@example.org)\n\
                    ```\n[not a link](nowhere.md)\n```\n";
        let known = ["docs/guide/b.md", "docs/c.md"];
        let found = check_links(&page("docs/guide/a.md", text), &|path| {
            known.contains(&path)
        });
        assert_eq!(
            shown(&found),
            [
                "docs/guide/a.md:2: ../../README.md leads nowhere",
                "docs/guide/a.md:2: d.md leads nowhere"
            ]
        );
    }

    #[test]
    fn the_map_names_every_crate() {
        let map = page(MAP, "# Map\n\n`domain/`: pure. subdomains-store too.\n");
        assert_eq!(
            shown(&check_map(&[map], &["domain", "store"])),
            ["ARCHITECTURE.md: does not name the crate store"]
        );
        assert_eq!(check_map(&[], &[]).len(), 1);
    }

    #[test]
    fn every_decision_is_in_the_table_of_contents() {
        let index = page(DECISIONS_INDEX, "# Decisions\n\n- [one](0001-one.md)\n");
        let one = page("docs/decisions/0001-one.md", "# One\n");
        let two = page("docs/decisions/0002-two.md", "# Two\n");
        assert_eq!(
            shown(&check_decisions(&[index, one, two])),
            ["docs/decisions/0002-two.md: is not linked in docs/decisions/README.md"]
        );
    }
}
