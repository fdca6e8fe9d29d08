//! Figures as of any day, each with the rows behind it.

use std::collections::{BTreeMap, HashSet};

use domain::ids::CustomerId;
use domain::kpi::{Ageing, Bucket, DocumentHistory, KpiRow, KpiWindow};
use domain::{Currency, Money};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::bulk;
use store::reports;

use crate::company::Company;
use crate::record::{self, Amount};
use crate::{Engine, Result};

/// Documents read at a time.
const PAGE_ROWS: u32 = 10_000;

/// Customers whose documents are read at a time.
const PART_CUSTOMERS: u32 = 2_000;

/// Before any document; a day that both databases know.
const FIRST_DAY: Date = jiff::civil::date(1, 1, 1);

/// Days of the window of collection figures, unless said otherwise.
pub const WINDOW_DAYS: u16 = 90;

/// Ageing as of a day.
#[derive(Clone, Debug, Serialize)]
pub struct AgeingReport {
    /// The day.
    pub as_of: Date,
    /// Buckets, credits and net per currency.
    pub currencies: BTreeMap<String, Value>,
    /// What stands behind them.
    pub rows: Vec<AgeingRow>,
}

/// A document, credit note or payment in the ageing.
#[derive(Clone, Debug, Serialize)]
pub struct AgeingRow {
    /// The customer's key.
    pub customer: String,
    /// The document's number, or the payment's reference.
    pub invoice: String,
    /// `invoice`, `debit_note`, `credit_note` or `payment`.
    pub kind: &'static str,
    /// Due date; of a payment, its day.
    pub due: Date,
    /// Days late; absent for credits.
    pub days_late: Option<i64>,
    /// The bucket, or `credits`.
    pub bucket: &'static str,
    /// What is open or unapplied.
    pub open: Amount,
}

/// The figures of collection for a window.
#[derive(Clone, Debug, Serialize)]
pub struct KpiReport {
    /// Last day of the window.
    pub as_of: Date,
    /// Its length in days.
    pub days: u16,
    /// Figures per currency.
    pub currencies: BTreeMap<String, Value>,
    /// Share of the customers overdue in the window that were contacted or wrote, per cent.
    pub managed: Option<String>,
    /// Customers overdue in the window.
    pub overdue_customers: usize,
    /// What stands behind them.
    pub rows: Vec<KpiReportRow>,
}

/// A document in the collection figures.
#[derive(Clone, Debug, Serialize)]
pub struct KpiReportRow {
    /// The customer's key.
    pub customer: String,
    /// The document's number.
    pub invoice: String,
    /// Open before the window.
    pub opening: Amount,
    /// Sold within it.
    pub sold: Amount,
    /// Open at its end.
    pub closing: Amount,
    /// The part of that which is not due.
    pub not_due: Amount,
    /// Whether it was overdue on some day of the window.
    pub overdue_in_window: bool,
}

