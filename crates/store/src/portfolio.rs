//! Lists of customers and documents, narrowed and sorted, a page at a time.
//!
//! A list is walked along the index of its order. What the index does not know (a tag, a hold) is
//! looked up row by row for so many rows at most; then the page says how far it came, and the next
//! one goes on there. What few rows answer (a question, a rare tag) is found first and sorted.

mod customers;
mod documents;
pub mod figures;
mod having;

use std::str::FromStr;

use domain::portfolio::Cut;
use jiff::civil::Date;
use uuid::Uuid;

use crate::bulk::Heavy;
use crate::error::Result;
use crate::value::{Bind, FromRow, Row};

pub use customers::{
    CustomerRow, count_customers, customers, explain_customers, matching_customers,
};
pub use documents::{DocumentRow, count_documents, documents, explain_documents};

/// Rows of a page.
pub const PAGE_ROWS: usize = 50;
/// Rows of an index that are looked at for one page when not all of them are shown, and each is
/// looked up elsewhere.
const WALK_MAX: usize = 2_000;
/// The same where the index itself knows whether a row is shown: about a tenth of the time a page
/// may take.
const GLANCE_MAX: usize = 20_000;
/// Rows that answer a question or a rare tag, looked up one by one and sorted.
const FOUND_MAX: usize = 1_000;
/// Rows are counted to here; a person reads no further.
const COUNT_MAX: usize = 10_000;

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<R, I> {
    /// Its rows.
    pub rows: Vec<R>,
    /// Where the page before it begins.
    pub before: Option<Cut<I>>,
    /// Where the page behind it begins.
    pub after: Option<Cut<I>>,
    /// Whether more rows were to be looked at than a page may: the next page goes on.
    pub unfinished: bool,
}

/// How many rows a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(usize),
    /// More than so many.
    MoreThan(usize),
}

/// A row of a list before it is dressed: what the list is sorted by, and its id.
type Place = (String, Uuid);

/// A statement with its values.
#[derive(Clone, Default)]
struct Ask {
    binds: Vec<Bind<'static>>,
}

impl Ask {
    /// The mark of a value.
    fn mark(&mut self, value: impl Into<Bind<'static>>) -> String {
        self.binds.push(value.into());
        format!("${}", self.binds.len())
    }

    /// Rows found beforehand, `l.found`, to be looked up one by one: a planner that does not know
    /// how many rows there are would rather walk the order's index to find them.
    fn among(&mut self, company: &str, table: &str, ids: Vec<Uuid>) -> String {
        self.binds.push(ids.into());
        let n = self.binds.len();
        format!(
            "(SELECT id AS found FROM {table} WHERE company_id = {company} AND id {{uuids:{n}}}) \
             AS l CROSS JOIN "
        )
    }
}

/// How what a list is sorted by is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PlaceKind {
    Day,
    Int,
    Bytes,
    Text,
}

impl PlaceKind {
    /// The value of a place; `None` when it is not one.
    fn bind(self, place: &str) -> Option<Bind<'static>> {
        Some(match self {
            Self::Day => Date::from_str(place).ok()?.into(),
            Self::Int => place.parse::<i64>().ok()?.into(),
            Self::Bytes => Bind::Bytes(Some(from_hex(place)?.into())),
            Self::Text => place.to_owned().into(),
        })
    }

    fn read(self) -> fn(&mut Row<'_>) -> Result<Place> {
        match self {
            Self::Day => |row| Ok((row.get::<Date>()?.to_string(), row.get()?)),
            Self::Int => |row| Ok((row.get::<i64>()?.to_string(), row.get()?)),
            Self::Bytes => |row| Ok((to_hex(&row.get::<Vec<u8>>()?), row.get()?)),
            Self::Text => |row| Ok((row.get()?, row.get()?)),
        }
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(pair).collect()
}

/// The order of a list.
#[derive(Clone, Copy)]
struct Order {
    column: &'static str,
    id: &'static str,
    kind: PlaceKind,
    falls: bool,
}

impl Order {
    /// `ORDER BY`, turned around for the rows before a cut.
    fn text(self, back: bool) -> String {
        let direction = if self.falls == back { "ASC" } else { "DESC" };
        let Self { column, id, .. } = self;
        format!("ORDER BY {column} {direction}, {id} {direction}")
    }

    /// The condition of rows on the wanted side of a cut.
    fn beyond<I: Copy + Into<Bind<'static>>>(self, ask: &mut Ask, cut: Option<&Cut<I>>) -> String {
        let Some(cut) = cut else {
            return String::new();
        };
        let Some(place) = self.kind.bind(&cut.place) else {
            return String::new();
        };
        let side = if self.falls == cut.back { ">" } else { "<" };
        let (place, id) = (ask.mark(place), ask.mark(cut.id));
        format!(" AND ({}, {}) {side} ({place}, {id})", self.column, self.id)
    }
}

/// A list to be walked: the rows of an index, and what is asked of each beside it.
struct Walk {
    ask: Ask,
    /// `SELECT place, id … WHERE …` along the order, without its end.
    inner: String,
    /// Joins and conditions on the rows `s` of the inner text; empty where there are none.
    outer: String,
    order: Order,
    /// How many of the values are the inner text's.
    inner_marks: usize,
    /// Rows of the inner text that are looked at when there are joins or conditions on them.
    most: usize,
    /// Whether the inner rows are few, found beforehand.
    found: bool,
}

