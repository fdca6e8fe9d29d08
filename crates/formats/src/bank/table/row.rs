//! One row of a bank's table: a movement, more text of the one before, a balance, or neither.

use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::{Counterparty, Fault, ReferredDocument, Transaction, TransactionState};
use super::header::{Plan, currency_of, recoded};
use super::words::{self, Line, Role};
use crate::amount::{self, AmountError};
use crate::date::{self, DateError, DateShape};
use crate::spreadsheet::{CellKind, Row};

/// What a row is.
#[derive(Debug)]
pub(super) enum Is {
    /// Something moved.
    Moved(Box<Draft>),
    /// More text of the movement before.
    More(String),
    /// A balance that stands on a line of its own.
    Balance(Line, Decimal),
    /// Nothing: sums, remarks, blank rows.
    Aside,
    /// It has not happened yet and has no day.
    Pending(Fault),
    /// It cannot be read.
    Bad(Fault),
}

/// A movement before its currency is known to be right.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub line: u64,
    pub booked: Date,
    pub value: Option<Date>,
    /// Positive when it came in.
    pub amount: Decimal,
    /// Nothing but the balance can tell its direction.
    pub unsigned: bool,
    pub balance: Option<Decimal>,
    /// Account and currency: the statement it belongs to.
    pub account: Option<String>,
    pub currency: Option<Currency>,
    pub reference: Option<String>,
    pub end_to_end: Option<String>,
    pub creditor_references: Vec<String>,
    pub counterparty: Counterparty,
    pub text: String,
    pub original: Option<Money>,
    pub return_reason: Option<String>,
    pub code: Option<String>,
    pub document: Option<String>,
    pub batch: Option<String>,
    /// What was kept of it.
    pub kept: Decimal,
    pub state: TransactionState,
    pub raw: String,
}

/// Reads rows as a plan says.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub plan: Plan,
    /// The column of directions uses A for *abono*: C is then *cargo*.
    pub has_abono: bool,
}

impl Reader {
    /// What the row is.
    pub fn read(&self, row: &Row) -> Is {
        let cell = |role: Role| self.cell(row, role);
        if let Some((line, amount)) = self.balance_line(row) {
            return match (line, amount) {
                (Line::Total, _) | (_, None) => Is::Aside,
                (line, Some(amount)) => Is::Balance(line, amount),
            };
        }
        let date_cell = cell(Role::Booked);
        let has_amount = [Role::Amount, Role::Debit, Role::Credit]
            .into_iter()
            .any(|role| !cell(role).is_empty());
        if date_cell.is_empty() && !has_amount {
            return self.text(row).map_or(Is::Aside, Is::More);
        }
        match (self.is_footer(row, &date_cell, has_amount), has_amount) {
            (true, _) => return Is::Aside,
            (_, false) if self.day(row, Role::Booked).is_err() => return Is::Aside,
            _ => {}
        }
        if is_pending(&date_cell) {
            return Is::Pending(self.fault(
                row,
                "fecha",
                "El movimiento está pendiente y aún no tiene fecha: vendrá en el próximo estado \
                 de cuenta.",
            ));
        }
        match self.draft(row) {
            Ok(draft) => Is::Moved(Box::new(draft)),
            Err(fault) => Is::Bad(fault),
        }
    }

    fn draft(&self, row: &Row) -> Result<Draft, Fault> {
        let booked = match self.day(row, Role::Booked) {
            Ok(Some(day)) => day,
            Ok(None) => match self.day(row, Role::Value) {
                Ok(Some(day)) => day,
                _ => return Err(self.fault(row, "fecha", "El movimiento no tiene fecha.")),
            },
            Err(error) => return Err(self.bad_date(row, Role::Booked, error)),
        };
        let value = self.day(row, Role::Value).ok().flatten();
        let currency = self.currency(row);
        let (amount, unsigned, written) = self.amount(row)?;
        let balance = self
            .plan
            .column(Role::Balance)
            .and_then(|at| self.number(row, at).ok().flatten())
            .map(|number| number.value);
        let own = self.some(row, Role::OwnAccount);
        Ok(Draft {
            line: row.number,
            booked,
            value,
            amount,
            unsigned,
            balance,
            account: own
                .map(|text| glued(&text))
                .or_else(|| self.plan.about.number.clone()),
            currency: currency.or(written),
            reference: self.some(row, Role::Reference),
            end_to_end: self.some(row, Role::EndToEnd),
            creditor_references: self
                .plan
                .columns_of(Role::CreditorReference)
                .filter_map(|at| non_empty(&self.at(row, at)))
                .collect(),
            counterparty: Counterparty {
                name: self.some(row, Role::Name),
                tax_id: self.some(row, Role::TaxId),
                account: self.some(row, Role::Account).map(|text| glued(&text)),
                bank: self.some(row, Role::Bank),
                ultimate: None,
            },
            text: self.text(row).unwrap_or_default(),
            original: self.original(row, currency),
            return_reason: self.some(row, Role::ReturnReason),
            code: self.some(row, Role::Code),
            document: self.some(row, Role::Document),
            batch: self.some(row, Role::Batch),
            kept: self.kept(row)?,
            state: words::state(&self.cell(row, Role::Status)),
            raw: raw(row),
        })
    }

