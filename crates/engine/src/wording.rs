//! What the law asks of the words of one message: the notice it must carry, and whether the message
//! keeps it. The same for a message that is about to leave and for an example of a template.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::charges::{Charged, Charges};
use domain::company::Actor;
use domain::customer::{Channel, DebtorClass};
use domain::decide::Plan;
use domain::facts::Position;
use domain::law::{AskedWords, Consents, Facts, Fees, Layers, MessageKind, Rule};
use domain::policy::Policy;
use jiff::ToSpan;
use jiff::civil::Date;
use language::figures;
use language::message::MessageContext;
use language::message_check::{self, Finding, Known, Message, notice};
use language::templates::{Rendered, TemplateError};

use crate::company::Company;
use crate::{Engine, Result, compose};

/// Days in which a debtor may dispute a debt so that collection waits: thirty from receipt, which
/// may be taken to be five days after sending, Saturdays, Sundays and holidays not counted (12 CFR
/// 1006.34(b)(5)); ten days are never fewer than those five.
const DISPUTE_DAYS: i64 = 40;

/// What is asked of one message.
#[derive(Clone, Debug)]
pub struct Wording<'a> {
    asked: AskedWords<'a>,
    fees: Vec<&'a Fees>,
    channel: Channel,
    actor: Option<Actor>,
    written_before: Option<bool>,
    days_late: Option<i64>,
    /// What it costs to be late, where the message asks for it.
    pub charges: Option<Charges>,
    /// Notes by which charges became documents, of those the message lists.
    pub charge_notes: Vec<Charged>,
}

/// Something a template does not say, or says, under the law of the company's customers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordingProblem {
    /// The template.
    pub template: String,
    /// The rule.
    pub rule: Arc<Rule>,
}

impl std::fmt::Display for WordingProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Rule {
            id,
            article,
            sentence,
            ..
        } = &*self.rule;
        write!(
            f,
            "plantilla `{}`: {sentence} {article} ({id})",
            self.template
        )
    }
}

impl<'a> Wording<'a> {
    /// What the law that covers a plan asks of its words on a day. A message that asks for nothing
    /// overdue is no collection and owes no notice.
    pub fn of(company: &'a Company, plan: &'a Plan, position: &Position, day: Date) -> Self {
        let law = company.packs.applicable(&plan.law_facts);
        let mut asked = law.content(day, plan.attempt.kind);
        if plan.content.documents.is_empty() {
            asked.required.clear();
        }
        let oldest = plan.content.documents.iter().map(|line| line.due).min();
        Self {
            asked,
            fees: law.fees(day),
            channel: plan.channel,
            actor: plan.law_facts.actor,
            written_before: Some(position.contacts.iter().any(|it| it.state.counts())),
            days_late: oldest.map(|due| domain::calendar::days_late(due, day)),
            charges: None,
            charge_notes: notes_listed(plan, position),
        }
    }

    /// The sentences the law asks for, as far as the company has told what they say.
    pub fn notice(
        &self,
        company: &Company,
        language: &str,
        signer: &str,
        day: Date,
    ) -> Vec<String> {
        let brand = &company.settings.brand;
        let until = day.saturating_add(DISPUTE_DAYS.days());
        let facts = notice::Facts {
            agency: brand.agency_name.as_deref().map(|name| notice::Agency {
                name,
                address: brand.agency_address.as_deref(),
                phone: brand.agency_phone.as_deref(),
            }),
            dispute_until: &figures::date(until),
            creditor: &company.legal_name,
            company: company.public_name(),
            tax_id: brand.tax_id.as_deref(),
            address: brand.address.as_deref(),
            complaints: brand.complaints.as_deref(),
            signer,
            today: &figures::date(day),
            charges: self.charges.is_some() || !self.charge_notes.is_empty(),
        };
        notice::sentences(&self.asked, self.channel, language, &facts)
    }

    /// What is wrong with a message; nothing when it may leave.
    pub fn check(
        &self,
        company: &Company,
        (customer, signer): (&str, &str),
        rendered: &Rendered,
    ) -> Vec<Finding> {
        let brand = &company.settings.brand;
        let creditors = vec![company.legal_name.as_str(), company.public_name()];
        let known = Known {
            names: creditors.iter().copied().chain([customer]).collect(),
            creditors,
            address: brand.address.as_deref(),
            tax_id: brand.tax_id.as_deref(),
            signer: Some(signer),
            agency: brand.agency_name.as_deref(),
            agency_address: brand.agency_address.as_deref(),
            actor: self.actor,
            written_before: self.written_before,
            days_late: self.days_late,
        };
        let message = Message {
            channel: self.channel,
            subject: &rendered.subject,
            preview: &rendered.preview,
            text: &rendered.text,
            html: Some(&rendered.html),
        };
        message_check::check(&message, &self.asked, &self.fees, &known)
    }
}

