//! Whether a read message brings payment forward, and what is promised then.

use domain::contact::Tone;
use jiff::civil::Date;

use super::react::{Heard, local};
use super::{Item, Life, Meaning, pay};
use crate::behaviour::Pays;
use crate::calendar::plus;
use crate::chance::Chance;
use crate::customer::Customer;

/// Days before the due date from which a message brings a payment to the day itself.
const AHEAD_DAYS: i64 = 10;

/// What a read message meets: all drawn before it is known what the message names.
struct Mood {
    is_moved: bool,
    writes: bool,
    keeps: bool,
    asks: bool,
    /// The day on which it pays when moved.
    soon: Date,
    /// Days after a broken promise.
    broken: i64,
    /// Tenths that someone pays who cannot pay.
    tenths: i64,
}

fn mood(
    life: &mut Life<'_>,
    customer: &Customer,
    heard: &Heard,
    chance: &mut Chance,
    today: Date,
) -> Mood {
    let company = life.company;
    let messages = &company.spec().model.messages;
    let behaviour = &customer.behaviour;
    let tone = Tone::ALL.iter().position(|tone| *tone == heard.tone);
    let by_tone = behaviour.moved_permille[tone.unwrap_or(0)];
    let hour = local(life, customer, heard.at).hour();
    let is_near = hour.abs_diff(behaviour.hour) <= 1;
    let near = if is_near { messages.own_hour } else { 0 };
    let is_moved = chance.permille((by_tone + near).min(1000));
    let writes = chance.permille(behaviour.answers_permille);
    let keeps = chance.permille(behaviour.keeps_permille);
    let asks = chance.permille(messages.needs_copy);
    let delay = chance.quantile(&messages.delay_quantiles);
    let is_evening = local(life, customer, life.now).hour() >= 15;
    let delay = delay + i64::from(is_evening && delay == 0);
    Mood {
        is_moved,
        writes,
        keeps,
        asks,
        soon: company.days().on_or_after(plus(today, delay)),
        broken: chance.quantile(&messages.broken_quantiles),
        tenths: chance.between(1, 4),
    }
}

/// Whether the message brings payment forward; what is written then.
pub(super) fn moved(
    life: &mut Life<'_>,
    customer: &Customer,
    heard: &Heard,
    chance: &mut Chance,
    today: Date,
) -> Option<Meaning> {
    let mood = mood(life, customer, heard, chance, today);
    let days = life.company.days();
    let ledger = life.ledgers.get_mut(&customer.index)?;
    let named = |item: &&mut Item| {
        heard.ordinals.contains(&item.draft.ordinal)
            && item.open > 0
            && item.contest.is_none()
            && item.draft.due <= plus(today, AHEAD_DAYS)
    };
    let mut items: Vec<&mut Item> = ledger.items.iter_mut().filter(named).collect();
    if items.is_empty() {
        return None;
    }
    let cannot = items.iter().all(|item| item.parts == [None, None]);
    if !mood.is_moved {
        let fails = cannot && matches!(customer.behaviour.pays, Pays::Insolvent { .. });
        return (fails && mood.writes).then_some(Meaning::Hardship);
    }
    let first = items.first().map(|item| item.draft.ordinal)?;
    if cannot {
        // Nothing was to be paid; now a part of the oldest will be.
        items.truncate(1);
        let part = (items[0].open * mood.tenths / 10).max(1);
        items[0].parts[0] = Some((mood.soon, part));
    }
    let date = bring_forward(&mut items, mood.soon, today, |day| days.on_or_before(day));
    let minor = items
        .iter()
        .filter_map(|item| item.parts[0])
        .map(|part| part.1)
        .sum();
    // Whoever means a part says how much.
    let is_part = minor < items.iter().map(|item| item.open).sum();
    if mood.writes && !mood.asks && !mood.keeps {
        let late = days.on_or_after(plus(date, mood.broken));
        put_off(&mut items, late);
    }
    let dates: Vec<Date> = items
        .iter()
        .flat_map(|item| item.parts)
        .flatten()
        .map(|it| it.0)
        .collect();
    let now = life.now;
    for day in dates {
        pay::expect_after(life, customer.index, day, now);
    }
    let amount = life.company.money(minor);
    match (mood.writes, mood.asks) {
        (false, _) => None,
        (true, true) => {
            let number = life.company.number(customer.index, first);
            Some(Meaning::NeedsCopy { number })
        }
        (true, false) => Some(Meaning::Promise {
            date,
            amount,
            amount_said: is_part,
        }),
    }
}

/// Lets each item's first part be paid by a day at the latest: `soon`, or its own due date if that
/// is still to come. Gives the last of those days.
fn bring_forward(
    items: &mut [&mut Item],
    soon: Date,
    today: Date,
    business: impl Fn(Date) -> Date,
) -> Date {
    let mut last = today;
    for item in items {
        let due = business(item.draft.due);
        let by = if item.draft.due > today {
            soon.max(due)
        } else {
            soon
        };
        if item.parts[0].is_none() {
            item.parts.swap(0, 1);
        }
        let Some((day, _)) = &mut item.parts[0] else {
            continue;
        };
        let saved = (*day).min(by);
        let days = crate::calendar::days_between(saved, *day);
        *day = saved;
        if let Some((rest, _)) = &mut item.parts[1] {
            *rest = business(plus(*rest, -days)).max(saved);
        }
        last = last.max(saved);
    }
    last
}

/// A promise that is not kept: nothing is paid before a day after it.
fn put_off(items: &mut [&mut Item], late: Date) {
    for item in items {
        for (day, _) in item.parts.iter_mut().flatten() {
            *day = (*day).max(late);
        }
    }
}
