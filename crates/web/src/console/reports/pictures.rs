//! The figures as charts, each mark a link to its rows.

use domain::kpi::Bucket;
use engine::figures::{CurrencyFigures, Figures, Month, PromiseMonth};

use super::tables::{bucket_name, bucket_url, week_url};
use crate::charts::{Bar, Bars, Caption, Column, Columns, Line, Lines, Segment, Step, Tone};
use crate::page::Page;

fn caption(page: &Page, id: &str, of: &CurrencyFigures, title: &str, help: &str) -> Caption {
    Caption {
        id: format!("{id}-{}", of.currency.code().to_lowercase()),
        title: format!("{} ({})", page.t(title), of.currency),
        description: page.t(help),
    }
}

/// What is open by how late it is.
pub(crate) fn ageing(page: &Page, figures: &Figures, of: &CurrencyFigures) -> String {
    const TONES: [Tone; 5] = [Tone::Calm, Tone::Mild, Tone::Warm, Tone::Hot, Tone::Worst];
    let column = |((bucket, amount), tone): ((&Bucket, engine::figures::Amount), Tone)| {
        let name = bucket_name(page, *bucket);
        let money = page.money(&of.money(amount.minor));
        Column {
            total: page.short(of.money(amount.minor)),
            segments: vec![Segment {
                value: amount.minor,
                tone,
                title: format!("{name}: {money}"),
                href: Some(bucket_url(page, of.currency, *bucket, figures.as_of)),
            }],
            label: name,
        }
    };
    let buckets = Bucket::ALL.iter().zip(of.ageing).zip(TONES);
    let columns = Columns {
        caption: caption(page, "ageing", of, "charts-ageing", "charts-ageing-help"),
        columns: buckets.map(column).collect(),
        legend: Vec::new(),
        tick: &|minor| page.short(of.money(minor)),
    };
    columns.svg()
}

/// DSO in its four forms over the last months.
pub(crate) fn trend(page: &Page, of: &CurrencyFigures) -> String {
    type Form = (&'static str, Tone, bool, fn(&Month) -> Option<i64>);
    const FORMS: [Form; 4] = [
        ("charts-dso", Tone::Calm, false, |it| it.dso),
        ("charts-count-back", Tone::Mild, false, |it| it.count_back),
        ("charts-best", Tone::Soft, true, |it| it.best_possible),
        ("charts-delinquent", Tone::Hot, false, |it| it.delinquent),
    ];
    let tenths = |value: Option<i64>| value.map_or_else(|| "–".to_owned(), |it| page.tenths(it));
    let step = |month: &Month| {
        let says = FORMS.map(|(name, _, _, read)| {
            let days = tenths(read(month));
            format!("{} {days}", page.t(name))
        });
        Step {
            label: page.words.t(&format!("month-short-{}", month.day.month())),
            title: format!("{}: {}", page.date(&month.day), says.join(", ")),
            href: Some(page.url(&format!(
                "/reports/customers?on={}&currency={}",
                month.day, of.currency
            ))),
        }
    };
    let line = |(name, tone, dashed, read): Form| {
        let values: Vec<Option<i64>> = of.trend.iter().map(read).collect();
        let last = tenths(values.last().copied().flatten());
        Line {
            name: format!("{} {last}", page.t(name)),
            tone,
            dashed,
            values,
        }
    };
    let lines = Lines {
        caption: caption(page, "dso", of, "charts-trend", "charts-trend-help"),
        steps: of.trend.iter().map(step).collect(),
        lines: FORMS.into_iter().map(line).collect(),
        tick: &|hundredths| page.number(hundredths.max(0) / 100),
    };
    lines.svg()
}

/// Open money by the week it is expected in.
pub(crate) fn expected(page: &Page, of: &CurrencyFigures) -> String {
    let column = |(place, week): (usize, &engine::figures::Week)| {
        let href = week_url(page, of.currency, Some(place));
        let days = format!("{} – {}", page.date(&week.first), page.date(&week.last));
        let segment = |value, tone, name: &str| Segment {
            value,
            tone,
            title: format!("{days}, {}: {}", page.t(name), page.money(&of.money(value))),
            href: Some(href.clone()),
        };
        Column {
            label: if place == 0 || week.first.day() <= 7 {
                let month = page.words.t(&format!("month-short-{}", week.first.month()));
                format!("{} {month}", week.first.day())
            } else {
                week.first.day().to_string()
            },
            total: page.short(of.money(week.not_due + week.overdue)),
            segments: vec![
                segment(week.not_due, Tone::Calm, "charts-not-due"),
                segment(week.overdue, Tone::Hot, "charts-overdue"),
            ],
        }
    };
    let columns = Columns {
        caption: caption(
            page,
            "expected",
            of,
            "charts-expected",
            "charts-expected-help",
        ),
        columns: of.weeks.iter().enumerate().map(column).collect(),
        legend: vec![
            (Tone::Calm, page.t("charts-not-due")),
            (Tone::Hot, page.t("charts-overdue")),
        ],
        tick: &|minor| page.short(of.money(minor)),
    };
    columns.svg()
}

/// Promised money by the month it fell due, and what became of it.
pub(crate) fn promises(page: &Page, figures: &Figures, of: &CurrencyFigures) -> Option<String> {
    const STATES: [(&str, Tone); 3] = [
        ("charts-kept", Tone::Calm),
        ("charts-broken", Tone::Hot),
        ("charts-pending", Tone::Soft),
    ];
    let column = |row: &PromiseMonth| {
        let month = page.words.t(&format!("month-short-{}", row.month.month()));
        let amounts = [row.kept.minor, row.broken.minor, row.pending.minor];
        let segment = |((name, tone), value): ((&str, Tone), i64)| Segment {
            value,
            tone,
            title: format!(
                "{month}, {}: {}",
                page.t(name),
                page.money(&of.money(value))
            ),
            href: Some(page.url("/day")),
        };
        Column {
            total: page.short(of.money(amounts.iter().sum())),
            segments: STATES.into_iter().zip(amounts).map(segment).collect(),
            label: month.clone(),
        }
    };
    let rows = figures.promise_months.iter();
    let columns: Vec<Column> = rows
        .filter(|it| it.currency == of.currency)
        .map(column)
        .collect();
    if columns.is_empty() {
        return None;
    }
    let columns = Columns {
        caption: caption(
            page,
            "promises",
            of,
            "charts-promises",
            "reports-help-promises",
        ),
        columns,
        legend: STATES.map(|(name, tone)| (tone, page.t(name))).into(),
        tick: &|minor| page.short(of.money(minor)),
    };
    Some(columns.svg())
}

/// What each person recorded.
pub(crate) fn activity(page: &Page, figures: &Figures) -> Option<String> {
    const SHOWN_MAX: usize = 10;
    let bar = |row: &engine::figures::Activity| Bar {
        label: row.author.clone(),
        value: row.total(),
        shown: page.number(row.total()),
        tone: Tone::Calm,
        href: None,
    };
    let bars: Vec<Bar> = figures.activity.iter().take(SHOWN_MAX).map(bar).collect();
    if bars.is_empty() {
        return None;
    }
    let bars = Bars {
        caption: Caption {
            id: "activity".to_owned(),
            title: page.t("reports-title-activity"),
            description: page.t("reports-help-activity"),
        },
        bars,
    };
    Some(bars.svg())
}
