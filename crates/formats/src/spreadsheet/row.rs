//! One row into one record, or into what is wrong with it.

use std::sync::Arc;

use domain::Currency;
use domain::document::DocumentKind;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::columns::Field;
use super::mapping::{Column, Entity, Mapping};
use super::record::{
    CustomerFields, CustomerRow, DocumentRow, Extra, PaymentRow, Problem, Quarantined, RawCell,
    Read, Record, Status,
};
use super::source::{CellKind, Row};
use super::values::{self, Kind};
use super::warning::{WarningKind, Warnings};
use crate::amount::{self, AmountError, settle_digits};
use crate::date::{self, DateError, DateOrder};

/// Digits assumed where the currency is not known.
const DIGITS_UNKNOWN: u32 = 2;

/// A mapping turned to positions.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub mapping: Mapping,
    at: [Option<usize>; Field::Class as usize + 1],
}

impl Plan {
    pub fn new(mapping: Mapping) -> Self {
        let mut at = [None; Field::Class as usize + 1];
        for (position, column) in mapping.columns.iter().enumerate() {
            if let Some(field) = column.field {
                at[field as usize].get_or_insert(position);
            }
        }
        Self { mapping, at }
    }

    pub fn column(&self, field: Field) -> Option<&Column> {
        self.at[field as usize].and_then(|position| self.mapping.columns.get(position))
    }

    /// The text of a field's cell; empty where there is no such column.
    pub fn text<'r>(&self, row: &'r Row, field: Field) -> &'r str {
        self.column(field).map_or("", |column| row.cell(column.index))
    }

    /// Every cell of a row as it stands.
    pub fn raw(&self, row: &Row) -> Vec<RawCell> {
        self.mapping
            .columns
            .iter()
            .map(|column| RawCell {
                column: Arc::clone(&column.name),
                text: row.cell(column.index).to_owned(),
                kind: row.kind(column.index),
            })
            .collect()
    }

    /// Reads one row.
    pub fn read(&self, row: &Row, warnings: &mut Warnings) -> Read {
        let mut reading =
            Reading { plan: self, row, warnings, problems: Vec::new(), extra: self.extra(row) };
        let record = match self.mapping.entity {
            Entity::Customers => reading.customer_row(),
            Entity::Documents => reading.document_row(),
            Entity::Payments => reading.payment_row(),
        };
        match (record, reading.problems) {
            (Some(record), problems) if problems.is_empty() => {
                Read::Record { row: row.number, record }
            }
            (_, problems) => self.quarantine(row, problems),
        }
    }

    pub fn quarantine(&self, row: &Row, problems: Vec<Problem>) -> Read {
        Read::Quarantined(Quarantined { row: row.number, problems, raw: self.raw(row) })
    }

    fn extra(&self, row: &Row) -> Extra {
        let unmapped = self.mapping.columns.iter().filter(|column| column.field.is_none());
        unmapped
            .filter_map(|column| {
                let text = row.cell(column.index);
                (!text.is_empty()).then(|| (Arc::clone(&column.name), text.to_owned()))
            })
            .collect()
    }
}

/// A row under way.
struct Reading<'a> {
    plan: &'a Plan,
    row: &'a Row,
    warnings: &'a mut Warnings,
    problems: Vec<Problem>,
    extra: Extra,
}

impl<'a> Reading<'a> {
    fn customer_row(&mut self) -> Option<Record> {
        let customer = self.customer();
        if !customer.is_identified() {
            self.problem(Field::CustomerName, "falta el cliente: escriba su código, su nombre o \
                                               su identificación fiscal");
        }
        let row = CustomerRow {
            terms_days: self.optional(Field::TermsDays, values::terms_days),
            currency: self.optional(Field::Currency, values::currency),
            direct_debit: self.optional(Field::DirectDebit, values::yes_no),
            customer,
            extra: std::mem::take(&mut self.extra),
        };
        Some(Record::Customer(Box::new(row)))
    }

