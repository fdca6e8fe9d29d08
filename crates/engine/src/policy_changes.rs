//! What a new policy or a new law would change: the days to come are lived twice on the same facts,
//! once under each, with the very `decide` that plans them, and the messages are laid side by side.
//!
//! Nobody pays and nobody answers in these days, and what is planned counts as made. What waits to
//! leave today is decided anew by both.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use domain::contact::{ContactKey, ContactState, PastContact, Tone};
use domain::customer::Channel;
use domain::decide::{Outcome, Plan, Rules, decide};
use domain::facts::Position;
use domain::ids::{CompanyId, ContactId, CustomerId};
use domain::policy::Policy;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use store::positions::{Slice, Standing, positions};
use store::review;

use crate::company::Company;
use crate::daily_run::{CHANNELS, horizon};
use crate::{Engine, Error, Result};

/// The days that are lived.
pub const DAYS: u16 = 30;

/// Customers looked at; of a larger company, an even sample of so many at most.
pub const SAMPLE_MAX: u32 = 3_000;

/// Customers lived at a time.
const PAGE: usize = 200;

/// Customers listed with their messages.
const LISTED_MAX: usize = 300;

/// Comparisons kept.
const KEPT_MAX: usize = 16;

/// How far a comparison goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Days lived.
    pub days: u16,
    /// Customers looked at, at most; of a larger company an even sample.
    pub customers: u32,
    /// Customers listed with their messages, at most.
    pub listed: usize,
}

impl Depth {
    /// As far as a page goes.
    pub const PAGE: Self = Self {
        days: DAYS,
        customers: SAMPLE_MAX,
        listed: LISTED_MAX,
    };
    /// Every customer, each with what changes.
    pub const WHOLE: Self = Self {
        days: DAYS,
        customers: u32::MAX,
        listed: usize::MAX,
    };
}

/// A message that a policy would send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The company's civil day.
    pub day: Date,
    /// The instant at which it would leave.
    pub at: Timestamp,
    /// What it is for.
    pub key: ContactKey,
    /// Its tone.
    pub tone: Tone,
    /// The channel.
    pub channel: Channel,
    /// The template.
    pub template: String,
}

impl Message {
    /// Whether the other is the same message, on the same day or at the very same hour.
    fn is_same(&self, other: &Self, by_hour: bool) -> bool {
        let mut other = other.clone();
        if !by_hour {
            other.at = self.at;
        }
        *self == other
    }
}

/// How one message differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Only the new policy sends it.
    Added(Message),
    /// Only the old policy sends it.
    Removed(Message),
    /// Both send it: on another day, in another tone, on another channel or with other words.
    Moved {
        /// As the old policy does.
        before: Message,
        /// As the new one does.
        after: Message,
    },
}

/// The changes for one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerChanges {
    /// The customer.
    pub customer: CustomerId,
    /// The customer's key.
    pub key: String,
    /// The customer's name.
    pub name: String,
    /// What changes, in the order of days.
    pub changes: Vec<Change>,
}

/// What a new policy would change in the days to come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WhatChanges {
    /// Customers of the company.
    pub customers: u64,
    /// Customers looked at.
    pub looked_at: u64,
    /// Days lived.
    pub days: u16,
    /// Messages that stay as they are.
    pub same: u64,
    /// Messages only the new policy sends.
    pub added: u64,
    /// Messages only the old policy sends.
    pub removed: u64,
    /// Messages sent otherwise.
    pub moved: u64,
    /// By step: how many the old policy sends, and how many the new one.
    pub by_step: BTreeMap<String, (u64, u64)>,
    /// Customers for whom something changes.
    pub changed: u64,
    /// The first of those customers, as many as were asked for.
    pub listed: Vec<CustomerChanges>,
}

impl WhatChanges {
    /// Whether it was lived for a part of the company only.
    pub const fn is_sample(&self) -> bool {
        self.looked_at < self.customers
    }

    fn add(&mut self, lived: Lived, compared: &Compared<'_>) {
        self.looked_at += 1;
        for message in &lived.before {
            let step = message.key.step().to_owned();
            self.by_step.entry(step).or_default().0 += 1;
        }
        for message in &lived.after {
            let step = message.key.step().to_owned();
            self.by_step.entry(step).or_default().1 += 1;
        }
        let before = lived.before.len() as u64;
        let changes = differences(lived.before, lived.after, compared.by_hour());
        let mut gone = 0;
        for change in &changes {
            match change {
                Change::Added(_) => self.added += 1,
                Change::Removed(_) => (self.removed, gone) = (self.removed + 1, gone + 1),
                Change::Moved { .. } => (self.moved, gone) = (self.moved + 1, gone + 1),
            }
        }
        self.same += before - gone;
        if changes.is_empty() {
            return;
        }
        self.changed += 1;
        if self.listed.len() < compared.depth.listed {
            self.listed.push(CustomerChanges {
                customer: lived.customer,
                key: lived.key,
                name: lived.name,
                changes,
            });
        }
    }
}

