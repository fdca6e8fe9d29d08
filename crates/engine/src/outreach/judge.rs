//! The second look: within the claiming transaction every due contact is decided again on facts
//! read anew, and what may leave is composed from the very plan that was confirmed.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use connect::channels::{Mailbox, OutgoingEmail};
use domain::charges::{Charges, Line, Rates, Reckoning};
use domain::customer::{Channel, ContactPoint, Customer};
use domain::decide::{Outcome, Plan, Rules, Seen, Silence, confirm};
use domain::facts::Position;
use domain::ids::{ContactId, ContactPointId, CustomerId, PortalLinkId};
use domain::law::{self, Attempt, Facts, PastAttempt, Trace};
use jiff::Timestamp;
use jiff::civil::Date;
use language::message_check::Finding;
use language::templates::Rendered;
use serde_json::{Value, json};
use store::bulk::{ClaimVerdict, DueContact, NewLink, OutgoingMessage};
use store::positions::Standing;

use crate::Engine;
use crate::company::Company;
use crate::compose::{self, Message};
use crate::daily_run::CHANNELS;
use crate::portal::{Gate, Pass, link_end};
use crate::record::{self, Provenance};
use crate::wording::Wording;

/// The sender of messages that only go to an outbox, while the company has set none.
pub(crate) const DEFAULT_SENDER: &str = "cobranza@empresa.invalid";

/// A claimed message, ready to leave.
pub(super) struct Outgoing {
    pub id: ContactId,
    pub customer: CustomerId,
    pub point: ContactPointId,
    pub address: String,
    pub copies: Vec<(ContactPointId, String)>,
    pub customer_key: String,
    pub email: OutgoingEmail,
}

/// Decides again, within the claiming transaction, what was planned.
pub(super) struct Judge<'a> {
    pub engine: &'a Engine,
    pub company: &'a Company,
    pub via: &'static str,
    pub now: Timestamp,
    /// Signs the links; `None` where customers have no page.
    pub gate: Option<Gate>,
    /// Published values; only where messages ask for charges.
    pub rates: Option<Rates>,
    pub seen: usize,
    pub outgoing: HashMap<ContactId, Outgoing>,
    pub suppressed: Vec<String>,
    /// What this batch claims of customers who are one person with others.
    pub claimed: Vec<(CustomerId, ContactId, Attempt)>,
    /// By template and rule: what the law does not let leave.
    pub unlawful: BTreeMap<(String, String), String>,
}

