//! Mexico: what a CFDI, its complement of payments, a cancellation and a list of the SAT say.

use crate::told::told;

/// A document of one version with what the case is about put in.
fn cfdi(version: &str, attributes: &str, inside: &str, complement: &str) -> String {
    let name = if version == "4.0" { "4" } else { "3" };
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/{name}" Version="{version}"
    Fecha="2026-03-05T23:59:59" {attributes}>
  {inside}
  <cfdi:Emisor Rfc="FAR900101AB1" Nombre="Ferretería El Clavo" RegimenFiscal="601"/>
  <cfdi:Receptor Rfc="obr850505-k12" Nombre="Obras &amp; Puentes del Norte" UsoCFDI="G03"/>
  <cfdi:Conceptos>
    <cfdi:Concepto Cantidad="2" Descripcion="Cemento &quot;gris&quot;" ValorUnitario="500"
      Importe="1000.00" Descuento="0"/>
  </cfdi:Conceptos>
  <cfdi:Impuestos TotalImpuestosTrasladados="160.00">
    <cfdi:Traslados>
      <cfdi:Traslado Impuesto="002" TasaOCuota="0.160000" Importe="160.00"/>
    </cfdi:Traslados>
  </cfdi:Impuestos>
  <cfdi:Complemento>{complement}
    <tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital"
      UUID="6f1c2b3a-0000-4000-8000-0000000000aa"/>
  </cfdi:Complemento>
</cfdi:Comprobante>"#
    )
}

fn check(xml: &str, expected: &str) {
    let told = told(xml.as_bytes(), "a.xml");
    assert_eq!(told.trim_end(), expected.trim(), "\n{told}");
}

const MONEY: &str = r#"Serie="A" Folio="1045" Moneda="MXN" SubTotal="1000.00" Total="1160.00""#;

#[test]
fn an_invoice_to_be_paid_later_owes_receipts() {
    let attributes = format!(
        r#"{MONEY} TipoDeComprobante="I" MetodoPago="PPD" FormaPago="99"
        CondicionesDePago="Crédito a 30 días""#
    );
    for version in ["3.3", "4.0"] {
        check(
            &cfdi(version, &attributes, "", ""),
            &format!(
                "
invoice A-1045 6F1C2B3A-0000-4000-8000-0000000000AA Cfdi {version} 2026-03-05 total 1160.00 MXN payable 1160.00
  FAR900101AB1 MX «Ferretería El Clavo» -> OBR850505K12 MX «Obras & Puentes del Norte»
  days 30, owes receipts, means 99, +IVA 0.16 160.00, 1 lines"
            ),
        );
    }
}

/// One payment is expected, not made, unless the means say that the money was there.
#[test]
fn one_payment_is_not_a_payment_made() {
    let cases = [
        ("03", "", "means 03"),
        ("01", "", "paid at once, means 01"),
        ("04", "30 días", "days 30, means 04"),
        ("01", "CONTADO", "days 0, paid at once, means 01"),
        ("99", "", "means 99"),
    ];
    for (means, conditions, expected) in cases {
        let attributes = format!(
            r#"{MONEY} TipoDeComprobante="I" MetodoPago="PUE" FormaPago="{means}"
            CondicionesDePago="{conditions}""#
        );
        let told = told(cfdi("4.0", &attributes, "", "").as_bytes(), "a.xml");
        let terms = told.lines().nth(2).expect("the line of terms");
        assert_eq!(
            terms.trim(),
            format!("{expected}, +IVA 0.16 160.00, 1 lines")
        );
    }
}