impl Walk {
    /// The text that gives so many rows out of the first `most`.
    fn text(&self, back: bool, limit: usize, most: usize) -> String {
        let Self {
            inner,
            outer,
            order,
            ..
        } = self;
        if outer.is_empty() {
            return format!("{inner} {} LIMIT {limit}", order.text(back));
        }
        let end = if self.found {
            String::new()
        } else {
            format!(" {} LIMIT {most}", order.text(back))
        };
        let turned = Order {
            column: "s.place",
            id: "s.id",
            ..*order
        };
        format!(
            "SELECT s.place, s.id FROM ({inner}{end}) AS s{outer} {} LIMIT {limit}",
            turned.text(back)
        )
    }

    /// The places of a page and one more, and where the walk ended when it did so before the end
    /// of the list.
    async fn places(
        &self,
        heavy: &mut Heavy<'_>,
        back: bool,
        rows: usize,
    ) -> Result<(Vec<Place>, Option<Place>)> {
        let read = self.order.kind.read();
        let mut most = WALK_MAX.min(self.most);
        let places = loop {
            let sql = self.text(back, rows + 1, most);
            let places = heavy.rows(&sql, &self.ask.binds, read).await?;
            if places.len() > rows || self.outer.is_empty() || self.found {
                return Ok((places, None));
            }
            if most == self.most {
                break places;
            }
            // Most pages are full after a short walk.
            most = self.most;
        };
        let (order, at) = (self.order.text(back), self.most - 1);
        let end = format!("{} {order} LIMIT 1 OFFSET {at}", self.inner);
        let binds = &self.ask.binds[..self.inner_marks];
        let last = heavy.rows(&end, binds, read).await?;
        Ok((places, last.into_iter().next()))
    }

    /// How many rows there are; the walk must not begin at a cut.
    async fn count(&self, heavy: &mut Heavy<'_>) -> Result<Count> {
        let Self {
            inner, outer, ask, ..
        } = self;
        let most = if outer.is_empty() {
            COUNT_MAX
        } else {
            self.most
        };
        let sql = if outer.is_empty() {
            format!("SELECT COUNT(*), 0 FROM ({inner} LIMIT {}) AS s", most + 1)
        } else {
            // Counted on both sides at once: how many were looked at, and how many of them answer.
            format!(
                "SELECT (SELECT COUNT(*) FROM (SELECT s.id FROM ({inner} LIMIT {most}) \
                 AS s{outer}) AS part), (SELECT COUNT(*) FROM ({inner} LIMIT {most}) AS looked)"
            )
        };
        let read = |row: &mut Row<'_>| Ok((row.get::<u32>()?, row.get::<u32>()?));
        let counts = heavy.rows(&sql, &ask.binds, read).await?;
        let (count, looked) = counts.first().copied().unwrap_or((0, 0));
        let (count, looked) = (count as usize, looked as usize);
        Ok(if outer.is_empty() && count > most {
            Count::MoreThan(most)
        } else if !outer.is_empty() && looked == most && !self.found {
            Count::MoreThan(count.min(COUNT_MAX))
        } else {
            Count::Exactly(count)
        })
    }

    /// How the database goes about it, in its own words.
    async fn explain(&self, heavy: &mut Heavy<'_>) -> Result<Vec<String>> {
        let sql = self.text(false, PAGE_ROWS + 1, self.most);
        if matches!(heavy, Heavy::Postgres(_)) {
            let sql = format!("EXPLAIN {sql}");
            return heavy.rows(&sql, &self.ask.binds, FromRow::from_row).await;
        }
        let read = |row: &mut Row<'_>| {
            let _places: (i64, i64, i64) = (row.get()?, row.get()?, row.get()?);
            row.get()
        };
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        heavy.rows(&sql, &self.ask.binds, read).await
    }
}

/// Cuts of a page out of its places: one row more than a page says that there are more.
struct Cuts<I> {
    places: Vec<Place>,
    before: Option<Cut<I>>,
    after: Option<Cut<I>>,
    unfinished: bool,
}

impl<I: Copy> Cuts<I> {
    fn new(
        (mut places, end): (Vec<Place>, Option<Place>),
        from: Option<&Cut<I>>,
        rows: usize,
        id: fn(Uuid) -> I,
    ) -> Self {
        let back = from.is_some_and(|cut| cut.back);
        let more = places.len() > rows;
        places.truncate(rows);
        let unfinished = end.is_some();
        let cut = |(place, uuid): Place, back| Cut {
            place,
            id: id(uuid),
            back,
        };
        // Where the list goes on, and where this page was come from.
        let far = if more { places.last().cloned() } else { end };
        let far = far.map(|place| cut(place, back));
        let near = from.map(|from| match places.first().cloned() {
            Some(place) => cut(place, !back),
            None => Cut {
                back: !back,
                ..from.clone()
            },
        });
        if back {
            places.reverse();
        }
        let (before, after) = if back { (far, near) } else { (near, far) };
        Self {
            places,
            before,
            after,
            unfinished,
        }
    }

    fn page<R>(self, rows: Vec<R>) -> Page<R, I> {
        Page {
            rows,
            before: self.before,
            after: self.after,
            unfinished: self.unfinished,
        }
    }
}
