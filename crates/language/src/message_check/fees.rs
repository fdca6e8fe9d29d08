//! Charges that a text names beyond what the law allows: a percentage, or one before its day.

use std::ops::Range;

use domain::law::Fees;
use rust_decimal::Decimal;

use super::Known;
use super::words::{Phrases, Words};

static FINE: Phrases<'static> =
    Phrases::new(&["multa*", "penalidad*", "penalizacion*", "late fee*"]);
static COLLECTION: Phrases<'static> = Phrases::new(&[
    "gasto|gastos de cobranza",
    "gasto|gastos de cobro",
    "gasto|gastos de gestion",
    "honorario|honorarios",
    "cargo|cargos por cobranza",
]);

/// Letters between a charge's name and its percentage.
const NEAR: usize = 60;
/// Letters between a charge's name and its amount.
const BESIDE: usize = 24;

/// Where a text names a charge that passes the caps of a regime, as ranges of characters.
pub(super) fn beyond(
    fees: &Fees,
    words: &Words,
    text: &str,
    known: &Known<'_>,
) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if let Some(most) = fees.fine_percent_max {
        found.extend(above(words, text, &FINE, most));
        found.extend(above(words, text, &COLLECTION, most));
    }
    if let Some(scale) = &fees.progressive {
        let top = scale.brackets.iter().map(|it| it.percent).max();
        let most = top.unwrap_or(Decimal::ZERO);
        found.extend(above(words, text, &COLLECTION, most));
        let too_early = known
            .days_late
            .is_some_and(|late| late <= i64::from(scale.after_days));
        if too_early {
            found.extend(with_amount(words, text));
        }
    }
    found
}

/// Charges of that name with a percentage above the most.
fn above(words: &Words, text: &str, names: &Phrases<'_>, most: Decimal) -> Vec<Range<usize>> {
    let percents = percents(text);
    let near = |name: &Range<usize>| {
        percents.iter().find(|(at, percent)| {
            let gap = if *at >= name.end {
                at - name.end
            } else {
                name.start.saturating_sub(*at)
            };
            gap <= NEAR && *percent > most
        })
    };
    let all = words.all(names).into_iter();
    all.map(|name| words.chars(&name))
        .filter(|name| near(name).is_some())
        .collect()
}

/// Collection costs with an amount of money behind them.
fn with_amount(words: &Words, text: &str) -> Vec<Range<usize>> {
    let all = words
        .all(&COLLECTION)
        .into_iter()
        .map(|name| words.chars(&name));
    all.filter(|name| {
        let behind = text.chars().skip(name.end).take(BESIDE);
        let mut before_digit = behind.skip_while(|it| !matches!(it, '$' | '€' | '0'..='9' | '.'));
        matches!(before_digit.next(), Some('$' | '€' | '0'..='9'))
    })
    .collect()
}

/// Every `12,5 %` with the place of its sign, in characters.
fn percents(text: &str) -> Vec<(usize, Decimal)> {
    let mut found = Vec::new();
    let mut number = String::new();
    for (index, letter) in text.chars().enumerate() {
        match letter {
            '0'..='9' => number.push(letter),
            ',' | '.' if !number.is_empty() => number.push('.'),
            ' ' | '\u{a0}' if !number.is_empty() && !number.ends_with(' ') => number.push(' '),
            '%' => {
                let read: Option<Decimal> = number.trim_end().parse().ok();
                found.extend(read.map(|percent| (index, percent)));
                number.clear();
            }
            _ => number.clear(),
        }
        // `1 200 %` is no percentage of a fee; a number that goes on after a blank begins anew.
        if letter.is_ascii_digit() && number.contains(' ') {
            number.clear();
            number.push(letter);
        }
    }
    found
}
