//! `puntual law` as a program: every case of the packs, bad lines, texts that are refused.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::{Value, json};
use testkit::program::{self, Answer, Program, answer};

const BINARY: &str = env!("CARGO_BIN_EXE_puntual");

fn puntual() -> Program {
    Program::on_sqlite(BINARY)
}

/// Asks these lines, with no database named.
fn check(puntual: &Program, lines: &str) -> Answer {
    let file = puntual.file("preguntas.jsonl", lines);
    let done = answer(&mut puntual.bare(&["law", "check", &file.to_string_lossy()]));
    let left: Vec<_> = puntual.folder().read_dir().expect("a folder").collect();
    assert_eq!(left.len(), 1, "it makes no file: {left:?}");
    done
}

/// The cases of a text of law, as questions.
fn cases(text: &str) -> Vec<Value> {
    let file: toml::Value = toml::from_str(text).expect("TOML");
    let tests = file.get("test").and_then(toml::Value::as_array);
    let tests = tests.into_iter().flatten();
    tests
        .map(|case| serde_json::to_value(case).expect("JSON"))
        .collect()
}

fn hold(puntual: &Program, cases: &[Value]) {
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    let answers = check(puntual, &lines.join("\n")).exits(0).lines();
    assert_eq!(answers.len(), cases.len());
    for (case, told) in cases.iter().zip(answers) {
        assert_eq!(told["id"], case["id"]);
        let keys: Vec<&String> = told.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["allowed", "id", "next_allowed", "reasons"]);
        let reasons = told["reasons"].as_array().expect("a list");
        assert_eq!(told["allowed"], reasons.is_empty(), "{told}");
        match case["expect"].as_str() {
            Some("allow") => {
                assert_eq!(told["allowed"], true, "{told}");
                let at = case["try"]["at"].as_str().map(|at| format!("{at}:00"));
                let at = at.or(case["try"]["at_utc"].as_str().map(str::to_owned));
                assert_eq!(told["next_allowed"].as_str(), at.as_deref(), "now is next");
            }
            _ => assert!(
                reasons.contains(&case["deny_by"]),
                "{} in {told}",
                case["deny_by"]
            ),
        }
    }
}

#[test]
fn every_case_of_the_packs_through_the_program() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/law");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the packs") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a pack");
        all.extend(cases(&text));
    }
    assert_eq!(all.len(), 65);
    hold(&puntual(), &all);
}

/// Where the research the packs were split from is at hand: its own cases, from its own file.
#[test]
fn every_case_of_the_research() {
    let Some(path) = program::collected("reference/law/compliance.toml") else {
        return;
    };
    let all = cases(&std::fs::read_to_string(path).expect("a file"));
    assert_eq!(all.len(), 61);
    hold(&puntual(), &all);
}

/// A call to a Chilean consumer, tried at a time.
fn call(id: &str, at: &str) -> Value {
    json!({
        "id": id,
        "facts": {
            "country": "CL", "debtor": "natural_consumer", "debt": "consumer_credit",
            "creditor": "supplier", "actor": "first_party", "final_consumer": true,
        },
        "try": { "at": at, "channel": "call", "role": "debtor" },
    })
}

#[test]
fn a_bad_line_answers_with_its_error_and_loses_no_other() {
    let puntual = puntual();
    let (first, last) = (call("a", "2026-11-21T19:50"), call("e", "2026-11-21T20:00"));
    let nowhere = json!({
        "id": "d", "facts": { "country": "Chile" },
        "try": { "at": "2026-11-21T10:00", "channel": "call" },
    });
    let dove = "{\"id\":\"c\",\"facts\":{},\"try\":{\"channel\":\"paloma\"}}";
    let lines = format!("{first}\nno es json\n\n{dove}\n{nowhere}\n{last}");
    let done = check(&puntual, &lines).exits(1);
    let told = done.lines();
    assert_eq!(told.len(), 5);
    assert_eq!(told[0]["allowed"], true);
    assert_eq!(told[1]["id"], Value::Null);
    let error = |index: usize| told[index]["error"].as_str().unwrap_or_default().to_owned();
    assert!(error(1).starts_with("línea 2: "), "{}", error(1));
    assert_eq!(told[2]["id"], "c");
    assert!(
        error(2).starts_with("línea 4: ") && error(2).contains("paloma"),
        "{}",
        error(2)
    );
    assert!(error(3).contains("`Chile` is no country"), "{}", error(3));
    assert_eq!(
        told[4],
        json!({
            "id": "e",
            "allowed": false,
            "reasons": ["CL-LPC-37/window"],
            "next_allowed": "2026-11-23T08:00:00",
        })
    );
}

