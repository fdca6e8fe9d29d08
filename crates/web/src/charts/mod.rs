//! Charts as SVG, drawn by the server: data in, text out. Nothing here knows what the figures mean.
//!
//! A chart is 320 units wide, what a card on a small phone has room for, and grows with its page.
//! Coordinates are whole tenths of a unit, so that the parts of a stack are exactly as high as the
//! whole. Colours are attributes, for letters and PDF, and classes, which a page's style overrides
//! in dark and in print. Every mark is a link that says what it is; no meaning hangs on a colour
//! alone.

mod axis;
mod bars;
mod columns;
mod lines;
mod pen;
mod timeline;

pub use bars::{Bar, Bars};
pub use columns::{Column, Columns, Segment};
pub use lines::{Line, Lines, Step};
pub use timeline::{Span, Timeline};

/// Width of every chart, in tenths of a unit.
const WIDTH: i64 = 3_200;

/// What a chart is called and what it shows, for those who do not see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// A word that no other chart of the page has; letters, digits and hyphens.
    pub id: String,
    /// Its name.
    pub title: String,
    /// What is in it, in a sentence.
    pub description: String,
}

/// How a mark looks, by what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As it should be: not due, kept, sent.
    Calm,
    /// The first step away from it.
    Mild,
    /// The second.
    Warm,
    /// The third.
    Hot,
    /// The worst.
    Worst,
    /// Beside the matter: what is for comparison.
    Soft,
}

impl Tone {
    /// Its class in a page.
    const fn class(self) -> &'static str {
        match self {
            Self::Calm => "tone-calm",
            Self::Mild => "tone-mild",
            Self::Warm => "tone-warm",
            Self::Hot => "tone-hot",
            Self::Worst => "tone-worst",
            Self::Soft => "tone-soft",
        }
    }

    /// Its colour where there is no style sheet; each at least 3:1 against white.
    const fn colour(self) -> &'static str {
        match self {
            Self::Calm => "#2f7f78",
            Self::Mild => "#b07d12",
            Self::Warm => "#c2611f",
            Self::Hot => "#b23a2e",
            Self::Worst => "#7c1f2b",
            Self::Soft => "#7d8882",
        }
    }
}

/// What the texts of a scale are: a value as people read it.
pub type Label<'a> = &'a dyn Fn(i64) -> String;

#[cfg(test)]
mod tests {
    use super::Caption;

    pub(super) fn caption() -> Caption {
        Caption {
            id: "prueba".to_owned(),
            title: "Una prueba".to_owned(),
            description: "Lo que muestra.".to_owned(),
        }
    }

    /// An attribute of a tag, in tenths.
    fn tenths(tag: &str, name: &str) -> i64 {
        let start = tag.find(&format!(" {name}=\"")).expect("the attribute") + name.len() + 3;
        let text = tag[start..].split('"').next().expect("its value");
        let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let whole: i64 = whole.trim_start_matches('-').parse().expect("a number");
        sign * (whole * 10 + tenth.parse::<i64>().expect("a digit"))
    }

    /// The marks of a chart: left, top, width, height.
    pub(super) fn rects(svg: &str) -> Vec<(i64, i64, i64, i64)> {
        let tags = svg.split("<rect class=\"tone-").skip(1);
        tags.map(|tag| {
            (
                tenths(tag, "x"),
                tenths(tag, "y"),
                tenths(tag, "width"),
                tenths(tag, "height"),
            )
        })
        .collect()
    }

    /// Whether every mark, point, line and text lies in a frame of that height.
    pub(super) fn inside(svg: &str, height: i64) -> bool {
        let fits = |x: i64, y: i64| (0..=super::WIDTH).contains(&x) && (0..=height).contains(&y);
        let rects = rects(svg).into_iter().all(|(x, y, width, tall)| {
            width >= 0 && tall >= 0 && fits(x, y) && fits(x + width, y + tall)
        });
        let texts = svg.split("<text").skip(1);
        let texts = { texts }.all(|tag| fits(tenths(tag, "x"), tenths(tag, "y")));
        let dots = svg.split("<circle").skip(1);
        let dots = { dots }.all(|tag| fits(tenths(tag, "cx"), tenths(tag, "cy")));
        let rules = svg.split("<line").skip(1);
        let mut rules = rules.map(|tag| {
            fits(tenths(tag, "x1"), tenths(tag, "y1")) && fits(tenths(tag, "x2"), tenths(tag, "y2"))
        });
        rects && texts && dots && rules.all(|fits| fits)
    }

    #[test]
    fn texts_of_others_stay_texts() {
        let escaped = super::pen::escape("<script>\"'&\u{1}");
        assert_eq!(escaped, "&lt;script&gt;&quot;&#39;&amp; ");
    }
}
