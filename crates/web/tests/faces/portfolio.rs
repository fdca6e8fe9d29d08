//! Lists of customers and documents: found, narrowed, turned, kept, taken away, done to many; and
//! what a file wrote stays text.

use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use domain::customer::BehaviourClass;
use domain::user::Role;
use store::bulk::{ImportChunk, import_chunk};
use store::{customers, holds};
use testkit::{TestDb, customer, document, email, stamp};

use crate::app::App;

const HOSTILE: &str = "<script>alert(1)</script>";

/// Sixty customers, each with an invoice overdue since another day; one with a hostile name.
async fn app(test: &TestDb) -> App {
    let app = App::new(&test.db).await;
    let mut chunk = ImportChunk::default();
    for at in 0..60 {
        let key = format!("K{at:03}");
        let mut facts = customer(&key);
        facts.name = Some(match at {
            7 => HOSTILE.to_owned(),
            8 => "=HYPERLINK(\"http://x\")".to_owned(),
            _ => format!("Cliente número {at}"),
        });
        facts.behaviour = (at < 3).then_some(BehaviourClass::Slow);
        facts.tags = (at == 7).then(|| vec!["\"><b>vip".to_owned()]);
        chunk.customers.push(facts);
        chunk.contact_points.push(email(&key));
        let due = format!("2026-{:02}-{:02}", 1 + at / 30, 1 + at % 28);
        chunk
            .documents
            .push(document(&key, &format!("F-{at:05}"), &due, 10_000 + at));
    }
    let (company, stamp) = (app.world.company.id, stamp("2026-03-02T14:00:00Z", 9));
    let counts = import_chunk(&test.db, &stamp, company, chunk)
        .await
        .expect("written");
    let figures =
        store::portfolio::figures::refresh_customers(&test.db, company, &counts.touched, stamp.at);
    figures.await.expect("figures");
    app
}

/// The addresses of a page's links with this `rel`.
fn link(body: &str, rel: &str) -> Option<String> {
    let (_, rest) = body.split_once(&format!("rel=\"{rel}\" href=\""))?;
    Some(
        rest.split('"')
            .next()?
            .replace("&#38;", "&")
            .replace("&amp;", "&"),
    )
}

