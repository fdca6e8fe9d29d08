//! The letters: DejaVu Sans Condensed, reduced to Latin scripts (`fonts/LICENSE.md`).

use krilla::text::Font;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use super::PaperError;

static REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed.ttf");
static BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed-Bold.ttf");

/// What stands for a letter that the typeface does not have.
const UNKNOWN: char = '□';

/// Letters without a form.
const HIDDEN: [char; 5] = ['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{feff}'];

/// Two weights, with the widths of their letters.
pub struct Typeface {
    regular: Weight,
    bold: Weight,
}

struct Weight {
    font: Font,
    letters: FontRef<'static>,
}

impl Weight {
    fn load(bytes: &'static [u8]) -> Result<Self, PaperError> {
        let font = Font::new(bytes.to_vec().into(), 0);
        let letters = FontRef::new(bytes).ok();
        match (font, letters) {
            (Some(font), Some(letters)) => Ok(Self { font, letters }),
            _ => Err(PaperError("its font does not read".to_owned())),
        }
    }
}

impl Typeface {
    pub fn load() -> Result<Self, PaperError> {
        Ok(Self {
            regular: Weight::load(REGULAR)?,
            bold: Weight::load(BOLD)?,
        })
    }

    pub fn font(&self, bold: bool) -> Font {
        self.weight(bold).font.clone()
    }

    const fn weight(&self, bold: bool) -> &Weight {
        if bold { &self.bold } else { &self.regular }
    }

    /// The width of words in points.
    pub fn width(&self, text: &str, size: f32, bold: bool) -> f32 {
        let letters = &self.weight(bold).letters;
        let map = letters.charmap();
        let metrics = letters.glyph_metrics(Size::new(size), LocationRef::default());
        let width = |letter| {
            map.map(letter)
                .and_then(|glyph| metrics.advance_width(glyph))
        };
        text.chars().filter_map(width).sum()
    }

    /// The words in letters that the typeface has.
    pub fn known(&self, text: &str) -> String {
        let map = self.regular.letters.charmap();
        let known = |letter: char| {
            if letter.is_whitespace() {
                Some(' ')
            } else if letter.is_control() || HIDDEN.contains(&letter) {
                None
            } else if map.map(letter).is_some() {
                Some(letter)
            } else {
                Some(UNKNOWN)
            }
        };
        text.chars().filter_map(known).collect()
    }
}
