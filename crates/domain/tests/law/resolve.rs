//! Unknown facts are decided once, each with its reason.

use domain::company::{Actor, CreditorClass, DebtClass, Declarations, Declared};
use domain::customer::{
    Channel, Consent, ContactPoint, ContactSource, Country, Customer, DebtorClass, Health,
    LegalEvent, RecipientRole,
};
use domain::document::DebtFacts;
use domain::law::{
    At, Attempt, MessageKind, Outcome, Packs, PastAttempt, Resolved, Scenario, may_contact,
    resolve, resolve_debts,
};
use domain::{ContactPointId, CustomerId};
use jiff::civil::date;
use uuid::Uuid;

fn point(channel: Channel) -> ContactPoint {
    ContactPoint {
        id: ContactPointId::from_uuid(Uuid::from_u128(channel as u128)),
        channel,
        address: "pagos@example.com".to_owned(),
        role: None,
        source: None,
        health: Health::Good,
        consent: Consent::Unknown,
    }
}

fn customer(name: &str, tax_id: Option<&str>) -> Customer {
    Customer {
        id: CustomerId::from_uuid(Uuid::from_u128(1)),
        key: "C1".to_owned(),
        name: name.to_owned(),
        class: None,
        country: None,
        subdivision: None,
        zone: None,
        language: None,
        tax_id: tax_id.map(str::to_owned),
        importance: None,
        behaviour: None,
        tags: Vec::new(),
        legal_events: Vec::new(),
        contact_points: Vec::new(),
    }
}

fn declared<T>(value: T) -> Option<Declared<T>> {
    let author = "Ana".to_owned();
    let on = date(2026, 11, 2);
    Some(Declared { value, author, on })
}

fn ask(customer: &Customer, declarations: &Declarations, channel: Channel) -> Resolved {
    let point = point(channel);
    resolve(
        Packs::embedded(),
        Country::MX,
        declarations,
        customer,
        &point,
    )
}

fn assumed(resolved: &Resolved) -> Vec<String> {
    let each = resolved.assumptions.iter();
    each.map(|it| format!("{}={}", it.fact, it.value)).collect()
}

#[test]
fn a_bare_person_is_a_consumer_of_a_supplier() {
    let resolved = ask(
        &customer("Rosa Paz", None),
        &Declarations::default(),
        Channel::Email,
    );
    let facts = &resolved.facts;
    assert_eq!(facts.debtor, Some(DebtorClass::NaturalConsumer));
    assert_eq!(facts.debt, Some(DebtClass::ConsumerGoodsServices));
    assert_eq!(facts.creditor, Some(CreditorClass::Supplier));
    assert_eq!(facts.actor, Some(Actor::FirstParty));
    assert_eq!(facts.final_consumer, Some(true));
    assert_eq!(facts.zones.len(), 12);
    assert_eq!(resolved.role, RecipientRole::Debtor);
    assert_eq!(resolved.source, ContactSource::CreditorRecord);
    let named: Vec<&str> = resolved.assumptions.iter().map(|it| it.fact).collect();
    assert_eq!(
        named,
        [
            "country",
            "tz_candidates",
            "debtor",
            "debt",
            "final_consumer",
            "creditor",
            "actor",
            "role",
            "contact_source",
            "consent"
        ]
    );
    assert!(
        resolved
            .assumptions
            .iter()
            .all(|it| !it.reason.is_empty() && it.declared.is_none())
    );
}

#[test]
fn a_company_shows_in_its_name_or_its_tax_id() {
    let by_name = customer("Ferretería El Clavo, S.A. de C.V.", None);
    let by_id = customer("Ferretería El Clavo", Some("FEC010203XY1"));
    for company in [by_name, by_id] {
        let resolved = ask(&company, &Declarations::default(), Channel::Email);
        assert_eq!(resolved.facts.debtor, Some(DebtorClass::Company));
        assert_eq!(resolved.facts.debt, Some(DebtClass::TradeReceivable));
        assert_eq!(resolved.facts.final_consumer, Some(false));
        assert_eq!(resolved.role, RecipientRole::ApContact);
    }
    // The tax id is read by the customer's own country.
    let mut chilean = customer("Maipo", Some("76.123.456-7"));
    let of = |customer: &Customer| {
        ask(customer, &Declarations::default(), Channel::Email)
            .facts
            .debtor
    };
    assert_eq!(of(&chilean), Some(DebtorClass::NaturalConsumer));
    chilean.country = Country::new("CL");
    assert_eq!(of(&chilean), Some(DebtorClass::Company));
}

