//! What a collector should do next: which customers ask for a person, and in what order.
//!
//! A customer whose promise was broken comes first. Among equals, what matters is money at stake
//! times urgency:
//!
//! ```text
//! weight = urgency × size
//! urgency   0..=100, by the reason and the days it waits
//! size      how many times the money at stake, in major units, can be halved, plus one
//! ```
//!
//! Money counts by its halvings, not by itself: else one large account would hide all others, and
//! currencies, which are never converted here, could not stand in one list.

use crate::code::code_enum;
use crate::money::Money;

code_enum! {
    /// Why a customer asks for a person.
    pub enum Reason {
        /// A promise was not kept.
        BrokenPromise = "broken_promise",
        /// The customer wrote and nobody answered.
        AnswerWaiting = "answer_waiting",
        /// A promise is to be kept today.
        PromiseToday = "promise_today",
        /// A step of the policy that a person makes: a call, a visit, a letter.
        StepByHand = "step_by_hand",
        /// Something was written down to do.
        Task = "task",
        /// The customer contests something.
        Dispute = "dispute",
        /// A high balance, and nobody has said anything for long.
        GoneQuiet = "gone_quiet",
    }
}

/// One reason, with what hangs on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matter {
    /// The reason.
    pub reason: Reason,
    /// The money that hangs on it.
    pub stake: Money,
    /// Days it waits; since the promise was broken, the message came, the dispute began.
    pub days: i64,
}

/// The place in the list: the greater comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight {
    /// Whether a promise was broken.
    pub broken_promise: bool,
    /// Urgency times size, of the weightiest matter.
    pub points: i64,
}

impl Reason {
    /// How urgent it is after so many days: at first, change a day, and where that ends.
    ///
    /// A broken promise loses by waiting, since a call on the day after is the one that is
    /// answered; everything else gains.
    const fn urgency(self, days: i64) -> i64 {
        let (first, a_day, last) = match self {
            Self::BrokenPromise => (100, -2, 60),
            Self::AnswerWaiting => (80, 5, 100),
            Self::PromiseToday => (70, 0, 70),
            Self::StepByHand => (65, 1, 80),
            Self::Task => (60, 2, 90),
            Self::Dispute => (50, 2, 90),
            Self::GoneQuiet => (40, 1, 60),
        };
        let days = if days < 0 { 0 } else { days };
        let urgency = first + a_day * if days > 100 { 100 } else { days };
        if (a_day < 0 && urgency < last) || (a_day > 0 && urgency > last) {
            last
        } else {
            urgency
        }
    }
}

/// Halvings of the money in major units, plus one; zero where nothing is at stake.
fn size(stake: Money) -> i64 {
    let digits = stake.currency.minor_digits();
    let unit = 10_i64.saturating_pow(digits);
    let major = stake.minor / unit;
    if major <= 0 {
        return i64::from(stake.minor > 0);
    }
    i64::from(major.ilog2()) + 1
}

/// The weight of a customer's matters; `None` when there are none.
///
/// ```
/// use domain::work::{Matter, Reason, weight};
/// use domain::{Currency, Money};
/// let matter = |reason, pesos: i64, days| Matter {
///     reason,
///     stake: Money::new(pesos * 100, Currency::MXN),
///     days,
/// };
/// let promise = weight(&[matter(Reason::BrokenPromise, 500, 1)]);
/// let dispute = weight(&[matter(Reason::Dispute, 1_000_000, 3)]);
/// assert!(promise > dispute);
/// ```
pub fn weight(matters: &[Matter]) -> Option<Weight> {
    let points = matters
        .iter()
        .map(|matter| matter.reason.urgency(matter.days) * (1 + size(matter.stake)))
        .max()?;
    let broken = |matter: &Matter| matter.reason == Reason::BrokenPromise;
    Some(Weight {
        broken_promise: matters.iter().any(broken),
        points,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Currency;

    fn matter(reason: &str, major: i64, days: i64) -> Matter {
        Matter {
            reason: reason.parse().expect("a reason"),
            stake: Money::new(major * 100, Currency::MXN),
            days,
        }
    }

    #[test]
    fn the_list_reads_as_a_collector_would_order_it() {
        // Each line weighs more than the next.
        let lines = [
            ("broken_promise", 80_000, 1),
            ("broken_promise", 80_000, 9),
            ("broken_promise", 100, 1),
            ("answer_waiting", 80_000, 3),
            ("answer_waiting", 80_000, 0),
            ("promise_today", 80_000, 0),
            ("task", 80_000, 1),
            ("dispute", 80_000, 2),
            ("gone_quiet", 80_000, 3),
            ("gone_quiet", 100, 3),
            ("task", 0, 1),
        ];
        let weights = lines.map(|(reason, major, days)| weight(&[matter(reason, major, days)]));
        for (pair, line) in weights.windows(2).zip(lines) {
            assert!(pair[0] > pair[1], "{line:?}: {pair:?}");
        }
        assert_eq!(weight(&[]), None);
    }

    #[test]
    fn cents_do_not_weigh_as_pesos() {
        let in_pesos = Money::new(1_000, Currency::new("CLP").expect("a code"));
        assert_eq!(size(in_pesos), 10);
        assert_eq!(size(Money::new(1_000, Currency::MXN)), 4);
        assert_eq!(size(Money::new(1, Currency::MXN)), 1);
        assert_eq!(size(Money::new(0, Currency::MXN)), 0);
    }

    proptest! {
        #[test]
        fn more_money_never_weighs_less(
            reason in prop::sample::select(Reason::ALL),
            (less, more) in (0..i64::MAX / 2, 0..i64::MAX / 2),
            days in any::<i64>(),
        ) {
            let of = |minor| {
                let stake = Money::new(minor, Currency::MXN);
                weight(&[Matter { reason, stake, days }])
            };
            prop_assert!(of(less.saturating_add(more)) >= of(less));
        }

        #[test]
        fn a_further_matter_never_lightens(
            one in prop::sample::select(Reason::ALL),
            other in prop::sample::select(Reason::ALL),
            minor in 0..i64::MAX,
            days in 0_i64..400,
        ) {
            let stake = Money::new(minor, Currency::MXN);
            let first = Matter { reason: one, stake, days };
            let second = Matter { reason: other, ..first };
            prop_assert!(weight(&[first, second]) >= weight(&[first]));
        }
    }
}