/// How a comparison stands.
#[derive(Clone, Debug)]
pub enum Comparison {
    /// So many customers are lived, of so many.
    Running {
        /// Done.
        done: u32,
        /// Of.
        of: u32,
    },
    /// It is done.
    Done(Arc<WhatChanges>),
    /// It could not be done, for this reason.
    Failed(String),
}

/// Whose policy is compared, with which, on which day.
type Question = (CompanyId, String, String, Date);

/// The comparisons under way and the last ones done.
#[derive(Debug, Default)]
pub(crate) struct Comparisons(Mutex<Vec<(Question, Comparison)>>);

impl Comparisons {
    fn set(&self, question: &Question, state: Comparison) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = all.iter_mut().find(|(of, _)| of == question) {
            found.1 = state;
            return;
        }
        if all.len() >= KEPT_MAX {
            all.remove(0);
        }
        all.push((question.clone(), state));
    }

    /// How a comparison stands; one that nobody began, or that failed, is begun: then `true`.
    fn look(&self, question: &Question) -> (Comparison, bool) {
        let begun = Comparison::Running { done: 0, of: 0 };
        let found = {
            let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let found = all.iter().find(|(of, _)| of == question);
            found.map(|(_, state)| state.clone())
        };
        match found {
            Some(Comparison::Failed(why)) => {
                self.set(question, begun);
                (Comparison::Failed(why), true)
            }
            Some(state) => (state, false),
            None => {
                self.set(question, begun.clone());
                (begun, true)
            }
        }
    }
}

impl Engine {
    /// What `new` would change against the policy that rules, looked up or begun: a comparison goes
    /// on by itself, and asking again tells how far it is.
    pub fn compare_policy(&self, company: &Company, new: &Policy) -> Comparison {
        let question = (
            company.id,
            company.policy.hash.clone(),
            new.hash.clone(),
            company.day_of(self.now()),
        );
        let (state, begin) = self.comparisons.look(&question);
        if begin {
            let (engine, company, new) = (self.clone(), company.clone(), new.clone());
            tokio::spawn(async move {
                let tell = |done, of| {
                    let running = Comparison::Running { done, of };
                    engine.comparisons.set(&question, running);
                };
                let done = engine.what_changes(&company, &new, DAYS, &tell).await;
                let state = match done {
                    Ok(changes) => Comparison::Done(Arc::new(changes)),
                    Err(error) => Comparison::Failed(error.to_string()),
                };
                engine.comparisons.set(&question, state);
            });
        }
        state
    }

    /// What `new` would change against the policy that rules, in so many days from today.
    ///
    /// # Errors
    /// What the database says.
    pub async fn what_changes(
        &self,
        company: &Company,
        new: &Policy,
        days: u16,
        tell: &(dyn Fn(u32, u32) + Send + Sync),
    ) -> Result<WhatChanges> {
        let after = Company {
            policy: new.clone(),
            ..company.clone()
        };
        let depth = Depth {
            days,
            ..Depth::PAGE
        };
        self.changes_between(company, &after, (None, depth), tell)
            .await
    }

    /// What would change if the company worked as `after` says: at once, or from a day on.
    pub(crate) async fn changes_between(
        &self,
        company: &Company,
        after: &Company,
        (from, depth): (Option<Date>, Depth),
        tell: &(dyn Fn(u32, u32) + Send + Sync),
    ) -> Result<WhatChanges> {
        let (all, sample) = review::sample(&self.db, company.id, depth.customers).await?;
        let of = u32::try_from(sample.len()).unwrap_or(u32::MAX);
        let mut changes = WhatChanges {
            customers: all,
            days: depth.days,
            ..WhatChanges::default()
        };
        let (mut done, now) = (0, self.now());
        let compared = Compared {
            before: company,
            after,
            from,
            depth,
            now,
        };
        let edge = Some(horizon(company.day_of(now)));
        for page in sample.chunks(PAGE) {
            tell(done, of);
            let slice = Slice::Only(page.to_vec());
            let standings = positions(&self.db, company.id, slice, edge).await?;
            let (mut lived, short) = live_both(&compared, standings).await?;
            if !short.is_empty() {
                let slice = Slice::Only(short);
                let whole = positions(&self.db, company.id, slice, None).await?;
                let (again, _) = live_both(&compared, whole).await?;
                let mut again: HashMap<CustomerId, Lived> =
                    again.into_iter().map(|it| (it.customer, it)).collect();
                for one in &mut lived {
                    if let Some(whole) = again.remove(&one.customer) {
                        *one = whole;
                    }
                }
            }
            lived.into_iter().for_each(|it| changes.add(it, &compared));
            done += u32::try_from(page.len()).unwrap_or(u32::MAX);
        }
        Ok(changes)
    }
}

