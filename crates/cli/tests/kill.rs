//! `kill -9` in the middle of the work: what was under way is finished by running the command once
//! more, and the outcome is that of a run nobody disturbed.
//!
//! The instants come from a seed and are spread over the time the command takes undisturbed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::civil::date;
use serde_json::{Value, json};
use testkit::portfolio::Portfolio;
use testkit::program::Program;

/// Kills of each command on each database.
const KILLS: u32 = 10;
/// Kills that must find the command still at work for the test to prove anything.
const ALIVE_MIN: u32 = 3;

const IMPORT: [&str; 8] = [
    "import",
    "customers.csv",
    "invoices.csv",
    "prior_payments.csv",
    "balances.csv",
    "bad.csv",
    "--now",
    "2026-10-31T12:00:00Z",
];
const RUN: [&str; 3] = ["run", "--as-of", "2026-10-31"];
/// Claims of the first are stale for the last only.
const MORNING: [&str; 5] = [
    "dispatch",
    "--outbox",
    "outbox",
    "--now",
    "2026-11-02T10:00:00Z",
];
const LATER: [&str; 5] = [
    "dispatch",
    "--outbox",
    "outbox",
    "--now",
    "2026-11-02T10:30:00Z",
];
const NOON: [&str; 5] = [
    "dispatch",
    "--outbox",
    "outbox",
    "--now",
    "2026-11-02T12:00:00Z",
];

/// Instants in thousandths of the duration, one in each tenth, the same on every machine.
fn instants(seed: u64) -> impl Iterator<Item = u32> {
    let mut state = seed;
    (0..KILLS).map(move |tenth| {
        // The constants of Knuth's MMIX generator.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let chance = u32::try_from(state >> 40).expect("24 bits") % 100;
        (tenth * 1_000 + chance * 10) / KILLS
    })
}

/// Puts the files to import into the program's folder.
fn put_files(puntual: &Program) {
    let portfolio = Portfolio::generate(7, 300, 900, date(2026, 10, 31));
    portfolio
        .write(puntual.folder())
        .expect("the disk has room");
    let mut balances = String::from("invoice_no,customer_id,issue_date,due_date,amount,balance\n");
    for (place, customer) in portfolio.customers.iter().enumerate().take(60) {
        let (amount, balance) = (1_000 + place, if place % 3 == 0 { 0 } else { 100 + place });
        balances.push_str(&format!(
            "S{place:04},{},2026-08-01,2026-08-31,{amount}.00,{balance}.00\n",
            customer.key
        ));
    }
    puntual.file("balances.csv", &balances);
    let mut bad = String::from("invoice_no,customer_id,issue_date,due_date,amount\n");
    for place in 1..=20 {
        bad.push_str(&format!(
            "X{place:03},C000001,2026-09-{:02},2026-10-01,n/a\n",
            place + 12
        ));
    }
    puntual.file("bad.csv", &bad);
}

fn imported(puntual: &Program) {
    put_files(puntual);
    puntual.run(&IMPORT).exits(3);
}

/// How long a command takes when nobody disturbs it.
fn timed(puntual: &Program, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    assert!(puntual.run(arguments).code.is_some());
    start.elapsed()
}

/// Starts a command and kills it after a part of its time; whether it was still at work.
fn killed(puntual: &Program, arguments: &[&str], takes: Duration, thousandths: u32) -> bool {
    let mut child = puntual.start(arguments);
    sleep(takes * thousandths / 1_000);
    let alive = child.try_wait().expect("a child has a state").is_none();
    child.kill().expect("one's own child may be killed");
    child.wait().expect("it ends");
    alive
}

/// What an import leaves, without the ids that differ from one database to another.
fn ledger(puntual: &Program) -> BTreeMap<String, Vec<String>> {
    let mut ledger = BTreeMap::new();
    let mut keep = |what: &str, rows: Vec<Value>| {
        let mut rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        rows.sort_unstable();
        ledger.insert(what.to_owned(), rows);
    };
    for what in ["customers", "documents"] {
        keep(what, puntual.export(what));
    }
    let ageing = puntual.json(&["report", "ageing", "--as-of", "2026-10-31"]);
    keep("ageing", ageing["rows"].as_array().expect("rows").clone());
    keep("totals", vec![ageing["currencies"].clone()]);
    let waiting = puntual.json(&["quarantine", "list"]);
    let waiting = waiting.as_array().expect("a list").iter();
    let waiting = waiting.map(|row| json!([row["file"], row["row"], row["field"], row["reason"]]));
    keep("quarantine", waiting.collect());
    ledger
}

/// Contacts without their ids.
fn contacts(puntual: &Program) -> Vec<String> {
    let contacts = puntual.export("contacts").into_iter().map(|contact| {
        let said = [
            "customer",
            "kind",
            "step",
            "cycle",
            "channel",
            "planned_at",
            "totals",
        ];
        json!(said.map(|name| &contact[name])).to_string()
    });
    let mut contacts: Vec<String> = contacts.collect();
    contacts.sort_unstable();
    contacts
}

/// The first decision of each customer.
fn decisions(puntual: &Program) -> BTreeMap<String, (Value, Value)> {
    let mut decisions = BTreeMap::new();
    for line in puntual.export("decisions") {
        let key = line["customer"].as_str().expect("a customer").to_owned();
        let decided = (line["outcome"].clone(), line["reason"].clone());
        decisions.entry(key).or_insert(decided);
    }
    decisions
}

