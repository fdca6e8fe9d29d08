//! What a customer is billed, and when it pays if nobody writes: functions of the seed alone.

use jiff::civil::Date;

use crate::behaviour::{Behaviour, Pays};
use crate::calendar::{Calendar, days_between, plus};
use crate::chance::{Chance, Purpose};
use crate::customer::Customer;
use crate::model::KindModel;
use crate::spec::{Kind, Spec};

/// Most documents of one customer; the model's quantiles stay far below.
const DOCUMENTS_MAX: i64 = 900;

/// A document before it has words: what is decided by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Its place among its customer's documents, from 0.
    pub ordinal: u32,
    pub issued: Date,
    pub due: Date,
    pub minor: i64,
}

/// How a document is paid when nobody writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Days and amounts in order; the amounts sum to the document's unless some is never paid.
    pub parts: [Option<(Date, i64)>; 2],
    pub contest: Option<Contest>,
}

/// A document that is contested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Contest {
    /// The day the customer says so.
    pub raised: Date,
    /// How much of the document.
    pub minor: i64,
}

/// All documents of a customer by day of issue.
pub(crate) fn drafts(spec: &Spec, days: &Calendar, customer: &Customer) -> Vec<Draft> {
    let model = spec.model.of(spec.kind);
    let mut chance = Chance::of(spec.seed, customer.index, Purpose::Documents, 0);
    let usual = chance.quantile(&model.amount_quantiles);
    if spec.kind == Kind::Lender {
        let numbers = &model.documents_quantiles;
        return instalments(&mut chance, days, customer, usual, numbers);
    }
    let number = chance.quantile(&model.documents_quantiles);
    let mut issued = match number {
        24.. if spec.kind == Kind::Services => monthly(&mut chance, days, customer, number / 24),
        _ => orders(&mut chance, days, customer, number),
    };
    issued.sort_unstable();
    let drafts = issued.into_iter().enumerate().map(|(at, issued)| Draft {
        ordinal: u32::try_from(at).unwrap_or(u32::MAX),
        issued,
        due: plus(issued, i64::from(customer.terms_days)),
        minor: amount(&mut chance, spec.kind, usual),
    });
    drafts.collect()
}

/// Days of issue spread over the customer's time as the company bills over the year.
fn orders(chance: &mut Chance, days: &Calendar, customer: &Customer, in_all: i64) -> Vec<Date> {
    let all = days_between(days.first(), days.last()) + 1;
    let own = days_between(customer.since, customer.last) + 1;
    let number = (in_all * own / all).clamp(1, DOCUMENTS_MAX);
    let weight = days.billing(customer.since, customer.last);
    let number = number.unsigned_abs();
    let issued = (0..number).map(|at| {
        let passed = (at * weight + chance.below(weight)) / number;
        days.billing_day(customer.since, passed)
    });
    issued.collect()
}

/// One document a month per contract, on the contract's own day.
fn monthly(chance: &mut Chance, days: &Calendar, customer: &Customer, contracts: i64) -> Vec<Date> {
    let mut issued = Vec::new();
    for _ in 0..contracts.clamp(1, DOCUMENTS_MAX / 25) {
        let of_month = chance.between(1, 28);
        let mut month = customer.since.first_of_month();
        while month <= customer.last {
            let day = days.on_or_after(plus(month, of_month - 1));
            if (customer.since..=customer.last).contains(&day) {
                issued.push(day);
            }
            month = plus(month.last_of_month(), 1);
        }
    }
    if issued.is_empty() {
        issued.push(days.on_or_before(customer.last).max(customer.since));
    }
    issued
}

/// The statements of a customer's loans, one after the other: equal amounts, one day of the month,
/// those that fall into the customer's time. The first may have begun before the company's months.
fn instalments(
    chance: &mut Chance,
    days: &Calendar,
    customer: &Customer,
    usual: i64,
    numbers: &[u32],
) -> Vec<Draft> {
    let of_month = *chance.pick(&[1, 5, 10, 15, 16, 20, 30]);
    let number = chance.quantile(numbers).max(1);
    let mut minor = amount(chance, Kind::Lender, usual);
    let mut left = match customer.since == days.first() {
        true => chance.between(1, number),
        false => number,
    };
    let mut ordinal = u32::try_from(number - left).unwrap_or(0);
    let mut month = plus(customer.since.last_of_month(), 1);
    let mut drafts = Vec::new();
    loop {
        let due = plus(month, of_month - 1).min(month.last_of_month());
        let issued = plus(due, -i64::from(customer.terms_days));
        if issued > customer.last {
            return drafts;
        }
        drafts.push(Draft {
            ordinal,
            issued: issued.max(customer.since),
            due,
            minor,
        });
        ordinal += 1;
        left -= 1;
        month = plus(month.last_of_month(), 1);
        if left == 0 {
            left = chance.quantile(numbers).max(1);
            let usual = usual * chance.between(80, 160) / 100;
            minor = amount(chance, Kind::Lender, usual);
            month = plus(month, 31 * chance.between(0, 3)).first_of_month();
        }
    }
}

