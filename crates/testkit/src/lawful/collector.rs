//! A collector who calls, visits and writes letters at all hours of all days, to everybody whose
//! number is at hand, and whom the program has to refuse where the law does.

use domain::call::CallResult;
use domain::customer::Channel;
use jiff::{SignedDuration, Timestamp};
use store::bulk::ImportChunk;

use super::live::{CLERK, Living};
use crate::checker::Attempt;
use engine::Error;
use engine::notes::NewCall;

/// One in so many customers is tried each day.
const CUSTOMERS_A_DAY: u64 = 12;

/// Something tried.
#[derive(Clone, Debug)]
pub struct Try {
    /// With whom.
    pub customer: String,
    /// When.
    pub at: Timestamp,
    /// On which channel.
    pub channel: Channel,
    /// At which address.
    pub address: String,
    /// Whether the program refused it.
    pub is_refused: bool,
    /// What it said.
    pub said: String,
}

impl Try {
    /// As the second reading asks.
    pub fn attempt(&self) -> Attempt<'_> {
        Attempt {
            at: self.at,
            channel: self.channel.code(),
            address: &self.address,
            kind: "collection",
            documents: &[],
            speaks_of_any: true,
        }
    }
}

/// Whom a collector tries, and what became of it.
#[derive(Debug)]
pub struct Collector {
    /// Customer, channel and address.
    targets: Vec<(String, Channel, String)>,
    customers: u64,
    chance: u64,
    /// What was tried.
    pub tries: Vec<Try>,
}

impl Collector {
    /// One who has these addresses.
    pub fn new(seed: u64, chunk: &ImportChunk) -> Self {
        let by_hand = [Channel::Call, Channel::Visit, Channel::Letter];
        let points = chunk.contact_points.iter();
        let points = points.filter(|point| by_hand.contains(&point.channel));
        Self {
            targets: points
                .map(|it| (it.customer.clone(), it.channel, it.address.clone()))
                .collect(),
            customers: chunk.customers.len() as u64,
            chance: seed,
            tries: Vec::new(),
        }
    }

    /// The instants of a span at which something is tried, spread over day and night.
    pub fn times(&mut self, (from, until): (Timestamp, Timestamp)) -> Vec<Timestamp> {
        let span = until.duration_since(from).as_secs();
        let Some(seconds) = u64::try_from(span).ok().filter(|it| *it > 0) else {
            return Vec::new();
        };
        let day = 24 * 60 * 60;
        let wanted = seconds * self.customers;
        let mut number = wanted / (CUSTOMERS_A_DAY * day);
        number += u64::from(self.below(CUSTOMERS_A_DAY * day) < wanted % (CUSTOMERS_A_DAY * day));
        let mut times = Vec::new();
        for _ in 0..number {
            let ahead = i64::try_from(self.below(seconds)).unwrap_or(0);
            times.push(from + SignedDuration::from_secs(ahead));
        }
        times
    }

    fn next(&mut self) -> (String, Channel, String) {
        let place = self.below(self.targets.len() as u64);
        self.targets[usize::try_from(place).expect("a place in a list")].clone()
    }

    /// SplitMix64, scaled.
    fn below(&mut self, most: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut drawn = self.chance;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        drawn ^= drawn >> 31;
        u64::try_from((u128::from(drawn) * u128::from(most)) >> 64).unwrap_or(0)
    }
}

impl Living<'_, '_> {
    /// The collector tries somebody.
    pub async fn collect(&mut self, at: Timestamp) {
        let (customer, channel, address) = self.collector.next();
        let results: &[CallResult] = match channel {
            Channel::Call => &[
                CallResult::NoAnswer,
                CallResult::Voicemail,
                CallResult::Conversation,
                CallResult::Unreachable,
            ],
            Channel::Visit => &[
                CallResult::NoAnswer,
                CallResult::Left,
                CallResult::ThirdParty,
            ],
            _ => &[CallResult::Left],
        };
        let result = self.collector.below(results.len() as u64);
        let result = results[usize::try_from(result).expect("a place in a list")];
        let refused = self.knock(&customer, (channel, &address), result).await;
        self.collector.tries.push(Try {
            customer,
            at,
            channel,
            address,
            is_refused: refused.is_some(),
            said: refused.unwrap_or_default(),
        });
    }
}

impl Living<'_, '_> {
    /// What the program says to somebody who wants to write down what was just tried; `None` when
    /// it takes it.
    async fn knock(
        &self,
        customer: &str,
        (channel, address): (Channel, &str),
        result: CallResult,
    ) -> Option<String> {
        let call = NewCall {
            customer: self.id(customer).await,
            channel,
            number: address.to_owned(),
            result,
            note: "se habló del saldo".to_owned(),
            at: None,
            overriding: None,
        };
        match self.engine.add_call(&self.company, call, CLERK).await {
            Ok(()) => None,
            Err(error @ Error::Invalid { .. }) => Some(error.to_string()),
            Err(error) => panic!("the program answers: {error}"),
        }
    }
}