impl Judge<'_> {
    /// A verdict for each due contact, in their order.
    pub fn verdicts(&mut self, due: &[(DueContact, Standing)]) -> Vec<ClaimVerdict> {
        self.seen = due.len();
        let facts = self.company.facts(CHANNELS);
        let rules = self.company.rules(&facts);
        due.iter()
            .map(|(contact, standing)| self.verdict(&rules, contact, standing))
            .collect()
    }

    fn verdict(
        &mut self,
        rules: &Rules<'_>,
        contact: &DueContact,
        standing: &Standing,
    ) -> ClaimVerdict {
        let whole = self.with_claimed(&standing.position);
        let position = whole.as_ref();
        let decision = confirm(rules, position, contact.id, self.now);
        let seen = decision.seen;
        let plan = match decision.outcome {
            Outcome::Contact(plan) => plan,
            Outcome::Silence(silence) => {
                let mut body = json!({
                    "facts": record::seen(&seen),
                    "silence": record::silence(&silence),
                });
                if matches!(
                    silence,
                    Silence::Unlawful { .. } | Silence::OutOfHours { .. }
                ) {
                    body["law"] = self.refusal(rules, contact, standing).unwrap_or_default();
                }
                return self.suppress(contact.id, silence.code(), body);
            }
        };
        let day = self.company.day_of(self.now);
        let templates = &self.engine.templates;
        let customer = &position.customer;
        let pass = self.gate.as_ref().map(|gate| {
            let id = PortalLinkId::from_uuid(self.engine.effects.uuid());
            gate.pass(id)
        });
        let links = pass.as_ref().map(Pass::links);
        let mut wording = Wording::of(self.company, &plan, position, day);
        wording.charges = self.charges(&plan, position, day);
        let asked = (&*plan, &wording);
        let message = compose::message(templates, self.company, customer, asked, day, links);
        let message = match message {
            Ok(message) => message,
            Err(error) => {
                let body = json!({ "reason": "template", "sentence": error.to_string() });
                return self.suppress(contact.id, "template", body);
            }
        };
        let trace = rules
            .packs
            .applicable_to_all(&plan.law_facts, &plan.other_debts)
            .trace(&position.attempts(Some(contact.id)), &plan.attempt);
        let law = self.law(rules, &plan.law_facts, &trace);
        let signer = compose::signer(self.company, &plan).name;
        let people = (customer.name.as_str(), signer.as_str());
        let findings = wording.check(self.company, people, &message.rendered);
        if !findings.is_empty() {
            return self.hold_back(contact.id, &plan, (&seen, law), &findings);
        }
        if !position.kin.is_empty() {
            let attempt = plan.attempt.clone();
            self.claimed.push((customer.id, contact.id, attempt));
        }
        let allowed = (contact.id, wording.charges);
        self.allow(allowed, &plan, (&seen, law), customer, (message, pass))
    }

    /// A customer's facts with what this very batch claims of those who are one person with it.
    fn with_claimed<'p>(&self, position: &'p Position) -> Cow<'p, Position> {
        let mut whole = Cow::Borrowed(position);
        if position.kin.is_empty() || self.claimed.is_empty() {
            return whole;
        }
        let others = position.others();
        for (customer, contact, attempt) in &self.claimed {
            if others.binary_search(customer).is_ok() {
                let past = PastAttempt {
                    at: self.now.into(),
                    channel: attempt.channel,
                    outcome: law::Outcome::Attempt,
                    incoming: false,
                    debt: attempt.debt.clone(),
                };
                let whole = whole.to_mut();
                whole.also_done(*customer, contact.uuid(), past);
            }
        }
        whole
    }

    fn allow(
        &mut self,
        (contact, charges): (ContactId, Option<Charges>),
        plan: &Plan,
        (seen, law): (&Seen, Value),
        customer: &Customer,
        (message, pass): (Message, Option<Pass>),
    ) -> ClaimVerdict {
        let points = &customer.contact_points;
        let address = |id: ContactPointId| address_of(points, id).unwrap_or_default();
        let to = address(plan.point);
        let mut body = evidence(plan, (seen, law), &to, &message);
        if let Some(pass) = &pass {
            body["portal_link"] = json!(pass.link.to_string());
        }
        let rendered = message.rendered;
        let mut content = record::content(plan);
        content["via"] = json!(self.via);
        if let Some(charges) = &charges {
            content["charges"] = record::charges(charges);
        }
        let copies = plan.copies.iter().map(|copy| (*copy, address(*copy)));
        let copies: Vec<(ContactPointId, String)> = copies.collect();
        let email = outgoing(
            self.company,
            customer,
            contact,
            (&to, &copies),
            (&rendered, pass.as_ref()),
            self.now,
        );
        self.outgoing.insert(
            contact,
            Outgoing {
                id: contact,
                customer: customer.id,
                point: plan.point,
                address: to.clone(),
                copies,
                customer_key: customer.key.clone(),
                email,
            },
        );
        ClaimVerdict::Send {
            contact,
            message: OutgoingMessage {
                address: to,
                subject: rendered.subject,
                text: rendered.text,
                html: Some(rendered.html),
            },
            content: content.to_string(),
            proof: self.proof("allowed", body),
            link: pass.map(|pass| NewLink {
                id: pass.link,
                point: plan.point,
                expires_at: link_end(self.now),
            }),
        }
    }

    /// What being late costs for the documents a message asks for, where the policy asks for it.
    fn charges(&self, plan: &Plan, position: &Position, day: Date) -> Option<Charges> {
        let terms = self.company.policy.late_charges.as_ref();
        let (terms, rates) = (terms.filter(|terms| terms.ask)?, self.rates.as_ref()?);
        let law = self.company.packs.applicable(&plan.law_facts);
        let mut charges = Reckoning::new(terms, &law, rates, day).charges(&position.books);
        let listed = &plan.content.documents;
        let asked = |line: &Line| listed.iter().any(|it| it.number == line.number);
        charges.lines.retain(asked);
        (!charges.lines.is_empty()).then_some(charges)
    }

    /// The law does not let these words leave: the proof says which rule and where, and a person
    /// is asked to mend them.
    fn hold_back(
        &mut self,
        contact: ContactId,
        plan: &Plan,
        (seen, law): (&Seen, Value),
        findings: &[Finding],
    ) -> ClaimVerdict {
        let mut why = vec!["El texto no podía salir como estaba.".to_owned()];
        for finding in findings {
            let rule = &finding.rule;
            let key = (plan.action.template.clone(), rule.id.clone());
            let sentence = format!("{} {} ({})", rule.sentence, rule.article, rule.id);
            why.push(sentence.clone());
            self.unlawful.insert(key, sentence);
        }
        let body = json!({
            "facts": record::seen(seen),
            "law": law,
            "plan": record::plan(plan),
            "reason": "wording",
            "sentence": why.join(" "),
            "wording": record::findings(findings),
        });
        self.suppress(contact, "wording", body)
    }

    /// What the law saw of a contact that is not made, at its address as it is now.
    fn refusal(
        &self,
        rules: &Rules<'_>,
        contact: &DueContact,
        standing: &Standing,
    ) -> Option<Value> {
        let customer = &standing.position.customer;
        let mut points = customer.contact_points.iter();
        let point = points.find(|point| point.id == contact.point)?;
        let company = rules.company;
        let debts = standing.position.debts(|_| true);
        let resolved = law::resolve_debts(
            rules.packs,
            company.country,
            &company.declarations,
            customer,
            point,
            &debts,
        );
        let content: Value = serde_json::from_str(&contact.content).ok()?;
        let kind = content["try"]["kind"].as_str()?.parse().ok()?;
        let attempt = Attempt {
            at: self.now.into(),
            channel: contact.channel,
            role: resolved.role,
            source: resolved.source,
            kind,
            debt: None,
        };
        let history = standing.position.attempts(Some(contact.id));
        let trace = resolved.applicable(rules.packs).trace(&history, &attempt);
        Some(self.law(rules, &resolved.facts, &trace))
    }

    /// The law's part of a proof.
    fn law(&self, rules: &Rules<'_>, facts: &Facts, trace: &Trace) -> Value {
        let holiday = trace
            .clocks
            .first()
            .zip(facts.country)
            .map(|(clock, country)| {
                let subdivision = facts.subdivision.as_deref();
                rules
                    .packs
                    .is_holiday(country, subdivision, clock.local.date())
            });
        let provenance = self.engine.provenance(self.company, self.now);
        record::trace(trace, holiday, &provenance)
    }

    fn suppress(&mut self, contact: ContactId, reason: &str, body: Value) -> ClaimVerdict {
        self.suppressed.push(reason.to_owned());
        let proof = self.proof("suppressed", body);
        ClaimVerdict::Suppress {
            contact,
            reason: reason.to_owned(),
            proof,
        }
    }

    fn proof(&self, kind: &str, body: Value) -> String {
        self.engine.proof(self.company, self.now, kind, body)
    }
}

