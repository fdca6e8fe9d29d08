//! OASIS UBL 2.x: invoices, credit notes and debit notes, alone and in the profiles of Peppol,
//! XRechnung, Peru (SUNAT) and Colombia (DIAN).
//!
//! Amounts follow EN 16931: what is to be paid is the total with taxes, less what was prepaid,
//! plus the rounding (BT-112, BT-113, BT-114, BT-115).

use domain::customer::Country;
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
use super::{colombia, conditions, country, peru};

/// Whose profile of UBL a document follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    Peru,
    Colombia,
    /// EN 16931 and its like: a negative credit note takes a credit back.
    European,
    Plain,
}

impl Profile {
    pub fn of(root: &Node) -> Self {
        let says = |path: &str, word: &str| {
            let value = root.value(path);
            value.is_some_and(|value| value.to_ascii_uppercase().contains(word))
        };
        let own_space = root
            .attributes
            .iter()
            .any(|one| one.value.contains(":sunat:"));
        let supplier = "AccountingSupplierParty/Party/PartyIdentification/ID/@";
        if says("ProfileID", "DIAN") || says("UUID/@schemeName", "CUFE") {
            return Self::Colombia;
        }
        if says("UUID/@schemeName", "CUDE") || says("UUID/@schemeAgencyName", "DIAN") {
            return Self::Colombia;
        }
        let peruvian_ids = root.value(&format!("{supplier}schemeID")) == Some("6")
            || root.value("AccountingSupplierParty/AdditionalAccountID") == Some("6");
        let numbered = matches!(root.value("CustomizationID"), Some("1.0" | "1.1" | "2.0"));
        if own_space
            || says("InvoiceTypeCode/@listAgencyName", "SUNAT")
            || says("InvoiceTypeCode/@listURI", "SUNAT")
            || says(&format!("{supplier}schemeAgencyName"), "SUNAT")
            || (numbered && peruvian_ids)
        {
            return Self::Peru;
        }
        if says("CustomizationID", "EN16931") || says("CustomizationID", "PEPPOL") {
            return Self::European;
        }
        Self::Plain
    }

    const fn standard(self) -> Standard {
        match self {
            Self::Peru => Standard::UblPeru,
            Self::Colombia => Standard::UblColombia,
            Self::European | Self::Plain => Standard::Ubl,
        }
    }

    fn country(self) -> Option<Country> {
        match self {
            Self::Peru => Country::new("PE"),
            Self::Colombia => Country::new("CO"),
            Self::European | Self::Plain => None,
        }
    }
}

/// Whether a root is of UBL, or of the SUNAT's own kinds beside it.
pub(super) fn is_ours(root: &Node) -> bool {
    const SPACES: [&str; 2] = [
        "urn:oasis:names:specification:ubl:schema:xsd:",
        "urn:sunat:names:specification:ubl:peru:schema:xsd:",
    ];
    let space = root.namespace.as_deref().unwrap_or_default();
    SPACES.iter().any(|start| space.starts_with(start)) || is_envelope(root)
}

/// The envelope documents travel in on the Peppol network.
fn is_envelope(root: &Node) -> bool {
    &*root.name == "StandardBusinessDocument"
}

/// What is inside an envelope, to be taken one by one.
pub(super) fn members(root: &Node) -> &'static [&'static str] {
    if is_envelope(root) {
        return &["Invoice", "CreditNote", "DebitNote", "CrossIndustryInvoice"];
    }
    &[]
}

/// Reads a document of UBL by its root.
pub(super) fn read(root: &Node) -> Readings {
    match &*root.name {
        "Invoice" | "CreditNote" | "DebitNote" | "SelfBilledInvoice" | "SelfBilledCreditNote" => {
            one(document(root))
        }
        "CrossIndustryInvoice" => super::cii::read(root),
        "AttachedDocument" => colombia::attached(root),
        "ApplicationResponse" if Profile::of(root) == Profile::Colombia => {
            one(colombia::response(root))
        }
        "ApplicationResponse" => one(peru::response(root)),
        "VoidedDocuments" => peru::voided(root),
        "SummaryDocuments" => peru::summary(root),
        _ => one(Ok(Reading::Silent {
            stamp: None,
            what: "documento UBL que no es factura ni nota (pedido, guía, comprobante)",
        })),
    }
}

