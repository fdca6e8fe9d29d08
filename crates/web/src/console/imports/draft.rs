//! A file before it is read: how its columns are understood, its first rows as they would be read,
//! and what reading it would change.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::Currency;
use domain::user::Permission;
use engine::imports::{
    Cell, DateOrder, DecimalMark, Entity, Field, Mapping, Preview, PreviewTable, SaidOfFile,
};
use store::imports::Import;

use super::file::{Counted, counted};
use super::{At, file};
use crate::Web;
use crate::page::{Page, Problem, html, html_as};
use crate::session::Seat;

/// Something to choose.
pub(super) struct Choice {
    value: &'static str,
    text: String,
    chosen: bool,
}

/// A column with what it may mean.
struct ColumnView {
    name: String,
    input: String,
    choices: Vec<Choice>,
    kept: bool,
}

/// A row as it would be read.
struct RowView {
    row: u64,
    cells: Vec<String>,
    problem: Option<String>,
}

/// A table of the file.
struct TableView {
    title: String,
    rows: u64,
    input: String,
    entities: Vec<Choice>,
    columns: Vec<ColumnView>,
    first: Vec<RowView>,
    missing: Option<String>,
}

#[derive(Template)]
#[template(path = "console/imports/draft.html")]
struct DraftPage {
    page: Page,
    import: Import,
    may: bool,
    error: Option<String>,
    tables: Vec<TableView>,
    refused: Vec<String>,
    dates: Vec<Choice>,
    decimals: Vec<Choice>,
    currency: String,
    company_currency: String,
    counted: Vec<Counted>,
    waiting: Vec<(u64, String, String)>,
    waiting_count: usize,
    warnings: Vec<String>,
    rows: u64,
    weighed: u64,
    readable: bool,
    first_steps: bool,
}

/// The page of a draft.
pub(super) async fn show(
    web: &Web,
    seat: &Seat,
    import: Import,
    error: Option<String>,
) -> Result<Response, Problem> {
    let preview = match web.engine.preview_import(&seat.company, import.id).await {
        Ok(preview) => preview,
        Err(wrong) => return file::unreadable(web, seat, import, &wrong).await,
    };
    let status = match error {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let page = draft_page(web, seat, preview, error).await?;
    if status == StatusCode::OK {
        return html(&page);
    }
    html_as(status, &page)
}

async fn draft_page(
    web: &Web,
    seat: &Seat,
    preview: Preview,
    error: Option<String>,
) -> Result<DraftPage, Problem> {
    let page = seat
        .page("imports-title")
        .titled(preview.import.file.clone());
    let by_entity = serde_json::json!(preview.report.by_entity);
    let tables = preview.tables.iter().enumerate();
    let refused = preview.refused.iter().map(|(sheet, why)| match sheet {
        Some(sheet) => format!("{sheet}: {why}"),
        None => why.clone(),
    });
    let waiting = preview.waiting().iter().map(|row| {
        let number = row.row.unwrap_or(0);
        (number, row.field.clone(), row.reason.clone())
    });
    let said = &preview.said;
    Ok(DraftPage {
        may: seat.may(Permission::Import),
        error,
        tables: tables
            .map(|(at, table)| table_view(&page, at, table))
            .collect(),
        refused: refused.collect(),
        dates: dates(&page, said.date_order),
        decimals: decimals(&page, said.decimal_mark),
        currency: said.currency.clone().unwrap_or_default(),
        company_currency: seat.company.currency.code().to_owned(),
        counted: counted(seat, &by_entity),
        waiting: waiting.collect(),
        waiting_count: preview.report.quarantined.len(),
        warnings: preview.report.warnings.clone(),
        rows: preview.rows,
        weighed: preview.weighed,
        readable: preview.is_readable(),
        first_steps: super::super::wizard::is_under_way(web, seat).await?,
        import: preview.import,
        page,
    })
}

fn table_view(page: &Page, at: usize, table: &PreviewTable) -> TableView {
    let entity = table.mapping.entity;
    let columns = table.mapping.columns.iter().enumerate();
    let named = |entity: Entity| match entity {
        Entity::Customers => page.t("imports-entity-customers"),
        Entity::Documents => page.t("imports-entity-documents"),
        Entity::Payments => page.t("imports-entity-payments"),
    };
    let entities = [Entity::Customers, Entity::Documents, Entity::Payments];
    TableView {
        title: match &table.sheet {
            Some(sheet) => page.say("imports-table-of-sheet", &[("sheet", sheet)]),
            None => page.say("imports-table", &[("row", &table.header_row.to_string())]),
        },
        rows: table.rows,
        input: format!("entity-{at}"),
        entities: entities
            .into_iter()
            .map(|it| Choice {
                value: it.code(),
                text: named(it),
                chosen: it == entity,
            })
            .collect(),
        columns: columns
            .map(|(column, it)| ColumnView {
                name: it.name.to_string(),
                input: format!("field-{at}-{column}"),
                choices: fields(page, entity, it.field),
                kept: it.field.is_none(),
            })
            .collect(),
        first: table
            .first
            .iter()
            .map(|row| RowView {
                row: row.row,
                cells: row.cells.iter().map(|cell| shown(page, cell)).collect(),
                problem: row
                    .problem
                    .as_ref()
                    .map(|problem| format!("{}: {}", problem.field, problem.reason)),
            })
            .collect(),
        missing: (!table.missing.is_empty()).then(|| table.missing.join(", ")),
    }
}

fn shown(page: &Page, cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Date(date) => page.date(date),
        Cell::Money(money) => page.money(money),
    }
}

