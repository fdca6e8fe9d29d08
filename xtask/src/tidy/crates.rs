//! Who may use whom, and which outside crates stay out of which rooms.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, PackageId};

use super::Finding;

/// The layers: `cli → web → engine → {store, connect} → domain`, with the pure rooms beside the
/// domain. Reading goes past the engine, so the outer crates may use `store` too.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("language", &["domain"]),
    ("formats", &["domain"]),
    ("foresight", &["domain"]),
    ("store", &["domain"]),
    ("connect", &["domain"]),
    (
        "engine",
        &[
            "domain",
            "language",
            "formats",
            "foresight",
            "store",
            "connect",
        ],
    ),
    (
        "web",
        &["domain", "language", "foresight", "store", "engine"],
    ),
    ("simulator", &["domain"]),
    (
        "cli",
        &[
            "domain",
            "language",
            "formats",
            "foresight",
            "store",
            "connect",
            "engine",
            "web",
            "simulator",
        ],
    ),
    (
        "testkit",
        &[
            "domain",
            "language",
            "formats",
            "store",
            "connect",
            "engine",
            "web",
            "simulator",
        ],
    ),
    // Only for the PostgreSQL that tests run on, which is nothing but the standard library.
    ("xtask", &["testkit"]),
];

/// Used by tests only.
const FOR_TESTS: &[&str] = &["testkit", "simulator"];

/// No I/O, no clock, no chance: facts in, decisions out.
const PURE: &[&str] = &["domain", "language", "formats", "foresight"];

/// Never among the direct dependencies of a pure crate.
const IMPURE: &[&str] = &[
    "rand",
    "getrandom",
    "fastrand",
    "chrono",
    "time",
    "tempfile",
    "reqwest",
    "ureq",
    "axum",
];

/// Never below a pure crate, however deep.
const IMPURE_AT_ANY_DEPTH: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "mio",
    "hyper",
    "sqlx",
    "rusqlite",
    "lettre",
];

/// Only `store` speaks SQL.
const SQL_DRIVERS: &[&str] = &["sqlx", "rusqlite", "tokio-postgres", "postgres", "diesel"];

/// A crate of ours and what it uses.
pub struct Package {
    pub name: String,
    /// Direct dependencies that ship, and those of tests alone.
    pub uses: BTreeSet<String>,
    pub tests_use: BTreeSet<String>,
    /// Everything below it that ships.
    pub stands_on: BTreeSet<String>,
}

/// Our crates as cargo resolved them.
pub fn packages(house: &Metadata) -> Vec<Package> {
    let names: BTreeMap<&PackageId, &str> = house
        .packages
        .iter()
        .map(|package| (&package.id, package.name.as_str()))
        .collect();
    let direct = |package: &cargo_metadata::Package, tests: bool| {
        let wanted = package.dependencies.iter();
        let wanted = wanted.filter(|it| (it.kind == DependencyKind::Development) == tests);
        wanted.map(|it| it.name.clone()).collect()
    };
    house
        .workspace_packages()
        .into_iter()
        .map(|package| Package {
            name: package.name.to_string(),
            uses: direct(package, false),
            tests_use: direct(package, true),
            stands_on: below(house, &package.id)
                .into_iter()
                .filter_map(|id| names.get(id).map(|name| (*name).to_owned()))
                .collect(),
        })
        .collect()
}

fn below<'a>(house: &'a Metadata, start: &'a PackageId) -> BTreeSet<&'a PackageId> {
    let nodes = house.resolve.iter().flat_map(|resolve| &resolve.nodes);
    let nodes: BTreeMap<&PackageId, _> = nodes.map(|node| (&node.id, node)).collect();
    let mut seen = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(node) = waiting.pop().and_then(|id| nodes.get(id)) {
        for dependency in &node.deps {
            let ships = |it: &cargo_metadata::DepKindInfo| it.kind == DependencyKind::Normal;
            if dependency.dep_kinds.iter().any(ships) && seen.insert(&dependency.pkg) {
                waiting.push(&dependency.pkg);
            }
        }
    }
    seen
}

