//! Figures as of any day, each with the rows behind it.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::document::Document;
use domain::ids::{CustomerId, DocumentId};
use domain::kpi::{Ageing, Bucket, DocumentHistory, KpiRow, KpiWindow};
use domain::ledger::Payment;
use domain::{Currency, Money};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::positions::Standing;
use store::reports::HistoryRow;
use store::{bulk, due_changes, reports};

use crate::company::Company;
use crate::known;
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

/// Which due date counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DueBy {
    /// The one that holds now.
    #[default]
    Current,
    /// The one the document bore before it was put off.
    Original,
}

/// An ageing as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgeingAs {
    /// The day.
    pub day: Date,
    /// Which due date counts.
    pub by: DueBy,
    /// Only what was recorded by then; all that is known when it is not said.
    pub known_at: Option<Timestamp>,
}

impl AgeingAs {
    /// Of a day, as known now.
    pub const fn of(day: Date) -> Self {
        Self {
            day,
            by: DueBy::Current,
            known_at: None,
        }
    }
}

/// Ageing as of a day.
#[derive(Clone, Debug, Serialize)]
pub struct AgeingReport {
    /// The day.
    pub as_of: Date,
    /// The instant by which all of it was recorded, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_at: Option<String>,
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
        self.ageing_as(company, AgeingAs::of(day)).await
    }

    /// The same by the due dates that documents bore at first, or as it was known at an instant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ageing_as(&self, company: &Company, asked: AgeingAs) -> Result<AgeingReport> {
        let first = if asked.by == DueBy::Original {
            due_changes::originals(&self.db, company.id).await?
        } else {
            HashMap::new()
        };
        let day = asked.day;
        let mut sums = Sums {
            day,
            first,
            sums: BTreeMap::new(),
            rows: Vec::new(),
        };
        match asked.known_at {
            None => self.ageing_now(company, &mut sums).await?,
            Some(instant) => {
                let mut take = |standing: Standing| sums.known(&standing);
                self.each_known(company, instant, &mut take).await?;
                // Documents first, then payments, each in the order of ids, as at any time.
                sums.rows.sort_by_key(|row| row.kind == PAYMENT);
            }
        }
        let buckets_of =
            |(code, ageing): (&Currency, &Ageing)| (code.to_string(), buckets(*code, ageing));
        Ok(AgeingReport {
            as_of: day,
            known_at: asked.known_at.map(|instant| instant.to_string()),
            currencies: sums.sums.iter().map(buckets_of).collect(),
            rows: sums.rows,
        })
    }

    async fn ageing_now(&self, company: &Company, sums: &mut Sums) -> Result<()> {
        let (db, id, day) = (&self.db, company.id, sums.day);
        let mut after = None;
        loop {
            let (page, next) = reports::ageing(db, id, day, after, PAGE_ROWS).await?;
            for row in page {
                sums.document(&row.document, row.customer_key, row.open.minor);
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
        let mut after = None;
        loop {
            let (page, next) = reports::unapplied(db, id, day, after, PAGE_ROWS).await?;
            for row in page {
                sums.payment(&row.payment, row.customer_key, row.unapplied.minor);
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
        self.kpis_as(company, (day, days), None).await
    }

    /// The same as it was known at an instant; who was contacted is as known now.
    ///
    /// # Errors
    /// What the database says.
    pub async fn kpis_as(
        &self,
        company: &Company,
        (day, days): (Date, u16),
        known_at: Option<Timestamp>,
    ) -> Result<KpiReport> {
        let mut window = KpiWindow::new(day, days);
        let mut rows = Vec::new();
        let mut add = |row: HistoryRow| {
            if row.document.kind.is_credit() || row.document.issued > day {
                return;
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
            let tells = part.opening != 0 || part.sold != 0 || part.closing != 0;
            if tells || part.overdue_in_window {
                rows.push(kpi_row(part, row.customer_key));
            }
        };
        match known_at {
            None => {
                // Count-back asks for the sales of any earlier month: closed documents count too.
                let all = (FIRST_DAY, day);
                for part in bulk::divide(&self.db, company.id, PART_CUSTOMERS).await? {
                    let customers = (part.after, part.last);
                    let history = reports::history(&self.db, company.id, all, customers);
                    history.await?.into_iter().for_each(&mut add);
                }
            }
            Some(instant) => {
                let mut take = |standing: Standing| {
                    let customer = &standing.position.customer;
                    let books = &standing.position.books;
                    for document in &books.documents {
                        add(HistoryRow {
                            document: document.clone(),
                            customer: customer.id,
                            customer_key: customer.key.clone(),
                            applied: known::laid_on(books, document.id),
                        });
                    }
                };
                self.each_known(company, instant, &mut take).await?;
            }
        }
        let reached = self.reached(company, day, days).await?;
        let currencies = kpi_figures(&window);
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
                .unwrap_or(Timestamp::UNIX_EPOCH)
        };
        let first = day.saturating_sub((i64::from(days) - 1).days());
        let span = (start(first), start(day.saturating_add(1.day())));
        Ok(reports::managed(&self.db, company.id, span)
            .await?
            .into_iter()
            .collect())
    }
}

/// The kind of a row that is a payment.
const PAYMENT: &str = "payment";

/// The ageing under way.
struct Sums {
    day: Date,
    /// Due dates that documents bore at first, where they count.
    first: HashMap<DocumentId, Date>,
    sums: BTreeMap<Currency, Ageing>,
    rows: Vec<AgeingRow>,
}

impl Sums {
    fn document(&mut self, document: &Document, customer: String, open: i64) {
        let sum = self.sums.entry(document.amount.currency).or_default();
        let due = self
            .first
            .get(&document.id)
            .copied()
            .unwrap_or(document.due);
        let (bucket, days_late) = if document.kind.is_credit() {
            sum.add_credit(open);
            ("credits", None)
        } else {
            let bucket = Bucket::of(due, self.day);
            sum.add_open(bucket, open);
            let late = domain::calendar::days_late(due, self.day);
            (bucket.code(), Some(late))
        };
        self.rows.push(AgeingRow {
            customer,
            invoice: document.number.clone(),
            kind: document.kind.code(),
            due,
            days_late,
            bucket,
            open: Amount(Money::new(open, document.amount.currency)),
        });
    }

    fn payment(&mut self, payment: &Payment, customer: String, left: i64) {
        let currency = payment.amount.currency;
        self.sums.entry(currency).or_default().add_credit(left);
        self.rows.push(AgeingRow {
            customer,
            invoice: payment.reference.clone(),
            kind: PAYMENT,
            due: payment.on,
            days_late: None,
            bucket: "credits",
            open: Amount(Money::new(left, currency)),
        });
    }

    fn known(&mut self, standing: &Standing) {
        let key = &standing.position.customer.key;
        let books = &standing.position.books;
        for (document, open) in known::open_documents(books, self.day) {
            self.document(document, key.clone(), open);
        }
        for (payment, left) in known::unapplied(books, self.day) {
            self.payment(payment, key.clone(), left);
        }
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

/// The figures of a window per currency.
fn kpi_figures(window: &KpiWindow) -> BTreeMap<String, Value> {
    let mut currencies = BTreeMap::new();
    for (currency, kpis) in window.figures() {
        let money = |minor| record::money(Money::new(minor, currency));
        let figure = |value: Option<rust_decimal::Decimal>| value.map(|value| value.to_string());
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
    currencies
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
