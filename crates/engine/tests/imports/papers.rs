//! E-invoices in: parts, receipts, credit notes, cancellations, whatever the order they come in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::hold::HoldKind;
use domain::ledger::Source;
use engine::imports::{ImportReport, PaperSource};
use engine::reports::{AgeingAs, DueBy};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use store::bulk::Undoing;
use testkit::world::AUTHOR;
use testkit::{World, both_databases};

use super::TODAY;

/// The company's own tax ids in these files.
const OWN: &str = "PVA010101AAA,76.111.111-6";

/// An invoice (I) or credit note (E) of Mexico.
fn cfdi(kind: char, folio: u32, (on, total): (&str, &str), related: &str) -> String {
    let uuid = uuid(kind, folio);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4"
 xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="4.0" Serie="{kind}"
 Folio="{folio}" Fecha="{on}T10:00:00" TipoDeComprobante="{kind}" MetodoPago="PPD"
 FormaPago="99" CondicionesDePago="30 días" Moneda="MXN" SubTotal="{total}" Total="{total}"
 Exportacion="01" LugarExpedicion="06000">{related}
<cfdi:Emisor Rfc="PVA010101AAA" Nombre="PAPELERIA DEL VALLE" RegimenFiscal="601"/>
<cfdi:Receptor Rfc="AAA010101AB1" Nombre="COMERCIAL UNO" DomicilioFiscalReceptor="06000"
 RegimenFiscalReceptor="601" UsoCFDI="G03"/>
<cfdi:Conceptos><cfdi:Concepto ClaveProdServ="44121600" Cantidad="1" ClaveUnidad="H87"
 Descripcion="Papel" ValorUnitario="{total}" Importe="{total}" ObjetoImp="01"/></cfdi:Conceptos>
<cfdi:Complemento><tfd:TimbreFiscalDigital Version="1.1" UUID="{uuid}"
 FechaTimbrado="{on}T10:00:01" RfcProvCertif="SAT970701NN3"/></cfdi:Complemento>
</cfdi:Comprobante>"#
    )
}

fn uuid(kind: char, folio: u32) -> String {
    let kind = u32::from(kind);
    format!("{kind:08X}-AAAA-4BBB-8CCC-{folio:012X}")
}

fn related(why: &str, uuid: &str) -> String {
    format!(
        r#"<cfdi:CfdiRelacionados TipoRelacion="{why}">
<cfdi:CfdiRelacionado UUID="{uuid}"/></cfdi:CfdiRelacionados>"#
    )
}

/// A receipt of a payment of invoices: folio and amount of each.
fn receipt(folio: u32, on: &str, paid: &[(u32, &str)], extra: &str) -> String {
    let uuid = uuid('P', folio);
    let sum: f64 = paid
        .iter()
        .map(|(_, it)| it.parse::<f64>().expect("a sum"))
        .sum();
    let parts: String = paid
        .iter()
        .map(|(invoice, amount)| {
            let id = self::uuid('I', *invoice);
            format!(
                r#"<pago20:DoctoRelacionado IdDocumento="{id}" MonedaDR="MXN" EquivalenciaDR="1"
 NumParcialidad="1" ImpSaldoAnt="1000.00" ImpPagado="{amount}" ImpSaldoInsoluto="0.00"
 ObjetoImpDR="01"/>"#
            )
        })
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4"
 xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" xmlns:pago20="http://www.sat.gob.mx/Pagos20"
 Version="4.0" Serie="P" Folio="{folio}" Fecha="{on}T12:00:00" TipoDeComprobante="P" Moneda="XXX"
 SubTotal="0" Total="0" Exportacion="01" LugarExpedicion="06000">{extra}
<cfdi:Emisor Rfc="PVA010101AAA" Nombre="PAPELERIA DEL VALLE" RegimenFiscal="601"/>
<cfdi:Receptor Rfc="AAA010101AB1" Nombre="COMERCIAL UNO" DomicilioFiscalReceptor="06000"
 RegimenFiscalReceptor="601" UsoCFDI="CP01"/>
<cfdi:Conceptos><cfdi:Concepto ClaveProdServ="84111506" Cantidad="1" ClaveUnidad="ACT"
 Descripcion="Pago" ValorUnitario="0" Importe="0" ObjetoImp="01"/></cfdi:Conceptos>
<cfdi:Complemento><pago20:Pagos Version="2.0"><pago20:Totales MontoTotalPagos="{sum:.2}"/>
<pago20:Pago FechaPago="{on}T12:00:00" FormaDePagoP="03" MonedaP="MXN" TipoCambioP="1"
 Monto="{sum:.2}">{parts}</pago20:Pago></pago20:Pagos>
<tfd:TimbreFiscalDigital Version="1.1" UUID="{uuid}" FechaTimbrado="{on}T12:00:01"
 RfcProvCertif="SAT970701NN3"/></cfdi:Complemento>
</cfdi:Comprobante>"#
    )
}

