//! The figures of a page: sums of the rows behind them, equal to the reports, kept and computed
//! anew, on both databases.

use domain::kpi::Bucket;
use domain::{Currency, Money};
use engine::figures::{CurrencyFigures, Figures, LIVE_DOCUMENTS_MAX};
use jiff::civil::{Date, date};
use store::bulk::{DocumentFacts, ImportChunk};
use testkit::{World, application, both_databases, document, payment};

const TODAY: Date = date(2026, 3, 31);

/// Six invoices of three customers in two currencies, with what was paid of them:
/// C-1 pays ten days late, C-2 never paid, C-3 owes dollars.
async fn world(test: &testkit::TestDb) -> World {
    let world = World::mexican(&test.db, TODAY).await;
    let in_dollars = |document: DocumentFacts| DocumentFacts {
        amount: Money::new(document.amount.minor, Currency::USD),
        ..document
    };
    world
        .facts(ImportChunk {
            documents: vec![
                document("C-1", "F-1", "2026-02-10", 100_000),
                document("C-1", "F-2", "2026-03-10", 200_000),
                document("C-1", "F-3", "2026-04-01", 300_000),
                document("C-2", "F-4", "2026-01-15", 50_000),
                document("C-2", "F-5", "2026-04-20", 70_000),
                in_dollars(document("C-3", "F-6", "2026-03-30", 9_000)),
            ],
            payments: vec![
                payment("C-1", "P-1", "2026-02-20", 100_000),
                payment("C-1", "P-2", "2026-03-25", 60_000),
            ],
            applications: vec![
                application("P-1", "F-1", "2026-02-20", 100_000),
                application("P-2", "F-2", "2026-03-25", 50_000),
            ],
            ..ImportChunk::default()
        })
        .await;
    world
}

fn pesos(figures: &Figures) -> &CurrencyFigures {
    let of = |it: &&CurrencyFigures| it.currency == Currency::MXN;
    figures.currencies.iter().find(of).expect("pesos")
}

