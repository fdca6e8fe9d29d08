//! A file of published values: one line each with series, day, value and source, in any order of
//! columns, parted by commas, semicolons or tabs.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::amount;
use crate::date::{self, DateOrder};
use crate::fold::fold_name;

/// Lines in one file.
const LINES_MAX: usize = 100_000;

/// A value as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLine {
    /// The line in the file, from 1.
    pub line: usize,
    /// The series, as written, in capitals.
    pub series: String,
    /// The day.
    pub on: Date,
    /// The value.
    pub value: Decimal,
    /// Who published it; empty where the file does not say.
    pub source: String,
}

/// A line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// The line in the file, from 1.
    pub line: usize,
    /// The column.
    pub field: &'static str,
    /// Why, and what to write, in Spanish.
    pub reason: String,
}

/// A file without the columns that are needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file has no column `{0}`: its first line names series, date and value")]
pub struct NoColumn(pub &'static str);

/// Reads a file of published values.
///
/// # Errors
/// [`NoColumn`] when the first line does not name what is needed.
///
/// ```
/// let (read, bad) = formats::rates::read("Serie;Fecha;Valor\nUF;2026-11-21;39.643,59\n").unwrap();
/// assert_eq!(read[0].value.to_string(), "39643.59");
/// assert!(bad.is_empty());
/// ```
pub fn read(text: &str) -> Result<(Vec<RateLine>, Vec<BadLine>), NoColumn> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    let head = lines.next().map_or("", |(_, line)| line);
    let mark = [';', '\t', ',']
        .into_iter()
        .find(|mark| head.contains(*mark));
    let mark = mark.unwrap_or(',');
    let names: Vec<String> = cells(head, mark)
        .iter()
        .map(|name| fold_name(name))
        .collect();
    let column = |words: &[&str]| names.iter().position(|name| words.contains(&name.as_str()));
    let series = column(&["series", "serie", "tasa", "rate"]).ok_or(NoColumn("series"))?;
    let day = column(&["date", "fecha", "data", "dia"]).ok_or(NoColumn("date"))?;
    let value = column(&["value", "valor"]).ok_or(NoColumn("value"))?;
    let source = column(&["source", "fuente", "fonte", "origen"]);
    let (mut read, mut bad) = (Vec::new(), Vec::new());
    for (line, text) in lines.take(LINES_MAX) {
        if text.trim().is_empty() {
            continue;
        }
        let cells = cells(text, mark);
        let cell = |index: usize| cells.get(index).map_or("", String::as_str);
        match one((cell(series), cell(day), cell(value))) {
            Ok((series, on, value)) => read.push(RateLine {
                line,
                series,
                on,
                value,
                source: source.map(|it| cell(it).to_owned()).unwrap_or_default(),
            }),
            Err((field, reason)) => bad.push(BadLine {
                line,
                field,
                reason,
            }),
        }
    }
    Ok((read, bad))
}

type Field = (&'static str, String);

fn one((series, day, value): (&str, &str, &str)) -> Result<(String, Date, Decimal), Field> {
    let series = series.trim().to_uppercase();
    if !domain::charges::Series::is_word(&series) {
        let reason = "escriba el nombre de la tasa con letras, cifras y guiones, como UF";
        return Err(("series", reason.to_owned()));
    }
    let day = match date::read(day, None).or_else(|_| date::read(day, Some(DateOrder::DayFirst))) {
        Ok(Some(day)) => day,
        _ => {
            return Err((
                "date",
                format!("«{day}» no es una fecha: escriba 2026-11-21"),
            ));
        }
    };
    match number(value) {
        Some(value) => Ok((series, day, value)),
        None => Err((
            "value",
            format!(
                "«{value}» no se puede leer sin duda: escriba los decimales con punto y sin \
                     separar los miles, como 39643.59"
            ),
        )),
    }
}

/// A number that can be read one way only; with a point alone, as machines write it.
fn number(text: &str) -> Option<Decimal> {
    let text = text.trim().trim_end_matches('%').trim_end();
    let number = match amount::machine_number(text) {
        Some(number) => number,
        None => amount::read(text, None).ok()??.value,
    };
    (number >= Decimal::ZERO).then_some(number)
}

/// The cells of a line; quotes keep a mark inside a cell.
fn cells(line: &str, mark: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.trim_end_matches('\r').chars() {
        match letter {
            '"' => quoted = !quoted,
            letter if letter == mark && !quoted => cells.push(String::new()),
            letter => {
                if let Some(last) = cells.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_clear_is_read_and_the_rest_named() {
        let text = "\u{feff}fecha,serie,valor,fuente\n\
                    2026-11-21,uf,39643.59,\"Banco Central, Chile\"\n\
                    01/07/2026,BCE,2.15%,BCE\n\n\
                    2026-11-22,uf,cerca de 40000,\n\
                    ayer,UF,1,\n\
                    2026-11-22,u f,1,\n\
                    2026-11-22,TMC,\"37,5\",CMF\n\
                    2026-11-23,TMC,-1,\n";
        let (read, bad) = read(text).expect("its columns");
        let values: Vec<String> = read
            .iter()
            .map(|it| format!("{} {}", it.series, it.value))
            .collect();
        assert_eq!(values, ["UF 39643.59", "BCE 2.15", "TMC 37.5"]);
        assert_eq!(read[0].source, "Banco Central, Chile");
        assert_eq!(read[1].on, jiff::civil::date(2026, 7, 1));
        let named: Vec<_> = bad.iter().map(|it| (it.line, it.field)).collect();
        assert_eq!(
            named,
            [(5, "value"), (6, "date"), (7, "series"), (9, "value")]
        );
        assert_eq!(super::read("a,b\n"), Err(NoColumn("series")));
    }
}