/// The list of the SAT, by which a document was cancelled.
fn cancelled(kind: char, folio: u32, on: &str) -> String {
    let uuid = uuid(kind, folio);
    format!(
        "Uuid~RfcEmisor~NombreEmisor~RfcReceptor~NombreReceptor~RfcPac~FechaEmision~\
         FechaCertificacionSat~Monto~EfectoComprobante~Estatus~FechaCancelacion\n\
         {uuid}~PVA010101AAA~PAPELERIA DEL VALLE~AAA010101AB1~COMERCIAL UNO~SAT970701NN3~\
         2026-01-05 10:00:00~2026-01-05 10:00:01~1000~{kind}~0~{on} 09:00:00\n"
    )
}

/// A Chilean invoice in three parts.
const IN_PARTS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DTE xmlns="http://www.sii.cl/SiiDte" version="1.0"><Documento ID="F1203T33"><Encabezado>
<IdDoc><TipoDTE>33</TipoDTE><Folio>1203</Folio><FchEmis>2026-01-05</FchEmis><FmaPago>2</FmaPago>
<MntPagos><FchPago>2026-02-04</FchPago><MntPago>400</MntPago></MntPagos>
<MntPagos><FchPago>2026-03-06</FchPago><MntPago>400</MntPago></MntPagos>
<MntPagos><FchPago>2026-04-05</FchPago><MntPago>390</MntPago></MntPagos></IdDoc>
<Emisor><RUTEmisor>76111111-6</RUTEmisor><RznSoc>Papelera del Sur SpA</RznSoc>
<GiroEmis>Papel</GiroEmis></Emisor>
<Receptor><RUTRecep>77222222-K</RUTRecep><RznSocRecep>Imprenta Dos Ltda.</RznSocRecep></Receptor>
<Totales><MntNeto>1000</MntNeto><TasaIVA>19</TasaIVA><IVA>190</IVA><MntTotal>1190</MntTotal>
</Totales></Encabezado><Detalle><NroLinDet>1</NroLinDet><NmbItem>Papel</NmbItem>
<MontoItem>1000</MontoItem></Detalle></Documento></DTE>"#;

struct Files<'a> {
    world: &'a World,
}

impl Files<'_> {
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.world.folder().join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    async fn read(&self, name: &str, text: &str) -> ImportReport {
        let path = self.write(name, text);
        self.all(PaperSource::one(&path, name)).await
    }

    async fn all(&self, source: PaperSource) -> ImportReport {
        let (engine, company) = (&self.world.engine, &self.world.company);
        let mut nobody = ();
        let read = engine.import_papers(company, source, AUTHOR, &mut nobody);
        read.await.expect("read")
    }
}

async fn company(db: &store::Db, name: &str) -> World {
    let company = engine::NewCompany {
        name: name.to_owned(),
        zone: Some("America/Mexico_City".to_owned()),
        ..engine::NewCompany::default()
    };
    let zone = domain::calendar::zone("America/Mexico_City").expect("bundled");
    let at = zone.to_timestamp(TODAY.at(7, 0, 0, 0)).expect("in range");
    let mut world = World::new(db, company, at).await;
    world.declare("tax_ids", OWN).await;
    world
}

