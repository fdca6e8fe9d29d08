//! Columns side by side, each a stack of segments.

use super::axis::{Scale, ticks};
use super::pen::{Anchor, Pen};
use super::{Caption, Label, Tone, WIDTH};

const HEIGHT: i64 = 2_060;
const LEFT: i64 = 420;
const RIGHT: i64 = 40;
const TOP: i64 = 320;
const BOTTOM: i64 = 240;
/// Ticks of the scale at most.
const TICKS_MAX: i64 = 5;

/// A part of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// How much; what is below zero is not drawn.
    pub value: i64,
    /// How it looks.
    pub tone: Tone,
    /// What it is, with its amount.
    pub title: String,
    /// Where its rows are.
    pub href: Option<String>,
}

/// A column, from its foot up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// What stands below it.
    pub label: String,
    /// What stands above it: its total, short.
    pub total: String,
    /// Its parts.
    pub segments: Vec<Segment>,
}

/// Columns side by side on one scale.
pub struct Columns<'a> {
    /// What the chart is called.
    pub caption: Caption,
    /// The columns, from the left.
    pub columns: Vec<Column>,
    /// What each tone stands for, where columns have several.
    pub legend: Vec<(Tone, String)>,
    /// How the scale writes a value.
    pub tick: Label<'a>,
}

impl Columns<'_> {
    /// The chart.
    pub fn svg(&self) -> String {
        let mut pen = Pen::new(&self.caption, HEIGHT);
        let total = |column: &Column| column.segments.iter().map(|it| it.value.max(0)).sum();
        let highest = self.columns.iter().map(total).max().unwrap_or(0);
        let ticks = ticks(0, highest, TICKS_MAX);
        let top = ticks.last().copied().unwrap_or(1);
        let scale = Scale::new((0, top), (HEIGHT - BOTTOM, TOP));
        for tick in ticks {
            let y = scale.at(tick);
            pen.rule((LEFT, y), (WIDTH - RIGHT, y));
            pen.text((LEFT - 60, y + 35), Anchor::End, false, &(self.tick)(tick));
        }
        let many = i64::try_from(self.columns.len().max(1)).unwrap_or(1);
        let band = (WIDTH - LEFT - RIGHT) / many;
        let width = (band * 7 / 10).min(520);
        for (place, column) in (0..many).zip(&self.columns) {
            let middle = LEFT + band * place + band / 2;
            let mut sum = 0;
            for segment in &column.segments {
                let value = segment.value.max(0);
                let (foot, head) = (scale.at(sum), scale.at(sum + value));
                sum += value;
                if value > 0 {
                    pen.link(segment.href.as_deref(), &segment.title, |pen| {
                        let (x, height) = (middle - width / 2, foot - head);
                        // A sliver is as easy to point at as a finger is wide.
                        pen.ground((x, (head - 60).max(TOP)), (width, height.max(60)));
                        pen.rect((x, head), (width, height), segment.tone);
                    });
                }
            }
            let y = scale.at(sum) - 40;
            pen.text((middle, y), Anchor::Middle, true, &column.total);
            let foot = HEIGHT - BOTTOM + 150;
            pen.text((middle, foot), Anchor::Middle, false, &column.label);
        }
        self.legend(&mut pen);
        pen.end()
    }

    fn legend(&self, pen: &mut Pen) {
        let mut x = LEFT;
        for (tone, text) in &self.legend {
            pen.rect((x, 30), (90, 90), *tone);
            pen.text((x + 140, 112), Anchor::Start, false, text);
            let letters = i64::try_from(text.chars().count()).unwrap_or(0);
            x += 260 + letters * 58;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{caption, inside, rects};
    use super::*;

    fn chart(values: &[Vec<i64>]) -> String {
        let columns = values.iter().enumerate().map(|(place, stack)| Column {
            label: format!("c{place}"),
            total: stack.iter().sum::<i64>().to_string(),
            segments: stack
                .iter()
                .map(|value| Segment {
                    value: *value,
                    tone: Tone::Calm,
                    title: format!("{value} <b>"),
                    href: Some(format!("/d?a=1&b={value}")),
                })
                .collect(),
        });
        let columns = Columns {
            caption: caption(),
            columns: columns.collect(),
            legend: Vec::new(),
            tick: &|value| value.to_string(),
        };
        columns.svg()
    }

    #[test]
    fn a_small_chart() {
        insta::assert_snapshot!(chart(&[vec![30, 10], vec![0]]).replace("><", ">\n<"));
    }

    proptest! {
        #[test]
        fn no_mark_leaves_the_frame_and_a_stack_is_as_high_as_its_sum(
            values in prop::collection::vec(
                prop::collection::vec(0_i64..1_000_000_000, 1..5), 1..13,
            ),
        ) {
            let svg = chart(&values);
            prop_assert!(inside(&svg, HEIGHT), "{svg}");
            let whole: Vec<Vec<i64>> = values.iter().map(|it| vec![it.iter().sum()]).collect();
            let whole = chart(&whole);
            let heights = |svg: &str| -> i64 { rects(svg).iter().map(|rect| rect.3).sum() };
            prop_assert_eq!(heights(&svg), heights(&whole));
        }
    }
}
