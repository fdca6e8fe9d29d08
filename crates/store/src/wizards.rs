//! How far a new company came in its first steps.

use domain::CompanyId;

use crate::db::{Access, Tx, first, run};
use crate::error::Result;
use crate::stamp::Stamp;
use crate::value::{Row, binds};

/// How far a company came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wizard {
    /// The furthest step reached; the face knows its words.
    pub step: String,
    /// Whether it was walked to its end, or left for good.
    pub finished: bool,
}

/// How far a company came; `None` for one that was made without the wizard.
///
/// # Errors
/// What the database says.
pub async fn get(on: impl Access, company: CompanyId) -> Result<Option<Wizard>> {
    const SQL: &str = "SELECT step, finished_at IS NOT NULL FROM wizards WHERE company_id = $1";
    let read = |row: &mut Row<'_>| {
        Ok(Wizard {
            step: row.get()?,
            finished: row.get()?,
        })
    };
    first(on, SQL, &binds![company], read).await
}

/// Keeps the step a company stands at.
///
/// # Errors
/// What the database says.
pub async fn put(tx: &mut Tx, stamp: &Stamp, company: CompanyId, step: &str) -> Result<()> {
    const SQL: &str = "INSERT INTO wizards (company_id, step, author, started_at) \
        VALUES ($1, $2, $3, $4) ON CONFLICT (company_id) DO UPDATE SET \
        step = excluded.step, author = excluded.author";
    run(tx, SQL, &binds![company, step, &stamp.author, stamp.at])
        .await
        .map(drop)
}

/// Ends the wizard of a company.
///
/// # Errors
/// What the database says.
pub async fn finish(tx: &mut Tx, stamp: &Stamp, company: CompanyId) -> Result<()> {
    const SQL: &str = "UPDATE wizards SET finished_at = $2, author = $3 \
        WHERE company_id = $1 AND finished_at IS NULL";
    run(tx, SQL, &binds![company, stamp.at, &stamp.author])
        .await
        .map(drop)
}
