//! Lines made wrong on purpose: a checker that finds nothing in them is broken.

use std::collections::HashMap;

use jiff::civil::{Date, DateTime, date};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::book::Book;
use super::truth::{Point, Truth, Word, persons};
use super::walk::read;

/// A way of breaking a rule.
#[derive(Debug)]
pub struct Spoil {
    /// The rule that must be found broken.
    pub rule: &'static str,
    /// Whose contacts can be made to break it.
    pub of: fn(&Truth) -> bool,
    /// The lines that take the place of one; `None` where this one does not serve. What must be
    /// true for it (a stranger's address, a word said before) is added to the truth.
    pub change: Change,
}

/// How a line, and what is true, are changed.
pub type Change = fn(&mut Truth, &Value) -> Option<Vec<Value>>;

/// A rule for each kind of the checker's questions, in each country that asks it.
pub const SPOILS: &[Spoil] = &[
    spoil("CO-LEY-2300/window", |it| it.country == "CO", by_night),
    spoil("EC-LODC-49/window", |it| it.country == "EC", by_night),
    spoil(
        "US-REGF/window",
        |it| it.country == "US" && is_agency(it),
        by_night,
    ),
    spoil("MX-CONDUSEF/window", is_mexican_bank, by_night),
    spoil("CL-LPC-37/window", is_chilean, |truth, line| {
        at_three(truth, &called(truth, line)?)
    }),
    spoil(
        "PE-CPDC-62/window",
        |it| it.country == "PE",
        |truth, line| at_three(truth, &called(truth, line)?),
    ),
    spoil(
        "BR-SP-15426/window",
        |it| it.country == "BR",
        |truth, line| {
            moved(truth, "BR-SP");
            at_three(truth, &called(truth, line)?)
        },
    ),
    spoil(
        "AR-CABA-6171/window",
        |it| it.country == "AR" && is_agency(it),
        |truth, line| {
            moved(truth, "AR-C");
            at_three(truth, &called(truth, line)?)
        },
    ),
    spoil(
        "US-CA-ROSENTHAL/window",
        |it| it.country == "US",
        |truth, line| {
            moved(truth, "US-CA");
            at_three(truth, line)
        },
    ),
    spoil(
        "CO-LEY-2300/holiday",
        |it| it.country == "CO",
        |truth, line| on_day(truth, line, date(2026, 11, 2)),
    ),
    spoil(
        "EC-LODC-49/holiday",
        |it| it.country == "EC",
        |truth, line| on_day(truth, line, date(2026, 11, 3)),
    ),
    spoil("CL-LPC-37/holiday", is_chilean, |truth, line| {
        on_day(truth, &called(truth, line)?, date(2026, 10, 31))
    }),
    spoil(
        "PE-CPDC-62/holiday",
        |it| it.country == "PE",
        |truth, line| on_day(truth, &called(truth, line)?, date(2026, 12, 8)),
    ),
    spoil(
        "BR-SP-15426/holiday",
        |it| it.country == "BR",
        |truth, line| {
            moved(truth, "BR-SP");
            on_day(truth, &called(truth, line)?, date(2026, 11, 2))
        },
    ),
    spoil("CL-2-WRITTEN-PER-WEEK/gap", is_chilean, |_, line| {
        again(line, &[20])
    }),
    spoil("CL-2-WRITTEN-PER-WEEK", is_chilean, |_, line| {
        again(line, &[49, 98])
    }),
    spoil("CL-1-CALL-OR-VISIT-PER-WEEK", is_chilean, |truth, line| {
        again(&called(truth, line)?, &[72])
    }),
    spoil(
        "CO-1-PER-DAY",
        |it| it.country == "CO",
        |_, line| again(line, &[1]),
    ),
    spoil(
        "EC-1-PER-DAY",
        |it| it.country == "EC",
        |_, line| again(line, &[1]),
    ),
    spoil(
        "US-MA-2-IN-7",
        |it| it.country == "US",
        |truth, line| {
            moved(truth, "US-MA");
            again(&called(truth, line)?, &[20, 40])
        },
    ),
    spoil(
        "US-7-IN-7",
        |it| it.country == "US" && is_agency(it),
        |truth, line| again(&called(truth, line)?, &[1, 2, 3, 4, 5, 6, 7]),
    ),
    spoil(
        "US-7-DAY-AFTER-CONVERSATION",
        |it| it.country == "US" && is_agency(it),
        |truth, line| {
            let mut lines = again(&called(truth, line)?, &[100])?;
            lines[0]["outcome"] = json!("conversation");
            Some(lines)
        },
    ),
    spoil(
        "CO-ONE-CHANNEL-PER-WEEK",
        |it| it.country == "CO",
        |truth, line| {
            let mut other = again(&called(truth, line)?, &[50])?.pop()?;
            other["id"] = json!(format!("{}-called", other["id"]));
            Some(vec![line.clone(), other])
        },
    ),
    spoil(
        "CO-LEY-2300/channel_ban",
        |it| it.country == "CO",
        |truth, line| at_point(truth, line, |channel, _, _| channel == "visit"),
    ),
    spoil(
        "CO-LEY-2300/recipient",
        |it| it.country == "CO",
        to_a_stranger,
    ),
    spoil("CL-LPC-37/recipient", is_chilean, to_a_stranger),
    spoil(
        "PE-CPDC-62/recipient",
        |it| it.country == "PE",
        to_a_stranger,
    ),
    spoil("BR-CDC/recipient", |it| it.country == "BR", to_a_stranger),
    spoil(
        "EC-LODC-49/recipient",
        |it| it.country == "EC",
        to_a_stranger,
    ),
    spoil("MX-CONDUSEF/recipient", is_mexican_bank, to_a_stranger),
    spoil(
        "US-REGF/recipient",
        |it| it.country == "US" && is_agency(it),
        to_a_stranger,
    ),
    spoil(
        "MX-CONDUSEF/contact_point",
        is_mexican_bank,
        to_a_found_address,
    ),
    spoil("HOUSE-OPT-OUT/consent", |_| true, after_a_no),
    spoil("CO-LEY-2300/consent", |it| it.country == "CO", after_a_no),
    spoil("CL-LPC-37/stop", is_chilean, |truth, line| {
        after(truth, line, "lawsuit_served")
    }),
    spoil(
        "US-REGF/stop",
        |it| it.country == "US" && is_agency(it),
        |truth, line| after(truth, line, "bankruptcy"),
    ),
    spoil(
        "TRY/role",
        |_| true,
        |_, line| changed(line, |line| line["try"]["role"] = json!("heir")),
    ),
    spoil(
        "TRY/contact_source",
        |_| true,
        |_, line| {
            changed(line, |line| {
                line["try"]["contact_source"] = json!("hearsay")
            })
        },
    ),
    spoil(
        "FACTS/debtor",
        |_| true,
        |_, line| changed(line, |line| line["facts"]["debtor"] = json!("nobody")),
    ),
    spoil(
        "FACTS/country",
        |_| true,
        |_, line| changed(line, |line| line["facts"]["country"] = json!("XX")),
    ),
    spoil(
        "ADDRESS",
        |_| true,
        |_, line| changed(line, |line| line["address"] = json!("nadie@nunca.example")),
    ),
];

