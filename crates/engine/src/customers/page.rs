//! All there is to see of one customer: books as of a day, what lies on each document, what comes
//! next.

use std::collections::{BTreeMap, HashMap};

use domain::decide::{Decision, Outcome, Plan, Silence, decide};
use domain::document::Document;
use domain::facts::Position;
use domain::hold::{Hold, HoldKind};
use domain::ids::{ContactId, CustomerId, DocumentId, UserId};
use domain::law::{Assumption, Attempt};
use domain::ledger::{Books, OpenDocument, Source, Statement};
use domain::promise::{Promise, PromiseState};
use domain::{Currency, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use store::due_changes::DueChange;
use store::files::File;
use store::papers::PaperOf;
use store::positions::{Slice, positions, positions_known_at};
use store::tasks::Task;
use store::{assignments, customers, documents, due_changes, files, papers, work};

use crate::by_hand::Leave;
use crate::company::Company;
use crate::daily_run::CHANNELS;
use crate::{Engine, Error, Result};

/// Open tasks shown of a customer.
const TASKS_MAX: u32 = 20;

/// A customer with its books at the end of a day.
#[derive(Clone, Debug)]
pub struct CustomerPage {
    /// Today, as the company counts days.
    pub today: Date,
    /// The day of the balances.
    pub on: Date,
    /// The customer with all its facts, as known now.
    pub position: Position,
    /// Unmapped columns of its sources.
    pub extra: Value,
    /// Who looks after it.
    pub keeper: Option<UserId>,
    /// One per currency met.
    pub balances: Vec<Balance>,
    /// The books at the end of the day.
    pub statement: Statement,
    /// What is open for a person.
    pub tasks: Vec<Task>,
    /// What comes next, as of now.
    pub outlook: Outlook,
    /// Whether the customer may be called, visited or written to by hand now.
    pub leaves: Vec<Leave>,
}

/// What is owed in one currency at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Open documents less money in favour.
    pub net: Money,
    /// What is open of documents.
    pub open: Money,
    /// The part of it that is past its date.
    pub overdue: Money,
    /// The part of it that is frozen.
    pub held: Money,
    /// Money in favour that lies on no document.
    pub credits: Money,
}

/// A document with what lies on it.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentLine {
    /// The document.
    pub document: Document,
    /// What is open of it; none when it is settled or a credit note.
    pub open: Option<OpenDocument>,
    /// Minor units taken from it, where it is a credit note.
    pub used: Money,
    /// Money laid on it, oldest first.
    pub laid: Vec<Laid>,
    /// Files that show it.
    pub files: Vec<File>,
    /// An address in its source's own columns.
    pub link: Option<String>,
    /// What its e-invoice says.
    pub paper: Option<PaperOf>,
    /// How its due date was changed, oldest first.
    pub put_off: Vec<DueChange>,
}

/// Money on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The day it counts from.
    pub on: Date,
    /// How much; negative when it undoes an earlier one.
    pub amount: Money,
    /// The reference of the payment, or the number of the credit note.
    pub from: String,
    /// Whether it comes from a credit note.
    pub is_credit: bool,
}

/// What comes next for a customer, and why.
#[derive(Clone, Debug)]
pub struct Outlook {
    /// The decision as it would be made now.
    pub decision: Decision,
    /// The contact that waits already, with its instant; then the decision is the one it follows
    /// from, made anew.
    pub waiting: Option<(ContactId, Timestamp)>,
    /// Why not at once, in Spanish; empty when it is, or when nothing comes.
    pub not_sooner: Vec<String>,
    /// What was assumed where facts were unknown.
    pub assumptions: Vec<Assumption>,
}

impl Outlook {
    /// The contact that comes next.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.decision.outcome {
            Outcome::Contact(plan) => Some(plan),
            Outcome::Silence(_) => None,
        }
    }

    /// Why nothing comes next.
    pub const fn silence(&self) -> Option<&Silence> {
        match &self.decision.outcome {
            Outcome::Contact(_) => None,
            Outcome::Silence(silence) => Some(silence),
        }
    }
}