#[test]
fn related_documents_say_what_the_document_does() {
    let cases = [
        ("E", "01", "credit_note", "adjusts"),
        ("E", "03", "credit_note", "adjusts"),
        ("I", "02", "debit_note", "adjusts"),
        ("I", "04", "invoice", "replaces"),
        ("E", "07", "credit_note", "uses advance"),
        ("I", "06", "invoice", "names"),
    ];
    for (kind, relation, expected, does) in cases {
        let attributes = format!(r#"{MONEY} TipoDeComprobante="{kind}" MetodoPago="PUE""#);
        let related = format!(
            r#"<cfdi:CfdiRelacionados TipoRelacion="{relation}">
            <cfdi:CfdiRelacionado UUID="11111111-2222-4333-8444-55555555555a"/>
            </cfdi:CfdiRelacionados>"#
        );
        let told = told(cfdi("4.0", &attributes, &related, "").as_bytes(), "a.xml");
        assert!(told.starts_with(&format!("{expected} A-1045 ")), "{told}");
        let line = format!("  {does} 11111111-2222-4333-8444-55555555555A");
        assert!(told.lines().any(|one| one == line), "{line}\n{told}");
    }
}

#[test]
fn kinds_that_say_nothing_of_what_is_owed() {
    let cases = [
        ("T", "XXX", "0", "silent comprobante de traslado 6F1C"),
        ("N", "MXN", "9000.00", "silent recibo de nómina 6F1C"),
        ("I", "MXN", "0", "silent comprobante por cero pesos 6F1C"),
    ];
    for (kind, currency, total, expected) in cases {
        let attributes =
            format!(r#"Folio="7" Moneda="{currency}" Total="{total}" TipoDeComprobante="{kind}""#);
        let told = told(cfdi("4.0", &attributes, "", "").as_bytes(), "a.xml");
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn sales_to_nobody_and_abroad() {
    let global = cfdi(
        "4.0",
        &format!(r#"{MONEY} TipoDeComprobante="I" MetodoPago="PUE" FormaPago="01""#),
        r#"<cfdi:InformacionGlobal Periodicidad="04" Meses="03" Año="2026"/>"#,
        "",
    )
    .replace("obr850505-k12", "XAXX010101000");
    let said = told(global.as_bytes(), "a.xml");
    assert!(
        said.contains("-> - MX «Obras") && said.contains(", global,"),
        "{said}"
    );

    // The generic RFC with a name is one customer without an RFC of his own.
    let one = cfdi("4.0", &format!(r#"{MONEY} TipoDeComprobante="I""#), "", "")
        .replace("obr850505-k12", "XAXX010101000");
    let said = told(one.as_bytes(), "a.xml");
    assert!(
        said.contains("-> - MX «Obras") && !said.contains("global"),
        "{said}"
    );

    let abroad = cfdi(
        "4.0",
        r#"Folio="9" Moneda="USD" TipoCambio="17.4600" Total="232.00" TipoDeComprobante="I""#,
        "",
        "",
    )
    .replace(
        r#"Rfc="obr850505-k12""#,
        r#"Rfc="XEXX010101000" ResidenciaFiscal="USA" NumRegIdTrib="12-345a""#,
    );
    let said = told(abroad.as_bytes(), "a.xml");
    assert!(said.contains("total 232.00 USD"), "{said}");
    assert!(
        said.contains("-> 12-345A US «Obras") && said.contains("rate 17.4600"),
        "{said}"
    );
}

#[test]
fn the_old_version_writes_small_letters_and_words() {
    let xml = r#"<?xml version="1.0" encoding="ISO-8859-1"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" version="3.2" serie="C" folio="38"
  fecha="2015-02-25T13:50:00" tipoDeComprobante="ingreso" total="1160.004" Moneda="Pesos"
  formaDePago="PAGO EN UNA SOLA EXHIBICION" metodoDePago="03">
  <cfdi:Emisor rfc="FAR900101AB1" nombre="Jard\u{ed}n"/><cfdi:Receptor rfc="OBR850505K12"/>
  <cfdi:Conceptos><cfdi:Concepto cantidad="1" descripcion="Pala" valorUnitario="1000"
    importe="1000"/></cfdi:Conceptos>
  <cfdi:Impuestos><cfdi:Retenciones><cfdi:Retencion impuesto="ISR" importe="1.00"/>
    </cfdi:Retenciones><cfdi:Traslados><cfdi:Traslado impuesto="IVA" tasa="16.00"
    importe="160.00"/></cfdi:Traslados></cfdi:Impuestos>
</cfdi:Comprobante>"#;
    let bytes: Vec<u8> = xml
        .replace(r"\u{ed}", "\u{ed}")
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).expect("Latin-1"))
        .collect();
    let said = told(&bytes, "a.xml");
    assert_eq!(
        said,
        "invoice C-38 - Cfdi 3.2 2015-02-25 total 1160.00 MXN payable 1160.00
  FAR900101AB1 MX «Jardín» -> OBR850505K12 MX «»
  means 03, +IVA 0.16 160.00, -ISR ? 1.00, 1 lines
  ~ Moneda: «Pesos» se leyó como MXN
  ~ total: 1160.004 se redondeó a 1160.00 MXN
  ~ no está timbrado (sin UUID): se reconoce por serie y folio
"
    );
}

#[test]
fn payments_with_their_parts() {
    let complement = r#"<pago20:Pagos xmlns:pago20="http://www.sat.gob.mx/Pagos20" Version="2.0">
      <pago20:Pago FechaPago="2026-03-01T12:00:00" FormaDePagoP="03" MonedaP="MXN"
        TipoCambioP="1" Monto="1500.00" NumOperacion="SPEI 778" CtaOrdenante="012345678901234567">
        <pago20:DoctoRelacionado IdDocumento="11111111-2222-4333-8444-55555555555a" Serie="A"
          Folio="1045" MonedaDR="MXN" EquivalenciaDR="1" NumParcialidad="2" ImpSaldoAnt="1000.00"
          ImpPagado="800.00" ImpSaldoInsoluto="200.00"/>
        <pago20:DoctoRelacionado IdDocumento="11111111-2222-4333-8444-55555555555b"
          MonedaDR="USD" EquivalenciaDR="0.050000" NumParcialidad="1" ImpSaldoAnt="35.00"
          ImpPagado="35.00" ImpSaldoInsoluto="0"/>
      </pago20:Pago>
      <pago20:Pago FechaPago="2026-03-02T12:00:00" FormaDePagoP="03" MonedaP="USD"
        TipoCambioP="17.50" Monto="10.00"/>
    </pago20:Pagos>"#;
    let related = r#"<cfdi:CfdiRelacionados TipoRelacion="04"><cfdi:CfdiRelacionado
        UUID="99999999-2222-4333-8444-555555555555"/></cfdi:CfdiRelacionados>"#;
    let attributes = r#"Serie="P" Folio="12" Moneda="XXX" Total="0" TipoDeComprobante="P""#;
    check(
        &cfdi("4.0", attributes, related, complement),
        "
receipt P-12 6F1C2B3A-0000-4000-8000-0000000000AA Cfdi 2.0 2026-03-05
  FAR900101AB1 MX «Ferretería El Clavo» -> OBR850505K12 MX «Obras & Puentes del Norte»
  paid 2026-03-01 1500.00 MXN means 03 op SPEI 778
    A-1045 11111111-2222-4333-8444-55555555555A n.2 1000.00 - 800.00 MXN = 200.00
    - 11111111-2222-4333-8444-55555555555B n.1 35.00 - 35.00 USD = 0.00 rate 0.050000
  paid 2026-03-02 10.00 USD means 03 op - rate 17.50
  replaces 99999999-2222-4333-8444-555555555555",
    );
}

/// The first complement leaves out what one document alone was paid.
#[test]
fn a_payment_of_one_document_is_all_of_it() {
    let pago = |document: &str| {
        format!(
            r#"<pago10:Pagos xmlns:pago10="http://www.sat.gob.mx/Pagos" Version="1.0">
            <pago10:Pago FechaPago="2018-03-01T12:00:00" FormaDePagoP="03" MonedaP="MXN"
            Monto="1866.12">{document}</pago10:Pago></pago10:Pagos>"#
        )
    };
    let id = "11111111-2222-4333-8444-55555555555A";
    let attributes = r#"Folio="12" Moneda="XXX" Total="0" TipoDeComprobante="P""#;
    let same = format!(
        r#"<pago10:DoctoRelacionado IdDocumento="{id}" MonedaDR="MXN" NumParcialidad="1"/>"#
    );
    let other = same.replace(r#""MXN""#, r#""USD" TipoCambioDR="0.0535""#);
    for (document, expected) in [
        (same.clone(), format!("    - {id} n.1 ? - 1866.12 MXN = ?")),
        (
            other,
            format!("    - {id} n.1 ? - 99.84 USD = ? rate 0.0535"),
        ),
    ] {
        let said = told(
            cfdi("3.3", attributes, "", &pago(&document)).as_bytes(),
            "a.xml",
        );
        assert!(
            said.lines().any(|line| line == expected),
            "{expected}\n{said}"
        );
    }
    let two = format!("{same}{same}");
    let said = told(cfdi("3.3", attributes, "", &pago(&two)).as_bytes(), "a.xml");
    assert!(
        said.contains("@ImpPagado: falta el importe pagado"),
        "{said}"
    );
}

#[test]
fn what_cannot_be_read_says_where_and_what() {
    let good = format!(r#"{MONEY} TipoDeComprobante="I""#);
    let cases = [
        (
            good.replace("1160.00", "1.160,00"),
            "a.xml, línea 2, Comprobante/@Total: «1.160,00» no es un número",
        ),
        (
            good.replace(r#"Total="1160.00""#, ""),
            "a.xml, línea 2, Comprobante/@Total: falta el total",
        ),
        (
            good.replace(r#""I""#, r#""Z""#),
            "Comprobante/@TipoDeComprobante: «Z» no es un tipo",
        ),
        (
            good.replace(r#"Moneda="MXN""#, ""),
            "Comprobante/@Moneda: falta la moneda",
        ),
        (
            good.replace("MXN", "PESOS"),
            "Comprobante/@Moneda: «PESOS» no es una moneda",
        ),
        (
            good.replace(r#""I""#, r#""P""#),
            "Comprobante/Complemento/Pagos: es de tipo P",
        ),
    ];
    for (attributes, expected) in cases {
        let said = told(cfdi("4.0", &attributes, "", "").as_bytes(), "a.xml");
        assert!(
            said.starts_with("fault a.xml, línea ") && said.contains(expected),
            "{said}"
        );
    }
    let newer = cfdi("4.0", &good, "", "").replace(r#"Version="4.0""#, r#"Version="5.0""#);
    assert!(told(newer.as_bytes(), "a.xml").contains("la versión «5.0» no se conoce"));
    let payment = r#"<pago20:Pagos Version="2.0" xmlns:pago20="http://www.sat.gob.mx/Pagos20">
<pago20:Pago MonedaP="MXN" Monto="1.001" FechaPago="2026-01-01T00:00:00"/></pago20:Pagos>"#;
    let attributes = r#"Folio="1" Moneda="XXX" Total="0" TipoDeComprobante="P""#;
    let said = told(cfdi("4.0", attributes, "", payment).as_bytes(), "a.xml");
    let expected = "línea 17, Comprobante/Complemento/Pagos/Pago/@Monto: «1.001» tiene más";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn an_acknowledgement_cancels_what_it_names() {
    let xml = r#"<?xml version="1.0" encoding="utf-8"?>
<Acuse xmlns="http://cancelacfd.sat.gob.mx" Fecha="2026-04-01T10:00:00" RfcEmisor="FAR900101AB1">
  <Folios><UUID>6f1c2b3a-0000-4000-8000-0000000000aa</UUID><EstatusUUID>201</EstatusUUID></Folios>
  <Folios><UUID>6f1c2b3a-0000-4000-8000-0000000000ab</UUID><EstatusUUID>205</EstatusUUID></Folios>
</Acuse>"#;
    check(
        xml,
        "
cancelled 6F1C2B3A-0000-4000-8000-0000000000AA Cfdi 2026-04-01 FAR900101AB1->-
silent acuse de una cancelación que no procedió 6F1C2B3A-0000-4000-8000-0000000000AB",
    );
}

/// The same acknowledgement as the services of the tax office write it.
#[test]
fn an_acknowledgement_has_many_roots() {
    let id = "6f1c2b3a-0000-4000-8000-0000000000aa";
    let folios = format!("<UUID>{id}</UUID><EstatusUUID>201</EstatusUUID></Folios>");
    let who = r#"Fecha="2026-04-01T10:00:00" RfcEmisor="FAR900101AB1""#;
    let space = r#"xmlns="http://cancelacfd.sat.gob.mx""#;
    let cases = [
        format!("<Acuse {who}><Folios>{folios}</Acuse>"),
        format!("<Acuse {who}><Folios {space}>{folios}</Acuse>"),
        format!("<CancelaCFDResult {who} {space}><Folios>{folios}</CancelaCFDResult>"),
        format!(
            "<CancelaCFDResponse {space}><CancelaCFDResult {who}><Folios>{folios}\
             </CancelaCFDResult></CancelaCFDResponse>"
        ),
    ];
    let id = id.to_uppercase();
    for xml in cases {
        check(
            &xml,
            &format!("cancelled {id} Cfdi 2026-04-01 FAR900101AB1->-"),
        );
    }
    assert!(told(b"<Acuse><Folios/></Acuse>", "a.xml").starts_with("refused"));
}

#[test]
fn a_list_of_the_tax_office() {
    let head = "Uuid~RfcEmisor~NombreEmisor~RfcReceptor~NombreReceptor~RfcPac~FechaEmision~\
                FechaCertificacionSat~Monto~EfectoComprobante~Estatus~FechaCancelacion\r\n";
    let line = |end: &str, rest: &str| {
        format!(
            "6f1c2b3a-0000-4000-8000-0000000000{end}~FAR900101AB1~Clavo~OBR850505K12~Obras\ny \
             Puentes~PAC010101AAA~2026-01-11 07:10:23~2026-01-11 07:10:51~{rest}\r\n"
        )
    };
    let list = [
        head.to_owned(),
        line("01", "1124.11~I~1~"),
        line("02", "1124.11~E~1~"),
        line("03", "1124.11~I~0~2026-02-01 09:00:00"),
        line("04", "9.00~N~1~"),
        line("05", "0~P~1~"),
        line("06", "abc~I~1~"),
        line("07", "1.00~I~?~"),
        "zzz~FAR900101AB1\r\n".to_owned(),
    ]
    .concat();
    let id = "6F1C2B3A-0000-4000-8000-0000000000";
    check(
        &list,
        &format!(
            "
listed invoice 1124.11 ? «Obras\ny Puentes» {id}01 SatMetadata 2026-01-11 FAR900101AB1->OBR850505K12
listed credit_note 1124.11 ? «Obras\ny Puentes» {id}02 SatMetadata 2026-01-11 FAR900101AB1->OBR850505K12
cancelled {id}03 SatMetadata 2026-02-01 FAR900101AB1->OBR850505K12
silent recibo de nómina {id}04
silent recibo de pago en una lista {id}05
fault a.xml, línea 12, Monto: «abc» no es un importe
fault a.xml, línea 14, Estatus: «?» no es un estatus (1 vigente, 0 cancelado)
fault a.xml, línea 16, Uuid: «zzz» no es un folio fiscal"
        ),
    );
}
