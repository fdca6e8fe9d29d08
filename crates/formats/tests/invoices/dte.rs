//! Chile: what a DTE, a set of them, an answer, a cession and the register of the SII say.

use crate::told::told;

fn dte(code: u16, id: &str, totals: &str, rest: &str) -> String {
    format!(
        r#"<DTE version="1.0"><Documento ID="F1"><Encabezado>
  <IdDoc><TipoDTE>{code}</TipoDTE><Folio>1203</Folio><FchEmis>2026-03-05</FchEmis>{id}</IdDoc>
  <Emisor><RUTEmisor>76192083-9</RUTEmisor><RznSoc>Ferretería  El Clavo</RznSoc>
    <Telefono>+56 2 2345 6789</Telefono><CorreoEmisor>ventas@clavo.example</CorreoEmisor></Emisor>
  <Receptor><RUTRecep>77.555.111-K</RUTRecep><CdgIntRecep>C-88</CdgIntRecep>
    <RznSocRecep>Obras Ñuñoa</RznSocRecep><CorreoRecep>pagos@obras.example</CorreoRecep></Receptor>
  <Totales>{totals}</Totales></Encabezado>
  <Detalle><NroLinDet>1</NroLinDet><NmbItem>Cemento</NmbItem><QtyItem>2</QtyItem>
    <PrcItem>50000</PrcItem><MontoItem>100000</MontoItem></Detalle>
  {rest}
</Documento></DTE>"#
    )
}

const TOTALS: &str = "<MntNeto>100000</MntNeto><TasaIVA>19</TasaIVA><IVA>19000</IVA>\
                      <MntTotal>119000</MntTotal>";

fn check(xml: &str, expected: &str) {
    let told = told(xml.as_bytes(), "a.xml");
    assert_eq!(told.trim_end(), expected.trim(), "\n{told}");
}

/// The line of terms of one document.
fn terms(xml: &str) -> String {
    let told = told(xml.as_bytes(), "a.xml");
    told.lines().nth(2).unwrap_or(&told).trim().to_owned()
}

#[test]
fn an_invoice_on_credit() {
    let id = "<FmaPago>2</FmaPago><FchVenc>2026-04-04</FchVenc><TermPagoDias>30</TermPagoDias>";
    check(
        &dte(33, id, TOTALS, ""),
        "
invoice 33-1203 76192083-9-33-1203 Dte 1.0 2026-03-05 total 119000 CLP payable 119000
  76192083-9 CL «Ferretería El Clavo» -> 77555111-K CL «Obras Ñuñoa»
  due 2026-04-04, days 30, +IVA 0.19 19000, 1 lines",
    );
}

#[test]
fn when_it_is_to_be_paid() {
    let part = |day: &str, amount: u32| {
        format!("<MntPagos><FchPago>{day}</FchPago><MntPago>{amount}</MntPago></MntPagos>")
    };
    let three = [
        part("2026-05-05", 39000),
        part("2026-04-05", 40000),
        part("2026-06-05", 40000),
    ]
    .concat();
    let wrong = part("2026-05-05", 39000);
    let cases = [
        ("<FmaPago>1</FmaPago>", "paid at once"),
        (
            "<FmaPago>1</FmaPago><FchVenc>2026-04-04</FchVenc>",
            "due 2026-04-04",
        ),
        ("<TermPagoGlosa>30 días</TermPagoGlosa>", "days 30"),
        (
            &three,
            "due 2026-06-05, part 002 2026-04-05 40000, part 001 2026-05-05 39000, part 003 \
             2026-06-05 40000",
        ),
        (&part("2026-05-05", 119000), "due 2026-05-05"),
        (
            &format!("<FchVenc>2026-04-04</FchVenc>{wrong}"),
            "due 2026-04-04",
        ),
        (
            "<MedioPago>PE</MedioPago><NumCtaPago>123-4</NumCtaPago><BcoPago>Estado</BcoPago>",
            "means PE, account Estado 123-4",
        ),
    ];
    for (id, expected) in cases {
        let all = format!("{expected}, +IVA 0.19 19000, 1 lines");
        assert_eq!(terms(&dte(33, id, TOTALS, "")), all);
    }
    let said = told(dte(33, &wrong, TOTALS, "").as_bytes(), "a.xml");
    assert!(said.contains("~ MntPagos: los pagos no suman"), "{said}");
}

