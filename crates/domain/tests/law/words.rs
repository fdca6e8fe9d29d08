//! Short words for the cases of the law: who, what was done, what is tried.

use domain::company::{Actor, CreditorClass, DebtClass};
use domain::customer::{Channel, ContactSource, Country, DebtorClass, RecipientRole};
use domain::law::{At, Attempt, Consents, Facts, Layers, MessageKind, Outcome, PastAttempt};

/// `CO person of-bank no-consent event=lawsuit_served`: a supplier's debtor with every consent
/// unless it says otherwise.
pub fn facts(words: &str) -> Facts {
    let mut words = words.split_whitespace();
    let mut facts = Facts {
        country: words.next().and_then(Country::new),
        subdivision: None,
        zones: Vec::new(),
        debtor: None,
        debt: None,
        creditor: Some(CreditorClass::Supplier),
        actor: Some(Actor::FirstParty),
        final_consumer: None,
        consents: Consents::given_for(Channel::ALL.iter().copied()),
        events: Vec::new(),
        layers: Layers::LAW,
    };
    let be = |facts: &mut Facts, debtor, debt, consumer| {
        facts.debtor = Some(debtor);
        facts.debt = Some(debt);
        facts.final_consumer = Some(consumer);
    };
    let trade = DebtClass::TradeReceivable;
    for word in words {
        match word {
            "person" => {
                let goods = DebtClass::ConsumerGoodsServices;
                be(&mut facts, DebtorClass::NaturalConsumer, goods, true);
            }
            "small" => be(&mut facts, DebtorClass::MicroSmallCompany, trade, false),
            "company" => be(&mut facts, DebtorClass::Company, trade, false),
            "final" => facts.final_consumer = Some(true),
            "of-bank" => facts.creditor = Some(CreditorClass::SupervisedFinancial),
            "by-agency" => facts.actor = Some(Actor::ThirdPartyAgency),
            "no-consent" => facts.consents = Consents::default(),
            "with-policy" => facts.layers = Layers::LAW_AND_POLICY,
            "with-house" => facts.layers = Layers::ALL,
            other => match other.split_once('=') {
                Some(("in", place)) => facts.subdivision = Some(place.to_owned()),
                Some(("event", event)) => facts.events.push(event.to_owned()),
                _ => panic!("unknown word {other}"),
            },
        }
    }
    facts
}

/// `11-18T10:00 call reference kind=fraud_alert source=skip_trace debt=B`; the year is 2026 unless
/// given.
pub fn attempt(words: &str) -> Attempt {
    let mut words = words.split_whitespace();
    let mut attempt = Attempt {
        at: at(words.next().expect("when")),
        channel: words
            .next()
            .and_then(|word| word.parse().ok())
            .expect("a channel"),
        role: RecipientRole::Debtor,
        source: ContactSource::CreditorRecord,
        kind: MessageKind::Collection,
        debt: None,
    };
    for word in words {
        match word.split_once('=') {
            None => attempt.role = word.parse().expect("a role"),
            Some(("kind", kind)) => attempt.kind = kind.parse().expect("a kind"),
            Some(("source", source)) => attempt.source = source.parse().expect("a source"),
            Some(("debt", debt)) => attempt.debt = Some(debt.to_owned()),
            Some(_) => panic!("unknown word {word}"),
        }
    }
    attempt
}

/// `11-16T10:00 email, 11-18T11:00 call:conversation:in:debt=B`: delivered and outgoing unless it
/// says otherwise.
pub fn history(words: &str) -> Vec<PastAttempt> {
    let entries = words
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty());
    entries
        .map(|entry| {
            let (when, how) = entry.split_once(' ').expect("when and how");
            let mut parts = how.split(':');
            let mut past = PastAttempt {
                at: at(when),
                channel: parts
                    .next()
                    .and_then(|word| word.parse().ok())
                    .expect("a channel"),
                outcome: Outcome::Delivered,
                incoming: false,
                debt: None,
            };
            for part in parts {
                match part.split_once('=') {
                    Some(("debt", debt)) => past.debt = Some(debt.to_owned()),
                    _ if part == "in" => past.incoming = true,
                    _ => past.outcome = part.parse().expect("an outcome"),
                }
            }
            past
        })
        .collect()
}

fn at(text: &str) -> At {
    let text = match text.len() {
        ..16 => format!("2026-{text}"),
        16.. if text.starts_with("20") => text.to_owned(),
        _ => format!("2026-{text}"),
    };
    At::Civil(text.parse().expect("a civil time"))
}
