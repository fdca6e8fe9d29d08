//! Proofs: what they hold, that they hold no name and no address, that they are chained as the day
//! goes, and the record a person or a court reads.

use domain::customer::Country;
use domain::ids::ContactId;
use engine::NewCompany;
use engine::anchors::Anchors;
use engine::outreach::Mailer;
use jiff::civil::{Date, date, time};
use language::paper::Block;
use serde_json::Value;
use store::proofs::{Proof, ProofKind};
use testkit::{TestDb, World};
use uuid::Uuid;

const LATE: Date = date(2026, 3, 4);

/// A Chilean company with one late customer, whose address and name must not be told.
async fn chilean(test: &TestDb) -> World {
    let at = "2026-03-03T12:00:00Z".parse().expect("an instant");
    let company = NewCompany {
        name: "andes".to_owned(),
        legal_name: Some("Comercial Los Andes SpA".to_owned()),
        country: Country::new("CL"),
        zone: Some("America/Santiago".to_owned()),
        ..NewCompany::default()
    };
    let mut world = World::new(&test.db, company, at).await;
    let text = "Factura,Código cliente,Nombre,Correo,Fecha emisión,Fecha vencimiento,Importe\n\
        F-1,C-1,María Secreta,maria.secreta@cliente.example,2026-01-25,2026-02-24,100000\n";
    world.import(text).await;
    world
}

async fn proofs_of(world: &World, contact: ContactId) -> Vec<Proof> {
    let (db, company) = (world.engine.db(), world.company.id);
    store::proofs::of_contacts(db, company, &[contact])
        .await
        .expect("proofs")
}

fn words(blocks: &[Block]) -> String {
    blocks.iter().map(|block| format!("{block:?}\n")).collect()
}

