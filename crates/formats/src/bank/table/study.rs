//! What only the whole table tells: the order of day and month, the decimal mark, which accounts
//! and currencies are in it, whether the newest stands first, and what the balances say.

use std::io::{Read, Seek};

use domain::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::{Fault, Hints, TransactionState};
use super::header::Plan;
use super::row::{Draft, Is, Reader};
use super::words::{Line, Role};
use crate::amount::{self, AmountShape, DecimalMark};
use crate::date::{DateOrder, DateShape};
use crate::spreadsheet::{CellKind, FormatError, Grid, Row};

/// Accounts and currencies in one file.
const GROUPS_MAX: usize = 64;
/// One side must show itself this many times as often as the other; the rest are slips.
const DOMINANCE: u64 = 20;

/// Steps between balances that must speak for it before all signs are turned.
const FITS_TO_TURN: u64 = 2;

/// A statement within the table: what is of one account and one currency.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub account: Option<String>,
    pub currency: Option<Currency>,
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub opening: Option<Decimal>,
    pub closing: Option<Decimal>,
    /// The newest stands first.
    pub newest_first: bool,
    /// The bank writes what went out as positive.
    pub flipped: bool,
    /// Only the balances tell which way money went.
    pub signed_by_balance: bool,
    /// There are balances and they fit nothing.
    pub balances_do_not_fit: bool,
}

/// What a table holds.
pub(super) struct Study {
    pub reader: Reader,
    pub groups: Vec<Group>,
}

/// Reads the whole sheet twice: for how it is written, then for what it holds.
pub(super) fn study<R: Read + Seek>(
    grid: &mut Grid<R>,
    plan: Plan,
    hints: &Hints,
) -> Result<Study, FormatError> {
    let mut evidence = Evidence::default();
    let mut reader = Reader {
        plan,
        has_abono: false,
    };
    each_row(grid, &reader.plan, |row| evidence.add(&reader, row))?;
    evidence.settle(&mut reader, hints);
    let mut sums: Vec<Sums> = Vec::new();
    each_row(grid, &reader.plan, |row| match reader.read(row) {
        Is::Moved(draft) => {
            if let Some(sums) = group_of(&mut sums, &draft, hints) {
                sums.add(&draft);
            }
        }
        Is::Balance(line, amount) => {
            if sums.is_empty() {
                sums.push(Sums::new(None, None));
            }
            if let Some(last) = sums.last_mut() {
                match line {
                    Line::Opening => last.stated.0 = last.stated.0.or(Some(amount)),
                    Line::Closing => last.stated.1 = Some(amount),
                    Line::Total => {}
                }
            }
        }
        _ => {}
    })?;
    // With two columns, or one of directions, the bank has said which way money went.
    let can_turn = reader.plan.has(Role::Amount) && !reader.plan.has(Role::Sign);
    Ok(Study {
        groups: sums
            .into_iter()
            .filter(|sums| sums.count > 0)
            .map(|sums| sums.into_group(can_turn))
            .collect(),
        reader,
    })
}

/// Goes through the rows below the column names, from the first.
pub(super) fn each_row<R: Read + Seek>(
    grid: &mut Grid<R>,
    plan: &Plan,
    mut look: impl FnMut(&Row),
) -> Result<(), FormatError> {
    grid.rewind()?;
    let mut row = Row::default();
    let mut position = 0;
    while grid.next(&mut row)? {
        if plan.header.is_none_or(|header| position > header) {
            look(&row);
        }
        position += 1;
    }
    Ok(())
}

/// The key of a movement's statement.
pub(super) fn key_of(draft: &Draft, hints: &Hints) -> (Option<String>, Option<Currency>) {
    (draft.account.clone(), draft.currency.or(hints.currency))
}

/// The statement a movement belongs to; none when there are too many.
fn group_of<'s>(sums: &'s mut Vec<Sums>, draft: &Draft, hints: &Hints) -> Option<&'s mut Sums> {
    let (account, currency) = key_of(draft, hints);
    // A balance before the first movement opened a statement that did not know whose it is.
    if let [only] = sums.as_mut_slice()
        && only.count == 0
    {
        only.account = account.clone();
        only.currency = currency;
    }
    let found = sums
        .iter()
        .position(|sums| sums.account == account && sums.currency == currency);
    let at = match found {
        Some(at) => at,
        None if sums.len() >= GROUPS_MAX => return None,
        None => {
            sums.push(Sums::new(account, currency));
            sums.len() - 1
        }
    };
    sums.get_mut(at)
}

/// How dates and amounts are written, over all rows.
#[derive(Default)]
struct Evidence {
    day_first: u64,
    month_first: u64,
    /// Days in a row that go up or down under each order.
    runs: [Run; 2],
    point: u64,
    comma: u64,
    grouped: u64,
    abono: bool,
}

