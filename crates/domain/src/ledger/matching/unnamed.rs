//! Ways in which a line may be laid that names no document: by its amount alone.

use super::confidence::{Fit, Naming, ln};
use super::fit::Fitted;
use super::hypotheses::{Case, Hypothesis};
use super::index::amount_keys;
use super::mentions::Mention;
use super::{Reason, SCAN_DOCUMENTS_MAX, keys, subset};
use crate::money::Money;

/// Documents of one amount that are told apart.
const EXACT_MAX: usize = 6;

impl Case<'_> {
    /// Documents of the payer that are open by just this amount and are not named; whether there
    /// are any.
    pub fn by_amount(
        &self,
        customer: u32,
        strong: &[&Mention],
        ways: &mut Vec<Hypothesis>,
    ) -> bool {
        let scene = &self.scene;
        let amount = Money::new(scene.amount(), scene.currency());
        let [_, key] = amount_keys(amount, customer);
        let mut exact: Vec<u32> = scene.index.documents_by(key).collect();
        exact.extend(scene.opens.touched(customer));
        exact.retain(|it| {
            let named = strong.iter().any(|mention| mention.item == *it);
            !named && scene.payable(*it) && scene.open(*it) == scene.amount()
        });
        exact.sort_unstable();
        exact.dedup();
        let typos: Vec<(u32, &String)> = exact
            .iter()
            .filter_map(|it| Some((*it, self.slip(*it)?)))
            .collect();
        if let [(item, written)] = typos.as_slice() {
            if let Some(fitted) = scene.exact(&[*item]) {
                let reason = Reason::Typo {
                    written: (*written).clone(),
                    number: scene.index.number(*item).to_owned(),
                };
                self.push(ways, customer, Naming::Typo, 0, vec![reason], fitted);
            }
            return true;
        }
        let count = exact.len();
        if count > 1 && self.twins >= count {
            exact.truncate(1);
        }
        for item in exact.iter().take(EXACT_MAX) {
            if let Some(mut fitted) = scene.exact(&[*item]) {
                if count > 1 && exact.len() == 1 {
                    fitted.reasons.push(Reason::EachItsOwn { count });
                }
                let tells = self.tells(customer);
                self.push(ways, customer, Naming::None, tells, Vec::new(), fitted);
            }
        }
        count > 0
    }

    /// The number in the text that is one slip away from a document's.
    fn slip(&self, item: u32) -> Option<&String> {
        let mut form = String::new();
        keys::number(self.scene.index.number(item), &mut form);
        let digits = keys::last_digits(&form).unwrap_or_default().to_owned();
        self.mentions.loose.iter().find(|loose| {
            let bare = loose.bytes().all(|it| it.is_ascii_digit());
            let (theirs, own) = (loose.as_str(), if bare { digits.as_str() } else { &form });
            own.len() >= 4 && (keys::one_edit_apart(theirs, own) || same_digits(theirs, own))
        })
    }

    /// What an amount tells of one document among the payer's, about the mean: 51,404.88 tells
    /// more than 50,000.00.
    fn tells(&self, customer: u32) -> i64 {
        let among = self.scene.index.items_of(customer).len() as u64;
        let tells = ln(telling(self.scene.amount())) - ln(among.max(1));
        (tells - 6_000).clamp(-1_800, 1_000)
    }

    /// Sums of the payer's documents, and single ones with a difference.
    pub fn by_sums(&self, customer: u32, ways: &mut Vec<Hypothesis>) {
        let scene = &self.scene;
        let theirs = self.theirs(customer);
        if theirs.is_empty() {
            return;
        }
        let opens: Vec<i64> = theirs.iter().map(|it| scene.open(*it)).collect();
        let in_order = in_order(&opens, scene.amount());
        let whole = in_order == Some(theirs.len());
        // All that is owed is the only set that comes to it.
        let found = match whole {
            true => subset::Search::default(),
            false => subset::search(&opens, scene.amount()),
        };
        let oldest: Option<Vec<usize>> = in_order.map(|count| (0..count).collect());
        let Some(set) = oldest.or(found.first) else {
            self.by_differences(customer, &theirs, ways);
            return;
        };
        let chosen: Vec<u32> = set.iter().map(|at| theirs[*at]).collect();
        let (count, among) = (chosen.len(), theirs.len());
        let mut reasons = vec![match in_order {
            _ if whole => Reason::WholeBalance { count },
            Some(_) => Reason::OldestInOrder { count },
            None if found.several => Reason::OneOfSeveralSets { count, among },
            None => Reason::OnlySubset { count, among },
        }];
        if found.several {
            reasons.push(Reason::SeveralFit { count: 2 });
        } else if !whole && !found.complete {
            reasons.push(Reason::SearchCutOff);
        }
        let tells = match in_order {
            Some(_) => self.tells(customer),
            None => {
                let tells = ln(telling(scene.amount())) - ln(sets(among, count));
                (tells - 6_000).clamp(-6_000, 1_000)
            }
        };
        self.push(
            ways,
            customer,
            Naming::None,
            tells,
            Vec::new(),
            Fitted {
                fit: if in_order.is_some() {
                    Fit::Balance
                } else {
                    Fit::OnlySubset
                },
                parts: scene.all_of(&chosen),
                surplus: 0,
                reasons,
            },
        );
    }

    /// Single documents with a difference that has a cause.
    fn by_differences(&self, customer: u32, theirs: &[u32], ways: &mut Vec<Hypothesis>) {
        let scene = &self.scene;
        for item in theirs.iter().take(SCAN_DOCUMENTS_MAX) {
            if let Some(fitted) = scene.adjusted(&[*item]) {
                self.push(ways, customer, Naming::None, 0, Vec::new(), fitted);
            }
        }
    }

    /// The payer's documents that can be paid, oldest due date first; none where there are more
    /// than are looked at.
    pub fn theirs(&self, customer: u32) -> Vec<u32> {
        let items = self.scene.index.items_of(customer);
        if items.len() > SCAN_DOCUMENTS_MAX {
            return Vec::new();
        }
        items.filter(|it| self.scene.payable(*it)).collect()
    }

    /// Nothing says who paid or what for: documents of just this amount, of anyone.
    pub fn of_nobody(&self, ways: &mut Vec<Hypothesis>) {
        let scene = &self.scene;
        let [key, _] = amount_keys(Money::new(scene.amount(), scene.currency()), 0);
        let found: Vec<u32> = scene
            .index
            .documents_by(key)
            .filter(|it| scene.payable(*it) && scene.open(*it) == scene.amount())
            .take(EXACT_MAX + 1)
            .collect();
        if found.len() > EXACT_MAX {
            return;
        }
        for item in found {
            if let Some(fitted) = scene.exact(&[item]) {
                let customer = scene.index.item(item).customer;
                self.push(ways, customer, Naming::None, -2_000, Vec::new(), fitted);
            }
        }
    }
}