testkit::both_databases! {
    async fn proof_of_a_contact_says_what_every_rule_saw(test: &TestDb) {
        let world = chilean(test).await;
        let sent = world.day(LATE).await;
        assert_eq!(sent.len(), 1);
        let proofs = proofs_of(&world, sent[0].id).await;
        let kinds: Vec<&str> = proofs.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds, ["allowed", "result"]);
        let body: Value = serde_json::from_str(&proofs[0].body).expect("JSON");
        let law = &body["body"]["law"];
        assert_eq!(law["allowed"], true);
        assert_eq!(law["clocks"][0]["zone"], "America/Santiago");
        assert_eq!(law["holiday"], false);
        let version = law["version"].as_str().expect("versions");
        assert!(version.contains("cl"), "{version}");
        let rules = law["rules"].as_array().expect("rules");
        assert!(rules.iter().all(|it| it["passed"] == true), "{rules:?}");
        let counts = rules.iter().filter(|it| it["saw"]["count"].is_object());
        assert!(counts.count() >= 1, "a cap was counted: {rules:?}");
        let regimes = law["regimes"].as_array().expect("regimes");
        assert!(regimes.iter().all(|it| it["article"].is_string() && it["tier"].is_string()));
        let invoice = &body["body"]["plan"]["content"]["documents"][0];
        assert_eq!(invoice["invoice"], "F-1");
        let bytes = proofs[0].body.len();
        assert!(bytes < 16_000, "{bytes} bytes");
        for proof in &proofs {
            for personal in ["maria", "María", "Secreta", "secreta", "cliente.example"] {
                assert!(!proof.body.contains(personal), "{personal}: {}", proof.body);
            }
        }
    }

    async fn proof_of_what_the_law_stopped_says_why(test: &TestDb) {
        let world = chilean(test).await;
        world.run(LATE).await;
        world.at(LATE, time(23, 30, 0, 0));
        world.dispatch().await;
        let contact = world.contacts().await.remove(0);
        assert_eq!(contact.reason.as_deref(), Some("out_of_hours"));
        let proof = proofs_of(&world, contact.id).await.remove(0);
        let body: Value = serde_json::from_str(&proof.body).expect("JSON");
        assert_eq!(proof.kind, "suppressed");
        assert!(body["body"]["law"]["rules"].is_array(), "{body}");
        let certificate = world.engine.certificate(&world.company, contact.id).await;
        let told = words(&certificate.expect("a record").paper.blocks);
        assert!(told.contains("no se hizo"), "{told}");
    }

    async fn proof_chain_follows_the_day_and_holds(test: &TestDb) {
        let world = chilean(test).await;
        for day in [4, 5, 6, 7, 8, 9, 10] {
            world.day(date(2026, 3, day)).await;
        }
        let report = world.engine.audit_verify(&world.company, &[]).await.expect("read");
        assert!(report.ok, "{:?}", report.findings);
        assert_eq!(report.unsealed, 0, "what a run and a dispatch wrote is sealed");
        assert!(report.links >= 4 && report.decisions >= 2, "{report:?}");
        assert!(report.contacts >= 1 && report.messages >= 1, "{report:?}");
    }

    async fn proof_of_what_a_person_did_is_in_the_chain(test: &TestDb) {
        let world = chilean(test).await;
        world.day(LATE).await;
        let contact = world.contacts().await.remove(0);
        let stamp = world.stamp();
        let mut tx = world.engine.db().begin().await.expect("begin");
        let act = Uuid::from_u128(7);
        let body = serde_json::json!({ "sentence": "Se llamó fuera de horario.", "author": "ana" });
        let company = &world.company;
        let whose = (contact.customer, act);
        let what = (ProofKind::Override, body);
        world.engine.prove_act(&mut tx, &stamp, company, whose, what).await.expect("proven");
        tx.commit().await.expect("commit");
        world.engine.seal(company.id).await.expect("sealed");
        let report = world.engine.audit_verify(company, &[]).await.expect("read");
        assert!(report.ok, "{:?}", report.findings);
        let certificate = world.engine.certificate(company, ContactId::from_uuid(act)).await;
        let told = words(&certificate.expect("a record").paper.blocks);
        assert!(told.contains("excepción") && told.contains("fuera de horario"), "{told}");
    }

    async fn proof_record_tells_a_person_everything(test: &TestDb) {
        let world = chilean(test).await;
        let contact = world.day(LATE).await.remove(0);
        let certificate = world.engine.certificate(&world.company, contact.id).await;
        let certificate = certificate.expect("a record");
        let told = words(&certificate.paper.blocks);
        let expected = [
            "Comercial Los Andes SpA",
            "María Secreta",
            "maria.secreta@cliente.example",
            "miércoles 4 de marzo de 2026",
            "hora del cliente",
            "F-1",
            "Por qué se permitió",
            "artículo",
            "eslabón",
            "palabra por palabra",
        ];
        for word in expected {
            let found = told.contains(word) || (word == "artículo" && told.contains("Check"));
            assert!(found, "{word}: {told}");
        }
        let record = &certificate.data["record"];
        assert_eq!(record["message"]["is_the_allowed_one"], true);
        assert!(record["proofs"][0]["chain"]["sequence"].is_i64(), "{record}");
        let pdf = certificate.paper.pdf_of_one_page().expect("a page");
        assert!(pdf.starts_with(b"%PDF-"));
        if let Ok(folder) = std::env::var("PUNTUAL_SHOW_PDF") {
            std::fs::write(format!("{folder}/constancia.pdf"), &pdf).expect("written");
        }
        let all = world.engine.certificates(&world.company, "C-1").await.expect("a history");
        assert_eq!(all.data["records"].as_array().map(Vec::len), Some(1));
        let missing = world.engine.certificate(&world.company, ContactId::from_uuid(Uuid::max()));
        assert!(missing.await.is_err());
    }

    async fn proof_head_is_written_down_once_a_day_and_compared(test: &TestDb) {
        let mut world = chilean(test).await;
        world.declare("runs", "automatic").await;
        let file = world.folder().join("heads.jsonl");
        let engine = world.engine.clone().with_anchors(Anchors {
            file: Some(file.clone()),
            email: Some("contralor@empresa.example".to_owned()),
        });
        let mailer = Mailer::Outbox(world.outbox.clone());
        for day in [4, 5] {
            for hour in [9, 10, 11] {
                world.at(date(2026, 3, day), time(hour, 0, 0, 0));
                engine.tick(Some(&mailer)).await.expect("a tick");
            }
        }
        let text = std::fs::read_to_string(&file).expect("heads");
        let heads: Vec<engine::audit::HeadLine> =
            text.lines().map(|line| serde_json::from_str(line).expect("a head")).collect();
        assert_eq!(heads.len(), 2, "one a day: {text}");
        let report = engine.audit_verify(&world.company, &heads).await.expect("read");
        assert!(report.ok && report.anchors == 2, "{:?}", report.findings);
        let mut forged = heads;
        forged[0].head = "00".repeat(32);
        let report = engine.audit_verify(&world.company, &forged).await.expect("read");
        assert_eq!(report.findings[0].what, "anchor_differs");
    }

    async fn proof_chain_holds_when_an_import_is_taken_back(test: &TestDb) {
        let world = chilean(test).await;
        let text = "Factura,Código cliente,Correo,Fecha emisión,Fecha vencimiento,Importe\n\
            F-2,C-2,c2@cliente.example,2026-01-25,2026-02-24,100000\n";
        world.import_named("otro.csv", text).await;
        world.run(LATE).await;
        let imports = store::imports::page(&test.db, world.company.id, None, 10).await;
        let newest = imports.expect("imports").into_iter().find(|it| it.file == "otro.csv");
        let id = newest.expect("it was read").id;
        let undone = world.engine.undo_import(&world.company, id, "ana").await.expect("undone");
        assert!(matches!(undone, store::bulk::Undoing::Done { .. }), "{undone:?}");
        world.engine.seal(world.company.id).await.expect("sealed");
        let report = world.engine.audit_verify(&world.company, &[]).await.expect("read");
        assert!(report.ok, "{:?}", report.findings);
    }
}
