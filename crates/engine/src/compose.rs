//! From a plan to the words that leave: every figure is taken from the plan, which was made from
//! the
//! ledger in the same transaction.

use std::collections::BTreeMap;

use domain::customer::Customer;
use domain::decide::{Content, Listed, Plan};
use domain::policy::Offer;
use domain::{Currency, Money};
use jiff::ToSpan;
use jiff::civil::Date;
use language::figures::{self, Style};
use language::message::{
    AmountOn, ChargeNoteFacts, ChargesFacts, CompanyFacts, CustomerFacts, DocumentLine, HeldLine,
    MessageContext, PortalLinks, Signer,
};
use language::templates::{Rendered, TemplateError, Templates};

use crate::company::{Company, Settings};
use crate::wording::Wording;

/// A message and, when it is not in the customer's own language, why.
pub struct Message {
    /// The words.
    pub rendered: Rendered,
    /// Why another language was used.
    pub language_note: Option<String>,
}

/// Writes the message of a plan in the customer's language, else the company's.
///
/// # Errors
/// [`TemplateError`] when a template of the company does not render.
pub fn message(
    templates: &Templates,
    company: &Company,
    customer: &Customer,
    (plan, wording): (&Plan, &Wording<'_>),
    today: Date,
    portal: Option<PortalLinks>,
) -> Result<Message, TemplateError> {
    let available = templates.languages();
    let (language, language_note) =
        language::choose_language(customer.language.as_deref(), &company.language, &available);
    let style = Style::of(&language);
    let charges = wording.charges.as_ref();
    let context = MessageContext {
        portal,
        legal: wording.notice(company, &language, &signer(company, plan).name, today),
        charges: charges.map(|it| ChargesFacts::new(style, it, today)),
        charge_notes: wording
            .charge_notes
            .iter()
            .map(|it| ChargeNoteFacts::new(style, it))
            .collect(),
        ..context(company, customer, plan, today, style)
    };
    let rendered = templates.render(&plan.action.template, &language, &context)?;
    Ok(Message {
        rendered,
        language_note,
    })
}

fn context(
    company: &Company,
    customer: &Customer,
    plan: &Plan,
    today: Date,
    style: Style,
) -> MessageContext {
    let content = &plan.content;
    let amounts = |totals: &[Money]| totals.iter().map(|total| style.money(*total)).collect();
    let asks = !content.documents.is_empty();
    MessageContext {
        company: company_facts(company),
        customer: CustomerFacts {
            name: customer.name.clone(),
        },
        documents: lines(&content.documents, today, style),
        upcoming: lines(&content.upcoming, today, style),
        totals: if asks {
            amounts(&content.totals)
        } else {
            Vec::new()
        },
        upcoming_totals: amounts(&sums(&content.upcoming)),
        credits: amounts(&content.credits),
        to_pay: amounts(&to_pay(content)),
        held: content
            .held
            .iter()
            .map(|line| HeldLine {
                number: Some(line.number.clone()),
                amount: style.money(line.part),
            })
            .collect(),
        held_totals: amounts(&sums(&content.held)),
        offer: plan
            .action
            .offer
            .as_ref()
            .map(|offer| offer_sentence(offer, today)),
        payment: content
            .payment
            .as_ref()
            .map(|payment| AmountOn::new(style, payment.amount, payment.on)),
        promise: content
            .promise
            .as_ref()
            .map(|promise| AmountOn::new(style, promise.amount, promise.due_on)),
        portal: None,
        charges: None,
        charge_notes: Vec::new(),
        legal: Vec::new(),
        signer: signer(company, plan),
        today: figures::date(today),
    }
}

pub fn company_facts(company: &Company) -> CompanyFacts {
    let Settings { brand, sender, .. } = &company.settings;
    let address = sender
        .as_ref()
        .map(|sender| sender.address.clone())
        .unwrap_or_default();
    let public = company.public_name().to_owned();
    CompanyFacts {
        legal_name: (company.legal_name != public).then(|| company.legal_name.clone()),
        sender_name: sender
            .as_ref()
            .map_or_else(|| public.clone(), |sender| sender.name.clone()),
        name: public,
        logo: brand.logo.clone(),
        colour: brand.colour.clone(),
        ink: brand.ink().to_owned(),
        signature: brand.signature.clone(),
        phone: brand.phone.clone(),
        email: brand.email.clone().unwrap_or_else(|| address.clone()),
        bank_data: brand.bank_data.clone(),
        opt_out_address: (!address.is_empty()).then_some(address),
        next_step: brand.next_step.clone(),
    }
}

/// Who signs the message of a plan.
pub fn signer(company: &Company, plan: &Plan) -> Signer {
    match &plan.action.signed_by {
        Some(signer) => Signer {
            name: signer.name.clone(),
            role: Some(signer.role.clone()),
        },
        None => {
            let sender = company.settings.sender.as_ref();
            let name = sender.map_or(&company.legal_name, |sender| &sender.name);
            Signer {
                name: name.clone(),
                role: None,
            }
        }
    }
}

fn lines(listed: &[Listed], today: Date, style: Style) -> Vec<DocumentLine> {
    listed
        .iter()
        .map(|line| {
            let dates = (Some(line.issued), line.due);
            DocumentLine::new(
                style,
                line.number.clone(),
                dates,
                today,
                line.amount,
                line.part,
            )
        })
        .collect()
}

/// Sums per currency, in the order of currencies.
fn sums(lines: &[Listed]) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    for line in lines {
        let sum = sums.entry(line.part.currency).or_insert(0);
        *sum = sum.saturating_add(line.part.minor);
    }
    sums.into_iter()
        .map(|(currency, minor)| Money::new(minor, currency))
        .collect()
}

/// Totals less the customer's own money, per currency; empty where nothing is deducted.
fn to_pay(content: &Content) -> Vec<Money> {
    if content.credits.is_empty() {
        return Vec::new();
    }
    content
        .totals
        .iter()
        .map(|total| {
            let credit = content
                .credits
                .iter()
                .find(|credit| credit.currency == total.currency);
            let minor = total
                .minor
                .saturating_sub(credit.map_or(0, |credit| credit.minor));
            Money::new(minor.max(0), total.currency)
        })
        .collect()
}

fn offer_sentence(offer: &Offer, today: Date) -> String {
    match offer {
        Offer::Instalments { max } => {
            format!("Si le ayuda, podemos acordar el pago hasta en {max} parcialidades.")
        }
        Offer::Extension { days_max: 1 } => {
            "Si necesita más tiempo, podemos acordar hasta un día más.".to_owned()
        }
        Offer::Extension { days_max } => {
            format!("Si necesita más tiempo, podemos acordar hasta {days_max} días más.")
        }
        Offer::EarlyPayment { percent, days } => {
            let until = today.saturating_add(i64::from(*days).days());
            format!(
                "Si paga a más tardar el {}, descontamos el {} %.",
                figures::date(until),
                percent.normalize()
            )
        }
    }
}
