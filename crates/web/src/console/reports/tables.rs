//! Each report as a table: one row per thing, each number a link to what it is made of.

use domain::kpi::Bucket;
use domain::{Currency, Money};
use engine::figures::{CustomerAgeing, ExpectedDocument, Figures};
use jiff::civil::Date;

use super::table::{Head, Shown, Table, num, text};
use crate::page::Page;

/// The list of documents behind a bucket.
pub(crate) fn bucket_url(page: &Page, currency: Currency, bucket: Bucket, day: Date) -> String {
    let which = match bucket {
        Bucket::NotDue => format!("state=open&due_from={day}"),
        Bucket::Days1To30 => "state=overdue&days_from=1&days_to=30".to_owned(),
        Bucket::Days31To60 => "state=overdue&days_from=31&days_to=60".to_owned(),
        Bucket::Days61To90 => "state=overdue&days_from=61&days_to=90".to_owned(),
        Bucket::Days91OrMore => "state=overdue&days_from=91".to_owned(),
    };
    page.url(&format!("/documents?currency={currency}&{which}"))
}

/// The name of a bucket.
pub(crate) fn bucket_name(page: &Page, bucket: Bucket) -> String {
    match bucket {
        Bucket::NotDue => page.t("reports-bucket-not-due"),
        Bucket::Days1To30 => "1–30".to_owned(),
        Bucket::Days31To60 => "31–60".to_owned(),
        Bucket::Days61To90 => "61–90".to_owned(),
        Bucket::Days91OrMore => "91+".to_owned(),
    }
}

/// What is open by how late it is, of one currency or of all.
pub(crate) fn ageing(page: &Page, figures: &Figures, only: Option<Currency>) -> Table {
    let columns = [
        text("reports-column-age"),
        text("reports-column-currency"),
        num("reports-column-open"),
        num("reports-column-documents"),
        num("reports-column-share"),
    ];
    let mut table = Table::new(page, "antiguedad", "reports-title-ageing", &columns);
    let chosen = figures.currencies.iter();
    for of in chosen.filter(|it| only.is_none_or(|only| only == it.currency)) {
        let open = of.open();
        let code = || Shown::text(of.currency.code());
        for (bucket, amount) in Bucket::ALL.iter().zip(of.ageing) {
            let url = bucket_url(page, of.currency, *bucket, figures.as_of);
            table.rows.push(vec![
                Shown::text(bucket_name(page, *bucket)),
                code(),
                Shown::money(page, of.money(amount.minor)).to(url),
                Shown::count(page, amount.count),
                Shown::hundredths(page, share(amount.minor, open)),
            ]);
        }
        let url = page.url(&format!("/documents?state=open&currency={}", of.currency));
        table.rows.push(vec![
            Shown::text(page.t("reports-total")),
            code(),
            Shown::money(page, of.money(open)).to(url),
            Shown::count(page, of.ageing.iter().map(|it| it.count).sum()),
            Shown::hundredths(page, share(open, open)),
        ]);
        let url = page.url(&format!("/customers?state=credit&currency={}", of.currency));
        let rest = || Shown::of("", crate::download::Cell::Empty);
        table.rows.push(vec![
            Shown::text(page.t("reports-credits")),
            code(),
            Shown::money(page, of.money(of.credits)).to(url),
            rest(),
            rest(),
        ]);
    }
    table
}

/// The part of a whole in hundredths of a per cent.
fn share(part: i64, whole: i64) -> Option<i64> {
    let (part, whole) = (i128::from(part), i128::from(whole));
    let share = (part * 10_000 + whole / 2).checked_div(whole)?;
    i64::try_from(share).ok()
}

/// The headings of [`customer_row`].
const CUSTOMER_COLUMNS: [Head; 11] = [
    text("reports-column-customer"),
    text("reports-column-key"),
    text("reports-column-currency"),
    num("reports-bucket-not-due"),
    num("reports-bucket-1"),
    num("reports-bucket-31"),
    num("reports-bucket-61"),
    num("reports-bucket-91"),
    num("reports-column-open"),
    num("reports-column-credits"),
    num("reports-column-days-late"),
];

