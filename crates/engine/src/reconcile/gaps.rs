//! Whether the statements of an account follow on each other.

use domain::ids::BankAccountId;
use jiff::ToSpan;
use jiff::civil::Date;
use store::bank::BankStatement;

/// What is missing, or does not add up, between two statements of an account or in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A statement's opening balance and lines do not give its closing balance.
    Unbalanced {
        /// The account.
        account: BankAccountId,
        /// Its last day.
        on: Date,
        /// Minor units by which it is off.
        minor: i64,
    },
    /// Nothing was read of some days, and the balance changed in them.
    Missing {
        /// The account.
        account: BankAccountId,
        /// First day of which nothing was read.
        from: Date,
        /// Last day of which nothing was read.
        to: Date,
        /// Minor units that moved meanwhile.
        minor: i64,
    },
    /// A statement begins with another balance than the one before it ended with.
    Jump {
        /// The account.
        account: BankAccountId,
        /// The first day of the later one.
        on: Date,
        /// Minor units by which it jumps.
        minor: i64,
    },
}

impl Gap {
    /// The account.
    pub const fn account(&self) -> BankAccountId {
        match self {
            Self::Unbalanced { account, .. }
            | Self::Missing { account, .. }
            | Self::Jump { account, .. } => *account,
        }
    }

    /// One Spanish sentence for people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Unbalanced { on, .. } => format!(
                "El estado de cuenta hasta el {on} no cuadra: el saldo inicial más los movimientos \
                 no da el saldo final. Pídalo completo al banco."
            ),
            Self::Missing { from, to, .. } if from == to => {
                format!("Falta el estado de cuenta del {from}: el saldo cambió ese día. Impórtelo.")
            }
            Self::Missing { from, to, .. } => format!(
                "Faltan los estados de cuenta del {from} al {to}: el saldo cambió en esos días. \
                 Impórtelos."
            ),
            Self::Jump { on, .. } => format!(
                "El saldo inicial del {on} no es el final del estado de cuenta anterior: falta un \
                 estado de cuenta o uno está incompleto."
            ),
        }
    }
}

/// What is missing or does not add up in the statements of one account, oldest first.
pub fn gaps(statements: &[BankStatement]) -> Vec<Gap> {
    let mut all: Vec<(&BankStatement, Date, Date)> = statements
        .iter()
        .filter(|it| !it.interim)
        .filter_map(|it| Some((it, it.from?, it.to?)))
        .collect();
    all.sort_by_key(|(it, from, to)| (*from, *to, it.recorded_at, it.id));
    let mut found = Vec::new();
    for (statement, _, to) in &all {
        if let (Some(opening), Some(closing)) = (statement.opening, statement.closing)
            && statement.balances() == Some(false)
        {
            found.push(Gap::Unbalanced {
                account: statement.account,
                on: *to,
                minor: closing - opening - statement.sum,
            });
        }
    }
    // The one that reaches furthest so far: statements may overlap or lie within others.
    let mut before: Option<(&BankStatement, Date)> = None;
    for (statement, from, to) in &all {
        if let Some((earlier, until)) = before
            && let (Some(closing), Some(opening)) = (earlier.closing, statement.opening)
            && *from > until
            && closing != opening
        {
            let next = until.saturating_add(1.day());
            let (account, minor) = (statement.account, opening - closing);
            found.push(if *from > next {
                Gap::Missing {
                    account,
                    from: next,
                    to: from.saturating_sub(1.day()),
                    minor,
                }
            } else {
                Gap::Jump {
                    account,
                    on: *from,
                    minor,
                }
            });
        }
        if before.is_none_or(|(_, until)| *to >= until) {
            before = Some((*statement, *to));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use domain::ids::{BankStatementId, ImportId};
    use jiff::Timestamp;
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn statement(from: i8, to: i8, opening: i64, sum: i64, closing: i64) -> BankStatement {
        let mut made = BankStatement {
            id: BankStatementId::from_uuid(Uuid::nil()),
            account: BankAccountId::from_uuid(Uuid::nil()),
            import: ImportId::from_uuid(Uuid::nil()),
            format: "camt".to_owned(),
            number: String::new(),
            from: Some(date(2026, 3, from)),
            to: Some(date(2026, 3, to)),
            opening: Some(opening),
            closing: Some(closing),
            sum,
            lines: 1,
            interim: false,
            recorded_at: Timestamp::UNIX_EPOCH,
        };
        made.id = made.id_of();
        made
    }

    #[test]
    fn what_is_missing_between_statements_is_told() {
        let sentences = |all: &[BankStatement]| -> Vec<String> {
            gaps(all).iter().map(Gap::sentence).collect()
        };
        // In order, out of order, overlapping, one within another, quiet days without a statement.
        let first = statement(1, 5, 0, 100, 100);
        for whole in [
            vec![first.clone(), statement(6, 9, 100, 5, 105)],
            vec![statement(6, 9, 100, 5, 105), first.clone()],
            vec![first.clone(), statement(3, 9, 40, 65, 105)],
            vec![statement(1, 9, 0, 105, 105), statement(3, 4, 40, 10, 50)],
            vec![first.clone(), statement(8, 9, 100, 5, 105)],
        ] {
            assert_eq!(sentences(&whole), Vec::<String>::new());
        }
        let cases = [
            (
                statement(8, 9, 130, 5, 135),
                "Faltan los estados de cuenta del 2026-03-06 al 2026-03-07",
            ),
            (
                statement(7, 9, 130, 5, 135),
                "Falta el estado de cuenta del 2026-03-06",
            ),
            (
                statement(6, 9, 130, 5, 135),
                "El saldo inicial del 2026-03-06 no es el final",
            ),
            (
                statement(6, 9, 100, 5, 106),
                "El estado de cuenta hasta el 2026-03-09 no cuadra",
            ),
        ];
        for (second, wanted) in cases {
            let told = sentences(&[first.clone(), second]);
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(told[0].starts_with(wanted), "{}", told[0]);
        }
    }
}
