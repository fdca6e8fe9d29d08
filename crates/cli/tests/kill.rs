//! `kill -9` in the middle of the work, cut connections, processes side by side and a moved clock:
//! what was under way is finished by running the command once more, and the auditor finds nothing.
//!
//! The small form of `cargo xtask torture`, with the same rounds: the instants come from a seed and
//! are spread over the time the command takes undisturbed.

use testkit::torture::portfolio::Size;
use testkit::torture::{self, Round, Scenario, SmallDisk, Stages};

const BINARY: &str = env!("CARGO_BIN_EXE_puntual");
const SIZE: Size = Size {
    customers: 300,
    invoices: 900,
};
const SEED: u64 = 11;

/// Rounds of a scenario; at least `hits_min` must find the command still at work for the test to
/// prove anything.
fn clean(server: Option<&str>, scenario: Scenario, rounds: u32, hits_min: usize) {
    if scenario == Scenario::KillMail && !torture::has_mail_server() {
        let required = std::env::var("PUNTUAL_REQUIRE_ALL").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "aiosmtpd is missing: apt-get install python3-aiosmtpd"
        );
        eprintln!("skipped: no mail server to test with (apt-get install python3-aiosmtpd)");
        return;
    }
    let stages = Stages::new(BINARY, server, SIZE, 7).expect("an undisturbed day is clean");
    let done = torture::rounds(&stages, scenario, (rounds, 1, SEED), &|_: &Round| ());
    for round in &done {
        assert_eq!(round.findings, [""; 0], "{}", round.line());
    }
    assert_eq!(done.len(), rounds as usize);
    let hits = done.iter().filter(|round| round.hit).count();
    assert!(
        hits >= hits_min,
        "only {hits} blows of {rounds} came in time"
    );
}

macro_rules! tortured {
    ($($name:ident: $scenario:ident, $rounds:literal rounds, $hits:literal hits;)*) => {$(
        mod $name {
            use super::*;

            #[test]
            fn on_sqlite() {
                clean(None, Scenario::$scenario, $rounds, $hits);
            }

            #[test]
            fn on_postgres() {
                if let Some(server) = testkit::program::server() {
                    clean(Some(&server), Scenario::$scenario, $rounds, $hits);
                }
            }
        }
    )*};
}

tortured! {
    an_import_killed_anywhere_ends_like_one_nobody_disturbed: KillImport, 6 rounds, 2 hits;
    a_run_killed_anywhere_ends_like_one_nobody_disturbed: KillRun, 6 rounds, 2 hits;
    a_dispatch_killed_anywhere_sends_each_message_once: KillDispatch, 6 rounds, 2 hits;
    what_a_mail_server_may_have_taken_is_never_sent_again: KillMail, 3 rounds, 1 hits;
    a_clock_moved_back_and_forth_sends_nothing_twice: MovedClock, 3 rounds, 1 hits;
}

#[test]
fn connections_cut_by_the_server_end_a_command_clearly() {
    if let Some(server) = testkit::program::server() {
        clean(Some(&server), Scenario::CutConnections, 6, 2);
    }
}

fn together(scenario: Scenario) {
    let Some(server) = testkit::program::server() else {
        return;
    };
    let stages = Stages::new(BINARY, Some(&server), SIZE, 7).expect("an undisturbed day is clean");
    for round in torture::rounds(&stages, scenario, (3, 1, SEED), &|_: &Round| ()) {
        assert_eq!(round.findings, [""; 0], "{}", round.line());
    }
}

#[test]
fn two_processes_share_the_work_and_one_may_be_killed() {
    together(Scenario::TwoTogether);
}

#[test]
fn four_processes_share_the_work_and_one_may_be_killed() {
    together(Scenario::FourTogether);
}

/// On a server of its own, on a small disk if one is given.
fn on_own_server(scenario: Scenario, disk: Option<SmallDisk>) {
    if testkit::program::server().is_none() {
        return;
    }
    let stages = Stages::on_own_server(BINARY, disk, SIZE, 7).expect("a server of its own");
    for round in torture::rounds(&stages, scenario, (3, 1, SEED), &|_: &Round| ()) {
        assert_eq!(round.findings, [""; 0], "{}", round.line());
    }
}

#[test]
fn a_server_stopped_in_the_middle_loses_nothing() {
    on_own_server(Scenario::StopServer, None);
}

/// `None`, with a line that says why, where only root may mount one.
fn small_disk() -> Option<SmallDisk> {
    let disk = SmallDisk::for_server();
    disk.inspect_err(|error| eprintln!("skipped: {error}")).ok()
}

#[test]
fn a_full_disk_of_the_server_is_said_and_survived() {
    if let Some(disk) = small_disk() {
        on_own_server(Scenario::FullServerDisk, Some(disk));
    }
}

#[test]
fn a_full_disk_is_said_and_survived() {
    if small_disk().is_some() {
        clean(None, Scenario::FullDisk, 3, 1);
    }
}
