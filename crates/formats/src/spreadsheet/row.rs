//! One row into one record, or into what is wrong with it.

use std::sync::Arc;

use domain::Currency;
use domain::document::{DebtFacts, DocumentKind};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::field::Field;
use super::mapping::{Column, Entity, Mapping};
use super::record::{
    ConsentFields, CustomerFields, CustomerRow, DocumentRow, Extra, PaymentRow, Problem,
    Quarantined, RawCell, Read, Record, Status,
};
use super::source::Row;
use super::values::{self, Kind};
use super::warning::{WarningKind, Warnings};
use crate::date::DateError;

/// A mapping turned to positions.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub mapping: Mapping,
    at: [Option<usize>; Field::COUNT],
}

impl Plan {
    pub fn new(mapping: Mapping) -> Self {
        let mut at = [None; Field::COUNT];
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
        self.column(field)
            .map_or("", |column| row.cell(column.index))
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
        let mut reading = Reading {
            plan: self,
            row,
            noted: Vec::new(),
            problems: Vec::new(),
            extra: self.extra(row),
        };
        let record = match self.mapping.entity {
            Entity::Customers => reading.customer_row(),
            Entity::Documents => reading.document_row(),
            Entity::Payments => reading.payment_row(),
        };
        let Reading {
            noted, problems, ..
        } = reading;
        match record {
            Some(record) if problems.is_empty() => {
                for (kind, column, text) in noted {
                    warnings.add(kind, column, row.number, text);
                }
                Read::Record {
                    row: row.number,
                    record,
                }
            }
            _ => self.quarantine(row, problems),
        }
    }

    pub fn quarantine(&self, row: &Row, problems: Vec<Problem>) -> Read {
        Read::Quarantined(Quarantined {
            row: row.number,
            problems,
            raw: self.raw(row),
        })
    }

    fn extra(&self, row: &Row) -> Extra {
        let unmapped = self
            .mapping
            .columns
            .iter()
            .filter(|column| column.field.is_none());
        unmapped
            .filter_map(|column| {
                let text = row.cell(column.index);
                (!text.is_empty()).then(|| (Arc::clone(&column.name), text.to_owned()))
            })
            .collect()
    }
}

/// A row under way.
pub(super) struct Reading<'a> {
    pub plan: &'a Plan,
    pub row: &'a Row,
    pub noted: Vec<(WarningKind, Option<&'a Arc<str>>, &'a str)>,
    pub problems: Vec<Problem>,
    pub extra: Extra,
}

impl<'a> Reading<'a> {
    fn customer_row(&mut self) -> Option<Record> {
        let customer = self.customer();
        if !customer.is_identified() {
            self.problem(
                Field::CustomerName,
                "falta el cliente: escriba su código, su nombre o \
                                               su identificación fiscal",
            );
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
            debt: DebtFacts {
                class: self.optional(Field::DebtClass, values::debt_class),
                final_consumer: self.optional(Field::FinalConsumer, values::yes_no),
                creditor: self.optional(Field::Creditor, values::creditor),
                actor: self.optional(Field::Actor, values::actor),
            },
            instalment: self.string(Field::Instalment),
            fiscal_id: self.string(Field::FiscalId),
            reference: self.string(Field::Reference),
            extra: std::mem::take(&mut self.extra),
        };
        Some(Record::Document(Box::new(row)))
    }

