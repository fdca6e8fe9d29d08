//! Money on its documents: statements in, lines matched, applied, undone, taken back by the bank;
//! and nobody chased while money may be on its way.

mod operations;
mod statement;

use engine::imports::{ImportReport, Source};
use engine::reconcile::Reconciled;
use formats::spreadsheet::Options;
use jiff::ToSpan;
use jiff::civil::{Date, date, time};
use serde_json::{Value, json};
use statement::{Entry, camt};
use store::bank::LineState;
use store::bulk::CustomerFacts;
use store::matches::{Listed, MatchState};
use testkit::world::AUTHOR;
use testkit::{TestDb, World, both_databases};

const ISSUED: Date = date(2026, 2, 2);
/// A Monday.
const DUE: Date = date(2026, 3, 2);
const LATE: Date = date(2026, 3, 3);
const IBAN: &str = "GB33BUKB20201555555555";

/// A company with two customers; the first owes two invoices, the second one.
async fn world(test: &TestDb) -> World {
    let mut world = World::mexican(&test.db, LATE).await;
    for (key, name) in [
        ("C-1", "Abarrotes La Luz, S.A. de C.V."),
        ("C-2", "Ferretería Sol"),
    ] {
        let customer = CustomerFacts {
            key: key.to_owned(),
            name: Some(name.to_owned()),
            ..CustomerFacts::default()
        };
        let address = format!("{}@cliente.example", key.to_lowercase());
        world.customer(customer, Some(&address)).await;
    }
    for (customer, number, amount) in [
        ("C-1", "FAC-2026-00451", "1500.00"),
        ("C-1", "FAC-2026-00452", "2750.50"),
        ("C-2", "FAC-2026-00777", "980.00"),
    ] {
        world.invoice(customer, number, amount, (ISSUED, DUE)).await;
    }
    world.at(LATE, time(9, 0, 0, 0));
    world
}

fn file(world: &World, name: &str, text: &str) -> std::path::PathBuf {
    let path = world.folder().join(name);
    std::fs::write(&path, text).expect("a file is written");
    path
}

async fn reconcile(world: &World, name: &str, text: &str) -> Reconciled {
    let path = file(world, name, text);
    let source = Source {
        path: &path,
        options: Options::default(),
        title: None,
    };
    let done = world
        .engine
        .reconcile(&world.company, vec![source], AUTHOR, &mut ())
        .await;
    done.expect("it is reconciled")
}

async fn import(world: &World, name: &str, text: &str) -> ImportReport {
    world.import_named(name, text).await
}

fn value(done: &Reconciled) -> Value {
    serde_json::to_value(done).expect("it is JSON")
}

async fn decided(world: &World) -> Vec<Listed> {
    let found = world.engine.decided_matches(&world.company, None).await;
    found.expect("matches are read")
}

async fn proposed(world: &World) -> Vec<Listed> {
    let found = world.engine.proposals(&world.company, None).await;
    found.expect("matches are read")
}

/// What is open of each document of a customer.
async fn open(world: &World, customer: &str) -> Vec<(String, i64)> {
    let statement = world.statement(customer).await;
    let mut all: Vec<(String, i64)> = statement
        .documents
        .iter()
        .map(|it| (it.number.clone(), it.open.minor))
        .collect();
    all.sort();
    all
}

/// What is in a customer's favour.
async fn credit(world: &World, customer: &str) -> i64 {
    let statement = world.statement(customer).await;
    statement.credits.iter().map(|it| it.minor).sum()
}

fn sure() -> Entry {
    Entry::new(LATE, 150_000, "BR-1", "PAGO FAC-2026-00451").from("ABARROTES LA LUZ SA DE CV", IBAN)
}

