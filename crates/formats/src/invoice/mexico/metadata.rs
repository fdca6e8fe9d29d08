//! The list of a bulk download (*metadata*): which documents there are, and which were cancelled.

use domain::document::DocumentKind;
use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy::MidpointAwayFromZero;

use super::super::family::{Readings, one};
use super::super::fault::Problem;
use super::super::model::{Event, EventKind, Reading, Standard};
use super::super::node::short;
use super::{FOREIGN_RFC, PUBLIC_RFC, rfc, uuid};

const MARK: char = '~';

/// Whether a line, in lower case, is the header of such a list.
pub(in super::super) fn is_header(line: &str) -> bool {
    let mut names = line.trim().split(MARK);
    names.next() == Some("uuid")
        && names.any(|name| name == "rfcemisor" || name.contains("terceros"))
}

/// Where the fields stand.
pub(in super::super) struct Columns {
    names: Vec<String>,
}

impl Columns {
    /// Reads the header.
    pub fn of(header: &str) -> Result<Self, Problem> {
        let names = header.split(MARK).map(|name| name.trim().to_lowercase());
        Ok(Self {
            names: names.collect(),
        })
    }

    /// What a line says.
    pub fn read(&self, line: &str, number: u32) -> Readings {
        let cells: Vec<&str> = line.split(MARK).map(str::trim).collect();
        one(Row {
            columns: self,
            cells,
            number,
        }
        .reading())
    }
}

struct Row<'a> {
    columns: &'a Columns,
    cells: Vec<&'a str>,
    number: u32,
}

impl Row<'_> {
    fn cell(&self, name: &str) -> Option<&str> {
        let at = self.columns.names.iter().position(|one| one == name)?;
        self.cells.get(at).copied().filter(|cell| !cell.is_empty())
    }

    fn problem(&self, field: &str, reason: impl Into<String>) -> Problem {
        Problem {
            field: Some(field.to_owned()),
            ..Problem::on_line(self.number, reason)
        }
    }

    fn date(&self, name: &str) -> Option<Date> {
        self.cell(name)?.get(..10)?.parse().ok()
    }

    fn reading(&self) -> Result<Reading, Problem> {
        let text = self.cell("uuid").unwrap_or_default();
        let stamp = uuid(text).ok_or_else(|| {
            self.problem("Uuid", format!("«{}» no es un folio fiscal", short(text)))
        })?;
        if !self.columns.names.iter().any(|name| name == "rfcemisor") {
            return Ok(Reading::Silent {
                stamp: Some(stamp),
                what: "venta por cuenta de terceros",
            });
        }
        let cancelled = match self.cell("estatus") {
            Some(text) if text.eq_ignore_ascii_case("cancelado") || text == "0" => true,
            Some(text) if text.eq_ignore_ascii_case("vigente") || text == "1" => false,
            other => {
                let reason = format!(
                    "«{}» no es un estatus (1 vigente, 0 cancelado)",
                    short(other.unwrap_or_default())
                );
                return Err(self.problem("Estatus", reason));
            }
        };
        let kind = self.kind()?;
        let (kind, on) = match (cancelled, kind) {
            (true, _) => (EventKind::Cancelled, self.date("fechacancelacion")),
            (false, Err(what)) => {
                return Ok(Reading::Silent {
                    stamp: Some(stamp),
                    what,
                });
            }
            (false, Ok(kind)) => (self.listed(kind)?, self.date("fechaemision")),
        };
        let id = |name| {
            self.cell(name)
                .map(rfc)
                .filter(|id| id != PUBLIC_RFC && id != FOREIGN_RFC)
        };
        Ok(Reading::Event(Box::new(Event {
            standard: Standard::SatMetadata,
            stamp: Some(stamp),
            number: None,
            issuer: self.cell("rfcemisor").map(rfc),
            receiver: id("rfcreceptor"),
            kind,
            on,
        })))
    }

    /// What it does to the balance, or what it is instead.
    fn kind(&self) -> Result<Result<DocumentKind, &'static str>, Problem> {
        let text = self.cell("efectocomprobante").unwrap_or_default();
        Ok(match text.to_lowercase().as_str() {
            "i" | "ingreso" => Ok(DocumentKind::Invoice),
            "e" | "egreso" => Ok(DocumentKind::CreditNote),
            "t" | "traslado" => Err("comprobante de traslado"),
            "n" | "nomina" | "nómina" => Err("recibo de nómina"),
            "p" | "pago" => Err("recibo de pago en una lista"),
            _ => {
                let reason = format!("«{}» no es un tipo de comprobante", short(text));
                return Err(self.problem("EfectoComprobante", reason));
            }
        })
    }

    fn listed(&self, kind: DocumentKind) -> Result<EventKind, Problem> {
        let text = self.cell("monto").unwrap_or_default();
        let plain = text.replace([',', '$'], "");
        let total = Decimal::from_str_exact(plain.trim())
            .ok()
            .map(|amount| amount.round_dp_with_strategy(2, MidpointAwayFromZero))
            .and_then(|amount| Money::from_decimal(amount, Currency::MXN).ok())
            .ok_or_else(|| self.problem("Monto", format!("«{}» no es un importe", short(text))))?;
        Ok(EventKind::Listed {
            kind,
            total: Some(total),
            receiver_name: self.cell("nombrereceptor").unwrap_or_default().to_owned(),
            currency: None,
        })
    }
}
