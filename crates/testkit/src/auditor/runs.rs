//! Runs against what they wrote: their figures, and a standing decision for every customer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Report;
use super::tables::{Hex, Part, Run, Tables};

/// Looks at runs, decisions and standings.
pub fn check(tables: &Tables, finished: bool, report: &mut Report) {
    standings(tables, report);
    let last = tables
        .runs
        .iter()
        .max_by_key(|run| (run.started_at, &run.id));
    for run in &tables.runs {
        if run.finished_at.is_some() {
            figures(tables, run, report);
            parts(tables, run, report);
        } else if finished && last.is_some_and(|last| last.id == run.id) {
            report.say("run", &run.id, "the last run did not end");
        } else if tables
            .runs
            .iter()
            .any(|it| it.at == run.at && it.id != run.id)
        {
            report.say(
                "run",
                &run.id,
                "begun, and begun again instead of gone on with",
            );
        }
    }
}

/// A finished run's figures are the rows it wrote, and count every customer once.
fn figures(tables: &Tables, run: &Run, report: &mut Report) {
    let Ok(summary) = serde_json::from_str::<Value>(&run.summary) else {
        report.say("run-figures", &run.id, "its summary is no JSON");
        return;
    };
    let number = |name: &str| summary[name].as_u64().unwrap_or(0);
    let counts = |name: &str| -> u64 {
        let counts = summary[name].as_object().into_iter().flatten();
        counts.filter_map(|(_, count)| count.as_u64()).sum()
    };
    let written = tables.contacts.iter().filter(|it| it.run_id == run.id);
    let mut by_step: BTreeMap<&str, u64> = BTreeMap::new();
    for contact in written {
        *by_step.entry(&contact.step).or_default() += 1;
    }
    let contacts: u64 = by_step.values().sum();
    report.must(
        number("contacts") == contacts,
        "run-figures",
        &run.id,
        || format!("says {} contacts and wrote {contacts}", number("contacts")),
    );
    let customers = tables.customers.len() as u64;
    report.must(
        number("customers") == customers,
        "run-figures",
        &run.id,
        || format!("says {} customers of {customers}", number("customers")),
    );
    let sum = number("contacts") + counts("silences");
    report.must(sum == number("customers"), "run-figures", &run.id, || {
        format!(
            "contacts and silences come to {sum} of {}",
            number("customers")
        )
    });
    let steps = summary["by_step"].as_object().into_iter().flatten();
    let steps: BTreeMap<&str, u64> = steps
        .map(|(step, count)| (step.as_str(), count.as_u64().unwrap_or(0)))
        .filter(|(_, count)| *count > 0)
        .collect();
    report.must(steps == by_step, "run-figures", &run.id, || {
        format!("says by step {steps:?} and wrote {by_step:?}")
    });
}

/// The parts of a finished run are all done and lie end to end, and their contacts are the run's.
fn parts(tables: &Tables, run: &Run, report: &mut Report) {
    let mut parts: Vec<&Part> = tables
        .parts
        .iter()
        .filter(|it| it.run_id == run.id)
        .collect();
    parts.sort_by_key(|it| it.number);
    let mut before = "0".repeat(32);
    let mut contacts = 0;
    for part in &parts {
        let name = format!("{} part {}", run.id, part.number);
        let follows = part.after_customer.0 == before;
        report.must(follows, "run-part", &name, || {
            format!("begins behind {} instead of {before}", part.after_customer)
        });
        before.clone_from(&part.last_customer.0);
        let summary = part.summary.as_deref().map(serde_json::from_str::<Value>);
        match summary {
            Some(Ok(summary)) => contacts += summary["contacts"].as_u64().unwrap_or(0),
            _ => report.say("run-part", &name, "the run has ended and it was not done"),
        }
    }
    let reaches_end = parts.is_empty() || before == "f".repeat(32);
    report.must(reaches_end, "run-part", &run.id, || {
        format!("its parts end with {before}")
    });
    let written = tables
        .contacts
        .iter()
        .filter(|it| it.run_id == run.id)
        .count();
    report.must(contacts == written as u64, "run-part", &run.id, || {
        format!("its parts say {contacts} contacts; it wrote {written}")
    });
}

/// Whoever was decided has one decision that stands, a decision of that customer; once a run has
/// ended that is everybody.
fn standings(tables: &Tables, report: &mut Report) {
    let mut decided: BTreeMap<&Hex, &Hex> = BTreeMap::new();
    for decision in &tables.decisions {
        decided.insert(&decision.id, &decision.customer_id);
        let run = tables.runs.iter().any(|run| run.id == decision.run_id);
        report.must(run, "decision", &decision.id, || {
            "its run is not there".to_owned()
        });
    }
    let mut standing = BTreeSet::new();
    for it in &tables.standings {
        standing.insert(&it.customer_id);
        let customer = decided.get(&it.decision_id).copied();
        report.must(
            customer == Some(&it.customer_id),
            "standing",
            &it.customer_id,
            || {
                format!(
                    "stands on decision {}, which is not its own",
                    it.decision_id
                )
            },
        );
    }
    let customers_decided: BTreeSet<&Hex> = decided.values().copied().collect();
    for customer in customers_decided.difference(&standing) {
        report.say("standing", customer, "was decided, and no decision stands");
    }
    if tables.runs.iter().any(|run| run.finished_at.is_some()) {
        for customer in tables
            .customers
            .iter()
            .filter(|it| !standing.contains(&it.id))
        {
            report.say(
                "standing",
                &customer.key,
                "a run has ended and it was not decided",
            );
        }
    }
}
