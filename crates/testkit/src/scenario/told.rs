//! Between the words of a scenario and the types of the house.

use std::fmt::Write as _;

use domain::Money;
use domain::calendar;
use domain::customer::Country;
use language::figures::Style;
use serde_json::Value;
use store::bulk::CustomerFacts;
use store::contacts::ContactRecord;

use super::script::Named;
use crate::letter::{amounts, money};

/// A customer as `cliente:` tells of it.
pub fn customer_facts(key: &str, customer: &Named) -> CustomerFacts {
    let fact = |name: &str| customer.facts.iter().find(|(word, _)| word == name);
    let text = |name: &str| fact(name).map(|(_, value)| value.clone());
    CustomerFacts {
        key: key.to_owned(),
        name: Some(customer.name.clone()),
        class: text("clase").map(|code| code.parse().expect("a class")),
        country: text("país").as_deref().and_then(Country::new),
        subdivision: text("estado"),
        zone: text("zona").inspect(|zone| {
            calendar::zone(zone).expect("a zone");
        }),
        language: text("idioma"),
        importance: text("importancia").map(|text| text.parse().expect("a number")),
        behaviour: text("conducta").map(|code| code.parse().expect("a behaviour")),
        tags: text("etiqueta").map(|tag| vec![tag]),
        ..CustomerFacts::default()
    }
}

/// Step and amounts of a contact: `aviso-claro 7,000.00 MXN menos 500.00 MXN, aparte 3,000.00 MXN`.
pub fn told(contact: &ContactRecord) -> String {
    let content: Value = serde_json::from_str(&contact.content).expect("content is JSON");
    let mut text = contact.key.step().to_owned();
    let mut add = |before: &str, amounts: &[Money]| {
        if !amounts.is_empty() {
            let amounts: Vec<String> = amounts.iter().copied().map(plain).collect();
            let _ = write!(text, "{before}{}", amounts.join(" + "));
        }
    };
    add(" ", &amounts(&content["totals"]));
    if content["payment"].is_object() {
        add(" ", &[money(&content["payment"]["amount"])]);
    }
    add(" menos ", &amounts(&content["credits"]));
    add(", aparte ", &amounts(&content["held"]));
    if !content["documents"].as_array().is_none_or(Vec::is_empty) {
        add(", por vencer ", &amounts(&content["upcoming"]));
    }
    text
}

/// `1,234.56 MXN`.
fn plain(amount: Money) -> String {
    let written = Style::of("").money(amount);
    match written.split_once(' ') {
        Some((code, number)) => format!("{number} {code}"),
        None => written,
    }
}
