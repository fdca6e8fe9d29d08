//! What customers have open, by currency: taken from the ledger for the rows of a page, and kept
//! beside it (`customer_figures`) to narrow and order lists.

use std::collections::{BTreeMap, HashMap};

use domain::calendar;
use domain::{CompanyId, Currency, CustomerId, ImportId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::bulk::{Clash, Heavy, Rows, Table, lock_customers, read_heavily, write_heavily};
use crate::db::{Db, Tx, first, rows, run};
use crate::error::Result;
use crate::value::{Bind, FromRow, Row, binds};

/// Customers whose figures are taken in one transaction.
const CUSTOMERS_AT_ONCE: usize = 2_000;

/// What a customer has in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The currency.
    pub currency: Currency,
    /// Minor units open of invoices and debit notes.
    pub open: i64,
    /// The part of them that is late.
    pub overdue: i64,
    /// Minor units in the customer's favour: money and credit notes that lie on no document.
    pub credit: i64,
    /// How many documents are open.
    pub documents: i64,
    /// The oldest due date of an open document.
    pub oldest_due: Option<Date>,
    /// The first due date of an open document that has not passed.
    pub next_due: Option<Date>,
}

impl Figures {
    const fn none(currency: Currency) -> Self {
        Self {
            currency,
            open: 0,
            overdue: 0,
            credit: 0,
            documents: 0,
            oldest_due: None,
            next_due: None,
        }
    }

    const fn is_none(&self) -> bool {
        self.open == 0 && self.credit == 0 && self.documents == 0
    }
}

/// Whoever has nothing needs no row.
const FORGET: &str = "DELETE FROM customer_figures \
    WHERE company_id = $1 AND customer_id = $2 AND currency = $3";

/// Open invoices and debit notes: customer, currency, due date and what is open.
const OPEN: &str = "SELECT d.customer_id, d.currency, d.due_on, CAST(d.amount_minor - COALESCE((\
        SELECT SUM(a.amount_minor) FROM applications a WHERE a.company_id = d.company_id \
        AND a.customer_id = d.customer_id AND a.document_id = d.id), 0) AS BIGINT) \
    FROM documents d WHERE d.company_id = $1 AND d.customer_id {uuids:2} \
    AND d.settled_on_projection IS NULL AND d.kind <> 'credit_note'";

/// Credit notes of which something lies nowhere: customer, currency and how much.
const CREDITS: &str = "SELECT d.customer_id, d.currency, CAST(d.amount_minor - COALESCE((\
        SELECT SUM(a.amount_minor) FROM applications a WHERE a.company_id = d.company_id \
        AND a.credit_id = d.id AND a.credit_id IS NOT NULL), 0) AS BIGINT) \
    FROM documents d WHERE d.company_id = $1 AND d.customer_id {uuids:2} \
    AND d.kind = 'credit_note' AND d.settled_on_projection IS NULL";

/// Payments of which something lies nowhere: customer, currency and how much.
const MONEY: &str = "SELECT p.customer_id, p.currency, CAST(p.amount_minor - COALESCE((\
        SELECT SUM(a.amount_minor) FROM applications a WHERE a.company_id = p.company_id \
        AND a.customer_id = p.customer_id AND a.payment_id = p.id), 0) AS BIGINT) \
    FROM payments p WHERE p.company_id = $1 AND p.customer_id {uuids:2} \
    AND p.spent_on_projection IS NULL";

/// What is kept of them.
const KEPT: &str = "SELECT customer_id, currency, open_minor, credit_minor, open_documents, \
        oldest_due_on, next_due_on FROM customer_figures \
    WHERE company_id = $1 AND customer_id {uuids:2}";

const FIGURES: Table = Table {
    name: "customer_figures",
    columns: &[
        "company_id",
        "customer_id",
        "currency",
        "open_minor",
        "credit_minor",
        "open_documents",
        "oldest_due_on",
        "next_due_on",
    ],
};

type OpenRow = (CustomerId, Currency, Date, i64);
type CreditRow = (CustomerId, Currency, i64);
type KeptRow = (CustomerId, Figures);

