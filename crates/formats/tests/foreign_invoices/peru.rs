//! UBL of Peru.

use crate::said::{said, the_invoice, ubl};

/// A document of the SUNAT: its number, code and inside.
pub fn peruvian(root: &str, number: &str, code: &str, inside: &str, total: &str) -> String {
    let sums = if root == "DebitNote" {
        "RequestedMonetaryTotal"
    } else {
        "LegalMonetaryTotal"
    };
    let party = |role: &str, ruc: &str, name: &str| {
        format!(
            "<a:{role}><a:Party><a:PartyIdentification><b:ID schemeID=\"6\" \
             schemeAgencyName=\"PE:SUNAT\">{ruc}\n</b:ID></a:PartyIdentification>\
             <a:PartyLegalEntity><b:RegistrationName><![CDATA[{name}]]></b:RegistrationName>\
             </a:PartyLegalEntity></a:Party></a:{role}>"
        )
    };
    ubl(
        root,
        &format!(
            "<b:UBLVersionID>2.1</b:UBLVersionID><b:CustomizationID>2.0</b:CustomizationID>\
             <b:ID>{number}</b:ID><b:IssueDate>2026-03-01</b:IssueDate>{code}\
             <b:DocumentCurrencyCode>PEN</b:DocumentCurrencyCode>{}{}{inside}\
             <a:{sums}><b:PayableAmount currencyID=\"PEN\">{total}</b:PayableAmount></a:{sums}>",
            party("AccountingSupplierParty", "20100000001", "Vende S.A.C."),
            party("AccountingCustomerParty", "20200000002", "Compra S.A."),
        ),
    )
}

/// A term of payment.
pub fn form(means: &str, amount: &str, due: &str) -> String {
    let due = if due.is_empty() {
        String::new()
    } else {
        format!("<b:PaymentDueDate>{due}</b:PaymentDueDate>")
    };
    format!(
        "<a:PaymentTerms><b:ID>FormaPago</b:ID><b:PaymentMeansID>{means}</b:PaymentMeansID>\
         <b:Amount currencyID=\"PEN\">{amount}</b:Amount>{due}</a:PaymentTerms>"
    )
}

#[test]
fn peru_sells_on_credit_and_keeps_a_deposit_back() {
    let deposit = "<a:PaymentTerms><b:ID>Detraccion</b:ID><b:PaymentMeansID>027</b:PaymentMeansID>\
                   <b:PaymentPercent>12</b:PaymentPercent><b:Amount currencyID=\"PEN\">120.00\
                   </b:Amount></a:PaymentTerms>";
    let charge = |charge: bool, code: u8, amount: &str| {
        format!(
            "<a:AllowanceCharge><b:ChargeIndicator>{charge}</b:ChargeIndicator>\
             <b:AllowanceChargeReasonCode>{code}</b:AllowanceChargeReasonCode>\
             <b:MultiplierFactorNumeric>0.03</b:MultiplierFactorNumeric><b:Amount \
             currencyID=\"PEN\">{amount}</b:Amount></a:AllowanceCharge>"
        )
    };
    let code = "<b:InvoiceTypeCode>01</b:InvoiceTypeCode>";
    let two = form("Credito", "880.00", "")
        + &form("Cuota002", "440.00", "2026-05-01")
        + &form("Cuota001", "440.00", "2026-04-01");
    let cases = [
        (
            form("Contado", "1000", ""),
            "UblPeru Invoice F001-00000088 2026-03-01 PEN 1000.00 pay 1000.00 \
          20100000001>20200000002 (at once)\n",
        ),
        (
            format!("{deposit}{two}"),
            "UblPeru Invoice F001-00000088 2026-03-01 PEN 1000.00 pay 880.00 \
          20100000001>20200000002 due 2026-05-01 [Cuota001 2026-04-01 440.00] \
          [Cuota002 2026-05-01 440.00] -Detracción:120\n",
        ),
        (
            format!("{deposit}{}", form("Contado", "1000", "")),
            "UblPeru Invoice F001-00000088 2026-03-01 PEN 1000.00 pay 880.00 \
          20100000001>20200000002 -Detracción:120 (at once)\n",
        ),
        (
            form("Credito", "1000", "") + &form("Cuota001", "1000", "2026-04-01"),
            "UblPeru Invoice F001-00000088 2026-03-01 PEN 1000.00 pay 1000.00 \
          20100000001>20200000002 due 2026-04-01\n",
        ),
        (
            charge(false, 62, "30.00"),
            "UblPeru Invoice F001-00000088 2026-03-01 PEN 1000.00 pay 970.00 \
          20100000001>20200000002 -Retención IGV:30\n",
        ),
        (
            charge(true, 51, "20.00"),
            "UblPeru Invoice F001-00000088 2026-03-01 PEN 1020.00 pay 1020.00 \
          20100000001>20200000002 +Percepción IGV:20\n",
        ),
    ];
    for (terms, expected) in cases {
        let file = peruvian("Invoice", "F001-00000088", code, &terms, "1000.00");
        assert_eq!(said(file.as_bytes(), "f.xml"), expected, "{terms}");
        let stamp = the_invoice(&file).stamp;
        assert_eq!(stamp.as_deref(), Some("20100000001-01-F001-88"));
    }
}

