//! Some stories, told from the records: what was done with one customer, what was not, and why.

use domain::calendar;
use domain::contact::{ContactKey, ContactState};
use domain::customer::{Channel, Consent, Health};
use domain::facts::Position;
use domain::hold::HoldKind;
use domain::ledger::Source;
use domain::promise::PromiseState;
use domain::{CustomerId, Money};
use engine::{Company, Engine};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use language::figures::{self, Style};
use serde::Serialize;
use serde_json::Value;
use store::contacts::ContactRecord;
use store::positions::{Slice, positions};
use store::{contacts, customers, events, messages, runs};

use crate::commands::silence_es;
use crate::failure::Failure;

/// Customers among whom stories are looked for.
const CUSTOMERS_MAX: u32 = 2_000;

/// Decisions of one customer that are looked at.
const DECISIONS_MAX: u32 = 200;

/// Lines of a story.
const LINES_MAX: usize = 14;

/// Lines told before the one that a story turns on.
const LINES_BEFORE: usize = 6;

/// A payment so many days after a reminder was moved by it, or seems to be.
const MOVED_DAYS: i64 = 3;

/// A customer's story.
#[derive(Clone, Debug, Serialize)]
pub struct Story {
    /// What it shows.
    pub title: &'static str,
    /// The customer's key.
    pub customer: String,
    /// The customer's name.
    pub name: String,
    /// What happened, in order.
    pub lines: Vec<Line>,
}

/// Something that happened, or did not.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// When, in the company's zone: `lunes 5 de enero, 09:00`.
    pub when: String,
    /// What, and why.
    pub what: String,
    #[serde(skip)]
    at: Timestamp,
}

/// The span of the life that is told.
#[derive(Clone, Copy)]
pub struct Span {
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

impl Span {
    fn holds(self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }
}

/// How the customer of a story is known.
type Sign = fn(&Position, Span) -> bool;

/// What a story may show, a piece of the line that it turns on (the first line, where none), and
/// its sign.
const SIGNS: &[(&str, &str, Sign)] = &[
    ("Un recordatorio bastó", "", one_reminder_was_enough),
    ("Prometió y cumplió", "Se anota su promesa", |it, span| {
        promised(it, span, PromiseState::Kept)
    }),
    ("Prometió y no cumplió", "no se cumplió", |it, span| {
        it.books.promises.iter().any(|promise| {
            let paid = it.books.paid(promise.amount.currency);
            matches!(
                promise.state_on(span.until, &paid),
                PromiseState::Broken { .. }
            )
        })
    }),
    (
        "Una aclaración detiene su parte",
        "una aclaración",
        |it, _| {
            let mut holds = it.books.holds.iter();
            holds.any(|hold| hold.kind == HoldKind::Dispute && hold.until.is_some())
        },
    ),
    ("Pagó antes de que saliera el mensaje", "", paid_in_time),
    (
        "Pidió que no se le escribiera más",
        "No se le vuelve",
        |it, _| {
            let mut points = it.customer.contact_points.iter();
            points.any(|point| matches!(point.consent, Consent::Withdrawn { .. }))
        },
    ),
    ("Un correo que rebota", "", |it, _| {
        let mut points = it.customer.contact_points.iter();
        points.any(|point| point.health == Health::Bouncing)
    }),
    ("Paga a tiempo: se le deja en paz", "", left_in_peace),
];

fn reminders(it: &Position) -> impl Iterator<Item = Timestamp> + '_ {
    it.contacts
        .iter()
        .filter(|contact| contact.state.counts())
        .filter(|contact| matches!(contact.key, ContactKey::Step { .. }))
        .filter_map(|contact| contact.performed_at)
}

