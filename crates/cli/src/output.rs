//! Answers: a table for people, JSON, JSON lines or CSV for programs. Only answers go to standard
//! output; progress and warnings go to standard error.

use std::io::{self, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;

use crate::args::Format;
use crate::failure::Failure;

/// Where and how answers are written.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    format: Format,
}

/// Rows for people and for CSV.
#[derive(Debug, Default)]
pub struct Rows {
    /// Column names.
    pub header: Vec<String>,
    /// Cells.
    pub rows: Vec<Vec<String>>,
}

impl Rows {
    /// Rows without any yet.
    pub fn new(header: &[&'static str]) -> Self {
        Self {
            header: header.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push<const N: usize>(&mut self, row: [String; N]) {
        self.rows.push(row.to_vec());
    }
}

/// Tells a person something beside the answer. What cannot be told, as where standard error leads
/// to a full disk, does not stop the work.
pub fn notice(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

impl Output {
    /// Answers in a format.
    pub const fn new(format: Format) -> Self {
        Self { format }
    }

    /// Writes one answer: as it is for programs, as `text` for people, as `rows` for CSV.
    pub fn answer(
        self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
        rows: impl FnOnce() -> Rows,
    ) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match self.format {
            Format::Table => writeln!(out, "{}", text().trim_end())?,
            Format::Json => {
                serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
                writeln!(out)?;
            }
            Format::Jsonl => {
                serde_json::to_writer(&mut out, value).map_err(io::Error::from)?;
                writeln!(out)?;
            }
            Format::Csv => csv(&mut out, &rows())?,
        }
        Ok(out.flush()?)
    }

    /// Writes a list: an array, a line each, or a table.
    pub fn list(
        self,
        values: &[impl Serialize],
        rows: impl FnOnce() -> Rows,
    ) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match self.format {
            Format::Table => writeln!(out, "{}", table(&rows()))?,
            Format::Json => {
                serde_json::to_writer_pretty(&mut out, values).map_err(io::Error::from)?;
                writeln!(out)?;
            }
            Format::Jsonl => {
                for value in values {
                    line(&mut out, value)?;
                }
            }
            Format::Csv => csv(&mut out, &rows())?,
        }
        Ok(out.flush()?)
    }
}

/// Writes one line of JSON.
pub fn line(out: &mut impl Write, value: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

/// Rows as a table for people.
pub fn table(rows: &Rows) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_BORDERS_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(&rows.header);
    for row in &rows.rows {
        table.add_row(row);
    }
    table.to_string()
}

fn csv(out: &mut impl Write, rows: &Rows) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(&rows.header).map_err(Failure::new)?;
    for row in &rows.rows {
        writer
            .write_record(row.iter().map(|cell| harmless(cell)))
            .map_err(Failure::new)?;
    }
    Ok(writer.flush()?)
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    let number = cell.parse::<rust_decimal::Decimal>().is_ok();
    if !number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// `1234.56 MXN` of an amount in an answer.
pub fn amount(money: &Value) -> String {
    let part = |key: &str| money[key].as_str().unwrap_or_default().to_owned();
    format!("{} {}", part("amount"), part("currency"))
        .trim()
        .to_owned()
}

/// A path as it is shown.
pub fn path(path: &std::path::Path) -> String {
    path.display().to_string()
}
