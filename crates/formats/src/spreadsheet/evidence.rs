//! What only whole columns tell: the order of day and month, the decimal mark.

use super::field::Field;
use super::mapping::Mapping;
use super::row::Plan;
use super::source::{CellKind, Row};
use super::{Options, values};
use crate::amount::{self, AmountShape, DecimalMark};
use crate::date::{self, DateOrder, DateShape};

/// One side must show itself this many times as often as the other to be the column's own; the
/// rest are slips.
const DOMINANCE: u64 = 20;
/// Documents that must tell the order by issue and due date when no single date does.
const PAIRS_MIN: u64 = 2;
/// Longest credit that still speaks for an order.
const CREDIT_DAYS_MAX: i32 = 400;

const DATES: [Field; 5] = [
    Field::Issued,
    Field::Due,
    Field::PaidOn,
    Field::LegalEventOn,
    Field::ConsentOn,
];
const AMOUNTS: [Field; 3] = [Field::Amount, Field::OpenBalance, Field::PaidAmount];

/// What the columns have shown so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    orders: [Sides; DATES.len()],
    /// Issue and due date stand in a likely distance under one order only.
    terms: Sides,
    marks: Sides,
    ambiguous: Sides,
    /// Every currency read so far has no decimals.
    whole_currency: Option<bool>,
}

/// How often each of two answers was shown: day first against month first, point against comma.
#[derive(Clone, Copy, Debug, Default)]
struct Sides {
    first: u64,
    second: u64,
}

impl Sides {
    fn winner<T>(self, first: T, second: T) -> Option<T> {
        if self.first > 0 && self.first >= DOMINANCE * self.second {
            Some(first)
        } else if self.second > 0 && self.second >= DOMINANCE * self.first {
            Some(second)
        } else {
            None
        }
    }
}

impl Evidence {
    pub fn add(&mut self, plan: &Plan, row: &Row) {
        let mut shapes = [DateShape::Empty; DATES.len()];
        for (slot, field) in DATES.into_iter().enumerate() {
            if let Some(column) = plan.column(field) {
                shapes[slot] = date::shape(row.cell(column.index));
                match shapes[slot].proves() {
                    Some(DateOrder::DayFirst) => self.orders[slot].first += 1,
                    Some(DateOrder::MonthFirst) => self.orders[slot].second += 1,
                    None => {}
                }
            }
        }
        self.add_terms(shapes[0], shapes[1]);
        for field in AMOUNTS {
            let Some(column) = plan.column(field) else {
                continue;
            };
            if row.kind(column.index) != CellKind::Text {
                continue;
            }
            match amount::shape(row.cell(column.index)) {
                AmountShape::Marked(_, DecimalMark::Point) => self.marks.first += 1,
                AmountShape::Marked(_, DecimalMark::Comma) => self.marks.second += 1,
                AmountShape::Ambiguous {
                    mark: DecimalMark::Point,
                    ..
                } => {
                    self.ambiguous.first += 1;
                }
                AmountShape::Ambiguous {
                    mark: DecimalMark::Comma,
                    ..
                } => {
                    self.ambiguous.second += 1;
                }
                _ => {}
            }
        }
        if let Some(currency) = values::currency(plan.text(row, Field::Currency)) {
            let whole = currency.minor_digits() == 0;
            self.whole_currency = Some(self.whole_currency.unwrap_or(true) && whole);
        }
    }

    fn add_terms(&mut self, issued: DateShape, due: DateShape) {
        let open = |shape: DateShape| matches!(shape, DateShape::Pair { .. });
        if !open(issued) && !open(due) {
            return;
        }
        let likely = |order| {
            let (issued, due) = (issued.under(order)?, due.under(order)?);
            let days = issued.until(due).ok()?.get_days();
            Some((0..=CREDIT_DAYS_MAX).contains(&days))
        };
        match (likely(DateOrder::DayFirst), likely(DateOrder::MonthFirst)) {
            (Some(true), Some(false)) => self.terms.first += 1,
            (Some(false), Some(true)) => self.terms.second += 1,
            _ => {}
        }
    }

    /// Writes what is settled into the mapping. The user's word is strongest; then what this file
    /// proves; then what was kept from earlier files; then what is only likely.
    pub fn settle(&self, plan: &Plan, options: &Options) -> Mapping {
        let mut mapping = plan.mapping.clone();
        if options.date_order.is_none() {
            self.settle_orders(&mut mapping);
        }
        if options.decimal_mark.is_none() {
            let proved = self.marks.winner(DecimalMark::Point, DecimalMark::Comma);
            mapping.decimal_mark = proved
                .or(mapping.decimal_mark)
                .or_else(|| self.mark_of_whole_currency(&mapping));
        }
        mapping
    }

    fn settle_orders(&self, mapping: &mut Mapping) {
        let winners = self
            .orders
            .map(|sides| sides.winner(DateOrder::DayFirst, DateOrder::MonthFirst));
        let mut proved = winners.into_iter().flatten();
        let first = proved.next();
        let unanimous = first.filter(|order| proved.all(|other| other == *order));
        mapping.date_order = unanimous
            .or(mapping.date_order)
            .or_else(|| self.order_of_terms());
        for (field, winner) in DATES.into_iter().zip(winners) {
            let column = mapping
                .columns
                .iter_mut()
                .find(|column| column.field == Some(field));
            if let (Some(column), Some(winner)) = (column, winner) {
                column.date_order = (mapping.date_order != Some(winner)).then_some(winner);
            }
        }
    }

    /// The order under which documents fall due after their issue, where no date tells.
    fn order_of_terms(&self) -> Option<DateOrder> {
        if self
            .orders
            .iter()
            .any(|sides| sides.first + sides.second > 0)
        {
            return None;
        }
        let order = self
            .terms
            .winner(DateOrder::DayFirst, DateOrder::MonthFirst)?;
        (self.terms.first.max(self.terms.second) >= PAIRS_MIN).then_some(order)
    }

    /// A currency without decimals: the mark written can only group thousands.
    fn mark_of_whole_currency(&self, mapping: &Mapping) -> Option<DecimalMark> {
        if self.marks.first + self.marks.second > 0 {
            return None;
        }
        let likely = mapping.currency.or(mapping.assumed_currency);
        let whole = self
            .whole_currency
            .or(likely.map(|currency| currency.minor_digits() == 0))?;
        match (whole, self.ambiguous.first, self.ambiguous.second) {
            (true, 1.., 0) => Some(DecimalMark::Comma),
            (true, 0, 1..) => Some(DecimalMark::Point),
            _ => None,
        }
    }
}