testkit::both_databases! {
    async fn a_list_is_turned_forth_and_back(test: &TestDb) {
        let app = app(test).await;
        let collector = app.sit(Role::Collector).await;
        let first = collector.get(&app.path("/customers?state=overdue&sort=days")).await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.body);
        assert!(first.body.contains("60 filas"), "{}", first.body);
        assert!(first.body.contains("Cliente número 0<"));
        assert_eq!(link(&first.body, "prev"), None);
        let next = link(&first.body, "next").expect("a second page");
        let second = collector.get(&next).await;
        assert!(second.body.matches("type=\"checkbox\" name=\"id\"").count() == 10);
        assert_eq!(link(&second.body, "next"), None);
        let back = collector.get(&link(&second.body, "prev").expect("the first")).await;
        assert!(back.body.contains("Cliente número 0<"));
        for wrong in ["?after=x", "?after=~", "?state=nope&sort=nope&days_from=x&assigned=x"] {
            let answer = collector.get(&app.path(&format!("/customers{wrong}"))).await;
            assert_eq!(answer.status, StatusCode::OK, "{wrong}");
        }
        let slow = collector.get(&app.path("/customers?behaviour=slow&state=open")).await;
        assert!(slow.body.contains("3 filas"), "{}", slow.body);
    }

    async fn what_a_file_wrote_stays_text(test: &TestDb) {
        let app = app(test).await;
        let manager = app.sit(Role::Manager).await;
        for path in [
            "/customers?q=script",
            "/customers?q=%3Cscript%3Ealert(1)%3C/script%3E&state=all",
            "/customers?tag=%22%3E%3Cb%3Evip&state=all",
            "/documents?q=7",
            "/documents?customer=K007",
            "/search?q=script",
            "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        ] {
            let answer = manager.get(&app.path(path)).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            assert!(!answer.body.contains(HOSTILE), "{path}");
            assert!(!answer.body.contains("<b>vip"), "{path}");
        }
        let found = manager.get(&app.path("/search?q=script")).await;
        assert!(found.body.contains("&#60;script&#62;"), "{}", found.body);
    }

    async fn lists_are_taken_away(test: &TestDb) {
        let app = app(test).await;
        let auditor = app.sit(Role::Auditor).await;
        let csv = auditor.get(&app.path("/customers/export?state=open&format=csv")).await;
        assert_eq!(csv.status, StatusCode::OK);
        assert_eq!(csv.headers[CONTENT_TYPE], "text/csv; charset=utf-8");
        let disposition = &csv.headers[CONTENT_DISPOSITION];
        assert_eq!(disposition, "attachment; filename=\"clientes.csv\"");
        assert_eq!(csv.body.lines().count(), 61);
        assert!(csv.body.contains(",\"'=HYPERLINK(\"\"http://x\"\")\","), "{}", csv.body);
        assert!(csv.body.contains(",MXN,100.00,100.00,0.00,1,2026-01-01,60,slow,"), "{}", csv.body);
        let xlsx = auditor.get(&app.path("/documents/export?state=open&format=xlsx")).await;
        assert!(xlsx.body.starts_with("PK"));
        let documents = auditor.get(&app.path("/documents/export?customer=K003")).await;
        assert_eq!(documents.body.lines().count(), 2);
    }

    async fn many_are_held_at_once_and_only_by_those_who_may(test: &TestDb) {
        let app = app(test).await;
        let collector = app.sit(Role::Collector).await;
        let chosen = [("action", "hold"), ("scope", "all"), ("address", "state=overdue")];
        let page = collector.post(&app.path("/customers/bulk"), &chosen).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.body.contains("60 filas"), "{}", page.body);
        let ids = page.body.split("name=\"ids\" value=\"").nth(1).expect("ids");
        let ids = ids.split('"').next().expect("their end");
        let wrong = [("action", "hold"), ("kind", "pause"), ("ids", ids), ("reason", " ")];
        let wrong = collector.post(&app.path("/customers/bulk/do"), &wrong).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("escriba por qué"), "{}", wrong.body);
        let hold = [
            ("action", "hold"),
            ("kind", "pause"),
            ("ids", ids),
            ("reason", "Semana Santa"),
            ("until", "2026-04-06"),
        ];
        let auditor = app.sit(Role::Auditor).await;
        let refused = auditor.post(&app.path("/customers/bulk/do"), &hold).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let done = collector.post(&app.path("/customers/bulk/do"), &hold).await;
        assert!(done.body.contains("Se hizo con 60 clientes"), "{}", done.body);
        let again = collector.post(&app.path("/customers/bulk/do"), &hold).await;
        assert!(again.body.contains("ya está retenido"), "{}", again.body);
        let company = app.world.company.id;
        let whom = customers::id_of(&test.db, company, "K005").await.expect("read");
        let held = holds::of_customer(&test.db, company, whom.expect("there")).await.expect("read");
        assert_eq!((held.len(), held[0].reason.as_str()), (1, "Semana Santa"));
        assert_eq!(held[0].author, "collector@valle.test");
        let list = collector.get(&app.path("/customers?held=1&state=all")).await;
        assert!(list.body.contains("60 filas"), "{}", list.body);
    }

    async fn many_are_tagged_given_and_corrected(test: &TestDb) {
        let app = app(test).await;
        let manager = app.sit(Role::Manager).await;
        let company = app.world.company.id;
        let id = async |key: &str| {
            let id = customers::id_of(&test.db, company, key).await.expect("read").expect("there");
            id.to_string()
        };
        let two = format!("{} {}", id("K001").await, id("K002").await);
        let perform = async |fields: &[(&str, &str)]| {
            let answer = manager.post(&app.path("/customers/bulk/do"), fields).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
            answer.body
        };
        let body = perform(&[("action", "tag"), ("ids", &two), ("tag", "Ruta 5")]).await;
        assert!(body.contains("Se hizo con 2 clientes"), "{body}");
        let list = manager.get(&app.path("/customers?tag=ruta+5&state=all")).await;
        assert!(list.body.contains("2 filas"), "{}", list.body);
        let members = app.world.engine.members(company, None, 9).await.expect("members");
        let user = members[0].user.to_string();
        perform(&[("action", "assign"), ("ids", &two), ("user", &user)]).await;
        let list = manager.get(&app.path("/customers?assigned=me&state=all")).await;
        assert!(list.body.contains("2 filas"), "{}", list.body);
        let body = perform(&[
            ("action", "address"),
            ("ids", &two),
            ("channel", "email"),
            ("from", "K001@ejemplo.mx"),
            ("to", "pagos@ejemplo.mx"),
        ])
        .await;
        assert!(body.contains("Se hizo con 1 cliente."), "{body}");
        assert!(body.contains("K002: no tiene K001@ejemplo.mx"), "{body}");
        let body = perform(&[("action", "untag"), ("ids", &two), ("tag", "RUTA 5")]).await;
        assert!(body.contains("Se hizo con 2 clientes"), "{body}");
        // Ids of nobody here change nothing.
        let nobody = uuid::Uuid::from_u128(7).to_string();
        let body = perform(&[("action", "tag"), ("ids", &nobody), ("tag", "x")]).await;
        assert!(body.contains("Se hizo con 0 clientes"), "{body}");
    }

    async fn a_list_is_kept_by_name(test: &TestDb) {
        let app = app(test).await;
        let (ana, luis) = (app.sit(Role::Manager).await, app.sit(Role::Collector).await);
        let view = [
            ("list", "customers"),
            ("name", HOSTILE),
            ("query", "state=overdue&tag=x&evil=%22%3E%3Cb%3E"),
            ("shared", "1"),
        ];
        let kept = ana.post(&app.path("/views"), &view).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
        let list = luis.get(&app.path("/customers")).await;
        assert!(!list.body.contains(HOSTILE));
        assert!(list.body.contains("/customers?state=overdue&#38;tag=x"), "{}", list.body);
        assert!(!list.body.contains("/remove"), "only its author takes it away");
        let own = ana.get(&app.path("/customers")).await;
        let action = own.body.split("action=\"").find(|it| it.contains("/remove\""));
        let action = action.and_then(|it| it.split('"').next()).expect("a form");
        let refused = luis.post(action, &[("list", "customers")]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        let removed = ana.post(action, &[("list", "customers")]).await;
        assert_eq!(removed.status, StatusCode::SEE_OTHER);
        assert!(!ana.get(&app.path("/customers")).await.body.contains("/remove"));
        let elsewhere = [("list", "https://x.test"), ("name", "x"), ("query", "")];
        let answer = ana.post(&app.path("/views"), &elsewhere).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}
