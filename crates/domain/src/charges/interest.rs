//! Interest: the stretches over which balance and rate stand still, and what each comes to.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use super::{
    Balance, Charges, Compounding, DayCount, INTEREST_NAME, Interest, LeftOut, Line, LineKind,
    MissingRate, Rate, Reckoning, Reset, plus, rounded,
};
use crate::document::Document;
use crate::money::Money;

/// The rate of a stretch.
struct Yearly {
    percent: Decimal,
    /// Where it comes from, with its day.
    source: String,
    /// The article that cut it.
    cut_by: Option<String>,
}

impl Reckoning<'_> {
    pub(super) fn interest(
        &self,
        interest: &Interest,
        document: &Document,
        balance: &Balance,
        charges: &mut Charges,
    ) {
        let start = plus(document.due, interest.grace_days);
        if start >= self.as_of {
            return;
        }
        match self.lines(interest, document, balance, start) {
            Ok(lines) => charges.lines.extend(lines),
            Err(reason) => charges.left_out.push(LeftOut {
                number: document.number.clone(),
                name: INTEREST_NAME.to_owned(),
                reason,
            }),
        }
    }

    fn lines(
        &self,
        interest: &Interest,
        document: &Document,
        balance: &Balance,
        start: Date,
    ) -> Result<Vec<Line>, String> {
        let mut lines: Vec<Line> = Vec::new();
        let mut accrued = Decimal::ZERO;
        for (from, to) in self.stretches(interest, balance, start) {
            let base = balance.open(from);
            if base.minor <= 0 {
                continue;
            }
            let yearly = self.yearly(interest, from).map_err(|it| it.to_string())?;
            let days = interest.day_count.days(from, to);
            let earned = earned(interest, base, accrued, yearly.percent, days);
            let earned = earned.ok_or("el importe es demasiado grande para calcularlo")?;
            if interest.compounding == Compounding::CompoundDaily {
                accrued += earned;
            }
            let amount = rounded(earned, base.currency);
            let amount = amount.ok_or("el importe es demasiado grande para calcularlo")?;
            lines.push(Line {
                document: document.id,
                number: document.number.clone(),
                kind: LineKind::Interest,
                name: INTEREST_NAME.to_owned(),
                from,
                to,
                base,
                amount,
                formula: formula(interest, base, accrued - earned, yearly.percent, days),
                source: yearly.source,
                cut_by: yearly.cut_by,
            });
        }
        lines.retain(|line| line.amount.minor > 0);
        Ok(lines)
    }

    /// The stretches from `start` to the day asked for in which nothing changes, as (from, to]: the
    /// balance is that of the end of `from`, the rate that of the day after it.
    fn stretches(&self, interest: &Interest, balance: &Balance, start: Date) -> Vec<(Date, Date)> {
        let end = self.as_of;
        let mut cuts: Vec<Date> = balance.laid.iter().map(|(on, _)| *on).collect();
        // A rate of a day counts for that day, so the stretch before it ends the day before.
        let mut rates: Vec<Date> = Vec::new();
        if let Rate::Series { series, reset, .. } = &interest.rate {
            match reset {
                Reset::Change => rates.extend(self.rates.changes(series, start, end)),
                Reset::HalfYear => rates.extend(half_years(start, end)),
            }
        }
        for series in self
            .caps
            .iter()
            .filter_map(|cap| cap.interest_cap_series.as_ref())
        {
            rates.extend(self.rates.changes(series, start, end));
        }
        cuts.extend(rates.into_iter().map(|day| day.saturating_sub(1.day())));
        cuts.retain(|cut| *cut > start && *cut < end);
        cuts.extend([start, end]);
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    /// The yearly rate of the stretch that follows `from`, within what the law allows.
    fn yearly(&self, interest: &Interest, from: Date) -> Result<Yearly, MissingRate> {
        let day = from.saturating_add(1.day());
        let mut yearly = match &interest.rate {
            Rate::Fixed { percent } => Yearly {
                percent: *percent,
                source: interest.source.clone(),
                cut_by: None,
            },
            Rate::Series {
                series,
                margin_percent,
                reset,
            } => {
                let on = match reset {
                    Reset::Change => day,
                    Reset::HalfYear => half_year(day).saturating_sub(1.day()),
                };
                let quote = self.rates.in_force(series, on)?;
                Yearly {
                    percent: quote.value + margin_percent,
                    source: format!(
                        "{}; {series} del {}: {} %",
                        interest.source,
                        quote.on,
                        quote.value.normalize()
                    ),
                    cut_by: None,
                }
            }
        };
        for cap in &self.caps {
            if let Some(series) = &cap.interest_cap_series {
                let most = self.rates.in_force(series, day)?;
                if most.value < yearly.percent {
                    yearly.percent = most.value;
                    let value = most.value.normalize();
                    let article = &cap.rule.article;
                    yearly.cut_by = Some(format!("{article}: {series} del {}, {value} %", most.on));
                }
            }
        }
        yearly.percent = yearly.percent.max(Decimal::ZERO);
        Ok(yearly)
    }
}

