//! A life gives back what was planted: who is moved by a message, at which hour it is read, which
//! promises are kept; and its money is never more than what is open.

mod world;

use std::collections::{BTreeMap, BTreeSet};

use domain::Money;
use domain::contact::Tone;
use domain::customer::{BehaviourClass, Channel};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use simulator::{Address, Company, Kind, Life, Meaning, Model, Told, Unheard, What};
use world::{FROM, UNTIL, World, assert_near, company, days};

fn rate(permille: u16) -> f64 {
    f64::from(permille) / 1000.0
}

/// The share of messages on the favourite channel that a customer reads.
fn share_read(company: &Company, channel: Channel) -> f64 {
    let messages = &company.spec().model.messages;
    match channel {
        Channel::Email => {
            let lost = rate(messages.soft_bounce) + rate(messages.out_of_office);
            rate(messages.read.email) * (1.0 - lost)
        }
        _ => rate(messages.read.whatsapp),
    }
}

#[test]
fn a_reminder_moves_payments_as_often_as_planted() {
    // Within so many days whoever is moved has paid: the slowest reads on the next business day.
    const WITHIN: i64 = 16;
    // All are late, long enough for the difference to show, read, and keep what they promise.
    let mut model = Model::embedded();
    (model.messages.keeps.forgetful, model.messages.keeps.slow) = (1000, 1000);
    (model.messages.read.email, model.messages.read.whatsapp) = (1000, 1000);
    for of_kind in [&mut model.distributor, &mut model.services] {
        let shares = &mut of_kind.shares;
        (shares.forgetful, shares.slow) = (500, 500);
        (shares.punctual, shares.disputing, shares.insolvent) = (0, 0, 0);
        of_kind.forgetful_late_quantiles = vec![30, 120];
        of_kind.slow_late_quantiles = vec![30, 120];
    }
    let (mut every, mut every_sooner) = (0, 0);
    let mut every_expected = 0.0;
    for kind in [Kind::Distributor, Kind::Services] {
        let company = company(kind, 24_000, model.clone());
        let mut with = World::of(&company);
        let mut without = with.clone();
        let told = with.remind(FROM, 13, Tone::Final);
        for day in days(FROM, FROM.saturating_add(40.days())) {
            with.pass(day);
            without.pass(day);
        }
        let messages = &company.spec().model.messages;
        for class in [BehaviourClass::Forgetful, BehaviourClass::Slow] {
            let (mut all, mut sooner) = (0, 0);
            let mut expected = 0.0;
            for documents in told.values() {
                let oldest = &documents[0].0;
                let customer = &with.customers[&without.customer_of(&company, oldest)];
                let behaviour = &customer.behaviour;
                let end = FROM.saturating_add(WITHIN.days());
                let would_pay = without.paid.get(oldest).is_some_and(|on| *on <= end);
                let skip = behaviour.pays.class() != class
                    || behaviour.address != Address::Good
                    || would_pay;
                if skip {
                    continue;
                }
                all += 1;
                let on = with.paid.get(oldest);
                sooner += usize::from(on.is_some_and(|on| *on <= end));
                let local = FROM
                    .at(13, 0, 0, 0)
                    .to_zoned(with.zone.clone())
                    .expect("an instant");
                let zone = domain::calendar::zone(customer.zone).expect("a zone");
                let hour = local.with_time_zone(zone).hour();
                let near = if hour.abs_diff(behaviour.hour) <= 1 {
                    messages.own_hour
                } else {
                    0
                };
                let moved = share_read(&company, behaviour.channel)
                    * rate(1000 - messages.opt_out)
                    * rate(behaviour.moved_permille[4] + near);
                expected += moved;
            }
            let what = format!("{kind:?} {class:?} moved");
            assert_near(&what, sooner, all, expected);
            every += all;
            every_sooner += sooner;
            every_expected += expected;
        }
    }
    assert!(every > 900, "{every}");
    assert_near("moved", every_sooner, every, every_expected);
}

