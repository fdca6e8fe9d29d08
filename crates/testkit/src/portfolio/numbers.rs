//! The random numbers of the portfolio.

/// SplitMix64.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub const fn of_stream(seed: u64, stream: u64) -> Self {
        Self(seed.wrapping_mul(1_000_003).wrapping_add(stream))
    }

    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, without, `n`.
    pub fn below(&mut self, n: i64) -> i64 {
        let scaled = (u128::from(self.next()) * u128::from(n.unsigned_abs())) >> 64;
        i64::try_from(scaled).expect("it is less than n")
    }

    /// From `first` to `last`, both included.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        first + self.below(last - first + 1)
    }

    /// A place in a list.
    pub fn place(&mut self, len: usize) -> usize {
        let len = i64::try_from(len).expect("lists are short");
        usize::try_from(self.below(len)).expect("it is less than the length")
    }

    /// The lower of two places, so that few customers have many documents.
    pub fn skewed(&mut self, len: usize) -> usize {
        let first = self.place(len);
        first.min(self.place(len))
    }

    pub fn net(&mut self) -> i64 {
        let (first, last) = match self.below(100) {
            0..50 => (2_000, 49_999),
            50..85 => (50_000, 499_999),
            85..98 => (500_000, 4_999_999),
            _ => (5_000_000, 25_000_000),
        };
        self.between(first, last)
    }
}
