//! What the law asks about each customer, planted: who reads at which address, where the address
//! comes from, what was consented to and taken back, what happened in court, who is one person
//! under two numbers. All of it may be asked for, so that what a program did can be held against
//! it.

use domain::customer::{Channel, ContactSource, DebtorClass, RecipientRole};
use jiff::Timestamp;
use jiff::civil::{Date, time};

use crate::calendar::{days_between, plus};
use crate::chance::{Chance, Purpose};
use crate::company::Company;
use crate::customer::Customer;
use crate::spec::{Kind, Land};

/// Each so many customers, one has the e-mail address of the customer before it.
const SHARES_ADDRESS: u32 = 20;

/// Each so many customers, one has the tax id of the customer before it.
const SHARES_TAX_ID: u32 = 31;

/// What is planted of one customer beside what [`Customer`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalFacts {
    /// The tax id written down, which another customer may have too.
    pub tax_id: String,
    /// Whether the company has written down the zone. If not, it may be any of the country's.
    pub is_zone_known: bool,
    /// Addresses, the first of each channel the customer's usual one.
    pub points: Vec<Point>,
    /// What is said and what happens in the days asked for, in order.
    pub sayings: Vec<Saying>,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The channel it serves.
    pub channel: Channel,
    /// The address.
    pub address: String,
    /// Who reads there.
    pub role: RecipientRole,
    /// Where the company has it from.
    pub source: ContactSource,
    /// What was said of it before the first day asked for.
    pub said: Said,
}

/// What was said of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// That it may be used, on that day.
    Yes(Date),
    /// That it may not be used, on that day.
    No(Date),
}

/// Something said, or done in law, in the days asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saying {
    /// "No more messages on this channel."
    OptOut {
        /// When.
        at: Timestamp,
        /// The channel.
        channel: Channel,
        /// In which words, in the customer's language.
        words: &'static str,
    },
    /// "You may use this address."
    OptIn {
        /// When.
        at: Timestamp,
        /// The channel.
        channel: Channel,
        /// The address.
        address: String,
    },
    /// A legal event, in the packs' word.
    Event {
        /// When the company learns of it.
        at: Timestamp,
        /// The word (`lawsuit_served`).
        event: &'static str,
    },
}

impl Saying {
    /// When.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::OptOut { at, .. } | Self::OptIn { at, .. } | Self::Event { at, .. } => *at,
        }
    }
}

impl Company {
    /// What is planted of a customer in law, with what happens from a day to another, both
    /// included. The same for the same seed, whatever else is asked for.
    pub fn legal_facts(&self, customer: &Customer, (from, until): (Date, Date)) -> LegalFacts {
        let index = customer.index;
        let mut chance = self.chance(index, Purpose::Law, 0);
        let sayings = self.sayings(customer, (from, until));
        let before = index.checked_sub(1).and_then(|index| self.customer(index));
        let shared = |every: u32| before.as_ref().filter(|_| index % every == every / 3);
        let is_represented = sayings.iter().any(|saying| {
            matches!(saying, Saying::Event { event, .. } if *event == "attorney_represented")
        });
        let twin = shared(SHARES_TAX_ID);
        let mut points = own_points(&mut chance, customer, from);
        if let Some(email) = shared(SHARES_ADDRESS).and_then(|it| it.email.clone()) {
            points.retain(|point| point.channel != Channel::Email);
            let main = point(&mut chance, customer, (Channel::Email, email), from);
            points.insert(0, main);
        }
        points.extend(others(&mut chance, customer, from));
        if is_represented {
            for (channel, address) in [
                (Channel::Email, format!("abogado.{index}@bufete.example")),
                (
                    Channel::Letter,
                    format!("Bufete {index}, {}", customer.city),
                ),
            ] {
                points.push(Point {
                    channel,
                    address,
                    role: RecipientRole::Attorney,
                    source: ContactSource::DebtorProvided,
                    said: Said::Nothing,
                });
            }
        }
        LegalFacts {
            tax_id: twin.map_or_else(|| customer.tax_id.clone(), |it| it.tax_id.clone()),
            is_zone_known: chance.permille(850),
            points,
            sayings,
        }
    }

    /// Whether the customer is the final recipient of what a document bills, where the document
    /// says otherwise than the company of all: a shop that bought its own furniture, a consumer who
    /// bought stock.
    pub fn final_consumer_of(&self, number: &str) -> Option<bool> {
        let (customer, ordinal) = self.place_of(number)?;
        let mut chance = self.chance(customer, Purpose::Law, 1 + u64::from(ordinal));
        match self.spec().kind {
            Kind::Lender => chance.permille(60).then_some(false),
            Kind::Distributor | Kind::Services => chance.permille(120).then_some(true),
        }
    }

