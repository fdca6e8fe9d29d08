//! What the real files say, looked at by eye, where they are at hand.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};

use formats::invoice::open;

use crate::said::line;

/// The folder of real files, if this machine has it.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PUNTUAL_SHARED")
        .map_or(beside, PathBuf::from)
        .join("data/einvoice");
    folder.is_dir().then_some(folder)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("a folder");
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
    files.sort();
}

/// What the real files below a folder say, those that say the same under one another.
fn real(folder: &str) -> Option<String> {
    let folder = shared()?.join(folder);
    let mut files = Vec::new();
    walk(&folder, &mut files);
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in files {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let lines: String = match open(File::open(&path).expect("a real file"), "") {
            Ok(invoices) => invoices.map(|found| line(&found)).collect(),
            Err(fault) => format!("refused: {fault}\n"),
        };
        groups.entry(lines).or_default().push(name);
    }
    let mut out = String::new();
    for (lines, names) in groups {
        let sample = &names[0];
        writeln!(out, "{} × {sample}\n{lines}", names.len()).expect("writes");
    }
    Some(out)
}
