//! Compliance, as whoever answers for it reads it.

use axum::http::StatusCode;
use domain::customer::{Country, DebtorClass};
use domain::user::Role;
use engine::NewCompany;
use jiff::civil::date;
use testkit::{TestDb, World, customer};

use crate::app::App;

/// A Chilean company with a small customer, whom a weekly limit protects, and a Colombian consumer,
/// who gave no consent; both are late for some days.
async fn lived(test: &TestDb) -> App {
    let zone = domain::calendar::zone("America/Santiago").expect("bundled");
    let start = zone
        .to_timestamp(date(2026, 5, 4).at(7, 0, 0, 0))
        .expect("in range");
    let company = NewCompany {
        name: "andes".to_owned(),
        legal_name: Some("Comercial Andes SpA".to_owned()),
        country: Country::new("CL"),
        zone: Some("America/Santiago".to_owned()),
        ..NewCompany::default()
    };
    let mut world = World::new(&test.db, company, start).await;
    for (key, country, class) in [
        ("C-1", "CL", DebtorClass::MicroSmallCompany),
        ("C-2", "CO", DebtorClass::NaturalConsumer),
    ] {
        let mut facts = customer(key);
        facts.country = Country::new(country);
        facts.class = Some(class);
        world
            .customer(facts, Some(&format!("{key}@cliente.example")))
            .await;
        let days = (date(2026, 5, 4), date(2026, 6, 1));
        world
            .invoice(key, &format!("F-{key}"), "500000", days)
            .await;
    }
    world.days(date(2026, 5, 28), date(2026, 6, 5)).await;
    App::of(world)
}

testkit::both_databases! {
    async fn what_the_law_held_back_moved_and_nearly_missed_is_told(test: &TestDb) {
        let app = lived(test).await;
        let auditor = app.sit(Role::Auditor).await;
        let answer = auditor.get(&app.path("/compliance")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let page = answer.body;
        let (held, rest) = page.split_once("id=\"stopped\"").expect("the parts in order");
        assert!(held.contains("/runs/left-alone/unlawful"), "{held}");
        assert!(held.contains("1 clientes frenados") && held.contains("Ley "), "{held}");
        let (_, rest) = rest.split_once("id=\"edges\"").expect("the parts in order");
        let (edges, rest) = rest.split_once("id=\"packs\"").expect("the parts in order");
        assert!(edges.contains("La última permitida por el tope"), "{edges}");
        assert!(edges.contains("La ley la movió desde"), "{edges}");
        assert!(edges.contains("Se revisaron 3 gestiones hechas"), "{edges}");
        assert!(rest.contains("CL-LPC-37") && rest.contains("Texto legal leído"), "{rest}");
        assert!(rest.contains("Sin declarar"), "{rest}");

        assert!(page.contains("constancias selladas"), "{page}");
        let chain = auditor.get(&app.path("/compliance/chain")).await;
        assert!(chain.body.contains("Intacta"), "{}", chain.body);

        let taken = auditor.get(&app.path("/compliance/held/export")).await;
        assert_eq!(taken.status, StatusCode::OK);
        let is_a_list = taken.body.contains("Artículo") && taken.body.lines().count() > 1;
        assert!(is_a_list, "{}", taken.body);
        let nowhere = auditor.get(&app.path("/compliance/otra/export")).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    }
}
