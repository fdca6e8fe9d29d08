//! Records on paper: blocks of words laid out on A4 pages, as PDF (PDF/A-2b, fonts inside) for
//! files and courts. The only place that knows how a PDF is made; what stands on it is said by
//! whoever writes the blocks.

mod layout;
mod typeface;

use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::TextDirection;
use krilla::{Document, SerializeSettings};

use layout::{HEIGHT, Layout, Mark, Page, Shade, WIDTH};
use typeface::Typeface;

/// How much smaller letters may get for a record to fit one page, step by step.
const SCALES: [f32; 6] = [1.0, 0.94, 0.88, 0.82, 0.77, 0.72];

/// How often the longest quotation is halved before the page is left as long as it is.
const HALVED_MAX: usize = 8;

/// What stands on paper, from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// The first line.
    Title(String),
    /// The line under it.
    Subtitle(String),
    /// A part begins.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph in small letters.
    Small(String),
    /// A name and what it is.
    Pair(String, String),
    /// A rule: whether it was kept, in words, and what it rests on.
    Check {
        /// Whether it was kept.
        passed: bool,
        /// In words.
        text: String,
        /// Article and tier.
        source: String,
    },
    /// Rows under heads; of each row the columns from `right` on stand to the right.
    Table {
        /// The heads.
        heads: Vec<String>,
        /// The rows.
        rows: Vec<Vec<String>>,
        /// The first column of figures.
        right: usize,
    },
    /// Somebody's own words, line by line.
    Quote(String),
    /// What follows begins a page.
    NewPage,
}

/// A record to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its title among files.
    pub title: String,
    /// Who issues it.
    pub author: String,
    /// Its language, `es-MX`.
    pub language: String,
    /// Year, month and day on which it was printed.
    pub day: (u16, u8, u8),
    /// What stands at the foot of every page.
    pub footer: String,
    /// What stands on it.
    pub blocks: Vec<Block>,
}

/// A record that cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record cannot be printed ({0}): export it as JSON")]
pub struct PaperError(String);

impl Paper {
    /// The record as a PDF of as many pages as it takes.
    ///
    /// # Errors
    /// [`PaperError`] when the fonts or the PDF cannot be made.
    pub fn pdf(&self) -> Result<Vec<u8>, PaperError> {
        let typeface = Typeface::load()?;
        let pages = Layout::new(&typeface, SCALES[0]).pages(&self.blocks);
        self.draw(&typeface, &pages)
    }

    /// The record as a PDF of one page: letters get smaller, and then quotations shorter, until it
    /// fits.
    ///
    /// # Errors
    /// As [`Paper::pdf`].
    pub fn pdf_of_one_page(&self) -> Result<Vec<u8>, PaperError> {
        let typeface = Typeface::load()?;
        let mut pages = Vec::new();
        for scale in SCALES {
            pages = Layout::new(&typeface, scale).pages(&self.blocks);
            if pages.len() == 1 {
                return self.draw(&typeface, &pages);
            }
        }
        let mut blocks = self.blocks.clone();
        for _ in 0..HALVED_MAX {
            shorten(&mut blocks);
            pages = Layout::new(&typeface, SCALES[SCALES.len() - 1]).pages(&blocks);
            if pages.len() == 1 {
                break;
            }
        }
        self.draw(&typeface, &pages)
    }

