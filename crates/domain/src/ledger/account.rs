//! The statement of account: what moved between two days, and what was owed before and after.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Books;
use crate::document::DocumentKind;
use crate::money::{Currency, Money};

/// What moved in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Owed before the first day; negative in the customer's favour.
    pub opening: Money,
    /// What moved, in the order of days.
    pub movements: Vec<Movement>,
    /// Owed at the end of the last day.
    pub closing: Money,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The day it counts from.
    pub on: Date,
    /// What it is.
    pub kind: MovementKind,
    /// The document's number or the payment's reference.
    pub name: String,
    /// The day it falls due, where it does.
    pub due: Option<Date>,
    /// What it adds to what is owed; negative when it takes away.
    pub amount: Money,
    /// Owed after it.
    pub balance: Money,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MovementKind {
    /// A document was issued.
    Document(DocumentKind),
    /// Money came in.
    Payment,
}

impl Books {
    /// What moved from the day `from` to the end of `to`, one account per currency met up to then.
    ///
    /// Documents count from their issue, payments from their day; how money lies on documents
    /// moves nothing between customer and company, so that the closing figure is what is open of
    /// documents less the money that lies on none.
    pub fn accounts(&self, from: Date, to: Date) -> Vec<Account> {
        let mut all: Vec<Movement> = Vec::new();
        for document in self.documents.iter().filter(|it| it.issued <= to) {
            let credit = document.kind.is_credit();
            let minor = document.amount.minor;
            all.push(Movement {
                on: document.issued,
                kind: MovementKind::Document(document.kind),
                name: document.number.clone(),
                due: (!credit).then_some(document.due),
                amount: Money {
                    minor: if credit { -minor } else { minor },
                    ..document.amount
                },
                balance: Money::zero(document.amount.currency),
            });
        }
        for payment in self.payments.iter().filter(|it| it.on <= to) {
            all.push(Movement {
                on: payment.on,
                kind: MovementKind::Payment,
                name: payment.reference.clone(),
                due: None,
                amount: Money {
                    minor: -payment.amount.minor,
                    ..payment.amount
                },
                balance: Money::zero(payment.amount.currency),
            });
        }
        all.sort_by(|a, b| (a.on, a.kind, &a.name).cmp(&(b.on, b.kind, &b.name)));
        let mut accounts: BTreeMap<Currency, Account> = BTreeMap::new();
        for mut movement in all {
            let currency = movement.amount.currency;
            let account = accounts.entry(currency).or_insert_with(|| Account {
                opening: Money::zero(currency),
                movements: Vec::new(),
                closing: Money::zero(currency),
            });
            let closing = &mut account.closing.minor;
            *closing = closing.saturating_add(movement.amount.minor);
            movement.balance = account.closing;
            if movement.on < from {
                account.opening = account.closing;
            } else {
                account.movements.push(movement);
            }
        }
        accounts.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::document::Document;
    use crate::ids::{DocumentId, PaymentId};
    use crate::ledger::{Application, Payment, Source};

    const DAY: Date = date(2026, 3, 1);

    fn after(days: i64) -> Date {
        DAY.saturating_add(days.days())
    }

    fn document(id: u128, kind: DocumentKind, day: i64, minor: i64) -> Document {
        Document {
            id: DocumentId::from_uuid(Uuid::from_u128(id)),
            number: format!("F-{id}"),
            kind,
            issued: after(day),
            due: after(day + 30),
            amount: Money::new(minor, Currency::MXN),
            direct_debit: false,
            debt: Default::default(),
        }
    }

    fn payment(id: u128, day: i64, minor: i64) -> Payment {
        Payment {
            id: PaymentId::from_uuid(Uuid::from_u128(id)),
            reference: format!("P-{id}"),
            on: after(day),
            amount: Money::new(minor, Currency::MXN),
        }
    }

    #[test]
    fn lines_add_up_from_the_opening_to_the_closing_figure() {
        let books = Books {
            documents: vec![
                document(1, DocumentKind::Invoice, 0, 1_000),
                document(2, DocumentKind::Invoice, 10, 500),
                document(3, DocumentKind::CreditNote, 11, 200),
                document(4, DocumentKind::DebitNote, 40, 9_999),
            ],
            payments: vec![payment(5, 10, 600), payment(6, 2, 100)],
            ..Books::default()
        };
        let accounts = books.accounts(after(5), after(30));
        let [account] = accounts.as_slice() else {
            panic!("one currency: {accounts:?}");
        };
        let lines: Vec<_> = account
            .movements
            .iter()
            .map(|it| (it.name.as_str(), it.amount.minor, it.balance.minor))
            .collect();
        let wanted = [("F-2", 500, 1_400), ("P-5", -600, 800), ("F-3", -200, 600)];
        assert_eq!(lines, wanted);
        assert_eq!((account.opening.minor, account.closing.minor), (900, 600));
    }

    proptest! {
        /// The closing figure is that of the day's balance, however money lies on documents.
        #[test]
        fn the_closing_figure_is_the_balance(
            invoices in prop::collection::vec((0_i64..60, 1_i64..10_000), 1..8),
            payments in prop::collection::vec((0_i64..60, 1_i64..10_000), 0..8),
            to in 0_i64..60,
        ) {
            let mut books = Books::default();
            for (id, (day, minor)) in (1_u128..).zip(&invoices) {
                books.documents.push(document(id, DocumentKind::Invoice, *day, *minor));
            }
            for (id, (day, minor)) in (100_u128..).zip(&payments) {
                let payment = payment(id, *day, *minor);
                let onto = &books.documents[0];
                let laid: i64 = books.applications.iter().map(|it| it.minor).sum();
                let part = (*minor).min(onto.amount.minor - laid);
                if part > 0 {
                    books.applications.push(Application {
                        source: Source::Payment(payment.id),
                        document: onto.id,
                        on: payment.on.max(onto.issued),
                        minor: part,
                    });
                }
                books.payments.push(payment);
            }
            let day = after(to);
            let statement = books.statement(day);
            let open: i64 = statement.documents.iter().map(|it| it.open.minor).sum();
            let net = open - statement.credit(Currency::MXN);
            let accounts = books.accounts(after(to / 2), day);
            prop_assert_eq!(accounts.first().map_or(0, |it| it.closing.minor), net);
        }
    }
}
