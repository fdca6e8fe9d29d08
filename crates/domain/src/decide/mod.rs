//! The decision: for one customer at one instant, what to do, or why nothing.
//!
//! One function serves the daily run, its dry run, the question "why?" and the claim that precedes
//! every send. It reads no clock and stores nothing: the place on the ladder follows from
//! documents,
//! money, agreements and contacts made.
//!
//! The walk: [`due`](self) finds the one thing that is due (or the silence), [`reach`](self) finds
//! a
//! channel, an address and the next lawful instant for it (or the silence).

mod content;
mod due;
mod ladder;
mod occasions;
mod reach;
mod silence;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use silence::Silence;

use crate::calendar;
use crate::company::Declarations;
use crate::contact::{ContactKey, Tone};
use crate::customer::{Channel, Country};
use crate::facts::Position;
use crate::ids::{ContactId, ContactPointId, CustomerId, DocumentId};
use crate::law::{self, Packs};
use crate::ledger::{Cycle, OpenDocument, Payment, Statement};
use crate::money::Money;
use crate::policy::{Policy, StepAction};
use crate::promise::Promise;

/// How often a plan may be moved to the day on which it can leave; each move is to a later day.
const POSTPONED_MAX: usize = 8;

/// What every decision of a run rests on beside the customer's own facts.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// What the company wants.
    pub policy: &'a Policy,
    /// What the law allows.
    pub packs: &'a Packs,
    /// The company.
    pub company: &'a CompanyFacts,
}

/// The company as far as a decision may see it.
#[derive(Clone, Debug)]
pub struct CompanyFacts {
    /// Its country.
    pub country: Country,
    /// Its zone: the one in which "today" is read.
    pub zone: TimeZone,
    /// What it declares of all its customers.
    pub declarations: Declarations,
    /// Channels it can use now.
    pub channels: Vec<Channel>,
}

/// What to do for one customer, with what it rests on.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The customer.
    pub customer: CustomerId,
    /// What was seen.
    pub seen: Seen,
    /// What follows.
    pub outcome: Outcome,
}

/// What follows from the facts.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// One contact.
    Contact(Box<Plan>),
    /// Nothing, for a reason.
    Silence(Silence),
}

/// The figures a decision rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The company's civil date.
    pub day: Date,
    /// The segment that matched, when one was looked for.
    pub segment: Option<String>,
    /// Days late of the oldest chaseable document.
    pub days_late: Option<i64>,
    /// What may be asked for per currency, less credits.
    pub net_chaseable: Vec<Money>,
    /// Money in the customer's favour.
    pub credits: Vec<Money>,
    /// The cycle the customer is in.
    pub cycle: Option<Cycle>,
    /// Ladder messages made in the cycle.
    pub reminders_sent: u32,
}

/// One contact, with nothing left to choose.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it is for; claimed once.
    pub key: ContactKey,
    /// The channel.
    pub channel: Channel,
    /// The address it is written to.
    pub point: ContactPointId,
    /// Addresses that receive a copy.
    pub copies: Vec<ContactPointId>,
    /// The next instant at which law and policy allow it.
    pub at: Timestamp,
    /// What the policy sends; `template` and `tone` are already those of the message.
    pub action: StepAction,
    /// What the message says.
    pub content: Content,
    /// Why the law allows it.
    pub law: law::Verdict,
    /// The facts that verdict rests on.
    pub law_facts: law::Facts,
    /// The facts of further debts it speaks of, where they differ from those.
    pub other_debts: Vec<law::Facts>,
    /// What was put to the law.
    pub attempt: law::Attempt,
    /// What was assumed where facts were unknown.
    pub assumptions: Vec<law::Assumption>,
}

/// The figures of a message: each resolves to the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Documents asked for, oldest first, with the part asked for.
    pub documents: Vec<Listed>,
    /// Documents about to fall due.
    pub upcoming: Vec<Listed>,
    /// Parts left out because they are frozen.
    pub held: Vec<Listed>,
    /// Sum of `documents` (of `upcoming` in a courtesy notice) per currency.
    pub totals: Vec<Money>,
    /// Money in the customer's favour in those currencies, to be deducted from the totals.
    pub credits: Vec<Money>,
    /// The payment answered to.
    pub payment: Option<Payment>,
    /// The promise answered to.
    pub promise: Option<Promise>,
}

