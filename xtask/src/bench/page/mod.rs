//! The page of results, and lines about single ones.

mod beside;
mod served;
mod words;

use std::fmt::Write as _;

use super::instruments::Engine;
use super::results::{Group, Measure, Operation, Results, sizes};
use super::{budgets, course::Size};

pub use served::lines as served_lines;
pub use words::{row, signed_percent, significant, thousands, times};

use words::{seconds, times_spread};

/// What is said once, whatever was measured.
const INTRODUCTION: &str = "\
# Benchmarks

Written by `cargo xtask bench`; edit `xtask/src/bench`, not this page.

Every figure stands beside a floor: what any program would pay for the same rows, taken on the same machine in the same minute.
A ratio says how many times the floor Puntual takes; it travels between machines, seconds do not.
";

/// How the figures came about.
const METHOD: &str = "\
## How it was measured

- The program is the optimised build, started as a process of its own for each command, as a user would; its start, its output and the closing of the database count.
- Processor time is user and system time of the program, plus that of all processes of the PostgreSQL server from just before to just after; the kernel counts the latter in hundredths of a second.
- Peak memory is the greatest resident memory of the program's process, without the server's.
- What it wrote is what the kernel charged to the program's own process; the server's writing is not in it.
- The portfolio comes from a seed: three customers for ten invoices, credit notes, part payments and disputes.
- **Floor of writing**: the very rows the program wrote are found by comparing its database with a mirror, fetched beforehand, and written into the mirror: on SQLite by prepared statements over the program's own bulk connection, twenty thousand rows to a transaction, and the closing of the file; on PostgreSQL by binary `COPY` from a file, changed rows through a temporary table. Tables, indexes and constraints are the same.
- **Floor of reading**: the columns that a decision or a report stands on, in order, each value fetched and dropped; on PostgreSQL by `COPY … TO` and by plain queries, whichever took less processor time.
- **Floor of sending**: the same files written, synced and renamed, and the very rows written.
- A floor decides nothing, composes nothing and checks nothing.
- Sending is measured on a capped number of messages; the others count as sent afterwards, without being measured.
- **Pages**: `puntual serve` on the same database, with a run and some messages behind it, its clock set to the day of the last run; one browser asks over loopback, one request after the other on a connection that stays open, as a signed-in administrator or behind the doors of forty customers; each address once before, unmeasured, then at least three hundred requests of each kind in turn, packed with gzip; from the first byte asked to the last byte read.
- Sizes up to 200,000 are measured several times, and the middle is given with the least and the greatest beside it; larger ones once, unless asked for.
";

/// The whole page, with the file of its plot.
pub fn page(results: &Results, plot: &str) -> String {
    let mut out = String::from(INTRODUCTION);
    out.push_str("\n## Budgets\n\n");
    out.push_str(&budgets::table(results));
    out.push_str("\n## Growth\n\n");
    let _infallible = writeln!(out, "![Processor time per document against size]({plot})\n");
    out.push_str(&growth(results));
    out.push_str("\n## Each piece of work\n");
    for operation in Operation::ALL {
        out.push_str(&piece(results, operation));
    }
    if !results.served.is_empty() {
        out.push_str("\n## Pages\n");
        out.push_str(&served::tables(&results.served));
    }
    if !results.plain.is_empty() {
        out.push_str("\n## Beside other software\n\n");
        out.push_str(&beside::peers(&results.plain));
    }
    if !results.together.is_empty() {
        out.push_str("\n## Several processes on one PostgreSQL\n\n");
        out.push_str(&beside::together(results));
    }
    out.push('\n');
    out.push_str(METHOD);
    out.push_str("\n## The machine\n\n| | |\n|---|---|\n");
    for (name, text) in &results.facts {
        row(&mut out, &[name, text]);
    }
    if let Some([processor, wall]) = noise(&results.measures) {
        let text = format!(
            "repetitions of one figure lay up to {:.0} % apart in processor time, {:.0} % in wall \
             time (of figures above {NOISE_SECONDS_MIN} s)",
            processor * 100.0,
            wall * 100.0
        );
        row(&mut out, &["Noise", &text]);
    }
    out
}

