//! What the figures of a company are computed from, and the figures as they were computed last.

use std::collections::HashMap;

use domain::document::DocumentKind;
use domain::promise::Promise;
use domain::{CompanyId, CustomerId, DocumentId, Money};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use crate::bulk::{Heavy, read_heavily};
use crate::db::{Access, Db, Tx, first, rows, run};
use crate::error::Result;
use crate::facts::PROMISE;
use crate::value::{Bind, FromRow, Row, binds};

/// Figures of a company that are kept; older ones make room.
const KEPT_MAX: u32 = 60;

/// A customer's money, without what a decision asks beside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerCustomer {
    /// Our id.
    pub id: CustomerId,
    /// The company's own key.
    pub key: String,
    /// The name.
    pub name: String,
    /// Documents issued by the day, with everything laid on them.
    pub documents: Vec<LedgerDocument>,
    /// What is unapplied of payments at the end of the day, above zero.
    pub unapplied: Vec<Money>,
    /// Promises made by the day.
    pub promises: Vec<Promise>,
    /// Payments of a customer who promised, by the day; empty for the others.
    pub paid: Vec<(Date, Money)>,
}

/// A document in the figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerDocument {
    /// Our id.
    pub id: DocumentId,
    /// The company's own number.
    pub number: String,
    /// What it is.
    pub kind: DocumentKind,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// Amount with tax.
    pub amount: Money,
    /// The day its last application closed it, as known now.
    pub settled: Option<Date>,
    /// Day and minor units of what was laid on it, or given by a credit note; in no order.
    pub applied: Vec<(Date, i64)>,
}

/// The money of the customers behind the first of `customers` up to the second, for figures as of
/// `day`, in the order of their ids. Who never had a document or promise may be absent.
///
/// # Errors
/// What the database says.
pub async fn ledger(
    db: &Db,
    company: CompanyId,
    day: Date,
    customers: (CustomerId, CustomerId),
) -> Result<Vec<LedgerCustomer>> {
    read_heavily!(db, |heavy| ledger_of(heavy, company, day, customers))
}

async fn ledger_of(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    day: Date,
    (after, last): (CustomerId, CustomerId),
) -> Result<Vec<LedgerCustomer>> {
    const CUSTOMERS: &str = "SELECT id, key, name FROM customers \
        WHERE company_id = $1 AND id > $2 AND id <= $3 ORDER BY id";
    let read = |row: &mut Row<'_>| {
        Ok(LedgerCustomer {
            id: row.get()?,
            key: row.get()?,
            name: row.get()?,
            documents: Vec::new(),
            unapplied: Vec::new(),
            promises: Vec::new(),
            paid: Vec::new(),
        })
    };
    let range = binds![company, after, last];
    let mut all = heavy.rows(CUSTOMERS, &range, read).await?;
    let places: HashMap<CustomerId, usize> = all
        .iter()
        .enumerate()
        .map(|(place, customer)| (customer.id, place))
        .collect();
    let dated = binds![company, after, last, day];
    documents(heavy, &dated, &range, &places, &mut all).await?;
    unapplied(heavy, &dated, &places, &mut all).await?;
    promises(heavy, company, &dated, &places, &mut all).await?;
    Ok(all)
}

async fn documents(
    heavy: &mut Heavy<'_>,
    dated: &[Bind<'_>],
    range: &[Bind<'_>],
    places: &HashMap<CustomerId, usize>,
    all: &mut [LedgerCustomer],
) -> Result<()> {
    const DOCUMENTS: &str = "SELECT customer_id, id, number, kind, issued_on, due_on, \
        amount_minor, currency, settled_on_projection FROM documents \
        WHERE company_id = $1 AND customer_id > $2 AND customer_id <= $3 AND issued_on <= $4";
    const LAID: &str = "SELECT customer_id, document_id, credit_id, applied_on, amount_minor \
        FROM applications WHERE company_id = $1 AND customer_id > $2 AND customer_id <= $3";
    let mut found: HashMap<DocumentId, (usize, usize)> = HashMap::new();
    let mut read = |row: &mut Row<'_>| {
        let customer: CustomerId = row.get()?;
        let document = LedgerDocument {
            id: row.get()?,
            number: row.get()?,
            kind: row.get()?,
            issued: row.get()?,
            due: row.get()?,
            amount: row.get()?,
            settled: row.get()?,
            applied: Vec::new(),
        };
        // A customer may be new since the names were read; the next pass knows it.
        if let Some(place) = places.get(&customer) {
            let documents = &mut all[*place].documents;
            found.insert(document.id, (*place, documents.len()));
            documents.push(document);
        }
        Ok(())
    };
    heavy.each(DOCUMENTS, dated, &mut read).await?;
    let mut lay = |row: &mut Row<'_>| {
        let _: CustomerId = row.get()?;
        let (document, credit): (DocumentId, Option<DocumentId>) = (row.get()?, row.get()?);
        let laid = (row.get()?, row.get()?);
        for id in [Some(document), credit].into_iter().flatten() {
            if let Some((customer, place)) = found.get(&id) {
                all[*customer].documents[*place].applied.push(laid);
            }
        }
        Ok(())
    };
    heavy.each(LAID, range, &mut lay).await
}

