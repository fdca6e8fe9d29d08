//! The list of cessions that the tax office keeps (*Registro Público Electrónico de Transferencia
//! de Créditos*): which invoices were assigned in a period, and to whom.

use domain::customer::Country;
use domain::{Currency, Money};

use super::super::family::{Readings, one};
use super::super::fault::Problem;
use super::super::model::{Event, EventKind, Party, Reading, Standard};
use super::super::node::short;
use super::{folio, names, rut, somebody};
use crate::fold::fold;

const MARK: char = ';';
/// Columns behind the addresses of the assignee, which may hold the mark itself.
const BEHIND_ADDRESSES: [&str; 4] = ["FCH_CESION", "MNT_CESION", "FCH_VENCIMIENTO", "ID_CESION"];

/// Whether a line, in lower case, is the first of such a list: what was asked for, or the header.
pub(in super::super) fn is_first(line: &str) -> bool {
    line.starts_with("vendedor;estado_cesion;") || asks(line)
}

/// Whether a line says what was asked for, before the header.
pub(in super::super) fn asks(line: &str) -> bool {
    line.to_lowercase().starts_with("datos_consulta;") && line.to_lowercase().contains("rut=")
}

/// Where the fields stand.
pub(in super::super) struct Columns {
    names: Vec<String>,
}

impl Columns {
    /// Reads the header.
    pub fn of(header: &str) -> Result<Self, Problem> {
        let names: Vec<String> = header.split(MARK).map(|name| name.trim().into()).collect();
        if names.iter().any(|name| name == "FOLIO_DOC") {
            return Ok(Self { names });
        }
        Err(Problem::whole(
            "no trae la línea de encabezados (VENDEDOR;ESTADO_CESION;…)",
        ))
    }

    /// What a line says.
    pub fn read(&self, line: &str, number: u32) -> Readings {
        let row = Row {
            columns: self,
            cells: line.split(MARK).map(str::trim).collect(),
            number,
        };
        one(row.reading())
    }
}

struct Row<'a> {
    columns: &'a Columns,
    cells: Vec<&'a str>,
    number: u32,
}

impl Row<'_> {
    fn cell(&self, name: &str) -> Result<&str, Problem> {
        let at = self.columns.names.iter().position(|one| one == name);
        let at = at.and_then(|at| {
            if !BEHIND_ADDRESSES.contains(&name) {
                return Some(at);
            }
            (at + self.cells.len()).checked_sub(self.columns.names.len())
        });
        at.and_then(|at| self.cells.get(at))
            .copied()
            .filter(|cell| !cell.is_empty() && *cell != "null")
            .ok_or_else(|| self.problem(name, "falta este dato"))
    }

    fn problem(&self, field: &str, reason: impl Into<String>) -> Problem {
        Problem {
            field: Some(field.to_owned()),
            ..Problem::on_line(self.number, reason)
        }
    }

    fn unreadable(&self, field: &str, text: &str, what: &str) -> Problem {
        self.problem(field, format!("«{}» no es {what}", short(text)))
    }

    fn rut(&self, name: &str) -> Result<String, Problem> {
        let text = self.cell(name)?;
        rut(text).ok_or_else(|| self.unreadable(name, text, "un RUT"))
    }

    fn reading(&self) -> Result<Reading, Problem> {
        let seller = self.rut("VENDEDOR")?;
        let text = self.cell("TIPO_DOC")?;
        let code = text
            .parse()
            .map_err(|_| self.unreadable("TIPO_DOC", text, "un tipo de documento"))?;
        let text = self.cell("FOLIO_DOC")?;
        let folio = folio(text).ok_or_else(|| self.unreadable("FOLIO_DOC", text, "un folio"))?;
        let (stamp, number) = names(&seller, code, folio);
        let state = self.cell("ESTADO_CESION")?;
        let folded = fold(state);
        if folded.contains("anulad") {
            return Ok(Reading::Silent {
                stamp: Some(stamp),
                what: "cesión anulada",
            });
        }
        if !folded.contains("vigente") && folded != "cedido" {
            return Err(self.unreadable("ESTADO_CESION", state, "un estado conocido"));
        }
        let text = self.cell("MNT_CESION")?;
        let pesos: i64 = text
            .parse()
            .map_err(|_| self.unreadable("MNT_CESION", text, "un importe en pesos"))?;
        let text = self.cell("FCH_CESION")?;
        let day = text.get(..10).and_then(|day| day.parse().ok());
        let on = day.ok_or_else(|| self.unreadable("FCH_CESION", text, "una fecha"))?;
        let to = Party {
            tax_id: Some(self.rut("CESIONARIO")?),
            name: self.cell("RZ_CESIONARIO").unwrap_or_default().to_owned(),
            country: Country::new("CL"),
            ..Party::default()
        };
        Ok(Reading::Event(Box::new(Event {
            standard: Standard::Aec,
            stamp: Some(stamp),
            number: Some(number),
            issuer: Some(seller),
            receiver: self.cell("DEUDOR").ok().and_then(somebody),
            kind: EventKind::Assigned {
                to,
                amount: Some(Money::new(pesos, Currency::CLP)),
            },
            on: Some(on),
        })))
    }
}
