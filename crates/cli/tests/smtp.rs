//! `puntual dispatch` against a real mail server (aiosmtpd) on this machine: one message for each
//! contact, whatever the server does. On both databases, by the machine's clock.
//!
//! Without Debian's `python3-aiosmtpd` each test says that it was skipped; with
//! `PUNTUAL_REQUIRE_ALL=1`, as in CI, that is a failure.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::program::Program;

/// Debian's, where its package of the mail server is found.
const PYTHON: &str = "/usr/bin/python3";
/// The same server, with the same habits, as the trials of the mail channel.
const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../connect/tests/data/smtp_server.py"
);
const POLICY: &str = include_str!("../../../packs/policies/b2b-estandar.toml");
/// The step that is due after so many days.
const STEP: &str = "aviso-firme";
const DAYS_LATE: i64 = 22;
/// How long something that must happen may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A mail server of one habit; it ends with the test.
struct Server {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Server {
    /// `None` when this machine lacks the server, and that is allowed.
    fn start(habit: &str) -> Option<Self> {
        if !is_installed() {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = Command::new(PYTHON)
            .arg(SCRIPT)
            .arg(habit)
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let out = process.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("its port");
        let port = line.trim().strip_prefix("PORT ").map(str::parse);
        let port = port.expect("a port").expect("a number");
        Some(Self {
            process,
            port,
            folder,
        })
    }

    /// What it took, in the order it came.
    fn taken(&self) -> Vec<Value> {
        let files = (1..).map(|number| self.folder.path().join(format!("{number}.json")));
        let texts = files.map_while(|path| fs::read(path).ok());
        texts
            .map(|text| serde_json::from_slice(&text).expect("JSON"))
            .collect()
    }

    fn wait_for_message(&self) {
        let start = Instant::now();
        while self.taken().is_empty() {
            assert!(start.elapsed() < PATIENCE, "no message came");
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().expect("the server ends");
        self.process.wait().expect("the server has ended");
    }
}

fn is_installed() -> bool {
    let mut probe = Command::new(PYTHON);
    probe.args(["-c", "import aiosmtpd"]).stderr(Stdio::null());
    if probe.status().is_ok_and(|status| status.success()) {
        return true;
    }
    let required = std::env::var("PUNTUAL_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "aiosmtpd is missing: apt-get install python3-aiosmtpd"
    );
    eprintln!("skipped: no mail server to test with (apt-get install python3-aiosmtpd)");
    false
}

#[expect(
    clippy::disallowed_methods,
    reason = "messages leave for a server only by the machine's clock"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

/// The day it is for the company.
fn today() -> Date {
    let zone = domain::calendar::zone("America/Mexico_City").expect("a zone");
    zone.to_datetime(now()).date()
}

/// The policy that ships, at any hour of any day.
fn policy_without_hours() -> String {
    let lines = POLICY.lines().filter(|line| !line.starts_with("hours ="));
    let policy: Vec<&str> = lines.collect();
    assert!(policy.len() < POLICY.lines().count(), "there were hours");
    policy.join("\n") + "\n"
}

/// One company per address that owes since the same day, `C1`, `C2`, …, and today's run.
fn planned(puntual: &Program, addresses: &[&str]) {
    planned_by(puntual, addresses, &policy_without_hours());
}

fn planned_by(puntual: &Program, addresses: &[&str], policy: &str) {
    let day = |days: i64| today().checked_sub(days.days()).expect("a day");
    let (issued, due) = (day(DAYS_LATE + 30), day(DAYS_LATE));
    let mut invoices =
        String::from("factura,cliente,nombre,fecha,vencimiento,importe,moneda,correo\n");
    for (number, address) in (1..).zip(addresses) {
        invoices.push_str(&format!(
            "F{number},C{number},Comercial {number} SA de CV,{issued},{due},1500.00,MXN,{address}\n"
        ));
    }
    puntual.file("facturas.csv", &invoices);
    puntual.file("politica.toml", policy);
    puntual.json(&["import", "facturas.csv"]);
    puntual.json(&["policy", "use", "politica.toml"]);
    set(
        puntual,
        &[
            "sender.name=Cobranza",
            "sender.address=cobranza@uno.example",
        ],
    );
    set(puntual, &["sends_per_minute=60000"]);
    let run = puntual.json(&["run"]);
    assert_eq!(run["by_step"], json!({ STEP: addresses.len() }), "{run}");
}

fn set(puntual: &Program, changes: &[&str]) {
    puntual.json(&[&["company", "set"], changes].concat());
}

/// Says in `puntual.toml` where the server is; `more` are further lines of its section.
fn configure(puntual: &Program, port: u16, more: &str) {
    let server = format!("host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n");
    let text = format!("[smtp]\n{server}timeout_seconds = 5\n{more}\n");
    puntual.file("puntual.toml", &text);
}

/// What a dispatch counted, without the zeros.
fn dispatch(puntual: &Program) -> Value {
    counted(&puntual.json(&["dispatch"]))
}

fn counted(answer: &Value) -> Value {
    let counts = answer.as_object().expect("an object").iter();
    let told = counts.filter(|(_, count)| **count != json!(0) && **count != json!({}));
    told.map(|(name, count)| (name.clone(), count.clone()))
        .collect()
}

/// The states of each customer's contacts, oldest first.
fn states(puntual: &Program) -> Value {
    let mut states: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for contact in puntual.export("contacts") {
        let customer = contact["customer"].as_str().expect("a key").to_owned();
        states
            .entry(customer)
            .or_default()
            .push(contact["state"].clone());
    }
    json!(states)
}

/// The addresses of a customer and how they work.
fn health(puntual: &Program, customer: &str) -> BTreeMap<String, String> {
    let customers = puntual.export("customers");
    let found = customers.iter().find(|it| it["customer"] == customer);
    let points = found.expect("the customer")["contact_points"].as_array();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let points = points.expect("a list").iter();
    points
        .map(|point| (text(&point["address"]), text(&point["health"])))
        .collect()
}

/// The kinds and the texts of the open tasks.
fn tasks(puntual: &Program) -> (Vec<String>, Vec<String>) {
    let tasks = puntual.json(&["tasks"]);
    let tasks = tasks.as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    tasks
        .map(|task| (text(&task["kind"]), text(&task["text"])))
        .unzip()
}

fn header(message: &Value, name: &str) -> Option<String> {
    let headers = message["headers"].as_array()?;
    let found = headers.iter().find(|pair| pair[0] == name)?;
    found[1].as_str().map(str::to_owned)
}

/// No run of these days plans again what may have been sent; each says why.
fn is_not_repeated(puntual: &Program, reason: &str) {
    let run = puntual.json(&["run"]);
    assert_eq!(run["contacts"], 0, "{run}");
    for days in [3, 5] {
        let later = today().checked_add(days.days()).expect("a day").to_string();
        let run = puntual.json(&["run", "--as-of", &later, "--dry-run"]);
        assert_eq!(run["silences"], json!({ reason: 1 }), "{run}");
    }
}

testkit::both_programs! {
    fn what_is_accepted_is_sent_once(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        planned(puntual, &["uno@clientes.example", "dos@clientes.example"]);
        configure(puntual, server.port, "");
        let before = now();
        assert_eq!(dispatch(puntual), json!({ "sent": 2 }));
        assert_eq!(states(puntual), json!({ "C1": ["sent"], "C2": ["sent"] }));
        let mut expected = Vec::new();
        for contact in puntual.export("contacts") {
            assert_eq!(contact["step"], STEP);
            let sent_at: Timestamp =
                contact["sent_at"].as_str().expect("text").parse().expect("an instant");
            assert!(before <= sent_at && sent_at <= now(), "{contact}");
            let id = contact["id"].as_str().expect("text");
            expected.push(format!("<{id}@uno.example>"));
        }
        let taken = server.taken();
        let mut ids: Vec<_> =
            taken.iter().map(|it| header(it, "Message-ID").expect("an id")).collect();
        ids.sort();
        expected.sort();
        assert_eq!(ids, expected);
        let recipients: Vec<_> = taken.iter().map(|it| &it["recipients"]).collect();
        for address in ["uno@clientes.example", "dos@clientes.example"] {
            assert!(recipients.contains(&&json!([address])), "{recipients:?}");
        }
        assert!(taken.iter().all(|it| it["from"] == "cobranza@uno.example"));
        let text = taken[0]["parts"]["text/plain"].as_str().expect("text");
        assert!(text.contains("1,500.00"), "{text}");

        assert_eq!(dispatch(puntual), json!({}));
        assert_eq!(puntual.json(&["run"])["silences"], json!({ "minimum_gap": 2 }));
        assert_eq!(dispatch(puntual), json!({}));
        assert_eq!(server.taken().len(), 2);
        assert_eq!(tasks(puntual).0, [""; 0]);
    }

    fn a_late_answer_is_waited_for(puntual: &Program) {
        let Some(server) = Server::start("late-answer") else { return };
        planned(puntual, &["uno@clientes.example"]);
        configure(puntual, server.port, "answer_timeout_seconds = 15");
        assert_eq!(dispatch(puntual), json!({ "sent": 1 }));
        assert_eq!(dispatch(puntual), json!({}));
        assert_eq!(server.taken().len(), 1);
    }

    fn an_address_refused_for_good_is_used_no_more(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        planned(puntual, &["nobody@clientes.example", "dos@clientes.example"]);
        configure(puntual, server.port, "");
        assert_eq!(dispatch(puntual), json!({ "sent": 1, "failed": 1 }));
        assert_eq!(states(puntual), json!({ "C1": ["failed"], "C2": ["sent"] }));
        let contact = &puntual.export("contacts")[0];
        assert!(contact["reasons"][0].as_str().expect("text").contains("550"), "{contact}");
        assert_eq!(health(puntual, "C1")["nobody@clientes.example"], "bouncing");
        assert_eq!(health(puntual, "C2")["dos@clientes.example"], "good");
        let (kinds, text) = tasks(puntual);
        assert_eq!(kinds, ["fix_contact_point"]);
        assert!(text[0].contains("nobody@clientes.example") && text[0].contains("C1"), "{text:?}");
        let run = puntual.json(&["run"]);
        assert_eq!(run["silences"], json!({ "no_contact_point": 1, "minimum_gap": 1 }), "{run}");
        assert_eq!(dispatch(puntual), json!({}));
    }

    fn a_refusal_for_now_is_tried_by_the_next_run(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        planned(puntual, &["later@clientes.example"]);
        configure(puntual, server.port, "");
        assert_eq!(dispatch(puntual), json!({ "failed": 1 }));
        assert_eq!(dispatch(puntual), json!({}), "not again by itself");
        assert_eq!(states(puntual), json!({ "C1": ["failed"] }));
        assert_eq!(health(puntual, "C1")["later@clientes.example"], "good");
        assert_eq!(tasks(puntual).0, [""; 0]);
        let run = puntual.json(&["run"]);
        assert_eq!(run["by_step"], json!({ STEP: 1 }), "{run}");
        assert_eq!(states(puntual), json!({ "C1": ["failed", "planned"] }));
        assert_eq!(dispatch(puntual), json!({ "failed": 1 }));
        assert_eq!(server.taken().len(), 0);
    }

    fn a_message_refused_for_good_blames_no_address(puntual: &Program) {
        let Some(server) = Server::start("refuse-message") else { return };
        planned(puntual, &["uno@clientes.example"]);
        configure(puntual, server.port, "");
        assert_eq!(dispatch(puntual), json!({ "failed": 1 }));
        assert_eq!(health(puntual, "C1")["uno@clientes.example"], "good");
        let (kinds, text) = tasks(puntual);
        assert_eq!(kinds, ["refused_message"]);
        assert!(text[0].contains("554") && text[0].contains("C1"), "{text:?}");
    }

    fn inv_01_what_may_have_left_is_never_sent_again(puntual: &Program) {
        planned(puntual, &["uno@clientes.example"]);
        for (habit, taken) in [("hang-after-dot", 1), ("drop-after-dot", 1), ("drop-in-body", 0)] {
            let puntual = puntual.copy();
            let Some(server) = Server::start(habit) else { return };
            configure(&puntual, server.port, "answer_timeout_seconds = 1");
            assert_eq!(dispatch(&puntual), json!({ "unknown": 1 }), "{habit}");
            assert_eq!(states(&puntual), json!({ "C1": ["unknown"] }), "{habit}");
            assert_eq!(server.taken().len(), taken, "{habit}");
            let (kinds, text) = tasks(&puntual);
            assert_eq!(kinds, ["unknown_outcome"], "{habit}");
            assert!(text[0].contains("C1"), "{text:?}");
            let well = Server::start("normal").expect("it started before");
            configure(&puntual, well.port, "");
            assert_eq!(dispatch(&puntual), json!({}), "{habit}");
            is_not_repeated(&puntual, "step_made");
            assert_eq!(dispatch(&puntual), json!({}), "{habit}");
            assert_eq!((server.taken().len(), well.taken().len()), (taken, 0), "{habit}");
            assert_eq!(tasks(&puntual).0.len(), 1, "{habit}");
        }
    }

    fn inv_01_a_dispatch_killed_while_it_waits_is_not_repeated(puntual: &Program) {
        let Some(server) = Server::start("hang-after-dot") else { return };
        planned(puntual, &["uno@clientes.example"]);
        configure(puntual, server.port, "answer_timeout_seconds = 60");
        let mut child = puntual.start(&["dispatch"]);
        server.wait_for_message();
        child.kill().expect("one's own child may be killed");
        child.wait().expect("it ends");
        let well = Server::start("normal").expect("it started before");
        configure(puntual, well.port, "");
        assert_eq!(dispatch(puntual), json!({}));
        assert_eq!(states(puntual), json!({ "C1": ["claimed"] }));
        assert_eq!(tasks(puntual).0, [""; 0]);
        is_not_repeated(puntual, "already_planned");
        // So far from the clock messages go to the folder: not even there does it go again.
        let later = now().checked_add(61.minutes()).expect("an instant").to_string();
        let settled = puntual.json(&["dispatch", "--outbox", "salida", "--now", &later]);
        assert_eq!(counted(&settled), json!({ "unknown": 1 }));
        assert_eq!(states(puntual), json!({ "C1": ["unknown"] }));
        assert_eq!(tasks(puntual).0, ["unknown_outcome"]);
        is_not_repeated(puntual, "step_made");
        assert_eq!((server.taken().len(), well.taken().len()), (1, 0));
        assert!(!puntual.folder().join("salida").exists());
    }

    fn while_the_server_is_away_contacts_wait(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        planned(puntual, &["uno@clientes.example", "dos@clientes.example"]);
        let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = nobody.local_addr().expect("an address").port();
        drop(nobody);
        configure(puntual, port, "");
        assert_eq!(dispatch(puntual), json!({ "put_back": 2 }));
        assert_eq!(states(puntual), json!({ "C1": ["planned"], "C2": ["planned"] }));
        assert_eq!(puntual.export("threads"), Vec::<Value>::new());
        assert_eq!(puntual.json(&["run"])["silences"], json!({ "already_planned": 2 }));
        configure(puntual, server.port, "");
        assert_eq!(dispatch(puntual), json!({ "sent": 2 }));
        assert_eq!(dispatch(puntual), json!({}));
        assert_eq!((server.taken().len(), puntual.export("threads").len()), (2, 2));
        assert_eq!(states(puntual), json!({ "C1": ["sent"], "C2": ["sent"] }));
    }

    fn a_claimed_message_does_not_leave_after_an_opt_out(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        let all = ["uno@clientes.example", "dos@clientes.example", "tres@clientes.example"];
        planned(puntual, &all);
        configure(puntual, server.port, "");
        // One message every six seconds: all three are claimed with the first.
        set(puntual, &["sends_per_minute=10"]);
        let mut child = puntual.start(&["dispatch"]);
        server.wait_for_message();
        let states = states(puntual);
        let waiting: Vec<&str> = ["C1", "C2", "C3"]
            .into_iter()
            .filter(|key| states[*key] == json!(["claimed"]))
            .collect();
        assert!(waiting.len() >= 2, "{states}");
        let first = server.taken()[0]["recipients"][0].clone();
        for (key, address) in ["C1", "C2", "C3"].iter().zip(all) {
            if first != address {
                let said = ["--channel", "email", "--source", "lo pidió por teléfono"];
                let customer = ["consent", "withdraw", "--customer", key];
                puntual.json(&[&customer[..], &said[..]].concat());
            }
        }
        assert!(child.wait().expect("it ends").success());
        assert_eq!(server.taken().len(), 1, "nothing left after the word was given");
        let contacts = puntual.export("contacts");
        let suppressed = contacts.iter().filter(|it| it["state"] == "suppressed");
        assert_eq!(suppressed.count(), 2, "{contacts:?}");
    }

    fn a_test_recipient_gets_everything(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        planned(puntual, &["uno@clientes.example", "nobody@clientes.example"]);
        configure(puntual, server.port, "");
        set(puntual, &["test_recipient=yo@uno.example"]);
        // What a server refuses of a trial says nothing of the customer's address.
        let refused = puntual.copy();
        configure(&refused, server.port, "");
        set(&refused, &["test_recipient=nobody@uno.example"]);
        assert_eq!(dispatch(&refused), json!({ "failed": 2 }));
        assert_eq!(health(&refused, "C1")["uno@clientes.example"], "good");
        assert_eq!(tasks(&refused).0, ["refused_message"; 2]);

        assert_eq!(dispatch(puntual), json!({ "sent": 2 }));
        let taken = server.taken();
        let mut subjects = Vec::new();
        for message in &taken {
            assert_eq!(message["recipients"], json!(["yo@uno.example"]));
            subjects.push(header(message, "Subject").expect("a subject"));
        }
        subjects.sort();
        let starts = ["[PRUEBA → nobody@clientes.example]", "[PRUEBA → uno@clientes.example]"];
        assert_eq!(subjects.len(), 2);
        for (subject, start) in subjects.iter().zip(starts) {
            assert!(subject.starts_with(start), "{subject}");
        }
    }

    fn the_days_limit_stops_what_is_left(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        let addresses = ["uno@clientes.example", "dos@clientes.example", "tres@clientes.example"];
        planned(puntual, &addresses);
        configure(puntual, server.port, "");
        set(puntual, &["sends_per_day=2"]);
        // One instant for both, so that no midnight comes between them.
        let instant = now().to_string();
        let dispatch = || counted(&puntual.json(&["dispatch", "--now", &instant]));
        assert_eq!(dispatch(), json!({ "sent": 2 }));
        assert_eq!(dispatch(), json!({}));
        let planned = || {
            let contacts = puntual.export("contacts");
            contacts.iter().filter(|it| it["state"] == "planned").count()
        };
        assert_eq!((server.taken().len(), planned()), (2, 1));
        set(puntual, &["sends_per_day=3"]);
        assert_eq!(dispatch(), json!({ "sent": 1 }));
        assert_eq!((server.taken().len(), planned()), (3, 0));
    }

    fn copies_go_along_and_one_refused_holds_nothing_back(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        let policy = policy_without_hours()
            .replace("offset_days = 20\n", "offset_days = 20\ncopies = [\"ap_contact\"]\n");
        let addresses = "uno@clientes.example;dos@clientes.example;nobody@clientes.example";
        planned_by(puntual, &[addresses], &policy);
        configure(puntual, server.port, "");
        assert_eq!(dispatch(puntual), json!({ "sent": 1 }));
        let taken = server.taken();
        assert_eq!(taken.len(), 1);
        let recipients = taken[0]["recipients"].as_array().expect("a list");
        assert_eq!(recipients.len(), 2, "{recipients:?}");
        for address in ["uno@clientes.example", "dos@clientes.example"] {
            assert!(recipients.contains(&json!(address)), "{recipients:?}");
        }
        let copied = header(&taken[0], "Cc").expect("copies");
        assert_eq!(copied.matches('@').count(), 2, "{copied}");
        let expected = ["dos@clientes.example", "nobody@clientes.example", "uno@clientes.example"]
            .into_iter()
            .zip(["good", "bouncing", "good"])
            .map(|(address, health)| (address.to_owned(), health.to_owned()));
        assert_eq!(health(puntual, "C1"), expected.collect());
        let (kinds, text) = tasks(puntual);
        assert_eq!(kinds, ["fix_contact_point"]);
        assert!(text[0].contains("nobody@clientes.example"), "{text:?}");
    }

    fn a_password_opens_the_server_and_is_shown_nowhere(puntual: &Program) {
        let Some(server) = Server::start("login") else { return };
        planned(puntual, &["uno@clientes.example"]);
        configure(puntual, server.port, "user = \"cuentas\"");
        let send = |password: &str| {
            let mut command = puntual.command(&["dispatch"]);
            command.env("PUNTUAL_SMTP_PASSWORD", password);
            testkit::program::answer(&mut command).exits(0)
        };
        let wrong = "muy-secreta-91";
        let said = send(wrong);
        assert_eq!(counted(&said.json()), json!({ "put_back": 1 }));
        assert!(!said.out.contains(wrong) && !said.err.contains(wrong), "{said:?}");
        for what in ["contacts", "threads", "decisions"] {
            assert!(!json!(puntual.export(what)).to_string().contains(wrong), "{what}");
        }
        assert_eq!(counted(&send("clave con ñ").json()), json!({ "sent": 1 }));
        assert_eq!(server.taken().len(), 1);
    }

    fn two_dispatches_at_once_share_the_work(puntual: &Program) {
        let Some(server) = Server::start("normal") else { return };
        let addresses: Vec<String> =
            (1..=30).map(|number| format!("c{number}@clientes.example")).collect();
        let addresses: Vec<&str> = addresses.iter().map(String::as_str).collect();
        planned(puntual, &addresses);
        configure(puntual, server.port, "");
        let mut children = [puntual.start(&["dispatch"]), puntual.start(&["dispatch"])];
        for child in &mut children {
            assert!(child.wait().expect("it ends").success());
        }
        assert_eq!(dispatch(puntual), json!({}));
        let mut recipients: Vec<String> =
            server.taken().iter().map(|it| it["recipients"].to_string()).collect();
        assert_eq!(recipients.len(), 30);
        recipients.sort();
        recipients.dedup();
        assert_eq!(recipients.len(), 30);
        assert!(puntual.export("contacts").iter().all(|it| it["state"] == "sent"));
    }
}