/// Ageing per customer.
pub(crate) fn customers<'a>(page: &Page, rows: impl Iterator<Item = &'a CustomerAgeing>) -> Table {
    let mut table = Table::new(
        page,
        "antiguedad-por-cliente",
        "reports-title-customers",
        &CUSTOMER_COLUMNS,
    );
    table.rows = rows.map(|row| customer_row(page, row)).collect();
    table
}

fn customer_row(page: &Page, row: &CustomerAgeing) -> Vec<Shown> {
    let money = |minor| Shown::money(page, Money::new(minor, row.currency));
    let url = page.url(&format!("/customers/{}", row.id));
    let mut cells = vec![
        Shown::text(&row.name).to(url),
        Shown::text(&row.key),
        Shown::text(row.currency.code()),
    ];
    cells.extend(row.buckets.map(money));
    cells.push(money(row.open()));
    cells.push(money(row.credits));
    let late = u64::try_from(row.days_late).unwrap_or(0);
    cells.push(Shown::count(page, late));
    cells
}

/// The figures of collection, month by month.
pub(crate) fn trend(page: &Page, figures: &Figures, only: Option<Currency>) -> Table {
    let columns = [
        text("reports-column-until"),
        text("reports-column-currency"),
        num("reports-column-dso"),
        num("reports-column-count-back"),
        num("reports-column-best"),
        num("reports-column-delinquent"),
        num("reports-column-overdue-rate"),
        num("reports-column-cei"),
        num("reports-column-sales"),
        num("reports-column-open"),
    ];
    let mut table = Table::new(page, "indicadores", "reports-title-trend", &columns);
    let chosen = figures.currencies.iter();
    for of in chosen.filter(|it| only.is_none_or(|only| only == it.currency)) {
        for month in of.trend.iter().rev() {
            let url = page.url(&format!(
                "/reports/customers?on={}&currency={}",
                month.day, of.currency
            ));
            let figure = |value| Shown::hundredths(page, value);
            table.rows.push(vec![
                Shown::of(page.date(&month.day), month.day).to(url),
                Shown::text(of.currency.code()),
                figure(month.dso),
                figure(month.count_back),
                figure(month.best_possible),
                figure(month.delinquent),
                figure(month.overdue_rate),
                figure(month.effectiveness),
                Shown::money(page, of.money(month.sales)),
                Shown::money(page, of.money(month.closing)),
            ]);
        }
    }
    table
}

/// Open money by the week it is expected in.
pub(crate) fn expected(page: &Page, figures: &Figures, only: Option<Currency>) -> Table {
    let columns = [
        text("reports-column-week"),
        text("reports-column-currency"),
        num("reports-column-not-due"),
        num("reports-column-overdue"),
        num("reports-column-together"),
        num("reports-column-documents"),
    ];
    let mut table = Table::new(page, "cobro-esperado", "reports-title-expected", &columns);
    let chosen = figures.currencies.iter();
    for of in chosen.filter(|it| only.is_none_or(|only| only == it.currency)) {
        let code = || Shown::text(of.currency.code());
        for (place, week) in of.weeks.iter().enumerate() {
            let url = week_url(page, of.currency, Some(place));
            let days = format!("{} – {}", page.date(&week.first), page.date(&week.last));
            table.rows.push(vec![
                Shown::text(days),
                code(),
                Shown::money(page, of.money(week.not_due)),
                Shown::money(page, of.money(week.overdue)),
                Shown::money(page, of.money(week.not_due + week.overdue)).to(url),
                Shown::count(page, week.count),
            ]);
        }
        let passed = week_url(page, of.currency, None);
        let empty = || Shown::of("", crate::download::Cell::Empty);
        for (key, amount, url) in [
            ("reports-passed", of.passed, Some(passed)),
            ("reports-later", of.later, None),
        ] {
            let mut sum = Shown::money(page, of.money(amount.minor));
            sum.href = url;
            let count = Shown::count(page, amount.count);
            table.rows.push(vec![
                Shown::text(page.t(key)),
                code(),
                empty(),
                empty(),
                sum,
                count,
            ]);
        }
    }
    table
}