fn one_reminder_was_enough(it: &Position, span: Span) -> bool {
    let mut reminders = reminders(it);
    let (Some(only), None) = (reminders.next(), reminders.next()) else {
        return false;
    };
    let day = only.to_zoned(jiff::tz::TimeZone::UTC).date();
    let soon = day.saturating_add(MOVED_DAYS.days());
    let mut payments = it.books.payments.iter();
    let quick = payments.any(|payment| day <= payment.on && payment.on <= soon);
    quick && it.books.statement(span.until).overdue().next().is_none()
}

fn promised(it: &Position, span: Span, wanted: PromiseState) -> bool {
    it.books.promises.iter().any(|promise| {
        let paid = it.books.paid(promise.amount.currency);
        promise.state_on(span.until, &paid) == wanted
    })
}

fn paid_in_time(it: &Position, _: Span) -> bool {
    let mut contacts = it.contacts.iter();
    contacts.any(|contact| {
        let day = contact.planned_at.to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut payments = it.books.payments.iter();
        contact.state == ContactState::Suppressed && payments.any(|payment| payment.on == day)
    })
}

fn left_in_peace(it: &Position, span: Span) -> bool {
    let paid = it
        .books
        .payments
        .iter()
        .filter(|payment| span.holds(payment.on));
    let agreed = !it.books.holds.is_empty() || !it.books.promises.is_empty();
    let mut contacts = it.contacts.iter();
    let only_notices = contacts.all(|contact| matches!(contact.key, ContactKey::Courtesy { .. }));
    paid.count() > 2 && !it.contacts.is_empty() && only_notices && !agreed
}

/// A story for each thing that one can show, each of another customer.
pub async fn stories(
    engine: &Engine,
    company: &Company,
    span: Span,
) -> Result<Vec<Story>, Failure> {
    let first = customers::page(engine.db(), company.id, None, CUSTOMERS_MAX).await?;
    let slice = Slice::Only(first.iter().map(|row| row.customer.id).collect());
    let all = positions(engine.db(), company.id, slice, None).await?;
    let mut told: Vec<CustomerId> = Vec::new();
    let mut stories = Vec::new();
    for (title, turn, sign) in SIGNS {
        let found = all
            .iter()
            .map(|standing| &standing.position)
            .find(|position| !told.contains(&position.customer.id) && sign(position, span));
        if let Some(position) = found {
            told.push(position.customer.id);
            let teller = Teller {
                engine,
                company,
                position,
                span,
                style: Style::of(&company.language),
            };
            stories.push(teller.story(title, turn).await?);
        }
    }
    Ok(stories)
}

/// Tells one customer's story.
struct Teller<'a> {
    engine: &'a Engine,
    company: &'a Company,
    position: &'a Position,
    span: Span,
    style: Style,
}