both_databases! {
    async fn what_is_sure_is_applied_and_told_by_the_banks_reference(test: &TestDb) {
        let world = world(test).await;
        let unknown = Entry::new(LATE, 12_345, "BR-2", "DEPOSITO EN EFECTIVO");
        let fee = Entry::new(LATE, -58_00, "BR-3", "COMISION");
        let text = camt((LATE, LATE), 10_00, &[sure(), unknown, fee]);
        let done = reconcile(&world, "banco.xml", &text).await;
        assert_eq!(done.warnings, Vec::<String>::new());
        let told = value(&done);
        let matches = told["matches"].as_array().expect("a list");
        assert_eq!(matches.len(), 2, "what goes out is no customer's: {told}");
        assert_eq!(matches[0]["transaction"], "BR-1");
        assert_eq!(matches[0]["status"], "applied", "{told}");
        assert_eq!(
            matches[0]["applications"],
            json!([{ "invoice": "FAC-2026-00451", "amount": 1500.00 }])
        );
        assert!(!matches[0]["reasons"].as_array().expect("reasons").is_empty());
        assert_eq!(matches[1]["status"], "unmatched", "{told}");
        assert_eq!(open(&world, "C-1").await, [("FAC-2026-00452".to_owned(), 275_050)]);
        let books = world.books("C-1").await;
        assert_eq!(books.payments.len(), 1);
        assert_eq!(books.payments[0].reference, "BR-1");
        assert_eq!(books.payments[0].on, LATE);
    }

    async fn inv_15_the_same_statement_and_overlapping_ones_change_nothing(test: &TestDb) {
        let world = world(test).await;
        let twice = Entry::new(LATE, 5_000, "", "ABONO SIN DATOS");
        let entries = [sure(), twice.clone(), twice.clone()];
        let text = camt((LATE, LATE), 0, &entries);
        let first = import(&world, "banco.xml", &text).await;
        assert_eq!(first.by_entity["bank_transactions"].created, 3, "equal lines are two");
        reconcile(&world, "banco.xml", &text).await;
        let before = test.contents().await;
        let again = import(&world, "otra-vez.xml", &text).await;
        let counts = again.by_entity["bank_transactions"];
        assert_eq!((counts.created, counts.updated, counts.unchanged), (0, 0, 3));
        let done = reconcile(&world, "otra-vez.xml", &text).await;
        assert_eq!(value(&done)["matches"][0]["status"], "applied");
        let mut after = test.contents().await;
        for table in ["imports", "events"] {
            after.insert(table.into(), before[table].clone());
        }
        assert_eq!(after, before);
        // A longer statement that holds the same day.
        let next = LATE.saturating_add(1.day());
        let more = Entry::new(next, 98_000, "BR-9", "FAC-2026-00777").from("FERRETERIA SOL", "");
        let longer: Vec<Entry> = entries.iter().cloned().chain([more]).collect();
        world.at(next, time(9, 0, 0, 0));
        let read = import(&world, "larga.xml", &camt((LATE, next), 0, &longer)).await;
        let counts = read.by_entity["bank_transactions"];
        assert_eq!((counts.created, counts.unchanged), (1, 3));
        assert_eq!(read.warnings, Vec::<String>::new());
        // The same payer and amount next month is another payment.
        let month = LATE.saturating_add(1.month());
        world.at(month, time(9, 0, 0, 0));
        let monthly = Entry { on: month, reference: "BR-77".to_owned(), ..sure() };
        let read = import(&world, "abril.xml", &camt((month, month), 258_000, &[monthly])).await;
        assert_eq!(read.by_entity["bank_transactions"].created, 1);
    }

    async fn inv_16_a_match_that_a_person_undid_is_not_redone(test: &TestDb) {
        let world = world(test).await;
        let text = camt((LATE, LATE), 0, &[sure()]);
        reconcile(&world, "banco.xml", &text).await;
        let [applied] = decided(&world).await.try_into().expect("one");
        let id = applied.matched.id;
        let company = &world.company;
        world.engine.undo_match(company, id, AUTHOR).await.expect("undone");
        let whole = [
            ("FAC-2026-00451".to_owned(), 150_000),
            ("FAC-2026-00452".to_owned(), 275_050),
        ];
        assert_eq!(open(&world, "C-1").await, whole);
        assert_eq!(credit(&world, "C-1").await, 0, "the money is nobody's again");
        for _ in 0..2 {
            reconcile(&world, "banco.xml", &text).await;
            world.engine.match_waiting(company).await.expect("matched");
            assert_eq!(open(&world, "C-1").await, whole);
        }
        let state = world.engine.match_of(company, id).await.expect("it").matched.state;
        assert_eq!(state, MatchState::Undone);
        assert!(world.engine.undo_match(company, id, AUTHOR).await.is_err(), "once");
        // A person may.
        let line = applied.line.id;
        world.engine.match_by_hand(company, line, "FAC-2026-00451", AUTHOR).await.expect("laid");
        assert_eq!(open(&world, "C-1").await, [("FAC-2026-00452".to_owned(), 275_050)]);
        assert_eq!(credit(&world, "C-1").await, 0);
        let history = world.engine.line_history(company, line).await.expect("read");
        let states: Vec<MatchState> = history.iter().map(|it| it.matched.state).collect();
        assert_eq!(states, [MatchState::Undone, MatchState::Accepted]);
    }

    async fn inv_07_a_partial_payment_of_the_bank_keeps_the_rest_in_chase(test: &TestDb) {
        let world = world(test).await;
        let part = Entry { minor: 60_000, ..sure() };
        reconcile(&world, "banco.xml", &camt((LATE, LATE), 0, &[part])).await;
        for it in proposed(&world).await {
            let id = it.matched.id;
            world.engine.accept_match(&world.company, id, AUTHOR).await.expect("accepted");
        }
        let left = open(&world, "C-1").await;
        assert_eq!(left.iter().map(|it| it.1).sum::<i64>(), 425_050 - 60_000, "{left:?}");
        assert_eq!(credit(&world, "C-1").await, 0);
        world.at(LATE, time(10, 0, 0, 0));
        assert_ne!(world.silence("C-1").await.as_deref(), Some("credits_cover"));
    }

    async fn a_proposal_is_accepted_and_its_payer_known_from_then_on(test: &TestDb) {
        let mut world = world(test).await;
        world.company.settings.apply_from_ppm = 1_000_001;
        let entry = sure().from("LUZ DEL NORTE", IBAN);
        reconcile(&world, "banco.xml", &camt((LATE, LATE), 0, &[entry])).await;
        let [proposal] = proposed(&world).await.try_into().expect("one proposal");
        assert_eq!(proposal.customer_key, "C-1");
        assert_eq!(open(&world, "C-1").await.len(), 2, "nothing is booked yet");
        let (company, id) = (&world.company, proposal.matched.id);
        world.engine.accept_match(company, id, AUTHOR).await.expect("accepted");
        assert!(world.engine.accept_match(company, id, AUTHOR).await.is_err(), "once");
        assert_eq!(open(&world, "C-1").await, [("FAC-2026-00452".to_owned(), 275_050)]);
        let aliases = store::matches::aliases(world.engine.db(), company.id).await.expect("read");
        assert!(aliases.iter().any(|it| it.value == IBAN), "{aliases:?}");
        // Refused proposals are not made again.
        let other = Entry::new(LATE, 98_000, "BR-5", "FAC-2026-00777").from("SOL", "");
        reconcile(&world, "otro.xml", &camt((LATE, LATE), 150_000, &[other])).await;
        let [proposal] = proposed(&world).await.try_into().expect("one proposal");
        let id = proposal.matched.id;
        world.engine.refuse_match(company, id, AUTHOR).await.expect("refused");
        world.engine.match_waiting(company).await.expect("matched");
        assert!(proposed(&world).await.is_empty());
        let line = world.engine.line_of(company, proposal.line.id).await.expect("the line");
        assert_eq!(line.state, LineState::Waiting);
    }

    async fn money_on_record_already_is_recognised_and_not_doubled(test: &TestDb) {
        let mut world = world(test).await;
        let eve = LATE.saturating_sub(1.day());
        world.import(&format!(
            "Fecha de pago,Factura,Importe pagado,Referencia\n{eve},FAC-2026-00451,1500.00,TRANSF 1\n"
        )).await;
        let before = world.books("C-1").await;
        reconcile(&world, "banco.xml", &camt((LATE, LATE), 0, &[sure()])).await;
        let books = world.books("C-1").await;
        assert_eq!(books.payments, before.payments, "no second payment");
        assert_eq!(books.applications, before.applications);
        let total: i64 = books.payments.iter().map(|it| it.amount.minor).sum();
        assert_eq!(total, 150_000);
    }

    async fn what_the_bank_takes_back_opens_the_document_again_with_a_task(test: &TestDb) {
        let world = world(test).await;
        reconcile(&world, "banco.xml", &camt((LATE, LATE), 0, &[sure()])).await;
        assert_eq!(open(&world, "C-1").await.len(), 1);
        let later = LATE.saturating_add(6.days());
        world.at(later, time(9, 0, 0, 0));
        let back = sure().returned(later);
        let text = camt((later, later), 150_000, &[back]);
        for _ in 0..2 {
            reconcile(&world, "devuelto.xml", &text).await;
            assert_eq!(open(&world, "C-1").await.len(), 2, "both are open again");
            assert_eq!(credit(&world, "C-1").await, 0);
        }
        let tasks = store::tasks::open(world.engine.db(), world.company.id, 50).await;
        let tasks = tasks.expect("tasks are read");
        let returned = tasks.iter().filter(|it| it.kind == "payment_returned");
        assert_eq!(returned.count(), 1, "{tasks:?}");
        // As of the day before, it was paid.
        let books = world.books("C-1").await;
        let eve = later.saturating_sub(1.day());
        assert_eq!(books.statement(eve).documents.len(), 1);
        assert_eq!(books.statement(later).documents.len(), 2);
    }

    async fn nobody_is_chased_on_stale_bank_data(test: &TestDb) {
        let world = world(test).await;
        // A company that never read a statement is asked for nothing.
        let day = LATE.saturating_add(20.days());
        world.at(day, time(10, 0, 0, 0));
        assert_ne!(world.silence("C-1").await.as_deref(), Some("stale_bank_data"));
        world.at(LATE, time(9, 0, 0, 0));
        let nothing = Entry::new(LATE, -1_00, "BR-0", "COMISION");
        import(&world, "banco.xml", &camt((LATE, LATE), 0, &[nothing])).await;
        // Tuesday; three business days may pass: Wednesday, Thursday, Friday.
        for (days, stale) in [(1, false), (3, false), (6, false), (7, true), (10, true)] {
            let day = LATE.saturating_add(days.days());
            world.at(day, time(10, 0, 0, 0));
            let silent = world.silence("C-1").await;
            assert_eq!(silent.as_deref() == Some("stale_bank_data"), stale, "{day}: {silent:?}");
        }
        let day = LATE.saturating_add(7.days());
        let summary = world.run(day).await;
        assert_eq!(summary.silences.get("stale_bank_data"), Some(&2), "{summary:?}");
        let kinds = |tasks: Vec<store::tasks::Task>| -> Vec<String> {
            tasks.into_iter().map(|it| it.kind).filter(|it| it == "stale_bank_data").collect()
        };
        let (db, id) = (world.engine.db(), world.company.id);
        let tasks = store::tasks::open(db, id, 50).await.expect("read");
        assert_eq!(kinds(tasks), ["stale_bank_data"], "one for all customers");
        let quiet = Entry::new(day, -1_00, "BR-01", "COMISION");
        import(&world, "fresco.xml", &camt((day, day), -1_00, &[quiet])).await;
        let tasks = store::tasks::open(db, id, 50).await.expect("read");
        assert!(kinds(tasks).is_empty());
        assert_ne!(world.silence("C-1").await.as_deref(), Some("stale_bank_data"));
    }

    async fn nobody_is_chased_while_a_proposal_may_be_the_payment(test: &TestDb) {
        let mut world = world(test).await;
        world.company.settings.apply_from_ppm = 1_000_001;
        world.at(LATE, time(8, 0, 0, 0));
        world.run(LATE).await;
        let planned = world.contacts().await.len();
        assert_eq!(planned, 2, "both are late");
        let entry = Entry::new(LATE, 98_000, "BR-5", "FAC-2026-00777").from("SOL", "");
        reconcile(&world, "otro.xml", &camt((LATE, LATE), 0, &[entry])).await;
        assert_eq!(proposed(&world).await.len(), 1);
        // The plan is there already: the claim asks again (invariant 4).
        world.at(LATE, time(12, 0, 0, 0));
        let sent = world.dispatch().await;
        assert_eq!(sent.suppressed.get("unapplied_credit_may_cover"), Some(&1), "{sent:?}");
        assert_eq!(sent.sent, 1);
    }

    async fn a_line_told_early_gives_way_to_the_booked_one(test: &TestDb) {
        let world = world(test).await;
        let early = camt((LATE, LATE), 0, &[sure()])
            .replace("camt.053.001.02", "camt.052.001.02")
            .replace("BkToCstmrStmt", "BkToCstmrAcctRpt")
            .replace("<Stmt>", "<Rpt>")
            .replace("</Stmt>", "</Rpt>");
        let told = import(&world, "intradia.xml", &early).await;
        assert_eq!(told.by_entity["bank_transactions"].created, 1);
        let booked = import(&world, "banco.xml", &camt((LATE, LATE), 0, &[sure()])).await;
        let counts = booked.by_entity["bank_transactions"];
        assert_eq!((counts.created, counts.updated, counts.unchanged), (0, 1, 0));
        let again = import(&world, "intradia.xml", &early).await;
        assert_eq!(again.by_entity["bank_transactions"].unchanged, 1);
    }

    async fn gaps_and_balances_that_do_not_add_up_are_told(test: &TestDb) {
        let world = world(test).await;
        let first = camt((LATE, LATE), 0, &[sure()]);
        import(&world, "uno.xml", &first).await;
        let later = LATE.saturating_add(4.days());
        world.at(later, time(9, 0, 0, 0));
        let entry = Entry::new(later, 1_00, "BR-8", "ABONO");
        let read = import(&world, "dos.xml", &camt((later, later), 190_000, &[entry])).await;
        assert!(read.warnings.iter().any(|it| it.starts_with("Faltan los estados de cuenta")),
            "{:?}", read.warnings);
        let seen = world.engine.bank_accounts(&world.company).await.expect("accounts");
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].gaps.len(), 1);
        assert_eq!(seen[0].account.data_until, Some(later));
        assert_eq!(seen[0].balance.expect("a balance").0.minor, 190_100);
    }
}
