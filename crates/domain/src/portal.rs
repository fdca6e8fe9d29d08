//! A customer's own page: how long its doors stay open, and what wrong answers cost.

use jiff::{Timestamp, ToSpan};

use crate::code::code_enum;
use crate::ledger::Statement;
use crate::money::{Currency, Money};

/// Days a link works.
pub const LINK_DAYS: i64 = 90;
/// Minutes after which a session that does nothing ends.
pub const SESSION_IDLE_MINUTES: i64 = 30;
/// Hours after which a session ends whatever it does.
pub const SESSION_HOURS_MAX: i64 = 12;
/// Minutes a code works.
pub const CODE_MINUTES: i64 = 10;
/// Wrong answers to one code.
pub const CODE_TRIES_MAX: u32 = 5;
/// Seconds between two codes for one link.
pub const CODE_GAP_SECONDS: i64 = 60;
/// Codes sent for one link in a day.
pub const CODES_A_DAY_MAX: u32 = 5;
/// Days for which what a customer says was paid is not chased, while nobody has looked at it.
pub const CLAIM_HOLD_DAYS: i64 = 7;
/// What a customer says was paid that may wait for a person at one time.
pub const CLAIMS_OPEN_MAX: usize = 3;
/// Wrong answers are forgotten after so many hours without one.
pub const FORGET_HOURS: i64 = 48;

/// The longest wait after a wrong answer, in minutes.
const WAIT_MINUTES_MAX: i64 = 24 * 60;

code_enum! {
    /// Where a customer's word that it has paid stands.
    pub enum ClaimState {
        /// Nobody has looked at it.
        Open = "open",
        /// The money was found.
        Accepted = "accepted",
        /// It was not.
        Rejected = "rejected",
    }
}

/// Who gives answers at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Whoever has one link, wherever they are.
    Link,
    /// One client, whatever links it has: several people may share its address.
    Client,
}

impl Asking {
    /// Wrong answers that cost no wait.
    const fn free(self) -> u32 {
        match self {
            Self::Link => 4,
            Self::Client => 14,
        }
    }

    /// Until when nothing is listened to after the `failures`th wrong answer in a row, given at
    /// `at`: a minute at first, then twice as long each time, a day at most.
    ///
    /// ```
    /// use domain::portal::Asking;
    /// let at: jiff::Timestamp = "2026-03-02T10:00:00Z".parse().unwrap();
    /// assert_eq!(Asking::Link.locked_until(4, at), None);
    /// let until = Asking::Link.locked_until(6, at).unwrap();
    /// assert_eq!(until.to_string(), "2026-03-02T10:02:00Z");
    /// ```
    pub fn locked_until(self, failures: u32, at: Timestamp) -> Option<Timestamp> {
        let beyond = failures.checked_sub(self.free() + 1)?;
        let minutes = 1_i64.checked_shl(beyond.min(20)).unwrap_or(i64::MAX);
        at.checked_add(minutes.min(WAIT_MINUTES_MAX).minutes()).ok()
    }
}

/// A customer's account in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// All that is open.
    pub open: Money,
    /// What of it is past its due date.
    pub overdue: Money,
    /// What of what is open is in dispute, promised or being looked at.
    pub held: Money,
    /// Money in the customer's favour.
    pub credit: Money,
    /// What is to be paid: overdue and not held, less the credit; never below zero.
    pub to_pay: Money,
}

/// The account per currency, in the order of currencies; those with nothing open and no credit are
/// left out.
pub fn totals(statement: &Statement) -> Vec<Totals> {
    let mut currencies: Vec<Currency> = statement
        .documents
        .iter()
        .map(|document| document.open.currency)
        .chain(statement.credits.iter().map(|credit| credit.currency))
        .collect();
    currencies.sort_unstable();
    currencies.dedup();
    let each = |currency: Currency| {
        let sum = |minor: fn(&crate::ledger::OpenDocument, jiff::civil::Date) -> i64| {
            let of = statement.documents.iter();
            let of = of.filter(|document| document.open.currency == currency);
            let parts = of.map(|document| minor(document, statement.day));
            Money::new(parts.fold(0, i64::saturating_add), currency)
        };
        let free = sum(|document, day| {
            if document.due < day {
                document.free().minor
            } else {
                0
            }
        });
        let credit = Money::new(statement.credit(currency), currency);
        Totals {
            open: sum(|document, _| document.open.minor),
            overdue: sum(|document, day| {
                if document.due < day {
                    document.open.minor
                } else {
                    0
                }
            }),
            held: sum(|document, _| document.held.minor),
            credit,
            to_pay: Money::new(free.minor.saturating_sub(credit.minor).max(0), currency),
        }
    };
    currencies.into_iter().map(each).collect()
}

/// What a customer may still say something about in a currency: open and not held, less the credit.
pub fn free(statement: &Statement, currency: Currency) -> Money {
    let of = statement.documents.iter();
    let of = of.filter(|document| document.open.currency == currency);
    let free = of.map(|document| document.free().minor);
    let free = free.fold(0, i64::saturating_add);
    let minor = free.saturating_sub(statement.credit(currency)).max(0);
    Money::new(minor, currency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentKind;
    use crate::ids::DocumentId;
    use crate::ledger::OpenDocument;
    use jiff::civil::{Date, date};

    fn document(due: Date, open: i64, held: i64, currency: Currency) -> OpenDocument {
        OpenDocument {
            id: DocumentId::from_uuid(uuid::Uuid::from_u128(1)),
            number: "F-1".to_owned(),
            kind: DocumentKind::Invoice,
            issued: due,
            due,
            amount: Money::new(open, currency),
            open: Money::new(open, currency),
            held: Money::new(held, currency),
            held_as: Vec::new(),
            direct_debit: false,
        }
    }

    #[test]
    fn currencies_are_never_mixed_and_nothing_is_asked_twice() {
        let day = date(2026, 3, 2);
        let statement = Statement {
            day,
            documents: vec![
                document(date(2026, 2, 1), 1_000, 300, Currency::MXN),
                document(date(2026, 3, 2), 500, 0, Currency::MXN),
                document(date(2026, 2, 1), 70, 0, Currency::USD),
            ],
            credits: vec![
                Money::new(100, Currency::MXN),
                Money::new(90, Currency::USD),
            ],
            pause: None,
        };
        let shown: Vec<_> = totals(&statement)
            .iter()
            .map(|it| {
                let minors = [it.open, it.overdue, it.held, it.credit, it.to_pay];
                (
                    it.open.currency.code().to_owned(),
                    minors.map(|money| money.minor),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("MXN".to_owned(), [1_500, 1_000, 300, 100, 600]),
                ("USD".to_owned(), [70, 70, 0, 90, 0]),
            ]
        );
        assert_eq!(free(&statement, Currency::MXN).minor, 1_100);
        assert_eq!(free(&statement, Currency::USD).minor, 0);
    }

    #[test]
    fn waits_grow_and_never_pass_a_day() {
        let at = Timestamp::UNIX_EPOCH;
        let minutes = |asking: Asking, failures| {
            let until = asking.locked_until(failures, at);
            until.map(|until| until.as_second() / 60)
        };
        let link: Vec<_> = (4..9).map(|it| minutes(Asking::Link, it)).collect();
        assert_eq!(link, [None, Some(1), Some(2), Some(4), Some(8)]);
        assert_eq!(minutes(Asking::Client, 14), None);
        assert_eq!(minutes(Asking::Client, 15), Some(1));
        for failures in [30, 64, 1_000, u32::MAX] {
            assert_eq!(minutes(Asking::Link, failures), Some(WAIT_MINUTES_MAX));
        }
    }
}
