//! The first pass: where tables begin and end, what their columns mean and show.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use rust_decimal::Decimal;

use super::evidence::Evidence;
use super::field::Field;
use super::header::{Header, Window, header_of, may_be_header, names_of};
use super::mapping::{Entity, Hints, Mapping, Sense, signature};
use super::row::Plan;
use super::source::{Kind, Row, Rows};
use super::warning::WarningKind;
use super::{FileProfile, FormatError, Options, Refused};
use crate::amount;
use crate::fold::fold;

/// Columns beyond the named ones are kept up to here.
const COLUMNS_MAX: usize = 512;

/// A table that can be read, and all its second pass needs.
#[derive(Clone, Debug)]
pub struct TableProfile {
    /// The sheet, in a workbook.
    pub sheet: Option<String>,
    /// 1-based row of the column names.
    pub header_row: u64,
    /// 1-based first row below the column names.
    pub first_row: u64,
    /// 1-based last row.
    pub last_row: u64,
    /// Rows that are not blank, between them.
    pub rows: u64,
    /// How the columns are read.
    pub mapping: Mapping,
    pub(super) kind: Kind,
    /// Rows identical to an earlier one, in order.
    pub(super) duplicates: Vec<u64>,
    /// Numbers on two rows with different content.
    pub(super) conflicts: HashMap<u64, (u32, u32)>,
    /// Numbers on rows that differ in nothing but when and how much is due: parts of one document,
    /// with the rows in order.
    pub(super) parts: HashMap<u64, Vec<Part>>,
}

/// A row of a document in parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) place: u32,
    due: u32,
}

/// A row by its digests: the whole of it, what all parts of a document share, and the due date.
#[derive(Clone, Copy)]
struct Met {
    whole: u32,
    shared: u32,
    due: u32,
    place: u32,
}

/// Why a sheet or table is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing is written in it.
    Blank,
    /// The sheet is hidden.
    Hidden,
    /// No row names columns that are known here; the first row, to recognise it by.
    NoHeader {
        /// Its cells.
        first_row: Vec<String>,
    },
    /// Columns are known, but what a document needs is missing.
    MissingColumns {
        /// What is missing, in Spanish.
        missing: Vec<&'static str>,
        /// The column names.
        names: Vec<String>,
    },
    /// A bank statement.
    BankStatement,
    /// What the company owes to its suppliers.
    Payables,
    /// Column names with nothing below.
    NoRows,
}

impl Refusal {
    /// The reason as a sentence for a bookkeeper.
    pub fn text_es(&self) -> String {
        let list = |names: &[String]| {
            let named: Vec<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.is_empty())
                .take(8)
                .collect();
            named.join(", ")
        };
        match self {
            Self::Blank => "está vacía".to_owned(),
            Self::Hidden => {
                "está oculta: muéstrela, o indíquela con --sheet, si debe leerse".to_owned()
            }
            Self::NoHeader { first_row } => format!(
                "no tiene una fila de encabezados con columnas conocidas (empieza con: {})",
                list(first_row)
            ),
            Self::MissingColumns { missing, names } => format!(
                "no se reconoce la columna de {} (hay: {})",
                missing.join(" ni la de "),
                list(names)
            ),
            Self::BankStatement => {
                "es un estado de cuenta bancario, no una lista de clientes, documentos o pagos"
                    .to_owned()
            }
            Self::Payables => {
                "es una lista de proveedores (cuentas por pagar), no de clientes; si \
                               en verdad son clientes, importe con --kind documents"
                    .to_owned()
            }
            Self::NoRows => "tiene encabezados pero ninguna fila".to_owned(),
        }
    }
}

/// One sheet, or one text file, on its first pass.
pub(super) struct Scan<'a> {
    sheet: Option<&'a str>,
    kind: Kind,
    hints: Hints<'a>,
    options: &'a Options,
}