/// The company as it works and as it would.
struct Compared<'a> {
    before: &'a Company,
    after: &'a Company,
    /// The first day of the change; at once when none is said.
    from: Option<Date>,
    depth: Depth,
    now: Timestamp,
}

impl Compared<'_> {
    /// Whether another hour of the same day is a change: it is where the law is compared.
    fn by_hour(&self) -> bool {
        self.before.packs.hash() != self.after.packs.hash()
    }
}

/// Lives customers both ways, off the threads that talk to the database; also tells of whom more of
/// the past is needed.
async fn live_both(
    compared: &Compared<'_>,
    standings: Vec<Standing>,
) -> Result<(Vec<Lived>, Vec<CustomerId>)> {
    let (company, after) = (compared.before.clone(), compared.after.clone());
    let (from, days, now) = (compared.from, compared.depth.days, compared.now);
    let work = move || {
        let facts = company.facts(CHANNELS);
        let (old, new) = (company.rules(&facts), after.rules(&facts));
        let changed = |day: Date| match from {
            Some(first) if day < first => &old,
            _ => &new,
        };
        let (mut all, mut short) = (Vec::with_capacity(standings.len()), Vec::new());
        for standing in standings {
            let position = standing.position;
            let before = live(&company, |_| &old, &position, now, days);
            let after = live(&company, changed, &position, now, days);
            if before.is_short || after.is_short {
                short.push(position.customer.id);
            }
            all.push(Lived {
                customer: position.customer.id,
                key: position.customer.key,
                name: position.customer.name,
                before: before.messages,
                after: after.messages,
            });
        }
        (all, short)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Error::Stopped("la comparación"))
}

/// One customer's messages under both policies.
struct Lived {
    customer: CustomerId,
    key: String,
    name: String,
    before: Vec<Message>,
    after: Vec<Message>,
}

struct Life {
    messages: Vec<Message>,
    /// Whether a cycle reaches further back than what was loaded.
    is_short: bool,
}

/// Lives so many days from `now` under the rules of each day: it is decided as its run would, and
/// what is planned counts as made.
fn live<'a>(
    company: &Company,
    rules: impl Fn(Date) -> &'a Rules<'a>,
    position: &Position,
    now: Timestamp,
    days: u16,
) -> Life {
    let mut position = position.clone();
    position
        .contacts
        .retain(|contact| contact.state != ContactState::Planned);
    let today = company.day_of(now);
    let end = today.saturating_add(i64::from(days).days());
    let mut life = Life {
        messages: Vec::new(),
        is_short: false,
    };
    let mut day = today;
    while day < end {
        let at = if day == today {
            now.max(company.run_instant(day))
        } else {
            company.run_instant(day)
        };
        let decision = decide(rules(day), &position, at);
        life.is_short |= decision.seen.cycle.is_some_and(|cycle| cycle.reaches_edge);
        if let Outcome::Contact(plan) = &decision.outcome {
            let leaves = company.day_of(plan.at).max(day);
            if leaves >= end {
                break;
            }
            life.messages.push(message(plan, leaves));
            position.contacts.push(made(plan));
            day = leaves;
        }
        day = day.saturating_add(1.day());
    }
    life
}

fn message(plan: &Plan, day: Date) -> Message {
    Message {
        day,
        at: plan.at,
        key: plan.key.clone(),
        tone: plan.action.tone,
        channel: plan.channel,
        template: plan.action.template.clone(),
    }
}

fn made(plan: &Plan) -> PastContact {
    PastContact {
        // An id only tells a contact from the one being claimed, and none is.
        id: ContactId::from_uuid(uuid::Uuid::nil()),
        key: plan.key.clone(),
        channel: plan.channel,
        tone: plan.action.tone,
        state: ContactState::Sent,
        planned_at: plan.at,
        performed_at: Some(plan.at),
        cancelled: false,
    }
}

/// Both lists side by side, message by message of the same key, in the order of days.
fn differences(before: Vec<Message>, after: Vec<Message>, by_hour: bool) -> Vec<Change> {
    let mut after: Vec<Option<Message>> = after.into_iter().map(Some).collect();
    let mut changes = Vec::new();
    for old in before {
        let same = after
            .iter_mut()
            .find(|it| it.as_ref().is_some_and(|new| new.key == old.key));
        match same.and_then(Option::take) {
            None => changes.push(Change::Removed(old)),
            Some(new) if old.is_same(&new, by_hour) => {}
            Some(new) => changes.push(Change::Moved {
                before: old,
                after: new,
            }),
        }
    }
    changes.extend(after.into_iter().flatten().map(Change::Added));
    changes.sort_by_key(|change| match change {
        Change::Added(message) | Change::Removed(message) => message.day,
        Change::Moved { before, after } => before.day.min(after.day),
    });
    changes
}