impl Engine {
    /// A customer with its books at the end of `on` (today when it is not said).
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn customer(
        &self,
        company: &Company,
        customer: CustomerId,
        on: Option<Date>,
    ) -> Result<CustomerPage> {
        self.customer_as(company, customer, (on, None)).await
    }

    /// The same from only what was recorded by an instant.
    ///
    /// # Errors
    /// As [`Engine::customer`].
    pub async fn customer_as(
        &self,
        company: &Company,
        customer: CustomerId,
        (on, known_at): (Option<Date>, Option<Timestamp>),
    ) -> Result<CustomerPage> {
        let position = match known_at {
            None => self.position(company, customer).await?,
            Some(instant) => {
                let only = Slice::Only(vec![customer]);
                let known = positions_known_at(&self.db, company.id, only, instant).await?;
                let known = known.into_iter().next();
                let missing = || Error::no_customer(&customer.to_string());
                known.ok_or_else(missing)?.position
            }
        };
        let record = customers::get(&self.db, company.id, customer).await?;
        let extra = record.map_or(Value::Null, |record| record.extra);
        let now = self.now();
        let today = company.day_of(now);
        let on = on.unwrap_or(today);
        let statement = position.books.statement(on);
        let balances = balances(&position.books, &statement);
        let keeper = assignments::of_customer(&self.db, company.id, customer).await?;
        let tasks = work::tasks_of_customer(&self.db, company.id, customer, TASKS_MAX).await?;
        let outlook = self.outlook(company, &position, now);
        let leaves = self.leaves(company, &position, now);
        Ok(CustomerPage {
            today,
            on,
            position,
            extra,
            keeper,
            balances,
            statement,
            tasks,
            outlook,
            leaves,
        })
    }

    /// All the facts of a customer, as known now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a customer that is not there, and what the database says.
    pub async fn position(&self, company: &Company, customer: CustomerId) -> Result<Position> {
        let only = Slice::Only(vec![customer]);
        let standing = positions(&self.db, company.id, only, None).await?;
        let standing = standing.into_iter().next();
        let standing = standing.ok_or_else(|| Error::no_customer(&customer.to_string()))?;
        Ok(standing.position)
    }

    /// Documents of a customer with what lies on each at the end of the statement's day: the open
    /// ones first, oldest due date first, then the others, latest first; those behind `skip` up to
    /// `most`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn document_lines(
        &self,
        company: &Company,
        page: &CustomerPage,
        (skip, most): (usize, usize),
    ) -> Result<Vec<DocumentLine>> {
        let books = &page.position.books;
        let mut lines = lines(books, &page.statement);
        lines.drain(..skip.min(lines.len()));
        lines.truncate(most);
        let ids: Vec<DocumentId> = lines.iter().map(|line| line.document.id).collect();
        let mut kept: HashMap<DocumentId, Vec<File>> = HashMap::new();
        for file in files::of_documents(&self.db, company.id, &ids).await? {
            if let Some(document) = file.document {
                kept.entry(document).or_default().push(file);
            }
        }
        let extras = documents::extras(&self.db, company.id, &ids).await?;
        let mut links: HashMap<DocumentId, String> = extras
            .into_iter()
            .filter_map(|(id, extra)| Some((id, link(&extra)?)))
            .collect();
        let papers = papers::of_documents(&self.db, company.id, &ids).await?;
        let mut papers: HashMap<DocumentId, PaperOf> =
            papers.into_iter().map(|it| (it.document, it)).collect();
        let changes = due_changes::of_documents(&self.db, company.id, &ids).await?;
        for line in &mut lines {
            line.paper = papers.remove(&line.document.id);
            let of_this = changes.iter().filter(|it| it.document == line.document.id);
            line.put_off = of_this.cloned().collect();
            line.files = kept.remove(&line.document.id).unwrap_or_default();
            line.link = links.remove(&line.document.id);
        }
        Ok(lines)
    }

    /// What comes next for a customer, and why not at once.
    fn outlook(&self, company: &Company, position: &Position, now: Timestamp) -> Outlook {
        let facts = company.facts(CHANNELS);
        let rules = company.rules(&facts);
        let mut decision = decide(&rules, position, now);
        let mut waiting = None;
        if let Outcome::Silence(Silence::AlreadyPlanned { key, at, .. }) = &decision.outcome {
            let contact = position.contacts.iter().find(|contact| contact.key == *key);
            waiting = contact.map(|contact| (contact.id, *at));
            if let Some((id, _)) = waiting {
                let mut before = position.clone();
                before.contacts.retain(|contact| contact.id != id);
                decision = decide(&rules, &before, now);
            }
        }
        let mut outlook = Outlook {
            decision,
            waiting,
            not_sooner: Vec::new(),
            assumptions: Vec::new(),
        };
        if let Some(plan) = outlook.plan() {
            let assumptions = plan.assumptions.clone();
            if plan.at > now {
                outlook.not_sooner = not_sooner(company, position, plan, now);
            }
            outlook.assumptions = assumptions;
        }
        outlook
    }
}

