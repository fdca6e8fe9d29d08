//! A table as a page shows it and as it is taken away.

use domain::Money;

use crate::download::{Cell, Sheet};
use crate::page::Page;

/// A table of figures; its first column names the rows.
pub(crate) struct Table {
    /// The file's name when it is taken away.
    pub(crate) name: String,
    /// What it is called.
    pub(crate) caption: String,
    /// Headings.
    pub(crate) columns: Vec<Heading>,
    /// Rows.
    pub(crate) rows: Vec<Vec<Shown>>,
}

/// The key of a heading, and whether numbers stand below it.
pub(crate) struct Head(&'static str, bool);

/// The head of a column of texts.
pub(crate) const fn text(key: &'static str) -> Head {
    Head(key, false)
}

/// The head of a column of numbers.
pub(crate) const fn num(key: &'static str) -> Head {
    Head(key, true)
}

/// The head of a column.
pub(crate) struct Heading {
    /// Its text.
    pub(crate) text: String,
    /// Whether numbers stand below it.
    pub(crate) number: bool,
}

/// A cell, as read and as taken away.
pub(crate) struct Shown {
    /// As read.
    pub(crate) text: String,
    /// Where its rows are.
    pub(crate) href: Option<String>,
    cell: Cell,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(page: &Page, name: &str, caption: &str, columns: &[Head]) -> Self {
        let heading = |Head(key, number): &Head| Heading {
            number: *number,
            text: page.t(key),
        };
        Self {
            name: name.to_owned(),
            caption: page.t(caption),
            columns: columns.iter().map(heading).collect(),
            rows: Vec::new(),
        }
    }

    /// The table to take away.
    pub(crate) fn sheet(self) -> Sheet {
        let rows = self.rows.into_iter();
        Sheet {
            name: self.name,
            columns: self.columns.into_iter().map(|it| it.text).collect(),
            rows: rows
                .map(|row| row.into_iter().map(|it| it.cell).collect())
                .collect(),
        }
    }
}

impl Shown {
    /// A text that stands for itself.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            cell: text.clone().into(),
            text,
            href: None,
        }
    }

    /// A text that stands for something else when taken away.
    pub(crate) fn of(text: impl Into<String>, cell: impl Into<Cell>) -> Self {
        Self {
            text: text.into(),
            cell: cell.into(),
            href: None,
        }
    }

    /// An amount, in a row that names its currency.
    pub(crate) fn money(page: &Page, amount: Money) -> Self {
        Self::of(page.plain(amount), amount)
    }

    /// A count.
    pub(crate) fn count(page: &Page, count: u64) -> Self {
        Self::of(page.number(count), Cell::Number(count.to_string()))
    }

    /// Hundredths, or a dash where there is nothing to divide by.
    pub(crate) fn hundredths(page: &Page, value: Option<i64>) -> Self {
        let Some(value) = value else {
            return Self::of("–", Cell::Empty);
        };
        let (whole, rest) = (value.unsigned_abs() / 100, value.unsigned_abs() % 100);
        let minus = if value < 0 { "-" } else { "" };
        let exact = format!("{minus}{whole}.{rest:02}");
        Self::of(page.tenths(value), Cell::Number(exact))
    }

    /// The same as a link to its rows.
    #[must_use]
    pub(crate) fn to(self, href: impl Into<String>) -> Self {
        Self {
            href: Some(href.into()),
            ..self
        }
    }
}
