//! Lists of customers.

use std::collections::{HashMap, HashSet};

use domain::customer::Customer;
use domain::portfolio::{CustomerCut, CustomerFilter, CustomerSort, CustomerState, Range};
use domain::search::tag_term;
use domain::{CompanyId, CustomerId, UserId};
use jiff::civil::Date;
use uuid::Uuid;

use super::figures::{self, Figures};
use super::having::{Column, Having, having};
use super::{
    Ask, COUNT_MAX, Count, Cuts, FOUND_MAX, GLANCE_MAX, Order, Page, PlaceKind, WALK_MAX, Walk,
};
use crate::bulk::{Heavy, read_heavily};
use crate::db::Db;
use crate::error::Result;
use crate::facts::CUSTOMER;
use crate::search::{bytes, find_customers};
use crate::value::{Bind, FromRow, Row, binds};

/// A customer in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// The customer, without addresses.
    pub customer: Customer,
    /// What it has today in each currency, taken from the ledger.
    pub figures: Vec<Figures>,
    /// Whether something is held back today.
    pub held: bool,
    /// Whether an address works.
    pub reachable: bool,
    /// Who looks after it.
    pub assigned: Option<UserId>,
}

/// So many customers behind or before a cut, or the first ones, as of a day.
///
/// # Errors
/// What the database says.
pub async fn customers(
    db: &Db,
    company: CompanyId,
    filter: &CustomerFilter,
    (cut, rows): (Option<&CustomerCut>, usize),
    today: Date,
) -> Result<Page<CustomerRow, CustomerId>> {
    let (filter, cut) = (filter.clone(), cut.cloned());
    read_heavily!(db, |heavy| page(heavy, company, filter, (cut, rows), today))
}

async fn page(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: CustomerFilter,
    (cut, rows): (Option<CustomerCut>, usize),
    today: Date,
) -> Result<Page<CustomerRow, CustomerId>> {
    let walk = walk(heavy, company, &filter, cut.as_ref(), today).await?;
    let back = cut.as_ref().is_some_and(|cut| cut.back);
    let places = walk.places(heavy, back, rows).await?;
    let cuts = Cuts::new(places, cut.as_ref(), rows, CustomerId::from_uuid);
    let ids: Vec<Uuid> = cuts.places.iter().map(|it| it.1).collect();
    let rows = dress(heavy, company, ids, today).await?;
    Ok(cuts.page(rows))
}

/// How many customers a list has, counted to a bound.
///
/// # Errors
/// What the database says.
pub async fn count_customers(
    db: &Db,
    company: CompanyId,
    filter: &CustomerFilter,
    today: Date,
) -> Result<Count> {
    let filter = filter.clone();
    read_heavily!(db, |heavy| count(heavy, company, filter, today))
}

async fn count(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: CustomerFilter,
    today: Date,
) -> Result<Count> {
    walk(heavy, company, &filter, None, today)
        .await?
        .count(heavy)
        .await
}

/// Ids of customers of a list in its order, at most `limit` of them; whether there are more, or
/// may be.
///
/// # Errors
/// What the database says.
pub async fn matching_customers(
    db: &Db,
    company: CompanyId,
    filter: &CustomerFilter,
    today: Date,
    limit: usize,
) -> Result<(Vec<CustomerId>, bool)> {
    let (filter, limit) = (filter.clone(), limit.min(COUNT_MAX));
    read_heavily!(db, |heavy| matching(heavy, company, filter, today, limit))
}

async fn matching(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: CustomerFilter,
    today: Date,
    limit: usize,
) -> Result<(Vec<CustomerId>, bool)> {
    let mut all: Vec<CustomerId> = Vec::new();
    let mut cut: Option<CustomerCut> = None;
    loop {
        let walk = walk(heavy, company, &filter, cut.as_ref(), today).await?;
        let (places, end) = walk.places(heavy, false, limit - all.len()).await?;
        all.extend(places.into_iter().map(|it| CustomerId::from_uuid(it.1)));
        if all.len() > limit {
            all.truncate(limit);
            return Ok((all, true));
        }
        let Some((place, id)) = end else {
            return Ok((all, false));
        };
        let id = CustomerId::from_uuid(id);
        cut = Some(CustomerCut {
            place,
            id,
            back: false,
        });
    }
}

/// How the database goes about a list, in its own words.
///
/// # Errors
/// What the database says.
pub async fn explain_customers(
    db: &Db,
    company: CompanyId,
    filter: &CustomerFilter,
    today: Date,
) -> Result<Vec<String>> {
    let filter = filter.clone();
    read_heavily!(db, |heavy| explain(heavy, company, filter, today))
}