fn read_open(row: &mut Row<'_>) -> Result<OpenRow> {
    Ok((row.get()?, row.get()?, row.get()?, row.get()?))
}

fn read_credit(row: &mut Row<'_>) -> Result<CreditRow> {
    Ok((row.get()?, row.get()?, row.get()?))
}

fn read_kept(row: &mut Row<'_>) -> Result<KeptRow> {
    let customer = row.get()?;
    let figures = Figures {
        currency: row.get()?,
        open: row.get()?,
        overdue: 0,
        credit: row.get()?,
        documents: row.get()?,
        oldest_due: row.get()?,
        next_due: row.get()?,
    };
    Ok((customer, figures))
}

/// Figures as they add up, of each customer and currency.
struct Adding {
    day: Date,
    all: BTreeMap<(CustomerId, Currency), Figures>,
}

impl Adding {
    const fn on(day: Date) -> Self {
        Self {
            day,
            all: BTreeMap::new(),
        }
    }

    fn of(&mut self, customer: CustomerId, currency: Currency) -> &mut Figures {
        let none = || Figures::none(currency);
        self.all.entry((customer, currency)).or_insert_with(none)
    }

    fn open(&mut self, (customer, currency, due, open): OpenRow) {
        let day = self.day;
        let figures = self.of(customer, currency);
        figures.open += open;
        figures.documents += 1;
        let earlier = |known: Option<Date>| Some(known.map_or(due, |known| known.min(due)));
        figures.oldest_due = earlier(figures.oldest_due);
        if due < day {
            figures.overdue += open;
        } else {
            figures.next_due = earlier(figures.next_due);
        }
    }

    fn credit(&mut self, (customer, currency, credit): CreditRow) {
        self.of(customer, currency).credit += credit;
    }

    /// What differs from what is kept: new rows, and rows to change.
    fn changes(mut self, kept: Vec<KeptRow>) -> (Vec<KeptRow>, Vec<KeptRow>) {
        let mut changed = Vec::new();
        for (customer, known) in kept {
            let key = (customer, known.currency);
            let none = Figures::none(known.currency);
            let figures = self.all.remove(&key).unwrap_or(none);
            if (Figures {
                overdue: 0,
                ..figures
            }) != known
            {
                changed.push((customer, figures));
            }
        }
        let new = self.all.into_iter().filter(|(_, it)| !it.is_none());
        (
            new.map(|((customer, _), it)| (customer, it)).collect(),
            changed,
        )
    }
}

fn cells(company: CompanyId, (customer, figures): KeptRow) -> [Bind<'static>; 8] {
    [
        company.into(),
        customer.into(),
        figures.currency.into(),
        figures.open.into(),
        figures.credit.into(),
        figures.documents.into(),
        figures.oldest_due.into(),
        figures.next_due.into(),
    ]
}

/// What customers have on a day, taken from the ledger; nothing for those who have nothing.
///
/// # Errors
/// What the database says.
pub async fn of_customers(
    db: &Db,
    company: CompanyId,
    customers: &[CustomerId],
    day: Date,
) -> Result<HashMap<CustomerId, Vec<Figures>>> {
    let customers = customers.to_vec();
    read_heavily!(db, |heavy| take(heavy, company, customers, day))
}

pub(crate) async fn take(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: Vec<CustomerId>,
    day: Date,
) -> Result<HashMap<CustomerId, Vec<Figures>>> {
    let adding = add_up(heavy, company, &uuids(&customers), day).await?;
    let mut all: HashMap<CustomerId, Vec<Figures>> = HashMap::new();
    for ((customer, _), figures) in adding.all {
        all.entry(customer).or_default().push(figures);
    }
    Ok(all)
}

fn uuids(customers: &[CustomerId]) -> Vec<Uuid> {
    customers.iter().map(|it| it.uuid()).collect()
}

