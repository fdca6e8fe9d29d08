//! What people do with contacts before they go: hold, release, cancel; and who is left alone.

use std::collections::{HashMap, HashSet};

use domain::contact::{ContactKey, ContactState, Tone};
use domain::{CompanyId, ContactId, CustomerId, RunId, TaskId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bulk::{Clash, DUE, DueContact, EVENTS, Heavy, Rows, Table, write_heavily};
use crate::db::{Access, Db, Tx, first, rows, run};
use crate::error::Result;
use crate::events;
use crate::proofs::{NewProofs, ProofKind};
use crate::stamp::Stamp;
use crate::value::{Bind, FromRow, Row, binds};

/// The word of a contact that a person decided not to make.
pub const CANCELLED: &str = "cancelled";

/// A contact to be let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// The contact.
    pub contact: ContactId,
    /// The instant to which it moves; `None` leaves it where it was planned.
    pub at: Option<Timestamp>,
}

/// A contact that is not to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppress {
    /// The contact.
    pub contact: ContactId,
    /// Why, a word: [`CANCELLED`] when a person decided it.
    pub reason: String,
    /// Why, in the words of the person.
    pub words: Option<String>,
    /// Why, canonical JSON.
    pub proof: String,
}

const RELEASED: Table = Table {
    name: "contacts",
    columns: &[
        "company_id",
        "id",
        "held_at",
        "held_by",
        "held_reason",
        "planned_at",
    ],
};

const HELD: Table = Table {
    name: "contacts",
    columns: &["company_id", "id", "held_at", "held_by", "held_reason"],
};

const SUPPRESSED: Table = Table {
    name: "contacts",
    columns: &[
        "company_id",
        "id",
        "state",
        "reason",
        "held_at",
        "held_by",
        "held_reason",
    ],
};

/// A planned contact, locked.
struct Locked {
    customer: CustomerId,
    planned_at: Timestamp,
}

/// Locks those contacts that are still planned and meet `only`.
async fn lock(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    contacts: Vec<Uuid>,
    only: &str,
) -> Result<HashMap<ContactId, Locked>> {
    let sql = format!(
        "SELECT id, customer_id, planned_at FROM contacts \
         WHERE company_id = $1 AND id {{uuids:2}} AND state = 'planned' {only} ORDER BY id {{lock}}"
    );
    let read = |row: &mut Row<'_>| {
        let id: ContactId = row.get()?;
        let (customer, planned_at) = (row.get()?, row.get()?);
        Ok((
            id,
            Locked {
                customer,
                planned_at,
            },
        ))
    };
    let found = heavy.rows(&sql, &binds![company, contacts], read).await?;
    Ok(found.into_iter().collect())
}

fn event<'a>(
    stamp: &'a Stamp,
    company: CompanyId,
    contact: ContactId,
    kind: &'a str,
    body: &Value,
) -> [Bind<'a>; 7] {
    [
        Bind::from(company),
        stamp.ids.draw().into(),
        kind.into(),
        contact.uuid().into(),
        body.to_string().into(),
        Bind::from(&stamp.author),
        stamp.at.into(),
    ]
}

/// Lets held contacts go. Gives how many: one that is not held, or released already, is none.
///
/// # Errors
/// What the database says; then none was released.
pub async fn release(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    contacts: Vec<Release>,
) -> Result<u64> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| do_release(heavy, stamp, company, contacts))
}

async fn do_release(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    contacts: Vec<Release>,
) -> Result<u64> {
    let ids: Vec<Uuid> = contacts.iter().map(|it| it.contact.uuid()).collect();
    let locked = lock(heavy, company, ids, "AND held_at IS NOT NULL").await?;
    let mut changed = Rows::new(RELEASED.columns.len());
    let mut log = Rows::new(EVENTS.columns.len());
    let mut seen = HashSet::new();
    for release in &contacts {
        let Some(found) = locked.get(&release.contact) else {
            continue;
        };
        if !seen.insert(release.contact) {
            continue;
        }
        let at = release.at.unwrap_or(found.planned_at);
        changed.push([
            Bind::from(company),
            release.contact.into(),
            None::<Timestamp>.into(),
            None::<&str>.into(),
            None::<&str>.into(),
            at.into(),
        ]);
        let body = json!({ "after": { "held": false, "planned_at": at.to_string() } });
        let kind = "contact.released";
        log.push(event(&stamp, company, release.contact, kind, &body));
    }
    heavy
        .update(&RELEASED, 2, "t.state = 'planned'", &changed)
        .await?;
    heavy.insert(&EVENTS, &log, Clash::Fail).await?;
    Ok(seen.len() as u64)
}

/// Holds planned contacts until someone releases them. Gives how many: one that is held already,
/// but for the look at the day's run, or no longer planned, is none.
///
/// # Errors
/// What the database says; then none was held.
pub async fn hold(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    contacts: Vec<ContactId>,
    reason: &str,
) -> Result<u64> {
    let (stamp, reason) = (stamp.clone(), reason.to_owned());
    write_heavily!(db, |heavy| do_hold(heavy, stamp, company, contacts, reason))
}

