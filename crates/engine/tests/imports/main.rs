//! Files in: looked at before they are read, stopped on the way, undone as a whole.

mod papers;
mod undo;

use domain::ids::ImportId;
use engine::imports::SaidOfFile;
use jiff::civil::{Date, date};
use store::imports::ImportState;
use testkit::world::AUTHOR;
use testkit::{World, both_databases};

const TODAY: Date = date(2026, 3, 2);

/// Uploads a text as a file of that name.
async fn upload(world: &World, name: &str, text: &[u8]) -> ImportId {
    let mut upload = world.engine.upload(name).expect("room for a file");
    text.chunks(1_000)
        .for_each(|piece| upload.write(piece).expect("it fits"));
    let kept = world
        .engine
        .keep_upload(&world.company, upload, AUTHOR)
        .await;
    kept.expect("a spreadsheet")
}

async fn state(world: &World, import: ImportId) -> ImportState {
    let found = world.engine.import_of(&world.company, import).await;
    found.expect("the import").state
}

const WORKBOOK: &str = "\
Clave;Cliente;RFC;Correo;País;Idioma
C-1;Comercial Uno;AAA010101AAA;pagos@uno.mx;MX;es
C-2;Comercial Dos;BBB010101BBB;pagos@dos.mx;MX;es

Folio;Cliente;Fecha emisión;Vencimiento;Importe
A-1;Comercial Uno;05/01/2026;04/02/2026;1.500,00
A-2;Comercial Dos;06/01/2026;no sé;2.500,00
A-3;Comercial Dos;07/01/2026;06/02/2026;3.500,00

Fecha de pago;Factura;Importe pagado
25/02/2026;A-1;500,00
";