    /// Positive when it came in; whether that is a guess; the currency written beside it.
    fn amount(&self, row: &Row) -> Result<(Decimal, bool, Option<Currency>), Fault> {
        let side = |role: Role| -> Result<Option<amount::Amount>, Fault> {
            let Some(at) = self.plan.column(role) else {
                return Ok(None);
            };
            self.number(row, at)
                .map_err(|error| self.bad_amount(row, at, error))
        };
        if let Some(number) = side(Role::Amount)? {
            let text = self.cell(row, Role::Amount);
            let word = self.cell(row, Role::Sign);
            let comes_in = words::comes_in(&word, self.has_abono);
            if comes_in.is_none() && !word.is_empty() {
                let reason = format!("«{word}» no dice si el importe entró o salió.");
                return Err(self.fault(row, "sentido", reason));
            }
            let has_sign = text.starts_with('+');
            let value = match comes_in {
                Some(true) => number.value.abs(),
                Some(false) => -number.value.abs(),
                None if self.plan.outflows_positive && !has_sign => -number.value,
                None => number.value,
            };
            let unsigned = comes_in.is_none()
                && !self.plan.outflows_positive
                && !has_sign
                && number.value.is_sign_positive();
            return Ok((value, unsigned, number.currency));
        }
        let (debit, credit) = (side(Role::Debit)?, side(Role::Credit)?);
        match (debit, credit) {
            (Some(debit), Some(credit)) if debit.value.is_zero() => {
                Ok((credit.value, false, credit.currency))
            }
            (Some(debit), Some(credit)) if credit.value.is_zero() => {
                Ok((-debit.value.abs(), false, debit.currency))
            }
            (Some(debit), Some(credit)) => {
                // Both sides filled: the row moved their difference.
                let value = credit.value.checked_sub(debit.value.abs());
                let value =
                    value.ok_or_else(|| self.fault(row, "importe", "Es demasiado grande."))?;
                Ok((value, false, credit.currency))
            }
            (Some(debit), None) => Ok((-debit.value.abs(), false, debit.currency)),
            (None, Some(credit)) => Ok((credit.value, false, credit.currency)),
            (None, None) => Err(self.fault(
                row,
                "importe",
                "El movimiento no tiene importe: escriba cuánto entró o salió.",
            )),
        }
    }

    /// What the columns of fees say was kept.
    fn kept(&self, row: &Row) -> Result<Decimal, Fault> {
        let mut kept = Decimal::ZERO;
        for at in self.plan.columns_of(Role::Fee) {
            let fee = self
                .number(row, at)
                .map_err(|error| self.bad_amount(row, at, error))?;
            kept = kept.saturating_add(fee.map(|fee| fee.value).unwrap_or_default());
        }
        Ok(if self.plan.fees_negative { -kept } else { kept })
    }

    /// A line that states a balance or a sum, with its amount.
    fn balance_line(&self, row: &Row) -> Option<(Line, Option<Decimal>)> {
        let line = [Role::Text, Role::Name, Role::Booked, Role::Code]
            .into_iter()
            .flat_map(|role| self.plan.columns_of(role))
            .find_map(|at| words::line(&self.at(row, at)))?;
        let number = |role: Role| {
            let at = self.plan.column(role)?;
            self.number(row, at).ok().flatten()
        };
        let balance = number(Role::Balance).map(|number| number.value);
        let amount = number(Role::Amount).map(|number| {
            match words::comes_in(&self.cell(row, Role::Sign), self.has_abono) {
                Some(false) => -number.value.abs(),
                _ => number.value,
            }
        });
        Some((line, balance.or(amount)))
    }

    /// Remarks below a table: words where a date should be, and nothing in most columns.
    fn is_footer(&self, row: &Row, date_cell: &str, has_amount: bool) -> bool {
        let filled = row.texts().filter(|text| !text.is_empty()).count();
        !has_amount && filled <= 2 && date_cell.contains(char::is_alphabetic)
    }

    /// The column's day, as the plan orders its numbers.
    pub fn day(&self, row: &Row, role: Role) -> Result<Option<Date>, DateError> {
        let Some(at) = self.plan.column(role) else {
            return Ok(None);
        };
        self.shape(row, at).resolve(self.plan.dates)
    }

    /// What the cell says of a day.
    pub fn shape(&self, row: &Row, at: usize) -> DateShape {
        date::shape(row.cell(at))
    }

    fn number(&self, row: &Row, at: usize) -> Result<Option<amount::Amount>, AmountError> {
        let text = row.cell(at);
        match row.kind(at) {
            CellKind::Number => amount::machine_number(text)
                .map(|value| {
                    Some(amount::Amount {
                        value,
                        currency: None,
                    })
                })
                .ok_or(AmountError::Unreadable),
            _ => amount::read(text, self.plan.decimal),
        }
    }