/// An invoice or a note.
pub(super) fn document(root: &Node) -> Result<Reading, Problem> {
    let profile = Profile::of(root);
    let mut warnings = Vec::new();
    let issued = draft::required_date(root, "IssueDate")?;
    let number = root
        .words("ID")
        .ok_or_else(|| root.problem("ID", "falta el número del documento"))?;
    let issuer = party(root, "AccountingSupplierParty", profile)?;
    let receiver = party(root, "AccountingCustomerParty", profile)?;
    let stamp = stamp(root, profile, &issuer, &number);
    let currency = currency(root)?;
    let Some((sums, mut owed)) = sums(root, profile, currency, &mut warnings)? else {
        return Ok(Reading::Silent {
            stamp,
            what: "documento de importe cero (transferencia gratuita o ajuste de fechas)",
        });
    };
    let mut taxes = taxes(root, owed.flipped, &mut warnings);
    let mut terms = terms(root, profile, issued, &owed, &mut warnings);
    match profile {
        Profile::Peru => peru::terms(root, &mut owed, &mut terms, &mut taxes, &mut warnings)?,
        Profile::Colombia => colombia::terms(root, issued, &mut terms),
        Profile::European | Profile::Plain => {}
    }
    owed.bound(&mut warnings);
    let mut lines = lines(root, profile, &mut warnings);
    owed.turn(&mut lines);
    let global = match profile {
        Profile::Peru => peru::is_nobody(&receiver),
        Profile::Colombia => receiver.tax_id.as_deref() == Some(colombia::FINAL_CONSUMER),
        Profile::European | Profile::Plain => false,
    };
    Ok(Reading::Invoice(Box::new(Invoice {
        standard: profile.standard(),
        version: version(root),
        kind: owed.kind,
        references: references(root, profile, &issuer, &owed, sums.prepaid.minor > 0),
        stamp,
        number,
        issued,
        issuer,
        receiver,
        total: owed.total,
        payable: owed.payable,
        exchange_rate: exchange_rate(root, currency, &mut warnings),
        taxes,
        lines,
        terms,
        trial: colombia::is_trial(root, profile),
        global,
        warnings,
    })))
}

/// The version of UBL, which some write with its name before it.
fn version(root: &Node) -> String {
    let version = root.value("UBLVersionID").unwrap_or("2.1");
    version.trim_start_matches("UBL").trim().to_owned()
}

fn stamp(root: &Node, profile: Profile, issuer: &Party, number: &str) -> Option<String> {
    match profile {
        Profile::Peru => {
            let kind = match &*root.name {
                "CreditNote" => "07",
                "DebitNote" => "08",
                _ => root.value("InvoiceTypeCode").unwrap_or("01"),
            };
            peru::stamp(issuer.tax_id.as_deref()?, kind, number)
        }
        Profile::Colombia => root.value("UUID").map(str::to_ascii_lowercase),
        Profile::European | Profile::Plain => root.value("UUID").map(str::to_ascii_uppercase),
    }
}

/// The document's currency, or that of its amounts in profiles which leave the code out.
fn currency(root: &Node) -> Result<Currency, Problem> {
    if let Some(currency) = root.currency("DocumentCurrencyCode")? {
        return Ok(currency);
    }
    let path = "PayableAmount/@currencyID";
    match monetary_total(root)?.currency(path)? {
        Some(currency) => Ok(currency),
        None => Err(root.problem("DocumentCurrencyCode", "falta la moneda del documento")),
    }
}

fn monetary_total(root: &Node) -> Result<&Node, Problem> {
    root.at("LegalMonetaryTotal")
        .or_else(|| root.at("RequestedMonetaryTotal"))
        .ok_or_else(|| root.problem("LegalMonetaryTotal", "faltan los totales del documento"))
}

struct Sums {
    prepaid: Money,
}

