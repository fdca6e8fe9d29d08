//! The auditor finds nothing in an undisturbed day, and names every way in which one is spoilt.

use testkit::auditor::{self, Trial};
use testkit::program::Program;
use testkit::torture::Stages;
use testkit::torture::portfolio::Size;

const BINARY: &str = env!("CARGO_BIN_EXE_puntual");
const SIZE: Size = Size {
    customers: 300,
    invoices: 900,
};

fn every_harm_is_named(server: Option<&str>) {
    let stages = Stages::new(BINARY, server, SIZE, 7).expect("an undisturbed day is clean");
    for Trial { harm, rule } in auditor::trials() {
        let spoilt: Program = stages.lived();
        harm.to(&spoilt);
        let findings = auditor::audit(&stages.evidence(&spoilt));
        let named = findings.iter().any(|finding| finding.rule == rule);
        assert!(named, "{harm:?}: no {rule} in {findings:#?}");
    }
}

#[test]
fn every_harm_is_named_on_sqlite() {
    every_harm_is_named(None);
}

#[test]
fn every_harm_is_named_on_postgres() {
    if let Some(server) = testkit::program::server() {
        every_harm_is_named(Some(&server));
    }
}
