//! A portfolio of receivables from a seed: the same customers, invoices, payments and bank lines on
//! every machine, with the totals that any reading of them must reach.
//!
//! The numbers come from SplitMix64 with integer arithmetic only. All amounts are cents of euros.

mod bank;
pub(crate) mod numbers;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use jiff::ToSpan;
use jiff::civil::Date;

use bank::bank;
use numbers::Numbers;

/// First words of a customer's name.
const FIRST: [&str; 16] = [
    "North", "South", "East", "West", "Blue", "Green", "Grand", "Royal", "Prime", "Alpha", "Delta",
    "Solid", "Rapid", "Silver", "Iron", "Clear",
];
/// Second words of a customer's name.
const SECOND: [&str; 16] = [
    "Bridge",
    "River",
    "Stone",
    "Harbour",
    "Garden",
    "Motor",
    "Paper",
    "Glass",
    "Timber",
    "Energy",
    "Textile",
    "Food",
    "Pharma",
    "Media",
    "Logistics",
    "Tools",
];
/// Legal forms at the end of a customer's name.
const FORMS: [&str; 5] = ["Ltd", "GmbH", "SARL", "AG", "PLC"];
/// Days of credit.
const TERMS: [i64; 4] = [14, 30, 45, 60];
/// First bank of the customers' accounts.
const FIRST_BANK: i64 = 10_020_030;

/// Customers, what they owe and what they paid.
#[derive(Clone, Debug)]
pub struct Portfolio {
    /// The day it is made for.
    pub as_of: Date,
    /// Customers, by number.
    pub customers: Vec<Customer>,
    /// Invoices, then credit notes.
    pub items: Vec<Item>,
    /// Partial payments up to the day.
    pub prior: Vec<PriorPayment>,
    /// Transfers of the fortnight after the day, in the order of the bank.
    pub bank: Vec<Transfer>,
    /// What those transfers really pay.
    pub truth: Vec<Truth>,
}

/// A customer.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Its key.
    pub key: String,
    /// Its name, unique.
    pub name: String,
    /// Its e-mail; about one in fifty has none.
    pub email: Option<String>,
    /// Its language.
    pub language: &'static str,
    /// Its country.
    pub country: &'static str,
    /// Its account.
    pub iban: String,
    /// Days of credit.
    pub terms_days: i64,
    /// Credit limit.
    pub limit_cents: i64,
}

/// An invoice or a credit note.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its number.
    pub number: String,
    /// Whether it is a credit note; then its amounts are negative.
    pub credit_note: bool,
    /// Its customer's place in [`Portfolio::customers`].
    pub customer: usize,
    /// Day of issue.
    pub issued: Date,
    /// Day it falls due.
    pub due: Date,
    /// Net.
    pub net: i64,
    /// Tax.
    pub vat: i64,
    /// Creditor reference of ISO 11649.
    pub reference: String,
    /// Whether the customer contests it.
    pub disputed: bool,
    /// What is open of it on the day.
    pub residual: i64,
}

/// A partial payment.
#[derive(Clone, Debug)]
pub struct PriorPayment {
    /// Its reference.
    pub reference: String,
    /// The invoice's place in [`Portfolio::items`].
    pub item: usize,
    /// Its day.
    pub on: Date,
    /// How much.
    pub cents: i64,
}

/// A transfer on the bank statement.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// The bank's reference.
    pub id: String,
    /// Booking day.
    pub on: Date,
    /// How much.
    pub cents: i64,
    /// Who paid, as the bank writes it.
    pub debtor: String,
    /// The account it came from; empty for cash.
    pub iban: String,
    /// What the payer wrote.
    pub remittance: String,
}

/// What a transfer pays.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The transfer.
    pub id: String,
    /// How it was made hard to match.
    pub kind: &'static str,
    /// The invoice; empty for what pays none.
    pub invoice: String,
    /// How much.
    pub cents: i64,
}

/// Totals that any reading of the portfolio must reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Open per bucket: not due, 1–30, 31–60, 61–90, 91 and more days late.
    pub ageing: [i64; 5],
    /// Open on invoices.
    pub open_invoices: i64,
    /// Credit notes, negative.
    pub credit_notes: i64,
    /// Paid before the day.
    pub prior_payments: i64,
    /// Invoices past their day.
    pub overdue_invoices: usize,
    /// Their full amount.
    pub overdue_gross: i64,
    /// What is open of them.
    pub overdue_residual: i64,
    /// How many of them are disputed.
    pub overdue_disputed: usize,
    /// Customers with one.
    pub overdue_customers: usize,
    /// How many of those have no e-mail.
    pub overdue_customers_without_email: usize,
    /// Their overdue invoices.
    pub overdue_invoices_without_email: usize,
    /// All that the bank booked.
    pub bank_total: i64,
}

impl Expected {
    /// Open on invoices less credit notes.
    pub const fn net(&self) -> i64 {
        self.open_invoices + self.credit_notes
    }
}

impl Item {
    /// Net and tax.
    pub const fn gross(&self) -> i64 {
        self.net + self.vat
    }

