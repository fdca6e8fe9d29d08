//! The two things the engine takes from outside besides data: the time and fresh ids.
//!
//! Everything else receives them as parameters, so a test or a scenario can move the clock through
//! months and get the same ids from the same seed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use domain::ids::uuid_v7;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The instant it is.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the clock"
        )]
        Timestamp::now()
    }
}

/// A clock that stands where it is put.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `at`, to the microsecond.
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.as_microsecond()))
    }

    /// Moves it, forward or back.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_microsecond(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MIN)
    }
}

/// The machine's clock, set to another instant when it was made; it goes on from there.
#[derive(Clone, Copy, Debug)]
pub struct ShiftedClock {
    ahead: SignedDuration,
}

impl ShiftedClock {
    /// A clock that shows `at` now.
    pub fn starting(at: Timestamp) -> Self {
        let ahead = at.duration_since(SystemClock.now());
        Self { ahead }
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> Timestamp {
        let real = SystemClock.now();
        real.checked_add(self.ahead).unwrap_or(real)
    }
}

/// A clock that several hold.
impl<C: Clock> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        C::now(self)
    }
}

/// Where random bits come from.
pub trait Randomness: Send + Sync {
    /// Ten random bytes, the random part of a UUIDv7.
    fn ten_bytes(&self) -> [u8; 10];

    /// Thirty-two random bytes, for what must not be guessed.
    fn secret(&self) -> [u8; 32];
}

/// The machine's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn ten_bytes(&self) -> [u8; 10] {
        filled()
    }

    fn secret(&self) -> [u8; 32] {
        filled()
    }
}

fn filled<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(
        clippy::expect_used,
        reason = "without randomness neither an id nor a secret is safe to make"
    )]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Random bits that follow from a seed (SplitMix64), for scenarios and tests.
#[derive(Debug)]
pub struct SeededRandomness(Mutex<u64>);

impl SeededRandomness {
    /// Starts from a seed.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Randomness for SeededRandomness {
    fn ten_bytes(&self) -> [u8; 10] {
        let mut state = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let (a, b) = (
            Self::next(&mut state).to_be_bytes(),
            Self::next(&mut state).to_be_bytes(),
        );
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&a);
        bytes[8..].copy_from_slice(&b[..2]);
        bytes
    }

    fn secret(&self) -> [u8; 32] {
        let mut state = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut bytes = [0; 32];
        for part in bytes.chunks_exact_mut(8) {
            part.copy_from_slice(&Self::next(&mut state).to_be_bytes());
        }
        bytes
    }
}

/// The clock and the randomness of a process, together.
pub struct Effects {
    clock: Box<dyn Clock>,
    randomness: Box<dyn Randomness>,
    /// Milliseconds and counter of the last id, so that ids of one process rise strictly.
    last: Mutex<(u64, u16)>,
}

impl Effects {
    /// Effects from their parts.
    pub fn new(clock: Box<dyn Clock>, randomness: Box<dyn Randomness>) -> Self {
        Self {
            clock,
            randomness,
            last: Mutex::new((0, 0)),
        }
    }

    /// The machine's clock and randomness.
    pub fn system() -> Self {
        Self::new(Box::new(SystemClock), Box::new(SystemRandomness))
    }

    /// The instant it is.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Thirty-two fresh bytes that cannot be guessed.
    pub fn secret(&self) -> [u8; 32] {
        self.randomness.secret()
    }

    /// A fresh UUIDv7. Within a millisecond the twelve bits behind the version count up (RFC 9562
    /// §6.2, method 1), so that ids sort in the order they were made.
    pub fn uuid(&self) -> Uuid {
        let now = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        let mut random = self.randomness.ten_bytes();
        let mut last = self
            .last
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let (milliseconds, counter) = match *last {
            (before, counter) if now <= before && counter < 0x0fff => (before, counter + 1),
            (before, _) if now <= before => (before + 1, 0),
            _ => (now, 0),
        };
        *last = (milliseconds, counter);
        [random[0], random[1]] = counter.to_be_bytes();
        uuid_v7(milliseconds, random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_even_when_the_clock_goes_back() {
        let effects = Effects::new(
            Box::new(FixedClock::new(
                Timestamp::from_second(1_700_000_000).expect("in range"),
            )),
            Box::new(SeededRandomness::new(7)),
        );
        let ids: Vec<Uuid> = (0..10_000).map(|_| effects.uuid()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
