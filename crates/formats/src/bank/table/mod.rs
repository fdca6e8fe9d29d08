//! Tables of banks: CSV, TXT, XLS, XLSX, by a profile or by the words of their column names.
//!
//! A table is gone through three times with flat memory: for how its dates and amounts are
//! written, for which accounts it holds and what their balances say, and for the movements. Where
//! the newest stands first, a statement's movements are turned round.

mod header;
mod profile;
mod row;
mod study;
mod words;

use std::collections::VecDeque;
use std::io::{Cursor, Read, Seek};

use domain::{Currency, Money};
use rust_decimal::Decimal;

pub use profile::{Profile, ProfileColumn, Provider, shipped};
pub use words::Role;

use super::source::Seekable;
use super::{
    AccountId, Balance, BankFormat, Fault, Hints, Part, Parts, Source, StatementHead, StatementTail,
};
use crate::spreadsheet::{FormatError, Grid, Row};
use header::{HEADER_ROWS_MAX, Plan, find, weigh};
use row::{Draft, Is};
use study::{Group, Study, key_of, study, too_many};

/// Movements kept to be turned round; longer statements stay in the file's order.
const TURNED_MAX: u64 = 200_000;

/// Whether a file, or the beginning of a text file, is a bank's or a provider's table.
pub(super) fn sniff(bytes: impl Read + Seek, profiles: &[Profile]) -> Option<BankFormat> {
    let mut grid = Grid::open(bytes, &|rows| weigh(rows, profiles)).ok()?;
    let plans = plans(&mut grid, profiles).ok()?;
    plans.front().map(|(_, plan)| plan.format)
}

/// Whether these first bytes are a workbook's, once archives of statements are out of question.
pub(super) fn is_workbook(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// The same for the first bytes of a file.
pub(super) fn sniff_head(head: &[u8], profiles: &[Profile]) -> Option<BankFormat> {
    sniff(Cursor::new(head), profiles)
}

/// Reads the tables of a file.
///
/// # Errors
/// A [`Fault`] when no sheet of it is a bank's table.
pub(super) fn read(source: Source, hints: &Hints) -> Result<Parts, Fault> {
    let profiles = &hints.profiles;
    let mut grid = Grid::open(source.seekable()?, &|rows| weigh(rows, profiles))
        .map_err(|error| unreadable(&error))?;
    let plans = plans(&mut grid, profiles).map_err(|error| unreadable(&error))?;
    if plans.is_empty() {
        return Err(Fault::new(
            1,
            "encabezados",
            "No se reconoce como estado de cuenta: faltan columnas de fecha, importe (o cargo y \
             abono) y concepto. Descárguelo del banco como camt.053, MT940, OFX o CSV con \
             encabezados, o indique qué es cada columna.",
            "",
        ));
    }
    Ok(Box::new(Table {
        grid,
        hints: hints.clone(),
        plans,
        sheet: None,
        ready: VecDeque::new(),
        row: Row::default(),
    }))
}

/// The sheets that are banks' tables, and how each is read.
fn plans<R: Read + Seek>(
    grid: &mut Grid<R>,
    profiles: &[Profile],
) -> Result<VecDeque<(usize, Plan)>, FormatError> {
    let mut found = VecDeque::new();
    for sheet in 0..grid.sheets().len() {
        grid.start(sheet)?;
        let mut rows = Vec::new();
        let mut row = Row::default();
        while rows.len() < 2 * HEADER_ROWS_MAX && grid.next(&mut row)? {
            rows.push(row.texts().map(str::to_owned).collect::<Vec<String>>());
        }
        if let Some((_, plan)) = find(&rows, profiles) {
            found.push_back((sheet, plan));
        }
    }
    Ok(found)
}

/// The statements of a file's tables, one after another.
struct Table {
    grid: Grid<Box<dyn Seekable>>,
    hints: Hints,
    plans: VecDeque<(usize, Plan)>,
    sheet: Option<Sheet>,
    ready: VecDeque<Part>,
    row: Row,
}

/// A sheet under way.
struct Sheet {
    study: Study,
    next: usize,
    open: Option<Open>,
}

/// A statement under way.
struct Open {
    group: Option<Group>,
    /// Rows that cannot be read are told once, with the first statement.
    tells_faults: bool,
    /// Position among the rows that are not blank.
    position: usize,
    held: Option<Draft>,
    /// The row before belongs to this statement.
    continues: bool,
    kept: Vec<Draft>,
    /// Movements without a currency.
    nameless: u64,
    line: u64,
}

impl Iterator for Table {
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
                    self.plans.clear();
                    self.sheet = None;
                    self.ready.push_back(Part::Fault(unreadable(&error)));
                }
            }
        }
    }
}