#[test]
fn what_is_to_be_paid_is_not_always_the_total() {
    let more = |extra: &str| format!("{TOTALS}{extra}");
    let cases = [
        (
            String::new(),
            more("<MontoNF>1000</MontoNF><MontoPeriodo>120000</MontoPeriodo>"),
            "120000",
        ),
        // What earlier documents left open is not of this one.
        (
            String::new(),
            more("<SaldoAnterior>50000</SaldoAnterior><VlrPagar>169000</VlrPagar>"),
            "119000",
        ),
        ("<MntCancel>19000</MntCancel>".into(), more(""), "100000"),
        (
            "<MntCancel>119000</MntCancel><SaldoInsol>0</SaldoInsol>".into(),
            more(""),
            "0",
        ),
    ];
    for (id, totals, expected) in cases {
        let said = told(dte(33, &id, &totals, "").as_bytes(), "a.xml");
        let first = said.lines().next().expect("a line");
        assert!(
            first.ends_with(&format!("total 119000 CLP payable {expected}")),
            "{first}"
        );
    }
}

#[test]
fn types_of_documents() {
    let cases = [
        (34, "invoice 34-1203"),
        (39, "invoice 39-1203"),
        (41, "invoice 41-1203"),
        (52, "silent guía de despacho 76192083-9-52-1203"),
        (43, "silent liquidación-factura 76192083-9-43-1203"),
        (56, "debit_note 56-1203"),
        (61, "credit_note 61-1203"),
        (
            99,
            "fault a.xml, línea 2, DTE/Documento/Encabezado/IdDoc/TipoDTE: el tipo",
        ),
    ];
    for (code, expected) in cases {
        let said = told(dte(code, "", TOTALS, "").as_bytes(), "a.xml");
        assert!(said.starts_with(expected), "{said}");
    }
    let free = told(
        dte(33, "<FmaPago>3</FmaPago>", TOTALS, "").as_bytes(),
        "a.xml",
    );
    assert_eq!(free, "silent entrega gratuita 76192083-9-33-1203\n");
}

/// The one who buys writes it, and so owes; so do the notes on it.
#[test]
fn an_invoice_of_purchase_is_owed_by_who_wrote_it() {
    let withheld = "<MntNeto>100000</MntNeto><TasaIVA>19</TasaIVA><IVA>19000</IVA><ImptoReten>\
                    <TipoImp>15</TipoImp><TasaImp>19</TasaImp><MontoImp>19000</MontoImp>\
                    </ImptoReten><MntTotal>100000</MntTotal>";
    check(
        &dte(46, "", withheld, ""),
        "
invoice 46-1203 76192083-9-46-1203 Dte 1.0 2026-03-05 total 100000 CLP payable 100000
  77555111-K CL «Obras Ñuñoa» -> 76192083-9 CL «Ferretería El Clavo»
  +IVA 0.19 19000, -IVA retenido (15) 0.19 19000, 1 lines",
    );
    let reference = "<Referencia><NroLinRef>1</NroLinRef><TpoDocRef>46</TpoDocRef>\
                     <FolioRef>7</FolioRef><CodRef>1</CodRef></Referencia>";
    let said = told(dte(61, "", TOTALS, reference).as_bytes(), "a.xml");
    assert!(said.contains("  77555111-K CL"), "{said}");
}