/// Every edge that the house does not have.
pub fn check(packages: &[Package]) -> Vec<Finding> {
    let ours: BTreeSet<&str> = packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    let mut findings = Vec::new();
    for package in packages {
        let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == package.name) else {
            findings.push(Finding::error(
                &package.name,
                "has no place in the house: say in MAY_USE whom it may use",
            ));
            continue;
        };
        let mut say = |what: String| findings.push(Finding::error(&package.name, what));
        for used in package
            .uses
            .iter()
            .filter(|used| ours.contains(used.as_str()))
        {
            if !may_use.contains(&used.as_str()) {
                say(format!("must not use {used}"));
            }
        }
        for used in package
            .tests_use
            .iter()
            .filter(|used| ours.contains(used.as_str()))
        {
            if !may_use.contains(&used.as_str()) && !FOR_TESTS.contains(&used.as_str()) {
                say(format!("must not use {used}, not even in tests"));
            }
        }
        // The test kit makes databases, counts their rows and throws them away; its auditor reads
        // them past `store`, whose mistakes it is there to see.
        if !["store", "testkit"].contains(&package.name.as_str()) {
            let all = package.uses.union(&package.tests_use);
            for driver in all.filter(|used| SQL_DRIVERS.contains(&used.as_str())) {
                say(format!("uses {driver}: SQL lives in store"));
            }
        }
        if PURE.contains(&package.name.as_str()) {
            for impure in package
                .uses
                .iter()
                .filter(|used| IMPURE.contains(&used.as_str()))
            {
                say(format!("is pure and must not use {impure}"));
            }
            let deep = package.stands_on.iter();
            for impure in deep.filter(|name| IMPURE_AT_ANY_DEPTH.contains(&name.as_str())) {
                say(format!(
                    "is pure and must not stand on {impure} (`cargo tree -i {impure}`)"
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, uses: &[&str], tests_use: &[&str]) -> Package {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Package {
            name: name.to_owned(),
            uses: set(uses),
            tests_use: set(tests_use),
            stands_on: set(uses),
        }
    }

    fn found(packages: &[Package]) -> Vec<String> {
        check(packages).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_house_in_order_passes() {
        let house = [
            package("domain", &["jiff"], &["proptest"]),
            package("store", &["domain", "sqlx"], &["testkit"]),
            package("engine", &["domain", "store", "tokio"], &["testkit"]),
            package("testkit", &["engine", "store"], &[]),
        ];
        assert_eq!(found(&house), [""; 0]);
    }

    #[test]
    fn every_edge_that_must_not_be_is_found() {
        let edges: &[(&str, &[&str], &[&str], &str)] = &[
            ("domain", &["store"], &[], "domain: must not use store"),
            ("connect", &["store"], &[], "connect: must not use store"),
            (
                "connect",
                &[],
                &["store"],
                "connect: must not use store, not even in tests",
            ),
            ("engine", &["testkit"], &[], "engine: must not use testkit"),
            ("xtask", &["domain"], &[], "xtask: must not use domain"),
            (
                "engine",
                &["sqlx"],
                &[],
                "engine: uses sqlx: SQL lives in store",
            ),
            (
                "cli",
                &[],
                &["rusqlite"],
                "cli: uses rusqlite: SQL lives in store",
            ),
            (
                "formats",
                &["rand"],
                &[],
                "formats: is pure and must not use rand",
            ),
            (
                "language",
                &["tokio"],
                &[],
                "language: is pure and must not stand on tokio (`cargo tree -i tokio`)",
            ),
            (
                "helpers",
                &[],
                &[],
                "helpers: has no place in the house: say in MAY_USE whom it may use",
            ),
        ];
        for (name, uses, tests_use, finding) in edges {
            let mut house = vec![package(name, uses, tests_use)];
            for other in ["domain", "store", "testkit"]
                .iter()
                .filter(|other| *other != name)
            {
                house.push(package(other, &[], &[]));
            }
            assert_eq!(found(&house), [*finding]);
        }
    }

    #[test]
    fn what_a_dependency_brings_along_counts() {
        let mut domain = package("domain", &["jiff"], &[]);
        domain.stands_on.insert("mio".to_owned());
        assert_eq!(found(&[domain]).len(), 1);
    }

    #[test]
    fn the_real_graph_is_read_to_its_depth() {
        let house = crate::metadata().expect("the workspace");
        let packages = packages(&house);
        let xtask = packages
            .iter()
            .find(|package| package.name == "xtask")
            .expect("ourselves");
        assert!(xtask.uses.contains("cargo_metadata"));
        assert!(!xtask.uses.contains("serde_core") && xtask.stands_on.contains("serde_core"));
    }
}
