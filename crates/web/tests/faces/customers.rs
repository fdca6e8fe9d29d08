//! One customer and the collector's list: what is shown, what forms do, and that nothing anybody
//! wrote becomes a part of a page.

use axum::body::Body;
use axum::http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, StatusCode};
use domain::customer::Channel;
use domain::ids::CustomerId;
use domain::user::Role;
use engine::NewCompany;
use engine::files::FILE_BYTES_MAX;
use engine::inbound::NewMessage;
use jiff::civil::date;
use store::bulk::CustomerFacts;
use testkit::TestDb;

use crate::app::{Answer, App, Sitting, form};

/// What would run if a page did not escape it.
const EVIL: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>'";

/// A customer named like an attack, with one invoice named like one.
async fn attacked(test: &TestDb) -> (App, CustomerId) {
    let mut app = App::new(&test.db).await;
    let facts = CustomerFacts {
        key: "C-1".to_owned(),
        name: Some(EVIL.to_owned()),
        tax_id: Some(EVIL.to_owned()),
        tags: Some(vec![EVIL.to_owned()]),
        ..CustomerFacts::default()
    };
    app.world
        .customer(facts, Some("pagos@cliente.example"))
        .await;
    let csv = "Factura,Código cliente,Fecha emisión,Fecha vencimiento,Importe,Nota rara\n\
        \"<script>alert(1)</script>F-1\",C-1,2026-01-02,2026-02-02,10000.00,<img src=x>\n";
    app.world.import(csv).await;
    let (db, company) = (app.world.engine.db(), app.world.company.id);
    let id = store::customers::id_of(db, company, "C-1").await;
    let id = id.expect("read").expect("there");
    (app, id)
}

fn is_clean(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    for mark in ["<script>alert", "<img src=x", "onerror=alert(1)>'<"] {
        assert!(!answer.body.contains(mark), "{mark} in {}", answer.body);
    }
    let policy = answer.headers[CONTENT_SECURITY_POLICY]
        .to_str()
        .expect("text");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    assert!(
        !answer.body.contains(" style="),
        "no inline style is let through"
    );
}

async fn done(sitting: &Sitting, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = sitting.post(path, fields).await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "{path}: {}",
        answer.body
    );
    answer.location().to_owned()
}

