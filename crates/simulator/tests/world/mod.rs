//! A life beside the books that a company would keep of it, which checks what comes in.

use std::collections::{BTreeMap, BTreeSet};

use domain::Money;
use domain::contact::Tone;
use domain::customer::Channel;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use simulator::{Company, Customer, Happening, Kind, Life, Model, Spec, Told, What};

pub const FROM: Date = date(2026, 8, 3);
pub const UNTIL: Date = date(2026, 10, 31);

pub fn company(kind: Kind, documents: u32, model: Model) -> Company {
    Company::new(Spec {
        kind,
        seed: 77,
        documents,
        until: UNTIL,
        model,
    })
}

/// A document as the company's books have it.
#[derive(Clone, Debug)]
pub struct Open {
    pub customer: String,
    pub due: Date,
    pub open: Money,
}

/// A life beside the books that a company would keep of it.
#[derive(Clone)]
pub struct World<'c> {
    pub life: Life<'c>,
    pub zone: TimeZone,
    pub open: BTreeMap<String, Open>,
    /// First day on which each document got money in this life.
    pub paid: BTreeMap<String, Date>,
    pub references: BTreeSet<String>,
    pub customers: BTreeMap<String, Customer>,
    pub last: Timestamp,
    pub contacts: u32,
}

impl<'c> World<'c> {
    pub fn of(company: &'c Company) -> Self {
        let life = Life::begin(company, FROM);
        let mut open = BTreeMap::new();
        let (mut documents, mut payments) = (Vec::new(), Vec::new());
        life.write_documents(&mut documents).expect("memory");
        life.write_payments(&mut payments).expect("memory");
        let currency = company.profile().currency;
        let rows = |csv: &[u8]| -> Vec<Vec<String>> {
            let text = String::from_utf8(csv.to_vec()).expect("UTF-8");
            let lines = text.lines().skip(1);
            lines
                .map(|line| line.split(',').map(str::to_owned).collect())
                .collect()
        };
        let minor = |text: &str| text.replace('.', "").parse::<i64>().expect("an amount");
        for row in rows(&documents) {
            let document = Open {
                customer: row[1].clone(),
                due: row[3].parse().expect("a date"),
                open: Money::new(minor(&row[5]), currency),
            };
            open.insert(row[0].clone(), document);
        }
        for row in rows(&payments) {
            open.get_mut(&row[2]).expect("a document").open.minor -= minor(&row[5]);
        }
        open.retain(|_, it| it.open.is_positive());
        Self {
            zone: domain::calendar::zone(company.profile().zone).expect("a zone"),
            open,
            paid: BTreeMap::new(),
            references: BTreeSet::new(),
            customers: company.customers().map(|it| (it.key.clone(), it)).collect(),
            last: Timestamp::MIN,
            contacts: 0,
            life,
        }
    }

    /// Tells each customer with overdue documents about them, on its favourite channel; gives what
    /// was named by contact.
    pub fn remind(
        &mut self,
        day: Date,
        hour: i8,
        tone: Tone,
    ) -> BTreeMap<String, Vec<(String, Money)>> {
        let at = day
            .at(hour, 0, 0, 0)
            .to_zoned(self.zone.clone())
            .expect("an instant");
        let mut named: BTreeMap<String, Vec<(String, Money)>> = BTreeMap::new();
        for (number, it) in &self.open {
            if it.due < day {
                let documents = named.entry(it.customer.clone()).or_default();
                documents.push((number.clone(), it.open));
            }
        }
        let mut told = BTreeMap::new();
        for (key, documents) in named {
            let customer = &self.customers[&key];
            let channel = customer.behaviour.channel;
            let address = match channel {
                Channel::Email => customer.email.as_deref(),
                _ => customer.whatsapp.as_deref(),
            };
            self.contacts += 1;
            let contact = format!("{key}/{}", self.contacts);
            self.life
                .hear(&Told {
                    customer: &key,
                    at: at.timestamp(),
                    contact: &contact,
                    step: "recordatorio-1",
                    tone,
                    channel,
                    address: address.expect("the favourite address"),
                    documents: &documents,
                })
                .expect("a customer");
            told.insert(contact, documents);
        }
        told
    }

    /// Issues what is issued and lets the day pass, checking all that comes in.
    pub fn pass(&mut self, day: Date) -> Vec<Happening> {
        for it in self.life.invoices(day) {
            assert_eq!(it.issued, day);
            let document = Open {
                customer: it.customer,
                due: it.due,
                open: it.amount,
            };
            assert!(self.open.insert(it.number, document).is_none());
        }
        let happenings = self.life.day(day);
        for it in &happenings {
            assert!(self.last <= it.at, "in order: {it:?}");
            self.last = it.at;
            assert_eq!(it.at.to_zoned(self.zone.clone()).date(), day, "{it:?}");
            if let What::Paid(payment) = &it.what {
                assert_eq!(payment.on, day);
                assert!(
                    self.references.insert(payment.reference.clone()),
                    "{payment:?}"
                );
                let parts: i64 = payment.documents.iter().map(|part| part.1.minor).sum();
                assert_eq!(payment.amount.minor, parts, "{payment:?}");
                for (number, part) in &payment.documents {
                    let document = self.open.get_mut(number).expect("issued and open");
                    assert_eq!(document.customer, it.customer);
                    document.open = document.open.checked_sub(*part).expect("one currency");
                    assert!(
                        part.is_positive() && document.open.minor >= 0,
                        "{payment:?}"
                    );
                    self.paid.entry(number.clone()).or_insert(day);
                    if document.open.minor == 0 {
                        self.open.remove(number);
                    }
                }
            }
        }
        happenings
    }
}

pub fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    from.series(1.day()).take_while(move |day| *day <= to)
}

/// Fails when a count lies more than five standard deviations from what is expected of so many.
pub fn assert_near(what: &str, count: usize, of: usize, expected: f64) {
    let (count, of) = (count as f64, of as f64);
    let spread = 5.0 * (expected * (1.0 - (expected / of).min(1.0))).sqrt() + 1.0;
    assert!(
        (count - expected).abs() <= spread,
        "{what}: {count} of {of}, where {expected:.1} are expected"
    );
}

impl World<'_> {
    pub fn customer_of(&self, company: &Company, number: &str) -> String {
        let number: String = number.chars().skip_while(|it| it.is_alphabetic()).collect();
        let place = number.split('-').next().expect("a customer").to_owned();
        let key = format!("C-{place}");
        assert!(company.customer_of(&key).is_some());
        key
    }
}
