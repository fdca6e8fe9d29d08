//! One walk over everything that was done: each contact is held against every statute, with what
//! was done before it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::book::{Book, Made};
use super::calendar;
use super::statutes::{AtMost, Binds, FAMILIES, OWNERS, STATUTES, Statute};
use super::truth::{Person, Truth, persons};

/// Something that should not have happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    missing_docs,
    reason = "each says what it is by its name, or in the line above it"
)]
pub struct Fault {
    /// The contact.
    pub contact: String,
    pub customer: String,
    pub country: String,
    /// `CL-LPC-37/window`.
    pub rule: String,
    pub is_law: bool,
    /// What was found.
    pub what: String,
}

/// What a walk found.
#[derive(Clone, Debug, Default)]
#[expect(
    missing_docs,
    reason = "each says what it is by its name, or in the line above it"
)]
pub struct Reading {
    pub faults: Vec<Fault>,
    /// How many contacts each rule was asked about, by country.
    pub asked: BTreeMap<(String, String), u64>,
    /// Contacts held against the statutes, by country and channel.
    pub contacts: BTreeMap<(String, String), u64>,
}

/// What is tried, or was.
#[derive(Clone, Copy, Debug)]
#[expect(
    missing_docs,
    reason = "each says what it is by its name, or in the line above it"
)]
pub struct Attempt<'a> {
    pub at: Timestamp,
    pub channel: &'a str,
    pub address: &'a str,
    pub kind: &'a str,
    /// Documents it speaks of; none where nobody says.
    pub documents: &'a [String],
    /// Where nobody says of which documents it speaks: whether it may be any of them, so that what
    /// forbids one forbids it; else only what forbids all does.
    pub speaks_of_any: bool,
}

/// Everything known, laid out by customer and person.
pub struct Court<'a> {
    truths: &'a [Truth],
    persons: Vec<Person>,
    places: HashMap<&'a str, usize>,
    /// What was done with each customer, in the order of time.
    done: Vec<Vec<&'a Made>>,
}

/// Holds every contact against every statute.
pub fn read(truths: &[Truth], book: &Book) -> Reading {
    let court = Court::new(truths, book);
    let mut reading = Reading::default();
    for made in book.made.iter().filter(|made| !made.incoming) {
        let Some(place) = court.places.get(made.customer.as_str()).copied() else {
            reading.fault(made, "??", "NOBODY", "there is no such customer");
            continue;
        };
        let truth = &truths[place];
        let key = (truth.country.clone(), made.channel.clone());
        *reading.contacts.entry(key).or_default() += 1;
        if !calendar::is_known(made.at.to_zoned(truth.zones[0].clone()).date()) {
            reading.fault(
                made,
                &truth.country,
                "CALENDAR",
                "no holidays are known then",
            );
        }
        court.misread(truth, made, &mut reading);
        if made.addresses.is_empty() {
            reading.fault(made, &truth.country, "ADDRESS", "it went nowhere");
        }
        if made.is_overridden {
            continue;
        }
        for address in &made.addresses {
            let attempt = Attempt {
                at: made.at,
                channel: &made.channel,
                address,
                kind: made.kind,
                documents: &made.documents,
                speaks_of_any: false,
            };
            court.hold(place, &attempt, Some(made), &mut reading);
        }
    }
    reading.faults.sort();
    reading.faults.dedup();
    reading
}

impl Reading {
    /// Adds what another walk found.
    pub fn add(&mut self, other: Self) {
        self.faults.extend(other.faults);
        for (key, count) in other.asked {
            *self.asked.entry(key).or_default() += count;
        }
        for (key, count) in other.contacts {
            *self.contacts.entry(key).or_default() += count;
        }
    }

    fn fault(&mut self, made: &Made, country: &str, rule: &str, what: impl Into<String>) {
        self.faults.push(Fault {
            contact: made.id.clone(),
            customer: made.customer.clone(),
            country: country.to_owned(),
            rule: rule.to_owned(),
            is_law: true,
            what: what.into(),
        });
    }
}

impl<'a> Court<'a> {
    /// Lays everything out.
    pub fn new(truths: &'a [Truth], book: &'a Book) -> Self {
        let places: HashMap<&str, usize> = truths
            .iter()
            .enumerate()
            .map(|(place, truth)| (truth.customer.as_str(), place))
            .collect();
        let mut done: Vec<Vec<&Made>> = vec![Vec::new(); truths.len()];
        for made in &book.made {
            if let Some(place) = places.get(made.customer.as_str()) {
                done[*place].push(made);
            }
        }
        Self {
            truths,
            persons: persons(truths),
            places,
            done,
        }
    }

