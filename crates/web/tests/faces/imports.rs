//! Files in through the console: looked at, explained, read, mended, undone.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use domain::user::Role;
use testkit::both_databases;

use crate::app::{Answer, App, Sitting};

const BOUNDARY: &str = "----puntual";

/// The body of a form with files.
pub fn files(all: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, bytes) in all {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Uploads files as a browser does.
pub async fn upload(sitting: &Sitting, path: &str, all: &[(&str, &[u8])]) -> Answer {
    let request = sitting.request(Method::POST, path);
    let request = request.header("sec-fetch-site", "same-origin").header(
        CONTENT_TYPE,
        format!("multipart/form-data; boundary={BOUNDARY}"),
    );
    sitting.send(request, Body::from(files(all))).await
}

/// The path an answer leads to, without its confirmation.
pub fn led_to(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let to = answer.location();
    to.split('?').next().unwrap_or(to).to_owned()
}

/// Waits until an import has ended and gives its page.
pub async fn ended(sitting: &Sitting, path: &str) -> Answer {
    for _ in 0..1_200 {
        let page = sitting.get(path).await;
        if !page.body.contains("data-events") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the import at {path} does not end");
}

fn sample(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    std::fs::read(folder.join(name)).expect("a sample")
}

both_databases! {
    async fn a_messy_sheet_is_looked_at_read_mended_and_undone(test: &TestDb) {
        let app = App::new(&test.db).await;
        let manager = app.sit(Role::Manager).await;
        let sheets: Vec<(&str, Vec<u8>)> = ["clientes.xlsx", "facturas.csv", "pagos.csv"]
            .into_iter()
            .map(|name| (name, sample(name)))
            .collect();
        let mut paths = Vec::new();
        for (name, bytes) in &sheets {
            let sent = upload(&manager, &app.path("/imports"), &[(name, bytes)]).await;
            let path = led_to(&sent);
            let page = manager.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
            assert!(page.body.contains("Lo que haría"), "{}", page.body);
            let begun = manager.post(&format!("{path}/begin"), &[]).await;
            assert_eq!(led_to(&begun), path);
            let page = ended(&manager, &path).await;
            assert!(page.body.contains("Importado"), "{}", page.body);
            paths.push(path);
        }
        let list = manager.get(&app.path("/imports")).await;
        for (name, _) in &sheets {
            assert!(list.body.contains(name), "{}", list.body);
        }
        let undone = manager.post(&format!("{}/undo", paths[1]), &[]).await;
        assert_eq!(undone.status, StatusCode::CONFLICT);
        assert!(undone.body.contains("pagos se aplicaron después"), "{}", undone.body);
        for path in paths.iter().rev() {
            let undone = manager.post(&format!("{path}/undo"), &[]).await;
            assert_eq!(led_to(&undone), *path, "{}", undone.body);
        }
        let documents = store::documents::page(&test.db, app.world.company.id, None, 10).await;
        assert_eq!(documents.expect("read"), []);
    }

    async fn what_a_sheet_says_is_shown_as_text(test: &TestDb) {
        let app = App::new(&test.db).await;
        let manager = app.sit(Role::Manager).await;
        let evil = "Folio,Cliente,<script>alert(1)</script>,Fecha emisión,Vencimiento,Importe\n\
            \"<img src=x onerror=alert(2)>\",\"\"\"><script>alert(3)</script>\",=1+1,2026-01-05,2026-02-04,10\n\
            A-2,Uno,x,2026-01-05,<b>ayer</b>,20\n";
        let name = "<script>alert(4)</script>.csv";
        let sent = upload(&manager, &app.path("/imports"), &[(name, evil.as_bytes())]).await;
        let path = led_to(&sent);
        let draft = manager.get(&path).await;
        manager.post(&format!("{path}/begin"), &[]).await;
        let read = ended(&manager, &path).await;
        let list = manager.get(&app.path("/imports")).await;
        let waiting = manager.get(&app.path("/quarantine")).await;
        assert!(waiting.body.contains("ayer"), "{}", waiting.body);
        for page in [draft, read, list, waiting] {
            assert_eq!(page.status, StatusCode::OK);
            for tag in ["<script>alert", "<img src=x", "<b>ayer"] {
                assert!(!page.body.contains(tag), "{}", page.body);
            }
        }
    }

    async fn a_row_is_mended_in_place_or_dismissed(test: &TestDb) {
        let app = App::new(&test.db).await;
        let manager = app.sit(Role::Manager).await;
        let text = "Folio,Cliente,Fecha emisión,Vencimiento,Importe\n\
            A-1,Uno,2026-01-05,2026-02-04,10\nA-2,Uno,2026-01-05,pronto,20\n\
            A-3,Uno,2026-01-05,2026-02-04,mucho\n";
        let sent = upload(&manager, &app.path("/imports"), &[("f.csv", text.as_bytes())]).await;
        let path = led_to(&sent);
        manager.post(&format!("{path}/begin"), &[]).await;
        ended(&manager, &path).await;
        let rows = app.world.engine.quarantined(&app.world.company).await.expect("read");
        let [first, second] = rows.as_slice() else { panic!("{rows:?}") };
        let row = |id: &str, what: &str| app.path(&format!("/quarantine/{id}/{what}"));
        let cells = |due| [("cell:Vencimiento", due), ("cell:Importe", "20")];
        let still = manager.post(&row(&first.id, "mend"), &cells("luego")).await;
        assert!(still.location().ends_with("quarantine-still-waits"), "{}", still.body);
        let mended = manager.post(&row(&first.id, "mend"), &cells("2026-02-09")).await;
        assert!(mended.location().ends_with("quarantine-mended"), "{}", mended.body);
        let nothing = manager.post(&row(&second.id, "dismiss"), &[("why", " ")]).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        let gone = manager.post(&row(&second.id, "dismiss"), &[("why", "es de prueba")]).await;
        assert!(gone.location().ends_with("quarantine-dismissed"), "{}", gone.body);
        let page = manager.get(&app.path("/quarantine")).await;
        assert!(page.body.contains("Ninguna fila espera"), "{}", page.body);
        let books = app.world.books("Uno").await;
        assert_eq!(books.documents.len(), 2);
    }

    async fn files_that_are_none_are_refused_with_the_reason(test: &TestDb) {
        let app = App::new(&test.db).await;
        let manager = app.sit(Role::Manager).await;
        let path = app.path("/imports");
        let cases: [(&str, &[u8], &str); 3] = [
            ("factura.pdf", b"%PDF-1.7", "no es una hoja de"),
            ("x.xlsx", b"<html><table></table></html>", "es una página web"),
            ("y.csv", b"", "está vacío"),
        ];
        for (name, bytes, why) in cases {
            let sent = upload(&manager, &path, &[(name, bytes)]).await;
            assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(sent.body.contains(name) && sent.body.contains(why), "{}", sent.body);
        }
        let auditor = app.sit(Role::Auditor).await;
        let sent = upload(&auditor, &path, &[("a.csv", b"Folio,Cliente\n1,2\n")]).await;
        assert_eq!(sent.status, StatusCode::FORBIDDEN);
    }
}
