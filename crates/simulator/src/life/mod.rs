//! A company's customers living on from a day: they pay, read, answer, forget and contest.
//!
//! A queue of events, ordered by instant, then customer. Every draw is a function of (seed,
//! customer, document or ordinal of the message, purpose), so that the same history of messages
//! gives the same life, in whatever pieces it is asked for.

mod begin;
mod happening;
mod pay;
mod react;
mod sway;

use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

pub use happening::{Happening, Meaning, Payment, Reason, Told, Unheard, What};

use crate::books;
use crate::calendar::plus;
use crate::company::Company;
use crate::ledger::{Contest, Draft};
use crate::spec::Document;
use react::{Heard, Reply};

/// A company living on from a day. It holds what is open or still to be issued (some hundred bytes
/// a document), and nothing of what was settled before.
#[derive(Clone, Debug)]
pub struct Life<'c> {
    company: &'c Company,
    from: Date,
    ledgers: BTreeMap<u32, Ledger>,
    /// Customer and ordinal of what is issued each day.
    issues: BTreeMap<Date, Vec<(u32, u32)>>,
    queue: BTreeMap<Slot, Event>,
    zones: BTreeMap<&'static str, TimeZone>,
    now: Timestamp,
}

/// What a life remembers of a customer.
#[derive(Clone, Debug, Default)]
struct Ledger {
    items: Vec<Item>,
    /// Messages heard so far.
    heard: u64,
    /// The stranger at its address has said so.
    is_stranger_known: bool,
    last_payment: Option<(String, Vec<String>)>,
    /// The last day with a deposit, and how many it had: each bears its own reference.
    deposited: Option<(Date, usize)>,
}

/// A document that was open when the life began, or is issued in it.
#[derive(Clone, Debug)]
struct Item {
    draft: Draft,
    open: i64,
    /// What will be paid and when, in order; `None` for what was paid or never will be.
    parts: [Option<(Date, i64)>; 2],
    contest: Option<Contest>,
    /// The company knows that it is contested.
    is_contest_known: bool,
}

/// When something happens: instant, customer, kind, and which of the kind.
type Slot = (Timestamp, u32, u8, u64);

#[derive(Clone, Debug)]
enum Event {
    /// The customer pays what it means to pay by that day.
    Pay(Date),
    /// The customer contests a document unasked.
    Contest(u32),
    /// A message arrives, comes back, …
    Sign(Happening),
    /// … is read …
    Read(Box<Heard>),
    /// … and answered.
    Reply(Box<Reply>),
}

impl Event {
    const fn rank(&self) -> u8 {
        match self {
            Self::Pay(_) => 0,
            Self::Contest(_) => 1,
            Self::Sign(_) => 2,
            Self::Read(_) => 3,
            Self::Reply(_) => 4,
        }
    }
}

impl<'c> Life<'c> {
    /// The life that begins on a day, after months in which nobody wrote a reminder.
    pub fn begin(company: &'c Company, from: Date) -> Self {
        begin::begin(company, from)
    }