    /// Days past its due date on a day.
    pub fn days_late(&self, on: Date) -> i64 {
        days_between(self.due, on)
    }
}

impl Portfolio {
    /// The portfolio of a seed. Credit notes are a fiftieth of the invoices, transfers a quarter.
    pub fn generate(seed: u64, customers: usize, invoices: usize, as_of: Date) -> Self {
        let mut numbers = Numbers::of_stream(seed, 1);
        let customers: Vec<Customer> = (1..=customers)
            .map(|number| customer(&mut numbers, number))
            .collect();
        let mut numbers = Numbers::of_stream(seed, 2);
        let mut items: Vec<Item> = (1..=invoices)
            .map(|number| invoice(&mut numbers, &customers, number, as_of))
            .collect();
        let mut numbers = Numbers::of_stream(seed, 4);
        let prior = prior_payments(&mut numbers, &mut items, as_of);
        let mut numbers = Numbers::of_stream(seed, 5);
        let (bank, truth) = bank(&mut numbers, &customers, &items, as_of);
        let mut numbers = Numbers::of_stream(seed, 3);
        items.extend(
            (1..=invoices / 50)
                .map(|number| credit_note(&mut numbers, customers.len(), number, as_of)),
        );
        Self {
            as_of,
            customers,
            items,
            prior,
            bank,
            truth,
        }
    }

    /// The customers' list.
    pub fn customers_csv(&self) -> String {
        let mut csv = String::from(
            "customer_id,name,email,language,country,iban,payment_terms_days,credit_limit\n",
        );
        for it in &self.customers {
            row(
                &mut csv,
                [
                    &it.key,
                    &it.name,
                    it.email.as_deref().unwrap_or_default(),
                    it.language,
                    it.country,
                    &it.iban,
                    &it.terms_days.to_string(),
                    &money(it.limit_cents),
                ],
            );
        }
        csv
    }

    /// The list of invoices and credit notes.
    pub fn invoices_csv(&self) -> String {
        let mut csv = String::from(
            "invoice_no,kind,customer_id,issue_date,due_date,currency,net,vat,gross,reference,\
             disputed\n",
        );
        for it in &self.items {
            row(
                &mut csv,
                [
                    &it.number,
                    if it.credit_note {
                        "credit_note"
                    } else {
                        "invoice"
                    },
                    &self.customers[it.customer].key,
                    &it.issued.to_string(),
                    &it.due.to_string(),
                    "EUR",
                    &money(it.net),
                    &money(it.vat),
                    &money(it.gross()),
                    &it.reference,
                    if it.disputed { "1" } else { "0" },
                ],
            );
        }
        csv
    }

    /// The list of partial payments.
    pub fn prior_payments_csv(&self) -> String {
        let mut csv = String::from("payment_no,customer_id,invoice_no,date,amount\n");
        for it in &self.prior {
            let item = &self.items[it.item];
            row(
                &mut csv,
                [
                    &it.reference,
                    &self.customers[item.customer].key,
                    &item.number,
                    &it.on.to_string(),
                    &money(it.cents),
                ],
            );
        }
        csv
    }

    /// The bank statement.
    pub fn bank_statement_csv(&self) -> String {
        let mut csv = String::from(
            "txn_id,booking_date,amount,currency,debtor_name,debtor_iban,remittance\n",
        );
        for it in &self.bank {
            let on = it.on.to_string();
            let amount = money(it.cents);
            row(
                &mut csv,
                [
                    &it.id,
                    &on,
                    &amount,
                    "EUR",
                    &it.debtor,
                    &it.iban,
                    &it.remittance,
                ],
            );
        }
        csv
    }

    /// What the transfers really pay.
    pub fn payments_truth_csv(&self) -> String {
        let mut csv = String::from("txn_id,kind,invoice_no,amount\n");
        for it in &self.truth {
            row(&mut csv, [&it.id, it.kind, &it.invoice, &money(it.cents)]);
        }
        csv
    }

    /// Writes the lists that a company would hand over: customers, invoices, payments so far and
    /// the bank statement.
    ///
    /// # Errors
    /// What the disk says.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::write(folder.join("customers.csv"), self.customers_csv())?;
        fs::write(folder.join("invoices.csv"), self.invoices_csv())?;
        fs::write(folder.join("prior_payments.csv"), self.prior_payments_csv())?;
        fs::write(folder.join("bank_statement.csv"), self.bank_statement_csv())
    }

    /// The totals at the end of the portfolio's day.
    pub fn expected(&self) -> Expected {
        let mut expected = Expected {
            prior_payments: self.prior.iter().map(|it| it.cents).sum(),
            bank_total: self.bank.iter().map(|it| it.cents).sum(),
            ..Expected::default()
        };
        let mut overdue = BTreeSet::new();
        for item in &self.items {
            if item.credit_note {
                expected.credit_notes += item.residual;
                continue;
            }
            let bucket = match item.days_late(self.as_of) {
                ..=0 => 0,
                1..=30 => 1,
                31..=60 => 2,
                61..=90 => 3,
                91.. => 4,
            };
            expected.ageing[bucket] += item.residual;
            expected.open_invoices += item.residual;
            if bucket == 0 {
                continue;
            }
            overdue.insert(item.customer);
            expected.overdue_invoices += 1;
            expected.overdue_gross += item.gross();
            expected.overdue_residual += item.residual;
            expected.overdue_disputed += usize::from(item.disputed);
            expected.overdue_invoices_without_email +=
                usize::from(self.customers[item.customer].email.is_none());
        }
        expected.overdue_customers = overdue.len();
        expected.overdue_customers_without_email = overdue
            .iter()
            .filter(|customer| self.customers[**customer].email.is_none())
            .count();
        expected
    }
}

