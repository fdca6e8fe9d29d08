//! The ledger: civil dates, figures that agree, files that may come twice (3, 10, 11, 15).

use std::collections::BTreeMap;

use domain::customer::Country;
use domain::hold::HoldKind;
use domain::law::Packs;
use domain::ledger::Source;
use engine::holds::NewHold;
use jiff::ToSpan;
use jiff::civil::{Date, date, time};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::TestDb;

use super::{DUE, ISSUED, LATE, add, early};

/// Every country of Latin America and the Caribbean that speaks Spanish or Portuguese.
const COUNTRIES: [&str; 20] = [
    "AR", "BO", "BR", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "MX", "NI", "PA", "PE", "PR",
    "PY", "SV", "UY", "VE",
];

fn zones() -> Vec<TimeZone> {
    let packs = Packs::embedded();
    let of = |code| {
        let zones = packs.zones(Country::new(code).expect("a code"));
        assert!(!zones.is_empty(), "{code}");
        zones.to_vec()
    };
    COUNTRIES.into_iter().flat_map(of).collect()
}

proptest! {
    /// Whatever the zone, the hour and the clock change: the days late are those of the calendar.
    #[test]
    fn inv_03_due_dates_are_civil_in_every_zone_and_clock_change(
        days in 0..4_000_i64,
        ahead in -3..120_i64,
        minute in 0..1_440_i64,
    ) {
        let due = date(2020, 1, 1).saturating_add(days.days());
        let day = due.saturating_add(ahead.days());
        for zone in zones() {
            let at = zone.to_timestamp(day.at(0, 0, 0, 0)).expect("in range");
            // Minutes of the wall clock; one that is skipped reads as the next that is there.
            let hour = i8::try_from(minute / 60).expect("an hour");
            let wall = day.at(hour, i8::try_from(minute % 60).expect("a minute"), 0, 0);
            let wall = zone.to_timestamp(wall).expect("in range").max(at);
            let seen = domain::calendar::local(wall, &zone).date();
            prop_assert_eq!(domain::calendar::days_late(due, seen), ahead);
        }
    }
}

/// Two invoices, due on the eve of clock changes (Cuba, the north of Mexico; Chile).
const EVES: [(&str, Date); 2] = [("F-1", date(2026, 3, 7)), ("F-2", date(2026, 4, 4))];

fn days_late(why: &Value, number: &str) -> Option<i64> {
    let documents = why["documents"].as_array()?;
    documents.iter().find(|it| it["invoice"] == number)?["days_late"].as_i64()
}