/// Total and what is to be paid; `None` where both are zero.
fn sums(
    root: &Node,
    profile: Profile,
    currency: Currency,
    warnings: &mut Vec<String>,
) -> Result<Option<(Sums, Owed)>, Problem> {
    let node = monetary_total(root)?;
    if let Some(other) = node.currency("PayableAmount/@currencyID")?
        && other != currency
    {
        let reason = format!("está en {other} y el documento en {currency}");
        return Err(node.problem("PayableAmount/@currencyID", reason));
    }
    // The DIAN lets totals carry six decimals (Anexo técnico 1.9, 6.2).
    let mut amount = |name: &str| match profile {
        Profile::Colombia => node.rounded_money(name, currency, warnings),
        _ => node.money(name, currency),
    };
    let payable = amount("PayableAmount")?
        .ok_or_else(|| node.problem("PayableAmount", "falta el importe por pagar"))?;
    let nothing = Money::zero(currency);
    let prepaid = amount("PrepaidAmount")?.unwrap_or(nothing);
    let rounding = amount("PayableRoundingAmount")?.unwrap_or(nothing);
    let inclusive = amount("TaxInclusiveAmount")?;
    let too_large = |_| node.problem("PayableAmount", "es mayor de lo que se puede llevar");
    let not_deducted = match inclusive {
        Some(inclusive) if prepaid.minor != 0 => {
            inclusive.checked_add(rounding).map_err(too_large)? == payable
        }
        _ => false,
    };
    let total = if not_deducted {
        warnings.push(format!(
            "PrepaidAmount: el anticipo de {} no está restado del importe por pagar.",
            prepaid.decimal()
        ));
        payable
    } else {
        payable.checked_add(prepaid).map_err(too_large)?
    };
    let kind = kind(root);
    let owed = Owed::new(kind, total, payable).map(|owed| {
        // Elsewhere than in the European norm a minus on a credit note is only a habit.
        let habit = kind == DocumentKind::CreditNote && owed.flipped;
        if !habit || profile == Profile::European {
            return owed;
        }
        warnings
            .push("Los importes de la nota de crédito son negativos: se tomó como abono.".into());
        Owed { kind, ..owed }
    });
    Ok(owed.map(|owed| (Sums { prepaid }, owed)))
}

/// By the root, and by the code of UNTDID 1001 where an invoice is really a note.
fn kind(root: &Node) -> DocumentKind {
    match (&*root.name, root.value("InvoiceTypeCode")) {
        ("CreditNote" | "SelfBilledCreditNote", _) => DocumentKind::CreditNote,
        ("DebitNote", _) => DocumentKind::DebitNote,
        (_, Some(code)) => super::cii::kind_of_code(code),
        _ => DocumentKind::Invoice,
    }
}

fn party(root: &Node, role: &str, profile: Profile) -> Result<Party, Problem> {
    let outer = root
        .at(role)
        .ok_or_else(|| root.problem(role, "falta esta parte del documento"))?;
    let node = outer.at("Party").unwrap_or(outer);
    let name = [
        "PartyLegalEntity/RegistrationName",
        "PartyTaxScheme/RegistrationName",
    ]
    .iter()
    .chain(&["PartyName/Name"])
    .find_map(|path| node.words(path))
    .or_else(|| person(node))
    .unwrap_or_default();
    let address = [
        "PostalAddress",
        "PhysicalLocation/Address",
        "PartyLegalEntity/RegistrationAddress",
        "PartyTaxScheme/RegistrationAddress",
    ]
    .iter()
    .find_map(|path| node.at(path).filter(|node| !node.children.is_empty()));
    let country = address
        .and_then(|address| address.value("Country/IdentificationCode"))
        .and_then(country::by_code);
    let key = outer
        .words("SupplierAssignedAccountID")
        .or_else(|| own_key(node, profile));
    Ok(Party {
        tax_id: tax_id(outer, node, profile),
        name,
        country: country.or_else(|| profile.country().filter(|_| is_resident(node, profile))),
        region: address.and_then(|address| address.words("CountrySubentity")),
        emails: draft::emails(node.value("Contact/ElectronicMail")).collect(),
        phones: node.words("Contact/Telephone").into_iter().collect(),
        key,
    })
}

