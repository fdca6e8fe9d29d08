//! A list taken away: all that its filter shows, in its order.

use axum::extract::{Query, State};
use axum::response::Response;
use domain::Money;
use domain::ids::{CustomerId, DocumentId};
use domain::portfolio::{CustomerFilter, Cut, DocumentFilter};
use futures_util::{Stream, TryStreamExt, stream};
use jiff::civil::Date;
use serde::Deserialize;
use store::portfolio::{self, CustomerRow, DocumentRow};
use store::{Db, StoreError};

use super::documents::customer_of;
use super::query::ListQuery;
use crate::Web;
use crate::download::{Cell, Format, Sheet, XLSX_ROWS_MAX, csv_stream};
use crate::page::{Page, Problem};
use crate::session::Seat;

/// Rows read at once.
const PART_ROWS: usize = 500;

#[derive(Deserialize)]
pub(super) struct FormatQuery {
    #[serde(default)]
    format: Format,
}

type Part = Result<Vec<Vec<Cell>>, StoreError>;

/// Where a list that is read part by part stands.
enum Next<I> {
    Begin,
    From(Cut<I>),
    End,
}

impl<I: Clone> Next<I> {
    const fn cut(&self) -> Option<&Cut<I>> {
        match self {
            Self::From(cut) => Some(cut),
            Self::Begin | Self::End => None,
        }
    }

    fn after(cut: Option<Cut<I>>) -> Self {
        cut.map_or(Self::End, Self::From)
    }
}

pub(super) async fn customers(
    State(web): State<Web>,
    seat: Seat,
    Query(query): Query<ListQuery>,
    Query(form): Query<FormatQuery>,
) -> Result<Response, Problem> {
    let today = seat.company.day_of(web.engine.now());
    let filter = query.customers(&seat);
    let page = seat.page("portfolio-customers-title");
    let columns = CUSTOMER_COLUMNS.map(|key| page.t(&format!("portfolio-column-{key}")));
    let parts = customer_parts(web.engine.db().clone(), seat.company.id, filter, today);
    answer(&page, "clientes", columns.to_vec(), parts, form.format).await
}

const CUSTOMER_COLUMNS: [&str; 12] = [
    "key",
    "name",
    "tax-id",
    "currency",
    "open",
    "overdue",
    "credit",
    "documents",
    "oldest-due",
    "days-late",
    "behaviour",
    "tags",
];

fn customer_parts(
    db: Db,
    company: domain::CompanyId,
    filter: CustomerFilter,
    today: Date,
) -> impl Stream<Item = Part> + Send + 'static {
    stream::try_unfold(Next::<CustomerId>::Begin, move |next| {
        let (db, filter) = (db.clone(), filter.clone());
        async move {
            if matches!(next, Next::End) {
                return Ok(None);
            }
            let cut = (next.cut(), PART_ROWS);
            let page = portfolio::customers(&db, company, &filter, cut, today).await?;
            let rows = page
                .rows
                .iter()
                .map(|row| customer(&filter, row, today))
                .collect();
            Ok(Some((rows, Next::after(page.after))))
        }
    })
}

fn customer(filter: &CustomerFilter, row: &CustomerRow, today: Date) -> Vec<Cell> {
    let own = row.figures.iter().find(|it| it.currency == filter.currency);
    let money = |minor: i64| Cell::from(Money::new(minor, filter.currency));
    let oldest = own.and_then(|it| it.oldest_due);
    let days = oldest.map(|due| domain::calendar::days_late(due, today));
    let customer = &row.customer;
    vec![
        customer.key.as_str().into(),
        customer.name.as_str().into(),
        customer.tax_id.clone().into(),
        filter.currency.code().into(),
        money(own.map_or(0, |it| it.open)),
        money(own.map_or(0, |it| it.overdue)),
        money(own.map_or(0, |it| it.credit)),
        own.map_or(0, |it| it.documents).into(),
        oldest.into(),
        days.filter(|days| *days > 0).into(),
        customer.behaviour.map(|it| it.code()).into(),
        customer.tags.join(", ").into(),
    ]
}

pub(super) async fn documents(
    State(web): State<Web>,
    seat: Seat,
    Query(query): Query<ListQuery>,
    Query(form): Query<FormatQuery>,
) -> Result<Response, Problem> {
    let today = seat.company.day_of(web.engine.now());
    let whose = customer_of(&web, &seat, &query).await?;
    let filter = query.documents(&seat, whose, today);
    let page = seat.page("portfolio-documents-title");
    let columns = DOCUMENT_COLUMNS.map(|key| page.t(&format!("portfolio-column-{key}")));
    let parts = document_parts(web.engine.db().clone(), seat.company.id, filter, today);
    answer(&page, "documentos", columns.to_vec(), parts, form.format).await
}

const DOCUMENT_COLUMNS: [&str; 11] = [
    "number",
    "kind",
    "key",
    "name",
    "issued",
    "due",
    "currency",
    "amount",
    "open",
    "days-late",
    "settled",
];

fn document_parts(
    db: Db,
    company: domain::CompanyId,
    filter: DocumentFilter,
    today: Date,
) -> impl Stream<Item = Part> + Send + 'static {
    stream::try_unfold(Next::<DocumentId>::Begin, move |next| {
        let (db, filter) = (db.clone(), filter.clone());
        async move {
            if matches!(next, Next::End) {
                return Ok(None);
            }
            let cut = (next.cut(), PART_ROWS);
            let page = portfolio::documents(&db, company, &filter, cut, today).await?;
            let rows = page.rows.iter().map(|row| document(row, today)).collect();
            Ok(Some((rows, Next::after(page.after))))
        }
    })
}

fn document(row: &DocumentRow, today: Date) -> Vec<Cell> {
    let document = &row.document;
    let days = domain::calendar::days_late(document.due, today);
    let late = row.settled_on.is_none() && !document.kind.is_credit() && days > 0;
    vec![
        document.number.as_str().into(),
        document.kind.code().into(),
        row.customer_key.as_str().into(),
        row.customer_name.as_str().into(),
        document.issued.into(),
        document.due.into(),
        document.amount.currency.code().into(),
        document.amount.into(),
        row.open.into(),
        late.then_some(days).into(),
        row.settled_on.into(),
    ]
}

async fn answer(
    page: &Page,
    name: &str,
    columns: Vec<String>,
    parts: impl Stream<Item = Part> + Send + 'static,
    format: Format,
) -> Result<Response, Problem> {
    if format == Format::Csv {
        return Ok(csv_stream(name, &columns, parts));
    }
    let mut parts = Box::pin(parts);
    let mut rows = Vec::new();
    while let Some(part) = parts.try_next().await? {
        rows.extend(part);
        if rows.len() > XLSX_ROWS_MAX {
            let most = page.number(XLSX_ROWS_MAX);
            return Err(Problem::Invalid(
                page.say("portfolio-xlsx-long", &[("most", &most)]),
            ));
        }
    }
    let name = name.to_owned();
    let sheet = Sheet {
        name,
        columns,
        rows,
    };
    let made = tokio::task::spawn_blocking(move || sheet.answer(format)).await;
    made.unwrap_or_else(|_| Err(Problem::Invalid(page.t("portfolio-xlsx-failed"))))
}