    fn document_row(&mut self) -> Option<Record> {
        let number = self.number();
        let kind = self.kind();
        let terms_days = self.optional(Field::TermsDays, values::terms_days);
        let dates = self.document_dates(terms_days);
        let written = self.currency();
        let amount = self.document_amount(written);
        let customer = self.customer();
        self.require_customer(&customer);
        let (number, (issued, due), (amount, currency)) = (number?, dates?, amount?);
        let kind = self.signed_kind(kind, amount);
        let settle = |value: Option<Decimal>| {
            value.map(|value| if kind.is_credit() { value.abs() } else { value })
        };
        let status = self.plan.text(self.row, Field::Status);
        let row = DocumentRow {
            number,
            kind,
            customer,
            issued,
            due,
            amount: amount.abs(),
            currency,
            open_balance: settle(self.optional_amount(Field::OpenBalance, currency)),
            paid_amount: settle(self.optional_amount(Field::PaidAmount, currency)),
            settled: self.optional_date(Field::PaidOn),
            status: self.status(status),
            disputed: self.optional(Field::Disputed, values::yes_no),
            terms_days,
            direct_debit: self.optional(Field::DirectDebit, values::yes_no),
            instalment: self.string(Field::Instalment),
            fiscal_id: self.string(Field::FiscalId),
            reference: self.string(Field::Reference),
            extra: std::mem::take(&mut self.extra),
        };
        Some(Record::Document(Box::new(row)))
    }

    fn payment_row(&mut self) -> Option<Record> {
        let document = self.string(Field::Number).map(|number| self.with_series(number));
        let paid_on = self.required_date(Field::PaidOn);
        let written = self.currency();
        let amount = self.required_amount(Field::Amount, written);
        let customer = self.customer();
        if document.is_none() && !customer.is_identified() {
            self.problem(Field::CustomerName, "falta de quién es el pago: escriba el cliente o el \
                                               número de documento");
        }
        let (paid_on, (amount, currency)) = (paid_on?, amount?);
        let row = PaymentRow {
            key: self.string(Field::PaymentKey),
            document,
            customer,
            paid_on,
            amount,
            currency,
            reference: self.string(Field::Reference),
            extra: std::mem::take(&mut self.extra),
        };
        Some(Record::Payment(Box::new(row)))
    }

    fn number(&mut self) -> Option<String> {
        let Some(number) = self.string(Field::Number) else {
            self.problem(Field::Number, "falta el número de documento");
            return None;
        };
        Some(self.with_series(number))
    }

    fn with_series(&self, number: String) -> String {
        match self.plan.text(self.row, Field::Series) {
            "" => number,
            series if number.starts_with(series) => number,
            series => format!("{series}-{number}"),
        }
    }

    fn kind(&mut self) -> DocumentKind {
        match self.optional(Field::Kind, values::kind) {
            Some(Kind::Document(kind)) => kind,
            None => DocumentKind::Invoice,
            Some(Kind::Payment) => {
                let text = self.plan.text(self.row, Field::Kind).to_owned();
                self.problem(
                    Field::Kind,
                    &format!("«{text}» es un pago, no un documento: impórtelo aparte con --kind \
                              payments"),
                );
                DocumentKind::Invoice
            }
        }
    }

    fn signed_kind(&mut self, kind: DocumentKind, amount: Decimal) -> DocumentKind {
        if !amount.is_sign_negative() || amount.is_zero() {
            return kind;
        }
        if !kind.is_credit() {
            let column = self.plan.column(Field::Amount).map(|column| &column.name);
            let text = self.plan.text(self.row, Field::Amount);
            self.warnings.add(WarningKind::NegativeIsCredit, column, self.row.number, text);
        }
        DocumentKind::CreditNote
    }

    fn status(&mut self, text: &str) -> Option<Status> {
        let status = values::status(text);
        if status.is_none() && !text.is_empty() {
            // Also the state of an address: no harm, so no warning.
            self.keep(Field::Status);
        }
        status
    }

