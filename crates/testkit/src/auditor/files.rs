//! The imported files, read by the auditor's own eyes: plain lists with commas and no quotes, as
//! the tests write them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::calendar::Day;
use super::{Report, name_of};

/// All that the files say.
#[derive(Debug, Default)]
pub struct Files {
    /// Name and SHA-256 of each.
    pub names: Vec<(String, String)>,
    /// Customers by key: name and e-mail.
    pub customers: BTreeMap<String, (String, String)>,
    /// Documents by number.
    pub documents: BTreeMap<String, WrittenDocument>,
    /// Payments by reference.
    pub payments: BTreeMap<String, WrittenPayment>,
    /// Rows that cannot be read, by file and row number.
    pub unreadable: Vec<(String, i128)>,
}

/// A row of a list of documents.
#[derive(Clone, Debug)]
pub struct WrittenDocument {
    pub customer: String,
    pub kind: String,
    pub issued: Day,
    pub due: Day,
    pub currency: String,
    pub cents: i128,
    pub disputed: bool,
}

/// A payment that a file tells of.
#[derive(Clone, Debug)]
pub struct WrittenPayment {
    pub customer: String,
    pub document: String,
    /// `None` where the file tells only that it was paid by the day of the import.
    pub on: Option<Day>,
    pub cents: i128,
}

/// One row by the names of its columns.
struct Cells<'a>(BTreeMap<&'a str, &'a str>);

impl Cells<'_> {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).copied().unwrap_or_default()
    }
}

impl Files {
    pub fn read(paths: &[PathBuf], report: &mut Report) -> Self {
        let mut files = Self::default();
        for path in paths {
            files.add(path, report);
        }
        files
    }

    fn add(&mut self, path: &Path, report: &mut Report) {
        let file = name_of(path);
        let Ok(text) = std::fs::read_to_string(path) else {
            report.say("file", &file, "it cannot be read");
            return;
        };
        let digest = Sha256::digest(text.as_bytes());
        let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.names.push((file.clone(), digest));
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
        for (place, line) in lines.enumerate() {
            let cells = Cells(header.iter().copied().zip(line.split(',')).collect());
            let read = if header.contains(&"invoice_no") && header.contains(&"due_date") {
                self.document(&cells)
            } else if header.contains(&"payment_no") {
                self.payment(&cells)
            } else {
                let said = (cells.get("name").to_owned(), cells.get("email").to_owned());
                self.customers
                    .insert(cells.get("customer_id").to_owned(), said);
                Some(())
            };
            if read.is_none() {
                let row = i128::try_from(place + 2).unwrap_or(0);
                self.unreadable.push((file.clone(), row));
            }
        }
    }

    fn document(&mut self, cells: &Cells<'_>) -> Option<()> {
        let amount = [cells.get("gross"), cells.get("amount")];
        let cents = cents(amount.iter().find(|it| !it.is_empty())?)?;
        let number = cells.get("invoice_no").to_owned();
        let customer = cells.get("customer_id").to_owned();
        let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
        let document = WrittenDocument {
            customer: customer.clone(),
            kind: or(cells.get("kind"), "invoice"),
            issued: Day::parse(cells.get("issue_date"))?,
            due: Day::parse(cells.get("due_date"))?,
            currency: or(cells.get("currency"), "MXN"),
            cents: cents.abs(),
            disputed: cells.get("disputed") == "1",
        };
        if !cells.get("balance").is_empty() {
            let paid = WrittenPayment {
                customer,
                document: number.clone(),
                on: None,
                cents: cents - self::cents(cells.get("balance"))?,
            };
            self.payments.insert(format!("{number} pagado"), paid);
        }
        self.documents.insert(number, document);
        Some(())
    }

    fn payment(&mut self, cells: &Cells<'_>) -> Option<()> {
        let payment = WrittenPayment {
            customer: cells.get("customer_id").to_owned(),
            document: cells.get("invoice_no").to_owned(),
            on: Some(Day::parse(cells.get("date"))?),
            cents: cents(cells.get("amount"))?,
        };
        self.payments
            .insert(cells.get("payment_no").to_owned(), payment);
        Some(())
    }
}

/// Cents of `-12.05`.
pub fn cents(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "00"));
    let part = match part.len() {
        1 => part.parse::<i128>().ok()? * 10,
        2 => part.parse().ok()?,
        _ => return None,
    };
    Some(sign * (whole.parse::<i128>().ok()? * 100 + part))
}
