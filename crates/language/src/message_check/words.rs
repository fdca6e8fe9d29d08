//! A text as words without capitals and accents, each with its place, and phrases found in it.
//!
//! A phrase is words with blanks between: `judicial*` is a beginning, `a|b` either, `~` up to four
//! words of any kind, `#` a number. A phrase never reaches over the end of a sentence.

use std::ops::Range;
use std::sync::OnceLock;

/// Words that `~` may pass over.
const GAP_MAX: usize = 4;

/// Phrases, found by the first letter of their first word.
pub(super) struct Phrases<'a> {
    list: &'a [&'a str],
    by_letter: OnceLock<Vec<Vec<u16>>>,
}

impl<'a> Phrases<'a> {
    pub const fn new(list: &'a [&'a str]) -> Self {
        Self {
            list,
            by_letter: OnceLock::new(),
        }
    }

    /// Those whose first word may begin with that letter.
    fn of(&self, letter: u8) -> impl Iterator<Item = &'a str> {
        let by_letter = self.by_letter.get_or_init(|| self.sorted());
        let own = by_letter
            .get(usize::from(letter))
            .map_or(&[][..], Vec::as_slice);
        own.iter()
            .filter_map(|index| self.list.get(usize::from(*index)).copied())
    }

    fn sorted(&self) -> Vec<Vec<u16>> {
        let mut by_letter = vec![Vec::new(); usize::from(u8::MAX) + 1];
        for (index, phrase) in (0..).zip(self.list) {
            let head = phrase.split(' ').next().unwrap_or_default();
            let mut letters: Vec<u8> = head.split('|').filter_map(|it| it.bytes().next()).collect();
            letters.sort_unstable();
            letters.dedup();
            for letter in letters {
                by_letter[usize::from(letter)].push(index);
            }
        }
        by_letter
    }
}

/// A text read once.
pub(super) struct Words {
    folded: String,
    words: Vec<Word>,
}

struct Word {
    /// In the folded text.
    at: Range<usize>,
    /// In the text as given, in characters.
    chars: Range<usize>,
    /// Whether a sentence ended before it.
    begins: bool,
}

impl Words {
    pub fn new(text: &str) -> Self {
        let mut read = Self {
            folded: String::with_capacity(text.len()),
            words: Vec::with_capacity(text.len() / 6),
        };
        let mut open: Option<(usize, usize)> = None;
        let mut begins = true;
        for (index, letter) in text.chars().enumerate() {
            if is_invisible(letter) {
                continue;
            }
            if letter.is_alphanumeric() || letter == '%' {
                open.get_or_insert((read.folded.len(), index));
                read.folded.extend(fold(letter));
                continue;
            }
            read.close(&mut open, index, &mut begins);
            begins |= matches!(letter, '.' | '!' | '?' | ';' | '¡' | '¿' | '\u{2022}');
        }
        let end = text.chars().count();
        read.close(&mut open, end, &mut begins);
        read
    }

    fn close(&mut self, open: &mut Option<(usize, usize)>, end: usize, begins: &mut bool) {
        if let Some((from, first)) = open.take() {
            self.words.push(Word {
                at: from..self.folded.len(),
                chars: first..end,
                begins: std::mem::take(begins),
            });
        }
    }

    fn word(&self, index: usize) -> Option<&str> {
        self.folded.get(self.words.get(index)?.at.clone())
    }

    /// Every place where one of the phrases stands, as a range of words.
    pub fn all(&self, phrases: &Phrases<'_>) -> Vec<Range<usize>> {
        let all = 0..self.words.len();
        all.filter_map(|first| {
            let ends = phrases
                .of(self.letter(first))
                .filter_map(|it| self.stands(it, first));
            ends.max().map(|end| first..end)
        })
        .collect()
    }

    /// The first byte of a word.
    fn letter(&self, index: usize) -> u8 {
        let first = self.word(index).and_then(|word| word.bytes().next());
        first.unwrap_or_default()
    }

    /// Whether one of the phrases stands anywhere.
    pub fn any(&self, phrases: &Phrases<'_>) -> bool {
        let mut all = 0..self.words.len();
        all.any(|first| {
            let mut own = phrases.of(self.letter(first));
            own.any(|it| self.stands(it, first).is_some())
        })
    }

    /// Whether a name or another text stands in it word for word.
    pub fn holds(&self, name: &Self) -> bool {
        let wanted = name.words.len();
        let same = |first: usize| (0..wanted).all(|at| self.word(first + at) == name.word(at));
        wanted > 0 && (0..=self.words.len().saturating_sub(wanted)).any(same)
    }

    /// The places of words as characters of the text.
    pub fn chars(&self, words: &Range<usize>) -> Range<usize> {
        let from = self.words.get(words.start).map_or(0, |it| it.chars.start);
        let last = words
            .end
            .checked_sub(1)
            .and_then(|last| self.words.get(last));
        from..last.map_or(from, |it| it.chars.end)
    }

    /// The words of a range as they were folded.
    pub fn folded(&self, words: Range<usize>) -> impl Iterator<Item = &str> {
        words.filter_map(|index| self.word(index))
    }

    pub const fn len(&self) -> usize {
        self.words.len()
    }