    /// The company.
    pub const fn company(&self) -> &'c Company {
        self.company
    }

    /// The first day.
    pub const fn from(&self) -> Date {
        self.from
    }

    /// Writes all customers as CSV, those who buy later included; gives the number of rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_customers(&self, to: &mut dyn Write) -> io::Result<u64> {
        books::customers(self.company, to)
    }

    /// Writes the documents issued before the first day as CSV, with those marked that the company
    /// knows to be contested; gives the number of rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_documents(&self, to: &mut dyn Write) -> io::Result<u64> {
        begin::write_documents(self, to)
    }

    /// Writes the payments made before the first day as CSV, one row for each document paid; gives
    /// the number of rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_payments(&self, to: &mut dyn Write) -> io::Result<u64> {
        begin::write_payments(self, to)
    }

    /// What the company issues on a day, by customer. Nothing before the first day.
    pub fn invoices(&self, day: Date) -> Vec<Document> {
        let mut documents = Vec::new();
        for (index, ordinal) in self.issues.get(&day).into_iter().flatten() {
            let customer = self.company.customer(*index);
            let item = self.item(*index, *ordinal);
            documents.extend(
                customer
                    .zip(item)
                    .map(|(customer, item)| self.company.document(&customer, &item.draft)),
            );
        }
        documents
    }

    /// Writes what the company issues on a day as CSV; gives the number of rows.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_invoices(&self, day: Date, to: &mut dyn Write) -> io::Result<u64> {
        books::document_headings(to)?;
        let mut rows = 0;
        for document in self.invoices(day) {
            books::document(&document, false, to)?;
            rows += 1;
        }
        Ok(rows)
    }

    /// A message reached the outside. Tell it before asking for what comes after it.
    ///
    /// # Errors
    /// [`Unheard`] for a customer that does not exist. Documents that this life does not know were
    /// paid before it began.
    pub fn hear(&mut self, told: &Told<'_>) -> Result<(), Unheard> {
        react::hear(self, told)
    }

    /// The company settled a dispute on a day: the customer takes the document up again and pays
    /// within days.
    ///
    /// # Errors
    /// [`Unheard`] for a document that this life does not know.
    pub fn resolve(&mut self, number: &str, day: Date) -> Result<(), Unheard> {
        pay::resolve(self, number, day)
    }

    /// Numbers of the documents that customers contest and the company knows of, with the day it
    /// began.
    pub fn disputed(&self) -> Vec<(String, Date)> {
        let mut disputed = Vec::new();
        for (index, ledger) in &self.ledgers {
            let known = ledger
                .items
                .iter()
                .filter(|it| it.is_contest_known && it.open > 0);
            disputed.extend(known.filter_map(|item| {
                let number = self.company.number(*index, item.draft.ordinal);
                item.contest.map(|contest| (number, contest.raised))
            }));
        }
        disputed
    }

    /// What happens before an instant and was not given yet, ordered by instant.
    pub fn until(&mut self, at: Timestamp) -> Vec<Happening> {
        let mut happenings = Vec::new();
        while let Some(first) = self.queue.first_entry() {
            if first.key().0 >= at {
                break;
            }
            let ((instant, index, ..), event) = first.remove_entry();
            self.now = self.now.max(instant);
            self.happen(index, event, &mut happenings);
        }
        self.now = self.now.max(at);
        happenings
    }

    /// What happens up to the end of a day in the company's zone, ordered by instant.
    pub fn day(&mut self, day: Date) -> Vec<Happening> {
        let zone = self.company.profile().zone;
        let end = self.instant(zone, plus(day, 1), Time::midnight());
        self.until(end)
    }

    fn happen(&mut self, index: u32, event: Event, happenings: &mut Vec<Happening>) {
        match event {
            Event::Pay(day) => pay::pay(self, index, day, happenings),
            Event::Contest(ordinal) => react::contest(self, index, ordinal),
            Event::Sign(happening) => happenings.push(happening),
            Event::Read(heard) => react::read(self, index, *heard, happenings),
            Event::Reply(reply) => happenings.extend(react::reply(self, index, *reply)),
        }
    }

    fn item(&self, index: u32, ordinal: u32) -> Option<&Item> {
        let items = &self.ledgers.get(&index)?.items;
        items.iter().find(|item| item.draft.ordinal == ordinal)
    }

    /// Puts an event in the queue; nothing happens in the past.
    fn plan(&mut self, at: Timestamp, index: u32, which: u64, event: Event) {
        let at = at.max(self.now);
        self.queue.insert((at, index, event.rank(), which), event);
    }

    fn zone(&mut self, name: &'static str) -> TimeZone {
        let zone = self
            .zones
            .entry(name)
            .or_insert_with(|| domain::calendar::zone(name).unwrap_or(TimeZone::UTC));
        zone.clone()
    }

    /// The instant of a local time; one that a clock change skips becomes the one after it.
    fn instant(&mut self, zone: &'static str, day: Date, time: Time) -> Timestamp {
        let zone = self.zone(zone);
        let zoned = zone.to_ambiguous_zoned(day.to_datetime(time)).compatible();
        zoned.map_or(self.now, |zoned| zoned.timestamp())
    }
}