#[test]
fn references_annul_adjust_or_only_speak() {
    let cases = [
        (61, "33", "1", "annuls 76192083-9-33-77"),
        (61, "33", "2", "names 76192083-9-33-77"),
        (61, "33", "3", "adjusts 76192083-9-33-77"),
        (61, "33", "", "adjusts 76192083-9-33-77"),
        (33, "52", "", "names 76192083-9-52-77"),
        (33, "801", "", "names 0077"),
        (33, "HES", "", "names 0077"),
    ];
    for (code, to, why, expected) in cases {
        let why = if why.is_empty() {
            String::new()
        } else {
            format!("<CodRef>{why}</CodRef>")
        };
        let reference = format!(
            "<Referencia><NroLinRef>1</NroLinRef><TpoDocRef>{to}</TpoDocRef>\
             <FolioRef>0077</FolioRef><FchRef>2026-01-01</FchRef>{why}</Referencia>"
        );
        let said = told(dte(code, "", TOTALS, &reference).as_bytes(), "a.xml");
        assert!(
            said.lines().any(|line| line.trim() == expected),
            "{expected}\n{said}"
        );
    }
    let trial = "<Referencia><TpoDocRef>SET</TpoDocRef><FolioRef>0</FolioRef></Referencia>";
    assert!(terms(&dte(33, "", TOTALS, trial)).starts_with("trial"));
}

#[test]
fn exports_are_owed_in_their_own_currency() {
    let totals = "<TpoMoneda>DOLAR USA</TpoMoneda><MntExe>1500.50</MntExe>\
                  <MntTotal>1500.50</MntTotal></Totales><OtraMoneda><TpoMoneda>PESO CL</TpoMoneda>\
                  <TpoCambio>950.10</TpoCambio><MntTotOtrMnda>1425625</MntTotOtrMnda></OtraMoneda>\
                  <Totales>";
    let xml = dte(110, "", totals, "")
        .replace("Documento", "Exportaciones")
        .replace("77.555.111-K", "55555555-5")
        .replace(
            "</CdgIntRecep>",
            "</CdgIntRecep><Extranjero><NumId>us-77</NumId></Extranjero>",
        );
    check(
        &xml,
        "
invoice 110-1203 76192083-9-110-1203 Dte 1.0 2026-03-05 total 1500.50 USD payable 1500.50
  76192083-9 CL «Ferretería El Clavo» -> US-77 ? «Obras Ñuñoa»
  rate 950.10, 1 lines",
    );
    let unknown = xml.replace("DOLAR USA", "CONCHAS");
    let said = told(unknown.as_bytes(), "a.xml");
    assert!(said.contains("la moneda «CONCHAS» no se conoce"), "{said}");
}

/// A set is read member by member, and each is kept by itself.
#[test]
fn a_set_of_documents_in_latin_1() {
    let set = |resolution: u16| {
        let members = [
            dte(33, "", TOTALS, ""),
            dte(39, "", TOTALS, "").replace("77.555.111-K", "66666666-6"),
            dte(33, "", "<MntTotal>doce</MntTotal>", ""),
        ];
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<EnvioDTE \
             xmlns=\"http://www.sii.cl/SiiDte\"><SetDTE ID=\"S\"><Caratula><RutEmisor>76192083-9\
             </RutEmisor><NroResol>{resolution}</NroResol></Caratula>\n{}\n</SetDTE></EnvioDTE>",
            members.join("\n")
        );
        let latin: Vec<u8> = xml
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1"))
            .collect();
        latin
    };
    let said = told(&set(80), "envio.xml");
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| !line.starts_with("  "))
        .collect();
    let total = "76192083-9-33-1203 Dte 1.0 2026-03-05 total 119000 CLP payable 119000";
    assert_eq!(
        lines,
        [
            &format!("invoice 33-1203 {total}"),
            &format!("invoice 39-1203 {}", total.replace("33-1203", "39-1203")),
            "fault envio.xml, línea 31, DTE/Documento/Encabezado/Totales/MntTotal: «doce» no es \
             un número",
        ]
    );
    assert!(said.contains("-> 77555111-K CL «Obras Ñuñoa»"), "{said}");
    assert!(said.contains("-> - CL «Obras Ñuñoa»\n  global"), "{said}");
    // Before its resolution a company only tries.
    assert!(told(&set(0), "envio.xml").contains("  trial"));

    let bytes = set(80);
    let found: Vec<_> = formats::invoice::open(std::io::Cursor::new(&bytes), "envio.xml")
        .expect("opens")
        .collect();
    let kept = std::str::from_utf8(&found[0].bytes).expect("members are kept in UTF-8");
    assert!(
        kept.starts_with("<DTE version") && kept.ends_with("</DTE>"),
        "{kept}"
    );
    // What is kept can be read again by itself.
    assert_eq!(
        told(kept.as_bytes(), "envio.xml").lines().next(),
        Some(lines[0])
    );
    assert_eq!(found[1].line, 14);
}

