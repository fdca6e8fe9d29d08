//! Two small charts side by side: processor time per document against the number of documents, of
//! the program and of its floor, as SVG that reads on light and on dark.

use std::fmt::Write as _;

use super::instruments::Engine;
use super::page::{significant, thousands};
use super::results::{Floor, Group, Measure, Operation, Results, sizes};

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 400.0;
/// Room around the lines of a panel: left, right (names of lines), top, below.
const ROOM: [f64; 4] = [56.0, 158.0, 56.0, 52.0];
/// Least distance between the names of two lines.
const NAME_HEIGHT: f64 = 15.0;
/// Horizontal lines, at most.
const STEPS: u32 = 5;

/// Colours that tell the engines apart on white and on black, for every kind of eye.
const STYLE: &str = "\
<style>
  text { font: 12px system-ui, sans-serif; fill: #333 }
  .title { font-weight: 600; font-size: 14px }
  .grid { stroke: #ccc; stroke-width: 1 }
  .line { fill: none; stroke-width: 2.5 }
  .floor { stroke-dasharray: 5 4; stroke-width: 1.5 }
  .sqlite { stroke: #0069b4 } .postgres { stroke: #c2410c }
  circle.sqlite { fill: #0069b4 } circle.postgres { fill: #c2410c }
  text.sqlite { fill: #0069b4; stroke: none } text.postgres { fill: #c2410c; stroke: none }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #16181d }
    text { fill: #ddd }
    .grid { stroke: #444 }
    .sqlite { stroke: #5bb4ff } .postgres { stroke: #ff9a5c }
    circle.sqlite { fill: #5bb4ff } circle.postgres { fill: #ff9a5c }
    text.sqlite { fill: #5bb4ff } text.postgres { fill: #ff9a5c }
  }
</style>
";

/// A line: its name, its engine, whether it is a floor, and its points (documents, µs a document).
struct Line {
    name: String,
    engine: Engine,
    floor: bool,
    points: Vec<(f64, f64)>,
}

/// The whole picture.
pub fn plot(results: &Results) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\n\
         <title>Processor time per document against the number of documents</title>\n{STYLE}\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    let panels = [
        (Operation::ImportInvoices, "Import of invoices"),
        (Operation::Run, "First run over all customers"),
    ];
    for (place, (operation, title)) in [0.0, WIDTH / 2.0].into_iter().zip(panels) {
        out.push_str(&panel(place, title, &lines(&results.measures, operation)));
    }
    out.push_str("</svg>\n");
    out
}

#[expect(clippy::cast_precision_loss, reason = "counts of documents are small")]
fn lines(measures: &[Measure], operation: Operation) -> Vec<Line> {
    let mut lines = Vec::new();
    for engine in Engine::ALL {
        let (mut ours, mut floors) = (Vec::new(), Vec::new());
        for size in sizes(measures) {
            let documents = size.documents as f64;
            if let Some(group) = Group::find(measures, engine, size, operation) {
                ours.push((documents, group.per_unit() * 1e6));
                let floor = group.floor(Floor::processor);
                floors.extend(floor.map(|it| (documents, it.middle / documents * 1e6)));
            }
        }
        for (name, floor, points) in [
            (format!("{engine}"), false, ours),
            (format!("{engine}, floor"), true, floors),
        ] {
            if !points.is_empty() {
                lines.push(Line {
                    name,
                    engine,
                    floor,
                    points,
                });
            }
        }
    }
    lines
}

/// Where values lie in a panel.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    /// Logarithms of the least and the greatest number of documents.
    across: (f64, f64),
    /// The greatest cost.
    up: f64,
}

impl Frame {
    fn x(&self, documents: f64) -> f64 {
        let (first, last) = self.across;
        let part = if last > first {
            (documents.log10() - first) / (last - first)
        } else {
            0.5
        };
        self.left + part * (self.right - self.left)
    }

    fn y(&self, cost: f64) -> f64 {
        self.bottom - cost / self.up * (self.bottom - self.top)
    }
}

fn panel(place: f64, title: &str, lines: &[Line]) -> String {
    let [left, right, top, below] = ROOM;
    let points = || lines.iter().flat_map(|line| &line.points);
    let documents = || points().map(|(documents, _)| documents.log10());
    let step = step(points().map(|(_, cost)| *cost).fold(0.0, f64::max));
    let frame = Frame {
        left: place + left,
        right: place + WIDTH / 2.0 - right,
        top,
        bottom: HEIGHT - below,
        across: (
            documents().fold(f64::MAX, f64::min),
            documents().fold(f64::MIN, f64::max),
        ),
        up: step * f64::from(STEPS),
    };
    let mut out = format!(
        "<text class=\"title\" x=\"{}\" y=\"24\">{title}</text>\n",
        frame.left
    );
    out.push_str(&axes(&frame, step, lines));
    for line in lines {
        out.push_str(&drawn(&frame, line));
    }
    out.push_str(&names(&frame, lines));
    out
}

/// The least round number of which [`STEPS`] reach as high as `most`.
fn step(most: f64) -> f64 {
    let rough = most / f64::from(STEPS);
    if rough <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(rough.log10().floor());
    let round = [1.0, 2.0, 2.5, 5.0, 10.0];
    let fits = round.into_iter().find(|it| it * power >= rough);
    fits.unwrap_or(10.0) * power
}

fn axes(frame: &Frame, step: f64, lines: &[Line]) -> String {
    let mut out = String::new();
    let (left, right, bottom) = (frame.left, frame.right, frame.bottom);
    for number in 0..=STEPS {
        let cost = step * f64::from(number);
        let y = frame.y(cost);
        let _infallible = writeln!(
            out,
            "<line class=\"grid\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 8.0,
            y + 4.0,
            trimmed(cost),
        );
    }
    let mut sizes: Vec<f64> = lines
        .iter()
        .flat_map(|it| &it.points)
        .map(|it| it.0)
        .collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    for documents in sizes {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was a count"
        )]
        let count = documents as u64;
        let _infallible = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            frame.x(documents),
            bottom + 18.0,
            thousands(count),
        );
    }
    let _infallible = writeln!(
        out,
        "<text x=\"{left:.1}\" y=\"42\">µs of processor time per document</text>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">documents</text>",
        f64::midpoint(left, right),
        bottom + 38.0,
    );
    out
}

/// `2.5`, `40`: no digits that say nothing.
fn trimmed(value: f64) -> String {
    let text = significant(value);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn drawn(frame: &Frame, line: &Line) -> String {
    let place = |(documents, cost): &(f64, f64)| (frame.x(*documents), frame.y(*cost));
    let places: Vec<(f64, f64)> = line.points.iter().map(place).collect();
    let path: Vec<String> = places
        .iter()
        .map(|(x, y)| format!("{x:.1},{y:.1}"))
        .collect();
    let engine = line.engine.code();
    let kind = if line.floor { " floor" } else { "" };
    let mut out = format!(
        "<polyline class=\"line {engine}{kind}\" points=\"{}\"/>\n",
        path.join(" ")
    );
    for (x, y) in places {
        let _infallible = writeln!(
            out,
            "<circle class=\"{engine}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"
        );
    }
    out
}

/// Beside the end of each line, pushed down where two would stand in one place.
fn names(frame: &Frame, lines: &[Line]) -> String {
    let end = |line: &Line| line.points.last().map_or(0.0, |(_, cost)| frame.y(*cost));
    let mut order: Vec<&Line> = lines.iter().collect();
    order.sort_by(|one, other| end(one).total_cmp(&end(other)));
    let mut out = String::new();
    let mut free = f64::MIN;
    for line in order {
        let y = end(line).max(free);
        free = y + NAME_HEIGHT;
        let last = line.points.last().map_or(0.0, |(_, cost)| *cost);
        let _infallible = writeln!(
            out,
            "<text class=\"{}\" x=\"{:.1}\" y=\"{:.1}\">{} {}</text>",
            line.engine.code(),
            frame.right + 10.0,
            y + 4.0,
            line.name,
            significant(last),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::tests::measure;

    #[test]
    fn steps_are_round_and_reach_the_top() {
        for (most, wanted) in [
            (37.0, 10.0),
            (100.0, 20.0),
            (0.9, 0.2),
            (12.0, 2.5),
            (0.0, 1.0),
        ] {
            assert_eq!(step(most), wanted, "{most}");
        }
    }

    #[test]
    fn every_line_is_drawn_and_named_without_covering_another() {
        let mut results = Results::default();
        for engine in Engine::ALL {
            for size in [10_000, 100_000, 1_000_000] {
                results
                    .measures
                    .push(measure(Operation::Run, engine, size, 3.0));
            }
        }
        let svg = plot(&results);
        assert_eq!(svg.matches("<polyline").count(), 4);
        assert_eq!(svg.matches("<circle").count(), 12);
        let named: Vec<f64> = svg
            .lines()
            .filter(|line| {
                line.starts_with("<text class=\"sqlite") || line.contains("postgres\" x")
            })
            .filter_map(|line| line.split("y=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        assert_eq!(named.len(), 4, "{svg}");
        let apart = named
            .windows(2)
            .all(|pair| pair[1] - pair[0] >= NAME_HEIGHT - 0.2);
        assert!(apart, "{named:?}");
    }
}