async fn explain(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: CustomerFilter,
    today: Date,
) -> Result<Vec<String>> {
    walk(heavy, company, &filter, None, today)
        .await?
        .explain(heavy)
        .await
}

/// The customers that are found beforehand because few can be meant; `None` where many are.
async fn found(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: &CustomerFilter,
    today: Date,
) -> Result<Option<Vec<Uuid>>> {
    const TAGGED: &str = "SELECT customer_id FROM customer_terms \
        WHERE company_id = $1 AND term = $2 LIMIT $3";
    const ASSIGNED: &str = "SELECT customer_id FROM assignments \
        WHERE company_id = $1 AND user_id = $2 LIMIT $3";
    const HELD: &str = "SELECT customer_id FROM (SELECT customer_id FROM holds \
            WHERE company_id = $1 AND until_on IS NULL LIMIT $3) AS open \
        UNION SELECT customer_id FROM (SELECT customer_id FROM holds \
            WHERE company_id = $1 AND until_on > $2 LIMIT $3) AS ending";
    let most = u32::try_from(FOUND_MAX).unwrap_or(u32::MAX) + 1;
    let mut all: Option<HashSet<Uuid>> = None;
    let mut narrow = |ids: Vec<Uuid>| {
        let ids: HashSet<Uuid> = ids.into_iter().collect();
        all = Some(match all.take() {
            Some(known) => known.intersection(&ids).copied().collect(),
            None => ids,
        });
    };
    if !filter.question.is_empty() {
        let question = filter.question.clone();
        let ids = find_customers(heavy, company, question, FOUND_MAX).await?;
        narrow(ids.iter().map(|it| it.uuid()).collect());
    }
    if let Some(tag) = &filter.tag {
        let binds = [company.into(), bytes(tag_term(tag)), most.into()];
        let ids: Vec<Uuid> = heavy.rows(TAGGED, &binds, FromRow::from_row).await?;
        if ids.len() <= FOUND_MAX {
            narrow(ids);
        }
    }
    if let Some(user) = filter.assigned {
        let binds = binds![company, user, most];
        let ids: Vec<Uuid> = heavy.rows(ASSIGNED, &binds, FromRow::from_row).await?;
        if ids.len() <= FOUND_MAX {
            narrow(ids);
        }
    }
    if filter.held {
        let binds = binds![company, today, most];
        let ids: Vec<Uuid> = heavy.rows(HELD, &binds, FromRow::from_row).await?;
        if ids.len() <= FOUND_MAX {
            narrow(ids);
        }
    }
    for one in having(filter, today) {
        // Along its own order a condition bounds the walk by itself.
        if Some(one.column) == column_of(filter) {
            continue;
        }
        let mut ask = Ask::default();
        let Some(sql) = one.found(&mut ask, company, filter.currency, most) else {
            continue;
        };
        let ids: Vec<Uuid> = heavy.rows(&sql, &ask.binds, FromRow::from_row).await?;
        if ids.len() <= FOUND_MAX {
            narrow(ids);
        }
    }
    Ok(all.map(|all| all.into_iter().collect()))
}

async fn walk(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    filter: &CustomerFilter,
    cut: Option<&CustomerCut>,
    today: Date,
) -> Result<Walk> {
    let found = found(heavy, company, filter, today).await?;
    Ok(match column_of(filter) {
        None => by_name(company, filter, cut, today, found),
        Some(column) => by_figures(company, filter, (column, cut), today, found),
    })
}

/// Along the names.
fn by_name(
    company: CompanyId,
    filter: &CustomerFilter,
    cut: Option<&CustomerCut>,
    today: Date,
    found: Option<Vec<Uuid>>,
) -> Walk {
    let order = Order {
        column: "c.name_key",
        id: "c.id",
        kind: PlaceKind::Bytes,
        falls: false,
    };
    let mut ask = Ask::default();
    let of = ask.mark(company);
    let is_found = found.is_some();
    let (among, only) = match found {
        Some(ids) => (ask.among(&of, "customers", ids), " AND c.id = l.found"),
        None => (String::new(), ""),
    };
    let beyond = order.beyond(&mut ask, cut);
    let inner_marks = ask.binds.len();
    let inner = format!(
        "SELECT c.name_key AS place, c.id AS id, c.company_id AS company_id, \
         c.behaviour AS behaviour FROM {among}customers c \
         WHERE c.company_id = {of} AND c.name_key IS NOT NULL{only}{beyond}"
    );
    let has = having(filter, today);
    let state: String = has
        .iter()
        .map(|it| it.text(&mut ask, Column::kept))
        .collect();
    let beside = beside(&mut ask, filter, today);
    let mut outer = String::new();
    if !state.is_empty() {
        let currency = ask.mark(filter.currency);
        outer = format!(
            " LEFT JOIN customer_figures f ON f.company_id = s.company_id \
             AND f.customer_id = s.id AND f.currency = {currency}"
        );
    }
    if !state.is_empty() || !beside.is_empty() {
        outer.push_str(" WHERE true");
        outer.push_str(&state);
        outer.push_str(&beside);
    }
    Walk {
        ask,
        inner,
        outer,
        order,
        inner_marks,
        most: WALK_MAX,
        found: is_found,
    }
}

