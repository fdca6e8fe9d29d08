//! PayPal's settlement report (STL): what came into a PayPal account, what PayPal kept of it,
//! refunds and chargebacks. One statement for each section and currency.
//!
//! The file is gone through once to know its sections and their footers, and once more for each
//! statement: its currencies are few, and memory stays flat.

use std::collections::VecDeque;

use domain::{Currency, Money};
use jiff::civil::Date;

use super::source::Seekable;
use super::table::unreadable;
use super::{
    AccountId, Balance, BankFormat, Counterparty, Fault, Part, Parts, ReferredDocument, Source,
    StatementHead, StatementTail, Transaction, TransactionState,
};
use crate::date;
use crate::fold::fold_name;
use crate::spreadsheet::{FormatError, Grid, Row};

/// Sections times currencies in one file.
const STATEMENTS_MAX: usize = 256;

/// Tells the report by its first record.
pub(super) fn sniff(text: &str) -> Option<BankFormat> {
    let first = text.lines().next()?;
    let is_report = ["\"RH\",", "RH,", "\"RH\"\t", "RH\t"]
        .iter()
        .any(|head| first.starts_with(head));
    is_report.then_some(BankFormat::PayPal)
}

/// Reads a settlement report.
pub(super) fn read(source: Source) -> Result<Parts, Fault> {
    let columns = |rows: &[Vec<String>]| rows.iter().map(Vec::len).max().unwrap_or(0);
    let grid = Grid::open(source.seekable()?, &columns).map_err(|error| unreadable(&error))?;
    Ok(Box::new(Report {
        grid,
        statements: Vec::new(),
        at: 0,
        walk: None,
        studied: false,
        ready: VecDeque::new(),
        row: Row::default(),
    }))
}

struct Report {
    grid: Grid<Box<dyn Seekable>>,
    statements: Vec<Statement>,
    /// The statement under way.
    at: usize,
    walk: Option<Walk>,
    studied: bool,
    ready: VecDeque<Part>,
    row: Row,
}

/// A section in one currency.
struct Statement {
    section: usize,
    currency: Currency,
    account: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    balances: Option<(Money, Money)>,
}

/// Where a pass through the file stands.
#[derive(Default)]
struct Walk {
    section: usize,
    columns: Columns,
    records: u64,
}

/// Where the columns of a section stand.
#[derive(Clone, Default)]
struct Columns {
    names: Vec<String>,
}

impl Columns {
    fn of(row: &Row) -> Self {
        Self {
            names: row.texts().map(fold_name).collect(),
        }
    }

    fn cell<'r>(&self, row: &'r Row, name: &str) -> &'r str {
        self.names
            .iter()
            .position(|other| other == name)
            .map_or("", |at| row.cell(at))
    }

    fn some(&self, row: &Row, name: &str) -> Option<String> {
        let cell = self.cell(row, name);
        (!cell.is_empty()).then(|| cell.to_owned())
    }
}

impl Iterator for Report {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        loop {
            if let Some(part) = self.ready.pop_front() {
                return Some(part);
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.studied = true;
                    self.walk = None;
                    self.at = self.statements.len();
                    self.ready.push_back(Part::Fault(unreadable(&error)));
                }
            }
        }
    }
}

impl Report {
    fn advance(&mut self) -> Result<bool, FormatError> {
        if !self.studied {
            self.studied = true;
            self.study()?;
            return Ok(true);
        }
        let Some(statement) = self.statements.get(self.at) else {
            return Ok(false);
        };
        let Some(walk) = &mut self.walk else {
            self.grid.rewind()?;
            self.walk = Some(Walk::default());
            self.ready
                .push_back(Part::Opens(Box::new(statement.head())));
            return Ok(true);
        };
        if !self.grid.next(&mut self.row)? || walk.section > statement.section {
            self.ready
                .push_back(Part::Closes(Box::new(statement.tail())));
            self.walk = None;
            self.at += 1;
            return Ok(true);
        }
        match self.row.cell(0) {
            "SH" => walk.section += 1,
            "CH" => walk.columns = Columns::of(&self.row),
            "SB" if walk.section == statement.section => {
                let currency = walk.columns.cell(&self.row, "gross transaction currency");
                if currency == statement.currency.code() {
                    self.ready
                        .push_back(match movement(&self.row, &walk.columns, statement) {
                            Ok(moved) => Part::Moved(Box::new(moved)),
                            Err(fault) => Part::Fault(fault),
                        });
                }
            }
            _ => {}
        }
        Ok(true)
    }

