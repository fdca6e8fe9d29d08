//! The text of a scenario, read.

use std::fmt;

use jiff::civil::{Date, Time};

use super::verbs::{Read, What, date, what};

/// A scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// `empresa:`, with what follows the name.
    pub company: Named,
    /// `cliente:`, each with its key in front of the name.
    pub customers: Vec<(String, Named)>,
    /// `declara:`, name and value.
    pub declared: Vec<(String, String)>,
    /// The rows, those of one day together.
    pub days: Vec<Day>,
}

/// A name with words about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// `país MX` as word and value.
    pub facts: Vec<(String, String)>,
}

/// A day of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// Its first line.
    pub line: usize,
    /// The day.
    pub date: Date,
    /// What happens.
    pub events: Vec<Event>,
    /// What leaves, or why nothing does.
    pub said: Vec<Said>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its line.
    pub line: usize,
    /// Its hour; before the run when none is said.
    pub at: Option<Time>,
    /// Whose.
    pub customer: Option<String>,
    /// What.
    pub what: What,
    /// As written.
    pub text: String,
}

/// What is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its line.
    pub line: usize,
    /// The hour, where it is said.
    pub at: Option<Time>,
    /// Whose.
    pub customer: Option<String>,
    /// The reason of the silence.
    pub silence: Option<String>,
    /// Step and amounts, or the silence as written.
    pub text: String,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The line, counted from 1.
    pub line: usize,
    /// What, and what to write.
    pub what: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "línea {}: {}", self.line, self.what)
    }
}

const ABOUT_COMPANY: &[&str] = &["país", "moneda", "zona", "política", "idioma"];
const ABOUT_CUSTOMER: &[&str] = &[
    "correo",
    "país",
    "zona",
    "clase",
    "idioma",
    "importancia",
    "conducta",
    "etiqueta",
    "estado",
];

impl Script {
    /// Reads a scenario.
    ///
    /// # Errors
    /// Every line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, Vec<ScriptError>> {
        let mut script = Self::default();
        let mut errors = Vec::new();
        let mut in_table = false;
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let read = if in_table {
                script.row(line, content)
            } else if content.contains('|') {
                in_table = true;
                header(content)
            } else {
                script.preamble(content)
            };
            errors.extend(read.err().map(|what| ScriptError { line, what }));
        }
        if script.customers.is_empty() || script.days.is_empty() {
            let what = "falta `cliente: CLAVE, NOMBRE` o la tabla `día | pasa | sale`".to_owned();
            errors.push(ScriptError { line: 1, what });
        }
        if errors.is_empty() {
            Ok(script)
        } else {
            Err(errors)
        }
    }

    fn preamble(&mut self, content: &str) -> Read<()> {
        let (word, rest) = content.split_once(':').unwrap_or((content, ""));
        let rest = rest.trim();
        match word.trim() {
            "empresa" => self.company = named(rest, ABOUT_COMPANY),
            "cliente" => {
                let (key, rest) = rest
                    .split_once(',')
                    .ok_or("escriba `cliente: CLAVE, NOMBRE`")?;
                let customer = named(rest, ABOUT_CUSTOMER);
                self.customers.push((key.trim().to_owned(), customer));
            }
            "declara" => {
                let (name, value) = rest
                    .split_once(' ')
                    .ok_or("escriba `declara: HECHO VALOR`")?;
                self.declared
                    .push((name.to_owned(), value.trim().to_owned()));
            }
            other => {
                return Err(format!(
                    "«{other}» no se conoce: use empresa, cliente o declara"
                ));
            }
        }
        Ok(())
    }

    fn row(&mut self, line: usize, content: &str) -> Read<()> {
        let cells: Vec<&str> = content.split('|').map(str::trim).collect();
        let [day, happens, said] = cells.as_slice() else {
            return Err(format!(
                "la fila tiene {} columnas y deben ser tres",
                cells.len()
            ));
        };
        let date = date_with_weekday(day)?;
        let events = parts(happens)
            .map(|it| self.event(line, it))
            .collect::<Read<Vec<_>>>()?;
        let said = parts(said)
            .map(|it| self.said(line, it))
            .collect::<Read<Vec<_>>>()?;
        let jumped = |day: &Day| {
            day.events
                .iter()
                .any(|it| matches!(it.what, What::Clock(_)))
        };
        match self.days.last_mut() {
            Some(last) if last.date == date && !jumped(last) => {
                last.events.extend(events);
                last.said.extend(said);
                return Ok(());
            }
            Some(last) if last.date > date && !jumped(last) => {
                return Err(format!(
                    "el {date} es anterior al {} de la fila de arriba",
                    last.date
                ));
            }
            _ => {}
        }
        self.days.push(Day {
            line,
            date,
            events,
            said,
        });
        Ok(())
    }

    /// Takes the hour and the customer off the front.
    fn front<'a>(&self, text: &'a str) -> (Option<Time>, Option<String>, &'a str) {
        let mut rest = text;
        let mut at = None;
        if let Some((first, tail)) = rest.split_once(' ')
            && first.len() == 5
            && let Ok(time) = first.parse()
        {
            (at, rest) = (Some(time), tail.trim());
        }
        let mut customer = None;
        if let Some((key, tail)) = rest.split_once(": ")
            && self.customers.iter().any(|(known, _)| known == key)
        {
            (customer, rest) = (Some(key.to_owned()), tail.trim());
        }
        (at, customer, rest)
    }

    fn event(&self, line: usize, text: &str) -> Read<Event> {
        let (at, customer, rest) = self.front(text);
        Ok(Event {
            line,
            at,
            customer,
            what: what(rest)?,
            text: text.to_owned(),
        })
    }

    fn said(&self, line: usize, text: &str) -> Read<Said> {
        let (at, customer, rest) = self.front(text);
        Ok(Said {
            line,
            at,
            customer,
            silence: rest
                .strip_prefix("calla:")
                .map(|reason| reason.trim().to_owned()),
            text: rest.to_owned(),
        })
    }
}