/// What is open of each document, what is left of credits and payments, and what is held.
async fn picture(world: &World) -> BTreeMap<String, String> {
    let mut picture = BTreeMap::new();
    let everyone = store::positions::Slice::everyone();
    let db = world.engine.db();
    let standings = store::positions::positions(db, world.company.id, everyone, None).await;
    for standing in standings.expect("read") {
        let books = &standing.position.books;
        let number = |id| {
            let found = books.documents.iter().find(|it| it.id == id);
            found.map(|it| it.number.clone()).expect("its own document")
        };
        for document in &books.documents {
            let on = books
                .applications
                .iter()
                .filter(|it| it.document == document.id);
            let mut laid = BTreeMap::<String, i64>::new();
            for application in on {
                let source = match application.source {
                    Source::Payment(id) => {
                        let found = books.payments.iter().find(|it| it.id == id);
                        found.expect("its own payment").reference.clone()
                    }
                    Source::Credit(id) => number(id),
                };
                *laid.entry(source).or_default() += application.minor;
            }
            laid.retain(|_, minor| *minor != 0);
            let told = format!(
                "{} {} {} {} {laid:?}",
                document.kind, document.amount, document.issued, document.due
            );
            picture.insert(document.number.clone(), told);
        }
        for payment in &books.payments {
            picture.insert(
                payment.reference.clone(),
                format!("{} {}", payment.amount, payment.on),
            );
        }
        for hold in &books.holds {
            let document = hold.document.map(number);
            picture.insert(format!("{document:?} {}", hold.kind), hold.reason.clone());
        }
    }
    picture
}

/// Papers that speak of each other in every way.
fn papers() -> Vec<(&'static str, String)> {
    vec![
        ("i1.xml", cfdi('I', 1, ("2026-01-05", "1000.00"), "")),
        ("i2.xml", cfdi('I', 2, ("2026-01-06", "500.00"), "")),
        ("i3.xml", cfdi('I', 3, ("2026-01-07", "700.00"), "")),
        (
            "i4.xml",
            cfdi(
                'I',
                4,
                ("2026-01-20", "700.00"),
                &related("04", &uuid('I', 3)),
            ),
        ),
        (
            "e1.xml",
            cfdi(
                'E',
                1,
                ("2026-01-15", "300.00"),
                &related("01", &uuid('I', 1)),
            ),
        ),
        (
            "p1.xml",
            receipt(1, "2026-02-01", &[(1, "600.00"), (2, "200.00")], ""),
        ),
        ("p2.xml", receipt(2, "2026-02-10", &[(1, "400.00")], "")),
        ("p3.xml", receipt(3, "2026-02-11", &[(2, "100.00")], "")),
        ("c2.txt", cancelled('I', 2, "2026-02-20")),
        ("c3.txt", cancelled('P', 3, "2026-02-21")),
    ]
}

