//! Lines over the same steps of time, each named at its end.

use super::axis::{Scale, ticks};
use super::pen::{Anchor, Pen};
use super::{Caption, Label, Tone, WIDTH};

const HEIGHT: i64 = 2_000;
const LEFT: i64 = 300;
/// Room for the names of lines.
const RIGHT: i64 = 1_120;
const TOP: i64 = 120;
const BOTTOM: i64 = 240;
const TICKS_MAX: i64 = 5;
/// Two names need so much from one to the next.
const NAME_STEP: i64 = 140;
/// Steps below which every one is named.
const NAMED_MAX: usize = 6;

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its name, short.
    pub name: String,
    /// How it looks.
    pub tone: Tone,
    /// Whether it is drawn in dashes.
    pub dashed: bool,
    /// A value per step; where there is none the line has a gap.
    pub values: Vec<Option<i64>>,
}

/// A step of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What stands below it.
    pub label: String,
    /// What all lines say there.
    pub title: String,
    /// Where its rows are.
    pub href: Option<String>,
}

/// Lines on one scale.
pub struct Lines<'a> {
    /// What the chart is called.
    pub caption: Caption,
    /// The steps, from the left.
    pub steps: Vec<Step>,
    /// The lines, the most important first.
    pub lines: Vec<Line>,
    /// How the scale writes a value.
    pub tick: Label<'a>,
}

impl Lines<'_> {
    /// The chart.
    pub fn svg(&self) -> String {
        let mut pen = Pen::new(&self.caption, HEIGHT);
        let values = || self.lines.iter().flat_map(|line| &line.values).flatten();
        let low = values().copied().min().unwrap_or(0).min(0);
        let high = values().copied().max().unwrap_or(0).max(0);
        let ticks = ticks(low, high, TICKS_MAX);
        let ends = (ticks[0], ticks[ticks.len() - 1]);
        let y = Scale::new(ends, (HEIGHT - BOTTOM, TOP));
        let last = i64::try_from(self.steps.len().saturating_sub(1)).unwrap_or(0);
        let x = Scale::new((0, last.max(1)), (LEFT + 80, WIDTH - RIGHT));
        for tick in ticks {
            let at = y.at(tick);
            pen.rule((LEFT, at), (WIDTH - RIGHT, at));
            pen.text((LEFT - 60, at + 35), Anchor::End, false, &(self.tick)(tick));
        }
        for line in self.lines.iter().rev() {
            for run in runs(&line.values) {
                let points: Vec<(i64, i64)> = run
                    .iter()
                    .map(|(step, value)| (x.at(*step), y.at(*value)))
                    .collect();
                pen.path(&points, line.tone, line.dashed);
            }
        }
        self.steps(&mut pen, x, y, last);
        self.names(&mut pen, y);
        pen.end()
    }

    fn steps(&self, pen: &mut Pen, x: Scale, y: Scale, last: i64) {
        let half = if last > 0 {
            (x.at(1) - x.at(0)) / 2
        } else {
            120
        };
        let every = if self.steps.len() > NAMED_MAX { 2 } else { 1 };
        for ((number, place), step) in (0_i64..).zip(0_usize..).zip(&self.steps) {
            let at = x.at(number);
            pen.link(step.href.as_deref(), &step.title, |pen| {
                pen.ground((at - half, TOP), (2 * half, HEIGHT - BOTTOM - TOP));
                for line in &self.lines {
                    if let Some(Some(value)) = line.values.get(place) {
                        pen.dot((at, y.at(*value)), line.tone);
                    }
                }
            });
            // Counted from the end: the latest step always has its name.
            if (self.steps.len() - 1 - place).is_multiple_of(every) {
                let foot = HEIGHT - BOTTOM + 150;
                pen.text((at, foot), Anchor::Middle, false, &step.label);
            }
        }
    }

    /// The name of each line beside its last value, moved apart where they would cover each other.
    fn names(&self, pen: &mut Pen, y: Scale) {
        let mut names: Vec<(i64, &Line)> = self
            .lines
            .iter()
            .filter_map(|line| {
                Some((
                    y.at(line.values.iter().rev().flatten().next().copied()?),
                    line,
                ))
            })
            .collect();
        names.sort_by_key(|(at, _)| *at);
        let mut least = TOP;
        for (at, _) in &mut names {
            *at = (*at).max(least);
            least = *at + NAME_STEP;
        }
        let mut most = HEIGHT - BOTTOM;
        for (at, _) in names.iter_mut().rev() {
            *at = (*at).min(most);
            most = *at - NAME_STEP;
        }
        for (at, line) in names {
            let x = WIDTH - RIGHT + 110;
            pen.path(&[(x, at), (x + 120, at)], line.tone, line.dashed);
            pen.text((x + 160, at + 35), Anchor::Start, false, &line.name);
        }
    }
}

/// The stretches of a line without gaps: step and value.
fn runs(values: &[Option<i64>]) -> Vec<Vec<(i64, i64)>> {
    let numbered: Vec<(i64, Option<i64>)> = (0..).zip(values.iter().copied()).collect();
    numbered
        .split(|(_, value)| value.is_none())
        .map(|run| {
            run.iter()
                .filter_map(|(step, it)| Some((*step, (*it)?)))
                .collect()
        })
        .filter(|run: &Vec<_>| !run.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{caption, inside};
    use super::*;

    fn chart(values: Vec<Vec<Option<i64>>>) -> String {
        let steps = values.iter().map(Vec::len).max().unwrap_or(0);
        let step = |n: usize| Step {
            label: format!("m{n}"),
            title: format!("mes {n}"),
            href: Some(format!("/m/{n}")),
        };
        let line = |values: Vec<Option<i64>>| Line {
            name: "línea".to_owned(),
            tone: Tone::Calm,
            dashed: false,
            values,
        };
        let lines = Lines {
            caption: caption(),
            steps: (0..steps).map(step).collect(),
            lines: values.into_iter().map(line).collect(),
            tick: &|value| value.to_string(),
        };
        lines.svg()
    }

    #[test]
    fn a_line_with_a_gap() {
        let svg = chart(vec![vec![Some(10), None, Some(30), Some(20)]]);
        insta::assert_snapshot!(svg.replace("><", ">\n<"));
    }

    proptest! {
        #[test]
        fn no_line_leaves_the_frame(
            values in prop::collection::vec(
                prop::collection::vec(prop::option::of(-1_000_000_i64..1_000_000_000), 12), 0..5,
            ),
        ) {
            let svg = chart(values);
            prop_assert!(inside(&svg, HEIGHT), "{svg}");
        }
    }
}
