//! How the company stands, in one currency: key figures, and charts with their tables.

use domain::Currency;
use engine::figures::{CurrencyFigures, Figures};
use jiff::Timestamp;

use crate::console::reports::{Table, pictures, tables};
use crate::page::Page;

/// The part of the page with figures.
pub(super) struct Standing {
    /// The currencies to choose from.
    pub(super) currencies: Vec<Choice>,
    /// The day the figures are of.
    pub(super) as_of: String,
    /// When they were computed.
    pub(super) computed_at: Option<String>,
    pub(super) figures: Vec<Figure>,
    pub(super) charts: Vec<Chart>,
}

/// A currency to choose.
pub(super) struct Choice {
    pub(super) text: String,
    pub(super) url: String,
    pub(super) here: bool,
}

/// A key figure with what it is.
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) shown: String,
    pub(super) help: String,
    pub(super) url: String,
}

/// A chart with its table.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) help: String,
    /// What the figures of this day say beside it.
    pub(super) note: Option<String>,
    pub(super) svg: String,
    pub(super) table: Table,
    pub(super) report: &'static str,
    pub(super) currency: String,
}

impl Standing {
    /// The figures of a currency, or of that with most open; `None` where nothing is open.
    pub(super) fn new(
        page: &Page,
        figures: &Figures,
        only: Option<Currency>,
        computed_at: Option<Timestamp>,
    ) -> Option<Self> {
        let asked = figures
            .currencies
            .iter()
            .find(|it| Some(it.currency) == only);
        let of = asked.or_else(|| figures.currencies.first())?;
        let choice = |it: &CurrencyFigures| Choice {
            text: it.currency.to_string(),
            url: page.url(&format!("/home?currency={}#standing", it.currency)),
            here: it.currency == of.currency,
        };
        Some(Self {
            currencies: figures.currencies.iter().map(choice).collect(),
            as_of: page.date(&figures.as_of),
            computed_at: computed_at.map(|at| page.instant(&at)),
            figures: key_figures(page, figures, of),
            charts: charts(page, figures, of),
        })
    }
}

fn key_figures(page: &Page, figures: &Figures, of: &CurrencyFigures) -> Vec<Figure> {
    let money = |minor| page.money(&of.money(minor));
    let percent = |value: Option<i64>| {
        value.map_or_else(|| "–".to_owned(), |it| format!("{} %", page.tenths(it)))
    };
    let latest = of.trend.last();
    let days = latest.and_then(|it| it.dso);
    let days = days.map_or_else(
        || "–".to_owned(),
        |it| page.say("home-days", &[("n", &page.tenths(it))]),
    );
    let managed = i64::try_from(figures.managed_customers * 10_000).ok();
    let all = i64::try_from(figures.overdue_customers).unwrap_or(0);
    let managed = managed.and_then(|it| it.checked_div(all));
    let code = of.currency;
    let promised = |amount: engine::figures::Amount| {
        format!("{} · {}", page.number(amount.count), money(amount.minor))
    };
    let figure = |name: &str, shown: String, help: &str, path: String| Figure {
        name: page.t(name),
        shown,
        help: page.t(help),
        url: page.url(&path),
    };
    vec![
        figure(
            "home-open",
            money(of.open()),
            "home-open-help",
            format!("/documents?state=open&currency={code}"),
        ),
        figure(
            "home-overdue",
            money(of.overdue()),
            "home-overdue-help",
            format!("/documents?state=overdue&currency={code}"),
        ),
        figure(
            "home-overdue-rate",
            percent(latest.and_then(|it| it.overdue_rate)),
            "home-overdue-rate-help",
            format!("/customers?state=overdue&currency={code}"),
        ),
        figure(
            "home-dso",
            days,
            "home-dso-help",
            format!("/reports/trend?currency={code}"),
        ),
        figure(
            "home-managed",
            percent(managed),
            "home-managed-help",
            "/reports/activity".to_owned(),
        ),
        figure(
            "home-promises-due",
            promised(of.promises_due),
            "home-promises-due-help",
            "/reports/promises".to_owned(),
        ),
        figure(
            "home-promises-broken",
            promised(of.promises_broken),
            "home-promises-broken-help",
            "/reports/promises".to_owned(),
        ),
    ]
}

fn charts(page: &Page, figures: &Figures, of: &CurrencyFigures) -> Vec<Chart> {
    let only = Some(of.currency);
    let chart = |title: &str, help: &str, note, svg, table, report| Chart {
        title: page.t(title),
        help: page.t(help),
        note,
        svg,
        table,
        report,
        currency: of.currency.to_string(),
    };
    let late = of.mean_days_late.map(|it| it.to_string());
    let passed = page.money(&of.money(of.passed.minor));
    let note = page.say(
        "home-expected-note",
        &[
            ("passed", &passed),
            ("mean", late.as_deref().unwrap_or("–")),
        ],
    );
    vec![
        chart(
            "charts-ageing",
            "charts-ageing-help",
            None,
            pictures::ageing(page, figures, of),
            tables::ageing(page, figures, only),
            "ageing",
        ),
        chart(
            "charts-expected",
            "charts-expected-help",
            Some(note),
            pictures::expected(page, of),
            tables::expected(page, figures, only),
            "expected",
        ),
        chart(
            "charts-trend",
            "charts-trend-help",
            None,
            pictures::trend(page, of),
            tables::trend(page, figures, only),
            "trend",
        ),
    ]
}
