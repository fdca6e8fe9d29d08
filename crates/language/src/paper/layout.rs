//! From blocks to marks: lines are broken where words end, pages where lines do.

use super::Block;
use super::typeface::Typeface;

/// A4, in points.
pub const WIDTH: f32 = 595.28;
/// A4, in points.
pub const HEIGHT: f32 = 841.89;

const MARGIN: f32 = 46.0;
const FOOT: f32 = 40.0;

/// The part of the width that names of pairs take.
const NAMES: f32 = 0.24;

/// Words or an area at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    Words {
        at: (f32, f32),
        size: f32,
        bold: bool,
        shade: Shade,
        text: String,
    },
    Area {
        at: (f32, f32),
        size: (f32, f32),
        shade: Shade,
    },
}

/// How dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    Ink,
    Grey,
    Rule,
    Good,
    Bad,
}

impl Shade {
    pub const fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Ink => (20, 24, 31),
            Self::Grey => (92, 99, 112),
            Self::Rule => (205, 210, 218),
            Self::Good => (22, 101, 52),
            Self::Bad => (161, 29, 29),
        }
    }
}

/// The marks of one page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub marks: Vec<Mark>,
}

/// How words look.
#[derive(Clone, Copy)]
struct Style {
    size: f32,
    bold: bool,
    shade: Shade,
    /// From the foot of one line to the next, in sizes.
    leading: f32,
}

/// Blocks being laid out.
pub struct Layout<'a> {
    typeface: &'a Typeface,
    scale: f32,
    pages: Vec<Page>,
    /// How far down the page is written.
    y: f32,
}

impl<'a> Layout<'a> {
    pub fn new(typeface: &'a Typeface, scale: f32) -> Self {
        Self {
            typeface,
            scale,
            pages: vec![Page::default()],
            y: MARGIN,
        }
    }

    pub fn pages(mut self, blocks: &[Block]) -> Vec<Page> {
        for block in blocks {
            self.block(block);
        }
        self.pages
    }

    fn style(&self, size: f32, bold: bool, shade: Shade) -> Style {
        Style {
            size: size * self.scale,
            bold,
            shade,
            leading: 1.32,
        }
    }

    fn block(&mut self, block: &Block) {
        let whole = WIDTH - 2.0 * MARGIN;
        let body = self.style(9.2, false, Shade::Ink);
        let small = self.style(7.6, false, Shade::Grey);
        match block {
            Block::Title(text) => {
                let style = self.style(17.0, true, Shade::Ink);
                self.words(text, MARGIN, whole, style);
            }
            Block::Subtitle(text) => {
                let style = self.style(10.0, false, Shade::Grey);
                self.words(text, MARGIN, whole, style);
                self.space(4.0);
            }
            Block::Heading(text) => self.heading(text, whole),
            Block::Text(text) => {
                self.words(text, MARGIN, whole, body);
                self.space(2.0);
            }
            Block::Small(text) => {
                self.words(text, MARGIN, whole, small);
                self.space(1.0);
            }
            Block::Pair(name, text) => {
                let indent = whole * NAMES;
                let first = self.y;
                let grey = self.style(9.2, false, Shade::Grey);
                let page = self.pages.len();
                self.words(name, MARGIN, indent - 8.0, grey);
                let below = self.y;
                if page == self.pages.len() {
                    self.y = first;
                }
                self.words(text, MARGIN + indent, whole - indent, body);
                if page == self.pages.len() {
                    self.y = self.y.max(below);
                }
                self.space(1.0);
            }
            Block::Check {
                passed,
                text,
                source,
            } => self.check(*passed, text, source, whole),
            Block::Table { heads, rows, right } => self.table(heads, rows, *right, whole),
            Block::Quote(text) => {
                let style = self.style(8.4, false, Shade::Ink);
                for line in text.lines() {
                    if line.trim().is_empty() {
                        self.space(4.0);
                    } else {
                        self.words(line.trim_end(), MARGIN + 10.0, whole - 20.0, style);
                    }
                }
                self.space(2.0);
            }
            Block::NewPage => {
                if self.y > MARGIN {
                    self.new_page();
                }
            }
        }
    }

    fn heading(&mut self, text: &str, whole: f32) {
        let style = self.style(11.0, true, Shade::Ink);
        self.space(7.0);
        // A heading never stands alone at the foot of a page.
        self.room(4.0 * style.size * style.leading);
        self.mark(Mark::Area {
            at: (MARGIN, self.y),
            size: (whole, 0.7),
            shade: Shade::Rule,
        });
        self.space(4.0);
        self.words(text, MARGIN, whole, style);
        self.space(1.5);
    }