impl Table {
    /// One step: a sheet, a statement, a row. False at the end.
    fn advance(&mut self) -> Result<bool, FormatError> {
        let Some(sheet) = &mut self.sheet else {
            let Some((at, plan)) = self.plans.pop_front() else {
                return Ok(false);
            };
            self.grid.start(at)?;
            self.sheet = Some(Sheet {
                study: study(&mut self.grid, plan, &self.hints)?,
                next: 0,
                open: None,
            });
            return Ok(true);
        };
        let Some(open) = &mut sheet.open else {
            let group = sheet.study.groups.get(sheet.next).cloned();
            // A table of which no row is read still has its faults told.
            if group.is_none() && sheet.next > 0 {
                self.sheet = None;
                return Ok(true);
            }
            self.grid.rewind()?;
            if let Some(group) = &group {
                self.ready
                    .push_back(Part::Opens(Box::new(head_of(group, &sheet.study))));
                if group.balances_do_not_fit {
                    self.ready.push_back(Part::Warning(misfit()));
                }
            }
            sheet.open = Some(Open {
                group,
                tells_faults: sheet.next == 0,
                position: 0,
                held: None,
                continues: false,
                kept: Vec::new(),
                nameless: 0,
                line: 0,
            });
            sheet.next += 1;
            return Ok(true);
        };
        if !self.grid.next(&mut self.row)? {
            if let Some(open) = sheet.open.take() {
                open.close(&mut self.ready);
            }
            return Ok(true);
        }
        let header = sheet.study.reader.plan.header;
        let is_data = header.is_none_or(|header| open.position > header);
        open.position += 1;
        if is_data {
            let is = sheet.study.reader.read(&self.row);
            open.take(
                is,
                self.row.number,
                &sheet.study,
                &self.hints,
                &mut self.ready,
            );
        }
        Ok(true)
    }
}

impl Open {
    fn take(
        &mut self,
        is: Is,
        line: u64,
        study: &Study,
        hints: &Hints,
        ready: &mut VecDeque<Part>,
    ) {
        self.line = line;
        match is {
            Is::Moved(draft) => {
                let (account, currency) = key_of(&draft, hints);
                let is_ours = self
                    .group
                    .as_ref()
                    .is_some_and(|group| group.account == account && group.currency == currency);
                if is_ours {
                    self.flush(ready);
                    self.held = Some(*draft);
                } else if self.tells_faults
                    && !study
                        .groups
                        .iter()
                        .any(|group| group.account == account && group.currency == currency)
                {
                    self.tells_faults = false;
                    ready.push_back(Part::Fault(too_many(draft.line)));
                }
                self.continues = is_ours;
            }
            Is::More(text) => {
                if let Some(held) = self.held.as_mut().filter(|_| self.continues) {
                    held.text = format!("{} {text}", held.text).trim().to_owned();
                }
            }
            Is::Balance(..) | Is::Aside => self.continues = false,
            Is::Pending(fault) => {
                self.continues = false;
                if self.tells_faults {
                    ready.push_back(Part::Warning(fault));
                }
            }
            Is::Bad(fault) => {
                self.continues = false;
                if self.tells_faults {
                    ready.push_back(Part::Fault(fault));
                }
            }
        }
    }

    /// Hands over the movement whose text is complete, or keeps it to be turned round.
    fn flush(&mut self, ready: &mut VecDeque<Part>) {
        let (Some(draft), Some(group)) = (self.held.take(), &self.group) else {
            return;
        };
        let Some(currency) = group.currency else {
            self.nameless += 1;
            return;
        };
        let is_short = (self.kept.len() as u64) < TURNED_MAX;
        if (group.newest_first || group.signed_by_balance) && is_short {
            self.kept.push(draft);
        } else {
            ready.push_back(moved(draft, group, currency));
        }
    }