#[test]
fn favourite_hours_are_recovered_from_what_is_read() {
    let (mut hits_all, mut read_all, mut expected_all) = (0, 0, 0.0);
    for kind in Kind::ALL {
        let company = company(kind, 12_000, Model::embedded());
        let mut world = World::of(&company);
        let mut read: BTreeMap<i8, (usize, usize)> = BTreeMap::new();
        // What good addresses got in time to be read, how often it was, and how often it should.
        let mut told: BTreeSet<String> = BTreeSet::new();
        let (mut read_told, mut expected_told) = (0, 0.0);
        for day in days(FROM, UNTIL) {
            if day.day() % 5 == 0 && day < date(2026, 10, 22) {
                for contact in world.remind(day, 10, Tone::Clear).into_keys() {
                    let key = contact.split('/').next().expect("a key");
                    let behaviour = &world.customers[key].behaviour;
                    if behaviour.address == Address::Good {
                        expected_told += share_read(&company, behaviour.channel);
                        told.insert(contact);
                    }
                }
            }
            for it in world.pass(day) {
                if matches!(it.what, What::Read { .. }) {
                    let contact = it.contact.as_deref().expect("asked");
                    read_told += usize::from(told.contains(contact));
                    let customer = &world.customers[&it.customer];
                    let zone = domain::calendar::zone(customer.zone).expect("a zone");
                    let hour = it.at.to_zoned(zone).hour();
                    let (hits, all) = read.entry(customer.behaviour.hour).or_default();
                    *hits += usize::from(hour == customer.behaviour.hour);
                    *all += 1;
                }
            }
        }
        let what = format!("{kind:?} reads");
        assert_near(&what, read_told, told.len(), expected_told);
        // The rest is spread over the thirteen hours from 8 to 20.
        let favourite = f64::from(company.truth().at_favourite_hour) / 1000.0;
        let share = favourite + (1.0 - favourite) / 13.0;
        for (hour, (hits, all)) in read {
            assert!(all > 100, "{kind:?} {hour}: {all}");
            hits_all += hits;
            read_all += all;
            let expected = share * all as f64;
            expected_all += expected;
            assert_near(&format!("{kind:?} at {hour}"), hits, all, expected);
        }
    }
    assert_near("at the favourite hour", hits_all, read_all, expected_all);
}