    fn payment_row(&mut self) -> Option<Record> {
        let document = self
            .string(Field::Number)
            .map(|number| self.with_series(number));
        let paid_on = self.required_date(Field::PaidOn);
        let written = self.currency();
        let amount = self.required_amount(Field::Amount, written);
        let customer = self.customer();
        if document.is_none() && !customer.is_identified() {
            self.problem(
                Field::CustomerName,
                "falta de quién es el pago: escriba el cliente o el \
                                               número de documento",
            );
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
                    &format!(
                        "«{text}» es un pago, no un documento: impórtelo aparte con --kind \
                              payments"
                    ),
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
            self.note(WarningKind::NegativeIsCredit, column, text);
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
                if let Err(error) = issued {
                    self.date_problem(Field::Issued, error);
                }
                self.date_problem(Field::Due, error);
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
        match (issued, due) {
            (None, None) => {
                let field = if self.plan.column(Field::Due).is_some() {
                    Field::Due
                } else {
                    Field::Issued
                };
                self.problem(
                    field,
                    "falta la fecha: escriba la de emisión o la de vencimiento",
                );
                None
            }
            (None, Some(due)) => {
                self.note(WarningKind::IssuedFromDue, None, "");
                Some((due, Some(due)))
            }
            (Some(issued), Some(due)) => {
                if due < issued {
                    let text = self.plan.text(self.row, Field::Due);
                    self.note(WarningKind::DueBeforeIssued, None, text);
                }
                Some((issued, Some(due)))
            }
            (Some(issued), None) => {
                let due = terms_days.and_then(|days| {
                    issued
                        .checked_add(jiff::Span::new().days(i32::from(days)))
                        .ok()
                });
                let what = if due.is_some() {
                    WarningKind::DueFromTerms
                } else {
                    WarningKind::NoDue
                };
                self.note(what, None, "");
                Some((issued, due))
            }
        }
    }

    fn document_amount(
        &mut self,
        written: Option<Currency>,
    ) -> Option<(Decimal, Option<Currency>)> {
        let empty = self.plan.text(self.row, Field::Amount).is_empty();
        let balance = self.plan.column(Field::OpenBalance);
        match balance {
            Some(balance) if empty && !self.row.cell(balance.index).is_empty() => {
                let text = self.row.cell(balance.index);
                self.note(WarningKind::AmountFromBalance, Some(&balance.name), text);
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
        let country = self.optional(Field::Country, values::country);
        let subdivision = self.string(Field::Subdivision);
        let subdivision = subdivision.map(|text| values::subdivision(text, country));
        CustomerFields {
            key: self.string(Field::CustomerKey),
            name: self.string(Field::CustomerName),
            tax_id: self.optional(Field::TaxId, values::tax_id),
            emails: self.several(Field::Email, values::emails),
            phones: self.several(Field::Phone, values::phones),
            whatsapps: self.several(Field::Whatsapp, values::phones),
            country,
            subdivision,
            zone: self.optional(Field::Zone, |text| {
                domain::calendar::zone(text).map(|_| text.to_owned())
            }),
            language: self.optional(Field::Language, values::language),
            class: self.optional(Field::Class, values::class),
            importance: self.optional(Field::Importance, values::importance),
            tags: self.several(Field::Tags, values::tags),
            behaviour: self.optional(Field::Behaviour, values::behaviour),
            role: self.optional(Field::Role, values::role),
            source: self.optional(Field::Source, values::contact_source),
            legal_event: self.optional(Field::LegalEvent, values::legal_event),
            legal_event_on: self.optional_date(Field::LegalEventOn),
            consents: self.consents(),
        }
    }

    /// What the row says of consents. A yes without its day says nothing, since what was said
    /// later, that contact is not wanted any more, could not be told from what came before.
    fn consents(&mut self) -> ConsentFields {
        let on = self.optional_date(Field::ConsentOn);
        let mut said = |field| {
            let told = self.optional(field, values::consent)?;
            if told && on.is_none() {
                let text = self.plan.text(self.row, field);
                let column = self.plan.column(field).map(|column| &column.name);
                self.note(WarningKind::ConsentWithoutDay, column, text);
                return None;
            }
            Some(told)
        };
        ConsentFields {
            email: said(Field::ConsentEmail),
            whatsapp: said(Field::ConsentWhatsapp),
            sms: said(Field::ConsentSms),
            phone: said(Field::ConsentPhone),
            on,
            source: self.string(Field::ConsentSource),
            text: self.string(Field::ConsentText),
        }
    }
}
