//! The outbox as lists: what waits, what left, what did not, each a walk along one small index.
//!
//! A list filtered by more than its shelf reads a bounded stretch per page, so that a rare step
//! among a million contacts costs a few pages and never a scan.

use domain::contact::{ContactKey, ContactState, Tone};
use domain::customer::Channel;
use domain::{CompanyId, ContactId, CustomerId, RunId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::contacts::Held;
use crate::db::{Access, first, rows};
use crate::error::Result;
use crate::value::{Bind, FromRow, Row, binds};

/// Contacts read at most for one page of a filtered list.
const STRETCH_MAX: u32 = 1_000;

/// Where a contact stands, as a person looks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Planned, waiting for a person's release.
    Held,
    /// Planned, leaving by itself.
    Planned,
    /// Taken up this moment.
    Leaving,
    /// Made: accepted by the provider, and what was heard since.
    Sent,
    /// Not made, with its reason.
    Suppressed,
    /// Refused by the provider.
    Failed,
    /// Nobody knows whether it left.
    Unknown,
}

impl Shelf {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Held,
        Self::Planned,
        Self::Leaving,
        Self::Sent,
        Self::Suppressed,
        Self::Failed,
        Self::Unknown,
    ];

    /// Its word in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Planned => "planned",
            Self::Leaving => "leaving",
            Self::Sent => "sent",
            Self::Suppressed => "suppressed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The shelf of that word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shelf| shelf.code() == code)
    }

    /// Condition, instant, and whether the latest comes first. The conditions are those of the
    /// indexes, word for word: SQLite uses a partial index only where it reads its own words.
    const fn walk(self) -> (&'static str, &'static str, bool) {
        match self {
            Self::Held => (
                "t.state = 'planned' AND t.held_at IS NOT NULL",
                "t.planned_at",
                false,
            ),
            Self::Planned => (
                "t.state = 'planned' AND t.held_at IS NULL",
                "t.planned_at",
                false,
            ),
            Self::Leaving => ("t.state = 'claimed'", "t.claimed_at", true),
            Self::Sent => (
                "t.performed_at IS NOT NULL \
                 AND t.state IN ('sent', 'delivered', 'read', 'answered')",
                "t.performed_at",
                true,
            ),
            Self::Suppressed => ("t.state = 'suppressed'", "t.planned_at", true),
            Self::Failed => ("t.state = 'failed'", "t.planned_at", true),
            Self::Unknown => ("t.state = 'unknown'", "t.planned_at", true),
        }
    }
}

/// What a list is narrowed to beside its shelf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The step of the policy.
    pub step: Option<String>,
    /// The channel.
    pub channel: Option<Channel>,
    /// The tone.
    pub tone: Option<Tone>,
    /// The word of the reason.
    pub reason: Option<String>,
    /// The run that planned it.
    pub run: Option<RunId>,
    /// The customer.
    pub customer: Option<CustomerId>,
    /// Whether it waits for the look at the day's run (`true`) or a person stopped it (`false`).
    pub review: Option<bool>,
}

impl Filter {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The conditions, with their values behind `binds`.
    fn conditions<'a>(&'a self, binds: &mut Vec<Bind<'a>>) -> String {
        let mut sql = String::new();
        let mut add = |column: &str, value: Option<Bind<'a>>| {
            if let Some(value) = value {
                binds.push(value);
                sql.push_str(&format!(" AND t.{column} = ${}", binds.len()));
            }
        };
        add("step", self.step.as_ref().map(Bind::from));
        add("channel", self.channel.map(Bind::from));
        add("tone", self.tone.map(Bind::from));
        add("reason", self.reason.as_ref().map(Bind::from));
        add("run_id", self.run.map(Bind::from));
        if let Some(review) = self.review {
            let is = if review { "=" } else { "<>" };
            sql.push_str(&format!(" AND t.held_reason {is} 'review'"));
        }
        sql
    }
}

/// Where a page of a list begins: behind this instant and contact.
pub type Cursor = (Timestamp, ContactId);

