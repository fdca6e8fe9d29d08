//! The company's books as CSV files with Spanish headings, as a bookkeeper exports them.

use std::io::{self, Write};

use domain::Money;
use domain::customer::DebtorClass;
use jiff::civil::Date;

use crate::company::Company;
use crate::customer::Customer;
use crate::life::Payment;
use crate::spec::Document;

const CUSTOMERS: &[&str] = &[
    "Código de cliente",
    "Razón social",
    "Identificación fiscal",
    "Correo",
    "Teléfono",
    "WhatsApp",
    "País",
    "Provincia",
    "Zona horaria",
    "Idioma",
    "Tipo de cliente",
    "Días de crédito",
    "Ciudad",
];

const DOCUMENTS: &[&str] = &[
    "Folio",
    "Código de cliente",
    "Fecha de emisión",
    "Fecha de vencimiento",
    "Moneda",
    "Importe total",
    "Tipo de documento",
    "Domiciliado",
    "En disputa",
    "Producto",
];

const PAYMENTS: &[&str] = &[
    "Folio de pago",
    "Código de cliente",
    "Folio de factura",
    "Fecha de pago",
    "Moneda",
    "Importe",
    "Forma",
];

/// Writes all customers; gives the number of rows.
pub(crate) fn customers(company: &Company, to: &mut dyn Write) -> io::Result<u64> {
    row(to, CUSTOMERS.iter().copied())?;
    for (rows, customer) in (1..).zip(company.customers()) {
        self::customer(&customer, to)?;
        if rows == u64::from(company.count()) {
            return Ok(rows);
        }
    }
    Ok(0)
}

fn customer(customer: &Customer, to: &mut dyn Write) -> io::Result<()> {
    let class = match customer.class {
        DebtorClass::NaturalConsumer => "Consumidor",
        DebtorClass::NaturalBusiness => "Empresario individual",
        DebtorClass::MicroSmallCompany => "Pyme",
        DebtorClass::Company => "Empresa",
    };
    row(
        to,
        [
            &customer.key,
            &customer.name,
            &customer.tax_id,
            customer.email.as_deref().unwrap_or_default(),
            &customer.phone,
            customer.whatsapp.as_deref().unwrap_or_default(),
            customer.country.code(),
            customer.subdivision.unwrap_or_default(),
            customer.zone,
            customer.language,
            class,
            &customer.terms_days.to_string(),
            customer.city,
        ],
    )
}

/// Writes the headings of a list of documents.
pub(crate) fn document_headings(to: &mut dyn Write) -> io::Result<()> {
    row(to, DOCUMENTS.iter().copied())
}

/// Writes one document.
pub(crate) fn document(it: &Document, disputed: bool, to: &mut dyn Write) -> io::Result<()> {
    row(
        to,
        [
            &it.number,
            &it.customer,
            &day(it.issued),
            &day(it.due),
            it.amount.currency.code(),
            &amount(it.amount),
            "Factura",
            yes_no(it.direct_debit),
            yes_no(disputed),
            it.concept,
        ],
    )
}

/// Writes the headings of a list of payments.
pub(crate) fn payment_headings(to: &mut dyn Write) -> io::Result<()> {
    row(to, PAYMENTS.iter().copied())
}

/// Writes a payment, one row for each document it pays; gives the number of rows.
pub(crate) fn payment(it: &Payment, to: &mut dyn Write) -> io::Result<u64> {
    let mut rows = 0;
    for (number, part) in &it.documents {
        row(
            to,
            [
                &it.reference,
                &it.customer,
                number,
                &day(it.on),
                part.currency.code(),
                &amount(*part),
                it.method,
            ],
        )?;
        rows += 1;
    }
    Ok(rows)
}

fn row<'a>(to: &mut dyn Write, cells: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
    let mut line = String::new();
    for cell in cells {
        if !line.is_empty() {
            line.push(',');
        }
        match cell.contains([',', '"', '\n']) {
            true => {
                line.push('"');
                line.push_str(&cell.replace('"', "\"\""));
                line.push('"');
            }
            false => line.push_str(cell),
        }
    }
    line.push_str("\r\n");
    to.write_all(line.as_bytes())
}

fn amount(money: Money) -> String {
    money.decimal().to_string()
}

fn day(date: Date) -> String {
    date.to_string()
}

const fn yes_no(yes: bool) -> &'static str {
    if yes { "Sí" } else { "No" }
}
