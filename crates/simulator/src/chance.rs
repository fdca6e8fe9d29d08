//! All chance: integers drawn from (seed, customer, purpose, ordinal), never from call order.
//!
//! SplitMix64 (Steele, Lea and Flood, 2014) with integer arithmetic only, so that every machine
//! draws the same. A stream's first state is the finaliser applied to each coordinate in turn.

/// What a draw decides. Each has a stream of its own, so that a new draw moves no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Purpose {
    Behaviour = 1,
    Identity = 2,
    Addresses = 3,
    Span = 4,
    Documents = 5,
    Plan = 6,
    Deposit = 7,
    Hearing = 8,
    Reaction = 9,
    Words = 10,
    Contest = 11,
    Permutation = 12,
    Resolution = 13,
    Receipt = 14,
    Method = 15,
    Law = 16,
    Sayings = 17,
}

/// A stream of draws.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream of a purpose, for one customer and one document, message or day of its.
    pub fn of(seed: u64, customer: u32, purpose: Purpose, ordinal: u64) -> Self {
        let mut state = finish(seed);
        for coordinate in [u64::from(customer), purpose as u64, ordinal] {
            state = finish(state.rotate_left(17) ^ coordinate.wrapping_add(STEP));
        }
        Self(state)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        finish(self.0)
    }

    /// From 0 up to, without, `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        let scaled = (u128::from(self.next()) * u128::from(n)) >> 64;
        u64::try_from(scaled).unwrap_or(0)
    }

    /// From `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        first + i64::try_from(self.below(last.abs_diff(first) + 1)).unwrap_or(0)
    }

    /// True with that many chances in a thousand.
    pub fn permille(&mut self, permille: u16) -> bool {
        self.below(1000) < u64::from(permille)
    }

    /// One of a list that is not empty.
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.place(list.len())]
    }

    /// A place in a list of that length.
    pub fn place(&mut self, len: usize) -> usize {
        let len = u64::try_from(len).unwrap_or(0);
        usize::try_from(self.below(len)).unwrap_or(0)
    }

    /// A place in a list of weights, each as likely as its weight.
    pub fn weighted(&mut self, weights: &[u16]) -> usize {
        let total = weights.iter().copied().map(u64::from).sum();
        let mut left = self.below(total);
        for (place, weight) in weights.iter().copied().map(u64::from).enumerate() {
            if left < weight {
                return place;
            }
            left -= weight;
        }
        0
    }

    /// A value of the distribution with these quantiles, evenly spaced from the least to the
    /// greatest, straight lines between them.
    pub fn quantile(&mut self, quantiles: &[u32]) -> i64 {
        const FINE: u64 = 1 << 20;
        let gaps = u64::try_from(quantiles.len().saturating_sub(1)).unwrap_or(0);
        let at = self.below(gaps * FINE);
        let place = usize::try_from(at / FINE).unwrap_or(0);
        let (low, high) = match quantiles.get(place..place + 2) {
            Some(pair) => (i64::from(pair[0]), i64::from(pair[1])),
            None => return quantiles.first().copied().map_or(0, i64::from),
        };
        let within = i64::try_from(at % FINE).unwrap_or(0);
        low + (high - low) * within / (1 << 20)
    }
}

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

const fn finish(value: u64) -> u64 {
    let mixed = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A place for each index below the prime, no two the same: `(index × factor + offset) mod prime`.
pub(crate) fn permuted(seed: u64, index: u32, prime: u64) -> u64 {
    let mut chance = Chance::of(seed, 0, Purpose::Permutation, prime);
    let factor = 1 + chance.below(prime - 1);
    let offset = chance.below(prime);
    let place = (u128::from(index) * u128::from(factor) + u128::from(offset)) % u128::from(prime);
    u64::try_from(place).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn streams_differ_in_every_coordinate() {
        let mut firsts = BTreeSet::new();
        for seed in 0..4 {
            for customer in 0..20 {
                for purpose in [Purpose::Behaviour, Purpose::Plan, Purpose::Words] {
                    for ordinal in 0..20 {
                        let mut chance = Chance::of(seed, customer, purpose, ordinal);
                        firsts.insert(chance.below(u64::MAX));
                    }
                }
            }
        }
        assert_eq!(firsts.len(), 4 * 20 * 3 * 20);
    }

    #[test]
    fn rates_and_quantiles_are_what_they_say() {
        let (mut yes, mut low, mut sum) = (0, 0, 0);
        for ordinal in 0..20_000 {
            let mut chance = Chance::of(7, 0, Purpose::Plan, ordinal);
            yes += i32::from(chance.permille(300));
            let value = chance.quantile(&[0, 10, 1000]);
            assert!((0..1000).contains(&value));
            low += i32::from(value < 10);
            sum += chance.weighted(&[1, 2, 1]);
        }
        // Five standard deviations of a binomial count are below 360 here.
        assert!((5640..6360).contains(&yes), "{yes}");
        assert!((9640..10_360).contains(&low), "{low}");
        assert!((19_640..20_360).contains(&sum), "{sum}");
    }

    #[test]
    fn a_permutation_repeats_nothing() {
        let places: BTreeSet<u64> = (0..10_007)
            .map(|index| permuted(3, index, 10_007))
            .collect();
        assert_eq!(places.len(), 10_007);
    }
}
