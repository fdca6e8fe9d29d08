//! What was planted is found again in the ledger alone: the lines of `puntual export`.
//!
//! Each bound follows from how many cases there are: a share of `n` independent cases lies within
//! three standard deviations of its expectation but for one life in some four hundred, and a life
//! from a seed is always the same.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::customer::{BehaviourClass, Channel};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::Value;
use simulator::{Address, Company, Customer, Kind, Model};
use testkit::program::Program;

use super::{Life, UNTIL, on_sqlite};

const LIFE: Life = Life {
    kind: Kind::Distributor,
    seed: 7,
    documents: 5_000,
    months: 4,
};

/// Days within which a reminder is taken to have worked.
const RESPONSE_DAYS: i64 = 7;

/// Of those who are moved, nine in ten pay within six days of reading, which may be a day after
/// the message.
const SOON_ENOUGH: f64 = 0.9;

/// Documents after which a customer that pays late now and then has done so almost surely: a
/// forgetful customer pays late seven times in ten.
const DOCUMENTS_THAT_TELL: usize = 6;

/// So many cases before a share says anything.
const CASES_MIN: u32 = 12;

#[test]
fn a_lived_distributor_shows_what_was_planted() {
    let puntual = on_sqlite();
    LIFE.live(&puntual);
    let lived = Lines::read(&puntual, LIFE.planted());
    lived.the_punctual_are_told_from_the_others();
    lived.reminders_bring_payment_forward();
    lived.each_group_reads_at_its_hour();
    lived.promises_are_kept_as_often_as_planted();
    lived.the_addresses_that_do_not_exist_bounce();
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    hits: u32,
    of: u32,
}

impl Share {
    fn add(&mut self, hit: bool) {
        self.hits += u32::from(hit);
        self.of += 1;
    }

    fn value(self) -> f64 {
        f64::from(self.hits) / f64::from(self.of)
    }

    /// Three standard deviations of a share whose expectation is `expected`.
    fn bound(self, expected: f64) -> f64 {
        3.0 * (expected * (1.0 - expected) / f64::from(self.of)).sqrt()
    }

    /// That it is what was planted, within what chance allows for so many cases.
    #[track_caller]
    fn is_about(self, expected: f64, what: &str) {
        assert!(self.of >= CASES_MIN, "{what}: only {} cases", self.of);
        let away = (self.value() - expected).abs();
        assert!(
            away <= self.bound(expected),
            "{what}: {self:?} is not {expected:.3} ± {:.3}",
            self.bound(expected)
        );
    }
}

/// The lines of the exports, with the truth beside them.
struct Lines {
    truth: HashMap<String, Customer>,
    documents: Vec<Value>,
    contacts: Vec<Value>,
    threads: Vec<Value>,
    customers: Vec<Value>,
    promises: Vec<Value>,
    zone: jiff::tz::TimeZone,
}

impl Lines {
    fn read(puntual: &Program, planted: Company) -> Self {
        Self {
            truth: planted.customers().map(|it| (it.key.clone(), it)).collect(),
            documents: puntual.export("documents"),
            contacts: puntual.export("contacts"),
            threads: puntual.export("threads"),
            customers: puntual.export("customers"),
            promises: puntual.export("promises"),
            zone: domain::calendar::zone(planted.profile().zone).expect("a zone"),
        }
    }

    fn of(&self, line: &Value) -> &Customer {
        &self.truth[line["customer"].as_str().expect("a key")]
    }