testkit::both_databases! {
    async fn inv_03_due_dates_are_civil(test: &TestDb) {
        let mut world = early(test, date(2026, 2, 2)).await;
        add(&world, "C-1").await;
        for (number, due) in EVES {
            world.invoice("C-1", number, "10000.00", (ISSUED, due)).await;
        }
        let stored = world.books("C-1").await.documents;
        let mut dues: Vec<Date> = stored.iter().map(|document| document.due).collect();
        dues.sort_unstable();
        assert_eq!(dues, EVES.map(|(_, due)| due));
        for zone in zones() {
            // The zone of the company is the one in which its days are read.
            world.company.zone = zone.clone();
            for (number, due) in EVES {
                for (ahead, overdue) in [(0, false), (1, true)] {
                    let day = due.saturating_add(ahead.days());
                    for (hour, minute) in [(0, 0), (8, 0), (23, 59)] {
                        world.at(day, time(hour, minute, 0, 0));
                        let why = world.why("C-1").await;
                        let late = days_late(&why, number);
                        assert_eq!(late, Some(ahead), "{zone:?} {day} {hour}:{minute}");
                        let statement = world.statement("C-1").await;
                        let found = statement.overdue().any(|open| open.number == number);
                        assert_eq!(found, overdue, "{zone:?} {day} {hour}:{minute}");
                    }
                }
            }
        }
    }

    async fn inv_10_text_equals_ledger(test: &TestDb) {
        let mut world = early(test, LATE).await;
        add(&world, "C-1").await;
        world.import(&format!(
            "Factura,Código cliente,Fecha emisión,Fecha vencimiento,Importe,Moneda\n\
             F-1,C-1,{ISSUED},2026-02-20,10000.00,MXN\n\
             F-2,C-1,{ISSUED},{DUE},2345.67,MXN\n\
             F-3,C-1,{ISSUED},{DUE},789.01,USD\n\
             F-4,C-1,{ISSUED},2026-03-05,55.50,MXN\n"
        )).await;
        world.import(&format!(
            "Factura,Tipo de documento,Código cliente,Fecha emisión,Importe\n\
             NC-1,nota de crédito,C-1,{ISSUED},111.11\n"
        )).await;
        world.pay("C-1", "1234.56", &["F-1"]).await;
        world.hold("C-1", HoldKind::Dispute, Some("F-2"), (None, None)).await;
        let part = NewHold {
            customer: "C-1".to_owned(),
            document: Some("F-3".to_owned()),
            kind: HoldKind::Dispute,
            amount: "89.01".parse().ok(),
            currency: None,
            from: None,
            until: None,
            reason: "faltó una caja".to_owned(),
        };
        world.engine.add_hold(&world.company, part, "ana").await.expect("a dispute of a part");
        world.run(LATE).await;
        // Between plan and sending money comes in: the text is of the instant of sending.
        world.at(LATE, time(8, 45, 0, 0));
        world.pay("C-1", "0.44", &["F-1"]).await;
        world.at(LATE, time(9, 0, 0, 0));
        assert_eq!(world.dispatch().await.sent, 1);
        let contact = world.contacts().await.remove(0);
        assert_eq!(world.differences(&contact).await, Vec::<String>::new());
        let path = world.outbox.folder().join(format!("{}.eml", contact.id));
        let eml = std::fs::read_to_string(&path).expect("a file");
        let letter = testkit::Letter::read(&eml);
        for part in [&letter.text, &letter.html] {
            for figure in [
                "$8,765.00 MXN", "USD 700.00", "USD 89.01", "$111.11 MXN", "$2,345.67 MXN",
                "$8,653.89 MXN", "$55.50 MXN",
            ] {
                assert!(part.contains(figure), "{figure} in {part}");
            }
            assert!(!part.contains("8,765.44"), "what was planned is not what is owed");
        }
        // The comparison sees: another figure in the file, and money that came in since.
        std::fs::write(&path, eml.replace("8,765.00", "8,766.00")).expect("written");
        assert!(!world.differences(&contact).await.is_empty());
        std::fs::write(&path, &eml).expect("written");
        assert!(world.differences(&contact).await.is_empty());
        world.pay("C-1", "0.01", &["F-1"]).await;
        assert!(!world.differences(&contact).await.is_empty());
    }

    async fn inv_11_totals_per_currency(test: &TestDb) {
        let mut world = early(test, LATE).await;
        add(&world, "C-1").await;
        let mut text =
            "Factura,Código cliente,Fecha emisión,Fecha vencimiento,Importe,Moneda\n".to_owned();
        let amounts = [("MXN", "1000.00"), ("USD", "1000.00"), ("CLP", "20000"), ("EUR", "0.50")];
        for (index, (currency, amount)) in amounts.into_iter().enumerate() {
            text += &format!("F-{index},C-1,{ISSUED},{DUE},{amount},{currency}\n");
            text += &format!("G-{index},C-1,{ISSUED},{LATE},{amount},{currency}\n");
        }
        world.import(&text).await;
        world.pay("C-1", "250.00", &["F-0"]).await;
        let left = world.day(LATE).await;
        let content: Value = serde_json::from_str(&left[0].content).expect("JSON");
        let mut totals: BTreeMap<String, String> = BTreeMap::new();
        for total in content["totals"].as_array().expect("totals") {
            let text = |key: &str| total[key].as_str().expect("text").to_owned();
            assert_eq!(totals.insert(text("currency"), text("amount")), None);
        }
        // Half a euro is less than the policy asks for.
        let expected = [("CLP", "20000"), ("MXN", "750.00"), ("USD", "1000.00")];
        assert_eq!(totals, expected.map(|(c, a)| (c.to_owned(), a.to_owned())).into());
        let next = LATE.tomorrow().expect("in range");
        let ageing = world.engine.ageing(&world.company, next).await.expect("ageing");
        let net = ageing.currencies.iter().map(|(code, buckets)| {
            let net = &buckets["net"];
            (code.as_str(), net["amount"].as_str().expect("text"), net["currency"].as_str())
        });
        assert_eq!(net.collect::<Vec<_>>(), [
            ("CLP", "40000", Some("CLP")),
            ("EUR", "1.00", Some("EUR")),
            ("MXN", "1750.00", Some("MXN")),
            ("USD", "2000.00", Some("USD")),
        ]);
        let kpis = world.engine.kpis(&world.company, next, 90).await.expect("figures");
        assert_eq!(kpis.currencies.len(), 4);
        let closing = &kpis.currencies["MXN"]["closing"];
        assert_eq!(*closing, json!({ "amount": "1750.00", "currency": "MXN" }));
    }

    async fn inv_15_reimport_changes_nothing(test: &TestDb) {
        let world = early(test, LATE).await;
        let luz = "Abarrotes La Luz SA de CV,ALU010101AB1,a@luz.example";
        let diaz = "Ferretería Díaz SA de CV,FDI010101AB2,";
        let invoices = format!(
            "Factura,Cliente,RFC,Correo,Emisión,Vencimiento,Importe,Saldo,Vendedor\n\
             F-1,{luz},2026-02-02,2026-03-02,1000.00,400.00,Ana\n\
             F-2,{luz},2026-02-02,2026-03-05,2000.00,2000.00,Ana\n\
             F-3,{diaz},2026-02-02,2026-03-02,300.00,0.00,Luis\n\
             ,{diaz},2026-02-02,2026-03-02,300.00,0.00,Luis\n"
        );
        let invoices = invoices.as_str();
        let payments = "Fecha de pago,Factura,Importe pagado,Referencia de pago\n\
            2026-03-02,F-2,500.00,SPEI-77\n";
        let first = world.import_named("facturas.csv", invoices).await;
        assert_eq!((first.created > 0, first.quarantined.len()), (true, 1));
        world.import_named("pagos.csv", payments).await;
        let before = census(test).await;
        for (name, text) in [("facturas.csv", invoices), ("pagos.csv", payments)] {
            // Another day, so that nothing rests on the clock.
            world.at(date(2026, 3, 20), time(7, 0, 0, 0));
            let again = world.import_named(name, text).await;
            let changes = (again.created, again.updated, again.applied);
            assert_eq!(changes, (0, 0, 0), "{name}: {again:?}");
            assert_eq!(census(test).await, before, "{name}");
        }
        // Written anew with its columns in another order and its lines too, it is the same file.
        let shuffled = format!(
            "Vendedor,Importe,Saldo,Cliente,RFC,Correo,Vencimiento,Emisión,Factura\n\
             Ana,2000.00,2000.00,{luz},2026-03-05,2026-02-02,F-2\n\
             Ana,1000.00,400.00,{luz},2026-03-02,2026-02-02,F-1\n"
        );
        let again = world.import_named("facturas-2.csv", &shuffled).await;
        assert_eq!((again.created, again.updated), (0, 0), "{again:?}");
    }

    async fn inv_15_the_same_payer_and_amount_next_month_is_no_duplicate(test: &TestDb) {
        let mut world = early(test, LATE).await;
        add(&world, "C-1").await;
        for (number, due) in [("F-1", "2026-01-31"), ("F-2", "2026-02-28"), ("F-3", "2026-03-31")] {
            let due = due.parse().expect("a day");
            world.invoice("C-1", number, "500.00", (date(2026, 1, 1), due)).await;
        }
        // No reference of its own: payer, day and amount are all the file says.
        let january = "Fecha de pago,Código cliente,Importe pagado\n2026-01-31,C-1,500.00\n";
        let february = "Fecha de pago,Código cliente,Importe pagado\n2026-02-28,C-1,500.00\n";
        for text in [january, february, january, february] {
            world.import(text).await;
        }
        let books = world.books("C-1").await;
        assert_eq!(books.payments.len(), 2);
        let open = books.statement(LATE).documents;
        let open: Vec<_> = open.iter().map(|document| document.number.as_str()).collect();
        assert_eq!(open, ["F-3"]);
    }

    async fn inv_15_one_deposit_pays_n_documents(test: &TestDb) {
        let mut world = early(test, LATE).await;
        add(&world, "C-1").await;
        for (number, amount) in [("F-1", "100.10"), ("F-2", "200.20"), ("F-3", "300.30")] {
            world.invoice("C-1", number, amount, (ISSUED, DUE)).await;
        }
        world.pay("C-1", "450.00", &["F-3", "F-1", "F-2"]).await;
        let books = world.books("C-1").await;
        let one = books.payments.as_slice();
        assert_eq!(one.len(), 1);
        assert!(books.applications.iter().all(|it| it.source == Source::Payment(one[0].id)));
        assert_eq!(books.applications.len(), 3);
        let open = books.statement(LATE);
        let left = open.documents.iter().map(|it| (it.number.as_str(), it.open.minor));
        let left: Vec<_> = left.collect();
        assert_eq!(left, [("F-2", 15_060)]);
        assert_eq!(open.credits, []);
    }
}

/// Rows of every table but the list of imports itself.
async fn census(test: &TestDb) -> BTreeMap<String, i64> {
    let mut census = test.census().await;
    census.remove("imports").expect("imports are counted");
    assert!(census.len() > 15, "{census:?}");
    census
}
