//! The budgets, and whether they are met.

use super::course::Size;
use super::instruments::Engine;
use super::page::{signed_percent, significant, thousands, times};
use super::results::{Group, Operation, Results, sizes};
use super::served::{Paged, Served};

/// The floor may be paid this many times.
const TIMES_MAX: f64 = 2.0;
/// The cost of a document may differ by this part of that at the smallest size.
const GROWTH_MAX: f64 = 0.20;
/// Memory is flat when a hundred times the documents take no more than this many times of it.
const MEMORY_TIMES_MAX: f64 = 2.0;
/// The size the budgets are about.
const DOCUMENTS: u64 = 1_000_000;

/// One line per budget and database, the ratio first.
pub fn table(results: &Results) -> String {
    let sizes = sizes(&results.measures);
    let of_pages = results.served.iter().map(|it| it.size);
    let all = sizes.iter().copied().chain(of_pages);
    let Some(largest) = all.max_by_key(|it| it.documents) else {
        return String::new();
    };
    let mut lines = Vec::new();
    for operation in [Operation::ImportInvoices, Operation::Run] {
        for engine in Engine::ALL {
            let group = Group::find(&results.measures, engine, largest, operation);
            lines.extend(group.and_then(|group| floor_line(operation, engine, largest, &group)));
        }
    }
    for operation in [Operation::ImportInvoices, Operation::Run] {
        for engine in Engine::ALL {
            let groups = sizes
                .iter()
                .filter_map(|size| Group::find(&results.measures, engine, *size, operation));
            let groups: Vec<_> = groups.collect();
            lines.extend(growth_line(operation, engine, &groups));
            if operation == Operation::Run {
                lines.extend(memory_line(engine, &groups));
            }
        }
    }
    let mut served: Vec<&Served> = results.served.iter().collect();
    served.retain(|it| it.size == largest);
    served.sort_by_key(|it| it.engine);
    for face in ["console", "portal"] {
        lines.extend(served.iter().filter_map(|it| page_line(face, it)));
    }
    if let Some(seconds) = results.build_seconds {
        lines.push(format!(
            "| Build from nothing, optimised | watched | {} min | | |",
            significant(seconds / 60.0)
        ));
    }
    let mut out = String::new();
    if largest.documents < DOCUMENTS {
        out = format!(
            "The budgets are about a million documents; this page measured {}.\n\n",
            thousands(largest.documents)
        );
    }
    out.push_str("| Work | Budget | Measured | Absolute | |\n|---|---|---|---|---|\n");
    out.push_str(&lines.join("\n"));
    out.push('\n');
    if lines.iter().any(|line| line.contains("missed")) {
        out.push_str("\nWhere a budget is missed, [performance](performance.md) says why.\n");
    }
    out
}

fn floor_line(
    operation: Operation,
    engine: Engine,
    size: Size,
    group: &Group<'_>,
) -> Option<String> {
    let [processor, wall] = group.ratios()?.map(|it| it.middle);
    let worst = processor.max(wall);
    let verdict = if worst <= TIMES_MAX {
        format!("met, {} below", times(TIMES_MAX - worst))
    } else {
        format!("missed by {}", times(worst - TIMES_MAX))
    };
    let middle = |it: super::results::Spread| significant(it.middle);
    Some(format!(
        "| {}, {}, {engine} | ≤ {}× the floor | **{}** processor, **{}** wall | processor {} s \
         against {} s, wall {} s against {} s | {verdict} |",
        operation.titles().0,
        thousands(size.documents),
        TIMES_MAX,
        times(processor),
        times(wall),
        middle(group.program(|it| it.program.processor())),
        middle(group.floor(super::results::Floor::processor)?),
        middle(group.program(|it| it.program.wall)),
        middle(group.floor(|it| it.wall)?),
    ))
}

fn growth_line(operation: Operation, engine: Engine, groups: &[Group<'_>]) -> Option<String> {
    let costs: Vec<f64> = groups.iter().map(Group::per_unit).collect();
    let (first, rest) = costs.split_first()?;
    let apart = |cost: &f64| cost / first - 1.0;
    let farthest = rest
        .iter()
        .map(apart)
        .max_by(|a, b| a.abs().total_cmp(&b.abs()))?;
    let beyond = (farthest.abs() - GROWTH_MAX) * 100.0;
    let verdict = if beyond <= 0.0 {
        "met".to_owned()
    } else if farthest < 0.0 {
        format!("missed by {beyond:.0} points: cheaper as it grows")
    } else {
        format!("missed by {beyond:.0} points: dearer as it grows")
    };
    let costs: Vec<String> = costs.iter().map(|it| significant(it * 1e6)).collect();
    Some(format!(
        "| {}: cost per document as it grows, {engine} | within ±{:.0} % | **{}** | {} µs | \
         {verdict} |",
        operation.titles().0,
        GROWTH_MAX * 100.0,
        signed_percent(farthest),
        costs.join(" → "),
    ))
}

#[expect(clippy::cast_precision_loss, reason = "memory in KiB is small")]
fn memory_line(engine: Engine, groups: &[Group<'_>]) -> Option<String> {
    let most = |group: &Group<'_>| group.measures.iter().map(|it| it.program.peak_kib).max();
    let peaks: Vec<u64> = groups.iter().filter_map(most).collect();
    let (first, rest) = peaks.split_first()?;
    let last = rest.last()?;
    let grown = *last as f64 / (*first).max(1) as f64;
    let verdict = if grown <= MEMORY_TIMES_MAX {
        "met"
    } else {
        "missed"
    };
    let peaks: Vec<String> = peaks
        .iter()
        .map(|it| it.div_ceil(1024).to_string())
        .collect();
    Some(format!(
        "| {}: peak memory as it grows, {engine} | flat | **{}** | {} MiB | {verdict} |",
        Operation::Run.titles().0,
        times(grown),
        peaks.join(" → "),
    ))
}

/// The slowest kind of page of a face.
fn page_line(face: &str, served: &Served) -> Option<String> {
    let of_face: Vec<&Paged> = served.pages.iter().filter(|it| it.face == face).collect();
    let worst = of_face
        .iter()
        .max_by(|a, b| a.p99_ms.total_cmp(&b.p99_ms))?;
    let budget = worst.budget_ms();
    let over = of_face.iter().filter(|it| it.p99_ms > budget).count();
    let verdict = match over {
        0 => format!("met, {} ms below", significant(budget - worst.p99_ms)),
        over => format!("missed by {over} of {} kinds of page", of_face.len()),
    };
    Some(format!(
        "| Pages of the {face}, {}, {} | p99 ≤ {budget:.0} ms | **{} ms** | the slowest kind: {}, \
         p50 {} ms | {verdict} |",
        thousands(served.size.documents),
        served.engine,
        significant(worst.p99_ms),
        worst.page,
        significant(worst.p50_ms),
    ))
}
