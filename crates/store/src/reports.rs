//! The rows behind the figures, computed from facts and read in chunks.

use std::collections::HashMap;

use domain::contact::ContactState;
use domain::document::Document;
use domain::ledger::Payment;
use domain::{CompanyId, CustomerId, DocumentId, Money, PaymentId};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::bulk::{Heavy, read_heavily};
use crate::db::{Db, rows};
use crate::error::Result;
use crate::facts::{DOCUMENT, PAYMENT};
use crate::value::{FromRow, Row, binds};

/// What is open of a document, or left of a credit note, at the end of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRow {
    /// The document.
    pub document: Document,
    /// Whose it is.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// Minor units open, or left of a credit note; above zero.
    pub open: Money,
}

/// What is unapplied of a payment at the end of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnappliedRow {
    /// The payment.
    pub payment: Payment,
    /// Who paid.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// Minor units unapplied, above zero.
    pub unapplied: Money,
}

/// Documents with something open, and credit notes with something left, at the end of `day`, by
/// pages in the order of ids. What was closed by then is left out by its projection; what was
/// closed later is counted anew from the applications of that day.
///
/// A page may hold fewer rows than `limit` and still not be the last: go on from `next`.
///
/// # Errors
/// What the database says.
pub async fn ageing(
    db: &Db,
    company: CompanyId,
    day: Date,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<(Vec<OpenRow>, Option<DocumentId>)> {
    read_heavily!(db, |heavy| ageing_page(heavy, company, day, after, limit))
}

async fn ageing_page(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    day: Date,
    after: Option<DocumentId>,
    limit: u32,
) -> Result<(Vec<OpenRow>, Option<DocumentId>)> {
    let sql = format!(
        "SELECT {DOCUMENT}, t.customer_id, c.key, CAST(COALESCE( \
            CASE WHEN t.kind = 'credit_note' THEN (SELECT SUM(a.amount_minor) \
                FROM applications a WHERE a.company_id = t.company_id \
                AND a.credit_id = t.id AND a.applied_on <= $2) \
            ELSE (SELECT SUM(a.amount_minor) \
                FROM applications a WHERE a.company_id = t.company_id \
                AND a.customer_id = t.customer_id AND a.document_id = t.id \
                AND a.applied_on <= $2) END, 0) AS BIGINT) \
         FROM documents t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id \
         WHERE t.company_id = $1 AND t.issued_on <= $2 AND t.id > $3 \
         AND (t.settled_on_projection IS NULL OR t.settled_on_projection > $2) \
         ORDER BY t.id LIMIT $4"
    );
    let read = |row: &mut Row<'_>| {
        let document: Document = row.get()?;
        let (customer, customer_key, laid) = (row.get()?, row.get()?, row.get::<i64>()?);
        let open = Money::new(document.amount.minor - laid, document.amount.currency);
        Ok(OpenRow {
            document,
            customer,
            customer_key,
            open,
        })
    };
    let after = after.map_or(Uuid::nil(), DocumentId::uuid);
    let mut page = heavy
        .rows(&sql, &binds![company, day, after, limit], read)
        .await?;
    let next = page.last().map(|row| row.document.id);
    page.retain(|row| row.open.is_positive());
    Ok((page, next))
}

/// Payments with something unapplied at the end of `day`, by pages in the order of ids; see
/// [`ageing`] for `next`.
///
/// # Errors
/// What the database says.
pub async fn unapplied(
    db: &Db,
    company: CompanyId,
    day: Date,
    after: Option<PaymentId>,
    limit: u32,
) -> Result<(Vec<UnappliedRow>, Option<PaymentId>)> {
    read_heavily!(db, |heavy| unapplied_page(
        heavy, company, day, after, limit
    ))
}

async fn unapplied_page(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    day: Date,
    after: Option<PaymentId>,
    limit: u32,
) -> Result<(Vec<UnappliedRow>, Option<PaymentId>)> {
    let sql = format!(
        "SELECT {PAYMENT}, t.customer_id, c.key, CAST(COALESCE((SELECT SUM(a.amount_minor) \
            FROM applications a WHERE a.company_id = t.company_id \
            AND a.customer_id = t.customer_id AND a.applied_on <= $2 \
            AND a.payment_id = t.id), 0) AS BIGINT) \
         FROM payments t JOIN customers c ON c.company_id = t.company_id AND c.id = t.customer_id \
         WHERE t.company_id = $1 AND t.paid_on <= $2 AND t.id > $3 \
         AND (t.spent_on_projection IS NULL OR t.spent_on_projection > $2) \
         ORDER BY t.id LIMIT $4"
    );
    let read = |row: &mut Row<'_>| {
        let payment: Payment = row.get()?;
        let (customer, customer_key, taken) = (row.get()?, row.get()?, row.get::<i64>()?);
        let unapplied = Money::new(payment.amount.minor - taken, payment.amount.currency);
        Ok(UnappliedRow {
            payment,
            customer,
            customer_key,
            unapplied,
        })
    };
    let after = after.map_or(Uuid::nil(), PaymentId::uuid);
    let mut page = heavy
        .rows(&sql, &binds![company, day, after, limit], read)
        .await?;
    let next = page.last().map(|row| row.payment.id);
    page.retain(|row| row.unapplied.is_positive());
    Ok((page, next))
}

