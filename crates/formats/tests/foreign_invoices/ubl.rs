//! UBL of Europe.

use crate::said::{said, the_invoice, ubl};

fn european_party(role: &str, name: &str, vat: &str) -> String {
    format!(
        "<a:{role}><a:Party><a:PartyIdentification><b:ID>C-77</b:ID></a:PartyIdentification>\
         <a:PartyName><b:Name>Marca</b:Name></a:PartyName>\
         <a:PostalAddress><b:CountrySubentity>Bayern</b:CountrySubentity><a:Country>\
         <b:IdentificationCode>DE</b:IdentificationCode></a:Country></a:PostalAddress>\
         <a:PartyTaxScheme><b:CompanyID>{vat}</b:CompanyID><a:TaxScheme><b:ID>VAT</b:ID>\
         </a:TaxScheme></a:PartyTaxScheme><a:PartyLegalEntity><b:RegistrationName>{name}\
         </b:RegistrationName></a:PartyLegalEntity><a:Contact><b:Telephone>+49 1</b:Telephone>\
         <b:ElectronicMail>cuentas@example.com; b@example.com</b:ElectronicMail></a:Contact>\
         </a:Party></a:{role}>"
    )
}

/// A European invoice with its code, terms and totals to be filled in.
pub fn european(root: &str, code: &str, terms: &str, totals: &str) -> String {
    let (amounts, head) = (
        format!(
            "<a:TaxTotal><b:TaxAmount currencyID=\"EUR\">19.00</b:TaxAmount><a:TaxSubtotal>\
             <b:TaxAmount currencyID=\"EUR\">19.00</b:TaxAmount><a:TaxCategory><b:Percent>19\
             </b:Percent><a:TaxScheme><b:ID>VAT</b:ID></a:TaxScheme></a:TaxCategory>\
             </a:TaxSubtotal></a:TaxTotal><a:LegalMonetaryTotal>{totals}</a:LegalMonetaryTotal>"
        ),
        "<b:CustomizationID>urn:cen.eu:en16931:2017#compliant#x</b:CustomizationID>\
         <b:ID> R 7 </b:ID><b:IssueDate>2026-03-01</b:IssueDate>",
    );
    let inside = format!(
        "{head}{code}<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>{}{}{terms}{amounts}",
        european_party("AccountingSupplierParty", "Verkäufer GmbH", "DE 111"),
        european_party("AccountingCustomerParty", "Käufer &amp; Söhne", "DE222"),
    );
    ubl(root, &inside)
}

#[test]
fn ubl_of_europe() {
    let pay = |text: &str| format!("<b:PayableAmount currencyID=\"EUR\">{text}</b:PayableAmount>");
    let code = "<b:InvoiceTypeCode>380</b:InvoiceTypeCode>";
    let note = |text: &str| format!("<a:PaymentTerms><b:Note>{text}</b:Note></a:PaymentTerms>");
    let part = |day: &str, amount: &str| {
        format!(
            "<a:PaymentTerms><b:Amount currencyID=\"EUR\">{amount}</b:Amount>\
             <b:InstallmentDueDate>{day}</b:InstallmentDueDate></a:PaymentTerms>"
        )
    };
    let prepaid = "<b:TaxInclusiveAmount currencyID=\"EUR\">119.00</b:TaxInclusiveAmount>\
                   <b:PrepaidAmount currencyID=\"EUR\">19.00</b:PrepaidAmount>\
                   <b:PayableRoundingAmount currencyID=\"EUR\">0.01</b:PayableRoundingAmount>";
    let billing = "<a:BillingReference><a:InvoiceDocumentReference><b:ID>R 6</b:ID>\
                   </a:InvoiceDocumentReference></a:BillingReference>";
    let due = "<b:DueDate>2026-03-31</b:DueDate>";
    let cases = [
        (
            "Invoice",
            format!("{due}{code}"),
            note("Skonto 2% 10 Tage"),
            pay("119.00"),
            "Ubl Invoice R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 due 2026-03-31 +IVA:19\n",
        ),
        (
            "Invoice",
            code.to_owned(),
            note("Payment within 30 days"),
            pay("119"),
            "Ubl Invoice R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 days 30 +IVA:19\n",
        ),
        (
            "Invoice",
            code.to_owned(),
            String::new(),
            format!("{prepaid}{}", pay("100.01")),
            "Ubl Invoice R 7 2026-03-01 EUR 119.01 pay 100.01 DE111>DE222 +IVA:19\n",
        ),
        (
            "Invoice",
            code.to_owned(),
            part("2026-05-01", "59.00") + &part("2026-04-01", "60.00"),
            pay("119.00"),
            "Ubl Invoice R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 due 2026-05-01 \
          [2 2026-04-01 60.00] [1 2026-05-01 59.00] +IVA:19\n",
        ),
        (
            "Invoice",
            code.to_owned(),
            billing.to_owned(),
            pay("-119.00"),
            "Ubl CreditNote R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 +IVA:-19 \
          Adjusts=R 6\n",
        ),
        (
            "Invoice",
            code.replace("380", "384"),
            billing.to_owned(),
            pay("119.00"),
            "Ubl Invoice R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 +IVA:19 \
          Replaces=R 6\n",
        ),
        (
            "Invoice",
            code.replace("380", "381"),
            billing.to_owned(),
            pay("119.00"),
            "Ubl CreditNote R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 +IVA:19 \
          Adjusts=R 6\n",
        ),
        (
            "CreditNote",
            String::new(),
            billing.to_owned(),
            pay("119.00"),
            "Ubl CreditNote R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 +IVA:19 \
          Adjusts=R 6\n",
        ),
        (
            "CreditNote",
            String::new(),
            billing.to_owned(),
            pay("-119.00"),
            "Ubl DebitNote R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 +IVA:-19 \
          Adjusts=R 6\n",
        ),
        (
            "Invoice",
            code.to_owned(),
            String::new(),
            pay("0"),
            "silent - documento de importe cero (transferencia gratuita o ajuste de fechas)\n",
        ),
        (
            "Invoice",
            code.to_owned(),
            String::new(),
            pay("119.005"),
            "fault: f.xml, línea 2, Invoice/LegalMonetaryTotal/PayableAmount: «119.005» tiene más \
          decimales o cifras de los que EUR usa\n",
        ),
        (
            "Invoice",
            code.to_owned(),
            String::new(),
            String::new(),
            "fault: f.xml, línea 2, Invoice/LegalMonetaryTotal/PayableAmount: falta el importe por \
          pagar\n",
        ),
        (
            "Invoice",
            code.to_owned(),
            String::new(),
            pay("119").replace("EUR", "USD"),
            "fault: f.xml, línea 2, Invoice/LegalMonetaryTotal/PayableAmount/@currencyID: está en \
          USD y el documento en EUR\n",
        ),
    ];
    for (root, code, terms, totals, expected) in cases {
        let file = european(root, &code, &terms, &totals);
        assert_eq!(
            said(file.as_bytes(), "f.xml"),
            expected,
            "{root} {code} {terms} {totals}"
        );
    }
}