async fn add_up(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    ids: &[Uuid],
    day: Date,
) -> Result<Adding> {
    let mut adding = Adding::on(day);
    let mut open = |row: &mut Row<'_>| {
        adding.open(read_open(row)?);
        Ok(())
    };
    heavy.each(OPEN, &binds![company, ids], &mut open).await?;
    for sql in [CREDITS, MONEY] {
        let mut credit = |row: &mut Row<'_>| {
            adding.credit(read_credit(row)?);
            Ok(())
        };
        heavy.each(sql, &binds![company, ids], &mut credit).await?;
    }
    Ok(adding)
}

const ZONE: &str = "SELECT zone FROM companies WHERE id = $1";

/// The company's day at an instant.
fn day_in(zone: Option<String>, at: Timestamp) -> Date {
    let zone = zone.and_then(|name| calendar::zone(&name));
    calendar::local(at, &zone.unwrap_or(TimeZone::UTC)).date()
}

/// Writes anew what is kept of some customers, where it differs.
pub(crate) async fn refresh(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: &[CustomerId],
    at: Timestamp,
) -> Result<()> {
    if customers.is_empty() {
        return Ok(());
    }
    let ids = uuids(customers);
    lock_customers(heavy, company, &ids).await?;
    let zone: Vec<String> = heavy
        .rows(ZONE, &binds![company], FromRow::from_row)
        .await?;
    let day = day_in(zone.into_iter().next(), at);
    let adding = add_up(heavy, company, &ids, day).await?;
    let binds = binds![company, ids.as_slice()];
    let kept: Vec<KeptRow> = heavy.rows(KEPT, &binds, read_kept).await?;
    let (new, changed) = adding.changes(kept);
    let mut rows = Rows::new(FIGURES.columns.len());
    for figures in new {
        rows.push(cells(company, figures));
    }
    heavy.insert(&FIGURES, &rows, Clash::ReplaceRare(3)).await?;
    let mut rows = Rows::new(FIGURES.columns.len());
    for (customer, figures) in changed {
        if figures.is_none() {
            let binds = binds![company, customer, figures.currency];
            heavy.run(FORGET, &binds).await?;
        } else {
            rows.push(cells(company, (customer, figures)));
        }
    }
    heavy.update(&FIGURES, 3, "", &rows).await?;
    Ok(())
}

/// The same inside a transaction that changes the money of one customer.
pub(crate) async fn refresh_one(
    tx: &mut Tx,
    company: CompanyId,
    customer: CustomerId,
    at: Timestamp,
) -> Result<()> {
    const UPSERT: &str = "INSERT INTO customer_figures (company_id, customer_id, currency, \
        open_minor, credit_minor, open_documents, oldest_due_on, next_due_on) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (company_id, customer_id, currency) DO UPDATE SET \
        open_minor = excluded.open_minor, credit_minor = excluded.credit_minor, \
        open_documents = excluded.open_documents, oldest_due_on = excluded.oldest_due_on, \
        next_due_on = excluded.next_due_on";
    let binds = binds![company, vec![customer.uuid()]];
    let zone = first(&mut *tx, ZONE, &binds![company], FromRow::from_row).await?;
    let mut adding = Adding::on(day_in(zone, at));
    for row in rows(&mut *tx, OPEN, &binds, read_open).await? {
        adding.open(row);
    }
    for sql in [CREDITS, MONEY] {
        for row in rows(&mut *tx, sql, &binds, read_credit).await? {
            adding.credit(row);
        }
    }
    let kept = rows(&mut *tx, KEPT, &binds, read_kept).await?;
    let (new, changed) = adding.changes(kept);
    for (customer, figures) in new.into_iter().chain(changed) {
        if figures.is_none() {
            let binds = binds![company, customer, figures.currency];
            run(&mut *tx, FORGET, &binds).await?;
        } else {
            run(&mut *tx, UPSERT, &cells(company, (customer, figures))).await?;
        }
    }
    Ok(())
}

