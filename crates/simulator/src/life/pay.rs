//! Money that comes in: deposits, and what moves their day.

use jiff::civil::{Date, Time, time};
use jiff::{Timestamp, ToSpan};

use super::react::Reply;
use super::{Event, Happening, Item, Life, Meaning, Payment, Unheard, What};
use crate::calendar::plus;
use crate::chance::Purpose;
use crate::company::Company;
use crate::customer::Customer;

/// The customer means to pay something on a day, at an hour of its own.
pub(super) fn expect(life: &mut Life<'_>, index: u32, day: Date) {
    let at = time_of_deposit(life.company, index, day);
    let at = life.instant(life.company.profile().zone, day, at);
    life.plan(at, index, which(day), Event::Pay(day));
}

/// The same, after something that happened that day.
pub(super) fn expect_after(life: &mut Life<'_>, index: u32, day: Date, after: Timestamp) {
    let at = time_of_deposit(life.company, index, day);
    let at = life.instant(life.company.profile().zone, day, at);
    let after = after.saturating_add(40.minutes()).unwrap_or(after);
    life.plan(at.max(after), index, which(day), Event::Pay(day));
}

/// Pays all that is meant to be paid by a day, as one deposit or several.
pub(super) fn pay(life: &mut Life<'_>, index: u32, day: Date, happenings: &mut Vec<Happening>) {
    let Some(customer) = life.company.customer(index) else {
        return;
    };
    let company = life.company;
    let Some(ledger) = life.ledgers.get_mut(&index) else {
        return;
    };
    let mut parts = Vec::new();
    for item in &mut ledger.items {
        let minor = take(item, day);
        if minor > 0 {
            parts.push((item.draft.ordinal, minor));
        }
    }
    let before = ledger.deposited.filter(|(on, _)| *on == day);
    let before = before.map_or(0, |(_, deposits)| deposits);
    let deposits = deposits(company, &customer, day, &parts, before);
    ledger.deposited = Some((day, before + deposits.len()));
    for payment in deposits {
        let numbers: Vec<String> = payment.documents.iter().map(|it| it.0.clone()).collect();
        ledger.last_payment = Some((payment.reference.clone(), numbers));
        happenings.push(Happening {
            customer: customer.key.clone(),
            at: life.now,
            contact: None,
            what: What::Paid(payment),
        });
    }
    if !parts.is_empty() && !customer.direct_debit {
        receipt(life, &customer, day);
    }
}

/// Some send the receipt unasked.
fn receipt(life: &mut Life<'_>, customer: &Customer, day: Date) {
    let messages = &life.company.spec().model.messages;
    let mut chance = life
        .company
        .chance(customer.index, Purpose::Receipt, which(day));
    if !chance.permille(messages.receipt) {
        return;
    }
    let last = life
        .ledgers
        .get(&customer.index)
        .and_then(|it| it.last_payment.clone());
    let Some((reference, numbers)) = last else {
        return;
    };
    let minutes = chance.between(4, 50);
    let at = life
        .now
        .saturating_add(minutes.minutes())
        .unwrap_or(life.now);
    let meaning = Meaning::AlreadyPaid { reference, numbers };
    let reply = Reply::unasked(customer, meaning, which(day));
    life.plan(
        at,
        customer.index,
        which(day),
        Event::Reply(Box::new(reply)),
    );
}

/// What an item pays by a day, and takes from what is open.
fn take(item: &mut Item, day: Date) -> i64 {
    let mut taken = 0;
    for part in &mut item.parts {
        if let Some((_, minor)) = part.take_if(|(on, _)| *on <= day) {
            taken += minor.min(item.open - taken);
        }
    }
    item.open -= taken;
    taken
}

/// The deposits of a customer on a day, after those made earlier that day: one for all, or one for
/// each document.
pub(super) fn deposits(
    company: &Company,
    customer: &Customer,
    day: Date,
    parts: &[(u32, i64)],
    before: usize,
) -> Vec<Payment> {
    let per_deposit = if customer.behaviour.bundles {
        parts.len().max(1)
    } else {
        1
    };
    let mut chance = company.chance(customer.index, Purpose::Method, which(day));
    let methods = company.setting().methods;
    let method = match customer.direct_debit {
        true => "Débito automático",
        false => chance.pick(methods),
    };
    let deposits = (before + 1..)
        .zip(parts.chunks(per_deposit))
        .map(|(nth, parts)| {
            let documents = parts.iter().map(|(ordinal, minor)| {
                (
                    company.number(customer.index, *ordinal),
                    company.money(*minor),
                )
            });
            Payment {
                customer: customer.key.clone(),
                reference: format!(
                    "P{:05}-{}-{nth}",
                    customer.index + 1,
                    day.strftime("%y%m%d")
                ),
                on: day,
                amount: company.money(parts.iter().map(|part| part.1).sum()),
                documents: documents.collect(),
                method,
            }
        });
    deposits.collect()
}

pub(super) fn resolve(life: &mut Life<'_>, number: &str, day: Date) -> Result<(), Unheard> {
    let unknown = || Unheard::Document(number.to_owned());
    let (index, ordinal) = life.company.place_of(number).ok_or_else(unknown)?;
    let mut chance = life
        .company
        .chance(index, Purpose::Resolution, u64::from(ordinal));
    let pays = life
        .company
        .days()
        .on_or_after(plus(day, chance.between(1, 6)));
    let items = &mut life.ledgers.get_mut(&index).ok_or_else(unknown)?.items;
    let item = items.iter_mut().find(|item| item.draft.ordinal == ordinal);
    let item = item.ok_or_else(unknown)?;
    if item.contest.take().is_some() && item.open > 0 {
        for part in item.parts.iter_mut().flatten() {
            part.0 = part.0.min(pays);
        }
        expect(life, index, pays);
    }
    Ok(())
}

/// Sometime in the day, the same for all that the customer pays that day.
fn time_of_deposit(company: &Company, index: u32, day: Date) -> Time {
    let mut chance = company.chance(index, Purpose::Deposit, which(day));
    let minute = chance.between(8 * 60, 18 * 60 - 1);
    let part = |value: i64| i8::try_from(value).unwrap_or(12);
    time(part(minute / 60), part(minute % 60), 0, 0)
}

/// A number for a day.
fn which(day: Date) -> u64 {
    let days = crate::calendar::days_between(jiff::civil::date(2000, 1, 1), day);
    u64::try_from(days).unwrap_or(0)
}
