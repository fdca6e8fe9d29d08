//! The contract of the commands: exit codes, shapes of the answers, what goes to which stream, and
//! what is said when something is missing. On both databases.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use testkit::program::{Program, answer};

use crate::small_ledger::{DAY, HOUR, INVOICES, filled, has, keys, mxn};

/// Every amount is decimal text with the currency's digits, beside a three-letter code.
fn check_money(value: &Value) {
    match value {
        Value::Object(entries) if entries.contains_key("amount") && entries.len() == 2 => {
            assert_eq!(keys(value), BTreeSet::from(["amount", "currency"]));
            let amount = value["amount"].as_str().expect("amounts are text");
            let decimals = amount.split_once('.').map_or(0, |(_, rest)| rest.len());
            assert_eq!(decimals, 2, "{value}");
            assert_eq!(value["currency"].as_str().map(str::len), Some(3), "{value}");
        }
        Value::Object(entries) => entries.values().for_each(check_money),
        Value::Array(items) => items.iter().for_each(check_money),
        _ => {}
    }
}

testkit::both_programs! {
    fn a_folder_that_cannot_be_written_is_said_and_nothing_is_lost(puntual: &Program) {
        filled(puntual);
        puntual.run(&["run", "--as-of", DAY]).exits(0);
        puntual.file("outbox", "a file where the folder should be");
        let refused = puntual.run(&["dispatch", "--outbox", "outbox", "--now", HOUR]).exits(1);
        assert_eq!(refused.json()["put_back"], 1);
        assert!(refused.err.contains("mensajes que quedan por enviar: 1; "), "{}", refused.err);
        fs::remove_file(puntual.folder().join("outbox")).expect("it was there");
        let sent = puntual.json(&["dispatch", "--outbox", "outbox", "--now", HOUR]);
        assert_eq!(sent["sent"], 1);
    }

    fn warnings_that_cannot_be_told_stop_nothing(puntual: &Program) {
        filled(puntual);
        let full = || fs::File::options().write(true).open("/dev/full");
        let Ok(mute) = full() else {
            eprintln!("skipped: this system has no /dev/full");
            return;
        };
        let mut command = puntual.command(&["dispatch", "--outbox", "outbox", "--now", HOUR]);
        assert!(command.stderr(mute).status().expect("it starts").success());
        let mut command = puntual.command(&["why", "nobody"]);
        let status = command.stderr(full().expect("as before")).status().expect("it starts");
        assert_eq!(status.code(), Some(1));
    }

    fn a_run_and_a_dispatch_count_what_they_did(puntual: &Program) {
        filled(puntual);
        let dry = puntual.json(&["run", "--dry-run", "--as-of", DAY]);
        assert_eq!(puntual.export("contacts"), Vec::<Value>::new());
        let run = puntual.json(&["run", "--as-of", DAY]);
        has(&run, &["customers", "contacts", "silences", "by_step", "seconds"]);
        for name in ["customers", "contacts", "silences", "by_step"] {
            assert_eq!(run[name], dry[name], "{name}");
        }
        assert_eq!((&run["customers"], &run["contacts"]), (&json!(2), &json!(1)));
        assert_eq!(run["silences"], json!({ "not_due": 1 }));
        assert_eq!(run["by_step"], json!({ "aviso-firme": 1 }));
        let sent = puntual.json(&["dispatch", "--outbox", "salida", "--now", HOUR]);
        has(&sent, &["sent", "suppressed", "failed", "unknown"]);
        assert_eq!((&sent["sent"], &sent["suppressed"]), (&json!(1), &json!({})));
        assert_eq!(fs::read_dir(puntual.folder().join("salida")).expect("there").count(), 1);
        let contacts = puntual.export("contacts");
        has(&contacts[0], &["customer", "step", "state", "documents", "facts", "try"]);
        has(&contacts[0], &["planned_at", "claimed_at", "sent_at", "reasons"]);
        assert_eq!(contacts[0]["totals"], json!([mxn("1334.56")]));
    }

    fn what_changed_since_the_run_is_seen_before_sending(puntual: &Program) {
        // What was paid in full is answered by thanks, which the next run plans.
        for (number, change, reason) in [
            (1, &["payment", "add", "--amount", "1334.56", "--date", DAY][..], "superseded"),
            (2, &["promise", "add", "--amount", "1334.56", "--due", "2026-03-20"], "held"),
            (3, &["hold", "add", "--kind", "pause", "--reason", "visita"], "paused"),
        ] {
            let puntual = puntual.copy();
            filled(&puntual);
            puntual.json(&["run", "--as-of", DAY]);
            puntual.json(&[change, &["--customer", "C1", "--as-of", DAY]].concat());
            let sent = puntual.json(&["dispatch", "--outbox", "salida", "--now", HOUR]);
            assert_eq!(sent["sent"], 0, "case {number}: {sent}");
            assert_eq!(sent["suppressed"], json!({ reason: 1 }), "case {number}");
            let contact = &puntual.export("contacts")[0];
            assert_eq!(contact["state"], "suppressed");
            assert_eq!(contact["reasons"], json!([reason]));
            assert!(!puntual.folder().join("salida").exists());
        }
    }

    fn what_customers_say_is_heard_once(puntual: &Program) {
        filled(puntual);
        puntual.json(&["run", "--as-of", DAY]);
        puntual.json(&["dispatch", "--outbox", "salida", "--now", HOUR]);
        let said = ["message", "add", "--customer", "C1", "--from", "uno@cliente.example",
            "--text", "Pago el viernes.", "--key", "m-1", "--now", HOUR];
        let first = puntual.json(&said);
        assert_eq!((&first["known"], first["answers"].is_string()), (&json!(false), true));
        let again = puntual.json(&said);
        assert_eq!((&again["known"], &again["message"]), (&json!(true), &first["message"]));
        assert_eq!(puntual.export("contacts")[0]["state"], "answered");
        let asked = ["consent", "withdraw", "--customer", "C1", "--channel", "email",
            "--source", "correo", "--as-of", DAY];
        assert_eq!(puntual.json(&asked)["addresses"].as_array().map(Vec::len), Some(1));
        assert_eq!(puntual.json(&asked)["addresses"], json!([]));
        let wrong = puntual.run(&["message", "add", "--customer", "C1", "--from", "a@b.example",
            "--text", " "]).exits(1);
        assert!(wrong.err.contains("no tiene texto"), "{}", wrong.err);
        puntual.run(&["consent", "withdraw", "--customer", "C1", "--channel", "humo",
            "--source", "x"]).exits(2);
    }

    fn payments_and_promises_are_exported_with_what_became_of_them(puntual: &Program) {
        filled(puntual);
        puntual.json(&["payment", "add", "--customer", "C1", "--amount", "334.56",
            "--reference", "SPEI-1", "--date", DAY]);
        let promise = ["promise", "add", "--customer", "C1", "--as-of", DAY, "--amount"];
        puntual.json(&[&promise[..], &["1000", "--due", "2026-03-12"]].concat());
        let payments = puntual.export("payments");
        let own = payments.iter().find(|it| it["payment"] == "SPEI-1").expect("the payment");
        assert_eq!((&own["customer"], &own["on"]), (&json!("C1"), &json!(DAY)));
        assert_eq!(own["amount"], mxn("334.56"));
        assert_eq!(own["applications"][0]["amount"], mxn("334.56"));
        assert_eq!(own["unapplied"], mxn("0.00"));
        for (now, state) in [("2026-03-12", "pending"), ("2026-03-13", "broken")] {
            let now = format!("{now}T18:00:00Z");
            let line = &puntual.run(&["export", "promises", "--now", &now]).exits(0).lines()[0];
            assert_eq!((&line["customer"], &line["state"]), (&json!("C1"), &json!(state)));
            check_money(line);
        }
    }

    fn reports_and_why_carry_money_as_text_with_its_currency(puntual: &Program) {
        filled(puntual);
        let ageing = puntual.json(&["report", "ageing", "--as-of", DAY]);
        assert_eq!(keys(&ageing), BTreeSet::from(["as_of", "currencies", "rows"]));
        let columns = &ageing["currencies"]["MXN"];
        let names = ["not_due", "1-30", "31-60", "61-90", "91+", "credits", "net"];
        assert_eq!(keys(columns), BTreeSet::from(names));
        assert_eq!(columns["1-30"], mxn("1334.56"));
        assert_eq!(columns["not_due"], mxn("250.00"));
        assert_eq!(columns["net"], mxn("1584.56"));
        let kpi = puntual.json(&["report", "kpi", "--as-of", DAY]);
        has(&kpi, &["as_of", "days", "currencies", "managed", "rows"]);
        assert_eq!(kpi["days"], 90);
        let figures = &kpi["currencies"]["MXN"];
        has(figures, &["dso", "dso_count_back", "dso_best_possible", "cei", "overdue_rate"]);
        assert_eq!(figures["sales"], mxn("1584.56"));
        assert_eq!(figures["closing"], mxn("1584.56"));
        // 1584.56 ÷ 1584.56 × 90 days; overdue 1334.56 of it.
        assert_eq!(figures["dso"], "90");
        assert_eq!(figures["overdue_rate"], "84.22");
        let why = puntual.json(&["why", "C1", "--as-of", DAY]);
        has(&why, &["customer", "facts", "documents", "policy", "law_packs", "sentence"]);
        assert_eq!(why["facts"]["days_late"], 28);
        for body in [&ageing, &kpi, &why] {
            check_money(body);
        }
        for what in ["contacts", "decisions", "documents", "customers", "threads"] {
            puntual.export(what).iter().for_each(check_money);
        }
    }

    fn payments_promises_and_holds_say_what_changed(puntual: &Program) {
        filled(puntual);
        let add = ["payment", "add", "--customer", "C1", "--date", "2026-03-01"];
        let part = ["--amount", "200.00", "--invoice", "F2=60.00", "--reference", "SPEI 1"];
        let paid = puntual.json(&[&add[..], &part].concat());
        let expected = json!({
            "reference": "SPEI 1",
            "on": "2026-03-01",
            "amount": mxn("200.00"),
            "applications": [{ "invoice": "F2", "amount": mxn("60.00") }],
            "unapplied": mxn("140.00"),
        });
        assert_eq!(paid, expected);
        let rest = puntual.json(&[&add[..], &["--amount", "40.00", "--invoice", "F2"]].concat());
        assert_eq!(rest["applications"][0]["amount"], mxn("40.00"));
        assert_eq!(rest["unapplied"], mxn("0.00"));
        let more = [&add[..], &["--amount", "1.00", "--invoice", "F2=1.00"]].concat();
        let refused = puntual.run(&more).exits(1);
        assert!(refused.err.contains("F2"), "{}", refused.err);

        let promise = ["promise", "add", "--customer", "C1", "--amount", "500", "--date", DAY];
        let made = puntual.json(&[&promise[..], &["--due", "2026-03-20"]].concat());
        assert_eq!(made["customer"], "C1");
        assert_eq!((&made["amount"], &made["made_on"]), (&mxn("500.00"), &json!(DAY)));
        assert_eq!(made["due_on"], "2026-03-20");
        let late = puntual.run(&[&promise[..], &["--due", "2026-05-20"]].concat()).exits(1);
        assert!(late.err.contains("15"), "the policy's limit is named: {}", late.err);

        let hold = ["hold", "add", "--customer", "C1", "--kind", "dispute", "--from", DAY];
        let held = puntual.json(&[&hold[..], &["--reason", "faltó una caja"]].concat());
        let id = held["hold"].as_str().expect("an id").to_owned();
        assert_eq!((&held["kind"], &held["until"]), (&json!("dispute"), &Value::Null));
        let why = puntual.json(&["why", "C1", "--as-of", DAY]);
        assert_eq!(why["holds"][0]["hold"], id.as_str());
        let ended = puntual.json(&["hold", "end", &id, "--on", "2026-03-12"]);
        assert_eq!(ended["until"], "2026-03-12");
        let reason = [&hold[..], &["--reason", " "]].concat();
        puntual.run(&reason).exits(1);
        let ageing = puntual.json(&["report", "ageing", "--as-of", DAY]);
        assert_eq!(ageing["currencies"]["MXN"]["credits"], mxn("140.00"));
        assert_eq!(ageing["currencies"]["MXN"]["net"], mxn("1344.56"));
    }

    fn what_is_not_there_is_named_with_what_to_do(puntual: &Program) {
        let empty = puntual.run(&["run"]).exits(1);
        assert!(empty.err.contains("puntual import"), "{}", empty.err);
        filled(puntual);
        let cases: [(&[&str], &str); 6] = [
            (&["why", "C9"], "no existe el cliente «C9»"),
            (&["hold", "add", "--customer", "C9", "--kind", "pause", "--reason", "x"], "«C9»"),
            (&["hold", "end", "nada"], "nada"),
            (&["quarantine", "fix", "nada", "--set", "a=b"], "puntual quarantine list"),
            (&["policy", "use", "ninguna"], "b2b-estandar"),
            (&["company", "set", "colour=red"], "brand.colour"),
        ];
        for (typed, said) in cases {
            let answer = puntual.run(typed).exits(1);
            assert!(answer.err.contains(said), "{typed:?}: {}", answer.err);
            assert_eq!(answer.out, "", "{typed:?}");
            assert_eq!(answer.err.lines().count(), 1, "one sentence: {}", answer.err);
        }
        let missing = puntual.run(&["import", "no-hay.csv"]);
        assert_eq!(missing.code, Some(1));
        assert!(missing.err.contains("no-hay.csv"), "{}", missing.err);
    }

    fn what_is_not_understood_exits_with_2(puntual: &Program) {
        let cases: [&[&str]; 6] = [
            &["colect"],
            &["import"],
            &["run", "--as-of", "31/10/2026"],
            &["run", "--as-of", DAY, "--now", HOUR],
            &["hold", "add", "--customer", "C1", "--kind", "promise", "--reason", "x"],
            &["report", "ageing", "--format", "xml"],
        ];
        for typed in cases {
            let answer = answer(&mut puntual.bare(typed)).exits(2);
            assert_eq!(answer.out, "", "{typed:?}");
            assert!(!answer.err.is_empty());
        }
        let url = answer(puntual.bare(&["run"]).args(["--db", "mysql://u:secreta@host/db"]));
        assert!(url.code.is_some_and(|code| code != 0));
        assert!(!url.err.contains("secreta"), "{}", url.err);
    }

    fn several_companies_need_a_name(puntual: &Program) {
        filled(puntual);
        let added = puntual.json(&["company", "add", "chilena", "--country", "CL"]);
        assert_eq!((&added["name"], &added["currency"]), (&json!("chilena"), &json!("CLP")));
        assert_eq!(added["zone"], "America/Santiago");
        let which = puntual.run(&["run"]).exits(1);
        for part in ["chilena", "principal", "--company"] {
            assert!(which.err.contains(part), "{}", which.err);
        }
        let first = puntual.json(&["run", "--as-of", DAY, "--company", "principal"]);
        assert_eq!(first["customers"], 2);
        let other = puntual.json(&["run", "--as-of", DAY, "--company", "chilena"]);
        assert_eq!(other["customers"], 0);
        let unknown = puntual.run(&["run", "--company", "peruana"]).exits(1);
        assert!(unknown.err.contains("no existe la empresa «peruana»"), "{}", unknown.err);
        let again = puntual.run(&["company", "add", "chilena"]).exits(1);
        assert!(again.err.contains("chilena"), "{}", again.err);
    }

    fn a_company_sets_what_it_declares_and_no_more(puntual: &Program) {
        filled(puntual);
        let changes = ["sender.name=Cobranza Uno", "sender.address=cobranza@uno.example"];
        let more = ["run_hour=07:30", "creditor=supplier", "zone=America/Tijuana"];
        let set = puntual.json(&[&["company", "set"], &changes[..], &more].concat());
        assert_eq!(set["settings"]["sender"]["address"], "cobranza@uno.example");
        assert_eq!(set["settings"]["run_hour"], "07:30:00");
        assert_eq!(set["declarations"]["creditor"], "supplier");
        for bad in ["zone=Mars/Base", "sender.address=nobody", "run_hour=25", "creditor=king"] {
            puntual.run(&["company", "set", "legal_name=Otra", bad]).exits(1);
        }
        assert_eq!(puntual.json(&["company", "set"]), set, "a refused change changes nothing");
        puntual.json(&["run", "--as-of", DAY]);
        puntual.json(&["dispatch", "--outbox", "salida", "--now", "2026-03-10T19:00:00Z"]);
        let outbox = fs::read_dir(puntual.folder().join("salida")).expect("an outbox");
        let file = outbox.last().expect("a message").expect("a file");
        let text = fs::read_to_string(file.path()).expect("a message");
        assert!(text.contains("From: \"Cobranza Uno\" <cobranza@uno.example>")
            || text.contains("From: Cobranza Uno <cobranza@uno.example>"), "{text}");
    }

    fn policies_are_listed_explained_checked_and_used(puntual: &Program) {
        filled(puntual);
        let in_use = |puntual: &Program| {
            let policies = puntual.json(&["policy", "list"]);
            let policies = policies.as_array().expect("a list").clone();
            assert!(policies.len() >= 4);
            let used: Vec<Value> = policies.into_iter().filter(|it| it["in_use"] == true).collect();
            assert_eq!(used.len(), 1);
            (used[0]["key"].clone(), used[0]["version"].clone())
        };
        assert_eq!(in_use(puntual), (json!("b2b-estandar"), json!(1)));
        let shown = puntual.json(&["policy", "show"]);
        assert_eq!(keys(&shown), BTreeSet::from(["hash", "key", "name", "text"]));
        let public = puntual.json(&["policy", "show", "--customers"]);
        assert_ne!(public["text"], shown["text"]);
        let source = puntual.json(&["policy", "show", "--source"]);
        let source = source["text"].as_str().expect("a text");
        let own = source
            .replacen("key = \"b2b-estandar\"", "key = \"propia\"", 1)
            .replacen("min_gap_days = 2", "min_gap_days = 4", 1);
        assert_ne!(own, source);
        puntual.file("propia.toml", &own);
        let checked = puntual.json(&["policy", "check", "propia.toml"]);
        has(&checked, &["key", "name", "hash", "warnings"]);
        assert_eq!(puntual.json(&["policy", "use", "propia.toml"])["version"], 1);
        assert_eq!(in_use(puntual), (json!("propia"), json!(1)));
        puntual.file("propia.toml", &own.replacen("min_gap_days = 4", "min_gap_days = 5", 1));
        assert_eq!(puntual.json(&["policy", "use", "propia.toml"])["version"], 2);
        puntual.file("mala.toml", &own.replacen("offset_days = 1", "offset_days = \"uno\"", 1));
        let bad = puntual.run(&["policy", "check", "mala.toml"]).exits(1);
        assert!(bad.err.contains("offset_days"), "{}", bad.err);
        puntual.run(&["policy", "use", "mala.toml"]).exits(1);
        assert_eq!(in_use(puntual), (json!("propia"), json!(2)));
    }

    fn only_answers_go_to_standard_output(puntual: &Program) {
        let text = "factura,cliente,fecha,vencimiento,importe,moneda,país\n\
            F1,C1,2026-01-10,2026-02-10,100.00,MXN,tierra de nadie\n\
            Total,,,,100.00,,\n";
        puntual.file("avisos.csv", text);
        let answer = puntual.run(&["import", "avisos.csv"]).exits(0);
        let report = answer.json();
        let warnings = report["warnings"].as_array().expect("a list");
        assert!(!warnings.is_empty(), "{report}");
        for warning in warnings {
            assert!(answer.err.contains(warning.as_str().expect("a sentence")), "{}", answer.err);
        }
        let mut jsonl = puntual.command(&["export", "documents"]);
        assert_eq!(testkit::program::answer(&mut jsonl).exits(0).lines().len(), 1);
        for format in ["table", "csv", "jsonl"] {
            let mut command = puntual.bare(&["report", "ageing", "--as-of", DAY]);
            command.args(["--db", &puntual.url(), "--format", format]);
            let said = testkit::program::answer(&mut command).exits(0);
            assert!(said.out.contains("F1") || format == "table", "{format}: {}", said.out);
            assert_eq!(said.err, "", "{format}");
        }
    }

    fn the_configuration_file_says_where_database_and_messages_are(puntual: &Program) {
        let config = format!("db = \"{}\"\noutbox = \"buzon\"\n", puntual.url());
        puntual.file("puntual.toml", &config);
        puntual.file("facturas.csv", INVOICES);
        let typed = |arguments: &[&str]| {
            let mut command = puntual.bare(arguments);
            answer(command.args(["--format", "json"])).exits(0).json()
        };
        typed(&["import", "facturas.csv", "--now", HOUR]);
        assert_eq!(puntual.export("documents").len(), 3, "the import went to that database");
        typed(&["run", "--as-of", DAY]);
        assert_eq!(typed(&["dispatch", "--now", HOUR])["sent"], 1);
        assert_eq!(fs::read_dir(puntual.folder().join("buzon")).expect("there").count(), 1);

        puntual.file("otra.toml", "db = \"sqlite:otra.db\"\nsorpresa = 1\n");
        let wrong = answer(&mut puntual.bare(&["run", "--config", "otra.toml"])).exits(2);
        assert!(wrong.err.contains("sorpresa"), "{}", wrong.err);
        let none = answer(&mut puntual.bare(&["run", "--config", "no-hay.toml"])).exits(2);
        assert!(none.err.contains("no-hay.toml"), "{}", none.err);
    }

    fn secrets_are_never_printed(puntual: &Program) {
        filled(puntual);
        puntual.json(&["company", "set", "sender.address=cobranza@uno.example"]);
        puntual.json(&["run", "--as-of", DAY]);
        let secret = "muy-secreta-91";
        // Nobody listens on port 9 of this machine.
        let config = "[smtp]\nhost = \"127.0.0.1\"\nport = 9\nsecurity = \"none\"\n\
            user = \"cobranza\"\ntimeout_seconds = 2\n";
        puntual.file("correo.toml", config);
        let without = puntual.run(&["dispatch", "--config", "correo.toml"]).exits(2);
        assert!(without.err.contains("PUNTUAL_SMTP_PASSWORD"), "{}", without.err);
        for format in ["json", "table"] {
            let mut command = puntual.bare(&["dispatch", "--config", "correo.toml"]);
            command.args(["--db", &puntual.url(), "--format", format]);
            let said = answer(command.env("PUNTUAL_SMTP_PASSWORD", secret));
            assert!(!said.out.contains(secret) && !said.err.contains(secret), "{said:?}");
        }
        puntual.file("clave.toml", &format!("{config}password = \"{secret}\"\n"));
        let clear = puntual.run(&["dispatch", "--config", "clave.toml"]).exits(2);
        assert!(clear.err.contains("password"), "{}", clear.err);
    }
}