/// A contact as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its place in the list.
    pub at: Timestamp,
    /// Our id.
    pub id: ContactId,
    /// The customer.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// The customer's name.
    pub customer_name: String,
    /// The run that planned it.
    pub run: RunId,
    /// What it is for.
    pub key: ContactKey,
    /// The channel.
    pub channel: Channel,
    /// The tone.
    pub tone: Tone,
    /// The template.
    pub template: String,
    /// Documents, amounts and totals as canonical JSON.
    pub content: String,
    /// Where it stands.
    pub state: ContactState,
    /// Why it was suppressed, failed or is unknown.
    pub reason: Option<String>,
    /// When it is or was to be made.
    pub planned_at: Timestamp,
    /// When it left.
    pub performed_at: Option<Timestamp>,
    /// Who holds or cancelled it.
    pub held: Option<Held>,
}

impl FromRow for Listed {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            at: row.get()?,
            id: row.get()?,
            customer: row.get()?,
            customer_key: row.get()?,
            customer_name: row.get()?,
            run: row.get()?,
            key: row.get()?,
            channel: row.get()?,
            tone: row.get()?,
            template: row.get()?,
            content: row.get()?,
            state: row.get()?,
            reason: row.get()?,
            planned_at: row.get()?,
            performed_at: row.get()?,
            held: row.get()?,
        })
    }
}

const COLUMNS: &str = "t.id, t.customer_id, c.key, c.name, t.run_id, t.kind, t.step, t.key_day, \
    t.channel, t.tone, t.template, t.content, t.state, t.reason, t.planned_at, t.performed_at, \
    t.held_at, t.held_by, t.held_reason";

const JOIN: &str = "JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id";

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it shows.
    pub rows: Vec<Listed>,
    /// Where the next page begins; `None` at the end. There may be a next page behind one that
    /// shows little or nothing: a filtered list reads a bounded stretch at a time.
    pub next: Option<Cursor>,
}

/// A page of a shelf.
///
/// # Errors
/// What the database says.
pub async fn page<A: Access + Copy>(
    on: A,
    company: CompanyId,
    (shelf, filter): (Shelf, &Filter),
    after: Option<Cursor>,
    limit: u32,
) -> Result<Page> {
    let walk = Walk::new(company, shelf, after);
    let mut binds = walk.binds.clone();
    let sql = walk.select(filter, &mut binds, limit + 1);
    let mut found: Vec<Listed> = rows(on, &sql, &binds, FromRow::from_row).await?;
    let mut next = None;
    if found.len() > limit as usize {
        found.truncate(limit as usize);
        next = found.last().map(|row| (row.at, row.id));
    } else if !filter.is_empty() && filter.customer.is_none() {
        let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
        next = first(on, &walk.end_of_stretch(), &walk.binds, read).await?;
    }
    Ok(Page { rows: found, next })
}

/// The way along a shelf's index from a cursor on.
struct Walk {
    condition: String,
    at: &'static str,
    order: String,
    binds: Vec<Bind<'static>>,
}

impl Walk {
    fn new(company: CompanyId, shelf: Shelf, after: Option<Cursor>) -> Self {
        let (condition, at, newest_first) = shelf.walk();
        let (than, direction) = if newest_first {
            ("<", "DESC")
        } else {
            (">", "ASC")
        };
        let mut binds = vec![Bind::from(company)];
        let mut condition = format!("t.company_id = $1 AND {condition}");
        if let Some((instant, id)) = after {
            binds.extend(binds![instant, id]);
            condition.push_str(&format!(" AND ({at}, t.id) {than} ($2, $3)"));
        }
        Self {
            condition,
            at,
            order: format!("ORDER BY {at} {direction}, t.id {direction}"),
            binds,
        }
    }

