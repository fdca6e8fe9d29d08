//! UN/CEFACT Cross Industry Invoice: XRechnung, Factur-X, ZUGFeRD 2 (D16B), and ZUGFeRD 1, whose
//! elements have other names for the same things.
//!
//! Terms by EN 16931: BT-9 due date, BT-20 terms in words, BT-112 to BT-115 totals, BG-3 preceding
//! invoices.

use domain::document::DocumentKind;
use domain::{Currency, Money};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::draft::{self, Owed};
use super::family::{Readings, one};
use super::fault::{Problem, or_warn};
use super::model::{
    Instalment, Invoice, Line, Party, Reading, Reference, Relation, Standard, Tax, Terms,
};
use super::node::Node;
use super::{conditions, country};

/// Whether a root is a cross industry invoice.
pub(super) fn is_ours(root: &Node) -> bool {
    const SPACES: [&str; 2] = [
        "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:",
        "urn:ferd:CrossIndustryDocument:",
    ];
    let space = root.namespace.as_deref().unwrap_or_default();
    matches!(
        &*root.name,
        "CrossIndustryInvoice" | "CrossIndustryDocument"
    ) && SPACES.iter().any(|start| space.starts_with(start))
}

/// What a code of UNTDID 1001 does to the balance.
pub(super) fn kind_of_code(code: &str) -> DocumentKind {
    match code {
        "81" | "83" | "261" | "262" | "296" | "308" | "381" | "396" | "420" | "458" | "532" => {
            DocumentKind::CreditNote
        }
        "80" | "84" | "383" => DocumentKind::DebitNote,
        _ => DocumentKind::Invoice,
    }
}

/// Reads an invoice.
pub(super) fn read(root: &Node) -> Readings {
    one(document(root))
}

/// The parts of an invoice, under the names of either version.
struct Parts<'a> {
    head: &'a Node,
    agreement: &'a Node,
    settlement: &'a Node,
    sums: &'a Node,
    trade: &'a Node,
}

impl<'a> Parts<'a> {
    fn of(root: &'a Node) -> Result<Self, Problem> {
        let part = |node: &'a Node, names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| node.at(name))
                .ok_or_else(|| node.problem(names[0], "falta esta parte de la factura"))
        };
        let trade = part(
            root,
            [
                "SupplyChainTradeTransaction",
                "SpecifiedSupplyChainTradeTransaction",
            ],
        )?;
        let settlement = part(
            trade,
            [
                "ApplicableHeaderTradeSettlement",
                "ApplicableSupplyChainTradeSettlement",
            ],
        )?;
        Ok(Self {
            head: part(root, ["ExchangedDocument", "HeaderExchangedDocument"])?,
            agreement: part(
                trade,
                [
                    "ApplicableHeaderTradeAgreement",
                    "ApplicableSupplyChainTradeAgreement",
                ],
            )?,
            sums: part(
                settlement,
                [
                    "SpecifiedTradeSettlementHeaderMonetarySummation",
                    "SpecifiedTradeSettlementMonetarySummation",
                ],
            )?,
            settlement,
            trade,
        })
    }
}

fn document(root: &Node) -> Result<Reading, Problem> {
    let parts = Parts::of(root)?;
    let code = parts.head.value("TypeCode").unwrap_or("380");
    if code == "325" {
        return Ok(Reading::Silent {
            stamp: None,
            what: "factura proforma: no es una deuda",
        });
    }
    let mut warnings = Vec::new();
    let issued = day(parts.head, "IssueDateTime")?.ok_or_else(|| {
        parts
            .head
            .problem("IssueDateTime", "falta la fecha de emisión")
    })?;
    let currency = parts
        .settlement
        .currency("InvoiceCurrencyCode")?
        .ok_or_else(|| {
            parts
                .settlement
                .problem("InvoiceCurrencyCode", "falta la moneda")
        })?;
    let number = parts
        .head
        .words("ID")
        .ok_or_else(|| parts.head.problem("ID", "falta el número de la factura"))?;
    let total = total(parts.sums, currency)?;
    let payable = money(parts.sums, "DuePayableAmount", currency)?.unwrap_or(total);
    let Some(mut owed) = Owed::new(kind_of_code(code), total, payable) else {
        return Ok(Reading::Silent {
            stamp: None,
            what: "factura de importe cero",
        });
    };
    let terms = terms(parts.settlement, &owed, &mut warnings);
    owed.bound(&mut warnings);
    let mut lines = lines(parts.trade, &mut warnings);
    owed.turn(&mut lines);
    let context = root
        .at("ExchangedDocumentContext")
        .or_else(|| root.at("SpecifiedExchangedDocumentContext"));
    let version = if &*root.name == "CrossIndustryDocument" {
        "1"
    } else {
        "D16B"
    };
    Ok(Reading::Invoice(Box::new(Invoice {
        standard: Standard::Cii,
        version: version.to_owned(),
        kind: owed.kind,
        stamp: None,
        number,
        issued,
        issuer: party(parts.agreement, "SellerTradeParty")?,
        receiver: party(parts.agreement, "BuyerTradeParty")?,
        total: owed.total,
        payable: owed.payable,
        exchange_rate: exchange_rate(parts.settlement, currency, &mut warnings),
        taxes: taxes(parts.settlement, owed.flipped, &mut warnings),
        lines,
        terms,
        references: references(&parts, code, &owed),
        trial: context.and_then(|context| context.value("TestIndicator/Indicator")) == Some("true"),
        global: false,
        warnings,
    })))
}