/// What customers are sorted by when it is not their names.
const fn column_of(filter: &CustomerFilter) -> Option<Column> {
    match (filter.sort, filter.state) {
        (CustomerSort::Name, _) => None,
        (CustomerSort::Days, _) => Some(Column::Oldest),
        (CustomerSort::Due, _) => Some(Column::Next),
        (CustomerSort::Amount, CustomerState::Credit) => Some(Column::Credit),
        (CustomerSort::Amount, _) => Some(Column::Open),
    }
}

/// Along what customers have in the filter's currency.
fn by_figures(
    company: CompanyId,
    filter: &CustomerFilter,
    (column, cut): (Column, Option<&CustomerCut>),
    today: Date,
    found: Option<Vec<Uuid>>,
) -> Walk {
    let is_found = found.is_some();
    // Few customers are sorted by an expression, which no index knows: a planner would walk an
    // index for each of them.
    let name: fn(Column) -> &'static str = if is_found {
        Column::kept
    } else {
        Column::plain
    };
    let (place, kind) = (name(column), column.kind());
    let order = Order {
        column: place,
        id: "f.customer_id",
        kind,
        falls: kind == PlaceKind::Int,
    };
    let mut ask = Ask::default();
    let (of, currency) = (ask.mark(company), ask.mark(filter.currency));
    let (among, only) = match found {
        Some(ids) => {
            let among = ask.among(&of, "customers", ids);
            (among, " AND f.customer_id = l.found")
        }
        None => (String::new(), ""),
    };
    let there = if kind == PlaceKind::Int {
        format!("{place} > 0")
    } else {
        format!("{place} IS NOT NULL")
    };
    let (known, others): (Vec<Having>, Vec<Having>) = having(filter, today)
        .into_iter()
        .partition(|it| is_found || it.column == column || it.is_implied_by(column));
    let known: String = known.iter().map(|it| it.text(&mut ask, name)).collect();
    let beyond = order.beyond(&mut ask, cut);
    let inner_marks = ask.binds.len();
    let columns: String = others.iter().map(|it| it.column.carried()).collect();
    let inner = format!(
        "SELECT {place} AS place, f.customer_id AS id, f.company_id AS company_id{columns} \
         FROM {among}customer_figures f WHERE f.company_id = {of} AND f.currency = {currency} \
         AND {there}{only}{known}{beyond}"
    );
    let has: String = others
        .iter()
        .map(|it| it.text(&mut ask, Column::beside))
        .collect();
    let beside = beside(&mut ask, filter, today);
    let glanced = beside.is_empty() && others.iter().all(|it| column.knows(it.column));
    let mut outer = String::new();
    if !beside.is_empty() || !has.is_empty() {
        let join = if filter.behaviour.is_some() {
            " JOIN customers c ON c.company_id = s.company_id AND c.id = s.id"
        } else {
            ""
        };
        outer = format!("{join} WHERE true{has}{beside}");
    }
    let outer = outer.replace("s.behaviour", "c.behaviour");
    Walk {
        ask,
        inner,
        outer,
        order,
        inner_marks,
        most: if glanced { GLANCE_MAX } else { WALK_MAX },
        found: is_found,
    }
}

/// The condition of a range.
pub(super) fn between<T: Copy + Into<Bind<'static>>>(
    ask: &mut Ask,
    column: &str,
    range: Range<T>,
) -> String {
    let mut text = String::new();
    for (side, end) in [(">=", range.from), ("<=", range.to)] {
        if let Some(end) = end {
            text.push_str(&format!(" AND {column} {side} {}", ask.mark(end)));
        }
    }
    text
}

