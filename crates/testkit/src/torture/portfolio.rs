//! The files of a torture: a generated portfolio moved to Mexico, with what makes an import work:
//! two currencies, disputes, payments in part, balances, and rows that cannot be read.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jiff::civil::{Date, date};

use crate::portfolio::{Portfolio, money};

/// The lists, in the order in which they are imported.
pub const FILES: [&str; 5] = [
    "customers.csv",
    "invoices.csv",
    "payments.csv",
    "balances.csv",
    "bad.csv",
];

/// Documents of [`FILES`] whose balance is told instead of their payments.
const BALANCES: usize = 60;
/// Rows of `bad.csv`, none of which can be read.
const BAD_ROWS: usize = 20;

/// How large it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Customers.
    pub customers: usize,
    /// Invoices.
    pub invoices: usize,
}

/// Every seventh customer buys in dollars.
const fn currency(customer: usize) -> &'static str {
    if customer % 7 == 3 { "USD" } else { "MXN" }
}

/// Writes the lists; with `parts`, invoices are cut in as many lists (`invoices-1.csv`, …), which
/// together are the one.
///
/// # Panics
/// When the disk refuses.
pub fn write(folder: &Path, seed: u64, size: Size, parts: usize) {
    write_all(folder, seed, size, (parts, date(2026, 10, 31), "MX"));
}

/// Writes the lists for another day, of customers whose country nobody says.
///
/// # Panics
/// When the disk refuses.
pub fn write_for(folder: &Path, seed: u64, size: Size, as_of: Date) {
    write_all(folder, seed, size, (1, as_of, ""));
}

fn write_all(folder: &Path, seed: u64, size: Size, (parts, as_of, country): (usize, Date, &str)) {
    let portfolio = Portfolio::generate(seed, size.customers, size.invoices, as_of);
    let put = |name: &str, text: &str| {
        fs::write(folder.join(name), text).expect("the disk has room");
    };
    let mut customers = String::from("customer_id,name,email,language,country\n");
    for it in &portfolio.customers {
        let email = it.email.as_deref().unwrap_or_default();
        line(&mut customers, &[&it.key, &it.name, email, "es", country]);
    }
    put(FILES[0], &customers);
    let header = "invoice_no,kind,customer_id,issue_date,due_date,currency,gross,disputed\n";
    let mut invoices = vec![String::from(header); parts.max(1)];
    for (place, it) in portfolio.items.iter().enumerate() {
        let list = place % parts.max(1);
        line(
            &mut invoices[list],
            &[
                &it.number,
                if it.credit_note {
                    "credit_note"
                } else {
                    "invoice"
                },
                &portfolio.customers[it.customer].key,
                &it.issued.to_string(),
                &it.due.to_string(),
                currency(it.customer),
                &money(it.gross()),
                if it.disputed { "1" } else { "0" },
            ],
        );
    }
    if let [one] = invoices.as_slice() {
        put(FILES[1], one);
    } else {
        for (place, part) in invoices.iter().enumerate() {
            put(&format!("invoices-{}.csv", place + 1), part);
        }
    }
    put(FILES[2], &payments(&portfolio));
    put(FILES[3], &balances(&portfolio));
    let mut bad = String::from("invoice_no,customer_id,issue_date,due_date,amount\n");
    for place in 1..=BAD_ROWS {
        let number = format!("X{place:03}");
        line(
            &mut bad,
            &[&number, "C000001", "2026-09-12", "2026-10-01", "n/a"],
        );
    }
    put(FILES[4], &bad);
}

fn payments(portfolio: &Portfolio) -> String {
    let mut csv = String::from("payment_no,customer_id,invoice_no,date,amount,currency\n");
    for it in &portfolio.prior {
        let item = &portfolio.items[it.item];
        line(
            &mut csv,
            &[
                &it.reference,
                &portfolio.customers[item.customer].key,
                &item.number,
                &it.on.to_string(),
                &money(it.cents),
                currency(item.customer),
            ],
        );
    }
    csv
}

/// A third of them is paid whole.
fn balances(portfolio: &Portfolio) -> String {
    let mut csv = String::from("invoice_no,customer_id,issue_date,due_date,amount,balance\n");
    for (place, it) in portfolio.customers.iter().enumerate().take(BALANCES) {
        let (amount, open) = (1_000 + place, if place % 3 == 0 { 0 } else { 100 + place });
        line(
            &mut csv,
            &[
                &format!("S{place:04}"),
                &it.key,
                "2026-08-01",
                "2026-08-31",
                &format!("{amount}.00"),
                &format!("{open}.00"),
            ],
        );
    }
    csv
}

fn line(csv: &mut String, cells: &[&str]) {
    writeln!(csv, "{}", cells.join(",")).expect("text takes all that is written to it");
}
