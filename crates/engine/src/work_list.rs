//! The collector's day: which customers ask for a person, in what order, and what was done.
//!
//! Candidates come from indices, each kind bounded; whether they still matter, and how much, is
//! read from the facts of those customers.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::Money;
use domain::calendar::days_late;
use domain::facts::Position;
use domain::hold::Hold;
use domain::ids::{CustomerId, TaskId, UserId};
use domain::ledger::Statement;
use domain::promise::PromiseState;
use domain::work::{Matter, Reason, Weight, weight};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use store::positions::{Slice, positions, weighed};
use store::tasks::{self, Task};
use store::work::{self, Candidate, Mark};
use uuid::Uuid;

use crate::by_hand::Leave;
use crate::company::Company;
use crate::{Engine, Error, Result};

/// Candidates of each kind.
const EACH_MAX: u32 = 200;
/// Customers weighed at once.
const CUSTOMERS_MAX: usize = 400;
/// Rows of the whole list.
pub const ROWS_MAX: usize = 50;
/// A promise broken longer ago is no news.
const BROKEN_DAYS: i64 = 30;
/// A message older than this is answered or forgotten.
const WAITING_DAYS: i64 = 21;
/// A dispute older than this is a matter of law.
const DISPUTE_DAYS: i64 = 180;
/// Nothing heard, said or noted for so long is silence.
const QUIET_DAYS: i64 = 21;
/// Days for which a silence that someone looked at is left alone.
const QUIET_AGAIN_DAYS: i64 = 14;
/// Customers among whose balances the high ones are looked for, and how many silent ones are shown.
const QUIET_AMONG: (u32, u32) = (200, 20);
/// Settled documents and spent money of the last days are looked at, no older ones.
const HORIZON_DAYS: i64 = 60;
/// Letters shown of a dispute.
const TEXT_CHARS_MAX: usize = 140;

/// A customer on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkRow {
    /// The customer; none for a task about no customer.
    pub customer: Option<WorkCustomer>,
    /// Why it is here, the weightiest first.
    pub items: Vec<WorkItem>,
    /// Its place.
    pub weight: Weight,
    /// Whether the customer may be called, visited or written to now.
    pub leaves: Vec<Leave>,
}

/// Who a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkCustomer {
    /// Our id.
    pub id: CustomerId,
    /// The company's own key.
    pub key: String,
    /// Name.
    pub name: String,
    /// What is overdue, per currency.
    pub overdue: Vec<Money>,
}

/// One reason for which someone is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkItem {
    /// The reason.
    pub reason: Reason,
    /// What it is about: a promise, a message, a hold, a task.
    pub subject: Uuid,
    /// The money that hangs on it.
    pub stake: Money,
    /// Days it waits.
    pub days: i64,
    /// What it is, in the words of who wrote it; empty where the reason says all.
    pub text: String,
}

/// A list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkList {
    /// The first rows, the weightiest first.
    pub rows: Vec<WorkRow>,
    /// How many rows there are among those looked at.
    pub found: usize,
    /// Whether there may be more than were looked at.
    pub more: bool,
}

impl Engine {
    /// What asks for a person today: of a user's customers, or of all; the first `rows_max` of it,
    /// each with what the law says of reaching the customer now.
    ///
    /// # Errors
    /// What the database says.
    pub async fn work_list(
        &self,
        company: &Company,
        whose: Option<UserId>,
        rows_max: usize,
    ) -> Result<WorkList> {
        let now = self.now();
        let today = company.day_of(now);
        let gathered = self.gather(company, whose, (now, today)).await?;
        let ids: Vec<CustomerId> = gathered.customers.clone();
        let marks = work::marks(&self.db, company.id, &ids).await?;
        let done = Done::new(marks, today);
        let horizon = today.saturating_sub(HORIZON_DAYS.days());
        let standings = weighed(&self.db, company.id, ids, Some(horizon)).await?;
        let mut rows: Vec<WorkRow> = standings
            .iter()
            .filter_map(|it| gathered.row(company, &it.position, today, &done))
            .collect();
        for task in gathered.tasks.iter().filter(|task| task.customer.is_none()) {
            rows.extend(loose_task(company, task, today));
        }
        rows.sort_by(|a, b| {
            let name = |row: &WorkRow| row.customer.as_ref().map(|it| it.name.clone());
            b.weight.cmp(&a.weight).then_with(|| name(a).cmp(&name(b)))
        });
        let found = rows.len();
        rows.truncate(rows_max.min(ROWS_MAX));
        let shown = rows
            .iter()
            .filter_map(|row| Some(row.customer.as_ref()?.id));
        let shown = Slice::Only(shown.collect());
        let reached = positions(&self.db, company.id, shown, Some(horizon)).await?;
        for row in &mut rows {
            let Some(customer) = row.customer.as_ref().map(|it| it.id) else {
                continue;
            };
            let place = reached.binary_search_by_key(&customer, |it| it.position.customer.id);
            if let Ok(place) = place {
                row.leaves = self.leaves(company, &reached[place].position, now);
            }
        }
        Ok(WorkList {
            rows,
            found,
            more: gathered.more,
        })
    }