/// The documents behind a week, or behind what passed its expected day.
pub(crate) fn week_url(page: &Page, currency: Currency, week: Option<usize>) -> String {
    let week = week.map_or_else(|| "passed".to_owned(), |week| week.to_string());
    page.url(&format!(
        "/reports/documents?currency={currency}&week={week}"
    ))
}

/// The documents behind a week.
pub(crate) fn documents(page: &Page, rows: &[ExpectedDocument]) -> Table {
    let columns = [
        text("reports-column-document"),
        text("reports-column-customer"),
        text("reports-column-currency"),
        text("reports-column-due"),
        num("reports-column-mean"),
        text("reports-column-expected"),
        num("reports-column-open"),
    ];
    let mut table = Table::new(
        page,
        "documentos-esperados",
        "reports-title-documents",
        &columns,
    );
    for row in rows {
        let days = row.mean_days_late;
        let mean = days.map_or_else(
            || Shown::of(page.t("reports-company-mean"), crate::download::Cell::Empty),
            |days| Shown::of(days.to_string(), days),
        );
        let customer = page.url(&format!("/customers/{}", row.customer));
        table.rows.push(vec![
            Shown::text(&row.number),
            Shown::text(&row.customer_name).to(customer),
            Shown::text(row.currency.code()),
            Shown::of(page.date(&row.due), row.due),
            mean,
            Shown::of(page.date(&row.expected), row.expected),
            Shown::money(page, Money::new(row.open, row.currency)),
        ]);
    }
    table
}

/// What became of promises, by the month they fell due.
pub(crate) fn promises(page: &Page, figures: &Figures) -> Table {
    let columns = [
        text("reports-column-month"),
        text("reports-column-currency"),
        num("reports-column-kept"),
        num("reports-column-broken"),
        num("reports-column-pending"),
        num("reports-column-kept-share"),
        num("reports-column-kept-money"),
        num("reports-column-broken-money"),
    ];
    let mut table = Table::new(page, "promesas", "reports-title-promises", &columns);
    for row in figures.promise_months.iter().rev() {
        let money = |minor| Shown::money(page, Money::new(minor, row.currency));
        let ended = row.kept.minor.saturating_add(row.broken.minor);
        let month = page.words.t(&format!("month-short-{}", row.month.month()));
        table.rows.push(vec![
            Shown::of(format!("{month} {}", row.month.year()), row.month),
            Shown::text(row.currency.code()),
            Shown::count(page, row.kept.count),
            Shown::count(page, row.broken.count),
            Shown::count(page, row.pending.count),
            Shown::hundredths(page, share(row.kept.minor, ended)),
            money(row.kept.minor),
            money(row.broken.minor),
        ]);
    }
    table
}

/// What people recorded, by author.
pub(crate) fn activity(page: &Page, figures: &Figures) -> Table {
    let columns = [
        text("reports-column-author"),
        num("reports-column-notes"),
        num("reports-column-promises"),
        num("reports-column-payments"),
        num("reports-column-holds"),
        num("reports-column-tasks"),
        num("reports-column-others"),
        num("reports-column-together"),
    ];
    let mut table = Table::new(page, "actividad", "reports-title-activity", &columns);
    for row in &figures.activity {
        let count = |count: i64| Shown::count(page, u64::try_from(count).unwrap_or(0));
        table.rows.push(vec![
            Shown::text(&row.author),
            count(row.notes),
            count(row.promises),
            count(row.payments),
            count(row.holds),
            count(row.tasks),
            count(row.others),
            count(row.total()),
        ]);
    }
    table
}
