//! What a message does: it comes back or arrives, is read at the customer's hour, moves a payment
//! or does not, and is answered or not.

use domain::contact::Tone;
use domain::customer::Channel;
use jiff::civil::time;
use jiff::{Timestamp, ToSpan, Zoned};

use super::{Event, Happening, Item, Life, Meaning, Told, Unheard, What, sway};
use crate::behaviour::{Address, Pays};
use crate::calendar::plus;
use crate::chance::{Chance, Purpose};
use crate::company::Company;
use crate::customer::{self, Customer};
use crate::spec::Kind;
use crate::words;

/// A message on its way into a customer's head.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// Which of the customer's messages it is.
    message: u64,
    pub(super) at: Timestamp,
    contact: String,
    is_thanks: bool,
    pub(super) tone: Tone,
    channel: Channel,
    address: String,
    /// The documents of this life that it names.
    pub(super) ordinals: Vec<u32>,
}

/// Words on their way back.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    contact: Option<String>,
    channel: Channel,
    address: String,
    meaning: Meaning,
    /// What its words are drawn by: no two replies of a customer have the same.
    which: u64,
}

impl Reply {
    /// What a customer writes of its own accord, where it likes to write.
    pub(super) fn unasked(customer: &Customer, meaning: Meaning, which: u64) -> Self {
        let channel = customer.behaviour.channel;
        let address = match channel {
            Channel::Email => customer.email.clone(),
            _ => customer.whatsapp.clone(),
        };
        Self {
            contact: None,
            channel,
            address: address.unwrap_or_default(),
            meaning,
            which: (1 << 32) + which,
        }
    }
}

pub(super) fn hear(life: &mut Life<'_>, told: &Told<'_>) -> Result<(), Unheard> {
    let index = customer::index_of(told.customer);
    let customer = index.and_then(|index| life.company.customer(index));
    let customer = customer.ok_or_else(|| Unheard::Customer(told.customer.to_owned()))?;
    let ledger = life.ledgers.entry(customer.index).or_default();
    ledger.heard += 1;
    let heard = Heard {
        message: ledger.heard,
        at: told.at,
        contact: told.contact.to_owned(),
        is_thanks: told.step.starts_with("gracias"),
        tone: told.tone,
        channel: told.channel,
        address: told.address.to_owned(),
        ordinals: ordinals(life, customer.index, told),
    };
    arrive(life, &customer, heard);
    Ok(())
}

fn ordinals(life: &Life<'_>, index: u32, told: &Told<'_>) -> Vec<u32> {
    let places = told
        .documents
        .iter()
        .map(|(number, _)| life.company.place_of(number));
    let own = places.flatten().filter(|place| place.0 == index);
    let mut ordinals: Vec<u32> = own.map(|place| place.1).collect();
    ordinals.sort_unstable();
    ordinals
}

/// Refused, delivered to a machine, or read at some hour; all drawn by the message's ordinal.
fn arrive(life: &mut Life<'_>, customer: &Customer, heard: Heard) {
    let messages = &life.company.spec().model.messages;
    let mut chance = life
        .company
        .chance(customer.index, Purpose::Hearing, heard.message);
    let seconds = chance.between(3, 50);
    let soon = later(heard.at, 0, seconds);
    let address = heard.address.clone();
    let is_email = heard.channel == Channel::Email;
    let (refused, soft, away) = (
        is_email && customer.behaviour.address == Address::Bounces,
        is_email && chance.permille(messages.soft_bounce),
        is_email && chance.permille(messages.out_of_office),
    );
    if refused || soft {
        let hard = refused;
        sign(
            life,
            customer,
            &heard,
            soon,
            What::Bounced { address, hard },
        );
        return;
    }
    if matches!(
        heard.channel,
        Channel::Email | Channel::Whatsapp | Channel::Sms
    ) {
        sign(life, customer, &heard, soon, What::Delivered { address });
    }
    if away && customer.behaviour.address == Address::Good {
        let back = plus(
            local(life, customer, heard.at).date(),
            chance.between(3, 10),
        );
        let meaning = Meaning::OutOfOffice { back };
        answer(life, customer, &heard, later(soon, 0, 45), meaning);
        return;
    }
    let reads = match heard.channel {
        Channel::Email => messages.read.email,
        Channel::Whatsapp => messages.read.whatsapp,
        _ => messages.read.other,
    };
    let foreign = matches!(heard.channel, Channel::Email | Channel::Whatsapp)
        && heard.channel != customer.behaviour.channel;
    let is_read = chance.permille(reads) && (!foreign || chance.permille(messages.other_channel));
    if is_read {
        let favourite = chance.permille(messages.at_favourite_hour);
        let at = reading(life, customer, &mut chance, soon, favourite);
        life.plan(
            at,
            customer.index,
            heard.message,
            Event::Read(Box::new(heard)),
        );
    }
}