fn header(content: &str) -> Read<()> {
    let names: Vec<&str> = content.split('|').map(str::trim).collect();
    if names == ["día", "pasa", "sale"] {
        Ok(())
    } else {
        Err("las columnas deben llamarse `día | pasa | sale`".to_owned())
    }
}

fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// `NAME, word value, word value`; what does not begin with a known word belongs to the name.
fn named(text: &str, about: &[&str]) -> Named {
    let mut named = Named::default();
    for part in text.split(',').map(str::trim) {
        let fact = part
            .split_once(' ')
            .filter(|(word, _)| about.contains(word));
        match fact {
            Some((word, value)) => named.facts.push((word.to_owned(), value.trim().to_owned())),
            None if named.name.is_empty() => part.clone_into(&mut named.name),
            None => named.name = format!("{}, {part}", named.name),
        }
    }
    named
}

/// The short names of the days of the week, from Monday.
pub const WEEKDAYS: [&str; 7] = ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"];

/// The short name of a day's weekday.
pub fn weekday(day: Date) -> &'static str {
    let index = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or(0);
    WEEKDAYS[index % 7]
}

fn date_with_weekday(text: &str) -> Read<Date> {
    let (day, name) = text.split_once(' ').unwrap_or((text, ""));
    let day = date(day)?;
    if name.is_empty() || name.trim() == weekday(day) {
        Ok(day)
    } else {
        Err(format!("el {day} es {}, no {name}", weekday(day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "empresa: Valle\ncliente: C-1, La Luz, S.A. de C.V., correo a@b.example\n\
                        día | pasa | sale\n";

    #[test]
    fn a_name_keeps_its_commas() {
        let script = Script::parse(&format!("{HEAD}2026-01-05 lun | pausa |")).expect("reads");
        let (key, customer) = &script.customers[0];
        assert_eq!(
            (key.as_str(), customer.name.as_str()),
            ("C-1", "La Luz, S.A. de C.V.")
        );
        assert_eq!(
            customer.facts,
            [("correo".to_owned(), "a@b.example".to_owned())]
        );
    }

    #[test]
    fn errors_name_the_line() {
        for (row, wanted) in [
            (
                "2026-01-05 mar | pausa |",
                "línea 4: el 2026-01-05 es lun, no mar",
            ),
            (
                "2026-13-05 | pausa |",
                "línea 4: «2026-13-05» no es un día, como 2026-02-04",
            ),
            (
                "2026-01-05 | pausa",
                "línea 4: la fila tiene 2 columnas y deben ser tres",
            ),
            (
                "2026-01-05 | pago x |",
                "línea 4: «x» no es un importe, como 1,234.56",
            ),
            (
                "2026-01-05 | factura F-1 por 1 |",
                "línea 4: falta `vence DÍA`",
            ),
            ("2026-01-05 | promesa 5 |", "línea 4: falta `para DÍA`"),
            (
                "2026-01-05 | fin de pausa ya |",
                "línea 4: «ya» está de más en «fin de pausa ya»",
            ),
            (
                "2026-01-05 | pausa |\n2026-01-04 | pausa |",
                "línea 5: el 2026-01-04 es anterior al 2026-01-05 de la fila de arriba",
            ),
        ] {
            let errors = Script::parse(&format!("{HEAD}{row}")).expect_err("cannot be read");
            assert_eq!(errors[0].to_string(), wanted);
        }
    }
}