both_databases! {
    async fn a_draft_is_weighed_by_what_reading_it_then_does(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let before = test.contents().await;
        let id = upload(&world, "todo.csv", WORKBOOK.as_bytes()).await;
        let preview = world.engine.preview_import(&world.company, id).await.expect("a preview");
        assert_eq!(preview.tables.len(), 3, "{:?}", preview.refused);
        assert_eq!((preview.rows, preview.weighed), (6, 6));
        assert_eq!(preview.report.quarantined.len(), 1, "{:?}", preview.report.quarantined);
        assert_eq!(preview.report.quarantined[0].field, "Vencimiento");
        let mut after = test.contents().await;
        after.insert("imports".into(), before["imports"].clone());
        after.insert("events".into(), before["events"].clone());
        assert_eq!(after, before, "looking writes nothing");

        let read = world.engine.import_draft(&world.company, id, AUTHOR).await.expect("read");
        // A customer that two tables name is met again in the second part only when written.
        let told = |of: &engine::imports::ImportReport| -> Vec<_> {
            let counts = of.by_entity.iter();
            counts.map(|(entity, it)| (*entity, it.created, it.updated)).collect()
        };
        assert_eq!(told(&read), told(&preview.report));
        assert_eq!(read.by_entity["documents"].created, 2);
        assert_eq!(read.by_entity["applications"].created, 1);
        assert_eq!(state(&world, id).await, ImportState::Done);

        let again = upload(&world, "todo.csv", WORKBOOK.as_bytes()).await;
        let preview = world.engine.preview_import(&world.company, again).await.expect("looked");
        assert_eq!((preview.report.created, preview.report.updated), (0, 0));
        world.engine.discard_draft(&world.company, again).await.expect("thrown away");
        assert!(world.engine.import_of(&world.company, again).await.is_err());
    }

    async fn what_a_person_explains_is_read_and_remembered(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let text = b"Documento,Deudor,Vence el,Gran suma\n\
            A-1,Uno,04/02/2026,100\nA-2,Dos,05/02/2026,70\n";
        let id = upload(&world, "raro.csv", text).await;
        let preview = world.engine.preview_import(&world.company, id).await.expect("looked");
        assert!(!preview.is_readable());
        assert_eq!(preview.tables[0].missing, ["importe"]);
        let mut mapping = preview.tables[0].mapping.clone();
        let fields = ["number", "customer_name", "due", "amount"];
        for (column, field) in mapping.columns.iter_mut().zip(fields) {
            column.field = formats::spreadsheet::Field::of_code(field);
        }
        let said = SaidOfFile {
            date_order: Some(formats::date::DateOrder::DayFirst),
            currency: Some("USD".to_owned()),
            mappings: vec![mapping],
            ..SaidOfFile::default()
        };
        world.engine.explain_draft(&world.company, id, &said).await.expect("explained");
        let preview = world.engine.preview_import(&world.company, id).await.expect("looked");
        assert_eq!(preview.report.by_entity["documents"].created, 2);
        world.engine.import_draft(&world.company, id, AUTHOR).await.expect("read");
        let books = world.books("Uno").await;
        assert_eq!(books.documents[0].due, date(2026, 2, 4));
        assert_eq!(books.documents[0].amount.to_string(), "100.00 USD");

        let next = b"Documento,Deudor,Vence el,Gran suma\nA-3,Uno,04/03/2026,9\n";
        let next = upload(&world, "otro mes.csv", next).await;
        let preview = world.engine.preview_import(&world.company, next).await.expect("looked");
        assert!(preview.is_readable(), "the columns are remembered");
    }

    async fn an_import_stops_when_asked_and_what_it_wrote_stays(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let id = upload(&world, "todo.csv", WORKBOOK.as_bytes()).await;
        let refused = world.engine.cancel_import(&world.company, id, AUTHOR).await;
        assert!(refused.is_err(), "a draft does not run");
        // Asked before its first part is written, it stops behind that part.
        let db = world.engine.db();
        let mut tx = db.begin().await.expect("begun");
        let stamp = world.stamp();
        store::imports::begin(&mut tx, &stamp, world.company.id, id).await.expect("begun");
        store::imports::ask_cancel(&mut tx, &stamp, world.company.id, id).await.expect("asked");
        tx.commit().await.expect("kept");
        let found = world.engine.import_of(&world.company, id).await.expect("there");
        let report = world.engine.read_begun(&world.company, found, AUTHOR).await.expect("read");
        assert_eq!(report.by_entity["customers"].created, 2);
        assert_eq!(report.by_entity.get("documents"), None);
        assert_eq!(state(&world, id).await, ImportState::Cancelled);
        let undone = world.engine.undo_import(&world.company, id, AUTHOR).await.expect("undone");
        assert!(matches!(undone, store::bulk::Undoing::Done { .. }), "{undone:?}");
    }

    async fn a_payment_that_names_no_currency_is_in_its_invoices(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let invoices = "Folio,Cliente,Fecha emisión,Vencimiento,Importe,Moneda\n\
            A-1,Uno,2026-01-05,2026-02-04,100.50,USD\nA-2,Uno,2026-01-05,2026-02-04,80,CLP\n\
            A-3,Uno,2026-01-05,2026-02-04,70,\n";
        world.import_named("facturas.csv", invoices).await;
        let payments = "Fecha de pago,Factura,Importe pagado\n2026-02-10,A-1,100.50\n\
            2026-02-10,A-2,80\n2026-02-10,A-3,70\n";
        let report = world.import_named("pagos.csv", payments).await;
        assert!(report.quarantined.is_empty(), "{:?}", report.quarantined);
        let books = world.books("Uno").await;
        let mut paid: Vec<_> = books.payments.iter().map(|it| it.amount.to_string()).collect();
        paid.sort_unstable();
        assert_eq!(paid, ["100.50 USD", "70.00 MXN", "80 CLP"]);
        assert_eq!(books.applications.len(), 3);
    }

    async fn what_is_no_spreadsheet_is_refused_and_not_kept(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        for bytes in [&b"%PDF-1.7 ..."[..], b"<html><table></table></html>", b"", b"\x89PNG\r\n"] {
            let mut upload = world.engine.upload("../../x.csv").expect("room");
            upload.write(bytes).expect("it fits");
            let kept = world.engine.keep_upload(&world.company, upload, AUTHOR).await;
            assert!(matches!(kept, Err(engine::Error::Format(_))), "{kept:?}");
        }
        let listed = store::imports::latest(world.engine.db(), world.company.id, 10).await;
        assert_eq!(listed.expect("read"), []);
        let mut large = world.engine.upload("grande.csv").expect("room");
        let piece = vec![b'x'; 64 << 20];
        let written: Vec<bool> = (0..4).map(|_| large.write(&piece).is_ok()).collect();
        assert_eq!(written, [true, true, true, false]);
    }
}
