//! A generated portfolio in a folder of CSV files, where the environment names one: its statement
//! against its truth, which the matcher never sees.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use domain::customer::Country;
use domain::ids::{CustomerId, DocumentId};
use domain::ledger::matching::{Incoming, IndexBuilder, KnownCustomer, KnownDocument, Rules};
use domain::{Currency, Money};
use jiff::civil::Date;
use uuid::Uuid;

use crate::measure::{Score, Truth};

/// Folders, with a colon between them.
const FOLDERS: &str = "PUNTUAL_PORTFOLIOS";
/// Where the counts by evidence are written, for fitting.
const COUNTS: &str = "PUNTUAL_MATCH_COUNTS";

fn rows(folder: &Path, file: &str) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(folder.join(file)).expect("the portfolio's file");
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().expect("a header").split(',').collect();
    lines
        .map(|line| {
            let cells = head.iter().zip(line.split(','));
            cells
                .map(|(name, cell)| ((*name).to_owned(), cell.to_owned()))
                .collect()
        })
        .collect()
}

fn minor(text: &str) -> i64 {
    let value = text.parse().expect("a number");
    Money::from_decimal(value, Currency::EUR)
        .expect("two decimals")
        .minor
}

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn number_of(key: &str) -> u128 {
    let digits: String = key.chars().filter(char::is_ascii_digit).collect();
    digits.parse::<u128>().expect("digits") + if key.starts_with("CN") { 1 << 64 } else { 0 }
}

fn document_id(key: &str) -> DocumentId {
    DocumentId::from_uuid(Uuid::from_u128(number_of(key)))
}

fn customer_id(key: &str) -> CustomerId {
    CustomerId::from_uuid(Uuid::from_u128(number_of(key)))
}

fn of_folder(folder: &Path) -> Score {
    let mut open: HashMap<String, i64> = HashMap::new();
    let invoices = rows(folder, "invoices.csv");
    for row in &invoices {
        open.insert(row["invoice_no"].clone(), minor(&row["gross"]).abs());
    }
    for row in rows(folder, "prior_payments.csv") {
        *open.get_mut(&row["invoice_no"]).expect("its invoice") -= minor(&row["amount"]);
    }
    let mut builder = IndexBuilder::default();
    for row in rows(folder, "customers.csv") {
        let id = customer_id(&row["customer_id"]);
        builder.customer(&KnownCustomer {
            id,
            key: &row["customer_id"],
            name: &row["name"],
            tax_id: None,
        });
        builder.account(id, &row["iban"]);
    }
    for row in &invoices {
        builder.document(&KnownDocument {
            id: document_id(&row["invoice_no"]),
            customer: customer_id(&row["customer_id"]),
            number: &row["invoice_no"],
            credit: row["kind"] == "credit_note",
            issued: day(&row["issue_date"]),
            due: day(&row["due_date"]),
            open: Money::new(open[&row["invoice_no"]], Currency::EUR),
            net: Some(minor(&row["net"]).abs()),
            total: minor(&row["gross"]).abs(),
            references: &[],
            stamp: None,
        });
    }
    let index = builder.build();
    let lines: Vec<Incoming> = rows(folder, "bank_statement.csv")
        .iter()
        .map(|row| {
            let amount = Money::new(minor(&row["amount"]), Currency::EUR);
            let mut line = Incoming::new(&row["txn_id"], day(&row["booking_date"]), amount);
            line.texts = vec![row["remittance"].clone()];
            line.end_to_end = Some(row["txn_id"].clone());
            line.payer.name = Some(row["debtor_name"].clone());
            line.payer.account = Some(row["debtor_iban"].clone()).filter(|it| !it.is_empty());
            line
        })
        .collect();
    let proposals = index.match_lines(&lines, &Rules::of(Country::MX), &[]);
    let mut truths: HashMap<String, Truth> = HashMap::new();
    for row in rows(folder, "payments_truth.csv") {
        let truth = truths
            .entry(row["txn_id"].clone())
            .or_insert_with(|| Truth {
                kind: row["kind"].clone(),
                matchable: row["kind"] != "unknown",
                pays: Vec::new(),
                twins: Vec::new(),
            });
        if !row["invoice_no"].is_empty() {
            truth
                .pays
                .push((document_id(&row["invoice_no"]), minor(&row["amount"])));
        }
    }
    let mut score = Score::default();
    for proposal in &proposals {
        score.add(proposal, &truths[&proposal.incoming]);
    }
    score
}

/// Everything but cash deposits is matchable: the payer's account is known, and either a document
/// is named or the amount is one document's.
#[test]
fn a_portfolio_of_the_environment_is_matched() {
    let Ok(folders) = std::env::var(FOLDERS) else {
        return;
    };
    let mut all = Score::default();
    for folder in folders.split(':') {
        let score = of_folder(Path::new(folder));
        println!("{folder}\n{}", score.table());
        assert!(score.precision() >= 9_990, "precision in {folder}");
        assert!(score.recall() >= 9_500, "recall in {folder}");
        all.add_all(score);
    }
    println!("all\n{}", all.table());
    crate::planted::write_counts(&all, COUNTS);
}