    /// The rules that an attempt with a customer breaks, given everything before it.
    pub fn faults(&self, customer: &str, attempt: &Attempt<'_>) -> BTreeSet<(String, bool)> {
        let mut reading = Reading::default();
        self.hold(self.places[customer], attempt, None, &mut reading);
        let faults = reading.faults.into_iter();
        faults.map(|fault| (fault.rule, fault.is_law)).collect()
    }

    fn hold(
        &self,
        place: usize,
        attempt: &Attempt<'_>,
        made: Option<&Made>,
        reading: &mut Reading,
    ) {
        let truth = &self.truths[place];
        let before = self.before(place, attempt.at, made);
        let mut trial = Trial {
            truth,
            attempt,
            before: &before,
            role: None,
            source: None,
            clocks: clocks(truth, attempt.at),
            rules: Vec::new(),
        };
        match truth.point(attempt.channel, attempt.address) {
            Some(point) => {
                trial.role = Some(point.role.as_str());
                trial.source = Some(point.source.as_str());
            }
            None => trial
                .rules
                .push(("ADDRESS".to_owned(), true, String::new())),
        }
        let dead = truth.dead.iter();
        for (since, _) in dead.filter(|(_, address)| address == attempt.address) {
            if *since < attempt.at {
                trial
                    .rules
                    .push(("ADDRESS/dead".to_owned(), true, since.to_string()));
            }
        }
        let no = self.said_no(place, attempt);
        for statute in STATUTES {
            if statute.binds(truth, trial.today(), attempt) {
                trial.ask(statute, no);
                let key = (truth.country.clone(), statute.id.to_owned());
                *reading.asked.entry(key).or_default() += 1;
            }
        }
        let found = trial.rules.into_iter().map(|(rule, is_law, what)| Fault {
            contact: made.map(|made| made.id.clone()).unwrap_or_default(),
            customer: truth.customer.clone(),
            country: truth.country.clone(),
            rule,
            is_law,
            what: format!(
                "{} {} {} {what}",
                attempt.at, attempt.channel, attempt.address
            ),
        });
        reading.faults.extend(found);
    }

    /// What was done with the person before; of one instant, what stands before it in the book.
    fn before(&self, place: usize, at: Timestamp, made: Option<&Made>) -> Vec<&'a Made> {
        let members = self.persons[place].members.iter();
        let all = members.flat_map(|member| self.done[*member].iter().copied());
        all.filter(|it| match made {
            Some(made) => (it.at, &it.id) < (made.at, &made.id),
            None => it.at <= at,
        })
        .collect()
    }

    /// Whether somebody at the address, or the customer on the whole channel, last said no; `None`
    /// where nothing was said.
    fn said_no(&self, place: usize, attempt: &Attempt<'_>) -> Option<bool> {
        let members = self.persons[place].members.iter();
        let words = members.filter_map(|member| {
            let truth = &self.truths[*member];
            let is_own = *member == place;
            let word = truth.last_word(attempt.channel, attempt.address, attempt.at)?;
            let is_theirs = truth.point(attempt.channel, attempt.address).is_some();
            (is_own || is_theirs && !word.yes).then_some(word)
        });
        words
            .max_by_key(|word| (word.at, !word.yes))
            .map(|word| !word.yes)
    }

    /// What the program says it asked the law must be what is true.
    fn misread(&self, truth: &Truth, made: &Made, reading: &mut Reading) {
        let facts = &made.facts;
        for (key, wanted) in [
            ("country", Some(truth.country.as_str())),
            ("subdivision", truth.subdivision.as_deref()),
            ("debtor", Some(truth.debtor.as_str())),
            ("debt", Some(truth.debt.as_str())),
            ("creditor", Some(truth.creditor.as_str())),
            ("actor", Some(truth.actor.as_str())),
        ] {
            let told = facts[key].as_str();
            if told != wanted {
                let rule = format!("FACTS/{key}");
                let what = format!("{told:?} instead of {wanted:?}");
                reading.fault(made, &truth.country, &rule, what);
            }
        }
        let told = facts["final_consumer"].as_bool();
        if truth.final_consumer_of.is_empty() && told != Some(truth.final_consumer) {
            let what = format!("{told:?} instead of {}", truth.final_consumer);
            reading.fault(made, &truth.country, "FACTS/final_consumer", what);
        }
        let point = made
            .addresses
            .first()
            .and_then(|it| truth.point(&made.channel, it));
        let told = |key: &str| made.attempt[key].as_str().map(str::to_owned);
        if let (Some(point), Value::Object(_)) = (point, &made.attempt) {
            let read = [("role", &point.role), ("contact_source", &point.source)];
            for (key, wanted) in read {
                if told(key).as_ref() != Some(wanted) {
                    let what = format!("{:?} instead of {wanted}", told(key));
                    reading.fault(made, &truth.country, &format!("TRY/{key}"), what);
                }
            }
        } else if point.is_some() {
            reading.fault(
                made,
                &truth.country,
                "TRY",
                "it does not say what was asked",
            );
        }
    }
}

