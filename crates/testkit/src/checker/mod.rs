//! A second reading of the law, written apart from the program: it looks at what was exported and
//! at the planted truth, and says what should not have happened.
//!
//! It shares no code with the engine and reads no pack. The statutes stand in [`statutes`] as plain
//! tables, copied by hand from the reference on contact rules (its sections 3 and 4, and "Verdict
//! rules" where a text leaves room); holidays are dates, written down for the months that are
//! simulated; clocks are `jiff`'s. What comes in is JSON: the lines of `puntual export contacts`,
//! and a line of truth for each customer.
//!
//! A checker that cannot fail proves nothing: [`spoil`] changes lines so that each rule is broken,
//! and tests hold that each change is found.

mod book;
mod calendar;
mod report;
pub mod spoil;
mod statutes;
mod truth;
mod walk;

pub use book::{Book, Made};
pub use report::table;
pub use truth::Truth;
pub use walk::{Attempt, Court, Fault, Reading, read};