    fn close(mut self, ready: &mut VecDeque<Part>) {
        self.flush(ready);
        let Some(group) = self.group else {
            return;
        };
        if self.nameless > 0 {
            let reason = format!(
                "La tabla no dice en qué moneda están sus {} movimientos: indíquela con \
                 --currency (por ejemplo, --currency MXN).",
                self.nameless
            );
            ready.push_back(Part::Fault(Fault::new(1, "moneda", reason, "")));
        }
        if let Some(currency) = group.currency {
            let mut kept = self.kept;
            if group.newest_first {
                kept.reverse();
            }
            let mut before = group.opening;
            for mut draft in kept {
                if group.signed_by_balance
                    && let Err(fault) = sign_by_balance(&mut draft, before)
                {
                    ready.push_back(Part::Fault(fault));
                    before = draft.balance;
                    continue;
                }
                before = draft.balance.or(before);
                ready.push_back(moved(draft, &group, currency));
            }
        }
        ready.push_back(Part::Closes(Box::new(tail_of(&group))));
    }
}

/// The direction of a movement whose amount has no sign: that of the balance.
fn sign_by_balance(draft: &mut Draft, before: Option<Decimal>) -> Result<(), Fault> {
    let step = before
        .zip(draft.balance)
        .and_then(|(before, after)| after.checked_sub(before));
    match step {
        Some(step) if step.abs() == draft.amount.abs() => {
            draft.amount = step;
            Ok(())
        }
        _ => Err(Fault::new(
            draft.line,
            "importe",
            "El importe no tiene signo y el saldo no dice si entró o salió. Descargue la tabla \
             con cargos y abonos en columnas separadas.",
            &draft.raw,
        )),
    }
}

fn moved(mut draft: Draft, group: &Group, currency: Currency) -> Part {
    if group.flipped {
        draft.amount = -draft.amount;
    }
    match draft.into_transaction(currency) {
        Ok(transaction) => Part::Moved(transaction),
        Err(fault) => Part::Fault(fault),
    }
}

fn head_of(group: &Group, study: &Study) -> StatementHead {
    StatementHead {
        format: study.reader.plan.format,
        account: AccountId {
            number: group.account.clone(),
            bank: None,
            holder: study.reader.plan.about.holder.clone(),
        },
        currency: group.currency,
        number: None,
        from: group.from,
        to: group.to,
        opening: balance(group.opening, group, group.from),
        interim: false,
    }
}

fn tail_of(group: &Group) -> StatementTail {
    StatementTail {
        opening: balance(group.opening, group, group.from),
        closing: balance(group.closing, group, group.to),
        from: group.from,
        to: group.to,
        announced: None,
    }
}

fn balance(
    value: Option<Decimal>,
    group: &Group,
    on: Option<jiff::civil::Date>,
) -> Option<Balance> {
    let currency = group.currency?;
    let (value, _) = crate::amount::settle_digits(value?, currency.minor_digits())?;
    let amount = Money::from_decimal(value, currency).ok()?;
    Some(Balance { on, amount })
}

/// What to say of a column of balances that fits no movement.
fn misfit() -> Fault {
    let reason = "La columna de saldo no corresponde a los movimientos en ningún orden: no se \
                  comprobó ningún saldo. Revise que la tabla esté completa.";
    Fault::new(1, "saldo", reason, "")
}

/// What to say of a table that cannot be opened or read on.
pub(super) fn unreadable(error: &FormatError) -> Fault {
    let (line, reason) = match error {
        FormatError::Empty => (1, "El archivo está vacío.".to_owned()),
        FormatError::WebPage => (
            1,
            "Es una página web con nombre de hoja de cálculo: ábrala y guárdela como XLSX o CSV."
                .to_owned(),
        ),
        FormatError::LineTooLong { line } => (
            *line,
            "El renglón pasa de un megabyte: no es una tabla.".to_owned(),
        ),
        FormatError::WorkbookTooLarge { .. }
        | FormatError::UnpacksTooLarge { .. }
        | FormatError::SheetTooLarge { .. } => (
            1,
            "El libro es demasiado grande: guarde la hoja como CSV.".to_owned(),
        ),
        FormatError::BrokenWorkbook(_) | FormatError::BrokenSheet { .. } => (
            1,
            "El libro no se puede abrir: ábralo y guárdelo otra vez, sin contraseña.".to_owned(),
        ),
        FormatError::Io(error) => (1, format!("No se pudo leer el archivo ({error}).")),
        FormatError::NotASpreadsheet | FormatError::NoSuchSheet { .. } => (
            1,
            "No es una tabla de texto (CSV) ni un libro (XLSX, XLS, XLSB, ODS).".to_owned(),
        ),
    };
    Fault::new(line, "archivo", reason, "")
}
