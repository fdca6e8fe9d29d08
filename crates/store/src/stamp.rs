//! Who changes something, when, and where new ids come from.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

/// The source of new ids. The application passes real UUIDv7s, tests a seeded counter.
#[derive(Clone)]
pub struct Ids(Arc<Mutex<dyn FnMut() -> Uuid + Send>>);

impl Ids {
    /// A source that draws from `next`.
    pub fn new(next: impl FnMut() -> Uuid + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(next)))
    }

    /// A new id.
    pub fn draw(&self) -> Uuid {
        (self.0.lock().unwrap_or_else(PoisonError::into_inner))()
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

/// Who changes something and when: written beside every fact.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// The person or the part of the program.
    pub author: String,
    /// The instant of recording.
    pub at: Timestamp,
    /// Where ids of new rows come from.
    pub ids: Ids,
}
