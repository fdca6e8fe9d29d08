//! Scales and round ticks, in whole numbers.

/// A scale from values to coordinates; `from` may lie behind `to`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: i64,
    high: i64,
    from: i64,
    to: i64,
}

impl Scale {
    /// Values from `low` to `high` on coordinates from `from` to `to`.
    pub(super) const fn new((low, high): (i64, i64), (from, to): (i64, i64)) -> Self {
        Self {
            low,
            high,
            from,
            to,
        }
    }

    /// Where a value lies; beyond the ends, at the end.
    pub(super) fn at(self, value: i64) -> i64 {
        let span = i128::from(self.high) - i128::from(self.low);
        if span <= 0 {
            return self.from;
        }
        let value = i128::from(value.clamp(self.low, self.high)) - i128::from(self.low);
        let room = i128::from(self.to) - i128::from(self.from);
        let moved = (value * room + span.signum() * room.signum() * span / 2) / span;
        self.from + i64::try_from(moved).unwrap_or(0)
    }
}

/// Round values from at most `low` to at least `high`, some `most` of them at most, one of them
/// zero where zero lies between. Steps are 1, 2 or 5 times a power of ten.
pub(super) fn ticks(low: i64, high: i64, most: i64) -> Vec<i64> {
    let (low, high) = (i128::from(low.min(high)), i128::from(high.max(low)));
    let most = i128::from(most.max(2));
    let mut step: i128 = 1;
    'found: for power in 0..20_u32 {
        for times in [1, 2, 5] {
            step = times * 10_i128.pow(power);
            let (first, last) = (low.div_euclid(step), -(-high).div_euclid(step));
            if last - first < most {
                break 'found;
            }
        }
    }
    let (first, last) = (low.div_euclid(step), -(-high).div_euclid(step));
    let last = if last == first { first + 1 } else { last };
    let all = (first..=last).map(|n| i64::try_from(n * step).unwrap_or(i64::MAX));
    all.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_are_round() {
        for (low, high, expected) in [
            (0, 0, vec![0, 1]),
            (0, 1, vec![0, 1]),
            (0, 7, vec![0, 2, 4, 6, 8]),
            (0, 23, vec![0, 5, 10, 15, 20, 25]),
            (0, 100_000, vec![0, 20_000, 40_000, 60_000, 80_000, 100_000]),
            (-3, 9, vec![-5, 0, 5, 10]),
        ] {
            assert_eq!(ticks(low, high, 6), expected, "{low}..{high}");
        }
    }

    proptest! {
        #[test]
        fn ticks_enclose_the_values(low in any::<i32>(), span in 0_i64..4_000_000_000_000) {
            let low = i64::from(low);
            let ticks = ticks(low, low + span, 6);
            prop_assert!(ticks.len() >= 2 && ticks.len() <= 7);
            prop_assert!(ticks[0] <= low && ticks[ticks.len() - 1] >= low + span);
        }

        #[test]
        fn a_scale_stays_within_its_ends(
            low in -1_000_i64..0, high in 1_i64..1_000_000_000_000_000, value in any::<i64>(),
            ends in prop_oneof![Just((0_i64, 1_000_i64)), Just((1_700, 200))],
        ) {
            let scale = Scale::new((low, high), ends);
            let at = scale.at(value);
            prop_assert!(at >= ends.0.min(ends.1) && at <= ends.0.max(ends.1));
            prop_assert_eq!(scale.at(low), ends.0);
            prop_assert_eq!(scale.at(high), ends.1);
        }
    }
}
