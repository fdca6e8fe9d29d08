//! The server fails, not the program: connections cut, and PostgreSQL stopped in the middle.

use std::process::{ExitStatus, Stdio};
use std::thread::sleep;

use super::stage::{Phase, Stages, all_left, left, settle, wait};
use super::{Blow, Chance, Outcome};
use crate::program::Program;

/// Ends every connection of the program's database.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Every so many rounds a stopped server stays away.
const STAYS_AWAY_EVERY: u32 = 5;

/// Starts a command, strikes a while after, and gives what is left and what it said.
pub fn struck(
    program: &Program,
    phase: Phase,
    after: std::time::Duration,
    strike: impl FnOnce(),
    mend: impl FnOnce(),
) -> (Blow, Vec<String>) {
    // Not in the program's folder, whose disk may be full.
    let said = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut command = program.command(phase.command());
    command
        .stdout(Stdio::null())
        .stderr(said.reopen().expect("it is there"));
    let mut child = command.spawn().expect("the program starts");
    sleep(after);
    let hit = child.try_wait().expect("a child has a state").is_none();
    strike();
    let ended = wait(&mut child);
    mend();
    let said = std::fs::read_to_string(said.path()).unwrap_or_default();
    let mut findings: Vec<String> = ends_clearly(phase, ended, &said).into_iter().collect();
    if phase == Phase::Dispatch && ended.is_some_and(|ended| ended.success()) {
        findings.extend(all_left(program).map(|it| format!("silent: ended well with {it}")));
    }
    let last = last_words(&said);
    let how = ended.map_or("hung".to_owned(), |ended| ended.to_string());
    let blow = Blow {
        hit,
        left: format!("{}, {}; {how}: {last}", phase.word(), left(program, phase)),
    };
    (blow, findings)
}

/// Its last line, or those of a panic.
fn last_words(said: &str) -> String {
    let mut lines = said.lines().skip_while(|line| !line.contains("panicked"));
    match (lines.next(), lines.next()) {
        (Some(place), Some(why)) => format!("{place} {why}"),
        _ => said.lines().last().unwrap_or_default().to_owned(),
    }
}

/// A command that cannot go on says so in a sentence and exits with 1; one that can ends well.
pub fn ends_clearly(phase: Phase, ended: Option<ExitStatus>, said: &str) -> Option<String> {
    let Some(ended) = ended else {
        return Some(format!("hang: {} did not end", phase.word()));
    };
    let last = last_words(said);
    let code = ended.code();
    let is_well = code == Some(phase.code());
    let is_clear = code == Some(1) && last.starts_with("puntual: ") && !said.contains("panicked");
    (!is_well && !is_clear).then(|| format!("exit: {} ended with {ended}: {last}", phase.word()))
}

/// The server ends its connections.
pub fn cut(stages: &Stages, chance: &Chance) -> Outcome {
    let phase = Phase::ALL[chance.number as usize % Phase::ALL.len()];
    let program = stages.fresh(phase);
    let after = stages.delay(phase, chance.thousandths);
    let strike = || program.tamper(CUT);
    let (blow, findings) = struck(&program, phase, after, strike, || ());
    settle(program, phase, blow, findings)
}

/// The server stops as in a crash and is started again.
pub fn stop(stages: &Stages, chance: &Chance) -> Outcome {
    let phase = Phase::ALL[chance.number as usize % Phase::ALL.len()];
    let cluster = stages.cluster.as_ref().expect("a server of its own");
    let program = stages.fresh(phase);
    let after = stages.delay(phase, chance.thousandths);
    // Mostly it is back at once, as after a crash; at times it stays away until the program gives
    // up, which takes as long as it waits for a connection.
    let stays_away = chance.number % STAYS_AWAY_EVERY == STAYS_AWAY_EVERY - 1;
    let back = || cluster.revive().expect("PostgreSQL starts again");
    let strike = || {
        cluster.crash().expect("PostgreSQL stops");
        if !stays_away {
            back();
        }
    };
    let mend = || {
        if stays_away {
            back();
        }
    };
    let (blow, findings) = struck(&program, phase, after, strike, mend);
    settle(program, phase, blow, findings)
}