/// Whether days follow each other under one order.
#[derive(Default)]
struct Run {
    last: Option<Date>,
    up: u64,
    down: u64,
    broken: u64,
}

impl Run {
    fn add(&mut self, day: Option<Date>) {
        let Some(day) = day else {
            self.broken += 1;
            return;
        };
        if let Some(last) = self.last {
            self.up += u64::from(day > last);
            self.down += u64::from(day < last);
        }
        self.last = Some(day);
    }

    /// Every day follows the one before, in one direction.
    fn is_ordered(&self) -> bool {
        self.broken == 0 && (self.up == 0 || self.down == 0) && self.up + self.down > 0
    }
}

impl Evidence {
    fn add(&mut self, reader: &Reader, row: &Row) {
        for role in [Role::Booked, Role::Value] {
            let Some(at) = reader.plan.column(role) else {
                continue;
            };
            let shape = reader.shape(row, at);
            match shape.proves() {
                Some(DateOrder::DayFirst) => self.day_first += 1,
                Some(DateOrder::MonthFirst) => self.month_first += 1,
                None => {}
            }
            if role == Role::Booked && matches!(shape, DateShape::Pair { .. }) {
                self.runs[0].add(shape.under(DateOrder::DayFirst));
                self.runs[1].add(shape.under(DateOrder::MonthFirst));
            }
        }
        for at in reader.plan.amounts() {
            if row.kind(at) != CellKind::Text {
                continue;
            }
            match amount::shape(row.cell(at)) {
                AmountShape::Marked(_, DecimalMark::Point) => self.point += 1,
                AmountShape::Marked(_, DecimalMark::Comma) => self.comma += 1,
                AmountShape::Ambiguous { .. } => self.grouped += 1,
                _ => {}
            }
        }
        if let Some(at) = reader.plan.column(Role::Sign) {
            let word = crate::fold::fold(row.cell(at));
            self.abono |= matches!(word.as_str(), "a" | "abono");
        }
    }

    /// The file's own proof is strongest; then the profile; then what the caller knows; then what
    /// is only likely.
    fn settle(&self, reader: &mut Reader, hints: &Hints) {
        reader.has_abono = self.abono;
        let plan = &mut reader.plan;
        plan.dates = winner(
            (self.day_first, DateOrder::DayFirst),
            (self.month_first, DateOrder::MonthFirst),
        )
        .or(plan.dates)
        .or(hints.dates)
        .or_else(
            || match (self.runs[0].is_ordered(), self.runs[1].is_ordered()) {
                (true, false) => Some(DateOrder::DayFirst),
                (false, true) => Some(DateOrder::MonthFirst),
                _ => None,
            },
        );
        let currency = plan.currency.or(plan.about.currency).or(hints.currency);
        plan.decimal = winner(
            (self.point, DecimalMark::Point),
            (self.comma, DecimalMark::Comma),
        )
        .or(plan.decimal)
        .or(hints.decimal)
        .or_else(|| {
            // A currency without decimals: the mark can only part thousands.
            let whole = currency.is_some_and(|currency| currency.minor_digits() == 0);
            (whole && self.grouped > 0 && self.point + self.comma == 0)
                .then_some(DecimalMark::Comma)
        });
    }
}

fn winner<T>(first: (u64, T), second: (u64, T)) -> Option<T> {
    if first.0 > 0 && first.0 >= DOMINANCE * second.0 {
        Some(first.1)
    } else if second.0 > 0 && second.0 >= DOMINANCE * first.0 {
        Some(second.1)
    } else {
        None
    }
}

/// One statement's figures as its rows pass by.
#[derive(Default)]
struct Sums {
    account: Option<String>,
    currency: Option<Currency>,
    count: u64,
    days: Option<(Date, Date)>,
    first_day: Option<Date>,
    last_day: Option<Date>,
    sum: Decimal,
    /// Balance, sum up to and with its row, and the row's amount: of the first and the last row
    /// that has a balance.
    first: Option<Known>,
    last: Option<Known>,
    pairs: u64,
    /// Steps between balances that fit: oldest first, newest first, each with the signs turned.
    fits: [u64; 4],
    /// Steps that fit by size alone, oldest first and newest first.
    fits_unsigned: [u64; 2],
    unsigned: u64,
    adjacent: bool,
    /// Balances on lines of their own: before and after.
    stated: (Option<Decimal>, Option<Decimal>),
}

#[derive(Clone, Copy)]
struct Known {
    balance: Decimal,
    sum: Decimal,
    amount: Decimal,
}

impl Sums {
    fn new(account: Option<String>, currency: Option<Currency>) -> Self {
        Self {
            account,
            currency,
            ..Self::default()
        }
    }

