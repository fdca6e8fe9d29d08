//! Spain: Facturae 3.2, 3.2.1 and 3.2.2, alone or in batches.
//!
//! Source: Orden PRE/2971/2007 and the schemas of facturae.gob.es. The invoice's total is reckoned
//! here, gross before taxes plus taxes: by the schema `InvoiceTotal` is already less what the
//! buyer withholds, and by many programs it is not.

use domain::document::DocumentKind;
use domain::{Currency, Money};

use super::country;
use super::draft::{self, Owed};
use super::family::Readings;
use super::fault::{Problem, or_warn};
use super::model::{
    Event, EventKind, Instalment, Invoice, Line, Party, Reading, Reference, Relation, Standard,
    Tax, Terms,
};
use super::node::Node;

/// Whether a root is of Facturae.
pub(super) fn is_ours(root: &Node) -> bool {
    let space = root.namespace.as_deref().unwrap_or_default();
    &*root.name == "Facturae" && space.to_ascii_lowercase().contains("facturae")
}

/// Reads all the invoices of a file: they share their parties, and may share a factor.
pub(super) fn read(root: &Node) -> Readings {
    let mut readings = Vec::new();
    let factor = root.at("FileHeader/FactoringAssignmentData/Assignee");
    let Some(invoices) = root.at("Invoices") else {
        let reason = "el archivo no trae ninguna factura";
        return vec![Err(root.problem("Invoices", reason))];
    };
    for node in invoices.all("Invoice") {
        let reading = invoice(root, node);
        let event = match (&reading, factor) {
            (Ok(Reading::Invoice(invoice)), Some(factor)) => Some(assigned(invoice, factor)),
            _ => None,
        };
        readings.push(reading);
        readings.extend(event.map(Ok));
    }
    readings
}

fn assigned(invoice: &Invoice, factor: &Node) -> Reading {
    Reading::Event(Box::new(Event {
        standard: Standard::Facturae,
        stamp: None,
        number: Some(invoice.number.clone()),
        issuer: invoice.issuer.tax_id.clone(),
        receiver: invoice.receiver.tax_id.clone(),
        kind: EventKind::Assigned {
            to: party(factor),
            amount: Some(invoice.payable),
        },
        on: Some(invoice.issued),
    }))
}

fn invoice(root: &Node, node: &Node) -> Result<Reading, Problem> {
    let header = node
        .at("InvoiceHeader")
        .ok_or_else(|| node.problem("InvoiceHeader", "falta la cabecera de la factura"))?;
    let data = node
        .at("InvoiceIssueData")
        .ok_or_else(|| node.problem("InvoiceIssueData", "faltan los datos de emisión"))?;
    let sums = node
        .at("InvoiceTotals")
        .ok_or_else(|| node.problem("InvoiceTotals", "faltan los totales de la factura"))?;
    let seller = root
        .at("Parties/SellerParty")
        .ok_or_else(|| root.problem("Parties/SellerParty", "falta el vendedor"))?;
    let buyer = root
        .at("Parties/BuyerParty")
        .ok_or_else(|| root.problem("Parties/BuyerParty", "falta el comprador"))?;
    let currency = data
        .currency("InvoiceCurrencyCode")?
        .ok_or_else(|| data.problem("InvoiceCurrencyCode", "falta la moneda"))?;
    let mut warnings = Vec::new();
    let total = total(sums, currency, &mut warnings)?;
    let payable = match sums.money("TotalExecutableAmount", currency)? {
        Some(payable) => payable,
        None => draft::required_money(sums, "TotalOutstandingAmount", currency)?,
    };
    let (kind, reference) = corrected(header, total);
    let Some(mut owed) = Owed::new(DocumentKind::Invoice, total, payable) else {
        return Ok(Reading::Silent {
            stamp: None,
            what: "factura de importe cero",
        });
    };
    if !owed.flipped {
        owed.kind = kind;
    }
    owed.bound(&mut warnings);
    let terms = terms(node, &owed, &mut warnings);
    let mut lines = lines(node, &mut warnings);
    owed.turn(&mut lines);
    let number = header.required("InvoiceNumber")?;
    Ok(Reading::Invoice(Box::new(Invoice {
        standard: Standard::Facturae,
        version: root
            .value("FileHeader/SchemaVersion")
            .unwrap_or("3.2")
            .to_owned(),
        kind: owed.kind,
        stamp: None,
        number: draft::numbered(header.value("InvoiceSeriesCode"), number),
        issued: draft::required_date(data, "IssueDate")?,
        issuer: party(seller),
        receiver: party(buyer),
        total: owed.total,
        payable: owed.payable,
        exchange_rate: or_warn(
            data.decimal("ExchangeRateDetails/ExchangeRate"),
            &mut warnings,
        ),
        taxes: taxes(node, owed.flipped, &mut warnings),
        lines,
        terms,
        references: reference.into_iter().collect(),
        trial: false,
        // A simplified invoice (a receipt) may be to nobody in particular.
        global: header.value("InvoiceDocumentType") == Some("FA") && party(buyer).tax_id.is_none(),
        warnings,
    })))
}

/// The whole with taxes, before what the buyer withholds.
fn total(sums: &Node, currency: Currency, warnings: &mut Vec<String>) -> Result<Money, Problem> {
    let stated = draft::required_money(sums, "InvoiceTotal", currency)?;
    let gross = sums.money("TotalGrossAmountBeforeTaxes", currency)?;
    let outputs = sums.money("TotalTaxOutputs", currency)?;
    let (Some(gross), Some(outputs)) = (gross, outputs) else {
        return Ok(stated);
    };
    let reckoned = gross
        .checked_add(outputs)
        .map_err(|_| sums.problem("InvoiceTotal", "es mayor de lo que se puede llevar"))?;
    let withheld = sums.money("TotalTaxesWithheld", currency)?;
    let net = withheld.and_then(|withheld| reckoned.checked_sub(withheld).ok());
    if stated != reckoned && Some(stated) != net {
        warnings.push(format!(
            "InvoiceTotal: dice {} y la suma de base e impuestos es {}; se tomó lo que dice.",
            stated.decimal(),
            reckoned.decimal()
        ));
        return Ok(stated);
    }
    Ok(reckoned)
}

