//! Rows that could not be read: mended in place, read again, dismissed with a reason.

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use domain::ids::{ImportId, QuarantineId};
use domain::user::Permission;
use engine::imports::WaitingRow;
use serde::Deserialize;
use store::quarantine::{self, Wanted};

use crate::Web;
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

/// Rows of a page.
const PAGE_ROWS: u32 = 50;
/// Columns offered as filters.
const FIELDS_MAX: u32 = 20;
/// Rows counted at most.
const COUNTED_MAX: u32 = 10_000;
/// Before the name of a column in the name of its input.
const CELL: &str = "cell:";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/quarantine", Permission::See, list)
        .post("/quarantine/retry", Permission::Import, retry)
        .post("/quarantine/{row}/mend", Permission::Import, mend)
        .post("/quarantine/{row}/dismiss", Permission::Import, dismiss)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    import: String,
    field: String,
    after: String,
}

#[derive(Deserialize)]
struct At {
    row: QuarantineId,
}

/// A column by which the list can be narrowed.
struct Filter {
    field: String,
    count: u32,
    path: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "console/quarantine/list.html")]
struct ListPage {
    page: Page,
    may: bool,
    rows: Vec<WaitingRow>,
    filters: Vec<Filter>,
    waiting: u32,
    counted_all: bool,
    narrowed: bool,
    next: Option<String>,
    first_steps: bool,
}

impl ListPage {
    /// The input of a cell.
    fn input(&self, column: &str) -> String {
        format!("{CELL}{column}")
    }
}

async fn list(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let import: Option<ImportId> = asked.import.parse().ok();
    let field = (!asked.field.is_empty()).then(|| asked.field.clone());
    let narrowed = import.is_some() || field.is_some();
    let wanted = Wanted {
        import,
        field: field.clone(),
    };
    let (db, company) = (web.engine.db(), &seat.company);
    let after = asked.after.parse().ok();
    let rows = web
        .engine
        .quarantine_page(company, &wanted, after, PAGE_ROWS)
        .await?;
    let path = |field: &str, after: &str| {
        let pairs = [
            ("import", asked.import.as_str()),
            ("field", field),
            ("after", after),
        ];
        let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        seat.url(&format!("/quarantine?{}", pairs.join("&")))
    };
    let fields = quarantine::fields(db, company.id, FIELDS_MAX).await?;
    let filters = fields.into_iter().map(|(name, count)| Filter {
        path: path(&name, ""),
        chosen: Some(&name) == field.as_ref(),
        field: name,
        count,
    });
    let full = rows.len() == PAGE_ROWS as usize;
    let last = rows.last().filter(|_| full);
    let waiting = quarantine::waiting(db, company.id, COUNTED_MAX).await?;
    html(&ListPage {
        page: seat.page("quarantine-title"),
        may: seat.may(Permission::Import),
        filters: filters.collect(),
        waiting,
        counted_all: waiting < COUNTED_MAX,
        narrowed,
        next: last.map(|last| path(&asked.field, &last.id)),
        rows,
        first_steps: super::wizard::is_under_way(&web, &seat).await?,
    })
}

/// A value as it stands in a path.
pub(crate) fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

async fn mend(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let cell = |(name, text): (String, String)| Some((name.strip_prefix(CELL)?.to_owned(), text));
    let cells: Vec<(String, String)> = fields.into_iter().filter_map(cell).collect();
    let (company, author) = (&seat.company, seat.author());
    let report = web
        .engine
        .mend_quarantined(company, at.row, &cells, author)
        .await?;
    let what = if report.fixed > 0 {
        "quarantine-mended"
    } else {
        "quarantine-still-waits"
    };
    Ok(seat.done("/quarantine", what))
}

async fn retry(State(web): State<Web>, seat: Seat) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    let report = web.engine.retry_quarantined(company, author).await?;
    let what = match (report.fixed, report.waiting.is_empty()) {
        (_, true) => "quarantine-all-read",
        (0, false) => "quarantine-none-read",
        (_, false) => "quarantine-some-read",
    };
    Ok(seat.done("/quarantine", what))
}

#[derive(Deserialize)]
struct Dismissed {
    why: String,
}

async fn dismiss(
    State(web): State<Web>,
    seat: Seat,
    Path(at): Path<At>,
    Form(form): Form<Dismissed>,
) -> Result<Response, Problem> {
    let (company, author) = (&seat.company, seat.author());
    let why = form.why.trim();
    if why.is_empty() {
        return Err(Problem::Invalid(seat.words().t("quarantine-why-missing")));
    }
    web.engine
        .dismiss_quarantined(company, at.row, why, author)
        .await?;
    Ok(seat.done("/quarantine", "quarantine-dismissed"))
}