async fn unapplied(
    heavy: &mut Heavy<'_>,
    dated: &[Bind<'_>],
    places: &HashMap<CustomerId, usize>,
    all: &mut [LedgerCustomer],
) -> Result<()> {
    const SQL: &str = "SELECT t.customer_id, t.amount_minor, t.currency, \
        CAST(COALESCE((SELECT SUM(a.amount_minor) \
            FROM applications a WHERE a.company_id = t.company_id \
            AND a.customer_id = t.customer_id AND a.applied_on <= $4 \
            AND a.payment_id = t.id), 0) AS BIGINT) \
        FROM payments t WHERE t.company_id = $1 AND t.customer_id > $2 AND t.customer_id <= $3 \
        AND t.paid_on <= $4 \
        AND (t.spent_on_projection IS NULL OR t.spent_on_projection > $4)";
    let mut read = |row: &mut Row<'_>| {
        let (customer, amount): (CustomerId, Money) = (row.get()?, row.get()?);
        let left = Money::new(amount.minor - row.get::<i64>()?, amount.currency);
        if let Some(place) = places.get(&customer).filter(|_| left.is_positive()) {
            all[*place].unapplied.push(left);
        }
        Ok(())
    };
    heavy.each(SQL, dated, &mut read).await
}

async fn promises(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    dated: &[Bind<'_>],
    places: &HashMap<CustomerId, usize>,
    all: &mut [LedgerCustomer],
) -> Result<()> {
    const PAID: &str = "SELECT customer_id, paid_on, amount_minor, currency FROM payments \
        WHERE company_id = $1 AND customer_id {uuids:2}";
    let sql = format!(
        "SELECT t.customer_id, {PROMISE} FROM promises t WHERE t.company_id = $1 \
         AND t.customer_id > $2 AND t.customer_id <= $3 AND t.made_on <= $4 ORDER BY t.id"
    );
    let mut promised: Vec<Uuid> = Vec::new();
    let mut read = |row: &mut Row<'_>| {
        let (customer, promise): (CustomerId, Promise) = (row.get()?, row.get()?);
        if let Some(place) = places.get(&customer) {
            promised.push(customer.uuid());
            all[*place].promises.push(promise);
        }
        Ok(())
    };
    heavy.each(&sql, dated, &mut read).await?;
    if promised.is_empty() {
        return Ok(());
    }
    promised.sort_unstable();
    promised.dedup();
    let mut read = |row: &mut Row<'_>| {
        let customer: CustomerId = row.get()?;
        let paid = (row.get()?, row.get()?);
        if let Some(place) = places.get(&customer) {
            all[*place].paid.push(paid);
        }
        Ok(())
    };
    heavy
        .each(PAID, &binds![company, promised.as_slice()], &mut read)
        .await
}

/// Figures as they were computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The day they are of.
    pub as_of: Date,
    /// The figures; an object.
    pub body: Value,
    /// When they were computed.
    pub computed_at: Timestamp,
    /// How long that took, in milliseconds.
    pub took_millis: i64,
}

impl FromRow for Snapshot {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            as_of: row.get()?,
            body: row.get()?,
            computed_at: row.get()?,
            took_millis: row.get()?,
        })
    }
}

/// The figures of a kind as of a day.
///
/// # Errors
/// What the database says.
pub async fn get(
    on: impl Access,
    company: CompanyId,
    kind: &str,
    as_of: Date,
) -> Result<Option<Snapshot>> {
    const SQL: &str = "SELECT as_of, body, computed_at, took_millis FROM figures \
        WHERE company_id = $1 AND kind = $2 AND as_of = $3";
    first(on, SQL, &binds![company, kind, as_of], FromRow::from_row).await
}

/// The figures of a kind as of the latest day up to `day`.
///
/// # Errors
/// What the database says.
pub async fn latest(
    on: impl Access,
    company: CompanyId,
    kind: &str,
    day: Date,
) -> Result<Option<Snapshot>> {
    const SQL: &str = "SELECT as_of, body, computed_at, took_millis FROM figures \
        WHERE company_id = $1 AND kind = $2 AND as_of <= $3 ORDER BY as_of DESC LIMIT 1";
    first(on, SQL, &binds![company, kind, day], FromRow::from_row).await
}

/// Keeps figures in the place of those of the same kind and day; the oldest make room.
///
/// # Errors
/// What the database says.
pub async fn put(tx: &mut Tx, company: CompanyId, kind: &str, new: &Snapshot) -> Result<()> {
    const PUT: &str = "INSERT INTO figures \
        (company_id, kind, as_of, body, computed_at, took_millis) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company_id, kind, as_of) DO UPDATE SET \
        body = excluded.body, computed_at = excluded.computed_at, \
        took_millis = excluded.took_millis";
    const MAKE_ROOM: &str = "DELETE FROM figures WHERE company_id = $1 AND kind = $2 \
        AND computed_at < (SELECT MIN(k.computed_at) FROM (SELECT f.computed_at FROM figures f \
            WHERE f.company_id = $1 AND f.kind = $2 ORDER BY f.computed_at DESC LIMIT $3) k)";
    let binds = binds![
        company,
        kind,
        new.as_of,
        &new.body,
        new.computed_at,
        new.took_millis
    ];
    run(&mut *tx, PUT, &binds).await?;
    let kept = binds![company, kind, KEPT_MAX];
    run(tx, MAKE_ROOM, &kept).await.map(drop)
}

