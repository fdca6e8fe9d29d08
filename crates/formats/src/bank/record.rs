//! Records of fixed columns, as banks have written them since the punched card.
//!
//! A reader of such records is a [`Machine`] that takes one record after another; [`ByLine`]
//! drives it. Columns are counted from 1 and by letters, so that a file saved again in another
//! encoding keeps its columns.

use std::collections::VecDeque;

use jiff::civil::Date;

use super::text::Lines;
use super::{Fault, Part, Parts, Source};

/// What takes one record after another and hands back what it understood.
pub(super) trait Machine: Send {
    /// Takes a record.
    fn take(&mut self, record: &Record, out: &mut VecDeque<Part>);

    /// The file ends.
    fn end(&mut self, line: u64, out: &mut VecDeque<Part>);
}

/// Drives a machine through a file, line by line.
struct ByLine<M> {
    lines: Lines,
    machine: M,
    ready: VecDeque<Part>,
    ended: bool,
}

/// The parts that a machine makes of a file.
pub(super) fn by_line<M: Machine + 'static>(source: Source, machine: M) -> Result<Parts, Fault> {
    Ok(Box::new(ByLine {
        lines: Lines::new(source)?,
        machine,
        ready: VecDeque::new(),
        ended: false,
    }))
}

impl<M: Machine> Iterator for ByLine<M> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        loop {
            if let Some(part) = self.ready.pop_front() {
                return Some(part);
            }
            if self.ended {
                return None;
            }
            match self.lines.next_line() {
                Ok(Some(text)) => {
                    // DOS ended its files with a control character.
                    let text = text.trim_end_matches('\u{1a}').to_owned();
                    if text.trim().is_empty() {
                        continue;
                    }
                    let record = Record::new(self.lines.number(), text);
                    self.machine.take(&record, &mut self.ready);
                }
                Ok(None) => {
                    self.ended = true;
                    self.machine.end(self.lines.number(), &mut self.ready);
                }
                Err(fault) => {
                    self.ended = true;
                    self.ready.push_back(Part::Fault(fault));
                }
            }
        }
    }
}

/// How a date's digits stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateForm {
    /// `311225`.
    DdMmYy,
    /// `31122025`.
    DdMmYyyy,
    /// `251231`.
    YyMmDd,
    /// `20251231`.
    YyyyMmDd,
}

/// One record.
pub(super) struct Record {
    /// 1-based line.
    pub number: u64,
    text: String,
    is_ascii: bool,
}

impl Record {
    pub fn new(number: u64, text: String) -> Self {
        let is_ascii = text.is_ascii();
        Self {
            number,
            text,
            is_ascii,
        }
    }

    /// Columns `from` to `to`, both included; less where the record is shorter.
    pub fn cut(&self, (from, to): (usize, usize)) -> &str {
        let start = self.offset(from.saturating_sub(1));
        let end = self.offset(to);
        self.text.get(start..end).unwrap_or_default()
    }

    fn offset(&self, letters: usize) -> usize {
        if self.is_ascii {
            return letters.min(self.text.len());
        }
        self.text
            .char_indices()
            .nth(letters)
            .map_or(self.text.len(), |(at, _)| at)
    }

    /// Text in the columns, blanks within made one; `None` where nothing is written.
    pub fn text(&self, columns: (usize, usize)) -> Option<String> {
        let words: Vec<&str> = self.cut(columns).split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// A code in the columns; `None` where there are only blanks and zeros.
    pub fn code(&self, columns: (usize, usize)) -> Option<&str> {
        let code = self.cut(columns).trim();
        (!code.chars().all(|letter| letter == '0' || letter == ' ')).then_some(code)
    }

    /// A whole number: minor units, a count. Blanks are nothing.
    pub fn number(&self, columns: (usize, usize), field: &'static str) -> Result<i64, Fault> {
        let digits = self.cut(columns).trim();
        if digits.is_empty() {
            return Ok(0);
        }
        let number = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())
            .flatten();
        number.ok_or_else(|| {
            let (from, to) = columns;
            let reason = format!(
                "Las columnas {from} a {to} deben tener solo cifras y dicen «{digits}». Descargue \
                 el archivo otra vez; si sigue igual, pídalo de nuevo al banco."
            );
            self.fault(field, reason)
        })
    }

    /// A day; zeros and blanks are none.
    pub fn date(
        &self,
        columns: (usize, usize),
        form: DateForm,
        field: &'static str,
    ) -> Result<Option<Date>, Fault> {
        let Some(digits) = self.code(columns) else {
            return Ok(None);
        };
        read_date(digits, form).map(Some).ok_or_else(|| {
            let (from, to) = columns;
            let reason = format!(
                "«{digits}» (columnas {from} a {to}) no es una fecha. Descargue el archivo otra \
                 vez; si sigue igual, pídalo de nuevo al banco."
            );
            self.fault(field, reason)
        })
    }

    /// A fault about this record.
    pub fn fault(&self, field: &'static str, reason: impl Into<String>) -> Fault {
        Fault::new(self.number, field, reason, self.text.trim_end())
    }
}

fn read_date(digits: &str, form: DateForm) -> Option<Date> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let (year, month, day, len) = match form {
        DateForm::DdMmYy => (century(part(4, 6)?), part(2, 4)?, part(0, 2)?, 6),
        DateForm::DdMmYyyy => (part(4, 8)?, part(2, 4)?, part(0, 2)?, 8),
        DateForm::YyMmDd => (century(part(0, 2)?), part(2, 4)?, part(4, 6)?, 6),
        DateForm::YyyyMmDd => (part(0, 4)?, part(4, 6)?, part(6, 8)?, 8),
    };
    if digits.len() != len {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// Two digits of a year: the standards are from the eighties, nothing is older.
fn century(year: i16) -> i16 {
    if year >= 80 { 1900 + year } else { 2000 + year }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_letters_whatever_the_encoding() {
        let record = Record::new(7, "AÑO  31122025 000123".to_owned());
        assert_eq!(record.cut((1, 3)), "AÑO");
        assert_eq!(record.text((1, 5)), Some("AÑO".to_owned()));
        assert_eq!(record.code((15, 17)), None);
        assert_eq!(record.number((15, 20), "importe"), Ok(123));
        assert_eq!(record.cut((18, 900)), "123");
        assert_eq!(record.cut((90, 95)), "");
        assert_eq!(
            record.date((6, 13), DateForm::DdMmYyyy, "fecha"),
            Ok(Some(jiff::civil::date(2025, 12, 31)))
        );
        let fault = record.number((1, 3), "importe").expect_err("letters");
        assert_eq!((fault.line, fault.field), (7, "importe"));
    }

    #[test]
    fn dates_of_every_form() {
        let cases = [
            ("280225", DateForm::DdMmYy, Some((2025, 2, 28))),
            ("280285", DateForm::DdMmYy, Some((1985, 2, 28))),
            ("250228", DateForm::YyMmDd, Some((2025, 2, 28))),
            ("20250228", DateForm::YyyyMmDd, Some((2025, 2, 28))),
            ("30022025", DateForm::DdMmYyyy, None),
            ("2802", DateForm::DdMmYy, None),
            ("28022025", DateForm::DdMmYy, None),
            ("2b0225", DateForm::DdMmYy, None),
        ];
        for (digits, form, expected) in cases {
            let expected = expected.map(|(y, m, d)| jiff::civil::date(y, m, d));
            assert_eq!(read_date(digits, form), expected, "{digits}");
        }
    }
}