fn person(node: &Node) -> Option<String> {
    let person = node.at("Person")?;
    let names = ["FirstName", "MiddleName", "FamilyName"];
    let words: Vec<_> = names.iter().filter_map(|name| person.words(name)).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A foreigner without an address says so by the kind of id (SUNAT, catalogue 06).
fn is_resident(node: &Node, profile: Profile) -> bool {
    let scheme = node.value("PartyIdentification/ID/@schemeID");
    profile != Profile::Peru || matches!(scheme, None | Some("1" | "6"))
}

fn tax_id(outer: &Node, node: &Node, profile: Profile) -> Option<String> {
    if profile == Profile::Peru {
        let id = node
            .value("PartyIdentification/ID")
            .or_else(|| outer.value("CustomerAssignedAccountID"));
        return id.and_then(draft::tax_id);
    }
    let is_vat = |scheme: &&Node| matches!(scheme.value("TaxScheme/ID"), Some("VAT" | "01"));
    let by_tax = node
        .all("PartyTaxScheme")
        .find(is_vat)
        .or_else(|| node.at("PartyTaxScheme"));
    by_tax
        .and_then(|scheme| scheme.value("CompanyID"))
        .or_else(|| node.value("PartyLegalEntity/CompanyID"))
        .or_else(|| node.value("PartyIdentification/ID"))
        .and_then(draft::tax_id)
}

/// An identifier without a scheme is the one the issuer gave (EN 16931, BT-46).
fn own_key(node: &Node, profile: Profile) -> Option<String> {
    if profile == Profile::Peru {
        return None;
    }
    node.all("PartyIdentification")
        .find(|one| one.value("ID/@schemeID").is_none())
        .and_then(|one| one.words("ID"))
}

fn taxes(root: &Node, flipped: bool, warnings: &mut Vec<String>) -> Vec<Tax> {
    let mut taxes = Vec::new();
    for (name, withheld) in [("TaxTotal", false), ("WithholdingTaxTotal", true)] {
        for part in root.all(name).flat_map(|total| total.all("TaxSubtotal")) {
            let amount = or_warn(part.decimal("TaxAmount"), warnings);
            let Some(amount) = amount.filter(|amount| !amount.is_zero()) else {
                continue;
            };
            let category = part.at("TaxCategory");
            let per_cent = match category.map(|category| category.decimal("Percent")) {
                Some(Ok(Some(rate))) => Some(rate),
                _ => or_warn(part.decimal("Percent"), warnings),
            };
            let scheme = category.and_then(|category| category.at("TaxScheme"));
            let name = scheme
                .and_then(|scheme| scheme.words("Name").or_else(|| scheme.words("ID")))
                .unwrap_or_default();
            taxes.push(Tax {
                name: if name == "VAT" {
                    "IVA".to_owned()
                } else {
                    name
                },
                rate: per_cent.map(draft::fraction),
                amount: if flipped { -amount } else { amount },
                withheld,
            });
        }
    }
    taxes
}

fn lines(root: &Node, profile: Profile, warnings: &mut Vec<String>) -> Vec<Line> {
    const KINDS: [(&str, &str); 3] = [
        ("InvoiceLine", "InvoicedQuantity"),
        ("CreditNoteLine", "CreditedQuantity"),
        ("DebitNoteLine", "DebitedQuantity"),
    ];
    let mut lines = Vec::new();
    for node in &root.children {
        let Some((_, quantity)) = KINDS.iter().find(|(name, _)| *name == &*node.name) else {
            continue;
        };
        let Some(amount) = or_warn(node.decimal("LineExtensionAmount"), warnings) else {
            continue;
        };
        let base = or_warn(node.decimal("Price/BaseQuantity"), warnings);
        let price = or_warn(node.decimal("Price/PriceAmount"), warnings);
        lines.push(Line {
            description: node
                .words("Item/Name")
                .or_else(|| node.words("Item/Description"))
                .unwrap_or_default(),
            quantity: or_warn(node.decimal(quantity), warnings),
            unit_price: match base {
                // In Colombia the base repeats the quantity, and the price is of one.
                Some(base) if !base.is_zero() && profile != Profile::Colombia => {
                    price.and_then(|price| price.checked_div(base))
                }
                _ => price,
            },
            amount,
        });
    }
    lines
}

fn terms(
    root: &Node,
    profile: Profile,
    issued: Date,
    owed: &Owed,
    warnings: &mut Vec<String>,
) -> Terms {
    // The account a deposit to the tax office goes to is not the issuer's.
    let means = root
        .all("PaymentMeans")
        .find(|means| means.value("ID") != Some("Detraccion"));
    let due = ["DueDate", "PaymentMeans/PaymentDueDate"]
        .iter()
        .find_map(|path| or_warn(root.date(path), warnings));
    let mut terms = Terms {
        means: means.and_then(|means| means.words("PaymentMeansCode")),
        payment_reference: means
            .and_then(|means| means.words("PaymentID"))
            .filter(|reference| reference.bytes().any(|byte| byte != b'0')),
        account: means
            .and_then(|means| means.value("PayeeFinancialAccount/ID"))
            .map(|account| account.split_whitespace().collect()),
        words: root.all("PaymentTerms").find_map(|node| node.words("Note")),
        ..Terms::default()
    };
    let mut parts = Vec::new();
    // Peru writes terms, deposits and instalments in this element its own way.
    let plain = profile != Profile::Peru;
    for node in root.all("PaymentTerms").filter(|_| plain) {
        let due = ["PaymentDueDate", "InstallmentDueDate"]
            .iter()
            .find_map(|path| or_warn(node.date(path), warnings));
        let amount = or_warn(node.money("Amount", owed.total.currency), warnings);
        match (due, amount) {
            (Some(due), Some(amount)) => parts.push(Instalment {
                number: (parts.len() + 1).to_string(),
                due,
                amount: Money::new(amount.minor.saturating_abs(), amount.currency),
            }),
            (Some(due), None) if parts.is_empty() => {
                terms.due.get_or_insert(due);
            }
            _ => {}
        }
    }
    draft::lay_out(&mut terms, parts, owed.payable, warnings);
    terms.due = due.or(terms.due);
    if terms.due.is_none() {
        terms.days = days(root, warnings);
    }
    // Writers without a due date repeat the day of issue on notes; it is no term.
    if owed.kind == DocumentKind::CreditNote && terms.due == Some(issued) {
        terms.due = None;
    }
    terms
}

/// Days of credit, by a measure or in plain words.
fn days(root: &Node, warnings: &mut Vec<String>) -> Option<u16> {
    let measured = root.all("PaymentTerms").find_map(|node| {
        let unit = node.value("SettlementPeriod/DurationMeasure/@unitCode")?;
        let measure = or_warn(node.decimal("SettlementPeriod/DurationMeasure"), warnings)?;
        (unit == "DAY").then(|| u16::try_from(measure).ok())?
    });
    measured.or_else(|| {
        root.all("PaymentTerms")
            .find_map(|node| conditions::days(&node.words("Note")?))
    })
}

fn exchange_rate(root: &Node, own: Currency, warnings: &mut Vec<String>) -> Option<Decimal> {
    [
        "PaymentExchangeRate",
        "PricingExchangeRate",
        "TaxExchangeRate",
    ]
    .iter()
    .filter_map(|name| root.at(name))
    .find(|rate| rate.value("SourceCurrencyCode") == Some(own.code()))
    .and_then(|rate| or_warn(rate.decimal("CalculationRate"), warnings))
    .filter(|rate| !rate.is_zero() && *rate != Decimal::ONE)
}

fn references(
    root: &Node,
    profile: Profile,
    issuer: &Party,
    owed: &Owed,
    prepaid: bool,
) -> Vec<Reference> {
    let is_note = owed.kind != DocumentKind::Invoice;
    let relation = match profile {
        Profile::Peru | Profile::Colombia if annuls(root, profile) => Relation::Annuls,
        _ if is_note => Relation::Adjusts,
        // UNTDID 1001: a corrected invoice.
        _ if root.value("InvoiceTypeCode") == Some("384") => Relation::Replaces,
        _ if prepaid => Relation::Advance,
        _ => Relation::Other,
    };
    let mut references = Vec::new();
    for billing in root.all("BillingReference") {
        for node in &billing.children {
            let kind = node.value("DocumentTypeCode").unwrap_or("01");
            let number = node.words("ID");
            let stamp = match profile {
                Profile::Peru => issuer
                    .tax_id
                    .as_deref()
                    .zip(number.as_deref())
                    .and_then(|(ruc, number)| peru::stamp(ruc, kind, number)),
                Profile::Colombia => node.value("UUID").map(str::to_ascii_lowercase),
                _ => node.value("UUID").map(str::to_ascii_uppercase),
            };
            references.push(Reference {
                relation,
                stamp,
                number,
                on: node.date("IssueDate").ok().flatten(),
            });
        }
    }
    if profile == Profile::Peru {
        references.extend(peru::advances(root));
    }
    for name in [
        "OrderReference",
        "ContractDocumentReference",
        "DespatchDocumentReference",
    ] {
        references.extend(root.all(name).filter_map(|node| {
            Some(Reference {
                relation: Relation::Other,
                stamp: None,
                number: Some(node.words("ID")?),
                on: node.date("IssueDate").ok().flatten(),
            })
        }));
    }
    references
}

/// A note that takes the whole document back: SUNAT catalogue 09 (01, 02, 06), DIAN concept 2.
fn annuls(root: &Node, profile: Profile) -> bool {
    let code = root.value("DiscrepancyResponse/ResponseCode");
    &*root.name == "CreditNote"
        && match profile {
            Profile::Peru => matches!(code, Some("01" | "02" | "06")),
            _ => code == Some("2"),
        }
}
