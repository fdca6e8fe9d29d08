//! Who saw what and did what at the console: append-only, written in batches.

use domain::{CompanyId, EventId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::db::{Access, Tx, rows, run};
use crate::error::Result;
use crate::value::{Bind, FromRow, Row, binds};

/// Lines written by one statement at most.
const LINES_MAX: usize = 100;

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLine {
    /// Our id; in the order of recording.
    pub id: EventId,
    /// E-mail of who did it.
    pub author: String,
    /// What was done, a word (`customer.seen`).
    pub action: String,
    /// With which thing.
    pub entity: Option<Uuid>,
    /// What it was called then.
    pub detail: String,
    /// Address of the client.
    pub from: String,
    /// When.
    pub at: Timestamp,
}

impl FromRow for AccessLine {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            author: row.get()?,
            action: row.get()?,
            entity: row.get()?,
            detail: row.get()?,
            from: row.get()?,
            at: row.get()?,
        })
    }
}

/// Appends lines.
///
/// # Errors
/// What the database says.
pub async fn append(tx: &mut Tx, lines: &[(CompanyId, AccessLine)]) -> Result<()> {
    const COLUMNS: usize = 8;
    for part in lines.chunks(LINES_MAX) {
        let mut values: Vec<Bind<'_>> = Vec::with_capacity(part.len() * COLUMNS);
        let mut places = Vec::with_capacity(part.len());
        for (company, line) in part {
            let first = values.len() + 1;
            let numbers: Vec<String> = (first..first + COLUMNS).map(|n| format!("${n}")).collect();
            places.push(format!("({})", numbers.join(", ")));
            values.extend(binds![
                *company,
                line.id,
                &line.author,
                &line.action,
                line.entity,
                &line.detail,
                &line.from,
                line.at,
            ]);
        }
        let sql = format!(
            "INSERT INTO access_log \
             (company_id, id, author, action, entity, detail, from_address, at) VALUES {}",
            places.join(", ")
        );
        run(&mut *tx, &sql, &values).await?;
    }
    Ok(())
}

/// Which lines to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of one author.
    pub author: Option<String>,
    /// Of one action.
    pub action: Option<String>,
    /// About one thing.
    pub entity: Option<Uuid>,
}

/// Lines of a company, newest first, from before a line.
///
/// # Errors
/// What the database says.
pub async fn page(
    on: impl Access,
    company: CompanyId,
    filter: &Filter,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<AccessLine>> {
    let before = before.map_or(Uuid::max(), EventId::uuid);
    let mut values = binds![company, before, limit].to_vec();
    let mut wanted = String::new();
    let asked = [
        ("author", filter.author.as_deref().map(Bind::from)),
        ("action", filter.action.as_deref().map(Bind::from)),
        ("entity", filter.entity.map(Bind::from)),
    ];
    for (column, value) in asked {
        if let Some(value) = value {
            values.push(value);
            wanted.push_str(&format!(" AND {column} = ${}", values.len()));
        }
    }
    let sql = format!(
        "SELECT id, author, action, entity, detail, from_address, at FROM access_log \
         WHERE company_id = $1 AND id < $2{wanted} ORDER BY id DESC LIMIT $3"
    );
    rows(on, &sql, &values, FromRow::from_row).await
}
