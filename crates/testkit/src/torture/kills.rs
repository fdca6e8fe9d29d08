//! `kill -9` of one process.

use super::stage::{Phase, Stages, kill, settle};
use super::{Chance, Outcome};

fn killed(stages: &Stages, phase: Phase, chance: &Chance) -> Outcome {
    let program = stages.fresh(phase);
    let after = stages.delay(phase, chance.thousandths);
    let blow = kill(&program, phase, phase.command(), after);
    settle(program, phase, blow, Vec::new())
}

/// An import; then again.
pub fn import(stages: &Stages, chance: &Chance) -> Outcome {
    killed(stages, Phase::Import, chance)
}

/// A run; then again.
pub fn run(stages: &Stages, chance: &Chance) -> Outcome {
    killed(stages, Phase::Run, chance)
}

/// A dispatch to a folder; then again before its claims are stale, and after.
pub fn dispatch(stages: &Stages, chance: &Chance) -> Outcome {
    killed(stages, Phase::Dispatch, chance)
}