    /// The sections and their footers; what does not add up is told first.
    fn study(&mut self) -> Result<(), FormatError> {
        self.grid.rewind()?;
        let mut walk = Walk::default();
        let mut about = (None, None, None);
        let mut ended = false;
        let mut line = 1;
        while self.grid.next(&mut self.row)? {
            let row = &self.row;
            line = row.number;
            match row.cell(0) {
                "SH" => {
                    walk.section += 1;
                    walk.records = 0;
                    about = (
                        date::read(row.cell(1), None).ok().flatten(),
                        date::read(row.cell(2), None).ok().flatten(),
                        (!row.cell(3).is_empty()).then(|| row.cell(3).to_owned()),
                    );
                }
                "CH" => walk.columns = Columns::of(row),
                "SB" => {
                    walk.records += 1;
                    let code = walk.columns.cell(row, "gross transaction currency");
                    match Currency::new(code) {
                        Ok(currency) => self.statement(walk.section, currency, &about),
                        Err(_) => self.ready.push_back(Part::Fault(Fault::new(
                            line,
                            "moneda",
                            format!("«{code}» no es una moneda. Descargue el reporte otra vez."),
                            row.cell(1),
                        ))),
                    }
                }
                "SF" => {
                    if let Ok(currency) = Currency::new(row.cell(1)) {
                        let balances = balances(row, currency);
                        self.statement(walk.section, currency, &about);
                        if let Some(statement) = self.statements.iter_mut().find(|statement| {
                            statement.section == walk.section && statement.currency == currency
                        }) {
                            statement.balances = balances;
                        }
                    }
                }
                "SC" => {
                    let said = self.row.cell(1).parse().unwrap_or(walk.records);
                    if said != walk.records {
                        let reason = format!(
                            "PayPal anuncia {said} registros en la sección y el archivo trae {}. \
                             Descargue el reporte otra vez.",
                            walk.records
                        );
                        let fault = Fault::new(line, "número de registros", reason, "");
                        self.ready.push_back(Part::Fault(fault));
                    }
                }
                "FF" | "RF" | "RC" => ended = true,
                _ => {}
            }
        }
        if !ended && walk.section > 0 && self.statements.iter().all(|one| one.balances.is_none()) {
            let reason = "El reporte se interrumpe: falta el final de la sección (SF). Descárguelo \
                          otra vez.";
            self.ready
                .push_back(Part::Fault(Fault::new(line, "archivo", reason, "")));
        }
        Ok(())
    }

    fn statement(
        &mut self,
        section: usize,
        currency: Currency,
        about: &(Option<Date>, Option<Date>, Option<String>),
    ) {
        let is_known = self
            .statements
            .iter()
            .any(|one| one.section == section && one.currency == currency);
        if !is_known && self.statements.len() < STATEMENTS_MAX {
            self.statements.push(Statement {
                section,
                currency,
                account: about.2.clone(),
                from: about.0,
                to: about.1,
                balances: None,
            });
        }
    }
}

impl Statement {
    fn head(&self) -> StatementHead {
        StatementHead {
            format: BankFormat::PayPal,
            account: AccountId {
                number: self.account.clone(),
                bank: Some("PAYPAL".to_owned()),
                holder: None,
            },
            currency: Some(self.currency),
            number: None,
            from: self.from,
            to: self.to,
            opening: self.balances.map(|(opening, _)| Balance {
                on: self.from,
                amount: opening,
            }),
            interim: false,
        }
    }

    fn tail(&self) -> StatementTail {
        StatementTail {
            closing: self.balances.map(|(_, closing)| Balance {
                on: self.to,
                amount: closing,
            }),
            from: self.from,
            to: self.to,
            ..StatementTail::default()
        }
    }
}

