//! Where a bank's table begins, what its columns hold, and whether it is a bank's at all.

use domain::Currency;
use encoding_rs::{WINDOWS_1250, WINDOWS_1252};

use super::super::BankFormat;
use super::profile::{Profile, Provider, shipped};
use super::words::{self, Role};
use crate::amount::{self, AmountShape, DecimalMark};
use crate::date::{self, DateOrder, DateShape};

/// Rows among which the column names are looked for.
pub(super) const HEADER_ROWS_MAX: usize = 40;
/// Rows below the names of which one must have a date.
const ROWS_BELOW: usize = 6;
/// Rows of a table without names that are looked at.
const NAMELESS_ROWS: usize = 20;

/// How a table is read.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Position of the column names among the rows that are not blank.
    pub header: Option<usize>,
    pub columns: Vec<(usize, Role)>,
    pub currency: Option<Currency>,
    pub dates: Option<DateOrder>,
    pub decimal: Option<DecimalMark>,
    pub outflows_positive: bool,
    pub fees_negative: bool,
    pub format: BankFormat,
    /// The bytes are in the code page of Central Europe.
    pub central_european: bool,
    /// What the rows above the names say of the account.
    pub about: About,
}

/// What stands above a table about its account.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub number: Option<String>,
    pub holder: Option<String>,
    pub currency: Option<Currency>,
}

impl Plan {
    pub fn has(&self, role: Role) -> bool {
        self.columns.iter().any(|(_, other)| *other == role)
    }

    pub fn column(&self, role: Role) -> Option<usize> {
        self.columns
            .iter()
            .find(|(_, other)| *other == role)
            .map(|(at, _)| *at)
    }

    pub fn columns_of(&self, role: Role) -> impl Iterator<Item = usize> {
        self.columns
            .iter()
            .filter(move |(_, other)| *other == role)
            .map(|(at, _)| *at)
    }

    /// The columns that hold amounts of the account.
    pub fn amounts(&self) -> impl Iterator<Item = usize> {
        self.columns
            .iter()
            .filter(|(_, role)| {
                matches!(
                    role,
                    Role::Amount | Role::Debit | Role::Credit | Role::Balance
                )
            })
            .map(|(at, _)| *at)
    }
}

/// How sure it is that these rows are a bank's table; nothing where they are not.
pub(super) fn weigh(rows: &[Vec<String>], known: &[Profile]) -> usize {
    find(rows, known).map_or(0, |(weight, _)| weight)
}

/// The plan under which the rows make most sense as a bank's table.
pub(super) fn find(rows: &[Vec<String>], known: &[Profile]) -> Option<(usize, Plan)> {
    let mut best: Option<(usize, Plan)> = None;
    let rows = &rows[..rows.len().min(HEADER_ROWS_MAX + ROWS_BELOW)];
    for (at, row) in rows.iter().enumerate().take(HEADER_ROWS_MAX) {
        let below = &rows[at + 1..rows.len().min(at + 1 + ROWS_BELOW)];
        for central_european in [false, true] {
            let names: Vec<String> = row
                .iter()
                .map(|name| recoded(name, central_european))
                .collect();
            let changed = names.iter().zip(row).any(|(new, old)| new != old);
            if central_european && !changed {
                continue;
            }
            let Some((weight, mut plan)) = named(&names, below, known) else {
                continue;
            };
            if best.as_ref().is_none_or(|(most, _)| weight > *most) {
                plan.header = Some(at);
                plan.central_european = central_european;
                plan.about = about(&rows[..at]);
                best = Some((weight, plan));
            }
        }
    }
    best.or_else(|| nameless(rows, known))
}

/// The text as the code page of Central Europe reads it, if it was read as that of the West.
pub(super) fn recoded(text: &str, central_european: bool) -> String {
    if !central_european || text.is_ascii() {
        return text.to_owned();
    }
    let (bytes, _, failed) = WINDOWS_1252.encode(text);
    if failed {
        return text.to_owned();
    }
    WINDOWS_1250
        .decode_without_bom_handling(&bytes)
        .0
        .into_owned()
}

