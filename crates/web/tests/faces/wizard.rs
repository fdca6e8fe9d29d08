//! The first five minutes: from nothing to the first lawful reminder.

use axum::http::StatusCode;
use testkit::both_databases;

use super::imports::{ended, led_to, upload};
use crate::app::App;

const SHEET: &str = "\
Cartera de clientes al 2 de marzo;;;;;
Folio;Cliente;Correo;Fecha emisión;Vence;Total
F-1;Comercial Uno S.A. de C.V.;pagos@uno.example;15/01/2026;14/02/2026;$ 12.450,00
F-2;Comercial Dos S.A. de C.V.;pagos@dos.example;20/01/2026;19/02/2026;$ 8.300,50
;;;;TOTAL;20.750,50
";

both_databases! {
    async fn a_bookkeeper_comes_from_her_sheet_to_the_first_reminder(test: &TestDb) {
        let app = App::new(&test.db).await;
        let ana = app.sit_as("ana@nueva.example", None).await;
        assert_eq!(ana.get("/").await.location(), "/start");
        let nameless = ana.post("/start", &[("legal_name", " "), ("country", "MX")]).await;
        assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [("legal_name", "Ferretería Ñandú, S.A. de C.V."), ("country", "MX")];
        let begun = ana.post("/start", &fields).await;
        let base = "/c/ferreteria-nandu-sa-de-cv";
        assert_eq!(led_to(&begun), format!("{base}/wizard/brand"), "{}", begun.body);
        for step in ["brand", "legal", "file", "mend", "policy", "review", "go"] {
            let page = ana.get(&format!("{base}/wizard/{step}")).await;
            assert_eq!(page.status, StatusCode::OK, "{step}: {}", page.body);
        }
        let wrong = [("sender.name", "Cobranza"), ("sender.address", "sin arroba")];
        let refused = ana.post(&format!("{base}/wizard/brand"), &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("sin arroba"), "what was typed stays");
        let brand = [
            ("brand.colour", "#884400"),
            ("brand.bank_data", "CLABE 000"),
            ("sender.name", "Cobranza"),
            ("sender.address", "cobranza@nandu.example"),
        ];
        let saved = ana.post(&format!("{base}/wizard/brand"), &brand).await;
        assert_eq!(led_to(&saved), format!("{base}/wizard/legal"));
        let legal = [("creditor", "supplier"), ("debtor", "company"), ("consents", "email")];
        let saved = ana.post(&format!("{base}/wizard/legal"), &legal).await;
        assert_eq!(led_to(&saved), format!("{base}/wizard/file"));
        // She leaves and comes back to where she was.
        ana.get(&format!("{base}/wizard/file")).await;
        assert_eq!(led_to(&ana.get(&format!("{base}/wizard")).await), format!("{base}/wizard/file"));
        let path = format!("{base}/wizard/file");
        let sent = upload(&ana, &path, &[("cartera.csv", SHEET.as_bytes())]).await;
        let import = led_to(&sent);
        let draft = ana.get(&import).await;
        assert!(draft.body.contains("14 feb 2026"), "dates as understood: {}", draft.body);
        assert!(draft.body.contains("Volver a los primeros pasos"));
        ana.post(&format!("{import}/begin"), &[]).await;
        ended(&ana, &import).await;
        let chosen = ana.post(&format!("{base}/wizard/policy"), &[("policy", "b2b-estandar")]).await;
        assert_eq!(led_to(&chosen), format!("{base}/wizard/review"));
        let review = ana.get(&format!("{base}/wizard/review")).await;
        assert!(review.body.contains("Comercial Uno"), "{}", review.body);
        let key = "Comercial%20Uno%20S.A.%20de%20C.V.";
        assert!(review.body.contains(key), "{}", review.body);
        let message = ana.get(&format!("{base}/wizard-message?customer={key}")).await;
        assert_eq!(message.status, StatusCode::OK);
        assert!(message.body.contains("12,450.00"), "{}", message.body);
        let policy = message.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.contains("sandbox") || !policy.contains("script-src"), "{policy}");
        let go = [("runs", "review"), ("run_hour", "09:00")];
        let gone = ana.post(&format!("{base}/wizard/go"), &go).await;
        assert_eq!(led_to(&gone), format!("{base}/home"));
        let list = ana.get(&format!("{base}/imports")).await;
        assert!(!list.body.contains("Volver a los primeros pasos"));
        // She may make another company; one who only collects may not.
        assert_eq!(ana.get("/start").await.status, StatusCode::OK);
        let collector = app.sit(domain::user::Role::Collector).await;
        assert_eq!(collector.get("/start").await.status, StatusCode::FORBIDDEN);
        let elsewhere = collector.get(&format!("{base}/wizard/brand")).await;
        assert_eq!(elsewhere.status, StatusCode::NOT_FOUND);
    }
}