impl Teller<'_> {
    async fn story(&self, title: &'static str, turn: &str) -> Result<Story, Failure> {
        let mut lines = Vec::new();
        self.contacts(&mut lines).await?;
        self.messages(&mut lines).await?;
        self.silences(&mut lines).await?;
        self.money(&mut lines);
        self.agreements(&mut lines);
        lines.retain(|line| self.span.holds(self.company.day_of(line.at)));
        lines.sort_by_key(|line| line.at);
        let turns_at = lines.iter().position(|line| line.what.contains(turn));
        let first = turns_at.unwrap_or(0).saturating_sub(LINES_BEFORE);
        lines.drain(..first);
        lines.truncate(LINES_MAX);
        let customer = &self.position.customer;
        Ok(Story {
            title,
            customer: customer.key.clone(),
            name: customer.name.clone(),
            lines,
        })
    }

    fn line(&self, at: Timestamp, what: String) -> Line {
        let local = calendar::local(at, &self.company.zone);
        let when = format!(
            "{}, {}",
            weekday_and_day(local.date()),
            local.strftime("%H:%M")
        );
        Line { when, what, at }
    }

    async fn contacts(&self, lines: &mut Vec<Line>) -> Result<(), Failure> {
        let (db, company) = (self.engine.db(), self.company.id);
        let made = contacts::of_customer(db, company, self.position.customer.id).await?;
        let ids: Vec<_> = made.iter().map(|contact| contact.id.uuid()).collect();
        let heard = events::of_entities(db, company, &ids).await?;
        for contact in &made {
            let read = heard.iter().find(|event| {
                event.kind == "contact.read" && event.entity == Some(contact.id.uuid())
            });
            if let Some(at) = contact.performed_at.or(contact.claimed_at) {
                lines.push(self.line(at, self.said(contact)));
            } else if contact.state == ContactState::Suppressed {
                let why = silence_es(contact.reason.as_deref().unwrap_or_default()).to_owned();
                let what = format!("No salió el mensaje que estaba planeado: {why}.");
                lines.push(self.line(contact.planned_at, what));
            }
            if let Some(read) = read {
                lines.push(self.line(read.at, "Leyó el mensaje.".to_owned()));
            }
        }
        Ok(())
    }

    fn said(&self, contact: &ContactRecord) -> String {
        let content: Value = serde_json::from_str(&contact.content).unwrap_or_default();
        let numbers = |list: &str| {
            let lines = content[list].as_array().into_iter().flatten();
            let numbers: Vec<&str> = lines.filter_map(|line| line["invoice"].as_str()).collect();
            and(&numbers)
        };
        let totals = content["totals"].as_array().into_iter().flatten();
        let totals: Vec<String> = totals.filter_map(|total| self.amount(total)).collect();
        let totals = totals.join(" y ");
        let by = match contact.channel {
            Channel::Email => "por correo",
            _ => "por mensaje",
        };
        let mut said = match &contact.key {
            ContactKey::Courtesy { due } => format!(
                "Aviso de cortesía {by}: {} vence el {} ({totals}).",
                numbers("upcoming"),
                weekday_and_day(*due)
            ),
            ContactKey::Step { .. } => format!(
                "Se le recordó {} {by} ({totals}): paso «{}», tono {}.",
                numbers("documents"),
                contact.key.words(),
                contact.tone.name_es()
            ),
            ContactKey::Event { .. } if content["payment"].is_object() => {
                format!("Se le agradeció su pago {by}.")
            }
            ContactKey::Event { .. } => {
                format!("Se le escribió {by} sobre la promesa que no se cumplió ({totals}).")
            }
        };
        if contact.state == ContactState::Failed {
            said.push_str(" El mensaje rebotó: se pide otra dirección.");
        }
        said
    }

    async fn messages(&self, lines: &mut Vec<Line>) -> Result<(), Failure> {
        let customer = self.position.customer.id;
        let thread = messages::of_customer(self.engine.db(), self.company.id, customer).await?;
        for message in thread.iter().filter(|message| message.incoming) {
            let text = message
                .text
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            lines.push(self.line(message.at, format!("Escribió: «{text}»")));
        }
        Ok(())
    }

    async fn silences(&self, lines: &mut Vec<Line>) -> Result<(), Failure> {
        let customer = self.position.customer.id;
        let db = self.engine.db();
        let all = runs::decisions_of(db, self.company.id, customer, DECISIONS_MAX).await?;
        for decision in all.iter().filter(|decision| tells(&decision.reason)) {
            let facts: Value = serde_json::from_str(&decision.facts).unwrap_or_default();
            if let Some(sentence) = facts["silence"]["sentence"].as_str() {
                let what = format!("No se le escribe: {}", lower(sentence));
                lines.push(self.line(decision.recorded_at, what));
            }
        }
        Ok(())
    }

    fn money(&self, lines: &mut Vec<Line>) {
        let books = &self.position.books;
        for payment in &books.payments {
            let laid = books.applications.iter();
            let laid = laid.filter(|it| it.source == Source::Payment(payment.id));
            let numbers: Vec<&str> = laid
                .filter_map(|it| {
                    books
                        .documents
                        .iter()
                        .find(|document| document.id == it.document)
                })
                .map(|document| document.number.as_str())
                .collect();
            let what = format!(
                "Pagó {} ({}).",
                self.style.money(payment.amount),
                and(&numbers)
            );
            lines.push(self.line(made_at(payment.id.uuid()), what));
        }
    }

    fn agreements(&self, lines: &mut Vec<Line>) {
        let books = &self.position.books;
        for promise in &books.promises {
            let (amount, until) = (self.style.money(promise.amount), promise.due_on);
            let due = weekday_and_day(until);
            let what = format!("Se anota su promesa: {amount} a más tardar el {due}.");
            lines.push(self.line(made_at(promise.id.uuid()), what));
            let paid = books.paid(promise.amount.currency);
            if let PromiseState::Broken { since } = promise.state_on(self.span.until, &paid) {
                let what = format!("La promesa del {due} no se cumplió.");
                lines.push(self.line(self.company.run_instant(since), what));
            }
        }
        for hold in &books.holds {
            let name = match hold.kind {
                HoldKind::Dispute => "una aclaración",
                HoldKind::Pause => "una pausa",
                HoldKind::Plan => "un convenio",
                HoldKind::Promise => continue,
            };
            let document = hold.document.and_then(|id| {
                let mut documents = books.documents.iter();
                documents.find(|document| document.id == id)
            });
            let of = document.map_or(String::new(), |it| format!(" sobre {}", it.number));
            let what = format!(
                "Se anota {name}{of}: {}. Su parte no se cobra.",
                hold.reason
            );
            lines.push(self.line(made_at(hold.id.uuid()), what));
            if let Some(until) = hold.until {
                let what = format!("Termina {name}{of}.");
                let before_run = self.company.run_instant(until).checked_sub(1.hour());
                lines.push(self.line(before_run.unwrap_or_default(), what));
            }
        }
        for point in &self.position.customer.contact_points {
            if let Consent::Withdrawn { on } = point.consent {
                let at = self.company.zone.to_timestamp(on.at(23, 59, 0, 0));
                let what = format!("No se le vuelve a escribir a {}.", point.address);
                lines.push(self.line(at.unwrap_or_default(), what));
            }
        }
    }

    fn amount(&self, value: &Value) -> Option<String> {
        let currency = domain::Currency::new(value["currency"].as_str()?).ok()?;
        let decimal = value["amount"].as_str()?.parse().ok()?;
        let money = Money::from_decimal(decimal, currency).ok()?;
        Some(self.style.money(money))
    }
}

