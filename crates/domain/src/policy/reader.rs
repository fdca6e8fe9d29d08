//! TOML with line numbers: reads a table key by key and collects everything that is wrong.
//!
//! Each failed reading leaves its sentence in the [`Reader`] and returns [`Reported`], so that the
//! caller reads on and a bookkeeper sees all errors at once.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::Time;
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{PolicyError, PolicyWarning, Rule};
use crate::charges::Series;
use crate::code::UnknownCode;
use crate::money::{Currency, Money};

/// Characters in one text.
const TEXT_CHARS_MAX: usize = 300;
/// Characters in one key.
const KEY_CHARS_MAX: usize = 40;
/// Entries in one list.
const LIST_MAX: usize = 100;

type Value<'t> = Spanned<DeValue<'t>>;

/// The error is already in the [`Reader`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported;

/// What is wrong with a value; `at` is its place in the text.
pub(super) struct Fault {
    at: usize,
    rule: Rule,
    message: String,
}

type Read<T> = Result<T, Vec<Fault>>;

/// The text and what was found wrong with it.
pub(super) struct Reader {
    line_ends: Vec<usize>,
    errors: RefCell<Vec<PolicyError>>,
    warnings: RefCell<Vec<PolicyWarning>>,
}

impl Reader {
    pub(super) fn new(text: &str) -> Self {
        Self {
            line_ends: text.match_indices('\n').map(|(at, _)| at).collect(),
            errors: RefCell::default(),
            warnings: RefCell::default(),
        }
    }

    pub(super) fn line_at(&self, offset: usize) -> usize {
        self.line_ends.partition_point(|end| *end < offset) + 1
    }

    pub(super) fn error(&self, line: usize, rule: Rule, message: impl Into<String>) -> Reported {
        let message = message.into();
        self.errors.borrow_mut().push(PolicyError {
            line,
            rule,
            message,
        });
        Reported
    }

    pub(super) fn warn(&self, line: usize, rule: Rule, message: impl Into<String>) {
        let message = message.into();
        self.warnings.borrow_mut().push(PolicyWarning {
            line,
            rule,
            message,
        });
    }

    /// Everything found, in the order of the lines.
    pub(super) fn finish(self) -> (Vec<PolicyError>, Vec<PolicyWarning>) {
        let mut errors = self.errors.into_inner();
        errors.sort_by_key(|error| error.line);
        let mut warnings = self.warnings.into_inner();
        warnings.sort_by_key(|warning| warning.line);
        (errors, warnings)
    }
}

/// One table of the text, and the keys asked of it so far.
pub(super) struct Table<'a> {
    pub(super) reader: &'a Reader,
    /// Line of its header.
    pub(super) line: usize,
    entries: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(reader: &'a Reader, at: usize, entries: &'a DeTable<'a>) -> Self {
        Self {
            reader,
            line: reader.line_at(at),
            entries,
            asked: RefCell::default(),
        }
    }

    fn entry(&self, key: &'static str) -> Option<(usize, &'a Value<'a>)> {
        self.asked.borrow_mut().push(key);
        self.entries
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)
            .map(|(name, value)| (self.reader.line_at(name.span().start), value))
    }

    /// Line of a key, or of the table when it is not there.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.entries
            .iter()
            .find(|(name, _)| name.get_ref().as_ref() == key)
            .map_or(self.line, |(name, _)| {
                self.reader.line_at(name.span().start)
            })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries
            .keys()
            .any(|name| name.get_ref().as_ref() == key)
    }

    /// A value that must be there.
    pub(super) fn required<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Value<'_>) -> Read<T>,
    ) -> Result<T, Reported> {
        match self.optional(key, read)? {
            Some(value) => Ok(value),
            None => Err(self.reader.error(
                self.line,
                Rule::Missing,
                format!("falta `{key}`: agréguelo en esta sección"),
            )),
        }
    }

    /// A value that may be missing.
    pub(super) fn optional<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Value<'_>) -> Read<T>,
    ) -> Result<Option<T>, Reported> {
        let Some((_, value)) = self.entry(key) else {
            return Ok(None);
        };
        match read(value) {
            Ok(value) => Ok(Some(value)),
            Err(faults) => {
                for fault in faults {
                    let line = self.reader.line_at(fault.at);
                    let _ =
                        self.reader
                            .error(line, fault.rule, format!("`{key}` {}", fault.message));
                }
                Err(Reported)
            }
        }
    }

    /// A list that is empty when missing.
    pub(super) fn list_or_empty<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Value<'_>) -> Read<Vec<T>>,
    ) -> Result<Vec<T>, Reported> {
        self.optional(key, read).map(Option::unwrap_or_default)
    }

    /// A table within this one, `[a.key]` or `key = { … }`.
    pub(super) fn table(&self, key: &'static str) -> Result<Option<Table<'a>>, Reported> {
        let Some((line, value)) = self.entry(key) else {
            return Ok(None);
        };
        match value.get_ref() {
            DeValue::Table(entries) => Ok(Some(Table {
                reader: self.reader,
                line,
                entries,
                asked: RefCell::default(),
            })),
            _ => Err(self.reader.error(
                line,
                Rule::Form,
                format!(
                    "`{key}` es una sección: escriba sus datos entre llaves, {{ dato = valor }}"
                ),
            )),
        }
    }

    /// The tables of a repeated section, `[[a.key]]`.
    pub(super) fn tables(&self, key: &'static str) -> Result<Vec<Table<'a>>, Reported> {
        let Some((line, value)) = self.entry(key) else {
            return Ok(Vec::new());
        };
        let fault = || {
            self.reader.error(
                line,
                Rule::Form,
                format!("`{key}` se repite: escriba [[…{key}]] con dobles corchetes para cada uno"),
            )
        };
        let DeValue::Array(items) = value.get_ref() else {
            return Err(fault());
        };
        if items.len() > LIST_MAX {
            let message = format!("hay más de {LIST_MAX} secciones `{key}`: deje menos");
            return Err(self.reader.error(line, Rule::Limit, message));
        }
        items
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::Table(entries) => Ok(Table::new(self.reader, item.span().start, entries)),
                _ => Err(fault()),
            })
            .collect()
    }

    /// Reports every key that nobody asked for. Call it when all others were asked.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for (name, _) in self.entries {
            if !asked.contains(&name.get_ref().as_ref()) {
                let mut known = asked.clone();
                known.sort_unstable();
                known.dedup();
                let _ = self.reader.error(
                    self.reader.line_at(name.span().start),
                    Rule::UnknownKey,
                    format!(
                        "`{}` no se conoce aquí: corríjalo o quítelo; se puede escribir {}",
                        name.get_ref().escape_debug(),
                        known.join(", ")
                    ),
                );
            }
        }
    }
}