/// Opening and closing balance of a section's footer.
///
/// Behind four totals stand pairs of sign and amount: the balance, what of it is available, what
/// is payable, each at the beginning and at the end. Those are taken that the totals join.
fn balances(row: &Row, currency: Currency) -> Option<(Money, Money)> {
    let number = |at: usize| whole(row.cell(at));
    let moved = number(2)?
        .checked_sub(number(3)?)?
        .checked_add(number(4)?)?
        .checked_sub(number(5)?)?;
    let pair = |at: usize| {
        let minor = number(at + 1)?;
        Some(if row.cell(at) == "DR" { -minor } else { minor })
    };
    let all: Vec<i64> = (6..row.len().saturating_sub(1))
        .step_by(2)
        .map_while(pair)
        .collect();
    let joined = |two: &[i64]| two[0].checked_add(moved) == Some(two[1]);
    let couples: Vec<&[i64]> = all.chunks_exact(2).collect();
    let found = couples
        .iter()
        .copied()
        .find(|two| joined(two))
        .or(couples.first().copied())?;
    Some((minor(found[0], currency)?, minor(found[1], currency)?))
}

/// A number without sign, as all amounts of the report are.
fn whole(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// PayPal has no cents in these currencies, ISO 4217 has.
const WITHOUT_CENTS: [&str; 2] = ["HUF", "TWD"];

/// An amount as the report writes it, in the smallest unit PayPal knows.
fn minor(number: i64, currency: Currency) -> Option<Money> {
    let factor = if WITHOUT_CENTS.contains(&currency.code()) {
        100
    } else {
        1
    };
    Some(Money::new(number.checked_mul(factor)?, currency))
}

/// One record of a section's body.
fn movement(row: &Row, columns: &Columns, statement: &Statement) -> Result<Transaction, Fault> {
    let cell = |name: &str| columns.cell(row, name);
    let fault = |field: &'static str, reason: String| {
        let cells: Vec<&str> = row.texts().collect();
        Fault::new(row.number, field, reason, &cells.join(","))
    };
    let signed = |field: &'static str, side: &str, amount: &str| -> Result<i64, Fault> {
        let text = cell(amount);
        if text.is_empty() {
            return Ok(0);
        }
        let number = whole(text).ok_or_else(|| {
            fault(
                field,
                format!("«{text}» no es un importe en centavos. Descargue el reporte otra vez."),
            )
        })?;
        match cell(side) {
            "CR" => Ok(number),
            "DR" => Ok(-number),
            "" if number == 0 => Ok(0),
            other => Err(fault(
                field,
                format!("El sentido debe decir CR o DR y dice «{other}»."),
            )),
        }
    };
    let money = |number: i64| {
        minor(number, statement.currency)
            .ok_or_else(|| fault("importe", "Es demasiado grande.".to_owned()))
    };
    let gross = signed(
        "importe",
        "transaction debit or credit",
        "gross transaction amount",
    )?;
    let fee =
        if cell("fee currency").is_empty() || cell("fee currency") == statement.currency.code() {
            signed("comisión", "fee debit or credit", "fee amount")?
        } else {
            0
        };
    let day = |name: &str| date::read(cell(name), None).ok().flatten();
    let Some(booked) = day("transaction completion date").or(day("transaction initiation date"))
    else {
        return Err(fault("fecha", "El movimiento no tiene fecha.".to_owned()));
    };
    let code = cell("transaction event code");
    let given = money(gross)?;
    let name = |name: &str| columns.some(row, name);
    Ok(Transaction {
        line: row.number,
        booked,
        value: None,
        amount: money(gross.saturating_add(fee))?,
        state: TransactionState::Booked,
        reference: name("transaction id"),
        batch: None,
        end_to_end: name("payment tracking id").or_else(|| name("pay pal reference id")),
        counterparty: Counterparty {
            account: name("consumer id").or_else(|| name("payer s account id")),
            ..Counterparty::default()
        },
        virtual_account: None,
        creditor_references: Vec::new(),
        documents: name("invoice id")
            .map(|number| ReferredDocument {
                number,
                amount: given.is_positive().then_some(given),
            })
            .into_iter()
            .collect(),
        text: name("custom field").unwrap_or_default(),
        charges: (fee != 0).then(|| money(-fee)).transpose()?,
        original: None,
        // Reversals, refunds and holds are T11, chargebacks T12.
        reversal: code.starts_with("T11") || code.starts_with("T12"),
        return_reason: None,
        code: (!code.is_empty()).then(|| code.to_owned()),
    })
}