async fn do_hold(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    contacts: Vec<ContactId>,
    reason: String,
) -> Result<u64> {
    const ONLY: &str = "AND (held_at IS NULL OR held_reason = 'review')";
    let ids: Vec<Uuid> = contacts.iter().map(|it| it.uuid()).collect();
    let locked = lock(heavy, company, ids, ONLY).await?;
    let mut changed = Rows::new(HELD.columns.len());
    let mut log = Rows::new(EVENTS.columns.len());
    let body = json!({ "after": { "held": true, "reason": reason } });
    for contact in locked.keys() {
        changed.push([
            Bind::from(company),
            (*contact).into(),
            stamp.at.into(),
            Bind::from(&stamp.author),
            Bind::from(&reason),
        ]);
        log.push(event(&stamp, company, *contact, "contact.held", &body));
    }
    heavy
        .update(&HELD, 2, "t.state = 'planned'", &changed)
        .await?;
    heavy.insert(&EVENTS, &log, Clash::Fail).await?;
    Ok(locked.len() as u64)
}

/// Suppresses planned contacts, held or not, with their proofs. Gives how many.
///
/// # Errors
/// What the database says; then none was suppressed.
pub async fn suppress(
    db: &Db,
    stamp: &Stamp,
    company: CompanyId,
    contacts: Vec<Suppress>,
) -> Result<u64> {
    let stamp = stamp.clone();
    write_heavily!(db, |heavy| do_suppress(heavy, stamp, company, contacts))
}

async fn do_suppress(
    heavy: &mut Heavy<'_>,
    stamp: Stamp,
    company: CompanyId,
    contacts: Vec<Suppress>,
) -> Result<u64> {
    let ids: Vec<Uuid> = contacts.iter().map(|it| it.contact.uuid()).collect();
    let mut locked = lock(heavy, company, ids, "").await?;
    let mut changed = Rows::new(SUPPRESSED.columns.len());
    let mut proofs = NewProofs::new(company, stamp.at);
    let mut log = Rows::new(EVENTS.columns.len());
    let before = locked.len();
    for suppress in &contacts {
        let Some(found) = locked.remove(&suppress.contact) else {
            continue;
        };
        let words = suppress.words.as_deref();
        changed.push([
            Bind::from(company),
            suppress.contact.into(),
            ContactState::Suppressed.into(),
            Bind::from(&suppress.reason),
            words.map(|_| stamp.at).into(),
            words.map(|_| stamp.author.as_str()).into(),
            words.into(),
        ]);
        proofs.push(
            stamp.ids.draw(),
            (found.customer, suppress.contact),
            ProofKind::Suppressed,
            &suppress.proof,
        );
        let body = json!({
            "before": { "state": "planned" },
            "after": { "state": "suppressed", "reason": suppress.reason, "words": words },
        });
        let kind = if words.is_some() {
            "contact.cancelled"
        } else {
            "contact.suppressed"
        };
        log.push(event(&stamp, company, suppress.contact, kind, &body));
    }
    heavy
        .update(&SUPPRESSED, 2, "t.state = 'planned'", &changed)
        .await?;
    proofs.insert(heavy).await?;
    heavy.insert(&EVENTS, &log, Clash::Fail).await?;
    Ok((before - locked.len()) as u64)
}

/// Takes a cancellation back: the step may be planned again.
///
/// # Errors
/// What the database says.
pub async fn take_back(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    contact: ContactId,
) -> Result<()> {
    const SQL: &str = "UPDATE contacts SET reason = 'retaken' WHERE company_id = $1 AND id = $2 \
        AND state = 'suppressed' AND reason = 'cancelled'";
    if run(&mut *tx, SQL, &binds![company, contact]).await? == 0 {
        return Ok(());
    }
    let body = json!({ "before": { "reason": CANCELLED }, "after": { "reason": "retaken" } });
    let (kind, id) = ("contact.retaken", contact.uuid());
    events::append(tx, stamp, company, kind, Some(id), &body).await
}

/// Contacts that wait for release and were to leave before an instant, the longest first.
///
/// # Errors
/// What the database says.
pub async fn held_since(
    on: impl Access,
    company: CompanyId,
    before: Timestamp,
    after: Option<(Timestamp, ContactId)>,
    limit: u32,
) -> Result<Vec<DueContact>> {
    let sql = format!(
        "SELECT {DUE} FROM contacts t WHERE t.company_id = $1 AND t.state = 'planned' \
         AND t.held_at IS NOT NULL AND t.planned_at < $2 AND (t.planned_at, t.id) > ($3, $4) \
         ORDER BY t.planned_at, t.id LIMIT $5"
    );
    let (at, id) = after.map_or((Timestamp::UNIX_EPOCH, Uuid::nil()), |(at, contact)| {
        (at, contact.uuid())
    });
    let binds = binds![company, before, at, id, limit];
    rows(on, &sql, &binds, FromRow::from_row).await
}