impl Engine {
    /// The record why a contact was allowed, or not made, under the rules that hold now.
    pub(crate) fn proof(
        &self,
        company: &Company,
        now: Timestamp,
        kind: &str,
        body: Value,
    ) -> String {
        record::proof(&self.provenance(company, now), kind, body)
    }

    /// Under which law, policy and clock something is proven.
    pub(crate) fn provenance<'a>(&self, company: &'a Company, now: Timestamp) -> Provenance<'a> {
        Provenance {
            law_hash: company.packs.hash(),
            law_version: company.packs.version(),
            policy_key: &company.policy.key,
            policy_version: company.policy_version,
            policy_hash: &company.policy.hash,
            at: now,
        }
    }
}

/// What a proof holds of a message that leaves: facts, law, plan, address and words, by digest.
fn evidence(plan: &Plan, (seen, law): (&Seen, Value), to: &str, message: &Message) -> Value {
    let rendered = &message.rendered;
    let html = Some(rendered.html.as_str());
    let digest = store::messages::digest(&rendered.subject, &rendered.text, html);
    json!({
        "facts": record::seen(seen),
        "law": law,
        "plan": record::plan(plan),
        "to": {
            "point": plan.point.to_string(),
            "address": record::address_digest(plan.point, to),
        },
        "message": {
            "language": rendered.language_used,
            "language_note": message.language_note,
            "template": rendered.template_digest,
            "digest": record::hex(&digest),
        },
    })
}

fn address_of(points: &[ContactPoint], id: ContactPointId) -> Option<String> {
    points
        .iter()
        .find(|point| point.id == id && point.channel == Channel::Email)
        .map(|point| point.address.clone())
}

fn outgoing(
    company: &Company,
    customer: &Customer,
    contact: ContactId,
    (to, copies): (&str, &[(ContactPointId, String)]),
    (rendered, pass): (&Rendered, Option<&Pass>),
    now: Timestamp,
) -> OutgoingEmail {
    let from = match &company.settings.sender {
        Some(sender) => Mailbox::named(&sender.name, &sender.address),
        None => Mailbox::named(&company.legal_name, DEFAULT_SENDER),
    };
    OutgoingEmail {
        contact,
        unsubscribe_mailto: Some(from.address.clone()),
        unsubscribe_url: pass.and_then(Pass::one_click),
        from,
        reply_to: company.settings.brand.email.as_ref().map(Mailbox::bare),
        to: vec![Mailbox::named(&customer.name, to)],
        cc: copies
            .iter()
            .map(|(_, address)| Mailbox::bare(address))
            .collect(),
        subject: rendered.subject.clone(),
        text: rendered.text.clone(),
        html: rendered.html.clone(),
        date: now,
        test_recipient: company.settings.test_recipient.as_ref().map(Mailbox::bare),
    }
}
