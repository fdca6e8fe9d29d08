//! What a list of customers asks of what they have in its currency, and which index knows it.

use domain::portfolio::{CustomerFilter, CustomerState, Range, due_of_days_late, soon};
use domain::{CompanyId, Currency};
use jiff::ToSpan;
use jiff::civil::Date;

use super::customers::between;
use super::{Ask, PlaceKind};

/// A column of `customer_figures` that lists are sorted or narrowed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Open,
    Credit,
    Oldest,
    Next,
}

impl Column {
    /// Its name among the figures.
    pub(super) const fn plain(self) -> &'static str {
        match self {
            Self::Open => "f.open_minor",
            Self::Credit => "f.credit_minor",
            Self::Oldest => "f.oldest_due_on",
            Self::Next => "f.next_due_on",
        }
    }

    /// An expression of the same value, which no index knows.
    pub(super) const fn kept(self) -> &'static str {
        match self {
            Self::Open => "COALESCE(f.open_minor, f.open_minor)",
            Self::Credit => "COALESCE(f.credit_minor, f.credit_minor)",
            Self::Oldest => "COALESCE(f.oldest_due_on, f.oldest_due_on)",
            Self::Next => "COALESCE(f.next_due_on, f.next_due_on)",
        }
    }

    /// Its name among rows that a walk carries out of its index.
    pub(super) const fn beside(self) -> &'static str {
        match self {
            Self::Open => "s.open_minor",
            Self::Credit => "s.credit_minor",
            Self::Oldest => "s.oldest_due_on",
            Self::Next => "s.next_due_on",
        }
    }

    /// How a walk carries it.
    pub(super) const fn carried(self) -> &'static str {
        match self {
            Self::Open => ", f.open_minor AS open_minor",
            Self::Credit => ", f.credit_minor AS credit_minor",
            Self::Oldest => ", f.oldest_due_on AS oldest_due_on",
            Self::Next => ", f.next_due_on AS next_due_on",
        }
    }

    pub(super) const fn kind(self) -> PlaceKind {
        match self {
            Self::Open | Self::Credit => PlaceKind::Int,
            Self::Oldest | Self::Next => PlaceKind::Day,
        }
    }

    /// Whether the index of the order of this column holds another one too.
    pub(super) fn knows(self, other: Self) -> bool {
        self == other
            || match self {
                Self::Open => other == Self::Oldest,
                Self::Oldest | Self::Next => other == Self::Open,
                Self::Credit => false,
            }
    }
}

/// What is asked of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Some,
    None,
    Minor(Range<i64>),
    Day(Range<Date>),
}

/// A condition on what a customer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Having {
    pub(super) column: Column,
    asked: Asked,
}

impl Having {
    /// The condition, with the column under the name that `of` gives it.
    pub(super) fn text(&self, ask: &mut Ask, of: fn(Column) -> &'static str) -> String {
        let column = of(self.column);
        match self.asked {
            Asked::Some => format!(" AND {column} > 0"),
            // Whoever has nothing has no row.
            Asked::None => format!(" AND COALESCE({column}, 0) = 0"),
            Asked::Minor(range) => between(ask, column, range),
            Asked::Day(range) => between(ask, column, range),
        }
    }

    /// Whether all along the order of a column meet it: who has a due date has something open.
    pub(super) fn is_implied_by(&self, order: Column) -> bool {
        let by_due = matches!(order, Column::Oldest | Column::Next);
        by_due && self.column == Column::Open && self.asked == Asked::Some
    }

    /// The statement that finds those who meet it along the index of its own column, so many at
    /// most; `None` where it is no range.
    pub(super) fn found(
        &self,
        ask: &mut Ask,
        company: CompanyId,
        currency: Currency,
        most: u32,
    ) -> Option<String> {
        if matches!(self.asked, Asked::Some | Asked::None) {
            return None;
        }
        let column = self.column.plain();
        let there = match self.column.kind() {
            PlaceKind::Int => format!("{column} > 0"),
            _ => format!("{column} IS NOT NULL"),
        };
        let (of, currency) = (ask.mark(company), ask.mark(currency));
        let range = self.text(ask, Column::plain);
        let most = ask.mark(most);
        Some(format!(
            "SELECT f.customer_id FROM customer_figures f WHERE f.company_id = {of} \
             AND f.currency = {currency} AND {there}{range} ORDER BY {column} LIMIT {most}"
        ))
    }
}

/// The conditions of a list, each column's once; none that asks nothing.
pub(super) fn having(filter: &CustomerFilter, today: Date) -> Vec<Having> {
    let mut all = Vec::new();
    let mut add = |column, asked| all.push(Having { column, asked });
    let mut oldest = Range::default();
    match filter.state {
        CustomerState::All => {}
        CustomerState::Open => add(Column::Open, Asked::Some),
        CustomerState::Overdue => oldest.to = Some(today.saturating_sub(1.day())),
        CustomerState::DueSoon => add(Column::Next, Asked::Day(soon(today))),
        CustomerState::Settled => add(Column::Open, Asked::None),
        CustomerState::Credit => add(Column::Credit, Asked::Some),
    }
    let oldest = oldest.within(due_of_days_late(filter.days, today));
    if !oldest.is_whole() {
        add(Column::Oldest, Asked::Day(oldest));
    }
    if !filter.amount.is_whole() {
        let column = match filter.state {
            CustomerState::Credit => Column::Credit,
            _ => Column::Open,
        };
        add(column, Asked::Minor(filter.amount));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn late_and_days_late_are_one_range() {
        let today = date(2026, 11, 22);
        let mut filter = CustomerFilter {
            state: CustomerState::Overdue,
            ..CustomerFilter::all(Currency::MXN)
        };
        let oldest = |from, to| {
            let asked = Asked::Day(Range { from, to });
            let column = Column::Oldest;
            vec![Having { column, asked }]
        };
        let yesterday = Some(date(2026, 11, 21));
        assert_eq!(having(&filter, today), oldest(None, yesterday));
        filter.days = Range {
            from: Some(0),
            to: Some(30),
        };
        assert_eq!(
            having(&filter, today),
            oldest(Some(date(2026, 10, 23)), yesterday)
        );
        filter.state = CustomerState::All;
        filter.days = Range::default();
        assert_eq!(having(&filter, today), []);
    }
}
