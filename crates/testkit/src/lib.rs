//! What tests stand on: databases of their own, an engine with a clock that is set by hand, and
//! scenarios a bookkeeper can read.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on panics with what it waited for"
)]

mod ground;
mod letter;
pub mod scenario;
pub mod world;

pub use ground::{Ground, Kind, live};
pub use letter::Letter;
pub use world::World;