fn fault<T>(value: &Value<'_>, rule: Rule, message: impl Into<String>) -> Read<T> {
    Err(vec![Fault {
        at: value.span().start,
        rule,
        message: message.into(),
    }])
}

/// A text on one line, trimmed, not blank.
pub(super) fn text(value: &Value<'_>) -> Read<String> {
    let Some(text) = value.get_ref().as_str().map(str::trim) else {
        return fault(value, Rule::Form, "es un texto: escríbalo entre comillas");
    };
    if text.is_empty() {
        return fault(
            value,
            Rule::Form,
            "está vacío: escriba el texto o quite la línea",
        );
    }
    if text.contains(char::is_control) {
        return fault(value, Rule::Form, "va en una sola línea, sin tabuladores");
    }
    if text.chars().count() > TEXT_CHARS_MAX {
        let message = format!("es demasiado largo: use a lo más {TEXT_CHARS_MAX} caracteres");
        return fault(value, Rule::Limit, message);
    }
    Ok(text.to_owned())
}

/// A key: lower-case letters without accents, digits and hyphens.
pub(super) fn key(value: &Value<'_>) -> Read<String> {
    let key = text(value)?;
    let plain = key
        .chars()
        .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    if !plain || key.len() > KEY_CHARS_MAX || key.starts_with('-') || key.ends_with('-') {
        let message = format!(
            "es una clave: use minúsculas sin acentos, cifras y guiones, como `primer-aviso`, a lo \
             más {KEY_CHARS_MAX} caracteres"
        );
        return fault(value, Rule::Form, message);
    }
    Ok(key)
}

/// A whole number within a range.
pub(super) fn number<T: TryFrom<i64>>(
    range: RangeInclusive<i64>,
) -> impl Fn(&Value<'_>) -> Read<T> {
    move |value| {
        let Some(written) = value.get_ref().as_integer() else {
            return fault(
                value,
                Rule::Form,
                "es un número entero: escríbalo sin comillas",
            );
        };
        let number = i64::from_str_radix(written.as_str(), written.radix()).ok();
        let fits = number.filter(|number| range.contains(number));
        match fits.and_then(|number| T::try_from(number).ok()) {
            Some(number) => Ok(number),
            None => {
                let (least, most) = (range.start(), range.end());
                let message = format!(
                    "vale {}: use un número de {least} a {most}",
                    written.as_str()
                );
                fault(value, Rule::Limit, message)
            }
        }
    }
}

/// One of the words of a code.
pub(super) fn word<T: FromStr<Err = UnknownCode>>(value: &Value<'_>) -> Read<T> {
    text(value)?.parse().or_else(|unknown: UnknownCode| {
        let message = unknown_word(&unknown.found, &unknown.allowed);
        fault(value, Rule::UnknownWord, message)
    })
}

/// One of a list of words, with or without its accents.
pub(super) fn one_of<T: Copy>(
    words: &'static [(&'static str, T)],
) -> impl Fn(&Value<'_>) -> Read<T> {
    move |value| {
        let found = text(value)?;
        match words
            .iter()
            .find(|(word, _)| unaccented(word) == unaccented(&found))
        {
            Some((_, meaning)) => Ok(*meaning),
            None => {
                let allowed: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                fault(value, Rule::UnknownWord, unknown_word(&found, &allowed))
            }
        }
    }
}