impl Engine {
    /// What the templates a policy uses would fail on under the law of the company's country, for
    /// the customers it declares, else for consumers and for companies; with the company's own
    /// name and data. A company learns it here before a message is held back.
    ///
    /// # Errors
    /// [`crate::Error::Template`] when one does not render.
    pub fn wording_problems(
        &self,
        company: &Company,
        policy: &Policy,
    ) -> Result<Vec<WordingProblem>> {
        let mut problems: Vec<WordingProblem> = Vec::new();
        for template in templates_of(policy) {
            for facts in usual_facts(company) {
                for rule in self.wording_of_example(company, template, &facts)? {
                    let problem = WordingProblem {
                        template: template.to_owned(),
                        rule,
                    };
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
            }
        }
        Ok(problems)
    }

    /// The rules an example of a template fails on.
    fn wording_of_example(
        &self,
        company: &Company,
        template: &str,
        facts: &Facts,
    ) -> std::result::Result<Vec<Arc<Rule>>, TemplateError> {
        let day = company.day_of(self.now());
        let law = company.packs.applicable(facts);
        let (kind, asks) = match template {
            "gracias" => (MessageKind::TransactionConfirmation, false),
            "cortesia" => (MessageKind::Collection, false),
            _ => (MessageKind::Collection, true),
        };
        let mut asked = law.content(day, kind);
        if !asks {
            asked.required.clear();
        }
        let wording = Wording {
            asked,
            fees: law.fees(day),
            channel: Channel::Email,
            actor: facts.actor,
            written_before: None,
            days_late: None,
            charges: None,
            charge_notes: Vec::new(),
        };
        let sample = MessageContext::sample();
        let available = self.templates.languages();
        let (language, _) = language::choose_language(None, &company.language, &available);
        let signer = sample.signer.name.clone();
        let context = MessageContext {
            company: compose::company_facts(company),
            legal: wording.notice(company, &language, &signer, day),
            charges: None,
            charge_notes: Vec::new(),
            ..sample
        };
        let rendered = self.templates.render(template, &language, &context)?;
        let findings = wording.check(company, (&context.customer.name, &signer), &rendered);
        Ok(findings.into_iter().map(|it| it.rule).collect())
    }
}

/// The notes of charges among the documents a message lists: none is asked for without saying what
/// it consists of.
fn notes_listed(plan: &Plan, position: &Position) -> Vec<Charged> {
    let content = &plan.content;
    let listed = |number: &str| {
        let mut all = content.documents.iter().chain(&content.upcoming);
        all.any(|it| it.number == number)
    };
    let notes = position.books.charged.iter();
    notes.filter(|it| listed(&it.number)).cloned().collect()
}

/// The templates a policy sends, each once.
fn templates_of(policy: &Policy) -> BTreeSet<&str> {
    let steps = policy.ladders.iter().flat_map(|ladder| {
        let again = ladder.follow_up.iter().map(|again| &again.action);
        ladder.steps().map(|(_, step)| &step.action).chain(again)
    });
    let courtesy = policy.courtesy.iter().map(|courtesy| &courtesy.action);
    let events = policy.events.iter().map(|event| &event.action);
    let all = courtesy.chain(steps).chain(events);
    all.map(|action| action.template.as_str()).collect()
}

/// The facts of the customers a company declares, else of a consumer and of a company.
fn usual_facts(company: &Company) -> Vec<Facts> {
    use domain::company::{CreditorClass, DebtClass};
    let declared = &company.declarations;
    let classes = match &declared.debtor {
        Some(declared) => vec![declared.value],
        None => vec![DebtorClass::NaturalConsumer, DebtorClass::Company],
    };
    let facts = classes.into_iter().map(|debtor| {
        let debt = match debtor {
            DebtorClass::NaturalConsumer => DebtClass::ConsumerGoodsServices,
            _ => DebtClass::TradeReceivable,
        };
        let creditor = declared.creditor.as_ref().map(|it| it.value);
        let final_consumer = declared.final_consumer.as_ref().map(|it| it.value);
        Facts {
            country: Some(company.country),
            subdivision: None,
            zones: Vec::new(),
            debtor: Some(debtor),
            debt: Some(declared.debt.as_ref().map_or(debt, |it| it.value)),
            creditor: Some(creditor.unwrap_or(CreditorClass::Supplier)),
            actor: Some(
                declared
                    .actor
                    .as_ref()
                    .map_or(Actor::FirstParty, |it| it.value),
            ),
            final_consumer: Some(final_consumer.unwrap_or(debtor.is_person())),
            consents: Consents::default(),
            events: Vec::new(),
            layers: Layers::ALL,
        }
    });
    facts.collect()
}
