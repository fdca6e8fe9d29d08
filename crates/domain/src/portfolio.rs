//! What lists of customers and documents may be narrowed to and sorted by. Only what a list of a
//! million rows can answer at once is offered, so each state has its own orders.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::code::code_enum;
use crate::customer::BehaviourClass;
use crate::ids::{CustomerId, DocumentId, UserId};
use crate::money::Currency;
use crate::search::Question;

/// What falls due within so many days falls due soon.
pub const SOON_DAYS: i64 = 7;

code_enum! {
    /// Which customers a list shows, by what they have in its currency.
    pub enum CustomerState {
        /// Every customer.
        All = "all",
        /// Those who have something open.
        Open = "open",
        /// Those who are late with something.
        Overdue = "overdue",
        /// Those for whom something falls due within [`SOON_DAYS`].
        DueSoon = "due_soon",
        /// Those who have nothing open.
        Settled = "settled",
        /// Those who have money in their favour.
        Credit = "credit",
    }
}

code_enum! {
    /// What a list of customers is sorted by.
    pub enum CustomerSort {
        /// Name, from A to Z.
        Name = "name",
        /// Days late of the oldest open document, the latest first.
        Days = "days",
        /// What is open, or in the customer's favour, the most first.
        Amount = "amount",
        /// The next due date, the soonest first.
        Due = "due",
    }
}

impl CustomerState {
    /// The orders in which such a list can be had; the first unless another is asked for.
    pub const fn sorts(self) -> &'static [CustomerSort] {
        match self {
            Self::All | Self::Settled => &[CustomerSort::Name],
            Self::Open | Self::Overdue => {
                &[CustomerSort::Days, CustomerSort::Amount, CustomerSort::Name]
            }
            Self::DueSoon => &[CustomerSort::Due, CustomerSort::Name],
            Self::Credit => &[CustomerSort::Amount, CustomerSort::Name],
        }
    }
}

code_enum! {
    /// Which documents a list shows.
    pub enum DocumentState {
        /// Every document.
        All = "all",
        /// Invoices and debit notes of which something is open.
        Open = "open",
        /// Those of them that are late.
        Overdue = "overdue",
        /// Those of them that fall due within [`SOON_DAYS`].
        DueSoon = "due_soon",
        /// Those of which nothing is open.
        Settled = "settled",
    }
}

code_enum! {
    /// What a list of documents is sorted by.
    pub enum DocumentSort {
        /// Due date, the oldest first: the latest payers first.
        Due = "due",
        /// Amount of the document, the largest first.
        Amount = "amount",
        /// Number.
        Number = "number",
        /// The day it was settled, the latest first.
        Settled = "settled",
    }
}

impl DocumentState {
    /// The orders in which such a list can be had; the first unless another is asked for.
    pub const fn sorts(self) -> &'static [DocumentSort] {
        match self {
            Self::All => &[DocumentSort::Number],
            Self::Open | Self::Overdue | Self::DueSoon => &[
                DocumentSort::Due,
                DocumentSort::Amount,
                DocumentSort::Number,
            ],
            Self::Settled => &[DocumentSort::Settled, DocumentSort::Number],
        }
    }
}

/// A range; a side that is not said has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range<T> {
    /// The least.
    pub from: Option<T>,
    /// The greatest.
    pub to: Option<T>,
}

impl<T> Default for Range<T> {
    fn default() -> Self {
        Self {
            from: None,
            to: None,
        }
    }
}

impl<T: Copy + Ord> Range<T> {
    /// Whether it leaves nothing out.
    pub const fn is_whole(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// What both ranges have in common.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            to: match (self.to, other.to) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
    }
}

/// The due dates of documents that are so many days late on a day.
pub fn due_of_days_late(days: Range<i64>, today: Date) -> Range<Date> {
    let before = |days: i64| today.saturating_sub(days.clamp(-40_000, 40_000).days());
    Range {
        from: days.to.map(before),
        to: days.from.map(before),
    }
}

/// The due dates that a state of open documents allows on a day.
pub fn due_of_state(state: DocumentState, today: Date) -> Range<Date> {
    match state {
        DocumentState::Overdue => Range {
            from: None,
            to: today.yesterday().ok(),
        },
        DocumentState::DueSoon => soon(today),
        DocumentState::All | DocumentState::Open | DocumentState::Settled => Range::default(),
    }
}

