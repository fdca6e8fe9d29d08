//! Figures in the form in which they are kept: minor units, hundredths, dates.

use domain::kpi::Kpis;
use domain::{Currency, CustomerId, DocumentId, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The figures of a company as of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The day; amounts are those at its end.
    pub as_of: Date,
    /// Per currency, the one with most open first.
    pub currencies: Vec<CurrencyFigures>,
    /// Customers overdue on some day of the window.
    pub overdue_customers: u64,
    /// Those of them with a performed contact or an incoming message in the window.
    pub managed_customers: u64,
    /// Promises by the month they fell due, oldest first.
    pub promise_months: Vec<PromiseMonth>,
    /// What people recorded in the window, by author.
    pub activity: Vec<Activity>,
    /// Days of the window of managed customers and activity, which ends with the day.
    pub window_days: u16,
}

/// The figures of one currency, in its minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyFigures {
    /// Which one.
    #[serde(with = "currency_code")]
    pub currency: Currency,
    /// What is open by how late it is, in the order of [`domain::kpi::Bucket::ALL`].
    pub ageing: [Amount; 5],
    /// Money in the customers' favour: unapplied payments and what is left of credit notes.
    pub credits: i64,
    /// Customers with something open.
    pub customers_open: u64,
    /// Customers with something overdue.
    pub customers_overdue: u64,
    /// The figures of collection at the end of each month, the last at the day.
    pub trend: Vec<Month>,
    /// Open money by the week it is expected in.
    pub weeks: Vec<Week>,
    /// Open money whose expected day has passed.
    pub passed: Amount,
    /// Open money expected behind the last week.
    pub later: Amount,
    /// Days late on average of all documents paid in full; see `domain::expected`.
    pub mean_days_late: Option<i64>,
    /// Promises that run and fall due within seven days.
    pub promises_due: Amount,
    /// Promises broken within the window.
    pub promises_broken: Amount,
}

impl CurrencyFigures {
    /// An amount in this currency.
    pub const fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }

    /// All that is open.
    pub fn open(&self) -> i64 {
        self.ageing.iter().map(|bucket| bucket.minor).sum()
    }

    /// What is open and overdue.
    pub fn overdue(&self) -> i64 {
        self.ageing[1..].iter().map(|bucket| bucket.minor).sum()
    }
}

/// Minor units, and of how many things they are the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Minor units.
    pub minor: i64,
    /// Documents or promises.
    pub count: u64,
}

impl Amount {
    pub(super) const fn add(&mut self, minor: i64) {
        self.minor = self.minor.saturating_add(minor);
        self.count += 1;
    }
}

/// The figures of collection for the 90 days that end with a day; see [`Kpis`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// The last day of the window.
    pub day: Date,
    /// Open before the window, minor units.
    pub opening: i64,
    /// Sold within it.
    pub sales: i64,
    /// Open at its end.
    pub closing: i64,
    /// The part of that which was not due.
    pub not_due: i64,
    /// Days sales outstanding, in hundredths of a day, as all of the following.
    pub dso: Option<i64>,
    /// By count-back.
    pub count_back: Option<i64>,
    /// Best possible.
    pub best_possible: Option<i64>,
    /// Average days delinquent.
    pub delinquent: Option<i64>,
    /// Collection effectiveness, in hundredths of a per cent.
    pub effectiveness: Option<i64>,
    /// Overdue ÷ open, in hundredths of a per cent.
    pub overdue_rate: Option<i64>,
}

impl Month {
    pub(super) fn new(day: Date, kpis: &Kpis) -> Self {
        Self {
            day,
            opening: kpis.opening,
            sales: kpis.sales,
            closing: kpis.closing,
            not_due: kpis.closing_not_due,
            dso: hundredths(kpis.dso),
            count_back: hundredths(kpis.dso_count_back),
            best_possible: hundredths(kpis.dso_best_possible),
            delinquent: hundredths(kpis.average_days_delinquent),
            effectiveness: hundredths(kpis.cei),
            overdue_rate: hundredths(kpis.overdue_rate),
        }
    }
}

fn hundredths(value: Option<Decimal>) -> Option<i64> {
    let scaled = value?.checked_mul(Decimal::ONE_HUNDRED)?.round();
    i64::try_from(scaled.mantissa()).ok()
}

