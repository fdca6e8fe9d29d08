//! What papers say of each other: which document a payment pays or a credit note lowers, and what
//! befell a document before the tax office.
//!
//! What lies where is computed anew from all that was said, so that it does not matter in which
//! order the papers came in.

use std::collections::HashMap;
use std::hash::Hash;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::code::code_enum;

code_enum! {
    /// What befell a document.
    pub enum PaperEvent {
        /// It holds no longer.
        Cancelled = "cancelled",
        /// Another one took its place.
        Replaced = "replaced",
        /// The customer accepted it.
        Accepted = "accepted",
        /// The customer contests it before the tax office.
        Claimed = "claimed",
        /// The customer has what was sold.
        GoodsReceived = "goods_received",
        /// The credit was assigned: it is to be paid to somebody else.
        Assigned = "assigned",
        /// A list of the tax office names it.
        Listed = "listed",
    }
}

impl PaperEvent {
    /// Whether the document is owed no longer.
    pub const fn ends(self) -> bool {
        matches!(self, Self::Cancelled | Self::Replaced)
    }
}

code_enum! {
    /// What a paper says of another.
    pub enum PaperLink {
        /// A credit note lowers a document.
        Adjusts = "adjusts",
        /// A payment pays a document.
        Pays = "pays",
    }
}

/// How the reason of a hold on what was assigned begins; behind it stands to whom.
pub const ASSIGNED_TO: &str = "cedida: se paga a ";

/// Days in which a customer in Chile can contest an invoice; then it is accepted for good (Ley
/// 19.983, article 3). They run from the reception, for which the day of issue stands: it is the
/// earliest it can be.
pub const CLAIM_DAYS_CHILE: i8 = 8;

/// The last day on which a Chilean invoice can be contested.
pub fn claim_until_chile(issued: Date) -> Option<Date> {
    issued.checked_add(i64::from(CLAIM_DAYS_CHILE).days()).ok()
}

/// The last day on which the receipt of a payment of a Mexican invoice payable in parts or later
/// (*PPD*) may be stamped: the fifth day of the month after the payment (Resolución Miscelánea
/// Fiscal 2.7.1.32).
pub fn receipt_deadline(paid_on: Date) -> Option<Date> {
    let next = paid_on.first_of_month().checked_add(1.month()).ok()?;
    next.checked_add(4.days()).ok()
}

/// The number of a part of a document: `A-1045 (1/3)`.
pub fn part_number(whole: &str, part: u32, parts: u32) -> String {
    format!("{whole} ({part}/{parts})")
}

/// A document that money can be laid on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt<D> {
    /// Which.
    pub key: D,
    /// Civil date of issue.
    pub issued: Date,
    /// Civil date it falls due.
    pub due: Date,
    /// Minor units open of it, without what the claims of this call laid before.
    pub open: i64,
}

/// What a paper says is to lie on documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim<S, D> {
    /// Where the money comes from.
    pub source: S,
    /// Lower ones first: a payment's receipt, a credit note, the reversal of what was cancelled.
    pub rank: u8,
    /// The day of the paper.
    pub on: Date,
    /// What tells claims of one rank and day apart.
    pub key: String,
    /// Minor units; `None` for as much as there is.
    pub minor: Option<i64>,
    /// The documents, all in the currency of the source.
    pub targets: Vec<D>,
}

/// What a claim comes to on one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid<S, D> {
    /// Where the money comes from.
    pub source: S,
    /// What it lies on.
    pub document: D,
    /// The claim's day, or the document's issue where that is later.
    pub on: Date,
    /// Minor units, positive.
    pub minor: i64,
}

