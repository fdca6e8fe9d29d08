//! What being late costs: interest and fees of a customer's documents as of a day, line by line,
//! each with its formula, its source and the law's cap on it.
//!
//! Nothing accumulates: the charges of a day are a function of the books,
//! the policy, the law and the rates, so asking twice changes nothing. Where the policy says
//! nothing, nothing is charged; where a rate is not known, the line is left out with the reason.
//!
//! # How figures are reckoned
//! - Interest runs from the day after the due date and its grace to the day asked for, on what was
//!   open at the end of each day. A new line begins where the balance or the rate changes.
//! - Each line is rounded to the minor unit, a half upwards; a total is the sum of its lines.
//! - Simple interest never bears interest; daily compounding carries what accrued, unrounded.
//! - A fee is fixed on the day it begins to be owed, on what is open then, and stays.
//! - Only invoices of which something is open on the day bear charges: a debit note never does, so
//!   that a charge bears no charge.
//! - The law's caps are asked for every document; what passes them is cut, and the line says so.

mod booking;
mod fees;
mod interest;
mod rates;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

pub use booking::{Booking, Charged, NewNote, notes};
pub use rates::{MissingRate, Quote, Rates, SERIES, Series};

use crate::code::code_enum;
use crate::document::{Document, DocumentKind};
use crate::ids::DocumentId;
use crate::law::{Applicable, Bracket, Fees};
use crate::ledger::Books;
use crate::money::{Currency, Money};

/// What a company charges for being late; nothing of it is assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateCharges {
    /// Interest on what is late.
    pub interest: Option<Interest>,
    /// Fees, in the order in which the law's caps are filled.
    pub fees: Vec<Fee>,
    /// Whether messages ask for them.
    pub ask: bool,
    /// When they become documents; `None`: never.
    pub booking: Option<Booking>,
}

/// Interest on what is late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interest {
    /// The yearly rate.
    pub rate: Rate,
    /// How a year's rate becomes a day's.
    pub day_count: DayCount,
    /// Whether interest bears interest.
    pub compounding: Compounding,
    /// Days after the due date before it runs.
    pub grace_days: u16,
    /// Where it was agreed, or which law grants it.
    pub source: String,
    /// The regimes under which alone it is charged; empty: whatever regime holds.
    pub only_under: Vec<String>,
}

/// A yearly rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Always the same.
    Fixed {
        /// Per cent a year.
        percent: Decimal,
    },
    /// A published rate and so many points.
    Series {
        /// The series.
        series: String,
        /// Points on top of it.
        margin_percent: Decimal,
        /// Which value holds when.
        reset: Reset,
    },
}

code_enum! {
    /// When a published rate is read again.
    pub enum Reset {
        /// Whenever it changes.
        Change = "change",
        /// On 1 January and 1 July: the last value before that day holds for six months.
        HalfYear = "half_year",
    }
}

code_enum! {
    /// How a year's rate becomes a day's.
    pub enum DayCount {
        /// Actual days over 360.
        Actual360 = "actual_360",
        /// Actual days over 365.
        Actual365 = "actual_365",
        /// Months of 30 days over 360 (30E/360 of the ISDA definitions).
        Thirty360 = "thirty_360",
    }
}

code_enum! {
    /// Whether interest bears interest.
    pub enum Compounding {
        /// It does not.
        Simple = "simple",
        /// It does, every day.
        CompoundDaily = "compound_daily",
    }
}

/// A fee for each document that is late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fee {
    /// Its word.
    pub key: String,
    /// Its name on statements.
    pub name: String,
    /// How much.
    pub amount: FeeAmount,
    /// It is owed once so many days have passed since the due date.
    pub after_days: u16,
    /// Where it was agreed, or which law grants it.
    pub source: String,
    /// The regimes under which alone it is charged; empty: whatever regime holds.
    pub only_under: Vec<String>,
}

/// How much a fee is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeeAmount {
    /// The same for every document, by currency.
    Fixed(Vec<Money>),
    /// Per cent of what is open.
    Percent(Decimal),
    /// A scale on what is open.
    Tiered {
        /// The series of the unit the brackets are written in; `None`: the document's currency.
        unit: Option<String>,
        /// The brackets, rising; the last is open.
        brackets: Vec<Bracket>,
    },
}

/// What is charged on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charges {
    /// Every line, by document.
    pub lines: Vec<Line>,
    /// What the policy charges and cannot be, with its reason.
    pub left_out: Vec<LeftOut>,
}