/// Open money expected in seven days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Week {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// The part that is not due yet.
    pub not_due: i64,
    /// The part that is overdue already.
    pub overdue: i64,
    /// Documents.
    pub count: u64,
}

/// What became of the promises that fell due in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromiseMonth {
    /// Its first day.
    pub month: Date,
    /// Their currency.
    #[serde(with = "currency_code")]
    pub currency: Currency,
    /// All of the promised money came in by the day.
    pub kept: Amount,
    /// It did not.
    pub broken: Amount,
    /// The day has not passed.
    pub pending: Amount,
}

/// What an author recorded, by kind of thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The user's e-mail, or the name under which a program writes.
    pub author: String,
    /// Notes and calls.
    pub notes: i64,
    /// Promises.
    pub promises: i64,
    /// Payments recorded and laid.
    pub payments: i64,
    /// Holds begun and ended.
    pub holds: i64,
    /// Tasks done.
    pub tasks: i64,
    /// Everything else.
    pub others: i64,
}

impl Activity {
    /// All of it.
    pub const fn total(&self) -> i64 {
        self.notes + self.promises + self.payments + self.holds + self.tasks + self.others
    }
}

/// A customer in the ageing, in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerAgeing {
    /// Our id.
    #[serde(with = "customer_id")]
    pub id: CustomerId,
    /// The company's own key.
    pub key: String,
    /// The name.
    pub name: String,
    /// The currency.
    #[serde(with = "currency_code")]
    pub currency: Currency,
    /// What is open by how late it is, in the order of [`domain::kpi::Bucket::ALL`].
    pub buckets: [i64; 5],
    /// Money in the customer's favour.
    pub credits: i64,
    /// Days late of the oldest open document; zero when nothing is overdue.
    pub days_late: i64,
}

impl CustomerAgeing {
    /// All that is open.
    pub fn open(&self) -> i64 {
        self.buckets.iter().sum()
    }

    /// What is open and overdue.
    pub fn overdue(&self) -> i64 {
        self.buckets[1..].iter().sum()
    }
}

/// A document and the day its money is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedDocument {
    /// Our id.
    #[serde(with = "document_id")]
    pub id: DocumentId,
    /// The company's own number.
    pub number: String,
    /// Whose it is.
    #[serde(with = "customer_id")]
    pub customer: CustomerId,
    /// The customer's name.
    pub customer_name: String,
    /// Its currency.
    #[serde(with = "currency_code")]
    pub currency: Currency,
    /// The civil date it falls due.
    pub due: Date,
    /// What is open of it, minor units.
    pub open: i64,
    /// The customer's mean days late; `None` where the company's was taken.
    pub mean_days_late: Option<i64>,
    /// The day its money is expected; see `domain::expected`.
    pub expected: Date,
}

/// The rows behind one week, or behind what passed its expected day: the largest ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedRows {
    /// The currency.
    #[serde(with = "currency_code")]
    pub currency: Currency,
    /// The week's place; `None` for what passed its expected day.
    pub week: Option<usize>,
    /// The largest documents, largest first.
    pub largest: Vec<ExpectedDocument>,
}

mod currency_code {
    use domain::Currency;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature serde wants"
    )]
    pub(super) fn serialize<S: Serializer>(it: &Currency, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(it.code())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Currency, D::Error> {
        let code = String::deserialize(from)?;
        Currency::new(&code).map_err(D::Error::custom)
    }
}

macro_rules! id_text {
    ($($module:ident: $id:ident;)*) => {$(
        mod $module {
            use domain::$id;
            use serde::{Deserialize, Deserializer, Serializer, de::Error};

            pub(super) fn serialize<S: Serializer>(it: &$id, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(&it.uuid())
            }

            pub(super) fn deserialize<'de, D: Deserializer<'de>>(
                from: D,
            ) -> Result<$id, D::Error> {
                let text = String::deserialize(from)?;
                text.parse().map($id::from_uuid).map_err(D::Error::custom)
            }
        }
    )*};
}

id_text! {
    customer_id: CustomerId;
    document_id: DocumentId;
}
