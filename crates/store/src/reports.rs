//! The rows behind the figures, computed from facts and read in chunks.

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
    /// Day and minor units of each application, oldest first.
    pub applied: Vec<(Date, i64)>,
}

/// Documents issued by `to` and not closed before `from`, with their applications, by pages in the
/// order of ids.
///
/// # Errors
/// What the database says.
pub async fn history(
    db: &Db,
    company: CompanyId,
    window: (Date, Date),
    after: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<HistoryRow>> {
    read_heavily!(db, |heavy| history_page(
        heavy, company, window, after, limit
    ))
}

async fn history_page(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    window: (Date, Date),
    after: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<HistoryRow>> {
    const LAID: &str = "SELECT a.document_id, a.applied_on, a.amount_minor \
        FROM documents d JOIN applications a ON a.company_id = d.company_id \
        AND a.customer_id = d.customer_id AND a.document_id = d.id \
        WHERE d.company_id = $1 AND d.id {uuids:2} ORDER BY a.applied_on, a.id";
    const GIVEN: &str = "SELECT a.credit_id, a.applied_on, a.amount_minor FROM applications a \
        WHERE a.company_id = $1 AND a.credit_id {uuids:2} ORDER BY a.applied_on, a.id";
    let (from, to) = window;
    let sql = format!(
        "SELECT {DOCUMENT}, t.customer_id FROM documents t \
         WHERE t.company_id = $1 AND t.issued_on <= $3 AND t.id > $4 \
         AND (t.settled_on_projection IS NULL OR t.settled_on_projection >= $2 \
            OR t.issued_on >= $2) \
         ORDER BY t.id LIMIT $5"
    );
    let after = after.map_or(Uuid::nil(), DocumentId::uuid);
    let read = |row: &mut Row<'_>| {
        Ok(HistoryRow {
            document: row.get()?,
            customer: row.get()?,
            applied: Vec::new(),
        })
    };
    let mut page = heavy
        .rows(&sql, &binds![company, from, to, after, limit], read)
        .await?;
    let ids: Vec<Uuid> = page.iter().map(|row| row.document.id.uuid()).collect();
    for sql in [LAID, GIVEN] {
        let mut lay = |row: &mut Row<'_>| {
            let document: DocumentId = row.get()?;
            if let Ok(at) = page.binary_search_by_key(&document, |row| row.document.id) {
                page[at].applied.push((row.get()?, row.get()?));
            }
            Ok(())
        };
        heavy
            .each(sql, &binds![company, ids.as_slice()], &mut lay)
            .await?;
    }
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
