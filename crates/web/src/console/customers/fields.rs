//! Forms as data: the same template shows every form of a customer, with what was typed and what is
//! wrong beside each field.

use std::collections::HashMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::page::{Page, Problem, html, html_as};

/// What was typed, by the names of fields.
pub(crate) type Typed = HashMap<String, String>;

/// What a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A line.
    Line,
    /// Some lines.
    Lines,
    /// An amount.
    Amount,
    /// A day.
    Day,
    /// One of some.
    Choice,
    /// A file.
    File,
}

/// A field.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) help: Option<String>,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    pub(crate) options: Vec<(String, String)>,
    pub(crate) required: bool,
    pub(crate) error: Option<String>,
}

impl Field {
    /// A field that must be filled in.
    pub(crate) fn new(kind: Kind, name: &'static str, label: String) -> Self {
        Self {
            name,
            label,
            help: None,
            kind,
            value: String::new(),
            options: Vec::new(),
            required: true,
            error: None,
        }
    }

    /// The same, which may stay empty.
    pub(crate) fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }

    /// The same with a line of help.
    pub(crate) fn help(self, help: String) -> Self {
        Self {
            help: Some(help),
            ..self
        }
    }

    /// The same with what stands in it at first.
    pub(crate) fn value(self, value: impl Into<String>) -> Self {
        let value = value.into();
        Self { value, ..self }
    }

    /// The same with what may be chosen: value and words.
    pub(crate) fn options(self, options: Vec<(String, String)>) -> Self {
        Self { options, ..self }
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        let own = match self.kind {
            Kind::Line => "line",
            Kind::Lines => "lines",
            Kind::Amount => "amount",
            Kind::Day => "day",
            Kind::Choice => "choice",
            Kind::File => "file",
        };
        own == kind
    }
}

/// A form on a page of its own.
#[derive(Template)]
#[template(path = "console/customers/form.html")]
pub(crate) struct FormPage {
    pub(crate) page: Page,
    /// Where it is sent, and where one goes back to.
    pub(crate) action: String,
    pub(crate) back: String,
    pub(crate) customer: String,
    pub(crate) intro: Option<String>,
    pub(crate) submit: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) error: Option<String>,
}

impl FormPage {
    fn has_file(&self) -> bool {
        self.fields.iter().any(|field| field.kind == Kind::File)
    }

    /// The form as it is first shown.
    pub(crate) fn show(self) -> Result<Response, Problem> {
        html(&self)
    }

    /// The form again, as typed, with what is wrong beside the field of that name; above all fields
    /// where none has it.
    pub(crate) fn again(
        mut self,
        typed: &Typed,
        (field, why): (&str, String),
    ) -> Result<Response, Problem> {
        for field in self.fields.iter_mut().filter(|it| it.kind != Kind::File) {
            field.value = typed.get(field.name).cloned().unwrap_or_default();
        }
        match self.fields.iter_mut().find(|it| it.name == field) {
            Some(field) => field.error = Some(why),
            None => self.error = Some(why),
        }
        html_as(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}

/// What was typed into a field, trimmed; empty when there is nothing.
pub(crate) fn text<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.get(name).map_or("", |text| text.trim())
}

/// The same; `None` when there is nothing.
pub(crate) fn filled<'a>(typed: &'a Typed, name: &str) -> Option<&'a str> {
    Some(text(typed, name)).filter(|text| !text.is_empty())
}

/// A day as browsers send it; `None` where nothing was typed.
pub(crate) fn day(text: &str) -> Result<Option<Date>, ()> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| ())
}

/// An amount as people write it: `1234.56`, `1,234.56`, `1.234,56`, `$ 1 234`. The last mark is the
/// decimal one unless three digits follow it and no other mark stands before it in another shape.
pub(crate) fn amount(text: &str) -> Option<Decimal> {
    let kept: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !"$'".contains(*letter))
        .collect();
    let known = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
    if kept.is_empty() || !kept.chars().all(known) {
        return None;
    }
    let last = kept.rfind(['.', ',']);
    let plain = match last {
        None => kept,
        Some(at) => {
            let (whole, tail) = kept.split_at(at);
            let (mark, fraction) = (&tail[..1], &tail[1..]);
            let other = whole.contains(if mark == "." { ',' } else { '.' });
            let again = whole.contains(mark);
            let groups = again || (fraction.len() == 3 && !other && whole != "0");
            let digits =
                |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
            if groups && !other {
                digits(&kept)
            } else if again {
                // Two kinds of marks, and the last one twice: no number.
                return None;
            } else {
                format!("{}.{fraction}", digits(whole))
            }
        }
    };
    plain.trim_end_matches('.').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let cases = [
            ("1234.56", Some("1234.56")),
            ("1,234.56", Some("1234.56")),
            ("1.234,56", Some("1234.56")),
            ("$ 1 234,5", Some("1234.5")),
            ("1,234,567", Some("1234567")),
            ("1.234.567,89", Some("1234567.89")),
            ("1.234", Some("1234")),
            ("0.125", Some("0.125")),
            ("12", Some("12")),
            ("", None),
            ("doce", None),
            ("-5", None),
            ("1.2,3.4", None),
            ("1e9", None),
        ];
        for (text, wanted) in cases {
            let wanted = wanted.map(|it| it.parse::<Decimal>().expect("a number"));
            assert_eq!(amount(text), wanted, "{text}");
        }
    }
}
