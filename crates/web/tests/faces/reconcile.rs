//! Reconciliation at the console: proposals accepted, refused and undone, lines laid by hand.

use axum::http::StatusCode;
use domain::user::Role;
use engine::imports::Source;
use testkit::{World, both_databases};

use crate::app::{App, TODAY};
use crate::imports::{led_to, upload};

/// A statement of three lines: two name documents of a customer, one nobody knows.
pub fn statement() -> String {
    let line = |amount: &str, id: &str, name: &str, memo: &str| {
        format!(
            "<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302<TRNAMT>{amount}<FITID>{id}<NAME>{name}\
             <MEMO>{memo}</STMTTRN>\n"
        )
    };
    format!(
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:UTF-8\nCHARSET:NONE\n\
         COMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX><BANKMSGSRSV1><STMTTRNRS>\
         <TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>MXN<BANKACCTFROM>\
         <BANKID>012<ACCTID>0123456789<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST>\
         <DTSTART>20260302<DTEND>20260302\n{}{}{}</BANKTRANLIST><LEDGERBAL><BALAMT>9000.00\
         <DTASOF>20260302</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n",
        line("1500.00", "BR-1", "ABARROTES LUZ", "PAGO FACTURA C-1-F1"),
        line("2500.00", "BR-2", "ABARROTES LUZ", "PAGO FACTURA C-1-F2"),
        line("350.00", "BR-3", "", "DEPOSITO EN EFECTIVO"),
    )
}

/// Reads the statement so that what names documents waits for a person.
pub async fn propose(world: &World) {
    let path = world.folder().join("banco.ofx");
    std::fs::write(&path, statement()).expect("a file is written");
    let mut silent = ();
    let mut careful = world.company.clone();
    careful.settings.apply_from_ppm = 1_000_001;
    let source = Source {
        path: &path,
        options: Default::default(),
        title: None,
    };
    let done = world
        .engine
        .reconcile(&careful, vec![source], "ana", &mut silent);
    done.await.expect("it is reconciled");
}

/// The path of the first form that ends so.
fn first_form(body: &str, ending: &str) -> Option<String> {
    let mut actions = body.split("action=\"").skip(1);
    let found = actions.find_map(|rest| {
        let action = rest.split('"').next()?;
        action.ends_with(ending).then(|| action.to_owned())
    });
    found.filter(|action| action.contains("/reconcile/"))
}

async fn owing(app: &mut App) {
    for (number, amount) in [
        ("C-1-F1", "1500.00"),
        ("C-1-F2", "2500.00"),
        ("C-1-F3", "333.33"),
    ] {
        let text = format!(
            "Factura,Código cliente,Cliente,Fecha emisión,Fecha vencimiento,Importe\n\
             {number},C-1,Abarrotes Luz,2026-01-05,2026-02-04,{amount}\n"
        );
        app.world.import(&text).await;
    }
}

async fn open(app: &App) -> Vec<String> {
    let statement = app.world.statement("C-1").await;
    statement
        .documents
        .iter()
        .map(|it| it.number.clone())
        .collect()
}

both_databases! {
    async fn proposals_are_accepted_refused_and_undone(test: &TestDb) {
        let mut app = App::new(&test.db).await;
        owing(&mut app).await;
        propose(&app.world).await;
        let collector = app.sit(Role::Manager).await;
        let path = app.path("/reconcile");
        let page = collector.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        for shown in ["C-1-F1", "C-1-F2", "BR-1", "0123456789", "reconcile.js"] {
            assert!(page.body.contains(shown), "{shown}: {}", page.body);
        }
        // The largest first.
        assert!(page.body.find("BR-2") < page.body.find("BR-1"), "{}", page.body);
        let accept = first_form(&page.body, "/accept").expect("a form");
        let done = collector.post(&accept, &[]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        assert_eq!(open(&app).await, ["C-1-F1", "C-1-F3"]);
        let after = collector.get(done.location()).await;
        assert!(after.body.contains("el pago quedó registrado"), "{}", after.body);
        let undo = first_form(&after.body, "/undo").expect("what was accepted last");
        let undone = collector.post(&undo, &[]).await;
        assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.body);
        assert_eq!(open(&app).await.len(), 3);
        let refuse = first_form(&collector.get(&path).await.body, "/refuse").expect("a form");
        collector.post(&refuse, &[]).await;
        let page = collector.get(&path).await;
        assert!(page.body.contains("Nada espera una decisión"), "{}", page.body);
        let history = collector.get(&app.path("/reconcile/decided")).await;
        for state in ["Deshecha", "Rechazada"] {
            assert!(history.body.contains(state), "{}", history.body);
        }
    }

    async fn a_line_is_laid_by_hand_or_set_aside(test: &TestDb) {
        let mut app = App::new(&test.db).await;
        owing(&mut app).await;
        let manager = app.sit(Role::Manager).await;
        let sent = upload(&manager, &app.path("/reconcile/files"),
            &[("banco.ofx", statement().as_bytes())]).await;
        assert_eq!(led_to(&sent), app.path("/reconcile"));
        let waiting = manager.get(&app.path("/reconcile/waiting")).await;
        assert!(waiting.body.contains("BR-3"), "{}", waiting.body);
        let lines = app.world.engine.waiting_lines(&app.world.company, None).await.expect("lines");
        let line = lines.iter().find(|it| it.reference == "BR-3").expect("the line");
        let path = app.path(&format!("/reconcile/lines/{}", line.id));
        manager.post(&format!("{path}/aside"), &[]).await;
        assert!(manager.get(&path).await.body.contains("está apartado"));
        manager.post(&format!("{path}/back"), &[]).await;
        let found = manager.get(&format!("{path}?q=C-1-F3")).await;
        let lay = first_form(&found.body, "/lay").expect("the document is found");
        let done = manager.post(&lay, &[("number", "C-1-F3")]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        assert!(!open(&app).await.contains(&"C-1-F3".to_owned()));
        let nowhere = manager.post(&lay, &[("number", "NO-HAY")]).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
        let auditor = app.sit(Role::Auditor).await;
        assert_eq!(auditor.get(&path).await.status, StatusCode::FORBIDDEN);
        assert_eq!(app.world.company.day_of(app.world.now()), TODAY);
    }
}
