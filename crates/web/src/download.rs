//! Tables to take away: CSV as it is read, XLSX for spreadsheets. What a customer or a file wrote
//! never becomes a formula there; numbers and days stay numbers and days.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use domain::Money;
use futures_util::{Stream, StreamExt};
use jiff::civil::Date;
use rust_xlsxwriter::{ExcelDateTime, Format as Style, Workbook, XlsxError};

use crate::page::Problem;

/// Rows of an XLSX, which is made in memory; longer ones are taken as CSV.
pub(crate) const XLSX_ROWS_MAX: usize = 50_000;

/// Digits that a spreadsheet's number holds exactly; a longer one is given as text.
const EXACT_DIGITS: usize = 15;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Nothing.
    Empty,
    /// A text, whoever wrote it.
    Text(String),
    /// A number in decimal, such as `1234.56`.
    Number(String),
    /// A day.
    Day(Date),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Money> for Cell {
    fn from(amount: Money) -> Self {
        Self::Number(amount.decimal().to_string())
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<Date> for Cell {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A table with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// The file's name without its ending, in ASCII.
    pub(crate) name: String,
    /// Headings.
    pub(crate) columns: Vec<String>,
    /// Cells, row by row.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// In which form a table is taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// Text, a row a line.
    #[default]
    Csv,
    /// A workbook.
    Xlsx,
}

impl Sheet {
    /// The table as an answer.
    pub(crate) fn answer(self, format: Format) -> Result<Response, Problem> {
        match format {
            Format::Csv => {
                let mut text = heading(&self.columns);
                self.rows.iter().for_each(|row| push_row(&mut text, row));
                Ok(file(&self.name, "csv", Body::from(text)))
            }
            Format::Xlsx => {
                let book = workbook(&self).map_err(|error| {
                    Problem::Invalid(format!("no se pudo escribir el libro: {error}"))
                })?;
                Ok(file(&self.name, "xlsx", Body::from(book)))
            }
        }
    }
}

/// A long table as CSV, sent as its parts are read. One that fails on its way is cut off, so that
/// nobody takes a part for the whole.
pub(crate) fn csv_stream<S>(name: &str, columns: &[String], parts: S) -> Response
where
    S: Stream<Item = Result<Vec<Vec<Cell>>, store::StoreError>> + Send + 'static,
{
    let first = futures_util::stream::iter([Ok(Bytes::from(heading(columns)))]);
    let rest = parts.map(|part| {
        part.map(|rows| {
            let mut text = String::new();
            rows.iter().for_each(|row| push_row(&mut text, row));
            Bytes::from(text)
        })
    });
    file(name, "csv", Body::from_stream(first.chain(rest)))
}

/// A file to take away; its kind follows from its ending.
pub(crate) fn file(name: &str, ending: &str, body: Body) -> Response {
    let kind = match ending {
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json",
        "pdf" => "application/pdf",
        _ => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let name: String = name.chars().filter(|&letter| plain(letter)).collect();
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
}

/// The headings, behind the mark by which spreadsheets know UTF-8.
fn heading(columns: &[String]) -> String {
    let mut text = "\u{feff}".to_owned();
    let cells: Vec<Cell> = columns.iter().map(|it| Cell::Text(it.clone())).collect();
    push_row(&mut text, &cells);
    text
}

fn push_row(into: &mut String, row: &[Cell]) {
    for (at, cell) in row.iter().enumerate() {
        if at > 0 {
            into.push(',');
        }
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => push_text(into, &disarmed(text)),
            Cell::Number(number) => into.push_str(number),
            Cell::Day(day) => into.push_str(&day.to_string()),
        }
    }
    into.push_str("\r\n");
}

fn push_text(into: &mut String, text: &str) {
    if text.contains(['"', ',', ';', '\n', '\r', '\t']) {
        into.push('"');
        into.push_str(&text.replace('"', "\"\""));
        into.push('"');
    } else {
        into.push_str(text);
    }
}

/// A text that no spreadsheet takes for a formula (OWASP, "CSV injection").
fn disarmed(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn workbook(sheet: &Sheet) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    let bold = Style::new().set_bold();
    let days = Style::new().set_num_format("yyyy-mm-dd");
    for (column, name) in (0u16..).zip(&sheet.columns) {
        page.write_string_with_format(0, column, name, &bold)?;
    }
    page.set_freeze_panes(1, 0)?;
    for (row, cells) in (1u32..).zip(&sheet.rows) {
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Cell::Empty => {}
                // A string is never computed, whatever it begins with.
                Cell::Text(text) => {
                    page.write_string(row, column, text)?;
                }
                Cell::Number(number) => match exact(number) {
                    Some(value) => {
                        page.write_number(row, column, value)?;
                    }
                    None => {
                        page.write_string(row, column, number)?;
                    }
                },
                Cell::Day(day) => {
                    let (year, month) = (day.year().unsigned_abs(), day.month().unsigned_abs());
                    match ExcelDateTime::from_ymd(year, month, day.day().unsigned_abs()) {
                        Ok(at) => page.write_datetime_with_format(row, column, &at, &days)?,
                        Err(_) => page.write_string(row, column, day.to_string())?,
                    };
                }
            }
        }
    }
    page.autofit();
    book.save_to_buffer()
}

/// The number as a spreadsheet holds it, where it holds it exactly.
fn exact(number: &str) -> Option<f64> {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    (digits <= EXACT_DIGITS).then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use domain::Currency;

    use super::*;

    fn line(cells: &[Cell]) -> String {
        let mut text = String::new();
        push_row(&mut text, cells);
        text
    }

    #[test]
    fn what_others_wrote_is_never_a_formula() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("+52 55", "'+52 55"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            (
                "=cmd|'/c calc'!A0, \"x\"",
                "\"'=cmd|'/c calc'!A0, \"\"x\"\"\"",
            ),
            ("Peña; Hijos", "\"Peña; Hijos\""),
            ("1=1", "1=1"),
        ];
        for (written, wanted) in cases {
            assert_eq!(
                line(&[written.into()]),
                format!("{wanted}\r\n"),
                "{written:?}"
            );
        }
    }

    #[test]
    fn numbers_and_days_stay_what_they_are() {
        let amount = Money::new(-123_456, Currency::MXN);
        let day: Date = "2026-11-22".parse().expect("a day");
        let row = [
            Cell::from(amount),
            day.into(),
            Cell::from(None::<i64>),
            7.into(),
        ];
        assert_eq!(line(&row), "-1234.56,2026-11-22,,7\r\n");
        assert_eq!(exact("1234.56"), Some(1234.56));
        assert_eq!(exact("12345678901234567.89"), None);
    }

    #[test]
    fn a_workbook_can_be_written() {
        let sheet = Sheet {
            name: "clientes".into(),
            columns: vec!["Clave".into(), "Importe".into(), "Vence".into()],
            rows: vec![vec![
                "=A1".into(),
                Money::new(100, Currency::MXN).into(),
                Cell::Day("1850-01-01".parse().expect("a day")),
            ]],
        };
        let book = workbook(&sheet).expect("a workbook");
        assert_eq!(book[..2], *b"PK");
    }
}
