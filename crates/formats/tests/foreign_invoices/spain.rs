//! Facturae of Spain.

use crate::said::{said, the_invoice};

/// A Facturae of one or more invoices, each from its header, totals and payments.
pub fn facturae(before: &str, invoices: &[(&str, &str, &str)]) -> String {
    let invoices: String = invoices
        .iter()
        .map(|(header, totals, payments)| {
            format!(
                "<Invoice><InvoiceHeader><InvoiceNumber>45</InvoiceNumber><InvoiceSeriesCode>A\
                 </InvoiceSeriesCode><InvoiceDocumentType>FC</InvoiceDocumentType>{header}\
                 </InvoiceHeader><InvoiceIssueData><IssueDate>2026-03-01</IssueDate>\
                 <InvoiceCurrencyCode>EUR</InvoiceCurrencyCode></InvoiceIssueData>\
                 <InvoiceTotals>{totals}</InvoiceTotals>{payments}</Invoice>"
            )
        })
        .collect();
    format!(
        "<f:Facturae xmlns:f=\"http://www.facturae.es/Facturae/2009/v3.2/Facturae\"><FileHeader>\
         <SchemaVersion>3.2</SchemaVersion>{before}</FileHeader><Parties><SellerParty>\
         <TaxIdentification><TaxIdentificationNumber>B1</TaxIdentificationNumber>\
         </TaxIdentification><LegalEntity><CorporateName>Vende SL</CorporateName></LegalEntity>\
         </SellerParty><BuyerParty><TaxIdentification><TaxIdentificationNumber>12-Z\
         </TaxIdentificationNumber></TaxIdentification><Individual><Name>Ana</Name>\
         <FirstSurname>Ruiz</FirstSurname><OverseasAddress><CountryCode>FRA</CountryCode>\
         </OverseasAddress></Individual></BuyerParty></Parties><Invoices>{invoices}</Invoices>\
         </f:Facturae>"
    )
}

pub fn totals(gross: &str, taxes: &str, withheld: &str, total: &str, pay: &str) -> String {
    format!(
        "<TotalGrossAmountBeforeTaxes>{gross}</TotalGrossAmountBeforeTaxes><TotalTaxOutputs>\
         {taxes}</TotalTaxOutputs><TotalTaxesWithheld>{withheld}</TotalTaxesWithheld>\
         <InvoiceTotal>{total}</InvoiceTotal><TotalOutstandingAmount>{pay}\
         </TotalOutstandingAmount><TotalExecutableAmount>{pay}</TotalExecutableAmount>"
    )
}

#[test]
fn facturae_alone_in_batches_and_assigned() {
    let plain = totals("100.00", "21.00", "0.00", "121.00", "121.00");
    let by_schema = totals("100.00", "21.00", "15.00", "106.00", "106.00");
    let by_habit = totals("100.00", "21.00", "15.00", "121.00", "106.00");
    let less = totals("-100.00", "-21.00", "0.00", "-121.00", "-121.00");
    let wrong = totals("100.00", "21.00", "0.00", "120.00", "120.00");
    let corrects = |method: &str| {
        format!(
            "<Corrective><InvoiceNumber>44</InvoiceNumber><InvoiceSeriesCode>A\
             </InvoiceSeriesCode><CorrectionMethod>{method}</CorrectionMethod></Corrective>"
        )
    };
    let installment = |day: &str, amount: &str| {
        format!(
            "<Installment><InstallmentDueDate>{day}</InstallmentDueDate><InstallmentAmount>\
             {amount}</InstallmentAmount><PaymentMeans>04</PaymentMeans><AccountToBeCredited>\
             <IBAN>ES25 0188</IBAN></AccountToBeCredited></Installment>"
        )
    };
    let details = format!(
        "<PaymentDetails>{}{}</PaymentDetails>",
        installment("2026-04-01", "60.50"),
        installment("2026-05-01", "60.50")
    );
    let head = "Facturae Invoice A-45 2026-03-01 EUR 121.00";
    let cases = [
        (
            String::new(),
            &plain,
            details.as_str(),
            format!(
                "{head} pay 121.00 B1>12Z due 2026-05-01 [1 2026-04-01 60.50] \
                  [2 2026-05-01 60.50]\n"
            ),
        ),
        (
            String::new(),
            &by_schema,
            "",
            format!("{head} pay 106.00 B1>12Z\n"),
        ),
        (
            String::new(),
            &by_habit,
            "",
            format!("{head} pay 106.00 B1>12Z\n"),
        ),
        (
            String::new(),
            &wrong,
            "",
            "Facturae Invoice A-45 2026-03-01 EUR 120.00 pay 120.00 B1>12Z !InvoiceTotal: dice \
          120.00 y la suma de base e impuestos es 121.00; se tomó lo que dice.\n"
                .to_owned(),
        ),
        (
            corrects("02"),
            &less,
            "",
            "Facturae CreditNote A-45 2026-03-01 EUR 121.00 pay 121.00 B1>12Z Adjusts=A-44\n"
                .to_owned(),
        ),
        (
            corrects("02"),
            &plain,
            "",
            "Facturae DebitNote A-45 2026-03-01 EUR 121.00 pay 121.00 B1>12Z Adjusts=A-44\n"
                .to_owned(),
        ),
        (
            corrects("01"),
            &plain,
            "",
            format!("{head} pay 121.00 B1>12Z Replaces=A-44\n"),
        ),
    ];
    for (header, totals, payments, expected) in cases {
        let file = facturae("", &[(&header, totals, payments)]);
        assert_eq!(
            said(file.as_bytes(), "f.xsig"),
            expected,
            "{header} {totals}"
        );
    }
    let one = facturae("", &[("", &plain, &details)]);
    let invoice = the_invoice(&one);
    assert_eq!(invoice.receiver.name, "Ana Ruiz");
    assert_eq!(invoice.receiver.country.expect("said").code(), "FR");
    assert_eq!(invoice.terms.account.as_deref(), Some("ES250188"));
    let factor = "<FactoringAssignmentData><Assignee><TaxIdentification>\
                  <TaxIdentificationNumber>A9</TaxIdentificationNumber></TaxIdentification>\
                  <LegalEntity><CorporateName>Factor SA</CorporateName></LegalEntity></Assignee>\
                  </FactoringAssignmentData>";
    let batch = facturae(
        factor,
        &[("", &plain, ""), ("", &plain.replace("121", "x"), "")],
    );
    assert_eq!(
        said(batch.as_bytes(), "f.xsig"),
        format!(
            "{head} pay 121.00 B1>12Z\n\
             event assigned to Factor SA 121.00 - A-45 B1>12Z 2026-03-01\n\
             fault: f.xsig, línea 1, Facturae/Invoices/Invoice/InvoiceTotals/InvoiceTotal: \
             «x.00» no es un número\n"
        )
    );
}
