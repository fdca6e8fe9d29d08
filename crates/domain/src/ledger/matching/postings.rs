//! A list of numbers under each of many keys, built once and never changed.

/// Keys with their numbers, laid out by the key's upper bits: a look-up touches two places in
/// memory. Keys are digests: the upper bits find the place, the lower 32 tell neighbours apart.
#[derive(Clone, Debug)]
pub struct Postings {
    shift: u32,
    starts: Vec<u32>,
    entries: Vec<(u32, u32)>,
}

impl Postings {
    /// The list of those pairs; numbers under one key keep their order.
    pub fn new(pairs: &[(u64, u32)]) -> Self {
        let places = pairs.len().next_power_of_two().max(2);
        let shift = 64 - places.trailing_zeros();
        let place = |key: u64| usize::try_from(key >> shift).unwrap_or(0);
        let mut starts = vec![0_u32; places + 1];
        for (key, _) in pairs {
            starts[place(*key) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0); pairs.len()];
        for (key, number) in pairs {
            let at = &mut next[place(*key)];
            entries[*at as usize] = (low(*key), *number);
            *at += 1;
        }
        Self {
            shift,
            starts,
            entries,
        }
    }

    /// The numbers under a key.
    pub fn get(&self, key: u64) -> impl Iterator<Item = u32> + '_ {
        let place = usize::try_from(key >> self.shift).unwrap_or(0);
        let from = self.starts[place] as usize;
        let to = self.starts[place + 1] as usize;
        let wanted = low(key);
        self.entries[from..to]
            .iter()
            .filter(move |(found, _)| *found == wanted)
            .map(|(_, number)| *number)
    }
}

const fn low(key: u64) -> u32 {
    (key & 0xffff_ffff) as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_in_is_found_in_order(
            pairs in prop::collection::vec((0_u64..50, any::<u32>()), 0..200),
        ) {
            let spread = |key: u64| key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let kept: Vec<_> = pairs.iter().map(|(key, it)| (spread(*key), *it)).collect();
            let postings = Postings::new(&kept);
            for key in 0..51 {
                let wanted: Vec<u32> =
                    pairs.iter().filter(|(it, _)| *it == key).map(|(_, it)| *it).collect();
                prop_assert_eq!(postings.get(spread(key)).collect::<Vec<_>>(), wanted);
            }
        }
    }
}