/// The next favourite hour, or any hour of the waking day. Companies read on business days.
fn reading(
    life: &mut Life<'_>,
    customer: &Customer,
    chance: &mut Chance,
    after: Timestamp,
    favourite: bool,
) -> Timestamp {
    let now = local(life, customer, after);
    let hour = if favourite {
        i64::from(customer.behaviour.hour)
    } else {
        chance.between(8, 20)
    };
    let part = |value: i64| i8::try_from(value).unwrap_or(0);
    let minute = chance.between(0, 59);
    let wanted = time(part(hour), part(minute), part(chance.between(0, 59)), 0);
    let mut day = now.date();
    if i64::from(now.hour()) > hour {
        day = plus(day, 1);
    }
    if life.company.spec().kind != Kind::Lender {
        day = life.company.days().on_or_after(day);
    }
    let at = life.instant(customer.zone, day, wanted);
    if at > after {
        return at;
    }
    // Within the hour, but the minute is past: before the hour is over.
    let left = 59 - i64::from(now.minute());
    later(after, chance.between(0, left.max(0)), 1)
}

/// The customer reads: it may be moved, and it may answer.
pub(super) fn read(life: &mut Life<'_>, index: u32, heard: Heard, happenings: &mut Vec<Happening>) {
    let Some(customer) = life.company.customer(index) else {
        return;
    };
    if matches!(heard.channel, Channel::Email | Channel::Whatsapp) {
        let address = heard.address.clone();
        happenings.push(happening(
            &customer,
            &heard,
            life.now,
            What::Read { address },
        ));
    }
    let mut chance = life.company.chance(index, Purpose::Reaction, heard.message);
    let minutes = chance.between(1, 30);
    if let Some(meaning) = reaction(life, &customer, &heard, &mut chance) {
        let at = later(life.now, minutes, 0);
        answer(life, &customer, &heard, at, meaning);
    }
}

fn reaction(
    life: &mut Life<'_>,
    customer: &Customer,
    heard: &Heard,
    chance: &mut Chance,
) -> Option<Meaning> {
    let company = life.company;
    let messages = &company.spec().model.messages;
    let today = local(life, customer, life.now).date();
    let opts_out = chance.permille(customer.behaviour.opts_out_permille);
    let contests = chance.permille(messages.contests_in_answer);
    let says_paid = chance.permille(messages.says_paid);
    let thanks = chance.permille(messages.thanks);
    let ledger = life.ledgers.entry(customer.index).or_default();
    if customer.behaviour.address == Address::WrongPerson {
        let says_so = !ledger.is_stranger_known && says_paid;
        ledger.is_stranger_known |= says_so;
        return says_so.then_some(Meaning::WrongPerson);
    }
    if opts_out {
        return Some(Meaning::OptOut);
    }
    if heard.is_thanks {
        return thanks.then_some(Meaning::Thanks);
    }
    let named = |item: &&mut Item| heard.ordinals.contains(&item.draft.ordinal) && item.open > 0;
    let mut open: Vec<&mut Item> = ledger.items.iter_mut().filter(named).collect();
    if open.is_empty() {
        let last = ledger.last_payment.clone().filter(|_| says_paid);
        return last.map(|(reference, numbers)| Meaning::AlreadyPaid { reference, numbers });
    }
    for item in &mut open {
        let Some(contest) = item.contest.filter(|_| !item.is_contest_known && contests) else {
            continue;
        };
        item.is_contest_known = true;
        let ordinal = item.draft.ordinal;
        return Some(dispute(
            life.company,
            customer,
            ordinal,
            contest.minor.min(item.open),
        ));
    }
    sway::moved(life, customer, heard, chance, today)
}

