//! What a file's statements say, in a few lines for the eye.

use std::collections::BTreeMap;

use domain::{Currency, Money};
use formats::bank::{Hints, Part, TransactionState, open_bytes};

/// Faults and warnings shown of one file.
const SHOWN: usize = 6;

pub fn hints(currency: Option<&str>) -> Hints {
    Hints {
        currency: currency.map(|code| Currency::new(code).expect("a currency code")),
        ..Hints::default()
    }
}

/// One block for each statement: balances, counts and sums by currency; its first movements; then
/// what is wrong.
pub fn summary(bytes: &[u8], name: &str, hints: &Hints, movements: usize) -> String {
    wrapped(&told(bytes, name, hints, movements))
}

/// Long lines broken between words, so that snapshots stay readable.
fn wrapped(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut width = 0;
        for word in line.split(' ') {
            let len = word.chars().count();
            if width > 0 && width + 1 + len > 88 {
                out.push_str("\n       ");
                width = 7;
            }
            if width > 0 {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += len.max(1);
        }
        out.push('\n');
    }
    out
}

fn told(bytes: &[u8], name: &str, hints: &Hints, movements: usize) -> String {
    let parts = match open_bytes(bytes, name, hints) {
        Ok(parts) => parts,
        Err(fault) => return format!("refused at {}: {}\n", fault.field, fault.reason),
    };
    let money = |money: Money| format!("{} {}", money.decimal(), money.currency);
    let mut out = String::new();
    let mut moved: BTreeMap<String, (usize, i64, Currency)> = BTreeMap::new();
    let mut told = 0;
    let mut reversals = 0;
    let mut lines: Vec<String> = Vec::new();
    let mut opening = None;
    for part in parts {
        match part {
            Part::Opens(head) => {
                opening = head.opening;
                let account = head.account.number.unwrap_or_default();
                let holder = head.account.holder.unwrap_or_default();
                let number = head.number.unwrap_or_default();
                let interim = if head.interim { " interim" } else { "" };
                out.push_str(&format!(
                    "{:?} [{account}] {holder} {number}{interim}",
                    head.format
                ));
                out.truncate(out.trim_end().len());
                out.push('\n');
            }
            Part::Moved(one) => {
                if one.state == TransactionState::Information {
                    told += 1;
                    continue;
                }
                reversals += usize::from(one.reversal);
                let key = format!("{:?} {}", one.state, one.amount.currency);
                let sum = moved.entry(key).or_insert((0, 0, one.amount.currency));
                sum.0 += 1;
                sum.1 += one.amount.minor;
                if lines.len() < movements {
                    lines.push(format!(
                        "    {} {} {:?} {:?}",
                        one.booked,
                        money(one.amount),
                        one.counterparty.name.unwrap_or_default(),
                        one.text
                    ));
                }
            }
            Part::Fault(fault) => lines.push(format!(
                "  ! {} {}: {}",
                fault.line, fault.field, fault.reason
            )),
            Part::Warning(fault) => lines.push(format!(
                "  ~ {} {}: {}",
                fault.line, fault.field, fault.reason
            )),
            Part::Closes(tail) => {
                let show = |balance: Option<formats::bank::Balance>| {
                    balance.map_or("-".to_owned(), |balance| money(balance.amount))
                };
                let days = tail.from.zip(tail.to);
                let days = days.map_or("-".to_owned(), |(from, to)| format!("{from}/{to}"));
                out.push_str(&format!(
                    "  {days} opening {} closing {}\n",
                    show(tail.opening.or(opening)),
                    show(tail.closing)
                ));
                flush(&mut out, &mut moved, &mut told, &mut reversals, &mut lines);
            }
        }
    }
    flush(&mut out, &mut moved, &mut told, &mut reversals, &mut lines);
    out
}

fn flush(
    out: &mut String,
    moved: &mut BTreeMap<String, (usize, i64, Currency)>,
    told: &mut usize,
    reversals: &mut usize,
    lines: &mut Vec<String>,
) {
    for (state, (count, minor, currency)) in std::mem::take(moved) {
        let sum = Money::new(minor, currency).decimal();
        out.push_str(&format!("  {state}: {count} = {sum}\n"));
    }
    if *told > 0 {
        out.push_str(&format!("  told: {told}\n"));
    }
    if *reversals > 0 {
        out.push_str(&format!("  reversals: {reversals}\n"));
    }
    let wrong = lines
        .iter()
        .filter(|line| !line.starts_with("    "))
        .count();
    let mut shown = 0;
    for line in lines.drain(..) {
        shown += usize::from(!line.starts_with("    "));
        if shown <= SHOWN {
            out.push_str(&line);
            out.push('\n');
        }
    }
    if wrong > SHOWN {
        out.push_str(&format!("  and {} more\n", wrong - SHOWN));
    }
    (*told, *reversals) = (0, 0);
}