testkit::both_databases! {
    async fn nothing_anybody_wrote_becomes_part_of_a_page(test: &TestDb) {
        let (app, id) = attacked(test).await;
        let collector = app.sit(Role::Collector).await;
        let own = app.path(&format!("/customers/{id}"));
        let path = |what: &str| format!("{own}/{what}");
        done(&collector, &path("note"), &[("note", EVIL)]).await;
        let call = [("result", "customer_called"), ("number", EVIL), ("note", EVIL)];
        done(&collector, &path("call"), &call).await;
        let promise = [
            ("amount", "100"), ("currency", "MXN"), ("due_on", "2026-03-02"), ("note", EVIL),
        ];
        done(&collector, &path("promise"), &promise).await;
        let payment = [
            ("amount", "1,000.00"), ("currency", "MXN"), ("on", "2026-03-02"),
            ("reference", EVIL), ("document", ""),
        ];
        done(&collector, &path("payment"), &payment).await;
        let hold = [
            ("kind", "dispute"), ("document", ""), ("amount", "50"), ("currency", "MXN"),
            ("from", "2026-03-02"), ("until", ""), ("reason", EVIL),
        ];
        done(&collector, &path("hold"), &hold).await;
        let point = [
            ("channel", "letter"), ("address", EVIL), ("role", ""), ("source", ""),
            ("health", "good"), ("consent", "given"), ("consent_on", "2026-03-01"),
            ("consent_source", EVIL),
        ];
        done(&collector, &path("point"), &point).await;
        done(&collector, &path("attach"), &[("tags", "<img src=x>, '\""), ("keeper", "")]).await;
        let message = NewMessage {
            customer: "C-1".to_owned(),
            channel: Channel::Email,
            address: EVIL.to_owned(),
            subject: EVIL.to_owned(),
            text: EVIL.to_owned(),
            at: None,
            key: None,
            answers: None,
        };
        let heard = app.world.engine.receive(&app.world.company, message, "ana").await;
        let message = heard.expect("heard").message;
        let file = multipart(&collector, &path("file"), EVIL, b"%PDF-1.7").await;
        assert_eq!(file.status, StatusCode::SEE_OTHER, "{}", file.body);

        let page = collector.get(&own).await;
        is_clean(&page);
        assert!(page.body.contains("&#60;script&#62;") || page.body.contains("&lt;script&gt;"));
        for what in [
            "note", "call", "promise", "payment", "hold", "point", "attach", "file", "statement",
        ] {
            is_clean(&collector.get(&path(what)).await);
        }
        is_clean(&collector.get(&app.path("/day?who=all")).await);
        let shown = collector.get(&path(&format!("messages/{message}"))).await;
        is_clean(&shown);
        assert!(shown.body.contains("<iframe class=\"letter\" sandbox title="), "{}", shown.body);
        let frame = collector.get(&path(&format!("messages/{message}/frame"))).await;
        assert!(!frame.body.contains("<script>alert"), "{}", frame.body);
        // What a form gives back is as clean as what it was given.
        let again = collector.post(&path("promise"), &[("amount", EVIL), ("note", EVIL)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!again.body.contains("<script>alert"), "{}", again.body);
        let reflected = form(&[("shown", EVIL), ("after", EVIL)]);
        is_clean(&collector.get(&format!("{own}?{reflected}")).await);
    }

    async fn forms_do_what_they_say_or_say_what_is_wrong(test: &TestDb) {
        let (app, id) = attacked(test).await;
        let collector = app.sit(Role::Collector).await;
        let own = app.path(&format!("/customers/{id}"));
        let path = |what: &str| format!("{own}/{what}");
        let to = done(&collector, &path("note"), &[("note", "Llamar el jueves.")]).await;
        assert_eq!(to, format!("{own}?done=note-added"));
        let page = collector.get(&to).await.body;
        assert!(page.contains("Llamar el jueves.") && page.contains("Nota guardada."));
        // Wrong things come back as typed, each with its word.
        for (what, fields, word) in [
            ("note", vec![("note", "  ")], "escriba la nota"),
            ("call", vec![("result", "conversation"), ("number", "55 1")], "qué se habló"),
            ("payment", vec![("amount", "doce"), ("on", "2026-03-02")], "Escriba un importe"),
            ("payment", vec![("amount", "12"), ("on", "ayer")], "fecha completa"),
            ("payment", vec![("amount", "12"), ("document", "F-9")], "F-9"),
            ("promise", vec![("amount", "12"), ("due_on", "2026-02-01")], "anterior"),
            ("promise", vec![("amount", "12"), ("due_on", "2027-02-01")], "política"),
            ("hold", vec![("kind", "pause"), ("reason", "")], "por qué se detiene"),
            ("hold", vec![("kind", "pause"), ("reason", "x"), ("until", "2020-01-01")],
                "posterior"),
            ("point", vec![("channel", "email"), ("address", "no es"), ("health", "good"),
                ("consent", "unknown")], "no es un correo"),
            ("attach", vec![("tags", "una etiqueta que pasa de cuarenta letras seguidas")],
                "letras"),
        ] {
            let answer = collector.post(&path(what), &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what} {fields:?}");
            assert!(answer.body.contains(word), "{what}: {word} in {}", answer.body);
            for (_, typed) in fields.iter().filter(|it| it.1.len() > 3) {
                assert!(answer.body.contains(typed), "{what}: {typed} is kept");
            }
        }
        // A hold begins and ends.
        let hold = [("kind", "pause"), ("from", "2026-03-02"), ("reason", "vacaciones")];
        done(&collector, &path("hold"), &hold).await;
        let page = collector.get(&own).await.body;
        assert!(page.contains("En pausa sin fecha de fin: vacaciones."), "the next step knows it");
        let end = page.split(&format!("{own}/holds/")).nth(1).expect("a hold");
        let end = path(&format!("holds/{}", end.split('"').next().expect("its path")));
        assert_eq!(collector.get(&end).await.status, StatusCode::OK);
        done(&collector, &end, &[("on", "2026-03-02"), ("reason", "volvió")]).await;
        assert!(!collector.get(&own).await.body.contains("En pausa"));
        // An address is corrected and retired.
        let page = collector.get(&own).await.body;
        let point = page.split(&format!("{own}/points/")).nth(1).expect("an address");
        let point = path(&format!("points/{}", point.split('"').next().expect("its path")));
        let retired = [
            ("address", "pagos@cliente.example"), ("role", "ap_contact"), ("source", ""),
            ("health", "wrong_person"), ("consent", "unknown"), ("consent_on", ""),
        ];
        done(&collector, &point, &retired).await;
        assert!(collector.get(&own).await.body.contains("lee otra persona"));
        // Balances of another day, and a statement.
        let before = collector.get(&format!("{own}?on=2026-01-01")).await.body;
        assert!(before.contains("Sin documentos a esa fecha"), "{before}");
        let statement = collector.get(&path("statement?from=2026-01-01&to=2026-03-02")).await;
        assert!(statement.body.contains("$10,000.00 MXN"), "{}", statement.body);
        let wrong = collector.get(&path("statement?from=2027-01-01&to=2026-03-02")).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn an_auditor_looks_and_strangers_see_nothing(test: &TestDb) {
        let (app, id) = attacked(test).await;
        let own = app.path(&format!("/customers/{id}"));
        let auditor = app.sit(Role::Auditor).await;
        let page = auditor.get(&own).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains(&format!("{own}/note")), "no button that does not work");
        let refused = auditor.post(&format!("{own}/note"), &[("note", "x")]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let other = NewCompany { name: "otra".to_owned(), ..NewCompany::default() };
        let other = app.world.engine.add_company(other, "ana").await.expect("a company");
        let spy = app.sit_as("spy@otra.test", Some((other.id, Role::Admin))).await;
        for path in [own.clone(), format!("/c/otra/customers/{id}"),
            format!("/c/otra/customers/{id}/statement"), format!("/c/otra/customers/{id}/note")] {
            assert_eq!(spy.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let note = format!("/c/otra/customers/{id}/note");
        let written = spy.post(&note, &[("note", "x")]).await;
        assert_eq!(written.status, StatusCode::NOT_FOUND);
        assert!(!auditor.get(&own).await.body.contains(">x<"));
    }

    async fn a_file_is_kept_and_given_back_unopened(test: &TestDb) {
        let (app, id) = attacked(test).await;
        let collector = app.sit(Role::Collector).await;
        let own = app.path(&format!("/customers/{id}"));
        let path = format!("{own}/file");
        let pdf = b"%PDF-1.7 \x00\xff";
        let kept = multipart(&collector, &path, "año.pdf", pdf).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
        let page = collector.get(&own).await.body;
        let files = app.path("/files/");
        let file = page.split(&files).nth(1).expect("a link").split('"').next();
        let file = format!("{files}{}", file.expect("its path"));
        let given = collector.get(&file).await;
        assert_eq!(given.headers[CONTENT_TYPE], "application/pdf");
        assert_eq!(given.headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        let disposition = given.headers[CONTENT_DISPOSITION].to_str().expect("text");
        assert!(disposition.starts_with("attachment;"), "{disposition}");
        let policy = given.headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
        assert!(policy.starts_with("sandbox;"), "{policy}");
        let html = multipart(&collector, &path, "x.pdf", b"<html><script>alert(1)").await;
        assert_eq!(html.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(html.body.contains("PDF, XML, PNG"), "{}", html.body);
        let large = vec![b' '; FILE_BYTES_MAX + 128 * 1024];
        let large = multipart(&collector, &path, "x.pdf", &large).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        let other = NewCompany { name: "otra".to_owned(), ..NewCompany::default() };
        let other = app.world.engine.add_company(other, "ana").await.expect("a company");
        let spy = app.sit_as("spy@otra.test", Some((other.id, Role::Admin))).await;
        let foreign = file.replacen("/valle/", "/otra/", 1);
        assert_eq!(spy.get(&foreign).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_message_is_shown_as_it_left_in_a_frame_that_runs_nothing(test: &TestDb) {
        let (app, id) = attacked(test).await;
        let world = &app.world;
        world.run(date(2026, 3, 2)).await;
        world.at(date(2026, 3, 2), jiff::civil::time(12, 0, 0, 0));
        assert_eq!(world.dispatch().await.sent, 1);
        let thread = store::messages::of_customer(world.engine.db(), world.company.id, id).await;
        let thread = thread.expect("read");
        let collector = app.sit(Role::Collector).await;
        let own = app.path(&format!("/customers/{id}"));
        let message = format!("{own}/messages/{}", thread[0].id);
        assert!(collector.get(&own).await.body.contains(&message), "the timeline leads to it");
        let frame = collector.get(&format!("{message}/frame")).await;
        let policy = frame.headers[CONTENT_SECURITY_POLICY].to_str().expect("text");
        for rule in ["sandbox;", "default-src 'none'", "frame-ancestors 'self'"] {
            assert!(policy.contains(rule), "{policy}");
        }
        assert!(!policy.contains("allow-"), "{policy}");
        assert!(frame.body.contains("<base target=\"_blank\">"));
        assert!(!frame.body.contains("<script>alert"), "{}", frame.body);
        let gone = collector.get(&format!("{own}/messages/nada/frame")).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    }

    async fn the_list_goes_on_with_the_next_one(test: &TestDb) {
        let (app, id) = attacked(test).await;
        let world = &app.world;
        world.promise("C-1", "500.00", date(2026, 3, 2)).await;
        world.at(date(2026, 3, 4), jiff::civil::time(9, 0, 0, 0));
        let collector = app.sit(Role::Collector).await;
        let mine = collector.get(&app.path("/day")).await.body;
        assert!(mine.contains("Nada espera de los clientes a su cargo."), "{mine}");
        let list = collector.get(&app.path("/day?who=all")).await.body;
        assert!(list.contains("Promesa incumplida hace 1 día: faltan $500.00 MXN."), "{list}");
        let item = list.split("name=\"item\" value=\"").nth(1).expect("an item");
        let item = item.split('"').next().expect("its end");
        let customer = id.to_string();
        let fields = [("customer", customer.as_str()), ("item", item), ("who", "all")];
        let later = [fields.as_slice(), &[("until", "2026-03-05")]].concat();
        let to = done(&collector, &app.path("/day/later"), &later).await;
        assert_eq!(to, app.path("/day?who=all&done=work-later"));
        assert!(collector.get(&to).await.body.contains("Nada espera a una persona."));
        world.at(date(2026, 3, 5), jiff::civil::time(9, 0, 0, 0));
        // Days later one signs in again.
        let manager = app.sit(Role::Manager).await;
        let list = manager.get(&app.path("/day?who=all")).await.body;
        assert!(list.contains("Promesa incumplida hace 2 días"), "{list}");
        done(&manager, &app.path("/day/done"), &fields).await;
        world.at(date(2026, 3, 9), jiff::civil::time(9, 0, 0, 0));
        let admin = app.sit(Role::Admin).await;
        let list = admin.get(&app.path("/day?who=all")).await.body;
        assert!(list.contains("Nada espera a una persona."), "{list}");
        let forged = [("customer", customer.as_str()), ("item", "nada.1")];
        let forged = admin.post(&app.path("/day/done"), &forged).await;
        assert_eq!(forged.status, StatusCode::NOT_FOUND);
    }
}

/// Sends a file as a browser does.
async fn multipart(sitting: &Sitting, path: &str, name: &str, content: &[u8]) -> Answer {
    let name = name.replace('"', "%22");
    let head = format!(
        "--limit\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\n\r\n\
         --limit\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let body = [head.as_bytes(), content, b"\r\n--limit--\r\n"].concat();
    let request = sitting.request(Method::POST, path);
    let request = request
        .header("sec-fetch-site", "same-origin")
        .header(CONTENT_TYPE, "multipart/form-data; boundary=limit");
    sitting.send(request, Body::from(body)).await
}
