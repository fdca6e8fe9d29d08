//! Cross industry invoices, alone and inside a PDF.

use std::io::{Cursor, Write as _};

use flate2::{Compression, write::ZlibEncoder};
use formats::invoice::{Kind, open, sniff};

use crate::said::said;

/// A cross industry invoice of either version.
pub fn cii(code: &str, terms: &str, due: &str, old: bool) -> String {
    let new = format!(
        "<r:CrossIndustryInvoice \
         xmlns:r=\"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100\">\
         <r:ExchangedDocumentContext/><r:ExchangedDocument><r:ID>FX-1</r:ID><r:TypeCode>{code}\
         </r:TypeCode><r:IssueDateTime><r:DateTimeString format=\"102\">20260301\
         </r:DateTimeString></r:IssueDateTime></r:ExchangedDocument>\
         <r:SupplyChainTradeTransaction><r:ApplicableHeaderTradeAgreement>\
         <r:SellerTradeParty><r:Name>Vendeur</r:Name><r:SpecifiedTaxRegistration><r:ID \
         schemeID=\"FC\">12/3</r:ID></r:SpecifiedTaxRegistration><r:SpecifiedTaxRegistration>\
         <r:ID schemeID=\"VA\">FR11</r:ID></r:SpecifiedTaxRegistration></r:SellerTradeParty>\
         <r:BuyerTradeParty><r:ID>K-9</r:ID><r:Name>Acheteur</r:Name>\
         <r:SpecifiedLegalOrganization><r:ID>732</r:ID></r:SpecifiedLegalOrganization>\
         </r:BuyerTradeParty></r:ApplicableHeaderTradeAgreement>\
         <r:ApplicableHeaderTradeDelivery/><r:ApplicableHeaderTradeSettlement>\
         <r:InvoiceCurrencyCode>EUR</r:InvoiceCurrencyCode><r:ApplicableTradeTax>\
         <r:CalculatedAmount>20.00</r:CalculatedAmount><r:TypeCode>VAT</r:TypeCode>\
         <r:RateApplicablePercent>20</r:RateApplicablePercent></r:ApplicableTradeTax>{terms}\
         <r:SpecifiedTradeSettlementHeaderMonetarySummation><r:TaxTotalAmount \
         currencyID=\"EUR\">20.00</r:TaxTotalAmount><r:GrandTotalAmount>120.00\
         </r:GrandTotalAmount><r:TotalPrepaidAmount>0</r:TotalPrepaidAmount>\
         <r:DuePayableAmount>{due}</r:DuePayableAmount>\
         </r:SpecifiedTradeSettlementHeaderMonetarySummation><r:InvoiceReferencedDocument>\
         <r:IssuerAssignedID>FX-0</r:IssuerAssignedID></r:InvoiceReferencedDocument>\
         </r:ApplicableHeaderTradeSettlement></r:SupplyChainTradeTransaction>\
         </r:CrossIndustryInvoice>"
    );
    if !old {
        return new;
    }
    let names = [
        (
            "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
            "urn:ferd:CrossIndustryDocument:invoice:1p0",
        ),
        ("CrossIndustryInvoice", "CrossIndustryDocument"),
        (
            "ExchangedDocumentContext",
            "SpecifiedExchangedDocumentContext",
        ),
        ("r:ExchangedDocument>", "r:HeaderExchangedDocument>"),
        ("r:SupplyChain", "r:SpecifiedSupplyChain"),
        ("ApplicableHeader", "ApplicableSupplyChain"),
        ("SettlementHeader", "Settlement"),
        ("RateApplicablePercent", "ApplicablePercent"),
    ];
    names
        .iter()
        .fold(new, |text, (new, old)| text.replace(new, old))
}

#[test]
fn cross_industry_invoices() {
    let due = |day: &str, amount: &str| {
        let amount = if amount.is_empty() {
            String::new()
        } else {
            format!("<r:PartialPaymentAmount>{amount}</r:PartialPaymentAmount>")
        };
        format!(
            "<r:SpecifiedTradePaymentTerms><r:Description>2% 8 jours</r:Description>\
             <r:DueDateDateTime><r:DateTimeString format=\"102\">{day}</r:DateTimeString>\
             </r:DueDateDateTime>{amount}</r:SpecifiedTradePaymentTerms>"
        )
    };
    let one = due("20260331", "");
    let two = due("20260430", "60.00") + &due("20260331", "60.00");
    let whole = "Cii Invoice FX-1 2026-03-01 EUR 120.00 pay 120.00 FR11>732 due 2026-03-31 \
                 +IVA:20 Other=FX-0\n";
    let cases = [
        (cii("380", &one, "120.00", false), whole),
        (cii("380", &one, "120.00", true), whole),
        (
            cii("751", &two, "120.00", false),
            "Cii Invoice FX-1 2026-03-01 EUR 120.00 pay 120.00 FR11>732 due 2026-04-30 \
          [2 2026-03-31 60.00] [1 2026-04-30 60.00] +IVA:20 Other=FX-0\n",
        ),
        (
            cii("381", "", "120.00", false),
            "Cii CreditNote FX-1 2026-03-01 EUR 120.00 pay 120.00 FR11>732 +IVA:20 Adjusts=FX-0\n",
        ),
        (
            cii("384", "", "100.00", false),
            "Cii Invoice FX-1 2026-03-01 EUR 120.00 pay 100.00 FR11>732 +IVA:20 Replaces=FX-0\n",
        ),
        (
            cii("325", "", "120.00", false),
            "silent - factura proforma: no es una deuda\n",
        ),
        (
            cii("380", &due("20260231", ""), "120.00", false),
            "Cii Invoice FX-1 2026-03-01 EUR 120.00 pay 120.00 FR11>732 +IVA:20 Other=FX-0 \
          !DueDateDateTime/DateTimeString: «20260231» no es una fecha (AAAAMMDD)\n",
        ),
    ];
    for (file, expected) in cases {
        assert_eq!(said(file.as_bytes(), "f.xml"), expected);
    }
}

/// A PDF of one embedded file.
pub fn pdf(embedded: &[u8]) -> Vec<u8> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
    packer.write_all(embedded).expect("packs");
    let packed = packer.finish().expect("packs");
    let mut out = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\n".to_vec();
    let dictionary = format!(
        "9 0 obj\n<</Type /EmbeddedFile /Subtype /text#2Fxml /Filter /FlateDecode /Length {}>>\n\
         stream\n",
        packed.len()
    );
    out.extend_from_slice(dictionary.as_bytes());
    out.extend_from_slice(&packed);
    out.extend_from_slice(b"\nendstream\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
    out
}

#[test]
fn the_invoice_inside_a_pdf() {
    let file = pdf(cii("380", "", "120.00", false).as_bytes());
    assert_eq!(sniff(&file, "f.pdf"), Some(Kind::Pdf));
    assert_eq!(
        said(&file, "f.pdf"),
        "Cii Invoice FX-1 2026-03-01 EUR 120.00 pay 120.00 FR11>732 +IVA:20 Other=FX-0\n"
    );
    let found = open(Cursor::new(file.clone()), "f.pdf")
        .expect("opens")
        .next();
    assert_eq!(*found.expect("one").bytes, *file, "the PDF is the original");
    assert_eq!(
        said(b"%PDF-1.4\n%%EOF", "f.pdf"),
        "refused: f.pdf: el PDF no lleva dentro una factura electrónica: cargue el archivo XML de \
         la factura\n"
    );
    assert_eq!(
        said(&pdf(b"<x/>"), "f.pdf"),
        "refused: f.pdf: los archivos dentro del PDF no son facturas electrónicas\n"
    );
}
