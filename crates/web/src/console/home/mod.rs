//! The first page: what needs one today, the run before it goes, and how the company stands.

mod figures;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::Currency;
use domain::user::Permission;
use engine::figures::{WAITING_MAX, Waiting};
use engine::work_list::WorkList;
use serde::Deserialize;

use crate::Web;
use crate::console::reports::in_background;
use crate::console::runs::today_card;
use crate::page::{Page, Problem, html};
use crate::routes::Routes;
use crate::session::Seat;

use figures::Standing;

/// Customers of the work list that are shown.
const FIRST_MAX: usize = 5;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/home", Permission::See, show)
}

/// Which currency's figures are shown.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    currency: String,
}

#[derive(Template)]
#[template(path = "console/home/show.html")]
struct Home {
    page: Page,
    day: String,
    needs: Vec<Need>,
    first: Vec<First>,
    /// Today's run before it goes, as HTML.
    run: String,
    standing: Option<Standing>,
    empty: bool,
    /// Whether figures are kept, and may be computed anew.
    kept: bool,
    computing: bool,
    may_import: bool,
}

/// Something that waits for a person: how much of it, and where.
struct Need {
    number: String,
    text: String,
    url: String,
    urgent: bool,
}

/// One of the customers to begin with.
struct First {
    name: String,
    url: String,
    why: String,
    /// The money that hangs on it, if any does.
    stake: Option<String>,
}

async fn show(
    State(web): State<Web>,
    seat: Seat,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (engine, company) = (&web.engine, &seat.company);
    let page = seat.page("home-title");
    let today = company.day_of(engine.now());
    let work = engine.work_list(company, None, 2 * FIRST_MAX).await?;
    let waiting = engine.waiting(company).await?;
    let run = today_card(&web, &seat, &page).await?;
    let kept = !engine.figures_are_live(company).await?;
    let shown = engine.figures(company, today).await?;
    if kept && shown.stale {
        in_background(&web, std::sync::Arc::clone(company), None);
    }
    let only = Currency::new(asked.currency.trim()).ok();
    let standing = shown.figures.as_ref();
    let standing = standing.and_then(|it| Standing::new(&page, it, only, shown.computed_at));
    html(&Home {
        day: page.date(&today),
        needs: needs(&page, &work, &waiting),
        first: first(&page, &work),
        run,
        empty: shown.figures.is_some() && standing.is_none(),
        standing,
        kept,
        computing: kept && engine.figures_are_computed(company).await?,
        may_import: seat.may(Permission::Import),
        page,
    })
}

/// What waits, the most pressing first; nothing that does not wait.
fn needs(page: &Page, work: &WorkList, waiting: &Waiting) -> Vec<Need> {
    let bounded = |count: u32| {
        if count > WAITING_MAX {
            page.count("home-more-than", WAITING_MAX)
        } else {
            page.number(count)
        }
    };
    let mut needs = Vec::new();
    if work.found > 0 {
        let number = page.number(work.found);
        needs.push(Need {
            number: if work.more {
                format!("{number}+")
            } else {
                number
            },
            text: page.count("home-need-customers", work.found),
            url: page.url("/day"),
            urgent: work.rows.iter().any(|row| row.weight.broken_promise),
        });
    }
    for (kind, count) in &waiting.tasks {
        let known = page.words.get(&format!("home-need-{kind}"));
        needs.push(Need {
            number: bounded(*count),
            text: known.unwrap_or_else(|| page.t("home-need-other")),
            url: match kind.as_str() {
                "unknown_outcome" => page.url("/outbox?shelf=unknown"),
                _ => page.url("/day"),
            },
            urgent: matches!(kind.as_str(), "unknown_outcome" | "schedule_failed"),
        });
    }
    if waiting.quarantined > 0 {
        needs.push(Need {
            number: bounded(waiting.quarantined),
            text: page.t("home-need-quarantine"),
            url: page.url("/quarantine"),
            urgent: false,
        });
    }
    needs
}

/// The customers to begin with, each with its weightiest reason.
fn first(page: &Page, work: &WorkList) -> Vec<First> {
    let rows = work.rows.iter().filter_map(|row| {
        let customer = row.customer.as_ref()?;
        let item = row.items.first()?;
        Some(First {
            name: customer.name.clone(),
            url: page.url(&format!("/customers/{}", customer.id)),
            why: page.t(&format!("home-reason-{}", item.reason)),
            stake: Some(item.stake)
                .filter(|it| it.is_positive())
                .map(|it| page.money(&it)),
        })
    });
    rows.take(FIRST_MAX).collect()
}