/// The plan of a row of column names.
fn named(names: &[String], below: &[Vec<String>], known: &[Profile]) -> Option<(usize, Plan)> {
    let profiles = known.iter().map(|profile| (profile, 2_000));
    let shipped = shipped().iter().map(|profile| (profile, 1_000));
    let profiled = profiles
        .chain(shipped)
        .filter_map(|(profile, weight)| {
            let mut columns = profile.columns_in(names)?;
            let weight = weight + columns.len() * 10;
            add_currency(&mut columns, names);
            Some((weight, of_profile(profile, columns)))
        })
        .max_by_key(|(weight, _)| *weight);
    let (weight, plan) = match profiled {
        Some(found) => found,
        None => by_words(names, below)?,
    };
    begins_with_dates(&plan, below).then_some((weight, plan))
}

/// A column of currencies says more than a profile that names none.
fn add_currency(columns: &mut Vec<(usize, Role)>, names: &[String]) {
    if columns.iter().any(|(_, role)| *role == Role::Currency) {
        return;
    }
    let at = names.iter().position(|name| {
        words::recognise(name).is_some_and(|meaning| meaning.role == Role::Currency)
    });
    columns.extend(at.map(|at| (at, Role::Currency)));
}

fn of_profile(profile: &Profile, columns: Vec<(usize, Role)>) -> Plan {
    Plan {
        header: None,
        columns,
        currency: profile.currency(),
        dates: profile.dates,
        decimal: profile.decimal,
        outflows_positive: profile.outflows_positive,
        fees_negative: profile.fees_negative,
        format: profile.provider.map_or(BankFormat::Table, Provider::format),
        central_european: false,
        about: About::default(),
    }
}

/// The plan of names that no profile knows.
fn by_words(names: &[String], below: &[Vec<String>]) -> Option<(usize, Plan)> {
    if names.iter().any(|name| words::is_of_ledger(name)) {
        return None;
    }
    let mut columns: Vec<(usize, Role, u8)> = Vec::new();
    let mut currency = None;
    let mut unknown = 0;
    for (at, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            continue;
        }
        let Some(meaning) = words::recognise(name) else {
            unknown += 1;
            continue;
        };
        let role = by_content(meaning.role, at, below);
        if matches!(role, Role::Amount | Role::Debit | Role::Credit) {
            currency = currency.or(meaning.currency);
        }
        let other = columns.iter_mut().find(|(_, other, _)| *other == role);
        match other {
            Some(other) if !role.is_many() => {
                if meaning.rank < other.2 {
                    *other = (at, role, meaning.rank);
                }
            }
            _ => columns.push((at, role, meaning.rank)),
        }
    }
    let roles: Vec<Role> = columns.iter().map(|(_, role, _)| *role).collect();
    let weight = bank_weight(&roles, unknown)?;
    let mut columns: Vec<(usize, Role)> = columns
        .into_iter()
        .map(|(at, role, _)| (at, role))
        .collect();
    if !roles.contains(&Role::Booked) {
        let value = columns.iter_mut().find(|(_, role)| *role == Role::Value)?;
        value.1 = Role::Booked;
    }
    settle_amounts(&mut columns);
    let plan = Plan {
        header: None,
        columns,
        currency,
        dates: None,
        decimal: None,
        outflows_positive: false,
        fees_negative: false,
        format: BankFormat::Table,
        central_european: false,
        about: About::default(),
    };
    Some((weight, plan))
}

/// How much a set of columns is a bank's; `None` when it may as well be another list.
fn bank_weight(roles: &[Role], unknown: usize) -> Option<usize> {
    let has = |role: Role| roles.contains(&role);
    let sides = has(Role::Debit) && has(Role::Credit);
    let moves = has(Role::Amount) || has(Role::Debit) || has(Role::Credit);
    let tells = has(Role::Text) || has(Role::Name) || has(Role::Reference);
    if !moves || !tells || !(has(Role::Booked) || has(Role::Value)) {
        return None;
    }
    let marks = [
        (sides, 3),
        (has(Role::Balance), 3),
        (has(Role::Value) && has(Role::Booked), 3),
        (has(Role::Sign), 2),
        (has(Role::Account), 2),
        (has(Role::OwnAccount), 2),
        (has(Role::EndToEnd), 2),
        (has(Role::Credit) && !has(Role::Amount), 2),
    ];
    let weight: usize = marks
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, weight)| weight)
        .sum();
    // Date, text and amount alone may be any list, unless there is nothing else in it.
    let is_bare = unknown == 0 && roles.len() <= 6 && has(Role::Text);
    (weight >= 2 || is_bare).then_some(100 + weight * 10 + roles.len())
}