#[test]
fn who_asks_one_by_one_is_answered_one_by_one() {
    let puntual = puntual();
    let mut command = puntual.bare(&["law", "check"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut typed = child.stdin.take().expect("an input");
    let mut read = BufReader::new(child.stdout.take().expect("an output"));
    for (id, at, allowed) in [
        ("1", "2026-11-20T10:00", true),
        ("2", "2026-11-22T10:00", false),
    ] {
        writeln!(typed, "{}", call(id, at)).expect("it listens");
        typed.flush().expect("it listens");
        let mut line = String::new();
        read.read_line(&mut line).expect("it answers");
        let told: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(
            (&told["id"], &told["allowed"]),
            (&json!(id), &json!(allowed))
        );
    }
    drop(typed);
    assert!(child.wait().expect("it ends").success());
}

/// Chile's law in version 2, in which calls end at that hour.
fn chile(until: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/law/cl.toml");
    let text = std::fs::read_to_string(path).expect("a pack");
    let text = text.replace("version = \"1\"", "version = \"2\"");
    let text = text.replacen("to   = \"20:00\"", &format!("to   = \"{until}\""), 1);
    text.replace("T19:50", "T10:50")
}

#[test]
fn a_folder_overrides_what_ships_and_a_bad_text_never_does() {
    let puntual = puntual();
    let folder = puntual.folder().join("leyes");
    std::fs::create_dir(&folder).expect("a folder");
    let config = puntual.file("mio.toml", "[law]\npacks = \"leyes\"\n");
    let question = puntual.file("p.jsonl", &call("x", "2026-11-20T18:30").to_string());
    let ask = || {
        let (config, question) = (config.to_string_lossy(), question.to_string_lossy());
        answer(&mut puntual.bare(&["law", "check", &*question, "--config", &*config])).exits(0)
    };
    assert_eq!(ask().lines()[0]["allowed"], true);
    std::fs::write(folder.join("cl.toml"), chile("18:00")).expect("written");
    let told = ask();
    assert_eq!(
        (&told.lines()[0]["allowed"], told.err.as_str()),
        (&json!(false), "")
    );
    // By the variable as well.
    let mut command = puntual.bare(&["law", "check", &question.to_string_lossy()]);
    command.env("PUNTUAL_LAW", &folder);
    assert_eq!(answer(&mut command).exits(0).lines()[0]["allowed"], false);
    // A text that contradicts itself: the one that ships goes on, and it is said.
    std::fs::write(folder.join("cl.toml"), chile("08:00")).expect("written");
    let told = ask();
    assert_eq!(told.lines()[0]["allowed"], true);
    assert!(
        told.err.contains("sigue la anterior: cl.toml, line "),
        "{}",
        told.err
    );
    assert!(
        told.err.contains("CL-LPC-37") && told.err.contains("not before"),
        "{}",
        told.err
    );
    // Without its folder nothing is guessed.
    std::fs::remove_dir_all(&folder).expect("removed");
    let mut command = puntual.bare(&["law", "packs", "--config", &config.to_string_lossy()]);
    assert!(
        answer(&mut command)
            .exits(2)
            .err
            .contains("carpeta de leyes")
    );
}

#[test]
fn packs_are_listed_and_files_tried() {
    let puntual = puntual();
    let listed = answer(&mut puntual.bare(&["law", "packs", "--format", "json"]))
        .exits(0)
        .json();
    let listed = listed.as_array().expect("a list").clone();
    assert_eq!(
        listed.len(),
        31,
        "28 of the research and three of the house"
    );
    let chile = listed
        .iter()
        .find(|one| one["regime"] == "CL-LPC-37")
        .expect("Chile");
    assert_eq!(chile["country"], "CL");
    assert_eq!(
        (&chile["version"], &chile["origin"]),
        (&json!("1"), &json!("embedded"))
    );
    assert_eq!(
        (&chile["tier"], &chile["binding"]),
        (&json!("S"), &json!("law"))
    );
    assert_eq!(chile["effective_from"], "2021-04-20");
    assert!(
        chile["article"]
            .as_str()
            .is_some_and(|it| it.starts_with("Ley 19.496"))
    );
    assert_eq!(chile["hash"].as_str().map(str::len), Some(64));
    let table = answer(&mut puntual.bare(&["law", "packs"])).exits(0).out;
    assert!(
        table.contains("EC-LODC-49") && table.contains("país"),
        "{table}"
    );

    let good = puntual.file("cl.toml", &chile_one());
    let bad = puntual.file("co.toml", "schema = 1\n");
    let (good, bad) = (good.to_string_lossy(), bad.to_string_lossy());
    let done = puntual.bare(&["law", "test", &*good, &*bad, "--format", "json"]);
    let mut done = done;
    let told = answer(&mut done).exits(1).json();
    assert_eq!(
        (&told[0]["cases"], &told[0]["ok"]),
        (&json!(12), &json!(true))
    );
    assert_eq!(told[1]["ok"], false);
    assert!(
        told[1]["errors"][0]
            .as_str()
            .is_some_and(|it| it.starts_with("co.toml, line 1"))
    );
    assert_eq!(
        answer(&mut puntual.bare(&["law", "test", &*good])).code,
        Some(0)
    );
}

fn chile_one() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/law/cl.toml");
    std::fs::read_to_string(path).expect("a pack")
}

/// Rules of a company's own: no e-mail at all.
const SILENT: &str = r#"schema = "compliance-pack/0.1"
version = "1"
as_of = "2026-11-21"
[[regime]]
id = "SIN-CORREO"
article = "Acuerdo de gerencia"
country = "*"
binding = "company"
effective_from = "2020-01-01"
v = "P"
[regime.applies]
debtor = ["natural_consumer", "natural_business", "micro_small_company", "company"]
debt = ["consumer_credit", "consumer_goods_services", "trade_receivable"]
creditor = ["supervised_financial", "commercial_lender", "supplier", "debt_buyer"]
actor = ["first_party", "third_party_agency"]
final_consumer = "any"
[regime.channel_ban]
channels = ["email"]
"#;

const INVOICES: &str = "Factura,Código cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n\
    F-1,C-1,c1@cliente.example,2026-02-02,2026-03-02,500000\n";

testkit::both_programs! {
    fn a_law_is_seen_before_it_is_in_force_and_a_company_tightens(puntual: &Program) {
        puntual.file("facturas.csv", INVOICES);
        puntual.run(&["import", "facturas.csv", "--country", "CL", "--currency", "CLP"]).exits(0);
        let now = ["--now", "2026-03-03T11:00:00Z"];
        let with = |typed: &[&str]| {
            let typed: Vec<&str> = typed.iter().copied().chain(now).collect();
            puntual.run(&typed)
        };
        puntual.file("cl.toml", &chile("18:00"));
        let seen = with(&["law", "diff", "cl.toml"]).exits(0).json();
        for change in ["added", "removed", "moved"] {
            assert_eq!(seen[change], 0, "{seen}");
        }
        assert!(seen["same"].as_u64().is_some_and(|same| same > 0), "{seen}");
        puntual.file("sin-correo.toml", SILENT);
        let seen = with(&["law", "diff", "sin-correo.toml"]).exits(0).json();
        assert_eq!((&seen["same"], &seen["changed"]), (&json!(0), &json!(1)), "{seen}");
        assert_eq!(seen["listed"][0]["customer"], "C-1");
        assert_eq!(seen["listed"][0]["changes"][0]["kind"], "removed");
        assert!(with(&["law", "load", "sin-correo.toml"]).exits(2).err.contains("law tighten"));

        let put = with(&["law", "tighten", "sin-correo.toml", "--author", "ana"]).exits(0).json();
        assert_eq!((&put["name"], &put["changed"]), (&json!("sin-correo"), &json!(true)));
        let again = with(&["law", "tighten", "sin-correo.toml"]).exits(0).json();
        assert_eq!(again["changed"], false);
        let ran = with(&["run"]).exits(0).json();
        assert_eq!(ran["contacts"], 0, "{ran}");
        let listed = with(&["law", "tightenings"]).exits(0).json();
        assert_eq!((&listed[0]["author"], &listed[0]["until"]), (&json!("ana"), &Value::Null));
        with(&["law", "withdraw", "sin-correo"]).exits(0);
        let none = with(&["law", "withdraw", "sin-correo"]).exits(1);
        assert!(none.err.contains("no tiene ninguna"), "{}", none.err);
        let ran = with(&["run"]).exits(0).json();
        assert_eq!(ran["contacts"], 1, "{ran}");

        let put = with(&["law", "load", "cl.toml"]).exits(0).json();
        assert_eq!((&put["name"], &put["version"]), (&json!("cl"), &json!("2")));
        let refused = with(&["law", "load", "cl.toml"]).exits(1);
        assert!(refused.err.contains("raise `version`"), "{}", refused.err);
        let listed = with(&["law", "packs"]).exits(0).json();
        let listed = listed.as_array().expect("a list");
        let chile = listed.iter().find(|one| one["regime"] == "CL-LPC-37").expect("Chile");
        assert_eq!((&chile["version"], &chile["origin"]), (&json!("2"), &json!("database")));
        let why = with(&["why", "C-1"]).exits(0).json();
        let version = why["law_packs"]["version"].as_str().expect("a version");
        assert!(version.contains("cl-2"), "{version}");
    }
}
