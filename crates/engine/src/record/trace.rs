//! What every rule saw, as proofs keep it: where rules rest on stands once per regime; a rule says
//! it again only where its own differs.

use domain::law::{Asked, Binding, Clock, Saw, Source, Tier, Trace};
use serde_json::{Map, Value, json};

use super::Provenance;

/// The law's part of a proof: clocks, regimes, and every rule with what it saw.
pub fn trace(trace: &Trace, is_holiday: Option<bool>, provenance: &Provenance<'_>) -> Value {
    let clock = |it: &Clock| json!({ "zone": it.zone, "local": it.local.to_string() });
    let sources = &trace.regimes;
    json!({
        "allowed": trace.verdict.allowed(),
        "clocks": trace.clocks.iter().map(clock).collect::<Vec<_>>(),
        "holiday": is_holiday,
        "regimes": sources.iter().map(source).collect::<Vec<_>>(),
        "rules": trace.asked.iter().map(|it| rule(it, sources)).collect::<Vec<_>>(),
        "version": provenance.law_version,
    })
}

fn source(source: &Source) -> Value {
    json!({
        "regime": source.regime.as_ref(),
        "article": source.article,
        "tier": source.tier.code(),
        "binding": source.binding.code(),
    })
}

fn rule(asked: &Asked, sources: &[Source]) -> Value {
    let rule = &asked.rule;
    let mut out = Map::new();
    out.insert("rule".to_owned(), json!(rule.id));
    out.insert("passed".to_owned(), json!(asked.passed));
    let saw = json!({ asked.saw.code(): saw(&asked.saw) });
    out.insert("saw".to_owned(), saw);
    let of = sources.iter().find(|it| it.regime == rule.regime);
    out.insert("regime".to_owned(), json!(rule.regime.as_ref()));
    if of.is_none_or(|it| it.article != rule.article) {
        out.insert("article".to_owned(), json!(rule.article));
    }
    if of.is_none_or(|it| it.tier != rule.tier) {
        out.insert("tier".to_owned(), json!(rule.tier.code()));
    }
    out.insert("sentence".to_owned(), json!(asked.sentence()));
    Value::Object(out)
}

fn saw(saw: &Saw) -> Value {
    match saw {
        Saw::Hours(week) => json!(week),
        Saw::Holiday => Value::Null,
        Saw::Consent {
            prior,
            given,
            withdrawn,
        } => json!({ "prior": prior, "given": given, "withdrawn": withdrawn }),
        Saw::Recipient(role) => json!(role.code()),
        Saw::Origin(source) => json!(source.code()),
        Saw::Channel(channel) => json!(channel.code()),
        Saw::Event(event) => json!(event),
        Saw::Count { made, max, days } => json!({ "made": made, "max": max, "days": days }),
        Saw::Gap { wanted, nearest } => json!({ "seconds": wanted, "nearest": nearest }),
        Saw::OtherChannels(days) | Saw::Conversations(days) => json!({ "days": days }),
        Saw::Exempt(kind) => json!(kind.code()),
    }
}

/// How well a rule is proven, for people.
pub fn tier_es(tier: Tier) -> &'static str {
    match tier {
        Tier::Primary => "texto legal leído",
        Tier::Secondary => "fuente secundaria",
        Tier::GeneralHigh => "conocimiento general, confianza alta",
        Tier::GeneralMedium => "conocimiento general, confianza media",
        Tier::GeneralLow => "conocimiento general, confianza baja",
    }
}

/// What makes a rule hold, for people.
pub fn binding_es(binding: Binding) -> &'static str {
    match binding {
        Binding::Law => "ley",
        Binding::Voluntary => "guía voluntaria",
        Binding::Policy => "prudencia",
        Binding::Platform => "condiciones del medio",
        Binding::House => "regla de la casa",
        Binding::Company => "regla propia de la empresa",
    }
}
