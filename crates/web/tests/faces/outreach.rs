//! Runs, the outbox and the policy, as people at the console use them.

use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use domain::user::Role;
use engine::policies::shipped;
use jiff::civil::time;
use store::contacts::ContactRecord;
use testkit::TestDb;

use crate::app::{App, FORM, Sitting, TODAY, form};

/// A name that would act if it were not text.
const LOUD: &str = "<script>alert(1)</script> \"S.A.\"";

/// Three customers late since yesterday, a company that reviews first, and its run of today.
async fn late(test: &TestDb) -> App {
    let mut app = App::new(&test.db).await;
    let mut text =
        "Factura,Código cliente,Cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n"
            .to_owned();
    for index in 0..3 {
        let name = LOUD.replace('"', "\"\"");
        text += &format!(
            "F-{index},C-{index},\"{name}\",c{index}@cliente.example,2026-02-02,2026-03-01,1000\n"
        );
    }
    app.world.import(&text).await;
    app.world.declare("runs", "review").await;
    app.world.at(TODAY, time(8, 0, 0, 0));
    let ticked = app.world.engine.tick(None).await.expect("a tick");
    assert_eq!(ticked[0].planned, 3, "{ticked:?}");
    app
}

async fn page(sitting: &Sitting, app: &App, path: &str) -> String {
    let answer = sitting.get(&app.path(path)).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert!(!answer.body.contains("<script>alert"), "{path}");
    assert!(!answer.body.contains(" style="), "{path}");
    assert_eq!(answer.body.matches("<h1").count(), 1, "{path}");
    answer.body
}

async fn contacts(app: &App) -> Vec<ContactRecord> {
    app.world.contacts().await
}