/// What a column may mean; nothing keeps it as it stands.
fn fields(page: &Page, entity: Entity, chosen: Option<Field>) -> Vec<Choice> {
    let mut choices = vec![Choice {
        value: "",
        text: page.t("imports-field-none"),
        chosen: chosen.is_none(),
    }];
    choices.extend(entity.fields().map(|field| Choice {
        value: field.code(),
        text: page.t(&format!("imports-field-{}", field.code())),
        chosen: chosen == Some(field),
    }));
    choices
}

fn dates(page: &Page, said: Option<DateOrder>) -> Vec<Choice> {
    let choice = |value, key: &str, is| Choice {
        value,
        text: page.t(key),
        chosen: said == is,
    };
    vec![
        choice("", "imports-as-shown", None),
        choice("dmy", "imports-dates-dmy", Some(DateOrder::DayFirst)),
        choice("mdy", "imports-dates-mdy", Some(DateOrder::MonthFirst)),
    ]
}

fn decimals(page: &Page, said: Option<DecimalMark>) -> Vec<Choice> {
    let choice = |value, key: &str, is| Choice {
        value,
        text: page.t(key),
        chosen: said == is,
    };
    vec![
        choice("", "imports-as-shown", None),
        choice("point", "imports-decimal-point", Some(DecimalMark::Point)),
        choice("comma", "imports-decimal-comma", Some(DecimalMark::Comma)),
    ]
}

/// Takes what a person says of the file, and looks again.
pub(super) async fn explain(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let found = web.engine.import_of(&seat.company, at.import).await?;
    let preview = match web.engine.preview_import(&seat.company, at.import).await {
        Ok(preview) => preview,
        Err(wrong) => return file::unreadable(&web, &seat, found, &wrong).await,
    };
    let fields: HashMap<String, String> = fields.into_iter().collect();
    let typed = |name: &str| fields.get(name).map_or("", String::as_str).trim();
    let currency = typed("currency").to_uppercase();
    if !currency.is_empty() && Currency::new(&currency).is_err() {
        let wrong = seat
            .words()
            .say("imports-wrong-currency", &[("code", &currency)]);
        return show(&web, &seat, found, Some(wrong)).await;
    }
    let tables = preview.tables.iter().enumerate();
    let said = SaidOfFile {
        entity: None,
        date_order: match typed("dates") {
            "dmy" => Some(DateOrder::DayFirst),
            "mdy" => Some(DateOrder::MonthFirst),
            _ => None,
        },
        decimal_mark: match typed("decimal") {
            "point" => Some(DecimalMark::Point),
            "comma" => Some(DecimalMark::Comma),
            _ => None,
        },
        currency: (!currency.is_empty()).then_some(currency),
        mappings: tables
            .filter_map(|(at, table)| explained(at, &table.mapping, &typed))
            .collect(),
    };
    web.engine
        .explain_draft(&seat.company, at.import, &said)
        .await?;
    Ok(seat.done(&format!("/imports/{}", at.import), "imports-explained"))
}

/// A table's mapping with what was chosen, where that differs from how it is read.
fn explained<'f>(
    at: usize,
    mapping: &Mapping,
    typed: &impl Fn(&str) -> &'f str,
) -> Option<Mapping> {
    let entity = Entity::of_code(typed(&format!("entity-{at}")))?;
    let mut new = mapping.clone();
    new.entity = entity;
    for (place, column) in new.columns.iter_mut().enumerate() {
        let field = Field::of_code(typed(&format!("field-{at}-{place}")));
        column.field = field.filter(|field| entity.fields().any(|it| it == *field));
    }
    // A currency said for the file is stronger than one kept from before.
    new.currency = None;
    let same = new.entity == mapping.entity && new.columns == mapping.columns;
    let empty = new.columns.iter().all(|column| column.field.is_none());
    (!same && !empty).then_some(new)
}