    /// Issue and due date: one is enough, and a due date that is written must be readable.
    fn document_dates(&mut self, terms_days: Option<u16>) -> Option<(Date, Option<Date>)> {
        let issued = self.date(Field::Issued);
        let due = self.date(Field::Due);
        let due = match due {
            Ok(due) => due,
            Err(error) => {
                self.date_problem(Field::Due, error);
                if let Err(error) = issued {
                    self.date_problem(Field::Issued, error);
                }
                return None;
            }
        };
        let issued = match (issued, due) {
            (Ok(issued), _) => issued,
            (Err(DateError::Unreadable), Some(_)) => {
                self.keep_with_warning(Field::Issued);
                None
            }
            (Err(error), _) => {
                self.date_problem(Field::Issued, error);
                return None;
            }
        };
        let row = self.row.number;
        match (issued, due) {
            (None, None) => {
                let field =
                    if self.plan.column(Field::Due).is_some() { Field::Due } else { Field::Issued };
                self.problem(field, "falta la fecha: escriba la de emisión o la de vencimiento");
                None
            }
            (None, Some(due)) => {
                self.warnings.add(WarningKind::IssuedFromDue, None, row, "");
                Some((due, Some(due)))
            }
            (Some(issued), Some(due)) => {
                if due < issued {
                    let text = self.plan.text(self.row, Field::Due);
                    self.warnings.add(WarningKind::DueBeforeIssued, None, row, text);
                }
                Some((issued, Some(due)))
            }
            (Some(issued), None) => {
                let due = terms_days.and_then(|days| {
                    issued.checked_add(jiff::Span::new().days(i32::from(days))).ok()
                });
                let what =
                    if due.is_some() { WarningKind::DueFromTerms } else { WarningKind::NoDue };
                self.warnings.add(what, None, row, "");
                Some((issued, due))
            }
        }
    }

    fn document_amount(&mut self, written: Written) -> Option<(Decimal, Option<Currency>)> {
        let empty = self.plan.text(self.row, Field::Amount).is_empty();
        let balance = self.plan.column(Field::OpenBalance);
        match balance {
            Some(balance) if empty && !self.row.cell(balance.index).is_empty() => {
                let text = self.row.cell(balance.index);
                self.warnings.add(
                    WarningKind::AmountFromBalance,
                    Some(&balance.name),
                    self.row.number,
                    text,
                );
                self.required_amount(Field::OpenBalance, written)
            }
            _ => self.required_amount(Field::Amount, written),
        }
    }

    fn require_customer(&mut self, customer: &CustomerFields) {
        if customer.is_identified() {
            return;
        }
        let reason = if self.plan.mapping.has_customer() {
            "falta el cliente: escriba su código, su nombre o su identificación fiscal"
        } else {
            "la tabla no dice de qué cliente es: agregue una columna «Cliente» con su código, \
             nombre o identificación fiscal; si son pagos, importe con --kind payments"
        };
        self.problem(Field::CustomerName, reason);
    }

    fn customer(&mut self) -> CustomerFields {
        CustomerFields {
            key: self.string(Field::CustomerKey),
            name: self.string(Field::CustomerName),
            tax_id: self.optional(Field::TaxId, values::tax_id),
            emails: self.several(Field::Email, values::emails),
            phones: self.several(Field::Phone, values::phones),
            whatsapps: self.several(Field::Whatsapp, values::phones),
            country: self.optional(Field::Country, values::country),
            subdivision: self.string(Field::Subdivision),
            zone: self.optional(Field::Zone, |text| {
                domain::calendar::zone(text).map(|_| text.to_owned())
            }),
            language: self.optional(Field::Language, values::language),
            class: self.optional(Field::Class, values::class),
        }
    }

    fn string(&self, field: Field) -> Option<String> {
        let text = self.plan.text(self.row, field);
        let nothing = text.is_empty() || matches!(text, "-" | "N/A" | "n/a" | "NULL" | "null");
        (!nothing).then(|| text.to_owned())
    }

    fn optional<T>(&mut self, field: Field, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.plan.column(field)?;
        let text = self.string(field)?;
        let value = read(&text);
        if value.is_none() {
            self.keep_with_warning(field);
        }
        value
    }

