//! Bars below each other, each under its own line of text: readable on the smallest screen.

use super::axis::Scale;
use super::pen::{Anchor, Pen};
use super::{Caption, Tone, WIDTH};

const ROW: i64 = 400;
const THICK: i64 = 120;
const TOP: i64 = 20;

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// How long it is; what is below zero is not drawn.
    pub value: i64,
    /// Its value as people read it.
    pub shown: String,
    /// How it looks.
    pub tone: Tone,
    /// Where its rows are.
    pub href: Option<String>,
}

/// Bars on one scale, which begins at zero and ends with the longest.
pub struct Bars {
    /// What the chart is called.
    pub caption: Caption,
    /// The bars, from the top.
    pub bars: Vec<Bar>,
}

impl Bars {
    /// The chart.
    pub fn svg(&self) -> String {
        let rows = i64::try_from(self.bars.len()).unwrap_or(0);
        let mut pen = Pen::new(&self.caption, TOP + rows * ROW);
        let longest = self.bars.iter().map(|bar| bar.value).max().unwrap_or(0);
        let scale = Scale::new((0, longest.max(1)), (0, WIDTH));
        for (place, bar) in (0..rows).zip(&self.bars) {
            let y = TOP + place * ROW;
            let title = format!("{}: {}", bar.label, bar.shown);
            pen.link(bar.href.as_deref(), &title, |pen| {
                pen.ground((0, y), (WIDTH, ROW - 40));
                pen.text((0, y + 120), Anchor::Start, false, &bar.label);
                pen.text((WIDTH, y + 120), Anchor::End, true, &bar.shown);
                pen.rule((0, y + 180 + THICK), (WIDTH, y + 180 + THICK));
                pen.rect((0, y + 180), (scale.at(bar.value), THICK), bar.tone);
            });
        }
        pen.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{caption, inside};
    use super::*;

    proptest! {
        #[test]
        fn no_bar_leaves_the_frame(values in prop::collection::vec(any::<i64>(), 0..9)) {
            let bar = |value: &i64| Bar {
                label: "uno & dos".to_owned(),
                value: *value,
                shown: value.to_string(),
                tone: Tone::Mild,
                href: None,
            };
            let bars = Bars { caption: caption(), bars: values.iter().map(bar).collect() };
            let height = TOP + ROW * i64::try_from(values.len()).expect("few");
            prop_assert!(inside(&bars.svg(), height));
        }
    }
}
