//! How a chart is written: its frame, its texts, its links.

use std::fmt::Write as _;

use super::{Caption, Tone, WIDTH};

/// Colour of texts, of lines and of the ground of marks where there is no style sheet.
const INK: &str = "#4d5752";
const LINE: &str = "#dedcd5";

/// A text's place beside its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// An SVG that grows.
pub(super) struct Pen {
    out: String,
}

/// Tenths as the shortest decimal.
pub(super) fn unit(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    if tenth == 0 {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{tenth}")
    }
}

/// A text as XML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML knows no other control characters.
            char if char.is_control() => out.push(' '),
            char => out.push(char),
        }
    }
    out
}

impl Pen {
    /// A chart of that height, in tenths.
    pub(super) fn new(caption: &Caption, height: i64) -> Self {
        let id = escape(&caption.id);
        let mut out = String::with_capacity(4_096);
        let _ = write!(
            out,
            "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" \
             role=\"group\" aria-labelledby=\"{id}-title {id}-desc\" \
             font-family=\"system-ui, sans-serif\" font-size=\"11\">\
             <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>",
            unit(WIDTH),
            unit(height),
            escape(&caption.title),
            escape(&caption.description),
        );
        Self { out }
    }

    pub(super) fn end(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }

    /// A text at a point, in the ink of the page.
    pub(super) fn text(&mut self, (x, y): (i64, i64), anchor: Anchor, strong: bool, text: &str) {
        let (class, weight) = if strong {
            ("chart-strong", " font-weight=\"600\"")
        } else {
            ("chart-text", "")
        };
        let _ = write!(
            self.out,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"{}\" fill=\"{INK}\"{weight}>\
             {}</text>",
            unit(x),
            unit(y),
            anchor.word(),
            escape(text),
        );
    }

    /// A thin line of the frame.
    pub(super) fn rule(&mut self, (x1, y1): (i64, i64), (x2, y2): (i64, i64)) {
        let _ = write!(
            self.out,
            "<line class=\"chart-rule\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{LINE}\"/>",
            unit(x1),
            unit(y1),
            unit(x2),
            unit(y2),
        );
    }

    /// A filled mark.
    pub(super) fn rect(&mut self, (x, y): (i64, i64), (width, height): (i64, i64), tone: Tone) {
        let _ = write!(
            self.out,
            "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
            tone.class(),
            unit(x),
            unit(y),
            unit(width),
            unit(height),
            tone.colour(),
        );
    }

    /// A ground on which a mark is easier to point at.
    pub(super) fn ground(&mut self, (x, y): (i64, i64), (width, height): (i64, i64)) {
        let _ = write!(
            self.out,
            "<rect class=\"chart-ground\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" \
             fill=\"#fff\" fill-opacity=\"0\"/>",
            unit(x),
            unit(y),
            unit(width),
            unit(height),
        );
    }

    /// A line through points.
    pub(super) fn path(&mut self, points: &[(i64, i64)], tone: Tone, dashed: bool) {
        let dash = if dashed {
            " stroke-dasharray=\"4 3\""
        } else {
            ""
        };
        let points: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{},{}", unit(*x), unit(*y)))
            .collect();
        let _ = write!(
            self.out,
            "<polyline class=\"{}-line\" points=\"{}\" fill=\"none\" stroke=\"{}\" \
             stroke-width=\"2\" stroke-linejoin=\"round\"{dash}/>",
            tone.class(),
            points.join(" "),
            tone.colour(),
        );
    }

    /// A point of a line.
    pub(super) fn dot(&mut self, (x, y): (i64, i64), tone: Tone) {
        let _ = write!(
            self.out,
            "<circle class=\"{}\" cx=\"{}\" cy=\"{}\" r=\"2.5\" fill=\"{}\"/>",
            tone.class(),
            unit(x),
            unit(y),
            tone.colour(),
        );
    }

    /// What `draw` draws, as a link that says what it is; without an address only said.
    pub(super) fn link(&mut self, href: Option<&str>, title: &str, draw: impl FnOnce(&mut Self)) {
        let title = escape(title);
        let tag = if let Some(href) = href {
            let _ = write!(
                self.out,
                "<a href=\"{}\" aria-label=\"{title}\">",
                escape(href)
            );
            "a"
        } else {
            self.out.push_str("<g>");
            "g"
        };
        let _ = write!(self.out, "<title>{title}</title>");
        draw(self);
        let _ = write!(self.out, "</{tag}>");
    }
}