    fn original(&self, row: &Row, currency: Option<Currency>) -> Option<Money> {
        let at = self.plan.column(Role::OriginalAmount)?;
        let number = self.number(row, at).ok()??;
        let original = self
            .some(row, Role::OriginalCurrency)
            .as_deref()
            .and_then(currency_of)
            .or(number.currency)?;
        if Some(original) == currency || number.value.is_zero() {
            return None;
        }
        Money::from_decimal(number.value, original).ok()
    }

    fn currency(&self, row: &Row) -> Option<Currency> {
        self.some(row, Role::Currency)
            .as_deref()
            .and_then(currency_of)
            .or(self.plan.currency)
            .or(self.plan.about.currency)
    }

    fn text(&self, row: &Row) -> Option<String> {
        let words: Vec<String> = self
            .plan
            .columns_of(Role::Text)
            .flat_map(|at| {
                let text = self.at(row, at);
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    fn at(&self, row: &Row, at: usize) -> String {
        recoded(row.cell(at), self.plan.central_european)
    }

    fn cell(&self, row: &Row, role: Role) -> String {
        self.plan
            .column(role)
            .map(|at| self.at(row, at))
            .unwrap_or_default()
    }

    fn some(&self, row: &Row, role: Role) -> Option<String> {
        non_empty(&self.cell(row, role))
    }

    fn bad_date(&self, row: &Row, role: Role, error: DateError) -> Fault {
        let text = self.cell(row, role);
        let reason = match error {
            DateError::Unreadable => format!("«{text}» no es una fecha."),
            DateError::Ambiguous => format!(
                "No se sabe si en «{text}» va primero el día o el mes: indíquelo con --dates dmy \
                 o --dates mdy."
            ),
            DateError::Contrary(_) => {
                format!("«{text}» tiene el día y el mes en otro orden que las demás fechas.")
            }
        };
        self.fault(row, "fecha", reason)
    }

    fn bad_amount(&self, row: &Row, at: usize, error: AmountError) -> Fault {
        let text = row.cell(at);
        let reason = match error {
            AmountError::Unreadable => format!("«{text}» no es un importe."),
            AmountError::Ambiguous => format!(
                "No se sabe si en «{text}» el signo separa miles o decimales: indíquelo con \
                 --decimal point o --decimal comma."
            ),
            AmountError::Contrary(_) => {
                format!("«{text}» usa otro signo decimal que los demás importes.")
            }
        };
        self.fault(row, "importe", reason)
    }

    pub fn fault(&self, row: &Row, field: &'static str, reason: impl Into<String>) -> Fault {
        Fault::new(row.number, field, reason, &raw(row))
    }
}

impl Draft {
    /// The movement, in a currency.
    pub fn into_transaction(self, currency: Currency) -> Result<Box<Transaction>, Fault> {
        let settled = amount::settle_digits(self.amount, currency.minor_digits());
        let amount = settled
            .and_then(|(value, _)| Money::from_decimal(value, currency).ok())
            .ok_or_else(|| {
                let reason = format!(
                    "{} tiene más decimales de los que hay en {currency}, o es demasiado grande.",
                    self.amount
                );
                Fault::new(self.line, "importe", reason, &self.raw)
            })?;
        let charges = (!self.kept.is_zero())
            .then(|| Money::from_decimal(self.kept, currency).ok())
            .flatten();
        // The document was paid with all that the payer gave.
        let given = charges.map_or(Some(amount), |charges| amount.checked_add(charges).ok());
        let takes_back = self.code.as_deref().is_some_and(words::takes_back);
        Ok(Box::new(Transaction {
            line: self.line,
            booked: self.booked,
            value: self.value,
            amount,
            state: self.state,
            reference: self.reference,
            batch: self.batch,
            end_to_end: self.end_to_end,
            counterparty: self.counterparty,
            virtual_account: None,
            creditor_references: self.creditor_references,
            documents: self
                .document
                .map(|number| ReferredDocument {
                    number,
                    amount: given.filter(|given| given.is_positive()),
                })
                .into_iter()
                .collect(),
            text: self.text,
            charges,
            original: self.original.map(|money| (money, None)),
            reversal: takes_back || self.return_reason.is_some(),
            return_reason: self.return_reason,
            code: self.code,
        }))
    }
}

fn is_pending(date_cell: &str) -> bool {
    let folded = crate::fold::fold(date_cell);
    matches!(
        folded.as_str(),
        "pending" | "pendiente" | "en transito" | "por confirmar" | "pendente"
    )
}

fn non_empty(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn glued(text: &str) -> String {
    let glued: String = text.split_whitespace().collect();
    // A quote that nobody closed is not of the account.
    glued.trim_matches('"').to_uppercase()
}

fn raw(row: &Row) -> String {
    let cells: Vec<&str> = row.texts().collect();
    cells.join(";").trim_end_matches(';').to_owned()
}