#[test]
fn notes_and_annulments_of_peru() {
    let answers = |code: &str| {
        format!(
            "<a:DiscrepancyResponse><b:ResponseCode>{code}</b:ResponseCode>\
             </a:DiscrepancyResponse><a:BillingReference><a:InvoiceDocumentReference>\
             <b:ID>F001-88</b:ID><b:DocumentTypeCode>01</b:DocumentTypeCode>\
             </a:InvoiceDocumentReference></a:BillingReference>"
        )
    };
    let cases = [
        (
            "CreditNote",
            "FC01-2",
            answers("04"),
            "UblPeru CreditNote FC01-2 2026-03-01 PEN 118.00 pay 118.00 20100000001>20200000002 \
          Adjusts=20100000001-01-F001-88\n",
        ),
        (
            "CreditNote",
            "FC01-2",
            answers("01"),
            "UblPeru CreditNote FC01-2 2026-03-01 PEN 118.00 pay 118.00 20100000001>20200000002 \
          Annuls=20100000001-01-F001-88\n",
        ),
        (
            "DebitNote",
            "FD01-3",
            answers("02"),
            "UblPeru DebitNote FD01-3 2026-03-01 PEN 118.00 pay 118.00 20100000001>20200000002 \
          Adjusts=20100000001-01-F001-88\n",
        ),
    ];
    for (root, number, inside, expected) in cases {
        let file = peruvian(root, number, "", &inside, "118.00");
        assert_eq!(said(file.as_bytes(), "f.xml"), expected, "{inside}");
    }
    let voided = r#"<VoidedDocuments
        xmlns="urn:sunat:names:specification:ubl:peru:schema:xsd:VoidedDocuments-1">
        <ID>RA-20260302-1</ID><IssueDate>2026-03-02</IssueDate><AccountingSupplierParty>
        <CustomerAssignedAccountID>20100000001</CustomerAssignedAccountID></AccountingSupplierParty>
        <VoidedDocumentsLine><DocumentTypeCode>01</DocumentTypeCode>
        <DocumentSerialID>F001</DocumentSerialID><DocumentNumberID>00088</DocumentNumberID>
        </VoidedDocumentsLine><VoidedDocumentsLine><DocumentTypeCode>07</DocumentTypeCode>
        <DocumentSerialID>FC01</DocumentSerialID></VoidedDocumentsLine></VoidedDocuments>"#;
    assert_eq!(
        said(voided.as_bytes(), "RA.xml"),
        "event cancelled 20100000001-01-F001-88 F001-00088 20100000001>- 2026-03-02\n\
         fault: RA.xml, línea 7, VoidedDocuments/VoidedDocumentsLine/DocumentNumberID: falta \
         este dato\n"
    );
    let summary = voided
        .replace("VoidedDocumentsLine", "SummaryDocumentsLine")
        .replace("VoidedDocuments", "SummaryDocuments")
        .replace(
            "<DocumentSerialID>F001</DocumentSerialID>",
            "<ID>B001-9</ID>",
        )
        .replace(
            "<DocumentNumberID>00088</DocumentNumberID>",
            "<Status><ConditionCode>3</ConditionCode></Status>",
        );
    assert_eq!(
        said(summary.as_bytes(), "RC.xml"),
        "event cancelled 20100000001-01-B001-9 B001-9 20100000001>- 2026-03-02\n"
    );
}

#[test]
fn the_answer_of_the_sunat() {
    let answer = |code: &str| {
        ubl(
            "ApplicationResponse",
            &format!(
                "<b:ResponseDate>2026-03-03</b:ResponseDate><a:ReceiverParty>\
                 <a:PartyIdentification><b:ID>20100000001</b:ID></a:PartyIdentification>\
                 </a:ReceiverParty><a:DocumentResponse><a:Response><b:ReferenceID>F001-88\
                 </b:ReferenceID><b:ResponseCode>{code}</b:ResponseCode></a:Response>\
                 <a:DocumentReference><b:ID>F001-88</b:ID></a:DocumentReference>\
                 </a:DocumentResponse>"
            ),
        )
    };
    let accepted = "silent - constancia de recepción: el documento sigue como estaba\n";
    let cases = [
        ("0", accepted),
        ("4252", accepted),
        (
            "2800",
            "event cancelled - F001-88 20100000001>- 2026-03-03\n",
        ),
    ];
    for (code, expected) in cases {
        assert_eq!(said(answer(code).as_bytes(), "R.xml"), expected, "{code}");
    }
}