impl Engine {
    /// What is open per bucket at the end of `day`, with credits in a column of their own.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ageing(&self, company: &Company, day: Date) -> Result<AgeingReport> {
        let mut sums: BTreeMap<Currency, Ageing> = BTreeMap::new();
        let mut rows = Vec::new();
        let mut after = None;
        loop {
            let (page, next) = reports::ageing(&self.db, company.id, day, after, PAGE_ROWS).await?;
            for row in page {
                let sum = sums.entry(row.open.currency).or_default();
                let document = &row.document;
                let (bucket, days_late) = if document.kind.is_credit() {
                    sum.add_credit(row.open.minor);
                    ("credits", None)
                } else {
                    let bucket = Bucket::of(document.due, day);
                    sum.add_open(bucket, row.open.minor);
                    (
                        bucket.code(),
                        Some(domain::calendar::days_late(document.due, day)),
                    )
                };
                rows.push(AgeingRow {
                    customer: row.customer_key,
                    invoice: document.number.clone(),
                    kind: document.kind.code(),
                    due: document.due,
                    days_late,
                    bucket,
                    open: Amount(row.open),
                });
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        self.unapplied(company, day, &mut sums, &mut rows).await?;
        let currencies = sums
            .iter()
            .map(|(code, ageing)| (code.to_string(), buckets(*code, ageing)));
        Ok(AgeingReport {
            as_of: day,
            currencies: currencies.collect(),
            rows,
        })
    }

    async fn unapplied(
        &self,
        company: &Company,
        day: Date,
        sums: &mut BTreeMap<Currency, Ageing>,
        rows: &mut Vec<AgeingRow>,
    ) -> Result<()> {
        let mut after = None;
        loop {
            let (page, next) =
                reports::unapplied(&self.db, company.id, day, after, PAGE_ROWS).await?;
            for row in page {
                sums.entry(row.unapplied.currency)
                    .or_default()
                    .add_credit(row.unapplied.minor);
                rows.push(AgeingRow {
                    customer: row.customer_key,
                    invoice: row.payment.reference,
                    kind: "payment",
                    due: row.payment.on,
                    days_late: None,
                    bucket: "credits",
                    open: Amount(row.unapplied),
                });
            }
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// DSO in four forms, CEI, overdue rate and share managed, for `days` days that end with `day`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn kpis(&self, company: &Company, day: Date, days: u16) -> Result<KpiReport> {
        let mut window = KpiWindow::new(day, days);
        let mut rows = Vec::new();
        // Count-back asks for the sales of any earlier month, so closed documents count too.
        let all = (FIRST_DAY, day);
        for part in bulk::divide(&self.db, company.id, PART_CUSTOMERS).await? {
            let customers = (part.after, part.last);
            for row in reports::history(&self.db, company.id, all, customers).await? {
                if row.document.kind.is_credit() {
                    continue;
                }
                let part = window.add(&DocumentHistory {
                    customer: row.customer,
                    number: row.document.number,
                    currency: row.document.amount.currency,
                    issued: row.document.issued,
                    due: row.document.due,
                    amount: row.document.amount.minor,
                    applied: row.applied,
                });
                if part.opening != 0
                    || part.sold != 0
                    || part.closing != 0
                    || part.overdue_in_window
                {
                    rows.push(kpi_row(part, row.customer_key));
                }
            }
        }
        let reached = self.reached(company, day, days).await?;
        let mut currencies = BTreeMap::new();
        for (currency, kpis) in window.figures() {
            let money = |minor| record::money(Money::new(minor, currency));
            let figure =
                |value: Option<rust_decimal::Decimal>| value.map(|value| value.to_string());
            currencies.insert(
                currency.to_string(),
                json!({
                    "opening": money(kpis.opening),
                    "sales": money(kpis.sales),
                    "closing": money(kpis.closing),
                    "not_due": money(kpis.closing_not_due),
                    "dso": figure(kpis.dso),
                    "dso_count_back": figure(kpis.dso_count_back),
                    "dso_best_possible": figure(kpis.dso_best_possible),
                    "average_days_delinquent": figure(kpis.average_days_delinquent),
                    "cei": figure(kpis.cei),
                    "overdue_rate": figure(kpis.overdue_rate),
                }),
            );
        }
        Ok(KpiReport {
            as_of: day,
            days,
            currencies,
            managed: window.managed(&reached).map(|share| share.to_string()),
            overdue_customers: window.overdue_customers().len(),
            rows,
        })
    }

    /// Customers contacted, or who wrote, in the window.
    async fn reached(
        &self,
        company: &Company,
        day: Date,
        days: u16,
    ) -> Result<HashSet<CustomerId>> {
        let start = |day: Date| {
            company
                .zone
                .to_timestamp(day.at(0, 0, 0, 0))
                .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        };
        let first = day.saturating_sub((i64::from(days) - 1).days());
        let span = (start(first), start(day.saturating_add(1.day())));
        Ok(reports::managed(&self.db, company.id, span)
            .await?
            .into_iter()
            .collect())
    }
}

fn buckets(currency: Currency, ageing: &Ageing) -> Value {
    let money = |minor| record::money(Money::new(minor, currency));
    let mut body = Map::new();
    for (bucket, minor) in Bucket::ALL.iter().zip(ageing.buckets) {
        body.insert(bucket.code().to_owned(), money(minor));
    }
    body.insert("credits".to_owned(), money(ageing.credits));
    body.insert("net".to_owned(), money(ageing.net()));
    Value::Object(body)
}

fn kpi_row(row: KpiRow, customer: String) -> KpiReportRow {
    let money = |minor| Amount(Money::new(minor, row.currency));
    KpiReportRow {
        customer,
        opening: money(row.opening),
        sold: money(row.sold),
        closing: money(row.closing),
        not_due: money(row.closing_not_due),
        overdue_in_window: row.overdue_in_window,
        invoice: row.number,
    }
}
