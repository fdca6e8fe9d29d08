//! Before it goes: contacts held, released, cancelled and tried again by people, never past the
//! law.
//!
//! A release only lets a contact go; the claim reads facts and law again as it always does. What
//! was cancelled is not planned again, unless a person takes that back.

use std::collections::HashMap;

use domain::Money;
use domain::contact::{ContactState, Tone};
use domain::customer::Channel;
use domain::decide::{Outcome, Silence, confirm, decide};
use domain::ids::{ContactId, CustomerId, DecisionId, RunId};
use jiff::Timestamp;
use jiff::civil::Time;
use serde_json::json;
use store::bulk::{self, DueContact, NewDecision, NewStanding, RunChunk};
use store::contacts::{self, ContactRecord};
use store::outbox::{self, Filter, Listed, Shelf};
use store::positions::{Slice, positions};
use store::review::{self, CANCELLED, Release, Suppress};
use store::runs::{self, Run};
use store::tasks;

use crate::company::{Company, RunMode};
use crate::daily_run::work::planned;
use crate::daily_run::{Begin, CHANNELS, Progress, RunSummary};
use crate::{AUTHOR, Engine, Error, Result, record};

/// Contacts changed in one transaction.
const PAGE: u32 = 500;

/// Contacts counted before a count is said as "more than".
pub const COUNTED_MAX: u32 = 10_000;

/// Contacts that today's page shows as examples.
const EXAMPLES_MAX: u32 = 5;

/// The longest reason a person writes.
const REASON_MAX_CHARS: usize = 500;

/// Which contacts a person acts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// These.
    These(Vec<ContactId>),
    /// All on a shelf that a filter leaves.
    All(Shelf, Filter),
}

/// What became of a contact that a person tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retried {
    /// It is planned anew, for that instant.
    Planned(Timestamp),
    /// Nothing is due now, for this reason; it comes by itself when it is due again.
    Silent {
        /// The word.
        code: &'static str,
        /// The sentence.
        sentence: String,
    },
}

/// A run with its figures.
#[derive(Clone, Debug, PartialEq)]
pub struct RunShown {
    /// The run.
    pub run: Run,
    /// What it did; empty while it runs.
    pub summary: RunSummary,
}

/// How many of one step wait, and how they speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The step.
    pub step: String,
    /// Its tone.
    pub tone: Tone,
    /// The channel.
    pub channel: Channel,
    /// How many.
    pub contacts: u32,
}

/// Today's run before it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct TodayReview {
    /// How the company's day begins.
    pub mode: RunMode,
    /// When.
    pub run_hour: Time,
    /// The latest run, if there is one.
    pub run: Option<RunShown>,
    /// Whether that run is of today.
    pub is_of_today: bool,
    /// Contacts that wait for release, counted up to [`COUNTED_MAX`].
    pub held: u32,
    /// Contacts that leave by themselves, counted up to [`COUNTED_MAX`].
    pub planned: u32,
    /// Those that wait, by step, tone and channel; of the first [`COUNTED_MAX`].
    pub waiting: Vec<Waiting>,
    /// The first of them.
    pub examples: Vec<Listed>,
}