fn customer(numbers: &mut Numbers, number: usize) -> Customer {
    let first = FIRST[numbers.place(FIRST.len())];
    let second = SECOND[numbers.place(SECOND.len())];
    let form = FORMS[numbers.place(FORMS.len())];
    let unreachable = numbers.below(50) == 0;
    let (language, country) = match numbers.below(100) {
        0..60 => ("en", "GB"),
        60..85 => ("de", "DE"),
        _ => ("fr", "FR"),
    };
    let terms_days = TERMS[numbers.place(TERMS.len())];
    let limit_cents = numbers.between(1, 200) * 100_000;
    let bank = FIRST_BANK + numbers.below(900);
    Customer {
        key: format!("C{number:06}"),
        name: format!("{first} {second} {form} {number:06}"),
        email: (!unreachable).then(|| format!("c{number:06}@customers.example")),
        language,
        country,
        iban: german_iban(bank, number),
        terms_days,
        limit_cents,
    }
}

fn invoice(numbers: &mut Numbers, customers: &[Customer], number: usize, as_of: Date) -> Item {
    let customer = numbers.skewed(customers.len());
    let terms = customers[customer].terms_days;
    let (first, last) = match numbers.below(100) {
        0..35 => (-1, -1),
        35..55 => (1, 14),
        55..70 => (15, 29),
        70..85 => (30, 59),
        _ => (60, 180),
    };
    let due = if first < 0 {
        later(as_of, numbers.below(terms + 1))
    } else {
        later(as_of, -numbers.between(first, last))
    };
    let net = numbers.net();
    let vat = vat(net);
    let name = format!("INV{number:07}");
    Item {
        credit_note: false,
        customer,
        issued: later(due, -terms),
        due,
        net,
        vat,
        reference: creditor_reference(&name),
        disputed: numbers.below(50) == 0,
        residual: net + vat,
        number: name,
    }
}

fn credit_note(numbers: &mut Numbers, customers: usize, number: usize, as_of: Date) -> Item {
    let customer = numbers.skewed(customers);
    let day = later(as_of, -numbers.below(60));
    let net = numbers.between(1_000, 40_000);
    let vat = vat(net);
    let name = format!("CN{number:07}");
    Item {
        credit_note: true,
        customer,
        issued: day,
        due: day,
        net: -net,
        vat: -vat,
        reference: creditor_reference(&name),
        disputed: false,
        residual: -net - vat,
        number: name,
    }
}

/// One overdue invoice in twenty-five was paid in part; what is open of it falls.
fn prior_payments(numbers: &mut Numbers, items: &mut [Item], as_of: Date) -> Vec<PriorPayment> {
    let mut payments = Vec::new();
    for (place, item) in items.iter_mut().enumerate() {
        if item.due >= as_of || numbers.below(25) != 0 {
            continue;
        }
        let cents = item.gross() * numbers.between(20, 80) / 100;
        let days = days_between(item.issued, as_of);
        item.residual -= cents;
        payments.push(PriorPayment {
            reference: format!("P{:07}", payments.len() + 1),
            item: place,
            on: later(item.issued, numbers.below(days + 1)),
            cents,
        });
    }
    payments
}

/// Tax of 19 %, half a cent up.
const fn vat(net: i64) -> i64 {
    (net * 19 + 50) / 100
}

fn later(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).expect("a day of our time")
}

fn days_between(from: Date, to: Date) -> i64 {
    let span = from.until(to).expect("days of our time");
    i64::from(span.get_days())
}

/// `-12.05` of a number of cents.
pub fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

fn row<const N: usize>(csv: &mut String, cells: [&str; N]) {
    writeln!(csv, "{}", cells.join(",")).expect("text takes all that is written to it");
}

/// `RF18…` of a number (ISO 11649).
fn creditor_reference(number: &str) -> String {
    format!("RF{:02}{number}", check_digits(&format!("{number}RF00")))
}

fn german_iban(bank: i64, account: usize) -> String {
    let basic = format!("{bank:08}{account:010}");
    format!("DE{:02}{basic}", check_digits(&format!("{basic}DE00")))
}

/// Check digits of ISO 7064 (mod 97-10): a letter counts as its place after 9.
fn check_digits(text: &str) -> u32 {
    let rest = text.chars().fold(0, |rest, sign| {
        let value = sign.to_digit(36).expect("letters and digits");
        let shift = if value < 10 { 10 } else { 100 };
        (rest * shift + value) % 97
    });
    98 - rest
}
