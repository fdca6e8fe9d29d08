//! The first page and the reports: every number leads to its rows, and nothing that a file wrote
//! becomes part of the page.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use domain::user::Role;
use store::bulk::{CustomerFacts, ImportChunk};
use testkit::{TestDb, application, both_databases, document, payment};

use crate::app::{App, TODAY};

/// What a spreadsheet may hold.
const HOSTILE: &str = "\"><script>alert(1)</script>";

/// Invoices of three customers, one of whom has a name that is no name.
async fn app(test: &TestDb) -> App {
    let app = App::new(&test.db).await;
    let named = CustomerFacts {
        key: "C-2".to_owned(),
        name: Some(HOSTILE.to_owned()),
        ..CustomerFacts::default()
    };
    app.world
        .facts(ImportChunk {
            customers: vec![named],
            documents: vec![
                document("C-1", "F-1", "2026-01-20", 100_000),
                document("C-1", "F-2", "2026-02-27", 200_000),
                document("C-2", HOSTILE, "2026-03-20", 300_000),
                document("=1+1", "F-4", "2025-11-01", 7_000),
            ],
            payments: vec![payment("C-1", "P-1", "2026-01-30", 100_000)],
            applications: vec![application("P-1", "F-1", "2026-01-30", 100_000)],
            ..ImportChunk::default()
        })
        .await;
    app
}

/// The addresses a page links to, as written.
fn links(body: &str) -> Vec<String> {
    let hrefs = body.split("href=\"").skip(1);
    let hrefs = hrefs.filter_map(|rest| rest.split('"').next());
    hrefs
        .map(|it| it.replace("&amp;", "&").replace("&#38;", "&"))
        .collect()
}

both_databases! {
    async fn a_company_without_documents_is_told_the_next_step(test: &TestDb) {
        let app = App::new(&test.db).await;
        let page = app.sit(Role::Manager).await.get(&app.path("/home")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.body.contains("Traiga su cartera"), "{}", page.body);
        assert!(!page.body.contains("<svg class=\"chart\""));
    }

    async fn every_figure_of_the_first_page_leads_to_its_rows(test: &TestDb) {
        let app = app(test).await;
        let page = app.sit(Role::Collector).await.get(&app.path("/home")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        for said in ["$5,070.00 MXN", "$2,070.00 MXN", "Antigüedad de saldos", "DSO"] {
            assert!(page.body.contains(said), "{said} is not in {}", page.body);
        }
        let links = links(&page.body);
        for wanted in [
            "/documents?state=overdue&currency=MXN",
            "/documents?currency=MXN&state=overdue&days_from=1&days_to=30",
            "/documents?currency=MXN&state=overdue&days_from=91",
            "/documents?currency=MXN&state=open&due_from=2026-03-02",
            "/reports/documents?currency=MXN&week=3",
            "/reports/customers?on=2026-02-28&currency=MXN",
            "/reports/trend/export?format=xlsx&currency=MXN",
        ] {
            let wanted = app.path(wanted);
            assert!(links.contains(&wanted), "{wanted} is not in {links:?}");
        }
        assert_eq!(page.body.matches("<svg class=\"chart\"").count(), 3);
        assert!(!page.body.contains("<script>alert"), "a name stays a text");
        assert!(!page.body.contains("style=\""), "no style within a page");
    }

    async fn each_report_shows_what_it_takes_away(test: &TestDb) {
        let app = app(test).await;
        app.world.promise("C-1", "10.00", jiff::civil::date(2026, 3, 5)).await;
        let auditor = app.sit(Role::Auditor).await;
        for (report, on_page, in_file) in [
            ("customers", ">2,000.00<", "'=1+1,MXN,0.00,0.00,0.00,0.00,70.00,70.00"),
            ("ageing", "Saldos a favor", "1–30,MXN,2000.00,1,39.45"),
            ("trend", "2 mar 2026", "2026-03-02,MXN,"),
            ("expected", "Ya pasó su día esperado", "Ya pasó su día esperado,MXN,,,"),
            ("promises", "mar 2026", "2026-03-01,MXN,0,0,1,,0.00,0.00"),
            ("activity", "ana", "ana,0,1,"),
        ] {
            let path = app.path(&format!("/reports/{report}"));
            let page = auditor.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{report}: {}", page.body);
            assert!(page.body.contains(on_page), "{report}: {}", page.body);
            assert!(!page.body.contains("<script>alert"));
            let file = auditor.get(&format!("{path}/export?format=csv")).await;
            assert_eq!(file.status, StatusCode::OK, "{report}");
            assert!(file.body.contains(in_file), "{report}: {}", file.body);
            let book = auditor.get(&format!("{path}/export?format=xlsx")).await;
            let kind = book.headers[CONTENT_TYPE].to_str().expect("text");
            assert!(kind.contains("spreadsheetml"), "{report}: {kind}");
        }
        let week = app.path("/reports/documents?currency=MXN&week=4");
        let week = auditor.get(&week).await.body;
        assert!(week.contains("&lt;script&gt;") || week.contains("&#60;script&#62;"), "{week}");
        let none = auditor.get(&app.path("/reports/nothing")).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
    }

    async fn a_report_is_of_any_day(test: &TestDb) {
        let app = app(test).await;
        let auditor = app.sit(Role::Auditor).await;
        let path = app.path("/reports/customers?on=2026-01-25&currency=MXN");
        let page = auditor.get(&path).await;
        // F-1 was overdue then, and not yet paid; F-2 was not due.
        assert!(page.body.contains("Al 25 ene 2026."), "{}", page.body);
        assert!(page.body.contains(">1,000.00<"), "{}", page.body);
        let odd = auditor.get(&app.path("/reports/ageing?on=ayer&currency=%27")).await;
        assert_eq!(odd.status, StatusCode::OK, "what does not read is left out");
        let today = odd.body.contains("Al 2 mar 2026.");
        assert!(today, "{} is {TODAY}", odd.body);
    }

    async fn a_large_company_reads_what_was_computed(test: &TestDb) {
        let app = app(test).await;
        let many = (0..engine::figures::LIVE_DOCUMENTS_MAX)
            .map(|n| document("C-9", &format!("G-{n}"), "2026-02-01", 0));
        app.world.facts(ImportChunk { documents: many.collect(), ..ImportChunk::default() }).await;
        let manager = app.sit(Role::Manager).await;
        let before = manager.get(&app.path("/reports/customers?on=2026-03-01")).await;
        assert!(before.body.contains("aún no se han calculado"), "{}", before.body);
        let (engine, company) = (&app.world.engine, &app.world.company);
        assert!(engine.refresh_figures(company, TODAY).await.expect("computed"));
        let home = manager.get(&app.path("/home")).await;
        assert!(home.body.contains("Calculado el 2 mar 2026, 07:00."), "{}", home.body);
        assert!(home.body.contains("Calcular de nuevo"), "{}", home.body);
        assert!(home.body.contains("$5,070.00 MXN"), "{}", home.body);
    }
}