impl Statute {
    /// Whether it binds what is owed, if any of the documents spoken of is bound.
    fn binds(&self, truth: &Truth, today: Date, attempt: &Attempt<'_>) -> bool {
        let consumer = |number: &String| {
            let own = truth.final_consumer_of.get(number).copied();
            own.unwrap_or(truth.final_consumer)
        };
        let mut others = truth.final_consumer_of.values();
        let final_consumer = match (attempt.documents, attempt.speaks_of_any) {
            ([], true) => truth.final_consumer || others.any(|it| *it),
            ([], false) => truth.final_consumer && others.all(|it| *it),
            (some, _) => some.iter().any(consumer),
        };
        self.since <= today
            && self.country.is_none_or(|it| it == truth.country)
            && self
                .subdivision
                .is_none_or(|it| truth.subdivision.as_deref() == Some(it))
            && self.binds.covers(truth, final_consumer)
    }
}

impl Binds {
    fn covers(&self, truth: &Truth, final_consumer: bool) -> bool {
        let among = |list: &[&str], one: &str| list.is_empty() || list.contains(&one);
        let or = |list: &[&str], one: &str| list.contains(&one);
        among(self.debtors, &truth.debtor)
            && among(self.debts, &truth.debt)
            && among(self.creditors, &truth.creditor)
            && among(self.actors, &truth.actor)
            && (!self.final_consumer
                || final_consumer
                || or(self.or_debtors, &truth.debtor)
                || or(self.or_creditors, &truth.creditor))
    }
}

/// One attempt at one address.
struct Trial<'a> {
    truth: &'a Truth,
    attempt: &'a Attempt<'a>,
    before: &'a [&'a Made],
    role: Option<&'a str>,
    source: Option<&'a str>,
    /// The local time in each zone they may live in.
    clocks: Vec<DateTime>,
    rules: Vec<(String, bool, String)>,
}