testkit::both_databases! {
    async fn a_manager_looks_at_todays_run_and_lets_it_go(test: &TestDb) {
        let app = late(test).await;
        let manager = app.sit(Role::Manager).await;
        let runs = page(&manager, &app, "/runs").await;
        assert!(runs.contains("3</a>mensajes esperan su visto bueno"), "{runs}");
        assert!(runs.contains("&lt;script&gt;") || runs.contains("&#60;script"), "{runs}");
        let list = page(&manager, &app, "/outbox").await;
        assert_eq!(list.matches("name=\"contact\"").count(), 3);
        assert!(list.contains("Espera su visto bueno"));
        let ids: Vec<String> = contacts(&app).await.iter().map(|it| it.id.to_string()).collect();

        // One is stopped: not without a reason.
        let acts = app.path("/outbox/acts");
        let hold = [("act", "hold"), ("shelf", "held"), ("contact", ids[0].as_str())];
        let refused = manager.post(&acts, &hold).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("escriba por qué"), "{}", refused.body);
        let nobody = manager.post(&acts, &[("act", "hold"), ("shelf", "held")]).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        let why = [hold[0], hold[1], hold[2], ("reason", "<b>pagó</b> ayer")];
        let held = manager.post(&acts, &why).await;
        assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.body);
        assert!(!page(&manager, &app, "/outbox").await.contains("<b>pagó"));

        // One is cancelled, and the button on the card lets the rest go.
        let cancel = [
            ("act", "cancel"), ("shelf", "held"), ("contact", ids[1].as_str()), ("reason", "error"),
        ];
        assert_eq!(manager.post(&acts, &cancel).await.status, StatusCode::SEE_OTHER);
        let rest = [("act", "release"), ("shelf", "held"), ("scope", "all"), ("review", "true")];
        let released = manager.post(&acts, &rest).await;
        assert!(released.location().contains("done=outbox-released"), "{}", released.location());
        let again = manager.post(&acts, &rest).await;
        assert!(again.location().contains("done=outbox-nothing"), "{}", again.location());
        app.world.at(TODAY, time(9, 0, 0, 0));
        assert_eq!(app.world.dispatch().await.sent, 1);

        let all = ["held", "planned", "leaving", "sent", "suppressed", "failed", "unknown", "x"];
        for shelf in all {
            let path = format!("/outbox?shelf={shelf}&step=&tone=x&run=y&after=z");
            page(&manager, &app, &path).await;
        }
        let sent = contacts(&app).await.into_iter().find(|it| it.performed_at.is_some());
        let sent = sent.expect("one left").id;
        let shown = page(&manager, &app, &format!("/outbox/{sent}")).await;
        assert!(shown.contains("F-"), "{shown}");
        let message = manager.get(&app.path(&format!("/outbox/{sent}/message"))).await;
        let policy = message.headers[CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
        assert!(policy.starts_with("sandbox;") && message.body.contains("F-"), "{policy}");
        for id in &ids {
            page(&manager, &app, &format!("/outbox/{id}")).await;
        }
        let nowhere = format!("/outbox/{}", store_id());
        assert_eq!(manager.get(&app.path(&nowhere)).await.status, StatusCode::NOT_FOUND);
        let retried = manager.post(&app.path(&format!("/outbox/{}/retry", ids[1])), &[]).await;
        assert!(retried.location().contains("done=outbox-retried"), "{}", retried.body);
        let retried = manager.post(&app.path(&format!("/outbox/{sent}/retry")), &[]).await;
        assert_eq!(retried.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn runs_are_listed_compared_and_begun(test: &TestDb) {
        let app = late(test).await;
        let manager = app.sit(Role::Manager).await;
        let mode = app.path("/runs/mode");
        let wrong = manager.post(&mode, &[("mode", "automatic"), ("hour", "mañana")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let set = manager.post(&mode, &[("mode", "review"), ("hour", "07:30")]).await;
        assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
        let began = manager.post(&app.path("/runs"), &[]).await;
        assert!(began.location().contains("done=runs-"), "{}", began.body);
        let runs = store::runs::latest(&test.db, app.world.company.id, 5).await.expect("read");
        assert_eq!((runs.len(), runs[0].review), (2, true));
        assert_eq!(runs[0].author, "manager@valle.test");
        for run in &runs {
            page(&manager, &app, &format!("/runs/{}", run.id)).await;
        }
        page(&manager, &app, "/runs").await;
        let alone = page(&manager, &app, "/runs/left-alone/already_planned").await;
        assert_eq!(alone.matches("<th scope=\"row\">").count(), 3, "{alone}");
        page(&manager, &app, "/runs/left-alone/%3Cb%3E").await;
    }

    async fn a_policy_is_changed_only_after_one_sees_what_changes(test: &TestDb) {
        let app = late(test).await;
        let manager = app.sit(Role::Manager).await;
        let shown = page(&manager, &app, "/policy").await;
        assert!(shown.contains("<svg") && shown.contains("Antes del vencimiento"));
        page(&manager, &app, "/policy/edit").await;
        page(&manager, &app, "/policy/edit?from=cartera-vencida").await;
        let template = page(&manager, &app, "/policy/templates/recordatorio").await;
        assert!(template.contains("<iframe"));
        let message = manager.get(&app.path("/policy/templates/recordatorio/message")).await;
        assert!(message.body.contains("Papelería del Valle"));

        // What is wrong is said with its line, and the text stays as typed.
        let text = shipped("b2b-estandar").expect("it ships");
        let wrong = text.replacen("offset_days = 10", "offset_days = 2", 1);
        let keep = app.path("/policy/versions");
        let refused = manager.post(&keep, &[("text", &wrong)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("línea") && refused.body.contains("offset_days = 2"));
        let part = manager.request(Method::POST, &app.path("/policy/check"));
        let part = part.header("sec-fetch-site", "same-origin").header("x-part", "1");
        let part = part.header(CONTENT_TYPE, FORM);
        let part = manager.send(part, Body::from(form(&[("text", &wrong)]))).await;
        assert!(part.body.contains("data-line=") && !part.body.contains("<h1"), "{}", part.body);

        // A browser sends its lines with two signs at their ends.
        let moved = text.replacen("offset_days = 3\n", "offset_days = 4\n", 1);
        let moved = moved.replace('\n', "\r\n");
        let kept = manager.post(&keep, &[("text", &moved)]).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
        let path = "/policy/versions/b2b-estandar/2";
        assert!(kept.location().starts_with(&app.path(path)), "{}", kept.location());
        let mut told = page(&manager, &app, path).await;
        for _ in 0..6_000 {
            if told.contains("cambiaría en los próximos") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            told = page(&manager, &app, path).await;
        }
        assert!(told.contains("Recordatorio 2") && told.contains("5 mar 2026"), "{told}");
        assert!(told.contains("<ins>+ offset_days = 4</ins>"), "{told}");
        assert!(told.contains("Se vivieron los 3 clientes"), "{told}");
        let using = manager.post(&app.path(&format!("{path}/use")), &[]).await;
        assert_eq!(using.status, StatusCode::SEE_OTHER, "{}", using.body);
        let rules = app.world.engine.company(Some("valle")).await.expect("read").expect("it");
        assert_eq!(rules.policy_version, 2);
        page(&manager, &app, path).await;
    }

    async fn an_auditor_sees_and_changes_nothing(test: &TestDb) {
        let app = late(test).await;
        let auditor = app.sit(Role::Auditor).await;
        for path in ["/runs", "/outbox", "/policy"] {
            let shown = page(&auditor, &app, path).await;
            let forms = shown.matches("method=\"post\"").count();
            let acts = shown.matches("outbox/acts").count();
            assert!(acts == 0 || !shown.contains("name=\"act\""), "{path} {forms}");
        }
        let id = contacts(&app).await[0].id.to_string();
        for path in ["/runs", "/runs/mode", "/outbox/acts", "/policy/versions", "/policy/check"] {
            let answer = auditor.post(&app.path(path), &[("contact", &id)]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        }
        assert_eq!(auditor.get(&app.path("/policy/edit")).await.status, StatusCode::FORBIDDEN);
        assert!(contacts(&app).await.iter().all(|it| it.held.is_some()));
    }
}

/// An id that nobody has.
fn store_id() -> domain::ids::ContactId {
    domain::ids::ContactId::from_uuid(uuid::Uuid::max())
}