    fn check(&mut self, passed: bool, text: &str, source: &str, whole: f32) {
        let (sign, shade) = if passed {
            ("✓", Shade::Good)
        } else {
            ("✗", Shade::Bad)
        };
        let body = self.style(8.8, false, Shade::Ink);
        let indent = 13.0 * self.scale;
        self.room(body.size * body.leading * 2.0);
        let first = self.y;
        let signed = Style { shade, ..body };
        self.words(sign, MARGIN, indent, signed);
        self.y = first;
        self.words(text, MARGIN + indent, whole - indent, body);
        if !source.is_empty() {
            let small = self.style(7.4, false, Shade::Grey);
            self.words(source, MARGIN + indent, whole - indent, small);
        }
        self.space(1.5);
    }

    fn table(&mut self, heads: &[String], rows: &[Vec<String>], right: usize, whole: f32) {
        let head = self.style(7.8, true, Shade::Grey);
        let body = self.style(8.8, false, Shade::Ink);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a table has a handful of columns"
        )]
        let column = whole / heads.len().max(1) as f32;
        let place = |index: usize| {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a table has a handful of columns"
            )]
            let left = MARGIN + column * index as f32;
            left
        };
        let heads = std::iter::once((heads, head));
        let rows = rows.iter().map(|row| (row.as_slice(), body));
        for (cells, style) in heads.chain(rows) {
            self.room(style.size * style.leading);
            let base = self.y + style.size;
            for (index, cell) in cells.iter().enumerate() {
                let text = self.cut(&self.typeface.known(cell), column - 6.0, style);
                let width = self.typeface.width(&text, style.size, style.bold);
                let x = if index >= right {
                    place(index) + column - width
                } else {
                    place(index)
                };
                self.write((x, base), style, text);
            }
            self.y += style.size * style.leading;
        }
        self.space(3.0);
    }

    /// What of a text fits a width.
    fn cut(&self, text: &str, width: f32, style: Style) -> String {
        let fits = |text: &str| self.typeface.width(text, style.size, style.bold) <= width;
        if fits(text) {
            return text.to_owned();
        }
        let mut kept: Vec<char> = text.chars().collect();
        loop {
            kept.pop();
            let shown: String = kept.iter().chain(['…'].iter()).collect();
            if kept.is_empty() || fits(&shown) {
                return shown;
            }
        }
    }

    /// A paragraph.
    fn words(&mut self, text: &str, x: f32, width: f32, style: Style) {
        let known = self.typeface.known(text);
        for line in self.lines(&known, width, style) {
            self.room(style.size * style.leading);
            self.write((x, self.y + style.size), style, line);
            self.y += style.size * style.leading;
        }
    }

    /// Lines of a width; a word that is longer than a line is broken.
    fn lines(&self, text: &str, width: f32, style: Style) -> Vec<String> {
        let wide = |text: &str| self.typeface.width(text, style.size, style.bold);
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split(' ') {
            let longer = if line.is_empty() {
                word.to_owned()
            } else {
                format!("{line} {word}")
            };
            if wide(&longer) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for letter in word.chars() {
                let mut longer = line.clone();
                longer.push(letter);
                if wide(&longer) > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(letter);
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    fn write(&mut self, at: (f32, f32), style: Style, text: String) {
        if text.is_empty() {
            return;
        }
        self.mark(Mark::Words {
            at,
            size: style.size,
            bold: style.bold,
            shade: style.shade,
            text,
        });
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.marks.push(mark);
        }
    }

    fn space(&mut self, points: f32) {
        self.y += points * self.scale;
    }

    /// Begins a page where so much does not fit this one.
    fn room(&mut self, points: f32) {
        if self.y + points > HEIGHT - FOOT - 14.0 {
            self.new_page();
        }
    }

    fn new_page(&mut self) {
        self.pages.push(Page::default());
        self.y = MARGIN;
    }
}

/// The foot of a page.
pub fn footer(typeface: &Typeface, text: &str, number: &str) -> Vec<Mark> {
    const SIZE: f32 = 7.2;
    let words = |x: f32, text: &str| Mark::Words {
        at: (x, HEIGHT - FOOT + 12.0),
        size: SIZE,
        bold: false,
        shade: Shade::Grey,
        text: typeface.known(text),
    };
    let width = typeface.width(number, SIZE, false);
    vec![words(MARGIN, text), words(WIDTH - MARGIN - width, number)]
}
