//! The page of results, and lines about single ones.

use std::fmt::Write as _;

use super::instruments::Engine;
use super::peers::{PEERS, SIZES, SOURCE};
use super::results::{Group, Measure, Operation, Results, Spread, sizes};
use super::{budgets, course::Size};

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
- Sizes up to 200,000 are measured several times, and the middle is given with the least and the greatest beside it; larger ones once, unless asked for.
";

/// The whole page.
pub fn page(results: &Results) -> String {
    let mut out = String::from(INTRODUCTION);
    out.push_str("\n## Budgets\n\n");
    out.push_str(&budgets::table(results));
    out.push_str("\n## Growth\n\n");
    out.push_str("![Processor time per document against size](benchmarks.svg)\n\n");
    out.push_str(&growth(results));
    out.push_str("\n## Each piece of work\n");
    for operation in Operation::ALL {
        out.push_str(&piece(results, operation));
    }
    if !results.plain.is_empty() {
        out.push_str("\n## Beside other software\n\n");
        out.push_str(&peers(&results.plain));
    }
    if !results.together.is_empty() {
        out.push_str("\n## Several processes on one PostgreSQL\n\n");
        out.push_str(&together(results));
    }
    out.push('\n');
    out.push_str(METHOD);
    out.push_str("\n## The machine\n\n| | |\n|---|---|\n");
    for (name, text) in &results.facts {
        row(&mut out, &[name, text]);
    }
    out
}

fn row(out: &mut String, cells: &[&str]) {
    out.push_str("| ");
    out.push_str(&cells.join(" | "));
    out.push_str(" |\n");
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
    format!(
        "\n### {title}\n\nFloor: {floor}\n\n\
         | | Processor ÷ floor | Wall ÷ floor | Wall, s | Program, s | Server, s | Floor: wall, s \
         | Floor: processor, s | Per {} | Peak memory | Program wrote |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n{rows}",
        operation.unit()
    )
}

fn ratio_cells(group: &Group<'_>) -> [String; 2] {
    let ratios = group.ratios().map(|ratios| ratios.map(times_spread));
    ratios.unwrap_or(["–".to_owned(), "–".to_owned()])
}

fn memory(group: &Group<'_>) -> String {
    let most = group.measures.iter().map(|it| it.program.peak_kib).max();
    format!("{} MiB", most.unwrap_or(0).div_ceil(1024))
}

fn written(group: &Group<'_>) -> String {
    let most = group
        .measures
        .iter()
        .map(|it| it.program.written_bytes)
        .max();
    format!("{} MiB", most.unwrap_or(0) >> 20)
}

fn peers(plain: &[Measure]) -> String {
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

fn together(results: &Results) -> String {
    let mut out = String::from(
        "| Work | Processes | Documents | Wall, s | Documents a second | Speed-up | Programs, s \
         | Server, s |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
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

/// `2.94×`; two digits behind the point tell 1.96 from 2.04.
pub fn times(ratio: f64) -> String {
    format!("{ratio:.2}×")
}

/// The middle, and in brackets least and greatest when there is a difference to see.
fn times_spread(spread: Spread) -> String {
    let [least, middle, greatest] = [spread.least, spread.middle, spread.greatest].map(times);
    if least == greatest {
        return middle;
    }
    format!("{middle} ({least}–{greatest})")
}

/// Seconds, the middle, with least and greatest when there is a difference to see.
fn seconds(spread: Spread) -> String {
    let [least, middle, greatest] = [spread.least, spread.middle, spread.greatest].map(significant);
    if least == greatest {
        return middle;
    }
    format!("{middle} ({least}–{greatest})")
}

/// Three digits that mean something, and no more.
pub fn significant(value: f64) -> String {
    match value.abs() {
        0.0..0.0005 => "0".to_owned(),
        ..1.0 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// `+12 %`
pub fn signed_percent(part: f64) -> String {
    let text = format!("{:+.0} %", part * 100.0);
    if text == "-0 %" {
        "+0 %".to_owned()
    } else {
        text.replace('-', "−")
    }
}

/// `1,000,000`
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