fn unaccented(word: &str) -> String {
    word.replace('á', "a").replace('é', "e")
}

fn unknown_word(found: &str, allowed: &[&str]) -> String {
    format!(
        "dice «{found}», que no se conoce: use {}",
        allowed.join(", ")
    )
}

/// A list of different things, not empty.
pub(super) fn list<T: PartialEq>(
    read: impl Fn(&Value<'_>) -> Read<T>,
) -> impl Fn(&Value<'_>) -> Read<Vec<T>> {
    move |value| {
        let DeValue::Array(items) = value.get_ref() else {
            return fault(value, Rule::Form, "es una lista: escríbala entre corchetes");
        };
        if items.is_empty() {
            return fault(
                value,
                Rule::Missing,
                "está vacía: escriba al menos uno o quite la línea",
            );
        }
        if items.len() > LIST_MAX {
            return fault(
                value,
                Rule::Limit,
                format!("tiene más de {LIST_MAX}: deje menos"),
            );
        }
        let mut faults = Vec::new();
        let mut found = Vec::new();
        for item in items {
            match read(item) {
                Ok(thing) if found.contains(&thing) => faults.push(Fault {
                    at: item.span().start,
                    rule: Rule::Duplicate,
                    message: "repite un valor: quite uno".to_owned(),
                }),
                Ok(thing) => found.push(thing),
                Err(more) => faults.extend(more),
            }
        }
        if faults.is_empty() {
            Ok(found)
        } else {
            Err(faults)
        }
    }
}

/// Amounts of different currencies, each `"200.00 MXN"`.
pub(super) fn amounts(value: &Value<'_>) -> Read<Vec<Money>> {
    let found = list(amount)(value)?;
    let twice = found.iter().enumerate().find(|(index, amount)| {
        found[..*index]
            .iter()
            .any(|earlier| earlier.currency == amount.currency)
    });
    match twice {
        Some((_, amount)) => {
            let message = format!("tiene dos importes en {}: deje uno", amount.currency);
            fault(value, Rule::Duplicate, message)
        }
        None => Ok(found),
    }
}

fn amount(value: &Value<'_>) -> Read<Money> {
    let written = text(value)?;
    let money = written.split_once(' ').and_then(|(number, code)| {
        let number = Decimal::from_str(number).ok()?;
        let currency = Currency::new(code.trim()).ok()?;
        Money::from_decimal(number, currency).ok()
    });
    match money {
        Some(money) if money.is_positive() => Ok(money),
        _ => {
            let message = format!(
                "dice «{written}»: escriba un importe mayor que cero y su moneda, como \
                 \"1200.50 MXN\", sin separar los miles y sin más decimales que la moneda"
            );
            fault(value, Rule::Form, message)
        }
    }
}

/// A percentage above 0 and at most 100, `2.5` or `"2.5"`.
pub(super) fn percent(value: &Value<'_>) -> Read<Decimal> {
    let written = match value.get_ref() {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        DeValue::String(text) => text.trim(),
        _ => "",
    };
    match Decimal::from_str(written) {
        Ok(percent) if percent > Decimal::ZERO && percent <= Decimal::ONE_HUNDRED => {
            Ok(percent.normalize())
        }
        _ => fault(
            value,
            Rule::Form,
            "es un porcentaje: escriba un número mayor que 0 y hasta 100",
        ),
    }
}

/// A number above 0, `10` or `"0.5"`.
pub(super) fn positive(value: &Value<'_>) -> Read<Decimal> {
    let written = match value.get_ref() {
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        DeValue::Float(number) => number.as_str(),
        DeValue::String(text) => text.trim(),
        _ => "",
    };
    match Decimal::from_str(written) {
        Ok(number) if number > Decimal::ZERO => Ok(number.normalize()),
        _ => fault(value, Rule::Form, "es un número mayor que 0"),
    }
}

/// The word of a published series: capitals, digits and hyphens.
pub(super) fn series(value: &Value<'_>) -> Read<String> {
    let found = text(value)?;
    if Series::is_word(&found) {
        return Ok(found);
    }
    fault(
        value,
        Rule::Form,
        "es el nombre de una tasa: use mayúsculas, cifras y guiones, como UF o BCE",
    )
}

/// `true` or `false`.
pub(super) fn flag(value: &Value<'_>) -> Read<bool> {
    match value.get_ref().as_bool() {
        Some(flag) => Ok(flag),
        None => fault(
            value,
            Rule::Form,
            "es sí o no: escriba true o false, sin comillas",
        ),
    }
}

/// A time of day, `"09:00"`.
pub(super) fn time(value: &Value<'_>) -> Read<Time> {
    let written = text(value)?;
    let parts = written.split_once(':').and_then(|(hour, minute)| {
        let two_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if !two_digits(hour) || !two_digits(minute) {
            return None;
        }
        Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
    });
    match parts {
        Some(time) => Ok(time),
        None => fault(
            value,
            Rule::Form,
            "es una hora: escríbala como \"09:00\", de 00:00 a 23:59",
        ),
    }
}