/// An amount of the totals in the invoice's currency: the tax total is told in others too.
fn money(sums: &Node, name: &str, currency: Currency) -> Result<Option<Money>, Problem> {
    let own = sums.all(name).find(|node| {
        let code = node.value("@currencyID");
        code.is_none_or(|code| code == currency.code())
    });
    match own {
        Some(node) => node.money(".", currency),
        None => Ok(None),
    }
}

fn total(sums: &Node, currency: Currency) -> Result<Money, Problem> {
    let grand = money(sums, "GrandTotalAmount", currency)?
        .ok_or_else(|| sums.problem("GrandTotalAmount", "falta el total en la moneda"))?;
    let rounding = money(sums, "RoundingAmount", currency)?;
    grand
        .checked_add(rounding.unwrap_or(Money::zero(currency)))
        .map_err(|_| sums.problem("GrandTotalAmount", "es mayor de lo que se puede llevar"))
}

/// A day: format 102 is `20261122`; a plain date stands in some files.
fn day(node: &Node, path: &str) -> Result<Option<Date>, Problem> {
    let Some(outer) = node.at(path) else {
        return Ok(None);
    };
    for name in ["DateTimeString", "DateString", "DateTime"] {
        let Some(text) = outer.value(name) else {
            continue;
        };
        let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits {
            return outer.date(name);
        }
        let iso = format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]);
        return iso
            .parse()
            .map(Some)
            .map_err(|_| outer.problem(name, format!("«{text}» no es una fecha (AAAAMMDD)")));
    }
    Ok(None)
}

fn party(agreement: &Node, role: &str) -> Result<Party, Problem> {
    let node = agreement
        .at(role)
        .ok_or_else(|| agreement.problem(role, "falta esta parte de la factura"))?;
    let registered = |scheme: &str| {
        node.all("SpecifiedTaxRegistration")
            .find(|one| one.value("ID/@schemeID") == Some(scheme))
            .and_then(|one| one.value("ID"))
    };
    let contact = node.at("DefinedTradeContact");
    let contact = |path: &str| contact.and_then(|contact| contact.value(path));
    let address = node.at("PostalTradeAddress");
    Ok(Party {
        tax_id: registered("VA")
            .or_else(|| registered("FC"))
            .or_else(|| node.value("SpecifiedLegalOrganization/ID"))
            .and_then(draft::tax_id),
        name: node.words("Name").unwrap_or_default(),
        country: address
            .and_then(|address| address.value("CountryID"))
            .and_then(country::by_code),
        region: address.and_then(|address| address.words("CountrySubDivisionName")),
        emails: draft::emails(contact("EmailURIUniversalCommunication/URIID")).collect(),
        phones: contact("TelephoneUniversalCommunication/CompleteNumber")
            .map(str::to_owned)
            .into_iter()
            .collect(),
        key: node.words("ID"),
    })
}