/// Lines that each rule is tried on.
const LINES_EACH: usize = 5;

/// Breaks each rule in some lines, and says of each whether the break was found.
pub fn all(truths: &[Truth], lines: &[Value]) -> Vec<(String, bool)> {
    let persons = persons(truths);
    let places: HashMap<&str, usize> = truths
        .iter()
        .enumerate()
        .map(|(place, truth)| (truth.customer.as_str(), place))
        .collect();
    let mut of: Vec<Vec<&Value>> = vec![Vec::new(); truths.len()];
    for line in lines {
        if let Some(place) = line["customer"].as_str().and_then(|it| places.get(it)) {
            of[*place].push(line);
        }
    }
    let mut found = Vec::new();
    for spoil in SPOILS {
        let mut tried = 0;
        for (place, truth) in truths.iter().enumerate() {
            if tried == LINES_EACH {
                break;
            }
            if !(spoil.of)(truth) {
                continue;
            }
            // Where documents differ, who is bound would depend on which are spoken of.
            let mut judged = truth.clone();
            judged.final_consumer_of.clear();
            let made = of[place].iter().find(|line| is_made_by_machine(line));
            let Some((made, put)) =
                made.and_then(|it| Some((*it, (spoil.change)(&mut judged, it)?)))
            else {
                continue;
            };
            let members = &persons[place].members;
            let others = members.iter().filter(|it| **it != place);
            let mut own: Vec<Truth> = others.map(|it| truths[*it].clone()).collect();
            own.push(judged);
            let rest = members.iter().flat_map(|it| &of[*it]);
            let rest = rest.filter(|line| line["id"] != made["id"]);
            let lines: Vec<Value> = rest.map(|line| Value::clone(line)).chain(put).collect();
            let reading = read(&own, &Book::read(&lines));
            let is_found = reading.faults.iter().any(|fault| fault.rule == spoil.rule);
            found.push((spoil.rule.to_owned(), is_found));
            tried += 1;
        }
    }
    found
}