/// A table under way.
struct Open {
    profile: TableProfile,
    plan: Plan,
    evidence: Evidence,
    /// By number: what was met first. Twenty-four bytes a document.
    seen: HashMap<u64, Met, BuildHasherDefault<Digested>>,
    sums: Decimal,
    /// Columns beyond the names in which something is written.
    nameless: BTreeSet<usize>,
}

impl<'a> Scan<'a> {
    pub fn new(sheet: Option<&'a str>, kind: Kind, hints: Hints<'a>, options: &'a Options) -> Self {
        Self {
            sheet,
            kind,
            hints,
            options,
        }
    }

    /// Reads every row once and adds what it finds to the profile.
    pub fn run<R: std::io::Read>(
        &self,
        mut rows: Rows<R>,
        profile: &mut FileProfile,
    ) -> Result<(), FormatError> {
        let mut window = Window::default();
        let mut row = Row::default();
        while !window.is_full() && rows.next(&mut row)? {
            window.push(&row);
        }
        let Some(header) = window.best(self.hints) else {
            let reason = match window.rows.first() {
                None => Refusal::Blank,
                Some(first) => Refusal::NoHeader {
                    first_row: names_of(first),
                },
            };
            self.refuse(
                profile,
                window.rows.first().map(|first| first.number),
                reason,
            );
            return Ok(());
        };
        let first_below = header.last + 1;
        let mut open = self.open(header, window.rows.get(first_below - 1), profile);
        for row in &window.rows[first_below..] {
            open = self.step(open, row, profile);
        }
        while rows.next(&mut row)? {
            open = self.step(open, &row, profile);
        }
        self.close(open, profile);
        Ok(())
    }

    fn refuse(&self, profile: &mut FileProfile, row: Option<u64>, reason: Refusal) {
        profile.refused.push(Refused {
            sheet: self.sheet.map(str::to_owned),
            row,
            reason,
        });
    }

    /// Begins a table under a header, or refuses it.
    fn open(&self, header: Header, last: Option<&Row>, profile: &mut FileProfile) -> Option<Open> {
        let mut mapping = match header.sense {
            Sense::Table(mapping) => *mapping,
            Sense::Bank => {
                self.refuse(profile, Some(header.row), Refusal::BankStatement);
                return None;
            }
            Sense::Payables => {
                self.refuse(profile, Some(header.row), Refusal::Payables);
                return None;
            }
            Sense::Missing(missing) => {
                let reason = Refusal::MissingColumns {
                    missing,
                    names: header.names,
                };
                self.refuse(profile, Some(header.row), reason);
                return None;
            }
        };
        mapping.date_order = self.options.date_order.or(mapping.date_order);
        mapping.decimal_mark = self.options.decimal_mark.or(mapping.decimal_mark);
        mapping.currency = mapping.currency.or(self.options.currency);
        mapping.assumed_currency = self.options.assumed_currency;
        if self.options.date_order.is_some() {
            mapping
                .columns
                .iter_mut()
                .for_each(|column| column.date_order = None);
        }
        let below = last.map_or(header.row, |row| row.number) + 1;
        let profile = TableProfile {
            sheet: self.sheet.map(str::to_owned),
            header_row: header.row,
            first_row: below,
            last_row: below,
            rows: 0,
            mapping: mapping.clone(),
            kind: self.kind,
            duplicates: Vec::new(),
            conflicts: HashMap::new(),
            parts: HashMap::new(),
        };
        let plan = Plan::new(mapping);
        Some(Open {
            profile,
            plan,
            evidence: Evidence::default(),
            seen: HashMap::default(),
            sums: Decimal::ZERO,
            nameless: BTreeSet::new(),
        })
    }

    /// Takes one more row: of the table, or the header of the next one.
    fn step(&self, open: Option<Open>, row: &Row, profile: &mut FileProfile) -> Option<Open> {
        if may_be_header(row) {
            let names = names_of(row);
            let same = open
                .as_ref()
                .is_some_and(|open| open.profile.mapping.header_signature == signature(&names));
            let header = if same {
                None
            } else {
                header_of(0, row.number, names, self.hints)
            };
            if let Some(header) = header.filter(|header| header.weight >= 500) {
                self.close(open, profile);
                return self.open(header, Some(row), profile);
            }
        }
        let mut open = open?;
        open.add(row);
        Some(open)
    }

