//! Real files nobody of this project wrote, when they are at hand: every table, every count.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use formats::spreadsheet::{Entity, Options, Read, Record, profile, records};

/// The folder of real files, if this machine has it.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PUNTUAL_SHARED")
        .map_or(beside, PathBuf::from)
        .join("data");
    folder.is_dir().then_some(folder)
}

fn open(path: &Path) -> BufReader<File> {
    BufReader::new(File::open(path).expect("a real file"))
}

/// One line per table and refusal, with counts and the first reasons.
fn summary(path: &Path, options: &Options) -> String {
    let name = path.file_name().expect("a name").to_string_lossy();
    let found = match profile(open(path), &name, options) {
        Ok(found) => found,
        Err(error) => return format!("error: {error}\n"),
    };
    let mut out = String::new();
    for table in &found.tables {
        let (mut read, mut quarantined) = (0, 0);
        let mut reasons: Vec<String> = Vec::new();
        let mut rows = records(open(path), table).expect("opens again");
        for row in &mut rows {
            match row.expect("a row") {
                Read::Record { record, .. } => {
                    read += 1;
                    let entity = match record {
                        Record::Customer(_) => Entity::Customers,
                        Record::Document(_) => Entity::Documents,
                        Record::Payment(_) => Entity::Payments,
                    };
                    assert_eq!(entity, table.mapping.entity);
                }
                Read::Quarantined(row) => {
                    quarantined += 1;
                    let problem = &row.problems[0];
                    let reason = format!("  ! {} {}: {}", row.row, problem.field, problem.reason);
                    if reasons.len() < 8 {
                        reasons.push(reason);
                    }
                }
            }
        }
        let sheet = table.sheet.as_deref().unwrap_or("-");
        let order = table.mapping.date_order.map_or("-", |order| order.code());
        let mark = table.mapping.decimal_mark.map_or("-", |mark| mark.code());
        out.push_str(&format!(
            "{sheet}: {} rows {} read {read} quarantined {quarantined} dates {order} decimal \
             {mark}\n",
            table.mapping.entity.code(),
            table.rows,
        ));
        for warning in rows.warnings() {
            out.push_str(&format!("  ~ {}\n", warning.text_es()));
        }
        for reason in reasons {
            out.push_str(&format!("{reason}\n"));
        }
    }
    for refused in &found.refused {
        let sheet = refused.sheet.as_deref().unwrap_or("-");
        out.push_str(&format!("{sheet}: {}\n", refused.reason.text_es()));
    }
    out
}

#[test]
fn dump() {
    let Some(data) = shared() else { return };
    let mut files = Vec::new();
    for folder in ["spreadsheets", "receivables", "bank"] {
        walk(&data.join(folder), &mut files);
    }
    walk(Path::new("/tmp/portfolio-1k"), &mut files);
    files.sort();
    for file in files {
        let kind = file
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        if ["csv", "xls", "xlsx"].contains(&kind.as_str()) {
            println!(
                "== {}\n{}",
                file.display(),
                summary(&file, &Options::default())
            );
        }
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files)
        } else {
            files.push(path)
        }
    }
}