/// A document that is contested although nobody asked.
pub(super) fn contest(life: &mut Life<'_>, index: u32, ordinal: u32) {
    let messages = &life.company.spec().model.messages;
    let mut chance = life
        .company
        .chance(index, Purpose::Contest, u64::from(ordinal));
    let Some(customer) = life.company.customer(index) else {
        return;
    };
    if !chance.permille(messages.contests_unasked) {
        return;
    }
    let items = life.ledgers.get_mut(&index).map(|ledger| &mut ledger.items);
    let item = items.and_then(|it| it.iter_mut().find(|it| it.draft.ordinal == ordinal));
    let Some(item) = item.filter(|item| !item.is_contest_known && item.open > 0) else {
        return;
    };
    let Some(contest) = item.contest else {
        return;
    };
    item.is_contest_known = true;
    let minor = contest.minor.min(item.open);
    let meaning = dispute(life.company, &customer, ordinal, minor);
    let which = (1 << 33) + u64::from(ordinal);
    let reply = Reply::unasked(&customer, meaning, which);
    life.plan(life.now, index, which, Event::Reply(Box::new(reply)));
}

fn dispute(company: &Company, customer: &Customer, ordinal: u32, minor: i64) -> Meaning {
    let reason = match customer.behaviour.pays {
        Pays::Disputing { reason, .. } => reason,
        _ => super::Reason::WrongAmount,
    };
    Meaning::Dispute {
        number: company.number(customer.index, ordinal),
        reason,
        amount: company.money(minor),
    }
}

/// Puts the reply into words.
pub(super) fn reply(life: &mut Life<'_>, index: u32, reply: Reply) -> Option<Happening> {
    let customer = life.company.customer(index)?;
    let today = local(life, &customer, life.now).date();
    let mut chance = life.company.chance(index, Purpose::Words, reply.which);
    let speaker = words::Speaker {
        company: life.company.profile(),
        customer: &customer,
        channel: reply.channel,
        today,
        unasked: reply.contact.is_none(),
    };
    let (text, meaning) = words::say(&speaker, reply.meaning, &mut chance);
    Some(Happening {
        customer: customer.key,
        at: life.now,
        contact: reply.contact,
        what: What::Wrote {
            channel: reply.channel,
            address: reply.address,
            text,
            meaning,
        },
    })
}

fn answer(
    life: &mut Life<'_>,
    customer: &Customer,
    heard: &Heard,
    at: Timestamp,
    meaning: Meaning,
) {
    let favourite = Reply::unasked(customer, meaning, heard.message);
    let reply = match heard.channel {
        Channel::Email | Channel::Whatsapp => Reply {
            channel: heard.channel,
            address: heard.address.clone(),
            ..favourite
        },
        _ => favourite,
    };
    let reply = Reply {
        contact: Some(heard.contact.clone()),
        which: heard.message,
        ..reply
    };
    life.plan(
        at,
        customer.index,
        heard.message,
        Event::Reply(Box::new(reply)),
    );
}

fn sign(life: &mut Life<'_>, customer: &Customer, heard: &Heard, at: Timestamp, what: What) {
    let happening = happening(customer, heard, at.max(life.now), what);
    life.plan(at, customer.index, heard.message, Event::Sign(happening));
}

fn happening(customer: &Customer, heard: &Heard, at: Timestamp, what: What) -> Happening {
    Happening {
        customer: customer.key.clone(),
        at,
        contact: Some(heard.contact.clone()),
        what,
    }
}

pub(super) fn local(life: &mut Life<'_>, customer: &Customer, at: Timestamp) -> Zoned {
    let zone = life.zone(customer.zone);
    domain::calendar::local(at, &zone)
}

fn later(at: Timestamp, minutes: i64, seconds: i64) -> Timestamp {
    at.saturating_add((minutes * 60 + seconds).seconds())
        .unwrap_or(at)
}