/// The due dates that come soon.
pub fn soon(today: Date) -> Range<Date> {
    Range {
        from: Some(today),
        to: Some(today.saturating_add(SOON_DAYS.days())),
    }
}

/// Which customers, of one currency, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerFilter {
    /// What was typed to find them.
    pub question: Question,
    /// By what they have.
    pub state: CustomerState,
    /// The currency of what they have.
    pub currency: Currency,
    /// Days late of the oldest open document.
    pub days: Range<i64>,
    /// Minor units of what is open, or in the customer's favour.
    pub amount: Range<i64>,
    /// Who bear this tag.
    pub tag: Option<String>,
    /// Who are this user's.
    pub assigned: Option<UserId>,
    /// Who pay like this.
    pub behaviour: Option<BehaviourClass>,
    /// Of whose debt something is held back today.
    pub held: bool,
    /// Who cannot be reached: no address that works.
    pub unreachable: bool,
    /// The order, one of those of the state.
    pub sort: CustomerSort,
}

impl CustomerFilter {
    /// Every customer, by name.
    pub fn all(currency: Currency) -> Self {
        Self {
            question: Question::default(),
            state: CustomerState::All,
            currency,
            days: Range::default(),
            amount: Range::default(),
            tag: None,
            assigned: None,
            behaviour: None,
            held: false,
            unreachable: false,
            sort: CustomerSort::Name,
        }
    }
}

/// Which documents, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFilter {
    /// What was typed to find them.
    pub question: Question,
    /// By what is open of them.
    pub state: DocumentState,
    /// Their currency; always said where they are sorted or narrowed by amount.
    pub currency: Option<Currency>,
    /// Due dates.
    pub due: Range<Date>,
    /// Minor units of the document.
    pub amount: Range<i64>,
    /// Whose they are.
    pub customer: Option<CustomerId>,
    /// The order, one of those of the state.
    pub sort: DocumentSort,
}

impl DocumentFilter {
    /// Every document, by number.
    pub fn all() -> Self {
        Self {
            question: Question::default(),
            state: DocumentState::All,
            currency: None,
            due: Range::default(),
            amount: Range::default(),
            customer: None,
            sort: DocumentSort::Number,
        }
    }
}

/// Where a list is cut: behind or before a row, by what the list is sorted by and the row's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut<I> {
    /// What the list is sorted by, of that row; as text.
    pub place: String,
    /// Its id.
    pub id: I,
    /// Whether the rows before it are wanted instead of those behind it.
    pub back: bool,
}

/// A cut of a list of customers.
pub type CustomerCut = Cut<CustomerId>;
/// A cut of a list of documents.
pub type DocumentCut = Cut<DocumentId>;

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_late_and_due_dates_are_the_same_range() {
        let today = date(2026, 11, 22);
        let range = |from, to| due_of_days_late(Range { from, to }, today);
        let due = |from, to| Range { from, to };
        assert_eq!(
            range(Some(1), Some(30)),
            due(Some(date(2026, 10, 23)), Some(date(2026, 11, 21)))
        );
        assert_eq!(range(Some(91), None), due(None, Some(date(2026, 8, 23))));
        assert_eq!(range(None, Some(0)), due(Some(today), None));
        assert_eq!(range(Some(i64::MAX), None).to, range(Some(40_000), None).to);
    }

    #[test]
    fn ranges_meet() {
        let some = |from, to| Range { from, to };
        assert_eq!(
            some(Some(1), None).within(some(Some(3), Some(9))),
            some(Some(3), Some(9))
        );
        assert_eq!(
            some(None, Some(4)).within(some(None, Some(9))),
            some(None, Some(4))
        );
        assert!(Range::<i64>::default().is_whole());
    }

    #[test]
    fn every_state_has_an_order() {
        assert!(
            CustomerState::ALL
                .iter()
                .all(|state| !state.sorts().is_empty())
        );
        assert!(
            DocumentState::ALL
                .iter()
                .all(|state| !state.sorts().is_empty())
        );
    }
}