fn messages_in(outbox: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(outbox).expect("an outbox");
    let names = files.map(|file| file.expect("a file").file_name().into_string());
    names
        .filter_map(|name| {
            name.expect("a name")
                .strip_suffix(".eml")
                .map(str::to_owned)
        })
        .collect()
}

/// Every contact was sent, once: one file and one kept message each, nothing unknown, no task.
fn all_sent_once(puntual: &Program, planned: &[String], when: &str) {
    let contacts = puntual.export("contacts");
    assert_eq!(contacts.len(), planned.len(), "{when}");
    let states: BTreeSet<String> = contacts
        .iter()
        .map(|contact| contact["state"].to_string())
        .collect();
    assert_eq!(states, BTreeSet::from(["\"sent\"".to_owned()]), "{when}");
    let ids: BTreeSet<String> = contacts
        .iter()
        .map(|contact| contact["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(messages_in(&puntual.folder().join("outbox")), ids, "{when}");
    let threads = puntual.export("threads");
    let told: BTreeSet<String> = threads
        .iter()
        .map(|message| message["contact"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(told, ids, "{when}");
    assert_eq!(threads.len(), ids.len(), "{when}: kept once");
    assert_eq!(puntual.json(&["tasks"]), json!([]), "{when}");
}

testkit::both_programs! {
    fn an_import_killed_anywhere_ends_like_one_nobody_disturbed(puntual: &Program) {
        put_files(puntual);
        let empty = puntual.copy();
        let takes = timed(puntual, &IMPORT);
        let expected = ledger(puntual);
        assert_eq!(expected["quarantine"].len(), 20);
        let again = puntual.run(&IMPORT).exits(3).json();
        let mut alive = 0;
        for thousandths in instants(1) {
            let puntual = empty.copy();
            put_files(&puntual);
            alive += u32::from(killed(&puntual, &IMPORT, takes, thousandths));
            puntual.run(&IMPORT).exits(3);
            let when = format!("killed at {thousandths} ‰ of {takes:?}");
            let ledger = ledger(&puntual);
            for (what, rows) in &expected {
                assert_eq!(ledger[what].len(), rows.len(), "{what}, {when}");
                let different = rows.iter().zip(&ledger[what]).find(|(a, b)| a != b);
                assert_eq!(different, None, "{what}, {when}");
            }
            // Holds and applications are in no export: a further import counts what is there.
            let counted = puntual.run(&IMPORT).exits(3).json();
            assert_eq!(counted["by_entity"], again["by_entity"], "{when}");
        }
        assert!(alive >= ALIVE_MIN, "only {alive} kills came in time");
    }

    fn a_run_killed_anywhere_ends_like_one_nobody_disturbed(puntual: &Program) {
        imported(puntual);
        let fresh = puntual.copy();
        let takes = timed(puntual, &RUN);
        let (planned, decided) = (contacts(puntual), decisions(puntual));
        assert!(planned.len() > 150, "{}", planned.len());
        assert_eq!(decided.len(), 300);
        let mut alive = 0;
        for thousandths in instants(2) {
            let puntual = fresh.copy();
            alive += u32::from(killed(&puntual, &RUN, takes, thousandths));
            puntual.run(&RUN).exits(0);
            let when = format!("killed at {thousandths} ‰ of {takes:?}");
            assert_eq!(contacts(&puntual), planned, "{when}");
            assert_eq!(decisions(&puntual), decided, "{when}");
        }
        assert!(alive >= ALIVE_MIN, "only {alive} kills came in time");
    }

    fn a_dispatch_killed_anywhere_sends_each_message_once_and_loses_none(puntual: &Program) {
        imported(puntual);
        puntual.run(&RUN).exits(0);
        let ready = puntual.copy();
        let planned = contacts(puntual);
        let takes = timed(puntual, &MORNING);
        all_sent_once(puntual, &planned, "undisturbed");
        let mut alive = 0;
        for thousandths in instants(3) {
            let puntual = ready.copy();
            alive += u32::from(killed(&puntual, &MORNING, takes, thousandths));
            let when = format!("killed at {thousandths} ‰ of {takes:?}");
            // A claim that is not stale may still be at work somewhere: it is left alone.
            puntual.run(&LATER).exits(0);
            let settled = puntual.run(&NOON).exits(0).json();
            assert_eq!(settled["unknown"], 0, "{when}");
            assert_eq!(settled["suppressed"], json!({}), "{when}");
            all_sent_once(&puntual, &planned, &when);
        }
        assert!(alive >= ALIVE_MIN, "only {alive} kills came in time");
    }
}

#[test]
fn two_dispatches_on_one_postgres_share_the_work_and_one_may_be_killed() {
    let Some(puntual) = Program::on_postgres(env!("CARGO_BIN_EXE_puntual")) else {
        return;
    };
    imported(&puntual);
    puntual.run(&RUN).exits(0);
    let ready = puntual.copy();
    let planned = contacts(&puntual);
    let takes = timed(&puntual, &MORNING);
    for thousandths in [150, 400, 650] {
        let puntual = ready.copy();
        let mut other = puntual.start(&MORNING);
        killed(&puntual, &MORNING, takes, thousandths);
        let ended = other.wait().expect("it ends");
        assert!(ended.success(), "the other one is not disturbed");
        puntual.run(&NOON).exits(0);
        all_sent_once(
            &puntual,
            &planned,
            &format!("killed at {thousandths} ‰ of {takes:?}"),
        );
    }
}
