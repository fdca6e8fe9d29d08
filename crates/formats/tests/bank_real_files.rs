//! Every statement in XML, SWIFT, OFX and QIF beside the repository, where it is there: what is
//! read of it, or why it is refused.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};

use domain::Currency;
use formats::bank::{Hints, Part, TransactionState, open};
use rust_decimal::Decimal;

const FOLDERS: [&str; 7] = [
    "asgrim__ofxparser",
    "cuenca-mx__cep-python",
    "genkgo__camt",
    "jseutter__ofxparse",
    "prowide__prowide-iso20022",
    "sebastienrousseau__bankstatementparser",
    "wolph__mt940",
];
const ENDINGS: [&str; 6] = ["ofx", "qif", "sta", "txt", "xml", "mt940"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.map(|entry| entry.expect("a folder is listed")) {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| ENDINGS.iter().any(|known| end == *known)) {
            found.push(path);
        }
    }
}

/// One line: statements, movements and their sum by currency, faults, warnings; or the refusal.
fn told(path: &Path) -> String {
    let name = path.file_name().expect("a file").to_string_lossy();
    let file = File::open(path).expect("the file opens");
    let parts = match open(file, &name, &Hints { currency: Some(Currency::EUR), ..Hints::default() }) {
        Ok(parts) => parts,
        Err(fault) => return format!("{name} refused: {}", fault.reason),
    };
    let (mut heads, mut moved, mut faults, mut warnings) = (0, 0, Vec::new(), Vec::new());
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for part in parts {
        match part {
            Part::Opens(_) => heads += 1,
            Part::Moved(one) => {
                moved += 1;
                if one.state == TransactionState::Booked {
                    let code = one.amount.currency.code().to_owned();
                    *sums.entry(code).or_default() += one.amount.decimal();
                }
            }
            Part::Fault(fault) => faults.push(format!("{}:{}", fault.line, fault.field)),
            Part::Warning(fault) => warnings.push(format!("{}:{}", fault.line, fault.field)),
            Part::Closes(_) => {}
        }
    }
    let mut line = format!("{name} {heads}/{moved}");
    for (code, sum) in sums {
        let _ = write!(line, " {code} {sum}");
    }
    for (what, list) in [("faults", faults), ("warnings", warnings)] {
        if !list.is_empty() {
            let _ = write!(line, " {what} {}", list.join(" "));
        }
    }
    line
}

#[test]
fn every_statement_beside_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bank");
    if !root.is_dir() {
        return;
    }
    let mut table = String::new();
    for folder in FOLDERS {
        let mut found = Vec::new();
        files(&root.join(folder), &mut found);
        found.sort();
        let _ = writeln!(table, "# {folder}");
        for path in found {
            let _ = writeln!(table, "{}", told(&path));
        }
    }
    insta::assert_snapshot!(table, @"");
}