/// Takes up the computing of a company's figures, unless somebody has since `stale`.
///
/// # Errors
/// What the database says.
pub async fn claim(
    tx: &mut Tx,
    company: CompanyId,
    now: Timestamp,
    stale: Timestamp,
) -> Result<bool> {
    const SQL: &str = "INSERT INTO figure_claims (company_id, since) VALUES ($1, $2) \
        ON CONFLICT (company_id) DO UPDATE SET since = excluded.since \
        WHERE figure_claims.since < $3";
    let changed = run(tx, SQL, &binds![company, now, stale]).await?;
    Ok(changed > 0)
}

/// Lays the computing down again.
///
/// # Errors
/// What the database says.
pub async fn release(tx: &mut Tx, company: CompanyId) -> Result<()> {
    const SQL: &str = "DELETE FROM figure_claims WHERE company_id = $1";
    run(tx, SQL, &binds![company]).await.map(drop)
}

/// Since when somebody computes a company's figures.
///
/// # Errors
/// What the database says.
pub async fn claimed_since(on: impl Access, company: CompanyId) -> Result<Option<Timestamp>> {
    const SQL: &str = "SELECT since FROM figure_claims WHERE company_id = $1";
    first(on, SQL, &binds![company], FromRow::from_row).await
}

/// When a company's facts changed last: its newest event, or the end of an import or a run.
///
/// # Errors
/// What the database says.
pub async fn changed_at(db: &Db, company: CompanyId) -> Result<Option<Timestamp>> {
    const EVENT: &str = "SELECT recorded_at FROM events WHERE company_id = $1 \
        ORDER BY id DESC LIMIT 1";
    const IMPORT: &str = "SELECT MAX(finished_at) FROM imports WHERE company_id = $1";
    const RUN: &str = "SELECT MAX(finished_at) FROM runs WHERE company_id = $1";
    let mut latest: Option<Timestamp> = None;
    for sql in [EVENT, IMPORT, RUN] {
        let found: Option<Option<Timestamp>> =
            first(db, sql, &binds![company], FromRow::from_row).await?;
        latest = latest.max(found.flatten());
    }
    Ok(latest)
}

/// How many documents a company has, counted up to `most`.
///
/// # Errors
/// What the database says.
pub async fn documents_up_to(on: impl Access, company: CompanyId, most: u32) -> Result<u32> {
    const SQL: &str = "SELECT COUNT(*) FROM \
        (SELECT 1 FROM documents WHERE company_id = $1 LIMIT $2) k";
    let count: Option<u32> = first(on, SQL, &binds![company, most], FromRow::from_row).await?;
    Ok(count.unwrap_or(0))
}

/// Rows that wait in the quarantine, counted up to `most`.
///
/// # Errors
/// What the database says.
pub async fn quarantine_up_to(on: impl Access, company: CompanyId, most: u32) -> Result<u32> {
    const SQL: &str = "SELECT COUNT(*) FROM \
        (SELECT 1 FROM quarantine WHERE company_id = $1 AND state = 'open' LIMIT $2) k";
    let count: Option<u32> = first(on, SQL, &binds![company, most], FromRow::from_row).await?;
    Ok(count.unwrap_or(0))
}

/// Open tasks by kind, counted up to `most` in all.
///
/// # Errors
/// What the database says.
pub async fn tasks_up_to(
    on: impl Access,
    company: CompanyId,
    most: u32,
) -> Result<Vec<(String, u32)>> {
    const SQL: &str = "SELECT k.kind, COUNT(*) FROM (SELECT kind FROM tasks \
        WHERE company_id = $1 AND done_at IS NULL LIMIT $2) k GROUP BY k.kind ORDER BY k.kind";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    rows(on, SQL, &binds![company, most], read).await
}

/// How often each author did each kind of thing in a window of instants `[from, to)`.
///
/// # Errors
/// What the database says.
pub async fn activity(
    on: impl Access,
    company: CompanyId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<(String, String, i64)>> {
    // Ids rise with the instant of recording: the log is read from there on only.
    const SQL: &str = "SELECT author, kind, COUNT(*) FROM events \
        WHERE company_id = $1 AND id >= $4 AND recorded_at >= $2 AND recorded_at < $3 \
        GROUP BY author, kind ORDER BY author, kind";
    let millis = u64::try_from(from.as_millisecond()).unwrap_or(0);
    let first_id = domain::ids::uuid_v7(millis, [0; 10]);
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?, row.get()?));
    rows(on, SQL, &binds![company, from, to, first_id], read).await
}
