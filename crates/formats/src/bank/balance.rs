//! Whether a statement adds up: opening balance and booked movements give the closing balance.

use domain::Money;

use super::{Fault, Part, Parts, StatementHead, StatementTail, TransactionState};

/// Checks a statement's balances against the sum of its booked movements.
///
/// Nothing is said where a balance is missing or the currencies differ: then nothing can be
/// compared. `sum` is that of the movements in the state `Booked`.
///
/// # Errors
/// A [`Fault`] with both figures when opening balance and movements do not give the closing one.
pub fn check(head: &StatementHead, tail: &StatementTail, sum: Money) -> Result<(), Fault> {
    let (Some(opening), Some(closing)) = (tail.opening.or(head.opening), tail.closing) else {
        return Ok(());
    };
    if opening.amount.currency != closing.amount.currency {
        return Ok(());
    }
    let Ok(expected) = opening.amount.checked_add(sum) else {
        return Ok(());
    };
    if expected == closing.amount {
        return Ok(());
    }
    let reason = format!(
        "El saldo inicial {} más los movimientos {} dan {}, pero el saldo final dice {}. \
         Pida al banco el estado de cuenta completo o revise los renglones que no se leyeron.",
        opening.amount.decimal(),
        sum.decimal(),
        expected.decimal(),
        closing.amount.decimal(),
    );
    let raw = head.number.clone().unwrap_or_default();
    Err(Fault::new(1, "saldo final", reason, &raw))
}

/// Adds up what passes, and warns before a statement closes that does not add up.
pub(super) struct Checked {
    parts: Parts,
    head: Option<Box<StatementHead>>,
    sum: Sum,
    line: u64,
    waiting: Option<Part>,
}

/// Sum of a statement's booked movements.
enum Sum {
    /// Nothing moved yet.
    Nothing,
    /// Moved in one currency.
    Of(Money),
    /// Moved in several currencies, or beyond what money holds.
    Mixed,
}

impl Checked {
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            head: None,
            sum: Sum::Nothing,
            line: 1,
            waiting: None,
        }
    }

    fn add(&mut self, amount: Money) {
        self.sum = match self.sum {
            Sum::Nothing => Sum::Of(amount),
            Sum::Of(sum) => sum.checked_add(amount).map_or(Sum::Mixed, Sum::Of),
            Sum::Mixed => Sum::Mixed,
        };
    }

    /// The warning, where balances and movements differ.
    fn verdict(&self, tail: &StatementTail) -> Option<Fault> {
        // What is interim begins and ends anywhere in the day.
        let head = self.head.as_deref().filter(|head| !head.interim)?;
        let sum = match self.sum {
            Sum::Of(sum) => sum,
            Sum::Nothing => Money::zero(tail.closing?.amount.currency),
            Sum::Mixed => return None,
        };
        let mut fault = check(head, tail, sum).err()?;
        fault.line = self.line;
        Some(fault)
    }
}

impl Iterator for Checked {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        if let Some(part) = self.waiting.take() {
            return Some(part);
        }
        let part = self.parts.next()?;
        match &part {
            Part::Opens(head) => {
                self.head = Some(head.clone());
                self.sum = Sum::Nothing;
            }
            Part::Moved(moved) => {
                self.line = moved.line;
                if moved.state == TransactionState::Booked {
                    self.add(moved.amount);
                }
            }
            Part::Fault(fault) | Part::Warning(fault) => self.line = fault.line,
            Part::Closes(tail) => {
                if let Some(fault) = self.verdict(tail) {
                    self.waiting = Some(part);
                    return Some(Part::Warning(fault));
                }
            }
        }
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::super::{AccountId, Balance, BankFormat};
    use super::*;

    fn balance(minor: i64, currency: Currency) -> Option<Balance> {
        Some(Balance {
            on: None,
            amount: Money::new(minor, currency),
        })
    }

    #[test]
    fn opening_and_movements_give_closing() {
        let head = StatementHead {
            format: BankFormat::Mt940,
            account: AccountId::default(),
            currency: None,
            number: Some("7/1".to_owned()),
            from: None,
            to: None,
            opening: balance(10_000, Currency::MXN),
            interim: false,
        };
        let tail = |closing| StatementTail {
            closing,
            ..StatementTail::default()
        };
        let sum = Money::new(-3_050, Currency::MXN);
        assert_eq!(
            check(&head, &tail(balance(6_950, Currency::MXN)), sum),
            Ok(())
        );
        assert_eq!(
            check(&head, &tail(balance(6_950, Currency::USD)), sum),
            Ok(())
        );
        assert_eq!(check(&head, &tail(None), sum), Ok(()));
        let fault = check(&head, &tail(balance(6_951, Currency::MXN)), sum).expect_err("a cent");
        for figure in ["100.00", "-30.50", "69.50", "69.51"] {
            assert!(fault.reason.contains(figure), "{}", fault.reason);
        }
    }
}