/// What is shorter differs by the ticks of the kernel's clock alone.
const NOISE_SECONDS_MIN: f64 = 0.2;

/// How far the least and the greatest of repetitions are apart at most, as a part of the middle.
fn noise(measures: &[Measure]) -> Option<[f64; 2]> {
    let figures: [fn(&Measure) -> f64; 2] = [|it| it.program.processor(), |it| it.program.wall];
    let mut most = [None::<f64>; 2];
    for operation in Operation::ALL {
        for engine in Engine::ALL {
            for (_, group) in groups(measures, &sizes(measures), engine, operation) {
                if group.measures.len() < 2 {
                    continue;
                }
                for (most, figure) in most.iter_mut().zip(figures) {
                    let spread = group.program(figure);
                    if spread.middle >= NOISE_SECONDS_MIN {
                        let apart = (spread.greatest - spread.least) / spread.middle;
                        *most = Some(most.map_or(apart, |most| most.max(apart)));
                    }
                }
            }
        }
    }
    let [processor, wall] = most;
    Some([processor?, wall?])
}

/// Cost per document at each size, and how far it is from that at the smallest.
fn growth(results: &Results) -> String {
    let sizes = sizes(&results.measures);
    let mut out = String::from("| Work | Database | Documents | Processor time per document | ");
    out.push_str("Against the smallest | Peak memory |\n|---|---|--:|--:|--:|--:|\n");
    for operation in [
        Operation::ImportInvoices,
        Operation::ImportAll,
        Operation::Run,
    ] {
        for engine in Engine::ALL {
            let groups = groups(&results.measures, &sizes, engine, operation);
            let first = groups.first().map_or(0.0, |(_, group)| group.per_unit());
            for (size, group) in groups {
                let cost = group.per_unit();
                row(
                    &mut out,
                    &[
                        operation.titles().0,
                        &engine.to_string(),
                        &thousands(size.documents),
                        &format!("{} µs", significant(cost * 1e6)),
                        &signed_percent(cost / first - 1.0),
                        &memory(&group),
                    ],
                );
            }
        }
    }
    out
}

fn groups<'a>(
    measures: &'a [Measure],
    sizes: &[Size],
    engine: Engine,
    operation: Operation,
) -> Vec<(Size, Group<'a>)> {
    let found = |&size: &Size| Some((size, Group::find(measures, engine, size, operation)?));
    sizes.iter().filter_map(found).collect()
}

fn piece(results: &Results, operation: Operation) -> String {
    let sizes = sizes(&results.measures);
    let mut rows = String::new();
    for engine in Engine::ALL {
        for (size, group) in groups(&results.measures, &sizes, engine, operation) {
            let units = group.measures.first().map_or(0, |it| it.units);
            let mut what = format!("{engine}, {}", thousands(size.documents));
            if operation == Operation::Dispatch {
                let _infallible = write!(what, ", {} messages", thousands(units));
            }
            let [processor, wall] = ratio_cells(&group);
            let floor = |figure: fn(&super::results::Floor) -> f64| {
                group.floor(figure).map_or("–".to_owned(), seconds)
            };
            let program = |figure: fn(&Measure) -> f64| seconds(group.program(figure));
            row(
                &mut rows,
                &[
                    &what,
                    &processor,
                    &wall,
                    &program(|it| it.program.wall),
                    &program(|it| it.program.own),
                    &program(|it| it.program.server),
                    &floor(|it| it.wall),
                    &floor(super::results::Floor::processor),
                    &format!("{} µs", significant(group.per_unit() * 1e6)),
                    &rows_written(&group),
                    &memory(&group),
                    &written(&group),
                ],
            );
        }
    }
    if rows.is_empty() {
        return rows;
    }
    let (title, floor) = operation.titles();
    let how = how(&results.measures, operation);
    format!(
        "\n### {title}\n\nFloor: {floor}{how}\n\n\
         | | Processor ÷ floor | Wall ÷ floor | Wall, s | Program, s | Server, s | Floor: wall, s \
         | Floor: processor, s | Per {} | Rows written | Peak memory \
         | Program wrote |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n{rows}",
        operation.unit()
    )
}

