//! Puntual beside other software, and several of its processes beside one another.

use std::fmt::Write as _;

use super::words::{row, seconds, significant, thousands};
use crate::bench::instruments::Engine;
use crate::bench::peers::{PEERS, SIZES, SOURCE};
use crate::bench::results::{Group, Measure, Operation, Results};

/// Works that others do too, beside what was measured of them.
pub fn peers(plain: &[Measure]) -> String {
    let mut out = format!("Seconds of wall time; the figures of the others were {SOURCE}.\n\n| |");
    for size in SIZES {
        let _infallible = write!(
            out,
            " {} customers, {} invoices |",
            thousands(size.customers),
            thousands(size.documents)
        );
    }
    out.push_str("\n|---|--:|--:|--:|\n");
    let works = [
        Operation::ImportAll,
        Operation::Run,
        Operation::Dispatch,
        Operation::Ageing,
    ];
    for work in works {
        for engine in Engine::ALL {
            let cells = SIZES.map(|size| {
                let group = Group::find(plain, engine, size, work);
                group.map_or("–".to_owned(), |group| {
                    let took = seconds(group.program(|it| it.program.wall));
                    let units = group.measures.first().map_or(0, |it| it.units);
                    match work {
                        Operation::Dispatch => format!("{took} ({} messages)", thousands(units)),
                        _ => took,
                    }
                })
            });
            let [one, two, three] = &cells;
            let name = format!("**Puntual, {engine}**: {}", work.titles().0);
            row(&mut out, &[&name, one, two, three]);
        }
        for peer in PEERS.iter().filter(|peer| peer.ours == work) {
            let name = format!("{}: {}", peer.name, peer.work);
            let [one, two, three] = peer.seconds.map(|it| it.unwrap_or("–"));
            row(&mut out, &[&name, one, two, three]);
        }
    }
    out
}

/// The same work by one, two and four processes.
pub fn together(results: &Results) -> String {
    let mut out = String::from(
        "| Work | Processes | Documents | Customers decided | Wall, s | Documents a second \
         | Speed-up | Programs, s | Server, s |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for it in &results.together {
        let alone = results.together.iter().find(|one| one.work == it.work);
        let speed = rate(it.documents, it.wall);
        let alone = alone.map_or(speed, |one| rate(one.documents, one.wall));
        row(
            &mut out,
            &[
                &it.work,
                &it.processes.to_string(),
                &thousands(it.documents),
                &thousands(it.decided),
                &significant(it.wall),
                &significant(speed),
                &format!("{:.2}×", speed / alone),
                &significant(it.own),
                &significant(it.server),
            ],
        );
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "counts of documents are small")]
fn rate(documents: u64, seconds: f64) -> f64 {
    documents as f64 / seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::tests::measure;
    use crate::bench::results::{Spent, Together};

    #[test]
    fn peers_stand_beside_what_does_the_same_work() {
        let mut run = measure(Operation::Run, Engine::Sqlite, 0, 1.0);
        run.size = SIZES[2];
        run.program = Spent {
            wall: 1.234,
            ..run.program
        };
        let table = peers(&[run]);
        let lines: Vec<&str> = table.lines().filter(|line| line.contains("1.23")).collect();
        assert_eq!(
            lines,
            ["| **Puntual, SQLite**: First run over all customers | – | – | 1.23 |"]
        );
        assert!(table.contains("| DuckDB from Python"), "{table}");
    }

    #[test]
    fn speed_is_against_one_process() {
        let one = Together {
            work: "a run".to_owned(),
            documents: 1_000,
            processes: 1,
            decided: 300,
            wall: 2.0,
            own: 1.0,
            server: 0.5,
        };
        let two = Together {
            processes: 2,
            wall: 1.25,
            ..one.clone()
        };
        let results = Results {
            together: vec![one, two],
            ..Results::default()
        };
        let table = together(&results);
        assert!(
            table.contains("| a run | 2 | 1,000 | 300 | 1.25 | 800 | 1.60× |"),
            "{table}"
        );
    }
}