fn terms(settlement: &Node, owed: &Owed, warnings: &mut Vec<String>) -> Terms {
    let means = settlement.at("SpecifiedTradeSettlementPaymentMeans");
    let account = means.and_then(|means| {
        let account = means.at("PayeePartyCreditorFinancialAccount")?;
        account
            .value("IBANID")
            .or_else(|| account.value("ProprietaryID"))
    });
    let mut terms = Terms {
        means: means.and_then(|means| means.words("TypeCode")),
        payment_reference: settlement.words("PaymentReference"),
        account: account.map(|account| account.split_whitespace().collect()),
        ..Terms::default()
    };
    let mut parts = Vec::new();
    for node in settlement.all("SpecifiedTradePaymentTerms") {
        let words = node.words("Description");
        let due = or_warn(day(node, "DueDateDateTime"), warnings);
        let amount = or_warn(
            node.money("PartialPaymentAmount", owed.total.currency),
            warnings,
        );
        match (due, amount) {
            (Some(due), Some(amount)) => parts.push(Instalment {
                number: (parts.len() + 1).to_string(),
                due,
                amount: Money::new(amount.minor.saturating_abs(), amount.currency),
            }),
            (Some(due), None) => terms.due = terms.due.max(Some(due)),
            (None, _) => {}
        }
        if terms.days.is_none() {
            terms.days = words.as_deref().and_then(conditions::days);
        }
        terms.words = terms.words.or(words);
    }
    draft::lay_out(&mut terms, parts, owed.payable, warnings);
    if terms.due.is_some() {
        terms.days = None;
    }
    terms
}

fn taxes(settlement: &Node, flipped: bool, warnings: &mut Vec<String>) -> Vec<Tax> {
    let mut taxes = Vec::new();
    for node in settlement.all("ApplicableTradeTax") {
        let amount = or_warn(node.decimal("CalculatedAmount"), warnings);
        let Some(amount) = amount.filter(|amount| !amount.is_zero()) else {
            continue;
        };
        let rate = ["RateApplicablePercent", "ApplicablePercent"]
            .iter()
            .find_map(|path| or_warn(node.decimal(path), warnings));
        let name = node.words("TypeCode").unwrap_or_default();
        taxes.push(Tax {
            name: if name == "VAT" {
                "IVA".to_owned()
            } else {
                name
            },
            rate: rate.map(draft::fraction),
            amount: if flipped { -amount } else { amount },
            withheld: false,
        });
    }
    taxes
}

fn lines(trade: &Node, warnings: &mut Vec<String>) -> Vec<Line> {
    let mut lines = Vec::new();
    for node in trade.all("IncludedSupplyChainTradeLineItem") {
        let any = |paths: &[&str], warnings: &mut Vec<String>| {
            paths
                .iter()
                .find_map(|path| or_warn(node.decimal(path), warnings))
        };
        let amount = any(
            &[
                "SpecifiedLineTradeSettlement/\
                 SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount",
                "SpecifiedSupplyChainTradeSettlement/\
                 SpecifiedTradeSettlementMonetarySummation/LineTotalAmount",
            ],
            warnings,
        );
        // A line of text alone has no amount.
        let Some(amount) = amount else {
            continue;
        };
        lines.push(Line {
            description: node.words("SpecifiedTradeProduct/Name").unwrap_or_default(),
            quantity: any(
                &[
                    "SpecifiedLineTradeDelivery/BilledQuantity",
                    "SpecifiedSupplyChainTradeDelivery/BilledQuantity",
                ],
                warnings,
            ),
            unit_price: any(
                &[
                    "SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount",
                    "SpecifiedSupplyChainTradeAgreement/NetPriceProductTradePrice/ChargeAmount",
                ],
                warnings,
            ),
            amount,
        });
    }
    lines
}

fn exchange_rate(settlement: &Node, own: Currency, warnings: &mut Vec<String>) -> Option<Decimal> {
    let node = settlement.at("TaxApplicableTradeCurrencyExchange")?;
    let is_own = node.value("SourceCurrencyCode") == Some(own.code());
    or_warn(node.decimal("ConversionRate"), warnings).filter(|rate| is_own && !rate.is_zero())
}

fn references(parts: &Parts<'_>, code: &str, owed: &Owed) -> Vec<Reference> {
    let preceding = match (owed.kind, code) {
        (DocumentKind::Invoice, "384") => Relation::Replaces,
        (DocumentKind::Invoice, _) => Relation::Other,
        _ => Relation::Adjusts,
    };
    let places = [
        (parts.settlement, "InvoiceReferencedDocument", preceding),
        (
            parts.agreement,
            "BuyerOrderReferencedDocument",
            Relation::Other,
        ),
        (
            parts.agreement,
            "ContractReferencedDocument",
            Relation::Other,
        ),
    ];
    let mut references = Vec::new();
    for (node, name, relation) in places {
        for found in node.all(name) {
            let number = found
                .words("IssuerAssignedID")
                .or_else(|| found.words("ID"));
            references.extend(number.map(|number| {
                Reference {
                    relation,
                    stamp: None,
                    number: Some(number),
                    on: ["FormattedIssueDateTime", "IssueDateTime"]
                        .iter()
                        .find_map(|path| day(found, path).ok().flatten()),
                }
            }));
        }
    }
    references
}
