//! Undoing an import: identity, or nothing and the reasons.

use domain::hold::HoldKind;
use domain::ids::ImportId;
use engine::NewCompany;
use jiff::civil::{date, time};
use store::bulk::{ObstacleKind, Undoing};
use testkit::world::AUTHOR;
use testkit::{TestDb, World, both_databases};

use super::{TODAY, WORKBOOK, upload};

/// What is left to compare once the log and the list of imports are taken away.
async fn ledger(test: &TestDb) -> std::collections::BTreeMap<String, Vec<String>> {
    let mut contents = test.contents().await;
    contents.remove("events");
    contents.remove("imports");
    contents
}

async fn undo(world: &World, import: ImportId) -> Undoing {
    let undone = world
        .engine
        .undo_import(&world.company, import, AUTHOR)
        .await;
    undone.expect("the database answers")
}

async fn kinds(world: &World, import: ImportId) -> Vec<(ObstacleKind, Vec<String>)> {
    match undo(world, import).await {
        Undoing::Done { removed, .. } => panic!("nothing stood in the way: {removed:?}"),
        Undoing::InTheWay(all) => all.into_iter().map(|it| (it.kind, it.examples)).collect(),
    }
}

/// A portfolio that the next file meets: some of it changes, some is paid, some is settled.
const BEFORE: &str = "\
Clave;Cliente;RFC;Correo;País;Idioma;Provincia
C-1;Comercial 1;AAA010101AAA;viejo@uno.mx;MX;es;

Folio;Cliente;Fecha emisión;Vencimiento;Importe;En aclaración
A-1;C-1;05/01/2026;04/02/2026;1.400,00;sí
B-1;C-1;05/01/2026;04/02/2026;900,00;no
B-2;C-1;05/01/2026;04/02/2026;0,00;no

Fecha de pago;Cliente;Importe pagado;Referencia
25/02/2026;C-1;5.000,00;SPEI 1
";

const FILE: &str = "\
Clave;Cliente;RFC;Correo;Etiquetas;País;Idioma
C-1;Comercial Uno;AAA010101AAA;pagos@uno.mx;vip;MX;pt
C-2;Comercial Dos;BBB010101BBB;pagos@dos.mx;;MX;es

Folio;Clave cliente;Fecha emisión;Vencimiento;Importe;En aclaración
A-1;C-1;05/01/2026;04/02/2026;1.500,00;no
B-2;C-1;05/01/2026;04/02/2026;200,00;no
A-2;C-2;06/01/2026;no sé;2.500,00;no
A-3;C-2;07/01/2026;06/02/2026;3.500,00;sí
A-4;C-1;07/01/2026;06/02/2026;10,00;no

Fecha de pago;Factura;Importe pagado
25/02/2026;A-3;500,00
";

