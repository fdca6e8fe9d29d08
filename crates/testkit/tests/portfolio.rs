//! The portfolio from a seed: its files are those of the reference script, byte for byte, and its
//! totals those it is known to have.

use std::process::Command;

use jiff::civil::{Date, date};
use testkit::portfolio::Portfolio;
use testkit::program::collected;

const AS_OF: Date = date(2026, 10, 31);

#[test]
fn the_totals_of_a_thousand_invoices_are_known() {
    let expected = Portfolio::generate(42, 200, 1_000, AS_OF).expected();
    let ageing = [
        367_026_752,
        344_498_177,
        139_682_088,
        20_064_388,
        114_982_878,
    ];
    assert_eq!(expected.ageing, ageing);
    assert_eq!(expected.open_invoices, 986_254_283);
    assert_eq!(expected.net(), 985_710_764);
    assert_eq!(expected.credit_notes, -543_519);
    assert_eq!(expected.prior_payments, 21_372_825);
    assert_eq!(expected.overdue_invoices, 682);
    assert_eq!(expected.overdue_gross, 640_600_356);
    assert_eq!(expected.overdue_residual, 619_227_531);
    assert_eq!(expected.overdue_disputed, 12);
    assert_eq!(expected.overdue_customers, 173);
    assert_eq!(expected.overdue_customers_without_email, 4);
    assert_eq!(expected.overdue_invoices_without_email, 16);
    assert_eq!(expected.bank_total, 255_821_584);
}

#[test]
fn the_files_are_those_of_the_reference_script() {
    let Some(script) = collected("data/portfolio/gen_portfolio.py") else {
        eprintln!("skipped: the reference script is not there");
        return;
    };
    for (seed, customers, invoices) in [(42, 200, 1_000), (7, 37, 480), (3, 1_500, 6_000)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut python = Command::new("python3");
        python.arg(&script).arg("--out").arg(folder.path());
        let numbers = [
            ("--seed", seed),
            ("--customers", customers),
            ("--invoices", invoices),
        ];
        for (name, number) in numbers {
            python.args([name, &number.to_string()]);
        }
        match python.args(["--as-of", &AS_OF.to_string()]).status() {
            Ok(status) => assert!(status.success(), "the script runs"),
            Err(error) => {
                eprintln!("skipped: no python3 ({error})");
                return;
            }
        }
        let count = |number: u64| usize::try_from(number).expect("a small number");
        let ours = Portfolio::generate(seed, count(customers), count(invoices), AS_OF);
        let files = [
            ("customers.csv", ours.customers_csv()),
            ("invoices.csv", ours.invoices_csv()),
            ("prior_payments.csv", ours.prior_payments_csv()),
            ("bank_statement.csv", ours.bank_statement_csv()),
            ("payments_truth.csv", ours.payments_truth_csv()),
        ];
        for (name, our) in files {
            let theirs = std::fs::read_to_string(folder.path().join(name)).expect("a file");
            let mut lines = theirs.lines().zip(our.lines()).enumerate();
            let different = lines.find(|(_, (theirs, our))| theirs != our);
            assert!(
                theirs == our,
                "{name}, {customers} customers: {different:?}"
            );
        }
    }
}