    fn draw(&self, typeface: &Typeface, pages: &[Page]) -> Result<Vec<u8>, PaperError> {
        let wrong = |what: &str| PaperError(what.to_owned());
        let archival = ConfigurationBuilder::new().with_archival_validator(Archival::A2_B);
        let mut document = Document::new_with(SerializeSettings {
            configuration: archival.finish().map_err(|_| wrong("archival form"))?,
            ..SerializeSettings::default()
        });
        let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| wrong("page size"))?;
        for (index, page) in pages.iter().enumerate() {
            let mut sheet = document.start_page_with(size.clone());
            let mut surface = sheet.surface();
            for mark in &page.marks {
                draw(&mut surface, typeface, mark);
            }
            let number = format!("Página {} de {}", index + 1, pages.len());
            for mark in layout::footer(typeface, &self.footer, &number) {
                draw(&mut surface, typeface, &mark);
            }
            surface.finish();
            sheet.finish();
        }
        let (year, month, day) = self.day;
        let metadata = Metadata::new()
            .title(self.title.clone())
            .authors(vec![self.author.clone()])
            .language(self.language.clone())
            .creator("Puntual".to_owned())
            .creation_date(DateTime::new(year).month(month).day(day));
        document.set_metadata(metadata);
        document
            .finish()
            .map_err(|error| PaperError(format!("{error:?}")))
    }
}

/// Halves the longest quotation.
fn shorten(blocks: &mut [Block]) {
    const GOES_ON: &str = "\n[… el texto sigue; completo en la constancia en JSON]";
    let quotes = blocks.iter_mut().filter_map(|block| match block {
        Block::Quote(text) => Some(text),
        _ => None,
    });
    if let Some(longest) = quotes.max_by_key(|text| text.chars().count()) {
        let whole = longest.trim_end_matches(GOES_ON);
        let half: String = whole.chars().take(whole.chars().count() / 2).collect();
        *longest = half + GOES_ON;
    }
}

fn draw(surface: &mut Surface<'_>, typeface: &Typeface, mark: &Mark) {
    let color = |shade: Shade| {
        let (red, green, blue) = shade.rgb();
        Fill {
            paint: rgb::Color::new(red, green, blue).into(),
            opacity: NormalizedF32::ONE,
            rule: FillRule::default(),
        }
    };
    match mark {
        Mark::Words {
            at: (x, y),
            size,
            bold,
            shade,
            text,
        } => {
            surface.set_fill(Some(color(*shade)));
            let font = typeface.font(*bold);
            let direction = TextDirection::LeftToRight;
            surface.draw_text(Point::from_xy(*x, *y), font, *size, text, false, direction);
        }
        Mark::Area {
            at: (x, y),
            size: (width, height),
            shade,
        } => {
            surface.set_fill(Some(color(*shade)));
            let mut path = PathBuilder::new();
            if let Some(area) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(area);
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(blocks: Vec<Block>) -> Paper {
        Paper {
            title: "Constancia".to_owned(),
            author: "Comercial Ñandú, S.A.".to_owned(),
            language: "es-MX".to_owned(),
            day: (2026, 3, 5),
            footer: "Comercial Ñandú, S.A.".to_owned(),
            blocks,
        }
    }

    fn pages(pdf: &[u8]) -> usize {
        let text = String::from_utf8_lossy(pdf);
        text.matches("/Type /Page\n").count() + text.matches("/Type/Page/").count()
    }

    #[test]
    fn a_long_record_fits_one_page_and_a_history_takes_several() {
        let words = "Estimado cliente: le recordamos su saldo pendiente. ".repeat(200);
        let blocks = vec![
            Block::Title("Constancia".to_owned()),
            Block::Check {
                passed: true,
                text: "Se hizo dentro del horario permitido: lunes a viernes.".to_owned(),
                source: "art. 37".to_owned(),
            },
            Block::Quote(words),
        ];
        let one = paper(blocks.clone()).pdf_of_one_page().expect("a page");
        assert!(one.starts_with(b"%PDF-1."), "a PDF");
        let several = paper(blocks).pdf().expect("pages");
        assert!(several.len() > one.len());
        assert_eq!(pages(&one), 1);
        assert!(pages(&several) > 1);
    }

    #[test]
    fn the_same_record_is_the_same_bytes() {
        let record = || paper(vec![Block::Text("Él 漢字 pagó €10 ₲5 ✓".to_owned())]);
        let (one, other) = (record().pdf(), record().pdf());
        assert_eq!(one.expect("a page"), other.expect("a page"));
    }
}