    fn the_punctual_are_told_from_the_others(&self) {
        let mut paid: HashMap<&str, Vec<bool>> = HashMap::new();
        for line in &self.documents {
            let due = day(&line["due"]).expect("a due date");
            if due < UNTIL {
                let late = day(&line["settled_on"]).is_none_or(|on| on > due);
                let customer = line["customer"].as_str().expect("a key");
                paid.entry(customer).or_default().push(late);
            }
        }
        let (mut found, mut known, mut planted) = (0, Share::default(), 0_u32);
        let broken = self
            .promises
            .iter()
            .filter(|line| line["state"] == "broken");
        let broken: HashSet<&str> = broken
            .filter_map(|line| line["customer"].as_str())
            .collect();
        paid.retain(|_, late| late.len() >= DOCUMENTS_THAT_TELL);
        for (customer, late) in &paid {
            let truly = self.truth[*customer].behaviour.pays.class() == BehaviourClass::Punctual;
            let seems = late.iter().all(|late| !late);
            if broken.contains(customer) {
                // Who is punctual and breaks a promise pays late that once.
                continue;
            }
            assert!(!truly || seems, "{customer} is punctual and paid late");
            planted += u32::from(truly);
            found += u32::from(seems);
            known.add(truly == seems);
        }
        assert!(
            known.of >= CASES_MIN && planted > 0,
            "too few customers: {}",
            known.of
        );
        // Who contests one document in four, or owes no more than a few, may look punctual.
        assert!(known.value() >= 0.9, "{known:?} customers were told right");
        assert!(
            found >= planted && found - planted <= known.of / 10,
            "{found} for {planted}"
        );
    }

    /// Documents a day late that nobody was written to about, before the life began, and those
    /// named in a first reminder: which share is paid within the days after?
    fn reminders_bring_payment_forward(&self) {
        let from = UNTIL
            .tomorrow()
            .expect("a day")
            .saturating_sub(i32::from(LIFE.months).months());
        let mut settled: HashMap<&str, (Date, Option<Date>)> = HashMap::new();
        let mut without = Share::default();
        for line in &self.documents {
            let due = day(&line["due"]).expect("a due date");
            let on = day(&line["settled_on"]);
            settled.insert(line["invoice"].as_str().expect("a number"), (due, on));
            let class = self.of(line).behaviour.pays.class();
            let (first, last) = (due.saturating_add(1.day()), due.saturating_add(8.days()));
            let late = on.is_none_or(|on| on > first);
            if class == BehaviourClass::Forgetful && last < from && late {
                without.add(on.is_some_and(|on| on <= last));
            }
        }
        let (mut with, mut low, mut high) = (Share::default(), 0.0, 0.0);
        for line in &self.contacts {
            let class = self.of(line).behaviour.pays.class();
            let first = line["step"] == "recordatorio-1" && class == BehaviourClass::Forgetful;
            let (Some(sent), true) = (instant(&line["sent_at"]), first) else {
                continue;
            };
            let sent = sent.to_zoned(self.zone.clone());
            let until = sent.date().saturating_add(RESPONSE_DAYS.days());
            if until >= UNTIL {
                continue;
            }
            // What one message names is moved together: its oldest document is one case.
            let (_, on) = settled[line["documents"][0]["invoice"].as_str().expect("a number")];
            with.add(on.is_some_and(|on| on <= until));
            let (least, most) = self.response(self.of(line), sent.hour());
            low += 1.0 - (1.0 - without.value()) * (1.0 - least);
            high += 1.0 - (1.0 - without.value()) * (1.0 - most);
        }
        assert!(
            with.of >= CASES_MIN && without.of >= CASES_MIN,
            "{with:?} {without:?}"
        );
        let (low, high) = (low / f64::from(with.of), high / f64::from(with.of));
        let (least, most) = (low - with.bound(low), high + with.bound(high));
        assert!(
            least <= with.value() && with.value() <= most,
            "{with:?} is not between {least:.3} and {most:.3}; without: {without:?}"
        );
        let bound = with
            .bound(with.value())
            .hypot(without.bound(without.value()))
            / 2.0;
        assert!(
            with.value() - without.value() > bound,
            "{with:?} against {without:?} is no more than chance ({bound:.3})"
        );
    }

