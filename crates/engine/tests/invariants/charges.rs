//! Charges that become documents: a note of their own, once for an invoice and month, and nothing
//! where nothing was said (8).

use domain::document::DocumentKind;
use domain::hold::HoldKind;
use engine::charges::Booked;
use engine::payments::NewPayment;
use jiff::civil::{Date, date, time};
use testkit::{TestDb, World};

use super::one_late;

const APRIL: Date = date(2026, 4, 1);
const MAY: Date = date(2026, 5, 1);

const CHARGES: &str = r#"
[late_charges]
[late_charges.interest]
percent_per_year = 36
day_count = "actual_360"
compounding = "simple"
grace_days = 0
source = "pagaré"
"#;
const BOOK: &str = "[late_charges.book]\nevery = \"month\"\ndue_in_days = 10\n";

/// The company's policy with these sections behind it.
async fn with_policy(world: &mut World, sections: &str) {
    let policy = world
        .engine
        .policy_source(&world.company)
        .await
        .expect("read");
    let text = format!("{}\n{sections}", policy.expect("a policy"));
    let used = world
        .engine
        .use_policy(&world.company, "propia", &text, "Ana")
        .await;
    used.expect("used");
    world.company = world
        .engine
        .company(None)
        .await
        .expect("read")
        .expect("a company");
}

/// Ten thousand late since 3 March, and a policy that books.
async fn booking(test: &TestDb) -> World {
    let mut world = one_late(test).await;
    with_policy(&mut world, &format!("{CHARGES}{BOOK}")).await;
    world
}

/// Books on a day; each note as `number amount`.
async fn book(world: &World, day: Date) -> Vec<String> {
    world.at(day, time(7, 0, 0, 0));
    let booked = world
        .engine
        .book_charges(&world.company, false, "ana")
        .await;
    told(&booked.expect("booked"))
}

fn told(booked: &Booked) -> Vec<String> {
    let notes = booked.notes.iter();
    let amount = |it: &serde_json::Value| it["amount"].as_str().unwrap_or_default().to_owned();
    notes
        .map(|it| format!("{} {}", it.note, amount(&it.amount)))
        .collect()
}

async fn pay(world: &World, amount: &str, on: Date) {
    let payment = NewPayment {
        customer: "C-1".to_owned(),
        amount: amount.parse().expect("an amount"),
        currency: None,
        on: Some(on),
        reference: None,
        documents: vec![("F-1".to_owned(), None)],
    };
    let paid = world
        .engine
        .add_payment(&world.company, payment, "ana")
        .await;
    paid.expect("a payment");
}

/// What is open, as `number minor`.
async fn open(world: &World) -> Vec<String> {
    let statement = world.statement("C-1").await;
    let lines = statement.documents.iter();
    lines
        .map(|it| format!("{} {}", it.number, it.open.minor))
        .collect()
}