    fn add(&mut self, draft: &Draft) {
        self.count += 1;
        let (from, to) = self.days.unwrap_or((draft.booked, draft.booked));
        self.days = Some((from.min(draft.booked), to.max(draft.booked)));
        self.first_day = self.first_day.or(Some(draft.booked));
        self.last_day = Some(draft.booked);
        if draft.state != TransactionState::Booked {
            return;
        }
        if self.last.is_none() && self.sum.is_zero() {
            // A balance stated before the first row is a step away from the first row's.
            self.last = self.stated.0.map(|balance| Known {
                balance,
                sum: Decimal::ZERO,
                amount: Decimal::ZERO,
            });
            self.adjacent = self.last.is_some();
        }
        self.sum = self.sum.saturating_add(draft.amount);
        self.unsigned += u64::from(draft.unsigned);
        let Some(balance) = draft.balance else {
            self.adjacent = false;
            return;
        };
        let known = Known {
            balance,
            sum: self.sum,
            amount: draft.amount,
        };
        if let Some(last) = self.last {
            self.compare(last, known);
        }
        self.first = self.first.or(Some(known));
        self.last = Some(known);
        self.adjacent = true;
    }

    fn compare(&mut self, before: Known, now: Known) {
        self.pairs += 1;
        let step = now.balance.saturating_sub(before.balance);
        let moved = now.sum.saturating_sub(before.sum);
        // Newest first: what lies between two balances is the upper row and those after it.
        let moved_back = moved
            .saturating_sub(now.amount)
            .saturating_add(before.amount);
        self.fits[0] += u64::from(step == moved);
        self.fits[1] += u64::from(-step == moved_back);
        self.fits[2] += u64::from(step == -moved);
        self.fits[3] += u64::from(-step == -moved_back);
        if self.adjacent {
            self.fits_unsigned[0] += u64::from(step.abs() == now.amount.abs());
            self.fits_unsigned[1] += u64::from(step.abs() == before.amount.abs());
        }
    }

    fn into_group(self, can_turn: bool) -> Group {
        let [forward, backward, forward_turned, backward_turned] = self.fits;
        let signed = forward.max(backward);
        let turned = if can_turn {
            forward_turned.max(backward_turned)
        } else {
            0
        };
        let by_size = self.fits_unsigned[0].max(self.fits_unsigned[1]);
        let all_unsigned = self.unsigned == self.count;
        // Where every step also fits with the signs turned, the first row stays in doubt.
        let signed_by_balance = can_turn && all_unsigned && by_size > signed && by_size >= turned;
        let flipped = !signed_by_balance && turned > signed && turned >= FITS_TO_TURN;
        let by_days = self.first_day > self.last_day;
        let newest_first = if signed_by_balance {
            self.fits_unsigned[1] > self.fits_unsigned[0]
        } else if flipped {
            backward_turned > forward_turned
        } else if signed > 0 && forward != backward {
            backward > forward
        } else {
            by_days
        };
        let fit = signed
            .max(turned)
            .max(if signed_by_balance { by_size } else { 0 });
        let balances_do_not_fit = self.pairs > 0 && fit == 0;
        let mut group = Group {
            account: self.account,
            currency: self.currency,
            from: self.days.map(|(from, _)| from),
            to: self.days.map(|(_, to)| to),
            opening: None,
            closing: None,
            newest_first,
            flipped,
            signed_by_balance,
            balances_do_not_fit,
        };
        if let (Some(first), Some(last), false) = (self.first, self.last, balances_do_not_fit) {
            let turn = |amount: Decimal| if flipped { -amount } else { amount };
            let after = turn(self.sum.saturating_sub(last.sum));
            let (opening, closing) = if newest_first {
                let newer = turn(first.sum.saturating_sub(first.amount));
                (
                    last.balance
                        .saturating_sub(turn(last.amount))
                        .saturating_sub(after),
                    first.balance.saturating_add(newer),
                )
            } else {
                (
                    first.balance.saturating_sub(turn(first.sum)),
                    last.balance.saturating_add(after),
                )
            };
            group.opening = (!signed_by_balance).then_some(opening);
            // The sums have no signs then: only a balance that stands last is one.
            group.closing = if !signed_by_balance {
                Some(closing)
            } else if newest_first {
                (first.sum == first.amount).then_some(first.balance)
            } else {
                after.is_zero().then_some(last.balance)
            };
        }
        // What the bank states on a line of its own is stronger than what the rows imply.
        group.opening = self.stated.0.or(group.opening);
        group.closing = self.stated.1.or(group.closing);
        group
    }
}

/// The fault of a file with more accounts than one reads.
pub(super) fn too_many(line: u64) -> Fault {
    let reason = format!(
        "El archivo mezcla más de {GROUPS_MAX} cuentas o monedas: descargue cada cuenta por \
         separado."
    );
    Fault::new(line, "cuenta", reason, "")
}