#[test]
fn what_the_customer_answers() {
    let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
<RespuestaDTE xmlns="http://www.sii.cl/SiiDte"><Resultado>
  <Caratula><RutResponde>77555111-K</RutResponde><TmstFirmaResp>2026-03-07T09:00:00</TmstFirmaResp>
  </Caratula>
  <ResultadoDTE><TipoDTE>33</TipoDTE><Folio>1203</Folio><RUTEmisor>76192083-9</RUTEmisor>
    <RUTRecep>77555111-K</RUTRecep><EstadoDTE>0</EstadoDTE></ResultadoDTE>
  <ResultadoDTE><TipoDTE>33</TipoDTE><Folio>1204</Folio><RUTEmisor>76192083-9</RUTEmisor>
    <RUTRecep>77555111-K</RUTRecep><EstadoDTE>2</EstadoDTE>
    <EstadoDTEGlosa>Falta mercadería</EstadoDTEGlosa></ResultadoDTE>
  <RecepcionDTE><TipoDTE>33</TipoDTE><Folio>1205</Folio><RUTEmisor>76192083-9</RUTEmisor>
    <EstadoRecepDTE>0</EstadoRecepDTE></RecepcionDTE>
  <RecepcionDTE><TipoDTE>33</TipoDTE><Folio>1206</Folio><RUTEmisor>76192083-9</RUTEmisor>
    <EstadoRecepDTE>3</EstadoRecepDTE><RecepDTEGlosa>RUT no es nuestro</RecepDTEGlosa>
  </RecepcionDTE>
</Resultado></RespuestaDTE>"#;
    check(
        xml,
        "
accepted 76192083-9-33-1203 Dte 2026-03-07 76192083-9->77555111-K
claimed «Falta mercadería» 76192083-9-33-1204 Dte 2026-03-07 76192083-9->77555111-K
silent acuse de recibo de un documento -
claimed «RUT no es nuestro» 76192083-9-33-1206 Dte 2026-03-07 76192083-9->-",
    );
    let goods = r#"<EnvioRecibos xmlns="http://www.sii.cl/SiiDte"><SetRecibos><Recibo>
<DocumentoRecibo><TipoDoc>33</TipoDoc><Folio>1203</Folio><RUTEmisor>76192083-9</RUTEmisor>
<RUTRecep>77555111-K</RUTRecep><TmstFirmaRecibo>2026-03-08T10:00:00</TmstFirmaRecibo>
</DocumentoRecibo></Recibo></SetRecibos></EnvioRecibos>"#;
    check(
        goods,
        "goods received 76192083-9-33-1203 Dte 2026-03-08 76192083-9->77555111-K",
    );
}

#[test]
fn a_cession_says_who_is_to_be_paid() {
    let xml = format!(
        r#"<AEC xmlns="http://www.sii.cl/SiiDte"><DocumentoAEC><Cesiones>
<DTECedido><DocumentoDTECedido>{}</DocumentoDTECedido></DTECedido>
<Cesion><DocumentoCesion><SeqCesion>1</SeqCesion><IdDTE><TipoDTE>33</TipoDTE>
<RUTEmisor>76192083-9</RUTEmisor><RUTReceptor>77555111-K</RUTReceptor><Folio>1203</Folio>
</IdDTE><Cedente><RUT>76192083-9</RUT></Cedente><Cesionario><RUT>96999999-0</RUT>
<RazonSocial>Factoring Uno</RazonSocial><eMail>cobros@uno.example</eMail></Cesionario>
<MontoCesion>119000</MontoCesion><TmstCesion>2026-03-09T12:00:00</TmstCesion></DocumentoCesion>
</Cesion></Cesiones></DocumentoAEC></AEC>"#,
        dte(33, "", TOTALS, "")
    );
    let said = told(xml.as_bytes(), "aec.xml");
    assert!(
        said.starts_with("invoice 33-1203 76192083-9-33-1203 "),
        "{said}"
    );
    let last = "assigned 119000 to 96999999-0 CL «Factoring Uno» 76192083-9-33-1203 Aec \
                2026-03-09 76192083-9->77555111-K";
    assert_eq!(said.lines().last(), Some(last));
}