/// Around the customer's usual amount, in minor units and with the ends that prices have.
fn amount(chance: &mut Chance, kind: Kind, usual: i64) -> i64 {
    let share = chance.quantile(&[350, 550, 700, 850, 1000, 1150, 1400, 1900, 3200]);
    match kind {
        Kind::Distributor => (usual * share / 10 + chance.between(0, 99)).max(5_000),
        Kind::Services => (usual * share / 1000).max(10_000),
        Kind::Lender => (usual / 100 * 100 * 100).max(500_000),
    }
}

/// How a document is paid when nobody writes.
pub(crate) fn plan(spec: &Spec, days: &Calendar, customer: &Customer, draft: &Draft) -> Plan {
    let model = spec.model.of(spec.kind);
    let behaviour = &customer.behaviour;
    let mut chance = Chance::of(
        spec.seed,
        customer.index,
        Purpose::Plan,
        u64::from(draft.ordinal),
    );
    if customer.direct_debit && !chance.permille(model.direct_debit_refused) {
        return whole(days.on_or_after(draft.due), draft.minor);
    }
    let on_time = on_time(&mut chance, days, behaviour, draft);
    let is_late = |chance: &mut Chance, permille: u16| {
        (customer.direct_debit || chance.permille(permille)).then_some(())
    };
    let late_days = match behaviour.pays {
        Pays::Punctual => None,
        Pays::Forgetful { late_permille } => is_late(&mut chance, late_permille)
            .map(|()| chance.quantile(&model.forgetful_late_quantiles)),
        Pays::Slow { late_permille } => is_late(&mut chance, late_permille)
            .map(|()| chance.quantile(&model.slow_late_quantiles)),
        Pays::Disputing {
            disputed_permille, ..
        } => {
            return match chance.permille(disputed_permille) {
                true => contested(&mut chance, model, days, on_time, draft),
                false => whole(on_time, draft.minor),
            };
        }
        Pays::Insolvent {
            since,
            paid_permille,
        } => match draft.due < since {
            true => None,
            false if chance.permille(paid_permille) => {
                Some(chance.quantile(&model.insolvent_late_quantiles))
            }
            false => {
                return Plan {
                    parts: [None, None],
                    contest: None,
                };
            }
        },
    };
    let Some(late_days) = late_days else {
        return whole(on_time, draft.minor);
    };
    let day = days.habit_after(behaviour.habit, plus(draft.due, late_days.max(1)));
    if !chance.permille(behaviour.parts_permille) {
        return whole(day, draft.minor);
    }
    let first = draft.minor * chance.between(3, 7) / 10;
    let rest = days.habit_after(behaviour.habit, plus(day, chance.between(10, 35)));
    Plan {
        parts: [Some((day, first)), Some((rest, draft.minor - first))],
        contest: None,
    }
}

const fn whole(day: Date, minor: i64) -> Plan {
    Plan {
        parts: [Some((day, minor)), None],
        contest: None,
    }
}

/// Not after the due date; half of all on the last day that serves.
fn on_time(chance: &mut Chance, days: &Calendar, behaviour: &Behaviour, draft: &Draft) -> Date {
    let early = chance.quantile(&[0, 0, 0, 0, 1, 3, 6, 10]);
    let wanted = plus(draft.due, -early);
    let candidates = [
        days.habit_before(behaviour.habit, wanted),
        days.on_or_before(wanted),
        days.on_or_before(draft.due),
    ];
    let serves = candidates.into_iter().find(|day| *day > draft.issued);
    serves.unwrap_or(draft.due)
}

/// The customer pays what is not contested on time, and the rest when it tires of waiting.
fn contested(
    chance: &mut Chance,
    model: &KindModel,
    days: &Calendar,
    on_time: Date,
    draft: &Draft,
) -> Plan {
    let minor = match chance.permille(600) {
        true => draft.minor,
        false => draft.minor * chance.between(1, 6) / 10,
    };
    let raised = plus(draft.due, chance.between(-6, 4)).max(plus(draft.issued, 2));
    let waits = chance.quantile(&model.contest_quantiles);
    let settled = days.on_or_after(plus(raised.max(draft.due), waits));
    let undisputed = (draft.minor > minor).then_some((on_time, draft.minor - minor));
    let disputed = Some((settled, minor));
    Plan {
        parts: match undisputed {
            Some(part) => [Some(part), disputed],
            None => [disputed, None],
        },
        contest: Some(Contest { raised, minor }),
    }
}
