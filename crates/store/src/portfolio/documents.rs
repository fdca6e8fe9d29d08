//! Lists of documents.

use std::collections::HashMap;

use domain::document::Document;
use domain::portfolio::{DocumentCut, DocumentFilter, DocumentSort, DocumentState, due_of_state};
use domain::{CompanyId, CustomerId, DocumentId, Money};
use jiff::civil::Date;
use uuid::Uuid;

use super::customers::between;
use super::{Ask, Count, Cuts, FOUND_MAX, Order, Page, PlaceKind, WALK_MAX, Walk};
use crate::bulk::{Heavy, read_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::facts::DOCUMENT;
use crate::search::find_documents;
use crate::value::{Row, binds};

/// A document in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// The document.
    pub document: Document,
    /// Whose it is.
    pub customer: CustomerId,
    /// The customer's key.
    pub customer_key: String,
    /// The customer's name.
    pub customer_name: String,
    /// What is open of it, taken from the ledger; of a credit note, what lies nowhere.
    pub open: Money,
    /// The day nothing was left open of it.
    pub settled_on: Option<Date>,
}

/// So many documents behind or before a cut, or the first ones, as of a day.
///
/// # Errors
/// What the database says.
pub async fn documents(
    db: &Db,
    company: CompanyId,
    filter: &DocumentFilter,
    (cut, rows): (Option<&DocumentCut>, usize),
    today: Date,
) -> Result<Page<DocumentRow, DocumentId>> {
    let (filter, cut) = (filter.clone(), cut.cloned());
    read_heavily!(db, |heavy| page(heavy, company, filter, (cut, rows), today))
}

async fn page(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: DocumentFilter,
    (cut, rows): (Option<DocumentCut>, usize),
    today: Date,
) -> Result<Page<DocumentRow, DocumentId>> {
    let walk = walk(heavy, company, &filter, cut.as_ref(), today).await?;
    let back = cut.as_ref().is_some_and(|cut| cut.back);
    let places = walk.places(heavy, back, rows).await?;
    let cuts = Cuts::new(places, cut.as_ref(), rows, DocumentId::from_uuid);
    let ids: Vec<Uuid> = cuts.places.iter().map(|it| it.1).collect();
    let rows = dress(heavy, company, ids).await?;
    Ok(cuts.page(rows))
}

/// How many documents a list has, counted to a bound.
///
/// # Errors
/// What the database says.
pub async fn count_documents(
    db: &Db,
    company: CompanyId,
    filter: &DocumentFilter,
    today: Date,
) -> Result<Count> {
    let filter = filter.clone();
    read_heavily!(db, |heavy| count(heavy, company, filter, today))
}

async fn count(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: DocumentFilter,
    today: Date,
) -> Result<Count> {
    let walk = walk(heavy, company, &filter, None, today).await?;
    walk.count(heavy).await
}

/// How the database goes about a list, in its own words.
///
/// # Errors
/// What the database says.
pub async fn explain_documents(
    db: &Db,
    company: CompanyId,
    filter: &DocumentFilter,
    today: Date,
) -> Result<Vec<String>> {
    let filter = filter.clone();
    read_heavily!(db, |heavy| explain(heavy, company, filter, today))
}

async fn explain(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: DocumentFilter,
    today: Date,
) -> Result<Vec<String>> {
    let walk = walk(heavy, company, &filter, None, today).await?;
    walk.explain(heavy).await
}

/// Invoices and debit notes of which something is open, in the words of their indexes.
const OPEN: &str = "settled_on_projection IS NULL";
const NO_CREDIT: &str = "kind <> 'credit_note'";

async fn walk(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: &DocumentFilter,
    cut: Option<&DocumentCut>,
    today: Date,
) -> Result<Walk> {
    let mut found = None;
    if !filter.question.is_empty() {
        let question = filter.question.clone();
        let ids = find_documents(heavy, company, question, FOUND_MAX).await?;
        found = Some(ids.into_iter().map(DocumentId::uuid).collect());
    }
    Ok(along(company, filter, cut, today, found))
}

/// The order of a list. One of few rows is sorted by an expression, which no index knows: a planner
/// would walk a whole order to save itself the sorting.
const fn order_of(sort: DocumentSort, few: bool) -> Order {
    let (column, kind, falls) = match (sort, few) {
        (DocumentSort::Due, false) => ("d.due_on", PlaceKind::Day, false),
        (DocumentSort::Due, true) => ("COALESCE(d.due_on, d.due_on)", PlaceKind::Day, false),
        (DocumentSort::Amount, false) => ("d.amount_minor", PlaceKind::Int, true),
        (DocumentSort::Amount, true) => ("d.amount_minor + 0", PlaceKind::Int, true),
        (DocumentSort::Number, false) => ("d.number", PlaceKind::Text, false),
        (DocumentSort::Number, true) => ("COALESCE(d.number, '')", PlaceKind::Text, false),
        (DocumentSort::Settled, false) => ("d.settled_on_projection", PlaceKind::Day, true),
        (DocumentSort::Settled, true) => (
            "COALESCE(d.settled_on_projection, d.settled_on_projection)",
            PlaceKind::Day,
            true,
        ),
    };
    Order {
        column,
        id: "d.id",
        kind,
        falls,
    }
}

/// What may be asked of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    State,
    Due,
    Currency,
    Amount,
}