#[test]
fn declarations_fill_what_the_record_leaves_open_and_are_cited() {
    let declarations = Declarations {
        creditor: declared(CreditorClass::SupervisedFinancial),
        actor: declared(Actor::ThirdPartyAgency),
        debtor: declared(DebtorClass::MicroSmallCompany),
        debt: declared(DebtClass::ConsumerCredit),
        final_consumer: declared(true),
        contact_source: declared(ContactSource::DebtorProvided),
        recipient: declared(RecipientRole::LegalRepresentative),
        consents: declared(vec![Channel::Whatsapp]),
    };
    let resolved = ask(
        &customer("El Clavo", None),
        &declarations,
        Channel::Whatsapp,
    );
    assert_eq!(resolved.facts.debtor, Some(DebtorClass::MicroSmallCompany));
    assert_eq!(resolved.facts.debt, Some(DebtClass::ConsumerCredit));
    assert_eq!(
        resolved.facts.creditor,
        Some(CreditorClass::SupervisedFinancial)
    );
    assert_eq!(resolved.facts.actor, Some(Actor::ThirdPartyAgency));
    assert_eq!(resolved.facts.final_consumer, Some(true));
    assert_eq!(resolved.role, RecipientRole::LegalRepresentative);
    assert_eq!(resolved.source, ContactSource::DebtorProvided);
    assert!(resolved.facts.consents.given.has(Channel::Whatsapp));
    let cited = resolved
        .assumptions
        .iter()
        .filter(|it| it.declared.is_some())
        .count();
    assert_eq!(cited, 8, "{:?}", assumed(&resolved));
    let debtor = resolved.assumptions.iter().find(|it| it.fact == "debtor");
    let reason = &debtor.expect("the class was declared").reason;
    assert_eq!(
        reason,
        "Lo declaró la empresa (Ana, 2026-11-02) para sus clientes."
    );
    // What the record shows outweighs a declaration of the other kind, not one of the same.
    let person = customer("Rosa Paz", Some("PAXR800101AB1"));
    let class = |customer: &Customer| ask(customer, &declarations, Channel::Email).facts.debtor;
    assert_eq!(class(&person), Some(DebtorClass::NaturalConsumer));
    let small = customer("El Clavo S.A. de C.V.", None);
    assert_eq!(class(&small), Some(DebtorClass::MicroSmallCompany));
    // And the record itself outweighs both.
    let known = Customer {
        class: Some(DebtorClass::NaturalBusiness),
        ..small
    };
    assert_eq!(class(&known), Some(DebtorClass::NaturalBusiness));
}

#[test]
fn consent_is_of_the_channel_and_a_withdrawal_outweighs_a_declaration() {
    let packs = Packs::embedded();
    let mut rosa = customer("Rosa Paz", None);
    rosa.country = Country::new("CO");
    let given = Consent::Given {
        on: date(2026, 1, 5),
        source: "portal".to_owned(),
    };
    let withdrawn = Consent::Withdrawn {
        on: date(2026, 2, 5),
    };
    let declarations = Declarations {
        consents: declared(vec![Channel::Email, Channel::Sms]),
        ..Declarations::default()
    };
    let with = |consent: &Consent, health, declarations: &Declarations| {
        let here = ContactPoint {
            consent: consent.clone(),
            health,
            ..point(Channel::Email)
        };
        let resolved = resolve(packs, Country::MX, declarations, &rosa, &here);
        resolved.facts.consents.given.has(Channel::Email)
    };
    let none = Declarations::default();
    assert!(with(&given, Health::Good, &none));
    assert!(!with(&Consent::Unknown, Health::Good, &none));
    assert!(with(&Consent::Unknown, Health::Good, &declarations));
    assert!(!with(&withdrawn, Health::Good, &declarations));
    assert!(!with(&given, Health::OptedOut, &declarations));
    // Consent for e-mail is none for WhatsApp.
    let email = ContactPoint {
        consent: given,
        ..point(Channel::Email)
    };
    rosa.contact_points.push(email);
    let whatsapp = resolve(packs, Country::MX, &none, &rosa, &point(Channel::Whatsapp));
    assert!(!whatsapp.facts.consents.given.has(Channel::Whatsapp));
    assert!(whatsapp.facts.consents.given.has(Channel::Email));
}