/// What a corrective invoice does (`CorrectionMethod`): 01 writes the whole anew and takes the
/// other's place, the rest state the difference, whose sign [`Owed`] reads.
fn corrected(header: &Node, total: Money) -> (DocumentKind, Option<Reference>) {
    let Some(node) = header.at("Corrective") else {
        return (DocumentKind::Invoice, None);
    };
    let anew = node.value("CorrectionMethod") == Some("01") && total.minor > 0;
    let number = node.value("InvoiceNumber");
    let reference = Reference {
        relation: if anew {
            Relation::Replaces
        } else {
            Relation::Adjusts
        },
        stamp: None,
        number: number.map(|number| draft::numbered(node.value("InvoiceSeriesCode"), number)),
        on: node.date("InvoiceIssueDate").ok().flatten(),
    };
    let kind = if anew {
        DocumentKind::Invoice
    } else {
        DocumentKind::DebitNote
    };
    (kind, Some(reference))
}

fn party(node: &Node) -> Party {
    let person = node.at("Individual");
    let body = person.or_else(|| node.at("LegalEntity")).unwrap_or(node);
    let name = match person {
        Some(person) => ["Name", "FirstSurname", "SecondSurname"]
            .iter()
            .filter_map(|part| person.words(part))
            .collect::<Vec<_>>()
            .join(" "),
        None => body.words("CorporateName").unwrap_or_default(),
    };
    let address = body
        .at("AddressInSpain")
        .or_else(|| body.at("OverseasAddress"));
    Party {
        tax_id: node
            .value("TaxIdentification/TaxIdentificationNumber")
            .and_then(draft::tax_id),
        name,
        country: address
            .and_then(|address| address.value("CountryCode"))
            .and_then(country::by_code),
        region: address.and_then(|address| address.words("Province")),
        emails: draft::emails(body.value("ContactDetails/ElectronicMail")).collect(),
        phones: body.words("ContactDetails/Telephone").into_iter().collect(),
        key: node.words("PartyIdentification"),
    }
}

fn terms(node: &Node, owed: &Owed, warnings: &mut Vec<String>) -> Terms {
    let details = node.at("PaymentDetails");
    let installments = || {
        details
            .into_iter()
            .flat_map(|details| details.all("Installment"))
    };
    let first = installments().next();
    let account = first.and_then(|part| {
        let account = part.at("AccountToBeCredited")?;
        account
            .value("IBAN")
            .or_else(|| account.value("AccountNumber"))
    });
    let mut terms = Terms {
        means: first.and_then(|part| part.words("PaymentMeans")),
        payment_reference: first.and_then(|part| part.words("PaymentReconciliationReference")),
        account: account.map(|account| account.split_whitespace().collect()),
        words: first.and_then(|part| part.words("CollectionAdditionalInformation")),
        ..Terms::default()
    };
    let mut parts = Vec::new();
    for part in installments() {
        let due = or_warn(part.date("InstallmentDueDate"), warnings);
        let amount = or_warn(
            part.money("InstallmentAmount", owed.total.currency),
            warnings,
        );
        if let (Some(due), Some(amount)) = (due, amount) {
            parts.push(Instalment {
                number: (parts.len() + 1).to_string(),
                due,
                amount: Money::new(amount.minor.saturating_abs(), amount.currency),
            });
        }
    }
    draft::lay_out(&mut terms, parts, owed.payable, warnings);
    terms
}

fn taxes(node: &Node, flipped: bool, warnings: &mut Vec<String>) -> Vec<Tax> {
    let mut taxes = Vec::new();
    for (group, withheld) in [("TaxesOutputs", false), ("TaxesWithheld", true)] {
        for tax in node.all(group).flat_map(|group| group.all("Tax")) {
            let amount = or_warn(tax.decimal("TaxAmount/TotalAmount"), warnings);
            let Some(amount) = amount.filter(|amount| !amount.is_zero()) else {
                continue;
            };
            taxes.push(Tax {
                name: tax_name(tax.value("TaxTypeCode").unwrap_or_default()),
                rate: or_warn(tax.decimal("TaxRate"), warnings).map(draft::fraction),
                amount: if flipped { -amount } else { amount },
                withheld,
            });
        }
    }
    taxes
}

/// The commonest of the schema's codes; the others by their number.
fn tax_name(code: &str) -> String {
    match code {
        "01" => "IVA".to_owned(),
        "02" => "IPSI".to_owned(),
        "03" => "IGIC".to_owned(),
        "04" => "IRPF".to_owned(),
        other => format!("impuesto {other}"),
    }
}

fn lines(node: &Node, warnings: &mut Vec<String>) -> Vec<Line> {
    node.at("Items")
        .into_iter()
        .flat_map(|items| items.all("InvoiceLine"))
        .filter_map(|line| {
            Some(Line {
                description: line.words("ItemDescription").unwrap_or_default(),
                quantity: or_warn(line.decimal("Quantity"), warnings),
                unit_price: or_warn(line.decimal("UnitPriceWithoutTax"), warnings),
                amount: or_warn(line.decimal("GrossAmount"), warnings)?,
            })
        })
        .collect()
}