#[test]
fn promises_are_kept_as_often_as_planted() {
    // Everyone who can be moved is, and says so.
    let mut model = Model::embedded();
    model.messages.read.email = 1000;
    model.messages.read.whatsapp = 1000;
    model.messages.needs_copy = 0;
    model.messages.moved_forgetful = vec![1000; 5];
    model.messages.moved_slow = vec![1000; 5];
    model.messages.answers.forgetful = 1000;
    model.messages.answers.slow = 1000;
    for kind in [Kind::Distributor, Kind::Services] {
        let company = company(kind, 12_000, model.clone());
        let mut world = World::of(&company);
        // Per contact: class, date, amount still awaited, and the documents named.
        let mut promises: Vec<(BehaviourClass, Date, i64, Vec<String>)> = Vec::new();
        let mut told = BTreeMap::new();
        for day in days(FROM, UNTIL) {
            // Far enough apart that no message finds an earlier promise waiting.
            if day == FROM || day == FROM.saturating_add(45.days()) {
                told.extend(world.remind(day, 10, Tone::Clear));
            }
            for it in world.pass(day) {
                match it.what {
                    What::Wrote {
                        meaning: Meaning::Promise { date, amount, .. },
                        text,
                        ..
                    } => {
                        let class = world.customers[&it.customer].behaviour.pays.class();
                        let named: &Vec<(String, Money)> = &told[&it.contact.expect("asked")];
                        let numbers = named.iter().map(|it| it.0.clone()).collect();
                        assert!(date >= day && amount.is_positive(), "{text}");
                        promises.push((class, date, amount.minor, numbers));
                    }
                    What::Paid(payment) => {
                        for (_, date, awaited, numbers) in &mut promises {
                            let own = payment
                                .documents
                                .iter()
                                .filter(|it| numbers.contains(&it.0));
                            if day <= *date {
                                *awaited -= own.map(|it| it.1.minor).sum::<i64>();
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        for class in company.truth().classes {
            let own = promises
                .iter()
                .filter(|it| it.0 == class.class && it.1 <= UNTIL);
            let (kept, broken): (Vec<_>, Vec<_>) = own.partition(|it| it.2 <= 0);
            let all = kept.len() + broken.len();
            let expected = f64::from(class.keeps) / 1000.0 * all as f64;
            assert_near(class.class.code(), kept.len(), all, expected);
            if [BehaviourClass::Forgetful, BehaviourClass::Slow].contains(&class.class) {
                assert!(all > 80, "{kind:?}: {all}");
            }
        }
    }
}

#[test]
fn a_life_in_pieces_is_the_same_life() {
    let company = company(Kind::Lender, 3000, Model::embedded());
    let mut whole = World::of(&company);
    let mut pieces = World::of(&company);
    for day in days(FROM, date(2026, 9, 15)) {
        if day.day() % 4 == 0 {
            whole.remind(day, 9, Tone::Firm);
            pieces.remind(day, 9, Tone::Firm);
        }
        let mut found = Vec::new();
        for hour in [9, 11, 13, 14, 20] {
            let at = day
                .at(hour, 7, 0, 0)
                .to_zoned(pieces.zone.clone())
                .expect("an instant");
            found.extend(pieces.life.until(at.timestamp()));
        }
        found.extend(pieces.life.day(day));
        let expected = whole.pass(day);
        assert_eq!(found, expected, "{day}");
        pieces.open = whole.open.clone();
    }
}

#[test]
fn a_dispute_holds_until_it_is_settled() {
    let mut model = Model::embedded();
    model.services.disputed = 1000;
    model.messages.contests_unasked = 1000;
    // Nobody gives in by itself within this life.
    model.services.contest_quantiles = vec![300, 400];
    model.messages.keeps.disputing = 1000;
    let company = company(Kind::Services, 4000, model);
    let mut world = World::of(&company);
    let known = world.life.disputed();
    assert!(!known.is_empty(), "some began before this life");
    let mut settled: BTreeMap<String, Date> = BTreeMap::new();
    let mut said = 0;
    let mut waiting = Vec::new();
    for day in days(FROM, UNTIL) {
        // No message moves what is contested.
        if day.day() % 10 == 3 {
            world.remind(day, 10, Tone::Firm);
        }
        for it in world.pass(day) {
            if let What::Wrote {
                meaning: Meaning::Dispute { number, amount, .. },
                text,
                ..
            } = it.what
            {
                said += 1;
                assert!(amount.minor <= world.open[&number].open.minor, "{text}");
                assert!(
                    text.to_lowercase().contains(&number.to_lowercase()),
                    "{text}"
                );
                if said % 2 == 0 {
                    let in_a_week = day.saturating_add(7.days());
                    world.life.resolve(&number, in_a_week).expect("open");
                    settled.insert(number, in_a_week);
                } else {
                    waiting.push(number);
                }
            }
        }
    }
    assert!(said > 40 && settled.len() > 20, "{said}");
    for (number, on) in &settled {
        let end = on.saturating_add(12.days());
        assert!(
            end > UNTIL || !world.open.contains_key(number),
            "{number} settled on {on}"
        );
    }
    let still: BTreeMap<String, Date> = world.life.disputed().into_iter().collect();
    for (number, since) in &still {
        assert!(
            world.open.contains_key(number) && *since <= UNTIL,
            "{number}"
        );
        assert!(!settled.contains_key(number));
    }
    assert!(waiting.iter().all(|number| still.contains_key(number)));
}

#[test]
fn addresses_that_do_not_exist_bounce_every_time_and_say_nothing() {
    let mut model = Model::embedded();
    (model.messages.bad_address, model.messages.wrong_person) = (500, 500);
    model.services.channels.email = 1000;
    model.services.channels.whatsapp = 0;
    let company = company(Kind::Services, 3000, model);
    let mut world = World::of(&company);
    let told = world.remind(FROM, 10, Tone::Friendly);
    let (mut bounced, mut strangers) = (0, 0);
    for day in days(FROM, FROM.saturating_add(5.days())) {
        for it in world.pass(day) {
            let address = world.customers[&it.customer].behaviour.address;
            match it.what {
                What::Bounced {
                    hard: true,
                    address: refused,
                } => {
                    bounced += 1;
                    assert_eq!(address, Address::Bounces);
                    assert_eq!(world.customers[&it.customer].email, Some(refused));
                }
                What::Wrote {
                    meaning: Meaning::WrongPerson,
                    ..
                } => {
                    strangers += 1;
                    assert_eq!(address, Address::WrongPerson);
                }
                What::Wrote { meaning, .. } => assert!(it.contact.is_none(), "{meaning:?}"),
                What::Read { .. } | What::Delivered { .. } => {
                    assert_eq!(address, Address::WrongPerson);
                }
                What::Bounced { .. } | What::Paid(_) => {}
            }
        }
    }
    let bad = told
        .keys()
        .map(|contact| &contact[..contact.find('/').expect("a slash")]);
    let bad = bad.filter(|key| world.customers[*key].behaviour.address == Address::Bounces);
    assert_eq!(bounced, bad.count());
    assert!(bounced > 10 && strangers > 3, "{bounced} {strangers}");
}

#[test]
fn whoever_paid_says_so() {
    let mut model = Model::embedded();
    model.messages.says_paid = 1000;
    model.messages.receipt = 0;
    let company = company(Kind::Distributor, 4000, model);
    let mut world = World::of(&company);
    let mut paid: BTreeMap<String, (String, Money)> = BTreeMap::new();
    for day in days(FROM, FROM.saturating_add(14.days())) {
        for it in world.pass(day) {
            if let What::Paid(payment) = it.what {
                paid.insert(it.customer, payment.documents[0].clone());
            }
        }
    }
    let day = FROM.saturating_add(15.days());
    let at = day
        .at(9, 0, 0, 0)
        .to_zoned(world.zone.clone())
        .expect("an instant");
    for (key, document) in &paid {
        let documents = [document.clone()];
        let told = Told {
            customer: key,
            at: at.timestamp(),
            contact: key,
            step: "aviso",
            tone: Tone::Clear,
            channel: Channel::Whatsapp,
            address: "+525500000000",
            documents: &documents,
        };
        world.life.hear(&told).expect("a customer");
    }
    let mut said = 0;
    for day in days(day, day.saturating_add(4.days())) {
        for it in world.life.day(day) {
            if let What::Wrote {
                meaning: Meaning::AlreadyPaid { reference, .. },
                text,
                ..
            } = it.what
            {
                said += 1;
                assert!(
                    text.contains(&reference) || text.contains("pag") || text.contains("cancel")
                );
            }
        }
    }
    assert!(said * 2 > paid.len(), "{said} of {}", paid.len());
}

#[test]
fn what_nobody_can_have_sent_is_refused() {
    let company = company(Kind::Distributor, 300, Model::embedded());
    let mut life = Life::begin(&company, FROM);
    let told = Told {
        customer: "C-99999",
        at: Timestamp::UNIX_EPOCH,
        contact: "",
        step: "",
        tone: Tone::Warm,
        channel: Channel::Email,
        address: "",
        documents: &[],
    };
    assert_eq!(
        life.hear(&told),
        Err(Unheard::Customer("C-99999".to_owned()))
    );
    assert_eq!(
        life.resolve("A99999-01", FROM),
        Err(Unheard::Document("A99999-01".to_owned()))
    );
    assert!(company.customer_of("C-99999").is_none());
}