code_enum! {
    /// What a line is.
    pub enum LineKind {
        /// Interest.
        Interest = "interest",
        /// A fee.
        Fee = "fee",
        /// What a note of its own has booked already, taken off.
        Booked = "booked",
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The document it is for.
    pub document: DocumentId,
    /// Its number.
    pub number: String,
    /// Interest or fee.
    pub kind: LineKind,
    /// `Interés por atraso`, or the fee's name.
    pub name: String,
    /// The day after which it runs; of a fee, the day before it was owed.
    pub from: Date,
    /// The last day it runs; of a fee, the day it was owed.
    pub to: Date,
    /// What it is reckoned on.
    pub base: Money,
    /// What it comes to; negative where it takes off what is booked.
    pub amount: Money,
    /// How it was reckoned.
    pub formula: String,
    /// Where it was agreed, or which law grants it, and the rate with its day.
    pub source: String,
    /// The article that cut it, where one did.
    pub cut_by: Option<String>,
}

/// A line that could not be reckoned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The document's number.
    pub number: String,
    /// What would have been charged.
    pub name: String,
    /// Why it is not, in Spanish.
    pub reason: String,
}

/// All that charges rest on beside the books.
#[derive(Clone, Debug)]
pub struct Reckoning<'a> {
    terms: &'a LateCharges,
    rates: &'a Rates,
    as_of: Date,
    caps: Vec<&'a Fees>,
    regimes: Vec<&'a str>,
}

/// The name of an interest line.
pub const INTEREST_NAME: &str = "Interés por atraso";

impl Charges {
    /// Sums per currency, in the order they come.
    pub fn totals(&self) -> Vec<Money> {
        let mut totals: Vec<Money> = Vec::new();
        for line in &self.lines {
            let currency = line.amount.currency;
            match totals.iter_mut().find(|total| total.currency == currency) {
                Some(total) => total.minor = total.minor.saturating_add(line.amount.minor),
                None => totals.push(line.amount),
            }
        }
        totals
    }
}

impl<'a> Reckoning<'a> {
    /// Charges under a policy's terms and the law that covers a customer, as of a day.
    pub fn new(
        terms: &'a LateCharges,
        law: &Applicable<'a>,
        rates: &'a Rates,
        as_of: Date,
    ) -> Self {
        Self {
            terms,
            rates,
            as_of,
            caps: law.fees(as_of),
            regimes: law.regime_ids(as_of),
        }
    }

    /// The charges of a customer's documents that stand beside the balance: without what debit
    /// notes have booked, which is in the balance.
    pub fn charges(&self, books: &Books) -> Charges {
        let mut charges = self.earned(books);
        charges.less_booked(books, self.as_of);
        charges
    }

    /// All charges of a customer's documents up to the day, booked or not.
    pub fn earned(&self, books: &Books) -> Charges {
        let mut charges = Charges::default();
        for document in &books.documents {
            if document.kind == DocumentKind::Invoice && document.due < self.as_of {
                self.document(books, document, &mut charges);
            }
        }
        charges
    }

    fn document(&self, books: &Books, document: &Document, charges: &mut Charges) {
        let balance = Balance::of(books, document);
        if balance.at(self.as_of) <= 0 {
            return;
        }
        if let Some(interest) = &self.terms.interest
            && self.holds(&interest.only_under)
        {
            self.interest(interest, document, &balance, charges);
        }
        self.fees(document, &balance, charges);
    }

    /// Whether what is granted only under some regimes is granted here.
    fn holds(&self, only_under: &[String]) -> bool {
        only_under.is_empty()
            || only_under
                .iter()
                .any(|id| self.regimes.contains(&id.as_str()))
    }
}

/// What is open of a document at the end of each day.
struct Balance {
    issued: i64,
    currency: Currency,
    /// Day and minor units that came off, in order of days.
    laid: Vec<(Date, i64)>,
}

impl Balance {
    fn of(books: &Books, document: &Document) -> Self {
        let on_it = books
            .applications
            .iter()
            .filter(|it| it.document == document.id);
        let mut laid: Vec<(Date, i64)> = on_it.map(|it| (it.on, it.minor)).collect();
        laid.sort_unstable();
        Self {
            issued: document.amount.minor,
            currency: document.amount.currency,
            laid,
        }
    }

    fn at(&self, day: Date) -> i64 {
        let off = self.laid.iter().take_while(|(on, _)| *on <= day);
        off.fold(self.issued, |open, (_, minor)| open.saturating_sub(*minor))
    }

    fn open(&self, day: Date) -> Money {
        Money::new(self.at(day), self.currency)
    }
}

/// An amount in major units to the minor unit, a half upwards; `None` when it does not fit.
fn rounded(amount: Decimal, currency: Currency) -> Option<Money> {
    let digits = currency.minor_digits();
    let rounded = amount.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    Money::from_decimal(rounded, currency).ok()
}

fn plus(day: Date, days: u16) -> Date {
    day.saturating_add(i64::from(days).days())
}
