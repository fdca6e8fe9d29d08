//! The cells of one row by field: text, dates, amounts, and what to say where one is unreadable.

use std::sync::Arc;

use domain::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::field::Field;
use super::mapping::{Column, Entity};
use super::record::Problem;
use super::row::Reading;
use super::source::CellKind;
use super::values;
use super::warning::WarningKind;
use crate::amount::{self, AmountError, settle_digits};
use crate::date::{self, DateError, DateOrder};

/// Digits assumed where the currency is not known.
const DIGITS_UNKNOWN: u32 = 2;

impl<'a> Reading<'a> {
    /// What is written for a field; nothing where a word says that nothing is.
    fn written(&self, field: Field) -> Option<&'a str> {
        let (plan, row) = (self.plan, self.row);
        let text = plan.text(row, field);
        let nothing = text.is_empty() || matches!(text, "-" | "N/A" | "n/a" | "NULL" | "null");
        (!nothing).then_some(text)
    }

    pub fn string(&self, field: Field) -> Option<String> {
        self.written(field).map(str::to_owned)
    }

    pub fn optional<T>(&mut self, field: Field, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = read(self.written(field)?);
        if value.is_none() {
            self.keep_with_warning(field);
        }
        value
    }

    pub fn several(&mut self, field: Field, read: fn(&str) -> (Vec<String>, bool)) -> Vec<String> {
        if self.plan.column(field).is_none() {
            return Vec::new();
        }
        let mut all: Vec<String> = Vec::new();
        for column in self.plan.mapping.columns_of(field) {
            let text = self.row.cell(column.index);
            if matches!(text, "" | "-" | "N/A" | "n/a" | "NULL" | "null") {
                continue;
            }
            let (values, other) = read(text);
            if other {
                self.keep_column(column, true);
            }
            all.extend(
                values
                    .into_iter()
                    .filter(|value| !all.contains(value))
                    .collect::<Vec<_>>(),
            );
        }
        all
    }

    pub fn date(&self, field: Field) -> Result<Option<Date>, DateError> {
        let Some(column) = self.plan.column(field) else {
            return Ok(None);
        };
        if self.row.kind(column.index) == CellKind::Error {
            return Err(DateError::Unreadable);
        }
        let order = column.date_order.or(self.plan.mapping.date_order);
        date::read(self.row.cell(column.index), order)
    }

    pub fn optional_date(&mut self, field: Field) -> Option<Date> {
        self.date(field).unwrap_or_else(|_| {
            self.keep_with_warning(field);
            None
        })
    }

    pub fn required_date(&mut self, field: Field) -> Option<Date> {
        match self.date(field) {
            Ok(Some(date)) => return Some(date),
            Ok(None) => self.problem(field, "falta la fecha"),
            Err(error) => self.date_problem(field, error),
        }
        None
    }

    pub fn date_problem(&mut self, field: Field, error: DateError) {
        let text = self.plan.text(self.row, field).to_owned();
        let reason = match error {
            DateError::Unreadable => {
                format!("«{text}» no es una fecha: escríbala como 2025-12-31 o 31/12/2025")
            }
            DateError::Ambiguous => format!(
                "«{text}» puede ser dos días y nada en la columna dice cuál: importe de nuevo con \
                 --dates dmy (día/mes) o --dates mdy (mes/día)"
            ),
            DateError::Contrary(order) => format!(
                "«{text}» no sigue el orden {} del resto de la columna: corríjala",
                match order {
                    DateOrder::DayFirst => "día/mes",
                    DateOrder::MonthFirst => "mes/día",
                }
            ),
        };
        self.problem(field, &reason);
    }

    /// The currency the row names; `Err` where something else stands there.
    pub fn currency(&mut self) -> Option<Currency> {
        let text = self.plan.text(self.row, Field::Currency);
        if text.is_empty() {
            return None;
        }
        match values::currency(text) {
            Some(currency) => Some(currency),
            None if matches!(crate::fold::fold(text).as_str(), "" | "pesos" | "peso") => None,
            None => {
                let text = text.to_owned();
                self.problem(
                    Field::Currency,
                    &format!("«{text}» no es una moneda: escriba su código, por ejemplo MXN"),
                );
                None
            }
        }
    }

    pub fn required_amount(
        &mut self,
        field: Field,
        written: Option<Currency>,
    ) -> Option<(Decimal, Option<Currency>)> {
        match self.amount(field, written) {
            Ok(Some(found)) => return Some(found),
            Ok(None) => self.problem(field, "falta el importe"),
            Err(reason) => self.problem(field, &reason),
        }
        None
    }

    pub fn optional_amount(&mut self, field: Field, currency: Option<Currency>) -> Option<Decimal> {
        match self.amount(field, currency) {
            Ok(found) => found.map(|(value, _)| value),
            Err(_) => {
                self.keep_with_warning(field);
                None
            }
        }
    }

    /// An amount that fits its currency's digits, or why not.
    pub fn amount(
        &mut self,
        field: Field,
        written: Option<Currency>,
    ) -> Result<Option<(Decimal, Option<Currency>)>, String> {
        let (plan, row) = (self.plan, self.row);
        let Some(column) = plan.column(field) else {
            return Ok(None);
        };
        let text = row.cell(column.index);
        let unreadable =
            || format!("«{text}» no es un importe: escriba sólo el número, por ejemplo 1234.56");
        let (value, beside) = match self.row.kind(column.index) {
            CellKind::Number => (amount::machine_number(text).ok_or_else(unreadable)?, None),
            CellKind::Error => {
                return Err(format!(
                    "la celda tiene un error de fórmula ({text}): escriba el \
                                    importe"
                ));
            }
            CellKind::Text => match amount::read(text, self.plan.mapping.decimal_mark) {
                Ok(None) => return Ok(None),
                Ok(Some(found)) => (found.value, found.currency),
                Err(AmountError::Unreadable) => return Err(unreadable()),
                Err(AmountError::Ambiguous) => {
                    return Err(format!(
                        "en «{text}» no se sabe si el signo separa miles o decimales: importe de \
                         nuevo con --decimal point o --decimal comma"
                    ));
                }
                Err(AmountError::Contrary(mark)) => {
                    return Err(format!(
                        "«{text}» no usa {} decimal como el resto de la columna: corríjalo",
                        match mark {
                            amount::DecimalMark::Point => "punto",
                            amount::DecimalMark::Comma => "coma",
                        }
                    ));
                }
            },
        };
        let currency = written.or(beside).or(self.plan.mapping.currency);
        let digits = currency.map_or_else(|| self.digits_assumed(), Currency::minor_digits);
        let Some((value, rounded)) = settle_digits(value, digits) else {
            let code = currency.map_or_else(|| "la moneda".to_owned(), |code| code.to_string());
            return Err(format!(
                "«{text}» tiene más decimales de los que admite {code} ({digits}): corrija el \
                 importe"
            ));
        };
        if rounded {
            self.note(WarningKind::Rounded, Some(&column.name), text);
        }
        Ok(Some((value, currency)))
    }

    /// Digits of an amount that names no currency. A payment's may be its invoice's, which is not
    /// known here, so nothing is cut off that another currency has.
    fn digits_assumed(&self) -> u32 {
        let mapping = &self.plan.mapping;
        let assumed = mapping.assumed_currency.map(Currency::minor_digits);
        match (assumed, mapping.entity) {
            (Some(digits), Entity::Payments) => digits.max(DIGITS_UNKNOWN),
            (Some(digits), _) => digits,
            (None, _) => DIGITS_UNKNOWN,
        }
    }

    /// Something unusual, counted only if the row is read.
    pub fn note(&mut self, kind: WarningKind, column: Option<&'a Arc<str>>, text: &'a str) {
        self.noted.push((kind, column, text));
    }

    pub fn problem(&mut self, field: Field, reason: &str) {
        let field = self.plan.column(field).map_or_else(
            || field.name_es().to_owned(),
            |column| column.name.to_string(),
        );
        self.problems.push(Problem {
            field,
            reason: reason.to_owned(),
        });
    }

    pub fn keep(&mut self, field: Field) {
        if let Some(column) = self.plan.column(field) {
            self.keep_column(column, false);
        }
    }

    pub fn keep_with_warning(&mut self, field: Field) {
        if let Some(column) = self.plan.column(field) {
            self.keep_column(column, true);
        }
    }

    pub fn keep_column(&mut self, column: &'a Column, warn: bool) {
        let row = self.row;
        let text = row.cell(column.index);
        if warn {
            self.note(WarningKind::KeptRaw, Some(&column.name), text);
        }
        self.extra.push((Arc::clone(&column.name), text.to_owned()));
    }
}
