//! `puntual check-message`: whether texts say what the law asks and nothing it forbids, line by
//! line, without a database.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

use domain::customer::{Channel, Country};
use domain::law::{Applicable, Coded, FactsText, Layers, MessageKind, Packs, ScenarioError};
use jiff::civil::Date;
use language::message_check::{self, Finding, Known, Message};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::failure::{FAILED, Failure};
use crate::output;

/// One line asked.
#[derive(Deserialize)]
struct Asked {
    id: serde_json::Value,
    text: String,
    channel: Coded<Channel>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    country: Option<String>,
    /// As in `law check`; with them, what must be said is asked too.
    #[serde(default)]
    facts: Option<FactsText>,
    #[serde(default)]
    kind: Option<Coded<MessageKind>>,
    #[serde(default)]
    creditor: Option<String>,
    #[serde(default)]
    customer: Option<String>,
    #[serde(default)]
    written_before: Option<bool>,
    #[serde(default)]
    days_late: Option<i64>,
}

/// One line answered.
#[derive(Serialize)]
struct Answer {
    id: serde_json::Value,
    verdict: &'static str,
    reasons: Vec<Reason>,
    spans: Vec<SpanText>,
}

#[derive(Serialize)]
struct Reason {
    rule: String,
    article: String,
    tier: &'static str,
    sentence: String,
}

#[derive(Serialize)]
struct SpanText {
    rule: String,
    part: &'static str,
    /// In characters from 0; the end is not included.
    from: usize,
    to: usize,
    text: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "no database, so no engine whose clock could be asked"
)]
fn today() -> Date {
    jiff::Zoned::now().date()
}

/// Answers each line of a file, or of standard input.
pub fn check_message(file: Option<&Path>, day: Option<Date>) -> Result<ExitCode, Failure> {
    let input: Box<dyn BufRead> = match file {
        Some(file) => Box::new(BufReader::new(File::open(file).map_err(|error| {
            Failure::new(format!("no se pudo leer {}: {error}", output::path(file)))
        })?)),
        None => Box::new(io::stdin().lock()),
    };
    let day = day.unwrap_or_else(today);
    let packs = Packs::embedded();
    let mut out = io::stdout().lock();
    let mut all_read = true;
    for (index, line) in input.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answered = serde_json::from_str::<Asked>(&line)
            .map_err(|error| error.to_string())
            .and_then(|asked| answer(packs, asked, day).map_err(|error| error.to_string()));
        match answered {
            Ok(answer) => output::line(&mut out, &answer)?,
            Err(error) => {
                all_read = false;
                output::line(&mut out, &json!({ "line": index + 1, "error": error }))?;
            }
        }
    }
    out.flush()?;
    Ok(if all_read {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}

fn answer(packs: &Packs, asked: Asked, day: Date) -> Result<Answer, ScenarioError> {
    let whole = asked.facts.is_some() || asked.country.is_some();
    let mut text = asked.facts.unwrap_or_default();
    let spoken = asked.lang.as_deref().and_then(region);
    text.country = text.country.or(asked.country).or(spoken);
    let facts = text.read(Layers::ALL)?;
    let law: Applicable<'_> = packs.applicable(&facts);
    let kind = asked.kind.map_or(MessageKind::Collection, |kind| kind.0);
    let mut rules = law.content(day, kind);
    if !whole {
        // A text alone may be a part of a message: only what it says is judged.
        rules.required.clear();
    }
    let message = Message {
        channel: asked.channel.0,
        subject: &asked.subject,
        preview: "",
        text: &asked.text,
        html: None,
    };
    let creditors: Vec<&str> = asked.creditor.iter().map(String::as_str).collect();
    let known = Known {
        names: creditors
            .iter()
            .copied()
            .chain(asked.customer.as_deref())
            .collect(),
        creditors,
        actor: facts.actor,
        written_before: asked.written_before,
        days_late: asked.days_late,
        ..Known::default()
    };
    let findings = message_check::check(&message, &rules, &law.fees(day), &known);
    Ok(Answer {
        id: asked.id,
        verdict: if findings.is_empty() { "ok" } else { "block" },
        spans: findings.iter().flat_map(|it| spans(it, &message)).collect(),
        reasons: findings.into_iter().map(reason).collect(),
    })
}

/// `CL` of `es-CL`, where it is a country.
fn region(tag: &str) -> Option<String> {
    let region = tag.split(['-', '_']).nth(1)?;
    Country::new(region).map(|country| country.code().to_owned())
}

fn reason(finding: Finding) -> Reason {
    let rule = finding.rule;
    Reason {
        rule: rule.id.clone(),
        article: rule.article.clone(),
        tier: rule.tier.code(),
        sentence: rule.sentence.clone(),
    }
}

fn spans(finding: &Finding, message: &Message<'_>) -> Vec<SpanText> {
    let all = finding.spans.iter().map(|span| {
        let part = match span.part {
            message_check::Part::Subject => message.subject,
            _ => message.text,
        };
        let letters = part.chars().skip(span.chars.start).take(span.chars.len());
        SpanText {
            rule: finding.rule.id.clone(),
            part: span.part.code(),
            from: span.chars.start,
            to: span.chars.end,
            text: letters.collect(),
        }
    });
    all.collect()
}