#[test]
fn a_copy_brings_everything_back() {
    let puntual = Program::on_sqlite(env!("CARGO_BIN_EXE_puntual"));
    filled(&puntual);
    puntual.json(&["run", "--as-of", DAY]);
    let state = |puntual: &Program| {
        let exports = ["contacts", "decisions", "documents", "customers"];
        exports.map(|what| puntual.export(what))
    };
    let before = state(&puntual);
    let copied = puntual.json(&["backup", "copia.db"]);
    assert_eq!(copied, json!({ "backup": "copia.db" }));
    let again = puntual.run(&["backup", "copia.db"]).exits(1);
    assert!(again.err.contains("copia.db"), "{}", again.err);
    puntual.json(&["backup", "copia.db", "--overwrite"]);
    puntual.json(&["payment", "add", "--customer", "C1", "--amount", "10"]);
    puntual.json(&["dispatch", "--outbox", "salida", "--now", HOUR]);
    assert!(state(&puntual) != before);
    puntual.run(&["restore", "copia.db"]).exits(1);
    let restored = puntual.json(&["restore", "copia.db", "--overwrite"]);
    assert_eq!(restored, json!({ "restored": "copia.db" }));
    assert!(state(&puntual) == before, "all is as it was");
    puntual.file("nada.db", "no es una copia");
    puntual.run(&["restore", "nada.db", "--overwrite"]).exits(1);
    assert!(state(&puntual) == before, "a bad copy changes nothing");
}