    /// The rows of a page. Of a narrowed shelf, a stretch of the index is narrowed first and only
    /// what is left is read whole; one customer's contacts are few and have an index of their own.
    fn select<'a>(&self, filter: &'a Filter, binds: &mut Vec<Bind<'a>>, limit: u32) -> String {
        let Self {
            condition,
            at,
            order,
            ..
        } = self;
        let narrowed = filter.conditions(binds);
        let from = if filter.customer.is_some() {
            let place = binds.len();
            binds.extend(filter.customer.map(Bind::from));
            let customer = place + 1;
            format!(
                "(SELECT t.* FROM contacts t WHERE t.company_id = $1 \
                 AND t.customer_id = ${customer} ORDER BY t.planned_at DESC \
                 LIMIT {STRETCH_MAX}) t {JOIN} WHERE {condition}{narrowed}"
            )
        } else if filter.is_empty() {
            format!("contacts t {JOIN} WHERE {condition}")
        } else {
            format!(
                "(SELECT t.id, t.step, t.channel, t.tone, t.reason, t.run_id, t.held_reason \
                 FROM contacts t WHERE {condition} {order} LIMIT {STRETCH_MAX}) w \
                 JOIN contacts t ON t.company_id = $1 AND t.id = w.id {JOIN} \
                 WHERE t.company_id = $1{}",
                narrowed.replace(" t.", " w.")
            )
        };
        format!("SELECT {at}, {COLUMNS} FROM {from} {order} LIMIT {limit}")
    }

    /// The last contact of a stretch, when it is a whole one.
    fn end_of_stretch(&self) -> String {
        let Self {
            condition,
            at,
            order,
            ..
        } = self;
        format!(
            "SELECT {at}, t.id FROM contacts t WHERE {condition} {order} LIMIT 1 OFFSET {}",
            STRETCH_MAX - 1
        )
    }
}

/// Those contacts, as a list shows them.
///
/// # Errors
/// What the database says.
pub async fn of_ids(
    on: impl Access,
    company: CompanyId,
    contacts: &[ContactId],
) -> Result<Vec<Listed>> {
    let sql = format!(
        "SELECT t.planned_at, {COLUMNS} FROM contacts t {JOIN} \
         WHERE t.company_id = $1 AND t.id {{uuids:2}} ORDER BY t.id"
    );
    let ids: Vec<Uuid> = contacts.iter().map(|it| it.uuid()).collect();
    rows(on, &sql, &binds![company, ids], FromRow::from_row).await
}

/// How many stand on a shelf, counted up to `most`.
///
/// # Errors
/// What the database says.
pub async fn count(on: impl Access, company: CompanyId, shelf: Shelf, most: u32) -> Result<u32> {
    let (condition, at, _) = shelf.walk();
    // The order leads to the shelf's own index, which is all that is read.
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT {at} FROM contacts t \
         WHERE t.company_id = $1 AND {condition} ORDER BY {at} LIMIT {most}) x"
    );
    let found: Option<i64> = first(on, &sql, &binds![company], FromRow::from_row).await?;
    Ok(u32::try_from(found.unwrap_or(0)).unwrap_or(most))
}

/// The steps of the contacts that wait for release, each with how many, of the first `most`.
///
/// # Errors
/// What the database says.
pub async fn held_steps(
    on: impl Access,
    company: CompanyId,
    most: u32,
) -> Result<Vec<(String, Tone, Channel, u32)>> {
    let sql = format!(
        "SELECT x.step, x.tone, x.channel, COUNT(*) FROM (SELECT t.step, t.tone, t.channel \
         FROM contacts t WHERE t.company_id = $1 AND t.state = 'planned' \
         AND t.held_at IS NOT NULL ORDER BY t.planned_at, t.id LIMIT {most}) x \
         GROUP BY x.step, x.tone, x.channel ORDER BY 4 DESC, 1"
    );
    let read = |row: &mut Row<'_>| {
        let (step, tone, channel) = (row.get()?, row.get()?, row.get()?);
        let count: i64 = row.get()?;
        Ok((
            step,
            tone,
            channel,
            u32::try_from(count).unwrap_or(u32::MAX),
        ))
    };
    rows(on, &sql, &binds![company], read).await
}