#[test]
fn places_and_events() {
    let none = Declarations::default();
    let mut rosa = customer("Rosa Paz", None);
    rosa.zone = Some("America/Tijuana".to_owned());
    rosa.country = Some(Country::MX);
    let resolved = ask(&rosa, &none, Channel::Email);
    assert_eq!(resolved.facts.zones.len(), 1);
    assert!(!assumed(&resolved).iter().any(|it| it.starts_with("tz")));
    // A zone on record holds even where the country has no such clock: people move.
    rosa.zone = Some("Europe/Madrid".to_owned());
    let abroad = ask(&rosa, &none, Channel::Email).facts.zones;
    assert_eq!(abroad[0].iana_name(), Some("Europe/Madrid"));
    rosa.zone = Some("Tijuana".to_owned());
    assert_eq!(ask(&rosa, &none, Channel::Email).facts.zones.len(), 12);
    // Outside the packs: flagged, and on the country's own clock where it is known.
    rosa.zone = None;
    rosa.country = Country::new("DE");
    let resolved = ask(&rosa, &none, Channel::Email);
    assert_eq!(resolved.facts.zones[0].iana_name(), Some("Europe/Berlin"));
    assert!(assumed(&resolved).contains(&"pack=generic".to_owned()));
    rosa.country = Country::new("ZZ");
    assert_eq!(ask(&rosa, &none, Channel::Email).facts.zones.len(), 12);
    rosa.legal_events.push(LegalEvent {
        event: "lawsuit_served".to_owned(),
        on: date(2026, 1, 1),
        source: None,
    });
    assert_eq!(
        ask(&rosa, &none, Channel::Email).facts.events,
        ["lawsuit_served"]
    );
}

#[test]
fn a_question_written_down_gets_the_same_answer() {
    let packs = Packs::embedded();
    let mut rosa = customer("Rosa Paz", None);
    rosa.country = Country::new("CO");
    let mut resolved = resolve(
        packs,
        Country::MX,
        &Declarations {
            consents: declared(vec![Channel::Email]),
            ..Declarations::default()
        },
        &rosa,
        &point(Channel::Email),
    );
    resolved.facts.layers = domain::law::Layers::LAW_AND_POLICY;
    let at = |text: &str| At::Instant(text.parse().expect("an instant"));
    let attempt = Attempt {
        at: at("2026-11-21T20:30:00Z"),
        channel: Channel::Email,
        role: resolved.role,
        source: resolved.source,
        kind: MessageKind::Collection,
        debt: None,
    };
    let history = [PastAttempt {
        at: at("2026-11-21T13:30:00Z"),
        channel: Channel::Email,
        outcome: Outcome::Delivered,
        incoming: false,
        debt: None,
    }];
    let written = Scenario::write("1", &resolved.facts, &history, &attempt);
    let line = serde_json::to_string(&written).expect("it can be written");
    let read: Scenario = serde_json::from_str(&line).expect("it can be read again");
    let answer = read.check(packs).expect("it can be asked");
    let verdict = may_contact(packs, &resolved.facts, &history, &attempt);
    assert_eq!(answer.reasons, verdict.reasons().collect::<Vec<_>>());
    assert_eq!(answer.reasons, ["CO-LEY-2300/window", "CO-1-PER-DAY"]);
    assert_eq!(answer.next_allowed.as_deref(), Some("2026-11-23T12:00:00Z"));
}

#[test]
fn several_debts_are_asked_for_together() {
    let packs = Packs::embedded();
    let mut maipo = customer("Ferretería Maipo SpA", None);
    maipo.country = Country::new("CL");
    maipo.class = Some(DebtorClass::Company);
    let here = point(Channel::Call);
    let none = Declarations::default();
    let trade = DebtFacts::default();
    let own_use = DebtFacts {
        final_consumer: Some(true),
        ..DebtFacts::default()
    };
    let ask = |debts: &[DebtFacts]| resolve_debts(packs, Country::MX, &none, &maipo, &here, debts);
    let regimes = |resolved: &Resolved| -> Vec<String> {
        let attempt = Attempt {
            // A Sunday in Santiago.
            at: At::Instant("2026-11-15T15:00:00Z".parse().expect("an instant")),
            channel: Channel::Call,
            role: RecipientRole::Debtor,
            source: ContactSource::CreditorRecord,
            kind: MessageKind::Collection,
            debt: None,
        };
        let verdict = resolved.applicable(packs).verdict(&[], &attempt);
        verdict.reasons().map(str::to_owned).collect()
    };
    let one = regimes(&ask(&[trade]));
    let other = regimes(&ask(&[own_use]));
    assert!(!one.iter().any(|it| it.starts_with("CL-LPC")), "{one:?}");
    assert!(other.iter().any(|it| it.starts_with("CL-LPC")), "{other:?}");
    for debts in [[trade, own_use], [own_use, trade]] {
        let both = ask(&debts);
        assert_eq!(both.other_debts.len(), 1);
        let mut denied = regimes(&both);
        denied.sort();
        let mut all: Vec<String> = one.iter().chain(&other).cloned().collect();
        all.sort();
        all.dedup();
        assert_eq!(denied, all, "whatever either denies");
    }
    assert!(ask(&[trade, trade]).other_debts.is_empty());
    assert!(ask(&[]).other_debts.is_empty());
}