both_databases! {
    async fn what_papers_say_of_each_other_is_what_lies_there(test: &TestDb) {
        let world = company(&test.db, "valle").await;
        let files = Files { world: &world };
        let mut report = ImportReport::default();
        for (name, text) in papers() {
            report.add(files.read(name, &text).await);
        }
        assert!(report.quarantined.is_empty(), "{:?}", report.quarantined);
        let picture = picture(&world).await;
        // 1,000 − 600 − 400 leaves nothing for the credit note, which stays in favour.
        let first = "invoice 1000.00 MXN 2026-01-05 2026-02-04";
        assert!(picture["I-1"].starts_with(first), "{picture:#?}");
        let statement = world.statement("AAA010101AB1").await;
        let open = statement.documents.iter().map(|it| (it.number.as_str(), it.open.minor));
        assert_eq!(open.collect::<Vec<_>>(), [("I-4", 70_000)], "{picture:#?}");
        // 300 of the credit note; of the cancelled 500 the 200 that were paid.
        assert_eq!(statement.credits[0].minor, 30_000 + 20_000, "{picture:#?}");
        assert!(picture["I-2 cancelada"].starts_with("credit_note 500.00 MXN 2026-02-20"));
        assert!(picture["I-3 cancelada"].starts_with("credit_note 700.00 MXN 2026-01-20"));
        assert!(picture.keys().any(|key| key.ends_with("sin efecto")), "{picture:#?}");
    }

    async fn the_order_of_papers_is_of_no_matter(test: &TestDb) {
        let mut first = None;
        for turn in 0..8_usize {
            let world = company(&test.db, &format!("valle-{turn}")).await;
            let files = Files { world: &world };
            let mut papers = papers();
            // Eight orders, among them the reverse; the last comes as one import.
            let count = papers.len();
            papers.rotate_left(turn * 3 % count);
            if turn % 2 == 1 {
                papers.reverse();
            }
            if turn > 4 {
                papers.swap(0, turn);
                papers.swap(2, count - 1);
            }
            if turn == 7 {
                let paths = papers.iter().map(|(name, text)| files.write(name, text)).collect();
                let source = PaperSource { paths, title: "todo".to_owned() };
                files.all(source).await;
            } else {
                for (name, text) in &papers {
                    files.read(name, text).await;
                }
            }
            let picture = picture(&world).await;
            let first = first.get_or_insert_with(|| picture.clone());
            assert_eq!(*first, picture, "order {turn}");
        }
    }

    async fn inv_15_the_same_papers_again_change_nothing(test: &TestDb) {
        let world = company(&test.db, "valle").await;
        let files = Files { world: &world };
        for (name, text) in papers() {
            files.read(name, &text).await;
        }
        let before = picture(&world).await;
        for (name, text) in papers() {
            let again = files.read(name, &text).await;
            let told = &again.by_entity;
            assert_eq!((again.created, again.updated), (0, 0), "{name}: {told:?}");
        }
        assert_eq!(picture(&world).await, before);
    }

    async fn inv_09_each_part_is_chased_by_its_own_date(test: &TestDb) {
        let world = company(&test.db, "sur").await;
        let files = Files { world: &world };
        let report = files.read("f33.xml", IN_PARTS).await;
        assert!(report.quarantined.is_empty(), "{:?}", report.quarantined);
        let books = world.books("77222222K").await;
        let mut parts: Vec<_> =
            books.documents.iter().map(|it| {
                (it.due, it.amount.minor, it.number.as_str())
            }).collect();
        parts.sort_unstable();
        assert_eq!(parts, [
            (date(2026, 2, 4), 400, "33-1203 (1/3)"),
            (date(2026, 3, 6), 400, "33-1203 (2/3)"),
            (date(2026, 4, 5), 390, "33-1203 (3/3)"),
        ]);
        let statement = books.statement(TODAY);
        let chased: Vec<_> = statement.chaseable().map(|it| it.number.as_str()).collect();
        assert_eq!(chased, ["33-1203 (1/3)"]);
        // A payment of the whole pays the parts by their days.
        let payments = "Fecha de pago,Factura,Importe pagado,Moneda\n2026-03-01,33-1203,600,CLP\n";
        let report = world.import_named("pagos.csv", payments).await;
        assert!(report.quarantined.is_empty(), "{:?}", report.quarantined);
        let open: Vec<_> = world.books("77222222K").await.statement(TODAY).documents
            .iter().map(|it| (it.due, it.open.minor)).collect();
        assert_eq!(open, [(date(2026, 3, 6), 200), (date(2026, 4, 5), 390)]);
        let again = world.import_named("pagos.csv", payments).await;
        assert_eq!((again.created, again.updated), (0, 0), "{:?}", again.by_entity);
    }

    async fn parts_of_a_list_bear_their_own_numbers(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let list = "Folio,Cliente,Fecha emisión,Vencimiento,Importe,Cuota\n\
            A-1,Uno,2026-01-05,2026-02-04,100,1/2\nA-1,Uno,2026-01-05,2026-03-06,50,2/2\n";
        let report = world.import_named("cuotas.csv", list).await;
        assert!(report.quarantined.is_empty(), "{:?}", report.quarantined);
        let documents = world.books("Uno").await.documents;
        let mut numbers: Vec<_> = documents.iter().map(|it| it.number.clone()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, ["A-1 (1/2)", "A-1 (2/2)"]);
        let whole = "Folio,Cliente,Fecha emisión,Vencimiento,Importe\n\
            A-1,Uno,2026-01-05,2026-02-04,150\n";
        let report = world.import_named("otra.csv", whole).await;
        assert_eq!(report.created, 0, "{:?}", report.by_entity);
        assert!(report.warnings.iter().any(|it| it.contains("están en partes")));
    }

    async fn a_due_date_put_off_stays_so_and_both_dates_are_known(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let list = "Folio,Cliente,Fecha emisión,Vencimiento,Importe\n\
            A-1,Uno,2026-01-05,2026-02-04,100\n";
        world.import_named("cartera.csv", list).await;
        let (engine, company) = (&world.engine, &world.company);
        let until = date(2026, 3, 20);
        let extended = engine.extend_due(company, "A-1", until, "acordado", AUTHOR).await;
        assert_eq!(extended.expect("put off").before, date(2026, 2, 4));
        assert!(engine.extend_due(company, "A-1", until, "otra vez", AUTHOR).await.is_err());
        assert!(engine.extend_due(company, "A-1", date(2025, 1, 1), "x", AUTHOR).await.is_err());
        assert!(engine.extend_due(company, "A-9", until, "x", AUTHOR).await.is_err());
        assert_eq!(world.books("Uno").await.statement(TODAY).overdue().count(), 0);
        let bucket = async |by| {
            let asked = AgeingAs { day: TODAY, by, known_at: None };
            let report = engine.ageing_as(company, asked).await.expect("ageing");
            report.rows[0].bucket
        };
        assert_eq!(bucket(DueBy::Current).await, "not_due");
        assert_eq!(bucket(DueBy::Original).await, "1-30");
        // The list says the old date again, and something else that is new.
        let again = "Folio,Cliente,Fecha emisión,Vencimiento,Importe,Vendedor\n\
            A-1,Uno,2026-01-05,2026-02-04,100,Ana\n";
        world.import_named("cartera.csv", again).await;
        assert_eq!(world.books("Uno").await.documents[0].due, until);
    }

    async fn inv_19_what_was_assigned_is_not_chased(test: &TestDb) {
        let world = company(&test.db, "sur").await;
        let files = Files { world: &world };
        let assigned = store::bulk::PaperEventFacts {
            stamp: "76111111-6-33-1203".to_owned(),
            kind: domain::paper::PaperEvent::Assigned,
            on: Some(date(2026, 2, 10)),
            who: "Factoring Norte S.A. (96333333-3)".to_owned(),
            text: String::new(),
            amount: None,
        };
        let chunk = store::bulk::PaperChunk { events: vec![assigned], ..Default::default() };
        let stamp = world.stamp();
        let kept = store::bulk::keep_papers(world.engine.db(), &stamp, world.company.id, chunk);
        kept.await.expect("kept");
        // The assignment is known before the invoice.
        files.read("f33.xml", IN_PARTS).await;
        let books = world.books("77222222K").await;
        assert_eq!(books.holds.len(), 3, "{:?}", picture(&world).await);
        assert!(books.holds.iter().all(|it| it.kind == HoldKind::Assigned));
        assert!(books.holds[0].reason.contains("Factoring Norte"));
        assert_eq!(books.statement(TODAY).chaseable().count(), 0);
        assert_eq!(books.statement(date(2026, 2, 9)).chaseable().count(), 1);
    }

    async fn papers_of_others_are_counted_and_left(test: &TestDb) {
        let mut world = company(&test.db, "otra").await;
        world.declare("tax_ids", "AAA010101AB1").await;
        let files = Files { world: &world };
        let bill = cfdi('I', 1, ("2026-01-05", "1000.00"), "");
        let report = files.read("i1.xml", &bill).await;
        assert_eq!(report.created, 0, "{:?}", report.by_entity);
        assert!(report.warnings[0].contains("de proveedores"), "{:?}", report.warnings);
        let foreign = bill.replace("AAA010101AB1", "CCC010101CC1");
        let report = files.read("i1b.xml", &foreign).await;
        assert_eq!(report.quarantined.len(), 1);
        assert_eq!(report.quarantined[0].field, "emisor");
        let waiting = world.engine.quarantined(&world.company).await.expect("listed");
        assert_eq!(waiting.len(), 1);
        world.engine.retry_quarantined(&world.company, AUTHOR).await.expect("retried");
    }

    async fn a_company_without_tax_id_takes_it_from_its_own_papers(test: &TestDb) {
        let world = World::mexican(&test.db, TODAY).await;
        let files = Files { world: &world };
        let report = files.read("i1.xml", &cfdi('I', 1, ("2026-01-05", "1000.00"), "")).await;
        assert_eq!(report.by_entity["documents"].created, 1);
        assert!(report.warnings[0].contains("PVA010101AAA"), "{:?}", report.warnings);
        let company = world.engine.company(Some("valle")).await.expect("there").expect("it");
        assert_eq!(company.tax_ids(), ["PVA010101AAA"]);
    }

    async fn a_receipt_speaks_of_the_payment_that_the_bank_told(test: &TestDb) {
        let world = company(&test.db, "valle").await;
        let files = Files { world: &world };
        files.read("i1.xml", &cfdi('I', 1, ("2026-01-05", "1000.00"), "")).await;
        world.pay("AAA010101AB1", "600", &[]).await;
        let paid = world.books("AAA010101AB1").await.payments[0].on;
        let laid = !world.books("AAA010101AB1").await.applications.is_empty();
        let owed = world.engine.receipts_owed(&world.company, TODAY).await.expect("listed");
        assert_eq!(owed.len(), usize::from(laid));
        let told = receipt(1, &paid.to_string(), &[(1, "600.00")], "");
        let report = files.read("p1.xml", &told).await;
        let payments = report.by_entity.get("payments");
        assert!(payments.is_none_or(|it| it.created == 0), "{:?}", report.by_entity);
        let books = world.books("AAA010101AB1").await;
        assert_eq!(books.payments.len(), 1);
        let statement = books.statement(TODAY);
        let open = statement.documents.iter().map(|it| it.open.minor);
        assert_eq!(open.collect::<Vec<_>>(), [40_000]);
        let owed = world.engine.receipts_owed(&world.company, TODAY).await.expect("listed");
        assert!(owed.is_empty(), "{owed:?}");
    }

    async fn papers_are_undone_as_a_whole(test: &TestDb) {
        let world = company(&test.db, "valle").await;
        let before = test.contents().await;
        let files = Files { world: &world };
        let all = papers();
        let paths = all.iter().map(|(name, text)| files.write(name, text)).collect();
        let source = PaperSource { paths, title: "todo".to_owned() };
        assert!(files.all(source).await.by_entity["files"].created >= 5);
        let latest = store::imports::latest(world.engine.db(), world.company.id, 1).await;
        let id = latest.expect("read")[0].id;
        let undone = world.engine.undo_import(&world.company, id, AUTHOR).await.expect("undone");
        assert!(matches!(undone, Undoing::Done { .. }), "{undone:?}");
        let mut after = test.contents().await;
        for table in ["imports", "events"] {
            after.insert(table.into(), before[table].clone());
        }
        assert_eq!(after, before);
    }

    async fn what_was_known_then_is_shown_again(test: &TestDb) {
        let world = company(&test.db, "valle").await;
        let files = Files { world: &world };
        let (engine, company) = (&world.engine, &world.company);
        let mut shown = Vec::new();
        let mut at = world.now();
        for (name, text) in papers() {
            files.read(name, &text).await;
            let day: Date = TODAY;
            let ageing = engine.ageing(company, day).await.expect("ageing");
            let why = engine.why(company, "AAA010101AB1", at).await.ok();
            let kpis = engine.kpis(company, day, 90).await.expect("figures");
            shown.push((at, ageing.currencies, why, kpis.currencies));
            at = at.checked_add(1.hour()).expect("in range");
            world.set(at);
        }
        let until = date(2026, 5, 1);
        let extended = engine.extend_due(company, "I-4", until, "acordado", AUTHOR).await;
        extended.expect("put off");
        for (at, ageing, why, kpis) in shown {
            let asked = AgeingAs { day: TODAY, by: DueBy::Current, known_at: Some(at) };
            let again = engine.ageing_as(company, asked).await.expect("ageing");
            assert_eq!(again.currencies, ageing, "{at}");
            let again = engine.kpis_as(company, (TODAY, 90), Some(at)).await.expect("figures");
            assert_eq!(again.currencies, kpis, "{at}");
            let again = engine.why_as(company, "AAA010101AB1", (at, Some(at))).await.ok();
            let documents = |why: &Option<serde_json::Value>| {
                why.as_ref().map(|it| it["documents"].clone())
            };
            assert_eq!(documents(&again), documents(&why), "{at}");
        }
    }
}
