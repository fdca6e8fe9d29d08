//! A clock that somebody moves: a day back, a day on, between commands and in their middle. Nobody
//! gets a second message for it, and nothing bursts.

use super::stage::{Phase, Stages, audited, dispatch, kill, must_exit};
use super::{Blow, Chance, Outcome, timed};

/// Ten in the morning in central Mexico, from the Sunday to the Thursday.
const DAYS: [&str; 5] = [
    "2026-11-01T16:00:00Z",
    "2026-11-02T16:00:00Z",
    "2026-11-03T16:00:00Z",
    "2026-11-04T16:00:00Z",
    "2026-11-05T16:00:00Z",
];
/// Night in all of Mexico, of the same days.
const NIGHTS: [&str; 2] = ["2026-11-03T06:30:00Z", "2026-11-04T07:00:00Z"];

/// A morning's dispatch is killed; then the clock wanders, and once it has settled days go on.
pub fn moved(stages: &Stages, chance: &mut Chance) -> Outcome {
    let program = stages.fresh(Phase::Dispatch);
    let after = stages.delay(Phase::Dispatch, chance.thousandths);
    let blow = kill(&program, Phase::Dispatch, &dispatch(DAYS[1]), after);
    let mut findings = Vec::new();
    let mut walked = Vec::new();
    let ((), recovered_in) = timed(|| {
        for _ in 0..4 {
            let now = match chance.numbers.below(5) {
                0 => chance.pick(&NIGHTS),
                _ => chance.pick(&DAYS[..3]),
            };
            if chance.numbers.below(2) == 0 {
                walked.push(format!("run {}", &now[8..13]));
                findings.extend(must_exit(program.run(&["run", "--now", now]), 0));
            }
            walked.push(format!("dispatch {}", &now[8..13]));
            findings.extend(must_exit(program.run(&dispatch(now)), 0));
        }
        for now in &DAYS[3..] {
            findings.extend(must_exit(program.run(&["run", "--now", now]), 0));
            findings.extend(must_exit(program.run(&dispatch(now)), 0));
        }
    });
    findings.extend(audited(&program, true));
    let blow = Blow {
        hit: blow.hit,
        left: format!("{}; {}", blow.left, walked.join(", ")),
    };
    Outcome::new(program, blow, recovered_in, findings)
}