    /// The least and the most chance that a friendly reminder of that hour makes a customer pay
    /// within the days: read once and no promise of it broken, less those who take longer; or read
    /// twice, since the second reminder comes three days after the first.
    fn response(&self, customer: &Customer, hour: i8) -> (f64, f64) {
        let share = |permille: u16| f64::from(permille.min(1_000)) / 1_000.0;
        let (behaviour, messages) = (&customer.behaviour, &Model::embedded().messages);
        let friendly = behaviour.moved_permille[1];
        let near = hour.abs_diff(behaviour.hour) <= 1;
        let moved = share(friendly + if near { messages.own_hour } else { 0 });
        let elsewhere = behaviour.channel != Channel::Email;
        let read = share(messages.read.email)
            * if elsewhere {
                share(messages.other_channel)
            } else {
                1.0
            };
        let broken = share(behaviour.answers_permille)
            * (1.0 - share(messages.needs_copy))
            * (1.0 - share(behaviour.keeps_permille));
        let once = read * moved;
        (
            once * (1.0 - broken) * SOON_ENOUGH,
            1.0 - (1.0 - once).powi(2),
        )
    }

    fn each_group_reads_at_its_hour(&self) {
        let mut hours: BTreeMap<i8, BTreeMap<i8, u32>> = BTreeMap::new();
        for line in &self.contacts {
            if let Some(read) = instant(&line["read_at"]) {
                let customer = self.of(line);
                let zone = domain::calendar::zone(customer.zone).expect("a zone");
                let group = hours.entry(customer.behaviour.hour).or_default();
                *group.entry(read.to_zoned(zone).hour()).or_default() += 1;
            }
        }
        let mut told = 0;
        for (favourite, hours) in &hours {
            let of: u32 = hours.values().sum();
            if of < CASES_MIN {
                continue;
            }
            let most = hours
                .iter()
                .max_by_key(|(_, count)| **count)
                .expect("some")
                .0;
            assert_eq!(most, favourite, "{hours:?}");
            told += 1;
        }
        assert!(told >= 3, "only {told} groups read enough: {hours:?}");
    }

    fn promises_are_kept_as_often_as_planted(&self) {
        let (mut kept, mut expected) = (Share::default(), 0.0);
        for line in &self.promises {
            if day(&line["due_on"]).is_some_and(|due| due < UNTIL) {
                kept.add(line["state"] == "kept");
                expected += f64::from(self.of(line).behaviour.keeps_permille) / 1_000.0;
            }
        }
        kept.is_about(expected / f64::from(kept.of), "promises kept");
    }

    fn the_addresses_that_do_not_exist_bounce(&self) {
        let bouncing = |line: &Value| {
            let mut points = line["contact_points"].as_array().into_iter().flatten();
            points.any(|point| point["health"] == "bouncing")
        };
        let bounced: HashMap<&str, bool> = self
            .customers
            .iter()
            .map(|line| (line["customer"].as_str().expect("a key"), bouncing(line)))
            .collect();
        let mut tried: BTreeMap<&str, bool> = BTreeMap::new();
        for line in self
            .contacts
            .iter()
            .filter(|line| !line["sent_at"].is_null())
        {
            let failed = line["state"] == "failed";
            *tried
                .entry(line["customer"].as_str().expect("a key"))
                .or_default() |= failed;
        }
        let mut shares = Share::default();
        for (customer, failed) in tried {
            let planted = self.truth[customer].behaviour.address == Address::Bounces;
            assert_eq!(failed, planted, "{customer}");
            assert_eq!(bounced[customer], planted, "{customer}");
            shares.add(failed);
        }
        assert!(shares.of >= CASES_MIN, "{shares:?}");
        let answers = self.threads.iter().filter(|line| line["direction"] == "in");
        assert!(answers.count() >= 10, "so few wrote that nothing is shown");
    }
}

fn day(value: &Value) -> Option<Date> {
    Some(value.as_str()?.parse().expect("a day"))
}

fn instant(value: &Value) -> Option<Timestamp> {
    Some(value.as_str()?.parse().expect("an instant"))
}
