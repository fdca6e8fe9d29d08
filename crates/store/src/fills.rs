//! Work done once on rows that are older than the columns that want it, when a database is opened.
//!
//! A few thousand rows to a transaction. What is not filled yet is told by the rows themselves, so
//! that work which was cut short goes on where it was, and may be done by two at once.

use domain::customer::Customer;
use domain::search::number_digits;
use domain::{CompanyId, CustomerId, DocumentId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::bulk::{Heavy, Rows, Table, write_heavily};
use crate::chain;
use crate::db::{Db, first, rows, run};
use crate::error::Result;
use crate::facts::CUSTOMER;
use crate::portfolio::figures;
use crate::proofs;
use crate::search::{self, bytes};
use crate::value::{FromRow, Row, binds};

/// Rows read and written in one transaction.
const ROWS: u32 = 2_000;

/// The words and figures of lists.
const PORTFOLIO: &str = "portfolio";

const DIGITS: Table = Table {
    name: "documents",
    columns: &["company_id", "id", "number_digits"],
};

/// Proofs and decisions in the chain.
const CHAIN: &str = "chain";

const COMPANIES: &str = "SELECT id FROM companies ORDER BY id";

/// How far an older database is brought up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filling {
    /// Rows behind us.
    pub done: u64,
    /// Rows there were when it began.
    pub total: u64,
}

/// A page of rows filled: how many they were, and the last of them.
type Filled = Option<(u64, Uuid)>;

/// Fills what is not filled yet, and tells so after each part.
pub(crate) async fn fill(db: &Db, tell: &mut (dyn FnMut(Filling) + Send)) -> Result<()> {
    if !is_done(db, PORTFOLIO).await? {
        portfolio(db, tell).await?;
        done(db, PORTFOLIO).await?;
    }
    if !is_done(db, CHAIN).await? {
        chain(db, tell).await?;
        done(db, CHAIN).await?;
    }
    Ok(())
}

async fn is_done(db: &Db, name: &str) -> Result<bool> {
    const SQL: &str = "SELECT name FROM fills WHERE name = $1";
    let done: Option<String> = first(db, SQL, &binds![name], FromRow::from_row).await?;
    Ok(done.is_some())
}

async fn done(db: &Db, name: &str) -> Result<()> {
    const SQL: &str = "INSERT INTO fills (name) VALUES ($1) ON CONFLICT DO NOTHING";
    let mut tx = db.begin().await?;
    run(&mut tx, SQL, &binds![name]).await?;
    tx.commit().await
}

/// Leaves what is older than the chain with the sealer.
async fn chain(db: &Db, tell: &mut (dyn FnMut(Filling) + Send)) -> Result<()> {
    const RECORDS: &str = "SELECT (SELECT COUNT(*) FROM proofs) + (SELECT COUNT(*) FROM decisions)";
    let total: Option<i64> = first(db, RECORDS, &[], FromRow::from_row).await?;
    let mut so_far = Filling {
        done: 0,
        total: total.unwrap_or(0).unsigned_abs(),
    };
    // A part of a small company holds fewer than it could, so this runs ahead, never beyond.
    let mut behind = || {
        so_far.done = (so_far.done + u64::from(ROWS)).min(so_far.total);
        tell(so_far);
    };
    let companies: Vec<CompanyId> = rows(db, COMPANIES, &[], FromRow::from_row).await?;
    for company in companies {
        let mut after = Uuid::nil();
        while let Some(last) =
            write_heavily!(db, |heavy| proofs::leave_old(heavy, company, after, ROWS))?
        {
            after = last;
            behind();
        }
        let mut after = (Uuid::nil(), Uuid::nil());
        while let Some(last) =
            write_heavily!(db, |heavy| chain::list_old(heavy, company, after, ROWS))?
        {
            after = last;
            behind();
        }
    }
    Ok(())
}

async fn portfolio(db: &Db, tell: &mut (dyn FnMut(Filling) + Send)) -> Result<()> {
    let mut so_far = Filling {
        done: 0,
        total: waiting(db).await?,
    };
    let mut behind = |filled: Filled| {
        let (rows, last) = filled?;
        so_far.done = (so_far.done + rows).min(so_far.total);
        tell(so_far);
        Some(last)
    };
    let companies: Vec<CompanyId> = rows(db, COMPANIES, &[], FromRow::from_row).await?;
    for company in companies {
        let mut after = Some(Uuid::nil());
        while let Some(last) = after {
            let filled = write_heavily!(db, |heavy| customers(heavy, company, last))?;
            after = behind(filled);
        }
        let mut after = Some(Uuid::nil());
        while let Some(last) = after {
            let filled = write_heavily!(db, |heavy| documents(heavy, company, last))?;
            after = behind(filled);
        }
    }
    Ok(())
}

/// Rows that are not filled. Documents whose number has no digits count, though nothing is done.
async fn waiting(db: &Db) -> Result<u64> {
    const SQL: &str = "SELECT (SELECT COUNT(*) FROM customers WHERE name_key IS NULL) \
        + (SELECT COUNT(*) FROM documents WHERE number_digits IS NULL)";
    let count: Option<i64> = first(db, SQL, &[], FromRow::from_row).await?;
    Ok(count.unwrap_or(0).unsigned_abs())
}

/// A page of customers with their figures.
async fn customers(heavy: &mut Heavy<'_>, company: CompanyId, after: Uuid) -> Result<Filled> {
    let sql = format!(
        "SELECT {CUSTOMER} FROM customers c WHERE c.company_id = $1 AND c.name_key IS NULL \
         AND c.id > $2 ORDER BY c.id LIMIT $3"
    );
    let binds = binds![company, after, ROWS];
    let page: Vec<Customer> = heavy.rows(&sql, &binds, FromRow::from_row).await?;
    search::remember(heavy, company, &page).await?;
    let ids: Vec<CustomerId> = page.iter().map(|it| it.id).collect();
    // Instants are not known here; the first run after it takes due dates that passed meanwhile.
    figures::refresh(heavy, company, &ids, Timestamp::UNIX_EPOCH).await?;
    Ok(page.last().map(|it| (page.len() as u64, it.id.uuid())))
}

/// A page of documents. The digits are asked for by an expression: along their index each page
/// would sort all that are left.
async fn documents(heavy: &mut Heavy<'_>, company: CompanyId, after: Uuid) -> Result<Filled> {
    const SQL: &str = "SELECT id, number FROM documents WHERE company_id = $1 AND id > $2 \
        AND COALESCE(number_digits, number_digits) IS NULL ORDER BY id LIMIT $3";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let binds = binds![company, after, ROWS];
    let page: Vec<(DocumentId, String)> = heavy.rows(SQL, &binds, read).await?;
    let mut digits = Rows::new(DIGITS.columns.len());
    for (id, number) in &page {
        if let Some(last) = number_digits(number) {
            digits.push([company.into(), (*id).into(), bytes(last)]);
        }
    }
    heavy.update(&DIGITS, 2, "", &digits).await?;
    Ok(page.last().map(|it| (page.len() as u64, it.0.uuid())))
}
