//! One customer, made from (seed, index) alone: who it is, how to reach it, how it behaves.

use domain::contact::Tone;
use domain::customer::{BehaviourClass, Channel, Country, DebtorClass};
use jiff::civil::Date;

use crate::behaviour::{Address, Behaviour, Habit, Pays, Voice};
use crate::calendar::{Calendar, days_between, plus};
use crate::chance::{Chance, Purpose, permuted};
use crate::kind::{City, Setting};
use crate::life::Reason;
use crate::model::{KindModel, Model};
use crate::names::{self, Person};
use crate::spec::{Kind, Spec};
use crate::tax_id;

/// Most customers that still get telephone numbers and tax ids of their own (a prime).
const DISTINCT_MAX: u64 = 7_999_993;

/// Days after which a company stops selling to a customer who failed.
const NOTICED_DAYS: i64 = 120;

/// One customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Its place in the company, from 0.
    pub index: u32,
    /// Its key in the company's books.
    pub key: String,
    /// Its name as the company writes it.
    pub name: String,
    /// Who signs its messages.
    pub person: String,
    /// Class in law.
    pub class: DebtorClass,
    /// Tax id or identity document, with a right check digit where it has one.
    pub tax_id: String,
    /// Country.
    pub country: Country,
    /// Its city.
    pub city: &'static str,
    /// IANA zone.
    pub zone: &'static str,
    /// Subdivision, ISO 3166-2, where the company writes it down.
    pub subdivision: Option<&'static str>,
    /// Language.
    pub language: &'static str,
    /// E-mail, under a reserved domain.
    pub email: Option<String>,
    /// Telephone in E.164. It is made up and may be somebody's: never dial it.
    pub phone: String,
    /// WhatsApp number in E.164, made up as well.
    pub whatsapp: Option<String>,
    /// Days of credit.
    pub terms_days: u16,
    /// Whether its documents are collected by direct debit.
    pub direct_debit: bool,
    /// First day on which documents may be issued to it.
    pub since: Date,
    /// Last such day.
    pub last: Date,
    /// How it behaves: the truth.
    pub behaviour: Behaviour,
}

/// Key of the customer at an index.
pub(crate) fn key(index: u32) -> String {
    format!("C-{:05}", index + 1)
}

/// Index of the customer of a key, whether or not it exists.
pub(crate) fn index_of(key: &str) -> Option<u32> {
    let number: u32 = key.strip_prefix("C-")?.parse().ok()?;
    let index = number.checked_sub(1)?;
    (self::key(index) == key).then_some(index)
}

/// The customer at an index.
pub(crate) fn customer(spec: &Spec, setting: &Setting, days: &Calendar, index: u32) -> Customer {
    let model = spec.model.of(spec.kind);
    let profile = (setting.profile)();
    let mut chance = Chance::of(spec.seed, index, Purpose::Identity, 0);
    let person = Person::of(&mut chance, setting.people);
    let is_person = chance.permille(model.persons);
    let city = chance.pick(setting.cities);
    let class = match (is_person, spec.kind) {
        (true, Kind::Lender) => DebtorClass::NaturalConsumer,
        (true, _) => DebtorClass::NaturalBusiness,
        (false, _) if chance.permille(600) => DebtorClass::MicroSmallCompany,
        (false, _) => DebtorClass::Company,
    };
    let plain = names::company(spec.seed, setting, index);
    let name = match is_person {
        true => person.full(),
        false => format!("{plain}{}", chance.pick(setting.forms)),
    };
    let terms: Vec<u16> = model.terms.iter().map(|term| term.1).collect();
    let terms_days = model.terms[chance.weighted(&terms)].0;
    let direct_debit = chance.permille(model.direct_debit);
    let (since, last) = span(spec, model, days, index);
    let behaviour = behaviour(&spec.model, spec.kind, index, spec.seed, (since, last));
    let last = match behaviour.pays {
        Pays::Insolvent { since, .. } => last.min(plus(since, NOTICED_DAYS)),
        _ => last,
    };
    let of_person = is_person.then_some(person);
    let addresses = addresses(spec.seed, index, city, behaviour.channel, |chance| {
        mailbox(chance, of_person, &plain, index)
    });
    Customer {
        index,
        key: key(index),
        tax_id: identity(
            spec.seed,
            profile.country,
            is_person,
            (person, &plain),
            index,
        ),
        name,
        person: person.short(),
        class,
        country: profile.country,
        city: city.name,
        zone: city.zone,
        subdivision: Some(city.subdivision).filter(|it| !it.is_empty()),
        language: profile.language,
        email: addresses.email,
        phone: addresses.phone,
        whatsapp: addresses.whatsapp,
        terms_days,
        direct_debit,
        since,
        last,
        behaviour,
    }
}

