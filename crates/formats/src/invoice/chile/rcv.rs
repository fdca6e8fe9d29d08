//! The register of sales and purchases as the tax office gives it (*Registro de Compras y
//! Ventas*): each document with its total, without lines, and what the customer answered.

use domain::customer::Country;
use domain::document::DocumentKind;
use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::family::Readings;
use super::super::fault::Problem;
use super::super::model::{
    Event, EventKind, Invoice, Party, Reading, Reference, Relation, Standard, Tax, Terms,
};
use super::super::node::short;
use super::{folio, is_issued_by_buyer, kind_of, names, rut, somebody};
use crate::fold::fold;

const MARK: char = ';';

/// Whether a line, in lower case, is the header of such a register.
pub(in super::super) fn is_header(line: &str) -> bool {
    let names: Vec<String> = line.split(MARK).map(fold).collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    has("tipo doc") && has("folio") && (has("rut cliente") || has("rut proveedor"))
}

/// Where the fields stand, and whose register it is.
pub(in super::super) struct Columns {
    names: Vec<String>,
    /// Sales, by the company; else purchases.
    sales: bool,
    /// The company's RUT, which only the file's name says.
    own: Option<String>,
}

impl Columns {
    /// Reads the header; the name is the file's, such as `RCV_VENTA_76192083-9_202401.csv`.
    pub fn of(header: &str, name: &str) -> Result<Self, Problem> {
        let names: Vec<String> = header.split(MARK).map(fold).collect();
        let file = name.rsplit('/').next().unwrap_or(name);
        let own = file
            .split(['_', ' ', '.'])
            .filter(|part| part.contains('-') && part.len() >= 9)
            .find_map(rut);
        Ok(Self {
            sales: names.iter().any(|name| name == "rut cliente"),
            names,
            own,
        })
    }

