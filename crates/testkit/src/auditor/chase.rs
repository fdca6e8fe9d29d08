//! Contacts against the books: once each, decided, owed, lawful, with the figures of their instant.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::Report;
use super::books::{Books, Sums};
use super::calendar::{Day, is_lawful_in_mexico};
use super::files::cents;
use super::tables::{Contact, Customer, Decision, Hex, Tables};

/// Looks at every contact.
pub fn check(tables: &Tables, books: &Books<'_>, report: &mut Report) {
    once(tables, report);
    let decisions: HashMap<&Hex, &Decision> =
        tables.decisions.iter().map(|it| (&it.id, it)).collect();
    let customers: HashMap<&Hex, &Customer> =
        tables.customers.iter().map(|it| (&it.id, it)).collect();
    let points: HashMap<_, _> = tables
        .points
        .iter()
        .map(|it| ((&it.customer_id, &it.id), it.channel.as_str()))
        .collect();
    for contact in &tables.contacts {
        let decision = decisions.get(&contact.decision_id);
        let follows = decision.is_some_and(|it| {
            it.customer_id == contact.customer_id
                && it.run_id == contact.run_id
                && it.outcome == "contact"
                && it.reason == contact.step
        });
        report.must(follows, "contact-decision", &contact.id, || {
            format!("no decision for {} led to it", contact.step)
        });
        let point = points.get(&(&contact.customer_id, &contact.point_id));
        let point = point == Some(&contact.channel.as_str());
        report.must(point, "contact-point", &contact.id, || {
            "its address is not the customer's".to_owned()
        });
        if !is_dead(contact) {
            figures(contact, books, report);
        }
        if let Some(at) = contact.performed_at.or(contact.claimed_at) {
            let country = customers
                .get(&contact.customer_id)
                .and_then(|it| it.country.as_deref());
            let lawful = country != Some("MX") || is_lawful_in_mexico(at);
            report.must(lawful, "out-of-hours", &contact.id, || {
                format!("made at {at}, when somewhere in Mexico nobody may be written to")
            });
        }
    }
}

/// It left nothing behind.
fn is_dead(contact: &Contact) -> bool {
    ["suppressed", "failed"].contains(&contact.state.as_str())
}

/// At most one live contact for each key; one a run for each customer; one made a day.
fn once(tables: &Tables, report: &mut Report) {
    let mut by_key: BTreeMap<_, usize> = BTreeMap::new();
    let mut by_run: BTreeMap<_, usize> = BTreeMap::new();
    let mut by_day: BTreeMap<_, usize> = BTreeMap::new();
    for it in tables.contacts.iter().filter(|it| !is_dead(it)) {
        let key = (&it.customer_id, &it.kind, &it.step, it.key_day);
        *by_key.entry(key).or_default() += 1;
        *by_run.entry((&it.customer_id, &it.run_id)).or_default() += 1;
        if let Some(at) = it.performed_at {
            *by_day
                .entry((&it.customer_id, Day::of_company(at)))
                .or_default() += 1;
        }
    }
    for ((customer, kind, step, day), count) in by_key {
        report.must(count == 1, "contact-twice", customer, || {
            format!("{count} live contacts for {kind} {step} of {day}")
        });
    }
    for ((customer, run), count) in by_run {
        report.must(count == 1, "contact-twice", customer, || {
            format!("{count} live contacts of run {run}")
        });
    }
    for ((customer, day), count) in by_day {
        report.must(count == 1, "burst", customer, || {
            format!("{count} messages on {day}")
        });
    }
}

/// One line of a contact's content.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    number: String,
    open: i128,
    part: i128,
}

/// The amounts it tells are those of the ledger at its instant, and there is something to tell.
fn figures(contact: &Contact, books: &Books<'_>, report: &mut Report) {
    let Ok(content) = serde_json::from_str::<Value>(&contact.content) else {
        report.say("content", &contact.id, "it is no JSON");
        return;
    };
    // A plan is made for the day it leaves; a claim looks again on its own.
    let (day, known) = match contact.claimed_at {
        Some(at) => (Day::of_company(at), at),
        None => (Day::of_company(contact.planned_at), contact.recorded_at),
    };
    let sums = books.at(&contact.customer_id, day, known);
    report.must(!sums.paused, "paused", &contact.id, || {
        "the customer was on pause".to_owned()
    });
    match contact.kind.as_str() {
        "step" => {
            let mut owed = sums.owed(day);
            owed.retain(|currency, sum| {
                !MINIMA
                    .iter()
                    .any(|(it, least)| it == currency && *sum < *least)
            });
            let what = "nothing was owed that may be asked for".to_owned();
            report.must(!owed.is_empty(), "owed-nothing", &contact.id, || what);
            let told = told(&content["documents"]);
            let should = asked(&sums, day, &owed);
            report.must(told == should, "amount", &contact.id, || {
                format!("asks for {told:?}; the ledger says {should:?}")
            });
            totals(contact, &content, &should, &sums, report);
        }
        "courtesy" => {
            let told = told(&content["upcoming"]);
            report.must(!told.is_empty(), "owed-nothing", &contact.id, || {
                "nothing was about to fall due".to_owned()
            });
            for line in told {
                let is = sums.lines.iter().any(|it| {
                    it.document.number == line.number
                        && (it.open, it.free()) == (line.open, line.part)
                        && it.document.due_on >= day
                });
                report.must(is, "amount", &contact.id, || {
                    format!("announces {line:?}, which the ledger does not say")
                });
            }
        }
        _ => {}
    }
}

/// Below these sums the policy lets a currency be.
const MINIMA: [(&str, i128); 2] = [("MXN", 20_000), ("USD", 1_000)];

fn asked(sums: &Sums<'_>, day: Day, owed: &BTreeMap<&str, i128>) -> Vec<Told> {
    let lines = sums.lines.iter().filter(|it| it.is_chaseable(day));
    let lines = lines.filter(|it| owed.contains_key(it.document.currency.as_str()));
    let mut asked: Vec<Told> = lines
        .map(|it| Told {
            number: it.document.number.clone(),
            open: it.open,
            part: it.free(),
        })
        .collect();
    asked.sort();
    asked
}

fn told(lines: &Value) -> Vec<Told> {
    let amount = |value: &Value| value["amount"].as_str().and_then(cents).unwrap_or(-1);
    let lines = lines.as_array().into_iter().flatten();
    let mut told: Vec<Told> = lines
        .map(|line| Told {
            number: line["invoice"].as_str().unwrap_or_default().to_owned(),
            open: amount(&line["open"]),
            part: amount(&line["amount"]),
        })
        .collect();
    told.sort();
    told
}

/// Totals are per currency, never mixed.
fn totals(
    contact: &Contact,
    content: &Value,
    asked: &[Told],
    sums: &Sums<'_>,
    report: &mut Report,
) {
    let mut should: BTreeMap<String, i128> = BTreeMap::new();
    for line in &sums.lines {
        let told = asked.iter().find(|it| it.number == line.document.number);
        if let Some(told) = told {
            *should.entry(line.document.currency.clone()).or_default() += told.part;
        }
    }
    let mut is: BTreeMap<String, i128> = BTreeMap::new();
    for total in content["totals"].as_array().into_iter().flatten() {
        let currency = total["currency"].as_str().unwrap_or_default().to_owned();
        let amount = total["amount"].as_str().and_then(cents).unwrap_or(-1);
        *is.entry(currency).or_default() += amount;
    }
    report.must(is == should, "amount", &contact.id, || {
        format!("totals {is:?}; the documents come to {should:?}")
    });
}