    async fn gather(
        &self,
        company: &Company,
        whose: Option<UserId>,
        (now, today): (Timestamp, Date),
    ) -> Result<Gathered> {
        let (db, id) = (&self.db, company.id);
        let ago = |days: i64| now.checked_sub((days * 24).hours()).unwrap_or(now);
        let span = (today.saturating_sub(BROKEN_DAYS.days()), today);
        let promised = work::promised(db, id, whose, span, EACH_MAX).await?;
        let since = ago(WAITING_DAYS);
        let answers = work::unanswered(db, id, whose, since, EACH_MAX).await?;
        let tasks = work::tasks(db, id, whose, EACH_MAX).await?;
        let by_hand = work::by_hand(db, id, whose, EACH_MAX).await?;
        let since = (ago(DISPUTE_DAYS), today);
        let disputes = work::disputes(db, id, whose, since, EACH_MAX).await?;
        let before = today.saturating_sub(QUIET_DAYS.days());
        let since = (company.currency, before, ago(QUIET_DAYS));
        let quiet = work::quiet(db, id, whose, since, QUIET_AMONG).await?;
        let full = |len: usize| u32::try_from(len).is_ok_and(|len| len == EACH_MAX);
        let more = [
            promised.len(),
            answers.len(),
            tasks.len(),
            by_hand.len(),
            disputes.len(),
        ]
        .into_iter()
        .any(full);
        let mut customers: Vec<CustomerId> = promised;
        customers.extend(answers.iter().map(|it| it.customer));
        customers.extend(tasks.iter().filter_map(|it| it.customer));
        customers.extend(by_hand.iter().map(|it| it.customer));
        customers.extend(disputes.iter().map(|it| it.customer));
        customers.extend(quiet.iter().copied());
        let mut seen = HashSet::new();
        customers.retain(|customer| seen.insert(*customer));
        let more = more || customers.len() > CUSTOMERS_MAX;
        customers.truncate(CUSTOMERS_MAX);
        Ok(Gathered {
            customers,
            answers,
            tasks,
            by_hand,
            disputes,
            quiet,
            more,
        })
    }

    /// Says of lines of the list that they are done. A task is done for good; what hangs on facts
    /// comes back when there are new ones.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a task that is not open, and what the database says.
    pub async fn work_done(
        &self,
        company: &Company,
        customer: Option<CustomerId>,
        items: &[(Reason, Uuid)],
        author: &str,
    ) -> Result<()> {
        self.mark(company, customer, items, None, author).await
    }

    /// Puts lines of the list off until a day.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a day that is not to come, and what the database says.
    pub async fn work_later(
        &self,
        company: &Company,
        customer: Option<CustomerId>,
        items: &[(Reason, Uuid)],
        until: Date,
        author: &str,
    ) -> Result<()> {
        if until <= company.day_of(self.now()) {
            return Err(Error::invalid("día", "elija un día por venir"));
        }
        self.mark(company, customer, items, Some(until), author)
            .await
    }