    /// What a line says.
    pub fn read(&self, line: &str, number: u32) -> Readings {
        let cells: Vec<&str> = line
            .split(MARK)
            .map(|cell| cell.trim().trim_matches('"'))
            .collect();
        let row = Row {
            columns: self,
            cells,
            number,
        };
        // Further taxes of a document stand on lines of their own, without its folio.
        if row.cell("folio").is_none() && row.cell("tipo doc").is_none() {
            return Vec::new();
        }
        match row.invoice() {
            Err(problem) => vec![Err(problem)],
            Ok(reading) => {
                let events = row.events(&reading);
                std::iter::once(Ok(reading)).chain(events).collect()
            }
        }
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

    fn required(&self, name: &str, field: &str) -> Result<&str, Problem> {
        self.cell(name)
            .ok_or_else(|| self.problem(field, "falta este dato"))
    }

    /// `31/01/2024`, with or without a time behind it, or `2024-01-31`.
    fn date(&self, name: &str) -> Result<Option<Date>, Problem> {
        let Some(text) = self.cell(name) else {
            return Ok(None);
        };
        let day = text.split([' ', 'T']).next().unwrap_or(text);
        let parts: Vec<Option<i16>> = day
            .split(['/', '-'])
            .map(|part| part.parse().ok())
            .collect();
        let read = match parts.as_slice() {
            [Some(first), Some(month), Some(last)] => {
                let (year, day) = if *first > 31 {
                    (first, last)
                } else {
                    (last, first)
                };
                let small = |number: &i16| i8::try_from(*number).ok();
                small(month)
                    .zip(small(day))
                    .filter(|_| *year >= 1990)
                    .and_then(|(month, day)| Date::new(*year, month, day).ok())
            }
            _ => None,
        };
        read.map(Some).ok_or_else(|| {
            self.problem(
                name,
                format!("«{}» no es una fecha (DD/MM/AAAA)", short(text)),
            )
        })
    }

    /// Whole pesos, perhaps grouped by dots.
    fn pesos(&self, name: &str) -> Result<Option<Decimal>, Problem> {
        let Some(text) = self.cell(name) else {
            return Ok(None);
        };
        let plain = text.replace('.', "");
        let read = plain.parse::<i64>().ok();
        read.map(|pesos| Some(Decimal::from(pesos)))
            .ok_or_else(|| self.problem(name, format!("«{}» no es un importe", short(text))))
    }

    fn invoice(&self) -> Result<Reading, Problem> {
        let text = self.required("tipo doc", "Tipo Doc")?;
        let code: u16 = text.parse().map_err(|_| {
            self.problem(
                "Tipo Doc",
                format!("«{}» no es un tipo de documento", short(text)),
            )
        })?;
        let text = self.required("folio", "Folio")?;
        let folio = folio(text)
            .ok_or_else(|| self.problem("Folio", format!("«{}» no es un folio", short(text))))?;
        let (own, other) = self.parties()?;
        let by_us = self.columns.sales;
        let author = if by_us { &own } else { &other };
        let stamp = author.tax_id.as_deref().map(|id| names(id, code, folio).0);
        let number = format!("{code}-{folio}");
        let kind = match kind_of(code) {
            Some(Ok(kind)) => kind,
            Some(Err(what)) => return Ok(Reading::Silent { stamp, what }),
            None => {
                let reason = format!("el tipo de documento {code} no se conoce");
                return Err(self.problem("Tipo Doc", reason));
            }
        };
        let total = self
            .pesos("monto total")?
            .ok_or_else(|| self.problem("Monto total", "falta este dato"))?
            .abs();
        let total = Money::from_decimal(total, Currency::CLP)
            .map_err(|_| self.problem("Monto total", "es mayor de lo que se puede llevar"))?;
        if total.minor == 0 {
            return Ok(Reading::Silent {
                stamp,
                what: "documento por cero pesos",
            });
        }
        let issued = self
            .date("fecha docto")?
            .ok_or_else(|| self.problem("Fecha Docto", "falta este dato"))?;
        let global = by_us && other.tax_id.is_none() && matches!(code, 35 | 38 | 39 | 41);
        let references = self.references(author.tax_id.as_deref(), kind);
        let (author, receiver) = if by_us { (own, other) } else { (other, own) };
        let bought = is_issued_by_buyer(code)
            || references.iter().any(|one| {
                let number = one.number.as_deref().unwrap_or_default();
                number.starts_with("45-") || number.starts_with("46-")
            });
        let (issuer, receiver) = if bought {
            (receiver, author)
        } else {
            (author, receiver)
        };
        Ok(Reading::Invoice(Box::new(Invoice {
            standard: Standard::Rcv,
            version: "RCV".to_owned(),
            kind,
            stamp,
            number,
            issued,
            issuer,
            receiver,
            total,
            payable: total,
            exchange_rate: None,
            taxes: self.taxes()?,
            lines: Vec::new(),
            terms: Terms::default(),
            references,
            trial: false,
            global,
            warnings: Vec::new(),
        })))
    }

    /// The company of the register, and the other one.
    fn parties(&self) -> Result<(Party, Party), Problem> {
        let country = Country::new("CL");
        let own = Party {
            tax_id: self.columns.own.clone(),
            country,
            ..Party::default()
        };
        let (column, field) = if self.columns.sales {
            ("rut cliente", "Rut cliente")
        } else {
            ("rut proveedor", "RUT Proveedor")
        };
        let text = self.required(column, field)?;
        if rut(text).is_none() {
            return Err(self.problem(field, format!("«{}» no es un RUT", short(text))));
        }
        let abroad = self.cell("num ident receptor extranjero");
        let tax_id = somebody(text).or_else(|| abroad.map(str::to_uppercase));
        let other = Party {
            tax_id,
            name: self.cell("razon social").unwrap_or_default().to_owned(),
            country: country.filter(|_| abroad.is_none()),
            ..Party::default()
        };
        Ok((own, other))
    }

    fn taxes(&self) -> Result<Vec<Tax>, Problem> {
        let mut taxes = Vec::new();
        for (column, name, withheld) in [
            ("monto iva", "IVA", false),
            ("monto iva recuperable", "IVA", false),
            ("iva retenido total", "IVA retenido", true),
            ("iva retenido parcial", "IVA retenido", true),
        ] {
            let amount = self.pesos(column)?.unwrap_or_default();
            if !amount.is_zero() {
                taxes.push(Tax {
                    name: name.to_owned(),
                    rate: None,
                    amount: amount.abs(),
                    withheld,
                });
            }
        }
        Ok(taxes)
    }

    fn references(&self, author: Option<&str>, kind: DocumentKind) -> Vec<Reference> {
        let code: Option<u16> = self
            .cell("tipo docto referencia")
            .and_then(|text| text.parse().ok())
            .filter(|code| *code > 0);
        let folio = self.cell("folio docto referencia").and_then(folio);
        let (Some(code), Some(folio)) = (code, folio) else {
            return Vec::new();
        };
        let relation = match kind {
            DocumentKind::Invoice => Relation::Other,
            _ => Relation::Adjusts,
        };
        vec![Reference {
            relation,
            stamp: author.map(|author| names(author, code, folio).0),
            number: Some(format!("{code}-{folio}")),
            on: None,
        }]
    }

    /// What the customer answered, with the day.
    fn events(&self, reading: &Reading) -> Readings {
        let Reading::Invoice(invoice) = reading else {
            return Vec::new();
        };
        let answers = [
            ("fecha acuse recibo", EventKind::GoodsReceived),
            ("fecha acuse", EventKind::GoodsReceived),
            (
                "fecha reclamo",
                EventKind::Claimed {
                    reason: "reclamo en el registro del SII".to_owned(),
                },
            ),
        ];
        let mut events = Readings::new();
        for (column, kind) in answers {
            match self.date(column) {
                Err(problem) => events.push(Err(problem)),
                Ok(None) => {}
                Ok(on) => events.push(Ok(Reading::Event(Box::new(Event {
                    standard: Standard::Rcv,
                    stamp: invoice.stamp.clone(),
                    number: Some(invoice.number.clone()),
                    issuer: invoice.issuer.tax_id.clone(),
                    receiver: invoice.receiver.tax_id.clone(),
                    kind,
                    on,
                })))),
            }
        }
        events
    }
}
