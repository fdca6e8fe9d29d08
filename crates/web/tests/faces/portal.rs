//! The customer's own page through its router: what shows to whom, and what is taken down.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, SET_COOKIE,
};
use axum::http::{Method, StatusCode};
use domain::customer::Consent;
use domain::user::Role;
use jiff::ToSpan;
use jiff::civil::time;
use testkit::{TestDb, World};

use crate::app::{Answer, App, Sitting, TODAY};

/// A name that would act if it were not text.
const LOUD: &str = "<script>alert(1)</script> S.A.";

/// Most bytes of a page with its styles.
const PAGE_BYTES_MAX: usize = 30_000;

/// The pages behind the door.
pub const PAGES: [&str; 9] = [
    "account",
    "pay",
    "promise",
    "dispute",
    "paid",
    "write",
    "how",
    "preferences",
    "statement",
];

/// A company whose customer was reminded this morning, and the token of its link.
pub async fn reminded(test: &TestDb) -> (App, String) {
    let mut world = World::mexican(&test.db, TODAY).await;
    world.engine = world
        .engine
        .clone()
        .with_portal("https://cuentas.example.com");
    let text = format!(
        "Factura,Código cliente,Cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n\
         F-<b>1,C-1,{LOUD},c1@cliente.example,2026-02-02,2026-03-01,10000.50\n\
         F-2,C-1,{LOUD},c1@cliente.example,2026-02-02,2026-04-01,300.00\n"
    );
    world.import(&text).await;
    let bank = "Banco Ejemplo\nCLABE 000000000000000000";
    world.declare("brand.bank_data", bank).await;
    assert_eq!(world.day(TODAY).await.len(), 1);
    world.at(TODAY, time(20, 30, 0, 0));
    let token = token(&world, "p").await;
    (App::of(world), token)
}

async fn token(world: &World, door: &str) -> String {
    let id = world.standing("C-1").await.position.customer.id;
    let thread = store::messages::of_customer(world.engine.db(), world.company.id, id).await;
    let thread = thread.expect("a thread");
    let start = format!("https://cuentas.example.com/{door}/");
    let (_, rest) = thread[0].text.split_once(&start).expect("a link");
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    rest[..end].to_owned()
}