/// Which way of reading was the floor on PostgreSQL, where there were two.
fn how(measures: &[Measure], operation: Operation) -> String {
    let ours = measures
        .iter()
        .filter(|it| it.engine == Engine::Postgres && it.operation == operation);
    let mut ways: Vec<&str> = ours
        .filter_map(|it| it.floor.as_ref())
        .map(|floor| floor.how.as_str())
        .filter(|how| !how.is_empty())
        .collect();
    ways.sort_unstable();
    ways.dedup();
    match ways.as_slice() {
        [] => String::new(),
        ["copy"] => " On PostgreSQL `COPY … TO` was the cheaper reading.".to_owned(),
        ["cursor"] => " On PostgreSQL plain queries were the cheaper reading.".to_owned(),
        _ => {
            " On PostgreSQL now `COPY … TO`, now plain queries were the cheaper reading.".to_owned()
        }
    }
}

fn ratio_cells(group: &Group<'_>) -> [String; 2] {
    let ratios = group.ratios().map(|ratios| ratios.map(times_spread));
    ratios.unwrap_or(["–".to_owned(), "–".to_owned()])
}

fn memory(group: &Group<'_>) -> String {
    let most = group.measures.iter().map(|it| it.program.peak_kib).max();
    format!("{} MiB", most.unwrap_or(0).div_ceil(1024))
}

fn rows_written(group: &Group<'_>) -> String {
    let floors = group.measures.iter().filter_map(|it| it.floor.as_ref());
    let rows = floors.map(|it| it.rows_written).max();
    rows.map_or("–".to_owned(), thousands)
}

fn written(group: &Group<'_>) -> String {
    let most = group
        .measures
        .iter()
        .map(|it| it.program.written_bytes)
        .max();
    format!("{} MiB", most.unwrap_or(0) >> 20)
}

/// A measurement for people who wait.
pub fn line(measure: &Measure) -> String {
    let ratios = measure.ratios().map_or(String::new(), |[processor, wall]| {
        format!(
            "  {} processor, {} wall of the floor",
            times(processor),
            times(wall)
        )
    });
    format!(
        "{:<16} {:>8} s wall {:>8} s processor{ratios}",
        measure.operation.code(),
        significant(measure.program.wall),
        significant(measure.program.processor()),
    )
}

