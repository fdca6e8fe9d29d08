//! What is planted can be counted: shares, rates, ids, books, and the same bytes from a seed.

use std::collections::{BTreeMap, BTreeSet};

use domain::contact::Tone;
use domain::customer::{BehaviourClass, Channel};
use domain::law::Packs;
use jiff::civil::{Date, Weekday, date};
use sha2::{Digest, Sha256};
use simulator::{Address, Company, Customer, Habit, Kind, Life, Model, Pays, Spec, Told};

const UNTIL: Date = date(2026, 10, 31);

fn company(kind: Kind, seed: u64, documents: u32) -> Company {
    Company::new(Spec {
        kind,
        seed,
        documents,
        until: UNTIL,
        model: Model::embedded(),
    })
}

/// Fails when a count lies more than five standard deviations from a share of so many, which
/// chance does once in millions.
fn assert_share(what: &str, count: usize, of: usize, permille: u16) {
    let (count, of, rate) = (count as f64, of as f64, f64::from(permille) / 1000.0);
    let deviation = (of * rate * (1.0 - rate)).sqrt();
    assert!(
        (count - of * rate).abs() <= 5.0 * deviation + 1.0,
        "{what}: {count} of {of} where {permille} per mille are planted"
    );
}

/// Everything a life gives: the books before it, and a month with a message a day to each customer.
fn digest(company: &Company) -> String {
    let from = date(2026, 10, 1);
    let mut life = Life::begin(company, from);
    let mut bytes = Vec::new();
    life.write_customers(&mut bytes).expect("memory");
    life.write_documents(&mut bytes).expect("memory");
    life.write_payments(&mut bytes).expect("memory");
    let zone = domain::calendar::zone(company.profile().zone).expect("a zone");
    let customers: Vec<Customer> = company.customers().collect();
    let mut numbers: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for customer in &customers {
        for it in company.documents(customer) {
            let named = numbers.entry(it.customer).or_default();
            named.push((it.number, it.amount));
        }
    }
    let mut day = from;
    while day <= UNTIL {
        life.write_invoices(day, &mut bytes).expect("memory");
        let at = day
            .at(9, 30, 0, 0)
            .to_zoned(zone.clone())
            .expect("an instant");
        let whose = usize::try_from(day.day()).expect("a day");
        for customer in customers.iter().skip(whose).step_by(31) {
            let address = customer.email.clone().or(customer.whatsapp.clone());
            let told = Told {
                customer: &customer.key,
                at: at.timestamp(),
                contact: "x",
                step: "recordatorio-1",
                tone: Tone::Clear,
                channel: if customer.email.is_some() {
                    Channel::Email
                } else {
                    Channel::Whatsapp
                },
                address: &address.expect("one of the two"),
                documents: numbers.get(&customer.key).map_or(&[], Vec::as_slice),
            };
            life.hear(&told).expect("a customer");
        }
        for happening in life.day(day) {
            bytes.extend(format!("{happening:?}\n").bytes());
        }
        day = day.tomorrow().expect("a day");
    }
    let mut digest = Sha256::new();
    digest.update(&bytes);
    let digest: Vec<String> = digest
        .finalize()
        .iter()
        .map(|it| format!("{it:02x}"))
        .collect();
    digest.concat()
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_every_machine() {
    let digests = Kind::ALL.map(|kind| {
        let digest = digest(&company(kind, 42, 1200));
        assert_eq!(
            digest,
            self::digest(&company(kind, 42, 1200)),
            "{kind:?} again"
        );
        assert_ne!(
            digest,
            self::digest(&company(kind, 43, 1200)),
            "{kind:?} of another seed"
        );
        format!("{} {}", kind.code(), &digest[..32])
    });
    // An intended change of the model, the names or the words moves them.
    let pinned = [
        "distribuidor 4ed56c3b112c95df6ae1f841157c5505",
        "servicios 6226164010767e0c612d92f185a29861",
        "credito 14cf6a3374bd8a3481ce424ba43d8353",
    ];
    assert_eq!(digests, pinned);
}

#[test]
fn shares_are_the_planted_ones() {
    for kind in Kind::ALL {
        let company = company(kind, 11, 1_000_000);
        let customers: Vec<Customer> = company.customers().take(20_000).collect();
        let all = customers.len();
        assert_eq!(all, 20_000);
        let model = Model::embedded();
        let (of_kind, truth) = (model.of(kind), company.truth());
        let count = |wanted: &dyn Fn(&Customer) -> bool| {
            customers.iter().filter(|customer| wanted(customer)).count()
        };
        for class in &truth.classes {
            let found = count(&|it| it.behaviour.pays.class() == class.class);
            assert_share(class.class.code(), found, all, class.share);
            assert_eq!(class.share, of_kind.shares.of(class.class));
        }
        for (hour, share) in &truth.hours {
            let found = count(&|it| it.behaviour.hour == *hour);
            assert_share(&format!("{hour} o'clock"), found, all, *share);
        }
        let habits = [
            (Habit::AnyDay, of_kind.habits.any_day),
            (Habit::Fridays, of_kind.habits.fridays),
            (Habit::Fortnights, of_kind.habits.fortnights),
        ];
        for (habit, share) in habits {
            assert_share(
                "habit",
                count(&|it| it.behaviour.habit == habit),
                all,
                share,
            );
        }
        let email = count(&|it| it.behaviour.channel == Channel::Email);
        assert_share("e-mail", email, all, truth.email);
        let bounces = count(&|it| it.behaviour.address == Address::Bounces);
        assert_share("bad addresses", bounces, all, truth.bad_address);
        let strangers = count(&|it| it.behaviour.address == Address::WrongPerson);
        assert_share("strangers", strangers, all, truth.wrong_person);
        assert_share(
            "direct debit",
            count(&|it| it.direct_debit),
            all,
            truth.direct_debit,
        );
        assert_share(
            "persons",
            count(&|it| it.class.is_person()),
            all,
            of_kind.persons,
        );
        let formal = count(&|it| it.behaviour.voice.formal);
        assert_share("usted", formal, all, of_kind.formal);
    }
}

#[test]
fn every_customer_has_names_ids_and_addresses_of_its_own() {
    for kind in Kind::ALL {
        let company = company(kind, 3, 400_000);
        let (mut ids, mut addresses, mut keys) = (BTreeSet::new(), BTreeSet::new(), 0);
        for customer in company.customers().take(20_000) {
            keys += 1;
            assert!(
                simulator::is_valid_tax_id(customer.country, &customer.tax_id),
                "{customer:?}"
            );
            assert!(ids.insert(customer.tax_id.clone()), "{}", customer.tax_id);
            assert!(
                addresses.insert(customer.phone.clone()),
                "{}",
                customer.phone
            );
            let digits = customer.phone.len() - 1;
            let expected = if customer.country.code() == "CL" {
                11
            } else {
                12
            };
            assert_eq!(digits, expected, "{}", customer.phone);
            assert!(domain::calendar::zone(customer.zone).is_some());
            if let Some(email) = &customer.email {
                assert!(email.ends_with(".example") && email.is_ascii(), "{email}");
                assert!(addresses.insert(email.clone()), "{email}");
            }
            let reached = match customer.behaviour.channel {
                Channel::Email => customer.email.is_some(),
                _ => customer.whatsapp.is_some(),
            };
            assert!(reached, "{customer:?}");
            assert_eq!(company.customer_of(&customer.key), Some(customer));
        }
        assert_eq!(keys, 20_000.min(company.count()));
    }
}

#[test]
fn documents_are_issued_on_their_terms_within_the_months() {
    for kind in Kind::ALL {
        let company = company(kind, 8, 30_000);
        let mut total = 0;
        let mut numbers = BTreeSet::new();
        for customer in company.customers() {
            let documents = company.documents(&customer);
            assert!(!documents.is_empty(), "{}", customer.key);
            assert!(documents.is_sorted_by_key(|it| it.issued));
            for it in documents {
                total += 1;
                assert!(it.amount.is_positive());
                assert!((date(2024, 11, 1)..=UNTIL).contains(&it.issued), "{it:?}");
                assert!(
                    customer.since <= it.issued && it.issued <= customer.last,
                    "{it:?}"
                );
                let days = domain::calendar::days_late(it.issued, it.due);
                match kind {
                    Kind::Lender => assert!((1..=46).contains(&days), "{it:?}"),
                    _ => assert_eq!(days, i64::from(customer.terms_days)),
                }
                assert!(numbers.insert(it.number));
            }
        }
        // The number of customers follows from a sample of them.
        assert!((24_000..36_000).contains(&total), "{kind:?}: {total}");
    }
}

/// Cells of a list of the books without its heading.
fn cells(csv: &[u8]) -> Vec<Vec<String>> {
    let text = std::str::from_utf8(csv).expect("UTF-8");
    let lines = text.lines().skip(1);
    lines
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

#[test]
fn the_books_pay_what_was_issued_and_never_more() {
    for kind in Kind::ALL {
        let company = company(kind, 21, 6000);
        let life = Life::begin(&company, date(2026, 8, 1));
        let (mut documents, mut payments) = (Vec::new(), Vec::new());
        let rows = life.write_documents(&mut documents).expect("memory");
        let paid_rows = life.write_payments(&mut payments).expect("memory");
        let (documents, payments) = (cells(&documents), cells(&payments));
        assert_eq!(
            (documents.len(), payments.len()),
            (count(rows), count(paid_rows))
        );
        let mut open: BTreeMap<String, (i64, Date)> = BTreeMap::new();
        for row in &documents {
            let issued = row[2].parse().expect("a date");
            assert!(issued < date(2026, 8, 1));
            open.insert(row[0].clone(), (minor(&row[5]), issued));
        }
        for row in &payments {
            let (open, issued) = open.get_mut(&row[2]).expect("an issued document");
            let on: Date = row[3].parse().expect("a date");
            assert!(*issued < on && on < date(2026, 8, 1), "{row:?}");
            let rests = matches!(on.weekday(), Weekday::Saturday | Weekday::Sunday)
                || Packs::embedded().is_holiday(company.profile().country, None, on);
            assert!(!rests, "{row:?}");
            *open -= minor(&row[5]);
            assert!(*open >= 0, "{row:?}");
        }
    }
}

fn count(rows: u64) -> usize {
    usize::try_from(rows).expect("a number of rows")
}

fn minor(amount: &str) -> i64 {
    amount.replace('.', "").parse().expect("an amount")
}

#[test]
fn the_late_are_late_as_often_as_planted() {
    for kind in Kind::ALL {
        let company = company(kind, 5, 40_000);
        let life = Life::begin(&company, UNTIL);
        let mut payments = Vec::new();
        life.write_payments(&mut payments).expect("memory");
        let mut settled: BTreeMap<String, Date> = BTreeMap::new();
        for row in cells(&payments) {
            let on: Date = row[3].parse().expect("a date");
            let last = settled.entry(row[2].clone()).or_insert(on);
            *last = on.max(*last);
        }
        let truth = company.truth();
        let mut late: BTreeMap<BehaviourClass, (usize, usize)> = BTreeMap::new();
        for customer in company.customers().filter(|it| !it.direct_debit) {
            for it in company.documents(&customer) {
                // So old that every plan but the insolvent's has come to its end.
                let failed = match customer.behaviour.pays {
                    Pays::Insolvent { since, .. } => it.due >= since,
                    _ => true,
                };
                if it.due < date(2026, 1, 1) && failed {
                    let class = customer.behaviour.pays.class();
                    let (late, all) = late.entry(class).or_default();
                    *late += usize::from(settled.get(&it.number).is_none_or(|on| *on > it.due));
                    *all += 1;
                }
            }
        }
        for class in truth.classes {
            let (late, all) = late[&class.class];
            assert_share(class.class.code(), late, all, class.late);
        }
    }
}

#[test]
fn a_million_documents_stream_without_being_held() {
    // What is held is one customer and its documents; the company itself is a calendar.
    let company = company(Kind::Distributor, 1, 1_000_000);
    let (mut documents, mut minor, mut most) = (0, 0_i128, 0);
    for customer in company.customers() {
        let own = company.documents(&customer);
        most = most.max(own.len());
        documents += own.len();
        minor += own
            .iter()
            .map(|it| i128::from(it.amount.minor))
            .sum::<i128>();
    }
    assert!((900_000..1_100_000).contains(&documents), "{documents}");
    assert!(most < 200, "{most}");
    assert_eq!((documents, minor), (980_751, 8_147_531_487_697));
}
