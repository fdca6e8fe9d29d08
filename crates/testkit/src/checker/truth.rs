//! What is true of each customer, as whoever planted it wrote it down: a line of JSON each.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::calendar;

/// What is true of one customer.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "each says what it is by its name, or in the line above it"
)]
pub struct Truth {
    pub customer: String,
    pub country: String,
    pub subdivision: Option<String>,
    /// The zones they may live in; the first is theirs, or the capital's.
    pub zones: Vec<TimeZone>,
    pub tax_id: String,
    pub debtor: String,
    pub debt: String,
    pub creditor: String,
    pub actor: String,
    pub final_consumer: bool,
    /// Documents that say otherwise of the final consumer.
    pub final_consumer_of: HashMap<String, bool>,
    /// Channels for which the company's contracts hold a yes.
    pub contracts: Vec<String>,
    pub points: Vec<Point>,
    /// What was said of a channel or an address, in order.
    pub said: Vec<Word>,
    pub events: Vec<(Timestamp, String)>,
    /// Addresses at which someone else reads, or none, and since when.
    pub dead: Vec<(Timestamp, String)>,
}

/// An address.
#[derive(Clone, Debug)]
pub struct Point {
    pub channel: String,
    pub address: String,
    pub role: String,
    pub source: String,
}

/// A yes or a no.
#[derive(Clone, Debug)]
pub struct Word {
    pub at: Timestamp,
    pub channel: String,
    /// `None` for the whole channel.
    pub address: Option<String>,
    pub yes: bool,
}

/// Customers who are one person: they share a tax id or an address.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Places in the list of truths.
    pub members: Vec<usize>,
}

impl Truth {
    /// Reads the lines.
    ///
    /// # Panics
    /// For a line that says not what it must: whoever wrote it is mistaken.
    pub fn read(lines: &[Value]) -> Vec<Self> {
        lines.iter().map(Self::of).collect()
    }

    fn of(line: &Value) -> Self {
        let country = word(line, "country");
        let zones = match line["zone"].as_str() {
            Some(name) => vec![calendar::zone(name)],
            None => calendar::zones(&country),
        };
        let list = |key: &str| line[key].as_array().cloned().unwrap_or_default();
        let point = |it: &Value| Point {
            channel: word(it, "channel"),
            address: word(it, "address"),
            role: word(it, "role"),
            source: word(it, "source"),
        };
        let said = |it: &Value| Word {
            at: instant(it),
            channel: word(it, "channel"),
            address: it["address"].as_str().map(str::to_owned),
            yes: it["yes"].as_bool().expect("yes or no"),
        };
        let mut words: Vec<Word> = list("said").iter().map(said).collect();
        words.sort_by_key(|word| word.at);
        let of_documents = line["final_consumer_of"].as_object();
        Self {
            customer: word(line, "customer"),
            subdivision: line["subdivision"].as_str().map(str::to_owned),
            zones,
            tax_id: word(line, "tax_id"),
            debtor: word(line, "debtor"),
            debt: word(line, "debt"),
            creditor: word(line, "creditor"),
            actor: word(line, "actor"),
            final_consumer: line["final_consumer"].as_bool().expect("yes or no"),
            final_consumer_of: of_documents
                .into_iter()
                .flatten()
                .filter_map(|(number, yes)| Some((number.clone(), yes.as_bool()?)))
                .collect(),
            contracts: list("contracts")
                .iter()
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect(),
            points: list("points").iter().map(point).collect(),
            said: words,
            events: list("events")
                .iter()
                .map(|it| (instant(it), word(it, "event")))
                .collect(),
            dead: list("dead")
                .iter()
                .map(|it| (instant(it), word(it, "address")))
                .collect(),
            country,
        }
    }

    /// The address of that channel.
    pub fn point(&self, channel: &str, address: &str) -> Option<&Point> {
        let mut points = self.points.iter();
        points.find(|point| point.channel == channel && point.address == address)
    }

    /// The last word said of an address by an instant.
    pub fn last_word(&self, channel: &str, address: &str, at: Timestamp) -> Option<&Word> {
        let heard = self.said.iter().rev().filter(|word| word.at <= at);
        let mut about = heard.filter(|word| word.channel == channel);
        about.find(|word| word.address.as_deref().is_none_or(|it| it == address))
    }
}

/// Who is one person with whom, by place; joined through everything they share.
pub fn persons(truths: &[Truth]) -> Vec<Person> {
    let mut owner: Vec<usize> = (0..truths.len()).collect();
    let mut first: HashMap<(&str, &str), usize> = HashMap::new();
    for (place, truth) in truths.iter().enumerate() {
        let shared = truth
            .points
            .iter()
            .map(|it| ("address", it.address.as_str()));
        for key in shared.chain([("tax id", truth.tax_id.as_str())]) {
            let with = *first.entry(key).or_insert(place);
            let (one, other) = (root(&owner, with), root(&owner, place));
            owner[other] = one;
        }
    }
    let mut members: HashMap<usize, Vec<usize>> = HashMap::new();
    for place in 0..truths.len() {
        members.entry(root(&owner, place)).or_default().push(place);
    }
    (0..truths.len())
        .map(|place| Person {
            members: members[&root(&owner, place)].clone(),
        })
        .collect()
}

fn root(owner: &[usize], mut place: usize) -> usize {
    while owner[place] != place {
        place = owner[place];
    }
    place
}

fn word(line: &Value, key: &str) -> String {
    let word = line[key].as_str();
    word.unwrap_or_else(|| panic!("a truth says no {key}: {line}"))
        .to_owned()
}

fn instant(line: &Value) -> Timestamp {
    word(line, "at").parse().expect("an instant")
}