/// What a base earns in so many days; `None` when it does not fit.
fn earned(
    interest: &Interest,
    base: Money,
    accrued: Decimal,
    percent: Decimal,
    days: i64,
) -> Option<Decimal> {
    let year = Decimal::from(interest.day_count.year()).checked_mul(Decimal::ONE_HUNDRED)?;
    match interest.compounding {
        // One division at the end keeps it exact as long as it can be.
        Compounding::Simple => base
            .decimal()
            .checked_mul(percent)?
            .checked_mul(Decimal::from(days))?
            .checked_div(year),
        Compounding::CompoundDaily => {
            let daily = percent.checked_div(year)?;
            let grown = power(Decimal::ONE.checked_add(daily)?, days)?;
            let of = base.decimal().checked_add(accrued)?;
            of.checked_mul(grown.checked_sub(Decimal::ONE)?)
        }
    }
}

/// `base` to a whole power, by squaring.
fn power(mut base: Decimal, exponent: i64) -> Option<Decimal> {
    let mut left = u64::try_from(exponent).ok()?;
    let mut power = Decimal::ONE;
    while left > 0 {
        if left % 2 == 1 {
            power = power.checked_mul(base)?;
        }
        left /= 2;
        if left > 0 {
            base = base.checked_mul(base)?;
        }
    }
    Some(power)
}

fn formula(
    interest: &Interest,
    base: Money,
    accrued: Decimal,
    percent: Decimal,
    days: i64,
) -> String {
    let percent = percent.normalize();
    let year = interest.day_count.year();
    match interest.compounding {
        Compounding::Simple => format!("{base} × {percent} % × {days} ÷ {year}"),
        Compounding::CompoundDaily if accrued.is_zero() => {
            format!("{base} × ((1 + {percent} % ÷ {year})^{days} − 1)")
        }
        Compounding::CompoundDaily => {
            let carried = accrued.round_dp(base.currency.minor_digits());
            format!("({base} + {carried}) × ((1 + {percent} % ÷ {year})^{days} − 1)")
        }
    }
}

impl DayCount {
    /// Days a year has.
    pub const fn year(self) -> i64 {
        match self {
            Self::Actual360 | Self::Thirty360 => 360,
            Self::Actual365 => 365,
        }
    }

    /// Days from one date to a later one.
    pub fn days(self, from: Date, to: Date) -> i64 {
        match self {
            Self::Actual360 | Self::Actual365 => i64::from((to - from).get_days()),
            Self::Thirty360 => {
                let day = |date: Date| i64::from(date.day().min(30));
                let months = (i64::from(to.year()) - i64::from(from.year())) * 12
                    + i64::from(to.month())
                    - i64::from(from.month());
                months * 30 + day(to) - day(from)
            }
        }
    }
}

/// The first day of the half year a day is in.
fn half_year(day: Date) -> Date {
    date(day.year(), if day.month() < 7 { 1 } else { 7 }, 1)
}

/// The first days of half years after `from`, up to `to`.
fn half_years(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let first = half_year(from);
    std::iter::successors(Some(first), |day| day.checked_add(6.months()).ok())
        .skip_while(move |day| *day <= from)
        .take_while(move |day| *day <= to)
}