impl Engine {
    /// Runs the policy now, begun by a person at the console: what it plans waits for release
    /// unless the company sends by itself.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run_now(
        &self,
        company: &Company,
        author: &str,
        progress: &mut dyn Progress,
    ) -> Result<RunSummary> {
        let review = company.settings.runs != RunMode::Automatic;
        self.expire_held(company).await?;
        let begin = Begin {
            author,
            review,
            daily_on: None,
        };
        self.run_as(company, self.now(), &begin, progress).await
    }

    /// Lets held contacts go: at the next lawful instant where their hour has passed. Gives how
    /// many; a second release finds none.
    ///
    /// # Errors
    /// What the database says; pages changed before stay.
    pub async fn release(&self, company: &Company, which: &Which, author: &str) -> Result<u64> {
        let mut released = 0;
        let mut pages = self.pages(company, which);
        while let Some(page) = pages.next().await? {
            let contacts = self.releases(company, &page).await?;
            let stamp = self.stamp(author);
            released += review::release(&self.db, &stamp, company.id, contacts).await?;
        }
        Ok(released)
    }

    /// Each contact with the instant it moves to: the next lawful one, where its hour has passed
    /// and this is none.
    async fn releases(&self, company: &Company, page: &[Listed]) -> Result<Vec<Release>> {
        let now = self.now();
        let late: Vec<&Listed> = page.iter().filter(|it| it.planned_at <= now).collect();
        let moved = self.judged(company, &late, now).await?;
        let at = |contact: &Listed| match moved.get(&contact.id) {
            Some(Silence::OutOfHours { next_allowed }) => Some(*next_allowed),
            _ => None,
        };
        let release = |contact: &Listed| Release {
            contact: contact.id,
            at: at(contact),
        };
        Ok(page.iter().map(release).collect())
    }

    /// Why contacts would not be made at an instant; one that would be is not in the answer.
    async fn judged(
        &self,
        company: &Company,
        contacts: &[&Listed],
        at: Timestamp,
    ) -> Result<HashMap<ContactId, Silence>> {
        let pairs: Vec<(ContactId, CustomerId)> =
            contacts.iter().map(|it| (it.id, it.customer)).collect();
        self.judged_pairs(company, &pairs, at).await
    }

    async fn judged_pairs(
        &self,
        company: &Company,
        contacts: &[(ContactId, CustomerId)],
        at: Timestamp,
    ) -> Result<HashMap<ContactId, Silence>> {
        let mut customers: Vec<CustomerId> = contacts.iter().map(|it| it.1).collect();
        customers.sort_unstable();
        customers.dedup();
        if customers.is_empty() {
            return Ok(HashMap::new());
        }
        let found = positions(&self.db, company.id, Slice::Only(customers), None).await?;
        let facts = company.facts(CHANNELS);
        let rules = company.rules(&facts);
        let mut silences = HashMap::new();
        for (contact, customer) in contacts {
            let standing = found.iter().find(|it| it.position.customer.id == *customer);
            let Some(standing) = standing else {
                continue;
            };
            let decision = confirm(&rules, &standing.position, *contact, at);
            if let Outcome::Silence(silence) = decision.outcome {
                silences.insert(*contact, silence);
            }
        }
        Ok(silences)
    }

    /// Holds planned contacts until someone releases them. Gives how many.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason, and what the database says.
    pub async fn hold_contacts(
        &self,
        company: &Company,
        which: &Which,
        reason: &str,
        author: &str,
    ) -> Result<u64> {
        let reason = reason_of(reason)?;
        let mut held = 0;
        let mut pages = self.pages(company, which);
        while let Some(page) = pages.next().await? {
            let ids = page.iter().map(|it| it.id).collect();
            held += review::hold(&self.db, &self.stamp(author), company.id, ids, reason).await?;
        }
        Ok(held)
    }

    /// Decides that planned contacts are not made: they are suppressed with author, reason and
    /// proof, and their step is not planned again. Gives how many.
    ///
    /// # Errors
    /// [`Error::Invalid`] without a reason, and what the database says.
    pub async fn cancel_contacts(
        &self,
        company: &Company,
        which: &Which,
        reason: &str,
        author: &str,
    ) -> Result<u64> {
        let reason = reason_of(reason)?;
        let (mut cancelled, now) = (0, self.now());
        let mut pages = self.pages(company, which);
        while let Some(page) = pages.next().await? {
            // Words of a person may name others: the proof holds their digest, the contact them.
            let words = record::hex(&record::digest(reason));
            let body = json!({ "reason": CANCELLED, "author": author, "words": words });
            let suppress = |contact: &Listed| Suppress {
                contact: contact.id,
                reason: CANCELLED.to_owned(),
                words: Some(reason.to_owned()),
                proof: self.proof(company, now, "suppressed", body.clone()),
            };
            let contacts = page.iter().map(suppress).collect();
            let stamp = self.stamp(author);
            cancelled += review::suppress(&self.db, &stamp, company.id, contacts).await?;
        }
        Ok(cancelled)
    }

    fn pages<'a>(&'a self, company: &'a Company, which: &'a Which) -> Pages<'a> {
        Pages {
            engine: self,
            company,
            which,
            after: None,
            done: 0,
            ended: false,
        }
    }

    /// Tries a refused, suppressed or cancelled contact again: what is due now by policy and law is
    /// planned, and leaves without waiting for the next run.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a contact in another state, and what the database says.
    pub async fn retry_contact(
        &self,
        company: &Company,
        contact: ContactId,
        author: &str,
    ) -> Result<Retried> {
        let found = self.contact(company, contact).await?;
        if !matches!(found.state, ContactState::Failed | ContactState::Suppressed) {
            let why = "solo se reintenta lo rechazado, lo cancelado y lo que no se hizo";
            return Err(Error::invalid("gestión", why));
        }
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        review::take_back(&mut tx, &stamp, company.id, contact).await?;
        tx.commit().await?;
        self.plan_again(company, &found).await
    }

    /// Says of a contact of unknown outcome whether it arrived, and closes its task. One that did
    /// not may be tried again.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a contact in another state, and what the database says.
    pub async fn settle_unknown(
        &self,
        company: &Company,
        contact: ContactId,
        arrived: bool,
        author: &str,
    ) -> Result<()> {
        let stamp = self.stamp(author);
        let mut tx = self.db.begin().await?;
        let found = contacts::lock(&mut tx, company.id, contact).await?;
        let found = found.ok_or_else(|| no_contact(contact))?;
        if found.state != ContactState::Unknown {
            let why = "ya se sabe qué pasó con ella";
            return Err(Error::invalid("gestión", why));
        }
        let (state, reason) = if arrived {
            (ContactState::Sent, "confirmed_arrived")
        } else {
            (ContactState::Failed, "confirmed_not_arrived")
        };
        let body = json!({
            "before": { "state": "unknown" },
            "after": { "state": state.code(), "reason": reason },
        });
        let set = (contact, state);
        contacts::set_state(&mut tx, &stamp, company.id, set, Some(reason), &body).await?;
        for task in review::open_tasks(&mut tx, company.id, contact).await? {
            tasks::done(&mut tx, &stamp, company.id, task).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn contact(&self, company: &Company, contact: ContactId) -> Result<ContactRecord> {
        let found = contacts::get(&self.db, company.id, contact).await?;
        found.ok_or_else(|| no_contact(contact))
    }

    async fn plan_again(&self, company: &Company, of: &ContactRecord) -> Result<Retried> {
        let slice = Slice::Only(vec![of.customer]);
        let found = positions(&self.db, company.id, slice, None).await?;
        let Some(standing) = found.into_iter().next() else {
            return Err(no_contact(of.id));
        };
        let facts = company.facts(CHANNELS);
        let rules = company.rules(&facts);
        let decision = decide(&rules, &standing.position, self.now());
        let plan = match &decision.outcome {
            Outcome::Contact(plan) => plan,
            Outcome::Silence(silence) => {
                return Ok(Retried::Silent {
                    code: silence.code(),
                    sentence: silence.sentence(),
                });
            }
        };
        let (facts, content) = record::decision_text(&decision);
        let id = DecisionId::from_uuid(self.effects.uuid());
        let contact = ContactId::from_uuid(self.effects.uuid());
        let content = content.unwrap_or_default();
        let now = self.now();
        let chunk = RunChunk {
            run: of.run,
            as_of: company.day_of(now),
            decisions: vec![NewDecision {
                id,
                customer: of.customer,
                outcome: bulk::Outcome::Contact,
                reason: plan.key.step().to_owned(),
                facts,
            }],
            standings: vec![NewStanding {
                customer: of.customer,
                digest: record::digest(&format!("{:?}", plan.key)),
                decision: id,
                silence: None,
                first: standing.digest.is_none(),
            }],
            contacts: vec![planned(contact, of.customer, id, plan, content)],
            review: false,
            at: now,
        };
        bulk::plan(&self.db, company.id, chunk).await?;
        Ok(Retried::Planned(plan.at))
    }

    /// Suppresses, with their reason, held contacts whose day passed and that would no longer be
    /// made: paid, superseded, past their maximum lateness. Gives how many. What may still go keeps
    /// waiting.
    ///
    /// # Errors
    /// What the database says.
    pub async fn expire_held(&self, company: &Company) -> Result<u64> {
        let now = self.now();
        let today = company.day_of(now);
        let midnight = company.zone.to_timestamp(today.at(0, 0, 0, 0));
        let midnight = midnight.unwrap_or(now);
        let (mut expired, mut after) = (0, None);
        loop {
            let on = &self.db;
            let page = review::held_since(on, company.id, midnight, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(expired);
            };
            after = Some((last.planned_at, last.id));
            let gone = self.no_longer_due(company, &page, now).await?;
            let stamp = self.stamp(AUTHOR);
            expired += review::suppress(&self.db, &stamp, company.id, gone).await?;
        }
    }

    async fn no_longer_due(
        &self,
        company: &Company,
        page: &[DueContact],
        now: Timestamp,
    ) -> Result<Vec<Suppress>> {
        let pairs: Vec<_> = page.iter().map(|it| (it.id, it.customer)).collect();
        let silences = self.judged_pairs(company, &pairs, now).await?;
        let gone = silences.iter().filter_map(|(contact, silence)| {
            if matches!(silence, Silence::OutOfHours { .. }) {
                return None;
            }
            let body = json!({ "silence": record::silence(silence) });
            Some(Suppress {
                contact: *contact,
                reason: silence.code().to_owned(),
                words: None,
                proof: self.proof(company, now, "suppressed", body),
            })
        });
        Ok(gone.collect())
    }

    /// Today's run before it goes: who waits, for which step, in which tone, and who is left alone.
    ///
    /// # Errors
    /// What the database says.
    pub async fn today(&self, company: &Company) -> Result<TodayReview> {
        let (db, id) = (&self.db, company.id);
        let run = runs::latest(db, id, 1).await?.pop();
        let run = run.map(|run| self.shown(run)).transpose()?;
        let held = outbox::count(db, id, Shelf::Held, COUNTED_MAX).await?;
        let planned = outbox::count(db, id, Shelf::Planned, COUNTED_MAX).await?;
        let shelf = if held > 0 {
            Shelf::Held
        } else {
            Shelf::Planned
        };
        let filter = Filter::default();
        let examples = outbox::page(db, id, (shelf, &filter), None, EXAMPLES_MAX).await?;
        let waiting = outbox::held_steps(db, id, COUNTED_MAX).await?;
        let today = company.day_of(self.now());
        Ok(TodayReview {
            mode: company.settings.runs,
            run_hour: company.settings.run_hour,
            is_of_today: run.as_ref().is_some_and(|it| it.run.as_of == today),
            run,
            held,
            planned,
            waiting: waiting
                .into_iter()
                .map(|(step, tone, channel, contacts)| Waiting {
                    step,
                    tone,
                    channel,
                    contacts,
                })
                .collect(),
            examples: examples.rows,
        })
    }

    /// A run with its figures.
    ///
    /// # Errors
    /// [`Error::Json`] for figures that do not read.
    pub fn shown(&self, run: Run) -> Result<RunShown> {
        let is_empty = run
            .summary
            .as_object()
            .is_none_or(serde_json::Map::is_empty);
        let summary = if is_empty {
            RunSummary::default()
        } else {
            serde_json::from_value(run.summary.clone()).map_err(Error::json)?
        };
        Ok(RunShown { run, summary })
    }

    /// The run that came before one, if there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run_before(&self, company: &Company, run: &Run) -> Result<Option<RunShown>> {
        let cursor = Some((run.started_at, run.id));
        let before = runs::history(&self.db, company.id, cursor, 1).await?.pop();
        before.map(|run| self.shown(run)).transpose()
    }

    /// A run of the company.
    ///
    /// # Errors
    /// What the database says.
    pub async fn run_of(&self, company: &Company, run: RunId) -> Result<Option<RunShown>> {
        let found = runs::get(&self.db, company.id, run).await?;
        found.map(|run| self.shown(run)).transpose()
    }
}

