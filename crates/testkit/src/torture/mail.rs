//! `kill -9` of a dispatch to a mail server, by the machine's clock: what may have left is never
//! sent again, what certainly did not leave is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use super::portfolio::{self, FILES, Size};
use super::stage::{Phase, Stages, kill, must_exit};
use super::{Chance, Outcome, timed};
use crate::auditor::{self, Evidence};
use crate::program::Program;

/// Debian's, where its package of the mail server is found.
const PYTHON: &str = "/usr/bin/python3";
/// The mail server of the trials of the mail channel.
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../connect/tests/data/smtp_server.py"
);
const POLICY: &str = include_str!("../../../../packs/policies/b2b-estandar.toml");

/// Enough for a second of talking.
const SIZE: Size = Size {
    customers: 160,
    invoices: 320,
};
/// As many messages as the program has under way at once.
const UNKNOWN_MAX: usize = 10;
/// After this long a claim belongs to a process that died.
const CLAIMS_EXPIRE: SignedDuration = SignedDuration::from_mins(61);

/// A day's plans for the mail server, by the machine's clock.
#[derive(Debug)]
pub struct MailDay {
    planned: Program,
    takes: std::time::Duration,
}

/// A mail server on this machine; it ends when dropped.
struct Server {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(PYTHON);
        command.arg(SCRIPT).arg("normal").arg(folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the mail server starts");
        let out = process.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("its port");
        let port = line
            .trim()
            .strip_prefix("PORT ")
            .and_then(|port| port.parse().ok());
        Self {
            process,
            port: port.expect("a port"),
            folder,
        }
    }

    /// How often it took the message of each contact.
    fn taken(&self) -> BTreeMap<String, usize> {
        let mut taken = BTreeMap::new();
        let files = (1..).map(|number| self.folder.path().join(format!("{number}.json")));
        for text in files.map_while(|path| fs::read(path).ok()) {
            let seen: Value = serde_json::from_slice(&text).unwrap_or_default();
            let headers = seen["headers"].as_array().into_iter().flatten();
            let mut ids = headers.filter(|pair| pair[0] == "Message-ID");
            let id = ids
                .next()
                .and_then(|pair| pair[1].as_str())
                .unwrap_or_default();
            let contact = id
                .trim_start_matches('<')
                .split('@')
                .next()
                .unwrap_or_default();
            *taken.entry(contact.replace('-', "")).or_default() += 1;
        }
        taken
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ignored = self.process.kill();
        let _ignored = self.process.wait();
    }
}

/// Whether there is a mail server to send to.
pub fn is_installed() -> bool {
    let mut probe = Command::new(PYTHON);
    probe.args(["-c", "import aiosmtpd"]).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}

#[expect(
    clippy::disallowed_methods,
    reason = "messages leave for a server only by the machine's clock"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// The day it is in central Mexico.
fn today() -> Date {
    let zone = domain::calendar::zone("America/Mexico_City").expect("a zone");
    zone.to_datetime(now()).date()
}

impl MailDay {
    /// Imports and plans on an empty database, and sends once to see how long it takes.
    pub fn new(empty: &Program) -> Self {
        let program = empty.copy();
        portfolio::write_for(program.folder(), 5, SIZE, today());
        program.run(&["import", FILES[0], FILES[1]]).exits(0);
        let lines = POLICY.lines().filter(|line| !line.starts_with("hours ="));
        let policy: Vec<&str> = lines.collect();
        program.file("politica.toml", &(policy.join("\n") + "\n"));
        program.run(&["policy", "use", "politica.toml"]).exits(0);
        let sender = [
            "sender.name=Cobranza",
            "sender.address=cobranza@uno.example",
        ];
        let set = [
            "company",
            "set",
            sender[0],
            sender[1],
            "sends_per_minute=60000",
        ];
        program.run(&set).exits(0);
        program.run(&["run"]).exits(0);
        let planned = program.copy();
        let server = Server::start();
        configure(&program, server.port);
        let (answer, takes) = timed(|| program.run(&["dispatch"]));
        answer.exits(0);
        let contacts = auditor::states(&program.url());
        assert!(contacts.len() > SIZE.customers / 3, "{contacts:?}");
        Self { planned, takes }
    }
}

fn configure(program: &Program, port: u16) {
    let server = format!("[smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n");
    program.file("puntual.toml", &(server + "timeout_seconds = 5\n"));
}

/// Kills a dispatch; then again, and once more after its claims have expired.
pub fn dispatch(stages: &Stages, chance: &Chance) -> Outcome {
    let day = stages.mail_day();
    let program = day.planned.copy();
    portfolio::write_for(program.folder(), 5, SIZE, today());
    let server = Server::start();
    configure(&program, server.port);
    let after = day.takes * chance.thousandths / 1_000;
    let blow = kill(&program, Phase::Dispatch, &["dispatch"], after);
    let mut findings = Vec::new();
    let ((), recovered_in) = timed(|| {
        findings.extend(must_exit(program.run(&["dispatch"]), 0));
        let expired = now()
            .saturating_add(CLAIMS_EXPIRE)
            .unwrap_or(Timestamp::MAX);
        let settle = ["dispatch", "--now", &expired.to_string()];
        findings.extend(must_exit(program.run(&settle), 0));
    });
    findings.extend(left_once(&program, &server.taken()));
    let folder = program.folder();
    let evidence = Evidence {
        url: program.url(),
        files: FILES[..2].iter().map(|file| folder.join(file)).collect(),
        outbox: Some(folder.join("outbox")),
        finished: true,
    };
    let audited = auditor::audit(&evidence);
    findings.extend(audited.iter().map(ToString::to_string));
    Outcome::new(program, blow, recovered_in, findings)
}

/// What the server took against what the ledger says left.
fn left_once(program: &Program, taken: &BTreeMap<String, usize>) -> Vec<String> {
    let mut findings = Vec::new();
    let states = auditor::states(&program.url());
    for (contact, count) in taken.iter().filter(|(_, count)| **count > 1) {
        findings.push(format!(
            "sent-twice: {contact}: the server took it {count} times"
        ));
    }
    for (contact, state) in &states {
        let was_taken = taken.contains_key(contact);
        let agrees = match state.as_str() {
            "sent" => was_taken,
            "unknown" => true,
            _ => false,
        };
        if !agrees {
            findings.push(format!(
                "mail: {contact}: {state}; taken by the server: {was_taken}"
            ));
        }
    }
    for contact in taken.keys().filter(|it| !states.contains_key(*it)) {
        findings.push(format!(
            "mail: {contact}: taken by the server, and of no contact"
        ));
    }
    let unknown = states.values().filter(|state| *state == "unknown").count();
    if unknown > UNKNOWN_MAX {
        findings.push(format!("mail: {unknown} contacts of which nobody knows"));
    }
    findings
}
