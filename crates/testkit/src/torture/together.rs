//! Several processes on one server, one of which is killed: the others are not disturbed, and what
//! it left is done once.

use std::process::Child;
use std::thread::sleep;

use super::portfolio;
use super::stage::{Phase, Stages, audited, audited_with, end, go_on, left, must_exit, wait};
use super::{Blow, Chance, Outcome, timed};
use crate::program::Program;

/// So many side by side, all at the same command.
pub fn some(stages: &Stages, processes: usize, chance: &mut Chance) -> Outcome {
    let phase = Phase::ALL[chance.number as usize % Phase::ALL.len()];
    let victim = chance.numbers.place(processes);
    match phase {
        Phase::Import => imports(stages, processes, victim, chance),
        Phase::Run | Phase::Dispatch => {
            let program = stages.fresh(phase);
            let commands =
                vec![phase.command().iter().map(ToString::to_string).collect(); processes];
            let (blow, mut findings) =
                side_by_side(stages, &program, phase, &commands, victim, chance);
            let (more, recovered_in) = timed(|| go_on(&program, phase));
            findings.extend(more);
            findings.extend(audited(&program, true));
            Outcome::new(program, blow, recovered_in, findings)
        }
    }
}

/// Each imports a list of its own, of the same customers.
fn imports(stages: &Stages, processes: usize, victim: usize, chance: &Chance) -> Outcome {
    let program = stages.before(Phase::Import).copy();
    portfolio::write(program.folder(), stages.seed, stages.size, processes);
    let command = |file: &str| -> Vec<String> {
        ["import", file, "--now", "2026-10-31T12:00:00Z"]
            .map(str::to_owned)
            .to_vec()
    };
    let mut files = vec![portfolio::FILES[0].to_owned()];
    let mut findings: Vec<String> = Vec::new();
    findings.extend(must_exit(program.run(&command(&files[0])), 0));
    files.extend((1..=processes).map(|part| format!("invoices-{part}.csv")));
    let commands: Vec<_> = files[1..].iter().map(|file| command(file)).collect();
    let (blow, more) = side_by_side(stages, &program, Phase::Import, &commands, victim, chance);
    findings.extend(more);
    let (more, recovered_in) = timed(|| must_exit(program.run(&commands[victim]), 0));
    findings.extend(more);
    findings.extend(audited_with(&program, true, &files));
    Outcome::new(program, blow, recovered_in, findings)
}

fn side_by_side(
    stages: &Stages,
    program: &Program,
    phase: Phase,
    commands: &[Vec<String>],
    victim: usize,
    chance: &Chance,
) -> (Blow, Vec<String>) {
    let mut children: Vec<Child> = commands.iter().map(|it| program.start(it)).collect();
    let alone = stages.delay(phase, chance.thousandths);
    // Dispatches share their work, so that each has less of it.
    sleep(if phase == Phase::Dispatch {
        alone / 2
    } else {
        alone
    });
    let hit = end(&mut children[victim]);
    let left = format!("{}, {}", phase.word(), left(program, phase));
    let mut findings = Vec::new();
    for (place, child) in children.iter_mut().enumerate() {
        if place == victim {
            continue;
        }
        match wait(child) {
            Some(status) if status.success() => {}
            Some(status) => findings.push(format!("disturbed: another {} {status}", phase.word())),
            None => findings.push(format!("hang: another {} did not end", phase.word())),
        }
    }
    (Blow { hit, left }, findings)
}
