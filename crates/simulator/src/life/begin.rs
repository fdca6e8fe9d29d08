//! The books as they stood the evening before a life begins.

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::{Event, Item, Ledger, Life, pay};
use crate::books;
use crate::company::Company;
use crate::customer::Customer;
use crate::ledger::{Draft, Plan};

/// Reads every customer once and keeps what is not settled.
pub(super) fn begin(company: &Company, from: Date) -> Life<'_> {
    let mut life = Life {
        company,
        from,
        ledgers: BTreeMap::new(),
        issues: BTreeMap::new(),
        queue: BTreeMap::new(),
        zones: BTreeMap::new(),
        now: Timestamp::MIN,
    };
    life.now = life.instant(company.profile().zone, from, Time::midnight());
    for customer in company.customers() {
        let items: Vec<Item> = unsettled(company, &customer, from).collect();
        for item in &items {
            expect(&mut life, &customer, item);
        }
        if !items.is_empty() {
            let ledger = Ledger {
                items,
                ..Ledger::default()
            };
            life.ledgers.insert(customer.index, ledger);
        }
    }
    life
}

/// Puts what a document will bring into the queue.
fn expect(life: &mut Life<'_>, customer: &Customer, item: &Item) {
    if item.draft.issued >= life.from {
        let issues = life.issues.entry(item.draft.issued).or_default();
        issues.push((customer.index, item.draft.ordinal));
    }
    for (day, _) in item.parts.into_iter().flatten() {
        pay::expect(life, customer.index, day);
    }
    let contest = item.contest.filter(|_| !item.is_contest_known);
    if let Some(contest) = contest {
        let ordinal = item.draft.ordinal;
        let time = jiff::civil::time(customer.behaviour.hour, 20, 0, 0);
        let at = life.instant(customer.zone, contest.raised, time);
        life.plan(
            at,
            customer.index,
            u64::from(ordinal),
            Event::Contest(ordinal),
        );
    }
}

fn unsettled(company: &Company, customer: &Customer, from: Date) -> impl Iterator<Item = Item> {
    planned(company, customer)
        .into_iter()
        .filter_map(move |(draft, plan)| {
            let paid = plan
                .parts
                .into_iter()
                .flatten()
                .filter(|part| part.0 < from);
            let open = draft.minor - paid.map(|part| part.1).sum::<i64>();
            let mut parts = plan.parts.map(|part| part.filter(|part| part.0 >= from));
            if parts[0].is_none() {
                parts.swap(0, 1);
            }
            (open > 0).then_some(Item {
                draft,
                open,
                parts,
                contest: plan.contest,
                is_contest_known: plan.contest.is_some_and(|it| it.raised < from),
            })
        })
}

fn planned(company: &Company, customer: &Customer) -> Vec<(Draft, Plan)> {
    let drafts = company.drafts(customer).into_iter();
    let planned = drafts.map(|draft| (draft, company.plan(customer, &draft)));
    planned.collect()
}

pub(super) fn write_documents(life: &Life<'_>, to: &mut dyn Write) -> io::Result<u64> {
    books::document_headings(to)?;
    let mut rows = 0;
    for customer in life.company.customers() {
        for (draft, plan) in planned(life.company, &customer) {
            if draft.issued >= life.from {
                continue;
            }
            let last_part = plan.parts.into_iter().flatten().next_back();
            let is_open = last_part.is_none_or(|part| part.0 >= life.from);
            let contest = plan.contest.filter(|it| is_open && it.raised < life.from);
            let document = life.company.document(&customer, &draft);
            books::document(&document, contest.is_some(), to)?;
            rows += 1;
        }
    }
    Ok(rows)
}

pub(super) fn write_payments(life: &Life<'_>, to: &mut dyn Write) -> io::Result<u64> {
    books::payment_headings(to)?;
    let mut rows = 0;
    for customer in life.company.customers() {
        let mut days: BTreeMap<Date, Vec<(u32, i64)>> = BTreeMap::new();
        for (draft, plan) in planned(life.company, &customer) {
            for (day, minor) in plan.parts.into_iter().flatten() {
                if day < life.from {
                    days.entry(day).or_default().push((draft.ordinal, minor));
                }
            }
        }
        for (day, parts) in days {
            for payment in pay::deposits(life.company, &customer, day, &parts, 0) {
                rows += books::payment(&payment, to)?;
            }
        }
    }
    Ok(rows)
}