both_databases! {
    async fn figures_are_sums_of_their_rows(test: &TestDb) {
        let world = world(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let shown = engine.figures(company, TODAY).await.expect("figures");
        assert!(!shown.stale);
        let figures = shown.figures.expect("live");
        assert_eq!(figures.currencies.len(), 2, "totals per currency, never mixed");
        let pesos = pesos(&figures);
        let ageing = pesos.ageing.map(|it| (it.minor, it.count));
        // Not due: F-3, F-5. 1–30: what is left of F-2. 61–90: F-4.
        assert_eq!(ageing, [(370_000, 2), (150_000, 1), (0, 0), (50_000, 1), (0, 0)]);
        assert_eq!((pesos.open(), pesos.overdue(), pesos.credits), (570_000, 200_000, 10_000));
        assert_eq!((pesos.customers_open, pesos.customers_overdue), (2, 2));
        let rows = engine.largest_customers(company, TODAY).await.expect("read");
        let rows = rows.figures.expect("live");
        for (place, bucket) in Bucket::ALL.iter().enumerate() {
            let of = rows.iter().filter(|row| row.currency == Currency::MXN);
            let sum: i64 = of.map(|row| row.buckets[place]).sum();
            assert_eq!(sum, pesos.ageing[place].minor, "{bucket}");
        }
        let mut all = Vec::new();
        for part in engine.ageing_parts(company).await.expect("divided") {
            let part = engine.ageing_of_part(company.id, TODAY, part).await;
            all.extend(part.expect("read"));
        }
        let sorted = |mut rows: Vec<engine::figures::CustomerAgeing>| {
            rows.sort_by(|a, b| a.key.cmp(&b.key));
            rows
        };
        assert_eq!(sorted(all), sorted(rows));
    }

    async fn figures_agree_with_the_reports(test: &TestDb) {
        let world = world(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let figures = engine.figures(company, TODAY).await.expect("figures").figures;
        let figures = figures.expect("live");
        let days = pesos(&figures).trend.iter().map(|month| month.day).collect::<Vec<_>>();
        let ends = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), TODAY];
        assert_eq!(days, ends, "from the month of the first invoice");
        for day in [date(2026, 2, 28), TODAY] {
            let report = engine.kpis(company, day, 90).await.expect("figures");
            let told = &report.currencies["MXN"];
            let months = &pesos(&figures).trend;
            let month = months.iter().find(|it| it.day == day).expect("there");
            let decimal = |value: Option<i64>| {
                value.map(|it| format!("{}.{:02}", it / 100, it % 100))
            };
            for (name, value) in [
                ("dso", month.dso),
                ("dso_count_back", month.count_back),
                ("dso_best_possible", month.best_possible),
                ("average_days_delinquent", month.delinquent),
                ("cei", month.effectiveness),
                ("overdue_rate", month.overdue_rate),
            ] {
                let told: Option<rust_decimal::Decimal> =
                    told[name].as_str().map(|it| it.parse().expect("a decimal"));
                let told = told.map(|it| format!("{it:.2}"));
                assert_eq!(decimal(value), told, "{name} on {day}");
            }
            let closing = report.currencies["MXN"]["closing"]["amount"].as_str();
            let closing = closing.map(|it| it.replace('.', "").parse::<i64>().expect("digits"));
            assert_eq!(closing, Some(month.closing));
        }
        let report = engine.ageing(company, TODAY).await.expect("ageing");
        let net = &report.currencies["MXN"]["net"]["amount"];
        assert_eq!(net.as_str(), Some("5600.00"));
    }

    async fn cash_is_expected_by_the_customers_mean(test: &TestDb) {
        let world = world(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let figures = engine.figures(company, TODAY).await.expect("figures").figures;
        let figures = figures.expect("live");
        let pesos = pesos(&figures);
        assert_eq!(pesos.mean_days_late, Some(10));
        // F-2 (due 10 March) passed its day; F-3 on 11 April, F-5 on 30 April; F-4 passed.
        assert_eq!((pesos.passed.minor, pesos.passed.count), (200_000, 2));
        let weeks: Vec<i64> = pesos.weeks.iter().map(|week| week.not_due + week.overdue).collect();
        assert_eq!(weeks, [0, 300_000, 0, 0, 70_000, 0, 0, 0]);
        let expected = pesos.passed.minor + weeks.iter().sum::<i64>() + pesos.later.minor;
        assert_eq!(expected, pesos.open(), "every open cent is in one place");
        let rows = engine.largest_expected(company, TODAY).await.expect("read").figures;
        let week = rows.expect("live").into_iter().find(|it| it.week == Some(4)).expect("a week");
        let row = &week.largest[0];
        assert_eq!((row.number.as_str(), row.mean_days_late), ("F-5", None));
        assert_eq!(row.expected, date(2026, 4, 30), "as the company is paid");
    }

    async fn promises_are_kept_broken_or_due(test: &TestDb) {
        let world = world(test).await;
        world.promise("C-1", "100.00", date(2026, 4, 2)).await;
        world.promise("C-2", "500.00", date(2026, 4, 3)).await;
        world.promise("C-2", "1.00", date(2026, 4, 15)).await;
        world.pay("C-1", "100.00", &[]).await;
        let later = date(2026, 4, 3);
        let (engine, company) = (&world.engine, &world.company);
        let figures = engine.figures(company, later).await.expect("figures").figures;
        let figures = figures.expect("live");
        let month = figures.promise_months[0];
        assert_eq!((month.kept.minor, month.kept.count), (10_000, 1));
        assert_eq!((month.pending.minor, month.pending.count), (50_100, 2));
        assert_eq!(pesos(&figures).promises_due.minor, 50_000);
        let figures = engine.figures(company, date(2026, 4, 4)).await.expect("figures").figures;
        let figures = figures.expect("live");
        assert_eq!(pesos(&figures).promises_broken.minor, 50_000);
        let ana = &figures.activity[0];
        assert_eq!((ana.author.as_str(), ana.promises, ana.payments > 0), ("ana", 3, true));
    }

    async fn a_large_companys_figures_are_kept(test: &TestDb) {
        let world = world(test).await;
        let (engine, company) = (&world.engine, &world.company);
        let live = engine.figures(company, TODAY).await.expect("figures").figures.expect("live");
        let many = (0..LIVE_DOCUMENTS_MAX)
            .map(|n| document("C-9", &format!("G-{n}"), "2026-03-02", 0));
        world.facts(ImportChunk { documents: many.collect(), ..ImportChunk::default() }).await;
        assert!(!engine.figures_are_live(company).await.expect("counted"));
        let none = engine.figures(company, TODAY).await.expect("read");
        assert_eq!((none.figures, none.stale), (None, true), "nothing was computed yet");
        assert!(engine.refresh_stale_figures(company).await.expect("computed"));
        assert!(!engine.refresh_stale_figures(company).await.expect("read"), "nothing changed");
        let kept = engine.figures(company, TODAY).await.expect("read");
        assert_eq!((kept.stale, kept.computed_at), (false, Some(world.now())));
        assert_eq!(kept.figures, Some(live), "documents of nothing change nothing");
        world.at(TODAY, jiff::civil::time(9, 0, 0, 0));
        world.pay("C-2", "500.00", &["F-4"]).await;
        let stale = engine.figures(company, TODAY).await.expect("read");
        assert!(stale.stale);
        assert_eq!(pesos(&stale.figures.expect("kept")).overdue(), 200_000);
        assert!(engine.refresh_stale_figures(company).await.expect("computed"));
        let fresh = engine.figures(company, TODAY).await.expect("read").figures.expect("kept");
        assert_eq!(pesos(&fresh).overdue(), 150_000);
        assert!(engine.largest_customers(company, TODAY).await.expect("read").figures.is_some());
        assert!(!engine.figures_are_computed(company).await.expect("read"));
    }

    async fn figures_are_computed_by_one_at_a_time(test: &TestDb) {
        let world = world(test).await;
        let company = world.company.id;
        let now = world.now();
        let stale = now - jiff::SignedDuration::from_mins(10);
        let mut tx = test.db.begin().await.expect("begin");
        assert!(store::figures::claim(&mut tx, company, now, stale).await.expect("claimed"));
        assert!(!store::figures::claim(&mut tx, company, now, stale).await.expect("refused"));
        tx.commit().await.expect("commit");
        let refreshed = world.engine.refresh_figures(&world.company, TODAY).await;
        assert!(!refreshed.expect("refused"), "somebody is at it");
        assert!(world.engine.figures_are_computed(&world.company).await.expect("read"));
        world.set(now + jiff::SignedDuration::from_mins(11));
        let refreshed = world.engine.refresh_figures(&world.company, TODAY).await;
        assert!(refreshed.expect("taken over"), "who takes so long has died");
    }

    async fn what_waits_is_counted_to_a_bound(test: &TestDb) {
        let world = world(test).await;
        let stamp = world.stamp();
        let mut tx = test.db.begin().await.expect("begin");
        for kind in ["unknown_outcome", "unknown_outcome", "refused_message"] {
            let about = (None, None);
            let company = world.company.id;
            let added = store::tasks::add(&mut tx, &stamp, company, about, kind, "…").await;
            added.expect("added");
        }
        tx.commit().await.expect("commit");
        let waiting = world.engine.waiting(&world.company).await.expect("counted");
        let kinds: Vec<_> = waiting.tasks.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
        assert_eq!(kinds, [("refused_message", 1), ("unknown_outcome", 2)]);
        assert_eq!(waiting.quarantined, 0);
        let two = store::figures::tasks_up_to(&test.db, world.company.id, 2).await.expect("read");
        assert_eq!(two.iter().map(|(_, n)| n).sum::<u32>(), 2);
    }
}