testkit::both_databases! {
    async fn inv_08_a_month_is_booked_once_in_a_document_of_its_own(test: &TestDb) {
        let world = booking(test).await;
        let before = world.books("C-1").await.documents;
        world.at(APRIL, time(7, 0, 0, 0));
        let contents = test.contents().await;
        let dry = world.engine.book_charges(&world.company, true, "ana").await.expect("dry");
        // 29 days at a tenth of a per cent.
        assert_eq!(told(&dry), ["CARGO-F-1-2026-03 290.00"]);
        assert_eq!(contents, test.contents().await);

        assert_eq!(book(&world, APRIL).await, told(&dry));
        let contents = test.contents().await;
        assert!(book(&world, APRIL).await.is_empty());
        assert_eq!(contents, test.contents().await);
        let other = world.engine_on(test.open_again().await);
        let again = other.book_charges(&world.company, false, "ana").await.expect("booked");
        assert!(again.notes.is_empty() && again.left_out.is_empty(), "{again:?}");
        assert!(book(&world, date(2026, 4, 30)).await.is_empty());

        let books = world.books("C-1").await;
        let invoice: Vec<_> = books.documents.iter().filter(|it| it.number == "F-1").collect();
        assert_eq!(invoice, before.iter().collect::<Vec<_>>());
        let note = books.documents.iter().find(|it| it.number == "CARGO-F-1-2026-03");
        let note = note.expect("the note");
        assert_eq!((note.kind, note.due), (DocumentKind::DebitNote, date(2026, 4, 11)));
        assert_eq!(books.charged.len(), 1);
        let charged = &books.charged[0];
        let sum: i64 = charged.lines.iter().map(|it| it.amount.minor).sum();
        assert_eq!((charged.note, charged.invoice, sum), (note.id, invoice[0].id, 29_000));

        // Beside the balance stands only what is booked nowhere, and a charge bears no charge.
        let beside = world.engine.charges_of(&world.company, "C-1", date(2026, 4, 2)).await;
        let beside = beside.expect("charges").totals();
        assert_eq!(beside.iter().map(|it| it.minor).collect::<Vec<_>>(), [2_000]);
        assert_eq!(book(&world, MAY).await, ["CARGO-F-1-2026-04 300.00"]);
        let left = ["F-1 1000000", "CARGO-F-1-2026-03 29000", "CARGO-F-1-2026-04 30000"];
        assert_eq!(open(&world).await, left);
    }

    async fn inv_08_nothing_is_booked_when_blank(test: &TestDb) {
        let mut world = one_late(test).await;
        world.at(APRIL, time(7, 0, 0, 0));
        let contents = test.contents().await;
        assert!(book(&world, APRIL).await.is_empty());
        assert_eq!(contents, test.contents().await);
        with_policy(&mut world, CHARGES).await;
        let contents = test.contents().await;
        assert!(book(&world, APRIL).await.is_empty());
        assert_eq!(contents, test.contents().await);
    }

    async fn inv_08_two_at_once_book_once(test: &TestDb) {
        let world = booking(test).await;
        world.at(APRIL, time(7, 0, 0, 0));
        let other = world.engine_on(test.open_again().await);
        let (one, two) = tokio::join!(
            world.engine.book_charges(&world.company, false, "ana"),
            other.book_charges(&world.company, false, "luis"),
        );
        let (one, two) = (one.expect("booked"), two.expect("booked"));
        assert_eq!(one.notes.len() + two.notes.len(), 1, "{one:?} {two:?}");
        assert_eq!(open(&world).await, ["F-1 1000000", "CARGO-F-1-2026-03 29000"]);
    }

    async fn inv_08_a_number_that_is_taken_books_nothing_and_says_so(test: &TestDb) {
        let mut world = booking(test).await;
        world.invoice("C-1", "CARGO-F-1-2026-03", "5.00", (crate::ISSUED, crate::DUE)).await;
        world.at(APRIL, time(7, 0, 0, 0));
        let booked = world.engine.book_charges(&world.company, false, "ana").await;
        let booked = booked.expect("booked");
        assert_eq!(booked.left_out.len(), 1, "{booked:?}");
        assert!(world.books("C-1").await.charged.is_empty());
    }

    async fn inv_08_money_dated_back_takes_the_charge_back(test: &TestDb) {
        let world = booking(test).await;
        book(&world, APRIL).await;
        // Half of it was there on the 12th: 10 days on all, 19 on half.
        pay(&world, "5000", date(2026, 3, 12)).await;
        assert_eq!(book(&world, date(2026, 4, 2)).await, ["ANULA-CARGO-F-1-2026-03 -95.00"]);
        assert!(book(&world, date(2026, 4, 2)).await.is_empty());
        assert_eq!(open(&world).await, ["F-1 500000", "CARGO-F-1-2026-03 19500"]);
        // The rest too: nothing was late at the end of the month.
        pay(&world, "5000", date(2026, 3, 12)).await;
        assert_eq!(book(&world, date(2026, 4, 3)).await, ["ANULA-CARGO-F-1-2026-03-2 -195.00"]);
        assert!(book(&world, MAY).await.is_empty());
        assert!(open(&world).await.is_empty());
        assert!(world.statement("C-1").await.credits.is_empty());
    }

    async fn inv_08_paying_later_takes_nothing_back(test: &TestDb) {
        let world = booking(test).await;
        book(&world, APRIL).await;
        world.at(date(2026, 4, 10), time(12, 0, 0, 0));
        pay(&world, "10000", date(2026, 4, 10)).await;
        assert!(book(&world, date(2026, 4, 11)).await.is_empty());
        assert!(book(&world, MAY).await.is_empty());
        assert_eq!(open(&world).await, ["CARGO-F-1-2026-03 29000"]);
    }

    async fn a_disputed_invoice_waits_and_is_caught_up(test: &TestDb) {
        let world = booking(test).await;
        let span = (Some(date(2026, 3, 20)), Some(date(2026, 4, 15)));
        world.hold("C-1", HoldKind::Dispute, Some("F-1"), span).await;
        assert!(book(&world, APRIL).await.is_empty());
        assert_eq!(book(&world, MAY).await, ["CARGO-F-1-2026-04 590.00"]);
    }

    async fn a_note_is_not_asked_for_without_what_it_consists_of(test: &TestDb) {
        let world = booking(test).await;
        book(&world, APRIL).await;
        let day = date(2026, 4, 13);
        world.run(day).await;
        world.at(day, time(9, 30, 0, 0));
        assert_eq!(world.dispatch().await.sent, 1);
        let contact = world.contacts().await.remove(0);
        let (db, company) = (world.engine.db(), world.company.id);
        let left = store::messages::of_contacts(db, company, &[contact.id]).await;
        let text = &left.expect("the message")[0].text;
        let what = "La nota CARGO-F-1-2026-03 es por intereses y recargos de la factura F-1";
        assert!(text.contains(what), "{text}");
        let line = "- Interés por atraso: $290.00 MXN (10000.00 MXN × 36 % × 29 ÷ 360).";
        assert!(text.contains(line), "{text}");
        assert_eq!(world.differences(&contact).await, Vec::<String>::new());
    }
}