/// A message that left by itself, asked for money and went to an address that may be used.
fn is_made_by_machine(line: &Value) -> bool {
    let step = line["step"].as_str().unwrap_or("gracias");
    line["sent_at"].is_string() && !step.starts_with("gracias")
}

const fn spoil(rule: &'static str, of: fn(&Truth) -> bool, change: Change) -> Spoil {
    Spoil { rule, of, change }
}

fn is_chilean(truth: &Truth) -> bool {
    let is_bound = truth.final_consumer || truth.debtor == "micro_small_company";
    truth.country == "CL" && is_bound
}

fn is_mexican_bank(truth: &Truth) -> bool {
    truth.country == "MX" && truth.creditor != "supplier"
}

fn is_agency(truth: &Truth) -> bool {
    truth.actor == "third_party_agency"
}

fn changed(line: &Value, change: impl FnOnce(&mut Value)) -> Option<Vec<Value>> {
    let mut line = line.clone();
    change(&mut line);
    Some(vec![line])
}

fn at(truth: &Truth, at: DateTime) -> String {
    let at = truth.zones[0]
        .to_timestamp(at)
        .expect("a time of these years");
    at.to_string()
}

fn sent(line: &Value) -> Option<Timestamp> {
    line["sent_at"].as_str()?.parse().ok()
}

/// At three in the night of its day.
fn by_night(truth: &mut Truth, line: &Value) -> Option<Vec<Value>> {
    at_three(truth, line)
}

fn at_three(truth: &Truth, line: &Value) -> Option<Vec<Value>> {
    let day = sent(line)?.to_zoned(truth.zones[0].clone()).date();
    changed(line, |line| {
        line["sent_at"] = json!(at(truth, day.at(3, 0, 0, 0)))
    })
}

/// At eleven of a day.
fn on_day(truth: &Truth, line: &Value, day: Date) -> Option<Vec<Value>> {
    changed(line, |line| {
        line["sent_at"] = json!(at(truth, day.at(11, 0, 0, 0)))
    })
}

/// The line, and once more after each number of hours.
fn again(line: &Value, hours: &[i64]) -> Option<Vec<Value>> {
    let first = sent(line)?;
    let mut lines = vec![line.clone()];
    for (number, hours) in hours.iter().enumerate() {
        let mut more = line.clone();
        more["id"] = json!(format!("{}-{number}", line["id"].as_str()?));
        more["sent_at"] = json!(first.checked_add(hours.hours()).ok()?.to_string());
        lines.push(more);
    }
    Some(lines)
}

/// The same as a call to the customer's own number.
fn called(truth: &Truth, line: &Value) -> Option<Value> {
    let lines = at_point(truth, line, |channel, _, _| channel == "call")?;
    lines.into_iter().next()
}

/// At an address where somebody reads who owes nothing.
fn to_a_stranger(truth: &mut Truth, line: &Value) -> Option<Vec<Value>> {
    at_new_point(truth, line, ("relative", "creditor_record"))
}

/// At an address that nobody of the debtor's side gave.
fn to_a_found_address(truth: &mut Truth, line: &Value) -> Option<Vec<Value>> {
    at_new_point(truth, line, ("debtor", "skip_trace"))
}

fn at_new_point(
    truth: &mut Truth,
    line: &Value,
    (role, source): (&str, &str),
) -> Option<Vec<Value>> {
    let address = "prima@otros.example";
    truth.points.push(Point {
        channel: line["channel"].as_str()?.to_owned(),
        address: address.to_owned(),
        role: role.to_owned(),
        source: source.to_owned(),
    });
    changed(line, |line| {
        line["address"] = json!(address);
        line["copies"] = json!([]);
    })
}

fn at_point(
    truth: &Truth,
    line: &Value,
    wanted: fn(&str, &str, &str) -> bool,
) -> Option<Vec<Value>> {
    let mut points = truth.points.iter();
    let point = points.find(|it| wanted(&it.channel, &it.role, &it.source))?;
    changed(line, |line| {
        line["channel"] = json!(point.channel);
        line["address"] = json!(point.address);
        line["copies"] = json!([]);
    })
}

/// An hour after the customer said no on the channel.
fn after_a_no(truth: &mut Truth, line: &Value) -> Option<Vec<Value>> {
    truth.said.push(Word {
        at: sent(line)?.checked_sub(1.hour()).ok()?,
        channel: line["channel"].as_str()?.to_owned(),
        address: None,
        yes: false,
    });
    truth.said.sort_by_key(|word| word.at);
    Some(vec![line.clone()])
}