/// A document as a message names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Our id.
    pub document: DocumentId,
    /// The company's own number.
    pub number: String,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// Amount as issued.
    pub amount: Money,
    /// What is open of it.
    pub open: Money,
    /// The part meant here: asked for, falling due, or frozen.
    pub part: Money,
    /// Days late on the day of the decision.
    pub days_late: i64,
}

/// Something the policy wants done today, before law and addresses are asked.
struct Candidate<'p> {
    key: ContactKey,
    action: &'p StepAction,
    tone: Tone,
    template: &'p str,
    content: Content,
    /// The last civil day on which it may be made.
    last_day: Date,
    kind: law::MessageKind,
}

/// Decides for one customer at `now`.
pub fn decide(rules: &Rules<'_>, position: &Position, now: Timestamp) -> Decision {
    decide_for(rules, position, now, None)
}

/// Decides again while `contact` is being claimed: the same walk, but that contact is not yet
/// there.
/// A contact in the answer is that very one and may be made now; whatever else is due, or allowed
/// only later, is a silence.
pub fn confirm(
    rules: &Rules<'_>,
    position: &Position,
    contact: ContactId,
    now: Timestamp,
) -> Decision {
    let key = position
        .contacts
        .iter()
        .find(|past| past.id == contact)
        .map(|past| &past.key);
    let mut decision = decide_for(rules, position, now, Some(contact));
    if let Outcome::Contact(plan) = &decision.outcome {
        if Some(&plan.key) != key {
            let by = plan.key.clone();
            decision.outcome = Outcome::Silence(Silence::Superseded { by });
        } else if plan.at > now {
            let next_allowed = plan.at;
            let on = calendar::local(next_allowed, &rules.company.zone).date();
            decision.outcome = Outcome::Silence(Silence::OutOfHours { next_allowed, on });
        }
    }
    decision
}

fn decide_for(
    rules: &Rules<'_>,
    position: &Position,
    now: Timestamp,
    claiming: Option<ContactId>,
) -> Decision {
    let mut decision = decide_once(rules, position, now, claiming);
    // A message that may only leave on a later day is the one that is due on that day.
    for _ in 0..POSTPONED_MAX {
        let Outcome::Contact(plan) = &decision.outcome else {
            break;
        };
        let leaves = plan.at;
        let day = calendar::local(leaves, &rules.company.zone).date();
        if claiming.is_some() || day <= decision.seen.day {
            break;
        }
        decision = decide_once(rules, position, leaves, None);
    }
    decision
}

fn decide_once(
    rules: &Rules<'_>,
    position: &Position,
    now: Timestamp,
    claiming: Option<ContactId>,
) -> Decision {
    let day = calendar::local(now, &rules.company.zone).date();
    let statement = position.books.statement(day);
    let mut case = Case {
        rules,
        position,
        now,
        claiming,
        seen: Seen {
            day,
            segment: None,
            days_late: None,
            net_chaseable: statement.net_chaseable(),
            credits: statement.credits.clone(),
            cycle: None,
            reminders_sent: 0,
        },
        statement,
    };
    let outcome = match case.candidate().and_then(|candidate| case.reach(candidate)) {
        Ok(plan) => Outcome::Contact(Box::new(plan)),
        Err(silence) => Outcome::Silence(silence),
    };
    Decision {
        customer: position.customer.id,
        seen: case.seen,
        outcome,
    }
}

/// One customer's case while it is decided.
struct Case<'a> {
    rules: &'a Rules<'a>,
    position: &'a Position,
    now: Timestamp,
    claiming: Option<ContactId>,
    statement: Statement,
    seen: Seen,
}

impl Listed {
    fn new(document: &OpenDocument, part: Money, day: Date) -> Self {
        Self {
            document: document.id,
            number: document.number.clone(),
            issued: document.issued,
            due: document.due,
            amount: document.amount,
            open: document.open,
            part,
            days_late: document.days_late(day),
        }
    }
}