/// The e-mail address of a person, or of a desk of a company.
fn mailbox(chance: &mut Chance, person: Option<Person>, company: &str, index: u32) -> String {
    const DESKS: &[&str] = &[
        "pagos",
        "cxp",
        "contabilidad",
        "administracion",
        "tesoreria",
        "finanzas",
    ];
    match person {
        Some(person) => format!(
            "{}.{}{}@correo.example",
            names::slug(person.given),
            names::slug(person.father),
            index + 1
        ),
        None => format!("{}@{}.example", chance.pick(DESKS), names::slug(company)),
    }
}

/// The days between which a customer buys.
fn span(spec: &Spec, model: &KindModel, days: &Calendar, index: u32) -> (Date, Date) {
    const LEAST_DAYS: i64 = 45;
    let mut chance = Chance::of(spec.seed, index, Purpose::Span, 0);
    let all = days_between(days.first(), days.last());
    let since = match chance.permille(model.old_customers) {
        true => days.first(),
        false => plus(days.first(), chance.between(0, all - LEAST_DAYS)),
    };
    let left = days_between(since, days.last());
    let last = match left > LEAST_DAYS && chance.permille(model.leaving) {
        true => plus(since, chance.between(LEAST_DAYS, left)),
        false => days.last(),
    };
    (since, last)
}

/// The planted behaviour of a customer who buys in a span.
pub(crate) fn behaviour(
    model: &Model,
    kind: Kind,
    index: u32,
    seed: u64,
    span: (Date, Date),
) -> Behaviour {
    let (of_kind, messages) = (model.of(kind), &model.messages);
    let mut chance = Chance::of(seed, index, Purpose::Behaviour, 0);
    let shares: Vec<u16> = BehaviourClass::ALL
        .iter()
        .map(|class| of_kind.shares.of(*class))
        .collect();
    let class = BehaviourClass::ALL[chance.weighted(&shares)];
    let pays = pays(&mut chance, of_kind, kind, class, span);
    let habits = &of_kind.habits;
    let habit = [Habit::AnyDay, Habit::Fridays, Habit::Fortnights]
        [chance.weighted(&[habits.any_day, habits.fridays, habits.fortnights])];
    let hours: Vec<u16> = of_kind.hours.iter().map(|hour| hour.1).collect();
    let hour = of_kind.hours[chance.weighted(&hours)].0;
    let tone = Tone::ALL[chance.weighted(&of_kind.tones)];
    let mut moved_permille = [0; 5];
    for (at, rate) in messages.moved(class).iter().take(5).enumerate() {
        let is_own = Tone::ALL[at] == tone;
        moved_permille[at] = (*rate + if is_own { messages.own_tone } else { 0 }).min(1000);
    }
    let fine = 1000 - messages.bad_address - messages.wrong_person;
    let address = [Address::Good, Address::Bounces, Address::WrongPerson]
        [chance.weighted(&[fine, messages.bad_address, messages.wrong_person])];
    let channel = match chance.permille(of_kind.channels.email) {
        true => Channel::Email,
        false => Channel::Whatsapp,
    };
    Behaviour {
        pays,
        habit,
        bundles: chance.permille(messages.bundles),
        parts_permille: messages.parts,
        channel,
        hour: i8::try_from(hour).unwrap_or(9),
        tone,
        moved_permille,
        answers_permille: messages.answers.of(class),
        keeps_permille: messages.keeps.of(class),
        opts_out_permille: messages.opt_out,
        address,
        voice: Voice {
            formal: chance.permille(of_kind.formal),
            hurried: chance.permille(of_kind.hurried),
        },
    }
}

/// How a customer of a class pays when nobody writes.
fn pays(
    chance: &mut Chance,
    of_kind: &KindModel,
    kind: Kind,
    class: BehaviourClass,
    span: (Date, Date),
) -> Pays {
    let reasons: &[Reason] = match kind {
        Kind::Lender => &[Reason::WrongAmount, Reason::BilledTwice, Reason::NotOrdered],
        Kind::Services => &[Reason::NotReceived, Reason::Faulty, Reason::WrongAmount],
        Kind::Distributor => &Reason::ALL,
    };
    let reason = *chance.pick(reasons);
    let until_failing = chance.between(0, days_between(span.0, span.1) * 3 / 4);
    match class {
        BehaviourClass::Punctual => Pays::Punctual,
        BehaviourClass::Forgetful => Pays::Forgetful {
            late_permille: of_kind.late.forgetful,
        },
        BehaviourClass::Slow => Pays::Slow {
            late_permille: of_kind.late.slow,
        },
        BehaviourClass::Disputing => Pays::Disputing {
            disputed_permille: of_kind.disputed,
            reason,
        },
        BehaviourClass::Insolvent => Pays::Insolvent {
            since: plus(span.0, until_failing),
            paid_permille: of_kind.insolvent_paid,
        },
    }
}