/// An hour after the law began to keep it.
fn after(truth: &mut Truth, line: &Value, event: &str) -> Option<Vec<Value>> {
    let at = sent(line)?.checked_sub(1.hour()).ok()?;
    truth.events.push((at, event.to_owned()));
    // An attorney may be written to all the same.
    (line["try"]["role"] != "attorney").then(|| vec![line.clone()])
}

/// The customer lives in a state that has a law of its own.
fn moved(truth: &mut Truth, subdivision: &str) {
    truth.subdivision = Some(subdivision.to_owned());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A customer of each country, as the law finds it, and a message that left at noon of a
    /// Tuesday that is no holiday.
    fn lawful() -> (Vec<Truth>, Vec<Value>) {
        const CUSTOMERS: &[(&str, &str, &str, &str)] = &[
            (
                "MX",
                "America/Mexico_City",
                "supervised_financial",
                "first_party",
            ),
            ("CL", "America/Santiago", "supplier", "first_party"),
            ("CO", "America/Bogota", "commercial_lender", "first_party"),
            ("PE", "America/Lima", "supplier", "first_party"),
            ("BR", "America/Sao_Paulo", "supplier", "first_party"),
            (
                "AR",
                "America/Argentina/Buenos_Aires",
                "debt_buyer",
                "third_party_agency",
            ),
            ("EC", "America/Guayaquil", "supplier", "first_party"),
            ("US", "America/New_York", "debt_buyer", "third_party_agency"),
        ];
        let (mut truths, mut lines) = (Vec::new(), Vec::new());
        for (country, zone, creditor, actor) in CUSTOMERS {
            let point = |channel: &str, address: String| {
                json!({ "channel": channel, "address": address,
                    "role": "debtor", "source": "creditor_record" })
            };
            let email = format!("ana@{country}.example");
            let facts = json!({
                "country": country, "subdivision": null, "debtor": "natural_consumer",
                "debt": "consumer_credit", "creditor": creditor, "actor": actor,
                "final_consumer": true,
            });
            let mut truth = facts.clone();
            truth["customer"] = json!(country);
            truth["zone"] = json!(zone);
            truth["tax_id"] = json!(country);
            truth["contracts"] = json!(["email", "call"]);
            truth["points"] = json!([
                point("email", email.clone()),
                point("call", format!("+1{country}")),
                point("visit", format!("Calle de {country}")),
            ]);
            truths.push(truth);
            lines.push(json!({
                "id": format!("contact-{country}"), "customer": country, "channel": "email",
                "address": email, "copies": [], "state": "sent", "step": "recordatorio-1",
                "sent_at": "2026-10-20T17:00:00Z", "facts": facts,
                "try": { "role": "debtor", "contact_source": "creditor_record" },
            }));
        }
        (Truth::read(&truths), lines)
    }

    #[test]
    fn what_is_lawful_has_no_fault_and_every_break_is_found() {
        let (truths, lines) = lawful();
        let reading = read(&truths, &Book::read(&lines));
        assert_eq!(reading.faults, []);
        assert_eq!(reading.contacts.len(), truths.len());
        let spoilt = all(&truths, &lines);
        let missed = spoilt.iter().filter(|(_, is_found)| !is_found);
        let missed: Vec<&str> = missed.map(|(rule, _)| rule.as_str()).collect();
        assert!(missed.is_empty(), "overlooked: {missed:?}");
        let broken: BTreeSet<&str> = spoilt.iter().map(|(rule, _)| rule.as_str()).collect();
        let rules: BTreeSet<&str> = SPOILS.iter().map(|it| it.rule).collect();
        assert_eq!(broken, rules);
    }

    #[test]
    fn customers_with_one_address_are_counted_as_one() {
        let (mut truths, mut lines) = lawful();
        let chilean = truths.iter().position(|it| it.country == "CL");
        let mut twin = truths[chilean.expect("one of them")].clone();
        twin.customer = "CL-2".to_owned();
        twin.tax_id = "another".to_owned();
        truths.push(twin);
        let mut line = lines[1].clone();
        line["customer"] = json!("CL-2");
        line["id"] = json!("contact-CL-2");
        line["sent_at"] = json!("2026-10-21T17:00:00Z");
        lines.push(line);
        let reading = read(&truths, &Book::read(&lines));
        let rules: Vec<&str> = reading.faults.iter().map(|it| it.rule.as_str()).collect();
        assert_eq!(rules, ["CL-2-WRITTEN-PER-WEEK/gap"]);
    }
}