    fn several(&mut self, field: Field, read: fn(&str) -> (Vec<String>, bool)) -> Vec<String> {
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
            all.extend(values.into_iter().filter(|value| !all.contains(value)).collect::<Vec<_>>());
        }
        all
    }

    fn date(&self, field: Field) -> Result<Option<Date>, DateError> {
        let Some(column) = self.plan.column(field) else { return Ok(None) };
        if self.row.kind(column.index) == CellKind::Error {
            return Err(DateError::Unreadable);
        }
        let order = column.date_order.or(self.plan.mapping.date_order);
        date::read(self.row.cell(column.index), order)
    }

    fn optional_date(&mut self, field: Field) -> Option<Date> {
        self.date(field).unwrap_or_else(|_| {
            self.keep_with_warning(field);
            None
        })
    }

    fn required_date(&mut self, field: Field) -> Option<Date> {
        match self.date(field) {
            Ok(Some(date)) => return Some(date),
            Ok(None) => self.problem(field, "falta la fecha"),
            Err(error) => self.date_problem(field, error),
        }
        None
    }

    fn date_problem(&mut self, field: Field, error: DateError) {
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
    fn currency(&mut self) -> Written {
        let text = self.plan.text(self.row, Field::Currency);
        if text.is_empty() {
            return Written { currency: None };
        }
        match values::currency(text) {
            Some(currency) => Written { currency: Some(currency) },
            None if matches!(crate::fold::fold(text).as_str(), "" | "pesos" | "peso") => {
                Written { currency: None }
            }
            None => {
                let text = text.to_owned();
                self.problem(
                    Field::Currency,
                    &format!("«{text}» no es una moneda: escriba su código, por ejemplo MXN"),
                );
                Written { currency: None }
            }
        }
    }

    fn required_amount(
        &mut self,
        field: Field,
        written: Written,
    ) -> Option<(Decimal, Option<Currency>)> {
        match self.amount(field, written.currency) {
            Ok(Some(found)) => return Some(found),
            Ok(None) => self.problem(field, "falta el importe"),
            Err(reason) => self.problem(field, &reason),
        }
        None
    }

    fn optional_amount(&mut self, field: Field, currency: Option<Currency>) -> Option<Decimal> {
        match self.amount(field, currency) {
            Ok(found) => found.map(|(value, _)| value),
            Err(_) => {
                self.keep_with_warning(field);
                None
            }
        }
    }

    /// An amount that fits its currency's digits, or why not.
    fn amount(
        &mut self,
        field: Field,
        written: Option<Currency>,
    ) -> Result<Option<(Decimal, Option<Currency>)>, String> {
        let Some(column) = self.plan.column(field) else { return Ok(None) };
        let text = self.row.cell(column.index);
        let unreadable =
            || format!("«{text}» no es un importe: escriba sólo el número, por ejemplo 1234.56");
        let (value, beside) = match self.row.kind(column.index) {
            CellKind::Number => (amount::machine_number(text).ok_or_else(unreadable)?, None),
            CellKind::Error => {
                return Err(format!("la celda tiene un error de fórmula ({text}): escriba el \
                                    importe"));
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
        let digits = currency.map_or(DIGITS_UNKNOWN, Currency::minor_digits);
        let Some((value, rounded)) = settle_digits(value.normalize(), digits) else {
            let code = currency.map_or_else(|| "la moneda".to_owned(), |code| code.to_string());
            return Err(format!(
                "«{text}» tiene más decimales de los que admite {code} ({digits}): corrija el \
                 importe"
            ));
        };
        if rounded {
            self.warnings.add(WarningKind::Rounded, Some(&column.name), self.row.number, text);
        }
        Ok(Some((value, currency)))
    }

    fn problem(&mut self, field: Field, reason: &str) {
        let field = self
            .plan
            .column(field)
            .map_or_else(|| field.name_es().to_owned(), |column| column.name.to_string());
        self.problems.push(Problem { field, reason: reason.to_owned() });
    }

    fn keep(&mut self, field: Field) {
        if let Some(column) = self.plan.column(field) {
            self.keep_column(column, false);
        }
    }

    fn keep_with_warning(&mut self, field: Field) {
        if let Some(column) = self.plan.column(field) {
            self.keep_column(column, true);
        }
    }

    fn keep_column(&mut self, column: &'a Column, warn: bool) {
        let text = self.row.cell(column.index);
        if warn {
            self.warnings.add(WarningKind::KeptRaw, Some(&column.name), self.row.number, text);
        }
        self.extra.push((Arc::clone(&column.name), text.to_owned()));
    }
}

/// The currency of the row's own column.
#[derive(Clone, Copy)]
struct Written {
    currency: Option<Currency>,
}
