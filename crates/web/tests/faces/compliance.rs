//! Compliance, as whoever answers for it reads it.

use axum::http::StatusCode;
use domain::call::CallResult;
use domain::customer::{Channel, Country, DebtorClass};
use domain::law::Packs;
use domain::user::Role;
use engine::NewCompany;
use engine::notes::NewCall;
use jiff::civil::{date, time};
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

    async fn a_rule_leads_to_those_whom_it_held_back(test: &TestDb) {
        let app = lived(test).await;
        let auditor = app.sit(Role::Auditor).await;
        let page = auditor.get(&app.path("/compliance")).await.body;
        let (held, _) = page.split_once("id=\"stopped\"").expect("the parts in order");
        let (_, link) = held.split_once("/runs/left-alone/unlawful?rule=").expect("a link");
        let rule = link.split('"').next().expect("its end");
        assert!(rule.starts_with("CO-"), "{rule}");
        let all = app.path(&format!("/runs/left-alone/unlawful?rule={rule}"));
        let rows = auditor.get(&all).await.body;
        assert!(rows.contains("C-2") && !rows.contains("C-1"), "{rows}");
        let other = auditor.get(&app.path("/runs/left-alone/unlawful?rule=CL-LPC-37")).await.body;
        assert!(!other.contains("C-2"), "{other}");
    }

    async fn an_exception_is_listed_with_its_reason_its_author_and_its_proof(test: &TestDb) {
        let app = lived(test).await;
        let world = &app.world;
        // A Sunday.
        world.at(date(2026, 6, 7), time(12, 0, 0, 0));
        let customer = world.standing("C-1").await.position.customer.id;
        let call = NewCall {
            customer,
            channel: Channel::Call,
            number: "+56 2 2345 6789".to_owned(),
            result: CallResult::NoAnswer,
            note: String::new(),
            at: None,
            overriding: Some("El gerente lo pidió por escrito".to_owned()),
        };
        let made = world.engine.add_call(&world.company, call, "jefa@andes.example").await;
        made.expect("recorded on a manager's word");
        let auditor = app.sit(Role::Auditor).await;
        let page = auditor.get(&app.path("/compliance")).await.body;
        let (_, rest) = page.split_once("id=\"overrides\"").expect("the part");
        let (part, _) = rest.split_once("id=\"to-come\"").expect("the next part");
        assert!(part.contains("El gerente lo pidió por escrito"), "{part}");
        assert!(part.contains("jefa@andes.example"), "{part}");
        let (_, link) = part.split_once("/proofs/").expect("a proof");
        let proof = link.split('"').next().expect("its end");
        let proof = auditor.get(&app.path(&format!("/proofs/{proof}"))).await;
        assert_eq!(proof.status, StatusCode::OK, "{}", proof.body);
    }

    async fn what_a_law_would_change_is_seen_before_it_is_in_force(test: &TestDb) {
        let app = lived(test).await;
        let manager = app.sit(Role::Manager).await;
        let path = app.path("/compliance/law");
        assert_eq!(manager.get(&path).await.status, StatusCode::OK);
        let ask = async |name: &str, text: &str| {
            let fields = [("name", name), ("from", "2026-06-10"), ("text", text)];
            manager.post(&path, &fields).await
        };
        let wrong = ask("cl.toml", "version = ").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
        let shown = ask("silencio", SILENCE).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.body);
        assert!(shown.body.contains("C-1") && shown.body.contains("class=\"tag bad\""));
        // Nothing was put in force.
        let own = app.world.engine.tightenings(&app.world.company).await.expect("read");
        assert_eq!(own, []);

        let mut files = Packs::embedded_files().iter();
        let (_, chile) = files.find(|(name, _)| *name == "cl.toml").expect("it ships");
        let newer = chile.replacen("version = \"1\"", "version = \"900\"", 1);
        let engine = &app.world.engine;
        let from = date(2026, 7, 1);
        engine.load_law(("cl.toml", &newer), from, "ana").await.expect("put in");
        let page = manager.get(&app.path("/compliance")).await.body;
        assert!(page.contains("/compliance/law/cl/900"), "{page}");
        let waits = manager.get(&app.path("/compliance/law/cl/900")).await;
        assert_eq!(waits.status, StatusCode::OK, "{}", waits.body);
        assert!(waits.body.contains("CL 900 rige desde el"), "{}", waits.body);
        let nowhere = manager.get(&app.path("/compliance/law/cl/901")).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    }
}

/// A company that writes no e-mail to anyone.
const SILENCE: &str = r#"
schema = "compliance-pack/0.1"
version = "1"
as_of = "2026-01-01"
[[regime]]
id = "SILENCIO"
article = "Regla propia: sin correos"
country = "*"
binding = "company"
effective_from = "2000-01-01"
v = "P"
[regime.applies]
debtor = ["natural_consumer", "natural_business", "micro_small_company", "company"]
debt = ["consumer_credit", "consumer_goods_services", "trade_receivable"]
creditor = ["supervised_financial", "commercial_lender", "supplier", "debt_buyer"]
actor = ["first_party", "third_party_agency"]
final_consumer = "any"
[regime.channel_ban]
channels = ["email"]
"#;