/// What changed since earlier results: processor time and ratio, work by work.
pub fn differences(before: &Results, after: &Results) -> String {
    let mut out = String::from("work, database, documents: processor s before → after, ratio\n");
    for operation in Operation::ALL {
        for engine in Engine::ALL {
            for size in sizes(&after.measures) {
                let find = |results: &'_ Results| {
                    let group = Group::find(&results.measures, engine, size, operation)?;
                    let ratio = group.ratios().map(|[processor, _]| times(processor.middle));
                    let cost = group.program(|it| it.program.processor()).middle;
                    Some((cost, ratio.unwrap_or("–".to_owned())))
                };
                let (Some((old, was)), Some((new, is))) = (find(before), find(after)) else {
                    continue;
                };
                let _infallible = writeln!(
                    out,
                    "{}, {engine}, {}: {} → {} ({}), {was} → {is}",
                    operation.code(),
                    thousands(size.documents),
                    significant(old),
                    significant(new),
                    signed_percent(new / old - 1.0),
                );
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::Floor;
    use crate::bench::results::tests::measure;

    fn results() -> Results {
        let mut results = Results {
            facts: vec![("Cores".to_owned(), "2, of a kind".to_owned())],
            build_seconds: Some(300.0),
            ..Results::default()
        };
        let operations = [Operation::ImportInvoices, Operation::Run];
        for (operation, times) in operations.into_iter().zip([1.5, 2.5]) {
            for engine in Engine::ALL {
                results
                    .measures
                    .push(measure(operation, engine, 10_000, times));
                results
                    .measures
                    .push(measure(operation, engine, 10_000, times + 0.5));
                results
                    .measures
                    .push(measure(operation, engine, 1_000_000, times * 40.0));
                // The floor of a larger size is larger.
                if let Some(last) = results.measures.last_mut() {
                    last.floor = Some(Floor {
                        wall: 20.0,
                        own: 20.0,
                        ..Floor::default()
                    });
                }
            }
        }
        let mut again = measure(Operation::ImportAgain, Engine::Sqlite, 10_000, 1.0);
        again.floor = None;
        results.measures.push(again);
        results
    }

    #[test]
    fn a_page_says_ratios_first_and_what_is_missed() {
        let page = page(&results(), "benchmarks.svg");
        let (budgets, rest) = page.split_once("\n## Growth").expect("both parts");
        let (growth, pieces) = rest.split_once("\n## Each piece").expect("both parts");
        let (pieces, machine) = pieces.split_once("\n## How").expect("both parts");
        insta::assert_snapshot!(budgets.split_once("## Budgets\n").expect("a title").1, @r"
        | Work | Budget | Measured | Absolute | |
        |---|---|---|---|---|
        | Import of invoices (CSV) into nothing, 1,000,000, SQLite | ≤ 2× the floor | **1.50×** processor, **1.50×** wall | processor 30.0 s against 20.0 s, wall 30.0 s against 20.0 s | met, 0.50× below |
        | Import of invoices (CSV) into nothing, 1,000,000, PostgreSQL | ≤ 2× the floor | **1.50×** processor, **1.50×** wall | processor 30.0 s against 20.0 s, wall 30.0 s against 20.0 s | met, 0.50× below |
        | First run over all customers, 1,000,000, SQLite | ≤ 2× the floor | **2.50×** processor, **2.50×** wall | processor 50.0 s against 20.0 s, wall 50.0 s against 20.0 s | missed by 0.50× |
        | First run over all customers, 1,000,000, PostgreSQL | ≤ 2× the floor | **2.50×** processor, **2.50×** wall | processor 50.0 s against 20.0 s, wall 50.0 s against 20.0 s | missed by 0.50× |
        | Import of invoices (CSV) into nothing: cost per document as it grows, SQLite | within ±20 % | **−66 %** | 87.5 → 30.0 µs | missed by 46 points: cheaper as it grows |
        | Import of invoices (CSV) into nothing: cost per document as it grows, PostgreSQL | within ±20 % | **−66 %** | 87.5 → 30.0 µs | missed by 46 points: cheaper as it grows |
        | First run over all customers: cost per document as it grows, SQLite | within ±20 % | **−64 %** | 138 → 50.0 µs | missed by 44 points: cheaper as it grows |
        | First run over all customers: peak memory as it grows, SQLite | flat | **1.00×** | 20 → 20 MiB | met |
        | First run over all customers: cost per document as it grows, PostgreSQL | within ±20 % | **−64 %** | 138 → 50.0 µs | missed by 44 points: cheaper as it grows |
        | First run over all customers: peak memory as it grows, PostgreSQL | flat | **1.00×** | 20 → 20 MiB | met |
        | Build from nothing, optimised | watched | 5.00 min | | |

        Where a budget is missed, [performance](performance.md) says why.
        ");
        insta::assert_snapshot!(growth, @r"
        ![Processor time per document against size](benchmarks.svg)

        | Work | Database | Documents | Processor time per document | Against the smallest | Peak memory |
        |---|---|--:|--:|--:|--:|
        | Import of invoices (CSV) into nothing | SQLite | 10,000 | 87.5 µs | +0 % | 20 MiB |
        | Import of invoices (CSV) into nothing | SQLite | 1,000,000 | 30.0 µs | −66 % | 20 MiB |
        | Import of invoices (CSV) into nothing | PostgreSQL | 10,000 | 87.5 µs | +0 % | 20 MiB |
        | Import of invoices (CSV) into nothing | PostgreSQL | 1,000,000 | 30.0 µs | −66 % | 20 MiB |
        | First run over all customers | SQLite | 10,000 | 138 µs | +0 % | 20 MiB |
        | First run over all customers | SQLite | 1,000,000 | 50.0 µs | −64 % | 20 MiB |
        | First run over all customers | PostgreSQL | 10,000 | 138 µs | +0 % | 20 MiB |
        | First run over all customers | PostgreSQL | 1,000,000 | 50.0 µs | −64 % | 20 MiB |
        ");
        insta::assert_snapshot!(pieces, @r"
         of work

        ### Import of invoices (CSV) into nothing

        Floor: Bulk-writing the very rows it wrote into empty tables. On PostgreSQL plain queries were the cheaper reading.

        | | Processor ÷ floor | Wall ÷ floor | Wall, s | Program, s | Server, s | Floor: wall, s | Floor: processor, s | Per document | Rows written | Peak memory | Program wrote |
        |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
        | SQLite, 10,000 | 1.75× (1.50×–2.00×) | 1.75× (1.50×–2.00×) | 0.875 (0.750–1.00) | 0.438 (0.375–0.500) | 0.438 (0.375–0.500) | 0.500 | 0.500 | 87.5 µs | 10 | 20 MiB | 1 MiB |
        | SQLite, 1,000,000 | 1.50× | 1.50× | 30.0 | 15.0 | 15.0 | 20.0 | 20.0 | 30.0 µs | 0 | 20 MiB | 1 MiB |
        | PostgreSQL, 10,000 | 1.75× (1.50×–2.00×) | 1.75× (1.50×–2.00×) | 0.875 (0.750–1.00) | 0.438 (0.375–0.500) | 0.438 (0.375–0.500) | 0.500 | 0.500 | 87.5 µs | 10 | 20 MiB | 1 MiB |
        | PostgreSQL, 1,000,000 | 1.50× | 1.50× | 30.0 | 15.0 | 15.0 | 20.0 | 20.0 | 30.0 µs | 0 | 20 MiB | 1 MiB |

        ### The same file again: nothing changes

        Floor: None was taken.

        | | Processor ÷ floor | Wall ÷ floor | Wall, s | Program, s | Server, s | Floor: wall, s | Floor: processor, s | Per document | Rows written | Peak memory | Program wrote |
        |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
        | SQLite, 10,000 | – | – | 0.500 | 0.250 | 0.250 | – | – | 50.0 µs | – | 20 MiB | 1 MiB |

        ### First run over all customers

        Floor: Reading what a decision may see, and bulk-writing the very rows it wrote. On PostgreSQL plain queries were the cheaper reading.

        | | Processor ÷ floor | Wall ÷ floor | Wall, s | Program, s | Server, s | Floor: wall, s | Floor: processor, s | Per document | Rows written | Peak memory | Program wrote |
        |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
        | SQLite, 10,000 | 2.75× (2.50×–3.00×) | 2.75× (2.50×–3.00×) | 1.38 (1.25–1.50) | 0.688 (0.625–0.750) | 0.688 (0.625–0.750) | 0.500 | 0.500 | 138 µs | 10 | 20 MiB | 1 MiB |
        | SQLite, 1,000,000 | 2.50× | 2.50× | 50.0 | 25.0 | 25.0 | 20.0 | 20.0 | 50.0 µs | 0 | 20 MiB | 1 MiB |
        | PostgreSQL, 10,000 | 2.75× (2.50×–3.00×) | 2.75× (2.50×–3.00×) | 1.38 (1.25–1.50) | 0.688 (0.625–0.750) | 0.688 (0.625–0.750) | 0.500 | 0.500 | 138 µs | 10 | 20 MiB | 1 MiB |
        | PostgreSQL, 1,000,000 | 2.50× | 2.50× | 50.0 | 25.0 | 25.0 | 20.0 | 20.0 | 50.0 µs | 0 | 20 MiB | 1 MiB |
        ");
        assert!(machine.contains("| Cores | 2, of a kind |"), "{machine}");
        assert!(machine.contains("29 % in wall time"), "{machine}");
        assert!(!page.contains("other software") && !page.contains("Several processes"));
    }

    #[test]
    fn differences_name_what_changed() {
        let (before, mut after) = (results(), results());
        for measure in &mut after.measures {
            measure.program.own *= 2.0;
        }
        let text = differences(&before, &after);
        assert!(
            text.contains("run, SQLite, 10,000: 1.38 → 2.06 (+50 %), 2.75× → 4.12×"),
            "{text}"
        );
        assert!(!text.contains("kpi"), "{text}");
    }
}