struct Addresses {
    email: Option<String>,
    phone: String,
    whatsapp: Option<String>,
}

/// Everyone has a telephone and an address on the favourite channel; most have the other too.
fn addresses(
    seed: u64,
    index: u32,
    city: &City,
    favourite: Channel,
    email: impl FnOnce(&mut Chance) -> String,
) -> Addresses {
    const OTHER_CHANNEL: u16 = 750;
    let mut chance = Chance::of(seed, index, Purpose::Addresses, 0);
    let number = 2_000_000 + permuted(seed, index, DISTINCT_MAX);
    let phone = format!("{}{}{number}", city.dial, chance.pick(city.next));
    let has_other = chance.permille(OTHER_CHANNEL);
    let email = email(&mut chance);
    Addresses {
        email: (favourite == Channel::Email || has_other).then_some(email),
        whatsapp: (favourite == Channel::Whatsapp || has_other).then(|| phone.clone()),
        phone,
    }
}

/// The tax id or identity document, one of its own for each customer.
fn identity(
    seed: u64,
    country: Country,
    is_person: bool,
    (person, company): (Person, &str),
    index: u32,
) -> String {
    let number = permuted(seed, index, DISTINCT_MAX);
    match (country.code(), is_person) {
        ("CL", true) => rut(9_000_000 + number),
        ("CL", false) => rut(70_000_000 + number),
        ("CO", true) => format!("{}", 1_010_000_000 + number),
        ("CO", false) => {
            let number = 900_000_000 + number;
            format!("{number}-{}", tax_id::nit_check(number))
        }
        ("PE", _) => tax_id::ruc(is_person, number),
        ("BR", true) => tax_id::cpf(100_000_000 + number),
        ("BR", false) => tax_id::cnpj(10_000_000 + number),
        ("AR", _) => tax_id::cuit(is_person, 20_000_000 + number),
        ("EC", true) => tax_id::cedula(number),
        ("EC", false) => tax_id::ruc_of_ecuador(number),
        // The first digits are never given out, so that the number is nobody's.
        ("US", true) => format!(
            "9{:02}-{:02}-{:04}",
            number / 1_000_000,
            number / 10_000 % 100,
            number % 10_000
        ),
        ("US", false) => format!("00-{number:07}"),
        (_, true) => {
            let inner = person.father.chars().skip(1).map(names::without_accent);
            let vowel = inner
                .into_iter()
                .find(|it| "aeiou".contains(*it))
                .unwrap_or('X');
            let firsts = [person.mother, person.given].map(initial);
            let letters = format!(
                "{}{vowel}{}{}",
                initial(person.father),
                firsts[0],
                firsts[1]
            );
            rfc(&letters, jiff::civil::date(1960, 1, 1), number)
        }
        (_, false) => {
            let mut letters: String = company.split(' ').map(initial).take(3).collect();
            let last = company.chars().rev().filter(|it| it.is_alphabetic());
            letters.extend(last.take(3 - letters.chars().count()));
            rfc(&letters, jiff::civil::date(1985, 1, 1), number)
        }
    }
}

fn initial(word: &str) -> char {
    word.chars().next().map_or('X', names::without_accent)
}

fn rut(number: u64) -> String {
    format!("{number}-{}", tax_id::rut_check(number))
}

/// An RFC: initials, a date, two signs against namesakes and the check sign. Date and signs are
/// the number's, so that no two are equal.
fn rfc(letters: &str, from: Date, number: u64) -> String {
    const SIGNS: &[u8] = b"123456789ABCDEFGHIJKLMNPQRSTUVWXYZ";
    let all = u64::try_from(SIGNS.len()).unwrap_or(1);
    let sign = |place: u64| {
        let at = usize::try_from(place % all).unwrap_or(0);
        char::from(SIGNS[at])
    };
    let day = plus(from, i64::try_from(number / (all * all)).unwrap_or(0));
    let letters = names::slug(letters).to_ascii_uppercase();
    let date = day.strftime("%y%m%d");
    let body = format!("{letters}{date}{}{}", sign(number / all), sign(number));
    let check = tax_id::rfc_check(&body).unwrap_or('0');
    format!("{body}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back() {
        for index in [0, 41, 99_998, 1_234_567] {
            assert_eq!(index_of(&key(index)), Some(index));
        }
        for wrong in ["C-00000", "C-1", "X-00001", "", "C-000001"] {
            assert_eq!(index_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_number_of_distinct_customers_is_prime() {
        let root = (2..).take_while(|it| it * it <= DISTINCT_MAX);
        assert!(root.into_iter().all(|it| !DISTINCT_MAX.is_multiple_of(it)));
    }
}
