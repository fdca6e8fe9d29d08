//! What is planted, handed to the program as its own facts and written down as the truth.

use std::collections::BTreeMap;

use domain::customer::{Channel, Consent, Country};
use jiff::Timestamp;
use jiff::civil::{Date, time};
use serde_json::{Value, json};
use simulator::{Company as Planted, Customer, LegalFacts, Point, Said, Saying};
use store::bulk::{ContactPointFacts, CustomerFacts, ImportChunk};

use super::Member;

/// Channels for which contracts hold a yes.
pub const CONTRACTS: [Channel; 3] = [Channel::Email, Channel::Call, Channel::Whatsapp];

/// What is true of each customer of a company, by key, as it becomes known.
#[derive(Debug, Default)]
pub struct Truths(BTreeMap<String, Value>);

impl Truths {
    /// The lines.
    pub fn lines(self) -> Vec<Value> {
        self.0.into_values().collect()
    }

    /// Something was said of a channel, or of an address.
    pub fn said(
        &mut self,
        customer: &str,
        at: Timestamp,
        (channel, address): (Channel, Option<&str>),
        yes: bool,
    ) {
        let word = json!({
            "at": at.to_string(), "channel": channel.code(), "address": address, "yes": yes,
        });
        self.push(customer, "said", word);
    }

    /// Something happened in law.
    pub fn event(&mut self, customer: &str, at: Timestamp, event: &str) {
        let event = json!({ "at": at.to_string(), "event": event });
        self.push(customer, "events", event);
    }

    /// Nobody, or somebody else, reads at an address.
    pub fn dead(&mut self, customer: &str, at: Timestamp, address: &str) {
        let dead = json!({ "at": at.to_string(), "address": address });
        self.push(customer, "dead", dead);
    }

    fn push(&mut self, customer: &str, list: &str, what: Value) {
        let truth = self.0.get_mut(customer).expect("a planted customer");
        let list = truth[list].as_array_mut().expect("a list");
        list.push(what);
    }

    fn add(
        &mut self,
        (member, company): (&Member, &Planted),
        customer: &Customer,
        facts: &LegalFacts,
    ) {
        let documents = company.documents(customer).into_iter();
        let of_documents: BTreeMap<String, bool> = documents
            .filter_map(|it| Some((it.number.clone(), company.final_consumer_of(&it.number)?)))
            .collect();
        let points = facts.points.iter().map(|point| {
            json!({
                "channel": point.channel.code(),
                "address": point.address,
                "role": point.role.code(),
                "source": point.source.code(),
            })
        });
        let truth = json!({
            "customer": customer.key,
            "country": customer.country.code(),
            "subdivision": customer.subdivision,
            "zone": Some(customer.zone).filter(|_| facts.is_zone_known),
            "tax_id": facts.tax_id,
            "debtor": customer.class.code(),
            "debt": member.debt.code(),
            "creditor": member.creditor.code(),
            "actor": member.actor.code(),
            "final_consumer": member.final_consumer,
            "final_consumer_of": of_documents,
            "contracts": member.contracts.then(|| CONTRACTS.map(Channel::code)),
            "points": points.collect::<Vec<_>>(),
            "said": [],
            "events": [],
            "dead": [],
        });
        self.0.insert(customer.key.clone(), truth);
        for point in &facts.points {
            let (day, yes) = match point.said {
                Said::Nothing => continue,
                Said::Yes(day) => (day, true),
                Said::No(day) => (day, false),
            };
            let about = (point.channel, Some(point.address.as_str()));
            self.said(&customer.key, midnight(day), about, yes);
        }
    }
}

/// Everything planted: facts for the program, the truth, and what will be said, in order.
pub fn plant(
    member: &Member,
    company: &Planted,
    span: (Date, Date),
) -> (ImportChunk, Truths, Vec<(String, Saying)>) {
    let mut chunk = ImportChunk::default();
    let mut truths = Truths::default();
    let mut sayings = Vec::new();
    for customer in company.customers() {
        let facts = company.legal_facts(&customer, span);
        truths.add((member, company), &customer, &facts);
        let own = |point: &Point| self::point(&customer.key, point);
        chunk.contact_points.extend(facts.points.iter().map(own));
        let of_customer = facts.sayings.into_iter();
        sayings.extend(of_customer.map(|saying| (customer.key.clone(), saying)));
        chunk.customers.push(CustomerFacts {
            key: customer.key.clone(),
            name: Some(customer.name.clone()),
            class: Some(customer.class),
            country: Some(Country::new(customer.country.code()).expect("a country")),
            subdivision: customer.subdivision.map(str::to_owned),
            zone: facts.is_zone_known.then(|| customer.zone.to_owned()),
            language: Some(customer.language.to_owned()),
            tax_id: Some(facts.tax_id),
            digest: [1; 32],
            ..CustomerFacts::default()
        });
    }
    sayings.sort_by_key(|(key, saying)| (saying.at(), key.clone()));
    (chunk, truths, sayings)
}

/// A list of documents with a column for what each says of its final consumer.
pub fn with_final_consumers(company: &Planted, csv: &[u8]) -> String {
    let text = String::from_utf8_lossy(csv);
    let mut lines = text.lines();
    let mut written = format!("{},Consumidor final\r\n", lines.next().unwrap_or_default());
    for line in lines {
        let number = line.split(',').next().unwrap_or_default();
        let says = match company.final_consumer_of(number) {
            Some(true) => "Sí",
            Some(false) => "No",
            None => "",
        };
        written.push_str(&format!("{line},{says}\r\n"));
    }
    written
}

fn point(customer: &str, point: &Point) -> ContactPointFacts {
    ContactPointFacts {
        customer: customer.to_owned(),
        channel: point.channel,
        address: point.address.clone(),
        role: Some(point.role),
        source: Some(point.source),
        consent: match point.said {
            Said::Nothing => Consent::Unknown,
            Said::No(on) => Consent::Withdrawn { on },
            Said::Yes(on) => Consent::Given {
                on,
                source: "contrato".to_owned(),
            },
        },
        shown: String::new(),
    }
}

fn midnight(day: Date) -> Timestamp {
    let utc = jiff::tz::TimeZone::UTC;
    let at = utc.to_timestamp(day.to_datetime(time(0, 0, 0, 0)));
    at.expect("a day of these years")
}