    fn sayings(&self, customer: &Customer, (from, until): (Date, Date)) -> Vec<Saying> {
        let mut chance = self.chance(customer.index, Purpose::Sayings, 0);
        let zone = domain::calendar::zone(self.profile().zone);
        let mut sayings = Vec::new();
        let when = |chance: &mut Chance| {
            let day = plus(from, chance.between(0, days_between(from, until)));
            let hour = i8::try_from(chance.between(0, 23)).unwrap_or(0);
            let minute = i8::try_from(chance.between(0, 59)).unwrap_or(0);
            let at = day.to_datetime(time(hour, minute, 0, 0));
            let at = zone.as_ref().and_then(|zone| zone.to_timestamp(at).ok());
            at.unwrap_or(Timestamp::UNIX_EPOCH)
        };
        if chance.permille(90) {
            let channel = *chance.pick(&[Channel::Email, Channel::Email, Channel::Call]);
            let words = *chance.pick(words(self.land()));
            let at = when(&mut chance);
            sayings.push(Saying::OptOut { at, channel, words });
        }
        if let Some(email) = customer.email.clone().filter(|_| chance.permille(60)) {
            let at = when(&mut chance);
            sayings.push(Saying::OptIn {
                at,
                channel: Channel::Email,
                address: email,
            });
        }
        if chance.permille(80) {
            let event = *chance.pick(events(self.land()));
            let at = when(&mut chance);
            sayings.push(Saying::Event { at, event });
        }
        sayings.sort_by_key(Saying::at);
        sayings
    }
}

/// The usual address on each channel.
fn own_points(chance: &mut Chance, customer: &Customer, from: Date) -> Vec<Point> {
    let street = format!(
        "Calle {} n.º {}, {}",
        customer.index % 97 + 1,
        customer.index + 1,
        customer.city
    );
    let addresses = [
        (Channel::Email, customer.email.clone()),
        (Channel::Call, Some(customer.phone.clone())),
        (Channel::Whatsapp, customer.whatsapp.clone()),
        (Channel::Visit, Some(street.clone())),
        (Channel::Letter, Some(street)),
    ];
    let known = addresses.into_iter();
    known
        .filter_map(|(channel, address)| {
            let own = (channel, address?);
            Some(point(chance, customer, own, from))
        })
        .collect()
}

fn point(
    chance: &mut Chance,
    customer: &Customer,
    (channel, address): (Channel, String),
    from: Date,
) -> Point {
    use RecipientRole::{ApContact, CoDebtor, Debtor, LegalRepresentative, Relative};
    let is_company = matches!(
        customer.class,
        DebtorClass::Company | DebtorClass::MicroSmallCompany
    );
    let role = if is_company {
        [ApContact, LegalRepresentative, Debtor][chance.weighted(&[700, 200, 100])]
    } else {
        // Whom a person names for payments is somebody else to the law.
        [Debtor, CoDebtor, ApContact, Relative][chance.weighted(&[880, 50, 40, 30])]
    };
    Point {
        channel,
        address,
        role,
        source: source(chance),
        said: said(chance, from),
    }
}

fn source(chance: &mut Chance) -> ContactSource {
    use ContactSource::{CreditorRecord, DebtorProvided, PublicRecord, SkipTrace};
    [CreditorRecord, DebtorProvided, SkipTrace, PublicRecord][chance.weighted(&[740, 140, 90, 30])]
}

fn said(chance: &mut Chance, from: Date) -> Said {
    let day = plus(from, -chance.between(20, 700));
    match chance.weighted(&[640, 60, 300]) {
        0 => Said::Yes(day),
        1 => Said::No(day),
        _ => Said::Nothing,
    }
}

/// Addresses of others: references, employers, guarantors, a second person of a company.
fn others(chance: &mut Chance, customer: &Customer, from: Date) -> Vec<Point> {
    use RecipientRole::{
        ApContact, Employer, Guarantor, LegalRepresentative, Neighbour, OtherThirdParty, Reference,
        Relative,
    };
    let mut points = Vec::new();
    let index = customer.index;
    if chance.permille(300) {
        let role = *chance.pick(&[
            Guarantor,
            LegalRepresentative,
            Reference,
            Employer,
            ApContact,
        ]);
        points.push(Point {
            channel: Channel::Email,
            address: format!("{}.{index}@otros.example", role.code().replace('_', "-")),
            role,
            source: source(chance),
            said: said(chance, from),
        });
    }
    if chance.permille(300) {
        let role = *chance.pick(&[Guarantor, Reference, Relative, Neighbour, OtherThirdParty]);
        // A number that nobody else of the company has, and that no exchange gives out.
        let address = format!("+999{index:08}");
        points.push(Point {
            channel: Channel::Call,
            address,
            role,
            source: source(chance),
            said: said(chance, from),
        });
    }
    points
}

