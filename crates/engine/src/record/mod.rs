//! Decisions, plans and proofs as canonical JSON: the form in which they are stored, exported and
//! shown. Keys are sorted, amounts are decimal text, dates ISO 8601.

mod trace;
mod view;

pub use trace::{binding_es, tier_es, trace};
pub use view::Amount;

use domain::charges::Charges;
use domain::decide::{Decision, Outcome, Plan, Seen, Silence};
use domain::ids::ContactPointId;
use domain::law::{Attempt, Facts, Scenario};
use domain::{Currency, Money};
use jiff::Timestamp;
use language::message_check::Finding;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// `{"amount":"1234.56","currency":"MXN"}`.
pub fn money(money: Money) -> Value {
    value(&Amount(money))
}

/// SHA-256 of a canonical text.
pub fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// A decision with the figures, the rule and the legal verdict it rests on.
pub fn decision(decision: &Decision) -> Value {
    value(&view::DecisionView(decision, None))
}

/// The same as text, with the text of what its contact carries where it is one.
pub fn decision_text(decision: &Decision) -> (String, Option<String>) {
    let content = match &decision.outcome {
        Outcome::Contact(plan) => RawValue::from_string(text(&view::ContentView(plan))).ok(),
        Outcome::Silence(_) => None,
    };
    let whole = text(&view::DecisionView(decision, content.as_deref()));
    (whole, content.map(|it| Box::<str>::from(it).into_string()))
}

/// What makes one silence differ from another: its reason, not the day it was looked at.
pub fn silence_digest(silence: &Silence) -> [u8; 32] {
    digest(&text(&view::SilenceView(silence)))
}

/// The figures a decision rests on.
pub fn seen(seen: &Seen) -> Value {
    value(&view::SeenView(seen))
}

/// A silence with its word, its sentence and the law where the law is the reason.
pub fn silence(silence: &Silence) -> Value {
    value(&view::SilenceView(silence))
}

/// A plan: what, how, to whom, when, with which figures and by which law.
pub fn plan(plan: &Plan) -> Value {
    value(&view::PlanView(plan, None))
}

/// Charges line by line, with their sums.
pub fn charges(charges: &Charges) -> Value {
    let lines = charges.lines.iter().map(|line| {
        json!({
            "invoice": line.number,
            "name": line.name,
            "from": line.from.to_string(),
            "to": line.to.to_string(),
            "base": money(line.base),
            "amount": money(line.amount),
            "formula": line.formula,
            "source": line.source,
            "cut_by": line.cut_by,
        })
    });
    let totals = charges.totals().into_iter().map(money);
    json!({ "lines": lines.collect::<Vec<_>>(), "totals": totals.collect::<Vec<_>>() })
}

/// What the law does not let a message say, or asks it to say: rule, article, tier, sentence, and
/// where in which part. The words themselves stay in the message.
pub fn findings(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        let spans = finding.spans.iter().map(|span| {
            json!({ "part": span.part.code(), "from": span.chars.start, "to": span.chars.end })
        });
        json!({
            "rule": finding.rule.id,
            "article": finding.rule.article,
            "tier": finding.rule.tier.code(),
            "sentence": finding.rule.sentence,
            "spans": spans.collect::<Vec<_>>(),
        })
    };
    findings.iter().map(one).collect()
}

/// What a contact carries: documents with amounts, totals, addresses, and the question that was put
/// to the law, in the words of `law check`.
pub fn content(plan: &Plan) -> Value {
    value(&view::ContentView(plan))
}

/// A question that was put to the law, in the words of `law check`; further debts that were spoken
/// of stand beside it, where their facts differ.
pub fn question(facts: &Facts, others: &[Facts], attempt: &Attempt) -> Value {
    let asked = Scenario::write("", facts, &[], attempt);
    let mut body = json!({ "facts": asked.facts, "try": asked.attempt });
    if !others.is_empty() {
        let others = others.iter();
        let others = others.map(|other| json!(Scenario::write("", other, &[], attempt).facts));
        body["other_facts"] = others.collect();
    }
    body
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

/// The amounts of documents that a contact's message shows, as asked for and as issued; those it
/// thanks for or reminds of where it lists none.
///
/// # Errors
/// [`Error::Json`] when the content is not what [`content`] wrote.
pub fn amounts_shown(content: &str) -> Result<Vec<Money>> {
    let content: Value = serde_json::from_str(content).map_err(Error::json)?;
    let read = |amount: &Value| {
        let currency = Currency::new(amount["currency"].as_str()?).ok()?;
        let value = amount["amount"].as_str()?.parse().ok()?;
        Money::from_decimal(value, currency).ok()
    };
    let listed = ["documents", "upcoming"].map(|list| content[list].as_array());
    let listed = listed.into_iter().flatten().flatten();
    let mut shown: Vec<Money> = listed
        .flat_map(|line| [read(&line["amount"]), read(&line["original"])])
        .flatten()
        .collect();
    if shown.is_empty() {
        let others = ["payment", "promise"].map(|one| read(&content[one]["amount"]));
        shown.extend(others.into_iter().flatten());
    }
    Ok(shown)
}

#[expect(
    clippy::expect_used,
    reason = "nothing in these views can fail: keys are text, amounts and dates print themselves"
)]
fn text(view: &impl Serialize) -> String {
    serde_json::to_string(view).expect("a record is JSON")
}

#[expect(clippy::expect_used, reason = "as for its text")]
fn value(view: &impl Serialize) -> Value {
    serde_json::to_value(view).expect("a record is JSON")
}

/// What a proof says beside its decision: under which law, policy and clock it was made.
pub struct Provenance<'a> {
    /// Hash of the legal packs.
    pub law_hash: &'a str,
    /// Their versions.
    pub law_version: &'a str,
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

/// The bytes of sixty-four hexadecimal digits; `None` where they are others.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

/// Which address was meant, for whoever knows it: proofs hold no address in clear. The point's id
/// is part of it, so that the same address elsewhere does not show.
pub fn address_digest(point: ContactPointId, address: &str) -> String {
    hex(&digest(&format!("{point} {address}")))
}

/// A server's words with its addresses taken out: what it answers often repeats whom it was asked
/// about.
pub fn without_addresses(text: &str) -> String {
    let ends = |it: char| it.is_whitespace() || "<>()[]\"',;:".contains(it);
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars().chain(std::iter::once(' ')) {
        if !ends(letter) {
            word.push(letter);
            continue;
        }
        out.push_str(if word.contains('@') {
            "‹dirección›"
        } else {
            &word
        });
        word.clear();
        out.push(letter);
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_words_lose_their_addresses() {
        let said = "550 5.1.1 <ana.perez+1@example.mx>: user unknown; see ana@example.mx";
        let kept = "550 5.1.1 <‹dirección›>: user unknown; see ‹dirección›";
        assert_eq!(without_addresses(said), kept);
        assert_eq!(
            without_addresses("250 2.0.0 Ok: queued as 4bXY"),
            "250 2.0.0 Ok: queued as 4bXY"
        );
    }

    #[test]
    fn digits_and_bytes_are_each_others() {
        let bytes = digest("x");
        assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        for wrong in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(unhex(wrong), None);
        }
    }
}