/// The contacts a person acts on, a page at a time.
struct Pages<'a> {
    engine: &'a Engine,
    company: &'a Company,
    which: &'a Which,
    after: Option<outbox::Cursor>,
    done: usize,
    ended: bool,
}

impl Pages<'_> {
    async fn next(&mut self) -> Result<Option<Vec<Listed>>> {
        let (db, company) = (&self.engine.db, self.company.id);
        match self.which {
            Which::These(ids) => {
                let rest = &ids[self.done..];
                let page = &rest[..rest.len().min(PAGE as usize)];
                if page.is_empty() {
                    return Ok(None);
                }
                self.done += page.len();
                Ok(Some(outbox::of_ids(db, company, page).await?))
            }
            Which::All(shelf, filter) => {
                if self.ended {
                    return Ok(None);
                }
                let list = (*shelf, filter);
                let page = outbox::page(db, company, list, self.after, PAGE).await?;
                self.after = page.next;
                self.ended = page.next.is_none();
                Ok(Some(page.rows))
            }
        }
    }
}

/// What a contact asks for or announces, per currency, as its stored content names it.
///
/// # Errors
/// [`Error::Json`] when the content is none of ours.
pub fn asked(content: &str) -> Result<Vec<Money>> {
    let mut totals: Vec<Money> = Vec::new();
    for (_, amount) in documents(content)? {
        match totals.iter_mut().find(|it| it.currency == amount.currency) {
            Some(total) => total.minor = total.minor.saturating_add(amount.minor),
            None => totals.push(amount),
        }
    }
    Ok(totals)
}

/// The documents that a contact names, those asked for and those announced, with their amounts.
///
/// # Errors
/// [`Error::Json`] when the content is none of ours.
pub fn documents(content: &str) -> Result<Vec<(String, Money)>> {
    record::documents(content)
}

fn reason_of(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid(
            "motivo",
            "escriba por qué, en pocas palabras",
        ));
    }
    if reason.chars().count() > REASON_MAX_CHARS || reason == bulk::HELD_FOR_REVIEW.1 {
        return Err(Error::invalid("motivo", "escríbalo en menos de 500 letras"));
    }
    Ok(reason)
}

fn no_contact(contact: ContactId) -> Error {
    Error::NotFound {
        what: "la gestión",
        key: contact.to_string(),
        hint: String::new(),
    }
}