    async fn mark(
        &self,
        company: &Company,
        customer: Option<CustomerId>,
        items: &[(Reason, Uuid)],
        again_on: Option<Date>,
        author: &str,
    ) -> Result<()> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let quiet_until = company
            .day_of(stamp.at)
            .saturating_add(QUIET_AGAIN_DAYS.days());
        for &(reason, subject) in items {
            if reason == Reason::Task && again_on.is_none() {
                let task = TaskId::from_uuid(subject);
                let done = tasks::done(&mut tx, &stamp, company.id, task).await;
                done.map_err(|_| Error::NotFound {
                    what: "la tarea pendiente",
                    key: subject.to_string(),
                    hint: ": quizá alguien ya la hizo".to_owned(),
                })?;
            } else if let Some(customer) = customer {
                if !store::customers::lock(&mut tx, company.id, customer).await? {
                    return Err(Error::no_customer(&customer.to_string()));
                }
                // A silence is never over by being looked at.
                let again = (reason == Reason::GoneQuiet).then_some(quiet_until);
                let mark = Mark {
                    customer,
                    reason,
                    subject,
                    again_on: again_on.or(again),
                };
                work::mark(&mut tx, &stamp, company.id, mark).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }
}

/// What may ask for a person.
struct Gathered {
    customers: Vec<CustomerId>,
    answers: Vec<Candidate>,
    tasks: Vec<Task>,
    by_hand: Vec<Candidate>,
    disputes: Vec<Candidate>,
    quiet: Vec<CustomerId>,
    more: bool,
}

/// What was done with, as of a day.
struct Done(HashMap<(CustomerId, Reason, Uuid), Option<Date>>, Date);

impl Done {
    fn new(marks: Vec<Mark>, today: Date) -> Self {
        let marks = marks.into_iter();
        let key = |mark: Mark| ((mark.customer, mark.reason, mark.subject), mark.again_on);
        Self(marks.map(key).collect(), today)
    }

    fn is_done(&self, customer: CustomerId, reason: Reason, subject: Uuid) -> bool {
        match self.0.get(&(customer, reason, subject)) {
            None => false,
            Some(None) => true,
            Some(Some(again_on)) => *again_on > self.1,
        }
    }
}

impl Gathered {
    /// The row of a customer; none when nothing of it asks for a person any more.
    fn row(
        &self,
        company: &Company,
        position: &Position,
        today: Date,
        done: &Done,
    ) -> Option<WorkRow> {
        let customer = position.customer.id;
        let statement = position.books.statement(today);
        let overdue = overdue(&statement);
        let nothing = Money::zero(company.currency);
        let stake = overdue.iter().copied().max_by_key(|it| it.minor);
        let stake = stake.unwrap_or(nothing);
        let mut items = promises(position, today);
        let waits = |since: Timestamp| days_late(company.day_of(since), today).max(0);
        let own = |list: &'_ [Candidate]| -> Vec<Candidate> {
            let own = list.iter().filter(|it| it.customer == customer);
            own.copied().collect()
        };
        for answer in own(&self.answers) {
            items.push(item(
                Reason::AnswerWaiting,
                answer.subject,
                stake,
                waits(answer.since),
            ));
        }
        // What was done since, by a person or by money, is seen by the next run; this at once.
        let owes = !statement.net_chaseable().is_empty();
        for step in own(&self.by_hand).into_iter().filter(|_| owes) {
            let done = position.calls.iter().any(|it| it.at >= step.since);
            if !done {
                let waits = waits(step.since);
                items.push(item(Reason::StepByHand, step.subject, stake, waits));
            }
        }
        for dispute in own(&self.disputes) {
            let hold = position.books.holds.iter();
            let hold = { hold }.find(|hold| hold.id.uuid() == dispute.subject);
            // What was contested and is settled since, nobody need look at.
            if let Some(hold) = hold
                && let Some(amount) = contested(hold, &statement, stake)
            {
                let waits = waits(dispute.since);
                let mut item = item(Reason::Dispute, dispute.subject, amount, waits);
                item.text = short(&hold.reason);
                items.push(item);
            }
        }
        for task in self.tasks.iter().filter(|it| it.customer == Some(customer)) {
            let subject = task.id.uuid();
            let mut item = item(Reason::Task, subject, stake, waits(task.recorded_at));
            item.text = task.text.clone();
            items.push(item);
        }
        if self.quiet.contains(&customer) && !statement.net_chaseable().is_empty() {
            let days = silent_for(company, position, &statement, today);
            if days >= QUIET_DAYS {
                items.push(item(Reason::GoneQuiet, customer.uuid(), stake, days));
            }
        }
        items.retain(|item| !done.is_done(customer, item.reason, item.subject));
        let whose = WorkCustomer {
            id: customer,
            key: position.customer.key.clone(),
            name: position.customer.name.clone(),
            overdue,
        };
        row(Some(whose), items)
    }
}