    fn close(&self, open: Option<Open>, profile: &mut FileProfile) {
        let Some(mut open) = open else { return };
        if open.profile.rows == 0 {
            self.refuse(profile, Some(open.profile.header_row), Refusal::NoRows);
            return;
        }
        open.profile.mapping = open.evidence.settle(&open.plan, self.options);
        open.profile.mapping.add_nameless(&open.nameless);
        profile.tables.push(open.profile);
    }
}

impl Open {
    fn add(&mut self, row: &Row) {
        self.profile.last_row = row.number;
        self.profile.rows += 1;
        if let Some(aside) = self.plan.aside(row, self.sums) {
            if aside == WarningKind::TotalRow {
                self.sums = Decimal::ZERO;
            }
            return;
        }
        for index in self.plan.mapping.columns.len()..row.len().min(COLUMNS_MAX) {
            if !row.cell(index).is_empty() {
                self.nameless.insert(index);
            }
        }
        self.evidence.add(&self.plan, row);
        self.note_number(row);
    }

    /// Remembers the row's number, or finds it used before.
    fn note_number(&mut self, row: &Row) {
        let content = digest(std::iter::once(row.text.trim()));
        let number = self.plan.number_key(row);
        let key = number.unwrap_or(content);
        let short = |digest: u64| u32::try_from(digest >> 32).unwrap_or_default();
        let met = Met {
            whole: short(content),
            shared: number.map_or(0, |_| short(self.plan.shared(row))),
            due: number.map_or(0, |_| {
                short(digest([self.plan.text(row, Field::Due)].into_iter()))
            }),
            place: u32::try_from(row.number).unwrap_or(u32::MAX),
        };
        match self.seen.entry(key) {
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(met);
            }
            std::collections::hash_map::Entry::Occupied(taken) => {
                let first = *taken.get();
                if first.whole == met.whole {
                    self.profile.duplicates.push(row.number);
                } else {
                    let dated = !self.plan.text(row, Field::Due).is_empty();
                    self.profile.met_again(key, (first, met), dated);
                }
            }
        }
    }
}

impl TableProfile {
    /// Notes a number that stands on another row: a part of the same document, if the rows share
    /// all but a due date of their own; else one of them is wrong.
    fn met_again(&mut self, key: u64, (first, met): (Met, Met), dated: bool) {
        let part = |met: Met| Part {
            place: met.place,
            due: met.due,
        };
        let parts = self.parts.entry(key).or_insert_with(|| vec![part(first)]);
        let own_due = parts.iter().all(|it| it.due != met.due);
        parts.push(part(met));
        if !(dated && own_due && first.shared == met.shared) {
            let places = (first.place, met.place);
            self.conflicts.entry(key).or_insert(places);
        }
    }

    /// Which part a row is and of how many, where its document is in parts.
    pub(super) fn part(&self, key: u64, row: u64) -> Option<(usize, usize)> {
        let parts = self
            .parts
            .get(&key)
            .filter(|_| !self.conflicts.contains_key(&key))?;
        let at = parts.iter().position(|it| u64::from(it.place) == row)?;
        Some((at + 1, parts.len()))
    }
}

impl Plan {
    /// What makes a document's row the same document: number, series, instalment and kind.
    /// `None` where the row has no number or the table lists something else.
    pub(super) fn number_key(&self, row: &Row) -> Option<u64> {
        if self.mapping.entity != Entity::Documents || self.text(row, Field::Number).is_empty() {
            return None;
        }
        let key = [Field::Number, Field::Series, Field::Instalment, Field::Kind];
        Some(digest(key.into_iter().map(|field| self.text(row, field))))
    }