both_databases! {
    async fn undoing_an_import_brings_every_table_back(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let first = upload(&world, "antes.csv", BEFORE.as_bytes()).await;
        let empty = ledger(test).await;
        world.engine.import_draft(&world.company, first, AUTHOR).await.expect("read");
        let before = ledger(test).await;
        assert!(before["applications"].len() >= 2, "the rule laid the payment");
        for _ in 0..2 {
            world.at(TODAY, time(10, 0, 0, 0));
            let id = upload(&world, "cartera.csv", FILE.as_bytes()).await;
            let read = world.engine.import_draft(&world.company, id, AUTHOR).await.expect("read");
            assert!(read.updated >= 3 && read.created >= 5, "{read:?}");
            assert_eq!(read.quarantined.len(), 1);
            assert_ne!(ledger(test).await, before);
            let Undoing::Done { removed, restored } = undo(&world, id).await else {
                panic!("nothing depends on it");
            };
            assert_eq!(removed["customers"], 1, "{removed:?}");
            assert!(restored["documents"] >= 2, "{restored:?}");
            assert_eq!(ledger(test).await, before);
            assert_eq!(kinds(&world, id).await, [(ObstacleKind::NotRead, vec![])]);
        }
        // The first one, too: then nothing is left.
        let undone = undo(&world, first).await;
        assert!(matches!(undone, Undoing::Done { .. }), "{undone:?}");
        assert_eq!(ledger(test).await, empty);
    }

    async fn rows_mended_later_go_with_their_import(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let before = ledger(test).await;
        let id = upload(&world, "todo.csv", WORKBOOK.as_bytes()).await;
        world.engine.import_draft(&world.company, id, AUTHOR).await.expect("read");
        let waiting = world.engine.quarantined(&world.company).await.expect("read");
        let cells = [("Vencimiento".to_owned(), "05/02/2026".to_owned())];
        let mended =
            world.engine.fix_quarantined(&world.company, &waiting[0].id, &cells, AUTHOR).await;
        assert_eq!(mended.expect("read").fixed, 1);
        assert!(matches!(undo(&world, id).await, Undoing::Done { .. }));
        assert_eq!(ledger(test).await, before);
    }

    async fn a_later_import_is_undone_first(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let first = upload(&world, "antes.csv", BEFORE.as_bytes()).await;
        world.engine.import_draft(&world.company, first, AUTHOR).await.expect("read");
        let second = upload(&world, "cartera.csv", FILE.as_bytes()).await;
        world.engine.import_draft(&world.company, second, AUTHOR).await.expect("read");
        let held = ledger(test).await;
        let found = kinds(&world, first).await;
        assert!(found.iter().any(|(kind, _)| *kind == ObstacleKind::Changed), "{found:?}");
        assert!(found.iter().any(|(kind, _)| *kind == ObstacleKind::Later), "{found:?}");
        assert_eq!(ledger(test).await, held, "nothing was touched");
        assert!(matches!(undo(&world, second).await, Undoing::Done { .. }));
        let undone = undo(&world, first).await;
        assert!(matches!(undone, Undoing::Done { .. }), "{undone:?}");
    }

    async fn what_people_did_since_stands_in_the_way(test: &TestDb) {
        let file = "Folio,Cliente,Correo,Fecha emisión,Vencimiento,Importe\n\
            A-1,Uno S.A. de C.V.,uno@ejemplo.mx,2026-01-05,2026-02-04,10000\n";
        for what in ["payment", "promise", "hold", "contact"] {
            // A company for each.
            let company = NewCompany {
                name: what.to_owned(),
                zone: Some("America/Mexico_City".to_owned()),
                ..NewCompany::default()
            };
            let at = "2026-03-02T13:00:00Z".parse().expect("an instant");
            let mut world = World::new(&test.db, company, at).await;
            let id = upload(&world, "cartera.csv", file.as_bytes()).await;
            world.engine.import_draft(&world.company, id, AUTHOR).await.expect("read");
            let expected = match what {
                "payment" => {
                    world.pay("Uno S.A. de C.V.", "40", &["A-1"]).await;
                    ObstacleKind::Application
                }
                "promise" => {
                    world.promise("Uno S.A. de C.V.", "50", date(2026, 3, 10)).await;
                    ObstacleKind::Promise
                }
                "hold" => {
                    let document = Some("A-1");
                    world.hold("Uno S.A. de C.V.", HoldKind::Dispute, document, (None, None)).await;
                    ObstacleKind::Hold
                }
                _ => {
                    world.declare("debtor", "company").await;
                    let sent = world.days(date(2026, 3, 2), date(2026, 3, 6)).await;
                    assert!(!sent.is_empty(), "something was sent");
                    ObstacleKind::Contact
                }
            };
            let found = kinds(&world, id).await;
            let found = found.iter().find(|(kind, _)| *kind == expected);
            let (_, examples) = found.unwrap_or_else(|| panic!("{what} stands in the way"));
            assert!(!examples.is_empty());
        }
    }

    async fn a_run_alone_does_not_stand_in_the_way(test: &TestDb) {
        let mut world = World::mexican(&test.db, TODAY).await;
        world.declare("debtor", "company").await;
        let file = "Folio,Cliente,Correo,Fecha emisión,Vencimiento,Importe\n\
            A-1,Uno S.A. de C.V.,uno@ejemplo.mx,2026-01-05,2026-02-04,10000\n";
        let id = upload(&world, "cartera.csv", file.as_bytes()).await;
        world.engine.import_draft(&world.company, id, AUTHOR).await.expect("read");
        let planned = world.run(TODAY).await;
        assert_eq!(planned.contacts, 1, "{:?}", world.silence("Uno S.A. de C.V.").await);
        assert!(matches!(undo(&world, id).await, Undoing::Done { .. }));
        assert_eq!(world.contacts().await, []);
    }
}
