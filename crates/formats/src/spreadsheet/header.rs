//! Where the column names stand: below titles, logos, company names and dates.

use super::columns::recognise;
use super::mapping::{Hints, Sense, make_sense, score};
use super::source::Row;

/// Rows that are not blank among which the column names are looked for.
const HEADER_ROWS_MAX: usize = 40;

/// The first rows of a table, kept until it is clear which one names the columns.
#[derive(Default)]
pub(super) struct Window {
    pub rows: Vec<Row>,
}

/// A header found in the window.
pub(super) struct Header {
    /// Position of its last row in the window.
    pub last: usize,
    /// 1-based row of the first of its rows.
    pub row: u64,
    pub names: Vec<String>,
    pub sense: Sense,
    /// How much of it is understood.
    pub weight: usize,
}

impl Window {
    pub fn push(&mut self, row: &Row) {
        if row.is_blank() {
            return;
        }
        let mut copy = Row {
            number: row.number,
            ..Row::default()
        };
        for index in 0..row.len() {
            copy.push(row.cell(index), row.kind(index));
        }
        self.rows.push(copy);
    }

    pub fn is_full(&self) -> bool {
        self.rows.len() >= HEADER_ROWS_MAX
    }

    /// The row, or two, that name the columns best; the first of equals.
    pub fn best(&self, hints: Hints<'_>) -> Option<Header> {
        let mut best: Option<Header> = None;
        let mut consider = |header: Header| {
            if best.as_ref().is_none_or(|best| header.weight > best.weight) {
                best = Some(header);
            }
        };
        for (at, row) in self.rows.iter().enumerate() {
            if let Some(header) = header_of(at, row.number, names_of(row), hints) {
                consider(header);
            }
            let below = self.rows.get(at + 1).filter(|below| may_be_header(below));
            if let Some(below) = below.filter(|_| may_be_header(row)) {
                let names = joined_names(row, below);
                if let Some(header) = header_of(at + 1, row.number, names, hints) {
                    consider(header);
                }
            }
        }
        best
    }
}

/// A header, if the names are enough to be one.
pub(super) fn header_of(
    last: usize,
    row: u64,
    names: Vec<String>,
    hints: Hints<'_>,
) -> Option<Header> {
    let known = score(&names);
    let named = names.iter().filter(|name| !name.is_empty()).count();
    let numbers = names.iter().filter(|name| is_value(name)).count();
    let is_kept = || {
        let signature = super::mapping::signature(&names);
        hints
            .known
            .iter()
            .any(|known| known.header_signature == signature)
    };
    if named < 2 || numbers * 2 > named || (known < 2 && !is_kept()) {
        return None;
    }
    let sense = make_sense(&names, hints);
    if matches!(sense, Sense::Missing(_)) && known < 3 {
        return None;
    }
    // A row that makes a table outweighs any that only has known words.
    let weight = match &sense {
        Sense::Table(_) => 1000 + known,
        Sense::Bank | Sense::Payables => 500 + known,
        Sense::Missing(_) => known,
    };
    Some(Header {
        last,
        row,
        names,
        sense,
        weight,
    })
}

/// The row's cells as names.
pub(super) fn names_of(row: &Row) -> Vec<String> {
    row.texts().map(str::to_owned).collect()
}

/// Whether a row inside a table may name columns again: words only.
pub(super) fn may_be_header(row: &Row) -> bool {
    !has_digit(row) && filled(row) >= 2
}

fn filled(row: &Row) -> usize {
    row.texts().filter(|text| !text.is_empty()).count()
}

fn has_digit(row: &Row) -> bool {
    row.text.bytes().any(|byte| byte.is_ascii_digit())
}

/// A number or a date rather than a name.
fn is_value(text: &str) -> bool {
    text.bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit() || byte == b'-')
        && text.bytes().filter(u8::is_ascii_digit).count() * 2 >= text.len()
}

/// Names over two rows: a word above holds for the empty cells to its right, as merged cells do.
fn joined_names(above: &Row, below: &Row) -> Vec<String> {
    let width = above.len().max(below.len());
    let mut carried = "";
    let mut names = Vec::with_capacity(width);
    for index in 0..width {
        let (top, bottom) = (above.cell(index), below.cell(index));
        if !top.is_empty() {
            carried = top;
        }
        let both = format!("{carried} {bottom}");
        names.push(match (top.is_empty(), bottom.is_empty()) {
            (false, true) => top.to_owned(),
            (true, true) => String::new(),
            // The word above may be the name of a group only: `Documento` over `Folio`.
            (_, false) if recognise(&both).is_none() => bottom.to_owned(),
            (_, false) => both.trim().to_owned(),
        });
    }
    names
}