#[test]
fn the_register_of_sales() {
    let csv = "Nro;Tipo Doc;Tipo Venta;Rut cliente;Razon Social;Folio;Fecha Docto;Fecha \
               Recepcion;Fecha Acuse Recibo;Fecha Reclamo;Monto Exento;Monto Neto;Monto IVA;Monto \
               total;IVA Retenido Total;Tipo Docto. Referencia;Folio Docto. Referencia;Num. \
               Ident. Receptor Extranjero\n\
1;33;Del Giro;77555111-K;OBRAS \u{d1}U\u{d1}OA;1203;05/03/2026;06/03/2026 10:11:12;08/03/2026 09:00:00;;0;100000;19000;119000;0;;;;\n\
2;61;Del Giro;77555111-K;OBRAS;88;06/03/2026;;;07/03/2026;0;10000;1900;11900;0;33;1203;;\n\
3;39;Del Giro;66666666-6;;5;06/03/2026;;;;0;10000;1900;11.900;0;0;0;;\n\
;;;;;;;;;;;;;;;;;;\n\
4;33;Del Giro;77555111-K;OBRAS;1204;05-2026;;;;0;1;1;1;0;;;;\n";
    let latin: Vec<u8> = csv
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1"))
        .collect();
    let said = told(&latin, "RCV_VENTA_76192083-9_202603.csv");
    let mut expected = "
invoice 33-1203 76192083-9-33-1203 Rcv RCV 2026-03-05 total 119000 CLP payable 119000
  76192083-9 CL «» -> 77555111-K CL «OBRAS ÑUÑOA»
  +IVA ? 19000, 0 lines
goods received 76192083-9-33-1203 Rcv 2026-03-08 76192083-9->77555111-K
credit_note 61-88 76192083-9-61-88 Rcv RCV 2026-03-06 total 11900 CLP payable 11900
  76192083-9 CL «» -> 77555111-K CL «OBRAS»
  +IVA ? 1900, 0 lines
  adjusts 76192083-9-33-1203
claimed «reclamo en el registro del SII» 76192083-9-61-88 Rcv 2026-03-07 76192083-9->77555111-K
invoice 39-5 76192083-9-39-5 Rcv RCV 2026-03-06 total 11900 CLP payable 11900
  76192083-9 CL «» -> - CL «»
  global, +IVA ? 1900, 0 lines
fault RCV_VENTA_76192083-9_202603.csv, línea 6, fecha docto: «05-2026» no es una fecha \
(DD/MM/AAAA)"
        .to_owned();
    assert_eq!(said.trim_end(), expected.trim(), "\n{said}");

    // The file's name alone says whose register it is.
    expected = expected.replace("76192083-9-33-1203 Rcv RCV", "- Rcv RCV");
    let said = told(&latin, "ventas.csv");
    assert_eq!(said.lines().next(), expected.trim().lines().next());
}