/// How many of the first amounts come to `target`; at least two.
fn in_order(amounts: &[i64], target: i64) -> Option<usize> {
    let mut sum = 0_i64;
    for (at, amount) in amounts.iter().enumerate() {
        sum = sum.saturating_add(*amount);
        if sum == target && at > 0 {
            return Some(at + 1);
        }
        if sum > target {
            break;
        }
    }
    None
}

/// An amount without the zeros at its end.
fn telling(amount: i64) -> u64 {
    let mut left = amount.unsigned_abs().max(1);
    while left.is_multiple_of(10) {
        left /= 10;
    }
    left
}

/// Sets of at most `size` out of `all`.
fn sets(all: usize, size: usize) -> u64 {
    let mut sum = 0_u64;
    let mut one = 1_u64;
    for taken in 1..=size.min(all) as u64 {
        one = one.saturating_mul(all as u64 + 1 - taken) / taken;
        sum = sum.saturating_add(one);
    }
    sum
}

/// Whether the last digits are one slip apart in two numbers of the same series.
fn same_digits(a: &str, b: &str) -> bool {
    match (keys::last_digits(a), keys::last_digits(b)) {
        (Some(x), Some(y)) => {
            let head = |text: &str, tail: &str| text[..text.len() - tail.len()].to_owned();
            a.ends_with(x)
                && b.ends_with(y)
                && head(a, x) == head(b, y)
                && keys::one_edit_apart(x, y)
        }
        _ => false,
    }
}