/// Names that mean two things are told apart by what stands below: `Valor`, `Valuta`, `Tipo`.
fn by_content(role: Role, at: usize, below: &[Vec<String>]) -> Role {
    let cells: Vec<&str> = below
        .iter()
        .filter_map(|row| row.get(at))
        .map(|cell| cell.trim())
        .filter(|cell| !cell.is_empty())
        .collect();
    if cells.is_empty() {
        return role;
    }
    let all = |is: &dyn Fn(&str) -> bool| cells.iter().all(|cell| is(cell));
    let is_sign = |cell: &str| words::comes_in(cell, false).is_some();
    match role {
        Role::Amount if all(&is_date) => Role::Value,
        Role::Value if all(&|cell| is_currency(cell)) => Role::Currency,
        Role::Value if all(&|cell| is_amount(cell) && !is_date(cell)) => Role::Amount,
        Role::Code if all(&is_sign) => Role::Sign,
        Role::Sign if !cells.iter().any(|cell| is_sign(cell)) => Role::Code,
        other => other,
    }
}

/// One column of amounts: with a single side its sign tells; beside both sides it repeats them.
fn settle_amounts(columns: &mut [(usize, Role)]) {
    let has = |columns: &[(usize, Role)], role| columns.iter().any(|(_, other)| *other == role);
    let debit = has(columns, Role::Debit);
    let credit = has(columns, Role::Credit);
    let amount = has(columns, Role::Amount);
    for (_, role) in columns.iter_mut() {
        *role = match *role {
            Role::Amount if debit && credit => Role::Ignore,
            Role::Credit if !debit && !amount => Role::Amount,
            Role::Credit | Role::Debit if amount && !(debit && credit) => Role::Ignore,
            other => other,
        };
    }
}

/// Whether one of the rows below the names has a day where the plan says so.
fn begins_with_dates(plan: &Plan, below: &[Vec<String>]) -> bool {
    let Some(at) = plan.column(Role::Booked) else {
        return false;
    };
    below.iter().any(|row| {
        row.get(at)
            .is_some_and(|cell| is_date(cell) || looks_like_date(cell))
    })
}

/// Numbers parted like a date's, even if there is no such day.
fn looks_like_date(cell: &str) -> bool {
    let parts: Vec<&str> = cell.trim().split(['/', '-', '.']).collect();
    parts.len() == 3
        && parts.iter().all(|part| {
            !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
        })
}

fn is_date(cell: &str) -> bool {
    matches!(
        date::shape(cell),
        DateShape::Clear(_) | DateShape::Pair { .. }
    )
}

fn is_amount(cell: &str) -> bool {
    !matches!(
        amount::shape(cell),
        AmountShape::Unreadable | AmountShape::Empty
    )
}

fn is_currency(cell: &str) -> bool {
    cell.len() == 3 && cell.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A table without column names that is written as a profile says, cell by cell.
fn nameless(rows: &[Vec<String>], known: &[Profile]) -> Option<(usize, Plan)> {
    let rows = &rows[..rows.len().min(NAMELESS_ROWS)];
    if rows.is_empty() {
        return None;
    }
    let profile = known
        .iter()
        .chain(shipped())
        .filter(|profile| profile.is_nameless())
        .find(|profile| {
            rows.iter().all(|row| fits(profile, row)) && is_of_account(profile, rows)
        })?;
    let columns = profile
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| (at, column.role))
        .collect();
    Some((50, of_profile(profile, columns)))
}

/// Days between booking and value date of a bank; terms of invoices are longer.
const VALUE_DAYS_MAX: i32 = 10;