    /// The end of the phrase when it begins at that word.
    fn stands(&self, phrase: &str, first: usize) -> Option<usize> {
        let (head, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
        if !is(self.word(first)?, head) {
            return None;
        }
        self.goes_on(rest, first + 1)
    }

    fn goes_on(&self, phrase: &str, next: usize) -> Option<usize> {
        if phrase.is_empty() {
            return Some(next);
        }
        let (head, rest) = phrase.split_once(' ').unwrap_or((phrase, ""));
        if head == "~" {
            return (next..=next + GAP_MAX)
                .take_while(|at| (next..*at).all(|passed| !self.begins(passed)))
                .find_map(|at| self.goes_on(rest, at));
        }
        if self.begins(next) || !is(self.word(next)?, head) {
            return None;
        }
        self.goes_on(rest, next + 1)
    }

    fn begins(&self, index: usize) -> bool {
        self.words.get(index).is_none_or(|word| word.begins)
    }
}

/// Whether a word is one of those of a part of a phrase.
fn is(word: &str, part: &str) -> bool {
    part.split('|').any(|one| match one.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None if one == "#" => word.as_bytes().first().is_some_and(u8::is_ascii_digit),
        None => word == one,
    })
}

/// Lower case and without accents; one letter stays one letter.
fn fold(letter: char) -> impl Iterator<Item = char> {
    letter.to_lowercase().map(|letter| match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        other => other,
    })
}

/// Marks that show nothing and would hide a word.
const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{300}'..='\u{36f}'
    )
}

/// What a reader sees of HTML, roughly: no tags, no styles, marks read.
pub(crate) fn seen(html: &str) -> String {
    let mut seen = String::with_capacity(html.len() / 3);
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        seen.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = if rest.starts_with('<') {
            let (skipped, separates) = tag(rest);
            if separates {
                seen.push(' ');
            }
            &rest[skipped..]
        } else {
            let (skipped, letter) = mark(rest);
            seen.push(letter);
            &rest[skipped..]
        };
    }
    seen.push_str(rest);
    seen
}

/// How long a tag (or what it hides) is, and whether it parts words.
fn tag(html: &str) -> (usize, bool) {
    const WITHIN_WORDS: [&str; 9] = ["b", "i", "u", "a", "em", "font", "small", "span", "strong"];
    let until = |end: &str| html.find(end).map_or(html.len(), |at| at + end.len());
    if html.starts_with("<!--") {
        return (until("-->"), true);
    }
    let name = html.trim_start_matches(['<', '/']);
    let name = name.split(|it: char| !it.is_ascii_alphanumeric()).next();
    let name = name.unwrap_or_default().to_ascii_lowercase();
    match name.as_str() {
        "style" if !html.starts_with("</") => (until("</style>"), true),
        "script" if !html.starts_with("</") => (until("</script>"), true),
        name => (until(">"), !WITHIN_WORDS.contains(&name)),
    }
}

/// How long a character reference is, and its letter.
fn mark(html: &str) -> (usize, char) {
    let Some(end) = html.bytes().take(10).position(|it| it == b';') else {
        return (1, '&');
    };
    let name = &html[1..end];
    let number = name.strip_prefix('#').and_then(|number| {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code)
    });
    let letter = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "aacute" => Some('á'),
        "eacute" => Some('é'),
        "iacute" => Some('í'),
        "oacute" => Some('ó'),
        "uacute" => Some('ú'),
        "ntilde" => Some('ñ'),
        _ => number,
    };
    letter.map_or((1, '&'), |letter| (end + 1, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_stand_where_a_reader_sees_them() {
        for (text, phrase, expected) in [
            ("Iniciaremos un JUICIO.", "juicio", true),
            ("Un prejuicio", "juicio", false),
            ("acción\u{200b} judicial", "accion judicial*", true),
            (
                "No constituye un procedimiento de ejecución",
                "no ~ procedimiento de",
                true,
            ),
            ("No. Un procedimiento", "no ~ procedimiento", false),
            ("calculado al 22/11/2026", "calculad* ~ #", true),
            ("la vía legal", "via|ruta legal", true),
            ("ju\u{ad}icio", "juicio", true),
        ] {
            let list = [phrase];
            let stands = Words::new(text).any(&Phrases::new(&list));
            assert_eq!(stands, expected, "{text} / {phrase}");
        }
        let text = "Señor: habrá un juicio oral";
        let words = Words::new(text);
        let found = words.all(&Phrases::new(&["juicio oral"]));
        let span = words.chars(&found[0]);
        let cut: String = text.chars().skip(span.start).take(span.len()).collect();
        assert_eq!(cut, "juicio oral");
    }

    #[test]
    fn html_is_read_as_it_is_seen() {
        let html = "<style>.juicio{}</style><p>Un <b>jui</b>cio</p><p>ma&ntilde;ana&nbsp;&#225;</p>\
                    <!-- embargo --> & m\u{e1}s";
        let words = Words::new(&seen(html));
        for (phrase, expected) in [
            ("un juicio", true),
            ("manana a", true),
            ("mas", true),
            ("embargo", false),
        ] {
            assert_eq!(words.any(&Phrases::new(&[phrase])), expected, "{phrase}");
        }
    }
}