/// Lays what papers claim: never more than is open of a document, nor more than there is of a
/// source. Within a claim the earliest due date comes first. The order of the input is of no
/// matter.
pub fn lay<S, D>(
    debts: &[Debt<D>],
    left: &HashMap<S, i64>,
    claims: &[Claim<S, D>],
) -> Vec<Laid<S, D>>
where
    S: Clone + Eq + Hash + Ord,
    D: Clone + Eq + Hash + Ord,
{
    let mut left = left.clone();
    let mut open: HashMap<&D, i64> = debts.iter().map(|it| (&it.key, it.open)).collect();
    let known: HashMap<&D, &Debt<D>> = debts.iter().map(|it| (&it.key, it)).collect();
    let mut order: Vec<&Claim<S, D>> = claims.iter().collect();
    order.sort_by(|a, b| {
        let key = |it: &Claim<S, D>| (it.rank, it.on);
        key(a)
            .cmp(&key(b))
            .then_with(|| (&a.key, &a.source).cmp(&(&b.key, &b.source)))
    });
    let mut made = Vec::new();
    for claim in order {
        let Some(of_source) = left.get_mut(&claim.source) else {
            continue;
        };
        let mut rest = claim.minor.unwrap_or(*of_source).min(*of_source);
        let mut targets: Vec<&Debt<D>> = claim
            .targets
            .iter()
            .filter_map(|it| known.get(it).copied())
            .collect();
        targets.sort_by(|a, b| (a.due, &a.key).cmp(&(b.due, &b.key)));
        targets.dedup_by(|a, b| a.key == b.key);
        for debt in targets {
            let Some(room) = open.get_mut(&debt.key) else {
                continue;
            };
            let minor = rest.min(*room);
            if minor <= 0 {
                continue;
            }
            *room -= minor;
            *of_source -= minor;
            rest -= minor;
            made.push(Laid {
                source: claim.source.clone(),
                document: debt.key.clone(),
                on: claim.on.max(debt.issued),
                minor,
            });
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_receipt_is_due_on_the_fifth_of_the_next_month() {
        for (paid, deadline) in [
            (date(2026, 1, 1), date(2026, 2, 5)),
            (date(2026, 1, 31), date(2026, 2, 5)),
            (date(2025, 12, 15), date(2026, 1, 5)),
        ] {
            assert_eq!(receipt_deadline(paid), Some(deadline));
        }
        assert_eq!(claim_until_chile(date(2026, 2, 25)), Some(date(2026, 3, 5)));
    }

    fn debt(key: u8, due: i8, open: i64) -> Debt<u8> {
        let due = date(2026, 3, due);
        Debt {
            key,
            issued: date(2026, 2, 1),
            due,
            open,
        }
    }

    fn claim(source: char, rank: u8, minor: Option<i64>, targets: &[u8]) -> Claim<char, u8> {
        Claim {
            source,
            rank,
            on: date(2026, 2, 10),
            key: source.to_string(),
            minor,
            targets: targets.to_vec(),
        }
    }

    #[test]
    fn a_credit_note_over_the_whole_goes_to_the_parts_by_their_days() {
        let debts = [debt(1, 30, 100), debt(2, 10, 100), debt(3, 20, 100)];
        let left = HashMap::from([('c', 150)]);
        let made = lay(&debts, &left, &[claim('c', 1, None, &[1, 2, 3])]);
        let made: Vec<_> = made.iter().map(|it| (it.document, it.minor)).collect();
        assert_eq!(made, [(2, 100), (3, 50)]);
    }

    #[test]
    fn a_cancellation_takes_what_receipts_leave() {
        let debts = [debt(1, 10, 100)];
        let left = HashMap::from([('x', 100), ('p', 30)]);
        let claims = [claim('x', 2, None, &[1]), claim('p', 0, Some(30), &[1])];
        let made = lay(&debts, &left, &claims);
        let made: Vec<_> = made.iter().map(|it| (it.source, it.minor)).collect();
        assert_eq!(made, [('p', 30), ('x', 70)]);
    }

    /// Due days of six documents, two of them the same.
    const DUES: [i8; 6] = [1, 3, 5, 2, 4, 1];

    fn claims() -> impl Strategy<Value = Vec<Claim<u8, u8>>> {
        let one = (
            0u8..4,
            0u8..3,
            1i8..28,
            proptest::option::of(1i64..300),
            prop::collection::vec(0u8..6, 0..4),
        );
        let many = prop::collection::vec(one, 0..12);
        many.prop_map(|many| {
            let mut claims = Vec::with_capacity(many.len());
            for (source, rank, on, minor, targets) in many {
                claims.push(Claim {
                    source,
                    rank,
                    on: date(2026, 2, on),
                    key: claims.len().to_string(),
                    minor,
                    targets,
                });
            }
            claims
        })
    }

    proptest! {
        #[test]
        fn nothing_is_laid_twice_and_the_order_is_of_no_matter(
            claims in claims(),
            open in prop::collection::vec(0i64..500, 6),
            left in prop::collection::vec(0i64..500, 4),
        ) {
            let due = |key: u8| DUES[usize::from(key)];
            let debts = (0u8..).zip(&open).map(|(key, open)| debt(key, due(key), *open));
            let mut debts: Vec<Debt<u8>> = debts.collect();
            let left: HashMap<u8, i64> = (0u8..).zip(left).collect();
            let made = lay(&debts, &left, &claims);
            for debt in &debts {
                let on = made.iter().filter(|it| it.document == debt.key);
                prop_assert!(on.map(|it| it.minor).sum::<i64>() <= debt.open);
            }
            for (source, left) in &left {
                let of = made.iter().filter(|it| it.source == *source);
                prop_assert!(of.map(|it| it.minor).sum::<i64>() <= *left);
            }
            prop_assert!(made.iter().all(|it| it.minor > 0));
            let mut turned = claims;
            turned.reverse();
            debts.reverse();
            prop_assert_eq!(lay(&debts, &left, &turned), made);
        }
    }
}
