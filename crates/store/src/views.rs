//! Lists kept by name: what someone narrowed and sorted, to come back to.

use domain::{CompanyId, SavedViewId};
use serde_json::json;

use crate::db::{Access, Tx, first, rows, run};
use crate::error::{Result, StoreError};
use crate::events;
use crate::stamp::Stamp;
use crate::value::{FromRow, Row, binds};

/// Views that one list shows.
const VIEWS_MAX: u32 = 100;

/// A list kept by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Our id.
    pub id: SavedViewId,
    /// `customers` or `documents`.
    pub list: String,
    /// Its name.
    pub name: String,
    /// The question as it stands in the address.
    pub query: String,
    /// Whose it is.
    pub author: String,
    /// Whether everybody of the company sees it.
    pub shared: bool,
}

impl FromRow for SavedView {
    fn from_row(row: &mut Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get()?,
            list: row.get()?,
            name: row.get()?,
            query: row.get()?,
            author: row.get()?,
            shared: row.get()?,
        })
    }
}

/// Keeps a view; one of the same author, list and name is overwritten. Gives its id.
///
/// # Errors
/// [`StoreError::Constraint`] for a list there is not, or an empty name.
pub async fn save(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    (list, name): (&str, &str),
    query: &str,
    shared: bool,
) -> Result<SavedViewId> {
    const SQL: &str = "INSERT INTO saved_views \
        (company_id, id, list, name, query, author, shared, recorded_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (company_id, author, list, name) DO UPDATE SET \
        query = excluded.query, shared = excluded.shared, recorded_at = excluded.recorded_at";
    const ID: &str = "SELECT id FROM saved_views \
        WHERE company_id = $1 AND author = $2 AND list = $3 AND name = $4";
    let new = SavedViewId::from_uuid(stamp.ids.draw());
    let author = &stamp.author;
    let binds = binds![company, new, list, name, query, author, shared, stamp.at];
    run(&mut *tx, SQL, &binds).await?;
    let kept = binds![company, author, list, name];
    let id = first(&mut *tx, ID, &kept, FromRow::from_row).await?;
    let id = id.unwrap_or(new);
    let body = json!({ "after": {
        "list": list, "name": name, "query": query, "shared": shared,
    }});
    events::append(tx, stamp, company, "view.saved", Some(id.uuid()), &body).await?;
    Ok(id)
}

/// Takes a view away; only its author can.
///
/// # Errors
/// [`StoreError::Missing`] when its author has no such view.
pub async fn remove(
    tx: &mut Tx,
    stamp: &Stamp,
    company: CompanyId,
    view: SavedViewId,
) -> Result<()> {
    const SQL: &str = "DELETE FROM saved_views WHERE company_id = $1 AND id = $2 AND author = $3";
    if run(&mut *tx, SQL, &binds![company, view, &stamp.author]).await? == 0 {
        return Err(StoreError::Missing {
            what: "view",
            key: view.to_string(),
        });
    }
    let body = json!({ "after": { "removed": true } });
    events::append(tx, stamp, company, "view.removed", Some(view.uuid()), &body).await
}

/// The views of a list that someone sees: their own, and those shared; by name.
///
/// # Errors
/// What the database says.
pub async fn of_list(
    on: impl Access,
    company: CompanyId,
    list: &str,
    author: &str,
) -> Result<Vec<SavedView>> {
    const SQL: &str = "SELECT id, list, name, query, author, shared FROM saved_views \
        WHERE company_id = $1 AND list = $2 AND (author = $3 OR shared) \
        ORDER BY name, id LIMIT $4";
    let binds = binds![company, list, author, VIEWS_MAX];
    rows(on, SQL, &binds, FromRow::from_row).await
}