/// Open tasks about a contact.
///
/// # Errors
/// What the database says.
pub async fn open_tasks(
    on: impl Access,
    company: CompanyId,
    contact: ContactId,
) -> Result<Vec<TaskId>> {
    const SQL: &str = "SELECT id FROM tasks \
        WHERE company_id = $1 AND done_at IS NULL AND contact_id = $2 ORDER BY id";
    rows(on, SQL, &binds![company, contact], FromRow::from_row).await
}

/// A customer who is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAlone {
    /// The customer.
    pub customer: CustomerId,
    /// The customer's key.
    pub key: String,
    /// The customer's name.
    pub name: String,
    /// The day on which it was decided.
    pub since: Date,
    /// The decision as JSON, as written.
    pub facts: String,
}

impl FromRow for LeftAlone {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            customer: row.get()?,
            key: row.get()?,
            name: row.get()?,
            since: row.get()?,
            facts: row.get()?,
        })
    }
}

/// Customers of whom a silence of that word stands, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn left_alone(
    on: impl Access,
    company: CompanyId,
    silence: &str,
    after: Option<CustomerId>,
    limit: u32,
) -> Result<Vec<LeftAlone>> {
    // Cut before it is joined: PostgreSQL would else begin the join at the first customer of all.
    const SQL: &str = "SELECT s.customer_id, c.key, c.name, d.as_of, d.facts FROM \
        (SELECT company_id, customer_id, decision_id FROM standings \
            WHERE company_id = $1 AND silence = $2 AND silence IS NOT NULL \
                AND customer_id > $3 ORDER BY customer_id LIMIT $4) AS s \
        JOIN customers c ON c.company_id = s.company_id AND c.id = s.customer_id \
        JOIN decisions d ON d.company_id = s.company_id AND d.customer_id = s.customer_id \
            AND d.id = s.decision_id ORDER BY s.customer_id";
    let after = after.map_or(Uuid::nil(), CustomerId::uuid);
    rows(
        on,
        SQL,
        &binds![company, silence, after, limit],
        FromRow::from_row,
    )
    .await
}

/// How one run's messages differ from another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Customers written to now, and not then.
    Added,
    /// Customers written to then, and not now.
    Gone,
    /// Customers written to both times, with another step.
    Changed,
}

/// A customer with the contact of one run, or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Different {
    /// The contact: of the run asked about, or of the earlier one where it is gone.
    pub contact: ContactId,
    /// The customer.
    pub customer: CustomerId,
    /// The customer's key.
    pub key: String,
    /// The customer's name.
    pub name: String,
    /// What the contact is for.
    pub step: ContactKey,
    /// Its tone.
    pub tone: Tone,
    /// The step before, where it changed.
    pub before: Option<String>,
}

impl FromRow for Different {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            contact: row.get()?,
            customer: row.get()?,
            key: row.get()?,
            name: row.get()?,
            step: row.get()?,
            tone: row.get()?,
            before: row.get()?,
        })
    }
}

/// How the messages of run `now` differ from those of run `then`, in the order of customers.
///
/// # Errors
/// What the database says.
pub async fn differences(
    on: impl Access,
    company: CompanyId,
    (then, now): (RunId, RunId),
    what: Difference,
    after: Option<CustomerId>,
    limit: u32,
) -> Result<Vec<Different>> {
    let (own, other, only) = match what {
        Difference::Added => (now, then, "o.id IS NULL"),
        Difference::Gone => (then, now, "o.id IS NULL"),
        Difference::Changed => (now, then, "o.id IS NOT NULL AND o.step <> t.step"),
    };
    let sql = format!(
        "SELECT t.id, t.customer_id, c.key, c.name, t.kind, t.step, t.key_day, t.tone, o.step \
         FROM contacts t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id \
         LEFT JOIN contacts o ON o.company_id = t.company_id AND o.customer_id = t.customer_id \
            AND o.run_id = $3 \
         WHERE t.company_id = $1 AND t.run_id = $2 AND t.customer_id > $4 AND {only} \
         ORDER BY t.customer_id LIMIT $5"
    );
    let after = after.map_or(Uuid::nil(), CustomerId::uuid);
    rows(
        on,
        &sql,
        &binds![company, own, other, after, limit],
        FromRow::from_row,
    )
    .await
}

/// How many customers there are, and at most `most` of them, evenly spread.
///
/// # Errors
/// What the database says.
pub async fn sample<A: Access + Copy>(
    on: A,
    company: CompanyId,
    most: u32,
) -> Result<(u64, Vec<CustomerId>)> {
    const COUNT: &str = "SELECT COUNT(*) FROM customers WHERE company_id = $1";
    const SPREAD: &str = "SELECT x.id FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n \
        FROM customers WHERE company_id = $1) x WHERE x.n % $2 = 0 ORDER BY x.id LIMIT $3";
    let counted: Option<i64> = first(on, COUNT, &binds![company], FromRow::from_row).await?;
    let all = counted.unwrap_or(0).unsigned_abs();
    let every = i64::try_from(all.div_ceil(u64::from(most.max(1)))).unwrap_or(i64::MAX);
    let binds = binds![company, every.max(1), most];
    let found = rows(on, SPREAD, &binds, FromRow::from_row).await?;
    Ok((all, found))
}
