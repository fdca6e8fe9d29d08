//! What `puntual import` makes of files: what it tells, what waits and how it is settled, what a
//! second reading changes. Real files where they lie beside the checkout. On both databases.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use testkit::program::{Program, answer, collected};

use crate::small_ledger::{DAY, HOUR, INVOICES, filled, has, keys, mxn};

/// What is in the program's folder beside the database.
fn files(puntual: &Program) -> BTreeSet<String> {
    let entries = fs::read_dir(puntual.folder()).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("puntual.db"))
        .collect()
}

testkit::both_programs! {
    fn an_import_on_nothing_makes_the_company_and_tells_what_it_did(puntual: &Program) {
        puntual.file("facturas.csv", INVOICES);
        let first = puntual.run(&["import", "facturas.csv", "--now", HOUR]).exits(0);
        assert!(first.err.contains("Se creó la empresa «principal»"), "{}", first.err);
        let report = first.json();
        has(&report, &["read", "created", "updated", "unchanged", "by_entity"]);
        assert_eq!(report["read"], 3);
        assert_eq!(report["by_entity"]["documents"]["created"], 3);
        assert_eq!(report["by_entity"]["customers"]["created"], 2);
        assert_eq!((&report["quarantined"], &report["warnings"]), (&json!([]), &json!([])));
        let company = puntual.json(&["company", "set"]);
        assert_eq!((&company["country"], &company["currency"]), (&json!("MX"), &json!("MXN")));
        assert_eq!(company["policy"]["key"], "b2b-estandar");
    }

    fn a_bad_row_exits_with_3_and_waits_with_file_row_field_and_reason(puntual: &Program) {
        let bad = "factura,cliente,fecha,vencimiento,importe\n\
            F1,C1,2026-01-10,2026-02-10,mucho\n\
            F2,C1,2026-01-20,2026-02-20,100.00\n";
        puntual.file("malas.csv", bad);
        let report = puntual.run(&["import", "malas.csv"]).exits(3).json();
        let [row] = report["quarantined"].as_array().expect("a list").as_slice() else {
            panic!("one row waits: {report}");
        };
        assert_eq!(keys(row), BTreeSet::from(["file", "row", "field", "reason"]));
        assert_eq!((&row["file"], &row["row"]), (&json!("malas.csv"), &json!(2)));
        assert_eq!(row["field"], "importe");
        assert!(row["reason"].as_str().is_some_and(|reason| reason.contains("mucho")));
        assert_eq!(report["by_entity"]["documents"]["created"], 1);

        puntual.run(&["import", "malas.csv"]).exits(3);
        let waiting = puntual.json(&["quarantine", "list"]);
        let [row] = waiting.as_array().expect("a list").as_slice() else {
            panic!("the same row waits once: {waiting}");
        };
        has(row, &["id", "file", "row", "field", "reason", "cells"]);
        assert_eq!(row["cells"].as_array().map(Vec::len), Some(5));
        let retried = puntual.run(&["quarantine", "retry"]).exits(3).json();
        assert_eq!(retried["fixed"], 0);
        let id = row["id"].as_str().expect("an id");
        let wrong = puntual.run(&["quarantine", "fix", id, "--set", "monto=5"]).exits(1);
        assert!(wrong.err.contains("no existe la columna «monto»"), "{}", wrong.err);
        let fixed = puntual.json(&["quarantine", "fix", id, "--set", "importe=50.00"]);
        assert_eq!(fixed, json!({ "fixed": 1, "waiting": [] }));
        assert_eq!(puntual.json(&["quarantine", "list"]), json!([]));
        let documents = puntual.export("documents");
        let found = documents.iter().find(|it| it["invoice"] == "F1").expect("F1 is there");
        assert_eq!(found["amount"], mxn("50.00"));
        puntual.run(&["quarantine", "retry"]).exits(0);
    }

    fn dates_that_read_two_ways_wait_with_the_flag_that_settles_them(puntual: &Program) {
        let text = "factura,cliente,fecha,vencimiento,importe\n\
            F1,C1,03/04/2026,05/06/2026,10.00\nF2,C2,01/02/2026,02/03/2026,20.00\n";
        puntual.file("fechas.csv", text);
        let report = puntual.run(&["import", "fechas.csv"]).exits(3).json();
        let rows = report["quarantined"].as_array().expect("a list");
        assert_eq!(rows.len(), 2);
        for row in rows {
            let reason = row["reason"].as_str().expect("a reason");
            assert!(reason.contains("--dates dmy") && reason.contains("--dates mdy"), "{reason}");
        }
        assert_eq!(puntual.export("documents"), Vec::<Value>::new());
        puntual.run(&["import", "fechas.csv", "--dates", "dmy"]).exits(0);
        let documents = puntual.export("documents");
        let due = |number: &str| documents.iter().find(|it| it["invoice"] == number);
        assert_eq!(due("F1").map(|it| &it["due"]), Some(&json!("2026-06-05")));
        assert_eq!(due("F2").map(|it| &it["issued"]), Some(&json!("2026-02-01")));
    }

    fn a_dry_run_of_an_import_needs_no_database_and_leaves_nothing(puntual: &Program) {
        puntual.file("facturas.csv", INVOICES);
        let before = files(puntual);
        let mut command = puntual.bare(&["import", "facturas.csv", "--dry-run"]);
        let nowhere = "sqlite:/nowhere/at/all.db";
        let report = answer(command.args(["--format", "json", "--db", nowhere])).exits(0).json();
        assert_eq!(report["read"], 3);
        assert_eq!(report["by_entity"]["documents"]["created"], 3);
        let mut command = puntual.bare(&["import", "facturas.csv", "--dry-run"]);
        answer(command.args(["--format", "json"])).exits(0);
        let mut command = puntual.bare(&["import", "facturas.csv", "--dry-run"]);
        answer(command.args(["--format", "json", "--db", "postgres://127.0.0.1:1/none"])).exits(0);
        assert_eq!(files(puntual), before);
        assert!(!puntual.folder().join("puntual.db").exists());
    }

    fn a_payment_is_laid_once_even_when_its_invoice_comes_after_it(puntual: &Program) {
        let head = "factura,cliente,fecha,vencimiento,importe\n";
        puntual.file("a.csv", &format!("{head}A,C1,2026-01-01,2026-02-01,100.00\n"));
        puntual.file("b.csv", &format!("{head}B,C1,2026-01-05,2026-02-05,100.00\n"));
        let paid = "referencia,cliente,factura,fecha de pago,importe\n\
            SPEI 1,C1,B,2026-03-01,100.00\n";
        puntual.file("pagos.csv", paid);
        puntual.json(&["import", "a.csv"]);
        for name in ["pagos.csv", "b.csv", "pagos.csv", "pagos.csv"] {
            puntual.json(&["import", name]);
        }
        let ageing = puntual.json(&["report", "ageing", "--as-of", DAY]);
        assert_eq!(ageing["currencies"]["MXN"]["net"], mxn("100.00"), "200 owed, 100 paid");
    }

    fn several_payments_of_one_invoice_stay_as_they_lie_when_told_again(puntual: &Program) {
        filled(puntual);
        let paid = "referencia,cliente,factura,fecha de pago,importe\n\
            SPEI 1,C1,F2,2026-03-01,30.00\nSPEI 2,C1,F2,2026-03-02,90.00\n\
            SPEI 3,C2,F3,2026-03-02,200.00\n";
        puntual.file("pagos.csv", paid);
        let first = puntual.json(&["import", "pagos.csv"]);
        assert_eq!(first["by_entity"]["applications"]["created"], 3);
        let before = puntual.json(&["report", "ageing", "--as-of", DAY]);
        assert_eq!(before["currencies"]["MXN"]["net"], mxn("1264.56"));
        let second = puntual.json(&["import", "pagos.csv"]);
        assert_eq!((&second["created"], &second["updated"]), (&json!(0), &json!(0)), "{second}");
        assert_eq!(second["applied"], 0);
        assert_eq!(puntual.json(&["report", "ageing", "--as-of", DAY]), before);
    }

    fn a_customer_told_anew_changes_in_every_field(puntual: &Program) {
        let head = "código de cliente,nombre,importancia,etiquetas,comportamiento\n";
        puntual.file("clientes.csv", &format!("{head}C1,Uno SA de CV,2,vip,punctual\n"));
        puntual.json(&["import", "clientes.csv"]);
        let told = |row: &str| {
            puntual.file("clientes.csv", &format!("{head}{row}\n"));
            let report = puntual.json(&["import", "clientes.csv"]);
            (report["by_entity"]["customers"]["updated"].clone(), puntual.export("customers"))
        };
        let (updated, customers) = told("C1,Uno SA de CV,1,vip,punctual");
        assert_eq!((updated, &customers[0]["importance"]), (json!(1), &json!(1)));
        let (updated, customers) = told("C1,Uno SA de CV,1,legal,punctual");
        assert_eq!((updated, &customers[0]["tags"]), (json!(1), &json!(["legal"])));
        let (updated, _) = told("C1,Uno SA de CV,1,legal,slow");
        assert_eq!(updated, json!(1));
        let (updated, _) = told("C1,Uno SA de CV,1,legal,slow");
        assert_eq!(updated, json!(0));
    }

    fn real_spreadsheets_are_read_or_refused_with_reasons(puntual: &Program) {
        let Some(folder) = collected("data/spreadsheets") else {
            eprintln!("skipped: no collection of spreadsheets");
            return;
        };
        let mut found = Vec::new();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let kind = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
                if path.is_dir() {
                    folders.push(path);
                } else if ["csv", "xlsx", "xls", "ods"].contains(&kind) {
                    found.push(path);
                }
            }
        }
        assert!(found.len() >= 10, "{found:?}");
        let mut read = 0;
        for path in found {
            let path = path.to_str().expect("a path");
            let puntual = puntual.copy();
            let first = puntual.run(&["import", path]);
            assert!(matches!(first.code, Some(0 | 1 | 3)), "{path}: {}", first.err);
            let report = first.json();
            let refused = report["warnings"].as_array().expect("a list");
            let waiting = report["quarantined"].as_array().expect("a list");
            assert_eq!(first.code == Some(3), !waiting.is_empty(), "{path}");
            let nothing = report["tables"].as_array().is_some_and(Vec::is_empty);
            assert_eq!(first.code == Some(1), nothing, "{path}");
            let reasons = waiting.iter().map(|row| &row["reason"]).chain(refused);
            for reason in reasons {
                assert!(reason.as_str().is_some_and(|it| it.len() > 10), "{path}: {reason}");
            }
            if report["created"] == 0 {
                assert!(!refused.is_empty() || !waiting.is_empty(), "{path}: nothing was said");
                continue;
            }
            read += 1;
            let again = puntual.run(&["import", path]).json();
            assert_eq!((&again["created"], &again["updated"]), (&json!(0), &json!(0)), "{path}");
            let documents = &report["by_entity"]["documents"]["created"];
            assert_eq!(&again["by_entity"]["documents"]["unchanged"], documents, "{path}");
            puntual.json(&["report", "ageing"]);
            puntual.json(&["run", "--dry-run"]);
        }
        assert!(read >= 3, "{read} were read");
    }

    fn a_real_ledger_of_paid_invoices_was_open_once_and_is_closed_at_the_end(puntual: &Program) {
        let Some(path) = collected("data/receivables/ibm_accounts_receivable.csv") else {
            eprintln!("skipped: the receivables file is not there");
            return;
        };
        let path = path.to_str().expect("a path");
        let report = puntual.json(&["import", path]);
        assert_eq!(report["read"], 2_466);
        assert_eq!(report["quarantined"], json!([]));
        assert_eq!(report["by_entity"]["documents"]["created"], 2_466);
        assert_eq!(report["by_entity"]["applications"]["created"], 2_466);
        let documents = puntual.export("documents");
        assert_eq!(documents.len(), 2_466);
        assert!(documents.iter().all(|it| it["settled_on"].is_string()), "all are paid");
        let open_on = |day: &str| puntual.json(&["report", "ageing", "--as-of", day]);
        let summer = open_on("2013-06-30");
        let rows = summer["rows"].as_array().expect("rows");
        let until = |it: &Value| it["settled_on"].as_str() > Some("2013-06-30");
        let open = documents
            .iter()
            .filter(|it| it["issued"].as_str() <= Some("2013-06-30") && until(it));
        assert_eq!(rows.len(), open.count());
        assert!(rows.len() > 50, "{}", rows.len());
        assert_eq!(open_on("2014-12-31")["rows"], json!([]));
        let second = puntual.json(&["import", path]);
        assert_eq!((&second["created"], &second["updated"]), (&json!(0), &json!(0)));
    }

    fn a_dispute_marked_in_a_file_ends_when_the_file_no_longer_marks_it(puntual: &Program) {
        let file = |marked: &str| {
            let head = "factura,cliente,nombre,fecha,vencimiento,importe,correo,en disputa\n";
            let row = "F1,C1,Uno SA de CV,2026-01-10,2026-02-10,500.50,uno@clientes.example";
            format!("{head}{row},{marked}\n")
        };
        let told = |marked: &str, now: &str| {
            puntual.file("facturas.csv", &file(marked));
            puntual.json(&["import", "facturas.csv", "--now", now])
        };
        let reason = |day: &str| puntual.json(&["why", "C1", "--as-of", day])["outcome"].clone();
        told("sí", "2026-03-10T17:00:00Z");
        assert_eq!(reason("2026-03-10"), "silence");
        let settled = told("no", "2026-03-11T17:00:00Z");
        assert_eq!(settled["by_entity"]["holds"]["updated"], 1);
        assert_eq!(reason("2026-03-11"), "contact");
        let again = told("no", "2026-03-12T17:00:00Z");
        assert_eq!((&again["created"], &again["updated"]), (&json!(0), &json!(0)));
        // Contested anew: held from that day, and what was is not rewritten.
        told("sí", "2026-03-13T17:00:00Z");
        assert_eq!(reason("2026-03-12"), "contact");
        assert_eq!(reason("2026-03-13"), "silence");
        let twice = told("sí", "2026-03-14T17:00:00Z");
        assert_eq!((&twice["created"], &twice["updated"]), (&json!(0), &json!(0)));
    }

    fn a_payment_of_an_unknown_invoice_is_read_once_the_invoice_is_there(puntual: &Program) {
        // One deposit for two invoices, of which only the first is known.
        let known = "factura,cliente,fecha,vence,importe\nF9,C1,2026-01-05,2026-02-05,70.50\n";
        puntual.file("antes.csv", known);
        puntual.json(&["import", "antes.csv", "--now", HOUR]);
        let payments = "fecha de pago,factura,importe,referencia\n\
            2026-02-15,F9,70.50,SPEI 1\n2026-02-15,F2,100.00,SPEI 1\n";
        puntual.file("pagos.csv", payments);
        puntual.run(&["import", "pagos.csv", "--now", HOUR]).exits(3);
        let waiting = puntual.json(&["quarantine", "list"]);
        assert_eq!(waiting.as_array().map(Vec::len), Some(1));
        let cells = waiting[0]["cells"].to_string();
        assert!(cells.contains("SPEI 1") && cells.contains("100.00"), "{cells}");
        puntual.run(&["quarantine", "retry"]).exits(3);
        filled(puntual);
        puntual.run(&["quarantine", "retry", "--now", HOUR]).exits(0);
        assert_eq!(puntual.json(&["quarantine", "list"]), json!([]));
        let settled = puntual.export("documents");
        let paid = settled.iter().find(|document| document["invoice"] == "F2").expect("F2");
        assert_eq!(paid["settled_on"], "2026-02-15");
        let first = settled.iter().find(|document| document["invoice"] == "F9").expect("F9");
        assert_eq!(first["settled_on"], "2026-02-15", "its own payment stands");
        let again = puntual.json(&["import", "pagos.csv", "--now", HOUR]);
        assert_eq!((&again["created"], &again["updated"]), (&json!(0), &json!(0)));
    }
}