/// What the law says of making a contact now that is planned for later.
fn not_sooner(company: &Company, position: &Position, plan: &Plan, now: Timestamp) -> Vec<String> {
    let attempt = Attempt {
        at: now.into(),
        ..plan.attempt.clone()
    };
    let packs = &company.packs;
    let asked = packs.applicable_to_all(&plan.law_facts, &plan.other_debts);
    let verdict = asked.verdict(&position.attempts(None), &attempt);
    if verdict.allowed() {
        let hours = "Ahora no es horario de contacto de la política de la empresa.";
        return vec![hours.to_owned()];
    }
    let told = verdict
        .failures
        .iter()
        .map(|rule| format!("{} ({})", rule.sentence, rule.article));
    told.collect()
}

impl CustomerPage {
    /// Currencies in which something may be recorded: those met, else the company's.
    pub fn currencies(&self, company: &Company) -> Vec<Currency> {
        let mut currencies = self.position.books.currencies();
        if currencies.is_empty() {
            currencies.push(company.currency);
        }
        currencies
    }

    /// How many documents there are.
    pub fn documents(&self) -> usize {
        self.position.books.documents.len()
    }

    /// The number of a document.
    pub fn number_of(&self, document: DocumentId) -> Option<&str> {
        let mut all = self.position.books.documents.iter();
        let found = all.find(|it| it.id == document)?;
        Some(&found.number)
    }

    /// Holds that still hold today, newest first, then those that ended, newest first.
    pub fn holds(&self) -> Vec<(&Hold, bool)> {
        let ended = |hold: &Hold| hold.until.is_some_and(|until| until <= self.today);
        let all = self.position.books.holds.iter().rev();
        let mut holds: Vec<_> = all.map(|hold| (hold, !ended(hold))).collect();
        holds.sort_by_key(|(_, holding)| !holding);
        holds
    }

    /// Promises, newest first, with what became of each by today.
    pub fn promises(&self) -> Vec<(&Promise, PromiseState)> {
        let books = &self.position.books;
        let state = |it: &Promise| it.state_on(self.today, &books.paid(it.amount.currency));
        let all = books.promises.iter().rev();
        all.map(|promise| (promise, state(promise))).collect()
    }
}

/// Sums of a statement, one per currency met in the books.
fn balances(books: &Books, statement: &Statement) -> Vec<Balance> {
    let mut sums: BTreeMap<Currency, Balance> = BTreeMap::new();
    for currency in books.currencies() {
        let zero = Money::zero(currency);
        let credits = Money::new(statement.credit(currency), currency);
        let balance = Balance {
            net: Money::new(credits.minor.saturating_neg(), currency),
            open: zero,
            overdue: zero,
            held: zero,
            credits,
        };
        sums.insert(currency, balance);
    }
    for document in &statement.documents {
        let Some(sum) = sums.get_mut(&document.open.currency) else {
            continue;
        };
        let open = document.open.minor;
        sum.open.minor = sum.open.minor.saturating_add(open);
        sum.net.minor = sum.net.minor.saturating_add(open);
        sum.held.minor = sum.held.minor.saturating_add(document.held.minor);
        if document.due < statement.day {
            sum.overdue.minor = sum.overdue.minor.saturating_add(open);
        }
    }
    sums.into_values().collect()
}