    /// What all parts of a document share.
    fn shared(&self, row: &Row) -> u64 {
        let shared = [
            Field::CustomerKey,
            Field::CustomerName,
            Field::TaxId,
            Field::Issued,
            Field::Currency,
            Field::Status,
        ];
        digest(shared.into_iter().map(|field| self.text(row, field)))
    }

    /// Why a row is no record but something between them: totals, a remark, the names again.
    pub(super) fn aside(&self, row: &Row, sums: Decimal) -> Option<WarningKind> {
        let empty = |field| {
            let text = self.text(row, field);
            text.is_empty() || says_total(text)
        };
        let dateless = empty(Field::Issued) && empty(Field::Due) && empty(Field::PaidOn);
        if !dateless && self.mapping.entity != Entity::Customers {
            let named = |column: &super::Column| *column.name == *row.cell(column.index);
            let mut mapped = self
                .mapping
                .columns
                .iter()
                .filter(|column| column.field.is_some());
            return mapped.all(named).then_some(WarningKind::RepeatedHeader);
        }
        if self.repeats_names(row) {
            return Some(WarningKind::RepeatedHeader);
        }
        if self.is_total(row, sums) {
            return Some(WarningKind::TotalRow);
        }
        let mut filled = row.texts().filter(|text| !text.is_empty());
        let only = filled.next().filter(|_| filled.next().is_none());
        let words = only.is_some_and(|only| only.contains(char::is_alphabetic));
        let wide = self.mapping.columns.len() >= 3 && self.mapping.entity != Entity::Customers;
        (words && wide && empty(Field::Amount)).then_some(WarningKind::RemarkRow)
    }

    fn repeats_names(&self, row: &Row) -> bool {
        may_be_header(row) && self.mapping.header_signature == signature(&names_of(row))
    }

    /// A row of totals: it says so, or it is the sum of the rows above and nothing else.
    fn is_total(&self, row: &Row, sums: Decimal) -> bool {
        let key_cell = [
            Field::Number,
            Field::CustomerKey,
            Field::TaxId,
            Field::Email,
        ]
        .into_iter()
        .find(|field| !self.text(row, *field).is_empty() && !says_total(self.text(row, *field)));
        if key_cell.is_none() && row.texts().any(says_total) {
            // A customer may be called Total Fitness.
            let name = fold(self.text(row, Field::CustomerName));
            let called = name.split(' ').nth(1).is_some_and(|word| word != "general");
            return self.mapping.entity != Entity::Customers || !called;
        }
        let only_amount = row.texts().filter(|text| !text.is_empty()).count() == 1;
        let amount = self.text(row, Field::Amount);
        only_amount
            && !sums.is_zero()
            && amount::read(amount, self.mapping.decimal_mark)
                .is_ok_and(|read| read.is_some_and(|read| read.value == sums))
    }
}

/// Whether a cell says that its row is a total.
fn says_total(text: &str) -> bool {
    const WORDS: [&str; 10] = [
        "total",
        "totales",
        "subtotal",
        "subtotales",
        "suma",
        "sumas",
        "totais",
        "grand",
        "gran",
        "sub",
    ];
    if !text.starts_with(|letter: char| "tTsSgG*".contains(letter)) || text.len() > 80 {
        return false;
    }
    let folded = fold(text);
    let mut words = folded.split(' ');
    match words.next() {
        Some("sub" | "gran" | "grand") => {
            words.next().is_some_and(|word| word.starts_with("total"))
        }
        Some("suma") => true,
        Some(word) => WORDS.contains(&word),
        None => false,
    }
}

fn digest<'t>(texts: impl Iterator<Item = &'t str>) -> u64 {
    let mut hasher = DefaultHasher::new();
    texts.for_each(|text| text.hash(&mut hasher));
    hasher.finish()
}

/// A digest is its own hash.
#[derive(Clone, Copy, Debug, Default)]
struct Digested(u64);

impl Hasher for Digested {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, digest: u64) {
        self.0 = digest;
    }
}
