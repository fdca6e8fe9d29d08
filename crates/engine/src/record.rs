//! Decisions, plans and proofs as canonical JSON: the form in which they are stored, exported and
//! shown. Keys are sorted, amounts are decimal text, dates ISO 8601.

use domain::decide::{Content, Decision, Listed, Outcome, Plan, Seen, Silence};
use domain::law::{Assumption, Scenario, Verdict};
use domain::{Currency, Money};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// `{"amount":"1234.56","currency":"MXN"}`.
pub fn money(money: Money) -> Value {
    json!({ "amount": money.decimal().to_string(), "currency": money.currency.code() })
}

/// SHA-256 of a canonical text.
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A decision with the figures, the rule and the legal verdict it rests on.
pub fn decision(decision: &Decision) -> Value {
    let mut body = Map::new();
    body.insert("facts".to_owned(), seen(&decision.seen));
    match &decision.outcome {
        Outcome::Contact(plan) => {
            body.insert("outcome".to_owned(), json!("contact"));
            body.insert("plan".to_owned(), self::plan(plan));
        }
        Outcome::Silence(silence) => {
            body.insert("outcome".to_owned(), json!("silence"));
            body.insert("silence".to_owned(), self::silence(silence));
        }
    }
    Value::Object(body)
}

/// What makes one silence differ from another: its reason, not the day it was looked at.
pub fn silence_digest(silence: &Silence) -> [u8; 32] {
    digest(&self::silence(silence).to_string())
}

/// The figures a decision rests on.
pub fn seen(seen: &Seen) -> Value {
    json!({
        "day": seen.day.to_string(),
        "segment": seen.segment,
        "days_late": seen.days_late,
        "overdue_net": amounts(&seen.net_chaseable),
        "credits": amounts(&seen.credits),
        "cycle": seen.cycle.map(|cycle| cycle.first_day.to_string()),
        "reminders_sent": seen.reminders_sent,
    })
}

/// A silence with its word, its sentence and the law where the law is the reason.
pub fn silence(silence: &Silence) -> Value {
    let mut body = json!({ "reason": silence.code(), "sentence": silence.sentence() });
    if let Silence::Unlawful { verdict } = silence {
        body["law"] = self::verdict(verdict);
    }
    body
}

/// A plan: what, how, to whom, when, with which figures and by which law.
pub fn plan(plan: &Plan) -> Value {
    json!({
        "kind": plan.key.kind(),
        "step": plan.key.step(),
        "key_day": plan.key.day().to_string(),
        "channel": plan.channel.code(),
        "template": plan.action.template,
        "tone": plan.action.tone.code(),
        "planned_at": plan.at.to_string(),
        "content": content(plan),
        "law": verdict(&plan.law),
        "assumptions": plan.assumptions.iter().map(assumption).collect::<Vec<_>>(),
    })
}

/// What a contact carries: documents with amounts, totals, addresses, and the question that was put
/// to the law, in the words of `law check`.
pub fn content(plan: &Plan) -> Value {
    let question = Scenario::write("", &plan.law_facts, &[], &plan.attempt);
    let Content {
        documents,
        upcoming,
        held,
        totals,
        credits,
        payment,
        promise,
    } = &plan.content;
    json!({
        "documents": lines(documents),
        "upcoming": lines(upcoming),
        "held": lines(held),
        "totals": amounts(totals),
        "credits": amounts(credits),
        "payment": payment.as_ref().map(|payment| json!({
            "reference": payment.reference,
            "on": payment.on.to_string(),
            "amount": money(payment.amount),
        })),
        "promise": promise.as_ref().map(|promise| json!({
            "due_on": promise.due_on.to_string(),
            "amount": money(promise.amount),
        })),
        "copies": plan.copies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "facts": serde_json::to_value(&question.facts).unwrap_or_default(),
        "try": serde_json::to_value(&question.attempt).unwrap_or_default(),
    })
}

/// The documents in the stored content of a contact, those asked for and those announced, with the
/// amounts it names.
///
/// # Errors
/// [`Error::Json`] when the content is not what [`content`] wrote.
pub fn documents(content: &str) -> Result<Vec<(String, Money)>> {
    let content: Value = serde_json::from_str(content).map_err(Error::json)?;
    let lines = ["documents", "upcoming"].map(|list| content[list].as_array().cloned());
    let read = |line: Value| {
        let amount = &line["amount"];
        let currency = Currency::new(amount["currency"].as_str()?).ok()?;
        let value = amount["amount"].as_str()?.parse().ok()?;
        let money = Money::from_decimal(value, currency).ok()?;
        Some((line["invoice"].as_str()?.to_owned(), money))
    };
    let wrong = || Error::Json("a contact's documents".to_owned());
    let lines = lines.into_iter().flatten().flatten();
    lines.map(|line| read(line).ok_or_else(wrong)).collect()
}

/// What the law said.
pub fn verdict(verdict: &Verdict) -> Value {
    let failures: Vec<Value> = verdict
        .failures
        .iter()
        .map(|rule| {
            json!({
                "rule": rule.id,
                "article": rule.article,
                "tier": rule.tier.code(),
                "sentence": rule.sentence,
            })
        })
        .collect();
    json!({
        "allowed": verdict.allowed(),
        "reasons": failures,
        "regimes": verdict.regimes.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
        "flags": verdict.flags.iter().map(|flag| flag.code()).collect::<Vec<_>>(),
    })
}

/// What a proof says beside its decision: under which law, policy and clock it was made.
pub struct Provenance<'a> {
    /// Hash of the legal packs.
    pub law_hash: &'a str,
    /// Key of the policy.
    pub policy_key: &'a str,
    /// Version of the policy.
    pub policy_version: u32,
    /// Hash of the policy's text.
    pub policy_hash: &'a str,
    /// The instant.
    pub at: Timestamp,
}

/// The record why a contact was allowed, or why it was not made.
pub fn proof(provenance: &Provenance<'_>, kind: &str, body: Value) -> String {
    json!({
        "kind": kind,
        "at": provenance.at.to_string(),
        "law": provenance.law_hash,
        "policy": {
            "key": provenance.policy_key,
            "version": provenance.policy_version,
            "hash": provenance.policy_hash,
        },
        "time_zones": domain::calendar::TZDB_VERSION,
        "body": body,
    })
    .to_string()
}

fn assumption(assumption: &Assumption) -> Value {
    json!({
        "fact": assumption.fact,
        "value": assumption.value,
        "reason": assumption.reason,
        "declared": assumption.declared.as_ref().map(|(author, on)| json!({
            "author": author,
            "on": on.to_string(),
        })),
    })
}

fn lines(lines: &[Listed]) -> Vec<Value> {
    lines
        .iter()
        .map(|line| {
            json!({
                "invoice": line.number,
                "issued": line.issued.to_string(),
                "due": line.due.to_string(),
                "days_late": line.days_late,
                "original": money(line.amount),
                "open": money(line.open),
                "amount": money(line.part),
            })
        })
        .collect()
}

fn amounts(amounts: &[Money]) -> Vec<Value> {
    amounts.iter().map(|amount| money(*amount)).collect()
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
