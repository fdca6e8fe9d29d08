//! What being late costs: interest, fees, and whether messages ask for them.

use super::DAYS_MAX;
use crate::charges::{Booking, Fee, FeeAmount, Interest, LateCharges, Rate};
use crate::law::Bracket;
use crate::policy::error::Rule;
use crate::policy::reader::{
    Reported, Table, amounts, flag, key, list, number, one_of, percent, positive, series, text,
    word,
};

pub(super) fn read_late_charges(table: &Table<'_>) -> Result<LateCharges, Reported> {
    let ask = table.optional("ask_in_messages", flag);
    let interest = table.table("interest").and_then(|interest| match interest {
        Some(interest) => read_interest(&interest).map(Some),
        None => Ok(None),
    });
    let fees = read_fees(table);
    let booking = table.table("book").and_then(|book| match book {
        Some(book) => read_booking(&book).map(Some),
        None => Ok(None),
    });
    table.finish();
    let (interest, fees, booking) = (interest?, fees?, booking?);
    if interest.is_none() && fees.is_empty() {
        let message = "no dice qué se cobra: agregue [late_charges.interest] o \
                       [[late_charges.fee]], o quite la sección";
        return Err(table.reader.error(table.line, Rule::Missing, message));
    }
    Ok(LateCharges {
        interest,
        fees,
        ask: ask?.unwrap_or(false),
        booking,
    })
}

/// `every` is written out though there is one word for it, so that the policy says what it does.
fn read_booking(table: &Table<'_>) -> Result<Booking, Reported> {
    let every = table.required("every", one_of(&[("month", ())]));
    let due_in_days = table.required("due_in_days", number(0..=DAYS_MAX));
    table.finish();
    every?;
    Ok(Booking {
        due_in_days: due_in_days?,
    })
}

fn read_interest(table: &Table<'_>) -> Result<Interest, Reported> {
    let rate = read_rate(table);
    let day_count = table.required("day_count", word);
    let compounding = table.required("compounding", word);
    let grace_days = table.required("grace_days", number(0..=DAYS_MAX));
    let source = table.required("source", text);
    let only_under = table.list_or_empty("only_under", list(text));
    table.finish();
    Ok(Interest {
        rate: rate?,
        day_count: day_count?,
        compounding: compounding?,
        grace_days: grace_days?,
        source: source?,
        only_under: only_under?,
    })
}

fn read_rate(table: &Table<'_>) -> Result<Rate, Reported> {
    let fixed = table.optional("percent_per_year", percent);
    let named = table.optional("series", series);
    let margin_percent = table.optional("margin_percent", percent);
    let reset = table.optional("reset", word);
    let (margin_percent, reset) = (margin_percent?, reset?);
    match (fixed?, named?) {
        (Some(percent), None) if margin_percent.is_none() && reset.is_none() => {
            Ok(Rate::Fixed { percent })
        }
        (None, Some(series)) => match reset {
            Some(reset) => Ok(Rate::Series {
                series,
                margin_percent: margin_percent.unwrap_or_default(),
                reset,
            }),
            None => Err(table.reader.error(
                table.line,
                Rule::Missing,
                "falta `reset`, que dice cuándo se lee de nuevo la tasa publicada: use change o \
                 half_year",
            )),
        },
        _ => Err(table.reader.error(
            table.line,
            Rule::Form,
            "el interés necesita una de dos: `percent_per_year`, o `series` con `reset` (y, si se \
             quiere, `margin_percent`)",
        )),
    }
}

fn read_fees(table: &Table<'_>) -> Result<Vec<Fee>, Reported> {
    let mut fees: Vec<Fee> = Vec::new();
    let mut failed = None;
    for fee in table.tables("fee")? {
        match read_fee(&fee) {
            Ok(read) if fees.iter().any(|earlier| earlier.key == read.key) => {
                let message = format!("hay dos cargos `{}`: cambie una clave", read.key);
                let line = fee.line_of("key");
                failed = Some(fee.reader.error(line, Rule::Duplicate, message));
            }
            Ok(read) => fees.push(read),
            Err(reported) => failed = Some(reported),
        }
    }
    failed.map_or(Ok(fees), Err)
}

fn read_fee(table: &Table<'_>) -> Result<Fee, Reported> {
    let own_key = table.required("key", key);
    let name = table.required("name", text);
    let after_days = table.required("after_days", number(0..=DAYS_MAX));
    let source = table.required("source", text);
    let only_under = table.list_or_empty("only_under", list(text));
    let amount = read_amount(table);
    table.finish();
    Ok(Fee {
        key: own_key?,
        name: name?,
        amount: amount?,
        after_days: after_days?,
        source: source?,
        only_under: only_under?,
    })
}

fn read_amount(table: &Table<'_>) -> Result<FeeAmount, Reported> {
    let fixed = table.optional("amounts", amounts);
    let share = table.optional("percent", percent);
    let unit = table.optional("unit", series);
    let brackets = read_brackets(table);
    match (fixed?, share?, brackets?, unit?) {
        (Some(amounts), None, None, None) => Ok(FeeAmount::Fixed(amounts)),
        (None, Some(percent), None, None) => Ok(FeeAmount::Percent(percent)),
        (None, None, Some(brackets), unit) => Ok(FeeAmount::Tiered { unit, brackets }),
        _ => Err(table.reader.error(
            table.line,
            Rule::Form,
            "el cargo necesita una de tres: `amounts`, `percent` o `brackets` (con `unit`, si los \
             tramos están en una unidad como UF)",
        )),
    }
}

fn read_brackets(table: &Table<'_>) -> Result<Option<Vec<Bracket>>, Reported> {
    let tables = table.tables("brackets")?;
    if tables.is_empty() {
        return Ok(None);
    }
    let mut brackets = Vec::with_capacity(tables.len());
    for bracket in &tables {
        let up_to = bracket.optional("up_to", positive);
        let percent = bracket.required("percent", percent);
        bracket.finish();
        brackets.push(Bracket {
            up_to: up_to?,
            percent: percent?,
        });
    }
    let open_last = brackets.iter().rev().skip(1).all(|it| it.up_to.is_some())
        && brackets.last().is_some_and(|it| it.up_to.is_none());
    let rises = brackets
        .iter()
        .map(|it| it.up_to)
        .is_sorted_by(|a, b| b.is_none() || a < b);
    if open_last && rises {
        return Ok(Some(brackets));
    }
    Err(table.reader.error(
        table.line_of("brackets"),
        Rule::Form,
        "los tramos van de menor a mayor y solo el último va sin `up_to`: ordénelos",
    ))
}