impl Trial<'_> {
    fn today(&self) -> Date {
        self.clocks[0].date()
    }

    fn break_rule(&mut self, statute: &Statute, rule: &str, what: impl Into<String>) {
        let id = match rule.strip_prefix('/') {
            Some(_) => format!("{}{rule}", statute.id),
            None => rule.to_owned(),
        };
        self.rules.push((id, statute.is_law, what.into()));
    }

    fn ask(&mut self, statute: &Statute, no: Option<bool>) {
        self.ask_who(statute, no);
        if statute.free.contains(&self.attempt.kind) {
            return;
        }
        self.ask_hours(statute);
        for most in statute.at_most {
            self.ask_counts(statute, most);
        }
        if let Some(rule) = statute.one_channel {
            let own = family(self.attempt.channel);
            let counted = |it: &&&Made| !it.incoming && self.is_within(it, 7);
            let mut counted = self.before.iter().filter(counted);
            let other = counted.rfind(|it| family(&it.channel) != own);
            if let Some(other) = other {
                let what = format!("after {} at {}", other.channel, other.at);
                self.break_rule(statute, rule, what);
            }
        }
        if let Some(rule) = statute.silence_after_talk {
            let by_call = |channel: &str| ["call", "voicebot"].contains(&channel);
            let mut talk = self.before.iter().filter(|it| {
                by_call(&it.channel) && it.outcome == "conversation" && self.is_within(it, 7)
            });
            if by_call(self.attempt.channel)
                && let Some(talk) = talk.next_back()
            {
                let what = format!("they talked at {}", talk.at);
                self.break_rule(statute, rule, what);
            }
        }
    }

    fn ask_who(&mut self, statute: &Statute, no: Option<bool>) {
        let channel = self.attempt.channel;
        let by_contract = self.truth.contracts.iter().any(|it| it == channel);
        let yes = !no.unwrap_or(!by_contract);
        let lacks_yes = statute.asks_yes.contains(&channel) && !yes;
        if lacks_yes || statute.heeds_no.contains(&channel) && no == Some(true) {
            self.break_rule(statute, "/consent", "");
        }
        if let Some(role) = self.role {
            let is_company = ["company", "micro_small_company"].contains(&&*self.truth.debtor);
            let owes = OWNERS.contains(&role) || role == "ap_contact" && is_company;
            if statute.debtor_only && !owes {
                self.break_rule(statute, "/recipient", role);
            }
        }
        if let Some(source) = self.source {
            let own = ["creditor_record", "debtor_provided"].contains(&source);
            if statute.own_addresses && !own {
                self.break_rule(statute, "/contact_point", source);
            }
        }
        if statute.never.contains(&channel) {
            self.break_rule(statute, "/channel_ban", "");
        }
        let truth = self.truth;
        for (since, event) in &truth.events {
            let stops = statute.ends.contains(&event.as_str());
            let only_attorney = statute.attorney
                && event == "attorney_represented"
                && self.role != Some("attorney");
            if *since <= self.attempt.at && (stops || only_attorney) {
                self.break_rule(statute, "/stop", event.as_str());
            }
        }
    }

    fn ask_hours(&mut self, statute: &Statute) {
        let channel = self.attempt.channel;
        let mut hours = statute
            .open
            .iter()
            .filter(|it| it.channels.contains(&channel))
            .peekable();
        if hours.peek().is_some() {
            let hours: Vec<_> = hours.collect();
            let is_open = |clock: &DateTime| {
                let day = clock.weekday().to_monday_one_offset();
                hours.iter().any(|it| {
                    it.days.contains(&day)
                        && it.hours.0 <= clock.hour()
                        && clock.hour() < it.hours.1
                })
            };
            if let Some(closed) = self.clocks.iter().find(|clock| !is_open(clock)).copied() {
                self.break_rule(statute, "/window", closed.to_string());
            }
        }
        if statute.holidays.contains(&channel) {
            let holidays = calendar::holidays(&self.truth.country);
            let of = self.clocks.iter().map(|clock| clock.date());
            if let Some(day) = of.into_iter().find(|day| holidays.contains(day)) {
                self.break_rule(statute, "/holiday", day.to_string());
            }
        }
    }

    fn ask_counts(&mut self, statute: &Statute, most: &AtMost) {
        if !most.channels.contains(&self.attempt.channel) {
            return;
        }
        let counted = self.before.iter().filter(|it| {
            let reached = !(most.but_not_connected && it.outcome == "not_connected");
            !it.incoming && most.channels.contains(&it.channel.as_str()) && reached
        });
        let counted: Vec<&&Made> = counted.collect();
        let within = counted.iter().filter(|it| self.is_within(it, most.days));
        let within: Vec<Timestamp> = within.map(|it| it.at).collect();
        if within.len() >= most.times {
            self.break_rule(statute, most.id, format!("after {within:?}"));
        }
        let Some(hours) = most.hours_apart else {
            return;
        };
        let apart = SignedDuration::from_hours(hours);
        let close = counted
            .iter()
            .find(|it| self.attempt.at.duration_since(it.at) < apart);
        if let Some(close) = close {
            let what = format!("after {}", close.at);
            self.break_rule(statute, &format!("{}/gap", most.id), what);
        }
    }

    /// Whether it was on one of so many local dates, today's the last.
    fn is_within(&self, made: &Made, days: i64) -> bool {
        let day = made.at.to_zoned(self.truth.zones[0].clone()).date();
        let ago = day.duration_until(self.today()).as_hours() / 24;
        (0..days).contains(&ago)
    }
}

fn clocks(truth: &Truth, at: Timestamp) -> Vec<DateTime> {
    let zones = truth.zones.iter();
    zones.map(|zone| zone.to_datetime(at)).collect()
}

fn family(channel: &str) -> Option<usize> {
    FAMILIES.iter().position(|family| family.contains(&channel))
}
