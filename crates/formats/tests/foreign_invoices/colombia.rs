//! UBL of Colombia.

use crate::said::{said, ubl};

/// A document of the DIAN: its root, inside and total.
pub fn colombian(root: &str, inside: &str, total: &str) -> String {
    let party = |role: &str, nit: &str, name: &str| {
        format!(
            "<a:{role}><a:Party><a:PartyTaxScheme><b:RegistrationName>{name}\
             </b:RegistrationName><b:CompanyID schemeID=\"3\" schemeName=\"31\">{nit}\
             </b:CompanyID><a:TaxScheme><b:ID>01</b:ID></a:TaxScheme></a:PartyTaxScheme>\
             </a:Party></a:{role}>"
        )
    };
    ubl(
        root,
        &format!(
            "<b:ProfileID>DIAN 2.1: Factura Electrónica de Venta</b:ProfileID>\
             <b:ProfileExecutionID>1</b:ProfileExecutionID><b:ID>SETP990</b:ID>\
             <b:UUID schemeName=\"CUFE-SHA384\">AB12</b:UUID>\
             <b:IssueDate>2026-03-01</b:IssueDate>\
             <b:DocumentCurrencyCode>COP</b:DocumentCurrencyCode>{}{}{inside}\
             <a:LegalMonetaryTotal><b:PayableAmount currencyID=\"COP\">{total}\
             </b:PayableAmount></a:LegalMonetaryTotal>",
            party("AccountingSupplierParty", "900.111.222", "Vende SAS"),
            party("AccountingCustomerParty", "800333444", "Compra SAS"),
        ),
    )
}

#[test]
fn colombia_invoices_and_wraps_them() {
    let credit = "<a:PaymentMeans><b:ID>2</b:ID><b:PaymentMeansCode>31</b:PaymentMeansCode>\
                  <b:PaymentDueDate>2026-03-31</b:PaymentDueDate></a:PaymentMeans>";
    let invoice = colombian("Invoice", credit, "1190000.004000");
    let expected = "UblColombia Invoice SETP990 2026-03-01 COP 1190000.00 pay 1190000.00 \
                    900111222>800333444 due 2026-03-31 !PayableAmount: 1190000.004000 se redondeó \
                    a 1190000.00 COP\n";
    assert_eq!(said(invoice.as_bytes(), "f.xml"), expected);

    let answer = |code: &str| {
        ubl(
            "ApplicationResponse",
            &format!(
                "<a:DocumentResponse><a:Response><b:ResponseCode>{code}</b:ResponseCode>\
                 </a:Response></a:DocumentResponse>"
            ),
        )
    };
    let wrapped = |inside: &str, code: &str| {
        let part = |text: &str| {
            format!(
                "<a:Attachment><a:ExternalReference><b:Description><![CDATA[{text}]]>\
                 </b:Description></a:ExternalReference></a:Attachment>"
            )
        };
        ubl(
            "AttachedDocument",
            &format!(
                "\n\n{}<a:ParentDocumentLineReference><a:DocumentReference>{}\
                 </a:DocumentReference></a:ParentDocumentLineReference>",
                part(inside),
                part(&answer(code)),
            ),
        )
    };
    assert_eq!(said(wrapped(&invoice, "02").as_bytes(), "ad.xml"), expected);
    let latin = invoice.replace("UTF-8", "ISO-8859-1");
    assert_eq!(said(wrapped(&latin, "02").as_bytes(), "ad.xml"), expected);
    let rejected = said(wrapped(&invoice, "04").as_bytes(), "ad.xml");
    assert!(
        rejected.contains("la DIAN rechazó este documento"),
        "{rejected}"
    );
    let cut = &invoice[..invoice.len() - 20];
    let cut = said(wrapped(cut, "02").as_bytes(), "ad.xml");
    assert!(cut.starts_with("fault: ad.xml, línea 5"), "{cut}");

    let trial = invoice.replace("ExecutionID>1<", "ExecutionID>2<");
    assert!(said(trial.as_bytes(), "f.xml").contains("(trial)"));
    let anyone = invoice.replace("800333444", "222222222222");
    assert!(said(anyone.as_bytes(), "f.xml").contains("(global)"));
    let note = "<a:DiscrepancyResponse><b:ResponseCode>2</b:ResponseCode></a:DiscrepancyResponse>\
                <a:BillingReference><a:InvoiceDocumentReference><b:ID>SETP980</b:ID>\
                <b:UUID>CD34</b:UUID></a:InvoiceDocumentReference></a:BillingReference>";
    assert_eq!(
        said(colombian("CreditNote", note, "500").as_bytes(), "nc.xml"),
        "UblColombia CreditNote SETP990 2026-03-01 COP 500.00 pay 500.00 900111222>800333444 \
         Annuls=cd34\n"
    );
}

#[test]
fn events_of_radian() {
    let event = |code: &str| {
        ubl(
            "ApplicationResponse",
            &format!(
                "<b:ProfileID>DIAN 2.1: ApplicationResponse</b:ProfileID><b:UUID \
                 schemeName=\"CUDE-SHA384\">99</b:UUID><b:IssueDate>2026-03-09</b:IssueDate>\
                 <a:SenderParty><a:PartyTaxScheme><b:RegistrationName>Envía</b:RegistrationName>\
                 <b:CompanyID>800</b:CompanyID></a:PartyTaxScheme></a:SenderParty>\
                 <a:ReceiverParty><a:PartyTaxScheme><b:RegistrationName>Recibe\
                 </b:RegistrationName><b:CompanyID>900</b:CompanyID></a:PartyTaxScheme>\
                 </a:ReceiverParty><a:DocumentResponse><a:Response><b:ResponseCode>{code}\
                 </b:ResponseCode><b:Description>Mercancía incompleta</b:Description>\
                 </a:Response><a:DocumentReference><b:ID>SETP990</b:ID><b:UUID>AB12</b:UUID>\
                 </a:DocumentReference></a:DocumentResponse>"
            ),
        )
    };
    let cases = [
        ("030", "silent 99 acuse de recibo de la factura\n"),
        (
            "031",
            "event claimed «Mercancía incompleta» ab12 SETP990 900>800 2026-03-09\n",
        ),
        (
            "032",
            "event goodsreceived ab12 SETP990 900>800 2026-03-09\n",
        ),
        ("033", "event accepted ab12 SETP990 900>800 2026-03-09\n"),
        ("034", "event accepted ab12 SETP990 800>- 2026-03-09\n"),
        (
            "037",
            "event assigned to Recibe all ab12 SETP990 800>- 2026-03-09\n",
        ),
        ("045", "silent 99 aviso de pago: se concilia con el banco\n"),
        (
            "02",
            "silent 99 validación de la DIAN: el documento sigue como estaba\n",
        ),
    ];
    for (code, expected) in cases {
        assert_eq!(said(event(code).as_bytes(), "e.xml"), expected, "{code}");
    }
}
