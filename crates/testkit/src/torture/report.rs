//! What all rounds come to: a table, and the page that is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::{Database, Round, Scenario};

struct Sum {
    rounds: usize,
    hit: usize,
    passed: usize,
    longest: Duration,
}

fn sums(rounds: &[Round]) -> BTreeMap<(u8, String), (Scenario, Database, Sum)> {
    let mut sums = BTreeMap::new();
    for round in rounds {
        let key = (round.scenario as u8, round.database.to_string());
        let none = Sum {
            rounds: 0,
            hit: 0,
            passed: 0,
            longest: Duration::ZERO,
        };
        let entry = sums
            .entry(key)
            .or_insert((round.scenario, round.database, none));
        let sum = &mut entry.2;
        sum.rounds += 1;
        sum.hit += usize::from(round.hit);
        sum.passed += usize::from(round.findings.is_empty());
        sum.longest = sum.longest.max(round.recovered_in);
    }
    sums
}

/// A line for each scenario and database.
pub fn table(rounds: &[Round]) -> String {
    let mut text = String::from(
        "| scenario | database | rounds | hit at work | clean | longest recovery |\n\
         |---|---|---:|---:|---:|---:|\n",
    );
    for (scenario, database, sum) in sums(rounds).into_values() {
        let name = scenario.name();
        let seconds = sum.longest.as_secs_f64();
        let (all, hit, passed) = (sum.rounds, sum.hit, sum.passed);
        let line = format!("| {name} | {database} | {all} | {hit} | {passed} | {seconds:.1} s |\n");
        text.push_str(&line);
    }
    text
}

/// The page `docs/torture.md`; `facts` are lines on when and where it was made.
pub fn page(rounds: &[Round], facts: &[String]) -> String {
    let clean = rounds.iter().filter(|it| it.findings.is_empty()).count();
    let mut text = String::from(
        "# Torture\n\nMade by `cargo xtask torture`; not edited by hand.\n\
         Each round strikes the program, its server or its disk at a seeded instant, types the \
         command again, and lets an auditor who shares no code with the engine hold the database \
         against the imported files and the messages that left.\n\n",
    );
    for fact in facts {
        let _ = writeln!(text, "- {fact}");
    }
    let _ = writeln!(text, "- {clean} of {} rounds clean\n", rounds.len());
    text.push_str(&table(rounds));
    text.push_str("\n## What the blows met\n\n| scenario | phase | rounds |\n|---|---|---:|\n");
    let mut met: BTreeMap<(u8, String), usize> = BTreeMap::new();
    for round in rounds {
        let left = round.left.split(';').next().unwrap_or_default().to_owned();
        *met.entry((round.scenario as u8, left)).or_default() += 1;
    }
    for ((scenario, left), count) in met {
        let name = Scenario::ALL
            .iter()
            .find(|it| **it as u8 == scenario)
            .map_or("", |it| it.name());
        let _ = writeln!(text, "| {name} | {left} | {count} |");
    }
    let failed = rounds.iter().filter(|it| !it.findings.is_empty());
    for (place, round) in failed.enumerate() {
        if place == 0 {
            text.push_str("\n## Findings\n\n");
        }
        let _ = writeln!(
            text,
            "- {} on {}, round {}: {}",
            round.scenario.name(),
            round.database,
            round.number,
            round.findings.join("; ")
        );
    }
    text
}