/// The conditions that are looked up beside the index, on rows `s`.
fn beside(ask: &mut Ask, filter: &CustomerFilter, today: Date) -> String {
    let mut text = String::new();
    if let Some(behaviour) = filter.behaviour {
        text.push_str(&format!(" AND s.behaviour = {}", ask.mark(behaviour)));
    }
    if let Some(tag) = &filter.tag {
        let term = ask.mark(bytes(tag_term(tag)));
        text.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM customer_terms o WHERE o.company_id = s.company_id \
             AND o.term = {term} AND o.customer_id = s.id)"
        ));
    }
    if let Some(user) = filter.assigned {
        let user = ask.mark(user);
        text.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM assignments g WHERE g.company_id = s.company_id \
             AND g.customer_id = s.id AND g.user_id = {user})"
        ));
    }
    if filter.held {
        let today = ask.mark(today);
        text.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM holds h WHERE h.company_id = s.company_id \
             AND h.customer_id = s.id AND {})",
            in_force("h", &today)
        ));
    }
    if filter.unreachable {
        text.push_str(
            " AND NOT EXISTS (SELECT 1 FROM contact_points p WHERE p.company_id = s.company_id \
             AND p.customer_id = s.id AND p.health = 'good')",
        );
    }
    text
}

/// Whether a hold is in force on a day.
fn in_force(h: &str, day: &str) -> String {
    format!(
        "{h}.from_on <= {day} AND ({h}.until_on IS NULL OR {h}.until_on > {day}) \
         AND NOT EXISTS (SELECT 1 FROM hold_ends e WHERE e.company_id = {h}.company_id \
         AND e.hold_id = {h}.id AND e.until_on <= {day})"
    )
}

/// What a page shows of its customers, in the order of `ids`.
async fn dress(
    heavy: &mut Heavy<'_>,
    company: CompanyId,
    ids: Vec<Uuid>,
    today: Date,
) -> Result<Vec<CustomerRow>> {
    const REACHABLE: &str = "SELECT DISTINCT customer_id FROM contact_points \
        WHERE company_id = $1 AND customer_id {uuids:2} AND health = 'good'";
    const ASSIGNED: &str = "SELECT customer_id, user_id FROM assignments \
        WHERE company_id = $1 AND customer_id {uuids:2}";
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let binds = binds![company, ids.as_slice()];
    let sql =
        format!("SELECT {CUSTOMER} FROM customers c WHERE c.company_id = $1 AND c.id {{uuids:2}}");
    let loaded: Vec<Customer> = heavy.rows(&sql, &binds, FromRow::from_row).await?;
    let mut loaded: HashMap<Uuid, Customer> =
        loaded.into_iter().map(|it| (it.id.uuid(), it)).collect();
    let read = |row: &mut Row<'_>| Ok((row.get()?, row.get()?));
    let assigned: Vec<(Uuid, UserId)> = heavy.rows(ASSIGNED, &binds, read).await?;
    let mut assigned: HashMap<Uuid, UserId> = assigned.into_iter().collect();
    let reachable: Vec<Uuid> = heavy.rows(REACHABLE, &binds, FromRow::from_row).await?;
    let sql = format!(
        "SELECT DISTINCT h.customer_id FROM holds h WHERE h.company_id = $1 \
         AND h.customer_id {{uuids:2}} AND {}",
        in_force("h", "$3")
    );
    let read = |row: &mut Row<'_>| row.get();
    let held: Vec<Uuid> = heavy
        .rows(&sql, &binds![company, ids.as_slice(), today], read)
        .await?;
    let customers = ids.iter().map(|&id| CustomerId::from_uuid(id)).collect();
    let mut figures = figures::take(heavy, company, customers, today).await?;
    let dressed = ids.into_iter().filter_map(|id| {
        let customer = loaded.remove(&id)?;
        Some(CustomerRow {
            figures: figures.remove(&customer.id).unwrap_or_default(),
            held: held.contains(&id),
            assigned: assigned.remove(&id),
            reachable: reachable.contains(&id),
            customer,
        })
    });
    Ok(dressed.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;
    use jiff::civil::date;

    #[test]
    fn what_an_order_does_not_bound_is_asked_of_so_many_rows() {
        let (company, today) = (CompanyId::from_uuid(Uuid::nil()), date(2026, 11, 22));
        let range = |from, to| Range {
            from: Some(from),
            to: Some(to),
        };
        for &state in CustomerState::ALL {
            for &sort in state.sorts() {
                let filter = CustomerFilter {
                    state,
                    sort,
                    days: range(31, 60),
                    amount: range(1, 2),
                    ..CustomerFilter::all(Currency::MXN)
                };
                let Some(column) = column_of(&filter) else {
                    continue;
                };
                let walk = by_figures(company, &filter, (column, None), today, None);
                let asked = walk.inner.split_once(" WHERE ").expect("conditions").1;
                for other in [Column::Open, Column::Credit, Column::Oldest, Column::Next] {
                    let asks = asked.contains(&format!("{} <=", other.plain()));
                    assert!(!asks || other == column, "{state} by {sort}: {asked}");
                }
                assert!(
                    walk.outer.contains(" AND s."),
                    "{state} by {sort}: {}",
                    walk.outer
                );
            }
        }
    }
}