/// Whether rows without column names are of an account and not of invoices: money goes both ways,
/// and no date is far from the other.
fn is_of_account(profile: &Profile, rows: &[Vec<String>]) -> bool {
    let at = |role: Role| {
        profile
            .columns
            .iter()
            .position(|column| column.role == role)
    };
    let order = profile.dates.unwrap_or(DateOrder::DayFirst);
    if let (Some(booked), Some(value)) = (at(Role::Booked), at(Role::Value)) {
        let is_near = |row: &Vec<String>| {
            let day = |at: usize| date::shape(row.get(at)?).under(order);
            let days = day(booked)
                .zip(day(value))
                .and_then(|(booked, value)| booked.until(value).ok());
            days.is_none_or(|days| days.get_days().abs() <= VALUE_DAYS_MAX)
        };
        if !rows.iter().all(is_near) {
            return false;
        }
    }
    match at(Role::Amount) {
        Some(amount) if at(Role::Sign).is_none() => rows
            .iter()
            .filter_map(|row| row.get(amount))
            .any(|cell| cell.trim().starts_with(['-', '(']) || cell.trim().ends_with('-')),
        _ => true,
    }
}

fn fits(profile: &Profile, row: &[String]) -> bool {
    let width = row.len();
    let filled = row.iter().rposition(|cell| !cell.trim().is_empty());
    let last = profile
        .columns
        .iter()
        .rposition(|column| column.role != Role::Blank)
        .unwrap_or_default();
    if filled.is_none_or(|filled| filled > last) || width < profile.columns.len() {
        return false;
    }
    // Of an amount in two columns one is filled.
    let sides: Vec<&str> = profile
        .columns
        .iter()
        .zip(row)
        .filter(|(column, _)| matches!(column.role, Role::Debit | Role::Credit))
        .map(|(_, cell)| cell.trim())
        .collect();
    let one_side = sides.is_empty() || sides.iter().filter(|cell| !cell.is_empty()).count() == 1;
    one_side
        && profile.columns.iter().zip(row).all(|(column, cell)| {
            let cell = cell.trim();
            match column.role {
                Role::Booked | Role::Value => is_date(cell),
                Role::Amount => is_amount(cell) && !is_date(cell),
                Role::Debit | Role::Credit => cell.is_empty() || is_amount(cell),
                Role::Currency => is_currency(cell),
                Role::Sign => words::comes_in(cell, false).is_some(),
                Role::Blank => cell.is_empty(),
                Role::Text => !is_amount(cell) || cell.contains(char::is_alphabetic),
                _ => true,
            }
        })
}

/// What the rows above say: a name in one cell, its value in the next.
fn about(rows: &[Vec<String>]) -> About {
    let mut about = About::default();
    for row in rows {
        let mut cells = row
            .iter()
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty());
        let (Some(name), Some(value)) = (cells.next(), cells.next()) else {
            continue;
        };
        let folded = words::folded(name.trim_end_matches(':'));
        match folded.as_str() {
            "cuenta"
            | "numero de cuenta"
            | "cuenta n"
            | "no de cuenta"
            | "n cuenta"
            | "cuenta corriente"
            | "clabe"
            | "iban"
            | "conta"
            | "account"
            | "account number"
            | "account no"
            | "account details for"
            | "konto" => {
                about.number = about.number.or_else(|| account_of(value));
            }
            "sr a" | "titular" | "razon social" | "cliente" | "nombre" | "account holder"
            | "empresa" => {
                about.holder = about.holder.or_else(|| Some(value.to_owned()));
            }
            "moneda" | "divisa" | "currency" | "moeda" => {
                about.currency = about.currency.or_else(|| currency_of(value));
            }
            _ => {}
        }
    }
    about
}

/// The part of a text that is an account's number: from its first digit on, or the whole IBAN.
fn account_of(text: &str) -> Option<String> {
    let glued: String = text
        .split_whitespace()
        .filter(|word| word.contains(|letter: char| letter.is_ascii_digit()))
        .collect();
    (!glued.is_empty()).then(|| glued.to_uppercase())
}

/// The currency of a cell: a code, or one within words (`Pesos Chilenos (CLP)`).
pub(super) fn currency_of(text: &str) -> Option<Currency> {
    let text = text.trim();
    if is_currency(text) {
        return Currency::new(text).ok();
    }
    text.split(|letter: char| !letter.is_ascii_alphabetic())
        .filter(|word| is_currency(word))
        .find_map(amount::known_currency)
}