/// The events that some law of the country, or of another, stops at.
const fn events(land: Land) -> &'static [&'static str] {
    match land {
        Land::UnitedStates => &[
            "attorney_represented",
            "written_cease_request",
            "written_dispute_in_30_days",
            "bankruptcy",
        ],
        _ => &["lawsuit_served", "insolvency_opened"],
    }
}

/// How one asks for no more messages.
const fn words(land: Land) -> &'static [&'static str] {
    match land {
        Land::Brazil => &["SAIR", "Não me mandem mais mensagens", "baja"],
        Land::UnitedStates => &["STOP", "Please stop writing to me", "unsubscribe"],
        _ => &["BAJA", "baja por favor", "No más correos"],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use jiff::civil::date;

    use super::*;
    use crate::model::Model;
    use crate::spec::Spec;

    const SPAN: (Date, Date) = (date(2026, 10, 19), date(2026, 11, 17));

    fn company(land: Land, seed: u64) -> Company {
        let spec = Spec {
            kind: Kind::Lender,
            seed,
            documents: 20_000,
            until: SPAN.1,
            model: Model::embedded(),
        };
        Company::in_land(spec, land)
    }

    fn all(company: &Company) -> Vec<(Customer, LegalFacts)> {
        let customers = company.customers();
        customers
            .map(|it| {
                let facts = company.legal_facts(&it, SPAN);
                (it, facts)
            })
            .collect()
    }

    #[test]
    fn the_same_seed_plants_the_same_facts() {
        for land in Land::ALL {
            let planted = all(&company(land, 5));
            assert_eq!(planted, all(&company(land, 5)), "{land:?}");
            assert_ne!(planted, all(&company(land, 6)), "{land:?}");
        }
    }

    #[test]
    fn every_fact_that_a_law_keys_on_is_met() {
        for land in Land::ALL {
            let planted = all(&company(land, 5));
            assert!(planted.len() > 500, "{land:?}: {}", planted.len());
            let points = || planted.iter().flat_map(|(_, facts)| &facts.points);
            let roles: BTreeSet<&str> = points().map(|it| it.role.code()).collect();
            for role in [
                "debtor",
                "ap_contact",
                "guarantor",
                "reference",
                "employer",
                "relative",
            ] {
                assert!(roles.contains(role), "{land:?}: no {role}");
            }
            let sources: BTreeSet<&str> = points().map(|it| it.source.code()).collect();
            assert_eq!(sources.len(), ContactSource::ALL.len(), "{land:?}");
            let sayings = || planted.iter().flat_map(|(_, facts)| &facts.sayings);
            let share = |wanted: fn(&Saying) -> bool| {
                let found = sayings().filter(|it| wanted(it)).count();
                assert!(found * 100 > planted.len(), "{land:?}: {found}");
            };
            share(|it| matches!(it, Saying::OptOut { .. }));
            share(|it| matches!(it, Saying::OptIn { .. }));
            share(|it| matches!(it, Saying::Event { .. }));
            assert!(planted.iter().any(|(_, facts)| !facts.is_zone_known));
            let shares = |of: &dyn Fn(&LegalFacts) -> Vec<String>| {
                let mut owners: BTreeMap<String, usize> = BTreeMap::new();
                for (_, facts) in &planted {
                    for shared in of(facts) {
                        *owners.entry(shared).or_default() += 1;
                    }
                }
                owners.values().filter(|owners| **owners > 1).count()
            };
            assert!(shares(&|facts| vec![facts.tax_id.clone()]) > 5, "{land:?}");
            let emails = |facts: &LegalFacts| {
                let points = facts.points.iter();
                let emails = points.filter(|it| it.channel == Channel::Email);
                emails.map(|it| it.address.clone()).collect()
            };
            assert!(shares(&emails) > 5, "{land:?}");
        }
    }

    #[test]
    fn every_country_has_its_own_ids_clocks_and_money() {
        for land in Land::ALL {
            let company = company(land, 5);
            let mut zones = BTreeSet::new();
            for customer in company.customers() {
                assert_eq!(customer.country.code(), land.code());
                let id = &customer.tax_id;
                assert!(
                    crate::is_valid_tax_id(customer.country, id),
                    "{land:?}: {id}"
                );
                let known = domain::calendar::zone(customer.zone);
                assert!(known.is_some(), "{}", customer.zone);
                zones.insert(customer.zone);
                for document in company.documents(&customer) {
                    assert!(document.amount.is_positive());
                    assert_eq!(document.amount.currency, company.profile().currency);
                }
            }
            let several = !matches!(land, Land::Colombia | Land::Peru);
            assert_eq!(zones.len() > 1, several, "{land:?}: {zones:?}");
        }
    }
}
