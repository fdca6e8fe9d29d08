//! Real return files, statements and tables nobody of this project wrote, when they are at hand:
//! every file, every total.

mod statements;

use std::path::{Path, PathBuf};

use formats::bank::{Hints, recognise};
use statements::{hints, summary};

/// The folder of real files, if this machine has it.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PUNTUAL_SHARED")
        .map_or(beside, PathBuf::from)
        .join("data");
    folder.is_dir().then_some(folder)
}

/// Every file below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of real files") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

/// One block for each file below the folders.
fn told(data: &Path, folders: &[&str], ending: &[&str], hints: &Hints) -> String {
    let mut all = String::new();
    for folder in folders {
        for file in files(&data.join("bank").join(folder)) {
            let name = name(&file);
            let lower = name.to_lowercase();
            if !ending.iter().any(|ending| lower.ends_with(ending)) {
                continue;
            }
            let bytes = std::fs::read(&file).expect("a real file");
            all.push_str(&format!("== {name}\n{}", summary(&bytes, &name, hints)));
        }
    }
    all
}

#[test]
fn return_files_of_brazilian_banks() {
    let Some(data) = shared() else { return };
    let folders = [
        "andersondanilo__CnabPHP",
        "eduardordm__cnab240",
        "kivanio__brcobranca/spec/arquivos",
    ];
    insta::assert_snapshot!(told(&data, &folders, &[".ret", ".crt"], &hints(None)), @"");
}

#[test]
fn remittances_are_refused() {
    let Some(data) = shared() else { return };
    let told = told(
        &data,
        &["kivanio__brcobranca/spec/fixtures"],
        &[".rem"],
        &hints(None),
    );
    for block in told.split("== ").filter(|block| !block.is_empty()) {
        assert!(block.contains("refused at"), "{block}");
    }
}

#[test]
fn tables_of_banks() {
    let Some(data) = shared() else { return };
    let folders = [
        "bank2ynab__bank2ynab",
        "mabahamo__beancount-chile",
        "sebastienrousseau__bankstatementparser",
    ];
    let ending = [".csv", ".xls", ".xlsx"];
    insta::assert_snapshot!(told(&data, &folders, &ending, &hints(Some("EUR"))), @"");
}

#[test]
fn no_ledger_of_customers_is_taken_for_a_statement() {
    let Some(data) = shared() else { return };
    for folder in ["receivables", "spreadsheets"] {
        for file in files(&data.join(folder)) {
            let mut reader = std::fs::File::open(&file).expect("a real file");
            let name = name(&file);
            let format = recognise(&mut reader, &name, &Hints::default()).expect("it is read");
            assert_eq!(format, None, "{}", file.display());
        }
    }
}