/// What is overdue, per currency.
fn overdue(statement: &Statement) -> Vec<Money> {
    let mut overdue: BTreeMap<_, i64> = BTreeMap::new();
    for document in statement.overdue() {
        let sum = overdue.entry(document.open.currency).or_default();
        *sum = sum.saturating_add(document.open.minor);
    }
    let sums = overdue.into_iter();
    sums.map(|(currency, minor)| Money::new(minor, currency))
        .collect()
}

/// Promises that were broken lately, or are to be kept today.
fn promises(position: &Position, today: Date) -> Vec<WorkItem> {
    let books = &position.books;
    let of = |promise: &domain::promise::Promise| {
        let paid = books.paid(promise.amount.currency);
        let came_in = paid
            .iter()
            .filter(|(on, _)| *on >= promise.made_on && *on <= today);
        let came_in: i64 = came_in
            .map(|(_, minor)| *minor)
            .fold(0, i64::saturating_add);
        let left = Money::new(
            (promise.amount.minor - came_in).max(0),
            promise.amount.currency,
        );
        let (reason, days) = match promise.state_on(today, &paid) {
            PromiseState::Broken { since } => (Reason::BrokenPromise, days_late(since, today)),
            PromiseState::Pending if promise.due_on == today => (Reason::PromiseToday, 0),
            PromiseState::Pending | PromiseState::Kept => return None,
        };
        let news = days <= BROKEN_DAYS && left.is_positive();
        news.then(|| item(reason, promise.id.uuid(), left, days))
    };
    books.promises.iter().filter_map(of).collect()
}

/// What a dispute is about: its amount, what is open of its document, or all that is overdue; none
/// when its document is settled.
fn contested(hold: &Hold, statement: &Statement, overdue: Money) -> Option<Money> {
    let open = match hold.document {
        None => overdue,
        Some(id) => statement.documents.iter().find(|it| it.id == id)?.open,
    };
    Some(hold.amount.unwrap_or(open))
}

/// Days since anything left to the customer or came from it; since its oldest open due date where
/// nothing ever did.
fn silent_for(company: &Company, position: &Position, statement: &Statement, today: Date) -> i64 {
    let made = position.contacts.iter().filter(|it| it.state.counts());
    let contacts = made.filter_map(|it| it.performed_at);
    let calls = position.calls.iter().map(|it| it.at);
    let last = contacts.chain(calls).chain(position.last_answer).max();
    let oldest = statement.documents.first().map_or(today, |it| it.due);
    days_late(last.map_or(oldest, |at| company.day_of(at)), today)
}

const fn item(reason: Reason, subject: Uuid, stake: Money, days: i64) -> WorkItem {
    WorkItem {
        reason,
        subject,
        stake,
        days,
        text: String::new(),
    }
}

fn row(customer: Option<WorkCustomer>, mut items: Vec<WorkItem>) -> Option<WorkRow> {
    let matter = |item: &WorkItem| Matter {
        reason: item.reason,
        stake: item.stake,
        days: item.days,
    };
    let matters: Vec<Matter> = items.iter().map(matter).collect();
    let weight_of_all = weight(&matters)?;
    items.sort_by_key(|item| std::cmp::Reverse(weight(&[matter(item)])));
    Some(WorkRow {
        customer,
        items,
        weight: weight_of_all,
        leaves: Vec::new(),
    })
}

fn loose_task(company: &Company, task: &Task, today: Date) -> Option<WorkRow> {
    let days = days_late(company.day_of(task.recorded_at), today).max(0);
    let nothing = Money::zero(company.currency);
    let mut item = item(Reason::Task, task.id.uuid(), nothing, days);
    item.text = task.text.clone();
    row(None, vec![item])
}

/// The beginning of a text.
fn short(text: &str) -> String {
    let mut letters = text.chars();
    let begun: String = letters.by_ref().take(TEXT_CHARS_MAX).collect();
    if letters.next().is_some() {
        format!("{begun}…")
    } else {
        begun
    }
}