#[test]
fn parties_terms_and_lines_of_ubl_are_kept() {
    let terms = "<a:PaymentMeans><b:PaymentMeansCode>58</b:PaymentMeansCode>\
                 <b:PaymentDueDate>2026-04-02</b:PaymentDueDate><b:PaymentID>RF18 5390</b:PaymentID>\
                 <a:PayeeFinancialAccount><b:ID>DE89 3704 0044</b:ID></a:PayeeFinancialAccount>\
                 </a:PaymentMeans><a:PaymentTerms><b:Note>#SKONTO#TAGE=7#PROZENT=2.00#</b:Note>\
                 </a:PaymentTerms>";
    let totals = "<b:PayableAmount currencyID=\"EUR\">119.00</b:PayableAmount>";
    let line = "</a:LegalMonetaryTotal><a:InvoiceLine><b:InvoicedQuantity>20</b:InvoicedQuantity>\
                <b:LineExtensionAmount currencyID=\"EUR\">100.00</b:LineExtensionAmount><a:Item>\
                <b:Name>Tornillo</b:Name></a:Item><a:Price><b:PriceAmount>50</b:PriceAmount>\
                <b:BaseQuantity>10</b:BaseQuantity></a:Price></a:InvoiceLine>";
    let file = european("Invoice", "", terms, totals).replace("</a:LegalMonetaryTotal>", line);
    let invoice = the_invoice(&file);
    let receiver = &invoice.receiver;
    assert_eq!(receiver.name, "Käufer & Söhne");
    assert_eq!(receiver.emails, ["cuentas@example.com", "b@example.com"]);
    assert_eq!(receiver.phones, ["+49 1"]);
    assert_eq!(receiver.key.as_deref(), Some("C-77"));
    assert_eq!(receiver.region.as_deref(), Some("Bayern"));
    assert_eq!(receiver.country.expect("said").code(), "DE");
    let terms = &invoice.terms;
    assert_eq!(terms.means.as_deref(), Some("58"));
    assert_eq!(terms.payment_reference.as_deref(), Some("RF18 5390"));
    assert_eq!(terms.account.as_deref(), Some("DE8937040044"));
    assert_eq!(terms.words.as_deref(), Some("#SKONTO#TAGE=7#PROZENT=2.00#"));
    assert_eq!(terms.due.expect("said").to_string(), "2026-04-02");
    let line = &invoice.lines[0];
    assert_eq!(line.description, "Tornillo");
    assert_eq!(line.unit_price.expect("said").to_string(), "5");
    assert_eq!(line.amount.to_string(), "100.00");
}

#[test]
fn the_envelope_of_the_network_is_opened() {
    let pay = "<b:PayableAmount currencyID=\"EUR\">119.00</b:PayableAmount>";
    let invoice = european("Invoice", "", "", pay);
    let (_, invoice) = invoice.split_once("?>").expect("a declaration");
    let enveloped = format!(
        "<StandardBusinessDocument xmlns=\"http://www.unece.org/cefact/namespaces/\
         StandardBusinessDocumentHeader\"><StandardBusinessDocumentHeader/>{invoice}\
         </StandardBusinessDocument>"
    );
    assert_eq!(
        said(enveloped.as_bytes(), "f.xml"),
        "Ubl Invoice R 7 2026-03-01 EUR 119.00 pay 119.00 DE111>DE222 +IVA:19\n"
    );
}
