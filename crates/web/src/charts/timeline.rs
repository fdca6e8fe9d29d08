//! Spans over days, on as many lanes as they need.

use super::axis::{Scale, ticks};
use super::pen::{Anchor, Pen};
use super::{Caption, Label, Tone, WIDTH};

const LANE: i64 = 340;
const TOP: i64 = 200;
const SIDE: i64 = 120;
const TICKS_MAX: i64 = 7;
/// A span of a moment is so wide.
const MOMENT: i64 = 80;
/// Width of a letter, about.
const LETTER: i64 = 58;

/// Something that lasts, or happens at one point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins.
    pub from: i64,
    /// Where it ends.
    pub to: i64,
    /// What it is, short.
    pub label: String,
    /// What it is, whole.
    pub title: String,
    /// How it looks.
    pub tone: Tone,
    /// Where more of it is.
    pub href: Option<String>,
}

/// Spans on one scale.
pub struct Timeline<'a> {
    /// What the chart is called.
    pub caption: Caption,
    /// The spans, in any order.
    pub spans: Vec<Span>,
    /// How the scale writes a value, such as a day.
    pub tick: Label<'a>,
}

impl Timeline<'_> {
    /// The chart.
    pub fn svg(&self) -> String {
        let from = self.spans.iter().map(|span| span.from).min().unwrap_or(0);
        let to = self.spans.iter().map(|span| span.to).max().unwrap_or(0);
        let ticks = ticks(from, to.max(from), TICKS_MAX);
        let ends = (ticks[0], ticks[ticks.len() - 1]);
        let x = Scale::new(ends, (SIDE, WIDTH - SIDE));
        let (placed, lanes) = self.lanes(x);
        let height = TOP + lanes * LANE;
        let mut pen = Pen::new(&self.caption, height);
        for tick in ticks {
            pen.rule((x.at(tick), TOP - 40), (x.at(tick), height));
            pen.text(
                (x.at(tick), TOP - 80),
                Anchor::Middle,
                false,
                &(self.tick)(tick),
            );
        }
        for (span, lane) in placed {
            let (left, width) = extent(x, span);
            let y = TOP + lane * LANE;
            pen.link(span.href.as_deref(), &span.title, |pen| {
                pen.ground((left, y), (width.max(240).min(WIDTH - left), LANE - 60));
                pen.rect((left, y + 160), (width, 100), span.tone);
                let (at, anchor) = if left > WIDTH / 2 {
                    (left + width, Anchor::End)
                } else {
                    (left, Anchor::Start)
                };
                pen.text((at, y + 120), anchor, false, &span.label);
            });
        }
        pen.end()
    }

    /// Each span with its lane, and how many lanes there are: none covers another, nor its text.
    fn lanes(&self, x: Scale) -> (Vec<(&Span, i64)>, i64) {
        let mut spans: Vec<&Span> = self.spans.iter().collect();
        spans.sort_by_key(|span| (span.from, span.to));
        let mut free: Vec<i64> = Vec::new();
        let mut placed = Vec::with_capacity(spans.len());
        for span in spans {
            let (left, width) = extent(x, span);
            let letters = i64::try_from(span.label.chars().count()).unwrap_or(0);
            let text = letters * LETTER;
            let (begin, end) = if left > WIDTH / 2 {
                (left.min(left + width - text), left + width)
            } else {
                (left, left + width.max(text))
            };
            let lane = free.iter().position(|until| *until < begin);
            let lane = lane.unwrap_or_else(|| {
                free.push(0);
                free.len() - 1
            });
            free[lane] = end + 60;
            placed.push((span, i64::try_from(lane).unwrap_or(0)));
        }
        (placed, i64::try_from(free.len()).unwrap_or(0))
    }
}

fn extent(x: Scale, span: &Span) -> (i64, i64) {
    let left = x.at(span.from);
    (left, (x.at(span.to) - left).max(MOMENT))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{caption, inside, rects};
    use super::*;

    fn chart(spans: &[(i64, i64)]) -> Timeline<'static> {
        let spans = spans.iter().map(|(from, length)| Span {
            from: *from,
            to: from + length,
            label: "aviso".to_owned(),
            title: "aviso amable".to_owned(),
            tone: Tone::Warm,
            href: None,
        });
        Timeline {
            caption: caption(),
            spans: spans.collect(),
            tick: &|day| day.to_string(),
        }
    }

    proptest! {
        #[test]
        fn spans_stay_in_the_frame_and_cover_no_other(
            spans in prop::collection::vec((-30_i64..120, 0_i64..40), 0..12),
        ) {
            let svg = chart(&spans).svg();
            let height = TOP + LANE * i64::try_from(spans.len()).expect("few");
            prop_assert!(inside(&svg, height), "{svg}");
            let mut rects = rects(&svg);
            rects.sort_by_key(|rect| (rect.1, rect.0));
            for pair in rects.windows(2) {
                prop_assert!(pair[0].1 != pair[1].1 || pair[0].0 + pair[0].2 <= pair[1].0);
            }
        }
    }
}