/// Silences that tell something; the others are the days between two steps.
fn tells(code: &str) -> bool {
    [
        "answered",
        "credits_cover",
        "direct_debit",
        "held",
        "left_alone",
        "no_contact_point",
        "paused",
        "preferred_hours",
        "unlawful",
    ]
    .contains(&code)
}

/// When a thing was recorded: its id says so.
fn made_at(id: uuid::Uuid) -> Timestamp {
    let made = id.get_timestamp().map(|at| at.to_unix());
    let (seconds, nanoseconds) = made.unwrap_or_default();
    let seconds = i64::try_from(seconds).unwrap_or_default();
    let nanoseconds = i32::try_from(nanoseconds).unwrap_or_default();
    Timestamp::new(seconds, nanoseconds).unwrap_or_default()
}

fn weekday_and_day(day: Date) -> String {
    let weekday = calendar::weekday_es(day.weekday());
    let date = figures::date(day);
    let date = date
        .rsplit_once(" de ")
        .map_or(date.as_str(), |(date, _)| date);
    format!("{weekday} {date}")
}

fn and(words: &[&str]) -> String {
    match words {
        [] => "sin documento".to_owned(),
        [only] => (*only).to_owned(),
        [most @ .., last] => format!("{} y {last}", most.join(", ")),
    }
}

/// A sentence to go on after a colon.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
