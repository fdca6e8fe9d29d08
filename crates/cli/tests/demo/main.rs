//! The company of `puntual demo`: the same from the same seed on both databases, its planted truth
//! found again in its ledger, and the invariants over months that were lived.

mod invariants;
mod lived;
mod same;
mod truths;

use jiff::civil::{Date, date};
use serde_json::Value;
use simulator::{Company, Kind, Model, Spec};
use testkit::program::Program;

/// The last day that is lived.
const UNTIL: Date = date(2026, 3, 31);

/// What to live.
#[derive(Clone, Copy)]
struct Life {
    kind: Kind,
    seed: u64,
    documents: u32,
    months: u8,
}

impl Life {
    /// Lives it in the program's database; gives what was told.
    fn live(self, puntual: &Program) -> Value {
        puntual.json(&[
            "demo",
            "--no-serve",
            "--kind",
            self.kind.code(),
            "--seed",
            &self.seed.to_string(),
            "--documents",
            &self.documents.to_string(),
            "--months",
            &self.months.to_string(),
            "--as-of",
            &UNTIL.to_string(),
        ])
    }

    /// The truth it was made from.
    fn planted(self) -> Company {
        Company::new(Spec {
            kind: self.kind,
            seed: self.seed,
            documents: self.documents,
            until: UNTIL,
            model: Model::embedded(),
        })
    }
}

fn on_sqlite() -> Program {
    Program::on_sqlite(env!("CARGO_BIN_EXE_puntual"))
}