fn lines(books: &Books, statement: &Statement) -> Vec<DocumentLine> {
    let open: HashMap<DocumentId, &OpenDocument> =
        statement.documents.iter().map(|it| (it.id, it)).collect();
    let (mut laid, used) = applied(books, statement.day);
    let issued = books
        .documents
        .iter()
        .filter(|it| it.issued <= statement.day);
    let mut lines: Vec<DocumentLine> = issued
        .map(|document| {
            let mut laid = laid.remove(&document.id).unwrap_or_default();
            laid.sort_by_key(|laid| laid.on);
            let used = used.get(&document.id).copied().unwrap_or(0);
            DocumentLine {
                open: open.get(&document.id).map(|it| (*it).clone()),
                used: Money::new(used, document.amount.currency),
                laid,
                files: Vec::new(),
                link: None,
                paper: None,
                put_off: Vec::new(),
                document: document.clone(),
            }
        })
        .collect();
    // The open by their due dates; behind them the settled, latest first.
    lines.sort_by(|a, b| {
        let settled = |line: &DocumentLine| line.open.is_none();
        let by_due = a.document.due.cmp(&b.document.due);
        let by_due = by_due.then_with(|| a.document.number.cmp(&b.document.number));
        settled(a)
            .cmp(&settled(b))
            .then(if settled(a) { by_due.reverse() } else { by_due })
    });
    lines
}

/// Money by the end of a day: what lies on each document, and what was taken from each credit note.
fn applied(books: &Books, day: Date) -> (HashMap<DocumentId, Vec<Laid>>, HashMap<DocumentId, i64>) {
    let payments: HashMap<_, &str> = books
        .payments
        .iter()
        .map(|payment| (payment.id, payment.reference.as_str()))
        .collect();
    let numbers: HashMap<_, &str> = books
        .documents
        .iter()
        .map(|document| (document.id, document.number.as_str()))
        .collect();
    let mut laid: HashMap<DocumentId, Vec<Laid>> = HashMap::new();
    let mut used: HashMap<DocumentId, i64> = HashMap::new();
    let currency_of: HashMap<_, Currency> = books
        .documents
        .iter()
        .map(|document| (document.id, document.amount.currency))
        .collect();
    for application in books.applications.iter().filter(|it| it.on <= day) {
        let Some(currency) = currency_of.get(&application.document) else {
            continue;
        };
        let (from, is_credit) = match application.source {
            Source::Payment(id) => (payments.get(&id), false),
            Source::Credit(id) => {
                *used.entry(id).or_default() += application.minor;
                (numbers.get(&id), true)
            }
        };
        laid.entry(application.document).or_default().push(Laid {
            on: application.on,
            amount: Money::new(application.minor, *currency),
            from: from.copied().unwrap_or_default().to_owned(),
            is_credit,
        });
    }
    (laid, used)
}

/// The address of a document's picture, where a column of its source holds one.
fn link(extra: &Value) -> Option<String> {
    let mut texts = extra.as_object()?.values().filter_map(Value::as_str);
    let found = texts.find(|text| {
        let tail = text.strip_prefix("https://");
        tail.is_some_and(|tail| {
            !tail.is_empty()
                && tail
                    .chars()
                    .all(|it| it.is_ascii_graphic() && !"\"'<>\\".contains(it))
        })
    })?;
    Some(found.to_owned())
}

/// The kinds of hold a person may set on a customer; a promise is recorded as one.
pub const HOLDS_TO_SET: &[HoldKind] = &[HoldKind::Dispute, HoldKind::Pause, HoldKind::Plan];