#[test]
fn the_books_of_before_the_register() {
    let line = |code: u16, folio: u32, rest: &str| {
        format!(
            "<Detalle><TpoDoc>{code}</TpoDoc><NroDoc>{folio}</NroDoc><FchDoc>2016-03-05</FchDoc>\
             <RUTDoc>77555111-K</RUTDoc><RznSoc>Obras</RznSoc>{rest}</Detalle>\n"
        )
    };
    let total = "<MntNeto>100000</MntNeto><TasaImp>19</TasaImp><MntIVA>19000</MntIVA>\
                 <MntTotal>119000</MntTotal>";
    let book = |kind: &str, lines: &str| {
        format!(
            "<LibroCompraVenta xmlns=\"http://www.sii.cl/SiiDte\"><EnvioLibro><Caratula>\
             <RutEmisorLibro>76192083-9</RutEmisorLibro><TipoOperacion>{kind}</TipoOperacion>\
             <NroResol>80</NroResol></Caratula>\n<ResumenPeriodo/>{lines}</EnvioLibro>\
             </LibroCompraVenta>"
        )
    };
    let reference = "<TpoDocRef>33</TpoDocRef><FolioDocRef>1203</FolioDocRef>";
    let lines = [
        line(33, 1203, total),
        line(61, 7, &format!("{total}{reference}")),
        line(33, 1204, "<Anulado>A</Anulado>"),
        line(52, 9, total),
    ]
    .concat();
    check(
        &book("VENTA", &lines),
        "
invoice 33-1203 76192083-9-33-1203 Rcv IECV 2016-03-05 total 119000 CLP payable 119000
  76192083-9 CL «» -> 77555111-K CL «Obras»
  +IVA 0.19 19000, 0 lines
credit_note 61-7 76192083-9-61-7 Rcv IECV 2016-03-05 total 119000 CLP payable 119000
  76192083-9 CL «» -> 77555111-K CL «Obras»
  +IVA 0.19 19000, 0 lines
  adjusts 76192083-9-33-1203
cancelled 76192083-9-33-1204 Rcv 2016-03-05 76192083-9->-
silent guía de despacho 76192083-9-52-9",
    );
    let bought = told(book("COMPRA", &line(33, 5, total)).as_bytes(), "a.xml");
    let first = "invoice 33-5 77555111-K-33-5 Rcv IECV 2016-03-05 total 119000 CLP payable 119000";
    assert!(bought.starts_with(first), "{bought}");
    assert!(
        bought.contains("  77555111-K CL «Obras» -> 76192083-9 CL"),
        "{bought}"
    );
}

/// Addresses of the assignee hold the mark between the fields.
#[test]
fn the_list_of_cessions() {
    let csv = "DATOS_CONSULTA; RUT=77555111-K;TIPO_CONSULTA=DEUDOR;DESDE_DDMMAAAA=01032026\r\n\
VENDEDOR;ESTADO_CESION;DEUDOR;MAIL_DEUDOR;TIPO_DOC;NOMBRE_DOC;FOLIO_DOC;FCH_EMIS_DTE;MNT_TOTAL;\
CEDENTE;RZ_CEDENTE;MAIL_CEDENTE;CESIONARIO;RZ_CESIONARIO;MAIL_CESIONARIO;FCH_CESION;MNT_CESION;\
FCH_VENCIMIENTO\r\n\
76192083-9;Cesion Vigente;77555111-K;null;33;Factura Electronica;1203;2026-03-05;119000;\
76192083-9;CLAVO;a@clavo.example;96999999-0;FACTORING UNO;a@uno.example;b@uno.example;\
2026-03-09 13:31;119000;2026-04-16\r\n\
76192083-9;Cesion Anulada;77555111-K;null;33;Factura Electronica;1204;2026-03-05;119000;\
76192083-9;CLAVO;a@clavo.example;96999999-0;FACTORING UNO;a@uno.example;\
2026-03-09 13:31;119000;2026-04-16\r\n\
76192083-9;Cesion Vigente;77555111-K;null;33;Factura Electronica;doce;2026-03-05;119000\r\n";
    check(
        csv,
        "
assigned 119000 to 96999999-0 CL «FACTORING UNO» 76192083-9-33-1203 Aec 2026-03-09 \
         76192083-9->77555111-K
silent cesión anulada 76192083-9-33-1204
fault a.xml, línea 5, FOLIO_DOC: «doce» no es un folio",
    );
    let (_, without_question) = csv.split_once('\n').expect("lines");
    let said = told(without_question.as_bytes(), "a.csv");
    assert!(said.starts_with("assigned 119000 to 96999999-0"), "{said}");
}
