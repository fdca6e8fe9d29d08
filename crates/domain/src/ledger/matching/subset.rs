//! Which of some amounts add up to a given one, within a bounded number of steps.

/// Amounts among which a sum is sought; with more, none is.
pub const DOCUMENTS_MAX: usize = 40;
/// Steps of one search. Each looks at one amount to take or leave; two hundred thousand such
/// searches cost some seconds on one core.
pub const STEPS_MAX: u32 = 20_000;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The first set found, as positions in ascending order.
    pub first: Option<Vec<usize>>,
    /// Whether there is at least one more.
    pub several: bool,
    /// Whether everything was looked at. Where it was not, more sets may exist.
    pub complete: bool,
}

struct Walk<'a> {
    /// Amounts, the largest first, with their positions.
    sorted: &'a [(i64, usize)],
    /// What the amounts from here on add up to.
    rest: Vec<i64>,
    steps: u32,
    taken: Vec<usize>,
    found: Search,
}

/// Sets of at least two of the `amounts` (positive) that add up to `target`, looked for until a
/// second one is found, everything was tried, or [`STEPS_MAX`] steps were made.
pub fn search(amounts: &[i64], target: i64) -> Search {
    if amounts.len() > DOCUMENTS_MAX || amounts.iter().any(|it| *it <= 0) {
        return Search::default();
    }
    let mut sorted: Vec<(i64, usize)> = amounts.iter().copied().zip(0..).collect();
    sorted.retain(|(amount, _)| *amount < target);
    sorted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut rest = vec![0_i64; sorted.len() + 1];
    for at in (0..sorted.len()).rev() {
        rest[at] = rest[at + 1].saturating_add(sorted[at].0);
    }
    let mut walk = Walk {
        sorted: &sorted,
        rest,
        steps: 0,
        taken: Vec::new(),
        found: Search {
            complete: true,
            ..Search::default()
        },
    };
    walk.go(0, target);
    if let Some(first) = &mut walk.found.first {
        first.sort_unstable();
    }
    walk.found
}

impl Walk<'_> {
    /// Tries all sets out of the amounts from `at` on that add up to `left`.
    fn go(&mut self, at: usize, left: i64) {
        if left == 0 {
            self.keep();
            return;
        }
        // What is larger than what is left is passed over at once.
        let at = at + self.sorted[at..].partition_point(|(amount, _)| *amount > left);
        for next in at..self.sorted.len() {
            if self.rest[next] < left || self.found.several {
                return;
            }
            self.steps += 1;
            if self.steps > STEPS_MAX {
                self.found.complete = false;
                return;
            }
            let (amount, position) = self.sorted[next];
            self.taken.push(position);
            self.go(next + 1, left - amount);
            self.taken.pop();
            if !self.found.complete {
                return;
            }
        }
    }

    fn keep(&mut self) {
        if self.found.first.is_none() {
            self.found.first = Some(self.taken.clone());
        } else {
            self.found.several = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_several_none_and_too_much() {
        type Case = (&'static [i64], i64, Option<&'static [usize]>, bool);
        let cases: [Case; 6] = [
            (&[500, 300, 200], 700, Some(&[0, 2]), false),
            (&[500, 300, 200, 500], 1_500, Some(&[0, 1, 2, 3]), false),
            (&[500, 300, 200, 500], 700, Some(&[0, 2]), true),
            (&[500, 300, 200], 900, None, false),
            (&[700, 1], 700, None, false),
            (&[], 5, None, false),
        ];
        for (amounts, target, wanted, several) in cases {
            let found = search(amounts, target);
            if !several {
                assert_eq!(found.first.as_deref(), wanted, "{amounts:?} {target}");
            }
            assert_eq!(found.several, several, "{amounts:?} {target}");
            assert!(found.complete);
        }
        assert!(!search(&[1; 41], 41).complete);
    }

    #[test]
    fn a_search_that_would_explode_stops_and_says_so() {
        // Even amounts never add up to an odd one, and no bound sees it.
        let amounts: Vec<i64> = (0..40).map(|it| 1_000_000 + 2 * it * it).collect();
        let found = search(&amounts, 20_000_001);
        assert_eq!((found.first, found.complete), (None, false));
    }

    proptest! {
        /// Against trying every set.
        #[test]
        fn finds_what_trying_all_finds(
            amounts in prop::collection::vec(1_i64..60, 0..11), target in 2_i64..200,
        ) {
            let all = 1_usize << amounts.len();
            let sets = (0..all).filter(|set| set.count_ones() >= 2).filter(|set| {
                let taken = amounts.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
                taken.map(|(_, it)| it).sum::<i64>() == target
            }).count();
            let found = search(&amounts, target);
            prop_assert!(found.complete);
            prop_assert_eq!(found.first.is_some(), sets > 0);
            prop_assert_eq!(found.several, sets > 1);
            if let Some(first) = found.first {
                prop_assert_eq!(first.iter().map(|at| amounts[*at]).sum::<i64>(), target);
            }
        }
    }
}