fn header(answer: &Answer, name: impl axum::http::header::AsHeaderName) -> String {
    let value = answer.headers.get(name).and_then(|it| it.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// Whoever passed the door.
async fn inside(app: &App, token: &str) -> Sitting {
    let mut sitting = app.stranger();
    let entered = sitting
        .post(&format!("/p/{token}/enter"), &[("amount", "10,000.50")])
        .await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    assert_eq!(entered.location(), format!("/p/{token}/account"));
    let cookie = header(&entered, SET_COOKIE);
    for part in ["HttpOnly", "SameSite=Lax", &format!("Path=/p/{token}")] {
        assert!(cookie.contains(part), "{cookie}");
    }
    sitting.cookie = cookie.split(';').next().map(str::to_owned);
    sitting
}

fn quiet(answer: &Answer) {
    assert_eq!(header(answer, CACHE_CONTROL), "no-store");
    assert_eq!(header(answer, REFERRER_POLICY), "no-referrer");
    assert!(header(answer, "x-robots-tag").contains("noindex"));
    let policy = header(answer, CONTENT_SECURITY_POLICY);
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    let (title, _) = answer.body.split_once("</title>").expect("a title");
    let title = title.rsplit('>').next().unwrap_or_default();
    assert!(
        ["Papelería del Valle", "Puntual"].contains(&title),
        "{title}"
    );
    assert!(!answer.body.contains(" style=") && !answer.body.contains("<script>"));
    assert!(!answer.body.contains("og:"), "no preview");
}

testkit::both_databases! {
    async fn inv_20_a_link_alone_shows_nothing(test: &TestDb) {
        let (app, token) = reminded(test).await;
        let stranger = app.stranger();
        let door = stranger.get(&format!("/p/{token}")).await;
        assert_eq!(door.status, StatusCode::OK);
        quiet(&door);
        assert!(door.body.contains("Papelería del Valle le escribió"), "{}", door.body);
        let seen = door.body.to_lowercase();
        for word in ["10,000", "f-2", "c-1", "alert(1)", "deud", "adeud", "vencid", "saldo",
            "factura", "cobr", "c1@cliente"]
        {
            assert!(!seen.contains(word), "{word}: {}", door.body);
        }
        for page in PAGES {
            let answer = stranger.get(&format!("/p/{token}/{page}")).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
            assert_eq!(answer.location(), format!("/p/{token}"), "{page}");
            let mut guess = app.stranger();
            guess.cookie = Some(format!("puntual-portal={token}"));
            let answer = guess.get(&format!("/p/{token}/{page}")).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
        }
        for public in ["C-1", "F-2", "XAXX010101000", "10,000.51"] {
            let wrong = stranger.post(&format!("/p/{token}/enter"), &[("amount", public)]).await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{public}");
            quiet(&wrong);
            assert!(wrong.headers.get(SET_COOKIE).is_none());
        }
        // Locked, forged, revoked and expired are one page.
        let locked = stranger.post(&format!("/p/{token}/enter"), &[("amount", "1")]).await;
        let still = stranger.get(&format!("/p/{token}")).await;
        let forged = stranger.get(&format!("/p/{}", "A".repeat(43))).await;
        app.world.set(app.world.now() + 2.minutes());
        assert_eq!(stranger.get(&format!("/p/{token}")).await.status, StatusCode::OK);
        let (engine, company) = (&app.world.engine, &app.world.company);
        engine.revoke_links(company, "C-1", "ana").await.expect("revoked");
        let revoked = stranger.get(&format!("/p/{token}")).await;
        for gone in [&locked, &still, &forged, &revoked] {
            assert_eq!(gone.status, StatusCode::NOT_FOUND);
            assert_eq!(gone.body, forged.body);
            quiet(gone);
        }
    }

    async fn every_page_is_small_quiet_and_in_three_languages(test: &TestDb) {
        let (app, token) = reminded(test).await;
        let mut sitting = inside(&app, &token).await;
        let css = include_str!("../../static/css/portal.css").len();
        let session = sitting.cookie.clone().expect("a cookie");
        for language in ["es", "pt", "en"] {
            let chosen = sitting.get(&format!("/p/{token}/language/{language}")).await;
            let cookie = header(&chosen, SET_COOKIE);
            let cookie = cookie.split(';').next().unwrap_or_default();
            sitting.cookie = Some(format!("{session}; {cookie}"));
            for name in PAGES {
                let answer = sitting.get(&format!("/p/{token}/{name}")).await;
                assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.body);
                quiet(&answer);
                let bytes = answer.body.len() + css;
                assert!(bytes <= PAGE_BYTES_MAX, "{language} {name}: {bytes}");
                assert_eq!(answer.body.matches("<h1").count(), 1, "{name}");
                assert!(answer.body.contains(&format!("<html lang=\"{language}\"")), "{name}");
                assert!(!answer.body.contains("<b>1"), "{name}: a number acts");
                assert!(!answer.body.contains("<script>alert"), "{name}: a name acts");
            }
        }
        let account = sitting.get(&format!("/p/{token}/account")).await.body;
        assert!(account.contains("10,000.50") && account.contains("300.00"), "{account}");
        let pay = sitting.get(&format!("/p/{token}/pay")).await.body;
        assert!(pay.contains("CLABE 000000000000000000") && pay.contains("<svg"), "{pay}");
        // The door of someone inside leads in; after leaving it does not.
        let door = sitting.get(&format!("/p/{token}")).await;
        assert_eq!(door.location(), format!("/p/{token}/account"));
        sitting.post(&format!("/p/{token}/leave"), &[]).await;
        let after = sitting.get(&format!("/p/{token}/account")).await;
        assert_eq!(after.location(), format!("/p/{token}"));
        let brand = app.stranger().get("/brand/1f5f8b.css").await;
        assert!(brand.body.contains("--brand:#1f5f8b;--brand-ink:#ffffff"), "{}", brand.body);
        let hostile = app.stranger().get("/brand/red}*{.css").await;
        assert_eq!(hostile.status, StatusCode::NOT_FOUND);
    }

    async fn what_a_customer_says_is_taken_down_and_a_person_answers(test: &TestDb) {
        let (app, token) = reminded(test).await;
        let sitting = inside(&app, &token).await;
        let at = |page: &str| format!("/p/{token}/{page}");
        let said = [("amount", "20000"), ("currency", "MXN"), ("date", "2026-03-05")];
        let refused = sitting.post(&at("promise"), &said).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("value=\"20000\""), "as typed: {}", refused.body);
        assert!(refused.body.contains("10,300.50"), "{}", refused.body);
        let said = [("amount", "100"), ("currency", "MXN"), ("date", "2026-03-05")];
        let taken = sitting.post(&at("promise"), &said).await;
        assert_eq!(taken.location(), at("account?done=promise"));
        let said = [("document", "F-2"), ("amount", ""), ("text", "No pedí <b>esto</b>")];
        let taken = sitting.post(&at("dispute"), &said).await;
        assert_eq!(taken.location(), at("account?done=dispute"), "{}", taken.body);
        let taken = sitting.post(&at("write"), &[("text", "Hola")]).await;
        assert_eq!(taken.location(), at("account?done=write"));
        let part = |name: &str, more: &str, value: &str| {
            let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{more}");
            format!("{head}\r\n\r\n{value}\r\n")
        };
        let claim = async |file: &str| {
            let body = [
                part("amount", "", "500"),
                part("currency", "", "MXN"),
                part("date", "", "2026-03-02"),
                part("reference", "", "SPEI 77"),
                part("file", "; filename=\"comprobante.pdf\"", file),
                "--x--\r\n".to_owned(),
            ];
            let request = sitting.request(Method::POST, &at("paid"));
            let request = request.header("sec-fetch-site", "same-origin");
            let request = request.header(CONTENT_TYPE, "multipart/form-data; boundary=x");
            sitting.send(request, Body::from(body.concat())).await
        };
        let wrong = claim("<html><script>alert(1)</script>").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
        let large = claim(&format!("%PDF-1.7{}", "x".repeat(6 * 1024 * 1024))).await;
        assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
        let taken = claim("%PDF-1.7 recibo").await;
        assert_eq!(taken.location(), at("account?done=paid"), "{}", taken.body);

        let collector = app.sit(Role::Collector).await;
        let list = collector.get(&app.path("/claims")).await;
        assert_eq!(list.status, StatusCode::OK, "{}", list.body);
        for text in ["SPEI 77", "500.00", "No pedí", "F-2"] {
            assert!(list.body.contains(text), "{text}: {}", list.body);
        }
        assert!(!list.body.contains("<b>esto") && !list.body.contains("<script>alert"));
        let (_, rest) = list.body.split_once("/claims/").expect("a claim");
        let id = rest.split('/').next().unwrap_or_default();
        let path = app.path(&format!("/claims/{id}/reject"));
        let reason = [("reason", "no está en el banco")];
        let auditor = app.sit(Role::Auditor).await;
        assert_eq!(auditor.post(&path, &reason).await.status, StatusCode::FORBIDDEN);
        let rejected = collector.post(&path, &reason).await;
        assert_eq!(rejected.location(), app.path("/claims?done=claim-rejected"));
        let revoked = collector.post(&app.path("/claims/revoke"), &[("customer", "C-1")]).await;
        assert_eq!(revoked.location(), app.path("/claims?done=links-revoked"));
        assert_eq!(sitting.get(&at("account")).await.location(), format!("/p/{token}"));
    }

    async fn one_click_leaves_the_list_and_looking_does_not(test: &TestDb) {
        let (app, _) = reminded(test).await;
        let path = format!("/u/{}", token(&app.world, "u").await);
        let stranger = app.stranger();
        let withdrawn = async || {
            let position = app.world.standing("C-1").await.position;
            let point = &position.customer.contact_points[0];
            matches!(point.consent, Consent::Withdrawn { .. })
        };
        let asks = stranger.get(&path).await;
        assert_eq!(asks.status, StatusCode::OK);
        quiet(&asks);
        assert!(!withdrawn().await);
        let forged = format!("{}A", &path[..path.len() - 1]);
        let gone = stranger.send(stranger.request(Method::POST, &forged), Body::empty()).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
        // As a mail provider posts: no cookie, no origin.
        let request = stranger.request(Method::POST, &path);
        let request = request.header(CONTENT_TYPE, crate::app::FORM);
        let body = Body::from("List-Unsubscribe=One-Click");
        let done = stranger.send(request, body).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        assert!(withdrawn().await);
    }
}