/// Writes anew what is kept of customers whose money changed, part by part.
///
/// # Errors
/// What the database says; parts written before stay.
pub async fn refresh_customers(
    db: &Db,
    company: CompanyId,
    customers: &[CustomerId],
    at: Timestamp,
) -> Result<()> {
    for part in customers.chunks(CUSTOMERS_AT_ONCE) {
        let part = part.to_vec();
        write_heavily!(db, |heavy| refresh_part(heavy, company, part, at))?;
    }
    Ok(())
}

async fn refresh_part(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    customers: Vec<CustomerId>,
    at: Timestamp,
) -> Result<()> {
    refresh(heavy, company, &customers, at).await
}

/// Notes that an import is about to change money whose figures are taken at its end.
///
/// # Errors
/// What the database says.
pub async fn begin_import(tx: &mut Tx, company: CompanyId, import: ImportId) -> Result<()> {
    const SQL: &str = "INSERT INTO figures_due (company_id, import_id) VALUES ($1, $2) \
        ON CONFLICT DO NOTHING";
    run(tx, SQL, &binds![company, import]).await.map(drop)
}

/// Notes that the figures of what an import changed are taken.
///
/// # Errors
/// What the database says.
pub async fn end_import(tx: &mut Tx, company: CompanyId, import: ImportId) -> Result<()> {
    const SQL: &str = "DELETE FROM figures_due WHERE company_id = $1 AND import_id = $2";
    run(tx, SQL, &binds![company, import]).await.map(drop)
}

/// Brings what is kept up to an instant: due dates that passed since it was written, and everyone
/// when an import was cut short.
///
/// # Errors
/// What the database says; parts written before stay.
pub async fn bring_up(db: &Db, company: CompanyId, at: Timestamp) -> Result<()> {
    const DUE: &str = "SELECT import_id FROM figures_due WHERE company_id = $1";
    const PAGE: &str = "SELECT id FROM customers WHERE company_id = $1 AND id > $2 \
        ORDER BY id LIMIT $3";
    const PASSED: &str = "SELECT customer_id FROM customer_figures WHERE company_id = $1 \
        AND currency = $2 AND next_due_on IS NOT NULL AND next_due_on < $3 LIMIT $4";
    let limit = u32::try_from(CUSTOMERS_AT_ONCE).unwrap_or(u32::MAX);
    let cut_short: Vec<ImportId> = rows(db, DUE, &binds![company], FromRow::from_row).await?;
    if !cut_short.is_empty() {
        let mut after = Uuid::nil();
        loop {
            let binds = binds![company, after, limit];
            let page: Vec<CustomerId> = rows(db, PAGE, &binds, FromRow::from_row).await?;
            let Some(last) = page.last() else { break };
            after = last.uuid();
            refresh_customers(db, company, &page, at).await?;
        }
        let mut tx = db.begin().await?;
        for import in cut_short {
            end_import(&mut tx, company, import).await?;
        }
        tx.commit().await?;
    }
    let zone = first(db, ZONE, &binds![company], FromRow::from_row).await?;
    let day = day_in(zone, at);
    for currency in currencies(db, company).await? {
        loop {
            let binds = binds![company, currency, day, limit];
            let passed: Vec<CustomerId> = rows(db, PASSED, &binds, FromRow::from_row).await?;
            if passed.is_empty() {
                break;
            }
            refresh_customers(db, company, &passed, at).await?;
        }
    }
    Ok(())
}

/// Currencies in which a company's customers have or had something, at most a handful.
///
/// # Errors
/// What the database says.
pub async fn currencies(on: &Db, company: CompanyId) -> Result<Vec<Currency>> {
    const NEXT: &str = "SELECT currency FROM customer_figures WHERE company_id = $1 \
        AND open_minor > 0 AND currency > $2 ORDER BY currency LIMIT 1";
    const MOST: usize = 20;
    let mut all: Vec<Currency> = Vec::new();
    while all.len() < MOST {
        let last = all
            .last()
            .map(|it| it.code().to_owned())
            .unwrap_or_default();
        let next: Option<Currency> =
            first(on, NEXT, &binds![company, &last], FromRow::from_row).await?;
        let Some(next) = next else { break };
        all.push(next);
    }
    Ok(all)
}
