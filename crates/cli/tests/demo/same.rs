//! The same seed gives the same company, byte for byte, on either database.

use simulator::Kind;
use testkit::program::{Program, answer};

use super::{Life, UNTIL, on_sqlite};

const EXPORTS: [&str; 7] = [
    "contacts",
    "decisions",
    "documents",
    "customers",
    "payments",
    "promises",
    "threads",
];

/// All that can be read of a company, each with its name.
fn all(puntual: &Program) -> Vec<(String, String)> {
    let until = UNTIL.to_string();
    let exports = EXPORTS.map(|what| vec!["export", what]);
    let reports = ["ageing", "kpi"].map(|what| vec!["report", what, "--as-of", &until]);
    let asked = exports.into_iter().chain(reports);
    asked
        .map(|typed| (typed.join(" "), puntual.run(&typed).exits(0).out))
        .collect()
}

fn check(kind: Kind, documents: u32) {
    let life = Life {
        kind,
        seed: 11,
        documents,
        months: 1,
    };
    let first = on_sqlite();
    let told = life.live(&first);
    let first = all(&first);
    for (name, text) in &first {
        // In a month of a small lender nobody may have promised anything.
        let may_be_empty = name == "export promises";
        assert!(
            may_be_empty || !text.trim().is_empty(),
            "{name} says nothing"
        );
    }
    let mut others = vec![("SQLite", on_sqlite())];
    let postgres = Program::on_postgres(env!("CARGO_BIN_EXE_puntual"));
    others.extend(postgres.map(|program| ("PostgreSQL", program)));
    for (database, other) in &others {
        let again = life.live(other);
        for part in ["weeks", "stories", "months", "truth"] {
            assert_eq!(told[part], again[part], "{part} on {database}");
        }
        for ((name, one), (_, two)) in first.iter().zip(all(other)) {
            let differs = one.lines().zip(two.lines()).find(|(one, two)| one != two);
            assert_eq!(differs, None, "{name} on {database}");
            assert_eq!(one.len(), two.len(), "{name} on {database}");
        }
    }
    let stranger = on_sqlite();
    Life { seed: 12, ..life }.live(&stranger);
    for ((name, one), (_, two)) in first.iter().zip(all(&stranger)) {
        assert!(
            one.is_empty() || *one != two,
            "{name} is the same from another seed"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_distributor() {
    check(Kind::Distributor, 500);
}

#[test]
fn the_same_seed_gives_the_same_lender() {
    check(Kind::Lender, 1_500);
}

#[test]
fn the_example_is_never_mixed_with_a_company() {
    let puntual = on_sqlite();
    puntual.json(&["company", "add", "valle"]);
    let refused = puntual.run(&["demo", "--no-serve", "--fresh"]).exits(1);
    assert!(refused.err.contains("valle"), "{}", refused.err);
    assert_eq!(
        puntual.json(&["company", "set"])["name"],
        "valle",
        "nothing was touched"
    );
}

#[test]
fn its_own_file_is_made_anew_only_when_asked_for() {
    let life = Life {
        kind: Kind::Services,
        seed: 5,
        documents: 100,
        months: 1,
    };
    let puntual = on_sqlite();
    life.live(&puntual);
    let again = [
        "demo",
        "--no-serve",
        "--documents",
        "100",
        "--months",
        "1",
        "--as-of",
        "2026-03-31",
    ];
    let refused = puntual.run(&again).exits(1);
    assert!(refused.err.contains("--fresh"), "{}", refused.err);
    let told = puntual.json(&[&again[..], &["--fresh"]].concat());
    assert_eq!(told["kind"], "distribuidor");
    let own = puntual.folder().join("puntual-demo-outbox");
    let mine = own.join("nota.txt");
    std::fs::write(&mine, "x").expect("a file");
    let url = puntual.url();
    let typed = [&again[..], &["--fresh", "--db", &url]].concat();
    let people = answer(&mut puntual.bare(&typed));
    assert!(mine.exists(), "what is not a message stays");
    let parts = [
        "Semana por semana",
        "Cada mes",
        "Lo que se sembró",
        "puntual why ",
    ];
    let told = people.exits(0).out;
    assert!(parts.iter().all(|part| told.contains(part)), "{told}");
}