impl Asked {
    const ALL: [Self; 4] = [Self::State, Self::Due, Self::Currency, Self::Amount];

    /// What the index of an order knows of a document; the rest is looked up beside it.
    const fn known_to(sort: DocumentSort) -> &'static [Self] {
        match sort {
            DocumentSort::Due => &[Self::State, Self::Due],
            DocumentSort::Amount => &[Self::State, Self::Currency, Self::Amount],
            DocumentSort::Number => &[],
            DocumentSort::Settled => &[Self::State],
        }
    }

    /// The condition on rows `of`; empty when nothing is asked.
    fn text(self, ask: &mut Ask, filter: &DocumentFilter, of: &str, today: Date) -> String {
        match (self, filter.state) {
            (Self::State, DocumentState::All) => String::new(),
            (Self::State, DocumentState::Settled) => {
                format!(" AND {of}.settled_on_projection IS NOT NULL")
            }
            (Self::State, _) => format!(" AND {of}.{OPEN} AND {of}.{NO_CREDIT}"),
            (Self::Due, state) => {
                let due = filter.due.within(due_of_state(state, today));
                between(ask, &format!("{of}.due_on"), due)
            }
            (Self::Currency, _) => filter
                .currency
                .map(|it| format!(" AND {of}.currency = {}", ask.mark(it)))
                .unwrap_or_default(),
            (Self::Amount, _) => between(ask, &format!("{of}.amount_minor"), filter.amount),
        }
    }
}

fn along(
    company: CompanyId,
    filter: &DocumentFilter,
    cut: Option<&DocumentCut>,
    today: Date,
    found: Option<Vec<Uuid>>,
) -> Walk {
    // Amounts of several currencies have no order.
    let sort = match filter.sort {
        DocumentSort::Amount if filter.currency.is_none() => DocumentSort::Due,
        sort => sort,
    };
    let few = found.is_some() || filter.customer.is_some();
    let order = order_of(sort, few);
    let mut ask = Ask::default();
    let of = ask.mark(company);
    let (mut among, mut own) = (String::new(), String::new());
    if let Some(ids) = found {
        among = ask.among(&of, "documents", ids);
        own.push_str(" AND d.id = l.found");
    }
    if let Some(customer) = filter.customer {
        own.push_str(&format!(" AND d.customer_id = {}", ask.mark(customer)));
    }
    let known = if few {
        &Asked::ALL[..]
    } else {
        Asked::known_to(sort)
    };
    for asked in known {
        own.push_str(&asked.text(&mut ask, filter, "d", today));
    }
    if sort == DocumentSort::Settled && !known.contains(&Asked::State) {
        own.push_str(" AND d.settled_on_projection IS NOT NULL");
    }
    own.push_str(&order.beyond(&mut ask, cut));
    let inner_marks = ask.binds.len();
    let mut beside = String::new();
    for asked in Asked::ALL.iter().filter(|it| !known.contains(it)) {
        beside.push_str(&asked.text(&mut ask, filter, "s", today));
    }
    let (columns, outer) = if beside.is_empty() {
        ("", String::new())
    } else {
        let columns = ", d.due_on AS due_on, d.currency AS currency, \
            d.amount_minor AS amount_minor, d.kind AS kind, \
            d.settled_on_projection AS settled_on_projection";
        (columns, format!(" WHERE true{beside}"))
    };
    let inner = format!(
        "SELECT {} AS place, d.id AS id{columns} FROM {among}documents d \
         WHERE d.company_id = {of}{own}",
        order.column
    );
    Walk {
        ask,
        inner,
        outer,
        order,
        inner_marks,
        most: WALK_MAX,
        found: few,
    }
}

/// What a page shows of its documents, in the order of `ids`.
async fn dress(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    ids: Vec<Uuid>,
) -> Result<Vec<DocumentRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {DOCUMENT}, t.customer_id, c.key, c.name, t.settled_on_projection, \
            CAST(t.amount_minor - CASE WHEN t.kind = 'credit_note' THEN \
                COALESCE((SELECT SUM(a.amount_minor) FROM applications a \
                    WHERE a.company_id = t.company_id AND a.credit_id = t.id \
                    AND a.credit_id IS NOT NULL), 0) \
            ELSE COALESCE((SELECT SUM(a.amount_minor) FROM applications a \
                    WHERE a.company_id = t.company_id AND a.customer_id = t.customer_id \
                    AND a.document_id = t.id), 0) END AS BIGINT) \
         FROM documents t JOIN customers c ON c.company_id = t.company_id \
            AND c.id = t.customer_id \
         WHERE t.company_id = $1 AND t.id {{uuids:2}}"
    );
    let read = |row: &mut Row<'_>| {
        let document: Document = row.get()?;
        let (customer, customer_key) = (row.get()?, row.get()?);
        let (customer_name, settled_on) = (row.get()?, row.get()?);
        let open = Money::new(row.get()?, document.amount.currency);
        Ok(DocumentRow {
            document,
            customer,
            customer_key,
            customer_name,
            open,
            settled_on,
        })
    };
    let loaded = heavy
        .rows(&sql, &binds![company, ids.as_slice()], read)
        .await?;
    let mut loaded: HashMap<Uuid, DocumentRow> = loaded
        .into_iter()
        .map(|it| (it.document.id.uuid(), it))
        .collect();
    Ok(ids.iter().filter_map(|id| loaded.remove(id)).collect())
}
