//! Work done once on rows that are older than the columns that want it, when a database is opened.
//! It is done again from the start when it was cut short, and may be done by two at once.

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
use crate::value::{Bind, FromRow, Row, binds};

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

/// Fills what is not filled yet.
pub(crate) async fn fill(db: &Db) -> Result<()> {
    if !is_done(db, PORTFOLIO).await? {
        portfolio(db).await?;
        done(db, PORTFOLIO).await?;
    }
    if !is_done(db, CHAIN).await? {
        chain(db).await?;
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
async fn chain(db: &Db) -> Result<()> {
    let companies: Vec<CompanyId> = rows(db, COMPANIES, &[], FromRow::from_row).await?;
    for company in companies {
        let mut after = Uuid::nil();
        while let Some(last) =
            write_heavily!(db, |heavy| proofs::leave_old(heavy, company, after, ROWS))?
        {
            after = last;
        }
        let mut after = (Uuid::nil(), Uuid::nil());
        while let Some(last) =
            write_heavily!(db, |heavy| chain::list_old(heavy, company, after, ROWS))?
        {
            after = last;
        }
    }
    Ok(())
}

async fn portfolio(db: &Db) -> Result<()> {
    let companies: Vec<CompanyId> = rows(db, COMPANIES, &[], FromRow::from_row).await?;
    for company in companies {
        let mut after = Uuid::nil();
        while let Some(last) = write_heavily!(db, |heavy| customers(heavy, company, after))? {
            after = last;
        }
        let mut after = Uuid::nil();
        while let Some(last) = write_heavily!(db, |heavy| documents(heavy, company, after))? {
            after = last;
        }
    }
    Ok(())
}

/// A page of customers with their figures; the last of them.
async fn customers(heavy: &mut Heavy<'_>, company: CompanyId, after: Uuid) -> Result<Option<Uuid>> {
    let sql = format!(
        "SELECT {CUSTOMER} FROM customers c WHERE c.company_id = $1 AND c.id > $2 \
         ORDER BY c.id LIMIT $3"
    );
    let binds = binds![company, after, ROWS];
    let page: Vec<Customer> = heavy.rows(&sql, &binds, FromRow::from_row).await?;
    search::remember(heavy, company, &page).await?;
    let ids: Vec<CustomerId> = page.iter().map(|it| it.id).collect();
    // Instants are not known here; the first run after it takes due dates that passed meanwhile.
    figures::refresh(heavy, company, &ids, Timestamp::UNIX_EPOCH).await?;
    Ok(page.last().map(|it| it.id.uuid()))
}

/// A page of documents; the last of them.
async fn documents(heavy: &mut Heavy<'_>, company: CompanyId, after: Uuid) -> Result<Option<Uuid>> {
    const SQL: &str = "SELECT id, number FROM documents WHERE company_id = $1 AND id > $2 \
        ORDER BY id LIMIT $3";
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let binds = binds![company, after, ROWS];
    let page: Vec<(DocumentId, String)> = heavy.rows(SQL, &binds, read).await?;
    let mut digits = Rows::new(DIGITS.columns.len());
    for (id, number) in &page {
        let last = number_digits(number).map_or(Bind::Bytes(None), bytes);
        digits.push([company.into(), (*id).into(), last]);
    }
    heavy.update(&DIGITS, 2, "", &digits).await?;
    Ok(page.last().map(|it| it.0.uuid()))
}