/// A document of a window with everything laid on it, or given by a credit note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// The document.
    pub document: Document,
    /// Whose it is.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// Day and minor units of each application, oldest first.
    pub applied: Vec<(Date, i64)>,
}

/// Documents issued by `to` and not closed before `from`, with their applications, of the customers
/// behind the first of `customers` up to the second, in the order of customers and ids.
///
/// # Errors
/// What the database says.
pub async fn history(
    db: &Db,
    company: CompanyId,
    window: (Date, Date),
    customers: (CustomerId, CustomerId),
) -> Result<Vec<HistoryRow>> {
    read_heavily!(db, |heavy| history_of(heavy, company, window, customers))
}

async fn history_of(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    window: (Date, Date),
    customers: (CustomerId, CustomerId),
) -> Result<Vec<HistoryRow>> {
    const LAID: &str = "SELECT document_id, credit_id, applied_on, amount_minor FROM applications \
        WHERE company_id = $1 AND customer_id > $2 AND customer_id <= $3 ORDER BY applied_on, id";
    let (from, to) = window;
    let sql = format!(
        "SELECT {DOCUMENT}, t.customer_id, c.key \
         FROM customers c JOIN documents t ON t.company_id = c.company_id AND t.customer_id = c.id \
         WHERE c.company_id = $1 AND c.id > $2 AND c.id <= $3 AND t.issued_on <= $5 \
         AND (t.settled_on_projection IS NULL OR t.settled_on_projection >= $4 \
            OR t.issued_on >= $4) \
         ORDER BY t.customer_id, t.id"
    );
    let (after, last) = customers;
    let read = |row: &mut Row<'_>| {
        Ok(HistoryRow {
            document: row.get()?,
            customer: row.get()?,
            customer_key: row.get()?,
            applied: Vec::new(),
        })
    };
    let mut page = heavy
        .rows(&sql, &binds![company, after, last, from, to], read)
        .await?;
    let places: HashMap<DocumentId, usize> = page
        .iter()
        .enumerate()
        .map(|(place, row)| (row.document.id, place))
        .collect();
    let mut lay = |row: &mut Row<'_>| {
        let (document, credit): (DocumentId, Option<DocumentId>) = (row.get()?, row.get()?);
        let laid = (row.get()?, row.get()?);
        for id in [Some(document), credit].into_iter().flatten() {
            if let Some(place) = places.get(&id) {
                page[*place].applied.push(laid);
            }
        }
        Ok(())
    };
    heavy
        .each(LAID, &binds![company, after, last], &mut lay)
        .await?;
    Ok(page)
}

/// Who was reached or wrote in a window of instants `[from, to)`: customers with a performed
/// contact or an incoming message, in the order of their ids.
///
/// # Errors
/// What the database says.
pub async fn managed(
    db: &Db,
    company: CompanyId,
    window: (Timestamp, Timestamp),
) -> Result<Vec<CustomerId>> {
    const CONTACTS: &str = "SELECT DISTINCT customer_id, state FROM contacts \
        WHERE company_id = $1 AND performed_at >= $2 AND performed_at < $3";
    const MESSAGES: &str = "SELECT DISTINCT customer_id FROM messages \
        WHERE company_id = $1 AND incoming AND at >= $2 AND at < $3";
    let (from, to) = window;
    let binds = binds![company, from, to];
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let contacted: Vec<(CustomerId, ContactState)> = rows(db, CONTACTS, &binds, read).await?;
    let mut all: Vec<CustomerId> = rows(db, MESSAGES, &binds, FromRow::from_row).await?;
    let counts = contacted.into_iter().filter(|(_, state)| state.counts());
    all.extend(counts.map(|(customer, _)| customer));
    all.sort_unstable();
    all.dedup();
    Ok(all)
}
